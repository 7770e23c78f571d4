//! Rows of one block, one by one.
//!
//! Role: a block → for each record its line and cells, or why it has none. The same for all containers.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::ops::Range;

use super::blocks::{Block, RowPlace};
use super::csv_index::{CsvIndex, Picked, RecordFields, RecordSpan, Rows as CsvRows};
use super::csv_rows::{Field, Fields, count_lines};
use super::sniff::{Framing, Sniffed};
use crate::formats::cells::Text;
use crate::formats::expected::RowKeys;
use crate::formats::grid::{Grid, MOST_ROWS};
use crate::formats::rollup::{Layout, LineCells};
use crate::formats::{Cells, Format, Reject, RowRead, Unreadable};

/// The code of a row that is a header of other columns, after which nothing of the file can be believed.
pub(super) const SECOND_HEADER: &str = "two-tables";
const ROWS_IN_A_VALUE: &str =
    "a quoted value holds the end of one row and the beginning of the next: a quote was lost or added";

/// A record of an input.
#[expect(clippy::large_enum_variant, reason = "nearly all records are rows, and a box for each would cost more")]
pub enum Record<'r> {
    /// Nothing on the line.
    Blank,
    /// The header once more, from files put one behind the other.
    Header,
    /// A row.
    Row(RowRead<'r>),
    /// A line of a rollup file.
    Line(LineCells<'r>),
}

/// Where a record stands.
#[derive(Clone, Copy, Debug)]
pub struct Lines {
    /// Its first line.
    pub first: u64,
    /// Its last line.
    pub last: u64,
    /// The page that holds it, from 1; 0 for a row without one.
    pub page: u32,
}

/// What takes the rows of a block.
pub trait RowSink {
    /// Why it takes no more.
    type Error;

    /// Takes one record.
    fn record(&mut self, lines: Lines, record: Record<'_>) -> Result<(), Self::Error>;

    /// Whether some rows may be given together.
    fn takes_rows(&self) -> bool;

    /// Takes some rows of `bytes`, each with its line, and adds the positions of those that it wants one by one to `left`.
    fn rows(
        &mut self,
        bytes: &[u8],
        rows: CsvRows<'_>,
        line: impl Fn(usize) -> u64,
        left: &mut Vec<usize>,
    ) -> Result<(), Self::Error>;

    /// Takes the first of some lines of JSON, with its number, or keeps it until [`Self::end`]; where it ends if it did.
    fn line(&mut self, bytes: &[u8], lines: Range<usize>, line: u64) -> Result<Option<usize>, Self::Error>;

    /// Takes all lines of JSON that were kept.
    fn end(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;
}

/// Takes rows one by one.
pub struct RowByRow<F, E>(F, PhantomData<E>);

impl<E, F: FnMut(Lines, Record<'_>) -> Result<(), E>> RowByRow<F, E> {
    /// Gives each row to a function.
    pub const fn new(each: F) -> Self {
        Self(each, PhantomData)
    }
}

impl<E, F: FnMut(Lines, Record<'_>) -> Result<(), E>> RowSink for RowByRow<F, E> {
    type Error = E;

    fn record(&mut self, lines: Lines, record: Record<'_>) -> Result<(), E> {
        (self.0)(lines, record)
    }

    fn takes_rows(&self) -> bool {
        false
    }

    fn rows(&mut self, _: &[u8], rows: CsvRows<'_>, _: impl Fn(usize) -> u64, left: &mut Vec<usize>) -> Result<(), E> {
        left.extend(0..rows.rows());
        Ok(())
    }

    fn line(&mut self, _: &[u8], _: Range<usize>, _: u64) -> Result<Option<usize>, E> {
        Ok(None)
    }

    fn end(&mut self, _: &[u8]) -> Result<(), E> {
        Ok(())
    }
}

/// Reads rows, with room that is used again.
#[derive(Debug, Default)]
pub struct Rows {
    fields: Fields,
    picked: Picked,
    left: Vec<usize>,
}

impl Rows {
    /// Gives every record of a block to a sink, and says how many there are: counted here, where they are told apart, so
    /// that what becomes of them can be held against it.
    pub fn read<T: RowSink>(
        &mut self,
        block: &Block,
        sniffed: &Sniffed,
        format: &Format,
        sink: &mut T,
    ) -> Result<u64, T::Error> {
        match sniffed.framing {
            Framing::Csv(delimiter) => self.csv(block, delimiter, sniffed, format, sink),
            Framing::JsonLines | Framing::JsonValues | Framing::JsonPages => json(block, format, sink),
        }
    }

    fn csv<T: RowSink>(
        &mut self,
        block: &Block,
        delimiter: u8,
        sniffed: &Sniffed,
        format: &Format,
        sink: &mut T,
    ) -> Result<u64, T::Error> {
        let bytes = block.bytes();
        let names = Names::new(&sniffed.header.names);
        let holds_nul = memchr::memchr(0, block.records()).is_some();
        let is_text = block.csv().iter().all(|(_, index)| index.is_empty() || index.is_text());
        // A column without a name is looked at as long as there is one.
        let has_names = !sniffed.header.names.last().is_none_or(String::is_empty);
        let takes_rows = sink.takes_rows() && !holds_nul && is_text && has_names;
        // Where rows are taken together few fields are looked at one by one.
        let text = if takes_rows { None } else { std::str::from_utf8(block.records()).ok() };
        let text = text.map(|text| (text, block.span().start));
        let line = format.is_rollup().then(|| Line { layout: Layout::of(&sniffed.header.names), cells: Vec::new() });
        let mut reader =
            Csv { bytes, text, holds_nul, delimiter, names, sniffed, format, cells: Cells::default(), line };
        let mut records = 0;
        for (lines_before, index) in block.csv() {
            records += index.len() as u64;
            let Self { fields, picked, left } = self;
            let mut one = |number: usize, sink: &mut T| {
                let span = index.record(number);
                let first = lines_before + span.line();
                let record = reader.record(index, &span, fields);
                sink.record(Lines { first, last: first + span.within(), page: 0 }, record)
            };
            if !takes_rows {
                (0..index.len()).try_for_each(|number| one(number, sink))?;
                continue;
            }
            let line = |number: usize| lines_before + index.record(number).line();
            let is_row = |(start, end): (usize, usize)| {
                let (start, end) = CsvRows::bare(bytes, start, end);
                names.are_not_in(&bytes[start..end], delimiter)
            };
            for begin in (0..index.len()).step_by(MOST_ROWS) {
                let range = begin..index.len().min(begin + MOST_ROWS);
                left.clear();
                let rows = index.rows(range.clone()).filter(|rows| rows.spans(0, 0).all(is_row));
                if let Some(rows) = rows {
                    sink.rows(bytes, rows, |row| line(begin + row), left)?;
                    left.sort_unstable();
                    left.iter().try_for_each(|row| one(begin + row, sink))?;
                    continue;
                }
                let (rows, numbers) = index.pick(range.clone(), names.names.len(), picked, is_row);
                sink.rows(bytes, rows, |row| line(numbers[row]), left)?;
                left.sort_unstable();
                let mut left = left.iter().map(|row| numbers[*row]).peekable();
                let mut taken = numbers.iter().copied().peekable();
                for number in range {
                    let is_taken = taken.next_if_eq(&number).is_some();
                    if left.next_if_eq(&number).is_some() || !is_taken {
                        one(number, sink)?;
                    }
                }
            }
        }
        Ok(records)
    }
}

/// The names of the columns, among which the first field of each record is looked for.
#[derive(Clone, Copy)]
struct Names<'t> {
    names: &'t [String],
    /// How long they are, a bit each: most first fields are not, and need no comparing.
    lengths: u64,
}

impl<'t> Names<'t> {
    fn new(names: &'t [String]) -> Self {
        Self { names, lengths: names.iter().fold(0, |lengths, name| lengths | Self::length(name.as_bytes())) }
    }

    fn length(name: &[u8]) -> u64 {
        1 << name.len().min(63)
    }

    /// Whether a record with as many fields as there are columns, of which this is the first, is neither blank nor a
    /// header, be it this one or one in another order.
    #[inline]
    fn are_not_in(&self, first: &[u8], delimiter: u8) -> bool {
        let first = bare(first);
        // Nothing but blanks between tabs is a blank line.
        let may_be_blank = (self.names.len() == 1 || delimiter == b'\t') && first.is_empty();
        !may_be_blank && !self.hold(first)
    }

    fn hold(&self, bare: &[u8]) -> bool {
        let end = |name: &[u8]| name.last().map(u8::to_ascii_lowercase);
        let is_it = |name: &String| end(name.as_bytes()) == end(bare) && name.as_bytes().eq_ignore_ascii_case(bare);
        self.lengths & Self::length(bare) != 0 && self.names.iter().any(is_it)
    }

    /// Whether most of what a record holds are names: then it begins a table of other columns, or of the same ones in
    /// another order, and what follows would be read as what it is not.
    fn begin_again(&self, fields: &RecordFields<'_>, bytes: &[u8]) -> bool {
        let texts = (0..fields.len()).filter_map(|index| Some(fields.get(index)?.bytes(bytes)));
        let (mut filled, mut named) = (0, 0);
        for text in texts {
            let text = bare(&text);
            filled += usize::from(!text.is_empty());
            named += usize::from(!text.is_empty() && self.hold(text));
        }
        named >= 2 && named * 2 > filled
    }
}

/// Where the cells of lines of a rollup file stand, with room for those of one.
struct Line<'t> {
    layout: Layout,
    cells: Vec<Cow<'t, str>>,
}

struct Csv<'t> {
    bytes: &'t [u8],
    /// All records and where they begin, if they are text and were looked at for that.
    text: Option<(&'t str, usize)>,
    holds_nul: bool,
    delimiter: u8,
    names: Names<'t>,
    sniffed: &'t Sniffed,
    format: &'t Format,
    cells: Cells<'t>,
    /// Of a rollup file.
    line: Option<Line<'t>>,
}

impl Csv<'_> {
    fn record<'r>(&'r mut self, index: &CsvIndex, span: &RecordSpan, room: &mut Fields) -> Record<'r> {
        let Self { bytes, holds_nul, .. } = *self;
        let names = &self.sniffed.header.names;
        let record = &bytes[span.range()];
        if record.trim_ascii().is_empty() && !names.is_empty() && !(names.len() == 1 && record.contains(&b'"')) {
            return Record::Blank;
        }
        let fields = match index.fields(span, bytes, self.delimiter, room) {
            Ok(fields) => fields,
            Err(wrong) => {
                let column = names.get(wrong.field).map_or("", String::as_str);
                return rejected(reject("quote", column, "", wrong.reason));
            }
        };
        let width = names.len();
        if let Some(Line { layout, cells }) = &mut self.line {
            if fields.len() != width {
                return rejected(reject("width", "", "", "it has another number of cells than the header"));
            }
            cells.clear();
            for Field { start, end, doubled } in (0..width).filter_map(|index| fields.get(index)) {
                let cell = match self.text {
                    Some((text, begin)) => text.get(start - begin..end - begin),
                    None => bytes.get(start..end).and_then(|bytes| std::str::from_utf8(bytes).ok()),
                };
                match cell {
                    Some(cell) if doubled => cells.push(Cow::Owned(cell.replace("\"\"", "\""))),
                    Some(cell) => cells.push(Cow::Borrowed(cell)),
                    None => return rejected(reject("encoding", "", "", "it is not UTF-8")),
                }
            }
            if cells.iter().zip(names).all(|(cell, name)| cell == name) {
                return Record::Header;
            }
            return Record::Line(layout.line(cells));
        }
        // Nearly all records are none; where columns are for one thing each, their first field says so.
        let first = fields.get(0).unwrap_or_default().bytes(bytes);
        let is_usual = !span.has_odd_quotes()
            && self.sniffed.header.plan.is_some()
            && fields.len() == width
            && self.names.are_not_in(&first, self.delimiter);
        let is_header =
            |name: &String, index| fields.get(index).is_some_and(|field| bare(&field.bytes(bytes)) == name.as_bytes());
        if !is_usual && fields.len() == width && (0..).zip(names).all(|(index, name)| is_header(name, index)) {
            return Record::Header;
        }
        if !is_usual && self.names.begin_again(&fields, bytes) {
            return rejected(reject(
                SECOND_HEADER,
                "",
                "",
                "a second header, with other columns or the same in another order",
            ));
        }
        if fields.len() != width {
            let fields = fields.len();
            let reason =
                format!("{fields} {} where the header has {width}", if fields == 1 { "field" } else { "fields" });
            return rejected(reject("width", "", "", &reason));
        }
        if span.has_odd_quotes() && span.within() > 0 {
            let value = |index| fields.get(index).map(|field| &bytes[field.start..field.end]);
            let holds = |index| value(index).is_some_and(|value| holds_rows(value, self.delimiter, width, self.format));
            if let Some(index) = (0..width).find(|index| holds(*index)) {
                return rejected(reject("quote", &names[index], "", ROWS_IN_A_VALUE));
            }
        }
        // A last column without a name comes from a comma at the end of each line; a value in it belongs elsewhere.
        if names[width - 1].is_empty() {
            let last = fields.get(width - 1).unwrap_or_default().bytes(bytes);
            if !last.trim_ascii().is_empty() {
                let value = String::from_utf8_lossy(&last);
                return rejected(reject("width", "", &value, "a value in a column that has no name"));
            }
        }
        let texts = (0..width).map(|index| {
            let Field { start, end, doubled } = fields.get(index)?;
            let text = match self.text {
                Some((text, begin)) => text.get(start - begin..end - begin)?,
                None => std::str::from_utf8(bytes.get(start..end)?).ok()?,
            };
            Some(Text { text, doubled })
        });
        let loaded = self.cells.load_csv(&self.format.paths, &self.sniffed.header, texts);
        let wrong = if holds_nul && memchr::memchr(0, record).is_some() {
            Some(reject("nul", "", "", "the row holds a NUL byte"))
        } else {
            loaded.as_ref().err().map(unreadable)
        };
        let is_stray = |index| fields.get(index).is_some_and(|field| field.has_stray_quote(bytes));
        let has_stray_quote =
            span.has_odd_quotes() && (0..width).any(|index| self.sniffed.header.reads_text(index) && is_stray(index));
        let doubtful = self.sniffed.may_have_decimal_commas();
        Record::Row(RowRead { has_stray_quote, ..row(&mut self.cells, self.format, wrong, doubtful) })
    }
}

