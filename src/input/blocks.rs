//! Whole records in blocks: bytes of an input → blocks of whole records, each with the number of its first line.
//!
//! Role: any number of threads take chunks of an input, one after the other, and look for records in them, each guessing that a
//! record begins behind the first line feed. Where a chunk really begins is settled in order: what is left at the
//! end of one goes in front of the next, and a wrong guess is looked at again. So borders are those of reading from
//! the start, whatever the length of a chunk and the number of threads. Quotes that stay open and records without end
//! stop here.

mod json;
mod place;

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, TryLockError};

use memchr::memchr;

use super::content_hash::{ContentHash, PIECE};
use super::csv_index::{CsvIndex, Dialect, Reached};
use super::csv_rows::{End, count_lines, record_end};
use super::handle::Handle;
use super::identity::lock;
use super::json_scan::JsonScan;
use super::sniff::{Framing, Sniffed};
use super::source::{Source, Unpacked};
use crate::diagnostic::{Diagnostic, Failure, Place};

pub use place::{BlockPlace, RowPlace};

/// Bytes taken at a time: they, and where their fields end, stay close to the processor.
const CHUNK: usize = PIECE;
/// Pieces of compressed inputs taken at a time, which one thread at a time unpacks: to hand that over takes longer than the
/// cache saves.
const PACKED_PIECES: usize = 4;
const PACKED_CHUNK: usize = PACKED_PIECES * PIECE;
/// Room in front of them for what the chunk before left over.
const CARRY_CAPACITY: usize = 16 * 1024;
/// Longest record in a CSV file.
const LONGEST_CSV: usize = 1024 * 1024;

/// Some whole records of one input, with room that is used again for the next.
#[derive(Debug, Default)]
pub struct Block {
    /// The input, by position.
    pub input: usize,
    /// How many chunks of the input come before it, and where its records begin in the bytes of the file.
    number: usize,
    from: u64,
    bytes: Vec<u8>,
    /// Where the whole records begin and end.
    start: usize,
    end: usize,
    /// The line of the first, from 1.
    pub first_line: u64,
    /// Where each record stands, where records are not lines of the file.
    pub places: Option<Vec<RowPlace>>,
    /// The line of a page that says another one follows, in the last block if none did.
    pub missing_page: Option<u64>,
    /// Records of a CSV file up to the guessed begin, and from there on, with the lines before each part.
    head: CsvIndex,
    body: CsvIndex,
    body_line: u64,
    /// The file at hand, with the input it belongs to.
    file: Option<(usize, Handle)>,
    /// The hash of the bytes that were read for it; nothing where nobody asks.
    pub content: Option<ContentHash>,
}

impl Block {
    /// The bytes that records are counted in.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where the records stand in them.
    pub const fn span(&self) -> std::ops::Range<usize> {
        self.start..self.end
    }

    /// The records, where each is a line.
    pub fn records(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// The records of a CSV file: a number of lines before them all, and where they stand.
    pub fn csv(&self) -> [(u64, &CsvIndex); 2] {
        [(self.first_line, &self.head), (self.first_line + self.body_line, &self.body)]
    }
}

/// One input, cut into blocks by any number of threads.
pub struct Blocks<'s> {
    source: &'s Source,
    input: usize,
    framing: Framing,
    /// The fields of the header.
    width: usize,
    skip: usize,
    /// The keys of the lists that hold rows, for pages.
    rows: &'s [String],
    cursor: Mutex<ReadCursor>,
    ordered: Mutex<OrderedState>,
    advanced: Condvar,
}

/// What was taken so far.
#[derive(Default)]
struct ReadCursor {
    taken: usize,
    at_end: bool,
    /// What is unpacked must be taken in order.
    packed: Option<Unpacked>,
}

/// What is committed so far.
struct OrderedState {
    committed: usize,
    failed: bool,
    /// The begin of a record that did not end.
    carry: Vec<u8>,
    line: u64,
    /// Where the records of the next block begin, where they are records of the file.
    from: u64,
    /// State of the scan over JSON values.
    scan: JsonScan,
    /// The line of the last page, if it says that another one follows.
    next_page_line: Option<u64>,
    /// Pages so far.
    pages: u32,
}

impl Default for OrderedState {
    fn default() -> Self {
        Self {
            committed: 0,
            failed: false,
            carry: Vec::new(),
            line: 1,
            from: 0,
            scan: JsonScan::default(),
            next_page_line: None,
            pages: 0,
        }
    }
}

/// A chunk that was taken and must be committed.
pub struct ClaimedChunk<'b, 's> {
    blocks: &'b Blocks<'s>,
    number: usize,
    is_last: bool,
    is_committed: bool,
}

/// Whether there was a chunk to take.
pub enum Claimed<'b, 's> {
    /// Yes.
    Chunk(ClaimedChunk<'b, 's>),
    /// Another thread is taking one; there may be more.
    Busy,
    /// No more.
    Nothing,
}

