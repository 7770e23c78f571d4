//! Open questions: what is asked, of whom, and what hangs on the answer.
//!
//! Role: rows that nobody has decided about, and usage that cannot be judged or priced → a list by the dollars that batch
//! would save if all of it could wait. One question a workload, since its owner answers for it on every model. The
//! costs and savings of all questions are those of what is open.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{is_open, masked, open_saving};
use crate::assess::{Assessment, Blind, Row};
use crate::diagnostic::shown_short;
use crate::money::{Money, Overflow};
use crate::policy::{Policy, write};
use crate::pricing::Unpriced;
use crate::report::Question;
use crate::report::words::plural;
use crate::rollup::fold::NAMELESS;
use crate::scenario::RowMonth;
use crate::verdict::{Band, Code};

/// Questions that are listed; the others are added up in one.
const MOST: usize = 500;
/// Characters of a name.
const LONGEST: usize = 60;

/// What a question is about; questions of one subject are one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    /// A workload that nothing says anything of.
    Undecided(String),
    /// A workload that evidence nominates.
    Candidate(String),
    /// Calls that have no name but their model's.
    Nameless(String),
    /// A workload whose owner a rule wants to be asked, by the rule's position.
    Ask(String, u16),
    /// What a provider's export cannot say.
    Blind(String, Blind),
}

/// Why calls of a model are decided that a rule could decide otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    Streamed,
    Else,
}

/// By workload and model: what is decided beside what is open.
type Decided<'r> = HashMap<&'r str, BTreeMap<&'r str, Why>>;

#[derive(Debug, Default)]
struct Sums {
    models: BTreeSet<String>,
    cost: Money,
    saving: Money,
}

/// All open questions, those with the most dollars first.
pub fn questions(assessment: &Assessment, months: &[RowMonth], policy: &Policy) -> Result<Vec<Question>, Overflow> {
    let mut open: BTreeMap<Subject, Sums> = BTreeMap::new();
    // What a price is missing for is asked of its model.
    let asks = |row: &Row| is_open(row) && !row.codes.contains(&Code::Unpriced);
    for (row, month) in assessment.rows.iter().zip(months).filter(|(row, _)| asks(row)) {
        let Some(cost) = month.cost else { continue };
        let sums = open.entry(subject(row)).or_default();
        sums.models.insert(row.model.clone());
        sums.cost = sums.cost.add(cost)?;
        sums.saving = sums.saving.add(open_saving(row, month))?;
    }
    let mut decided: Decided<'_> = HashMap::new();
    for row in assessment.rows.iter().filter(|row| !is_open(row)) {
        if row.codes.iter().any(|code| code.leaves_rules_a_say()) {
            let models = decided.entry(&row.workload).or_default();
            if row.codes.iter().any(|code| code.is_open_to_rules()) {
                let why = if row.is_only_streamed() { Why::Streamed } else { Why::Else };
                models.entry(&row.model).and_modify(|known| *known = why.max(*known)).or_insert(why);
            }
        }
    }
    let mut questions: Vec<Question> =
        open.into_iter().map(|(subject, sums)| question(subject, &sums, &decided, policy)).collect();
    questions.extend(unpriced(assessment, policy));
    questions.sort_by(|a, b| {
        let amounts = |question: &Question| (question.monthly_saving, question.monthly_cost, question.tokens);
        amounts(b)
            .cmp(&amounts(a))
            .then_with(|| (&a.workload, a.kind, &a.question).cmp(&(&b.workload, b.kind, &b.question)))
    });
    let others = questions.split_off(questions.len().min(MOST));
    if !others.is_empty() {
        questions.push(in_one(&others)?);
    }
    Ok(questions)
}

/// The questions that are not listed.
fn in_one(others: &[Question]) -> Result<Question, Overflow> {
    let tokens: u64 = others.iter().filter_map(|question| question.tokens).fold(0, u64::saturating_add);
    Ok(Question {
        kind: "others",
        workload: None,
        models: Vec::new(),
        owner: None,
        question: format!("{} are not listed", plural(others.len() as u64, "more question")),
        answer: "answer the others first".to_owned(),
        monthly_cost: Some(Money::sum(others.iter().filter_map(|question| question.monthly_cost))?),
        monthly_saving: Some(Money::sum(others.iter().filter_map(|question| question.monthly_saving))?),
        tokens: (tokens > 0).then_some(tokens),
    })
}

fn subject(row: &Row) -> Subject {
    let name = || row.workload.clone();
    if let Some(blind) = row.blind() {
        return Subject::Blind(row.provider.clone(), blind);
    }
    let asked = row.codes.iter().find_map(|code| if let Code::Rule(rule) = code { Some(*rule) } else { None });
    match asked {
        Some(rule) => Subject::Ask(name(), rule),
        None if row.workload == row.model || row.workload == NAMELESS => Subject::Nameless(name()),
        None if row.judgement.1 == Some(Band::Candidate) => Subject::Candidate(name()),
        None => Subject::Undecided(name()),
    }
}

