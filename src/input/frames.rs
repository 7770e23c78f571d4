//! Records and fields of a stretch of CSV, found in one go.
//!
//! Role: bytes → where each record and each of its fields ends. The same rules as [`record_end`](super::csv_rows) and
//! [`Fields`], 64 bytes at a time; a record with anything odd about its quotes is only framed here and left to
//! [`Fields`] for what is wrong with it.

use super::csv_rows::{Field, Fields, StrayQuote};
use super::marks::{Marks, WORD};

/// What quotes a record has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quotes {
    None,
    /// Around whole fields.
    Proper,
    /// The same, and some stand for one, doubled.
    Doubled,
    /// Anywhere else too.
    Odd,
}

/// A record of a stretch.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    start: u32,
    /// Behind its content.
    end: u32,
    /// Where its edges begin.
    first_edge: u32,
    fields: u32,
    /// Lines that end before it.
    line: u32,
    /// Line breaks within it.
    within: u32,
    quotes: Quotes,
}

impl Frame {
    /// Where the record stands, without its line end.
    pub const fn range(&self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Lines of the stretch that end before it.
    pub fn line(&self) -> u64 {
        u64::from(self.line)
    }

    /// Line breaks within it.
    pub fn within(&self) -> u64 {
        u64::from(self.within)
    }

    /// Where the edges of its fields begin among all, if it has so many fields and its quotes, if any, are proper.
    pub fn edges(&self, fields: usize) -> Option<usize> {
        let is_usual = matches!(self.quotes, Quotes::None | Quotes::Proper) && self.fields as usize == fields;
        is_usual.then_some(self.first_edge as usize)
    }
}

/// Where one field ends and the next begins: behind the delimiter; its highest bit says that the field before it stands
/// in quotes. A record has one edge before each field, and one where the next would begin.
pub type Edge = u32;

const QUOTED: Edge = 1 << 31;

/// The text of the field between two edges, without quotes around it.
#[inline]
pub const fn between(before: Edge, behind: Edge) -> (usize, usize) {
    // Neither can overflow: a quoted field has two quotes, and each field an edge behind it.
    let quoted = behind >> 31;
    let (start, end) = (before & !QUOTED, behind & !QUOTED);
    (start.wrapping_add(quoted) as usize, end.wrapping_sub(1 + quoted) as usize)
}

/// The records of a stretch, with room that is used again for the next.
#[derive(Debug, Default)]
pub struct Frames {
    records: Vec<Frame>,
    /// The edges of all fields, record by record, with room behind them.
    edges: Vec<Edge>,
    /// So many edges there are.
    filled: usize,
}

/// How far a stretch was framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Where the record begins that does not end in the stretch.
    pub end: usize,
    /// Lines that end before it.
    pub lines: u64,
    /// Where a quote of that record was opened that is not closed.
    pub open_quote: Option<usize>,
    /// The first record that is too long.
    pub overlong: Option<usize>,
}

impl Frames {
    /// Forgets all records.
    pub fn clear(&mut self) {
        self.records.clear();
        self.filled = 0;
    }

    /// Finds the records in `bytes` from `from` on; `last` says that nothing follows, `longest`
    /// how long a record may be.
    pub fn find(&mut self, bytes: &[u8], from: usize, delimiter: u8, last: bool, longest: usize) -> Reached {
        self.clear();
        self.make_room();
        self.push(offset(from));
        let mut scan = Scan {
            frames: self,
            bytes,
            delimiter,
            last,
            longest,
            overlong: None,
            record: Open::at(from, 0, 0),
            lines: 0,
        };
        let mut base = from;
        let (words, rest) = bytes.get(from..).unwrap_or_default().as_chunks::<WORD>();
        for word in words {
            scan.word(base, Marks::of(word, delimiter));
            base += WORD;
        }
        let mut word = [0; WORD];
        word[..rest.len()].copy_from_slice(rest);
        // A delimiter may be any byte but the zeros that fill the word up; those are cut off.
        scan.word(base, Marks::of(&word, delimiter).before(rest.len()));
        scan.finish()
    }

