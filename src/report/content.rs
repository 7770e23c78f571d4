//! What every page for readers says: sentences and sections of a report, before anybody lays them out.
//!
//! Role: a terminal and a comment say the same and group the same, because both take it from here. Names come from
//! files, and each page shows them in its own way ([`ShowName`]). It draws nothing.

use std::collections::BTreeSet;
use std::fmt::Write as _;

pub mod answer;
pub mod bill;
pub mod movers;
pub mod next_step;
pub mod questions;
pub mod showback;

pub use answer::answer;
pub use bill::{
    basis, bill, bill_alarm, billed_for_other, control_totals, items, items_heading, on_basis, only_billed,
    reconciliation, standing, unequal_days,
};
pub use movers::movers;
pub use next_step::{ask, next_step, pilot, share};
pub use questions::{questions, starter};
pub use showback::showback;

use super::words::{
    day_words, dollars, grouped, largest, parts_of_shown, percent, plural, shown_parts, shown_sums, sum,
};
use super::{Combined, Improvement, InputLine, PriceException, Projected, Report, WorkloadLine};
use crate::calendar::MonthBasis;
use crate::money::{Exact, Money};

/// How a page shows a name from a file, cut to so many characters.
pub type ShowName = fn(&str, usize) -> String;

/// Names of workloads longer than this are cut.
pub const LONGEST_NAME: usize = 34;
/// Names of files, and of models with their provider.
pub const LONGEST_PATH: usize = 40;
/// Models named of which the same is said.
const MOST_NAMES: usize = 3;
/// The code of a report in which calls most likely count twice.
pub const TWO_SOURCES: &str = "two-sources";

/// Where a workload stands on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Could run in batch.
    CanWait,
    /// Runs there already.
    InBatch,
    /// Somebody waits, or batch gains nothing.
    Stays,
    /// Nobody has decided.
    Open,
}

impl Kind {
    /// In the order of the page.
    pub const ALL: [Self; 4] = [Self::CanWait, Self::InBatch, Self::Stays, Self::Open];

    /// The heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::CanWait => "What can wait",
            Self::InBatch => "Runs in batch already",
            Self::Stays => "What cannot",
            Self::Open => "Nobody knows",
        }
    }

    /// Where a workload stands.
    pub fn of(line: &WorkloadLine) -> Self {
        match line.verdict {
            "batch" => Self::CanWait,
            "already-batch" => Self::InBatch,
            _ if line.is_open => Self::Open,
            _ => Self::Stays,
        }
    }
}

/// Workloads of one kind. Costs as shown add up: rows to the section, sections to today's cost.
#[derive(Clone, Debug)]
pub struct Section<'r> {
    /// Which kind.
    pub kind: Kind,
    /// Cost a month, to the cent.
    pub cost: Money,
    /// The same, exactly.
    pub exact: Money,
    /// Its part of all cost, from exact amounts.
    pub share: Option<String>,
    /// What batch saves or would save a month, exactly.
    pub saving: Money,
    /// The largest.
    pub lines: Vec<ShownLine<'r>>,
    /// The others, which add up to one more row.
    pub rest: Option<Rest<'r>>,
}

/// A workload with its amounts as shown.
#[derive(Clone, Copy, Debug)]
pub struct ShownLine<'r> {
    /// The workload.
    pub line: &'r WorkloadLine,
    /// Cost a month, to the cent.
    pub cost: Money,
    /// What batch saves, would save, or (below zero) would lose a month, to the cent; nothing where that is no question.
    pub saves: Option<Money>,
}

/// What is left of a section.
#[derive(Clone, Debug)]
pub struct Rest<'r> {
    /// Cost a month of all of it, to the cent.
    pub cost: Money,
    /// What batch saves on all of it, to the cent.
    pub saves: Option<Money>,
    /// The workloads, whose amounts add up to these two.
    pub lines: Vec<ShownLine<'r>>,
}

/// The sections that have rows, each cut to its `most` largest.
pub fn sections(report: &Report, most: usize) -> Vec<Section<'_>> {
    let priced = || report.workloads.iter().filter(|line| line.monthly_cost.is_some());
    let kinds = Kind::ALL.map(|kind| (kind, priced().filter(|line| Kind::of(line) == kind).collect::<Vec<_>>()));
    let kinds: Vec<(Kind, Vec<&WorkloadLine>)> = kinds.into_iter().filter(|(_, lines)| !lines.is_empty()).collect();
    let costs: Vec<Money> = kinds.iter().map(|(_, lines)| sum(lines.iter().map(|line| cost_of(line)))).collect();
    // No other form states what cannot move, so the cents that are left are its own.
    let closes = kinds.iter().position(|(kind, _)| *kind == Kind::Stays).unwrap_or_else(|| largest(&costs));
    let (costs, _) = shown_sums(&costs, closes, report.today);
    kinds.into_iter().zip(costs).map(|((kind, lines), cost)| section(report, kind, &lines, cost, most)).collect()
}

