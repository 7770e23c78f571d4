//! A month in three scenarios.

use super::ColumnType::{Rate, Saving, Text as Words};
use super::{Bar, Block, Cell, LONGEST_SENTENCE, Row, Section, Table, Text, UNKNOWN, quote};
use crate::money::Money;
use crate::policy::Cases;
use crate::report::words::difference;
use crate::report::{Combined, Report, Scenario};

/// What the low and the high case count.
pub const CASES: &str = "Low: only what is confirmed. High: also what is undecided. Routing: low and high end.";

/// The scenarios of a report.
pub fn scenarios(report: &Report) -> Section {
    let cases = [&report.batch_only.saving, &report.combined.total.saving];
    let cases = cases.iter().any(|saving| saving.low != saving.high).then_some(CASES);
    let combined = &report.combined;
    if combined.kind == "assumed" {
        let mut section = section(report.today, &report.batch_only, None, assumed(report));
        section.blocks.push(Block::Note(quote(&combined.words, LONGEST_SENTENCE).into()));
        return section.notes(cases.into_iter().map(Text::from));
    }
    section(report.today, &report.batch_only, Some(combined), None)
        .notes(cases.into_iter().chain(takes_over(combined)).map(Text::from))
}

/// What routing would add by an assumption: beside what is known, and in no sum.
fn assumed(report: &Report) -> Option<Row> {
    let added = assumed_routing(report)?;
    let cost = difference(report.today, report.batch_only.saving.base);
    let cells = [Cell::text("+ assumed routing"), Cell::Empty].into_iter().chain(savings(&added)).chain([Cell::Empty]);
    Some(Row::new(cells).bar(Bar::Assumed(difference(cost, added.base), cost)))
}

/// What routing would add to batch a month where its shares are assumed; nothing where routes are named, or where it adds
/// nothing.
pub fn assumed_routing(report: &Report) -> Option<Cases<Money>> {
    let total = &report.combined.total;
    let added = total.saving.zip(report.batch_only.saving).map(|(both, batch)| difference(both, batch));
    let adds = report.combined.kind == "assumed" && !total.projected.is_unknown();
    (adds && [added.low, added.base, added.high].iter().any(|saving| !saving.is_zero())).then_some(added)
}

/// The scenarios of an estimate.
pub fn estimate(spend: Money, batch_only: &Scenario, combined: Option<&Combined>) -> Section {
    let takes_over = combined.and_then(takes_over).map(Text::from);
    section(spend, batch_only, combined, None).notes(takes_over)
}

/// Scenarios under one another, and apart what an assumption would add; of each bar the shaded end is what is saved.
fn section(today: Money, batch_only: &Scenario, combined: Option<&Combined>, apart: Option<Row>) -> Section {
    let saves = if batch_only.projected.is_a_part() { "Saves at least" } else { "Saves" };
    let mut table = Table::new([
        ("Scenario", Words),
        ("A month", Rate),
        (saves, Saving),
        ("Low", Rate),
        ("High", Rate),
        ("Share", Rate),
    ]);
    table.longest_bar = today;
    table.optional_columns = &[5];
    let blank = || std::iter::repeat_n(Cell::Empty, 4);
    table.rows.push(
        Row::new([Cell::text("Today"), Cell::whole(today)].into_iter().chain(blank())).bar(Bar::Left(today, today)),
    );
    let whole = |title: &'static str, scenario: &Scenario| {
        if scenario.projected.is_unknown() {
            let unknown = std::iter::repeat_n(Cell::text(UNKNOWN), 5);
            return Row::new(std::iter::once(Cell::text(title)).chain(unknown));
        }
        let cells = [Cell::text(title), Cell::whole(scenario.cost.base)];
        let share = Cell::Share(scenario.share.base.clone());
        Row::new(cells.into_iter().chain(savings(&scenario.saving)).chain([share]))
            .bar(Bar::Left(difference(today, scenario.saving.base), today))
    };
    table.rows.push(whole("Batch only", batch_only));
    table.apart.extend(apart);
    let mut section = Section::new("scenarios", "Scenarios, a month");
    let mut words = None;
    if let Some(combined) = combined {
        table.rows.push(whole("Batch + routing", &combined.total));
        if !combined.total.projected.is_unknown() {
            let parts = [("… of it batch", &combined.batch), ("… of it routing", &combined.routing)];
            table.rows.extend(parts.map(|(title, part)| {
                let cells = [Cell::text(title), Cell::Empty].into_iter().chain(savings(part)).chain([Cell::Empty]);
                Row::new(cells)
            }));
            words = (!combined.words.is_empty()).then(|| Block::Note(quote(&combined.words, LONGEST_SENTENCE).into()));
        }
    }
    section = section.table(table);
    section.blocks.extend(words);
    section
}

/// What is saved in the base, the low and the high case.
fn savings(saving: &Cases<Money>) -> [Cell; 3] {
    [saving.base, saving.low, saving.high].map(Cell::whole)
}

/// Why batch has a smaller part of a higher case; nothing where it has not.
fn takes_over(combined: &Combined) -> Option<&'static str> {
    (combined.batch.high < combined.batch.base.max(combined.batch.low)).then_some(
        "In the high case routing saves more than batch on part of the spend and takes its place, so batch's part is smaller.",
    )
}
