//! Sums by the dimension of `--by`.

use super::{Assessment, price};
use crate::money::{Money, Overflow};
use crate::rollup::{Context, Named, Rollup, TextId};
use crate::verdict::Action;

/// A value of `--by`; two of one name and different ids are two.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByValue {
    /// The name; the id where there is none.
    pub name: String,
    /// The id, where it is known.
    pub id: Option<String>,
}

impl ByValue {
    pub(super) fn of(rollup: &Rollup, named: Named) -> Self {
        let text = |id: TextId| rollup.texts.get(id).to_owned();
        Self { name: text(named.name), id: named.id.map(text) }
    }
}

/// Sums of one value of `--by`.
#[derive(Clone, Copy, Debug, Default)]
pub struct BySums {
    /// Calls, where stated.
    pub requests: u64,
    /// Cost.
    pub cost: Money,
    /// Cost that can wait, confirmed or likely.
    pub can_wait: Money,
    /// What batch saves on that.
    pub saving: Money,
}

impl Assessment {
    pub(super) fn add_by(&mut self, rollup: &Rollup, context: &Context<'_>) -> Result<(), Overflow> {
        if context.by.is_none() {
            return Ok(());
        }
        for (id, key, cell) in rollup.sums() {
            let Some(known) = self.last(id).copied() else { continue };
            let priced = price(rollup, key, cell, known.code, context.policy)?;
            // What has no price is in no sum of costs.
            let cost = Money::ZERO.with(priced.cost)?;
            let sums = self.by.entry(key.by.map(|by| ByValue::of(rollup, by))).or_default();
            sums.requests += cell.requests;
            sums.cost = sums.cost.add(cost)?;
            if known.verdict.action == Action::Batch {
                sums.can_wait = sums.can_wait.add(cost)?;
                sums.saving = sums.saving.add(cost.sub(priced.batch_cost.unwrap_or(cost))?)?;
            }
        }
        Ok(())
    }
}
