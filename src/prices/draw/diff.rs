//! Two tables beside one another: for a terminal, as JSON and as CSV.

use std::collections::BTreeSet;

use comfy_table::{CellAlignment, ColumnConstraint, Table};
use serde_json::{Value as Json, json};

use super::{dim, grouped, left, page, plural, right};
use crate::diagnostic::text::guarded;
use crate::diagnostic::{Failure, sanitized, sanitized_short};
use crate::prices::diff::{Diff, Row, Status, Value};
use crate::prices::figures::{Figure, Tier};
use crate::report::csv;
use crate::report::json;
use crate::report::table::Page;
use crate::report::theme::Theme;

/// Names of models that a list on the page holds; JSON and CSV have all.
const MOST_NAMES: usize = 20;
/// Rows of different figures on the page.
const MOST_ROWS: usize = 60;
/// Models whose one-sided figures are told on the page.
const MOST_MODELS: usize = 30;
/// Columns of the CSV.
const COLUMNS: [&str; 10] =
    ["status", "provider", "model", "what", "tier", "class", "prompt_above", "here", "there", "ratio"];

/// Draws the comparison.
pub fn table(diff: &Diff, theme: &Theme) -> String {
    let mut page = page(theme);
    let about = format!(
        "{} beside {} ({}), USD per 1M tokens in force on {}{}",
        sanitized_short(&diff.here, 40),
        sanitized_short(&diff.there, 60),
        diff.kind,
        diff.on,
        if diff.only_used { "; only models that the log uses" } else { "" }
    );
    page.paragraph(Theme::dim, &about);
    page.line("");
    summary(diff, &mut page);
    different(diff, &mut page);
    retirements(diff, &mut page);
    for (status, words) in [(Status::OnlyHere, "only here"), (Status::OnlyThere, "only there")] {
        names(&format!("Batch prices {words}, on models in both"), &batch(diff, status).collect::<Vec<_>>(), &mut page);
    }
    for (status, words) in [(Status::OnlyHere, "only here"), (Status::OnlyThere, "only there")] {
        one_sided(diff, status, &format!("Figures {words}, on models in both"), &mut page);
    }
    names("Models only here", &diff.only_here, &mut page);
    names("Models only there", &diff.only_there, &mut page);
    page.text
}

