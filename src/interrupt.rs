//! Signals that end a run: an end at once, with nothing half-written left behind.

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

/// Waits for the signals on a thread of its own and exits with 128 and their number, as shells expect. Where the system
/// refuses a thread they end the run by themselves. A file that may grow no more is a failed write from now on.
#[cfg(unix)]
pub fn watch() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXFSZ};
    use signal_hook::iterator::Signals;
    use std::sync::{Arc, atomic::AtomicBool, mpsc};

    // Without anything that listens the signal would end the run in the middle of the write. If that cannot be had, it does.
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
    // A run under `nohup` goes on when its terminal goes away.
    let wanted = [SIGINT, SIGQUIT, SIGTERM].into_iter().chain(Some(SIGHUP).filter(|signal| !is_ignored(*signal)));
    let (ready, is_ready) = mpsc::channel();
    // The signals are taken over on the thread that waits for them, and not at all without it.
    let watching = std::thread::Builder::new().spawn(move || {
        let signals = Signals::new(wanted);
        // Nobody waits any more if the program has ended.
        let _ = ready.send(());
        if let Ok(Some(signal)) = signals.map(|mut signals| signals.forever().next()) {
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
    if watching.is_ok() {
        // The thread has sent, or is gone.
        let _ = is_ready.recv();
    }
}

/// On other systems files that are not in their place are left to their temporary folder.
#[cfg(not(unix))]
pub fn watch() {}

/// Whether whoever started the program wants a signal ignored, which only Linux says.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
