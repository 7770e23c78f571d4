//! Which cheaper models there are where the policy has no routes.
//!
//! Role: what stays in real time, by model → what the same tokens cost on cheaper models of the same provider. It is a
//! price list and never advice: whether a cheaper model is good enough is in no log and no table.

use std::collections::BTreeMap;

use num_traits::Zero;

use super::RoutingInput;
use crate::assess::basis::Side;
use crate::assess::is_routable;
use crate::calendar::Day;
use crate::money::{Exact, Money, Overflow};
use crate::policy::Routing;
use crate::pricing::{Kind, ModelId, PriceTable, Rates};
use crate::rollup::{ChargeId, Rollup};
use crate::scenario::monthly;
use crate::usage::{PerClass, TokenClass};

/// So many models are looked at, those with the highest cost.
const MODELS: usize = 10;

/// A model in use and the cheaper ones of its provider. All amounts are dollars a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidates {
    /// The provider.
    pub provider: String,
    /// The model in the price table.
    pub model: String,
    /// What its calls cost that can be routed and that are not batched in the base case.
    pub cost: Money,
    /// Cheaper models, the cheapest first; never none.
    pub cheaper: Vec<Candidate>,
}

/// A cheaper model. All amounts are dollars a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The model in the price table.
    pub model: String,
    /// What all of the calls would cost there, at the prices of the last day, cached tokens as plain input.
    pub cost: Money,
    /// What each per cent of the cost that is moved saves.
    pub saving_per_percent: Money,
    /// The day it stops being served, if that is known.
    pub retires: Option<Day>,
    /// What the price table notes of its price.
    pub note: Option<String>,
}

/// What runs on a model.
#[derive(Default)]
struct InUse {
    /// What it costs in the period.
    cost: Exact,
    /// Its tokens by all else that a price depends on.
    tokens: BTreeMap<ChargeId, PerClass<u128>>,
}

impl InUse {
    fn add(&mut self, charge: ChargeId, tokens: &PerClass<u128>) -> Result<(), Overflow> {
        let sums = self.tokens.entry(charge).or_default();
        for class in TokenClass::ALL {
            sums[class] = sums[class].checked_add(tokens[class]).ok_or(Overflow)?;
        }
        Ok(())
    }
}

/// The cheaper models of the same provider for each model in use, dearest use first; none where the policy has routes.
/// A candidate is a chat model that is still served on `day` and has a price for all of the tokens on that day.
pub fn candidates(
    input: &RoutingInput<'_>,
    rollup: &Rollup,
    table: &PriceTable,
    day: Day,
) -> Result<Vec<Candidates>, Overflow> {
    if matches!(input.policy.routing, Routing::Routes(_)) {
        return Ok(Vec::new());
    }
    let mut in_use: BTreeMap<ModelId, InUse> = BTreeMap::new();
    let cells = input.assessment.cells_by_row(rollup);
    for ((row, batched), cells) in input.assessment.rows.iter().zip(input.batched).zip(cells) {
        let Some(model) = row.priced_as.filter(|_| !batched.base && !row.routable.is_zero()) else { continue };
        let used = in_use.entry(model).or_default();
        used.cost += input.scenarios.basis.amount(row, Side::Today, row.routable, Money::ZERO);
        for cell in cells {
            if is_routable(rollup, table, rollup.charge(cell.key.charge), cell.code) {
                used.add(cell.key.charge, &cell.cell.tokens)?;
            }
        }
    }
    let mut dearest: Vec<_> = in_use.into_iter().collect();
    dearest.sort_by(|(one, a), (other, b)| b.cost.cmp(&a.cost).then(one.cmp(other)));
    let mut found = Vec::new();
    for (model, used) in dearest.into_iter().take(MODELS) {
        let cheaper = cheaper(input, &Sources { rollup, table, day, model, used: &used })?;
        if !cheaper.is_empty() {
            let prices = table.model(model);
            found.push(Candidates {
                provider: table.provider(prices.provider).name.clone(),
                model: prices.name.clone(),
                cost: monthly(&used.cost, input.basis)?,
                cheaper,
            });
        }
    }
    Ok(found)
}

/// What runs on one model, and where prices are from.
struct Sources<'s> {
    rollup: &'s Rollup,
    table: &'s PriceTable,
    day: Day,
    model: ModelId,
    used: &'s InUse,
}

fn cheaper(input: &RoutingInput<'_>, sources: &Sources<'_>) -> Result<Vec<Candidate>, Overflow> {
    let provider = sources.table.model(sources.model).provider;
    let mut found = Vec::new();
    for (id, prices) in sources.table.models() {
        let is_served = prices.retires.is_none_or(|retires| retires > sources.day);
        if id == sources.model || prices.provider != provider || prices.kind != Kind::Chat || !is_served {
            continue;
        }
        let Some(listed) = cost_on(sources, id) else { continue };
        let cost =
            input.scenarios.basis.effective(Some(id)).map_or(listed.clone(), |effective| listed * &effective.all);
        if cost >= sources.used.cost {
            continue;
        }
        let percent = (&sources.used.cost - &cost) / Exact::from_integer(100.into());
        let month = |amount: &Exact| monthly(amount, input.basis);
        found.push(Candidate {
            model: prices.name.clone(),
            cost: month(&cost)?,
            saving_per_percent: month(&percent)?,
            retires: prices.retires,
            note: sources.table.entry_on(id, sources.day).and_then(|(_, entry)| entry.note.clone()),
        });
    }
    found.sort_by(|one, other| one.cost.cmp(&other.cost).then_with(|| one.model.cmp(&other.model)));
    Ok(found)
}

/// What the calls cost on another model; nothing where it has no price for some of them.
fn cost_on(sources: &Sources<'_>, model: ModelId) -> Option<Exact> {
    sources.used.tokens.iter().try_fold(Exact::zero(), |sum, (charge, tokens)| {
        let key = &sources.rollup.quoted(sources.rollup.charge(*charge)).key;
        let geo = key.geo.map(|geo| sources.rollup.texts.get(geo));
        let rates = sources.table.quote(model, sources.day, key.tier, key.step, geo)?.own.ok()?;
        Some(sum + without_cache(tokens, &rates)?)
    })
}

/// Tokens × rates with cached tokens as plain input; nothing where a rate is missing.
fn without_cache(tokens: &PerClass<u128>, rates: &Rates) -> Option<Exact> {
    let prompt: u128 = tokens.0[..4].iter().sum();
    let cost = |class: TokenClass, count: u128| match count {
        0 => Some(Exact::zero()),
        count => Some(rates[class]?.exact() * Exact::from_integer(count.into())),
    };
    Some(cost(TokenClass::Input, prompt)? + cost(TokenClass::Output, tokens[TokenClass::Output])?)
}
