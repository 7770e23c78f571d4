//! A page for each workload that moves: how, when, at what risk.
//!
//! Role: rows that move → steps in the order in which they pay for the effort, and the rows that do not move, with why.

use globset::GlobBuilder;

use super::moves::{Fate, Ground, Move, Moves};
use super::turnaround::{ResultTimes, Turnaround};
use crate::assess::Row;
use crate::calendar::Day;
use crate::money::{Exact, MONEY_DECIMALS, MONTHLY_DECIMALS, Money, Overflow, Percent};
use crate::policy::Policy;
use crate::pricing::terms::{BatchTerms, QueueUnit};
use crate::pricing::{ModelPrices, PriceTable};
use crate::usage::{PerClass, Tier, TokenClass};
use crate::verdict::{Code, Verdict};

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

/// How requests are put together.
#[derive(Clone, Debug)]
pub struct Sending {
    /// Requests on a day with any.
    pub requests_a_day: u64,
    /// Requests in a batch.
    pub batch_requests: u64,
    /// Batches on such a day.
    pub batches_a_day: u64,
    /// What keeps batches from being larger.
    pub bound: &'static str,
    /// A request's share of the input file in bytes, estimated.
    pub request_bytes: u64,
}

/// A first batch.
#[derive(Clone, Copy, Debug)]
pub struct Trial {
    /// Requests.
    pub requests: u64,
    /// What they cost in batch, USD.
    pub cost: Money,
}

/// A workload on a model that moves.
#[derive(Clone, Debug)]
pub struct Step {
    /// The workload.
    pub workload: String,
    /// The provider.
    pub provider: String,
    /// The model as logged.
    pub model: String,
    /// `confirmed` or `likely`.
    pub band: &'static str,
    /// Why it can wait, in words.
    pub reasons: Vec<String>,
    /// Who answers for it.
    pub owner: Option<String>,
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
    /// When results are back.
    pub results: ResultTimes,
    /// A first batch; nothing where requests are not known.
    pub pilot: Option<Trial>,
    /// What to settle before.
    pub blockers: Vec<String>,
    /// The flex tier costs the same.
    pub flex: bool,
}

/// A row that does not move.
#[derive(Clone, Debug)]
pub struct Aside {
    /// The workload.
    pub workload: String,
    /// The provider.
    pub provider: String,
    /// The model as logged.
    pub model: String,
    /// Cost a month.
    pub cost: Money,
    /// What batch would save a month; below zero where it costs.
    pub saving: Option<Money>,
    /// Stable codes.
    pub codes: Vec<String>,
    /// Why, in words.
    pub why: String,
}

/// Everything said about single workloads.
#[derive(Clone, Debug)]
pub struct Steps {
    /// What moves, in the order of saving for the effort.
    pub steps: Vec<Step>,
    /// What can move and saves less than the policy's limit.
    pub not_worth_it: Vec<Aside>,
    /// What cannot.
    pub cannot: Vec<Aside>,
}

/// Fewest and most requests in a batch that works well.
pub const SWEET_SPOT: (u64, u64) = (1_000, 10_000);
/// Fewest and most requests of a first batch.
const TRIAL: (u64, u64) = (100, 500);
/// Bytes of a token in a request, and of what stands around the prompt: estimates where bodies are not known.
const BYTES: (u64, u64) = (4, 500);

