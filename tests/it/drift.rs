//! Schema drift: a vendor drops or renames a column or a key, in all rows or in one. Then the run ends with another exit
//! code, comes to the same numbers, or has a note that it did not have before; never is it silent.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use batchwise::diagnostic::Exit;
use serde_json::{Map, Value};

use crate::laws::in_process::{How, Machine};
use crate::support::{Folder, fixture};

/// What is done to a column or key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Drop,
    Rename,
    /// As a slip of one program or a damaged byte would, in one row only.
    RenameOnce,
}

const RENAMED: &str = "quux";

/// What a run says, as far as somebody would act on it.
#[derive(PartialEq)]
struct Said {
    is_complete: bool,
    numbers: Vec<Value>,
    billed: Value,
    notes: Vec<String>,
}

/// The exit code of a run that failed is another one.
fn said(machine: &Machine, file: PathBuf) -> Option<Said> {
    let done = machine.report(&[file], How::default()).ok()?;
    let json = done.json();
    let numbers = ["usage", "cost", "scenarios", "eligibility"].map(|key| json[key].clone()).to_vec();
    let notes =
        ["warnings", "incomplete"].into_iter().flat_map(|key| json[key].as_array().cloned().unwrap_or_default());
    // Of notes about other things the code must be new: their words may hold a figure that changed.
    let words = |note: Value| match note["code"].as_str() {
        Some("missing-column" | "missing-key" | "ignored-columns" | "unread-usage") => note.to_string(),
        _ => note["code"].to_string(),
    };
    let billed = json["cost"]["billed"].clone();
    Some(Said { billed, is_complete: done.exit == Exit::Complete, numbers, notes: notes.map(words).collect() })
}

/// How a variant ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Exact,
    Loud,
    Silent,
}

fn outcome(before: &Said, after: Option<&Said>) -> Outcome {
    match after {
        None => Outcome::Loud,
        Some(after) if after.numbers == before.numbers => Outcome::Exact,
        // What is not known any more is shown so.
        Some(after) if after.billed.is_null() && !before.billed.is_null() => Outcome::Loud,
        Some(after) if before.is_complete && !after.is_complete => Outcome::Loud,
        Some(after) if after.notes.iter().any(|note| !before.notes.contains(note)) => Outcome::Loud,
        Some(_) => Outcome::Silent,
    }
}

/// All variants of a table.
fn tables(text: &str) -> Vec<(String, Change, String)> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a table")).collect();
    let mut variants = Vec::new();
    for (column, name) in rows[0].iter().enumerate() {
        for change in [Change::Drop, Change::Rename] {
            let mut writer = csv::Writer::from_writer(Vec::new());
            for (line, row) in rows.iter().enumerate() {
                let fields = row.iter().enumerate();
                let fields = fields.filter(|(at, _)| *at != column || change == Change::Rename);
                let field = |(at, field)| if at == column && line == 0 { RENAMED } else { field };
                writer.write_record(fields.map(field)).expect("memory");
            }
            let text = String::from_utf8(writer.into_inner().expect("memory")).expect("text");
            variants.push((name.to_owned(), change, text));
        }
    }
    variants
}

/// The keys of a value, each with those that lead to it. JSON in a text counts as what it is.
fn keys(value: &Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| keys(value, path, found)),
        Value::Object(object) => {
            for (key, value) in object {
                path.push(key.clone());
                if !found.contains(path) {
                    found.push(path.clone());
                }
                keys(value, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

/// Changes a key wherever it stands, or the first time.
fn change_key(value: &mut Value, path: &[String], change: Change, is_done: &mut bool) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| change_key(value, path, change, is_done)),
        Value::Object(object) if path.len() == 1 => {
            if object.contains_key(&path[0]) && !(change == Change::RenameOnce && *is_done) {
                *is_done = true;
                let entries = std::mem::take(object).into_iter();
                let renamed = |(key, value): (String, Value)| {
                    if key != path[0] {
                        Some((key, value))
                    } else {
                        (change != Change::Drop).then(|| (RENAMED.to_owned(), value))
                    }
                };
                *object = entries.filter_map(renamed).collect::<Map<_, _>>();
            }
        }
        Value::Object(object) => {
            if let Some(value) = object.get_mut(&path[0]) {
                change_key(value, &path[1..], change, is_done);
            }
        }
        _ => {}
    }
}

