//! The price table: which model is meant, and what a call on it costs on a day.
//!
//! Role: (provider, model, day, tier, prompt size, geo) → rates, or the reason why there are none. Code here names no
//! vendor; everything comes from `pricing.yaml`. It does *not* add anything up. docs/specification.md, section 2.

use globset::GlobBuilder;

use crate::calendar::Day;
use crate::diagnostic::{Diagnostic, Failure, Place};
use crate::maps::FastMap;
use crate::money::Factor;
use crate::usage::{ClassSet, Tier, TokenClass};

pub mod entry;
mod exactness;
pub mod hours;
mod layers;
mod names;
mod paths;
mod resolve;
pub mod schema;
mod successors;
pub mod terms;

use names::{GLOB_HINT, Names};
use paths::ModelPaths;

pub use entry::{Entry, Rates, Tiers};
pub use hours::{HoursOfRow, PeakHours, PeakHoursId, RateTime};
use layers::refused;
pub use layers::{Layer, PriceFile};
pub use resolve::{Found, Reading, Resolved, Wanted};
pub use schema::Kind;
use schema::ServedAs;
pub use terms::{BatchTerms, Window};

/// The table that ships with the program, as it is written.
pub const BUILT_IN: &str = include_str!("../pricing.yaml");
/// The same as the build script turns it, to be loaded at each start.
const BUILT_IN_JSON: &str = include_str!(concat!(env!("OUT_DIR"), "/pricing.json"));

/// A provider of the table, by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderId(u16);

/// A model of the table, by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelId(u32);

/// Standard and batch prices of the models a company uses.
#[derive(Debug)]
pub struct PriceTable {
    /// Where the table came from: `built-in` or the file's name, and what lies on it, joined by ` + `.
    pub source: String,
    /// What lies on it, in the order of `--prices`.
    pub layers: Vec<Layer>,
    providers: Vec<ProviderPrices>,
    models: Vec<ModelPrices>,
    /// Peak hours of all vendors.
    peak_hours: Vec<PeakHours>,
    /// Names and aliases, lower-cased.
    provider_names: FastMap<String, ProviderId>,
    /// The smallest prompt of every context tier in the table, ascending, without 0.
    context_thresholds: Vec<u64>,
    /// The days on which some price begins, ascending.
    changes: Vec<Day>,
}

/// A provider with its models by name.
#[derive(Debug)]
pub struct ProviderPrices {
    /// The name reports use.
    pub name: String,
    /// Its other names.
    pub aliases: Vec<String>,
    /// Whether it sells models that others make.
    pub resells: bool,
    /// Whether it sells the models of others under `maker/model`, at prices that are not in this table.
    pub at_list: bool,
    /// What may stand before a model's name.
    pub paths: ModelPaths,
    /// What may stand behind it and is in no price.
    pub suffixes: Vec<String>,
    /// Terms of its batch API, if it has one.
    pub batch: Option<BatchTerms>,
    /// Its peak hours by name.
    pub peak_hours: Vec<(String, PeakHoursId)>,
    /// Its completion windows.
    pub windows: Vec<Window>,
    names: Names,
}

/// A model with its dated prices.
#[derive(Debug)]
pub struct ModelPrices {
    /// The id in the table.
    pub name: String,
    /// Whose it is.
    pub provider: ProviderId,
    /// Its other exact names.
    pub aliases: Vec<String>,
    /// Globs over names that mean it.
    pub globs: Vec<String>,
    /// Whether its id with a date behind it means it.
    pub snapshots: bool,
    /// What it does.
    pub kind: Kind,
    /// The day it stops being served.
    pub retires: Option<Day>,
    /// The model that does its work from then on, where its vendor names one.
    pub successor: Option<ModelId>,
    /// Dated entries, ascending.
    pub entries: Vec<Entry>,
}

/// Why a call has no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unpriced {
    /// The named provider is not in the table.
    UnknownProvider,
    /// No provider was named and several have the model.
    AmbiguousProvider,
    /// No entry, alias, snapshot or glob.
    UnknownModel,
    /// The day lies before the first known price.
    BeforeFirstPrice,
    /// A service tier without a meaning here.
    UnknownTier,
    /// No rates for this tier at this prompt size.
    NoTierRates,
    /// A token class with tokens has no rate.
    NoClassRate,
    /// The bill is in a currency without a rate.
    NoExchangeRate,
}

