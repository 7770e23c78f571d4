//! What the calls of a sum have in common in fields that are finer than their workload.
//!
//! Role: tells rows of one workload apart for readers, and says where the word stands that decided. No sum and no verdict
//! depends on it. All of these fields decide the key of a row, so it costs nothing for the rows like one judged before.

use smallvec::SmallVec;

use super::{Name, Named, TextId, Texts};

/// What calls have in common in one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Common {
    /// None of them has it.
    Nothing,
    /// All of them have this.
    One(Named),
    /// They differ, or it is not known whether they do.
    Several,
}

impl Common {
    /// What these and other calls have in common.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        if self == other { self } else { Self::Several }
    }

    fn map(self, text: impl Fn(TextId) -> TextId) -> Self {
        match self {
            Self::One(named) => Self::One(named.map(text)),
            other => other,
        }
    }
}

/// What the calls of a sum have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// By position among the fields that name workloads; of those up to the one that did, nothing is told.
    pub finer: Box<[Common]>,
    /// The fields in which the deciding words stand, with what they hold.
    pub words: SmallVec<[(TextId, Common); 1]>,
}

impl Shared {
    /// Adds other calls, whose texts may be those of another rollup.
    pub fn join(&mut self, other: &Self, text: impl Fn(TextId) -> TextId + Copy) {
        if self.finer.is_empty() {
            self.finer = other.finer.iter().map(|common| common.map(text)).collect();
        } else {
            for (known, other) in self.finer.iter_mut().zip(&other.finer) {
                *known = known.join(other.map(text));
            }
        }
        for (field, other) in &other.words {
            let (field, other) = (text(*field), other.map(text));
            match self.words.iter_mut().find(|(known, _)| *known == field) {
                Some((_, known)) => *known = known.join(other),
                None => self.words.push((field, other)),
            }
        }
    }
}

impl Named {
    pub(super) fn of(texts: &mut Texts, name: Name<'_>) -> Self {
        Self { name: texts.id(name.name), id: name.id.map(|id| texts.id(id)) }
    }

    pub(super) fn map(self, text: impl Fn(TextId) -> TextId) -> Self {
        Self { name: text(self.name), id: self.id.map(text) }
    }
}
