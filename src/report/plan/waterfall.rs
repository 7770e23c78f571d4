//! The waterfall: steps that lead from a month of the period to the last of the plan.

use crate::money::Money;
use crate::plan::Plan;
use crate::report::document::ColumnType::{Rate, Text as Words};
use crate::report::document::{Bar, Cell, Emphasis, Precision, Row, Section, Table, is_nothing};
use crate::report::words::{month_words, sum};

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
    let total = Row::new([Cell::text(format!("{month} with the plan")), Cell::whole(found.target)]);
    table.total = Some(total.bar(amount(found.target)));
    table.longest_bar = longest;
    Some(Section::new("waterfall", format!("From today to {month}")).table(table))
}