impl Unpriced {
    /// The code in reports.
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnknownProvider => "unknown-provider",
            Self::AmbiguousProvider => "ambiguous-provider",
            Self::UnknownModel => "unknown-model",
            Self::BeforeFirstPrice => "before-first-price",
            Self::UnknownTier => "unknown-tier",
            Self::NoTierRates => "no-tier-rate",
            Self::NoClassRate => "no-class-rate",
            Self::NoExchangeRate => "no-exchange-rate",
        }
    }
}

/// Rates that apply to one kind of call, geography included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// What the call's own tier costs.
    pub own: Result<Rates, Unpriced>,
    /// What a standard call would cost, for list values.
    pub standard: Option<Rates>,
    /// What the batch API would charge.
    pub batch: Option<Rates>,
    /// What the call costs outside of peak hours, where that is another price.
    pub off_peak: Option<Rates>,
    /// The entry's position in the model's list.
    pub entry: usize,
    /// The smallest prompt of the context tier.
    pub step: u64,
    /// The multiplier already in the rates.
    pub geo: Factor,
    /// A geography was stated that the entry does not know.
    pub geo_unknown: bool,
}

impl Quote {
    /// The same call outside of peak hours.
    #[must_use]
    pub fn off_peak(self) -> Self {
        match self.off_peak {
            Some(rates) => Self { own: Ok(rates), standard: Some(rates), ..self },
            None => self,
        }
    }

    /// The same for work that takes so many times the tokens.
    #[must_use]
    pub fn times(self, ratio: Factor) -> Self {
        let times = |rates: Option<Rates>| rates.map(|rates| rates.times(ratio));
        let own = self.own.map(|rates| rates.times(ratio));
        Self { own, standard: times(self.standard), batch: times(self.batch), off_peak: times(self.off_peak), ..self }
    }
}

/// Classes of a block that have no rate.
pub fn missing(rates: &Rates) -> ClassSet {
    TokenClass::ALL.into_iter().filter(|&class| rates[class].is_none()).collect()
}

impl PriceTable {
    /// The built-in table.
    pub fn built_in() -> Result<Self, Failure> {
        Self::layered(&[])
    }

    /// Reads a table, or a layer on the built-in one; `source` is named in errors and reports.
    pub fn parse(source: &str, text: &str) -> Result<Self, Failure> {
        Self::layered(&[PriceFile { path: source.to_owned(), name: source.to_owned(), text: text.to_owned() }])
    }

    fn build(path: &str, source: String, raw: schema::Table) -> Result<Self, Failure> {
        let mut table = Self {
            source,
            layers: Vec::new(),
            providers: Vec::new(),
            models: Vec::new(),
            peak_hours: Vec::new(),
            provider_names: FastMap::default(),
            context_thresholds: Vec::new(),
            changes: Vec::new(),
        };
        let (mut successors, mut served) = (Vec::new(), Vec::new());
        for (name, provider) in raw.providers {
            table.add_provider(path, name, provider, &mut successors, &mut served)?;
        }
        table.link_successors(path, successors)?;
        table
            .link_aliases(raw.aliases)
            .and_then(|()| table.link_served(served))
            .and_then(|()| table.link_discounts(&raw.discounts))
            .map_err(|error| refused(path, &error))?;
        table.check_windows().map_err(|error| refused(path, &error))?;
        let entries = || table.models.iter().flat_map(|model| &model.entries);
        table.context_thresholds =
            entries().flat_map(|entry| entry.steps.iter().map(|(size, _)| *size)).filter(|&size| size > 0).collect();
        table.context_thresholds.sort_unstable();
        table.context_thresholds.dedup();
        table.changes = entries().filter_map(|entry| entry.from).collect();
        table.changes.sort_unstable();
        table.changes.dedup();
        let most = usize::from(u16::MAX);
        let counted = [
            ("providers", table.providers.len(), most),
            ("context tiers", table.context_thresholds.len(), most),
            ("days on which prices change", table.changes.len(), most),
            ("peak hours", table.peak_hours.len(), hours::MOST),
        ];
        // What is beyond the numbers that these are named by would be taken for another.
        match counted.into_iter().find(|(_, count, most)| count > most) {
            None => Ok(table),
            Some((what, count, most)) => {
                Err(refused(path, &format!("{count} {what} are more than the {most} that can be told apart")))
            }
        }
    }

