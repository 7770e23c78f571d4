//! The rows of one block, given to one consumer.
//!
//! Role: gives rows to [`RowConsumer::batch`] where some can be read at once, and all others to [`RowConsumer::row`].

use std::ops::Range;

use super::blocks::Block;
use super::csv_index::Rows;
use super::json_rows::{Appended, LayoutBatch, Layouts};
use super::rows::{Lines, Record, RowSink, Rows as RowsRead, json_record};
use super::sniff::{Framing, Sniffed};
use crate::formats::columns::Columns;
use crate::formats::grid::Grid;
use crate::formats::{Cells, Format, Header};

/// What becomes of the rows of a pass.
pub(super) trait RowConsumer<'p> {
    /// Why it accepts no more.
    type Error;

    /// Columns of a file with this header, if they can be read at once.
    fn columns(&mut self, source: (usize, &'p Format), header: &Header, doubtful: bool) -> Option<Columns<'p>>;

    /// Consumes rows, each with its line, and notes those that must be read one by one.
    fn batch<G: Grid>(
        &mut self,
        source: (usize, &Format),
        columns: &mut Columns<'_>,
        rows: (&[u8], G),
        line: impl Fn(usize) -> u64,
        left: &mut Vec<usize>,
    ) -> Result<(), Self::Error>;

    /// Consumes one row.
    fn row(&mut self, input: usize, format: &Format, lines: Lines, record: Record<'_>) -> Result<(), Self::Error>;
}

/// How rows of an input are read at once.
#[derive(Default)]
enum FastPath<'t> {
    #[default]
    Never,
    Csv(Box<Columns<'t>>),
    Json(Layouts<'t>),
}

impl<'t> FastPath<'t> {
    /// The one for an input.
    fn of(sniffed: &Sniffed, source: (usize, &'t Format), consumer: &mut impl RowConsumer<'t>) -> Self {
        match sniffed.framing {
            _ if source.1.is_rollup() => Self::Never,
            Framing::JsonLines => Self::Json(Layouts::default()),
            Framing::JsonValues | Framing::JsonPages => Self::Never,
            Framing::Csv(_) => consumer
                .columns(source, &sniffed.header, sniffed.may_have_decimal_commas())
                .map_or(Self::Never, |columns| Self::Csv(Box::new(columns))),
        }
    }
}

/// Reads blocks, with room that is used again.
#[derive(Default)]
pub(super) struct Reader<'p> {
    rows: RowsRead,
    /// How rows of the input at hand are read.
    fast_path: Option<(usize, FastPath<'p>)>,
}

impl<'p> Reader<'p> {
    /// Gives all rows of a block to a consumer, and says how many records there are.
    pub(super) fn read<W: RowConsumer<'p>>(
        &mut self,
        block: &Block,
        (sniffed, format): (&Sniffed, &'p Format),
        consumer: &mut W,
    ) -> Result<u64, W::Error> {
        let input = block.input;
        let fast_path = match self.fast_path.take() {
            Some((known, fast_path)) if known == input => fast_path,
            _ => FastPath::of(sniffed, (input, format), consumer),
        };
        let mut reader = BlockReader { consumer, input, format, fast_path };
        let records = self.rows.read(block, sniffed, format, &mut reader);
        self.fast_path = Some((input, reader.fast_path));
        records
    }
}

/// A block being read.
struct BlockReader<'t, 'p, W> {
    consumer: &'t mut W,
    input: usize,
    format: &'p Format,
    fast_path: FastPath<'p>,
}

impl<'p, W: RowConsumer<'p>> BlockReader<'_, 'p, W> {
    /// Hands over the lines of a layout.
    fn flush(&mut self, bytes: &[u8], position: usize) -> Result<(), W::Error> {
        let FastPath::Json(layouts) = &mut self.fast_path else { return Ok(()) };
        let Some(LayoutBatch { columns, rows, .. }) = layouts.rows(position) else { return Ok(()) };
        let mut left = Vec::new();
        let line = |row: usize| rows.starts[row].1;
        self.consumer.batch((self.input, self.format), columns, (bytes, rows.grid()), line, &mut left)?;
        let mut cells = Cells::default();
        for row in left {
            let (start, line) = rows.starts[row];
            let record = &bytes[start..];
            let record = &record[..memchr::memchr(b'\n', record).unwrap_or(record.len())];
            let lines = Lines { first: line, last: line, page: 0 };
            self.consumer.row(self.input, self.format, lines, json_record(&mut cells, record, self.format))?;
        }
        rows.starts.clear();
        Ok(())
    }
}

impl<'p, W: RowConsumer<'p>> RowSink for BlockReader<'_, 'p, W> {
    type Error = W::Error;

    fn record(&mut self, lines: Lines, record: Record<'_>) -> Result<(), W::Error> {
        self.consumer.row(self.input, self.format, lines, record)
    }

    fn takes_rows(&self) -> bool {
        !matches!(self.fast_path, FastPath::Never)
    }

    fn rows(
        &mut self,
        bytes: &[u8],
        rows: Rows<'_>,
        line: impl Fn(usize) -> u64,
        left: &mut Vec<usize>,
    ) -> Result<(), W::Error> {
        let FastPath::Csv(columns) = &mut self.fast_path else { return Ok(()) };
        self.consumer.batch((self.input, self.format), columns, (bytes, rows), line, left)
    }

    #[inline]
    fn line(&mut self, bytes: &[u8], lines: Range<usize>, line: u64) -> Result<Option<usize>, W::Error> {
        let FastPath::Json(layouts) = &mut self.fast_path else { return Ok(None) };
        if let Some(Appended { end, full }) = layouts.append(bytes, &lines, line) {
            full.map_or(Ok(()), |position| self.flush(bytes, position))?;
            return Ok(Some(end));
        }
        if let Some((layout, keys)) = layouts.new_layout(&bytes[lines]) {
            let header = self.format.header(keys);
            if let Some(columns) = self.consumer.columns((self.input, self.format), &header, false) {
                layouts.insert(layout, columns);
            }
        }
        Ok(None)
    }

    fn end(&mut self, bytes: &[u8]) -> Result<(), W::Error> {
        let layouts = match &self.fast_path {
            FastPath::Json(layouts) => layouts.count(),
            _ => 0,
        };
        (0..layouts).try_for_each(|position| self.flush(bytes, position))
    }
}
