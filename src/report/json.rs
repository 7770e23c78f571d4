//! The report as JSON, in the keys and order of docs/specification.md.

mod by;
mod indented;
mod safe_blocks;

use std::collections::BTreeMap;
use std::io::Write;

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use indented::Indented;
use safe_blocks::SafeBlocks;

use super::status::Status;
use super::{
    AgreedPrices, BillCause, BilledItem, ByWay, Compared, ComparedModel, ControlTotal, Improvement, Mover, Movers,
    Note, PricesLine, Question, Reconciliation, Report, Scenario, WorkloadLine,
};
use crate::calendar::{MonthBasis, Period};
use crate::diagnostic::{Failure, WriteError};
use crate::money::{Money, share};
use crate::policy::Cases;
use crate::usage::{CacheWay, TokenClass};

/// Renders the report.
pub fn render(report: &Report, out: &mut dyn Write) -> Result<(), WriteError> {
    write(&Whole(report), out)
}

/// Writes a value as JSON that is safe to show.
pub fn write(value: &impl Serialize, out: &mut dyn Write) -> Result<(), WriteError> {
    let mut blocks = SafeBlocks::new(out);
    let mut serializer = serde_json::Serializer::with_formatter(&mut blocks, Indented::default());
    value.serialize(&mut serializer).map_err(|error| match error.io_error_kind() {
        Some(_) => WriteError::Output(error.into()),
        None => unmakeable(&error).into(),
    })?;
    blocks.write_all(b"\n")?;
    Ok(blocks.flush()?)
}

/// The same as a text.
pub fn text(value: &impl Serialize) -> Result<String, Failure> {
    text_of(|out| write(value, out))
}

/// What is written as a text.
pub fn text_of(write: impl FnOnce(&mut dyn Write) -> Result<(), WriteError>) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    match write(&mut bytes) {
        Ok(()) => String::from_utf8(bytes).map_err(|error| unmakeable(&error)),
        Err(WriteError::Content(failure)) => Err(failure),
        Err(WriteError::Output(error)) => Err(unmakeable(&error)),
    }
}

fn unmakeable(error: &dyn std::error::Error) -> Failure {
    Failure::internal(format!("the JSON cannot be made: {error}"))
}

fn amount(money: Money) -> Value {
    Value::String(money.to_string())
}

fn optional(money: Option<Money>) -> Value {
    money.map_or(Value::Null, amount)
}

fn cases(cases: &Cases<Money>) -> Value {
    json!({"low": amount(cases.low), "base": amount(cases.base), "high": amount(cases.high)})
}

fn shares(cases: &Cases<Option<String>>) -> Value {
    json!({"low": cases.low, "base": cases.base, "high": cases.high})
}

fn notes(notes: &[Note]) -> Value {
    notes.iter().map(|note| json!({"code": note.code, "message": note.message, "count": note.count})).collect()
}

/// Whether the figures can be presented, and why not; shared with `plan`.
pub fn status(report: &Report) -> Value {
    let status = Status::of(report);
    let reasons: Vec<&str> = status.reasons.iter().map(|reason| reason.name()).collect();
    json!({"code": status.readiness.name(), "reasons": reasons})
}

/// A scenario's entry, shared with `estimate`.
pub fn scenario(id: &str, scenario: &Scenario) -> Map<String, Value> {
    let mut entry = Map::new();
    entry.insert("id".into(), id.into());
    entry.insert("monthly_cost".into(), cases(&scenario.cost));
    let is_known = !scenario.projected.is_unknown();
    entry.insert("monthly_saving".into(), if is_known { cases(&scenario.saving) } else { Value::Null });
    entry.insert("saving_share".into(), if is_known { shares(&scenario.share) } else { Value::Null });
    entry
}

/// Today's entry: a cost, and nothing saved.
pub fn today(cost: Money) -> Value {
    json!({"id": "today", "monthly_cost": cases(&Cases::all(cost))})
}

/// The entry of batch and routing together.
pub fn combined(combined: &super::Combined) -> Value {
    let mut entry = scenario("batch-plus-routing", &combined.total);
    entry.insert("parts".into(), json!({"batch": cases(&combined.batch), "routing": cases(&combined.routing)}));
    entry.insert("routing".into(), combined.kind.into());
    Value::Object(entry)
}

