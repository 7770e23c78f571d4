//! Files and standard input as plain bytes, whatever they are packed in.
//!
//! Role: opens what was found, unpacks gzip (all members) and zstd, makes its text UTF-8, and guards against archives that
//! unpack into far more than they are. Every error names the file. Standard input is spooled to a temporary file, since a second pass
//! may be needed.

use std::fs::{self, File, Metadata};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::GzDecoder;

use super::encoding::{Encoding, NotText};
use super::gunzip::Gunzip;
use super::handle::{Handle, Identity, Shrunk, read_behind};
use crate::diagnostic::{Diagnostic, Failure, Place};
use crate::progress;

/// An input that exists and can be opened again and again.
#[derive(Debug)]
pub struct Source {
    /// The name shown: the file's name without its folder, `#2` if repeated.
    pub name: String,
    /// The file's name.
    pub file: String,
    stored: Stored,
    /// Size in bytes as stored.
    pub bytes: u64,
    packing: Packing,
    /// How its text is stored, once unpacked.
    pub encoding: Encoding,
    /// Zero bytes behind the last gzip member, as far as it was read.
    padding: Arc<AtomicU64>,
}

/// Where the bytes are.
#[derive(Debug)]
enum Stored {
    /// In a file that was named, and what it was then.
    File(PathBuf, Identity),
    /// In a copy of standard input, which no folder names any more, so that it is gone whatever ends the run.
    Spool(Handle),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Plain,
    Gzip,
    Zstd,
}

/// The code of what cannot be opened or read.
pub(super) const UNREADABLE: &str = "unreadable";
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// Largest zstd window, as a power of two: what it may need of memory.
const ZSTD_WINDOW: u32 = 27;
/// Bytes compared at a time when two inputs may be the same.
const COMPARED: usize = 64 * 1024;
/// Bytes of standard input kept at a time.
const SPOOLED: u64 = 8 * 1024 * 1024;
/// An archive is suspicious once it has unpacked this much …
const BOMB_FROM: u64 = 10 * 1024 * 1024;
/// … and more than this many times its own size.
const BOMB_RATIO: u64 = 200;

impl Source {
    /// A file, by its path and what is known of it.
    pub(super) fn file(path: &Path, about: &Metadata) -> io::Result<Self> {
        let packing = packing(&mut File::open(path)?)?;
        let name = short_name(path);
        Ok(Self {
            name: name.clone(),
            file: name,
            stored: Stored::File(path.to_owned(), Identity::of(about)),
            bytes: about.len(),
            packing,
            encoding: Encoding::default(),
            padding: Arc::default(),
        })
    }
}

/// A file's name without its folder, which is all that reports say of it.
pub(super) fn short_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// A copy of standard input.
pub(super) fn spool() -> Result<Source, Failure> {
    let failed = |error: io::Error| {
        Failure::input(
            Diagnostic::new(UNREADABLE, format!("cannot keep standard input in a temporary file: {error}"))
                .hint("set TMPDIR to a folder with enough room"),
        )
    };
    let mut file = tempfile::tempfile().map_err(failed)?;
    progress::begin(None);
    let (mut stdin, mut bytes) = (io::stdin().lock(), 0);
    loop {
        // In pieces, so that they can be counted, and by `copy`, which lets the system move them where it can.
        let copied = io::copy(&mut Read::by_ref(&mut stdin).take(SPOOLED), &mut file).map_err(failed)?;
        if copied == 0 {
            break;
        }
        bytes += copied;
        progress::bytes(copied);
    }
    let spooled = Handle::new(file, bytes);
    let packing = packing(&mut spooled.clone()).map_err(failed)?;
    Ok(Source {
        name: "-".to_owned(),
        file: "-".to_owned(),
        stored: Stored::Spool(spooled),
        bytes,
        packing,
        encoding: Encoding::default(),
        padding: Arc::default(),
    })
}

fn packing(file: &mut impl Read) -> io::Result<Packing> {
    let mut head = Vec::new();
    file.take(4).read_to_end(&mut head)?;
    Ok(if head.starts_with(&GZIP_MAGIC) {
        Packing::Gzip
    } else if head.starts_with(&ZSTD_MAGIC) {
        Packing::Zstd
    } else {
        Packing::Plain
    })
}

impl Source {
    /// The file that was named, unless it is standard input.
    pub fn path(&self) -> Option<&Path> {
        match &self.stored {
            Stored::File(path, _) => Some(path),
            Stored::Spool(_) => None,
        }
    }

