//! Why a usage key need not be read.

use serde::{Deserialize, Deserializer};

use super::TargetField;
use crate::yaml::text_or_map;

/// What a usage key that no field reads stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Declared {
    /// It counts tokens of a field; and what else is to be said.
    Counts(Counted, Option<String>),
    /// It is not billed by tokens, and why.
    Not(String),
}

/// What a declared count is to a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// A part of it, so never more than that.
    PartOf(TargetField),
    /// Not in it, and added.
    AddsTo(TargetField),
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
            Self::Counts(counted, note) => {
                let (relation, field) = match counted {
                    Counted::PartOf(field) => ("part of", field),
                    Counted::AddsTo(field) => ("added to", field),
                };
                let note = note.as_ref().map(|note| format!(", {note}")).unwrap_or_default();
                format!("{relation} {}{note}", field.name())
            }
            Self::Not(why) => why.clone(),
        }
    }
}

impl<'de> Deserialize<'de> for Declared {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Count {
            part_of: Option<TargetField>,
            adds_to: Option<TargetField>,
            note: Option<String>,
        }
        let count = |count: Count| {
            let (name, field, counted) = match (count.part_of, count.adds_to) {
                (Some(field), None) => ("part_of", field, Counted::PartOf(field)),
                (None, Some(field)) => ("adds_to", field, Counted::AddsTo(field)),
                _ => return Err("either `part_of` or `adds_to` is needed, and not both".to_owned()),
            };
            let known = [TargetField::Input, TargetField::CacheRead, TargetField::CacheWrites, TargetField::Output];
            if !known.contains(&field) {
                let known = known.map(|field| format!("`{}`", field.name())).join(", ");
                return Err(format!("`{name}` is one of {known}"));
            }
            Ok(Self::Counts(counted, count.note))
        };
        let reason = |text: &str| Ok(Self::Not(text.to_owned()));
        text_or_map(deserializer, "a reason, `{part_of: …}`, or `{adds_to: …}`", reason, count)
    }
}
