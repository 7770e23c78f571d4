//! Ctrl-C and SIGTERM: end at once, with nothing half-written left behind.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::NamedTempFile;

use crate::progress;

/// Files that are not in their place yet.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Creates a temporary file, to be removed if the run is interrupted. No signal is heeded between the file and its
/// note.
pub fn create(file: impl FnOnce() -> io::Result<NamedTempFile>) -> io::Result<NamedTempFile> {
    let mut unfinished = unfinished();
    let file = file()?;
    unfinished.push(file.path().to_owned());
    Ok(file)
}

/// Does something that is interrupted before or after it, and not in the middle.
pub fn whole<T>(work: impl FnOnce() -> T) -> T {
    let _held = unfinished();
    work()
}

/// Waits for the signals on a thread of its own and exits with 130 or 143, as shells expect.
pub fn watch() {
    #[cfg(unix)]
    {
        use signal_hook::consts::{SIGINT, SIGTERM};
        let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]) else { return };
        std::thread::spawn(move || {
            if let Some(signal) = signals.forever().next() {
                // Held to the end, so that no further file comes to be.
                let unfinished = unfinished();
                for path in unfinished.iter() {
                    // A file that was renamed into its place, or is gone, needs no removing.
                    let _ = fs::remove_file(path);
                }
                progress::end();
                std::process::exit(128 + signal);
            }
        });
    }
}
