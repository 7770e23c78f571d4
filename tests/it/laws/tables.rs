//! Laws for every format of tables, on its own files: what holds for any log holds for what vendors and clouds write.

use std::fs;
use std::path::PathBuf;

use csv::ByteRecord;
use serde_json::{Value, json};

use super::in_process::{Done, How, Machine};
use crate::exports::{path, tables};
use crate::support::Folder;

/// Formats whose exports come in parts. Halves of one vendor's account may look as if they were grouped otherwise.
const IN_PARTS: [&str; 3] = ["batchwise-csv", "focus-csv", "litellm-csv"];

/// Header and rows of a good file.
fn records(format: &str) -> (ByteRecord, Vec<ByteRecord>) {
    let bytes = fs::read(path(format, "good.csv")).expect("a fixture");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes.as_slice());
    let mut records: Vec<ByteRecord> = reader.byte_records().map(|record| record.expect("a good file")).collect();
    let header = records.remove(0);
    (header, records)
}

fn written<'r>(header: &'r ByteRecord, rows: impl IntoIterator<Item = &'r ByteRecord>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for record in std::iter::once(header).chain(rows) {
        writer.write_byte_record(record).expect("memory");
    }
    writer.into_inner().expect("memory")
}

/// What must not depend on how rows are spread over lines and files.
fn figures(done: &Done) -> Value {
    let report = done.json();
    let accepted: u64 = report["inputs"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|input| input["rows"]["accepted"].as_u64().unwrap_or_default())
        .sum();
    json!([report["period"], report["usage"], report["cost"], report["workloads"], report["scenarios"], accepted])
}

/// The order of rows, their spread over files, the order of these, a file given twice, and threads change nothing.
#[test]
fn order_and_files_change_nothing() {
    let (machine, folder) = (Machine::new(), Folder::new());
    let report = |files: &[PathBuf], how: How| {
        figures(&machine.report(files, how).unwrap_or_else(|failure| panic!("{files:?}: {failure}")))
    };
    for format in tables().iter().map(|export| export.folder.as_str()) {
        let (header, rows) = records(format);
        let whole = folder.write("whole.csv", written(&header, &rows));
        let expected = report(std::slice::from_ref(&whole), How::default());
        let reversed = folder.write("reversed.csv", written(&header, rows.iter().rev()));
        assert_eq!(report(&[reversed], How::default()), expected, "{format}: rows in reverse");
        assert_eq!(report(&[whole.clone(), whole.clone()], How::default()), expected, "{format}: twice");
        let again = folder.write("again.csv", [written(&header, &rows), b"\n".to_vec()].concat());
        assert_eq!(report(&[whole, again], How::default()), expected, "{format}: twice in other bytes");
        if !IN_PARTS.contains(&format) {
            continue;
        }
        let (first, second) = rows.split_at(rows.len() / 2);
        let first = folder.write("first.csv", written(&header, first));
        let second = folder.write("second.csv", written(&header, second));
        assert_eq!(report(&[first.clone(), second.clone()], How::default()), expected, "{format}: two files");
        assert_eq!(report(&[second, first], How::default()), expected, "{format}: two files, the later one first");
    }
}
