//! Rows of CSV files whose columns are for one thing each: fields go straight to where they are asked for.
//!
//! Role: what a mapping makes of a file's columns, worked out once ([`ColumnPlan`]), and the texts of a row by what they are for
//! ([`RowValues`]). Where a mapping has more to say about a column (JSON in it, values to exchange, a choice of columns, a
//! logic of its own), or a text has to be put together first, rows go through [`Cells`]; from [`RowValues`] on
//! both ways are one.

use smallvec::SmallVec;

use super::Format;
use super::cells::Cells;
use super::corruption::IllegalChars;
use super::mapping::{Counted, TargetField};
use super::paths::Slot;
use crate::money::{DecimalStyle, decimal};
use crate::usage::{IdText, Ids, Tag};

/// What each column is for.
#[derive(Clone, Debug)]
pub struct ColumnPlan(pub(super) Vec<ColumnRole>);

#[derive(Clone, Debug)]
pub(super) enum ColumnRole {
    Nothing,
    Time,
    End,
    TargetField(TargetField, IllegalChars),
    Tag(String),
    /// It counts tokens by its name, and nothing reads it.
    Unread,
}

/// Two places that say different numbers for one count.
#[derive(Clone, Copy, Debug)]
pub(super) struct Conflict<'r> {
    pub(super) target: TargetField,
    pub(super) counts: [(Slot, &'r str); 2],
}

/// The texts of a row by what they are for; none of them is empty.
#[derive(Debug)]
pub(super) struct RowValues<'r> {
    /// By target, read through the value list.
    pub(super) texts: [Option<&'r str>; TargetField::COUNT],
    pub(super) time: Option<&'r str>,
    pub(super) end: Option<&'r str>,
    /// Both once more, where the format states them twice.
    pub(super) again: [Option<&'r str>; 2],
    pub(super) tags: Vec<Tag<'r>>,
    /// Texts that are declared to be ids.
    pub(super) ids: Ids<'r>,
    /// Texts of further columns that tell buckets apart.
    pub(super) grouping: &'r str,
    /// Targets whose text shows damage, as bits.
    pub(super) damaged: u64,
    /// A count of tokens that stands twice, with different numbers: both, and where.
    pub(super) conflict: Option<Conflict<'r>>,
    /// Counts that are declared to be parts of others, or to be added to them.
    pub(super) counted: Vec<(Counted, &'r str)>,
    /// Counts of which the row states all that makes them, with what that is together.
    pub(super) sums: Vec<(TargetField, i128)>,
}

impl Default for RowValues<'_> {
    fn default() -> Self {
        Self {
            texts: [None; TargetField::COUNT],
            time: None,
            end: None,
            again: [None; 2],
            tags: Vec::new(),
            ids: Ids::default(),
            grouping: "",
            damaged: 0,
            conflict: None,
            counted: Vec::new(),
            sums: Vec::new(),
        }
    }
}

/// What some counts are together; nothing unless all of them are there.
fn sum_of(cells: &Cells<'_>, parts: &[Slot]) -> Option<i128> {
    let count = |slot: &Slot| Some(decimal::parse_scaled(cells.get(*slot)?, 0, DecimalStyle::Point).ok()?.0);
    parts.iter().try_fold(0_i128, |sum, part| sum.checked_add(count(part)?))
}

impl<'r> RowValues<'r> {
    /// Reads the cells of a row.
    pub(super) fn of(format: &'r Format, cells: &'r Cells<'r>) -> Self {
        let mut values = Self {
            time: format.time.iter().find_map(|&slot| cells.get(slot)),
            end: format.end.iter().find_map(|&slot| cells.get(slot)),
            again: [0, 1].map(|which| format.again[which].iter().find_map(|&slot| cells.get(slot))),
            counted: cells.counted().collect(),
            sums: format.sums.iter().filter_map(|(whole, parts)| Some((*whole, sum_of(cells, parts)?))).collect(),
            grouping: format.grouping.as_ref().and_then(|(_, joined)| cells.get(*joined)).unwrap_or_default(),
            ..Self::default()
        };
        // A word for no name is none.
        let is_name = |text: &&str| IdText::of(text) != IdText::Placeholder;
        for (target, spec) in &format.mapping.fields.0 {
            let slots = format.slots(*target);
            // The first path that is filled once read through the value list; empty means absent.
            values.texts[*target as usize] = if spec.always.is_some() {
                spec.always.as_deref()
            } else if target.is_tokens() && slots.len() > 1 && spec.values.is_empty() {
                values.count_in(*target, slots.iter().filter_map(|&slot| Some((slot, cells.get(slot)?))))
            } else if !spec.ids.is_empty() {
                slots.iter().find_map(|&slot| cells.get(slot).filter(is_name))
            } else if spec.values.is_empty() {
                slots.iter().find_map(|&slot| cells.get(slot))
            } else {
                slots.iter().find_map(|&slot| spec.value_of(*target, cells.get(slot)?))
            };
            let damage = format.damage(*target);
            if damage != IllegalChars::None
                && slots.iter().find_map(|&slot| cells.get(slot)).is_some_and(|text| damage.is_in(text))
            {
                values.damaged |= 1 << *target as usize;
            }
        }
        for (at, slots) in &format.ids {
            values.ids[*at] = slots.iter().find_map(|&slot| cells.get(slot).filter(is_name));
        }
        let named = format.tags.iter().filter_map(|(name, slot)| Some((name.as_str(), cells.get(*slot)?)));
        values.tags.extend(named);
        for (name, value) in cells.tags() {
            if !values.tags.iter().any(|(known, _)| *known == name) {
                values.tags.push((name, value));
            }
        }
        values
    }
}

impl<'r> RowValues<'r> {
    /// Of several places for a count the first that is not zero, since some write a zero beside it. Two that differ
    /// contradict each other.
    fn count_in(&mut self, target: TargetField, mut texts: impl Iterator<Item = (Slot, &'r str)>) -> Option<&'r str> {
        let is_zero = |text: &str| text.trim_matches('0').is_empty();
        let first = texts.next()?;
        let counted = if is_zero(first.1) { texts.find(|(_, text)| !is_zero(text)).unwrap_or(first) } else { first };
        let number = |text: &str| decimal::parse_scaled(text, 0, DecimalStyle::Point).map(|(number, _)| number).ok();
        // A text that is no number is refused as such.
        let differs = |other: &str| number(other).zip(number(counted.1)).is_some_and(|(one, other)| one != other);
        let other = texts.find(|(_, other)| *other != counted.1 && !is_zero(other) && differs(other));
        self.conflict = self.conflict.or(other.map(|other| Conflict { target, counts: [counted, other] }));
        Some(counted.1)
    }
}

impl ColumnPlan {
    /// What each column is for; nothing where a column is for several things or a mapping has more to say.
    pub(super) fn of(format: &Format, names: &[String]) -> Option<Self> {
        let is_simple = format.derive.is_none()
            && format.grouping.is_none()
            && format.total.is_none()
            && format.blank.is_empty()
            && format.not_usage.is_empty()
            && format.no_call.is_none()
            && format.tag_objects.is_empty()
            && !format.mapping.json_cells
            && format.time.len() == 1
            && format.end.len() <= 1
            && format.again.iter().all(Vec::is_empty)
            && format.mapping.fields.0.iter().all(|(_, spec)| spec.always.is_none());
        if !is_simple {
            return None;
        }
        let mut tags: Vec<&str> = Vec::new();
        let mut uses = Vec::new();
        for (index, name) in names.iter().enumerate() {
            let is_first = !names[..index].contains(name);
            let slot = if is_first { format.paths.whole(name).ok()? } else { None };
            let mut found: SmallVec<[ColumnRole; 2]> = SmallVec::new();
            if let Some(slot) = slot {
                Self::uses(format, slot, &mut found)?;
            }
            found.extend(format.paths.tag_of(name).map(|tag| ColumnRole::Tag(tag.to_owned())));
            if found.is_empty() && is_first && format.paths.is_unread_usage(name) {
                found.push(ColumnRole::Unread);
            }
            if found.len() > 1 {
                return None;
            }
            uses.push(found.pop().unwrap_or(ColumnRole::Nothing));
        }
        for purpose in &uses {
            if let ColumnRole::Tag(name) = purpose {
                if tags.contains(&name.as_str()) {
                    return None;
                }
                tags.push(name);
            }
        }
        Some(Self(uses))
    }

    /// Everything a path is for; nothing where one of that is more than its text.
    fn uses(format: &Format, slot: Slot, found: &mut SmallVec<[ColumnRole; 2]>) -> Option<()> {
        found.extend(format.time.contains(&slot).then_some(ColumnRole::Time));
        found.extend(format.end.contains(&slot).then_some(ColumnRole::End));
        for (target, spec) in &format.mapping.fields.0 {
            match format.slots(*target) {
                [only] if *only == slot && spec.values.is_empty() && spec.ids.is_empty() => {
                    found.push(ColumnRole::TargetField(*target, format.damage(*target)));
                }
                slots if slots.contains(&slot) => return None,
                _ => {}
            }
        }
        found.extend(
            format.tags.iter().filter(|(_, known)| *known == slot).map(|(name, _)| ColumnRole::Tag(name.clone())),
        );
        Some(())
    }
}
