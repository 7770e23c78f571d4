//! Budgets of owners or teams, month by month.
//!
//! Role: sums by owner or team, of days that are over and at the prices of days to come → what each spent and will spend if
//! nothing is done, beside what it may. Savings are told by step, and not divided.

use std::collections::BTreeMap;

use num_traits::One;

use super::Material;
use super::ahead::{Course, MonthAhead};
use super::months::MonthSpend;
use crate::assess::price;
use crate::calendar::Month;
use crate::money::{Exact, MONTHLY_DECIMALS, Money, Overflow};
use crate::policy::budget::Schedule;
use crate::rollup::{Cell, Charge, Key, KeyId, Rollup};

/// Everybody's budgets.
#[derive(Clone, Debug)]
pub struct BudgetTable {
    /// `owner` or `team`.
    pub whose: &'static str,
    /// One for each that the policy names, then all others together.
    pub parts: Vec<BudgetPart>,
}

/// What one owner or team spends.
#[derive(Clone, Debug)]
pub struct BudgetPart {
    /// Its name; nothing stands for all that have no budget.
    pub name: Option<String>,
    /// Months that were read, then months to come.
    pub months: Vec<BudgetMonth>,
}

/// A month of it.
#[derive(Clone, Debug)]
pub struct BudgetMonth {
    /// The month.
    pub month: Month,
    /// What was spent on the days that were read, or what a month to come costs if nothing is done.
    pub amount: Money,
    /// Whether it is over, as far as it was read.
    pub is_actual: bool,
    /// What it may cost.
    pub budget: Option<Money>,
}

/// Sums by the value of the dimension that budgets are of.
pub type ByValue = BTreeMap<Option<String>, Money>;

/// The cost of each value over the cells of a rollup.
pub(super) fn costs(material: &Material<'_>, rollup: &Rollup) -> Result<ByValue, Overflow> {
    let mut sums: BTreeMap<Option<String>, Exact> = BTreeMap::new();
    for (id, key, cell) in rollup.sums() {
        if let Some(cost) = cost(material, rollup, id, cell)? {
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
fn cost(material: &Material<'_>, rollup: &Rollup, id: KeyId, cell: &Cell) -> Result<Option<Exact>, Overflow> {
    let Some(known) = material.assessment.last(id) else { return Ok(None) };
    let charge: &Charge = rollup.charge(rollup.key(id).charge);
    let cost = price(rollup, charge, cell, known.code, material.context.policy.cache_hit_share)?.cost;
    let ratio = material.scenarios.basis.ratio_of(rollup.resolution(charge).model.ok());
    let ratio = ratio.filter(|_| !charge.charging.is_bill_line()).cloned().unwrap_or_else(Exact::one);
    Ok(cost.map(|cost| cost.exact() * ratio))
}

/// The cost of each value in each month.
type ByMonth = BTreeMap<(Option<String>, Month), Money>;

/// The cost of each value in each month that was read; nothing where sums by key and day were not kept.
fn spent(material: &Material<'_>) -> Result<Option<ByMonth>, Overflow> {
    let Some(days) = material.rollup.times.as_ref().and_then(|times| times.days.as_ref()) else { return Ok(None) };
    let mut sums: BTreeMap<(Option<String>, Month), Exact> = BTreeMap::new();
    for ((id, day), of_day) in days {
        let cell = Cell { tokens: of_day.tokens, billed: of_day.billed, ..Cell::default() };
        if let Some(cost) = cost(material, material.rollup, *id, &cell)? {
            let place = (value(material.rollup, material.rollup.key(*id)), day.month());
            *sums.entry(place).or_default() += cost;
        }
    }
    rounded(sums).map(Some)
}

/// The table, where the policy has budgets of owners or teams and sums by key and day were kept.
pub(super) fn budgets(
    material: &Material<'_>,
    course: &Course<'_>,
    seen: &[MonthSpend],
    months: &[MonthAhead],
) -> Result<Option<BudgetTable>, Overflow> {
    let policy = material.context.policy;
    let (Some((whose, named)), Some(spent)) = (policy.budget.parts(), spent(material)?) else { return Ok(None) };
    let of = |schedule: &Schedule, month: Month| schedule.of(month, policy.fiscal_year_start);
    let mut parts = Vec::new();
    // What nobody is named for is what the others leave, so that all of it adds up.
    let mut left: Vec<Money> =
        seen.iter().map(|month| month.spend).chain(months.iter().map(|m| m.today.base)).collect();
    for (name, schedule) in named {
        let value = Some(name.clone());
        let mut own = Vec::new();
        for month in seen {
            let amount = spent.get(&(value.clone(), month.month)).copied().unwrap_or_default();
            own.push(BudgetMonth { month: month.month, amount, is_actual: true, budget: of(schedule, month.month)? });
        }
        for month in months {
            let amount = course.of_value(month.month, &value)?;
            own.push(BudgetMonth { month: month.month, amount, is_actual: false, budget: of(schedule, month.month)? });
        }
        for (left, month) in left.iter_mut().zip(&own) {
            *left = left.sub(month.amount)?;
        }
        parts.push(BudgetPart { name: value, months: own });
    }
    let all = seen.iter().map(|month| (month.month, true)).chain(months.iter().map(|month| (month.month, false)));
    let rest = all.zip(left).map(|((month, is_actual), amount)| BudgetMonth { month, amount, is_actual, budget: None });
    parts.push(BudgetPart { name: None, months: rest.collect() });
    Ok(Some(BudgetTable { whose, parts }))
}
