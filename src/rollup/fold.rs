//! Rows into the rollup: reduce, judge what no row before was reduced to, add.

mod bill_line;
mod judge;
mod key_cache;
mod lines;
mod merge;
mod names;
mod reduce;
mod rules;
mod resolve;
mod signature;
mod call_accumulator;

use std::collections::BTreeMap;
use std::hash::RandomState;

use hashbrown::HashTable;

pub use call_accumulator::Call;
use call_accumulator::CallAccumulator;
pub use judge::costs_nothing;
use key_cache::KeyCache;
pub use key_cache::{CachedKey, REMEMBERED_ROWS};
pub use reduce::context_tiers;
use signature::HashKeys;
pub use signature::{HashPart, Signature, TextHash};

pub use super::end_user_hash::EndUserHash;
pub use super::key_fields::Part;
use super::key_fields::{Endpoint, KeyFields};
pub use super::reduced::{Facts, PackedFacts};
use super::{
    Cell, Charge, ChargeId, DailyKey, DailySums, Direction, Directory, EndUsers, Group, GroupId, InputPart, KeepLines,
    Key, KeyId, Line, LineFacts, LineId, LineSums, Logged, Oddities, QuoteId, QuoteKey, Reduced, ResolutionId, Rollup,
    RuleSetId, Shared, TextId, Unsummable, check_keys, times::HourSums,
};
use crate::calendar::{Day, Moment};
use crate::maps::{DenseMap, FastMap, next_number};
use crate::money::{Factor, Money, Overflow};
use crate::policy::rules::{Memory, RuleBits};
use crate::policy::{Cases, NameField, Policy};
use crate::pricing::{ModelId, PriceTable, ProviderId};
use crate::usage::{Field, UsageRecord};
use crate::verdict::{Step, VerdictInput, Word};

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
    /// Whether rows have their cost by token class.
    pub by_class: bool,
    /// Whether sums by hour of the week, and by key and day, are kept.
    pub times: bool,
    /// Whether sums are kept by the lines of a rollup file, to be judged by another run.
    pub lines: Option<KeepLines>,
    /// Where the policy's routes lead, by position.
    pub route_targets: Vec<ModelId>,
    /// Tokens of the successor for one of a model that is retired.
    pub token_ratios: BTreeMap<ModelId, Cases<Factor>>,
    /// Hashes end users; the same for all folders of a run.
    pub end_users: EndUserHash,
    /// Distinct keys that a run may have: [`super::MOST_KEYS`], but for tests.
    pub most_keys: usize,
    /// Rows whose key is remembered for others like them: [`fold::REMEMBERED_ROWS`](REMEMBERED_ROWS), but for tests,
    /// which show that it changes nothing.
    pub remembered_rows: usize,
}

impl<'t> Context<'t> {
    /// Prices and a policy, and nothing else that anybody asked for.
    pub fn new(table: &'t PriceTable, policy: &'t Policy) -> Self {
        Self {
            table,
            policy,
            tie_breaker: None,
            by: None,
            daily: false,
            by_class: false,
            times: false,
            lines: None,
            route_targets: Vec::new(),
            token_ratios: BTreeMap::new(),
            end_users: EndUserHash::Keyed(RandomState::new()),
            most_keys: super::MOST_KEYS,
            remembered_rows: REMEMBERED_ROWS,
        }
    }
}

/// Fills a rollup. One thread each; what others filled is added with [`Folder::absorb`], and what should not have been added
/// goes with [`Folder::take_away`].
#[derive(Debug)]
pub struct Folder<'t> {
    context: &'t Context<'t>,
    /// Names that rows may lack, where there are any.
    directory: Option<&'t Directory>,
    /// The sums so far.
    pub rollup: Rollup,
    /// Where the rows come from that are being added.
    pub from: InputPart,
    resolutions: FastMap<Logged, ResolutionId>,
    quotes: FastMap<QuoteKey, QuoteId>,
    charges: FastMap<Charge, ChargeId>,
    groups: FastMap<Group, GroupId>,
    rule_sets: FastMap<RuleBits, RuleSetId>,
    lines: HashTable<LineId>,
    line_hasher: foldhash::quality::RandomState,
    fields: KeyFields<'t>,
    hash_keys: HashKeys,
    known: KeyCache,
    /// The keys so far with their sums; [`Self::finish`] puts them into the rollup.
    keys: Vec<Key>,
    /// By place, as far as there are any.
    cells: Vec<Cell>,
    places: FastMap<Key, KeyId>,
    /// What the calls of each place have in common.
    shared: Vec<Shared>,
    daily: DenseMap<DailyKey, DailySums>,
    /// The charge and the provider's name of each place, which is a [`KeyId`], or a [`LineId`] where lines are kept.
    about: Vec<(ChargeId, TextId)>,
    /// Calls of each place that are not yet in its sums.
    accumulators: Vec<CallAccumulator>,
    by_day: call_accumulator::ByDay,
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
    /// Whether the price of a model of this name may go by the hour.
    hourly: FastMap<String, bool>,
}

