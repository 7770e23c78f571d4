//! Fills a [`Report`] from what was read, judged and worked out.

use std::collections::BTreeMap;

use super::{
    ByLine, ByTable, Combined, CostLine, DayLine, EligibilityLine, InputLine, Note, Pilot, PricesLine, RejectLine, Report,
    Scenario, Undecided, UsageLine, WorkloadLine,
};
use crate::assess::{Assessment, Row};
use crate::calendar::{MonthBasis, Period};
use crate::diagnostic::{Failure, shown, shown_short};
use crate::formats::mapping::Target;
use crate::formats::{Container, Format};
use crate::input::ledger::SHOWN_REJECTS;
use crate::input::pass::{Gathered, Reading};
use crate::input::{Fate, Framing, sniff};
use crate::money::{Exact, MONTHLY_DECIMALS, Money, Overflow, share};
use crate::policy::{Cases, Policy, Routing, schema::Month};
use crate::pricing::{PriceTable, Unpriced};
use crate::rollup::Breakdown;
use crate::scenario::{Scenarios, monthly};
use crate::usage::TokenClass;
use crate::verdict::{Band, Code, RESULTS, Verdict};

/// Everything a report is made of.
#[derive(Clone, Copy, Debug)]
pub struct Material<'m> {
    /// What was to be read.
    pub reading: &'m Reading<'m>,
    /// What was read.
    pub gathered: &'m Gathered,
    /// What was judged.
    pub assessment: &'m Assessment,
    /// What a month makes of it.
    pub scenarios: &'m Scenarios,
    /// The days covered.
    pub period: Option<(Period, MonthBasis)>,
    /// Prices.
    pub table: &'m PriceTable,
    /// Rules.
    pub policy: &'m Policy,
    /// The dimension of `--by`.
    pub by: Option<&'m Breakdown>,
    /// Whether files are fingerprinted.
    pub fingerprint: bool,
}

/// Shares at which undecided spend is weighed: measured at one large service, with half and twice around it.
const PLANNING_SHARES: [u32; 3] = [15, 28, 50];
/// Under this share of decided spend, in percent, what is undecided is the headline.
const DECIDED_ENOUGH: i128 = 5;
/// Under this many days a month is a guess.
const SHORT_PERIOD_DAYS: u32 = 7;

/// Builds the report.
pub fn build(material: &Material<'_>) -> Result<Report, Failure> {
    let workloads = workloads(material)?;
    let scenarios = material.scenarios;
    let total = scenarios.combined()?;
    let mut report = Report {
        period: material.period,
        inputs: inputs(material)?,
        prices: prices(material),
        usage: usage(material.assessment)?,
        cost: cost(material)?,
        eligibility: eligibility(material)?,
        today: scenarios.today,
        batch_only: scenario(scenarios.today, scenarios.batch_only)?,
        combined: Combined {
            total: scenario(scenarios.today, total)?,
            batch: scenarios.batch_part,
            routing: scenarios.routing_part,
            kind: scenarios.routing.name(),
            words: routing_words(&material.policy.routing),
        },
        undecided: undecided(material, &workloads)?,
        pilot: pilot(material, &workloads)?,
        days: days(material.assessment),
        by: by(material),
        workloads,
        warnings: Vec::new(),
        incomplete: Vec::new(),
    };
    report.warnings = warnings(material, &report);
    report.incomplete = incomplete(material, &report)?;
    Ok(report)
}

fn scenario(today: Money, saving: Cases<Money>) -> Result<Scenario, Overflow> {
    Ok(Scenario { cost: saving.try_map(|saving| today.sub(saving))?, saving, share: saving.map(|saving| share(saving, today)) })
}

fn inputs(material: &Material<'_>) -> Result<Vec<InputLine>, Failure> {
    let sources = material.reading.sources.iter().zip(&material.gathered.inputs);
    sources
        .map(|(source, input)| {
            let format = &material.reading.formats[input.sniffed.format];
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
                file: source.name.clone(),
                format: sniff::format_name(format, input.sniffed.framing),
                grain: grain(format, ledger.bucket_seconds.is_some(), ledger.rows(Fate::Accepted)),
                bytes: source.bytes,
                sha256: if material.fingerprint { Some(source.fingerprint()?) } else { None },
                rows: Fate::ALL.into_iter().map(|fate| (fate.name(), ledger.rows(fate))).collect(),
                read: ledger.read(),
                dollars: if has_dollars { Fate::ALL.into_iter().map(|fate| (fate.name(), ledger.dollars(fate))).collect() } else { Vec::new() },
                rejects,
                left_out: input.left_out.as_ref().map(|failure| failure.diagnostic.message.clone()),
            })
        })
        .collect()
}

