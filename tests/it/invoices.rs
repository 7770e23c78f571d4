//! Invoices worked out by hand: each folder of `fixtures/invoices` has the arithmetic beside the expected figures.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::support::{fixture, report_json};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    title: String,
    arithmetic: String,
    files: Vec<String>,
    #[serde(default)]
    args: Vec<String>,
    exit: i32,
    #[serde(default)]
    expect: BTreeMap<String, Value>,
}

/// What differs from the hand-worked figures.
fn differences(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("case.yaml")).expect("a case");
    let case: Case = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    assert!(!case.arithmetic.trim().is_empty(), "{}: no arithmetic", case.title);
    let files: Vec<PathBuf> = case.files.iter().map(|file| folder.join(file)).collect();
    let prices = folder.join("prices.yaml");
    let policy = folder.join("policy.yaml");
    let mut words: Vec<String> = vec!["--prices".into(), prices.display().to_string()];
    if policy.exists() {
        words.extend(["--policy".into(), policy.display().to_string()]);
    }
    words.extend(case.args.clone());
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let run = report_json(&files, &words);
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut found = Vec::new();
    if run.code != case.exit {
        found.push(format!("{name}: exit {} instead of {}\n{}", run.code, case.exit, run.stderr));
        return found;
    }
    if case.expect.is_empty() {
        return found;
    }
    let report = run.json();
    for (pointer, expected) in &case.expect {
        let actual = report.pointer(pointer).unwrap_or(&Value::Null);
        if actual != expected {
            found.push(format!("{name} ({}): {pointer} is {actual}, expected {expected}", case.title));
        }
    }
    found
}

#[test]
fn every_invoice_to_the_last_digit() {
    let mut folders: Vec<PathBuf> = fs::read_dir(fixture("invoices"))
        .expect("invoices")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    assert!(folders.len() >= 80, "only {} invoices", folders.len());
    let found: Vec<String> = folders.iter().flat_map(|folder| differences(folder)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}
