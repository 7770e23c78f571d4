//! Names of a reduced row: what it is added up by and shares with others, and names that say something: the words of the policy's lists, and applications in which a person waits.

use smallvec::SmallVec;

use super::{Breakdown, Folder, Part, REMEMBERED};
use crate::policy::{NameField, words};
use crate::rollup::facts::{Name, Names as _, workload};
use crate::rollup::reduced::WordPlace;
use crate::rollup::{Common, GroupId, Named, Reduced, ResolutionId, Shared};
use crate::usage::Field;
use crate::verdict::{Code, Word};

impl Folder<'_> {
    /// The value that a row is added up by with `--by`.
    pub(super) fn breakdown(
        &mut self,
        reduced: &Reduced<'_>,
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
            Breakdown::Named(field) => reduced.named(field).map(|name| Named::of(&mut self.rollup.texts, name)),
        }
    }

    /// What a row says in fields that are finer than the one that names its workload, and where the word stands that
    /// decided.
    pub(super) fn shared(&mut self, reduced: &Reduced<'_>, resolution: ResolutionId, code: Code) -> Shared {
        let policy = self.context.policy;
        let provider = self.rollup.resolutions[resolution as usize].shown_provider;
        let (_, naming) = workload(reduced, policy, self.rollup.texts.get(provider));
        let common = |folder: &mut Self, field: &NameField| match reduced.named(field) {
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
            && let Some((_, field)) = self.word(reduced)
        {
            // Of a name that is no part of the key others may hold the word too.
            let is_whole = self.fields.of_name(&field) == Part::Text;
            let held = if is_whole { common(self, &field) } else { Common::Nothing };
            shared.words.push((self.rollup.texts.id(&field.to_string()), held));
        }
        shared
    }

    /// The word that decides, and where it stands: the first field that holds any, asked in the policy's order.
    pub(super) fn word(&mut self, reduced: &Reduced<'_>) -> Option<(Word, NameField)> {
        let policy = self.context.policy;
        for field in policy.workload.iter().filter(|field| field.holds_words()) {
            if let Some(word) = reduced.named(field).and_then(|name| self.word_of(name)) {
                return Some((word, field.clone()));
            }
        }
        let names_workloads =
            |tag: &str| policy.workload.iter().any(|field| matches!(field, NameField::Tag(name) if name == tag));
        let kept = reduced.tags.iter().filter(|(tag, _)| !names_workloads(tag));
        let mut tags: SmallVec<[(&str, Option<Word>); 6]> =
            kept.map(|(tag, value)| (*tag, self.word_in(value))).collect();
        tags.extend(reduced.words.iter().filter_map(|(place, word)| match place {
            WordPlace::Tag(tag) => Some((*tag, Some(*word))),
            WordPlace::Field(_) => None,
        }));
        tags.sort_unstable_by_key(|(tag, _)| *tag);
        if let Some((tag, word)) = tags.into_iter().find_map(|(tag, word)| Some((tag, word?))) {
            return Some((word, NameField::Tag(tag.to_owned())));
        }
        [Field::Project, Field::ApiKey, Field::App].into_iter().find_map(|field| {
            let named = NameField::Text(field);
            let word = reduced.word_in(field).or_else(|| self.word_of(reduced.named(&named)?))?;
            Some((word, named))
        })
    }

    /// The word in a name, else in the id of what it names.
    pub(super) fn word_of(&mut self, name: Name<'_>) -> Option<Word> {
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
