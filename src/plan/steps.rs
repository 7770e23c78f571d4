//! A page for each workload that moves: how, when, at what risk.
//!
//! Role: rows that move → steps in the order in which they pay for the effort, and the rows that do not move, with why.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

pub mod sending;

use num_bigint::BigInt;
use sending::{Sending, Trial, sending, trial};

use super::forecast::share_in;
use super::migration::{Assumptions, MigratedRow, Migration, MigrationInput, MigrationOutcome};
use super::turnaround::ResultTimes;
use super::words::{percent, span};
use crate::assess::Row;
use crate::calendar::{Day, Month};
use crate::maps::Interned;
use crate::money::{Exact, MONTHLY_DECIMALS, Money, Overflow, Percent, product};
use crate::policy::rules::Rule;
use crate::policy::{Policy, Status};
use crate::pricing::PriceTable;
use crate::pricing::terms::BatchTerms;
use crate::usage::{Tier, TokenClass};
use crate::verdict::{Action, Code, Verdict};

/// What it takes to move a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effort {
    /// A change of how calls are sent.
    Low,
    /// Somebody has to say that answers may be late.
    Medium,
    /// A fallback, or a new order of requests, has to be built.
    High,
}

impl Effort {
    /// The name in plans.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// What one dollar saved is divided by when steps are ordered.
    pub const fn weight(self) -> u32 {
        match self {
            Self::Low => 1,
            Self::Medium => 2,
            Self::High => 4,
        }
    }
}

/// A workload on a model that moves.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its row, by position among all.
    pub row: usize,
    /// The workload.
    pub workload: Arc<str>,
    /// What tells the row apart from others of its workload.
    pub apart: Vec<String>,
    /// The provider.
    pub provider: Arc<str>,
    /// The model as logged.
    pub model: Arc<str>,
    /// `confirmed` or `likely`.
    pub band: &'static str,
    /// Why it can wait, in words.
    pub reasons: Vec<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The rules' word on how far it has come.
    pub status: Option<&'static str>,
    /// Who approved it, and when.
    pub approved: Option<(String, Day)>,
    /// The month in which it begins to move.
    pub start: Month,
    /// The share of it that runs, in each month of the plan.
    pub share_by_month: Vec<Percent>,
    /// Cost a month.
    pub cost: Money,
    /// Saving a month with the first share of the ramp.
    pub saving_now: Money,
    /// Saving a month once all of it runs.
    pub saving: Money,
    /// The same of this step and all before it.
    pub cumulative: Money,
    /// What it takes.
    pub effort: Effort,
    /// Why.
    pub effort_reason: &'static str,
    /// How it is sent; nothing where requests are not known.
    pub sending: Option<Sending>,
    /// The shortest wait allowed, if shorter than the provider's window.
    pub max_wait_ms: Option<u64>,
    /// The provider's window.
    pub window_ms: u64,
    /// Share that is back in time.
    pub in_time: Exact,
    /// The share that has to be for batch to pay.
    pub least_in_time: Option<Exact>,
    /// When results are back.
    pub results: ResultTimes,
    /// A first batch; nothing where requests are not known.
    pub pilot: Option<Trial>,
    /// When its model is retired, if that is before the plan ends.
    pub retirement: Option<Retirement>,
    /// What to settle before.
    pub blockers: Vec<String>,
    /// What is lost a month because cached prompts are not hit in batch; the saving is what is left.
    pub lost_cache: Money,
    /// The flex tier costs the same.
    pub flex: bool,
}

/// A model that goes.
#[derive(Clone, Debug)]
pub struct Retirement {
    /// When.
    pub day: Day,
    /// The model that does its work from then on, where the price table names one.
    pub successor: Option<String>,
}

/// A row that does not move.
#[derive(Clone, Debug)]
pub struct NotMigrated {
    /// The workload.
    pub workload: Arc<str>,
    /// What tells the row apart from others of its workload.
    pub apart: Vec<String>,
    /// The provider.
    pub provider: Arc<str>,
    /// The model as logged.
    pub model: Arc<str>,
    /// Cost a month.
    pub cost: Money,
    /// What batch would save a month; below zero where it costs.
    pub saving: Option<Money>,
    /// Stable codes.
    pub codes: Arc<[String]>,
    /// Why, in words.
    pub why: Arc<str>,
}

/// Codes, and the same in words.
type Why = (Arc<[String]>, Arc<str>);

/// Why rows do not move: of many rows it is the same.
#[derive(Debug, Default)]
struct Whys {
    codes: Interned<[String]>,
    words: Interned<str>,
}

impl Whys {
    fn get(&mut self, codes: &[String], words: &str) -> Why {
        (self.codes.get(codes), self.words.get(words))
    }
}

