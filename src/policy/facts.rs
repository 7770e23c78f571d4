//! The facts of a call that rules test, and the fields that name it.

use crate::calendar::WEEKDAYS;
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

/// How much of a fact the key of a row depends on.
///
/// A verdict sees a row only as it is reduced by these ([`crate::rollup::Reduced`]), and rows that agree in what is left
/// are judged once. So a fact that were left out here could not be seen by a rule; it does not compile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction<'f> {
    /// The text, with the id that belongs to it.
    Name(&'f NameField),
    /// Nothing of its own: it follows from the names.
    Workload,
    /// The tier, which every reduced row has.
    Tier,
    /// Whether it was streamed, which every reduced row has.
    Stream,
    /// A number, as the smallest one that all rules treat like it: in rollup files under this column.
    Number(&'static str),
    /// An hour of the day, as the first one that all rules treat like it, and the price table, should it have prices by the
    /// hour.
    Hour,
    /// One of these texts, as the first one that all rules treat like it.
    OneOf(&'static [&'static str]),
}

impl Fact {
    /// Every fact but the names.
    pub const ALL: [Self; 10] = [
        Self::Workload,
        Self::Tier,
        Self::Stream,
        Self::Status,
        Self::Hour,
        Self::Weekday,
        Self::InputTokens,
        Self::OutputTokens,
        Self::LatencyMs,
        Self::TtftMs,
    ];

    /// What of the fact decides. Every fact has an arm of its own, so that none is forgotten.
    pub const fn reduction(&self) -> Reduction<'_> {
        match self {
            Self::Name(field) => Reduction::Name(field),
            Self::Workload => Reduction::Workload,
            Self::Tier => Reduction::Tier,
            Self::Stream => Reduction::Stream,
            Self::Hour => Reduction::Hour,
            Self::Weekday => Reduction::OneOf(&WEEKDAYS),
            Self::Status => Reduction::Number("at_status"),
            Self::InputTokens => Reduction::Number("at_prompt"),
            Self::OutputTokens => Reduction::Number("at_output"),
            Self::LatencyMs => Reduction::Number("at_latency_ms"),
            Self::TtftMs => Reduction::Number("at_ttft_ms"),
        }
    }

    /// Whether the fact is a number, which may be compared.
    pub const fn is_number(&self) -> bool {
        matches!(self.reduction(), Reduction::Number(_) | Reduction::Hour)
    }

    /// The name in policies; nothing where the field has it.
    const fn own_name(&self) -> Option<&'static str> {
        Some(match self {
            Self::Name(_) => return None,
            Self::Workload => "workload",
            Self::Tier => "tier",
            Self::Stream => "stream",
            Self::Status => "status",
            Self::Hour => "hour",
            Self::Weekday => "weekday",
            Self::InputTokens => "input_tokens",
            Self::OutputTokens => "output_tokens",
            Self::LatencyMs => "latency_ms",
            Self::TtftMs => "ttft_ms",
        })
    }
}

impl FromStr for Fact {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(fact) = Self::ALL.into_iter().find(|fact| fact.own_name() == Some(text)) {
            return Ok(fact);
        }
        text.parse().map(Self::Name).map_err(|_: String| {
            let others = Self::ALL.iter().filter_map(Self::own_name);
            let names = NAMING.iter().map(|field| field.name()).chain(others);
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
            other => f.write_str(other.own_name().unwrap_or_default()),
        }
    }
}
