//! Whole records in blocks: the one sequential step of reading.
//!
//! Role: bytes of an input → blocks that end where a record ends, each with the number of its first line, so that
//! blocks can be worked on by several threads. Quotes that stay open and records without end stop here.

use memchr::{memchr, memchr_iter, memrchr};

use super::csv_rows::{End, count_lines, record_end};
use super::source::Unpacked;
use crate::diagnostic::{Diagnostic, Failure, Place};
use crate::formats::nested::{Misfit, unfold};

/// Bytes read at a time.
const BLOCK: usize = 1024 * 1024;
/// Line ends that are looked at for the end of a block.
const LINES_LOOKED_AT: usize = 64;
/// Longest record in a CSV file.
const LONGEST_CSV: usize = 1024 * 1024;
/// Longest JSON object: gateways may store whole prompts in them.
pub const LONGEST_JSON: usize = 16 * 1024 * 1024;

/// Some whole records of one input.
#[derive(Debug, Default)]
pub struct Block {
    /// The input, by position.
    pub input: usize,
    /// The records.
    pub bytes: Vec<u8>,
    /// The line of the first, from 1.
    pub first_line: u64,
    /// Where each record stands, where records are not lines of the file.
    pub places: Option<Vec<RowPlace>>,
    /// The line of a page that says another one follows, in the last block if none did.
    pub cut_off: Option<u64>,
}

/// Where a record stands that is no line of the file.
#[derive(Clone, Copy, Debug)]
pub struct RowPlace {
    /// Its first line.
    pub line: u64,
    /// The page that holds it, from 1; 0 for a row without one.
    pub page: u32,
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

/// How the ends of CSV blocks are found where fields may hold line breaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Borders {
    /// By counting quotes, which is quick and nearly always right; reading shows where it is not.
    #[default]
    Guessed,
    /// Record by record.
    Exact,
}

/// Cuts an input into blocks.
pub struct Blocks {
    source: Unpacked,
    name: String,
    input: usize,
    framing: Framing,
    borders: Borders,
    carry: Vec<u8>,
    line: u64,
    at_end: bool,
    /// State of the scan over JSON values.
    scan: JsonScan,
    /// The keys of the lists that hold rows, for pages.
    rows: Vec<String>,
    /// The line of the last page, if it says that another one follows.
    goes_on: Option<u64>,
    /// Pages so far.
    pages: u32,
}

impl Blocks {
    /// Blocks of an input whose first `skip` bytes (a mark, a preamble, the header) have been dealt with.
    pub fn new(
        source: Unpacked,
        name: &str,
        input: usize,
        (framing, borders): (Framing, Borders),
        rows: &[String],
        skip: usize,
    ) -> Result<Self, Failure> {
        let mut blocks = Self {
            source,
            name: name.to_owned(),
            input,
            framing,
            borders,
            carry: Vec::new(),
            line: 1,
            at_end: false,
            scan: JsonScan::default(),
            rows: rows.to_vec(),
            goes_on: None,
            pages: 0,
        };
        let mut skipped = Vec::new();
        blocks.source.append(&mut skipped, skip)?;
        blocks.line += count_lines(&skipped);
        Ok(blocks)
    }

    /// The next block, using the room of an old one.
    pub fn next(&mut self, mut room: Block) -> Result<Option<Block>, Failure> {
        loop {
            if self.at_end && self.carry.is_empty() {
                return Ok(None);
            }
            if matches!(self.framing, Framing::JsonValues | Framing::JsonPages) {
                let read = if self.at_end { 0 } else { self.source.append(&mut self.carry, BLOCK)? };
                self.at_end |= read < BLOCK;
                if let Some(block) = self.json_block(&mut room)? {
                    return Ok(Some(block));
                }
                continue;
            }
            // What the last block left over is little, so the rest is read right into its place.
            std::mem::swap(&mut room.bytes, &mut self.carry);
            self.carry.clear();
            let read = if self.at_end { 0 } else { self.source.append(&mut room.bytes, BLOCK)? };
            self.at_end |= read < BLOCK;
            let border = match self.framing {
                Framing::Csv(delimiter) => self.csv_border(&room.bytes, delimiter)?,
                Framing::JsonLines | Framing::JsonValues | Framing::JsonPages => self.line_border(&room.bytes)?,
            };
            self.carry.extend_from_slice(&room.bytes[border..]);
            room.bytes.truncate(border);
            if border == 0 {
                continue;
            }
            let block = Block { input: self.input, first_line: self.line, places: None, cut_off: None, ..room };
            self.line += count_lines(&block.bytes);
            return Ok(Some(block));
        }
    }