/// What becomes of a month's spend; the parts are all of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spend {
    /// Of what moves.
    pub migrated: Money,
    /// Of what is not worth a step.
    pub not_worth_it: Money,
    /// Of what cannot move.
    pub cannot: Money,
    /// Of what nobody has decided about.
    pub undecided: Money,
    /// Of what runs in batch already.
    pub in_batch: Money,
}

/// Everything said about single workloads.
#[derive(Clone, Debug)]
pub struct Steps {
    /// The month's spend by what becomes of it.
    pub spend: Spend,
    /// What moves, in the order of saving for the effort.
    pub steps: Vec<Step>,
    /// What can move and saves less than the policy's limit.
    pub not_worth_it: Vec<NotMigrated>,
    /// What cannot.
    pub cannot: Vec<NotMigrated>,
    /// What all of `not_worth_it` would save a month.
    aside_saving: Money,
}

/// Workloads that could move and save too little, and what they would save.
#[derive(Clone, Copy, Debug)]
pub struct LeftAside {
    /// How many.
    pub workloads: u64,
    /// What all of them would save a month.
    pub saving: Money,
}

impl Steps {
    /// The month in which each of so many rows begins to move; those that are no step would from the first month on.
    pub fn starts(&self, rows: usize, first: Month) -> Vec<Month> {
        let mut starts = vec![first; rows];
        for step in &self.steps {
            starts[step.row] = step.start;
        }
        starts
    }

    /// What is not worth it, together.
    pub fn not_worth_it(&self) -> LeftAside {
        let workloads: BTreeSet<&str> = self.not_worth_it.iter().map(|not_migrated| &*not_migrated.workload).collect();
        LeftAside { workloads: workloads.len() as u64, saving: self.aside_saving }
    }
}

/// One part in so many of what batch saves is much to lose with cache hits.
const MUCH_LOST: u32 = 10;
/// Effort that steps which begin in one month come to: eight small changes, or two large ones.
const EFFORT_A_MONTH: u32 = 8;
/// Where there is more to do, all of it begins within so many months.
const MONTHS_TO_BEGIN: u32 = 6;

/// Describes every row; `ahead` is the plan's first month and how many there are.
pub fn steps(
    input: &MigrationInput<'_>,
    assumptions: &Assumptions<'_>,
    migration: &Migration,
    ahead: Option<(Month, u32)>,
) -> Result<Steps, Overflow> {
    let last_day = ahead.map(|(first, count)| first.plus(count).first().previous());
    let (spend, steps, not_worth_it, cannot) = (Spend::default(), Vec::new(), Vec::new(), Vec::new());
    let mut all = Steps { spend, steps, not_worth_it, cannot, aside_saving: Money::ZERO };
    // Providers have few windows, and when half of all batches are back takes long to work out.
    let mut by_window: HashMap<u64, ResultTimes> = HashMap::new();
    let mut whys = Whys::default();
    for (index, (row, planned)) in input.assessment.rows.iter().zip(&migration.rows).enumerate() {
        let part = match planned.outcome {
            MigrationOutcome::Migrates => {
                let window_ms = planned.window_ms;
                let results =
                    *by_window.entry(window_ms).or_insert_with(|| assumptions.turnaround.result_times(window_ms));
                all.steps.push(step(input, results, index, planned, last_day)?);
                &mut all.spend.migrated
            }
            MigrationOutcome::NotWorthIt => {
                let why = format!("saves less than ${} a month", assumptions.least_saving);
                let saving = Some(planned.saving);
                all.aside_saving = all.aside_saving.add(planned.saving)?;
                all.not_worth_it.push(not_migrated(
                    row,
                    planned,
                    saving,
                    whys.get(&["min-monthly-saving".to_owned()], &why),
                ));
                &mut all.spend.not_worth_it
            }
            MigrationOutcome::DeadlineTooShort => {
                let why = too_short(planned);
                let why = whys.get(&["deadline-too-short".to_owned()], &why);
                all.cannot.push(not_migrated(row, planned, Some(planned.saving), why));
                &mut all.spend.cannot
            }
            // What the export leaves open may be able to move.
            MigrationOutcome::Stays if row.verdict == Verdict::REAL_TIME && row.blind().is_none() => {
                if !planned.cost.is_zero() {
                    all.cannot.push(stays(input, row, planned, index, &mut whys));
                }
                &mut all.spend.cannot
            }
            MigrationOutcome::Stays if row.verdict.action == Action::AlreadyBatch => &mut all.spend.in_batch,
            MigrationOutcome::Stays => &mut all.spend.undecided,
        };
        *part = part.add(planned.cost)?;
    }
    // Saving ÷ effort of both, multiplied by both efforts.
    let worth = |one: &Step, other: &Step| BigInt::from(one.saving.units()) * other.effort.weight();
    all.steps.sort_by(|a, b| {
        worth(b, a).cmp(&worth(a, b)).then_with(|| {
            (&a.workload, &a.provider, &a.model, a.band).cmp(&(&b.workload, &b.provider, &b.model, b.band))
        })
    });
    let mut cumulative = Money::ZERO;
    for step in &mut all.steps {
        cumulative = cumulative.add(step.saving)?;
        step.cumulative = cumulative;
    }
    if let Some(ahead) = ahead {
        begin(&mut all.steps, input, ahead);
    }
    Ok(all)
}