    fn handle(&self) -> io::Result<Handle> {
        match &self.stored {
            Stored::File(path, _) => Ok(Handle::new(File::open(path)?, self.bytes)),
            Stored::Spool(handle) => Ok(handle.clone()),
        }
    }

    /// Opens the input for reading from its start, unpacked.
    pub fn open(&self) -> Result<Unpacked, Failure> {
        let handle = self.handle().map_err(|error| self.failed(&error))?;
        let packed = BufReader::with_capacity(64 * 1024, handle);
        let inner: Box<dyn Read + Send> = match self.packing {
            Packing::Plain => Box::new(packed.into_inner()),
            Packing::Gzip => {
                Box::new(Gunzip { member: Some(GzDecoder::new(packed)), padding: Arc::clone(&self.padding) })
            }
            Packing::Zstd => {
                let mut decoder =
                    zstd::stream::read::Decoder::with_buffer(packed).map_err(|error| self.failed(&error))?;
                decoder.window_log_max(ZSTD_WINDOW).map_err(|error| self.failed(&error))?;
                Box::new(decoder)
            }
        };
        let most = match self.packing {
            Packing::Plain => u64::MAX,
            _ => BOMB_FROM.max(self.bytes.saturating_mul(BOMB_RATIO)),
        };
        Ok(Unpacked { inner: self.encoding.decode(inner), left: most, name: self.name.clone() })
    }

    /// What a byte-order mark says of its text; what cannot be unpacked has none, and reading it says what is wrong.
    pub(super) fn mark(&self) -> Option<Encoding> {
        let mut start = Vec::new();
        self.open().ok()?.append(&mut start, 4).ok()?;
        Encoding::marked(&start)
    }

    /// Zero bytes behind its gzip data, which were ignored.
    pub fn padding(&self) -> u64 {
        self.padding.load(Ordering::Relaxed)
    }

    /// Whether its bytes must be unpacked or decoded, so that they come only one after the other.
    pub fn is_packed(&self) -> bool {
        self.packing != Packing::Plain || self.encoding != Encoding::Utf8
    }

    /// Appends up to `most` bytes from any place of a file that is not packed. `file` keeps it open, with the number of
    /// the input it belongs to.
    pub(super) fn read_at(
        &self,
        file: &mut Option<(usize, Handle)>,
        input: usize,
        place: u64,
        (buffer, from): (&mut Vec<u8>, usize),
        most: usize,
    ) -> Result<(), Failure> {
        let mut read = || {
            if file.as_ref().is_none_or(|(known, _)| *known != input) {
                *file = Some((input, self.handle()?));
            }
            let Some((_, handle)) = file else { return Ok(0) };
            read_behind(&mut handle.from(place), buffer, from, most)
        };
        read().map(|_| ()).map_err(|error| self.failed(&error))
    }

    /// Whether the file is still the one that was opened.
    pub fn check_unchanged(&self) -> Result<(), Failure> {
        let Stored::File(path, was) = &self.stored else { return Ok(()) };
        let about = fs::metadata(path).map_err(|error| self.failed(&error))?;
        if Identity::of(&about) == *was { Ok(()) } else { Err(changed(&self.name)) }
    }

    /// Whether two inputs hold the same bytes, as stored or unpacked.
    pub fn is_same_as(&self, other: &Self) -> Result<bool, Failure> {
        if self.packing == other.packing {
            return if self.bytes == other.bytes { self.has_bytes_of(other) } else { Ok(false) };
        }
        // Unpacking is worth it only where the sizes could be the same.
        match (self.unpacked_size()?, other.unpacked_size()?) {
            // What ends with zero bytes may have any size.
            (Some(ours), Some(theirs)) if ours == theirs || ours == 0 || theirs == 0 => self.has_bytes_of(other),
            _ => Ok(false),
        }
    }

    fn has_bytes_of(&self, other: &Self) -> Result<bool, Failure> {
        let (mut ours, mut theirs) = (self.open()?, other.open()?);
        let (mut a, mut b) = (Vec::new(), Vec::new());
        loop {
            a.clear();
            b.clear();
            let read = ours.append(&mut a, COMPARED)?;
            theirs.append(&mut b, COMPARED)?;
            if a != b {
                return Ok(false);
            }
            if read == 0 {
                return Ok(true);
            }
        }
    }