    fn add_provider(
        &mut self,
        path: &str,
        name: String,
        raw: schema::Provider,
        successors: &mut Vec<(ModelId, String)>,
        served: &mut Vec<(ModelId, ServedAs)>,
    ) -> Result<(), Failure> {
        // What does not fit is refused at the end of `build`.
        let id = ProviderId(u16::try_from(self.providers.len()).unwrap_or(u16::MAX));
        for alias in std::iter::once(&name).chain(&raw.aliases) {
            self.provider_names.insert(alias.to_lowercase(), id);
        }
        // The same of their number.
        let first_hours = u8::try_from(self.peak_hours.len()).unwrap_or(u8::MAX);
        let (hours_names, hours): (Vec<String>, Vec<PeakHours>) = raw.peak_hours.into_iter().unzip();
        self.peak_hours.extend(hours);
        let mut provider = ProviderPrices {
            name,
            aliases: raw.aliases,
            resells: raw.resells,
            at_list: raw.at_list,
            paths: raw.paths,
            suffixes: raw.suffixes,
            batch: raw.batch,
            windows: raw.windows,
            peak_hours: hours_names.into_iter().zip((first_hours..).map(PeakHoursId)).collect(),
            names: Names::default(),
        };
        for (name, mut raw) in raw.models {
            for (wanted, id) in raw.prices.iter_mut().filter_map(|entry| entry.peak_hours.as_mut()) {
                let Some((_, known)) = provider.peak_hours.iter().find(|(known, _)| known == wanted) else {
                    let message =
                        format!("`{wanted}` under `{name}` is not among the `peak_hours` of `{}`", provider.name);
                    return Err(refused(
                        path,
                        &format!("{message}\nhint: describe these hours there, once for all models"),
                    ));
                };
                *id = *known;
            }
            // A table is read as a whole, and one of so many models would be hundreds of gigabytes.
            let model = ModelId(u32::try_from(self.models.len()).unwrap_or(u32::MAX));
            for glob in &raw.globs {
                let parsed = GlobBuilder::new(glob).build().map_err(|error| {
                    Failure::usage(
                        Diagnostic::new(
                            "price-table",
                            format!("`{glob}` under `{name}` is not a glob: {}", error.kind()),
                        )
                        .at(Place::file(path))
                        .hint(GLOB_HINT),
                    )
                })?;
                provider.names.globs.declared.push((parsed, model));
            }
            if raw.snapshots {
                provider.names.snapshots.insert(name.clone(), model);
            }
            for alias in std::iter::once(&name).chain(&raw.aliases) {
                provider.names.exact.insert(alias.clone(), model);
            }
            successors.extend(raw.successor.map(|successor| (model, successor)));
            served.extend(raw.served_as.map(|other| (model, other)));
            self.models.push(ModelPrices {
                name,
                provider: id,
                aliases: raw.aliases,
                globs: raw.globs,
                snapshots: raw.snapshots,
                kind: raw.kind.unwrap_or_default(),
                retires: raw.retires,
                successor: None,
                entries: raw.prices,
            });
        }
        self.providers.push(provider);
        Ok(())
    }

    /// A provider by its position.
    pub fn provider(&self, id: ProviderId) -> &ProviderPrices {
        &self.providers[usize::from(id.0)]
    }

    /// A model by its position.
    pub fn model(&self, id: ModelId) -> &ModelPrices {
        &self.models[id.0 as usize]
    }

    /// All models, in file order.
    pub fn models(&self) -> impl Iterator<Item = (ModelId, &ModelPrices)> {
        (0_u32..).map(ModelId).zip(&self.models)
    }

    /// All providers, in file order.
    pub fn providers(&self) -> impl Iterator<Item = (ProviderId, &ProviderPrices)> {
        (0_u16..).map(ProviderId).zip(&self.providers)
    }

    /// The day on which an entry was last compared with its source: the table's own date, for there is no clock.
    pub fn newest_check(&self) -> Option<Day> {
        self.models.iter().flat_map(|model| &model.entries).map(|entry| entry.checked).max()
    }

    /// The provider with this name or alias.
    pub fn provider_named(&self, name: &str) -> Option<ProviderId> {
        self.provider_names.get(name).or_else(|| self.provider_names.get(&name.to_lowercase())).copied()
    }

    /// The names of all providers, in file order.
    pub fn provider_names(&self) -> impl Iterator<Item = &str> {
        self.providers.iter().map(|provider| provider.name.as_str())
    }

    /// The context tier a prompt falls into, counted over all steps of the table.
    pub fn step_of(&self, prompt: u128) -> u16 {
        let step = self.context_thresholds.partition_point(|&cut| u128::from(cut) <= prompt);
        // There are no more: `build` refuses them.
        u16::try_from(step).unwrap_or(u16::MAX)
    }

    /// The context tier of a single call, most of which fall into the first.
    #[inline]
    pub fn context_tier_of_call(&self, prompt: u64) -> u16 {
        if self.context_thresholds.first().is_none_or(|cut| prompt < *cut) { 0 } else { self.step_of(prompt.into()) }
    }

