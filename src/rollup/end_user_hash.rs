//! What end users are known by: a hash, so that no name is kept.

use std::hash::{BuildHasher as _, RandomState};

use sha2::{Digest as _, Sha256};

/// How end users are hashed; the same for all rows of a run.
#[derive(Clone, Debug)]
pub enum EndUserHash {
    /// Under keys drawn anew for each run, which is quicker.
    Keyed(RandomState),
    /// As in rollup files: the first 64 bits of a name's SHA-256. Whoever has the names can tell which they are.
    Stable,
}

impl EndUserHash {
    /// The hash of a name.
    pub fn hash(&self, name: &str) -> u64 {
        match self {
            Self::Keyed(keys) => keys.hash_one(name),
            Self::Stable => {
                let digest = Sha256::digest(name.as_bytes());
                digest.iter().take(8).fold(0, |hash, byte| hash << 8 | u64::from(*byte))
            }
        }
    }
}
