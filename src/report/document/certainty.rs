//! How far the figures can be relied on.

use super::ColumnType::Text as Words;
use super::{Cell, Kind, Row, Section, Table, bill, workloads};
use crate::report::Report;
use crate::report::words::{difference, dollars, grouped, plural, share_of};

/// What was compared with a bill, priced, decided and read.
pub fn certainty(report: &Report) -> Option<Section> {
    let mut table = Table::new([("Check", Words), ("Result", Words), ("What it stands on", super::ColumnType::Reason)]);
    table.rows = [against_the_bill(report), priced(report), undecided(report), rows(report)]
        .into_iter()
        .map(|[check, result, note]| Row::new([check, result, note].map(Cell::text)))
        .collect();
    Section::new("certainty", "How sure it is").table(table).if_any()
}

fn against_the_bill(report: &Report) -> [String; 3] {
    let result = match &report.reconciliation {
        Some(found) => bill::standing(report, found),
        None if report.cost.billed.is_some() => "The bill itself".to_owned(),
        None => "No bill".to_owned(),
    };
    ["Against the bill".to_owned(), result, bill::summary(report)]
}

fn priced(report: &Report) -> [String; 3] {
    let billed = report.usage.unpriced_billed;
    let tokens = report.usage.tokens.total();
    let unpriced = u128::from(report.usage.unpriced_tokens);
    let result = match (unpriced, billed.is_zero()) {
        (0, true) => "Everything".to_owned(),
        (0, false) => {
            share_of(difference(report.cost.computed, billed), report.cost.computed).unwrap_or_else(|| "n/a".to_owned())
        }
        _ => part_of(tokens.saturating_sub(unpriced), tokens),
    };
    let note = if !billed.is_zero() {
        format!("{} on the bill is for models without a price.", dollars(billed))
    } else if unpriced == 0 {
        "Every model has a price.".to_owned()
    } else {
        format!("{} tokens have no price and are in no figure.", grouped(unpriced))
    };
    ["Priced".to_owned(), result, note]
}

fn undecided(report: &Report) -> [String; 3] {
    let open = &report.undecided;
    let (result, note) = if open.groups == 0 {
        ("Nothing".to_owned(), "Something is known of every workload.".to_owned())
    } else {
        let cost = dollars(workloads::cost(report, Kind::Undecided));
        (
            share_of(open.monthly_cost, report.today).unwrap_or_else(|| "n/a".to_owned()),
            format!("{cost} a month in {}.", plural(open.groups, "group")),
        )
    };
    ["Undecided".to_owned(), result, note]
}

fn rows(report: &Report) -> [String; 3] {
    let read: u128 = report.inputs.iter().map(|input| u128::from(input.read)).sum();
    let outcomes = report.inputs.iter().flat_map(|input| &input.rows);
    let rejected: u128 =
        outcomes.filter(|(outcome, _)| *outcome == "rejected").map(|(_, count)| u128::from(*count)).sum();
    let result = if rejected == 0 { "All read".to_owned() } else { format!("{} rejected", grouped(rejected)) };
    ["Rows".to_owned(), result, format!("{} in the ledger, each with what became of it.", grouped(read))]
}

/// A share of tokens, never rounded up to all of them.
fn part_of(part: u128, whole: u128) -> String {
    let tenths = part.saturating_mul(1_000).checked_div(whole).unwrap_or(0);
    format!("{}.{} %", tenths / 10, tenths % 10)
}
