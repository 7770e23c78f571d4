//! Matching of rules against facts.
//!
//! Role: facts of a call → the first rule that matches. Each text value is matched against all rules once and
//! remembered ([`Memory`]), so a log of ten million rows with forty workloads matches forty names.

use std::collections::HashMap;

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use smallvec::SmallVec;

use super::schema::{Condition, RawRule, Then, Wait};
use super::{Fact, NameField};
use crate::usage::{Field, Tier};

/// The rules of a policy, compiled.
#[derive(Debug)]
pub struct RuleSet {
    rules: Vec<Rule>,
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
    /// Who answers for it.
    pub owner: Option<String>,
    /// The reason in words.
    pub because: Option<String>,
}

#[derive(Debug)]
enum Matcher {
    Texts(GlobSet),
    Between { above: Option<u64>, below: Option<u64> },
    Hours { from: u8, to: u8 },
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

/// One bit a rule.
type Mask = SmallVec<[u64; 1]>;

/// Remembered matches of text values, one map a tested fact. Belongs to one thread.
#[derive(Debug, Default)]
pub struct Memory {
    texts: Vec<HashMap<String, Mask>>,
    mask: Mask,
}

/// Text values remembered a fact; beyond it they are matched anew, so that memory does not grow with users.
const REMEMBERED: usize = 16_384;

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The name rules use for a weekday, 0 for Monday.
pub const fn weekday_name(weekday: u8) -> &'static str {
    WEEKDAYS[(weekday % 7) as usize]
}

/// A glob as policies write them: case-insensitive, `*` crosses `/`.
pub fn glob(pattern: &str) -> Result<Glob, String> {
    GlobBuilder::new(pattern)
        .case_insensitive(true)
        .build()
        .map_err(|error| format!("`{pattern}` is not a glob: {}", error.kind()))
}

