//! What a row says, as rules ask for it, and what names and endpoints say.

use super::fold::NAMELESS;
use crate::calendar::weekday_name;
use crate::policy::rules::Value;
use crate::policy::{Fact, Facts, NameField, Policy};
use crate::pricing::BatchTerms;
use crate::usage::{Field, TokenClass, UsageRecord};

/// What a row calls something by, and the id of it where it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name<'n> {
    /// The name; the id where there is none.
    pub name: &'n str,
    /// The id.
    pub id: Option<&'n str>,
}

impl<'n> Name<'n> {
    const fn alone(name: &'n str) -> Self {
        Self { name, id: None }
    }

    pub(super) const fn value(self) -> Value<'n> {
        Value::Text(self.name, self.id)
    }
}

/// What has names: a row, and what is left of it when it is reduced.
pub trait Names {
    /// One of its texts.
    fn text(&self, field: Field) -> Option<&str>;
    /// The id of what the text names, where it is stated to be one.
    fn id(&self, field: Field) -> Option<&str>;
    /// The value of a tag.
    fn tag(&self, name: &str) -> Option<&str>;

    /// The value of a naming field.
    fn named(&self, field: &NameField) -> Option<Name<'_>> {
        match field {
            NameField::Tag(name) => self.tag(name).map(Name::alone),
            NameField::Text(field) => self.text(*field).map(|name| Name { name, id: self.id(*field) }),
        }
    }
}

impl Names for UsageRecord<'_> {
    fn text(&self, field: Field) -> Option<&str> {
        self.text(field)
    }

    fn id(&self, field: Field) -> Option<&str> {
        self.id(field)
    }

    fn tag(&self, name: &str) -> Option<&str> {
        self.tag(name)
    }
}

/// A naming field, as rules see it.
pub(super) fn name_value<'n>(names: &'n impl Names, field: &NameField, provider: &'n str) -> Option<Value<'n>> {
    match field {
        NameField::Text(Field::Provider) => {
            Some(provider).filter(|name| !name.is_empty()).map(|name| Value::Text(name, None))
        }
        NameField::Text(Field::Endpoint) => {
            names.text(Field::Endpoint).map(|path| Value::Text(path, Some(endpoint_name(path))))
        }
        field => names.named(field).map(Name::value),
    }
}

/// The first field of the policy's list that the call has, and how many of the list it is behind.
pub(super) fn workload<'n>(names: &'n impl Names, policy: &Policy, provider: &'n str) -> (Name<'n>, usize) {
    let mut fields = policy.workload.iter().enumerate();
    let found = fields.find_map(|(at, field)| match field {
        NameField::Text(Field::Provider) => Some((Name::alone(provider), at)).filter(|_| !provider.is_empty()),
        other => names.named(other).map(|name| (name, at)),
    });
    found.unwrap_or((Name::alone(NAMELESS), policy.workload.len()))
}

pub(super) fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// Whether an endpoint's path says that somebody listens.
pub(super) fn is_realtime(endpoint: &str) -> bool {
    endpoint.split('/').any(|part| part.eq_ignore_ascii_case("realtime") || part.eq_ignore_ascii_case("audio"))
}

/// Whether a provider states which endpoints it offers in batch, and this one is not among them.
pub(super) fn is_refused(endpoint: &str, terms: &BatchTerms) -> bool {
    let name = endpoint_name(endpoint);
    let is_it = |offered: &String| endpoint_name(offered).eq_ignore_ascii_case(name);
    terms.endpoints.as_ref().is_some_and(|offered| !offered.iter().any(is_it))
}

/// The name of an endpoint: `/v1/chat/completions` is `chat`, other paths go by their last segment.
pub fn endpoint_name(endpoint: &str) -> &str {
    if !endpoint.contains('/') {
        return endpoint;
    }
    let path = endpoint.split(['?', '#']).next().unwrap_or(endpoint).trim_end_matches('/');
    if path.ends_with("/chat/completions") || path == "chat/completions" {
        return "chat";
    }
    path.rsplit('/').next().unwrap_or(path)
}

/// The facts of a row, as rules see them.
pub struct RowFacts<'r, 'a> {
    /// The row.
    pub record: &'r UsageRecord<'a>,
    /// The provider's shown name.
    pub provider: &'r str,
    /// The workload.
    pub workload: Name<'r>,
}

impl Facts for RowFacts<'_, '_> {
    fn fact(&self, fact: &Fact) -> Option<Value<'_>> {
        let record = self.record;
        let text = |text: &'static str| Some(Value::Text(text, None));
        let is_call = record.is_single_call();
        match fact {
            Fact::Name(field) => name_value(record, field, self.provider),
            Fact::Workload => Some(self.workload.value()),
            Fact::Tier => text(record.tier.name()),
            Fact::Stream => record.stream.and_then(|stream| text(if stream { "true" } else { "false" })),
            Fact::Status => record.status.map(Value::Number),
            Fact::Hour => hour(record).map(|hour| Value::Number(u64::from(hour))),
            Fact::Weekday => weekday(record).and_then(|weekday| text(weekday_name(weekday))),
            Fact::InputTokens => record
                .tokens()
                .filter(|_| is_call)
                .map(|tokens| Value::Number(u64::try_from(tokens.prompt()).unwrap_or(u64::MAX))),
            Fact::OutputTokens => {
                record.tokens().filter(|_| is_call).map(|tokens| Value::Number(tokens[TokenClass::Output]))
            }
            Fact::LatencyMs => record.latency_ms.filter(|_| is_call).map(Value::Number),
            Fact::TtftMs => record.ttft_ms.filter(|_| is_call).map(Value::Number),
        }
    }
}

/// The hour of a call, or of a bucket that lies within one.
fn hour(record: &UsageRecord<'_>) -> Option<u8> {
    let last = record.last_moment();
    (record.start.day() == last.day() && record.start.hour() == last.hour()).then(|| record.start.hour())
}

/// The weekday of a call, or of a bucket that lies within one day.
fn weekday(record: &UsageRecord<'_>) -> Option<u8> {
    (record.start.day() == record.last_moment().day()).then(|| record.start.weekday())
}
