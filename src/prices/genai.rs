//! genai-prices' `data.json`: providers with models, each with prices for 1M tokens that may depend on prompt size, day
//! and request.
//!
//! Role: its text → figures by provider and model on a day. What its variants say about batch, flex and priority is laid
//! over the standard prices, as its own program does. Prices by time of day and for anything but text tokens are left
//! out.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::figures::{Figure, Figures, Other, OtherModel, Tier};
use crate::calendar::Day;
use crate::money::Rate;
use crate::usage::TokenClass;
use crate::yaml::UniqueMap;

/// Prices by class. One that says how long writes live wins over one that does not.
const CLASSES: [(&str, TokenClass); 6] = [
    ("input_mtok", TokenClass::Input),
    ("cache_read_mtok", TokenClass::CacheRead),
    ("cache_write_mtok", TokenClass::CacheWrite5m),
    ("cache_write_5m_mtok", TokenClass::CacheWrite5m),
    ("cache_write_1h_mtok", TokenClass::CacheWrite1h),
    ("output_mtok", TokenClass::Output),
];
/// What a request must say for a tier.
const TIERS: [(&str, &str, Tier); 4] = [
    ("processing", "batch", Tier::Batch),
    ("service_tier", "flex", Tier::Flex),
    ("service_tier", "priority", Tier::Priority),
    ("service_tier", "fast", Tier::Priority),
];

/// Whether a text in JSON is such a file: a list of providers, or a map that has one.
pub fn is_one(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Root<'t> {
        #[serde(borrow)]
        #[expect(dead_code, reason = "only whether it is there matters")]
        providers: &'t RawValue,
    }
    text.starts_with('[') || serde_json::from_str::<Root<'_>>(text).is_ok()
}

#[derive(Deserialize)]
struct File<'t> {
    #[serde(borrow)]
    providers: Vec<Provider<'t>>,
}

#[derive(Deserialize)]
struct Provider<'t> {
    id: String,
    #[serde(default)]
    pricing_urls: Vec<String>,
    #[serde(borrow, default)]
    models: Vec<Model<'t>>,
}

#[derive(Deserialize)]
struct Model<'t> {
    id: String,
    #[serde(borrow)]
    prices: &'t RawValue,
    #[serde(borrow, default)]
    price_variants: Vec<Variant<'t>>,
}

type Prices<'t> = UniqueMap<String, &'t RawValue>;

#[derive(Deserialize)]
struct Dated<'t> {
    constraint: Option<Constraint>,
    #[serde(borrow)]
    prices: Prices<'t>,
}

#[derive(Deserialize)]
struct Variant<'t> {
    when: UniqueMap<String, String>,
    constraint: Option<Constraint>,
    #[serde(borrow)]
    prices: Prices<'t>,
}

#[derive(Deserialize)]
struct Constraint {
    start_date: Option<String>,
}

#[derive(Deserialize)]
struct Stepped<'t> {
    #[serde(borrow)]
    base: &'t RawValue,
    #[serde(borrow)]
    tiers: Vec<Step<'t>>,
}

#[derive(Deserialize)]
struct Step<'t> {
    start: u64,
    #[serde(borrow)]
    price: &'t RawValue,
}

/// Whether a price holds on a day; nothing if that depends on the time of day.
fn holds(constraint: Option<&Constraint>, on: Day) -> Option<bool> {
    let Some(constraint) = constraint else { return Some(true) };
    let start: Day = constraint.start_date.as_deref()?.parse().ok()?;
    Some(start <= on)
}