impl RuleSet {
    /// Compiles rules in the order in which they are tried.
    pub fn new(raw: Vec<RawRule>) -> Result<Self, String> {
        let mut set = Self { rules: Vec::new(), tests: Vec::new() };
        for (index, rule) in raw.into_iter().enumerate() {
            for (fact, condition) in rule.when.0 {
                let matcher = Matcher::new(&fact.0, condition)
                    .map_err(|error| format!("rule `{}`, `{}`: {error}", rule.id, fact.0))?;
                match set.tests.iter_mut().find(|(known, _)| *known == fact.0) {
                    Some((_, tests)) => tests.push((index, matcher)),
                    None => set.tests.push((fact.0, vec![(index, matcher)])),
                }
            }
            set.rules.push(Rule {
                id: rule.id,
                then: rule.then,
                max_wait: rule.max_wait.map(|wait| wait.0),
                owner: rule.owner,
                because: rule.because,
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

    /// The first rule whose conditions all hold.
    pub fn first_match(&self, facts: &impl Facts, memory: &mut Memory) -> Option<u16> {
        if self.rules.is_empty() {
            return None;
        }
        let words = self.rules.len().div_ceil(64);
        memory.mask.clear();
        memory.mask.resize(words, u64::MAX);
        memory.texts.resize_with(self.tests.len(), HashMap::new);
        for ((fact, tests), known) in self.tests.iter().zip(&mut memory.texts) {
            match facts.fact(fact) {
                Some(Value::Text(text, other)) => {
                    if let Some(mask) = known.get(text) {
                        and(&mut memory.mask, mask);
                    } else {
                        let mask = self.mask(tests, |matcher| matcher.matches_text(text, other));
                        and(&mut memory.mask, &mask);
                        if known.len() < REMEMBERED {
                            known.insert(text.to_owned(), mask);
                        }
                    }
                }
                Some(Value::Number(number)) => {
                    let mask = self.mask(tests, |matcher| matcher.matches_number(number));
                    and(&mut memory.mask, &mask);
                }
                None => and(&mut memory.mask, &self.mask(tests, |_| false)),
            }
        }
        let first = memory.mask.iter().enumerate().find(|(_, bits)| **bits != 0);
        let index = first.map(|(word, bits)| word * 64 + bits.trailing_zeros() as usize)?;
        u16::try_from(index).ok().filter(|&index| usize::from(index) < self.rules.len())
    }

    /// What numbers and times of a row come to: rows that agree in it and in their names match the same rules.
    pub fn reduce(&self, facts: &impl Facts, mut each: impl FnMut(u64)) {
        for (fact, tests) in self.tests.iter().filter(|(fact, _)| fact.is_number() || *fact == Fact::Weekday) {
            let mask = match facts.fact(fact) {
                Some(Value::Number(number)) => self.mask(tests, |matcher| matcher.matches_number(number)),
                Some(Value::Text(text, other)) => self.mask(tests, |matcher| matcher.matches_text(text, other)),
                None => self.mask(tests, |_| false),
            };
            mask.iter().for_each(|bits| each(*bits));
        }
    }

    /// Whether one rule's conditions hold, and the first that does not, for explanations.
    pub fn failing_condition<'a>(&'a self, rule: usize, facts: &impl Facts) -> Option<&'a Fact> {
        self.tests
            .iter()
            .filter_map(|(fact, tests)| {
                tests.iter().find(|(index, _)| *index == rule).map(|(_, matcher)| (fact, matcher))
            })
            .find(|(fact, matcher)| match facts.fact(fact) {
                Some(Value::Text(text, other)) => !matcher.matches_text(text, other),
                Some(Value::Number(number)) => !matcher.matches_number(number),
                None => true,
            })
            .map(|(fact, _)| fact)
    }

    /// All rules but those that test a fact and do not find it as they want it.
    fn mask(&self, tests: &[(usize, Matcher)], holds: impl Fn(&Matcher) -> bool) -> Mask {
        let mut mask: Mask = SmallVec::from_elem(u64::MAX, self.rules.len().div_ceil(64));
        for (index, matcher) in tests {
            if !holds(matcher) {
                mask[index / 64] &= !(1 << (index % 64));
            }
        }
        mask
    }
}

fn and(mask: &mut Mask, other: &Mask) {
    for (bits, other) in mask.iter_mut().zip(other) {
        *bits &= other;
    }
}

impl Matcher {
    fn new(fact: &Fact, condition: Condition) -> Result<Self, String> {
        match condition {
            Condition::OneOf(mut values) => {
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
                let mut set = GlobSetBuilder::new();
                for value in &values {
                    set.add(glob(value)?);
                }
                set.build().map(Self::Texts).map_err(|error| error.to_string())
            }
            Condition::Between { above, below } if fact.is_number() => Ok(Self::Between { above, below }),
            Condition::Hours { from, to } if *fact == Fact::Hour => Ok(Self::Hours { from, to }),
            Condition::Between { .. } => Err("`above` and `below` compare numbers, which this fact is not".into()),
            Condition::Hours { .. } => Err("`from` and `to` are for `hour`".into()),
        }
    }

    fn matches_text(&self, text: &str, other: Option<&str>) -> bool {
        match self {
            Self::Texts(set) => set.is_match(text) || other.is_some_and(|other| set.is_match(other)),
            Self::Between { .. } | Self::Hours { .. } => false,
        }
    }

    fn matches_number(&self, number: u64) -> bool {
        match self {
            Self::Texts(set) => set.is_match(number.to_string()),
            Self::Between { above, below } => {
                above.is_none_or(|above| number > above) && below.is_none_or(|below| number < below)
            }
            Self::Hours { from, to } => {
                let (from, to) = (u64::from(*from), u64::from(*to));
                if from <= to { (from..=to).contains(&number) } else { number >= from || number <= to }
            }
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

/// Whether any rule tests a field, so that it must be read.
pub fn tests_field(set: &RuleSet, field: Field) -> bool {
    set.facts().any(|fact| *fact == Fact::Name(NameField::Text(field)))
}
