//! What of a row its key depends on, worked out once from the policy, the prices and the options of a run.
//!
//! Role: the policy's [`Reduction`] of each fact, with the numbers and texts of this policy and this price table filled in.
//! It reduces single facts; [`super::Reduced`] is what they come to together. Every fact that a rule tests is either a
//! name, or follows from names, or is among the [`Values`]: the `match` that says so has no arm for the rest.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use super::facts::{endpoint_name, is_realtime, is_refused};
use super::{Breakdown, Context, KeepLines};
use crate::diagnostic::{Diagnostic, Failure, sanitized_short};
use crate::policy::rules::Value;
use crate::policy::words::WordList;
use crate::policy::{Fact, Facts, NameField, Policy, Reduction};
use crate::pricing::{BatchTerms, PriceTable};
use crate::usage::Field;

/// Texts that a key depends on whatever the policy says.
const ALWAYS: [Field; 5] = [Field::Provider, Field::Model, Field::Endpoint, Field::Geo, Field::App];
/// Texts that the word lists look at.
pub(super) const WITH_WORDS: [Field; 2] = [Field::Project, Field::ApiKey];
/// Tags that decide by themselves.
const DECIDING_TAGS: [&str; 2] = ["batch", "max_wait"];
/// Stands for endpoints that no rule and no provider tells from one that nobody has heard of.
const OTHER_ENDPOINT: &str = "other";

/// What of a text is part of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Text,
    /// The word that it holds, if any, and only where words decide.
    Word,
    /// All of it where it holds a word, else nothing.
    Held,
    /// Nothing.
    Nothing,
}

/// Numbers and texts of a row that rules test, by the order of [`KeyFields`]; a text by its position among the few that it
/// may be.
pub type Values = SmallVec<[Option<u64>; 7]>;

/// What of a row its key depends on.
#[derive(Debug)]
pub struct KeyFields<'t> {
    /// Texts that are kept.
    texts: Vec<Field>,
    tags: Vec<String>,
    /// Endpoints that are kept for others, each with who refuses it; nothing where an endpoint is kept as it is written.
    endpoints: Option<Vec<(&'t str, Vec<bool>)>>,
    /// What rules test besides names, and is not part of every row.
    tested: Vec<(Fact, Classes)>,
    lines: Option<KeepLines>,
    policy: &'t Policy,
    table: &'t PriceTable,
}

/// What judging needs to know of rows, as far as policy, prices and options say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needs {
    /// Texts, whole.
    pub texts: Vec<Field>,
    /// Tags, whole.
    pub tags: Vec<String>,
    /// Words that other tags are searched for, as they are listed.
    pub words: Vec<String>,
    /// Where numbers are cut: each value of a cut or above it may be another one than below.
    pub cuts: BTreeMap<Fact, Vec<u64>>,
}

/// What is kept of an endpoint.
#[derive(Clone, Copy, Debug)]
pub(super) struct Endpoint<'t> {
    /// The endpoint that is kept for it; nothing where it is kept itself.
    pub(super) kept: Option<&'t str>,
    /// Its path says that somebody listens.
    pub(super) is_realtime: bool,
}

/// Values that nobody tells apart, each with the first of them.
#[derive(Debug)]
enum Classes {
    /// Each by itself.
    Each,
    /// Numbers from a bound to the next.
    Between(Vec<(u64, u64)>),
    /// By value.
    Few(Vec<u64>),
    /// Numbers from a cut to the next, whether or not others are treated like them.
    Cut(Vec<u64>),
}

impl Classes {
    fn between(bounds: Vec<u64>, is_alike: impl Fn(u64, u64) -> bool) -> Self {
        let mut bounds = [vec![0], bounds].concat();
        bounds.sort_unstable();
        bounds.dedup();
        let mut classes: Vec<(u64, u64)> = Vec::new();
        for bound in bounds {
            let first = classes.iter().map(|(_, first)| *first).find(|first| is_alike(*first, bound));
            classes.push((bound, first.unwrap_or(bound)));
        }
        Self::Between(classes)
    }

    fn few(count: usize, is_alike: impl Fn(u64, u64) -> bool) -> Self {
        let values = 0..count as u64;
        Self::Few(values.map(|value| (0..value).find(|first| is_alike(*first, value)).unwrap_or(value)).collect())
    }

