//! The columns and keys that rows of a format have, and which of them the rows of an input lack.
//!
//! Role: what a mapping reads → [`ExpectedKeys`], a bit each, so that a row is told by one number and only counts are kept.
//! Whether a value is empty does not matter here: what stands there says that the vendor still writes it.

use std::collections::BTreeMap;

use super::logic::DerivedFields;
use super::mapping::{Mapping, TargetField};
use super::paths::Paths;

/// A bit for each expected column or key.
pub type KeyBits = u128;
const MOST_KEYS: usize = KeyBits::BITS as usize;

/// A column or key that rows are expected to have, or several of which one is enough.
#[derive(Clone, Debug)]
pub struct ExpectedKey {
    /// The paths, the usual one first.
    pub paths: Vec<String>,
    /// Real exports lack it, so that nothing is said if all rows do.
    pub is_optional: bool,
    /// The amount, or the rate of a row, is made of it.
    pub decides_cost: bool,
    /// Prompt tokens that came from a cache.
    pub is_cache_reads: bool,
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
        let rules = [&mapping.total_if, &mapping.call_if].into_iter().flatten().map(|rule| &rule.column);
        let alone = tags.chain(&by_logic.names).chain(grouping).chain(rules).chain(&mapping.not_usage_if);
        let alone = alone.chain(mapping.together.iter().flatten());
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
        match self.keys.iter_mut().find(|key| key.paths == paths) {
            Some(known) => {
                known.decides_cost |= decides_cost;
                known.is_cache_reads |= is_cache_reads;
            }
            None if paths.is_empty() => {}
            None => {
                let is_together = mapping.together.iter().flatten().any(|path| paths == [path.as_str()]);
                let is_optional = !is_together && paths.iter().any(|path| mapping.optional.contains(path));
                self.keys.push(ExpectedKey { paths, is_optional, decides_cost, is_cache_reads });
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
    pub fn lacking(&self, present: KeyBits) -> Option<KeyBits> {
        let alone = self.together.iter().filter(|group| present & *group == 0);
        let lacking = alone.fold(self.all & !present, |lacking, group| lacking & !group);
        (present & self.needed == self.needed).then_some(lacking)
    }

    /// Whether a row has any key of its own, besides those of the period it stands in.
    pub const fn has_any(&self, present: KeyBits) -> bool {
        present & !self.end != 0
    }

    /// How many rows lack each key, by its names.
    pub fn by_name(&self, lacking: &LackingKeys) -> BTreeMap<String, u64> {
        let counted = self.counted(lacking).filter(|(_, rows)| *rows > 0);
        counted.map(|(key, rows)| (key.paths.join(" | "), rows)).collect()
    }

    /// The same again: names that are no keys of the format any more say nothing.
    pub fn of_names(&self, rows: u64, by_name: &BTreeMap<String, u64>) -> LackingKeys {
        let by_key = self.keys.iter().map(|key| by_name.get(&key.paths.join(" | ")).copied().unwrap_or_default());
        let mut by_key: Vec<u64> = by_key.collect();
        by_key.resize(MOST_KEYS, 0);
        LackingKeys { rows, by_key, ..LackingKeys::default() }
    }

    /// Each key, and how many rows lack it.
    pub fn counted<'k>(&'k self, lacking: &'k LackingKeys) -> impl Iterator<Item = (&'k ExpectedKey, u64)> {
        self.keys.iter().enumerate().map(|(bit, key)| (key, lacking.rows_without(bit)))
    }
}

/// How many rows of an input lack which keys.
#[derive(Clone, Debug, Default)]
pub struct LackingKeys {
    /// All rows.
    pub rows: u64,
    by_key: Vec<u64>,
    /// What the last rows lack, and how many there are: rows are mostly like the one before.
    last: KeyBits,
    last_rows: u64,
}

impl LackingKeys {
    /// Counts rows that lack these.
    #[inline]
    pub fn add(&mut self, lacking: KeyBits, rows: u64) {
        self.rows += rows;
        if lacking != self.last {
            self.settle();
            self.last = lacking;
        }
        self.last_rows += rows;
    }

    fn settle(&mut self) {
        let rows = std::mem::take(&mut self.last_rows);
        let mut bits = std::mem::take(&mut self.last);
        if bits != 0 && self.by_key.is_empty() {
            self.by_key.resize(MOST_KEYS, 0);
        }
        while bits != 0 {
            self.by_key[bits.trailing_zeros() as usize] += rows;
            bits &= bits - 1;
        }
    }

    /// Adds those of another part of the same input.
    pub fn absorb(&mut self, mut other: Self) {
        self.settle();
        other.settle();
        self.rows += other.rows;
        if self.by_key.is_empty() {
            self.by_key = other.by_key;
        } else {
            self.by_key.iter_mut().zip(other.by_key).for_each(|(rows, more)| *rows += more);
        }
    }

    fn rows_without(&self, bit: usize) -> u64 {
        let last = if self.last >> bit & 1 == 1 { self.last_rows } else { 0 };
        self.by_key.get(bit).copied().unwrap_or_default() + last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_by_what_they_lack() {
        let (mut one, mut other) = (LackingKeys::default(), LackingKeys::default());
        for lacking in [0b00, 0b01, 0b01, 0b11] {
            one.add(lacking, 1);
        }
        other.add(0b10, 3);
        let counts = |keys: &LackingKeys| (keys.rows, keys.rows_without(0), keys.rows_without(1), keys.rows_without(2));
        assert_eq!(counts(&one), (4, 3, 1, 0));
        one.absorb(other);
        assert_eq!(counts(&one), (7, 3, 4, 0));
        one.add(0b10, 1);
        assert_eq!(counts(&one), (8, 3, 5, 0));
    }
}
