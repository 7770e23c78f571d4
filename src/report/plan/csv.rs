//! The plan as one value per row, `batchwise.plan.csv/1`: section, row, metric, value.

use std::io::Write;

use crate::diagnostic::WriteError;
use crate::report::csv::{Place, Value, Writer, cell, joined, leaves, of_json};

/// The JSON of a plan as CSV. `row` is the place in the section's list, from 1; `metric` is the key with a point for each step
/// inwards.
pub fn render(json: &str, out: &mut dyn Write) -> Result<(), WriteError> {
    of_json(json, &["section", "row", "metric", "value"], out, rows)
}

fn rows(writer: &mut Writer<'_>, place: &Place<'_>, value: &Value<'_>) -> csv::Result<()> {
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
