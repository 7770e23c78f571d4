//! Whole records in blocks: bytes of an input → blocks of whole records, each with the number of its first line.
//!
//! Role: any number of threads take chunks of an input, one after the other, and look for records in them, each guessing that a
//! record begins behind the first line feed. Where a chunk really begins is settled in order: what is left at the
//! end of one goes in front of the next, and a wrong guess is looked at again. So borders are those of reading from
//! the start, whatever the length of a chunk and the number of threads. Quotes that stay open and records without end
//! stop here.

mod place;

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, TryLockError};

use memchr::{memchr, memrchr};

use super::csv_index::{CsvIndex, Dialect, Reached};
use super::csv_rows::{End, count_lines, record_end};
use super::handle::Handle;
use super::identity::lock;
use super::json_scan::{JsonScan, List};
use super::sniff::Sniffed;
use super::source::{Source, Unpacked};
use crate::diagnostic::{Diagnostic, Failure, Place};
use crate::formats::nested::{Misfit, unfold};

pub use place::{BlockPlace, RowPlace};

/// Bytes taken at a time: they, and where their fields end, stay close to the processor.
const CHUNK: usize = 128 * 1024;
/// The same of compressed inputs, which one thread at a time unpacks: to hand that over takes longer than the cache saves.
const PACKED_CHUNK: usize = 512 * 1024;
/// Room in front of them for what the chunk before left over.
const CARRY_CAPACITY: usize = 16 * 1024;
/// Longest record in a CSV file.
const LONGEST_CSV: usize = 1024 * 1024;
/// Longest JSON object: gateways may store whole prompts in them.
pub const LONGEST_JSON: usize = 16 * 1024 * 1024;

/// What is wrong with an object that is longer than any, and how to make it shorter.
pub(super) fn object_too_long(name: &str, line: u64) -> Failure {
    Failure::input(
        Diagnostic::new("record-too-long", format!("a JSON object is longer than {} MiB", LONGEST_JSON >> 20))
            .at(Place::line(name, line))
            .hint("ask the API for fewer buckets a page (`limit=7`), or split what there is: `jq -c '.data[]' FILE` writes one bucket a line"),
    )
}

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

