//! What the figures stand on: questions, prices, the ledger, the bill, warnings.

use super::parts::{Block, Cell, Row, SHOW, Table, Weight, amount, quotes, said, text};
use crate::diagnostic::{shown, shown_short};
use crate::money::Money;
use crate::report::content::{self, LONGEST_PATH};
use crate::report::words::{exact_dollars, grouped, more, plural};
use crate::report::{InputLine, Reconciliation, Report};

/// Rows and sentences of each list.
const MOST: usize = 30;
/// Characters of a sentence that quotes a file.
const LONGEST_SENTENCE: usize = 400;

fn sentence(text: &str) -> String {
    quotes(&shown_short(text, LONGEST_SENTENCE))
}

/// What is asked of whom, what hangs on it, and what settles it.
pub fn questions(report: &Report) -> Option<Block> {
    let (questions, rest) = content::questions(report, report.most(MOST), SHOW.name);
    if questions.is_empty() {
        return None;
    }
    let owners = questions.iter().any(|line| line.owner.is_some());
    let ask = owners.then_some("Ask");
    let head: Vec<&str> = [">hangs on it", "Question", "Models"].into_iter().chain(ask).chain(["Answer"]).collect();
    let mut table = Table::new("Open questions", &head);
    table.subject = 1;
    table.rows = questions
        .into_iter()
        .map(|line| {
            let hangs = Cell { text: line.hangs, usd: line.asked.monthly_saving.map(|saving| saving.to_string()) };
            let owner = owners.then(|| text(line.owner.unwrap_or_else(|| "nobody is named".to_owned())));
            let (asked, answer) = (sentence(&line.asked.question), sentence(&line.asked.answer));
            Row::plain(
                [hangs, said(&asked), text(line.models)].into_iter().chain(owner).chain([said(&answer)]).collect(),
            )
        })
        .collect();
    let command = content::starter(report);
    let whom = if owners { ", whom to ask" } else { "" };
    Some(Block {
        heading: "Open questions".to_owned(),
        before: vec![match &command {
            Some(_) => {
                format!("What hangs on each{whom}, and the rule that answers it. The command writes the rules.")
            }
            None => format!("What hangs on each{whom}, and what answers it."),
        }],
        table: Some(table),
        points: rest.map(|rest| format!("{rest}.")).into_iter().collect(),
        command,
        ..Block::default()
    })
}

/// What to do next.
pub fn next(report: &Report) -> Option<Block> {
    let mut points: Vec<String> = content::pilot(report, SHOW.name).into_iter().collect();
    let mut command = None;
    if report.undecided.groups > 0 {
        let (what, typed) = content::next_step(report);
        let ask = content::ask(report).map(|text| text + " ").unwrap_or_default();
        points.push(format!("{ask}{what}:"));
        command = Some(typed);
    }
    let block = Block::of_points("Next", &points)?;
    Some(Block { command, ..block })
}

/// Beside what others measured.
pub fn share(report: &Report) -> Option<String> {
    content::share(report)
}

/// What a better export would tell.
pub fn improvements(report: &Report) -> Option<Block> {
    let points = content::improvements(report, SHOW.name, |text| shown(text).into_owned());
    Block::of_points("What a better export would tell", &points)
}

/// Where prices are not what one expects.
pub fn exceptions(report: &Report) -> Option<Block> {
    let sentences = content::exceptions(&report.exceptions, SHOW.name);
    let said = sentences.iter().map(|(message, models)| format!("{models}: {}.", sentence(message)));
    Block::of_points("Prices that are not what one expects", &cut(said.collect(), "more exception"))
}

/// The first of a list, and how many are left.
fn cut(mut points: Vec<String>, what: &str) -> Vec<String> {
    let rest = points.len().saturating_sub(MOST);
    points.truncate(MOST);
    points.extend((rest > 0).then(|| format!("{} in the JSON report.", plural(rest as u64, what))));
    points
}

