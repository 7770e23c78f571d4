//! An estimate as JSON (`batchwise.estimate/1`) and as a document.

use serde_json::{Value, json};

use super::document::{self, Document, Headline, Part, saves_at_least};
use super::json as report_json;
use super::words::whole_dollars;
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

/// The document of an estimate.
pub fn document(spend: Money, batch_only: &Scenario, combined: Option<&Combined>) -> Document {
    let saving = whole_dollars(batch_only.saving.base);
    let least = saves_at_least(batch_only.projected);
    let answer = format!("Of {} a month batch saves {least}{saving}.", whole_dollars(spend));
    Document {
        name: "batchwise estimate",
        about: vec!["from the figures given; `batchwise report FILES` reads the real ones".into()],
        headline: Headline { answer: vec![answer.into()], ..Headline::default() },
        parts: Part::new("scenarios", "Scenarios", [Some(document::estimate(spend, batch_only, combined))])
            .into_iter()
            .collect(),
        top: None,
    }
}
