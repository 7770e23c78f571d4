//! What a row's key depends on, as bytes: rows that agree in it share their key, so each is judged once.
//!
//! Role: the fast half of [`super::Folder::add`]. A signature holds every text and every reduced fact that resolving,
//! pricing and judging look at, so that a key found for one row holds for all rows with that signature. Signatures are
//! compared byte by byte, never by hash alone. Names that only the word lists look at are left to a second, longer
//! signature, which few rows need.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::Breakdown;
use crate::calendar::Day;
use crate::policy::{Fact, NameField, Policy};
use crate::rollup::facts::RowFacts;
use crate::usage::{Field, Quantity, UsageRecord};

/// Bytes of signatures that are remembered; then all are forgotten, so that memory does not grow with rows.
const REMEMBERED_BYTES: usize = 6 * 1024 * 1024;

/// Texts that a key depends on whatever the policy says.
const ALWAYS: [Field; 5] = [Field::Provider, Field::Model, Field::Endpoint, Field::Geo, Field::App];
/// Texts that the word lists look at.
const WITH_WORDS: [Field; 2] = [Field::Project, Field::ApiKey];
/// Tags that decide by themselves.
const DECIDING_TAGS: [&str; 2] = ["batch", "max_wait"];

/// Which texts of a row its key depends on.
#[derive(Debug)]
pub(super) struct Needs {
    fields: Vec<Field>,
    tags: Vec<String>,
}

impl Needs {
    pub(super) fn of(policy: &Policy, by: Option<&Breakdown>) -> Self {
        let mut needs = Self { fields: ALWAYS.to_vec(), tags: DECIDING_TAGS.map(ToOwned::to_owned).to_vec() };
        policy.workload.iter().for_each(|field| needs.name(field));
        for fact in policy.rules.facts() {
            if let Fact::Name(field) = fact {
                needs.name(field);
            }
        }
        if let Some(Breakdown::Named(field)) = by {
            needs.name(field);
        }
        needs
    }

    fn name(&mut self, field: &NameField) {
        match field {
            NameField::Text(field) if !self.fields.contains(field) => self.fields.push(*field),
            NameField::Tag(tag) if !self.tags.contains(tag) => self.tags.push(tag.clone()),
            _ => {}
        }
    }
}

/// What a row's numbers and dates are reduced to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reduced {
    /// Position of the day among all days on which some price changes.
    pub(super) epoch: u16,
    /// Context steps, lowest and highest.
    pub(super) steps: (u16, u16),
    /// The day, where it is part of the key.
    pub(super) bill_day: Option<Day>,
}

/// The signature of the row at hand, in room that is used again.
#[derive(Debug, Default)]
pub(super) struct Signature(Vec<u8>);

impl Signature {
    /// The signature without the names that only words are looked for in.
    pub(super) fn write(
        &mut self,
        needs: &Needs,
        policy: &Policy,
        record: &UsageRecord<'_>,
        format_provider: Option<&str>,
        reduced: Reduced,
    ) {
        let bytes = &mut self.0;
        bytes.clear();
        let (kind, present) = match &record.quantity {
            Quantity::Tokens(tokens) => (0, tokens.present().bits()),
            Quantity::BillLine(class) => (1, class.map_or(0, |class| class as u8 + 1)),
        };
        let flags = u8::from(record.batch_unknown)
            | u8::from(record.is_single_call()) << 1
            | u8::from(record.billed.is_some()) << 2
            | u8::from(record.ttft_ms.is_some_and(|ttft| ttft > 0)) << 3
            | record.stream.map_or(0, |stream| 1 + u8::from(stream)) << 4
            | kind << 6;
        bytes.extend([record.tier as u8, record.outcome as u8, flags, present]);
        bytes.extend(reduced.epoch.to_le_bytes());
        bytes.extend(reduced.steps.0.to_le_bytes());
        bytes.extend(reduced.steps.1.to_le_bytes());
        bytes.extend(reduced.bill_day.map_or(i32::MIN, Day::number).to_le_bytes());
        text(bytes, format_provider);
        for field in &needs.fields {
            text(bytes, record.text(*field));
        }
        for name in &needs.tags {
            text(bytes, record.tag(name));
        }
        policy.rules.reduce(&RowFacts { record, provider: "", workload: "" }, bytes);
    }

    /// Adds the names that words are looked for in.
    pub(super) fn lengthen(&mut self, record: &UsageRecord<'_>) {
        for field in WITH_WORDS {
            text(&mut self.0, record.text(field));
        }
        for (name, value) in &record.tags {
            text(&mut self.0, Some(name));
            text(&mut self.0, Some(value));
        }
    }
}

/// A text with its length, so that `ab` + `c` differs from `a` + `bc`.
fn text(bytes: &mut Vec<u8>, text: Option<&str>) {
    /// Marks an absent text, and a text whose length takes more than a byte.
    const ABSENT: u8 = 255;
    const LONG: u8 = 254;
    match text {
        None => bytes.push(ABSENT),
        Some(text) => {
            match u8::try_from(text.len()) {
                Ok(length) if length < LONG => bytes.push(length),
                _ => {
                    bytes.push(LONG);
                    bytes.extend(text.len().to_le_bytes());
                }
            }
            bytes.extend_from_slice(text.as_bytes());
        }
    }
}

/// What is remembered of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// The sums it belongs to.
    Place(u32),
    /// Words decide: ask with the longer signature.
    Words,
}

/// Signatures, one behind the other in one buffer, and what became of them.
#[derive(Debug, Default)]
pub(super) struct Memo {
    bytes: Vec<u8>,
    entries: HashTable<Entry>,
    hasher: RandomState,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    start: u32,
    length: u32,
    known: Known,
}

impl Entry {
    fn signature(self, bytes: &[u8]) -> &[u8] {
        &bytes[self.start as usize..][..self.length as usize]
    }
}

impl Memo {
    pub(super) fn get(&self, signature: &Signature) -> Option<Known> {
        let hash = self.hasher.hash_one(signature.0.as_slice());
        let found = self.entries.find(hash, |entry| entry.signature(&self.bytes) == signature.0);
        found.map(|entry| entry.known)
    }

    pub(super) fn put(&mut self, signature: &Signature, known: Known) {
        if self.bytes.len() + signature.0.len() > REMEMBERED_BYTES {
            self.bytes.clear();
            self.entries.clear();
        }
        let (Ok(start), Ok(length)) = (u32::try_from(self.bytes.len()), u32::try_from(signature.0.len())) else {
            return;
        };
        self.bytes.extend_from_slice(&signature.0);
        let hash = self.hasher.hash_one(signature.0.as_slice());
        let bytes = &self.bytes;
        self.entries
            .insert_unique(hash, Entry { start, length, known }, |entry| self.hasher.hash_one(entry.signature(bytes)));
    }
}