/// Reads the file: the prices in force on a day.
pub fn read(text: &str, on: Day) -> Result<Other, serde_json::Error> {
    let providers: Vec<Provider<'_>> = if text.starts_with('[') {
        serde_json::from_str(text)?
    } else {
        serde_json::from_str::<File<'_>>(text)?.providers
    };
    let mut reading = Reading::default();
    let mut models = Vec::new();
    for provider in providers {
        for model in provider.models {
            let figures = reading.model(&model, on)?;
            if figures.is_empty() {
                reading.unpriced += 1;
                continue;
            }
            models.push(OtherModel {
                provider: provider.id.clone(),
                names: vec![model.id],
                figures,
                retires: None,
                kind: None,
                source: provider.pricing_urls.first().cloned(),
            });
        }
    }
    Ok(Other {
        kind: "genai-prices",
        models,
        left_out: vec![
            ("models there without a price for text tokens", reading.unpriced),
            ("prices there that depend on the time of day", reading.by_hour),
            ("variants there that are no tier", reading.variants),
            ("figures there that are no price", reading.unreadable),
        ],
    })
}

/// What is counted on the way.
#[derive(Default)]
struct Reading {
    unpriced: u64,
    by_hour: u64,
    variants: u64,
    unreadable: u64,
}

impl Reading {
    fn model(&mut self, model: &Model<'_>, on: Day) -> Result<Figures, serde_json::Error> {
        let dated: Vec<Dated<'_>> = if model.prices.get().starts_with('[') {
            serde_json::from_str(model.prices.get())?
        } else {
            vec![Dated { constraint: None, prices: serde_json::from_str(model.prices.get())? }]
        };
        // The last price that holds is the one in force.
        let mut standard = Figures::new();
        for price in &dated {
            match holds(price.constraint.as_ref(), on) {
                Some(true) => standard = self.figures(&price.prices, Tier::Standard)?,
                Some(false) => {}
                None => self.by_hour += 1,
            }
        }
        let mut figures = standard.clone();
        let mut overlays: Vec<(Tier, Figures)> = Vec::new();
        for variant in &model.price_variants {
            let tier = match variant.when.0.as_slice() {
                [(key, value)] => TIERS.into_iter().find(|(known, wanted, _)| known == key && wanted == value),
                _ => None,
            };
            let Some((_, _, tier)) = tier else {
                self.variants += 1;
                continue;
            };
            match holds(variant.constraint.as_ref(), on) {
                Some(true) => {}
                Some(false) => continue,
                None => {
                    self.by_hour += 1;
                    continue;
                }
            }
            let stated = self.figures(&variant.prices, tier)?;
            match overlays.iter_mut().find(|(known, _)| *known == tier) {
                // Of several variants the first that has a price decides it.
                Some((_, overlay)) => {
                    for (figure, rate) in stated {
                        let is_priced = overlay.keys().any(|known| known.class == figure.class);
                        if !is_priced {
                            overlay.insert(figure, rate);
                        }
                    }
                }
                None => overlays.push((tier, stated)),
            }
        }
        for (tier, overlay) in overlays {
            // A price that a variant does not have is the standard one, with its steps.
            for (figure, rate) in &standard {
                if !overlay.keys().any(|known| known.class == figure.class) {
                    figures.insert(Figure { tier, ..*figure }, *rate);
                }
            }
            figures.extend(overlay);
        }
        Ok(figures)
    }

    fn figures(&mut self, prices: &Prices<'_>, tier: Tier) -> Result<Figures, serde_json::Error> {
        let mut figures = Figures::new();
        for (name, class) in CLASSES {
            let Some((_, value)) = prices.0.iter().find(|(key, _)| key == name) else { continue };
            let mut add = |above: u64, value: &RawValue| match Rate::per_million(value.get().trim_matches('"')) {
                Ok(rate) => {
                    figures.insert(Figure { above, tier, class }, rate);
                }
                Err(_) => self.unreadable += 1,
            };
            match value.get() {
                "null" => {}
                stepped if stepped.starts_with('{') => {
                    let stepped: Stepped<'_> = serde_json::from_str(stepped)?;
                    add(0, stepped.base);
                    for step in stepped.tiers {
                        // A step that begins behind 199,999 begins at 200,000.
                        let is_inclusive = step.start % 1000 == 999;
                        add(step.start + u64::from(is_inclusive), step.price);
                    }
                }
                _ => add(0, value),
            }
        }
        Ok(figures)
    }
}
