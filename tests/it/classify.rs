//! `classify`: one line a call, whose sums are the report's.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use batchwise::money::{DecimalStyle, Money};
use serde_json::Value;

use crate::exports::exports;
use crate::support::{Folder, Run, finish, fixture, program, report_json, run_with_input};

const COLUMNS: &str = "file,row,id,time,provider,model,workload,requests,input,cache_read,cache_write_5m,cache_write_1h,output,tier,verdict,band,reasons,cost,batch_cost,saving";

fn money(text: &str) -> Money {
    if text.is_empty() {
        return Money::ZERO;
    }
    let (amount, rounded) = Money::parse(text, DecimalStyle::Point).unwrap_or_else(|error| panic!("`{text}`: {error}"));
    assert!(!rounded, "`{text}` is not exact");
    amount
}

fn add(sum: &mut Money, amount: Money) {
    *sum = sum.add(amount).expect("a bill");
}

/// What lines with one workload, provider, model, verdict and band add up to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sums {
    requests: u64,
    cost: Money,
    batch_cost: Money,
    saving: Money,
}

/// Workload, provider, model, verdict and band.
type Key = [String; 5];

/// Lines as maps from column to text, whichever form they came in.
fn lines(csv: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().expect("a header").clone();
    reader
        .records()
        .map(|record| {
            header.iter().map(ToOwned::to_owned).zip(record.expect("a line").iter().map(ToOwned::to_owned)).collect()
        })
        .collect()
}

