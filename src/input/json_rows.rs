//! JSON objects that are written alike, some hundred at a time.
//!
//! Role: lines of JSON → rows of columns, by the layouts of lines before. A line of another layout is left to be read by
//! the rules of JSON.

use std::borrow::Cow;
use std::ops::Range;

use super::json_layout::{JsonLayout, Span, unescaped};
use crate::formats::columns::Columns;
use crate::formats::grid::{Grid, MOST_ROWS};

/// Layouts that are remembered of an input.
const MOST_LAYOUTS: usize = 4;
/// Lines that are looked at for that.
const MOST_EXAMINED: usize = 16;

/// The layouts of an input.
#[derive(Default)]
pub(super) struct Layouts<'t> {
    known: Vec<LayoutBatch<'t>>,
    examined: usize,
    /// Which of them the last line had.
    last: usize,
}

/// Lines of one layout.
pub(super) struct LayoutBatch<'t> {
    layout: JsonLayout,
    pub(super) columns: Columns<'t>,
    pub(super) rows: JsonBatch,
}

/// Lines of a block, and where their values stand in it.
#[derive(Default)]
pub(super) struct JsonBatch {
    /// Column by column, with room for [`MOST_ROWS`] in each.
    spans: Vec<Span>,
    /// Where each begins, and its line in the file.
    pub(super) starts: Vec<(usize, u64)>,
}

/// Where the values of some lines stand.
#[derive(Clone, Copy)]
pub(super) struct JsonRows<'b> {
    spans: &'b [Span],
    rows: usize,
}

impl JsonBatch {
    /// Where the values of its lines stand.
    pub(super) fn grid(&self) -> JsonRows<'_> {
        JsonRows { spans: &self.spans, rows: self.starts.len() }
    }
}

impl Grid for JsonRows<'_> {
    // Keys stand between them.
    const ARE_NEIGHBOURS_ONE_TEXT: bool = false;

    fn rows(self) -> usize {
        self.rows
    }

    #[inline]
    fn spans(self, column: usize, _: usize) -> impl Iterator<Item = (usize, usize)> {
        let spans = &self.spans[column * MOST_ROWS..][..self.rows];
        spans.iter().map(|&(start, end)| (start as usize, end as usize))
    }

    #[inline]
    fn span(self, row: usize, column: usize) -> (usize, usize) {
        let (start, end) = self.spans[column * MOST_ROWS + row];
        (start as usize, end as usize)
    }

    fn bare(_: &[u8], start: usize, end: usize) -> (usize, usize) {
        (start, end)
    }

    fn text(raw: &[u8]) -> Option<Cow<'_, str>> {
        unescaped(raw)
    }
}

/// A line that was appended to the batch of its layout.
pub(super) struct Appended {
    /// Where it ends.
    pub(super) end: usize,
    /// The position of its layout, if that has no room for another.
    pub(super) full: Option<usize>,
}

impl<'t> Layouts<'t> {
    /// Appends the first of some lines to the batch of its layout, if that is known.
    #[inline]
    pub(super) fn append(&mut self, bytes: &[u8], lines: &Range<usize>, line: u64) -> Option<Appended> {
        let count = self.known.len();
        for position in (self.last..count).chain(0..self.last.min(count)) {
            let LayoutBatch { layout, rows, .. } = &mut self.known[position];
            let row = rows.starts.len();
            if let Some(end) = layout.find(bytes, lines, &mut rows.spans, row, MOST_ROWS) {
                rows.starts.push((lines.start, line));
                self.last = position;
                return Some(Appended { end, full: (row + 1 == MOST_ROWS).then_some(position) });
            }
        }
        None
    }

    /// The layout of the first of some lines, which is not like those before, and its keys; where there is room for more.
    pub(super) fn new_layout(&mut self, lines: &[u8]) -> Option<(JsonLayout, Vec<String>)> {
        if self.examined == MOST_EXAMINED || self.known.len() == MOST_LAYOUTS {
            return None;
        }
        self.examined += 1;
        let end = memchr::memchr(b'\n', lines).unwrap_or(lines.len());
        JsonLayout::of(&lines[..end])
    }

    /// Remembers a layout.
    pub(super) fn insert(&mut self, mut layout: JsonLayout, columns: Columns<'t>) {
        let width = layout.width();
        // An id is taken as it stands.
        columns.id_column().into_iter().for_each(|column| layout.refuse_escapes(column));
        let rows = JsonBatch { spans: vec![(0, 0); width * MOST_ROWS], starts: Vec::with_capacity(MOST_ROWS) };
        self.known.push(LayoutBatch { layout, columns, rows });
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.known.len()
    }

    /// The lines of a layout.
    pub(super) fn rows(&mut self, position: usize) -> Option<&mut LayoutBatch<'t>> {
        self.known.get_mut(position)
    }
}
