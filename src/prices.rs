//! The price table as something to look at: listed, shown, checked, compared.
//!
//! Role: pure functions from a [`PriceTable`] (or the text of one) to plain values, and beside them what draws these
//! ([`draw`], [`export`]). It prices no call, reads no file and prints nothing.

use crate::calendar::Day;
use crate::money::{Exact, Rate, rounded_text};
use crate::pricing::entry::Tiers;
use crate::pricing::{ModelId, ModelPrices, PriceTable, ProviderPrices};
use crate::usage::TokenClass;
use num_traits::One as _;

pub mod check;
pub(crate) mod diff;
pub(crate) mod draw;
pub(crate) mod export;
pub(crate) mod figures;
pub(crate) mod genai;
pub(crate) mod impact;
pub(crate) mod list;
pub(crate) mod litellm;
pub(crate) mod other;
pub(crate) mod outline;
pub(crate) mod pairing;
pub(crate) mod show;
pub(crate) mod style;
pub(crate) mod update;

/// The day a table is looked at when none is given: the newest on which one of its entries was checked.
pub fn table_day(table: &PriceTable) -> Day {
    table.newest_check().unwrap_or_else(|| Day::from_number(0))
}

/// A model and whose it is.
pub fn named(table: &PriceTable, id: ModelId) -> (&ProviderPrices, &ModelPrices) {
    let model = table.model(id);
    (table.provider(model.provider), model)
}

/// What batch takes off a rate, such as `50 %`; nothing of a rate of 0.
pub fn cut(standard: Rate, batch: Rate) -> Option<String> {
    (standard.units() > 0).then(|| percent(&(Exact::one() - batch.exact() / standard.exact())))
}

/// A share in percent with at most one decimal.
fn percent(share: &Exact) -> String {
    format!("{} %", rounded_text(&(share * Exact::from_integer(100.into())), 1))
}

/// What batch takes off input and output: `50 %`, `41.7/16.7 %` where they differ, or nothing without a batch rate.
pub fn discount(tiers: &Tiers) -> Option<String> {
    let (standard, batch) = (tiers.standard?, tiers.batch?);
    let of = |class: TokenClass| cut(standard[class]?, batch[class]?);
    match (of(TokenClass::Input), of(TokenClass::Output)) {
        (Some(input), Some(output)) if input != output => Some(format!("{}/{output}", input.trim_end_matches(" %"))),
        (input, output) => Some(input.or(output).unwrap_or_else(|| "0 %".to_owned())),
    }
}

/// The prompt size above which a context step holds, as vendors print it: `272,000 tokens and more` or `more than
/// 272,000`. Steps begin at a whole prompt; one that begins behind a round number is meant to lie above it.
pub fn round_step(start: u64) -> (bool, u64) {
    if start % 1000 == 1 { (true, start - 1) } else { (false, start) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_are_exact_to_a_tenth() {
        let cut = |standard: &str, batch: &str| {
            cut(standard.parse().expect("a rate"), batch.parse().expect("a rate")).unwrap_or_default()
        };
        assert_eq!(cut("0.25", "0.13"), "48 %");
        assert_eq!(cut("3", "2"), "33.3 %");
        assert_eq!(cut("0", "0"), "");
        assert_eq!(cut("1", "1"), "0 %");
    }
}