fn sums_of_lines(lines: &[BTreeMap<String, String>]) -> BTreeMap<Key, Sums> {
    let mut sums: BTreeMap<Key, Sums> = BTreeMap::new();
    for line in lines {
        let key = ["workload", "provider", "model", "verdict", "band"].map(|column| line[column].clone());
        let sum = sums.entry(key).or_default();
        sum.requests += line["requests"].parse::<u64>().unwrap_or_default();
        add(&mut sum.cost, money(&line["cost"]));
        add(&mut sum.batch_cost, money(&line["batch_cost"]));
        add(&mut sum.saving, money(&line["saving"]));
    }
    sums
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The same of a report's rows; their savings are checked against the scenarios elsewhere.
fn sums_of_report(report: &Value) -> BTreeMap<Key, Sums> {
    let rows = report["workloads"].as_array().expect("rows").iter();
    rows.map(|row| {
        let key = ["workload", "provider", "model", "verdict", "band"].map(|column| text(&row[column]));
        let (cost, batch_cost) = (money(&text(&row["cost"])), money(&text(&row["batch_cost"])));
        let saving = if row["band"].is_null() || row["batch_cost"].is_null() {
            Money::ZERO
        } else {
            cost.sub(batch_cost).expect("a bill")
        };
        (key, Sums { requests: row["requests"].as_u64().unwrap_or_default(), cost, batch_cost, saving })
    })
    .collect()
}

fn classify(files: &[PathBuf], words: &[&str]) -> Run {
    finish(program().arg("classify").args(files).args(words))
}

/// Lines of `classify` add up to `report` for the same inputs, row by row and in all.
fn adds_up(files: &[PathBuf], words: &[&str]) -> Vec<BTreeMap<String, String>> {
    let (report, csv) = (report_json(files, words), classify(files, words));
    assert_eq!((csv.code, &csv.stderr), (report.code, &report.stderr), "the same notes and exit code: {files:?}");
    assert_eq!(csv.stdout.lines().next(), Some(COLUMNS));
    let (report, lines) = (report.json(), lines(&csv.stdout));
    let (mut of_lines, of_report) = (sums_of_lines(&lines), sums_of_report(&report));
    for (key, row) in &of_report {
        let sums = of_lines.remove(key).unwrap_or_else(|| panic!("{files:?}: no line of {key:?}"));
        // A row has no batch cost as soon as one priced call has none.
        let known = report["workloads"].as_array().expect("rows").iter().any(|line| {
            ["workload", "provider", "model", "verdict", "band"].map(|column| text(&line[column])) == *key
                && line["batch_cost"].is_string()
        });
        let sums = if known { sums } else { Sums { batch_cost: Money::ZERO, saving: Money::ZERO, ..sums } };
        assert_eq!(sums, *row, "{files:?}: {key:?}");
    }
    assert!(of_lines.is_empty(), "{files:?}: lines of no row: {of_lines:?}");
    for result in report["eligibility"].as_array().expect("results") {
        let of_result = lines
            .iter()
            .filter(|line| line["verdict"] == text(&result["verdict"]) && line["band"] == text(&result["band"]));
        let mut cost = Money::ZERO;
        of_result.for_each(|line| add(&mut cost, money(&line["cost"])));
        assert_eq!(cost.to_string(), text(&result["cost"]), "{files:?}: {result}");
    }
    let jsonl = classify(files, &[words, &["--format", "jsonl"]].concat());
    assert_eq!(jsonl.code, csv.code);
    assert_eq!(from_json(&jsonl.stdout), lines, "{files:?}: both forms say the same");
    lines
}

/// JSON lines in the form of CSV lines.
fn from_json(jsonl: &str) -> Vec<BTreeMap<String, String>> {
    jsonl
        .lines()
        .map(|line| {
            let value: serde_json::Map<String, Value> = serde_json::from_str(line).expect("a JSON object");
            assert_eq!(value.keys().map(String::as_str).collect::<Vec<_>>().join(","), COLUMNS);
            let plain = |value: &Value| match value {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                Value::Array(codes) => codes.iter().map(text).collect::<Vec<_>>().join(" "),
                other => panic!("an unexpected value: {other}"),
            };
            value.iter().map(|(name, value)| (name.clone(), plain(value))).collect()
        })
        .collect()
}

#[test]
fn the_sample_adds_up() {
    let lines = adds_up(&[fixture("verdicts/october.csv")], &[]);
    assert_eq!(lines.len(), 5143, "duplicates have no line");
    assert_eq!(lines[0]["file"], "october.csv");
    let rows: Vec<u64> = lines.iter().map(|line| line["row"].parse().expect("a line number")).collect();
    assert!(rows.is_sorted() && rows[0] == 2, "in the order of the file, by its lines");
}

#[test]
fn every_format_adds_up() {
    for export in exports() {
        let words = std::iter::once("--quiet").chain(export.options.iter().map(String::as_str)).collect::<Vec<_>>();
        adds_up(&[export.path()], &words);
    }
    let folder = fixture("formats");
    let of = |path: &str| folder.join(path);
    adds_up(&[of("anthropic-tokens-csv/good.csv"), of("anthropic-cost-csv/good.csv")], &["--quiet"]);
    adds_up(&[of("openai-cost-csv/good.csv"), of("openai-usage-csv/good.csv")], &["--quiet"]);
    adds_up(
        &[of("batchwise-csv/good.csv"), of("batchwise-jsonl/good.jsonl"), of("litellm-csv/good.csv")],
        &["--quiet"],
    );
    adds_up(&[of("openai-usage-csv/good.csv")], &["--quiet", "--from", "2026-10-03", "--to", "2026-10-05"]);
}

#[test]
fn rows_told_in_different_ways_add_up() {
    let folder = Folder::new();
    let header = "request_id,timestamp,model,workload_tag,input_tokens,output_tokens\n";
    let row =
        |id: &str, workload: &str, output: u32| format!("{id},2026-10-05T10:00:00Z,gpt-5.4,{workload},1000,{output}\n");
    // `a` is told three times, its last telling counts; `b` twice alike; `c` in both files with more output in the second.
    let first = format!(
        "{header}{}{}{}{}{}{}",
        row("a", "x", 1),
        row("a", "y", 50),
        row("b", "x", 7),
        row("b", "x", 7),
        row("c", "x", 5),
        row("a", "x", 9)
    );
    let second = format!("{header}{}{}{}", row("c", "y", 6), row("b", "x", 7), row("d", "y", 2));
    let files = [folder.write("first.csv", first), folder.write("second.csv", second)];
    for order in [[0, 1], [1, 0]] {
        let files = order.map(|index| files[index].clone());
        let lines = adds_up(&files, &[]);
        let mut told: Vec<String> =
            lines.iter().map(|line| format!("{} {} {}", line["id"], line["workload"], line["output"])).collect();
        told.sort();
        assert_eq!(told, ["a y 50", "b x 7", "c y 6", "d y 2"]);
    }
    let all = adds_up(&files, &["--no-dedupe"]);
    assert_eq!(all.len(), 9, "every row has a line");
    let copy = folder.write("copy.csv", std::fs::read(&files[0]).expect("a file"));
    assert_eq!(adds_up(&[files[0].clone(), copy], &[]).len(), 3, "a copy of a file has no lines");
}

#[test]
fn a_contest_of_equals_has_one_line() {
    let folder = Folder::new();
    let header = "request_id,timestamp,model,workload_tag,input_tokens,output_tokens\n";
    let row = |workload: &str| format!("a,2026-10-05T10:00:00Z,gpt-5.4,{workload},1000,50\n");
    // The winner is told twice in one file and once in the other.
    let files = [
        folder.write("first.csv", format!("{header}{}{}{}", row("x"), row("y"), row("y"))),
        folder.write("second.csv", format!("{header}{}{}", row("y"), row("x"))),
    ];
    let lines = adds_up(&files, &[]);
    assert_eq!((lines.len(), lines[0]["workload"].as_str()), (1, "y"), "the bytewise last of equals");
}

#[test]
fn formulas_get_an_apostrophe_and_numbers_never() {
    let folder = Folder::new();
    let rows = [("=1+1", "-5"), ("-5", "-0.25"), ("+5", "+1"), ("@x", "1e-3"), ("\t=1", "0"), ("plain", "5")];
    // An id holds no control characters, or its row is rejected.
    let rows =
        rows.map(|(name, cost)| format!("2026-10-05T10:00:00Z,gpt-5.4,\"{name}\",{},1000,100,{cost}", name.trim()));
    let calls = folder.write(
        "calls.csv",
        format!("timestamp,model,workload_tag,request_id,input_tokens,output_tokens,cost_usd\n{}\n", rows.join("\n")),
    );
    let lines = lines(&classify(&[calls], &["--quiet"]).stdout);
    let cells = |column: &str| lines.iter().map(|line| line[column].as_str()).collect::<Vec<_>>();
    assert_eq!(cells("id"), ["'=1+1", "'-5", "'+5", "'@x", "'=1", "plain"]);
    assert_eq!(cells("workload"), ["'=1+1", "'-5", "'+5", "'@x", "\\u{9}=1", "plain"]);
    for column in ["row", "requests", "input", "output", "cost", "batch_cost", "saving"] {
        assert!(cells(column).iter().all(|cell| !cell.starts_with('\'')), "{column}");
    }
    // A saving below zero stays a number: cached prompts in a workload that a rule sends to batch.
    let policy = folder
        .write("policy.yaml", "schema: 1\nlimits: {min_requests: 0}\nrules: [{id: all, when: {}, then: batch}]\n");
    let cached = "timestamp,model,input_tokens,cached_input_tokens,output_tokens\n2026-10-05T10:00:00Z,gpt-5.4,100000,100000,1\n2026-10-05T10:00:00Z,gpt-5.4,300000,0,1000\n";
    let cached = folder.write("cached.csv", cached);
    let run = classify(&[cached], &["--quiet", "--policy", policy.to_str().expect("a path of text")]);
    assert!(run.stdout.lines().any(|line| line.ends_with(",-0.0999925")), "{}", run.stdout);
}

#[test]
fn standard_input_is_read_twice() {
    let file = fixture("formats/batchwise-csv/good.csv");
    let content = std::fs::read(&file).expect("a fixture");
    let of_file = classify(&[file], &["--quiet"]);
    let piped = run_with_input(&["classify", "-", "--quiet"], &content);
    assert_eq!(piped.code, of_file.code);
    assert_eq!(piped.stdout.replace("\n-,", "\ngood.csv,"), of_file.stdout);
    let report = run_with_input(&["report", "-", "--quiet", "--format", "json"], &content);
    assert_eq!(report.json()["inputs"][0]["file"], "-");
}

#[test]
fn files_hold_the_same_lines() {
    let folder = Folder::new();
    let calls = fixture("formats/litellm-csv/good.csv");
    for (name, form) in [("lines.csv", "csv"), ("lines.jsonl", "jsonl")] {
        let path = folder.path(name);
        let run = classify(std::slice::from_ref(&calls), &["-o", path.to_str().expect("a path of text")]);
        assert_eq!((run.code, run.stdout.as_str()), (0, ""));
        let printed = classify(std::slice::from_ref(&calls), &["--format", form]).stdout;
        assert_eq!(std::fs::read_to_string(path).expect("written"), printed);
    }
}

#[test]
fn lines_as_they_look() {
    let show = |file: &Path, words: &[&str]| classify(&[file.to_owned()], words).transcript();
    let mut page: Vec<String> = Vec::new();
    for (file, words) in [
        ("formats/batchwise-csv/bad.csv", &[][..]),
        ("formats/anthropic-tokens-csv/good-2025.csv", &["--format", "jsonl"]),
        ("formats/openai-cost-csv/good.csv", &["--from", "2026-10-01", "--to", "2026-10-02"]),
    ] {
        page.push(format!("\n===== classify {file} {}\n{}", words.join(" "), show(&fixture(file), words)));
    }
    insta::assert_snapshot!("lines", page.concat());
}