/// Every row of every file, by what became of it.
pub fn ledger(report: &Report) -> Block {
    let inputs = &report.inputs;
    let is_shown = |fate: &str| inputs.iter().any(|input| content::shown_fates(input).any(|(name, _)| *name == fate));
    let all = inputs.first().map_or(&[][..], |input| &input.rows[..]);
    let fates: Vec<&str> = all.iter().map(|(fate, _)| *fate).filter(|fate| is_shown(fate)).collect();
    let words: Vec<String> = fates.iter().map(|fate| format!(">{}", content::fate_words(fate))).collect();
    let head: Vec<&str> =
        ["File", "Read as", ">rows read"].into_iter().chain(words.iter().map(String::as_str)).collect();
    let figures = |inputs: &[InputLine]| -> Vec<Cell> {
        let total =
            |of: &dyn Fn(&InputLine) -> u64| text(grouped(inputs.iter().map(|input| u128::from(of(input))).sum()));
        let count = |fate: &str| {
            total(&|input| input.rows.iter().find(|(name, _)| *name == fate).map_or(0, |(_, count)| *count))
        };
        std::iter::once(total(&|input| input.read)).chain(fates.iter().map(|fate| count(fate))).collect()
    };
    let mut table = Table::new("Rows of each file by what became of them", &head);
    let first = inputs.len().min(MOST);
    for input in &inputs[..first] {
        let format = format!("{}: {}", input.format, content::grain(input));
        let words = vec![text((SHOW.name)(&input.file, LONGEST_PATH)), text(format)];
        table.rows.push(Row::plain([words, figures(std::slice::from_ref(input))].concat()));
    }
    if first < inputs.len() {
        let words = vec![text(more(inputs.len() - first)), text("")];
        table.rows.push(Row { cells: [words, figures(&inputs[first..])].concat(), weight: Weight::Rest });
    }
    if inputs.len() > 1 {
        let words = vec![text("All"), text("")];
        table.rows.push(Row { cells: [words, figures(inputs)].concat(), weight: Weight::Total });
    }
    let mut points = Vec::new();
    for input in &inputs[..first] {
        let name = (SHOW.name)(&input.file, LONGEST_PATH);
        points.extend(input.left_out.as_ref().map(|reason| format!("{name} LEFT OUT: {}", sentence(&reason.message))));
        points.extend(input.sha256.as_ref().map(|hash| format!("{name}: SHA-256 {hash}")));
    }
    points.push(content::bill(report));
    points.extend([content::only_billed(report), content::billed_for_other(report, SHOW.name)].into_iter().flatten());
    points.extend(report.incomplete.is_empty().then(|| content::ALL_ACCOUNTED.to_owned()));
    Block { heading: "Ledger".to_owned(), table: Some(table), points, ..Block::default() }
}

/// How far the bill agrees, and the days on which it does not, with all digits: they may differ by less than a cent.
pub fn reconciliation(report: &Report, found: &Reconciliation) -> Block {
    let unequal = content::unequal_days(found);
    let mut table = Table::new("Days that differ", &["Day", "Provider", ">billed", ">computed", "Verdict"]);
    let side = |side: Option<Money>| match side {
        Some(exact) => Cell { text: exact_dollars(exact), usd: Some(exact.to_string()) },
        None => text("nothing"),
    };
    let most = report.most(MOST);
    for line in unequal.iter().take(most) {
        let provider = text((SHOW.name)(&line.provider, LONGEST_PATH));
        let cells = vec![text(&*line.day), provider, side(line.billed), side(line.computed), text(line.verdict)];
        table.rows.push(Row::plain(cells));
    }
    let rest = unequal.len().saturating_sub(most);
    Block {
        heading: "Against the bill".to_owned(),
        before: content::reconciliation(report, found, SHOW.name).iter().map(|said| quotes(said)).collect(),
        table: (!unequal.is_empty()).then_some(table),
        points: (rest > 0).then(|| format!("{} more.", plural(rest as u64, "day"))).into_iter().collect(),
        ..Block::default()
    }
}

/// What the bill has besides tokens.
pub fn items(report: &Report, found: &Reconciliation) -> Option<Block> {
    let heading = content::items_heading(found)?;
    let mut table = Table::new("On the bill besides tokens", &["For", ">billed"]);
    table.rows = content::items(report, found, SHOW.name)
        .into_iter()
        .map(|(shown, words)| Row::plain(vec![said(&words), amount(shown, shown)]))
        .collect();
    Some(Block {
        heading: "On the bill besides tokens".to_owned(),
        before: vec![heading],
        table: Some(table),
        ..Block::default()
    })
}

/// What the policy expects of months.
pub fn control_totals(report: &Report) -> Option<Block> {
    Block::of_points("Control totals", &content::control_totals(report, SHOW.name))
}

/// What is worth knowing.
pub fn warnings(report: &Report) -> Option<Block> {
    let said = report.warnings.iter().map(|note| format!("{} [{}]", sentence(&note.message), note.code));
    Block::of_points("Worth knowing", &cut(said.collect(), "more warning"))
}
