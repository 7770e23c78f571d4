//! The plan: what to move, and what the next months cost.
//!
//! Role: months of spend, growth and turnaround → figures ahead. Everything here is pure: it reads no file and knows no
//! clock. Each formula stands in `docs/methodology.md` with an example that a test works out again.

pub(crate) mod ahead;
pub mod break_even;
pub(crate) mod budgets;
pub(crate) mod by_value;
pub(crate) mod days;
pub(crate) mod excluded_months;
pub mod fallback;
pub mod forecast;
pub(crate) mod hourly_usage;
pub mod ladder;
pub(crate) mod price_periods;
pub mod months;
pub(crate) mod migration;
pub(crate) mod risks;
pub mod routing;
pub(crate) mod sensitivity;
pub(crate) mod steps;
pub mod turnaround;
pub(crate) mod waterfall;
pub(crate) mod words;
pub(crate) mod workbook_model;

use std::sync::Arc;

use ahead::{MonthAhead, Projection, QuarterAhead, Spent};
use break_even::{PaysUpTo, cached_shares, is_kept_by_cache};
use budgets::{BudgetTable, budgets};
use days::days;
use forecast::{Forecast, Growth, base_months, growth};
use hourly_usage::{HourlyUsage, hourly_usage};
use ladder::{Ladders, ladders};
use migration::{Assumptions, Migration, MigrationInput, MigrationOutcome, Terms, migration};
use months::{MonthSpend, series};
use price_periods::{PricePeriod, Sources, month_at_list, price_periods};
pub use risks::Risk;
use risks::risks;
use routing::{Candidates, RouteLine, candidates, routes};
use sensitivity::{Driver, sensitivity};
use steps::{Steps, steps};
use turnaround::{ResultTimes, Turnaround};
use waterfall::{Baseline, Waterfall, waterfall};
use workbook_model::WorkbookInput;
use workbook_model::lines::{Lines, Sheets, SheetsInput};

use crate::assess::Assessment;
use crate::assess::Projected;
use crate::assess::batch_ways::batch_costs;
use crate::calendar::{Month, MonthBasis, Period};
use crate::maps::CopyOnWrite;
use crate::money::{Exact, MONTHLY_DECIMALS, Money, Overflow, Percent};
use crate::policy::{Cases, Policy, Routing};
use crate::pricing::terms;
use crate::rollup::{Context, Models, Rollup};
use crate::scenario::{MonthSums, Scenarios};

/// What a plan is made of.
#[derive(Clone, Copy, Debug)]
pub struct PlanInput<'m> {
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
    /// Whether a workbook is made of it.
    pub for_workbook: bool,
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
    /// Volume of the months to come; nothing without dated rows.
    pub forecast: Option<Forecast>,
    /// Volume of the month in which it starts.
    pub start: Money,
    /// Months to come.
    pub months: Vec<MonthAhead>,
    /// The same by quarter.
    pub quarters: Vec<QuarterAhead>,
    /// From a month of the period to the last month of the plan.
    pub waterfall: Option<Waterfall>,
    /// What moving saves a month at today's volume, failures and deadlines counted.
    pub now: MonthSums,
    /// Without routes: what routing would save of the rest a month, by the policy's assumption. It is in nothing else.
    pub routing_assumed: Option<Cases<Money>>,
    /// What the report says that batch saves, nothing counted.
    pub gross_saving: Money,
    /// How long results take.
    pub turnaround: Times,
    /// Share of batch work that fails.
    pub failure_share: Percent,
    /// What a workload has to save a month to be worth a step.
    pub least_saving: Money,
    /// Spend by weekday and hour; nothing where no input says hours.
    pub hourly_usage: Option<HourlyUsage>,
    /// When this account sends least; nothing where no input says hours.
    pub quiet: Option<QuietHours>,
    /// Single workloads.
    pub steps: Steps,
    /// What workloads cost on every way to buy their calls.
    pub ladders: Ladders,
    /// What owners or teams spend beside their budgets, where the policy has such.
    pub budgets: Option<BudgetTable>,
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
    /// What all of this is worked out from: a month of the period, then the base months at the prices of the last day read
    /// and of each later day on which a price in use changes.
    pub at_prices: Vec<Lines>,
    /// The assumptions that are in none of the above.
    pub given: WorkbookInput,
}

impl Plan {
    /// The name of the quarter that a month of the plan lies in.
    pub fn quarter_of(&self, month: Month) -> String {
        month.fiscal_quarter(self.given.fiscal_year_start).to_string()
    }

