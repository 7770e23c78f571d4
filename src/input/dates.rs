//! Which dates are believed, and which days a run is about.
//!
//! Role: the price table's date and what was typed → the days that rows may be dated on; the days of the rows → what an
//! end of the period that lies far from all of them means. It reads no rows. docs/specification.md, section 5.

use std::fmt;

use super::ledger::Ledger;
use crate::calendar::{Day, Period};
use crate::formats::Reject;
use crate::formats::mapping::TimeSpec;
use crate::pricing::PriceTable;
use crate::rollup::DaySet;

/// 2020-01-01: no log of LLM calls begins before it.
const EARLIEST: Day = Day::from_number(18_262);
/// Days after the newest check of the price table on which rows are believed.
const AHEAD: i32 = 5 * 366;
/// A bound that lies further from all rows than this means that there is none, and more days than this without a row
/// are a gap that no month can be made over.
pub const YEAR: u32 = 366;

/// Days that count; either end may be open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PeriodBounds {
    /// First day.
    pub from: Option<Day>,
    /// Last day.
    pub to: Option<Day>,
}

impl PeriodBounds {
    /// Whether a day lies between them.
    pub fn holds(self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }

    /// The words by which they are asked for.
    pub fn options(self) -> String {
        let options = [("--from", self.from), ("--to", self.to)].into_iter();
        options.filter_map(|(name, day)| Some(format!("{name} {}", day?))).collect::<Vec<_>>().join(" ")
    }

    /// The period these bounds make of the days seen.
    pub fn over(self, seen: Option<Period>) -> Option<Period> {
        let from = self.from.or(seen.map(|seen| seen.from))?;
        let to = self.to.or(seen.map(|seen| seen.to))?;
        (from <= to).then_some(Period { from, to })
    }

    /// The same without the ends that lie over a year from all days seen: 9999-12-31 is how one writes that there is
    /// no end.
    #[must_use]
    pub fn near(self, seen: Option<Period>) -> Self {
        let Some(seen) = seen else { return self };
        let is_near = |one: Day, other: Day| other.number() - one.number() <= YEAR.cast_signed();
        Self {
            from: self.from.filter(|from| is_near(*from, seen.from)),
            to: self.to.filter(|to| is_near(seen.to, *to)),
        }
    }

    /// The days between both, where they are no more than a year: what is said to lie in more than that has no days.
    pub fn days_of_undated(self) -> Option<(Day, Day)> {
        let (from, to) = self.from.zip(self.to)?;
        (Period { from, to }.days() <= YEAR).then_some((from, to))
    }
}

impl fmt::Display for PeriodBounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.to) {
            (Some(from), Some(to)) if from == to => write!(f, "{from}"),
            (Some(from), Some(to)) => write!(f, "the days from {from} to {to}"),
            (Some(from), None) => write!(f, "the days from {from} on"),
            (None, Some(to)) => write!(f, "the days up to {to}"),
            (None, None) => f.write_str("all days"),
        }
    }
}

/// The first and the last day that rows are believed to be dated on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateLimits(Period);

impl DateLimits {
    /// Around the price table's date, and as far as the bounds that were typed.
    pub fn of(table: &PriceTable, bounds: PeriodBounds) -> Self {
        let checked = table.newest_check().unwrap_or(EARLIEST);
        let latest = checked.plus(AHEAD);
        Self(Period {
            from: bounds.from.map_or(EARLIEST, |from| from.min(EARLIEST)),
            to: bounds.to.map_or(latest, |to| to.max(latest)),
        })
    }

    /// The days that are believed.
    pub const fn days(self) -> Period {
        self.0
    }

    /// Whether all days of a row are believed.
    pub fn hold(self, (first, last): (Day, Day)) -> bool {
        self.0.contains(first) && self.0.contains(last)
    }

    /// Why a row with other days is not counted.
    pub fn reject(self, (first, last): (Day, Day), time: &TimeSpec) -> Reject {
        let (day, reason) = if self.0.contains(first) {
            (last, self.too_late())
        } else if first < self.0.from {
            (
                first,
                format!(
                    "before {}, earlier than any LLM call is believed to be; --from sets an earlier day",
                    self.0.from
                ),
            )
        } else {
            (first, self.too_late())
        };
        Reject { code: "period", column: time.column().to_owned(), value: day.to_string(), reason }
    }

    fn too_late(self) -> String {
        format!("after {}, five years from the newest check of the price table; --to sets a later day", self.0.to)
    }
}

/// From the first to the last day of all dated rows.
pub(super) fn seen<'l>(ledgers: impl Iterator<Item = &'l Ledger>) -> Option<Period> {
    let days = ledgers.filter_map(|ledger| ledger.days).reduce(|(a, b), (c, d)| (a.min(c), b.max(d)));
    days.map(|(from, to)| Period { from, to })
}

/// The runs of days of a period that no row covers. None where nothing is covered: then they are worth nothing.
pub(super) fn gaps<'l>(ledgers: impl Iterator<Item = &'l Ledger>, period: Period) -> Vec<Period> {
    let mut covered = DaySet::default();
    for ledger in ledgers {
        covered.absorb(&ledger.covered);
        if let Some((first, last)) = ledger.days.filter(|_| ledger.has_only_long_buckets()) {
            covered.insert(first, last);
        }
    }
    if covered.is_empty() { Vec::new() } else { covered.gaps(period) }
}

/// What the days of all rows say of how they were read.
pub(super) struct DaysRead {
    /// What was typed, without the ends that mean none.
    pub bounds: PeriodBounds,
    /// What is believed within these bounds.
    pub limits: DateLimits,
    /// Whether all rows are: an end that means none may have let in others.
    pub are_believed: bool,
    /// Whether so many days have no row that no month can be made over them.
    pub have_long_gap: bool,
}

impl DaysRead {
    pub fn of<'l>(table: &PriceTable, typed: PeriodBounds, ledgers: impl Iterator<Item = &'l Ledger> + Clone) -> Self {
        let seen = seen(ledgers.clone());
        let bounds = typed.near(seen);
        let limits = DateLimits::of(table, bounds);
        let is_long = |gap: &Period| gap.days() > YEAR;
        Self {
            bounds,
            limits,
            are_believed: seen.is_none_or(|seen| limits.hold((seen.from, seen.to))),
            have_long_gap: bounds.over(seen).is_some_and(|period| gaps(ledgers, period).iter().any(is_long)),
        }
    }
}
