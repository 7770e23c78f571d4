//! Names of a row: those that other rows have for its ids, what they are added up by and share, and those that say
//! something: the words of the policy's lists, and applications in which a person waits.

use smallvec::SmallVec;

use super::{Breakdown, Folder, Part, REMEMBERED};
use crate::policy::{NameField, words};
use crate::rollup::facts::{Name, named, workload};
use crate::rollup::{Common, GroupId, Named, ResolutionId, Shared};
use crate::usage::{Field, UsageRecord};
use crate::verdict::{Code, Word};

impl<'t> Folder<'t> {
    /// Notes what a row states of ids and names, whether or not it counts; `provider` is the one that it resolves to.
    pub fn note_names<'n>(&mut self, record: &UsageRecord<'_>, provider: impl FnOnce() -> &'n str) {
        let needs = &self.needs;
        let matters = |field: Field| needs.of_field(field) != Part::Nothing;
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

    /// The value that a row is added up by with `--by`.
    pub(super) fn breakdown(
        &mut self,
        record: &UsageRecord<'_>,
        by: &Breakdown,
        group: GroupId,
        code: Code,
    ) -> Option<Named> {
        let group = *self.rollup.group(group);
        let alone = |name| Some(Named { name, id: None });
        match by {
            Breakdown::Workload => Some(group.workload),
            Breakdown::Model => alone(group.model),
            Breakdown::Provider => alone(group.provider),
            Breakdown::Owner => match code {
                Code::Rule(rule) => {
                    let owner = self.context.policy.rules.rule(rule).owner.as_deref()?;
                    alone(self.rollup.texts.id(owner))
                }
                _ => None,
            },
            Breakdown::Named(field) => named(record, field).map(|name| Named::of(&mut self.rollup.texts, name)),
        }
    }

    /// What a row says in fields that are finer than the one that names its workload, and where the word stands that
    /// decided.
    pub(super) fn shared(&mut self, record: &UsageRecord<'_>, resolution: ResolutionId, code: Code) -> Shared {
        let policy = self.context.policy;
        let provider = self.rollup.resolutions[resolution as usize].shown_provider;
        let (_, naming) = workload(record, policy, self.rollup.texts.get(provider));
        let common = |folder: &mut Self, field: &NameField| match named(record, field) {
            Some(name) => Common::One(Named::of(&mut folder.rollup.texts, name)),
            None => Common::Nothing,
        };
        let fields = policy.workload.iter().enumerate();
        let finer = fields.map(|(at, field)| {
            let is_finer = at > naming && !matches!(field, NameField::Text(Field::Provider | Field::Model));
            if is_finer { common(self, field) } else { Common::Several }
        });
        let mut shared = Shared { finer: finer.collect(), ..Shared::default() };
        if matches!(code, Code::RealTimeWord(_) | Code::BatchWord(_))
            && let Some((_, field)) = self.word(record)
        {
            // Of a name that is no part of the key others may hold the word too.
            let is_whole = self.part_of_name(&field) == Part::Text;
            let held = if is_whole { common(self, &field) } else { Common::Nothing };
            shared.words.push((self.rollup.texts.id(&field.to_string()), held));
        }
        shared
    }

    /// The word that decides, and where it stands: the first field that holds any, asked in the policy's order.
    pub(super) fn word(&mut self, record: &UsageRecord<'_>) -> Option<(Word, NameField)> {
        let policy = self.context.policy;
        for field in policy.workload.iter().filter(|field| field.holds_words()) {
            if let Some(word) = named(record, field).and_then(|name| self.word_of(name)) {
                return Some((word, field.clone()));
            }
        }
        let mut other_tags: SmallVec<[(&str, &str); 6]> = record
            .tags
            .iter()
            .filter(|(name, _)| {
                !policy.workload.iter().any(|field| matches!(field, NameField::Tag(tag) if tag == name))
            })
            .copied()
            .collect();
        other_tags.sort_unstable();
        let rest = [Field::Project, Field::ApiKey, Field::App].map(NameField::Text).into_iter();
        let rest = rest.filter_map(|field| Some((named(record, &field)?, field)));
        let tags = other_tags.into_iter().map(|(tag, name)| (Name { name, id: None }, NameField::Tag(tag.to_owned())));
        tags.chain(rest).find_map(|(name, field)| Some((self.word_of(name)?, field)))
    }

    /// The word in a name, else in the id of what it names.
    fn word_of(&mut self, name: Name<'_>) -> Option<Word> {
        self.word_in(name.name).or_else(|| self.word_in(name.id.filter(|id| *id != name.name)?))
    }

    pub(super) fn word_in(&mut self, name: &str) -> Option<Word> {
        if let Some(known) = self.words.get(name) {
            return *known;
        }
        let policy = self.context.policy;
        let tokens = words::tokens(name);
        let found = policy
            .real_time_words
            .find(&tokens)
            .map(Word::RealTime)
            .or_else(|| policy.batch_words.find(&tokens).map(Word::Batch));
        if self.words.len() < REMEMBERED {
            self.words.insert(name.to_owned(), found);
        }
        found
    }

    pub(super) fn is_interactive(&mut self, app: &str) -> bool {
        if let Some(&known) = self.interactive.get(app) {
            return known;
        }
        let found = self.context.policy.interactive_apps.find(&words::tokens(app)).is_some();
        if self.interactive.len() < REMEMBERED {
            self.interactive.insert(app.to_owned(), found);
        }
        found
    }
}
