//! What one row of an export says, in one vocabulary for all formats.
//!
//! Role: the types between reading and adding up. Formats produce a [`UsageRecord`], the rollup consumes it; neither
//! knows the other. Nothing here prices or judges.

use smallvec::SmallVec;

pub mod batch_cache;
pub mod charge;
pub mod id_text;

pub use batch_cache::{BatchCache, CacheWay};
pub use charge::{ChargeKind, is_model_id};
pub use id_text::IdText;

use crate::calendar::Moment;
use crate::money::Money;

/// The classes of tokens that vendors price apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenClass {
    /// Prompt tokens that were not cached.
    Input,
    /// Prompt tokens read from a cache.
    CacheRead,
    /// Prompt tokens written to a cache for five minutes (at `OpenAI`: thirty).
    CacheWrite5m,
    /// Prompt tokens written to a cache for an hour.
    CacheWrite1h,
    /// Generated tokens, reasoning included.
    Output,
}

impl TokenClass {
    /// All classes, in the order of docs/specification.md.
    pub const ALL: [Self; 5] = [Self::Input, Self::CacheRead, Self::CacheWrite5m, Self::CacheWrite1h, Self::Output];

    /// Those of cached prompts.
    pub const CACHED: [Self; 3] = [Self::CacheRead, Self::CacheWrite5m, Self::CacheWrite1h];

    /// The name in price tables and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::CacheRead => "cache_read",
            Self::CacheWrite5m => "cache_write_5m",
            Self::CacheWrite1h => "cache_write_1h",
            Self::Output => "output",
        }
    }

    /// The class with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }
}

/// Something for each token class. The classes are disjoint: `Input` never holds cached tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PerClass<T>(pub [T; 5]);

impl<T> std::ops::Index<TokenClass> for PerClass<T> {
    type Output = T;

    fn index(&self, class: TokenClass) -> &T {
        &self.0[class as usize]
    }
}

impl<T> std::ops::IndexMut<TokenClass> for PerClass<T> {
    fn index_mut(&mut self, class: TokenClass) -> &mut T {
        &mut self.0[class as usize]
    }
}

/// Token counts of one row.
pub type TokenCounts = PerClass<u64>;

impl TokenCounts {
    /// The whole prompt: plain input, cache reads and cache writes.
    pub fn prompt(&self) -> u128 {
        self.0[..4].iter().map(|&count| u128::from(count)).sum()
    }

    /// All tokens.
    pub fn total(&self) -> u128 {
        self.0.iter().map(|&count| u128::from(count)).sum()
    }

    /// One bit for each class that has tokens.
    pub fn present(&self) -> ClassSet {
        ClassSet(TokenClass::ALL.into_iter().fold(0, |set, class| set | u8::from(self[class] > 0) << class as u8))
    }
}

/// A set of token classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassSet(u8);

impl ClassSet {
    /// The classes that a prompt is made of.
    pub const PROMPT: Self = Self(0b1111);

    /// Whether a class is in it.
    pub const fn has(self, class: TokenClass) -> bool {
        self.0 & 1 << class as u8 != 0
    }

    /// One bit a class.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether every class of it is in another set.
    pub const fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether two sets share a class.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl FromIterator<TokenClass> for ClassSet {
    fn from_iter<I: IntoIterator<Item = TokenClass>>(classes: I) -> Self {
        Self(classes.into_iter().fold(0, |set, class| set | 1 << class as u8))
    }
}

/// The service tier a call ran on, in the vendors' words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// `default`, `standard`, `auto`, or nothing said.
    #[default]
    Default,
    /// Cheaper and slower, still synchronous.
    Flex,
    /// Dearer and faster.
    Priority,
    /// The batch API.
    Batch,
    /// `incentivized-tier`: free daily tokens under data sharing.
    Incentivized,
    /// A name this program does not know, so it has no price for it.
    Unknown,
}

