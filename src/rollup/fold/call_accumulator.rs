//! Sums of single calls, in one line of the processor's memory a key.
//!
//! Role: what most rows of a log add is small, so it is added up in little room and carried over where that gets full.

use hashbrown::HashTable;

use super::{CachedKey, DailyKey, Folder, HashPart, KeyCache, Signature, Unsummable, check_keys};
use crate::calendar::Day;
use crate::maps::next_number;
use crate::money::{Money, Overflow};
use crate::rollup::times::{HourSums, Times, hour_of_week};
use crate::rollup::{Cell, ChargeId, DailySums, Direction, LineSums, Rollup, TextId};
use crate::usage::{PerClass, TokenClass, TokenCounts, UsageRecord};

/// What a single call, of which the place is known, adds.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// Its tokens.
    pub tokens: TokenCounts,
    /// What it was billed, in 10⁻¹⁸ USD.
    pub billed: Option<u64>,
    /// The UTC day on which it began.
    pub day: Day,
    /// The UTC hour.
    pub hour: u8,
    /// A hash of the end user, by [`super::Context::end_users`].
    pub end_user: Option<u64>,
}

/// Sums over calls.
#[derive(Clone, Debug, Default)]
#[repr(align(64))]
pub(super) struct CallAccumulator {
    tokens: [u64; 5],
    billed: u64,
    /// Days with a call, from the first of the span of 64 days on.
    days: u64,
    span: i32,
    rows: u32,
}

impl CallAccumulator {
    /// Adds a call; whether there was room. Of tokens there always is: so many calls of the most that one is believed to have
    /// (10⁹) are less than 2⁶³.
    #[inline]
    fn add(&mut self, call: &Call) -> bool {
        let (span, day) = (call.day.number() >> 6, call.day.number() & 63);
        let (billed, overflows) = self.billed.overflowing_add(call.billed.unwrap_or(0));
        if overflows || self.rows == u32::MAX || (span != self.span && self.rows != 0) {
            return false;
        }
        for (sum, more) in self.tokens.iter_mut().zip(call.tokens.0) {
            *sum = sum.wrapping_add(more);
        }
        (self.billed, self.span) = (billed, span);
        self.days |= 1 << day;
        self.rows = self.rows.wrapping_add(1);
        true
    }

    fn billed(&self) -> Money {
        Money::from_units(i128::from(self.billed))
    }
}

impl Cell {
    fn take(&mut self, accumulator: &CallAccumulator) -> Result<(), Overflow> {
        self.rows += u64::from(accumulator.rows);
        self.requests = self.requests.checked_add(u64::from(accumulator.rows)).ok_or(Overflow)?;
        self.tokens.take(accumulator)?;
        self.billed = self.billed.add(accumulator.billed())?;
        self.days.insert_span(accumulator.span, accumulator.days);
        Ok(())
    }

    /// A call that no accumulator has room for.
    fn add_call(&mut self, call: &Call) -> Result<(), Overflow> {
        self.rows += 1;
        self.requests = self.requests.checked_add(1).ok_or(Overflow)?;
        self.tokens.add(&call.tokens)?;
        self.billed = self.billed.with(call.billed.map(|units| Money::from_units(units.into())))?;
        self.days.insert(call.day, call.day);
        Ok(())
    }
}

impl DailySums {
    fn take(&mut self, accumulator: &CallAccumulator) -> Result<(), Overflow> {
        self.rows += u64::from(accumulator.rows);
        self.tokens.take(accumulator)?;
        self.billed = self.billed.add(accumulator.billed())?;
        Ok(())
    }

    fn add_call(&mut self, call: &Call) -> Result<(), Overflow> {
        self.rows += 1;
        self.tokens.add(&call.tokens)?;
        self.billed = self.billed.with(call.billed.map(|units| Money::from_units(units.into())))?;
        Ok(())
    }
}

impl PerClass<u128> {
    fn take(&mut self, accumulator: &CallAccumulator) -> Result<(), Overflow> {
        self.add(&PerClass(accumulator.tokens))
    }

    /// Adds counts of tokens.
    pub(in crate::rollup) fn add(&mut self, more: &TokenCounts) -> Result<(), Overflow> {
        for class in TokenClass::ALL {
            self[class] = self[class].checked_add(u128::from(more[class])).ok_or(Overflow)?;
        }
        Ok(())
    }
}

