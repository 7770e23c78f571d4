//! Which of several records of one call counts (docs/specification.md, section 7).

use crate::calendar::Moment;
use crate::usage::{Field, TokenClass, TokenCounts, UsageRecord};

/// One text for all that a row says, whatever container it came in: the columns of the tool's own CSV in the
/// contract's order, tags by name.
fn canonical(record: &UsageRecord<'_>) -> String {
    let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let text = |field: Field| record.text(field).unwrap_or_default().to_owned();
    let mut tags: Vec<String> = record.tags.iter().map(|(name, value)| format!("{name}={value}")).collect();
    tags.sort_unstable();
    let mut parts = vec![
        text(Field::RequestId),
        record.start.to_string(),
        record.end.map(|end| end.to_string()).unwrap_or_default(),
        number(record.requests),
        text(Field::Provider),
        text(Field::Model),
        text(Field::Endpoint),
        text(Field::ApiKey),
        text(Field::Project),
        text(Field::User),
        text(Field::EndUser),
        text(Field::Team),
        text(Field::App),
        text(Field::Session),
        record.stream.map(|stream| stream.to_string()).unwrap_or_default(),
        record.tier_text.unwrap_or_default().to_owned(),
        text(Field::Geo),
        format!("{:?}", record.quantity),
        number(record.latency_ms),
        number(record.ttft_ms),
        number(record.status),
        record.billed.map(|billed| billed.to_string()).unwrap_or_default(),
    ];
    parts.append(&mut tags);
    parts.join("\u{1f}")
}

/// Which record of a call counts: most output, then most tokens, then one that knows who asked and how, then latest,
/// then bytewise last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    output: u64,
    tokens: u128,
    /// An answer alone does not say whether somebody waited for it.
    knows_caller: bool,
    /// Nothing where it is not known.
    time: Option<Moment>,
    text: String,
}

impl Rank {
    /// The rank of a row.
    pub fn of(record: &UsageRecord<'_>) -> Self {
        let text = canonical(record);
        let tokens = record.tokens();
        Self {
            output: tokens.map_or(0, |tokens| tokens[TokenClass::Output]),
            tokens: tokens.map_or(0, TokenCounts::total),
            knows_caller: !record.answer_only,
            time: record.within.is_none().then_some(record.start),
            text,
        }
    }
}