/// How records are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// CSV with this delimiter.
    Csv(u8),
    /// One JSON object a line.
    JsonLines,
    /// JSON objects one after the other or in a list, over any number of lines.
    JsonValues,
    /// The same, where each object holds rows.
    JsonPages,
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
        if number == 0 {
            let mut unpacked = self.source.open()?;
            let mut skipped = Vec::new();
            unpacked.append(&mut skipped, self.skip)?;
            let mut ordered = lock(&self.ordered);
            (ordered.line, ordered.from) = (ordered.line + count_lines(&skipped), self.skip as u64);
            drop(ordered);
            cursor.packed = self.source.is_packed().then_some(unpacked);
        }
        if let Some(packed) = &mut cursor.packed {
            let is_last = packed.read_behind(&mut block.bytes, CARRY_CAPACITY, PACKED_CHUNK)? < PACKED_CHUNK;
            cursor.at_end = is_last;
            return Ok(is_last);
        }
        let from = (self.skip + number * CHUNK) as u64;
        let is_last = from + CHUNK as u64 >= self.source.bytes;
        cursor.at_end = is_last;
        // What is not packed can be read at any place, while others read at theirs.
        drop(cursor);
        self.source.read_at(&mut block.file, self.input, from, (&mut block.bytes, CARRY_CAPACITY), CHUNK)?;
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

    fn json_lines(&self, block: &mut Block) -> Committed<'b> {
        let chunk = &block.bytes[CARRY_CAPACITY..];
        let border = if self.is_last { chunk.len() } else { memrchr(b'\n', chunk).map_or(0, |end| end + 1) };
        let whole = count_lines(&chunk[..border]);
        let begins_with_feed = chunk.first() == Some(&b'\n');
        let mut ordered = self.blocks.wait_for(self.number)?;
        if border == 0 && !self.is_last {
            ordered.carry.extend_from_slice(&block.bytes[CARRY_CAPACITY..]);
            (block.start, block.end) = (CARRY_CAPACITY, CARRY_CAPACITY);
            let too_long = ordered.carry.len() > LONGEST_JSON;
            let found = if too_long { Err(object_too_long(&self.blocks.source.name, ordered.line)) } else { Ok(0) };
            return Some((ordered, found));
        }
        // A carriage return by itself counts as a line end too, but not as the end of a record.
        let pair = u64::from(ordered.carry.ends_with(b"\r") && begins_with_feed);
        let lines = count_lines(&ordered.carry) - pair + whole;
        let length = block.bytes.len() - CARRY_CAPACITY;
        block.put_in_front(&ordered.carry);
        let border = block.bytes.len() - length + border;
        ordered.carry.clear();
        ordered.carry.extend_from_slice(&block.bytes[border..]);
        block.end = border;
        Some((ordered, Ok(lines)))
    }

    /// All values that are whole, one a line, so that the rest of the program sees JSON lines.
    fn json_values(&self, block: &mut Block) -> Committed<'b> {
        let mut ordered = self.blocks.wait_for(self.number)?;
        let state = &mut *ordered;
        let mut bytes = std::mem::take(&mut state.carry);
        bytes.extend_from_slice(&block.bytes[CARRY_CAPACITY..]);
        block.bytes.clear();
        let mut places = Vec::new();
        let mut add = |text: &[u8], line, page| {
            places.push(RowPlace { line, page });
            block.bytes.extend(text.iter().map(|&byte| if byte == b'\n' || byte == b'\r' { b' ' } else { byte }));
            block.bytes.push(b'\n');
        };
        let (rows, next_page_line, pages) = (self.blocks.rows, &mut state.next_page_line, &mut state.pages);
        let mut misfit: Option<(u64, String)> = None;
        let mut line = state.line;
        let used = state.scan.values(&bytes, &mut line, |value, line| {
            if rows.is_empty() {
                return add(value, line, 0);
            }
            *pages += 1;
            // Rows come in the order of the text, so that lines are counted once.
            let (mut counted, mut row_line) = (0, line);
            let unfolded = match std::str::from_utf8(value) {
                Ok(text) => unfold(text, rows, |at, row| {
                    row_line += count_lines(&value[counted..at]);
                    counted = at;
                    add(row.as_bytes(), row_line, *pages);
                }),
                Err(error) => Err(Misfit { at: error.valid_up_to(), reason: "text that is not UTF-8".to_owned() }),
            };
            match unfolded {
                Ok(follows) => *next_page_line = follows.then_some(line),
                Err(Misfit { at, reason }) => {
                    misfit.get_or_insert((line + count_lines(&value[..at]), reason));
                }
            }
        });
        (block.start, block.end, block.places) = (0, block.bytes.len(), Some(places));
        block.missing_page = state.next_page_line.filter(|_| self.is_last);
        let (before, name) = (ordered.line, &self.blocks.source.name);
        if let Some((line, reason)) = misfit {
            let failure = Failure::input(
                Diagnostic::new("bad-page", format!("this is {reason}"))
                    .at(Place::line(name, line))
                    .hint("export it again; nothing of the file was counted"),
            );
            return Some((ordered, Err(failure)));
        }
        let found = match used {
            Err(line) => Err(Failure::input(
                Diagnostic::new("bad-json", "something else than JSON objects, or than commas between them")
                    .at(Place::line(name, line))
                    .hint("expected objects one after the other, or a list of them"),
            )),
            Ok(used) if self.is_last && (used < bytes.len() || ordered.scan.list == List::Open) => Err(Failure::input(
                Diagnostic::new("truncated", "the file ends inside a JSON object or list")
                    .at(Place::line(name, line))
                    .hint("export it again; nothing of it was counted"),
            )),
            Ok(used) if bytes.len() - used > LONGEST_JSON => Err(object_too_long(name, ordered.scan.value_line)),
            Ok(used) => {
                bytes.drain(..used);
                ordered.carry = bytes;
                Ok(line - before)
            }
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
