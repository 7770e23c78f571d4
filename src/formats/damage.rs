//! What shows that a value was damaged on its way.

use super::mapping::Target;

/// Characters that cannot stand in a value unless a file was damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// Anything may stand in a name; numbers and times are checked where they are read.
    None,
    /// Quotes and line breaks, in an id.
    Breaks,
    /// Those and separators, in a vendor's word.
    Separators,
}

impl Damage {
    /// Whether a text shows such damage.
    pub fn is_in(self, text: &str) -> bool {
        // Looking at all bytes, without stopping early, is quick; characters are looked at only where there is a reason to.
        let is_odd = |byte: u8| matches!(byte, b'"' | b',' | b';' | b'|') | !(b' '..=b'~').contains(&byte);
        if !text.bytes().fold(false, |odd, byte| odd | is_odd(byte)) {
            return false;
        }
        text.contains(|character: char| match self {
            Self::None => false,
            Self::Breaks => character == '"' || character.is_control(),
            Self::Separators => matches!(character, '"' | ',' | ';' | '|') || character.is_control(),
        })
    }
}

impl Target {
    /// What shows that a text for this target is damaged.
    pub const fn damage(self) -> Damage {
        match self {
            Self::Id => Damage::Breaks,
            Self::Provider
            | Self::Model
            | Self::Geo
            | Self::Tier
            | Self::Batch
            | Self::GatewayHit
            | Self::Window
            | Self::Currency
            | Self::TokenClass => Damage::Separators,
            _ => Damage::None,
        }
    }
}
