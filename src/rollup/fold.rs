//! Rows into the rollup: resolve, reduce every fact, decide, add.

mod bill_line;
mod memo;
mod merge;
mod names;
mod rules;
mod resolve;
mod signature;
mod tally;

use std::hash::{BuildHasher, RandomState};

use smallvec::SmallVec;

pub use memo::{Facts, Known, Part, REMEMBERED_ROWS, Share, Signature};
use memo::{Memo, Needs, Of, Shares};
pub use signature::TextShare;
pub use tally::Call;
use tally::Tally;

use super::facts::{RowFacts, boolean, is_refused, veto, workload};
use super::{
    Cell, Charge, ChargeId, Charging, DailyKey, DailySums, Directory, Group, GroupId, Key, Logged, Named, QuoteId,
    QuoteKey, ResolutionId, Rollup, RuleSetId, Shared, TextId, Unsummable, check_keys, times::HourSums,
};
use crate::calendar::Day;
use crate::maps::{FastMap, next_number};
use crate::money::{Money, Percent};
use crate::policy::rules::{Memory, RuleBits};
use crate::policy::schema::Wait;
use crate::policy::{NameField, Policy};
use crate::pricing::{ModelId, PriceTable, ProviderId, Unpriced, terms};
use crate::usage::{ClassSet, Field, Outcome, PromptSize, Quantity, Tier, TokenClass, UsageRecord};
use crate::verdict::{Circumstances, Word, decide};

/// What `--by` adds up by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Breakdown {
    /// The workload's name.
    Workload,
    /// The model as logged.
    Model,
    /// The resolved provider.
    Provider,
    /// The owner of the rule that decides.
    Owner,
    /// Any other text or tag.
    Named(NameField),
}

/// What all rows are judged against.
#[derive(Clone, Debug)]
pub struct Context<'t> {
    /// Prices.
    pub table: &'t PriceTable,
    /// Rules and assumptions.
    pub policy: &'t Policy,
    /// The provider of `--provider`, where several have a model.
    pub tie_breaker: Option<ProviderId>,
    /// An extra dimension.
    pub by: Option<Breakdown>,
    /// Whether sums by day are kept.
    pub daily: bool,
    /// Whether sums by hour of the week, and by key and day, are kept.
    pub times: bool,
    /// Where the policy's routes lead, by position.
    pub route_targets: Vec<ModelId>,
    /// Hashes end users; the same for all folders of a run.
    pub hasher: RandomState,
    /// Distinct keys that a run may have: [`super::MOST_KEYS`], but for tests.
    pub most_keys: usize,
    /// Rows whose key is remembered for others like them: [`fold::REMEMBERED_ROWS`](REMEMBERED_ROWS), but for tests,
    /// which show that it changes nothing.
    pub remembered_rows: usize,
}

/// Fills a rollup. One thread each; rollups merge with [`Rollup::absorb`].
#[derive(Debug)]
pub struct Folder<'t> {
    context: &'t Context<'t>,
    /// Names that rows may lack, where there are any.
    directory: Option<&'t Directory>,
    /// The sums so far.
    pub rollup: Rollup,
    resolutions: FastMap<Logged, ResolutionId>,
    quotes: FastMap<QuoteKey, QuoteId>,
    charges: FastMap<Charge, ChargeId>,
    groups: FastMap<Group, GroupId>,
    rule_sets: FastMap<RuleBits, RuleSetId>,
    needs: Needs,
    shares: Shares,
    known: Memo,
    /// The keys so far with their sums; [`Self::finish`] puts them into the rollup.
    sums: Vec<(Key, Cell)>,
    places: FastMap<Key, u32>,
    /// What the calls of each place have in common.
    shared: Vec<Shared>,
    daily: FastMap<DailyKey, DailySums>,
    /// The charge and the provider's name of each place.
    about: Vec<(ChargeId, TextId)>,
    /// Calls of each place that are not yet in its sums.
    tallies: Vec<Tally>,
    by_day: tally::ByDay,
    hours: FastMap<(u8, ChargeId), HourSums>,
    /// By place and day; nothing where there are too many, and where nobody asks.
    days: Option<FastMap<(u32, Day), DailySums>>,
    /// Rows that span days.
    spread: u64,
    /// The last day seen, with its span between price changes.
    last_day: Option<(Day, u16)>,
    memory: Memory,
    words: FastMap<String, Option<Word>>,
    interactive: FastMap<String, bool>,
    endpoints: FastMap<String, Share>,
}

