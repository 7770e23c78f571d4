//! Rows as they come → [`Reduced`]. What is left out here no verdict can see.

use smallvec::SmallVec;

use super::{Endpoint, Folder, Part, REMEMBERED};
use crate::calendar::Moment;
use crate::pricing::{HoursOfRow, PriceTable};
use crate::rollup::ResolutionId;
use crate::rollup::facts::{Name, RowFacts};
use crate::rollup::key_fields::WITH_WORDS;
use crate::rollup::reduced::{Facts, Reduced, WordPlace};
use crate::usage::{Field, PromptSize, Quantity, UsageRecord};

impl<'t> Folder<'t> {
    /// What of a row decides, but for the words in names of which nothing else does.
    pub(super) fn reduce<'r>(
        &mut self,
        record: &'r UsageRecord<'_>,
        format_provider: Option<&'r str>,
        span: (Moment, Moment),
    ) -> Reduced<'r>
    where
        't: 'r,
    {
        let (step, last_step) = context_tiers(self.context.table, record);
        let day = record.start.day();
        let facts = Facts::of(record, self.price_period(day), step);
        let goes_by_the_hour = record.text(Field::Model).is_some_and(|model| self.goes_by_the_hour(model));
        let hours = if goes_by_the_hour { self.hours_of(span) } else { HoursOfRow::default() };
        let mut texts = [None; Field::ALL.len()];
        for field in self.fields.texts() {
            texts[*field as usize] = record.text(*field);
        }
        let mut is_realtime_endpoint = false;
        if let Some(path) = &mut texts[Field::Endpoint as usize] {
            let endpoint = self.endpoint(path);
            is_realtime_endpoint = endpoint.is_realtime;
            *path = endpoint.kept.unwrap_or(path);
        }
        let mut ids = record.ids;
        for (id, field) in ids.iter_mut().zip(Field::WITH_IDS) {
            *id = id.filter(|_| texts[field as usize].is_some());
        }
        let mut tags = SmallVec::new();
        for &(name, value) in &record.tags {
            let is_kept = match self.fields.of_tag(name) {
                Part::Text => true,
                Part::Held => self.word_in(value).is_some(),
                Part::Word | Part::Nothing => false,
            };
            if is_kept {
                tags.push((name, value));
            }
        }
        Reduced {
            facts,
            last_step,
            hours,
            bill_day: matches!(record.quantity, Quantity::BillLine(_)).then_some(day),
            format_provider,
            texts,
            ids,
            tags,
            is_realtime_endpoint,
            values: self.fields.values(&RowFacts { record, provider: "", workload: Name { name: "", id: None } }),
            words: SmallVec::new(),
        }
    }

    /// Adds the words in names of which nothing else decides.
    pub(super) fn reduce_words<'r>(&mut self, record: &'r UsageRecord<'_>, reduced: &mut Reduced<'r>) {
        for field in WITH_WORDS {
            let name = record.text(field).map(|name| Name { name, id: record.id(field) });
            if self.fields.of_field(field) == Part::Word
                && let Some(word) = name.and_then(|name| self.word_of(name))
            {
                reduced.words.push((WordPlace::Field(field), word));
            }
        }
        for (name, value) in &record.tags {
            if self.fields.of_tag(name) == Part::Word
                && let Some(word) = self.word_in(value)
            {
                reduced.words.push((WordPlace::Tag(name), word));
            }
        }
    }

    /// What is kept of an endpoint, found out once.
    pub(super) fn endpoint(&mut self, path: &str) -> Endpoint<'t> {
        if let Some(known) = self.endpoints.get(path) {
            return *known;
        }
        let found = self.fields.endpoint(path);
        if self.endpoints.len() < REMEMBERED {
            self.endpoints.insert(path.to_owned(), found);
        }
        found
    }

    /// Whether the price of a model of this name may go by the hour, found out once. Of lines another run asks, which knows
    /// their hours.
    pub fn goes_by_the_hour(&mut self, model: &str) -> bool {
        if self.context.lines.is_some() {
            return false;
        }
        if let Some(known) = self.hourly.get(model) {
            return *known;
        }
        let found = self.context.table.goes_by_the_hour(model);
        if self.hourly.len() < REMEMBERED {
            self.hourly.insert(model.to_owned(), found);
        }
        found
    }

    /// How a span of time stands to peak hours.
    pub(super) fn hours_of(&self, (first, last): (Moment, Moment)) -> HoursOfRow {
        self.context.table.hours_of(first, last)
    }

    /// Notes what a row states of ids and names, whether or not it counts; `provider` is the one that it resolves to.
    pub fn note_names<'n>(&mut self, record: &UsageRecord<'_>, provider: impl FnOnce() -> &'n str) {
        let fields = &self.fields;
        let matters = |field: Field| fields.of_field(field) != Part::Nothing;
        for (at, field) in Field::WITH_IDS.into_iter().enumerate() {
            if record.ids[at].is_none()
                && let Some(text) = record.text(field).filter(|_| matters(field))
            {
                self.rollup.stated.note_alone(field, text);
            }
        }
        if record.ids.iter().any(Option::is_some) {
            self.rollup.stated.note(record, provider(), matters);
        }
    }

    /// Notes a name that a rollup file holds.
    pub fn note_name(
        &mut self,
        field: Field,
        (id, name): (Option<&str>, Option<&str>),
        (provider, latest): (&str, Moment),
    ) {
        if self.fields.of_field(field) == Part::Nothing {
            return;
        }
        match (id, field.with_id()) {
            (Some(id), Some(at)) => self.rollup.stated.id(provider, at, id, name, latest),
            _ => name.into_iter().for_each(|name| self.rollup.stated.note_alone(field, name)),
        }
    }

    /// Notes that a rollup file has left out some texts that may be ids.
    pub const fn note_more_names(&mut self) {
        self.rollup.stated.note_more();
    }

    /// A row with the names that other rows have for its ids.
    pub fn renamed<'r>(&self, record: &'r UsageRecord<'_>, resolution: ResolutionId) -> UsageRecord<'r>
    where
        't: 'r,
    {
        let provider = self.rollup.resolutions[resolution as usize].shown_provider;
        match self.directory {
            Some(directory) => directory.resolve(record, self.rollup.texts.get(provider)),
            None => record.lent(),
        }
    }

    /// A reduced row with the names that other rows have for its ids; nothing where no row has any.
    pub(super) fn with_names<'r>(&self, reduced: &'r Reduced<'_>, resolution: ResolutionId) -> Option<Reduced<'r>>
    where
        't: 'r,
    {
        let directory = self.directory?;
        let provider = self.rollup.texts.get(self.rollup.resolutions[resolution as usize].shown_provider);
        Some(reduced.renamed(|field, name| directory.called(provider, field, name)))
    }
}

/// The context tiers a row's prompts may lie in, lowest and highest.
pub fn context_tiers(table: &PriceTable, record: &UsageRecord<'_>) -> (u16, u16) {
    let Some(tokens) = record.tokens() else {
        return match record.window {
            Some(PromptSize { above, up_to }) => {
                (table.step_of(u128::from(above) + 1), table.step_of(u128::from(up_to)))
            }
            // Without tokens and a stated window a line of a bill may hold prompts of any size.
            None => (0, table.step_of(u128::MAX)),
        };
    };
    let prompt = tokens.prompt();
    if record.is_single_call() {
        return (table.step_of(prompt), table.step_of(prompt));
    }
    let (lowest, highest) = match record.window {
        None => (0, table.step_of(prompt)),
        Some(PromptSize { above, up_to }) => {
            let lowest = if above == 0 { 0 } else { table.step_of(u128::from(above) + 1) };
            (lowest, table.step_of(prompt.min(u128::from(up_to))).max(lowest))
        }
    };
    // The sum of one request is its prompt, though rules see a bucket all the same.
    if record.requests == Some(1) { (highest, highest) } else { (lowest, highest) }
}
