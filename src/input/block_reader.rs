//! The rows of one block, taken by one worker.
//!
//! Role: gives rows to [`Worker::batch`] where some can be taken at once, and all others to [`Worker::row`].

use std::ops::Range;

use super::blocks::Framing;
use super::csv_index::Rows;
use super::json_rows::{Appended, LayoutBatch, Layouts};
use super::pass::Worker;
use super::rows::{Lines, Record, RowSink, json_record};
use crate::formats::columns::Columns;
use crate::formats::{Cells, Format};
use crate::rollup::Unsummable;

/// How rows of an input are taken at once.
pub(super) enum FastPath<'t> {
    Never,
    Csv(Box<Columns<'t>>),
    Json(Layouts<'t>),
}

impl<'p> Worker<'p> {
    /// How rows of an input are taken.
    pub(super) fn fast_path(&mut self, input: usize) -> FastPath<'p> {
        match self.fast_path.take() {
            Some((known, fast_path)) if known == input => fast_path,
            _ if self.pass.copies[input].is_some() => FastPath::Never,
            _ => {
                let sniffed = &self.pass.sniffed[input];
                let format = &self.pass.reading.formats[sniffed.format];
                match sniffed.framing {
                    _ if format.is_rollup() => FastPath::Never,
                    Framing::JsonLines => FastPath::Json(Layouts::default()),
                    Framing::JsonValues | Framing::JsonPages => FastPath::Never,
                    Framing::Csv(_) => self
                        .columns(format, &sniffed.header, sniffed.may_have_decimal_commas())
                        .map_or(FastPath::Never, |columns| FastPath::Csv(Box::new(columns))),
                }
            }
        }
    }
}

/// A block being taken.
pub(super) struct BlockReader<'t, 'p> {
    pub(super) worker: &'t mut Worker<'p>,
    pub(super) input: usize,
    pub(super) format: &'p Format,
    pub(super) fast_path: FastPath<'p>,
}

impl BlockReader<'_, '_> {
    /// Takes the lines of a layout.
    fn flush(&mut self, bytes: &[u8], position: usize) -> Result<(), Unsummable> {
        let FastPath::Json(layouts) = &mut self.fast_path else { return Ok(()) };
        let Some(LayoutBatch { columns, rows, .. }) = layouts.rows(position) else { return Ok(()) };
        let mut left = Vec::new();
        self.worker.batch((self.input, self.format), columns, bytes, rows.grid(), &mut left)?;
        let mut cells = Cells::default();
        for row in left {
            let (start, line) = rows.starts[row];
            let record = &bytes[start..];
            let record = &record[..memchr::memchr(b'\n', record).unwrap_or(record.len())];
            let lines = Lines { first: line, last: line, page: 0 };
            self.worker.row(self.input, self.format, lines, json_record(&mut cells, record, self.format))?;
        }
        rows.starts.clear();
        Ok(())
    }
}

impl RowSink for BlockReader<'_, '_> {
    type Error = Unsummable;

    fn record(&mut self, lines: Lines, record: Record<'_>) -> Result<(), Unsummable> {
        self.worker.row(self.input, self.format, lines, record)
    }

    fn takes_rows(&self) -> bool {
        !matches!(self.fast_path, FastPath::Never)
    }

    fn rows(&mut self, bytes: &[u8], rows: Rows<'_>, left: &mut Vec<usize>) -> Result<(), Unsummable> {
        let FastPath::Csv(columns) = &mut self.fast_path else { return Ok(()) };
        self.worker.batch((self.input, self.format), columns, bytes, rows, left)
    }

    #[inline]
    fn line(&mut self, bytes: &[u8], lines: Range<usize>, line: u64) -> Result<Option<usize>, Unsummable> {
        let FastPath::Json(layouts) = &mut self.fast_path else { return Ok(None) };
        if let Some(Appended { end, full }) = layouts.append(bytes, &lines, line) {
            full.map_or(Ok(()), |position| self.flush(bytes, position))?;
            return Ok(Some(end));
        }
        if let Some((layout, keys)) = layouts.new_layout(&bytes[lines]) {
            let header = self.format.header(keys);
            if let Some(columns) = self.worker.columns(self.format, &header, false) {
                layouts.insert(layout, columns);
            }
        }
        Ok(None)
    }

    fn end(&mut self, bytes: &[u8]) -> Result<(), Unsummable> {
        let layouts = match &self.fast_path {
            FastPath::Json(layouts) => layouts.count(),
            _ => 0,
        };
        (0..layouts).try_for_each(|position| self.flush(bytes, position))
    }
}
