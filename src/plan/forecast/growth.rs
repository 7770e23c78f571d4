//! Growth from month to month.
//!
//! Role: months of the history and what the policy asks for → the rate that the forecast grows by, where it comes from,
//! and how far off the forecast would have been. Growth that foretells no better than no growth is not used.

use num_traits::{One, Zero};

use super::backtest::{Backtest, Trial, backtest};
use super::band::Band;
use super::{Rate, Weights, base_months, median};
use crate::calendar::Month;
use crate::money::{Exact, round_share};
use crate::plan::excluded_months::{Exclusion, excluded_months, latest_run};
use crate::plan::months::MonthSpend;
use crate::policy::{Cases, GrowthSetting};

/// How volume grows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Growth {
    /// Growth of a month over the month before, as a share, never below −1: as the policy gives it, or one figure.
    pub monthly: Cases<Exact>,
    /// The rate that the forecast grows by.
    pub rate: Rate,
    /// Where it comes from.
    pub method: Method,
    /// What was fitted, where that is not used.
    pub unused_fit: Option<Exact>,
    /// How far off the forecast would have been, if there are months enough to tell.
    pub backtest: Option<Backtest>,
    /// How wide the forecast is.
    pub band: Band,
    /// The months that it is fitted to or tried on.
    pub months: Vec<Month>,
    /// The other months of the period, each with the first reason for which it is none of them.
    pub excluded_months: Vec<(Month, Exclusion)>,
}

/// Where growth comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Given by the policy.
    Given,
    /// Fitted to the months of the logs.
    Fitted,
    /// Fitted, and no better than no growth on months it had not seen: no growth is assumed.
    Naive,
    /// Asked to be fitted, but too few months: no growth is assumed.
    NotEnoughData {
        /// Complete months in an unbroken run, in which nearly everything has a price.
        complete_months: usize,
        /// How many it takes.
        needed: usize,
    },
}

impl Method {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Fitted => "fitted",
            Self::Naive => "naive",
            Self::NotEnoughData { .. } => "not-enough-data",
        }
    }
}

/// Fewest complete months to which growth is fitted.
pub const FEWEST_MONTHS: usize = 4;

/// The growth that a policy asks for.
pub fn growth(setting: &GrowthSetting, months: &[MonthSpend]) -> Growth {
    let run = latest_run(months);
    let none = || Cases::all(Exact::zero());
    let (monthly, rate, method, trial, unused_fit) = match setting {
        GrowthSetting::Given(monthly) => {
            let rate = Rate::Steady(monthly.base.clone());
            let trial = backtest(run, |_| rate.clone());
            (monthly.clone(), rate, Method::Given, trial, None)
        }
        GrowthSetting::Fitted if run.len() >= FEWEST_MONTHS => {
            let fitted = fit(run);
            let trial = backtest(run, |known| Rate::Damped(fit(known)));
            if trial.as_ref().is_some_and(Trial::is_better_than_naive) {
                (Cases::all(fitted.clone()), Rate::Damped(fitted), Method::Fitted, trial, None)
            } else {
                let trial = backtest(run, |_| Rate::none());
                (none(), Rate::none(), Method::Naive, trial, Some(fitted))
            }
        }
        GrowthSetting::Fitted => {
            let method = Method::NotEnoughData { complete_months: run.len(), needed: FEWEST_MONTHS };
            (none(), Rate::none(), method, None, None)
        }
    };
    Growth {
        monthly,
        rate,
        method,
        unused_fit,
        band: Band::of(trial.as_ref().map(|trial| trial.one_month_ahead.as_slice()).unwrap_or_default()),
        backtest: trial.and_then(|trial| trial.backtest()),
        months: run.iter().map(|month| month.month).collect(),
        excluded_months: excluded_months(months, run),
    }
}

/// The middle step from month to month as growth, to 6 decimals: what is printed is what is reckoned with. It is never
/// above the 100 % that a policy may give: a first month of trials is no growth.
fn fit(run: &[MonthSpend]) -> Exact {
    let weights = Weights::of(&base_months(run));
    let levels: Vec<Exact> = run.iter().map(|month| weights.level(month)).collect();
    let steps = levels.windows(2).filter(|pair| !pair[0].is_zero()).map(|pair| &pair[1] / &pair[0]).collect::<Vec<_>>();
    if steps.is_empty() { Exact::zero() } else { round_share(&(median(steps) - Exact::one()).min(Exact::one())) }
}
