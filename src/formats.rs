//! Formats: what each export looks like, and how its rows become usage records.
//!
//! Role: the registry of built-in mappings ([`BUILT_IN`]), compiled formats, and [`Format::read`]: cells → a
//! [`UsageRecord`] or the reason why not. A new format is one mapping file and one line here.

use crate::calendar::Day;
use crate::diagnostic::{Diagnostic, Failure, Place};
use crate::money::{DecimalStyle, Money};
use crate::usage::UsageRecord;
use crate::yaml;

pub mod cells;
pub mod logic;
pub mod mapping;
mod row;

pub use cells::{Cells, Header, Paths, Slot, Unreadable};
use logic::Derive;
pub use mapping::{Container, Kind, Mapping};
use mapping::{Damage, Spec, Target};
use row::RowReader;

/// The mappings that ship with the program, most specific first.
pub const BUILT_IN: [&str; 6] = [
    include_str!("formats/maps/litellm.yaml"),
    include_str!("formats/maps/openai-usage-csv.yaml"),
    include_str!("formats/maps/openai-cost-csv.yaml"),
    include_str!("formats/maps/anthropic-tokens-csv.yaml"),
    include_str!("formats/maps/anthropic-cost-csv.yaml"),
    include_str!("formats/maps/batchwise.yaml"),
];

/// Most tokens that one call is believed to have in one class.
const MOST_TOKENS_A_CALL: u64 = 1_000_000_000;

/// A mapping made ready for reading.
#[derive(Debug)]
pub struct Format {
    /// As written.
    pub mapping: Mapping,
    /// All paths it reads.
    pub paths: Paths,
    derive: Option<Derive>,
    time: Slot,
    end: Option<Slot>,
    /// By target: where it comes from.
    targets: Vec<Option<(Vec<Slot>, Spec)>>,
    tags: Vec<(String, Slot)>,
    /// What the mapping fills, in its order.
    sources: Vec<TargetSource>,
    blank: Vec<Slot>,
    not_usage: Vec<Slot>,
    total: Option<(Slot, Vec<String>)>,
    /// Further columns that tell buckets apart, and where their texts are joined.
    grouping: Option<(Vec<Slot>, Slot)>,
    decimal: DecimalStyle,
}

/// A target that a mapping fills.
#[derive(Clone, Copy, Debug)]
struct TargetSource {
    target: Target,
    damage: Damage,
    /// The one path it comes from as it stands there, where that is so.
    plain: Option<Slot>,
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
}

/// A row that can be counted.
#[derive(Debug)]
pub struct Accepted<'r> {
    /// What it says.
    pub record: UsageRecord<'r>,
    /// Output tokens were not given, which only embeddings may do.
    pub output_missing: bool,
    /// The billed amount had more than 18 decimals.
    pub amount_rounded: bool,
    /// An amount in a currency other than USD, with its code.
    pub foreign: Option<(&'r str, Money)>,
    /// Texts of further columns that tell buckets apart.
    pub grouping: &'r str,
}

/// Why a row is not counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Stable code.
    pub code: &'static str,
    /// The column at fault.
    pub column: String,
    /// Its text.
    pub value: String,
    /// The reason in words.
    pub reason: String,
}

/// A row as far as it could be read: dates and dollars are known for rejected rows too.
#[derive(Debug)]
pub struct RowRead<'r> {
    /// First and last UTC day.
    pub days: Option<(Day, Day)>,
    /// The billed amount.
    pub dollars: Option<Money>,
    /// The row or why it is rejected.
    pub outcome: Result<Read<'r>, Reject>,
}

/// All formats, a user's own first.
pub fn registry(own: Option<Format>) -> Result<Vec<Format>, Failure> {
    let built_in = BUILT_IN.iter().map(|text| Format::parse("built-in format", text, true));
    own.into_iter().map(Ok).chain(built_in).collect()
}

impl Format {
    /// Reads a mapping; `source` is named in errors.
    pub fn parse(source: &str, text: &str, built_in: bool) -> Result<Self, Failure> {
        let mapping: Mapping = yaml::read("map", source, text)?;
        let refuse = |message: String| Failure::usage(Diagnostic::new("map", message).at(Place::file(source)));
        if mapping.schema != 1 {
            return Err(refuse(format!("schema {} is not known; this program reads schema 1", mapping.schema)));
        }
        if mapping.logic.is_some() && !built_in {
            return Err(refuse("`logic` belongs to built-in formats".into()));
        }
        let has = |target: Target| mapping.fields.0.iter().any(|(known, _)| *known == target);
        let needed = if mapping.kind == Kind::Usage { Target::Input } else { Target::Billed };
        if !has(needed) {
            return Err(refuse(format!(
                "`fields` lacks `{}`, without which there is nothing to count",
                if needed == Target::Input { "input" } else { "billed" }
            )));
        }
        if mapping.kind == Kind::Usage && !has(Target::Model) {
            return Err(refuse("`fields` lacks `model`, without which nothing can be priced".into()));
        }
        Ok(Self::compile(mapping))
    }

