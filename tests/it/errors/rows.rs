//! Rows that are not counted: each with its line, column, value and reason on standard error, and whole in `--rejects`.

use std::fs;
use std::path::{Path, PathBuf};

use super::Catalogue;
use crate::support::{Folder, finish, fixture, program, report_json};

/// Of the report, what it says about rows.
fn about_rows(line: &str) -> bool {
    line.contains("rows read") || line.contains("INCOMPLETE")
}

/// A log in the tool's own format with one mistake a row, each with the code it is rejected with.
const MISTAKES: [(&str, &str); 22] = [
    ("time", "yesterday,gpt-5.4,1000,0,100,,,,"),
    ("time", "2026-02-30T10:00:00Z,gpt-5.4,1000,0,100,,,,"),
    ("time", "05.10.2026,gpt-5.4,1000,0,100,,,,"),
    ("time", "2026-10-05T10:00:00Z,gpt-5.4,1000,0,100,,,,2026-10-05T09:00:00Z"),
    ("missing", ",gpt-5.4,1000,0,100,,,,"),
    ("missing", "2026-10-05T10:00:00Z,,1000,0,100,,,,"),
    ("missing", "2026-10-05T10:00:00Z,gpt-5.4,,0,100,,,,"),
    ("number", "2026-10-05T10:00:00Z,gpt-5.4,12k,0,100,,,,"),
    ("number", "2026-10-05T10:00:00Z,gpt-5.4,12.5,0,100,,,,"),
    ("number", "2026-10-05T10:00:00Z,gpt-5.4,1e30,0,100,,,,"),
    ("number", "2026-10-05T10:00:00Z,gpt-5.4,#REF!,0,100,,,,"),
    ("number", "2026-10-05T10:00:00Z,gpt-5.4,1000,0,100,,,NaN,"),
    ("number", "2026-10-05T10:00:00Z,gpt-5.4,1000,0,100,,OK?,,"),
    ("negative", "2026-10-05T10:00:00Z,gpt-5.4,-5,0,100,,,,"),
    ("negative", "2026-10-05T10:00:00Z,gpt-5.4,1000,0,-1,,,0.50,"),
    ("tokens", "2026-10-05T10:00:00Z,gpt-5.4,1000,1001,100,,,0.25,"),
    ("implausible", "2026-10-05T10:00:00Z,gpt-5.4,9007199254740991,0,100,,,,"),
    ("implausible", "2026-10-05T10:00:00Z,gpt-5.4,1000,0,1000000001,,,,"),
    ("boolean", "2026-10-05T10:00:00Z,gpt-5.4,1000,0,100,sometimes,,,"),
    ("output-missing", "2026-10-05T10:00:00Z,gpt-5.4,1000,0,,,,,"),
    ("width", "2026-10-05T10:00:00Z,gpt-5.4,1000,0,100"),
    ("width", "2026-10-05T10:00:00Z,gpt-5.4,1000,0,100,,,,,"),
];

const HEADER: &str = "timestamp,model,input_tokens,cached_input_tokens,output_tokens,stream,status,cost_usd,bucket_end";
const GOOD: &str = "2026-10-05T10:00:00Z,gpt-5.4,1000,0,100,false,200,0.004,";

/// Codes of all rejected rows by line, from the file of `--rejects`.
fn rejected_codes(path: &Path) -> Vec<String> {
    let mut reader = csv::Reader::from_path(path).expect("a CSV file");
    reader.records().map(|record| record.expect("a record")[3].to_owned()).collect()
}

#[test]
fn one_mistake_a_row() {
    let mut catalogue = Catalogue::new();
    let rows: Vec<&str> = MISTAKES.iter().map(|(_, row)| *row).collect();
    let calls = catalogue.folder.write("calls.csv", format!("{HEADER}\n{GOOD}\n{}\n{GOOD}\n", rows.join("\n")));
    let rejects = catalogue.folder.path("rejects.csv");
    let run = catalogue.reported(
        "",
        std::slice::from_ref(&calls),
        &["--rejects", &rejects.display().to_string()],
        about_rows,
    );
    assert_eq!(run.code, 3);
    let expected: Vec<&str> = MISTAKES.iter().map(|(code, _)| *code).collect();
    assert_eq!(rejected_codes(&rejects), expected);
    catalogue.written("rejects.csv", &rejects);
    // The two good rows are all that counts, and every row and dollar is in the ledger.
    let json = report_json(&[calls], &[]).json();
    let input = &json["inputs"][0];
    assert_eq!(
        (&input["rows"]["accepted"], &input["rows"]["rejected"], &input["rows"]["read"]),
        (&2.into(), &MISTAKES.len().into(), &25.into())
    );
    assert_eq!((&input["billed"]["accepted"], &input["billed"]["rejected"]), (&"0.008".into(), &"0.75".into()));
    catalogue.keep("rejected-rows");
}

