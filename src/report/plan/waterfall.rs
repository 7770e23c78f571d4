//! The waterfall: steps that lead from a month of the period to the last of the plan.

use super::content::Holds::{Figure, Text};
use super::content::{Bar, Bars, Grid, Section, Tone};
use super::months::shown;
use crate::money::Money;
use crate::plan::Plan;
use crate::plan::waterfall::Waterfall;
use crate::report::words::{difference, dollars, largest, shown_sums, sum, to_the_cent};

/// Words for a step of the waterfall.
pub fn bar_words(id: &str) -> &'static str {
    match id {
        "calendar" => "days and weekdays of the month",
        "base-months" => "the base months beside the whole period",
        "volume" => "volume",
        "prices-changed" => "prices that changed in the period",
        "prices-ahead" => "known price changes ahead",
        "retirement" => "successors of retired models",
        "batch-confirmed" => "batch, confirmed",
        "batch-likely" => "batch, likely",
        "lost-cache" => "cache hits lost in batch",
        "failures-and-fallback" => "failures and late results",
        _ => "routing on the rest",
    }
}

/// The waterfall to the cent: its steps lead from the baseline to the target.
#[derive(Debug)]
pub struct ShownWaterfall {
    /// A month of the period.
    pub baseline: Money,
    /// The steps, in order.
    pub steps: Vec<Money>,
    /// The last month of the plan, as it is shown beside the others.
    pub target: Money,
}

/// The waterfall as it is shown.
pub fn shown_waterfall(plan: &Plan) -> Option<(&Waterfall, ShownWaterfall)> {
    let (_, months) = shown(plan);
    let (found, target) = (plan.waterfall.as_ref()?, months.last()?.combined);
    let baseline = to_the_cent(found.baseline);
    let amounts: Vec<Money> = found.bars.iter().map(|bar| bar.amount).collect();
    let (steps, _) = shown_sums(&amounts, largest(&amounts), difference(target, baseline));
    Some((found, ShownWaterfall { baseline, steps, target }))
}

/// From a month of the period to the last of the plan.
pub fn waterfall(plan: &Plan) -> Option<Section> {
    let (found, shown) = shown_waterfall(plan)?;
    let mut rows = vec![vec!["a month of the period".to_owned(), dollars(shown.baseline)]];
    let mut level = shown.baseline;
    let mut bars = vec![Bar::Amount(level, Tone::Plain)];
    let mut whole = level.max(shown.target);
    for (bar, amount) in found.bars.iter().zip(shown.steps).filter(|(_, amount)| !amount.is_zero()) {
        let next = sum([level, amount]);
        bars.push(Bar::Step(level, next));
        whole = whole.max(next);
        level = next;
        let sign = if amount.is_negative() { "" } else { "+" };
        rows.push(vec![bar_words(bar.id).to_owned(), format!("{sign}{}", dollars(amount))]);
    }
    bars.push(Bar::Amount(shown.target, Tone::Plain));
    let total = Some(vec![format!("{} with the plan", found.month), dollars(shown.target)]);
    Some(Section {
        heading: format!("From today to {}", found.month),
        table: Some(Grid {
            head: vec![("step", Text), ("a month", Figure)],
            rows,
            total,
            bars: Some(Bars { whole, rows: bars }),
            ..Grid::default()
        }),
        ..Section::default()
    })
}
