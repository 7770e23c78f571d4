//! Identity of rows: which are duplicates of one call, and which of them counts.
//!
//! Role: record → a keyed hash of 64 bits by which rows that may be one call are found, and for those alone a hash of
//! 128 bits of what identifies them, a hash of everything they say, and the order in which records of one call outrank
//! each other (docs/specification.md, section 7). Hashes are keyed anew in each run, so that no file can be made to collide.

use std::collections::HashSet;
use std::collections::hash_map::{Entry, HashMap};
use std::hash::{BuildHasher as _, BuildHasherDefault, Hasher, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::SharedSeed;
use foldhash::quality::FoldHasher;
use siphasher::sip128::{Hasher128, SipHasher13};

use super::conflicts::{ConflictSet, Conflicts};
use crate::calendar::Moment;
use crate::formats::Accepted;
use crate::maps::next_number;
use crate::money::{Money, Overflow};
use crate::rollup::Oddities;
use crate::usage::{Field, Grain, Quantity, UsageRecord};

/// A hash of what identifies a row.
pub type Identity = u128;

/// What a row is known again by.
#[derive(Clone, Copy, Debug)]
pub enum IdentifiedBy<'r> {
    /// The text of its id.
    Id(&'r str),
    /// Everything that tells one sum of calls from another.
    Bucket,
}

/// Keys of the hashes of one run.
#[derive(Clone, Debug)]
pub struct Hashing {
    keys: (u64, u64),
    ids: SharedSeed,
}

impl Hashing {
    /// Fresh keys.
    pub fn new() -> Self {
        let random = RandomState::new();
        Self { keys: (random.hash_one(1), random.hash_one(2)), ids: SharedSeed::from_u64(random.hash_one(3)) }
    }

    /// The hash of an id, by which rows that may be one call are found, whatever their providers.
    #[inline]
    pub fn id(&self, id: &[u8]) -> u64 {
        let mut hasher = FoldHasher::with_seed(id.len() as u64, &self.ids);
        hasher.write(id);
        hasher.finish()
    }

    /// The hash by which rows that may be the same are found.
    #[expect(clippy::cast_possible_truncation, reason = "a part of a hash")]
    pub fn of(&self, by: IdentifiedBy<'_>, identity: impl FnOnce() -> Identity) -> u64 {
        match by {
            IdentifiedBy::Id(id) => self.id(id.as_bytes()),
            IdentifiedBy::Bucket => identity() as u64,
        }
    }

    /// The hash of a text.
    pub fn text(&self, text: &str) -> u64 {
        self.id(text.as_bytes())
    }

    /// Hashes of what a row says. `provider` is that of its format, and `from` the input it comes from where each has sums of
    /// its own.
    #[expect(clippy::cast_possible_truncation, reason = "a part of a hash")]
    pub fn digest(
        &self,
        accepted: &Accepted<'_>,
        provider: Option<&str>,
        from: Option<usize>,
        input: &mut HashInput,
    ) -> Digest {
        let record = &accepted.record;
        input.bytes.clear();
        // The id of a call is what its identity is made of.
        let is_bucket = record.grain() == Grain::Bucket;
        input.texts(record, |field| is_bucket || field != Field::RequestId);
        input.facts(record);
        input.number(record.start.micros().cast_unsigned());
        input.optional(record.end.map(|end| end.micros().cast_unsigned()));
        input.number(u64::from(record.within.is_some()) | u64::from(record.answer_only) << 1);
        for number in [record.requests, record.latency_ms, record.ttft_ms] {
            input.optional(number);
        }
        let billed = record.billed.map(Money::units);
        input.number(u64::from(billed.is_some()));
        input.bytes.extend_from_slice(&billed.unwrap_or_default().to_le_bytes());
        match &record.quantity {
            Quantity::Tokens(tokens) => tokens.0.iter().for_each(|count| input.number(*count)),
            Quantity::BillLine(class) => input.number(class.map_or(0, |class| class as u64 + 1)),
        }
        let said = input.finish(self) as u64;
        input.bytes.clear();
        input.number(said);
        input.optional(record.within.map(|within| within.micros().cast_unsigned()));
        input.number(u64::from(record.lacks_output));
        for text in record.ids.into_iter().chain([provider]) {
            input.optional(text.map(|text| text.len() as u64));
            input.text(text.unwrap_or_default());
        }
        let Oddities { rounded_amounts, parts_apart, audio, no_tokens, paid_elsewhere } = accepted.oddities();
        for number in [rounded_amounts, parts_apart, audio, no_tokens, paid_elsewhere] {
            input.number(number);
        }
        input.optional(from.map(|from| from as u64));
        Digest { said, added: input.finish(self) as u64 }
    }

    /// The identity of a bucket that has no id. `provider` is the resolved one where it resolves; `also` holds the format's
    /// further grouping columns.
    pub fn bucket(&self, record: &UsageRecord<'_>, provider: &str, also: &str, feed: &mut HashInput) -> Identity {
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
    pub fn call(&self, id: &str, provider: &str, feed: &mut HashInput) -> Identity {
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
pub struct HashInput {
    bytes: Vec<u8>,
}

impl HashInput {
    fn text(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.push(0xff);
    }

    fn number(&mut self, number: u64) {
        self.bytes.extend_from_slice(&number.to_le_bytes());
    }

    fn finish(&self, hashing: &Hashing) -> u128 {
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

/// What a row says, as hashes. Equal rows of one identity say the same.
#[derive(Clone, Copy, Debug)]
pub struct Digest {
    /// Of everything that tells what one row says from what another does.
    said: u64,
    /// Of that and all else that sums are made of: equal rows of which this differs do not add the same.
    added: u64,
}

/// What a row turns out to be against all rows before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The first one.
    New,
    /// An equal one. The earlier input's row counts.
    Duplicate {
        /// The input whose row does not count.
        surplus: usize,
    },
    /// A different one: which counts can only be said when all are known.
    Conflict,
}

/// A row that was seen, of those with an identity that several rows may have.
#[derive(Debug)]
struct SeenEntry {
    digest: Digest,
    /// The input whose row counts, the first one.
    input: u32,
    /// Other inputs hold it too.
    is_shared: bool,
    /// A later pass has counted it.
    is_counted: bool,
}

/// Identities are hashes already.
#[derive(Debug, Default)]
pub struct IdentityHasher(u64);

impl Hasher for IdentityHasher {
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

pub(super) type ByIdentity<T> = HashMap<Identity, T, BuildHasherDefault<IdentityHasher>>;

/// One copy of a bill: an input, or a page of one. It orders as they stand.
pub type InputPage = (usize, u32);

/// What the lines of a bill with one identity add up to, by copy. One export may hold several: free, paid and credited
/// lines of an item, or lines told apart by something the export does not show. They all count.
type BillSums = HashMap<(Identity, InputPage), Money>;

const SHARDS: usize = 32;

const fn shard_of(identity: Identity) -> usize {
    identity as usize % SHARDS
}

/// Identities that several rows may have, shared by the threads of all passes.
#[derive(Debug)]
pub struct Registry {
    seen: Vec<Mutex<ByIdentity<SeenEntry>>>,
    /// Some equal rows do not add the same.
    are_unlike: AtomicBool,
    /// Calls of which pieces without usage were seen.
    pieces: Mutex<HashSet<Identity>>,
    conflicts: Mutex<Vec<Identity>>,
    bills: Mutex<BillSums>,
}

impl Default for Registry {
    fn default() -> Self {
        Self {
            seen: (0..SHARDS).map(|_| Mutex::default()).collect(),
            are_unlike: AtomicBool::new(false),
            pieces: Mutex::default(),
            conflicts: Mutex::default(),
            bills: Mutex::default(),
        }
    }
}

impl Registry {
    /// Makes room for so many identities.
    pub fn reserve(&self, identities: usize) {
        for seen in &self.seen {
            lock(seen).reserve(identities.div_ceil(SHARDS));
        }
    }

    /// Notes a row.
    pub fn see(&self, identity: Identity, digest: Digest, input: usize) -> Seen {
        let mut seen = lock(&self.seen[shard_of(identity)]);
        let input = next_number(input);
        let known = match seen.entry(identity) {
            Entry::Vacant(entry) => {
                entry.insert(SeenEntry { digest, input, is_shared: false, is_counted: false });
                return Seen::New;
            }
            Entry::Occupied(entry) => entry.into_mut(),
        };
        let surplus = known.input.max(input) as usize;
        known.is_shared |= input != known.input;
        known.input = known.input.min(input);
        if known.digest.said != digest.said {
            lock(&self.conflicts).push(identity);
            return Seen::Conflict;
        }
        if known.digest.added != digest.added {
            self.are_unlike.store(true, Ordering::Relaxed);
        }
        Seen::Duplicate { surplus }
    }

    /// Whether a row of equal ones is the one that counts: the first to come of the first input that was seen to have it.
    pub fn counts(&self, identity: Identity, input: usize) -> bool {
        let mut seen = lock(&self.seen[shard_of(identity)]);
        let input = next_number(input);
        let digest = Digest { said: 0, added: 0 };
        let new = SeenEntry { digest, input, is_shared: false, is_counted: false };
        let known = seen.entry(identity).or_insert(new);
        input == known.input && !std::mem::replace(&mut known.is_counted, true)
    }

    /// Whether the surplus of equal rows can be taken away: no rows of one identity differ, and equal ones add the same.
    pub fn are_alike(&self) -> bool {
        lock(&self.conflicts).is_empty() && !self.are_unlike.load(Ordering::Relaxed)
    }

    /// Notes a piece of an answer; whether it is the first of its call.
    pub fn stream_chunk(&self, identity: Identity) -> bool {
        lock(&self.pieces).insert(identity)
    }

    /// Calls of which there are pieces, and nowhere what they used.
    pub fn orphan_chunks(&self) -> u64 {
        let known = |identity: &Identity| lock(&self.seen[shard_of(*identity)]).contains_key(identity);
        lock(&self.pieces).iter().filter(|identity| !known(identity)).count() as u64
    }

    /// Calls and buckets that several inputs tell, but for those of which rows differ.
    pub fn shared(&self, conflicts: &Conflicts) -> u64 {
        let is_shared =
            |(identity, entry): &(&Identity, &SeenEntry)| entry.is_shared && !conflicts.is_contested(**identity);
        self.seen.iter().map(|seen| lock(seen).iter().filter(is_shared).count() as u64).sum()
    }

    /// Notes a line of a bill.
    pub fn bill(&self, identity: Identity, place: InputPage, amount: Money) -> Result<(), Overflow> {
        let mut bills = lock(&self.bills);
        let sum = bills.entry((identity, place)).or_default();
        *sum = sum.add(amount)?;
        Ok(())
    }

    /// What only a further pass can settle. Of several exports with the same lines the one that bills most counts, the
    /// first among equals: a day exported before it was over bills less.
    pub fn conflict_set(&self) -> ConflictSet {
        let mut best: HashMap<Identity, (Money, std::cmp::Reverse<InputPage>, usize)> = HashMap::new();
        for ((identity, place), sum) in std::mem::take(&mut *lock(&self.bills)) {
            let candidate = (sum, std::cmp::Reverse(place));
            let known = best.entry(identity).or_insert((candidate.0, candidate.1, 0));
            if candidate > (known.0, known.1) {
                (known.0, known.1) = candidate;
            }
            known.2 += 1;
        }
        let shared = best.into_iter().filter(|(_, (_, _, copies))| *copies > 1);
        ConflictSet {
            identities: std::mem::take(&mut *lock(&self.conflicts)),
            bills: shared.map(|(identity, (_, place, _))| (identity, place.0)).collect(),
        }
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A thread that panicked ends the run anyway; what it held is still whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
