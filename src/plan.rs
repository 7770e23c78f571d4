//! The plan: what to move, and what the next months cost.
//!
//! Role: months of spend, growth and turnaround → figures ahead. Everything here is pure: it reads no file and knows no
//! clock. Each formula stands in `docs/methodology.md` with an example that a test works out again.

use std::borrow::Cow;
use std::collections::BTreeSet;

pub mod ahead;
pub mod break_even;
pub mod days;
pub mod fallback;
pub mod forecast;
pub mod heat;
pub mod left_out;
pub mod months;
pub mod moves;
pub mod routing;
pub mod sensitivity;
pub mod start;
pub mod steps;
pub mod turnaround;
pub mod words;
pub mod workings;

use ahead::{Course, Level, MonthAhead, QuarterAhead, Waterfall, quarters};
use break_even::{PaysUpTo, cached_shares};
use days::days;
use forecast::{Growth, growth};
use heat::{Heat, heat};
use months::{MonthSpend, series};
use moves::{Assumed, Fate, Ground, Moves, moves};
use routing::{Candidates, RouteLine, candidates, routes};
use sensitivity::{Driver, sensitivity};
use start::{Start, StartsFrom};
use steps::{Steps, steps};
use turnaround::{ResultTimes, Turnaround};
use workings::{AtPrices, Given, at_prices};

use crate::assess::hits::batch_costs;
use crate::assess::{Assessment, Projected, assess};
use crate::calendar::{Day, Month, MonthBasis, Period};
use crate::money::{Exact, Money, Overflow, Percent};
use crate::pricing::terms;
use crate::rollup::{Context, Rollup};
use crate::scenario::{Scenarios, scenarios};
use crate::verdict::Code;

/// What a plan is made of.
#[derive(Clone, Copy, Debug)]
pub struct Material<'m> {
    /// The sums, with those of days.
    pub rollup: &'m Rollup,
    /// What was judged.
    pub assessment: &'m Assessment,
    /// A month of it.
    pub scenarios: &'m Scenarios,
    /// Prices and policy.
    pub context: &'m Context<'m>,
    /// The days covered; nothing without dated rows.
    pub period: Option<(Period, MonthBasis)>,
    /// How long results of batches take.
    pub turnaround: &'m Turnaround,
}

/// What to move, and what the next months cost.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How much of the spend a saving can be worked out for.
    pub projected: Projected,
    /// Spend by month in the period.
    pub seen: Vec<MonthSpend>,
    /// Growth a month.
    pub growth: Growth,
    /// The spend that growth goes on from, a month.
    pub start: Money,
    /// The month that it is of.
    pub starts_from: StartsFrom,
    /// Months to come.
    pub months: Vec<MonthAhead>,
    /// The same by quarter.
    pub quarters: Vec<QuarterAhead>,
    /// The policy's budget a month.
    pub budget: Option<Money>,
    /// From a month of the period to the last month of the plan.
    pub waterfall: Option<Waterfall>,
    /// What moving saves a month at today's volume, failures and deadlines counted.
    pub now: Moves,
    /// What the report says that batch saves, nothing counted.
    pub on_paper: Money,
    /// How long results take.
    pub turnaround: Times,
    /// Share of batch work that fails.
    pub failure_share: Percent,
    /// What a workload has to save a month to be worth a step.
    pub least_saving: Money,
    /// Spend by weekday and hour; nothing where no input says hours.
    pub heat: Option<Heat>,
    /// When this account sends least; nothing where no input says hours.
    pub quiet: Option<QuietHours>,
    /// Single workloads.
    pub steps: Steps,
    /// What may come between.
    pub risks: Vec<Risk>,
    /// The policy's routes.
    pub routes: Vec<RouteLine>,
    /// Without routes: cheaper models of the same provider for each model in use.
    pub candidates: Vec<Candidates>,
    /// Up to which cached share of its prompts batch pays for a workload, by cost.
    pub break_evens: Vec<BreakEven>,
    /// The saving a month in the base case, and what it hangs on.
    pub sensitivity: (Money, Vec<Driver>),
    /// What all of this is worked out from, at the prices of the period and of each later day on which a price in use
    /// changes.
    pub at_prices: Vec<AtPrices>,
    /// The assumptions that are in none of the above.
    pub given: Given,
}

