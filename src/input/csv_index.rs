//! Records and fields of a stretch of CSV.
//!
//! Role: bytes → where each record and each of its fields stands, by the rules of [`super::csv_rows`]. Where quotes are
//! where they belong, that is told by the separators alone; where all records have as many fields as the header and
//! stand on one line, as in nearly all logs, there is nothing to note of any record. Else records are told apart one by
//! one by the rules.

#![expect(clippy::inline_always, reason = "measured: without it a log of ten million rows takes a sixth longer")]

use std::borrow::Cow;
use std::ops::Range;

use super::csv_rows::{End, Field, Fields, StrayQuote, count_lines, record_end};
use super::csv_scan::{CsvScan, position};
use crate::formats::grid::Grid;

/// A record of a stretch.
#[derive(Clone, Copy, Debug)]
pub struct RecordSpan {
    start: u32,
    /// Behind its content.
    end: u32,
    /// The position among all before its first field; nothing where its quotes must be looked at closely.
    first: Option<u32>,
    fields: u32,
    /// Lines of the stretch that end before it.
    line: u32,
    /// Line breaks within it.
    within: u32,
}

impl RecordSpan {
    /// Where the record stands, without its line end.
    pub const fn range(&self) -> Range<usize> {
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

    /// Whether quotes may stand where they do not belong.
    pub const fn has_odd_quotes(&self) -> bool {
        self.first.is_none()
    }
}

/// How records are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Layout {
    /// Each has as many fields and one line, and ends with so many bytes.
    Regular { rows: usize, width: usize, line_end: usize },
    /// By a span each.
    #[default]
    Spans,
}

/// The records of a stretch, with room that is used again for the next.
#[derive(Debug, Default)]
pub struct CsvIndex {
    scan: CsvScan,
    layout: Layout,
    spans: Vec<RecordSpan>,
    is_text: bool,
}

/// Records that were picked, with room that is used again.
#[derive(Debug, Default)]
pub struct Picked {
    positions: Vec<u32>,
    numbers: Vec<usize>,
}

/// How far a stretch was indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Where the record begins that does not end in the stretch.
    pub end: usize,
    /// Lines that end before it.
    pub lines: u64,
    /// Where a quote of that record was opened that is not closed, if nothing follows the stretch.
    pub open_quote: Option<usize>,
    /// The first record that is too long.
    pub overlong: Option<usize>,
}

/// How a file is indexed.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// What separates fields.
    pub delimiter: u8,
    /// The fields of the header.
    pub width: usize,
    /// How long a record may be.
    pub longest: usize,
}

/// Some records with as many fields each, in bytes of which quotes are where they belong.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'r> {
    /// From one row to the next are so many.
    stride: usize,
    positions: &'r [u32],
    count: usize,
    width: usize,
    /// Behind the last field of a row before the next one begins.
    line_end: usize,
}

impl Grid for Rows<'_> {
    const ARE_NEIGHBOURS_ONE_TEXT: bool = true;

    fn rows(self) -> usize {
        self.count
    }

    /// From where one column begins to where another one ends, row by row, with the quotes around a field.
    #[inline(always)]
    fn spans(self, from: usize, to: usize) -> impl Iterator<Item = (usize, usize)> {
        let behind = if to + 1 == self.width { self.line_end } else { 1 };
        let next = to + 1 - from;
        // Behind the last row there is room, so that the piece of each row is whole.
        let rows = self.positions[from..].chunks_exact(self.stride).take(self.count);
        rows.map(move |row| (row[0] as usize, (row[next] as usize).wrapping_sub(behind)))
    }

    /// The same of one row.
    fn span(self, row: usize, column: usize) -> (usize, usize) {
        let behind = if column + 1 == self.width { self.line_end } else { 1 };
        let at = row * self.stride + column;
        (self.positions[at] as usize, self.positions[at + 1] as usize - behind)
    }

    fn bare(bytes: &[u8], start: usize, end: usize) -> (usize, usize) {
        let field = unquoted(bytes, start, end);
        (field.start, field.end)
    }

    fn text(raw: &[u8]) -> Option<Cow<'_, str>> {
        match unquoted(raw, 0, raw.len()).bytes(raw) {
            Cow::Borrowed(text) => std::str::from_utf8(text).ok().map(Cow::Borrowed),
            Cow::Owned(text) => String::from_utf8(text).ok().map(Cow::Owned),
        }
    }
}

impl CsvIndex {
    /// Forgets all records.
    pub fn clear(&mut self) {
        self.spans.clear();
        self.layout = Layout::Spans;
    }

    /// Finds the records in `bytes` from `from` on; `last` says that nothing follows.
    pub fn find(&mut self, bytes: &[u8], from: usize, dialect: Dialect, last: bool) -> Reached {
        let reached = self.index(bytes, from, dialect, last);
        self.is_text = self.scan.is_text(bytes, reached.end);
        reached
    }

