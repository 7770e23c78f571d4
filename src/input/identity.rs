//! Identity of rows: which are the same call told twice, and which telling counts.
//!
//! Role: record → a 128-bit keyed hash of what identifies it, a hash of everything it says, and the order in which
//! tellings of one call outrank each other (contract, section 7). Hashes are keyed anew in each run, so that no file
//! can be made to collide.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, BuildHasherDefault, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use siphasher::sip128::{Hasher128, SipHasher13};

use super::rank::Rank;
use super::repeats::{Occurrence, Repeats};
use super::sightings::{Sight, Sightings};
use crate::calendar::Moment;
use crate::money::{Money, Overflow};
use crate::usage::{Field, Ids, Quantity, UsageRecord};

/// A hash of what identifies a row.
pub type Identity = u128;

/// Keys of the hashes of one run.
#[derive(Clone, Copy, Debug)]
pub struct Hashing {
    keys: (u64, u64),
}

impl Hashing {
    /// Fresh keys.
    pub fn new() -> Self {
        Self { keys: (RandomState::new().hash_one(1), RandomState::new().hash_one(2)) }
    }

    /// The identity of a bucket that has no id. `provider` is the resolved one where it resolves; `also` holds the format's
    /// further grouping columns.
    pub fn bucket(self, record: &UsageRecord<'_>, provider: &str, also: &str, feed: &mut Feed) -> Identity {
        feed.bytes.clear();
        let (kind, class) = match record.quantity {
            Quantity::Tokens(_) => (0, None),
            Quantity::BillLine(class) => (1, class),
        };
        feed.number(kind);
        feed.number(record.start.micros().cast_unsigned());
        feed.number(record.end.map_or(0, Moment::micros).cast_unsigned());
        // Buckets go by what the log itself grouped by: two spellings of one vendor are two of its rows.
        feed.text(record.text(Field::Provider).unwrap_or_default());
        feed.text(provider);
        feed.text(also);
        // Where the format names its grouping columns, ids among them, names may change from export to export.
        let named = |field: Field| !also.is_empty() && matches!(field, Field::Project | Field::ApiKey | Field::User);
        feed.texts(record, |field| !matches!(field, Field::RequestId | Field::Provider) && !named(field));
        feed.facts(record);
        feed.number(class.map_or(0, |class| class as u64 + 1));
        feed.finish(self)
    }

    /// The identity of a call, or of a bucket that goes by its id.
    pub fn call(self, id: &str, provider: &str, feed: &mut Feed) -> Identity {
        feed.bytes.clear();
        feed.text(provider);
        feed.text(id);
        feed.finish(self)
    }
}

impl Default for Hashing {
    fn default() -> Self {
        Self::new()
    }
}

/// What a hash is to be made of, gathered first, in room that is used again: one long piece is hashed far quicker than
/// many short ones. Every text is ended, so that `ab` + `c` differs from `a` + `bc`.
#[derive(Debug, Default)]
pub struct Feed {
    bytes: Vec<u8>,
}

impl Feed {
    fn text(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.push(0xff);
    }

    fn number(&mut self, number: u64) {
        self.bytes.extend_from_slice(&number.to_le_bytes());
    }

    fn finish(&self, hashing: Hashing) -> u128 {
        let mut hasher = SipHasher13::new_with_keys(hashing.keys.0, hashing.keys.1);
        hasher.write(&self.bytes);
        hasher.finish128().as_u128()
    }

    fn optional(&mut self, number: Option<u64>) {
        self.number(u64::from(number.is_some()));
        self.number(number.unwrap_or_default());
    }

    fn texts(&mut self, record: &UsageRecord<'_>, wanted: impl Fn(Field) -> bool) {
        for field in Field::ALL.into_iter().filter(|field| wanted(*field)) {
            self.text(record.text(field).unwrap_or_default());
        }
    }

    /// What is no text, number or time, and the tags.
    fn facts(&mut self, record: &UsageRecord<'_>) {
        let mut tags = record.tags.clone();
        if tags.len() > 1 {
            tags.sort_unstable();
        }
        for (name, value) in tags {
            self.text(name);
            self.text(value);
        }
        self.number(record.stream.map_or(0, |stream| 1 + u64::from(stream)));
        self.optional(record.status);
        self.text(record.tier_text.unwrap_or_default());
        self.number(record.tier as u64);
        self.number(u64::from(record.batch_unknown));
        self.number(record.outcome as u64);
        self.optional(record.window.map(|window| window.above));
        self.optional(record.window.map(|window| window.up_to));
    }
}

