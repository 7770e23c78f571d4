//! The base months' own rows at the prices of the days to come.
//!
//! Role: sums of the base months → what they cost, and what moving and routing save of them, at the price list of the last
//! day read and of every later day on which a price in use changes. What moves was decided before.

use std::collections::{BTreeMap, BTreeSet};

use super::by_value::{ByValue, costs};
use super::forecast::{Base, Forecast};
use super::migration::{Assumptions, MigratedRow, Migration, MigrationOutcome, Migrator, RowInput, Terms};
use super::workbook_model::lines::Sheets;
use super::workbook_model::{WorkbookRow, workbook_row};
use super::{PlanInput, PlanRouting};
use crate::assess::Row;
use crate::assess::basis::Side;
use crate::assess::batch_ways::{batch_cost, costs_by_policy_at};
use crate::assess::cells::CellOfRow;
use crate::calendar::{Day, Month, MonthBasis, Period, monthly};
use crate::money::{Exact, Money, Overflow, Percent};
use crate::policy::{Cases, Routing};
use crate::pricing::{ModelId, PriceTable};
use crate::rollup::{Models, Rollup};
use crate::scenario::Scenarios;
use crate::verdict::Confidence;

/// The base months' rows at the prices of some day on; amounts are those of all base months together.
#[derive(Debug)]
pub struct PricePeriod {
    /// The first day of these prices.
    pub from: Day,
    /// Whose they are: on the last day read those of the models that were called.
    pub models: Models,
    /// Retired models whose successors have no price for all that they did, so that it keeps its price.
    pub unpriced_successors: BTreeSet<ModelId>,
    /// What moving saves at them, by when work begins to move.
    pub sums: PeriodSums,
}

/// Sums over the rows of a level.
#[derive(Clone, Debug, Default)]
pub struct PeriodSums {
    /// What all of it costs if nothing is done.
    pub today: Money,
    /// The same if no work went to successors.
    pub without_successors: Money,
    /// The same by the dimension that rows are added up by, where they are.
    pub by_value: ByValue,
    /// What routing saves of all that it covers.
    pub routing: Cases<Money>,
    /// What moves, by the month in which it begins to.
    pub by_start: BTreeMap<Month, StartSums>,
    /// What hangs on each model.
    pub by_model: BTreeMap<(Role, ModelId), AtStake>,
}

/// What hangs on a model.
#[derive(Clone, Copy, Debug, Default)]
pub struct AtStake {
    /// What rows on it cost, or rows whose route leads to it.
    pub cost: Money,
    /// What the plan saves on these rows by batch, or by routes that lead to it.
    pub saving: Money,
}

impl AtStake {
    /// What a change of the model's price is held against.
    pub const fn of(&self, role: Role) -> Money {
        match role {
            Role::InUse => self.cost,
            Role::RouteTarget => self.saving,
        }
    }

    /// The same with that of other models.
    pub fn with(self, other: Self) -> Result<Self, Overflow> {
        Ok(Self { cost: self.cost.add(other.cost)?, saving: self.saving.add(other.saving)? })
    }
}

/// Sums over the rows that begin to move in one month.
#[derive(Clone, Copy, Debug, Default)]
pub struct StartSums {
    /// What batch alone saves.
    pub batch_only: Cases<Money>,
    /// What batch saves where routing is the other choice and saves less.
    pub batch: Cases<Money>,
    /// What routing saves on the same rows until they are in batch.
    pub until_then: Cases<Money>,
    /// Of what moves in the base case: savings if all hits stayed, of confirmed and likely work.
    pub all_hits: [Money; 2],
    /// What of that lost hits take.
    pub lost_cache: Money,
    /// What of that failures and late results take.
    pub failures: Money,
}

impl PeriodSums {
    fn add(&mut self, row: &Row, planned: &MigratedRow, start: Month) -> Result<(), Overflow> {
        self.routing = self.routing.zip(planned.routing).try_map(|(sum, more)| sum.add(more))?;
        if !planned.can.high {
            return Ok(());
        }
        let sums = self.by_start.entry(start).or_default();
        let add = |sums: &mut Cases<Money>, counts: Cases<bool>, amounts: Cases<Money>| -> Result<(), Overflow> {
            *sums = sums
                .zip(counts.zip(amounts))
                .try_map(|(sum, (counts, amount))| if counts { sum.add(amount) } else { Ok(sum) })?;
            Ok(())
        };
        add(&mut sums.batch_only, planned.can, Cases::all(planned.saving))?;
        add(&mut sums.batch, planned.batched, Cases::all(planned.saving))?;
        add(&mut sums.until_then, planned.batched, planned.routing)?;
        if planned.batched.base && planned.outcome == MigrationOutcome::Migrates {
            let side = &mut sums.all_hits[usize::from(row.band() != Some(Confidence::Confirmed))];
            *side = side.add(planned.with_all_hits)?;
            sums.lost_cache = sums.lost_cache.add(planned.lost_cache)?;
            sums.failures = sums.failures.add(planned.failures)?;
        }
        Ok(())
    }

