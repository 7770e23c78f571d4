//! Which prices monthly amounts stand on: those of the table, or those that the bill charges.
//!
//! An effective rate is told as its ratio to the table's: what was billed ÷ what is computed, over all days and token classes
//! that both sides have, as finely as the bill is written. So it holds at other tiers, in batch and after a change of price
//! too. What the bill itself says is never multiplied.

use std::collections::BTreeMap;

use num_traits::{One, Zero};

use super::price::{by_class, cost_of};
use super::reconcile::{Place, Reconciliation, Sides, ratio_of};
use super::{Assessment, Row};
use crate::money::{Exact, MONEY_DECIMALS, Money, Overflow};
use crate::pricing::{ModelId, PriceTable, Rates};
use crate::usage::{PerClass, TokenClass};

/// Prices that monthly amounts stand on.
#[derive(Clone, Debug, Default)]
pub enum Basis {
    /// The table's.
    #[default]
    List,
    /// The table's times the ratios of each model that has some.
    Billed(EffectiveRates),
}

/// Effective rates as ratios to those of the table.
#[derive(Clone, Debug, Default)]
pub struct EffectiveRates {
    models: BTreeMap<ModelId, Effective>,
    /// Of providers whose bill names no models.
    providers: BTreeMap<String, Exact>,
    /// By route of the policy: the ratio of its target over all classes.
    targets: Vec<Exact>,
}

/// What is billed of a model's list price.
#[derive(Clone, Debug)]
pub struct Effective {
    /// How finely the bill is written.
    pub fineness: Fineness,
    /// Over all token classes.
    pub all: Exact,
    /// By token class, of those that the bill has.
    pub classes: PerClass<Option<Exact>>,
}

/// How finely a bill tells what it charges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fineness {
    /// By model and token class.
    Class,
    /// By model.
    Model,
    /// By provider.
    Provider,
}

impl Fineness {
    /// Its name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Class => "class",
            Self::Model => "model",
            Self::Provider => "provider",
        }
    }
}

/// Which of a row's two costs an amount is a part of.
#[derive(Clone, Copy, Debug)]
pub enum Side {
    /// As the calls run today.
    Today,
    /// As they would in batch.
    Batch,
}

/// Both sides of a model over all days that have both, and of its token classes where the bill has them.
#[derive(Default)]
struct ModelSides {
    classes: PerClass<Option<Sides>>,
    whole: Sides,
}

impl Effective {
    fn of(sum: &ModelSides) -> Option<Self> {
        let all = ratio(&sum.whole)?;
        let classes = sum.classes.0.each_ref().map(|sides| sides.as_ref().and_then(ratio));
        let fineness = if classes.iter().any(Option::is_some) { Fineness::Class } else { Fineness::Model };
        Some(Self { fineness, all, classes: PerClass(classes) })
    }

    /// The ratio of a class; that over all classes where the bill does not have it.
    fn of_class(&self, class: TokenClass) -> &Exact {
        self.classes[class].as_ref().unwrap_or(&self.all)
    }

    /// Amounts by class, each times its ratio.
    fn scaled(&self, amounts: &PerClass<Money>) -> Exact {
        TokenClass::ALL.into_iter().map(|class| amounts[class].exact() * self.of_class(class)).sum()
    }

    /// The ratio of such a mix of classes.
    fn mixed(&self, amounts: &PerClass<Money>) -> Exact {
        let whole: Exact = amounts.0.iter().map(|amount| amount.exact()).sum();
        if whole.is_zero() { self.all.clone() } else { self.scaled(amounts) / whole }
    }
}

/// Billed ÷ computed, where both are above zero.
fn ratio(sides: &Sides) -> Option<Exact> {
    let (computed, billed) = sides.computed.zip(sides.billed)?;
    (computed > Money::ZERO && billed > Money::ZERO).then(|| ratio_of(sides.lines, computed, billed))
}

