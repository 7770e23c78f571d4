//! Moments, days and periods, all in UTC.
//!
//! Role: reads the time forms that exports use and answers calendar questions (which day, whole months?). It does
//! *not* know the current time: nothing in this program does.

use std::fmt;
use std::str::FromStr;

use num_traits::Zero as _;

use crate::money::{Exact, MONTHLY_DECIMALS, Money, Overflow};

/// Names of weekdays, Monday first, as policies write them.
pub const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The name of a weekday, 0 for Monday.
pub const fn weekday_name(weekday: u8) -> &'static str {
    WEEKDAYS[(weekday % 7) as usize]
}

mod months;

pub use months::{Month, NotAMonth, NotAQuarter, Quarter};

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;
/// Days of 400 years, after which the calendar is the same again.
const DAYS_OF_ERA: i64 = 146_097;
/// Days from 0000-03-01, where counting by years that end with February begins, to 1970-01-01.
const EPOCH_FROM_MARCH: i64 = 719_468;

/// A UTC day, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

impl Day {
    /// The day with this count from 1970-01-01.
    pub const fn from_number(number: i32) -> Self {
        Self(number)
    }

    /// Days since 1970-01-01.
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The following day.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The day before.
    #[must_use]
    pub const fn previous(self) -> Self {
        Self(self.0 - 1)
    }

    /// The day so many days later.
    #[must_use]
    pub const fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// The first moment of the day.
    pub const fn start(self) -> Moment {
        Moment(self.0 as i64 * SECONDS_PER_DAY * MICROS_PER_SECOND)
    }

    /// The month the day lies in.
    pub fn month(self) -> Month {
        let Date { year, month, .. } = Date::of(self);
        Month::new(year, month)
    }

    /// The year the day lies in.
    pub fn year(self) -> i64 {
        Date::of(self).year
    }

    /// The weekday, 0 for Monday to 6 for Sunday.
    pub fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        u8::try_from((i64::from(self.0) + 3).rem_euclid(7)).unwrap_or(0)
    }

    /// Such as `2026-11-30`; years beyond 9999 take more room.
    fn text(self) -> Option<[u8; 10]> {
        let date = Date::of(self);
        let mut text = *b"0000-00-00";
        put_digits(&mut text[..4], date.year);
        put_digits(&mut text[5..7], date.month);
        put_digits(&mut text[8..], date.day);
        (0..10_000).contains(&date.year).then_some(text)
    }

    /// Whether this is the first day of a month.
    fn opens_month(self) -> bool {
        Date::of(self).day == 1
    }
}

/// A day of the calendar. Of any year: plans look beyond what a log may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Date {
    year: i64,
    /// 1 to 12.
    month: i64,
    /// From 1.
    day: i64,
}

impl Date {
    /// Years are taken to begin with March, so that the leap day is the last one.
    fn of(day: Day) -> Self {
        let days = i64::from(day.0) + EPOCH_FROM_MARCH;
        let in_era = days.rem_euclid(DAYS_OF_ERA);
        let year_of_era = (in_era - in_era / 1460 + in_era / 36_524 - in_era / 146_096) / 365;
        let in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        // Five months from March, and from August, have 153 days.
        let from_march = (5 * in_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        Self {
            year: days.div_euclid(DAYS_OF_ERA) * 400 + year_of_era + i64::from(month <= 2),
            month,
            day: in_year - (153 * from_march + 2) / 5 + 1,
        }
    }

    /// The day with this date; nothing where the calendar has none, such as for February 30.
    fn to_day(self) -> Option<Day> {
        let year = self.year - i64::from(self.month <= 2);
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let in_year = (153 * ((self.month + 9) % 12) + 2) / 5 + self.day - 1;
        let in_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + in_year;
        let day = Day(i32::try_from(era * DAYS_OF_ERA + in_era - EPOCH_FROM_MARCH).ok()?);
        (Self::of(day) == self).then_some(day)
    }
}

/// Writes a number that is not negative with as many digits as there is room for.
fn put_digits(room: &mut [u8], number: i64) {
    // Parts of dates are small, and to divide them so takes half as long.
    let mut number = u32::try_from(number).unwrap_or(0);
    for digit in room.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
}

/// As text.
impl serde::Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(|_| serde::de::Error::custom("not a day"))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = self.text() {
            return f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?);
        }
        let Date { year, month, day } = Date::of(*self);
        write!(f, "{year}-{month:02}-{day:02}")
    }
}

