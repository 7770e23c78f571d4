//! Which model of another table is which here.
//!
//! Role: names there → models here, resolved as a log's would be, never by likeness. Of several entries there for one
//! model the one that fits best counts.

use std::collections::{BTreeMap, BTreeSet};

use super::figures::OtherModel;
use crate::pricing::{Found, ModelId, PriceTable, ProviderId, Reading};

/// Which models are wanted, and how names there are read.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Only this provider.
    pub provider: Option<ProviderId>,
    /// Names of providers there and what they are here.
    pub aliases: Vec<(String, ProviderId)>,
    /// Only what a log uses.
    pub used: Option<UsedModels>,
}

/// What a log uses.
#[derive(Debug, Default)]
pub struct UsedModels {
    /// Models of the table.
    pub models: BTreeSet<ModelId>,
    /// Provider and model, as logged, of calls on models that the table does not have.
    pub unknown: BTreeSet<(String, String)>,
}

impl Wanted {
    /// Whether a model of the table is wanted.
    pub fn has(&self, table: &PriceTable, id: ModelId) -> bool {
        self.has_provider(table.model(id).provider) && self.used.as_ref().is_none_or(|used| used.models.contains(&id))
    }

    fn has_provider(&self, provider: ProviderId) -> bool {
        self.provider.is_none_or(|wanted| wanted == provider)
    }

    /// Whether a model that only the other table has is wanted: one that a log uses is called there as it is logged.
    fn has_other(&self, table: &PriceTable, provider: Option<ProviderId>, model: &OtherModel) -> bool {
        let Some(used) = &self.used else { return true };
        let is_same = |(logged, name): &(String, String)| {
            let of_provider = match provider {
                Some(provider) => table.provider_named(logged) == Some(provider),
                None => model.provider.eq_ignore_ascii_case(logged),
            };
            let prefixed = |own: &String| name.strip_suffix(own.as_str()).and_then(|rest| rest.strip_suffix('/'));
            model.names.iter().any(|own| {
                (own == name && (of_provider || logged.is_empty()))
                    || prefixed(own).is_some_and(|prefix| prefix.eq_ignore_ascii_case(&model.provider))
            })
        };
        used.unknown.iter().any(is_same)
    }
}

/// Models of two tables, joined.
#[derive(Debug, Default)]
pub struct Paired {
    /// What the other table states of models here.
    pub both: BTreeMap<ModelId, OtherModel>,
    /// Models that only the other has, of providers that this table has.
    pub only_there: Vec<(ProviderId, OtherModel)>,
    /// Models of providers that this table does not have.
    pub unknown_provider: Vec<OtherModel>,
    /// Models there that mean one which stands in the comparison already.
    pub further_names: u64,
}

/// How well an entry there fits a model here: its key is the model's id, or that behind the provider's own name; its name
/// behind another provider's is; an alias; anything else that resolves. Less is better.
fn fit(table: &PriceTable, id: ModelId, names: &[String], name: &str) -> usize {
    let model = table.model(id);
    let provider = &table.provider(model.provider).name;
    let is_key =
        |key: &str| key == model.name || key.strip_prefix(provider.as_str()) == Some(&format!("/{}", model.name));
    if names.last().is_some_and(|key| is_key(key)) {
        return 0;
    }
    if model.name == name {
        return 1;
    }
    model.aliases.iter().position(|alias| alias == name).map_or(usize::MAX, |index| index + 2)
}

/// Joins the models that are wanted.
pub fn pair(table: &PriceTable, models: Vec<OtherModel>, wanted: &Wanted) -> Paired {
    let mut paired = Paired::default();
    let mut fits: BTreeMap<ModelId, usize> = BTreeMap::new();
    let mut only_there = BTreeSet::new();
    for model in models {
        let alias = wanted.aliases.iter().find(|(theirs, _)| *theirs == model.provider).map(|(_, ours)| *ours);
        let Some(provider) = alias.or_else(|| table.provider_named(&model.provider)) else {
            if wanted.provider.is_none() && wanted.has_other(table, None, &model) {
                paired.unknown_provider.push(model);
            }
            continue;
        };
        if !wanted.has_provider(provider) {
            continue;
        }
        // A name that states a residency has the prices of that residency there.
        let is_same = |found: &Found<'_, '_>| found.geo.is_none() && found.reading != Reading::LetterCase;
        let mut read = model.names.iter().map(|name| (table.read_name(provider, name).filter(is_same), name));
        let found = read.find_map(|(found, name)| Some((found?.model, name)));
        if let Some((id, name)) = found {
            if !wanted.has(table, id) {
                continue;
            }
            let fit = fit(table, id, &model.names, name);
            let known = fits.get(&id).copied();
            paired.further_names += u64::from(known.is_some());
            if known.is_none_or(|known| fit < known) {
                fits.insert(id, fit);
                paired.both.insert(id, model);
            }
        } else if wanted.has_other(table, Some(provider), &model) {
            if only_there.insert((provider, model.names.first().cloned())) {
                paired.only_there.push((provider, model));
            } else {
                paired.further_names += 1;
            }
        }
    }
    paired
}