/// When each step begins: in the month that a rule names, else in their order, so many as there is room for in a month.
fn begin(steps: &mut [Step], input: &MigrationInput<'_>, (first, count): (Month, u32)) {
    let whole: u32 = steps.iter().fold(0, |sum: u32, step| sum.saturating_add(step.effort.weight()));
    let room = EFFORT_A_MONTH.max(whole.div_ceil(MONTHS_TO_BEGIN));
    let mut before = 0_u32;
    for step in steps {
        let in_order = first.plus(before / room);
        before = before.saturating_add(step.effort.weight());
        let row = &input.assessment.rows[step.row];
        step.start = rules(row, input.terms.policy).filter_map(|rule| rule.start).max().unwrap_or(in_order);
        let share = |index| share_in(&input.terms.policy.ramp, step.start, first.plus(index));
        step.share_by_month = (0..count).map(share).collect();
    }
}

/// The rules that decide about a row.
fn rules<'p>(row: &Row, policy: &'p Policy) -> impl Iterator<Item = &'p Rule> {
    row.codes.iter().filter_map(|code| match code {
        Code::Rule(rule) => Some(policy.rules.rule(*rule)),
        _ => None,
    })
}

/// A row that cannot move, with why.
fn stays(input: &MigrationInput<'_>, row: &Row, planned: &MigratedRow, index: usize, whys: &mut Whys) -> NotMigrated {
    let codes: Vec<String> = row.codes.iter().map(|code| code.text(input.terms.policy).into_owned()).collect();
    // Some calls fail everywhere; that says nothing of what keeps the others.
    let told = row.codes.iter().filter(|code| row.codes.len() == 1 || **code != Code::FailedCall);
    let why: Vec<String> = told.map(|code| row.reason(*code, input.terms.policy)).collect();
    not_migrated(row, planned, input.scenarios.rows[index].difference, whys.get(&codes, &why.join("; ")))
}

/// Why a deadline is too short: what would be back by then, and what would have to be.
fn too_short(planned: &MigratedRow) -> String {
    let back = percent(&planned.in_time);
    let wait = span(planned.max_wait_ms.unwrap_or(planned.window_ms));
    let least = planned.least_in_time.as_ref();
    let pays = least.map_or_else(String::new, |least| format!("; batch pays from {} on", percent(least)));
    format!("only {back} of results would be back within {wait}{pays}")
}

fn not_migrated(row: &Row, planned: &MigratedRow, saving: Option<Money>, (codes, why): Why) -> NotMigrated {
    NotMigrated {
        workload: row.workload.clone(),
        apart: row.details.apart.clone(),
        provider: row.provider.clone(),
        model: row.model.clone(),
        cost: planned.cost,
        saving,
        codes,
        why,
    }
}

fn step(
    input: &MigrationInput<'_>,
    results: ResultTimes,
    index: usize,
    planned: &MigratedRow,
    last_day: Option<Day>,
) -> Result<Step, Overflow> {
    let (table, policy, row) = (input.terms.table, input.terms.policy, &input.assessment.rows[index]);
    let provider = table.provider_named(&row.provider).map(|provider| table.provider(provider));
    let terms = provider.and_then(|provider| provider.batch.as_ref());
    let model = row.priced_as.map(|model| table.model(model));
    let tier = policy.account_tier(&row.provider);
    let sending = row.requests_a_day().map(|requests| sending(row, planned, requests, terms, model, tier));
    let (effort, effort_reason) = effort(row, planned);
    let first = policy.ramp.first().copied().unwrap_or(Percent::ALL);
    let retirement = retirement(table, row, last_day);
    let approved = rules(row, policy).find_map(|rule| rule.approved.as_ref());
    Ok(Step {
        row: index,
        status: rules(row, policy).filter_map(|rule| rule.status).min().map(Status::name),
        approved: approved.map(|approved| (approved.by.clone(), approved.on.0)),
        start: last_day.map_or_else(Month::default, |day| day.month().next()),
        share_by_month: Vec::new(),
        workload: row.workload.clone(),
        apart: row.details.apart.clone(),
        provider: row.provider.clone(),
        model: row.model.clone(),
        band: row.band().map_or("", |band| band.name()),
        reasons: row.codes.iter().map(|code| row.reason(*code, policy)).collect(),
        owner: owner(row, policy),
        cost: planned.cost,
        saving_now: Money::round(&product(&planned.saving.exact(), &first.exact()), MONTHLY_DECIMALS)?,
        saving: planned.saving,
        cumulative: Money::ZERO,
        effort,
        effort_reason,
        sending,
        max_wait_ms: planned.max_wait_ms,
        window_ms: planned.window_ms,
        in_time: Exact::clone(&planned.in_time),
        least_in_time: planned.least_in_time.as_deref().cloned(),
        results,
        pilot: trial(row)?,
        blockers: blockers(row, planned, terms, retirement.as_ref(), tier),
        retirement,
        lost_cache: planned.lost_cache,
        flex: has_flex(row, table, last_day),
    })
}