/// Tallies by day, charge and whether there is a bill.
#[derive(Debug, Default)]
pub(super) struct ByDay {
    numbers: Vec<u64>,
    accumulators: Vec<CallAccumulator>,
    places: HashTable<u32>,
    /// Places that were asked for lately.
    recent: Vec<(u64, u32)>,
}

/// Places that are remembered: rows of a log come day by day.
const RECENT: usize = 1024;

impl ByDay {
    pub(super) fn reserve(&mut self, more: usize) {
        self.accumulators.reserve(more);
    }

    fn number(day: Day, charge: ChargeId, billed: bool) -> u64 {
        u64::from(day.number().cast_unsigned()) << 32 | u64::from(charge) << 1 | u64::from(billed)
    }

    #[expect(clippy::cast_possible_truncation, reason = "the number was made of them")]
    fn key(number: u64) -> DailyKey {
        DailyKey {
            day: Day::from_number(((number >> 32) as u32).cast_signed()),
            charge: (number as u32) >> 1,
            billed: number & 1 != 0,
            credit: false,
        }
    }

    /// The upper bits of the product depend on all of the number.
    const fn hash(number: u64) -> u64 {
        let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ mixed >> 32
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a part of a hash")]
    fn accumulator(&mut self, number: u64) -> &mut CallAccumulator {
        let hash = Self::hash(number);
        if self.recent.is_empty() {
            self.recent.resize(RECENT, (0, u32::MAX));
        }
        let recent = &mut self.recent[hash as usize % RECENT];
        if recent.0 != number || recent.1 == u32::MAX {
            let numbers = &mut self.numbers;
            let known = self.places.find(hash, |place| numbers[*place as usize] == number).copied();
            let place = known.unwrap_or_else(|| {
                let place = next_number(numbers.len());
                numbers.push(number);
                self.accumulators.push(CallAccumulator::default());
                self.places.insert_unique(hash, place, |place| Self::hash(numbers[*place as usize]));
                place
            });
            *recent = (number, place);
        }
        &mut self.accumulators[recent.1 as usize]
    }
}

impl Folder<'_> {
    /// Where a call with this signature is added up, if one was judged before. `words` are asked for only where they decide.
    #[inline]
    pub fn known_place(&mut self, signature: Signature, words: impl FnOnce(&mut Self) -> HashPart) -> Option<u32> {
        match self.known.get(signature)? {
            CachedKey::Place(place) => Some(place),
            CachedKey::Words => {
                let words = words(self);
                match self.known.get(signature.with_words(words))? {
                    CachedKey::Place(place) => Some(place),
                    CachedKey::Words => None,
                }
            }
        }
    }

    /// Reads where a signature is looked for. Of many at once, waiting for memory overlaps.
    #[inline]
    pub fn touch(&self, signature: Signature) -> u32 {
        self.known.touch(signature)
    }

    /// The same of the sums of a place.
    #[inline]
    pub fn touch_sums(&self, place: u32) -> u32 {
        self.accumulators.get(place as usize).map_or(0, |accumulator| accumulator.rows)
    }

    /// The name of the provider of all calls of a place.
    #[inline]
    pub fn provider_at(&self, place: u32) -> TextId {
        self.about[place as usize].1
    }

    /// What an end user is known by.
    pub fn end_user(&self, name: &str) -> u64 {
        self.context.end_users.hash(name)
    }

    /// Fails where there are more sums than the run may have.
    pub fn check_keys(&self) -> Result<(), Unsummable> {
        check_keys(self.about.len(), self.daily.len().max(self.by_day.numbers.len()), &self.rollup.texts, self.context)
    }

