//! Where blocks and records stand, so that a block can be read again without those before it.
//!
//! Role: what the first pass keeps of a block → the same records once more. Of an input that must be unpacked, or whose
//! records are found by what stands before them, blocks come in order only, and the place just names one.

use super::{Block, Dialect, LONGEST_CSV};
use crate::diagnostic::Failure;
use crate::input::sniff::{Framing, Sniffed};
use crate::input::source::Source;

/// A block of an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlockPlace {
    /// The input, by position.
    pub input: usize,
    /// How many chunks of the input come before its own.
    pub number: usize,
    /// Where its records begin, in bytes of the file.
    pub from: u64,
    /// How many bytes they are.
    pub length: usize,
    /// The line of the first.
    pub first_line: u64,
}

/// Where a record stands that is no line of the file.
#[derive(Clone, Copy, Debug)]
pub struct RowPlace {
    /// Its first line.
    pub line: u64,
    /// The page that holds it, from 1; 0 for a row without one.
    pub page: u32,
}

impl BlockPlace {
    /// Blocks in the order of their records.
    pub const fn order(&self) -> (usize, usize) {
        (self.input, self.number)
    }

    /// Whether records of such an input can be read without those before them.
    pub fn can_be_sought(source: &Source, sniffed: &Sniffed) -> bool {
        !source.is_packed() && matches!(sniffed.framing, Framing::Csv(_) | Framing::JsonLines)
    }
}

impl Block {
    pub(super) fn forget_records(&mut self) {
        self.head.clear();
        self.body.clear();
        (self.body_line, self.places, self.missing_page) = (0, None, None);
    }

    /// Where it stands.
    pub const fn place(&self) -> BlockPlace {
        let Self { input, number, from, first_line, start, end, .. } = *self;
        BlockPlace { input, number, from, length: end - start, first_line }
    }

    /// Reads the records of a block that was read before, of an input where they can be sought.
    pub fn read_again(&mut self, place: BlockPlace, source: &Source, sniffed: &Sniffed) -> Result<(), Failure> {
        let BlockPlace { input, number, from, length, first_line } = place;
        source.read_at(&mut self.file, input, from, (&mut self.bytes, 0), length)?;
        source.check_unchanged()?;
        (self.input, self.number, self.from, self.first_line) = (input, number, from, first_line);
        (self.start, self.end) = (0, self.bytes.len());
        self.forget_records();
        if let Framing::Csv(delimiter) = sniffed.framing {
            let dialect = Dialect { delimiter, width: sniffed.header.names.len(), longest: LONGEST_CSV };
            self.head.find(&self.bytes, 0, dialect, true);
        }
        Ok(())
    }
}
