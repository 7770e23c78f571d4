//! The plan as JSON, `batchwise.plan/1`.

use std::io::Write;

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::Draft;
use crate::calendar::weekday_name;
use crate::diagnostic::WriteError;
use crate::diagnostic::text::mask_secrets;
use crate::money::{Exact, Money, rounded_text};
use crate::plan::BreakEven;
use crate::plan::ahead::{Ahead, MonthAhead, QuarterAhead};
use crate::plan::break_even::PaysUpTo;
use crate::plan::budgets::{BudgetMonth, BudgetPart, BudgetTable};
use crate::plan::forecast::Method;
use crate::plan::hourly_usage::HourlyUsage;
use crate::plan::ladder::{Ladder, Offer};
use crate::plan::months::{MonthKind, MonthSpend};
use crate::plan::routing::{RouteLine, published};
use crate::plan::steps::{NotMigrated, Step};
use crate::plan::turnaround::ResultTimes;
use crate::policy::Cases;
use crate::report::Projected;
use crate::report::json::{Each, price_table, write};
use crate::report::words::{difference, sum};

/// Renders the plan.
pub fn render(draft: &Draft<'_>, out: &mut dyn Write) -> Result<(), WriteError> {
    write(&Whole(draft), out)
}

/// A plan, whose long lists are made entry by entry when they are written.
struct Whole<'d>(&'d Draft<'d>);

impl Serialize for Whole<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(draft) = self;
        let steps = &draft.plan.steps;
        let mut whole = serializer.serialize_map(None)?;
        for (key, value) in parts(draft) {
            match key.as_str() {
                "steps" => whole.serialize_entry(&key, &Each(&steps.steps, step))?,
                "not_worth_it" => whole.serialize_entry(&key, &Each(&steps.not_worth_it, not_migrated))?,
                "cannot" => whole.serialize_entry(&key, &Each(&steps.cannot, not_migrated))?,
                "ladders" => whole.serialize_entry(&key, &Each(&draft.plan.ladders.rows, ladder))?,
                "break_evens" => whole.serialize_entry(&key, &Each(&draft.plan.break_evens, break_even))?,
                _ => whole.serialize_entry(&key, &value)?,
            }
        }
        whole.end()
    }
}

