//! What a row's key depends on, as a signature: rows that agree in it share their key, so each is judged once.
//!
//! Role: the fast half of [`super::Folder::add`]. A signature stands for every text and every reduced fact that resolving,
//! pricing and judging look at, so that a key found for one row holds for all rows with that signature. Facts are in it
//! as they are. Each text has a share of 128 bits under keys drawn anew for each run, and the shares of a row are taken
//! together bit by bit, so that whoever reads many rows may remember the share of a text: among the 229,376 signatures
//! remembered at once, two different rows share one with a chance of one in 10²⁸. Names that
//! only the word lists look at are left to a second, longer signature, which few rows need: the word found goes in, not
//! the name.

use std::hash::{BuildHasher, Hasher, RandomState};

use foldhash::SharedSeed;
use foldhash::quality::FoldHasher;
use hashbrown::HashTable;

use super::Breakdown;
use crate::calendar::Day;
use crate::policy::{Fact, NameField, Policy};
use crate::usage::{ClassSet, Field, Outcome, Quantity, Tier, UsageRecord};
use crate::verdict::Word;

/// Signatures that are remembered, as many as fill a table of 2¹⁸ places; then all are forgotten, so that memory does not
/// grow with rows.
pub const REMEMBERED_ROWS: usize = 7 << 15;

/// Texts that a key depends on whatever the policy says.
const ALWAYS: [Field; 5] = [Field::Provider, Field::Model, Field::Endpoint, Field::Geo, Field::App];
/// Texts that the word lists look at.
const WITH_WORDS: [Field; 2] = [Field::Project, Field::ApiKey];
/// Tags that decide by themselves.
const DECIDING_TAGS: [&str; 2] = ["batch", "max_wait"];

/// What of a text is part of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Text,
    /// The word that it holds, if any, and only where words decide.
    Word,
    /// Nothing.
    Nothing,
}

/// Which texts of a row its key depends on.
#[derive(Debug)]
pub(super) struct Needs {
    fields: Vec<Field>,
    tags: Vec<String>,
    /// An endpoint is part of the key as it is written, not only by what it decides.
    pub(super) endpoint_by_name: bool,
}

impl Needs {
    /// Where ids have names that stand in other rows, only the whole of a text says which words it stands for.
    pub(super) fn of(policy: &Policy, by: Option<&Breakdown>, knows_names: bool) -> Self {
        let endpoint = NameField::Text(Field::Endpoint);
        let endpoint_by_name =
            policy.workload.contains(&endpoint) || matches!(by, Some(Breakdown::Named(field)) if *field == endpoint);
        let tags = DECIDING_TAGS.map(ToOwned::to_owned).to_vec();
        let mut needs = Self { fields: ALWAYS.to_vec(), tags, endpoint_by_name };
        policy.workload.iter().for_each(|field| needs.name(field));
        for fact in policy.rules.facts() {
            if let Fact::Name(field) = fact {
                needs.name(field);
            }
        }
        if let Some(Breakdown::Named(field)) = by {
            needs.name(field);
        }
        if knows_names {
            WITH_WORDS.map(NameField::Text).iter().for_each(|field| needs.name(field));
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

    pub(super) fn of_field(&self, field: Field) -> Part {
        if self.fields.contains(&field) {
            Part::Text
        } else if WITH_WORDS.contains(&field) {
            Part::Word
        } else {
            Part::Nothing
        }
    }

    pub(super) fn of_tag(&self, name: &str) -> Part {
        if self.tags.iter().any(|tag| tag == name) { Part::Text } else { Part::Word }
    }
}

/// What of a row is no text and decides.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "facts that are true or not")]
pub struct Facts {
    /// The service tier.
    pub tier: Tier,
    /// How the call ended.
    pub outcome: Outcome,
    /// Whether the answer was streamed.
    pub stream: Option<bool>,
    /// The format cannot say whether this was batch.
    pub batch_unknown: bool,
    /// Numbers of the row are those of one call.
    pub is_single_call: bool,
    /// The row says what was billed.
    pub is_billed: bool,
    /// The time to a first token is stated.
    pub has_first_token: bool,
    /// 0 for tokens; a line of a bill by its token class.
    pub kind: u8,
    /// Classes that have tokens.
    pub present: ClassSet,
    /// Position of the day among all days on which some price changes.
    pub epoch: u16,
    /// The lowest context step.
    pub step: u16,
}

impl Facts {
    pub(super) fn of(record: &UsageRecord<'_>, epoch: u16, step: u16) -> Self {
        let (kind, present) = match &record.quantity {
            Quantity::Tokens(tokens) => (0, tokens.present()),
            Quantity::BillLine(class) => (class.map_or(1, |class| class as u8 + 2), ClassSet::default()),
        };
        Self {
            tier: record.tier,
            outcome: record.outcome,
            stream: record.stream,
            batch_unknown: record.batch_unknown,
            is_single_call: record.is_single_call(),
            is_billed: record.billed.is_some(),
            has_first_token: record.ttft_ms.is_some_and(|ttft| ttft > 0),
            kind,
            present,
            epoch,
            step,
        }
    }

    /// All facts in one number.
    #[inline]
    fn packed(self) -> u64 {
        u64::from(self.step)
            | u64::from(self.epoch) << 16
            | u64::from(self.present.bits()) << 32
            | u64::from(self.kind) << 40
            | (self.tier as u64) << 44
            | (self.outcome as u64) << 48
            | self.stream.map_or(0, |stream| 1 + u64::from(stream)) << 52
            | u64::from(self.batch_unknown) << 54
            | u64::from(self.is_single_call) << 55
            | u64::from(self.is_billed) << 56
            | u64::from(self.has_first_token) << 57
    }
}

/// What a text adds to a signature.
pub type Share = u128;

/// The keys of a run's shares, two sets for the two halves.
#[derive(Debug)]
pub(super) struct Shares {
    first: SharedSeed,
    second: SharedSeed,
}

impl Default for Shares {
    fn default() -> Self {
        let random = RandomState::new();
        Self { first: SharedSeed::from_u64(random.hash_one(1)), second: SharedSeed::from_u64(random.hash_one(2)) }
    }
}

/// What a share is of, so that one text in two places has two.
#[derive(Clone, Copy)]
pub(super) enum Of<'n> {
    Field(Field),
    /// The id of what a text names.
    Id(Field),
    Tag(&'n str),
    FormatProvider,
    /// What numbers come to for the rules.
    Numbers,
    /// The days and the highest context step of what is no single call.
    Span,
}

impl Shares {
    fn of(&self, of: Of<'_>, write: impl Fn(&mut FoldHasher<'_>)) -> Share {
        let half = |seed: &SharedSeed| {
            let mut hasher = FoldHasher::with_seed(0, seed);
            match of {
                Of::Field(field) => hasher.write_u64(field as u64),
                Of::Tag(name) => {
                    hasher.write_u64(1 << 32 | name.len() as u64);
                    hasher.write(name.as_bytes());
                }
                Of::Id(field) => hasher.write_u64(1 << 36 | field as u64),
                Of::FormatProvider => hasher.write_u64(1 << 33),
                Of::Numbers => hasher.write_u64(1 << 34),
                Of::Span => hasher.write_u64(1 << 35),
            }
            write(&mut hasher);
            hasher.finish()
        };
        u128::from(half(&self.first)) << 64 | u128::from(half(&self.second))
    }

    pub(super) fn text(&self, of: Of<'_>, text: &str) -> Share {
        self.of(of, |hasher| {
            hasher.write_u64(text.len() as u64);
            hasher.write(text.as_bytes());
        })
    }

    /// The length of a text is never as large as the first number.
    pub(super) fn word(&self, of: Of<'_>, word: Word) -> Share {
        let word = match word {
            Word::RealTime(word) => u64::from(word),
            Word::Batch(word) => 1 << 16 | u64::from(word),
        };
        self.numbers(of, &[u64::MAX, word])
    }

    pub(super) fn numbers(&self, of: Of<'_>, numbers: &[u64]) -> Share {
        self.of(of, |hasher| numbers.iter().for_each(|number| hasher.write_u64(*number)))
    }

    pub(super) fn span(&self, highest: u16, day: Option<Day>) -> Share {
        let day = day.map_or(i64::MIN, |day| i64::from(day.number()));
        self.numbers(Of::Span, &[u64::from(highest), day.cast_unsigned()])
    }
}

/// Everything that a row's key depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// In halves, so that a place has room beside it.
    texts: [u64; 2],
    facts: u64,
}

