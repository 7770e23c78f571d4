//! Maps from keys in files to numbers of ours.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

/// A map that many rows are looked up in. Its hash is drawn anew for each run, so no file can be made to fill one place
/// of it, and it takes a fraction of the time of the standard one. In no order: nothing shown may depend on it.
pub type FastMap<K, V> = HashMap<K, V, RandomState>;

/// A set of the same kind.
pub type FastSet<K> = HashSet<K, RandomState>;
