//! The sheets of sums by a dimension: who spent what, and what grew and what shrank.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::cells::{Drawn, Page};
use super::number;
use super::rest::MOST_ROWS;
use super::style::Style;
use crate::money::Money;
use crate::report::content;
use crate::report::plan::Draft;
use crate::report::words::{grouped, sum};
use crate::report::{ByLine, Mover};

const HEAD: u32 = 4;
/// What stands for rows without a value, as on every page.
const UNALLOCATED: &str = "Unallocated";

/// Cells make names safe themselves, and hold long ones.
fn in_full(name: &str, _: usize) -> String {
    name.to_owned()
}

fn more(rows: usize) -> String {
    format!("{} more", grouped(rows as u128))
}

/// Who spent what, with `--by`.
pub fn showback(style: &Style, draft: &Draft<'_>) -> Result<Option<Worksheet>, XlsxError> {
    let (Some(by), Some(said)) = (&draft.report.by, content::showback(draft.report, 0, in_full)) else {
        return Ok(None);
    };
    let mut sheet = Worksheet::new();
    let notes = [format!("By {}, {}, in USD.", said.dimension, said.period), said.said.join(" ")];
    let mut page = Page::new(&mut sheet, style, "Showback", &notes.each_ref().map(String::as_str))?;
    page.widths(&[36, 12, 14, 22, 10, 14, 22, 14, 22])?;
    let titles = [
        (by.dimension.as_str(), false),
        ("Requests", true),
        ("Cost in the period", true),
        ("exact", true),
        ("Share", true),
        ("Can wait", true),
        ("exact", true),
        ("Batch saves", true),
        ("exact", true),
    ];
    page.head(HEAD, 0, &titles)?;
    let (named, nameless): (Vec<&ByLine>, Vec<&ByLine>) = by.rows.iter().partition(|row| row.value.is_some());
    let (first, others) = named.split_at(named.len().min(MOST_ROWS));
    let mut row = HEAD + 1;
    let mut put = |name: &str, rows: &[&ByLine]| -> Drawn {
        let all = |of: fn(&ByLine) -> Money| sum(rows.iter().map(|line| of(line)));
        page.text(row, 0, name, &style.name)?;
        page.count(row, 1, rows.iter().map(|line| line.requests).fold(0, u64::saturating_add))?;
        page.exactly(row, 2, all(|line| line.cost))?;
        if let [ByLine { share: Some(share), .. }] = rows {
            page.sheet.write_number_with_format(row, 4, number::nearest(share), &style.fine_share)?;
        }
        page.exactly(row, 5, all(|line| line.can_wait))?;
        page.exactly(row, 7, all(|line| line.saving))?;
        row += 1;
        Ok(())
    };
    for line in first {
        put(line.value.as_deref().unwrap_or(UNALLOCATED), &[line])?;
    }
    if !others.is_empty() {
        put(&more(others.len()), others)?;
    }
    put(UNALLOCATED, &nameless)?;
    put("All", &[&by.total()])?;
    page.finish(HEAD, 8, 1, (row - 1, 8))?;
    Ok(Some(sheet))
}

/// What grew and what shrank between the halves of the period.
pub fn movers(style: &Style, draft: &Draft<'_>) -> Result<Option<Worksheet>, XlsxError> {
    let (Some(movers), Some(said)) = (&draft.report.movers, content::movers(draft.report, 0, in_full)) else {
        return Ok(None);
    };
    let mut sheet = Worksheet::new();
    let mut page = Page::new(&mut sheet, style, "Movers", &[&said.said, "Amounts in USD, largest change first."])?;
    page.widths(&[36, 14, 22, 14, 22, 14, 22])?;
    let titles = [
        (movers.dimension.as_str(), false),
        ("First half, a month", true),
        ("exact", true),
        ("Second half, a month", true),
        ("exact", true),
        ("Change", true),
        ("exact", true),
    ];
    page.head(HEAD, 0, &titles)?;
    page.sheet.set_row_height(HEAD, 30)?;
    let (first, others) = movers.rows.split_at(movers.rows.len().min(MOST_ROWS));
    let mut row = HEAD + 1;
    let mut put = |name: &str, rows: &[Mover]| -> Drawn {
        page.text(row, 0, name, &style.name)?;
        page.exactly(row, 1, sum(rows.iter().map(|line| line.first)))?;
        page.exactly(row, 3, sum(rows.iter().map(|line| line.second)))?;
        page.exactly(row, 5, sum(rows.iter().map(|line| line.change)))?;
        row += 1;
        Ok(())
    };
    for line in first {
        put(line.value.as_deref().unwrap_or(UNALLOCATED), std::slice::from_ref(line))?;
    }
    if !others.is_empty() {
        put(&more(others.len()), others)?;
    }
    if movers.halves.is_some() {
        put("All", &movers.rows)?;
    }
    page.finish(HEAD, 6, 1, (row - 1, 6))?;
    Ok(Some(sheet))
}