/// A row that outlives its line.
#[derive(Clone, Debug)]
pub struct OwnedRecord {
    texts: Vec<Option<String>>,
    ids: Vec<Option<String>>,
    tags: Vec<(String, String)>,
    tier_text: Option<String>,
    rest: UsageRecord<'static>,
}

impl OwnedRecord {
    /// A copy of a row.
    pub fn of(record: &UsageRecord<'_>) -> Self {
        Self {
            texts: record.texts.iter().map(|text| text.map(ToOwned::to_owned)).collect(),
            ids: record.ids.iter().map(|id| id.map(ToOwned::to_owned)).collect(),
            tags: record.tags.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            tier_text: record.tier_text.map(ToOwned::to_owned),
            rest: UsageRecord {
                texts: [None; Field::ALL.len()],
                ids: Ids::default(),
                tags: smallvec::SmallVec::new(),
                tier_text: None,
                ..*record
            },
        }
    }

    /// The row again.
    pub fn record(&self) -> UsageRecord<'_> {
        let mut texts = [None; Field::ALL.len()];
        for (slot, text) in texts.iter_mut().zip(&self.texts) {
            *slot = text.as_deref();
        }
        let mut ids = Ids::default();
        for (slot, id) in ids.iter_mut().zip(&self.ids) {
            *slot = id.as_deref();
        }
        let tags = self.tags.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        UsageRecord { texts, ids, tags, tier_text: self.tier_text.as_deref(), ..self.rest }
    }
}

/// What a row turns out to be against all rows before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sighting {
    /// The first telling.
    First,
    /// An equal one; an earlier input counts.
    Copy,
    /// An equal one, and the one counted so far came from this later input.
    EarlierCopy {
        /// The input whose row was counted until now.
        later: usize,
    },
    /// A different one: which counts can only be said when all are known.
    Contested,
}

/// Identities are hashes already.
#[derive(Debug, Default)]
struct Through(u64);

impl Hasher for Through {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, identity: u128) {
        self.0 = (identity >> 64) as u64;
    }
}

type ByIdentity<T> = HashMap<Identity, T, BuildHasherDefault<Through>>;

/// One telling of a bill: an input, or a page of one. It orders as they stand.
pub type Telling = (usize, u32);

/// What the lines of a bill with one identity add up to, by telling. One export may hold several: free, paid and credited
/// lines of an item, or lines told apart by something the export does not show. They all count.
type BillSums = HashMap<(Identity, Telling), Money>;

const SHARDS: usize = 32;

const fn shard_of(identity: Identity) -> usize {
    identity as usize % SHARDS
}

/// All identities of a run, shared by its threads.
#[derive(Debug, Default)]
pub struct Registry {
    seen: Vec<Mutex<Sightings>>,
    /// Identities that several inputs tell.
    shared: AtomicU64,
    /// Calls of which pieces without usage were seen.
    pieces: Mutex<HashSet<Identity>>,
    contested: Mutex<Vec<Identity>>,
    bills: Mutex<BillSums>,
}

/// What a pass found that only a second one can settle.
#[derive(Debug, Default)]
pub struct Contested {
    /// Calls and buckets told in different ways.
    identities: Vec<Identity>,
    /// Bill lines that several inputs or pages hold, with the one whose lines count.
    bills: HashMap<Identity, Telling>,
    /// Calls and buckets that several inputs tell, but for those that were contested before this pass.
    pub shared: u64,
    /// Calls of which there are pieces, and nowhere what they used.
    pub torn: u64,
}

impl Contested {
    /// Whether one pass was enough.
    pub fn is_empty(&self) -> bool {
        self.identities.is_empty() && self.bills.is_empty()
    }
}

impl Registry {
    /// Nothing seen.
    pub fn new() -> Self {
        Self { seen: (0..SHARDS).map(|_| Mutex::default()).collect(), ..Self::default() }
    }

