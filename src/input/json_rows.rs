//! JSON objects with the same keys in the same order, some hundred at a time.
//!
//! Role: lines of JSON → where the values of each stand, if its keys are those of a line before. Programs that log write
//! their objects alike, so that keys need only be compared, and values are framed like fields of CSV. A line that has
//! anything else in it (escapes, objects, lists, other keys) is left to be read by the rules of JSON.

use std::borrow::Cow;

use wide::u8x16;

use super::rows::Lines;
use crate::formats::cells::plain_keys;
use crate::formats::columns::{Columns, Grid, MOST_ROWS};

/// Orders of keys that are remembered of an input.
const MOST_LAYOUTS: usize = 4;
/// Lines whose keys are looked at for that.
const MOST_LEARNED: usize = 16;

/// The orders of keys of an input.
#[derive(Default)]
pub(super) struct Layouts<'t> {
    known: Vec<Layout<'t>>,
    learned: usize,
    /// Which of them the last line had.
    last: usize,
}

/// Lines with the same keys.
pub(super) struct Layout<'t> {
    /// The keys in their quotes.
    keys: Vec<Vec<u8>>,
    pub(super) columns: Columns<'t>,
    pub(super) lines: JsonLines,
}

/// Lines of a block, and where their values stand in it.
#[derive(Default)]
pub(super) struct JsonLines {
    width: usize,
    spans: Vec<(u32, u32)>,
    pub(super) lines: Vec<(std::ops::Range<usize>, Lines)>,
}

/// Where the values of some lines stand.
#[derive(Clone, Copy)]
pub(super) struct Values<'l> {
    width: usize,
    spans: &'l [(u32, u32)],
}

impl Grid for Values<'_> {
    const ARE_NEIGHBOURS_ONE_TEXT: bool = false;

    fn rows(self) -> usize {
        self.spans.len() / self.width.max(1)
    }

    #[inline(always)]
    fn spans(self, column: usize, _: usize) -> impl Iterator<Item = (usize, usize)> {
        let rows = self.spans.chunks_exact(self.width.max(1));
        rows.map(move |values| (values[column].0 as usize, values[column].1 as usize))
    }

    fn span(self, row: usize, column: usize) -> (usize, usize) {
        let (start, end) = self.spans[row * self.width + column];
        (start as usize, end as usize)
    }

    fn bare(_: &[u8], start: usize, end: usize) -> (usize, usize) {
        (start, end)
    }

    fn text(raw: &[u8]) -> Option<Cow<'_, str>> {
        std::str::from_utf8(raw).ok().map(Cow::Borrowed)
    }
}

impl JsonLines {
    /// Where their values stand.
    pub(super) fn grid(&self) -> Values<'_> {
        Values { width: self.width, spans: &self.spans }
    }

    /// Forgets all lines.
    pub(super) fn clear(&mut self) {
        self.spans.clear();
        self.lines.clear();
    }
}

impl<'t> Layouts<'t> {
    /// Takes a line if its keys are known; the layout if it is full.
    pub(super) fn take(&mut self, bytes: &[u8], line: std::ops::Range<usize>, lines: Lines) -> Taken {
        let count = self.known.len();
        for position in (self.last..count).chain(0..self.last.min(count)) {
            let layout = &mut self.known[position];
            if layout.takes(bytes, &line) {
                layout.lines.lines.push((line, lines));
                self.last = position;
                return if layout.lines.lines.len() == MOST_ROWS { Taken::Full(position) } else { Taken::Yes };
            }
        }
        Taken::No
    }

    /// The keys of a line that is not like those before, where there is room for more.
    pub(super) fn new_keys(&mut self, line: &[u8]) -> Option<Vec<String>> {
        if self.learned == MOST_LEARNED || self.known.len() == MOST_LAYOUTS {
            return None;
        }
        self.learned += 1;
        plain_keys(line)
    }

    /// Remembers an order of keys.
    pub(super) fn learn(&mut self, keys: &[String], columns: Columns<'t>) {
        let lines = JsonLines { width: keys.len(), ..JsonLines::default() };
        let keys = keys.iter().map(|key| format!("\"{key}\"").into_bytes()).collect();
        self.known.push(Layout { keys, columns, lines });
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.known.len()
    }

    /// A layout.
    pub(super) fn layout(&mut self, position: usize) -> Option<&mut Layout<'t>> {
        self.known.get_mut(position)
    }
}

/// Whether a line was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    No,
    Yes,
    /// Yes, and the layout at this position has no room for another.
    Full(usize),
}

