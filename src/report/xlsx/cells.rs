//! Writing cells: texts that stay texts, numbers with their exact amounts, formulas with their results.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rust_xlsxwriter::{Format, Formula, Worksheet, XlsxError};
use unicode_width::UnicodeWidthStr as _;

use super::number;
use super::style::Style;
use crate::diagnostic::sanitized;
use crate::money::{Exact, Money};
use crate::policy::Cases;
use crate::report::table::wrap;

/// Most UTF-16 units that a cell holds.
const LONGEST_TEXT: usize = 32_767;
/// A4, and how many digits of a wide font stand beside one another between its margins.
const PAPER: u8 = 9;
const PAPER_WIDTH: u16 = 105;
/// Rows of usual height between its margins, of which the title and heads of tables take more than one.
const PAGE_ROWS: u32 = 30;
/// Digits of a column whose width nobody chose.
const USUAL_WIDTH: u16 = 9;
/// Lines that a row shows at most, and the height of one in points.
const MOST_LINES: usize = 10;
const LINE_HEIGHT: usize = 14;

/// What a formula shows where there is nothing to reckon. Some viewers take an empty text for 0.
pub const NOTHING: &str = "–";

/// What drawing comes to.
pub type Drawn = Result<(), XlsxError>;

/// A sheet that is being written. Rows and columns count from 0.
pub struct Page<'w> {
    /// The sheet.
    pub sheet: &'w mut Worksheet,
    /// How cells look.
    pub style: &'w Style,
    /// Columns that are as wide as their texts.
    widened: BTreeMap<u16, u16>,
}

impl<'w> Page<'w> {
    /// A sheet with its name, what it is, and how it is printed.
    pub fn new(sheet: &'w mut Worksheet, style: &'w Style, name: &str, notes: &[&str]) -> Result<Self, XlsxError> {
        sheet
            .set_name(name)?
            .set_landscape()
            .set_paper_size(PAPER)
            .set_print_fit_to_pages(1, 0)
            .set_margins(0.5, 0.5, 0.6, 0.6, 0.3, 0.3)
            .set_footer("&L&8batchwise&C&8&A&R&8&P / &N")
            .set_screen_gridlines(false);
        sheet.set_row_height(0, 24)?;
        let mut page = Self { sheet, style, widened: BTreeMap::new() };
        page.text(0, 0, name, &style.title)?;
        for (row, note) in (1..).zip(notes) {
            page.text(row, 0, note, &style.note)?;
        }
        Ok(page)
    }

    /// Widths of the first columns.
    pub fn widths(&mut self, widths: &[u16]) -> Drawn {
        for (column, width) in (0..).zip(widths) {
            self.sheet.set_column_width(column, *width)?;
        }
        Ok(())
    }

    /// Makes a column at least so wide.
    pub fn widen(&mut self, column: u16, width: u16) -> Drawn {
        let known = self.widened.entry(column).or_default();
        if width > *known {
            *known = width;
            self.sheet.set_column_width(column, width)?;
        }
        Ok(())
    }

    /// Begins a printed page where these rows, from first to last, would else be divided. A sheet that is fitted to the width
    /// of a page overlooks that, so one whose columns are too wide is scaled by what they take.
    pub fn keep_together(&mut self, parts: &[(u32, u32)], last_column: u16) -> Drawn {
        let width = |column| self.widened.get(&column).copied().unwrap_or(USUAL_WIDTH);
        let wide = (0..=last_column).map(width).sum::<u16>().max(PAPER_WIDTH);
        let page_rows = PAGE_ROWS * u32::from(wide) / u32::from(PAPER_WIDTH);
        let (mut breaks, mut page_start) = (Vec::new(), 0);
        for &(first, last) in parts {
            if last - page_start >= page_rows && last - first < page_rows {
                breaks.push(first);
                page_start = first;
            }
            page_start += (last - page_start) / page_rows * page_rows;
        }
        if breaks.is_empty() {
            return Ok(());
        }
        self.sheet.set_print_scale(PAPER_WIDTH * 100 / wide).set_page_breaks(&breaks).map(|_| ())
    }

    /// Looks of the first columns. A cell that is written without a look has its column's, which is found much sooner
    /// than a cell's own.
    pub fn looks(&mut self, looks: &[&Format]) -> Drawn {
        for (column, look) in (0..).zip(looks) {
            self.sheet.set_column_format(column, look)?;
        }
        Ok(())
    }

