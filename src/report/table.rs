//! The report for a terminal: the answer first, then why to believe it.
//!
//! Role: lays out what [`super::content`] says in the width and colours of a [`Theme`].

use comfy_table::Color;

use super::content;
use super::theme::Theme;
use super::words::{cost_and_saving, difference, dollars, percent, shown_parts};
use super::{Combined, Note, Report, Scenario};
use crate::diagnostic::{shown, shown_short};
use crate::money::Money;

mod ledger;
mod lists;
pub mod page;

pub use lists::{BAR, NARROW_BAR, WIDE};
pub use page::{Cell, Page, Row, wrap};

/// Open questions shown.
const MOST_QUESTIONS: usize = 5;
/// The column of the range from low to high.
const RANGE: usize = 4;
/// Columns of the bars beside the scenarios.
const SHORTEST_BAR: usize = 8;
const WIDEST_BAR: usize = 40;

/// Renders the report.
pub fn render(report: &Report, theme: &Theme) -> String {
    let mut page = Page { theme, text: String::new() };
    page.paragraph(Theme::dim, &format!("batchwise · {}", content::about(report, shown_short).join(" · ")));
    page.line("");
    for note in &report.incomplete {
        page.labelled("INCOMPLETE", Theme::alarm, &note.message);
    }
    if !report.incomplete.is_empty() {
        page.line("");
    }
    headline(report, &mut page);
    page.line("");
    scenarios(report.today, &report.batch_only, Some(&report.combined), &mut page);
    if !report.combined.total.projected.is_unknown() {
        page.paragraph(Theme::dim, &report.combined.words);
    }
    if let Some(text) = content::cases(report) {
        page.paragraph(Theme::dim, text);
    }
    page.line("");
    lists::workloads(report, &mut page);
    start_here(report, &mut page);
    lists::showback(report, &mut page);
    lists::movers(report, &mut page);
    let improvements = content::improvements(report, shown_short, |text| shown(text).into_owned());
    for (index, sentence) in improvements.iter().enumerate() {
        page.labelled(if index == 0 { "Export" } else { "" }, Theme::bold, sentence);
    }
    if !improvements.is_empty() {
        page.line("");
    }
    ledger::exceptions(report, &mut page);
    ledger::ledger(report, &mut page);
    notes(&report.warnings, &mut page);
    page.text
}

fn headline(report: &Report, page: &mut Page<'_>) {
    page.paragraph(Theme::bold, &content::answer(report).join("  "));
    for sentence in content::basis(report, shown_short) {
        page.paragraph(Theme::as_is, &sentence);
    }
    if report.undecided.is_headline {
        page.paragraph(Theme::as_is, &content::planning(report));
        page.paragraph(Theme::as_is, &next_step(report));
    }
    if let Some(text) = content::bill_alarm(report) {
        page.paragraph(Theme::alarm, &text);
    }
    if let Some(text) = content::unpriced(report, shown_short) {
        page.paragraph(Theme::as_is, &text);
    }
    if let Some(text) = content::failed(report) {
        page.paragraph(Theme::as_is, &text);
    }
}

fn next_step(report: &Report) -> String {
    let (what, command) = content::next_step(report);
    format!("{what}: {command}")
}

/// A page of the scenarios and a note.
pub fn scenarios_page(
    theme: &Theme,
    today: Money,
    batch_only: &Scenario,
    combined: Option<&Combined>,
    note: &str,
) -> String {
    let mut page = Page { theme, text: String::new() };
    scenarios(today, batch_only, combined, &mut page);
    page.paragraph(Theme::dim, note);
    page.text
}

/// Scenarios beside one another; of each bar the shaded end is what is saved.
fn scenarios(today: Money, batch_only: &Scenario, combined: Option<&Combined>, page: &mut Page<'_>) {
    let dim = |text: &str| Cell::right(text).dim();
    let mut rows = vec![
        Row::of(vec![
            Cell::default(),
            dim("a month"),
            dim(if batch_only.projected.is_a_part() { "you save at least" } else { "you save" }),
            Cell::default(),
            dim("low  ·  high"),
        ]),
        Row::of(vec![Cell::left("Today"), Cell::right(dollars(shown_parts(&[today], today).1))]),
    ];
    let mut left = vec![today];
    let mut add = |name: &str, scenario: &Scenario| {
        let saving = &scenario.saving;
        if scenario.projected.is_unknown() {
            let unknown = || Cell::right(content::UNKNOWN);
            return rows.push(Row::of(vec![Cell::left(name), unknown(), unknown().bold()]));
        }
        let [cost, shown] = cost_and_saving(saving.base, today);
        let green = (saving.base > Money::ZERO).then_some(Color::DarkGreen);
        let range = if saving.low == saving.high {
            String::new()
        } else {
            format!("{}  ·  {}", dollars(saving.low), dollars(saving.high))
        };
        rows.push(Row::of(vec![
            Cell::left(name),
            Cell::right(dollars(cost)),
            Cell::right(dollars(shown)).bold().colored(green),
            Cell::right(percent(scenario.share.base.as_ref())),
            Cell::right(range),
        ]));
        left.push(difference(today, saving.base));
    };
    add("Batch only", batch_only);
    if let Some(combined) = combined {
        add("Batch + routing", &combined.total);
    }
    let room = page.room_beside(&rows).min(WIDEST_BAR);
    if room >= SHORTEST_BAR && today > Money::ZERO {
        for (row, left) in rows.iter_mut().skip(1).zip(left) {
            row.cells.resize(RANGE + 1, Cell::default());
            row.cells.push(Cell::left(page.theme.left_bar(left, today, today, room)));
        }
    }
    page.rows(&rows);
}

fn start_here(report: &Report, page: &mut Page<'_>) {
    if let Some(text) = content::pilot(report, shown_short) {
        page.labelled("Start here", Theme::bold, &text);
    }
    if let Some(text) = content::ask(report) {
        page.labelled("Ask", Theme::bold, &format!("{text} {}", next_step(report)));
    }
    if let Some(text) = content::small_volume(report) {
        page.labelled("Low volume", Theme::bold, &text);
    }
    questions(report, page);
    if let Some(text) = content::share(report) {
        page.labelled("Your share", Theme::bold, &text);
    }
    page.line("");
}

/// What is asked, with what hangs on it, and the command that begins to answer.
fn questions(report: &Report, page: &mut Page<'_>) {
    let (questions, rest) = content::questions(report, report.most(MOST_QUESTIONS), shown_short);
    for (index, line) in questions.iter().enumerate() {
        let owner = line.owner.as_ref().map_or(String::new(), |owner| format!(" Ask {owner}."));
        let text = format!("{}: {}{owner}", line.hangs, shown(&line.asked.question));
        page.labelled(if index == 0 { "Questions" } else { "" }, Theme::bold, &text);
    }
    if let Some(rest) = rest {
        page.labelled("", Theme::bold, &format!("… {rest}."));
    }
    if let Some(command) = content::starter(report) {
        page.labelled("", Theme::bold, &format!("Rules to answer them: {command}"));
    }
}

fn notes(warnings: &[Note], page: &mut Page<'_>) {
    if warnings.is_empty() {
        return;
    }
    page.line("");
    for note in warnings {
        page.labelled("Note", Theme::bold, &format!("{} [{}]", note.message, note.code));
    }
}
