//! The columns of the own per-call format that the statement reads.

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
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

/// The columns, each with its type. A column `tag.NAME` for each tag comes to these.
pub const COLUMNS: [(&str, ColumnType); 26] = [
    ("request_id", ColumnType::Text),
    ("timestamp", ColumnType::Time),
    ("bucket_end", ColumnType::Time),
    ("requests", ColumnType::Integer),
    ("provider", ColumnType::Text),
    ("model", ColumnType::Text),
    ("endpoint", ColumnType::Text),
    ("api_key_name", ColumnType::Text),
    ("project", ColumnType::Text),
    ("user", ColumnType::Text),
    ("end_user", ColumnType::Text),
    ("team", ColumnType::Text),
    ("app", ColumnType::Text),
    ("session_id", ColumnType::Text),
    ("workload_tag", ColumnType::Text),
    ("stream", ColumnType::Boolean),
    ("service_tier", ColumnType::Text),
    ("geo", ColumnType::Text),
    ("input_tokens", ColumnType::Integer),
    ("cached_input_tokens", ColumnType::Integer),
    ("cache_write_tokens", ColumnType::Integer),
    ("cache_write_1h_tokens", ColumnType::Integer),
    ("output_tokens", ColumnType::Integer),
    ("latency_ms", ColumnType::Integer),
    ("ttft_ms", ColumnType::Integer),
    ("cost_usd", ColumnType::Amount),
];

/// The status, which may be a number or a word.
pub const STATUS: &str = "status";

/// Whether the answer came from a gateway's own cache; only views of vendors' tables have it.
pub const GATEWAY_HIT: &str = "gateway_hit";

/// The column of a tag.
pub fn of_tag(tag: &str) -> String {
    if tag == "workload" { "workload_tag".to_owned() } else { format!("tag.{tag}") }
}
