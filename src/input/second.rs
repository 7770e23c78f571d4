//! The second pass, of commands that show single rows: those that count, in the order of the inputs.
//!
//! Role: reads everything again, when it is known from the first pass which telling of a call counts. Rows are the same
//! as those in the rollup, so their sums are too. What rows come to may be made on several threads; it is handed over in
//! order all the same.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::blocks::{Block, Blocks, Claimed, ClaimedChunk};
use super::checks::{identified_by, identity_of, judge_row};
use super::gathered::Gathered;
use super::identity::{HashInput, Identity, Registry, Seen};
use super::ledger::Ledger;
use super::pass::{Reading, WORTH_THREADS};
use super::rows::{Lines, Record, RowByRow, Rows};
use super::scheduler::on_threads;
use super::sniff::Sniffed;
use crate::diagnostic::Failure;
use crate::formats::{Accepted, Format, Read};
use crate::progress;
use crate::rollup::Context;
use crate::usage::Quantity;

/// A row that may count, with where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Row<'r, 'a> {
    /// The input.
    pub input: usize,
    /// Its line.
    pub line: u64,
    /// The input's format.
    pub format: &'r Format,
    /// What it says.
    pub accepted: &'r Accepted<'a>,
}

/// Everything that is read again.
#[derive(Clone, Copy)]
pub struct Again<'p> {
    /// What is read, and how.
    pub reading: &'p Reading<'p>,
    /// What the inputs are.
    pub sniffed: &'p [Sniffed],
    /// What rows are judged against.
    pub context: &'p Context<'p>,
    /// What the first pass found.
    pub gathered: &'p Gathered,
}

/// Reads rows of blocks; one a thread.
#[derive(Default)]
struct Reader {
    block: Block,
    rows: Rows,
    hash_input: HashInput,
    /// Notes of the first pass, made again and looked at by nobody.
    ledger: Ledger,
}

impl<'p> Again<'p> {
    /// What is known of a source that is no rollup file.
    fn first(self, source: usize) -> Option<&'p super::Input> {
        self.gathered.inputs.get(*self.gathered.firsts.get(source)?)
    }

    /// The inputs that are read, with their blocks.
    fn inputs(self) -> impl Iterator<Item = Blocks<'p>> {
        let inputs = self.reading.sources.iter().zip(self.sniffed).enumerate();
        let read = inputs.filter(move |(input, (_, sniffed))| {
            let is_rollup = self.reading.formats[sniffed.format].is_rollup();
            !is_rollup && self.first(*input).is_some_and(|known| known.left_out.is_none() && known.copy_of.is_none())
        });
        read.map(move |(input, (source, sniffed))| {
            Blocks::new(source, input, sniffed, &self.reading.formats[sniffed.format].rows)
        })
    }

    /// Calls `each` with every row of the block that counts, unless the same call was told before; the identity says
    /// which that may be.
    fn block<E: From<Failure>>(
        self,
        reader: &mut Reader,
        mut each: impl FnMut(Row<'_, '_>, Option<Identity>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Reader { block, rows, hash_input, ledger } = reader;
        let input = block.input;
        let sniffed = &self.sniffed[input];
        let format = &self.reading.formats[sniffed.format];
        let mut take = |lines: Lines, record: Record<'_>| -> Result<(), E> {
            let Record::Row(mut row) = record else { return Ok(()) };
            judge_row(&mut row, format, self.context, self.gathered.limits, ledger).map_err(Failure::from)?;
            let Ok(Read::Usage(accepted)) = &row.outcome else { return Ok(()) };
            let (counts, identity) = self.counts(format, (input, lines.page), accepted, hash_input);
            if counts && self.reading.holds(&accepted.record) {
                each(Row { input, line: lines.first, format, accepted }, identity)?;
            }
            Ok(())
        };
        progress::rows(rows.read(block, sniffed, format, &mut RowByRow::new(&mut take))?);
        Ok(())
    }

    /// Whether a row may be the telling of its call that counts, and the identity of which only the first does.
    fn counts(
        self,
        format: &Format,
        (input, page): super::identity::Telling,
        accepted: &Accepted<'_>,
        hash_input: &mut HashInput,
    ) -> (bool, Option<Identity>) {
        if !self.reading.dedupe {
            return (true, None);
        }
        let Gathered { hashing, known, .. } = self.gathered;
        let record = &accepted.record;
        let zero_is_placeholder = self.first(input).is_some_and(|known| known.ledger.ids.zero_is_placeholder());
        let Some(by) = identified_by(record, format, zero_is_placeholder) else { return (true, None) };
        let identity = |room: &mut HashInput| identity_of(hashing, self.context, format, accepted, by, room);
        if let Quantity::BillLine(_) = record.quantity {
            return (known.contest.bill_counts(identity(hash_input), (input, page)), None);
        }
        let hash = hashing.of(by, || identity(hash_input));
        if !known.repeated.as_ref().is_some_and(|repeated| repeated.contains(hash)) {
            return (true, None);
        }
        // Of several equal winners in one input the first is the one.
        let identity = identity(hash_input);
        (known.contest.is_winner(identity, record, input) != Some(false), Some(identity))
    }
}