/// Whether a quoted value holds the end of one row and the beginning of the next, as where the quote that closes it and
/// the one that opens another value were lost: as many delimiters as a row has, a line break, and a time.
fn holds_rows(value: &[u8], delimiter: u8, width: usize, format: &Format) -> bool {
    memchr::memchr2(b'\n', b'\r', value).is_some()
        && memchr::memchr_iter(delimiter, value).count() + 1 >= width
        && value.split(|byte| [delimiter, b'\n', b'\r'].contains(byte)).any(|piece| format.reads_time(piece))
}

/// A field as names of columns are compared: without blanks around it, and the mark of a file that was put behind another, behind
/// which quotes may stand.
fn bare(field: &[u8]) -> &[u8] {
    let Some(field) = field.strip_prefix(b"\xef\xbb\xbf") else { return field.trim_ascii() };
    let field = field.trim_ascii();
    field.strip_prefix(b"\"").and_then(|field| field.strip_suffix(b"\"")).unwrap_or(field)
}

fn json<T: RowSink>(block: &Block, format: &Format, sink: &mut T) -> Result<u64, T::Error> {
    let mut cells = Cells::default();
    let (bytes, span) = (block.bytes(), block.span());
    let takes_lines = sink.takes_rows();
    let holds_returns = memchr::memchr(b'\r', block.records()).is_some();
    let line_end = |at: usize| memchr::memchr(b'\n', &bytes[at..span.end]).map_or(span.end, |feed| at + feed);
    let (mut at, mut line, mut index) = (span.start, block.first_line, 0);
    while at < span.end {
        // A carriage return by itself ends a line too, but no record.
        let known = holds_returns.then(|| line_end(at));
        let within = known.map_or(0, |end| count_lines(bytes[at..end].strip_suffix(b"\r").unwrap_or(&bytes[at..end])));
        let lines = at..known.unwrap_or(span.end);
        let taken = if takes_lines && within == 0 { sink.line(bytes, lines.clone(), line)? } else { None };
        let end = taken.unwrap_or_else(|| known.unwrap_or_else(|| line_end(at)));
        if taken.is_none() {
            let RowPlace { line, page } =
                block.places.as_ref().map_or(RowPlace { line, page: 0 }, |places| places[index]);
            let lines = Lines { first: line, last: line + within, page };
            sink.record(lines, json_record(&mut cells, &bytes[at..end], format))?;
        }
        at = end + 1;
        line += within + 1;
        index += 1;
    }
    sink.end(bytes)?;
    Ok(index as u64)
}

