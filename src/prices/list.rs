//! `prices list`: which models are wanted, and one line for each.

use globset::{GlobBuilder, GlobMatcher};

use super::{discount, named, table_day};
use crate::calendar::Day;
use crate::diagnostic::{Diagnostic, Failure};
use crate::money::Rate;
use crate::pricing::{Entry, Kind, ModelId, ModelPrices, PriceTable, ProviderId, ProviderPrices};
use crate::usage::TokenClass;

/// Which models are wanted.
#[derive(Debug)]
pub struct Selection {
    /// The day whose rates are meant.
    pub on: Day,
    /// Of this provider.
    pub provider: Option<ProviderId>,
    /// Of this kind.
    pub kind: Option<Kind>,
    /// With or without a batch rate.
    pub batch: Option<bool>,
    /// With such a name.
    pub pattern: Option<Pattern>,
}

/// What a name should look like.
#[derive(Debug)]
pub enum Pattern {
    /// A glob over the name, or over `provider/name`.
    Glob(GlobMatcher),
    /// A part of either, in lower case.
    Part(String),
}

impl Pattern {
    /// Reads a glob if the text has a sign of one, else a part of a name.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        if !text.contains(['*', '?', '[', '{']) {
            return Ok(Self::Part(text.to_lowercase()));
        }
        let glob = GlobBuilder::new(text).case_insensitive(true).build().map_err(|error| {
            Failure::usage(
                Diagnostic::new("usage", format!("`{text}` is not a glob: {}", error.kind()))
                    .hint("`*`, `?`, `[abc]` and `{a,b}` have a meaning in globs; anything else is a part of a name"),
            )
        })?;
        Ok(Self::Glob(glob.compile_matcher()))
    }

    fn matches(&self, provider: &ProviderPrices, model: &ModelPrices) -> bool {
        std::iter::once(&model.name).chain(&model.aliases).any(|name| {
            let whole = format!("{}/{name}", provider.name);
            match self {
                Self::Glob(glob) => glob.is_match(name) || glob.is_match(whole),
                Self::Part(part) => whole.to_lowercase().contains(part),
            }
        })
    }
}

/// The entry that stands for a model on a day: the one in force, else the first one announced.
pub fn entry_shown(table: &PriceTable, id: ModelId, on: Day) -> Option<&Entry> {
    table.entry_on(id, on).map(|(_, entry)| entry).or_else(|| table.model(id).entries.first())
}

/// Whether a model is no longer served on a day.
pub fn is_retired(model: &ModelPrices, on: Day) -> bool {
    model.retires.is_some_and(|day| day <= on)
}

/// The models that are wanted, in file order, retired ones among them.
pub fn select(table: &PriceTable, selection: &Selection) -> Vec<ModelId> {
    let wanted = |id: ModelId| {
        let (provider, model) = named(table, id);
        let has_batch = || {
            entry_shown(table, id, selection.on)
                .is_some_and(|entry| entry.steps.iter().any(|(_, tiers)| tiers.batch.is_some()))
        };
        selection.provider.is_none_or(|provider| provider == model.provider)
            && selection.kind.is_none_or(|kind| kind == model.kind)
            && selection.batch.is_none_or(|batch| batch == has_batch())
            && selection.pattern.as_ref().is_none_or(|pattern| pattern.matches(provider, model))
    };
    table.models().map(|(id, _)| id).filter(|&id| wanted(id)).collect()
}

/// A model on one line.
#[derive(Debug)]
pub struct Line {
    /// Whose it is.
    pub provider: String,
    /// Its id.
    pub model: String,
    /// What it does.
    pub kind: &'static str,
    /// Standard rates.
    pub input: Option<Rate>,
    /// See `input`.
    pub output: Option<Rate>,
    /// See `input`; read from a cache.
    pub cached: Option<Rate>,
    /// Batch rates.
    pub batch_input: Option<Rate>,
    /// See `batch_input`.
    pub batch_output: Option<Rate>,
    /// What batch takes off, or nothing without batch rates.
    pub discount: Option<String>,
    /// Since when, if known.
    pub since: Option<Day>,
    /// Days between the check of these figures and the newest check in the table.
    pub age_days: i32,
    /// What is worth knowing, in a few words each.
    pub flags: Vec<String>,
}

/// Models on lines.
#[derive(Debug)]
pub struct List {
    /// Where the table came from.
    pub source: String,
    /// The newest day on which an entry was checked.
    pub checked: Day,
    /// The day whose rates are shown.
    pub on: Day,
    /// Providers stay together, in file order.
    pub lines: Vec<Line>,
    /// Retired models that were left out.
    pub hidden: u64,
}

/// Makes a line of each model.
pub fn list(table: &PriceTable, models: &[ModelId], on: Day, retired: bool) -> List {
    let checked = table_day(table);
    let (hidden, shown): (Vec<ModelId>, Vec<ModelId>) =
        models.iter().partition(|&&id| !retired && is_retired(table.model(id), on));
    List {
        source: table.source.clone(),
        checked,
        on,
        lines: shown.into_iter().filter_map(|id| line(table, id, on, checked)).collect(),
        hidden: hidden.len() as u64,
    }
}

fn line(table: &PriceTable, id: ModelId, on: Day, checked: Day) -> Option<Line> {
    let (provider, model) = named(table, id);
    let entry = entry_shown(table, id, on)?;
    let (_, tiers) = entry.steps.first()?;
    let standard = |class: TokenClass| tiers.standard.and_then(|rates| rates[class]);
    let batch = |class: TokenClass| tiers.batch.and_then(|rates| rates[class]);
    Some(Line {
        provider: provider.name.clone(),
        model: model.name.clone(),
        kind: model.kind.name(),
        input: standard(TokenClass::Input),
        output: standard(TokenClass::Output),
        cached: standard(TokenClass::CacheRead),
        batch_input: batch(TokenClass::Input),
        batch_output: batch(TokenClass::Output),
        discount: discount(tiers),
        since: entry.from,
        age_days: checked.number() - entry.checked.number(),
        flags: flags(provider, model, entry, on),
    })
}

fn flags(provider: &ProviderPrices, model: &ModelPrices, entry: &Entry, on: Day) -> Vec<String> {
    let mut flags = Vec::new();
    if let Some(day) = model.retires {
        flags.push(if day <= on { format!("retired {day}") } else { format!("retires {day}") });
    }
    if entry.from.is_some_and(|from| from > on) {
        flags.push("announced".to_owned());
    } else if let Some(day) = model.entries.iter().filter_map(|entry| entry.from).find(|from| *from > on) {
        flags.push(format!("changes {day}"));
    }
    if entry.steps.len() > 1 {
        flags.push("long prompts".to_owned());
    }
    if entry.batch_rule.is_some() {
        flags.push("by rule".to_owned());
    }
    if entry.peak_hours.is_some() {
        flags.push("off-peak".to_owned());
    }
    flags.extend(entry.discount.map(|factor| format!("contract × {factor}")));
    flags.extend(entry.served_as.as_ref().map(|other| format!("served as {other}")));
    flags.extend(entry.until.map(|until| format!("promised until {until}")));
    let is_disputed = provider.batch.as_ref().is_some_and(|terms| !terms.disputed.0.is_empty());
    if is_disputed && entry.steps.iter().any(|(_, tiers)| tiers.batch.is_some()) {
        flags.push("disputed terms".to_owned());
    }
    if entry.note.is_some() {
        flags.push("note".to_owned());
    }
    flags
}