/// All variants of JSON, one value or one a line.
fn objects(text: &str) -> Vec<(String, Change, String)> {
    let values: Vec<Value> =
        serde_json::Deserializer::from_str(text).into_iter().map(|value| value.expect("JSON")).collect();
    let mut found = Vec::new();
    values.iter().for_each(|value| keys(value, &mut Vec::new(), &mut found));
    let mut variants = Vec::new();
    for path in found {
        for change in [Change::Drop, Change::Rename, Change::RenameOnce] {
            let (mut changed, mut is_done) = (values.clone(), false);
            changed.iter_mut().for_each(|value| change_key(value, &path, change, &mut is_done));
            let lines: Vec<String> = changed.iter().map(Value::to_string).collect();
            variants.push((path.join(" > "), change, lines.join("\n")));
        }
    }
    variants
}

/// The files that are to be read without an objection, with the mapping that reads them.
fn files() -> Vec<(PathBuf, Option<PathBuf>)> {
    let list = |folder: &Path| {
        let mut files: Vec<PathBuf> =
            fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
        files.sort();
        files
    };
    let mut found = Vec::new();
    for folder in list(&fixture("formats")).into_iter().filter(|path| path.is_dir()) {
        for file in list(&folder) {
            let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
            // Those that overlap another have its columns.
            let is_good = !["bad", "empty", "cut-off", "overlap", "map"].contains(&name.as_str());
            let map = Some(folder.join("map.yaml")).filter(|map| map.exists());
            found.extend(is_good.then_some((file, map)));
        }
    }
    found.extend(list(&fixture("usage-keys")).into_iter().map(|file| (file, None)));
    found
}

/// In the tool's own format all but three columns are optional, so that nobody knows whether one was meant to be there. One
/// that is renamed is found.
fn is_optional(file: &str) -> bool {
    file.contains("batchwise")
}

/// What became of each variant of a file, by what was changed.
fn outcomes(file: &Path, map: Option<&Path>, machines: [&Machine; 2]) -> Vec<(String, Change, Outcome)> {
    let own = map.map(|map| Machine::with(None, Some(map)));
    let is_complete = |machine: &Machine| said(machine, file.to_owned()).is_some_and(|said| said.is_complete);
    let [plain, dated] = machines;
    let machine = own.as_ref().unwrap_or(if is_complete(plain) { plain } else { dated });
    let before = said(machine, file.to_owned()).unwrap_or_else(|| panic!("{} is read", file.display()));
    let text = fs::read_to_string(file).expect("a fixture");
    let is_table = file.extension().is_some_and(|extension| extension == "csv");
    let variants = if is_table { tables(&text) } else { objects(&text) };
    let temporary = Folder::new();
    let outcome = |(key, change, text): (String, Change, String)| {
        let changed = temporary.write("changed", text);
        (key, change, outcome(&before, said(machine, changed).as_ref()))
    };
    variants.into_iter().map(outcome).collect()
}

#[test]
fn a_column_or_key_that_goes_is_never_silent() {
    let machines = [Machine::new(), Machine::new().on_days("2026-10-01", "2026-10-31")];
    let machines = [&machines[0], &machines[1]];
    let files = Mutex::new(files());
    let found = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let Some((file, map)) = files.lock().expect("no panic").pop() else { return };
                    let name = file.strip_prefix(fixture("")).expect("a fixture").display().to_string();
                    let outcomes = outcomes(&file, map.as_deref(), machines);
                    found.lock().expect("no panic").push((name, outcomes));
                }
            });
        }
    });
    let mut counts: BTreeMap<(Change, Outcome), u32> = BTreeMap::new();
    let mut silent = Vec::new();
    for (name, outcomes) in found.into_inner().expect("no panic") {
        for (key, change, outcome) in outcomes {
            *counts.entry((change, outcome)).or_default() += 1;
            if outcome == Outcome::Silent && !(change == Change::Drop && is_optional(&name)) {
                silent.push(format!("{name}: {key}: {change:?}"));
            }
        }
    }
    let tried: u32 = counts.values().sum();
    println!("{tried} variants: {counts:?}");
    assert!(tried > 3000, "{counts:?}");
    assert!(silent.is_empty(), "{} silent: {counts:?}\n{}", silent.len(), silent.join("\n"));
}
