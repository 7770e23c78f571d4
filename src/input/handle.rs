//! Files that are open: read at any place by any number of threads, and known again.
//!
//! Role: bytes from a place of a file, where an end before its size is an error and not an end; and what tells whether a
//! file is still the one that was opened.

use std::fmt;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::sync::Arc;
use std::time::SystemTime;

use crate::progress;

/// A file that is open, with its size when it was found. Clones read the same file, each from a place of its own.
#[derive(Clone, Debug)]
pub(super) struct Handle {
    file: Arc<File>,
    size: u64,
    at: u64,
}

/// A file ends before the size it had: an end there would be a month cut short.
#[derive(Debug)]
pub(super) struct Shrunk;

impl fmt::Display for Shrunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ends before the size that it had")
    }
}

impl std::error::Error for Shrunk {}

impl Handle {
    /// A file of this size, read from its start.
    pub(super) fn new(file: File, size: u64) -> Self {
        Self { file: Arc::new(file), size, at: 0 }
    }

    /// The same file, read from another place.
    pub(super) fn from(&self, at: u64) -> Self {
        Self { at, ..self.clone() }
    }
}

impl Read for Handle {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = read_at(&self.file, buffer, self.at)?;
        if read == 0 && !buffer.is_empty() && self.at < self.size {
            return Err(io::Error::other(Shrunk));
        }
        self.at += read as u64;
        progress::bytes(read as u64);
        Ok(read)
    }
}

/// Reads at a place without moving a cursor that others may share.
#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

/// Reads bytes behind the first few of a buffer, until there are `most` of them or nothing is left. What stood there is
/// written over, so that a buffer that is used again need not be cleared.
pub(super) fn read_behind(reader: &mut impl Read, buffer: &mut Vec<u8>, from: usize, most: usize) -> io::Result<usize> {
    if buffer.len() < from + most {
        buffer.resize(from + most, 0);
    }
    let mut read = 0;
    while read < most {
        match reader.read(&mut buffer[from + read..from + most]) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    buffer.truncate(from + read);
    Ok(read)
}

/// What a file was when it was found. Its time alone can be set back by whoever writes to it; the time at which the
/// system last changed anything about it cannot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    bytes: u64,
    modified: Option<SystemTime>,
    /// Device, number, and time of the last change of whatever kind.
    inode: Option<(u64, u64, i64, i64)>,
}

impl Identity {
    /// Of what the system says of a file.
    pub(super) fn of(about: &Metadata) -> Self {
        #[cfg(unix)]
        let inode = {
            use std::os::unix::fs::MetadataExt as _;
            Some((about.dev(), about.ino(), about.ctime(), about.ctime_nsec()))
        };
        #[cfg(not(unix))]
        let inode = None;
        Self { bytes: about.len(), modified: about.modified().ok(), inode }
    }
}
