//! What a month is worked out from, row by row, so that a spreadsheet can work it out again.
//!
//! Role: assessed rows with their moves → the constants that every figure of the plan is made of, and what became of
//! them. It decides nothing: [`crate::scenario`] and [`mod@super::migration`] did.

pub mod lines;

use std::sync::Arc;

use super::migration::{MigratedRow, RowInput, Terms};
use super::steps;
use crate::assess::Row;
use crate::assess::basis::Side;
use crate::assess::batch_ways::ByWay;
use crate::money::{Exact, Money, Overflow, Percent};
use crate::policy::budget::Schedule;
use crate::policy::{BudgetSetting, Cases, Policy, Routing};
use crate::scenario::monthly;
use crate::usage::CacheWay;
use crate::verdict::{Action, Confidence, Verdict};

/// What a row is known by, the same at all prices.
#[derive(Clone, Debug)]
pub struct Named {
    /// Its place among all rows.
    pub row: usize,
    /// The workload.
    pub workload: Arc<str>,
    /// The provider.
    pub provider: Arc<str>,
    /// The model as logged.
    pub model: Arc<str>,
    /// Codes, sorted.
    pub reasons: Vec<String>,
    /// Who answers for it.
    pub owner: Option<String>,
}

/// What a row costs in batch in a month.
#[derive(Clone, Copy, Debug)]
pub struct InBatch {
    /// If no cache hit stayed, by the way in which cached prompts are sent.
    pub by_way: ByWay,
    /// If all did.
    pub all_hits: Money,
}

impl InBatch {
    pub(super) fn add(self, other: Self) -> Result<Self, Overflow> {
        let mut by_way = self.by_way;
        for (sum, more) in by_way.iter_mut().zip(other.by_way) {
            *sum = sum.add(more)?;
        }
        Ok(Self { by_way, all_hits: self.all_hits.add(other.all_hits)? })
    }
}

/// A row: constants first, then what they make with the assumptions as given. All amounts are dollars a month.
#[derive(Clone, Debug)]
pub struct WorkbookRow {
    /// Verdict and band.
    pub verdict: Verdict,
    /// Calls in the period, where stated.
    pub requests: Option<u64>,
    /// Cost; nothing where it has no price.
    pub cost: Option<Money>,
    /// Cost in batch; nothing without a batch rate.
    pub in_batch: Option<InBatch>,
    /// The route that covers it, by position; the first where routing is assumed, which is on paper only.
    pub route: Option<usize>,
    /// Cost of the calls that could be routed.
    pub routable: Money,
    /// What these calls cost at the route's target; zero where routing is assumed.
    pub target: Money,
    /// Share of results that are back in time.
    pub in_time: Arc<Exact>,
    /// Whether finished work that came too late is billed and of no use.
    pub late_is_paid_twice: bool,
    /// Cost in batch with the hits that are kept.
    pub batch_cost: Option<Money>,
    /// What batch saves on paper on rows with a band, else 0.
    pub gross_saving: Money,
    /// What is left of that once it runs.
    pub net_saving: Money,
    /// In which cases it can be batched and is worth it.
    pub can: Cases<bool>,
    /// What routing saves where it is not batched, on paper.
    pub routing: Cases<Money>,
    /// In which cases it is batched on paper where routing is the other choice.
    pub batched_gross: Cases<bool>,
    /// The same once it runs.
    pub batched: Cases<bool>,
}

impl WorkbookRow {
    /// Whether it can wait.
    pub fn is_batch(&self) -> bool {
        self.verdict.action == Action::Batch
    }

    /// The name of its band.
    pub fn band(&self) -> Option<&'static str> {
        self.verdict.confidence.map(Confidence::name)
    }
}

