//! Rows of one identity that differ: all of them, and the one that counts.
//!
//! Role: what was found contested → in a further pass all rows with those identities → the one that says most, by
//! `Rank`; the order of rows decides nothing. docs/specification.md, section 7.

use std::collections::HashMap;
use std::sync::Mutex;

use super::identity::{ByIdentity, Identity, InputPage, lock};
use super::rank::Rank;
use super::repeats::{Occurrence, Repeats};
use crate::calendar::Moment;
use crate::formats::Accepted;
use crate::money::{Money, Overflow};
use crate::rollup::Oddities;
use crate::usage::{Field, Ids, UsageRecord};

/// What was found that only a further pass can settle.
#[derive(Debug, Default)]
pub struct ConflictSet {
    /// Calls and buckets whose records differ.
    pub(super) identities: Vec<Identity>,
    /// Bill lines that several inputs or pages hold, with the one whose lines count.
    pub(super) bills: HashMap<Identity, InputPage>,
}

impl ConflictSet {
    /// Whether one pass was enough.
    pub fn is_empty(&self) -> bool {
        self.identities.is_empty() && self.bills.is_empty()
    }
}

/// All records of identities in conflict, gathered in a further pass.
#[derive(Debug)]
pub struct Conflicts {
    pub(super) entries: Mutex<ByIdentity<Occurrences>>,
    /// No row is contested, as in most runs: then nobody need ask.
    is_empty: bool,
    bills: HashMap<Identity, InputPage>,
}

/// What is recorded of an identity.
#[derive(Debug, Default)]
pub(super) struct Occurrences {
    /// What counts so far.
    winner: Option<Winner>,
    /// All other rows.
    others: Vec<Occurrence>,
    /// When the first of them begins, where that is when the call was made.
    first: Option<Moment>,
}

/// The record of an identity that counts so far, and what all records were.
#[derive(Clone, Debug)]
pub struct Winner {
    rank: Rank,
    /// The input whose row counts.
    pub input: usize,
    /// Several inputs tell it.
    pub shared: bool,
    /// The row.
    pub record: OwnedRecord,
    /// What is odd about it.
    pub oddities: Oddities,
    /// What it billed.
    pub dollars: Money,
    /// What tells it from other calls.
    occurrence: Occurrence,
}

impl Default for Conflicts {
    fn default() -> Self {
        Self::new(ConflictSet::default())
    }
}

impl Conflicts {
    /// A contest over these identities.
    pub fn new(conflict_set: ConflictSet) -> Self {
        let entries: ByIdentity<_> =
            conflict_set.identities.into_iter().map(|identity| (identity, Occurrences::default())).collect();
        Self { is_empty: entries.is_empty(), entries: Mutex::new(entries), bills: conflict_set.bills }
    }

    /// Whether a line of a bill counts in this copy.
    pub fn bill_counts(&self, identity: Identity, place: InputPage) -> bool {
        self.bills.get(&identity).is_none_or(|winner| *winner == place)
    }

    /// Whether rows of an identity differ.
    pub fn is_contested(&self, identity: Identity) -> bool {
        !self.is_empty && lock(&self.entries).contains_key(&identity)
    }

    /// Enters a row, of a format whose first telling of a call says when it was made or not. Whether its identity is contested
    /// at all is the answer.
    pub fn enter(
        &self,
        identity: Identity,
        accepted: &Accepted<'_>,
        dollars: Money,
        first_time_counts: bool,
        occurrence: impl FnOnce() -> Result<Occurrence, Overflow>,
    ) -> Result<bool, Overflow> {
        if !self.is_contested(identity) {
            return Ok(false);
        }
        let record = &accepted.record;
        let (rank, occurrence) = (Rank::of(record), occurrence()?);
        let input = occurrence.input;
        let mut entries = lock(&self.entries);
        let Occurrences { winner, others, first } = entries.entry(identity).or_default();
        if first_time_counts {
            *first = Some(first.map_or(record.start, |first| first.min(record.start)));
        }
        let wins = winner
            .as_ref()
            .is_none_or(|known| (&rank, std::cmp::Reverse(input)) > (&known.rank, std::cmp::Reverse(known.input)));
        let shared = winner.as_ref().is_some_and(|known| known.shared || known.input != input);
        if wins {
            let (record, oddities) = (OwnedRecord::of(record), accepted.oddities());
            let beaten = winner.replace(Winner { rank, input, shared, record, oddities, dollars, occurrence });
            others.extend(beaten.map(|beaten| beaten.occurrence));
        } else if let Some(known) = winner {
            known.shared = shared;
            others.push(occurrence);
        }
        Ok(true)
    }

    /// The rows that count.
    pub fn winners(&self) -> Vec<Winner> {
        let at_first = |entry: &Occurrences| {
            let mut winner = entry.winner.clone()?;
            winner.record.rest.start = entry.first.unwrap_or(winner.record.rest.start);
            Some(winner)
        };
        lock(&self.entries).values().filter_map(at_first).collect()
    }

    /// By input, the rows that do not count and may be calls of their own.
    pub fn repeats(&self) -> Result<HashMap<usize, Repeats>, Overflow> {
        let mut repeats: HashMap<usize, Repeats> = HashMap::new();
        for Occurrences { winner, others, .. } in lock(&self.entries).values() {
            for (row, winner) in others.iter().zip(winner.iter().cycle()) {
                repeats.entry(row.input).or_default().note(row, &winner.occurrence)?;
            }
        }
        Ok(repeats)
    }

    /// Whether a row is the one that counts for its identity; nothing where the identity is not contested.
    pub fn is_winner(&self, identity: Identity, record: &UsageRecord<'_>, input: usize) -> Option<bool> {
        if self.is_empty {
            return None;
        }
        let entries = lock(&self.entries);
        let winner = entries.get(&identity)?.winner.as_ref()?;
        Some(winner.input == input && winner.rank == Rank::of(record))
    }
}

/// A row that outlives its line.
#[derive(Clone, Debug)]
pub struct OwnedRecord {
    texts: Vec<Option<String>>,
    ids: Vec<Option<String>>,
    tags: Vec<(String, String)>,
    tier_text: Option<String>,
    rest: UsageRecord<'static>,
}

impl OwnedRecord {
    /// A copy of a row.
    pub fn of(record: &UsageRecord<'_>) -> Self {
        Self {
            texts: record.texts.iter().map(|text| text.map(ToOwned::to_owned)).collect(),
            ids: record.ids.iter().map(|id| id.map(ToOwned::to_owned)).collect(),
            tags: record.tags.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            tier_text: record.tier_text.map(ToOwned::to_owned),
            rest: UsageRecord {
                texts: [None; Field::ALL.len()],
                ids: Ids::default(),
                tags: smallvec::SmallVec::new(),
                tier_text: None,
                ..*record
            },
        }
    }

    /// The row again.
    pub fn record(&self) -> UsageRecord<'_> {
        let mut texts = [None; Field::ALL.len()];
        for (slot, text) in texts.iter_mut().zip(&self.texts) {
            *slot = text.as_deref();
        }
        let mut ids = Ids::default();
        for (slot, id) in ids.iter_mut().zip(&self.ids) {
            *slot = id.as_deref();
        }
        let tags = self.tags.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        UsageRecord { texts, ids, tags, tier_text: self.tier_text.as_deref(), ..self.rest }
    }
}
