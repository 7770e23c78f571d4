//! Lines of sums → the text of a rollup file.
//!
//! Role: [`Rollup::lines`] and their sums → CSV, line by line, in an order that depends on nothing but what the lines say.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Display, Write as _};
use std::io::Write;
use std::ops::Range;

use smallvec::SmallVec;

use super::read::{IDS, TEXTS, TOKENS};
use super::{COLUMNS, Checksum, HashedColumns, column, columns_with_tags, position};
use crate::diagnostic::{Failure, WriteError};
use crate::maps::{FastMap, next_number};
use crate::policy::{Fact, Reduction};
use crate::pricing::PriceTable;
use crate::rollup::key_fields::KeyFields;
use crate::rollup::reduced::Counted;
use crate::rollup::{
    Cell, Context, Direction, InputPart, Line, LineId, LineNotes, LineSums, Oddities, Rollup, Span, TextId, Texts,
};
use crate::usage::{Field, Outcome, Tier, TokenClass};

/// Lines that are looked at for what makes them differ.
const LOOKED_AT: usize = 50_000;

/// Writes lines.
pub struct Writer<'t> {
    rollup: &'t Rollup,
    table: &'t PriceTable,
    fields: KeyFields<'t>,
    has_hours: bool,
    /// The columns of tags.
    tag_columns: FastMap<TextId, usize>,
    columns: Vec<String>,
    keys: HashedColumns,
    sums: HashedColumns,
}

/// What the lines of one input come to.
#[derive(Debug, Default)]
pub struct LineTotals {
    /// How many there are.
    pub lines: u64,
    /// Their sums.
    pub sums: LineSums,
    /// Their checksums.
    pub checksum: Checksum,
}

/// A line as it is written. Its room is used again for the next one.
struct Cells {
    /// The cells, in the order in which they were set.
    text: String,
    /// Where the cell of each column stands in it.
    spans: Vec<Range<usize>>,
    line: String,
}

impl Cells {
    fn new(columns: usize) -> Self {
        Self { text: String::new(), spans: vec![0..0; columns], line: String::new() }
    }

    /// Begins another line.
    fn begin(&mut self, fate: &str) {
        self.text.clear();
        self.spans.fill(0..0);
        self.set(column!("fate"), fate);
    }

    fn set(&mut self, column: usize, cell: impl Display) {
        let start = self.text.len();
        // Writing to a String cannot fail.
        let _ = write!(self.text, "{cell}");
        self.spans[column] = start..self.text.len();
    }

    fn count(&mut self, column: usize, count: u64) {
        if count > 0 {
            self.set(column, count);
        }
    }

    fn flag(&mut self, column: usize, is: bool) {
        if is {
            self.set(column, '1');
        }
    }

    fn sums(&mut self, cell: &Cell, oddities: Oddities) {
        self.set(column!("rows"), cell.rows);
        self.count(column!("requests"), cell.requests);
        self.count(column!("rows_without_requests"), cell.rows_without_requests);
        for (class, column) in TokenClass::ALL.into_iter().zip(TOKENS) {
            if cell.tokens[class] > 0 {
                self.set(column, cell.tokens[class]);
            }
        }
        if !cell.billed.is_zero() {
            self.set(column!("billed"), cell.billed);
        }
        self.count(column!("amounts_rounded"), oddities.rounded_amounts);
        self.count(column!("parts_apart"), oddities.parts_apart);
        self.count(column!("audio"), oddities.audio);
        self.count(column!("no_tokens"), oddities.no_tokens);
        self.count(column!("paid_elsewhere"), oddities.paid_elsewhere);
    }

    fn checksum(&self, columns: &HashedColumns) -> Checksum {
        columns.checksum(|at| &self.text[self.spans[at].clone()])
    }

    /// The line as CSV, with its end. A cell is quoted where it needs to be.
    fn line(&mut self) -> &str {
        let Self { text, spans, line } = self;
        line.clear();
        for (at, span) in spans.iter().enumerate() {
            if at > 0 {
                line.push(',');
            }
            let cell = &text[span.clone()];
            let is_special = |byte: u8| matches!(byte, b',' | b'"' | b'\n' | b'\r');
            let is_padded = || cell.starts_with(char::is_whitespace) || cell.ends_with(char::is_whitespace);
            if cell.bytes().any(is_special) || is_padded() {
                line.push('"');
                line.push_str(&cell.replace('"', "\"\""));
                line.push('"');
            } else {
                line.push_str(cell);
            }
        }
        line.push('\n');
        line
    }
}

