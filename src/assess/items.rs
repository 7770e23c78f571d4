//! What a bill holds besides tokens: free tokens, credits, tools, taxes, purchases, rounding. Each is a line of its own, and none is
//! in a residual of tokens.

use std::collections::BTreeMap;

use crate::money::{Money, Overflow};
use crate::usage::ChargeKind;

/// Which line it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Item {
    /// The provider.
    pub provider: String,
    /// What it is for.
    pub kind: ChargeKind,
    /// The bill's words, or the model of free tokens and of a credit on tokens.
    pub words: String,
    /// Whether it is for LLMs, or may be: on a cloud's bill most is not.
    pub about_ai: bool,
}

/// What a line says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ItemSums {
    /// By the bill.
    pub billed: Money,
    /// What free tokens are worth at list price.
    pub list_value: Option<Money>,
}

/// Lines in order.
pub type Items = BTreeMap<Item, ItemSums>;

/// Adds a line of the bill.
pub fn bill(items: &mut Items, item: Item, amount: Money) -> Result<(), Overflow> {
    let sums = items.entry(item).or_default();
    sums.billed = sums.billed.add(amount)?;
    Ok(())
}

/// Adds free tokens of a model, with what they are worth where all of them have a price.
pub(super) fn free(items: &mut Items, provider: String, model: String, value: Option<Money>) -> Result<(), Overflow> {
    let sums = items.entry(Item { provider, kind: ChargeKind::FreeTokens, words: model, about_ai: true }).or_default();
    value.map_or(Ok(()), |value| Money::add_to(&mut sums.list_value, value))
}
