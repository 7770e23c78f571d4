//! The ladder: what each workload costs on every way to buy its calls, and which one the plan would take.
//!
//! Role: costs by rung (`assess::ladder`) and how long calls may wait → months, the cheapest rung that is in time, and what
//! it saves beyond batch. Verdicts and scenarios stay about batch, so nothing here is in any of their figures.

use std::cmp::Reverse;
use std::sync::Arc;

use super::migration::{Assumptions, MigratedRow, Migration, MigrationInput, shortest_wait};
use crate::assess::Row;
use crate::assess::ladder::offers;
pub use crate::assess::ladder::{Offer, Rung};
use crate::money::{MONTHLY_DECIMALS, Money, Overflow, Percent, product};
use crate::policy::{Policy, Wait};
use crate::rollup::Rollup;
use crate::verdict::Action;

/// A workload on every rung on which all of its calls have a price.
#[derive(Clone, Debug)]
pub struct Ladder {
    /// The workload.
    pub workload: Arc<str>,
    /// What tells the row apart from others of its workload.
    pub apart: Vec<String>,
    /// The provider.
    pub provider: Arc<str>,
    /// The model as logged.
    pub model: Arc<str>,
    /// Cost a month today.
    pub cost: Money,
    /// How long calls may wait; nothing where nobody has said that they may.
    pub max_wait: Option<Wait>,
    /// A month on each rung, the fastest first.
    pub offers: Vec<Offer<Money>>,
    /// The rung that saves most of those that are in time; nothing where none saves anything, or too little for a step.
    pub takes: Option<Taken>,
}

/// The rung that a workload is best bought on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The way.
    pub rung: Rung,
    /// What it saves a month, net of failures and late results.
    pub saving: Money,
    /// What of that the plan has not already, from batch or from a route.
    pub beyond_batch: Money,
}

/// All workloads with more than one rung, by cost.
#[derive(Clone, Debug, Default)]
pub struct Ladders {
    /// The workloads.
    pub rows: Vec<Ladder>,
    /// What the rungs taken save a month beyond batch and routes.
    pub beyond_batch: Money,
}

/// What decides on which rung a workload is bought; amounts a month.
#[derive(Clone, Copy, Debug)]
pub struct Buyer {
    /// What its calls cost today.
    pub cost: Money,
    /// How long they may wait.
    pub max_wait: Wait,
    /// Share of calls in a window that fail, and run again at today's price.
    pub failure_share: Percent,
    /// What batch saves under that wait, failures and late results counted.
    pub in_batch: Money,
    /// What the plan counts already, from batch or from a route.
    pub counted: Money,
    /// What has to be saved for a step to be worth it.
    pub least_saving: Money,
}

impl Buyer {
    /// What an offer saves; nothing where it does not answer in time, or promises nothing.
    pub fn saving(&self, offer: &Offer<Money>) -> Result<Option<Money>, Overflow> {
        if offer.rung == Rung::Batch {
            return Ok(Some(self.in_batch));
        }
        if offer.wait().is_none_or(|wait| wait > self.max_wait) {
            return Ok(None);
        }
        // Other calls fail as they do today.
        let fails = if matches!(offer.rung, Rung::Window(_)) { self.failure_share } else { Percent::ZERO };
        let saved = product(&fails.rest().exact(), &self.cost.sub(offer.cost)?.exact());
        Money::round(&saved, MONTHLY_DECIMALS).map(Some)
    }

    /// The offer that saves most, the first of equal ones; nothing where that is too little.
    pub fn takes(&self, offers: &[Offer<Money>]) -> Result<Option<Taken>, Overflow> {
        let mut best: Option<(Rung, Money)> = None;
        for offer in offers {
            let saving = self.saving(offer)?;
            if let Some(saving) = saving.filter(|saving| best.is_none_or(|(_, most)| *saving > most)) {
                best = Some((offer.rung, saving));
            }
        }
        let Some((rung, saving)) = best.filter(|(_, saving)| *saving > Money::ZERO && *saving >= self.least_saving)
        else {
            return Ok(None);
        };
        Ok(Some(Taken { rung, saving, beyond_batch: saving.sub(self.counted)?.max(Money::ZERO) }))
    }
}