    /// A text from anywhere.
    pub fn text<'f>(&mut self, row: u32, column: u16, text: &str, look: impl Into<Option<&'f Format>>) -> Drawn {
        match look.into() {
            _ if text.is_empty() => {}
            Some(look) => drop(self.sheet.write_string_with_format(row, column, clean(text), look)?),
            None => drop(self.sheet.write_string(row, column, clean(text))?),
        }
        Ok(())
    }

    /// A text over several columns of a row.
    pub fn across(&mut self, row: u32, (from, to): (u16, u16), text: &str, look: &Format) -> Drawn {
        self.sheet.merge_range(row, from, row, to, &clean(text), look).map(|_| ())
    }

    /// A number.
    pub fn number<'f>(&mut self, row: u32, column: u16, number: f64, look: impl Into<Option<&'f Format>>) -> Drawn {
        match look.into() {
            Some(look) => drop(self.sheet.write_number_with_format(row, column, number, look)?),
            None => drop(self.sheet.write_number(row, column, number)?),
        }
        Ok(())
    }

    /// The head of a table: titles, and whether numbers stand below.
    pub fn head(&mut self, row: u32, column: u16, titles: &[(&str, bool)]) -> Drawn {
        let mut is_after_number = false;
        for (column, (title, is_number)) in (column..).zip(titles) {
            let look = match (is_number, is_after_number) {
                (true, _) => &self.style.head_number,
                (false, true) => &self.style.head_indented,
                (false, false) => &self.style.head,
            };
            self.sheet.write_string_with_format(row, column, *title, look)?;
            is_after_number = *is_number;
        }
        Ok(())
    }

    /// Makes a row as high as its texts need in columns of these widths: programs do not all find that out themselves.
    pub fn high_enough(&mut self, row: u32, texts: &[(&str, u16)]) -> Drawn {
        // Widths count digits of the usual font of 11 points, texts are of 10 points and mostly of narrower letters.
        let lines = texts.iter().map(|(text, width)| {
            let room = usize::from(*width) * 5 / 4;
            // A word that is longer than a line breaks anywhere.
            wrap(text, room).iter().map(|line| line.width().div_ceil(room).max(1)).sum::<usize>()
        });
        let most = lines.max().unwrap_or(1).clamp(1, MOST_LINES);
        self.sheet.set_row_height(row, u16::try_from(most * LINE_HEIGHT).unwrap_or(u16::MAX))?;
        Ok(())
    }

    /// An amount; nothing where it is not known.
    pub fn money<'f>(
        &mut self,
        row: u32,
        column: u16,
        amount: impl Into<Option<Money>>,
        look: impl Into<Option<&'f Format>>,
    ) -> Drawn {
        amount.into().map_or(Ok(()), |amount| self.number(row, column, number::of_money(amount), look))
    }

    /// A count; nothing where it is not known.
    pub fn count(&mut self, row: u32, column: u16, count: impl Into<Option<u64>>) -> Drawn {
        let look = &self.style.count;
        count.into().map_or(Ok(()), |count| self.number(row, column, number::of_count(count), look))
    }

    /// A share or factor.
    pub fn ratio<'f>(&mut self, row: u32, column: u16, value: &Exact, look: impl Into<Option<&'f Format>>) -> Drawn {
        self.number(row, column, number::nearest(&number::text(value)), look)
    }

    /// A formula with its result as text.
    pub fn formula<'f>(
        &mut self,
        row: u32,
        column: u16,
        formula: String,
        result: String,
        look: impl Into<Option<&'f Format>>,
    ) -> Drawn {
        let formula = Formula::new(formula).set_result(result);
        match look.into() {
            Some(look) => drop(self.sheet.write_formula_with_format(row, column, formula, look)?),
            None => drop(self.sheet.write_formula(row, column, formula)?),
        }
        Ok(())
    }

    /// Head rows that stay in sight and come again on each printed page, and what is printed.
    pub fn finish(&mut self, head: u32, columns: u16, frozen_columns: u16, last: (u32, u16)) -> Drawn {
        debug_assert!(frozen_columns <= columns);
        self.sheet.set_freeze_panes(head + 1, frozen_columns)?;
        self.sheet.set_repeat_rows(head, head)?;
        self.sheet.set_print_area(0, 0, last.0, last.1)?;
        Ok(())
    }
}

/// A text as a cell shows it: what cannot be seen is shown by its number, keys are masked, and what no cell holds is cut.
pub fn clean(text: &str) -> String {
    let safe = sanitized(text);
    let mut cleaned = String::with_capacity(safe.len());
    let mut units = 0;
    for character in safe.chars() {
        // Two characters that no XML may hold.
        let is_unfit = matches!(character, '\u{fffe}' | '\u{ffff}');
        units += if is_unfit { 8 } else { character.len_utf16() };
        if units >= LONGEST_TEXT {
            cleaned.push('…');
            break;
        }
        if is_unfit {
            // Writing to a String cannot fail.
            let _ = write!(cleaned, "\\u{{{:x}}}", u32::from(character));
        } else {
            cleaned.push(character);
        }
    }
    cleaned
}

/// A cell as formulas of other sheets name it.
pub fn cell_of(sheet: &str, row: u32, column: u16) -> String {
    format!("{}!${}${}", quoted(sheet), letters(column), row + 1)
}

/// The cells of a column as formulas of other sheets name them.
pub fn column_of(sheet: &str, column: &str, first: u32, last: u32) -> String {
    format!("{}!${column}${}:${column}${}", quoted(sheet), first + 1, last + 1)
}

fn quoted(sheet: &str) -> String {
    if sheet.contains(|c: char| !c.is_ascii_alphanumeric()) { format!("'{sheet}'") } else { sheet.to_owned() }
}

/// The letters of a column.
pub fn letters(column: u16) -> String {
    rust_xlsxwriter::utility::column_number_to_name(column)
}

/// Amounts by case, in the order of the columns.
pub fn in_order<T>(cases: Cases<T>) -> [T; 3] {
    [cases.low, cases.base, cases.high]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_fit_a_cell() {
        assert_eq!(clean("a\tb\u{ffff}"), "a\\u{9}b\\u{ffff}");
        let long = clean(&"𝒳".repeat(40_000));
        assert_eq!(long.encode_utf16().count(), LONGEST_TEXT);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn names_of_cells() {
        assert_eq!(cell_of("Scenarios", 4, 27), "Scenarios!$AB$5");
        assert_eq!(column_of("Workloads 2026-12-01", "I", 5, 9), "'Workloads 2026-12-01'!$I$6:$I$10");
    }
}
