//! Break-evens: where moving stops paying.
//!
//! Role: sums of tokens and dollars → the share at which both sides cost the same, and that in words. It does *not* say
//! what anything saves; see [`super::fallback`] and [`super::routing`].

use num_traits::{One, ToPrimitive, Zero};

use super::fallback::Fallback;
use crate::assess::cells::{CellOfRow, Cells};
use crate::assess::{Assessment, Row, batch_rates};
use crate::money::{Exact, round_half_even};
use crate::policy::Policy;
use crate::pricing::Rates;
use crate::rollup::{Charging, Rollup};
use crate::usage::{PerClass, TokenClass};
use crate::verdict::Code;

/// Up to which share something pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaysUpTo {
    /// Below this share, which lies between 0 and 1; at it, it neither saves nor costs.
    Share(Exact),
    /// At any share.
    Always,
    /// At none.
    Never,
}

impl PaysUpTo {
    /// Where a gain of `at_none` at share 0, of which the whole share takes `per_share`, is used up.
    pub(super) fn of(at_none: &Exact, per_share: &Exact) -> Self {
        if *at_none <= Exact::zero() {
            Self::Never
        } else if at_none >= per_share {
            Self::Always
        } else {
            Self::Share(at_none / per_share)
        }
    }

    /// The share, where there is one.
    pub const fn share(&self) -> Option<&Exact> {
        match self {
            Self::Share(share) => Some(share),
            Self::Always | Self::Never => None,
        }
    }
}

/// What the cached share of a prompt does to the gain from batch, summed over calls at their own rates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheSums {
    /// What batch saves if nothing of a prompt is read from a cache, in dollars; cache writes stay as they are.
    uncached_gain: Exact,
    /// What of that is gone if all of a prompt is read from a cache, in dollars.
    lost_to_cache: Exact,
    /// Tokens of prompts.
    prompt: u128,
    /// Tokens of prompts that are read from a cache today.
    reads: u128,
}

impl CacheSums {
    /// Calls with these tokens, at today's rates and at what today's classes pay in batch. Nothing where a rate is missing
    /// that the answer hangs on.
    pub fn of(tokens: &PerClass<u128>, own: &Rates, in_batch: &Rates) -> Option<Self> {
        let count = |class: TokenClass| Exact::from_integer(tokens[class].into());
        // What one token of a class is cheaper in batch.
        let gain = |class: TokenClass| Some(own[class]?.exact() - in_batch[class]?.exact());
        let plain = gain(TokenClass::Input)?;
        let prompt: u128 = tokens.0[..4].iter().sum();
        let whole = Exact::from_integer(prompt.into());
        let mut uncached_gain = &whole * &plain;
        for class in [TokenClass::CacheWrite5m, TokenClass::CacheWrite1h] {
            if tokens[class] > 0 {
                uncached_gain += count(class) * (gain(class)? - &plain);
            }
        }
        if tokens[TokenClass::Output] > 0 {
            uncached_gain += count(TokenClass::Output) * gain(TokenClass::Output)?;
        }
        let lost_to_cache = whole * (plain - gain(TokenClass::CacheRead)?);
        Some(Self { uncached_gain, lost_to_cache, prompt, reads: tokens[TokenClass::CacheRead] })
    }

    /// With other calls.
    fn with(self, other: Self) -> Self {
        Self {
            uncached_gain: self.uncached_gain + other.uncached_gain,
            lost_to_cache: self.lost_to_cache + other.lost_to_cache,
            prompt: self.prompt + other.prompt,
            reads: self.reads + other.reads,
        }
    }

    /// The cached share of prompts up to which batch pays, if it is the same for all calls.
    pub fn pays_up_to(&self) -> PaysUpTo {
        PaysUpTo::of(&self.uncached_gain, &self.lost_to_cache)
    }

    /// The cached share of prompts today; nothing without prompts.
    pub fn cached_today(&self) -> Option<Exact> {
        (self.prompt > 0).then(|| Exact::new(self.reads.into(), self.prompt.into()))
    }
}

/// Whether a row stays where it is because of its cache, maybe among other reasons.
pub fn is_kept_by_cache(row: &Row) -> bool {
    row.codes.contains(&Code::CacheLoss)
}

/// For each row, in order, up to which cached share of its prompts batch pays. Only for rows that batch is a question
/// for: those with a band, and those calls that stay where they are because of their cache. Nothing where a rate is
/// missing.
pub fn cached_shares(rollup: &Rollup, assessment: &Assessment, policy: &Policy) -> Vec<Option<CacheSums>> {
    let cells = assessment.cells_by_row(rollup);
    let sums = |(row, cells): (&Row, Cells<'_>)| -> Option<CacheSums> {
        let is_kept = is_kept_by_cache(row);
        (row.band().is_some() || is_kept).then_some(())?;
        // Other calls of its row, such as failed ones, are no question of its cache.
        let is_open = |cell: &&CellOfRow<'_>| !is_kept || cell.code == Code::CacheLoss;
        let of_cell = |CellOfRow { key, cell, .. }: &CellOfRow<'_>| {
            let charge = rollup.charge(key.charge);
            let quote = rollup.quoted(charge).quote.ok().filter(|_| charge.charging == Charging::Rates)?;
            CacheSums::of(&cell.tokens, &quote.own.ok()?, &batch_rates(&quote.batch?, key.code.batch_cache(policy)))
        };
        cells.iter().filter(is_open).map(of_cell).try_fold(CacheSums::default(), |sum, next| Some(sum.with(next?)))
    };
    assessment.rows.iter().zip(cells).map(sums).collect()
}

