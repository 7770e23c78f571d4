//! Rows of one block, one by one.
//!
//! Role: a block → for each record its line and cells, or why it has none. The same for all containers.

use super::blocks::{Block, Framing, RowPlace};
use super::csv_rows::{Fields, StrayQuote, count_lines};
use super::sniff::Sniffed;
use crate::formats::{Cells, Format, Reject, RowRead, Unreadable};

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

/// Reads rows, with room that is used again.
#[derive(Debug, Default)]
pub struct Rows {
    cells: Cells,
    fields: Fields,
}

impl Rows {
    /// Calls `each` with every record of a block. False says that the block ends inside a record, whose rows are then in
    /// doubt: its border was guessed, and guessed wrong.
    pub fn read<E>(
        &mut self,
        block: &Block,
        sniffed: &Sniffed,
        format: &Format,
        mut each: impl FnMut(Lines, &[u8], Record<'_>) -> Result<(), E>,
    ) -> Result<bool, E> {
        let (mut at, mut line, mut index) = (0, block.first_line, 0);
        let has_nul = memchr::memchr(0, &block.bytes).is_some();
        while at < block.bytes.len() {
            let rest = &block.bytes[at..];
            let place = block.places.as_ref().map_or(RowPlace { line, page: 0 }, |places| places[index]);
            let lines = |breaks| Lines { first: place.line, last: place.line + breaks, page: place.page };
            let (end, next, breaks) = match sniffed.framing {
                Framing::Csv(delimiter) => {
                    let Some(framed) = self.fields.read(rest, delimiter) else { return Ok(false) };
                    let record = &rest[..framed.end];
                    let row = self.csv(record, framed.quotes, has_nul, delimiter, sniffed, format);
                    each(lines(framed.breaks), record, row)?;
                    (framed.end, framed.next, framed.breaks)
                }
                Framing::JsonLines | Framing::JsonValues | Framing::JsonPages => {
                    let end = memchr::memchr(b'\n', rest);
                    let record = &rest[..end.unwrap_or(rest.len())];
                    let breaks = count_lines(record);
                    let row = self.json(record, format);
                    each(lines(breaks), record, row)?;
                    (record.len(), end.map_or(rest.len(), |end| end + 1), breaks)
                }
            };
            at += next;
            line += breaks + u64::from(next > end);
            index += 1;
        }
        Ok(true)
    }

    #[inline]
    fn csv<'r>(
        &'r mut self,
        record: &[u8],
        quotes: Result<(), StrayQuote>,
        has_nul: bool,
        delimiter: u8,
        sniffed: &Sniffed,
        format: &'r Format,
    ) -> Record<'r> {
        if record.trim_ascii().is_empty()
            && !sniffed.header.names.is_empty()
            && !(sniffed.header.names.len() == 1 && record.contains(&b'"'))
        {
            return Record::Blank;
        }
        if let Err(wrong) = quotes {
            let column = sniffed.header.names.get(wrong.field).map_or("", String::as_str);
            return rejected(reject("quote", column, "", wrong.reason));
        }
        let width = sniffed.header.names.len();
        if self.fields.len() != width {
            let fields = self.fields.len();
            let reason =
                format!("{fields} {} where the header has {width}", if fields == 1 { "field" } else { "fields" });
            return rejected(reject("width", "", "", &reason));
        }
        let field = |index: usize| self.fields.get(record, index);
        let repeats = (0..width).all(|index| {
            field(index).is_some_and(|text| {
                text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii()
                    == sniffed.header.names[index].as_bytes()
            })
        });
        if repeats {
            return Record::Header;
        }
        // A last column without a name comes from a comma at the end of each line; a value in it belongs elsewhere.
        let last = field(width - 1).unwrap_or_default();
        if sniffed.header.names[width - 1].is_empty() && !last.trim_ascii().is_empty() {
            return rejected(reject(
                "width",
                "",
                &String::from_utf8_lossy(last),
                "a value in a column that has no name",
            ));
        }
        let loaded =
            self.cells.load_csv(&format.paths, &sniffed.header, record, |index| self.fields.field(record, index));
        let wrong = if has_nul && memchr::memchr(0, record).is_some() {
            Some(reject("nul", "", "", "the row holds a NUL byte"))
        } else {
            loaded.as_ref().err().map(unreadable)
        };
        Record::Row(self.row(format, wrong, delimiter == b';'))
    }

    fn json<'r>(&'r mut self, record: &[u8], format: &'r Format) -> Record<'r> {
        let record = record.trim_ascii();
        let record = record.strip_prefix(b"\xef\xbb\xbf").unwrap_or(record);
        if record.is_empty() {
            return Record::Blank;
        }
        match self.cells.load_json(&format.paths, record) {
            Err(problem @ Unreadable::Json(_)) => rejected(unreadable(&problem)),
            loaded => Record::Row(self.row(format, loaded.as_ref().err().map(unreadable), false)),
        }
    }

    /// The row in the cells; where something is wrong with one of them, its days and dollars still count as rejected.
    #[inline]
    fn row<'r>(&'r mut self, format: &'r Format, wrong: Option<Reject>, doubtful: bool) -> RowRead<'r> {
        let row = format.read(&mut self.cells, doubtful);
        match wrong {
            Some(reject) => RowRead { outcome: Err(Box::new(reject)), ..row },
            None => row,
        }
    }
}

fn unreadable(problem: &Unreadable) -> Reject {
    match problem {
        Unreadable::Encoding(column) => reject("encoding", column, "", "the text is not UTF-8"),
        Unreadable::Json(reason) => reject("bad-json", "", "", reason),
        Unreadable::Nested { column, reason } => reject("bad-json", column, "", reason),
    }
}

fn reject(code: &'static str, column: &str, value: &str, reason: &str) -> Reject {
    Reject { code, column: column.to_owned(), value: value.to_owned(), reason: reason.to_owned() }
}

fn rejected<'r>(reject: Reject) -> Record<'r> {
    Record::Row(RowRead { days: None, dollars: None, outcome: Err(Box::new(reject)) })
}
