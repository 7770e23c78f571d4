//! Which provider and model a row means.
//!
//! Role: names as logged → a model of the table, or the reason why there is none. A name is read by what is declared, by
//! the grammar of its provider, and then in any letter case where one model is called so; never by likeness. Contract,
//! section 2.

use smallvec::{SmallVec, smallvec};

use super::{ModelId, PriceTable, ProviderId, Unpriced};

/// Who could be meant by a row.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The provider the row names.
    pub row_provider: Option<&'a str>,
    /// The provider of the file's format.
    pub format_provider: Option<&'a str>,
    /// The model as logged.
    pub model: &'a str,
}

/// What a provider and model text resolve to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved<'t> {
    /// The provider, where it is known.
    pub provider: Option<ProviderId>,
    /// The model or why there is none.
    pub model: Result<ModelId, Unpriced>,
    /// The data residency that the model's path states.
    pub geo: Option<&'t str>,
    /// The name was found in another letter case only.
    pub letter_case: bool,
    /// The provider sells at prices of its own, and the maker's list rate stands for them.
    pub at_list: bool,
    /// Nobody named a provider and the one that makes the model was taken: what the others have of that name.
    pub others: SmallVec<[ModelId; 2]>,
}

impl<'t> Resolved<'t> {
    fn unknown(provider: Option<ProviderId>, reason: Unpriced) -> Self {
        Self { provider, model: Err(reason), geo: None, letter_case: false, at_list: false, others: SmallVec::new() }
    }

    fn known(provider: ProviderId, found: &Found<'_, 't>) -> Self {
        Self {
            provider: Some(provider),
            model: Ok(found.model),
            geo: found.geo,
            letter_case: found.reading == Reading::LetterCase,
            at_list: false,
            others: SmallVec::new(),
        }
    }
}

/// How a name as logged was read; the first that finds a model counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reading {
    /// As the table declares it.
    Declared,
    /// Without what the provider's grammar has around a name: its own name, a path, a suffix.
    Bare,
    /// One of these in another letter case.
    LetterCase,
}

/// A model with the way that led to it.
#[derive(Clone, Copy, Debug)]
pub struct Found<'n, 't> {
    /// The model.
    pub model: ModelId,
    /// The part of the name that is the model's.
    pub name: &'n str,
    /// How it was read.
    pub reading: Reading,
    /// The data residency that the model's path states.
    pub geo: Option<&'t str>,
}

/// What is left of a name as logged, and the residency that was stated by what is not.
type Bare<'n, 't> = (&'n str, Option<&'t str>);

impl PriceTable {
    /// The model a provider means by a name as the table declares it: exact, alias, snapshot, glob.
    pub fn model_named(&self, provider: ProviderId, name: &str) -> Option<ModelId> {
        self.provider(provider).names.declared(name)
    }

