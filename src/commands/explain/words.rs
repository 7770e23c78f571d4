//! Short texts of an explanation.

use crate::diagnostic::sanitized;
use crate::diagnostic::text::mask_secrets;
use crate::money::Money;
use crate::pricing::PriceTable;
use crate::report::words::{exact_dollars, grouped};
use crate::rollup::{Charge, Rollup};
use crate::usage::BatchCache;
use crate::verdict::Code;

/// Whether a name of the files is the one typed: as it is, or as outputs show it, masked and escaped.
pub(super) fn is_named(known: &str, typed: &str) -> bool {
    known == typed || (typed.contains(['…', '\\']) && (sanitized(known) == typed || mask_secrets(known) == typed))
}

/// The order in which sums are shown; sums that are charged in the same way have the same.
pub(super) fn order(rollup: &Rollup, charge: &Charge, code: Code, cache: BatchCache) -> String {
    let quoted = rollup.quoted(charge);
    let (entry, step) = quoted.quote.map_or((0, 0), |quote| (quote.entry, quote.step));
    let geo = quoted.key.geo.map(|geo| rollup.texts.get(geo));
    let (tier, hours) = (quoted.key.tier, hours(rollup, charge));
    format!(
        "{tier:?} {entry:05} {step:012} {hours:?} {code:?} {geo:?} {:?} {} {cache:?}",
        charge.charging, charge.batchable
    )
}

pub(super) fn source_of(table: &PriceTable, rollup: &Rollup, charge: &Charge, entry: usize) -> String {
    rollup.resolution(charge).model.map_or_else(
        |_| "no entry".to_owned(),
        |model| {
            let model = table.model(model);
            let provider = &table.provider(model.provider).name;
            let entry = &model.entries[entry];
            let from = entry.from.map_or(String::new(), |from| format!(" from {from}"));
            let served = entry.served_as.as_ref().map_or(String::new(), |other| format!(", served as {other}"));
            let paid = entry.discount.map_or(String::new(), |factor| format!(", list price × {factor} by contract"));
            format!("{provider}/{}{from}{served}, checked {} at {}{paid}", model.name, entry.checked, entry.source)
        },
    )
}

/// On which side of peak hours calls lie, where their price has any.
pub(super) fn hours(rollup: &Rollup, charge: &Charge) -> &'static str {
    let quoted = rollup.quoted(charge);
    match quoted.quote {
        Ok(quote) if quote.off_peak.is_some() => match (quoted.key.off_peak, charge.hours_unsure) {
            (true, _) => ", outside of peak hours",
            (false, true) => ", in peak hours or outside of them: priced as in them",
            (false, false) => ", in peak hours",
        },
        _ => "",
    }
}

pub(super) fn above(step: u64) -> String {
    if step == 0 { String::new() } else { format!(", prompts of {} tokens and more", grouped(u128::from(step))) }
}

pub(super) fn geo(factor: &str) -> String {
    if factor == "1" { String::new() } else { format!(", × {factor} for data residency") }
}

pub(super) fn amount(money: Option<Money>) -> String {
    money.map_or_else(|| "unknown".to_owned(), exact_dollars)
}
