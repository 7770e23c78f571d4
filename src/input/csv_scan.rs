//! Separators of CSV outside quotes, found 64 bytes at a time.
//!
//! Role: bytes → the position behind each delimiter and line feed that separates, and facts of all bytes together, so
//! that nothing is looked at again for what is true of most. Quotes are taken by their parity; where that is not what
//! the rules of [`super::csv_rows`] make of them, the scan only says so. The method is simdjson's (Langdale and Lemire,
//! "Parsing Gigabytes of JSON per Second", 2019), as polars and others use it for CSV.

#![expect(clippy::inline_always, reason = "measured: without it a log of ten million rows takes a sixth longer")]

use std::ops::Range;

use wide::u8x16;

/// Bytes looked at together.
const WORD: usize = 64;
/// Words after which the counters of line feeds, a byte each, are emptied.
const COUNTED: usize = 63;
/// Positions that are written at once, whether or not there are so many, so that nothing depends on their number.
const AT_ONCE: usize = 8;

/// What a stretch of bytes holds.
#[derive(Debug, Default)]
pub(super) struct CsvScan {
    /// Where the first record begins, and the position behind each separator; room behind them.
    positions: Vec<u32>,
    filled: usize,
    /// Line feeds, in quotes or not.
    pub(super) feeds: usize,
    /// Carriage returns, each before a line feed.
    pub(super) returns: usize,
    pub(super) has_quotes: bool,
    /// Stretches of words with bytes that are no ASCII, in order.
    high: Vec<Range<u32>>,
    /// A quote or carriage return stands where the rules must be asked.
    pub(super) is_odd: bool,
    /// The end lies in quotes.
    pub(super) ends_in_quotes: bool,
}

/// What of a word concerns quotes and carriage returns, one bit a byte.
struct Quoting {
    quotes: u64,
    returns: u64,
    feeds: u64,
}

/// What the words so far leave for the next, as its lowest bit but for the first.
#[derive(Clone, Copy, Default)]
struct Carried {
    /// All bits where the next word begins in quotes.
    inside: u64,
    separator: u64,
    closed: u64,
    returned: u64,
}

#[inline(always)]
fn bits(word: &[u8; WORD], matches: impl Fn(u8x16) -> u8x16) -> u64 {
    let quarters = word.as_chunks::<16>().0.iter().enumerate();
    quarters
        .fold(0, |all, (quarter, bytes)| all | u64::from(matches(u8x16::new(*bytes)).to_bitmask()) << (quarter * 16))
}

#[inline(always)]
fn is(bytes: u8x16, byte: u8) -> u8x16 {
    bytes.simd_eq(u8x16::splat(byte))
}

impl Quoting {
    fn of(word: &[u8; WORD]) -> Self {
        let of = |byte| bits(word, |bytes| is(bytes, byte));
        Self { quotes: of(b'"'), returns: of(b'\r'), feeds: of(b'\n') }
    }
}

/// Each bit becomes the parity of those up to it.
const fn parity(mut bits: u64) -> u64 {
    let mut width = 1;
    while width < 64 {
        bits ^= bits << width;
        width *= 2;
    }
    bits
}

impl CsvScan {
    /// Looks at all bytes from `from` on, and leaves room for so many positions more. Room grows with what is found: for a
    /// separator a byte it would be four times as large as the bytes, nearly all of it untouched but for the zeros.
    pub(super) fn find(&mut self, bytes: &[u8], from: usize, delimiter: u8, room: usize) {
        let rest = bytes.get(from..).unwrap_or_default();
        *self = Self {
            positions: std::mem::take(&mut self.positions),
            high: std::mem::take(&mut self.high),
            ..Self::default()
        };
        self.high.clear();
        self.reserve(1);
        self.put(position(from));
        let (words, tail) = rest.as_chunks::<WORD>();
        let (mut base, mut carried) = (position(from), Carried { separator: 1, ..Carried::default() });
        for words in words.chunks(COUNTED) {
            self.reserve(COUNTED * WORD + AT_ONCE);
            let mut feeds = u8x16::splat(0);
            for word in words {
                self.word((word, u64::MAX), base, delimiter, &mut carried, &mut feeds);
                base = base.wrapping_add(64);
            }
            self.feeds += count(feeds);
        }
        // With one behind the last.
        self.reserve(WORD + AT_ONCE + 1 + room);
        // Zeros are no separators. What follows the last byte is not known.
        let mut word = [0; WORD];
        word[..tail.len()].copy_from_slice(tail);
        let mut feeds = u8x16::splat(0);
        let known = (1 << tail.len()) - 1;
        self.word((&word, known), base, delimiter, &mut carried, &mut feeds);
        self.feeds += count(feeds);
        self.ends_in_quotes = carried.inside != 0;
    }

