//! The columns and keys that rows of a format have, and which of them the rows of an input lack.
//!
//! Role: what a mapping reads → [`ExpectedKeys`], a bit each, so that a row is told by one number and only counts are kept.
//! A column that is empty says that the vendor still writes it. Only where nearly all rows fill a count is an empty one lost.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::logic::DerivedFields;
use super::mapping::{Mapping, TargetField};
use super::paths::Paths;

/// A bit for each expected column or key.
pub type KeyBits = u128;
const MOST_KEYS: usize = KeyBits::BITS as usize;

/// With so many rows a key that nearly all of them have is one that all should have.
const MANY_ROWS: u64 = 20;
/// With so many, one that lacks a key stands out.
pub const SOME_ROWS: u64 = 3;

/// Whether rows without a key are so few that they are damaged, or not what the others are.
pub const fn are_few(rows_without: u64, rows: u64) -> bool {
    rows >= MANY_ROWS && rows_without.saturating_mul(100) < rows
}

/// A column or key that rows are expected to have, or several of which one is enough.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each says another thing of a key, and all may hold at once")]
pub struct ExpectedKey {
    /// The paths, the usual one first.
    pub paths: Vec<String>,
    /// Real exports lack it, so that nothing is said if all rows do.
    pub is_optional: bool,
    /// The amount, or the rate of a row, is made of it.
    pub decides_cost: bool,
    /// Prompt tokens that came from a cache.
    pub is_cache_reads: bool,
    is_zero_if_empty: bool,
}

impl ExpectedKey {
    /// All its paths.
    fn name(&self) -> String {
        self.paths.join(" | ")
    }
}

/// What rows of a format are expected to have.
#[derive(Clone, Debug, Default)]
pub struct ExpectedKeys {
    keys: Vec<ExpectedKey>,
    /// A bit for each.
    all: KeyBits,
    /// Rows without these are of another kind: embeddings have no output, and little else.
    needed: KeyBits,
    /// What says when the period of a row ends, which rows without anything have too.
    end: KeyBits,
    /// Counts that are taken as zero where nothing stands.
    zero_if_empty: KeyBits,
    /// Keys that stand in a row all or none.
    together: Vec<KeyBits>,
}

impl ExpectedKeys {
    /// What a mapping reads. The columns of a vendor's own export are fixed, so each of them is expected; elsewhere the
    /// paths of a field are where one program or another writes it.
    pub(super) fn of(mapping: &Mapping, is_fixed: bool, paths: &mut Paths) -> Self {
        let mut found = Self::default();
        let mut by_logic = Paths::default();
        mapping.logic.iter().for_each(|logic| drop(DerivedFields::new(*logic, &mut by_logic)));
        let is_read = |path: &&String| !path.starts_with('@');
        for (target, spec) in &mapping.fields.0 {
            let paths: Vec<String> = spec.from.iter().filter(is_read).cloned().collect();
            if is_fixed {
                for path in paths {
                    found.expect(mapping, vec![path], Some(*target));
                }
            } else {
                found.expect(mapping, paths, Some(*target));
            }
        }
        let end = mapping.end.iter().flat_map(|end| &end.from).filter(is_read).cloned().collect();
        found.expect(mapping, end, None);
        let grouping = mapping.also_group_by.iter().filter(|_| is_fixed);
        let tags = mapping.tags.named.0.iter().map(|(_, path)| path);
        let rules =
            [&mapping.total_if, &mapping.call_if, &mapping.no_call_if].into_iter().flatten().map(|rule| &rule.column);
        let alone = tags.chain(&by_logic.names).chain(grouping).chain(rules).chain(&mapping.not_usage_if);
        let alone = alone.chain(mapping.together.iter().flatten()).chain(&mapping.tags.objects);
        for path in alone.filter(is_read) {
            found.expect(mapping, vec![path.clone()], None);
        }
        found.keys.truncate(MOST_KEYS);
        let output = mapping.fields.0.iter().find(|(target, _)| *target == TargetField::Output);
        let output = output.and_then(|(_, spec)| spec.from.first());
        for (bit, key) in found.keys.iter().enumerate() {
            key.paths.iter().for_each(|path| paths.expect(path, 1 << bit));
            found.all |= 1 << bit;
            if output.is_some_and(|output| key.paths.contains(output)) {
                found.needed |= 1 << bit;
            }
            if key.is_zero_if_empty {
                found.zero_if_empty |= 1 << bit;
            }
            if mapping.end.as_ref().is_some_and(|end| key.paths == end.from) {
                found.end |= 1 << bit;
            }
        }
        let bits = |path: &String| found.keys.iter().position(|key| key.paths == [path.as_str()]).map(|bit| 1 << bit);
        let group = |group: &Vec<String>| group.iter().filter_map(bits).fold(0, |bits, bit: KeyBits| bits | bit);
        found.together = mapping.together.iter().map(group).collect();
        found
    }

