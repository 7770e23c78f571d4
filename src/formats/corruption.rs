//! What shows that a value was damaged on its way, or is not what it looks like.

use wide::u8x16;

use super::mapping::TargetField;
use crate::diagnostic::text::is_hostile;

/// Characters that cannot stand in a value unless a file was damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IllegalChars {
    /// Anything may stand in a name; numbers and times are checked where they are read.
    None,
    /// Quotes, line breaks and what cannot be seen, in an id.
    Breaks,
    /// Those and separators, in a vendor's word.
    Separators,
}

impl IllegalChars {
    /// Whether a text shows such damage.
    pub fn is_in(self, text: &str) -> bool {
        // Characters are looked at only where there is a reason to.
        if !Self::may_be_in(text.as_bytes()) {
            return false;
        }
        text.contains(|character: char| match self {
            Self::None => false,
            Self::Breaks => character == '"' || is_hostile(character),
            Self::Separators => matches!(character, '"' | ',' | ';' | '|') || is_hostile(character),
        })
    }
}

impl IllegalChars {
    /// Whether a text holds anything that could be damage: a separator, a quote, or no printable character of ASCII.
    #[inline]
    pub fn may_be_in(text: &[u8]) -> bool {
        let odd = |chunk: &[u8; WIDTH]| {
            let bytes = u8x16::new(*chunk);
            let is = |byte: u8| bytes.simd_eq(u8x16::splat(byte));
            let printable = bytes.max(u8x16::splat(b' ')).min(u8x16::splat(b'~')).simd_eq(bytes);
            is(b'"') | is(b',') | is(b';') | is(b'|') | !printable
        };
        let Some(last) = text.last_chunk() else {
            let mut padded = [b' '; WIDTH];
            padded[..text.len()].copy_from_slice(text);
            return odd(&padded).to_bitmask() != 0;
        };
        let all = text.as_chunks().0.iter().fold(odd(last), |found, chunk| found | odd(chunk));
        all.to_bitmask() != 0
    }
}

/// Bytes looked at together.
const WIDTH: usize = 16;

impl TargetField {
    /// What shows that a text for this target is damaged.
    pub const fn damage(self) -> IllegalChars {
        match self {
            Self::Id => IllegalChars::Breaks,
            Self::Provider
            | Self::Model
            | Self::Geo
            | Self::Tier
            | Self::Batch
            | Self::GatewayHit
            | Self::Window
            | Self::Currency
            | Self::TokenClass => IllegalChars::Separators,
            _ => IllegalChars::None,
        }
    }
}

/// A name without the separators and brackets that damage put into it; nothing where there are none.
pub fn without_delimiters(name: &str) -> Option<String> {
    const SEPARATORS: [char; 12] = ['"', ',', ';', '|', '\t', '\n', '\r', '{', '}', '[', ']', ':'];
    name.contains(SEPARATORS).then(|| name.replace(SEPARATORS, ""))
}
