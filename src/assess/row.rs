//! One row: the calls of a group that share verdict and band.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use num_traits::Zero;

use super::batch_ways::{ByWay, ways_of_cell};
use super::cells::CellOfRow;
use super::price::{CostByClass, Rated, price};
use super::{Details, Judged};
use crate::calendar::{MonthBasis, monthly};
use crate::maps::CopyOnWrite;
use crate::money::{Exact, Money, Overflow};
use crate::pricing::{Kind, ModelId, PriceTable, Rates};
use crate::rollup::{Charge, Charging, Context, DaySet, Key, Rollup};
use crate::usage::{CacheWay, PerClass, TokenClass};
use crate::verdict::{Code, Confidence, Verdict, Veto};

/// Fewest and most requests of a first batch, where the period has that many.
const FIRST_BATCH: (u64, u64) = (100, 500);

/// The calls of one group that share verdict and band, with their sums, which it is read as. A copy shares its texts.
#[derive(Clone, Debug)]
pub struct Row {
    /// The workload's name.
    pub workload: Arc<str>,
    /// Its id, where it is known.
    pub workload_id: Option<Arc<str>>,
    /// What tells it apart from other rows of its workload, and where words stand.
    pub details: CopyOnWrite<Details>,
    /// The provider, resolved where it resolves.
    pub provider: Arc<str>,
    /// The model as logged.
    pub model: Arc<str>,
    /// The model in the price table.
    pub priced_as: Option<ModelId>,
    /// Verdict and band.
    pub verdict: Verdict,
    /// Distinct deciding codes.
    pub codes: BTreeSet<Code>,
    /// What the calls of each code cost in the period, where there are several codes.
    cost_by_code: BTreeMap<Code, Money>,
    /// The parts of it that stay real-time for their small volume alone.
    pub small: Vec<SmallVolume>,
    /// How its cached prompts are counted to be sent, if it has any; of several ways the last of `CacheWay::ALL`.
    pub cache_way: Option<CacheWay>,
    /// The provider's own least number of requests in a batch.
    min_requests: u64,
    sums: Sums,
}

/// Sums over calls.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    /// Calls, where any row states them.
    pub requests: Option<u64>,
    /// Rows that do not say how many calls they are.
    pub rows_without_requests: u64,
    /// Tokens by class.
    pub tokens: PerClass<u128>,
    /// What it cost in the period; nothing if no call has a price.
    pub cost: Option<Money>,
    /// What it would cost in batch; nothing if a priced call has no batch rate.
    pub batch_cost: Option<Money>,
    /// What it would cost in batch by each way of sending cached prompts; nothing without any.
    pub batch_ways: Option<Box<ByWay>>,
    /// The parts of `cost` and of `batch_cost` that stand on a bill and not on prices.
    pub from_bill: (Money, Money),
    /// Cost of the calls that could be routed.
    pub routable: Money,
    /// Cost of the calls that a route of the policy covers, today and at its target.
    pub routed: Option<Box<Routed>>,
    /// Costs by token class, where figures stand on billed prices.
    pub by_class: Option<Box<CostByClass>>,
    /// UTC days with at least one request.
    pub days: DaySet,
}

impl Deref for Row {
    type Target = Sums;

    fn deref(&self) -> &Sums {
        &self.sums
    }
}

impl DerefMut for Row {
    fn deref_mut(&mut self) -> &mut Sums {
        &mut self.sums
    }
}

/// Calls that stay real-time for their small volume, and what they would be without it.
#[derive(Clone, Debug)]
pub struct SmallVolume {
    /// Their verdict and band.
    pub verdict: Verdict,
    /// Their deciding codes.
    pub codes: BTreeSet<Code>,
    /// What they cost in the period.
    pub cost: Money,
    /// What they would cost in batch.
    pub batch_cost: Money,
    /// The parts of both that stand on a bill and not on prices.
    pub from_bill: (Money, Money),
}

