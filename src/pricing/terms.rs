//! What a vendor's batch API demands and promises, as written in `pricing.yaml` under `batch`.
//!
//! Role: the facts a planner needs beside the rates. No figure of the report is worked out from them, except the window
//! that a tag's `max_wait` is compared with and the fewest requests that make a batch.

use schemars::JsonSchema;
use serde::Deserialize;

use super::names::IdGlobs;
use crate::calendar::Day;
use crate::money::Factor;
use crate::yaml::{Exactly, UniqueMap, Whole, some_whole, whole};

/// What a vendor's batch API demands and promises.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchTerms {
    /// Hours within which results are promised, or aimed at.
    #[serde(default = "default_window", deserialize_with = "whole")]
    pub window_hours: u32,
    /// Hours after which a batch is given up, where that differs from the window.
    #[serde(default, deserialize_with = "some_whole")]
    pub expires_hours: Option<u32>,
    /// Most requests in one batch.
    #[serde(default, deserialize_with = "some_whole")]
    pub max_requests: Option<u64>,
    /// Largest input file in megabytes.
    #[serde(default, deserialize_with = "some_whole")]
    pub max_file_mb: Option<u64>,
    /// Fewest requests in one batch.
    #[serde(default, deserialize_with = "whole")]
    pub min_requests: u64,
    /// Most requests that may wait at once.
    #[serde(default, deserialize_with = "some_whole")]
    pub max_pending_requests: Option<u64>,
    /// Endpoints that can be batched; all if left out.
    pub endpoints: Option<Vec<String>>,
    /// What happens to work that is unfinished when a batch is given up: `finished-billed`, `unbilled`, `no-results`,
    /// `runs-on`, or another word.
    pub on_expiry: Option<String>,
    /// Days for which results can be fetched.
    #[serde(default, deserialize_with = "some_whole")]
    pub retention_days: Option<u32>,
    /// What becomes of cached prompts in batch, in a sentence.
    pub cache: Option<String>,
    /// What else a planner should know, in sentences.
    #[serde(default)]
    pub notes: Vec<String>,
    /// How much may wait at once, by model and account tier.
    #[serde(default)]
    pub queue: Vec<QueueCap>,
    /// What the vendor's own pages contradict each other in, by key.
    #[serde(default)]
    pub disputed: UniqueMap<String, Disputed>,
    /// Where this is documented.
    pub source: String,
    /// When it was last compared with the source.
    pub checked: Exactly<Day>,
}

/// Answers within some hours, call by call and without files, for less than a standard call.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Hours within which an answer comes.
    #[serde(deserialize_with = "whole")]
    pub window_hours: u32,
    /// What every standard rate is multiplied by, to 9 decimals.
    pub factor: Exactly<Factor>,
    /// Globs over model ids; all models if left out.
    #[serde(default)]
    pub models: IdGlobs,
    /// Endpoints that have it; all if left out.
    pub endpoints: Option<Vec<String>>,
    /// The first UTC day (default: always).
    pub from: Option<Exactly<Day>>,
    /// Where this is documented.
    pub source: String,
    /// When it was last compared with the source.
    pub checked: Exactly<Day>,
}

/// The window that is assumed where none is stated.
pub const fn default_window() -> u32 {
    24
}

/// How much of some models may wait at once.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QueueCap {
    /// Globs over model ids; the whole account if left out.
    #[serde(default)]
    pub models: IdGlobs,
    /// What is counted.
    pub unit: QueueUnit,
    /// The cap by the vendor's name of the account tier.
    pub tiers: UniqueMap<String, Exactly<Whole>>,
}

/// What a queue's cap counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum QueueUnit {
    /// Tokens of prompts.
    PromptTokens,
    /// Tokens of prompts and answers.
    Tokens,
    /// Requests.
    Requests,
}

impl QueueUnit {
    /// In words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PromptTokens => "prompt tokens",
            Self::Tokens => "tokens",
            Self::Requests => "requests",
        }
    }
}

/// A fact on which the vendor's pages disagree.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Disputed {
    /// What each page says.
    pub values: Vec<String>,
    /// Which one is used here, and why.
    pub note: String,
}
