//! The rollup: rows in, sums by everything that matters out.
//!
//! Role: the hinge of the program. Before it everything streams; after it everything is small. Keys hold only what
//! pricing and judging need, each fact reduced first: a row's rules, tags and words to one deciding code, its day to
//! the price entry in force, its prompt to a context tier ([`Reduced`] is all that judging sees of a row). All sums are integers, so rollups of parts merge into the
//! rollup of the whole in any order. It does *not* hold ids of calls; see [`crate::input`] for duplicates.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use crate::calendar::Day;
use crate::diagnostic::{Diagnostic, Failure};
use crate::maps::{CopyOnWrite, DenseMap, FastMap};
use crate::money::{Money, Overflow};
use crate::policy::rules::RuleBits;
use crate::pricing::{ModelId, ProviderId, Quote, Rates, Unpriced};
use crate::usage::{ChargeKind, ClassSet, PerClass, Quantity, Tier, TokenClass, UsageRecord};
use crate::verdict::Code;

pub mod day_set;
pub mod direction;
pub mod directory;
pub mod end_user_hash;
pub mod facts;
pub mod fold;
pub mod key_fields;
pub mod lines;
mod reprice;
pub mod matches;
pub mod reduced;
pub mod shared;
pub mod texts;
pub mod times;

pub use day_set::DaySet;
pub use direction::Direction;
pub use directory::{Directory, Stated};
pub use facts::Name;
pub use fold::{Breakdown, Context, Folder};
pub use lines::{InputPart, KeepLines, Line, LineFacts, LineId, LineNotes, LineSums, Oddities, Span};
pub use matches::Matches;
pub use reduced::{Facts, Reduced};
pub use reprice::Models;
pub use shared::{Common, Shared};
pub use texts::{TextId, Texts};
pub use times::Times;

/// Distinct keys that a run may have, and as many sums by day. The right side of the program is written for few sums: a
/// key whose workload no other has takes about 2.5 kB up to the page and 6.5 kB up to the JSON (100,000 and 400,000 keys
/// measured), so a run with this many needs 1.6 GB at the most.
pub const MOST_KEYS: usize = 250_000;

/// Why rows cannot be added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsummable {
    /// A sum leaves its range.
    #[error(transparent)]
    Overflow(#[from] Overflow),
    /// The rows have more distinct keys than [`Context::most_keys`]. None is ever dropped or put into a remainder.
    #[error("the rows have more than {most} distinct combinations of what they are added up by")]
    TooManyKeys {
        /// As many may there be.
        most: usize,
    },
}

impl From<Unsummable> for Failure {
    fn from(problem: Unsummable) -> Self {
        match problem {
            Unsummable::Overflow(overflow) => overflow.into(),
            Unsummable::TooManyKeys { .. } => Self::input(Diagnostic::new("too-many-keys", problem.to_string()).hint(
                "a field with a value for every call names the workloads (`workload:` in the policy) or is added up by (--by); choose one with fewer values, or fewer days with --from and --to",
            )),
        }
    }
}

/// Position in [`Rollup::resolutions`].
pub type ResolutionId = u32;
/// Position in [`Rollup::quotes`].
pub type QuoteId = u32;
/// Position in [`Rollup::charges`].
pub type ChargeId = u32;
/// Position in [`Rollup::groups`].
pub type GroupId = u32;
/// Position in [`Rollup::keys`].
pub type KeyId = u32;
/// Position in [`Rollup::rule_sets`].
pub type RuleSetId = u32;

/// A provider and model as logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Logged {
    /// The provider the row names.
    pub provider: Option<TextId>,
    /// The provider of the file's format.
    pub format_provider: Option<TextId>,
    /// The model, as logged.
    pub model: TextId,
}

/// What a provider and model as logged turned out to be.
#[derive(Clone, Debug)]
pub struct Resolution {
    /// As logged.
    pub logged: Logged,
    /// The provider's name for display: resolved, else as logged, else empty.
    pub shown_provider: TextId,
    /// The provider in the price table.
    pub provider: Option<ProviderId>,
    /// The model in the price table.
    pub model: Result<ModelId, Unpriced>,
    /// The data residency that the model's path states.
    pub geo: Option<TextId>,
    /// The model's name was found in another letter case only.
    pub letter_case: bool,
    /// The maker's list rate stands for the prices of a reseller, which has no batch.
    pub at_list: bool,
    /// Nobody named a provider and the one that makes the model was taken: what the others have of that name.
    pub others: SmallVec<[ModelId; 2]>,
    /// The route that applies to it, by position in the policy.
    pub route: Option<usize>,
    /// Days on which a price that matters changes, ascending.
    pub changes: Vec<Day>,
}

