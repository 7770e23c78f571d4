//! An estimate as a value, as JSON (`batchwise.estimate/1`) and as a document.

use std::io::Write;

use serde_json::{Value, json};

use super::document::{self, Cell, ColumnType, Document, Headline, LONGEST_PATH, Part, Row, Section, Table, Text};
use super::document::{name, text};
use super::json as report_json;
use super::words::{date_words, percent, whole_dollars};
use super::{Combined, Scenario};
use crate::diagnostic::WriteError;
use crate::money::Money;
use crate::policy::Cases;

/// A month worked out from figures given, without logs.
#[derive(Debug)]
pub struct Estimate {
    /// Spend a month.
    pub spend: Money,
    /// The share of it that can wait.
    pub batch_share: Cases<String>,
    /// What batch takes off that share.
    pub discount: Discount,
    /// The share that routing saves of the rest; nothing where routing was not asked for.
    pub routing_share: Option<Cases<String>>,
    /// Batch only.
    pub batch_only: Scenario,
    /// Batch and routing, where asked for.
    pub combined: Option<Combined>,
}

/// What batch takes off a price, and why that is assumed.
#[derive(Debug)]
pub struct Discount {
    /// As a share of the price.
    pub share: String,
    /// Where it comes from.
    pub origin: DiscountOrigin,
}

/// Where a discount comes from.
#[derive(Debug)]
pub enum DiscountOrigin {
    /// It was given.
    Given,
    /// The discount that most vendors give, since none was given.
    Default,
    /// The price table.
    Model(Box<ModelDiscount>),
}

/// The entry of the price table that a discount comes from.
#[derive(Debug)]
pub struct ModelDiscount {
    /// The provider.
    pub provider: String,
    /// The model's name in the price table.
    pub model: String,
    /// `built-in` or a file's name.
    pub prices: String,
    /// The vendor's page, as the entry states it.
    pub source: String,
    /// The first day of these prices; nothing where no start is known.
    pub from: Option<String>,
    /// When they were last compared with the page.
    pub checked: String,
    /// The share of the spend that is input.
    pub input_share: String,
    /// Why that share.
    pub weighed: Weighed,
}

/// How much of a spend is input, where a model has another discount for input than for output.
#[derive(Clone, Copy, Debug)]
pub enum Weighed {
    /// It was given.
    Given,
    /// By the model's prices, at the usual tokens of input for one of output.
    Usual,
    /// The model charges for no output.
    AllInput,
}

impl DiscountOrigin {
    /// Its code in JSON and CSV.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Default => "default",
            Self::Model(_) => "model",
        }
    }

    fn words(&self) -> Text {
        match self {
            Self::Given => "given".into(),
            Self::Default => "assumed".into(),
            Self::Model(found) => name(format!("{}/{}", found.provider, found.model), LONGEST_PATH).into(),
        }
    }

    /// Behind the table: what the price table says, or how to take another discount.
    fn note(&self) -> Option<Text> {
        match self {
            Self::Given => None,
            Self::Default => Some(
                "Discount: most vendors take half off in batch; `--batch-discount` or `--model` takes another.".into(),
            ),
            Self::Model(found) => {
                let from = found.from.as_deref().map_or_else(String::new, |day| format!(" from {}", date_words(day)));
                let weighed = match found.weighed {
                    Weighed::Given => "as given",
                    Weighed::Usual => "three input tokens for one of output",
                    Weighed::AllInput => "output costs nothing",
                };
                let input = percent(Some(&found.input_share));
                Some(text!(
                    "Discount: prices",
                    from,
                    " in the price table ",
                    name(&*found.prices, LONGEST_PATH),
                    format!(", checked {} with ", date_words(&found.checked)),
                    name(&*found.source, usize::MAX),
                    format!(". Input is {input} of the spend ({weighed})."),
                ))
            }
        }
    }
}

