//! Sums by a dimension: who spent what, and what moved.

use super::words::sum;
use crate::calendar::{Month, Period};
use crate::money::{Money, share};

/// Sums by a dimension.
#[derive(Clone, Debug)]
pub struct ByTable {
    /// The dimension.
    pub dimension: String,
    /// The part of the cost that has a value; nothing where there is no cost.
    pub allocated_share: Option<String>,
    /// Formats of the inputs that have no place for the dimension, so that none of their cost has a value.
    pub without: Vec<String>,
    /// Whether each value has a page of its own: not where values are models or workloads, which have sections.
    pub has_pages: bool,
    /// The last two whole months that were read, if there are two.
    pub last_months: Option<[Month; 2]>,
    /// One row a value, by cost descending; nothing stands for what has no value.
    pub rows: Vec<ByLine>,
    /// How the sum of all rows becomes the bill; empty where nothing is billed, or an amount of the bill is unknown.
    pub to_the_bill: Vec<BillStep>,
}

/// A step from what usage costs to what is billed, in USD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillStep {
    /// `allocated`, `unallocated`, `usage-without-bill`, `residual`, a name of [`crate::usage::ChargeKind`], or `billed`,
    /// which is the last one and the sum of the others.
    pub code: &'static str,
    /// Its amount; what usage costs that no bill stands beside is below zero.
    pub amount: Money,
}

/// Sums of one value of a dimension.
#[derive(Clone, Debug, Default)]
pub struct ByLine {
    /// The value.
    pub value: Option<String>,
    /// The id of what it names, where it is known.
    pub id: Option<String>,
    /// Calls, where stated.
    pub requests: u64,
    /// Cost in the period.
    pub cost: Money,
    /// The part of all cost.
    pub share: Option<String>,
    /// Cost that can wait.
    pub can_wait: Money,
    /// What batch saves on it in the period.
    pub saving: Money,
    /// Its workloads, by cost descending.
    pub workloads: Vec<ByWorkload>,
    /// Its cost month by month, as far as each was read; nothing where rows span days or there are too many sums by day.
    pub months: Option<Vec<(Month, Money)>>,
}

/// What one value has of a workload.
#[derive(Clone, Copy, Debug)]
pub struct ByWorkload {
    /// The workload, by position in [`super::Report::workloads`].
    pub index: usize,
    /// Its cost in the period, in USD.
    pub cost: Money,
    /// What batch saves of it, in USD.
    pub saving: Money,
}

impl ByLine {
    /// What it cost in a month; nothing where months are not known.
    pub fn in_month(&self, month: Month) -> Option<Money> {
        let months = self.months.as_ref()?;
        Some(months.iter().find(|(known, _)| *known == month).map_or(Money::ZERO, |(_, cost)| *cost))
    }
}

impl ByTable {
    /// All rows together.
    pub fn total(&self) -> ByLine {
        let all = |of: fn(&ByLine) -> Money| sum(self.rows.iter().map(of));
        let cost = all(|row| row.cost);
        ByLine {
            value: None,
            id: None,
            requests: self.rows.iter().map(|row| row.requests).sum(),
            cost,
            share: share(cost, cost),
            can_wait: all(|row| row.can_wait),
            saving: all(|row| row.saving),
            workloads: Vec::new(),
            months: None,
        }
    }
}

/// Spend in the two halves of the period.
#[derive(Clone, Debug)]
pub struct Movers {
    /// `workload`, or the dimension of `--by`.
    pub dimension: String,
    /// The halves; nothing where they cannot be compared.
    pub halves: Option<[Period; 2]>,
    /// Why not.
    pub why_not: Option<&'static str>,
    /// By size of the change, then names.
    pub rows: Vec<Mover>,
}

/// What one value cost in each half, as a month at the pace of the half.
#[derive(Clone, Debug)]
pub struct Mover {
    /// The value; nothing stands for rows without one.
    pub value: Option<String>,
    /// The id of what it names, where it is known.
    pub id: Option<String>,
    /// A month at the pace of the first half.
    pub first: Money,
    /// A month at the pace of the second half.
    pub second: Money,
    /// What the second is above the first.
    pub change: Money,
}
