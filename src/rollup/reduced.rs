//! What of a row decides its key, and nothing else.
//!
//! Role: the one thing that judging can see. A row is reduced to it ([`super::fold`]), rows that agree in it are judged
//! once, and its hash is the signature that says so. It holds texts, small numbers and choices as they are, so that it
//! could be written down and read again. It does *not* say which facts those are: see [`super::key_fields`].

use std::hash::{Hash, Hasher};

use smallvec::SmallVec;

use super::facts::{Name, Names, name_value};
use super::key_fields::{KeyFields, Values, text_at};
use crate::calendar::Day;
use crate::policy::rules::Value;
use crate::policy::{self, Fact, Reduction};
use crate::pricing::HoursOfRow;
use crate::usage::{ClassSet, Field, Ids, Outcome, Quantity, Tag, Tier, TokenClass, UsageRecord};
use crate::verdict::Word;

/// A row, reduced to what decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reduced<'r> {
    /// What is no text.
    pub facts: Facts,
    /// The highest context tier in which some of its prompts may lie; that of `facts` is the lowest.
    pub last_step: u16,
    /// How its time stands to peak hours; all are peak for names of models whose price does not go by the hour.
    pub hours: HoursOfRow,
    /// The day of a line of a bill.
    pub bill_day: Option<Day>,
    /// The provider of the file's format.
    pub format_provider: Option<&'r str>,
    /// Texts that decide, by [`Field`]; an endpoint as one that is treated like it.
    pub texts: [Option<&'r str>; Field::ALL.len()],
    /// Ids of what these texts name.
    pub ids: Ids<'r>,
    /// Tags of which all decides.
    pub tags: SmallVec<[Tag<'r>; 4]>,
    /// The endpoint's path says that somebody listens.
    pub is_realtime_endpoint: bool,
    /// Numbers and texts that rules test, each as the first one that they treat like it.
    pub values: Values,
    /// The words in all other names that words are looked for in. Known only where words may decide.
    pub words: SmallVec<[(WordPlace<'r>, Word); 2]>,
}

/// Where a word stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordPlace<'r> {
    /// In a text of the row, or in the id of what it names.
    Field(Field),
    /// In the value of a tag.
    Tag(&'r str),
}

/// What of a row is no text and decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    pub price_period: u16,
    /// The lowest context tier.
    pub step: u16,
}

/// What a row counts, without the counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Tokens of these classes.
    Tokens(ClassSet),
    /// A line of a bill, for one token class if it says which.
    BillLine(Option<TokenClass>),
}

impl Facts {
    pub(super) fn of(record: &UsageRecord<'_>, price_period: u16, step: u16) -> Self {
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
            price_period,
            step,
        }
    }

    /// What the row counts.
    pub fn counted(self) -> Counted {
        match self.kind.checked_sub(1) {
            None => Counted::Tokens(self.present),
            Some(line) => {
                let class = line.checked_sub(1).and_then(|class| TokenClass::ALL.get(usize::from(class)));
                Counted::BillLine(class.copied())
            }
        }
    }

    /// All facts in one number.
    #[inline]
    pub fn packed(self) -> PackedFacts {
        let Self {
            tier,
            outcome,
            stream,
            batch_unknown,
            is_single_call,
            is_billed,
            has_first_token,
            kind,
            present,
            price_period,
            step,
        } = self;
        let rest = u64::from(kind) << 40
            | (tier as u64) << 44
            | (outcome as u64) << 48
            | stream.map_or(0, |stream| 1 + u64::from(stream)) << 52
            | u64::from(batch_unknown) << 54
            | u64::from(is_single_call) << 55;
        PackedFacts(rest).with(present, is_billed, has_first_token, (price_period, step))
    }
}

impl Hash for Facts {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.packed().0);
    }
}

/// All facts in one number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PackedFacts(pub(super) u64);

impl PackedFacts {
    /// With what changes from call to call, where these were made of facts without: classes that have tokens, whether a bill
    /// and a first token are stated, the span between prices and the context tier.
    #[inline]
    #[must_use]
    pub fn with(
        self,
        present: ClassSet,
        is_billed: bool,
        has_first_token: bool,
        (price_period, step): (u16, u16),
    ) -> Self {
        Self(
            self.0
                | u64::from(step)
                | u64::from(price_period) << 16
                | u64::from(present.bits()) << 32
                | u64::from(is_billed) << 56
                | u64::from(has_first_token) << 57,
        )
    }
}

impl Reduced<'_> {
    /// The word that stands in a text of which nothing else is kept.
    pub(super) fn word_in(&self, field: Field) -> Option<Word> {
        self.words.iter().find(|(place, _)| *place == WordPlace::Field(field)).map(|(_, word)| *word)
    }

    /// With other names for its ids, and other ids for its names.
    pub(super) fn renamed<'n>(&'n self, called: impl Fn(Field, Name<'n>) -> Name<'n>) -> Reduced<'n> {
        let (mut texts, mut ids) = (self.texts, self.ids);
        for (at, field) in Field::WITH_IDS.into_iter().enumerate() {
            let Some(name) = self.text(field) else { continue };
            let called = called(field, Name { name, id: self.ids[at] });
            (texts[field as usize], ids[at]) = (Some(called.name), called.id);
        }
        Reduced {
            texts,
            ids,
            tags: self.tags.iter().copied().collect(),
            values: self.values.clone(),
            words: self.words.iter().copied().collect(),
            ..*self
        }
    }
}

impl Names for Reduced<'_> {
    fn text(&self, field: Field) -> Option<&str> {
        self.texts[field as usize]
    }

    fn id(&self, field: Field) -> Option<&str> {
        field.with_id().and_then(|at| self.ids[at])
    }

    fn tag(&self, name: &str) -> Option<&str> {
        self.tags.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
    }
}

/// The facts of a reduced row, as rules see them.
pub(super) struct ReducedFacts<'f, 'r> {
    pub(super) reduced: &'f Reduced<'r>,
    pub(super) fields: &'f KeyFields<'f>,
    /// The provider's shown name.
    pub(super) provider: &'f str,
    /// The workload.
    pub(super) workload: Name<'f>,
}

impl policy::Facts for ReducedFacts<'_, '_> {
    fn fact(&self, fact: &Fact) -> Option<Value<'_>> {
        let Reduced { facts, values, .. } = self.reduced;
        let text = |text: &'static str| Value::Text(text, None);
        match fact.reduction() {
            Reduction::Name(field) => name_value(self.reduced, field, self.provider),
            Reduction::Workload => Some(self.workload.value()),
            Reduction::Tier => Some(text(facts.tier.name())),
            Reduction::Stream => facts.stream.map(|stream| text(if stream { "true" } else { "false" })),
            Reduction::Number(_) | Reduction::Hour => self.fields.value(values, fact).map(Value::Number),
            Reduction::OneOf(texts) => text_at(texts, self.fields.value(values, fact)?).map(text),
        }
    }
}
