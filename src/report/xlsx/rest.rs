//! Which rows a sheet shows: the largest, and sums of the others from which formulas make the same totals.

use std::collections::{BTreeMap, HashMap};

use num_traits::{One, Signed};

use crate::money::{Exact, Money};
use crate::plan::moves::Fate;
use crate::plan::routing::RouteLine;
use crate::plan::workings::{AtPrices, Working};
use crate::policy::Cases;
use crate::report::words::sum;

/// Rows that a sheet shows one by one.
pub const MOST_ROWS: usize = 5_000;

/// A row of the sheet.
pub struct Line {
    /// Its amounts.
    pub row: Working,
    /// The workload's number; nothing for a sum of many.
    pub number: Option<u64>,
    /// What the moves of its workload save together: what the limit is held against.
    pub workload_saves: Money,
    /// How many rows it stands for.
    pub count: usize,
}

/// A workload.
struct Whole {
    number: u64,
    saves: Money,
    rows: usize,
}

/// All rows, or the largest workloads as a whole and the others by what becomes of them.
pub fn lines(at: &AtPrices, routes: &[RouteLine], most: usize) -> Vec<Line> {
    let mut workloads: HashMap<&str, Whole> = HashMap::new();
    let mut order = Vec::new();
    for row in &at.rows {
        let next = workloads.len() as u64 + 1;
        let whole = workloads.entry(&row.workload).or_insert_with(|| {
            order.push(row.workload.as_str());
            Whole { number: next, saves: Money::ZERO, rows: 0 }
        });
        whole.rows += 1;
        if row.verdict == "batch" && row.running > Money::ZERO {
            whole.saves = sum([whole.saves, row.running]);
        }
    }
    // Workloads come in the order of their largest row.
    let mut left = most;
    let mut shown_up_to = 0;
    for name in order {
        let whole = &workloads[name];
        if at.rows.len() > most && whole.rows > left {
            break;
        }
        left = left.saturating_sub(whole.rows);
        shown_up_to = whole.number;
    }
    let (shown, others): (Vec<&Working>, Vec<&Working>) =
        at.rows.iter().partition(|row| workloads[row.workload.as_str()].number <= shown_up_to);
    let mut lines: Vec<Line> = shown
        .into_iter()
        .map(|row| {
            let whole = &workloads[row.workload.as_str()];
            Line { row: row.clone(), number: Some(whole.number), workload_saves: whole.saves, count: 1 }
        })
        .collect();
    let mut kinds: BTreeMap<Kind, Line> = BTreeMap::new();
    for row in others {
        let saves = workloads[row.workload.as_str()].saves;
        match kinds.entry(Kind::of(row, routes)) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(Line { row: row.clone(), number: None, workload_saves: saves, count: 1 });
            }
            std::collections::btree_map::Entry::Occupied(mut entry) => entry.get_mut().join(row, saves),
        }
    }
    let mut sums: Vec<Line> = kinds.into_values().collect();
    sums.sort_by_key(|line| std::cmp::Reverse(line.row.cost));
    lines.extend(sums);
    lines
}

/// What a row's route would save at a share of 1, before the router is paid: of this every case is a share.
pub fn saved_if_all_is_routed(row: &Working, routes: &[RouteLine]) -> Exact {
    let escalation = row.route.and_then(|route| routes.get(route)).map(|route| route.escalation.exact());
    row.routable.exact() * (Exact::one() - escalation.unwrap_or_default()) - row.target.exact()
}

/// What decides of a row: rows of one kind may be added up, and what is decided of the sum is what was decided of each.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    words: (&'static str, Option<&'static str>, Option<usize>, String),
    known: [bool; 2],
    moves: [bool; 5],
    against_routing: [[bool; 3]; 2],
}

impl Kind {
    fn of(row: &Working, routes: &[RouteLine]) -> Self {
        let at_least = |saving: Money| {
            let Cases { low, base, high } = row.routing.map(|routed| saving >= routed);
            [low, base, high]
        };
        Self {
            words: (row.verdict, row.band, row.route, row.in_time.to_string()),
            known: [row.in_batch.is_some(), row.cost.is_some()],
            moves: [
                row.finished_is_billed,
                row.on_paper > Money::ZERO,
                row.running > Money::ZERO,
                row.fate == Fate::NotWorthIt,
                // What routing loses, it loses most of where most is routed.
                saved_if_all_is_routed(row, routes).is_negative(),
            ],
            against_routing: [at_least(row.on_paper), at_least(row.running)],
        }
    }
}

impl Line {
    fn join(&mut self, other: &Working, workload_saves: Money) {
        let row = &mut self.row;
        let both = |a: Option<Money>, b: Option<Money>| a.or(b).map(|_| sum([a, b].into_iter().flatten()));
        row.cost = both(row.cost, other.cost);
        row.batch_cost = both(row.batch_cost, other.batch_cost);
        row.requests = match (row.requests, other.requests) {
            (Some(a), Some(b)) => Some(a.saturating_add(b)),
            (a, b) => a.or(b),
        };
        row.in_batch = row.in_batch.zip(other.in_batch).map(|(a, b)| (sum([a.0, b.0]), sum([a.1, b.1])));
        row.routable = sum([row.routable, other.routable]);
        row.target = sum([row.target, other.target]);
        row.on_paper = sum([row.on_paper, other.on_paper]);
        row.running = sum([row.running, other.running]);
        row.routing = row.routing.zip(other.routing).map(|(a, b)| sum([a, b]));
        // Held against the limit, a sum does what its parts did: the most of those below it, the least of the others.
        self.workload_saves = if row.fate == Fate::NotWorthIt {
            self.workload_saves.max(workload_saves)
        } else {
            self.workload_saves.min(workload_saves)
        };
        self.count += 1;
    }
}
