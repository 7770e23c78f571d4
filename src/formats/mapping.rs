//! The mapping language: which columns or JSON paths of an export hold what.
//!
//! Role: one vocabulary for built-in formats and for a user's own `--map FILE`. A path is a column or key, with ` > `
//! between the steps into JSON; `@name` is a value worked out by a format's own logic. Conventions about tokens are
//! declared here and never guessed from a row.

use std::fmt;

use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::money::DecimalStyle;
use crate::usage::{Gap, TokenClass};
use crate::yaml::{Exactly, UniqueMap};

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
    pub fields: UniqueMap<Target, Spec>,
    /// Which cache classes the input column includes.
    #[serde(default)]
    pub input_holds: Vec<CachePart>,
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
    /// Ids are the tool's own, so that no other log of the same calls knows them.
    #[serde(default)]
    pub own_ids: bool,
    /// Amounts are what the tool that wrote the log makes of its own price list, and no provider's bill.
    #[serde(default)]
    pub own_prices: bool,
    /// Rows are answers alone: what a fuller log tells of the same call counts instead.
    #[serde(default)]
    pub answers_only: bool,
    /// How numbers are written.
    pub decimal: Option<DecimalStyle>,
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
    pub total_if: Option<TotalRule>,
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
    pub fn advice(&self, gap: Gap) -> Option<&str> {
        let advice = match gap {
            Gap::Batch => &self.batch,
            Gap::Context => &self.context,
            Gap::Workload => &self.workload,
            Gap::Model => &self.model,
        };
        advice.as_deref()
    }

    /// All advice there is.
    pub fn each(&self) -> impl Iterator<Item = (Gap, &str)> {
        let gaps = [Gap::Batch, Gap::Context, Gap::Workload, Gap::Model];
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
    /// Rows that count pictures or characters and no tokens.
    OpenaiActivity,
    /// LLM usage among all that a cloud bills.
    Focus,
    /// Streaming, durations, applications and tags of a gateway's log.
    Litellm,
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

/// A cache class that the input column may include.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CachePart {
    /// Cache reads.
    CacheRead,
    /// Cache writes for five minutes.
    #[serde(rename = "cache_write_5m")]
    CacheWrite5m,
    /// Cache writes for an hour.
    #[serde(rename = "cache_write_1h")]
    CacheWrite1h,
}

impl CachePart {
    /// As a token class.
    pub const fn class(self) -> TokenClass {
        match self {
            Self::CacheRead => TokenClass::CacheRead,
            Self::CacheWrite5m => TokenClass::CacheWrite5m,
            Self::CacheWrite1h => TokenClass::CacheWrite1h,
        }
    }
}

/// What a value is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is named like the field of a record or the column of the own format it fills")]
pub enum Target {
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
    Input,
    CacheRead,
    #[serde(rename = "cache_write_5m")]
    CacheWrite5m,
    #[serde(rename = "cache_write_1h")]
    CacheWrite1h,
    /// Cache writes of both lifetimes together: only to see that they add up.
    CacheWrites,
    /// What is left of `input` without its cache classes: only to see that they add up.
    InputRest,
    Output,
    /// What of the input is sound: only to see that there is some, since rates are those of text.
    AudioInput,
    /// What of the output is sound.
    AudioOutput,
    /// Generated tokens that `output` does not include.
    Reasoning,
    LatencyMs,
    TtftMs,
    Billed,
    /// What a line of a bill costs over time: only to see what is paid elsewhere.
    Effective,
    Currency,
    TokenClass,
    Quantity,
    LineItem,
}

impl Target {
    /// How many targets there are.
    pub const COUNT: usize = Self::LineItem as usize + 1;

    /// The name in mappings.
    pub fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|name| name.as_str().map(ToOwned::to_owned)).unwrap_or_default()
    }

    /// Whether it is a word, and no count or amount.
    pub const fn is_word(self) -> bool {
        !matches!(
            self,
            Self::Requests
                | Self::Input
                | Self::CacheRead
                | Self::CacheWrite5m
                | Self::CacheWrite1h
                | Self::CacheWrites
                | Self::InputRest
                | Self::Output
                | Self::AudioInput
                | Self::AudioOutput
                | Self::Reasoning
                | Self::LatencyMs
                | Self::TtftMs
                | Self::Billed
                | Self::Effective
                | Self::Quantity
        )
    }
}

/// Where a value comes from.
#[derive(Clone, Debug, Default)]
pub struct Spec {
    /// Paths; the first that is filled counts.
    pub from: Vec<String>,
    /// Those of them that hold an id; the others hold a name.
    pub ids: Vec<String>,
    /// What holds for every row of the format, instead of paths.
    pub always: Option<String>,
    /// Texts to read as other texts; `*` stands for all the rest.
    pub values: Vec<(String, String)>,
    /// What one unit of the number is.
    pub unit: Unit,
}