impl Resolution {
    /// The span between price changes that a day lies in.
    pub fn price_period(&self, day: Day) -> u16 {
        // A price table with more of them is refused (`PriceTable::build`).
        u16::try_from(self.changes.partition_point(|change| *change <= day)).unwrap_or(u16::MAX)
    }

    /// A day that stands for a whole price period.
    pub fn day_in(&self, price_period: u16) -> Day {
        match (price_period, self.changes.first()) {
            (0, Some(first)) => first.previous(),
            (0, None) => Day::from_number(0),
            (price_period, _) => self.changes[usize::from(price_period) - 1],
        }
    }
}

/// What decides the rates of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct QuoteKey {
    /// Provider and model.
    pub resolution: ResolutionId,
    /// Service tier.
    pub tier: Tier,
    /// Data residency, lower-cased.
    pub geo: Option<TextId>,
    /// Context step.
    pub step: u16,
    /// Span between price changes.
    pub price_period: u16,
    /// It took place outside of peak hours, and its price has any.
    pub off_peak: bool,
}

/// A key with the rates found for it.
#[derive(Clone, Debug)]
pub struct Quoted {
    /// What was asked.
    pub key: QuoteKey,
    /// The rates, or nothing where the model or day has none.
    pub quote: Result<Quote, Unpriced>,
    /// Classes without a rate on the call's own tier.
    missing_own: ClassSet,
    /// Classes without a batch rate.
    missing_batch: ClassSet,
    /// The maker was taken, and another provider has other rates.
    pub others_differ: bool,
    /// What the same call would cost on the route's target, where a route applies.
    pub target: Option<Rates>,
}

/// How the tokens of a call turn into money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Charging {
    /// Tokens × rates.
    Rates,
    /// Nothing was charged: a gateway hit, or free tokens.
    Free,
    /// Nobody knows.
    Unpriced(Unpriced),
    /// The bill says the amount; tokens are unknown.
    Billed(Option<TokenClass>),
    /// A line of a bill about no call: a credit, a tax, a purchase. It is in no verdict.
    StandsAlone(ChargeKind),
}

impl Charging {
    /// Whether this is a line of a bill rather than usage.
    pub const fn is_bill_line(self) -> bool {
        matches!(self, Self::Billed(_) | Self::StandsAlone(_) | Self::Unpriced(Unpriced::NoExchangeRate))
    }
}

/// Everything that decides the cost of a call but its token counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "facts that are true or not")]
pub struct Charge {
    /// Rates.
    pub quote: QuoteId,
    /// Way of charging.
    pub charging: Charging,
    /// There are batch rates for its tokens.
    pub batchable: bool,
    /// A bucket row whose calls may lie on either side of a context tier; base rates are used.
    pub step_unsure: bool,
    /// A row that may lie in peak hours and outside of them; the price of peak hours is used.
    pub hours_unsure: bool,
    /// A route applies and its target has rates for this call.
    pub routed: bool,
}

/// A name and, where it is known, the id of what it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Named {
    /// The name; the id where there is none.
    pub name: TextId,
    /// The id.
    pub id: Option<TextId>,
}

/// A workload on a model: what verdicts are given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Group {
    /// The workload.
    pub workload: Named,
    /// The provider's shown name.
    pub provider: TextId,
    /// The model as logged.
    pub model: TextId,
}

/// What rows are added up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Workload, provider, model.
    pub group: GroupId,
    /// Rates.
    pub charge: ChargeId,
    /// The deciding code, before the group's end users are known.
    pub code: Code,
    /// Whether the row stated a billed amount.
    pub billed: bool,
    /// The day of a line of a bill: whether it is compared or is the spend goes by its day.
    pub bill_day: Option<Day>,
    /// The value of the dimension asked for by `--by`.
    pub by: Option<Named>,
    /// Later rules of the policy that match too and would have decided otherwise.
    pub against: Option<RuleSetId>,
}

