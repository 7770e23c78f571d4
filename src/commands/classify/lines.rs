//! Lines of `classify`: what is known of a key is written once, and only what differs from row to row is written anew.

use std::io::Write;

use crate::assess::{Assessment, Rated};
use crate::cli::LineFormat;
use crate::diagnostic::text::{guard, mask_secrets, shown_json};
use crate::diagnostic::{Failure, WriteError, sanitized};
use crate::input::Gathered;
use crate::input::second_pass::{CountedRow, SecondPass, text_of_counted};
use crate::maps::FastMap;
use crate::money::Money;
use crate::rollup::{Context, KeyId};
use crate::settings::Settings;
use crate::usage::{PerClass, TokenClass};

/// Columns of the lines, in the order of docs/specification.md.
const COLUMNS: [&str; 20] = [
    "file",
    "row",
    "id",
    "time",
    "provider",
    "model",
    "workload",
    "requests",
    "input",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "output",
    "tier",
    "verdict",
    "band",
    "reasons",
    "cost",
    "batch_cost",
    "saving",
];

/// Everything lines are made of.
pub struct Lines<'l> {
    /// Options.
    pub settings: &'l Settings,
    /// What rows are judged against.
    pub context: &'l Context<'l>,
    /// What was read.
    pub gathered: &'l Gathered,
    /// What was judged.
    pub assessment: &'l Assessment,
    /// CSV or JSON.
    pub form: LineFormat,
}

/// Keys that each thread remembers how to write; the others are written anew, so that memory does not grow with keys.
const REMEMBERED: usize = 16_384;

/// What a thread remembers, by key; nothing for lines of a bill that are only compared with usage.
type Memory = FastMap<KeyId, Option<Known>>;

/// What all rows of a key have in common.
struct Known {
    /// Provider, model and workload, as written.
    names: Vec<u8>,
    /// Tier, verdict, band and reasons, as written.
    verdict: Vec<u8>,
    /// Whether what batch saves is a question.
    has_band: bool,
    rated: Rated,
}

