//! Peak hours: when a vendor charges its full price, and when less.
//!
//! Role: hours of a day, weekdays and holidays as data → how a span of time stands to them. What is paid in these hours is
//! in the entries. docs/specification.md, section 2.

use std::collections::BTreeSet;
use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{ModelId, PriceTable};
use crate::calendar::{Day, Moment, WEEKDAYS};
use crate::yaml::{Exactly, looks_like};

looks_like!(PeakHours => RawPeakHours);

/// As many peak hours may a table have: [`HoursOfRow`] has two bits for each.
pub(super) const MOST: usize = 32;
const MINUTES_OF_DAY: u16 = 24 * 60;

/// Peak hours of the table, by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeakHoursId(pub(super) u8);

/// How a span of time stands to peak hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RateTime {
    /// All of it lies in them, or there are none.
    #[default]
    Peak,
    /// None of it does.
    OffPeak,
    /// Some of it does, or the holidays of its year are not known.
    Unsure,
}

/// How a row's time stands to all peak hours of a table, two bits each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HoursOfRow(u64);

impl HoursOfRow {
    /// How it stands to one of them.
    pub const fn at(self, hours: PeakHoursId) -> RateTime {
        match self.0 >> (2 * hours.0) & 3 {
            0 => RateTime::Peak,
            1 => RateTime::OffPeak,
            _ => RateTime::Unsure,
        }
    }

    /// In one number.
    pub const fn bits(self) -> u64 {
        self.0
    }
}

/// A day of the week, in the calendar's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// The hours in which a vendor charges its full price.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, try_from = "RawPeakHours")]
pub struct PeakHours {
    clock: Vec<ClockSpan>,
    /// Monday first.
    weekdays: [bool; 7],
    holidays: Vec<DaySpan>,
    /// Years of which the holidays are listed.
    years: BTreeSet<i64>,
    /// The page that says so.
    pub source: String,
    /// The day it was last compared with that page.
    pub checked: Day,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PeakHours")]
struct RawPeakHours {
    /// Spans of a UTC day such as 01:00-04:00, the end left out; one that passes midnight is written as two.
    #[schemars(length(min = 1))]
    utc: Vec<ClockSpan>,
    /// Days of the week, in UTC (default: all).
    weekdays: Option<Vec<Weekday>>,
    /// Days without peak hours, each by itself or as 2026-10-01..2026-10-07. Where there are any, the weekdays of a year
    /// without one are not known, and priced at peak.
    #[serde(default)]
    holidays: Vec<DaySpan>,
    /// Where this is documented.
    source: String,
    /// When it was last compared with the source.
    checked: Exactly<Day>,
}

impl TryFrom<RawPeakHours> for PeakHours {
    type Error = String;

    fn try_from(raw: RawPeakHours) -> Result<Self, String> {
        if raw.utc.is_empty() {
            return Err("peak hours without a span of `utc`\nhint: write them as [01:00-04:00, 06:00-10:00]".into());
        }
        let mut neighbours = raw.utc.iter().zip(raw.utc.iter().skip(1));
        if let Some((span, next)) = neighbours.find(|(span, next)| next.from < span.to) {
            return Err(format!(
                "{next} does not lie behind {span}\nhint: list the spans of a day from its beginning to its end"
            ));
        }
        let weekdays = match raw.weekdays {
            None => [true; 7],
            Some(listed) => std::array::from_fn(|day| listed.iter().any(|weekday| *weekday as usize == day)),
        };
        let years = raw.holidays.iter().flat_map(|span| [span.first.year(), span.last.year()]).collect();
        Ok(Self { clock: raw.utc, weekdays, holidays: raw.holidays, years, source: raw.source, checked: raw.checked.0 })
    }
}

/// A span of a day in minutes, the end left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
struct ClockSpan {
    from: u16,
    to: u16,
}

impl TryFrom<String> for ClockSpan {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let minutes = |clock: &str| {
            let (hour, minute) = clock.split_once(':').filter(|(hour, minute)| hour.len() == 2 && minute.len() == 2)?;
            let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
            Some(hour * 60 + minute).filter(|minutes| minute < 60 && *minutes <= MINUTES_OF_DAY)
        };
        let ends = text.split_once('-').and_then(|(from, to)| Some((minutes(from)?, minutes(to)?)));
        match ends {
            Some((from, to)) if from < to => Ok(Self { from, to }),
            _ => Err(format!(
                "`{text}` is no span of a day\nhint: write it as 01:00-04:00; one that passes midnight is two, such as 22:00-24:00 and 00:00-06:00"
            )),
        }
    }
}

impl fmt::Display for ClockSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

/// Days one after the other, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
struct DaySpan {
    first: Day,
    last: Day,
}

impl TryFrom<String> for DaySpan {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (first, last) = text.split_once("..").unwrap_or((&text, &text));
        match (first.parse(), last.parse()) {
            (Ok(first), Ok(last)) if first <= last => Ok(Self { first, last }),
            _ => Err(format!("`{text}` is no day\nhint: write it as 2026-10-01, or several as 2026-10-01..2026-10-07")),
        }
    }
}

impl fmt::Display for DaySpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last { self.first.fmt(f) } else { write!(f, "{}..{}", self.first, self.last) }
    }
}

