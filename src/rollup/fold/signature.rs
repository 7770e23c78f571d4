//! The signature of a row, text by text.

use super::context_steps;
use super::{Facts, Folder, Of, Part, REMEMBERED, Share, Signature};
use crate::policy::rules::{self, Value};
use crate::policy::{Fact, NameField};
use crate::rollup::facts::{Name, RowFacts, endpoint_name, is_realtime, is_refused};
use crate::usage::{Field, Quantity, UsageRecord};

/// What a text adds to the short signature of its row, and to the long one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextShare {
    /// To both.
    pub text: Share,
    /// To the long one alone.
    pub words: Share,
}

impl Folder<'_> {
    /// What of a text is part of a key.
    pub fn part_of(&self, field: Field) -> Part {
        self.needs.of_field(field)
    }

    /// The same of a field that names workloads.
    pub(super) fn part_of_name(&self, field: &NameField) -> Part {
        match field {
            NameField::Tag(name) => self.needs.of_tag(name),
            NameField::Text(field) => self.needs.of_field(*field),
        }
    }

    /// What of a tag's value is part of a key.
    pub fn part_of_tag(&self, name: &str) -> Part {
        self.needs.of_tag(name)
    }

    /// What a text adds, of which nobody says whether it is an id or a name.
    pub fn share_alone(&mut self, field: Field, text: &str) -> TextShare {
        if self.part_of(field) != Part::Nothing {
            self.rollup.stated.note_alone(field, text);
        }
        self.share(field, text)
    }

    /// What a text adds.
    fn share(&mut self, field: Field, text: &str) -> TextShare {
        if field == Field::Endpoint && !self.needs.endpoint_by_name {
            return TextShare { text: self.endpoint_share(text), words: 0 };
        }
        self.part(self.needs.of_field(field), Of::Field(field), text)
    }

    /// What an endpoint adds: which rules it leaves standing, who does not offer it in batch, and whether somebody
    /// listens. Endpoints that agree in it are judged alike.
    fn endpoint_share(&mut self, path: &str) -> Share {
        if let Some(known) = self.endpoints.get(path) {
            return *known;
        }
        let mut decides = smallvec::SmallVec::<[u64; 8]>::new();
        let endpoint = Fact::Name(NameField::Text(Field::Endpoint));
        let value = Value::Text(path, Some(endpoint_name(path)));
        self.context.policy.rules.reduce_one(&endpoint, value, |mask| decides.push(mask));
        for (_, provider) in self.context.table.providers() {
            decides.push(u64::from(provider.batch.as_ref().is_some_and(|terms| is_refused(path, terms))));
        }
        decides.push(u64::from(is_realtime(path)));
        let share = self.shares.numbers(Of::Field(Field::Endpoint), &decides);
        if self.endpoints.len() < REMEMBERED {
            self.endpoints.insert(path.to_owned(), share);
        }
        share
    }

    /// What the value of a tag adds.
    pub fn tag_share(&mut self, name: &str, value: &str) -> TextShare {
        self.part(self.needs.of_tag(name), Of::Tag(name), value)
    }

    fn part(&mut self, part: Part, of: Of<'_>, text: &str) -> TextShare {
        match part {
            Part::Text => TextShare { text: self.shares.text(of, text), words: 0 },
            Part::Word => {
                let word = self.word_in(text);
                TextShare { text: 0, words: word.map_or(0, |word| self.shares.word(of, word)) }
            }
            Part::Nothing => TextShare::default(),
        }
    }

    /// What the provider of the format adds.
    pub fn format_share(&self, format_provider: Option<&str>) -> Share {
        format_provider.map_or(0, |name| self.shares.text(Of::FormatProvider, name))
    }

    /// Whether rules look at numbers and times of a row.
    pub fn asks_numbers(&self) -> bool {
        self.context.policy.rules.facts().any(rules::is_reduced)
    }

    /// What numbers and times of a row add, as far as rules look at them.
    pub fn numbers_share(&self, record: &UsageRecord<'_>) -> Share {
        let mut masks = smallvec::SmallVec::<[u64; 8]>::new();
        let facts = RowFacts { record, provider: "", workload: Name { name: "", id: None } };
        self.context.policy.rules.reduce(&facts, |mask| masks.push(mask));
        if masks.is_empty() { 0 } else { self.shares.numbers(Of::Numbers, &masks) }
    }

    pub(super) fn signature(&mut self, record: &UsageRecord<'_>, format_provider: Option<&str>) -> Signature {
        let (step, highest) = context_steps(self.context.table, record);
        let mut texts = self.format_share(format_provider) ^ self.numbers_share(record);
        for field in Field::ALL {
            if let (Some(text), Part::Text) = (record.text(field), self.needs.of_field(field)) {
                texts ^= self.share(field, text).text;
            }
        }
        for (field, id) in ids(record) {
            if self.needs.of_field(field) == Part::Text {
                texts ^= self.shares.text(Of::Id(field), id);
            }
        }
        for (name, value) in &record.tags {
            if self.needs.of_tag(name) == Part::Text {
                texts ^= self.shares.text(Of::Tag(name), value);
            }
        }
        let is_bill_line = matches!(record.quantity, Quantity::BillLine(_));
        if is_bill_line || !record.is_single_call() {
            texts ^= self.shares.span(highest, is_bill_line.then(|| record.start.day()));
        }
        let epoch = self.epoch(record.start.day());
        Signature::new(texts, Facts::of(record, epoch, step))
    }

    /// What the words of a row's names add to its long signature.
    pub(super) fn words_share(&mut self, record: &UsageRecord<'_>) -> Share {
        let mut words = 0;
        for field in Field::ALL {
            if let Some(text) = record.text(field).filter(|_| self.needs.of_field(field) == Part::Word) {
                words ^= self.share(field, text).words;
            }
        }
        for (field, id) in ids(record) {
            words ^= self.part(self.needs.of_field(field), Of::Id(field), id).words;
        }
        for (name, value) in &record.tags {
            words ^= self.tag_share(name, value).words;
        }
        words
    }
}

/// The ids that a row states.
fn ids<'r>(record: &UsageRecord<'r>) -> impl Iterator<Item = (Field, &'r str)> {
    Field::WITH_IDS.into_iter().zip(record.ids).filter_map(|(field, id)| Some((field, id?)))
}
