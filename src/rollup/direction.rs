//! Which way sums go into other sums.
//!
//! Role: one list of what is summed, whether it is added or taken away again, so that the two cannot differ.

use crate::money::{Money, Overflow};
use crate::usage::PerClass;

/// What becomes of the sums of other rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// They are added.
    Add,
    /// They were added before, and are taken away.
    TakeAway,
}

impl Direction {
    /// A number of rows or calls.
    pub(super) fn count(self, sum: &mut u64, other: u64) -> Result<(), Overflow> {
        let changed = match self {
            Self::Add => sum.checked_add(other),
            Self::TakeAway => sum.checked_sub(other),
        };
        *sum = changed.ok_or(Overflow)?;
        Ok(())
    }

    /// Tokens by class.
    pub(super) fn tokens(self, sums: &mut PerClass<u128>, others: &PerClass<u128>) -> Result<(), Overflow> {
        for (sum, other) in sums.0.iter_mut().zip(others.0) {
            let changed = match self {
                Self::Add => sum.checked_add(other),
                Self::TakeAway => sum.checked_sub(other),
            };
            *sum = changed.ok_or(Overflow)?;
        }
        Ok(())
    }

    /// An amount.
    pub(super) fn money(self, sum: &mut Money, other: Money) -> Result<(), Overflow> {
        *sum = match self {
            Self::Add => sum.add(other)?,
            Self::TakeAway => sum.sub(other)?,
        };
        Ok(())
    }
}
