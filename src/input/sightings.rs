//! Identities seen, in little room.
//!
//! Role: the table behind [`Registry`](super::identity::Registry): 24 bytes a row, and a table that grows by a quarter, so
//! that a log of a hundred million calls can be told free of duplicates in memory.

use super::identity::Identity;

/// An identity with what its first telling was. 96 bits of an identity are kept: among a billion rows two share them with
/// a chance of one in 10¹¹.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sight {
    /// Never 0 where there is one.
    first: u64,
    more: u32,
    /// The input whose row counts, the first one; its highest bit says that others tell it too.
    input: u32,
    /// A hash of everything the row says.
    pub(super) content: u64,
}

impl Sight {
    #[expect(clippy::cast_possible_truncation, reason = "parts of a hash")]
    pub(super) fn new(identity: Identity, content: u64, input: u32) -> Self {
        Self { first: ((identity >> 64) as u64).max(1), more: (identity >> 32) as u32, input, content }
    }

    /// The input whose row counts.
    pub(super) const fn input(self) -> u32 {
        self.input & !SHARED
    }

    /// Notes a further telling; whether it is the first one by another input.
    pub(super) fn tell(&mut self, input: u32) -> bool {
        let is_new = input != self.input() && self.input & SHARED == 0;
        let shared = if is_new { SHARED } else { self.input & SHARED };
        self.input = self.input().min(input) | shared;
        is_new
    }

    const fn is_same(self, other: Self) -> bool {
        self.first == other.first && self.more == other.more
    }
}

const SHARED: u32 = 1 << 31;

/// Sights by identity, each at or behind the place that its identity stands for.
#[derive(Debug, Default)]
pub(super) struct Sightings {
    places: Vec<Sight>,
    /// Places that identities stand for; some more are behind them.
    homes: usize,
    filled: usize,
}

/// Places of a new table.
const FEWEST: usize = 64;
/// Places behind the last that an identity stands for, to begin with.
const BEHIND: usize = 32;

impl Sightings {
    /// What is known of an identity; nothing where this is its first telling, which is then known.
    pub(super) fn find(&mut self, sight: Sight) -> Option<&mut Sight> {
        // Fuller, and looking for what is not there would take long.
        if self.filled * 4 >= self.homes * 3 {
            self.grow();
        }
        let place = self.place_of(sight);
        if self.places.get(place).is_some_and(|known| known.first != 0) {
            return self.places.get_mut(place);
        }
        self.put(place, sight);
        self.filled += 1;
        None
    }

    /// Whether an identity was told.
    pub(super) fn knows(&self, identity: Identity) -> bool {
        let place = self.place_of(Sight::new(identity, 0, 0));
        self.places.get(place).is_some_and(|known| known.first != 0)
    }

    /// Reads what stands where an identity belongs.
    #[inline]
    pub(super) fn touch(&self, identity: Identity) -> u64 {
        let home = self.home_of(Sight::new(identity, 0, 0));
        self.places.get(home).map_or(0, |known| known.first)
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "less than the number of places")]
    fn home_of(&self, sight: Sight) -> usize {
        ((u128::from(sight.first) * self.homes as u128) >> 64) as usize
    }

    /// Where a sight is, or belongs.
    fn place_of(&self, sight: Sight) -> usize {
        let home = self.home_of(sight);
        let is_free = |known: &Sight| known.first == 0 || known.is_same(sight);
        self.places[home..].iter().position(is_free).map_or(self.places.len(), |behind| home + behind)
    }

    fn put(&mut self, place: usize, sight: Sight) {
        if place == self.places.len() {
            self.places.reserve_exact(BEHIND);
            self.places.push(sight);
        } else {
            self.places[place] = sight;
        }
    }

    /// A quarter more places. Places ascend with identities, so moving is reading and writing in order.
    fn grow(&mut self) {
        self.homes = (self.homes + self.homes / 4).max(FEWEST);
        let before = std::mem::replace(&mut self.places, vec![Sight::default(); self.homes + BEHIND]);
        for sight in before.into_iter().filter(|sight| sight.first != 0) {
            self.put(self.place_of(sight), sight);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn each_identity_is_new_once() {
        let mut table = Sightings::default();
        let mut known: HashMap<u128, u32> = HashMap::new();
        // Some spread over all places, some crowded into the last.
        let identities = (0..50_000_u128).flat_map(|number| {
            let spread = (number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)) & !0xffff_ffff;
            [spread, !0 << 64 | (number % 97) << 32]
        });
        for identity in identities.chain([0, 1 << 64]) {
            let input = u32::try_from(known.len()).expect("few");
            let seen = table.find(Sight::new(identity, 0, input)).map(|sight| sight.input());
            let same = if identity >> 64 == 0 { identity | 1 << 64 } else { identity };
            assert_eq!(seen, known.get(&same).copied());
            known.entry(same).or_insert(input);
        }
    }
}
