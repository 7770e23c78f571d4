//! What must be equal is compared before a report is handed out: rows, dollars, costs and savings.
//!
//! Role: the last step of [`super::build`]. Each figure is held against the same one made in another place: rows by what
//! became of them against rows as they were told apart, sums against the ledger, the page's rows against the whole. A
//! difference is a fault of batchwise and ends the run; none is ever shown. It finds no fault of the files.

use std::fmt::Display;

use super::ReportInput;
use crate::diagnostic::{Failure, Place};
use crate::input::RowOutcome;
use crate::money::{Money, Overflow};
use crate::policy::Cases;
use crate::report::{
    AgreedPrices, BilledItem, ByTable, Combined, Compared, ControlTotal, CostLine, Movers, Reconciliation, Report,
    Scenario, Undecided, UsageLine,
};
use crate::scenario::{RowMonth, batched_in};

/// Fails where two figures that must be equal are not.
pub(super) fn check(run: &ReportInput<'_>, report: &Report) -> Result<(), Failure> {
    ledgers(run)?;
    sums(run)?;
    costs(report)?;
    savings(run, report)?;
    room(report)?;
    Ok(())
}

fn equal<T: PartialEq + Display>(what: &str, whole: &T, parts: &T) -> Result<(), Failure> {
    if whole == parts {
        return Ok(());
    }
    Err(Failure::internal(format!("{what} do not balance: {whole} in all, {parts} in parts; nothing is printed")))
}

/// Each row and dollar of each file has one outcome.
fn ledgers(run: &ReportInput<'_>) -> Result<(), Failure> {
    for input in &run.gathered.inputs {
        let ledger = &input.ledger;
        let rows: u64 = RowOutcome::ALL.into_iter().map(|outcome| ledger.rows(outcome)).sum();
        let dollars = Money::sum(RowOutcome::ALL.into_iter().map(|outcome| ledger.dollars(outcome)))?;
        equal("rows", &ledger.read(), &rows).and(equal("billed dollars", &ledger.stated(), &dollars)).map_err(
            |mut failure| {
                failure.diagnostic.place = Some(Place::file(&input.name));
                failure
            },
        )?;
    }
    Ok(())
}

/// What was added up is what was accepted.
fn sums(run: &ReportInput<'_>) -> Result<(), Failure> {
    let ledgers = || run.gathered.inputs.iter().map(|input| &input.ledger);
    let (rows, dollars) = run.gathered.rollup.accepted()?;
    let accepted: u64 = ledgers().map(|ledger| ledger.rows(RowOutcome::Accepted)).sum();
    equal("accepted rows", &accepted, &rows)?;
    let billed = Money::sum(ledgers().map(|ledger| ledger.dollars(RowOutcome::Accepted)))?;
    equal("accepted dollars", &billed, &dollars)
}

/// Every list of the report that parts the whole cost adds up to it.
fn costs(report: &Report) -> Result<(), Failure> {
    let computed = report.cost.computed;
    equal("costs of workloads", &computed, &Money::sum(report.workloads.iter().filter_map(|line| line.cost))?)?;
    equal("costs of verdicts", &computed, &Money::sum(report.eligibility.iter().map(|line| line.cost))?)?;
    if let Some(by) = &report.by {
        equal("costs by --by", &computed, &Money::sum(by.rows.iter().map(|row| row.cost))?)?;
    }
    if let Some((found, residual)) = report.reconciliation.as_ref().zip(report.cost.residual) {
        let items = found.items.iter().chain(&report.other_charges).map(|item| item.billed);
        let parts = Money::sum(found.causes.iter().map(|line| line.residual).chain(items))?;
        equal("residual by cause", &residual, &parts)?;
    }
    let months = report.workloads.iter().filter_map(|line| line.monthly_cost);
    equal("monthly costs of workloads", &report.today, &Money::sum(months)?)?;
    let months = report.eligibility.iter().map(|line| line.monthly_cost);
    equal("monthly costs of verdicts", &report.today, &Money::sum(months)?)
}

/// A scenario saves what its rows save, each in one way, and costs what is left of today.
fn savings(run: &ReportInput<'_>, report: &Report) -> Result<(), Failure> {
    let sum = |of: &dyn Fn(&RowMonth, Cases<bool>) -> Cases<Money>| {
        run.rows().try_fold(Cases::default(), |sum: Cases<Money>, (row, month)| {
            sum.zip(of(month, batched_in(row))).try_map(|(sum, amount)| sum.add(amount))
        })
    };
    let if_so = |so: bool, amount: Money| if so { amount } else { Money::ZERO };
    let alone = sum(&|month, batched| batched.map(|so| if_so(so, month.saving)))?;
    let batch = sum(&|month, _| month.batched.map(|so| if_so(so, month.saving)))?;
    let routing = sum(&|month, _| month.batched.zip(month.routing).map(|(so, amount)| if_so(!so, amount)))?;
    let Combined { total, batch: batch_part, routing: routing_part, .. } = &report.combined;
    all_equal("savings of batch", &report.batch_only.saving, &alone)?;
    all_equal("savings of batch beside routing", batch_part, &batch)?;
    all_equal("savings of routing", routing_part, &routing)?;
    all_equal(
        "savings of batch and routing",
        &total.saving,
        &batch.zip(routing).try_map(|(batch, routing)| batch.add(routing))?,
    )?;
    for scenario in [&report.batch_only, total] {
        let parts = scenario.cost.zip(scenario.saving).try_map(|(cost, saving)| cost.add(saving))?;
        all_equal("costs and savings", &Cases::all(report.today), &parts)?;
    }
    Ok(())
}

