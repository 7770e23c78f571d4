//! The mapping language: which columns or JSON paths of an export hold what.
//!
//! Role: one vocabulary for built-in formats and for a user's own `--map FILE`. A path is a column or key, with ` > `
//! between the steps into JSON; `@name` is a value worked out by a format's own logic. Conventions about tokens are
//! declared here and never guessed from a row.

use serde::{Deserialize, Serialize};

pub use convention::{CachePart, Convention, OutputPart};
pub use declared::{Counted, Declared, SumOfParts};
pub use spec::{ColumnRule, Spec, TagSpec, TimeForm, TimeSpec, Unit};

use super::row::TEXTS;
use crate::money::DecimalStyle;
use crate::usage::{DataGap, Field};
use crate::yaml::UniqueMap;

mod convention;
mod declared;
mod spec;

/// A mapping as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the mapping language, and they are independent")]
pub struct Mapping {
    /// Always 1.
    pub schema: u32,
    /// The name for `--input-format`.
    pub name: String,
    /// What it is, in words.
    pub title: String,
    /// How rows are framed.
    pub containers: Vec<Container>,
    /// Where an object holds its rows, as a path of lists; without it each object is a row.
    pub rows: Option<String>,
    /// An object without those lists is a row itself.
    #[serde(default)]
    pub rows_alone: bool,
    /// Names for places where the same object may stand in a row: `$name > key` is that key in each of them.
    #[serde(default)]
    pub roots: UniqueMap<String, Vec<String>>,
    /// The vendor all rows belong to.
    pub provider: Option<String>,
    /// Columns or keys that prove the format; for a user's mapping those of the required fields if left out.
    #[serde(default)]
    pub recognise: Vec<String>,
    /// Further lists of columns or keys, each of which proves the format too; `@no_rows` is a page without rows.
    #[serde(default)]
    pub recognise_also: Vec<Vec<String>>,
    /// A header of exactly these columns is this format too, without any usage.
    #[serde(default)]
    pub recognise_exactly: Vec<String>,
    /// Usage, or lines of a bill.
    #[serde(default)]
    pub kind: Kind,
    /// Code of the format's own; built-in formats only.
    pub logic: Option<Logic>,
    /// When a call or bucket began.
    pub time: TimeSpec,
    /// Rows may lack a time; they are read if `--from` and `--to` say their days, and count on the first of them.
    #[serde(default)]
    pub undated_rows: bool,
    /// When a bucket ended; a row without it is a call.
    pub end: Option<TimeSpec>,
    /// Rows are buckets as long as their time is precise: a date is a day, a date with an hour an hour.
    pub span: Option<SpanRule>,
    /// Everything else.
    pub fields: UniqueMap<TargetField, Spec>,
    /// Which cache classes the input column includes, where that is the only convention.
    #[serde(default)]
    pub input_holds: Vec<CachePart>,
    /// The conventions that rows of this format follow, the usual one first; a stated total chooses among them.
    #[serde(default)]
    pub conventions: Vec<Convention>,
    /// Objects in which each number is a usage key.
    #[serde(default)]
    pub usage_objects: Vec<String>,
    /// Usage keys that are not read, and why. A path stands for all below it.
    #[serde(default)]
    pub declared: UniqueMap<String, Declared>,
    /// Columns that make a count together, in rows that state all of them.
    #[serde(default)]
    pub sums: Vec<SumOfParts>,
    /// Tags.
    #[serde(default)]
    pub tags: TagSpec,
    /// The format can say whether a row was batch.
    #[serde(default = "yes")]
    pub batch_told: bool,
    /// A row without input tokens whose status says that it failed, or is not finished, is no usage.
    #[serde(default)]
    pub unfinished_is_not_usage: bool,
    /// Ids are the vendor's own and hold no separators, so that one with a comma in it is damaged.
    #[serde(default)]
    pub plain_ids: bool,
    /// A bucket is identified by its id, whatever its span and fields.
    #[serde(default)]
    pub buckets_by_id: bool,
    /// Ids are the tool's own, so that no other log of the same calls knows them.
    #[serde(default)]
    pub own_ids: bool,
    /// Amounts are what the tool that wrote the log makes of its own price list, and no provider's bill.
    #[serde(default)]
    pub own_prices: bool,
    /// Rows are answers alone: what a fuller log tells of the same call counts instead.
    #[serde(default)]
    pub answers_only: bool,
    /// A call is told again as its answer grows: the first telling says when it was made, the fullest what it used.
    #[serde(default)]
    pub first_time_counts: bool,
    /// Folders of this format alone, by the end of their paths, which may be named as they are.
    #[serde(default)]
    pub folders: Vec<String>,
    /// How numbers are written.
    pub decimal: Option<DecimalStyle>,
    /// Columns or keys that real exports lack, of those that are read: nothing is said where they are missing. One of
    /// several places for a field stands for all of them.
    #[serde(default)]
    pub optional: Vec<String>,
    /// Columns or keys that stand in a row all or none, optional ones too.
    #[serde(default)]
    pub together: Vec<Vec<String>>,
    /// Columns that tell buckets apart besides the fields above.
    #[serde(default)]
    pub also_group_by: Vec<String>,
    /// A row in which all of these are empty is blank.
    #[serde(default)]
    pub blank_if_empty: Vec<String>,
    /// A row in which one of these is filled is no LLM call.
    #[serde(default)]
    pub not_usage_if: Vec<String>,
    /// How a row of totals is known.
    pub total_if: Option<ColumnRule>,
    /// How a call is known, which is never blank.
    pub call_if: Option<ColumnRule>,
    /// How a row that is no call is known.
    pub no_call_if: Option<ColumnRule>,
    /// A CSV cell in quotes of its own is a JSON text.
    #[serde(default)]
    pub json_cells: bool,
    /// What the format tells.
    #[serde(default)]
    pub tells: Vec<String>,
    /// What it cannot tell.
    #[serde(default)]
    pub cannot_tell: Vec<String>,
    /// How to get one: where to click, or what to ask an API.
    #[serde(default)]
    pub how_to_get: String,
    /// What a better export would add.
    #[serde(default)]
    pub better: Better,
    /// Where the vendor describes it.
    #[serde(default)]
    pub source: String,
}

