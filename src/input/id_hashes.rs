//! Rows that may be one call: the hashes of identities that are met twice, and the blocks that hold them.
//!
//! Role: a keyed hash of 64 bits for each row with an identity, appended with the row's block and not looked at while rows
//! are read → the few hashes that several rows have, and where these are. Only those rows are compared themselves, by
//! `look_again`, so two identities with one hash cost time and never a number. A hash takes 8 bytes and its block
//! 4. Hashes are looked for among those of their own partition, which fit into the processor's cache.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::blocks::BlockPlace;
use super::scheduler::on_threads;
use crate::maps::{FastSet, next_number};

/// Parts that hashes fall into by their highest byte.
const PARTITIONS: usize = 1 << 8;
/// Hashes are kept in runs of so many, so that none is moved when there are more.
const RUN: usize = 512;
/// Hashes for which there is room from the first on: those of a partition of some thousand rows.
const FIRST: usize = 32;

/// The hashes that one thread met.
#[derive(Debug)]
pub struct IdHashes {
    partitions: Vec<Partition>,
    /// The blocks that the thread took, of which the last is at hand.
    blocks: Vec<BlockPlace>,
    at_hand: u32,
}

#[derive(Clone, Debug, Default)]
struct Partition {
    full: Vec<Run>,
    open: Run,
}

/// Hashes, and beside each the block it was met in, apart so that more hashes fit into the cache.
#[derive(Clone, Debug, Default)]
struct Run {
    hashes: Vec<u64>,
    blocks: Vec<u32>,
}

impl Default for IdHashes {
    fn default() -> Self {
        Self { partitions: vec![Partition::default(); PARTITIONS], blocks: Vec::new(), at_hand: 0 }
    }
}

impl IdHashes {
    /// Says which block the hashes come from that are added next.
    pub fn begin(&mut self, block: BlockPlace) {
        self.at_hand = next_number(self.blocks.len());
        self.blocks.push(block);
    }

    /// Adds the hash of a row.
    #[inline]
    pub fn push(&mut self, hash: u64) {
        let [highest, ..] = hash.to_be_bytes();
        let Partition { full, open } = &mut self.partitions[usize::from(highest)];
        if open.hashes.is_empty() {
            open.hashes.reserve(FIRST);
            open.blocks.reserve(FIRST);
        }
        open.hashes.push(hash);
        open.blocks.push(self.at_hand);
        if open.hashes.len() == RUN {
            let room = Run { hashes: Vec::with_capacity(RUN), blocks: Vec::with_capacity(RUN) };
            full.push(std::mem::replace(open, room));
        }
    }
}

impl Partition {
    fn runs(&self) -> impl Iterator<Item = &Run> {
        self.full.iter().chain(std::iter::once(&self.open))
    }
}

/// Hashes that several rows have.
#[derive(Debug, Default)]
pub struct RepeatedHashes {
    hashes: FastSet<u64>,
    /// The blocks with such rows, in the order of the inputs.
    blocks: Vec<BlockPlace>,
}

impl RepeatedHashes {
    /// Looks for them among what all threads of a pass met.
    pub fn among(met: &[IdHashes], threads: usize) -> Self {
        let next = AtomicUsize::new(0);
        let marks: Vec<Vec<AtomicBool>> =
            met.iter().map(|met| met.blocks.iter().map(|_| AtomicBool::new(false)).collect()).collect();
        let work = || {
            let (mut table, mut repeated) = (Table::default(), Vec::new());
            loop {
                let partition = next.fetch_add(1, Ordering::Relaxed);
                if partition >= PARTITIONS {
                    return repeated;
                }
                let runs = || met.iter().flat_map(|met| met.partitions[partition].runs());
                table.clear(runs().map(|run| run.hashes.len()).sum());
                let known = repeated.len();
                let hashes = runs().flat_map(|run| &run.hashes).copied();
                repeated.extend(hashes.filter(|hash| table.is_second(*hash)));
                if repeated.len() == known {
                    continue;
                }
                for (met, marks) in met.iter().zip(&marks) {
                    let runs = met.partitions[partition].runs();
                    let each = runs.flat_map(|run| run.hashes.iter().zip(&run.blocks));
                    for (_, block) in each.filter(|(hash, _)| table.is_repeated(**hash)) {
                        marks[*block as usize].store(true, Ordering::Relaxed);
                    }
                }
            }
        };
        let hashes = on_threads(threads, work).into_iter().flatten().collect();
        let blocks = met.iter().flat_map(|met| &met.blocks).zip(marks.into_iter().flatten());
        let mut blocks: Vec<BlockPlace> =
            blocks.filter(|(_, mark)| mark.load(Ordering::Relaxed)).map(|(block, _)| *block).collect();
        blocks.sort_unstable_by_key(BlockPlace::order);
        Self { hashes, blocks }
    }

