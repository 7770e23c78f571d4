//! Which rows a sheet of a workbook shows: the largest, and sums of the others from which formulas make the same totals.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use num_traits::{One, Signed};

use super::{AtPrices, Named, WorkbookRow};
use crate::assess::Row;
use crate::calendar::Day;
use crate::money::{Exact, Money, Overflow};
use crate::plan::routing::RouteLine;
use crate::policy::{Cases, Policy};

/// Rows that a sheet shows one by one.
pub const MOST_ROWS: usize = 2_000;

/// A month of the period, or the base months together at the prices of some day on, as a sheet shows them.
#[derive(Clone, Debug)]
pub struct Lines {
    /// The first day of these prices; nothing for a month of the period.
    pub from: Option<Day>,
    /// Its rows, by cost in the period descending, then sums; none where no workbook is made of them.
    pub lines: Vec<Line>,
    /// Today's cost a month.
    pub today: Money,
}

/// A row of the sheet.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its amounts.
    pub row: WorkbookRow,
    /// What it is known by, and the workload's number; nothing for a sum of many.
    pub named: Option<(Arc<Named>, u64)>,
    /// What the moves of its workload save together, or on rows that nobody has decided about what all of it could: what
    /// the limit is held against.
    pub workload_saves: Money,
    /// How many rows it stands for.
    pub count: usize,
}

/// A workload.
struct Whole {
    number: u64,
    saves: Money,
    could_save: Money,
    rows: usize,
}

impl Whole {
    /// What the limit is held against on one of its rows.
    fn against_limit(&self, row: &WorkbookRow) -> Money {
        if row.is_batch() { self.saves } else { self.could_save }
    }
}

/// Whether a row would save something, and its workload too little.
pub fn is_not_migrated(row: &WorkbookRow) -> bool {
    row.net_saving > Money::ZERO && !row.can.high
}

/// The rows of each sheet, the same ones in the same places: all, or the largest workloads as a whole and the others by
/// what becomes of them.
pub(in crate::plan) fn lines(
    all: &[AtPrices],
    known: &[Row],
    policy: &Policy,
    routes: &[RouteLine],
) -> Result<Vec<Lines>, Overflow> {
    let Some(at) = all.first() else { return Ok(Vec::new()) };
    // Workloads come in the order of their largest row.
    let mut workloads: IndexMap<&str, Whole> = IndexMap::default();
    for (row, known) in at.rows.iter().zip(known) {
        let next = workloads.len() as u64 + 1;
        let nothing = Whole { number: next, saves: Money::ZERO, could_save: Money::ZERO, rows: 0 };
        let whole = workloads.entry(&*known.workload).or_insert(nothing);
        whole.rows += 1;
        if row.net_saving > Money::ZERO {
            whole.could_save = whole.could_save.add(row.net_saving)?;
            if row.is_batch() {
                whole.saves = whole.saves.add(row.net_saving)?;
            }
        }
    }
    let mut left = MOST_ROWS;
    let mut shown_up_to = 0;
    for whole in workloads.values() {
        if at.rows.len() > MOST_ROWS && whole.rows > left {
            break;
        }
        left = left.saturating_sub(whole.rows);
        shown_up_to = whole.number;
    }
    let of = |index: usize| &workloads[&*known[index].workload];
    let (shown, others): (Vec<usize>, Vec<usize>) =
        (0..at.rows.len()).partition(|index| of(*index).number <= shown_up_to);
    // What is decided of a sum has to be what was decided of each of its rows, on every sheet.
    let mut kinds: BTreeMap<Vec<Kind>, Vec<usize>> = BTreeMap::new();
    for index in others {
        let kind = all.iter().map(|at| Kind::of(&at.rows[index], routes)).collect();
        kinds.entry(kind).or_default().push(index);
    }
    let cost = |rows: &[usize]| Money::sum(rows.iter().filter_map(|index| at.rows[*index].cost));
    let mut sums =
        kinds.into_values().map(|rows| Ok((cost(&rows)?, rows))).collect::<Result<Vec<(Money, Vec<usize>)>, _>>()?;
    sums.sort_by_key(|(cost, _)| std::cmp::Reverse(*cost));
    let named: Vec<_> = shown.iter().map(|&index| Arc::new(Named::of((index, &known[index]), policy))).collect();
    let lines = |at: &AtPrices| {
        let single = shown.iter().zip(&named).map(|(&index, named)| {
            let (row, whole) = (&at.rows[index], of(index));
            let named = Some((Arc::clone(named), whole.number));
            Ok(Line { row: row.clone(), named, workload_saves: whole.against_limit(row), count: 1 })
        });
        let summed = sums.iter().filter_map(|(_, rows)| rows.split_first()).map(|(first, others)| {
            let line = |index: usize| {
                let row = &at.rows[index];
                Line { row: row.clone(), named: None, workload_saves: of(index).against_limit(row), count: 1 }
            };
            let mut line = line(*first);
            for &index in others {
                line.join(&at.rows[index], of(index).against_limit(&at.rows[index]))?;
            }
            Ok(line)
        });
        let lines = single.chain(summed).collect::<Result<_, Overflow>>()?;
        Ok(Lines { from: at.from, lines, today: at.today })
    };
    all.iter().map(lines).collect()
}