    fn expect(&mut self, mapping: &Mapping, paths: Vec<String>, target: Option<TargetField>) {
        let decides_cost = target.is_some_and(TargetField::decides_cost);
        let is_cache_reads = target == Some(TargetField::CacheRead);
        let is_zero_if_empty = target.is_some_and(TargetField::is_zero_if_empty);
        match self.keys.iter_mut().find(|key| key.paths == paths) {
            Some(known) => {
                known.decides_cost |= decides_cost;
                known.is_cache_reads |= is_cache_reads;
                known.is_zero_if_empty |= is_zero_if_empty;
            }
            None if paths.is_empty() => {}
            None => {
                let is_together = mapping.together.iter().flatten().any(|path| paths == [path.as_str()]);
                let is_optional = !is_together && paths.iter().any(|path| mapping.optional.contains(path));
                self.keys.push(ExpectedKey { paths, is_optional, decides_cost, is_cache_reads, is_zero_if_empty });
            }
        }
    }

    /// The keys that stand in these places.
    pub(super) fn bits(&self, places: &[&String]) -> KeyBits {
        let there = self.keys.iter().enumerate().filter(|(_, key)| key.paths.iter().any(|path| places.contains(&path)));
        there.fold(0, |bits, (bit, _)| bits | 1 << bit)
    }

    /// What a row lacks that has these keys; nothing where nothing can be said of it.
    #[inline]
    pub fn lacking(&self, RowKeys { present, filled }: RowKeys) -> Option<RowLacks> {
        let alone = self.together.iter().filter(|group| present & *group == 0);
        let absent = alone.fold(self.all & !present, |absent, group| absent & !group);
        let is_comparable = present & self.needed == self.needed;
        // Of a row whose output is empty nothing is said either: it is of another kind.
        let compared = if filled & self.needed == self.needed { self.zero_if_empty } else { 0 };
        is_comparable.then_some(RowLacks { absent, empty: present & !filled & compared })
    }

    /// Whether a row has any key of its own, besides those of the period it stands in.
    pub const fn has_any(&self, keys: RowKeys) -> bool {
        keys.present & !self.end != 0
    }

    /// The names of counts that are taken as zero where nothing stands.
    pub fn optional_counts(&self) -> impl Iterator<Item = String> {
        self.keys.iter().filter(|key| key.is_zero_if_empty).map(ExpectedKey::name)
    }

    /// How many rows lack each key, by its names.
    pub fn by_name(&self, lacking: &LackingKeys) -> LackingNames {
        let named = |rows: &RowsByKey| {
            let counted = self.keys.iter().enumerate().map(|(bit, key)| (key.name(), rows.of(bit)));
            counted.filter(|(_, rows)| *rows > 0).collect()
        };
        LackingNames { rows: lacking.rows, absent: named(&lacking.absent), empty: named(&lacking.empty) }
    }

    /// The same again, of rows that all have these columns: names that are no keys of the format any more say nothing.
    pub fn of_names(&self, names: &LackingNames, columns: KeyBits) -> LackingKeys {
        let mut lacking = LackingKeys::default();
        let none_has = self.lacking(RowKeys { present: columns, filled: columns }).unwrap_or_default();
        lacking.add(none_has, names.rows);
        for (bit, key) in self.keys.iter().enumerate() {
            let rows = |by_name: &BTreeMap<String, u64>| by_name.get(&key.name()).copied().unwrap_or_default();
            lacking.absent.add(1 << bit, rows(&names.absent));
            lacking.empty.add(1 << bit, rows(&names.empty));
        }
        lacking
    }

    /// All keys, which is what rows have of which nothing else is known.
    pub const fn all(&self) -> KeyBits {
        self.all
    }

    /// Each key, and how many rows lack it.
    pub fn counted<'k>(&'k self, lacking: &'k LackingKeys) -> impl Iterator<Item = (&'k ExpectedKey, u64)> {
        self.keys.iter().enumerate().map(|(bit, key)| (key, lacking.rows_without(bit)))
    }
}

/// The expected keys of a row, as bits.
#[derive(Clone, Copy, Debug, Default)]
pub struct RowKeys {
    /// Those that it has.
    pub present: KeyBits,
    /// Those of them that are not empty.
    pub filled: KeyBits,
}

