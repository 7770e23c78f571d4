//! A document for a terminal.
//!
//! Role: lays a [`Document`] out in the width and colours of a [`Theme`]. Names are bare here: what moves a cursor is
//! escaped before, in [`document::Text::drawn`].

use comfy_table::Color;

use super::document::{self, Block, Column, ColumnType, Document, Emphasis, PLAIN, Section};
use super::theme::Theme;

pub mod page;

use page::{Cell, Row};
pub use page::{Page, wrap};

/// Rows of a list, where nobody said how many.
const MOST_ROWS: usize = 12;
/// From this width on, reasons have a column of their own; on narrower pages they stand below their row.
const WIDE: usize = 110;
/// Columns of a bar, and the fewest in which one is drawn.
const BAR: usize = 20;
const SHORTEST_BAR: usize = 8;

/// Renders a report, a plan or an estimate.
pub fn render(document: &Document, theme: &Theme) -> String {
    let mut page = Page { theme, text: String::new() };
    let about: Vec<String> = document.about.iter().map(|text| text.drawn(&PLAIN)).collect();
    page.paragraph(Theme::dim, &format!("{} · {}", document.name, about.join(" · ")));
    page.line("");
    let headline = &document.headline;
    if let Some(status) = &headline.status {
        page.paragraph(if status.is_alarm { Theme::alarm } else { Theme::bold }, &status.text.drawn(&PLAIN));
        page.line("");
    }
    for (index, text) in headline.incomplete.iter().enumerate() {
        page.labelled(if index == 0 { "INCOMPLETE" } else { "" }, Theme::alarm, &text.drawn(&PLAIN));
    }
    if !headline.incomplete.is_empty() {
        page.line("");
    }
    let answer: Vec<String> = headline.answer.iter().map(|text| text.drawn(&PLAIN)).collect();
    page.paragraph(Theme::bold, &answer.join(" "));
    for text in &headline.alarms {
        page.paragraph(Theme::alarm, &text.drawn(&PLAIN));
    }
    for text in &headline.details {
        page.paragraph(Theme::as_is, &text.drawn(&PLAIN));
    }
    let most = document.row_limit(MOST_ROWS);
    let blocks = document.sections().flat_map(|section| &section.blocks);
    let aligned = blocks.filter_map(Block::table).filter(|table| table.is_aligned);
    let peers: Vec<Row> = aligned.flat_map(|table| Layout::of(table, most, theme).rows).collect();
    for section in document.sections() {
        draw(section, most, &peers, &mut page);
    }
    page.text
}

fn draw(section: &Section, most: usize, peers: &[Row], page: &mut Page<'_>) {
    page.line("");
    page.paragraph(Theme::bold, &section.title(&PLAIN, "  "));
    for block in &section.blocks {
        match block {
            Block::Paragraph(text) => page.paragraph(Theme::as_is, &text.drawn(&PLAIN)),
            Block::Note(text) => page.paragraph(Theme::dim, &text.drawn(&PLAIN)),
            Block::List(points) => points.iter().for_each(|point| page.point(&point.drawn(&PLAIN))),
            Block::Command(command) => page.paragraph(Theme::as_is, &format!("$ {command}")),
            Block::Table(found) => table(found, most, peers, page),
        }
    }
}

/// The rows of a table as they stand on a page: in some of its columns.
struct Layout {
    columns: Vec<usize>,
    below: Option<usize>,
    rows: Vec<Row>,
    bars: Vec<Option<document::Bar>>,
}

impl Layout {
    /// All columns; where there is little room, reasons stand below their row.
    fn of(table: &document::Table, most: usize, theme: &Theme) -> Self {
        let is_reason = |column: &Column| column.holds == ColumnType::Reason;
        let below = table.columns.iter().position(is_reason).filter(|_| theme.width < WIDE);
        let columns = (0..table.columns.len()).filter(|column| Some(*column) != below).collect();
        let mut layout = Self { columns, below, rows: Vec::new(), bars: Vec::new() };
        layout.fill(table, most);
        layout
    }

