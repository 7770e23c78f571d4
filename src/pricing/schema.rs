//! `pricing.yaml` as written: tables, providers and models, and every check that needs only one of them.
//!
//! Role: raw YAML → values that [`super::PriceTable`] can be built from. What is refused here is refused with line and
//! column. What lies on another table is put there by `layers`. See the docs/specification.md, section 2.

use std::collections::BTreeSet;

use schemars::{JsonSchema, Schema};
use serde::Deserialize;

use super::entry::Entry;
use super::hours::PeakHours;
use super::names::IdGlobs;
use super::paths::ModelPaths;
use super::terms::{BatchTerms, Window};
use crate::calendar::Day;
use crate::maps::FastMap;
use crate::money::Factor;
use crate::yaml::{Exactly, UniqueMap, looks_like, some_whole};

/// The only schema there is.
const SCHEMA: u32 = 1;

/// The JSON Schema of a price table, for editors.
pub fn json_schema() -> Schema {
    schemars::generate::SchemaSettings::draft07().into_generator().into_root_schema_for::<RawTable>()
}

looks_like!(Provider => RawProvider, Model => RawModel);

/// A whole table, or a layer on one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, try_from = "RawTable")]
pub struct Table {
    /// Whether it lies on another table.
    pub extends: bool,
    /// Providers in file order.
    pub providers: Vec<(String, Provider)>,
    /// `provider/model` by another name of it.
    pub aliases: Vec<(String, String)>,
    /// What a contract takes off, in file order.
    pub discounts: Vec<Discount>,
}

/// The table that a layer lies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Extends {
    /// The one that ships with the program, or the whole one that `--prices` names before this file.
    BuiltIn,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(
    rename = "PriceTable",
    title = "batchwise price table",
    description = "Standard and batch prices of LLM APIs, in US dollars per 1M tokens."
)]
struct RawTable {
    /// Makes it a layer: it adds models to a table and puts other prices in the place of that table's. Without this key
    /// it stands alone, and needs `schema`, `currency` and `providers`.
    extends: Option<Extends>,
    /// The version of this shape.
    #[schemars(extend("const" = 1))]
    #[serde(default, deserialize_with = "some_whole")]
    schema: Option<u32>,
    /// The currency of every figure.
    #[schemars(extend("const" = "USD"))]
    currency: Option<String>,
    /// Vendors by the name that reports use.
    providers: Option<UniqueMap<String, Provider>>,
    /// Names of your own, such as ARNs and deployments, each with the model it means as `provider/model`.
    #[serde(default)]
    aliases: UniqueMap<String, String>,
    /// What a contract takes off list prices. Where several hold for a model on a day, the last one counts.
    #[serde(default)]
    discounts: Vec<Discount>,
}

impl TryFrom<RawTable> for Table {
    type Error = String;

    fn try_from(raw: RawTable) -> Result<Self, String> {
        let extends = raw.extends.is_some();
        let needed = [
            ("schema", raw.schema.is_some()),
            ("currency", raw.currency.is_some()),
            ("providers", raw.providers.is_some()),
        ];
        if let Some((key, _)) = needed.into_iter().find(|(_, there)| !there && !extends) {
            return Err(format!(
                "missing key `{key}`\nhint: a file that lies on the built-in table says `extends: built-in`"
            ));
        }
        if let Some(other) = raw.schema.filter(|schema| *schema != SCHEMA) {
            return Err(format!("schema {other} is not known\nhint: this program reads schema {SCHEMA}"));
        }
        if let Some(other) = raw.currency.filter(|currency| currency != "USD") {
            return Err(format!("currency `{other}` is not supported\nhint: prices are kept in USD"));
        }
        let table = Self {
            extends,
            providers: raw.providers.map(|providers| providers.0).unwrap_or_default(),
            aliases: raw.aliases.0,
            discounts: raw.discounts,
        };
        table.check_names()?;
        if !extends && let Some(model) = table.models().find(|(_, model)| model.prices.is_empty()) {
            return Err(format!("`{}` has no `prices`", model.0));
        }
        Ok(table)
    }
}

