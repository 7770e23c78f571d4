//! Shares and lengths of time in words, for reasons and for pages.

use crate::money::{Exact, rounded_text};

/// A share in percent, to a tenth.
pub fn percent(share: &Exact) -> String {
    format!("{} %", rounded_text(&(share * Exact::from_integer(100.into())), 1))
}

/// A length of time to the nearest minute, and no less than one.
pub fn span(ms: u64) -> String {
    let minutes = (ms.saturating_add(30_000) / 60_000).max(1);
    match minutes {
        1 => "1 minute".to_owned(),
        0..120 => format!("{minutes} minutes"),
        _ if minutes.is_multiple_of(60) => format!("{} hours", minutes / 60),
        _ => format!("{} h {} min", minutes / 60, minutes % 60),
    }
}
