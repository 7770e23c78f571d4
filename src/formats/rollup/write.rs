//! Lines of sums → the text of a rollup file.
//!
//! Role: [`Rollup::lines`] and their sums → CSV, in an order that depends on nothing but what the lines say.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::COLUMNS;
use super::read::{IDS, TEXTS, TOKENS, position};
use crate::calendar::Moment;
use crate::policy::Fact;
use crate::pricing::PriceTable;
use crate::rollup::key_fields::KeyFields;
use crate::rollup::reduced::Counted;
use crate::rollup::{Context, Direction, InputPart, Line, LineSums, Rollup, Span, Unsummable};
use crate::usage::{Field, Outcome, Tier, TokenClass};

/// Writes lines.
pub struct Writer<'t> {
    rollup: &'t Rollup,
    table: &'t PriceTable,
    fields: KeyFields<'t>,
    has_hours: bool,
    /// Names of tags, in order.
    tags: Vec<&'t str>,
}

/// A line as it is written.
struct Cells<'l> {
    cells: [Cow<'l, str>; COLUMNS.len()],
    tags: Vec<&'l str>,
}

impl<'l> Cells<'l> {
    fn new(fate: &'l str, tags: usize) -> Self {
        let mut cells = Self { cells: [const { Cow::Borrowed("") }; COLUMNS.len()], tags: vec![""; tags] };
        cells.set("fate", fate);
        cells
    }

    fn set(&mut self, column: &str, text: impl Into<Cow<'l, str>>) {
        self.cells[position(column)] = text.into();
    }

    fn number(&mut self, column: &str, number: &impl ToString) {
        self.set(column, number.to_string());
    }

    fn count(&mut self, column: &str, number: u64) {
        if number > 0 {
            self.number(column, &number);
        }
    }

    fn flag(&mut self, column: &str, is: bool) {
        if is {
            self.set(column, "1");
        }
    }

    fn sums(&mut self, sums: &LineSums) {
        let LineSums { cell, notes, .. } = sums;
        self.number("rows", &cell.rows);
        self.count("requests", cell.requests);
        self.count("rows_without_requests", cell.rows_without_requests);
        for (class, column) in TokenClass::ALL.into_iter().zip(TOKENS) {
            if cell.tokens[class] > 0 {
                self.cells[column] = cell.tokens[class].to_string().into();
            }
        }
        if !cell.billed.is_zero() {
            self.number("billed", &cell.billed);
        }
        self.count("amounts_rounded", notes.oddities.rounded_amounts);
        self.count("parts_apart", notes.oddities.parts_apart);
        self.count("audio", notes.oddities.audio);
        self.count("paid_elsewhere", notes.oddities.paid_elsewhere);
    }

    fn text(&self) -> String {
        let cells = self.cells.iter().map(AsRef::as_ref).chain(self.tags.iter().copied());
        csv_line(cells)
    }
}

/// A line of CSV. A cell is quoted where it needs to be.
fn csv_line<'c>(cells: impl Iterator<Item = &'c str>) -> String {
    let mut text = String::new();
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            text.push(',');
        }
        let is_special = |byte: u8| matches!(byte, b',' | b'"' | b'\n' | b'\r');
        let is_padded = || cell.starts_with(char::is_whitespace) || cell.ends_with(char::is_whitespace);
        // Most cells are empty.
        if !cell.is_empty() && (cell.bytes().any(is_special) || is_padded()) {
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(cell);
        }
    }
    text
}

impl<'t> Writer<'t> {
    /// Of all sums of a rollup that was kept by line.
    pub fn new(rollup: &'t Rollup, context: &Context<'t>) -> Self {
        let tags = rollup.lines.iter().flat_map(|(line, _)| &line.tags).map(|(name, _)| *name);
        let tags: std::collections::HashSet<_> = tags.collect();
        let mut tags: Vec<&str> = tags.into_iter().map(|name| rollup.texts.get(name)).collect();
        tags.sort_unstable();
        Self {
            rollup,
            table: context.table,
            fields: KeyFields::new(context, false),
            has_hours: context.lines.is_some_and(|lines| lines.hours),
            tags,
        }
    }

    /// The names of the columns.
    pub fn header(&self) -> String {
        let tags: Vec<String> = self.tags.iter().map(|tag| format!("tag.{tag}")).collect();
        csv_line(COLUMNS.into_iter().chain(tags.iter().map(String::as_str)))
    }

    /// What the lines of each input come to, and how many there are.
    pub fn totals(&self) -> Result<BTreeMap<InputPart, (u64, LineSums)>, Unsummable> {
        let mut totals: BTreeMap<InputPart, (u64, LineSums)> = BTreeMap::new();
        for (line, more) in &self.rollup.lines {
            let (lines, sums) = totals.entry(line.row.from).or_default();
            *lines += 1;
            sums.cell.absorb(&more.cell)?;
            sums.notes.oddities.merge(more.notes.oddities, Direction::Add)?;
        }
        Ok(totals)
    }

