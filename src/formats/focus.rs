//! FOCUS: which rows of a cloud's bill are LLM usage, and what they say of model and token class.
//!
//! Role: fills the `@name` paths of a row. In FOCUS 1.0 to 1.2 no column holds a model or a token class; both ride in the
//! names of what is sold, and are read by the grammar of the seller ([`super::skus`]). A row that speaks of AI, models or
//! tokens and is not understood is a line of the bill under the seller's own words, never something else than LLM usage.
//! Purchases, taxes, commitments and support are charges of their own. All other rows are no usage.

mod ai_words;
mod known_names;
mod seller;

use std::sync::Arc;

use ai_words::{Texts, is_llm_host, say_tokens};
pub use known_names::KnownNames;
use seller::Seller;

use super::cells::Cells;
use super::corruption::without_delimiters;
use super::logic::line_item_parts;
use super::paths::{Paths, Slot};
use super::skus::{self, Sku};
use crate::usage::{ChargeKind, TokenClass, is_model_id};

/// Who sells, by version of FOCUS; the first that is filled counts.
const HOSTS: [&str; 4] = ["ProviderName", "ServiceProviderName", "HostProviderName", "InvoiceIssuerName"];
/// Azure's categories of meters.
const CATEGORIES: [&str; 2] = ["x_SkuMeterCategory", "x_SkuMeterSubcategory"];
/// What is metered, by version and cloud.
const METERS: [&str; 3] = ["SkuMeter", "x_SkuMeterName", "x_UsageType"];
/// What later versions say of a model's tokens in so many words.
const DETAILS: [&str; 3] =
    ["SkuPriceDetails > ModelId", "SkuPriceDetails > TokenDirection", "SkuPriceDetails > TokenCacheAction"];
/// What the mapping reads beside those.
const OTHERS: [&str; 7] =
    ["BilledCost", "ChargePeriodStart", "ChargePeriodEnd", "SubAccountName", "SubAccountId", "ResourceId", "Tags"];

/// A charge about no call: a purchase, a tax, a commitment, support.
#[derive(Clone, Copy, Debug)]
pub struct OtherCharge<'r> {
    /// What it is for.
    pub kind: ChargeKind,
    /// Who charges it.
    pub provider: &'r str,
    /// The bill's words.
    pub words: &'r str,
    /// Whether it is for LLMs, or may be.
    pub about_ai: bool,
}

/// The slots of a row.
#[derive(Clone, Debug)]
pub struct Focus {
    hosts: [Slot; HOSTS.len()],
    categories: [Slot; CATEGORIES.len()],
    meters: [Slot; METERS.len()],
    details: [Slot; DETAILS.len()],
    others: [Slot; OTHERS.len()],
    service: Slot,
    service_category: Slot,
    publisher: Slot,
    charge: Slot,
    commitment: Slot,
    description: Slot,
    sku: Slot,
    sku_price: Slot,
    resource: Slot,
    currency: Slot,
    out_provider: Slot,
    out_model: Slot,
    out_class: Slot,
    out_tier: Slot,
    out_not_usage: Slot,
    out_other_charge: Slot,
    out_about_ai: Slot,
    names: Arc<KnownNames>,
}

/// The texts that decide.
#[derive(Debug, Default)]
struct Row<'n> {
    /// Names of the price table; none where nobody said them.
    names: Option<&'n KnownNames>,
    hosts: [String; HOSTS.len()],
    service: String,
    service_category: String,
    publisher: String,
    categories: [String; CATEGORIES.len()],
    charge: String,
    commitment: String,
    description: String,
    meters: [String; METERS.len()],
    details: [String; DETAILS.len()],
    sku: String,
    sku_price: String,
    resource: String,
}

/// What a row turned out to be.
enum Says {
    /// LLM usage whose model and token class are known.
    Sold(Sku),
    /// LLM usage, or what may be, under the bill's own words.
    Words(String),
    /// A charge about no call.
    Charge(ChargeKind),
    /// Such damage hides what it is.
    Damaged(String),
    /// Something else.
    NotUsage,
}

