//! What the saving hangs on, and where batch stops paying.

use super::content::Holds::{Figure, Text};
use super::content::{Bar, Bars, Grid, Section, Show, Tone, name, percent};
use crate::plan::break_even::{About, PaysUpTo, sentence};
use crate::plan::{BreakEven, Plan};
use crate::report::words::{difference, dollars, to_the_cent};

/// Sentences about caches.
const MOST_SENTENCES: usize = 6;

/// Words for an assumption.
pub fn driver_words(id: &str) -> &'static str {
    match id {
        "eligible-share" => "what can wait",
        "cache-hits" => "cache hits kept in batch",
        "routing-share" => "share that routing moves",
        "failures" => "failures in batch",
        "turnaround" => "how long batches take",
        "min-monthly-saving" => "smallest saving worth a step",
        _ => "growth",
    }
}

/// Assumptions that make a difference, and break-evens; nothing where nothing is saved and nothing would be.
pub fn sensitivity(plan: &Plan, show: Show) -> Option<Section> {
    let (base, drivers) = &plan.sensitivity;
    let mut rows = Vec::new();
    let mut bars = Vec::new();
    for driver in drivers.iter().filter(|driver| driver.spread().is_ok_and(|spread| !spread.is_zero())) {
        // Of the ends as they are shown, so that a row adds up.
        let [low, high] = [driver.at_low, driver.at_high].map(to_the_cent);
        let apart = difference(low.max(high), low.min(high));
        rows.push(vec![
            driver_words(driver.id).to_owned(),
            format!("{}: {}", driver.low, dollars(driver.at_low)),
            format!("{}: {}", driver.high, dollars(driver.at_high)),
            dollars(apart),
        ]);
        bars.push(apart);
    }
    let whole = bars.iter().copied().max().unwrap_or_default();
    let bars = bars.into_iter().map(|apart| Bar::Amount(apart, Tone::Plain)).collect();
    (!rows.is_empty()).then(|| Section {
        heading: "What the saving hangs on".to_owned(),
        before: vec![format!(
            "The base saving is {} a month with everything running. One assumption at a time at its two ends; what is not in batch counts as routed, so moving it adds the difference:",
            dollars(*base)
        )],
        table: Some(Grid {
            head: vec![("assumption", Text), ("low", Text), ("high", Text), ("apart", Figure)],
            rows,
            bars: Some(Bars { whole, rows: bars }),
            ..Grid::default()
        }),
        points: break_evens(plan, show),
    })
}

/// Where batch stops paying because prompts are cached: for what moves, and for what stays because of it.
fn break_evens(plan: &Plan, show: Show) -> Vec<String> {
    let matters = |found: &&BreakEven| found.decides && matches!(found.pays, PaysUpTo::Share(_));
    let said = |found: &BreakEven| {
        let today =
            found.cached_today.as_ref().map_or_else(String::new, |share| format!(" (today {})", percent(share)));
        let text = format!("{}{today}.", sentence(About::Cached, &name(&found.workload, show), &found.pays));
        // A sentence begins with a capital letter.
        text.replacen("batch", "Batch", 1)
    };
    plan.break_evens.iter().filter(matters).take(MOST_SENTENCES).map(said).collect()
}