/// The six hours of the day in which an account sends least, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    /// The first hour, 0 to 23.
    pub from: u8,
    /// The hour they end at, exclusive.
    pub to: u8,
    /// Calls in them, and in all hours.
    pub calls: (u64, u64),
}

/// Hours in a row that are looked for.
const QUIET: usize = 6;

/// The quietest six hours in a row, the first of equal ones.
fn quiet_hours(hours: &[u64; 24]) -> Option<QuietHours> {
    let all = hours.iter().fold(0, |sum: u64, calls| sum.saturating_add(*calls));
    let calls = |from: usize| (from..from + QUIET).fold(0, |sum: u64, hour| sum.saturating_add(hours[hour % 24]));
    let from = (0..24).min_by_key(|from| (calls(*from), *from)).filter(|_| all > 0)?;
    let small = |hour: usize| u8::try_from(hour % 24).unwrap_or(0);
    Some(QuietHours { from: small(from), to: small(from + QUIET), calls: (calls(from), all) })
}

/// Up to which cached share of its prompts batch pays for a workload.
#[derive(Clone, Debug)]
pub struct BreakEven {
    /// The workload.
    pub workload: String,
    /// The provider.
    pub provider: String,
    /// The model as logged.
    pub model: String,
    /// The share of its prompts that is cached today.
    pub cached_today: Option<Exact>,
    /// Up to which it pays.
    pub pays: PaysUpTo,
    /// Whether the plan hangs on it: it moves, or stays only because of its cache.
    pub decides: bool,
}

/// How long results of batches take.
#[derive(Clone, Debug)]
pub struct Times {
    /// Where the figures come from.
    pub name: String,
    /// With a window of a day.
    pub results: ResultTimes,
    /// Too few finished batches to say much.
    pub is_thin: bool,
}

/// Something known ahead that changes the figures.
#[derive(Clone, Debug)]
pub struct Risk {
    /// `price-change` or `retirement`.
    pub kind: &'static str,
    /// When.
    pub day: Day,
    /// The models.
    pub models: Vec<String>,
    /// What a month costs more from then on, at today's volume; nothing for a retirement.
    pub monthly_change: Option<Money>,
    /// Cost a month of the models.
    pub monthly_cost: Money,
}

