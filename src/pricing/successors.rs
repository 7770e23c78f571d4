//! Which model does the work of one that is retired.
//!
//! Role: names under `successor` → models of the table, and the model that serves on a day. Calls that were made are priced
//! at the model they were made on; only months ahead ask for this.

use super::{ModelId, PriceTable};
use crate::calendar::Day;
use crate::diagnostic::{Diagnostic, Failure, Place};
use crate::money::{Factor, Rate};

impl PriceTable {
    /// Finds the models that are named as successors. Names that lead nowhere or in a circle are refused.
    pub(super) fn link_successors(&mut self, path: &str, named: Vec<(ModelId, String)>) -> Result<(), Failure> {
        let refused = |message: String, hint: &str| {
            Failure::usage(Diagnostic::new("price-table", message).at(Place::file(path)).hint(hint))
        };
        let mut links = Vec::new();
        for (model, name) in named {
            let own = self.model(model);
            let Some(successor) = self.model_of(Some(own.provider), &name) else {
                let message = format!("`{name}`, the successor of `{}`, is not in the table", own.name);
                return Err(refused(message, "name a model of the same provider by its id, or write `provider/model`"));
            };
            links.push((model, successor));
        }
        for &(first, _) in &links {
            let next = |model: ModelId| links.iter().find(|(from, _)| *from == model).map(|(_, to)| *to);
            let mut chain = std::iter::successors(next(first), |model| next(*model)).take(links.len());
            if chain.any(|model| model == first) {
                let message = format!("the successors of `{}` lead back to it", self.model(first).name);
                return Err(refused(message, "the last model that is named has no successor"));
            }
        }
        for (model, successor) in links {
            self.models[model.0 as usize].successor = Some(successor);
        }
        Ok(())
    }

    /// The name of a model as it stands beside another: with its provider where that is another one.
    pub fn name_beside(&self, model: ModelId, other: ModelId) -> String {
        let (own, known) = (self.model(model), self.model(other));
        if own.provider == known.provider {
            known.name.clone()
        } else {
            format!("{}/{}", self.provider(known.provider).name, known.name)
        }
    }

    /// A model and those that do its work after it, one after the other.
    pub fn succession(&self, model: ModelId) -> impl Iterator<Item = ModelId> {
        std::iter::successors(Some(model), |model| self.model(*model).successor)
    }

    /// The model that does the work of another on a day: itself, until it is retired and has a successor.
    pub fn serving(&self, model: ModelId, day: Day) -> ModelId {
        let goes_on = |model: &ModelId| self.model(*model).retires.is_some_and(|retires| retires <= day);
        std::iter::successors(Some(model), |model| {
            Some(*model).filter(goes_on).and_then(|model| self.model(model).successor)
        })
        .last()
        .unwrap_or(model)
    }

    /// Whether every rate of the models that do a model's work after it can be kept exactly, for work that takes so many times
    /// the tokens, ratio by ratio.
    pub fn keeps_exactly(&self, model: ModelId, ratio: impl Fn(ModelId) -> Option<Factor>) -> bool {
        let mut ratios = Vec::new();
        let mut last = model;
        self.succession(model).skip(1).all(|served| {
            ratios.extend(ratio(last));
            last = served;
            let entries = &self.model(served).entries;
            entries.iter().all(|entry| {
                let factors = || std::iter::once(Factor::ONE).chain(entry.geo.iter().map(|(_, factor)| *factor));
                let blocks = entry.steps.iter().flat_map(|(_, tiers)| tiers.blocks());
                let mut rates = blocks.flat_map(|block| block.rates.0.into_iter().flatten());
                rates.all(|rate| {
                    factors().all(|geo| {
                        let all = std::iter::once(&geo).chain(&ratios);
                        all.copied().try_fold(rate, Rate::times).is_some()
                    })
                })
            })
        })
    }
}
