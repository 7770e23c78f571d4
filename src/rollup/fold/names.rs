//! Names that say something: the words of the policy's lists, and applications in which a person waits.

use smallvec::SmallVec;

use super::{Folder, REMEMBERED};
use crate::policy::{NameField, words};
use crate::rollup::facts::named;
use crate::usage::{Field, UsageRecord};
use crate::verdict::Word;

impl Folder<'_> {
    /// The word that decides: the first field that holds any, asked in the policy's order.
    pub(super) fn word(&mut self, record: &UsageRecord<'_>) -> Option<Word> {
        let policy = self.context.policy;
        for field in policy.workload.iter().filter(|field| field.holds_words()) {
            if let Some(word) = named(record, field).and_then(|name| self.word_in(name)) {
                return Some(word);
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
        let rest = [Field::Project, Field::ApiKey, Field::App].into_iter().filter_map(|field| record.text(field));
        other_tags.into_iter().map(|(_, value)| value).chain(rest).find_map(|name| self.word_in(name))
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
