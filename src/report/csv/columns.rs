//! The columns of `batchwise.report.csv/1` and `batchwise.estimate.csv/1`.
//!
//! `section`, `row`, `metric` and `case` are a value's place in the JSON; the columns between them repeat what it is about and
//! in which unit it is, so that each row can be read, filtered and pivoted alone.

use std::borrow::Cow;
use std::io::Write;

use super::{Place, Value, Writer, cell, leaves, of_json};
use crate::diagnostic::text::guarded;
use crate::diagnostic::{WriteError, sanitized};

const COLUMNS: [&str; 12] =
    ["section", "row", "subject", "provider", "model", "verdict", "band", "metric", "case", "period", "unit", "value"];

/// What the entries of a list are about: the key that is their subject.
const SUBJECTS: [(&str, &str); 20] = [
    ("inputs", "file"),
    ("prices.layers", "file"),
    ("scenarios", "id"),
    ("workloads", "workload"),
    ("reconciliation.days", "day"),
    ("reconciliation.lines", "day"),
    ("reconciliation.items", "item"),
    ("reconciliation.causes", "cause"),
    ("other_charges", "item"),
    ("improvements", "gap"),
    ("control_totals", "month"),
    ("exceptions", "code"),
    ("questions", "workload"),
    ("warnings", "code"),
    ("incomplete", "code"),
    ("by", "value"),
    ("by.workloads", "value"),
    ("by.months", "value"),
    ("by.to_the_bill", "code"),
    ("movers.rows", "value"),
];

/// Amounts of a month.
const MONTHLY: [&str; 8] = [
    "monthly_cost",
    "monthly_saving",
    "monthly_spend",
    "monthly_at_list",
    "saving_forgone",
    "first",
    "second",
    "change",
];

/// Amounts of the days that were read.
const AMOUNTS: [&str; 16] = [
    "long_context",
    "amount",
    "cost",
    "batch_cost",
    "can_wait",
    "batch_saving",
    "free_tier_list_value",
    "list_value",
    "computed",
    "billed",
    "residual",
    "from_bill",
    "total",
    "tolerance",
    "found",
    "difference",
];

/// The JSON of a report or of an estimate as CSV. What stands in no section is in the one that `whole` names: of an estimate
/// all but the scenarios.
pub(crate) fn render(json: &str, whole: &str, out: &mut dyn Write) -> Result<(), WriteError> {
    of_json(json, &COLUMNS, out, |writer, place, value| match value {
        Value::Map(entry) => of_entry(writer, place, entry),
        leaf => of_leaf(writer, place, whole, leaf),
    })
}

/// An entry of a list: what it is about, and a row for each other leaf.
fn of_entry(writer: &mut Writer<'_>, place: &Place<'_>, entry: &[(Cow<'_, str>, Value<'_>)]) -> csv::Result<()> {
    let section = if place.path == "by.rows" { "by" } else { place.path };
    let subject = SUBJECTS.iter().find(|(list, _)| *list == section).map_or("", |(_, key)| key);
    let about = |key: &str| entry.iter().find(|(known, _)| known == key).and_then(|(_, value)| value.text());
    let about = |key: &'static str| (key, about(key).map(|text| guarded(sanitized(text))).unwrap_or_default());
    let about = [subject, "provider", "model", "verdict", "band"].map(about);
    let is_column = |key: &str| about.iter().any(|(column, _)| *column == key);
    let cells = about.each_ref().map(|(_, text)| &**text);
    let number = place.row_text();
    let mut write = |metric: &str, leaf: &Value<'_>| row(writer, (section, &number), cells, metric, leaf);
    entry.iter().filter(|(key, _)| !is_column(key)).try_for_each(|(key, value)| match value {
        Value::List(texts) => write(key, &one_text(texts)),
        value => leaves(key, value, &mut write),
    })
}

/// A value that stands in no list of entries.
fn of_leaf(writer: &mut Writer<'_>, place: &Place<'_>, whole: &str, leaf: &Value<'_>) -> csv::Result<()> {
    let (section, metric) = match place.path.split_once('.') {
        Some(inner) if whole == "report" => inner,
        _ => (whole, place.path),
    };
    row(writer, (section, &place.row_text()), [""; 5], metric, leaf)
}

/// A list inside of an entry is one text.
fn one_text(texts: &[Value<'_>]) -> Value<'static> {
    Value::Text(texts.iter().filter_map(Value::text).collect::<Vec<_>>().join("; ").into())
}

fn row(
    writer: &mut Writer<'_>,
    (section, row): (&str, &str),
    [subject, provider, model, verdict, band]: [&str; 5],
    metric: &str,
    leaf: &Value<'_>,
) -> csv::Result<()> {
    let (metric, case) = match metric.rsplit_once('.') {
        Some((outer, case @ ("low" | "base" | "high"))) if !is_detail(metric) => (outer, case),
        _ => (metric, ""),
    };
    let (period, unit) = measure(section, metric);
    let metric = if is_detail(metric) { sanitized(metric) } else { metric.into() };
    writer.write_record([
        section,
        row,
        subject,
        provider,
        model,
        verdict,
        band,
        &metric,
        case,
        period,
        unit,
        &cell(leaf),
    ])
}

/// Whether a metric is a field of the log, whose name may be any text.
fn is_detail(metric: &str) -> bool {
    metric.starts_with("detail.")
}

/// The span that a value covers, and its unit.
fn measure(section: &str, metric: &str) -> (&'static str, &'static str) {
    let first = metric.split('.').next().unwrap_or(metric);
    let last = metric.rsplit('.').next().unwrap_or(metric);
    match (section, first, last) {
        (_, "detail", _) => ("", "text"),
        ("reconciliation.days" | "reconciliation.lines", "computed" | "billed" | "residual", _) => ("day", "USD"),
        ("inputs", "rows", _) => ("", "rows"),
        ("inputs", "billed", _) => ("", "USD"),
        ("inputs", "bytes", _) => ("", "bytes"),
        ("prices.layers", ..) => ("", "count"),
        (_, "batch_ways", _) => ("period", "USD"),
        ("period" | "movers.halves", "days", _) => ("", "days"),
        ("estimate", _, "share") => ("", "share"),
        (_, "tokens", _) | (_, _, "tokens") => ("period", "tokens"),
        (_, _, "days") => ("period", "days"),
        (_, _, "requests") => ("period", "requests"),
        (_, _, "count") => ("", "count"),
        (_, _, "from" | "to" | "checked" | "month") => ("", "date"),
        (_, _, "ratio" | "agreed_ratio") | (_, "classes", _) => ("period", "ratio"),
        (_, _, "share" | "allocated_share" | "coverage" | "long_context_share") => ("period", "share"),
        (_, _, "saving_share" | "batch_share" | "input_share") => ("month", "share"),
        _ if first == "parts" || MONTHLY.contains(&last) => ("month", "USD"),
        _ if AMOUNTS.contains(&last) => ("period", "USD"),
        _ => ("", "text"),
    }
}
