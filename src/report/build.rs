//! Fills a [`Report`] from what was read, judged and worked out.

mod balance;
mod basis;
mod bill_causes;
mod by;
mod controls;
mod exceptions;
mod identity;
mod improvements;
pub mod incomplete;
mod keys;
mod movers;
pub mod notes;
mod period;
pub mod questions;
mod reconciliation;
mod rules;
mod two_sources;

use std::num::NonZeroUsize;
use std::sync::Arc;

use super::{
    CachedPrompts, Combined, CostLine, EligibilityLine, InputLine, Pilot, PricesLine, RejectLine, Report, Scenario,
    Undecided, UsageLine, WorkloadLine,
};
use crate::assess::basis::Side;
use crate::assess::{Assessment, Row, Unclassifiable, WaySavings};
use crate::calendar::{MonthBasis, Period};
use crate::diagnostic::Failure;
use crate::diagnostic::text::mask_secrets;
use crate::formats::Kind;
use crate::input::ledger::SHOWN_REJECTS;
use crate::input::{Gathered, Reading};
use crate::input::{Ledger, RowOutcome, sniff};
use crate::maps::{FastMap, Interned};
use crate::money::{Exact, MONTHLY_DECIMALS, Money, Overflow, share};
use crate::policy::{Cases, Policy, Routing};
use crate::report::words::dollars;
use crate::rollup::Context;
use crate::scenario::{RowMonth, Scenarios};
use crate::usage::TokenClass;
use crate::verdict::{Action, Code, Confidence, RESULTS};

/// What is known once the inputs are read, before anything is judged.
#[derive(Clone, Copy, Debug)]
pub struct InputsRead<'m> {
    /// What was to be read.
    pub reading: &'m Reading<'m>,
    /// What was read.
    pub gathered: &'m Gathered,
    /// What rows are judged against.
    pub context: &'m Context<'m>,
}

/// Everything a report is made of.
#[derive(Clone, Copy, Debug)]
pub struct ReportInput<'m> {
    /// What was to be read.
    pub reading: &'m Reading<'m>,
    /// What was read.
    pub gathered: &'m Gathered,
    /// What was judged.
    pub assessment: &'m Assessment,
    /// What a month makes of it.
    pub scenarios: &'m Scenarios,
    /// What rows were judged against: prices and rules.
    pub context: &'m Context<'m>,
    /// What somebody asked for beside it.
    pub asked: Asked,
}

/// What a report has where somebody asks for it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// The SHA-256 of each input.
    pub fingerprint: bool,
    /// How many rows a list of a page shows.
    pub top: Option<NonZeroUsize>,
    /// What grew and what shrank, for which usage is kept by day.
    pub movers: bool,
}

impl<'m> ReportInput<'m> {
    /// What was known before anything was judged.
    fn inputs_read(&self) -> InputsRead<'m> {
        let Self { reading, gathered, context, .. } = *self;
        InputsRead { reading, gathered, context }
    }

    /// Each row with its month.
    fn rows(&self) -> impl ExactSizeIterator<Item = (&'m Row, &'m RowMonth)> {
        self.assessment.rows.iter().zip(&self.scenarios.rows)
    }

    /// The days covered, with what makes a month of them.
    fn period(&self) -> Option<(Period, MonthBasis)> {
        self.gathered.period().map(|period| (period, period.month_basis()))
    }
}

/// Shares at which undecided spend is weighed: measured at one large service, with half and twice around it.
const PLANNING_SHARES: [u32; 3] = [15, 28, 50];
/// Under this share of decided spend, in percent, what is undecided is the headline.
const DECIDED_ENOUGH: i128 = 5;
/// From this part of a row's dollars on, in percent, a reason is told in words.
const LEAST_TELLING: i128 = 5;

