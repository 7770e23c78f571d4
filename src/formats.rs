//! Formats: what each export looks like, and how its rows become usage records.
//!
//! Role: the registry of built-in mappings ([`BUILT_IN`]), compiled formats, and [`Format::read`]: cells → a
//! [`UsageRecord`] or the reason why not. A new format is one mapping file and one line here.

use std::ops::Deref;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use crate::calendar::{Day, Moment};
use crate::diagnostic::{Diagnostic, Failure, Place};
use crate::money::{DecimalStyle, Money};
use crate::rollup::Oddities;
use crate::usage::UsageRecord;
use crate::yaml;

pub mod about;
pub mod batches;
pub mod cells;
mod column_batch;
mod column_kind;
pub mod columns;
mod compiled;
mod corruption;
pub mod expected;
mod focus;
pub mod grid;
pub mod ignored;
pub mod logic;
pub mod mapping;
mod moment;
mod naming;
pub mod nested;
mod paths;
mod column_plan;
mod reject;
pub mod rollup;
mod row;
mod skus;
pub mod swar;
mod tokens;
pub mod unread;
mod value_cache;
mod window;
pub mod words;

pub use cells::{Cells, Unreadable};
pub use column_plan::ColumnPlan;
use column_plan::RowValues;
pub use compiled::Compiled;
pub use corruption::{IllegalChars, without_delimiters};
use expected::RowKeys;
pub use focus::{KnownNames, OtherCharge};
use logic::DerivedFields;
pub use logic::STREAMED_FROM_MICROS;
pub use mapping::{Container, Kind, Mapping};
use mapping::{Logic, TargetField};
pub use paths::{Header, Paths, Slot};
pub use reject::{REJECT_CODES, Reject, reject_code};
pub use row::MOST_STATUS;
use row::RowReader;
pub use tokens::{MOST_TOKENS_A_BUCKET, MOST_TOKENS_A_CALL};
use unread::UnreadUsage;

/// A mapping by its file in `maps/`, as it was turned into JSON when the program was built.
macro_rules! built_in {
    ($name:literal) => {
        ($name, include_str!(concat!(env!("OUT_DIR"), "/maps/", $name, ".json")))
    };
}

/// The mappings that ship with the program, by file, most specific first.
pub const BUILT_IN: &[(&str, &str)] = &[
    built_in!("litellm"),
    built_in!("openai-usage-csv"),
    built_in!("openai-cost-csv"),
    built_in!("openai-activity-csv"),
    built_in!("anthropic-tokens-csv"),
    built_in!("anthropic-cost-csv"),
    built_in!("focus-csv"),
    built_in!("openai-usage-api"),
    built_in!("openai-costs-api"),
    built_in!("anthropic-usage-api"),
    built_in!("anthropic-cost-api"),
    built_in!("langfuse"),
    built_in!("helicone"),
    built_in!("bedrock-invocation-log"),
    built_in!("portkey"),
    built_in!("cloudflare-ai-gateway"),
    built_in!("langsmith"),
    built_in!("openrouter-csv"),
    built_in!("openrouter-generation-json"),
    built_in!("openai-batch-output"),
    built_in!("openai-batches"),
    built_in!("openai-bodies"),
    built_in!("claude-code"),
    built_in!("anthropic-batch-results"),
    built_in!("anthropic-bodies"),
    built_in!("batchwise"),
    built_in!("batchwise-rollup"),
];

/// A mapping. What reading needs of it is compiled when the first input is of it: a run reads few of all formats.
#[derive(Debug)]
pub struct Format {
    /// As written.
    pub mapping: Mapping,
    /// The days that rows without a time belong to, where they were said: their begin and end.
    days: Option<(Moment, Moment)>,
    /// Which names the price table has, by which the logic of a cloud's bill knows LLM usage.
    names: Option<Arc<KnownNames>>,
    built_in: bool,
    compiled: OnceLock<Compiled>,
}

impl Deref for Format {
    type Target = Compiled;

    fn deref(&self) -> &Compiled {
        self.compiled.get_or_init(|| Compiled::of(&self.mapping, self.built_in, self.names.as_ref()))
    }
}