fn all_equal(what: &str, whole: &Cases<Money>, parts: &Cases<Money>) -> Result<(), Failure> {
    equal(what, &whole.low, &parts.low)?;
    equal(what, &whole.base, &parts.base)?;
    equal(what, &whole.high, &parts.high)
}

/// All amounts of the report, added up whatever their signs. Pages add and subtract some of them
/// ([`crate::report::words::sum`]), which can then leave no range. A field that is new has to say here what it holds.
fn room(report: &Report) -> Result<(), Overflow> {
    let Report {
        inputs,
        usage: UsageLine { unpriced_billed, failed, free_tier_list_value, .. },
        cost: CostLine { computed, from_bill, billed, residual },
        eligibility,
        today,
        batch_only,
        combined: Combined { total, batch, routing, kind: _, words: _ },
        workloads,
        agreed,
        reconciliation,
        other_charges,
        billed_for_other,
        improvements,
        control_totals,
        exceptions,
        undecided: Undecided { monthly_cost, all_saves, at, needs_batch, needs_usage, .. },
        questions,
        pilot,
        by,
        movers,
        period: _,
        prices: _,
        warnings: _,
        incomplete: _,
        top: _,
    } = report;
    let mut room = Room(Money::ZERO);
    room.take([*unpriced_billed, failed.1, *free_tier_list_value, *computed, *from_bill, *today, *billed_for_other])?;
    room.take([billed, residual].into_iter().flatten().copied())?;
    room.take(inputs.iter().flat_map(|line| &line.dollars).map(|(_, dollars)| *dollars))?;
    room.take(eligibility.iter().flat_map(|line| [line.cost, line.monthly_cost]))?;
    for Scenario { cost, saving, .. } in [batch_only, total] {
        room.cases([cost, saving])?;
    }
    room.cases([batch, routing])?;
    room.take(workloads.iter().flat_map(|line| [line.monthly_saving, line.open_saving]))?;
    room.take(workloads.iter().flat_map(|line| [line.cost, line.batch_cost, line.monthly_cost]).flatten())?;
    room.take(workloads.iter().flat_map(|line| [line.saving_forgone, line.monthly_loss]).flatten())?;
    if let Some(AgreedPrices { monthly_at_list, at_list, agreement, models: _ }) = agreed {
        room.take(at_list.iter().map(|line| line.monthly_cost).chain([*monthly_at_list]))?;
        room.take(agreement.iter().map(|agreement| agreement.residual))?;
    }
    if let Some(found) = reconciliation {
        let Reconciliation { computed, billed, residual, models, days, lines, items, causes, .. } = found;
        room.take([*computed, *billed, *residual])?;
        room.take(causes.iter().flat_map(|line| [Some(line.residual), line.long_context]).flatten())?;
        room.take(models.iter().flat_map(|line| [line.computed, line.billed, line.residual]))?;
        room.compared(days)?;
        room.compared(lines)?;
        room.items(items)?;
    }
    room.items(other_charges)?;
    room.take(improvements.iter().map(|line| line.monthly_cost))?;
    room.take(exceptions.iter().map(|line| line.cost))?;
    for ControlTotal { total, tolerance, found, difference, .. } in control_totals {
        room.take([*total, *tolerance, *difference].into_iter().chain(*found))?;
    }
    room.take([*monthly_cost, *all_saves, *needs_batch, *needs_usage])?;
    room.take(at.iter().map(|(_, saves)| *saves))?;
    room.take(questions.iter().flat_map(|line| [line.monthly_cost, line.monthly_saving]).flatten())?;
    room.take(pilot.iter().filter_map(|pilot| pilot.test).map(|(_, cost)| cost))?;
    if let Some(ByTable { rows, .. }) = by {
        room.take(rows.iter().flat_map(|row| [row.cost, row.can_wait, row.saving]))?;
    }
    if let Some(Movers { rows, .. }) = movers {
        room.take(rows.iter().flat_map(|row| [row.first, row.second, row.change]))?;
    }
    // As much again, since what is shown is rounded and stands beside its difference to something else.
    room.0.add(room.0)?.add(room.0).map(|_| ())
}

struct Room(Money);

impl Room {
    fn take(&mut self, amounts: impl IntoIterator<Item = Money>) -> Result<(), Overflow> {
        amounts.into_iter().try_for_each(|amount| {
            self.0 = self.0.add(amount.abs())?;
            Ok(())
        })
    }

    fn cases<'c>(&mut self, cases: impl IntoIterator<Item = &'c Cases<Money>>) -> Result<(), Overflow> {
        self.take(cases.into_iter().flat_map(|cases| [cases.low, cases.base, cases.high]))
    }

    fn compared(&mut self, lines: &[Compared]) -> Result<(), Overflow> {
        self.take(lines.iter().flat_map(|line| [Some(line.residual), line.computed, line.billed]).flatten())
    }

    fn items(&mut self, items: &[BilledItem]) -> Result<(), Overflow> {
        self.take(items.iter().flat_map(|item| [Some(item.billed), item.list_value]).flatten())
    }
}
