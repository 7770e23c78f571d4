//! Rows of one block, one by one.
//!
//! Role: a block → for each record its line and cells, or why it has none. The same for all containers.

use std::marker::PhantomData;
use std::ops::Range;

use super::blocks::{Block, Framing, RowPlace};
use super::csv_rows::{Field, Fields, count_lines};
use super::frames::{self, Edge, Frame, Frames, between};
use super::sniff::Sniffed;
use crate::formats::cells::Text;
use crate::formats::columns::{Grid, MOST_ROWS};
use crate::formats::{Cells, Format, PlainRows, Reject, RowRead, Unreadable};

/// The code of a row that is a header of other columns, after which nothing of the file can be believed.
pub(super) const SECOND_HEADER: &str = "two-tables";

/// A record of an input.
#[expect(clippy::large_enum_variant, reason = "nearly all records are rows, and a box for each would cost more")]
pub enum Record<'r> {
    /// Nothing on the line.
    Blank,
    /// The header once more, from files put one behind the other.
    Header,
    /// A row.
    Row(RowRead<'r>),
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

/// Rows of one CSV block that have as many fields as the header and nothing wrong with their quotes.
pub struct Run<'r> {
    /// What their fields are counted in; all of it is text.
    pub bytes: &'r [u8],
    edges: &'r [Edge],
    /// Where the edges of each row begin.
    firsts: &'r [usize],
}

impl Grid for Run<'_> {
    fn rows(&self) -> usize {
        self.firsts.len()
    }

    #[inline]
    fn fields(&self, column: usize) -> impl Iterator<Item = (usize, usize)> {
        self.firsts.iter().map(move |first| {
            let edges = &self.edges[first + column..][..2];
            between(edges[0], edges[1])
        })
    }

    #[inline]
    fn bounds(&self, row: usize, column: usize) -> (usize, usize) {
        let at = self.firsts[row] + column;
        between(self.edges[at], self.edges[at + 1])
    }
}

/// What takes the rows of a block.
pub trait RowSink {
    /// Why it takes no more.
    type Error;

    /// Takes one record.
    fn record(&mut self, lines: Lines, record: Record<'_>) -> Result<(), Self::Error>;

    /// Whether some rows may be given at once.
    fn takes_runs(&self) -> bool;

    /// Takes some rows, and adds the positions of those that it wants one by one to `left`.
    fn run(&mut self, run: &Run<'_>, left: &mut Vec<usize>) -> Result<(), Self::Error>;

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

    fn takes_runs(&self) -> bool {
        false
    }

    fn run(&mut self, run: &Run<'_>, left: &mut Vec<usize>) -> Result<(), E> {
        left.extend(0..run.rows());
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
    firsts: Vec<usize>,
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
        let whole = Whole::new(bytes, block.span());
        let plain = PlainRows::new(format, &sniffed.header, sniffed.may_have_decimal_commas());
        // A column without a name is looked at as long as there is one.
        let plain = plain.filter(|_| !whole.holds_nul && !sniffed.header.names.last().is_none_or(String::is_empty));
        let names = Names::new(&sniffed.header.names);
        let mut reader = Csv { whole, delimiter, names, sniffed, format, cells: Cells::default(), plain };
        let takes_runs = sink.takes_runs() && reader.plain.is_some() && reader.whole.text.is_some();
        let mut records = 0;
        for (lines_before, frames) in block.frames() {
            records += frames.all().len() as u64;
            let mut one = |frame: &Frame, sink: &mut T| {
                let first = lines_before + frame.line();
                let record = reader.record(frames, frame, &mut self.fields);
                sink.record(Lines { first, last: first + frame.within(), page: 0 }, record)
            };
            if !takes_runs {
                frames.iter().try_for_each(|frame| one(frame, sink))?;
                continue;
            }
            for frames_at_once in frames.all().chunks(MOST_ROWS) {
                self.firsts.clear();
                self.left.clear();
                let width = names.names.len();
                for frame in frames_at_once {
                    let edges = frame.edges(width).filter(|first| {
                        let (start, end) = between(frames.edges()[*first], frames.edges()[first + 1]);
                        names.are_not_in(&bytes[start..end], delimiter)
                    });
                    match edges {
                        Some(first) => self.firsts.push(first),
                        None => one(frame, sink)?,
                    }
                }
                let run = Run { bytes, edges: frames.edges(), firsts: &self.firsts };
                sink.run(&run, &mut self.left)?;
                if self.left.is_empty() {
                    continue;
                }
                // Of the frames, those that were in the run.
                let usual = frames_at_once
                    .iter()
                    .filter(|frame| frame.edges(width).is_some_and(|first| self.firsts.binary_search(&first).is_ok()));
                self.left.sort_unstable();
                let mut left = self.left.iter().peekable();
                for (position, frame) in usual.enumerate() {
                    if left.next_if_eq(&&position).is_some() {
                        one(frame, sink)?;
                    }
                }
            }
        }
        Ok(records)
    }
}

/// The bytes of a block, looked at as a whole for what each field would otherwise be looked at for.
#[derive(Clone, Copy)]
struct Whole<'t> {
    bytes: &'t [u8],
    /// All of it, if it is text up to where records end; what is before does not matter.
    text: Option<&'t str>,
    /// Where the text begins.
    start: usize,
    holds_nul: bool,
}

impl<'t> Whole<'t> {
    fn new(bytes: &'t [u8], span: std::ops::Range<usize>) -> Self {
        let records = &bytes[span.clone()];
        let (text, holds_nul) = (std::str::from_utf8(records).ok(), memchr::memchr(0, records).is_some());
        Self { bytes, text, start: span.start, holds_nul }
    }

