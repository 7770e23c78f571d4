//! The columns of the own per-call format that the statement reads.

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// A text.
    Text,
    /// A time.
    Time,
    /// A whole number.
    Integer,
    /// An amount in USD.
    Amount,
    /// True or false.
    Boolean,
}

/// The columns, each with what it holds. A column `tag.NAME` for each tag comes to these.
pub const COLUMNS: [(&str, Holds); 26] = [
    ("request_id", Holds::Text),
    ("timestamp", Holds::Time),
    ("bucket_end", Holds::Time),
    ("requests", Holds::Integer),
    ("provider", Holds::Text),
    ("model", Holds::Text),
    ("endpoint", Holds::Text),
    ("api_key_name", Holds::Text),
    ("project", Holds::Text),
    ("user", Holds::Text),
    ("end_user", Holds::Text),
    ("team", Holds::Text),
    ("app", Holds::Text),
    ("session_id", Holds::Text),
    ("workload_tag", Holds::Text),
    ("stream", Holds::Boolean),
    ("service_tier", Holds::Text),
    ("geo", Holds::Text),
    ("input_tokens", Holds::Integer),
    ("cached_input_tokens", Holds::Integer),
    ("cache_write_tokens", Holds::Integer),
    ("cache_write_1h_tokens", Holds::Integer),
    ("output_tokens", Holds::Integer),
    ("latency_ms", Holds::Integer),
    ("ttft_ms", Holds::Integer),
    ("cost_usd", Holds::Amount),
];

/// The status, which may be a number or a word.
pub const STATUS: &str = "status";

/// Whether the answer came from a gateway's own cache; only views of vendors' tables have it.
pub const GATEWAY_HIT: &str = "gateway_hit";

/// The column of a tag.
pub fn of_tag(tag: &str) -> String {
    if tag == "workload" { "workload_tag".to_owned() } else { format!("tag.{tag}") }
}