/// Builds the report.
pub fn build(run: &ReportInput<'_>) -> Result<Report, Failure> {
    // Before the workloads, which take more room than all else.
    let questions = questions::questions(run)?;
    let workloads = workloads(run)?;
    let (scenarios, cost) = (run.scenarios, cost(run)?);
    let by = by::by(run, &cost)?;
    let total = scenarios.sums.combined()?;
    let usage = usage(run.assessment)?;
    let mut report = Report {
        period: run.period(),
        inputs: inputs(run)?,
        prices: prices(run),
        reconciliation: reconciliation::reconciliation(run, &usage.unpriced_models)?,
        usage,
        cost,
        eligibility: eligibility(run)?,
        today: scenarios.sums.today,
        batch_only: scenario(run, scenarios.sums.batch_only)?,
        combined: Combined {
            total: scenario(run, total)?,
            batch: scenarios.sums.batch,
            routing: scenarios.sums.routing,
            kind: scenarios.routing.name(),
            words: routing_words(&run.context.policy.routing)?,
        },
        undecided: undecided(run, &workloads)?,
        questions,
        pilot: pilot(&workloads, run)?,
        by,
        movers: if run.asked.movers { movers::movers(run)? } else { None },
        top: run.asked.top,
        workloads,
        exceptions: exceptions::exceptions(run)?,
        agreed: basis::agreed(run)?,
        improvements: improvements::improvements(run)?,
        control_totals: controls::control_totals(run)?,
        other_charges: reconciliation::other_charges(run)?,
        billed_for_other: reconciliation::billed_for_other(run)?,
        warnings: Vec::new(),
        incomplete: Vec::new(),
    };
    report.warnings = notes::warnings(run, &report);
    report.warnings.extend(identity::notes(run)?);
    report.warnings.extend(rules::notes(run)?);
    let settled = two_sources::pairs(run)?.into_iter().filter(two_sources::Pair::is_settled);
    report.warnings.extend(settled.map(|pair| pair.note()));
    report.warnings.sort();
    report.incomplete = incomplete::incomplete(run, &report)?;
    balance::check(run, &report)?;
    Ok(report)
}

fn scenario(run: &ReportInput<'_>, saving: Cases<Money>) -> Result<Scenario, Overflow> {
    let today = run.scenarios.sums.today;
    Ok(Scenario {
        projected: run.assessment.projected,
        cost: saving.try_map(|saving| today.sub(saving))?,
        saving,
        share: saving.map(|saving| share(saving, today)),
    })
}

fn inputs(run: &ReportInput<'_>) -> Result<Vec<InputLine>, Failure> {
    let unread = run.reading.unread.iter().map(|(name, bytes, failure)| Ok(unread_line(name, *bytes, failure)));
    let inputs = run.gathered.inputs.iter();
    inputs
        .map(|input| {
            let format = &run.reading.formats[input.sniffed.format];
            let ledger = &input.ledger;
            let has_dollars = format.states_bill();
            let rejects = ledger.rejects.values().flat_map(|rows| rows.values().take(SHOWN_REJECTS));
            let mut rejects: Vec<RejectLine> = rejects
                .map(|row| RejectLine {
                    line: row.line,
                    code: row.reject.code,
                    column: row.reject.column.clone(),
                    value: row.reject.value.clone(),
                    reason: row.reject.reason.clone(),
                })
                .collect();
            rejects.sort_by_key(|row| row.line);
            Ok(InputLine {
                file: masked(&input.name),
                format: sniff::format_name(format, input.sniffed.framing),
                grain: grain(ledger),
                is_bill: format.mapping.kind == Kind::Bill,
                bucket_seconds: ledger.bucket_seconds,
                bytes: input.bytes,
                sha256: match &input.sha256 {
                    _ if !run.asked.fingerprint => None,
                    Some(stated) => Some(stated.clone()),
                    None => Some(run.reading.sources[input.source].fingerprint()?),
                },
                rows: RowOutcome::ALL.into_iter().map(|outcome| (outcome.name(), ledger.rows(outcome))).collect(),
                read: ledger.read(),
                dollars: if has_dollars {
                    RowOutcome::ALL.into_iter().map(|outcome| (outcome.name(), ledger.dollars(outcome))).collect()
                } else {
                    Vec::new()
                },
                rejects,
                left_out: input.left_out.as_ref().map(|failure| (*failure.diagnostic).clone()),
            })
        })
        .chain(unread)
        .collect()
}

