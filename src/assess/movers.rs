//! What grew and what shrank: spend of the first and second half of the period, by workload or by the dimension of
//! `--by`.

use std::collections::BTreeMap;

use super::{Assessment, ByValue, price};
use crate::calendar::{Day, Period};
use crate::money::{Money, Overflow};
use crate::rollup::{Cell, Context, Rollup};

/// Under this many days a half holds weekdays that the other does not.
pub const FEWEST_DAYS: u32 = 14;

/// Spend of two halves of the period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halves {
    /// The first half; of an odd number of days it has one fewer.
    pub first: Period,
    /// The second.
    pub second: Period,
    /// Spend in each, by value; nothing stands for rows without a value.
    pub spend: BTreeMap<Option<ByValue>, [Money; 2]>,
}

/// Why halves cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoHalves {
    /// The period is shorter than [`FEWEST_DAYS`].
    TooShort,
    /// Some rows span several days, or state none.
    Spread,
    /// There are more sums by day than a run may have.
    TooMany,
}

impl Assessment {
    /// Spend of the two halves, where sums by time were kept. All rows that have a price add up to `computed`.
    pub fn halves(
        &self,
        rollup: &Rollup,
        context: &Context<'_>,
        period: Option<Period>,
    ) -> Result<Option<Result<Halves, NoHalves>>, Overflow> {
        let (Some(times), Some(period)) = (&rollup.times, period) else { return Ok(None) };
        let half = i32::try_from(period.days() / 2).unwrap_or(i32::MAX);
        let middle = Day::from_number(period.from.number().saturating_add(half));
        let days = match &times.days {
            _ if period.days() < FEWEST_DAYS => return Ok(Some(Err(NoHalves::TooShort))),
            _ if times.spread > 0 => return Ok(Some(Err(NoHalves::Spread))),
            None => return Ok(Some(Err(NoHalves::TooMany))),
            Some(days) => days,
        };
        let mut spend: BTreeMap<Option<ByValue>, [Money; 2]> = BTreeMap::new();
        for ((key, day), sums) in days {
            let Some(known) = self.finals.get(key) else { continue };
            let cell = Cell { tokens: sums.tokens, billed: sums.billed, ..Cell::default() };
            let hits = context.policy.cache_hit_share;
            let cost = price(rollup, rollup.charge(key.charge), &cell, known.code, hits)?.cost;
            let value = match context.by {
                Some(_) => key.by,
                None => Some(rollup.group(key.group).workload),
            };
            let sums = spend.entry(value.map(|value| ByValue::of(rollup, value))).or_default();
            let side = &mut sums[usize::from(*day >= middle)];
            *side = side.with(cost)?;
        }
        let first = Period { from: period.from, to: middle.previous() };
        Ok(Some(Ok(Halves { first, second: Period { from: middle, to: period.to }, spend })))
    }
}
