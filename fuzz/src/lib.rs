//! Whole runs in this process, and the laws that hold for each of them, whatever was read.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use batchwise::cli::Cli;
use batchwise::commands;
use batchwise::diagnostic::Exit;
use batchwise::money::{DecimalStyle, Money};
use clap::Parser as _;
use serde_json::Value;
use tempfile::TempDir;

/// Where logs and reports of this process are written.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    FOLDER.get_or_init(|| TempDir::new().expect("a folder for temporary files")).path()
}

/// Runs a command over a log; how it ended.
fn run(command: &str, log: &Path, words: &[&str]) -> Exit {
    let log = log.to_str().expect("a path of text");
    let words = ["batchwise", command, log, "--quiet", "--force"].into_iter().chain(words.iter().copied());
    commands::run(&Cli::try_parse_from(words).expect("good words")).unwrap_or_else(|failure| failure.exit)
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).expect("a file that was written")
}

fn money(value: &Value) -> Money {
    value.as_str().map_or(Money::ZERO, |text| Money::parse(text, DecimalStyle::Point).expect("an amount").0)
}

fn sum(amounts: impl Iterator<Item = Money>) -> Money {
    Money::sum(amounts).expect("no overflow")
}

/// `report`, `classify` and `plan` over these bytes: each ends in an exit code of the contract, all three in the same
/// one; every row has one fate, and the lines of `classify` add up to the report.
pub fn whole_run(bytes: &[u8]) {
    let path = |name: &str| folder().join(name);
    let text = |name: &str| path(name).to_str().expect("a path of text").to_owned();
    let log = path("log");
    fs::write(&log, bytes).expect("room for a log");
    let exit = run("report", &log, &["-o", &text("report.json"), "--rejects", &text("rejects.csv")]);
    assert!(matches!(exit, Exit::Complete | Exit::Incomplete | Exit::Input), "report ended with {exit:?}");
    let others = [("classify", "lines.jsonl"), ("plan", "plan.json")];
    for (command, file) in others {
        assert_eq!(run(command, &log, &["-o", &text(file)]), exit, "{command} and report of the same bytes");
    }
    if exit == Exit::Input {
        return;
    }
    let report: Value = serde_json::from_str(&read(&path("report.json"))).expect("a report is JSON");
    for input in report["inputs"].as_array().expect("inputs") {
        let rows = input["rows"].as_object().expect("rows");
        let fates: u64 = rows.iter().filter(|(fate, _)| *fate != "read").filter_map(|(_, count)| count.as_u64()).sum();
        assert_eq!(Some(fates), rows["read"].as_u64(), "every row has one fate");
        let rejected = rows["rejected"].as_u64().expect("a count");
        assert!(rejected == 0 || exit == Exit::Incomplete, "rejected rows make a report incomplete");
    }
    let lines = read(&path("lines.jsonl"));
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("lines are JSON")).collect();
    let bands = report["eligibility"].as_array().expect("verdicts");
    assert_eq!(
        sum(bands.iter().map(|band| money(&band["cost"]))),
        sum(lines.iter().map(|line| money(&line["cost"]))),
        "lines add up to the report"
    );
    for class in ["input", "cache_read", "cache_write_5m", "cache_write_1h", "output"] {
        let tokens: u128 = lines.iter().filter_map(|line| line[class].as_u64()).map(u128::from).sum();
        assert_eq!(report["usage"]["tokens"][class].to_string(), tokens.to_string(), "{class} tokens add up");
    }
    let plan: Value = serde_json::from_str(&read(&path("plan.json"))).expect("a plan is JSON");
    assert!(plan.is_object(), "a plan is an object");
}