impl Table {
    /// All models by their ids.
    pub(super) fn models(&self) -> impl Iterator<Item = &(String, Model)> {
        self.providers.iter().flat_map(|(_, provider)| &provider.models)
    }

    /// Refuses two providers, or two models of one, that are called the same.
    pub(super) fn check_names(&self) -> Result<(), String> {
        let mut names = BTreeSet::new();
        for (name, provider) in &self.providers {
            for name in std::iter::once(name).chain(&provider.aliases) {
                if !names.insert(name.to_lowercase()) {
                    return Err(format!(
                        "two providers are called `{name}`\nhint: names and aliases differ in more than upper and lower case"
                    ));
                }
            }
        }
        self.providers.iter().try_for_each(|(_, provider)| provider.check_names())
    }
}

/// What a contract takes off the list prices of a vendor.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Discount {
    /// The vendor.
    pub provider: String,
    /// A glob over the ids of its models (default: all).
    #[serde(default, deserialize_with = "one_glob")]
    #[schemars(with = "Option<String>")]
    pub model: IdGlobs,
    /// What every rate is multiplied by, to 9 decimals: 0.9 for 10 % off.
    pub factor: Exactly<Factor>,
    /// The first UTC day (default: always).
    pub from: Option<Exactly<Day>>,
}

fn one_glob<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<IdGlobs, D::Error> {
    IdGlobs::try_from(vec![String::deserialize(deserializer)?]).map_err(serde::de::Error::custom)
}

/// A vendor.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, try_from = "RawProvider")]
pub struct Provider {
    /// Other names of the vendor.
    pub aliases: Vec<String>,
    /// Whether it sells models that others make.
    pub resells: bool,
    /// Whether it sells the models of others under `maker/model`, at prices that are not in this table.
    pub at_list: bool,
    /// What may stand before a model's name.
    pub paths: ModelPaths,
    /// What may stand behind a model's name and is in no price.
    pub suffixes: Vec<String>,
    /// The terms of its batch API, if it has one.
    pub batch: Option<BatchTerms>,
    /// Peak hours by name.
    pub peak_hours: Vec<(String, PeakHours)>,
    /// Completion windows.
    pub windows: Vec<Window>,
    /// Models in file order.
    pub models: Vec<(String, Model)>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Provider")]
struct RawProvider {
    /// Other names of the vendor, in any case.
    #[serde(default)]
    aliases: Vec<String>,
    /// Whether it sells models that others make: a model name without a provider means its maker first.
    #[serde(default)]
    resells: bool,
    /// Whether it sells the models of others under `maker/model`: they are priced at the maker's list rate, and not in
    /// batch.
    #[serde(default)]
    at_list: bool,
    /// What the vendor documents as standing before a model's name.
    #[serde(default)]
    paths: ModelPaths,
    /// What tools write behind a model's name and is in no price, such as the effort of reasoning.
    #[serde(default)]
    suffixes: Vec<String>,
    /// The terms of its batch API, if it has one.
    batch: Option<BatchTerms>,
    /// Hours outside of which some of its models cost less, by a name that their prices refer to.
    #[serde(default)]
    peak_hours: UniqueMap<String, PeakHours>,
    /// Completion windows: answers within some hours, call by call, at a share of the standard price.
    #[serde(default)]
    windows: Vec<Window>,
    /// Models by the id that the vendor lists.
    #[serde(default)]
    models: UniqueMap<String, Model>,
}

impl TryFrom<RawProvider> for Provider {
    type Error = String;