/// Renders an estimate as JSON.
pub fn json(estimate: &Estimate, out: &mut dyn Write) -> Result<(), WriteError> {
    let batch_only = report_json::scenario("batch-only", &estimate.batch_only);
    let mut scenarios = vec![report_json::today(estimate.spend), Value::Object(batch_only)];
    scenarios.extend(estimate.combined.as_ref().map(report_json::combined));
    let share = &estimate.batch_share;
    let mut discount = json!({"share": estimate.discount.share, "origin": estimate.discount.origin.code()});
    if let (DiscountOrigin::Model(found), Value::Object(entry)) = (&estimate.discount.origin, &mut discount) {
        entry.insert("provider".into(), found.provider.as_str().into());
        entry.insert("model".into(), found.model.as_str().into());
        entry.insert("prices".into(), found.prices.as_str().into());
        entry.insert("source".into(), found.source.as_str().into());
        entry.insert("from".into(), found.from.as_deref().into());
        entry.insert("checked".into(), found.checked.as_str().into());
        entry.insert("input_share".into(), found.input_share.as_str().into());
    }
    let estimate = json!({
        "schema": "batchwise.estimate/1",
        "currency": "USD",
        "monthly_spend": estimate.spend.to_string(),
        "scenarios": scenarios,
        "batch_share": {"low": share.low, "base": share.base, "high": share.high},
        "discount": discount,
    });
    report_json::write(&estimate, out)
}

/// The document of an estimate.
pub fn document(estimate: &Estimate) -> Document {
    let saving = &estimate.batch_only.saving;
    let range = (saving.low != saving.high)
        .then(|| format!(" ({} to {})", whole_dollars(saving.low), whole_dollars(saving.high)));
    let answer = format!(
        "Of {} a month batch saves {}{}.",
        whole_dollars(estimate.spend),
        whole_dollars(saving.base),
        range.unwrap_or_default()
    );
    let scenarios = document::estimate(estimate.spend, &estimate.batch_only, estimate.combined.as_ref());
    let parts = [
        Part::new("scenarios", "Scenarios", [Some(scenarios)]),
        Part::new("assumptions", "Assumptions", [Some(assumptions(estimate))]),
    ];
    Document {
        name: "batchwise estimate",
        about: vec!["from the figures given; `batchwise report FILES` reads the real ones".into()],
        headline: Headline { answer: vec![answer.into()], ..Headline::default() },
        parts: parts.into_iter().flatten().collect(),
        top: None,
    }
}

/// What the estimate takes for granted, and where each figure comes from.
fn assumptions(estimate: &Estimate) -> Section {
    let row = |what: &'static str, cells: [Cell; 3], origin: Text| {
        Row::new(std::iter::once(Cell::text(what)).chain(cells).chain([Cell::Text(origin)]))
    };
    let single = |cell: Cell| [cell, Cell::Empty, Cell::Empty];
    let range = |share: &Cases<String>| {
        if share.low == share.high {
            return single(Cell::Share(Some(share.base.clone())));
        }
        [&share.base, &share.low, &share.high].map(|share| Cell::Share(Some(share.clone())))
    };
    let titles = [("Base", ColumnType::Rate), ("Low", ColumnType::Rate), ("High", ColumnType::Rate)];
    let columns = [("Assumption", ColumnType::Text)].into_iter().chain(titles);
    let mut table = Table::new(columns.chain([("Origin", ColumnType::Text)]));
    let discount = &estimate.discount;
    table.rows = vec![
        row("Spend a month", single(Cell::whole(estimate.spend)), "given".into()),
        row("Batch share", range(&estimate.batch_share), "given".into()),
        row("Batch discount", single(Cell::Share(Some(discount.share.clone()))), discount.origin.words()),
    ];
    table.rows.extend(
        estimate.routing_share.as_ref().map(|share| row("Routing saves of the rest", range(share), "given".into())),
    );
    Section::new("assumptions", "Assumptions").table(table).notes(discount.origin.note())
}
