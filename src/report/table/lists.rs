//! The lists of the page: workloads, who spent what.

use comfy_table::Color;

use super::page::{Cell, Page, Row};
use crate::diagnostic::{shown, shown_short};
use crate::money::Money;
use crate::report::content::movers::ShownMover;
use crate::report::content::showback::{Showback, ShownSum};
use crate::report::content::{self, Kind, LONGEST_PATH, Section, ShownLine};
use crate::report::theme::Theme;
use crate::report::words::{dollars, grouped, more};
use crate::report::{Report, words};

/// Workloads shown of each section.
const MOST_ROWS: usize = 12;
/// Values of `--by`.
const MOST_VALUES: usize = 20;
/// Changes between the halves of the period.
const MOST_MOVERS: usize = 8;
/// From this width on, reasons have a column of their own; on narrower pages they stand below their line.
pub const WIDE: usize = 110;
/// Columns of a bar.
pub const BAR: usize = 20;
/// Columns of a bar where there is little room; none is drawn in fewer.
pub const NARROW_BAR: usize = 8;
/// Under this width a bar is short.
const NARROW: usize = 80;
/// Under this width not all sums stand beside one another.
const NARROW_SUMS: usize = 70;

/// Workloads by what can be done with them; a section's bar is its part of the month.
pub fn workloads(report: &Report, page: &mut Page<'_>) {
    let theme = page.theme;
    let sections = content::sections(report, report.most(MOST_ROWS));
    if sections.is_empty() {
        return;
    }
    let mut rows = vec![Row::of(vec![
        Cell::default(),
        Cell::default(),
        Cell::right("a month").dim(),
        Cell::right("batch saves").dim(),
    ])];
    for (index, section) in sections.iter().enumerate() {
        if index > 0 {
            rows.push(Row::default());
        }
        rows.push(heading(section, report.today, theme));
        rows.extend(section.lines.iter().map(|line| workload(line, theme)));
        if let Some(rest) = &section.rest {
            let mut cells =
                vec![Cell::left(more(rest.lines.len())).dim(), Cell::default(), Cell::right(dollars(rest.cost))];
            cells.extend(rest.saves.map(|saves| Cell::right(dollars(saves))));
            rows.push(Row::of(cells));
        }
    }
    page.rows(&rows);
    page.line("");
}

fn heading(section: &Section<'_>, today: Money, theme: &Theme) -> Row {
    let saving = match section.kind {
        Kind::CanWait => dollars(section.saving),
        Kind::Open if !section.saving.is_zero() => format!("up to {}", dollars(section.saving)),
        _ => String::new(),
    };
    let width = if theme.width < NARROW { NARROW_BAR } else { BAR };
    let share = words::percent(section.share.as_ref());
    let bar = Cell::left(format!("{share:>7}  {}", theme.bar(section.exact, today, width).trim_end()));
    Row::of(vec![
        Cell::left(section.kind.title()).bold(),
        bar.colored(color(section.kind)),
        Cell::right(dollars(section.cost)).bold(),
        Cell::right(saving).bold(),
    ])
}

const fn color(kind: Kind) -> Option<Color> {
    match kind {
        Kind::CanWait | Kind::InBatch => Some(Color::DarkGreen),
        Kind::Stays => None,
        Kind::Open => Some(Color::DarkMagenta),
    }
}

fn workload(shown_line: &ShownLine<'_>, theme: &Theme) -> Row {
    let line = shown_line.line;
    let saves = match shown_line.saves {
        Some(saves) if line.monthly_loss.is_some() => Cell::right(dollars(saves)).colored(Some(Color::DarkRed)),
        Some(saves) if line.verdict == "batch" => Cell::right(dollars(saves)).colored(Some(Color::DarkGreen)),
        Some(saves) => Cell::right(dollars(saves)),
        None => Cell::default(),
    };
    let mut cells = vec![
        Cell::left(content::workload_of(line, shown_short)),
        Cell::left(shown_short(&content::model_of(line), LONGEST_PATH)),
        Cell::right(dollars(shown_line.cost)),
        saves,
    ];
    let why = content::why(line, |words| shown(words).into_owned());
    if theme.width >= WIDE {
        cells.push(Cell::left(why));
        Row::of(cells)
    } else {
        Row { cells, below: Some(why) }
    }
}

/// The sums of `--by`.
pub fn showback(report: &Report, page: &mut Page<'_>) {
    let Some(found) = content::showback(report, report.most(MOST_VALUES), shown_short) else { return };
    page.paragraph(Theme::bold, &format!("By {}: cost {}", found.dimension, found.period));
    for sentence in &found.said {
        page.paragraph(Theme::as_is, sentence);
    }
    page.rows(&sums(&found, page));
    page.line("");
}

/// What grew is what costs more.
pub fn movers(report: &Report, page: &mut Page<'_>) {
    let Some(found) = content::movers(report, report.most(MOST_MOVERS), shown_short) else { return };
    page.paragraph(Theme::bold, &format!("What grew and what shrank, by {}", found.dimension));
    page.paragraph(Theme::as_is, &found.said);
    let head = ["first half", "second half", "change"].map(|text| Cell::right(text).dim());
    let mut rows = vec![Row::of(std::iter::once(Cell::default()).chain(head).collect())];
    let cells = |line: &ShownMover| {
        let change = line.change();
        let color = match change.cmp(&Money::ZERO) {
            std::cmp::Ordering::Greater => Some(Color::DarkRed),
            std::cmp::Ordering::Less => Some(Color::DarkGreen),
            std::cmp::Ordering::Equal => None,
        };
        vec![
            Cell::left(&line.name),
            Cell::right(dollars(line.first)),
            Cell::right(dollars(line.second)),
            Cell::right(line.change_words()).colored(color),
        ]
    };
    rows.extend(found.lines.iter().chain(&found.rest).map(|line| Row::of(cells(line))));
    rows.extend(found.total.iter().map(|line| Row::of(cells(line).into_iter().map(Cell::bold).collect())));
    if found.total.is_some() {
        page.rows(&rows);
    }
    page.line("");
}

fn sums(found: &Showback, page: &Page<'_>) -> Vec<Row> {
    // Requests give way first: they are in every other form.
    let skipped = usize::from(page.theme.width < NARROW_SUMS);
    let head = ["requests", "cost", "share", "can wait", "batch saves"].map(|text| Cell::right(text).dim());
    let mut rows = vec![Row::of(std::iter::once(Cell::default()).chain(head.into_iter().skip(skipped)).collect())];
    let cells = |line: &ShownSum| {
        let figures = [
            grouped(u128::from(line.requests)),
            dollars(line.cost),
            line.share.clone(),
            dollars(line.can_wait),
            dollars(line.saving),
        ];
        let figures = figures.map(Cell::right).into_iter().skip(skipped);
        std::iter::once(Cell::left(&line.name)).chain(figures).collect::<Vec<_>>()
    };
    let lines = || found.lines.iter().chain(&found.rest).chain([&found.unallocated]);
    rows.extend(lines().map(|line| Row::of(cells(line))));
    rows.push(Row::of(cells(&found.total).into_iter().map(Cell::bold).collect()));
    let room = page.room_beside(&rows).min(BAR);
    if room >= NARROW_BAR {
        for (row, line) in rows.iter_mut().skip(1).zip(lines()) {
            row.cells.push(Cell::left(page.theme.bar(line.exact, found.total.exact, room)));
        }
    }
    rows
}