impl Focus {
    /// Numbers the paths.
    pub fn new(paths: &mut Paths) -> Self {
        Self {
            hosts: HOSTS.map(|name| paths.slot(name)),
            categories: CATEGORIES.map(|name| paths.slot(name)),
            meters: METERS.map(|name| paths.slot(name)),
            details: DETAILS.map(|name| paths.slot(name)),
            others: OTHERS.map(|name| paths.slot(name)),
            service: paths.slot("ServiceName"),
            service_category: paths.slot("ServiceCategory"),
            publisher: paths.slot("PublisherName"),
            charge: paths.slot("ChargeCategory"),
            commitment: paths.slot("CommitmentDiscountStatus"),
            description: paths.slot("ChargeDescription"),
            sku: paths.slot("SkuId"),
            sku_price: paths.slot("SkuPriceId"),
            resource: paths.slot("ResourceName"),
            currency: paths.slot("BillingCurrency"),
            out_provider: paths.slot("@provider"),
            out_model: paths.slot("@model"),
            out_class: paths.slot("@token_class"),
            out_tier: paths.slot("@tier"),
            out_not_usage: paths.slot("@not_usage"),
            out_other_charge: paths.slot("@other_charge"),
            out_about_ai: paths.slot("@about_ai"),
            names: Arc::default(),
        }
    }

    /// Says which names the price table has.
    pub fn set_names(&mut self, names: &Arc<KnownNames>) {
        self.names = Arc::clone(names);
    }

    /// Works out the values of a row.
    pub fn apply(&self, cells: &mut Cells<'_>) {
        self.remove_nulls(cells);
        let row = self.row(cells);
        match row.says() {
            Says::NotUsage => cells.set(self.out_not_usage, "yes"),
            // Damage must not make dollars vanish: a provider is checked for it.
            Says::Damaged(text) => cells.set(self.out_provider, &text),
            Says::Charge(kind) => {
                cells.set(self.out_provider, &row.host());
                cells.set(self.out_other_charge, kind.name());
                // What is bought of LLMs is told in the bill's own words; of all else the service is enough.
                if row.is_ai() {
                    cells.set(self.out_model, &row.words(true));
                    cells.set(self.out_about_ai, "yes");
                } else {
                    cells.set(self.out_model, &without_separators(first_of([&row.service, &row.description])));
                }
            }
            Says::Sold(Sku { model, class, tier }) => {
                cells.set(self.out_provider, &row.provider());
                cells.set(self.out_model, &model);
                cells.set(self.out_class, class.name());
                if let Some(tier) = tier {
                    cells.set(self.out_tier, tier);
                }
            }
            Says::Words(words) => {
                cells.set(self.out_provider, &row.provider());
                cells.set(self.out_model, &words);
            }
        }
    }

    /// The charge about no call that a row is, once [`Self::apply`] has found it to be one.
    pub fn other_charge<'r>(&self, cells: &'r Cells<'_>) -> Option<OtherCharge<'r>> {
        let kind = ChargeKind::named(cells.get(self.out_other_charge)?)?;
        let text = |slot: Slot| cells.get(slot).unwrap_or_default();
        let about_ai = cells.get(self.out_about_ai).is_some();
        Some(OtherCharge { kind, provider: text(self.out_provider), words: text(self.out_model), about_ai })
    }

    /// Some write the word of databases for what is absent.
    fn remove_nulls(&self, cells: &mut Cells<'_>) {
        let single = [
            self.service,
            self.service_category,
            self.publisher,
            self.charge,
            self.commitment,
            self.description,
            self.sku,
            self.sku_price,
            self.resource,
            self.currency,
        ];
        let all = self.hosts.iter().chain(&self.categories).chain(&self.meters).chain(&self.others).chain(&single);
        for &slot in all {
            if cells.get(slot) == Some("NULL") {
                cells.remove(slot);
            }
        }
    }

    fn row(&self, cells: &Cells<'_>) -> Row<'_> {
        let text = |slot: Slot| cells.get(slot).unwrap_or_default().to_owned();
        Row {
            names: Some(&self.names),
            hosts: self.hosts.map(text),
            service: text(self.service),
            service_category: text(self.service_category),
            publisher: text(self.publisher),
            categories: self.categories.map(text),
            charge: text(self.charge),
            commitment: text(self.commitment),
            description: text(self.description),
            meters: self.meters.map(text),
            details: self.details.map(text),
            sku: text(self.sku),
            sku_price: text(self.sku_price),
            resource: text(self.resource),
        }
    }
}

/// Azure's categories of meters that are models of others, served by Azure.
const AZURE_MODELS: [&str; 5] =
    ["azure openai", "foundry models", "azure grok models", "azure deepseek models", "azure mistral models"];

impl Row<'_> {
    fn says(&self) -> Says {
        match self.charge.as_str() {
            "" | "Usage" => self.usage(),
            // What is given back for LLM usage lowers what was billed for it.
            "Credit" | "Adjustment" if self.is_ai() => Says::Words(self.words(false)),
            "Credit" | "Adjustment" => Says::Charge(ChargeKind::Credit),
            "Tax" => Says::Charge(ChargeKind::Tax),
            "Purchase" => match ChargeKind::of(&self.all_texts()) {
                Some(kind @ (ChargeKind::Support | ChargeKind::Commitment)) => Says::Charge(kind),
                _ => Says::Charge(ChargeKind::Purchase),
            },
            damaged if self.is_ai() && without_delimiters(damaged).is_some() => Says::Damaged(damaged.to_owned()),
            // A word of no version of FOCUS.
            _ if self.is_ai() => Says::Words(self.words(false)),
            _ => self.damaged().map_or(Says::NotUsage, Says::Damaged),
        }
    }