/// Calls `each` with every row that counts, in order.
pub fn each_accepted<E: From<Failure>>(
    again: Again<'_>,
    mut each: impl FnMut(Row<'_, '_>) -> Result<(), E>,
) -> Result<(), E> {
    begin(again.reading);
    let (registry, mut reader) = (Registry::new(0), Reader::default());
    for blocks in again.inputs() {
        while let Claimed::Chunk(chunk) = blocks.claim(&mut reader.block, true)? {
            chunk.commit(&mut reader.block)?;
            again.block(&mut reader, |row, identity| {
                let is_first = identity.is_none_or(|identity| is_first(&registry, identity, row.input));
                if is_first { each(row) } else { Ok(()) }
            })?;
        }
    }
    Ok(())
}

fn begin(reading: &Reading<'_>) {
    progress::begin(Some(reading.sources.iter().map(|source| source.bytes).sum()));
}

fn is_first(registry: &Registry, identity: Identity, input: usize) -> bool {
    registry.see(identity, 0, input) == Seen::New
}

/// Has every row that counts written as text, and hands the text over in order. `text` writes a row, on any thread, with
/// what `state` made for that thread; `out` takes what was written, on one thread at a time.
pub fn text_of_accepted<S, E: From<Failure> + Send>(
    again: Again<'_>,
    state: impl Fn() -> S + Sync,
    text: impl Fn(&mut S, Row<'_, '_>, &mut Vec<u8>) -> Result<(), E> + Sync,
    out: impl FnMut(&[u8]) -> Result<(), E> + Send,
) -> Result<(), E> {
    begin(again.reading);
    let inputs: Vec<Blocks<'_>> = again.inputs().collect();
    let bytes: u64 = again.reading.sources.iter().map(|source| source.bytes).sum();
    let threads = if bytes < WORTH_THREADS { 1 } else { again.reading.threads.max(1) };
    let queue = Queue {
        turn: Mutex::new(Turn { next: (0, 0), is_over: false, failure: None, out, registry: Registry::new(0) }),
        moved: Condvar::new(),
    };
    let work = || work(again, &inputs, &queue, &mut state(), &text);
    on_threads(threads, work);
    queue.turn.into_inner().unwrap_or_else(PoisonError::into_inner).failure.map_or(Ok(()), Err)
}

/// Blocks from any thread, handed over in order.
struct Queue<O, E> {
    turn: Mutex<Turn<O, E>>,
    moved: Condvar,
}

