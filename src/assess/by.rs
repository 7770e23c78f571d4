//! Sums by the dimension of `--by`.

use std::collections::BTreeMap;

use super::{Assessment, price};
use crate::calendar::Month;
use crate::money::{Money, Overflow};
use crate::rollup::{Cell, Context, KeyId, Named, Rollup, TextId};
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

/// Sums of one value of `--by`, in USD at the prices of the table.
#[derive(Clone, Debug, Default)]
pub struct BySums {
    /// Calls, where stated.
    pub requests: u64,
    /// Cost.
    pub cost: Money,
    /// Cost that can wait, confirmed or likely.
    pub can_wait: Money,
    /// What batch saves on that.
    pub saving: Money,
    /// Its part of each row of [`Assessment::rows`]: the cost, and what batch saves of it.
    pub rows: BTreeMap<usize, (Money, Money)>,
    /// The cost of each month; nothing where sums by day were not kept, or a row spans several days.
    pub months: Option<BTreeMap<Month, Money>>,
}

impl Assessment {
    pub(super) fn add_by(&mut self, rollup: &Rollup, context: &Context<'_>) -> Result<(), Overflow> {
        if context.by.is_none() {
            return Ok(());
        }
        let value = |key: KeyId| rollup.key(key).by.map(|by| ByValue::of(rollup, by));
        for (id, key, cell) in rollup.sums() {
            let Some(known) = self.last(id).copied() else { continue };
            let priced = price(rollup, key, cell, known.code, context.policy)?;
            // What has no price is in no sum of costs.
            let cost = Money::ZERO.with(priced.cost)?;
            let can_wait = known.verdict.action == Action::Batch;
            let saving = if can_wait { cost.sub(priced.batch_cost.unwrap_or(cost))? } else { Money::ZERO };
            let sums = self.by.entry(value(id)).or_default();
            sums.requests += cell.requests;
            sums.cost = sums.cost.add(cost)?;
            sums.can_wait = sums.can_wait.add(if can_wait { cost } else { Money::ZERO })?;
            sums.saving = sums.saving.add(saving)?;
            let part = sums.rows.entry(known.row).or_default();
            *part = (part.0.add(cost)?, part.1.add(saving)?);
        }
        let Some(times) = rollup.times.as_ref().filter(|times| times.spread == 0) else { return Ok(()) };
        let Some(days) = &times.days else { return Ok(()) };
        self.by.values_mut().for_each(|sums| sums.months = Some(BTreeMap::new()));
        for ((id, day), of_day) in days {
            let Some(known) = self.last(*id).copied() else { continue };
            let cell = Cell { tokens: of_day.tokens, billed: of_day.billed, ..Cell::default() };
            let cost = price(rollup, rollup.key(*id), &cell, known.code, context.policy)?.cost;
            let months = self.by.get_mut(&value(*id)).and_then(|sums| sums.months.as_mut());
            if let Some(months) = months {
                let month = months.entry(day.month()).or_default();
                *month = month.with(cost)?;
            }
        }
        Ok(())
    }
}
