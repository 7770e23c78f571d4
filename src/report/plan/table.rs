//! The plan for a terminal.

use super::Draft;
use super::content::{self, Section, Show};
use crate::diagnostic::{shown, shown_short};
use crate::report::content as words;
use crate::report::table::{Cell, Page, Row};
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
    for sentence in content::headline(draft) {
        page.paragraph(Theme::bold, &sentence);
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
        let head = grid.head.iter().map(|(name, right)| cell(name, *right).dim());
        let mut rows = vec![Row::of(head.collect())];
        let mut add = |row: &[String], look: fn(Cell) -> Cell| {
            rows.push(Row::of(row.iter().zip(&grid.head).map(|(text, (_, right))| look(cell(text, *right))).collect()));
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
