//! What moves the result, and where batch stops paying.

use crate::money::Money;
use crate::plan::break_even::{PaysUpTo, limit_words};
use crate::plan::sensitivity::Driver;
use crate::plan::words::percent;
use crate::plan::{BreakEven, Plan};
use crate::report::document::ColumnType::{Rate, Text as Words};
use crate::report::document::{
    Bar, Cell, Emphasis, LONGEST_NAME, LONGEST_SENTENCE, Row, Section, Table, Text, name, quote, text,
};
use crate::report::words::{difference, whole_dollars};

/// Sentences about caches.
const MOST_SENTENCES: usize = 6;

/// Words for an assumption.
pub fn driver_words(id: &str) -> &'static str {
    match id {
        "eligible-share" => "Batch-eligible share",
        "cache-hits" => "Cache hits kept in batch",
        "routing-share" => "Share that routing moves",
        "failures" => "Failures in batch",
        "turnaround" => "How long batches take",
        "min-monthly-saving" => "Smallest saving worth a step",
        _ => "Growth",
    }
}

/// What is at stake in an assumption: how far its two ends are from one another.
pub fn at_stake(driver: &Driver) -> Money {
    difference(driver.at_low.max(driver.at_high), driver.at_low.min(driver.at_high))
}

/// Assumptions that make a difference.
pub fn drivers(plan: &Plan) -> impl Iterator<Item = &Driver> {
    plan.sensitivity.1.iter().filter(|driver| !at_stake(driver).is_zero())
}

/// Assumptions that make a difference, and break-evens; nothing where nothing is saved and nothing would be.
pub fn sensitivity(plan: &Plan) -> Option<Section> {
    let mut table = Table::new([("Assumption", Words), ("Low", Words), ("High", Words), ("At stake", Rate)]);
    let end = |words: &str, saving: Money| {
        Cell::Text(text!(quote(words, LONGEST_SENTENCE), format!(": {}", whole_dollars(saving))))
    };
    let row = |driver: &Driver| {
        let stake = at_stake(driver);
        Row::new([
            Cell::text(driver_words(driver.id)),
            end(&driver.low, driver.at_low),
            end(&driver.high, driver.at_high),
            Cell::whole(stake),
        ])
        .bar(Bar::Amount(stake, Emphasis::Plain))
    };
    table.rows = drivers(plan).map(row).collect();
    table.longest_bar = drivers(plan).map(at_stake).max().unwrap_or_default();
    let said = format!(
        "The base saving is {} a month at full rollout. One assumption at a time at its two ends; what is not in batch counts as routed, so moving it adds the difference:",
        whole_dollars(plan.sensitivity.0)
    );
    let section = Section::new("sensitivity", "What moves the result").paragraph(said);
    (!table.is_empty()).then(|| section.table(table).list(break_evens(plan)))
}

/// Where batch stops paying because prompts are cached: for what moves, and for what stays because of it.
fn break_evens(plan: &Plan) -> impl Iterator<Item = Text> {
    let said = |found: &BreakEven| {
        let PaysUpTo::Share(limit) = &found.pays else { return None };
        let workload = name(&*found.workload, LONGEST_NAME);
        let most = limit_words(limit);
        let words = match &found.cached_today {
            Some(cached) if cached > limit => {
                format!(": already past break-even ({} cached, {most} is the limit), so it stays.", percent(cached))
            }
            Some(cached) => {
                format!(": batch pays up to {most} of its prompt cached (today {}).", percent(cached))
            }
            None => format!(": batch pays up to {most} of its prompt cached."),
        };
        Some(text!(workload, words))
    };
    plan.break_evens.iter().filter(|found| found.decides).filter_map(said).take(MOST_SENTENCES)
}