impl Tier {
    /// All tiers.
    pub const ALL: [Self; 6] =
        [Self::Default, Self::Flex, Self::Priority, Self::Batch, Self::Incentivized, Self::Unknown];

    /// Reads a vendor's word for a tier.
    pub fn named(text: &str) -> Self {
        let is = |name: &str| text.eq_ignore_ascii_case(name);
        if text.is_empty() || is("default") || is("standard") || is("auto") {
            Self::Default
        } else if is("flex") {
            Self::Flex
        } else if is("priority") || is("fast") {
            Self::Priority
        } else if is("batch") {
            Self::Batch
        } else if is("incentivized-tier") {
            Self::Incentivized
        } else {
            Self::Unknown
        }
    }

    /// The name used in reports and by rules.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Flex => "flex",
            Self::Priority => "priority",
            Self::Batch => "batch",
            Self::Incentivized => "incentivized-tier",
            Self::Unknown => "unknown",
        }
    }
}

/// What a row stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grain {
    /// One call.
    Call,
    /// The calls of a span of time that share the row's fields.
    Bucket,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It succeeded, or nothing else was said.
    Succeeded,
    /// Status 400 or above, or said to have failed.
    Failed,
    /// The model declined before it put anything out, which is not billed.
    Refused,
    /// The gateway answered from its own cache; the vendor was not asked.
    GatewayHit,
}

/// The texts a row can name, in the order of the tool's own CSV.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Identity for duplicates.
    RequestId,
    /// The vendor, as logged.
    Provider,
    /// The model, as logged.
    Model,
    /// URL path or name.
    Endpoint,
    /// Name or id of the API key.
    ApiKey,
    /// `OpenAI` project or Anthropic workspace.
    Project,
    /// The key's owner.
    User,
    /// Who the call was made for.
    EndUser,
    /// A team.
    Team,
    /// The application.
    App,
    /// A conversation or trace.
    Session,
    /// Data residency.
    Geo,
}

impl Field {
    /// All text fields.
    pub const ALL: [Self; 12] = [
        Self::RequestId,
        Self::Provider,
        Self::Model,
        Self::Endpoint,
        Self::ApiKey,
        Self::Project,
        Self::User,
        Self::EndUser,
        Self::Team,
        Self::App,
        Self::Session,
        Self::Geo,
    ];

    /// Fields of things that vendors know by an id and people by a name.
    pub const WITH_IDS: [Self; 4] = [Self::ApiKey, Self::Project, Self::User, Self::Team];

    /// Position in [`Self::WITH_IDS`].
    pub fn with_id(self) -> Option<usize> {
        Self::WITH_IDS.iter().position(|field| *field == self)
    }

    /// The name policies use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RequestId => "id",
            Self::Provider => "provider",
            Self::Model => "model",
            Self::Endpoint => "endpoint",
            Self::ApiKey => "api_key",
            Self::Project => "project",
            Self::User => "user",
            Self::EndUser => "end_user",
            Self::Team => "team",
            Self::App => "app",
            Self::Session => "session_id",
            Self::Geo => "geo",
        }
    }
}

/// Ids by [`Field::WITH_IDS`].
pub type Ids<'a> = [Option<&'a str>; Field::WITH_IDS.len()];

/// A tag's name and value.
pub type Tag<'a> = (&'a str, &'a str);

/// What a row counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// Tokens, to be priced.
    Tokens(TokenCounts),
    /// A line of a bill: money without tokens, for one token class if the line says which.
    BillLine(Option<TokenClass>),
}

/// A prompt size, as far as a row tells it: `above` < prompt ≤ `up_to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PromptSize {
    /// No call had a prompt of this size or less.
    pub above: u64,
    /// No call had a longer prompt.
    pub up_to: u64,
}

