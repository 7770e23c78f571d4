//! Writing: to standard output, or to files that are whole or not there.
//!
//! Role: files are written beside their place and renamed when complete; an existing file is kept unless `--force`
//! was given, and an input is never overwritten. A closed pipe is quiet.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Failure, Place, WriteError};
use crate::interrupt;

/// A file to be written.
pub struct Target {
    path: PathBuf,
    file: BufWriter<tempfile::NamedTempFile>,
    force: bool,
    /// The first failed write: what was written after it may look whole.
    failed: Option<io::Error>,
}

/// A file that is complete on its disk but not yet in its place.
pub struct Sealed {
    path: PathBuf,
    file: tempfile::NamedTempFile,
    force: bool,
}

/// Refuses two outputs in one file, of which the second would overwrite the first.
pub fn check_distinct<'p>(paths: impl IntoIterator<Item = &'p PathBuf>) -> Result<(), Failure> {
    let mut known: Vec<&PathBuf> = Vec::new();
    for path in paths {
        if known.iter().any(|known| is_same_file(known, path)) {
            let place = Place::file(path.display().to_string());
            return Err(Failure::usage(
                Diagnostic::new("usage", "is named for two outputs")
                    .at(place)
                    .hint("give each output a file of its own"),
            ));
        }
        known.push(path);
    }
    Ok(())
}

/// Whether two paths lead to one file, by whatever folders, links and names; either may not exist yet.
fn is_same_file(ours: &Path, theirs: &Path) -> bool {
    // Links are followed in folders alone where the file is not there yet.
    let whole = |path: &Path| {
        fs::canonicalize(path).or_else(|_| {
            let name = path.file_name().ok_or(io::ErrorKind::NotFound)?;
            Ok::<_, io::Error>(fs::canonicalize(folder_of(path))?.join(name))
        })
    };
    let is_same_path = match (whole(ours), whole(theirs)) {
        (Ok(ours), Ok(theirs)) => ours == theirs,
        // A folder that is missing is no place for either.
        _ => std::path::absolute(ours).ok() == std::path::absolute(theirs).ok(),
    };
    is_same_path || is_same_inode(ours, theirs)
}

#[cfg(unix)]
fn is_same_inode(ours: &Path, theirs: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (fs::metadata(ours), fs::metadata(theirs)) {
        (Ok(a), Ok(b)) => a.dev() == b.dev() && a.ino() == b.ino(),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_same_inode(_: &Path, _: &Path) -> bool {
    false
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Prepares a file, before anything is read: its folder must exist and be writable, nothing may be overwritten, and it
/// must be none of the files that the run `reads`, be they inputs or tables.
pub fn prepare<'p>(path: &Path, force: bool, reads: impl IntoIterator<Item = &'p Path>) -> Result<Target, Failure> {
    let place = || Place::file(path.display().to_string());
    if reads.into_iter().any(|read| is_same_file(read, path)) {
        return Err(Failure::usage(
            Diagnostic::new("output-is-input", "is one of the files that are read")
                .at(place())
                .hint("write to another file"),
        ));
    }
    let refuse =
        |message: String, hint: &str| Failure::output(Diagnostic::new("unwritable", message).at(place()).hint(hint));
    match fs::symlink_metadata(path) {
        Ok(about) if about.is_symlink() => return Err(refuse("is a link".into(), "name the file it leads to")),
        Ok(about) if about.is_dir() => return Err(refuse("is a folder".into(), "name a file")),
        Ok(_) if !force => return Err(refuse("exists already".into(), "add --force to overwrite it")),
        _ => {}
    }
    let folder = folder_of(path);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".batchwise-");
    // Temporary files are for their owner only; reports are for whoever may read the folder.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let file = interrupt::create(|| builder.tempfile_in(folder)).map_err(|error| {
        refuse(
            format!("cannot write to its folder: {}", system_words(&error)),
            "check that the folder exists and may be written to",
        )
    })?;
    Ok(Target { path: path.to_owned(), file: BufWriter::new(file), force, failed: None })
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match self.file.write(bytes) {
            // A disk that takes nothing and says nothing has failed all the same.
            Ok(0) if !bytes.is_empty() => Err(io::Error::from(io::ErrorKind::WriteZero)),
            written => written,
        };
        written.inspect_err(|error| {
            if error.kind() != io::ErrorKind::Interrupted {
                self.failed.get_or_insert_with(|| io::Error::new(error.kind(), error.to_string()));
            }
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// An error of the system without the name of the temporary file, which is nobody's concern.
fn system_words(error: &io::Error) -> String {
    let text = error.to_string();
    text.split_once(" at path \"").map_or(text.as_str(), |(words, _)| words).to_owned()
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    let place = Place::file(path.display().to_string());
    Failure::output(
        Diagnostic::new("unwritable", format!("cannot write: {}", system_words(error)))
            .at(place)
            .hint("check the free space, and that the file may be this large"),
    )
}

impl Target {
    /// Writes what `content` makes, and brings it onto the disk, still out of place.
    pub fn write_sealed(
        mut self,
        content: impl FnOnce(&mut Self) -> Result<(), WriteError>,
    ) -> Result<Sealed, Failure> {
        match content(&mut self) {
            Err(WriteError::Content(failure)) => Err(failure),
            // A failed write comes out again when the file is sealed.
            Ok(()) | Err(WriteError::Output(_)) => self.seal(),
        }
    }

    /// Brings everything onto the disk, still out of place.
    pub fn seal(self) -> Result<Sealed, Failure> {
        let path = self.path;
        if let Some(error) = &self.failed {
            return Err(unwritable(&path, error));
        }
        let file = self.file.into_inner().map_err(|error| unwritable(&path, error.error()))?;
        file.as_file().sync_all().map_err(|error| unwritable(&path, &error))?;
        Ok(Sealed { path, file, force: self.force })
    }
}

/// Puts complete files in their places. Several outputs are sealed before the first is placed, so that a full disk or
/// Ctrl-C leaves all or none.
pub fn place(files: Vec<Sealed>) -> Result<(), Failure> {
    interrupt::whole(|| {
        files.into_iter().try_for_each(|Sealed { path, file, force }| {
            // What came to be there since the start is nobody's to overwrite either.
            let placed = if force { file.persist(&path) } else { file.persist_noclobber(&path) };
            placed.map(|_| ()).map_err(|error| unwritable(&path, &error.error))
        })
    })
}

/// Writes a text to standard output.
pub fn to_stdout(text: &str) -> Result<(), Failure> {
    stdout(|out| Ok(out.write_all(text.as_bytes())?))
}

/// Writes to standard output what `content` makes. A reader that has gone away is no error; a full disk is.
pub fn stdout(content: impl FnOnce(&mut io::Stdout) -> Result<(), WriteError>) -> Result<(), Failure> {
    let mut out = io::stdout();
    match content(&mut out).and_then(|()| Ok(out.flush()?)) {
        Err(WriteError::Content(failure)) => Err(failure),
        Err(WriteError::Output(error)) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::output(
            Diagnostic::new("unwritable", format!("cannot write to standard output: {error}"))
                .hint("check the free space where it leads"),
        )),
        _ => Ok(()),
    }
}