/// An input that was left out before anything of it was read.
fn unread_line(name: &str, bytes: u64, failure: &Failure) -> InputLine {
    InputLine {
        file: masked(name),
        format: "unknown".to_owned(),
        grain: "none",
        is_bill: false,
        bucket_seconds: None,
        bytes,
        sha256: None,
        rows: RowOutcome::ALL.into_iter().map(|outcome| (outcome.name(), 0)).collect(),
        read: 0,
        dollars: Vec::new(),
        rejects: Vec::new(),
        left_out: Some((*failure.diagnostic).clone()),
    }
}

fn grain(ledger: &Ledger) -> &'static str {
    match (ledger.has_calls, ledger.bucket_seconds.is_some()) {
        (true, true) => "mixed",
        (true, false) => "call",
        (false, true) => "bucket",
        (false, false) => "none",
    }
}

fn prices(run: &ReportInput<'_>) -> PricesLine {
    let entries = run.assessment.used.iter().flat_map(|(model, used)| {
        let entries = &run.context.table.model(*model).entries;
        used.entries.iter().map(move |&entry| entries[entry].checked)
    });
    let checked = entries.min().map(|day| day.to_string());
    PricesLine { source: run.context.table.source.clone(), layers: run.context.table.layers.clone(), checked }
}

fn whole(count: u128) -> Result<u64, Overflow> {
    u64::try_from(count).map_err(|_| Overflow)
}

fn usage(assessment: &Assessment) -> Result<UsageLine, Overflow> {
    let mut usage = UsageLine {
        requests: assessment.requests,
        failed: assessment.failed,
        free_tier_list_value: assessment.free_tier.0,
        ..UsageLine::default()
    };
    for class in TokenClass::ALL {
        usage.tokens[class] = whole(assessment.tokens[class])?;
    }
    for ((_, model), sums) in &assessment.unpriced {
        usage.unpriced_requests += sums.requests;
        usage.unpriced_tokens = usage.unpriced_tokens.checked_add(whole(sums.tokens)?).ok_or(Overflow)?;
        usage.unpriced_billed = usage.unpriced_billed.add(sums.lines.billed)?;
        usage.unpriced_models.push(masked(model));
    }
    usage.unpriced_models.sort_unstable();
    usage.unpriced_models.dedup();
    Ok(usage)
}

fn cost(run: &ReportInput<'_>) -> Result<CostLine, Overflow> {
    let assessment = run.assessment;
    // One amount in an unknown currency leaves the whole bill unknown.
    let foreign = run.gathered.inputs.iter().any(|input| !input.ledger.foreign.is_empty());
    let billed = assessment.billed.filter(|_| !foreign);
    Ok(CostLine {
        computed: assessment.computed,
        from_bill: assessment.from_bill,
        billed,
        residual: billed.map(|billed| billed.sub(assessment.computed_beside_bill)).transpose()?,
    })
}

fn eligibility(run: &ReportInput<'_>) -> Result<Vec<EligibilityLine>, Overflow> {
    RESULTS
        .into_iter()
        .map(|verdict| {
            let rows: Vec<_> = run.rows().filter(|(row, _)| row.verdict == verdict).collect();
            Ok(EligibilityLine {
                verdict: verdict.action.name(),
                band: verdict.confidence.map(Confidence::name),
                requests: rows.iter().filter_map(|(row, _)| row.requests).sum(),
                cost: Money::sum(rows.iter().filter_map(|(row, _)| row.cost))?,
                monthly_cost: Money::sum(rows.iter().filter_map(|(_, month)| month.cost))?,
            })
        })
        .collect()
}

/// What its cached prompts cost in batch; nothing without any, or without a batch price.
fn cached_prompts(run: &ReportInput<'_>, row: &Row) -> Result<Option<Box<CachedPrompts>>, Overflow> {
    let Some(costs) = row.costs_by_way() else { return Ok(None) };
    let month = run.period().map_or(MonthBasis::Calendar { months: 1 }, |(_, basis)| basis);
    let savings = WaySavings::of(row, run.context.policy, &run.scenarios.basis, month)?;
    Ok(Some(Box::new(CachedPrompts { costs, savings })))
}