fn section<'r>(report: &Report, kind: Kind, lines: &[&'r WorkloadLine], cost: Money, most: usize) -> Section<'r> {
    let exact = sum(lines.iter().map(|line| cost_of(line)));
    let share = crate::money::share(exact, report.today);
    let (first, others) = lines.split_at(lines.len().min(most));
    // Over all lines, so that none reads otherwise where more of them are shown.
    let costs = parts_of_shown(&lines.iter().map(|line| cost_of(line)).collect::<Vec<_>>(), cost);
    let savings: Vec<Money> = lines.iter().map(|line| saving_of(line)).collect();
    let saving = sum(savings.iter().copied());
    let (savings, _) = shown_parts(&savings, saving);
    let ((costs, other_costs), (savings, other_savings)) = (costs.split_at(first.len()), savings.split_at(first.len()));
    let rest = (!others.is_empty()).then(|| Rest {
        cost: sum(other_costs.iter().copied()),
        saves: (kind == Kind::CanWait).then(|| sum(other_savings.iter().copied())),
        lines: shown_lines(kind, others, other_costs, other_savings),
    });
    Section { kind, cost, exact, share, saving, lines: shown_lines(kind, first, costs, savings), rest }
}

fn shown_lines<'r>(kind: Kind, lines: &[&'r WorkloadLine], costs: &[Money], savings: &[Money]) -> Vec<ShownLine<'r>> {
    let shown = |((line, cost), saves): ((&&'r WorkloadLine, &Money), &Money)| ShownLine {
        line,
        cost: *cost,
        saves: match (kind, line.monthly_loss) {
            (_, Some(loss)) => Some(loss),
            (Kind::CanWait, None) => Some(*saves),
            (Kind::Open, None) => Some(*saves).filter(|saves| !saves.is_zero()),
            _ => None,
        },
    };
    lines.iter().zip(costs).zip(savings).map(shown).collect()
}

fn cost_of(line: &WorkloadLine) -> Money {
    line.monthly_cost.unwrap_or_default()
}

fn saving_of(line: &WorkloadLine) -> Money {
    if line.verdict == "batch" { line.monthly_saving } else { line.open_saving }
}

/// What the low and the high case count.
pub const CASES: &str = "Low: only what is confirmed. High: also what nobody has decided. Routing: low and high end.";

/// The same where a report has such cases.
pub fn cases(report: &Report) -> Option<&'static str> {
    let savings = [&report.batch_only.saving, &report.combined.total.saving];
    savings.iter().any(|saving| saving.low != saving.high).then_some(CASES)
}

/// Why batch has a smaller part of a higher case; nothing where it has not.
pub fn takes_over(combined: &Combined) -> Option<&'static str> {
    (combined.batch.high < combined.batch.base.max(combined.batch.low)).then_some(
        "In the high case routing saves more than batch on part of the spend and takes its place, so batch's part is smaller.",
    )
}

/// The line of a policy with which few requests a day are no reason to stay.
pub const COUNT_SMALL: &str = "limits: {small_saving: 0}";

/// What batch would save on all that stays for its small volume alone, and how to count it.
pub fn small_volume(report: &Report) -> Option<String> {
    let small: Vec<(&str, Money)> =
        report.workloads.iter().filter_map(|line| Some((line.workload.as_str(), line.saving_forgone?))).collect();
    let workloads: BTreeSet<&str> = small.iter().map(|(workload, _)| *workload).collect();
    let saving = sum(small.iter().map(|(_, saving)| *saving));
    let (send, [its, it]) = match workloads.len() {
        1 => ("1 workload sends".to_owned(), ["its", "it"]),
        more => (format!("{} send", plural(more as u64, "workload")), ["their", "them"]),
    };
    (saving > Money::ZERO).then(|| {
        format!(
            "{send} too few requests a day for batches of {its} own. Batch would save {} a month, which is in no case above. To count {it}: a rule with `then: batch`, or `{COUNT_SMALL}` in the policy (--policy).",
            dollars(saving)
        )
    })
}

