//! The report for a comment on GitHub or any other page in Markdown.
//!
//! Role: lays out what [`super::content`] says. What comes from files is escaped or stands as code, so that a name can
//! change no line or cell; numbers are ours and never escaped. Long sections end in `<details>`, so that the page stays
//! well below the 65,536 characters of a comment.

use std::fmt::Write as _;

use super::content::{self, Kind, LONGEST_NAME, LONGEST_PATH, Section, ShownLine};
use super::words::{self, cost_and_saving, dollars, exact_dollars, grouped, parts_of_shown, percent, plural, sum};
use super::{Combined, InputLine, Reconciliation, Report, Scenario};
use crate::diagnostic::shown_short;
use crate::diagnostic::text::{markdown as escaped, markdown_code};
use crate::money::Money;
use crate::policy::Cases;

mod lists;

/// Workloads shown of each section at once, and folded away below it.
const MOST_ROWS: usize = 10;
const MOST_FOLDED: usize = 30;
/// Values, days, sentences and files shown.
const MOST_VALUES: usize = 40;
const MOST_DAYS: usize = 31;
const MOST_SENTENCES: usize = 20;
const MOST_FILES: usize = 20;
/// Characters of a sentence that quotes a file.
const LONGEST_SENTENCE: usize = 400;
/// Characters of an answer, which holds a name twice.
const LONGEST_ANSWER: usize = 160;
/// Characters of a reason in a cell.
const LONGEST_REASON: usize = 100;

/// Renders the report. Writing to a String cannot fail, so results of `write!` are dropped in this file.
pub fn render(report: &Report) -> String {
    let mut page = String::new();
    head(report, &mut page);
    let _ = write!(page, "\n{}", scenarios(report.today, &report.batch_only, Some(&report.combined)));
    let cases: Vec<&str> = content::cases(report).into_iter().chain(content::takes_over(&report.combined)).collect();
    if !cases.is_empty() {
        let _ = writeln!(page, "\n{}", cases.join(" "));
    }
    for section in content::sections(report, report.most(MOST_ROWS)) {
        workloads(&section, &mut page);
        if let Some(text) = content::small_volume(report).filter(|_| section.kind == Kind::Stays) {
            let _ = writeln!(page, "\n{}", sentence(&text));
        }
    }
    next_steps(report, &mut page);
    questions(report, &mut page);
    if let Some(found) = content::showback(report, report.most(MOST_VALUES), name) {
        lists::showback(&found, &mut page);
    }
    if let Some(found) = content::movers(report, report.most(MOST_ROWS), name) {
        lists::movers(&found, &mut page);
    }
    let improvements = content::improvements(report, name, sentence);
    if !improvements.is_empty() {
        let _ = writeln!(page, "\n### What a better export would tell\n\n- {}", improvements.join("\n- "));
    }
    exceptions(report, &mut page);
    ledger(report, &mut page);
    if let Some(found) = &report.reconciliation {
        reconciliation(report, found, &mut page);
    }
    let controls = content::control_totals(report, name);
    if !controls.is_empty() {
        let _ = writeln!(page, "\n### Control totals\n\n- {}", controls.join("\n- "));
    }
    warnings(report, &mut page);
    let about = content::about(report, name).join(" · ");
    let _ = writeln!(page, "\n<sub>batchwise · {about} · amounts in USD</sub>");
    page
}

/// Renders an estimate.
pub fn estimate(spend: Money, batch_only: &Scenario, combined: Option<&Combined>) -> String {
    let saved = dollars(batch_only.saving.base);
    let heading = format!("## {} a month; batch saves {saved} a month\n\n", dollars(spend));
    heading + &scenarios(spend, batch_only, combined)
}

/// A name from a file, cut.
pub(super) fn name(text: &str, most: usize) -> String {
    markdown_code(&shown_short(text, most))
}

/// A sentence that may quote files, cut. What it quotes in backticks stands as code, unless the quotes do not pair.
fn sentence(text: &str) -> String {
    cut_sentence(text, LONGEST_SENTENCE)
}

fn cut_sentence(text: &str, most: usize) -> String {
    let text = shown_short(text, most);
    let pieces: Vec<&str> = text.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        return escaped(&text);
    }
    let show = |(index, piece): (usize, &&str)| if index % 2 == 1 { markdown_code(piece) } else { escaped(piece) };
    pieces.iter().enumerate().map(show).collect()
}

/// A table's first two lines: what begins with `>` is aligned to the right.
fn header(page: &mut String, columns: &[&str]) {
    let names: Vec<&str> = columns.iter().map(|column| column.trim_start_matches('>')).collect();
    let rule: Vec<&str> = columns.iter().map(|column| if column.starts_with('>') { "--:" } else { "---" }).collect();
    let _ = writeln!(page, "| {} |\n| {} |", names.join(" | "), rule.join(" | "));
}

