//! `prices check --style`: whether a price table is laid out as all price tables are, so that differences between two
//! versions of it are differences of prices.
//!
//! Role: text → faults with line, column and advice. It rewrites nothing. The order of keys is the order in which the
//! JSON Schema has them, which is the one of the types.

use serde_json::Value;

use super::outline::{Line, flow_map, flow_parts, outline};
use crate::diagnostic::{Diagnostic, Place};
use crate::pricing::schema::json_schema;

/// How the first line begins.
const FIRST_LINE: &str = "# yaml-language-server: $schema=";
/// Spaces of one level.
const LEVEL: usize = 2;
/// Tiers, whose rates stand below one another.
const TIERS: [&str; 5] = ["standard", "batch", "flex", "priority", "off_peak"];

/// All faults, in file order.
pub fn faults(file: &str, text: &str) -> Vec<Diagnostic> {
    let mut style = Style { file, text, schema: json_schema().to_value(), found: Vec::new() };
    style.text_as_a_whole();
    let lines = outline(text);
    for (index, line) in lines.iter().enumerate() {
        style.indentation(line);
        style.order(line, &lines[..index]);
        style.value(line);
    }
    style.found.sort_by_key(|(line, column, _)| (*line, *column));
    style.found.into_iter().map(|(_, _, fault)| fault).collect()
}

struct Style<'t> {
    file: &'t str,
    text: &'t str,
    schema: Value,
    found: Vec<(u64, usize, Diagnostic)>,
}

