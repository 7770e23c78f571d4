//! What a mapping says of one value: texts read as others, and ids beside names.

use serde::de::Error;

use super::mapping::{Spec, Target};
use super::row::TEXTS;
use crate::usage::Field;

impl Target {
    /// The text of a row that it fills.
    pub fn field(self) -> Option<Field> {
        TEXTS.iter().find(|(_, target)| *target == self).map(|(field, _)| *field)
    }
}

impl Spec {
    /// A text read through the list of values; an empty one means absent.
    pub fn value_of<'v>(&'v self, text: &'v str) -> Option<&'v str> {
        let value = |wanted: &str| self.values.iter().find(|(from, _)| from == wanted).map(|(_, to)| to.as_str());
        Some(value(text).or_else(|| value("*")).unwrap_or(text)).filter(|text| !text.is_empty())
    }

    /// What `{name: …, id: …}` says, where nothing else stands beside it.
    pub(super) fn of_id<E: Error>(
        names: Option<Vec<String>>,
        ids: Option<Vec<String>>,
        is_alone: bool,
    ) -> Result<Self, E> {
        let Some(ids) = ids.filter(|ids| !ids.is_empty()) else {
            return Err(E::custom("`name` stands beside the `id` that it is the name of"));
        };
        if !is_alone {
            return Err(E::custom("beside `id` only `name` may stand"));
        }
        // The name is what is shown, and the id where there is none.
        let from = names.into_iter().flatten().chain(ids.iter().cloned()).collect();
        Ok(Self { from, ids, ..Self::default() })
    }

    /// Why a target cannot have the ids of its spec.
    pub(super) fn misplaced_ids(&self, target: Target) -> Option<String> {
        if self.ids.is_empty() || target.field().is_some_and(|field| field.with_id().is_some()) {
            return None;
        }
        let known: Vec<&str> = Field::WITH_IDS.iter().map(|field| field.name()).collect();
        Some(format!("`{}` has no `id`; {} may have one", target.name(), known.join(", ")))
    }
}
