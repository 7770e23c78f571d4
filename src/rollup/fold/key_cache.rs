//! Keys of rows judged before, by signature.
//!
//! Role: the fast half of [`super::Folder::add`]. A key found for one row holds for all rows with its signature.
//! It knows nothing of what signatures are made of: see [`super::signature`].

use hashbrown::HashTable;

use super::Signature;

/// Signatures that are remembered, as many as fill a table of 2¹⁸ places; then all are forgotten, so that memory does not
/// grow with rows.
pub const REMEMBERED_ROWS: usize = 7 << 15;

/// What is remembered of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CachedKey {
    /// The sums it belongs to.
    Place(u32),
    /// Words decide: ask with the longer signature.
    Words,
}

/// Signatures with what became of them.
#[derive(Debug)]
pub(super) struct KeyCache {
    table: HashTable<Remembered>,
    /// As many are held at once.
    most: usize,
}

/// In as little room as it takes.
#[derive(Debug)]
struct Remembered {
    signature: Signature,
    /// The place, or [`WORDS`].
    place: u32,
}

/// Stands for [`CachedKey::Words`]: there are never so many places.
const WORDS: u32 = u32::MAX;

impl KeyCache {
    pub(super) fn of(most: usize) -> Self {
        Self { table: HashTable::new(), most }
    }

    #[inline]
    pub(super) fn get(&self, signature: Signature) -> Option<CachedKey> {
        let known = self.table.find(signature.hash(), |known| known.signature == signature)?;
        Some(if known.place == WORDS { CachedKey::Words } else { CachedKey::Place(known.place) })
    }

    pub(super) fn put(&mut self, signature: Signature, what: CachedKey) {
        if self.most == 0 {
            return;
        }
        if self.table.len() >= self.most {
            self.table.clear();
        }
        let place = match what {
            CachedKey::Place(place) => place,
            CachedKey::Words => WORDS,
        };
        self.table.insert_unique(signature.hash(), Remembered { signature, place }, |known| known.signature.hash());
    }
}
