//! Rules to begin with: one for each workload that matters, with what is known of it and a verdict to fill in.
//!
//! Role: assessed rows → rules as text. What the log or a name decides already is proposed with its reason; what nobody
//! knows is `ask`. A proposal never moves a call that the rows put elsewhere: where calls of a workload differ by model,
//! by streaming or by a finer field such as the API key it has several rules, and where they differ otherwise none.

use std::collections::{BTreeMap, BTreeSet};

use crate::assess::Row;
use crate::assess::details::splitting_field;
use crate::calendar::MonthBasis;
use crate::diagnostic::{Failure, sanitized, sanitized_short};
use crate::money::{Money, Overflow};
use crate::policy::edit::RuleLines;
use crate::policy::write::{self, Conditions};
use crate::policy::{NameField, Policy};
use crate::report::words::{dollars, grouped, plural};
use crate::scenario::{RowMonth, monthly};
use crate::usage::TokenClass;
use crate::verdict::{Action, Code, Confidence, Step, Verdict, Veto};

/// Most workloads that are written out at a time.
const MOST: usize = 30;
/// Workloads are written out until they make up this share of the spend, in percent.
const ENOUGH: i128 = 95;
/// Names of what is left that are listed.
const MOST_NAMES: usize = 40;
/// Characters of a name in a comment.
const LONGEST: usize = 60;
/// The column of what is said about a verdict.
const VERDICT_WIDTH: usize = 16;

/// The rules, and what is said around them.
#[derive(Debug, Default)]
pub struct Starter {
    /// Rules as lines, each with its id.
    pub rules: Vec<(String, RuleLines)>,
    /// Workloads whose calls differ so that no rule is written for them, as shown.
    pub differing: Vec<String>,
    /// What is not written out, as comments.
    pub rest: Vec<String>,
}

/// What rules are made from.
#[derive(Clone, Copy, Debug)]
pub struct StarterInput<'m> {
    /// Rows, judged by the rules there are but for those that match every call.
    pub rows: &'m [Row],
    /// Their monthly amounts.
    pub months: &'m [RowMonth],
    /// What a month is.
    pub basis: MonthBasis,
    /// The rules there are.
    pub policy: &'m Policy,
}

/// What is to become of the calls of a workload on some models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Say {
    Batch,
    RealTime,
    Ask,
    /// What was streamed stays; the rest can wait.
    BatchUnlessStreamed,
    /// What was streamed stays; of the rest only the owner knows.
    AskUnlessStreamed,
    /// Calls of one model differ in a way that a rule of this kind cannot tell.
    Differs,
}

/// A workload: all names that a rule for one of them matches.
#[derive(Debug, Default)]
struct Workload<'m> {
    name: String,
    /// Rows on which a rule has a say.
    rows: Vec<Open<'m>>,
    cost: Money,
}

/// A row with what it comes to a month.
#[derive(Clone, Copy, Debug)]
struct Open<'m> {
    row: &'m Row,
    cost: Money,
    /// What batch would save, below zero what it would lose; nothing without a batch price.
    saving: Money,
}

impl Open<'_> {
    /// Whether no rule decides some of its calls.
    fn is_without_rule(&self) -> bool {
        self.row.codes.iter().any(|code| code.is_open_to_rules())
    }
}

/// Makes the rules.
pub fn starter(material: &StarterInput<'_>) -> Result<Starter, Failure> {
    let (workloads, others) = workloads(material)?;
    let total = Money::sum(workloads.iter().map(|workload| workload.cost))?;
    let mut starter = Starter::default();
    let mut ids: BTreeSet<String> = material.policy.rules.iter().map(|rule| rule.id.clone()).collect();
    let (mut sum, mut written, mut is_cut) = (Money::ZERO, 0, false);
    let mut left: Vec<&Workload<'_>> = Vec::new();
    let mut differing: Vec<&Workload<'_>> = Vec::new();
    for workload in &workloads {
        let is_small = sum.units() >= total.units() / 100 * ENOUGH || workload.cost.is_zero();
        sum = sum.add(workload.cost)?;
        if !workload.rows.iter().any(Open::is_without_rule) {
            continue;
        }
        is_cut |= !is_small && written == MOST;
        if is_small || written == MOST {
            left.push(workload);
            continue;
        }
        written += 1;
        if write::is_secret(&workload.name) || !write_out(material, workload, &mut ids, &mut starter)? {
            differing.push(workload);
        }
    }
    let calls_differ = differing.iter().filter(|workload| !write::is_secret(&workload.name));
    starter.differing = calls_differ.map(|workload| name(&workload.name)).collect();
    starter.rest = rest(&left, is_cut, &differing, others)?;
    Ok(starter)
}

