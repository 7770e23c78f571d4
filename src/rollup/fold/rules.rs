//! What rules matched besides the one that decided: once a judged row, so that it costs nothing for the rows like it.

use super::Folder;
use crate::maps::next_number;
use crate::policy::rules::RuleBits;
use crate::rollup::{Matches, RuleSetId};
use crate::verdict::Code;

impl Folder<'_> {
    /// Notes what rules the row matched, and which of them would have decided otherwise.
    pub(super) fn note_rules(&mut self, code: Code) -> Option<RuleSetId> {
        let matched = self.memory.matched();
        if matched.is_empty() {
            return None;
        }
        let rule = if let Code::Rule(rule) = code { Some(rule) } else { None };
        let matches = Matches::of(matched);
        let against = rule.map(|rule| self.context.policy.rules.against(rule, matched));
        self.rollup.matches.entry(rule).and_modify(|known| known.absorb(&matches)).or_insert(matches);
        against.filter(|against| !against.is_empty()).map(|against| self.rule_set(&against))
    }

    /// The number of a set of rules, new or known.
    pub(super) fn rule_set(&mut self, rules: &RuleBits) -> RuleSetId {
        if let Some(&known) = self.rule_sets.get(rules) {
            return known;
        }
        let id = next_number(self.rollup.rule_sets.len());
        self.rollup.rule_sets.push(rules.clone());
        self.rule_sets.insert(rules.clone(), id);
        id
    }
}
