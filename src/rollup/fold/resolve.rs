//! What a row's provider and model mean, and what its calls are quoted at; each worked out once.

use super::{Folder, NAMELESS};
use crate::maps::next_number;
use crate::policy::Routing;
use crate::pricing::{Quote, Rates, Unpriced, Wanted, missing};
use crate::rollup::facts::Names as _;
use crate::rollup::{Logged, QuoteId, QuoteKey, Quoted, Reduced, Resolution, ResolutionId, TextId};
use crate::usage::{Field, TokenClass};

impl Folder<'_> {
    pub(super) fn resolve(&mut self, reduced: &Reduced<'_>) -> ResolutionId {
        let texts = &mut self.rollup.texts;
        let logged = Logged {
            provider: reduced.text(Field::Provider).map(|text| texts.id(text)),
            format_provider: reduced.format_provider.map(|text| texts.id(text)),
            model: texts.id(reduced.text(Field::Model).unwrap_or(NAMELESS)),
        };
        self.resolution(logged)
    }

    pub(super) fn resolution(&mut self, logged: Logged) -> ResolutionId {
        if let Some(&known) = self.resolutions.get(&logged) {
            return known;
        }
        let table = self.context.table;
        let texts = &mut self.rollup.texts;
        let text = |id: Option<TextId>| id.map(|id| texts.get(id));
        let wanted = Wanted {
            row_provider: text(logged.provider),
            format_provider: text(logged.format_provider),
            model: texts.get(logged.model),
        };
        let resolved = table.resolve(wanted, self.context.tie_breaker);
        let shown = match resolved.provider {
            Some(provider) => table.provider(provider).name.clone(),
            None => wanted.row_provider.or(wanted.format_provider).unwrap_or_default().to_owned(),
        };
        let route = match &self.context.policy.routing {
            Routing::Routes(routes) => routes
                .iter()
                .position(|route| route.from_provider.is_match(&shown) && route.from_model.is_match(wanted.model)),
            Routing::Assumed(_) => None,
        };
        let target = route.and_then(|route| self.context.route_targets.get(route));
        let mut changes: Vec<_> = resolved
            .model
            .iter()
            .chain(target)
            .chain(&resolved.others)
            .flat_map(|&model| table.model(model).entries.iter().filter_map(|entry| entry.from))
            .collect();
        changes.sort_unstable();
        changes.dedup();
        let shown_provider = texts.id(&shown);
        let geo = resolved.geo.map(|geo| texts.id(geo));
        let id = next_number(self.rollup.resolutions.len());
        self.rollup.resolutions.push(Resolution {
            logged,
            shown_provider,
            provider: resolved.provider,
            model: resolved.model,
            geo,
            letter_case: resolved.letter_case,
            at_list: resolved.at_list,
            others: resolved.others,
            route,
            changes,
        });
        self.resolutions.insert(logged, id);
        id
    }

    pub(super) fn quote(&mut self, key: QuoteKey) -> QuoteId {
        if let Some(&known) = self.quotes.get(&key) {
            return known;
        }
        let resolution = &self.rollup.resolutions[key.resolution as usize];
        let geo = key.geo.map(|geo| self.rollup.texts.get(geo));
        let quote = resolution.model.and_then(|model| {
            let day = resolution.day_in(key.price_period);
            let quote =
                self.context.table.quote(model, day, key.tier, key.step, geo).ok_or(Unpriced::BeforeFirstPrice)?;
            let quote = if key.off_peak { quote.off_peak() } else { quote };
            Ok(if resolution.at_list { Quote { batch: None, ..quote } } else { quote })
        });
        let missing_of =
            |rates: Option<Rates>| rates.map_or(TokenClass::ALL.into_iter().collect(), |rates| missing(&rates));
        let target = resolution.route.and_then(|route| {
            let target = *self.context.route_targets.get(route)?;
            let quote =
                self.context.table.quote(target, resolution.day_in(key.price_period), key.tier, key.step, geo)?;
            quote.own.ok()
        });
        let others_differ = quote.is_ok_and(|quote| self.others_differ(&quote, key, geo));
        let quoted = Quoted {
            key,
            target,
            quote,
            others_differ,
            missing_own: missing_of(quote.ok().and_then(|quote| quote.own.ok())),
            missing_batch: missing_of(quote.ok().and_then(|quote| quote.batch)),
        };
        let id = next_number(self.rollup.quotes.len());
        self.rollup.quotes.push(quoted);
        self.quotes.insert(key, id);
        id
    }

    /// Whether another provider that sells the model charges something else.
    fn others_differ(&self, quote: &Quote, key: QuoteKey, geo: Option<&str>) -> bool {
        let resolution = &self.rollup.resolutions[key.resolution as usize];
        resolution.others.iter().any(|&other| {
            let theirs = self.context.table.quote(other, resolution.day_in(key.price_period), key.tier, key.step, geo);
            let theirs = if key.off_peak { theirs.map(Quote::off_peak) } else { theirs };
            theirs.is_none_or(|theirs| (theirs.own, theirs.batch) != (quote.own, quote.batch))
        })
    }
}