impl Lines<'_> {
    /// Reads everything again and writes a line for every row that counts.
    pub fn write(&self, out: &mut (impl Write + Send)) -> Result<(), WriteError> {
        if self.form == LineFormat::Csv {
            writeln!(out, "{}", COLUMNS.join(","))?;
        }
        let (reading, files) = (self.settings.reading(), self.files());
        let pass = SecondPass {
            reading: &reading,
            sniffed: &self.settings.sniffed,
            context: self.context,
            gathered: self.gathered,
        };
        text_of_counted(
            pass,
            Memory::default,
            |memory, row, text| self.line(memory, &files[row.input], row, text).map_err(WriteError::Content),
            |text| Ok(out.write_all(text)?),
        )
    }

    /// The inputs' names, as written.
    fn files(&self) -> Vec<Vec<u8>> {
        let written = |name: &str| {
            let mut text = Vec::new();
            self.text(&mut text, name);
            text
        };
        self.settings.sources.iter().map(|source| written(&source.name)).collect()
    }

    fn line(&self, memory: &mut Memory, file: &[u8], row: CountedRow<'_>, text: &mut Vec<u8>) -> Result<(), Failure> {
        let fresh;
        let known = match memory.get(&row.key) {
            Some(known) => known,
            None if memory.len() < REMEMBERED => memory.entry(row.key).or_insert_with(|| self.known(row.key)),
            None => {
                fresh = self.known(row.key);
                &fresh
            }
        };
        let Some(known) = known else { return Ok(()) };
        let CountedRow { tokens, billed, .. } = row;
        let counts = tokens.map(|tokens| PerClass(tokens.0.map(u128::from))).unwrap_or_default();
        let priced = known.rated.price(&counts, billed.unwrap_or_default())?;
        let saving = match (known.has_band, priced.cost, priced.batch_cost) {
            (true, Some(cost), Some(batch)) => cost.sub(batch)?,
            _ => Money::ZERO,
        };

        let mut line = Line { form: self.form, column: 0, text };
        line.start();
        line.written(file);
        line.number(row.line);
        line.optional(row.id, |line, id| self.text(line, id));
        line.optional(row.time, |text, time| self.amount(text, time));
        line.as_they_are(&known.names, 3);
        line.optional(row.requests, put_count);
        for class in TokenClass::ALL {
            line.optional(tokens, |text, tokens| put_count(text, tokens[class]));
        }
        line.as_they_are(&known.verdict, 4);
        for amount in [priced.cost, priced.batch_cost, Some(saving)] {
            line.optional(amount, |text, amount| self.amount(text, amount));
        }
        line.end();
        Ok(())
    }

    fn known(&self, id: KeyId) -> Option<Known> {
        let last = self.assessment.last(id)?;
        let rollup = &self.gathered.rollup;
        let key = rollup.key(id);
        let (charge, group) = (rollup.charge(key.charge), rollup.group(key.group));
        let policy = self.context.policy;
        let (mut names, mut verdict) = (Vec::new(), Vec::new());
        // Provider stands in the fifth column, tier in the fourteenth.
        let mut line = Line { form: self.form, column: 4, text: &mut names };
        for name in [group.provider, group.model, group.workload.name] {
            line.value(|text| self.text(text, rollup.texts.get(name)));
        }
        let mut line = Line { form: self.form, column: 13, text: &mut verdict };
        line.value(|text| self.text(text, rollup.quoted(charge).key.tier.name()));
        line.value(|text| self.text(text, last.verdict.action.name()));
        line.optional(last.verdict.confidence, |text, band| self.text(text, band.name()));
        line.value(|text| match self.form {
            LineFormat::Csv => self.text(text, &last.code.text(policy)),
            LineFormat::Jsonl => {
                text.push(b'[');
                self.text(text, &last.code.text(policy));
                text.push(b']');
            }
        });
        let rated = Rated::of(rollup, charge, last.code, key.code.batch_cache(policy));
        Some(Known { names, verdict, has_band: last.verdict.confidence.is_some(), rated })
    }

    /// Text from a file: safe to look at, and no formula.
    fn text(&self, out: &mut Vec<u8>, text: &str) {
        match self.form {
            LineFormat::Csv => {
                // CSV has no escapes of its own for what moves a terminal.
                let safe = sanitized(text);
                let guard = guard(&safe);
                if safe.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
                    put(out, format_args!("\"{guard}{}\"", safe.replace('"', "\"\"")));
                } else {
                    out.extend_from_slice(guard.as_bytes());
                    out.extend_from_slice(safe.as_bytes());
                }
            }
            LineFormat::Jsonl => {
                let quoted = serde_json::Value::from(mask_secrets(text).into_owned()).to_string();
                out.extend_from_slice(shown_json(&quoted).as_bytes());
            }
        }
    }

    /// Digits or a time: never changed for spreadsheets, and a text in JSON.
    fn amount(&self, out: &mut Vec<u8>, value: impl std::fmt::Display) {
        match self.form {
            LineFormat::Csv => put(out, value),
            LineFormat::Jsonl => put(out, format_args!("\"{value}\"")),
        }
    }
}

/// Writes what is never quoted. Writing to memory cannot fail.
fn put(out: &mut Vec<u8>, value: impl std::fmt::Display) {
    let _ = write!(out, "{value}");
}

/// Writes a count, which is most of a line.
fn put_count(out: &mut Vec<u8>, count: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(count).as_bytes());
}

/// A line that is being written.
struct Line<'t> {
    form: LineFormat,
    /// The next column.
    column: usize,
    text: &'t mut Vec<u8>,
}

impl Line<'_> {
    fn start(&mut self) {
        if self.form == LineFormat::Jsonl {
            self.text.push(b'{');
        }
    }

    fn end(&mut self) {
        self.text.extend_from_slice(if self.form == LineFormat::Jsonl { b"}\n" } else { b"\n" });
    }

    /// Begins the next value.
    fn next(&mut self) {
        if self.column > 0 {
            self.text.push(b',');
        }
        if self.form == LineFormat::Jsonl {
            self.text.push(b'"');
            self.text.extend_from_slice(COLUMNS[self.column].as_bytes());
            self.text.extend_from_slice(b"\":");
        }
        self.column += 1;
    }

    fn value(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.next();
        write(self.text);
    }

    fn number(&mut self, number: u64) {
        self.value(|text| put_count(text, number));
    }

    fn written(&mut self, value: &[u8]) {
        self.value(|text| text.extend_from_slice(value));
    }

    /// A value that may not be known: nothing in CSV, null in JSON.
    fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Vec<u8>, T)) {
        self.next();
        match value {
            Some(value) => write(self.text, value),
            None if self.form == LineFormat::Jsonl => self.text.extend_from_slice(b"null"),
            None => {}
        }
    }

    /// So many values that were written before, with what stands between and in front of them.
    fn as_they_are(&mut self, values: &[u8], count: usize) {
        self.text.extend_from_slice(values);
        self.column += count;
    }
}