    /// The first value of the same class.
    #[inline]
    fn first(&self, value: u64) -> u64 {
        match self {
            Self::Each => value,
            Self::Between(classes) => {
                let behind = classes.partition_point(|(bound, _)| *bound <= value);
                behind.checked_sub(1).map_or(value, |at| classes[at].1)
            }
            Self::Cut(cuts) => cuts[..cuts.partition_point(|cut| *cut <= value)].last().copied().unwrap_or(0),
            Self::Few(firsts) => usize::try_from(value).ok().and_then(|at| firsts.get(at)).copied().unwrap_or(value),
        }
    }
}

impl<'t> KeyFields<'t> {
    /// Where ids have names that stand in other rows, only the whole of a text says which words it stands for.
    pub fn new(context: &Context<'t>, knows_names: bool) -> Self {
        let Context { policy, table, by, lines, .. } = context;
        let (policy, table, by) = (*policy, *table, by.as_ref());
        let endpoint = NameField::Text(Field::Endpoint);
        let keeps_endpoint = lines.is_some()
            || policy.workload.contains(&endpoint)
            || matches!(by, Some(Breakdown::Named(field)) if *field == endpoint);
        let tags = DECIDING_TAGS.map(ToOwned::to_owned).to_vec();
        let endpoints = (!keeps_endpoint)
            .then(|| endpoints_of(table).into_iter().map(|known| (known, refusals(table, known))).collect());
        let (texts, tested, lines) = (ALWAYS.to_vec(), Vec::new(), *lines);
        let mut fields = Self { texts, tags, endpoints, tested, lines, policy, table };
        policy.workload.iter().for_each(|field| fields.keep(field));
        policy.rules.facts().for_each(|fact| fields.test(fact));
        if let Some(Breakdown::Named(field)) = by {
            fields.keep(field);
        }
        if lines.is_some_and(|lines| lines.hours) {
            fields.tested.retain(|(fact, _)| *fact != Fact::Hour);
            fields.tested.push((Fact::Hour, Classes::Each));
        }
        // A line may meet names in another run.
        if knows_names || lines.is_some() {
            WITH_WORDS.map(NameField::Text).iter().for_each(|field| fields.keep(field));
        }
        fields
    }

    fn keep(&mut self, field: &NameField) {
        match field {
            NameField::Text(field) if !self.texts.contains(field) => self.texts.push(*field),
            NameField::Tag(tag) if !self.tags.contains(tag) => self.tags.push(tag.clone()),
            _ => {}
        }
    }

    /// Keeps what decides of a fact that somebody looks at. Should prices go by the hour, their hours are tested here too,
    /// and told apart in [`Self::is_alike`].
    fn test(&mut self, fact: &Fact) {
        let is_alike = |one, other| self.is_alike(fact, one, other);
        let numbers = |one, other| is_alike(Value::Number(one), Value::Number(other));
        let classes = match fact.reduction() {
            Reduction::Name(field) => return self.keep(field),
            // A line has its day.
            Reduction::OneOf(_) if self.lines.is_some() => return,
            Reduction::Number(_) | Reduction::Hour if self.lines.is_some() => {
                // A run with lines is refused where digits are looked at, before any row is read.
                self.cuts(fact).map_or(Classes::Each, Classes::Cut)
            }
            // The fields that name workloads are kept; the others are part of every reduced row.
            Reduction::Workload | Reduction::Tier | Reduction::Stream => return,
            Reduction::Number(_) => match self.policy.rules.bounds(fact) {
                Ok(bounds) => Classes::between(bounds, numbers),
                Err(_) => Classes::Each,
            },
            Reduction::Hour => Classes::few(24, numbers),
            Reduction::OneOf(texts) => {
                let text = |at: u64| Value::Text(text_at(texts, at).unwrap_or_default(), None);
                Classes::few(texts.len(), |one, other| is_alike(text(one), text(other)))
            }
        };
        self.tested.push((fact.clone(), classes));
    }

    /// The numbers at which somebody begins to treat a fact in another way, ascending; else the rule that looks at digits.
    fn cuts(&self, fact: &Fact) -> Result<Vec<u64>, usize> {
        if fact.reduction() != Reduction::Hour {
            return self.policy.rules.bounds(fact);
        }
        let is_cut = |hour: &u64| !self.is_alike(fact, Value::Number(*hour), Value::Number(*hour - 1));
        let keeps_each = self.lines.is_some_and(|lines| lines.hours);
        Ok((1..24).filter(|hour| keeps_each || is_cut(hour)).collect())
    }

