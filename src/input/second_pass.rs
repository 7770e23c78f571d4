//! The second pass, of commands that show single rows: those that count, in the order of the inputs.
//!
//! Role: reads everything again, when it is known from the first pass which record of a call counts. Rows are the same
//! as those in the rollup, so their sums are too. What rows come to may be made on several threads; it is handed over in
//! order all the same.

mod counted;

use std::ops::Range;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

pub use counted::CountedRow;
use counted::CountedRows;

use super::blocks::{Block, Blocks, Claimed, ClaimedChunk};
use super::checks::{identified_by, identity_of, judge_row};
use super::gathered::Gathered;
use super::identity::{HashInput, Identity, Registry};
use super::ledger::Ledger;
use super::pass::{Reading, threads_for};
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
pub struct SecondPass<'p> {
    /// What is read, and how.
    pub reading: &'p Reading<'p>,
    /// What the inputs are.
    pub sniffed: &'p [Sniffed],
    /// What rows are judged against.
    pub context: &'p Context<'p>,
    /// What the first pass found.
    pub gathered: &'p Gathered,
}

/// Room for the rows of blocks; one a thread.
#[derive(Default)]
struct Reader {
    block: Block,
    rows: Rows,
    room: Room,
}

/// Room for one row.
#[derive(Default)]
struct Room {
    hash_input: HashInput,
    /// Notes of the first pass, made again and looked at by nobody.
    ledger: Ledger,
}

impl<'p> SecondPass<'p> {
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

    /// Calls `each` with a row if it counts, unless it is a duplicate of an earlier one; the identity says which that may be.
    fn row<E: From<Failure>>(
        self,
        input: usize,
        room: &mut Room,
        (lines, record): (Lines, Record<'_>),
        each: impl FnOnce(Row<'_, '_>, Option<Identity>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Record::Row(mut row) = record else { return Ok(()) };
        let format = &self.reading.formats[self.sniffed[input].format];
        judge_row(&mut row, format, self.context, self.gathered.limits, &mut room.ledger).map_err(Failure::from)?;
        let Ok(Read::Usage(accepted)) = &row.outcome else { return Ok(()) };
        let (counts, identity) = self.counts(format, (input, lines.page), accepted, &mut room.hash_input);
        if counts && self.reading.holds(&accepted.record) {
            return each(Row { input, line: lines.first, format, accepted }, identity);
        }
        Ok(())
    }

    /// Whether a row may be the record of its call that counts, and the identity of which only the first does.
    fn counts(
        self,
        format: &Format,
        (input, page): super::identity::InputPage,
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
            return (known.conflicts.bill_counts(identity(hash_input), (input, page)), None);
        }
        let hash = hashing.of(by, || identity(hash_input));
        if !known.repeated.as_ref().is_some_and(|repeated| repeated.contains(hash)) {
            return (true, None);
        }
        // Of several equal winners in one input the first is the one.
        let identity = identity(hash_input);
        (known.conflicts.is_winner(identity, record, input) != Some(false), Some(identity))
    }
}

/// Calls `each` with every row that counts, in order.
pub fn each_accepted<E: From<Failure>>(
    pass: SecondPass<'_>,
    mut each: impl FnMut(Row<'_, '_>) -> Result<(), E>,
) -> Result<(), E> {
    begin(pass.reading);
    let (registry, mut reader) = (Registry::default(), Reader::default());
    for blocks in pass.inputs() {
        while let Claimed::Chunk(chunk) = blocks.claim(&mut reader.block, true)? {
            let Reader { block, rows, room } = &mut reader;
            chunk.commit(block)?;
            let input = block.input;
            let mut take = |lines: Lines, record: Record<'_>| {
                pass.row(input, room, (lines, record), |row, identity| {
                    let is_first = identity.is_none_or(|identity| registry.counts(identity, row.input));
                    if is_first { each(row) } else { Ok(()) }
                })
            };
            let sniffed = &pass.sniffed[input];
            let format = &pass.reading.formats[sniffed.format];
            progress::rows(rows.read(block, sniffed, format, &mut RowByRow::new(&mut take))?);
        }
    }
    Ok(())
}

fn begin(reading: &Reading<'_>) {
    progress::begin(Some(reading.sources.iter().map(|source| source.bytes).sum()));
}