/// Makes the plan.
pub fn plan(material: &Material<'_>) -> Result<Plan, Overflow> {
    let policy = material.context.policy;
    let basis = material.period.map_or(MonthBasis::Calendar { months: 1 }, |(_, basis)| basis);
    let period = material.period.map(|(period, _)| period);
    let spend = days(material.rollup, &material.scenarios.basis)?;
    let seen = period.map(|period| series(&spend, period)).transpose()?.unwrap_or_default();
    let growth = growth(&policy.growth, &seen);
    let start = Start::of(&seen, material.scenarios.today);
    let first = period.map(|period| period.to.month().next());
    let count = if first.is_some() { policy.quarters * 3 } else { 0 };
    let last_day = first.map(|first| first.plus(count).first().previous());
    let with_all_hits = batch_costs(material.rollup, material.assessment, Percent::ALL)?;
    let ground = ground(material, material.assessment, material.scenarios, &with_all_hits, basis);
    let assumed = assumed(material);
    let now = moves(&ground, &assumed)?;
    let levels = levels(material, &now, basis, first, last_day)?;
    let course = first.map(|first| Course { levels: &levels, first, count, start: &start, growth: &growth, policy });
    let months = course.map(|course| course.months()).transpose()?.unwrap_or_default();
    let waterfall = course.map(|course| course.waterfall(&months)).transpose()?.flatten();

    let mut at_prices = vec![at_prices(None, &ground, material.rollup, &now)?];
    let window_ms = u64::from(terms::default_window()) * 3_600_000;
    let batched: Vec<_> = now.rows.iter().map(|planned| planned.batched).collect();
    let (assessment, scenarios) = (material.assessment, material.scenarios);
    let routing = routing::Ground { assessment, scenarios, policy, basis, batched: &batched };
    let candidates = period
        .map(|period| candidates(&routing, material.rollup, material.context.table, period.to))
        .transpose()?
        .unwrap_or_default();
    let heat = heat(material.rollup)?;
    let risks = risks(material, &levels, period, last_day)?;
    at_prices.extend(levels.into_iter().filter_map(|level| level.at_prices));
    Ok(Plan {
        projected: material.assessment.projected,
        at_prices,
        given: Given::of(policy, &start),
        routes: routes(&routing)?,
        candidates,
        break_evens: break_evens(material, &now),
        quarters: quarters(&months, policy.budget_monthly)?,
        start: Money::round(&(material.scenarios.today.exact() * &start.volume), crate::money::MONTHLY_DECIMALS)?,
        starts_from: start.from,
        steps: steps(&ground, &assumed, &now, last_day)?,
        sensitivity: sensitivity(&ground, &assumed, &now, material.rollup, &growth, count + start.lead)?,
        risks,
        on_paper: material.scenarios.batch_only.base,
        turnaround: Times {
            name: material.turnaround.name().to_owned(),
            results: material.turnaround.result_times(window_ms),
            is_thin: material.turnaround.is_thin(),
        },
        failure_share: policy.failure_share,
        least_saving: policy.min_monthly_saving,
        quiet: heat.as_ref().and_then(|heat| quiet_hours(&heat.calls_by_hour())),
        heat,
        budget: policy.budget_monthly,
        seen,
        growth,
        months,
        waterfall,
        now,
    })
}

fn assumed<'m>(material: &Material<'m>) -> Assumed<'m> {
    let policy = material.context.policy;
    Assumed {
        turnaround: material.turnaround,
        failure_share: policy.failure_share,
        least_saving: policy.min_monthly_saving,
    }
}

fn ground<'g>(
    material: &Material<'g>,
    assessment: &'g Assessment,
    scenarios: &'g Scenarios,
    with_all_hits: &'g [Option<Money>],
    basis: MonthBasis,
) -> Ground<'g> {
    let Context { table, policy, .. } = *material.context;
    Ground { assessment, scenarios, with_all_hits, batch_at: None, basis, table, policy }
}

/// Rows for which it matters how much of their prompts is cached, by cost.
fn break_evens(material: &Material<'_>, now: &Moves) -> Vec<BreakEven> {
    let kept = material.context.policy.cache_hit_share;
    let sums = cached_shares(material.rollup, material.assessment, kept);
    let found = material.assessment.rows.iter().zip(&now.rows).zip(sums).filter_map(|((row, planned), sums)| {
        let sums = sums?;
        Some(BreakEven {
            workload: row.workload.clone(),
            provider: row.provider.clone(),
            model: row.model.clone(),
            cached_today: sums.cached_today(),
            pays: sums.pays_up_to(),
            decides: planned.fate == Fate::Moves || row.codes.iter().all(|code| *code == Code::CacheLoss),
        })
    });
    found.collect()
}