/// Reads a line of JSON.
pub(super) fn json_record<'r, 't>(cells: &'r mut Cells<'t>, record: &'t [u8], format: &'r Format) -> Record<'r> {
    let record = record.trim_ascii();
    let record = record.strip_prefix(b"\xef\xbb\xbf").unwrap_or(record);
    if record.is_empty() {
        return Record::Blank;
    }
    match cells.load_json(&format.paths, record) {
        Err(problem @ Unreadable::Json(_)) => rejected(unreadable(&problem)),
        loaded => Record::Row(row(cells, format, loaded.as_ref().err().map(unreadable), false)),
    }
}

/// The row in the cells; where something is wrong with one of them, its days and dollars still count as rejected.
fn row<'r>(cells: &'r mut Cells<'_>, format: &'r Format, wrong: Option<Reject>, doubtful: bool) -> RowRead<'r> {
    let row = format.read(cells, doubtful);
    match wrong {
        Some(reject) => RowRead { outcome: Err(Box::new(reject)), ..row },
        None => row,
    }
}

fn unreadable(problem: &Unreadable) -> Reject {
    match problem {
        Unreadable::Encoding(column) => {
            reject("encoding", column, "", "the text is not UTF-8; --encoding names what else it may be")
        }
        Unreadable::Json(reason) => reject("bad-json", "", "", reason),
        Unreadable::Nested { column, reason } => reject("bad-json", column, "", reason),
    }
}

fn reject(code: &'static str, column: &str, value: &str, reason: &str) -> Reject {
    Reject { code, column: column.to_owned(), value: value.to_owned(), reason: reason.to_owned() }
}

fn rejected<'r>(reject: Reject) -> Record<'r> {
    let outcome = Err(Box::new(reject));
    Record::Row(RowRead {
        days: None,
        dollars: None,
        foreign: None,
        unread: &[],
        has_stray_quote: false,
        keys: RowKeys::default(),
        ignored: &[],
        outcome,
    })
}
