//! What the counts of a row include: vendors count cached tokens and reasoning inside the prompt and the output, or beside
//! them.

use serde::Deserialize;

use crate::usage::TokenClass;

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

/// What the input and output counts of a row include.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Convention {
    /// Cache classes that are part of the input.
    #[serde(default)]
    pub input_holds: Vec<CachePart>,
    /// What is part of the output.
    #[serde(default)]
    pub output_holds: Vec<OutputPart>,
}

impl Convention {
    /// Whether reasoning is part of the output.
    pub fn output_holds_reasoning(&self) -> bool {
        self.output_holds.contains(&OutputPart::Reasoning)
    }
}

/// What the output column may include.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputPart {
    /// Reasoning.
    Reasoning,
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
