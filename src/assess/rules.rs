//! How the rules of a policy stand to the data: which decide nothing, contradict each other, or miss a name by a letter.
//!
//! Role: what the rollup noted of rules → facts about them, by position. Rules are meant to go from the special to the
//! general, so a rule whose calls all match a later one as well is an exception to it and not said to contradict it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Final, price};
use crate::maps::FastSet;
use crate::money::{Money, Overflow};
use crate::policy::rules::{RuleBits, is_special};
use crate::policy::{Fact, NameField, RuleSet};
use crate::rollup::{Context, Group, KeyId, Matches, Rollup, TextId};
use crate::usage::Field;
use crate::verdict::Code;

/// What is odd about rules.
#[derive(Clone, Debug, Default)]
pub struct RuleHealth {
    /// Rules that matched no call.
    pub unused: Vec<u16>,
    /// Rules that matched only calls which earlier rules decided, with these.
    pub shadowed: Vec<(u16, Vec<u16>)>,
    /// Rules that decide alike calls otherwise.
    pub contradictions: Vec<Contradiction>,
    /// Names in rules that no call has, but nearly.
    pub near: Vec<NearName>,
    /// Rules with a place for a reason that nobody filled in, with the cost of the period that they decide.
    pub unsigned: Vec<(u16, Money)>,
}

/// Calls that one rule decides and a later one would have decided otherwise.
#[derive(Clone, Debug, Default)]
pub struct Contradiction {
    /// The rule that decides.
    pub first: u16,
    /// The rule that would have.
    pub later: u16,
    /// What these calls cost in the period.
    pub cost: Money,
    /// Their workloads.
    pub workloads: BTreeSet<String>,
}

/// A name in a rule, and the one in the data that it was most likely meant to be.
#[derive(Clone, Debug)]
pub struct NearName {
    /// The rule.
    pub rule: u16,
    /// The fact it tests.
    pub fact: Fact,
    /// The name as written.
    pub written: String,
    /// The name in the data.
    pub near: String,
}

/// Looks at all rules of the policy.
pub(super) fn rule_health<'r>(
    rollup: &'r Rollup,
    context: &Context<'_>,
    finals: impl Iterator<Item = (KeyId, &'r Final)> + Clone,
) -> Result<RuleHealth, Overflow> {
    let rules = &context.policy.rules;
    let mut matched = RuleBits::default();
    rollup.matches.values().for_each(|matches| matched.extend(&matches.any));
    let mut health = RuleHealth::default();
    for (position, rule) in (0..).zip(rules.iter()) {
        if !matched.contains(position) {
            health.unused.push(position);
        } else if !rule.is_catch_all && !rollup.matches.contains_key(&Some(position)) {
            let by: Vec<u16> =
                deciding(rollup).filter(|(_, matches)| matches.any.contains(position)).map(first).collect();
            // Without any, its calls were decided by what they are, such as batch already.
            if !by.is_empty() {
                health.shadowed.push((position, by));
            }
        }
    }
    health.near = near_names(rollup, rules, &health.unused);
    health.contradictions = contradictions(rollup, context, &health.shadowed, finals.clone())?;
    let mut unsigned: BTreeMap<u16, Money> = BTreeMap::new();
    for (id, last) in finals {
        let Code::Rule(rule) = last.code else { continue };
        if rules.rule(rule).is_unsigned {
            let sum = unsigned.entry(rule).or_default();
            *sum = sum.add(cost(rollup, context, id, last.code)?)?;
        }
    }
    health.unsigned = unsigned.into_iter().collect();
    Ok(health)
}

fn deciding(rollup: &Rollup) -> impl Iterator<Item = (u16, &Matches)> {
    rollup.matches.iter().filter_map(|(rule, matches)| rule.map(|rule| (rule, matches)))
}

const fn first((rule, _): (u16, &Matches)) -> u16 {
    rule
}

fn cost(rollup: &Rollup, context: &Context<'_>, id: KeyId, code: Code) -> Result<Money, Overflow> {
    let priced = price(rollup, rollup.key(id), &rollup.cells[id as usize], code, context.policy)?;
    Money::ZERO.with(priced.cost)
}

