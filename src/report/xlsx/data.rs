//! The sheet of data: the report's workloads as values, for pivots and look-ups.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::amounts::Amounts;
use super::cells::Page;
use super::style::Style;
use crate::plan::workings::lines::MOST_ROWS;
use crate::report::WorkloadLine;
use crate::report::content;
use crate::report::plan::Draft;
use crate::report::words::{grouped, sum};

const HEAD: u32 = 4;
const TITLES: [(&str, bool); 7] = [
    ("Workload", false),
    ("Provider", false),
    ("Model", false),
    ("Verdict", false),
    ("Band", false),
    ("Codes", false),
    ("Requests", true),
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
    let small = content::small_volume(draft.report).unwrap_or_default();
    let mut sheet = Worksheet::new();
    let mut page = Page::new(
        &mut sheet,
        style,
        "Data",
        &[
            "The report's workloads as values, in USD, by cost. Nothing here follows the assumptions.",
            "A spreadsheet holds about fifteen digits; an amount with more stands beside it as text, with all of them.",
            &[cut, small].join(" "),
        ],
    )?;
    page.widths(&[30, 11, 24, 12, 11, 26, 12])?;
    page.head(HEAD, 0, &TITLES)?;
    let amounts = |line: &WorkloadLine| [line.cost, line.batch_cost, line.monthly_cost, Some(line.monthly_saving)];
    let all = |amount: usize| sum(others.iter().filter_map(|line| amounts(line)[amount]));
    let rest = [0, 1, 2, 3].map(|amount| Some(all(amount)));
    let columns = Amounts::new(7, shown.iter().map(amounts).chain([rest]));
    columns.head(
        &mut page,
        HEAD,
        ["Cost in the period", "Batch cost in the period", "Cost a month", "Batch saves a month"],
    )?;
    let mut row = HEAD + 1;
    for line in shown {
        page.text(row, 0, &line.workload, &style.name)?;
        page.text(row, 1, &line.provider, &style.name)?;
        page.text(row, 2, &line.model, &style.name)?;
        page.text(row, 3, line.verdict, &style.text)?;
        page.text(row, 4, line.band.unwrap_or_default(), &style.text)?;
        page.text(row, 5, &line.reasons.join("; "), &style.name)?;
        page.count(row, 6, line.requests)?;
        columns.write(&mut page, row, amounts(line), &style.fine)?;
        row += 1;
    }
    if !others.is_empty() {
        page.text(row, 0, &format!("{} more rows", grouped(others.len() as u128)), &style.text)?;
        page.count(row, 6, others.iter().filter_map(|line| line.requests).reduce(u64::saturating_add))?;
        columns.write(&mut page, row, rest, &style.fine)?;
        row += 1;
    }
    let last = row.saturating_sub(1).max(HEAD);
    page.sheet.autofilter(HEAD, 0, last, columns.last())?;
    page.finish(HEAD, columns.last(), 1, (last, columns.last()))?;
    Ok(sheet)
}