struct Turn<O, E> {
    /// Position of the input and number of the block whose turn it is.
    next: (usize, usize),
    /// Something failed, and nothing more is handed over.
    is_over: bool,
    failure: Option<E>,
    out: O,
    /// Identities handed over.
    registry: Registry,
}

/// A block's place in the queue. One that is dropped without having been handed over ends the queue, so that nobody
/// waits for it.
struct Place<'q, O, E> {
    queue: &'q Queue<O, E>,
    at: (usize, usize),
    is_last: bool,
    is_passed: bool,
}

impl<O, E> Queue<O, E> {
    fn lock(&self) -> MutexGuard<'_, Turn<O, E>> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<O, E> Place<'_, O, E> {
    /// Waits for its turn and has `hand_over` called then, unless something before it failed.
    fn pass(mut self, hand_over: impl FnOnce(&mut Turn<O, E>) -> Result<(), E>) {
        let mut turn = self.queue.lock();
        while turn.next != self.at && !turn.is_over {
            turn = self.queue.moved.wait(turn).unwrap_or_else(PoisonError::into_inner);
        }
        if !turn.is_over {
            match hand_over(&mut turn) {
                Ok(()) => turn.next = if self.is_last { (self.at.0 + 1, 0) } else { (self.at.0, self.at.1 + 1) },
                Err(failure) => (turn.failure, turn.is_over) = (Some(failure), true),
            }
        }
        self.is_passed = true;
        drop(turn);
        self.queue.moved.notify_all();
    }
}

impl<O, E> Drop for Place<'_, O, E> {
    fn drop(&mut self) {
        if !self.is_passed {
            self.queue.lock().is_over = true;
            self.queue.moved.notify_all();
        }
    }
}

/// One thread's part of the work.
fn work<S, E: From<Failure>, O: FnMut(&[u8]) -> Result<(), E>>(
    again: Again<'_>,
    inputs: &[Blocks<'_>],
    queue: &Queue<O, E>,
    state: &mut S,
    text: &impl Fn(&mut S, Row<'_, '_>, &mut Vec<u8>) -> Result<(), E>,
) {
    let mut reader = Reader::default();
    let mut written = Vec::new();
    // Where the text of a row that only counts if it is the first of its identity begins and ends.
    let mut told: Vec<(Identity, usize, usize)> = Vec::new();
    for (position, blocks) in inputs.iter().enumerate() {
        loop {
            let chunk: ClaimedChunk<'_, '_> = match blocks.claim(&mut reader.block, true) {
                Ok(Claimed::Chunk(chunk)) => chunk,
                Ok(Claimed::Busy | Claimed::Nothing) => break,
                Err(failure) => return fail(queue, failure.into()),
            };
            let (number, is_last) = chunk.place();
            let place = Place { queue, at: (position, number), is_last, is_passed: false };
            written.clear();
            told.clear();
            let made = match chunk.commit(&mut reader.block) {
                Ok(None) => return,
                Err(failure) => Err(failure.into()),
                Ok(Some(())) => again.block(&mut reader, |row, identity| -> Result<(), E> {
                    let from = written.len();
                    text(state, row, &mut written)?;
                    told.extend(identity.map(|identity| (identity, from, written.len())));
                    Ok(())
                }),
            };
            let input = reader.block.input;
            place.pass(|turn| {
                made?;
                let mut from = 0;
                for &(identity, begin, end) in &told {
                    if !is_first(&turn.registry, identity, input) {
                        (turn.out)(&written[from..begin])?;
                        from = end;
                    }
                }
                (turn.out)(&written[from..])
            });
            if queue.lock().is_over {
                return;
            }
        }
    }
}

/// Ends the queue for a failure that is no block's: nothing of the input can be taken any more.
fn fail<O, E>(queue: &Queue<O, E>, failure: E) {
    let mut turn = queue.lock();
    if turn.failure.is_none() {
        turn.failure = Some(failure);
    }
    turn.is_over = true;
    drop(turn);
    queue.moved.notify_all();
}
