//! The report for a terminal: the answer first, then why to believe it.
//!
//! Role: lays out what [`super::content`] says in the width and colours of a [`Theme`].

use std::fmt::Write as _;

use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Table, presets};

use super::content::{self, Kind, LONGEST_NAME, LONGEST_PATH, ShownLine};
use super::theme::Theme;
use super::words::{cost_and_saving, dollars, grouped, percent, plural, shown_parts, sum};
use super::{Combined, Note, PriceException, Reconciliation, Report, Scenario};
use crate::diagnostic::{shown, shown_short};
use crate::money::Money;

/// Rows shown of each section; the rest are added up in one.
const MOST_ROWS: usize = 12;
/// From this width on, models and reasons have columns of their own.
const WIDE: usize = 110;
/// Open questions shown.
const MOST_QUESTIONS: usize = 5;
/// Sentences about special prices.
const MOST_EXCEPTIONS: usize = 8;
/// Columns of the labels before notes.
const LABEL: usize = 12;

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
    page.table(estimate_table(report.today, &report.batch_only, Some(&report.combined)));
    page.paragraph(Theme::dim, &report.combined.words);
    page.line("");
    page.table(workload_table(report, theme));
    page.line("");
    start_here(report, &mut page);
    if let Some(by) = &report.by {
        page.line(&theme.bold(&format!("By {}, in the period", by.dimension)));
        page.table(by_table(by));
        page.line("");
    }
    let improvements = content::improvements(report, shown_short, |text| shown(text).into_owned());
    for (index, sentence) in improvements.iter().enumerate() {
        page.labelled(if index == 0 { "Export" } else { "" }, Theme::bold, sentence);
    }
    if !improvements.is_empty() {
        page.line("");
    }
    exceptions(&report.exceptions, &mut page);
    ledger(report, &mut page);
    notes(&report.warnings, &mut page);
    page.text
}

/// The page so far. Writing to a String cannot fail, so results of `write!` are dropped in this file.
pub struct Page<'t> {
    /// Width and colours.
    pub theme: &'t Theme,
    /// What was drawn.
    pub text: String,
}

impl Page<'_> {
    /// A line as it is.
    pub fn line(&mut self, text: &str) {
        if !text.is_empty() {
            self.text.push_str("  ");
            self.text.push_str(text);
        }
        self.text.push('\n');
    }

    /// Text over as many lines as it needs, in a style.
    pub fn paragraph(&mut self, style: fn(&Theme, &str) -> String, text: &str) {
        for line in wrap(text, self.theme.width.saturating_sub(2)) {
            self.line(&style(self.theme, &line));
        }
    }

    /// A label, and text beside it over as many lines as it needs.
    pub fn labelled(&mut self, label: &str, style: fn(&Theme, &str) -> String, text: &str) {
        let room = self.theme.width.saturating_sub(2 + LABEL).max(20);
        for (index, line) in wrap(text, room).into_iter().enumerate() {
            let start = if index == 0 {
                style(self.theme, label) + &" ".repeat(LABEL - label.len())
            } else {
                " ".repeat(LABEL)
            };
            self.line(&format!("{start}{line}"));
        }
    }

    /// A point of a list.
    pub fn point(&mut self, text: &str) {
        for (index, line) in wrap(text, self.theme.width.saturating_sub(4)).into_iter().enumerate() {
            self.line(&format!("{}{line}", if index == 0 { "· " } else { "  " }));
        }
    }

    /// A table without rules.
    pub fn table(&mut self, mut table: Table) {
        table.load_style(presets::NOTHING);
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(self.theme.width.saturating_sub(2)).unwrap_or(u16::MAX));
        if self.theme.color {
            table.enforce_styling();
            table.style_text_only();
        } else {
            table.force_no_tty();
        }
        // The page has a margin of its own.
        if let Some(first) = table.column_mut(0) {
            first.set_padding((0, 1));
        }
        for line in table.lines() {
            self.line(line.trim_end());
        }
    }
}