impl<'s> Blocks<'s> {
    /// Blocks of an input; `rows` are the keys of the lists that hold rows, for pages.
    pub fn new(source: &'s Source, input: usize, sniffed: &Sniffed, rows: &'s [String]) -> Self {
        Self {
            source,
            input,
            framing: sniffed.framing,
            width: sniffed.header.names.len(),
            skip: sniffed.skip,
            cursor: Mutex::default(),
            // Rows may also stand alone.
            rows: if sniffed.framing == Framing::JsonPages { rows } else { &[] },
            ordered: Mutex::default(),
            advanced: Condvar::new(),
        }
    }

    /// Takes the next chunk into a block; `wait` says whether to wait for a thread that is taking one.
    pub fn claim(&self, block: &mut Block, wait: bool) -> Result<Claimed<'_, 's>, Failure> {
        let mut cursor = match self.cursor.try_lock() {
            Ok(cursor) => cursor,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) if wait => lock(&self.cursor),
            Err(TryLockError::WouldBlock) => return Ok(Claimed::Busy),
        };
        if cursor.at_end {
            return Ok(Claimed::Nothing);
        }
        let mut taken = ClaimedChunk { blocks: self, number: cursor.taken, is_last: false, is_committed: false };
        cursor.taken += 1;
        match self.fill(cursor, block, taken.number) {
            Ok(is_last) => {
                taken.is_last = is_last;
                Ok(Claimed::Chunk(taken))
            }
            Err(failure) => {
                lock(&self.cursor).at_end = true;
                taken.fail(failure).map_or(Ok(Claimed::Nothing), Err)
            }
        }
    }

    /// Reads a chunk; whether it is the last.
    fn fill(&self, mut cursor: MutexGuard<'_, ReadCursor>, block: &mut Block, number: usize) -> Result<bool, Failure> {
        block.input = self.input;
        block.content = block.content.map(|_| ContentHash::default());
        if number == 0 {
            let mut unpacked = self.source.open()?;
            let mut skipped = Vec::new();
            unpacked.append(&mut skipped, self.skip)?;
            block.content = block.content.map(|_| ContentHash::of_start(&skipped));
            let mut ordered = lock(&self.ordered);
            (ordered.line, ordered.from) = (ordered.line + count_lines(&skipped), self.skip as u64);
            drop(ordered);
            cursor.packed = self.source.is_packed().then_some(unpacked);
        }
        if let Some(packed) = &mut cursor.packed {
            let is_last = packed.read_behind(&mut block.bytes, CARRY_CAPACITY, PACKED_CHUNK)? < PACKED_CHUNK;
            cursor.at_end = is_last;
            drop(cursor);
            block.hash(number * PACKED_PIECES);
            return Ok(is_last);
        }
        let from = (self.skip + number * CHUNK) as u64;
        let is_last = from + CHUNK as u64 >= self.source.bytes;
        cursor.at_end = is_last;
        // What is not packed can be read at any place, while others read at theirs.
        drop(cursor);
        self.source.read_at(&mut block.file, self.input, from, (&mut block.bytes, CARRY_CAPACITY), CHUNK)?;
        block.hash(number);
        Ok(is_last)
    }

    /// Waits until everything before a chunk is committed; nothing where something before it failed.
    fn wait_for(&self, number: usize) -> Option<MutexGuard<'_, OrderedState>> {
        let mut ordered = lock(&self.ordered);
        while ordered.committed != number && !ordered.failed {
            ordered = self.advanced.wait(ordered).unwrap_or_else(PoisonError::into_inner);
        }
        (!ordered.failed).then_some(ordered)
    }

    fn quote_open(&self, line: u64) -> Failure {
        Failure::input(
            Diagnostic::new("quote-open", "a quote is opened here and never closed")
                .at(Place::line(&self.source.name, line))
                .hint(
                    "everything after it would be read as one field; mend the quote (nothing of the file was counted)",
                ),
        )
    }

    fn too_long(&self, line: u64) -> Failure {
        Failure::input(
            Diagnostic::new("record-too-long", format!("a record is longer than {} MiB", LONGEST_CSV >> 20))
                .at(Place::line(&self.source.name, line))
                .hint("this is not a table of rows; check the file's line ends and format"),
        )
    }

    /// What is wrong with a CSV record that is too long: a quote that stays open in it, or nothing but its length.
    fn overlong(&self, record: &[u8], delimiter: u8, line: u64) -> Failure {
        match record_end(&record[..=LONGEST_CSV], delimiter, false) {
            End::Open(Some(opened)) => self.quote_open(line + count_lines(&record[..opened])),
            _ => self.too_long(line),
        }
    }
}

