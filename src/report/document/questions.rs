//! Open questions: what is at stake in each, whom to ask, and how it is answered.

use super::ColumnType::{Reason, Saving, Text as Words};
use super::{
    Cell, LONGEST_NAME, LONGEST_SENTENCE, MOST_ROWS, Precision, Row, Section, Table, Text, name, named, next_steps,
    quote,
};
use crate::money::Money;
use crate::report::words::grouped;
use crate::report::{Question, Report};

/// Characters of an owner's name.
const LONGEST_OWNER: usize = 40;
/// Characters of an answer, which holds a name twice.
const LONGEST_ANSWER: usize = 160;
/// Less is shown as nothing.
const HALF_A_CENT: Money = Money::from_units(5_000_000_000_000_000);
/// Models named with a question.
const MOST_MODELS: usize = 2;

/// The questions with the most at stake; those with nothing at stake are left to machines.
pub fn questions(report: &Report) -> Option<Section> {
    let matters = |asked: &&Question| asked.monthly_saving.is_none_or(|saving| saving >= HALF_A_CENT);
    let asked: Vec<&Question> = report.questions.iter().filter(matters).collect();
    let has_owners = asked.iter().any(|asked| asked.owner.is_some());
    let ask = has_owners.then_some(("Ask", Words));
    let columns = [("At stake", Saving), ("Question", Words), ("Models", Words)].into_iter().chain(ask);
    let mut table = Table::new(columns.chain([("Answer", Reason)]));
    table.optional_columns = &[2];
    let most = report.row_limit(MOST_ROWS);
    let row = |asked: &&Question| {
        let owner = asked
            .owner
            .as_ref()
            .map_or_else(|| "nobody is named".into(), |owner| Text::from(name(owner, LONGEST_OWNER)));
        let is_rule = asked.answer.starts_with('{');
        let answer = if is_rule { name(&asked.answer, LONGEST_ANSWER) } else { quote(&asked.answer, LONGEST_SENTENCE) };
        Row::new(
            [
                at_stake(asked),
                Cell::text(quote(&asked.question, LONGEST_SENTENCE)),
                Cell::Text(named(&asked.models, MOST_MODELS, LONGEST_NAME)),
            ]
            .into_iter()
            .chain(has_owners.then_some(Cell::Text(owner)))
            .chain([Cell::text(answer)]),
        )
    };
    let starter = starter(report);
    let rules = starter.as_ref().map(|_| "Rules to answer them:".into());
    let section = Section::new("questions", "Open questions").table(table.rows(asked.iter().map(row), most));
    (!asked.is_empty()).then(|| section.paragraphs(rules).command(starter))
}

/// What an answer is worth a month, or how much usage it is about.
fn at_stake(asked: &Question) -> Cell {
    match (asked.monthly_saving, asked.tokens) {
        (Some(saving), _) => Cell::Worded(saving, Precision::Cents, "a month".into()),
        (None, Some(tokens)) => Cell::text(format!("{} tokens", grouped(u128::from(tokens)))),
        (None, None) => Cell::text("unknown"),
    }
}

/// The command that writes a rule for each workload; nothing where no question is answered by one.
pub fn starter(report: &Report) -> Option<String> {
    let is_answered_by_a_rule =
        |question: &Question| question.workload.is_some() && !matches!(question.kind, "calls-differ" | "small-volume");
    let any = report.questions.iter().any(is_answered_by_a_rule);
    any.then(|| format!("batchwise init {} -o policy.yaml", next_steps::files(report)))
}