/// What a row turned out to be.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all rows are usage, and a box for each would cost more")]
pub enum Read<'r> {
    /// Usage, or a line of a bill.
    Usage(Accepted<'r>),
    /// A period without usage.
    Blank,
    /// Totals of other rows.
    Total,
    /// Not an LLM call.
    NotUsage,
    /// No LLM call either, but a charge that a bill shows on a line of its own.
    OtherCharge(OtherCharge<'r>),
    /// A piece of an answer, without its usage.
    StreamChunk(StreamChunk<'r>),
}

/// A piece of an answer that was streamed.
#[derive(Clone, Copy, Debug)]
pub struct StreamChunk<'r> {
    /// The call's id.
    pub id: &'r str,
    /// The vendor, as logged.
    pub provider: Option<&'r str>,
    /// The model, as logged.
    pub model: &'r str,
}

/// A row that can be counted.
#[derive(Debug)]
pub struct Accepted<'r> {
    /// What it says.
    pub record: UsageRecord<'r>,
    /// What is odd about it all the same.
    pub oddity: Option<Oddity>,
    /// The billed amount had more than 18 decimals.
    pub amount_rounded: bool,
    /// Texts of further columns that tell buckets apart.
    pub grouping: &'r str,
}

/// What is odd about a row that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// Parts of the prompt or the output that it states do not add up to the whole.
    PartsApart,
    /// Some of its tokens are sound, at the rates of text.
    Audio,
    /// It says how many requests it is, and no token.
    NoTokens,
    /// It bills nothing for what costs something.
    PaidElsewhere,
}

impl Accepted<'_> {
    /// What is odd about it, as it is counted.
    pub fn oddities(&self) -> Oddities {
        let is = |oddity| u64::from(self.oddity == Some(oddity));
        Oddities {
            rounded_amounts: self.amount_rounded.into(),
            parts_apart: is(Oddity::PartsApart),
            audio: is(Oddity::Audio),
            no_tokens: is(Oddity::NoTokens),
            paid_elsewhere: is(Oddity::PaidElsewhere),
        }
    }
}

/// A row as far as it could be read: dates and dollars are known for rejected rows too.
#[derive(Debug)]
pub struct RowRead<'r> {
    /// First and last UTC day.
    pub days: Option<(Day, Day)>,
    /// The billed amount.
    pub dollars: Option<Money>,
    /// An amount in a currency other than USD, with its code; `dollars` is empty then.
    pub foreign: Option<(&'r str, Money)>,
    /// Usage keys with a positive number that the mapping neither reads nor declares.
    pub unread: &'r [UnreadUsage],
    /// A quote stands inside a value that is read and does not begin with one.
    pub has_stray_quote: bool,
    /// Which expected columns or keys it has.
    pub keys: RowKeys,
    /// Keys that mean nothing, of this row and some before it.
    pub ignored: &'r [String],
    /// The row or why it is rejected.
    pub outcome: Result<Read<'r>, Box<Reject>>,
}

/// All formats of this program.
pub fn registry() -> Result<Vec<Format>, Failure> {
    BUILT_IN.iter().map(|(_, json)| Format::of(yaml::read_built_in("map", json)?, "built-in format", true)).collect()
}

impl Format {
    /// Reads a mapping; `source` is named in errors.
    pub fn parse(source: &str, text: &str) -> Result<Self, Failure> {
        Self::of(yaml::read("map", source, text)?, source, false)
    }

