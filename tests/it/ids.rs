//! What is an id and what is none, and what is said where rows are the same call by their ids alone. Contract, section 7.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::errors::Catalogue;
use super::errors::notes::{codes, noted};
use super::support::{Folder, finish, fixture, program, report_json};

/// gpt-5.4 costs 2.50 per million tokens of input and 15 of output.
const HEADER: &str = "request_id,timestamp,provider,model,input_tokens,output_tokens\n";
/// More rows than are read at once, each with an id of its own.
const MANY: usize = 600;

/// A call of so many tokens of input and no output; `at` makes its time, within the first two weeks of October.
fn call(id: &str, at: usize, input: u64) -> String {
    let id = if id.contains([',', '"', '\n']) { format!("\"{id}\"") } else { id.to_owned() };
    format!(
        "{id},2026-10-{:02}T{:02}:{:02}:00Z,openai,gpt-5.4,{input},0\n",
        at / 60 % 14 + 1,
        at / 60 / 14 % 24,
        at % 60
    )
}

fn many() -> String {
    (0..MANY).map(|at| call(&format!("id-{at}"), at, 1000)).collect()
}

fn rows(report: &Value, input: usize) -> [u64; 3] {
    let rows = &report["inputs"][input]["rows"];
    ["accepted", "duplicate", "rejected"].map(|fate| rows[fate].as_u64().expect("a count"))
}

/// How many rows a note is about.
fn count(report: &Value, kind: &str, code: &str) -> u64 {
    let notes = report[kind].as_array().expect("a list").iter();
    notes.filter(|note| note["code"] == code).map(|note| note["count"].as_u64().expect("a count")).sum()
}

/// Three different calls under one text: as CSV, and as lines of JSON, each amid rows that are read at once; and CSV of which
/// no row is, since a field has a doubled quote.
fn three(folder: &Folder, id: &str) -> [PathBuf; 3] {
    let calls: String = (0..3).map(|at| call(id, at * 61, 2000 + at as u64)).collect();
    let log = format!("{HEADER}{}{calls}", many());
    let line = |row: csv::StringRecord| {
        let number = |at: usize| row[at].parse::<u64>().expect("a number");
        json!({"request_id": &row[0], "timestamp": &row[1], "provider": &row[2], "model": &row[3],
            "input_tokens": number(4), "output_tokens": number(5)})
        .to_string()
            + "\n"
    };
    let mut reader = csv::Reader::from_reader(log.as_bytes());
    let lines: String = reader.records().map(|row| line(row.expect("a row"))).collect();
    let odd = log.replace('\n', ",\"a \"\"b\"\"\"\n");
    let odd = odd.replacen("\"a \"\"b\"\"\"", "app", 1);
    [folder.write("log.csv", log), folder.write("log.jsonl", lines), folder.write("odd.csv", odd)]
}

#[test]
fn a_placeholder_is_no_id() {
    let folder = Folder::new();
    let zeros = "00000000-0000-0000-0000-000000000000";
    let placeholders = [
        "None",
        "NULL",
        "nil",
        "NaN",
        "n/a",
        "NA",
        "undefined",
        "Unknown",
        "-",
        "--",
        "0",
        "False",
        "[]",
        "{}",
        "\\N",
        "#REF!",
        "#N/A",
        "#DIV/0!",
        "#NAME?",
        " none ",
        zeros,
    ];
    let mangled = ["1.23457E+15", "1,23457E+15", "1E+15", "1.5e9"];
    let texts = placeholders.map(|id| (id, "warnings", "placeholder-ids", 0)).into_iter();
    for (id, kind, code, exit) in texts.chain(mangled.map(|id| (id, "incomplete", "mangled-ids", 3))) {
        for file in three(&folder, id) {
            let run = report_json(std::slice::from_ref(&file), &[]);
            let report = run.json();
            assert_eq!((run.code, rows(&report, 0)), (exit, [603, 0, 0]), "{id:?} {file:?}");
            assert_eq!(count(&report, kind, code), 3, "{id:?} {file:?}");
            // 600 × 1000 + 2000 + 2001 + 2002 tokens at 2.5 per million.
            assert_eq!(report["cost"]["computed"], "1.5150075", "{id:?} {file:?}");
        }
        // Nothing is known of duplicates either, so every line of classify is there.
        let lines = finish(program().args(["classify", "--quiet"]).arg(folder.path("log.csv")));
        assert_eq!(lines.stdout.lines().count(), 604, "{id:?}: a header and 603 calls");
    }
    // Ids that look like none: three different calls are one, the largest.
    for id in ["nonesuch", "00", "0.0", "7302e914", "1.5", "-1", "{a}", "#1", "id-without"] {
        for file in three(&folder, id) {
            let report = report_json(&[file], &[]).json();
            assert_eq!(rows(&report, 0), [601, 2, 0], "{id:?}");
            assert_eq!(count(&report, "warnings", "placeholder-ids"), 0, "{id:?}");
        }
    }
}