    /// Adds a call whose place is known.
    #[inline]
    pub fn add_call(&mut self, place: u32, call: &Call) -> Result<(), Unsummable> {
        let at = place as usize;
        if self.accumulators.len() <= at {
            self.accumulators.resize(self.about.len(), CallAccumulator::default());
        }
        if !self.accumulators[at].add(call) {
            let full = std::mem::take(&mut self.accumulators[at]);
            self.cell(place).take(&full)?;
            if !self.accumulators[at].add(call) {
                self.cell(place).add_call(call)?;
            }
        }
        if let Some(user) = call.end_user {
            self.users(place).insert(user);
        }
        if self.context.times {
            self.add_call_times(place, call)?;
        }
        if self.context.daily {
            let number = ByDay::number(call.day, self.about[at].0, call.billed.is_some());
            let accumulator = self.by_day.accumulator(number);
            if !accumulator.add(call) {
                let sums = self.daily.entry(ByDay::key(number)).or_default();
                sums.take(&std::mem::take(accumulator))?;
                if !accumulator.add(call) {
                    sums.add_call(call)?;
                }
            }
        }
        Ok(())
    }

    /// The same by time.
    fn add_call_times(&mut self, place: u32, call: &Call) -> Result<(), Unsummable> {
        let hour = call.day.start().weekday() * 24 + call.hour;
        let tokens = PerClass(call.tokens.0.map(u128::from));
        let charge = self.about[place as usize].0;
        self.hours.entry((hour, charge)).or_default().merge(&HourSums { calls: 1, tokens }, Direction::Add)?;
        if let Some(days) = &mut self.days {
            days.entry((place, call.day)).or_default().add_call(call)?;
        }
        self.days.take_if(|days| days.len() > self.context.most_keys);
        Ok(())
    }

    /// Adds the rows of a line to the sums by time.
    pub(super) fn add_line_times(
        &mut self,
        place: u32,
        record: &UsageRecord<'_>,
        sums: &LineSums,
        daily: &DailySums,
    ) -> Result<(), Unsummable> {
        let day = record.start.day();
        if let Some(hour) = sums.hour {
            let hours =
                self.hours.entry((record.start.weekday() * 24 + hour, self.about[place as usize].0)).or_default();
            let sums = HourSums { calls: sums.cell.requests, tokens: sums.cell.tokens };
            hours.merge(&sums, Direction::Add)?;
        }
        self.spread += if record.last_moment().day() == day { 0 } else { sums.cell.rows };
        if let Some(days) = &mut self.days {
            days.entry((place, day)).or_default().merge(daily, Direction::Add)?;
        }
        self.days.take_if(|days| days.len() > self.context.most_keys);
        Ok(())
    }

    /// Adds a row to the sums by time.
    pub(super) fn add_times(&mut self, place: u32, record: &UsageRecord<'_>) -> Result<(), Unsummable> {
        if let Some(hour) = hour_of_week(record) {
            self.hours.entry((hour, self.keys[place as usize].charge)).or_default().add(record)?;
        }
        let day = record.start.day();
        self.spread += u64::from(record.last_moment().day() != day);
        if let Some(days) = &mut self.days {
            days.entry((place, day)).or_default().add(record)?;
        }
        // More in one part are more in the whole, so that the number of threads decides nothing.
        self.days.take_if(|days| days.len() > self.context.most_keys);
        Ok(())
    }

    /// The rollup of all rows.
    pub fn finish(mut self) -> Result<Rollup, Unsummable> {
        self.settle()?;
        if self.context.times {
            let times = self.rollup.times.get_or_insert_with(Times::new);
            times.spread += self.spread;
            times.merge_hours(self.hours.into_iter(), Direction::Add)?;
            times.merge_days(self.days, Direction::Add, self.context.most_keys)?;
        }
        self.cells.resize(self.about.len(), Cell::default());
        let (keys, cells) = (self.keys.into(), self.cells.into());
        Ok(Rollup { keys, cells, shared: self.shared, daily: self.daily, ..self.rollup })
    }

    /// Takes all accumulators into the sums, and lets go of what only rows need. A thread does so at the end of its own rows.
    pub fn settle(&mut self) -> Result<(), Unsummable> {
        self.known = KeyCache::of(0);
        for (accumulator, id) in std::mem::take(&mut self.accumulators).iter().zip(0..) {
            if accumulator.rows > 0 {
                self.cell(id).take(accumulator)?;
            }
        }
        let by_day = std::mem::take(&mut self.by_day);
        self.daily.reserve(by_day.numbers.len());
        for (number, accumulator) in
            by_day.numbers.iter().zip(&by_day.accumulators).filter(|(_, accumulator)| accumulator.rows > 0)
        {
            self.daily.entry(ByDay::key(*number)).or_default().take(accumulator)?;
        }
        self.check_keys()
    }
}