/// Has every row that counts written as text, and hands the text over in order. `text` writes a row, on any thread, with
/// what `state` made for that thread; `out` takes what was written, on one thread at a time.
pub fn text_of_counted<S, E: From<Failure> + Send>(
    pass: SecondPass<'_>,
    state: impl Fn() -> S + Sync,
    text: impl Fn(&mut S, CountedRow<'_>, &mut Vec<u8>) -> Result<(), E> + Sync,
    out: impl FnMut(&[u8]) -> Result<(), E> + Send,
) -> Result<(), E> {
    begin(pass.reading);
    let inputs: Vec<Blocks<'_>> = pass.inputs().collect();
    let bytes: u64 = pass.reading.sources.iter().map(|source| source.bytes).sum();
    let threads = threads_for(bytes, pass.reading.threads);
    let queue = Queue {
        ordered: Mutex::new(OrderedState {
            next: (0, 0),
            is_over: false,
            failure: None,
            out,
            registry: Registry::default(),
        }),
        advanced: Condvar::new(),
    };
    let work = || work(pass, &inputs, &queue, &mut state(), &text);
    on_threads(threads, work);
    queue.ordered.into_inner().unwrap_or_else(PoisonError::into_inner).failure.map_or(Ok(()), Err)
}

/// Blocks from any thread, handed over in order.
struct Queue<O, E> {
    ordered: Mutex<OrderedState<O, E>>,
    advanced: Condvar,
}

struct OrderedState<O, E> {
    /// Position of the input and number of the block whose ordered it is.
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
    fn lock(&self) -> MutexGuard<'_, OrderedState<O, E>> {
        self.ordered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<O, E> Place<'_, O, E> {
    /// Waits for its ordered and has `hand_over` called then, unless something before it failed.
    fn pass(mut self, hand_over: impl FnOnce(&mut OrderedState<O, E>) -> Result<(), E>) {
        let mut ordered = self.queue.lock();
        while ordered.next != self.at && !ordered.is_over {
            ordered = self.queue.advanced.wait(ordered).unwrap_or_else(PoisonError::into_inner);
        }
        if !ordered.is_over {
            match hand_over(&mut ordered) {
                Ok(()) => ordered.next = if self.is_last { (self.at.0 + 1, 0) } else { (self.at.0, self.at.1 + 1) },
                Err(failure) => (ordered.failure, ordered.is_over) = (Some(failure), true),
            }
        }
        self.is_passed = true;
        drop(ordered);
        self.queue.advanced.notify_all();
    }
}

impl<O, E> Drop for Place<'_, O, E> {
    fn drop(&mut self) {
        if !self.is_passed {
            self.queue.lock().is_over = true;
            self.queue.advanced.notify_all();
        }
    }
}

/// One thread's part of the work.
fn work<S, E: From<Failure>, O: FnMut(&[u8]) -> Result<(), E>>(
    pass: SecondPass<'_>,
    inputs: &[Blocks<'_>],
    queue: &Queue<O, E>,
    state: &mut S,
    text: &impl Fn(&mut S, CountedRow<'_>, &mut Vec<u8>) -> Result<(), E>,
) {
    let mut block = Block::default();
    let mut rows = CountedRows::new(pass);
    let mut written = Written::default();
    for (position, blocks) in inputs.iter().enumerate() {
        loop {
            let chunk: ClaimedChunk<'_, '_> = match blocks.claim(&mut block, true) {
                Ok(Claimed::Chunk(chunk)) => chunk,
                Ok(Claimed::Busy | Claimed::Nothing) => break,
                Err(failure) => return fail(queue, failure.into()),
            };
            let (number, is_last) = chunk.place();
            let place = Place { queue, at: (position, number), is_last, is_passed: false };
            written.clear();
            let made = match chunk.commit(&mut block) {
                Ok(None) => return,
                Err(failure) => Err(failure.into()),
                Ok(Some(())) => rows.each(&block, |row, identity| -> Result<(), E> {
                    let from = written.text.len();
                    text(state, row, &mut written.text)?;
                    written.pieces.push(RowText { line: row.line, range: from..written.text.len(), identity });
                    Ok(())
                }),
            };
            // Rows that were taken together come before those among them that were taken one by one.
            written.in_order();
            let input = block.input;
            place.pass(|ordered| {
                made?;
                let OrderedState { registry, out, .. } = ordered;
                written.each(|identity| registry.counts(identity, input), out)
            });
            if queue.lock().is_over {
                return;
            }
        }
    }
}

/// The text of the rows of a block.
#[derive(Default)]
struct Written {
    text: Vec<u8>,
    pieces: Vec<RowText>,
}

/// The text of a row.
struct RowText {
    line: u64,
    range: Range<usize>,
    /// Of those with the same one only the first counts.
    identity: Option<Identity>,
}

impl Written {
    fn clear(&mut self) {
        self.text.clear();
        self.pieces.clear();
    }

    /// Brings the rows into the order of their lines.
    fn in_order(&mut self) {
        if !self.pieces.is_sorted_by_key(|piece| piece.line) {
            self.pieces.sort_by_key(|piece| piece.line);
        }
    }

    /// Hands over the text of all rows but duplicates of earlier ones, as much at a time as stands together.
    fn each<E>(
        &self,
        is_first: impl Fn(Identity) -> bool,
        out: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut together = 0..0;
        for RowText { range, identity, .. } in &self.pieces {
            if identity.is_some_and(|identity| !is_first(identity)) {
                continue;
            }
            if range.start == together.end {
                together.end = range.end;
            } else {
                out(&self.text[together])?;
                together = range.clone();
            }
        }
        out(&self.text[together])
    }
}

/// Ends the queue for a failure that is no block's: nothing of the input can be taken any more.
fn fail<O, E>(queue: &Queue<O, E>, failure: E) {
    let mut ordered = queue.lock();
    if ordered.failure.is_none() {
        ordered.failure = Some(failure);
    }
    ordered.is_over = true;
    drop(ordered);
    queue.advanced.notify_all();
}
