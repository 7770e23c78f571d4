//! JSON on its way out, made safe to show block by block.

use std::io::{self, Write};

use crate::diagnostic::text::shown_json;

/// Bytes that are written at once.
const BLOCK: usize = 32 * 1024;

/// JSON on its way out: whole texts are gathered, made safe to show many at a time, and written.
pub(super) struct SafeBlocks<'o> {
    block: Vec<u8>,
    out: &'o mut dyn Write,
}

impl<'o> SafeBlocks<'o> {
    pub(super) fn new(out: &'o mut dyn Write) -> Self {
        Self { block: Vec::with_capacity(2 * BLOCK), out }
    }
}

impl Write for SafeBlocks<'_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.block.extend_from_slice(bytes);
        if self.block.len() < BLOCK { Ok(()) } else { self.flush() }
    }

    fn flush(&mut self) -> io::Result<()> {
        // No character is in two blocks, since each text comes at once.
        let block = std::str::from_utf8(&self.block).map_err(io::Error::other)?;
        self.out.write_all(shown_json(block).as_bytes())?;
        self.block.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_blocks_are_as_safe_as_one() {
        let texts: Vec<String> = (0..BLOCK).map(|at| format!("{at}\u{202e}é\u{7f}")).collect();
        let whole = serde_json::to_string_pretty(&texts).expect("JSON") + "\n";
        let safe = shown_json(&whole);
        assert!(safe.contains("\\u202eé\\u007f") && !safe.contains('\u{202e}'), "{}", &safe[..100]);
        assert_eq!(crate::report::json::text(&texts).expect("JSON"), safe);
    }
}