fn workloads(run: &ReportInput<'_>) -> Result<Vec<WorkloadLine>, Overflow> {
    let rows = run.rows();
    let mut lines = Vec::with_capacity(rows.len());
    let (mut names, mut lists) = (MaskedNames::default(), Interned::default());
    for (row, amounts) in rows {
        let mut reasons: Vec<String> =
            row.codes.iter().map(|code| code.text(run.context.policy).into_owned()).collect();
        reasons.sort_unstable();
        let difference = amounts.difference;
        let (words, minor_reasons) = words(row, amounts, run.context.policy);
        let (action, is_open) = (row.verdict.action, is_open(row));
        lines.push(WorkloadLine {
            workload: masked(&row.workload),
            workload_id: row.workload_id.as_deref().map(masked),
            detail: detail(row),
            apart: row.details.apart.iter().map(|value| masked(value)).collect(),
            provider: names.get(&row.provider),
            model: names.get(&row.model),
            verdict: action.name(),
            band: row.verdict.confidence.map(Confidence::name),
            reasons: lists.get(reasons.as_slice()),
            words: lists.get(words.as_slice()),
            minor_reasons,
            requests: row.requests,
            cost: row.cost,
            batch_cost: row.batch_cost,
            cached_prompts: cached_prompts(run, row)?,
            monthly_cost: amounts.cost,
            monthly_saving: amounts.saving,
            saving_forgone: amounts.forgone,
            is_open,
            blind: row.blind(),
            open_saving: open_saving(row, amounts),
            monthly_loss: difference.filter(|saving| action == Action::RealTime && !is_open && saving.is_negative()),
        });
    }
    Ok(lines)
}

/// What all calls of a row have in finer fields, by field.
fn detail(row: &Row) -> Vec<(String, String)> {
    row.details.common().map(|(field, value)| (field.to_string(), masked(value))).collect()
}

/// Reasons in words, and how many carry too little of the row's dollars to be told: first the one that leaves a saving. What failed is a figure of its own, and a reason only where
/// nothing else is.
fn words(row: &Row, month: &RowMonth, policy: &Policy) -> (Vec<String>, usize) {
    let forgone = month.forgone.filter(|saving| *saving > Money::ZERO);
    let mut codes: Vec<Code> = row.codes.iter().copied().collect();
    if codes.len() > 1 {
        codes.retain(|code| *code != Code::FailedCall);
    }
    codes.sort_by_key(|&code| (code == Code::GatewayCacheHit, code != Code::SmallVolume || forgone.is_none(), code));
    let sentence = |code: Code| match (code, forgone) {
        (Code::SmallVolume, Some(saving)) => {
            format!("{}; batch would save {} a month", row.reason(code, policy), dollars(saving))
        }
        _ => row.reason(code, policy),
    };
    let (telling, minor): (Vec<Code>, Vec<Code>) =
        codes.into_iter().partition(|code| row.is_told_by(*code, LEAST_TELLING));
    (telling.into_iter().map(sentence).collect(), minor.len())
}

/// What batch would save a month on a row that is open, if all of it can wait.
fn open_saving(row: &Row, month: &RowMonth) -> Money {
    let saving = match row.band() {
        _ if !is_open(row) => None,
        Some(_) => Some(month.saving),
        None => month.difference,
    };
    saving.map_or(Money::ZERO, |saving| saving.max(Money::ZERO))
}

/// Nobody has decided: undecided, asked for, nominated, or a bill that cannot say what it was.
fn is_open(row: &Row) -> bool {
    matches!(row.verdict.confidence, Some(Confidence::Undecided | Confidence::Candidate)) || row.blind().is_some()
}