    fn line_border(&self, bytes: &[u8]) -> Result<usize, Failure> {
        if self.at_end {
            return Ok(bytes.len());
        }
        match memrchr(b'\n', bytes) {
            Some(end) => Ok(end + 1),
            None if bytes.len() > LONGEST_JSON => Err(self.too_long(LONGEST_JSON)),
            None => Ok(0),
        }
    }

    fn csv_border(&self, bytes: &[u8], delimiter: u8) -> Result<usize, Failure> {
        if memchr(b'"', bytes).is_none() {
            if self.at_end {
                return Ok(bytes.len());
            }
            // A carriage return at the very end may be half of a line end.
            let certain = &bytes[..bytes.len().saturating_sub(1)];
            return match certain.iter().rposition(|&byte| byte == b'\n' || byte == b'\r') {
                Some(end) if certain[end] == b'\n' || bytes[end + 1] != b'\n' => Ok(end + 1),
                Some(end) => Ok(end + 2),
                None if bytes.len() > LONGEST_CSV => Err(self.too_long(LONGEST_CSV)),
                None => Ok(0),
            };
        }
        if self.borders == Borders::Guessed
            && let Some(border) = self.guessed_border(bytes)
        {
            return Ok(border);
        }
        let mut border = 0;
        while border < bytes.len() {
            match record_end(&bytes[border..], delimiter, self.at_end) {
                End::At(_, next) => border += next,
                End::Open(Some(opened)) if self.at_end || bytes.len() - border > LONGEST_CSV => {
                    return Err(self.quote_open(bytes, border + opened));
                }
                End::Open(_) => break,
            }
        }
        if border == 0 && bytes.len() > LONGEST_CSV {
            return Err(self.too_long(LONGEST_CSV));
        }
        Ok(border)
    }

    /// The last line end with an even number of quotes before it: the end of a record, unless a quote stands where none
    /// should. Who reads the block finds out, since it then ends inside a record.
    fn guessed_border(&self, bytes: &[u8]) -> Option<usize> {
        if self.at_end {
            return Some(bytes.len());
        }
        let mut quotes = memchr_iter(b'"', bytes).count();
        let mut end = bytes.len();
        // Records far longer than usual are left to the exact way, which knows when to give up.
        for _ in 0..LINES_LOOKED_AT {
            let line_end = memrchr(b'\n', &bytes[..end])?;
            quotes -= memchr_iter(b'"', &bytes[line_end..end]).count();
            if quotes.is_multiple_of(2) {
                return Some(line_end + 1);
            }
            end = line_end;
        }
        None
    }

    fn quote_open(&self, bytes: &[u8], at: usize) -> Failure {
        let line = self.line + count_lines(&bytes[..at]);
        Failure::input(
            Diagnostic::new("quote-open", "a quote is opened here and never closed")
                .at(Place::line(&self.name, line))
                .hint(
                    "everything after it would be read as one field; mend the quote (nothing of the file was counted)",
                ),
        )
    }

    fn too_long(&self, most: usize) -> Failure {
        Failure::input(
            Diagnostic::new("record-too-long", format!("a record is longer than {} MiB", most >> 20))
                .at(Place::line(&self.name, self.line))
                .hint("this is not a table of rows; check the file's line ends and format"),
        )
    }