/// A list whose entries are made when they are written, since some lists are long.
pub(super) struct Each<'r, T, F>(pub(super) &'r [T], pub(super) F);

impl<'r, T, V: Serialize, F: Fn(&'r T) -> V> Serialize for Each<'r, T, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(&self.1))
    }
}

#[derive(Serialize)]
struct Line<'r> {
    workload: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    workload_id: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<BTreeMap<&'r str, &'r str>>,
    provider: &'r str,
    model: &'r str,
    verdict: &'r str,
    band: Option<&'r str>,
    reasons: &'r [String],
    requests: Option<u64>,
    cost: Option<Money>,
    batch_cost: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    batch_ways: Option<Value>,
    monthly_cost: Option<Money>,
    monthly_saving: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    saving_forgone: Option<Money>,
}

fn workload(line: &WorkloadLine) -> Line<'_> {
    Line {
        workload: &line.workload,
        workload_id: line.workload_id.as_deref(),
        detail: (!line.detail.is_empty())
            .then(|| line.detail.iter().map(|(field, value)| (field.as_str(), value.as_str())).collect()),
        provider: &line.provider,
        model: &line.model,
        verdict: line.verdict,
        band: line.band,
        reasons: &line.reasons,
        requests: line.requests,
        cost: line.cost,
        batch_cost: line.batch_cost,
        batch_ways: line.cached_prompts.as_ref().map(|cached| by_way(&cached.costs)),
        monthly_cost: line.monthly_cost,
        monthly_saving: line.monthly_cost.map(|_| line.monthly_saving),
        saving_forgone: line.saving_forgone,
    }
}

/// An amount by the way in which cached prompts are sent in batch.
fn by_way(amounts: &ByWay) -> Value {
    CacheWay::ALL.iter().zip(amounts).map(|(way, cost)| (way.name().to_owned(), amount(*cost))).collect()
}

#[derive(Serialize)]
struct Sides<'r> {
    provider: &'r str,
    model: Option<&'r str>,
    token_class: Option<&'r str>,
    day: &'r str,
    computed: Option<Money>,
    billed: Option<Money>,
    residual: Money,
    verdict: &'r str,
}

fn compared(line: &Compared) -> Sides<'_> {
    Sides {
        provider: &line.provider,
        model: line.model.as_deref(),
        token_class: line.token_class,
        day: &line.day,
        computed: line.computed,
        billed: line.billed,
        residual: line.residual,
        verdict: line.verdict,
    }
}

fn reconciliation(found: &Reconciliation) -> impl Serialize {
    #[derive(Serialize)]
    struct Section<'r, D, L> {
        standing: &'r str,
        coverage: Option<&'r str>,
        computed: Money,
        billed: Money,
        residual: Money,
        models: Vec<Value>,
        days: D,
        lines: L,
        items: Vec<Value>,
        causes: Vec<Value>,
    }
    let model = |line: &ComparedModel| {
        json!({
            "provider": line.provider,
            "model": line.model,
            "computed": amount(line.computed),
            "billed": amount(line.billed),
            "residual": amount(line.residual),
            "days": line.days,
            "agreed_ratio": line.agreed_ratio,
        })
    };
    let item = |line: &BilledItem| {
        json!({
            "provider": line.provider,
            "kind": line.kind,
            "item": line.item,
            "billed": amount(line.billed),
            "list_value": optional(line.list_value),
        })
    };
    let cause = |line: &BillCause| {
        json!({
            "cause": line.cause.name(),
            "residual": amount(line.residual),
            "models": line.models,
            "long_context": optional(line.long_context),
            "long_context_share": line.long_context.and_then(|most| share(line.residual, most)),
        })
    };
    Section {
        standing: found.standing,
        coverage: found.coverage.as_deref(),
        computed: found.computed,
        billed: found.billed,
        residual: found.residual,
        models: found.models.iter().map(model).collect(),
        days: Each(&found.days, compared),
        lines: Each(&found.lines, compared),
        items: found.items.iter().map(item).collect(),
        causes: found.causes.iter().map(cause).collect(),
    }
}