impl<'t> Writer<'t> {
    /// Of all sums of a rollup that was kept by line.
    pub fn new(rollup: &'t Rollup, context: &Context<'t>) -> Self {
        let mut tags: Vec<TextId> = rollup.lines.iter().flat_map(|line| &line.tags).map(|(name, _)| *name).collect();
        tags.sort_unstable_by_key(|name| rollup.texts.get(*name));
        tags.dedup();
        let names: Vec<&str> = tags.iter().map(|name| rollup.texts.get(*name)).collect();
        let columns = columns_with_tags(&names);
        Self {
            rollup,
            table: context.table,
            fields: KeyFields::new(context, false),
            has_hours: context.lines.is_some_and(|lines| lines.hours),
            tag_columns: tags.into_iter().zip(COLUMNS.len()..).collect(),
            keys: HashedColumns::keys(&columns),
            sums: HashedColumns::sums(&columns),
            columns,
        }
    }

    fn cells(&self) -> Cells {
        Cells::new(self.columns.len())
    }

    /// The names of the columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The line of their names.
    pub fn header(&self) -> String {
        let mut cells = self.cells();
        self.columns.iter().enumerate().for_each(|(column, name)| cells.set(column, name));
        cells.line().to_owned()
    }

    /// The columns of texts and days by how many values they have in some of the lines, those with most first.
    pub fn varied_columns(&self) -> Vec<(String, usize)> {
        let mut values: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        let step = self.rollup.lines.len() / LOOKED_AT + 1;
        for line in self.rollup.lines.iter().step_by(step) {
            let columns = TEXTS.into_iter().chain(IDS.map(Some));
            let texts = columns.zip(line.texts.iter().chain(&line.ids));
            let texts = texts.filter_map(|(column, text)| Some((column?, (*text)?)));
            let tags = line.tags.iter().map(|(name, value)| (self.tag_columns[name], *value));
            for (column, text) in texts.chain(tags) {
                values.entry(column).or_default().insert(Texts::index(text));
            }
        }
        let mut varied: Vec<_> =
            values.into_iter().map(|(at, values)| (self.columns[at].clone(), values.len())).collect();
        varied.sort_by_key(|(_, values)| Reverse(*values));
        varied
    }

    /// Writes all lines of usage, with the numbers of their inputs. What those of each come to is known then.
    pub fn write_lines(
        &self,
        numbers: &BTreeMap<InputPart, usize>,
        out: &mut dyn Write,
    ) -> Result<BTreeMap<InputPart, LineTotals>, WriteError> {
        let mut totals: BTreeMap<InputPart, LineTotals> = BTreeMap::new();
        let (mut cells, none) = (self.cells(), LineNotes::default());
        for id in self.order() {
            let notes = self.rollup.line_notes.get(&id).unwrap_or(&none);
            self.fill(&mut cells, id, notes, numbers);
            out.write_all(cells.line().as_bytes())?;
            let total = totals.entry(self.rollup.lines[id as usize].row.from).or_default();
            total.lines += 1;
            total.sums.cell.absorb(&self.rollup.cells[id as usize]).map_err(Failure::from)?;
            total.sums.notes.oddities.merge(notes.oddities, Direction::Add).map_err(Failure::from)?;
            let of_users = Checksum::of_end_users(notes.end_users.hashes());
            total.checksum = total.checksum.and(cells.checksum(&self.keys)).and(of_users);
        }
        Ok(totals)
    }

    /// The lines in an order that depends on nothing but what they say.
    fn order(&self) -> impl Iterator<Item = LineId> {
        let Rollup { lines, texts, .. } = self.rollup;
        let mut sorted: Vec<TextId> = texts.iter().map(|(id, _)| id).collect();
        sorted.sort_unstable_by_key(|id| texts.get(*id));
        let mut ranks = vec![0; sorted.len()];
        for (rank, id) in (1_u32..).zip(sorted) {
            ranks[Texts::index(id)] = rank;
        }
        let rank = |id: Option<TextId>| id.map_or(0, |id| ranks[Texts::index(id)]);
        // These tell most lines apart, and are kept beside each other; for the rest a line is looked up.
        let first = |line: &Line| {
            let texts = [Field::Model, Field::Endpoint, Field::ApiKey, Field::Project];
            (line.row.from, line.row.day, texts.map(|field| rank(line.texts[field as usize])))
        };
        let whole = |id: LineId| {
            let Line { row, facts, last_step, format_provider, texts, ids, tags, values } = &lines[id as usize];
            let tags: SmallVec<[_; 4]> =
                tags.iter().flat_map(|(name, value)| [name, value].map(|id| rank(Some(*id)))).collect();
            (row, facts, last_step, rank(*format_provider), texts.map(rank), ids.map(rank), tags, values)
        };
        let mut order: Vec<_> = lines.iter().map(first).zip(0..next_number(lines.len())).collect();
        order.sort_unstable_by(|(one, a), (other, b)| one.cmp(other).then_with(|| whole(*a).cmp(&whole(*b))));
        order.into_iter().map(|(_, id)| id)
    }

