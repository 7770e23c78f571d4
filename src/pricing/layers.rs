//! Prices of one's own on top of a table: models and prices that are added or replaced, names, and what a contract takes
//! off.
//!
//! Role: tables as written → one, in which a later one wins by provider, model and `from`, and whose entries say what is
//! paid. All of it happens before anything is looked up, so that nothing behind it knows of layers.
//! docs/specification.md, section 2.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::entry::Entry;
use super::schema::{self, Discount, Model, Provider, ServedAs, Table};
use super::{ModelId, PriceTable, ProviderId};
use crate::calendar::Day;
use crate::diagnostic::{Diagnostic, Failure, Place};
use crate::yaml;

/// What helps who wrote a model's name that leads nowhere.
pub(super) const NAME_HINT: &str = "name a model by its id, as `provider/model`";

/// A file of prices as it is named and written.
#[derive(Debug)]
pub struct PriceFile {
    /// The path as typed, for errors.
    pub path: String,
    /// The file's name, for reports.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// What a layer holds, in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Layer {
    /// The file's name.
    #[serde(rename = "file")]
    pub source: String,
    /// Models that the table below does not have.
    pub added: usize,
    /// Models that it has, with other prices, names or dates now.
    pub changed: usize,
    /// Names that lead to a model.
    pub aliases: usize,
    /// Terms of contracts.
    pub discounts: usize,
}

impl Table {
    /// Puts a layer on the table.
    pub(super) fn overlay(&mut self, layer: Self, source: &str) -> Result<Layer, String> {
        let (mut added, mut changed) = (0, 0);
        for (name, provider) in layer.providers {
            let of_layer = provider.models.len();
            let new = if let Some(own) = self.provider_mut(&name) {
                own.overlay(provider)?
            } else {
                self.providers.push((name, provider));
                of_layer
            };
            added += new;
            changed += of_layer - new;
        }
        self.check_names()?;
        if let Some((id, _)) = self.models().find(|(_, model)| model.prices.is_empty()) {
            return Err(format!(
                "`{id}` is in no table below and has no `prices`\nhint: correct its name, or give it prices"
            ));
        }
        let (aliases, discounts) = (layer.aliases.len(), layer.discounts.len());
        self.aliases.retain(|(name, _)| layer.aliases.iter().all(|(later, _)| later != name));
        self.aliases.extend(layer.aliases);
        self.discounts.extend(layer.discounts);
        Ok(Layer { source: source.to_owned(), added, changed, aliases, discounts })
    }

    fn provider_mut(&mut self, name: &str) -> Option<&mut Provider> {
        let is_called = |(own, provider): &&mut (String, Provider)| {
            std::iter::once(own).chain(&provider.aliases).any(|known| known.eq_ignore_ascii_case(name))
        };
        self.providers.iter_mut().find(is_called).map(|(_, provider)| provider)
    }
}

impl Provider {
    /// Puts what a layer says of this vendor on it, and counts the models that are new.
    fn overlay(&mut self, layer: Self) -> Result<usize, String> {
        self.aliases
            .extend(layer.aliases.into_iter().filter(|alias| !self.aliases.contains(alias)).collect::<Vec<_>>());
        self.resells |= layer.resells;
        self.at_list |= layer.at_list;
        self.paths.declared.extend(layer.paths.declared);
        self.suffixes.extend(layer.suffixes);
        self.batch = layer.batch.or(self.batch.take());
        self.peak_hours.retain(|(name, _)| layer.peak_hours.iter().all(|(later, _)| later != name));
        self.peak_hours.extend(layer.peak_hours);
        self.windows.extend(layer.windows);
        let mut added = 0;
        for (id, model) in layer.models {
            if let Some((_, own)) = self.models.iter_mut().find(|(known, _)| *known == id) {
                own.overlay(model).map_err(|error| format!("`{id}`: {error}"))?;
            } else {
                added += 1;
                self.models.push((id, model));
            }
        }
        Ok(added)
    }
}