/// The cost as shown of one kind.
pub fn shown_cost(report: &Report, kind: Kind) -> Money {
    sections(report, 0).iter().find(|section| section.kind == kind).map_or(Money::ZERO, |section| section.cost)
}

/// A workload and, where that takes it, what tells it apart from others of its name.
pub fn workload_of(line: &WorkloadLine, name: ShowName) -> String {
    told_apart(&line.workload, &line.apart, name)
}

/// The same of what a plan says of it.
pub fn told_apart(workload: &str, apart: &[String], name: ShowName) -> String {
    let parts = std::iter::once(workload).chain(apart.iter().map(String::as_str));
    parts.map(|part| name(part, LONGEST_NAME)).collect::<Vec<_>>().join(" › ")
}

/// A value of a dimension, with its id where another one of its name has another.
pub(super) fn value_of(value: Option<&str>, id: Option<&str>, is_one_of_several: bool, name: ShowName) -> String {
    let id = id.filter(|_| is_one_of_several).map(ToOwned::to_owned);
    told_apart(value.unwrap_or_default(), id.as_slice(), name)
}

/// What failed: it stays where it is whatever its workload does, so no line of the page says it again.
pub fn failed(report: &Report) -> Option<String> {
    let (calls, cost) = report.usage.failed;
    let share = |part: u64| {
        let share = Exact::new(part.into(), report.usage.requests.max(1).into());
        Money::round(&share, 6).ok().map(|share| percent(Some(&share.to_string())))
    };
    let cost = format!("{} in the period", dollars(cost));
    match calls {
        0 if report.usage.failed.1.is_zero() => None,
        0 => Some(format!("Failed calls cost {cost}; they are in no saving.")),
        1 => Some(format!("1 call failed, {cost}; it is in no saving.")),
        calls => Some(format!(
            "{} calls failed ({} of all), {cost}; they are in no saving.",
            grouped(calls.into()),
            share(calls).unwrap_or_default()
        )),
    }
}

/// Provider and model.
pub fn model_of(line: &WorkloadLine) -> String {
    if line.provider.is_empty() { line.model.clone() } else { format!("{}/{}", line.provider, line.model) }
}

/// What was read: files, days, requests, and the prices' date.
pub fn about(report: &Report, name: ShowName) -> Vec<String> {
    let mut parts = vec![match report.inputs.as_slice() {
        [input] => name(&input.file, LONGEST_PATH),
        inputs => plural(inputs.len() as u64, "file"),
    }];
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
    parts.push(match &report.prices.checked {
        Some(checked) => format!("prices {} checked {checked}", name(&report.prices.source, 30)),
        None => "no prices used".to_owned(),
    });
    parts
}

/// What stands before the spend: `at least ` where something has no price, `at most ` where calls most likely count twice.
pub fn bound(report: &Report) -> &'static str {
    let counts_twice = report.incomplete.iter().any(|note| note.code == TWO_SOURCES);
    match (report.usage.unpriced_tokens > 0, counts_twice) {
        (false, false) => "",
        (true, false) => "at least ",
        (false, true) => "at most ",
        // More is missing than can be told, and more is counted.
        (true, true) => "about ",
    }
}

/// `at least ` before a saving that is worked out for a part of the spend.
pub fn saves_at_least(projected: Projected) -> &'static str {
    if projected.is_a_part() { "at least " } else { "" }
}

/// In place of a saving of which nothing is known.
pub const UNKNOWN: &str = "unknown";

/// That the saving is not known, or not of all that is spent; nothing where it is.
pub fn unknown_saving(report: &Report) -> Option<&'static str> {
    let projected = report.batch_only.projected;
    if projected.is_unknown() {
        Some(
            "What batch would save is unknown: nothing here names both a model that has a price and the class of its tokens.",
        )
    } else {
        projected.is_a_part().then_some(
            "Savings are at least what is shown: for a part of the spend no price or no class of tokens is known.",
        )
    }
}

/// What batch would save if part of the undecided spend could wait, as far as that is known.
pub fn planning(report: &Report) -> String {
    let projected = report.batch_only.projected;
    if projected.is_unknown() {
        return unknown_saving(report).unwrap_or_default().to_owned();
    }
    let at = |(percent, saving): &(u32, Money)| format!("{} at {percent} %", dollars(*saving));
    let shares: Vec<String> = report.undecided.at.iter().map(at).collect();
    format!("If part of it can, batch saves a month: {}{}.", saves_at_least(projected), shares.join(", "))
}

