//! Every folder of fixtures: files of each kind, and what is read from its rows, one by one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::exports::{Export, exports, path};
use crate::support::{Folder, finish, fixture, program, report_json};

/// All files, by folder.
fn folders() -> BTreeMap<String, Vec<Export>> {
    let mut folders: BTreeMap<String, Vec<Export>> = BTreeMap::new();
    for export in exports() {
        folders.entry(export.folder.clone()).or_default().push(export);
    }
    folders
}

#[test]
fn every_folder_holds_every_kind_of_file() {
    for (name, exports) in folders() {
        let told: BTreeSet<String> = exports.iter().map(|export| export.file.clone()).collect();
        let found: BTreeSet<String> = fs::read_dir(fixture("formats").join(&name))
            .expect("a folder")
            .map(|file| file.expect("a file").file_name().to_string_lossy().into_owned())
            .filter(|file| !["files.yaml", "map.yaml"].contains(&file.as_str()))
            .collect();
        assert_eq!(told, found, "{name}: files.yaml and the files beside it");
        assert!(exports.iter().all(|export| !export.told.holds.is_empty()), "{name} says what its files hold");
        let has = |stem: &str| exports.iter().any(|export| export.stem() == stem);
        assert!(has("good") && has("bad"), "{name}: {told:?}");
        assert!(has("empty") != exports[0].has_no_empty_file, "{name} has no file without rows, or says why: {told:?}");
        let is_told_twice = exports.iter().any(|export| export.rows("duplicate") > 0) || has("overlap") || has("later");
        assert!(is_told_twice, "{name} has nothing that is told twice: {told:?}");
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
    for (folder, exports) in folders() {
        let good = exports.iter().find(|export| export.file.starts_with("good.")).expect("a good file");
        let mut command = program();
        let run = finish(command.arg("classify").arg(good.path()).arg("--quiet").args(&good.options));
        insta::assert_snapshot!(format!("read-{folder}"), run.stdout);
    }
}

/// The folder in which Claude Code keeps its sessions is read as it is, and nothing in it but sessions.
#[test]
fn a_folder_that_a_tool_keeps_is_read_without_being_asked() {
    let folder = Folder::new();
    let [first, second] =
        ["home/.claude/projects/-work-shop/a.jsonl", "home/.claude/projects/-work-shop/a/agents/b.jsonl"];
    for file in [first, second] {
        let copy = folder.path(file);
        fs::create_dir_all(copy.parent().expect("a folder")).expect("a folder");
        fs::copy(path("claude-code", "good.jsonl"), copy).expect("a copy");
    }
    fs::write(folder.path("home/.claude/projects/sessions-index.json"), "{}").expect("a file");
    let run = report_json(&[folder.path("home/.claude/projects")], &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report = run.json();
    assert_eq!(report["cost"]["computed"], "0.749714");
    let accepted = |input: usize| report["inputs"][input]["rows"]["accepted"].as_u64().expect("a count");
    assert_eq!((accepted(0) + accepted(1), report["inputs"].as_array().map(Vec::len)), (6, Some(2)));
    let above = report_json(&[folder.path("home")], &[]);
    assert!(above.code == 4 && above.stderr.contains("--recursive"), "{}", above.stderr);
}