    /// Adds a row to what hangs on its model, and on the one that its route leads to.
    fn stake(&mut self, row: &Row, planned: &MigratedRow, targets: &[ModelId]) -> Result<(), Overflow> {
        let is_batched = planned.batched.base;
        let target = row.routed.as_ref().and_then(|routed| targets.get(routed.route).copied());
        let sides = [
            (Role::InUse, row.priced_as, if is_batched { planned.saving } else { Money::ZERO }),
            (Role::RouteTarget, target, if is_batched { Money::ZERO } else { planned.routing.base }),
        ];
        for (role, model, saving) in sides {
            if let Some(model) = model {
                let sums = self.by_model.entry((role, model)).or_default();
                *sums = sums.with(AtStake { cost: planned.cost, saving })?;
            }
        }
        Ok(())
    }
}

impl PricePeriod {
    /// The model whose prices the work of another has.
    pub fn serving(&self, table: &PriceTable, model: ModelId) -> ModelId {
        self.models.serving(table, model, self.from)
    }
}

/// What price periods are made from.
pub(super) struct Sources<'s> {
    pub run: &'s PlanInput<'s>,
    pub forecast: &'s Forecast,
    pub routing: &'s PlanRouting<'s>,
    pub assumptions: &'s Assumptions<'s>,
    pub now: &'s Migration,
    /// When each row begins to move.
    pub starts: &'s [Month],
}

/// The price periods from the last day read to the last day of the plan, by day. They are filled side by side, row by row,
/// and sheets of a workbook with them: all rows at all prices would take more room than anything else.
pub(super) fn price_periods(
    sources: &Sources<'_>,
    period: Period,
    last_day: Day,
    mut sheets: Option<&mut Sheets<'_>>,
) -> Result<Vec<PricePeriod>, Overflow> {
    let run = sources.run;
    let base = &sources.forecast.base;
    let is_meant = |day: Day| *base == Base::Period || base.months().contains(&day.month());
    let as_logged = run.rollup.within(is_meant)?;
    let later: BTreeSet<Day> =
        changes(run, period.to.next()).into_iter().filter(|day| *day > period.to && *day <= last_day).collect();
    let mut repriced = vec![Repriced::of(sources, &as_logged, period.to, Models::AsCalled)];
    repriced.extend(later.into_iter().map(|day| Repriced::of(sources, &as_logged, day, Models::Successors)));
    for (index, cells) in run.assessment.cells_by_row(&as_logged).enumerate() {
        let mut row = run.assessment.rows[index].emptied();
        let mut rows = Vec::with_capacity(if sheets.is_some() { repriced.len() } else { 0 });
        for at in &mut repriced {
            row.resum(&cells, &at.rollup, run.context)?;
            rows.extend(at.add((index, &row), &cells, sheets.is_some())?);
        }
        if let Some(sheets) = &mut sheets {
            sheets.add(index, rows)?;
        }
    }
    repriced.into_iter().map(|at| at.summed(&as_logged)).collect()
}

/// Amounts of the base months as they are: a month of one.
const AS_IT_IS: MonthBasis = MonthBasis::Calendar { months: 1 };

/// A price period to which rows are added.
struct Repriced<'s> {
    sources: &'s Sources<'s>,
    from: Day,
    models: Models,
    /// The sums of the base months at its prices.
    rollup: Rollup,
    scenarios: Scenarios,
    terms: Terms<'s>,
    migrator: Migrator<'s>,
    sums: PeriodSums,
}

impl<'s> Repriced<'s> {
    fn of(sources: &'s Sources<'s>, as_logged: &Rollup, from: Day, models: Models) -> Self {
        let Sources { run, routing, assumptions, .. } = *sources;
        let prices = &run.scenarios.basis;
        let terms = Terms { prices, basis: AS_IT_IS, table: run.context.table, policy: run.context.policy };
        Self {
            sources,
            from,
            models,
            rollup: as_logged.at_prices_of(from, models, run.context),
            scenarios: Scenarios::nothing(routing.get(), prices.clone()),
            terms,
            migrator: Migrator::new(terms, assumptions),
            sums: PeriodSums::default(),
        }
    }

