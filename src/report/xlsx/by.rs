//! The sheets of sums by a dimension: who spent what, and what grew and what shrank.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::amounts::Amounts;
use super::cells::Page;
use super::number;
use super::style::Style;
use crate::money::Money;
use crate::plan::workings::lines::MOST_ROWS;
use crate::report::content;
use crate::report::plan::Draft;
use crate::report::words::{more, sum};
use crate::report::{ByLine, Mover};

const HEAD: u32 = 4;
/// What stands for rows without a value, as on every page.
const UNALLOCATED: &str = "Unallocated";

/// Cells make names safe themselves, and hold long ones.
fn in_full(name: &str, _: usize) -> String {
    name.to_owned()
}

/// Who spent what, with `--by`.
pub fn showback(style: &Style, draft: &Draft<'_>) -> Result<Option<Worksheet>, XlsxError> {
    let (Some(by), Some(said)) = (&draft.report.by, content::showback(draft.report, 0, in_full)) else {
        return Ok(None);
    };
    let mut sheet = Worksheet::new();
    let notes = [format!("By {}, {}, in USD.", said.dimension, said.period), said.said.join(" ")];
    let mut page = Page::new(&mut sheet, style, "Showback", &notes.each_ref().map(String::as_str))?;
    page.widths(&[36, 14, 10])?;
    page.head(HEAD, 0, &[(by.dimension.as_str(), false), ("Requests", true), ("Share", true)])?;
    let (named, nameless): (Vec<&ByLine>, Vec<&ByLine>) = by.rows.iter().partition(|row| row.value.is_some());
    let (first, others) = named.split_at(named.len().min(MOST_ROWS));
    let all = by.total();
    let mut rows: Vec<(String, &[&ByLine])> =
        first.chunks(1).map(|row| (row[0].value.clone().unwrap_or_default(), row)).collect();
    if !others.is_empty() {
        rows.push((more(others.len()), others));
    }
    let total = [&all];
    rows.extend([(UNALLOCATED.to_owned(), nameless.as_slice()), ("All".to_owned(), total.as_slice())]);
    let amounts = |lines: &[&ByLine]| {
        let of = |amount: fn(&ByLine) -> Money| Some(sum(lines.iter().map(|line| amount(line))));
        [of(|line| line.cost), of(|line| line.can_wait), of(|line| line.saving)]
    };
    let columns = Amounts::new(3, rows.iter().map(|(_, lines)| amounts(lines)));
    columns.head(&mut page, HEAD, ["Cost in the period", "Can wait", "Batch saves"])?;
    let mut row = HEAD;
    for (name, lines) in &rows {
        row += 1;
        page.text(row, 0, name, &style.name)?;
        page.count(row, 1, lines.iter().map(|line| line.requests).fold(0, u64::saturating_add))?;
        if let [ByLine { share: Some(share), .. }] = lines {
            page.sheet.write_number_with_format(row, 2, number::nearest(share), &style.share)?;
        }
        columns.write(&mut page, row, amounts(lines), &style.money)?;
    }
    page.finish(HEAD, columns.last(), 1, (row, columns.last()))?;
    Ok(Some(sheet))
}

/// What grew and what shrank between the halves of the period.
pub fn movers(style: &Style, draft: &Draft<'_>) -> Result<Option<Worksheet>, XlsxError> {
    let (Some(movers), Some(said)) = (&draft.report.movers, content::movers(draft.report, 0, in_full)) else {
        return Ok(None);
    };
    let mut sheet = Worksheet::new();
    let mut page = Page::new(&mut sheet, style, "Movers", &[&said.said, "Amounts in USD, largest change first."])?;
    page.widths(&[36])?;
    page.head(HEAD, 0, &[(movers.dimension.as_str(), false)])?;
    let (first, others) = movers.rows.split_at(movers.rows.len().min(MOST_ROWS));
    let mut rows: Vec<(String, &[Mover])> =
        first.chunks(1).map(|row| (row[0].value.clone().unwrap_or_else(|| UNALLOCATED.to_owned()), row)).collect();
    if !others.is_empty() {
        rows.push((more(others.len()), others));
    }
    if movers.halves.is_some() {
        rows.push(("All".to_owned(), &movers.rows));
    }
    let amounts = |lines: &[Mover]| {
        let of = |amount: fn(&Mover) -> Money| Some(sum(lines.iter().map(amount)));
        [of(|line| line.first), of(|line| line.second), of(|line| line.change)]
    };
    let columns = Amounts::new(1, rows.iter().map(|(_, lines)| amounts(lines)));
    columns.head(&mut page, HEAD, ["First half, a month", "Second half, a month", "Change"])?;
    let mut row = HEAD;
    for (name, lines) in &rows {
        row += 1;
        page.text(row, 0, name, &style.name)?;
        columns.write(&mut page, row, amounts(lines), &style.money)?;
    }
    page.finish(HEAD, columns.last(), 1, (row, columns.last()))?;
    Ok(Some(sheet))
}