    /// All values that are whole in the carry, one a line, so that the rest of the program sees JSON lines.
    fn json_block(&mut self, room: &mut Block) -> Result<Option<Block>, Failure> {
        let mut block = Block { input: self.input, first_line: self.line, ..std::mem::take(room) };
        block.bytes.clear();
        let mut places = Vec::new();
        let mut add = |text: &[u8], line, page| {
            places.push(RowPlace { line, page });
            block.bytes.extend(text.iter().map(|&byte| if byte == b'\n' || byte == b'\r' { b' ' } else { byte }));
            block.bytes.push(b'\n');
        };
        let (rows, goes_on, pages) = (&self.rows, &mut self.goes_on, &mut self.pages);
        let mut misfit: Option<(u64, String)> = None;
        let used = self.scan.values(&self.carry, &mut self.line, |value, line| {
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
                Ok(follows) => *goes_on = follows.then_some(line),
                Err(Misfit { at, reason }) => {
                    misfit.get_or_insert((line + count_lines(&value[..at]), reason));
                }
            }
        });
        if let Some((line, reason)) = misfit {
            return Err(Failure::input(
                Diagnostic::new("bad-page", format!("this is {reason}"))
                    .at(Place::line(&self.name, line))
                    .hint("export it again; nothing of the file was counted"),
            ));
        }
        let used = used.map_err(|line| {
            Failure::input(
                Diagnostic::new("bad-json", "something else than JSON objects, or than commas between them")
                    .at(Place::line(&self.name, line))
                    .hint("expected objects one after the other, or a list of them"),
            )
        })?;
        self.carry.drain(..used);
        if self.at_end && (!self.carry.is_empty() || self.scan.list == List::Open) {
            return Err(Failure::input(
                Diagnostic::new("truncated", "the file ends inside a JSON object or list")
                    .at(Place::line(&self.name, self.line))
                    .hint("export it again; nothing of it was counted"),
            ));
        }
        if self.carry.len() > LONGEST_JSON {
            return Err(self.too_long(LONGEST_JSON));
        }
        block.cut_off = if self.at_end { self.goes_on.take() } else { None };
        if places.is_empty() && block.cut_off.is_none() {
            *room = block;
            return Ok(None);
        }
        block.places = Some(places);
        Ok(Some(block))
    }
}

/// Finds the borders of JSON objects by their brackets.
#[derive(Debug, Default)]
struct JsonScan {
    /// Bytes of the carry already looked at, within an unfinished value.
    seen: usize,
    depth: usize,
    in_text: bool,
    escaped: bool,
    value_line: u64,
    list: List,
    /// A comma may follow: a value of the list has just ended.
    after_value: bool,
}

/// Whether the objects stand in a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum List {
    /// Nothing was seen yet.
    #[default]
    Unknown,
    /// One after the other, without a list.
    None,
    /// Within a list.
    Open,
    /// The list has ended.
    Closed,
}

impl JsonScan {
    /// Calls `found` with each whole object and its line; returns how many bytes are done with, or the line of text
    /// that belongs to no object.
    fn values(&mut self, bytes: &[u8], line: &mut u64, mut found: impl FnMut(&[u8], u64)) -> Result<usize, u64> {
        let mut start = 0;
        for at in self.seen..bytes.len() {
            let byte = bytes[at];
            if byte == b'\n' {
                *line += 1;
            }
            if self.in_text {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_text = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' if self.depth > 0 => self.in_text = true,
                b'{' | b'[' if self.depth > 0 => self.depth += 1,
                b'{' if self.list != List::Closed && !(self.list == List::Open && self.after_value) => {
                    (start, self.value_line, self.depth) = (at, *line, 1);
                    if self.list == List::Unknown {
                        self.list = List::None;
                    }
                }
                b'}' | b']' if self.depth > 0 => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        found(&bytes[start..=at], self.value_line);
                        start = at + 1;
                        self.after_value = true;
                    }
                }
                _ if self.depth > 0 => {}
                b' ' | b'\t' | b'\n' | b'\r' => start = at + 1,
                b'[' if self.list == List::Unknown => (start, self.list) = (at + 1, List::Open),
                b']' if self.list == List::Open => (start, self.list) = (at + 1, List::Closed),
                b',' if self.list == List::Open && self.after_value => (start, self.after_value) = (at + 1, false),
                _ => return Err(*line),
            }
        }
        self.seen = bytes.len() - start;
        Ok(start)
    }
}
