//! `prices update`: what another table has that this one does not have, or has otherwise, as a layer on this one.
//!
//! Role: two tables and a day → models with one entry each, and what is not taken, with the reason. A newer check wins: an
//! entry here that was checked after that day stays. Rates of a tier are taken together, so that no rate stands beside
//! one that belongs to another price.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::check::{Lint, lints};
use super::figures::{Figure, Figures, Other, OtherModel, Tier};
use super::other::figures;
use super::pairing::{Wanted, pair};
use super::table_day;
use crate::calendar::Day;
use crate::money::{Factor, Rate};
use crate::pricing::{Entry, Kind, ModelId, PriceTable, ProviderId, Reading};
use crate::usage::TokenClass;

/// A layer to be written.
#[derive(Debug)]
pub struct Update {
    /// The table that it lies on.
    pub here: String,
    /// The file that it comes from.
    pub there: String,
    /// What kind of table that is.
    pub kind: &'static str,
    /// The first day of what is different, and the day on which all of it was looked up.
    pub on: Day,
    /// Models by provider, as `(provider, model)`.
    pub models: BTreeMap<(String, String), Change>,
    /// Differences that are not taken: the model as `provider/model`, and why.
    pub kept: Vec<(String, String)>,
    /// What else of the file is not taken, in words, with how often it occurs.
    pub left_out: Vec<(&'static str, u64)>,
}

/// What a layer says of one model.
#[derive(Debug, Default)]
pub struct Change {
    /// Whether the table does not have the model.
    pub is_new: bool,
    /// What it does, if it is new and that is stated.
    pub kind: Option<Kind>,
    /// The day on which it is retired, with the one that the table has.
    pub retires: Option<(Day, Option<Day>)>,
    /// Its prices, if they are new or different.
    pub prices: Option<NewPrices>,
}

/// An entry to be written.
#[derive(Debug, Default)]
pub struct NewPrices {
    /// The first day; nothing for a model that the table does not have, since nobody states it.
    pub from: Option<Day>,
    /// Where the figures come from.
    pub source: String,
    /// All rates.
    pub figures: Figures,
    /// Sizes of prompts from which on a context tier holds; the others hold above their size.
    pub inclusive: BTreeSet<u64>,
    /// Multipliers by data residency that the table has.
    pub geo: Vec<(String, Factor)>,
    /// The rule that the table's batch prices follow from, where these stay.
    pub batch_rule: Option<String>,
    /// What is replaced and what is left out, in words.
    pub remarks: Vec<String>,
    /// Codes of `prices check` that these prices have.
    pub acknowledge: BTreeSet<&'static str>,
}

/// What is new and different in another table on a day.
pub fn update(table: &PriceTable, other: Other, there: &str, on: Day, wanted: &Wanted) -> Update {
    let paired = pair(table, other.models, wanted);
    let update = Update {
        here: table.source.clone(),
        there: there.to_owned(),
        kind: other.kind,
        on,
        models: BTreeMap::new(),
        kept: Vec::new(),
        left_out: other.left_out,
    };
    let mut writer = Writer { table, update, newest: on.max(table_day(table)), skipped: BTreeMap::new() };
    for (id, theirs) in paired.both {
        writer.known(id, &theirs);
    }
    let is_used = wanted.used.is_some();
    for (provider, model) in paired.only_there {
        writer.unknown(Some(provider), model, is_used);
    }
    for model in paired.unknown_provider {
        if is_used {
            writer.unknown(None, model, is_used);
        } else {
            writer.skip("models there of providers that this table does not have");
        }
    }
    let Writer { mut update, skipped, .. } = writer;
    update.left_out.extend(skipped);
    update.left_out.retain(|(_, count)| *count > 0);
    update
}

impl Update {
    /// How many models are new, have other prices, and have another day on which they are retired.
    pub fn counts(&self) -> [u64; 3] {
        let count = |is_so: fn(&Change) -> bool| self.models.values().filter(|change| is_so(change)).count() as u64;
        [
            count(|change| change.is_new),
            count(|change| !change.is_new && change.prices.is_some()),
            count(|change| !change.is_new && change.retires.is_some()),
        ]
    }

