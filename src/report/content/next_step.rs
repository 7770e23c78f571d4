//! What to do after a report: the next command, a pilot, whom to ask.

use std::fmt::Write as _;

use super::{LONGEST_PATH, ShowName, sum, told_apart};
use crate::diagnostic::shown_short;
use crate::money::Money;
use crate::report::Report;
use crate::report::words::{dollars, percent, plural};
use crate::usage::DataGap;

/// Characters of a name in a command that is to be typed.
const LONGEST_TYPED: usize = 200;
/// Share of requests that could wait in the one public measurement (arXiv 2502.14617).
const MEASURED: &str = "28 %";
/// What articles claim.
const CLAIMED: &str = "30–50 %";

/// How the open question is settled: what to do, and a command that can be typed.
pub fn next_step(report: &Report) -> (String, String) {
    let undecided = &report.undecided;
    let file = match report.inputs.as_slice() {
        [input] => quoted(&shown_short(&input.file, 60)),
        _ => "FILES".to_owned(),
    };
    let is_most = |cost: Money| cost.units() * 2 > undecided.monthly_cost.units();
    let unpriced =
        report.workloads.iter().filter(|line| line.is_open && line.reasons.iter().any(|code| code == "unpriced"));
    if is_most(sum(unpriced.filter_map(|line| line.monthly_cost))) {
        let why = "The price table lacks the model. Give its prices";
        return (why.to_owned(), format!("batchwise report {file} --prices PRICES.yaml"));
    }
    if is_most(undecided.needs_usage) {
        let why = "A bill cannot say what ran in batch. Add the usage export of the same days";
        return (why.to_owned(), format!("batchwise report {file} USAGE.csv"));
    }
    let grouped = report.improvements.iter().find(|line| line.gap == DataGap::Batch.name());
    if let Some(line) = grouped.filter(|_| is_most(undecided.needs_batch)) {
        let format = line.formats.first().map_or("NAME", String::as_str);
        let why = format!("This export cannot say what ran in batch already: {}. How to get it", line.advice);
        return (why, format!("batchwise formats {format}"));
    }
    let what = "See what is known of the largest, then write a rule for it (--policy)";
    // A name that is not shown as it is cannot be typed; one that is cut would not be found.
    let largest = undecided.largest.as_deref().filter(|&name| shown_short(name, LONGEST_TYPED) == name);
    let named = largest.map_or_else(|| "NAME".to_owned(), quoted);
    (what.to_owned(), format!("batchwise explain {file} --workload {named}"))
}

/// A word as a shell reads it: names come from files and may hold anything.
pub(super) fn quoted(word: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-' | '/' | '#');
    if !word.is_empty() && word.chars().all(plain) && !word.starts_with('-') {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// Where to begin.
pub fn pilot(report: &Report, name: ShowName) -> Option<String> {
    let pilot = report.pilot.as_ref()?;
    let mut text = format!(
        "{} on {} saves most.",
        told_apart(&pilot.workload, &pilot.apart, name),
        name(&pilot.model, LONGEST_PATH)
    );
    let _ = match pilot.test {
        Some((requests, cost)) => write!(
            text,
            " Send {} as a first batch (about {}), compare the answers, then move the rest.",
            plural(requests, "request"),
            dollars(cost)
        ),
        None => write!(text, " Send 100–500 requests as a first batch, compare the answers, then move the rest."),
    };
    Some(text)
}

/// How many groups are open, where that is not the headline.
pub fn ask(report: &Report) -> Option<String> {
    let undecided = &report.undecided;
    (undecided.groups > 0 && !undecided.is_headline)
        .then(|| format!("{} nobody has decided about.", plural(undecided.groups, "group")))
}

/// The share that can wait, beside what is said elsewhere; nothing where nothing was spent.
pub fn share(report: &Report) -> Option<String> {
    let share = crate::money::share(report.can_wait(), report.today)?;
    Some(format!(
        "{} of your spend can wait. Elsewhere: {MEASURED} of requests, at the one very large service measured in public; articles claim {CLAIMED}.",
        percent(Some(&share))
    ))
}