/// Describes every row.
pub fn steps(
    ground: &Ground<'_>,
    moves: &Moves,
    turnaround: &Turnaround,
    last_day: Option<Day>,
) -> Result<Steps, Overflow> {
    let mut all = Steps { steps: Vec::new(), not_worth_it: Vec::new(), cannot: Vec::new() };
    for (index, (row, planned)) in ground.assessment.rows.iter().zip(&moves.rows).enumerate() {
        match planned.fate {
            Fate::Moves => all.steps.push(step(ground, row, planned, turnaround, last_day)?),
            Fate::NotWorthIt => {
                let why = format!("saves less than ${} a month", ground.policy.min_monthly_saving);
                let saving = Some(planned.saving);
                all.not_worth_it.push(aside(row, planned, saving, vec!["min-monthly-saving".to_owned()], why));
            }
            Fate::DeadlineTooShort => {
                let why = "too few results would be back before its deadline".to_owned();
                all.cannot.push(aside(row, planned, Some(planned.saving), vec!["deadline-too-short".to_owned()], why));
            }
            Fate::Stays if row.judgement == (Verdict::RealTime, None) && !planned.cost.is_zero() => {
                let codes = row.codes.iter().map(|code| code.text(ground.policy).into_owned()).collect();
                let why: Vec<_> = row.codes.iter().map(|code| code.sentence(ground.policy)).collect();
                all.cannot.push(aside(row, planned, ground.scenarios.rows[index].difference, codes, why.join("; ")));
            }
            Fate::Stays => {}
        }
    }
    let worth = |step: &Step| step.saving.exact() / Exact::from_integer(step.effort.weight().into());
    all.steps.sort_by(|a, b| {
        worth(b).cmp(&worth(a)).then_with(|| {
            (&a.workload, &a.provider, &a.model, a.band).cmp(&(&b.workload, &b.provider, &b.model, b.band))
        })
    });
    let mut cumulative = Money::ZERO;
    for step in &mut all.steps {
        cumulative = cumulative.add(step.saving)?;
        step.cumulative = cumulative;
    }
    Ok(all)
}

fn aside(row: &Row, planned: &Move, saving: Option<Money>, codes: Vec<String>, why: String) -> Aside {
    Aside {
        workload: row.workload.clone(),
        provider: row.provider.clone(),
        model: row.model.clone(),
        cost: planned.cost,
        saving,
        codes,
        why,
    }
}

fn step(
    ground: &Ground<'_>,
    row: &Row,
    planned: &Move,
    turnaround: &Turnaround,
    last_day: Option<Day>,
) -> Result<Step, Overflow> {
    let (table, policy) = (ground.table, ground.policy);
    let provider = table.provider_named(&row.provider).map(|provider| table.provider(provider));
    let terms = provider.and_then(|provider| provider.batch.as_ref());
    let model = row.priced_as.map(|model| table.model(model));
    let tier = policy.account_tier(&row.provider);
    let sending = requests_a_day(row).map(|requests| sending(row, requests, terms, model, tier));
    let (effort, effort_reason) = effort(row, planned);
    let first = policy.ramp.first().copied().unwrap_or(Percent::ALL);
    Ok(Step {
        workload: row.workload.clone(),
        provider: row.provider.clone(),
        model: row.model.clone(),
        band: row.band().map_or("", |band| band.name()),
        reasons: row.codes.iter().map(|code| code.sentence(policy).into_owned()).collect(),
        owner: owner(row, policy),
        cost: planned.cost,
        saving_now: Money::round(&(planned.saving.exact() * first.exact()), MONTHLY_DECIMALS)?,
        saving: planned.saving,
        cumulative: Money::ZERO,
        effort,
        effort_reason,
        sending,
        max_wait_ms: planned.max_wait_ms,
        window_ms: planned.window_ms,
        in_time: planned.in_time.clone(),
        results: turnaround.result_times(planned.window_ms),
        pilot: trial(row)?,
        blockers: blockers(row, planned, terms, model, tier, last_day),
        flex: has_flex(row, table, last_day),
    })
}

/// Who answers for a row, where a rule says so.
pub fn owner(row: &Row, policy: &Policy) -> Option<String> {
    row.codes.iter().find_map(|code| match code {
        Code::Rule(rule) => policy.rules.rule(*rule).owner.clone(),
        _ => None,
    })
}

