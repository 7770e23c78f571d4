//! Matching of rules against facts.
//!
//! Role: facts of a call → the rules that match, of which the first decides. Each text value is matched against all
//! rules once and remembered ([`Memory`]), so a log of ten million rows with forty workloads matches forty names.

use std::ops::RangeInclusive;

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use smallvec::SmallVec;

use super::Fact;
use super::digit_globs::ranges_of;
use super::planning::Status;
use super::schema::{Condition, RawApproval, RawRule, Then, Wait};
use crate::calendar::Month;
use crate::calendar::WEEKDAYS;
use crate::maps::FastMap;
use crate::usage::CacheWay;
use crate::usage::Tier;

/// The rules of a policy, compiled.
#[derive(Debug)]
pub struct RuleSet {
    rules: Vec<Rule>,
    /// Rules that are tried.
    tried: RuleBits,
    /// What is tested at all, each with the rules that test it.
    tests: Vec<(Fact, Vec<(usize, Matcher)>)>,
}

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// Its name.
    pub id: String,
    /// What it decides.
    pub then: Then,
    /// How long the work may wait.
    pub max_wait: Option<Wait>,
    /// How its cached prompts are sent in batch, if not as the policy says for all.
    pub cache: Option<CacheWay>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The reason in words.
    pub because: Option<String>,
    /// The month in which the work begins to move.
    pub start: Option<Month>,
    /// How far its saving has come.
    pub status: Option<Status>,
    /// Who approved that it moves, and when.
    pub approved: Option<RawApproval>,
    /// It has a place for the reason, and nobody has filled it in.
    pub is_unsigned: bool,
    /// It has no conditions, so it matches every call.
    pub is_catch_all: bool,
    /// Names that its conditions list, each with its fact, as written.
    pub names: Vec<(Fact, String)>,
}

#[derive(Debug)]
enum Matcher {
    /// Texts, and numbers by their digits. Those without wildcards stand by themselves: they need no automaton.
    Texts(Vec<String>, GlobSet),
    /// Numbers that lie in any of these.
    Ranges(Vec<RangeInclusive<u64>>),
}

/// The value of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A text and, where a fact has one, its other spelling.
    Text(&'a str, Option<&'a str>),
    /// A number.
    Number(u64),
}

/// Where rules take their facts from.
pub trait Facts {
    /// The value of a fact, or nothing where the call does not have it.
    fn fact(&self, fact: &Fact) -> Option<Value<'_>>;
}

/// A set of rules, one bit each by position.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RuleBits(SmallVec<[u64; 1]>);

impl RuleBits {
    /// Makes the set that of the first so many rules.
    fn fill(&mut self, rules: usize) {
        self.0.clear();
        self.0.resize(rules.div_ceil(64), u64::MAX);
        if let Some(last) = self.0.last_mut().filter(|_| !rules.is_multiple_of(64)) {
            *last = (1 << (rules % 64)) - 1;
        }
    }

    /// Whether no rule is in it.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|bits| *bits == 0)
    }

    /// The first rule.
    pub fn first(&self) -> Option<u16> {
        let (word, bits) = self.0.iter().enumerate().find(|(_, bits)| **bits != 0)?;
        u16::try_from(word * 64 + bits.trailing_zeros() as usize).ok()
    }

    /// All rules, in the order in which they are tried.
    pub fn iter(&self) -> impl Iterator<Item = u16> {
        (0..self.0.len() * 64).filter_map(|rule| u16::try_from(rule).ok()).filter(|&rule| self.contains(rule))
    }

    /// Whether a rule is in it.
    pub fn contains(&self, rule: u16) -> bool {
        let rule = usize::from(rule);
        self.0.get(rule / 64).is_some_and(|bits| bits & (1 << (rule % 64)) != 0)
    }

    /// Takes a rule out.
    fn remove(&mut self, rule: usize) {
        if let Some(bits) = self.0.get_mut(rule / 64) {
            *bits &= !(1 << (rule % 64));
        }
    }

    /// Leaves what is in the other set too.
    pub fn retain(&mut self, other: &Self) {
        for (bits, other) in self.0.iter_mut().zip(other.0.iter().chain(std::iter::repeat(&0))) {
            *bits &= other;
        }
    }

    /// Adds what is in the other set.
    pub fn extend(&mut self, other: &Self) {
        let words = self.0.len().max(other.0.len());
        self.0.resize(words, 0);
        for (bits, other) in self.0.iter_mut().zip(&other.0) {
            *bits |= other;
        }
    }
}

