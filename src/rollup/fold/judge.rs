//! A reduced row → its key: what it costs, who decides about it, and what it is added up by.
//!
//! Role: everything here sees [`Reduced`] alone, never a row. What depends on something that is not in it could depend on
//! which row of a kind came first.

use super::Folder;
use crate::maps::next_number;
use crate::policy::schema::Wait;
use crate::pricing::{RateTime, Unpriced, terms};
use crate::rollup::facts::{Names as _, boolean, is_refused, workload};
use crate::rollup::reduced::{Counted, Facts, Reduced, ReducedFacts};
use crate::rollup::{Charge, ChargeId, Charging, Group, GroupId, Key, Named, QuoteKey, ResolutionId, Shared};
use crate::usage::{BatchCache, ClassSet, Field, Outcome, Tier, TokenClass};
use crate::verdict::{VerdictInput, Veto, decide};

impl Folder<'_> {
    /// The key of all rows that are reduced to this, and what they have in common.
    pub(super) fn judge(&mut self, reduced: &Reduced<'_>) -> (Key, Shared) {
        self.named(reduced, Self::judge_named)
    }

    fn judge_named(&mut self, reduced: &Reduced<'_>, resolution: ResolutionId) -> (Key, Shared) {
        let charge = self.charge(reduced, resolution);
        let (input, group) = self.input(reduced, resolution, charge);
        let code = decide(&input);
        let against = self.note_rules(code);
        let by = self.context.by.clone().and_then(|by| self.breakdown(reduced, &by, group, code));
        let bill_day = reduced.bill_day.filter(|_| self.rollup.charge(charge).charging.is_bill_line());
        let shared = self.shared(reduced, resolution, code);
        (Key { group, charge, code, billed: reduced.facts.is_billed, bill_day, by, against }, shared)
    }

    /// What the verdict on a row looks at, and its group.
    pub(super) fn input_of(&mut self, reduced: &Reduced<'_>) -> (VerdictInput, GroupId) {
        self.named(reduced, |folder, reduced, resolution| {
            let charge = folder.charge(reduced, resolution);
            folder.input(reduced, resolution, charge)
        })
    }

    /// Judges a row with the names that other rows have for its ids.
    fn named<R>(&mut self, reduced: &Reduced<'_>, judge: impl FnOnce(&mut Self, &Reduced<'_>, ResolutionId) -> R) -> R {
        let resolution = self.resolve(reduced);
        match self.with_names(reduced, resolution) {
            Some(named) => judge(self, &named, resolution),
            None => judge(self, reduced, resolution),
        }
    }

    fn charge(&mut self, reduced: &Reduced<'_>, resolution: ResolutionId) -> ChargeId {
        let Facts { tier, outcome, is_billed, price_period, step, .. } = reduced.facts;
        let (counted, day) = (reduced.facts.counted(), self.context.table.day_in(price_period));
        let stated = reduced.text(Field::Geo).map(|geo| self.rollup.texts.id(geo));
        let resolved = &self.rollup.resolutions[resolution as usize];
        let geo = stated.or(resolved.geo);
        let price_period = resolved.price_period(day);
        let step_unsure = reduced.last_step > step
            && resolved.model.is_ok_and(|model| self.context.table.steps_matter(model, day, step, reduced.last_step));
        let time = resolved.model.map_or(RateTime::Peak, |model| match reduced.facts.counted() {
            Counted::Tokens(_) => self.context.table.rate_time(model, day, reduced.hours),
            Counted::BillLine(_) => RateTime::Peak,
        });
        // Whether a reseller has the hours of the maker is not known.
        let off_peak = time == RateTime::OffPeak && !resolved.at_list;
        let is_in_doubt = time != RateTime::Peak && !off_peak;
        let quote = self.quote(QuoteKey { resolution, tier, geo, step, price_period, off_peak });
        let quoted = &self.rollup.quotes[quote as usize];
        let charging = match counted {
            Counted::BillLine(_) if !is_billed => Charging::Unpriced(Unpriced::NoExchangeRate),
            Counted::BillLine(class) => match self.kind_of_line(resolution, class) {
                Some(kind) if kind.stands_alone() => Charging::StandsAlone(kind),
                _ => Charging::Billed(class),
            },
            Counted::Tokens(_) if costs_nothing(outcome, tier) => Charging::Free,
            Counted::Tokens(present) => match quoted.quote.and_then(|quote| quote.own.map(|_| ())) {
                Err(reason) => Charging::Unpriced(reason),
                Ok(()) if quoted.missing_own.meets(present) => Charging::Unpriced(Unpriced::NoClassRate),
                Ok(()) => Charging::Rates,
            },
        };
        let cache = self.context.policy.batch_cache;
        let needed = match counted {
            Counted::Tokens(present) => batch_needs(present, cache),
            Counted::BillLine(Some(class)) => batch_needs([class].into_iter().collect(), cache),
            Counted::BillLine(None) => ClassSet::default(),
        };
        let has_rates = quoted.quote.is_ok_and(|quote| quote.batch.is_some()) && !quoted.missing_batch.meets(needed);
        let routed = match (counted, quoted.target) {
            (Counted::Tokens(present), Some(target)) => {
                let is_priced = |class: TokenClass, has_tokens: bool| !has_tokens || target[class].is_some();
                is_priced(TokenClass::Input, present.meets(ClassSet::PROMPT))
                    && is_priced(TokenClass::Output, present.has(TokenClass::Output))
            }
            _ => false,
        };
        let hours_unsure =
            is_in_doubt && charging == Charging::Rates && quoted.quote.is_ok_and(|quote| quote.off_peak.is_some());
        let charge = Charge { quote, charging, batchable: has_rates, step_unsure, hours_unsure, routed };
        if let Some(&known) = self.charges.get(&charge) {
            return known;
        }
        let id = next_number(self.rollup.charges.len());
        self.rollup.charges.push(charge);
        self.charges.insert(charge, id);
        id
    }

    /// Everything the verdict looks at, and the group.
    fn input(&mut self, reduced: &Reduced<'_>, resolution: ResolutionId, charge: ChargeId) -> (VerdictInput, GroupId) {
        let charge = *self.rollup.charge(charge);
        let resolved = &self.rollup.resolutions[resolution as usize];
        let (provider, provider_text, model_text) = (resolved.provider, resolved.shown_provider, resolved.logged.model);
        let shown_provider = self.rollup.texts.lasting(provider_text);
        let (workload, _) = workload(reduced, self.context.policy, &shown_provider);
        let terms = provider.and_then(|provider| self.context.table.provider(provider).batch.as_ref());
        let endpoint = reduced.text(Field::Endpoint);
        let word = self.word(reduced).map(|(word, _)| word);
        let interactive = reduced.text(Field::App).is_some_and(|app| self.is_interactive(app));
        let facts = ReducedFacts { reduced, fields: &self.fields, provider: &shown_provider, workload };
        let rule = self.context.policy.rules.first_match(&facts, &mut self.memory);
        let Facts { outcome, tier, batch_unknown, .. } = reduced.facts;
        let input = VerdictInput {
            outcome,
            tier,
            priced: match charge.charging {
                Charging::Unpriced(reason) => Err(reason),
                _ => Ok(()),
            },
            bill_line: match charge.charging {
                Charging::Billed(class) => Some(self.bill_line(&charge, class)),
                _ => None,
            },
            batch_unknown,
            has_batch_rate: charge.batchable,
            endpoint_refused: endpoint.zip(terms).is_some_and(|(endpoint, terms)| is_refused(endpoint, terms)),
            rule,
            tag_batch: reduced.tag("batch").and_then(boolean),
            tag_max_wait: reduced.tag("max_wait").and_then(|text| text.parse::<Wait>().ok()).map(|wait| {
                wait.0 >= u64::from(terms.map_or(terms::default_window(), |terms| terms.window_hours)) * 3_600_000
            }),
            veto: veto(reduced, interactive),
            word,
        };
        let workload = Named::of(&mut self.rollup.texts, workload);
        let group = Group { workload, provider: provider_text, model: model_text };
        let id = if let Some(&known) = self.groups.get(&group) {
            known
        } else {
            let id = next_number(self.rollup.groups.len());
            self.rollup.groups.push(group);
            self.groups.insert(group, id);
            id
        };
        (input, id)
    }
}

/// The first sign in a single row that somebody waits for the answer.
fn veto(reduced: &Reduced<'_>, is_interactive: bool) -> Option<Veto> {
    let Facts { tier, stream, is_single_call, has_first_token, .. } = reduced.facts;
    if stream == Some(true) {
        Some(Veto::Streaming)
    } else if is_single_call && has_first_token {
        Some(Veto::FirstToken)
    } else if reduced.is_realtime_endpoint {
        Some(Veto::RealtimeEndpoint)
    } else if tier == Tier::Priority {
        Some(Veto::PriorityTier)
    } else if is_interactive {
        Some(Veto::InteractiveApp)
    } else {
        None
    }
}

/// Whether tokens cost nothing, whatever the price.
pub fn costs_nothing(outcome: Outcome, tier: Tier) -> bool {
    matches!(outcome, Outcome::GatewayHit | Outcome::Refused) || tier == Tier::Incentivized
}

/// Classes of the batch block that a call with these classes needs.
fn batch_needs(present: ClassSet, cache: BatchCache) -> ClassSet {
    let present = TokenClass::ALL.into_iter().filter(|&class| present.has(class));
    present.flat_map(|class| cache.ways().map(move |way| way.billed_as(class))).collect()
}
