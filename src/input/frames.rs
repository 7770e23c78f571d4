//! Records and fields of a stretch of CSV, found in one go.
//!
//! Role: bytes → where each record and each of its fields ends. The same rules as [`record_end`](super::csv_rows) and
//! [`Fields`], 64 bytes at a time; a record with anything odd about its quotes is only framed here and left to
//! [`Fields`] for what is wrong with it.

use super::csv_rows::{Field, Fields, StrayQuote};

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
    /// Where the ends of its fields begin.
    first_end: u32,
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
}

/// The records of a stretch, with room that is used again for the next.
#[derive(Debug, Default)]
pub struct Frames {
    frames: Vec<Frame>,
    /// Where each field ends, record by record.
    ends: Vec<u32>,
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

const WORD: usize = 64;

/// One bit for each byte that is a delimiter, a quote or part of a line end.
fn marks(word: &[u8; WORD], delimiter: u8) -> u64 {
    let mut found = [0_u8; WORD];
    for (found, &byte) in found.iter_mut().zip(word) {
        *found =
            u8::from(byte == delimiter) | u8::from(byte == b'"') | u8::from(byte == b'\n') | u8::from(byte == b'\r');
    }
    let mut bits = 0;
    for (index, &eight) in found.as_chunks::<8>().0.iter().enumerate() {
        // Brings the lowest bit of each byte into the highest byte, in order.
        bits |= (u64::from_le_bytes(eight).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (index * 8);
    }
    bits
}

impl Frames {
    /// Forgets all records.
    pub fn clear(&mut self) {
        self.frames.clear();
        self.ends.clear();
    }

    /// Finds the records in `bytes` from `from` on; `last` says that nothing follows, `longest`
    /// how long a record may be.
    pub fn find(&mut self, bytes: &[u8], from: usize, delimiter: u8, last: bool, longest: usize) -> Reached {
        self.clear();
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
            scan.word(base, marks(word, delimiter));
            base += WORD;
        }
        let mut word = [0; WORD];
        word[..rest.len()].copy_from_slice(rest);
        // A delimiter may be any byte but the zeros that fill the word up; those are cut off.
        let beyond = !0_u64 << rest.len();
        scan.word(base, marks(&word, delimiter) & !beyond);
        scan.finish()
    }

    /// All records.
    pub fn iter(&self) -> impl Iterator<Item = &Frame> {
        self.frames.iter()
    }

    /// Number of fields of a record with proper quotes, if any, and the bounds of their texts; nothing where a text must be
    /// looked at closely.
    #[inline]
    pub fn bounds<'f, 'b>(
        &'f self,
        frame: &Frame,
        bytes: &'b [u8],
    ) -> Option<(usize, impl Iterator<Item = (usize, usize)> + use<'f, 'b>)> {
        if !matches!(frame.quotes, Quotes::None | Quotes::Proper) {
            return None;
        }
        let (first, count, is_quoted) =
            (frame.first_end as usize, frame.fields as usize, frame.quotes == Quotes::Proper);
        let mut start = frame.start as usize;
        let bounds = self.ends[first..first + count].iter().map(move |&end| {
            let (from, to) = (start, end as usize);
            start = to + 1;
            if is_quoted && bytes.get(from) == Some(&b'"') { (from + 1, to - 1) } else { (from, to) }
        });
        Some((count, bounds))
    }

    /// The fields of a record, with room for one that must be looked at closely.
    pub fn fields<'f>(
        &'f self,
        frame: &Frame,
        bytes: &'f [u8],
        delimiter: u8,
        room: &'f mut Fields,
    ) -> Result<Row<'f>, StrayQuote> {
        let ends = if frame.quotes == Quotes::Odd {
            room.split(&bytes[frame.range()], delimiter)?;
            Ends::Odd(room)
        } else {
            let first = frame.first_end as usize;
            Ends::Found(&self.ends[first..first + frame.fields as usize])
        };
        Ok(Row {
            bytes,
            start: frame.start as usize,
            ends,
            quoted: frame.quotes != Quotes::None,
            doubled: frame.quotes == Quotes::Doubled,
        })
    }
}

