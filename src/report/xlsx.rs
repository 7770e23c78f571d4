//! The report and the plan as a workbook with live formulas.
//!
//! Role: lays constants and assumptions out so that a spreadsheet works the same figures out again, each with the result
//! that batchwise has, for viewers that do not recalculate. `assumptions` are what may be changed, `workloads` apply them to
//! each row, `scenarios` and `base` add rows up, `plan` lists what moves, `quarters` carry that into months, and `summary` is the
//! slide of it; the other sheets are facts. Texts from files are written as texts, never as formulas.

use std::panic::{self, AssertUnwindSafe};

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet, XlsxError};

use super::document::{Document, Text};
use super::plan::Draft;
use crate::calendar::Day;
use crate::diagnostic::{Diagnostic, Failure};

mod assumptions;
mod base;
mod cells;
mod fact_sheets;
mod facts;
mod number;
mod plan;
mod quarters;
mod scenarios;
mod sensitivity;
mod style;
mod summary;
mod workloads;

use style::Style;

/// The level at which spreadsheet programs write too. The usual 6 makes a file that is a fifth smaller and takes a quarter
/// longer to make.
const COMPRESSION: u8 = 3;

/// Renders the workbook.
pub fn render(draft: &Draft<'_>) -> Result<Vec<u8>, Failure> {
    finished(drawn(draft))
}

/// Renders the workbook of an estimate: its document on one sheet.
pub fn estimate(document: &Document) -> Result<Vec<u8>, Failure> {
    let drawn = || {
        let mut book = Workbook::new();
        let told = "Values without formulas: `batchwise estimate` works out others.";
        book.set_properties(&properties("What batch APIs would save: an estimate", told, Day::from_number(0))?);
        let notes = [&document.headline.answer, &document.about].map(|texts| Text::joined(texts.clone(), " "));
        book.push_worksheet(facts::sheet(&Style::new(), "Estimate", &notes, document.sections())?);
        Ok(book)
    };
    finished(drawn())
}

fn finished(book: Result<Workbook, XlsxError>) -> Result<Vec<u8>, Failure> {
    let mut book = book.map_err(|error| unwritable(&error))?;
    saved(&mut book).unwrap_or_else(|| {
        Err(Failure::input(
            Diagnostic::new("internal", "the workbook cannot be made")
                .hint("it needs a thread for each sheet: allow more (`ulimit -u`), or leave out the .xlsx; if threads are there, this is a fault of batchwise"),
        ))
    })
}

fn unwritable(error: &XlsxError) -> Failure {
    Failure::output(Diagnostic::new("unwritable", format!("the workbook cannot be made: {error}")))
}

/// The bytes of a workbook. The library takes a thread for each sheet and panics where the system refuses one: that is
/// nothing here, and not the end of the program in the middle of its outputs.
fn saved(book: &mut Workbook) -> Option<Result<Vec<u8>, Failure>> {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let saved = panic::catch_unwind(AssertUnwindSafe(|| book.save_to_buffer()));
    panic::set_hook(usual);
    saved.ok().map(|saved| saved.map_err(|error| unwritable(&error)))
}

fn drawn(draft: &Draft<'_>) -> Result<Workbook, XlsxError> {
    let mut book = Workbook::new();
    // The workbook is as old as the last day that it tells of.
    let day = draft.report.period.map_or(Day::from_number(0), |(period, _)| period.to);
    let told = "Change the cells of the sheet Assumptions; everything else is worked out.";
    book.set_properties(&properties("What batch APIs would save", told, day)?);
    book.set_zip_compression_level(COMPRESSION);
    let style = Style::new();
    // Sheets stand in the order in which they are read, and are written in the order in which they know of one another.
    let mut sheets =
        ["Summary", "Plan", "Assumptions", "Scenarios", "Quarters", "Base months"].map(|_| Worksheet::new());
    let [summary_sheet, plan_sheet, assumptions_sheet, scenarios_sheet, quarters_sheet, base_sheet] = &mut sheets;
    let assumptions = assumptions::write(assumptions_sheet, &style, draft)?;
    let (row_sheets, rows): (Vec<_>, Vec<_>) = workloads::sheets(&style, draft)?.into_iter().unzip();
    let scenarios = scenarios::write(scenarios_sheet, &style, draft, &rows[0])?;
    plan::write(plan_sheet, &style, draft, &rows[0], &scenarios)?;
    let base = base::write(base_sheet, &style, draft, &rows)?;
    let months = quarters::write(quarters_sheet, &style, draft, &assumptions, &base)?;
    summary::write(
        summary_sheet,
        &style,
        draft,
        &summary::Places { assumptions: &assumptions, rows: &rows[0], scenarios: &scenarios, months },
    )?;
    for (name, range) in assumptions.names() {
        book.define_name(name, &format!("={range}"))?;
    }
    // The base months stand behind the workloads of the period.
    let mut ordered: Vec<Worksheet> = sheets.into();
    let base_sheet = ordered.pop();
    let mut row_sheets = row_sheets.into_iter();
    ordered.extend(row_sheets.next());
    ordered.extend(base_sheet);
    for sheet in ordered.into_iter().chain(row_sheets) {
        book.push_worksheet(sheet);
    }
    for sheet in sensitivity::sheet(&style, draft)?.into_iter().chain(fact_sheets::sheets(&style, draft)?) {
        book.push_worksheet(sheet);
    }
    Ok(book)
}

/// No clock, so that the same inputs make the same bytes.
fn properties(title: &str, comment: &str, day: Day) -> Result<DocProperties, XlsxError> {
    Ok(DocProperties::new()
        .set_title(title)
        .set_subject("LLM spend: scenarios, forecast, and what they are worked out from")
        .set_author("batchwise")
        .set_comment(format!("Made by batchwise. {comment}"))
        .set_creation_datetime(&ExcelDateTime::parse_from_str(&day.to_string())?))
}