impl Mapping {
    /// The conventions of its rows, the usual one first.
    pub fn conventions(&self) -> Vec<Convention> {
        if self.conventions.is_empty() {
            vec![Convention { input_holds: self.input_holds.clone(), output_holds: Vec::new() }]
        } else {
            self.conventions.clone()
        }
    }

    /// Writes out every path that begins with a root. A root that is not named is an error.
    pub fn expand_roots(&mut self) -> Result<(), String> {
        // A column may begin with a dollar sign where there are no roots.
        if self.roots.0.is_empty() {
            return Ok(());
        }
        let roots = std::mem::take(&mut self.roots.0);
        let expand = |paths: &mut Vec<String>| -> Result<(), String> {
            let mut all = Vec::new();
            for path in paths.iter() {
                all.extend(expanded(path, &roots)?);
            }
            *paths = all;
            Ok(())
        };
        expand(&mut self.time.from)?;
        if let Some(end) = &mut self.end {
            expand(&mut end.from)?;
        }
        for (_, spec) in &mut self.fields.0 {
            expand(&mut spec.from)?;
        }
        for paths in [
            &mut self.usage_objects,
            &mut self.optional,
            &mut self.also_group_by,
            &mut self.blank_if_empty,
            &mut self.not_usage_if,
        ] {
            expand(paths)?;
        }
        let mut together = Vec::new();
        for group in &self.together {
            // Keys are together in each place by itself.
            let group: Vec<Vec<String>> = group.iter().map(|path| expanded(path, &roots)).collect::<Result<_, _>>()?;
            let places = group.iter().map(Vec::len).max().unwrap_or_default();
            let place = |at: usize| group.iter().filter_map(|paths| paths.get(at).or(paths.first()).cloned()).collect();
            together.extend((0..places).map(place));
        }
        self.together = together;
        let mut declared = Vec::new();
        for (path, why) in &self.declared.0 {
            declared.extend(expanded(path, &roots)?.into_iter().map(|path| (path, why.clone())));
        }
        self.declared.0 = declared;
        self.roots.0 = roots;
        Ok(())
    }
}

/// A path in each place that its root stands for; the empty place is the row itself.
fn expanded(path: &str, roots: &[(String, Vec<String>)]) -> Result<Vec<String>, String> {
    let Some(rest) = path.strip_prefix('$') else { return Ok(vec![path.to_owned()]) };
    let (name, rest) = rest.split_once(" > ").map_or((rest, None), |(name, rest)| (name, Some(rest)));
    let (_, places) =
        roots.iter().find(|(known, _)| known == name).ok_or_else(|| format!("`roots` names no `{name}`"))?;
    let join = |place: &String| match (place.as_str(), rest) {
        ("", rest) => rest.map(ToOwned::to_owned),
        (place, None) => Some(place.to_owned()),
        (place, Some(rest)) => Some(format!("{place} > {rest}")),
    };
    Ok(places.iter().filter_map(join).collect())
}

/// By gap: what to do for an export without it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Better {
    /// To tell batch from real time.
    batch: Option<String>,
    /// To know the size of prompts.
    context: Option<String>,
    /// To tell workloads apart.
    workload: Option<String>,
    /// To know the model of an amount.
    model: Option<String>,
}

impl Better {
    /// The advice for a gap.
    pub fn advice(&self, gap: DataGap) -> Option<&str> {
        let advice = match gap {
            DataGap::Batch => &self.batch,
            DataGap::Context => &self.context,
            DataGap::Workload => &self.workload,
            DataGap::Model => &self.model,
        };
        advice.as_deref()
    }

