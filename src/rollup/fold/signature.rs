//! The signature of a reduced row: rows that agree in it share their key, so each is judged once.
//!
//! Role: [`Reduced`] → its keyed hash. Facts are in it as they are. Each other part has a share of 128 bits under keys drawn
//! anew for each run, and the shares of a row are taken together bit by bit, so that whoever reads many rows may remember
//! the share of a text: among the 196,608 signatures remembered at once, two different rows share one with a chance of
//! one in 10²⁸. Names that only the word lists look at are left to a second, longer signature, which few rows need: the
//! word found goes in, not the name. Columns are read without a reduced row, and ask here for the share of each text.

use std::hash::{BuildHasher, Hash as _, Hasher, RandomState};

use foldhash::SharedSeed;
use foldhash::quality::FoldHasher;

use super::{Folder, PackedFacts, Part};
use crate::calendar::{Day, Moment};
use crate::pricing::HoursOfRow;
use crate::rollup::LineFacts;
use crate::rollup::facts::{Name, RowFacts};
use crate::rollup::reduced::{Reduced, WordPlace};
use crate::usage::{Field, UsageRecord};
use crate::verdict::Word;

/// What a part of a row adds to its signature.
pub type HashPart = u128;

/// What a text adds to the short signature of its row, and to the long one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextHash {
    /// To both.
    pub text: HashPart,
    /// To the long one alone.
    pub words: HashPart,
}

/// Everything that a row's key depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// In halves, so that a place has room beside it.
    texts: [u64; 2],
    facts: u64,
}

/// Tells long signatures from short ones.
const LONG: u64 = 1 << 63;

impl Signature {
    /// Of the shares of all parts, taken together, and the facts.
    #[inline]
    pub fn new(texts: HashPart, facts: PackedFacts) -> Self {
        Self { texts: halves(texts), facts: facts.0 }
    }

    /// With the shares of words.
    #[inline]
    #[must_use]
    pub fn with_words(self, words: HashPart) -> Self {
        // Not the same as the short one even where there is no word.
        let [first, second] = halves(words);
        Self { texts: [self.texts[0] ^ first, self.texts[1] ^ second], facts: self.facts | LONG }
    }

    /// Shares are hashes already, and facts differ in few bits.
    #[inline]
    pub(super) fn hash(self) -> u64 {
        let [low, high] = halves(u128::from(self.facts ^ self.texts[0]) * 0x9e37_79b9_7f4a_7c15);
        low ^ high ^ self.texts[1]
    }
}

#[expect(clippy::cast_possible_truncation, reason = "both halves are kept")]
const fn halves(whole: u128) -> [u64; 2] {
    [whole as u64, (whole >> 64) as u64]
}

/// What a share is of, so that one text in two places has two.
#[derive(Clone, Copy)]
enum KeyComponent<'n> {
    Field(Field),
    /// The id of what a text names.
    Id(Field),
    Tag(&'n str),
    FormatProvider,
    /// Numbers and texts that rules test.
    Values,
    /// The days and the highest context tier of what is no single call.
    Span,
    /// An endpoint on which somebody listens.
    Realtime,
    /// When a row was and where it comes from.
    Line,
    /// How its time stands to peak hours.
    Hours,
}

impl KeyComponent<'_> {
    fn write(self, hasher: &mut FoldHasher<'_>) {
        match self {
            Self::Field(field) => hasher.write_u64(field as u64),
            Self::Tag(name) => {
                hasher.write_u64(1 << 32 | name.len() as u64);
                hasher.write(name.as_bytes());
            }
            Self::Id(field) => hasher.write_u64(1 << 36 | field as u64),
            Self::FormatProvider => hasher.write_u64(1 << 33),
            Self::Values => hasher.write_u64(1 << 34),
            Self::Span => hasher.write_u64(1 << 35),
            Self::Realtime => hasher.write_u64(1 << 37),
            Self::Line => hasher.write_u64(1 << 38),
            Self::Hours => hasher.write_u64(1 << 39),
        }
    }
}

