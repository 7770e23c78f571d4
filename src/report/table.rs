//! The report for a terminal: the answer first, then why to believe it.
//!
//! Role: draws a [`Report`] in the width and colours of a [`Theme`]. Amounts are shown to the cent; rows that are shown
//! together add up to the total shown above them (largest remainder).

use std::fmt::Write as _;

use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Table, presets};

use super::build::{cents, grouped, plural};
use super::theme::Theme;
use super::{Combined, Note, PriceException, Report, Scenario, WorkloadLine};
use crate::calendar::{Day, MonthBasis};
use crate::diagnostic::{shown, shown_short};
use crate::money::{Money, round_parts};

/// Rows shown of each section; the rest are added up in one.
const MOST_ROWS: usize = 12;
/// Names longer than this are cut.
const LONGEST_NAME: usize = 34;
/// From this width on, models and reasons have columns of their own.
const WIDE: usize = 110;
const CENTS: u32 = 2;
/// From this share of the bill on, in percent, what the usage does not explain is said at once.
const MUCH_OF_THE_BILL: u128 = 5;
/// Sentences about special prices, and models named in one.
const MOST_EXCEPTIONS: usize = 8;
const MOST_NAMES: usize = 3;
/// Columns of the labels before notes.
const LABEL: usize = 12;
const CAN_WAIT: &str = "What can wait";
const NOBODY_KNOWS: &str = "Nobody knows";
/// Share of requests that could wait in the one public measurement (arXiv 2502.14617).
const MEASURED: &str = "28 %";
/// What articles claim.
const CLAIMED: &str = "30–50 %";