fn row(page: &mut String, cells: &[String]) {
    let _ = writeln!(page, "| {} |", cells.join(" | "));
}

fn bold(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("**{text}**") }
}

fn head(report: &Report, page: &mut String) {
    let loud = if report.incomplete.is_empty() { "" } else { "INCOMPLETE: " };
    let (bound, spend) = (content::bound(report), dollars(report.today));
    let (basis, unknown) = (content::on_basis(report), content::shown_cost(report, Kind::Open));
    let _ = if report.undecided.is_headline {
        writeln!(
            page,
            "## {loud}{bound}{spend} a month{basis}; for {} of it nobody has said whether it can wait",
            dollars(unknown)
        )
    } else {
        let saving = match report.batch_only.projected {
            projected if projected.is_unknown() => content::UNKNOWN.to_owned(),
            projected => format!("{}{}", content::saves_at_least(projected), dollars(report.batch_only.saving.base)),
        };
        writeln!(
            page,
            "## {loud}{bound}{spend} a month{basis}; {} of it can wait, which saves {saving} a month",
            dollars(content::shown_cost(report, Kind::CanWait)),
        )
    };
    if !report.incomplete.is_empty() {
        let _ = writeln!(page, "\n> [!CAUTION]\n> **INCOMPLETE.** Settle this before you rely on a figure below:\n>");
        for note in report.incomplete.iter().take(MOST_SENTENCES) {
            let _ = writeln!(page, "> - `{}`: {}", note.code, sentence(&note.message));
        }
        let rest = report.incomplete.len().saturating_sub(MOST_SENTENCES);
        if rest > 0 {
            let _ = writeln!(page, "> - … {} in the JSON report", plural(rest as u64, "more reason"));
        }
    }
    let basis = content::basis(report, name);
    if !basis.is_empty() {
        let _ = writeln!(page, "\n{}", basis.join(" "));
    }
    if let Some(text) = content::unknown_saving(report)
        .filter(|text| !report.undecided.is_headline || content::planning(report) != *text)
    {
        let _ = writeln!(page, "\n{text}");
    }
    if report.undecided.is_headline {
        let _ = writeln!(page, "\n{}", content::planning(report));
    } else if !unknown.is_zero() {
        let _ = writeln!(page, "\nFor {} of it nobody has said whether it can wait.", dollars(unknown));
    }
    if let Some(text) = content::bill_alarm(report) {
        let _ = writeln!(page, "\n**{text}**");
    }
    if let Some(text) = content::unpriced(report, name) {
        let _ = writeln!(page, "\n**{text}.**");
    }
    if let Some(text) = content::failed(report) {
        let _ = writeln!(page, "\n{text}");
    }
}

/// Scenarios beside one another; routing's part and batch's add up to what both save.
fn scenarios(today: Money, batch_only: &Scenario, combined: Option<&Combined>) -> String {
    let mut page = String::new();
    let projected = batch_only.projected;
    let base = if projected.is_a_part() { ">saves at least, base" } else { ">saves, base" };
    header(&mut page, &["Scenario", ">a month", ">saves, low", base, ">saves, high", ">share"]);
    let blank = String::new;
    row(&mut page, &["Today".to_owned(), dollars(today), blank(), blank(), blank(), blank()]);
    let mut whole = |title: &str, scenario: &Scenario| {
        let shown = |saving: Money| cost_and_saving(saving, today);
        let base = shown(scenario.saving.base);
        let saving = Cases { low: shown(scenario.saving.low)[1], base: base[1], high: shown(scenario.saving.high)[1] };
        let cells = [dollars(base[0]), dollars(saving.low), bold(&dollars(saving.base)), dollars(saving.high)];
        let share = percent(scenario.share.base.as_ref());
        row(&mut page, &[vec![title.to_owned()], cells.to_vec(), vec![share]].concat());
        saving
    };
    if projected.is_unknown() {
        for title in std::iter::once("Batch only").chain(combined.map(|_| "Batch + routing")) {
            let unknown = || content::UNKNOWN.to_owned();
            row(&mut page, &[title.to_owned(), unknown(), unknown(), bold(content::UNKNOWN), unknown(), unknown()]);
        }
        return page;
    }
    whole("Batch only", batch_only);
    if let Some(combined) = combined {
        let saving = whole("Batch + routing", &combined.total);
        let parts = |batch: Money, routing: Money, shown: Money| parts_of_shown(&[batch, routing], shown);
        let (batch, routing) = (&combined.batch, &combined.routing);
        let (low, base, high) = (
            parts(batch.low, routing.low, saving.low),
            parts(batch.base, routing.base, saving.base),
            parts(batch.high, routing.high, saving.high),
        );
        for (part, title) in ["batch", "routing"].into_iter().enumerate() {
            let amounts = [low[part], base[part], high[part]].map(dollars);
            let cells = [vec![format!("… of it {title}"), blank()], amounts.to_vec(), vec![blank()]].concat();
            row(&mut page, &cells);
        }
        let _ = writeln!(page, "\n{}", sentence(&combined.words));
    }
    page
}

