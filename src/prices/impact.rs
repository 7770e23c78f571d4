//! `prices impact`: what the changes that a price table announces cost a month, workload by workload.
//!
//! Role: the rows of a run and the days to come → events in order of their days, each against the prices before it, so that
//! they add up to the month after the last of them. Volume stays what it was: a plan is where it grows.

use std::collections::{BTreeMap, BTreeSet};

use crate::assess::cells::Cells;
use crate::assess::{Assessment, Row};
use crate::calendar::{Day, MonthBasis, Period, monthly};
use crate::money::{Money, Overflow};
use crate::pricing::{ModelId, PriceTable};
use crate::rollup::{Context, Models, Rollup};

/// A run whose prices are looked at ahead.
#[derive(Clone, Copy)]
pub struct ImpactInput<'r> {
    /// Usage.
    pub rollup: &'r Rollup,
    /// Its rows.
    pub assessment: &'r Assessment,
    /// What rows were judged against.
    pub context: &'r Context<'r>,
    /// The days read.
    pub period: Period,
    /// What a month of them is.
    pub month: MonthBasis,
}

/// What announced changes cost; all amounts are dollars a month at the volume of the period.
#[derive(Debug)]
pub struct Impact {
    /// A month at the prices of the last day read.
    pub cost: Money,
    /// A month at the prices after the last event, where these are known.
    pub cost_after: Money,
    /// What of `cost` has an event after which its price is not known.
    pub not_known: Money,
    /// By day.
    pub events: Vec<Event>,
}

/// Something that the price table announces for a model in use.
#[derive(Debug)]
pub struct Event {
    /// The first day of it.
    pub day: Day,
    /// Whether that was before the last day read.
    pub is_over: bool,
    /// What it is.
    pub kind: Kind,
    /// The model whose prices the work had until then, as `provider/model`.
    pub model: String,
    /// The model whose prices it has from then on, where that is another one.
    pub successor: Option<String>,
    /// The workloads on it, the largest change first, then those of which it is not known.
    pub workloads: Vec<WorkloadImpact>,
}

/// What is announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Another price.
    PriceChange,
    /// A promotion is over.
    PromotionEnds,
    /// A model is served no more.
    Retirement,
}

impl Kind {
    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PriceChange => "price-change",
            Self::PromotionEnds => "promotion-ends",
            Self::Retirement => "retirement",
        }
    }
}

/// What an event does to a workload.
#[derive(Clone, Debug)]
pub struct WorkloadImpact {
    /// The workload's name.
    pub workload: String,
    /// What it costs on the model before the event.
    pub cost: Money,
    /// What it costs more from then on, or why nobody knows.
    pub change: Result<Money, Unknown>,
}

/// Why a change is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unknown {
    /// The model is retired, and the table names none that does its work.
    NoSuccessor,
    /// The table does not say what holds after a promotion.
    NoPriceAfter,
    /// The price after the event lacks a rate for some of what was called.
    MissingRate,
    /// The cost stands on a bill, which follows no price table.
    Billed,
}

impl Unknown {
    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoSuccessor => "no-successor",
            Self::NoPriceAfter => "no-price-after",
            Self::MissingRate => "missing-rate",
            Self::Billed => "billed",
        }
    }
}

/// What all rows cost a month from a day on.
struct Level {
    from: Day,
    models: Models,
    costs: Vec<Money>,
    /// Models with calls that keep their price for want of a rate on that day.
    unpriced: BTreeSet<ModelId>,
}

/// What tells events apart: day, kind, the model until then and the one from then on.
type EventKey = (Day, Kind, ModelId, Option<ModelId>);
/// Cost and change of the workloads of an event, apart where the change is not known.
type Parts = BTreeMap<(String, Option<Unknown>), (Money, Money)>;

/// What the table announces for the models in use.
pub fn impact(input: &ImpactInput<'_>) -> Result<Impact, Overflow> {
    let table = input.context.table;
    let rows = &input.assessment.rows;
    let mut levels = vec![level(input, input.period.to, Models::AsCalled)?];
    for day in days(input) {
        levels.push(level(input, day, Models::Successors)?);
    }
    let mut events: BTreeMap<EventKey, Parts> = BTreeMap::new();
    let mut open = BTreeSet::new();
    for pair in levels.windows(2) {
        let [before, after] = pair else { continue };
        for (index, row) in rows.iter().enumerate() {
            let Some(model) = row.priced_as else { continue };
            let Some(key) = announced(table, model, before, after) else { continue };
            let change = after.costs[index].sub(before.costs[index])?;
            let unknown = if row.from_bill.0.is_zero() {
                after.unpriced.contains(&model).then_some(Unknown::MissingRate)
            } else {
                Some(Unknown::Billed)
            };
            open.extend(unknown.map(|_| index));
            add(&mut events, key, (row, unknown), (before.costs[index], change))?;
        }
    }
    for (index, row) in rows.iter().enumerate() {
        let Some(model) = row.priced_as else { continue };
        for (key, why) in open_ends(table, model, input.period.to) {
            open.insert(index);
            let level = levels.iter().rev().find(|level| level.from < key.0).unwrap_or(&levels[0]);
            add(&mut events, key, (row, Some(why)), (level.costs[index], Money::ZERO))?;
        }
    }
    let cost = Money::sum(levels[0].costs.iter().copied())?;
    let not_known = Money::sum(open.into_iter().map(|index| levels[0].costs[index]))?;
    let known = |parts: &Parts| {
        parts.iter().filter(|((_, why), _)| why.is_none()).map(|(_, (_, change))| *change).collect::<Vec<_>>()
    };
    let change = Money::sum(events.values().flat_map(known))?;
    let events = events.into_iter().filter_map(|(key, parts)| event(table, input.period, key, parts)).collect();
    Ok(Impact { cost, cost_after: cost.add(change)?, not_known, events })
}

