//! A document for a comment on GitHub or any other page in Markdown.
//!
//! Role: lays a [`Document`] out. What comes from files is escaped or stands as code, so that a name can change no line or
//! cell; words and numbers are ours and never escaped. Long lists end in `<details>`, so that the page stays well below the
//! 65,536 characters of a comment.

use std::fmt::{self, Write as _};

use super::document::{Block, Cell, Document, Escape, Row, Section, Table, Text};
use crate::diagnostic::Failure;
use crate::diagnostic::text::{markdown, markdown_code};

/// Rows of a list that stand at once, where nobody said how many; the others are folded away below them.
const MOST_ROWS: usize = 10;

const ESCAPE: Escape = Escape { words: str::to_owned, name: markdown_code, quote, is_cut: true };

/// A sentence that may quote files. What it quotes in backticks stands as code, unless the quotes do not pair.
fn quote(text: &str) -> String {
    let pieces: Vec<&str> = text.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        return markdown(text);
    }
    let show = |(index, piece): (usize, &&str)| if index % 2 == 1 { markdown_code(piece) } else { markdown(piece) };
    pieces.iter().enumerate().map(show).collect()
}

/// Renders a report, a plan or an estimate.
pub fn render(document: &Document) -> Result<String, Failure> {
    let mut page = String::new();
    write(document, &mut page).map_err(|error| Failure::internal(format!("the Markdown cannot be made: {error}")))?;
    Ok(page)
}

fn write(document: &Document, page: &mut String) -> fmt::Result {
    let headline = &document.headline;
    if let Some(status) = &headline.status {
        writeln!(page, "**{}**\n", status.text.drawn(&ESCAPE))?;
    }
    writeln!(page, "## {}", joined(&headline.answer, " "))?;
    if !headline.incomplete.is_empty() {
        writeln!(page, "\n> [!CAUTION]\n> **INCOMPLETE.** Settle this before you rely on a figure below:\n>")?;
        headline.incomplete.iter().try_for_each(|text| writeln!(page, "> - {}", text.drawn(&ESCAPE)))?;
    }
    headline.alarms.iter().try_for_each(|text| writeln!(page, "\n**{}**", text.drawn(&ESCAPE)))?;
    headline.details.iter().try_for_each(|text| writeln!(page, "\n{}", text.drawn(&ESCAPE)))?;
    document.sections().try_for_each(|found| section(found, document.row_limit(MOST_ROWS), page))?;
    writeln!(page, "\n<sub>{} · {} · amounts in USD</sub>", document.name, joined(&document.about, " · "))
}

fn joined(texts: &[Text], between: &str) -> String {
    texts.iter().map(|text| text.drawn(&ESCAPE)).collect::<Vec<_>>().join(between)
}

fn section(section: &Section, most: usize, page: &mut String) -> fmt::Result {
    writeln!(page, "\n### {}", section.title(&ESCAPE, ": "))?;
    section.blocks.iter().try_for_each(|block| {
        page.push('\n');
        match block {
            Block::Paragraph(text) | Block::Note(text) => writeln!(page, "{}", text.drawn(&ESCAPE)),
            Block::List(points) => points.iter().try_for_each(|point| writeln!(page, "- {}", point.drawn(&ESCAPE))),
            Block::Command(command) => writeln!(page, "{}", markdown_code(command)),
            Block::Table(found) => table(found, most, page),
        }
    })
}

fn table(table: &Table, most: usize, page: &mut String) -> fmt::Result {
    let (first, folded, rest) = table.split(most);
    header(table, page)?;
    first.iter().chain(&rest).chain(&table.apart).try_for_each(|found| row(found, page))?;
    if let Some(total) = &table.total {
        let bold = |text: String| if text.is_empty() { text } else { format!("**{text}**") };
        cells(total.cells.iter().map(|cell| bold(cell.drawn(&ESCAPE))), page)?;
    }
    let Some(rest) = rest.filter(|_| !folded.is_empty()) else { return Ok(()) };
    let amount = rest.cells.iter().find(|cell| cell.amount().is_some());
    let words: Vec<String> =
        std::iter::once(&rest.cells[table.subject()]).chain(amount).map(|cell| cell.drawn(&ESCAPE)).collect();
    writeln!(page, "\n<details><summary>{}</summary>\n", words.join(", "))?;
    header(table, page)?;
    folded.iter().try_for_each(|found| row(found, page))?;
    if let Some(mut beyond) = table.beyond() {
        if let Some(last) = beyond.cells.last_mut().filter(|cell| **cell == Cell::Empty) {
            *last = Cell::text("in the JSON report");
        }
        row(&beyond, page)?;
    }
    writeln!(page, "\n</details>")
}

fn header(table: &Table, page: &mut String) -> fmt::Result {
    cells(table.columns.iter().map(|column| column.title.drawn(&ESCAPE)), page)?;
    cells(table.columns.iter().map(|column| if column.is_figure() { "--:" } else { "---" }.to_owned()), page)
}

fn row(row: &Row, page: &mut String) -> fmt::Result {
    cells(row.cells.iter().map(|cell| cell.drawn(&ESCAPE)), page)
}

fn cells(cells: impl Iterator<Item = String>, page: &mut String) -> fmt::Result {
    writeln!(page, "| {} |", cells.collect::<Vec<_>>().join(" | "))
}
