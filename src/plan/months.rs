//! Spend month by month.
//!
//! Role: spend of days → spend of calendar months; what a month would be that is only partly seen. It does *not* look
//! ahead; see [`super::forecast`].

use std::collections::BTreeMap;

use num_traits::Zero;

use super::days::{DaySpend, UnpricedUsage};
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
    /// What was seen at one price list for all days.
    pub volume: Money,
    /// The same by weekday, Monday first.
    pub volumes: [Money; 7],
    /// The days of it that lie in the period.
    pub seen: Period,
    /// Tokens, with those that have no price.
    pub tokens: u128,
    /// What was seen of it that has no price, and so is in no amount.
    pub unpriced: UnpricedUsage,
}

/// One part in so many of a month's tokens may be without a price before nothing is fitted to it.
const LITTLE: u128 = 100;

impl MonthSpend {
    /// Whether so much has no price that what is known says little of the whole.
    pub fn lacks_prices(&self) -> bool {
        let unpriced = u128::from(self.unpriced.tokens);
        !self.unpriced.is_none() && (unpriced == 0 || unpriced.saturating_mul(LITTLE) >= self.tokens)
    }
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
pub fn series(days: &BTreeMap<Day, DaySpend>, period: Period) -> Result<Vec<MonthSpend>, Overflow> {
    let mut months: Vec<MonthSpend> = Vec::new();
    let mut month = period.from.month();
    while period.from <= period.to && month.first() <= period.to {
        months.push(seen(days, month, common(month.period(), period))?);
        month = month.next();
    }
    let mut by_weekday = [Money::ZERO; 7];
    for (day, spend) in days.range(period.from..=period.to) {
        let sum = &mut by_weekday[usize::from(day.weekday())];
        *sum = sum.add(spend.cost)?;
    }
    let overall = daily_mean(Money::sum(by_weekday)?, period.days());
    let mean = |weekday: usize| daily_mean(by_weekday[weekday], weekdays(period, weekday)).or_else(|| overall.clone());
    let means: [Exact; 7] = std::array::from_fn(|weekday| mean(weekday).unwrap_or_else(Exact::zero));
    for month in months.iter_mut().filter(|month| month.kind == MonthKind::Partial) {
        let whole = month.month.period();
        let inside = common(whole, period);
        let unseen = (0..7).map(|weekday| {
            let days = weekdays(whole, weekday) - weekdays(inside, weekday);
            &means[weekday] * Exact::from_integer(days.into())
        });
        month.full = Money::round(&(month.spend.exact() + unseen.sum::<Exact>()), MONTHLY_DECIMALS)?;
    }
    Ok(months)
}

/// A month as far as it lies in `inside`.
fn seen(days: &BTreeMap<Day, DaySpend>, month: Month, inside: Period) -> Result<MonthSpend, Overflow> {
    let (mut spend, mut volumes, mut tokens) = (Money::ZERO, [Money::ZERO; 7], 0_u128);
    let mut unpriced = UnpricedUsage::default();
    for (day, of_day) in days.range(inside.from..=inside.to) {
        spend = spend.add(of_day.cost)?;
        let sum = &mut volumes[usize::from(day.weekday())];
        *sum = sum.add(of_day.volume)?;
        tokens = tokens.checked_add(of_day.tokens).ok_or(Overflow)?;
        unpriced = unpriced.plus(of_day.unpriced)?;
    }
    let kind = if inside == month.period() { MonthKind::Complete } else { MonthKind::Partial };
    let volume = Money::sum(volumes)?;
    Ok(MonthSpend {
        month,
        spend,
        full: spend,
        days_seen: inside.days(),
        kind,
        volume,
        volumes,
        seen: inside,
        tokens,
        unpriced,
    })
}

/// The days that both have.
fn common(one: Period, other: Period) -> Period {
    Period { from: one.from.max(other.from), to: one.to.min(other.to) }
}

/// How many days of a period fall on a weekday, by place.
pub(super) fn weekdays(period: Period, weekday: usize) -> u32 {
    period.weekdays(u8::try_from(weekday).unwrap_or(0))
}

/// Spend a day, if there is a day.
fn daily_mean(spend: Money, days: u32) -> Option<Exact> {
    (days > 0).then(|| spend.exact() / Exact::from_integer(days.into()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn period(from: &str, to: &str) -> Period {
        Period { from: from.parse().expect("a day"), to: to.parse().expect("a day") }
    }

    fn dollars(dollars: i128) -> Money {
        Money::from_units(dollars * 10_i128.pow(18))
    }

    fn each_day(period: Period, spend: impl Fn(Day) -> Money) -> BTreeMap<Day, DaySpend> {
        let days = (period.from.number()..=period.to.number()).map(Day::from_number);
        days.map(|day| (day, spend(day).into())).collect()
    }

    #[test]
    fn a_partial_month_knows_its_weekdays() {
        // November 2026 begins on a Sunday. Seen: 1 to 14, which is each weekday twice; 16 days are left, the 15th to
        // the 30th: a Sunday and a Monday three times, the others twice.
        let seen = period("2026-11-01", "2026-11-14");
        let days = each_day(seen, |day| dollars(if day.weekday() < 5 { 100 } else { 30 }));
        let months = series(&days, seen).expect("small amounts");
        let [month] = months.as_slice() else { panic!("{months:?}") };
        assert_eq!(
            (month.month.to_string().as_str(), month.kind, month.days_seen),
            ("2026-11", MonthKind::Partial, 14)
        );
        assert_eq!(month.spend, dollars(1_120));
        // 21 weekdays and 9 days of weekends.
        assert_eq!(month.full, dollars(21 * 100 + 9 * 30));
    }

    #[test]
    fn a_weekday_that_was_not_seen_costs_an_average_day() {
        // Monday to Wednesday; October 2026 has 31 days, with 4 Mondays, 4 Tuesdays and 4 Wednesdays.
        let seen = period("2026-10-05", "2026-10-07");
        let days = each_day(seen, |day| dollars([10, 20, 60][usize::from(day.weekday())]));
        let months = series(&days, seen).expect("small amounts");
        assert_eq!(months[0].full, dollars(4 * (10 + 20 + 60) + 19 * 30));
    }

    #[test]
    fn a_period_over_a_year_has_every_month() {
        let whole = period("2026-11-16", "2027-02-28");
        let days = each_day(period("2026-11-01", "2027-03-31"), |_| dollars(1));
        let months = series(&days, whole).expect("small amounts");
        let said: Vec<String> = months
            .iter()
            .map(|month| format!("{} {} {} {:?}", month.month, month.spend, month.full, month.kind))
            .collect();
        assert_eq!(
            said,
            ["2026-11 15 30 Partial", "2026-12 31 31 Complete", "2027-01 31 31 Complete", "2027-02 28 28 Complete"]
        );
    }

    proptest! {
        /// Nothing outside the period counts, parts add up, and whole months are what was seen.
        #[test]
        fn months_hold_what_the_period_holds(
            spend in proptest::collection::btree_map(20_000..20_200_i32, 0..100_000_i64, 0..200),
            from in 19_990..20_150_i32,
            length in 1..100_i32,
        ) {
            let period = Period { from: Day::from_number(from), to: Day::from_number(from + length - 1) };
            let amount = |cents: i64| DaySpend::from(Money::from_units(cents.into()));
            let days: BTreeMap<Day, DaySpend> =
                spend.into_iter().map(|(day, cents)| (Day::from_number(day), amount(cents))).collect();
            let months = series(&days, period).expect("small amounts");
            let inside = days.iter().filter(|(day, _)| period.contains(**day)).map(|(_, spend)| spend.cost);
            prop_assert_eq!(Money::sum(months.iter().map(|month| month.spend)), Money::sum(inside));
            prop_assert_eq!(months.iter().map(|month| month.days_seen).sum::<u32>(), period.days());
            for month in &months {
                prop_assert_eq!(Money::sum(month.volumes), Ok(month.spend));
                prop_assert_eq!(month.kind == MonthKind::Complete, month.days_seen == month.month.days());
                prop_assert!(month.kind == MonthKind::Partial || month.full == month.spend);
                // Rounded to 12 decimals, so not less than what was seen by more than that.
                prop_assert!(month.full.units() + 500_000 >= month.spend.units());
                let counted: u32 = (0..7).map(|weekday| weekdays(month.month.period(), weekday)).sum();
                prop_assert_eq!(counted, month.month.days());
            }
        }
    }
}
