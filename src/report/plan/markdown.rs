//! The plan for a comment on GitHub or any other page in Markdown.

use std::fmt::Write as _;

use super::Draft;
use super::content::{self, Holds, Section, Show};
use crate::diagnostic::text::markdown as escaped;
use crate::report::content as words;
use crate::report::markdown::name;

/// Renders the plan. Writing to a String cannot fail, so results of `write!` are dropped in this file.
pub fn render(draft: &Draft<'_>) -> String {
    let mut page = String::from("## Plan: what to move to batch\n");
    for note in &draft.report.incomplete {
        let _ = writeln!(page, "\n**INCOMPLETE**: {}", escaped(&note.message));
    }
    let show = Show { name, text: escaped };
    let said = content::headline(draft, show);
    for (index, sentence) in said.iter().enumerate() {
        let _ = if index == 0 { writeln!(page, "\n**{sentence}**") } else { writeln!(page, "\n{sentence}") };
    }
    if let Some(alarm) = words::bill_alarm(draft.report) {
        let _ = writeln!(page, "\n**{alarm}**");
    }
    let basis = words::basis(draft.report, name);
    if !basis.is_empty() {
        let _ = writeln!(page, "\n{}", basis.join(" "));
    }
    for section in content::sections(draft, show) {
        draw(&section, &mut page);
    }
    let _ = writeln!(page, "\n{}", words::about(draft.report, name).join(" · "));
    page
}

fn draw(section: &Section, page: &mut String) {
    let _ = writeln!(page, "\n### {}", section.heading);
    for sentence in &section.before {
        let _ = writeln!(page, "\n{sentence}");
    }
    if let Some(grid) = &section.table {
        let head: Vec<&str> = grid.head.iter().map(|(name, _)| *name).collect();
        let rule: Vec<&str> =
            grid.head.iter().map(|(_, holds)| if *holds == Holds::Text { "---" } else { "--:" }).collect();
        let _ = writeln!(page, "\n| {} |\n| {} |", head.join(" | "), rule.join(" | "));
        for row in grid.rows.iter().chain(&grid.rest) {
            let _ = writeln!(page, "| {} |", row.join(" | "));
        }
        if let Some(total) = &grid.total {
            let bold = |text: &String| if text.is_empty() { String::new() } else { format!("**{text}**") };
            let _ = writeln!(page, "| {} |", total.iter().map(bold).collect::<Vec<_>>().join(" | "));
        }
    }
    if !section.points.is_empty() {
        let _ = writeln!(page, "\n- {}", section.points.join("\n- "));
    }
}
