//! How the parts of a ledger are written down that are no plain values.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{RejectedRow, RowOutcome};
use crate::assess::items::{Item, ItemSums, Items};
use crate::formats::{Reject, reject_code};

/// Values by the names of outcomes, those that are nothing left out.
pub(super) mod by_fate {
    use super::{BTreeMap, Deserialize, Deserializer, RowOutcome, Serialize, Serializer};

    pub(in crate::input::ledger) fn serialize<T: Serialize + Default + PartialEq, S: Serializer>(
        values: &[T; RowOutcome::ALL.len()],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let nothing = T::default();
        serializer.collect_map(
            RowOutcome::ALL.iter().map(|outcome| outcome.name()).zip(values).filter(|(_, value)| **value != nothing),
        )
    }

    pub(in crate::input::ledger) fn deserialize<'de, T: Deserialize<'de> + Default, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<[T; RowOutcome::ALL.len()], D::Error> {
        let mut known = BTreeMap::<String, T>::deserialize(deserializer)?;
        Ok(RowOutcome::ALL.map(|outcome| known.remove(outcome.name()).unwrap_or_default()))
    }
}

/// Lines of a bill, which are told apart by more than a name.
pub(super) mod items {
    use super::{Deserialize, Deserializer, Item, ItemSums, Items, Serializer};

    pub(in crate::input::ledger) fn serialize<S: Serializer>(items: &Items, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(items)
    }

    pub(in crate::input::ledger) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Items, D::Error> {
        Ok(Vec::<(Item, ItemSums)>::deserialize(deserializer)?.into_iter().collect())
    }
}

/// Counts by code.
pub(super) mod by_code {
    use super::{BTreeMap, Deserialize, Deserializer, Serialize, Serializer, code};

    pub(in crate::input::ledger) fn serialize<S: Serializer>(
        counts: &BTreeMap<&'static str, u64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        counts.serialize(serializer)
    }

    pub(in crate::input::ledger) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<&'static str, u64>, D::Error> {
        let counts = BTreeMap::<String, u64>::deserialize(deserializer)?;
        counts.into_iter().map(|(text, count)| Ok((code(&text)?, count))).collect()
    }
}

/// Rejected rows, which say their code themselves.
pub(super) mod rejects {
    use super::{BTreeMap, Deserialize, Deserializer, RejectedRow, Serializer};

    type Rejects = BTreeMap<&'static str, BTreeMap<u64, RejectedRow>>;

    pub(in crate::input::ledger) fn serialize<S: Serializer>(
        rejects: &Rejects,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(rejects.values().flat_map(BTreeMap::values))
    }

    pub(in crate::input::ledger) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Rejects, D::Error> {
        let mut rejects = Rejects::default();
        for row in Vec::<RejectedRow>::deserialize(deserializer)? {
            rejects.entry(row.reject.code).or_default().insert(row.line, row);
        }
        Ok(rejects)
    }
}

/// Why a row is rejected.
pub(super) mod reject {
    use super::{Deserialize, Deserializer, Reject, Serialize, Serializer, code};

    #[derive(Serialize, Deserialize)]
    struct Stored<'r> {
        code: std::borrow::Cow<'r, str>,
        column: std::borrow::Cow<'r, str>,
        value: std::borrow::Cow<'r, str>,
        reason: std::borrow::Cow<'r, str>,
    }

    pub(in crate::input::ledger) fn serialize<S: Serializer>(
        reject: &Reject,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let Reject { code, column, value, reason } = reject;
        let stored = Stored { code: (*code).into(), column: column.into(), value: value.into(), reason: reason.into() };
        stored.serialize(serializer)
    }

    pub(in crate::input::ledger) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Reject, D::Error> {
        let Stored { code: text, column, value, reason } = Stored::deserialize(deserializer)?;
        let (column, value, reason) = (column.into_owned(), value.into_owned(), reason.into_owned());
        Ok(Reject { code: code(&text)?, column, value, reason })
    }
}

fn code<E: serde::de::Error>(text: &str) -> Result<&'static str, E> {
    reject_code(text).ok_or_else(|| E::custom("no code of a rejected row"))
}
