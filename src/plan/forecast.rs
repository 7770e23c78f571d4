//! Growth from month to month, and how well it would have foretold the past.
//!
//! Role: complete months → growth as exact shares, with the error it would have made. It does *not* know prices or
//! scenarios.

use num_traits::{One, Zero, pow};

use super::months::{MonthKind, MonthSpend};
use crate::money::{Exact, Percent};
use crate::policy::{Cases, GrowthSetting};

/// How spend grows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Growth {
    /// Growth of a month over the month before as a share, never below −1. `low` is the lowest growth, and so the lowest
    /// spend; elsewhere cases name the saving.
    pub monthly: Cases<Exact>,
    /// Where it comes from.
    pub method: Method,
    /// What it would have missed, if there are months enough to tell.
    pub backtest: Option<Backtest>,
}

/// Where growth comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Given by the policy.
    Given,
    /// Fitted to the months of the logs.
    Fitted,
    /// Asked to be fitted, but too few months: no growth is assumed.
    NotEnoughData {
        /// Complete months in an unbroken run.
        complete_months: u32,
        /// How many it takes.
        needed: u32,
    },
}

/// What a growth would have foretold of the last months, known only what was before them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backtest {
    /// Months held out.
    pub held_out: u32,
    /// Mean absolute error as a share of what was spent, to 6 decimals.
    pub error: Exact,
    /// The tolerance that it meets.
    pub tolerance: Tolerance,
}

/// Tolerances for forecasts as the `FinOps` Framework names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tolerance {
    /// Within 12 %.
    Run,
    /// Within 15 %.
    Walk,
    /// Within 20 %.
    Crawl,
    /// Worse than any.
    Outside,
}

/// Fewest complete months to which growth is fitted.
pub const FEWEST_MONTHS: u32 = 4;

/// The growth that a policy asks for.
pub fn growth(setting: &GrowthSetting, months: &[MonthSpend]) -> Growth {
    let complete = months.iter().filter(|month| month.kind == MonthKind::Complete).count();
    match setting {
        GrowthSetting::Given(monthly) => Growth { monthly: monthly.clone(), method: Method::Given, backtest: None },
        GrowthSetting::Fitted => Growth {
            monthly: Cases::all(Exact::zero()),
            method: Method::NotEnoughData {
                complete_months: u32::try_from(complete).unwrap_or(u32::MAX),
                needed: FEWEST_MONTHS,
            },
            backtest: None,
        },
    }
}

/// What spend is multiplied by after so many months: (1 + growth)ⁿ, exactly.
pub fn factor(monthly: &Exact, months_ahead: u32) -> Exact {
    pow(Exact::one() + monthly, usize::try_from(months_ahead).unwrap_or(usize::MAX))
}

/// Share of the plan that is live in a month, 0 for its first; the last share of a ramp holds for all months after it.
pub fn live(ramp: &[Percent], month: usize) -> Percent {
    ramp.get(month).or(ramp.last()).copied().unwrap_or(Percent::ALL)
}
