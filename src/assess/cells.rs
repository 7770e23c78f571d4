//! Which cells of the rollup a row is made of.

use smallvec::SmallVec;

use super::{Assessment, Row};
use crate::rollup::{Cell, Key, Rollup};
use crate::verdict::{Code, Verdict};

type Names<'n> = (&'n str, Option<&'n str>, &'n str, &'n str, Verdict);

/// What a row is known by.
pub(super) fn names(row: &Row) -> Names<'_> {
    (&row.workload, row.workload_id.as_deref(), &row.provider, &row.model, row.verdict)
}

/// A cell of a row, with the code that decided.
#[derive(Clone, Copy, Debug)]
pub struct CellOfRow<'r> {
    /// What it is added up by.
    pub key: &'r Key,
    /// Its sums.
    pub cell: &'r Cell,
    /// The code that decided in the end.
    pub code: Code,
    row: usize,
}

/// The cells of one row; mostly it is one.
pub type Cells<'r> = SmallVec<[CellOfRow<'r>; 2]>;

impl Assessment {
    /// The cells of each row, in the order of the rows; those of one row are in no order. The rollup may have other sums
    /// than the one that was judged, at the same keys.
    pub fn cells_by_row<'r>(&self, rollup: &'r Rollup) -> impl Iterator<Item = Cells<'r>> {
        let known = rollup.sums().filter_map(|(id, key, cell)| {
            let known = self.last(id)?;
            Some(CellOfRow { key, cell, code: known.code, row: known.row })
        });
        let mut cells: Vec<CellOfRow<'r>> = known.collect();
        cells.sort_unstable_by_key(|cell| cell.row);
        let mut cells = cells.into_iter().peekable();
        (0..self.rows.len()).map(move |row| std::iter::from_fn(|| cells.next_if(|cell| cell.row == row)).collect())
    }
}
