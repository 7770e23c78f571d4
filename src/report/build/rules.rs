//! What a reader should know of the rules of his policy.

use super::{ReportInput, listed, masked};
use crate::diagnostic::sanitized_short;
use crate::money::{Money, Overflow};
use crate::policy::Then;
use crate::report::Note;
use crate::report::words::{dollars, plural};
use crate::scenario::monthly;

/// Characters of a name.
const LONGEST: usize = 60;

const fn verdict(then: Then) -> &'static str {
    match then {
        Then::Batch => "batch",
        Then::RealTime => "real-time",
        Then::Ask => "ask",
    }
}

pub(super) fn notes(run: &ReportInput<'_>) -> Result<Vec<Note>, Overflow> {
    let (rules, health) = (&run.context.policy.rules, &run.assessment.rules);
    let id = |rule: u16| format!("`{}`", name(&rules.rule(rule).id));
    let month = |amount: Money| monthly(&amount.exact(), run.gathered.month_basis());
    let mut notes = Vec::new();
    for &rule in &health.unused {
        let message = format!("rule {} matches no call", id(rule));
        notes.push(Note { code: "rule-unused", message, count: 1 });
    }
    for (rule, by) in &health.shadowed {
        let message = format!(
            "rule {} decides nothing: all calls it matches are decided before it, by {}",
            id(*rule),
            listed(by.iter().map(|&rule| id(rule)))
        );
        notes.push(Note { code: "rule-shadowed", message, count: 1 });
    }
    for found in &health.contradictions {
        let (first, later) = (rules.rule(found.first), rules.rule(found.later));
        let message = format!(
            "rule {} says {} of calls that rule {} before it has put down as {}: {} a month ({}); make one of them narrower",
            id(found.later),
            verdict(later.then),
            id(found.first),
            verdict(first.then),
            dollars(month(found.cost)?),
            listed(found.workloads.iter().map(|workload| format!("`{}`", name(workload))))
        );
        notes.push(Note { code: "rule-contradicts", message, count: found.workloads.len() as u64 });
    }
    for near in &health.near {
        let message = format!(
            "rule {} names the {} `{}`, which no call has; did you mean `{}`?",
            id(near.rule),
            near.fact,
            name(&near.written),
            name(&near.near)
        );
        notes.push(Note { code: "rule-near-name", message, count: 1 });
    }
    let decided: Vec<_> = health.unsigned.iter().filter(|(rule, _)| rules.rule(*rule).then != Then::Ask).collect();
    if !decided.is_empty() {
        let cost = month(Money::sum(decided.iter().map(|(_, cost)| *cost))?)?;
        let message = format!(
            "nobody has given the reason of {} ({}), which {} {} a month: read and fill in `because`",
            plural(decided.len() as u64, "rule"),
            listed(decided.iter().map(|(rule, _)| id(*rule))),
            if decided.len() == 1 { "decides" } else { "decide" },
            dollars(cost)
        );
        notes.push(Note { code: "rule-unsigned", message, count: decided.len() as u64 });
    }
    Ok(notes)
}

fn name(text: &str) -> String {
    sanitized_short(&masked(text), LONGEST)
}
