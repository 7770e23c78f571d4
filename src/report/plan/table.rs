//! The plan for a terminal.

use comfy_table::Color;

use super::Draft;
use super::content::{self, Bar, Grid, Holds, Section, Show, Tone};
use super::lists::WHY;
use crate::diagnostic::{shown, shown_short};
use crate::money::Money;
use crate::report::content as words;
use crate::report::table::{BAR, Cell, NARROW_BAR, Page, Row, WIDE};
use crate::report::theme::Theme;

/// Renders the plan.
pub fn render(draft: &Draft<'_>, theme: &Theme) -> String {
    let mut page = Page { theme, text: String::new() };
    let about = words::about(draft.report, shown_short).join(" · ");
    page.paragraph(Theme::dim, &format!("batchwise plan · {about}"));
    page.line("");
    for note in &draft.report.incomplete {
        page.labelled("INCOMPLETE", Theme::alarm, &note.message);
    }
    if !draft.report.incomplete.is_empty() {
        page.line("");
    }
    let show = Show { name: shown_short, text: |text| shown(text).into_owned() };
    let said = content::headline(draft, show);
    for (index, sentence) in said.iter().enumerate() {
        page.paragraph(if index == 0 { Theme::bold } else { Theme::as_is }, sentence);
    }
    if let Some(alarm) = words::bill_alarm(draft.report) {
        page.paragraph(Theme::alarm, &alarm);
    }
    for sentence in words::basis(draft.report, shown_short) {
        page.paragraph(Theme::as_is, &sentence);
    }
    for section in content::sections(draft, show) {
        draw(&section, &mut page);
    }
    page.text
}

fn draw(section: &Section, page: &mut Page<'_>) {
    page.line("");
    page.paragraph(Theme::bold, &section.heading);
    for sentence in &section.before {
        page.paragraph(Theme::as_is, sentence);
    }
    if let Some(grid) = &section.table {
        let mut columns: Vec<usize> = (0..grid.head.len()).collect();
        // Where there is little room, reasons stand below their row, as in a report.
        let below = grid.head.iter().position(|(name, _)| *name == WHY).filter(|_| page.theme.width < WIDE);
        columns.retain(|column| Some(*column) != below);
        let mut rows = rows(grid, &columns, below);
        for spare in grid.spare {
            if !page.is_too_narrow_for(&rows) {
                break;
            }
            columns.retain(|column| column != spare);
            rows = self::rows(grid, &columns, below);
        }
        let room = page.room_beside(&rows).min(BAR);
        if let Some(bars) = grid.bars.as_ref().filter(|_| room >= NARROW_BAR) {
            for (row, bar) in rows.iter_mut().skip(1).zip(&bars.rows) {
                row.cells.push(drawn(*bar, bars.whole, room, page.theme));
            }
        }
        page.rows(&rows);
    }
    for point in &section.points {
        page.point(point);
    }
}

/// The head and the rows of a table in some of its columns; one of the others may stand below them.
fn rows(grid: &Grid, columns: &[usize], below: Option<usize>) -> Vec<Row> {
    let titles = columns.iter().map(|&column| match grid.head[column] {
        (title, Holds::Text) => Cell::left(title).dim(),
        (title, _) => Cell::right(title).dim(),
    });
    let mut rows = vec![Row::of(titles.collect())];
    let mut add = |row: &[String], look: fn(Cell) -> Cell| {
        let cells = columns.iter().map(|&column| look(cell(&row[column], grid.head[column].1))).collect();
        let below = below.map(|column| row[column].clone()).filter(|text| !text.is_empty());
        rows.push(Row { cells, below });
    };
    grid.rows.iter().for_each(|row| add(row, |cell| cell));
    grid.rest.iter().for_each(|row| add(row, Cell::dim));
    grid.total.iter().for_each(|row| add(row, Cell::bold));
    rows
}

/// What stands in a column. Of savings the colour says again whether there are any.
fn cell(text: &str, holds: Holds) -> Cell {
    let is_amount = text.contains(|character: char| matches!(character, '1'..='9'));
    match holds {
        Holds::Text => Cell::left(text),
        Holds::Saving if is_amount => {
            let color = if text.starts_with('−') { Color::DarkRed } else { Color::DarkGreen };
            Cell::right(text).colored(Some(color))
        }
        Holds::Figure | Holds::Saving => Cell::right(text),
    }
}

/// A bar in the colour of what it says.
fn drawn(bar: Bar, whole: Money, columns: usize, theme: &Theme) -> Cell {
    let (bar, color) = match bar {
        Bar::Amount(amount, tone) => {
            let color = match tone {
                Tone::Plain => None,
                Tone::Good => Some(Color::DarkGreen),
                Tone::Open => Some(Color::DarkMagenta),
            };
            (theme.bar(amount, whole, columns), color)
        }
        Bar::Left(left, all) => (theme.left_bar(left, all, whole, columns), None),
        Bar::Step(from, to) => {
            let color = if to > from { Color::DarkRed } else { Color::DarkGreen };
            (theme.step_bar(from, to, whole, columns), Some(color))
        }
    };
    Cell::left(bar).colored(color)
}
