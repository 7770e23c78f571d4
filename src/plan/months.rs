//! Spend month by month.
//!
//! Role: spend of days → spend of calendar months; what a month would be that is only partly seen. It does *not* look
//! ahead; see [`super::forecast`].

use std::collections::BTreeMap;

use crate::calendar::{Day, Month, Period};
use crate::money::{Exact, MONTHLY_DECIMALS, Money, Overflow};

/// What a calendar month cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthSpend {
    /// The month.
    pub month: Month,
    /// What was seen of it.
    pub spend: Money,
    /// The whole month: what was seen, and for days outside the period what their weekday costs on average.
    pub full: Money,
    /// Its days inside the period.
    pub days_seen: u32,
    /// Whether all of it was seen.
    pub kind: MonthKind,
    /// What was seen by weekday, Monday first.
    pub by_weekday: [Money; 7],
}

/// How much of a month lies in the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MonthKind {
    /// Every day.
    Complete,
    /// Some days.
    Partial,
}

/// The calendar months that the period touches, in order. Days outside the period do not count; a day inside it
/// without an entry cost nothing.
pub fn series(days: &BTreeMap<Day, Money>, period: Period) -> Result<Vec<MonthSpend>, Overflow> {
    let mut months: Vec<MonthSpend> = Vec::new();
    let mut month = period.from.month();
    while period.from <= period.to && month.first() <= period.to {
        months.push(seen(days, month, common(month.period(), period))?);
        month = month.next();
    }
    let overall = daily_mean(months.iter().map(|month| (month.spend, month.days_seen)));
    let mut means: Vec<Exact> = Vec::with_capacity(7);
    for weekday in 0..7_u8 {
        let at = usize::from(weekday);
        let of_weekday =
            months.iter().map(|month| (month.by_weekday[at], count(common(month.month.period(), period), weekday)));
        means.push(daily_mean(of_weekday).or_else(|| overall.clone()).unwrap_or_else(crate::money::nothing));
    }
    for month in months.iter_mut().filter(|month| month.kind == MonthKind::Partial) {
        let whole = month.month.period();
        let inside = common(whole, period);
        let unseen = (0..7_u8)
            .zip(&means)
            .map(|(weekday, mean)| mean * Exact::from_integer((count(whole, weekday) - count(inside, weekday)).into()));
        month.full = Money::round(&(month.spend.exact() + unseen.sum::<Exact>()), MONTHLY_DECIMALS)?;
    }
    Ok(months)
}

/// A month as far as it lies in `inside`.
fn seen(days: &BTreeMap<Day, Money>, month: Month, inside: Period) -> Result<MonthSpend, Overflow> {
    let mut by_weekday = [Money::ZERO; 7];
    for (day, spend) in days.range(inside.from..=inside.to) {
        let sum = &mut by_weekday[usize::from(day.weekday())];
        *sum = sum.add(*spend)?;
    }
    let spend = Money::sum(by_weekday)?;
    let kind = if inside == month.period() { MonthKind::Complete } else { MonthKind::Partial };
    Ok(MonthSpend { month, spend, full: spend, days_seen: inside.days(), kind, by_weekday })
}

/// The days that both have.
fn common(one: Period, other: Period) -> Period {
    Period { from: one.from.max(other.from), to: one.to.min(other.to) }
}

/// How many days of a period fall on a weekday, 0 for Monday.
pub fn count(period: Period, weekday: u8) -> u32 {
    let until_first = (weekday + 7 - period.from.weekday()) % 7;
    (period.days() + 6 - u32::from(until_first)) / 7
}

/// Spend a day, if there is a day.
fn daily_mean(parts: impl Iterator<Item = (Money, u32)>) -> Option<Exact> {
    let (spend, days) = parts.fold((crate::money::nothing(), 0_u64), |(spend, days), (more, number)| {
        (spend + more.exact(), days + u64::from(number))
    });
    (days > 0).then(|| spend / Exact::from_integer(days.into()))
}
