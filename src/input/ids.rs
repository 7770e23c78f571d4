//! What the ids of an input are, in rows.

use crate::usage::IdText;

/// What the ids of an input are, in rows.
#[derive(Clone, Copy, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct IdCounts {
    placeholders: u64,
    zeros: u64,
    mangled: u64,
}

impl IdCounts {
    /// Notes the id of a row.
    #[inline]
    pub const fn note(&mut self, id: IdText) {
        match id {
            IdText::Id => {}
            IdText::Placeholder => self.placeholders += 1,
            IdText::Zero => self.zeros += 1,
            IdText::Mangled => self.mangled += 1,
        }
    }

    /// Adds those of another part of the same input.
    pub const fn absorb(&mut self, other: Self) {
        self.placeholders += other.placeholders;
        self.zeros += other.zeros;
        self.mangled += other.mangled;
    }

    /// Whether `0` stands on more than one row, and so is no id.
    pub const fn zero_is_placeholder(self) -> bool {
        self.zeros > 1
    }

    /// Rows with a word for no id.
    pub const fn placeholders(self) -> u64 {
        self.placeholders + if self.zero_is_placeholder() { self.zeros } else { 0 }
    }

    /// Rows whose id a spreadsheet rounded.
    pub const fn mangled(self) -> u64 {
        self.mangled
    }
}
