//! The plan as one fact a row: the JSON, leaf by leaf.

use serde_json::Value;

use super::{Draft, json};
use crate::diagnostic::shown;
use crate::diagnostic::text::guarded;

const SCHEMA: &str = "batchwise.plan.csv/1";

/// Renders the plan, `batchwise.plan.csv/1`: section, row, metric, value. `row` is the place in the section's list, from
/// 1; `metric` is the key with a point for each step inwards.
pub fn render(draft: &Draft<'_>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail.
    let _ = writer.write_record(["section", "row", "metric", "value"]);
    if let Value::Object(whole) = json::value(draft) {
        for (section, value) in &whole {
            match value {
                // The same leaves in another form.
                Value::String(_) if section == "schema" => leaves(&mut writer, section, "", "", &SCHEMA.into()),
                Value::Array(rows) => {
                    for (index, row) in rows.iter().enumerate() {
                        leaves(&mut writer, section, &(index + 1).to_string(), "", row);
                    }
                }
                other => leaves(&mut writer, section, "", "", other),
            }
        }
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

fn leaves(writer: &mut csv::Writer<Vec<u8>>, section: &str, row: &str, metric: &str, value: &Value) {
    let inner = |key: &str| if metric.is_empty() { key.to_owned() } else { format!("{metric}.{key}") };
    let text = match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                leaves(writer, section, row, &inner(key), value);
            }
            return;
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                leaves(writer, section, row, &inner(&(index + 1).to_string()), item);
            }
            return;
        }
        Value::Null => String::new(),
        // An amount is a number for a spreadsheet, whatever its sign.
        Value::String(text) if is_number(text) => text.clone(),
        Value::String(text) => guarded(&shown(text)),
        other => other.to_string(),
    };
    let metric = if metric.is_empty() { section } else { metric };
    let _ = writer.write_record([section, row, metric, &text]);
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}
