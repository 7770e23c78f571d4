//! Open questions: what is asked, of whom, and what hangs on the answer.
//!
//! Role: rows that nobody has decided about, and usage that cannot be judged or priced → a list by the dollars that batch
//! would save if all of it could wait. One question a workload, since its owner answers for it on every model. The
//! costs and savings of all questions are those of what is open, and of what stays for its small volume alone.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{ReportInput, is_open, masked, open_saving, whole};
use crate::assess::details::splitting_field;
use crate::assess::{Assessment, Row, Unclassifiable};
use crate::diagnostic::sanitized_short;
use crate::maps::FastMap;
use crate::money::{Money, Overflow};
use crate::policy::write::{self, Conditions};
use crate::policy::{NameField, Policy};
use crate::pricing::Unpriced;
use crate::report::Question;
use crate::report::document::COUNT_SMALL;
use crate::report::words::plural;
use crate::rollup::fold::NAMELESS;
use crate::scenario::small_month;
use crate::verdict::{Code, Confidence, Step};

/// Questions that are listed; the others are added up in one.
const MOST: usize = 500;
/// Characters of a name.
const LONGEST: usize = 60;

/// What a question is about; questions of one subject are one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject<'r> {
    /// A workload that nothing says anything of.
    Undecided(Asked<'r>),
    /// A workload that evidence nominates.
    Candidate(Asked<'r>),
    /// Calls that have no name but their model's.
    Nameless(Asked<'r>),
    /// A workload whose owner a rule wants to be asked, by the rule's position.
    Ask(&'r str, &'r [String], u16),
    /// What a provider's export cannot say.
    Unclassifiable(&'r str, Unclassifiable),
    /// A workload that stays for its small volume, and the rule that wants its owner to be asked, by position.
    Small(&'r str, Option<u16>),
}

/// A workload, or those of its calls that have something in a finer field, where the others are decided otherwise.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Asked<'r> {
    workload: &'r str,
    detail: Option<(&'r NameField, &'r str)>,
}

/// By workload: the field that tells its calls apart.
type Fields<'r> = FastMap<&'r str, &'r NameField>;

/// Why calls of a model are decided that a rule could decide otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    Streamed,
    Else,
}

/// By workload, what its calls have in the field that tells them apart, and model: what is decided beside what is open.
type Decided<'r> = FastMap<(&'r str, Option<&'r str>), BTreeMap<&'r str, Why>>;

#[derive(Debug, Default)]
struct Sums<'r> {
    models: BTreeSet<&'r str>,
    cost: Money,
    saving: Money,
}

impl<'r> Sums<'r> {
    fn add(&mut self, row: &'r Row, (cost, saving): (Money, Money)) -> Result<(), Overflow> {
        self.models.insert(&row.model);
        self.cost = self.cost.add(cost)?;
        self.saving = self.saving.add(saving)?;
        Ok(())
    }

    /// What questions are ordered by.
    const fn amounts(&self) -> (Money, Money) {
        (self.saving, self.cost)
    }
}

/// All open questions, those with the most dollars first.
pub fn questions(run: &ReportInput<'_>) -> Result<Vec<Question>, Overflow> {
    let (assessment, scenarios, policy) = (run.assessment, run.scenarios, run.context.policy);
    let mut open: BTreeMap<Subject<'_>, Sums<'_>> = BTreeMap::new();
    let fields = fields(&assessment.rows, policy);
    for (row, month) in assessment.rows.iter().zip(&scenarios.rows) {
        // What a price is missing for is asked of its model.
        let is_asked = is_open(row) && !row.codes.contains(&Code::Unpriced);
        if let Some(cost) = month.cost.filter(|_| is_asked) {
            open.entry(subject(row, &fields)).or_default().add(row, (cost, open_saving(row, month)))?;
        }
        for small in &row.small {
            let amounts = small_month(row, small, &scenarios.basis, run.gathered.month_basis())?;
            open.entry(Subject::Small(&row.workload, asking_rule(&small.codes))).or_default().add(row, amounts)?;
        }
    }
    // What is not worth a step is not worth a question; the page says what all of it comes to.
    let least = policy.min_monthly_saving.of(scenarios.sums.today)?;
    open.retain(|subject, sums| !matches!(subject, Subject::Small(..)) || sums.saving >= least);
    let mut decided: Decided<'_> = FastMap::default();
    for row in assessment.rows.iter().filter(|row| !is_open(row)) {
        if row.codes.iter().any(|code| code.reached(Step::Rule)) {
            let detail = fields.get(&*row.workload).and_then(|field| row.details.value(field));
            let models = decided.entry((&row.workload, detail)).or_default();
            if row.codes.iter().any(|code| code.is_open_to_rules()) {
                let why = if row.is_only_streamed() { Why::Streamed } else { Why::Else };
                models.entry(&row.model).and_modify(|known| *known = why.max(*known)).or_insert(why);
            }
        }
    }
    let mut open: Vec<(Subject<'_>, Sums<'_>)> = open.into_iter().collect();
    open.sort_by_key(|(_, sums)| Reverse(sums.amounts()));
    // Only what may be listed is put into words.
    let least = open.get(MOST - 1).map(|(_, sums)| sums.amounts());
    let unlisted = open.split_off(open.partition_point(|(_, sums)| Some(sums.amounts()) >= least));
    let mut questions: Vec<Question> =
        open.into_iter().map(|(subject, sums)| question(subject, &sums, &decided, policy)).collect();
    for question in unpriced(assessment, policy) {
        questions.push(question?);
    }
    questions.sort_by(|a, b| {
        let amounts = |question: &Question| (question.monthly_saving, question.monthly_cost, question.tokens);
        amounts(b)
            .cmp(&amounts(a))
            .then_with(|| (&a.workload, a.kind, &a.question).cmp(&(&b.workload, b.kind, &b.question)))
    });
    let others = questions.split_off(questions.len().min(MOST));
    if !(others.is_empty() && unlisted.is_empty()) {
        questions.push(in_one(&others, &unlisted)?);
    }
    Ok(questions)
}

/// The questions that are not listed, in words or not.
fn in_one(others: &[Question], unlisted: &[(Subject<'_>, Sums<'_>)]) -> Result<Question, Overflow> {
    let costs = unlisted.iter().map(|(_, sums)| sums.cost);
    let savings = unlisted.iter().map(|(_, sums)| sums.saving);
    let mut tokens = others.iter().filter_map(|question| question.tokens);
    let tokens = tokens.try_fold(0, |sum: u64, tokens| sum.checked_add(tokens).ok_or(Overflow))?;
    Ok(Question {
        kind: "others",
        workload: None,
        models: Vec::new(),
        owner: None,
        question: format!("{} are not listed", plural((others.len() + unlisted.len()) as u64, "more question")),
        answer: "answer the others first".to_owned(),
        monthly_cost: Some(Money::sum(others.iter().filter_map(|question| question.monthly_cost).chain(costs))?),
        monthly_saving: Some(Money::sum(others.iter().filter_map(|question| question.monthly_saving).chain(savings))?),
        tokens: (tokens > 0).then_some(tokens),
    })
}

/// Fields that tell calls of a workload apart, of those workloads on one model of which some are open and others decided.
fn fields<'r>(rows: &'r [Row], policy: &'r Policy) -> Fields<'r> {
    let mut by_workload: FastMap<&str, Vec<&Row>> = FastMap::default();
    for row in rows.iter().filter(|row| row.codes.iter().any(|code| code.reached(Step::Rule))) {
        by_workload.entry(&row.workload).or_default().push(row);
    }
    let differ = |rows: &[&Row]| {
        let mut decided = rows.iter().filter(|row| !is_open(row) && !row.is_only_streamed());
        decided.any(|row| rows.iter().any(|other| is_open(other) && other.model == row.model))
    };
    let found = by_workload.into_iter().filter(|(_, rows)| differ(rows));
    found.filter_map(|(workload, rows)| Some((workload, splitting_field(&rows, policy)?))).collect()
}

fn subject<'r>(row: &'r Row, fields: &Fields<'r>) -> Subject<'r> {
    let name: &str = &row.workload;
    let who = || {
        let value = |field: &&'r NameField| Some((*field, row.details.value(field)?));
        Asked { workload: name, detail: fields.get(name).and_then(value) }
    };
    if let Some(blind) = row.blind() {
        return Subject::Unclassifiable(&row.provider, blind);
    }
    match asking_rule(&row.codes) {
        Some(rule) => Subject::Ask(name, &row.details.apart, rule),
        None if row.workload == row.model || &*row.workload == NAMELESS => Subject::Nameless(who()),
        None if row.verdict.confidence == Some(Confidence::Candidate) => Subject::Candidate(who()),
        None => Subject::Undecided(who()),
    }
}

/// The rule of the user's among codes that leave a row open: it wants its owner to be asked.
fn asking_rule(codes: &BTreeSet<Code>) -> Option<u16> {
    codes.iter().find_map(|code| if let Code::Rule(rule) = code { Some(*rule) } else { None })
}

fn question(subject: Subject<'_>, sums: &Sums<'_>, decided: &Decided<'_>, policy: &Policy) -> Question {
    let named = |name: &str| format!("`{}`", sanitized_short(&masked(name), LONGEST));
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
        Subject::Undecided(who) | Subject::Candidate(who) => {
            let detail = who.detail.as_ref().map_or_else(String::new, |(_, value)| format!(" › {}", named(value)));
            asked.question = format!("can {}{detail} wait for its answers, up to a day?", named(who.workload));
            by_rule(&mut asked, &who, &sums.models, decided);
        }
        Subject::Nameless(who) => {
            asked.kind = "nameless";
            asked.question =
                format!("what are the calls that only the model {} names, and can they wait?", named(who.workload));
            by_rule(&mut asked, &who, &sums.models, decided);
        }
        Subject::Ask(name, apart, rule) => {
            let because = policy.rules.rule(rule).because.as_ref();
            let because = because.map_or(String::new(), |because| format!(" ({because})"));
            asked.kind = "ask";
            let who: Vec<String> = std::iter::once(name).chain(apart.iter().map(String::as_str)).map(named).collect();
            asked.question = format!("can {} wait for its answers, up to a day?{because}", who.join(" › "));
            asked.workload = Some(masked(name));
            by_asking_rule(&mut asked, rule, policy);
        }
        Subject::Small(name, rule) => {
            asked.question = format!(
                "{} sends few requests a day: can it wait for its answers, and is it worth the set-up of batch?",
                named(name)
            );
            match rule {
                Some(rule) => by_asking_rule(&mut asked, rule, policy),
                None => by_rule(&mut asked, &Asked { workload: name, detail: None }, &sums.models, decided),
            }
            // No rule of this kind tells its calls apart; without the limit each counts as what it is.
            if asked.kind == "calls-differ" {
                asked.answer = format!("count all that send few requests, with `{COUNT_SMALL}` in the policy");
            }
            asked.workload = Some(masked(name));
            asked.kind = "small-volume";
        }
        Subject::Unclassifiable(provider, blind) => {
            let whose = named(provider);
            let (kind, question, answer) = match blind {
                Unclassifiable::Usage => (
                    "batch-unknown",
                    format!("what of the usage of {whose} ran in batch already (an export grouped by batch tells)?"),
                    "export the usage again, grouped by batch",
                ),
                Unclassifiable::Bill => (
                    "batch-unknown",
                    format!("what on the bill of {whose} ran in batch already (the usage export of its days tells)?"),
                    "add the usage export of the same days, grouped by batch",
                ),
                Unclassifiable::Line => (
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

/// How a question that a rule of the policy asks is answered.
fn by_asking_rule(asked: &mut Question, rule: u16, policy: &Policy) {
    let rule = policy.rules.rule(rule);
    asked.answer = format!("in rule `{}`, make `then: ask` `batch` or `real-time`", rule.id);
    asked.owner.clone_from(&rule.owner);
}

/// How a question about a workload is answered.
fn by_rule(asked: &mut Question, who: &Asked<'_>, open: &BTreeSet<&str>, decided: &Decided<'_>) {
    let detail = who.detail.map(|(_, value)| value);
    asked.workload = Some(masked(who.workload));
    if write::is_secret(who.workload) || detail.is_some_and(write::is_secret) {
        "its name looks like an API key: name workloads by another field (`workload:` in the policy)"
            .clone_into(&mut asked.answer);
    } else if let Some(rule) = rule(who, open, decided.get(&(who.workload, detail))) {
        asked.answer = rule;
    } else {
        asked.kind = "calls-differ";
        asked.question.push_str(" Others of its calls on the same model are decided: name workloads more finely first");
        write::CALLS_DIFFER.clone_into(&mut asked.answer);
    }
}

/// What answers for a workload: a rule that decides nothing of it that is decided. On its open models only, where others
/// are decided; without what is streamed, where that is decided for being so. Nothing where no such rule is of this kind.
fn rule(who: &Asked<'_>, open: &BTreeSet<&str>, decided: Option<&BTreeMap<&str, Why>>) -> Option<String> {
    let models: Vec<&str> = if decided.is_some() { open.iter().copied().collect() } else { Vec::new() };
    let stream = match models.iter().filter_map(|model| decided?.get(model)).max() {
        None => None,
        Some(Why::Streamed) => Some(false),
        Some(Why::Else) => return None,
    };
    let when = write::when(Conditions { workload: who.workload, detail: who.detail, models: &models, stream });
    let id = write::id_of(who.detail.map_or(who.workload, |(_, value)| value), "workload");
    Some(format!("{{id: {id}, when: {when}, then: batch}} # or real-time"))
}

/// What a price is missing for. Tokens hang on it; dollars nobody knows.
fn unpriced<'a>(
    assessment: &'a Assessment,
    policy: &'a Policy,
) -> impl Iterator<Item = Result<Question, Overflow>> + 'a {
    let asked = assessment.unpriced.iter().filter(|((_, model), _)| !policy.accept_unpriced.is_match(model));
    asked.map(|((reason, model), sums)| {
        let name = sanitized_short(&masked(model), LONGEST);
        let answer = match reason {
            Unpriced::AmbiguousProvider => "name the provider with --provider",
            Unpriced::NoExchangeRate => "give the rate under `currency` in the policy",
            _ => "give its price with --prices, or accept it: `accept: {unpriced: [NAME]}` in the policy",
        };
        let tokens = (sums.tokens > 0 || sums.lines.rows == 0).then(|| whole(sums.tokens)).transpose()?;
        Ok(Question {
            kind: reason.code(),
            workload: None,
            models: vec![masked(model)],
            owner: None,
            question: format!("what does `{name}` cost?"),
            answer: answer.to_owned(),
            monthly_cost: None,
            monthly_saving: None,
            tokens,
        })
    })
}