    /// What a rollup file must hold so that its lines are judged as their rows would be; of one that is being made, what it
    /// holds.
    ///
    /// # Errors
    ///
    /// A rule that looks at the digits of a number: a rollup file keeps the range of a number, and no file would do.
    pub fn needs(&self) -> Result<Needs, Failure> {
        let mut texts = [&self.texts[..], &WITH_WORDS].concat();
        texts.sort_unstable();
        texts.dedup();
        let lists = [&self.policy.real_time_words, &self.policy.batch_words];
        let mut words: Vec<String> = lists.into_iter().flat_map(WordList::texts).map(ToOwned::to_owned).collect();
        words.sort_unstable();
        words.dedup();
        let mut tags = self.tags.clone();
        tags.sort_unstable();
        let mut cuts = BTreeMap::new();
        for fact in self.tested.iter().map(|(fact, _)| fact).filter(|fact| fact.is_number()) {
            cuts.insert(fact.clone(), self.cuts(fact).map_err(|rule| self.looks_at_digits(rule, fact))?);
        }
        let prompts: &mut Vec<u64> = cuts.entry(Fact::InputTokens).or_default();
        prompts.extend(self.table.step_starts());
        prompts.sort_unstable();
        prompts.dedup();
        Ok(Needs { texts, tags, words, cuts })
    }

    fn looks_at_digits(&self, rule: usize, fact: &Fact) -> Failure {
        let id = self.policy.rules.iter().nth(rule).map_or("", |rule| &rule.id);
        let message = format!(
            "rule `{}` looks at the digits of `{fact}`, and a rollup file keeps of a number the range that it lies in",
            sanitized_short(id, 60)
        );
        Failure::usage(Diagnostic::new("rollup-digits", message).hint(
            "write it as numbers, as {above: 399, below: 500}, or with `?` and `*` behind all digits, such as \"4??\"",
        ))
    }

    /// Whether nobody tells two values of a fact apart.
    fn is_alike(&self, fact: &Fact, one: Value<'_>, other: Value<'_>) -> bool {
        self.policy.rules.treat_alike(fact, Some(one), Some(other))
    }

    /// What of a text is part of the key.
    pub(super) fn of_field(&self, field: Field) -> Part {
        if self.texts.contains(&field) {
            Part::Text
        } else if WITH_WORDS.contains(&field) {
            Part::Word
        } else {
            Part::Nothing
        }
    }

    /// What of a tag's value is part of the key.
    pub(super) fn of_tag(&self, name: &str) -> Part {
        if self.tags.iter().any(|tag| tag == name) {
            Part::Text
        } else if self.lines.is_some() {
            Part::Held
        } else {
            Part::Word
        }
    }

    /// The same of a field that can name workloads.
    pub(super) fn of_name(&self, field: &NameField) -> Part {
        match field {
            NameField::Tag(name) => self.of_tag(name),
            NameField::Text(field) => self.of_field(*field),
        }
    }

    /// The texts that are kept.
    pub(super) fn texts(&self) -> &[Field] {
        &self.texts
    }

    /// What decides of an endpoint: the rules that it leaves standing, who does not offer it in batch, and whether somebody
    /// listens. Of those that agree in the first two the price table's first is kept.
    pub(super) fn endpoint(&self, path: &str) -> Endpoint<'t> {
        let fact = Fact::Name(NameField::Text(Field::Endpoint));
        let value = |path| Value::Text(path, Some(endpoint_name(path)));
        let kept = self.endpoints.as_ref().and_then(|known| {
            let refused = refusals(self.table, path);
            let is_alike = |other| self.is_alike(&fact, value(path), value(other));
            let mut known = known.iter().filter(|(_, others)| *others == refused).map(|(other, _)| *other);
            known.find(|other| is_alike(other))
        });
        Endpoint { kept, is_realtime: is_realtime(path) }
    }

    /// Whether rules test anything but names, the tier and streaming.
    pub(super) fn has_values(&self) -> bool {
        !self.tested.is_empty()
    }

    /// The tested numbers and texts of a row, each as the first of those that nobody tells apart from it.
    pub(super) fn values(&self, row: &impl Facts) -> Values {
        let value = |(fact, classes): &(Fact, Classes)| {
            let value = match (fact.reduction(), row.fact(fact)?) {
                (Reduction::OneOf(texts), Value::Text(text, _)) => {
                    texts.iter().position(|known| *known == text)?.try_into().ok()?
                }
                (_, Value::Number(number)) => number,
                (_, Value::Text(..)) => return None,
            };
            Some(classes.first(value))
        };
        self.tested.iter().map(value).collect()
    }

    /// The value of a tested fact among those that `values` made.
    pub fn value(&self, values: &[Option<u64>], fact: &Fact) -> Option<u64> {
        let at = self.tested.iter().position(|(tested, _)| tested == fact)?;
        values.get(at).copied().flatten()
    }
}

