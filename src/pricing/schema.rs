//! `pricing.yaml` as written: tables, providers and models, and every check that needs only one of them.
//!
//! Role: raw YAML → values that [`super::PriceTable`] can be built from. What is refused here is refused with line and
//! column. See the docs/specification.md, section 2.

use std::collections::BTreeSet;

use schemars::{JsonSchema, Schema};
use serde::Deserialize;

use super::entry::Entry;
use super::paths::ModelPaths;
use super::terms::BatchTerms;
use crate::calendar::Day;
use crate::yaml::{Exactly, UniqueMap, looks_like, whole};

/// The only schema there is.
const SCHEMA: u32 = 1;

/// The JSON Schema of a price table, for editors.
pub fn json_schema() -> Schema {
    schemars::generate::SchemaSettings::draft07().into_generator().into_root_schema_for::<RawTable>()
}

looks_like!(Provider => RawProvider, Model => RawModel);

/// A whole table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, try_from = "RawTable")]
pub struct Table {
    /// Providers in file order.
    pub providers: Vec<(String, Provider)>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(
    rename = "PriceTable",
    title = "batchwise price table",
    description = "Standard and batch prices of LLM APIs, in US dollars per 1M tokens."
)]
struct RawTable {
    /// The version of this shape.
    #[schemars(extend("const" = 1))]
    #[serde(deserialize_with = "whole")]
    schema: u32,
    /// The currency of every figure.
    #[schemars(extend("const" = "USD"))]
    currency: String,
    /// Vendors by the name that reports use.
    providers: UniqueMap<String, Provider>,
}

impl TryFrom<RawTable> for Table {
    type Error = String;

    fn try_from(raw: RawTable) -> Result<Self, String> {
        if raw.schema != SCHEMA {
            return Err(format!("schema {} is not known\nhint: this program reads schema {SCHEMA}", raw.schema));
        }
        if raw.currency != "USD" {
            return Err(format!("currency `{}` is not supported\nhint: prices are kept in USD", raw.currency));
        }
        let mut names = BTreeSet::new();
        for (name, provider) in &raw.providers.0 {
            for name in std::iter::once(name).chain(&provider.aliases) {
                if !names.insert(name.to_lowercase()) {
                    return Err(format!(
                        "two providers are called `{name}`\nhint: names and aliases differ in more than upper and lower case"
                    ));
                }
            }
        }
        Ok(Self { providers: raw.providers.0 })
    }
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
    /// Models by the id that the vendor lists.
    #[serde(default)]
    models: UniqueMap<String, Model>,
}

impl TryFrom<RawProvider> for Provider {
    type Error = String;

    fn try_from(raw: RawProvider) -> Result<Self, String> {
        let mut claimed: Vec<(&str, &str)> = Vec::new();
        for (id, model) in &raw.models.0 {
            for name in std::iter::once(id).chain(&model.aliases).chain(&model.globs) {
                if let Some((_, owner)) = claimed.iter().find(|(known, _)| known == name) {
                    return Err(format!(
                        "`{name}` is claimed by two models, `{owner}` and `{id}`\nhint: keep it on the one it belongs to"
                    ));
                }
                claimed.push((name, id));
            }
        }
        if raw.suffixes.iter().any(String::is_empty) {
            return Err("a suffix is empty\nhint: write what stands behind the name, such as `-high`".into());
        }
        Ok(Self {
            aliases: raw.aliases,
            resells: raw.resells,
            at_list: raw.at_list,
            paths: raw.paths,
            suffixes: raw.suffixes,
            batch: raw.batch,
            models: raw.models.0,
        })
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
    /// What it does.
    pub kind: Kind,
    /// The day the vendor stops serving it.
    pub retires: Option<Day>,
    /// The model that its vendor names for work on it from then on.
    pub successor: Option<String>,
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
    /// What it does.
    #[serde(default)]
    kind: Kind,
    /// The day the vendor stops serving it.
    retires: Option<Exactly<Day>>,
    /// The model that its vendor names for work on it from that day on: one of the same provider, or `provider/model`.
    successor: Option<String>,
    /// Dated entries, from the oldest to the newest.
    #[schemars(length(min = 1))]
    prices: Vec<Entry>,
}

impl TryFrom<RawModel> for Model {
    type Error = String;

    fn try_from(raw: RawModel) -> Result<Self, String> {
        if raw.prices.is_empty() {
            return Err("a model needs at least one entry under `prices`".into());
        }
        for pair in raw.prices.windows(2) {
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
            prices: raw.prices,
        })
    }
}