    /// Accepts what `prices check` finds in these prices and not in the table below: the file states them so.
    pub fn acknowledge(&mut self, below: &PriceTable, layered: &PriceTable) {
        for Lint { code, provider, model, .. } in lints(layered, Some(below)) {
            let change = model.and_then(|model| self.models.get_mut(&(provider, model)));
            if let Some(prices) = change.and_then(|change| change.prices.as_mut()) {
                prices.acknowledge.insert(code);
            }
        }
    }
}

/// Whether another table has so few of the models here that it cannot be whole: fewer than a share, as `(part, whole)`, of
/// those that are served, of providers that it has. Otherwise how many there are, and how many should be.
pub fn shrunk(table: &PriceTable, other: &Other, on: Day, (part, whole): (usize, usize)) -> Option<(usize, usize)> {
    let mut have: BTreeMap<ProviderId, BTreeSet<ModelId>> = BTreeMap::new();
    for model in &other.models {
        let Some(provider) = table.provider_named(&model.provider) else { continue };
        let found = model.names.iter().find_map(|name| table.read_name(provider, name));
        have.entry(provider).or_default().extend(found.map(|found| found.model));
    }
    let is_served =
        |id: ModelId| table.entry_on(id, on).is_some() && table.model(id).retires.is_none_or(|day| day > on);
    let there = have.values().flatten().filter(|id| is_served(**id)).count();
    let here = table.models().filter(|(id, model)| have.contains_key(&model.provider) && is_served(*id)).count();
    (there * whole < here * part).then_some((there, here))
}

struct Writer<'t> {
    table: &'t PriceTable,
    update: Update,
    /// The newest check of the table with its layer: what is retired by then is over.
    newest: Day,
    skipped: BTreeMap<&'static str, u64>,
}

impl Writer<'_> {
    fn skip(&mut self, why: &'static str) {
        *self.skipped.entry(why).or_default() += 1;
    }

    fn keep(&mut self, id: ModelId, why: String) {
        let model = self.table.model(id);
        let name = format!("{}/{}", self.table.provider(model.provider).name, model.name);
        self.update.kept.push((name, why));
    }

    fn source(&self, model: &OtherModel) -> String {
        format!("{}: {}", self.update.kind, model.source.as_deref().unwrap_or(&self.update.there))
    }

    /// A model of both tables.
    fn known(&mut self, id: ModelId, theirs: &OtherModel) {
        let model = self.table.model(id);
        let mut change = Change::default();
        if let Some(day) = theirs.retires.filter(|day| model.retires != Some(*day)) {
            if day <= self.newest || model.retires.is_some_and(|own| own <= self.newest) {
                let own = model.retires.map_or_else(|| "no day".to_owned(), |day| day.to_string());
                self.keep(id, format!("retired on {day} there, {own} here; look it up"));
            } else {
                change.retires = Some((day, model.retires));
            }
        }
        let entry = self.table.entry_on(id, self.update.on).map(|(_, entry)| entry);
        change.prices = match entry {
            Some(entry) => self.changed(id, entry, theirs),
            // The table has it from a later day on.
            None => self.new_prices(theirs).map(|prices| NewPrices { from: Some(self.update.on), ..prices }),
        };
        if change.retires.is_some() || change.prices.is_some() {
            let provider = self.table.provider(model.provider).name.clone();
            self.update.models.insert((provider, model.name.clone()), change);
        }
    }

    /// Prices of a model that are not as the table has them.
    fn changed(&mut self, id: ModelId, entry: &Entry, theirs: &OtherModel) -> Option<NewPrices> {
        let here = figures(entry);
        let on = self.update.on;
        // Others write 0 for what is not sold.
        let there: Figures = theirs
            .figures
            .iter()
            .filter(|(figure, rate)| rate.units() > 0 || here.contains_key(figure))
            .map(own)
            .collect();
        let differing: Vec<Figure> = here
            .iter()
            .filter(|(figure, rate)| there.get(figure).is_some_and(|other| other != *rate))
            .map(|(figure, _)| *figure)
            .collect();
        let mut merged = merge(&here, &there);
        let dear = without_dear_batch(&mut merged);
        if merged == here {
            return None;
        }
        let at = |table: &Figures, figures: &[Figure]| {
            words(figures.iter().filter_map(|figure| Some((*figure, *table.get(figure)?))))
        };
        if let Some(other) = &entry.served_as {
            let served = entry.from.map(|from| format!(" since {from}")).unwrap_or_default();
            self.keep(id, format!("`{other}` is served under this name{served}; there {}", at(&there, &differing)));
            return None;
        }
        if entry.checked > on {
            let further: Vec<Figure> = there.keys().filter(|figure| !here.contains_key(figure)).copied().collect();
            let values = at(&there, &[differing, further].concat());
            self.keep(id, format!("checked here on {}, which is later; there {values}", entry.checked));
            return None;
        }
        let mut remarks = Vec::new();
        let replaced: Vec<Figure> = differing.into_iter().filter(|figure| merged.contains_key(figure)).collect();
        if !replaced.is_empty() {
            remarks.push(format!("{}, checked {}, has {}", self.update.here, entry.checked, at(&here, &replaced)));
        }
        let gone: Vec<Figure> = here.keys().filter(|figure| !merged.contains_key(figure)).copied().collect();
        if !gone.is_empty() {
            remarks.push(format!("left out, since they belong to the other price: {}", at(&here, &gone)));
        }
        remarks.extend(dear);
        if entry.peak_hours.is_some() {
            remarks.push("left out, since they belong to the other price: cheaper hours of the day".to_owned());
        }
        let is_batch = |figure: &&Figure| figure.tier == Tier::Batch;
        let keeps_batch = here.keys().filter(is_batch).all(|figure| merged.get(figure) == here.get(figure));
        Some(NewPrices {
            from: Some(on),
            source: self.source(theirs),
            inclusive: entry
                .steps
                .iter()
                .map(|(start, _)| *start)
                .filter(|start| merged.keys().any(|figure| figure.above == *start))
                .collect(),
            geo: entry.geo.clone(),
            batch_rule: entry
                .batch_rule
                .clone()
                .filter(|_| keeps_batch && merged.keys().any(|figure| is_batch(&figure))),
            figures: merged,
            remarks,
            ..NewPrices::default()
        })
    }

    /// Prices of a model that has none here.
    fn new_prices(&self, theirs: &OtherModel) -> Option<NewPrices> {
        let mut figures: Figures = theirs.figures.clone();
        if theirs.kind.is_some_and(|kind| matches!(kind, Kind::Embedding | Kind::Rerank)) {
            figures.retain(|figure, rate| figure.class != TokenClass::Output || rate.units() > 0);
        }
        let remarks = without_dear_batch(&mut figures).into_iter().collect();
        let is_standard = |figure: &Figure| figure.tier == Tier::Standard && figure.above == 0;
        let is_priced = figures.iter().any(|(figure, rate)| is_standard(figure) && rate.units() > 0);
        is_priced.then(|| NewPrices { source: self.source(theirs), figures, remarks, ..NewPrices::default() })
    }

    /// A model that only the other table has.
    fn unknown(&mut self, provider: Option<ProviderId>, model: OtherModel, is_used: bool) {
        let name = model.names.first().cloned().unwrap_or_default();
        let read = provider.and_then(|provider| self.table.read_name(provider, &name));
        if read.is_some_and(|found| found.reading == Reading::LetterCase) {
            return self.skip("names there that differ in letter case from one here");
        }
        if model.retires.is_some_and(|day| day <= self.newest) && !is_used {
            return self.skip("models there that are retired");
        }
        let Some(prices) = self.new_prices(&model) else {
            return self.skip("models there without a standard price above 0");
        };
        let provider = provider.map_or(model.provider, |provider| self.table.provider(provider).name.clone());
        let change = Change {
            is_new: true,
            kind: model.kind,
            retires: model.retires.map(|day| (day, None)),
            prices: Some(prices),
        };
        self.update.models.insert((provider, name), change);
    }
}

