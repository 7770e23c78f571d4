//! What announced changes cost, for readers and as JSON.

use serde_json::{Value, json};

use crate::diagnostic::Failure;
use crate::prices::impact::{Event, Impact, Kind, Unknown, WorkloadImpact};
use crate::report::Report;
use crate::report::document::ColumnType::{Figure, Reason, Text as Words};
use crate::report::document::{
    self, Cell, Document, Headline, LONGEST_NAME, LONGEST_PATH, MOST_ROWS, Part, Precision, Row, Section, Table, Text,
    name, text,
};
use crate::report::json as report_json;
use crate::report::words::{date_words, day_words, sum, whole_dollars};

/// The impact for readers.
pub fn document(impact: &Impact, report: &Report) -> Document {
    let most = report.row_limit(MOST_ROWS);
    let headline =
        Headline { answer: answer(impact, report), incomplete: document::incomplete(report), ..Headline::default() };
    Document {
        name: "batchwise prices impact",
        about: document::about(report),
        headline,
        parts: Part::new("impact", "", [known(impact, most), not_known(impact, most)]).into_iter().collect(),
        top: report.top,
    }
}

/// Every workload of every event of which the change is known, or is not.
fn parts(impact: &Impact, is_known: bool) -> impl Iterator<Item = (&Event, &WorkloadImpact)> {
    let all = impact.events.iter().flat_map(|event| event.workloads.iter().map(move |part| (event, part)));
    all.filter(move |(_, part)| part.change.is_ok() == is_known)
}

fn answer(impact: &Impact, report: &Report) -> Vec<Text> {
    let last_day = report.period.map(|(period, _)| format!(" of {}", day_words(period.to))).unwrap_or_default();
    let cost = whole_dollars(impact.cost);
    let mut answer = vec![if parts(impact, true).next().is_none() {
        format!("A month costs {cost} at the prices{last_day}, and no change is announced that has a price.").into()
    } else {
        let after = whole_dollars(impact.cost_after);
        format!("A month costs {cost} at the prices{last_day}, and {after} after all that is announced.").into()
    }];
    if !impact.not_known.is_zero() {
        let open = whole_dollars(impact.not_known);
        answer.push(format!("Of {open} the price table does not say what it costs by then.").into());
    }
    answer
}

/// What is announced and has a price, in order of days.
fn known(impact: &Impact, most: usize) -> Option<Section> {
    let columns = [
        ("From", Words),
        ("Workload", Words),
        ("Model", Words),
        ("A month", Figure),
        ("Change", Figure),
        ("What", Reason),
    ];
    let row = |(event, part): (&Event, &WorkloadImpact)| {
        let change = part.change.unwrap_or_default();
        let cells = [Cell::cents(part.cost), Cell::Change(change, Precision::Cents), Cell::Text(what(event))];
        Row::new(subject(event, part).into_iter().chain(cells))
    };
    let mut table = Table::new(columns).rows(parts(impact, true).map(row), most);
    let all = sum(parts(impact, true).filter_map(|(_, part)| part.change.ok()));
    let total =
        [Cell::text("All"), Cell::Empty, Cell::Empty, Cell::Empty, Cell::Change(all, Precision::Cents), Cell::Empty];
    table.total = Some(Row::new(total)).filter(|_| !table.rows.is_empty());
    let said = "Each change is against the prices before it, at the volume of the period.";
    (!table.is_empty()).then(|| Section::new("announced", "Announced changes, a month").paragraph(said).table(table))
}

/// What is announced and leaves it open what a month costs.
fn not_known(impact: &Impact, most: usize) -> Option<Section> {
    let columns = [("From", Words), ("Workload", Words), ("Model", Words), ("A month", Figure), ("Why", Reason)];
    let row = |(event, part): (&Event, &WorkloadImpact)| {
        let why = part.change.err().map(|why| Cell::Text(why_not(event, why))).unwrap_or_default();
        Row::new(subject(event, part).into_iter().chain([Cell::cents(part.cost), why]))
    };
    let table = Table::new(columns).rows(parts(impact, false).map(row), most);
    let said =
        "These keep their price in the figures above. A layer for `--prices` can name the successor or the price.";
    (!table.is_empty()).then(|| Section::new("not-known", "Not known").paragraph(said).table(table))
}

fn subject(event: &Event, part: &WorkloadImpact) -> [Cell; 3] {
    [
        Cell::text(date_words(&event.day.to_string())),
        Cell::text(name(&*part.workload, LONGEST_NAME)),
        Cell::text(name(&*event.model, LONGEST_PATH)),
    ]
}

/// What happens, in a few words.
fn what(event: &Event) -> Text {
    let successor = event.successor.as_ref().map(|model| name(&**model, LONGEST_PATH));
    match (event.kind, successor) {
        (Kind::Retirement, Some(successor)) => text!(retired(event), "; the work goes to ", successor),
        (Kind::Retirement, None) => retired(event).into(),
        (Kind::PromotionEnds, _) => "the promotion ends".into(),
        (Kind::PriceChange, Some(served)) => text!("from then on it is served as ", served),
        (Kind::PriceChange, None) => "the price changes".into(),
    }
}

const fn retired(event: &Event) -> &'static str {
    if event.is_over { "was retired" } else { "is retired" }
}

fn why_not(event: &Event, why: Unknown) -> Text {
    match why {
        Unknown::NoSuccessor => text!(retired(event), ", and the price table names no successor"),
        Unknown::NoPriceAfter => "the promotion ends, and the price table has no price after it".into(),
        Unknown::MissingRate => what(event).and("; a rate is missing for some of the calls"),
        Unknown::Billed => what(event).and("; the cost stands on a bill, not on the price table"),
    }
}

/// The impact as JSON (`batchwise.prices-impact/1`).
pub fn json(impact: &Impact, report: &Report) -> Result<String, Failure> {
    let workload = |part: &WorkloadImpact| {
        json!({
            "workload": part.workload,
            "monthly_cost": part.cost,
            "monthly_change": part.change.ok(),
            "unknown": part.change.err().map(Unknown::name),
        })
    };
    let event = |event: &Event| {
        let known = event.workloads.iter().filter_map(|part| part.change.ok());
        json!({
            "day": event.day.to_string(),
            "kind": event.kind.name(),
            "is_over": event.is_over,
            "model": event.model,
            "successor": event.successor,
            "monthly_cost": sum(event.workloads.iter().map(|part| part.cost)),
            "monthly_change": event.workloads.iter().any(|part| part.change.is_ok()).then(|| sum(known)),
            "workloads": event.workloads.iter().map(workload).collect::<Vec<Value>>(),
        })
    };
    let incomplete = report.incomplete.iter().map(|note| json!({"code": note.code, "message": note.message}));
    report_json::text(&json!({
        "schema": "batchwise.prices-impact/1",
        "currency": "USD",
        "prices": {"source": report.prices.source, "checked": report.prices.checked},
        "period": report.period.map(|(period, _)| json!({"from": period.from.to_string(), "to": period.to.to_string()})),
        "monthly_cost": impact.cost,
        "monthly_cost_after": impact.cost_after,
        "not_known": impact.not_known,
        "events": impact.events.iter().map(event).collect::<Vec<Value>>(),
        "incomplete": incomplete.collect::<Vec<Value>>(),
    }))
}
