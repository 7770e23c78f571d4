//! Models on lines: for a terminal, and as Markdown.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, ColumnConstraint, Table};
use unicode_width::UnicodeWidthStr;

use super::{dim, grouped, heading, left, page, plural, rate, right};
use crate::diagnostic::text::markdown as escaped;
use crate::diagnostic::{sanitized, sanitized_short};
use crate::prices::list::{Line, List};
use crate::report::table::Page;
use crate::report::theme::Theme;

/// From this width on, each rate has a column of its own.
const WIDE: usize = 120;
/// From this width on, there is room for the start of each price.
const DATED: usize = 96;
/// What the columns are.
const LEGEND: &str = "off: what batch takes off input/output; age: days between the check of the figures and the newest \
                      check in the table; long prompts: dearer beyond a size, see `prices show`.";
/// Names longer than this are cut on the page.
const LONGEST_NAME: usize = 40;

/// Draws the list.
pub fn table(list: &List, theme: &Theme) -> String {
    let mut page = page(theme);
    page.paragraph(Theme::dim, &about(list));
    page.line("");
    if list.lines.is_empty() {
        page.line("No model is like that.");
    } else {
        let (wide, dated) = (theme.width >= WIDE, theme.width >= DATED);
        let mut table = Table::new();
        let narrow = ["", "in · out", "batch in · out", "off"].into_iter();
        table.add_row(if wide {
            let heads = ["", "kind", "input", "cached", "output", "batch in", "batch out", "off", "since", "age"];
            heads.into_iter().map(head).collect::<Vec<_>>()
        } else {
            narrow.chain(dated.then_some("since")).chain(["age"]).map(head).collect()
        });
        let mut flags = vec![None];
        let mut provider = None;
        for line in &list.lines {
            if provider != Some(&line.provider) {
                table.add_row(vec![heading(&sanitized(&line.provider))]);
                flags.push(None);
                provider = Some(&line.provider);
            }
            table.add_row(if wide { wide_cells(line) } else { narrow_cells(line, dated) });
            flags.push(Some(self::flags(line, wide)));
        }
        with_flags(table, &flags, &mut page);
    }
    let footer = footer(list);
    if !footer.is_empty() {
        page.line("");
        page.paragraph(Theme::dim, &footer);
    }
    page.text
}

fn head(text: &str) -> comfy_table::Cell {
    dim(text).set_alignment(CellAlignment::Right)
}

fn about(list: &List) -> String {
    format!(
        "{} · USD per 1M tokens, in force on {} · table {}, checked {}",
        plural(list.lines.len() as u64, "model"),
        list.on,
        sanitized_short(&list.source, 40),
        list.checked
    )
}

fn footer(list: &List) -> String {
    let mut sentences = Vec::new();
    if !list.lines.is_empty() {
        sentences.push(LEGEND.to_owned());
    }
    if list.hidden > 0 {
        let verb = if list.hidden == 1 { "is" } else { "are" };
        sentences.push(format!("{} {verb} left out as retired (--retired).", plural(list.hidden, "model")));
    }
    sentences.join(" ")
}

fn since(line: &Line) -> String {
    line.since.map(|day| day.to_string()).unwrap_or_default()
}

fn discount(line: &Line) -> &str {
    line.discount.as_deref().unwrap_or("none")
}

fn name(line: &Line) -> String {
    sanitized_short(&line.model, LONGEST_NAME)
}

/// What is worth knowing; the kind too where it has no column.
fn flags(line: &Line, wide: bool) -> String {
    let kind = (!wide && line.kind != "chat").then(|| line.kind.to_owned());
    kind.into_iter().chain(line.flags.iter().cloned()).collect::<Vec<_>>().join(", ")
}

/// A table with words behind its rows, or below them where there is no room; headings have none.
fn with_flags(mut table: Table, flags: &[Option<String>], page: &mut Page<'_>) {
    // So that each row is one line: figures in two parts cannot be read, and names not copied.
    for index in 0..table.column_count() {
        if let Some(column) = table.column_mut(index) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    let mut drawn = Page { theme: page.theme, text: String::new() };
    drawn.table(table);
    // Headings are styled, and their escape codes would be counted.
    let rows = drawn.text.lines().zip(flags).filter(|(_, flags)| flags.is_some());
    let widest = rows.map(|(line, _)| line.width()).max().unwrap_or_default();
    for (line, flags) in drawn.text.lines().zip(flags) {
        page.text.push_str(line);
        let flags = flags.as_deref().unwrap_or_default();
        if flags.is_empty() {
            page.text.push('\n');
        } else if widest + 2 + flags.width() <= page.theme.width {
            let gap = widest + 2 - line.width();
            // Writing to a String cannot fail.
            let _ = writeln!(page.text, "{:gap$}{flags}", "");
        } else {
            page.text.push('\n');
            page.line(&page.theme.dim(&format!("  {flags}")));
        }
    }
}

fn wide_cells(line: &Line) -> Vec<comfy_table::Cell> {
    vec![
        left(name(line)),
        right(line.kind),
        right(rate(line.input)),
        right(rate(line.cached)),
        right(rate(line.output)),
        right(rate(line.batch_input)),
        right(rate(line.batch_output)),
        right(discount(line)),
        right(since(line)),
        right(line.age_days.to_string()),
    ]
}

fn narrow_cells(line: &Line, dated: bool) -> Vec<comfy_table::Cell> {
    let pair = |input, output| match (rate(input), rate(output)) {
        (input, output) if output.is_empty() => input,
        (input, output) => format!("{input} · {output}"),
    };
    let mut cells = vec![
        left(name(line)),
        right(pair(line.input, line.output)),
        right(pair(line.batch_input, line.batch_output)),
        right(discount(line)),
    ];
    cells.extend(dated.then(|| right(since(line))));
    cells.push(right(line.age_days.to_string()));
    cells
}

/// Draws the list for a page in Markdown.
pub fn markdown(list: &List) -> String {
    let mut text = format!(
        "Prices in USD per 1M tokens, in force on {}; table {}, checked {}. {}.\n\n",
        list.on,
        escaped(&list.source),
        list.checked,
        plural(list.lines.len() as u64, "model")
    );
    text.push_str("| provider | model | kind | input | cached | output | batch input | batch output | batch takes off | since | age, days | worth knowing |\n");
    text.push_str("|---|---|---|--:|--:|--:|--:|--:|--:|---|--:|---|\n");
    for line in &list.lines {
        let cells = [
            escaped(&line.provider),
            escaped(&line.model),
            line.kind.to_owned(),
            rate(line.input),
            rate(line.cached),
            rate(line.output),
            rate(line.batch_input),
            rate(line.batch_output),
            discount(line).to_owned(),
            since(line),
            line.age_days.to_string(),
            escaped(&flags(line, true)),
        ];
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    if list.hidden > 0 {
        let _ = writeln!(text, "\nLeft out as retired: {}.", grouped(list.hidden));
    }
    text
}
