//! Who spent what: the sums of `--by`.

use std::collections::HashSet;

use super::ColumnType::{Figure, Rate, Saving, Text as Words};
use super::{Bar, Cell, Column, Emphasis, LONGEST_NAME, Row, Section, Table, Text, bill, name, named, text, workloads};
use crate::calendar::MonthBasis;
use crate::money::{Money, share};
use crate::report::words::{day_words, percent, plural, sum};
use crate::report::{ByLine, ByTable, Report};

/// Formats named that have no place for the dimension.
const MOST_FORMATS: usize = 8;

/// The sums of `--by`, the largest values first; nothing where nobody asked or nothing was used.
pub fn showback(report: &Report, most: usize) -> Option<Section> {
    let by = report.by.as_ref().filter(|by| !by.rows.is_empty())?;
    let dimension = || name(&by.dimension, LONGEST_NAME);
    let columns =
        [("Requests", Figure), ("Cost", Figure), ("Share", Rate), ("Batch-eligible", Figure), ("Batch saves", Saving)];
    let columns = std::iter::once(Column::from((dimension(), Words))).chain(columns.map(Column::from));
    let mut table = Table { optional_columns: &[1, 4], ..Table::new(columns) };
    let total = by.total();
    table.longest_bar = total.cost;
    let (with_value, without): (Vec<&ByLine>, Vec<&ByLine>) = by.rows.iter().partition(|row| row.value.is_some());
    let repeated = repeated(with_value.iter().map(|line| line.value.as_deref()));
    let row = |line: &&ByLine| cells(value_of(line.value.as_deref(), line.id.as_deref(), &repeated), line);
    table = table.rows(with_value.iter().map(row), most);
    if let Some((_, rest)) = &mut table.rest {
        // A rate of rows that are not shown, from their amount.
        let cost = rest.cells[2].amount().unwrap_or_default();
        rest.cells[3] = Cell::Share(share(cost, total.cost));
        rest.bar = Some(Bar::Amount(cost, Emphasis::Plain));
    }
    let all = |of: fn(&ByLine) -> Money| sum(without.iter().map(|line| of(line)));
    let unallocated = ByLine {
        requests: without.iter().map(|line| line.requests).sum(),
        cost: all(|line| line.cost),
        share: share(all(|line| line.cost), total.cost),
        can_wait: all(|line| line.can_wait),
        saving: all(|line| line.saving),
        ..ByLine::default()
    };
    table.apart.push(cells("Unallocated".into(), &unallocated));
    table.total = Some(Row { bar: None, ..cells("All".into(), &total) });
    let heading = text!("By ", dimension(), ": cost ", period(report));
    Some(Section::new("by", heading).paragraphs(said(by)).table(table))
}

fn cells(value: Text, line: &ByLine) -> Row {
    Row::new([
        Cell::Text(value),
        Cell::Count(line.requests.into()),
        Cell::cents(line.cost),
        Cell::Share(line.share.clone()),
        Cell::cents(line.can_wait),
        Cell::cents(line.saving),
    ])
    .bar(Bar::Amount(line.cost, Emphasis::Plain))
}

/// Values that several rows have.
pub fn repeated<'v>(values: impl Iterator<Item = Option<&'v str>>) -> HashSet<&'v str> {
    let mut known = HashSet::new();
    values.flatten().filter(|value| !known.insert(*value)).collect()
}

/// A value of a dimension, with its id where another one of its name has another.
pub fn value_of(value: Option<&str>, id: Option<&str>, repeated: &HashSet<&str>) -> Text {
    let Some(value) = value else { return "Unallocated".into() };
    let id = id.filter(|_| repeated.contains(value)).map(ToOwned::to_owned);
    workloads::with_details(value, id.as_slice())
}

/// The days, and which prices: unlike the figures above, no month's.
fn period(report: &Report) -> String {
    let days = report.period.map_or_else(
        || "of no days".to_owned(),
        |(period, basis)| {
            let days = plural(u64::from(period.days()), "day");
            let kind = match basis {
                MonthBasis::Calendar { months: 1 } => "a whole month",
                _ => "not a month's",
            };
            format!("of {} – {} ({days}, {kind})", day_words(period.from), day_words(period.to))
        },
    );
    let prices = if bill::on_basis(report).is_empty() { "" } else { ", at list prices" };
    format!("{days}{prices}")
}

/// How much of the cost is allocated, and why some of it cannot be.
fn said(by: &ByTable) -> Vec<Text> {
    let dimension = || name(&by.dimension, LONGEST_NAME);
    let mut said = Vec::new();
    if let Some(share) = &by.allocated_share {
        let is_nothing = by.rows.iter().all(|row| row.value.is_none());
        said.push(if is_nothing {
            text!("No row says its ", dimension(), ", so none of the cost is allocated.")
        } else {
            format!("{} of the cost is allocated.", percent(Some(share))).into()
        });
    }
    if !by.without.is_empty() {
        let (has, its) = if by.without.len() == 1 { ("has", "its") } else { ("have", "their") };
        let formats = named(&by.without, MOST_FORMATS, LONGEST_NAME);
        said.push(text!(formats, " ", has, " no ", dimension(), ": ", its, " cost stays unallocated."));
    }
    said.extend(no_trend(by).map(Text::from));
    said
}

/// Why no page has a trend, where none has.
fn no_trend(by: &ByTable) -> Option<&'static str> {
    let is_known = by.rows.iter().any(|line| line.months.is_some());
    match by.last_months {
        _ if !by.has_pages => None,
        None => Some("Fewer than two whole months were read, so there is no trend."),
        Some(_) => {
            (!is_known).then_some("Months are not compared: rows span several days, or there are too many sums by day.")
        }
    }
}