    /// Makes room for all edges that a word may bring, and those at the end of a stretch.
    #[inline]
    fn make_room(&mut self) {
        if self.edges.len() < self.filled + 3 * WORD {
            self.edges.resize((self.edges.len() * 2).max(8 * WORD), 0);
        }
    }

    #[inline]
    fn push(&mut self, edge: Edge) {
        self.edges[self.filled] = edge;
        self.filled += 1;
    }

    /// Notes the edges behind delimiters of a word. Eight at a time, whether or not there are so many, so that nothing
    /// depends on their number.
    #[inline]
    fn push_all(&mut self, base: usize, mut delimiters: u64) {
        let behind = offset(base) + 1;
        let count = delimiters.count_ones() as usize;
        let mut done = 0;
        while done < count {
            let Some(room) = self.edges[self.filled + done..].first_chunk_mut::<8>() else { return };
            for edge in room {
                *edge = behind.wrapping_add(delimiters.trailing_zeros());
                delimiters &= delimiters.wrapping_sub(1);
            }
            done += 8;
        }
        self.filled += count;
    }

    /// All records, in order.
    pub fn all(&self) -> &[Frame] {
        &self.records
    }

    /// All records.
    pub fn iter(&self) -> impl Iterator<Item = &Frame> {
        self.records.iter()
    }

    /// The edges of all records.
    pub fn edges(&self) -> &[Edge] {
        &self.edges[..self.filled]
    }

    /// The fields of a record, with room for one that must be looked at closely.
    pub fn fields<'f>(
        &'f self,
        frame: &Frame,
        bytes: &'f [u8],
        delimiter: u8,
        room: &'f mut Fields,
    ) -> Result<Row<'f>, StrayQuote> {
        let texts = if frame.quotes == Quotes::Odd {
            room.split(&bytes[frame.range()], delimiter)?;
            Texts::Odd(room)
        } else {
            let first = frame.first_edge as usize;
            Texts::Between(&self.edges[first..=first + frame.fields as usize])
        };
        Ok(Row { bytes, start: frame.start as usize, texts, doubled: frame.quotes == Quotes::Doubled })
    }
}

/// The fields of one record.
#[derive(Clone, Copy, Debug)]
pub struct Row<'f> {
    bytes: &'f [u8],
    start: usize,
    texts: Texts<'f>,
    doubled: bool,
}

#[derive(Clone, Copy, Debug)]
enum Texts<'f> {
    Between(&'f [Edge]),
    Odd(&'f Fields),
}

impl Row<'_> {
    /// Number of fields.
    pub fn len(&self) -> usize {
        match self.texts {
            Texts::Between(edges) => edges.len() - 1,
            Texts::Odd(fields) => fields.len(),
        }
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A field, as part of the bytes that were framed.
    #[inline]
    pub fn get(&self, index: usize) -> Option<Field> {
        match self.texts {
            Texts::Between(edges) => {
                let (start, end) = between(*edges.get(index)?, *edges.get(index + 1)?);
                let doubled =
                    self.doubled && memchr::memchr(b'"', self.bytes.get(start..end).unwrap_or_default()).is_some();
                Some(Field { start, end, doubled })
            }
            Texts::Odd(fields) => {
                let field = fields.get(index)?;
                Some(Field { start: field.start + self.start, end: field.end + self.start, ..field })
            }
        }
    }
}

/// The record that is being read.
#[derive(Clone, Copy)]
struct Open {
    start: usize,
    /// Lines that end before it.
    line: u32,
    first_edge: u32,
    quotes: Quotes,
    /// Where its last field begins.
    field: usize,
    /// Whether that stands in quotes.
    is_quoted: bool,
    /// Where the quote was opened that is not closed yet.
    quote: Option<usize>,
    /// The second of two quotes that stand for one.
    second: Option<usize>,
}

impl Open {
    const fn at(start: usize, line: u32, first_edge: u32) -> Self {
        Self {
            start,
            line,
            first_edge,
            quotes: Quotes::None,
            field: start,
            is_quoted: false,
            quote: None,
            second: None,
        }
    }

    /// The edge at `next`, behind the field that ends there.
    #[inline]
    fn edge(&mut self, next: usize) -> Edge {
        let edge = offset(next) | if self.is_quoted { QUOTED } else { 0 };
        (self.field, self.is_quoted) = (next, false);
        edge
    }
}

struct Scan<'s> {
    frames: &'s mut Frames,
    bytes: &'s [u8],
    delimiter: u8,
    last: bool,
    longest: usize,
    overlong: Option<usize>,
    record: Open,
    lines: u32,
}

