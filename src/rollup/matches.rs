//! What rules of the policy matched, for those who look after the policy.

use crate::policy::rules::RuleBits;

/// Rules that calls matched, whoever decided. Sets of bits, so that parts merge in any order.
#[derive(Clone, Debug, Default)]
pub struct Matches {
    /// Rules that any of the calls matched.
    pub any: RuleBits,
    /// Rules that all of the calls matched.
    pub all: RuleBits,
}

impl Matches {
    pub(super) fn of(matched: &RuleBits) -> Self {
        Self { any: matched.clone(), all: matched.clone() }
    }

    pub(super) fn absorb(&mut self, other: &Self) {
        self.any.extend(&other.any);
        self.all.retain(&other.all);
    }
}
