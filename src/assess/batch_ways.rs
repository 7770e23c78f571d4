//! What cached prompts cost in batch, by the way in which they are sent.

use super::basis::{Basis, Side};
use super::cells::CellOfRow;
use super::{Assessment, Row, price_sent};
use crate::calendar::{MonthBasis, monthly};
use crate::money::{Exact, Money, Overflow, Percent};
use crate::policy::Policy;
use crate::rollup::{Cell, Key, Rollup};
use crate::usage::{BatchCache, CacheWay, PerClass, TokenClass};
use crate::verdict::{Action, Code};

/// One part in so many of a prompt is cached where it is worth a word.
const NOTABLE: u128 = 20;

/// An amount for each of [`CacheWay::ALL`].
pub type ByWay = [Money; CacheWay::ALL.len()];

/// Changes how cached prompts are sent.
pub type Sent<'s> = &'s dyn Fn(BatchCache) -> BatchCache;

/// For each row, in order, what its calls would cost in batch in the period if cached prompts were sent otherwise than the
/// policy says; nothing where the row has no batch cost.
pub fn batch_costs(
    rollup: &Rollup,
    assessment: &Assessment,
    policy: &Policy,
    sent: Sent<'_>,
) -> Result<Vec<Option<Money>>, Overflow> {
    let cells = assessment.cells_by_row(rollup);
    assessment.rows.iter().zip(cells).map(|(row, cells)| batch_cost(rollup, row, &cells, policy, sent)).collect()
}

/// The same for one row.
pub fn batch_cost(
    rollup: &Rollup,
    row: &Row,
    cells: &[CellOfRow<'_>],
    policy: &Policy,
    sent: Sent<'_>,
) -> Result<Option<Money>, Overflow> {
    if row.batch_cost.is_none() {
        return Ok(None);
    }
    let mut sum = Money::ZERO;
    for CellOfRow { key, cell, code, .. } in cells {
        let priced = price_sent(rollup, key, cell, *code, sent(key.code.batch_cache(policy)))?;
        sum = sum.with(priced.batch_cost)?;
    }
    Ok(Some(sum))
}

/// What a cell's calls would cost in batch by each way; nothing without cached prompts, or where a way has no price.
pub(super) fn ways_of_cell(rollup: &Rollup, key: &Key, cell: &Cell, code: Code) -> Result<Option<ByWay>, Overflow> {
    if cached(&cell.tokens) == 0 || code == Code::AlreadyBatch {
        return Ok(None);
    }
    let mut costs = ByWay::default();
    for (cost, way) in costs.iter_mut().zip(CacheWay::ALL) {
        let cache = BatchCache { way, hits: Percent::ZERO };
        let Some(in_batch) = price_sent(rollup, key, cell, code, cache)?.batch_cost else { return Ok(None) };
        *cost = in_batch;
    }
    Ok(Some(costs))
}

/// Tokens of cached prompts, read or written.
fn cached(tokens: &PerClass<u128>) -> u128 {
    TokenClass::CACHED.into_iter().map(|class| tokens[class]).sum()
}

impl Row {
    /// What its calls would cost in batch by each way; nothing without cached prompts, without a batch cost, or where they run
    /// in batch already.
    pub fn costs_by_way(&self) -> Option<ByWay> {
        let is_open = cached(&self.tokens) > 0 && self.verdict.action != Action::AlreadyBatch;
        // Cached prompts of calls without a price cost nothing in any way.
        let costs =
            |batch_cost: Money| self.batch_ways.as_deref().copied().unwrap_or([batch_cost; CacheWay::ALL.len()]);
        self.batch_cost.filter(|_| is_open).map(costs)
    }
}

impl Row {
    /// What its calls cost in batch by each way in which the policy could have cached prompts sent, no hits kept. Where a rule
    /// says the way, all of them cost the same: `own`.
    pub fn costs_by_policy(&self, own: Money, policy: &Policy) -> ByWay {
        self.costs_by_way().filter(|_| self.has_way_of_policy(policy)).unwrap_or([own; CacheWay::ALL.len()])
    }

    /// Whether no rule says how its cached prompts are sent.
    fn has_way_of_policy(&self, policy: &Policy) -> bool {
        self.codes.iter().all(|code| code.own_cache_way(policy).is_none())
    }
}

/// The same of a row at the prices of another rollup; nothing where it has no batch cost.
pub fn costs_by_policy_at(
    rollup: &Rollup,
    row: &Row,
    cells: &[CellOfRow<'_>],
    policy: &Policy,
) -> Result<Option<ByWay>, Overflow> {
    let cost = |way: CacheWay| {
        let way = |cache: BatchCache| if row.has_way_of_policy(policy) { way } else { cache.way };
        batch_cost(rollup, row, cells, policy, &|cache| BatchCache { way: way(cache), hits: Percent::ZERO })
    };
    let [without, sent, primed] = CacheWay::ALL.map(cost);
    Ok(without?.zip(sent?).zip(primed?).map(|((without, sent), primed)| [without, sent, primed]))
}

/// What a month of a row saves in batch, by the way in which its cached prompts are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaySavings {
    /// The way that is counted on.
    pub way: CacheWay,
    /// What is counted, hits included.
    pub counted: Money,
    /// What each way saves; negative where it costs more than today.
    pub savings: ByWay,
    /// The part of its prompts that is cached today.
    pub cached_share: Exact,
    /// From which share of hits on the way that is counted on pays; nothing where it does at any share, or at none.
    pub pays_from: Option<Exact>,
}

impl WaySavings {
    /// Of a row whose prompts are cached in a part that is worth a word, and for which batch is a question.
    pub fn of(row: &Row, policy: &Policy, prices: &Basis, month: MonthBasis) -> Result<Option<Self>, Overflow> {
        let (cached, prompt) = (cached(&row.tokens), row.tokens.0[..4].iter().sum::<u128>());
        let is_open = row.band().is_some() || row.codes.contains(&Code::CacheLoss);
        let (Some(cost), Some(batch_cost), Some(ways)) = (row.cost, row.batch_cost, row.costs_by_way()) else {
            return Ok(None);
        };
        if !is_open || cached.saturating_mul(NOTABLE) <= prompt {
            return Ok(None);
        }
        let a_month =
            |side: Side, amount: Money, from_bill: Money| monthly(&prices.amount(row, side, amount, from_bill), month);
        let cost = a_month(Side::Today, cost, row.from_bill.0)?;
        let saving = |in_batch: Money| cost.sub(a_month(Side::Batch, in_batch, row.from_bill.1)?);
        let mut savings = ByWay::default();
        for (saved, in_batch) in savings.iter_mut().zip(ways) {
            *saved = saving(in_batch)?;
        }
        let way = row.cache_way.unwrap_or(policy.batch_cache.way);
        let [own, primed] = [way, CacheWay::Primed].map(|way| savings[way as usize]);
        // Between the two savings there is a share of hits at which batch costs what today does.
        let is_between = own.is_negative() && primed > Money::ZERO;
        let pays_from = is_between.then(|| -own.exact() / (primed.exact() - own.exact()));
        let cached_share = Exact::new(cached.into(), prompt.into());
        Ok(Some(Self { way, counted: saving(batch_cost)?, savings, cached_share, pays_from }))
    }

    /// What one way saves.
    pub const fn saved(&self, way: CacheWay) -> Money {
        self.savings[way as usize]
    }
}
