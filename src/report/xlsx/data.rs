//! The sheet of data: the report's workloads as values, for pivots and look-ups.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::cells::Page;
use super::rest::MOST_ROWS;
use super::style::Style;
use crate::money::Money;
use crate::report::WorkloadLine;
use crate::report::plan::Draft;
use crate::report::words::{grouped, sum};

const HEAD: u32 = 4;
const TITLES: [(&str, bool); 15] = [
    ("Workload", false),
    ("Provider", false),
    ("Model", false),
    ("Verdict", false),
    ("Band", false),
    ("Codes", false),
    ("Requests", true),
    ("Cost in the period", true),
    ("exact", true),
    ("Batch cost in the period", true),
    ("exact", true),
    ("Cost a month", true),
    ("exact", true),
    ("Batch saves a month", true),
    ("exact", true),
];

/// The sheet.
pub fn sheet(style: &Style, draft: &Draft<'_>) -> Result<Worksheet, XlsxError> {
    let workloads = &draft.report.workloads;
    let (shown, others) = workloads.split_at(workloads.len().min(MOST_ROWS));
    let cut = if others.is_empty() {
        String::new()
    } else {
        format!(
            "The {} largest of {} rows; the last row sums the others.",
            grouped(shown.len() as u128),
            grouped(workloads.len() as u128)
        )
    };
    let mut sheet = Worksheet::new();
    let mut page = Page::new(
        &mut sheet,
        style,
        "Data",
        &[
            "The report's workloads as values, in USD, by cost. Nothing here follows the assumptions.",
            "A spreadsheet holds about fifteen digits; an amount with more stands beside it as text, with all of them.",
            &cut,
        ],
    )?;
    page.widths(&[30, 11, 24, 12, 11, 26, 12, 14, 22, 14, 22, 14, 22, 14, 22])?;
    page.sheet.set_row_height(HEAD, 30)?;
    page.head(HEAD, 0, &TITLES)?;
    let mut row = HEAD + 1;
    for line in shown {
        page.text(row, 0, &line.workload, &style.name)?;
        page.text(row, 1, &line.provider, &style.name)?;
        page.text(row, 2, &line.model, &style.name)?;
        page.text(row, 3, line.verdict, &style.text)?;
        page.text(row, 4, line.band.unwrap_or_default(), &style.text)?;
        page.text(row, 5, &line.reasons.join("; "), &style.name)?;
        page.count(row, 6, line.requests)?;
        page.exactly(row, 7, line.cost)?;
        page.exactly(row, 9, line.batch_cost)?;
        page.exactly(row, 11, line.monthly_cost)?;
        page.exactly(row, 13, line.monthly_saving)?;
        row += 1;
    }
    if !others.is_empty() {
        let all = |amount: fn(&WorkloadLine) -> Option<Money>| sum(others.iter().filter_map(amount));
        page.text(row, 0, &format!("{} more rows", grouped(others.len() as u128)), &style.text)?;
        page.count(row, 6, others.iter().filter_map(|line| line.requests).reduce(u64::saturating_add))?;
        page.exactly(row, 7, all(|line| line.cost))?;
        page.exactly(row, 9, all(|line| line.batch_cost))?;
        page.exactly(row, 11, all(|line| line.monthly_cost))?;
        page.exactly(row, 13, all(|line| Some(line.monthly_saving)))?;
        row += 1;
    }
    let last = row.saturating_sub(1).max(HEAD);
    page.sheet.autofilter(HEAD, 0, last, 14)?;
    page.finish(HEAD, 14, 1, (last, 14))?;
    Ok(sheet)
}