impl Scan<'_> {
    #[inline]
    fn word(&mut self, base: usize, marks: Marks) {
        self.frames.make_room();
        if marks.others == 0 && self.record.quote.is_none() {
            self.plain_word(base, marks);
        } else {
            self.any_word(base, marks);
        }
    }

    /// A word without quotes and carriage returns, outside quotes.
    #[inline]
    fn plain_word(&mut self, base: usize, Marks { mut delimiters, mut feeds, .. }: Marks) {
        loop {
            let feed = feeds & feeds.wrapping_neg();
            let here = if feed == 0 { delimiters } else { delimiters & (feed - 1) };
            if here != 0 {
                let filled = self.frames.filled;
                self.frames.push_all(base, here);
                if self.record.is_quoted {
                    self.frames.edges[filled] |= QUOTED;
                    self.record.is_quoted = false;
                }
                self.record.field = base + WORD - here.leading_zeros() as usize;
            }
            if feed == 0 {
                return;
            }
            let at = base + feed.trailing_zeros() as usize;
            let is_pair = at > self.record.start && self.bytes[at - 1] == b'\r';
            self.lines += 1;
            self.end(at - usize::from(is_pair), at + 1, 1);
            delimiters &= !(feed - 1);
            feeds ^= feed;
        }
    }

    /// Any word, mark by mark.
    fn any_word(&mut self, base: usize, Marks { delimiters, feeds, others }: Marks) {
        let mut marks = delimiters | feeds | others;
        while marks != 0 {
            let at = base + marks.trailing_zeros() as usize;
            marks &= marks - 1;
            let byte = self.bytes[at];
            if byte == self.delimiter {
                if self.record.quote.is_none() {
                    let edge = self.record.edge(at + 1);
                    self.frames.push(edge);
                }
            } else if byte == b'"' {
                self.quote(at);
            } else {
                self.line_end(at, byte);
            }
        }
    }

    fn quote(&mut self, at: usize) {
        let record = &mut self.record;
        if record.quote.is_some() {
            match self.bytes.get(at + 1) {
                _ if record.second == Some(at) => {}
                Some(b'"') => {
                    record.second = Some(at + 1);
                    if record.quotes == Quotes::Proper {
                        record.quotes = Quotes::Doubled;
                    }
                }
                // What follows is not known yet: it may be the second of two.
                None if !self.last => {}
                next => {
                    record.quote = None;
                    if next.is_some_and(|&next| next != self.delimiter && next != b'\n' && next != b'\r') {
                        record.quotes = Quotes::Odd;
                    }
                }
            }
        } else if at == record.field {
            (record.quote, record.is_quoted) = (Some(at), true);
            if record.quotes == Quotes::None {
                record.quotes = Quotes::Proper;
            }
        } else {
            record.quotes = Quotes::Odd;
        }
    }

    fn line_end(&mut self, at: usize, byte: u8) {
        if byte == b'\r' {
            match self.bytes.get(at + 1) {
                // The line feed ends the line.
                Some(b'\n') => return,
                // A line feed may still follow.
                None if !self.last => return,
                _ => {}
            }
        }
        self.lines += 1;
        if self.record.quote.is_none() {
            let is_pair = byte == b'\n' && at > self.record.start && self.bytes[at - 1] == b'\r';
            self.end(at - usize::from(is_pair), at + 1, 1);
        }
    }

    /// Ends the record; `breaks` line breaks belong to its end.
    fn end(&mut self, content: usize, next: usize, breaks: u32) {
        let Open { start, line, first_edge, quotes, .. } = self.record;
        if content - start > self.longest {
            self.overlong.get_or_insert(start);
        }
        let edge = self.record.edge(content + 1);
        self.frames.push(edge);
        let behind = offset(self.frames.filled);
        self.frames.records.push(Frame {
            start: offset(start),
            end: offset(content),
            first_edge,
            fields: behind - first_edge - 1,
            line,
            within: self.lines - line - breaks,
            quotes,
        });
        self.frames.push(offset(next));
        self.record = Open::at(next, self.lines, behind);
    }

    fn finish(mut self) -> Reached {
        let all = self.bytes.len();
        if self.last && self.record.quote.is_none() && self.record.start < all {
            self.end(all, all, 0);
        }
        let Open { start, line, first_edge, quote, .. } = self.record;
        self.frames.filled = first_edge as usize;
        Reached { end: start, lines: u64::from(line), open_quote: quote, overlong: self.overlong }
    }
}

