//! Batch costs of the rows at another share of cache hits kept in batch.

use super::cells::CellOfRow;
use super::{Assessment, Row, price};
use crate::money::{Money, Overflow, Percent};
use crate::rollup::Rollup;

/// For each row, in order, what its calls would cost in batch in the period if this share of today's cache reads stayed
/// cache reads there; nothing where the row has no batch cost.
pub fn batch_costs(rollup: &Rollup, assessment: &Assessment, hits: Percent) -> Result<Vec<Option<Money>>, Overflow> {
    let cells = assessment.cells_by_row(rollup);
    assessment.rows.iter().zip(cells).map(|(row, cells)| batch_cost(rollup, row, &cells, hits)).collect()
}

/// The same for one row.
pub fn batch_cost(
    rollup: &Rollup,
    row: &Row,
    cells: &[CellOfRow<'_>],
    hits: Percent,
) -> Result<Option<Money>, Overflow> {
    if row.batch_cost.is_none() {
        return Ok(None);
    }
    let mut sum = Money::ZERO;
    for CellOfRow { key, cell, code, .. } in cells {
        let priced = price(rollup, rollup.charge(key.charge), cell, *code, hits)?;
        sum = sum.with(priced.batch_cost)?;
    }
    Ok(Some(sum))
}