    /// Whether no hash is met twice.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether several rows have a hash.
    #[inline]
    pub fn contains(&self, hash: u64) -> bool {
        !self.hashes.is_empty() && self.hashes.contains(&hash)
    }

    /// The blocks that hold all rows with such a hash.
    pub fn blocks(&self) -> &[BlockPlace] {
        &self.blocks
    }
}

/// The hashes of a partition, in room that is used again. At most half of it is taken. All hashes have one highest byte, so
/// that the lowest can say whether a place is taken, and by a hash that was met twice.
#[derive(Debug, Default)]
struct Table(Vec<u64>);

impl Table {
    const TAKEN: u64 = 1;
    const REPEATED: u64 = 2;

    fn clear(&mut self, hashes: usize) {
        self.0.clear();
        self.0.resize((hashes * 2).next_power_of_two(), 0);
    }

    /// Where a hash stands or would stand, and how it does when it was met once.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a part of a hash")]
    fn find(&mut self, hash: u64) -> (&mut u64, u64) {
        let (entry, last) = (hash << 8 | Self::TAKEN, self.0.len() - 1);
        let mut place = hash as usize & last;
        while self.0[place] != 0 && self.0[place] & !Self::REPEATED != entry {
            place = (place + 1) & last;
        }
        (&mut self.0[place], entry)
    }

    /// Enters a hash; whether it is met for the second time.
    #[inline]
    fn is_second(&mut self, hash: u64) -> bool {
        let (found, entry) = self.find(hash);
        let is_second = *found == entry;
        *found = if *found == 0 { entry } else { entry | Self::REPEATED };
        is_second
    }

    fn is_repeated(&mut self, hash: u64) -> bool {
        let (found, _) = self.find(hash);
        *found & Self::REPEATED != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Few different hashes, in few and in all partitions, in blocks of some rows, on any number of threads.
        #[test]
        fn exactly_those_met_twice_and_their_blocks(
            numbers in proptest::collection::vec((0_u64..4, 0_u64..2000), 0..3000),
            parts in 1_usize..4,
            rows_a_block in 1_usize..50,
            threads in 1_usize..4,
        ) {
            let mut met: Vec<IdHashes> = (0..parts).map(|_| IdHashes::default()).collect();
            let mut blocks_of: std::collections::HashMap<u64, Vec<usize>> = std::collections::HashMap::new();
            for (block, numbers) in numbers.chunks(rows_a_block).enumerate() {
                let met = &mut met[block % parts];
                met.begin(BlockPlace { input: block / 7, number: block % 7, ..BlockPlace::default() });
                for (partition, number) in numbers {
                    let hash = partition << 62 | number;
                    met.push(hash);
                    blocks_of.entry(hash).or_default().push(block);
                }
            }
            let repeated = RepeatedHashes::among(&met, threads);
            let several: Vec<_> = blocks_of.iter().filter(|(_, blocks)| blocks.len() > 1).collect();
            prop_assert_eq!(repeated.len(), several.len());
            prop_assert!(blocks_of.iter().all(|(hash, blocks)| repeated.contains(*hash) == (blocks.len() > 1)));
            let expected: std::collections::BTreeSet<usize> = several.into_iter().flat_map(|(_, blocks)| blocks.clone()).collect();
            let found: Vec<usize> = repeated.blocks().iter().map(|place| place.input * 7 + place.number).collect();
            prop_assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
        }
    }
}