fn grain(format: &Format, has_buckets: bool, accepted: u64) -> &'static str {
    let may_be_call = format.mapping.span.is_none() && (format.mapping.end.is_none() || format.mapping.provider.is_none());
    match (accepted, has_buckets, may_be_call) {
        (0, ..) => "none",
        (_, true, true) => "mixed",
        (_, true, false) => "bucket",
        (_, false, _) => "call",
    }
}

fn prices(material: &Material<'_>) -> PricesLine {
    let checked = material.assessment.used.values().min().map(ToString::to_string);
    PricesLine { source: material.table.source.clone(), checked }
}

fn whole(count: u128) -> Result<u64, Overflow> {
    u64::try_from(count).map_err(|_| Overflow)
}

fn usage(assessment: &Assessment) -> Result<UsageLine, Overflow> {
    let mut usage = UsageLine { requests: assessment.requests, free_tier_list_value: assessment.free_tier.0, ..UsageLine::default() };
    for class in TokenClass::ALL {
        usage.tokens[class] = whole(assessment.tokens[class])?;
    }
    for ((_, model), sums) in &assessment.unpriced {
        usage.unpriced_requests += sums.requests;
        usage.unpriced_tokens = usage.unpriced_tokens.checked_add(whole(sums.tokens)?).ok_or(Overflow)?;
        usage.unpriced_models.push(model.clone());
    }
    usage.unpriced_models.sort_unstable();
    usage.unpriced_models.dedup();
    Ok(usage)
}

fn cost(material: &Material<'_>) -> Result<CostLine, Overflow> {
    let assessment = material.assessment;
    // One amount in an unknown currency leaves the whole bill unknown.
    let foreign = material.gathered.inputs.iter().any(|input| !input.ledger.foreign.is_empty());
    let billed = assessment.billed.filter(|_| !foreign);
    Ok(CostLine {
        computed: assessment.computed,
        from_bill: assessment.from_bill,
        billed,
        residual: billed.map(|billed| billed.sub(assessment.computed_beside_bill)).transpose()?,
    })
}

fn eligibility(material: &Material<'_>) -> Result<Vec<EligibilityLine>, Overflow> {
    RESULTS
        .into_iter()
        .map(|(verdict, band)| {
            let rows = material.assessment.rows.iter().zip(&material.scenarios.rows);
            let rows: Vec<_> = rows.filter(|(row, _)| row.judgement == (verdict, band)).collect();
            Ok(EligibilityLine {
                verdict: verdict.name(),
                band: band.map(Band::name),
                requests: rows.iter().filter_map(|(row, _)| row.requests).sum(),
                cost: Money::sum(rows.iter().filter_map(|(row, _)| row.cost))?,
                monthly_cost: Money::sum(rows.iter().filter_map(|(_, month)| month.cost))?,
            })
        })
        .collect()
}

fn workloads(material: &Material<'_>) -> Result<Vec<WorkloadLine>, Failure> {
    let basis = basis(material);
    let month = |amount: Money| Money::round(&monthly(&amount.exact(), basis), MONTHLY_DECIMALS);
    let rows = material.assessment.rows.iter().zip(&material.scenarios.rows);
    rows.map(|(row, amounts)| {
        let mut reasons: Vec<String> = row.codes.iter().map(|code| code.text(material.policy).into_owned()).collect();
        reasons.sort_unstable();
        let difference = match (row.cost, row.batch_cost) {
            (Some(cost), Some(batch)) => Some(month(cost.sub(batch)?)?),
            _ => None,
        };
        let is_open = is_open(row, material.policy);
        Ok(WorkloadLine {
            workload: row.workload.clone(),
            provider: row.provider.clone(),
            model: row.model.clone(),
            verdict: row.judgement.0.name(),
            band: row.judgement.1.map(Band::name),
            reasons,
            words: words(row, material.policy),
            requests: row.requests,
            cost: row.cost,
            batch_cost: row.batch_cost,
            monthly_cost: amounts.cost,
            monthly_saving: amounts.saving,
            is_open,
            open_saving: difference.filter(|saving| is_open && !saving.is_negative()).unwrap_or_default(),
            monthly_loss: difference.filter(|saving| row.codes.contains(&Code::CacheLoss) && saving.is_negative()),
        })
    })
    .collect()
}

