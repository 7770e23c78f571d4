//! A sum that any change of a cell, a column or a line makes another one.
//!
//! Role: cells → a number that every SQL engine can work out too. Those of lines add up, so their order means nothing, nor
//! does that of columns. It finds damage; it is no proof against someone who changes a file on purpose.

use std::iter::Sum;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use smallvec::SmallVec;

use super::{COLUMNS, column};

/// Hexadecimal digits of a hash that count: sums of as many lines as there may be stay below 2⁶⁴.
pub const DIGITS: usize = 9;

/// What stands behind each cell that is hashed.
const SEPARATOR: u8 = 31;

/// Of a line, or the sum of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Checksum(u64);

impl Checksum {
    /// Of a hash by its first digits, each modulo 10: engines have no number of 256 bits, and all can replace letters.
    fn of_digits(digits: impl Iterator<Item = u8>) -> Self {
        Self(digits.take(DIGITS).fold(0, |number, digit| number * 10 + u64::from(digit % 10)))
    }

    /// Of the hashes of end users, which are in a line as a set.
    pub fn of_end_users(hashes: &[u64]) -> Self {
        let digit = |hash: u64, at: usize| (hash >> (60 - 4 * at) & 15) as u8;
        hashes.iter().map(|hash| Self::of_digits((0..DIGITS).map(|at| digit(*hash, at)))).sum()
    }

    /// The same with other lines.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0.wrapping_add(other.0))
    }
}

impl Sum for Checksum {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Self::and)
    }
}

/// Columns that are hashed together, in the order of their names.
#[derive(Clone, Debug)]
pub struct HashedColumns(Vec<(usize, String)>);

impl HashedColumns {
    /// Of a line those by which rows are added up.
    pub fn keys(names: &[String]) -> Self {
        Self::of(names, is_key)
    }

    /// Of a `control` row the sums.
    pub fn sums(names: &[String]) -> Self {
        Self::of(names, is_sum)
    }

    fn of(names: &[String], is_hashed: impl Fn(&str) -> bool) -> Self {
        let mut columns: Vec<_> = names.iter().cloned().enumerate().filter(|(_, name)| is_hashed(name)).collect();
        columns.sort_by(|(_, one), (_, other)| one.cmp(other));
        Self(columns)
    }

    /// Their positions and names.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &str)> {
        self.0.iter().map(|(at, name)| (*at, name.as_str()))
    }

    /// Of the cells that are not empty, each by its column's position.
    pub fn checksum<'c>(&self, cell: impl Fn(usize) -> &'c str) -> Checksum {
        let mut text: SmallVec<[u8; 512]> = SmallVec::new();
        for (at, name) in self.iter() {
            let cell = cell(at);
            if !cell.is_empty() {
                text.extend_from_slice(name.as_bytes());
                text.push(b'=');
                text.extend_from_slice(cell.as_bytes());
                text.push(SEPARATOR);
            }
        }
        Checksum::of_digits(Sha256::digest(&text).iter().flat_map(|byte| [byte >> 4, byte & 15]))
    }
}

/// Whether rows are added up by a column: all but sums and what is no text of rows.
fn is_key(name: &str) -> bool {
    let is_key = |at| at == column!("fate") || (column!("day")..column!("end_users")).contains(&at);
    name.starts_with("tag.") || COLUMNS.iter().position(|known| *known == name).is_some_and(is_key)
}

/// Whether a column holds sums.
fn is_sum(name: &str) -> bool {
    let is_sum = |at| (column!("rows")..column!("latest")).contains(&at);
    COLUMNS.iter().position(|known| *known == name).is_some_and(is_sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_change_of_cells_is_another_sum() {
        let names = ["tag.a", "fate", "project", "model", "rows", "about"].map(ToOwned::to_owned);
        let keys = HashedColumns::keys(&names);
        let hashed: Vec<&str> = keys.iter().map(|(_, name)| name).collect();
        assert_eq!(hashed, ["fate", "model", "project", "tag.a"]);
        let of = |cells: [&'static str; 4]| keys.checksum(|at| cells[at]);
        let written = of(["x", "accepted", "p", "m"]);
        for changed in [
            ["x", "accepted", "m", "p"],
            ["x", "accepted", "", "m"],
            ["", "accepted", "px", "m"],
            ["x", "no-output", "p", "m"],
            ["x ", "accepted", "p", "m"],
        ] {
            assert_ne!(of(changed), written, "{changed:?}");
        }
        // `printf 'fate=accepted\037' | sha256sum` begins with dc9995751.
        assert_eq!(of(["", "accepted", "", ""]), Checksum(329_995_751));
        assert_eq!(Checksum::of_end_users(&[0x1234_5678_9abc_def0, 0xf000_0000_0000_0000]), Checksum(623_456_789));
    }
}