/// Sums over the rows of a key.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// Rows.
    pub rows: u64,
    /// Calls, where stated.
    pub requests: u64,
    /// Rows that do not state how many calls they are.
    pub rows_without_requests: u64,
    /// Tokens by class.
    pub tokens: PerClass<u128>,
    /// Billed amounts, where stated.
    pub billed: Money,
    /// UTC days with at least one request.
    pub days: DaySet,
}

impl Cell {
    /// Adds the sums of another cell.
    pub fn absorb(&mut self, other: &Self) -> Result<(), Overflow> {
        self.merge(other, Direction::Add)?;
        self.days.absorb(&other.days);
        Ok(())
    }

    /// Adds or takes away sums; the days stay.
    fn merge(&mut self, other: &Self, direction: Direction) -> Result<(), Overflow> {
        direction.count(&mut self.rows, other.rows)?;
        direction.count(&mut self.requests, other.requests)?;
        direction.count(&mut self.rows_without_requests, other.rows_without_requests)?;
        direction.tokens(&mut self.tokens, &other.tokens)?;
        direction.money(&mut self.billed, other.billed)
    }

    fn add(&mut self, record: &UsageRecord<'_>) -> Result<(), Overflow> {
        self.rows += 1;
        match record.requests {
            Some(requests) => self.requests = self.requests.checked_add(requests).ok_or(Overflow)?,
            None => self.rows_without_requests += 1,
        }
        if let Quantity::Tokens(tokens) = &record.quantity {
            self.tokens.add(tokens)?;
        }
        if let Some(billed) = record.billed {
            self.billed = self.billed.add(billed)?;
        }
        if record.requests.is_some_and(|requests| requests > 0) {
            self.days.insert(record.start.day(), record.last_moment().day());
        }
        Ok(())
    }
}

/// Distinct end users of a group, counted up to where the count decides.
#[derive(Clone, Debug, Default)]
pub struct EndUsers(SmallVec<[u64; 4]>);

impl EndUsers {
    /// As many different end users as are many.
    pub const MANY: usize = 5;

    /// Adds an end user, by a hash. The smallest are kept, which are the same ones in any order.
    pub fn insert(&mut self, user: u64) {
        let Err(at) = self.0.binary_search(&user) else { return };
        if at < Self::MANY {
            self.0.insert(at, user);
            self.0.truncate(Self::MANY);
        }
    }

    /// Adds others.
    pub fn absorb(&mut self, other: &Self) {
        other.0.iter().for_each(|user| self.insert(*user));
    }

    /// Their hashes, the smallest first.
    pub fn hashes(&self) -> &[u64] {
        &self.0
    }

    /// Whether there are many.
    pub fn are_many(&self) -> bool {
        self.0.len() >= Self::MANY
    }
}

/// Sums of one day at one charge, for comparing days with the bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DailyKey {
    /// The UTC day.
    pub day: Day,
    /// Rates.
    pub charge: ChargeId,
    /// Whether the rows stated a billed amount.
    pub billed: bool,
    /// Lines of a bill that give money back.
    pub credit: bool,
}

/// Sums of one day at one charge.
#[derive(Clone, Copy, Debug, Default)]
pub struct DailySums {
    /// Tokens by class.
    pub tokens: PerClass<u128>,
    /// Billed amounts, where stated.
    pub billed: Money,
    /// Rows.
    pub rows: u64,
}

impl DailySums {
    /// Adds or takes away other sums.
    pub fn merge(&mut self, other: &Self, direction: Direction) -> Result<(), Overflow> {
        direction.tokens(&mut self.tokens, &other.tokens)?;
        direction.money(&mut self.billed, other.billed)?;
        direction.count(&mut self.rows, other.rows)
    }

    fn add(&mut self, record: &UsageRecord<'_>) -> Result<(), Overflow> {
        if let Quantity::Tokens(tokens) = &record.quantity {
            self.tokens.add(tokens)?;
        }
        self.billed = self.billed.with(record.billed)?;
        self.rows += 1;
        Ok(())
    }
}