    /// Whether some month has a budget.
    pub fn has_budget(&self) -> bool {
        self.months.iter().any(|month| month.budget.is_some())
    }
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
    pub workload: Arc<str>,
    /// The provider.
    pub provider: Arc<str>,
    /// The model as logged.
    pub model: Arc<str>,
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

/// What routing is counted in a plan: the policy's routes, and nothing where there are none.
pub(crate) enum PlanRouting<'p> {
    /// Routes.
    Routes(&'p Routing),
    /// Nothing.
    Nothing(Routing),
}

impl<'p> PlanRouting<'p> {
    fn of(policy: &'p Policy) -> Self {
        match &policy.routing {
            Routing::Routes(_) => Self::Routes(&policy.routing),
            Routing::Assumed(_) => Self::Nothing(Routing::Assumed(Cases::all(crate::money::Exact::default()))),
        }
    }

    const fn get(&self) -> &Routing {
        match self {
            Self::Routes(routing) => routing,
            Self::Nothing(nothing) => nothing,
        }
    }
}

/// Makes the plan.
pub fn plan(run: &PlanInput<'_>) -> Result<Plan, Overflow> {
    let policy = run.context.policy;
    let basis = run.period.map_or(MonthBasis::Calendar { months: 1 }, |(_, basis)| basis);
    let in_batch = |hits: Percent| batch_costs(run.rollup, run.assessment, policy, &|cache| cache.with_hits(hits));
    let (with_all_hits, without_hits) = (in_batch(Percent::ALL)?, in_batch(Percent::ZERO)?);
    let input = MigrationInput {
        assessment: run.assessment,
        scenarios: run.scenarios,
        with_all_hits: &with_all_hits,
        without_hits: &without_hits,
        batch_at: None,
        terms: Terms { prices: &run.scenarios.basis, basis, table: run.context.table, policy },
    };
    let least_saving = policy.min_monthly_saving.of(run.scenarios.sums.today)?;
    let assumptions = Assumptions {
        turnaround: run.turnaround,
        failure_share: policy.failure_share,
        least_saving,
        late_results: policy.late_results,
    };
    let now = migration(&input, &assumptions)?;
    let period = run.period.map(|(period, _)| period);
    let first = period.map(|period| period.to.month().next());
    let count = if first.is_some() { policy.quarters * 3 } else { 0 };
    let steps = steps(&input, &assumptions, &now, first.map(|first| (first, count)))?;
    let batched: Vec<_> = now.rows.iter().map(|planned| planned.batched).collect();
    let on_routes = routing::RoutingInput {
        assessment: run.assessment,
        scenarios: run.scenarios,
        policy,
        basis,
        batched: &batched,
    };
    let routes = routes(&on_routes)?;
    let begins: Vec<i32> = first.map_or_else(Vec::new, |first| {
        steps.starts(now.rows.len(), first).into_iter().map(|start| start.behind(first)).collect()
    });
    let sheets = SheetsInput { input, migration: &now, begins, routes: &routes };
    let mut sheets = if run.for_workbook { Some(Sheets::of(sheets)?) } else { None };
    let (seen, growth, ahead) = if let Some(period) = period {
        let Future { seen, growth, ahead } = future(run, &assumptions, &now, &steps, period, sheets.as_mut())?;
        (seen, growth, Some(ahead))
    } else {
        if let Some(sheets) = &mut sheets {
            (0..now.rows.len()).try_for_each(|index| sheets.add(index, Vec::new()))?;
        }
        (Vec::new(), growth(&policy.growth, &[]), None)
    };
    let horizon = ahead.as_ref().and_then(|ahead| ahead.months.last()).map_or(0, |last| last.ahead);
    let window_ms = u64::from(terms::default_window()) * 3_600_000;
    let candidates = period
        .map(|period| candidates(&on_routes, run.rollup, run.context.table, period.to))
        .transpose()?
        .unwrap_or_default();
    let hourly_usage = hourly_usage(run.rollup)?;
    let ahead = ahead.unwrap_or_default();
    let later = ahead.price_periods.iter().map(|at| (at.from, at.sums.today));
    let at_prices = sheets.map_or_else(Vec::new, |sheets| sheets.filled(later));
    Ok(Plan {
        projected: run.assessment.projected,
        at_prices,
        given: WorkbookInput::of(policy, least_saving),
        routes,
        candidates,
        break_evens: break_evens(run, &now),
        routing_assumed: routing_assumed(run, &now)?,
        quarters: ahead.quarters,
        start: ahead.start,
        forecast: ahead.forecast,
        sensitivity: sensitivity(&input, &assumptions, &now, growth.band.factors(horizon))?,
        steps,
        ladders: ladders(&input, run.rollup, &assumptions, &now)?,
        budgets: ahead.budgets,
        risks: ahead.risks,
        gross_saving: run.scenarios.sums.batch_only.base,
        turnaround: Times {
            name: run.turnaround.name().to_owned(),
            results: run.turnaround.result_times(window_ms),
            is_thin: run.turnaround.is_thin(),
        },
        failure_share: policy.failure_share,
        least_saving,
        quiet: hourly_usage.as_ref().and_then(|hourly_usage| quiet_hours(&hourly_usage.calls_by_hour())),
        hourly_usage,
        seen,
        growth,
        months: ahead.months,
        waterfall: ahead.waterfall,
        now: now.sums,
    })
}

/// Months that are over, and what follows from them.
struct Future {
    seen: Vec<MonthSpend>,
    growth: Growth,
    ahead: MonthsAhead,
}

/// Everything that lies ahead.
#[derive(Default)]
struct MonthsAhead {
    forecast: Option<Forecast>,
    start: Money,
    price_periods: Vec<PricePeriod>,
    months: Vec<MonthAhead>,
    quarters: Vec<QuarterAhead>,
    waterfall: Option<Waterfall>,
    budgets: Option<BudgetTable>,
    risks: Vec<Risk>,
}

fn future(
    run: &PlanInput<'_>,
    assumptions: &Assumptions<'_>,
    now: &Migration,
    steps: &Steps,
    period: Period,
    sheets: Option<&mut Sheets<'_>>,
) -> Result<Future, Overflow> {
    let policy = run.context.policy;
    let (first, count) = (period.to.month().next(), policy.quarters * 3);
    let last_day = first.plus(count).first().previous();
    let list = run.rollup.with_cells(CopyOnWrite::default()).at_prices_of(period.to, Models::AsCalled, run.context);
    let seen = series(&days(run.rollup, &list, &run.scenarios.basis)?, period)?;
    let growth = growth(&policy.growth, &seen);
    let forecast =
        Forecast::of(&base_months(&seen), growth.rate.clone()).unwrap_or_else(|| Forecast::nothing(period.to.month()));
    let starts = steps.starts(now.rows.len(), first);
    let routing = &PlanRouting::of(policy);
    let sources = Sources { run, forecast: &forecast, routing, assumptions, now, starts: &starts };
    let price_periods = price_periods(&sources, period, last_day, sheets)?;
    let saving_by_start: Vec<(Month, Money)> = steps.steps.iter().map(|step| (step.start, step.saving)).collect();
    let projection = Projection {
        price_periods: &price_periods,
        forecast: &forecast,
        band: &growth.band,
        first,
        count,
        policy,
        saving_by_start: &saving_by_start,
    };
    let months = projection.months()?;
    let spent: Vec<(Month, Money)> = seen.iter().map(|month| (month.month, month.spend)).collect();
    let quarters = projection.quarters(&months, &Spent { months: &spent, rest: Spent::rest(period.to) })?;
    let basis = period.month_basis();
    let baseline = Baseline { as_spent: now.today, at_list: month_at_list(run, &list, basis)? };
    let waterfall = waterfall(&projection, &seen, baseline, &months)?;
    let budgets = budgets(run, &projection, &seen, &months)?;
    let risks = risks(run, &forecast, &price_periods, period, last_day)?;
    let start = Money::round(&forecast.started(), MONTHLY_DECIMALS)?;
    let ahead =
        MonthsAhead { forecast: Some(forecast), start, price_periods, months, quarters, waterfall, budgets, risks };
    Ok(Future { seen, growth, ahead })
}

/// What the policy's assumption would save on what stays in real time in the base case; nothing where there are routes.
fn routing_assumed(run: &PlanInput<'_>, now: &Migration) -> Result<Option<Cases<Money>>, Overflow> {
    if let Routing::Routes(_) = run.context.policy.routing {
        return Ok(None);
    }
    let rows = run.scenarios.rows.iter().zip(&now.rows);
    let left = rows.filter(|(_, planned)| !planned.batched.base).map(|(month, _)| month.routing);
    left.into_iter()
        .try_fold(Cases::default(), |sums: Cases<Money>, more| sums.zip(more).try_map(|(sum, more)| sum.add(more)))
        .map(Some)
}

/// Rows for which it matters how much of their prompts is cached, by cost.
fn break_evens(run: &PlanInput<'_>, now: &Migration) -> Vec<BreakEven> {
    let sums = cached_shares(run.rollup, run.assessment, run.context.policy);
    let found = run.assessment.rows.iter().zip(&now.rows).zip(sums).filter_map(|((row, planned), sums)| {
        let sums = sums?;
        Some(BreakEven {
            workload: row.workload.clone(),
            provider: row.provider.clone(),
            model: row.model.clone(),
            cached_today: sums.cached_today(),
            pays: sums.pays_up_to(),
            decides: planned.outcome == MigrationOutcome::Migrates || is_kept_by_cache(row),
        })
    });
    found.collect()
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