/// Up to which share of failed batch work batch pays: what fails is run again at standard price, and `billed` of it was
/// billed in batch too.
pub fn failed_share(fallback: &Fallback) -> PaysUpTo {
    if fallback.batch_cost >= fallback.cost {
        return PaysUpTo::Never;
    }
    match fallback.least_in_time() {
        Some(least) if least > Exact::zero() => PaysUpTo::Share(Exact::one() - least),
        _ => PaysUpTo::Always,
    }
}

/// A limit as whole percent, which never reads as all or nothing.
pub fn limit_words(share: &Exact) -> String {
    let whole = round_half_even(&(share * Exact::from_integer(100.into())), 0);
    match whole.to_u8() {
        Some(0) if *share > Exact::zero() => "1 %".to_owned(),
        Some(100) if *share < Exact::one() => "99 %".to_owned(),
        _ => format!("{whole} %"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::money::{Money, Percent, Rate};
    use crate::usage::{BatchCache, CacheWay};

    fn rates(units: [u32; 3]) -> Rates {
        let [input, read, output] = units.map(|units| Some(format!("0.{units:06}").parse::<Rate>().expect("a rate")));
        PerClass([input, read, input, input, output])
    }

    proptest! {
        /// Batch is cheaper exactly below the cached share at which it breaks even, by the costs themselves.
        #[test]
        fn batch_pays_below_the_share_that_is_said(
            own in prop::array::uniform3(0..1_000_000_u32),
            batch in prop::array::uniform3(0..1_000_000_u32),
            plain in 0..1_000_u32,
            reads in 0..1_000_u32,
            writes in 0..1_000_u32,
            output in 0..1_000_u32,
            hits in 0..=100_u8,
            way in 0..3_usize,
        ) {
            let (own, batch) = (rates(own), rates(batch));
            let tokens = PerClass([plain, reads, writes, 0, output].map(u128::from));
            let cache = BatchCache { way: CacheWay::ALL[way], hits: Percent::whole(hits) };
            let in_batch = batch_rates(&batch, cache);
            let sums = CacheSums::of(&tokens, &own, &in_batch).expect("all rates");
            let cost = |rates: &Rates| -> Exact {
                let cost = |class| rates[class].unwrap_or_default().exact() * Exact::from_integer(tokens[class].into());
                TokenClass::ALL.into_iter().map(cost).sum()
            };
            let batch_cost = cost(&in_batch);
            if let Some(today) = sums.cached_today() {
                match sums.pays_up_to() {
                    PaysUpTo::Share(share) => prop_assert_eq!(batch_cost < cost(&own), today < share),
                    PaysUpTo::Always => prop_assert!(batch_cost <= cost(&own)),
                    // A cache that costs more than plain input is nothing that batch loses.
                    PaysUpTo::Never => prop_assert!(batch_cost >= cost(&own) || sums.lost_to_cache < Exact::zero()),
                }
            }
        }

        /// At the share of failures that is said both sides cost the same.
        #[test]
        fn failures_use_up_the_discount(cost in 1..1_000_000_i64, batch in 0..1_000_000_i64, doubled in 0..=10_u8) {
            let fallback = |in_time: Exact| Fallback {
                cost: Money::from_units(cost.into()),
                batch_cost: Money::from_units(batch.into()),
                in_time,
                failure_share: Percent::ZERO,
                doubled: Exact::new(doubled.into(), 10.into()),
            };
            match failed_share(&fallback(Exact::one())) {
                PaysUpTo::Share(share) => {
                    prop_assert!(share > Exact::zero() && share < Exact::one());
                    prop_assert_eq!(fallback(Exact::one() - share).saving(), Exact::zero());
                }
                PaysUpTo::Always => prop_assert!(fallback(Exact::zero()).saving() >= Exact::zero()),
                PaysUpTo::Never => prop_assert!(fallback(Exact::one()).saving() <= Exact::zero()),
            }
        }
    }

    #[test]
    fn a_missing_rate_is_no_answer() {
        let own = rates([100, 10, 500]);
        let tokens = PerClass([100, 0, 0, 0, 10]);
        let without = |class: TokenClass| {
            let mut rates = own;
            rates[class] = None;
            rates
        };
        let of = |own: &Rates, batch: &Rates, hits| {
            let cache = BatchCache::default().with_hits(hits);
            CacheSums::of(&tokens, own, &batch_rates(batch, cache)).is_some()
        };
        assert!(of(&own, &own, Percent::ALL));
        assert!(!of(&without(TokenClass::CacheRead), &own, Percent::ZERO));
        assert!(!of(&own, &without(TokenClass::Output), Percent::ZERO));
        assert!(of(&own, &without(TokenClass::CacheRead), Percent::ZERO));
        assert!(!of(&own, &without(TokenClass::CacheRead), Percent::ALL));
    }

    #[test]
    fn a_limit_never_rounds_to_all_or_nothing() {
        let words = |thousandths: i32| limit_words(&Exact::new(thousandths.into(), 1_000.into()));
        assert_eq!([0, 1, 444, 999, 1_000].map(words), ["0 %", "1 %", "44 %", "99 %", "100 %"]);
    }
}
