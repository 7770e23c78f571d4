//! Rows that may be one call: the hashes of identities that are met twice.
//!
//! Role: a keyed hash of 64 bits for each row with an identity, appended and not looked at while rows are read → the few
//! hashes that several rows have. Only those rows are compared themselves, in a further pass, so two identities with one
//! hash cost time and never a number. A hash takes 8 bytes, and is looked for among those of its own partition, which
//! fit into the processor's cache.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::scheduler::on_threads;
use crate::maps::FastSet;

/// Parts that hashes fall into by their highest byte.
const PARTITIONS: usize = 1 << 8;
/// Hashes are kept in runs of so many, so that none is moved when there are more.
const RUN: usize = 512;

/// The hashes that one thread met.
#[derive(Debug)]
pub struct IdHashes {
    partitions: Vec<Partition>,
}

#[derive(Clone, Debug, Default)]
struct Partition {
    full: Vec<Vec<u64>>,
    open: Vec<u64>,
}

impl Default for IdHashes {
    fn default() -> Self {
        Self { partitions: vec![Partition::default(); PARTITIONS] }
    }
}

impl IdHashes {
    /// Adds the hash of a row.
    #[inline]
    pub fn push(&mut self, hash: u64) {
        let [highest, ..] = hash.to_be_bytes();
        let Partition { full, open } = &mut self.partitions[usize::from(highest)];
        open.push(hash);
        if open.len() == RUN {
            full.push(std::mem::replace(open, Vec::with_capacity(RUN)));
        }
    }
}

impl Partition {
    fn runs(&self) -> impl Iterator<Item = &[u64]> {
        self.full.iter().chain(std::iter::once(&self.open)).map(Vec::as_slice)
    }
}

/// Hashes that several rows have.
#[derive(Debug, Default)]
pub struct RepeatedHashes(FastSet<u64>);

impl RepeatedHashes {
    /// Looks for them among what all threads of a pass met.
    pub fn among(met: &[IdHashes], threads: usize) -> Self {
        let next = AtomicUsize::new(0);
        let work = || {
            let (mut table, mut repeated) = (Vec::new(), Vec::new());
            loop {
                let partition = next.fetch_add(1, Ordering::Relaxed);
                if partition >= PARTITIONS {
                    return repeated;
                }
                let runs: Vec<&[u64]> = met.iter().flat_map(|met| met.partitions[partition].runs()).collect();
                find_repeated(&runs, &mut table, &mut repeated);
            }
        };
        Self(on_threads(threads, work).into_iter().flatten().collect())
    }

    /// Whether no hash is met twice.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether several rows have a hash.
    #[inline]
    pub fn contains(&self, hash: u64) -> bool {
        !self.0.is_empty() && self.0.contains(&hash)
    }
}

/// Adds each hash of a partition that was met before. `table` is room that is used again.
#[expect(clippy::cast_possible_truncation, reason = "a part of a hash")]
fn find_repeated(runs: &[&[u64]], table: &mut Vec<u64>, repeated: &mut Vec<u64>) {
    let hashes: usize = runs.iter().map(|run| run.len()).sum();
    if hashes < 2 {
        return;
    }
    // At most half full. All have one highest byte, so that the lowest can say that a place is taken.
    let places = (hashes * 2).next_power_of_two();
    table.clear();
    table.resize(places, 0);
    for &hash in runs.iter().copied().flatten() {
        let entry = hash << 8 | 1;
        let mut place = hash as usize & (places - 1);
        while table[place] != 0 && table[place] != entry {
            place = (place + 1) & (places - 1);
        }
        if table[place] == entry {
            repeated.push(hash);
        }
        table[place] = entry;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Few different hashes, in few and in all partitions, on any number of threads.
        #[test]
        fn exactly_those_met_twice(
            numbers in proptest::collection::vec((0_u64..4, 0_u64..400), 0..3000),
            parts in 1_usize..4,
            threads in 1_usize..4,
        ) {
            let mut met: Vec<IdHashes> = (0..parts).map(|_| IdHashes::default()).collect();
            let mut counts = std::collections::HashMap::new();
            for (at, (partition, number)) in numbers.into_iter().enumerate() {
                let hash = partition << 62 | number;
                met[at % parts].push(hash);
                *counts.entry(hash).or_insert(0) += 1;
            }
            let repeated = RepeatedHashes::among(&met, threads);
            prop_assert_eq!(repeated.len(), counts.values().filter(|count| **count > 1).count());
            prop_assert!(counts.iter().all(|(hash, count)| repeated.contains(*hash) == (*count > 1)));
        }
    }
}
