//! How much of a saving is known.

/// How much of the spend a saving can be worked out for. What batch would save is not known where a price is missing, or
/// where a bill does not say which model and which tokens it is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Projected {
    /// For some of it.
    pub some: bool,
    /// For some of it not.
    pub not_all: bool,
}

impl Projected {
    /// Whether nothing at all is known of the saving.
    pub const fn is_unknown(self) -> bool {
        self.not_all && !self.some
    }

    /// Whether the saving of what is known is a part of the whole.
    pub const fn is_a_part(self) -> bool {
        self.not_all && self.some
    }
}