/// Names whose words are remembered; beyond it they are looked at anew, so that memory does not grow with rows.
const REMEMBERED: usize = 16_384;
/// The name of a workload none of whose naming fields is present.
pub const NAMELESS: &str = "(none)";

impl<'t> Folder<'t> {
    /// An empty folder.
    pub fn new(context: &'t Context<'t>, directory: Option<&'t Directory>) -> Self {
        Self::over(context, Rollup::default(), directory)
    }

    /// A folder that goes on from a rollup.
    pub fn over(context: &'t Context<'t>, rollup: Rollup, directory: Option<&'t Directory>) -> Self {
        let mut folder = Self {
            context,
            directory,
            rollup,
            resolutions: FastMap::default(),
            quotes: FastMap::default(),
            charges: FastMap::default(),
            groups: FastMap::default(),
            rule_sets: FastMap::default(),
            needs: Needs::of(context.policy, context.by.as_ref(), directory.is_some()),
            shares: Shares::default(),
            known: Memo::of(context.remembered_rows),
            sums: Vec::new(),
            places: FastMap::default(),
            shared: Vec::new(),
            daily: FastMap::default(),
            about: Vec::new(),
            tallies: Vec::new(),
            by_day: tally::ByDay::default(),
            hours: FastMap::default(),
            days: context.times.then(FastMap::default),
            spread: 0,
            last_day: None,
            memory: Memory::default(),
            words: FastMap::default(),
            interactive: FastMap::default(),
            endpoints: FastMap::default(),
        };
        folder.resolutions = (0..).zip(&folder.rollup.resolutions).map(|(id, known)| (known.logged, id)).collect();
        folder.quotes = (0..).zip(&folder.rollup.quotes).map(|(id, known)| (known.key, id)).collect();
        folder.charges = (0..).zip(&folder.rollup.charges).map(|(id, known)| (*known, id)).collect();
        folder.groups = (0..).zip(&folder.rollup.groups).map(|(id, known)| (*known, id)).collect();
        folder.rule_sets = (0..).zip(&folder.rollup.rule_sets).map(|(id, known)| (known.clone(), id)).collect();
        folder
    }

    /// Adds a row.
    pub fn add(&mut self, record: &UsageRecord<'_>, format_provider: Option<&str>) -> Result<(), Unsummable> {
        let place = self.place(record, format_provider);
        check_keys(self.sums.len(), self.daily.len(), &self.rollup.texts, self.context)?;
        if self.context.times {
            self.add_times(place, record)?;
        }
        let (key, cell) = &mut self.sums[place as usize];
        if let Some(user) = record.text(Field::EndUser) {
            let user = self.context.hasher.hash_one(user);
            self.rollup.end_users.entry(key.group).or_default().insert(user);
        }
        if record.within.is_some() {
            self.rollup.undated += 1;
            let (first, last) = (record.start.day(), record.last_moment().day());
            let resolution = self.rollup.quoted(self.rollup.charge(key.charge)).key.resolution;
            let changes = &self.rollup.resolutions[resolution as usize].changes;
            self.rollup.undated_prices += u64::from(changes.iter().any(|&day| first < day && day <= last));
        }
        if self.context.daily {
            let credit = key.bill_day.is_some() && record.billed.is_some_and(Money::is_negative);
            let day = DailyKey { day: record.start.day(), charge: key.charge, billed: key.billed, credit };
            self.daily.entry(day).or_default().add(record)?;
        }
        Ok(cell.add(record)?)
    }

    /// Where a row is added up: remembered for all rows that agree in what the key depends on.
    fn place(&mut self, record: &UsageRecord<'_>, format_provider: Option<&str>) -> u32 {
        let signature = self.signature(record, format_provider);
        let mut words = None;
        match self.known.get(signature) {
            Some(Known::Place(place)) => {
                self.rollup.ways.remembered += 1;
                return place;
            }
            Some(Known::Words) => {
                let signature = signature.lengthened(self.words_share(record));
                if let Some(Known::Place(place)) = self.known.get(signature) {
                    self.rollup.ways.remembered += 1;
                    return place;
                }
                words = Some(signature);
            }
            None => {}
        }
        self.rollup.ways.judged += 1;
        let (key, shared) = self.judge(record, format_provider);
        let place = self.place_of(key);
        self.shared[place as usize].join(&shared);
        if words.is_none() && key.code.comes_from_words() {
            self.known.put(signature, Known::Words);
            words = Some(signature.lengthened(self.words_share(record)));
        }
        self.known.put(words.unwrap_or(signature), Known::Place(place));
        place
    }