/// Cost of calls on a route.
#[derive(Clone, Debug)]
pub struct Routed {
    /// The route, by position in the policy.
    pub route: usize,
    /// Today.
    pub cost: Money,
    /// At the target's rates, before shares.
    pub target_cost: Exact,
    /// What of `target_cost` cached tokens would save there if they were hit again; nothing where the target has no
    /// rate for them.
    pub cache_lost: Option<Exact>,
}

/// What the export of a row leaves open, so that no rule can decide about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unclassifiable {
    /// Usage that may run in batch already.
    Usage,
    /// A bill that cannot say what ran in batch.
    Bill,
    /// A bill whose words are not understood, or whose model has no price.
    Line,
}

impl Row {
    /// What its export leaves open; nothing where a rule can decide.
    pub fn blind(&self) -> Option<Unclassifiable> {
        if self.codes.contains(&Code::BatchUnknown) {
            Some(if self.from_bill.0.is_zero() { Unclassifiable::Usage } else { Unclassifiable::Bill })
        } else {
            let is_line = self.codes.contains(&Code::NotUnderstood)
                || (self.codes.contains(&Code::Unpriced) && !self.from_bill.0.is_zero());
            is_line.then_some(Unclassifiable::Line)
        }
    }

    /// Whether nothing keeps its calls in real time, of what a rule could overrule, but that they are streamed.
    pub fn is_only_streamed(&self) -> bool {
        self.codes.iter().all(|code| *code == Code::Veto(Veto::Streaming) || !code.is_open_to_rules())
    }

    pub(super) fn new(rollup: &Rollup, context: &Context<'_>, key: &Key, verdict: Verdict) -> Self {
        let group = rollup.group(key.group);
        let resolution = rollup.resolution(rollup.charge(key.charge));
        let terms = resolution.provider.and_then(|provider| context.table.provider(provider).batch.as_ref());
        Self {
            workload: rollup.texts.lasting(group.workload.name),
            workload_id: group.workload.id.map(|id| rollup.texts.lasting(id)),
            details: CopyOnWrite::default(),
            provider: rollup.texts.lasting(group.provider),
            model: rollup.texts.lasting(group.model),
            priced_as: resolution.model.ok(),
            verdict,
            codes: BTreeSet::new(),
            cost_by_code: BTreeMap::new(),
            small: Vec::new(),
            cache_way: None,
            min_requests: terms.map_or(0, |terms| terms.min_requests),
            sums: Sums::default(),
        }
    }

    pub(super) fn add(&mut self, rollup: &Rollup, context: &Context<'_>, judged: &Judged<'_>) -> Result<(), Overflow> {
        let Judged { key, cell, code, .. } = *judged;
        let batch_ways = ways_of_cell(rollup, key, cell, code)?.map(Box::new);
        let sums = Sums { batch_ways, ..Sums::of(rollup, context, judged)? };
        self.note_costs(&[(judged.code, sums.cost.unwrap_or_default())])?;
        self.codes.insert(judged.code);
        if sums.batch_ways.is_some() {
            self.cache_way = self.cache_way.max(Some(judged.key.code.batch_cache(context.policy).way));
        }
        self.sums.join(sums)
    }

    /// The same row without any sums.
    #[must_use]
    pub fn emptied(&self) -> Self {
        Self {
            workload: Arc::clone(&self.workload),
            workload_id: self.workload_id.clone(),
            details: self.details.clone(),
            provider: Arc::clone(&self.provider),
            model: Arc::clone(&self.model),
            codes: self.codes.clone(),
            cost_by_code: BTreeMap::new(),
            small: self.small.clone(),
            sums: Sums::default(),
            ..*self
        }
    }