    /// All advice there is.
    pub fn each(&self) -> impl Iterator<Item = (DataGap, &str)> {
        let gaps = [DataGap::Batch, DataGap::Context, DataGap::Workload, DataGap::Model];
        gaps.into_iter().filter_map(|gap| Some((gap, self.advice(gap)?)))
    }
}

const fn yes() -> bool {
    true
}

/// How rows are framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Container {
    /// Comma-separated values, RFC 4180.
    Csv,
    /// JSON objects: one a line, one after the other, or in a list.
    Jsonl,
}

/// What rows are about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Tokens.
    #[default]
    Usage,
    /// Money, without tokens.
    Bill,
}

/// Code of a format's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Logic {
    /// `"gpt-5-mini, cached input"` → model and token class.
    OpenaiLineItem,
    /// `Claude Haiku 4.5` → `claude-haiku-4-5`, and the bill's words where a line is for something else than tokens.
    AnthropicCost,
    /// Answers of a reseller among those of makers.
    OpenaiBodies,
    /// Rows that count pictures or characters and no tokens.
    OpenaiActivity,
    /// LLM usage among all that a cloud bills.
    Focus,
    /// Streaming, durations, applications and tags of a gateway's log.
    Litellm,
    /// Lines of sums instead of rows.
    Rollup,
}

/// Bucket length from the precision of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpanRule {
    /// A date is a day, a date with hour and minute an hour.
    ByPrecision,
    /// What is left of the UTC day.
    RestOfDay,
}

/// What a value is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is named like the field of a record or the column of the own format it fills")]
pub enum TargetField {
    Id,
    Provider,
    Model,
    Endpoint,
    ApiKey,
    Project,
    User,
    EndUser,
    Team,
    App,
    SessionId,
    Geo,
    Requests,
    Stream,
    Tier,
    Batch,
    Status,
    GatewayHit,
    Window,
    /// The model declined to answer.
    Refused,
    Input,
    CacheRead,
    #[serde(rename = "cache_write_5m")]
    CacheWrite5m,
    #[serde(rename = "cache_write_1h")]
    CacheWrite1h,
    /// Cache writes of both lifetimes together.
    CacheWrites,
    /// What is left of `input` without its cache classes: only to see that they add up.
    InputRest,
    Output,
    /// What of the input is sound: only to see that there is some, since rates are those of text.
    AudioInput,
    /// What of the output is sound.
    AudioOutput,
    /// Generated tokens that nobody sees; whether `output` includes them is a matter of convention.
    Reasoning,
    /// All tokens of the row.
    Total,
    LatencyMs,
    TtftMs,
    Billed,
    /// What a line of a bill costs over time: only to see what is paid elsewhere.
    Effective,
    /// What it costs at list prices: only to see whether what is billed can be true.
    List,
    Currency,
    TokenClass,
    Quantity,
    LineItem,
}

impl TargetField {
    /// How many targets there are.
    pub const COUNT: usize = Self::LineItem as usize + 1;

    /// The name in mappings.
    pub fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|name| name.as_str().map(ToOwned::to_owned)).unwrap_or_default()
    }

    /// The text of a row that it fills.
    pub fn field(self) -> Option<Field> {
        TEXTS.iter().find(|(_, target)| *target == self).map(|(field, _)| *field)
    }

    /// Whether it counts tokens.
    pub const fn is_tokens(self) -> bool {
        matches!(
            self,
            Self::Input
                | Self::CacheRead
                | Self::CacheWrite5m
                | Self::CacheWrite1h
                | Self::CacheWrites
                | Self::InputRest
                | Self::Output
                | Self::AudioInput
                | Self::AudioOutput
                | Self::Reasoning
                | Self::Total
        )
    }

    /// Whether the amount or the rate of a row is made of it, or whether the row counts at all.
    pub const fn decides_cost(self) -> bool {
        self.is_tokens()
            || matches!(
                self,
                Self::Id
                    | Self::Geo
                    | Self::Requests
                    | Self::Tier
                    | Self::Batch
                    | Self::Status
                    | Self::GatewayHit
                    | Self::Window
                    | Self::Billed
            )
    }

    /// Whether it is a count that rows need not state, which is taken as zero where they do not.
    pub const fn is_zero_if_empty(self) -> bool {
        use TargetField::{CacheRead, CacheWrite1h, CacheWrite5m, CacheWrites, Reasoning};
        matches!(self, CacheRead | CacheWrite5m | CacheWrite1h | CacheWrites | Reasoning)
    }

    /// Whether it is a word, and no count or amount.
    pub const fn is_word(self) -> bool {
        use TargetField::{Billed, Effective, LatencyMs, List, Quantity, Requests, TtftMs};
        !self.is_tokens() && !matches!(self, Requests | LatencyMs | TtftMs | Billed | Effective | List | Quantity)
    }
}