/// What of the month no rule can change.
#[derive(Clone, Copy, Debug, Default)]
struct Others {
    /// Whatever an export says.
    fixed: Money,
    /// Of exports that cannot say what ran in batch, or of what.
    hidden: Money,
}

/// Workloads by what rules have a say on, largest first, and the others.
fn workloads<'m>(material: &StarterInput<'m>) -> Result<(Vec<Workload<'m>>, Others), Overflow> {
    let mut workloads: BTreeMap<String, Workload<'m>> = BTreeMap::new();
    let mut others = Others::default();
    for (row, month) in material.rows.iter().zip(material.months) {
        let cost = month.cost.unwrap_or_default();
        if !row.codes.iter().any(|code| code.reached(Step::Rule)) {
            let sum = if row.blind().is_some() { &mut others.hidden } else { &mut others.fixed };
            *sum = sum.add(cost)?;
            continue;
        }
        // Globs take upper and lower case for one.
        let workload = workloads.entry(row.workload.to_ascii_lowercase()).or_default();
        if workload.name.is_empty() || *row.workload < *workload.name {
            workload.name = row.workload.to_string();
        }
        let saving = match row.cost.zip(row.batch_cost) {
            Some((cost, batch)) => monthly(&cost.sub(batch)?.exact(), material.basis)?,
            None => Money::ZERO,
        };
        workload.rows.push(Open { row, cost, saving });
        workload.cost = workload.cost.add(cost)?;
    }
    let mut workloads: Vec<Workload<'m>> = workloads.into_values().collect();
    workloads.sort_by(|a, b| b.cost.cmp(&a.cost).then_with(|| a.name.cmp(&b.name)));
    Ok((workloads, others))
}

/// Calls of a workload that one verdict is written for.
#[derive(Debug)]
struct Part<'m> {
    /// What all of them have in a finer field, where that takes them apart from others.
    detail: Option<(&'m NameField, &'m str)>,
    say: Say,
    models: Vec<&'m str>,
    /// The models need no naming, since all have this verdict.
    is_every_model: bool,
    rows: Vec<Open<'m>>,
}

/// The parts of a workload that no rule decides yet; nothing where calls differ that no rule of this kind tells apart.
fn parts<'m>(material: &StarterInput<'m>, workload: &Workload<'m>) -> Option<Vec<Part<'m>>> {
    let open = || workload.rows.iter().copied().filter(Open::is_without_rule);
    if let Some(parts) = by_model(None, open()) {
        return Some(parts);
    }
    let all: Vec<&Row> = workload.rows.iter().map(|open| open.row).collect();
    let field = splitting_field(&all, material.policy)?;
    // As in the names of workloads, upper and lower case are one.
    let mut by_value: BTreeMap<String, (&str, Vec<Open<'m>>)> = BTreeMap::new();
    for open in open() {
        let value = open.row.details.value(field)?;
        by_value.entry(value.to_ascii_lowercase()).or_insert_with(|| (value, Vec::new())).1.push(open);
    }
    let mut parts = Vec::new();
    for (value, rows) in by_value.into_values() {
        parts.extend(by_model(Some((field, value)), rows.into_iter()).filter(|_| !write::is_secret(value))?);
    }
    parts.sort_by_key(|part| std::cmp::Reverse(part.rows.iter().map(|open| open.cost.units()).sum::<i128>()));
    Some(parts)
}

/// Calls by what is to become of those on a model; nothing where calls of one model differ.
fn by_model<'m>(
    detail: Option<(&'m NameField, &'m str)>,
    rows: impl Iterator<Item = Open<'m>>,
) -> Option<Vec<Part<'m>>> {
    let mut by_model: BTreeMap<&str, Vec<Open<'m>>> = BTreeMap::new();
    for open in rows {
        by_model.entry(&open.row.model).or_default().push(open);
    }
    let mut parts: BTreeMap<Say, Part<'m>> = BTreeMap::new();
    for (model, rows) in by_model {
        let say = say(&rows);
        let empty = || Part { detail, say, models: Vec::new(), is_every_model: false, rows: Vec::new() };
        let part = parts.entry(say).or_insert_with(empty);
        part.models.push(model);
        part.rows.extend(rows);
    }
    if parts.contains_key(&Say::Differs) {
        return None;
    }
    let is_every_model = parts.len() == 1;
    Some(parts.into_values().map(|part| Part { is_every_model, ..part }).collect())
}