/// Nobody has decided: undecided, asked for, nominated, or a bill that cannot say what it was.
fn is_open(row: &Row, policy: &Policy) -> bool {
    let unknown = |code: &Code| matches!(code, Code::BatchUnknown | Code::NotProjectable);
    row.judgement.1 == Some(Band::Undecided)
        || row.judgement.1 == Some(Band::Candidate)
        || row.codes.iter().any(|code| unknown(code) || code.judgement(policy) == (Verdict::RealTime, Some(Band::Undecided)) && row.judgement.1.is_some())
}

/// Reasons in words; failed calls are named last, since they are seldom why a workload stays.
fn words(row: &Row, policy: &Policy) -> Vec<String> {
    let mut codes: Vec<Code> = row.codes.iter().copied().collect();
    codes.sort_by_key(|code| (matches!(code, Code::FailedCall | Code::GatewayCacheHit), *code));
    codes.into_iter().map(|code| code.sentence(policy).into_owned()).collect()
}

fn basis(material: &Material<'_>) -> MonthBasis {
    material.period.map_or(MonthBasis::Calendar { months: 1 }, |(_, basis)| basis)
}

fn undecided(material: &Material<'_>, workloads: &[WorkloadLine]) -> Result<Undecided, Overflow> {
    let open: Vec<&WorkloadLine> = workloads.iter().filter(|line| line.is_open && line.monthly_cost.is_some()).collect();
    let cost = Money::sum(open.iter().filter_map(|line| line.monthly_cost))?;
    let saves = Money::sum(open.iter().map(|line| line.open_saving))?;
    let at = |percent: u32| {
        let part = saves.exact() * Exact::new(percent.into(), 100.into());
        Ok((percent, Money::round(&part, MONTHLY_DECIMALS)?))
    };
    let decided = material.scenarios.today.sub(cost)?;
    let today = material.scenarios.today.units();
    Ok(Undecided {
        groups: open.len() as u64,
        monthly_cost: cost,
        all_saves: saves,
        at: PLANNING_SHARES.into_iter().map(at).collect::<Result<_, Overflow>>()?,
        is_headline: today > 0 && decided.units() < today / 100 * DECIDED_ENOUGH,
        largest: open.first().map(|line| line.workload.clone()),
    })
}

/// The largest group that can wait, and a test that is large enough to tell and small enough to forget.
fn pilot(material: &Material<'_>, workloads: &[WorkloadLine]) -> Result<Option<Pilot>, Overflow> {
    let can_wait = workloads.iter().filter(|line| line.verdict == "batch");
    let Some(line) = can_wait.max_by(|a, b| a.monthly_saving.cmp(&b.monthly_saving).then_with(|| b.workload.cmp(&a.workload))) else {
        return Ok(None);
    };
    let test = match (line.requests.filter(|&requests| requests > 0), line.batch_cost) {
        (Some(requests), Some(batch)) => {
            let tests = (requests / 10).clamp(100, 500).min(requests);
            let cost = batch.exact() * Exact::new(tests.into(), requests.into());
            Some((tests, Money::round(&cost, MONTHLY_DECIMALS)?))
        }
        _ => None,
    };
    let _ = material;
    Ok(Some(Pilot {
        workload: line.workload.clone(),
        model: format!("{}/{}", line.provider, line.model),
        monthly_cost: line.monthly_cost.unwrap_or_default(),
        monthly_saving: line.monthly_saving,
        test,
    }))
}

fn days(assessment: &Assessment) -> Vec<DayLine> {
    let line = |(day, sums): (&crate::calendar::Day, &crate::assess::DaySums)| DayLine {
        day: day.to_string(),
        computed: sums.computed,
        billed: sums.has_bill.then_some(sums.billed),
        has_usage: sums.has_usage,
    };
    assessment.days.iter().map(line).collect()
}

