//! Why a usage key need not be read.

use serde::{Deserialize, Deserializer};

use super::TargetField;
use crate::yaml::text_or_map;

/// What a usage key that is not read stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Declared {
    /// A part of a count that is read, so that it is never more than that; and what else is to be said.
    PartOf(TargetField, Option<String>),
    /// It is not billed by tokens, and why.
    Not(String),
}

/// Columns that make a count together: none of them alone says that another one was lost.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SumOfParts {
    /// The count.
    pub whole: TargetField,
    /// The columns.
    pub parts: Vec<String>,
}

impl Declared {
    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::PartOf(whole, None) => format!("part of {}", whole.name()),
            Self::PartOf(whole, Some(note)) => format!("part of {}, {note}", whole.name()),
            Self::Not(why) => why.clone(),
        }
    }
}

impl<'de> Deserialize<'de> for Declared {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Part {
            part_of: TargetField,
            note: Option<String>,
        }
        let part = |part: Part| match part.part_of {
            TargetField::Input | TargetField::CacheRead | TargetField::CacheWrites | TargetField::Output => {
                Ok(Self::PartOf(part.part_of, part.note))
            }
            _ => Err("`part_of` is one of `input`, `cache_read`, `cache_writes`, `output`".to_owned()),
        };
        let reason = |text: &str| Ok(Self::Not(text.to_owned()));
        text_or_map(deserializer, "a reason, or `{part_of: …}`", reason, part)
    }
}
