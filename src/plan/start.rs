//! Where growth goes on from.
//!
//! Role: the months of the period → the spend that the months to come are multiples of. The report's month is the mean
//! day of the period times the days of a mean month, which a log that ends within its first month says nothing else of
//! than that: a plan knows the days of that month, and goes by their weekdays.

use num_traits::One;

use super::months::{MonthKind, MonthSpend};
use crate::calendar::Month;
use crate::money::{Exact, Money};

/// Where growth goes on from.
#[derive(Clone, Debug)]
pub struct Start {
    /// Volume of the month that it goes on from, against that of the report's month.
    pub volume: Exact,
    /// Months between that month and the plan's first.
    pub lead: u32,
    /// Which month it is.
    pub from: StartsFrom,
}

/// Which month growth goes on from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartsFrom {
    /// The report's month, which is the mean of the period.
    MeanMonth,
    /// A month that was read whole.
    WholeMonth(Month),
    /// A month of which some days were read; the others by their weekday.
    PartialMonth(Month),
}

impl StartsFrom {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MeanMonth => "mean-month",
            Self::WholeMonth(_) => "whole-month",
            Self::PartialMonth(_) => "partial-month",
        }
    }

    /// The month, where it is one of the calendar.
    pub const fn month(self) -> Option<Month> {
        match self {
            Self::MeanMonth => None,
            Self::WholeMonth(month) | Self::PartialMonth(month) => Some(month),
        }
    }
}

impl Start {
    /// From the latest whole month in which everything has a price; without one from the latest whole month; without one
    /// from the latest month, as far as it was not read by its weekdays. `today` is the report's month.
    pub fn of(seen: &[MonthSpend], today: Money) -> Self {
        let mean = Self { volume: Exact::one(), lead: 0, from: StartsFrom::MeanMonth };
        let is_whole = |month: &MonthSpend| month.kind == MonthKind::Complete && month.spend > Money::ZERO;
        let found = seen
            .iter()
            .rposition(|month| is_whole(month) && month.unpriced.is_none())
            .or_else(|| seen.iter().rposition(is_whole))
            .or_else(|| seen.iter().rposition(|month| month.kind == MonthKind::Partial && month.full > Money::ZERO));
        // One whole month is the report's month.
        let is_the_period = seen.len() == 1 && seen.iter().all(is_whole);
        let Some(found) = found.filter(|_| !is_the_period && today > Money::ZERO) else { return mean };
        let month = &seen[found];
        Self {
            volume: month.full.exact() / today.exact(),
            lead: u32::try_from(seen.len() - 1 - found).unwrap_or(0),
            from: match month.kind {
                MonthKind::Complete => StartsFrom::WholeMonth(month.month),
                MonthKind::Partial => StartsFrom::PartialMonth(month.month),
            },
        }
    }
}
