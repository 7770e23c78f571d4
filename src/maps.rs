//! Maps from keys in files to numbers of ours.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

/// A map that many rows are looked up in. Its hash is drawn anew for each run, so no file can be made to fill one place
/// of it, and it takes a fraction of the time of the standard one. In no order: nothing shown may depend on it.
pub type FastMap<K, V> = HashMap<K, V, RandomState>;

/// The number of the next entry of a table that is so long. Past the last number all entries get that one, and the run
/// ends: `rollup::check_keys` stops it at far fewer keys, each of which takes one entry of its tables at most, and at as many
/// texts as there are numbers.
pub fn next_number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// A set of the same kind.
pub type FastSet<K> = HashSet<K, RandomState>;