/// Remembered matches of text values, one map a tested fact, and the rules that the last call matched. Belongs to one
/// thread.
#[derive(Debug, Default)]
pub struct Memory {
    texts: Vec<FastMap<String, RuleBits>>,
    matched: RuleBits,
}

impl Memory {
    /// The rules that the last call matched.
    pub const fn matched(&self) -> &RuleBits {
        &self.matched
    }
}

/// Text values remembered a fact; beyond it they are matched anew, so that memory does not grow with users.
const REMEMBERED: usize = 16_384;

/// A glob as policies write them: case-insensitive, `*` crosses `/`.
pub fn glob(pattern: &str) -> Result<Glob, String> {
    GlobBuilder::new(pattern)
        .case_insensitive(true)
        .build()
        .map_err(|error| format!("`{pattern}` is not a glob: {}", error.kind()))
}

/// A glob that a text matches and nothing else does, but for its case.
pub fn literal_glob(text: &str) -> String {
    let mut glob = String::with_capacity(text.len());
    for character in text.chars() {
        if is_special(character) {
            glob.extend(['[', character, ']']);
        } else {
            glob.push(character);
        }
    }
    glob
}

/// Whether a character of a glob stands for something else than itself.
pub const fn is_special(character: char) -> bool {
    matches!(character, '*' | '?' | '[' | ']' | '{' | '}' | '\\')
}

impl RuleSet {
    /// Compiles rules in the order in which they are tried.
    pub fn new(raw: Vec<RawRule>) -> Result<Self, String> {
        // Rules are named by numbers of this size, and one beyond them would never be found.
        if raw.len() > usize::from(u16::MAX) {
            return Err(format!("{} rules are more than the {} that a policy may have", raw.len(), u16::MAX));
        }
        let mut set = Self { rules: Vec::new(), tried: RuleBits::default(), tests: Vec::new() };
        set.tried.fill(raw.len());
        for (index, rule) in raw.into_iter().enumerate() {
            let is_catch_all = rule.when.0.is_empty();
            let mut names = Vec::new();
            for (fact, condition) in rule.when.0 {
                if let (Fact::Name(_) | Fact::Workload, Condition::OneOf(values)) = (&fact.0, &condition) {
                    names.extend(values.iter().map(|value| (fact.0.clone(), value.clone())));
                }
                let matcher = Matcher::new(&fact.0, condition)
                    .map_err(|error| format!("rule `{}`, `{}`: {error}", rule.id, fact.0))?;
                match set.tests.iter_mut().find(|(known, _)| *known == fact.0) {
                    Some((_, tests)) => tests.push((index, matcher)),
                    None => set.tests.push((fact.0, vec![(index, matcher)])),
                }
            }
            let said = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
            set.rules.push(Rule {
                id: rule.id,
                then: rule.then,
                max_wait: rule.max_wait.map(|wait| wait.0),
                cache: rule.cache,
                owner: said(rule.owner),
                is_unsigned: rule.because.as_ref().is_some_and(|because| because.trim().is_empty()),
                because: said(rule.because),
                start: rule.start.map(|start| start.0),
                status: rule.status,
                approved: rule.approved,
                is_catch_all,
                names,
            });
        }
        Ok(set)
    }

    /// A rule by its position.
    pub fn rule(&self, index: u16) -> &Rule {
        &self.rules[usize::from(index)]
    }

    /// All rules, in the order in which they are tried.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }

    /// Everything that some rule tests.
    pub fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.tests.iter().map(|(fact, _)| fact)
    }

    /// Leaves rules that match every call untried, to see what would be of calls without them.
    pub fn leave_out_catch_alls(&mut self) {
        for (index, rule) in self.rules.iter().enumerate().filter(|(_, rule)| rule.is_catch_all) {
            debug_assert!(rule.names.is_empty());
            self.tried.remove(index);
        }
    }

    /// The first rule whose conditions all hold; [`Memory::matched`] has all of them.
    pub fn first_match(&self, facts: &impl Facts, memory: &mut Memory) -> Option<u16> {
        memory.matched.clone_from(&self.tried);
        memory.texts.resize_with(self.tests.len(), FastMap::default);
        for ((fact, tests), known) in self.tests.iter().zip(&mut memory.texts) {
            match facts.fact(fact) {
                Some(Value::Text(text, other)) => {
                    let mut holding = self.holding_of(tests, text, known);
                    // Each spelling by itself, since one may go with several others.
                    if let Some(other) = other.filter(|other| *other != text) {
                        holding.extend(&self.holding_of(tests, other, known));
                    }
                    memory.matched.retain(&holding);
                }
                Some(Value::Number(number)) => {
                    memory.matched.retain(&self.holding(tests, |matcher| matcher.matches_number(number)));
                }
                None => memory.matched.retain(&self.holding(tests, |_| false)),
            }
        }
        memory.matched.first()
    }

    /// The rules that one spelling of a fact leaves standing, remembered.
    fn holding_of(&self, tests: &[(usize, Matcher)], text: &str, known: &mut FastMap<String, RuleBits>) -> RuleBits {
        if let Some(holding) = known.get(text) {
            return holding.clone();
        }
        let holding = self.holding(tests, |matcher| matcher.matches_text(text));
        if known.len() < REMEMBERED {
            known.insert(text.to_owned(), holding.clone());
        }
        holding
    }

    /// Of some rules, those behind this one that decide otherwise.
    pub fn against(&self, rule: u16, matched: &RuleBits) -> RuleBits {
        let mut against = matched.clone();
        let then = self.rule(rule).then;
        for (index, other) in self.rules.iter().enumerate() {
            if index <= usize::from(rule) || other.then == then {
                against.remove(index);
            }
        }
        against
    }

    /// Whether all rules treat two values of a fact alike.
    pub fn treat_alike(&self, fact: &Fact, one: Option<Value<'_>>, other: Option<Value<'_>>) -> bool {
        let tests = self.tests.iter().filter(|(tested, _)| tested == fact);
        tests.flat_map(|(_, tests)| tests).all(|(_, matcher)| matcher.matches(one) == matcher.matches(other))
    }

    /// The numbers at which rules begin to treat a fact in another way, ascending.
    ///
    /// # Errors
    ///
    /// A rule that looks at digits, by its position: it may treat any number in another way than the one before.
    pub fn bounds(&self, fact: &Fact) -> Result<Vec<u64>, usize> {
        let mut bounds = Vec::new();
        for (rule, matcher) in self.tests.iter().filter(|(tested, _)| tested == fact).flat_map(|(_, tests)| tests) {
            let Matcher::Ranges(ranges) = matcher else { return Err(*rule) };
            bounds.extend(ranges.iter().flat_map(|range| [Some(*range.start()), range.end().checked_add(1)]).flatten());
        }
        bounds.retain(|bound| *bound > 0);
        bounds.sort_unstable();
        bounds.dedup();
        Ok(bounds)
    }

    /// Whether one rule's conditions hold, and the first that does not, for explanations.
    pub fn failing_condition<'a>(&'a self, rule: usize, facts: &impl Facts) -> Option<&'a Fact> {
        self.tests
            .iter()
            .filter_map(|(fact, tests)| {
                tests.iter().find(|(index, _)| *index == rule).map(|(_, matcher)| (fact, matcher))
            })
            .find(|(fact, matcher)| !matcher.matches(facts.fact(fact)))
            .map(|(fact, _)| fact)
    }

    /// All rules but those that test a fact and do not find it as they want it.
    fn holding(&self, tests: &[(usize, Matcher)], holds: impl Fn(&Matcher) -> bool) -> RuleBits {
        let mut holding = RuleBits::default();
        holding.fill(self.rules.len());
        for (index, _) in tests.iter().filter(|(_, matcher)| !holds(matcher)) {
            holding.remove(*index);
        }
        holding
    }
}