    /// Adds a row that has its prices, and hands it over as a workbook has it, where one is made.
    fn add(
        &mut self,
        (index, row): (usize, &Row),
        cells: &[CellOfRow<'_>],
        for_workbook: bool,
    ) -> Result<Option<WorkbookRow>, Overflow> {
        let Sources { run, routing, now, starts, .. } = *self.sources;
        let context = run.context;
        let month = self.scenarios.add(row, routing.get(), AS_IT_IS)?;
        let with_all_hits =
            batch_cost(&self.rollup, row, cells, context.policy, &|cache| cache.with_hits(Percent::ALL))?;
        let input = RowInput { row, month: &month, with_all_hits, batch_at: None };
        let planned = self.migrator.as_decided(&input, &now.rows[index])?;
        self.sums.add(row, &planned, starts[index])?;
        self.sums.stake(&run.assessment.rows[index], &planned, &context.route_targets)?;
        if !for_workbook {
            return Ok(None);
        }
        let row =
            workbook_row(&self.terms, &input, costs_by_policy_at(&self.rollup, row, cells, context.policy)?, &planned)?;
        // Only a month of the period stands beside the report's, in which routing may be assumed.
        let has_routes = matches!(context.policy.routing, Routing::Routes(_));
        Ok(Some(WorkbookRow { route: row.route.filter(|_| has_routes), ..row }))
    }

    /// The price period, once all rows are added.
    fn summed(self, as_logged: &Rollup) -> Result<PricePeriod, Overflow> {
        let Self { sources, from, models, rollup, scenarios, mut sums, .. } = self;
        let run = sources.run;
        let context = run.context;
        sums.today = scenarios.sums.today;
        sums.without_successors = sums.today;
        if context.by.is_some() {
            sums.by_value = costs(run, &rollup)?;
        }
        let moved_on = |model: ModelId| models.serving(context.table, model, from) != model;
        if run.assessment.used.keys().any(|model| moved_on(*model)) {
            let as_called = as_logged.at_prices_of(from, Models::AsCalled, context);
            sums.without_successors = cost(run, &as_called, AS_IT_IS)?;
        }
        let unpriced_successors = as_logged.without_rates_after(from, context);
        Ok(PricePeriod { from, models, unpriced_successors, sums })
    }
}

/// What a month of all rows costs with the sums of a rollup.
fn cost(run: &PlanInput<'_>, rollup: &Rollup, month: MonthBasis) -> Result<Money, Overflow> {
    let mut today = Money::ZERO;
    for (known, cells) in run.assessment.rows.iter().zip(run.assessment.cells_by_row(rollup)) {
        let mut row = known.emptied();
        row.resum(&cells, rollup, run.context)?;
        if let Some(cost) = row.cost {
            let amount = run.scenarios.basis.amount(&row, Side::Today, cost, row.from_bill.0);
            today = today.add(monthly(&amount, month)?)?;
        }
    }
    Ok(today)
}

/// What the whole period would cost in a month at the prices of its last day.
pub(super) fn month_at_list(run: &PlanInput<'_>, list: &Rollup, basis: MonthBasis) -> Result<Money, Overflow> {
    let at_list = list.with_cells(run.rollup.cells.clone());
    cost(run, &at_list, basis)
}

/// Models that a price change or a retirement can matter for: those in use, and where routes lead.
pub(super) fn models<'m>(run: &'m PlanInput<'_>) -> impl Iterator<Item = (ModelId, Role)> + 'm {
    let targets: BTreeSet<ModelId> = run.context.route_targets.iter().copied().collect();
    let in_use = run.assessment.used.keys().map(|model| (*model, Role::InUse));
    in_use.chain(targets.into_iter().map(|model| (model, Role::RouteTarget)))
}

/// What a model is to the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// It runs today.
    InUse,
    /// A route leads to it.
    RouteTarget,
}

impl Role {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InUse => "in-use",
            Self::RouteTarget => "route-target",
        }
    }
}

/// Days on which such a model has another price, past and to come: its own, or that of the successor that does its work by
/// then. What a successor takes over of a model that is retired already, it takes over on the first day to come.
fn changes(run: &PlanInput<'_>, first: Day) -> BTreeSet<Day> {
    let table = run.context.table;
    let mut days = BTreeSet::new();
    for (model, _) in models(run) {
        for served in table.succession(model) {
            let prices = table.model(served);
            let own = prices.entries.iter().filter_map(|entry| entry.from);
            days.extend(own.filter(|day| served == model || table.serving(model, *day) == served));
            days.extend(prices.retires.filter(|_| prices.successor.is_some()).map(|day| day.max(first)));
        }
    }
    days
}

/// What an amount of all base months is in the month in which the forecast starts.
pub(super) fn at_start(amount: Money, price_periods: &[PricePeriod], forecast: &Forecast) -> Result<Money, Overflow> {
    let Some(whole) = price_periods.first().map(|level| level.sums.today).filter(|whole| !whole.is_zero()) else {
        return Ok(Money::ZERO);
    };
    let month: Exact = amount.exact() * forecast.started() / whole.exact();
    Money::round(&month, crate::money::MONTHLY_DECIMALS)
}
