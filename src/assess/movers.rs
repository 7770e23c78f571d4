//! What grew and what shrank: spend of the first and second half of the period, by workload or by the dimension of
//! `--by`.

use std::collections::BTreeMap;

use num_bigint::BigInt;

use super::{Assessment, ByValue, price};
use crate::calendar::{Day, Period};
use crate::maps::FastMap;
use crate::money::{Exact, MONTHLY_DECIMALS, Money, Overflow, UNITS};
use crate::rollup::{Cell, Context, Named, Rollup};

/// Under this many days a half lacks some weekday.
pub const FEWEST_DAYS: u32 = 14;

/// Spend by weekday, Monday first.
pub type ByWeekday = [Money; 7];

/// Spend of two halves of the period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halves {
    /// The first half; of an odd number of days it has one fewer.
    pub first: Period,
    /// The second.
    pub second: Period,
    /// Spend in each, by value; nothing stands for rows without a value.
    pub spend: BTreeMap<Option<ByValue>, [ByWeekday; 2]>,
}

impl Halves {
    /// A month at the pace of a half: of each weekday its mean, as often as a month has it, which is 365 ÷ 84 times. So a
    /// half with one Sunday more than the other is not taken for growth.
    pub fn pace(half: Period, spend: &ByWeekday) -> Result<Money, Overflow> {
        let weeks = half.days() / 7;
        // Each weekday comes once a week, and some once more: two sums and one division instead of seven.
        let on_days_that_come = |times: u32| {
            let days = (0..7).zip(spend).filter(|(weekday, _)| half.weekdays(*weekday) == times);
            Money::sum(days.map(|(_, spend)| *spend)).map(|sum| BigInt::from(sum.units()))
        };
        let means = on_days_that_come(weeks)? * (weeks + 1) + on_days_that_come(weeks + 1)? * weeks;
        let means = Exact::new_raw(means, BigInt::from(UNITS) * (weeks * (weeks + 1)));
        Money::round_times(&means, (365, 84), MONTHLY_DECIMALS)
    }
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
        let mut spend: FastMap<Option<Named>, [ByWeekday; 2]> = FastMap::default();
        for ((id, day), sums) in days {
            let Some(known) = self.last(*id) else { continue };
            let key = rollup.key(*id);
            let cell = Cell { tokens: sums.tokens, billed: sums.billed, ..Cell::default() };
            let cost = price(rollup, key, &cell, known.code, context.policy)?.cost;
            let value = match context.by {
                Some(_) => key.by,
                None => Some(rollup.group(key.group).workload),
            };
            let sums = spend.entry(value).or_default();
            let side = &mut sums[usize::from(*day >= middle)][usize::from(day.weekday())];
            *side = side.with(cost)?;
        }
        let spend =
            spend.into_iter().map(|(value, sums)| (value.map(|value| ByValue::of(rollup, value)), sums)).collect();
        let first = Period { from: period.from, to: middle.previous() };
        Ok(Some(Ok(Halves { first, second: Period { from: middle, to: period.to }, spend })))
    }
}
