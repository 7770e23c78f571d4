//! The sheet of what was read: every row of every file by what became of it, and what is worth knowing.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::cells::{Drawn, Page};
use super::style::Style;
use crate::report::content::{fate_words, grain};
use crate::report::plan::Draft;
use crate::report::{InputLine, Note};

const HEAD: u32 = 4;
/// The first column of fates.
const FATES: u16 = 5;

/// The sheet.
pub fn sheet(style: &Style, draft: &Draft<'_>) -> Result<Worksheet, XlsxError> {
    let report = draft.report;
    let mut sheet = Worksheet::new();
    let mut page = Page::new(
        &mut sheet,
        style,
        "Ledger",
        &[
            "Each row of each file has one fate; the fates add up to the rows read.",
            "Counted rows make the figures; rejected ones are in no figure, and named below.",
        ],
    )?;
    page.widths(&[34, 26, 22, 13, 12, 13, 13, 13, 13, 13, 13, 13, 13, 13])?;
    let fates: Vec<String> = report
        .inputs
        .first()
        .map(|input| input.rows.iter().map(|(fate, _)| fate_words(fate)).collect())
        .unwrap_or_default();
    let mut titles =
        vec![("File", false), ("Format", false), ("Rows are", false), ("Bytes", true), ("Rows read", true)];
    titles.extend(fates.iter().map(|fate| (fate.as_str(), true)));
    let last = FATES + u16::try_from(fates.len()).unwrap_or(0).saturating_sub(1);
    page.head(HEAD, 0, &titles)?;
    let mut row = HEAD + 1;
    for input in &report.inputs {
        file(&mut page, row, input)?;
        row += 1;
    }
    row = dollars(&mut page, row + 1, &titles, &report.inputs)?;
    row = left_out(&mut page, row, &report.inputs)?;
    row = notes(&mut page, row + 1, "Why it is not complete", &report.incomplete)?;
    row = notes(&mut page, row + 1, "Warnings", &report.warnings)?;
    row = rejects(&mut page, row + 1, &report.inputs)?;
    page.finish(HEAD, last, 1, (row, last))?;
    Ok(sheet)
}

fn file(page: &mut Page<'_>, row: u32, input: &InputLine) -> Drawn {
    let style = page.style;
    page.text(row, 0, &input.file, &style.name)?;
    page.text(row, 1, &input.format, &style.name)?;
    page.text(row, 2, &grain(input), &style.text)?;
    page.count(row, 3, input.bytes)?;
    page.count(row, 4, input.read)?;
    for (column, (_, count)) in (FATES..).zip(&input.rows) {
        page.count(row, column, *count)?;
    }
    Ok(())
}

/// Dollars by fate, of files that state some.
fn dollars(page: &mut Page<'_>, row: u32, titles: &[(&str, bool)], inputs: &[InputLine]) -> Result<u32, XlsxError> {
    let style = page.style;
    let stating: Vec<&InputLine> = inputs.iter().filter(|input| !input.dollars.is_empty()).collect();
    if stating.is_empty() {
        return Ok(row);
    }
    page.text(row, 0, "Billed dollars by what became of their rows", &style.heading)?;
    page.head(row + 1, 0, &[("File", false)])?;
    page.head(row + 1, FATES, &titles[usize::from(FATES)..])?;
    let mut line = row + 2;
    for input in stating {
        page.text(line, 0, &input.file, &style.name)?;
        for (column, (_, amount)) in (FATES..).zip(&input.dollars) {
            page.money(line, column, *amount, &style.fine)?;
        }
        line += 1;
    }
    Ok(line + 1)
}

fn left_out(page: &mut Page<'_>, row: u32, inputs: &[InputLine]) -> Result<u32, XlsxError> {
    let style = page.style;
    let mut line = row;
    for input in inputs {
        if let Some(why) = &input.left_out {
            page.text(line, 0, &input.file, &style.name)?;
            page.text(line, 1, &format!("left out: {}", why.message), &style.alarm)?;
            line += 1;
        }
    }
    Ok(line)
}

fn notes(page: &mut Page<'_>, row: u32, title: &str, notes: &[Note]) -> Result<u32, XlsxError> {
    let style = page.style;
    if notes.is_empty() {
        return Ok(row);
    }
    page.text(row, 0, title, &style.heading)?;
    page.head(row + 1, 0, &[("Code", false), ("How many", true), ("What it means", false)])?;
    let mut line = row + 2;
    for note in notes {
        page.text(line, 0, note.code, &style.text)?;
        page.count(line, 1, note.count)?;
        page.text(line, 2, &note.message, &style.indented)?;
        line += 1;
    }
    Ok(line + 1)
}

/// The first rejected rows of each file.
fn rejects(page: &mut Page<'_>, row: u32, inputs: &[InputLine]) -> Result<u32, XlsxError> {
    let style = page.style;
    if inputs.iter().all(|input| input.rejects.is_empty()) {
        return Ok(row);
    }
    page.text(row, 0, "The first rejected rows", &style.heading)?;
    page.head(
        row + 1,
        0,
        &[("File", false), ("Column", false), ("Its text", false), ("Line", true), ("Code", false), ("Why", false)],
    )?;
    let mut line = row + 2;
    for input in inputs {
        for reject in &input.rejects {
            page.text(line, 0, &input.file, &style.name)?;
            page.text(line, 1, &reject.column, &style.name)?;
            page.text(line, 2, &reject.value, &style.name)?;
            page.count(line, 3, reject.line)?;
            page.text(line, 4, reject.code, &style.indented)?;
            page.text(line, 5, &reject.reason, &style.name)?;
            line += 1;
        }
    }
    Ok(line)
}
