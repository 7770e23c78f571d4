//! FOCUS: which rows of a cloud's bill are LLM usage, and what they say of model and token class.
//!
//! Role: fills the `@name` paths of a row. In FOCUS 1.0 to 1.2 no column holds a model or a token class; both ride in the
//! names of what is sold. So a row is LLM usage by its seller and service alone; its model and class are read by the
//! grammar of that seller ([`super::skus`]). Where the text does not say both, the row is a line of the bill under the
//! seller's own words. All other rows are no usage.

use super::cells::{Cells, mended};
use super::logic::line_item_parts;
use super::paths::{Paths, Slot};
use super::skus::{self, Sku};
use crate::usage::TokenClass;

/// Who sells, by version of FOCUS; the first that is filled counts.
const HOSTS: [&str; 3] = ["ProviderName", "ServiceProviderName", "HostProviderName"];
/// Azure's categories of meters.
const CATEGORIES: [&str; 2] = ["x_SkuMeterCategory", "x_SkuMeterSubcategory"];
/// What is metered, by version and cloud.
const METERS: [&str; 3] = ["SkuMeter", "x_SkuMeterName", "x_UsageType"];
/// What the mapping reads beside those.
const OTHERS: [&str; 7] =
    ["BilledCost", "ChargePeriodStart", "ChargePeriodEnd", "SubAccountName", "SubAccountId", "ResourceId", "Tags"];

/// What a seller is called in the price table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seller {
    OpenAi,
    Anthropic,
    Bedrock,
    Azure,
    Gemini,
    Vertex,
}

/// The slots of a row.
#[derive(Clone, Debug)]
pub struct Focus {
    hosts: [Slot; HOSTS.len()],
    categories: [Slot; CATEGORIES.len()],
    meters: [Slot; METERS.len()],
    others: [Slot; OTHERS.len()],
    service: Slot,
    charge: Slot,
    description: Slot,
    sku: Slot,
    sku_price: Slot,
    currency: Slot,
    out_provider: Slot,
    out_model: Slot,
    out_class: Slot,
    out_tier: Slot,
    out_currency: Slot,
    out_not_usage: Slot,
}

/// The texts that decide.
#[derive(Debug, Default)]
struct Row {
    hosts: [String; 3],
    service: String,
    categories: [String; 2],
    charge: String,
    description: String,
    meters: [String; 3],
    sku: String,
    sku_price: String,
}

impl Focus {
    /// Numbers the paths.
    pub fn new(paths: &mut Paths) -> Self {
        Self {
            hosts: HOSTS.map(|name| paths.slot(name)),
            categories: CATEGORIES.map(|name| paths.slot(name)),
            meters: METERS.map(|name| paths.slot(name)),
            others: OTHERS.map(|name| paths.slot(name)),
            service: paths.slot("ServiceName"),
            charge: paths.slot("ChargeCategory"),
            description: paths.slot("ChargeDescription"),
            sku: paths.slot("SkuId"),
            sku_price: paths.slot("SkuPriceId"),
            currency: paths.slot("BillingCurrency"),
            out_provider: paths.slot("@provider"),
            out_model: paths.slot("@model"),
            out_class: paths.slot("@token_class"),
            out_tier: paths.slot("@tier"),
            out_currency: paths.slot("@currency"),
            out_not_usage: paths.slot("@not_usage"),
        }
    }

    /// Works out the values of a row.
    pub fn apply(&self, cells: &mut Cells<'_>) {
        self.remove_nulls(cells);
        let currency = cells.get(self.currency).unwrap_or(NO_CURRENCY).to_owned();
        cells.set(self.out_currency, &currency);
        let row = self.row(cells);
        let Some(seller) = row.seller() else {
            match row.damaged() {
                // Damage must not make dollars vanish: a provider is checked for it.
                Some(text) => cells.set(self.out_provider, text),
                None => cells.set(self.out_not_usage, "yes"),
            }
            return;
        };
        cells.set(self.out_provider, seller.name());
        match row.sold(seller) {
            Some(Sku { model, class, tier }) => {
                cells.set(self.out_model, &model);
                cells.set(self.out_class, class.name());
                if let Some(tier) = tier {
                    cells.set(self.out_tier, tier);
                }
            }
            None => cells.set(self.out_model, &row.words()),
        }
    }

    /// Some write the word of databases for what is absent.
    fn remove_nulls(&self, cells: &mut Cells<'_>) {
        let single = [self.service, self.charge, self.description, self.sku, self.sku_price, self.currency];
        let all = self.hosts.iter().chain(&self.categories).chain(&self.meters).chain(&self.others).chain(&single);
        for &slot in all {
            if cells.get(slot) == Some("NULL") {
                cells.remove(slot);
            }
        }
    }

    fn row(&self, cells: &Cells<'_>) -> Row {
        let text = |slot: Slot| cells.get(slot).unwrap_or_default().to_owned();
        Row {
            hosts: self.hosts.map(text),
            service: text(self.service),
            categories: self.categories.map(text),
            charge: text(self.charge),
            description: text(self.description),
            meters: self.meters.map(text),
            sku: text(self.sku),
            sku_price: text(self.sku_price),
        }
    }
}

