//! Rows into the rollup: reduce, judge what no row before was reduced to, add.

mod bill_line;
mod judge;
mod key_cache;
mod merge;
mod names;
mod reduce;
mod rules;
mod resolve;
mod signature;
mod tally;

use std::hash::{BuildHasher, RandomState};

pub use judge::costs_nothing;
use key_cache::KeyCache;
pub use key_cache::{CachedKey, REMEMBERED_ROWS};
pub use reduce::context_steps;
use signature::HashKeys;
pub use signature::{Share, Signature, TextShare};
pub use tally::Call;
use tally::Tally;

pub use super::key_fields::Part;
use super::key_fields::{Endpoint, KeyFields};
pub use super::reduced::{Facts, PackedFacts};
use super::{
    Cell, Charge, ChargeId, DailyKey, DailySums, Directory, Group, GroupId, Key, KeyId, Logged, QuoteId, QuoteKey,
    ResolutionId, Rollup, RuleSetId, Shared, TextId, Unsummable, check_keys, times::HourSums,
};
use crate::calendar::Day;
use crate::maps::{FastMap, next_number};
use crate::money::Money;
use crate::policy::rules::{Memory, RuleBits};
use crate::policy::{NameField, Policy};
use crate::pricing::{ModelId, PriceTable, ProviderId};
use crate::usage::{Field, UsageRecord};
use crate::verdict::{Circumstances, Word};

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

/// Fills a rollup. One thread each; what others filled is added with [`Folder::absorb`].
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
    fields: KeyFields<'t>,
    hash_keys: HashKeys,
    known: KeyCache,
    /// The keys so far with their sums; [`Self::finish`] puts them into the rollup.
    keys: Vec<Key>,
    /// By [`KeyId`], as far as there are any.
    cells: Vec<Cell>,
    places: FastMap<Key, KeyId>,
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
    endpoints: FastMap<String, Endpoint<'t>>,
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
    pub fn over(context: &'t Context<'t>, mut rollup: Rollup, directory: Option<&'t Directory>) -> Self {
        let mut folder = Self {
            context,
            directory,
            keys: std::mem::take(&mut *rollup.keys),
            cells: std::mem::take(&mut *rollup.cells),
            shared: std::mem::take(&mut rollup.shared),
            daily: std::mem::take(&mut rollup.daily),
            rollup,
            resolutions: FastMap::default(),
            quotes: FastMap::default(),
            charges: FastMap::default(),
            groups: FastMap::default(),
            rule_sets: FastMap::default(),
            fields: KeyFields::new(context.policy, context.table, context.by.as_ref(), directory.is_some()),
            hash_keys: HashKeys::default(),
            known: KeyCache::of(context.remembered_rows),
            places: FastMap::default(),
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
        folder.places = folder.keys.iter().copied().zip(0..).collect();
        folder.about = folder.keys.iter().map(|key| folder.about(key)).collect();
        folder.shared.resize_with(folder.keys.len(), Shared::default);
        folder
    }

    /// Adds a row.
    pub fn add(&mut self, record: &UsageRecord<'_>, format_provider: Option<&str>) -> Result<(), Unsummable> {
        let place = self.place(record, format_provider);
        check_keys(self.keys.len(), self.daily.len(), &self.rollup.texts, self.context)?;
        if self.context.times {
            self.add_times(place, record)?;
        }
        let key = self.keys[place as usize];
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
        Ok(self.cell(place).add(record)?)
    }

    /// Where a row is added up: remembered for all rows that are reduced to the same.
    pub fn place(&mut self, record: &UsageRecord<'_>, format_provider: Option<&str>) -> KeyId {
        let mut reduced = self.reduce(record, format_provider);
        let short = self.hash_keys.signature(&reduced);
        let known = self.known.get(short);
        if let Some(CachedKey::Place(place)) = known {
            self.rollup.ways.remembered += 1;
            return place;
        }
        self.reduce_words(record, &mut reduced);
        let long = short.lengthened(self.hash_keys.words(&reduced));
        if known == Some(CachedKey::Words)
            && let Some(CachedKey::Place(place)) = self.known.get(long)
        {
            self.rollup.ways.remembered += 1;
            return place;
        }
        self.rollup.ways.judged += 1;
        let (key, shared) = self.judge(&reduced);
        let place = self.place_of(key);
        self.shared[place as usize].join(&shared, |text| text);
        let words_decide = known.is_some() || key.code.comes_from_words();
        if words_decide && known.is_none() {
            self.known.put(short, CachedKey::Words);
        }
        self.known.put(if words_decide { long } else { short }, CachedKey::Place(place));
        place
    }

    fn place_of(&mut self, key: Key) -> KeyId {
        let next = next_number(self.keys.len());
        let about = self.about(&key);
        *self.places.entry(key).or_insert_with(|| {
            self.keys.push(key);
            self.shared.push(Shared::default());
            self.about.push(about);
            next
        })
    }

    fn about(&self, key: &Key) -> (ChargeId, TextId) {
        (key.charge, self.rollup.group(key.group).provider)
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

    /// A key by position.
    pub fn key(&self, id: KeyId) -> &Key {
        &self.keys[id as usize]
    }

    fn cell(&mut self, id: KeyId) -> &mut Cell {
        if self.cells.len() <= id as usize {
            self.cells.resize(self.keys.len(), Cell::default());
        }
        &mut self.cells[id as usize]
    }

    /// What the verdict on a row looks at, and its group.
    pub fn verdict_input(
        &mut self,
        record: &UsageRecord<'_>,
        format_provider: Option<&str>,
    ) -> (Circumstances, GroupId) {
        let mut reduced = self.reduce(record, format_provider);
        self.reduce_words(record, &mut reduced);
        self.circumstances_of(&reduced)
    }
}