/// Renders the report.
pub fn render(report: &Report, theme: &Theme) -> String {
    let mut page = Page { theme, text: String::new() };
    page.paragraph(Theme::dim, &head(report));
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
        page.table(by_table(by, theme));
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
fn wrap(text: &str, room: usize) -> Vec<String> {
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

fn dollars(amount: Money) -> String {
    let text = cents(amount);
    text.strip_prefix('-').map_or_else(|| format!("${text}"), |positive| format!("−${positive}"))
}

/// `0.384512` as `38.5 %`.
fn percent(share: Option<&String>) -> String {
    let Some(share) = share.and_then(|share| Money::parse(share, crate::money::DecimalStyle::Point).ok()) else {
        return "n/a".to_owned();
    };
    let hundred = crate::money::Exact::from_integer(100.into());
    let rounded = Money::round(&(share.0.exact() * hundred), 1).unwrap_or_default().to_string();
    let rounded = if rounded.contains('.') { rounded } else { format!("{rounded}.0") };
    format!("{} %", rounded.replace('-', "−"))
}

fn day_words(day: Day) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = day.to_string();
    let month = text[5..7].parse::<usize>().unwrap_or(1);
    format!("{} {} {}", text[8..].trim_start_matches('0'), MONTHS[(month - 1) % 12], &text[..4])
}

fn head(report: &Report) -> String {
    let mut parts = vec!["batchwise".to_owned()];
    parts.push(match report.inputs.as_slice() {
        [input] => shown_short(&input.file, 40),
        inputs => plural(inputs.len() as u64, "file"),
    });
    if let Some((period, basis)) = report.period {
        let kind = match basis {
            MonthBasis::Calendar { months: 1 } => "whole month".to_owned(),
            MonthBasis::Calendar { months } => format!("{months} whole months"),
            MonthBasis::RunRate { .. } => "a month is 365/12 days of this".to_owned(),
        };
        let days = plural(u64::from(period.days()), "day");
        parts.push(format!("{} – {} ({days}, {kind})", day_words(period.from), day_words(period.to)));
    }
    if report.usage.requests > 0 {
        parts.push(plural(report.usage.requests, "request"));
    }
    match &report.prices.checked {
        Some(checked) => parts.push(format!("prices {} checked {checked}", shown_short(&report.prices.source, 30))),
        None => parts.push("no prices used".to_owned()),
    }
    parts.join(" · ")
}

fn headline(report: &Report, page: &mut Page<'_>) {
    let least = if report.usage.unpriced_tokens > 0 { "at least " } else { "" };
    let section = |wanted: &str| {
        shown_sections(report).into_iter().find(|(name, _, _)| *name == wanted).map_or(Money::ZERO, |(_, _, sum)| sum)
    };
    let (can_wait, unknown) = (section(CAN_WAIT), section(NOBODY_KNOWS));
    let text = if report.undecided.is_headline {
        format!(
            "You spend {least}{} a month, and for {} of it nobody has said whether it can wait.",
            dollars(report.today),
            dollars(unknown)
        )
    } else if unknown.is_zero() {
        format!("You spend {least}{} a month.  {} of it can wait.", dollars(report.today), dollars(can_wait))
    } else {
        format!(
            "You spend {least}{} a month.  {} of it can wait; for {} nobody has said.",
            dollars(report.today),
            dollars(can_wait),
            dollars(unknown)
        )
    };
    page.paragraph(Theme::bold, &text);
    if report.undecided.is_headline {
        let shares: Vec<String> = report
            .undecided
            .at
            .iter()
            .map(|(percent, saving)| format!("{} at {percent} %", dollars(*saving)))
            .collect();
        page.paragraph(Theme::as_is, &format!("If part of it can, batch saves a month: {}.", shares.join(", ")));
        page.paragraph(Theme::as_is, &next_step(report));
    }
    if let (Some(billed), Some(residual)) = (report.cost.billed, report.cost.residual)
        && residual.units().unsigned_abs() > billed.units().unsigned_abs() / 100 * MUCH_OF_THE_BILL
    {
        let beside = billed.sub(residual).unwrap_or_default();
        let text = format!(
            "The bill says {} where the usage explains {}: see the ledger before you rely on a figure.",
            dollars(billed),
            dollars(beside)
        );
        page.paragraph(Theme::alarm, &text);
    }
    if report.usage.unpriced_tokens > 0 {
        let models = report
            .usage
            .unpriced_models
            .iter()
            .take(3)
            .map(|model| shown_short(model, 40))
            .collect::<Vec<_>>()
            .join(", ");
        page.paragraph(
            Theme::as_is,
            &format!(
                "+ {} tokens unpriced ({models}), outside every figure below",
                grouped(u128::from(report.usage.unpriced_tokens))
            ),
        );
    }
}

/// A word as a shell reads it: names come from files and may hold anything.
fn quoted(word: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-' | '/' | '#');
    if !word.is_empty() && word.chars().all(plain) && !word.starts_with('-') {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// How the open question is settled, with a command that can be typed.
fn next_step(report: &Report) -> String {
    let undecided = &report.undecided;
    let file = match report.inputs.as_slice() {
        [input] => quoted(&shown_short(&input.file, 60)),
        _ => "FILES".to_owned(),
    };
    if undecided.needs_export.units() * 2 > undecided.monthly_cost.units() {
        return format!(
            "A bill cannot say what ran in batch. Add the usage export of the same days: batchwise report {file} USAGE.csv"
        );
    }
    let largest = shown_short(undecided.largest.as_deref().unwrap_or_default(), LONGEST_NAME);
    format!(
        "See what is known of the largest, then write a rule for it (--policy): batchwise explain {file} --workload {}",
        quoted(&largest)
    )
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
        let (parts, _) = shown_parts(&[scenario.cost.base, saving.base], today);
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

/// Parts as shown, to the cent, adding up to the total as shown.
fn shown_parts(parts: &[Money], total: Money) -> (Vec<Money>, Money) {
    let shown_total = Money::round(&total.exact(), CENTS).unwrap_or(total);
    let shown = round_parts(parts, shown_total, CENTS).unwrap_or_else(|_| parts.to_vec());
    (shown, shown_total)
}

/// A section's name, its rows, and its cost a month as shown.
type Section<'r> = (&'static str, Vec<&'r WorkloadLine>, Money);

/// The sections of the page that have rows; their costs as shown add up to today's.
fn shown_sections(report: &Report) -> Vec<Section<'_>> {
    let pick = |wanted: &dyn Fn(&WorkloadLine) -> bool| {
        report.workloads.iter().filter(|line| line.monthly_cost.is_some() && wanted(line)).collect::<Vec<_>>()
    };
    let sections = [
        (CAN_WAIT, pick(&|line| line.verdict == "batch")),
        ("Runs in batch already", pick(&|line| line.verdict == "already-batch")),
        ("What cannot", pick(&|line| line.verdict == "real-time" && !line.is_open)),
        (NOBODY_KNOWS, pick(&|line| line.verdict == "real-time" && line.is_open)),
    ];
    let sections: Vec<_> = sections.into_iter().filter(|(_, lines)| !lines.is_empty()).collect();
    let sums: Vec<Money> =
        sections.iter().map(|(_, lines)| sum(lines.iter().filter_map(|line| line.monthly_cost))).collect();
    let (shown_sums, _) = shown_parts(&sums, report.today);
    sections.into_iter().zip(shown_sums).map(|((name, lines), shown_sum)| (name, lines, shown_sum)).collect()
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
    for (index, (name, lines, shown_sum)) in shown_sections(report).into_iter().enumerate() {
        if index > 0 {
            table.add_row(columns(blank(), blank(), blank(), blank(), blank()));
        }
        let saving = sum(lines.iter().map(|line| saving_of(line)));
        let saving_text = section_saving(name, saving);
        table.add_row(columns(
            heading(name),
            blank(),
            right(dollars(shown_sum)).add_attribute(Attribute::Bold),
            right(saving_text).add_attribute(Attribute::Bold),
            blank(),
        ));
        add_lines(&mut table, &lines, shown_sum, saving, wide, name);
    }
    table
}

fn sum(amounts: impl Iterator<Item = Money>) -> Money {
    Money::sum(amounts).unwrap_or_default()
}

/// What batch saves, would save, or would lose.
fn saving_of(line: &WorkloadLine) -> Money {
    if line.verdict == "batch" { line.monthly_saving } else { line.open_saving }
}

fn section_saving(name: &str, saving: Money) -> String {
    match name {
        CAN_WAIT => dollars(saving),
        NOBODY_KNOWS if !saving.is_zero() => format!("up to {}", dollars(saving)),
        _ => String::new(),
    }
}

fn add_lines(table: &mut Table, lines: &[&WorkloadLine], shown_sum: Money, saving: Money, wide: bool, section: &str) {
    let (first, rest) = lines.split_at(lines.len().min(MOST_ROWS));
    let mut costs: Vec<Money> = first.iter().filter_map(|line| line.monthly_cost).collect();
    let mut savings: Vec<Money> = first.iter().map(|line| saving_of(line)).collect();
    if !rest.is_empty() {
        costs.push(sum(rest.iter().filter_map(|line| line.monthly_cost)));
        savings.push(sum(rest.iter().map(|line| saving_of(line))));
    }
    let shown_costs = round_parts(&costs, shown_sum, CENTS).unwrap_or_else(|_| costs.clone());
    let (shown_savings, _) = shown_parts(&savings, saving);
    for ((line, cost), saves) in first.iter().zip(&shown_costs).zip(&shown_savings) {
        table.add_row(workload_cells(line, *cost, *saves, wide, section));
    }
    if !rest.is_empty() {
        let cost = right(dollars(*shown_costs.last().unwrap_or(&Money::ZERO)));
        let saves = match section {
            CAN_WAIT => right(dollars(*shown_savings.last().unwrap_or(&Money::ZERO))),
            _ => Cell::new(""),
        };
        let name = Cell::new_owned(format!("{} more", rest.len())).add_attribute(Attribute::Dim);
        let row = if wide {
            vec![name, Cell::new(""), cost, saves, Cell::new("")]
        } else {
            vec![name, cost, saves, Cell::new("")]
        };
        table.add_row(row);
    }
}

fn workload_cells(line: &WorkloadLine, cost: Money, saves: Money, wide: bool, section: &str) -> Vec<Cell> {
    let name = Cell::new_owned(shown_short(&line.workload, LONGEST_NAME));
    let model = if line.provider.is_empty() {
        shown_short(&line.model, 40)
    } else {
        shown_short(&format!("{}/{}", line.provider, line.model), 40)
    };
    let month = right(dollars(cost));
    let saves = match (section, line.monthly_loss) {
        (_, Some(loss)) => right(dollars(loss)).fg(Color::DarkRed),
        (CAN_WAIT, _) => right(dollars(saves)).fg(Color::DarkGreen),
        (NOBODY_KNOWS, _) if !saves.is_zero() => right(dollars(saves)),
        _ => Cell::new(""),
    };
    let mut why = String::new();
    if line.verdict == "batch" {
        why.push_str(line.band.unwrap_or_default());
        why.push_str(": ");
    }
    let reasons: Vec<String> = line.words.iter().take(2).map(|words| shown(words).into_owned()).collect();
    why.push_str(&reasons.join("; "));
    if line.words.len() > 2 {
        let _ = write!(why, "; {} more", line.words.len() - 2);
    }
    if wide {
        vec![name, Cell::new_owned(model), month, saves, Cell::new_owned(why)]
    } else {
        vec![name, month, saves, Cell::new_owned(format!("{model}\n{why}"))]
    }
}

fn start_here(report: &Report, page: &mut Page<'_>) {
    if let Some(pilot) = &report.pilot {
        let mut text =
            format!("{} on {} saves most.", shown_short(&pilot.workload, LONGEST_NAME), shown_short(&pilot.model, 40));
        match pilot.test {
            Some((requests, cost)) => {
                let _ = write!(
                    text,
                    " Send {} requests as a first batch (about {}), compare the answers, then move the rest.",
                    grouped(u128::from(requests)),
                    dollars(cost)
                );
            }
            None => text.push_str(" Send 100–500 requests as a first batch, compare the answers, then move the rest."),
        }
        page.labelled("Start here", Theme::bold, &text);
    }
    if report.undecided.groups > 0 && !report.undecided.is_headline {
        let text =
            format!("{} nobody has decided about. {}", plural(report.undecided.groups, "group"), next_step(report));
        page.labelled("Ask", Theme::bold, &text);
    }
    let share = crate::money::share(report.can_wait(), report.today);
    let text = format!(
        "{} of your spend can wait. Measured elsewhere: {MEASURED} of requests at one very large service; claimed: {CLAIMED}.",
        percent(share.as_ref())
    );
    page.labelled("Your share", Theme::bold, &text);
    page.line("");
}

fn by_table(by: &super::ByTable, theme: &Theme) -> Table {
    let mut table = Table::new();
    let dim = |text: &str| Cell::new(text).add_attribute(Attribute::Dim).set_alignment(CellAlignment::Right);
    table.add_row(vec![Cell::new(""), dim("requests"), dim("cost"), dim("can wait"), dim("batch saves")]);
    let total = sum(by.rows.iter().map(|row| row.cost));
    let (shown_costs, _) = shown_parts(&by.rows.iter().map(|row| row.cost).collect::<Vec<_>>(), total);
    for (row, cost) in by.rows.iter().zip(shown_costs) {
        let name = row.value.as_deref().map_or_else(|| "(none)".to_owned(), |value| shown_short(value, LONGEST_NAME));
        table.add_row(vec![
            Cell::new_owned(name),
            right(grouped(u128::from(row.requests))),
            right(dollars(cost)),
            right(dollars(row.can_wait)),
            right(dollars(row.saving)),
        ]);
    }
    let _ = theme;
    table
}

fn ledger(report: &Report, page: &mut Page<'_>) {
    for (index, input) in report.inputs.iter().enumerate() {
        let parts: Vec<String> = input
            .rows
            .iter()
            .filter(|(fate, count)| *count > 0 || *fate == "accepted" || *fate == "rejected")
            .map(|(fate, count)| {
                format!(
                    "{} {}",
                    grouped(u128::from(*count)),
                    if *fate == "accepted" { "counted".to_owned() } else { fate.replace('_', " ") }
                )
            })
            .collect();
        let mut text = format!(
            "{}: {} read = {}. Read as {}.",
            shown_short(&input.file, 40),
            plural(input.read, "row"),
            parts.join(" + "),
            input.format
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
        page.labelled("", Theme::bold, "Every row is accounted for and everything is priced.");
    }
}

fn bill_words(report: &Report) -> String {
    let cost = &report.cost;
    let (Some(billed), Some(residual)) = (cost.billed, cost.residual) else {
        return format!(
            "Computed {} from the price table; these files state no bill to compare it with.",
            dollars(cost.computed)
        );
    };
    if cost.from_bill == cost.computed {
        return format!(
            "Billed {}, which is taken as the spend: there is no usage beside it to compare.",
            dollars(billed)
        );
    }
    let equal = report.days.iter().filter(|day| day.verdict() == "equal").count();
    let mut text = format!(
        "Billed {}, computed {} beside it: equal on {equal} of {}.",
        dollars(billed),
        dollars(billed.sub(residual).unwrap_or_default()),
        plural(report.days.len() as u64, "day")
    );
    let mut unequal: Vec<&super::DayLine> = report.days.iter().filter(|day| day.verdict() != "equal").collect();
    unequal.sort_by_key(|day| {
        std::cmp::Reverse(
            day.billed.unwrap_or_default().sub(day.computed).map_or(0, |money| money.units().unsigned_abs()),
        )
    });
    for day in unequal.iter().take(6) {
        let billed = day.billed.map_or_else(|| "nothing".to_owned(), |billed| format!("${billed}"));
        let _ = write!(text, " {}: billed {billed}, computed ${} ({}).", day.day, day.computed, day.verdict());
    }
    if unequal.len() > 6 {
        let _ = write!(text, " {} more differ.", plural(unequal.len() as u64 - 6, "day"));
    }
    if !cost.from_bill.is_zero() {
        let _ = write!(
            text,
            " {} of the spend is taken from the bill, since there is no usage beside it.",
            dollars(cost.from_bill)
        );
    }
    text
}

/// What is special about prices: models of which the same is to be said are named together.
fn exceptions(exceptions: &[PriceException], page: &mut Page<'_>) {
    let mut sentences: Vec<(&str, Vec<String>)> = Vec::new();
    for line in exceptions {
        let name = format!("{}/{}", shown_short(&line.provider, LONGEST_NAME), shown_short(&line.model, LONGEST_NAME));
        match sentences.iter_mut().find(|(message, _)| *message == line.message) {
            Some((_, names)) => names.push(name),
            None => sentences.push((&line.message, vec![name])),
        }
    }
    for (index, (message, names)) in sentences.iter().take(MOST_EXCEPTIONS).enumerate() {
        let more = names.len().saturating_sub(MOST_NAMES);
        let names = names.iter().take(MOST_NAMES).cloned().collect::<Vec<_>>().join(", ");
        let more = if more > 0 { format!(" and {}", plural(more as u64, "other model")) } else { String::new() };
        page.labelled(if index == 0 { "Prices" } else { "" }, Theme::bold, &format!("{names}{more}: {message}."));
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