impl Layout<'_> {
    /// Notes the values of a line, if it has these keys and nothing out of the ordinary.
    fn takes(&mut self, bytes: &[u8], line: &std::ops::Range<usize>) -> bool {
        let filled = self.lines.spans.len();
        let is_taken = self.scan(bytes, line).is_some();
        if !is_taken {
            self.lines.spans.truncate(filled);
        }
        is_taken
    }

    fn scan(&mut self, bytes: &[u8], line: &std::ops::Range<usize>) -> Option<()> {
        let text = bytes.get(..line.end)?;
        let mut at = expect(text, line.start, b'{')?;
        for (position, key) in self.keys.iter().enumerate() {
            if position > 0 {
                at = expect(text, at, b',')?;
            }
            at = blanks(text, at);
            if !text.get(at..)?.starts_with(key) {
                return None;
            }
            at = expect(text, at + key.len(), b':')?;
            at = blanks(text, at);
            let (start, end, behind) = value(text, at)?;
            self.lines.spans.push((u32::try_from(start).ok()?, u32::try_from(end).ok()?));
            at = behind;
        }
        at = expect(text, at, b'}')?;
        (blanks(text, at) == text.len()).then_some(())
    }
}

#[inline]
fn blanks(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\r') = text.get(at) {
        at += 1;
    }
    at
}

/// Behind a byte, and blanks before it.
#[inline]
fn expect(text: &[u8], at: usize, byte: u8) -> Option<usize> {
    let at = blanks(text, at);
    (*text.get(at)? == byte).then_some(at + 1)
}

/// Where a text, number or word begins and ends, and where what follows begins; `null` is nothing.
#[inline]
fn value(text: &[u8], at: usize) -> Option<(usize, usize, usize)> {
    let literal = |word: &[u8]| text[at..].starts_with(word).then_some(at + word.len());
    match text.get(at)? {
        b'"' => {
            let end = text_end(text, at + 1)?;
            Some((at + 1, end, end + 1))
        }
        b't' => literal(b"true").map(|end| (at, end, end)),
        b'f' => literal(b"false").map(|end| (at, end, end)),
        b'n' => literal(b"null").map(|end| (at, at, end)),
        _ => number_end(text, at).map(|end| (at, end, end)),
    }
}

/// Where a text without escapes ends.
#[inline]
fn text_end(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let Some(chunk) = text.get(at..).and_then(<[u8]>::first_chunk::<16>) else {
            let end = at + text.get(at..)?.iter().position(|&byte| matches!(byte, b'"' | b'\\' | 0..0x20))?;
            return (text[end] == b'"').then_some(end);
        };
        let bytes = u8x16::new(*chunk);
        let equal = |byte: u8| bytes.simd_eq(u8x16::splat(byte));
        // Characters that JSON does not have in texts.
        let control = bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
        let found = (equal(b'"') | equal(b'\\') | control).to_bitmask();
        if found != 0 {
            let end = at + found.trailing_zeros() as usize;
            return (text[end] == b'"').then_some(end);
        }
        at += 16;
    }
}

/// Where a number as JSON writes it ends.
#[inline]
fn number_end(text: &[u8], at: usize) -> Option<usize> {
    let digits = |mut at: usize| {
        let begin = at;
        while text.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        (at > begin).then_some(at)
    };
    let begin = at + usize::from(text.get(at) == Some(&b'-'));
    let mut end = digits(begin)?;
    if text[begin] == b'0' && end > begin + 1 {
        return None;
    }
    if text.get(end) == Some(&b'.') {
        end = digits(end + 1)?;
    }
    if let Some(b'e' | b'E') = text.get(end) {
        let sign = usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
        end = digits(end + 1 + sign)?;
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{Cells, Paths};
    use proptest::prelude::*;

    proptest! {
        /// A value that is framed here is one, and by the same text.
        #[test]
        fn values_are_those_of_json(text in r#"("[a-z\\\u{1}é]{0,40}"|-?[0-9]{1,3}(\.[0-9]{0,2})?([eE][+-]?[0-9]{0,2})?|true|false|null|[a-z0-9"]{0,5})[,} ]?"#) {
            if let Some((start, end, behind)) = value(text.as_bytes(), 0) {
                let mut paths = Paths::new(None, false);
                let slot = paths.slot("key");
                let object = format!("{{\"key\":{}}}", &text[..behind]);
                let mut cells = Cells::default();
                prop_assert_eq!(cells.load_json(&paths, object.as_bytes()), Ok(()));
                prop_assert_eq!(cells.get(slot).unwrap_or_default(), &text[start..end]);
            }
        }
    }
}