#[test]
fn json_that_is_no_id() {
    let folder = Folder::new();
    for id in ["0", "false", "[]", "{}", "{ }", "null"] {
        let line = |at: usize| {
            format!(
                "{{\"request_id\": {id}, \"timestamp\": \"2026-10-0{at}T10:00:00Z\", \"provider\": \"openai\", \"model\": \"gpt-5.4\", \"input_tokens\": {at}000, \"output_tokens\": 0}}\n"
            )
        };
        let file = folder.write("log.jsonl", (1..=3).map(line).collect::<String>());
        let report = report_json(&[file], &[]).json();
        assert_eq!(rows(&report, 0), [3, 0, 0], "{id}");
        assert_eq!(count(&report, "warnings", "placeholder-ids"), if id == "null" { 0 } else { 3 }, "{id}");
    }
}

/// Whoever counts from 0 has one row with it an input, and that is an id like any other.
#[test]
fn zero_is_an_id_where_it_stands_once() {
    let folder = Folder::new();
    let log = |name: &str, zeros: usize| {
        let zeros: String = (0..zeros).map(|_| call("0", 5, 3000)).collect();
        folder.write(name, format!("{HEADER}{zeros}{}", many()))
    };
    let (once, twice) = (log("once.csv", 1), log("twice.csv", 2));
    let more = folder.write("more.csv", format!("{HEADER}{}{}", call("0", 5, 3000), call("other", 7, 1000)));
    let report = report_json(&[once.clone(), more.clone()], &[]).json();
    assert_eq!([rows(&report, 0), rows(&report, 1)], [[601, 0, 0], [1, 1, 0]]);
    assert_eq!(codes(&report["warnings"]), ["told-twice"]);
    let report = report_json(std::slice::from_ref(&twice), &[]).json();
    assert_eq!((rows(&report, 0), count(&report, "warnings", "placeholder-ids")), ([602, 0, 0], 2));
    // 600 × 1000 + 2 × 3000 tokens at 2.5 per million.
    assert_eq!(report["cost"]["computed"], "1.515");
    // It is none in the one file, and an id in the other.
    let report = report_json(&[twice, more], &[]).json();
    assert_eq!([rows(&report, 0), rows(&report, 1)], [[602, 0, 0], [2, 0, 0]]);
    assert_eq!(count(&report, "warnings", "placeholder-ids"), 2);
    let report = report_json(&[once], &["--no-dedupe"]).json();
    assert_eq!(rows(&report, 0), [601, 0, 0]);
}

/// Of 200 rows so many have the id of another row, another time and a larger prompt, but less output: they do not count.
fn repeating(folder: &Folder, repeats: usize) -> PathBuf {
    let first: String =
        (0..200 - repeats).map(|at| call(&format!("id-{at}"), at, 1000).replace(",0\n", ",100\n")).collect();
    let again: String = (0..repeats).map(|at| call(&format!("id-{at}"), at + 300, 200_000)).collect();
    folder.write("log.csv", format!("{HEADER}{first}{again}"))
}

