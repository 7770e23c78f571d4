//! Every folder of fixtures: files of each kind, and what is read from its rows, one by one.

use std::collections::BTreeMap;
use std::fs;

use super::{FILES, path, words};
use crate::support::{finish, fixture, program, report_json};

/// Where nothing is no file of the format: without a line an input is refused as empty, and an error of Anthropic's alone
/// is called what it is.
const NEVER_EMPTY: [&str; 3] = ["anthropic-bodies", "batchwise-jsonl", "mapped-jsonl"];

/// Folders, and for each file how many rows are told twice in it.
fn folders() -> BTreeMap<String, BTreeMap<String, u64>> {
    let mut folders: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for (folder, file, rows) in FILES {
        folders.entry((*folder).to_owned()).or_default().insert((*file).to_owned(), rows[5]);
    }
    folders
}

#[test]
fn every_folder_holds_every_kind_of_file() {
    let folders = folders();
    for entry in fs::read_dir(fixture("formats")).expect("fixtures") {
        let folder = entry.expect("an entry").path();
        let Some(name) = folder.is_dir().then(|| folder.file_name().unwrap_or_default().to_string_lossy().into_owned())
        else {
            continue;
        };
        let files: Vec<String> = fs::read_dir(&folder)
            .expect("a folder")
            .map(|file| file.expect("a file").file_name().to_string_lossy().into_owned())
            .collect();
        let has = |stem: &str| files.iter().any(|file| file.starts_with(stem));
        assert!(has("good") && has("bad"), "{name}: {files:?}");
        assert!(has("empty") || NEVER_EMPTY.contains(&name.as_str()), "{name} has no empty one: {files:?}");
        let told = folders.get(&name).unwrap_or_else(|| panic!("{name} is in no test"));
        let is_told_twice = told.values().any(|twice| *twice > 0) || has("overlap") || has("later");
        assert!(is_told_twice, "{name} has nothing that is told twice: {files:?}");
    }
}

/// Bills exported again, with the last day once more and the next: that day counts once.
#[test]
fn a_bill_exported_again_adds_its_new_days_alone() {
    // 6.626081 and 0.25 of the new day; 18.36 and 0.30.
    for (folder, total, twice) in [("openai-cost-csv", "6.876081", 5), ("anthropic-cost-csv", "18.66", 8)] {
        let (good, overlap) = (path(folder, "good.csv"), path(folder, "overlap.csv"));
        for files in [[good.clone(), overlap.clone()], [overlap, good]] {
            let run = report_json(&files, &[]);
            assert_eq!(run.code, 0, "{folder}: {}", run.stderr);
            let report = run.json();
            assert_eq!(report["cost"]["billed"], total, "{folder}");
            let rows = |input: usize| report["inputs"][input]["rows"]["duplicate"].as_u64().expect("a count");
            assert_eq!(rows(0) + rows(1), twice, "{folder}");
        }
    }
}

/// Each row of the good files with the tokens, the tier and the price that were read from it.
#[test]
fn what_is_read_from_each_row() {
    for (folder, files) in folders() {
        let good = files.keys().find(|file| file.starts_with("good.")).expect("a good file");
        let mut command = program();
        let run = finish(command.arg("classify").arg(path(&folder, good)).arg("--quiet").args(words(&folder)));
        insta::assert_snapshot!(format!("read-{folder}"), run.stdout);
    }
}
