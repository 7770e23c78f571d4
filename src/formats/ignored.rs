//! Keys of JSON rows that mean nothing to a mapping, so that a slip of the pen is found as it is in a header, and names
//! under which a vendor writes what its sums are grouped by, as far as the mapping does not know them.
//!
//! Role: the first of them in order of names, whatever order they come in. Of what a vendor writes besides, nothing is a slip.

/// Keys that are kept; an object may have any number.
const MOST_KEYS: usize = 100;

/// Keys in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct IgnoredKeys(Vec<String>);

impl IgnoredKeys {
    /// Adds a key; one that is known costs nothing.
    pub fn add(&mut self, key: &str) {
        if let Err(at) = self.0.binary_search_by(|known| known.as_str().cmp(key))
            && at < MOST_KEYS
        {
            self.0.insert(at, key.to_owned());
            self.0.truncate(MOST_KEYS);
        }
    }

    /// Adds those of other rows.
    pub fn extend(&mut self, keys: &[String]) {
        for key in keys {
            self.add(key);
        }
    }

    /// Forgets them.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// All of them.
    pub fn names(&self) -> &[String] {
        &self.0
    }
}
