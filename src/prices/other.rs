//! Another table of prices, known by what is in it: one like `pricing.yaml`, `LiteLLM`'s or genai-prices'.
//!
//! Role: a text → what kind of table it is, and from that its models on a day. What a table of this kind and the others
//! state of a model comes out in the same shape.

use super::figures::{Figure, Figures, Other, OtherModel, Tier};
use super::{genai, litellm, round_step};
use crate::calendar::Day;
use crate::diagnostic::{Diagnostic, Failure, Place};
use crate::pricing::entry::Entry;
use crate::pricing::{ModelPrices, PriceTable};
use crate::usage::TokenClass;

/// A table that was recognised.
#[derive(Debug)]
pub enum OtherTable<'t> {
    /// One like this program's.
    Own(Box<PriceTable>),
    /// `LiteLLM`'s `model_prices_and_context_window.json`.
    LiteLlm(&'t str),
    /// genai-prices' `data.json`.
    Genai(&'t str),
}

impl<'t> OtherTable<'t> {
    /// Recognises a table; fails where a table of this kind cannot be read.
    pub fn recognise(file: &str, text: &'t str) -> Result<Self, Failure> {
        let start = text.trim_start_matches('\u{feff}').trim_start();
        Ok(if !start.starts_with(['{', '[']) {
            Self::Own(Box::new(PriceTable::parse(file, text)?))
        } else if genai::is_one(start) {
            Self::Genai(start)
        } else {
            Self::LiteLlm(start)
        })
    }

    /// The newest day on which the table says that its figures were looked up; the maps of others do not say it.
    pub fn newest_check(&self) -> Option<Day> {
        match self {
            Self::Own(table) => table.newest_check(),
            Self::LiteLlm(_) | Self::Genai(_) => None,
        }
    }

    /// The least share, as `(part, whole)`, of the models here that a whole file of this kind has, of providers that it names.
    /// In November 2026 `LiteLLM`'s had 92 % of them and genai-prices' 36 %; a table of one's own may have any.
    pub const fn least_share(&self) -> (usize, usize) {
        match self {
            Self::Own(_) => (0, 1),
            Self::LiteLlm(_) => (1, 2),
            Self::Genai(_) => (1, 4),
        }
    }

    /// What it states for a day.
    pub fn on(&self, file: &str, day: Day) -> Result<Other, Failure> {
        let refuse = |message: String| {
            Failure::usage(Diagnostic::new("not-a-price-table", message).at(Place::file(file)).hint(
                "compare with a price table like `pricing.yaml`, LiteLLM's `model_prices_and_context_window.json`, or genai-prices' `data.json`",
            ))
        };
        match self {
            Self::Own(table) => Ok(of_table(table, day)),
            Self::LiteLlm(text) => litellm::read(text)
                .map_err(|error| refuse(format!("is JSON, but no table of prices that is known: {error}"))),
            Self::Genai(text) => {
                genai::read(text, day).map_err(|error| refuse(format!("is like genai-prices' data, but: {error}")))
            }
        }
    }
}

/// The figures of an entry, as stated.
pub fn figures(entry: &Entry) -> Figures {
    let mut figures = Figures::new();
    for (start, tiers) in &entry.steps {
        for block in tiers.blocks() {
            let Some(tier) = Tier::ALL.into_iter().find(|tier| tier.name() == block.tier) else { continue };
            for class in TokenClass::ALL {
                if let Some(rate) = block.stated(class) {
                    figures.insert(Figure { above: round_step(*start).1, tier, class }, rate);
                }
            }
        }
    }
    figures
}

/// Another table of this kind.
fn of_table(table: &PriceTable, on: Day) -> Other {
    let mut not_in_force = 0;
    let mut of_model = |id, model: &ModelPrices| {
        let Some((_, entry)) = table.entry_on(id, on) else {
            not_in_force += 1;
            return None;
        };
        Some(OtherModel {
            provider: table.provider(model.provider).name.clone(),
            names: std::iter::once(&model.name).chain(&model.aliases).cloned().collect(),
            figures: figures(entry),
            retires: model.retires,
            kind: Some(model.kind),
            source: Some(entry.source.clone()),
        })
    };
    let models = table.models().filter_map(|(id, model)| of_model(id, model)).collect();
    Other { kind: "price table", models, left_out: vec![("models there without a price on that day", not_in_force)] }
}