fn own((figure, rate): (&Figure, &Rate)) -> (Figure, Rate) {
    (*figure, *rate)
}

/// The rates of both tables. A tier of a context step that differs has those of the other table alone. Of one that agrees,
/// rates that only this table has stay where the standard rate of their class agrees; of one that only this table has, where
/// all standard rates do.
fn merge(here: &Figures, there: &Figures) -> Figures {
    let differs =
        |figure: &Figure| here.get(figure).is_some_and(|rate| there.get(figure).is_some_and(|other| other != rate));
    let any_differs =
        |above: u64, tier: Tier| TokenClass::ALL.into_iter().any(|class| differs(&Figure { above, tier, class }));
    let is_stated = |above: u64, tier: Tier| there.keys().any(|figure| figure.above == above && figure.tier == tier);
    let mut merged = there.clone();
    for (figure, rate) in here {
        let Figure { above, tier, class } = *figure;
        let is_stale = if is_stated(above, tier) {
            any_differs(above, tier) || differs(&Figure { above: 0, tier: Tier::Standard, class })
        } else {
            any_differs(0, Tier::Standard)
        };
        if !is_stale {
            merged.insert(*figure, *rate);
        }
    }
    merged
}

/// Takes out batch tiers with a rate above the standard one, which no table may have, and says so.
fn without_dear_batch(figures: &mut Figures) -> Option<String> {
    let dear: BTreeSet<u64> = figures
        .iter()
        .filter(|(figure, rate)| {
            let standard = figures.get(&Figure { tier: Tier::Standard, ..**figure });
            figure.tier == Tier::Batch && standard.is_some_and(|standard| standard < rate)
        })
        .map(|(figure, _)| figure.above)
        .collect();
    let is_dear = |figure: &Figure| figure.tier == Tier::Batch && dear.contains(&figure.above);
    let taken_out = words(figures.iter().map(own).filter(|(figure, _)| is_dear(figure)));
    figures.retain(|figure, _| !is_dear(figure));
    (!dear.is_empty()).then(|| format!("left out, since batch costs more than standard there: {taken_out}"))
}

/// `standard input 0.1, output 0.2; batch above 200,000 input 0.05`.
fn words(rates: impl Iterator<Item = (Figure, Rate)>) -> String {
    let mut text = String::new();
    let mut last = None;
    for (figure, rate) in rates {
        let block = (figure.above, figure.tier);
        let separator = if text.is_empty() {
            ""
        } else if last == Some(block) {
            ", "
        } else {
            "; "
        };
        let name = if last == Some(block) { String::new() } else { format!("{} ", figure.block()) };
        // Writing to a String cannot fail.
        let _ = write!(text, "{separator}{name}{} {rate}", figure.class.name());
        last = Some(block);
    }
    text
}
