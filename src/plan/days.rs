//! Spend and volume day by day.
//!
//! Role: the rollup's sums by day → what each day cost, what the same usage costs at one price list, and what of it has
//! no price. Lines of a bill beside usage are compared and not added, as in the report, and those about no call are no
//! spend.

use std::collections::BTreeMap;

use num_traits::Zero;

use crate::assess::basis::Basis;
use crate::assess::bill::Pairing;
use crate::calendar::Day;
use crate::money::{Exact, MONEY_DECIMALS, Money, Overflow};
use crate::rollup::{Charging, Rollup};

/// What a day cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DaySpend {
    /// What has a price, at the prices of the day.
    pub cost: Money,
    /// The same usage at one price list for all days: volume in dollars.
    pub volume: Money,
    /// Tokens, with those that have no price.
    pub tokens: u128,
    /// What has none.
    pub unpriced: UnpricedUsage,
}

/// Usage without a price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnpricedUsage {
    /// Rows.
    pub rows: u64,
    /// Tokens; lines of a bill in a currency without a rate have none.
    pub tokens: u64,
}

impl UnpricedUsage {
    /// Whether everything has a price.
    pub const fn is_none(self) -> bool {
        self.rows == 0
    }

    /// Both together.
    pub fn plus(self, other: Self) -> Result<Self, Overflow> {
        let rows = self.rows.checked_add(other.rows).ok_or(Overflow)?;
        Ok(Self { rows, tokens: self.tokens.checked_add(other.tokens).ok_or(Overflow)? })
    }
}

/// A day on which everything has a price, and the same one in the list.
impl From<Money> for DaySpend {
    fn from(cost: Money) -> Self {
        Self { cost, volume: cost, ..Self::default() }
    }
}

/// Every day with usage; `list` are the same sums at the prices that volume is counted in.
pub fn days(rollup: &Rollup, list: &Rollup, basis: &Basis) -> Result<BTreeMap<Day, DaySpend>, Overflow> {
    let pairing = Pairing::of(rollup);
    let mut days: BTreeMap<Day, DaySpend> = BTreeMap::new();
    for (key, sums) in &rollup.daily {
        let charge = rollup.charge(key.charge);
        let is_line = charge.charging.is_bill_line();
        let stands_alone = matches!(charge.charging, Charging::StandsAlone(_));
        if stands_alone || (is_line && pairing.has_usage_around(rollup, key)) {
            continue;
        }
        let day = days.entry(key.day).or_default();
        let tokens: u128 = sums.tokens.0.iter().sum();
        day.tokens = day.tokens.checked_add(tokens).ok_or(Overflow)?;
        if matches!(charge.charging, Charging::Unpriced(_)) {
            let tokens = u64::try_from(tokens).map_err(|_| Overflow)?;
            let unpriced = UnpricedUsage { rows: sums.rows, tokens };
            day.unpriced = day.unpriced.plus(unpriced)?;
            continue;
        }
        if is_line {
            day.cost = day.cost.add(sums.billed)?;
            day.volume = day.volume.add(sums.billed)?;
            continue;
        }
        let model = rollup.resolution(charge).model.ok();
        let at = |rollup: &Rollup| -> Result<Money, Overflow> {
            let charge = rollup.charge(key.charge);
            let own = rollup.quoted(charge).quote.and_then(|quote| quote.own).ok();
            let own = own.filter(|_| charge.charging == Charging::Rates);
            let cost = own.map(|own| basis.cost_of(model, &sums.tokens, &own)).transpose()?.flatten();
            // What has no price is told as unpriced.
            Money::round(&cost.unwrap_or_else(Exact::zero), MONEY_DECIMALS)
        };
        day.cost = day.cost.add(at(rollup)?)?;
        day.volume = day.volume.add(at(list)?)?;
    }
    Ok(days)
}