    /// Notes a row.
    pub fn sight(&self, identity: Identity, content: u64, input: usize) -> Sighting {
        // A list of so many inputs would take hundreds of gigabytes.
        let input = u32::try_from(input).unwrap_or(u32::MAX);
        self.sight_in(&mut lock(&self.seen[shard_of(identity)]), identity, content, input)
    }

    fn sight_in(&self, shard: &mut Sightings, identity: Identity, content: u64, input: u32) -> Sighting {
        let Some(known) = shard.find(Sight::new(identity, content, input)) else { return Sighting::First };
        let counted = known.input();
        if known.tell(input) {
            self.shared.fetch_add(1, Ordering::Relaxed);
        }
        if known.content != content {
            lock(&self.contested).push(identity);
            Sighting::Contested
        } else if input < counted {
            Sighting::EarlierCopy { later: counted as usize }
        } else {
            Sighting::Copy
        }
    }

    /// Notes rows of an input, each an identity with its content, and tells what each turns out to be, by position. Those
    /// of one shard are looked for together, so that waiting for memory overlaps.
    pub fn sight_all(&self, rows: &[(Identity, u64)], input: usize, mut each: impl FnMut(usize, Sighting)) {
        let input = u32::try_from(input).unwrap_or(u32::MAX);
        let mut ends = [0; SHARDS + 1];
        for (identity, _) in rows {
            ends[shard_of(*identity) + 1] += 1;
        }
        for shard in 0..SHARDS {
            ends[shard + 1] += ends[shard];
        }
        let begins = ends;
        let mut order = vec![0; rows.len()];
        for (row, (identity, _)) in rows.iter().enumerate() {
            let end = &mut ends[shard_of(*identity)];
            order[*end] = row;
            *end += 1;
        }
        for (shard, seen) in self.seen.iter().enumerate() {
            let order = &order[begins[shard]..begins[shard + 1]];
            if order.is_empty() {
                continue;
            }
            let mut seen = lock(seen);
            // Brings in what is needed next; nothing depends on it.
            let touched = order.iter().fold(0, |found, row| found ^ seen.touch(rows[*row].0));
            std::hint::black_box(touched);
            for &row in order {
                let (identity, content) = rows[row];
                each(row, self.sight_in(&mut seen, identity, content, input));
            }
        }
    }

    /// Notes a piece of an answer.
    pub fn piece(&self, identity: Identity) {
        lock(&self.pieces).insert(identity);
    }

    /// Calls of which there are pieces, and nowhere what they used.
    pub fn torn(&self, contest: &Contest) -> u64 {
        let known = |identity: &Identity| {
            lock(&self.seen[shard_of(*identity)]).knows(*identity) || lock(&contest.entries).contains_key(identity)
        };
        lock(&self.pieces).iter().filter(|identity| !known(identity)).count() as u64
    }

    /// Notes a line of a bill.
    pub fn bill(&self, identity: Identity, telling: Telling, amount: Money) -> Result<(), Overflow> {
        let mut bills = lock(&self.bills);
        let sum = bills.entry((identity, telling)).or_default();
        *sum = sum.add(amount)?;
        Ok(())
    }

    /// What only a second pass can settle. Of several exports with the same lines the one that bills most counts, the
    /// first among equals: a day exported before it was over bills less.
    pub fn contested(self, contest: &Contest) -> Contested {
        let torn = self.torn(contest);
        let mut best: HashMap<Identity, (Money, std::cmp::Reverse<Telling>, usize)> = HashMap::new();
        for ((identity, telling), sum) in self.bills.into_inner().unwrap_or_else(PoisonError::into_inner) {
            let candidate = (sum, std::cmp::Reverse(telling));
            let known = best.entry(identity).or_insert((candidate.0, candidate.1, 0));
            if candidate > (known.0, known.1) {
                (known.0, known.1) = candidate;
            }
            known.2 += 1;
        }
        let shared = best.into_iter().filter(|(_, (_, _, tellings))| *tellings > 1);
        Contested {
            shared: self.shared.into_inner(),
            torn,
            identities: self.contested.into_inner().unwrap_or_else(PoisonError::into_inner),
            bills: shared.map(|(identity, (_, telling, _))| (identity, telling.0)).collect(),
        }
    }
}

