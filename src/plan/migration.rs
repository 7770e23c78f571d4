//! What moving saves once it runs: failures, deadlines and effort counted.
//!
//! Role: rows with what batch saves on them on paper → rows with what is left of it. It does *not* know months; see
//! [`super::ahead`].

use std::ops::Deref;
use std::sync::Arc;

use num_traits::{One, Zero};

use super::fallback::Fallback;
use super::turnaround::Turnaround;
use crate::assess::basis::{Basis, Side};
use crate::assess::{Assessment, Row};
use crate::calendar::MonthBasis;
use crate::maps::FastMap;
use crate::money::{Exact, MONTHLY_DECIMALS, Money, Overflow, Percent, product};
use crate::policy::{Cases, LateResults, Policy, Routing};
use crate::pricing::{PriceTable, terms};
use crate::scenario::{Contest, MonthSums, RowMonth, Scenarios, batched_in, monthly};
use crate::verdict::{Action, Code, Verdict};

/// What is assumed of running in batch.
#[derive(Clone, Debug)]
pub struct Assumptions<'a> {
    /// How long results take.
    pub turnaround: &'a Turnaround,
    /// Share of batch work that fails and is run again in real time.
    pub failure_share: Percent,
    /// What a workload has to save a month to be worth a step.
    pub least_saving: Money,
    /// What becomes of results of a batch that was given up.
    pub late_results: LateResults,
}

/// How amounts of rows become a month.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'g> {
    /// The prices that monthly amounts stand on.
    pub prices: &'g Basis,
    /// How the period becomes a month.
    pub basis: MonthBasis,
    /// Terms of batches.
    pub table: &'g PriceTable,
    /// Rules and limits.
    pub policy: &'g Policy,
}

impl Terms<'_> {
    /// Another cost of a row's calls in the period as a month, on the prices that monthly amounts stand on: in the proportion
    /// in which today's cost is.
    pub(super) fn month_of(&self, today: Option<Money>, month_today: Money, other: Money) -> Result<Money, Overflow> {
        match today.filter(|today| !today.is_zero()) {
            Some(today) => {
                let share = other.exact() / today.exact();
                Money::round(&product(&month_today.exact(), &share), MONTHLY_DECIMALS)
            }
            None => monthly(&other.exact(), self.basis),
        }
    }
}

/// Everything that moves are worked out from, at the prices of the period.
#[derive(Clone, Copy, Debug)]
pub struct MigrationInput<'g> {
    /// What was judged.
    pub assessment: &'g Assessment,
    /// A month of it.
    pub scenarios: &'g Scenarios,
    /// Batch costs of the rows in the period if all hits stayed, in the order of the rows.
    pub with_all_hits: &'g [Option<Money>],
    /// The same if none did.
    pub without_hits: &'g [Option<Money>],
    /// The same at another share of hits, instead of the policy's.
    pub batch_at: Option<&'g [Option<Money>]>,
    /// How it becomes a month.
    pub terms: Terms<'g>,
}

/// A row, and what its move is worked out from.
#[derive(Clone, Copy, Debug)]
pub struct RowInput<'g> {
    /// The row.
    pub row: &'g Row,
    /// A month of it.
    pub month: &'g RowMonth,
    /// Its batch cost in the period if all hits stayed.
    pub with_all_hits: Option<Money>,
    /// The same at another share of hits, instead of the policy's.
    pub batch_at: Option<Money>,
}

impl<'g> MigrationInput<'g> {
    pub(super) fn row(&self, index: usize) -> RowInput<'g> {
        RowInput {
            row: &self.assessment.rows[index],
            month: &self.scenarios.rows[index],
            with_all_hits: self.with_all_hits[index],
            batch_at: self.batch_at.and_then(|costs| costs[index]),
        }
    }
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationOutcome {
    /// It moves in the plan.
    Migrates,
    /// Its deadline is too short for batch to save anything.
    DeadlineTooShort,
    /// It saves less a month than the policy's limit.
    NotWorthIt,
    /// Its verdict is not batch.
    Stays,
}

