//! Sections of a document on a sheet of facts.
//!
//! Role: typed cells → cells of a spreadsheet. A column that has an amount with more digits than a spreadsheet holds has
//! another one beside it, with all of them as text.

use std::borrow::Cow;

use rust_xlsxwriter::{Format, Worksheet, XlsxError};

use super::cells::{Drawn, Page, clean};
use super::number;
use super::style::Style;
use crate::report::document::{Block, Cell, Column, Escape, Precision, Row, Section, Table, Text};

/// The row of the first heading, or of the head where a sheet has one table alone.
const FIRST: u32 = 4;
/// Widths of columns, in digits.
const NARROWEST: usize = 10;
const WIDEST: usize = 44;
const AMOUNT_WIDTH: u16 = 16;
const EXACT_WIDTH: u16 = 24;
/// Points: titles of two lines.
const HEAD_HEIGHT: u16 = 30;
/// Rows by which a column's width is chosen.
const MEASURED: usize = 200;

/// Cells hold long names, and make them safe themselves.
const ESCAPE: Escape = Escape { words: str::to_owned, name: str::to_owned, quote: str::to_owned, is_cut: false };

/// A sheet of sections under one another. Printed, none is divided that fits on a page.
pub fn sheet<'s>(
    style: &Style,
    name: &str,
    notes: &[Text],
    sections: impl IntoIterator<Item = &'s Section>,
) -> Result<Worksheet, XlsxError> {
    let mut sheet = Worksheet::new();
    let notes: Vec<String> = notes.iter().map(|note| note.drawn(&ESCAPE)).collect();
    let notes: Vec<&str> = notes.iter().map(String::as_str).collect();
    let mut page = Page::new(&mut sheet, style, name, &notes)?;
    let (mut row, mut last) = (FIRST, 0);
    let mut parts = Vec::new();
    for section in sections {
        let start = row;
        page.text(row, 0, &section.title(&ESCAPE, "  "), &style.heading)?;
        row += 1;
        for block in &section.blocks {
            match block {
                Block::Paragraph(text) => page.text(row, 0, &text.drawn(&ESCAPE), &style.text)?,
                Block::Note(text) => page.text(row, 0, &text.drawn(&ESCAPE), &style.note)?,
                Block::Command(command) => page.text(row, 0, command, &style.text)?,
                Block::List(points) => {
                    for point in points {
                        page.text(row, 0, &point.drawn(&ESCAPE), &style.name)?;
                        row += 1;
                    }
                }
                Block::Table(found) => {
                    let end = table(&mut page, row, found)?;
                    (row, last) = (end.0, last.max(end.1));
                }
            }
            row += 1;
        }
        parts.push((start, row));
        row += 1;
    }
    let last = last.max(6);
    page.keep_together(&parts, last)?;
    page.sheet.set_print_area(0, 0, row.saturating_sub(2).max(FIRST), last)?;
    Ok(sheet)
}

/// A sheet of one table, whose head stays in sight and whose rows can be filtered.
pub fn table_sheet(style: &Style, name: &str, notes: &[Text], table: &Table) -> Result<Worksheet, XlsxError> {
    let mut sheet = Worksheet::new();
    let notes: Vec<String> = notes.iter().map(|note| note.drawn(&ESCAPE)).collect();
    let notes: Vec<&str> = notes.iter().map(String::as_str).collect();
    let mut page = Page::new(&mut sheet, style, name, &notes)?;
    let (end, last) = self::table(&mut page, FIRST, table)?;
    let rows = u32::try_from(table.rows.len()).unwrap_or(0);
    page.sheet.autofilter(FIRST, 0, FIRST + rows, last)?;
    page.finish(FIRST, last, 1, (end.saturating_sub(1).max(FIRST), last))?;
    Ok(sheet)
}

/// A column of the table, and where it stands on the sheet.
struct Place<'t> {
    column: &'t Column,
    at: u16,
    is_long: bool,
    is_after_figure: bool,
}

