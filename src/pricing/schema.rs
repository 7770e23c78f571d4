//! `pricing.yaml` as written: the shape, and every check that needs only one entry, model or provider.
//!
//! Role: raw YAML → values that [`super::PriceTable`] can be built from. What is refused here is refused with line and
//! column. See the contract, section 2.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::calendar::Day;
use crate::money::{Factor, Rate};
use crate::usage::{PerClass, TokenClass};
use crate::yaml::{Exactly, UniqueMap, Whole};

/// The only schema there is.
const SCHEMA: u32 = 1;

/// A whole table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, try_from = "RawTable")]
pub struct Table {
    /// Providers in file order.
    pub providers: Vec<(String, Provider)>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTable {
    schema: u32,
    currency: String,
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
    /// The terms of its batch API, if it has one.
    pub batch: Option<BatchTerms>,
    /// Models in file order.
    pub models: Vec<(String, Model)>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawProvider {
    #[serde(default)]
    aliases: Vec<String>,
    batch: Option<BatchTerms>,
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
        Ok(Self { aliases: raw.aliases, batch: raw.batch, models: raw.models.0 })
    }
}

/// What a vendor's batch API demands and promises.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchTerms {
    /// Hours within which results are promised.
    #[serde(default = "default_window")]
    pub window_hours: u32,
    /// Most requests in one batch.
    pub max_requests: Option<u64>,
    /// Largest input file in megabytes.
    pub max_file_mb: Option<u64>,
    /// Fewest requests in one batch.
    #[serde(default)]
    pub min_requests: u64,
    /// Endpoints that can be batched; all if left out.
    pub endpoints: Option<Vec<String>>,
    /// What happens to work that is unfinished at the end of the window.
    pub on_expiry: Option<String>,
    /// Where this is documented.
    pub source: String,
    /// When it was last compared with the source.
    pub checked: Exactly<Day>,
}

/// The window that is assumed where none is stated.
pub const fn default_window() -> u32 {
    24
}

/// What a model does, which decides whether it can be routed and may have no output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
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
    /// Dated entries, ascending.
    pub prices: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawModel {
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default, rename = "match")]
    globs: Vec<String>,
    #[serde(default)]
    snapshots: bool,
    #[serde(default)]
    kind: Kind,
    retires: Option<Exactly<Day>>,
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
            prices: raw.prices,
        })
    }
}

/// Rates of one service tier, complete in itself.
pub type Rates = PerClass<Option<Rate>>;

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, try_from = "RawBlock")]
struct Block(Rates);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBlock {
    input: Option<Exactly<Rate>>,
    cache_read: Option<Exactly<Rate>>,
    cache_write_5m: Option<Exactly<Rate>>,
    cache_write_1h: Option<Exactly<Rate>>,
    output: Option<Exactly<Rate>>,
}

impl TryFrom<RawBlock> for Block {
    type Error = String;

    fn try_from(raw: RawBlock) -> Result<Self, String> {
        let rates = PerClass(
            [raw.input, raw.cache_read, raw.cache_write_5m, raw.cache_write_1h, raw.output]
                .map(|rate| rate.map(|rate| rate.0)),
        );
        for class in TokenClass::ALL {
            let too_high = |rate: Rate| rate.units() > Rate::HIGHEST_PER_MILLION * 1_000_000_000_000;
            if let Some(rate) = rates[class].filter(|&rate| too_high(rate)) {
                return Err(format!(
                    "`{}: {rate}` is above {} USD per 1M tokens\nhint: prices are per 1M tokens; this one looks like another unit",
                    class.name(),
                    Rate::HIGHEST_PER_MILLION
                ));
            }
        }
        Ok(Self(rates))
    }
}

/// The four priced tiers of one context step.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tiers {
    /// Synchronous calls.
    pub standard: Option<Rates>,
    /// The batch API.
    pub batch: Option<Rates>,
    /// Cheaper, slower.
    pub flex: Option<Rates>,
    /// Dearer, faster.
    pub priority: Option<Rates>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStep {
    standard: Option<Block>,
    batch: Option<Block>,
    flex: Option<Block>,
    priority: Option<Block>,
}