/// Months at the prices of the period, and of every later day in the plan on which the price of a model in use changes.
fn levels<'n>(
    material: &Material<'n>,
    now: &'n Moves,
    basis: MonthBasis,
    first: Option<Month>,
    last_day: Option<Day>,
) -> Result<Vec<Level<'n>>, Overflow> {
    let (Some(first), Some(last_day), Some((period, _))) = (first, last_day, material.period) else {
        return Ok(Vec::new());
    };
    let changes: BTreeSet<Day> = changes(material).filter(|day| *day > period.from && *day <= last_day).collect();
    // What changed before the first month holds from its first day.
    let days: BTreeSet<Day> = changes.into_iter().map(|day| day.max(first.first())).collect();
    let (assessment, moves_now) = (Cow::Borrowed(material.assessment), Cow::Borrowed(now));
    let mut levels = vec![Level { from: None, assessment, moves: moves_now, at_prices: None }];
    for from in days {
        let context = material.context;
        let rollup = material.rollup.at_prices_of(from, context.table);
        let assessment = assess(&rollup, context, basis)?;
        let scenarios = scenarios(&assessment, &context.policy.routing, basis, material.scenarios.basis.clone())?;
        let with_all_hits = batch_costs(&rollup, &assessment, Percent::ALL)?;
        let ground = ground(material, &assessment, &scenarios, &with_all_hits, basis);
        let moves = moves(&ground, &assumed(material))?;
        let at_prices = Some(at_prices(Some(from), &ground, &rollup, &moves)?);
        levels.push(Level {
            from: Some(from),
            assessment: Cow::Owned(assessment),
            moves: Cow::Owned(moves),
            at_prices,
        });
    }
    Ok(levels)
}

/// Days on which the price of a model in use changes, past and to come.
fn changes<'m>(material: &Material<'m>) -> impl Iterator<Item = Day> + 'm {
    let table = material.context.table;
    let used = material.assessment.used.keys();
    used.flat_map(|model| table.model(*model).entries.iter().filter_map(|entry| entry.from))
}

fn risks(
    material: &Material<'_>,
    levels: &[Level<'_>],
    period: Option<Period>,
    last_day: Option<Day>,
) -> Result<Vec<Risk>, Overflow> {
    let (Some(period), Some(last_day)) = (period, last_day) else { return Ok(Vec::new()) };
    let table = material.context.table;
    let is_ahead = |day: Day| day > period.to && day <= last_day;
    let mut risks = Vec::new();
    for pair in levels.windows(2) {
        let [before, after] = pair else { continue };
        let Some(day) = after.from else { continue };
        let changing = |model: &&crate::pricing::ModelId| {
            table
                .model(**model)
                .entries
                .iter()
                .any(|entry| entry.from.is_some_and(|from| from.max(day) == day && is_ahead(from) && from == day))
        };
        let changed: Vec<_> = material.assessment.used.keys().filter(changing).collect();
        if changed.is_empty() {
            continue;
        }
        risks.push(Risk {
            kind: "price-change",
            day,
            models: changed.iter().map(|model| table.model(**model).name.clone()).collect(),
            monthly_change: Some(after.moves.today.sub(before.moves.today)?),
            monthly_cost: cost_of(material, |model| changed.contains(&&model))?,
        });
    }
    for model in material.assessment.used.keys() {
        let known = table.model(*model);
        if let Some(day) = known.retires.filter(|day| is_ahead(*day)) {
            risks.push(Risk {
                kind: "retirement",
                day,
                models: vec![known.name.clone()],
                monthly_change: None,
                monthly_cost: cost_of(material, |other| other == *model)?,
            });
        }
    }
    risks.sort_by(|a, b| (a.day, a.kind, &a.models).cmp(&(b.day, b.kind, &b.models)));
    Ok(risks)
}

/// Cost a month of rows priced as some models.
fn cost_of(material: &Material<'_>, is_one: impl Fn(crate::pricing::ModelId) -> bool) -> Result<Money, Overflow> {
    let rows = material.assessment.rows.iter().zip(&material.scenarios.rows);
    Money::sum(rows.filter(|(row, _)| row.priced_as.is_some_and(&is_one)).filter_map(|(_, month)| month.cost))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_may_wrap_past_midnight() {
        let mut hours = [10; 24];
        for hour in [22, 23, 0, 1, 2, 3] {
            hours[hour] = 1;
        }
        assert_eq!(quiet_hours(&hours), Some(QuietHours { from: 22, to: 4, calls: (6, 186) }));
        assert_eq!(quiet_hours(&[0; 24]), None);
        assert_eq!(quiet_hours(&[7; 24]).map(|quiet| (quiet.from, quiet.to)), Some((0, 6)));
    }
}