impl PeakHours {
    /// Its spans of a UTC day, as written.
    pub fn clock(&self) -> impl Iterator<Item = String> {
        self.clock.iter().map(ToString::to_string)
    }

    /// The names of its weekdays.
    pub fn weekdays(&self) -> impl Iterator<Item = &'static str> {
        WEEKDAYS.into_iter().zip(self.weekdays).filter(|(_, is_listed)| *is_listed).map(|(name, _)| name)
    }

    /// Its holidays, as written.
    pub fn holidays(&self) -> impl Iterator<Item = String> {
        self.holidays.iter().map(ToString::to_string)
    }

    /// The most hours that a call waits from any moment until peak hours are over, rounded up; a week where they never are.
    pub fn longest_hours(&self) -> u32 {
        let (mut longest, mut since) = (0, None);
        // Two days, since a stretch may pass midnight.
        let days = [0, MINUTES_OF_DAY].into_iter();
        for (from, to) in days.flat_map(|day| self.clock.iter().map(move |span| (span.from + day, span.to + day))) {
            let begin = since.filter(|(_, end)| *end == from).map_or(from, |(begin, _)| begin);
            since = Some((begin, to));
            longest = longest.max(to - begin);
        }
        if longest >= 2 * MINUTES_OF_DAY { 7 * 24 } else { u32::from(longest.div_ceil(60)) }
    }

    /// Whether holidays are listed, and none of a day's year.
    pub fn lacks_holidays_of(&self, day: Day) -> bool {
        !self.years.is_empty() && !self.years.contains(&day.year())
    }

    /// How the time from one moment to another stands to these hours, both included.
    pub fn time(&self, first: Moment, last: Moment) -> RateTime {
        let (mut is_peak, mut is_off_peak) = (false, false);
        let mut day = first.day();
        while day <= last.day() && !(is_peak && is_off_peak) {
            let from = if day == first.day() { first.minute_of_day() } else { 0 };
            let to = if day == last.day() { last.minute_of_day() + 1 } else { MINUTES_OF_DAY };
            let shared = |span: &ClockSpan| to.min(span.to).saturating_sub(from.max(span.from));
            let peak: u16 = self.clock.iter().map(shared).sum();
            match self.is_peak_day(day) {
                None if peak > 0 => return RateTime::Unsure,
                Some(true) => (is_peak, is_off_peak) = (is_peak || peak > 0, is_off_peak || peak < to - from),
                None | Some(false) => is_off_peak = true,
            }
            day = day.next();
        }
        match (is_peak, is_off_peak) {
            (true, true) => RateTime::Unsure,
            (false, true) => RateTime::OffPeak,
            _ => RateTime::Peak,
        }
    }

    /// Whether a day has peak hours; nothing where the holidays of its year are not known.
    fn is_peak_day(&self, day: Day) -> Option<bool> {
        if !self.weekdays[usize::from(day.weekday())] {
            return Some(false);
        }
        if self.lacks_holidays_of(day) {
            return None;
        }
        let is_holiday = self.holidays.iter().any(|span| span.first <= day && day <= span.last);
        Some(!is_holiday)
    }
}

/// As a reader wants to be told.
impl fmt::Display for PeakHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} UTC", self.clock().collect::<Vec<_>>().join(" and "))?;
        match self.weekdays {
            [true, true, true, true, true, true, true] => {}
            [true, true, true, true, true, false, false] => f.write_str(", Monday to Friday")?,
            _ => write!(f, ", on {}", self.weekdays().collect::<Vec<_>>().join(", "))?,
        }
        let years: Vec<String> = self.years.iter().map(ToString::to_string).collect();
        if years.is_empty() { Ok(()) } else { write!(f, ", but for holidays (known of {})", years.join(", ")) }
    }
}

impl PriceTable {
    /// How a row's time stands to all peak hours of the table.
    pub fn hours_of(&self, first: Moment, last: Moment) -> HoursOfRow {
        let bits = |hours: &PeakHours| hours.time(first, last) as u64;
        HoursOfRow(self.peak_hours.iter().rev().fold(0, |all, hours| all << 2 | bits(hours)))
    }

    /// Peak hours by position.
    pub fn peak_hours(&self, id: PeakHoursId) -> &PeakHours {
        &self.peak_hours[usize::from(id.0)]
    }

    /// Whether some provider may mean a model by this name whose price goes by the hour. Where none does, nobody need look at
    /// the time of a row.
    pub fn goes_by_the_hour(&self, logged: &str) -> bool {
        let has_hours = |model: ModelId| self.model(model).entries.iter().any(|entry| entry.peak_hours.is_some());
        // `maker/model` may stand behind the name of a reseller.
        let names = [logged, logged.split_once('/').map_or(logged, |(_, rest)| rest)];
        let is_one = |name: &str| {
            let mut read = self.providers().filter_map(|(provider, _)| self.read_name(provider, name));
            read.any(|found| has_hours(found.model))
                || self.prefixed(name).is_some_and(|(_, found)| has_hours(found.model))
        };
        !self.peak_hours.is_empty() && names.into_iter().any(is_one)
    }
}