fn improvement(line: &Improvement) -> Value {
    json!({
        "gap": line.gap,
        "provider": line.provider,
        "formats": line.formats.join(", "),
        "advice": line.advice,
        "monthly_cost": amount(line.monthly_cost),
    })
}

fn control_total(control: &ControlTotal) -> Value {
    json!({
        "month": control.month,
        "provider": control.provider,
        "total": amount(control.total),
        "tolerance": amount(control.tolerance),
        "found": optional(control.found),
        "source": control.source,
        "difference": amount(control.difference),
        "met": control.met,
    })
}

pub(super) fn agreed(agreed: &AgreedPrices) -> Value {
    let models: Vec<Value> = agreed
        .models
        .iter()
        .map(|line| {
            let classes: Map<String, Value> =
                line.classes.iter().map(|(class, ratio)| ((*class).to_owned(), ratio.clone().into())).collect();
            json!({"provider": line.provider, "model": line.model, "ratio": line.ratio, "by": line.by, "classes": classes})
        })
        .collect();
    let at_list: Vec<Value> = agreed
        .at_list
        .iter()
        .map(|line| json!({"provider": line.provider, "model": line.model, "monthly_cost": amount(line.monthly_cost)}))
        .collect();
    let agreement = agreed.agreement.as_ref();
    json!({
        "monthly_at_list": amount(agreed.monthly_at_list),
        "models": models,
        "at_list": at_list,
        "standing": agreement.map(|found| found.standing),
        "coverage": agreement.and_then(|found| found.coverage.as_ref()),
        "residual": optional(agreement.map(|found| found.residual)),
    })
}

/// An open question, in reports and plans.
pub fn question(asked: &Question) -> Value {
    json!({
        "kind": asked.kind,
        "workload": asked.workload,
        "models": asked.models,
        "owner": asked.owner,
        "question": asked.question,
        "answer": asked.answer,
        "monthly_cost": optional(asked.monthly_cost),
        "monthly_saving": optional(asked.monthly_saving),
        "tokens": asked.tokens,
    })
}

/// The whole report. Long lists are written as they are walked.
struct Whole<'r>(&'r Report);

