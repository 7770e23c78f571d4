//! The plan as one fact a row: the JSON, leaf by leaf.

use serde_json::Value;

use super::Draft;
use super::json::{self, Long};
use crate::diagnostic::text::guarded;
use crate::diagnostic::{Failure, sanitized};

const SCHEMA: &str = "batchwise.plan.csv/1";

/// Renders the plan, `batchwise.plan.csv/1`: section, row, metric, value. `row` is the place in the section's list, from
/// 1; `metric` is the key with a point for each step inwards.
pub fn render(draft: &Draft<'_>) -> Result<String, Failure> {
    let unwritable = |error: &dyn std::error::Error| Failure::internal(format!("the CSV cannot be made: {error}"));
    let writer = facts(draft).map_err(|error| unwritable(&error))?;
    let bytes = writer.into_inner().map_err(|error| unwritable(&error))?;
    String::from_utf8(bytes).map_err(|error| unwritable(&error))
}

fn facts(draft: &Draft<'_>) -> csv::Result<csv::Writer<Vec<u8>>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["section", "row", "metric", "value"])?;
    for (section, value) in json::parts(draft) {
        let rows: Box<dyn Iterator<Item = Value>> = match (Long::of(&section), value) {
            (Some(long), _) => long.entries(draft),
            (None, Value::Array(rows)) => Box::new(rows.into_iter()),
            (None, value) => {
                // The same leaves in another form.
                let value = if section == "schema" { SCHEMA.into() } else { value };
                leaves(&mut writer, &section, "", "", &value)?;
                continue;
            }
        };
        for (index, row) in (1_usize..).zip(rows) {
            leaves(&mut writer, &section, &index.to_string(), "", &row)?;
        }
    }
    Ok(writer)
}

fn leaves(writer: &mut csv::Writer<Vec<u8>>, section: &str, row: &str, metric: &str, value: &Value) -> csv::Result<()> {
    let inner = |key: &str| if metric.is_empty() { key.to_owned() } else { format!("{metric}.{key}") };
    let text = match value {
        Value::Object(entries) => {
            return entries.iter().try_for_each(|(key, value)| leaves(writer, section, row, &inner(key), value));
        }
        Value::Array(items) => {
            let mut items = (1_usize..).zip(items);
            return items.try_for_each(|(index, item)| leaves(writer, section, row, &inner(&index.to_string()), item));
        }
        Value::Null => String::new(),
        // An amount is a number for a spreadsheet, whatever its sign.
        Value::String(text) if is_number(text) => text.clone(),
        Value::String(text) => guarded(&sanitized(text)),
        other => other.to_string(),
    };
    let metric = if metric.is_empty() { section } else { metric };
    writer.write_record([section, row, metric, &text])
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}