impl Model {
    /// Puts what a layer says of this model on it: an entry of the same day takes the place of the one there is.
    fn overlay(&mut self, layer: Self) -> Result<(), String> {
        let new = |names: Vec<String>, own: &[String]| {
            names.into_iter().filter(|name| !own.contains(name)).collect::<Vec<_>>()
        };
        self.aliases.extend(new(layer.aliases, &self.aliases));
        self.globs.extend(new(layer.globs, &self.globs));
        self.snapshots |= layer.snapshots;
        self.kind = layer.kind.or(self.kind);
        self.retires = layer.retires.or(self.retires);
        self.successor = layer.successor.or(self.successor.take());
        self.served_as = layer.served_as.or(self.served_as.take());
        for entry in layer.prices {
            let (position, is_first) =
                (self.prices.partition_point(|own| own.from < entry.from), self.prices.is_empty());
            match self.prices.get_mut(position).filter(|own| own.from == entry.from) {
                Some(own) => *own = entry,
                // It would hold for no day but those before the first price, which is not what one means.
                None if entry.from.is_none() && !is_first => {
                    return Err("a price without `from` stands on prices that have one\nhint: state the first UTC day on which it holds".into());
                }
                None => self.prices.insert(position, entry),
            }
        }
        Ok(())
    }
}

impl PriceTable {
    /// Reads what `--prices` names: at most one table that stands alone, else the built-in one, and the layers on it in the
    /// order given.
    pub fn layered(files: &[PriceFile]) -> Result<Self, Failure> {
        let (mut whole, mut layers) = (None, Vec::new());
        for file in files {
            let raw: schema::Table = yaml::read("price-table", &file.path, &file.text)?;
            if raw.extends {
                layers.push((file, raw));
            } else if let Some((first, _)) = whole.replace((file, raw)) {
                let message = format!("stands alone, and so does `{}`: only one of them can hold", first.path);
                return Err(refused(
                    &file.path,
                    &format!("{message}\nhint: a file that lies on the other says `extends: built-in`"),
                ));
            }
        }
        let (path, mut source, mut raw) = match whole {
            Some((file, raw)) => (file.path.as_str(), file.name.clone(), raw),
            None => ("built-in", "built-in".to_owned(), yaml::read_built_in("price-table", super::BUILT_IN_JSON)?),
        };
        let mut laid = Vec::new();
        for (file, layer) in layers {
            laid.push(raw.overlay(layer, &file.name).map_err(|error| refused(&file.path, &error))?);
            source = format!("{source} + {}", file.name);
        }
        // What only the whole shows to be wrong is mostly the last layer's.
        let path = files.last().map_or(path, |file| file.path.as_str());
        Ok(Self { layers: laid, ..Self::build(path, source, raw)? })
    }

    /// Gives models the names that `aliases` have for them.
    pub(super) fn link_aliases(&mut self, aliases: Vec<(String, String)>) -> Result<(), String> {
        for (alias, name) in aliases {
            let Some(model) = self.model_of(None, &name) else {
                return Err(format!("`{alias}` stands for `{name}`, which is not in the table\nhint: {NAME_HINT}"));
            };
            let provider = self.model(model).provider;
            let known = self.providers[usize::from(provider.0)].names.exact.insert(alias.clone(), model);
            if let Some(known) = known.filter(|known| *known != model) {
                return Err(format!(
                    "`{alias}` stands for `{name}`, and is a name of `{}` already",
                    self.model(known).name
                ));
            }
            self.models[model.0 as usize].aliases.push(alias);
        }
        Ok(())
    }