fn question(subject: Subject, sums: &Sums, decided: &Decided<'_>, policy: &Policy) -> Question {
    let named = |name: &str| format!("`{}`", shown_short(&masked(name), LONGEST));
    let kind = if matches!(subject, Subject::Candidate(_)) { "candidate" } else { "undecided" };
    let mut asked = Question {
        kind,
        workload: None,
        models: sums.models.iter().map(|model| masked(model)).collect(),
        owner: None,
        question: String::new(),
        answer: String::new(),
        monthly_cost: Some(sums.cost),
        monthly_saving: Some(sums.saving),
        tokens: None,
    };
    match subject {
        Subject::Undecided(name) | Subject::Candidate(name) => {
            asked.question = format!("can {} wait for its answers, up to a day?", named(&name));
            by_rule(&mut asked, &name, &sums.models, decided);
        }
        Subject::Nameless(name) => {
            asked.kind = "nameless";
            asked.question =
                format!("what are the calls that only the model {} names, and can they wait?", named(&name));
            by_rule(&mut asked, &name, &sums.models, decided);
        }
        Subject::Ask(name, rule) => {
            let rule = policy.rules.rule(rule);
            let because = rule.because.as_ref().map_or(String::new(), |because| format!(" ({because})"));
            asked.kind = "ask";
            asked.question = format!("can {} wait for its answers, up to a day?{because}", named(&name));
            asked.answer = format!("in rule `{}`, make `then: ask` `batch` or `real-time`", rule.id);
            asked.owner.clone_from(&rule.owner);
            asked.workload = Some(masked(&name));
        }
        Subject::Blind(provider, blind) => {
            let whose = named(&provider);
            let (kind, question, answer) = match blind {
                Blind::Usage => (
                    "batch-unknown",
                    format!("what of the usage of {whose} ran in batch already (an export grouped by batch tells)?"),
                    "export the usage again, grouped by batch",
                ),
                Blind::Bill => (
                    "batch-unknown",
                    format!("what on the bill of {whose} ran in batch already (the usage export of its days tells)?"),
                    "add the usage export of the same days, grouped by batch",
                ),
                Blind::Line => (
                    "not-understood",
                    format!("what are the lines on the bill of {whose} whose words are not understood?"),
                    "add the usage export of the same days",
                ),
            };
            (asked.kind, asked.question) = (kind, question);
            answer.clone_into(&mut asked.answer);
        }
    }
    asked
}

/// How a question about a workload is answered.
fn by_rule(asked: &mut Question, workload: &str, open: &BTreeSet<String>, decided: &Decided<'_>) {
    asked.workload = Some(masked(workload));
    if write::is_secret(workload) {
        "its name looks like an API key: name workloads by another field (`workload:` in the policy)"
            .clone_into(&mut asked.answer);
    } else if let Some(rule) = rule(workload, open, decided.get(workload)) {
        asked.answer = rule;
    } else {
        asked.kind = "calls-differ";
        asked.question.push_str(" Others of its calls on the same model are decided: name workloads more finely first");
        write::CALLS_DIFFER.clone_into(&mut asked.answer);
    }
}

/// What answers for a workload: a rule that decides nothing of it that is decided. On its open models only, where others
/// are decided; without what is streamed, where that is decided for being so. Nothing where no such rule is of this kind.
fn rule(workload: &str, open: &BTreeSet<String>, decided: Option<&BTreeMap<&str, Why>>) -> Option<String> {
    let models: Vec<&str> = if decided.is_some() { open.iter().map(String::as_str).collect() } else { Vec::new() };
    let when = match models.iter().filter_map(|model| decided?.get(model)).max() {
        None => write::when(workload, &models),
        Some(Why::Streamed) => write::when_not_streamed(workload, &models),
        Some(Why::Else) => return None,
    };
    Some(format!("{{id: {}, when: {when}, then: batch}} # or real-time", write::id_of(workload, "workload")))
}

/// What a price is missing for. Tokens hang on it; dollars nobody knows.
fn unpriced<'a>(assessment: &'a Assessment, policy: &'a Policy) -> impl Iterator<Item = Question> + 'a {
    let asked = assessment.unpriced.iter().filter(|((_, model), _)| !policy.accept_unpriced.is_match(model));
    asked.map(|((reason, model), sums)| {
        let name = shown_short(&masked(model), LONGEST);
        let answer = match reason {
            Unpriced::AmbiguousProvider | Unpriced::UnknownProvider => {
                "name the provider with --provider, or give its prices with --prices"
            }
            Unpriced::NoExchangeRate => "give the rate under `currency` in the policy",
            _ => "give its price with --prices, or accept it: `accept: {unpriced: [NAME]}` in the policy",
        };
        Question {
            kind: reason.code(),
            workload: None,
            models: vec![masked(model)],
            owner: None,
            question: format!("what does `{name}` cost?"),
            answer: answer.to_owned(),
            monthly_cost: None,
            monthly_saving: None,
            tokens: (sums.tokens > 0 || sums.lines.rows == 0).then(|| u64::try_from(sums.tokens).unwrap_or(u64::MAX)),
        }
    })
}
