//! Maps from keys in files to numbers of ours.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use foldhash::fast::RandomState;
use indexmap::IndexMap;

/// A map that many rows are looked up in. Its hash is drawn anew for each run, so no file can be made to fill one place
/// of it, and it takes a fraction of the time of the standard one. In no order: nothing shown may depend on it.
pub type FastMap<K, V> = HashMap<K, V, RandomState>;

/// The same with its entries side by side, for what is walked more often than looked up.
pub type DenseMap<K, V> = IndexMap<K, V, RandomState>;

/// The number of the next entry of a table that is so long. Past the last number all entries get that one, and the run
/// ends: `rollup::check_keys` stops it at far fewer keys, each of which takes one entry of its tables at most, and at as many
/// texts as there are numbers.
pub fn next_number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// A set of the same kind.
pub type FastSet<K> = HashSet<K, RandomState>;

/// A value that its copies share until one of them is changed: the rollups of a plan differ in prices, and have the same
/// sums and texts.
#[derive(Clone, Debug, Default)]
pub struct CopyOnWrite<T>(Arc<T>);

impl<T> From<T> for CopyOnWrite<T> {
    fn from(value: T) -> Self {
        Self(Arc::new(value))
    }
}

impl<T> Deref for CopyOnWrite<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone> DerefMut for CopyOnWrite<T> {
    fn deref_mut(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }
}

impl<T> CopyOnWrite<T> {
    /// What is in it.
    pub fn iter<'c>(&'c self) -> <&'c T as IntoIterator>::IntoIter
    where
        &'c T: IntoIterator,
    {
        (&*self.0).into_iter()
    }
}

impl<'c, T> IntoIterator for &'c CopyOnWrite<T>
where
    &'c T: IntoIterator,
{
    type Item = <&'c T as IntoIterator>::Item;
    type IntoIter = <&'c T as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Values that many rows have alike, each kept once.
#[derive(Debug)]
pub struct Interned<T: ?Sized>(FastSet<Arc<T>>);

impl<T: ?Sized> Default for Interned<T> {
    fn default() -> Self {
        Self(FastSet::default())
    }
}

impl<T: ?Sized + Eq + Hash> Interned<T> {
    /// The one that is equal to a value.
    pub fn get<'t>(&mut self, value: &'t T) -> Arc<T>
    where
        Arc<T>: From<&'t T>,
    {
        let known = self.0.get(value).cloned();
        known.unwrap_or_else(|| {
            let value: Arc<T> = value.into();
            self.0.insert(Arc::clone(&value));
            value
        })
    }
}
