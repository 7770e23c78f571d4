//! Texts of neighbouring columns, each combination looked at once.
//!
//! Role: the bytes of a text as they stand, quotes and delimiters and all → what it says and adds to its row, remembered in
//! a table of fixed size, so that memory does not grow with the number of different texts. Neighbours of which few
//! combinations are met are looked up together, as one text.

#![expect(clippy::inline_always, reason = "measured: without it a log of ten million rows takes a sixth longer")]

use std::hash::BuildHasher as _;

use foldhash::quality::RandomState;
use wide::u8x16;

use super::grid::Grid;

/// What a text says and adds to its row.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CachedValue {
    /// To the signature.
    pub(super) share: u128,
    /// What the row says by it, as bits.
    pub(super) flags: u64,
}

impl CachedValue {
    /// What several texts of a row say and add.
    pub(super) const fn and(self, other: Self) -> Self {
        Self { share: self.share ^ other.share, flags: self.flags | other.flags }
    }
}

/// Bytes of a text that are looked at together.
const LANE: usize = 16;
/// Most lanes.
const LANES: usize = 4;
/// Texts that are remembered.
const PLACES: usize = 1024;
/// Most combinations of neighbours that are looked up together, so that most are met again while they are remembered.
const MOST_COMBINATIONS: usize = 192;
/// One look in so many may miss before neighbours are told apart again, which is asked after so many looks.
const MOST_MISSES: u32 = 4;
const ENOUGH_LOOKS: u32 = 8192;

/// As many ones as a text is long stand before the middle.
const KEPT: [u8; 2 * LANE * LANES] = {
    let mut kept = [0; 2 * LANE * LANES];
    let mut at = 0;
    while at < LANE * LANES {
        kept[at] = 0xff;
        at += 1;
    }
    kept
};

/// A text of up to so many lanes, with zeros behind it.
type Padded<const L: usize> = [u8x16; L];

#[inline(always)]
fn padded<const L: usize>(bytes: &[u8], start: usize, end: usize) -> Option<Padded<L>> {
    let length = end.wrapping_sub(start);
    let text = bytes.get(start..start.wrapping_add(LANE * L))?.as_chunks::<LANE>().0;
    let kept = KEPT.get((LANE * LANES).wrapping_sub(length)..)?.as_chunks::<LANE>().0;
    if length > LANE * L {
        return None;
    }
    let text: &[[u8; LANE]; L] = text.first_chunk()?;
    let kept: &[[u8; LANE]; L] = kept.first_chunk()?;
    Some(std::array::from_fn(|lane| u8x16::new(text[lane]) & u8x16::new(kept[lane])))
}

#[inline(always)]
fn are_same<const L: usize>(one: &Padded<L>, other: &Padded<L>) -> bool {
    let same = one.iter().zip(other).fold(u8x16::splat(0xff), |same, (one, other)| same & one.simd_eq(*other));
    same.to_bitmask() == 0xffff
}

/// Spreads texts over places.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "halves and a part of a hash")]
fn place_of<const L: usize>(text: &Padded<L>) -> usize {
    let lanes = text.iter().fold(u8x16::splat(0), |all, lane| all ^ *lane);
    let both = u128::from_le_bytes(lanes.to_array());
    let mixed = (both as u64 ^ ((both >> 64) as u64).rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 48) as usize % PLACES
}

#[derive(Clone, Copy, Debug)]
struct Place<const L: usize> {
    text: Padded<L>,
    value: CachedValue,
}

/// The texts that were met lately. Each has two places, and the later one of two goes first.
#[derive(Debug)]
struct Places<const L: usize> {
    places: Box<[Place<L>; PLACES]>,
    misses: u32,
}

impl<const L: usize> Places<L> {
    fn new() -> Self {
        // No text has such bytes.
        let free = Place { text: [u8x16::splat(0xff); L], value: CachedValue::default() };
        let places = vec![free; PLACES].into_boxed_slice();
        Self { places: places.try_into().unwrap_or_else(|_| Box::new([free; PLACES])), misses: 0 }
    }