fn by(material: &Material<'_>) -> Option<ByTable> {
    let dimension = match material.by? {
        Breakdown::Workload => "workload".to_owned(),
        Breakdown::Model => "model".to_owned(),
        Breakdown::Provider => "provider".to_owned(),
        Breakdown::Named(field) => field.to_string().replace('_', "-"),
    };
    let mut rows: Vec<ByLine> = material
        .assessment
        .by
        .iter()
        .map(|(value, sums)| ByLine { value: value.clone(), requests: sums.requests, cost: sums.cost, can_wait: sums.can_wait, saving: sums.saving })
        .collect();
    rows.sort_by(|a, b| b.cost.cmp(&a.cost).then_with(|| a.value.cmp(&b.value)));
    Some(ByTable { dimension, rows })
}

fn routing_words(routing: &Routing) -> String {
    match routing {
        Routing::Assumed(shares) => {
            let percent = |share: &Exact| Money::round(&(share * Exact::from_integer(100.into())), 1).map(|money| money.to_string()).unwrap_or_default();
            let shares = shares.by_ref().map(percent);
            format!("routing assumed to save {}–{}–{} % of the rest", shares.low, shares.base, shares.high)
        }
        Routing::Routes(routes) => format!("{} {} of the policy, priced from the table", routes.len(), if routes.len() == 1 { "route" } else { "routes" }),
    }
}

/// A list of names, cut to a few.
fn listed(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.collect();
    let shown = names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > 3 { format!("{shown} and {} more", names.len() - 3) } else { shown }
}

fn warnings(material: &Material<'_>, report: &Report) -> Vec<Note> {
    let assessment = material.assessment;
    let mut notes: Vec<Note> = Vec::new();
    let mut note = |code: &'static str, count: u64, message: String| {
        if count > 0 {
            notes.push(Note { code, message, count });
        }
    };
    if let Some((period, _)) = material.period.filter(|(period, _)| period.days() < SHORT_PERIOD_DAYS) {
        note("short-period", 1, format!("only {} of usage: a month made of it is a guess", plural(u64::from(period.days()), "day")));
    }
    note(
        "bucket-context-unknown",
        assessment.step_unsure,
        "sums of many calls on models with a long-context price: priced at base rates, since no prompt size is known".to_owned(),
    );
    note(
        "requests-unknown",
        assessment.rows_without_requests,
        "the export does not say how many requests these rows are: they are left out of request counts, and small volumes cannot be seen".to_owned(),
    );
    for (geo, rows) in &assessment.geo_unknown {
        note("geo-unknown", *rows, format!("no price multiplier is known for data residency `{}`: taken as 1", shown(geo)));
    }
    note("route-unpriced", assessment.route_unpriced, "calls on a route whose target has no price for them are not routed".to_owned());
    unpriced_notes(material, &mut note);
    for input in &material.gathered.inputs {
        for (code, (rows, amount)) in &input.ledger.foreign {
            note(
                "currency",
                *rows,
                format!("{amount} {} billed, and the policy has no rate for it: the billed total is unknown (add `currency: {{{}: {{usd: …}}}}` to the policy)", shown(code), shown(code)),
            );
        }
    }
    if let Some(residual) = report.cost.residual.filter(|residual| !residual.is_zero()) {
        let unequal = report.days.iter().filter(|day| day.verdict() != "equal").count() as u64;
        note("residual", unequal.max(1), format!("the bill differs from the price table by ${residual}, on {}", plural(unequal, "day")));
    }
    note("amount-rounded", material.gathered.rollup.rounded_amounts, "billed amounts with more than 18 decimals were rounded to 18".to_owned());
    let unknown = report.workloads.iter().filter(|line| line.reasons.iter().any(|reason| reason == "batch-unknown"));
    let (count, cost, saving) = unknown.fold((0, Money::ZERO, Money::ZERO), |(count, cost, saving), line| {
        let add = |sum: Money, amount: Money| sum.add(amount).unwrap_or(sum);
        (count + 1, add(cost, line.monthly_cost.unwrap_or_default()), add(saving, line.open_saving))
    });
    note(
        "batch-unknown",
        count,
        format!(
            "this export cannot say what runs in batch already: ${} a month is outside every saving; if none of it did and all could wait, batch would save ${} (an export grouped by batch settles it)",
            cents(cost),
            cents(saving)
        ),
    );
    note(
        "free-tier",
        assessment.free_tier.1,
        format!("free daily tokens, worth ${} at list price, cost nothing and are in no saving", cents(assessment.free_tier.0)),
    );
    for input in &material.gathered.inputs {
        let format = &material.reading.formats[input.sniffed.format];
        for (target, what) in blind_spots(format, input.sniffed.framing, &input.sniffed.header.names) {
            note("missing-column", 1, format!("{} lacks the column for {what}, so it cannot be seen here", format.mapping.title));
            let _ = target;
        }
        let ignored: Vec<String> = ignored_columns(format, &input.sniffed.header.names);
        if format.mapping.provider.is_none() && format.mapping.logic.is_none() {
            note("ignored-columns", ignored.len() as u64, format!("columns that mean nothing here: {}", listed(ignored.iter().map(|name| shown_short(name, 40)))));
        }
    }
    notes.sort();
    // What several files lack alike is said once.
    notes.dedup_by(|a, b| a == b && matches!(a.code, "missing-column" | "ignored-columns"));
    notes
}

