//! The rows of one block, taken by one worker.
//!
//! Role: gives rows to [`Worker::batch`] where some can be taken at once, and all others to [`Worker::row`].

use std::ops::Range;

use super::blocks::Framing;
use super::json_rows::{LayoutRows, Layouts, Taken};
use super::pass::Worker;
use super::rows::{Lines, Record, Run, Taker, json_record};
use crate::formats::columns::Columns;
use crate::formats::{Cells, Format};
use crate::rollup::Unsummable;

/// How rows of an input are taken at once.
pub(super) enum AtOnce<'t> {
    Never,
    Csv(Box<Columns<'t>>),
    Json(Layouts<'t>),
}

impl<'p> Worker<'p> {
    /// How rows of an input are taken.
    pub(super) fn at_once(&mut self, input: usize) -> AtOnce<'p> {
        match self.at_once.take() {
            Some((known, at_once)) if known == input => at_once,
            _ if self.pass.copies[input].is_some() => AtOnce::Never,
            _ => {
                let sniffed = &self.pass.sniffed[input];
                let format = &self.pass.reading.formats[sniffed.format];
                match sniffed.framing {
                    Framing::JsonLines => AtOnce::Json(Layouts::default()),
                    Framing::JsonValues | Framing::JsonPages => AtOnce::Never,
                    Framing::Csv(_) => self
                        .columns(format, &sniffed.header, sniffed.may_have_decimal_commas())
                        .map_or(AtOnce::Never, |columns| AtOnce::Csv(Box::new(columns))),
                }
            }
        }
    }
}

/// A block being taken.
pub(super) struct Taking<'t, 'p> {
    pub(super) worker: &'t mut Worker<'p>,
    pub(super) input: usize,
    pub(super) format: &'p Format,
    pub(super) at_once: AtOnce<'p>,
}

impl Taking<'_, '_> {
    /// Takes the lines of a layout.
    fn flush(&mut self, bytes: &[u8], position: usize) -> Result<(), Unsummable> {
        let AtOnce::Json(layouts) = &mut self.at_once else { return Ok(()) };
        let Some(LayoutRows { columns, rows, .. }) = layouts.rows(position) else { return Ok(()) };
        let mut left = Vec::new();
        self.worker.batch((self.input, self.format), columns, bytes, rows, &mut left)?;
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

impl Taker for Taking<'_, '_> {
    type Error = Unsummable;

    fn record(&mut self, lines: Lines, record: Record<'_>) -> Result<(), Unsummable> {
        self.worker.row(self.input, self.format, lines, record)
    }

    fn takes_runs(&self) -> bool {
        !matches!(self.at_once, AtOnce::Never)
    }

    fn run(&mut self, run: &Run<'_>, left: &mut Vec<usize>) -> Result<(), Unsummable> {
        let AtOnce::Csv(columns) = &mut self.at_once else { return Ok(()) };
        self.worker.batch((self.input, self.format), columns, run.bytes, run, left)
    }

    #[inline]
    fn line(&mut self, bytes: &[u8], lines: Range<usize>, line: u64) -> Result<Option<usize>, Unsummable> {
        let AtOnce::Json(layouts) = &mut self.at_once else { return Ok(None) };
        if let Some(Taken { end, full }) = layouts.take(bytes, &lines, line) {
            full.map_or(Ok(()), |position| self.flush(bytes, position))?;
            return Ok(Some(end));
        }
        if let Some((layout, keys)) = layouts.new_layout(&bytes[lines]) {
            let header = self.format.header(keys);
            if let Some(columns) = self.worker.columns(self.format, &header, false) {
                layouts.learn(layout, &header, columns);
            }
        }
        Ok(None)
    }

    fn end(&mut self, bytes: &[u8]) -> Result<(), Unsummable> {
        let layouts = match &self.at_once {
            AtOnce::Json(layouts) => layouts.count(),
            _ => 0,
        };
        (0..layouts).try_for_each(|position| self.flush(bytes, position))
    }
}