/// What a row lacks, as bits.
#[derive(Clone, Copy, Debug, Default)]
pub struct RowLacks {
    /// Keys that it does not have.
    pub absent: KeyBits,
    /// Counts that it has and does not fill, which are taken as zero.
    pub empty: KeyBits,
}

/// How many rows of an input lack which keys.
#[derive(Clone, Debug, Default)]
pub struct LackingKeys {
    /// All rows.
    pub rows: u64,
    absent: RowsByKey,
    empty: RowsByKey,
}

/// The same by the names of the keys, as a rollup file says it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LackingNames {
    /// All rows of usage. A query does not say it: its lines do.
    pub rows: u64,
    /// How many do not have the key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub absent: BTreeMap<String, u64>,
    /// How many have the key and leave its count empty.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub empty: BTreeMap<String, u64>,
}

impl LackingKeys {
    /// Counts rows that lack these.
    #[inline]
    pub fn add(&mut self, lacks: RowLacks, rows: u64) {
        self.rows += rows;
        self.absent.add(lacks.absent, rows);
        self.empty.add(lacks.empty, rows);
    }

    /// Counts rows that were counted, and that do not fill these.
    pub fn add_empty(&mut self, keys: KeyBits, rows: u64) {
        self.empty.add(keys, rows);
    }

    /// Adds those of another part of the same input.
    pub fn absorb(&mut self, other: Self) {
        self.rows += other.rows;
        self.absent.absorb(other.absent);
        self.empty.absorb(other.empty);
    }

    /// Rows in which a key is empty lack it if they stand out, or if others lack it. Where many are, emptiness is how the
    /// program that wrote them says zero.
    fn rows_without(&self, bit: usize) -> u64 {
        let absent = self.absent.of(bit);
        let without = absent + self.empty.of(bit);
        let stands_out = absent > 0 || without == 1 && self.rows >= SOME_ROWS || are_few(without, self.rows);
        if stands_out { without } else { absent }
    }
}

/// Rows by key.
#[derive(Clone, Debug, Default)]
struct RowsByKey {
    counts: Vec<u64>,
    /// The keys of the last rows, and how many there are: rows are mostly like the one before.
    last: KeyBits,
    last_rows: u64,
}

impl RowsByKey {
    #[inline]
    fn add(&mut self, keys: KeyBits, rows: u64) {
        if keys != self.last {
            self.settle();
            self.last = keys;
        }
        self.last_rows += rows;
    }

    fn settle(&mut self) {
        let rows = std::mem::take(&mut self.last_rows);
        let mut bits = std::mem::take(&mut self.last);
        if bits != 0 && self.counts.is_empty() {
            self.counts.resize(MOST_KEYS, 0);
        }
        while bits != 0 {
            self.counts[bits.trailing_zeros() as usize] += rows;
            bits &= bits - 1;
        }
    }

    fn absorb(&mut self, mut other: Self) {
        self.settle();
        other.settle();
        if self.counts.is_empty() {
            self.counts = other.counts;
        } else {
            self.counts.iter_mut().zip(other.counts).for_each(|(rows, more)| *rows += more);
        }
    }

    fn of(&self, bit: usize) -> u64 {
        let last = if self.last >> bit & 1 == 1 { self.last_rows } else { 0 };
        self.counts.get(bit).copied().unwrap_or_default() + last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_by_what_they_lack() {
        let (mut one, mut other) = (LackingKeys::default(), LackingKeys::default());
        let absent = |absent: KeyBits| RowLacks { absent, empty: 0 };
        for lacking in [0b00, 0b01, 0b01, 0b11] {
            one.add(absent(lacking), 1);
        }
        other.add(absent(0b10), 3);
        let counts = |keys: &LackingKeys| (keys.rows, keys.rows_without(0), keys.rows_without(1), keys.rows_without(2));
        assert_eq!(counts(&one), (4, 3, 1, 0));
        one.absorb(other);
        assert_eq!(counts(&one), (7, 3, 4, 0));
        one.add(absent(0b10), 1);
        assert_eq!(counts(&one), (8, 3, 5, 0));
    }

    #[test]
    fn empty_counts_are_lacking_where_few_are() {
        let of = |empty: u64, rows: u64| {
            let mut lacking = LackingKeys::default();
            lacking.add(RowLacks { absent: 0, empty: 1 }, empty);
            lacking.add(RowLacks::default(), rows - empty);
            lacking.rows_without(0)
        };
        assert_eq!([of(1, 3), of(2, 201), of(1, 2), of(2, 200), of(3, 3)], [1, 2, 0, 0, 0]);
    }
}