/// Writes a table; gives the row behind it and its last column.
fn table(page: &mut Page<'_>, head: u32, table: &Table) -> Result<(u32, u16), XlsxError> {
    let beyond = table.beyond();
    let rows: Vec<&Row> = table.rows.iter().chain(&beyond).chain(&table.apart).chain(&table.total).collect();
    let mut at = 0;
    let mut places = Vec::new();
    for (index, column) in table.columns.iter().enumerate() {
        let cells = || rows.iter().filter_map(move |row| row.cells.get(index));
        let is_long = cells().filter_map(Cell::amount).any(number::is_too_long);
        let is_after_figure = index > 0 && table.columns[index - 1].is_figure();
        places.push(Place { column, at, is_long, is_after_figure });
        widen(page, at, column, cells())?;
        if is_long {
            page.widen(at + 1, EXACT_WIDTH)?;
        }
        at += 1 + u16::from(is_long);
    }
    titles(page, head, &places)?;
    let mut line = head;
    for row in &rows {
        line += 1;
        for (place, cell) in places.iter().zip(&row.cells) {
            let look = look(page.style, place, cell);
            let is_total = table.total.as_ref().is_some_and(|total| std::ptr::eq(*row, total));
            let look = if is_total { Cow::Owned(look.merge(&page.style.total_label)) } else { Cow::Borrowed(look) };
            write(page, line, place, cell, &look)?;
        }
    }
    Ok((line + 1, at.saturating_sub(1)))
}

/// Makes a column as wide as the longest of its texts, up to a limit.
fn widen<'c>(page: &mut Page<'_>, at: u16, column: &Column, cells: impl Iterator<Item = &'c Cell>) -> Drawn {
    let longest = || cells.take(MEASURED).map(|cell| cell.drawn(&ESCAPE).chars().count()).max().unwrap_or_default();
    let width = if column.is_figure() {
        AMOUNT_WIDTH
    } else {
        u16::try_from((longest() + 2).clamp(NARROWEST, WIDEST)).unwrap_or(AMOUNT_WIDTH)
    };
    // Tables under one another share columns.
    page.widen(at, width)
}

fn titles(page: &mut Page<'_>, row: u32, places: &[Place<'_>]) -> Drawn {
    page.sheet.set_row_height(row, HEAD_HEIGHT)?;
    let mut titles: Vec<(String, bool)> = Vec::new();
    for place in places {
        let title = place.column.title.drawn(&ESCAPE);
        let exact = place.is_long.then(|| (format!("{title}, exact"), true));
        titles.push((clean(&title), place.column.is_figure()));
        titles.extend(exact);
    }
    let titles: Vec<(&str, bool)> = titles.iter().map(|(title, is_figure)| (title.as_str(), *is_figure)).collect();
    page.head(row, 0, &titles)
}

fn look<'s>(style: &'s Style, place: &Place<'_>, cell: &Cell) -> &'s Format {
    match cell {
        Cell::Text(_) if place.column.is_figure() => &style.right,
        Cell::Text(_) if place.is_after_figure => &style.name_indented,
        Cell::Text(_) => &style.name,
        Cell::Empty | Cell::Date(_) => &style.text,
        Cell::Count(_) => &style.count,
        Cell::Share(None) => &style.right,
        Cell::Share(Some(_)) => &style.share,
        Cell::Money(_, precision) | Cell::Change(_, precision) | Cell::Worded(_, precision, _) => {
            if *precision == Precision::Exact { &style.fine } else { &style.money }
        }
    }
}

fn write(page: &mut Page<'_>, row: u32, place: &Place<'_>, cell: &Cell, look: &Format) -> Drawn {
    match cell {
        Cell::Empty => page.sheet.write_blank(row, place.at, look).map(|_| ()),
        Cell::Text(_) | Cell::Share(None) => page.text(row, place.at, &cell.drawn(&ESCAPE), look),
        Cell::Date(date) => page.text(row, place.at, date, look),
        Cell::Count(count) => {
            let count = u64::try_from(*count).unwrap_or(u64::MAX);
            page.number(row, place.at, number::of_count(count), look)
        }
        Cell::Share(Some(share)) => page.number(row, place.at, number::nearest(share), look),
        Cell::Money(amount, _) | Cell::Change(amount, _) | Cell::Worded(amount, _, _) => {
            page.money(row, place.at, *amount, look)?;
            if number::is_too_long(*amount) {
                page.text(row, place.at + 1, &amount.to_string(), &page.style.exact)?;
            }
            Ok(())
        }
    }
}
