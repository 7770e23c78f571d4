//! The answer to the main question, before anything else is said.

use super::{Kind, bound, on_basis, shown_cost};
use crate::report::Report;
use crate::report::words::dollars;

/// What is spent a month, and what of it can wait, in a sentence or two.
pub fn answer(report: &Report) -> Vec<String> {
    let spend = format!("You spend {}{} a month{}", bound(report), dollars(report.today), on_basis(report));
    let can_wait = dollars(shown_cost(report, Kind::CanWait));
    let unknown = shown_cost(report, Kind::Open);
    if report.undecided.is_headline {
        let unknown = dollars(unknown);
        let undecided = format!("{spend}, and for {unknown} of it nobody has said whether it can wait.");
        // Where nothing is known of it, that is said in place of what it would save.
        let part = super::unknown_saving(report).filter(|_| report.batch_only.projected.is_a_part());
        return std::iter::once(undecided).chain(part.map(ToOwned::to_owned)).collect();
    }
    let what_waits = if unknown.is_zero() {
        format!("{can_wait} of it can wait.")
    } else {
        format!("{can_wait} of it can wait; for {} nobody has said.", dollars(unknown))
    };
    let unknown_saving = super::unknown_saving(report).map(ToOwned::to_owned);
    [format!("{spend}."), what_waits].into_iter().chain(unknown_saving).collect()
}
