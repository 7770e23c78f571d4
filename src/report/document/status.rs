//! In one sentence, whether a report can be presented.

use super::{StatusLine, Text, bill, text, workloads};
use crate::money::Money;
use crate::report::Report;
use crate::report::status::{Readiness, Reason, Status};
use crate::report::words::whole_dollars;

/// The sentence that every form begins with.
pub fn status(report: &Report) -> StatusLine {
    let status = Status::of(report);
    let word = match status.readiness {
        Readiness::Ready => "Ready to present: ",
        Readiness::ReadyWithCaveats => "Ready with caveats: ",
        Readiness::NotReady => "Not ready to present: ",
    };
    let is_incomplete = |reason: &Reason| matches!(reason, Reason::Incomplete(_));
    // Why stands below, with the dollars.
    let incomplete = status.reasons.iter().any(is_incomplete).then(|| "the figures are incomplete".into());
    let others = status.reasons.iter().filter(|reason| !is_incomplete(reason)).map(|reason| words(*reason, report));
    let mut said: Vec<Text> = incomplete.into_iter().chain(others).collect();
    if said.is_empty() {
        said.push(match &report.reconciliation {
            Some(found) => bill::agreement_words(report, found).into(),
            None => "the spend is taken from the bill".into(),
        });
    }
    StatusLine { text: text!(word, Text::joined(said, "; "), "."), is_alarm: status.readiness == Readiness::NotReady }
}

fn words(reason: Reason, report: &Report) -> Text {
    match (reason, &report.reconciliation) {
        (Reason::BillDiffers | Reason::BillResidual, Some(found)) => bill::agreement_words(report, found).into(),
        (Reason::Unpriced, _) => "usage without a price is in no saving".into(),
        (Reason::Undecided, _) => {
            let undecided = workloads::cost(report, workloads::Kind::Undecided);
            format!("{} of {} a month is undecided", whole_dollars(undecided), whole_dollars(report.today)).into()
        }
        (Reason::NoBill | Reason::BillDiffers | Reason::BillResidual, _) => {
            "no bill stands beside the usage, so nothing says that these prices are paid".into()
        }
        (Reason::Unbilled, _) => {
            let [unbilled, usage] = [report.unbilled().unwrap_or(Money::ZERO), report.usage_cost()].map(whole_dollars);
            format!("no bill stands beside {unbilled} of {usage} of usage").into()
        }
        (Reason::Incomplete(code), _) => code.into(),
    }
}
