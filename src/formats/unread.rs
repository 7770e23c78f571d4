//! Usage keys that no mapping reads: found, so that none is dropped in silence.
//!
//! Role: which names count tokens, and the positive numbers that stand under them. What a mapping reads or declares is not
//! looked at here. A usage key is a number inside a vendor's usage object, or a column with `token` or `tokens` as a word
//! of its name (docs/specification.md, section 7).

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::nested::Entries;
use crate::money::{DecimalError, DecimalStyle, decimal};

/// Decimals that sums of unread numbers keep: a usage object may count seconds.
const DECIMALS: u32 = 18;

/// A usage key with a positive number that nothing reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadUsage {
    /// Its path.
    pub key: String,
    /// The number, in units of 10⁻¹⁸; nothing where it is too large for that.
    units: Option<i128>,
}

impl UnreadUsage {
    /// What a text says, if that is a positive number.
    pub(super) fn of(key: &str, text: &str) -> Option<Self> {
        let Positive(units) = positive(text)?;
        Some(Self { key: key.to_owned(), units })
    }
}

/// A positive number in units of 10⁻¹⁸; nothing in it where it is too large.
pub(super) struct Positive(Option<i128>);

/// What a text says, if that is a positive number.
pub(super) fn positive(text: &str) -> Option<Positive> {
    let text = text.trim();
    // A spreadsheet keeps a number as text by an apostrophe before it.
    let digits = text.strip_prefix(['+', '\'']).unwrap_or(text);
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        || !digits.contains(|digit: char| digit.is_ascii_digit() && digit != '0')
    {
        return None;
    }
    match decimal::parse_scaled(text, DECIMALS, DecimalStyle::Point) {
        Ok((units, _)) => (units > 0).then_some(Positive(Some(units))),
        // What begins like a number is one, even where it cannot be read.
        Err(DecimalError::Negative) => None,
        Err(_) => Some(Positive(None)),
    }
}

/// Rows and sum of an unread key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct UnreadSum {
    /// Rows in which it is positive.
    pub rows: u64,
    /// Nothing where it is too large to be told.
    units: Option<i128>,
}

impl UnreadSum {
    /// The sum in digits.
    pub fn text(&self) -> Option<String> {
        self.units.map(|units| decimal::plain(units, DECIMALS))
    }
}

/// Keys that are told apart; a file may have as many as it has rows.
const MOST_KEYS: usize = 100;
/// What the rest of them goes by.
const OTHER_KEYS: &str = "other keys";

/// Unread usage by key.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct UnreadKeys(BTreeMap<String, UnreadSum>);

impl UnreadKeys {
    /// Adds the keys of a row.
    pub fn add(&mut self, row: &[UnreadUsage]) {
        for (at, UnreadUsage { key, units }) in row.iter().enumerate() {
            let is_first = !row[..at].iter().any(|other| other.key == *key);
            self.add_sum(key, UnreadSum { rows: u64::from(is_first), units: *units });
        }
    }

    /// Adds those of another part of the same input.
    pub fn absorb(&mut self, other: Self) {
        for (key, sum) in other.0 {
            self.add_sum(&key, sum);
        }
    }

    fn add_sum(&mut self, key: &str, more: UnreadSum) {
        let key = if self.0.len() < MOST_KEYS || self.0.contains_key(key) { key } else { OTHER_KEYS };
        match self.0.get_mut(key) {
            Some(sum) => {
                sum.rows += more.rows;
                sum.units = sum.units.zip(more.units).and_then(|(one, other)| one.checked_add(other));
            }
            None => drop(self.0.insert(key.to_owned(), more)),
        }
    }

    /// All keys in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, UnreadSum)> {
        self.0.iter().map(|(key, sum)| (key.as_str(), *sum))
    }
}

/// The keys that lead to a value.
#[derive(Clone, Copy)]
pub(super) struct Trail<'t> {
    key: &'t str,
    up: Option<&'t Trail<'t>>,
}

impl<'t> Trail<'t> {
    pub(super) const fn of(key: &'t str) -> Self {
        Self { key, up: None }
    }

    pub(super) const fn step(&'t self, key: &'t str) -> Self {
        Self { key, up: Some(self) }
    }

    fn path(&self) -> String {
        match self.up {
            Some(up) => format!("{} > {}", up.path(), self.key),
            None => self.key.to_owned(),
        }
    }
}