    /// All lines of usage, with the numbers of their inputs, in order.
    pub fn lines(&self, numbers: &BTreeMap<InputPart, usize>) -> Vec<String> {
        let number = |from: &InputPart| numbers.get(from).copied().unwrap_or_default();
        let lines = self.rollup.lines.iter();
        let mut lines: Vec<String> = lines.map(|(line, sums)| self.line(line, sums, number(&line.row.from))).collect();
        lines.sort_unstable();
        lines
    }

    fn line(&self, line: &Line, sums: &LineSums, input: usize) -> String {
        let Line { row, facts, last_step, format_provider, texts, ids, tags, values } = line;
        let get = |id| self.rollup.texts.get(id);
        let mut cells = Cells::new(if row.lacks_output { "no-output" } else { "accepted" }, self.tags.len());
        cells.number("input", &input);
        cells.number("day", &row.day);
        if row.last_day != row.day {
            cells.number("last_day", &row.last_day);
        }
        cells.set(
            "grain",
            match row.span {
                Span::Call => "call",
                Span::Bucket => "bucket",
                Span::Undated => "undated",
            },
        );
        cells.flag("one_request", row.one_request);
        cells.set("format_provider", format_provider.map_or("", get));
        for (column, text) in TEXTS.into_iter().zip(texts) {
            if let (Some(column), Some(text)) = (column, text) {
                cells.cells[column] = get(*text).into();
            }
        }
        for (column, id) in IDS.into_iter().zip(ids) {
            cells.cells[column] = id.map_or("", get).into();
        }
        for (name, value) in tags {
            if let Ok(at) = self.tags.binary_search(&get(*name)) {
                cells.tags[at] = get(*value);
            }
        }
        cells.set("stream", facts.stream.map_or("", |stream| if stream { "true" } else { "false" }));
        cells.set("service_tier", if facts.tier == Tier::Default { "" } else { facts.tier.name() });
        cells.flag("batch_unknown", facts.batch_unknown);
        cells.set(
            "outcome",
            match facts.outcome {
                Outcome::Succeeded => "",
                Outcome::Failed => "failed",
                Outcome::Refused => "refused",
                Outcome::GatewayHit => "gateway-hit",
            },
        );
        cells.flag("credit", row.is_credit);
        if let Some(window) = row.window {
            cells.set("window", format!("{}..{}", window.above, window.up_to));
        }
        cells.flag("is_billed", facts.is_billed);
        cells.flag("has_ttft", facts.has_first_token);
        match facts.counted() {
            Counted::Tokens(present) => {
                cells.set("kind", "tokens");
                cells.number("classes", &present.bits());
                // Both are at most the prompts of the line, and lie in their interval of rules, and of prices.
                let by_rules = self.fields.value(values, &Fact::InputTokens).unwrap_or(0);
                let step = if facts.is_single_call { facts.step } else { *last_step };
                cells.number("at_prompt", &by_rules.max(self.table.step_start(step)));
            }
            Counted::BillLine(None) => cells.set("kind", "bill"),
            Counted::BillLine(Some(class)) => cells.set("kind", format!("bill:{}", class.name())),
        }
        let hour = if self.has_hours { "hour" } else { "at_hour" };
        let tested = [
            ("at_output", Fact::OutputTokens),
            ("at_latency_ms", Fact::LatencyMs),
            ("at_ttft_ms", Fact::TtftMs),
            ("at_status", Fact::Status),
            (hour, Fact::Hour),
        ];
        for (column, fact) in tested {
            if let Some(value) = self.fields.value(values, &fact) {
                cells.number(column, &value);
            }
        }
        let users: Vec<String> = sums.notes.end_users.hashes().iter().map(|user| format!("{user:016x}")).collect();
        cells.set("end_users", users.join(" "));
        cells.sums(sums);
        cells.text()
    }

    /// The lines of ids and names, in order.
    pub fn names(&self) -> Vec<String> {
        let line = |provider: &str, field: Field, id: Option<&str>, name: Option<&str>, latest: Option<Moment>| {
            let mut cells = Cells::new("name", self.tags.len());
            cells.set("provider", provider.to_owned());
            if let (Some(at), Some(column)) = (field.with_id(), TEXTS[field as usize]) {
                cells.cells[IDS[at]] = id.unwrap_or_default().to_owned().into();
                cells.cells[column] = name.unwrap_or_default().to_owned().into();
            }
            cells.set("latest", latest.map_or(String::new(), |latest| latest.to_string()));
            cells.text()
        };
        let mut lines = Vec::new();
        self.rollup.stated.each_id(|provider, field, id, name, latest| {
            lines.push(line(provider, field, Some(id), name, Some(latest)));
        });
        self.rollup.stated.each_alone(|field, text| lines.push(line("", field, None, Some(text), None)));
        lines.sort_unstable();
        lines
    }

    /// A control row.
    pub fn control(&self, input: Option<usize>, sums: &LineSums, about: &str) -> String {
        let mut cells = Cells::new("control", self.tags.len());
        cells.set("input", input.map_or(String::new(), |input| input.to_string()));
        cells.sums(sums);
        cells.set("about", about);
        cells.text()
    }
}