impl Basis {
    /// What the bill shows; nothing where no usage stands beside a bill.
    pub fn billed(
        assessment: &Assessment,
        table: &PriceTable,
        route_targets: &[ModelId],
    ) -> Result<Option<Self>, Overflow> {
        let Some(found) = &assessment.reconciliation else { return Ok(None) };
        let mut sums: BTreeMap<(&str, Option<&str>), ModelSides> = BTreeMap::new();
        let both = |(_, sides): &&(Place, Sides)| sides.computed.is_some() && sides.billed.is_some();
        for (place, sides) in found.places.iter().filter(both) {
            let sum = sums.entry((&place.provider, place.model.as_deref())).or_default();
            sum.whole.absorb(sides)?;
            if let Some(class) = place.class {
                sum.classes[class].get_or_insert_default().absorb(sides)?;
            }
        }
        let ids: BTreeMap<(&str, &str), ModelId> = found.named_models().collect();
        let mut rates = EffectiveRates::default();
        for (&(provider, model), sum) in &sums {
            let Some(effective) = Effective::of(sum) else { continue };
            match model {
                None => _ = rates.providers.insert(provider.to_owned(), effective.all),
                Some(model) => {
                    if let Some(id) = ids.get(&(provider, model)) {
                        rates.models.insert(*id, effective);
                    }
                }
            }
        }
        for model in assessment.used.keys().chain(route_targets) {
            let provider = &table.provider(table.model(*model).provider).name;
            if let (false, Some(all)) = (rates.models.contains_key(model), rates.providers.get(provider)) {
                let effective =
                    Effective { fineness: Fineness::Provider, all: all.clone(), classes: PerClass::default() };
                rates.models.insert(*model, effective);
            }
        }
        let of = |target| rates.models.get(target).map_or_else(Exact::one, |effective| effective.all.clone());
        rates.targets = route_targets.iter().map(of).collect();
        Ok(Some(Self::Billed(rates)))
    }

    /// What is billed of the list price of a model, where that is known.
    pub fn effective(&self, model: Option<ModelId>) -> Option<&Effective> {
        match self {
            Self::List => None,
            Self::Billed(rates) => rates.models.get(&model?),
        }
    }

    /// An amount of a row, of which a part stands on a bill as it is: times the ratio of the row's own mix of token classes.
    pub fn amount(&self, row: &Row, side: Side, amount: Money, from_bill: Money) -> Exact {
        let Some(effective) = self.effective(row.priced_as) else { return amount.exact() };
        let ratio = match (&row.by_class, side) {
            (None, _) => effective.all.clone(),
            (Some(costs), Side::Today) => effective.mixed(&costs.today),
            (Some(costs), Side::Batch) => effective.mixed(&costs.batch),
        };
        (amount.exact() - from_bill.exact()) * ratio + from_bill.exact()
    }

    /// What tokens of a model cost at these rates; nothing where a class with tokens has none.
    pub fn cost_of(
        &self,
        model: Option<ModelId>,
        tokens: &PerClass<u128>,
        rates: &Rates,
    ) -> Result<Option<Exact>, Overflow> {
        match self.effective(model) {
            None => Ok(cost_of(tokens, rates)?.map(Money::exact)),
            Some(effective) => Ok(by_class(tokens, rates)?.map(|costs| effective.scaled(&costs))),
        }
    }

    /// What calls on a route would cost at its target.
    pub fn at_target(&self, route: usize, cost: &Exact) -> Exact {
        match self {
            Self::List => cost.clone(),
            Self::Billed(rates) => rates.targets.get(route).map_or_else(|| cost.clone(), |ratio| cost * ratio),
        }
    }

    /// A comparison with what is computed put on these prices.
    pub fn compared(&self, found: &Reconciliation) -> Result<Reconciliation, Overflow> {
        let mut compared = found.clone();
        let Self::Billed(rates) = self else { return Ok(compared) };
        let ids: BTreeMap<(&str, &str), ModelId> = found.named_models().collect();
        for (place, sides) in &mut compared.places {
            let id = place.model.as_deref().and_then(|model| ids.get(&(&*place.provider, model)));
            let effective = id.and_then(|id| rates.models.get(id));
            let ratio = match (effective, place.class) {
                (Some(effective), Some(class)) => Some(effective.of_class(class)),
                (Some(effective), None) => Some(&effective.all),
                (None, _) => rates.providers.get(&*place.provider),
            };
            if let Some((ratio, computed)) = ratio.zip(sides.computed.as_mut()) {
                *computed = Money::round(&(computed.exact() * ratio), MONEY_DECIMALS)?;
            }
        }
        Ok(compared)
    }
}
