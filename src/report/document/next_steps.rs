//! What to do after a report: a pilot, the next command, and how the result compares.

use super::{LONGEST_PATH, Section, Text, name, text, workloads};
use crate::diagnostic::sanitized_short;
use crate::diagnostic::text::shell_word;
use crate::money::{Money, share};
use crate::report::Report;
use crate::report::words::{dollars, percent, plural, sum};
use crate::usage::DataGap;

/// Characters of a name in a command that is to be typed.
const LONGEST_TYPED: usize = 200;

/// Where to begin.
pub fn next_steps(report: &Report) -> Option<Section> {
    let mut section = Section::new("next", "Next steps").paragraphs(pilot(report));
    if report.undecided.groups > 0 {
        let (what, command) = undecided(report);
        let count = (!report.undecided.is_headline)
            .then(|| format!("Undecided: {}. ", plural(report.undecided.groups, "group")));
        section = section.paragraph(text!(count.unwrap_or_default(), what, ":")).command(Some(command));
    }
    section.paragraphs(comparison(report)).if_any()
}

/// How the undecided is settled: what to do, and a command that can be typed.
fn undecided(report: &Report) -> (Text, String) {
    let undecided = &report.undecided;
    let files = files(report);
    let is_most = |cost: Money| cost.units() * 2 > undecided.monthly_cost.units();
    let unpriced =
        report.workloads.iter().filter(|line| line.is_open && line.reasons.iter().any(|code| code == "unpriced"));
    if is_most(sum(unpriced.filter_map(|line| line.monthly_cost))) {
        let why = "The price table lacks the model. Give its prices";
        return (why.into(), format!("batchwise report {files} --prices PRICES.yaml"));
    }
    if is_most(undecided.needs_usage) {
        let why = "A bill cannot say what ran in batch. Add the usage export of the same days";
        return (why.into(), format!("batchwise report {files} USAGE.csv"));
    }
    let grouped = report.improvements.iter().find(|line| line.gap == DataGap::Batch.name());
    if let Some(line) = grouped.filter(|_| is_most(undecided.needs_batch)) {
        let format = line.formats.first().map_or("NAME", String::as_str);
        let why = text!(
            "This export cannot say what ran in batch already: ",
            super::quote(&line.advice, 400),
            ". How to get it"
        );
        return (why, format!("batchwise formats {format}"));
    }
    // A name that is not shown as it is cannot be typed; one that is cut would not be found.
    let largest = undecided.largest.as_deref().filter(|&name| sanitized_short(name, LONGEST_TYPED) == name);
    let largest = largest.map_or_else(|| "NAME".to_owned(), shell_word);
    let what = "See what is known of the largest, then write a rule for it (--policy)";
    (what.into(), format!("batchwise explain {files} --workload {largest}"))
}

/// The files as they are typed.
pub fn files(report: &Report) -> String {
    match report.inputs.as_slice() {
        [input] => shell_word(&sanitized_short(&input.file, 60)),
        _ => "FILES".to_owned(),
    }
}

fn pilot(report: &Report) -> Option<Text> {
    let pilot = report.pilot.as_ref()?;
    let workload = workloads::with_details(&pilot.workload, &pilot.apart);
    let first = match pilot.test {
        Some((requests, cost)) => format!("{} as a first batch (about {})", plural(requests, "request"), dollars(cost)),
        None => "100–500 requests as a first batch".to_owned(),
    };
    Some(text!(
        "Start with ",
        workload,
        " on ",
        name(&pilot.model, LONGEST_PATH),
        ", which saves most. Send ",
        first,
        ", compare the answers, then move the rest."
    ))
}

/// The batch-eligible share beside what is published; nothing where nothing was spent.
fn comparison(report: &Report) -> Option<Text> {
    let share = share(report.can_wait(), report.today)?;
    Some(
        format!(
            "For comparison: {} of your spend is batch-eligible. At the one large service with published data it is 28 % of requests (arXiv 2502.14617); articles claim 30–50 %.",
            percent(Some(&share))
        )
        .into(),
    )
}