fn undecided(run: &ReportInput<'_>, workloads: &[WorkloadLine]) -> Result<Undecided, Overflow> {
    let open: Vec<&WorkloadLine> =
        workloads.iter().filter(|line| line.is_open && line.monthly_cost.is_some()).collect();
    let cost = Money::sum(open.iter().filter_map(|line| line.monthly_cost))?;
    let saves = Money::sum(open.iter().map(|line| line.open_saving))?;
    let at = |percent: u32| {
        let part = saves.exact() * Exact::new(percent.into(), 100.into());
        Ok((percent, Money::round(&part, MONTHLY_DECIMALS)?))
    };
    let cost_of = |is: fn(Unclassifiable) -> bool| {
        let lines = open.iter().filter(|line| line.blind.is_some_and(is));
        Money::sum(lines.filter_map(|line| line.monthly_cost))
    };
    let decided = run.scenarios.sums.today.sub(cost)?;
    let today = run.scenarios.sums.today.units();
    Ok(Undecided {
        groups: open.len() as u64,
        monthly_cost: cost,
        all_saves: saves,
        at: PLANNING_SHARES.into_iter().map(at).collect::<Result<_, Overflow>>()?,
        is_headline: today > 0 && decided.units() < today / 100 * DECIDED_ENOUGH,
        largest: open.first().map(|line| line.workload.clone()),
        needs_batch: cost_of(|blind| blind == Unclassifiable::Usage)?,
        needs_usage: cost_of(|blind| blind != Unclassifiable::Usage)?,
    })
}

/// The group that saves most in batch, and its first batch. Workloads are the rows, one each.
fn pilot(workloads: &[WorkloadLine], run: &ReportInput<'_>) -> Result<Option<Pilot>, Overflow> {
    let can_wait = workloads.iter().zip(&run.assessment.rows).filter(|(line, _)| line.verdict == "batch");
    let Some((line, row)) = can_wait
        .max_by(|(a, _), (b, _)| a.monthly_saving.cmp(&b.monthly_saving).then_with(|| b.workload.cmp(&a.workload)))
    else {
        return Ok(None);
    };
    let test = match (row.first_batch(), line.requests, row.batch_cost) {
        (Some(tests), Some(requests), Some(batch)) => {
            // On the prices of the monthly figures.
            let batch = run.scenarios.basis.amount(row, Side::Batch, batch, row.from_bill.1);
            let cost = batch * Exact::new(tests.into(), requests.into());
            Some((tests, Money::round(&cost, MONTHLY_DECIMALS)?))
        }
        _ => None,
    };
    let (workload, apart) = (line.workload.clone(), line.apart.clone());
    Ok(Some(Pilot { workload, apart, model: format!("{}/{}", line.provider, line.model), test }))
}

fn routing_words(routing: &Routing) -> Result<String, Overflow> {
    Ok(match routing {
        Routing::Assumed(shares) => {
            let percent = |share: &Exact| {
                Money::round(&(share * Exact::from_integer(100.into())), 1).map(|money| money.to_string())
            };
            let shares = shares.by_ref().try_map(percent)?;
            format!("Routing is assumed to save {}–{}–{} % of the rest.", shares.low, shares.base, shares.high)
        }
        Routing::Routes(routes) => format!(
            "{} {} of the policy, priced from the table.",
            routes.len(),
            if routes.len() == 1 { "route" } else { "routes" }
        ),
    })
}

/// A name from a file, with what looks like an API key masked: reports travel further than logs.
fn masked(name: &str) -> String {
    mask_secrets(name).into_owned()
}

/// Names of many lines, each masked once.
#[derive(Default)]
struct MaskedNames(FastMap<Arc<str>, Arc<str>>);

impl MaskedNames {
    fn get(&mut self, name: &Arc<str>) -> Arc<str> {
        if let Some(known) = self.0.get(name) {
            return Arc::clone(known);
        }
        Arc::clone(self.0.entry(Arc::clone(name)).or_insert(masked(name).into()))
    }
}

/// A list of names, cut to a few.
fn listed(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.collect();
    let shown = names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > 3 { format!("{shown} and {} more", names.len() - 3) } else { shown }
}