/// Who answers for a row, where a rule says so.
pub fn owner(row: &Row, policy: &Policy) -> Option<String> {
    rules(row, policy).find_map(|rule| rule.owner.clone())
}

fn effort(row: &Row, planned: &MigratedRow) -> (Effort, &'static str) {
    if planned.max_wait_ms.is_some() {
        return (
            Effort::High,
            "results are needed before the provider's window ends, so late ones need a way back to real time",
        );
    }
    if planned.lost_cache.exact() * Exact::from_integer(MUCH_LOST.into()) >= planned.with_all_hits.exact()
        && planned.lost_cache > Money::ZERO
    {
        return (
            Effort::High,
            "a tenth or more of what batch saves is lost with today's cache hits, unless the cache is primed",
        );
    }
    if row.codes.iter().all(|code| matches!(code, Code::TagBatch(true) | Code::TagMaxWait(true))) {
        return (Effort::Low, "the log itself says that it can wait; only the way of sending changes");
    }
    if row.codes.iter().all(|code| matches!(code, Code::Rule(_))) {
        return (Effort::Low, "a rule of the policy says that it can wait; only the way of sending changes");
    }
    (Effort::Medium, "its owner has to confirm that answers may come a day later")
}

/// When a row's model is retired, if that is before the plan ends.
fn retirement(table: &PriceTable, row: &Row, last_day: Option<Day>) -> Option<Retirement> {
    let (known, last_day) = (table.model(row.priced_as?), last_day?);
    let day = known.retires.filter(|day| *day <= last_day)?;
    Some(Retirement { day, successor: known.successor.map(|successor| table.model(successor).name.clone()) })
}

fn blockers(
    row: &Row,
    planned: &MigratedRow,
    terms: Option<&BatchTerms>,
    retirement: Option<&Retirement>,
    tier: Option<&str>,
) -> Vec<String> {
    let mut found = Vec::new();
    if owner_is_asked(row) {
        found.push("its owner has not confirmed that it can wait".to_owned());
    }
    if let Some(Retirement { day, successor }) = retirement {
        let first = match successor {
            Some(successor) => format!("move to its successor, {successor}, first"),
            None => "the price table names no successor, so choose one first".to_owned(),
        };
        found.push(format!("the model is to be retired on {day}: {first}"));
    }
    if tier.is_none() && terms.is_some_and(|terms| !terms.queue.is_empty()) {
        let names: Vec<&str> = terms
            .into_iter()
            .flat_map(|terms| &terms.queue)
            .flat_map(|cap| cap.tiers.0.iter())
            .map(|(name, _)| name.as_str())
            .collect();
        if !names.iter().all(|name| *name == "all") {
            found.push(format!(
                "the queue's cap depends on the account's tier: set `batch: {{account_tier: {{{}: …}}}}` in the policy",
                row.provider
            ));
        }
    }
    let least = terms.map_or(0, |terms| terms.min_requests);
    if let Some(requests) = row.requests_a_day().filter(|_| row.is_under(least)) {
        found.push(format!(
            "the provider refuses a batch of fewer than {least} requests and this sends {requests} a day: collect {} days in one, or send it with other work on the model",
            least.div_ceil(requests)
        ));
    }
    if planned.max_wait_ms.is_some() {
        found.push("a fallback has to be built: cancel what is late and run it in real time".to_owned());
    }
    found
}

fn owner_is_asked(row: &Row) -> bool {
    row.codes.iter().any(|code| matches!(code, Code::BatchWord(_)))
}

/// Whether the flex tier of a row's model costs what batch costs.
fn has_flex(row: &Row, table: &PriceTable, day: Option<Day>) -> bool {
    let quote = row.priced_as.zip(day).and_then(|(model, day)| table.quote(model, day, Tier::Flex, 0, None));
    quote.is_some_and(|quote| match (quote.own, quote.batch) {
        (Ok(flex), Some(batch)) => {
            [TokenClass::Input, TokenClass::Output].into_iter().all(|class| flex[class] == batch[class])
        }
        _ => false,
    })
}
