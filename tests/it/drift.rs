//! Schema drift: a vendor drops or renames a column or a key, in all rows or in one. Then the run ends with another exit
//! code, comes to the same numbers, or has a note that it did not have before; never is it silent.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use batchwise::diagnostic::Exit;
use serde_json::{Map, Value};

use crate::exports::{Export, exports};
use crate::laws::in_process::{How, Machine};
use crate::support::{Folder, finish, fixture, program, report_json};

/// What is done to a column or key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Drop,
    Rename,
    /// As a slip of one program or a damaged byte would, in one row only.
    RenameOnce,
    /// As a program that leaves out what it does not know, in one row only.
    DropOnce,
    /// As a lost value: a number of one row is empty, or null.
    EmptyOnce,
}

impl Change {
    const fn is_once(self) -> bool {
        matches!(self, Self::RenameOnce | Self::DropOnce | Self::EmptyOnce)
    }
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
        let is_count = |row: &csv::StringRecord| row[column].parse().is_ok_and(|count: u64| count > 0);
        let counted = rows.iter().position(is_count);
        for change in [Change::Drop, Change::Rename, Change::EmptyOnce] {
            if change == Change::EmptyOnce && counted.is_none() {
                continue;
            }
            let mut writer = csv::Writer::from_writer(Vec::new());
            for (line, row) in rows.iter().enumerate() {
                let fields = row.iter().enumerate();
                let fields = fields.filter(|(at, _)| *at != column || change != Change::Drop);
                let field = |(at, field)| match change {
                    Change::Rename if at == column && line == 0 => RENAMED,
                    Change::EmptyOnce if at == column && Some(line) == counted => "",
                    _ => field,
                };
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
            let is_left = change.is_once() && *is_done;
            let is_count = |value: &Value| value.as_u64().is_some_and(|count| count > 0);
            let is_meant = |value: &Value| change != Change::EmptyOnce || is_count(value);
            *is_done |= object.get(&path[0]).is_some_and(is_meant);
            let renamed = |(key, value): (String, Value)| match change {
                _ if is_left || key != path[0] || !is_meant(&value) => Some((key, value)),
                Change::EmptyOnce => Some((key, Value::Null)),
                Change::Drop | Change::DropOnce => None,
                Change::Rename | Change::RenameOnce => Some((RENAMED.to_owned(), value)),
            };
            *object = std::mem::take(object).into_iter().filter_map(renamed).collect::<Map<_, _>>();
        }
        Value::Object(object) => {
            if let Some(value) = object.get_mut(&path[0]) {
                change_key(value, &path[1..], change, is_done);
            }
        }
        _ => {}
    }
}

fn text_of(values: &[Value]) -> String {
    values.iter().map(Value::to_string).collect::<Vec<_>>().join("\n")
}

fn is_table(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "csv")
}

/// The values of JSON, one or one a line, and all keys in them.
fn values_and_keys(text: &str) -> (Vec<Value>, Vec<Vec<String>>) {
    let values: Vec<Value> =
        serde_json::Deserializer::from_str(text).into_iter().map(|value| value.expect("JSON")).collect();
    let mut found = Vec::new();
    for value in &values {
        keys(value, &mut Vec::new(), &mut found);
    }
    (values, found)
}

/// All variants of JSON.
fn objects(text: &str) -> Vec<(String, Change, String)> {
    let (values, found) = values_and_keys(text);
    let mut variants: Vec<(String, Change, String)> = Vec::new();
    for path in found {
        let changes = [Change::Drop, Change::Rename, Change::RenameOnce, Change::DropOnce, Change::EmptyOnce];
        for change in changes {
            let (mut changed, mut is_done) = (values.clone(), false);
            for value in &mut changed {
                change_key(value, &path, change, &mut is_done);
            }
            let text = text_of(&changed);
            if variants.iter().rev().take(changes.len()).all(|(.., other)| *other != text) {
                variants.push((path.join(" > "), change, text));
            }
        }
    }
    variants
}