    /// A field as text, nothing where it is none.
    #[inline]
    fn text(&self, field: Field) -> Option<Text<'t>> {
        let text = match self.text {
            Some(text) => text.get(field.start - self.start..field.end - self.start),
            None => std::str::from_utf8(self.bytes.get(field.start..field.end)?).ok(),
        };
        text.map(|text| Text { text, doubled: field.doubled })
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
        self.lengths & Self::length(bare) != 0 && self.names.iter().any(|name| name.as_bytes() == bare)
    }

    /// Whether most of what a record holds are names: then it begins a table of other columns, or of the same ones in
    /// another order, and what follows would be read as what it is not.
    fn begin_again(&self, fields: &frames::Row<'_>, bytes: &[u8]) -> bool {
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

struct Csv<'t> {
    whole: Whole<'t>,
    delimiter: u8,
    names: Names<'t>,
    sniffed: &'t Sniffed,
    format: &'t Format,
    cells: Cells<'t>,
    /// Rows whose columns are for one thing each.
    plain: Option<PlainRows<'t>>,
}

impl<'t> Csv<'t> {
    #[inline]
    fn record<'r>(&'r mut self, frames: &'r Frames, frame: &Frame, room: &mut Fields) -> Record<'r> {
        if let Some(fields) = self.usual(frames, frame)
            && let Some(ref mut plain) = self.plain
        {
            return Record::Row(plain.read(fields));
        }
        self.any(frames, frame, room)
    }

    /// The fields of nearly all records: with proper quotes, as many as the header, and not the header again.
    #[inline]
    fn usual<'f>(&self, frames: &'f Frames, frame: &Frame) -> Option<impl Iterator<Item = &'t str> + use<'t, 'f>> {
        self.plain.as_ref()?;
        let (text, start) = (self.whole.text?, self.whole.start);
        let count = self.names.names.len();
        let edges = frames.edges().get(frame.edges(count)?..)?;
        let bounds = edges.windows(2).take(count).map(|edges| between(edges[0], edges[1]));
        let mut fields = bounds.map(move |(from, to)| text.get(from - start..to - start).unwrap_or_default());
        let first = fields.next()?;
        self.names.are_not_in(first.as_bytes(), self.delimiter).then(|| std::iter::once(first).chain(fields))
    }

    /// Any record.
    fn any<'r>(&'r mut self, frames: &Frames, frame: &Frame, room: &mut Fields) -> Record<'r> {
        let Whole { bytes, holds_nul, .. } = self.whole;
        let names = &self.sniffed.header.names;
        let record = &bytes[frame.range()];
        if record.trim_ascii().is_empty() && !names.is_empty() && !(names.len() == 1 && record.contains(&b'"')) {
            return Record::Blank;
        }
        let fields = match frames.fields(frame, bytes, self.delimiter, room) {
            Ok(fields) => fields,
            Err(wrong) => {
                let column = names.get(wrong.field).map_or("", String::as_str);
                return rejected(reject("quote", column, "", wrong.reason));
            }
        };
        let width = names.len();
        let is_header =
            |name: &String, index| fields.get(index).is_some_and(|field| bare(&field.bytes(bytes)) == name.as_bytes());
        if fields.len() == width && (0..).zip(names).all(|(index, name)| is_header(name, index)) {
            return Record::Header;
        }
        if self.names.begin_again(&fields, bytes) {
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
        // A last column without a name comes from a comma at the end of each line; a value in it belongs elsewhere.
        if names[width - 1].is_empty() {
            let last = fields.get(width - 1).unwrap_or_default().bytes(bytes);
            if !last.trim_ascii().is_empty() {
                let value = String::from_utf8_lossy(&last);
                return rejected(reject("width", "", &value, "a value in a column that has no name"));
            }
        }
        let whole = self.whole;
        let texts = (0..width).map(|index| whole.text(fields.get(index)?));
        let loaded = self.cells.load_csv(&self.format.paths, &self.sniffed.header, texts);
        let wrong = if holds_nul && memchr::memchr(0, record).is_some() {
            Some(reject("nul", "", "", "the row holds a NUL byte"))
        } else {
            loaded.as_ref().err().map(unreadable)
        };
        let has_stray_quote = (0..width).any(|index| {
            self.sniffed.header.reads_text(index) && fields.get(index).is_some_and(|field| field.has_stray_quote(bytes))
        });
        let doubtful = self.sniffed.may_have_decimal_commas();
        Record::Row(RowRead { has_stray_quote, ..row(&mut self.cells, self.format, wrong, doubtful) })
    }
}

/// A field as names of columns are compared: without blanks around it, and the mark of a file that was put behind another.
fn bare(field: &[u8]) -> &[u8] {
    field.strip_prefix(b"\xef\xbb\xbf").unwrap_or(field).trim_ascii()
}

fn json<T: RowSink>(block: &Block, format: &Format, sink: &mut T) -> Result<u64, T::Error> {
    let mut cells = Cells::default();
    let (bytes, span) = (block.bytes(), block.span());
    let takes_lines = sink.takes_runs();
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
        present: 0,
        ignored: &[],
        outcome,
    })
}
