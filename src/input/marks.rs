//! The bytes of CSV that matter, found 64 at a time.

use wide::u8x16;

/// Bytes looked at together.
pub(super) const WORD: usize = 64;

/// The bytes of a word that matter, one bit each.
#[derive(Clone, Copy)]
pub(super) struct Marks {
    pub(super) delimiters: u64,
    pub(super) feeds: u64,
    /// Quotes and carriage returns.
    pub(super) others: u64,
}

impl Marks {
    #[inline]
    pub(super) fn of(word: &[u8; WORD], delimiter: u8) -> Self {
        let mut marks = Self { delimiters: 0, feeds: 0, others: 0 };
        for (quarter, bytes) in word.as_chunks::<16>().0.iter().enumerate() {
            let bytes = u8x16::new(*bytes);
            let bits = |found: u8x16| u64::from(found.to_bitmask()) << (quarter * 16);
            let equal = |byte: u8| bytes.simd_eq(u8x16::splat(byte));
            marks.delimiters |= bits(equal(delimiter));
            marks.feeds |= bits(equal(b'\n'));
            marks.others |= bits(equal(b'"') | equal(b'\r'));
        }
        marks
    }

    /// Without those from a byte on.
    pub(super) const fn before(self, end: usize) -> Self {
        let kept = !(!0_u64 << end);
        Self { delimiters: self.delimiters & kept, feeds: self.feeds & kept, others: self.others & kept }
    }
}