    /// The head and the rows in the columns that are left.
    fn fill(&mut self, table: &document::Table, most: usize) {
        let (first, _, rest) = table.split(most);
        let titles = self.columns.iter().map(|&column| {
            let title = table.columns[column].title.drawn(&PLAIN);
            if table.columns[column].is_figure() { Cell::right(title).dim() } else { Cell::left(title).dim() }
        });
        self.rows = vec![Row { cells: titles.collect(), below: None }];
        self.bars = vec![None];
        let all = first
            .iter()
            .map(|row| (row, None))
            .chain(rest.iter().map(|row| (row, Some(Cell::dim as fn(Cell) -> Cell))));
        let all = all.chain(table.apart.iter().map(|row| (row, None)));
        let all: Vec<_> =
            all.chain(table.total.iter().map(|row| (row, Some(Cell::bold as fn(Cell) -> Cell)))).collect();
        let decimals = table.decimals();
        for (row, look) in all {
            let cells = self.columns.iter().map(|&column| {
                let cell = cell(&row.cells[column], &table.columns[column], decimals[column]);
                look.map_or_else(|| cell.clone(), |look| look(cell.clone()))
            });
            let below = self.below.map(|column| row.cells[column].drawn(&PLAIN)).filter(|text| !text.is_empty());
            self.rows.push(Row { cells: cells.collect(), below });
            self.bars.push(row.bar);
        }
    }
}

/// What stands in a column, with its point under those above it. Of savings the colour says again whether there are any.
fn cell(cell: &document::Cell, column: &Column, decimals: usize) -> Cell {
    let text = cell.drawn(&PLAIN) + &" ".repeat(cell.missing_decimals(decimals).len());
    if !column.is_figure() {
        return Cell::left(text);
    }
    let drawn = Cell::right(text);
    let amount = cell.amount().filter(|amount| column.holds == ColumnType::Saving && !document::is_nothing(*amount));
    match amount {
        Some(amount) if amount.is_negative() => drawn.colored(Some(Color::DarkRed)),
        Some(_) => drawn.colored(Some(Color::DarkGreen)),
        None => drawn,
    }
}

/// A table in as many of its columns as there is room for; with too many of them each row is a line of its own.
fn table(table: &document::Table, most: usize, peers: &[Row], page: &mut Page<'_>) {
    let mut layout = Layout::of(table, most, page.theme);
    let peers = if table.is_aligned { peers } else { &[] };
    for optional in table.optional_columns {
        if !page.is_too_narrow_for(&page.widths(layout.rows.iter().chain(peers))) {
            break;
        }
        layout.columns.retain(|column| column != optional);
        layout.fill(table, most);
    }
    let mut widths = page.widths(layout.rows.iter().chain(peers));
    if page.is_too_narrow_for(&widths) {
        return records(&layout.rows, page);
    }
    let room = page.room_beside(&widths).min(BAR);
    if room >= SHORTEST_BAR && layout.bars.iter().any(Option::is_some) {
        for (row, bar) in layout.rows.iter_mut().zip(&layout.bars) {
            row.cells.extend(bar.map(|found| self::bar(found, table.longest_bar, room, page.theme)));
        }
        widths.push(room);
    }
    page.rows(&layout.rows, &widths);
}

/// Rows whose figures do not fit beside one another: each with its titles.
fn records(rows: &[Row], page: &mut Page<'_>) {
    let [head, rows @ ..] = rows else { return };
    for row in rows {
        let mut cells = head.cells.iter().zip(&row.cells).filter(|(_, cell)| !cell.text().trim().is_empty());
        let subject = cells.next().map_or("", |(_, cell)| cell.text());
        let figures = cells.map(|(title, cell)| format!("{} {}", title.text(), cell.text().trim()));
        let figures: Vec<String> = figures.chain(row.below.clone()).collect();
        page.point(&format!("{subject}: {}", figures.join(" · ")));
    }
}

/// A bar in the colour of what it says.
fn bar(bar: document::Bar, longest: crate::money::Money, columns: usize, theme: &Theme) -> Cell {
    let (bar, color) = match bar {
        document::Bar::Amount(amount, emphasis) => {
            let color = match emphasis {
                Emphasis::Plain => None,
                Emphasis::Good => Some(Color::DarkGreen),
                Emphasis::Open => Some(Color::DarkMagenta),
            };
            (theme.bar(amount, longest, columns, emphasis == Emphasis::Open), color)
        }
        document::Bar::Left(left, all) => (theme.left_bar(left, all, longest, columns), None),
        document::Bar::Step(from, to) => {
            let color = if to > from { Color::DarkRed } else { Color::DarkGreen };
            (theme.step_bar((from, to), longest, columns, false), Some(color))
        }
        document::Bar::Assumed(from, to) => {
            (theme.step_bar((from, to), longest, columns, true), Some(Color::DarkMagenta))
        }
    };
    Cell::left(bar).colored(color)
}
