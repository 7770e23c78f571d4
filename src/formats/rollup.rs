//! Rollup files, `batchwise.rollup/1`: usage that was added up somewhere else, by everything that can decide about it.
//!
//! Role: the columns of the file. A line holds raw facts and sums, and no verdict: the program that reads it judges the
//! line like a row, with its own prices and policy. `docs/rollup-file.md` says what each column means.

mod checksum;
mod kept;
mod read;
mod write;

pub use checksum::{Checksum, DIGITS, HashedColumns};
pub use kept::{Kept, Shard, is_zero};
pub use read::{ControlLine, ExcludedLine, Exclusion, Layout, LineCells, NameLine, RollupLine, UsageLine, WrongCell};
pub use write::{LineTotals, Writer};

use crate::policy::{Fact, Reduction};

/// The name of the format and its version, which the file states in its control rows.
pub const SCHEMA: &str = "batchwise.rollup/1";

/// The columns, in the order in which they are written; behind them stands a column `tag.NAME` for each tag. Every cell is
/// text, and an empty one says that there is nothing.
pub const COLUMNS: [&str; 55] = [
    // What the line is, and of which input.
    "fate",
    "input",
    // When.
    "day",
    "last_day",
    "hour",
    "grain",
    "one_request",
    // Texts, under the names of the own per-call format, and ids of what they name.
    "format_provider",
    "provider",
    "model",
    "endpoint",
    "api_key_name",
    "api_key_id",
    "project",
    "project_id",
    "user",
    "user_id",
    "end_user",
    "team",
    "team_id",
    "app",
    "geo",
    // Choices.
    "stream",
    "service_tier",
    "batch_unknown",
    "outcome",
    "kind",
    "credit",
    "window",
    "classes",
    "is_billed",
    "has_ttft",
    // Numbers, each as the largest cut that is not above it.
    "at_prompt",
    "at_output",
    "at_latency_ms",
    "at_ttft_ms",
    "at_status",
    "at_hour",
    // Sets.
    "end_users",
    // Sums.
    "rows",
    "requests",
    "rows_without_requests",
    "input_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
    "billed",
    // Rows of which something is odd.
    "amounts_rounded",
    "parts_apart",
    "audio",
    "no_tokens",
    "paid_elsewhere",
    // Of lines that are no usage.
    "latest",
    "about",
];

/// All columns of a file that has these tags, in the order in which they are written.
pub fn columns_with_tags(tags: &[&str]) -> Vec<String> {
    let tags = tags.iter().map(|tag| format!("tag.{tag}"));
    COLUMNS.into_iter().map(ToOwned::to_owned).chain(tags).collect()
}

/// The position of a column, found when the program is compiled.
macro_rules! column {
    ($name:literal) => {
        const { $crate::formats::rollup::position($name) }
    };
}
use column;

const fn position(name: &str) -> usize {
    let mut at = 0;
    while at < COLUMNS.len() {
        if is_equal(COLUMNS[at].as_bytes(), name.as_bytes()) {
            return at;
        }
        at += 1;
    }
    panic!("no column has this name")
}

/// Each number that rules test has a column, or this does not compile.
const _: () = {
    const FACTS: &[Fact] = &Fact::ALL;
    let mut at = 0;
    while at < FACTS.len() {
        if let Reduction::Number(column) = FACTS[at].reduction() {
            position(column);
        }
        at += 1;
    }
};

const fn is_equal(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}
