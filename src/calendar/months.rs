//! Months and quarters.
//!
//! Role: counts them, names them and says which days they have. What a day or a moment is stands in the module above.

use std::fmt;
use std::str::FromStr;

use super::{Date, Day, Period};

/// A calendar month in UTC, counted from January of year 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

impl Month {
    /// Months of a year are 1 to 12.
    pub(super) fn new(year: i64, month: i64) -> Self {
        Self(i32::try_from(year * 12 + month - 1).unwrap_or(i32::MAX))
    }

    /// The first day.
    pub fn first(self) -> Day {
        let (year, month) = (i64::from(self.0.div_euclid(12)), i64::from(self.0.rem_euclid(12) + 1));
        // Every month has a first day; only the last of what can be counted would lie behind it.
        Date { year, month, day: 1 }.to_day().unwrap_or(Day(i32::MAX))
    }

    /// The last day.
    pub fn last(self) -> Day {
        self.next().first().previous()
    }

    /// All its days.
    pub fn period(self) -> Period {
        Period { from: self.first(), to: self.last() }
    }

    /// Number of days, 28 to 31.
    pub fn days(self) -> u32 {
        self.period().days()
    }

    /// The following month.
    #[must_use]
    pub const fn next(self) -> Self {
        self.plus(1)
    }

    /// The month so many months later.
    #[must_use]
    pub const fn plus(self, months: u32) -> Self {
        Self(self.0.saturating_add_unsigned(months))
    }

    /// Months that this one lies behind another; below 0 where it lies before it.
    pub const fn behind(self, other: Self) -> i32 {
        self.0.saturating_sub(other.0)
    }

    /// Months from an earlier month to this one; none from a later one.
    pub fn since(self, earlier: Self) -> u32 {
        u32::try_from(self.behind(earlier)).unwrap_or(0)
    }

    /// The quarter of the calendar year.
    pub const fn quarter(self) -> Quarter {
        Quarter(self.0.div_euclid(3))
    }

    /// The quarter of a fiscal year that begins in the first, second … month of the calendar year, and is called by the
    /// calendar year in which it ends.
    pub const fn fiscal_quarter(self, first_month: u8) -> Quarter {
        self.plus((13 - first_month as u32) % 12).quarter()
    }
}

/// Such as `2026-11`.
impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.div_euclid(12), self.0.rem_euclid(12) + 1)
    }
}

impl FromStr for Month {
    type Err = NotAMonth;

    fn from_str(text: &str) -> Result<Self, NotAMonth> {
        format!("{text}-01").parse::<Day>().map(Day::month).map_err(|_| NotAMonth)
    }
}

/// Why a text is not a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a month is written 2026-10")]
pub struct NotAMonth;

/// A quarter of a calendar year, counted from the first of year 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter(i32);

impl Quarter {
    /// Which of its three months a month is, from 0, in a fiscal year that begins in this month of the calendar year.
    pub const fn place_of(month: Month, first_month: u8) -> u32 {
        month.plus((13 - first_month as u32) % 12).0.rem_euclid(3).cast_unsigned()
    }
}

/// Such as `2026-Q4`.
impl FromStr for Quarter {
    type Err = NotAQuarter;

    fn from_str(text: &str) -> Result<Self, NotAQuarter> {
        let (year, quarter) = text.split_once("-Q").ok_or(NotAQuarter)?;
        let is_plain = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_plain = is_plain(year, 4) && is_plain(quarter, 1);
        let (true, Ok(year), Ok(quarter @ 1..=4)) = (is_plain, year.parse::<i32>(), quarter.parse::<i32>()) else {
            return Err(NotAQuarter);
        };
        Ok(Self(year * 4 + quarter - 1))
    }
}

/// Why a text is not a quarter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a quarter is written 2026-Q4")]
pub struct NotAQuarter;

/// Such as `2026-Q4`.
impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-Q{}", self.0.div_euclid(4), self.0.rem_euclid(4) + 1)
    }
}
