//! Months and quarters ahead, and the waterfall from today to the last of them.
//!
//! Role: a month at each day's prices, growth and ramp → dollars of each month to come. Amounts are worked out exactly
//! and rounded once a month; quarters are sums of months, costs differences of today and savings.

use std::borrow::Cow;

use num_traits::Zero;

use super::forecast::{Growth, factor, live};
use super::moves::{Fate, Moves};
use super::start::{Start, StartsFrom};
use super::workings::AtPrices;
use crate::assess::Assessment;
use crate::calendar::{Day, Month};
use crate::money::{Exact, MONTHLY_DECIMALS, Money, Overflow, Percent};
use crate::policy::{Cases, Policy};
use crate::verdict::Band;

/// A month of the same usage at the prices of some day on.
#[derive(Debug)]
pub struct Level<'n> {
    /// The first day of these prices; nothing for those of the period.
    pub from: Option<Day>,
    /// What was judged at them.
    pub assessment: Cow<'n, Assessment>,
    /// What moving saves at them.
    pub moves: Cow<'n, Moves>,
    /// The same row by row, from the second level on; the first is what is worked out for now.
    pub at_prices: Option<AtPrices>,
}

/// A month to come; all amounts are dollars.
#[derive(Clone, Debug)]
pub struct MonthAhead {
    /// The month.
    pub month: Month,
    /// Share of the plan that runs.
    pub live: Percent,
    /// Days of it at the prices of the period, then at those of each later day on which a price in use changes.
    pub days_at: Vec<u32>,
    /// Cost if nothing is done, by growth.
    pub today: Cases<Money>,
    /// Batch only.
    pub batch_only: Ahead,
    /// Batch and routing.
    pub combined: Ahead,
}

/// A scenario in a month or quarter to come.
#[derive(Clone, Debug, Default)]
pub struct Ahead {
    /// Cost by growth, in the base case of saving.
    pub cost: Cases<Money>,
    /// Saving by case, at base growth.
    pub saving: Cases<Money>,
}

/// A calendar quarter, as far as the plan looks into it.
#[derive(Clone, Debug)]
pub struct QuarterAhead {
    /// Such as `2026-Q4`.
    pub quarter: String,
    /// Months of it in the plan.
    pub months: u32,
    /// Cost if nothing is done, by growth.
    pub today: Cases<Money>,
    /// Batch only.
    pub batch_only: Ahead,
    /// Batch and routing.
    pub combined: Ahead,
    /// The budget of these months, where the policy has one.
    pub budget: Option<Money>,
}

/// A step of the waterfall.
#[derive(Clone, Copy, Debug)]
pub struct Bar {
    /// Stable name.
    pub id: &'static str,
    /// What it adds to a month's cost; below zero where it saves.
    pub amount: Money,
}

/// From a month of the period to the last month of the plan, in the base case.
#[derive(Clone, Debug)]
pub struct Waterfall {
    /// The month it leads to.
    pub month: Month,
    /// A month of the period.
    pub baseline: Money,
    /// The calendar, volume, known price changes, batch confirmed, batch likely, lost cache, failures and fallback, routing.
    pub bars: Vec<Bar>,
    /// The month with the plan; the sum of all of these.
    pub target: Money,
}

/// What the months ahead are made of.
#[derive(Clone, Copy, Debug)]
pub struct Course<'c> {
    /// Months at the prices of the period, then of each day on which a price in use changes.
    pub levels: &'c [Level<'c>],
    /// The first month.
    pub first: Month,
    /// How many.
    pub count: u32,
    /// Where growth goes on from.
    pub start: &'c Start,
    /// Growth from there.
    pub growth: &'c Growth,
    /// Ramp, budget.
    pub policy: &'c Policy,
}