/// All positive numbers in a value, at any depth. Whole numbers in quotes are numbers: JSON of 64-bit counts has them so.
pub(super) fn numbers(raw: &str, trail: Trail<'_>, found: &mut Vec<UnreadUsage>) {
    let raw = raw.trim();
    match raw.as_bytes().first() {
        Some(b'{') => {
            let Entries(entries) = serde_json::from_str(raw).unwrap_or_default();
            for (key, value) in entries {
                numbers(value.get(), trail.step(&key), found);
            }
        }
        Some(b'[') => {
            let parts: Vec<&RawValue> = serde_json::from_str(raw).unwrap_or_default();
            for part in parts {
                numbers(part.get(), trail, found);
            }
        }
        Some(b'"') => {
            let text = raw.trim_matches('"');
            if text.bytes().all(|byte| byte.is_ascii_digit()) {
                found.extend(UnreadUsage::of(&trail.path(), text));
            }
        }
        _ => found.extend(positive(raw).map(|Positive(units)| UnreadUsage { key: trail.path(), units })),
    }
}

/// The same of what counts tokens by its name, or by that of an object it stands in.
pub(super) fn tokens_in(raw: &str, trail: Trail<'_>, found: &mut Vec<UnreadUsage>) {
    if raw.starts_with('{') {
        let Entries(entries) = serde_json::from_str(raw).unwrap_or_default();
        for (key, value) in entries {
            let look = if counts_tokens(&key) { numbers } else { tokens_in };
            look(value.get(), trail.step(&key), found);
        }
    }
}

/// Whether a name has `token` or `tokens` among its words, which end at case and at what is no letter.
pub(super) fn counts_tokens(name: &str) -> bool {
    words(name).any(|word| word.eq_ignore_ascii_case("token") || word.eq_ignore_ascii_case("tokens"))
}

/// Whether a name has `usage` among its words: an object of that name is one of usage.
pub(super) fn names_usage(name: &str) -> bool {
    words(name).any(|word| word.eq_ignore_ascii_case("usage"))
}

fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|letter: char| !letter.is_alphanumeric()).flat_map(|part| {
        let mut begin = 0;
        let mut ends: Vec<usize> = Vec::new();
        let letters: Vec<(usize, char)> = part.char_indices().collect();
        for pair in letters.windows(2) {
            let ((_, before), (at, letter)) = (pair[0], pair[1]);
            if before.is_lowercase() && letter.is_uppercase() || before.is_numeric() != letter.is_numeric() {
                ends.push(at);
            }
        }
        ends.push(part.len());
        ends.into_iter().map(move |end| {
            let word = &part[begin..end];
            begin = end;
            word
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_at_case_and_at_what_is_no_letter() {
        for name in
            ["promptTokens", "n_context_tokens_total", "Input Tokens", "tokens2", "TOKENS", "token", "a.tokens.b"]
        {
            assert!(counts_tokens(name), "{name}");
        }
        for name in ["tokenizer", "broken", "detokens", "", "usage"] {
            assert!(!counts_tokens(name), "{name}");
        }
        assert!(names_usage("providedUsageDetails") && !names_usage("usages"));
    }

    #[test]
    fn positive_numbers_at_any_depth() {
        let mut found = Vec::new();
        let value =
            r#"{"a": 0, "b": {"c": 1.5, "d": "12", "e": "x12", "f": [2, {"g": 3}, null, -4, true]}, "h": 1e99}"#;
        numbers(value, Trail::of("usage"), &mut found);
        let found: Vec<_> = found.iter().map(|unread| (unread.key.as_str(), unread.units)).collect();
        let one = 10_i128.pow(DECIMALS);
        assert_eq!(
            found,
            [
                ("usage > b > c", Some(one * 3 / 2)),
                ("usage > b > d", Some(one * 12)),
                ("usage > b > f", Some(one * 2)),
                ("usage > b > f > g", Some(one * 3)),
                ("usage > h", None),
            ]
        );
    }

    #[test]
    fn keys_are_bounded() {
        let mut keys = UnreadKeys::default();
        for number in 0..300 {
            keys.add(&[UnreadUsage { key: format!("key {number}"), units: Some(1) }]);
        }
        assert_eq!(keys.iter().count(), MOST_KEYS + 1);
        assert_eq!(keys.iter().map(|(_, sum)| sum.rows).sum::<u64>(), 300);
    }
}
