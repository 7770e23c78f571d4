//! The second pass, on several threads: rows that count → bytes, in the order of the rows.
//!
//! Role: threads read blocks and make lines of their rows; what is made of a block is written when everything before it
//! is. Which of several equal rows is the first can only be told then.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::blocks::{Block, Blocks, Take};
use super::identity::{Feed, Identity, Registry, Sighting};
use super::ledger::Ledger;
use super::pass::{Gathered, Reading, Standing, WORTH_THREADS, judge_row, standing};
use super::rows::{Lines, OneByOne, Record, Rows};
use super::sniff::Sniffed;
use crate::diagnostic::Failure;
use crate::formats::{Accepted, Format, Read};
use crate::progress;
use crate::rollup::Context;

/// Makes lines of rows; one a thread.
pub trait LineMaker: Send {
    /// Adds the line of a row with its input, line and format to the text.
    fn line(
        &mut self,
        input: usize,
        line: u64,
        format: &Format,
        accepted: &Accepted<'_>,
        text: &mut Vec<u8>,
    ) -> Result<(), Failure>;
}

/// What the threads share.
struct Turn<'w, W, E> {
    next: usize,
    write: &'w mut W,
    problem: Option<E>,
    stopped: bool,
}

/// One input being written.
struct Order<'o, W, E> {
    turn: Mutex<Turn<'o, W, E>>,
    moved: Condvar,
}

/// Ends the work of all threads if one ends in the middle of its own.
struct Guard<'g, 'o, W, E>(&'g Order<'o, W, E>);

impl<W, E> Drop for Guard<'_, '_, W, E> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lock().stopped = true;
            self.0.moved.notify_all();
        }
    }
}

impl<'o, W, E> Order<'o, W, E> {
    fn lock(&self) -> MutexGuard<'_, Turn<'o, W, E>> {
        // A thread that panicked ends the run anyway.
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until everything before a block is written; nothing where the work has ended.
    fn turn_of(&self, number: usize) -> Option<MutexGuard<'_, Turn<'o, W, E>>> {
        let mut turn = self.lock();
        while turn.next != number && !turn.stopped {
            turn = self.moved.wait(turn).unwrap_or_else(PoisonError::into_inner);
        }
        (!turn.stopped).then_some(turn)
    }

    fn stop(&self, problem: E) {
        let mut turn = self.lock();
        turn.stopped = true;
        turn.problem.get_or_insert(problem);
        drop(turn);
        self.moved.notify_all();
    }
}

/// What was made of a block.
#[derive(Default)]
struct Made {
    text: Vec<u8>,
    /// Where each line ends, and whether it counts only if no other row of its identity was before it.
    lines: Vec<(usize, Option<Identity>)>,
    asked: Vec<(Identity, u64)>,
    is_first: Vec<bool>,
    rows: u64,
}

/// Everything one thread works with.
struct Hand<'h, M> {
    reading: &'h Reading<'h>,
    context: &'h Context<'h>,
    gathered: &'h Gathered,
    maker: M,
    rows: Rows,
    block: Block,
    feed: Feed,
    ledger: Ledger,
    made: Made,
}

impl<M: LineMaker> Hand<'_, M> {
    fn make(&mut self, input: usize, sniffed: &Sniffed, format: &Format) -> Result<(), Failure> {
        let Self { reading, context, gathered, maker, rows, block, feed, ledger, made } = self;
        made.text.clear();
        made.lines.clear();
        made.rows = 0;
        let mut take = |lines: Lines, record: Record<'_>| -> Result<(), Failure> {
            made.rows += 1;
            let Record::Row(mut row) = record else { return Ok(()) };
            judge_row(&mut row, format, context, ledger);
            let Ok(Read::Usage(accepted)) = &row.outcome else { return Ok(()) };
            if !reading.holds(&accepted.record) {
                return Ok(());
            }
            let asks = match standing(reading, gathered, context, format, (input, lines.page), accepted, feed) {
                Standing::Counts => None,
                Standing::IsLeftOut => return Ok(()),
                Standing::CountsIfFirst(identity) => Some(identity),
            };
            maker.line(input, lines.first, format, accepted, &mut made.text)?;
            made.lines.push((made.text.len(), asks));
            Ok(())
        };
        rows.read(block, sniffed, format, &mut OneByOne::new(&mut take))
    }
}