    fn index(&mut self, bytes: &[u8], from: usize, dialect: Dialect, last: bool) -> Reached {
        self.clear();
        self.scan.find(bytes, from, dialect.delimiter, dialect.width);
        let last_byte = bytes.get(from..).and_then(<[u8]>::last);
        let is_open = last && last_byte.is_some_and(|byte| *byte != b'\n');
        // A quote that stays open, and a carriage return that ends the last line, are for the rules.
        if self.scan.is_odd || (last && (self.scan.ends_in_quotes || last_byte == Some(&b'\r'))) {
            return self.by_rules(bytes, from, dialect, last);
        }
        if !is_open && let Some(reached) = self.regular(bytes, dialect) {
            return reached;
        }
        if is_open {
            // The last line has no end.
            self.scan.put(position(bytes.len() + 1));
        }
        self.by_separators(bytes, from, dialect)
    }

    /// Records that all look alike.
    fn regular(&mut self, bytes: &[u8], dialect: Dialect) -> Option<Reached> {
        let (rows, width) = (self.scan.feeds, dialect.width);
        let positions = self.scan.positions();
        // With fewer columns the pieces of rows overlap too little to be told.
        if rows == 0 || width < 2 || positions.len() <= rows.checked_mul(width)? {
            return None;
        }
        let mut ends = positions[width..=rows * width].iter().step_by(width).map(|end| *end as usize);
        let has_return = |end: usize| end > 1 && bytes.get(end - 2) == Some(&b'\r');
        let have_returns = self.scan.returns > 0 && has_return(positions[width] as usize);
        // As many as there are line feeds, so that none is within a record. One return more may stand behind the last.
        let are_alike = ends.all(|end| {
            bytes.get(end - 1) == Some(&b'\n') && (self.scan.returns == 0 || has_return(end) == have_returns)
        });
        if !are_alike {
            return None;
        }
        self.layout = Layout::Regular { rows, width, line_end: if have_returns { 2 } else { 1 } };
        let end = positions[rows * width] as usize;
        Some(Reached { end, lines: rows as u64, open_quote: None, overlong: None })
    }

    /// Records as the separators say.
    fn by_separators(&mut self, bytes: &[u8], from: usize, dialect: Dialect) -> Reached {
        let mut reached = Reached { end: from, lines: 0, open_quote: None, overlong: None };
        let (mut start, mut first, mut line) = (from, 0, 0);
        for (at, next) in (0..).zip(self.scan.positions()).skip(1) {
            let next = *next as usize;
            let is_feed = bytes.get(next - 1).is_none_or(|byte| *byte == b'\n');
            if !is_feed {
                continue;
            }
            let has_return = next - 1 > start && self.scan.returns > 0 && bytes[next - 2] == b'\r';
            let end = next - 1 - usize::from(has_return);
            let within = if self.scan.has_quotes { memchr::memchr_iter(b'\n', &bytes[start..end]).count() } else { 0 };
            let within = position(within);
            let delimiters = || memchr::memchr_iter(dialect.delimiter, &bytes[start..end]).count();
            // As long as two rows, as where the quotes between them were lost.
            let may_hold_rows = within > 0 && delimiters() >= 2 * dialect.width.saturating_sub(1);
            self.spans.push(RecordSpan {
                start: position(start),
                end: position(end),
                first: (!may_hold_rows).then_some(first),
                fields: at - first,
                line,
                within,
            });
            if end - start > dialect.longest {
                reached.overlong.get_or_insert(start);
            }
            line += within + u32::from(next <= bytes.len());
            (start, first) = (next.min(bytes.len()), at);
        }
        Reached { end: start, lines: u64::from(line), ..reached }
    }

    /// Records by the rules, one after the other.
    fn by_rules(&mut self, bytes: &[u8], from: usize, dialect: Dialect, last: bool) -> Reached {
        let mut reached = Reached { end: from, lines: 0, open_quote: None, overlong: None };
        while reached.end < bytes.len() {
            let start = reached.end;
            match record_end(&bytes[start..], dialect.delimiter, last) {
                End::At(length, next) => {
                    let (end, next) = (start + length, start + next);
                    let within = count_lines(&bytes[start..end]);
                    self.spans.push(RecordSpan {
                        start: position(start),
                        end: position(end),
                        first: None,
                        fields: 0,
                        line: u32::try_from(reached.lines).unwrap_or(u32::MAX),
                        within: u32::try_from(within).unwrap_or(u32::MAX),
                    });
                    if length > dialect.longest {
                        reached.overlong.get_or_insert(start);
                    }
                    reached.lines += within + u64::from(next > end);
                    reached.end = next;
                }
                End::Open(quote) => {
                    reached.open_quote = quote.map(|quote| start + quote);
                    break;
                }
            }
        }
        reached
    }

