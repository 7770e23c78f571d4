//! What the columns of some rows say: numbers, amounts, times and whether an id is one, in order of the rows.

use super::columns::Grid;
use super::damage::Damage;
use super::mapping::Target;
use super::swar::{clock, decimals_like, few_decimals, few_digits};
use crate::calendar::{Day, Moment};
use crate::money::{MONEY_DECIMALS, Money, decimal};
use crate::usage::TokenCounts;

/// Numbers of a row that are read.
pub(super) const NUMBERS: [Target; 8] = [
    Target::Input,
    Target::CacheRead,
    Target::CacheWrite5m,
    Target::CacheWrite1h,
    Target::Output,
    Target::LatencyMs,
    Target::TtftMs,
    Target::Total,
];
pub(super) const LATENCY: usize = 5;
pub(super) const FIRST_TOKEN: usize = 6;
pub(super) const TOTAL: usize = 7;
/// Stands for a number that is not there; a row whose numbers are that large is out of the ordinary.
pub(super) const ABSENT: u64 = u64::MAX;

/// The day of the last row.
#[derive(Clone, Copy, Default)]
struct Date {
    text: [u8; 10],
    day: Option<Day>,
}

/// When a call began: microseconds since the epoch, the day, and the hour of it.
#[derive(Clone, Copy, Default)]
pub(super) struct Start {
    pub(super) micros: i64,
    pub(super) day: Day,
    pub(super) hour: u8,
}

/// What is known of the rows at hand, column by column.
#[derive(Default)]
pub(super) struct Batch {
    /// Rows out of the ordinary.
    pub(super) odd: Vec<bool>,
    pub(super) starts: Vec<Start>,
    pub(super) numbers: [Vec<u64>; NUMBERS.len()],
    /// Of rows that were settled, without the parts of others.
    pub(super) tokens: Vec<TokenCounts>,
    pub(super) billed: Vec<Option<Money>>,
    /// Digits behind the point of the last amount.
    fraction: u32,
    date: Date,
    /// What texts add to the signature, and those in which words are looked for.
    pub(super) shares: [Vec<u128>; 2],
    pub(super) flags: Vec<u64>,
    pub(super) end_users: Vec<u128>,
}

impl Batch {
    /// Makes room for rows. What each column writes for every row, or no column writes, stays as it is.
    pub(super) fn clear(&mut self, rows: usize) {
        fn reset<T: Copy>(values: &mut Vec<T>, rows: usize, value: T) {
            values.clear();
            values.resize(rows, value);
        }
        reset(&mut self.odd, rows, false);
        self.shares.iter_mut().for_each(|shares| reset(shares, rows, 0));
        reset(&mut self.flags, rows, 0);
        reset(&mut self.end_users, rows, 0);
        if self.starts.len() < rows {
            self.starts.resize(rows, Start::default());
            self.numbers.iter_mut().for_each(|numbers| numbers.resize(rows, ABSENT));
            self.tokens.resize(rows, TokenCounts::default());
            self.billed.resize(rows, None);
        }
    }

    pub(super) fn check(&mut self, grid: impl Grid, column: usize, is_odd: impl Fn(usize, usize) -> bool) {
        for (odd, (start, end)) in self.odd.iter_mut().zip(grid.spans(column, column)) {
            *odd |= is_odd(start, end);
        }
    }

    #[inline(never)]
    pub(super) fn numbers<G: Grid>(&mut self, number: usize, bytes: &[u8], grid: G, column: usize) {
        for ((value, odd), (start, end)) in
            self.numbers[number].iter_mut().zip(&mut self.odd).zip(grid.spans(column, column))
        {
            *value = match few_digits(bytes, start, end) {
                Some(number) => if start == end { ABSENT } else { number },
                None => unusual_number::<G>(bytes, start, end, odd),
            };
        }
    }