impl Made {
    /// Writes the lines that count.
    fn write<E>(
        &mut self,
        registry: &Registry,
        input: usize,
        mut write: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.asked.clear();
        self.asked.extend(self.lines.iter().filter_map(|(_, asks)| Some(((*asks)?, 0))));
        self.is_first.clear();
        self.is_first.resize(self.asked.len(), false);
        let is_first = &mut self.is_first;
        registry.sight_all(&self.asked, input, |row, sighting| is_first[row] = sighting == Sighting::First);
        if self.is_first.iter().all(|first| *first) {
            return write(&self.text);
        }
        let (mut begin, mut asked) = (0, self.is_first.iter());
        for (end, asks) in &self.lines {
            if asks.is_none() || asked.next() == Some(&true) {
                write(&self.text[begin..*end])?;
            }
            begin = *end;
        }
        Ok(())
    }
}

/// Gives the lines of all rows that count to `write`, in order.
pub fn write_lines<M, W, E>(
    reading: &Reading<'_>,
    sniffed: &[Sniffed],
    context: &Context<'_>,
    gathered: &Gathered,
    mut maker: impl FnMut() -> M,
    write: &mut W,
) -> Result<(), E>
where
    M: LineMaker,
    W: FnMut(&[u8]) -> Result<(), E> + Send,
    E: From<Failure> + Send,
{
    let bytes = reading.sources.iter().map(|source| source.bytes).sum();
    progress::begin(Some(bytes));
    let threads = if bytes < WORTH_THREADS { 1 } else { reading.threads.max(1) };
    let hand = |_| Hand {
        reading,
        context,
        gathered,
        maker: maker(),
        rows: Rows::default(),
        block: Block::default(),
        feed: Feed::default(),
        ledger: Ledger::default(),
        made: Made::default(),
    };
    let mut hands: Vec<_> = (0..threads).map(hand).collect();
    let registry = Registry::new();
    for (input, (source, sniffed)) in reading.sources.iter().zip(sniffed).enumerate() {
        let known = &gathered.inputs[input];
        if known.left_out.is_some() || known.copy_of.is_some() {
            continue;
        }
        let format = &reading.formats[sniffed.format];
        let blocks = Blocks::new(source, input, sniffed, &format.rows);
        let turn = Turn { next: 0, write: &mut *write, problem: None, stopped: false };
        let order = Order { turn: Mutex::new(turn), moved: Condvar::new() };
        let work = |hand: &mut Hand<'_, M>| {
            let _guard = Guard(&order);
            if let Err(problem) = work(&order, &registry, &blocks, hand, (input, sniffed, format)) {
                order.stop(problem);
            }
        };
        let (first, others) = hands.split_at_mut(1);
        std::thread::scope(|scope| {
            for hand in others.iter_mut().filter(|_| source.bytes >= WORTH_THREADS) {
                scope.spawn(|| work(hand));
            }
            first.iter_mut().for_each(work);
        });
        if let Some(problem) = order.turn.into_inner().unwrap_or_else(PoisonError::into_inner).problem {
            return Err(problem);
        }
    }
    Ok(())
}

/// One thread's part of an input.
fn work<M, W, E>(
    order: &Order<'_, W, E>,
    registry: &Registry,
    blocks: &Blocks<'_>,
    hand: &mut Hand<'_, M>,
    (input, sniffed, format): (usize, &Sniffed, &Format),
) -> Result<(), E>
where
    M: LineMaker,
    W: FnMut(&[u8]) -> Result<(), E>,
    E: From<Failure>,
{
    while let Take::Stretch(taken) = blocks.take(&mut hand.block, true)? {
        let number = taken.number();
        if taken.settle(&mut hand.block)?.is_none() {
            return Ok(());
        }
        hand.make(input, sniffed, format)?;
        let Some(mut turn) = order.turn_of(number) else { return Ok(()) };
        hand.made.write(registry, input, |text| (turn.write)(text))?;
        turn.next += 1;
        drop(turn);
        order.moved.notify_all();
        progress::rows(hand.made.rows);
    }
    Ok(())
}