    /// Number of records.
    pub fn len(&self) -> usize {
        match self.layout {
            Layout::Regular { rows, .. } => rows,
            Layout::Spans => self.spans.len(),
        }
    }

    /// Whether there is no record.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether all records are UTF-8.
    pub const fn is_text(&self) -> bool {
        self.is_text
    }

    /// A record.
    pub fn record(&self, at: usize) -> RecordSpan {
        let Layout::Regular { width, line_end, .. } = self.layout else { return self.spans[at] };
        let positions = self.scan.positions();
        RecordSpan {
            start: positions[at * width],
            end: positions[(at + 1) * width] - position(line_end),
            first: Some(position(at * width)),
            fields: position(width),
            line: position(at),
            within: 0,
        }
    }

    /// Some records as they stand; nothing where they must be picked.
    pub fn rows(&self, range: Range<usize>) -> Option<Rows<'_>> {
        let Layout::Regular { width, line_end, .. } = self.layout else { return None };
        let positions = &self.scan.positions_with_room()[range.start * width..];
        Some(Rows { stride: width, positions, count: range.len(), width, line_end })
    }

    /// Those of some records that have as many fields as the header, if `wanted` says so of the first field, and their
    /// numbers among all of the stretch.
    pub fn pick<'p>(
        &self,
        range: Range<usize>,
        width: usize,
        picked: &'p mut Picked,
        wanted: impl Fn((usize, usize)) -> bool,
    ) -> (Rows<'p>, &'p [usize]) {
        let Picked { positions, numbers } = picked;
        numbers.clear();
        positions.clear();
        for number in range {
            let record = self.record(number);
            let Some(first) = record.first.filter(|_| record.fields as usize == width && width > 1) else { continue };
            let first = first as usize;
            let begins = &self.scan.positions()[first..first + width];
            if wanted((begins[0] as usize, begins[1] as usize - 1)) {
                numbers.push(number);
                positions.extend_from_slice(begins);
                positions.push(record.end + 1);
            }
        }
        // Room for the piece of the last row.
        positions.resize(positions.len() + width + 1, 0);
        (Rows { stride: width + 1, positions, count: numbers.len(), width, line_end: 1 }, numbers)
    }

    /// The fields of a record, with room for one that must be looked at closely.
    pub fn fields<'f>(
        &'f self,
        record: &RecordSpan,
        bytes: &'f [u8],
        delimiter: u8,
        room: &'f mut Fields,
    ) -> Result<RecordFields<'f>, StrayQuote> {
        let texts = if let Some(first) = record.first {
            let first = first as usize;
            Texts::Between(&self.scan.positions()[first..first + record.fields as usize], record.end as usize)
        } else {
            room.split(&bytes[record.range()], delimiter)?;
            Texts::Split(room)
        };
        Ok(RecordFields { bytes, start: record.start as usize, texts })
    }
}

/// The fields of one record.
#[derive(Clone, Copy, Debug)]
pub struct RecordFields<'f> {
    bytes: &'f [u8],
    start: usize,
    texts: Texts<'f>,
}

#[derive(Clone, Copy, Debug)]
enum Texts<'f> {
    /// Where each begins, and where the last one ends.
    Between(&'f [u32], usize),
    Split(&'f Fields),
}

impl RecordFields<'_> {
    /// Number of fields.
    pub fn len(&self) -> usize {
        match self.texts {
            Texts::Between(begins, _) => begins.len(),
            Texts::Split(fields) => fields.len(),
        }
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A field, as part of the bytes that were indexed.
    #[inline]
    pub fn get(&self, index: usize) -> Option<Field> {
        match self.texts {
            Texts::Between(begins, end) => {
                let start = *begins.get(index)? as usize;
                let end = begins.get(index + 1).map_or(end, |next| *next as usize - 1);
                Some(unquoted(self.bytes, start, end))
            }
            Texts::Split(fields) => {
                let field = fields.get(index)?;
                Some(Field { start: field.start + self.start, end: field.end + self.start, ..field })
            }
        }
    }
}

/// A field whose quotes, if any, are where they belong.
#[inline]
pub fn unquoted(bytes: &[u8], start: usize, end: usize) -> Field {
    if bytes.get(start) != Some(&b'"') || end <= start {
        return Field { start, end, doubled: false };
    }
    let (start, end) = (start + 1, end - 1);
    Field { start, end, doubled: memchr::memchr(b'"', bytes.get(start..end).unwrap_or_default()).is_some() }
}

#[cfg(test)]
mod tests;