impl RawStep {
    fn tiers(&self) -> Tiers {
        let rates = |block: &Option<Block>| block.map(|block| block.0);
        // In batch and flex, cached tokens without a rate of their own are plain input.
        let filled = |block: &Option<Block>| {
            rates(block).map(|mut rates| {
                for class in [TokenClass::CacheRead, TokenClass::CacheWrite5m, TokenClass::CacheWrite1h] {
                    rates[class] = rates[class].or(rates[TokenClass::Input]);
                }
                rates
            })
        };
        Tiers {
            standard: rates(&self.standard),
            batch: filled(&self.batch),
            flex: filled(&self.flex),
            priority: rates(&self.priority),
        }
    }

    /// A batch price above the standard one is a mistake in the table, never a fact.
    fn check_batch(&self) -> Result<(), String> {
        let (Some(standard), Some(batch)) = (self.standard, self.batch) else { return Ok(()) };
        for class in TokenClass::ALL {
            if let (Some(standard), Some(batch)) = (standard.0[class], batch.0[class])
                && batch > standard
            {
                return Err(format!(
                    "batch `{}: {batch}` is above standard `{standard}`\nhint: compare both with the page named under `source`",
                    class.name()
                ));
            }
        }
        Ok(())
    }
}

/// Prices in force from a day on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, try_from = "RawEntry")]
pub struct Entry {
    /// The first UTC day, if known.
    pub from: Option<Day>,
    /// The page the figures come from.
    pub source: String,
    /// When they were last compared with it.
    pub checked: Day,
    /// Context steps by their smallest prompt, ascending; the first is 0.
    pub steps: Vec<(u64, Tiers)>,
    /// Multipliers by data residency.
    pub geo: Vec<(String, Factor)>,
    /// Lint codes accepted for this entry.
    pub acknowledge: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    from: Option<Exactly<Day>>,
    source: String,
    checked: Exactly<Day>,
    standard: Block,
    batch: Option<Block>,
    flex: Option<Block>,
    priority: Option<Block>,
    #[serde(default)]
    geo: UniqueMap<String, Exactly<Factor>>,
    #[serde(default)]
    above: UniqueMap<Exactly<Whole>, RawStep>,
    #[serde(default)]
    at_least: UniqueMap<Exactly<Whole>, RawStep>,
    #[serde(default)]
    acknowledge: Vec<String>,
}

impl TryFrom<RawEntry> for Entry {
    type Error = String;

    fn try_from(raw: RawEntry) -> Result<Self, String> {
        let base = RawStep { standard: Some(raw.standard), batch: raw.batch, flex: raw.flex, priority: raw.priority };
        base.check_batch()?;
        let mut steps = vec![(0, base.tiers())];
        let above = raw.above.0.iter().map(|(size, step)| (size.0.0.checked_add(1), step));
        let at_least = raw.at_least.0.iter().map(|(size, step)| (Some(size.0.0), step));
        for (size, step) in above.chain(at_least) {
            let size = size.filter(|&size| size > 0).ok_or("a context step needs a size above 0")?;
            step.check_batch().map_err(|error| format!("for prompts of {size} tokens and more, {error}"))?;
            if steps.iter().any(|(known, _)| *known == size) {
                return Err(format!(
                    "two context steps begin at a prompt of {size} tokens\nhint: `above: N` begins at N + 1, `at_least: N` at N"
                ));
            }
            steps.push((size, step.tiers()));
        }
        steps.sort_by_key(|(size, _)| *size);
        let geo: Vec<(String, Factor)> = raw.geo.0.into_iter().map(|(name, factor)| (name, factor.0)).collect();
        check_products(&steps, &geo)?;
        Ok(Self {
            from: raw.from.map(|day| day.0),
            source: raw.source,
            checked: raw.checked.0,
            steps,
            geo,
            acknowledge: raw.acknowledge,
        })
    }
}

/// Every rate times every multiplier must be a whole number of the smallest unit: money is kept exactly or not at all.
fn check_products(steps: &[(u64, Tiers)], geo: &[(String, Factor)]) -> Result<(), String> {
    for (_, tiers) in steps {
        let blocks = [tiers.standard, tiers.batch, tiers.flex, tiers.priority];
        for rate in blocks.into_iter().flatten().flat_map(|rates| rates.0).flatten() {
            if let Some((name, factor)) = geo.iter().find(|(_, factor)| rate.times(*factor).is_none()) {
                return Err(format!(
                    "{rate} × {factor} (geo `{name}`) cannot be kept exactly\nhint: use fewer decimals"
                ));
            }
        }
    }
    Ok(())
}
