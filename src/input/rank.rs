//! Which of several records of one call counts (docs/specification.md, section 7).

use crate::calendar::Moment;
use crate::usage::{Field, TokenClass, TokenCounts, UsageRecord};

/// What a row says, but for its tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// A text.
    Text(Field),
    /// When it begins.
    Start,
    /// When it ends, of a bucket.
    End,
    /// How many requests it is.
    Requests,
    /// Whether it was streamed.
    Stream,
    /// The service tier, as logged.
    Tier,
    /// Its tokens, or what of a bill it is.
    Quantity,
    /// How long it took.
    LatencyMs,
    /// How long until the first token.
    TtftMs,
    /// Its status.
    Status,
    /// What was billed.
    Billed,
}

/// In which order rows of equal rank are compared; tags come last, by name. Statements of `sql` compare them in the same one.
pub const CANONICAL: [Said; 22] = [
    Said::Text(Field::RequestId),
    Said::Start,
    Said::End,
    Said::Requests,
    Said::Text(Field::Provider),
    Said::Text(Field::Model),
    Said::Text(Field::Endpoint),
    Said::Text(Field::ApiKey),
    Said::Text(Field::Project),
    Said::Text(Field::User),
    Said::Text(Field::EndUser),
    Said::Text(Field::Team),
    Said::Text(Field::App),
    Said::Text(Field::Session),
    Said::Stream,
    Said::Tier,
    Said::Text(Field::Geo),
    Said::Quantity,
    Said::LatencyMs,
    Said::TtftMs,
    Said::Status,
    Said::Billed,
];

/// One text for all that a row says, whatever container it came in.
fn canonical(record: &UsageRecord<'_>) -> String {
    let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let said = |said: Said| match said {
        Said::Text(field) => record.text(field).unwrap_or_default().to_owned(),
        Said::Start => record.start.to_string(),
        Said::End => record.end.map(|end| end.to_string()).unwrap_or_default(),
        Said::Requests => number(record.requests),
        Said::Stream => record.stream.map(|stream| stream.to_string()).unwrap_or_default(),
        Said::Tier => record.tier_text.unwrap_or_default().to_owned(),
        Said::Quantity => format!("{:?}", record.quantity),
        Said::LatencyMs => number(record.latency_ms),
        Said::TtftMs => number(record.ttft_ms),
        Said::Status => number(record.status),
        Said::Billed => record.billed.map(|billed| billed.to_string()).unwrap_or_default(),
    };
    let mut tags: Vec<String> = record.tags.iter().map(|(name, value)| format!("{name}={value}")).collect();
    tags.sort_unstable();
    let mut parts = CANONICAL.map(said).to_vec();
    parts.append(&mut tags);
    // Of rows that differ in nothing but the id behind a name one has to be last as well.
    let ids = Field::ALL.into_iter().filter_map(|field| Some(format!("{}={}", field.name(), record.id(field)?)));
    parts.extend(ids);
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