impl Course<'_> {
    /// What a month would be on average over its days' prices, before growth.
    fn mixed(&self, month: Month, amount: impl Fn(&Level<'_>) -> Result<Money, Overflow>) -> Result<Exact, Overflow> {
        let mut sum = Exact::zero();
        for (level, days) in self.levels.iter().zip(self.days_at(month)) {
            if days > 0 {
                sum += amount(level)?.exact() * Exact::new(days.into(), month.days().into());
            }
        }
        Ok(sum)
    }

    /// How many days of a month are at each level's prices.
    fn days_at(&self, month: Month) -> Vec<u32> {
        let (first, behind) = (month.first(), month.next().first());
        let days = |(index, level): (usize, &Level<'_>)| {
            let begin = level.from.map_or(first, |from| from.max(first));
            let end = self.levels.get(index + 1).and_then(|next| next.from).map_or(behind, |next| next.min(behind));
            u32::try_from(end.number() - begin.number()).unwrap_or(0)
        };
        self.levels.iter().enumerate().map(days).collect()
    }

    /// Volume of a month of the plan, the first being 1, against that of the period.
    fn volume(&self, growth: &Exact, ahead: u32) -> Exact {
        &self.start.volume * factor(growth, self.start.lead + ahead)
    }

    /// All months.
    pub fn months(&self) -> Result<Vec<MonthAhead>, Overflow> {
        (0..self.count).map(|index| self.month(index)).collect()
    }

    fn month(&self, index: u32) -> Result<MonthAhead, Overflow> {
        let month = self.first.plus(index);
        let live = live(&self.policy.ramp, index as usize);
        let volumes = self.growth.monthly.by_ref().map(|growth| self.volume(growth, index + 1));
        let round = |value: &Exact| Money::round(value, MONTHLY_DECIMALS);
        let level = self.mixed(month, |level| Ok(level.moves.today))?;
        let today = volumes.by_ref().try_map(|volume| round(&(&level * volume)))?;
        let scenario = |saving: &dyn Fn(&Moves) -> Result<Cases<Money>, Overflow>| -> Result<Ahead, Overflow> {
            let by_case = Cases {
                low: self.mixed(month, |level| Ok(saving(&level.moves)?.low))?,
                base: self.mixed(month, |level| Ok(saving(&level.moves)?.base))?,
                high: self.mixed(month, |level| Ok(saving(&level.moves)?.high))?,
            };
            let share = live.exact();
            let base = &by_case.base;
            let cost =
                today.zip(volumes.clone()).try_map(|(today, volume)| today.sub(round(&(base * volume * &share))?))?;
            let saving = by_case.by_ref().try_map(|saving| round(&(saving * &volumes.base * &share)))?;
            Ok(Ahead { cost, saving })
        };
        Ok(MonthAhead {
            month,
            live,
            days_at: self.days_at(month),
            today,
            batch_only: scenario(&|moves| Ok(moves.batch_only))?,
            combined: scenario(&|moves| moves.batch.zip(moves.routing).try_map(|(batch, routing)| batch.add(routing)))?,
        })
    }

    /// From the period to the last month, in the base case. What routing saves is what is left to the target, so that the
    /// bars add up to the last digit.
    pub fn waterfall(&self, months: &[MonthAhead]) -> Result<Option<Waterfall>, Overflow> {
        let (Some(last), Some(now)) = (months.last(), self.levels.first()) else { return Ok(None) };
        let volume = self.volume(&self.growth.monthly.base, self.count);
        let share = &volume * live(&self.policy.ramp, self.count as usize - 1).exact();
        let round = |value: &Exact| Money::round(value, MONTHLY_DECIMALS);
        let baseline = now.moves.today;
        let grown = round(&(baseline.exact() * &volume))?;
        // What whole months have grown by is volume; a month that was partly read only has other days than a mean one.
        let started = match self.start.from {
            StartsFrom::PartialMonth(_) => round(&(baseline.exact() * &self.start.volume))?,
            StartsFrom::MeanMonth | StartsFrom::WholeMonth(_) => baseline,
        };
        let part = |choose: &dyn Fn(&Level<'_>, usize) -> Money| -> Result<Money, Overflow> {
            let sum = |level: &Level<'_>| Money::sum((0..level.moves.rows.len()).map(|index| choose(level, index)));
            round(&(self.mixed(last.month, sum)? * &share))
        };
        let moved = |level: &Level<'_>, index: usize, band: Option<Band>| {
            let (planned, row) = (&level.moves.rows[index], &level.assessment.rows[index]);
            planned.batched.base && planned.fate == Fate::Moves && band.is_none_or(|band| row.band() == Some(band))
        };
        let of = |band: Option<Band>, amount: fn(&super::moves::Move) -> Money| {
            part(&move |level, index| {
                if moved(level, index, band) { amount(&level.moves.rows[index]) } else { Money::ZERO }
            })
        };
        let gain = |amount: Money| Money::ZERO.sub(amount);
        let confirmed = gain(of(Some(Band::Confirmed), |planned| planned.with_all_hits)?)?;
        let likely = gain(of(Some(Band::Likely), |planned| planned.with_all_hits)?)?;
        let lost = of(None, |planned| planned.lost_cache)?;
        let failures = of(None, |planned| planned.failures)?;
        let target = last.combined.cost.base;
        let before = Money::sum([last.today.base, confirmed, likely, lost, failures])?;
        let bars = vec![
            Bar { id: "calendar", amount: started.sub(baseline)? },
            Bar { id: "volume", amount: grown.sub(started)? },
            Bar { id: "price-changes", amount: last.today.base.sub(grown)? },
            Bar { id: "batch-confirmed", amount: confirmed },
            Bar { id: "batch-likely", amount: likely },
            Bar { id: "lost-cache", amount: lost },
            Bar { id: "failures-and-fallback", amount: failures },
            Bar { id: "routing", amount: target.sub(before)? },
        ];
        Ok(Some(Waterfall { month: last.month, baseline, bars, target }))
    }
}

/// Sums of months by calendar quarter.
pub fn quarters(months: &[MonthAhead], budget: Option<Money>) -> Result<Vec<QuarterAhead>, Overflow> {
    let parts = months.chunk_by(|a, b| a.month.quarter() == b.month.quarter());
    parts
        .map(|part| {
            let add = |amounts: &dyn Fn(&MonthAhead) -> Cases<Money>| -> Result<Cases<Money>, Overflow> {
                part.iter().try_fold(Cases::default(), |sums: Cases<Money>, month| {
                    sums.zip(amounts(month)).try_map(|(sum, amount)| sum.add(amount))
                })
            };
            Ok(QuarterAhead {
                quarter: part.first().map(|month| month.month.quarter().to_string()).unwrap_or_default(),
                months: u32::try_from(part.len()).unwrap_or(u32::MAX),
                today: add(&|month| month.today)?,
                batch_only: Ahead {
                    cost: add(&|month| month.batch_only.cost)?,
                    saving: add(&|month| month.batch_only.saving)?,
                },
                combined: Ahead {
                    cost: add(&|month| month.combined.cost)?,
                    saving: add(&|month| month.combined.saving)?,
                },
                budget: budget.map(|budget| part.iter().try_fold(Money::ZERO, |sum, _| sum.add(budget))).transpose()?,
            })
        })
        .collect()
}