/// A row's month in the plan; all amounts are dollars a month.
#[derive(Clone, Debug)]
pub struct MigratedRow {
    /// What becomes of it.
    pub outcome: MigrationOutcome,
    /// What it costs today.
    pub cost: Money,
    /// What batch saves if all cache hits stayed.
    pub with_all_hits: Money,
    /// What of that is lost because cached prompts are not hit in batch.
    pub lost_cache: Money,
    /// What failures and late results cost.
    pub failures: Money,
    /// What is left.
    pub saving: Money,
    /// The shortest wait that a rule allows; nothing where the provider's window is allowed.
    pub max_wait_ms: Option<u64>,
    /// The provider's window.
    pub window_ms: u64,
    /// Share of results that are back in time.
    pub in_time: Arc<Exact>,
    /// Whether finished work that came too late is billed and of no use.
    pub late_is_paid_twice: bool,
    /// The share that would have to be back in time for batch to pay; nothing where none would do.
    pub least_in_time: Option<Box<Exact>>,
    /// In which cases it can be batched and is worth it.
    pub can: Cases<bool>,
    /// In which cases it is batched where routing is the other choice.
    pub batched: Cases<bool>,
    /// What routing saves where it is not.
    pub routing: Cases<Money>,
}

impl MigratedRow {
    /// What batch and routing save on it. Confirmed work that moves is batched even where routing would save more: it is the
    /// same in all cases.
    pub(super) fn contest(&self, row: &Row) -> Contest {
        let is_confirmed = row.verdict == Verdict::CONFIRMED;
        Contest {
            can_batch: self.can,
            is_confirmed: is_confirmed && self.outcome == MigrationOutcome::Migrates,
            batch: self.saving,
            routing: self.routing,
        }
    }
}

/// All rows in the plan, with their sums a month, which they are read as.
#[derive(Clone, Debug)]
pub struct Migration {
    /// In the order of the assessment's rows.
    pub rows: Vec<MigratedRow>,
    /// Their sums.
    pub sums: MonthSums,
}

impl Deref for Migration {
    type Target = MonthSums;

    fn deref(&self) -> &MonthSums {
        &self.sums
    }
}

/// Works out what is left of what batch saves, and which of it is worth a step.
pub fn migration(input: &MigrationInput<'_>, assumptions: &Assumptions<'_>) -> Result<Migration, Overflow> {
    let mut migrator = Migrator::new(input.terms, assumptions);
    let mut rows: Vec<MigratedRow> = Vec::with_capacity(input.assessment.rows.len());
    for index in 0..input.assessment.rows.len() {
        rows.push(migrator.row(&input.row(index))?);
    }
    leave_small_savings(input, assumptions.least_saving, &mut rows)?;
    let mut sums = MonthSums { today: input.scenarios.sums.today, ..MonthSums::default() };
    for (row, planned) in input.assessment.rows.iter().zip(&mut rows) {
        let contest = planned.contest(row);
        planned.batched = contest.batched(contest.keeps_up());
        sums.add(&contest, planned.batched)?;
    }
    Ok(Migration { rows, sums })
}

/// Makes moves of rows, one after the other.
pub(super) struct Migrator<'g> {
    terms: Terms<'g>,
    assumptions: &'g Assumptions<'g>,
    /// Shares of results that are back in time. Few waits are asked for, by many rows.
    in_time: FastMap<u64, Arc<Exact>>,
}

impl<'g> Migrator<'g> {
    pub(super) fn new(terms: Terms<'g>, assumptions: &'g Assumptions<'g>) -> Self {
        Self { terms, assumptions, in_time: FastMap::default() }
    }

    /// A row at other prices: what moves was decided before, and what would cost is left where it is.
    pub(super) fn as_decided(&mut self, input: &RowInput<'_>, decided: &MigratedRow) -> Result<MigratedRow, Overflow> {
        let mut row = self.row(input)?;
        let saves = row.saving > Money::ZERO;
        row.outcome = decided.outcome;
        row.can = decided.can.map(|can| can && saves);
        if !saves {
            (row.with_all_hits, row.lost_cache, row.failures, row.saving) = Default::default();
        }
        let contest = row.contest(input.row);
        row.batched = contest.batched(contest.keeps_up());
        Ok(row)
    }

    fn row(&mut self, input: &RowInput<'_>) -> Result<MigratedRow, Overflow> {
        let assumptions = self.assumptions;
        let in_time = |wait_ms| {
            Arc::clone(self.in_time.entry(wait_ms).or_insert_with(|| Arc::new(assumptions.turnaround.in_time(wait_ms))))
        };
        migrated(&self.terms, assumptions, in_time, input)
    }
}