    /// Takes the sums of these cells instead, such as those of some months, charged as a rollup says, such as one at other
    /// prices. Verdict and reasons stay.
    pub fn resum(&mut self, cells: &[CellOfRow<'_>], rollup: &Rollup, context: &Context<'_>) -> Result<(), Overflow> {
        self.sums = Sums::default();
        for &CellOfRow { key, cell, code, .. } in cells {
            let priced = price(rollup, key, cell, code, context.policy)?;
            self.sums.join(Sums::of(rollup, context, &Judged { key, cell, code, priced })?)?;
        }
        Ok(())
    }

    /// Adds another row's calls to this one's.
    pub(super) fn join(&mut self, other: Self) -> Result<(), Overflow> {
        let cost = other.sums.cost.unwrap_or_default();
        let of = |code: &Code| (*code, other.cost_by_code.get(code).copied().unwrap_or(cost));
        self.note_costs(&other.codes.iter().map(of).collect::<Vec<_>>())?;
        self.codes.extend(other.codes);
        self.small.extend(other.small);
        self.cache_way = self.cache_way.max(other.cache_way);
        self.sums.join(other.sums)
    }

    /// Notes what further calls cost by their codes, before they are added. With one code in all its cost is the row's.
    fn note_costs(&mut self, costs: &[(Code, Money)]) -> Result<(), Overflow> {
        let is_one = |code: &Code| self.codes.len() == 1 && self.codes.contains(code);
        if matches!(costs, [(code, _)] if self.codes.is_empty() || is_one(code)) {
            return Ok(());
        }
        if self.cost_by_code.is_empty() {
            let cost = self.sums.cost.unwrap_or_default();
            self.cost_by_code.extend(self.codes.iter().map(|code| (*code, cost)));
        }
        for (code, cost) in costs {
            let sum = self.cost_by_code.entry(*code).or_default();
            *sum = sum.add(*cost)?;
        }
        Ok(())
    }

    /// Whether calls of this code make up so many percent of what the row costs. Where nothing is known of that, they do.
    pub fn is_told_by(&self, code: Code, percent: i128) -> bool {
        let of_code = self.cost_by_code.get(&code);
        match (of_code, self.cost.filter(|cost| *cost > Money::ZERO)) {
            (Some(of_code), Some(cost)) => of_code.units() >= cost.units() / 100 * percent,
            _ => true,
        }
    }

    /// Whether it has few requests a day and little to save in batch a month, at the prices of the table: a verdict does
    /// not hang on the prices that a page shows.
    pub(super) fn is_small(&self, context: &Context<'_>, month: MonthBasis) -> Result<bool, Overflow> {
        let least = self.min_requests.max(context.policy.min_requests);
        let (true, Some(cost), Some(batch)) = (self.is_under(least), self.cost, self.batch_cost) else {
            return Ok(false);
        };
        let saving = monthly(&cost.exact(), month)?.sub(monthly(&batch.exact(), month)?)?;
        Ok(saving < context.policy.small_saving)
    }

    /// Whether it has fewer requests than this on a day with any; not where some are unknown.
    pub fn is_under(&self, least: u64) -> bool {
        self.requests
            .filter(|_| self.rows_without_requests == 0)
            .is_some_and(|requests| u128::from(requests) < u128::from(least) * u128::from(self.days.len()))
    }

    /// Why a row with a band has to stay real-time after all, if it has to. Confirmed ones do not for their volume.
    pub(super) fn change(&self, context: &Context<'_>, month: MonthBasis) -> Result<Option<Code>, Overflow> {
        let Some(band) = self.verdict.confidence else { return Ok(None) };
        if band != Confidence::Confirmed && self.is_small(context, month)? {
            return Ok(Some(Code::SmallVolume));
        }
        Ok(match (self.cost, self.batch_cost) {
            (Some(cost), Some(batch)) if batch > cost => Some(Code::CacheLoss),
            (Some(cost), Some(batch)) if batch == cost => Some(Code::NoSaving),
            _ => None,
        })
    }

    /// Makes it real-time for a reason that only the whole row could give.
    pub(super) fn stay(&mut self, code: Code) {
        let (verdict, codes) = (self.verdict, std::mem::take(&mut self.codes));
        self.cost_by_code.clear();
        if let (Code::SmallVolume, Some(cost), Some(batch_cost)) = (code, self.cost, self.batch_cost) {
            // Mostly there is one, and a list takes room for four of this size at once.
            self.small.reserve_exact(1);
            self.small.push(SmallVolume { verdict, codes, cost, batch_cost, from_bill: self.from_bill });
        }
        self.verdict = Verdict::REAL_TIME;
        self.codes.insert(code);
    }

    /// Requests on a day with any, rounded up.
    pub fn requests_a_day(&self) -> Option<u64> {
        let requests = self.requests.filter(|_| self.rows_without_requests == 0)?;
        let days = self.days.len();
        (days > 0).then(|| requests.div_ceil(days))
    }

    /// Requests of a first batch: those of a day, within what tells enough and is soon forgotten.
    pub fn first_batch(&self) -> Option<u64> {
        let all = self.requests.filter(|all| *all > 0 && self.rows_without_requests == 0)?;
        Some(self.requests_a_day().unwrap_or(all).clamp(FIRST_BATCH.0, FIRST_BATCH.1).min(all))
    }

    /// Whether the row's verdict or a case lets it run in batch.
    pub const fn band(&self) -> Option<Confidence> {
        self.verdict.confidence
    }
}

impl Sums {
    /// Those of one cell, without what each way of sending cached prompts would cost.
    fn of(rollup: &Rollup, context: &Context<'_>, judged: &Judged<'_>) -> Result<Self, Overflow> {
        let Judged { key, cell, code, ref priced } = *judged;
        let charge = rollup.charge(key.charge);
        let routable = is_routable(rollup, context.table, charge, code);
        // What has no price is in no cost, and told as unpriced.
        let cost = Money::ZERO.with(priced.cost)?;
        let routed = match (rollup.resolution(charge).route, rollup.quoted(charge).target) {
            (Some(route), Some(target)) if routable && charge.routed => {
                let cache_lost = cache_lost(&cell.tokens, &target);
                let target_cost = target_cost(context, route, &cell.tokens, &target);
                target_cost.map(|target_cost| Box::new(Routed { route, cost, target_cost, cache_lost }))
            }
            _ => None,
        };
        let is_bill_line = charge.charging.is_bill_line();
        Ok(Self {
            requests: (cell.rows > cell.rows_without_requests).then_some(cell.requests),
            rows_without_requests: cell.rows_without_requests,
            tokens: cell.tokens,
            cost: priced.cost,
            batch_cost: priced.batch_cost,
            batch_ways: None,
            from_bill: if is_bill_line { (cost, Money::ZERO.with(priced.batch_cost)?) } else { Default::default() },
            routable: if routable { cost } else { Money::ZERO },
            routed,
            by_class: context
                .by_class
                .then(|| Rated::of(rollup, charge, code, key.code.batch_cache(context.policy)).by_class(&cell.tokens))
                .transpose()?
                .map(Box::new),
            days: cell.days.clone(),
        })
    }