fn workloads(section: &Section<'_>, page: &mut String) {
    let saves = match section.kind {
        Kind::CanWait => format!(", batch saves {}", dollars(section.saving)),
        Kind::Open if !section.saving.is_zero() => format!(", batch would save up to {}", dollars(section.saving)),
        _ => String::new(),
    };
    let _ = writeln!(page, "\n### {}: {} a month{saves}\n", section.kind.title(), dollars(section.cost));
    let columns = ["Workload", "Model", ">a month", ">batch saves", "Why"];
    header(page, &columns);
    for line in &section.lines {
        row(page, &workload_cells(line));
    }
    let Some(rest) = &section.rest else { return };
    let amount = |amount: Option<Money>| amount.map(dollars).unwrap_or_default();
    let title = words::more(rest.lines.len());
    let summary = format!("{title}, {} a month", dollars(rest.cost));
    row(page, &[title, String::new(), dollars(rest.cost), amount(rest.saves), "below".to_owned()]);
    let (folded, others) = rest.lines.split_at(rest.lines.len().min(MOST_FOLDED));
    let _ = writeln!(page, "\n<details><summary>{summary}</summary>\n");
    header(page, &columns);
    for line in folded {
        row(page, &workload_cells(line));
    }
    if !others.is_empty() {
        let cost = sum(others.iter().map(|line| line.cost));
        let saves = rest.saves.map(|_| sum(others.iter().filter_map(|line| line.saves)));
        let title = words::more(others.len());
        row(page, &[title, String::new(), dollars(cost), amount(saves), "in the JSON report".to_owned()]);
    }
    page.push_str("\n</details>\n");
}

fn workload_cells(shown: &ShownLine<'_>) -> Vec<String> {
    let line = shown.line;
    vec![
        content::workload_of(line, name),
        name(&content::model_of(line), LONGEST_PATH),
        dollars(shown.cost),
        shown.saves.map(dollars).unwrap_or_default(),
        content::why(line, |reason| cut_sentence(reason, LONGEST_REASON)),
    ]
}

fn next_steps(report: &Report, page: &mut String) {
    let mut steps: Vec<String> = content::pilot(report, name).into_iter().collect();
    if report.undecided.groups > 0 {
        let (what, command) = content::next_step(report);
        let ask = content::ask(report).map(|text| text + " ").unwrap_or_default();
        steps.push(format!("{ask}{what}: {}", markdown_code(&command)));
    }
    steps.extend(content::share(report));
    if steps.is_empty() {
        return;
    }
    let _ = writeln!(page, "\n### Next\n");
    for step in steps {
        let _ = writeln!(page, "- {step}");
    }
}

/// What is asked of whom, what hangs on it, and what settles it.
fn questions(report: &Report, page: &mut String) {
    let (questions, rest) = content::questions(report, report.most(MOST_ROWS), name);
    if questions.is_empty() {
        return;
    }
    let _ = writeln!(page, "\n### Open questions\n");
    header(page, &[">hangs on it", "Question", "Models", "Ask", "Answer"]);
    for line in questions {
        let question = sentence(&line.asked.question);
        let is_rule = line.asked.answer.starts_with('{');
        let answer = if is_rule { name(&line.asked.answer, LONGEST_ANSWER) } else { sentence(&line.asked.answer) };
        let owner = line.owner.unwrap_or_else(|| "nobody is named".to_owned());
        row(page, &[line.hangs, question, line.models, owner, answer]);
    }
    if let Some(rest) = rest {
        let _ = writeln!(page, "\n… {rest}.");
    }
    if let Some(command) = content::starter(report) {
        let _ = writeln!(page, "\nRules to answer them: {}", markdown_code(&command));
    }
}

fn exceptions(report: &Report, page: &mut String) {
    let sentences = content::exceptions(&report.exceptions, name);
    if sentences.is_empty() {
        return;
    }
    let _ = writeln!(page, "\n### Prices that are not what one expects\n");
    for (message, models) in sentences.iter().take(report.most(MOST_SENTENCES)) {
        let _ = writeln!(page, "- {models}: {}.", sentence(message));
    }
    more(page, sentences.len().saturating_sub(report.most(MOST_SENTENCES)), "more exception");
}

/// That a list goes on elsewhere.
fn more(page: &mut String, rest: usize, what: &str) {
    if rest > 0 {
        let _ = writeln!(page, "- … {} in the JSON report", plural(rest as u64, what));
    }
}