/// The keys of a run's shares, two sets for the two halves.
#[derive(Debug)]
pub(super) struct HashKeys {
    first: SharedSeed,
    second: SharedSeed,
}

impl Default for HashKeys {
    fn default() -> Self {
        let random = RandomState::new();
        Self { first: SharedSeed::from_u64(random.hash_one(1)), second: SharedSeed::from_u64(random.hash_one(2)) }
    }
}

impl HashKeys {
    /// The signature of a row but for its words.
    pub(super) fn signature(&self, row: &Reduced<'_>, line: Option<&LineFacts>) -> Signature {
        // All fields, so that one that is new does not compile before it is part of the signature.
        let Reduced {
            facts,
            last_step,
            hours,
            bill_day,
            format_provider,
            texts,
            ids,
            tags,
            is_realtime_endpoint,
            values,
            words: _,
        } = row;
        let mut share = self.format(*format_provider) ^ self.values(values) ^ self.realtime(*is_realtime_endpoint);
        share ^= line.map_or(0, |line| self.line(line)) ^ self.hours(*hours);
        for (field, text) in Field::ALL.into_iter().zip(texts) {
            share ^= text.map_or(0, |text| self.text(KeyComponent::Field(field), text));
        }
        for (field, id) in Field::WITH_IDS.into_iter().zip(ids) {
            share ^= id.map_or(0, |id| self.text(KeyComponent::Id(field), id));
        }
        for (name, value) in tags {
            share ^= self.text(KeyComponent::Tag(name), value);
        }
        // The prompt of a single call lies in one step.
        if *last_step != facts.step || bill_day.is_some() {
            share ^= self.span(*last_step, *bill_day);
        }
        Signature::new(share, facts.packed())
    }

    /// What the words of a row add to its long signature.
    pub(super) fn words(&self, row: &Reduced<'_>) -> HashPart {
        row.words.iter().fold(0, |share, (place, word)| share ^ self.word(*place, *word))
    }

    fn share(&self, part: KeyComponent<'_>, write: impl Fn(&mut FoldHasher<'_>)) -> HashPart {
        let half = |seed: &SharedSeed| {
            let mut hasher = FoldHasher::with_seed(0, seed);
            part.write(&mut hasher);
            write(&mut hasher);
            hasher.finish()
        };
        u128::from(half(&self.first)) << 64 | u128::from(half(&self.second))
    }

    fn text(&self, part: KeyComponent<'_>, text: &str) -> HashPart {
        self.share(part, |hasher| {
            hasher.write_u64(text.len() as u64);
            hasher.write(text.as_bytes());
        })
    }

    /// The length of a text is never as large as the first number.
    fn word(&self, place: WordPlace<'_>, word: Word) -> HashPart {
        let word = match word {
            Word::RealTime(word) => u64::from(word),
            Word::Batch(word) => 1 << 16 | u64::from(word),
        };
        let part = match place {
            WordPlace::Field(field) => KeyComponent::Field(field),
            WordPlace::Tag(name) => KeyComponent::Tag(name),
        };
        self.share(part, |hasher| [u64::MAX, word].into_iter().for_each(|number| hasher.write_u64(number)))
    }

    fn format(&self, provider: Option<&str>) -> HashPart {
        provider.map_or(0, |name| self.text(KeyComponent::FormatProvider, name))
    }

    fn realtime(&self, is_realtime: bool) -> HashPart {
        if is_realtime { self.share(KeyComponent::Realtime, |_| {}) } else { 0 }
    }

    fn line(&self, line: &LineFacts) -> HashPart {
        self.share(KeyComponent::Line, |hasher| line.hash(hasher))
    }

    fn hours(&self, hours: HoursOfRow) -> HashPart {
        if hours == HoursOfRow::default() {
            return 0;
        }
        self.share(KeyComponent::Hours, |hasher| hasher.write_u64(hours.bits()))
    }

    fn values(&self, values: &[Option<u64>]) -> HashPart {
        if values.is_empty() {
            return 0;
        }
        self.share(KeyComponent::Values, |hasher| {
            for value in values {
                hasher.write_u64(u64::from(value.is_some()));
                hasher.write_u64(value.unwrap_or_default());
            }
        })
    }

    fn span(&self, last_step: u16, bill_day: Option<Day>) -> HashPart {
        let day = bill_day.map_or(i64::MIN, |day| i64::from(day.number()));
        self.share(KeyComponent::Span, |hasher| {
            hasher.write_u64(u64::from(last_step));
            hasher.write_i64(day);
        })
    }
}

