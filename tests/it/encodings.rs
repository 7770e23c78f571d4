//! Encodings and dialects: the same table however it is stored says the same, to the last digit and the last line.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::exports::{Export, exports, path, tables};
use crate::support::{Folder, Run, gzip, report_json, run, run_with_input};

fn table(folder: &str, file: &str) -> String {
    fs::read_to_string(path(folder, file)).expect("a fixture")
}

/// UTF-16 with a byte-order mark.
fn utf_16(text: &str, bytes: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(bytes).collect()
}

/// Everything but the size and the checksum of the file.
fn figures(run: &Run) -> Value {
    let mut report = run.json();
    report["inputs"][0]["bytes"] = json!(0);
    json!([run.code, run.stderr, report])
}

fn read(file: PathBuf, words: &[&str]) -> Value {
    figures(&report_json(&[file], words))
}

/// Line ends of either kind are one line each, by which rejected rows are named.
#[test]
fn lines_of_json_may_end_with_a_return() {
    let folder = Folder::new();
    let text = table("batchwise-jsonl", "bad.jsonl");
    let plain = read(folder.write("export.jsonl", &text), &[]);
    let with_returns = read(folder.write("export.jsonl", text.replace('\n', "\r\n")), &[]);
    assert_eq!(with_returns, plain);
}

/// Also the places of rejected rows, which messages name by line.
#[test]
fn utf_16_says_what_utf_8_says() {
    let folder = Folder::new();
    let is_wanted =
        |export: &&Export| ["good.csv", "bad.csv"].contains(&export.file.as_str()) && export.map().is_none();
    for export in exports().iter().filter(is_wanted) {
        let text = table(&export.folder, &export.file);
        let plain = read(folder.write("export.csv", &text), &[]);
        for (what, bytes) in [
            ("little-endian", utf_16(&text, u16::to_le_bytes)),
            ("big-endian", utf_16(&text, u16::to_be_bytes)),
            ("packed", gzip(&utf_16(&text, u16::to_le_bytes))),
        ] {
            assert_eq!(read(folder.write("export.csv", bytes), &[]), plain, "{} {what}", export.name());
        }
    }
    let pages = table("openai-usage-api", "good.json");
    let plain = read(folder.write("pages.json", &pages), &[]);
    assert_eq!(read(folder.write("pages.json", utf_16(&pages, u16::to_le_bytes)), &[]), plain, "pages");
}

/// Longer than what is decoded and cut at a time, with characters of all widths across every border.
#[test]
fn a_long_file_in_utf_16() {
    let folder = Folder::new();
    let header = "timestamp,model,app,input_tokens,output_tokens\n";
    let rows: Vec<String> = (0..30_000)
        .map(|row| format!("2026-10-05T10:00:00Z,gpt-5.4,\"Büro ≤ 😀{}\",{},1\n", "é".repeat(row % 7), 1000 + row))
        .collect();
    let text = format!("{header}{}2026-10-05T10:00:00Z,gpt-5.4,x,-1,1\n", rows.concat());
    let plain = read(folder.write("calls.csv", &text), &[]);
    assert_eq!(plain[2]["inputs"][0]["rows"]["accepted"], 30_000);
    assert!(plain[1].as_str().is_some_and(|notes| notes.contains("calls.csv:30002")), "{}", plain[1]);
    let bytes = utf_16(&text, u16::to_le_bytes);
    assert!(bytes.len() > 2_000_000);
    assert_eq!(read(folder.write("calls.csv", &bytes), &["--threads", "2"]), plain);
    let piped = run_with_input(&["report", "-", "--format", "json"], &bytes);
    assert_eq!(piped.json()["cost"], plain[2]["cost"], "on standard input");
}

#[test]
fn what_has_no_mark_is_declared() {
    let folder = Folder::new();
    let text = "timestamp,model,team,input_tokens,output_tokens\n2026-10-05T10:00:00Z,gpt-5.4,Büro,1000,100\n";
    let plain = read(folder.write("calls.csv", text), &[]);
    let latin: Vec<u8> = text.chars().map(|character| u8::try_from(character).expect("Latin-1")).collect();
    let latin = folder.write("calls.csv", latin);
    let undeclared = report_json(std::slice::from_ref(&latin), &[]);
    assert!(undeclared.code == 3 && undeclared.stderr.contains("--encoding"), "{}", undeclared.stderr);
    assert_eq!(read(latin.clone(), &["--encoding", "windows-1252"]), plain);
    assert_eq!(read(latin, &["--encoding", "cp1252"]), plain);
    let unmarked: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(folder.write("calls.csv", unmarked), &["--encoding", "utf-16"]), plain);
    let unmarked: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(read(folder.write("calls.csv", unmarked), &["--encoding", "utf-16be"]), plain);
    // What a file says of itself stands above what was typed for all.
    let marked = folder.write("calls.csv", utf_16(text, u16::to_be_bytes));
    assert_eq!(read(marked.clone(), &["--encoding", "windows-1252"]), plain);
    let path = marked.display().to_string();
    let inspected = run(["inspect", path.as_str()]).stdout;
    assert!(inspected.contains("separated by `,`; UTF-16 (big-endian)"), "{inspected}");
}

#[test]
fn every_delimiter_says_the_same() {
    let folder = Folder::new();
    for format in tables().iter().map(|export| export.folder.as_str()) {
        let text = table(format, "good.csv");
        let plain = report_json(&[folder.write("export.csv", &text)], &[]);
        for delimiter in [b';', b'\t', b'|'] {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let mut writer = csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(Vec::new());
            for record in reader.byte_records() {
                writer.write_byte_record(&record.expect("a good file")).expect("memory");
            }
            let other = report_json(&[folder.write("export.csv", writer.into_inner().expect("memory"))], &[]);
            let [plain, other] = [&plain, &other].map(|run| {
                let report = run.json();
                json!([
                    run.code,
                    report["usage"],
                    report["cost"],
                    report["workloads"],
                    report["inputs"][0]["rows"]["accepted"]
                ])
            });
            assert_eq!(other, plain, "{format} separated by {:?}", char::from(delimiter));
        }
    }
}

/// One after the other on one line, over many lines, with and without commas: all of them count.
#[test]
fn several_json_documents_in_one_file() {
    let folder = Folder::new();
    let lines = table("batchwise-jsonl", "good.jsonl");
    let plain = read(folder.write("calls.json", &lines), &[]);
    let documents: Vec<Value> = lines
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| serde_json::from_str(line).expect("an object"))
        .collect();
    let written: Vec<String> = documents.iter().map(|document| format!("{document:#}")).collect();
    let (pretty, glued) = (written.join("\n"), written.concat());
    let list = format!("{:#}", Value::Array(documents));
    for (what, text) in [("pretty", pretty), ("glued", glued), ("a list", list)] {
        let other = read(folder.write("calls.json", text), &[]);
        assert_eq!(
            [&other[2]["usage"], &other[2]["cost"], &other[2]["workloads"]],
            [&plain[2]["usage"], &plain[2]["cost"], &plain[2]["workloads"]],
            "{what}"
        );
    }
}
