//! The workbook worked out by another program: `LibreOffice`, where it is installed.

use std::io::{Cursor, Read as _, Write as _};
use std::process::{Command, Stdio};

use calamine::Data;
use zip::write::SimpleFileOptions;

use super::book::{Book, is_near};
use crate::support::{Folder, left_out};

/// A workbook to be changed and worked out again, and what has to come out.
pub struct Check<'c> {
    pub name: &'c str,
    /// The workbook.
    pub as_made: &'c Book,
    /// Cells of the assumptions with their new values.
    pub edits: &'c [(String, String)],
    /// What all formulas have to make.
    pub expected: &'c Book,
    /// The sheets that are compared; none stands for all of them.
    pub sheets: &'c [&'c str],
}

/// What a formula says of the workbook itself, which a change of assumptions is to change.
const OF_ITSELF: [&str; 3] = ["same", "same to the cent", "as batchwise made them"];

/// Works all of them out, and compares every formula. Says loudly that it did not where nobody can.
pub fn check(checks: &[Check<'_>]) -> Option<Vec<Book>> {
    let books: Vec<(&str, Vec<u8>)> =
        checks.iter().map(|check| (check.name, changed(&check.as_made.bytes, check.edits))).collect();
    let found = recalculated(&books)?;
    for (check, found) in checks.iter().zip(&found) {
        compare(check, found);
    }
    Some(found)
}

fn compare(check: &Check<'_>, found: &Book) {
    let mut compared = 0;
    let mut wrong = Vec::new();
    for (sheet, place, formula) in check.expected.formulas() {
        if !check.sheets.is_empty() && !check.sheets.contains(&sheet) {
            continue;
        }
        let expected = check.expected.value(sheet, place.row, place.column);
        let value = found.value(sheet, place.row, place.column);
        let agrees = match (expected, value) {
            (Data::Float(a), Data::Float(b)) => is_near(*a, *b),
            (Data::String(text), _) if !check.edits.is_empty() && OF_ITSELF.contains(&text.as_str()) => true,
            (a, b) => a.to_string() == b.to_string(),
        };
        compared += 1;
        if !agrees {
            wrong.push(format!("{sheet}, {place}: {value} is not {expected}, by {formula}"));
        }
    }
    assert!(compared > 50, "{}: {compared} formulas", check.name);
    let all = wrong.len();
    wrong.truncate(20);
    assert!(all == 0, "{}: {all} of {compared} formulas\n{}", check.name, wrong.join("\n"));
}

/// A workbook with other assumptions, and without the results that batchwise gave its formulas.
pub fn changed(bytes: &[u8], edits: &[(String, String)]) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip file");
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).expect("a part");
        let (name, mut content) = (file.name().expect("UTF-8").into_owned(), Vec::new());
        file.read_to_end(&mut content).expect("bytes");
        if name.starts_with("xl/worksheets/sheet") {
            let mut text = without_results(&String::from_utf8(content).expect("UTF-8"));
            // The third sheet is that of assumptions.
            if name == "xl/worksheets/sheet3.xml" {
                for (cell, value) in edits {
                    text = with_value(&text, cell, value);
                }
            }
            content = text.into_bytes();
        }
        writer.start_file(name, SimpleFileOptions::default()).expect("memory");
        writer.write_all(&content).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

fn without_results(sheet: &str) -> String {
    let mut parts = sheet.split("</f><v>");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str("</f>");
        text.push_str(part.split_once("</v>").map_or(part, |(_, rest)| rest));
    }
    text
}

fn with_value(sheet: &str, cell: &str, value: &str) -> String {
    let start = sheet.find(&format!("<c r=\"{cell}\"")).unwrap_or_else(|| panic!("no cell {cell}"));
    let rest = &sheet[start..];
    let head = rest.find('>').expect("a tag");
    let (open, end) = match rest[..head].strip_suffix('/') {
        Some(open) => (open, head + 1),
        None => (&rest[..head], rest.find("</c>").expect("an end") + "</c>".len()),
    };
    format!("{}{open}><v>{value}</v></c>{}", &sheet[..start], &rest[end..])
}

/// What `LibreOffice` makes of workbooks without results; nothing where it is not installed.
pub fn recalculated(books: &[(&str, Vec<u8>)]) -> Option<Vec<Book>> {
    let folder = Folder::new();
    let inputs = books.iter().map(|(name, bytes)| folder.write(&format!("{name}.xlsx"), bytes));
    let inputs: Vec<_> = inputs.collect();
    let run = Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}", folder.path("profile").display()))
        .args(["--headless", "--convert-to", "xlsx", "--outdir"])
        .arg(folder.path("out"))
        .args(&inputs)
        .stdin(Stdio::null())
        .output();
    let Ok(run) = run else {
        left_out("soffice (LibreOffice) is not installed, so no formula was worked out again");
        return None;
    };
    let read = |(name, _): &(&str, Vec<u8>)| {
        let path = folder.path("out").join(format!("{name}.xlsx"));
        let bytes = std::fs::read(path)
            .unwrap_or_else(|error| panic!("{name}: {error}; {}", String::from_utf8_lossy(&run.stderr)));
        Book::read(bytes)
    };
    Some(books.iter().map(read).collect())
}
