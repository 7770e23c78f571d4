//! Two tables beside one another: for a terminal, as JSON and as CSV.

use comfy_table::{CellAlignment, ColumnConstraint, Table};
use serde_json::{Value, json};

use super::{dim, grouped, left, page, plural, rate, right};
use crate::diagnostic::text::guarded;
use crate::diagnostic::{Failure, sanitized, sanitized_short};
use crate::prices::diff::{Diff, Row, Status};
use crate::prices::figures::Figure;
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
const COLUMNS: [&str; 9] = ["status", "provider", "model", "tier", "class", "prompt_above", "here", "there", "ratio"];

/// Draws the comparison.
pub fn table(diff: &Diff, theme: &Theme) -> String {
    let mut page = page(theme);
    let about = format!(
        "{} beside {} ({}), USD per 1M tokens in force on {}",
        sanitized_short(&diff.here, 40),
        sanitized_short(&diff.there, 60),
        diff.kind,
        diff.on
    );
    page.paragraph(Theme::dim, &about);
    page.line("");
    summary(diff, &mut page);
    different(diff, &mut page);
    one_sided(diff, Status::OnlyHere, "Figures only here, on models in both", &mut page);
    one_sided(diff, Status::OnlyThere, "Figures only there, on models in both", &mut page);
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
    let in_both =
        |status: Status| diff.rows.iter().filter(|row| row.model_in_both && row.status == status).count() as u64;
    let figures = format!(
        "of models in both {} equal, {} different, {} only here, {} only there",
        grouped(in_both(Status::Equal)),
        grouped(in_both(Status::Different)),
        grouped(in_both(Status::OnlyHere)),
        grouped(in_both(Status::OnlyThere))
    );
    page.labelled("Figures", Theme::bold, &figures);
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

/// A tier and its context step.
fn block_words(figure: Figure) -> String {
    let above = if figure.above > 0 { format!(" above {}", grouped(figure.above)) } else { String::new() };
    format!("{}{above}", figure.tier.name())
}

fn different(diff: &Diff, page: &mut Page<'_>) {
    let rows: Vec<&Row> = diff.rows.iter().filter(|row| row.status == Status::Different).collect();
    if rows.is_empty() {
        return;
    }
    page.line("");
    let mut table = Table::new();
    let head = |text: &str| dim(text).set_alignment(CellAlignment::Right);
    table.add_row(vec![dim("different"), dim(""), dim(""), head("here"), head("there"), head("there ÷ here")]);
    for row in rows.iter().take(MOST_ROWS) {
        table.add_row(vec![
            left(sanitized_short(&format!("{}/{}", row.provider, row.model), 44)),
            left(block_words(row.figure)),
            left(row.figure.class.name()),
            right(rate(row.here)),
            right(rate(row.there)),
            right(row.ratio().unwrap_or_else(|| "–".to_owned())),
        ]);
    }
    // A name may be broken where there is no room, a figure may not.
    for index in 3..table.column_count() {
        if let Some(figures) = table.column_mut(index) {
            figures.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    page.table(table);
    more(rows.len(), MOST_ROWS, "figure", page);
}

fn more(all: usize, most: usize, what: &str, page: &mut Page<'_>) {
    if all > most {
        let text = format!("and {} more (--format json or csv has all)", plural((all - most) as u64, what));
        page.paragraph(Theme::dim, &text);
    }
}

/// Figures that one table lacks on models that both have: a line for each model.
fn one_sided(diff: &Diff, status: Status, title: &str, page: &mut Page<'_>) {
    let mut models: Vec<(String, String)> = Vec::new();
    let mut last = None;
    for row in diff.rows.iter().filter(|row| row.status == status && row.model_in_both) {
        let name = format!("{}/{}", row.provider, row.model);
        let words = format!("{} {}", row.figure.class.name(), rate(row.here.or(row.there)));
        let block = (row.figure.above, row.figure.tier);
        match models.last_mut() {
            Some((known, figures)) if *known == name => {
                if last == Some(block) {
                    figures.push_str(", ");
                } else {
                    figures.push_str("; ");
                    figures.push_str(&block_words(row.figure));
                    figures.push_str(": ");
                }
                figures.push_str(&words);
            }
            _ => models.push((name, format!("{}: {words}", block_words(row.figure)))),
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

/// The comparison as JSON (`batchwise.prices-diff/1`).
pub fn json(diff: &Diff) -> Result<String, Failure> {
    let count = |status: Status| diff.count(status);
    let rows: Vec<Value> = diff
        .rows
        .iter()
        .map(|row| {
            json!({
                "status": row.status.name(),
                "provider": row.provider,
                "model": row.model,
                "tier": row.figure.tier.name(),
                "class": row.figure.class.name(),
                "prompt_above": (row.figure.above > 0).then_some(row.figure.above),
                "here": row.here.map(|rate| rate.to_string()),
                "there": row.there.map(|rate| rate.to_string()),
                "ratio": row.ratio(),
            })
        })
        .collect();
    let left_out: Vec<Value> =
        diff.left_out.iter().map(|(words, count)| json!({"what": words, "count": count})).collect();
    let unknown: Vec<Value> =
        diff.unknown_providers.iter().map(|(name, count)| json!({"provider": name, "models": count})).collect();
    json::text(&json!({
        "schema": "batchwise.prices-diff/1",
        "currency": "USD",
        "unit": "USD per 1M tokens",
        "on": diff.on.to_string(),
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
        "figures": {
            "equal": count(Status::Equal),
            "different": count(Status::Different),
            "only_here": count(Status::OnlyHere),
            "only_there": count(Status::OnlyThere),
        },
        "left_out": left_out,
        "rows": rows,
    }))
}

/// The comparison as CSV: a row for each figure.
pub fn csv(diff: &Diff) -> Result<String, Failure> {
    let mut rows = vec![COLUMNS.map(ToOwned::to_owned).to_vec()];
    rows.extend(diff.rows.iter().map(|row| {
        vec![
            row.status.name().to_owned(),
            guarded(sanitized(&row.provider)).into_owned(),
            guarded(sanitized(&row.model)).into_owned(),
            row.figure.tier.name().to_owned(),
            row.figure.class.name().to_owned(),
            if row.figure.above > 0 { row.figure.above.to_string() } else { String::new() },
            rate(row.here),
            rate(row.there),
            row.ratio().unwrap_or_default(),
        ]
    }));
    csv::text(&rows)
}