impl<'b> ClaimedChunk<'b, '_> {
    /// How many chunks of the input come before it, and whether none comes behind.
    pub const fn place(&self) -> (usize, bool) {
        (self.number, self.is_last)
    }

    /// Ends the reading of the input here; the failure comes back unless something before it failed already.
    fn fail(mut self, failure: Failure) -> Option<Failure> {
        self.is_committed = true;
        let mut ordered = self.blocks.wait_for(self.number)?;
        ordered.failed = true;
        self.blocks.advanced.notify_all();
        Some(failure)
    }

    /// Finds the whole records of the chunk. Nothing where something before it failed.
    pub fn commit(mut self, block: &mut Block) -> Result<Option<()>, Failure> {
        block.forget_records();
        let blocks = self.blocks;
        let found = match blocks.framing {
            Framing::Csv(delimiter) => self.csv(block, delimiter),
            Framing::JsonLines => self.json_lines(block),
            Framing::JsonValues | Framing::JsonPages => self.json_values(block),
        };
        let Some((mut ordered, found)) = found else { return Ok(None) };
        self.is_committed = true;
        match found {
            Ok(lines) => {
                (block.number, block.from, block.first_line) = (self.number, ordered.from, ordered.line);
                ordered.from += block.span().len() as u64;
                ordered.line += lines;
                ordered.committed += 1;
            }
            Err(_) => ordered.failed = true,
        }
        drop(ordered);
        blocks.advanced.notify_all();
        found?;
        if self.is_last {
            blocks.source.check_unchanged()?;
        }
        Ok(Some(()))
    }

    fn csv(&self, block: &mut Block, delimiter: u8) -> Committed<'b> {
        let blocks = self.blocks;
        let dialect = Dialect { delimiter, width: blocks.width, longest: LONGEST_CSV };
        // A record begins behind a line feed, unless it stands in quotes.
        let guess = match (self.number, memchr(b'\n', &block.bytes[CARRY_CAPACITY..])) {
            (0, _) => Some(CARRY_CAPACITY),
            (_, feed) => feed.map(|feed| CARRY_CAPACITY + feed + 1),
        };
        let guessed = guess.map(|from| (from, block.body.find(&block.bytes, from, dialect, self.is_last)));
        let mut ordered = blocks.wait_for(self.number)?;
        let fits = block.put_in_front(&ordered.carry);
        ordered.carry.clear();
        let before = guessed
            .filter(|_| fits)
            .map(|(from, reached)| (from, block.head.find(&block.bytes[..from], block.start, dialect, false), reached));
        let reached = match before {
            Some((from, before, reached)) if before.end == from => {
                block.body_line = before.lines;
                Reached {
                    lines: before.lines + reached.lines,
                    overlong: before.overlong.or(reached.overlong),
                    ..reached
                }
            }
            _ => {
                block.body.clear();
                block.head.find(&block.bytes, block.start, dialect, self.is_last)
            }
        };
        block.end = reached.end;
        let line = ordered.line;
        let lines_to = |at: usize| line + count_lines(&block.bytes[block.start..at]);
        let rest = &block.bytes[reached.end..];
        let found = if let Some(start) = reached.overlong {
            Err(blocks.overlong(&block.bytes[start..], delimiter, lines_to(start)))
        } else if rest.len() > LONGEST_CSV {
            Err(blocks.overlong(rest, delimiter, lines_to(reached.end)))
        } else if let Some(opened) = reached.open_quote.filter(|_| self.is_last) {
            Err(blocks.quote_open(lines_to(opened)))
        } else {
            ordered.carry.extend_from_slice(rest);
            Ok(reached.lines)
        };
        Some((ordered, found))
    }
}

impl Drop for ClaimedChunk<'_, '_> {
    fn drop(&mut self) {
        // A thread that ends without settling, which only a panic brings about, must not leave the others waiting.
        if !self.is_committed {
            lock(&self.blocks.ordered).failed = true;
            self.blocks.advanced.notify_all();
        }
    }
}

/// What is committed so far, and how many lines the records of a chunk are or what is wrong with them.
type Committed<'t> = Option<(MutexGuard<'t, OrderedState>, Result<u64, Failure>)>;

impl Block {
    /// Adds what was read, from a piece on, to the hash of the contents.
    fn hash(&mut self, first: usize) {
        if let Some(content) = &mut self.content {
            *content = content.and(ContentHash::of_pieces(first as u64, &self.bytes[CARRY_CAPACITY..]));
        }
    }

    /// Puts what was left over in front of the chunk; whether there was room, so that the chunk is where it was.
    fn put_in_front(&mut self, carry: &[u8]) -> bool {
        let fits = carry.len() <= CARRY_CAPACITY;
        if fits {
            self.start = CARRY_CAPACITY - carry.len();
            self.bytes[self.start..CARRY_CAPACITY].copy_from_slice(carry);
        } else {
            self.bytes.splice(..CARRY_CAPACITY, carry.iter().copied());
            self.start = 0;
        }
        fits
    }
}