    #[inline(never)]
    pub(super) fn billed<G: Grid>(&mut self, bytes: &[u8], grid: G, column: usize) {
        const POWERS: [i128; MONEY_DECIMALS as usize + 1] = {
            let mut powers = [1; MONEY_DECIMALS as usize + 1];
            let mut power = 1;
            while power < powers.len() {
                powers[power] = powers[power - 1] * 10;
                power += 1;
            }
            powers
        };
        for ((billed, odd), (start, end)) in
            self.billed.iter_mut().zip(&mut self.odd).zip(grid.spans(column, column))
        {
            let like = decimals_like(bytes, start, end, self.fraction).map(|number| (number, self.fraction));
            let amount = like.or_else(|| {
                let (start, end) = G::bare(bytes, start, end);
                few_decimals(bytes, start, end)
            });
            *billed = amount.map(|(number, fraction)| {
                self.fraction = fraction;
                Money::from_units(i128::from(number) * POWERS[(MONEY_DECIMALS - fraction) as usize])
            });
            *odd |= amount.is_none() && start != end && G::bare(bytes, start, end).0 != G::bare(bytes, start, end).1;
        }
    }

    #[inline(never)]
    pub(super) fn times<G: Grid>(&mut self, bytes: &[u8], grid: G, column: usize) {
        let date = &mut self.date;
        for ((value, odd), (start, end)) in self.starts.iter_mut().zip(&mut self.odd).zip(grid.spans(column, column)) {
            let time = usual_time(&bytes[start..end], date).or_else(|| {
                let (start, end) = G::bare(bytes, start, end);
                usual_time(&bytes[start..end], date)
            });
            match time {
                Some(time) => *value = time,
                None => *odd = true,
            }
        }
    }

    #[inline(never)]
    pub(super) fn ids<G: Grid>(&mut self, bytes: &[u8], grid: G, column: usize, damage: Damage) {
        for (odd, (start, end)) in self.odd.iter_mut().zip(grid.spans(column, column)) {
            let (start, end) = G::bare(bytes, start, end);
            let text = &bytes[start..end];
            if Damage::may_be_in(text) {
                // Where two quotes stand for one the row is read as a whole.
                *odd |= !std::str::from_utf8(text).is_ok_and(|text| !damage.is_in(text) && !text.contains('"'));
            }
        }
    }
}

/// A number of other digits, or none.
#[cold]
#[inline(never)]
fn unusual_number<G: Grid>(bytes: &[u8], start: usize, end: usize, odd: &mut bool) -> u64 {
    let (start, end) = G::bare(bytes, start, end);
    if start == end {
        return ABSENT;
    }
    decimal::digits(&bytes[start..end]).unwrap_or_else(|| {
        *odd = true;
        ABSENT
    })
}

/// A time written as nearly all logs write it.
#[inline]
fn usual_time(text: &[u8], date: &mut Date) -> Option<Start> {
    let (day_text, rest) = text.split_first_chunk::<10>()?;
    let (b'T' | b' ', rest) = rest.split_first()? else { return None };
    let (clock_text, rest) = rest.split_first_chunk::<8>()?;
    let (hour, second) = clock(*clock_text)?;
    let micros = match rest {
        [b'Z'] => 0,
        [b'.', fraction @ .., b'Z'] => match fraction.as_chunks::<3>() {
            ([millis], []) => digits_of(*millis)? * 1000,
            ([millis, micros], []) => digits_of(*millis)? * 1000 + digits_of(*micros)?,
            _ => return None,
        },
        _ => return None,
    };
    if date.text != *day_text || date.day.is_none() {
        let day: Day = std::str::from_utf8(day_text).ok()?.parse().ok()?;
        // Both ends of the day are believable.
        for day in [day, day.next()] {
            Moment::from_seconds(day.start().micros() / 1_000_000).ok()?;
        }
        *date = Date { text: *day_text, day: Some(day) };
    }
    let day = date.day?;
    let micros =
        day.start().micros() + i64::from(hour) * 3_600_000_000 + i64::from(second) * 1_000_000 + i64::from(micros);
    Some(Start { micros, day, hour })
}

fn digits_of(text: [u8; 3]) -> Option<u32> {
    text.into_iter().try_fold(0, |number, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit < 10).then_some(number * 10 + u32::from(digit))
    })
}