/// Stretches are a few MiB long at most.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::csv_rows::{End, count_lines, record_end};
    use proptest::prelude::*;

    proptest! {
        /// Record by record, field by field and line by line the same as the rules written out.
        #[test]
        fn same_as_the_rules(plain in "[a,\n]{0,200}", text in "[a,\"\r\n é]{0,150}", padding in 0_usize..70, last: bool) {
            let text = format!("{plain}{}{text}{plain}", "x".repeat(padding));
            let bytes = text.as_bytes();
            let (mut frames, mut room, mut fields) = (Frames::default(), Fields::default(), Fields::default());
            let reached = frames.find(bytes, 0, b',', last, usize::MAX);
            let mut found = frames.iter();
            let mut at = 0;
            while at < bytes.len() {
                match record_end(&bytes[at..], b',', last) {
                    End::At(end, next) => {
                        let record = &bytes[at..at + end];
                        let frame = found.next().expect("a frame");
                        prop_assert_eq!(frame.range(), at..at + end);
                        prop_assert_eq!(frame.line(), count_lines(&bytes[..at]));
                        prop_assert_eq!(frame.within(), count_lines(record));
                        let rules = fields.split(record, b',');
                        let edges = frame.edges(fields.len()).filter(|_| rules.is_ok());
                        let edges = edges.map(|first| &frames.edges()[first..=first + fields.len()]);
                        let row = frames.fields(frame, bytes, b',', &mut room);
                        prop_assert_eq!(row.as_ref().err(), rules.as_ref().err());
                        if let Ok(row) = row {
                            prop_assert_eq!(row.len(), fields.len());
                            for index in 0..row.len() {
                                let by_rules = fields.get(index).expect("a field").bytes(record).into_owned();
                                if let Some(edges) = edges {
                                    let (start, end) = between(edges[index], edges[index + 1]);
                                    prop_assert_eq!(&bytes[start..end], by_rules.as_slice());
                                }
                                prop_assert_eq!(row.get(index).expect("a field").bytes(bytes).into_owned(), by_rules);
                            }
                        }
                        at += next;
                    }
                    End::Open(quote) => {
                        prop_assert_eq!(reached.open_quote, quote.map(|quote| at + quote));
                        break;
                    }
                }
            }
            prop_assert!(found.next().is_none());
            prop_assert_eq!(reached.end, at);
            prop_assert_eq!(reached.lines, count_lines(&bytes[..at]));
        }
    }
}
