//! What the columns of some rows say: numbers, amounts, times and whether an id is one, in order of the rows.

#![expect(clippy::inline_always, reason = "measured: without it a log of ten million rows takes a sixth longer")]

use super::corruption::IllegalChars;
use super::grid::Grid;
use super::mapping::TargetField;
use super::swar::{clock, decimals_like, few_decimals, few_digits};
use super::tokens::MOST_TOKENS_A_CALL;
use crate::calendar::{Day, Moment};
use crate::money::{MONEY_DECIMALS, decimal};
use crate::usage::{PerClass, TokenClass, TokenCounts};

/// Numbers of a row that are read.
pub(super) const NUMBERS: [TargetField; 8] = [
    TargetField::Input,
    TargetField::CacheRead,
    TargetField::CacheWrite5m,
    TargetField::CacheWrite1h,
    TargetField::Output,
    TargetField::LatencyMs,
    TargetField::TtftMs,
    TargetField::Total,
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
    /// In 10⁻¹⁸ USD, or [`ABSENT`].
    pub(super) billed: Vec<u64>,
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
            self.billed.resize(rows, ABSENT);
        }
    }

    /// Takes the parts of the input out of it, by class all ones for a part, and marks rows whose numbers are out of the
    /// ordinary. Once for all rows that were read.
    #[inline(never)]
    pub(super) fn settle(&mut self, rows: usize, parts: [u64; TokenClass::ALL.len()], flags_of_odd: u64) {
        let Self { odd, numbers, tokens, flags, .. } = self;
        let numbers = numbers.each_ref().map(|numbers| &numbers[..rows]);
        for (row, ((odd, flags), tokens)) in odd.iter_mut().zip(flags).zip(tokens).enumerate() {
            let stated: [u64; TokenClass::ALL.len()] = std::array::from_fn(|class| numbers[class][row]);
            let mut counts = stated.map(|count| if count == ABSENT { 0 } else { count });
            // What is not there is too large to be true as well.
            let input_and_output = stated[TokenClass::Input as usize].max(stated[TokenClass::Output as usize]);
            let largest = counts.into_iter().fold(input_and_output, u64::max);
            let input = counts[TokenClass::Input as usize];
            let of_parts =
                counts.into_iter().zip(parts).fold(0, |sum: u64, (count, part)| sum.wrapping_add(count & part));
            counts[TokenClass::Input as usize] = input.wrapping_sub(of_parts);
            // Where the usual convention does not meet a stated total, another may.
            let all = counts.into_iter().fold(0, u64::wrapping_add);
            let total = numbers[TOTAL][row];
            // One by one, since a branch costs more than a comparison.
            *odd |= *flags & flags_of_odd != 0;
            *odd |= largest > MOST_TOKENS_A_CALL;
            *odd |= of_parts > input;
            *odd |= total != ABSENT && total != all;
            *tokens = PerClass(counts);
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
                Some(number) => {
                    if start == end {
                        ABSENT
                    } else {
                        number
                    }
                }
                None => unusual_number::<G>(bytes, start, end, odd),
            };
        }
    }

    #[inline(never)]
    pub(super) fn billed<G: Grid>(&mut self, bytes: &[u8], grid: G, column: usize) {
        const POWERS: [u64; MONEY_DECIMALS as usize + 1] = {
            let mut powers = [1; MONEY_DECIMALS as usize + 1];
            let mut power = 1;
            while power < powers.len() {
                powers[power] = powers[power - 1] * 10;
                power += 1;
            }
            powers
        };
        for ((billed, odd), (start, end)) in self.billed.iter_mut().zip(&mut self.odd).zip(grid.spans(column, column)) {
            let amount = decimals_like(bytes, start, end, self.fraction).or_else(|| {
                let (number, fraction) = unusual_amount::<G>(bytes, start, end)?;
                self.fraction = fraction;
                Some(number)
            });
            let units = amount.and_then(|number| {
                number.checked_mul(POWERS[(MONEY_DECIMALS - self.fraction) as usize]).filter(|units| *units != ABSENT)
            });
            *billed = units.unwrap_or(ABSENT);
            // An amount that is too large for this is no usual one.
            *odd |= units.is_none() && !is_empty::<G>(bytes, start, end);
        }
    }

    #[inline(never)]
    pub(super) fn times<G: Grid>(&mut self, bytes: &[u8], grid: G, column: usize) {
        let date = &mut self.date;
        for ((value, odd), (start, end)) in self.starts.iter_mut().zip(&mut self.odd).zip(grid.spans(column, column)) {
            let time = time_of_same_day(bytes, start, end, date).or_else(|| {
                let (start, end) = G::bare(bytes, start, end);
                usual_time(&bytes[start..end], date)
            });
            *odd |= time.is_none();
            *value = time.unwrap_or_default();
        }
    }

    #[inline(never)]
    pub(super) fn ids<G: Grid>(&mut self, bytes: &[u8], grid: G, column: usize, damage: IllegalChars) {
        for (odd, (start, end)) in self.odd.iter_mut().zip(grid.spans(column, column)) {
            let (start, end) = G::bare(bytes, start, end);
            let text = &bytes[start..end];
            if IllegalChars::may_be_in(text) {
                // Where two quotes stand for one the row is read as a whole.
                *odd |= !std::str::from_utf8(text).is_ok_and(|text| !damage.is_in(text) && !text.contains('"'));
            }
        }
    }
}

