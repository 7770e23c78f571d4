//! All that a row says, as one number: only rows of one identity are compared by it.
//!
//! Role: every text and every number of a row adds something of its own to a sum, under keys drawn anew for each run, so
//! that what a text adds can be remembered. What is absent adds nothing.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use foldhash::SharedSeed;
use foldhash::quality::FoldHasher;

use crate::calendar::Moment;
use crate::money::Money;
use crate::usage::{Field, Grain, PromptSize, Quantity, TokenClass, UsageRecord};

/// What a number of a row says.
#[derive(Clone, Copy)]
enum Number {
    Start,
    End,
    Requests,
    Facts,
    Status,
    WindowAbove,
    WindowUpTo,
    Class,
    Latency,
    FirstToken,
    BilledLow,
    BilledHigh,
    /// The first of the token classes.
    Tokens,
}

const NUMBERS: usize = Number::Tokens as usize + TokenClass::ALL.len();

/// Texts that are no [`Field`].
const TIER: u64 = 1 << 32;
const TAG: u64 = 1 << 33;

/// The keys of one run.
#[derive(Debug)]
pub struct Contents {
    texts: SharedSeed,
    numbers: [(u64, u64); NUMBERS],
}

impl Contents {
    /// Fresh keys; all threads of a pass need the same.
    pub fn new() -> Self {
        let random = RandomState::new();
        let key = |number: usize| (random.hash_one((number, 0)), random.hash_one((number, 1)) | 1);
        Self { texts: SharedSeed::from_u64(random.hash_one(0)), numbers: std::array::from_fn(key) }
    }

    fn text(&self, what: u64, name: &str, text: &str) -> u64 {
        let mut hasher = FoldHasher::with_seed(what, &self.texts);
        hasher.write_u64(name.len() as u64);
        hasher.write(name.as_bytes());
        hasher.write(text.as_bytes());
        hasher.finish()
    }

    /// What one of the row's texts adds.
    pub fn field(&self, field: Field, text: &str) -> u64 {
        self.text(field as u64, "", text)
    }

    /// What a tag adds.
    pub fn tag(&self, name: &str, value: &str) -> u64 {
        self.text(TAG, name, value)
    }

    /// What the word for the service tier adds.
    pub fn tier(&self, text: &str) -> u64 {
        self.text(TIER, "", text)
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "both halves go in")]
    fn number(&self, what: usize, number: u64) -> u64 {
        let (key, factor) = self.numbers[what];
        let product = u128::from(number ^ key) * u128::from(factor);
        product as u64 ^ (product >> 64) as u64
    }

    #[inline]
    fn optional(&self, what: Number, number: Option<u64>) -> u64 {
        number.map_or(0, |number| self.number(what as usize, number))
    }

    /// What the HTTP status adds.
    pub fn status(&self, status: Option<u64>) -> u64 {
        self.optional(Number::Status, status)
    }

    /// What a stated context window adds.
    pub fn window(&self, window: Option<PromptSize>) -> u64 {
        let above = self.optional(Number::WindowAbove, window.map(|window| window.above));
        above.wrapping_add(self.optional(Number::WindowUpTo, window.map(|window| window.up_to)))
    }

    /// What everything but texts, status and window adds.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "both halves go in")]
    pub fn numbers(&self, record: &UsageRecord<'_>) -> u64 {
        let facts = record.tier as u64
            | (record.outcome as u64) << 8
            | record.stream.map_or(0, |stream| 1 + u64::from(stream)) << 16
            | u64::from(record.batch_unknown) << 24
            | u64::from(record.within.is_some()) << 25
            | u64::from(record.answer_only) << 26;
        let (billed, is_billed) = (record.billed.map_or(0, Money::units).cast_unsigned(), record.billed.is_some());
        let mut sum = self
            .number(Number::Start as usize, record.start.micros().cast_unsigned())
            .wrapping_add(self.number(Number::Facts as usize, facts))
            .wrapping_add(self.optional(Number::Requests, record.requests))
            .wrapping_add(self.optional(Number::End, record.end.map(Moment::micros).map(i64::cast_unsigned)))
            .wrapping_add(self.optional(Number::Latency, record.latency_ms))
            .wrapping_add(self.optional(Number::FirstToken, record.ttft_ms))
            .wrapping_add(self.optional(Number::BilledLow, is_billed.then_some(billed as u64)))
            .wrapping_add(self.optional(Number::BilledHigh, is_billed.then_some((billed >> 64) as u64)));
        match &record.quantity {
            Quantity::Tokens(tokens) => {
                for class in TokenClass::ALL {
                    sum = sum.wrapping_add(self.number(Number::Tokens as usize + class as usize, tokens[class]));
                }
            }
            Quantity::BillLine(class) => {
                let class = class.map_or(0, |class| class as u64 + 1);
                sum = sum.wrapping_add(self.number(Number::Class as usize, class));
            }
        }
        sum
    }

    /// All that a row says.
    pub fn of(&self, record: &UsageRecord<'_>) -> u64 {
        let mut sum = self.numbers(record).wrapping_add(self.status(record.status));
        sum = sum.wrapping_add(self.window(record.window));
        // The id of a call is what its identity is made of.
        let told = |field: &Field| record.grain() == Grain::Bucket || *field != Field::RequestId;
        for field in Field::ALL.into_iter().filter(told) {
            sum = sum.wrapping_add(record.text(field).map_or(0, |text| self.field(field, text)));
        }
        for (name, value) in &record.tags {
            sum = sum.wrapping_add(self.tag(name, value));
        }
        sum.wrapping_add(record.tier_text.map_or(0, |text| self.tier(text)))
    }
}
