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
        return vec![format!("{spend}, and for {unknown} of it nobody has said whether it can wait.")];
    }
    let what_waits = if unknown.is_zero() {
        format!("{can_wait} of it can wait.")
    } else {
        format!("{can_wait} of it can wait; for {} nobody has said.", dollars(unknown))
    };
    vec![format!("{spend}."), what_waits]
}