    /// Gives models the prices of those that their vendors serve under their names.
    pub(super) fn link_served(&mut self, served: Vec<(ModelId, ServedAs)>) -> Result<(), String> {
        let names: Vec<ModelId> = served.iter().map(|(model, _)| *model).collect();
        for (model, ServedAs { model: name, from, .. }) in served {
            let own = self.model(model);
            let Some(target) = self.model_of(Some(own.provider), &name).filter(|target| !names.contains(target)) else {
                return Err(format!(
                    "`{}` is served as `{name}`, which is no model of the table with prices of its own\nhint: {NAME_HINT}",
                    own.name
                ));
            };
            let from = from.0;
            let before = own.entries.iter().filter(|entry| entry.from.is_none_or(|own| own < from)).cloned();
            let theirs = &self.model(target).entries;
            let first = theirs.partition_point(|entry| entry.from <= Some(from)).saturating_sub(1);
            let after = theirs[first..].iter().map(|entry| Entry {
                from: entry.from.max(Some(from)),
                served_as: Some(name.clone()),
                ..entry.clone()
            });
            self.models[model.0 as usize].entries = before.chain(after).collect();
        }
        Ok(())
    }

    /// Writes into the entries what contracts take off. Where several hold for a model on a day, the last one counts.
    pub(super) fn link_discounts(&mut self, discounts: &[Discount]) -> Result<(), String> {
        let mut held: BTreeMap<ModelId, Vec<&Discount>> = BTreeMap::new();
        for discount in discounts {
            let Some(provider) = self.provider_named(&discount.provider) else {
                return Err(format!("a discount names `{}`, which is no provider of the table", discount.provider));
            };
            let mut count = 0;
            for (id, _) in
                self.models().filter(|(_, model)| model.provider == provider && discount.model.holds_for(&model.name))
            {
                held.entry(id).or_default().push(discount);
                count += 1;
            }
            if count == 0 {
                return Err(format!(
                    "a discount holds for nothing: no model of `{}` is called `{}`",
                    discount.provider,
                    discount.model.texts().join(", ")
                ));
            }
        }
        for (model, discounts) in held {
            let model = &mut self.models[model.0 as usize];
            model.entries =
                discounted(&model.entries, &discounts).map_err(|error| format!("`{}`: {error}", model.name))?;
        }
        Ok(())
    }

    /// A model by its id: `provider/model`, or one of a provider's own.
    pub(crate) fn model_of(&self, own: Option<ProviderId>, name: &str) -> Option<ModelId> {
        let within = |provider: ProviderId, id: &str| {
            self.models().find(|(_, model)| model.provider == provider && model.name == id).map(|(id, _)| id)
        };
        // A model's own name may hold a slash.
        own.and_then(|own| within(own, name)).or_else(|| {
            let (provider, id) = name.split_once('/')?;
            within(self.provider_named(provider)?, id)
        })
    }
}

/// Entries at what is paid under discounts, of which the last that holds on a day counts: each entry is cut where another
/// begins to.
fn discounted(listed: &[Entry], discounts: &[&Discount]) -> Result<Vec<Entry>, String> {
    let days: BTreeSet<Day> = discounts.iter().filter_map(|discount| discount.from).map(|from| from.0).collect();
    let mut paid = Vec::new();
    for (at, entry) in listed.iter().enumerate() {
        let next = listed.get(at + 1).and_then(|next| next.from);
        let within = |day: &&Day| entry.from.is_none_or(|from| from < **day) && next.is_none_or(|next| **day < next);
        for from in std::iter::once(entry.from).chain(days.iter().filter(within).map(|day| Some(*day))) {
            let in_force = discounts.iter().rev().find(|discount| discount.from.map(|from| from.0) <= from);
            let entry = match in_force {
                Some(discount) => entry.discounted(discount.factor.0)?,
                None => entry.clone(),
            };
            paid.push(Entry { from, ..entry });
        }
    }
    Ok(paid)
}

/// A table that is refused for what is in it; advice may stand behind a line break.
pub(super) fn refused(source: &str, error: &str) -> Failure {
    let (message, hint) = error.split_once("\nhint: ").map_or((error, None), |(message, hint)| (message, Some(hint)));
    Failure::usage(Diagnostic {
        hint: hint.map(ToOwned::to_owned),
        ..Diagnostic::new("price-table", message).at(Place::file(source))
    })
}