/// Why a text is not a date or a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a day of the calendar, such as 2026-09-01")]
pub struct NotATime;

impl FromStr for Day {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        match text.as_bytes() {
            [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] => {
                let year = digits(&[*y1, *y2, *y3, *y4])?;
                let (month, day) = (digits(&[*m1, *m2])?, digits(&[*d1, *d2])?);
                Date { year, month, day }.to_day().ok_or(NotATime)
            }
            _ => Err(NotATime),
        }
    }
}

fn digits(text: &[u8]) -> Result<i64, NotATime> {
    text.iter().try_fold(0_i64, |value, byte| {
        if byte.is_ascii_digit() { Ok(value * 10 + i64::from(byte - b'0')) } else { Err(NotATime) }
    })
}

/// A moment in UTC, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

impl Moment {
    /// The moment this many whole seconds after the epoch.
    pub fn from_seconds(seconds: i64) -> Result<Self, NotATime> {
        // Four-digit years only: anything else is milliseconds read as seconds, or rubbish.
        let in_range = (-62_135_596_800..253_402_300_800).contains(&seconds);
        if in_range { Ok(Self(seconds * MICROS_PER_SECOND)) } else { Err(NotATime) }
    }

    /// The moment this many microseconds after the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The UTC day the moment falls on.
    pub fn day(self) -> Day {
        let days = self.0.div_euclid(SECONDS_PER_DAY * MICROS_PER_SECOND);
        Day(i32::try_from(days).unwrap_or(i32::MAX))
    }

    /// The UTC hour, 0 to 23.
    pub fn hour(self) -> u8 {
        let seconds = self.0.div_euclid(MICROS_PER_SECOND).rem_euclid(SECONDS_PER_DAY);
        u8::try_from(seconds / 3600).unwrap_or(0)
    }

    /// The minute of the UTC day, 0 to 1439.
    pub fn minute_of_day(self) -> u16 {
        let seconds = self.0.div_euclid(MICROS_PER_SECOND).rem_euclid(SECONDS_PER_DAY);
        u16::try_from(seconds / 60).unwrap_or(0)
    }

    /// The weekday, 0 for Monday to 6 for Sunday.
    pub fn weekday(self) -> u8 {
        self.day().weekday()
    }

    /// This moment and `seconds` more.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(MICROS_PER_SECOND)))
    }

    /// Reads RFC 3339 and its relatives: a space for the `T`, no seconds, no offset (then UTC), a date alone.
    pub fn parse(text: &str) -> Result<Self, NotATime> {
        let text = text.trim();
        let day: Day = text.get(..10).ok_or(NotATime)?.parse()?;
        let rest = &text.as_bytes()[10..];
        match rest {
            [] => Ok(day.start()),
            [b'T' | b't' | b' ', clock @ ..] => parse_clock(day, clock),
            _ => Err(NotATime),
        }
    }
}

/// `HH:MM[:SS[.fraction]]` and an optional offset.
fn parse_clock(day: Day, clock: &[u8]) -> Result<Moment, NotATime> {
    let [h1, h2, b':', m1, m2, rest @ ..] = clock else { return Err(NotATime) };
    let (hour, minute) = (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?);
    let (second, rest) = match rest {
        [b':', s1, s2, rest @ ..] => (digits(&[*s1, *s2])?, rest),
        rest => (0, rest),
    };
    let (micros, rest) = match rest {
        [b'.' | b',', rest @ ..] => parse_fraction(rest)?,
        rest => (0, rest),
    };
    let offset_minutes = parse_offset(rest)?;
    // 24:00 ends a day, and a leap second is the first of the next minute.
    let in_day = (hour < 24 && minute < 60 && second <= 60) || (hour == 24 && minute == 0 && second == 0);
    if !in_day {
        return Err(NotATime);
    }
    let seconds = hour * 3600 + (minute - offset_minutes) * 60 + second;
    let moment = Moment(day.start().0 + seconds * MICROS_PER_SECOND + micros);
    // The end of 9999 and an offset can lead out of the years that a log may hold, which could not be read again.
    moment.day().text().map(|_| moment).ok_or(NotATime)
}

