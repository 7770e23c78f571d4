//! Batch for work that is needed sooner than the provider promises.
//!
//! Role: the chance to be back in time → what trying batch first saves. It does *not* know how long batches take; see
//! [`super::turnaround`].

use num_traits::{One, Zero};

use crate::money::{Exact, Money, Overflow, Percent, difference, product};

/// Work that is tried in batch: what fails or is not back in time runs in real time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fallback {
    /// What the work costs in real time.
    pub cost: Money,
    /// What it costs in batch.
    pub batch_cost: Money,
    /// Share that is back in time.
    pub in_time: Exact,
    /// Share of what is back that failed, which is not billed.
    pub failure_share: Percent,
    /// Share of late work that is billed and of no use: 1 where finished work is billed and its results are lost, else 0.
    pub doubled: Exact,
}

impl Fallback {
    /// What it saves on average; below zero where it costs. Nothing is saved on what fails or comes late, and what is late
    /// is paid twice as far as it is billed.
    pub fn saving(&self) -> Exact {
        let won = product(&self.in_time, &self.won());
        // Most providers bill nothing that is late.
        if self.doubled.is_zero() {
            return won;
        }
        let twice = product(&self.doubled, &self.batch_cost.exact());
        difference(&won, &product(&(Exact::one() - &self.in_time), &twice))
    }

    /// What is saved if everything is back in time.
    fn won(&self) -> Exact {
        let discount = match self.cost.sub(self.batch_cost) {
            Ok(discount) => discount.exact(),
            Err(Overflow) => self.cost.exact() - self.batch_cost.exact(),
        };
        product(&self.failure_share.rest().exact(), &discount)
    }

    /// The share in time at which it neither saves nor costs; nothing where batch is no cheaper, so that none would do.
    pub fn least_in_time(&self) -> Option<Exact> {
        let won = self.won();
        if won <= Exact::zero() {
            return None;
        }
        if self.doubled.is_zero() {
            return Some(Exact::zero());
        }
        let doubled = &self.doubled * self.batch_cost.exact();
        Some(&doubled / (won + &doubled))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::money::DecimalStyle;

    fn money(text: &str) -> Money {
        Money::parse(text, DecimalStyle::Point).expect("a number").0
    }

    fn share(text: &str) -> Exact {
        money(text).exact()
    }

    fn pays(fallback: &Fallback) -> bool {
        fallback.saving() > Exact::zero()
    }

    #[test]
    fn trying_batch_first() {
        let fallback = |in_time: &str, doubled: &str| Fallback {
            cost: money("100"),
            batch_cost: money("50"),
            in_time: share(in_time),
            failure_share: Percent::ZERO,
            doubled: share(doubled),
        };
        // 0.9 · 50 + 0.1 · 100 = 55; where late work is billed too, 0.1 · 50 more.
        assert_eq!(fallback("0.9", "0").saving(), share("45"));
        assert_eq!(fallback("0.9", "1").saving(), share("40"));
        // Half discount, late work billed: it pays if more than half is in time.
        assert_eq!(fallback("0.9", "1").least_in_time(), Some(share("0.5")));
        assert!(pays(&fallback("0.500001", "1")) && !pays(&fallback("0.5", "1")));
        assert!(!pays(&fallback("0", "0")));
        // A fifth of the 50 that are won fails: 0.9 · 40 are left, and 40 have to outweigh the 50 that are paid twice.
        let failing = Fallback { failure_share: Percent::whole(20), ..fallback("0.9", "1") };
        assert_eq!((failing.saving(), failing.least_in_time()), (share("31"), Some(Exact::new(5.into(), 9.into()))));
        let dearer = Fallback { batch_cost: money("120"), ..fallback("1", "0") };
        assert_eq!((pays(&dearer), dearer.least_in_time()), (false, None));
    }

    proptest! {
        /// It pays exactly above the share at which it breaks even, and saves at most the discount.
        #[test]
        fn fallback_breaks_even_where_it_says(
            cost in 1..1_000_000_i64,
            batch in 0..1_000_000_i64,
            in_time in 0..=1_000_000_u32,
            doubled in 0..=10_u8,
            failing in 0..=100_u8,
        ) {
            let fallback = Fallback {
                cost: Money::from_units(cost.into()),
                batch_cost: Money::from_units(batch.into()),
                in_time: Exact::new(in_time.into(), 1_000_000.into()),
                failure_share: Percent::whole(failing),
                doubled: Exact::new(doubled.into(), 10.into()),
            };
            let breaks_even = fallback.least_in_time().is_some_and(|least| fallback.in_time > least);
            prop_assert_eq!(pays(&fallback), breaks_even);
            let discount = fallback.cost.exact() - fallback.batch_cost.exact();
            prop_assert!(fallback.saving() <= discount.max(Exact::zero()));
        }
    }
}
