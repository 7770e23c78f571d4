//! What tells the contents of one file from those of another, in any later run.
//!
//! Role: bytes, once unpacked, → 128 bits, whatever they were packed in and in whatever order they were read. It is no
//! proof against someone who makes two files alike on purpose.

use std::fmt;
use std::hash::Hasher as _;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128 as _, SipHasher13};

/// Bytes that are hashed by themselves. Reading takes whole pieces at a time.
pub const PIECE: usize = 128 * 1024;
/// So many pieces are hashed whole …
const WHOLE: u64 = 32;
/// … and of later ones so many bytes at their begin: to hash all of a large file would take a tenth of its time.
const SAMPLE: usize = 4 * 1024;
/// The number of what stands before the first piece: a header, and lines above it.
const BEFORE: u64 = u64::MAX;

/// A hash of some pieces. Those of different pieces add up to that of the whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContentHash(u128);

impl ContentHash {
    /// Of what stands before the first piece.
    pub fn of_start(bytes: &[u8]) -> Self {
        Self::of_piece(BEFORE, bytes, bytes)
    }

    /// Of some bytes that begin with a piece, by its number.
    pub fn of_pieces(first: u64, bytes: &[u8]) -> Self {
        let pieces = (first..).zip(bytes.chunks(PIECE));
        pieces.fold(Self::default(), |sum, (number, piece)| {
            let sample = if number < WHOLE { piece } else { &piece[..piece.len().min(SAMPLE)] };
            sum.and(Self::of_piece(number, piece, sample))
        })
    }

    fn of_piece(number: u64, piece: &[u8], sample: &[u8]) -> Self {
        let mut hasher = SipHasher13::new();
        hasher.write(&number.to_le_bytes());
        hasher.write(&(piece.len() as u64).to_le_bytes());
        hasher.write(sample);
        Self(hasher.finish128().as_u128())
    }

    /// The same with other pieces.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0.wrapping_add(other.0))
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl From<ContentHash> for String {
    fn from(hash: ContentHash) -> Self {
        hash.to_string()
    }
}

impl FromStr for ContentHash {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        u128::from_str_radix(text, 16).map(Self).map_err(|_| format!("`{text}` is no hash of 32 hexadecimal digits"))
    }
}

impl TryFrom<String> for ContentHash {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_read_together_or_apart_are_one_content() {
        let bytes: Vec<u8> = (0..PIECE * 40 + 77).map(|at| u8::try_from(at * 31 % 251).expect("a byte")).collect();
        let whole = ContentHash::of_pieces(0, &bytes);
        let (head, tail) = bytes.split_at(PIECE * 4);
        assert_eq!(ContentHash::of_pieces(4, tail).and(ContentHash::of_pieces(0, head)), whole);
        assert_eq!(whole.to_string().parse(), Ok(whole));
        // The first bytes all count, and so does the length of the rest.
        for at in [0, SAMPLE + 1, PIECE * 31 + SAMPLE + 1, PIECE * 39 + 1] {
            let mut other = bytes.clone();
            other[at] ^= 1;
            assert_ne!(ContentHash::of_pieces(0, &other), whole, "{at}");
        }
        assert_ne!(ContentHash::of_pieces(0, &bytes[..bytes.len() - 1]), whole);
        assert_ne!(whole.and(ContentHash::of_start(b"model\n")), whole);
        // Known in a later run, and on another machine.
        assert_eq!(ContentHash::of_start(b"model\n").to_string(), "43641040379e99b354a9afe3519f1971");
    }
}
