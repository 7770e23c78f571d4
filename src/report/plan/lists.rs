//! Workloads in lists: what moves, what is not worth it, what cannot; and what becomes of all spend.

use super::Draft;
use crate::money::Money;
use crate::plan::Plan;
use crate::plan::steps::{NotMigrated, Step};
use crate::report::document::ColumnType::{Figure, Rate, Reason, Saving, Text as Words};
use crate::report::document::{
    Bar, Cell, Emphasis, LONGEST_NAME, LONGEST_SENTENCE, MOST_ROWS, Row, Section, Table, Text, model, name, quote,
    small_volume, text, with_details,
};
use crate::report::words::{day_words, exact_dollars, sum};

/// What becomes of a month's spend.
pub(super) fn spend(plan: &Plan) -> Section {
    let spend = plan.steps.spend;
    let parts = [
        ("Moves to batch", spend.migrated, Emphasis::Good),
        ("Batch-eligible, not worth the effort", spend.not_worth_it, Emphasis::Plain),
        ("Real-time", spend.cannot, Emphasis::Plain),
        ("Undecided", spend.undecided, Emphasis::Open),
        ("Already batch", spend.in_batch, Emphasis::Good),
    ];
    let mut table = Table { longest_bar: plan.now.today, ..Table::new([("", Words), ("A month", Rate)]) };
    let parts = parts.into_iter().filter(|(_, cost, _)| !cost.is_zero());
    table.rows = parts
        .map(|(what, cost, emphasis)| Row::new([Cell::text(what), Cell::whole(cost)]).bar(Bar::Amount(cost, emphasis)))
        .collect();
    table.total = Some(Row::new([Cell::text("All"), Cell::whole(plan.now.today)]));
    Section::new("spend", "What becomes of today's spend").table(table)
}

/// What to move, in order.
pub(super) fn moves(draft: &Draft<'_>) -> Section {
    let steps = &draft.plan.steps.steps;
    let has_status = steps.iter().any(|step| step.status.is_some() || step.approved.is_some());
    let mut columns = vec![
        ("", Rate),
        ("Workload", Words),
        ("Model", Words),
        ("At first", Figure),
        ("Full rollout", Saving),
        ("Cumulative", Rate),
        ("Begins", Words),
        ("Effort", Words),
        ("Owner", Words),
    ];
    columns.extend(if has_status { &[("Status", Words), ("Approved", Words)][..] } else { &[] });
    let mut table = Table::new(columns);
    table.optional_columns = &[3, 5];
    table.longest_bar = sum(steps.iter().map(|step| step.saving));
    let mut so_far = Money::ZERO;
    let row = |(index, step): (usize, &Step)| {
        so_far = sum([so_far, step.saving]);
        let owner = step.owner.as_ref().map_or_else(|| "–".into(), |owner| Text::from(name(&**owner, LONGEST_NAME)));
        let status = [
            Cell::text(step.status.unwrap_or("–")),
            Cell::Text(step.approved.as_ref().map_or_else(
                || "–".into(),
                |(by, on)| text!(name(&**by, LONGEST_NAME), format!(", {}", day_words(*on))),
            )),
        ];
        let cells = [
            Cell::Count(index as u128 + 1),
            Cell::Text(with_details(&step.workload, &step.apart)),
            Cell::text(model(&step.provider, &step.model)),
            Cell::cents(step.saving_now),
            Cell::cents(step.saving),
            Cell::cents(so_far),
            Cell::Date(step.start.to_string()),
            Cell::text(step.effort.name()),
            Cell::Text(owner),
        ];
        Row::new(cells.into_iter().chain(status.into_iter().filter(|_| has_status)))
            .bar(Bar::Amount(step.saving, Emphasis::Good))
    };
    let table = table.rows(steps.iter().enumerate().map(row), draft.report.row_limit(MOST_ROWS));
    let said = if steps.is_empty() {
        "Nothing that is batch-eligible is worth moving."
    } else {
        "By saving for the effort: dollars a month at full rollout, divided by 1, 2 or 4 for low, medium or high effort."
    };
    Section::new("moves", "What to move, in this order").paragraph(said).table(table)
}

/// What could move and saves less than the policy's limit, with what all of it would save.
pub(super) fn not_worth_it(draft: &Draft<'_>) -> Option<Section> {
    let plan = draft.plan;
    let list = &plan.steps.not_worth_it;
    let columns = [("Workload", Words), ("Model", Words), ("A month", Figure), ("Would save", Saving)];
    // It is aside for its saving: there is one (`plan::steps`).
    let row = |not_migrated: &NotMigrated| {
        Row::new(subject(not_migrated).into_iter().chain([Cell::maybe(not_migrated.saving)]))
    };
    let mut table = Table::new(columns).rows(list.iter().map(row), draft.report.row_limit(MOST_ROWS));
    let saving = sum(list.iter().filter_map(|not_migrated| not_migrated.saving));
    table.total = Some(Row::new([
        Cell::text("All"),
        Cell::Empty,
        Cell::cents(plan.steps.spend.not_worth_it),
        Cell::cents(saving),
    ]));
    let said = format!(
        "These are batch-eligible, and each workload saves less than {} a month (`limits.min_monthly_saving` in the policy) net of failures and late results. They stay in real time. Set to 0, the limit would let all of them move.",
        exact_dollars(plan.least_saving)
    );
    (!list.is_empty()).then(|| Section::new("not-worth-it", "Not worth the effort").paragraph(said).table(table))
}

/// What stays, and why.
pub(super) fn cannot(draft: &Draft<'_>) -> Option<Section> {
    let list = &draft.plan.steps.cannot;
    let columns =
        [("Workload", Words), ("Model", Words), ("A month", Figure), ("Batch would save", Rate), ("Why", Reason)];
    let row = |not_migrated: &NotMigrated| {
        let saving = not_migrated.saving.map_or_else(|| Cell::text("–"), Cell::cents);
        Row::new(
            subject(not_migrated).into_iter().chain([saving, Cell::text(quote(&*not_migrated.why, LONGEST_SENTENCE))]),
        )
    };
    let mut table = Table::new(columns).rows(list.iter().map(row), draft.report.row_limit(MOST_ROWS));
    let all = [Cell::text("All"), Cell::Empty, Cell::cents(draft.plan.steps.spend.cannot), Cell::Empty, Cell::Empty];
    table.total = (list.len() > 1).then(|| Row::new(all));
    let section = Section::new("real-time", "Real-time: stays where it is").paragraphs(small_volume(draft.report));
    (!list.is_empty()).then(|| section.table(table))
}

fn subject(not_migrated: &NotMigrated) -> [Cell; 3] {
    [
        Cell::Text(with_details(&not_migrated.workload, &not_migrated.apart)),
        Cell::text(model(&not_migrated.provider, &not_migrated.model)),
        Cell::cents(not_migrated.cost),
    ]
}
