//! What each owner or team costs, by the cells of a rollup.

use std::collections::BTreeMap;

use super::PlanInput;
use crate::assess::price;
use crate::calendar::Month;
use crate::money::{Exact, MONTHLY_DECIMALS, Money, Overflow};
use crate::rollup::{Cell, Charge, Charging, Key, KeyId, Rollup};

/// Sums by the value of the dimension that budgets are of.
pub type ByValue = BTreeMap<Option<String>, Money>;

/// The cost of each value over the cells of a rollup.
pub(super) fn costs(run: &PlanInput<'_>, rollup: &Rollup) -> Result<ByValue, Overflow> {
    let mut sums: BTreeMap<Option<String>, Exact> = BTreeMap::new();
    for (id, key, cell) in rollup.sums() {
        if let Some(cost) = cost(run, rollup, id, cell)? {
            *sums.entry(value(rollup, key)).or_default() += cost;
        }
    }
    rounded(sums)
}

fn rounded<K: Ord>(sums: BTreeMap<K, Exact>) -> Result<BTreeMap<K, Money>, Overflow> {
    sums.into_iter().map(|(key, sum)| Ok((key, Money::round(&sum, MONTHLY_DECIMALS)?))).collect()
}

fn value(rollup: &Rollup, key: &Key) -> Option<String> {
    key.by.map(|value| rollup.texts.get(value.name).to_owned())
}

/// What a cell costs on the prices that monthly figures stand on; nothing where it is in no total.
fn cost(run: &PlanInput<'_>, rollup: &Rollup, id: KeyId, cell: &Cell) -> Result<Option<Exact>, Overflow> {
    let Some(known) = run.assessment.last(id) else { return Ok(None) };
    let key = rollup.key(id);
    let charge: &Charge = rollup.charge(key.charge);
    let own = rollup.quoted(charge).quote.and_then(|quote| quote.own).ok();
    if let Some(own) = own.filter(|_| charge.charging == Charging::Rates) {
        return run.scenarios.basis.cost_of(rollup.resolution(charge).model.ok(), &cell.tokens, &own);
    }
    let cost = price(rollup, key, cell, known.code, run.context.policy)?.cost;
    Ok(cost.map(Money::exact))
}

/// The cost of each value in each month.
pub type ByMonth = BTreeMap<(Option<String>, Month), Money>;

/// The cost of each value in each month that was read; nothing where sums by key and day were not kept.
pub(super) fn spent(run: &PlanInput<'_>) -> Result<Option<ByMonth>, Overflow> {
    let Some(days) = run.rollup.times.as_ref().and_then(|times| times.days.as_ref()) else { return Ok(None) };
    let mut sums: BTreeMap<(Option<String>, Month), Exact> = BTreeMap::new();
    for ((id, day), of_day) in days {
        let cell = Cell { tokens: of_day.tokens, billed: of_day.billed, ..Cell::default() };
        if let Some(cost) = cost(run, run.rollup, *id, &cell)? {
            let place = (value(run.rollup, run.rollup.key(*id)), day.month());
            *sums.entry(place).or_default() += cost;
        }
    }
    rounded(sums).map(Some)
}