fn effort(row: &Row, planned: &Move) -> (Effort, &'static str) {
    if planned.max_wait_ms.is_some() {
        return (
            Effort::High,
            "results are needed before the provider's window ends, so late ones need a way back to real time",
        );
    }
    if planned.lost_cache > Money::ZERO {
        return (
            Effort::High,
            "prompts are cached today; requests have to be ordered so that hits stay, or the loss accepted",
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

/// Requests on a day with any, rounded up.
fn requests_a_day(row: &Row) -> Option<u64> {
    let requests = row.requests.filter(|_| row.rows_without_requests == 0)?;
    let days = row.days.len();
    (days > 0).then(|| requests.div_ceil(days))
}

fn prompt(tokens: &PerClass<u128>) -> u128 {
    tokens.0[..4].iter().sum()
}

fn sending(
    row: &Row,
    requests_a_day: u64,
    terms: Option<&BatchTerms>,
    model: Option<&ModelPrices>,
    tier: Option<&str>,
) -> Sending {
    let requests = u128::from(row.requests.unwrap_or(1).max(1));
    let each = |tokens: u128| u64::try_from(tokens.div_ceil(requests)).unwrap_or(u64::MAX);
    let (in_prompt, in_all) = (each(prompt(&row.tokens)), each(row.tokens.0.iter().sum()));
    let request_bytes = in_prompt.saturating_mul(BYTES.0).saturating_add(BYTES.1);
    let mut most = (SWEET_SPOT.1, "10,000 requests, above which batches take longer and are harder to repeat");
    let mut bound = |least: Option<u64>, why: &'static str| {
        if let Some(least) = least.filter(|least| *least < most.0) {
            most = (least.max(1), why);
        }
    };
    bound(terms.and_then(|terms| terms.max_requests), "the provider's requests in a batch");
    let file = terms.and_then(|terms| terms.max_file_mb).map(|mb| mb.saturating_mul(1_000_000) / request_bytes.max(1));
    bound(file, "the provider's size of an input file");
    for (unit, cap) in caps(terms, model, tier) {
        let fit = match unit {
            QueueUnit::PromptTokens => cap / in_prompt.max(1),
            QueueUnit::Tokens => cap / in_all.max(1),
            QueueUnit::Requests => cap,
        };
        bound(Some(fit), "the queue of the account's tier");
    }
    let batches_a_day = requests_a_day.div_ceil(most.0).max(1);
    let batch_requests = requests_a_day.div_ceil(batches_a_day);
    let bound = if batches_a_day == 1 { "a day's requests" } else { most.1 };
    Sending { requests_a_day, batch_requests, batches_a_day, bound, request_bytes }
}

/// Caps of the queue that hold for a model at the account's tier, or at every tier.
fn caps<'t>(
    terms: Option<&'t BatchTerms>,
    model: Option<&'t ModelPrices>,
    tier: Option<&'t str>,
) -> impl Iterator<Item = (QueueUnit, u64)> + 't {
    let matches = move |globs: &[String]| {
        let is_match = |glob: &String| {
            let name = model.map_or("", |model| model.name.as_str());
            GlobBuilder::new(glob).build().is_ok_and(|glob| glob.compile_matcher().is_match(name))
        };
        globs.is_empty() || globs.iter().any(is_match)
    };
    terms.into_iter().flat_map(|terms| &terms.queue).filter(move |cap| matches(&cap.models)).filter_map(move |cap| {
        let known = |wanted: &str| {
            cap.tiers.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, cap)| cap.0.0)
        };
        Some((cap.unit, tier.and_then(known).or_else(|| known("all"))?))
    })
}

fn trial(row: &Row) -> Result<Option<Trial>, Overflow> {
    let (Some(all), Some(cost)) =
        (row.requests.filter(|all| *all > 0 && row.rows_without_requests == 0), row.batch_cost)
    else {
        return Ok(None);
    };
    let a_day = requests_a_day(row).unwrap_or(all);
    let requests = a_day.clamp(TRIAL.0, TRIAL.1);
    let cost = Money::round(&(cost.exact() * Exact::new(requests.into(), all.into())), MONEY_DECIMALS)?;
    Ok(Some(Trial { requests, cost }))
}

fn blockers(
    row: &Row,
    planned: &Move,
    terms: Option<&BatchTerms>,
    model: Option<&ModelPrices>,
    tier: Option<&str>,
    last_day: Option<Day>,
) -> Vec<String> {
    let mut found = Vec::new();
    if owner_is_asked(row) {
        found.push("its owner has not confirmed that it can wait".to_owned());
    }
    if let Some(retires) = model.and_then(|model| model.retires).filter(|day| last_day.is_some_and(|last| *day <= last))
    {
        found.push(format!("the model is to be retired on {retires}: move to its successor first"));
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
    if planned.lost_cache > Money::ZERO {
        found.push(format!(
            "cached prompts are not hit in batch: ${} a month of the saving is lost",
            cents(planned.lost_cache)
        ));
    }
    if planned.max_wait_ms.is_some() {
        found.push("needs a fallback: cancel what is late and run it in real time".to_owned());
    }
    found
}

fn owner_is_asked(row: &Row) -> bool {
    row.codes.iter().any(|code| matches!(code, Code::BatchWord(_)))
}

fn cents(amount: Money) -> Money {
    Money::round(&amount.exact(), 2).unwrap_or(amount)
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
