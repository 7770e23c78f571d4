//! Months and quarters ahead.
//!
//! Role: the forecast's volume, prices of each day, and when each step runs → dollars of each month to come. Amounts are
//! worked out exactly and rounded once a month; the ends of a forecast are its middle times a factor, exactly; quarters
//! are sums of months, costs differences of today and savings.

use num_traits::Zero;

use super::forecast::{Band, Forecast, share_in};
use super::price_periods::{PeriodSums, PricePeriod};
use crate::calendar::{Day, Month, Period, Quarter};
use crate::money::{Exact, MONEY_DECIMALS, MONTHLY_DECIMALS, Money, Overflow, Percent};
use crate::policy::{Cases, Policy};

/// A month to come; all amounts are dollars.
#[derive(Clone, Debug)]
pub struct MonthAhead {
    /// The month.
    pub month: Month,
    /// Months from the last one of the forecast's base.
    pub ahead: u32,
    /// Share of what the steps save that runs.
    pub live: Exact,
    /// Share of the routes that runs.
    pub routes_live: Percent,
    /// Days of it, each counted by its weekday's weight, at the prices of each level.
    pub weighted_days: Vec<Exact>,
    /// Cost if nothing is done, from the low to the high end of the forecast.
    pub today: Cases<Money>,
    /// Batch only.
    pub batch_only: Ahead,
    /// Batch and routing.
    pub combined: Ahead,
    /// What it may cost, where somebody said so.
    pub budget: Option<Money>,
}

/// A scenario in a month or quarter to come.
#[derive(Clone, Debug, Default)]
pub struct Ahead {
    /// Cost from the low to the high end of the forecast, in the base case of saving.
    pub cost: Cases<Money>,
    /// Saving by case, in the middle of the forecast.
    pub saving: Cases<Money>,
}

/// A quarter of the fiscal year, as far as the plan looks into it.
#[derive(Clone, Debug)]
pub struct QuarterAhead {
    /// The quarter.
    pub quarter: Quarter,
    /// Months of it in the plan.
    pub months: u32,
    /// Cost if nothing is done.
    pub today: Cases<Money>,
    /// Batch only.
    pub batch_only: Ahead,
    /// Batch and routing.
    pub combined: Ahead,
    /// What was spent in it on the days that were read.
    pub actual_to_date: Money,
    /// What the plan's months of it cost with the plan, and days of it that lie between the last day read and them.
    pub forecast_to_go: Cases<Money>,
    /// Both together.
    pub outlook: Cases<Money>,
    /// The budget of its months that were read or are in the plan, where each of them has one.
    pub budget: Option<Money>,
    /// Months of it that were read.
    pub months_read: u32,
    /// Their part of the budget, where each of them has one.
    pub budget_read: Option<Money>,
}

/// What the months ahead are made of.
#[derive(Clone, Copy, Debug)]
pub struct Projection<'c> {
    /// The base months' rows at the prices of the last day read, then of each later day on which a price in use changes.
    pub price_periods: &'c [PricePeriod],
    /// Volume.
    pub forecast: &'c Forecast,
    /// How wide it is.
    pub band: &'c Band,
    /// The first month.
    pub first: Month,
    /// How many.
    pub count: u32,
    /// Ramp, budget.
    pub policy: &'c Policy,
    /// What the steps save now by the month in which they begin.
    pub saving_by_start: &'c [(Month, Money)],
}

/// An amount of dollars times a factor with 6 decimals, exactly.
fn times(amount: Money, factor: &Exact) -> Result<Money, Overflow> {
    Money::round(&(amount.exact() * factor), MONEY_DECIMALS)
}

fn rounded(value: &Exact) -> Result<Money, Overflow> {
    Money::round(value, MONTHLY_DECIMALS)
}

