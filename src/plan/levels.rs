//! The base months' own rows at the prices of the days to come.
//!
//! Role: sums of the base months → what they cost, and what moving and routing save of them, at the price list of the last
//! day read and of every later day on which a price in use changes. What moves was decided before.

use std::collections::{BTreeMap, BTreeSet};

use super::budgets::{ByValue, costs};
use super::forecast::{Base, Forecast};
use super::moves::{Assumed, Fate, Ground, Moves, moves_as_decided};
use super::workings::{AtPrices, at_prices};
use super::{Material, PlanRouting};
use crate::assess::Assessment;
use crate::assess::hits::batch_costs;
use crate::calendar::{Day, Month, MonthBasis, Period};
use crate::money::{Exact, Money, Overflow, Percent};
use crate::policy::Cases;
use crate::pricing::{ModelId, PriceTable};
use crate::rollup::{Models, Rollup};
use crate::scenario::scenarios;
use crate::verdict::Band;

/// The base months' rows at the prices of some day on; amounts are those of all base months together.
#[derive(Debug)]
pub struct Level {
    /// The first day of these prices.
    pub from: Day,
    /// Whose they are: on the last day read those of the models that were called.
    pub models: Models,
    /// Retired models whose successors have no price for all that they did, so that it keeps its price.
    pub unpriced_successors: BTreeSet<ModelId>,
    /// What moving saves at them, row by row.
    pub moves: Moves,
    /// The same by when work begins to move.
    pub sums: LevelSums,
    /// The same as constants of a workbook.
    pub at_prices: AtPrices,
}

/// Sums over the rows of a level.
#[derive(Clone, Debug, Default)]
pub struct LevelSums {
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

impl LevelSums {
    fn of(assessment: &Assessment, moves: &Moves, starts: &[Month]) -> Result<Self, Overflow> {
        let mut all = Self { today: moves.today, without_successors: moves.today, ..Self::default() };
        for ((row, planned), start) in assessment.rows.iter().zip(&moves.rows).zip(starts) {
            all.routing = all.routing.zip(planned.routing).try_map(|(sum, more)| sum.add(more))?;
            if !planned.can.high {
                continue;
            }
            let sums = all.by_start.entry(*start).or_default();
            let add = |sums: &mut Cases<Money>, counts: Cases<bool>, amounts: Cases<Money>| -> Result<(), Overflow> {
                *sums = sums
                    .zip(counts.zip(amounts))
                    .try_map(|(sum, (counts, amount))| if counts { sum.add(amount) } else { Ok(sum) })?;
                Ok(())
            };
            add(&mut sums.batch_only, planned.can, Cases::all(planned.saving))?;
            add(&mut sums.batch, planned.batched, Cases::all(planned.saving))?;
            add(&mut sums.until_then, planned.batched, planned.routing)?;
            if planned.batched.base && planned.fate == Fate::Moves {
                let side = &mut sums.all_hits[usize::from(row.band() != Some(Band::Confirmed))];
                *side = side.add(planned.with_all_hits)?;
                sums.lost_cache = sums.lost_cache.add(planned.lost_cache)?;
                sums.failures = sums.failures.add(planned.failures)?;
            }
        }
        Ok(all)
    }
}

impl Level {
    /// The model whose prices the work of another has.
    pub fn serving(&self, table: &PriceTable, model: ModelId) -> ModelId {
        self.models.serving(table, model, self.from)
    }

    /// What a level saves once all of it runs, by batch and by routing, in the base case.
    pub fn saving(&self) -> Result<Money, Overflow> {
        self.moves.batch.base.add(self.moves.routing.base)
    }
}

/// What levels are made from.
pub(super) struct Sources<'s> {
    pub material: &'s Material<'s>,
    pub forecast: &'s Forecast,
    pub routing: &'s PlanRouting<'s>,
    pub assumed: &'s Assumed<'s>,
    pub now: &'s Moves,
    /// When each row begins to move.
    pub starts: &'s [Month],
}