#[test]
fn bytes_and_quotes() {
    let mut catalogue = Catalogue::new();
    let mut content = format!("{HEADER}\n{GOOD}\n").into_bytes();
    content.extend_from_slice(b"2026-10-05T10:00:00Z,gpt-\xfc,1000,0,100,,,,\n");
    content.extend_from_slice(b"2026-10-05T10:00:00Z,gpt-5.4\x00,1000,0,100,,,,\n");
    content.extend_from_slice(b"2026-10-05T10:00:00Z,\"gpt-5.4\"x,1000,0,100,,,,\n");
    content.extend_from_slice(b"2026-10-05T10:00:00Z,\"gpt\n-5.4\",12k,0,100,,,,\n");
    content.extend_from_slice(b"2026-10-05T10:00:00Z,gpt-5.4,1000,0,100,,,\n");
    let calls = catalogue.folder.write("calls.csv", content);
    let rejects = catalogue.folder.path("rejects.csv");
    let run = catalogue.reported(
        "",
        std::slice::from_ref(&calls),
        &["--rejects", &rejects.display().to_string()],
        about_rows,
    );
    assert_eq!(run.code, 3);
    assert_eq!(rejected_codes(&rejects), ["encoding", "nul", "quote", "damaged", "width"]);
    let written = catalogue.written("rejects.csv", &rejects);
    assert!(written.contains("calls.csv,6,7,damaged"), "a row over two lines names both: {written}");
    assert!(written.contains("calls.csv,8,8,width"), "lines are those of the file: {written}");
    catalogue.keep("bytes-and-quotes");
}

#[test]
fn json_lines() {
    let mut catalogue = Catalogue::new();
    let good = "{\"timestamp\": \"2026-10-05T10:00:00Z\", \"model\": \"gpt-5.4\", \"input_tokens\": 1000, \"output_tokens\": 100}";
    let lines = [
        good,
        &good[..60],
        &good.replace("1000", "\"12k\""),
        &good.replace("1000", "1000, \"input_tokens\": 2000"),
        &good.replace("1000", "[1000]"),
        "[1, 2]",
        "null",
        &format!("{good}{good}"),
        &good.replace("100}", "true}"),
        good,
    ];
    let calls = catalogue.folder.write("calls.jsonl", lines.join("\n"));
    let run = catalogue.reported("", std::slice::from_ref(&calls), &[], about_rows);
    assert_eq!(run.code, 3);
    let rows = report_json(&[calls], &[]).json()["inputs"][0]["rows"].clone();
    assert_eq!((&rows["accepted"], &rows["rejected"]), (&2.into(), &8.into()));
    catalogue.keep("json-lines");
}

#[test]
fn numbers_that_read_both_ways() {
    let mut catalogue = Catalogue::new();
    let calls = catalogue.folder.write(
        "calls.csv",
        "when,model,prompt,answer\n2026-10-05T10:00:00Z,gpt-5.4,\"1,234\",100\n2026-10-05T10:00:00Z,gpt-5.4,1234,100\n",
    );
    let map = fs::read_to_string(fixture("maps/our-export.yaml")).expect("a mapping");
    for (declared, exit) in [("", 3), ("decimal: point\n", 0), ("decimal: comma\n", 3)] {
        let map = catalogue.folder.write("map.yaml", format!("{map}{declared}"));
        let title = if declared.is_empty() { "nothing declared" } else { declared.trim() };
        let run =
            catalogue.reported(title, std::slice::from_ref(&calls), &["--map", &map.display().to_string()], about_rows);
        assert_eq!(run.code, exit, "{title}");
    }
    catalogue.keep("ambiguous-numbers");
}