    fn try_from(raw: RawProvider) -> Result<Self, String> {
        if raw.suffixes.iter().any(String::is_empty) {
            return Err("a suffix is empty\nhint: write what stands behind the name, such as `-high`".into());
        }
        let provider = Self {
            aliases: raw.aliases,
            resells: raw.resells,
            at_list: raw.at_list,
            paths: raw.paths,
            suffixes: raw.suffixes,
            batch: raw.batch,
            peak_hours: raw.peak_hours.0,
            windows: raw.windows,
            models: raw.models.0,
        };
        // Here, so that the place of the vendor is said.
        provider.check_names()?;
        Ok(provider)
    }
}

impl Provider {
    fn check_names(&self) -> Result<(), String> {
        let mut claimed: FastMap<&str, &str> = FastMap::default();
        for (id, model) in &self.models {
            for name in std::iter::once(id).chain(&model.aliases).chain(&model.globs) {
                if let Some(owner) = claimed.insert(name, id) {
                    return Err(format!(
                        "`{name}` is claimed by two models, `{owner}` and `{id}`\nhint: keep it on the one it belongs to"
                    ));
                }
            }
        }
        Ok(())
    }
}

/// What a model does, which decides whether it can be routed and may have no output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Chat, also by way of a responses endpoint.
    #[default]
    Chat,
    /// Plain text completion.
    Completion,
    /// Vectors.
    Embedding,
    /// Ranking.
    Rerank,
    /// Speech.
    Audio,
    /// Pictures.
    Image,
    /// Two-way sessions.
    Realtime,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 7] =
        [Self::Chat, Self::Completion, Self::Embedding, Self::Rerank, Self::Audio, Self::Image, Self::Realtime];

    /// The name in price tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Completion => "completion",
            Self::Embedding => "embedding",
            Self::Rerank => "rerank",
            Self::Audio => "audio",
            Self::Image => "image",
            Self::Realtime => "realtime",
        }
    }
}

/// A model that is served and billed under another's name.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServedAs {
    /// The model: one of the same provider, or `provider/model`.
    pub model: String,
    /// The first UTC day.
    pub from: Exactly<Day>,
    /// The page that says so.
    pub source: String,
}

/// A model and its prices.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, try_from = "RawModel")]
pub struct Model {
    /// Other exact names.
    pub aliases: Vec<String>,
    /// Declared globs.
    pub globs: Vec<String>,
    /// Whether `<id>-YYYY-MM-DD` and `<id>-YYYYMMDD` are this model.
    pub snapshots: bool,
    /// What it does; chat where nothing is said.
    pub kind: Option<Kind>,
    /// The day the vendor stops serving it.
    pub retires: Option<Day>,
    /// The model that its vendor names for work on it from then on.
    pub successor: Option<String>,
    /// The model that its vendor serves and bills under its name.
    pub served_as: Option<ServedAs>,
    /// Dated entries, ascending.
    pub prices: Vec<Entry>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Model")]
struct RawModel {
    /// Other exact names.
    #[serde(default)]
    aliases: Vec<String>,
    /// Globs over names that mean this model.
    #[serde(default, rename = "match")]
    globs: Vec<String>,
    /// Whether `<id>-YYYY-MM-DD` and `<id>-YYYYMMDD` are this model.
    #[serde(default)]
    snapshots: bool,
    /// What it does (default: chat).
    kind: Option<Kind>,
    /// The day the vendor stops serving it.
    retires: Option<Exactly<Day>>,
    /// The model that its vendor names for work on it from that day on: one of the same provider, or `provider/model`.
    successor: Option<String>,
    /// Another model that the vendor serves and bills under this name from some day on.
    served_as: Option<ServedAs>,
    /// Dated entries, from the oldest to the newest. Only a model that another table has may leave them out.
    #[schemars(length(min = 1))]
    prices: Option<Vec<Entry>>,
}

impl TryFrom<RawModel> for Model {
    type Error = String;

    fn try_from(raw: RawModel) -> Result<Self, String> {
        if raw.prices.as_ref().is_some_and(Vec::is_empty) {
            return Err("a model needs at least one entry under `prices`".into());
        }
        let prices = raw.prices.unwrap_or_default();
        for pair in prices.windows(2) {
            match (pair[0].from, pair[1].from) {
                (_, None) => return Err("only the first entry of a model may leave out `from`\nhint: state the first UTC day on which the later price holds".into()),
                (Some(earlier), Some(later)) if later <= earlier => {
                    return Err(format!("`from` does not ascend: {later} follows {earlier}\nhint: list the entries of a model from the oldest to the newest, each from a day of its own"));
                }
                _ => {}
            }
        }
        Ok(Self {
            aliases: raw.aliases,
            globs: raw.globs,
            snapshots: raw.snapshots,
            kind: raw.kind,
            retires: raw.retires.map(|day| day.0),
            successor: raw.successor,
            served_as: raw.served_as,
            prices,
        })
    }
}