/// What has no price and is in no figure.
pub fn unpriced(report: &Report, name: ShowName) -> Option<String> {
    let usage = &report.usage;
    (usage.unpriced_tokens > 0).then(|| {
        let models: Vec<String> =
            usage.unpriced_models.iter().take(MOST_NAMES).map(|model| name(model, LONGEST_PATH)).collect();
        let more = match usage.unpriced_models.len().saturating_sub(MOST_NAMES) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!(
            "+ {} tokens unpriced ({}{more}), outside every figure below",
            grouped(u128::from(usage.unpriced_tokens)),
            models.join(", ")
        )
    })
}

/// Why a workload is where it is, most telling reason first; a verdict for batch says how sure it is.
pub fn why(line: &WorkloadLine, show: fn(&str) -> String) -> String {
    let mut why = String::new();
    if line.verdict == "batch" {
        why.push_str(line.band.unwrap_or_default());
        why.push_str(", ");
    }
    let reasons: Vec<String> = line.words.iter().take(2).map(|words| show(words)).collect();
    why.push_str(&reasons.join("; "));
    if line.words.len() > 2 {
        let _ = write!(why, "; {} more", line.words.len() - 2);
    }
    why
}

/// What the rows of a file are: calls, or sums of which nothing is known about a single call.
pub fn grain(input: &InputLine) -> String {
    let span = |seconds: i64| match seconds {
        1 => "a second".to_owned(),
        60 => "a minute".to_owned(),
        3_600 => "an hour".to_owned(),
        86_400 => "a day".to_owned(),
        other => format!("{other} seconds"),
    };
    let what = if input.is_bill { "amounts" } else { "sums" };
    let sums = input.bucket_seconds.map(|(least, most)| match (least, most) {
        _ if least == most => format!("{what} of {}", span(least)),
        _ => format!("{what} of {} to {}", span(least), span(most)),
    });
    match (input.grain, sums) {
        ("mixed", Some(sums)) => format!("single calls and {sums}"),
        ("call", _) if input.is_bill => "amounts of a moment".to_owned(),
        ("call", _) => "single calls".to_owned(),
        (_, Some(sums)) => sums,
        _ => "no usage".to_owned(),
    }
}

/// What a better export would tell, where it is about a hundredth of the spend or more.
pub fn improvements(report: &Report, name: ShowName, show: fn(&str) -> String) -> Vec<String> {
    let sentence = |line: &Improvement| {
        let open = match line.gap {
            "batch" => "may run in batch already or not",
            "context" => "is priced without the size of its prompts",
            "model" => "of the bill is for a model that it does not name",
            _ => "is of workloads without a name",
        };
        let of = [name(&line.provider, LONGEST_NAME), show(&line.formats.join(", "))];
        let of: Vec<&str> = of.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
        format!("{} a month {open} ({}): {}.", dollars(line.monthly_cost), of.join(", "), show(&line.advice))
    };
    let matters = |line: &&Improvement| line.monthly_cost.units() >= report.today.units() / 100;
    report.improvements.iter().filter(matters).map(sentence).collect()
}

/// What became of a file's rows, in the words of a reader.
pub fn fate_words(fate: &str) -> String {
    if fate == "accepted" { "counted".to_owned() } else { fate.replace('_', " ") }
}

/// The fates worth showing: those that some rows had, and the two that a reader looks for.
pub fn shown_fates(input: &InputLine) -> impl Iterator<Item = &(&'static str, u64)> {
    input.rows.iter().filter(|(fate, count)| *count > 0 || *fate == "accepted" || *fate == "rejected")
}

/// What is special about prices: each sentence with the models of which it is said, the first few by name.
pub fn exceptions(exceptions: &[PriceException], name: ShowName) -> Vec<(&str, String)> {
    let mut sentences: Vec<(&str, Vec<String>)> = Vec::new();
    for line in exceptions {
        let model = name(&format!("{}/{}", line.provider, line.model), 2 * LONGEST_NAME);
        match sentences.iter_mut().find(|(message, _)| *message == line.message) {
            Some((_, models)) => models.push(model),
            None => sentences.push((&line.message, vec![model])),
        }
    }
    let listed = |models: Vec<String>| {
        let more = models.len().saturating_sub(MOST_NAMES);
        let named = models.iter().take(MOST_NAMES).cloned().collect::<Vec<_>>().join(", ");
        if more > 0 { format!("{named} and {}", plural(more as u64, "other model")) } else { named }
    };
    sentences.into_iter().map(|(message, models)| (message, listed(models))).collect()
}

/// Said where nothing is left out.
pub const ALL_ACCOUNTED: &str = "Every row is accounted for and everything is priced.";