#[test]
fn ids_of_many_calls() {
    let mut catalogue = Catalogue::new();
    let files = [repeating(&catalogue.folder, 2)];
    let report = noted(&mut catalogue, "one in a hundred", &files, &[], 0);
    // 2 × 200,000 tokens at 2.5 per million.
    assert!(report["warnings"].to_string().contains("($1.00 at list price)"), "{report}");
    assert_eq!(count(&report, "warnings", "duplicates-differ"), 2);
    let files = [repeating(&catalogue.folder, 3)];
    let report = report_json(&files, &[]).json();
    assert_eq!(rows(&report, 0), [197, 3, 0], "they count as before");
    // 197 × (1000 × 2.5 + 100 × 15) per million.
    assert_eq!(report["cost"]["computed"], "0.788");
    let report = noted(&mut catalogue, "more than one in a hundred", &files, &[], 3);
    assert_eq!((codes(&report["incomplete"]), count(&report, "incomplete", "ids-repeat")), (vec!["ids-repeat"], 3));
    assert!(report["incomplete"].to_string().contains("($1.50 at list price)"), "{report}");
    assert!(!codes(&report["warnings"]).contains(&"duplicates-differ"), "{report}");
    // The same told by another input alone.
    let text = std::fs::read_to_string(&files[0]).expect("just written");
    let (first, again) = text.split_once("id-0,2026-10-06").expect("the first that repeats");
    let split = [
        catalogue.folder.write("first.csv", first),
        catalogue.folder.write("again.csv", format!("{HEADER}id-0,2026-10-06{again}")),
    ];
    let report = noted(&mut catalogue, "in a file of their own", &split, &[], 3);
    assert_eq!(count(&report, "incomplete", "ids-repeat"), 3);
    assert!(report["incomplete"].to_string().contains("again.csv: 3 of 3 rows"), "{report}");
    // Without a price, and counted one by one.
    let unpriced = text.replace("gpt-5.4,200000", "gpt-99,200000");
    let unpriced = [catalogue.folder.write("unpriced.csv", unpriced)];
    noted(&mut catalogue, "without a price", &unpriced, &[], 3);
    let report = report_json(&files, &["--no-dedupe"]).json();
    assert_eq!((rows(&report, 0), &report["incomplete"]), ([200, 0, 0], &json!([])));
    catalogue.keep("ids-repeat");
}

/// Some gateways make ids of three digits: of 90,000 calls 1,000 are left, and the note says what the others cost, whatever
/// thread met them first.
#[test]
fn ids_of_three_digits() {
    let folder = Folder::new();
    let calls: String = (0..90_000).map(|at| call(&format!("{:03}", at % 1000), at, 1000 + at as u64)).collect();
    let file = [folder.write("log.csv", format!("{HEADER}{calls}"))];
    assert!(std::fs::metadata(&file[0]).expect("written").len() > 4 << 20, "enough for several threads");
    let runs = ["1", "4"].map(|threads| report_json(&file, &["--threads", threads]));
    assert_eq!(runs[0].stdout, runs[1].stdout);
    let report = runs[0].json();
    // Of each id the last and longest counts: the prompts of 89,000 to 89,999 plus 1000, 90,499.5 on average.
    assert_eq!((rows(&report, 0), &report["cost"]["computed"]), ([1000, 89_000, 0], &json!("226.24875")));
    // All others: 89,000 calls of 1000 + 44,499.5 tokens on average are 4,049,455,500 tokens at 2.50 a million.
    assert_eq!(count(&report, "incomplete", "ids-repeat"), 89_000);
    assert!(report["incomplete"].to_string().contains("$10,123.64 at list price"), "{}", report["incomplete"]);
}

/// A stream logs its progress, a shipper sends again, a batch is polled: all that is one call.
#[test]
fn what_is_told_again_repeats_no_id() {
    let folder = Folder::new();
    let row = |id: usize, minute: usize, input: u64, output: u64| {
        format!("id-{id},2026-10-05T10:{minute:02}:00Z,openai,gpt-5.4,{input},{output}\n")
    };
    let progress: String =
        (0..20).flat_map(|id| [row(id, id, 1000, 10), row(id, id + 1, 1000, 20), row(id, id + 2, 1000, 30)]).collect();
    let corrected: String = (0..20).flat_map(|id| [row(id, id, 0, 10), row(id, id, 900, 10)]).collect();
    for log in [progress, corrected] {
        let report = report_json(&[folder.write("log.csv", format!("{HEADER}{log}"))], &[]).json();
        assert_eq!((rows(&report, 0)[0], &report["incomplete"]), (20, &json!([])));
        assert_eq!(count(&report, "warnings", "duplicates-differ"), 0, "{}", report["warnings"]);
    }
    // The mapping says that a batch goes by its id: three polls, each later, with more of it done.
    let good = std::fs::read_to_string(fixture("formats/litellm-jsonl/good.jsonl")).expect("a fixture");
    let batch: Value =
        serde_json::from_str(good.lines().find(|line| line.contains("aretrieve_batch")).expect("a batch"))
            .expect("an object");
    let poll = |at: u64| {
        let mut batch = batch.clone();
        batch["response"] = json!({"id": "batch_invented_7"});
        batch["request_id"] = json!(format!("poll-{at}"));
        batch["startTime"] = json!(format!("2026-10-06T12:0{at}:00Z"));
        batch["endTime"] = json!(format!("2026-10-06T12:0{at}:01Z"));
        for key in ["prompt_tokens", "total_tokens"] {
            batch[key] = json!(batch[key].as_u64().expect("a count") + at * 1000);
        }
        batch["metadata"] = json!({"status": "success", "batch_successful_requests": 200});
        batch.to_string() + "\n"
    };
    let report = report_json(&[folder.write("polls.jsonl", (1..=3).map(poll).collect::<String>())], &[]).json();
    assert_eq!((rows(&report, 0), codes(&report["incomplete"])), ([1, 2, 0], vec![]), "{report}");
    assert_eq!(count(&report, "warnings", "duplicates-differ"), 0, "{}", report["warnings"]);
}