/// Writes the rules of a workload for what no rule decides yet; false where none of this kind can be written.
fn write_out(
    material: &StarterInput<'_>,
    workload: &Workload<'_>,
    ids: &mut BTreeSet<String>,
    starter: &mut Starter,
) -> Result<bool, Failure> {
    let Some(parts) = parts(material, workload) else { return Ok(false) };
    for part in &parts {
        let cost = Money::sum(part.rows.iter().map(|open| open.cost))?;
        let mut comments = facts(&workload.name, part, cost)?;
        let mut push = |stream: Option<bool>, then: &str, why: &str, comments: Vec<String>| {
            let models: &[&str] = if part.is_every_model { &[] } else { &part.models };
            let when = write::when(Conditions { workload: &workload.name, detail: part.detail, models, stream });
            let id = unique(part.detail.map_or(&workload.name, |(_, value)| value), ids);
            let mut lines = comments;
            let verdict = format!("then: {then}");
            lines.push(format!("- id: {id}"));
            lines.push(format!("  when: {when}"));
            lines.push(format!("  {verdict:VERDICT_WIDTH$}  # {why}"));
            lines.extend(["  owner: \"\"".to_owned(), "  because: \"\"".to_owned()]);
            starter.rules.push((id, lines));
        };
        if matches!(part.say, Say::BatchUnlessStreamed | Say::AskUnlessStreamed) {
            push(Some(true), "real-time", "proposal (streamed: somebody reads along)", comments);
            comments = vec!["# The same, not streamed.".to_owned()];
        }
        let proposal = format!("proposal ({})", reasons(material.policy, &part.rows, part.say));
        match part.say {
            Say::Batch | Say::BatchUnlessStreamed => push(None, "batch", &proposal, comments),
            Say::RealTime => push(None, "real-time", &proposal, comments),
            Say::Ask | Say::AskUnlessStreamed | Say::Differs => {
                push(None, "ask", "only its owner knows: batch or real-time?", comments);
            }
        }
    }
    Ok(true)
}