/// All tellings of contested identities, gathered in a second pass.
#[derive(Debug)]
pub struct Contest {
    entries: Mutex<ByIdentity<Entry>>,
    /// No row is contested, as in most runs: then nobody need ask.
    is_empty: bool,
    bills: HashMap<Identity, Telling>,
}

/// What was told of an identity.
#[derive(Debug, Default)]
struct Entry {
    /// What counts so far.
    standing: Option<Standing>,
    /// All other rows.
    others: Vec<Occurrence>,
}

/// The telling of an identity that counts so far, and what all tellings were.
#[derive(Clone, Debug)]
pub struct Standing {
    rank: Rank,
    /// The input whose row counts.
    pub input: usize,
    /// Several inputs tell it.
    pub shared: bool,
    /// The row.
    pub record: OwnedRecord,
    /// What it billed.
    pub dollars: Money,
    /// What tells it from other calls.
    occurrence: Occurrence,
}

impl Default for Contest {
    fn default() -> Self {
        Self::new(Contested::default())
    }
}

impl Contest {
    /// A contest over these identities.
    pub fn new(contested: Contested) -> Self {
        let entries: ByIdentity<_> =
            contested.identities.into_iter().map(|identity| (identity, Entry::default())).collect();
        Self { is_empty: entries.is_empty(), entries: Mutex::new(entries), bills: contested.bills }
    }

    /// Whether a line of a bill counts in this telling.
    pub fn bill_counts(&self, identity: Identity, telling: Telling) -> bool {
        self.bills.get(&identity).is_none_or(|winner| *winner == telling)
    }

    /// Whether rows of an identity are told in different ways.
    pub fn is_contested(&self, identity: Identity) -> bool {
        !self.is_empty && lock(&self.entries).contains_key(&identity)
    }

    /// Enters a row. Whether its identity is contested at all is the answer.
    pub fn enter(
        &self,
        identity: Identity,
        record: &UsageRecord<'_>,
        dollars: Money,
        occurrence: impl FnOnce() -> Result<Occurrence, Overflow>,
    ) -> Result<bool, Overflow> {
        if !self.is_contested(identity) {
            return Ok(false);
        }
        let (rank, occurrence) = (Rank::of(record), occurrence()?);
        let input = occurrence.input;
        let mut entries = lock(&self.entries);
        let Entry { standing, others } = entries.entry(identity).or_default();
        let wins = standing
            .as_ref()
            .is_none_or(|known| (&rank, std::cmp::Reverse(input)) > (&known.rank, std::cmp::Reverse(known.input)));
        let shared = standing.as_ref().is_some_and(|known| known.shared || known.input != input);
        if wins {
            let record = OwnedRecord::of(record);
            let beaten = standing.replace(Standing { rank, input, shared, record, dollars, occurrence });
            others.extend(beaten.map(|beaten| beaten.occurrence));
        } else if let Some(known) = standing {
            known.shared = shared;
            others.push(occurrence);
        }
        Ok(true)
    }

    /// The rows that count.
    pub fn winners(&self) -> Vec<Standing> {
        lock(&self.entries).values().filter_map(|entry| entry.standing.clone()).collect()
    }

    /// By input, the rows that do not count and may be calls of their own.
    pub fn repeats(&self) -> Result<HashMap<usize, Repeats>, Overflow> {
        let mut repeats: HashMap<usize, Repeats> = HashMap::new();
        for Entry { standing, others } in lock(&self.entries).values() {
            for (row, standing) in others.iter().zip(standing.iter().cycle()) {
                repeats.entry(row.input).or_default().note(row, &standing.occurrence)?;
            }
        }
        Ok(repeats)
    }

    /// Whether a row is the one that counts for its identity; nothing where the identity is not contested.
    pub fn is_winner(&self, identity: Identity, record: &UsageRecord<'_>, input: usize) -> Option<bool> {
        if self.is_empty {
            return None;
        }
        let entries = lock(&self.entries);
        let standing = entries.get(&identity)?.standing.as_ref()?;
        Some(standing.input == input && standing.rank == Rank::of(record))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A thread that panicked ends the run anyway; what it held is still whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
