//! What each workload costs on every way to buy its calls, and the one that is cheapest in time.

use super::Draft;
use crate::money::Money;
use crate::plan::ladder::{Ladder, Offer, Rung};
use crate::plan::words::span;
use crate::report::document::ColumnType::{Rate, Text as Words};
use crate::report::document::{Cell, Row, Section, Table, model, with_details};
use crate::report::words::whole_dollars;

/// Workloads that are shown with all their ways.
const MOST_LADDERS: usize = 6;

/// Nothing where no workload has a window or cheaper hours: what priority and flex cost is in no plan, and in JSON and `explain`.
pub(super) fn ladder(draft: &Draft<'_>) -> Option<Section> {
    let ladders = &draft.plan.ladders;
    let plain = [Rung::Priority, Rung::Standard, Rung::Flex, Rung::Batch];
    let is_wide = |row: &&Ladder| row.offers.iter().any(|offer| !plain.contains(&offer.rung));
    let rows: Vec<&Ladder> = ladders.rows.iter().filter(is_wide).collect();
    let columns = [
        ("Workload", Words),
        ("Model", Words),
        ("May wait", Words),
        ("Way", Words),
        ("Answers within", Words),
        ("A month", Rate),
        ("", Words),
    ];
    let lines: Vec<Row> = rows.iter().take(draft.report.row_limit(MOST_LADDERS)).flat_map(|row| lines(row)).collect();
    let said = if ladders.beyond_batch.is_zero() {
        "What a month costs on each way to buy the same calls. For what is known of how long work may wait, none saves more than batch.".to_owned()
    } else {
        format!(
            "What a month costs on each way to buy the same calls. The best of those that are in time saves {} a month more than batch and routes do; this is in no other figure.",
            whole_dollars(ladders.beyond_batch)
        )
    };
    let count = lines.len();
    let table = Table::new(columns).rows(lines, count);
    let how = [
        "A rule with `max_wait` says how long its work may wait. Batch counts with what comes back too late and is paid for twice, as in its step.",
        "Off-peak: calls wait until peak hours are over. Flex promises no time, so nothing is built on it.",
    ];
    let section = Section::new("ladder", "Every way to buy a call").paragraph(said);
    (!rows.is_empty()).then(|| section.table(table).list(how.map(Into::into)))
}

/// A line for each way, the fastest first.
fn lines(ladder: &Ladder) -> Vec<Row> {
    let line = |(index, offer): (usize, &Offer<Money>)| {
        let names = match index {
            0 => [
                Cell::Text(with_details(&ladder.workload, &ladder.apart)),
                Cell::text(model(&ladder.provider, &ladder.model)),
                Cell::text(ladder.max_wait.map_or_else(|| "not said".to_owned(), |wait| span(wait.0))),
            ],
            _ => [Cell::Empty, Cell::Empty, Cell::Empty],
        };
        let within = match offer.wait() {
            None => "no promise".to_owned(),
            Some(wait) if wait.0 == 0 => "at once".to_owned(),
            Some(wait) => span(wait.0),
        };
        let is_taken = ladder.takes.is_some_and(|taken| taken.rung == offer.rung);
        let figures = [Cell::text(way(offer.rung)), Cell::text(within), Cell::cents(offer.cost)];
        let taken = Cell::text(if is_taken { "saves most" } else { "" });
        Row::new(names.into_iter().chain(figures).chain([taken]))
    };
    ladder.offers.iter().enumerate().map(line).collect()
}

fn way(rung: Rung) -> &'static str {
    match rung {
        Rung::Priority => "priority",
        Rung::Standard => "standard",
        Rung::OffPeak => "off-peak",
        Rung::Window(_) => "window",
        Rung::Flex => "flex",
        Rung::Batch => "batch",
    }
}