fn say(rows: &[Open<'_>]) -> Say {
    let has = |wanted: fn(&Row) -> bool| rows.iter().any(|open| wanted(open.row));
    let batch = has(|row| row.verdict.action == Action::Batch);
    let open = has(|row| matches!(row.verdict.confidence, Some(Confidence::Undecided | Confidence::Candidate)));
    let waiting: Vec<&Row> = rows.iter().map(|open| open.row).filter(|row| row.verdict == Verdict::REAL_TIME).collect();
    let only_streamed = waiting.iter().all(|row| row.is_only_streamed());
    match (batch, !waiting.is_empty(), open) {
        (true, false, false) => Say::Batch,
        (false, true, false) => Say::RealTime,
        (false, false, true) => Say::Ask,
        (true, true, false) if only_streamed => Say::BatchUnlessStreamed,
        (false, true, true) if only_streamed => Say::AskUnlessStreamed,
        _ => Say::Differs,
    }
}

/// What is known of the calls that a rule is about, for who is to decide.
fn facts(workload: &str, part: &Part<'_>, cost: Money) -> Result<Vec<String>, Overflow> {
    let Part { rows, models, .. } = part;
    let detail = part.detail.map_or_else(String::new, |(_, value)| format!(" › {}", name(value)));
    let saving = Money::sum(rows.iter().map(|open| open.saving))?;
    let batch = if saving.is_negative() {
        format!("batch would cost {} more", dollars(Money::ZERO.sub(saving)?))
    } else {
        format!("batch would save {} if all of it can wait", dollars(saving))
    };
    let mut facts = vec![
        format!("# {}{detail}: {} a month; {batch}.", name(workload), dollars(cost)),
        format!("# On {}.", listed(models.iter().copied())),
    ];
    let requests: u64 = rows.iter().filter_map(|open| open.row.requests).sum();
    if requests > 0 {
        let tokens = |classes: &[TokenClass]| -> u128 {
            rows.iter().flat_map(|open| classes.iter().map(|class| open.row.tokens[*class])).sum()
        };
        let (prompt, output) = (tokens(&TokenClass::ALL[..4]), tokens(&[TokenClass::Output]));
        facts.push(format!(
            "# {} in the period, on average {} tokens in and {} out.",
            plural(requests, "request"),
            grouped(prompt / u128::from(requests)),
            grouped(output / u128::from(requests))
        ));
    }
    Ok(facts)
}

/// Why the rows are where they are, in words; where streamed calls have a rule of their own, why the others are.
fn reasons(policy: &Policy, rows: &[Open<'_>], say: Say) -> String {
    let is_apart = say == Say::BatchUnlessStreamed;
    let is_told = |code: &Code| code.is_open_to_rules() && !(is_apart && *code == Code::Veto(Veto::Streaming));
    let codes = rows.iter().flat_map(|open| open.row.codes.iter().map(|code| (*code, open.row)));
    let mut codes: Vec<(Code, &Row)> = codes.filter(|(code, _)| is_told(code)).collect();
    codes.sort_by_key(|(code, _)| *code);
    let mut words: Vec<String> =
        codes.iter().map(|(code, row)| sanitized(&row.reason(*code, policy)).into_owned()).collect();
    words.dedup();
    words.truncate(3);
    words.join("; ")
}

/// An id that no rule has yet.
fn unique(workload: &str, ids: &mut BTreeSet<String>) -> String {
    let id = write::id_of(workload, "workload");
    let numbered = (2_u64..).map(|number| format!("{id}-{number}"));
    let free = std::iter::once(id.clone()).chain(numbered).find(|id| !ids.contains(id)).unwrap_or(id);
    ids.insert(free.clone());
    free
}

/// What is not written out, with its sums.
fn rest(
    left: &[&Workload<'_>],
    is_cut: bool,
    differing: &[&Workload<'_>],
    others: Others,
) -> Result<Vec<String>, Overflow> {
    let mut lines = Vec::new();
    for workload in differing {
        let why = if write::is_secret(&workload.name) {
            "its name looks like an API key, which is not written into a file; name workloads by another field (`workload:`)"
        } else {
            write::CALLS_DIFFER
        };
        lines.push(format!("# No rule for {}, {} a month: {why}.", name(&workload.name), dollars(workload.cost)));
    }
    if !left.is_empty() {
        let total = Money::sum(left.iter().map(|workload| workload.cost))?;
        lines.push(format!(
            "# Left out: {}, {} a month in all{}.",
            if is_cut { plural(left.len() as u64, "workload") } else { plural(left.len() as u64, "small workload") },
            dollars(total),
            if is_cut { "; run `batchwise init` again with this file for the next" } else { "" }
        ));
        for workload in left.iter().take(MOST_NAMES) {
            lines.push(format!("#   {} {}", name(&workload.name), dollars(workload.cost)));
        }
        if left.len() > MOST_NAMES {
            lines.push(format!("#   and {} more", left.len() - MOST_NAMES));
        }
    }
    if !others.fixed.is_zero() {
        lines.push(format!(
            "# No rule changes the other {} a month: in batch already, without a batch price, failed, too few requests, or dearer in batch.",
            dollars(others.fixed)
        ));
    }
    if !others.hidden.is_zero() {
        lines.push(format!(
            "# Of {} a month the export cannot say what ran in batch already: another one settles it, and no rule.",
            dollars(others.hidden)
        ));
    }
    Ok(lines)
}

/// A name in a comment: on one line, whatever it holds.
fn name(text: &str) -> String {
    format!("`{}`", sanitized_short(text, LONGEST))
}

fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.map(name).collect();
    let shown = names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > 3 { format!("{shown} and {} more", names.len() - 3) } else { shown }
}
