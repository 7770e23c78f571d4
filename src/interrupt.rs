//! Ctrl-C and SIGTERM: end at once, with nothing half-written left behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Files that are not in their place yet.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Notes a temporary file, to be removed if the run is interrupted.
pub fn note(path: &Path) {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).push(path.to_owned());
}

/// Waits for the signals on a thread of its own and exits with 130 or 143, as shells expect.
pub fn watch() {
    #[cfg(unix)]
    {
        use signal_hook::consts::{SIGINT, SIGTERM};
        let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]) else { return };
        std::thread::spawn(move || {
            if let Some(signal) = signals.forever().next() {
                for path in UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).iter() {
                    // A file that was renamed into its place, or never came to be, needs no removing.
                    let _ = fs::remove_file(path);
                }
                std::process::exit(128 + signal);
            }
        });
    }
}
