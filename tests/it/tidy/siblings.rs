//! Files of one folder know each other one way, as the modules at the top do.

use std::collections::{BTreeMap, BTreeSet};

use super::{Source, report, sources};

/// Circles that are left, by the folder and the files in them: what streams rows is one machine in several files. None of
/// these may get a file more.
const CIRCLES: [(&str, &[&str]); 4] = [
    (
        "formats",
        &[
            "cells",
            "column_plan",
            "corruption",
            "expected",
            "focus",
            "logic",
            "mapping",
            "moment",
            "nested",
            "paths",
            "row",
            "skus",
            "unread",
        ],
    ),
    ("input", &["columnar", "duplicates", "gathered", "id_hashes", "overlap", "parts", "pass", "scheduler"]),
    ("input", &["conflicts", "identity", "repeats"]),
    ("rollup", &["facts", "fold", "key_fields", "reduced"]),
];

/// Who knows whom among the files of a folder.
type Known = BTreeMap<String, BTreeSet<String>>;

/// The place of a file as a module: `["report", "document", "bill"]`.
fn module(source: &Source) -> Vec<&str> {
    source.path.trim_end_matches(".rs").split('/').collect()
}

/// Every path that the code names, with the trees of `use` written out.
fn paths(source: &Source) -> Vec<String> {
    // Tests know whom they like, in a file of their own as below the code.
    let is_code = |(_, line): &&(_, String)| !source.path.ends_with("/tests.rs") && line != "#[cfg(test)]";
    let tests = source.lines.iter().take_while(is_code).count();
    let code: Vec<&str> = source.lines[..tests].iter().map(|(_, line)| line.as_str()).collect();
    let code = code.join("\n");
    let mut found: Vec<String> = inline(&code).collect();
    for statement in code.split(';') {
        let lines: Vec<&str> = statement.lines().map(str::trim).collect();
        let is_use = |line: &&str| line.starts_with("use ") || (line.starts_with("pub") && line.contains(" use "));
        let Some(begin) = lines.iter().rposition(is_use) else { continue };
        let tree = lines[begin..].join(" ");
        expand("", tree.split_once("use ").map_or("", |(_, tree)| tree), &mut found);
    }
    found
}

/// `super::a::b` and `crate::a::b` within code.
fn inline(code: &str) -> impl Iterator<Item = String> {
    ["super::", "crate::"].into_iter().flat_map(move |begin| {
        code.match_indices(begin).map(move |(at, _)| {
            code[at..].chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':')).collect()
        })
    })
}

fn expand(before: &str, tree: &str, found: &mut Vec<String>) {
    let tree = tree.trim();
    let Some((head, rest)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or(tree);
        return found.push(format!("{before}{path}"));
    };
    let (mut depth, mut begin) = (0_usize, 0);
    let inner = rest.strip_suffix('}').unwrap_or(rest);
    for (at, character) in inner.char_indices().chain([(inner.len(), ',')]) {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                if !inner[begin..at].trim().is_empty() {
                    expand(&format!("{before}{head}"), &inner[begin..at], found);
                }
                begin = at + 1;
            }
            _ => {}
        }
    }
}

/// Where a path leads from a module, as names from the top.
fn target<'p>(own: &[&'p str], path: &'p str) -> Option<Vec<&'p str>> {
    let names: Vec<&str> = path.split("::").collect();
    let ups = names.iter().take_while(|name| **name == "super").count();
    match names[0] {
        "crate" => Some(names[1..].to_vec()),
        "super" => Some(own[..own.len().saturating_sub(ups)].iter().chain(&names[ups..]).copied().collect()),
        _ => None,
    }
}

/// Who knows whom, folder by folder.
fn folders(sources: &[Source]) -> BTreeMap<String, Known> {
    let files: BTreeSet<Vec<&str>> = sources.iter().map(module).collect();
    let mut folders: BTreeMap<String, Known> = BTreeMap::new();
    for source in sources {
        let own = module(source);
        for path in paths(source) {
            let Some(mut target) = target(&own, &path) else { continue };
            while !target.is_empty() && !files.contains(&target) {
                target.pop();
            }
            let shared = own.iter().zip(&target).take_while(|(one, other)| one == other).count();
            if shared > 0 && shared < own.len() && shared < target.len() {
                let folder = folders.entry(own[..shared].join("/")).or_default();
                folder.entry(own[shared].to_owned()).or_default().insert(target[shared].to_owned());
            }
        }
    }
    folders
}

/// The files that a file leads to, however far.
fn reached(known: &Known, from: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(next) = open.pop() {
        open.extend(known.get(&next).into_iter().flatten().filter(|file| found.insert((*file).clone())).cloned());
    }
    found
}

#[test]
fn siblings_depend_one_way() {
    let mut found = Vec::new();
    let mut met = BTreeSet::new();
    let folders = folders(&sources());
    assert!(folders.len() > 10, "only {} folders with files that know each other", folders.len());
    for (folder, known) in &folders {
        let reach: BTreeMap<&String, BTreeSet<String>> =
            known.keys().map(|file| (file, reached(known, file))).collect();
        for (file, reaches) in reach.iter().filter(|(file, reaches)| reaches.contains(**file)) {
            let circle: Vec<&str> = reaches
                .iter()
                .filter(|other| reach.get(other).is_some_and(|back| back.contains(*file)))
                .map(String::as_str)
                .collect();
            let is_known =
                |(place, files): &&(&str, &[&str])| place == folder && circle.iter().all(|file| files.contains(file));
            match CIRCLES.iter().find(is_known) {
                Some((_, files)) => drop(met.insert(files)),
                None => found.push(format!("src/{folder}: {} is in a circle: {}", file, circle.join(", "))),
            }
        }
    }
    let gone = CIRCLES.iter().filter(|(_, files)| !met.contains(files));
    found.extend(gone.map(|(folder, files)| {
        format!("src/{folder}: {} are no circle any more: take them out of the list", files.join(", "))
    }));
    report(&found);
}