impl Folder<'_> {
    /// What of a text is part of a key.
    pub fn part_of(&self, field: Field) -> Part {
        self.fields.of_field(field)
    }

    /// What of a tag's value is part of a key.
    pub fn part_of_tag(&self, name: &str) -> Part {
        self.fields.of_tag(name)
    }

    /// What a text adds, of which nobody says whether it is an id or a name.
    pub fn share_alone(&mut self, field: Field, text: &str) -> TextHash {
        let part = self.part_of(field);
        if part != Part::Nothing {
            self.rollup.stated.note_alone(field, text);
        }
        if field == Field::Endpoint {
            let endpoint = self.endpoint(text);
            let text = self.hash_keys.text(KeyComponent::Field(field), endpoint.kept.unwrap_or(text));
            return TextHash { text: text ^ self.hash_keys.realtime(endpoint.is_realtime), words: 0 };
        }
        self.part(part, WordPlace::Field(field), text)
    }

    /// What the value of a tag adds.
    pub fn tag_share(&mut self, name: &str, value: &str) -> TextHash {
        self.part(self.fields.of_tag(name), WordPlace::Tag(name), value)
    }

    fn part(&mut self, part: Part, place: WordPlace<'_>, text: &str) -> TextHash {
        match (part, place) {
            (Part::Held, _) if self.word_in(text).is_none() => TextHash::default(),
            (Part::Text | Part::Held, WordPlace::Field(field)) => {
                TextHash { text: self.hash_keys.text(KeyComponent::Field(field), text), words: 0 }
            }
            (Part::Text | Part::Held, WordPlace::Tag(name)) => {
                TextHash { text: self.hash_keys.text(KeyComponent::Tag(name), text), words: 0 }
            }
            (Part::Word, _) => {
                let word = self.word_in(text);
                TextHash { text: 0, words: word.map_or(0, |word| self.hash_keys.word(place, word)) }
            }
            (Part::Nothing, _) => TextHash::default(),
        }
    }

    /// What the provider of the format adds.
    pub fn format_share(&self, format_provider: Option<&str>) -> HashPart {
        self.hash_keys.format(format_provider)
    }

    /// Whether rules look at numbers and times of a row.
    pub fn asks_numbers(&self) -> bool {
        self.fields.has_values()
    }

    /// What the day of a call adds, where sums are kept by line.
    pub fn line_share(&self, call: &UsageRecord<'_>) -> HashPart {
        match self.context.lines {
            Some(_) => self.hash_keys.line(&LineFacts::of(call, self.from)),
            None => 0,
        }
    }

    /// What the time of a call adds whose price may go by the hour.
    pub fn hours_share(&self, at: Moment) -> HashPart {
        self.hash_keys.hours(self.hours_of((at, at)))
    }

    /// What numbers and times of a row add, as far as rules look at them.
    pub fn numbers_share(&self, record: &UsageRecord<'_>) -> HashPart {
        // None of them is a name.
        let row = RowFacts { record, provider: "", workload: Name { name: "", id: None } };
        self.hash_keys.values(&self.fields.values(&row))
    }
}
