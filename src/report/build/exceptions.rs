//! Where the price of a model in use is not what a reader expects: no batch price, another discount than half, cached
//! prompts, fewest records, models that retire or change price.
//!
//! Role: the models of an assessment → sentences with a code each, by the cost of the model. They change no figure.

use super::ReportInput;
use crate::assess::Used;
use crate::calendar::Day;
use crate::diagnostic::sanitized_short;
use crate::money::{Exact, Money, Overflow, Percent, Rate};
use crate::pricing::{Entry, ModelId, Rates, Tiers};
use crate::report::PriceException;
use crate::report::words::cents;
use crate::usage::TokenClass;

/// Days of the longest quarter.
const DAYS_A_QUARTER: i32 = 92;
/// Discounts this near to half, in percentage points, are half but for rounding.
const ROUNDING_POINTS: i64 = 1;

/// All exceptions, models with the highest cost first.
pub(super) fn exceptions(run: &ReportInput<'_>) -> Result<Vec<PriceException>, Overflow> {
    let mut used: Vec<(ModelId, &Used)> = run.assessment.used.iter().map(|(model, used)| (*model, used)).collect();
    used.sort_by(|(one, a), (other, b)| b.cost.cmp(&a.cost).then(one.cmp(other)));
    let mut found = Vec::new();
    for (id, used) in used {
        for (code, message) in of_model(run, id, used)? {
            let model = run.context.table.model(id);
            found.push(PriceException {
                code,
                provider: run.context.table.provider(model.provider).name.clone(),
                model: model.name.clone(),
                message,
                cost: used.cost,
            });
        }
    }
    Ok(found)
}

fn of_model(run: &ReportInput<'_>, id: ModelId, used: &Used) -> Result<Vec<(&'static str, String)>, Overflow> {
    let model = run.context.table.model(id);
    let provider = run.context.table.provider(model.provider);
    let mut found = Vec::new();
    let Some(entry) = used.entries.last().map(|&entry| &model.entries[entry]) else { return Ok(found) };
    let base = entry.steps[0].1;
    let without = used.cost.sub(used.with_batch_price)?;
    if base.batch.is_none() && !without.is_zero() {
        found.push((
            "no-batch-price",
            format!(
                "no batch price is published; ${} of its cost in the period cannot be saved by batch",
                cents(without)
            ),
        ));
    } else if !without.is_zero() {
        found.push((
            "no-batch-price",
            format!(
                "${} of its cost in the period has no batch price on record: older prices, long prompts or another tier",
                cents(without)
            ),
        ));
    }
    if let Some(discounts) = unusual_discount(&base)? {
        found.push(("batch-discount", format!("batch is {discounts}, not 50 %")));
    }
    if let Some(rule) = &entry.batch_rule {
        found.push((
            "batch-rule",
            format!("its batch price is not listed but follows from a rule: {}", sanitized_short(rule, 160)),
        ));
    }
    if used.cache_reads > 0
        && let Some((code, words)) = cached_prompts(&base, run.context.policy.batch_cache.hits)
    {
        found.push((code, words));
    }
    if let Some(fewest) =
        provider.batch.as_ref().map(|terms| terms.min_requests).filter(|&fewest| fewest > 0 && base.batch.is_some())
    {
        found.push(("minimum-records", format!("a batch holds {fewest} requests or more")));
    }
    if let Some((period, _)) = run.period() {
        let horizon = horizon(period.to, run.context.policy.quarters);
        if let Some(day) = model.retires.filter(|&day| day <= horizon) {
            let (code, verb) = if day <= period.to { ("retired", "was") } else { ("retires", "is to be") };
            let successor =
                model.successor.map(|next| format!("; its successor is {}", run.context.table.name_beside(id, next)));
            found.push((code, format!("{verb} retired on {day}{}", successor.unwrap_or_default())));
        }
        let coming =
            model.entries.iter().filter(|entry| entry.from.is_some_and(|from| from > period.to && from <= horizon));
        let mut before = entry;
        for coming in coming {
            if let Some(message) = change(before, coming) {
                found.push(("price-change", message));
            }
            before = coming;
        }
    }
    Ok(found)
}

/// The last day that the plan looks at.
fn horizon(end: Day, quarters: u32) -> Day {
    let days = i32::try_from(quarters).unwrap_or(i32::MAX).saturating_mul(DAYS_A_QUARTER);
    Day::from_number(end.number().saturating_add(days))
}

/// Discounts of input and output in words, unless both are half.
fn unusual_discount(tiers: &Tiers) -> Result<Option<String>, Overflow> {
    let Some((standard, batch)) = tiers.standard.zip(tiers.batch) else { return Ok(None) };
    let mut words: Vec<(String, &str)> = Vec::new();
    let mut is_half = true;
    for (class, name) in [(TokenClass::Input, "input"), (TokenClass::Output, "output")] {
        if let (Some(standard), Some(batch)) = (standard[class], batch[class])
            && standard.units() > 0
        {
            let off =
                (Exact::from_integer(1.into()) - batch.exact() / standard.exact()) * Exact::from_integer(100.into());
            let apart = &off - Exact::from_integer(50.into());
            let tolerance = Exact::from_integer(ROUNDING_POINTS.into());
            is_half &= apart <= tolerance && apart >= -tolerance;
            words.push((Money::round(&off, 1)?.to_string(), name));
        }
    }
    Ok((!is_half).then(|| match words.as_slice() {
        [(input, _), (output, _)] if input != output => format!("{input} % off input and {output} % off output"),
        [(off, _), ..] => format!("{off} % off"),
        [] => String::new(),
    }))
}

/// What becomes of cached prompts in batch.
fn cached_prompts(tiers: &Tiers, hits: Percent) -> Option<(&'static str, String)> {
    let read = |rates: Rates| rates[TokenClass::CacheRead];
    let (standard, batch) = (tiers.standard.and_then(read)?, tiers.batch.and_then(read)?);
    let input = tiers.batch?[TokenClass::Input]?;
    let found = if batch >= input {
        ("cache-lost", "cached prompts cost as much as any others in batch".to_owned())
    } else if batch >= standard {
        ("cache-not-discounted", "cached prompts cost the same in batch as outside it".to_owned())
    } else if hits == Percent::ALL {
        return None;
    } else {
        let counted =
            if hits == Percent::default() { "no such hits".to_owned() } else { format!("{hits} of today's hits") };
        (
            "cache-stacks",
            format!(
                "cached prompts get cheaper in batch too where the cache is hit; the saving shown counts on {counted}"
            ),
        )
    };
    Some(found)
}

/// How an announced price differs.
fn change(before: &Entry, after: &Entry) -> Option<String> {
    let standard = |entry: &Entry| entry.steps[0].1.standard;
    let (old, new) = (standard(before)?, standard(after)?);
    let rate = |rate: Option<Rate>| rate.map_or_else(|| "none".to_owned(), |rate| format!("${rate}"));
    let changes: Vec<String> = TokenClass::ALL
        .into_iter()
        .filter(|&class| old[class] != new[class])
        .map(|class| format!("{} {} → {}", class.name(), rate(old[class]), rate(new[class])))
        .collect();
    let from = after.from?;
    (!changes.is_empty()).then(|| format!("from {from} per 1M tokens: {}", changes.join(", ")))
}