#[test]
fn calls_that_cannot_be_known_again() {
    let mut catalogue = Catalogue::new();
    let header = "timestamp,provider,model,input_tokens,output_tokens";
    let week = "2026-10-05T10:00:00Z,openai,gpt-5.4,1000,100\n2026-10-11T10:00:00Z,openai,gpt-5.4,1000,100";
    let with = |catalogue: &Catalogue, name: &str, content: String| catalogue.folder.write(name, content);
    let log = with(&catalogue, "log.csv", format!("{header}\n{week}\n"));
    let twin = with(&catalogue, "twin.csv", format!("{header}\n{week}\n").replace('\n', "\r\n"));
    let report = noted(&mut catalogue, "the same with other line ends", &[log.clone(), twin], &[], 0);
    assert_eq!(count(&report, "warnings", "calls-without-ids"), 2);
    let is_told = |other: PathBuf| {
        let report = report_json(&[log.clone(), other], &[]).json();
        codes(&report["warnings"]).contains(&"calls-without-ids")
    };
    assert!(!is_told(with(&catalogue, "copy.csv", format!("{header}\n{week}\n"))), "equal bytes count once");
    let later = week.replace("2026-10-05", "2026-10-12").replace("2026-10-11", "2026-10-13");
    assert!(!is_told(with(&catalogue, "later.csv", format!("{header}\n{later}\n"))), "other days");
    let claude = week.replace("openai,gpt-5.4", "anthropic,claude-haiku-4-5");
    assert!(!is_told(with(&catalogue, "claude.csv", format!("{header}\n{claude}\n"))), "another provider");
    let ids = format!("{HEADER}a,{}\n", week.replace('\n', "\nb,"));
    assert!(is_told(with(&catalogue, "ids.csv", ids.clone())), "nothing says that a call with an id is another");
    let both =
        [with(&catalogue, "ids.csv", ids.clone()), with(&catalogue, "more.csv", ids.replace(",1000,", ",2000,"))];
    let report = report_json(&both, &[]).json();
    assert!(!codes(&report["warnings"]).contains(&"calls-without-ids"), "all have ids");
    let part = catalogue.folder.path("part.csv");
    assert_eq!(finish(program().arg("rollup").arg(&both[0]).arg("-o").arg(&part)).code, 0);
    let report = noted(&mut catalogue, "a rollup file and a log of its days", &[part, both[1].clone()], &[], 0);
    assert_eq!(count(&report, "warnings", "duplicates-unchecked"), 2);
    let placeholders = ids.replace("\na,", "\nNone,").replace("\nb,", "\nNone,");
    let files = [with(&catalogue, "none.csv", placeholders)];
    noted(&mut catalogue, "a word for no id", &files, &[], 0);
    catalogue.keep("calls-without-ids");
}

#[test]
fn a_quote_inside_a_name_is_told() {
    let mut catalogue = Catalogue::new();
    let header = "timestamp,provider,model,workload_tag,input_tokens,output_tokens,comment\n";
    let log = |tag: &str, comment: &str| {
        let row = |day: u8, tag: &str, comment: &str| {
            format!("2026-10-{day:02}T10:00:00Z,openai,gpt-5.4,{tag},1000,100,{comment}\n")
        };
        format!("{header}{}{}", row(5, tag, comment), row(11, "chat", ""))
    };
    let files = [catalogue.folder.write("log.csv", log("nightly\" eval", ""))];
    let report = noted(&mut catalogue, "a quote inside a name", &files, &[], 0);
    assert_eq!(count(&report, "warnings", "quote"), 1);
    assert!(report["workloads"].to_string().contains("nightly\\\" eval"), "the name is taken as it stands");
    // In a column that nothing reads, and where quotes are as they should be, there is nothing to tell.
    for (tag, comment) in [("nightly", "5\" floppy"), ("\"nightly \"\"eval\"\"\"", ""), ("\"nightly\"", "")] {
        let file = catalogue.folder.write("log.csv", log(tag, comment));
        assert!(!codes(&report_json(&[file], &[]).json()["warnings"]).contains(&"quote"), "{tag} {comment}");
    }
    catalogue.keep("quote-inside");
}
