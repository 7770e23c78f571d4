//! What the forecast would have said of months that are over.
//!
//! Role: a run of months and a way to find growth → how far off the forecast was, by how far it looked ahead, beside what
//! *same as last month, by weekday* would have said. The forecast tried is the one that is shown.

use num_traits::{Signed, Zero};

use super::{Forecast, Rate, base_months};
use crate::money::{Exact, Percent, round_share};
use crate::plan::months::MonthSpend;

/// How far off the forecast would have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backtest {
    /// One for each number of months ahead that could be tried, from 1 on; never none.
    pub horizons: Vec<Horizon>,
}

/// Months foretold from so many months before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Horizon {
    /// How many months before.
    pub months_ahead: u32,
    /// How often that was tried.
    pub trials: usize,
    /// Mean absolute error as a share of the volume there was, to 6 decimals.
    pub error: Exact,
    /// The same of *same as last month, by weekday*.
    pub naive: Exact,
    /// The tolerance that the error meets.
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

impl Tolerance {
    /// The strictest tolerance that an error meets.
    pub fn of(error: &Exact) -> Self {
        let within = |percent: u8| *error <= Percent::whole(percent).exact();
        match () {
            () if within(12) => Self::Run,
            () if within(15) => Self::Walk,
            () if within(20) => Self::Crawl,
            () => Self::Outside,
        }
    }

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Walk => "walk",
            Self::Crawl => "crawl",
            Self::Outside => "outside",
        }
    }
}

/// Fewest months behind a month from which the next ones are foretold.
pub const FEWEST_BEHIND: usize = 3;
/// As far ahead is tried.
const FARTHEST: usize = 6;
/// Over so many months ahead growth has to be better than none.
const DECIDING: usize = 3;

/// Errors as they are, before anything is rounded.
pub(super) struct Trial {
    /// By months ahead, from 1 on: errors of the forecast and of the naive one.
    errors: Vec<Vec<[Exact; 2]>>,
    /// What there was and what was foretold one month ahead.
    pub(super) one_month_ahead: Vec<[Exact; 2]>,
}

/// Foretells from each month with enough behind it, knowing only what was read by then; nothing where no month could be
/// foretold.
pub(super) fn backtest(run: &[MonthSpend], rate: impl Fn(&[MonthSpend]) -> Rate) -> Option<Trial> {
    let mut trial = Trial { errors: vec![Vec::new(); FARTHEST], one_month_ahead: Vec::new() };
    for behind in FEWEST_BEHIND..run.len() {
        let (known, later) = run.split_at(behind);
        let forecast = Forecast::of(&base_months(known), rate(known))?;
        let naive = Forecast::of(&[known.last()?], Rate::none())?;
        for (ahead, month) in later.iter().take(FARTHEST).enumerate() {
            let volume = month.volume.exact();
            let foretold = forecast.volume(month.month.period());
            let off = |foretold: &Exact| (foretold - &volume).abs() / &volume;
            trial.errors[ahead].push([off(&foretold), off(&naive.volume(month.month.period()))]);
            if ahead == 0 {
                trial.one_month_ahead.push([volume, foretold]);
            }
        }
    }
    trial.errors.retain(|errors| !errors.is_empty());
    (!trial.errors.is_empty()).then_some(trial)
}

fn means(errors: &[[Exact; 2]]) -> [Exact; 2] {
    let number = Exact::from_integer(errors.len().max(1).into());
    [0, 1].map(|side| errors.iter().map(|pair| &pair[side]).sum::<Exact>() / &number)
}

impl Trial {
    /// Whether the forecast was closer than the naive one over the first months ahead.
    pub(super) fn is_better_than_naive(&self) -> bool {
        let [own, naive] = self
            .errors
            .iter()
            .take(DECIDING)
            .map(|errors| means(errors))
            .fold([Exact::zero(), Exact::zero()], |[own, naive], [more_own, more_naive]| {
                [own + more_own, naive + more_naive]
            });
        own < naive
    }

    /// The means that are shown.
    pub(super) fn backtest(&self) -> Option<Backtest> {
        let horizons = (1..).zip(&self.errors).map(|(months_ahead, errors)| {
            let [error, naive] = means(errors).map(|mean| round_share(&mean));
            Horizon { months_ahead, trials: errors.len(), tolerance: Tolerance::of(&error), error, naive }
        });
        let horizons: Vec<Horizon> = horizons.collect();
        (!horizons.is_empty()).then_some(Backtest { horizons })
    }
}