/// Columns of a file that its mapping does not use.
pub fn ignored_columns(format: &Format, names: &[String]) -> Vec<String> {
    names.iter().filter(|name| !name.is_empty() && !format.paths.uses(name)).cloned().collect()
}

/// Columns that an export may lack and that change the total.
fn blind_spots(format: &Format, framing: Framing, names: &[String]) -> Vec<(Target, &'static str)> {
    if format.mapping.provider.is_none() || !matches!(framing, Framing::Csv(_)) || !format.mapping.containers.contains(&Container::Csv) {
        return Vec::new();
    }
    let lacks = |target: Target| {
        format.column_map().any(|(known, paths)| known == target && !paths.iter().any(|path| path.starts_with('@') || names.contains(path)))
    };
    // An idle account's header has no columns to lack.
    if lacks(Target::Input) || lacks(Target::Billed) {
        return Vec::new();
    }
    [(Target::CacheRead, "cached tokens")].into_iter().filter(|(target, _)| lacks(*target)).collect()
}

fn unpriced_notes(material: &Material<'_>, note: &mut impl FnMut(&'static str, u64, String)) {
    for ((reason, model), sums) in &material.assessment.unpriced {
        let name = shown_short(model, 80);
        let tokens = format!("{} tokens are unpriced", grouped(sums.tokens));
        let message = match reason {
            Unpriced::UnknownModel => match material.table.nearest(model) {
                Some(nearest) => format!("`{name}` is not in the price table (nearest name: `{nearest}`): {tokens}"),
                None => format!("`{name}` is not in the price table: {tokens}"),
            },
            Unpriced::AmbiguousProvider => {
                let owners = material.table.owners(model).map(|(provider, _)| material.table.provider(provider).name.clone());
                format!("`{name}` is offered by {} and the log names none (`--provider` settles it): {tokens}", listed(owners))
            }
            Unpriced::UnknownProvider => format!("the provider of `{name}` is not in the price table: {tokens}"),
            Unpriced::BeforeFirstPrice => format!("`{name}` was used before its first known price: {tokens}"),
            Unpriced::UnknownTier => format!("`{name}` ran on a service tier without a known price: {tokens}"),
            Unpriced::NoTierRates => format!("`{name}` has no price for its service tier at this prompt size: {tokens}"),
            Unpriced::NoClassRate => format!("`{name}` has no price for some class of its tokens: {tokens}"),
            Unpriced::NoExchangeRate => format!("lines for `{name}` are billed in a currency without a rate"),
        };
        note(reason.code(), sums.rows, message);
    }
}

