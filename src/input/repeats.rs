//! Rows that do not count because another row has their id, and that may be calls of their own all the same.
//!
//! Role: the occurrences of one id → how many of them, and what at list price, are at stake if it was no id. Which one
//! counts is settled before. docs/specification.md, section 7.

use super::identity::{Hashing, IdentifiedBy};
use crate::assess::price::cost_alone;
use crate::calendar::Moment;
use crate::money::{Money, Overflow};
use crate::pricing::Wanted;
use crate::rollup::Context;
use crate::usage::{Field, Grain, TokenCounts, UsageRecord};

/// One row in a hundred may repeat an id before ids are no longer believed.
const MOST_REPEATS: u64 = 100;

/// What of a row tells one call from another.
#[derive(Clone, Copy, Debug)]
pub struct Occurrence {
    /// The input that holds it.
    pub input: usize,
    /// A single call and no sum of calls, whose span is part of its identity or grows.
    is_call: bool,
    /// It is known again by its id.
    has_id: bool,
    /// When it began; nothing where no time is known, or the day alone.
    time: Option<Moment>,
    /// A hash of the model as logged.
    model: u64,
    prompt: u128,
    /// At list price; nothing where there is none.
    cost: Option<Money>,
}

impl Occurrence {
    /// That of a row.
    pub fn of(
        record: &UsageRecord<'_>,
        by: IdentifiedBy<'_>,
        input: usize,
        wanted: Wanted<'_>,
        context: &Context<'_>,
        hashing: &Hashing,
    ) -> Result<Self, Overflow> {
        let is_timed = record.within.is_none() && record.start != record.start.day().start();
        Ok(Self {
            input,
            is_call: record.grain() == Grain::Call,
            has_id: matches!(by, IdentifiedBy::Id(_)),
            time: is_timed.then_some(record.start),
            model: record.text(Field::Model).map_or(0, |model| hashing.text(model)),
            prompt: record.tokens().map_or(0, TokenCounts::prompt),
            cost: cost_alone(context, wanted, record)?,
        })
    }

    /// Whether both are most likely two calls: progress of one has the same model and prompt, and one that is recorded again
    /// the same time.
    fn is_another_call(&self, other: &Self) -> bool {
        let is_at_once = self.time.is_some() && self.time == other.time;
        let is_alike = self.model == other.model && self.prompt == other.prompt;
        self.is_call && other.is_call && !is_at_once && !is_alike
    }

    /// Whether one input has two different sums of what seem to be the same calls: pages that were asked for twice, or
    /// groups that a column which is not there would tell apart. One with an id is meant to be told again.
    const fn is_second_sum(&self, other: &Self) -> bool {
        !self.has_id && !other.has_id && self.input == other.input
    }
}

/// Rows that do not count, and what they cost at list price.
#[derive(Clone, Copy, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct NotCounted {
    /// How many.
    pub rows: u64,
    /// What those with a price cost.
    pub cost: Money,
    /// How many have no price.
    pub unpriced: u64,
}

impl NotCounted {
    /// The same with others.
    pub fn and(self, other: Self) -> Result<Self, Overflow> {
        let (rows, unpriced) = (self.rows + other.rows, self.unpriced + other.unpriced);
        Ok(Self { rows, cost: self.cost.add(other.cost)?, unpriced })
    }

    fn add(&mut self, row: &Occurrence) -> Result<(), Overflow> {
        let (cost, unpriced) = (row.cost.unwrap_or_default(), u64::from(row.cost.is_none()));
        *self = self.and(Self { rows: 1, cost, unpriced })?;
        Ok(())
    }
}

/// The rows of an input that do not count and may be calls of their own.
#[derive(Clone, Copy, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Repeats {
    /// They have another time than the row that counts, and another model or prompt.
    pub other_calls: NotCounted,
    /// All others that cost more than the row that counts, or are another sum of calls in the input that has that one.
    pub doubtful: NotCounted,
}

impl Repeats {
    /// Notes a row that does not count.
    pub fn note(&mut self, row: &Occurrence, counted: &Occurrence) -> Result<(), Overflow> {
        if row.is_another_call(counted) {
            self.other_calls.add(row)
        } else if row.cost > counted.cost || row.is_second_sum(counted) {
            self.doubtful.add(row)
        } else {
            Ok(())
        }
    }

    /// Whether too many of an input's rows repeat an id for it to be one.
    pub const fn are_many(&self, rows: u64) -> bool {
        self.other_calls.rows * MOST_REPEATS > rows
    }
}
