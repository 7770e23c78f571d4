//! Texts kept once and named by a number.

use std::num::NonZeroU32;
use std::sync::Arc;

use crate::maps::{CopyOnWrite, FastMap, next_number};

/// A text of a [`Texts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextId(NonZeroU32);

impl TextId {
    /// Of a position. They are counted from 1, so that a text that may be missing takes no more room.
    fn at(position: u32) -> Self {
        Self(NonZeroU32::MIN.saturating_add(position))
    }
}

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
        let id = TextId::at(next_number(self.texts.len()));
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
        &self.texts[Self::index(id)]
    }

    /// The same, to keep beside others that have it.
    pub fn lasting(&self, id: TextId) -> Arc<str> {
        Arc::clone(&self.texts[Self::index(id)])
    }

    /// Position of a number, for tables beside the texts.
    pub const fn index(id: TextId) -> usize {
        id.0.get() as usize - 1
    }

    /// All texts with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (TextId, &str)> {
        (0_u32..).map(TextId::at).zip(self.texts.iter().map(AsRef::as_ref))
    }
}