    fn fill(&self, cells: &mut Cells, id: LineId, notes: &LineNotes, numbers: &BTreeMap<InputPart, usize>) {
        let Line { row, facts, last_step, format_provider, texts, ids, tags, values } = &self.rollup.lines[id as usize];
        let get = |id| self.rollup.texts.get(id);
        cells.begin(if row.lacks_output { "no-output" } else { "accepted" });
        cells.set(column!("input"), numbers.get(&row.from).copied().unwrap_or_default());
        cells.set(column!("day"), row.day);
        if row.last_day != row.day {
            cells.set(column!("last_day"), row.last_day);
        }
        let grain = match row.span {
            Span::Call => "call",
            Span::Bucket => "bucket",
            Span::Undated => "undated",
        };
        cells.set(column!("grain"), grain);
        cells.flag(column!("one_request"), row.one_request);
        let columns = TEXTS.into_iter().chain(IDS.map(Some)).chain([Some(column!("format_provider"))]);
        for (column, text) in columns.zip(texts.iter().chain(ids).chain([format_provider])) {
            if let (Some(column), Some(text)) = (column, text) {
                cells.set(column, get(*text));
            }
        }
        for (name, value) in tags {
            cells.set(self.tag_columns[name], get(*value));
        }
        if let Some(stream) = facts.stream {
            cells.set(column!("stream"), stream);
        }
        if facts.tier != Tier::Default {
            cells.set(column!("service_tier"), facts.tier.name());
        }
        cells.flag(column!("batch_unknown"), facts.batch_unknown);
        let outcome = match facts.outcome {
            Outcome::Succeeded => "",
            Outcome::Failed => "failed",
            Outcome::Refused => "refused",
            Outcome::GatewayHit => "gateway-hit",
        };
        cells.set(column!("outcome"), outcome);
        cells.flag(column!("credit"), row.is_credit);
        if let Some(window) = row.window {
            cells.set(column!("window"), format_args!("{}..{}", window.above, window.up_to));
        }
        cells.flag(column!("is_billed"), facts.is_billed);
        cells.flag(column!("has_ttft"), facts.has_first_token);
        for fact in Fact::ALL {
            let column = match fact.reduction() {
                Reduction::Number(column) => position(column),
                Reduction::Hour if self.has_hours => column!("hour"),
                Reduction::Hour => column!("at_hour"),
                _ => continue,
            };
            if let Some(value) = self.fields.value(values, &fact) {
                cells.set(column, value);
            }
        }
        match facts.counted() {
            Counted::Tokens(present) => {
                cells.set(column!("kind"), "tokens");
                cells.set(column!("classes"), present.bits());
                // Both are at most the prompts of the line, and lie in their interval of rules, and of prices.
                let by_rules = self.fields.value(values, &Fact::InputTokens).unwrap_or(0);
                let step = if facts.is_single_call { facts.step } else { *last_step };
                cells.set(column!("at_prompt"), by_rules.max(self.table.step_start(step)));
            }
            Counted::BillLine(None) => cells.set(column!("kind"), "bill"),
            Counted::BillLine(Some(class)) => cells.set(column!("kind"), format_args!("bill:{}", class.name())),
        }
        let users: Vec<String> = notes.end_users.hashes().iter().map(|user| format!("{user:016x}")).collect();
        cells.set(column!("end_users"), users.join(" "));
        cells.sums(&self.rollup.cells[id as usize], notes.oddities);
    }

    /// The lines of ids and names, in order.
    pub fn names(&self) -> Vec<String> {
        let mut cells = self.cells();
        let mut lines = Vec::new();
        let mut add = |provider: &str, field: Field, id: &str, name: &str, latest: &dyn Display| {
            cells.begin("name");
            cells.set(column!("provider"), provider);
            if let (Some(at), Some(column)) = (field.with_id(), TEXTS[field as usize]) {
                cells.set(IDS[at], id);
                cells.set(column, name);
            }
            cells.set(column!("latest"), latest);
            lines.push(cells.line().to_owned());
        };
        self.rollup.stated.each_id(|provider, field, id, name, latest| {
            add(provider, field, id, name.unwrap_or_default(), &latest);
        });
        self.rollup.stated.each_alone(|field, text| add("", field, "", text, &""));
        lines.sort_unstable();
        lines
    }

    /// The checksum that the sums of a control row have.
    pub fn checksum_of(&self, sums: &LineSums) -> Checksum {
        let mut cells = self.cells();
        cells.sums(&sums.cell, sums.notes.oddities);
        cells.checksum(&self.sums)
    }

    /// A control row.
    pub fn control(&self, input: Option<usize>, sums: &LineSums, about: &str) -> String {
        let mut cells = self.cells();
        cells.begin("control");
        if let Some(input) = input {
            cells.set(column!("input"), input);
        }
        cells.sums(&sums.cell, sums.notes.oddities);
        cells.set(column!("about"), about);
        cells.line().to_owned()
    }
}