    #[inline(always)]
    fn find(
        &mut self,
        keys: &[RandomState; 2],
        bytes: &[u8],
        (start, end): (usize, usize),
        insert: impl FnOnce() -> CachedValue,
    ) -> CachedValue {
        let text = padded(bytes, start, end).unwrap_or_else(|| unusual(keys, &bytes[start..end]));
        let place = place_of(&text);
        for place in [place, place ^ 1] {
            let known = &self.places[place];
            if are_same(&known.text, &text) {
                return known.value;
            }
        }
        self.miss(place, text, insert)
    }

    #[inline(never)]
    fn read(
        &mut self,
        keys: &[RandomState; 2],
        (bytes, grid): (&[u8], impl Grid),
        (from, to): (usize, usize),
        (shares, flags): (&mut [u128], &mut [u64]),
        mut insert: impl FnMut(usize) -> CachedValue,
    ) {
        for (row, ((share, flags), span)) in shares.iter_mut().zip(flags).zip(grid.spans(from, to)).enumerate() {
            let value = self.find(keys, bytes, span, || insert(row));
            *share ^= value.share;
            *flags |= value.flags;
        }
    }

    #[cold]
    #[inline(never)]
    fn miss(&mut self, place: usize, text: Padded<L>, insert: impl FnOnce() -> CachedValue) -> CachedValue {
        let value = insert();
        self.misses += 1;
        self.places[place ^ 1] = self.places[place];
        self.places[place] = Place { text, value };
        value
    }
}

/// A text at the end of the buffer; of one that is too long a keyed hash of 128 bits.
#[cold]
#[inline(never)]
fn unusual<const L: usize>(keys: &[RandomState; 2], text: &[u8]) -> Padded<L> {
    let mut room = [0; LANE * LANES];
    if let Some(short) = room.get_mut(..text.len()).filter(|_| text.len() <= LANE * L) {
        short.copy_from_slice(text);
        if let Some(padded) = padded(&room, 0, text.len()) {
            return padded;
        }
    }
    let [first, second] = keys.each_ref().map(|keys| keys.hash_one(text));
    // No text ends in such a byte.
    let mut hash = [u8x16::splat(0xfe); L];
    hash[0] = u8x16::new((u128::from(first) << 64 | u128::from(second)).to_le_bytes());
    hash
}

#[derive(Debug)]
enum Width {
    Short(Places<1>),
    Middle(Places<2>),
    Long(Places<4>),
}

/// Neighbouring columns that are looked up together.
#[derive(Debug)]
pub(super) struct ValueCache {
    /// The first and the last column.
    pub(super) columns: (usize, usize),
    width: Width,
    keys: [RandomState; 2],
    looks: u32,
}

impl ValueCache {
    /// For texts that are so long, as far as is known.
    fn new(columns: (usize, usize), longest: usize) -> Self {
        let width = match longest {
            0..=LANE => Width::Short(Places::new()),
            17..=32 => Width::Middle(Places::new()),
            _ => Width::Long(Places::new()),
        };
        Self { columns, width, keys: [RandomState::default(), RandomState::default()], looks: 0 }
    }

    /// One column.
    pub(super) fn of_one(column: usize, grid: impl Grid) -> Self {
        let longest = grid.spans(column, column).map(|(start, end)| end - start).max().unwrap_or(0);
        Self::new((column, column), longest)
    }

    /// As many of some neighbouring columns, from the first on, as have few combinations in some rows.
    pub(super) fn of_neighbours(columns: &[usize], bytes: &[u8], grid: impl Grid) -> Option<Self> {
        let first = *columns.first()?;
        let mut found = Self::of_one(first, grid);
        for column in (first..).zip(columns).skip(1).map_while(|(next, column)| (next == *column).then_some(next)) {
            let mut texts: Vec<&[u8]> = grid.spans(first, column).map(|(start, end)| &bytes[start..end]).collect();
            texts.sort_unstable();
            texts.dedup();
            let longest = texts.iter().map(|text| text.len()).max().unwrap_or(0);
            if longest > LANE * LANES || texts.len() > MOST_COMBINATIONS {
                break;
            }
            found = Self::new((first, column), longest);
        }
        Some(found)
    }

