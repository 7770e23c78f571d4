//! `prices show`: everything the table knows about one model.

use crate::calendar::Day;
use crate::diagnostic::{Diagnostic, Failure};
use crate::pricing::terms::QueueCap;
use crate::pricing::{Found, ModelPrices, PriceTable, ProviderId, ProviderPrices, Reading};

/// How many near names an error offers.
const NEAR_NAMES: usize = 3;

/// A model with what is around it.
#[derive(Debug)]
pub struct Card<'t> {
    /// Where it stands.
    pub table: &'t PriceTable,
    /// Whose it is.
    pub provider: &'t ProviderPrices,
    /// The model.
    pub model: &'t ModelPrices,
    /// The day whose rates come first.
    pub on: Day,
    /// The entry in force on that day.
    pub in_force: Option<usize>,
    /// The name that was typed, without a provider in front.
    pub typed: String,
    /// The part of it that is the model's name.
    pub name: String,
    /// How that name leads here.
    pub way: Way,
    /// The data residency that the rest of it states.
    pub geo: Option<&'t str>,
    /// The model that does its work once it is retired, as its vendor names it.
    pub successor: Option<String>,
    /// Caps on what may wait that hold for this model.
    pub caps: Vec<&'t QueueCap>,
}

/// How a name leads to a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It is the id.
    Id,
    /// It is a declared alias.
    Alias,
    /// It is the id and a date.
    Snapshot,
    /// A declared glob matches it.
    Glob,
    /// It is one of these in another letter case.
    LetterCase,
}

/// The models that a name means: within the provider in front of it, or within every provider that has it.
pub fn cards<'t>(table: &'t PriceTable, typed: &str, on: Day) -> Result<Vec<Card<'t>>, Failure> {
    if let Some((_, found)) = table.prefixed(typed) {
        let typed = typed.split_once('/').map_or(typed, |(_, rest)| rest);
        return Ok(vec![card(table, &found, typed, on)]);
    }
    // A model's own name may hold a slash.
    let owners = table.owners(typed);
    if owners.is_empty() {
        return Err(unknown(table, typed));
    }
    Ok(owners.iter().map(|(_, found)| card(table, found, typed, on)).collect())
}

fn card<'t>(table: &'t PriceTable, found: &Found<'_, 't>, typed: &str, on: Day) -> Card<'t> {
    let (provider, model) = super::named(table, found.model);
    let has_batch = model.entries.iter().any(|entry| entry.steps.iter().any(|(_, tiers)| tiers.batch.is_some()));
    let caps = provider.batch.iter().filter(|_| has_batch).flat_map(|terms| &terms.queue);
    Card {
        table,
        provider,
        model,
        on,
        in_force: table.entry_on(found.model, on).map(|(index, _)| index),
        typed: typed.to_owned(),
        name: found.name.to_owned(),
        way: if found.reading == Reading::LetterCase { Way::LetterCase } else { way(model, found.name) },
        geo: found.geo,
        successor: model.successor.map(|successor| table.name_beside(found.model, successor)),
        caps: caps.filter(|cap| cap.models.holds_for(&model.name)).collect(),
    }
}

/// How a name that is known to mean the model does so.
fn way(model: &ModelPrices, typed: &str) -> Way {
    let is_dated = |rest: &str| rest.starts_with('-') && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if typed == model.name {
        Way::Id
    } else if model.aliases.iter().any(|alias| alias == typed) {
        Way::Alias
    } else if model.snapshots && typed.strip_prefix(&model.name).is_some_and(is_dated) {
        Way::Snapshot
    } else {
        Way::Glob
    }
}

fn unknown(table: &PriceTable, typed: &str) -> Failure {
    let prefixed = typed.split_once('/').and_then(|(prefix, rest)| Some((table.provider_named(prefix)?, rest)));
    let (within, wanted) = prefixed.map_or((None, typed), |(provider, rest)| (Some(provider), rest));
    let near = near(table, within, wanted);
    let hint = if near.is_empty() {
        "`batchwise prices list` has all names".to_owned()
    } else {
        format!("near to it are {}", near.join(", "))
    };
    let message = match prefixed {
        Some((provider, rest)) => format!("{} has no model `{rest}` in the price table", table.provider(provider).name),
        None => format!("the price table has no model `{typed}`"),
    };
    Failure::usage(Diagnostic::new("unknown-model", message).hint(hint))
}

/// The nearest names, in quotes, by distance and then by name.
fn near(table: &PriceTable, within: Option<ProviderId>, wanted: &str) -> Vec<String> {
    let wanted = wanted.to_lowercase();
    let mut near: Vec<(usize, String)> = table
        .models()
        .filter(|(_, model)| within.is_none_or(|provider| provider == model.provider))
        .flat_map(|(id, model)| std::iter::once(&model.name).chain(&model.aliases).map(move |name| (id, name)))
        .map(|(id, name)| (strsim::damerau_levenshtein(&wanted, &name.to_lowercase()), id, name))
        .filter(|(distance, _, name)| *distance * 2 < name.chars().count().max(wanted.chars().count()))
        .map(|(distance, id, name)| (distance, format!("`{}/{name}`", super::named(table, id).0.name)))
        .collect();
    near.sort();
    near.into_iter().map(|(_, name)| name).take(NEAR_NAMES).collect()
}