/// What a row's route would save at a share of 1, before the router is paid: of this every case is a share.
pub fn saved_if_all_is_routed(row: &WorkbookRow, routes: &[RouteLine]) -> Exact {
    // Without a route nothing is routed, and what is assumed stands beside a month of the period only.
    let Some(place) = row.route else { return Money::ZERO.exact() };
    let escalation = routes.get(place).map(|route| route.escalation.exact());
    row.routable.exact() * (Exact::one() - escalation.unwrap_or_default()) - row.target.exact()
}

/// What decides of a row: rows of one kind may be added up, and what is decided of the sum is what was decided of each.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    words: (&'static str, Option<&'static str>, Option<usize>, String),
    begins: i32,
    known: [bool; 2],
    migration: [bool; 5],
    against_routing: [[bool; 3]; 2],
}

impl Kind {
    fn of(row: &WorkbookRow, routes: &[RouteLine]) -> Self {
        let at_least = |saving: Money| {
            let Cases { low, base, high } = row.routing.map(|routed| saving >= routed);
            [low, base, high]
        };
        Self {
            words: (row.verdict.action.name(), row.band(), row.route, row.in_time.to_string()),
            begins: row.begins,
            known: [row.in_batch.is_some(), row.cost.is_some()],
            migration: [
                row.late_is_paid_twice,
                row.gross_saving > Money::ZERO,
                row.net_saving > Money::ZERO,
                is_not_migrated(row),
                // What routing loses, it loses most of where most is routed.
                saved_if_all_is_routed(row, routes).is_negative(),
            ],
            against_routing: [at_least(row.gross_saving), at_least(row.net_saving)],
        }
    }
}

impl Line {
    fn join(&mut self, other: &WorkbookRow, workload_saves: Money) -> Result<(), Overflow> {
        let row = &mut self.row;
        let both = |a: Option<Money>, b: Option<Money>| a.map_or(Ok(b), |a| a.with(b).map(Some));
        row.cost = both(row.cost, other.cost)?;
        row.batch_cost = both(row.batch_cost, other.batch_cost)?;
        row.requests = match (row.requests, other.requests) {
            (Some(a), Some(b)) => Some(a.checked_add(b).ok_or(Overflow)?),
            (a, b) => a.or(b),
        };
        let in_batch = row.in_batch.zip(other.in_batch);
        row.in_batch = in_batch.map(|(a, b)| Ok((a.0.add(b.0)?, a.1.add(b.1)?))).transpose()?;
        row.routable = row.routable.add(other.routable)?;
        row.target = row.target.add(other.target)?;
        row.gross_saving = row.gross_saving.add(other.gross_saving)?;
        row.net_saving = row.net_saving.add(other.net_saving)?;
        row.routing = row.routing.zip(other.routing).try_map(|(a, b)| a.add(b))?;
        // Held against the limit, a sum does what its parts did: the most of those below it, the least of the others.
        self.workload_saves = if is_not_migrated(row) {
            self.workload_saves.max(workload_saves)
        } else {
            self.workload_saves.min(workload_saves)
        };
        self.count += 1;
        Ok(())
    }
}