/// Words over lines of at most `room` columns.
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let width = unicode_width::UnicodeWidthStr::width(word);
        let line = lines.last_mut().map_or(0, |line| unicode_width::UnicodeWidthStr::width(line.as_str()));
        if line > 0 && line + 1 + width > room {
            lines.push(word.to_owned());
        } else if let Some(last) = lines.last_mut() {
            if line > 0 {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
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
}

fn next_step(report: &Report) -> String {
    let (what, command) = content::next_step(report);
    format!("{what}: {command}")
}

fn right(text: String) -> Cell {
    Cell::new_owned(text).set_alignment(CellAlignment::Right)
}

fn heading(text: &str) -> Cell {
    Cell::new(text).add_attribute(Attribute::Bold)
}

/// A page of one table and a note.
pub fn page(theme: &Theme, table: Table, note: &str) -> String {
    let mut page = Page { theme, text: String::new() };
    page.table(table);
    page.paragraph(Theme::dim, note);
    page.text
}

/// Scenarios beside one another.
pub fn estimate_table(today: Money, batch_only: &Scenario, combined: Option<&Combined>) -> Table {
    let mut table = Table::new();
    let dim = |text: &str| Cell::new(text).add_attribute(Attribute::Dim).set_alignment(CellAlignment::Right);
    table.add_row(vec![Cell::new(""), dim("a month"), dim("you save"), dim(""), dim("low  ·  high")]);
    let (shown_today, _) = shown_parts(&[today], today);
    table.add_row(vec![
        Cell::new("Today"),
        right(dollars(shown_today[0])),
        Cell::new(""),
        Cell::new(""),
        Cell::new(""),
    ]);
    let mut add = |name: &str, scenario: &Scenario| {
        let saving = &scenario.saving;
        let parts = cost_and_saving(saving.base, today);
        let mut save = right(dollars(parts[1])).add_attribute(Attribute::Bold);
        if saving.base > Money::ZERO {
            save = save.fg(Color::DarkGreen);
        }
        let range = if saving.low == saving.high {
            String::new()
        } else {
            format!("{}  ·  {}", dollars(saving.low), dollars(saving.high))
        };
        table.add_row(vec![
            Cell::new(name),
            right(dollars(parts[0])),
            save,
            right(percent(scenario.share.base.as_ref())),
            right(range),
        ]);
    };
    add("Batch only", batch_only);
    if let Some(combined) = combined {
        add("Batch + routing", &combined.total);
    }
    table
}

fn workload_table(report: &Report, theme: &Theme) -> Table {
    let wide = theme.width >= WIDE;
    let mut table = Table::new();
    let dim = |text: &str| Cell::new(text).add_attribute(Attribute::Dim).set_alignment(CellAlignment::Right);
    let blank = || Cell::new("");
    let columns = |name: Cell, model: Cell, month: Cell, saves: Cell, why: Cell| {
        if wide { vec![name, model, month, saves, why] } else { vec![name, month, saves, why] }
    };
    table.add_row(columns(blank(), blank(), dim("a month"), dim("batch saves"), blank()));
    for (index, section) in content::sections(report, MOST_ROWS).iter().enumerate() {
        if index > 0 {
            table.add_row(columns(blank(), blank(), blank(), blank(), blank()));
        }
        let saving = match section.kind {
            Kind::CanWait => dollars(section.saving),
            Kind::Open if !section.saving.is_zero() => format!("up to {}", dollars(section.saving)),
            _ => String::new(),
        };
        table.add_row(columns(
            heading(section.kind.title()),
            blank(),
            right(dollars(section.cost)).add_attribute(Attribute::Bold),
            right(saving).add_attribute(Attribute::Bold),
            blank(),
        ));
        for line in &section.lines {
            table.add_row(workload_cells(line, wide));
        }
        if let Some(rest) = &section.rest {
            let name = Cell::new_owned(format!("{} more", rest.lines.len())).add_attribute(Attribute::Dim);
            let saves = rest.saves.map_or_else(blank, |saves| right(dollars(saves)));
            table.add_row(columns(name, blank(), right(dollars(rest.cost)), saves, blank()));
        }
    }
    table
}

fn workload_cells(shown_line: &ShownLine<'_>, wide: bool) -> Vec<Cell> {
    let line = shown_line.line;
    let name = Cell::new_owned(shown_short(&line.workload, LONGEST_NAME));
    let model = shown_short(&content::model_of(line), LONGEST_PATH);
    let month = right(dollars(shown_line.cost));
    let saves = match shown_line.saves {
        Some(saves) if line.monthly_loss.is_some() => right(dollars(saves)).fg(Color::DarkRed),
        Some(saves) if line.verdict == "batch" => right(dollars(saves)).fg(Color::DarkGreen),
        Some(saves) => right(dollars(saves)),
        None => Cell::new(""),
    };
    let why = content::why(line, |words| shown(words).into_owned());
    if wide {
        vec![name, Cell::new_owned(model), month, saves, Cell::new_owned(why)]
    } else {
        vec![name, month, saves, Cell::new_owned(format!("{model}\n{why}"))]
    }
}

fn start_here(report: &Report, page: &mut Page<'_>) {
    if let Some(text) = content::pilot(report, shown_short) {
        page.labelled("Start here", Theme::bold, &text);
    }
    if let Some(text) = content::ask(report) {
        page.labelled("Ask", Theme::bold, &format!("{text} {}", next_step(report)));
    }
    questions(report, page);
    if let Some(text) = content::share(report) {
        page.labelled("Your share", Theme::bold, &text);
    }
    page.line("");
}

/// What is asked, with what hangs on it, and the command that begins to answer.
fn questions(report: &Report, page: &mut Page<'_>) {
    let (questions, rest) = content::questions(report, MOST_QUESTIONS, shown_short);
    for (index, line) in questions.iter().enumerate() {
        let owner = line.owner.as_ref().map_or(String::new(), |owner| format!(" Ask {owner}."));
        let text = format!("{}: {}{owner}", line.hangs, shown(&line.asked.question));
        page.labelled(if index == 0 { "Questions" } else { "" }, Theme::bold, &text);
    }
    if let Some(rest) = rest {
        page.labelled("", Theme::bold, &format!("… {rest}."));
    }
    if questions.iter().any(|line| line.asked.workload.is_some()) {
        page.labelled("", Theme::bold, &format!("Rules to answer them: {}", content::starter(report)));
    }
}

fn by_table(by: &super::ByTable) -> Table {
    let mut table = Table::new();
    let dim = |text: &str| Cell::new(text).add_attribute(Attribute::Dim).set_alignment(CellAlignment::Right);
    table.add_row(vec![Cell::new(""), dim("requests"), dim("cost"), dim("can wait"), dim("batch saves")]);
    let column = |of: fn(&super::ByLine) -> Money| {
        let parts: Vec<Money> = by.rows.iter().map(of).collect();
        shown_parts(&parts, sum(parts.iter().copied())).0
    };
    let (costs, can_wait, savings) = (column(|row| row.cost), column(|row| row.can_wait), column(|row| row.saving));
    for (((row, cost), can_wait), saving) in by.rows.iter().zip(costs).zip(can_wait).zip(savings) {
        let name = row.value.as_deref().map_or_else(|| "(none)".to_owned(), |value| shown_short(value, LONGEST_NAME));
        table.add_row(vec![
            Cell::new_owned(name),
            right(grouped(u128::from(row.requests))),
            right(dollars(cost)),
            right(dollars(can_wait)),
            right(dollars(saving)),
        ]);
    }
    table
}

fn ledger(report: &Report, page: &mut Page<'_>) {
    for (index, input) in report.inputs.iter().enumerate() {
        let parts: Vec<String> = content::shown_fates(input)
            .map(|(fate, count)| format!("{} {}", grouped(u128::from(*count)), content::fate_words(fate)))
            .collect();
        let mut text = format!(
            "{}: {} read = {}. Read as {}: {}.",
            shown_short(&input.file, LONGEST_PATH),
            plural(input.read, "row"),
            parts.join(" + "),
            input.format,
            content::grain(input)
        );
        if let Some(hash) = &input.sha256 {
            let _ = write!(text, " SHA-256 {hash}.");
        }
        if let Some(reason) = &input.left_out {
            let _ = write!(text, " LEFT OUT: {}.", shown(&reason.message));
        }
        page.labelled(if index == 0 { "Ledger" } else { "" }, Theme::bold, &text);
    }
    page.labelled("", Theme::bold, &bill_words(report));
    if report.incomplete.is_empty() {
        page.labelled("", Theme::bold, content::ALL_ACCOUNTED);
    }
    for (index, sentence) in
        report.reconciliation.iter().flat_map(|found| content::reconciliation(found, shown_short)).enumerate()
    {
        page.labelled(if index == 0 { "Bill" } else { "" }, Theme::bold, &sentence);
    }
    if let Some(found) = &report.reconciliation {
        items(found, page);
    }
    for (index, sentence) in content::control_totals(report, shown_short).iter().enumerate() {
        page.labelled(if index == 0 { "Control" } else { "" }, Theme::bold, sentence);
    }
}

/// Lines of the bill besides tokens, amounts under one another.
fn items(found: &Reconciliation, page: &mut Page<'_>) {
    let Some(heading) = content::items_heading(found) else { return };
    page.labelled("", Theme::bold, &heading);
    let lines: Vec<(String, String)> =
        content::items(found, shown_short).into_iter().map(|(amount, words)| (dollars(amount), words)).collect();
    let width = lines.iter().map(|(amount, _)| amount.chars().count()).max().unwrap_or_default();
    for (amount, words) in lines {
        page.line(&format!("{}{amount:>width$}  {words}", " ".repeat(LABEL)));
    }
}

fn bill_words(report: &Report) -> String {
    let sentences = [Some(content::bill(report)), content::only_billed(report), content::billed_for_other(report)];
    sentences.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// What is special about prices: models of which the same is to be said are named together.
fn exceptions(exceptions: &[PriceException], page: &mut Page<'_>) {
    let sentences = content::exceptions(exceptions, shown_short);
    for (index, (message, models)) in sentences.iter().take(MOST_EXCEPTIONS).enumerate() {
        page.labelled(if index == 0 { "Prices" } else { "" }, Theme::bold, &format!("{models}: {message}."));
    }
    let rest = sentences.len().saturating_sub(MOST_EXCEPTIONS);
    if rest > 0 {
        page.labelled("", Theme::bold, &format!("… {} in the JSON report.", plural(rest as u64, "more exception")));
    }
    if !exceptions.is_empty() {
        page.line("");
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
