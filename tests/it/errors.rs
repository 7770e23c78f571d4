//! Every message the program can give, as a stranger sees it: standard output, standard error and exit code.
//!
//! Each snapshot is a catalogue of runs, one under the other, so that it can be read like a page of a manual. A code
//! that stands in the source and in no catalogue fails [`no_code_without_a_snapshot`].

mod doubts;
mod files;
pub mod notes;
mod rollups;
mod rows;
mod special_prices;
mod tables;
mod usage;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Folder, Run, finish, program, root};

/// Runs, one under the other, that become one snapshot.
pub struct Catalogue {
    /// Where inputs are written.
    pub folder: Folder,
    pages: Vec<String>,
}

impl Catalogue {
    /// No runs yet.
    pub fn new() -> Self {
        Self { folder: Folder::new(), pages: Vec::new() }
    }

    /// Enters a run under a title.
    pub fn enter(&mut self, title: &str, run: &Run) {
        let transcript = self.folder.anonymous(&run.transcript());
        self.pages.push(format!("\n===== {title}\n{transcript}"));
    }

    /// Runs the program and enters what it says.
    pub fn run<S: AsRef<std::ffi::OsStr>>(&mut self, title: &str, words: impl IntoIterator<Item = S>) -> Run {
        let run = finish(program().args(words));
        self.enter(title, &run);
        run
    }

    /// `report --quiet` of an input with this content: only what stops a run is said.
    pub fn refused(&mut self, title: &str, name: &str, content: impl AsRef<[u8]>) {
        let path = self.folder.write(name, content);
        let run = self.run(title, ["report".as_ref(), path.as_os_str()]);
        assert_eq!((run.code, run.stdout.as_str()), (4, ""), "{title}: nothing may be reported");
    }

    /// `report` of an input with this content: notes on standard error, and of the report the lines that `shown` picks.
    pub fn reported(&mut self, title: &str, files: &[PathBuf], words: &[&str], shown: impl Fn(&str) -> bool) -> Run {
        let run = finish(program().arg("report").args(files).args(words));
        let stdout: String = run.stdout.split_inclusive('\n').filter(|line| shown(line)).collect();
        self.enter(title, &Run { stdout, stderr: run.stderr.clone(), code: run.code });
        run
    }

    /// Enters the content of a file that a run wrote.
    pub fn written(&mut self, title: &str, path: &Path) -> String {
        let content = fs::read_to_string(path).expect("a written file");
        self.pages.push(format!("\n===== {title}\n{content}"));
        content
    }

    /// Makes the snapshot.
    pub fn keep(self, name: &str) {
        insta::assert_snapshot!(name, self.pages.concat());
    }
}

/// A log of one call on a model of the built-in table, for runs that never come to read it.
pub fn one_call(folder: &Folder) -> PathBuf {
    folder.write("calls.csv", "timestamp,model,input_tokens,output_tokens\n2026-10-05T10:00:00Z,gpt-5.4,1000,100\n")
}

/// The files of a folder of fixtures, by name.
pub fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

/// All Rust files under a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    files_in(folder)
        .into_iter()
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .collect()
}

/// What stands before a code in the source.
const BEFORE_CODES: [&str; 8] = [
    "Diagnostic::new(",
    "code: ",
    ".reject(",
    "rejected(",
    "note(",
    "refuse(",
    "fn code(self) -> &'static str {",
    "let code = match error {",
];

/// The codes that a source file can give out.
fn codes_in(text: &str) -> BTreeSet<String> {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let is_code = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let mut codes = BTreeSet::new();
    for before in BEFORE_CODES {
        for rest in text.split(before).skip(1) {
            let rest = rest.trim_start();
            if before.ends_with('{') {
                // A match: every text in it is a code.
                let body = rest.split("\n        }").next().unwrap_or_default();
                codes.extend(body.split('"').skip(1).step_by(2).filter(|word| is_code(word)).map(ToOwned::to_owned));
            } else if let Some(word) =
                rest.strip_prefix('"').and_then(|rest| rest.split('"').next()).filter(|word| is_code(word))
            {
                codes.insert(word.to_owned());
            }
        }
    }
    codes
}

/// All snapshots, one behind the other.
fn snapshots() -> String {
    let read = |path: &PathBuf| fs::read_to_string(path).expect("a snapshot");
    files_in(&root().join("tests/it/snapshots")).iter().map(read).collect()
}

/// All codes: those that stand in the source, and those of messages in snapshots, where the source gives them in another
/// way.
pub fn codes() -> BTreeSet<String> {
    let mut codes = codes_of_source();
    for line in snapshots().lines() {
        let said = ["error[", "warning[", "INCOMPLETE[", "note["].iter().find_map(|before| line.strip_prefix(before));
        codes.extend(said.and_then(|rest| rest.split_once(']')).map(|(code, _)| code.to_owned()));
    }
    codes
}

fn codes_of_source() -> BTreeSet<String> {
    let read = |path: &PathBuf| codes_in(&fs::read_to_string(path).expect("source"));
    sources(&root().join("src")).iter().flat_map(read).collect()
}

#[test]
fn no_code_without_a_snapshot() {
    let catalogues = snapshots();
    let is_shown = |code: &str| {
        [format!("[{code}]"), format!("(`{code}`)"), format!(",{code},"), format!("\"code\": \"{code}\"")]
            .iter()
            .any(|form| catalogues.contains(form))
    };
    let codes = codes_of_source();
    assert!(codes.len() > 60, "only {} codes were found: {codes:?}", codes.len());
    let missing: Vec<&String> = codes.iter().filter(|code| !is_shown(code)).collect();
    assert!(missing.is_empty(), "codes without a snapshot of their message: {missing:?}");
}
