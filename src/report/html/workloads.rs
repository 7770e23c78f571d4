//! Workloads under the headings of the report, and sums by a dimension.

use super::parts::{Block, Cell, Row, SHOW, Table, Weight, amount, maybe, said, text};
use crate::diagnostic::shown;
use crate::money::Money;
use crate::report::content::movers::ShownMover;
use crate::report::content::showback::ShownSum;
use crate::report::content::{self, Kind, LONGEST_PATH, Section, ShownLine};
use crate::report::words::{dollars, grouped, more, sum};
use crate::report::{ByLine, Mover, Report};

/// Rows of each list; the others are added up in one.
const MOST_ROWS: usize = 30;
/// Rows of what grew and what shrank.
const MOST_MOVERS: usize = 10;

/// A block for each kind of workload.
pub fn workloads(report: &Report) -> Vec<Block> {
    let with_small = |shown: &Section<'_>| {
        let mut block = section(shown);
        block.before.extend(content::small_volume(report).filter(|_| shown.kind == Kind::Stays));
        block
    };
    content::sections(report, report.most(MOST_ROWS)).iter().map(with_small).collect()
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
    if let Some(rest) = &section.rest {
        let exact = sum(rest.lines.iter().map(cost));
        let saves = rest.saves.map(|shown| amount(shown, sum(rest.lines.iter().map(|line| line.line.monthly_saving))));
        let name = text(more(rest.lines.len()));
        let cells =
            vec![name, text(""), amount(rest.cost, exact), saves.unwrap_or_default(), text("in the JSON report")];
        table.rows.push(Row { cells, weight: Weight::Rest });
    }
    Block {
        heading: section.kind.title().to_owned(),
        figure: Some(Cell {
            text: format!("{} a month", dollars(section.cost)),
            ..amount(section.cost, section.exact)
        }),
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
        text(content::workload_of(line, SHOW.name)),
        text((SHOW.name)(&content::model_of(line), LONGEST_PATH)),
        amount(shown_line.cost, line.monthly_cost.unwrap_or_default()),
        maybe(shown_line.saves, Some(saves)),
        said(&content::why(line, |reason| shown(reason).into_owned())),
    ])
}

/// The sums of `--by`.
pub fn showback(report: &Report) -> Option<Block> {
    let by = report.by.as_ref()?;
    let found = content::showback(report, report.most(MOST_ROWS), SHOW.name)?;
    let head = [&found.dimension, ">requests", ">cost", ">share", ">can wait", ">batch saves"];
    let mut table = Table::new(format!("By {}", found.dimension), &head);
    let row = |shown: &ShownSum, rows: &[&ByLine], weight: Weight| {
        let exact = |of: fn(&ByLine) -> Money| sum(rows.iter().map(|row| of(row)));
        let cells = vec![
            text(shown.name.as_str()),
            text(grouped(u128::from(shown.requests))),
            amount(shown.cost, exact(|row| row.cost)),
            text(shown.share.as_str()),
            amount(shown.can_wait, exact(|row| row.can_wait)),
            amount(shown.saving, exact(|row| row.saving)),
        ];
        Row { cells, weight }
    };
    let (named, nameless): (Vec<&ByLine>, Vec<&ByLine>) = by.rows.iter().partition(|row| row.value.is_some());
    let (first, others) = named.split_at(found.lines.len().min(named.len()));
    table.rows = found.lines.iter().zip(first.chunks(1)).map(|(line, rows)| row(line, rows, Weight::Plain)).collect();
    table.rows.extend(found.rest.iter().map(|rest| row(rest, others, Weight::Rest)));
    table.rows.push(row(&found.unallocated, &nameless, Weight::Rest));
    table.rows.push(row(&found.total, &by.rows.iter().collect::<Vec<_>>(), Weight::Total));
    Some(Block {
        heading: format!("By {}, {}", found.dimension, found.period),
        before: found.said,
        table: Some(table),
        ..Block::default()
    })
}

/// What grew and what shrank between the halves of the period; nothing where they cannot be compared.
pub fn movers(report: &Report) -> Option<Block> {
    let all = report.movers.as_ref()?;
    let found = content::movers(report, report.most(MOST_MOVERS), SHOW.name)?;
    let total = found.total.filter(|_| !all.rows.is_empty())?;
    let head = [&found.dimension, ">first half", ">second half", ">change"];
    let mut table = Table::new("What grew and what shrank", &head);
    let row = |shown: &ShownMover, rows: &[Mover], weight: Weight| {
        let exact = |of: fn(&Mover) -> Money| sum(rows.iter().map(of));
        let change = Cell { text: shown.change_words(), ..amount(shown.change(), exact(|row| row.change)) };
        let halves = [amount(shown.first, exact(|row| row.first)), amount(shown.second, exact(|row| row.second))];
        Row { cells: [text(shown.name.as_str())].into_iter().chain(halves).chain([change]).collect(), weight }
    };
    let (first, others) = all.rows.split_at(found.lines.len().min(all.rows.len()));
    table.rows = found.lines.iter().zip(first.chunks(1)).map(|(line, rows)| row(line, rows, Weight::Plain)).collect();
    table.rows.extend(found.rest.iter().map(|rest| row(rest, others, Weight::Rest)));
    table.rows.push(row(&total, &all.rows, Weight::Total));
    Some(Block {
        heading: "What grew and what shrank".to_owned(),
        before: vec![found.said],
        table: Some(table),
        ..Block::default()
    })
}
