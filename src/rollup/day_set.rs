//! A set of days, which merges with others in any order.

use smallvec::SmallVec;

use crate::calendar::{Day, Period};

/// A set of days, as bits from a first day on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DaySet {
    first_word: i32,
    words: SmallVec<[u64; 2]>,
}

/// As the first and the last day of each run of days.
impl serde::Serialize for DaySet {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut runs: Vec<(Day, Day)> = Vec::new();
        for day in self.days() {
            match runs.last_mut() {
                Some((_, last)) if last.next() == day => *last = day,
                _ => runs.push((day, day)),
            }
        }
        runs.serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for DaySet {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// Longer than any log: a set has a bit for each day from its first to its last.
        const MOST_DAYS: i32 = 1 << 20;
        let mut set = Self::default();
        for (first, last) in Vec::<(Day, Day)>::deserialize(deserializer)? {
            if last < first || last.number() > MOST_DAYS || first.number() < -MOST_DAYS {
                return Err(serde::de::Error::custom("no run of days"));
            }
            set.insert(first, last);
        }
        Ok(set)
    }
}

impl DaySet {
    /// Adds all days from the first to the last.
    pub fn insert(&mut self, first: Day, last: Day) {
        let [(word, bit), (last_word, last_bit)] =
            [first, last].map(|day| (day.number().div_euclid(64), day.number().rem_euclid(64)));
        for at in word..=last_word {
            let from = if at == word { u64::MAX << bit } else { u64::MAX };
            let to = if at == last_word { u64::MAX >> (63 - last_bit) } else { u64::MAX };
            self.insert_span(at, from & to);
        }
    }

    /// The runs of days of a period that are not in the set.
    pub fn gaps(&self, period: Period) -> Vec<Period> {
        let mut gaps: Vec<Period> = Vec::new();
        let days = (period.from.number()..=period.to.number()).map(Day::from_number);
        for day in days.filter(|day| !self.contains(*day)) {
            match gaps.last_mut() {
                Some(gap) if gap.to.next() == day => gap.to = day,
                _ => gaps.push(Period { from: day, to: day }),
            }
        }
        gaps
    }

    fn contains(&self, day: Day) -> bool {
        let word = usize::try_from(day.number().div_euclid(64) - self.first_word).ok();
        let bits = word.and_then(|word| self.words.get(word));
        bits.is_some_and(|bits| bits >> day.number().rem_euclid(64) & 1 == 1)
    }

    /// Adds days of a span of 64, which begins at day 64 × `word`.
    pub(in crate::rollup) fn insert_span(&mut self, word: i32, days: u64) {
        if days != 0 {
            *self.word_mut(word) |= days;
        }
    }

    /// The days of the set that a function wants.
    #[must_use]
    pub fn filtered(&self, wanted: impl Fn(Day) -> bool) -> Self {
        let mut kept = Self::default();
        self.days().filter(|day| wanted(*day)).for_each(|day| kept.insert(day, day));
        kept
    }

    fn days(&self) -> impl Iterator<Item = Day> {
        let first = self.first_word * 64;
        let end = first + i32::try_from(self.words.len()).unwrap_or(0) * 64;
        (first..end).map(Day::from_number).filter(|day| self.contains(*day))
    }

    /// Number of days in the set.
    pub fn len(&self) -> u64 {
        self.words.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds all days of another set.
    pub fn absorb(&mut self, other: &Self) {
        for (word, bits) in (other.first_word..).zip(&other.words) {
            if *bits != 0 {
                *self.word_mut(word) |= bits;
            }
        }
    }

    fn word_mut(&mut self, word: i32) -> &mut u64 {
        if self.words.is_empty() {
            self.first_word = word;
        }
        if let Ok(missing @ 1..) = usize::try_from(self.first_word - word) {
            self.words.insert_many(0, std::iter::repeat_n(0, missing));
            self.first_word = word;
        }
        let index = usize::try_from(word - self.first_word).unwrap_or(0);
        if index >= self.words.len() {
            self.words.resize(index + 1, 0);
        }
        &mut self.words[index]
    }
}