/// Whether nothing stands in a field but perhaps quotes.
#[cold]
fn is_empty<G: Grid>(bytes: &[u8], start: usize, end: usize) -> bool {
    let (start, end) = G::bare(bytes, start, end);
    start == end
}

/// An amount with other digits behind the point than the one before, or in quotes.
#[cold]
fn unusual_amount<G: Grid>(bytes: &[u8], start: usize, end: usize) -> Option<(u64, u32)> {
    let (start, end) = G::bare(bytes, start, end);
    few_decimals(bytes, start, end)
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

/// A time of the day of the last row, to the second or the millisecond. Nothing for others, though they may be usual too.
#[inline(always)]
fn time_of_same_day(bytes: &[u8], start: usize, end: usize, date: &Date) -> Option<Start> {
    let text: &[u8; 24] = bytes.get(start..)?.first_chunk()?;
    let (day_text, rest) = text.split_first_chunk::<10>()?;
    let day = date.day.filter(|_| date.text == *day_text)?;
    let [b'T' | b' ', clock_text @ .., _, _, _, _, _] = rest else { return None };
    let (hour, second) = clock(*clock_text.first_chunk()?)?;
    let millis = match end.wrapping_sub(start) {
        20 if text[19] == b'Z' => 0,
        24 if (text[19], text[23]) == (b'.', b'Z') => digits_of([text[20], text[21], text[22]])?,
        _ => return None,
    };
    Some(Start::at(day, hour, second, millis * 1000))
}

impl Start {
    #[inline]
    fn at(day: Day, hour: u8, second: u32, micros: u32) -> Self {
        const HOUR: i64 = 3_600_000_000;
        let of_day = i64::from(hour) * HOUR + i64::from(second) * 1_000_000 + i64::from(micros);
        Self { micros: day.start().micros().wrapping_add(of_day), day, hour }
    }
}

/// A time written as nearly all logs write it.
#[cold]
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
    Some(Start::at(date.day?, hour, second, micros))
}

/// The number that three digits are.
#[inline]
fn digits_of([hundreds, tens, ones]: [u8; 3]) -> Option<u32> {
    let digits = [hundreds, tens, ones].map(|byte| u32::from(byte.wrapping_sub(b'0')));
    let [hundreds, tens, ones] = digits;
    (digits.into_iter().max() < Some(10)).then(|| hundreds * 100 + tens * 10 + ones)
}