impl Serialize for Whole<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(report) = self;
        let period = report.period.map_or(Value::Null, |(period, basis)| {
            let basis = match basis {
                MonthBasis::Calendar { .. } => "calendar",
                MonthBasis::RunRate { .. } => "run-rate",
            };
            json!({"from": period.from.to_string(), "to": period.to.to_string(), "days": period.days(), "month_basis": basis})
        });
        let inputs: Vec<Value> = report
            .inputs
            .iter()
            .map(|input| {
                let mut rows = Map::from_iter([("read".to_owned(), input.read.into())]);
                rows.extend(input.rows.iter().map(|(outcome, count)| ((*outcome).to_owned(), (*count).into())));
                let mut entry = Map::from_iter([
                    ("file".to_owned(), input.file.clone().into()),
                    ("format".to_owned(), input.format.clone().into()),
                    ("grain".to_owned(), input.grain.into()),
                    ("bytes".to_owned(), input.bytes.into()),
                    ("rows".to_owned(), rows.into()),
                ]);
                if !input.dollars.is_empty() {
                    let dollars: Map<String, Value> =
                        input.dollars.iter().map(|(outcome, money)| ((*outcome).to_owned(), amount(*money))).collect();
                    entry.insert("billed".into(), dollars.into());
                }
                if let Some(hash) = &input.sha256 {
                    entry.insert("sha256".into(), hash.clone().into());
                }
                if let Some(reason) = &input.left_out {
                    entry.insert("left_out".into(), reason.message.clone().into());
                }
                Value::Object(entry)
            })
            .collect();
        let tokens: Map<String, Value> = TokenClass::ALL
            .into_iter()
            .map(|class| (class.name().to_owned(), report.usage.tokens[class].into()))
            .collect();
        let usage = json!({
            "requests": report.usage.requests,
            "tokens": tokens,
            "unpriced": {
                "requests": report.usage.unpriced_requests,
                "tokens": report.usage.unpriced_tokens,
                "models": report.usage.unpriced_models,
            },
            "free_tier_list_value": amount(report.usage.free_tier_list_value),
        });
        let eligibility: Vec<Value> = report
            .eligibility
            .iter()
            .map(|line| json!({"verdict": line.verdict, "band": line.band, "requests": line.requests, "cost": amount(line.cost)}))
            .collect();
        let exceptions: Vec<Value> = report
            .exceptions
            .iter()
            .map(|line| {
                json!({"code": line.code, "provider": line.provider, "model": line.model, "message": line.message, "cost": amount(line.cost)})
            })
            .collect();
        let cost = json!({
            "computed": amount(report.cost.computed),
            "billed": optional(report.cost.billed),
            "residual": optional(report.cost.residual),
            "from_bill": amount(report.cost.from_bill),
        });
        let batch_only = Value::Object(scenario("batch-only", &report.batch_only));
        let scenarios = [today(report.today), batch_only, combined(&report.combined)];
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schema", "batchwise.report/1")?;
        map.serialize_entry("currency", "USD")?;
        map.serialize_entry("status", &status(report))?;
        map.serialize_entry("basis", report.basis())?;
        map.serialize_entry("period", &period)?;
        map.serialize_entry("inputs", &inputs)?;
        map.serialize_entry("prices", &price_table(&report.prices))?;
        map.serialize_entry("usage", &usage)?;
        map.serialize_entry("cost", &cost)?;
        let (requests, failed) = report.usage.failed;
        map.serialize_entry("failed", &json!({"requests": requests, "cost": amount(failed)}))?;
        map.serialize_entry("eligibility", &eligibility)?;
        map.serialize_entry("scenarios", &scenarios)?;
        map.serialize_entry("workloads", &Each(&report.workloads, workload))?;
        map.serialize_entry("agreed_prices", &report.agreed.as_ref().map(agreed))?;
        map.serialize_entry("reconciliation", &report.reconciliation.as_ref().map(reconciliation))?;
        map.serialize_entry("other_charges", &Each(&report.other_charges, other_charge))?;
        map.serialize_entry("improvements", &Each(&report.improvements, improvement))?;
        map.serialize_entry("control_totals", &Each(&report.control_totals, control_total))?;
        map.serialize_entry("exceptions", &exceptions)?;
        map.serialize_entry("questions", &Each(&report.questions, question))?;
        map.serialize_entry("warnings", &notes(&report.warnings))?;
        map.serialize_entry("incomplete", &notes(&report.incomplete))?;
        if let Some(found) = &report.by {
            map.serialize_entry("by", &by::by(report, found))?;
        }
        if let Some(found) = &report.movers {
            map.serialize_entry("movers", &InHalves(found))?;
        }
        map.end()
    }
}

fn other_charge(line: &BilledItem) -> Value {
    json!({"provider": line.provider, "kind": line.kind, "item": line.item, "billed": amount(line.billed), "about_ai": line.about_ai})
}

/// Spend of both halves. There may be as many rows as values, so that they are written one by one.
struct InHalves<'m>(&'m Movers);

impl Serialize for InHalves<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(found) = self;
        let half =
            |half: &Period| json!({"from": half.from.to_string(), "to": half.to.to_string(), "days": half.days()});
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("dimension", &found.dimension)?;
        map.serialize_entry("halves", &found.halves.as_ref().map(|halves| halves.each_ref().map(half)))?;
        map.serialize_entry("why_not", &found.why_not)?;
        map.serialize_entry("rows", &Each(&found.rows, mover))?;
        map.end()
    }
}

#[derive(Serialize)]
struct MoverLine<'r> {
    value: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'r str>,
    first: Money,
    second: Money,
    change: Money,
}

fn mover(row: &Mover) -> MoverLine<'_> {
    let (value, id) = (row.value.as_deref(), row.id.as_deref());
    MoverLine { value, id, first: row.first, second: row.second, change: row.change }
}

/// The table that prices are from, and what lies on it.
pub(super) fn price_table(prices: &PricesLine) -> Value {
    let mut table = Map::new();
    table.insert("source".into(), json!(prices.source));
    table.insert("checked".into(), json!(prices.checked));
    if !prices.layers.is_empty() {
        table.insert("layers".into(), json!(prices.layers));
    }
    Value::Object(table)
}