fn columns_of(file: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(file).expect("a fixture");
    if is_table(file) {
        return vec![text.lines().next().unwrap_or_default().split(',').map(ToOwned::to_owned).collect()];
    }
    let (_, mut keys) = values_and_keys(&text);
    keys.sort();
    keys
}

/// The files that are to be read without an objection, with the mapping that reads them. One with the columns of another of
/// its folder would show nothing else.
fn files() -> Vec<(PathBuf, Option<PathBuf>)> {
    let mut columns = BTreeSet::new();
    let is_wanted = |export: &Export| {
        !["bad", "empty", "cut", "overlap"].contains(&export.stem())
            && columns.insert((export.folder.clone(), columns_of(&export.path())))
    };
    let exports = exports().into_iter().filter(is_wanted).map(|export| (export.path(), export.map()));
    let keys = fs::read_dir(fixture("usage-keys")).expect("a folder").map(|entry| entry.expect("a file").path());
    exports.chain(keys.map(|file| (file, None))).collect()
}

/// Optional columns and keys that a file may lack without a word: nobody knows whether its log ever had them (DECISIONS). One
/// that is renamed is found, and so is a column that another file has.
const UNDETECTABLE: [(&str, &str); 5] = [
    ("batchwise", "request_id"),
    ("batchwise", "tag.max_wait"),
    ("batchwise", "cache_write_tokens"),
    ("batchwise", "cache_write_1h_tokens"),
    ("claude-code", "message > usage > iterations"),
];

/// Objects of tags, by folder. Callers choose the keys in them, so that nobody knows of one that it should be there.
const CHOSEN_BY_CALLERS: [(&str, &str); 3] = [
    ("formats/bedrock-invocation-log/", "requestMetadata > "),
    ("formats/helicone-jsonl/", "request_properties > "),
    ("formats/portkey/", "metadata > "),
];

/// What became of each variant of a file, by what was changed.
fn outcomes(file: &Path, map: Option<&Path>, machines: [&Machine; 2]) -> Vec<(String, Change, Outcome)> {
    let own = map.map(|map| Machine::with(None, Some(map)));
    let is_complete = |machine: &Machine| said(machine, file.to_owned()).is_some_and(|said| said.is_complete);
    let [plain, dated] = machines;
    let machine = own.as_ref().unwrap_or(if is_complete(plain) { plain } else { dated });
    let before = said(machine, file.to_owned()).unwrap_or_else(|| panic!("{} is read", file.display()));
    let text = fs::read_to_string(file).expect("a fixture");
    let variants = if is_table(file) { tables(&text) } else { objects(&text) };
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
            let is_dropped = matches!(change, Change::Drop | Change::DropOnce);
            let is_optional =
                is_dropped && UNDETECTABLE.iter().any(|(format, optional)| name.contains(format) && *optional == key);
            // With one row there is no other that tells that a count should be there.
            let is_alone = name.starts_with("usage-keys/") || name.ends_with("/single.json");
            let is_chosen = CHOSEN_BY_CALLERS.iter().any(|(of, tags)| name.starts_with(of) && key.starts_with(tags));
            let is_unknowable = is_optional || is_chosen || change == Change::EmptyOnce && is_alone;
            if outcome == Outcome::Silent && !is_unknowable {
                silent.push(format!("{name}: {key}: {change:?}"));
            }
        }
    }
    let tried: u32 = counts.values().sum();
    let _ = writeln!(std::io::stderr(), "drift: {tried} variants: {counts:?}");
    assert!(tried > 4000, "{counts:?}");
    assert!(silent.is_empty(), "{} silent: {counts:?}\n{}", silent.len(), silent.join("\n"));
}