/// Keys for which there is room from the start, as many as a map of 2,048 slots holds. What nothing is written to takes no
/// memory, and each time that a table grows it is copied.
const ROOM: usize = 7 << 8;
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
            from: InputPart::default(),
            resolutions: FastMap::default(),
            quotes: FastMap::default(),
            charges: FastMap::default(),
            groups: FastMap::default(),
            rule_sets: FastMap::default(),
            lines: HashTable::default(),
            line_hasher: foldhash::quality::RandomState::default(),
            fields: KeyFields::new(context, directory.is_some()),
            hash_keys: HashKeys::default(),
            known: KeyCache::of(context.remembered_rows),
            places: FastMap::default(),
            about: Vec::new(),
            accumulators: Vec::new(),
            by_day: call_accumulator::ByDay::default(),
            hours: FastMap::default(),
            days: context.times.then(FastMap::default),
            spread: 0,
            last_day: None,
            memory: Memory::default(),
            words: FastMap::default(),
            interactive: FastMap::default(),
            endpoints: FastMap::default(),
            hourly: FastMap::default(),
        };
        folder.resolutions = (0..).zip(&folder.rollup.resolutions).map(|(id, known)| (known.logged, id)).collect();
        folder.quotes = (0..).zip(&folder.rollup.quotes).map(|(id, known)| (known.key, id)).collect();
        folder.charges = (0..).zip(&folder.rollup.charges).map(|(id, known)| (*known, id)).collect();
        folder.groups = (0..).zip(&folder.rollup.groups).map(|(id, known)| (*known, id)).collect();
        for line in std::mem::take(&mut folder.rollup.lines) {
            folder.line_id(line);
        }
        folder.rule_sets = (0..).zip(&folder.rollup.rule_sets).map(|(id, known)| (known.clone(), id)).collect();
        folder.places = folder.keys.iter().copied().zip(0..).collect();
        folder.about.extend(folder.keys.iter().map(|key| about(&folder.rollup, key)));
        folder.shared.resize_with(folder.keys.len(), Shared::default);
        folder.keys.reserve(ROOM);
        folder.places.reserve(ROOM);
        folder.shared.reserve(ROOM);
        folder.about.reserve(ROOM);
        folder.accumulators.reserve(ROOM);
        folder.by_day.reserve(ROOM);
        folder
    }

    /// Adds a row.
    pub fn add(
        &mut self,
        record: &UsageRecord<'_>,
        format_provider: Option<&str>,
        oddities: Oddities,
    ) -> Result<(), Unsummable> {
        let place = self.place(record, format_provider);
        self.check_keys()?;
        if self.context.times {
            self.add_times(place, record)?;
        }
        if let Some(user) = record.text(Field::EndUser) {
            let user = self.context.end_users.hash(user);
            self.users(place).insert(user);
        }
        self.note_undated(place, record, 1);
        self.note_oddities(place, oddities)?;
        if self.context.daily {
            self.day(place, record).add(record)?;
        }
        Ok(self.cell(place).add(record)?)
    }

    /// Adds the rows of a line of a rollup file, of which all say what `record` does, but for their sums.
    pub fn add_line(
        &mut self,
        record: &UsageRecord<'_>,
        format_provider: Option<&str>,
        sums: &LineSums,
    ) -> Result<(), Unsummable> {
        // Of a line all that is known of the time is its hour, or else its days.
        let last = record.last_moment();
        let span = match sums.hour {
            Some(_) => (record.start, record.start.plus_seconds(3_599)),
            None => (record.start.day().start(), last.day().next().start().plus_seconds(-1)),
        };
        let place = self.place_between(record, format_provider, span);
        self.check_keys()?;
        let LineSums { cell: more, notes, .. } = sums;
        let daily = DailySums { tokens: more.tokens, billed: more.billed, rows: more.rows };
        if self.context.times {
            self.add_line_times(place, record, sums, &daily)?;
        }
        if !notes.end_users.hashes().is_empty() {
            self.users(place).absorb(&notes.end_users);
        }
        self.note_undated(place, record, more.rows);
        self.note_oddities(place, notes.oddities)?;
        if self.context.daily {
            self.day(place, record).merge(&daily, Direction::Add)?;
        }
        let cell = self.cell(place);
        cell.absorb(more)?;
        if more.requests > 0 {
            cell.days.insert(record.start.day(), record.last_moment().day());
        }
        Ok(())
    }

    /// The end users of a place.
    fn users(&mut self, place: u32) -> &mut EndUsers {
        match self.context.lines {
            Some(_) => &mut self.rollup.line_notes.entry(place).or_default().end_users,
            None => self.rollup.end_users.entry(self.keys[place as usize].group).or_default(),
        }
    }

    /// The sums of the day of a row.
    fn day(&mut self, place: u32, record: &UsageRecord<'_>) -> &mut DailySums {
        let key = self.keys[place as usize];
        let credit = key.bill_day.is_some() && record.billed.is_some_and(Money::is_negative);
        let day = DailyKey { day: record.start.day(), charge: key.charge, billed: key.billed, credit };
        self.daily.entry(day).or_default()
    }

    /// Notes rows without a time of their own. Of lines another run does, which knows the prices.
    fn note_undated(&mut self, place: u32, record: &UsageRecord<'_>, rows: u64) {
        if record.within.is_some() && self.context.lines.is_none() {
            self.rollup.undated += rows;
            let (first, last) = (record.start.day(), record.last_moment().day());
            let charge = self.keys[place as usize].charge;
            let resolution = self.rollup.quoted(self.rollup.charge(charge)).key.resolution;
            let changes = &self.rollup.resolutions[resolution as usize].changes;
            let is_unsure = changes.iter().any(|&day| first < day && day <= last);
            self.rollup.undated_prices += if is_unsure { rows } else { 0 };
        }
    }

    fn note_oddities(&mut self, place: u32, oddities: Oddities) -> Result<(), Overflow> {
        self.rollup.oddities.merge(oddities, Direction::Add)?;
        if self.context.lines.is_some() && oddities != Oddities::default() {
            self.rollup.line_notes.entry(place).or_default().oddities.merge(oddities, Direction::Add)?;
        }
        Ok(())
    }

    /// Where a row is added up, a key or a line: remembered for all rows that are reduced to the same.
    pub fn place(&mut self, record: &UsageRecord<'_>, format_provider: Option<&str>) -> u32 {
        self.place_between(record, format_provider, (record.start, record.last_moment()))
    }

    /// The same of a row that took place between two moments.
    fn place_between(
        &mut self,
        record: &UsageRecord<'_>,
        format_provider: Option<&str>,
        span: (Moment, Moment),
    ) -> u32 {
        let reduced = self.reduce(record, format_provider, span);
        let row = self.context.lines.map(|_| LineFacts::of(record, self.from));
        let short = self.hash_keys.signature(&reduced, row.as_ref());
        self.place_reduced(record, reduced, (short, row))
    }

    /// The same of a row whose signature is known.
    pub fn place_signed(
        &mut self,
        record: &UsageRecord<'_>,
        format_provider: Option<&str>,
        signature: Signature,
    ) -> u32 {
        let reduced = self.reduce(record, format_provider, (record.start, record.last_moment()));
        let row = self.context.lines.map(|_| LineFacts::of(record, self.from));
        self.place_reduced(record, reduced, (signature, row))
    }

    fn place_reduced<'r>(
        &mut self,
        record: &'r UsageRecord<'_>,
        mut reduced: Reduced<'r>,
        (short, row): (Signature, Option<LineFacts>),
    ) -> u32 {
        let known = self.known.get(short);
        if let Some(CachedKey::Place(place)) = known {
            self.rollup.ways.remembered += 1;
            return place;
        }
        if let Some(row) = row {
            // Another run judges lines. No word decides before: what holds one is kept.
            let line = Line::of(&reduced, row, &mut self.rollup.texts);
            let line = self.line_id(line);
            self.known.put(short, CachedKey::Place(line));
            self.rollup.ways.judged += 1;
            return line;
        }
        self.reduce_words(record, &mut reduced);
        let long = short.with_words(self.hash_keys.words(&reduced));
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
        let words_decide = known.is_some() || key.code.reached(Step::Words);
        if words_decide && known.is_none() {
            self.known.put(short, CachedKey::Words);
        }
        self.known.put(if words_decide { long } else { short }, CachedKey::Place(place));
        place
    }

    fn place_of(&mut self, key: Key) -> KeyId {
        let next = next_number(self.keys.len());
        let place = *self.places.entry(key).or_insert(next);
        if place == next {
            self.about.push(about(&self.rollup, &key));
            self.keys.push(key);
            self.shared.push(Shared::default());
        }
        place
    }

    /// The span between price changes, counted over all models, that a day lies in.
    #[inline]
    pub fn price_period(&mut self, day: Day) -> u16 {
        if let Some((_, price_period)) = self.last_day.filter(|(last, _)| *last == day) {
            return price_period;
        }
        let price_period = self.context.table.price_period_of(day);
        self.last_day = Some((day, price_period));
        price_period
    }

    /// A key by position.
    pub fn key(&self, id: KeyId) -> &Key {
        &self.keys[id as usize]
    }

    fn cell(&mut self, id: KeyId) -> &mut Cell {
        if self.cells.len() <= id as usize {
            self.cells.resize(self.about.len(), Cell::default());
        }
        &mut self.cells[id as usize]
    }

    /// What the verdict on a row looks at, and its group.
    pub fn verdict_input(
        &mut self,
        record: &UsageRecord<'_>,
        format_provider: Option<&str>,
    ) -> (VerdictInput, GroupId) {
        let mut reduced = self.reduce(record, format_provider, (record.start, record.last_moment()));
        self.reduce_words(record, &mut reduced);
        self.input_of(&reduced)
    }
}

/// The charge of a key, and the name of its provider.
fn about(rollup: &Rollup, key: &Key) -> (ChargeId, TextId) {
    (key.charge, rollup.group(key.group).provider)
}