    fn usage(&self) -> Says {
        if self.commitment == "Unused" {
            return Says::Charge(ChargeKind::Commitment);
        }
        if !self.is_ai() {
            return match (self.damaged(), ChargeKind::of(&self.service)) {
                (Some(text), _) => Says::Damaged(text),
                (None, Some(ChargeKind::Support)) => Says::Charge(ChargeKind::Support),
                (None, _) => Says::NotUsage,
            };
        }
        if let Some(sku) = self.sold().filter(|_| self.charge == "Usage") {
            return Says::Sold(sku);
        }
        if let Some(text) = self.damaged() {
            return Says::Damaged(text);
        }
        match ChargeKind::of(&self.all_texts()) {
            Some(kind) if kind.stands_alone() || !(self.sells_llm() || self.says_tokens()) => Says::Charge(kind),
            _ => Says::Words(self.words(false)),
        }
    }

    fn host(&self) -> String {
        self.hosts.iter().find(|name| !name.is_empty()).cloned().unwrap_or_default()
    }

    fn seller(&self) -> Seller {
        match Seller::named(&self.host().to_lowercase()) {
            Seller::Google { is_gemini_api } => {
                // Its texts begin with what was called; those of Vertex AI with the model.
                let description = self.description.to_lowercase();
                let is_called = ["generate", "embedcontent"].iter().any(|call| description.starts_with(call));
                let is_named = self.service.eq_ignore_ascii_case("gemini api");
                Seller::Google { is_gemini_api: is_gemini_api || is_called || is_named }
            }
            seller => seller,
        }
    }

    /// What the seller is called in the price table.
    fn provider(&self) -> String {
        self.seller().provider().map_or_else(|| without_separators(&self.host()), ToOwned::to_owned)
    }

    /// Whether the service sells LLMs by its name alone, so that whatever it bills is spent on them.
    fn sells_llm(&self) -> bool {
        let (service, description) = (self.service.to_lowercase(), self.description.to_lowercase());
        let host = self.host().to_lowercase();
        if is_llm_host(&host) || self.names.is_some_and(|names| names.has_seller(&host)) {
            return true;
        }
        match self.seller() {
            Seller::OpenAi | Seller::Anthropic => true,
            Seller::Aws => service.contains("bedrock"),
            Seller::Azure => {
                let named = |text: &str| AZURE_MODELS.iter().any(|name| text.starts_with(name));
                named(&service) || self.categories.iter().any(|text| named(&text.to_lowercase()))
            }
            // Vertex AI also trains, stores and searches.
            Seller::Google { is_gemini_api } => {
                is_gemini_api
                    || service.starts_with("claude")
                    || (service == "vertex ai" && ["gemini", "claude"].iter().any(|name| description.contains(name)))
            }
            Seller::Other => false,
        }
    }

    /// Whether the row speaks of AI, models or tokens.
    fn is_ai(&self) -> bool {
        if self.sells_llm() {
            return true;
        }
        let words = format!("{} {}", self.host(), self.all_texts()).to_lowercase();
        let description = self.description.to_lowercase();
        let texts = Texts::new(&self.service, &self.service_category, &words);
        texts.speak_of_ai()
            || self.names.is_some_and(|names| names.names_model(&words) || names.is_model(&description))
            || (texts.may_be_any_model() && self.is_by_gateway())
    }