/// Whole and ordinary files are not talked about; one of an older vintage has one note.
#[test]
fn ordinary_exports_have_no_note_of_missing_columns() {
    for file in [
        "anthropic-cost-api/good.json",
        "anthropic-cost-csv/good.csv",
        "anthropic-tokens-csv/good.csv",
        "anthropic-usage-api/good.json",
        "batchwise-csv/good.csv",
        "batchwise-jsonl/good.jsonl",
        "focus-csv/good.csv",
        "litellm-csv/good.csv",
        "litellm-jsonl/good.jsonl",
        "mapped-csv/good.csv",
        "mapped-jsonl/good.jsonl",
        "openai-activity-csv/good.csv",
        "openai-cost-csv/good.csv",
        "openai-costs-api/good.json",
        "openai-usage-api/good.json",
        "openai-usage-csv/good.csv",
    ] {
        let file = fixture("formats").join(file);
        let map = file.with_file_name("map.yaml");
        let machine = Machine::with(None, Some(map.as_path()).filter(|map| map.exists()));
        let said = said(&machine, file.clone()).expect("it is read");
        let missing: Vec<&String> = said.notes.iter().filter(|note| note.contains("missing-")).collect();
        assert!(missing.is_empty(), "{}: {missing:?}", file.display());
    }
    let run = report_json(&[fixture("formats/anthropic-cost-csv/v1.csv")], &[]);
    let warnings = run.json()["warnings"].as_array().cloned().unwrap_or_default();
    let notes: Vec<&Value> = warnings.iter().filter(|note| note["code"] == "missing-column").collect();
    assert_eq!((run.code, notes.len()), (0, 1), "{}", run.transcript());
    assert_eq!(notes[0]["count"], 4, "context window, residency, speed, and what a line is for: {}", notes[0]);
}

/// The notes of a run about columns that are not there.
fn missing(files: &[PathBuf]) -> Vec<String> {
    let run = report_json(files, &[]);
    assert_eq!(run.code, 0, "{}", run.transcript());
    let json = run.json();
    let notes = json["warnings"].as_array().into_iter().flatten().filter(|note| note["code"] == "missing-column");
    notes.map(|note| note["message"].as_str().expect("words").to_owned()).collect()
}

/// A log that says nothing of caches may be one of calls without any; an empty column says so.
#[test]
fn a_log_without_cached_tokens_is_told_where_these_are_cheaper() {
    let folder = Folder::new();
    let log = |name: &str, model: &str, column: &str, value: &str| {
        let head = format!("timestamp,request_id,model,input_tokens,output_tokens{column}\n");
        folder.write(name, format!("{head}2026-10-05T09:00:00Z,{name},{model},2000,100{value}\n"))
    };
    let without = log("without.csv", "claude-haiku-4-5", "", "");
    let told = missing(std::slice::from_ref(&without));
    assert!(told.len() == 1 && told[0].contains(" without `cached_input_tokens`: all input"), "{told:?}");
    assert_eq!(missing(&[log("empty.csv", "claude-haiku-4-5", ",cached_input_tokens", ",")]), [""; 0]);
    assert_eq!(missing(&[log("old.csv", "gpt-4", "", "")]), [""; 0], "a model whose cached tokens cost the same");
    let with = log("with.csv", "claude-haiku-4-5", ",cached_input_tokens,service_tier", ",400,default");
    let told = missing(&[with, without]);
    let expected = "without.csv without `service_tier`, `cached_input_tokens`, which other files of its format have: ";
    assert!(told.len() == 1 && told[0].starts_with(expected), "{told:?}");
}

/// Calls of 1,000 tokens, 400 of them cached, and 100 put out, a line each; some have these words in place of what was cached.
fn calls(rows: u32, silent: u32, instead: &str) -> String {
    let call = |number: u32| {
        let cached = if number < silent { instead } else { "\"cached_input_tokens\":400," };
        format!(
            "{{\"request_id\":\"r{number}\",\"timestamp\":\"2026-10-05T09:00:00Z\",\"model\":\"claude-haiku-4-5\",\"input_tokens\":1000,{cached}\"output_tokens\":100}}\n"
        )
    };
    (0..rows).map(call).collect()
}

