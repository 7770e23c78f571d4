//! An estimate as JSON (`batchwise.estimate/1`) and for a terminal.

use serde_json::{Value, json};

use super::json as report_json;
use super::table::scenarios_page;
use super::theme::Theme;
use super::{Combined, Scenario};
use crate::diagnostic::Failure;
use crate::money::Money;

/// Renders an estimate as JSON.
pub fn json(spend: Money, batch_only: &Scenario, combined: Option<&Combined>) -> Result<String, Failure> {
    let mut scenarios = vec![report_json::today(spend), Value::Object(report_json::scenario("batch-only", batch_only))];
    scenarios.extend(combined.map(report_json::combined));
    report_json::pretty(&json!({
        "schema": "batchwise.estimate/1",
        "currency": "USD",
        "monthly_spend": spend.to_string(),
        "scenarios": scenarios,
    }))
}

/// Renders an estimate for a terminal.
pub fn table(spend: Money, batch_only: &Scenario, combined: Option<&Combined>, theme: &Theme) -> String {
    let note = combined
        .map_or("an estimate from the figures given; `batchwise report FILES` reads the real ones", |combined| {
            combined.words.as_str()
        });
    scenarios_page(theme, spend, batch_only, combined, note)
}