fn break_even(found: &BreakEven) -> Value {
    json!({
        "workload": masked(&found.workload),
        "provider": masked(&found.provider),
        "model": masked(&found.model),
        "cached_today": found.cached_today.as_ref().map(share),
        "pays_up_to": pays(&found.pays),
        "decides": found.decides,
    })
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

/// A share with at most 6 decimals.
fn share(share: &Exact) -> Value {
    Value::String(rounded_text(share, 6))
}

fn masked(text: &str) -> Value {
    Value::String(mask_secrets(text).into_owned())
}

/// A saving, or nothing where nothing is known of what batch would save.
fn ahead(ahead: &Ahead, projected: Projected) -> Value {
    json!({"cost": cases(&ahead.cost), "saving": known(projected, &ahead.saving)})
}

fn known(projected: Projected, saving: &Cases<Money>) -> Value {
    if projected.is_unknown() { Value::Null } else { cases(saving) }
}

fn seen(month: &MonthSpend) -> Value {
    json!({
        "month": month.month.to_string(),
        "spend": amount(month.spend),
        "volume": amount(month.volume),
        "whole_month": amount(month.full),
        "days_seen": month.days_seen,
        "complete": month.kind == MonthKind::Complete,
        "priced": month.unpriced.is_none(),
        "unpriced_tokens": month.unpriced.tokens,
    })
}

fn against(budget: Option<Money>, cost: Money) -> Value {
    let Some(budget) = budget else { return Value::Null };
    let headroom = difference(budget, cost);
    let variance = if headroom.is_negative() { "unfavourable" } else { "favourable" };
    json!({"budget": amount(budget), "headroom": amount(headroom), "variance": variance})
}

fn month(month: &MonthAhead, quarter_name: &str, projected: Projected) -> Value {
    json!({
        "month": month.month.to_string(),
        "quarter": quarter_name,
        "months_ahead": month.ahead,
        "live": share(&month.live),
        "today": cases(&month.today),
        "batch_only": ahead(&month.batch_only, projected),
        "batch_plus_routing": ahead(&month.combined, projected),
        "budget": against(month.budget, month.combined.cost.base),
    })
}

fn quarter(quarter: &QuarterAhead, projected: Projected) -> Value {
    json!({
        "quarter": quarter.quarter.to_string(),
        "months": quarter.months,
        "today": cases(&quarter.today),
        "batch_only": ahead(&quarter.batch_only, projected),
        "batch_plus_routing": ahead(&quarter.combined, projected),
        "actual_to_date": amount(quarter.actual_to_date),
        "forecast_to_go": cases(&quarter.forecast_to_go),
        "outlook": cases(&quarter.outlook),
        "budget": against(quarter.budget, quarter.outlook.base),
    })
}

fn results(times: &ResultTimes) -> Value {
    json!({"median_ms": times.median_ms, "expected_ms": times.expected_ms, "p95_ms": times.p95_ms})
}

fn step(step: &Step) -> Value {
    let sending = step.sending.as_ref().map(|sending| {
        json!({
            "requests_a_day": sending.requests_a_day,
            "batch_requests": sending.batch_requests,
            "batches_a_day": sending.batches_a_day,
            "days": sending.days,
            "may_collect": sending.may_collect,
            "bound": sending.bound,
            "request_bytes_estimated": sending.request_bytes,
        })
    });
    json!({
        "workload": masked(&step.workload),
        "provider": masked(&step.provider),
        "model": masked(&step.model),
        "band": step.band,
        "reasons": step.reasons.iter().map(|reason| masked(reason)).collect::<Vec<_>>(),
        "owner": step.owner,
        "status": step.status,
        "approved": step.approved.as_ref().map(|(by, on)| json!({"by": masked(by), "on": on.to_string()})),
        "start": step.start.to_string(),
        "share_by_month": step.share_by_month.iter().map(|part| share(&part.exact())).collect::<Vec<_>>(),
        "monthly_cost": amount(step.cost),
        "monthly_saving_first": amount(step.saving_now),
        "monthly_saving": amount(step.saving),
        "cumulative_monthly_saving": amount(step.cumulative),
        "effort": step.effort.name(),
        "effort_reason": step.effort_reason,
        "sending": sending,
        "max_wait_ms": step.max_wait_ms,
        "window_ms": step.window_ms,
        "in_time": share(&step.in_time),
        "pays_from_in_time": step.least_in_time.as_ref().map(share),
        "results": results(&step.results),
        "pilot": step.pilot.map(|pilot| json!({"requests": pilot.requests, "cost": amount(pilot.cost)})),
        "retires": step.retirement.as_ref().map(|retirement| retirement.day.to_string()),
        "successor": step.retirement.as_ref().and_then(|retirement| retirement.successor.clone()),
        "blockers": step.blockers,
        "lost_cache": amount(step.lost_cache),
        "flex": step.flex,
    })
}

fn not_migrated(not_migrated: &NotMigrated) -> Value {
    json!({
        "workload": masked(&not_migrated.workload),
        "provider": masked(&not_migrated.provider),
        "model": masked(&not_migrated.model),
        "monthly_cost": amount(not_migrated.cost),
        "monthly_saving": optional(not_migrated.saving),
        "codes": &*not_migrated.codes,
        "why": masked(&not_migrated.why),
    })
}

/// A workload on every way to buy its calls.
fn ladder(row: &Ladder) -> Value {
    let offer = |offer: &Offer<Money>| {
        let wait = offer.wait().map(|wait| wait.to_string());
        json!({"rung": offer.rung.to_string(), "monthly_cost": amount(offer.cost), "max_wait": wait})
    };
    json!({
        "workload": masked(&row.workload),
        "provider": masked(&row.provider),
        "model": masked(&row.model),
        "monthly_cost": amount(row.cost),
        "max_wait": row.max_wait.map(|wait| wait.to_string()),
        "ladder": row.offers.iter().map(offer).collect::<Vec<_>>(),
        "takes": row.takes.map(|taken| taken.rung.to_string()),
        "monthly_saving": optional(row.takes.map(|taken| taken.saving)),
        "beyond_batch": optional(row.takes.map(|taken| taken.beyond_batch)),
    })
}

/// Up to which share something pays: a share, or `always` or `never`.
fn pays(pays: &PaysUpTo) -> Value {
    match pays {
        PaysUpTo::Share(up_to) => share(up_to),
        PaysUpTo::Always => "always".into(),
        PaysUpTo::Never => "never".into(),
    }
}

fn route(route: &RouteLine) -> Value {
    json!({
        "from": masked(&route.from),
        "to": masked(&route.to),
        "share": {"low": share(&route.share.low), "base": share(&route.share.base), "high": share(&route.share.high)},
        "output_ratio": share(&route.output_ratio),
        "escalation": share(&route.escalation.exact()),
        "overhead": share(&route.overhead.exact()),
        "monthly_cost": cases(&Cases::all(route.cost)),
        "monthly_cost_at_target": cases(&Cases::all(route.target_cost)),
        "cache_lost": optional(route.cache_lost),
        "price_ratio": route.price_ratio.as_ref().map(share),
        "monthly_saving": cases(&route.saving),
        "break_even_share": route.break_even_share.as_ref().map(share),
        "break_even_escalation": route.break_even_escalation.as_ref().map(pays),
        "assumption_would_say": cases(&route.assumed),
        "published": route.published.map(|known| json!({
            "price_ratio": known.price_ratio,
            "chat": share(&known.chat.exact()),
            "knowledge": share(&known.knowledge.exact()),
            "mathematics": share(&known.mathematics.exact()),
            "source": published::SOURCE,
        })),
        "evidence": route.evidence.as_deref().map(masked),
        "note": route.note(),
    })
}

/// All keys in order with what they hold; of a list with an entry a row nothing but its place.
fn parts(draft: &Draft<'_>) -> Map<String, Value> {
    let (plan, report) = (draft.plan, draft.report);
    let growth = &plan.growth;
    let (base, drivers) = &plan.sensitivity;
    let months_needed = match growth.method {
        Method::NotEnoughData { needed, .. } => Some(needed),
        _ => None,
    };
    let now = &plan.now;
    let aside_sum = plan.steps.not_worth_it();
    let combined = now.batch.zip(now.routing).map(|(batch, routing)| sum([batch, routing]));
    let projected = report.batch_only.projected;
    let notes = |notes: &[crate::report::Note]| {
        notes
            .iter()
            .map(|note| json!({"code": note.code, "message": note.message, "count": note.count}))
            .collect::<Vec<_>>()
    };
    let parts = json!({
        "schema": "batchwise.plan/1",
        "currency": "USD",
        "basis": report.basis(),
        "period": report.period.map(|(period, _)| json!({
            "from": period.from.to_string(), "to": period.to.to_string(), "days": period.days(),
        })),
        "inputs": report.inputs.iter().map(|input| json!({"file": input.file, "format": input.format})).collect::<Vec<_>>(),
        "prices": price_table(&report.prices),
        "agreed_prices": report.agreed.as_ref().map(crate::report::json::agreed),
        "now": {
            "monthly_cost": amount(now.today),
            "batch_only": known(projected, &now.batch_only),
            "batch_plus_routing": known(projected, &combined),
            "parts": {"batch": known(projected, &now.batch), "routing": known(projected, &now.routing)},
            "routing_assumed": plan.routing_assumed.as_ref().map(cases),
            "monthly_cost_by_fate": {
                "moves": amount(plan.steps.spend.migrated),
                "not_worth_it": amount(plan.steps.spend.not_worth_it),
                "cannot": amount(plan.steps.spend.cannot),
                "undecided": amount(plan.steps.spend.undecided),
                "in_batch": amount(plan.steps.spend.in_batch),
            },
            "ladder_beyond_batch": amount(plan.ladders.beyond_batch),
            "batch_on_paper": optional(Some(plan.gross_saving).filter(|_| !projected.is_unknown())),
            "not_worth_it": {
                "least_monthly_saving": amount(plan.least_saving),
                "workloads": aside_sum.workloads,
                "monthly_saving": amount(aside_sum.saving),
            },
        },
        "history": plan.seen.iter().map(seen).collect::<Vec<_>>(),
        "growth": {
            "method": growth.method.name(),
            "months_needed": months_needed,
            "monthly": {"low": share(&growth.monthly.low), "base": share(&growth.monthly.base), "high": share(&growth.monthly.high)},
            "unused_fit": growth.unused_fit.as_ref().map(share),
            "backtest": growth.backtest.as_ref().map(|test| json!({
                "months": test.horizons[0].trials,
                "error": share(&test.horizons[0].error),
                "tolerance": test.horizons[0].tolerance.name(),
                "by_months_ahead": test.horizons.iter().map(|horizon| json!({
                    "months_ahead": horizon.months_ahead,
                    "trials": horizon.trials,
                    "error": share(&horizon.error),
                    "naive_error": share(&horizon.naive),
                    "tolerance": horizon.tolerance.name(),
                })).collect::<Vec<_>>(),
            })),
            "band": {
                "source": if growth.band.errors.is_some() { "measured" } else { "assumed" },
                "error": share(&growth.band.error),
                "errors": growth.band.errors,
            },
            "months": growth.months.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "left_out": growth.excluded_months.iter().map(|(month, why)| json!({
                "month": month.to_string(), "reason": why.name(),
            })).collect::<Vec<_>>(),
            "starts_at": amount(plan.start),
            "starts_from": plan.forecast.as_ref().map(|forecast| json!({
                "kind": forecast.base.name(),
                "months": forecast.base.months().iter().map(ToString::to_string).collect::<Vec<_>>(),
            })),
            "weekday_weights": plan.forecast.as_ref().map(|forecast| {
                forecast.weights.by_weekday().iter().map(share).collect::<Vec<_>>()
            }),
        },
        "months": plan.months.iter().map(|ahead| month(ahead, &plan.quarter_of(ahead.month), projected)).collect::<Vec<_>>(),
        "quarters": plan.quarters.iter().map(|ahead| quarter(ahead, projected)).collect::<Vec<_>>(),
        "budgets": plan.budgets.as_ref().map(budgets),
        "waterfall": plan.waterfall.as_ref().map(|found| json!({
            "month": found.month.to_string(),
            "baseline": amount(found.baseline),
            "bars": found.bars.iter().map(|bar| json!({"id": bar.id, "amount": amount(bar.amount)})).collect::<Vec<_>>(),
            "target": amount(found.target),
        })),
        "turnaround": {"source": plan.turnaround.name, "thin": plan.turnaround.is_thin, "results": results(&plan.turnaround.results)},
        "failure_share": share(&plan.failure_share.exact()),
        "quiet_hours": plan.quiet.map(|quiet| json!({
            "from": quiet.from, "to": quiet.to, "calls": quiet.calls.0, "all_calls": quiet.calls.1,
        })),
        "hours": plan.hourly_usage.as_ref().map(hours),
        "steps": [],
        "not_worth_it": [],
        "cannot": [],
        "ladders": [],
        "sensitivity": {
            "base_saving": amount(*base),
            "drivers": drivers.iter().map(|driver| json!({
                "id": driver.id,
                "low": driver.low,
                "high": driver.high,
                "saving_at_low": amount(driver.at_low),
                "saving_at_high": amount(driver.at_high),
            })).collect::<Vec<_>>(),
        },
        "routes": plan.routes.iter().map(route).collect::<Vec<_>>(),
        "route_candidates": plan.candidates.iter().map(|used| json!({
            "provider": used.provider,
            "model": used.model,
            "monthly_cost": amount(used.cost),
            "cheaper": used.cheaper.iter().map(|cheaper| json!({
                "model": cheaper.model,
                "monthly_cost": amount(cheaper.cost),
                "saving_per_percent": amount(cheaper.saving_per_percent),
                "retires": cheaper.retires.map(|day| day.to_string()),
                "note": cheaper.note,
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "break_evens": [],
        "risks": plan.risks.iter().map(|risk| json!({
            "kind": risk.kind,
            "role": risk.role.name(),
            "day": risk.day.to_string(),
            "models": risk.models,
            "successor": risk.successor,
            "monthly_change": optional(risk.monthly_change),
            "monthly_change_range": risk.change_range.map(|[low, high]| json!({"low": amount(low), "high": amount(high)})),
            "saving_change": optional(risk.saving_change),
            "monthly_cost": amount(risk.monthly_cost),
        })).collect::<Vec<_>>(),
        "questions": report.questions.iter().map(crate::report::json::question).collect::<Vec<_>>(),
        "warnings": notes(&report.warnings),
        "incomplete": notes(&report.incomplete),
        "status": crate::report::json::status(report),
    });
    match parts {
        Value::Object(parts) => parts,
        _ => Map::new(),
    }
}

/// What owners or teams spend beside their budgets.
fn budgets(table: &BudgetTable) -> Value {
    let month = |month: &BudgetMonth| {
        json!({
            "month": month.month.to_string(),
            "actual": month.is_actual,
            "amount": amount(month.amount),
            "budget": against(month.budget, month.amount),
        })
    };
    let part = |part: &BudgetPart| {
        json!({
            "name": part.name.as_deref().map(masked),
            "months": part.months.iter().map(month).collect::<Vec<_>>(),
        })
    };
    json!({"by": table.whose, "parts": table.parts.iter().map(part).collect::<Vec<_>>()})
}

/// The hours of the week that have calls.
fn hours(heat: &HourlyUsage) -> Vec<Value> {
    let days = (0..).map(weekday_name).zip(&heat.hours);
    let hours = days.flat_map(|(day, hours)| (0..24).zip(hours).map(move |(hour, spend)| (day, hour, spend)));
    hours
        .filter(|(_, _, spend)| spend.calls > 0 || !spend.cost.is_zero())
        .map(|(day, hour, spend)| json!({"weekday": day, "hour": hour, "calls": spend.calls, "cost": amount(spend.cost)}))
        .collect()
}