/// The levels from the last day read to the last day of the plan, by day.
pub(super) fn levels(sources: &Sources<'_>, period: Period, last_day: Day) -> Result<Vec<Level>, Overflow> {
    let material = sources.material;
    let base = &sources.forecast.base;
    let is_meant = |day: Day| *base == Base::Period || base.months().contains(&day.month());
    let rollup = material.rollup.within(is_meant)?;
    let later: BTreeSet<Day> =
        changes(material, period.to.next()).into_iter().filter(|day| *day > period.to && *day <= last_day).collect();
    let on_last_day = level(sources, &rollup, period.to, Models::AsCalled);
    std::iter::once(on_last_day)
        .chain(later.into_iter().map(|day| level(sources, &rollup, day, Models::Successors)))
        .collect()
}

/// Amounts of the base months as they are: a month of one.
const AS_IT_IS: MonthBasis = MonthBasis::Calendar { months: 1 };

fn level(sources: &Sources<'_>, as_logged: &Rollup, from: Day, models: Models) -> Result<Level, Overflow> {
    let Sources { material, routing, assumed, now, starts, .. } = *sources;
    let context = material.context;
    let month =
        |assessment: &Assessment| scenarios(assessment, routing.get(), AS_IT_IS, material.scenarios.basis.clone());
    let moved_on = |model: ModelId| models.serving(context.table, model, from) != model;
    // Before the others, since rows at other prices take much room.
    let without_successors = if material.assessment.used.keys().any(|model| moved_on(*model)) {
        let as_called = as_logged.at_prices_of(from, Models::AsCalled, context);
        Some(month(&material.assessment.resummed(&as_called, context)?)?.today)
    } else {
        None
    };
    let rollup = as_logged.at_prices_of(from, models, context);
    let assessment = material.assessment.resummed(&rollup, context)?;
    let scenarios = month(&assessment)?;
    let with_all_hits = batch_costs(&rollup, &assessment, Percent::ALL)?;
    let ground = Ground {
        assessment: &assessment,
        scenarios: &scenarios,
        with_all_hits: &with_all_hits,
        batch_at: None,
        basis: AS_IT_IS,
        table: context.table,
        policy: context.policy,
        for_workbook: material.for_workbook,
    };
    let moves = moves_as_decided(&ground, assumed, now)?;
    let by_value = if context.by.is_some() { costs(material, &rollup)? } else { ByValue::new() };
    let mut sums = LevelSums { by_value, ..LevelSums::of(&assessment, &moves, starts)? };
    if let Some(today) = without_successors {
        sums.without_successors = today;
    }
    let at_prices = at_prices(Some(from), &ground, &scenarios, &rollup, &moves)?;
    let unpriced_successors = as_logged.without_rates_after(from, context);
    Ok(Level { from, models, unpriced_successors, moves, sums, at_prices })
}

/// What the whole period would cost in a month at the prices of its last day.
pub(super) fn month_at_list(material: &Material<'_>, list: &Rollup, basis: MonthBasis) -> Result<Money, Overflow> {
    let context = material.context;
    let at_list = list.with_cells(material.rollup.cells.clone());
    let assessment = material.assessment.resummed(&at_list, context)?;
    Ok(scenarios(&assessment, &context.policy.routing, basis, material.scenarios.basis.clone())?.today)
}

/// Models that a price change or a retirement can matter for: those in use, and where routes lead.
pub(super) fn models<'m>(material: &'m Material<'_>) -> impl Iterator<Item = (ModelId, Role)> + 'm {
    let targets: BTreeSet<ModelId> = material.context.route_targets.iter().copied().collect();
    let in_use = material.assessment.used.keys().map(|model| (*model, Role::InUse));
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
fn changes(material: &Material<'_>, first: Day) -> BTreeSet<Day> {
    let table = material.context.table;
    let mut days = BTreeSet::new();
    for (model, _) in models(material) {
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
pub(super) fn at_start(amount: Money, levels: &[Level], forecast: &Forecast) -> Result<Money, Overflow> {
    let Some(whole) = levels.first().map(|level| level.sums.today).filter(|whole| !whole.is_zero()) else {
        return Ok(Money::ZERO);
    };
    let month: Exact = amount.exact() * forecast.started() / whole.exact();
    Money::round(&month, crate::money::MONTHLY_DECIMALS)
}
