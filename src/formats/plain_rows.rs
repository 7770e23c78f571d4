//! Rows whose columns are for one thing each, read one by one.

use super::expected::KeyBits;
use super::plan::{Plan, Said};
use super::row::RowReader;
use super::{Format, Header, RowRead};
use crate::money::DecimalStyle;

/// Rows whose columns are for one thing each, with room that is used again.
#[derive(Debug)]
pub struct PlainRows<'t> {
    format: &'t Format,
    plan: &'t Plan,
    said: Said<'t>,
    decimal: DecimalStyle,
    present: KeyBits,
}

impl<'t> PlainRows<'t> {
    /// Rows of a file with this header; nothing where they must go through [`Cells`](super::Cells).
    pub fn new(format: &'t Format, header: &'t Header, doubtful: bool) -> Option<Self> {
        let plan = header.plan.as_ref()?;
        let (decimal, present) = (format.decimal(doubtful), header.present);
        Some(Self { format, plan, said: Said::default(), decimal, present })
    }

    /// Turns the fields of a row into what it says, as [`Format::read`] does.
    #[inline]
    pub fn read<'r>(&'r mut self, fields: impl Iterator<Item = &'t str>) -> RowRead<'r> {
        self.said.fill(self.plan, fields);
        let Self { format, said, decimal, present, .. } = self;
        RowReader { format, said, decimal: *decimal, unread: &said.unread, present: *present }.read(None)
    }
}
