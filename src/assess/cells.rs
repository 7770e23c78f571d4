//! Which cells of the rollup a row is made of.

use super::{Assessment, Row};
use crate::maps::FastMap;
use crate::rollup::{Cell, Key, Rollup};
use crate::verdict::Judgement;

type Names<'n> = (&'n str, Option<&'n str>, &'n str, &'n str, Judgement);

/// What a row is known by.
pub(super) fn names(row: &Row) -> Names<'_> {
    (&row.workload, row.workload_id.as_deref(), &row.provider, &row.model, row.judgement)
}

impl Assessment {
    /// The cells of each row, in the order of the rows; those of one row are in no order.
    pub fn cells_by_row<'r>(&self, rollup: &'r Rollup) -> Vec<Vec<(&'r Key, &'r Cell)>> {
        let places: FastMap<Names<'_>, usize> =
            self.rows.iter().enumerate().map(|(place, row)| (names(row), place)).collect();
        let mut cells = vec![Vec::new(); self.rows.len()];
        for (key, cell) in &rollup.cells {
            let Some(known) = self.finals.get(key) else { continue };
            let group = rollup.group(key.group);
            let [workload, provider, model] =
                [group.workload.name, group.provider, group.model].map(|text| rollup.texts.get(text));
            let id = group.workload.id.map(|id| rollup.texts.get(id));
            if let Some(&place) = places.get(&(workload, id, provider, model, known.judgement)) {
                cells[place].push((key, cell));
            }
        }
        cells
    }
}
