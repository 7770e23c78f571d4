//! Spend and calls by weekday and hour.

use crate::assess::bill::usage_cost;
use crate::money::{Money, Overflow};
use crate::rollup::Rollup;
use crate::rollup::times::WEEK;

/// What the hours of a week cost over the whole period, UTC. Rows that take longer than an hour are not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HourlyUsage {
    /// By weekday, Monday first, and hour.
    pub hours: [[HourSpend; 24]; 7],
}

/// An hour of the week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HourSpend {
    /// Calls, where stated.
    pub calls: u64,
    /// Cost by the price table.
    pub cost: Money,
}

impl HourlyUsage {
    /// Calls by hour of the day.
    pub fn calls_by_hour(&self) -> [u64; 24] {
        std::array::from_fn(|hour| self.hours.iter().fold(0, |sum: u64, day| sum.saturating_add(day[hour].calls)))
    }
}

/// The hours of a rollup; nothing where it keeps none, or no row lies within an hour.
pub fn hourly_usage(rollup: &Rollup) -> Result<Option<HourlyUsage>, Overflow> {
    let Some(times) = rollup.times.as_ref().filter(|times| !times.hours.is_empty()) else { return Ok(None) };
    let mut hours = [[HourSpend::default(); 24]; 7];
    for ((hour, charge), sums) in &times.hours {
        debug_assert!(*hour < WEEK);
        let own = &mut hours[usize::from(hour / 24) % 7][usize::from(hour % 24)];
        own.calls = own.calls.checked_add(sums.calls).ok_or(Overflow)?;
        own.cost = own.cost.add(usage_cost(rollup, rollup.charge(*charge), &sums.tokens)?)?;
    }
    Ok(Some(HourlyUsage { hours }))
}