fn contradictions<'r>(
    rollup: &'r Rollup,
    context: &Context<'_>,
    shadowed: &[(u16, Vec<u16>)],
    finals: impl Iterator<Item = (KeyId, &'r Final)>,
) -> Result<Vec<Contradiction>, Overflow> {
    let rules = &context.policy.rules;
    let mut found: BTreeMap<(u16, u16), Contradiction> = BTreeMap::new();
    for (id, last) in finals {
        let key = rollup.key(id);
        // The code of the key is the rule's; what its group decided later does not mend the policy.
        let (Some(against), Code::Rule(first)) = (key.against, key.code) else { continue };
        let workload = rollup.texts.get(rollup.group(key.group).workload.name);
        for later in rollup.rule_sets[against as usize].iter() {
            let is_within = rollup.matches.get(&Some(first)).is_some_and(|matches| matches.all.contains(later));
            let is_same = shadowed.iter().any(|(rule, by)| *rule == later && *by == [first]);
            if (is_within && !is_same) || rules.rule(later).is_catch_all {
                continue;
            }
            let sums = found.entry((first, later)).or_insert_with(|| Contradiction {
                first,
                later,
                ..Contradiction::default()
            });
            sums.cost = sums.cost.add(cost(rollup, context, id, last.code)?)?;
            sums.workloads.insert(workload.to_owned());
        }
    }
    Ok(found.into_values().collect())
}

/// Names that rules list and no call has, where one that a call has differs by a letter or so.
fn near_names(rollup: &Rollup, rules: &RuleSet, unused: &[u16]) -> Vec<NearName> {
    // By their numbers first, since many groups have one name.
    let names = |of: fn(&Group) -> TextId| -> BTreeSet<&str> {
        let texts: FastSet<TextId> = rollup.groups.iter().map(of).collect();
        texts.into_iter().map(|text| rollup.texts.get(text)).collect()
    };
    let mut workloads = names(|group| group.workload.name);
    workloads.extend(rollup.groups.iter().filter_map(|group| Some(rollup.texts.get(group.workload.id?))));
    let (providers, models) = (names(|group| group.provider), names(|group| group.model));
    let mut found = Vec::new();
    for (position, rule) in (0..).zip(rules.iter()) {
        for (fact, written) in rule.names.iter().filter(|(_, written)| !written.contains(is_special)) {
            let known = match fact {
                Fact::Workload => &workloads,
                Fact::Name(NameField::Text(Field::Provider)) => &providers,
                Fact::Name(NameField::Text(Field::Model)) => &models,
                // Workloads are named by fields like these; which one it was is not kept.
                Fact::Name(NameField::Text(Field::Project | Field::ApiKey | Field::App) | NameField::Tag(_))
                    if unused.contains(&position) =>
                {
                    &workloads
                }
                _ => continue,
            };
            if let Some(near) = nearest(written, known) {
                let (fact, written) = (fact.clone(), written.clone());
                found.push(NearName { rule: position, fact, written, near: near.to_owned() });
            }
        }
    }
    found
}

/// The name that a written one was meant to be; nothing where it is among them, or where none is near. Names that differ
/// in their digits alone are numbered things, not mistakes.
fn nearest<'n>(written: &str, known: &BTreeSet<&'n str>) -> Option<&'n str> {
    if known.iter().any(|name| name.eq_ignore_ascii_case(written)) {
        return None;
    }
    let written = written.to_lowercase();
    let length = written.chars().count();
    let most = (length / 4).clamp(1, 3);
    let without_digits = |name: &str| name.chars().filter(|character| !character.is_ascii_digit()).collect::<String>();
    known
        .iter()
        .filter(|name| length >= 4 && name.chars().count().abs_diff(length) <= most)
        .map(|name| (strsim::damerau_levenshtein(&name.to_lowercase(), &written), *name))
        .filter(|(distance, name)| {
            *distance <= most && without_digits(&name.to_lowercase()) != without_digits(&written)
        })
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_name_is_a_slip_and_not_a_number() {
        let known = BTreeSet::from(["support-chat", "svc-8", "nightly-evals", "crm"]);
        for (written, near) in [
            ("suport-chat", Some("support-chat")),
            ("Support_Chat", Some("support-chat")),
            ("nigthly-eval", Some("nightly-evals")),
            ("SUPPORT-CHAT", None),
            ("svc-7", None),
            ("crn", None),
            ("billing-chat", None),
        ] {
            assert_eq!(nearest(written, &known), near, "{written}");
        }
    }
}