/// The fields of one record.
#[derive(Clone, Copy, Debug)]
pub struct Row<'f> {
    bytes: &'f [u8],
    start: usize,
    ends: Ends<'f>,
    quoted: bool,
    doubled: bool,
}

#[derive(Clone, Copy, Debug)]
enum Ends<'f> {
    Found(&'f [u32]),
    Odd(&'f Fields),
}

impl Row<'_> {
    /// Number of fields.
    pub fn len(&self) -> usize {
        match self.ends {
            Ends::Found(ends) => ends.len(),
            Ends::Odd(fields) => fields.len(),
        }
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A field, as part of the bytes that were framed.
    #[inline]
    pub fn get(&self, index: usize) -> Option<Field> {
        match self.ends {
            Ends::Found(ends) => {
                let end = *ends.get(index)? as usize;
                let start = if index == 0 { self.start } else { ends[index - 1] as usize + 1 };
                if self.quoted && self.bytes.get(start) == Some(&b'"') {
                    let (start, end) = (start + 1, end - 1);
                    let text = self.bytes.get(start..end).unwrap_or_default();
                    let doubled = self.doubled && memchr::memchr(b'"', text).is_some();
                    return Some(Field { start, end, doubled });
                }
                Some(Field { start, end, doubled: false })
            }
            Ends::Odd(fields) => {
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
    first_end: u32,
    quotes: Quotes,
    /// Where its last field begins.
    field: usize,
    /// Where the quote was opened that is not closed yet.
    quote: Option<usize>,
    /// The second of two quotes that stand for one.
    second: Option<usize>,
}

impl Open {
    const fn at(start: usize, line: u32, first_end: u32) -> Self {
        Self { start, line, first_end, quotes: Quotes::None, field: start, quote: None, second: None }
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
    fn word(&mut self, base: usize, mut marks: u64) {
        while marks != 0 {
            let at = base + marks.trailing_zeros() as usize;
            marks &= marks - 1;
            let byte = self.bytes[at];
            if byte == self.delimiter {
                if self.record.quote.is_none() {
                    self.frames.ends.push(offset(at));
                    self.record.field = at + 1;
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
            record.quote = Some(at);
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
        let Open { start, line, first_end, quotes, .. } = self.record;
        if content - start > self.longest {
            self.overlong.get_or_insert(start);
        }
        self.frames.ends.push(offset(content));
        let behind = offset(self.frames.ends.len());
        self.frames.frames.push(Frame {
            start: offset(start),
            end: offset(content),
            first_end,
            fields: behind - first_end,
            line,
            within: self.lines - line - breaks,
            quotes,
        });
        self.record = Open::at(next, self.lines, behind);
    }

    fn finish(mut self) -> Reached {
        let all = self.bytes.len();
        if self.last && self.record.quote.is_none() && self.record.start < all {
            self.end(all, all, 0);
        }
        let Open { start, line, first_end, quote, .. } = self.record;
        self.frames.ends.truncate(first_end as usize);
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
        fn same_as_the_rules(text in "[a,\"\r\n é]{0,150}", padding in 0_usize..70, last: bool) {
            let text = format!("{}{text}", "x".repeat(padding));
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
                        let bounds: Option<Vec<_>> = frames.bounds(frame, bytes).map(|(_, bounds)| bounds.collect());
                        let row = frames.fields(frame, bytes, b',', &mut room);
                        prop_assert_eq!(row.as_ref().err(), rules.as_ref().err());
                        if let Ok(row) = row {
                            prop_assert_eq!(row.len(), fields.len());
                            for index in 0..row.len() {
                                let by_rules = fields.get(index).expect("a field").bytes(record).into_owned();
                                if let Some(bounds) = &bounds {
                                    prop_assert_eq!(&bytes[bounds[index].0..bounds[index].1], by_rules.as_slice());
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
