//! What a row's key depends on, as a signature: rows that agree in it share their key, so each is judged once.
//!
//! Role: the fast half of [`super::Folder::add`]. A signature stands for every text and every reduced fact that resolving,
//! pricing and judging look at, so that a key found for one row holds for all rows with that signature. It is a hash of
//! 128 bits under keys drawn anew for each run: among the 229,376 signatures remembered at once, two different rows share
//! one with a chance of one in 10²⁸. Names that only the word lists look at are left to a second, longer signature, which
//! few rows need.

use std::hash::{BuildHasher, Hasher, RandomState};

use foldhash::SharedSeed;
use foldhash::fast::FoldHasher;
use hashbrown::HashTable;

use super::Breakdown;
use crate::calendar::Day;
use crate::policy::{Fact, NameField, Policy};
use crate::rollup::facts::RowFacts;
use crate::usage::{Field, Quantity, UsageRecord};

/// Signatures that are remembered, as many as fill a table of 2¹⁸ places; then all are forgotten, so that memory does not
/// grow with rows.
const REMEMBERED: usize = 7 << 15;

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

/// The keys of a run's signatures, two sets for the two halves.
#[derive(Debug)]
pub(super) struct Seeds {
    first: SharedSeed,
    second: SharedSeed,
}

impl Default for Seeds {
    fn default() -> Self {
        let random = RandomState::new();
        Self { first: SharedSeed::from_u64(random.hash_one(1)), second: SharedSeed::from_u64(random.hash_one(2)) }
    }
}

/// Everything that a row's key depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Signature {
    first: u64,
    second: u64,
}

/// A signature being written.
struct Writer<'s> {
    first: FoldHasher<'s>,
    second: FoldHasher<'s>,
}

impl Writer<'_> {
    fn number(&mut self, number: u64) {
        self.first.write_u64(number);
        self.second.write_u64(number);
    }

    /// The length goes first, so that one text never ends where another begins.
    fn text(&mut self, text: Option<&str>) {
        let Some(text) = text else { return self.number(u64::MAX) };
        self.number(text.len() as u64);
        self.first.write(text.as_bytes());
        self.second.write(text.as_bytes());
    }

    fn finish(&self) -> Signature {
        Signature { first: self.first.finish(), second: self.second.finish() }
    }
}

impl Signature {
    /// A writer that goes on from here.
    fn writer(self, seeds: &Seeds) -> Writer<'_> {
        Writer {
            first: FoldHasher::with_seed(self.first, &seeds.first),
            second: FoldHasher::with_seed(self.second, &seeds.second),
        }
    }

    /// The signature without the names that only words are looked for in.
    pub(super) fn of(
        seeds: &Seeds,
        needs: &Needs,
        policy: &Policy,
        record: &UsageRecord<'_>,
        format_provider: Option<&str>,
        reduced: Reduced,
    ) -> Self {
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
        let [epoch, lowest, highest] = [reduced.epoch, reduced.steps.0, reduced.steps.1].map(u16::to_le_bytes);
        let mut writer = Self::default().writer(seeds);
        writer.number(u64::from_le_bytes([
            record.tier as u8,
            record.outcome as u8,
            flags,
            present,
            epoch[0],
            epoch[1],
            lowest[0],
            lowest[1],
        ]));
        let day = reduced.bill_day.map_or(i32::MIN, Day::number).to_le_bytes();
        writer.number(u64::from_le_bytes([highest[0], highest[1], day[0], day[1], day[2], day[3], 0, 0]));
        writer.text(format_provider);
        for field in &needs.fields {
            writer.text(record.text(*field));
        }
        for name in &needs.tags {
            writer.text(record.tag(name));
        }
        policy.rules.reduce(&RowFacts { record, provider: "", workload: "" }, |mask| writer.number(mask));
        writer.finish()
    }

    /// Adds the names that words are looked for in.
    pub(super) fn lengthened(self, seeds: &Seeds, record: &UsageRecord<'_>) -> Self {
        let mut writer = self.writer(seeds);
        for field in WITH_WORDS {
            writer.text(record.text(field));
        }
        for (name, value) in &record.tags {
            writer.text(Some(name));
            writer.text(Some(value));
        }
        writer.finish()
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

/// Signatures with what became of them.
#[derive(Debug, Default)]
pub(super) struct Memo(HashTable<(Signature, Known)>);

impl Memo {
    pub(super) fn get(&self, signature: Signature) -> Option<Known> {
        self.0.find(signature.first, |(known, _)| *known == signature).map(|(_, what)| *what)
    }

    pub(super) fn put(&mut self, signature: Signature, known: Known) {
        if self.0.len() >= REMEMBERED {
            self.0.clear();
        }
        self.0.insert_unique(signature.first, (signature, known), |(signature, _)| signature.first);
    }
}
