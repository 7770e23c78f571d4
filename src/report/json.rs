//! The report as JSON, in the contract's keys and order.

use serde_json::{Map, Value, json};

use super::{
    AgreedPrices, BilledItem, ByLine, Compared, ComparedModel, ControlTotal, Improvement, Mover, Movers, Note,
    Question, Reconciliation, Report, Scenario,
};
use crate::calendar::{MonthBasis, Period};
use crate::diagnostic::text::shown_json;
use crate::money::Money;
use crate::policy::Cases;
use crate::usage::TokenClass;

/// Renders the report.
pub fn render(report: &Report) -> String {
    let text = serde_json::to_string_pretty(&value(report)).unwrap_or_default();
    format!("{}\n", shown_json(&text))
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

/// A scenario's entry, shared with `estimate`.
pub fn scenario(id: &str, scenario: &Scenario) -> Map<String, Value> {
    let mut entry = Map::new();
    entry.insert("id".into(), id.into());
    entry.insert("monthly_cost".into(), cases(&scenario.cost));
    entry.insert("monthly_saving".into(), cases(&scenario.saving));
    entry.insert("saving_share".into(), shares(&scenario.share));
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

fn reconciliation(found: &Reconciliation) -> Value {
    let compared = |line: &Compared| {
        json!({
            "provider": line.provider,
            "model": line.model,
            "token_class": line.token_class,
            "day": line.day,
            "computed": optional(line.computed),
            "billed": optional(line.billed),
            "residual": amount(line.residual),
            "verdict": line.verdict,
        })
    };
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
    json!({
        "standing": found.standing,
        "coverage": found.coverage,
        "computed": amount(found.computed),
        "billed": amount(found.billed),
        "residual": amount(found.residual),
        "models": found.models.iter().map(model).collect::<Vec<_>>(),
        "days": found.days.iter().map(compared).collect::<Vec<_>>(),
        "lines": found.lines.iter().map(compared).collect::<Vec<_>>(),
        "items": found.items.iter().map(item).collect::<Vec<_>>(),
    })
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

fn agreed(agreed: &AgreedPrices) -> Value {
    let models: Vec<Value> = agreed
        .models
        .iter()
        .map(|line| json!({"provider": line.provider, "model": line.model, "ratio": line.ratio}))
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

/// The sums of a row of `--by`, or of all of them.
fn sums(line: &ByLine) -> Map<String, Value> {
    let entries: [(&str, Value); 5] = [
        ("requests", line.requests.into()),
        ("cost", amount(line.cost)),
        ("can_wait", amount(line.can_wait)),
        ("batch_saving", amount(line.saving)),
        ("share", line.share.clone().into()),
    ];
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn value(report: &Report) -> Value {
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
            rows.extend(input.rows.iter().map(|(fate, count)| ((*fate).to_owned(), (*count).into())));
            let mut entry = Map::from_iter([
                ("file".to_owned(), input.file.clone().into()),
                ("format".to_owned(), input.format.clone().into()),
                ("grain".to_owned(), input.grain.into()),
                ("bytes".to_owned(), input.bytes.into()),
                ("rows".to_owned(), rows.into()),
            ]);
            if !input.dollars.is_empty() {
                let dollars: Map<String, Value> =
                    input.dollars.iter().map(|(fate, money)| ((*fate).to_owned(), amount(*money))).collect();
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
    let tokens: Map<String, Value> =
        TokenClass::ALL.into_iter().map(|class| (class.name().to_owned(), report.usage.tokens[class].into())).collect();
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
    let workloads: Vec<Value> = report
        .workloads
        .iter()
        .map(|line| {
            json!({
                "workload": line.workload,
                "provider": line.provider,
                "model": line.model,
                "verdict": line.verdict,
                "band": line.band,
                "reasons": line.reasons,
                "requests": line.requests,
                "cost": optional(line.cost),
                "batch_cost": optional(line.batch_cost),
                "monthly_cost": optional(line.monthly_cost),
                "monthly_saving": optional(line.monthly_cost.map(|_| line.monthly_saving)),
            })
        })
        .collect();
    let exceptions: Vec<Value> = report
        .exceptions
        .iter()
        .map(|line| {
            json!({"code": line.code, "provider": line.provider, "model": line.model, "message": line.message, "cost": amount(line.cost)})
        })
        .collect();
    let mut whole = json!({
        "schema": "batchwise.report/1",
        "currency": "USD",
        "basis": report.basis(),
        "period": period,
        "inputs": inputs,
        "prices": {"source": report.prices.source, "checked": report.prices.checked},
        "usage": usage,
        "cost": {
            "computed": amount(report.cost.computed),
            "billed": optional(report.cost.billed),
            "residual": optional(report.cost.residual),
            "from_bill": amount(report.cost.from_bill),
        },
        "eligibility": eligibility,
        "scenarios": [today(report.today), Value::Object(scenario("batch-only", &report.batch_only)), combined(&report.combined)],
        "workloads": null,
        "agreed_prices": report.agreed.as_ref().map_or(Value::Null, agreed),
        "reconciliation": report.reconciliation.as_ref().map_or(Value::Null, reconciliation),
        "improvements": report.improvements.iter().map(improvement).collect::<Vec<_>>(),
        "control_totals": report.control_totals.iter().map(control_total).collect::<Vec<_>>(),
        "exceptions": exceptions,
        "questions": report.questions.iter().map(question).collect::<Vec<_>>(),
        "warnings": notes(&report.warnings),
        "incomplete": notes(&report.incomplete),
    });
    // The longest list goes in as it is: `json!` would copy it.
    whole["workloads"] = Value::Array(workloads);
    if let (Some(by), Value::Object(whole)) = (&report.by, &mut whole) {
        let rows: Vec<Value> = by
            .rows
            .iter()
            .map(|row| {
                let mut entry = Map::from_iter([("value".to_owned(), row.value.clone().into())]);
                entry.extend(sums(row));
                entry
            })
            .map(Value::Object)
            .collect();
        let by = json!({
            "dimension": by.dimension,
            "allocated_share": by.allocated_share,
            "without": by.without.join(", "),
            "total": sums(&by.total()),
            "rows": rows,
        });
        whole.insert("by".into(), by);
    }
    if let (Some(found), Value::Object(whole)) = (&report.movers, &mut whole) {
        whole.insert("movers".into(), movers(found));
    }
    whole
}

fn movers(found: &Movers) -> Value {
    let half = |half: &Period| json!({"from": half.from.to_string(), "to": half.to.to_string(), "days": half.days()});
    let row = |row: &Mover| json!({"value": row.value, "first": amount(row.first), "second": amount(row.second), "change": amount(row.change)});
    json!({
        "dimension": found.dimension,
        "halves": found.halves.as_ref().map(|halves| halves.iter().map(half).collect::<Vec<_>>()),
        "why_not": found.why_not,
        "rows": found.rows.iter().map(row).collect::<Vec<_>>(),
    })
}
