//! Which months say something of growth.
//!
//! Role: the months of the period → those that growth may be fitted to, and why not the others.

use super::months::{MonthKind, MonthSpend};
use crate::calendar::Month;
use crate::money::Money;

/// Why a month says nothing of growth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exclusion {
    /// Only some of its days were read.
    Partial,
    /// So much in it has no price that its volume is not all of its usage.
    Unpriced,
    /// It cost nothing.
    NoSpend,
    /// One of these lies between it and the latest months.
    BeforeGap,
}

impl Exclusion {
    /// What a month lacks, if anything.
    fn of(month: &MonthSpend) -> Option<Self> {
        match () {
            () if month.kind == MonthKind::Partial => Some(Self::Partial),
            () if month.lacks_prices() => Some(Self::Unpriced),
            () if month.volume <= Money::ZERO => Some(Self::NoSpend),
            () => None,
        }
    }

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Partial => "partial",
            Self::Unpriced => "unpriced",
            Self::NoSpend => "no-spend",
            Self::BeforeGap => "before-gap",
        }
    }
}

/// The latest complete months with spend that follow one another and in which everything has a price. A month without
/// spend ends the run: more likely its log is missing than that everything stood still, and no growth starts from
/// nothing. So does a month of which a hundredth or more of the tokens has no price: beside its neighbours it looks like
/// growth or a fall.
pub fn latest_run(months: &[MonthSpend]) -> &[MonthSpend] {
    let counts = |month: &MonthSpend| Exclusion::of(month).is_none();
    let end = months.iter().rposition(counts).map_or(0, |last| last + 1);
    let start = months[..end].iter().rposition(|month| !counts(month)).map_or(0, |gap| gap + 1);
    &months[start..end]
}

/// The months that are not in the run, each with the first reason for it.
pub fn excluded_months(months: &[MonthSpend], run: &[MonthSpend]) -> Vec<(Month, Exclusion)> {
    let others = months.iter().filter(|month| run.iter().all(|used| used.month != month.month));
    others.map(|month| (month.month, Exclusion::of(month).unwrap_or(Exclusion::BeforeGap))).collect()
}
