//! Workloads under the headings of the report, and sums by a dimension.

use super::parts::{Block, Cell, Row, SHOW, Table, Weight, amount, maybe, quotes, said, text};
use crate::diagnostic::shown;
use crate::money::Money;
use crate::report::content::{self, Kind, LONGEST_NAME, LONGEST_PATH, Section, ShownLine};
use crate::report::words::{dollars, grouped, shown_parts, sum};
use crate::report::{ByLine, ByTable, Report};

/// Rows of each list; the others are added up in one.
const MOST_ROWS: usize = 30;

/// A block for each kind of workload.
pub fn workloads(report: &Report) -> Vec<Block> {
    content::sections(report, MOST_ROWS).iter().map(section).collect()
}

fn section(section: &Section<'_>) -> Block {
    let saves = match section.kind {
        Kind::CanWait => Some(format!("Batch saves {} a month on it.", dollars(section.saving))),
        Kind::Open if !section.saving.is_zero() => {
            Some(format!("If all of it can wait, batch saves {} a month.", dollars(section.saving)))
        }
        _ => None,
    };
    let mut table = Table::new(section.kind.title(), &["Workload", "Model", ">a month", ">batch saves", "Why"]);
    table.is_aligned = true;
    table.rows = section.lines.iter().map(line).collect();
    let cost = |line: &ShownLine<'_>| line.line.monthly_cost.unwrap_or_default();
    let rest_lines = section.rest.as_ref().map_or(&[][..], |rest| &rest.lines);
    if let Some(rest) = &section.rest {
        let exact = sum(rest.lines.iter().map(cost));
        let saves = rest.saves.map(|shown| amount(shown, sum(rest.lines.iter().map(|line| line.line.monthly_saving))));
        let name = text(format!("{} more", rest.lines.len()));
        let cells =
            vec![name, text(""), amount(rest.cost, exact), saves.unwrap_or_default(), text("in the JSON report")];
        table.rows.push(Row { cells, weight: Weight::Rest });
    }
    let exact = sum(section.lines.iter().chain(rest_lines).map(cost));
    Block {
        heading: section.kind.title().to_owned(),
        figure: Some(Cell { text: format!("{} a month", dollars(section.cost)), ..amount(section.cost, exact) }),
        before: saves.into_iter().collect(),
        table: Some(table),
        ..Block::default()
    }
}

fn line(shown_line: &ShownLine<'_>) -> Row {
    let line = shown_line.line;
    let saves =
        line.monthly_loss.unwrap_or(if line.verdict == "batch" { line.monthly_saving } else { line.open_saving });
    Row::plain(vec![
        text((SHOW.name)(&line.workload, LONGEST_NAME)),
        text((SHOW.name)(&content::model_of(line), LONGEST_PATH)),
        amount(shown_line.cost, line.monthly_cost.unwrap_or_default()),
        maybe(shown_line.saves, Some(saves)),
        said(&content::why(line, |reason| shown(reason).into_owned())),
    ])
}

/// The sums of `--by`.
pub fn by_table(by: &ByTable) -> Block {
    let dimension = (SHOW.name)(&by.dimension, LONGEST_NAME);
    let heading = format!("By {dimension}, in the period");
    let mut table = Table::new(heading.clone(), &[&dimension, ">requests", ">cost", ">can wait", ">batch saves"]);
    let parts = |of: fn(&ByLine) -> Money| {
        let exact: Vec<Money> = by.rows.iter().map(of).collect();
        let total = sum(exact.iter().copied());
        let (shown, shown_total) = shown_parts(&exact, total);
        (exact, shown, total, shown_total)
    };
    let columns = [parts(|row| row.cost), parts(|row| row.can_wait), parts(|row| row.saving)];
    let requests = |rows: &[ByLine]| text(grouped(rows.iter().map(|row| u128::from(row.requests)).sum()));
    let first = by.rows.len().min(MOST_ROWS);
    for (index, row) in by.rows[..first].iter().enumerate() {
        let name = row.value.as_deref().map_or_else(|| "(none)".to_owned(), |value| (SHOW.name)(value, LONGEST_NAME));
        let amounts = columns.iter().map(|(exact, shown, ..)| amount(shown[index], exact[index]));
        table
            .rows
            .push(Row::plain([text(name), requests(std::slice::from_ref(row))].into_iter().chain(amounts).collect()));
    }
    if first < by.rows.len() {
        let rest = |amounts: &[Money]| sum(amounts[first..].iter().copied());
        let amounts = columns.iter().map(|(exact, shown, ..)| amount(rest(shown), rest(exact)));
        let name = text(format!("{} more", by.rows.len() - first));
        let cells = [name, requests(&by.rows[first..])].into_iter().chain(amounts).collect();
        table.rows.push(Row { cells, weight: Weight::Rest });
    }
    let totals = columns.iter().map(|(_, _, total, shown)| amount(*shown, *total));
    let cells = [text("All"), requests(&by.rows)].into_iter().chain(totals).collect();
    table.rows.push(Row { cells, weight: Weight::Total });
    Block { heading: quotes(&heading), table: Some(table), ..Block::default() }
}
