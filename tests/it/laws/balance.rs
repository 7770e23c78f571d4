//! A program that is wrong says so: whatever of a run is changed behind its back, so that two sides of it differ, ends it
//! with `internal` and exit 4, and nothing is printed. The runs of all other tests show that a right one balances.

use std::slice;

use batchwise::diagnostic::{Exit, Failure};
use batchwise::input::RowOutcome;
use batchwise::money::Money;
use batchwise::rollup::Breakdown;

use super::in_process::{How, Judged, Machine};
use crate::support::fixture;

/// The smallest amount there is.
const UNIT: Money = Money::from_units(1);

fn more(amount: &mut Money) {
    *amount = amount.add(UNIT).expect("room for a unit");
}

/// How a run ends that is changed.
fn end(change: impl FnOnce(&mut Judged)) -> Result<(), Failure> {
    let how = How { by: Some(&Breakdown::Model), ..How::default() };
    Machine::new().report_with(slice::from_ref(&fixture("verdicts/october.csv")), how, change).map(|_| ())
}

#[track_caller]
fn refused(what: &str, change: impl FnOnce(&mut Judged)) {
    let failure = end(change).expect_err(what);
    assert_eq!((failure.diagnostic.code, failure.exit), ("internal", Exit::Input), "{what}");
    assert!(failure.diagnostic.message.starts_with(what), "{what}: {}", failure.diagnostic.message);
}

#[test]
fn a_run_that_nobody_changed_balances() {
    end(|judged| {
        let dollars = judged.gathered.inputs[0].ledger.stated();
        assert!(dollars > Money::ZERO, "the fixture states dollars, or half of this file shows nothing");
        assert!(!judged.assessment.computed.is_zero() && !judged.scenarios.sums.batch_only.high.is_zero());
    })
    .expect("a report");
}

#[test]
fn rows_and_dollars_of_a_file_have_one_fate_each() {
    refused("rows", |judged| judged.gathered.inputs[0].ledger.met(1));
    refused("rows", |judged| judged.gathered.inputs[0].ledger.count(RowOutcome::Blank, 1, Money::ZERO).expect("a row"));
    refused("billed dollars", |judged| judged.gathered.inputs[0].ledger.state(UNIT).expect("a unit"));
    refused("billed dollars", |judged| {
        judged.gathered.inputs[0].ledger.count(RowOutcome::Totals, 0, UNIT).expect("a unit");
    });
}

#[test]
fn what_was_accepted_was_added_up() {
    refused("accepted rows", |judged| judged.gathered.rollup.cells.first_mut().expect("a key").rows += 1);
    refused("accepted dollars", |judged| {
        more(&mut judged.gathered.rollup.cells.first_mut().expect("a key").billed);
    });
    refused("accepted rows", |judged| {
        judged.gathered.inputs[0]
            .ledger
            .shift(RowOutcome::Accepted, RowOutcome::Outside, 1, Money::ZERO)
            .expect("a row");
    });
}

#[test]
fn lists_add_up_to_the_whole_cost() {
    refused("costs of workloads", |judged| more(&mut judged.assessment.computed));
    refused("costs of workloads", |judged| {
        let row = judged.assessment.rows.iter_mut().find(|row| row.cost.is_some()).expect("a price");
        row.cost.iter_mut().for_each(more);
    });
    refused("costs by --by", |judged| more(&mut judged.assessment.by.values_mut().next().expect("a value").cost));
    refused("monthly costs of workloads", |judged| more(&mut judged.scenarios.sums.today));
    refused("monthly costs of workloads", |judged| {
        let row = judged.scenarios.rows.iter_mut().find(|row| row.cost.is_some()).expect("a price");
        row.cost.iter_mut().for_each(more);
    });
}

#[test]
fn causes_add_up_to_the_difference_from_the_bill() {
    refused("residual by cause", |judged| {
        let found = judged.assessment.reconciliation.as_mut().expect("a bill");
        more(found.places[0].1.billed.as_mut().expect("a billed line"));
    });
    refused("residual by cause", |judged| more(judged.assessment.billed.as_mut().expect("a bill")));
}

#[test]
fn scenarios_save_what_their_rows_save() {
    refused("savings of batch", |judged| more(&mut judged.scenarios.sums.batch_only.low));
    refused("savings of batch beside routing", |judged| more(&mut judged.scenarios.sums.batch.base));
    refused("savings of routing", |judged| more(&mut judged.scenarios.sums.routing.high));
}

#[test]
fn amounts_that_pages_could_not_add_up_make_no_page() {
    // Twice a third of the range and some fits, three times does not.
    let failure = end(|judged| judged.assessment.failed.1 = Money::from_units(i128::MAX / 3 + 1)).expect_err("no room");
    assert_eq!((failure.diagnostic.code, failure.exit), ("overflow", Exit::Input));
    end(|judged| judged.assessment.failed.1 = Money::from_units(i128::MAX / 4)).expect("room");
}