#[test]
fn rows_of_single_formats() {
    let mut catalogue = Catalogue::new();
    let mut window: Vec<String> = Vec::new();
    let good = fs::read_to_string(fixture("formats/anthropic-tokens-csv/good.csv")).expect("a fixture");
    for (index, line) in good.lines().enumerate() {
        window.push(if index == 1 { line.replace("≤ 200k", "200k-100k") } else { line.to_owned() });
    }
    let tokens = catalogue.folder.write("tokens.csv", window.join("\n"));
    let run = catalogue.reported("a context window from more to less", &[tokens], &[], about_rows);
    assert_eq!(run.code, 3);
    for format in ["openai-usage-csv", "openai-cost-csv", "anthropic-tokens-csv", "anthropic-cost-csv", "litellm-csv"] {
        let bad = fixture(&format!("formats/{format}/bad.csv"));
        let run = catalogue.reported(format, &[bad], &[], about_rows);
        assert_eq!(run.code, 3, "{format}");
    }
    for format in ["openai-usage-api", "openai-costs-api", "anthropic-usage-api", "anthropic-cost-api"] {
        let bad = fixture(&format!("formats/{format}/bad.json"));
        let run = catalogue.reported(format, &[bad], &[], about_rows);
        assert_eq!(run.code, 3, "{format}");
    }
    let cut_off = fixture("formats/openai-usage-api/cut-off.json");
    let run = catalogue.reported("a page that another one follows", &[cut_off], &[], about_rows);
    assert_eq!(run.code, 3);
    catalogue.keep("rows-of-formats");
}

#[test]
fn at_most_twenty_of_a_code_are_shown() {
    let mut catalogue = Catalogue::new();
    let calls = catalogue.folder.write(
        "calls.csv",
        format!("{HEADER}\n{GOOD}\n{}{}", "short,row\n".repeat(25), format!("x,{GOOD}\n").repeat(2)),
    );
    let rejects = catalogue.folder.path("rejects.csv");
    let run = catalogue.reported("", &[calls], &["--rejects", &rejects.display().to_string()], about_rows);
    assert_eq!(run.stderr.matches("warning[width]").count(), 20);
    assert!(run.stderr.contains("and 7 more"), "{}", run.stderr);
    assert_eq!(rejected_codes(&rejects).len(), 27, "the file has them all");
    let quiet = catalogue.reported("--quiet", &[catalogue.folder.path("calls.csv")], &["--quiet"], about_rows);
    assert_eq!((quiet.code, quiet.stderr.as_str()), (3, ""));
    catalogue.keep("many-rejects");
}

#[test]
fn every_command_that_reads_writes_rejects() {
    let folder = Folder::new();
    let calls = folder.write("calls.csv", format!("{HEADER}\n{GOOD}\nshort\n"));
    for words in [&["report"][..], &["classify"], &["inspect"], &["explain", "--workload", "gpt-5.4"]] {
        let rejects = folder.path(&format!("{}.csv", words[0]));
        let run = finish(program().args(words).arg(&calls).arg("--rejects").arg(&rejects));
        assert_eq!(rejected_codes(&rejects), ["width"], "{words:?}: {}", run.stderr);
    }
}

#[test]
fn accepted_rejects_are_no_reason_to_stop() {
    let mut catalogue = Catalogue::new();
    let calls = catalogue.folder.write("calls.csv", format!("{HEADER}\n{GOOD}\nshort\nshort\n"));
    for (accepted, exit) in [(1, 3), (2, 0)] {
        let policy = catalogue.folder.write("policy.yaml", format!("schema: 1\naccept: {{rejects: {accepted}}}\n"));
        let files: [PathBuf; 1] = [calls.clone()];
        let run = catalogue.reported(
            &format!("accept {accepted}"),
            &files,
            &["--policy", &policy.display().to_string()],
            about_rows,
        );
        assert_eq!(run.code, exit);
    }
    catalogue.keep("accepted-rejects");
}

/// Counts that contradict each other, and one that nothing reads.
#[test]
fn counts_that_do_not_add_up() {
    let mut catalogue = Catalogue::new();
    let answer = |usage: &str| {
        format!(
            r#"{{"id":"chatcmpl-1","object":"chat.completion","created":1791190800,"model":"deepseek-v4-pro","choices":[],"usage":{{"prompt_tokens":1000,"completion_tokens":100,{usage}}}}}"#
        )
    };
    for (title, usage) in [
        ("total", r#""total_tokens":1200"#),
        ("conflict", r#""prompt_cache_hit_tokens":400,"prompt_tokens_details":{"cached_tokens":300}"#),
        ("reasoning", r#""completion_tokens_details":{"reasoning_tokens":120}"#),
        ("unread", r#""total_tokens":1100,"completion_tokens_details":{"dreaming_tokens":12000}"#),
    ] {
        let file = catalogue.folder.write("log.jsonl", answer(usage));
        let run = catalogue.reported(title, &[file], &[], about_rows);
        assert_eq!(run.code, 3, "{title}");
    }
    catalogue.keep("counts");
}
