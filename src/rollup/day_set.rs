//! A set of days, which merges with others in any order.

use smallvec::SmallVec;

use crate::calendar::{Day, Period};

/// A set of days, as bits from a first day on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DaySet {
    first_word: i32,
    words: SmallVec<[u64; 2]>,
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
