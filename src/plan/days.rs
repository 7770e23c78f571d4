//! Spend day by day.
//!
//! Role: the rollup's sums by day → what each day cost, at the prices that monthly figures stand on, and what of it has
//! no price. Lines of a bill beside usage are compared and not added, as in the report, and those about no call are no spend.

use std::collections::BTreeMap;

use num_traits::One;

use crate::assess::basis::Basis;
use crate::assess::bill::{Pairing, usage_cost};
use crate::calendar::Day;
use crate::money::{Exact, MONEY_DECIMALS, Money, Overflow};
use crate::rollup::{Charging, Rollup};

/// What a day cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DaySpend {
    /// What has a price.
    pub cost: Money,
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

/// A day on which everything has a price.
impl From<Money> for DaySpend {
    fn from(cost: Money) -> Self {
        Self { cost, unpriced: UnpricedUsage::default() }
    }
}

/// Every day with usage.
pub fn days(rollup: &Rollup, basis: &Basis) -> Result<BTreeMap<Day, DaySpend>, Overflow> {
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
        if matches!(charge.charging, Charging::Unpriced(_)) {
            let tokens = u64::try_from(sums.tokens.0.iter().sum::<u128>()).map_err(|_| Overflow)?;
            let unpriced = UnpricedUsage { rows: sums.rows, tokens };
            day.unpriced = day.unpriced.plus(unpriced)?;
            continue;
        }
        let cost = if is_line {
            sums.billed
        } else {
            let ratio = basis.ratio_of(rollup.resolution(charge).model.ok()).cloned().unwrap_or_else(Exact::one);
            Money::round(&(usage_cost(rollup, charge, &sums.tokens)?.exact() * ratio), MONEY_DECIMALS)?
        };
        day.cost = day.cost.add(cost)?;
    }
    Ok(days)
}
