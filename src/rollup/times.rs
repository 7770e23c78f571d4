//! When usage took place: sums by hour of the week, and by day for each key.
//!
//! Role: what pictures of a week and comparisons of two halves are made of, kept beside the keys where somebody asks
//! for them ([`Context::times`](super::Context)). No total comes from here.

use super::{ChargeId, DailySums, Direction, KeyId};
use crate::calendar::Day;
use crate::maps::FastMap;
use crate::money::Overflow;
use crate::usage::{PerClass, Quantity, UsageRecord};

/// Hours of a week.
pub const WEEK: u8 = 7 * 24;
const SECONDS_OF_HOUR: i64 = 3_600;

/// Sums by time.
#[derive(Clone, Debug)]
pub struct Times {
    /// By hour of the week (0 is Monday from midnight, UTC) and charge: rows that lie within one hour.
    pub hours: FastMap<(u8, ChargeId), HourSums>,
    /// By key and day; nothing where there are more of them than a run may have keys.
    pub days: Option<FastMap<(KeyId, Day), DailySums>>,
    /// Rows that span several days, or whose day nobody knows: they count on the first.
    pub spread: u64,
}

impl Times {
    /// No sums yet.
    pub(super) fn new() -> Self {
        Self { hours: FastMap::default(), days: Some(FastMap::default()), spread: 0 }
    }

    /// Adds or takes away sums by hour.
    pub(super) fn merge_hours(
        &mut self,
        others: impl Iterator<Item = ((u8, ChargeId), HourSums)>,
        direction: Direction,
    ) -> Result<(), Overflow> {
        for (key, sums) in others {
            self.hours.entry(key).or_default().merge(&sums, direction)?;
        }
        Ok(())
    }

    /// Adds or takes away sums by day, unless either side has too many or both together have. A part with too many makes the whole
    /// have too many, so the number of threads decides nothing.
    pub(super) fn merge_days(
        &mut self,
        others: Option<impl IntoIterator<Item = ((KeyId, Day), DailySums)>>,
        direction: Direction,
        most: usize,
    ) -> Result<(), Overflow> {
        let (Some(days), Some(others)) = (&mut self.days, others) else {
            self.days = None;
            return Ok(());
        };
        for (key, sums) in others {
            days.entry(key).or_default().merge(&sums, direction)?;
            if days.len() > most {
                self.days = None;
                return Ok(());
            }
        }
        Ok(())
    }
}

/// Sums of an hour of the week.
#[derive(Clone, Copy, Debug, Default)]
pub struct HourSums {
    /// Calls, where stated.
    pub calls: u64,
    /// Tokens by class.
    pub tokens: PerClass<u128>,
}

impl HourSums {
    /// Adds or takes away other sums.
    pub fn merge(&mut self, other: &Self, direction: Direction) -> Result<(), Overflow> {
        direction.count(&mut self.calls, other.calls)?;
        direction.tokens(&mut self.tokens, &other.tokens)
    }

    /// Adds a row.
    pub fn add(&mut self, record: &UsageRecord<'_>) -> Result<(), Overflow> {
        let mut own = Self { calls: record.requests.unwrap_or(0), ..Self::default() };
        if let Quantity::Tokens(counts) = &record.quantity {
            own.tokens.add(counts)?;
        }
        self.merge(&own, Direction::Add)
    }
}

/// The hour of the week in which all of a row took place; nothing for rows that are longer, or state no time.
pub fn hour_of_week(record: &UsageRecord<'_>) -> Option<u8> {
    let (first, last) = (record.start, record.last_moment());
    let hour = |moment: crate::calendar::Moment| moment.micros().div_euclid(SECONDS_OF_HOUR * 1_000_000);
    (record.within.is_none() && hour(first) == hour(last)).then(|| first.weekday() * 24 + first.hour())
}
