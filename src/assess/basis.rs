//! Which prices monthly amounts stand on: those of the table, or those that the bill shows to be agreed.
//!
//! A model's ratio is what the bill charges of the table's price, known where all its days agree on it. It is taken for
//! all of the model's usage, in batch and at other tiers too. What the bill itself says is never multiplied.

use std::collections::BTreeMap;

use num_traits::One;

use super::{Assessment, Row};
use crate::money::{Exact, Money};
use crate::pricing::ModelId;

/// Prices that monthly amounts stand on.
#[derive(Clone, Debug, Default)]
pub enum Basis {
    /// The table's.
    #[default]
    List,
    /// The table's times a ratio for each model that has one.
    Billed(Agreed),
}

/// Agreed prices as ratios to those of the table.
#[derive(Clone, Debug, Default)]
pub struct Agreed {
    ratios: BTreeMap<ModelId, Exact>,
    /// By route of the policy: the ratio of its target.
    targets: Vec<Exact>,
}

impl Basis {
    /// What the bill shows; nothing where no usage stands beside a bill.
    pub fn billed(assessment: &Assessment, route_targets: &[ModelId]) -> Option<Self> {
        let found = assessment.reconciliation.as_ref()?;
        let ratios: BTreeMap<ModelId, Exact> =
            found.ratios.iter().filter_map(|ratio| Some((ratio.id?, ratio.agreed.clone()?))).collect();
        let targets =
            route_targets.iter().map(|target| ratios.get(target).cloned().unwrap_or_else(Exact::one)).collect();
        Some(Self::Billed(Agreed { ratios, targets }))
    }

    /// The ratio for a row, where its model has one.
    pub fn ratio(&self, row: &Row) -> Option<&Exact> {
        self.ratio_of(row.priced_as)
    }

    /// The ratio of a model, where it has one.
    pub fn ratio_of(&self, model: Option<ModelId>) -> Option<&Exact> {
        match self {
            Self::List => None,
            Self::Billed(agreed) => agreed.ratios.get(&model?),
        }
    }

    /// An amount of a row of which a part stands on a bill as it is.
    pub fn amount(&self, row: &Row, amount: Money, from_bill: Money) -> Exact {
        match self.ratio(row) {
            None => amount.exact(),
            Some(ratio) => (amount.exact() - from_bill.exact()) * ratio + from_bill.exact(),
        }
    }

    /// What calls on a route would cost at its target.
    pub fn at_target(&self, route: usize, cost: &Exact) -> Exact {
        match self {
            Self::List => cost.clone(),
            Self::Billed(agreed) => agreed.targets.get(route).map_or_else(|| cost.clone(), |ratio| cost * ratio),
        }
    }
}
