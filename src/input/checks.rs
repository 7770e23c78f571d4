//! What both passes make of a row that was read.
//!
//! Role: the checks of a row that need the price table or the policy, its amounts in dollars, and its identity. Both passes
//! come here, so that they treat a row alike.

use super::dates::DateLimits;
use super::identity::{HashInput, Hashing, IdentifiedBy, Identity};
use super::ledger::Ledger;
use crate::formats::mapping::TargetField;
use crate::formats::{Accepted, Format, Read, Reject, RowRead};
use crate::money::{MONEY_DECIMALS, Money, Overflow};
use crate::pricing::{Kind, Wanted};
use crate::rollup::Context;
use crate::usage::{Field, Grain, IdText, Outcome, UsageRecord};

/// The text by which a row is known again, where it is one that goes by an id.
pub fn id_text<'a>(record: &UsageRecord<'a>, format: &Format) -> Option<&'a str> {
    record.text(Field::RequestId).filter(|_| record.grain() == Grain::Call || format.mapping.buckets_by_id)
}

/// What a row is known again by; nothing for a call without an id.
pub fn identified_by<'a>(
    record: &UsageRecord<'a>,
    format: &Format,
    zero_is_placeholder: bool,
) -> Option<IdentifiedBy<'a>> {
    // What stands for no id, or what a spreadsheet rounded, stands for many calls.
    let id = id_text(record, format).filter(|id| IdText::of(id).identifies(zero_is_placeholder));
    match id {
        Some(id) => Some(IdentifiedBy::Id(id)),
        None => (record.grain() != Grain::Call).then_some(IdentifiedBy::Bucket),
    }
}

/// The identity of a row, by the provider it resolves to.
pub fn identity_of(
    hashing: &Hashing,
    context: &Context<'_>,
    format: &Format,
    accepted: &Accepted<'_>,
    by: IdentifiedBy<'_>,
    input: &mut HashInput,
) -> Identity {
    let record = &accepted.record;
    let provider = provider_name(context, wanted(record, format));
    match by {
        IdentifiedBy::Id(id) => hashing.call(id, provider, input),
        IdentifiedBy::Bucket => hashing.bucket(record, provider, accepted.grouping, input),
    }
}

/// The provider a row resolves to, else the one it names. One that is named is meant whatever the model.
pub fn provider_name<'n>(context: &Context<'n>, wanted: Wanted<'n>) -> &'n str {
    let named = wanted.row_provider.or(wanted.format_provider);
    let provider = match named {
        Some(name) => context.table.provider_named(name),
        None => context.table.resolve(wanted, context.tie_breaker).provider,
    };
    match provider {
        Some(provider) => context.table.provider(provider).name.as_str(),
        None => named.unwrap_or_default(),
    }
}

/// What a row and its format say of the model that is meant.
pub fn wanted<'w>(record: &'w UsageRecord<'_>, format: &'w Format) -> Wanted<'w> {
    Wanted {
        row_provider: record.text(Field::Provider),
        format_provider: format.mapping.provider.as_deref(),
        model: record.text(Field::Model).unwrap_or_default(),
    }
}

/// Checks of a row that need the price table or the policy, and notes for the ledger.
#[inline]
pub fn judge_row(
    row: &mut RowRead<'_>,
    format: &Format,
    context: &Context<'_>,
    limits: DateLimits,
    ledger: &mut Ledger,
) -> Result<(), Overflow> {
    if let Some(days) = row.days.take_if(|days| !limits.hold(*days))
        && !matches!(row.outcome, Ok(Read::Blank) | Err(_))
    {
        row.outcome = Err(Box::new(limits.reject(days, &format.mapping.time)));
    }
    ledger.date(row.days, matches!(row.outcome, Ok(Read::Usage(_))), row.outcome.is_ok());
    if let Ok(Read::Usage(accepted)) = &row.outcome
        && let Err(reject) = check_output(accepted, format, context)
    {
        row.outcome = Err(Box::new(reject));
    }
    if row.foreign.is_some() {
        convert(row, context, ledger)?;
    }
    Ok(())
}

/// Only embeddings, rankings and failed calls may leave out what they put out.
fn check_output(accepted: &Accepted<'_>, format: &Format, context: &Context<'_>) -> Result<(), Reject> {
    if !lacks_needed_output(&accepted.record, wanted(&accepted.record, format), context) {
        return Ok(());
    }
    Err(Reject {
        code: "output-missing",
        column: format.column_of(TargetField::Output).to_owned(),
        value: String::new(),
        reason: "no output tokens are stated, and the model is no embedding or rerank model".to_owned(),
    })
}

/// Whether a row states no output though it should.
pub fn lacks_needed_output(record: &UsageRecord<'_>, wanted: Wanted<'_>, context: &Context<'_>) -> bool {
    record.lacks_output && record.outcome != Outcome::Failed && needs_output(wanted, context)
}

/// Whether calls of a model put something out.
pub fn needs_output(wanted: Wanted<'_>, context: &Context<'_>) -> bool {
    let model = context.table.resolve(wanted, context.tie_breaker).model;
    !model.is_ok_and(|model| matches!(context.table.model(model).kind, Kind::Embedding | Kind::Rerank))
}

/// Amounts in another currency become dollars by the policy's rate, or are noted and left out.
fn convert(row: &mut RowRead<'_>, context: &Context<'_>, ledger: &mut Ledger) -> Result<(), Overflow> {
    let Some((code, amount)) = row.foreign else { return Ok(()) };
    let rate = context.policy.currencies.iter().find(|rate| rate.code.eq_ignore_ascii_case(code));
    row.dollars = rate.map(|rate| Money::round(&(amount.exact() * rate.usd.exact()), MONEY_DECIMALS)).transpose()?;
    // What does not count needs no rate.
    let Ok(Read::Usage(accepted)) = &mut row.outcome else { return Ok(()) };
    accepted.record.billed = row.dollars;
    if row.dollars.is_some() {
        *ledger.converted.entry(code.to_uppercase()).or_default() += 1;
    } else {
        let known = ledger.foreign.entry(code.to_uppercase()).or_default();
        *known = (known.0 + 1, known.1.add(amount)?);
    }
    Ok(())
}
