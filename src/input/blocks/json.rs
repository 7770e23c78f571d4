//! Records of JSON in a chunk: objects that are lines, and objects over any number of lines, which become lines.

use memchr::memrchr;

use super::{Block, CARRY_CAPACITY, ClaimedChunk, Committed, RowPlace};
use crate::diagnostic::{Diagnostic, Failure, Place};
use crate::formats::nested::{Misfit, unfold};
use crate::input::csv_rows::count_lines;
use crate::input::json_scan::{LONGEST_JSON, List, object_too_long};

impl<'b> ClaimedChunk<'b, '_> {
    pub(super) fn json_lines(&self, block: &mut Block) -> Committed<'b> {
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
    pub(super) fn json_values(&self, block: &mut Block) -> Committed<'b> {
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
