//! `LiteLLM`'s `model_prices_and_context_window.json`: a map of models, each with prices for one token as floats.
//!
//! Role: its text → figures by provider and model. Prices are read from their digits, never through a float. Keys such
//! as `cache_read_input_token_cost_above_272k_tokens_batches` are taken apart; prices for anything but text tokens are
//! left out.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::figures::{Figure, Figures, Other, OtherModel, Tier};
use crate::money::Rate;
use crate::pricing::Kind;
use crate::usage::TokenClass;
use crate::yaml::UniqueMap;

/// An entry that explains the keys and prices nothing.
const SPECIMEN: &str = "sample_spec";
/// Prices by class. Longer names come first, since one begins like the other.
const CLASSES: [(&str, TokenClass); 5] = [
    ("cache_creation_input_token_cost_above_1hr", TokenClass::CacheWrite1h),
    ("cache_creation_input_token_cost", TokenClass::CacheWrite5m),
    ("cache_read_input_token_cost", TokenClass::CacheRead),
    ("input_cost_per_token", TokenClass::Input),
    ("output_cost_per_token", TokenClass::Output),
];
/// Endings for tiers.
const TIERS: [(&str, Tier); 3] = [("_batches", Tier::Batch), ("_flex", Tier::Flex), ("_priority", Tier::Priority)];
/// Endings of provider names for further ways to reach the same provider.
const WAYS: [&str; 2] = ["_converse", "_mantle"];

/// What modes are called here.
const MODES: [(&str, Kind); 10] = [
    ("chat", Kind::Chat),
    ("responses", Kind::Chat),
    ("completion", Kind::Completion),
    ("embedding", Kind::Embedding),
    ("rerank", Kind::Rerank),
    ("audio_speech", Kind::Audio),
    ("audio_transcription", Kind::Audio),
    ("image_edit", Kind::Image),
    ("image_generation", Kind::Image),
    ("realtime", Kind::Realtime),
];

/// Reads the file.
pub fn read(text: &str) -> Result<Other, serde_json::Error> {
    let raw: UniqueMap<String, Model<'_>> = serde_json::from_str(text)?;
    if raw.0.iter().all(|(_, model)| model.provider.is_none()) {
        return Err(serde::de::Error::custom("no model names its `litellm_provider`"));
    }
    let mut unreadable = 0;
    let mut unpriced = 0;
    let mut undated = 0;
    let mut models = Vec::new();
    for (name, model) in raw.0.into_iter().filter(|(name, _)| name != SPECIMEN) {
        let mut figures = Figures::new();
        for (key, value) in model.prices {
            let Some(figure) = figure(&key) else { continue };
            match value.get() {
                "null" => {}
                digits => match Rate::per_token(digits) {
                    Ok(rate) => {
                        figures.insert(figure, rate);
                    }
                    Err(_) => unreadable += 1,
                },
            }
        }
        let Some(stated) = model.provider.filter(|_| !figures.is_empty()) else {
            unpriced += 1;
            continue;
        };
        let retires = model.retires.as_deref().and_then(|day| day.parse().ok());
        undated += u64::from(model.retires.is_some() && retires.is_none());
        let provider = provider_of(&stated);
        let inner = name.split_once('/').filter(|(prefix, _)| *prefix == stated || *prefix == provider);
        let names = inner.map(|(_, inner)| inner.to_owned()).into_iter().chain([name.clone()]).collect();
        models.push(OtherModel {
            provider: provider.to_owned(),
            names,
            figures,
            retires,
            kind: model.mode.as_deref().and_then(kind),
            source: model.source,
        });
    }
    Ok(Other {
        kind: "LiteLLM",
        models,
        left_out: vec![
            ("models there without a provider or a price for text tokens", unpriced),
            ("figures there that are no price", unreadable),
            ("retirement dates there that are no date", undated),
        ],
    })
}

/// `vertex_ai-language-models` is `vertex_ai`: behind a dash stands a family of models; and see [`WAYS`].
fn provider_of(name: &str) -> &str {
    let name = name.split_once("_ai-").map_or(name, |(front, _)| &name[..front.len() + "_ai".len()]);
    WAYS.iter().find_map(|way| name.strip_suffix(way)).unwrap_or(name)
}

/// What a model of a mode does, where this program has a kind for it.
fn kind(mode: &str) -> Option<Kind> {
    MODES.into_iter().find(|(known, _)| *known == mode).map(|(_, kind)| kind)
}

/// What a key prices: `<class>[_above_<N>k_tokens][_<tier>]`.
fn figure(key: &str) -> Option<Figure> {
    let (class, rest) = CLASSES.into_iter().find_map(|(name, class)| Some((class, key.strip_prefix(name)?)))?;
    let (rest, tier) = TIERS
        .into_iter()
        .find_map(|(ending, tier)| Some((rest.strip_suffix(ending)?, tier)))
        .unwrap_or((rest, Tier::Standard));
    if rest.is_empty() {
        return Some(Figure { above: 0, tier, class });
    }
    let thousands: u64 = rest.strip_prefix("_above_")?.strip_suffix("k_tokens")?.parse().ok()?;
    Some(Figure { above: thousands.checked_mul(1000)?, tier, class })
}

/// A model's keys as they stand, and what it says of itself.
struct Model<'t> {
    provider: Option<String>,
    mode: Option<String>,
    source: Option<String>,
    retires: Option<String>,
    prices: Vec<(String, &'t RawValue)>,
}

impl<'de> Deserialize<'de> for Model<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = UniqueMap::<String, &'de RawValue>::deserialize(deserializer)?;
        let text = |name: &str| {
            let (_, value) = raw.0.iter().find(|(key, _)| key == name)?;
            serde_json::from_str::<String>(value.get()).ok()
        };
        Ok(Self {
            provider: text("litellm_provider"),
            mode: text("mode"),
            source: text("source"),
            retires: text("deprecation_date"),
            prices: raw.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_taken_apart() {
        let read = |key: &str| figure(key).map(|figure| (figure.above, figure.tier.name(), figure.class.name()));
        assert_eq!(read("input_cost_per_token"), Some((0, "standard", "input")));
        assert_eq!(
            read("cache_read_input_token_cost_above_272k_tokens_batches"),
            Some((272_000, "batch", "cache_read"))
        );
        assert_eq!(
            read("cache_creation_input_token_cost_above_1hr_above_200k_tokens"),
            Some((200_000, "standard", "cache_write_1h"))
        );
        assert_eq!(read("output_cost_per_token_priority"), Some((0, "priority", "output")));
        for key in [
            "cache_creation_input_token_cost_above_12hr",
            "input_cost_per_token_ultrafast",
            "input_cost_per_token_above_128k_tokens_x",
            "mode",
        ] {
            assert_eq!(read(key), None, "{key}");
        }
        assert_eq!(provider_of("vertex_ai-language-models"), "vertex_ai");
        assert_eq!(provider_of("bedrock_converse"), "bedrock");
        assert_eq!(provider_of("fireworks_ai"), "fireworks_ai");
    }
}
