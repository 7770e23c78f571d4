//! The fixtures of formats: each folder's `files.yaml` says what its files hold and what comes of them, so that every test
//! that walks the folders meets a new format without being told of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::support::fixture;

/// A file of a format.
#[derive(Clone, Debug)]
pub struct Export {
    /// Its folder, which is called like the format.
    pub folder: String,
    /// Its name there.
    pub file: String,
    /// Words that it is read with: a mapping, or the days that it does not say.
    pub options: Vec<String>,
    /// Whether its folder says why there is no file without rows.
    pub has_no_empty_file: bool,
    /// What is said of it.
    pub told: Told,
}

/// What `files.yaml` says of a file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// Rows by what became of them; what is left out is none.
    pub rows: BTreeMap<String, u64>,
    /// What is in it, for readers.
    pub holds: String,
    /// Files that say the same, as `folder/file`.
    #[serde(default)]
    pub same_as: Vec<String>,
    /// Amounts worked out by hand, by their place in the report.
    #[serde(default)]
    pub amounts: BTreeMap<String, String>,
    /// The format that it is read as, where it is not that of the folder.
    pub read_as: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Folder {
    #[serde(default)]
    options: Vec<String>,
    no_empty_file: Option<String>,
    files: BTreeMap<String, Told>,
}

impl Export {
    /// Where it is.
    pub fn path(&self) -> PathBuf {
        path(&self.folder, &self.file)
    }

    /// `folder/file`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.folder, self.file)
    }

    /// Rows of a fate.
    pub fn rows(&self, fate: &str) -> u64 {
        self.told.rows.get(fate).copied().unwrap_or_default()
    }

    /// Its name up to the first dot or hyphen: `good`, `bad`, `empty`, `overlap`, and others of its own.
    pub fn stem(&self) -> &str {
        self.file.split(['.', '-']).next().unwrap_or_default()
    }

    /// The end of its name: `csv`, `jsonl` or `json`.
    pub fn ending(&self) -> &str {
        self.file.rsplit('.').next().unwrap_or_default()
    }

    /// Whether it is a table.
    pub fn is_table(&self) -> bool {
        self.ending() == "csv"
    }

    /// The mapping it is read with, if it is no built-in format.
    pub fn map(&self) -> Option<PathBuf> {
        self.options.iter().any(|word| word == "--map").then(|| path(&self.folder, "map.yaml"))
    }

    /// Whether it must be told its days.
    pub fn is_undated(&self) -> bool {
        self.options.iter().any(|word| word == "--from")
    }
}

/// What the files of a format are read with.
pub fn options(folder: &str) -> Vec<String> {
    exports_of(&fixture("formats").join(folder)).swap_remove(0).options
}

/// A file among the fixtures of formats.
pub fn path(folder: &str, file: &str) -> PathBuf {
    fixture("formats").join(folder).join(file)
}

/// All files of all formats.
pub fn exports() -> Vec<Export> {
    let mut folders: Vec<PathBuf> = fs::read_dir(fixture("formats"))
        .expect("fixtures")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders.iter().flat_map(|folder| exports_of(folder)).collect()
}

fn exports_of(folder: &Path) -> Vec<Export> {
    let text =
        fs::read_to_string(folder.join("files.yaml")).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let told: Folder = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
    let whole = |word: String| if word == "map.yaml" { folder.join(word).display().to_string() } else { word };
    let has_no_empty_file = told.no_empty_file.is_some();
    let options: Vec<String> = told.options.into_iter().map(whole).collect();
    told.files
        .into_iter()
        .map(|(file, told)| Export { folder: name.clone(), file, options: options.clone(), has_no_empty_file, told })
        .collect()
}

/// The good tables of built-in formats.
pub fn tables() -> Vec<Export> {
    let is_wanted = |export: &Export| export.file == "good.csv" && export.map().is_none();
    exports().into_iter().filter(is_wanted).collect()
}
