//! Batch costs of the rows at another share of cache hits kept in batch.

use std::collections::HashMap;

use super::{Assessment, Pairing, price};
use crate::money::{Money, Overflow, Percent};
use crate::rollup::Rollup;
use crate::verdict::Judgement;

/// Workload, provider and model.
type Names<'n> = (&'n str, &'n str, &'n str, Judgement);

/// For each row, in order, what its calls would cost in batch in the period if this share of today's cache reads stayed
/// cache reads there; nothing where the row has no batch cost.
pub fn batch_costs(rollup: &Rollup, assessment: &Assessment, hits: Percent) -> Result<Vec<Option<Money>>, Overflow> {
    let pairing = Pairing::of(rollup);
    let mut costs: HashMap<Names<'_>, Money> = HashMap::new();
    for (key, cell) in &rollup.cells {
        let Some(last) = assessment.finals.get(key).filter(|_| !pairing.is_compared(rollup, key)) else { continue };
        let priced = price(rollup, rollup.charge(key.charge), cell, last.code, hits)?;
        let group = rollup.group(key.group);
        let name = |id| rollup.texts.get(id);
        let sum = costs.entry((name(group.workload), name(group.provider), name(group.model), last.judgement));
        let sum = sum.or_default();
        *sum = sum.add(priced.batch_cost.unwrap_or_default())?;
    }
    let cost = |row: &super::Row| {
        row.batch_cost?;
        costs.get(&(row.workload.as_str(), row.provider.as_str(), row.model.as_str(), row.judgement)).copied()
    };
    Ok(assessment.rows.iter().map(cost).collect())
}