fn level(input: &ImpactInput<'_>, from: Day, models: Models) -> Result<Level, Overflow> {
    let rollup = input.rollup.at_prices_of(from, models, input.context);
    let cost = |(row, cells): (&Row, Cells<'_>)| {
        let mut row = row.clone();
        row.resum(&cells, &rollup, input.context)?;
        monthly(&row.cost.unwrap_or_default().exact(), input.month)
    };
    let assessment = input.assessment;
    let costs = assessment.rows.iter().zip(assessment.cells_by_row(&rollup)).map(cost).collect::<Result<_, _>>()?;
    Ok(Level { from, models, costs, unpriced: input.rollup.keeping_prices(from, models, input.context) })
}

/// The days after the last one read on which work of a model in use has another price.
fn days(input: &ImpactInput<'_>) -> BTreeSet<Day> {
    let table = input.context.table;
    let first = input.period.to.next();
    let mut days = BTreeSet::new();
    for served in used(input).flat_map(|model| table.succession(model)) {
        let prices = table.model(served);
        days.extend(prices.entries.iter().filter_map(|entry| entry.from).filter(|day| *day >= first));
        days.extend(prices.retires.filter(|_| prices.successor.is_some()).map(|day| day.max(first)));
    }
    days
}

fn used<'r>(input: &ImpactInput<'r>) -> impl Iterator<Item = ModelId> + 'r {
    input.assessment.used.keys().copied()
}

/// What happens to a model's work between two levels.
fn announced(table: &PriceTable, model: ModelId, before: &Level, after: &Level) -> Option<EventKey> {
    let of = |level: &Level| level.models.serving(table, model, level.from);
    let (was, is) = (of(before), of(after));
    if was != is {
        return Some((table.model(was).retires.unwrap_or(after.from), Kind::Retirement, was, Some(is)));
    }
    let (index, entry) = table.entry_on(is, after.from).filter(|(_, entry)| entry.from == Some(after.from))?;
    let earlier = index.checked_sub(1).and_then(|index| table.model(is).entries.get(index));
    let is_promotion = earlier.is_some_and(|earlier| earlier.until.is_some_and(|until| until < after.from));
    let kind = if is_promotion { Kind::PromotionEnds } else { Kind::PriceChange };
    let served = entry.served_as.as_ref().and_then(|name| table.model_of(Some(table.model(is).provider), name));
    Some((after.from, kind, is, served))
}

/// Ends after which the table does not say what a model's work costs.
fn open_ends(table: &PriceTable, model: ModelId, last_day: Day) -> Vec<(EventKey, Unknown)> {
    let mut ends = Vec::new();
    for served in table.succession(model) {
        let prices = table.model(served);
        if let Some(day) = prices.retires.filter(|_| prices.successor.is_none()) {
            ends.push(((day, Kind::Retirement, served, None), Unknown::NoSuccessor));
        }
        for (index, entry) in prices.entries.iter().enumerate() {
            let next = prices.entries.get(index + 1).and_then(|next| next.from);
            let Some(day) = entry.until.map(Day::next) else { continue };
            if day > last_day && next.is_none_or(|next| day < next) && table.serving(model, day) == served {
                ends.push(((day, Kind::PromotionEnds, served, None), Unknown::NoPriceAfter));
            }
        }
    }
    ends
}

fn add(
    events: &mut BTreeMap<EventKey, Parts>,
    key: EventKey,
    (row, unknown): (&Row, Option<Unknown>),
    (cost, change): (Money, Money),
) -> Result<(), Overflow> {
    let part = events.entry(key).or_default().entry((row.workload.to_string(), unknown)).or_default();
    *part = (part.0.add(cost)?, part.1.add(change)?);
    Ok(())
}

/// An event with what it moves; a change of prices that moves nothing is none.
fn event(table: &PriceTable, period: Period, key: EventKey, parts: Parts) -> Option<Event> {
    let (day, kind, model, successor) = key;
    let mut workloads: Vec<WorkloadImpact> = parts
        .into_iter()
        .filter(|(_, (cost, _))| !cost.is_zero())
        .map(|((workload, unknown), (cost, change))| WorkloadImpact {
            workload,
            cost,
            change: unknown.map_or(Ok(change), Err),
        })
        .collect();
    if kind != Kind::Retirement {
        workloads.retain(|part| part.change.is_err() || part.change.is_ok_and(|change| !change.is_zero()));
    }
    workloads.sort_by(|a, b| {
        let size = |part: &WorkloadImpact| part.change.map(Money::abs).ok();
        size(b).cmp(&size(a)).then(b.cost.cmp(&a.cost)).then_with(|| a.workload.cmp(&b.workload))
    });
    let named = |id: ModelId| {
        let model = table.model(id);
        format!("{}/{}", table.provider(model.provider).name, model.name)
    };
    (!workloads.is_empty()).then(|| Event {
        day,
        is_over: day <= period.to,
        kind,
        model: named(model),
        successor: successor.map(named),
        workloads,
    })
}
