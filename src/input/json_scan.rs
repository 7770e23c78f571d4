//! Where JSON objects begin and end, by their brackets alone.
//!
//! Role: bytes, as they come → whole objects, one after the other or in a list. What is in them is not looked at.

use crate::diagnostic::{Diagnostic, Failure, Place};

/// Longest JSON object: gateways may store whole prompts in them.
pub(super) const LONGEST_JSON: usize = 16 * 1024 * 1024;

/// What is wrong with an object that is longer than any, and how to make it shorter.
pub(super) fn object_too_long(name: &str, line: u64) -> Failure {
    Failure::input(
        Diagnostic::new("record-too-long", format!("a JSON object is longer than {} MiB", LONGEST_JSON >> 20))
            .at(Place::line(name, line))
            .hint("ask the API for fewer buckets a page (`limit=7`), or split what there is: `jq -c '.data[]' FILE` writes one bucket a line"),
    )
}

/// Finds the borders of JSON objects by their brackets.
#[derive(Debug, Default)]
pub(super) struct JsonScan {
    /// Bytes of the carry already looked at, within an unfinished value.
    seen: usize,
    depth: usize,
    in_text: bool,
    escaped: bool,
    pub(super) value_line: u64,
    pub(super) list: List,
    /// A comma may follow: a value of the list has just ended.
    after_value: bool,
}

/// Whether the objects stand in a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum List {
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
    pub(super) fn values(
        &mut self,
        bytes: &[u8],
        line: &mut u64,
        mut found: impl FnMut(&[u8], u64),
    ) -> Result<usize, u64> {
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
