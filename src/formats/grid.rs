//! Where the fields of some rows stand, which whoever frames rows tells those who read them column by column.

use std::borrow::Cow;

/// Rows that are read at once.
pub const MOST_ROWS: usize = 512;

/// Where the fields of some rows stand.
pub trait Grid: Copy {
    /// Whether neighbouring fields, with what stands between them, are as good as one text.
    const ARE_NEIGHBOURS_ONE_TEXT: bool;

    /// Number of rows.
    fn rows(self) -> usize;

    /// From where one column begins to where another one, or the same, ends, row by row.
    fn spans(self, from: usize, to: usize) -> impl Iterator<Item = (usize, usize)>;

    /// Where one field begins and ends.
    fn span(self, row: usize, column: usize) -> (usize, usize);

    /// A field without quotes around it.
    fn bare(bytes: &[u8], start: usize, end: usize) -> (usize, usize);

    /// What the bytes of a field stand for; nothing where they are no text.
    fn text(raw: &[u8]) -> Option<Cow<'_, str>>;
}
