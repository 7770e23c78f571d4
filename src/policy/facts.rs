//! The facts of a call that rules test, and the fields that name it.

use std::fmt;
use std::str::FromStr;

use crate::usage::Field;

/// A field that can name a workload or be tested by a rule.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NameField {
    /// A tag.
    Tag(String),
    /// A text of the row.
    Text(Field),
}

impl NameField {
    /// Whether words are looked for in it: never in models, endpoints and people.
    pub const fn holds_words(&self) -> bool {
        matches!(self, Self::Tag(_) | Self::Text(Field::Project | Field::ApiKey | Field::App))
    }
}

impl fmt::Display for NameField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(name) => write!(f, "tag.{name}"),
            Self::Text(field) => f.write_str(field.name()),
        }
    }
}

/// The texts a workload can be named by.
const NAMING: [Field; 9] = [
    Field::Provider,
    Field::Model,
    Field::Endpoint,
    Field::ApiKey,
    Field::Project,
    Field::User,
    Field::EndUser,
    Field::Team,
    Field::App,
];

impl FromStr for NameField {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(tag) = text.strip_prefix("tag.").filter(|tag| !tag.is_empty()) {
            return Ok(Self::Tag(tag.to_owned()));
        }
        NAMING.into_iter().find(|field| field.name() == text).map(Self::Text).ok_or_else(|| {
            let names: Vec<&str> = NAMING.iter().map(|field| field.name()).collect();
            format!("not a field that names a workload\nhint: one of {}, tag.NAME", names.join(", "))
        })
    }
}

/// What a rule can test.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fact {
    /// A text or a tag.
    Name(NameField),
    /// The workload's name.
    Workload,
    /// The service tier.
    Tier,
    /// Whether it was streamed.
    Stream,
    /// HTTP status.
    Status,
    /// UTC hour.
    Hour,
    /// UTC weekday.
    Weekday,
    /// The whole prompt in tokens.
    InputTokens,
    /// Output tokens.
    OutputTokens,
    /// Duration.
    LatencyMs,
    /// Time to the first token.
    TtftMs,
}

impl Fact {
    /// Whether the fact is a number, which may be compared.
    pub const fn is_number(&self) -> bool {
        matches!(
            self,
            Self::Status | Self::Hour | Self::InputTokens | Self::OutputTokens | Self::LatencyMs | Self::TtftMs
        )
    }
}

const OTHER_FACTS: [(&str, Fact); 10] = [
    ("workload", Fact::Workload),
    ("tier", Fact::Tier),
    ("stream", Fact::Stream),
    ("status", Fact::Status),
    ("hour", Fact::Hour),
    ("weekday", Fact::Weekday),
    ("input_tokens", Fact::InputTokens),
    ("output_tokens", Fact::OutputTokens),
    ("latency_ms", Fact::LatencyMs),
    ("ttft_ms", Fact::TtftMs),
];

impl FromStr for Fact {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some((_, fact)) = OTHER_FACTS.iter().find(|(name, _)| *name == text) {
            return Ok(fact.clone());
        }
        text.parse().map(Self::Name).map_err(|_: String| {
            let names = NAMING.iter().map(|field| field.name()).chain(OTHER_FACTS.iter().map(|(name, _)| *name));
            let nearest = names.clone().min_by_key(|name| strsim::levenshtein(name, text)).unwrap_or_default();
            let all: Vec<&str> = names.collect();
            format!(
                "not a fact that rules can test; did you mean `{nearest}`?\nhint: facts are {}, tag.NAME",
                all.join(", ")
            )
        })
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(f),
            other => f.write_str(OTHER_FACTS.iter().find(|(_, fact)| fact == other).map_or("", |(name, _)| name)),
        }
    }
}
