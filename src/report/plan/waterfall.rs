//! The waterfall: steps that lead from a month of the period to the last of the plan.

use crate::money::Money;
use crate::plan::Plan;
use crate::report::document::ColumnType::{Rate, Text as Words};
use crate::report::document::{Bar, Cell, Emphasis, Precision, Row, Section, Table, is_nothing};
use crate::report::words::{difference, month_words, sum};

/// Words for a step of the waterfall.
pub fn bar_words(id: &str) -> &'static str {
    match id {
        "calendar" => "Days and weekdays of the month",
        "base-months" => "Base months versus period",
        "volume" => "Volume",
        "prices-changed" => "Prices that changed in the period",
        "prices-ahead" => "Known price changes ahead",
        "retirement" => "Successors of retired models",
        "batch-confirmed" => "Batch, confirmed",
        "batch-likely" => "Batch, likely",
        "lost-cache" => "Cache hits lost in batch",
        "failures-and-fallback" => "Failures and late results",
        _ => "Routing on the rest",
    }
}

/// From a month of the period to the last of the plan.
pub fn waterfall(plan: &Plan) -> Option<Section> {
    let found = plan.waterfall.as_ref()?;
    let amount = |amount: Money| Bar::Amount(amount, Emphasis::Plain);
    let mut table = Table::new([("Step", Words), ("A month", Rate)]);
    let first = Row::new([Cell::text("A month of the period"), Cell::whole(found.baseline)]);
    table.rows.push(first.bar(amount(found.baseline)));
    let (mut level, mut longest) = (found.baseline, found.baseline.max(found.target));
    for bar in found.bars.iter().filter(|bar| !is_nothing(bar.amount)) {
        let next = sum([level, bar.amount]);
        let cells = [Cell::text(bar_words(bar.id)), Cell::Change(bar.amount, Precision::Whole)];
        table.rows.push(Row::new(cells).bar(Bar::Step(level, next)));
        longest = longest.max(next);
        level = next;
    }
    let month = month_words(found.month);
    let target = Row::new([Cell::text(format!("{month} with the plan")), Cell::whole(found.target)]);
    table.rows.push(target.bar(amount(found.target)));
    table.apart = assumed(plan)
        .map(|(what, saving)| {
            let change = difference(Money::ZERO, saving);
            let cells = [Cell::text(what), Cell::Change(change, Precision::Whole)];
            Row::new(cells).bar(Bar::Assumed(difference(found.target, saving), found.target))
        })
        .collect();
    table.longest_bar = longest;
    let said = (!table.apart.is_empty()).then(|| "Assumed: what an assumption would save besides, in no sum.".into());
    Some(Section::new("waterfall", format!("From today to {month}")).paragraphs(said).table(table))
}

/// What an assumption would save besides in the last month of the plan; it is in no sum.
pub fn assumed(plan: &Plan) -> impl Iterator<Item = (&'static str, Money)> {
    let last = plan.months.last().filter(|_| !plan.projected.is_unknown());
    let undecided = last.map(|last| difference(last.batch_only.saving.high, last.batch_only.saving.base));
    let routing = plan.routing_assumed.map(|routing| routing.base);
    let found = [("Assumed: all undecided can wait", undecided), ("Assumed: routing, as of today", routing)];
    found.into_iter().filter_map(|(what, saving)| Some((what, saving.filter(|saving| !is_nothing(*saving))?)))
}
