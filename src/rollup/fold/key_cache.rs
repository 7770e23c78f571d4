//! Keys of rows judged before, by signature.
//!
//! Role: the fast half of [`super::Folder::add`]. A key found for one row holds for all rows with its signature.
//! It knows nothing of what signatures are made of: see [`super::signature`].

use super::Signature;

/// Signatures that are remembered, as many as fill three quarters of 2¹⁸ slots; then all are forgotten, so that memory does
/// not grow with rows.
pub const REMEMBERED_ROWS: usize = 3 << 16;
/// Slots of a cache that holds anything.
const FEWEST_SLOTS: usize = 1 << 10;

/// What is remembered of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CachedKey {
    /// The sums it belongs to.
    Place(u32),
    /// Words decide: ask with the longer signature.
    Words,
}

/// Signatures with what became of them, each in the first free slot from the one on that its hash stands for. A look reads
/// one line of memory, where a general map reads two.
#[derive(Debug)]
pub(super) struct KeyCache {
    /// A power of two of them.
    slots: Vec<Slot>,
    filled: usize,
    /// As many are held at once.
    most: usize,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    signature: Signature,
    /// The place, [`WORDS`] or [`FREE`].
    place: u32,
}

/// Stand for [`CachedKey::Words`] and for nothing: there are never so many places.
const WORDS: u32 = u32::MAX;
const FREE: u32 = u32::MAX - 1;

impl KeyCache {
    pub(super) fn of(most: usize) -> Self {
        Self { slots: Vec::new(), filled: 0, most }
    }

    #[inline]
    pub(super) fn get(&self, signature: Signature) -> Option<CachedKey> {
        let mut at = self.home(signature);
        loop {
            let slot = self.slots.get(at)?;
            if slot.signature == signature && slot.place != FREE {
                return Some(if slot.place == WORDS { CachedKey::Words } else { CachedKey::Place(slot.place) });
            }
            if slot.place == FREE {
                return None;
            }
            at = self.next(at);
        }
    }

    /// Reads where a signature is looked for. Nothing depends on what comes back; it is near from then on.
    #[inline]
    pub(super) fn touch(&self, signature: Signature) -> u32 {
        self.slots.get(self.home(signature)).map_or(FREE, |slot| slot.place)
    }

    /// Remembers what became of a signature that is not known.
    pub(super) fn put(&mut self, signature: Signature, what: CachedKey) {
        if self.most == 0 {
            return;
        }
        if self.filled >= self.most {
            self.slots.fill(Slot { signature: Signature::default(), place: FREE });
            self.filled = 0;
        }
        if self.filled * 4 >= self.slots.len() * 3 {
            self.grow();
        }
        let place = match what {
            CachedKey::Place(place) => place,
            CachedKey::Words => WORDS,
        };
        self.insert(Slot { signature, place });
        self.filled += 1;
    }

    fn insert(&mut self, slot: Slot) {
        let mut at = self.home(slot.signature);
        while self.slots[at].place != FREE {
            at = self.next(at);
        }
        self.slots[at] = slot;
    }

    fn grow(&mut self) {
        let count = (self.slots.len() * 2).max(FEWEST_SLOTS);
        let free = Slot { signature: Signature::default(), place: FREE };
        let before = std::mem::replace(&mut self.slots, vec![free; count]);
        before.into_iter().filter(|slot| slot.place != FREE).for_each(|slot| self.insert(slot));
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a part of a hash")]
    fn home(&self, signature: Signature) -> usize {
        signature.hash() as usize & self.slots.len().wrapping_sub(1)
    }

    #[inline]
    fn next(&self, at: usize) -> usize {
        at.wrapping_add(1) & self.slots.len().wrapping_sub(1)
    }
}
