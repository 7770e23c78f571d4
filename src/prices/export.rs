//! The table in forms for others: nested JSON (`batchwise.prices/1`) and tidy CSV. `docs/price-formats.md` describes
//! both. Rates are decimal texts, exactly as the table has them.

use serde_json::{Map, Value, json};

use crate::calendar::Day;
use crate::diagnostic::text::guarded;
use crate::diagnostic::{Failure, sanitized};
use crate::money::Rate;
use crate::pricing::entry::TierRates;
use crate::pricing::{BatchTerms, Entry, ModelId, ModelPrices, PeakHours, PriceTable, ProviderPrices, Rates, Window};
use crate::report::csv;
use crate::report::json;
use crate::usage::TokenClass;

/// Columns of the CSV.
const COLUMNS: [&str; 26] = [
    "provider",
    "model",
    "kind",
    "from",
    "until",
    "in_force",
    "prompt_above",
    "tier",
    "input",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "output",
    "implied",
    "discount",
    "retires",
    "successor",
    "batch_rule",
    "peak_hours",
    "contract_factor",
    "served_as",
    "promised_until",
    "note",
    "acknowledge",
    "source",
    "checked",
];

/// The last day of each entry: the day before the next begins.
pub fn until(model: &ModelPrices, index: usize) -> Option<Day> {
    model.entries.get(index + 1).and_then(|next| next.from).map(Day::previous)
}

/// The largest prompt for which a step does not hold yet; nothing for the first.
fn prompt_above(start: u64) -> Option<u64> {
    start.checked_sub(1)
}

/// The models of a table with all their dated entries, as JSON.
pub fn json(table: &PriceTable, models: &[ModelId], on: Day) -> Result<String, Failure> {
    let providers: Vec<Value> = table
        .providers()
        .filter_map(|(id, provider)| {
            let own: Vec<Value> = models
                .iter()
                .filter(|&&model| table.model(model).provider == id)
                .map(|&model| model_value(table, model, on))
                .collect();
            (!own.is_empty()).then(|| provider_value(table, provider, &own))
        })
        .collect();
    json::text(&json!({
        "schema": "batchwise.prices/1",
        "currency": "USD",
        "unit": "USD per 1M tokens",
        "source": table.source,
        "checked": table.newest_check().map(|day| day.to_string()),
        "on": on.to_string(),
        "providers": providers,
    }))
}

fn provider_value(table: &PriceTable, provider: &ProviderPrices, models: &[Value]) -> Value {
    let hours = provider.peak_hours.iter().map(|(name, id)| (name.clone(), hours_value(table.peak_hours(*id))));
    json!({
        "name": provider.name,
        "aliases": provider.aliases,
        "resells": provider.resells,
        "at_list": provider.at_list,
        "paths": provider.paths.declared.iter().map(|path| json!({"path": path.text(), "geo": path.geo})).collect::<Vec<_>>(),
        "suffixes": provider.suffixes,
        "batch": provider.batch.as_ref().map(terms_value),
        "windows": provider.windows.iter().map(window_value).collect::<Vec<_>>(),
        "peak_hours": hours.collect::<Map<String, Value>>(),
        "models": models,
    })
}

fn window_value(window: &Window) -> Value {
    json!({
        "window_hours": window.window_hours,
        "factor": window.factor.0.to_string(),
        "models": window.models.texts(),
        "endpoints": window.endpoints,
        "from": window.from.map(|from| from.0.to_string()),
        "source": window.source,
        "checked": window.checked.0.to_string(),
    })
}

fn hours_value(hours: &PeakHours) -> Value {
    json!({
        "utc": hours.clock().collect::<Vec<_>>(),
        "weekdays": hours.weekdays().collect::<Vec<_>>(),
        "holidays": hours.holidays().collect::<Vec<_>>(),
        "source": hours.source,
        "checked": hours.checked.to_string(),
    })
}

fn terms_value(terms: &BatchTerms) -> Value {
    let queue: Vec<Value> = terms
        .queue
        .iter()
        .map(|cap| {
            let tiers: Map<String, Value> =
                cap.tiers.0.iter().map(|(tier, most)| (tier.clone(), most.0.0.into())).collect();
            json!({"models": cap.models.texts(), "unit": cap.unit.name(), "tiers": tiers})
        })
        .collect();
    let disputed: Map<String, Value> = terms
        .disputed
        .0
        .iter()
        .map(|(key, disputed)| (key.clone(), json!({"values": disputed.values, "note": disputed.note})))
        .collect();
    json!({
        "window_hours": terms.window_hours,
        "expires_hours": terms.expires_hours,
        "max_requests": terms.max_requests,
        "max_file_mb": terms.max_file_mb,
        "min_requests": terms.min_requests,
        "max_pending_requests": terms.max_pending_requests,
        "endpoints": terms.endpoints,
        "on_expiry": terms.on_expiry,
        "retention_days": terms.retention_days,
        "cache": terms.cache,
        "notes": terms.notes,
        "queue": queue,
        "disputed": disputed,
        "source": terms.source,
        "checked": terms.checked.0.to_string(),
    })
}

