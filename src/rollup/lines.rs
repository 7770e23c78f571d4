//! Lines of a rollup file: rows that agree in every raw fact that somebody may ask for, and in their day.
//!
//! Role: what is kept of a row where sums are to be written down for another run to judge
//! ([`Context::lines`](super::Context::lines)). It is
//! [`Reduced`], of which nothing is known by this run's prices and policy but where numbers are cut, and when the
//! row was. It knows no file: [`crate::formats::rollup`] writes and reads the text.

use std::hash::{Hash, Hasher};

use smallvec::SmallVec;

use super::{Cell, Direction, EndUsers, Facts, Reduced, TextId, Texts};
use crate::calendar::Day;
use crate::money::Overflow;
use crate::usage::{Field, Outcome, PromptSize, UsageRecord};

/// Position in [`Rollup::lines`](super::Rollup::lines).
pub type LineId = u32;

/// How lines are kept.
#[derive(Clone, Copy, Debug)]
pub struct KeepLines {
    /// Each hour by itself.
    pub hours: bool,
}

/// An input, or one of those whose sums a rollup file holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InputPart {
    /// The input, by position.
    pub input: u32,
    /// Its number in a rollup file; 0 for what is none.
    pub part: u32,
}

/// How much time a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Span {
    /// A call has a time of its own.
    Call,
    /// From a begin to an end.
    Bucket,
    /// A call on some day of these.
    Undated,
}

/// What of a row is in no reduced row: when it was, and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineFacts {
    /// Where it comes from.
    pub from: InputPart,
    /// The day on which it begins.
    pub day: Day,
    /// The day on which it ends.
    pub last_day: Day,
    /// How much time it is about.
    pub span: Span,
    /// It is exactly one request.
    pub one_request: bool,
    /// Its stated window.
    pub window: Option<PromptSize>,
    /// It gives money back.
    pub is_credit: bool,
    /// It states no output though it did not fail.
    pub lacks_output: bool,
}

impl Hash for LineFacts {
    /// In few numbers: each line is hashed several times.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { from, day, last_day, span, one_request, window, is_credit, lacks_output } = *self;
        let pair = |high: u32, low: u32| u64::from(high) << 32 | u64::from(low);
        let flags = [one_request, is_credit, lacks_output, window.is_some()].map(u64::from);
        state.write_u64(pair(from.input, from.part));
        state.write_u64(pair(day.number().cast_unsigned(), last_day.number().cast_unsigned()));
        state.write_u64(flags.into_iter().fold(span as u64, |all, flag| all << 1 | flag));
        if let Some(window) = window {
            window.hash(state);
        }
    }
}

impl LineFacts {
    pub(super) fn of(record: &UsageRecord<'_>, from: InputPart) -> Self {
        let span = match (record.end, record.within) {
            (Some(_), _) => Span::Bucket,
            (None, Some(_)) => Span::Undated,
            (None, None) => Span::Call,
        };
        Self {
            from,
            day: record.start.day(),
            last_day: record.last_moment().day(),
            span,
            one_request: record.requests == Some(1),
            window: record.window,
            is_credit: record.tokens().is_none() && record.billed.is_some_and(crate::money::Money::is_negative),
            lacks_output: record.lacks_output && record.outcome != Outcome::Failed,
        }
    }
}

/// What all rows of a line agree in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Line {
    /// When they were.
    pub row: LineFacts,
    /// What is no text.
    pub facts: Facts,
    /// The highest context tier of their prompts.
    pub last_step: u16,
    /// The provider of the input's format.
    pub format_provider: Option<TextId>,
    /// Their texts.
    pub texts: [Option<TextId>; Field::ALL.len()],
    /// Ids of what these name.
    pub ids: [Option<TextId>; Field::WITH_IDS.len()],
    /// Tags by name.
    pub tags: SmallVec<[(TextId, TextId); 2]>,
    /// Numbers that rules test.
    pub values: Box<[Option<u64>]>,
}

impl Line {
    pub(super) fn of(reduced: &Reduced<'_>, row: LineFacts, texts: &mut Texts) -> Self {
        let mut tags = reduced.tags.clone();
        // In whatever order a row has them.
        tags.sort_unstable();
        Self {
            row,
            facts: reduced.facts,
            last_step: reduced.last_step,
            format_provider: reduced.format_provider.map(|text| texts.id(text)),
            texts: reduced.texts.map(|text| text.map(|text| texts.id(text))),
            ids: reduced.ids.map(|id| id.map(|id| texts.id(id))),
            tags: tags.into_iter().map(|(name, value)| (texts.id(name), texts.id(value))).collect(),
            values: reduced.values.iter().copied().collect(),
        }
    }

    /// The same by the texts of another rollup.
    pub(super) fn map(&self, text: impl Fn(TextId) -> TextId + Copy) -> Self {
        Self {
            format_provider: self.format_provider.map(text),
            texts: self.texts.map(|id| id.map(text)),
            ids: self.ids.map(|id| id.map(text)),
            tags: self.tags.iter().map(|(name, value)| (text(*name), text(*value))).collect(),
            values: self.values.clone(),
            ..*self
        }
    }
}

/// What is counted of rows besides their sums.
#[derive(Clone, Debug, Default)]
pub struct LineNotes {
    /// Rows of which something is odd.
    pub oddities: Oddities,
    /// Their end users.
    pub end_users: EndUsers,
}

/// Rows of which something is odd.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Oddities {
    /// Amounts that lost digits when they were read.
    pub rounded_amounts: u64,
    /// Parts of the prompt or the output do not add up to the whole.
    pub parts_apart: u64,
    /// Some of the tokens are sound.
    pub audio: u64,
    /// Buckets that say how many requests they are, and no token.
    pub no_tokens: u64,
    /// Lines of bills that bill nothing for what costs something.
    pub paid_elsewhere: u64,
}

impl Oddities {
    /// Adds or takes away others.
    pub fn merge(&mut self, other: Self, direction: Direction) -> Result<(), Overflow> {
        direction.count(&mut self.rounded_amounts, other.rounded_amounts)?;
        direction.count(&mut self.parts_apart, other.parts_apart)?;
        direction.count(&mut self.audio, other.audio)?;
        direction.count(&mut self.no_tokens, other.no_tokens)?;
        direction.count(&mut self.paid_elsewhere, other.paid_elsewhere)
    }
}

/// What the rows of a line come to.
#[derive(Clone, Debug, Default)]
pub struct LineSums {
    /// Their sums; the days follow from when they were.
    pub cell: Cell,
    /// What else is counted of them.
    pub notes: LineNotes,
    /// The hour in which all of each row lies, where it is known.
    pub hour: Option<u8>,
}

impl LineSums {
    /// Whether both come to the same; the days of the rows are not among what is added up.
    pub fn agree(&self, other: &Self) -> bool {
        let sums = |Self { cell, notes, .. }: &Self| {
            (cell.rows, cell.requests, cell.rows_without_requests, cell.tokens, cell.billed, notes.oddities)
        };
        sums(self) == sums(other)
    }
}