    fn place_of(&mut self, key: Key) -> u32 {
        let next = next_number(self.sums.len());
        *self.places.entry(key).or_insert_with(|| {
            self.sums.push((key, Cell::default()));
            self.shared.push(Shared::default());
            self.about.push((key.charge, self.rollup.groups[key.group as usize].provider));
            next
        })
    }

    /// The span between price changes, counted over all models, that a day lies in.
    #[inline]
    pub fn epoch(&mut self, day: Day) -> u16 {
        if let Some((_, epoch)) = self.last_day.filter(|(last, _)| *last == day) {
            return epoch;
        }
        let epoch = self.context.table.epoch_of(day);
        self.last_day = Some((day, epoch));
        epoch
    }

    /// What a row is added up by.
    pub fn key(&mut self, record: &UsageRecord<'_>, format_provider: Option<&str>) -> Key {
        let place = self.place(record, format_provider);
        self.sums[place as usize].0
    }

    fn judge(&mut self, record: &UsageRecord<'_>, format_provider: Option<&str>) -> (Key, Shared) {
        let resolution = self.resolve(record, format_provider);
        let record = &self.renamed(record, resolution);
        let charge = self.charge(record, resolution);
        let (circumstances, group) = self.circumstances(record, resolution, charge);
        let code = decide(&circumstances);
        let against = self.note_rules(code);
        let by = self.context.by.clone().and_then(|by| self.breakdown(record, &by, group, code));
        let bill_day = self.rollup.charge(charge).charging.is_bill_line().then(|| record.start.day());
        let shared = self.shared(record, resolution, code);
        (Key { group, charge, code, billed: record.billed.is_some(), bill_day, by, against }, shared)
    }

    fn charge(&mut self, record: &UsageRecord<'_>, resolution: ResolutionId) -> ChargeId {
        let day = record.start.day();
        let (step, last_step) = context_steps(self.context.table, record);
        let stated = record.text(Field::Geo).map(|geo| self.rollup.texts.id(geo));
        let resolved = &self.rollup.resolutions[resolution as usize];
        let geo = stated.or(resolved.geo);
        let epoch = resolved.epoch(day);
        let step_unsure = last_step > step
            && resolved.model.is_ok_and(|model| self.context.table.steps_matter(model, day, step, last_step));
        let quote = self.quote(QuoteKey { resolution, tier: record.tier, geo, step, epoch });
        let quoted = &self.rollup.quotes[quote as usize];
        let charging = match record.quantity {
            Quantity::BillLine(_) if record.billed.is_none() => Charging::Unpriced(Unpriced::NoExchangeRate),
            Quantity::BillLine(class) => match self.kind_of_line(resolution, class) {
                Some(kind) if kind.stands_alone() => Charging::StandsAlone(kind),
                _ => Charging::Billed(class),
            },
            Quantity::Tokens(_) if is_free(record) => Charging::Nothing,
            Quantity::Tokens(tokens) => match quoted.quote.and_then(|quote| quote.own.map(|_| ())) {
                Err(reason) => Charging::Unpriced(reason),
                Ok(()) if quoted.missing_own.meets(tokens.present()) => Charging::Unpriced(Unpriced::NoClassRate),
                Ok(()) => Charging::Rates,
            },
        };
        let needed = match record.quantity {
            Quantity::Tokens(tokens) => batch_needs(tokens.present(), self.context.policy.cache_hit_share),
            Quantity::BillLine(Some(class)) => {
                batch_needs([class].into_iter().collect(), self.context.policy.cache_hit_share)
            }
            Quantity::BillLine(None) => ClassSet::default(),
        };
        let has_rates = quoted.quote.is_ok_and(|quote| quote.batch.is_some()) && !quoted.missing_batch.meets(needed);
        let routed = record.tokens().zip(quoted.target).is_some_and(|(tokens, target)| {
            let priced = |class: TokenClass, count: u128| count == 0 || target[class].is_some();
            priced(TokenClass::Input, tokens.prompt())
                && priced(TokenClass::Output, u128::from(tokens[TokenClass::Output]))
        });
        let charge = Charge { quote, charging, batchable: has_rates, step_unsure, routed };
        if let Some(&known) = self.charges.get(&charge) {
            return known;
        }
        let id = next_number(self.rollup.charges.len());
        self.rollup.charges.push(charge);
        self.charges.insert(charge, id);
        id
    }

