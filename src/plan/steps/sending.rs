//! How requests are put together: batches a day, their size, and a first one to try.

use crate::assess::Row;
use crate::money::{Exact, MONEY_DECIMALS, Money, Overflow};
use crate::plan::migration::MigratedRow;
use crate::pricing::ModelPrices;
use crate::pricing::terms::{BatchTerms, QueueUnit};
use crate::usage::PerClass;

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
    /// Whether a day's requests may be collected: results are not needed before the provider's window ends.
    pub may_collect: bool,
    /// Days with any requests.
    pub days: u64,
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

/// Fewest and most requests in a batch that works well.
pub const SWEET_SPOT: (u64, u64) = (1_000, 10_000);
/// Bytes of a token in a request, and of what stands around the prompt: estimates where bodies are not known.
const BYTES: (u64, u64) = (4, 500);

fn prompt(tokens: &PerClass<u128>) -> u128 {
    tokens.0[..4].iter().sum()
}

/// How a row's requests go out.
pub(super) fn sending(
    row: &Row,
    planned: &MigratedRow,
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
    let may_collect = planned.max_wait_ms.is_none();
    let bound = match batches_a_day {
        1 if may_collect => "a day's requests",
        1 => "what comes at one time, since collecting takes from the wait",
        _ => most.1,
    };
    Sending { requests_a_day, batch_requests, batches_a_day, bound, may_collect, days: row.days.len(), request_bytes }
}

/// Caps of the queue that hold for a model at the account's tier, or at every tier.
fn caps<'t>(
    terms: Option<&'t BatchTerms>,
    model: Option<&'t ModelPrices>,
    tier: Option<&'t str>,
) -> impl Iterator<Item = (QueueUnit, u64)> + 't {
    let id = model.map_or("", |model| model.name.as_str());
    terms.into_iter().flat_map(|terms| &terms.queue).filter(|cap| cap.models.holds_for(id)).filter_map(move |cap| {
        let known = |wanted: &str| {
            cap.tiers.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, cap)| cap.0.0)
        };
        Some((cap.unit, tier.and_then(known).or_else(|| known("all"))?))
    })
}

/// A first batch of a row.
pub(super) fn trial(row: &Row) -> Result<Option<Trial>, Overflow> {
    let (Some(requests), Some(all), Some(cost)) = (row.first_batch(), row.requests, row.batch_cost) else {
        return Ok(None);
    };
    let cost = Money::round(&(cost.exact() * Exact::new(requests.into(), all.into())), MONEY_DECIMALS)?;
    Ok(Some(Trial { requests, cost }))
}
