//! The plan for a terminal.

use super::Draft;
use super::content::{self, Section, Show};
use super::lists::WHY;
use crate::diagnostic::{shown, shown_short};
use crate::report::content as words;
use crate::report::table::{Cell, Page, Row, WIDE};
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
    let said = content::headline(draft);
    for (index, sentence) in said.iter().enumerate() {
        page.paragraph(if index == 0 { Theme::bold } else { Theme::as_is }, sentence);
    }
    if let Some(alarm) = words::bill_alarm(draft.report) {
        page.paragraph(Theme::alarm, &alarm);
    }
    for sentence in words::basis(draft.report, shown_short) {
        page.paragraph(Theme::as_is, &sentence);
    }
    let show = Show { name: shown_short, text: |text| shown(text).into_owned() };
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
        let cell = |text: &str, right: bool| if right { Cell::right(text) } else { Cell::left(text) };
        // Where there is little room, reasons stand below their row, as in a report.
        let has_reasons = grid.head.last().is_some_and(|(name, _)| *name == WHY);
        let columns = grid.head.len() - usize::from(has_reasons && page.theme.width < WIDE);
        let head = &grid.head[..columns];
        let mut rows = vec![Row::of(head.iter().map(|(name, right)| cell(name, *right).dim()).collect())];
        let mut add = |row: &[String], look: fn(Cell) -> Cell| {
            let cells = row.iter().zip(head).map(|(text, (_, right))| look(cell(text, *right))).collect();
            rows.push(Row { cells, below: row.get(columns).filter(|why| !why.is_empty()).cloned() });
        };
        grid.rows.iter().for_each(|row| add(row, |cell| cell));
        grid.rest.iter().for_each(|row| add(row, Cell::dim));
        grid.total.iter().for_each(|row| add(row, Cell::bold));
        page.rows(&rows);
    }
    for point in &section.points {
        page.point(point);
    }
}