    /// Makes room for so many positions behind the last.
    fn reserve(&mut self, more: usize) {
        let needed = self.filled + more;
        if self.positions.len() < needed {
            self.positions.resize(needed.max(2 * self.positions.len()), 0);
        }
    }

    /// Whether all that was looked at is UTF-8 up to a place between characters.
    pub(super) fn is_text(&self, bytes: &[u8], end: usize) -> bool {
        // A word without high bytes begins and ends between characters.
        let is_text = |high: &Range<u32>| {
            let end = end.min(high.end as usize);
            std::str::from_utf8(&bytes[end.min(high.start as usize)..end]).is_ok()
        };
        self.high.iter().all(is_text)
    }

    /// The positions, the first of them where the first record begins.
    pub(super) fn positions(&self) -> &[u32] {
        &self.positions[..self.filled]
    }

    /// The same with room behind them.
    pub(super) fn positions_with_room(&self) -> &[u32] {
        &self.positions
    }

    /// Adds a position behind the last.
    pub(super) fn put(&mut self, position: u32) {
        self.positions[self.filled] = position;
        self.filled += 1;
    }

    #[inline(always)]
    fn word(
        &mut self,
        (word, known): (&[u8; WORD], u64),
        base: u32,
        delimiter: u8,
        carried: &mut Carried,
        feeds: &mut u8x16,
    ) {
        let (mut separators, mut others) = (0, 0);
        let mut seen = u8x16::splat(0);
        for (quarter, bytes) in word.as_chunks::<16>().0.iter().enumerate() {
            let bytes = u8x16::new(*bytes);
            let feed = is(bytes, b'\n');
            seen |= bytes;
            // What matches is all ones, which is minus one.
            *feeds -= feed;
            separators |= u64::from((feed | is(bytes, delimiter)).to_bitmask()) << (quarter * 16);
            others |= u64::from((is(bytes, b'"') | is(bytes, b'\r')).to_bitmask()) << (quarter * 16);
        }
        // The highest bit of each byte.
        if seen.to_bitmask() != 0 {
            self.note_high(base);
        }
        if (others | carried.inside | carried.closed | carried.returned) != 0 {
            separators = self.quoted(separators, &Quoting::of(word), known, carried);
        }
        carried.separator = separators >> 63;
        self.put_all(base.wrapping_add(1), separators);
    }

    /// The separators outside quotes, of a word with quotes or carriage returns, or behind one.
    #[inline]
    fn quoted(&mut self, separators: u64, word: &Quoting, known: u64, carried: &mut Carried) -> u64 {
        let Quoting { quotes, returns, feeds } = *word;
        let within = parity(quotes) ^ carried.inside;
        let separators = separators & !within;
        let (opening, closing) = (quotes & within, quotes & !within);
        let (behind_closing, behind_return) = (closing << 1 | carried.closed, returns << 1 | carried.returned);
        // A quote opens behind a separator, or is the second of two that stand for one. What closes is followed by a
        // separator, by the end of the line, or by the second of two.
        let is_odd = opening & !(separators << 1 | carried.separator | behind_closing)
            | behind_closing & !(separators | returns | opening)
            | behind_return & !feeds
            | returns & within;
        self.is_odd |= is_odd & known != 0;
        self.has_quotes |= quotes != 0;
        self.returns += returns.count_ones() as usize;
        carried.inside = if within >> 63 == 0 { 0 } else { u64::MAX };
        (carried.closed, carried.returned) = (closing >> 63, returns >> 63);
        separators
    }

    #[cold]
    fn note_high(&mut self, base: u32) {
        let end = base.saturating_add(64);
        match self.high.last_mut() {
            Some(last) if last.end == base => last.end = end,
            _ => self.high.push(base..end),
        }
    }

    #[inline(always)]
    fn put_all(&mut self, behind: u32, mut separators: u64) {
        let count = separators.count_ones() as usize;
        let mut done = 0;
        loop {
            let Some(room) = self.positions[self.filled + done..].first_chunk_mut::<AT_ONCE>() else { return };
            for position in room {
                *position = behind.wrapping_add(separators.trailing_zeros());
                separators &= separators.wrapping_sub(1);
            }
            done += AT_ONCE;
            if done >= count {
                break;
            }
        }
        self.filled += count;
    }
}

fn count(feeds: u8x16) -> usize {
    feeds.to_array().into_iter().map(usize::from).sum()
}

/// Stretches are a few MiB long at most.
pub(super) fn position(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
