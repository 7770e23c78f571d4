//! The plan as one value per row, `batchwise.plan.csv/1`: section, row, metric, value.

use serde_json::Value;

use crate::diagnostic::Failure;
use crate::report::csv::{Place, Writer, cell, joined, leaves, of_json};

/// The JSON of a plan as CSV. `row` is the place in the section's list, from 1; `metric` is the key with a point for each step
/// inwards.
pub fn render(json: &str) -> Result<String, Failure> {
    of_json(json, &["section", "row", "metric", "value"], rows)
}

fn rows(writer: &mut Writer, place: &Place<'_>, value: &Value) -> csv::Result<()> {
    let row = place.row_text();
    // A list inside of a section has no rows of its own.
    let (section, row, metric) = match place.path.split_once('.') {
        None => (place.path, &*row, String::new()),
        Some((section, metric)) if row.is_empty() => (section, "", metric.to_owned()),
        Some((section, metric)) => (section, "", joined(metric, &row)),
    };
    leaves(&metric, value, &mut |metric, leaf| {
        let metric = if metric.is_empty() { section } else { metric };
        writer.write_record([section, row, metric, &cell(leaf)])
    })
}