/// claude-haiku-4-5 costs 1, cached 0.1, output 5 dollars for a million tokens: 600 + 40 + 500 = 1,140 millionths a call, and
/// 1,500 where nothing is said to be cached.
#[test]
fn one_row_without_what_nearly_all_others_have_is_told() {
    let folder = Folder::new();
    for (rows, silent, cost, code) in [
        (200, 0, "0.228", 0),
        // 199 × 1,140 + 1,500 = 228,360; one in two hundred is damaged.
        (200, 1, "0.22836", 3),
        // 198 × 1,140 + 2 × 1,500 = 228,720; one in a hundred may be of another kind.
        (200, 2, "0.22872", 0),
        // 18 × 1,140 + 1,500 = 22,020; too few to tell.
        (19, 1, "0.02202", 0),
    ] {
        for instead in ["", "\"cached_input_tokens\":null,", "\"cached_input_tokens\":\"\","] {
            let run = report_json(&[folder.write("calls.jsonl", calls(rows, silent, instead))], &[]);
            let json = run.json();
            assert_eq!((json["cost"]["computed"].as_str(), run.code), (Some(cost), code), "{}", run.transcript());
            let note = json["incomplete"].as_array().and_then(|notes| notes.first().cloned());
            let is_told = note.as_ref().is_some_and(|note| {
                note["code"] == "missing-key"
                    && note["message"].as_str().is_some_and(|text| text.contains("`cached_input_tokens`"))
            });
            assert_eq!(is_told, code == 3, "{note:?}");
        }
    }
    // The threads count alike.
    let file = folder.write("many.jsonl", calls(60_000, 1, ""));
    let [one, four] = ["1", "4"].map(|threads| report_json(std::slice::from_ref(&file), &["--threads", threads]));
    assert_eq!((one.code, &one.stdout), (3, &four.stdout), "{}", one.stderr);
}

/// An empty count is found in tables that are read column by column, by any number of threads and through a rollup file.
#[test]
fn one_empty_count_is_told_however_it_is_read() {
    let folder = Folder::new();
    let mut log = "request_id,timestamp,model,input_tokens,cached_input_tokens,output_tokens\n".to_owned();
    for number in 0..20_000 {
        let cached = if number == 12_345 { "" } else { "400" };
        let _ = writeln!(log, "r{number},2026-10-05T09:00:00Z,claude-haiku-4-5,1000,{cached},100");
    }
    let log = folder.write("calls.csv", log);
    let rollup = folder.path("calls.rollup.csv");
    let made = finish(program().arg("rollup").arg(&log).arg("-o").arg(&rollup));
    assert_eq!(made.code, 3, "{}", made.transcript());
    for (file, threads) in [(&log, "1"), (&log, "4"), (&rollup, "1")] {
        let run = report_json(std::slice::from_ref(file), &["--threads", threads]);
        let notes = run.json()["incomplete"].to_string();
        assert_eq!(run.code, 3, "{}", run.transcript());
        assert!(notes.contains("1 row of 20,000 without what all others have (`cached_input_tokens`)"), "{notes}");
    }
}

/// One key of one row of a page: the vendor's program wrote all rows alike.
#[test]
fn one_damaged_key_in_a_page_is_told() {
    let folder = Folder::new();
    let good = fs::read_to_string(fixture("formats/anthropic-usage-api/good.json")).expect("a fixture");
    let damaged = good.replacen("\"cache_read_input_tokens\"", "\"cache_raed_input_tokens\"", 1);
    let run = report_json(&[folder.write("page.json", damaged)], &[]);
    let note = &run.json()["incomplete"];
    assert_eq!(run.code, 3, "{}", run.transcript());
    assert!(note.to_string().contains("missing-key"), "{note}");
}