impl Matcher {
    fn new(fact: &Fact, condition: Condition) -> Result<Self, String> {
        match condition {
            Condition::OneOf(mut values) => {
                if fact.is_number()
                    && let Some(ranges) = values.iter().map(|value| ranges_of(value)).collect::<Option<Vec<_>>>()
                {
                    return Ok(Self::Ranges(ranges.concat()));
                }
                match fact {
                    Fact::Weekday => values = values.iter().map(|value| weekday(value)).collect::<Result<_, _>>()?,
                    Fact::Tier => {
                        for value in &mut values {
                            let tier = Tier::named(value);
                            if tier != Tier::Unknown {
                                tier.name().clone_into(value);
                            }
                        }
                    }
                    Fact::Stream => {
                        if let Some(value) = values.iter().find(|value| !["true", "false"].contains(&value.as_str())) {
                            return Err(format!("`{value}` is neither true nor false"));
                        }
                    }
                    _ => {}
                }
                let (globs, texts): (Vec<_>, Vec<_>) = values.into_iter().partition(|value| value.contains(is_special));
                let mut set = GlobSetBuilder::new();
                for value in &globs {
                    set.add(glob(value)?);
                }
                set.build().map(|globs| Self::Texts(texts, globs)).map_err(|error| error.to_string())
            }
            Condition::Between { above, below } if fact.is_number() => {
                let first = above.map_or(Some(0), |above| above.checked_add(1));
                let last = below.map_or(Some(u64::MAX), |below| below.checked_sub(1));
                Ok(Self::Ranges(first.zip(last).map(|(first, last)| first..=last).into_iter().collect()))
            }
            Condition::Hours { from, to } if *fact == Fact::Hour => {
                let (from, to) = (u64::from(from), u64::from(to));
                Ok(Self::Ranges(if from <= to { vec![from..=to] } else { vec![0..=to, from..=23] }))
            }
            Condition::Between { .. } => Err("`above` and `below` compare numbers, which this fact is not".into()),
            Condition::Hours { .. } => Err("`from` and `to` are for `hour`".into()),
        }
    }

    /// Whether a value is as the rule wants it; one that is not known never is.
    fn matches(&self, value: Option<Value<'_>>) -> bool {
        match value {
            Some(Value::Text(text, other)) => {
                self.matches_text(text) || other.is_some_and(|other| self.matches_text(other))
            }
            Some(Value::Number(number)) => self.matches_number(number),
            None => false,
        }
    }

    fn matches_text(&self, text: &str) -> bool {
        match self {
            Self::Texts(texts, globs) => {
                texts.iter().any(|known| known.eq_ignore_ascii_case(text)) || globs.is_match(text)
            }
            Self::Ranges(_) => false,
        }
    }

    fn matches_number(&self, number: u64) -> bool {
        match self {
            Self::Texts(..) => self.matches_text(&number.to_string()),
            Self::Ranges(ranges) => ranges.iter().any(|range| range.contains(&number)),
        }
    }
}

fn weekday(text: &str) -> Result<String, String> {
    let lower = text.to_lowercase();
    WEEKDAYS
        .iter()
        .find(|name| **name == lower || name[..3] == lower)
        .map(|name| (*name).to_owned())
        .ok_or_else(|| format!("`{text}` is not a weekday such as `mon` or `monday`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_glob_of_its_own() {
        for name in ["a*b", "[x]", "{a,b}", "back\\slash\\*", "who?", "-]^!", "line\nbreak", "ünï\u{202e}", ""] {
            let set = glob(&literal_glob(name)).expect("a glob").compile_matcher();
            assert!(set.is_match(name), "{name}");
            assert!(!set.is_match(format!("{name}x")) && !set.is_match("axb") && !set.is_match("a"), "{name}");
        }
    }

    #[test]
    fn sets_of_rules_know_their_members() {
        for rules in [0, 1, 63, 64, 65, 200] {
            let mut all = RuleBits::default();
            all.fill(rules);
            assert_eq!(all.iter().count(), rules);
            assert_eq!((all.is_empty(), all.first()), (rules == 0, (rules > 0).then_some(0)));
            all.remove(0);
            let mut wider = RuleBits::default();
            wider.extend(&all);
            assert_eq!(wider, all);
            wider.retain(&RuleBits::default());
            assert!(wider.is_empty());
        }
    }
}