/// One accepted row.
#[derive(Clone, Debug)]
pub struct UsageRecord<'a> {
    /// When the call or the bucket began.
    pub start: Moment,
    /// When the bucket ended (exclusive); nothing for a call.
    pub end: Option<Moment>,
    /// The end (exclusive) of the days in which a call without a time of its own took place, from `start` on.
    pub within: Option<Moment>,
    /// Output tokens were not given, which only embeddings, rankings and failed calls may do.
    pub lacks_output: bool,
    /// The row is an answer alone, so that who asked, and how, is not known.
    pub answer_only: bool,
    /// Calls in this row, if the format says.
    pub requests: Option<u64>,
    /// The row's texts, by [`Field`].
    pub texts: [Option<&'a str>; Field::ALL.len()],
    /// Texts that are stated to be ids, by what they are ids of; the text of the field is the name, where one is stated
    /// too, else the id.
    pub ids: Ids<'a>,
    /// Tags in file order, values not empty.
    pub tags: SmallVec<[Tag<'a>; 3]>,
    /// Whether the answer was streamed.
    pub stream: Option<bool>,
    /// The HTTP status.
    pub status: Option<u64>,
    /// How the call ended.
    pub outcome: Outcome,
    /// The service tier.
    pub tier: Tier,
    /// The service tier in the log's own word.
    pub tier_text: Option<&'a str>,
    /// The format cannot say whether this was batch.
    pub batch_unknown: bool,
    /// What the row counts.
    pub quantity: Quantity,
    /// The vendor's stated context window, where a bucket has one.
    pub window: Option<PromptSize>,
    /// Whole duration in milliseconds.
    pub latency_ms: Option<u64>,
    /// Time to the first token in milliseconds.
    pub ttft_ms: Option<u64>,
    /// The amount the row says was billed.
    pub billed: Option<Money>,
}

impl<'a> UsageRecord<'a> {
    /// The same row, for as long as this one lasts.
    pub fn lent(&self) -> UsageRecord<'_> {
        UsageRecord { tags: self.tags.iter().copied().collect(), ..*self }
    }

    /// Call or bucket.
    pub const fn grain(&self) -> Grain {
        if self.end.is_some() { Grain::Bucket } else { Grain::Call }
    }

    /// The last moment in which some of it may have taken place.
    pub fn last_moment(&self) -> Moment {
        self.end.or(self.within).map_or(self.start, |end| end.plus_seconds(-1).max(self.start))
    }

    /// When it began, or the days in which it may have.
    pub fn when(&self) -> String {
        match self.within {
            Some(_) => format!("on a day from {} to {}", self.start.day(), self.last_moment().day()),
            None => self.start.to_string(),
        }
    }

    /// Whether numbers of the row are those of one call.
    pub fn is_single_call(&self) -> bool {
        self.end.is_none() && self.requests == Some(1)
    }

    /// One of the row's texts.
    pub const fn text(&self, field: Field) -> Option<&'a str> {
        self.texts[field as usize]
    }

    /// The id of what one of the row's texts names, where it is stated to be one.
    pub fn id(&self, field: Field) -> Option<&'a str> {
        field.with_id().and_then(|at| self.ids[at])
    }

    /// The value of a tag.
    pub fn tag(&self, name: &str) -> Option<&'a str> {
        self.tags.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
    }

    /// Token counts, nothing for a line of a bill.
    pub const fn tokens(&self) -> Option<&TokenCounts> {
        match &self.quantity {
            Quantity::Tokens(tokens) => Some(tokens),
            Quantity::BillLine(_) => None,
        }
    }
}

/// What an export may leave open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DataGap {
    /// Whether usage ran in batch.
    Batch,
    /// How large prompts were, where long ones cost more.
    Context,
    /// What the usage was for.
    Workload,
    /// Of which model an amount is.
    Model,
}

impl DataGap {
    /// The name in mappings and in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Batch => "batch",
            Self::Context => "context",
            Self::Workload => "workload",
            Self::Model => "model",
        }
    }

    /// What it leaves open.
    pub const fn question(self) -> &'static str {
        match self {
            Self::Batch => "batch or real time",
            Self::Context => "sizes of prompts",
            Self::Workload => "names of workloads",
            Self::Model => "models of amounts",
        }
    }
}