/// Every row of every file, by what became of it.
fn ledger(report: &Report, page: &mut String) {
    let _ = writeln!(page, "\n### Ledger\n");
    let inputs = &report.inputs;
    let count = |input: &InputLine, fate: &str| {
        input.rows.iter().find(|(name, _)| *name == fate).map_or(0, |(_, count)| *count)
    };
    let shown_fates =
        |fate: &&str| inputs.iter().any(|input| content::shown_fates(input).any(|(name, _)| name == fate));
    let fates = inputs.first().map_or(&[][..], |input| &input.rows[..]).iter().map(|(fate, _)| *fate);
    let fates: Vec<&str> = fates.filter(shown_fates).collect();
    let words: Vec<String> = fates.iter().map(|fate| format!(">{}", content::fate_words(fate))).collect();
    let columns = ["File", "Read as", ">rows read"].into_iter().chain(words.iter().map(String::as_str));
    header(page, &columns.collect::<Vec<_>>());
    let figures = |inputs: &[InputLine]| {
        let total = |of: &dyn Fn(&InputLine) -> u64| grouped(inputs.iter().map(|input| u128::from(of(input))).sum());
        let fates = fates.iter().map(|fate| total(&|input| count(input, fate)));
        std::iter::once(total(&|input| input.read)).chain(fates).collect::<Vec<_>>()
    };
    let shown = inputs.len().min(report.most(MOST_FILES));
    for input in &inputs[..shown] {
        let format = format!("{}: {}", input.format, content::grain(input));
        let texts = vec![name(&input.file, LONGEST_PATH), escaped(&format)];
        row(page, &[texts, figures(std::slice::from_ref(input))].concat());
    }
    if shown < inputs.len() {
        let title = vec![words::more(inputs.len() - shown), String::new()];
        row(page, &[title, figures(&inputs[shown..])].concat());
    }
    if inputs.len() > 1 {
        let total = figures(inputs).iter().map(|figure| bold(figure)).collect();
        row(page, &[vec![bold("All"), String::new()], total].concat());
    }
    page.push('\n');
    for input in &inputs[..shown] {
        if let Some(reason) = &input.left_out {
            let _ = writeln!(page, "- {} LEFT OUT: {}", name(&input.file, LONGEST_PATH), sentence(&reason.message));
        }
        if let Some(hash) = &input.sha256 {
            let _ = writeln!(page, "- {}: SHA-256 `{hash}`", name(&input.file, LONGEST_PATH));
        }
    }
    let _ = writeln!(page, "- {}", content::bill(report));
    for text in [content::only_billed(report), content::billed_for_other(report, name)].into_iter().flatten() {
        let _ = writeln!(page, "- {text}");
    }
    if report.incomplete.is_empty() {
        let _ = writeln!(page, "- {}", content::ALL_ACCOUNTED);
    }
}

/// How far the bill agrees, and the days on which it does not. With all digits: they may differ by less than a cent.
fn reconciliation(report: &Report, found: &Reconciliation, page: &mut String) {
    let _ = writeln!(page, "\n### Against the bill\n");
    for sentence in content::reconciliation(report, found, name) {
        let _ = writeln!(page, "- {sentence}");
    }
    if let Some(heading) = content::items_heading(found) {
        let _ = writeln!(page, "\n{heading}\n");
        header(page, &[">billed", "For"]);
        for (amount, words) in content::items(report, found, name) {
            row(page, &[dollars(amount), words]);
        }
    }
    let unequal = content::unequal_days(found);
    if unequal.is_empty() {
        return;
    }
    let _ = writeln!(page);
    header(page, &["Day", "Provider", ">billed", ">computed", "Verdict"]);
    let amount = |amount: Option<Money>| amount.map_or_else(|| "nothing".to_owned(), exact_dollars);
    let most = report.most(MOST_DAYS);
    for line in unequal.iter().take(most) {
        let (billed, computed) = (amount(line.billed), amount(line.computed));
        row(
            page,
            &[line.day.to_string(), name(&line.provider, LONGEST_NAME), billed, computed, line.verdict.to_owned()],
        );
    }
    let rest = unequal.len().saturating_sub(most);
    if rest > 0 {
        let _ = writeln!(page, "\n{} more.", plural(rest as u64, "day"));
    }
}

fn warnings(report: &Report, page: &mut String) {
    if report.warnings.is_empty() {
        return;
    }
    let _ = writeln!(page, "\n### Worth knowing\n");
    for note in report.warnings.iter().take(MOST_SENTENCES) {
        let _ = writeln!(page, "- `{}`: {}", note.code, sentence(&note.message));
    }
    more(page, report.warnings.len().saturating_sub(MOST_SENTENCES), "more warning");
}
