//! Open questions as readers see them: what hangs on each, whom to ask, and how it is answered.

use super::ShowName;
use super::next_step::quoted;
use crate::diagnostic::shown_short;
use crate::money::Money;
use crate::report::words::{dollars, grouped, plural, shown_parts, sum};
use crate::report::{Question, Report};

/// Characters of an owner's name.
const LONGEST_OWNER: usize = 40;
/// Less is shown as nothing.
const HALF_A_CENT: Money = Money::from_units(5_000_000_000_000_000);
/// Models named with a question.
const MOST_MODELS: usize = 2;

/// A question with its amounts in words.
#[derive(Clone, Debug)]
pub struct ShownQuestion<'r> {
    /// What hangs on it.
    pub hangs: String,
    /// Who is to be asked, where a rule says so.
    pub owner: Option<String>,
    /// The question and its answer.
    pub asked: &'r Question,
    /// Its models, the first of them by name.
    pub models: String,
}

/// The first `most` questions, and in words what the others come to. What nothing hangs on is left to machines.
pub fn questions(report: &Report, most: usize, name: ShowName) -> (Vec<ShownQuestion<'_>>, Option<String>) {
    let matters = |asked: &&Question| asked.monthly_saving.is_none_or(|saving| saving >= HALF_A_CENT);
    let asked: Vec<&Question> = report.questions.iter().filter(matters).collect();
    // Parts of the same total as in the section of what is open, so that an amount reads alike in both.
    let savings: Vec<Money> = asked.iter().map(|asked| asked.monthly_saving.unwrap_or_default()).collect();
    let (savings, _) = shown_parts(&savings, sum(savings.iter().copied()));
    let first = asked.len().min(most);
    let lines = asked.iter().zip(&savings).take(first).map(|(&asked, saving)| shown(asked, *saving, name)).collect();
    let rest = (first < asked.len()).then(|| {
        let saving = sum(savings[first..].iter().copied());
        let count = plural((asked.len() - first) as u64, "more question");
        if saving.is_zero() { count } else { format!("{count}, on which {} a month hangs", dollars(saving)) }
    });
    (lines, rest)
}

fn shown(asked: &Question, saving: Money, name: ShowName) -> ShownQuestion<'_> {
    let models: Vec<String> =
        asked.models.iter().take(MOST_MODELS).map(|model| name(model, super::LONGEST_NAME)).collect();
    let more = match asked.models.len().saturating_sub(MOST_MODELS) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    ShownQuestion {
        hangs: match (asked.monthly_saving, asked.tokens) {
            (Some(_), _) => format!("{} a month", dollars(saving)),
            (None, Some(tokens)) => format!("{} tokens", grouped(u128::from(tokens))),
            (None, None) => "unknown".to_owned(),
        },
        owner: asked.owner.as_ref().map(|owner| name(owner, LONGEST_OWNER)),
        asked,
        models: models.join(", ") + &more,
    }
}

/// The command that writes a rule for each workload; nothing where no question is answered by one.
pub fn starter(report: &Report) -> Option<String> {
    report
        .questions
        .iter()
        .find(|question| question.workload.is_some() && !matches!(question.kind, "calls-differ" | "small-volume"))?;
    let file = match report.inputs.as_slice() {
        [input] => quoted(&shown_short(&input.file, 60)),
        _ => "FILES".to_owned(),
    };
    Some(format!("batchwise init {file} -o policy.yaml"))
}
