//! The inputs that were named: files, folders with what is in them, and standard input.
//!
//! Role: paths as typed → sources in a fixed order. A folder is read where that was asked for, or where it is one that the
//! tool of a format keeps. Every error names the file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::encoding::Encoding;
use super::source::{Source, UNREADABLE, short_name, spool};
use crate::diagnostic::{Diagnostic, Failure, Place};
use crate::formats::Format;

/// What was found of the paths that were named.
#[derive(Debug, Default)]
pub struct Found {
    /// All inputs, in the order given.
    pub sources: Vec<Source>,
    /// Files that cannot be opened: name, size and why. Without `keep_partial` the first of them ends the run.
    pub unread: Vec<(String, u64, Failure)>,
    /// Files of folders that hold no rows, since systems put them there.
    pub litter: Vec<String>,
}

/// What systems put into folders by themselves, by the beginning and the end of its name.
const LITTER: [(&str, &str); 5] =
    [(".DS_Store", ""), ("._", ""), (".localized", ""), ("Thumbs", ".db"), ("desktop", ".ini")];

/// How inputs are looked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Search<'s> {
    /// Folders are read.
    pub recursive: bool,
    /// Formats, some of which have folders of their own, that are read as they are.
    pub formats: &'s [Format],

    /// What cannot be opened is left out.
    pub keep_partial: bool,
    /// The encoding of what does not begin with a byte-order mark.
    pub declared: Option<Encoding>,
}

/// How a path was come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// It was named.
    Named,
    /// It is in a folder, of which only files with this end of their names are read, if it says one.
    In(Option<&'static str>),
}

/// Finds all inputs that were named, in the order given; folders in sorted order.
pub fn find(paths: &[PathBuf], search: Search<'_>) -> Result<Found, Failure> {
    let mut found = Found::default();
    let is_stdin = |path: &&PathBuf| path.as_os_str() == "-";
    if paths.iter().filter(is_stdin).count() > 1 {
        return Err(Failure::usage(
            Diagnostic::new("usage", "`-` is named twice").hint("standard input can be read only once"),
        ));
    }
    for path in paths {
        if is_stdin(&path) {
            found.sources.push(spool()?);
        } else {
            find_path(path, search, Way::Named, &mut found)?;
        }
    }
    let sources = &mut found.sources;
    if let Some((.., failure)) = found.unread.first().filter(|_| sources.is_empty()) {
        return Err(failure.clone());
    }
    if sources.is_empty() {
        let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        return Err(Failure::input(
            Diagnostic::new("empty", "holds no files")
                .at(Place::file(names.join(", ")))
                .hint("name files, or folders that hold some"),
        ));
    }
    let names: Vec<String> = sources.iter().map(|source| source.name.clone()).collect();
    for (index, source) in sources.iter_mut().enumerate() {
        source.encoding = source.mark().or(search.declared).unwrap_or_default();
        let earlier = names[..index].iter().filter(|name| **name == source.name).count();
        if earlier > 0 {
            source.name = format!("{}#{}", source.name, earlier + 1);
        }
    }
    Ok(found)
}

fn find_path(path: &Path, search: Search<'_>, way: Way, found: &mut Found) -> Result<(), Failure> {
    match look_at(path, search, way, found) {
        Err(failure) if search.keep_partial && failure.diagnostic.code == UNREADABLE => {
            let bytes = fs::metadata(path).map_or(0, |about| about.len());
            found.unread.push((short_name(path), bytes, failure));
            Ok(())
        }
        looked => looked,
    }
}

fn look_at(path: &Path, search: Search<'_>, way: Way, found: &mut Found) -> Result<(), Failure> {
    let name = path.display().to_string();
    let unreadable = |error: &io::Error| {
        let hint = match error.kind() {
            io::ErrorKind::NotFound => "check the spelling; paths are relative to the current folder",
            io::ErrorKind::PermissionDenied => "ask for read permission, or copy the file",
            _ => "check that the file can be read",
        };
        Failure::input(Diagnostic::new(UNREADABLE, format!("cannot read: {error}")).at(Place::file(&name)).hint(hint))
    };
    // Links inside a folder are not followed: they may lead in circles or out of it.
    let about = if way == Way::Named { fs::metadata(path) } else { fs::symlink_metadata(path) }
        .map_err(|error| unreadable(&error))?;
    if about.is_dir() {
        let whole = fs::canonicalize(path).map_err(|error| unreadable(&error))?;
        let logs = search.formats.iter().find_map(|format| format.files_in(&whole));
        let logs = if let Way::In(outer) = way { logs.or(outer) } else { logs };
        if way == Way::Named && !search.recursive && logs.is_none() {
            return Err(Failure::input(
                Diagnostic::new("folder", "is a folder")
                    .at(Place::file(&name))
                    .hint("add --recursive to read all files in it"),
            ));
        }
        let mut entries: Vec<PathBuf> = fs::read_dir(path)
            .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
            .map_err(|error| unreadable(&error))?;
        entries.sort();
        return entries.iter().try_for_each(|entry| find_path(entry, search, Way::In(logs), found));
    }
    if !about.is_file() {
        if way == Way::Named {
            return Err(Failure::input(
                Diagnostic::new("not-a-file", "is neither a file nor a folder")
                    .at(Place::file(&name))
                    .hint("pipe it in and name `-` for standard input"),
            ));
        }
        return Ok(());
    }
    if matches!(way, Way::In(Some(logs)) if path.extension().is_none_or(|end| end != logs)) {
        return Ok(());
    }
    let short = short_name(path);
    if way != Way::Named && LITTER.iter().any(|(begin, end)| short.starts_with(begin) && short.ends_with(end)) {
        found.litter.push(short);
        return Ok(());
    }
    found.sources.push(Source::file(path, &about).map_err(|error| unreadable(&error))?);
    Ok(())
}
