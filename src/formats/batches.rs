//! Lists of finished batches, as the APIs of `OpenAI` and Anthropic give them.
//!
//! Role: bytes → how long each batch took. It does *not* read usage: what batches cost stands in usage exports.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::calendar::Moment;

/// How long batches took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batches {
    /// From creation to the end of each finished batch, in milliseconds, in no order that means anything.
    pub times_ms: Vec<u64>,
    /// Batches of which the provider gave up some request or all.
    pub expired: u64,
    /// Batches that are under way, were cancelled or refused: they tell nothing of how long one takes.
    pub others: u64,
}

/// Why a file is no list of batches.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadBatches {
    /// Not JSON from this place on.
    #[error("line {line}, column {column}: neither JSON nor JSON lines")]
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// Neither vendor's.
    #[error(
        "object {number} is no batch: `created_at` is neither seconds, as OpenAI has it, nor a time, as Anthropic has it"
    )]
    NotABatch {
        /// Which one of the file, from 1.
        number: usize,
    },
    /// A time that cannot be read.
    #[error("batch {number}: `{key}` is no time")]
    NotATime {
        /// Which one of the file, from 1.
        number: usize,
        /// The key.
        key: &'static str,
    },
    /// How many of its requests expired is no count.
    #[error("batch {number}: `request_counts.expired` is no whole number of at least 0")]
    NotACount {
        /// Which one of the file, from 1.
        number: usize,
    },
    /// It ends before it begins.
    #[error("batch {number}: it ended before it was created")]
    Backwards {
        /// Which one of the file, from 1.
        number: usize,
    },
    /// Nothing to learn from.
    #[error("none of {batches} batches is finished or expired")]
    NoneFinished {
        /// Batches in the file.
        batches: usize,
    },
}

/// What became of a batch; of two tellings of one batch the later one here counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    UnderWay,
    Stopped,
    Expired,
    Finished { ms: u64 },
}

/// Reads a list, a page with the list as `data`, or such objects one after the other. A batch that was saved several
/// times, by its `id`, counts once.
pub fn read(bytes: &[u8]) -> Result<Batches, BadBatches> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut objects = Vec::new();
    for value in serde_json::Deserializer::from_slice(bytes).into_iter::<Value>() {
        match value.map_err(|error| BadBatches::NotJson { line: error.line(), column: error.column() })? {
            Value::Array(list) => objects.extend(list),
            Value::Object(mut page) if page.get("data").is_some_and(Value::is_array) => {
                if let Some(Value::Array(list)) = page.remove("data") {
                    objects.extend(list);
                }
            }
            object => objects.push(object),
        }
    }
    let mut outcomes: BTreeMap<(Option<&str>, usize), Outcome> = BTreeMap::new();
    for (object, number) in objects.iter().zip(1..) {
        let outcome = outcome(object, number)?;
        // Without an id each is its own.
        let identity = object.get("id").and_then(Value::as_str).map_or((None, number), |id| (Some(id), 0));
        let known = outcomes.entry(identity).or_insert(outcome);
        *known = outcome.max(*known);
    }
    let mut batches = Batches::default();
    for outcome in outcomes.values() {
        match outcome {
            Outcome::Finished { ms } => batches.times_ms.push(*ms),
            Outcome::Expired => batches.expired += 1,
            Outcome::UnderWay | Outcome::Stopped => batches.others += 1,
        }
    }
    if batches.times_ms.is_empty() && batches.expired == 0 {
        return Err(BadBatches::NoneFinished { batches: outcomes.len() });
    }
    Ok(batches)
}