fn parse_fraction(text: &[u8]) -> Result<(i64, &[u8]), NotATime> {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if length == 0 {
        return Err(NotATime);
    }
    let micros = digits(&text[..length.min(6)])? * 10_i64.pow(6 - u32::try_from(length.min(6)).unwrap_or(6));
    Ok((micros, &text[length..]))
}

/// Minutes east of UTC.
fn parse_offset(text: &[u8]) -> Result<i64, NotATime> {
    match text {
        [] | [b'Z' | b'z'] | b" UTC" => Ok(0),
        [sign @ (b'+' | b'-'), h1, h2, rest @ ..] => {
            let minutes = match rest {
                [] => 0,
                [b':', m1, m2] | [m1, m2] => digits(&[*m1, *m2])?,
                _ => return Err(NotATime),
            };
            let hours = digits(&[*h1, *h2])?;
            if hours > 23 || minutes > 59 {
                return Err(NotATime);
            }
            let total = hours * 60 + minutes;
            Ok(if *sign == b'-' { -total } else { total })
        }
        _ => Err(NotATime),
    }
}

/// RFC 3339 in UTC, with as much of the fraction as there is.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.div_euclid(MICROS_PER_SECOND).rem_euclid(SECONDS_PER_DAY);
        let micros = self.0.rem_euclid(MICROS_PER_SECOND);
        // In one piece: `classify` writes a time for each call, and a formatter takes several times as long.
        let mut text = *b"0000-00-00T00:00:00.000000Z";
        let Some(day) = self.day().text() else { return write!(f, "{}T00:00:00Z", self.day()) };
        text[..10].copy_from_slice(&day);
        put_digits(&mut text[11..13], seconds / 3600);
        put_digits(&mut text[14..16], seconds / 60 % 60);
        put_digits(&mut text[17..19], seconds % 60);
        let mut end = 19;
        if micros > 0 {
            put_digits(&mut text[20..26], micros);
            end = 26;
            while text[end - 1] == b'0' {
                end -= 1;
            }
        }
        text[end] = b'Z';
        f.write_str(std::str::from_utf8(&text[..=end]).map_err(|_| fmt::Error)?)
    }
}

/// A run of UTC days, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
}

/// How a period becomes a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MonthBasis {
    /// The period is this many whole calendar months: totals are divided by them.
    Calendar {
        /// How many months, at least one.
        months: u32,
    },
    /// Any other period: totals × 365 ÷ (12 × days).
    RunRate {
        /// How many days, at least one.
        days: u32,
    },
}

impl Period {
    /// Number of days, at least one.
    pub fn days(self) -> u32 {
        // It ends on the day it begins, or later.
        u32::try_from(self.to.0 - self.from.0 + 1).unwrap_or(1)
    }

    /// Whole calendar months if both ends fit, else the run rate.
    pub fn month_basis(self) -> MonthBasis {
        if self.from.opens_month() && self.to.next().opens_month() {
            let months = self.to.next().month().behind(self.from.month());
            return MonthBasis::Calendar { months: u32::try_from(months).unwrap_or(1) };
        }
        MonthBasis::RunRate { days: self.days() }
    }

    /// How many of its days fall on a weekday, 0 for Monday.
    pub fn weekdays(self, weekday: u8) -> u32 {
        let before_first = (u32::from(weekday) + 7 - u32::from(self.from.weekday())) % 7;
        (self.days() + 6 - before_first) / 7
    }

    /// Whether a day lies in the period.
    pub fn contains(self, day: Day) -> bool {
        self.from <= day && day <= self.to
    }
}

/// An amount of the period as an amount of a month, to 12 decimals.
pub fn monthly(amount: &Exact, basis: MonthBasis) -> Result<Money, Overflow> {
    // Most rows have nothing to route.
    if amount.is_zero() {
        return Ok(Money::ZERO);
    }
    let (times, by) = match basis {
        MonthBasis::Calendar { months } => (1, u64::from(months)),
        MonthBasis::RunRate { days } => (365, u64::from(days) * 12),
    };
    Money::round_times(amount, (times, by), MONTHLY_DECIMALS)
}

#[cfg(test)]
mod tests;
