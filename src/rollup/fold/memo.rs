//! What a row's key depends on, as bytes: rows that agree in it share their key, so each is judged once.
//!
//! Role: the fast half of [`super::Folder::add`]. A signature holds every text and every reduced fact that resolving,
//! pricing and judging look at, so that a key found for one row holds for all rows with that signature. Texts stand in
//! it by number; texts and signatures are compared byte by byte, never by hash alone. Names that only the word lists
//! look at are left to a second, longer signature, which few rows need.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::Breakdown;
use crate::calendar::Day;
use crate::policy::{Fact, NameField, Policy};
use crate::rollup::facts::RowFacts;
use crate::usage::{Field, Quantity, UsageRecord};

/// Bytes of texts and signatures that are remembered; then all are forgotten, so that memory does not grow with rows.
const REMEMBERED_BYTES: usize = 6 * 1024 * 1024;
/// The number of a text that is absent.
const ABSENT: u32 = u32::MAX;

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
    fn text(&mut self, memo: &mut Memo, text: Option<&str>) {
        let number = text.map_or(ABSENT, |text| memo.texts.number(text.as_bytes()));
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    /// The signature without the names that only words are looked for in.
    pub(super) fn write(
        &mut self,
        memo: &mut Memo,
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
        bytes.extend_from_slice(&[record.tier as u8, record.outcome as u8, flags, present]);
        bytes.extend_from_slice(&reduced.epoch.to_le_bytes());
        bytes.extend_from_slice(&reduced.steps.0.to_le_bytes());
        bytes.extend_from_slice(&reduced.steps.1.to_le_bytes());
        bytes.extend_from_slice(&reduced.bill_day.map_or(i32::MIN, Day::number).to_le_bytes());
        self.text(memo, format_provider);
        for field in &needs.fields {
            self.text(memo, record.text(*field));
        }
        for name in &needs.tags {
            self.text(memo, record.tag(name));
        }
        policy.rules.reduce(&RowFacts { record, provider: "", workload: "" }, &mut self.0);
    }

    /// Adds the names that words are looked for in.
    pub(super) fn lengthen(&mut self, memo: &mut Memo, record: &UsageRecord<'_>) {
        for field in WITH_WORDS {
            self.text(memo, record.text(field));
        }
        for (name, value) in &record.tags {
            self.text(memo, Some(name));
            self.text(memo, Some(value));
        }
    }
}

/// What is remembered of a signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Known {
    /// The sums it belongs to.
    Place(u32),
    /// Words decide: ask with the longer signature.
    #[default]
    Words,
}

/// Texts by number, and signatures with what became of them.
#[derive(Debug, Default)]
pub(super) struct Memo {
    texts: Distinct<()>,
    signatures: Distinct<Known>,
}

impl Memo {
    /// Forgets everything once it is much: numbers of texts hold for one row at a time.
    pub(super) fn keep_small(&mut self) {
        if self.texts.bytes.len() + self.signatures.bytes.len() > REMEMBERED_BYTES {
            self.texts.clear();
            self.signatures.clear();
        }
    }

    pub(super) fn get(&self, signature: &Signature) -> Option<Known> {
        self.signatures.get(&signature.0).map(|entry| entry.what)
    }

    pub(super) fn put(&mut self, signature: &Signature, known: Known) {
        self.signatures.put(&signature.0, known);
    }
}

/// Distinct strings of bytes, one behind the other in one buffer.
#[derive(Debug, Default)]
struct Distinct<T> {
    bytes: Vec<u8>,
    entries: HashTable<Entry<T>>,
    hasher: RandomState,
}

#[derive(Clone, Copy, Debug)]
struct Entry<T> {
    start: u32,
    length: u32,
    number: u32,
    what: T,
}

impl<T> Entry<T> {
    fn of<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        &bytes[self.start as usize..][..self.length as usize]
    }
}

impl<T: Copy + Default> Distinct<T> {
    fn get(&self, string: &[u8]) -> Option<Entry<T>> {
        let hash = self.hasher.hash_one(string);
        self.entries.find(hash, |entry| entry.of(&self.bytes) == string).copied()
    }

    fn put(&mut self, string: &[u8], what: T) -> u32 {
        let small = |size: usize| u32::try_from(size).unwrap_or(u32::MAX);
        let (start, length, number) = (small(self.bytes.len()), small(string.len()), small(self.entries.len()));
        self.bytes.extend_from_slice(string);
        let (bytes, hasher) = (&self.bytes, &self.hasher);
        self.entries.insert_unique(hasher.hash_one(string), Entry { start, length, number, what }, |entry| {
            hasher.hash_one(entry.of(bytes))
        });
        number
    }

    /// The number of a string, new or known.
    fn number(&mut self, string: &[u8]) -> u32 {
        match self.get(string) {
            Some(entry) => entry.number,
            None => self.put(string, T::default()),
        }
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
    }
}