    /// Everything the verdict looks at, and the group.
    pub fn circumstances(
        &mut self,
        record: &UsageRecord<'_>,
        resolution: ResolutionId,
        charge: ChargeId,
    ) -> (Circumstances, GroupId) {
        let charge = *self.rollup.charge(charge);
        let resolved = &self.rollup.resolutions[resolution as usize];
        let (provider, provider_text, model_text) = (resolved.provider, resolved.shown_provider, resolved.logged.model);
        let shown_provider = self.rollup.texts.get(provider_text).to_owned();
        let (workload, _) = workload(record, self.context.policy, &shown_provider);
        let terms = provider.and_then(|provider| self.context.table.provider(provider).batch.as_ref());
        let endpoint = record.text(Field::Endpoint);
        let facts = RowFacts { record, provider: &shown_provider, workload };
        let word = self.word(record).map(|(word, _)| word);
        let interactive = record.text(Field::App).is_some_and(|app| self.is_interactive(app));
        let circumstances = Circumstances {
            outcome: record.outcome,
            tier: record.tier,
            priced: match charge.charging {
                Charging::Unpriced(reason) => Err(reason),
                _ => Ok(()),
            },
            bill_line: match charge.charging {
                Charging::Billed(class) => Some(self.bill_line(&charge, class)),
                _ => None,
            },
            batch_unknown: record.batch_unknown,
            has_batch_rate: charge.batchable,
            endpoint_refused: endpoint.zip(terms).is_some_and(|(endpoint, terms)| is_refused(endpoint, terms)),
            rule: self.context.policy.rules.first_match(&facts, &mut self.memory),
            tag_batch: record.tag("batch").and_then(boolean),
            tag_max_wait: record.tag("max_wait").and_then(|text| text.parse::<Wait>().ok()).map(|wait| {
                wait.0 >= u64::from(terms.map_or(terms::default_window(), |terms| terms.window_hours)) * 3_600_000
            }),
            veto: veto(record, endpoint, interactive),
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
        (circumstances, id)
    }
}

/// The context steps a row's prompts may lie in, lowest and highest.
pub fn context_steps(table: &PriceTable, record: &UsageRecord<'_>) -> (u16, u16) {
    let Some(tokens) = record.tokens() else {
        return match record.window {
            Some(PromptSize { above, up_to }) => {
                (table.step_of(u128::from(above) + 1), table.step_of(u128::from(up_to)))
            }
            // Without tokens and a stated window a line of a bill may hold prompts of any size.
            None => (0, table.step_of(u128::MAX)),
        };
    };
    let prompt = tokens.prompt();
    if record.is_single_call() {
        return (table.step_of(prompt), table.step_of(prompt));
    }
    let (lowest, highest) = match record.window {
        None => (0, table.step_of(prompt)),
        Some(PromptSize { above, up_to }) => {
            let lowest = if above == 0 { 0 } else { table.step_of(u128::from(above) + 1) };
            (lowest, table.step_of(prompt.min(u128::from(up_to))).max(lowest))
        }
    };
    // The sum of one request is its prompt, though rules see a bucket all the same.
    if record.requests == Some(1) { (highest, highest) } else { (lowest, highest) }
}

/// Whether a row's tokens cost nothing, whatever the price.
pub fn is_free(record: &UsageRecord<'_>) -> bool {
    matches!(record.outcome, Outcome::GatewayHit | Outcome::Refused) || record.tier == Tier::Incentivized
}

/// Classes of the batch block that a call with these classes needs.
fn batch_needs(present: ClassSet, hits: Percent) -> ClassSet {
    let has = |class: TokenClass| present.meets([class].into_iter().collect());
    let mut needed: SmallVec<[TokenClass; 3]> = SmallVec::new();
    let written = has(TokenClass::CacheWrite5m) || has(TokenClass::CacheWrite1h);
    if has(TokenClass::Input) || written || (has(TokenClass::CacheRead) && hits < Percent::ALL) {
        needed.push(TokenClass::Input);
    }
    if has(TokenClass::CacheRead) && hits > Percent::ZERO {
        needed.push(TokenClass::CacheRead);
    }
    if has(TokenClass::Output) {
        needed.push(TokenClass::Output);
    }
    needed.into_iter().collect()
}
