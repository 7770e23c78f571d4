//! The figures of a table of prices, whoever publishes it.

use std::collections::BTreeMap;

use crate::calendar::Day;
use crate::money::Rate;
use crate::pricing::Kind;
use crate::report::words::grouped;
use crate::usage::TokenClass;

/// Which figure of a model: sorts as price tables are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Figure {
    /// The prompt size of its context step, 0 for the first. Steps that begin at a size and behind it are one.
    pub above: u64,
    /// The tier.
    pub tier: Tier,
    /// The class of tokens.
    pub class: TokenClass,
}

impl Figure {
    /// The tier and its context step.
    pub fn block(self) -> String {
        let above = if self.above > 0 { format!(" above {}", grouped(self.above.into())) } else { String::new() };
        format!("{}{above}", self.tier.name())
    }
}

/// The tiers that tables have rates for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Synchronous calls.
    Standard,
    /// The batch API.
    Batch,
    /// Cheaper, slower.
    Flex,
    /// Dearer, faster.
    Priority,
}

impl Tier {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Standard, Self::Batch, Self::Flex, Self::Priority];

    /// The name in price tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Batch => "batch",
            Self::Flex => "flex",
            Self::Priority => "priority",
        }
    }
}

/// The figures of a model.
pub type Figures = BTreeMap<Figure, Rate>;

/// Whether figures have a price in batch.
pub fn has_batch(figures: &Figures) -> bool {
    figures.keys().any(|figure| figure.tier == Tier::Batch)
}

/// A model of another table.
#[derive(Debug)]
pub struct OtherModel {
    /// Its provider, as called there.
    pub provider: String,
    /// Names it goes by there, the best first.
    pub names: Vec<String>,
    /// Its figures on the day.
    pub figures: Figures,
    /// The day it stops being served, if stated.
    pub retires: Option<Day>,
    /// What it does, if stated.
    pub kind: Option<Kind>,
    /// The page that its figures come from, if stated.
    pub source: Option<String>,
}

/// Another table.
#[derive(Debug)]
pub struct Other {
    /// What kind of table it is.
    pub kind: &'static str,
    /// Its models with figures for tokens.
    pub models: Vec<OtherModel>,
    /// What of it is not compared, in words, with how often it occurs.
    pub left_out: Vec<(&'static str, u64)>,
}