    /// The span between price changes that a day lies in, counted over all models of the table.
    pub fn price_period_of(&self, day: Day) -> u16 {
        // There are no more: `build` refuses them.
        u16::try_from(self.changes.partition_point(|change| *change <= day)).unwrap_or(u16::MAX)
    }

    /// A day that stands for a whole such span.
    pub fn day_in(&self, price_period: u16) -> Day {
        match (usize::from(price_period).checked_sub(1), self.changes.first()) {
            (Some(before), _) => self.changes.get(before).copied().unwrap_or_default(),
            (None, Some(first)) => first.previous(),
            (None, None) => Day::default(),
        }
    }

    /// The smallest prompt of each step but the first.
    pub fn step_starts(&self) -> &[u64] {
        &self.context_thresholds
    }

    /// The smallest prompt of a step.
    pub fn step_start(&self, step: u16) -> u64 {
        match step {
            0 => 0,
            step => self.context_thresholds[usize::from(step) - 1],
        }
    }

    /// Whether a model's prices differ between two steps, so that a row in between has no certain price.
    pub fn steps_matter(&self, model: ModelId, day: Day, low: u16, high: u16) -> bool {
        let (low, high) = (self.step_start(low), self.step_start(high));
        self.entry_on(model, day)
            .is_some_and(|(_, entry)| entry.steps.iter().any(|(size, _)| low < *size && *size <= high))
    }

    /// The entry in force on a day.
    pub fn entry_on(&self, model: ModelId, day: Day) -> Option<(usize, &Entry)> {
        self.model(model).entries.iter().enumerate().rev().find(|(_, entry)| entry.from.is_none_or(|from| from <= day))
    }

    /// What a call costs: on a model and day, on a tier, at a context tier, in a geography.
    pub fn quote(&self, model: ModelId, day: Day, tier: Tier, step: u16, geo: Option<&str>) -> Option<Quote> {
        let (index, entry) = self.entry_on(model, day)?;
        let prompt = self.step_start(step);
        let &(size, tiers) = entry.steps.iter().rev().find(|(size, _)| *size <= prompt)?;
        let factor = geo.and_then(|geo| {
            entry.geo.iter().find(|(name, _)| name.eq_ignore_ascii_case(geo)).map(|(_, factor)| *factor)
        });
        let geo_unknown = geo.is_some() && factor.is_none();
        let factor = factor.unwrap_or(Factor::ONE);
        let here = |rates: Option<Rates>| rates.map(|rates| rates.times(factor));
        let own = match tier {
            Tier::Default | Tier::Incentivized => Ok(tiers.standard),
            Tier::Flex => Ok(tiers.flex),
            Tier::Priority => Ok(tiers.priority),
            Tier::Batch => Ok(tiers.batch),
            Tier::Unknown => Err(Unpriced::UnknownTier),
        };
        Some(Quote {
            own: own.and_then(|rates| here(rates).ok_or(Unpriced::NoTierRates)),
            standard: here(tiers.standard),
            batch: here(tiers.batch),
            off_peak: here(tiers.off_peak.filter(|_| matches!(tier, Tier::Default | Tier::Incentivized))),
            entry: index,
            step: size,
            geo: factor,
            geo_unknown,
        })
    }

    /// How a row's time stands to the peak hours of a model's price on a day.
    pub fn rate_time(&self, model: ModelId, day: Day, hours: HoursOfRow) -> RateTime {
        let peak_hours = self.entry_on(model, day).and_then(|(_, entry)| entry.peak_hours.as_ref());
        peak_hours.map_or(RateTime::Peak, |(_, id)| hours.at(*id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_the_built_in_table_are_one() {
        let told = |table: Result<PriceTable, Failure>| {
            let table = table.expect("a table");
            // Maps by name are in no order; what they lead to is.
            let mut names: Vec<String> = table.provider_names.iter().map(|entry| format!("{entry:?}")).collect();
            for provider in &table.providers {
                let maps = [&provider.names.exact, &provider.names.snapshots];
                names.extend(maps.into_iter().flatten().map(|entry| format!("{} {entry:?}", provider.name)));
                names.push(format!("{} {:?} {:?}", provider.name, provider.batch, provider.names.globs));
                names.push(format!("{} {:?} {:?}", provider.name, provider.paths, provider.suffixes));
            }
            names.sort();
            (names, format!("{:?} {:?}", table.models, table.context_thresholds))
        };
        assert_eq!(told(PriceTable::built_in()), told(PriceTable::parse("pricing.yaml", BUILT_IN)));
    }
}