fn model_value(table: &PriceTable, id: ModelId, on: Day) -> Value {
    let model = table.model(id);
    let in_force = table.entry_on(id, on).map(|(index, _)| index);
    let entries: Vec<Value> = model
        .entries
        .iter()
        .enumerate()
        .map(|(index, entry)| entry_value(entry, until(model, index), in_force == Some(index)))
        .collect();
    json!({
        "name": model.name,
        "aliases": model.aliases,
        "match": model.globs,
        "snapshots": model.snapshots,
        "kind": model.kind.name(),
        "retires": model.retires.map(|day| day.to_string()),
        "successor": model.successor.map(|successor| table.name_beside(id, successor)),
        "entries": entries,
    })
}

fn entry_value(entry: &Entry, until: Option<Day>, in_force: bool) -> Value {
    let steps: Vec<Value> = entry
        .steps
        .iter()
        .map(|(start, tiers)| {
            let rates: Map<String, Value> =
                tiers.blocks().map(|block| (block.tier.to_owned(), rates_value(&block.rates))).collect();
            let implied: Map<String, Value> = tiers
                .blocks()
                .map(|block| (block.tier.to_owned(), implied(&block)))
                .filter(|(_, classes)| !classes.is_empty())
                .map(|(tier, classes)| (tier, classes.into()))
                .collect();
            json!({"prompt_above": prompt_above(*start), "tiers": rates, "implied": implied})
        })
        .collect();
    let geo: Map<String, Value> =
        entry.geo.iter().map(|(name, factor)| (name.clone(), factor.to_string().into())).collect();
    json!({
        "from": entry.from.map(|day| day.to_string()),
        "until": until.map(|day| day.to_string()),
        "in_force": in_force,
        "source": entry.source,
        "checked": entry.checked.to_string(),
        "steps": steps,
        "geo": geo,
        "batch_rule": entry.batch_rule,
        "peak_hours": entry.peak_hours.as_ref().map(|(name, _)| name),
        "contract_factor": entry.discount.map(|factor| factor.to_string()),
        "served_as": entry.served_as,
        "promised_until": entry.until.map(|day| day.to_string()),
        "note": entry.note,
        "acknowledge": entry.acknowledge,
    })
}

/// Rates by class.
fn rates_value(rates: &Rates) -> Value {
    let rates = TokenClass::ALL
        .into_iter()
        .filter_map(|class| Some((class.name().to_owned(), Value::String(rates[class]?.to_string()))));
    Value::Object(rates.collect())
}

/// The classes for which a block states no rate, so that they cost its input.
fn implied(block: &TierRates) -> Vec<&'static str> {
    TokenClass::ALL
        .into_iter()
        .filter(|&class| block.implied.has(class) && block.rates[class].is_some())
        .map(TokenClass::name)
        .collect()
}

/// The models of a table with all their dated entries: a row for each price, prompt step and tier.
pub fn csv(table: &PriceTable, models: &[ModelId], on: Day) -> Result<String, Failure> {
    let mut rows = vec![COLUMNS.map(ToOwned::to_owned).to_vec()];
    for &id in models {
        let model = table.model(id);
        let in_force = table.entry_on(id, on).map(|(index, _)| index);
        for (index, entry) in model.entries.iter().enumerate() {
            let is_in_force = in_force == Some(index);
            for (start, tiers) in &entry.steps {
                for block in tiers.blocks() {
                    let discount = if block.tier == "batch" { super::discount(tiers) } else { None };
                    rows.push(row(table, id, (index, is_in_force), *start, &block, discount));
                }
            }
        }
    }
    csv::text(&rows)
}

fn row(
    table: &PriceTable,
    id: ModelId,
    (index, is_in_force): (usize, bool),
    start: u64,
    block: &TierRates,
    discount: Option<String>,
) -> Vec<String> {
    let model = table.model(id);
    let entry = &model.entries[index];
    let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
    let text = |text: &str| guarded(sanitized(text)).into_owned();
    let mut row = vec![
        text(&table.provider(model.provider).name),
        text(&model.name),
        model.kind.name().to_owned(),
        day(entry.from),
        day(until(model, index)),
        is_in_force.to_string(),
        prompt_above(start).map(|size| size.to_string()).unwrap_or_default(),
        block.tier.to_owned(),
    ];
    row.extend(block.rates.0.iter().map(|rate| rate.as_ref().map(Rate::to_string).unwrap_or_default()));
    row.extend([
        implied(block).join(" "),
        discount.unwrap_or_default(),
        day(model.retires),
        model.successor.map(|successor| text(&table.name_beside(id, successor))).unwrap_or_default(),
        text(entry.batch_rule.as_deref().filter(|_| block.tier == "batch").unwrap_or_default()),
        text(entry.peak_hours.as_ref().map(|(name, _)| name.as_str()).unwrap_or_default()),
        entry.discount.map(|factor| factor.to_string()).unwrap_or_default(),
        text(entry.served_as.as_deref().unwrap_or_default()),
        day(entry.until),
        text(entry.note.as_deref().unwrap_or_default()),
        text(&entry.acknowledge.join(" ")),
        text(&entry.source),
        entry.checked.to_string(),
    ]);
    row
}

/// The JSON Schema of a price table, for editors.
pub fn schema() -> Result<String, Failure> {
    json::text(&crate::pricing::schema::json_schema())
}