    /// Adds what the texts of each row say. `insert` looks at those of a row, by its position, that were not met lately.
    pub(super) fn read(
        &mut self,
        bytes: &[u8],
        grid: impl Grid,
        (shares, flags): (&mut [u128], &mut [u64]),
        insert: impl FnMut(usize) -> CachedValue,
    ) {
        self.looks += u32::try_from(grid.rows()).unwrap_or(u32::MAX);
        let (columns, keys) = (self.columns, &self.keys);
        match &mut self.width {
            Width::Short(places) => places.read(keys, (bytes, grid), columns, (shares, flags), insert),
            Width::Middle(places) => places.read(keys, (bytes, grid), columns, (shares, flags), insert),
            Width::Long(places) => places.read(keys, (bytes, grid), columns, (shares, flags), insert),
        }
    }

    /// Whether combinations are met again too seldom to be looked up together.
    pub(super) fn is_of_no_use(&mut self) -> bool {
        if self.columns.0 == self.columns.1 || self.looks < ENOUGH_LOOKS {
            return false;
        }
        let misses = match &mut self.width {
            Width::Short(places) => &mut places.misses,
            Width::Middle(places) => &mut places.misses,
            Width::Long(places) => &mut places.misses,
        };
        let is_of_no_use = *misses > self.looks / MOST_MISSES;
        (self.looks, *misses) = (0, 0);
        is_of_no_use
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::borrow::Cow;

    /// Fields by row.
    #[derive(Clone, Copy)]
    struct Fields<'f>(&'f [[(usize, usize); 3]]);

    impl Grid for Fields<'_> {
        const ARE_NEIGHBOURS_ONE_TEXT: bool = true;

        fn rows(self) -> usize {
            self.0.len()
        }

        fn spans(self, from: usize, to: usize) -> impl Iterator<Item = (usize, usize)> {
            self.0.iter().map(move |row| (row[from].0, row[to].1))
        }

        fn span(self, row: usize, column: usize) -> (usize, usize) {
            self.0[row][column]
        }

        fn bare(_: &[u8], start: usize, end: usize) -> (usize, usize) {
            (start, end)
        }

        fn text(raw: &[u8]) -> Option<Cow<'_, str>> {
            std::str::from_utf8(raw).ok().map(Cow::Borrowed)
        }
    }

    proptest! {
        /// Whatever the lengths, neighbours and order, each row gets what its own texts say.
        #[test]
        fn same_as_looking_each_time(
            rows in proptest::collection::vec(["[ab]{0,2}", "[ab]{0,20}|[ab]{60,70}", r#"[ab]{0,3}|"[ab,]{0,3}""#], 1..400),
            first in 0_usize..3,
        ) {
            let (mut text, mut fields) = (String::new(), Vec::new());
            for row in &rows {
                fields.push(row.each_ref().map(|field| {
                    let start = text.len();
                    text += field;
                    text.push(',');
                    (start, text.len() - 1)
                }));
            }
            let (bytes, grid) = (text.as_bytes(), Fields(&fields));
            let columns: Vec<usize> = (first..3).collect();
            let mut cache = ValueCache::of_neighbours(&columns, bytes, grid).expect("a column");
            let (from, to) = cache.columns;
            let value = |row: usize| {
                let (start, end) = (grid.span(row, from).0, grid.span(row, to).1);
                CachedValue { share: keyed(&bytes[start..end]), flags: (end - start) as u64 }
            };
            for _ in 0..2 {
                let (mut shares, mut flags) = (vec![0; rows.len()], vec![0; rows.len()]);
                cache.read(bytes, grid, (&mut shares, &mut flags), value);
                for row in 0..rows.len() {
                    prop_assert_eq!((shares[row], flags[row]), (value(row).share, value(row).flags));
                }
            }
        }
    }

    fn keyed(text: &[u8]) -> u128 {
        text.iter().fold(7, |sum: u128, byte| sum.wrapping_mul(0x1_0000_01b3).wrapping_add(u128::from(*byte)))
    }
}
