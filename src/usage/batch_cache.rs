//! How prompts that are cached today are sent in batch, which decides what they cost there.
//!
//! Role: the ways of sending → the class of tokens that a token of today's is billed as. Items of one batch do not see each
//! other's cache writes, so that a prompt that is sent as it is writes the cache again and again; docs/methodology.md has
//! the formulas and their source.

use serde::Deserialize;

use crate::money::Percent;
use crate::usage::TokenClass;

/// A way of sending cached prompts in batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CacheWay {
    /// Without markers, or where nothing is charged for a write: all of the prompt is plain input.
    #[default]
    NoCache,
    /// As today, into a cold cache: what is read today is written.
    AsSent,
    /// After a batch of one request has written what prompts share: what is read today is read.
    Primed,
}

impl CacheWay {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::NoCache, Self::AsSent, Self::Primed];

    /// The name in policies and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoCache => "no-cache",
            Self::AsSent => "as-sent",
            Self::Primed => "primed",
        }
    }

    /// What a token of a class of today's is billed as in batch.
    pub const fn billed_as(self, class: TokenClass) -> TokenClass {
        match (self, class) {
            (Self::NoCache, TokenClass::CacheRead | TokenClass::CacheWrite5m | TokenClass::CacheWrite1h) => {
                TokenClass::Input
            }
            (Self::AsSent, TokenClass::CacheRead) => TokenClass::CacheWrite5m,
            _ => class,
        }
    }
}

/// A way of sending, and the share of calls that find the cache primed all the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchCache {
    /// The way of the rest.
    pub way: CacheWay,
    /// The share that costs what it does when primed.
    pub hits: Percent,
}

impl BatchCache {
    /// The same way with another share of hits.
    #[must_use]
    pub const fn with_hits(self, hits: Percent) -> Self {
        Self { hits, ..self }
    }

    /// The ways that have a share.
    pub fn ways(self) -> impl Iterator<Item = CacheWay> {
        let own = (self.hits < Percent::ALL).then_some(self.way);
        own.into_iter().chain((self.hits > Percent::ZERO).then_some(CacheWay::Primed))
    }
}
