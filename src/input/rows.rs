//! Rows of one block, one by one.
//!
//! Role: a block → for each record its line and cells, or why it has none. The same for all containers.

use super::blocks::{Block, Framing};
use super::csv_rows::{End, Fields, count_lines, record_end};
use super::sniff::Sniffed;
use crate::formats::{Cells, Format, Reject, RowRead, Unreadable};

/// A record of an input.
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
}

/// Reads rows, with room that is used again.
#[derive(Debug, Default)]
pub struct Rows {
    cells: Cells,
    fields: Fields,
}

impl Rows {
    /// Calls `each` with every record of a block.
    pub fn read<E>(
        &mut self,
        block: &Block,
        sniffed: &Sniffed,
        format: &Format,
        mut each: impl FnMut(Lines, &[u8], Record<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let (mut at, mut line, mut index) = (0, block.first_line, 0);
        while at < block.bytes.len() {
            let rest = &block.bytes[at..];
            let (end, next) = match sniffed.framing {
                Framing::Csv(delimiter) => match record_end(rest, delimiter, true) {
                    End::At(end, next) => (end, next),
                    // Blocks end where records end, so an open quote cannot come up here.
                    End::Open(_) => (rest.len(), rest.len()),
                },
                Framing::JsonLines | Framing::JsonValues => match memchr::memchr(b'\n', rest) {
                    Some(end) => (end, end + 1),
                    None => (rest.len(), rest.len()),
                },
            };
            let record = &rest[..end];
            let first = block.lines.as_ref().map_or(line, |lines| lines[index]);
            let within = count_lines(record);
            let lines = Lines { first, last: first + within };
            match sniffed.framing {
                Framing::Csv(delimiter) => {
                    let row = self.csv(record, delimiter, sniffed, format);
                    each(lines, record, row)?;
                }
                Framing::JsonLines | Framing::JsonValues => {
                    let row = self.json(record, format);
                    each(lines, record, row)?;
                }
            }
            at += next;
            line += within + u64::from(next > end);
            index += 1;
        }
        Ok(())
    }

    fn csv<'r>(&'r mut self, record: &[u8], delimiter: u8, sniffed: &Sniffed, format: &'r Format) -> Record<'r> {
        if record.trim_ascii().is_empty()
            && !sniffed.header.names.is_empty()
            && !(sniffed.header.names.len() == 1 && record.contains(&b'"'))
        {
            return Record::Blank;
        }
        if let Err(wrong) = self.fields.split(record, delimiter) {
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
        let loaded = self.cells.load_csv(&format.paths, &sniffed.header, field);
        let wrong = if memchr::memchr(0, record).is_some() {
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
    fn row<'r>(&'r mut self, format: &'r Format, wrong: Option<Reject>, doubtful: bool) -> RowRead<'r> {
        let row = format.read(&mut self.cells, doubtful);
        match wrong {
            Some(reject) => RowRead { outcome: Err(reject), ..row },
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
    Record::Row(RowRead { days: None, dollars: None, outcome: Err(reject) })
}