    /// Adds other sums.
    fn join(&mut self, other: Self) -> Result<(), Overflow> {
        self.requests = match (self.requests, other.requests) {
            (Some(a), Some(b)) => Some(a.checked_add(b).ok_or(Overflow)?),
            (a, b) => a.or(b),
        };
        self.rows_without_requests += other.rows_without_requests;
        for class in TokenClass::ALL {
            self.tokens[class] = self.tokens[class].checked_add(other.tokens[class]).ok_or(Overflow)?;
        }
        // Parts without cached prompts cost the same whatever the way.
        self.batch_ways = match (self.batch_ways.take(), other.batch_ways) {
            (Some(mut ways), Some(others)) => {
                for (way, other) in ways.iter_mut().zip(*others) {
                    *way = way.add(other)?;
                }
                Some(ways)
            }
            (Some(ways), None) => with_each(ways, other.batch_cost)?,
            (None, Some(ways)) => with_each(ways, self.batch_cost)?,
            (None, None) => None,
        };
        // Unpriced parts add nothing; a priced part without a batch rate leaves the whole without one.
        self.batch_cost = match (self.cost, other.cost) {
            (None, _) => other.batch_cost,
            (_, None) => self.batch_cost,
            (Some(_), Some(_)) => match (self.batch_cost, other.batch_cost) {
                (Some(a), Some(b)) => Some(a.add(b)?),
                _ => None,
            },
        };
        self.cost = match (self.cost, other.cost) {
            (Some(a), Some(b)) => Some(a.add(b)?),
            (a, b) => a.or(b),
        };
        self.from_bill = (self.from_bill.0.add(other.from_bill.0)?, self.from_bill.1.add(other.from_bill.1)?);
        self.routable = self.routable.add(other.routable)?;
        self.routed = match (self.routed.take(), other.routed) {
            (Some(a), Some(b)) => Some(Box::new(Routed {
                route: a.route,
                cost: a.cost.add(b.cost)?,
                target_cost: a.target_cost + b.target_cost,
                cache_lost: a.cache_lost.zip(b.cache_lost).map(|(a, b)| a + b),
            })),
            (a, b) => a.or(b),
        };
        match (&mut self.by_class, other.by_class) {
            (Some(own), Some(other)) => own.add(&other)?,
            (own, other) => *own = own.take().or(other),
        }
        self.days.absorb(&other.days);
        Ok(())
    }
}

/// Each amount with the same one more.
fn with_each<const N: usize>(
    mut amounts: Box<[Money; N]>,
    more: Option<Money>,
) -> Result<Option<Box<[Money; N]>>, Overflow> {
    for amount in amounts.iter_mut() {
        *amount = amount.with(more)?;
    }
    Ok(Some(amounts))
}

/// Chat and completion calls that were priced, succeeded, and do not run in batch.
pub(crate) fn is_routable(rollup: &Rollup, table: &PriceTable, charge: &Charge, code: Code) -> bool {
    let excluded = matches!(
        code,
        Code::GatewayCacheHit
            | Code::FailedCall
            | Code::AlreadyBatch
            | Code::FreeTier
            | Code::BatchUnknown
            | Code::NotUnderstood
    );
    let is_text = rollup
        .resolution(charge)
        .model
        .is_ok_and(|model| matches!(table.model(model).kind, Kind::Chat | Kind::Completion));
    !excluded && is_text && charge.charging == Charging::Rates
}

/// The same calls at the target's rates: cached tokens as plain input, output × the route's ratio. Nothing where it has no
/// rate for them.
fn target_cost(context: &Context<'_>, route: usize, tokens: &PerClass<u128>, target: &Rates) -> Option<Exact> {
    let crate::policy::Routing::Routes(routes) = &context.policy.routing else { return None };
    let prompt: u128 = tokens.0[..4].iter().sum();
    let cost = |class: TokenClass, count: u128| match target[class] {
        Some(rate) => Some(rate.exact() * Exact::from_integer(count.into())),
        None => (count == 0).then(Exact::zero),
    };
    let output = cost(TokenClass::Output, tokens[TokenClass::Output])?;
    Some(cost(TokenClass::Input, prompt)? + output * routes[route].output_ratio.exact())
}

/// What today's cache reads cost more at the target as plain input than they would as cache reads.
fn cache_lost(tokens: &PerClass<u128>, target: &Rates) -> Option<Exact> {
    let reads = tokens[TokenClass::CacheRead];
    if reads == 0 {
        return Some(Exact::zero());
    }
    let (input, read) = target[TokenClass::Input].zip(target[TokenClass::CacheRead])?;
    Some((input.exact() - read.exact()) * Exact::from_integer(reads.into()))
}
