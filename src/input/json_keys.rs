//! What the first JSON objects of an input show: their keys, and what they are if no format reads them.
//!
//! Role: objects → the paths by which formats are recognised, whether rows say when they were, and a sentence about
//! files that belong to a vendor's API but hold no usage. Reads no values but the words that say what an object is.

use serde_json::{Map, Value};

use super::file_signatures::{API_ERROR, Called};
use super::source::Source;
use crate::diagnostic::{Diagnostic, Failure, Place};
use crate::formats::Format;
use crate::formats::mapping::TargetField;

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// Steps into an object that formats are recognised by: an answer may stand in `response > body`.
const DEEPEST: usize = 3;

/// The keys of objects, and behind ` > ` those of the objects in them.
pub(super) fn paths(objects: &[Object]) -> Vec<String> {
    let mut found = Vec::new();
    for object in objects {
        add_paths(object, "", DEEPEST, &mut found);
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn add_paths(object: &Object, before: &str, steps: usize, found: &mut Vec<String>) {
    for (key, value) in object {
        let path = format!("{before}{key}");
        if steps > 1
            && let Some(inner) = inner(value)
        {
            add_paths(&inner, &format!("{path} > "), steps - 1, found);
        }
        found.push(path);
    }
}

/// The object that a value is, or that its text holds.
fn inner(value: &Value) -> Option<std::borrow::Cow<'_, Object>> {
    match value {
        Value::Object(object) => Some(std::borrow::Cow::Borrowed(object)),
        Value::String(text) if text.starts_with('{') => serde_json::from_str(text).ok().map(std::borrow::Cow::Owned),
        _ => None,
    }
}

fn holds(object: &Object, path: &str) -> bool {
    let (key, rest) = path.split_once(" > ").map_or((path, None), |(key, rest)| (key, Some(rest)));
    object.get(key).is_some_and(|value| match rest {
        None => !value.is_null(),
        Some(rest) => inner(value).is_some_and(|inner| holds(&inner, rest)),
    })
}

/// Rows without a time count only where their days are known.
pub(super) fn check_times(source: &Source, format: &Format, objects: &[Object]) -> Result<(), Failure> {
    let mapping = &format.mapping;
    let has = |object: &Object, paths: &[String]| paths.iter().any(|path| holds(object, path));
    let inputs =
        format.column_map().find(|(target, _)| *target == TargetField::Input).map_or(&[][..], |(_, paths)| paths);
    // What came to nothing needs no time.
    let mut usage = objects.iter().filter(|object| has(object, inputs)).peekable();
    let is_readable = !mapping.undated_rows || format.knows_days() || usage.peek().is_none();
    if is_readable || usage.any(|object| has(object, &mapping.time.from)) {
        return Ok(());
    }
    Err(Failure::input(
        Diagnostic::new("no-times", format!("is {}, and does not say when the calls were made", mapping.title))
            .at(Place::file(&source.name))
            .hint("say which days it covers with --from and --to; prices and the month depend on them"),
    ))
}

/// What an input is that belongs to an API and holds no usage.
struct Stranger {
    /// Keys that all its objects have.
    keys: &'static [&'static str],
    called: Called,
}

const UNKNOWN_FORMATS: [Stranger; 5] = [
    Stranger {
        keys: &["custom_id", "method", "url", "body"],
        called: Called {
            code: "batch-input",
            what: "is the input of an OpenAI batch: requests, which hold no usage",
            hint: "give the batch's output file instead (output_file_id of the batch; GET /v1/files/FILE_ID/content)",
        },
    },
    Stranger {
        keys: &["custom_id", "params"],
        called: Called {
            code: "batch-input",
            what: "is the input of an Anthropic message batch: requests, which hold no usage",
            hint: "give the batch's results instead (GET /v1/messages/batches/BATCH_ID/results)",
        },
    },
    Stranger {
        keys: &["custom_id", "body"],
        called: Called {
            code: "batch-input",
            what: "is the input of a batch: requests, which hold no usage",
            hint: "give the batch's output file instead",
        },
    },
    Stranger {
        keys: &["processing_status", "request_counts"],
        called: Called {
            code: "batch-object",
            what: "describes Anthropic message batches, without their usage",
            hint: "give the results of each instead (its results_url, or GET /v1/messages/batches/BATCH_ID/results)",
        },
    },
    Stranger { keys: &["error"], called: API_ERROR },
];

/// What a file is that no format reads, if that is known.
pub(super) fn unknown_format(source: &Source, objects: &[Object]) -> Option<Failure> {
    // Requests of a batch and lists of batches may stand in a list of one object.
    let mut listed: Vec<&Object> = Vec::new();
    for object in objects {
        let list = ["requests", "data"].iter().find_map(|key| object.get(*key)?.as_array());
        match list {
            Some(items) => listed.extend(items.iter().filter_map(Value::as_object)),
            None => listed.push(object),
        }
    }
    let is_all = |keys: &[&str]| {
        let has = |object: &&&Object| keys.iter().all(|key| object.get(*key).is_some_and(|value| !value.is_null()));
        listed.iter().filter(has).count() == listed.len()
    };
    let known = UNKNOWN_FORMATS.iter().find(|unknown_format| !listed.is_empty() && is_all(unknown_format.keys))?;
    let Called { code, what, hint } = known.called;
    let diagnostic = Diagnostic::new(code, what).at(Place::file(&source.name)).hint(hint);
    Some(Failure::input(diagnostic))
}