    /// Whether a gateway wrote the row, which knows no product but the model: one that the price table need not have.
    fn is_by_gateway(&self) -> bool {
        let host = self.host();
        let is_short_name = !host.is_empty()
            && host
                .chars()
                .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "._-".contains(letter));
        self.seller() == Seller::Other
            && is_model_id(&self.description)
            && (is_short_name || self.service.eq_ignore_ascii_case(&self.description))
    }

    fn says_tokens(&self) -> bool {
        say_tokens(&self.all_texts())
    }

    /// All that the seller says of what is sold.
    fn all_texts(&self) -> String {
        let single = [&self.service, &self.publisher, &self.description, &self.sku, &self.details[0]];
        let texts = single.into_iter().chain(&self.meters).chain(&self.categories);
        texts.map(String::as_str).collect::<Vec<_>>().join(" ")
    }

    /// What was sold, where the row says both model and class.
    fn sold(&self) -> Option<Sku> {
        if let Some(sku) = self.detailed() {
            return Some(sku);
        }
        let mut meters = self.meters.iter().filter(|text| !text.is_empty());
        match self.seller() {
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
            Seller::Aws => meters.find_map(|text| skus::bedrock(text, &self.service)),
            // `Azure OpenAI - gpt 4o 1120 Inp glbl Tokens - US West 3`: the meter between product and region.
            Seller::Azure => {
                let parts = self.description.split(" - ");
                meters.map(String::as_str).chain(parts).find_map(skus::azure)
            }
            Seller::Google { .. } => {
                let text = &self.description;
                skus::google(text).or_else(|| skus::claude(text)).or_else(|| {
                    // The service is the model, and the text says the rest.
                    skus::claude(&format!("{} {text}", self.service))
                })
            }
            Seller::Other => None,
        }
    }

    /// What FOCUS says itself from 1.5 on: a model, a direction, and what was done with the cache.
    fn detailed(&self) -> Option<Sku> {
        let [model, direction, cache] = self.details.each_ref().map(String::as_str);
        let class = match (direction, cache) {
            ("Input", "" | "Uncached") => TokenClass::Input,
            ("Input", "Read") => TokenClass::CacheRead,
            ("Input", "Write") => TokenClass::CacheWrite5m,
            ("Output", "") => TokenClass::Output,
            _ => return None,
        };
        (!model.is_empty()).then(|| Sku { model: model.to_owned(), class, tier: self.tier() })
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

    /// What the bill calls it: a credit by its kind, the rest by its description. The service stands before it where that
    /// is wanted, or where the words alone say neither a model nor what they are for.
    fn words(&self, with_service: bool) -> String {
        let [first, second, third] = &self.meters;
        let named = [&self.description, first, second, third, &self.resource, &self.sku, &self.service];
        let text = first_of(named);
        let text = if text.is_empty() { first_of([&self.service_category, &self.hosts[0]]) } else { text };
        let lower = text.to_lowercase();
        let is_model = is_model_id(text) || self.names.is_some_and(|names| names.is_model(&lower));
        let wants_service = with_service || (!is_model && ChargeKind::of(text).is_none());
        let says_service = self.service.is_empty() || lower.contains(&self.service.to_lowercase());
        let text = if wants_service && !says_service { format!("{} · {text}", self.service) } else { text.to_owned() };
        without_separators(&match self.charge.as_str() {
            "" | "Usage" | "Purchase" | "Tax" => text,
            kind => format!("{kind}: {text}"),
        })
    }

    /// A text with a separator in it that would make the row LLM usage without it, or a charge of another kind:
    /// `G,rounding with Google Search` rounds nothing.
    fn damaged(&self) -> Option<String> {
        let whole = |text: &String| without_delimiters(text).unwrap_or_else(|| text.clone());
        let mended_row = Self {
            names: self.names,
            hosts: self.hosts.each_ref().map(whole),
            service: whole(&self.service),
            service_category: whole(&self.service_category),
            categories: self.categories.each_ref().map(whole),
            description: whole(&self.description),
            ..Self::default()
        };
        let kind = |row: &Self| ChargeKind::of(&row.description);
        let is_hidden = mended_row.is_ai()
            && (!self.is_ai() || mended_row.sells_llm() != self.sells_llm() || kind(&mended_row) != kind(self));
        is_hidden.then_some(())?;
        let host = self.host();
        let single = [&host, &self.service, &self.service_category, &self.description];
        let mut texts = single.into_iter().chain(&self.categories);
        texts.find(|text| without_delimiters(text).is_some()).cloned()
    }
}

/// The first text that is filled.
fn first_of<const N: usize>(texts: [&String; N]) -> &str {
    texts.into_iter().find(|text| !text.is_empty()).map_or("", String::as_str)
}

/// Separators in a name would show damage.
fn without_separators(text: &str) -> String {
    text.trim().replace([',', ';', '|', '"', '\n', '\r', '\t'], "·")
}

/// The token types of Anthropic's cost report and of its Console.
pub(super) fn anthropic_class(text: &str) -> Option<TokenClass> {
    Some(match text {
        "uncached_input_tokens" | "input_no_cache" => TokenClass::Input,
        "cache_read_input_tokens" | "input_cache_read" => TokenClass::CacheRead,
        "cache_creation.ephemeral_5m_input_tokens" | "input_cache_write_5m" => TokenClass::CacheWrite5m,
        "cache_creation.ephemeral_1h_input_tokens" | "input_cache_write_1h" => TokenClass::CacheWrite1h,
        "output_tokens" | "output" => TokenClass::Output,
        _ => return None,
    })
}
