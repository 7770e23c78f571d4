//! What a bill holds besides tokens: free tokens, credits, tools, taxes, rounding. Each is a line of its own, and none is
//! in a residual of tokens.

use std::collections::BTreeMap;

use crate::money::{Money, Overflow};

/// What a line of a bill is for. It is told by the line's own sign and words, and decides no figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ItemKind {
    /// Free daily tokens: used, and billed at nothing.
    FreeTokens,
    /// Money given back.
    Credit,
    /// Searches, code execution, sessions.
    Tool,
    /// Taxes.
    Tax,
    /// What rounding left.
    Rounding,
    /// Pictures, sound, storage, training.
    Other,
}

impl ItemKind {
    /// Its name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FreeTokens => "free-tokens",
            Self::Credit => "credit",
            Self::Tool => "tool",
            Self::Tax => "tax",
            Self::Rounding => "rounding",
            Self::Other => "other",
        }
    }

    /// The kind of a line that is charged for; nothing if its words say none of these things.
    pub(super) fn of(words: &str) -> Option<Self> {
        let words = words.to_lowercase();
        let mut words = words.split(|character: char| !character.is_alphanumeric());
        words.find_map(|word| match word {
            "tax" | "taxes" | "vat" | "gst" => Some(Self::Tax),
            "rounding" => Some(Self::Rounding),
            "search" | "searches" | "code" | "interpreter" | "tool" | "tools" | "session" | "sessions" => {
                Some(Self::Tool)
            }
            "image" | "images" | "picture" | "pictures" | "video" | "videos" | "sora" | "audio" | "speech" | "tts"
            | "transcription" | "transcriptions" | "whisper" | "storage" | "training" => Some(Self::Other),
            _ => None,
        })
    }
}

/// Which line it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// The provider.
    pub provider: String,
    /// What it is for.
    pub kind: ItemKind,
    /// The bill's words, or the model of free tokens and of a credit on tokens.
    pub words: String,
}

/// What a line says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ItemSums {
    /// By the bill.
    pub billed: Money,
    /// What free tokens are worth at list price.
    pub list_value: Option<Money>,
}

/// Lines in order.
pub type Items = BTreeMap<Item, ItemSums>;

/// Adds a line of the bill.
pub(super) fn bill(items: &mut Items, item: Item, amount: Money) -> Result<(), Overflow> {
    let sums = items.entry(item).or_default();
    sums.billed = sums.billed.add(amount)?;
    Ok(())
}

/// Adds free tokens of a model.
pub(super) fn free(items: &mut Items, provider: String, model: String, value: Money) -> Result<(), Overflow> {
    let sums = items.entry(Item { provider, kind: ItemKind::FreeTokens, words: model }).or_default();
    sums.list_value = Some(sums.list_value.unwrap_or_default().add(value)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_by_the_words_of_bills() {
        for (words, kind) in [
            ("web search tool calls", Some(ItemKind::Tool)),
            ("assistants api · file search", Some(ItemKind::Tool)),
            ("Code Execution Usage", Some(ItemKind::Tool)),
            ("session_usage", Some(ItemKind::Tool)),
            ("VAT 19 %", Some(ItemKind::Tax)),
            ("Rounding error", Some(ItemKind::Rounding)),
            ("gpt-image-2-2026-04-21 image · output", Some(ItemKind::Other)),
            ("syntax storage", Some(ItemKind::Other)),
            ("gpt-5.4-2026-03-05, priority", None),
            ("Scale tier units", None),
        ] {
            assert_eq!(ItemKind::of(words), kind, "{words}");
        }
    }
}
