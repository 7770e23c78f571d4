//! Writing: to standard output, or to files that are whole or not there.
//!
//! Role: files are written beside their place and renamed when complete; an existing file is kept unless `--force`
//! was given, and an input is never overwritten. A closed pipe is quiet.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Failure, Place};
use crate::input::Source;
use crate::interrupt;

/// A file to be written.
pub struct Target {
    path: PathBuf,
    file: BufWriter<tempfile::NamedTempFile>,
}

/// Prepares a file, before anything is read: its folder must exist and be writable, and nothing may be overwritten.
pub fn prepare(path: &Path, force: bool, sources: &[Source]) -> Result<Target, Failure> {
    let place = || Place::file(path.display().to_string());
    if sources.iter().any(|source| source.is_at(path)) {
        return Err(Failure::usage(Diagnostic::new("output-is-input", "is one of the inputs").at(place()).hint("write to another file")));
    }
    let refuse = |message: String, hint: &str| Failure::output(Diagnostic::new("unwritable", message).at(place()).hint(hint));
    match fs::symlink_metadata(path) {
        Ok(about) if about.is_symlink() => return Err(refuse("is a link".into(), "name the file it leads to")),
        Ok(about) if about.is_dir() => return Err(refuse("is a folder".into(), "name a file")),
        Ok(_) if !force => return Err(refuse("exists already".into(), "add --force to overwrite it")),
        _ => {}
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = tempfile::Builder::new()
        .prefix(".batchwise-")
        .tempfile_in(folder)
        .map_err(|error| refuse(format!("cannot write to its folder: {error}"), "check that the folder exists and may be written to"))?;
    interrupt::note(file.path());
    Ok(Target { path: path.to_owned(), file: BufWriter::new(file) })
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Target {
    /// Puts the complete file in its place.
    pub fn finish(self) -> Result<(), Failure> {
        let path = self.path;
        let failed = |error: io::Error| {
            Failure::output(
                Diagnostic::new("unwritable", format!("cannot write: {error}")).at(Place::file(path.display().to_string())).hint("check the free space"),
            )
        };
        let file = self.file.into_inner().map_err(|error| failed(error.into_error()))?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&path).map_err(|error| failed(error.error))?;
        Ok(())
    }
}

/// Writes a whole file, so that what can fail fails before any file is put in its place.
pub fn write_whole(target: &mut Target, text: &str) -> Result<(), Failure> {
    target.write_all(text.as_bytes()).and_then(|()| target.flush()).map_err(|error| {
        Failure::output(
            Diagnostic::new("unwritable", format!("cannot write: {error}")).at(Place::file(target.path.display().to_string())).hint("check the free space"),
        )
    })
}

/// Refuses two outputs at one path, of which only the last would stay.
pub fn check_distinct<'p>(paths: impl Iterator<Item = &'p Path>) -> Result<(), Failure> {
    let mut seen: Vec<&Path> = Vec::new();
    for path in paths {
        if seen.contains(&path) {
            return Err(Failure::usage(
                Diagnostic::new("usage", "two outputs have the same name").at(Place::file(path.display().to_string())).hint("give each a name of its own"),
            ));
        }
        seen.push(path);
    }
    Ok(())
}

/// Writes to standard output. A reader that has gone away is no error; a full disk is.
pub fn to_stdout(text: &str) -> Result<(), Failure> {
    stdout_result(io::stdout().lock().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()))
}

/// The outcome of writing to standard output.
pub fn stdout_result(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::output(
            Diagnostic::new("unwritable", format!("cannot write to standard output: {error}")).hint("check the free space where it leads"),
        )),
        _ => Ok(()),
    }
}
