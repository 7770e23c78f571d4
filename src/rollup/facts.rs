//! What a row says, as rules and vetoes ask for it.

use super::fold::NAMELESS;
use crate::policy::rules::{Value, weekday_name};
use crate::policy::{Fact, Facts, NameField, Policy};
use crate::pricing::BatchTerms;
use crate::usage::{Field, Tier, TokenClass, UsageRecord};
use crate::verdict::Veto;

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

    const fn value(self) -> Value<'n> {
        Value::Text(self.name, self.id)
    }
}

/// The value of a naming field.
pub fn named<'r>(record: &'r UsageRecord<'_>, field: &NameField) -> Option<Name<'r>> {
    match field {
        NameField::Tag(name) => record.tag(name).map(Name::alone),
        NameField::Text(field) => record.text(*field).map(|name| Name { name, id: record.id(*field) }),
    }
}

/// The first field of the policy's list that the call has, and how many of the list it is behind.
pub fn workload<'r>(record: &'r UsageRecord<'_>, policy: &Policy, provider: &'r str) -> (Name<'r>, usize) {
    let mut fields = policy.workload.iter().enumerate();
    let found = fields.find_map(|(at, field)| match field {
        NameField::Text(Field::Provider) => Some((Name::alone(provider), at)).filter(|_| !provider.is_empty()),
        other => named(record, other).map(|name| (name, at)),
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

pub(super) fn veto(record: &UsageRecord<'_>, endpoint: Option<&str>, interactive: bool) -> Option<Veto> {
    let is_call = record.is_single_call();
    if record.stream == Some(true) {
        Some(Veto::Streaming)
    } else if is_call && record.ttft_ms.is_some_and(|ttft| ttft > 0) {
        Some(Veto::FirstToken)
    } else if endpoint.is_some_and(is_realtime) {
        Some(Veto::RealtimeEndpoint)
    } else if record.tier == Tier::Priority {
        Some(Veto::PriorityTier)
    } else if interactive {
        Some(Veto::InteractiveApp)
    } else {
        None
    }
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
            Fact::Name(NameField::Text(Field::Provider)) => {
                Some(self.provider).filter(|name| !name.is_empty()).map(|name| Value::Text(name, None))
            }
            Fact::Name(NameField::Text(Field::Endpoint)) => {
                record.text(Field::Endpoint).map(|path| Value::Text(path, Some(endpoint_name(path))))
            }
            Fact::Name(field) => named(record, field).map(Name::value),
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