    fn of(mut mapping: Mapping, source: &str, built_in: bool) -> Result<Self, Failure> {
        let refuse = |message: String| Failure::usage(Diagnostic::new("map", message).at(Place::file(source)));
        if mapping.schema != 1 {
            return Err(refuse(format!("schema {} is not known; this program reads schema 1", mapping.schema)));
        }
        mapping.expand_roots().map_err(refuse)?;
        if !mapping.conventions.is_empty() && !mapping.input_holds.is_empty() {
            return Err(refuse(
                "`input_holds` is the only convention, and `conventions` lists them: give one of the two".into(),
            ));
        }
        if mapping.logic.is_some() && !built_in {
            return Err(refuse("`logic` belongs to built-in formats".into()));
        }
        if mapping.rows.is_some() && !mapping.containers.contains(&Container::Jsonl) {
            return Err(refuse("`rows` needs `jsonl` among the `containers`: only JSON holds rows in lists".into()));
        }
        if let Some((target, _)) =
            mapping.fields.0.iter().find(|(target, spec)| spec.always.is_some() && !target.is_word())
        {
            return Err(refuse(format!(
                "`{}` is a number, and `always` is for words: what a row does not state is not known",
                target.name()
            )));
        }
        if mapping.rows_alone && mapping.rows.is_none() {
            return Err(refuse("`rows_alone` needs `rows`: without lists each object is a row anyway".into()));
        }
        let has = |target: TargetField| mapping.fields.0.iter().any(|(known, _)| *known == target);
        let needed = if mapping.kind == Kind::Usage { TargetField::Input } else { TargetField::Billed };
        if !has(needed) {
            return Err(refuse(format!(
                "`fields` lacks `{}`, without which there is nothing to count",
                if needed == TargetField::Input { "input" } else { "billed" }
            )));
        }
        if let Some(message) = mapping.fields.0.iter().find_map(|(target, spec)| spec.misplaced_ids(*target)) {
            return Err(refuse(message));
        }
        if mapping.kind == Kind::Usage && !has(TargetField::Model) {
            return Err(refuse("`fields` lacks `model`, without which nothing can be priced".into()));
        }
        Ok(Self { mapping, days: None, names: None, built_in, compiled: OnceLock::new() })
    }

    /// Says which days rows without a time belong to, where the format has such rows.
    pub fn set_days(&mut self, from: Day, to: Day) {
        self.days = self.mapping.undated_rows.then(|| (from.start(), to.next().start()));
    }

    /// Says which names the price table has, before anything is read.
    pub fn set_names(&mut self, names: &Arc<KnownNames>) {
        self.names = Some(Arc::clone(names));
    }

    /// Whether rows without a time can be read.
    pub const fn knows_days(&self) -> bool {
        self.days.is_some()
    }

    /// Columns or keys that prove the format.
    pub fn recognised_by(&self) -> Vec<&str> {
        if !self.mapping.recognise.is_empty() {
            return self.mapping.recognise.iter().map(String::as_str).collect();
        }
        let top = |path: &'_ str| -> String { path.split(" > ").next().unwrap_or(path).to_owned() };
        let required = [TargetField::Model, TargetField::Input, TargetField::Billed];
        let mut names: Vec<&str> = self
            .column_map()
            .filter(|(target, _)| required.contains(target))
            .filter_map(|(_, paths)| paths.first())
            .chain(self.mapping.time.from.first())
            .map(|path| path.split(" > ").next().unwrap_or(path))
            .collect();
        names.retain(|name| !top(name).starts_with('@'));
        names.sort_unstable();
        names.dedup();
        names
    }

