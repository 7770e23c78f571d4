//! Blocks of all inputs, for any number of threads.
//!
//! Role: hands out what is to be read next, from the first input that has more: all blocks, or only some that were read
//! before. Where one is busy being unpacked by another thread, the next is taken. Of several failures the first input's is kept, whichever came first.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::blocks::{Block, BlockPlace, Blocks, Claimed};
use super::pass::{Reading, Stop};
use super::sniff::Sniffed;
use super::source::Source;
use crate::diagnostic::Failure;

/// All inputs that are to be read.
pub struct BlockScheduler<'s> {
    inputs: Vec<(usize, Blocks<'s>)>,
    /// Inputs before this position have no more to take.
    first: AtomicUsize,
    failure: Mutex<Option<Stop>>,
    /// Blocks that are read again, of which some can be sought.
    again: Option<Again<'s>>,
}

struct Again<'s> {
    places: &'s [BlockPlace],
    sources: &'s [Source],
    sniffed: &'s [Sniffed],
    next: AtomicUsize,
}

impl<'s> BlockScheduler<'s> {
    /// Everything but what is left out.
    pub fn new(reading: &Reading<'s>, sniffed: &'s [Sniffed], left_out: &[Option<Failure>]) -> Self {
        Self::of(reading, sniffed, |input| left_out[input].is_none(), None)
    }

    /// These blocks, in the order of the inputs. Where they cannot be sought all blocks are claimed, and others dropped.
    pub fn again(reading: &Reading<'s>, sniffed: &'s [Sniffed], places: &'s [BlockPlace]) -> Self {
        let sources = reading.sources;
        let is_claimed = |input: usize| {
            let at = places.partition_point(|place| place.input < input);
            places.get(at).is_some_and(|place| place.input == input)
                && !BlockPlace::can_be_sought(&sources[input], &sniffed[input])
        };
        let again = Again { places, sources, sniffed, next: AtomicUsize::new(0) };
        Self::of(reading, sniffed, is_claimed, Some(again))
    }

    fn of(
        reading: &Reading<'s>,
        sniffed: &'s [Sniffed],
        is_claimed: impl Fn(usize) -> bool,
        again: Option<Again<'s>>,
    ) -> Self {
        let inputs = reading.sources.iter().zip(sniffed).enumerate().filter(|(input, _)| is_claimed(*input));
        let inputs = inputs.map(|(input, (source, sniffed))| {
            let rows = &reading.formats[sniffed.format].rows;
            (input, Blocks::new(source, input, sniffed, rows))
        });
        Self { inputs: inputs.collect(), first: AtomicUsize::new(0), failure: Mutex::new(None), again }
    }

    /// Brings the next block; whether there was one.
    pub fn next(&self, block: &mut Block) -> bool {
        let Some(again) = &self.again else { return self.next_claimed(block) };
        while let Some((place, source, sniffed)) = again.next_sought() {
            if self.has_failed_before(place.input) {
                break;
            }
            match block.read_again(place, source, sniffed) {
                Ok(()) => return true,
                Err(failure) => self.stop(Stop::Failed(place.input, failure)),
            }
        }
        while self.next_claimed(block) {
            if again.places.binary_search_by_key(&block.place().order(), BlockPlace::order).is_ok() {
                return true;
            }
        }
        false
    }

    fn next_claimed(&self, block: &mut Block) -> bool {
        'again: loop {
            let mut busy = None;
            for (position, (input, blocks)) in self.inputs.iter().enumerate().skip(self.first.load(Ordering::Relaxed)) {
                if self.has_failed_before(*input) {
                    break;
                }
                match self.claim(blocks, *input, block, false) {
                    Claim::Block => return true,
                    Claim::Ended => continue 'again,
                    Claim::Busy => busy = busy.or(Some((*input, blocks))),
                    Claim::Nothing if busy.is_none() => {
                        self.first.fetch_max(position + 1, Ordering::Relaxed);
                    }
                    Claim::Nothing => {}
                }
            }
            let Some((input, blocks)) = busy else { return false };
            if matches!(self.claim(blocks, input, block, true), Claim::Block) {
                return true;
            }
        }
    }

    fn claim(&self, blocks: &Blocks<'_>, input: usize, block: &mut Block, wait: bool) -> Claim {
        let committed = match blocks.claim(block, wait) {
            Ok(Claimed::Chunk(chunk)) => chunk.commit(block),
            Ok(Claimed::Busy) => return Claim::Busy,
            Ok(Claimed::Nothing) => return Claim::Nothing,
            Err(failure) => Err(failure),
        };
        match committed {
            Ok(Some(())) => Claim::Block,
            Ok(None) => Claim::Ended,
            Err(failure) => {
                self.stop(Stop::Failed(input, failure));
                Claim::Ended
            }
        }
    }

    /// Whether nothing more need be read of an input, since the run ends with a failure of this or an earlier one.
    fn has_failed_before(&self, input: usize) -> bool {
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.as_ref().is_some_and(|stop| stop.input() <= input)
    }

    /// Notes a failure.
    pub fn stop(&self, stop: Stop) {
        let mut known = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        if known.as_ref().is_none_or(|known| stop.input() < known.input()) {
            *known = Some(stop);
        }
    }

    /// The failure of the earliest input that has one.
    pub fn failure(&self) -> Option<Stop> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<'s> Again<'s> {
    /// The next block that can be sought, where it is, and what that is.
    fn next_sought(&self) -> Option<(BlockPlace, &'s Source, &'s Sniffed)> {
        loop {
            let place = *self.places.get(self.next.fetch_add(1, Ordering::Relaxed))?;
            let (source, sniffed) = (&self.sources[place.input], &self.sniffed[place.input]);
            if BlockPlace::can_be_sought(source, sniffed) {
                return Some((place, source, sniffed));
            }
        }
    }
}

enum Claim {
    Block,
    /// The input ended with a failure.
    Ended,
    Busy,
    Nothing,
}

/// Does the same work on some threads, this one among them. Where the system refuses a thread there are fewer.
pub(super) fn on_threads<T: Send>(threads: usize, work: impl Fn() -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let spawn = |_| std::thread::Builder::new().spawn_scoped(scope, &work).ok();
        let others: Vec<_> = (1..threads).map_while(spawn).collect();
        let mut done = vec![work()];
        // A thread that panics takes the run along.
        let join = |handle: std::thread::ScopedJoinHandle<'_, T>| {
            handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        done.extend(others.into_iter().map(join));
        done
    })
}