/// What one unit of a number is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Tokens, dollars, milliseconds.
    #[default]
    One,
    /// Hundredths of a dollar.
    Cents,
    /// Blocks of a thousand tokens; seconds for durations.
    Thousand,
    /// Blocks of a million tokens.
    Million,
}

impl<'de> Deserialize<'de> for Spec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnySpec;
        impl<'de> Visitor<'de> for AnySpec {
            type Value = Spec;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column, a list of columns, `{from: …, values: …, unit: …}`, `{name: …, id: …}`, or `{always: …}`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Spec, E> {
                Ok(Spec { from: vec![text.to_owned()], ..Spec::default() })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Spec, A::Error> {
                let mut from = Vec::new();
                while let Some(path) = items.next_element::<Exactly<String>>()? {
                    from.push(path.0);
                }
                Ok(Spec { from, ..Spec::default() })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Spec, A::Error> {
                #[derive(Deserialize)]
                #[serde(deny_unknown_fields)]
                struct Full {
                    from: Option<Paths>,
                    name: Option<Paths>,
                    id: Option<Paths>,
                    always: Option<Exactly<String>>,
                    #[serde(default)]
                    values: UniqueMap<Exactly<String>, Exactly<String>>,
                    #[serde(default)]
                    unit: Unit,
                }
                let full = Full::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                let values: Vec<_> = full.values.0.into_iter().map(|(from, to)| (from.0, to.0)).collect();
                let is_plain = values.is_empty() && full.unit == Unit::One;
                if full.id.is_some() || full.name.is_some() {
                    let is_alone = full.from.is_none() && full.always.is_none() && is_plain;
                    return Spec::of_id(full.name.map(|name| name.0), full.id.map(|id| id.0), is_alone);
                }
                match (full.from, full.always) {
                    (Some(from), None) => Ok(Spec { from: from.0, values, unit: full.unit, ..Spec::default() }),
                    (None, Some(always)) if is_plain && !always.0.is_empty() => {
                        Ok(Spec { always: Some(always.0), ..Spec::default() })
                    }
                    (None, Some(_)) => Err(A::Error::custom("`always` is one word, and nothing stands beside it")),
                    _ => Err(A::Error::custom("either `from` or `always` is needed, and not both")),
                }
            }
        }
        deserializer.deserialize_any(AnySpec)
    }
}

#[derive(Clone, Debug)]
struct Paths(Vec<String>);

impl<'de> Deserialize<'de> for Paths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spec::deserialize(deserializer).map(|spec| Self(spec.from))
    }
}

/// Where a time stands and its form.
#[derive(Clone, Debug)]
pub struct TimeSpec {
    /// Paths; the first that is filled counts.
    pub from: Vec<String>,
    /// The form.
    pub form: TimeForm,
}

impl TimeSpec {
    fn of<E: serde::de::Error>(paths: Paths, form: TimeForm) -> Result<Self, E> {
        if paths.0.is_empty() {
            return Err(E::custom("a time needs a column"));
        }
        Ok(Self { from: paths.0, form })
    }

    /// The first path, for messages.
    pub fn column(&self) -> &str {
        self.from.first().map_or("", String::as_str)
    }
}

/// How times are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimeForm {
    /// RFC 3339 and relatives; UTC without an offset.
    #[default]
    Text,
    /// Seconds since 1970.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMillis,
}

impl<'de> Deserialize<'de> for TimeSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyTime;
        impl<'de> Visitor<'de> for AnyTime {
            type Value = TimeSpec;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column, a list of columns, or `{from: …, as: text|epoch-seconds|epoch-millis}`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<TimeSpec, E> {
                Ok(TimeSpec { from: vec![text.to_owned()], form: TimeForm::Text })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<TimeSpec, A::Error> {
                let paths = Paths::deserialize(serde::de::value::SeqAccessDeserializer::new(items))?;
                TimeSpec::of(paths, TimeForm::Text)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TimeSpec, A::Error> {
                #[derive(Deserialize)]
                #[serde(deny_unknown_fields)]
                struct Full {
                    from: Paths,
                    #[serde(default, rename = "as")]
                    form: TimeForm,
                }
                let full = Full::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                TimeSpec::of(full.from, full.form)
            }
        }
        deserializer.deserialize_any(AnyTime)
    }
}

/// Where tags come from.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagSpec {
    /// Every column or key that begins like this is a tag called by the rest.
    pub prefix: Option<String>,
    /// Tags with a path each.
    #[serde(default)]
    pub named: UniqueMap<String, String>,
}

/// How a row of totals is known.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TotalRule {
    /// The column to look at.
    pub column: String,
    /// Its texts in a row of totals.
    pub values: Vec<String>,
}