impl Style<'_> {
    fn fault(&mut self, line: u64, column: usize, message: impl Into<String>, hint: impl Into<String>) {
        let excerpt = usize::try_from(line).ok().and_then(|line| self.text.lines().nth(line.checked_sub(1)?));
        let place = Place {
            line: Some(line),
            column: Some(column.to_string()),
            excerpt: excerpt.map(ToOwned::to_owned),
            ..Place::file(self.file)
        };
        self.found.push((line, column, Diagnostic::new("style", message).at(place).hint(hint)));
    }

    /// Faults that need no structure.
    fn text_as_a_whole(&mut self) {
        let text = self.text;
        if !text.starts_with(FIRST_LINE) {
            self.fault(
                1,
                1,
                "the first line does not name the JSON Schema",
                format!("begin with `{FIRST_LINE}./pricing.schema.json`; `batchwise prices schema` prints that file"),
            );
        }
        let mut blank = false;
        let mut last = 1;
        for (number, line) in (1..).zip(text.split_terminator('\n')) {
            last = number;
            let end = line.trim_end();
            if end.len() < line.len() {
                let column = end.chars().count() + 1;
                self.fault(
                    number,
                    column,
                    "blanks at the end of a line",
                    "take them out; lines end in a line feed alone",
                );
            }
            if let Some(at) = end.find('\t') {
                self.fault(number, at + 1, "a tab", "use spaces");
            }
            if end.is_empty() && blank {
                self.fault(number, 1, "two blank lines in a row", "keep one");
            }
            blank = end.is_empty();
        }
        if blank {
            self.fault(last, 1, "a blank line at the end", "end behind the last entry");
        }
        if !text.ends_with('\n') {
            self.fault(last, 1, "the last line does not end", "end the file with a line feed");
        }
    }

    /// Keys stand two spaces deeper than what they belong to, and so do the dashes of lists.
    fn indentation(&mut self, line: &Line<'_>) {
        let wanted = line.around.len() * LEVEL;
        if line.indent != wanted {
            self.fault(
                line.number,
                line.indent + 1,
                format!("`{}` stands {} spaces in, not {wanted}", line.key, line.indent),
                "each level is two spaces deeper; a list's dash stands two spaces deeper than its key",
            );
        }
    }

    /// Which kind of map holds a key, by the keys around it: the name of its definition in the schema.
    fn holder(&self, around: &[String]) -> Option<Vec<String>> {
        let names: Vec<&str> = around.iter().map(String::as_str).collect();
        let definition = match names.as_slice() {
            [] => return keys_of(self.schema.get("properties")?),
            ["providers", _] => "Provider",
            ["providers", _, "batch"] => "BatchTerms",
            ["providers", _, "batch", "queue", _] => "QueueCap",
            ["providers", _, "batch", "disputed", _] => "Disputed",
            ["providers", _, "peak_hours", _] => "PeakHours",
            ["providers", _, "models", _] => "Model",
            ["providers", _, "models", _, "prices", _] => "Entry",
            ["providers", _, "models", _, "prices", _, "above" | "at_least", _] => "ContextStep",
            ["providers", _, "models", _, "prices", _, .., tier] if TIERS.contains(tier) => "Rates",
            _ => return None,
        };
        keys_of(self.schema.get("definitions")?.get(definition)?.get("properties")?)
    }

    /// A key stands behind those that come before it in the schema.
    fn order(&mut self, line: &Line<'_>, before: &[Line<'_>]) {
        let Some(order) = self.holder(&line.around) else { return };
        let position = |key: &str| order.iter().position(|known| known == key);
        // Between two keys of one map stands only what belongs to the first.
        let mut nearer = before.iter().rev().take_while(|other| other.around.starts_with(&line.around));
        let previous = nearer.find(|other| other.around == line.around);
        if let Some(previous) = previous
            && position(line.key) < position(previous.key)
        {
            self.out_of_order(line.number, line.indent + 1, line.key, previous.key, &order);
        }
    }

    fn out_of_order(&mut self, line: u64, column: usize, key: &str, previous: &str, order: &[String]) {
        self.fault(
            line,
            column,
            format!("`{key}` stands behind `{previous}`"),
            format!("the order is {}", order.join(", ")),
        );
    }

    /// How a value is written.
    fn value(&mut self, line: &Line<'_>) {
        let is_in_entry = line.around.len() > 4;
        let is_tier = is_in_entry && TIERS.contains(&line.key);
        if (is_tier || (is_in_entry && line.key == "geo")) && flow_map(line.value).is_none() {
            let message = format!("`{}` is not written on one line", line.key);
            self.fault(line.number, line.indent + 1, message, "write it as {input: 1, output: 2}");
            return;
        }
        if is_tier {
            let wanted = line.indent + "standard: ".len() + 1;
            if line.value_column != wanted {
                self.fault(
                    line.number,
                    line.value_column,
                    format!("the rates of `{}` do not stand below those of `standard`", line.key),
                    format!("begin them in column {wanted}"),
                );
            }
        } else if !line.value.is_empty()
            && line.value_column != line.indent + line.key.len() + 3
            && !is_quoted(self.text, line)
        {
            self.fault(line.number, line.value_column, "more than one blank behind a colon", "keep one");
        }
        let mut around = line.around.clone();
        around.push(line.key.to_owned());
        self.scalar_or_flow(line.number, line.value_column, line.value, &around);
    }

    fn scalar_or_flow(&mut self, line: u64, column: usize, value: &str, around: &[String]) {
        let key = around.last().map_or("", String::as_str);
        if matches!(value, "[]" | "{}") {
            self.fault(line, column, format!("`{key}` is empty"), "leave it out");
        }
        if value.starts_with(['|', '>', '&', '*']) || value == "-" {
            self.fault(line, column, "a value over several lines, or an anchor", "write the value itself, on one line");
        }
        if ["source", "note", "batch_rule", "hours", "cache"].contains(&key) && !value.starts_with('"') {
            self.fault(line, column, format!("`{key}` is not in double quotes"), "put texts in double quotes");
        }
        if ["from", "checked", "retires"].contains(&key) && value.starts_with(['"', '\'']) {
            self.fault(line, column, format!("`{key}` is in quotes"), "write dates as they are");
        }
        let is_rate = around.iter().rev().nth(1).is_some_and(|map| TIERS.contains(&map.as_str()) || map == "geo");
        if is_rate && value.contains('.') && value.ends_with('0') {
            self.fault(
                line,
                column,
                format!("`{value}` has zeros behind it"),
                "write a figure with no digit it does not need",
            );
        }
        if let Some(pairs) = flow_map(value) {
            let order = self.holder(around);
            let mut previous: Option<&str> = None;
            for (at, key, inner) in pairs {
                if let (Some(order), Some(previous)) = (&order, previous) {
                    let position = |key: &str| order.iter().position(|known| known == key);
                    if position(key) < position(previous) {
                        self.out_of_order(line, column + at, key, previous, order);
                    }
                }
                previous = Some(key);
                let mut around = around.to_vec();
                around.push(key.to_owned());
                let inner_at = value[at..].find(inner).unwrap_or_default();
                self.scalar_or_flow(line, column + at + inner_at, inner, &around);
            }
            self.spacing(line, column, value);
        } else if let Some(inner) = value.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
            for (index, (at, part)) in flow_parts(inner).into_iter().enumerate() {
                let trimmed = part.trim_start();
                if trimmed.starts_with('{') {
                    let mut around = around.to_vec();
                    around.push(format!("#{index}"));
                    let begin = column + 1 + at + (part.len() - trimmed.len());
                    self.scalar_or_flow(line, begin, trimmed.trim_end(), &around);
                }
            }
            self.spacing(line, column, value);
        }
    }

    /// `{a: 1, b: 2}`: one blank behind each comma, none inside the brackets.
    fn spacing(&mut self, line: u64, column: usize, value: &str) {
        let inner = &value[1..value.len() - 1];
        let parts = flow_parts(inner);
        let is_tidy = inner.trim() == inner
            && parts.iter().skip(1).all(|(_, part)| part.starts_with(' ') && !part.starts_with("  "))
            && parts.iter().all(|(_, part)| part.trim_end() == *part);
        if !is_tidy {
            self.fault(line, column, "blanks within brackets are not as elsewhere", "write {a: 1, b: 2} and [a, b]");
        }
    }
}

/// Whether the key of a line stands in quotes, which the outline has taken off.
fn is_quoted(text: &str, line: &Line<'_>) -> bool {
    let raw = usize::try_from(line.number).ok().and_then(|number| text.lines().nth(number - 1)).unwrap_or_default();
    raw.get(line.indent..).is_some_and(|body| body.starts_with(['"', '\'']))
}

fn keys_of(properties: &Value) -> Option<Vec<String>> {
    Some(properties.as_object()?.keys().cloned().collect())
}
