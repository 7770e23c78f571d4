//! Runs the program and looks at what it says.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

/// The project's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the fixtures.
pub fn fixture(path: &str) -> PathBuf {
    root().join("fixtures").join(path)
}

/// The same bytes, packed.
pub fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).expect("memory");
    encoder.finish().expect("memory")
}

/// What a run printed and how it ended.
#[derive(Debug, PartialEq, Eq)]
pub struct Run {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// Exit code.
    pub code: i32,
}

impl Run {
    /// All three together, for snapshots.
    pub fn transcript(&self) -> String {
        format!("exit {}\n---- stdout\n{}---- stderr\n{}", self.code, self.stdout, self.stderr)
    }

    /// Standard output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.transcript()))
    }
}

/// How many random cases or mutants are tried: few by `cargo test`, which is to take a few minutes, and many by
/// `.ci/long`, which sets `BATCHWISE_LONG`.
pub fn draws<N>(few: N, many: N) -> N {
    if std::env::var_os("BATCHWISE_LONG").is_some_and(|set| !set.is_empty()) { many } else { few }
}

/// Leaves a check out for want of another program, and says so; where everything must be checked that is a failure.
pub fn left_out(missing: &str) {
    let is_ci = std::env::var_os("CI").is_some_and(|set| !set.is_empty() && set != "false" && set != "0");
    assert!(!is_ci, "{missing}, and with CI set nothing may be left out: .ci/run and .ci/long install it");
    // Past the capture of the test's own prints, so that nobody takes it for a pass. With standard error closed there is
    // nobody to tell.
    let _ = writeln!(std::io::stderr(), "\n!! SKIPPED: {missing}\n");
}

/// The program with a fixed page: 100 columns, no colour, an environment of its own.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_batchwise"));
    command.env_clear().env("COLUMNS", "100").env("NO_COLOR", "1").env("TZ", "Pacific/Auckland").current_dir(root());
    command
}

/// Runs the program with these words.
pub fn run<S: AsRef<std::ffi::OsStr>>(words: impl IntoIterator<Item = S>) -> Run {
    finish(program().args(words))
}

/// Runs a prepared command.
pub fn finish(command: &mut Command) -> Run {
    let output = command.output().expect("the program starts");
    Run {
        stdout: String::from_utf8(output.stdout).expect("UTF-8 on standard output"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8 on standard error"),
        code: output.status.code().expect("an exit code"),
    }
}

/// Runs the program with text on standard input.
pub fn run_with_input(words: &[&str], input: &[u8]) -> Run {
    let mut child = program()
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    child.stdin.take().expect("a pipe").write_all(input).expect("the program reads");
    let output = child.wait_with_output().expect("the program ends");
    Run {
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        code: output.status.code().expect("an exit code"),
    }
}

/// A folder of its own for one test, gone afterwards.
pub struct Folder(tempfile::TempDir);

impl Folder {
    /// A fresh folder.
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    /// The path of a file in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file into it.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).expect("a writable folder");
        path
    }

    /// Text with the folder's own path taken out, so that it is the same in every run.
    pub fn anonymous(&self, text: &str) -> String {
        text.replace(&self.0.path().display().to_string(), "FOLDER")
    }
}

/// `report --format json` of these files with further words.
pub fn report_json(files: &[PathBuf], words: &[&str]) -> Run {
    let mut command = program();
    command.arg("report").args(files).args(["--format", "json"]).args(words);
    finish(&mut command)
}

/// Every cell of a workbook as text, one a line.
pub fn workbook_cells(path: &Path) -> String {
    use calamine::Reader as _;
    let mut book = calamine::open_workbook_auto(path).expect("a workbook");
    book.worksheets()
        .iter()
        .flat_map(|(_, range)| range.rows())
        .flatten()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}