/// Sums over all accepted rows.
#[derive(Clone, Debug, Default)]
pub struct Rollup {
    /// All texts.
    pub texts: Texts,
    /// Providers and models as logged.
    pub resolutions: Vec<Resolution>,
    /// Rates.
    pub quotes: Vec<Quoted>,
    /// Ways of charging.
    pub charges: Vec<Charge>,
    /// Workloads on models.
    pub groups: Vec<Group>,
    /// What rows are added up by, each key once, in no order.
    pub keys: CopyOnWrite<Vec<Key>>,
    /// The sums, by [`KeyId`]; by [`LineId`] where sums are kept by line.
    pub cells: CopyOnWrite<Vec<Cell>>,
    /// Rows and billed dollars of the sums, once these are let go ([`Rollup::shed_sums`]).
    accepted: Option<(u64, Money)>,
    /// Sums by day, kept when some row states a billed amount.
    pub daily: DenseMap<DailyKey, DailySums>,
    /// Distinct end users by group.
    pub end_users: FastMap<GroupId, EndUsers>,
    /// What the calls of each key have in common, by [`KeyId`].
    pub shared: Vec<Shared>,
    /// What rows state of ids and names.
    pub stated: Stated,
    /// Sets of rules that keys name.
    pub rule_sets: Vec<RuleBits>,
    /// What rules matched, by the rule that decided; nothing stands for calls that no rule decided.
    pub matches: BTreeMap<Option<u16>, Matches>,
    /// Rows of which something is odd. Free-tier and geography notes are counted from the cells.
    pub oddities: Oddities,
    /// Calls without a time of their own.
    pub undated: u64,
    /// Those whose price changes within the days they belong to.
    pub undated_prices: u64,
    /// Sums by time, kept where somebody asks for them.
    pub times: Option<Times>,
    /// The lines of a rollup file, where sums are kept by line: then there are no keys.
    pub lines: Vec<Line>,
    /// What is counted of lines besides their sums, where there is anything.
    pub line_notes: FastMap<LineId, LineNotes>,
    /// How rows found their key; no result.
    pub ways: Ways,
}

/// How many rows found their key in which way: a fast way that is never taken gives the same figures, slowly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ways {
    /// Many at once, in columns, by the key of a row like them; the first of each kind was judged, too.
    pub in_columns: u64,
    /// One by one, by the key of a row like them.
    pub remembered: u64,
    /// Judged anew.
    pub judged: u64,
}

impl Ways {
    const fn add(&mut self, other: Self) {
        self.in_columns += other.in_columns;
        self.remembered += other.remembered;
        self.judged += other.judged;
    }
}

impl Rollup {
    /// The quote of a charge.
    pub fn quoted(&self, charge: &Charge) -> &Quoted {
        &self.quotes[charge.quote as usize]
    }

    /// The resolution of a charge.
    pub fn resolution(&self, charge: &Charge) -> &Resolution {
        &self.resolutions[self.quoted(charge).key.resolution as usize]
    }

    /// A charge by position.
    pub fn charge(&self, id: ChargeId) -> &Charge {
        &self.charges[id as usize]
    }

    /// A key by position.
    pub fn key(&self, id: KeyId) -> &Key {
        &self.keys[id as usize]
    }

    /// The sums of keys that have any rows.
    pub fn sums(&self) -> impl Iterator<Item = (KeyId, &Key, &Cell)> {
        let keyed = (0..).zip(self.keys.iter()).zip(self.cells.iter());
        keyed.filter(|(_, cell)| cell.rows > 0).map(|((id, key), cell)| (id, key, cell))
    }

    /// A group by position.
    pub fn group(&self, id: GroupId) -> &Group {
        &self.groups[id as usize]
    }
}

/// Fails where there are more keys, or more sums by day, than the run may have, or more texts than have a number.
#[inline]
fn check_keys(keys: usize, daily: usize, texts: &Texts, context: &Context<'_>) -> Result<(), Unsummable> {
    let most = context.most_keys;
    if keys > most || daily > most {
        return Err(Unsummable::TooManyKeys { most });
    }
    if texts.is_full() { Err(Unsummable::TooManyKeys { most: texts.len() }) } else { Ok(()) }
}