/// A text by its position.
pub(super) fn text_at(texts: &[&'static str], at: u64) -> Option<&'static str> {
    texts.get(usize::try_from(at).ok()?).copied()
}

/// The endpoints that a price table tells apart, with one that it does not know.
fn endpoints_of(table: &PriceTable) -> Vec<&str> {
    let offered = table.providers().filter_map(|(_, provider)| provider.batch.as_ref()?.endpoints.as_ref()).flatten();
    let mut offered: Vec<&str> = offered.map(String::as_str).collect();
    offered.sort_unstable();
    offered.dedup();
    [vec![OTHER_ENDPOINT], offered].concat()
}

/// Who does not offer an endpoint in batch, by provider.
fn refusals(table: &PriceTable, endpoint: &str) -> Vec<bool> {
    let refuses = |terms: &BatchTerms| is_refused(endpoint, terms);
    table.providers().map(|(_, provider)| provider.batch.as_ref().is_some_and(refuses)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_number_stands_for_those_that_no_rule_tells_apart() {
        let rules = [
            ("status: [200, 404]", Fact::Status, 2),
            ("status: \"4*\"", Fact::Status, 2),
            ("status: \"*4\"", Fact::Status, 1200),
            ("hour: {from: 22, to: 5}", Fact::Hour, 2),
            ("hour: [\"1*\", 5]", Fact::Hour, 2),
            ("latency_ms: {above: 100, below: 900}", Fact::LatencyMs, 2),
            ("input_tokens: {above: 18446744073709551615}", Fact::InputTokens, 1),
            ("output_tokens: [0, 18446744073709551615]", Fact::OutputTokens, 2),
        ];
        let table = PriceTable::built_in().expect("built-in prices");
        for (when, fact, classes) in rules {
            let text = format!(
                "schema: 1\nrules: [{{id: a, when: {{{when}}}, then: ask}}, {{id: b, when: {{team: x}}, then: ask}}]"
            );
            let policy = Policy::parse("policy", &text).expect("a policy");
            let context = Context::new(&table, &policy);
            let fields = KeyFields::new(&context, false);
            let [(tested, known)] = &fields.tested[..] else { panic!("{when}: {:?}", fields.tested) };
            assert_eq!(*tested, fact);
            let last = if fact == Fact::Hour { 24 } else { 1200 };
            let mut firsts = BTreeSet::new();
            for value in (0..last).chain((fact != Fact::Hour).then_some(u64::MAX)) {
                let first = known.first(value);
                let alike = fields.is_alike(&fact, Value::Number(value), Value::Number(first));
                assert!(alike && first <= value, "{when}: {value} as {first}");
                if value < last {
                    firsts.insert(first);
                }
            }
            assert_eq!(firsts.len(), classes, "{when}: {firsts:?}");
        }
    }

    #[test]
    fn an_endpoint_stands_for_those_that_nobody_tells_apart() {
        let table = PriceTable::built_in().expect("built-in prices");
        let policy = Policy::parse(
            "policy",
            "schema: 1\nrules: [{id: a, when: {endpoint: [\"/v1/*\", embeddings, other]}, then: ask}]",
        );
        let policy = policy.expect("a policy");
        let context = Context::new(&table, &policy);
        let fields = KeyFields::new(&context, false);
        let fact = Fact::Name(NameField::Text(Field::Endpoint));
        let value = |path| Value::Text(path, Some(endpoint_name(path)));
        let paths =
            ["", "/", "chat", "/v1/chat/completions?x=1", "/v2/EMBEDDINGS", "other", "/v1/audio/speech", "/x/y"];
        for path in paths {
            let kept = fields.endpoint(path).kept.unwrap_or(path);
            assert!(fields.is_alike(&fact, value(path), value(kept)), "{path} as {kept}");
            assert_eq!(refusals(&table, path), refusals(&table, kept), "{path} as {kept}");
        }
        let [one, two] = ["/v1/batches/b-1", "/v1/batches/b-2"].map(|path| fields.endpoint(path).kept);
        assert_eq!(one, two);
    }
}
