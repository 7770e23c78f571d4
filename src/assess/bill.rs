//! The bill beside the usage: which amounts are compared, and day by day what each side says.
//!
//! A line of a bill is compared with usage of the same provider where there is some around its day, and is the spend
//! where there is none. The same dollars may be stated twice, by a gateway's log and by the vendor's bill: then the
//! bill's word counts.

use std::collections::BTreeMap;

use super::cost_of;
use crate::calendar::Day;
use crate::maps::FastMap;
use crate::money::{Money, Overflow};
use crate::rollup::{Charge, Charging, DailyKey, DailySums, Key, Rollup, TextId};
use crate::usage::PerClass;

/// First and last day.
type Days = (Day, Day);

/// The days on which each provider has usage, and lines of a bill.
#[derive(Debug, Default)]
pub struct Pairing {
    usage: FastMap<TextId, Days>,
    lines: FastMap<TextId, Days>,
}

impl Pairing {
    /// Finds the days in a rollup, which keeps them when some row states a billed amount.
    pub fn of(rollup: &Rollup) -> Self {
        let mut pairing = Self::default();
        for key in rollup.daily.keys() {
            let charge = rollup.charge(key.charge);
            let provider = rollup.resolution(charge).shown_provider;
            let side = if charge.charging.is_bill_line() { &mut pairing.lines } else { &mut pairing.usage };
            let (first, last) = side.entry(provider).or_insert((key.day, key.day));
            (*first, *last) = ((*first).min(key.day), (*last).max(key.day));
        }
        pairing
    }

    /// Whether a key is a line of a bill that stands beside usage, and so is compared and not added.
    pub fn is_compared(&self, rollup: &Rollup, key: &Key) -> bool {
        let provider = rollup.resolution(rollup.charge(key.charge)).shown_provider;
        key.bill_day.is_some_and(|day| covers(&self.usage, provider, day))
    }
}

impl Pairing {
    /// Whether there is usage of the provider around a day, so that a line of a bill is compared with it and not added.
    pub fn has_usage_around(&self, rollup: &Rollup, key: &DailyKey) -> bool {
        covers(&self.usage, rollup.resolution(rollup.charge(key.charge)).shown_provider, key.day)
    }

    /// Whether the sums of a day are compared with the other side: lines of a bill where there is usage around their day,
    /// usage where there are lines around it, and rows that state themselves what was billed.
    pub fn compares(&self, rollup: &Rollup, key: &DailyKey) -> bool {
        let charge = rollup.charge(key.charge);
        let provider = rollup.resolution(charge).shown_provider;
        let other = if charge.charging.is_bill_line() { &self.usage } else { &self.lines };
        covers(other, provider, key.day) || self.is_its_own_bill(rollup, key)
    }

    /// Whether rows state themselves what was billed, and no bill's word stands above theirs.
    pub fn is_its_own_bill(&self, rollup: &Rollup, key: &DailyKey) -> bool {
        let charge = rollup.charge(key.charge);
        let provider = rollup.resolution(charge).shown_provider;
        key.billed && !charge.charging.is_bill_line() && !covers(&self.lines, provider, key.day)
    }
}

fn covers(side: &FastMap<TextId, Days>, provider: TextId, day: Day) -> bool {
    side.get(&provider).is_some_and(|(first, last)| *first <= day && day <= *last)
}

/// One provider's money of one day.
#[derive(Clone, Copy, Debug, Default)]
pub struct DaySums {
    /// By the price table, for usage that a bill stands beside.
    pub computed: Money,
    /// By the price table, for usage without a bill.
    pub computed_alone: Money,
    /// By the bill.
    pub billed: Money,
    /// Some row states a billed amount.
    pub has_bill: bool,
    /// Some row states usage that a bill stands beside.
    pub has_usage: bool,
}

/// Both sides by provider and day.
pub fn days(rollup: &Rollup, pairing: &Pairing) -> Result<BTreeMap<(String, Day), DaySums>, Overflow> {
    let mut days: FastMap<(TextId, Day), DaySums> = FastMap::default();
    for (key, DailySums { tokens, billed, .. }) in &rollup.daily {
        let charge = rollup.charge(key.charge);
        let provider = rollup.resolution(charge).shown_provider;
        let sums = days.entry((provider, key.day)).or_default();
        if charge.charging.is_bill_line() {
            sums.has_bill |= key.billed;
            sums.billed = sums.billed.add(*billed)?;
            // Without usage around it the line itself is the cost, if it is for calls.
            if !matches!(charge.charging, Charging::StandsAlone(_)) && !covers(&pairing.usage, provider, key.day) {
                sums.computed = sums.computed.add(*billed)?;
                sums.has_usage = true;
            }
            continue;
        }
        let cost = usage_cost(rollup, charge, tokens)?;
        if covers(&pairing.lines, provider, key.day) {
            sums.has_usage = true;
            sums.computed = sums.computed.add(cost)?;
        } else if key.billed {
            sums.has_usage = true;
            sums.has_bill = true;
            sums.computed = sums.computed.add(cost)?;
            sums.billed = sums.billed.add(*billed)?;
        } else {
            sums.computed_alone = sums.computed_alone.add(cost)?;
        }
    }
    Ok(days.into_iter().map(|((provider, day), sums)| ((rollup.texts.get(provider).to_owned(), day), sums)).collect())
}

/// What usage costs by the price table; what has no price is told as unpriced, and adds nothing beside a bill.
pub fn usage_cost(rollup: &Rollup, charge: &Charge, tokens: &PerClass<u128>) -> Result<Money, Overflow> {
    match (charge.charging, rollup.quoted(charge).quote.and_then(|quote| quote.own)) {
        (Charging::Rates, Ok(own)) => Money::ZERO.with(cost_of(tokens, &own)?),
        _ => Ok(Money::ZERO),
    }
}
