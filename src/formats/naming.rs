//! Fields that have ids beside their names, or instead of them, where a row holds a word for neither.
//!
//! Role: a row whose key has the id `undefined` is as nameless as one without the column, and is told as such.

use super::cells::Cells;
use super::column_plan::RowValues;
use super::expected::{ExpectedKeys, KeyBits};
use super::mapping::{Mapping, TargetField};
use super::paths::{Paths, Slot};

/// A field that has ids.
#[derive(Debug)]
pub(super) struct Naming {
    target: TargetField,
    /// Its position in [`Field::WITH_IDS`](crate::usage::Field::WITH_IDS).
    id: usize,
    /// Where names and ids stand.
    slots: Vec<Slot>,
    /// What is expected there.
    expected: KeyBits,
}

impl Naming {
    /// Those of a mapping.
    pub(super) fn of(mapping: &Mapping, paths: &mut Paths, expected: &ExpectedKeys) -> Vec<Self> {
        let fields = mapping.fields.0.iter().filter(|(_, spec)| !spec.ids.is_empty());
        let naming = fields.filter_map(|(target, spec)| {
            let id = target.field()?.with_id()?;
            let places: Vec<&String> = spec.from.iter().chain(&spec.ids).collect();
            let slots = places.iter().map(|path| paths.slot(path)).collect();
            Some(Self { target: *target, id, slots, expected: expected.bits(&places) })
        });
        naming.collect()
    }
}

/// The expected columns or keys that hold a word for no name, where nothing else names what they are to name: what they
/// usually state is as little stated as if they were not there.
pub(super) fn unnamed(naming: &[Naming], cells: &Cells<'_>, values: &RowValues<'_>) -> KeyBits {
    let unnamed = naming.iter().filter(|naming| {
        let is_named = values.texts[naming.target as usize].is_some() || values.ids[naming.id].is_some();
        !is_named && naming.slots.iter().any(|&slot| cells.get(slot).is_some())
    });
    unnamed.fold(0, |bits, naming| bits | naming.expected)
}
