//! Columns of amounts, with their exact texts where a spreadsheet cannot hold them.

use rust_xlsxwriter::Format;

use super::cells::{Drawn, Page};
use super::number;
use crate::money::Money;

const WIDTH: u16 = 16;
const EXACT_WIDTH: u16 = 24;
/// Points.
const HEAD_HEIGHT: u16 = 30;

/// Columns of amounts beside one another. One that has an amount with more digits than a spreadsheet holds has another
/// one for texts beside it.
pub struct Amounts<const N: usize> {
    first: u16,
    is_long: [bool; N],
}

impl<const N: usize> Amounts<N> {
    /// Columns from the first one on, for all rows of a sheet.
    pub fn new(first: u16, rows: impl IntoIterator<Item = [Option<Money>; N]>) -> Self {
        let mut is_long = [false; N];
        for row in rows {
            for (is_long, amount) in is_long.iter_mut().zip(row) {
                *is_long |= amount.is_some_and(number::is_too_long);
            }
        }
        Self { first, is_long }
    }

    /// The last of them.
    pub fn last(&self) -> u16 {
        self.columns().last().map_or(self.first, |(column, is_long)| column + u16::from(is_long))
    }

    /// Their titles and widths.
    pub fn head(&self, page: &mut Page<'_>, row: u32, titles: [&str; N]) -> Drawn {
        // Titles take two lines where they are longer than an amount.
        page.sheet.set_row_height(row, HEAD_HEIGHT)?;
        for ((column, is_long), title) in self.columns().zip(titles) {
            page.head(row, column, &[(title, true)])?;
            page.sheet.set_column_width(column, WIDTH)?;
            if is_long {
                page.head(row, column + 1, &[(&format!("{title}, exact"), true)])?;
                page.sheet.set_column_width(column + 1, EXACT_WIDTH)?;
            }
        }
        Ok(())
    }

    /// A row; nothing stands for an amount that is not known.
    pub fn write(&self, page: &mut Page<'_>, row: u32, amounts: [Option<Money>; N], look: &Format) -> Drawn {
        for ((column, _), amount) in self.columns().zip(amounts) {
            page.money(row, column, amount, look)?;
            if let Some(amount) = amount.filter(|amount| number::is_too_long(*amount)) {
                page.text(row, column + 1, &amount.to_string(), &page.style.exact)?;
            }
        }
        Ok(())
    }

    fn columns(&self) -> impl Iterator<Item = (u16, bool)> {
        self.is_long.iter().scan(self.first, |next, is_long| {
            let column = *next;
            *next += 1 + u16::from(*is_long);
            Some((column, *is_long))
        })
    }
}