    /// How many columns or keys prove that they are of this format: those of the longest proof, nothing without one.
    pub fn recognises<'f>(&'f self, columns: &[&str]) -> Option<usize> {
        let mapping = &self.mapping;
        let proves = |proof: &[&str]| !proof.is_empty() && proof.iter().all(|name| columns.contains(name));
        let names = |proof: &'f Vec<String>| -> Vec<&'f str> { proof.iter().map(String::as_str).collect() };
        let exactly = names(&mapping.recognise_exactly);
        let is_exact = exactly.len() == columns.len() && proves(&exactly);
        std::iter::once(self.recognised_by())
            .chain(mapping.recognise_also.iter().map(names))
            .filter(|proof| proves(proof))
            .chain(is_exact.then(|| exactly.clone()))
            .map(|proof| proof.len())
            .max()
    }

    /// The end of the names of its files, if a folder is one that its tool keeps.
    pub fn files_in(&self, folder: &Path) -> Option<&'static str> {
        let is_kept = self.mapping.folders.iter().any(|end| folder.ends_with(end));
        is_kept.then_some(if self.mapping.containers.contains(&Container::Csv) { "csv" } else { "jsonl" })
    }

    /// Whether its lines are sums of another run, which may be of any format.
    pub fn is_rollup(&self) -> bool {
        self.mapping.logic == Some(Logic::Rollup)
    }

    /// Whether rows state what was billed.
    pub fn states_bill(&self) -> bool {
        self.targets[TargetField::Billed as usize].is_some()
    }

    /// The path a target is read from, for messages.
    pub fn column_of(&self, target: TargetField) -> &str {
        let path = self.targets[target as usize].as_ref().and_then(|(_, spec)| spec.from.first());
        // A value that the format's logic works out goes by the name of what it is made of.
        path.map_or("", |path| path.strip_prefix('@').unwrap_or(path))
    }

    /// All targets with the paths they are read from.
    pub fn column_map(&self) -> impl Iterator<Item = (TargetField, &[String])> {
        self.mapping.fields.0.iter().map(|(target, spec)| (*target, spec.from.as_slice()))
    }

    /// What shows that a text for a target is damaged.
    fn damage(&self, target: TargetField) -> IllegalChars {
        if target == TargetField::Id && self.mapping.plain_ids { IllegalChars::Separators } else { target.damage() }
    }

    /// The paths a target is read from.
    fn slots(&self, target: TargetField) -> &[Slot] {
        self.targets[target as usize].as_ref().map_or(&[], |(slots, _)| slots)
    }

    /// What a file's columns hold.
    pub fn header(&self, names: Vec<String>) -> Header {
        let plan = ColumnPlan::of(self, &names);
        Header::new(names, plan, &self.paths)
    }

    /// Turns a row's cells into what it says.
    ///
    /// `doubtful` says that the file is written in a way that goes with decimal commas, so that a number which reads both
    /// ways is refused whatever the format says.
    pub fn read<'r>(&'r self, cells: &'r mut Cells<'_>, doubtful: bool) -> RowRead<'r> {
        if let Some(derive) = &self.derive {
            derive.apply(cells);
        }
        self.tag_objects.iter().for_each(|slot| cells.add_tags_in(*slot));
        if let Some((columns, joined)) = &self.grouping {
            cells.join(columns, *joined);
        }
        let (cells, values) = (&*cells, RowValues::of(self, cells));
        let (decimal, unread, mut keys) = (self.decimal(doubtful), cells.unread(), cells.keys());
        keys.present &= !naming::unnamed(&self.naming, cells, &values);
        let reader = RowReader { format: self, values: &values, decimal, unread, keys };
        RowRead { ignored: cells.ignored(), ..reader.read(self.set_apart(cells, &reader)) }
    }

    fn decimal(&self, doubtful: bool) -> DecimalStyle {
        if doubtful && self.decimal == DecimalStyle::Point { DecimalStyle::Undeclared } else { self.decimal }
    }

    /// What a row is if it is no usage, as far as columns of its own say so.
    fn set_apart<'r>(
        &'r self,
        cells: &'r Cells<'_>,
        reader: &RowReader<'r, '_>,
    ) -> Option<Result<Read<'r>, Box<Reject>>> {
        let is = |rule: &Option<(Slot, Vec<String>)>| {
            rule.as_ref().is_some_and(|(slot, values)| {
                let text = cells.get(*slot).unwrap_or_default().trim();
                values.iter().any(|value| value.eq_ignore_ascii_case(text))
            })
        };
        let is_empty = !self.blank.is_empty() && self.blank.iter().all(|slot| cells.get(*slot).is_none());
        // What counts tokens is no blank row, whatever else it lacks.
        if is_empty && !is(&self.call) && !reader.states_tokens() {
            return Some(Ok(Read::Blank));
        }
        for &slot in &self.not_usage {
            match cells.get(slot).map(str::trim).filter(|text| !text.is_empty()) {
                None => {}
                Some(text) if text.contains(char::is_alphanumeric) => return Some(Ok(Read::NotUsage)),
                // A stray separator must not make a call vanish.
                Some(text) => return Some(Err(row::damaged(self.paths.name(slot), text))),
            }
        }
        if is(&self.no_call) {
            return Some(Ok(Read::NotUsage));
        }
        if let Some(DerivedFields::Focus(focus)) = &self.derive
            && let Some(charge) = focus.other_charge(cells)
        {
            return Some(Ok(Read::OtherCharge(charge)));
        }
        is(&self.total).then_some(Ok(Read::Total))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn mappings_are_the_same_in_both_forms() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/formats/maps");
        for (name, json) in BUILT_IN {
            let written = std::fs::read_to_string(folder.join(name).with_extension("yaml")).expect("its file");
            let written: Mapping = yaml::read("map", name, &written).expect("a mapping");
            let built: Mapping = yaml::read_built_in("map", json).expect("the same");
            assert_eq!(format!("{built:?}"), format!("{written:?}"), "{name}");
        }
        assert_eq!(std::fs::read_dir(folder).expect("a folder").count(), BUILT_IN.len(), "each file is named");
    }
}
