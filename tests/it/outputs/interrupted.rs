//! Signals that end a run in the middle of it: an end at once, and nothing half-written.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{names, sample};
use crate::support::{Folder, program};

/// Far longer than anything here takes: only so that a fault ends the test.
const PATIENCE: Duration = Duration::from_secs(60);
/// The sample so many times takes seconds to read.
const TIMES: usize = 150;

/// Signals that end a run, each with its exit code.
const SIGNALS: [(&str, i32); 4] = [("-HUP", 129), ("-INT", 130), ("-QUIT", 131), ("-TERM", 143)];

/// Waits until something is so.
fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "{what} never came to be");
        std::thread::yield_now();
    }
}

fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill");
    assert!(sent.success());
}

fn start(command: &mut Command) -> Child {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
}

/// A run over many files, which writes into `folder`.
fn long_run(folder: &Folder, words: &[&str]) -> Child {
    start(
        program()
            .current_dir(folder.path(""))
            .args(&words[..1])
            .args(std::iter::repeat_n(sample(), TIMES))
            .arg("--no-dedupe")
            .args(&words[1..]),
    )
}

fn temporary(folder: &Folder) -> Option<u64> {
    let name = names(folder).into_iter().find(|name| name.starts_with(".batchwise-"))?;
    std::fs::metadata(folder.path(&name)).ok().map(|about| about.len())
}

/// Ends with this code, says nothing, and leaves the folder as it was.
fn ends(child: Child, code: i32, folder: &Folder, left: &[&str]) {
    let output = child.wait_with_output().expect("an end");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), stderr.as_ref()), (Some(code), ""));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    assert_eq!(names(folder), left);
}

#[test]
fn while_reading() {
    for (signal, code) in SIGNALS {
        for words in [
            &["report", "-o", "new.json", "-o", "new.txt", "--rejects", "rejects.csv"][..],
            &["report", "-o", "old.json", "--force"],
            &["classify", "-o", "new.csv"],
        ] {
            let folder = Folder::new();
            folder.write("old.json", "{}");
            let child = long_run(&folder, words);
            until("a temporary file", || temporary(&folder).is_some());
            send(signal, &child);
            ends(child, code, &folder, &["old.json"]);
            assert_eq!(std::fs::read(folder.path("old.json")).expect("kept"), b"{}");
        }
    }
}

#[test]
fn while_writing_lines() {
    for (form, (signal, code)) in ["new.csv", "new.jsonl"].into_iter().cycle().zip(SIGNALS) {
        let folder = Folder::new();
        let child = start(
            program().current_dir(folder.path("")).arg("classify").args(std::iter::repeat_n(sample(), 10)).args([
                "--no-dedupe",
                "-o",
                form,
            ]),
        );
        until("the first lines", || temporary(&folder).is_some_and(|bytes| bytes > 0));
        send(signal, &child);
        ends(child, code, &folder, &[]);
    }
}

#[test]
fn while_standard_input_stays_open() {
    let commands = [["report", "-o", "new.json"], ["classify", "-o", "new.csv"]];
    for (words, (signal, code)) in commands.into_iter().cycle().zip(SIGNALS) {
        let folder = Folder::new();
        let mut child =
            start(program().current_dir(folder.path("")).env("TMPDIR", folder.path("")).args(words).arg("-"));
        let mut input = child.stdin.take().expect("a pipe");
        // More than a pipe holds goes through only once the program keeps it.
        input.write_all(&std::fs::read(sample()).expect("the sample").repeat(4)).expect("the program reads");
        assert_eq!(names(&folder), [""; 0], "no folder names the copy of standard input");
        send(signal, &child);
        ends(child, code, &folder, &[]);
        drop(input);
    }
}

/// Whoever starts a run with `nohup` wants it to go on when the terminal goes away.
#[test]
fn a_hangup_that_is_ignored_ends_nothing() {
    let folder = Folder::new();
    let mut command = Command::new("sh");
    command.args([
        "-c",
        "trap '' HUP; exec \"$0\" \"$@\"",
        env!("CARGO_BIN_EXE_batchwise"),
        "report",
        "-",
        "-o",
        "new.json",
    ]);
    let mut child = start(command.env_clear().current_dir(folder.path("")));
    let mut input = child.stdin.take().expect("a pipe");
    let sample = std::fs::read(sample()).expect("the sample");
    input.write_all(&sample.repeat(4)).expect("the program reads");
    send("-HUP", &child);
    drop(input);
    assert_ne!(child.wait_with_output().expect("an end").status.code(), None);
    assert_eq!(names(&folder), ["new.json"]);
}