    fn compile(mapping: Mapping) -> Self {
        let mut paths = Paths::new(mapping.tags.prefix.clone());
        let time = paths.slot(&mapping.time.from);
        let end = mapping.end.as_ref().map(|end| paths.slot(&end.from));
        let mut targets: Vec<Option<(Vec<Slot>, Spec)>> = vec![None; Target::COUNT];
        for (target, spec) in &mapping.fields.0 {
            targets[*target as usize] = Some((spec.from.iter().map(|path| paths.slot(path)).collect(), spec.clone()));
        }
        let tags = mapping.tags.named.0.iter().map(|(name, path)| (name.clone(), paths.slot(path))).collect();
        let mut slots = |names: &[String]| names.iter().map(|path| paths.slot(path)).collect::<Vec<_>>();
        let (blank, not_usage) = (slots(&mapping.blank_if_empty), slots(&mapping.not_usage_if));
        let grouping = slots(&mapping.also_group_by);
        let grouping = (!grouping.is_empty()).then(|| (grouping, paths.slot("@grouping")));
        let total = mapping.total_if.as_ref().map(|rule| (paths.slot(&rule.column), rule.values.clone()));
        let source = |target: Target| {
            let plain = targets[target as usize].as_ref().and_then(|(slots, spec)| match slots.as_slice() {
                [slot] if spec.values.is_empty() => Some(*slot),
                _ => None,
            });
            TargetSource { target, damage: target.damage(), plain }
        };
        let sources = mapping.fields.0.iter().map(|(target, _)| source(*target)).collect();
        let derive = mapping.logic.map(|logic| Derive::new(logic, &mut paths));
        let decimal = mapping.decimal.unwrap_or(DecimalStyle::Undeclared);
        Self { mapping, paths, derive, time, end, targets, tags, sources, blank, not_usage, total, grouping, decimal }
    }

    /// Columns or keys that prove the format.
    pub fn recognised_by(&self) -> Vec<&str> {
        if !self.mapping.recognise.is_empty() {
            return self.mapping.recognise.iter().map(String::as_str).collect();
        }
        let top = |path: &'_ str| -> String { path.split(" > ").next().unwrap_or(path).to_owned() };
        let required = [Target::Model, Target::Input, Target::Billed];
        let mut names: Vec<&str> = self
            .column_map()
            .filter(|(target, _)| required.contains(target))
            .filter_map(|(_, paths)| paths.first())
            .chain(std::iter::once(&self.mapping.time.from))
            .map(|path| path.split(" > ").next().unwrap_or(path))
            .collect();
        names.retain(|name| !top(name).starts_with('@'));
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether columns or keys are of this format.
    pub fn recognises(&self, columns: &[&str]) -> bool {
        let known = self.recognised_by();
        let exactly = &self.mapping.recognise_exactly;
        (!known.is_empty() && known.iter().all(|name| columns.contains(name)))
            || (!exactly.is_empty()
                && exactly.len() == columns.len()
                && exactly.iter().all(|name| columns.contains(&name.as_str())))
    }

    /// Whether rows state what was billed.
    pub fn states_bill(&self) -> bool {
        self.targets[Target::Billed as usize].is_some()
    }

    /// The path a target is read from, for messages.
    pub fn column_of(&self, target: Target) -> &str {
        let path = self.targets[target as usize].as_ref().and_then(|(_, spec)| spec.from.first());
        // A value that the format's logic works out goes by the name of what it is made of.
        path.map_or("", |path| path.strip_prefix('@').unwrap_or(path))
    }

    /// All targets with the paths they are read from.
    pub fn column_map(&self) -> impl Iterator<Item = (Target, &[String])> {
        self.mapping.fields.0.iter().map(|(target, spec)| (*target, spec.from.as_slice()))
    }

    /// Turns a row's cells into what it says.
    ///
    /// `doubtful` says that the file is written in a way that goes with decimal commas, so that a number which reads both
    /// ways is refused whatever the format says.
    #[inline]
    pub fn read<'r>(&'r self, cells: &'r mut Cells<'_>, doubtful: bool) -> RowRead<'r> {
        if let Some(derive) = &self.derive {
            derive.apply(cells);
        }
        if let Some((columns, joined)) = &self.grouping {
            cells.join(columns, *joined);
        }
        let decimal =
            if doubtful && self.decimal == DecimalStyle::Point { DecimalStyle::Undeclared } else { self.decimal };
        let row = RowReader::new(self, cells, decimal);
        let span = row.span();
        let days = span.as_ref().ok().map(|(start, end)| {
            let last = end.map_or(*start, |end| end.plus_seconds(-1).max(*start));
            (start.day(), last.day())
        });
        let billed = row.money(Target::Billed);
        let dollars = billed.as_ref().ok().and_then(|billed| billed.map(|(amount, _)| amount));
        RowRead { days, dollars, outcome: row.outcome(span, billed) }
    }
}