/// Climbs every row of a plan.
pub fn ladders(
    input: &MigrationInput<'_>,
    rollup: &Rollup,
    assumptions: &Assumptions<'_>,
    migration: &Migration,
) -> Result<Ladders, Overflow> {
    let mut all = Ladders::default();
    let assessment = input.assessment;
    let rows = assessment.rows.iter().zip(assessment.cells_by_row(rollup)).zip(&migration.rows).enumerate();
    for (index, ((row, cells), planned)) in rows {
        let (table, policy) = (input.terms.table, input.terms.policy);
        let mut rungs = offers(rollup, row, &cells, (table, policy))?;
        if planned.cost.is_zero() || rungs.len() < 2 {
            continue;
        }
        for offer in &mut rungs {
            offer.cost = match (offer.rung, input.scenarios.rows[index].difference) {
                // Batch costs what the plan says.
                (Rung::Batch, Some(difference)) => planned.cost.sub(difference)?,
                _ => input.terms.month_of(row.cost, planned.cost, offer.cost)?,
            };
        }
        let max_wait = may_wait(row, planned, policy);
        let buyer = max_wait.map(|max_wait| Buyer {
            cost: planned.cost,
            max_wait,
            failure_share: assumptions.failure_share,
            in_batch: planned.saving,
            counted: if planned.batched.base { planned.saving } else { planned.routing.base },
            least_saving: assumptions.least_saving,
        });
        let takes = buyer.map(|buyer| buyer.takes(&rungs)).transpose()?.flatten();
        if let Some(taken) = takes {
            all.beyond_batch = all.beyond_batch.add(taken.beyond_batch)?;
        }
        all.rows.push(Ladder {
            workload: row.workload.clone(),
            apart: row.details.apart.clone(),
            provider: row.provider.clone(),
            model: row.model.clone(),
            cost: planned.cost,
            max_wait,
            offers: rungs,
            takes,
        });
    }
    all.rows.sort_by_key(|row| Reverse(row.cost));
    Ok(all)
}

/// How long the calls of a row may wait: as long as the shortest of its rules says, or the provider's window where they can
/// wait at all.
fn may_wait(row: &Row, planned: &MigratedRow, policy: &Policy) -> Option<Wait> {
    let window = (row.verdict.action == Action::Batch).then_some(planned.window_ms);
    shortest_wait(row, policy).or(window).map(Wait)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RUNGS: [(Rung, Option<u32>); 7] = [
        (Rung::Priority, Some(0)),
        (Rung::Standard, Some(0)),
        (Rung::OffPeak, Some(4)),
        (Rung::Window(2), Some(2)),
        (Rung::Window(8), Some(8)),
        (Rung::Flex, None),
        (Rung::Batch, Some(24)),
    ];

    proptest! {
        /// One rung more never makes the cheapest dearer, and what is taken answers in time.
        #[test]
        fn a_rung_more_never_saves_less(
            costs in proptest::array::uniform7(0..2_000_u32),
            max_wait in 0..30_u32,
            left_out in 0..7_usize,
            failing in 0..=100_u8,
            (in_batch, counted) in (0..1_000_i64, 0..1_000_i64),
        ) {
            let money = |dollars: i64| Money::from_units(i128::from(dollars) * 1_000_000_000_000_000_000);
            let buyer = Buyer {
                cost: money(1_000),
                max_wait: Wait::hours(max_wait),
                failure_share: Percent::whole(failing),
                in_batch: money(in_batch),
                counted: money(counted),
                least_saving: money(25),
            };
            let all: Vec<Offer<Money>> = RUNGS
                .into_iter()
                .zip(costs)
                .map(|((rung, wait_hours), cost)| Offer { rung, cost: money(cost.into()), wait_hours })
                .collect();
            let mut fewer = all.clone();
            fewer.remove(left_out);
            let taken = |offers: &[Offer<Money>]| buyer.takes(offers).expect("small amounts");
            let (more, less) = (taken(&all), taken(&fewer));
            let saving = |taken: Option<Taken>| taken.map_or(Money::ZERO, |taken| taken.saving);
            prop_assert!(saving(more) >= saving(less));
            if let Some(taken) = more {
                let offer = all.iter().find(|offer| offer.rung == taken.rung).expect("an offer");
                prop_assert!(taken.rung == Rung::Batch || offer.wait_hours.is_some_and(|hours| hours <= max_wait));
                prop_assert!(taken.beyond_batch <= taken.saving && !taken.beyond_batch.is_negative());
            }
        }
    }
}
