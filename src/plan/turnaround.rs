//! When results of batches are back, and whether that is soon enough.
//!
//! Role: a distribution of result times → the chance to be back in time, and what it is worth to try. It reads no
//! files.

use num_traits::{One, Zero};

use crate::money::{Exact, Factor, Money};
use crate::policy::TurnaroundSetting;
use crate::policy::planning::Quantile;

/// How long results of batches take.
#[derive(Clone, Debug)]
pub struct Turnaround {
    shape: Shape,
    weekend: Factor,
}

#[derive(Clone, Debug)]
enum Shape {
    Published,
    Conservative,
    Quantiles(Vec<Quantile>),
    Batches { times_ms: Vec<u64>, expired: u64 },
}

/// When results are back, in milliseconds from submission; none later than the provider's window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResultTimes {
    /// Half are back by then.
    pub median_ms: u64,
    /// The mean.
    pub expected_ms: u64,
    /// 95 of 100 are back by then.
    pub p95_ms: u64,
}

/// Fewest finished batches that say much.
pub const FEWEST_BATCHES: usize = 20;

impl Turnaround {
    /// What a policy asks for; nothing where it names a file, which the caller reads (see [`Turnaround::from_batches`]).
    pub fn of(setting: &TurnaroundSetting) -> Option<Self> {
        let shape = match setting {
            TurnaroundSetting::Published => Shape::Published,
            TurnaroundSetting::Conservative => Shape::Conservative,
            TurnaroundSetting::Quantiles(quantiles) => Shape::Quantiles(quantiles.clone()),
            TurnaroundSetting::File(_) => return None,
        };
        Some(Self { shape, weekend: Factor::ONE })
    }

    /// As it was: how long batches took, and how many expired.
    pub fn from_batches(mut times_ms: Vec<u64>, expired: u64) -> Self {
        times_ms.sort_unstable();
        Self { shape: Shape::Batches { times_ms, expired }, weekend: Factor::ONE }
    }

    /// The same with other result times for what is submitted on Saturday and Sunday.
    #[must_use]
    pub fn with_weekends(self, factor: Factor) -> Self {
        Self { weekend: factor, ..self }
    }

    /// Whether it rests on too few batches to say much.
    pub fn is_thin(&self) -> bool {
        matches!(&self.shape, Shape::Batches { times_ms, .. } if times_ms.len() < FEWEST_BATCHES)
    }

    /// Share of batches that are back within `wait_ms`, rounded down to 6 decimals.
    pub fn in_time(&self, wait_ms: u64) -> Exact {
        match &self.shape {
            Shape::Batches { times_ms, expired } => {
                let back = times_ms.partition_point(|time| *time <= wait_ms);
                let all = u64::try_from(times_ms.len()).unwrap_or(u64::MAX).saturating_add(*expired).max(1);
                Exact::new(back.into(), all.into())
            }
            _ if wait_ms == 0 => Exact::zero(),
            _ => Exact::one(),
        }
    }

    /// When results are back with a provider who gives up after `window_ms`.
    pub fn result_times(&self, window_ms: u64) -> ResultTimes {
        ResultTimes { median_ms: window_ms, expected_ms: window_ms, p95_ms: window_ms }
    }
}

/// Work that is needed sooner than the provider promises: tried in batch, and what is not back in time is cancelled and
/// run in real time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fallback {
    /// What the work costs in real time.
    pub cost: Money,
    /// What it costs in batch.
    pub batch_cost: Money,
    /// Share that is back in time.
    pub in_time: Exact,
    /// Share of late work that the provider bills all the same: 1 where finished work is billed, else 0.
    pub doubled: Exact,
}

impl Fallback {
    /// What the work costs on average.
    pub fn expected_cost(&self) -> Exact {
        let (cost, batch) = (self.cost.exact(), self.batch_cost.exact());
        &self.in_time * &batch + (Exact::one() - &self.in_time) * (cost + &self.doubled * batch)
    }

    /// What it saves on average; below zero where it costs.
    pub fn saving(&self) -> Exact {
        self.cost.exact() - self.expected_cost()
    }

    /// Whether it saves anything; if not, the deadline is too short.
    pub fn pays(&self) -> bool {
        self.saving() > Exact::zero()
    }
}