impl Signature {
    /// Of the shares of all texts, taken together, and the facts.
    #[inline]
    pub fn new(texts: Share, facts: Facts) -> Self {
        Self { texts: halves(texts), facts: facts.packed() }
    }

    /// With the shares of words.
    #[inline]
    #[must_use]
    pub fn lengthened(self, words: Share) -> Self {
        // Not the same as the short one even where there is no word.
        let [first, second] = halves(words);
        Self { texts: [self.texts[0] ^ first, self.texts[1] ^ second], facts: self.facts | LONG }
    }

    /// Shares are hashes already, and facts differ in few bits.
    #[inline]
    fn hash(self) -> u64 {
        let [low, high] = halves(u128::from(self.facts ^ self.texts[0]) * 0x9e37_79b9_7f4a_7c15);
        low ^ high ^ self.texts[1]
    }
}

#[expect(clippy::cast_possible_truncation, reason = "both halves are kept")]
const fn halves(whole: u128) -> [u64; 2] {
    [whole as u64, (whole >> 64) as u64]
}

/// Tells long signatures from short ones.
const LONG: u64 = 1 << 63;

/// What is remembered of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// The sums it belongs to.
    Place(u32),
    /// Words decide: ask with the longer signature.
    Words,
}

/// Signatures with what became of them.
#[derive(Debug)]
pub(super) struct Memo {
    table: HashTable<Remembered>,
    /// As many are held at once.
    most: usize,
}

/// In as little room as it takes.
#[derive(Debug)]
struct Remembered {
    signature: Signature,
    /// The place, or [`WORDS`].
    place: u32,
}

/// Stands for [`Known::Words`]: there are never so many places.
const WORDS: u32 = u32::MAX;

impl Memo {
    pub(super) fn of(most: usize) -> Self {
        Self { table: HashTable::new(), most }
    }

    #[inline]
    pub(super) fn get(&self, signature: Signature) -> Option<Known> {
        let known = self.table.find(signature.hash(), |known| known.signature == signature)?;
        Some(if known.place == WORDS { Known::Words } else { Known::Place(known.place) })
    }

    pub(super) fn put(&mut self, signature: Signature, what: Known) {
        if self.most == 0 {
            return;
        }
        if self.table.len() >= self.most {
            self.table.clear();
        }
        let place = match what {
            Known::Place(place) => place,
            Known::Words => WORDS,
        };
        self.table.insert_unique(signature.hash(), Remembered { signature, place }, |known| known.signature.hash());
    }
}