fn summary(diff: &Diff, page: &mut Page<'_>) {
    let models = format!(
        "{} in both, {} only here, {} only there",
        grouped(diff.both),
        grouped(diff.only_here.len() as u64),
        grouped(diff.only_there.len() as u64)
    );
    page.labelled("Models", Theme::bold, &models);
    for (fact, label) in [("price", "Figures"), ("retires", "Retirement"), ("batch", "Batch")] {
        let [equal, different, here, there] = in_both(diff, fact);
        if fact != "price" && equal + different + here + there == 0 {
            continue;
        }
        // A model has prices in batch or has none: they are not different.
        let different = if fact == "batch" { String::new() } else { format!("{} different, ", grouped(different)) };
        let (equal, here, there) = (grouped(equal), grouped(here), grouped(there));
        let words = format!("of models in both {equal} equal, {different}{here} only here, {there} only there");
        page.labelled(label, Theme::bold, &words);
    }
    let mut rest: Vec<String> =
        diff.left_out.iter().map(|(words, count)| format!("{words}: {}", grouped(*count))).collect();
    if diff.not_in_force > 0 {
        rest.push(format!("models here without a price on that day: {}", grouped(diff.not_in_force)));
    }
    if diff.further_names > 0 {
        rest.push(format!("further names there for the same models: {}", grouped(diff.further_names)));
    }
    if !diff.unknown_providers.is_empty() {
        let models: u64 = diff.unknown_providers.iter().map(|(_, count)| count).sum();
        let first: Vec<String> =
            diff.unknown_providers.iter().take(8).map(|(name, _)| sanitized_short(name, 30)).collect();
        let more = diff.unknown_providers.len().saturating_sub(first.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        rest.push(format!(
            "{} there of providers that this table does not have: {}{more} (--alias THEIRS=OURS if one has another name here)",
            plural(models, "model"),
            first.join(", ")
        ));
    }
    for (index, words) in rest.iter().enumerate() {
        page.labelled(if index == 0 { "Left out" } else { "" }, Theme::bold, words);
    }
}

/// How many facts of a kind are equal, different, only here and only there, on models that both have.
fn in_both(diff: &Diff, fact: &'static str) -> [u64; 4] {
    [Status::Equal, Status::Different, Status::OnlyHere, Status::OnlyThere]
        .map(|status| diff.about(fact).filter(|row| row.model_in_both && row.status == status).count() as u64)
}

fn different(diff: &Diff, page: &mut Page<'_>) {
    let rows: Vec<(&Row, Figure)> = diff
        .rows
        .iter()
        .filter(|row| row.status == Status::Different)
        .filter_map(|row| Some((row, row.fact.figure()?)))
        .collect();
    if rows.is_empty() {
        return;
    }
    page.line("");
    let mut table = Table::new();
    let head = |text: &str| dim(text).set_alignment(CellAlignment::Right);
    table.add_row(vec![dim("different"), dim(""), dim(""), head("here"), head("there"), head("there ÷ here")]);
    for (row, figure) in rows.iter().take(MOST_ROWS) {
        table.add_row(vec![
            left(name(row)),
            left(figure.block()),
            left(figure.class.name()),
            right(value(row.here)),
            right(value(row.there)),
            right(row.ratio().unwrap_or_else(|| "–".to_owned())),
        ]);
    }
    unbroken(&mut table, 3);
    page.table(table);
    more(rows.len(), MOST_ROWS, "figure", page);
}

/// A name may be broken where there is no room, a figure may not.
fn unbroken(table: &mut Table, first: usize) {
    for index in first..table.column_count() {
        if let Some(figures) = table.column_mut(index) {
            figures.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
}

fn name(row: &Row) -> String {
    sanitized_short(&format!("{}/{}", row.provider, row.model), 44)
}

fn value(value: Option<Value>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// Retirement dates that are not the same.
fn retirements(diff: &Diff, page: &mut Page<'_>) {
    let rows: Vec<&Row> =
        diff.about("retires").filter(|row| row.model_in_both && row.status != Status::Equal).collect();
    if rows.is_empty() {
        return;
    }
    page.line("");
    let mut table = Table::new();
    table.add_row(vec![dim("retirement"), dim("here"), dim("there")]);
    for row in rows.iter().take(MOST_ROWS) {
        let stated =
            |day| left(Some(value(day)).filter(|day| !day.is_empty()).unwrap_or_else(|| "not stated".to_owned()));
        table.add_row(vec![left(name(row)), stated(row.here), stated(row.there)]);
    }
    unbroken(&mut table, 1);
    page.table(table);
    more(rows.len(), MOST_ROWS, "model", page);
}

/// Models in both of which only one table has prices in batch.
fn batch(diff: &Diff, status: Status) -> impl Iterator<Item = String> {
    diff.about("batch")
        .filter(move |row| row.model_in_both && row.status == status)
        .map(|row| format!("{}/{}", row.provider, row.model))
}

fn more(all: usize, most: usize, what: &str, page: &mut Page<'_>) {
    if all > most {
        let text = format!("and {} more (--format json or csv has all)", plural((all - most) as u64, what));
        page.paragraph(Theme::dim, &text);
    }
}

/// Figures that one table lacks on models that both have: a line for each model. Prices in batch where the other has none
/// are told of before.
fn one_sided(diff: &Diff, status: Status, title: &str, page: &mut Page<'_>) {
    let in_batch: BTreeSet<String> = batch(diff, status).collect();
    let mut models: Vec<(String, String)> = Vec::new();
    let mut last = None;
    for row in diff.rows.iter().filter(|row| row.status == status && row.model_in_both) {
        let name = format!("{}/{}", row.provider, row.model);
        let Some(figure) = row.fact.figure() else { continue };
        if figure.tier == Tier::Batch && in_batch.contains(&name) {
            continue;
        }
        let words = format!("{} {}", figure.class.name(), value(row.here.or(row.there)));
        let block = (figure.above, figure.tier);
        match models.last_mut() {
            Some((known, figures)) if *known == name => {
                if last == Some(block) {
                    figures.push_str(", ");
                } else {
                    figures.push_str("; ");
                    figures.push_str(&figure.block());
                    figures.push_str(": ");
                }
                figures.push_str(&words);
            }
            _ => models.push((name, format!("{}: {words}", figure.block()))),
        }
        last = Some(block);
    }
    if models.is_empty() {
        return;
    }
    page.line("");
    page.line(&page.theme.bold(title));
    for (name, figures) in models.iter().take(MOST_MODELS) {
        page.paragraph(Theme::as_is, &format!("{}  {figures}", sanitized(name)));
    }
    more(models.len(), MOST_MODELS, "model", page);
}

fn names(title: &str, names: &[String], page: &mut Page<'_>) {
    if names.is_empty() {
        return;
    }
    page.line("");
    page.line(&page.theme.bold(title));
    let first: Vec<String> = names.iter().take(MOST_NAMES).map(|name| sanitized_short(name, 60)).collect();
    page.paragraph(Theme::as_is, &first.join(", "));
    more(names.len(), MOST_NAMES, "model", page);
}

/// How many facts of a kind are so.
fn counts(diff: &Diff, fact: &'static str) -> Json {
    let count = |status: Status| diff.about(fact).filter(|row| row.status == status).count();
    json!({
        "equal": count(Status::Equal),
        "different": count(Status::Different),
        "only_here": count(Status::OnlyHere),
        "only_there": count(Status::OnlyThere),
    })
}

/// The comparison as JSON (`batchwise.prices-diff/1`).
pub fn json(diff: &Diff) -> Result<String, Failure> {
    let row = |row: &Row| {
        let figure = row.fact.figure();
        json!({
            "status": row.status.name(),
            "provider": row.provider,
            "model": row.model,
            "what": row.fact.name(),
            "tier": figure.map(|figure| figure.tier.name()),
            "class": figure.map(|figure| figure.class.name()),
            "prompt_above": figure.map(|figure| figure.above).filter(|size| *size > 0),
            "here": row.here.map(|value| value.to_string()),
            "there": row.there.map(|value| value.to_string()),
            "ratio": row.ratio(),
        })
    };
    let rows: Vec<Json> = diff.rows.iter().map(row).collect();
    let left_out: Vec<Json> =
        diff.left_out.iter().map(|(words, count)| json!({"what": words, "count": count})).collect();
    let unknown: Vec<Json> =
        diff.unknown_providers.iter().map(|(name, count)| json!({"provider": name, "models": count})).collect();
    json::text(&json!({
        "schema": "batchwise.prices-diff/1",
        "currency": "USD",
        "unit": "USD per 1M tokens",
        "on": diff.on.to_string(),
        "only_used": diff.only_used,
        "here": diff.here,
        "there": diff.there,
        "kind": diff.kind,
        "models": {
            "both": diff.both,
            "only_here": diff.only_here,
            "only_there": diff.only_there,
            "further_names": diff.further_names,
            "not_in_force": diff.not_in_force,
            "unknown_providers": unknown,
        },
        "figures": counts(diff, "price"),
        "retirements": counts(diff, "retires"),
        "batch": counts(diff, "batch"),
        "left_out": left_out,
        "rows": rows,
    }))
}

/// The comparison as CSV: a row for each fact.
pub fn csv(diff: &Diff) -> Result<String, Failure> {
    let row = |row: &Row| {
        let figure = row.fact.figure();
        let above = figure.map(|figure| figure.above).filter(|size| *size > 0);
        vec![
            row.status.name().to_owned(),
            guarded(sanitized(&row.provider)).into_owned(),
            guarded(sanitized(&row.model)).into_owned(),
            row.fact.name().to_owned(),
            figure.map(|figure| figure.tier.name()).unwrap_or_default().to_owned(),
            figure.map(|figure| figure.class.name()).unwrap_or_default().to_owned(),
            above.map(|size| size.to_string()).unwrap_or_default(),
            value(row.here),
            value(row.there),
            row.ratio().unwrap_or_default(),
        ]
    };
    let rows: Vec<Vec<String>> =
        std::iter::once(COLUMNS.map(ToOwned::to_owned).to_vec()).chain(diff.rows.iter().map(row)).collect();
    csv::text(&rows)
}