impl Projection<'_> {
    /// The part of some days of one month that lies at each level's prices.
    fn parts(&self, days: Period) -> Vec<Option<Period>> {
        let part = |(index, level): (usize, &PricePeriod)| {
            let from = if index == 0 { days.from } else { level.from.max(days.from) };
            let to = self.price_periods.get(index + 1).map_or(days.to, |next| next.from.previous().min(days.to));
            (from <= to).then_some(Period { from, to })
        };
        self.price_periods.iter().enumerate().map(part).collect()
    }

    /// What some days of one month come to, of an amount of all base months at each level.
    pub(super) fn at_days(&self, days: Period, amount: &dyn Fn(&PeriodSums) -> Exact) -> Exact {
        let Some(whole) = self.price_periods.first().map(|level| level.sums.today).filter(|whole| !whole.is_zero())
        else {
            return Exact::zero();
        };
        let parts = self.price_periods.iter().zip(self.parts(days));
        let volumes = parts.filter_map(|(level, days)| Some(amount(&level.sums) * self.forecast.volume(days?)));
        volumes.sum::<Exact>() / whole.exact()
    }

    /// The share of work that began in one month that runs in another.
    pub fn share(&self, start: Month, month: Month) -> Percent {
        share_in(&self.policy.ramp, start, month)
    }

    /// All months.
    pub fn months(&self) -> Result<Vec<MonthAhead>, Overflow> {
        (0..self.count).map(|index| self.month(self.first.plus(index))).collect()
    }

    fn month(&self, month: Month) -> Result<MonthAhead, Overflow> {
        let days = month.period();
        let ahead = self.forecast.ahead(month);
        let [low, high] = self.band.factors(ahead);
        let base = rounded(&self.at_days(days, &|sums| sums.today.exact()))?;
        let today = Cases { low: times(base, &low)?, base, high: times(base, &high)? };
        let scenario = |saving: Cases<Exact>| -> Result<Ahead, Overflow> {
            let saving = saving.by_ref().try_map(rounded)?;
            let base = today.base.sub(saving.base)?;
            Ok(Ahead { cost: Cases { low: times(base, &low)?, base, high: times(base, &high)? }, saving })
        };
        let routes_live = self.share(self.first, month);
        let weighted = |days: Option<Period>| days.map_or_else(Exact::zero, |days| self.forecast.weights.days(days));
        Ok(MonthAhead {
            month,
            ahead,
            live: self.live(month),
            routes_live,
            weighted_days: self.parts(days).into_iter().map(weighted).collect(),
            today,
            batch_only: scenario(by_case(&|case| self.at_days(days, &|sums| self.batch_only(sums, month, case))))?,
            combined: scenario(by_case(&|case| self.at_days(days, &|sums| self.combined(sums, month, case))))?,
            budget: self.policy.budget.of(month, self.policy.fiscal_year_start)?,
        })
    }

    /// Share of what the steps save that runs; of no steps that of the ramp.
    fn live(&self, month: Month) -> Exact {
        let all: Exact = self.saving_by_start.iter().map(|(_, saving)| saving.exact()).sum();
        if all.is_zero() {
            return self.share(self.first, month).exact();
        }
        let live =
            self.saving_by_start.iter().map(|(start, saving)| saving.exact() * self.share(*start, month).exact());
        live.sum::<Exact>() / all
    }

    fn batch_only(&self, sums: &PeriodSums, month: Month, case: Case) -> Exact {
        let of_start = |(start, sums): (&Month, &super::price_periods::StartSums)| {
            case(sums.batch_only).exact() * self.share(*start, month).exact()
        };
        sums.by_start.iter().map(of_start).sum()
    }

    /// What is in batch saves that, and all else what routes save of it, work that is still to move included.
    fn combined(&self, sums: &PeriodSums, month: Month, case: Case) -> Exact {
        let routed = self.share(self.first, month).exact();
        let of_start = |(start, sums): (&Month, &super::price_periods::StartSums)| {
            let share = self.share(*start, month).exact();
            (case(sums.batch).exact() - case(sums.until_then).exact() * &routed) * share
        };
        sums.by_start.iter().map(of_start).sum::<Exact>() + case(sums.routing).exact() * routed
    }

    /// What some days of one month cost if nothing is done.
    pub fn do_nothing(&self, days: Period) -> Result<Money, Overflow> {
        rounded(&self.at_days(days, &|sums| sums.today.exact()))
    }

    /// What one value of the dimension that rows are added up by costs in a month if nothing is done.
    pub fn of_value(&self, month: Month, value: Option<&str>) -> Result<Money, Overflow> {
        let value = value.map(str::to_owned);
        let of = |sums: &PeriodSums| sums.by_value.get(&value).copied().unwrap_or_default().exact();
        rounded(&self.at_days(month.period(), &of))
    }

    /// An amount of what begins in each month, as it runs in another.
    pub(super) fn net_saving(
        &self,
        month: Month,
        amount: &dyn Fn(&super::price_periods::StartSums) -> Money,
    ) -> Result<Money, Overflow> {
        let of = |sums: &PeriodSums| {
            let parts = sums.by_start.iter();
            parts.map(|(start, sums)| amount(sums).exact() * self.share(*start, month).exact()).sum()
        };
        rounded(&self.at_days(month.period(), &of))
    }

    /// Sums of months by quarter, with what was spent in the first of them.
    pub fn quarters(&self, months: &[MonthAhead], spent: &Spent<'_>) -> Result<Vec<QuarterAhead>, Overflow> {
        let start = self.policy.fiscal_year_start;
        let of = |month: Month| month.fiscal_quarter(start);
        let parts = months.chunk_by(|a, b| of(a.month) == of(b.month));
        parts
            .filter_map(|part| Some((of(part.first()?.month), part)))
            .map(|(quarter, part)| {
                let add = |amounts: &dyn Fn(&MonthAhead) -> Cases<Money>| -> Result<Cases<Money>, Overflow> {
                    part.iter().try_fold(Cases::default(), |sums: Cases<Money>, month| {
                        sums.zip(amounts(month)).try_map(|(sum, amount)| sum.add(amount))
                    })
                };
                let combined =
                    Ahead { cost: add(&|month| month.combined.cost)?, saving: add(&|month| month.combined.saving)? };
                let (mut actual_to_date, mut months_read, mut read) = (Money::ZERO, 0, Vec::new());
                for (month, spend) in spent.months.iter().filter(|(month, _)| of(*month) == quarter) {
                    actual_to_date = actual_to_date.add(*spend)?;
                    months_read += 1;
                    read.push(self.policy.budget.of(*month, start)?);
                }
                let all = || read.iter().copied().chain(part.iter().map(|month| month.budget));
                let rest = match spent.rest.filter(|rest| of(rest.from.month()) == quarter) {
                    Some(days) => self.do_nothing(days)?,
                    None => Money::ZERO,
                };
                let forecast_to_go = combined.cost.try_map(|cost| cost.add(rest))?;
                Ok(QuarterAhead {
                    quarter,
                    months: u32::try_from(part.len()).unwrap_or(u32::MAX),
                    today: add(&|month| month.today)?,
                    batch_only: Ahead {
                        cost: add(&|month| month.batch_only.cost)?,
                        saving: add(&|month| month.batch_only.saving)?,
                    },
                    combined,
                    actual_to_date,
                    forecast_to_go,
                    outlook: forecast_to_go.try_map(|cost| cost.add(actual_to_date))?,
                    budget: whole_budget(all())?,
                    months_read,
                    budget_read: whole_budget(read.iter().copied())?,
                })
            })
            .collect()
    }
}

/// What was spent in the months that were read, and which days lie between them and the plan.
#[derive(Clone, Debug)]
pub struct Spent<'s> {
    /// By month.
    pub months: &'s [(Month, Money)],
    /// Days behind the last one read, of its month.
    pub rest: Option<Period>,
}

impl Spent<'_> {
    /// The days behind the last one read, of its month.
    pub fn rest(last: Day) -> Option<Period> {
        let to = last.month().last();
        (last < to).then(|| Period { from: last.next(), to })
    }
}

/// A sum of budgets of months; nothing where one of them has none, since it would stand beside what all of them cost.
pub fn whole_budget(months: impl Iterator<Item = Option<Money>>) -> Result<Option<Money>, Overflow> {
    months.collect::<Option<Vec<Money>>>().map(Money::sum).transpose()
}

/// One of three cases.
type Case = fn(Cases<Money>) -> Money;

fn by_case(of: &dyn Fn(Case) -> Exact) -> Cases<Exact> {
    Cases { low: of(|cases| cases.low), base: of(|cases| cases.base), high: of(|cases| cases.high) }
}
