//! Which rows a sheet of a workbook shows: the largest, and sums of the others from which formulas make the same totals.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use num_traits::{One, Signed};

use super::{Named, WorkbookRow, workbook_row};
use crate::assess::Row;
use crate::calendar::Day;
use crate::maps::DenseMap;
use crate::money::{Exact, Money, Overflow};
use crate::plan::migration::{Migration, MigrationInput};
use crate::plan::routing::RouteLine;
use crate::policy::Cases;
use crate::verdict::Action;

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
    /// When it begins to move: in so many months from the plan's first.
    pub begins: i32,
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

/// What sheets are filled from, besides rows at later prices.
pub(in crate::plan) struct SheetsInput<'s> {
    /// A month of the period.
    pub input: MigrationInput<'s>,
    /// What became of its rows.
    pub migration: &'s Migration,
    /// When each row begins to move, in months from the plan's first; nothing without months ahead.
    pub begins: Vec<i32>,
    /// The policy's routes.
    pub routes: &'s [RouteLine],
}

/// The sheets, filled row by row, with the same lines in the same places: all rows, or the largest workloads as a whole and
/// the others by what becomes of them. Of these only sums are kept.
pub(in crate::plan) struct Sheets<'s> {
    from: SheetsInput<'s>,
    workloads: DenseMap<&'s str, Whole>,
    /// The number of the last workload whose rows are shown one by one.
    shown_up_to: u64,
    /// Rows that are shown, each on every sheet.
    shown: Vec<Vec<Line>>,
    /// Sums of the others, each on every sheet: what is decided of one has to be what was decided of each of its rows, on
    /// every sheet.
    sums: BTreeMap<Vec<Kind>, Vec<Line>>,
}

impl<'s> Sheets<'s> {
    /// Those of no rows.
    pub fn of(from: SheetsInput<'s>) -> Result<Self, Overflow> {
        let rows: &'s [Row] = &from.input.assessment.rows;
        // Workloads come in the order of their largest row.
        let mut workloads: DenseMap<&str, Whole> = DenseMap::default();
        for (row, planned) in rows.iter().zip(&from.migration.rows) {
            let next = workloads.len() as u64 + 1;
            let nothing = Whole { number: next, saves: Money::ZERO, could_save: Money::ZERO, rows: 0 };
            let whole = workloads.entry(&*row.workload).or_insert(nothing);
            whole.rows += 1;
            if planned.saving > Money::ZERO {
                whole.could_save = whole.could_save.add(planned.saving)?;
                if row.verdict.action == Action::Batch {
                    whole.saves = whole.saves.add(planned.saving)?;
                }
            }
        }
        let mut left = MOST_ROWS;
        let mut shown_up_to = 0;
        for whole in workloads.values() {
            if rows.len() > MOST_ROWS && whole.rows > left {
                break;
            }
            left = left.saturating_sub(whole.rows);
            shown_up_to = whole.number;
        }
        Ok(Self { from, workloads, shown_up_to, shown: Vec::new(), sums: BTreeMap::new() })
    }

    /// Adds a row in a month of the period, and at later prices, if there are any.
    pub fn add(&mut self, index: usize, later: Vec<WorkbookRow>) -> Result<(), Overflow> {
        let SheetsInput { input, migration, ref begins, routes } = self.from;
        let row = &input.assessment.rows[index];
        let whole = &self.workloads[&*row.workload];
        let named = (whole.number <= self.shown_up_to)
            .then(|| (Arc::new(Named::of((index, row), input.terms.policy)), whole.number));
        let by_way = input.without_hits[index].map(|own| row.costs_by_policy(own, input.terms.policy));
        let own = workbook_row(&input.terms, &input.row(index), by_way, &migration.rows[index])?;
        let line = |row: WorkbookRow| Line {
            workload_saves: whole.against_limit(&row),
            row,
            begins: begins.get(index).copied().unwrap_or(0),
            named: named.clone(),
            count: 1,
        };
        let lines: Vec<Line> = std::iter::once(own).chain(later).map(line).collect();
        if named.is_some() {
            self.shown.push(lines);
            return Ok(());
        }
        let kinds = lines.iter().map(|line| Kind::of(line, routes)).collect();
        match self.sums.entry(kinds) {
            Entry::Vacant(entry) => _ = entry.insert(lines),
            Entry::Occupied(mut entry) => {
                entry.get_mut().iter_mut().zip(&lines).try_for_each(|(sum, line)| sum.join(line))?;
            }
        }
        Ok(())
    }

    /// The sheets, once all rows are added: a month of the period, then the base months at the prices of these days on, with
    /// what each costs today.
    pub fn filled(self, later: impl Iterator<Item = (Day, Money)>) -> Vec<Lines> {
        let own = (None, self.from.migration.today);
        let prices = std::iter::once(own).chain(later.map(|(from, today)| (Some(from), today)));
        let mut sheets: Vec<Lines> = prices.map(|(from, today)| Lines { from, lines: Vec::new(), today }).collect();
        let mut sums: Vec<Vec<Line>> = self.sums.into_values().collect();
        sums.sort_by_key(|lines| Reverse(lines.first().and_then(|line| line.row.cost).unwrap_or_default()));
        for lines in self.shown.into_iter().chain(sums) {
            for (sheet, line) in sheets.iter_mut().zip(lines) {
                sheet.lines.push(line);
            }
        }
        sheets
    }
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
    fn of(line: &Line, routes: &[RouteLine]) -> Self {
        let row = &line.row;
        let at_least = |saving: Money| {
            let Cases { low, base, high } = row.routing.map(|routed| saving >= routed);
            [low, base, high]
        };
        Self {
            words: (row.verdict.action.name(), row.band(), row.route, row.in_time.to_string()),
            begins: line.begins,
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
    fn join(&mut self, other: &Self) -> Result<(), Overflow> {
        let workload_saves = other.workload_saves;
        let (row, other) = (&mut self.row, &other.row);
        let both = |a: Option<Money>, b: Option<Money>| a.map_or(Ok(b), |a| a.with(b).map(Some));
        row.cost = both(row.cost, other.cost)?;
        row.batch_cost = both(row.batch_cost, other.batch_cost)?;
        row.requests = match (row.requests, other.requests) {
            (Some(a), Some(b)) => Some(a.checked_add(b).ok_or(Overflow)?),
            (a, b) => a.or(b),
        };
        let in_batch = row.in_batch.zip(other.in_batch);
        row.in_batch = in_batch.map(|(a, b)| a.add(b)).transpose()?;
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