/// Assumptions of the policy that the rows are worked out with.
#[derive(Clone, Debug)]
pub struct WorkbookInput {
    /// How cached prompts are sent, where no rule says it.
    pub cache_way: CacheWay,
    /// Share of today's cache hits that stay hits in batch.
    pub hit_share: Percent,
    /// Smallest saving a month that is worth moving a workload.
    pub min_saving: Money,
    /// What routing saves of the cost that it covers, where no routes are named.
    pub routing: Option<Cases<Exact>>,
    /// Share of a step that runs in its first month, its second and so on.
    pub ramp: Vec<Percent>,
    /// The month of the calendar year in which the fiscal year begins.
    pub fiscal_year_start: u8,
    /// Whether each month has the same budget, or none.
    pub has_flat_budget: bool,
}

impl WorkbookInput {
    /// What a policy says.
    pub fn of(policy: &Policy, min_saving: Money) -> Self {
        let routing = match &policy.routing {
            Routing::Assumed(shares) => Some(shares.clone()),
            Routing::Routes(_) => None,
        };
        Self {
            cache_way: policy.batch_cache.way,
            hit_share: policy.batch_cache.hits,
            min_saving,
            routing,
            ramp: policy.ramp.clone(),
            fiscal_year_start: policy.fiscal_year_start,
            has_flat_budget: matches!(policy.budget, BudgetSetting::None | BudgetSetting::All(Schedule::Flat(_))),
        }
    }
}

impl Named {
    /// What a sheet shows of a row.
    pub(super) fn of((place, row): (usize, &Row), policy: &Policy) -> Self {
        let mut reasons: Vec<String> = row.codes.iter().map(|code| code.text(policy).into_owned()).collect();
        reasons.sort_unstable();
        Self {
            row: place,
            workload: row.workload.clone(),
            provider: row.provider.clone(),
            model: row.model.clone(),
            reasons,
            owner: steps::owner(row, policy),
        }
    }
}

/// A row with what became of it.
pub(super) fn workbook_row(
    terms: &Terms<'_>,
    input: &RowInput<'_>,
    by_way: Option<ByWay>,
    planned: &MigratedRow,
) -> Result<WorkbookRow, Overflow> {
    let RowInput { row, month, .. } = *input;
    let Terms { policy, prices: basis, .. } = *terms;
    let a_month = |amount: &Exact| monthly(amount, terms.basis);
    let in_batch = |cost: Money| a_month(&basis.amount(row, Side::Batch, cost, row.from_bill.1));
    let ways = |(by_way, all_hits): (ByWay, Money)| -> Result<InBatch, Overflow> {
        let [without, sent, primed] = by_way.map(in_batch);
        Ok(InBatch { by_way: [without?, sent?, primed?], all_hits: in_batch(all_hits)? })
    };
    let (route, routable, target) = match (&policy.routing, &row.routed) {
        (Routing::Assumed(_), _) => (Some(0), basis.amount(row, Side::Today, row.routable, Money::ZERO), None),
        (Routing::Routes(_), Some(routed)) => {
            let target = basis.at_target(routed.route, &routed.target_cost);
            (Some(routed.route), basis.amount(row, Side::Today, routed.cost, Money::ZERO), Some(target))
        }
        (Routing::Routes(_), None) => (None, Money::ZERO.exact(), None),
    };
    Ok(WorkbookRow {
        verdict: row.verdict,
        requests: row.requests,
        cost: month.cost,
        in_batch: by_way.zip(input.with_all_hits).map(ways).transpose()?,
        route,
        routable: a_month(&routable)?,
        target: target.map(|target| a_month(&target)).transpose()?.unwrap_or_default(),
        in_time: Arc::clone(&planned.in_time),
        late_is_paid_twice: planned.late_is_paid_twice,
        batch_cost: month.cost.zip(month.difference).map(|(cost, difference)| cost.sub(difference)).transpose()?,
        gross_saving: month.saving,
        net_saving: planned.saving,
        can: planned.can,
        routing: month.routing,
        batched_gross: month.batched,
        batched: planned.batched,
    })
}