fn migrated(
    terms_of: &Terms<'_>,
    assumptions: &Assumptions<'_>,
    in_time: impl FnOnce(u64) -> Arc<Exact>,
    input: &RowInput<'_>,
) -> Result<MigratedRow, Overflow> {
    let Terms { prices, basis, table, policy } = *terms_of;
    let RowInput { row, month, .. } = *input;
    // What has no price is in no cost, and told as unpriced.
    let cost = Money::ZERO.with(month.cost)?;
    let terms = table.provider_named(&row.provider).and_then(|provider| table.provider(provider).batch.as_ref());
    let window_hours = terms.map_or(terms::default_window(), |terms| terms.window_hours);
    let window_ms = u64::from(window_hours) * 3_600_000;
    let max_wait_ms = shortest_wait(row, policy).filter(|wait| *wait < window_ms);
    // What is finished comes back where it is billed: it is paid twice only where nobody can use it any more.
    let is_billed_when_late = terms.and_then(|terms| terms.on_expiry.as_deref()) == Some("finished-billed");
    let late_is_paid_twice = is_billed_when_late && assumptions.late_results == LateResults::Lost;
    let in_time = in_time(max_wait_ms.unwrap_or(window_ms));
    let stays = MigratedRow {
        outcome: MigrationOutcome::Stays,
        cost,
        with_all_hits: Money::ZERO,
        lost_cache: Money::ZERO,
        failures: Money::ZERO,
        saving: Money::ZERO,
        max_wait_ms,
        window_ms,
        in_time: Arc::clone(&in_time),
        late_is_paid_twice,
        least_in_time: None,
        can: Cases::all(false),
        batched: Cases::all(false),
        // What is assumed of routing stands in the report; a plan counts what the policy's routes save.
        routing: match &policy.routing {
            Routing::Routes(_) => month.routing,
            Routing::Assumed(_) => Cases::default(),
        },
    };
    // Rows with a band count in some case, even where nobody has said that they can wait.
    let round = |value: Exact| Money::round(&value, MONTHLY_DECIMALS);
    let in_batch = |period: Money| monthly(&prices.amount(row, Side::Batch, period, row.from_bill.1), basis);
    let difference = match input.batch_at {
        Some(period) => Some(cost.sub(in_batch(period)?)?),
        None => month.difference,
    };
    let (Some(_), Some(difference)) = (row.band(), difference) else { return Ok(stays) };
    let batch = cost.sub(difference)?;
    let all_hits = match input.with_all_hits {
        Some(period) => in_batch(period)?,
        None => batch,
    };
    // Where hits would not make it cheaper, nothing is lost.
    let all_hits = all_hits.min(batch);
    let fallback = Fallback {
        cost,
        batch_cost: batch,
        in_time: Exact::clone(&in_time),
        failure_share: assumptions.failure_share,
        doubled: if late_is_paid_twice { Exact::one() } else { Exact::zero() },
    };
    let saving = round(fallback.saving())?;
    let outcome = match row.verdict.action {
        Action::Batch if saving <= Money::ZERO => MigrationOutcome::DeadlineTooShort,
        Action::Batch => MigrationOutcome::Migrates,
        _ => MigrationOutcome::Stays,
    };
    Ok(MigratedRow {
        outcome,
        with_all_hits: cost.sub(all_hits)?,
        lost_cache: batch.sub(all_hits)?,
        least_in_time: fallback.least_in_time().map(Box::new),
        failures: difference.sub(saving)?,
        saving,
        can: if outcome == MigrationOutcome::DeadlineTooShort || saving <= Money::ZERO {
            stays.can
        } else {
            batched_in(row)
        },
        ..stays
    })
}

/// The shortest wait among the rules that let a row's calls wait.
pub(super) fn shortest_wait(row: &Row, policy: &Policy) -> Option<u64> {
    let waits = row.codes.iter().filter_map(|code| match code {
        Code::Rule(rule) => policy.rules.rule(*rule).max_wait.map(|wait| wait.0),
        _ => None,
    });
    waits.min()
}

/// Workloads whose whole saving is under the limit are not worth a step. What nobody has decided about is held to the same
/// limit, with all of its workload that could move.
fn leave_small_savings(input: &MigrationInput<'_>, least: Money, rows: &mut [MigratedRow]) -> Result<(), Overflow> {
    let mut by_workload: FastMap<&str, (Money, Money)> = FastMap::default();
    for (row, planned) in input.assessment.rows.iter().zip(&*rows) {
        let (known, all) = by_workload.entry(&row.workload).or_default();
        if planned.outcome == MigrationOutcome::Migrates {
            *known = known.add(planned.saving)?;
        }
        if planned.can.high {
            *all = all.add(planned.saving)?;
        }
    }
    for (row, planned) in input.assessment.rows.iter().zip(rows) {
        let (known, all) = by_workload[&*row.workload];
        let is_move = planned.outcome == MigrationOutcome::Migrates;
        if (if is_move { known } else { all }) >= least {
            continue;
        }
        planned.can = Cases::all(false);
        if is_move {
            planned.outcome = MigrationOutcome::NotWorthIt;
        }
    }
    Ok(())
}