    /// The model a provider means by a name as logged.
    pub fn read_name<'n>(&self, provider: ProviderId, logged: &'n str) -> Option<Found<'n, '_>> {
        let names = &self.provider(provider).names;
        if let Some(model) = names.declared(logged) {
            return Some(Found { model, name: logged, reading: Reading::Declared, geo: None });
        }
        let bare = self.bare(provider, logged);
        let first = |reading: Reading, model: &dyn Fn(&str) -> Option<ModelId>| {
            bare.iter().find_map(|&(name, geo)| Some(Found { model: model(name)?, name, reading, geo }))
        };
        first(Reading::Bare, &|name| names.declared(name))
            .or_else(|| first(Reading::LetterCase, &|name| names.in_any_case(name)))
    }

    /// A name as logged, then ever less of it: without the provider's own name, its paths, its suffixes.
    fn bare<'n>(&self, provider: ProviderId, logged: &'n str) -> SmallVec<[Bare<'n, '_>; 4]> {
        let own = self.provider(provider);
        let (mut name, mut geo) = (logged, None);
        let mut all: SmallVec<[Bare<'n, '_>; 4]> = smallvec![(name, geo)];
        if let Some((prefix, rest)) = name.split_once('/')
            && self.provider_named(prefix) == Some(provider)
        {
            name = rest;
            all.push((name, geo));
        }
        while let Some((rest, path)) = own.paths.strip(name) {
            name = rest;
            geo = path.geo.as_deref().or(geo);
            all.push((name, geo));
        }
        while let Some(rest) = own.suffixes.iter().find_map(|suffix| name.strip_suffix(suffix.as_str())) {
            name = rest;
            all.push((name, geo));
        }
        all
    }

    /// A name that begins with a provider's, whose rest that provider has.
    pub fn prefixed<'n>(&self, logged: &'n str) -> Option<(ProviderId, Found<'n, '_>)> {
        let (prefix, rest) = logged.split_once('/')?;
        let provider = self.provider_named(prefix)?;
        Some((provider, self.read_name(provider, rest)?))
    }

    /// Every provider that has a model of this name; those that declare it as it is, if there are any.
    pub fn owners<'n>(&self, logged: &'n str) -> SmallVec<[(ProviderId, Found<'n, '_>); 4]> {
        let each = || self.providers().map(|(id, _)| id);
        let declared = |id| {
            let model = self.model_named(id, logged)?;
            Some((id, Found { model, name: logged, reading: Reading::Declared, geo: None }))
        };
        let mut owners: SmallVec<[_; 4]> = each().filter_map(declared).collect();
        if owners.is_empty() {
            owners = each().filter_map(|id| Some((id, self.read_name(id, logged)?))).collect();
            let closest = owners.iter().map(|(_, found)| found.reading).min();
            owners.retain(|(_, found)| Some(found.reading) == closest);
        }
        owners
    }

    /// Who is meant: the row's provider, the format's, a `provider/` prefix, the only one that has the model; among
    /// several the only one that makes it rather than reselling it, else the one that breaks the tie.
    pub fn resolve(&self, wanted: Wanted<'_>, tie_breaker: Option<ProviderId>) -> Resolved<'_> {
        if let Some(name) = wanted.row_provider.or(wanted.format_provider) {
            let Some(provider) = self.provider_named(name) else {
                return Resolved::unknown(None, Unpriced::UnknownProvider);
            };
            if let Some(found) = self.read_name(provider, wanted.model) {
                return Resolved::known(provider, &found);
            }
            // `maker/model`, behind the reseller's own name or not.
            let name = wanted.model;
            let own = name.split_once('/').filter(|(prefix, _)| self.provider_named(prefix) == Some(provider));
            let made = own.map_or(name, |(_, rest)| rest);
            return match self.prefixed(made).filter(|_| self.provider(provider).at_list) {
                Some((_, found)) => Resolved { at_list: true, ..Resolved::known(provider, &found) },
                None => Resolved::unknown(Some(provider), Unpriced::UnknownModel),
            };
        }
        if let Some((provider, found)) = self.prefixed(wanted.model) {
            return Resolved::known(provider, &found);
        }
        let owners = self.owners(wanted.model);
        let mut makers = owners.iter().filter(|(provider, _)| !self.provider(*provider).resells);
        match (owners.as_slice(), makers.next(), makers.next()) {
            ([], ..) => Resolved::unknown(None, Unpriced::UnknownModel),
            ([(provider, found)], ..) => Resolved::known(*provider, found),
            (_, Some((maker, found)), None) => {
                // Who names the maker leaves nothing to assume.
                let others = owners.iter().filter(|(owner, _)| owner != maker && tie_breaker != Some(*maker));
                Resolved { others: others.map(|(_, found)| found.model).collect(), ..Resolved::known(*maker, found) }
            }
            _ => match owners.iter().find(|(provider, _)| tie_breaker == Some(*provider)) {
                Some((provider, found)) => Resolved::known(*provider, found),
                None => Resolved::unknown(None, Unpriced::AmbiguousProvider),
            },
        }
    }

    /// The known name nearest to one that is unknown, for a hint; it is never used as a price.
    pub fn nearest(&self, model: &str) -> Option<&str> {
        let wanted = model.rsplit('/').next().unwrap_or(model);
        nearest(wanted, self.models.iter().map(|known| known.name.as_str()))
    }
}

/// The name that takes the fewest edits, the first in order of those that take as many; nothing where even that would change
/// half of it. Counting edits takes long, and in a large table most names have other letters.
fn nearest<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let letters = letters(wanted);
    let mut names: Vec<_> = names.map(|name| (fewest_edits(&letters, name), name)).collect();
    names.sort_unstable();
    let mut best: Option<(usize, &str)> = None;
    for (fewest, name) in names {
        if best.is_some_and(|(edits, _)| fewest > edits) {
            break;
        }
        let longest = name.len().max(wanted.len());
        if fewest * 2 < longest {
            let found = (strsim::damerau_levenshtein(wanted, name), name);
            if found.0 * 2 < longest && best.is_none_or(|best| found < best) {
                best = Some(found);
            }
        }
    }
    best.map(|(_, name)| name)
}

/// How often each ASCII letter stands in a name.
type Letters = [i32; 128];

fn letters(name: &str) -> Letters {
    let mut letters = [0; 128];
    for byte in name.bytes().filter(u8::is_ascii) {
        letters[usize::from(byte)] += 1;
    }
    letters
}

/// At least as many edits lead from letters to a name: each takes away one letter at most, and adds one at most.
fn fewest_edits(from: &Letters, name: &str) -> usize {
    let (mut gone, mut new) = (0, 0);
    for (from, to) in from.iter().zip(letters(name)) {
        gone += (from - to).max(0);
        new += (to - from).max(0);
    }
    usize::try_from(gone.max(new)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_nearest_of_all(wanted in "[a-cé5-]{0,9}", names in prop::collection::vec("[a-cé5-]{0,9}", 0..12)) {
            let edits = names.iter().map(|name| (strsim::damerau_levenshtein(&wanted, name), name.as_str()));
            let near = edits.filter(|(edits, name)| edits * 2 < name.len().max(wanted.len())).min();
            prop_assert_eq!(super::nearest(&wanted, names.iter().map(String::as_str)), near.map(|(_, name)| name));
        }
    }
}