    /// The size once unpacked, modulo 2³², where the file tells it: gzip ends with it.
    fn unpacked_size(&self) -> Result<Option<u32>, Failure> {
        match self.packing {
            _ if self.encoding != Encoding::Utf8 => Ok(None),
            Packing::Plain => Ok(u32::try_from(self.bytes % (1 << 32)).ok()),
            Packing::Gzip if self.bytes >= 4 => {
                let mut tail = [0; 4];
                self.handle()
                    .and_then(|handle| handle.from(self.bytes - 4).read_exact(&mut tail))
                    .map_err(|error| self.failed(&error))?;
                Ok(Some(u32::from_le_bytes(tail)))
            }
            _ => Ok(None),
        }
    }

    /// SHA-256 of the bytes as stored.
    pub fn fingerprint(&self) -> Result<String, Failure> {
        use sha2::{Digest as _, Sha256};
        use std::fmt::Write as _;
        let mut file = self.handle().map_err(|error| self.failed(&error))?;
        let (mut hash, mut buffer) = (Sha256::new(), vec![0; 64 * 1024]);
        loop {
            let read = fill(&mut file, &mut buffer).map_err(|error| self.failed(&error))?;
            if read == 0 {
                let mut text = String::new();
                for byte in hash.finalize() {
                    // Writing to a String cannot fail.
                    let _ = write!(text, "{byte:02x}");
                }
                return Ok(text);
            }
            hash.update(&buffer[..read]);
        }
    }

    fn failed(&self, error: &io::Error) -> Failure {
        read_failure(&self.name, error)
    }
}

/// The input is not what it was.
fn changed(name: &str) -> Failure {
    Failure::input(
        Diagnostic::new("changed", "changed while it was read")
            .at(Place::file(name))
            .hint("run again on a finished export or a copy"),
    )
}

/// Reads until the buffer is full or nothing is left.
pub fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// An input's bytes, unpacked, up to the limit of a believable archive.
pub struct Unpacked {
    inner: Box<dyn Read + Send>,
    left: u64,
    name: String,
}

impl Unpacked {
    /// Appends bytes until there are `most` more or the input ends.
    pub fn append(&mut self, buffer: &mut Vec<u8>, most: usize) -> Result<usize, Failure> {
        let read = Read::by_ref(&mut self.inner).take(most as u64).read_to_end(buffer);
        self.count(read)
    }

    /// Reads a chunk behind the first few bytes of a buffer, until there are `most` of them or the input ends.
    pub fn read_behind(&mut self, buffer: &mut Vec<u8>, from: usize, most: usize) -> Result<usize, Failure> {
        let read = read_behind(&mut self.inner, buffer, from, most);
        self.count(read)
    }

    fn count(&mut self, read: io::Result<usize>) -> Result<usize, Failure> {
        let read = read.map_err(|error| read_failure(&self.name, &error))?;
        self.left = match self.left.checked_sub(read as u64) {
            Some(left) => left,
            None => {
                return Err(Failure::input(
                    Diagnostic::new("bomb", format!("decompresses to more than {BOMB_RATIO} times its size"))
                        .at(Place::file(&self.name))
                        .hint("if it is genuine, decompress it yourself and read the plain file"),
                ));
            }
        };
        Ok(read)
    }
}

fn read_failure(name: &str, error: &io::Error) -> Failure {
    if error.get_ref().is_some_and(|inner| inner.downcast_ref::<Shrunk>().is_some()) {
        return changed(name);
    }
    if let Some(wrong) = error.get_ref().and_then(|inner| inner.downcast_ref::<NotText>()) {
        return Failure::input(
            Diagnostic::new("encoding", wrong.to_string())
                .at(Place::file(name))
                .hint("export it again, or name its encoding with --encoding; nothing of it was counted"),
        );
    }
    let (code, message, hint) = match error.kind() {
        io::ErrorKind::UnexpectedEof => (
            "truncated",
            "the compressed file ends too early".to_owned(),
            "download or copy it again; nothing of it was counted",
        ),
        // The zstd library gives its errors no kind; the system's own always have one.
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::Other => (
            "corrupt",
            format!("the compressed file is damaged: {error}"),
            "download or copy it again; nothing of it was counted",
        ),
        _ => (UNREADABLE, format!("cannot read: {error}"), "check that the file can be read to its end"),
    };
    Failure::input(Diagnostic::new(code, message).at(Place::file(name)).hint(hint))
}