/// ISO 4217 for "no currency": an amount without one is not taken for dollars.
const NO_CURRENCY: &str = "XXX";

impl Seller {
    const fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Bedrock => "bedrock",
            Self::Azure => "azure",
            Self::Gemini => "gemini",
            Self::Vertex => "vertex_ai",
        }
    }
}

/// Azure's categories of meters that are models of others, served by Azure.
const AZURE_MODELS: [&str; 5] =
    ["azure openai", "foundry models", "azure grok models", "azure deepseek models", "azure mistral models"];

impl Row {
    /// Who sells the LLM usage that the row is about; nothing where it is about something else.
    fn seller(&self) -> Option<Seller> {
        let host = self.hosts.iter().find(|name| !name.is_empty())?.to_lowercase();
        let (service, description) = (self.service.to_lowercase(), self.description.to_lowercase());
        match host.as_str() {
            "openai" => Some(Seller::OpenAi),
            "anthropic" => Some(Seller::Anthropic),
            "aws" | "amazon web services" => service.contains("bedrock").then_some(Seller::Bedrock),
            "microsoft" | "microsoft azure" | "azure" => {
                let named = |text: &str| AZURE_MODELS.iter().any(|name| text.starts_with(name));
                let is_model = named(&service) || self.categories.iter().any(|text| named(&text.to_lowercase()));
                is_model.then_some(Seller::Azure)
            }
            "google cloud" | "google" | "google cloud platform" => match service.as_str() {
                "gemini api" => Some(Seller::Gemini),
                // Vertex AI also trains, stores and searches.
                "vertex ai" => description.contains("gemini").then_some(Seller::Vertex),
                _ => None,
            },
            _ => None,
        }
    }

    /// What was sold, where the row says both model and class of an ordinary charge.
    fn sold(&self, seller: Seller) -> Option<Sku> {
        if self.charge != "Usage" {
            return None;
        }
        let mut meters = self.meters.iter().filter(|text| !text.is_empty());
        match seller {
            Seller::OpenAi => {
                let item = self.sku.strip_prefix("openai/").unwrap_or(&self.description);
                let (model, class) = line_item_parts(item)?;
                Some(Sku { model: model.to_owned(), class, tier: self.tier() })
            }
            Seller::Anthropic => {
                let mut parts = self.sku.strip_prefix("anthropic/")?.split('/');
                let model = parts.next().filter(|model| !model.is_empty())?.to_owned();
                Some(Sku { model, class: anthropic_class(parts.next()?)?, tier: self.tier() })
            }
            Seller::Bedrock => meters.find_map(|text| skus::bedrock(text, &self.service)),
            Seller::Azure => meters.find_map(|text| skus::azure(text)),
            Seller::Gemini | Seller::Vertex => skus::google(&self.description),
        }
    }

    /// `…/batch` behind the SKU in the id of its price.
    fn tier(&self) -> Option<&'static str> {
        match self.sku_price.strip_prefix(self.sku.as_str())? {
            "/batch" => Some("batch"),
            "/flex" => Some("flex"),
            "/priority" => Some("priority"),
            _ => None,
        }
    }

    /// What the bill calls it: a credit or a tax by its kind, the rest by its description. Separators in a model's name
    /// would show damage.
    fn words(&self) -> String {
        let texts = [&self.description, &self.meters[0], &self.meters[1], &self.meters[2], &self.service];
        let text = texts.into_iter().find(|text| !text.is_empty()).map_or("", String::as_str);
        let whole = match self.charge.as_str() {
            "" | "Usage" => text.to_owned(),
            kind => format!("{kind}: {text}"),
        };
        whole.trim().replace([',', ';', '|', '"', '\n', '\r', '\t'], "·")
    }

    /// A text with a separator in it that would make the row LLM usage without it.
    fn damaged(&self) -> Option<&str> {
        let whole = |text: &str| mended(text).unwrap_or_else(|| text.to_owned());
        let mended_row = Self {
            hosts: self.hosts.each_ref().map(|text| whole(text)),
            service: whole(&self.service),
            categories: self.categories.each_ref().map(|text| whole(text)),
            description: whole(&self.description),
            ..Self::default()
        };
        mended_row.seller()?;
        let mut texts = self.hosts.iter().chain([&self.service, &self.description]).chain(&self.categories);
        texts.find(|text| mended(text).is_some()).map(String::as_str)
    }
}

/// The token types of Anthropic's cost report and of its Console.
fn anthropic_class(text: &str) -> Option<TokenClass> {
    Some(match text {
        "uncached_input_tokens" | "input_no_cache" => TokenClass::Input,
        "cache_read_input_tokens" | "input_cache_read" => TokenClass::CacheRead,
        "cache_creation.ephemeral_5m_input_tokens" | "input_cache_write_5m" => TokenClass::CacheWrite5m,
        "cache_creation.ephemeral_1h_input_tokens" | "input_cache_write_1h" => TokenClass::CacheWrite1h,
        "output_tokens" | "output" => TokenClass::Output,
        _ => return None,
    })
}