fn outcome(batch: &Value, number: usize) -> Result<Outcome, BadBatches> {
    let is_there = |key: &str| batch.get(key).is_some_and(|value| !value.is_null());
    let took = |key: &'static str| {
        let begun = moment(batch, "created_at", number)?;
        let ended = moment(batch, key, number)?;
        let micros = u64::try_from(ended.micros() - begun.micros()).map_err(|_| BadBatches::Backwards { number })?;
        Ok(Outcome::Finished { ms: micros / 1_000 })
    };
    match batch.get("created_at") {
        // OpenAI, and Azure after it.
        Some(Value::Number(_)) if is_there("completed_at") => took("completed_at"),
        Some(Value::Number(_)) if is_there("expired_at") => Ok(Outcome::Expired),
        Some(Value::Number(_)) if ["cancelling_at", "cancelled_at", "failed_at"].into_iter().any(is_there) => {
            Ok(Outcome::Stopped)
        }
        // Anthropic.
        Some(Value::String(_)) if is_there("cancel_initiated_at") => Ok(Outcome::Stopped),
        Some(Value::String(_)) if is_there("ended_at") => {
            let expired = batch.pointer("/request_counts/expired").filter(|count| !count.is_null());
            match expired.map(|count| count.as_u64().ok_or(BadBatches::NotACount { number })).transpose()? {
                None | Some(0) => took("ended_at"),
                Some(_) => Ok(Outcome::Expired),
            }
        }
        Some(Value::Number(_) | Value::String(_)) => Ok(Outcome::UnderWay),
        _ => Err(BadBatches::NotABatch { number }),
    }
}

/// A moment as seconds since 1970 or as a text.
fn moment(batch: &Value, key: &'static str, number: usize) -> Result<Moment, BadBatches> {
    let moment = match batch.get(key) {
        Some(Value::Number(seconds)) => seconds.as_i64().and_then(|seconds| Moment::from_seconds(seconds).ok()),
        Some(Value::String(text)) => Moment::parse(text).ok(),
        _ => None,
    };
    moment.ok_or(BadBatches::NotATime { number, key })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_that_was_looked_at_while_it_ran_counts_once() {
        let lines = br#"{"id":"b1","created_at":1000,"completed_at":null,"expires_at":87400}
{"id":"b1","created_at":1000,"completed_at":1600,"expires_at":87400}
{"id":"b2","created_at":1000,"expired_at":87400}
{"id":"b3","created_at":1000,"failed_at":1001}
{"created_at":1000,"completed_at":1060}
{"created_at":1000,"completed_at":1060}
"#;
        let read = read(lines).expect("batches");
        assert_eq!(read, Batches { times_ms: vec![60_000, 60_000, 600_000], expired: 1, others: 1 });
    }

    #[test]
    fn lists_pages_and_pages_in_a_row() {
        let batch = r#"{"created_at":"2026-10-05T10:00:00.5Z","ended_at":"2026-10-05T10:02:00Z","request_counts":{"expired":0}}"#;
        for text in [
            format!("[{batch},{batch}]"),
            format!("{{\"has_more\":false,\"data\":[{batch},{batch}]}}"),
            format!("{{\"data\":[{batch}]}}{{\"data\":[{batch}]}}"),
            format!("\u{feff}{batch}\r\n{batch}"),
        ] {
            assert_eq!(read(text.as_bytes()).map(|read| read.times_ms), Ok(vec![119_500; 2]), "{text}");
        }
    }

    #[test]
    fn what_is_no_batch_is_said() {
        for (text, expected) in [
            ("", BadBatches::NoneFinished { batches: 0 }),
            ("[", BadBatches::NotJson { line: 1, column: 1 }),
            ("{\"created_at\":1}\nnonsense", BadBatches::NotJson { line: 2, column: 2 }),
            ("[{\"created_at\":1}]", BadBatches::NoneFinished { batches: 1 }),
            ("[{\"created_at\":1,\"completed_at\":2},{\"id\":\"x\"}]", BadBatches::NotABatch { number: 2 }),
            ("[3]", BadBatches::NotABatch { number: 1 }),
            ("[{\"created_at\":1,\"completed_at\":\"soon\"}]", BadBatches::NotATime { number: 1, key: "completed_at" }),
            ("[{\"created_at\":1.5,\"completed_at\":2}]", BadBatches::NotATime { number: 1, key: "created_at" }),
            ("[{\"created_at\":\"2026-10-05\",\"ended_at\":\"2026-10-04\"}]", BadBatches::Backwards { number: 1 }),
            (
                "[{\"created_at\":\"2026-10-05\",\"ended_at\":\"2026-10-06\",\"request_counts\":{\"expired\":\"3\"}}]",
                BadBatches::NotACount { number: 1 },
            ),
        ] {
            assert_eq!(read(text.as_bytes()), Err(expected), "{text}");
        }
    }
}
