//! Texts kept once and named by a number.

use std::sync::Arc;

use crate::maps::{CopyOnWrite, FastMap, next_number};

/// A text of a [`Texts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextId(u32);

/// Distinct texts in the order in which they came. Numbers mean nothing outside and are never shown or sorted by.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    texts: CopyOnWrite<Vec<Arc<str>>>,
    ids: CopyOnWrite<FastMap<Arc<str>, TextId>>,
}

impl Texts {
    /// The number of a text, new or known.
    pub fn id(&mut self, text: &str) -> TextId {
        if let Some(&id) = self.ids.get(text) {
            return id;
        }
        let id = TextId(next_number(self.texts.len()));
        let text: Arc<str> = text.into();
        self.texts.push(Arc::clone(&text));
        self.ids.insert(text, id);
        id
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Whether there are as many as there are numbers.
    pub fn is_full(&self) -> bool {
        self.texts.len() > u32::MAX as usize
    }

    /// The text of a number.
    pub fn get(&self, id: TextId) -> &str {
        &self.texts[id.0 as usize]
    }

    /// The same, to keep beside others that have it.
    pub fn lasting(&self, id: TextId) -> Arc<str> {
        Arc::clone(&self.texts[id.0 as usize])
    }

    /// Position of a number, for tables beside the texts.
    pub const fn index(id: TextId) -> usize {
        id.0 as usize
    }

    /// All texts with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (TextId, &str)> {
        (0_u32..).map(TextId).zip(self.texts.iter().map(AsRef::as_ref))
    }
}