fn incomplete(material: &Material<'_>, report: &Report) -> Result<Vec<Note>, Failure> {
    let mut notes = Vec::new();
    let mut rejects: BTreeMap<&'static str, u64> = BTreeMap::new();
    for input in &material.gathered.inputs {
        for (code, count) in &input.ledger.reject_counts {
            *rejects.entry(code).or_default() += count;
        }
    }
    let rejected: u64 = rejects.values().sum();
    if rejected > material.policy.accept_rejects {
        let codes = rejects.iter().map(|(code, count)| format!("{count} {code}"));
        let message = format!("{} rejected ({}): mend them, or name a file with --rejects to see them all", plural(rejected, "row"), listed(codes));
        notes.push(Note { code: "rejected-rows", message, count: rejected });
    }
    let unpriced: Vec<_> =
        material.assessment.unpriced.iter().filter(|((_, model), _)| !material.policy.accept_unpriced.is_match(model)).collect();
    if !unpriced.is_empty() {
        let tokens: u128 = unpriced.iter().map(|(_, sums)| sums.tokens).sum();
        let rows = unpriced.iter().map(|(_, sums)| sums.rows).sum();
        let models = listed(unpriced.iter().map(|((_, model), _)| shown_short(model, 60)));
        let message = format!("{} tokens have no price ({models}): the spend is at least what is shown", grouped(tokens));
        notes.push(Note { code: "unpriced", message, count: rows });
    }
    for expect in &material.policy.expect {
        if let Some(message) = unmet(material, expect)? {
            notes.push(Note { code: "control-total", message, count: 1 });
        }
    }
    let left_out: Vec<&InputLine> = report.inputs.iter().filter(|input| input.left_out.is_some()).collect();
    if !left_out.is_empty() {
        let names = listed(left_out.iter().map(|input| shown_short(&input.file, 60)));
        notes.push(Note { code: "left-out", message: format!("could not be read to the end and is not counted: {names}"), count: left_out.len() as u64 });
    }
    let accepted: u64 = material.gathered.inputs.iter().map(|input| input.ledger.rows(Fate::Accepted)).sum();
    if accepted == 0 {
        notes.push(Note { code: "no-usage", message: "0 rows of usage were counted".to_owned(), count: 1 });
    }
    Ok(notes)
}

/// What a control total says if it is not met: the bill of a month against what was read of it.
fn unmet(material: &Material<'_>, expect: &crate::policy::Expect) -> Result<Option<String>, Failure> {
    let wanted = |provider: &str| {
        expect.provider.as_ref().is_none_or(|name| {
            material.table.provider_named(name).map_or_else(|| name.eq_ignore_ascii_case(provider), |id| material.table.provider(id).name == provider)
        })
    };
    let (mut billed, mut computed, mut has_bill) = (Money::ZERO, Money::ZERO, false);
    let rollup = &material.gathered.rollup;
    for (key, (tokens, amount)) in &rollup.daily {
        let charge = rollup.charge(key.charge);
        let provider = rollup.texts.get(rollup.resolution(charge).shown_provider);
        let (year, month) = key.day.month();
        if Month(year, month) != expect.month || !wanted(provider) {
            continue;
        }
        has_bill |= key.billed;
        billed = billed.add(*amount)?;
        if let (crate::rollup::Charging::Rates, Ok(quote)) = (charge.charging, rollup.quoted(charge).quote)
            && let Ok(own) = quote.own
        {
            computed = computed.add(crate::assess::cost_of(tokens, &own)?)?;
        }
    }
    let found = if has_bill { billed } else { computed };
    let difference = found.sub(expect.total)?;
    if difference.units().unsigned_abs() <= expect.tolerance.units().unsigned_abs() {
        return Ok(None);
    }
    let whose = expect.provider.as_deref().map_or(String::new(), |provider| format!(" of {}", shown(provider)));
    let word = if has_bill { "billed" } else { "computed" };
    Ok(Some(format!(
        "the control total{whose} for {} is ${}, but {word} is ${found}: ${difference} apart, more than {} allows",
        expect.month, expect.total, expect.tolerance
    )))
}

/// `1 day`, `2 days`.
pub fn plural(count: u64, word: &str) -> String {
    format!("{} {word}{}", grouped(u128::from(count)), if count == 1 { "" } else { "s" })
}

/// `1234567` as `1,234,567`.
pub fn grouped(count: u128) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// An amount to the cent, with thousands apart.
pub fn cents(amount: Money) -> String {
    let rounded = Money::round(&amount.exact(), 2).unwrap_or(amount);
    let text = rounded.to_string();
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |text| ("-", text));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole = whole.parse::<u128>().map_or_else(|_| whole.to_owned(), grouped);
    format!("{sign}{whole}.{fraction:0<2}")
}
