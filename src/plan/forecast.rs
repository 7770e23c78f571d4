//! Growth from month to month, and how well it would have foretold the past.
//!
//! Role: complete months → growth as exact shares, with the error it would have made. It does *not* know prices or
//! scenarios.

use num_integer::Integer;
use num_traits::{One, Signed, Zero, pow};

use super::left_out::{LeftOut, latest_run, left_out};
use super::months::{MonthSpend, count};
use crate::calendar::Month;
use crate::money::{Exact, Percent, round_share};
use crate::policy::{Cases, GrowthSetting};

/// How spend grows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Growth {
    /// Growth of a month over the month before as a share, never below −1. `low` is the lowest growth, and so the lowest
    /// spend; elsewhere cases name the saving.
    pub monthly: Cases<Exact>,
    /// Where it comes from.
    pub method: Method,
    /// What it would have missed, if there are months enough to tell.
    pub backtest: Option<Backtest>,
    /// The months that it is fitted to or tried on.
    pub months: Vec<Month>,
    /// The other months of the period, each with the first reason for which it is none of them.
    pub left_out: Vec<(Month, LeftOut)>,
}

/// Where growth comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Given by the policy.
    Given,
    /// Fitted to the months of the logs.
    Fitted,
    /// Asked to be fitted, but too few months: no growth is assumed.
    NotEnoughData {
        /// Complete months in an unbroken run, in which everything has a price.
        complete_months: usize,
        /// How many it takes.
        needed: usize,
    },
}

/// What a growth would have foretold of the last months, knowing only what was before them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backtest {
    /// Months held out.
    pub held_out: usize,
    /// Mean absolute error as a share of what was spent, to 6 decimals.
    pub error: Exact,
    /// The tolerance that it meets.
    pub tolerance: Tolerance,
}

/// Tolerances for forecasts as the `FinOps` Framework names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tolerance {
    /// Within 12 %.
    Run,
    /// Within 15 %.
    Walk,
    /// Within 20 %.
    Crawl,
    /// Worse than any.
    Outside,
}

impl Tolerance {
    /// The strictest tolerance that an error meets.
    pub fn of(error: &Exact) -> Self {
        let within = |percent: u8| *error <= Percent::whole(percent).exact();
        match () {
            () if within(12) => Self::Run,
            () if within(15) => Self::Walk,
            () if within(20) => Self::Crawl,
            () => Self::Outside,
        }
    }

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Walk => "walk",
            Self::Crawl => "crawl",
            Self::Outside => "outside",
        }
    }
}

impl Method {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Fitted => "fitted",
            Self::NotEnoughData { .. } => "not-enough-data",
        }
    }
}

/// Fewest complete months to which growth is fitted.
pub const FEWEST_MONTHS: usize = 4;
/// Most months that are held out to see what would have been foretold of them.
const MOST_HELD_OUT: usize = 3;
/// Fewest months in front of those held out: two steps, of which there is a middle.
const FEWEST_BEFORE: usize = FEWEST_MONTHS - 1;

/// The growth that a policy asks for.
pub fn growth(setting: &GrowthSetting, months: &[MonthSpend]) -> Growth {
    let run = latest_run(months);
    let (monthly, method, backtest) = match setting {
        GrowthSetting::Given(monthly) => (monthly.clone(), Method::Given, backtest(run, |_| monthly.base.clone())),
        GrowthSetting::Fitted if run.len() >= FEWEST_MONTHS => {
            (fit(run), Method::Fitted, backtest(run, |before| fit(before).base))
        }
        GrowthSetting::Fitted => {
            let method = Method::NotEnoughData { complete_months: run.len(), needed: FEWEST_MONTHS };
            (Cases::all(Exact::zero()), method, None)
        }
    };
    let used = run.iter().map(|month| month.month).collect();
    Growth { monthly, method, backtest, months: used, left_out: left_out(months, run) }
}

/// The middle step from month to month as growth, with the quartiles around it, each to 6 decimals: what is printed is
/// what is reckoned with. None is above the 100 % that a policy may give: a first month of trials is no growth.
fn fit(run: &[MonthSpend]) -> Cases<Exact> {
    let weights = Weights::of(run);
    let levels: Vec<Exact> = run.iter().map(|month| weights.level(month)).collect();
    let mut steps: Vec<Exact> = levels.windows(2).map(|pair| &pair[1] / &pair[0]).collect();
    steps.sort();
    let at = |quarters: u32| round_share(&(quantile(&steps, quarters) - Exact::one()).min(Exact::one()));
    Cases { low: at(1), base: at(2), high: at(3) }
}

/// The value so many quarters through a sorted list, between two of them in proportion; 1 for an empty list, which is a
/// step that changes nothing.
fn quantile(sorted: &[Exact], quarters: u32) -> Exact {
    let Some(last) = sorted.len().checked_sub(1) else { return Exact::one() };
    let (index, rest) = (last * quarters as usize).div_rem(&4);
    let above = &sorted[(index + 1).min(last)];
    &sorted[index] + (above - &sorted[index]) * Exact::new(rest.into(), 4.into())
}

/// What a day of each weekday costs beside an average day of its month, on average over the months. Months count alike,
/// so that growth between them does not look like a weekday.
struct Weights([Exact; 7]);

impl Weights {
    fn of(run: &[MonthSpend]) -> Self {
        let number = Exact::from_integer(run.len().max(1).into());
        let weight = |month: &MonthSpend, weekday: usize| {
            let days = Exact::new(month.month.days().into(), days_of(month, weekday).into());
            month.by_weekday[weekday].exact() / month.spend.exact() * days
        };
        let weights: [Exact; 7] =
            std::array::from_fn(|weekday| run.iter().map(|month| weight(month, weekday)).sum::<Exact>() / &number);
        // Credits can outweigh what a weekday cost; then days are days.
        if weights.iter().any(Signed::is_negative) {
            Self(std::array::from_fn(|_| Exact::one()))
        } else {
            Self(weights)
        }
    }

    /// Days of a month, each counted by its weight.
    fn days(&self, month: &MonthSpend) -> Exact {
        (0..7).map(|weekday| &self.0[weekday] * Exact::from_integer(days_of(month, weekday).into())).sum()
    }

    /// What an average day of a month cost.
    fn level(&self, month: &MonthSpend) -> Exact {
        month.spend.exact() / self.days(month)
    }
}

/// How many days of a complete month fall on a weekday.
fn days_of(month: &MonthSpend, weekday: usize) -> u32 {
    count(month.month.period(), weekday)
}

/// Holds the last months out, and foretells them from the last month before, grown as `growth` says of what was before.
fn backtest(run: &[MonthSpend], growth: impl Fn(&[MonthSpend]) -> Exact) -> Option<Backtest> {
    let held_out = run.len().checked_sub(FEWEST_BEFORE)?.min(MOST_HELD_OUT);
    let (before, after) = run.split_at(run.len() - held_out);
    let last = before.last().filter(|_| held_out > 0)?;
    let (weights, growth) = (Weights::of(before), growth(before));
    let level = weights.level(last);
    let errors = after.iter().zip(1..).map(|(month, ahead)| {
        let foretold = &level * factor(&growth, ahead) * weights.days(month);
        let spend = month.spend.exact();
        (foretold - &spend).abs() / spend
    });
    let error = round_share(&(errors.sum::<Exact>() / Exact::from_integer(held_out.into())));
    Some(Backtest { held_out, tolerance: Tolerance::of(&error), error })
}

/// What spend is multiplied by after so many months: (1 + growth)ⁿ, exactly.
pub fn factor(monthly: &Exact, months_ahead: u32) -> Exact {
    pow(Exact::one() + monthly, months_ahead as usize)
}

/// Share of the plan that is live in a month, 0 for its first; the last share of a ramp holds for all months after it.
pub fn live(ramp: &[Percent], month: usize) -> Percent {
    ramp.get(month).or(ramp.last()).copied().unwrap_or(Percent::ALL)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::calendar::{Day, Period};
    use crate::money::{DecimalStyle, Money, decimal, round_half_even};
    use crate::plan::days::DaySpend;
    use crate::plan::months::series;

    /// Complete months from 2026-01 in which each day costs so many dollars.
    fn months(dollars_a_day: &[i128]) -> Vec<MonthSpend> {
        let first: Month = "2026-01".parse().expect("a month");
        let mut days = BTreeMap::new();
        for (dollars, ahead) in dollars_a_day.iter().zip(0..) {
            let period = first.plus(ahead).period();
            for number in period.from.number()..=period.to.number() {
                days.insert(Day::from_number(number), Money::from_units(dollars * 10_i128.pow(18)).into());
            }
        }
        let last = first.plus(u32::try_from(dollars_a_day.len()).expect("few") - 1);
        series(&days, Period { from: first.first(), to: last.last() }).expect("small amounts")
    }

    fn fitted(dollars_a_day: &[i128]) -> Growth {
        growth(&GrowthSetting::Fitted, &months(dollars_a_day))
    }

    fn share(text: &str) -> Exact {
        Money::parse(text, DecimalStyle::Point).expect("a number").0.exact()
    }

    fn text(share: &Exact) -> String {
        decimal::plain(i128::try_from(round_half_even(share, 9)).expect("small"), 9)
    }

    #[test]
    fn steady_growth_is_found_whatever_the_length_of_months() {
        let growth = fitted(&[10_000, 11_000, 12_100, 13_310]);
        assert_eq!(growth.method, Method::Fitted);
        assert_eq!(growth.monthly.by_ref().map(text), Cases::all("0.1".to_owned()));
        let backtest = growth.backtest.expect("four months");
        assert_eq!((backtest.held_out, text(&backtest.error), backtest.tolerance), (1, "0".to_owned(), Tolerance::Run));
    }

    #[test]
    fn the_middle_step_and_its_quartiles() {
        // Steps of +50 %, 0 %, −20 %, +10 %, +25 %: sorted −20, 0, 10, 25, 50.
        let growth = fitted(&[400, 600, 600, 480, 528, 660]);
        assert_eq!(
            growth.monthly.by_ref().map(text),
            Cases { low: "0".to_owned(), base: "0.1".to_owned(), high: "0.25".to_owned() }
        );
        // Held out: 480, 528, 660. Before them steps of +50 % and 0 %, the middle 25 %; foretold 750, 937.5, 1171.875.
        let errors = share("0.5625") + share("0.775568182") + share("0.775568182");
        let backtest = growth.backtest.expect("six months");
        assert_eq!(backtest.error, round_share(&(errors / Exact::from_integer(3.into()))));
        assert_eq!((backtest.held_out, backtest.tolerance), (3, Tolerance::Outside));
    }

    #[test]
    fn too_little_is_an_answer() {
        for (dollars, complete_months) in [(&[5, 5, 5][..], 3), (&[0, 0, 0, 0, 0], 0), (&[9, 9, 9, 0, 9, 9, 0], 2)] {
            let growth = fitted(dollars);
            assert_eq!(growth.method, Method::NotEnoughData { complete_months, needed: 4 }, "{dollars:?}");
            assert_eq!(growth.monthly, Cases::all(Exact::zero()));
            assert_eq!(growth.backtest, None);
        }
        assert_eq!(growth(&GrowthSetting::Fitted, &[]).method, Method::NotEnoughData { complete_months: 0, needed: 4 });
    }

    #[test]
    fn what_is_given_is_held_against_the_past_too() {
        let given = GrowthSetting::Given(Cases::all(Exact::zero()));
        let backtest = growth(&given, &months(&[100, 100, 100, 125])).backtest.expect("four months");
        assert_eq!((text(&backtest.error).as_str(), backtest.tolerance), ("0.2", Tolerance::Crawl));
        assert_eq!(growth(&given, &months(&[100, 100, 100])).backtest, None);
    }

    #[test]
    fn tolerances_include_their_border() {
        for (error, name) in [
            ("0.12", "run"),
            ("0.120001", "walk"),
            ("0.15", "walk"),
            ("0.150001", "crawl"),
            ("0.2", "crawl"),
            ("0.200001", "outside"),
        ] {
            assert_eq!(Tolerance::of(&share(error)).name(), name);
        }
    }

    #[test]
    fn growth_compounds_and_ramps_stay() {
        assert_eq!(text(&factor(&share("0.03"), 2)), "1.0609");
        assert_eq!(factor(&share("-1"), 0), Exact::one());
        assert_eq!(factor(&share("-1"), 3), Exact::zero());
        let ramp = [Percent::whole(25), Percent::whole(60)];
        assert_eq!([0, 1, 2, 9].map(|month| live(&ramp, month)), [25, 60, 60, 60].map(Percent::whole));
    }

    #[test]
    fn work_of_weekdays_does_not_grow_with_their_number() {
        // January to June 2026 have 22, 20, 22, 22, 21 and 22 days from Monday to Friday.
        let period = Period { from: "2026-01-01".parse().expect("a day"), to: "2026-06-30".parse().expect("a day") };
        let days = (period.from.number()..=period.to.number())
            .map(Day::from_number)
            .filter(|day| day.weekday() < 5)
            .map(|day| (day, Money::from_units(1).into()))
            .collect();
        let growth = growth(&GrowthSetting::Fitted, &series(&days, period).expect("small amounts"));
        assert_eq!(growth.monthly, Cases::all(Exact::zero()));
        assert_eq!(growth.backtest.map(|backtest| backtest.error), Some(Exact::zero()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Any spend, credits and empty months too: cases ascend, nobody owes more than everything, and the same again is
        /// the same.
        #[test]
        fn cases_ascend(
            spend in proptest::collection::btree_map(20_000..20_500_i32, -20..1_000_i64, 0..120),
            from in 20_000..20_300_i32,
            length in 1..320_i32,
        ) {
            let days: BTreeMap<Day, DaySpend> = spend
                .into_iter()
                .map(|(day, cents)| (Day::from_number(day), Money::from_units(i128::from(cents) * 10_i128.pow(16)).into()))
                .collect();
            let period = Period { from: Day::from_number(from), to: Day::from_number(from + length - 1) };
            let months = series(&days, period).expect("small amounts");
            let growth = growth(&GrowthSetting::Fitted, &months);
            let Cases { low, base, high } = &growth.monthly;
            prop_assert!(low <= base && base <= high);
            prop_assert!(*low >= -Exact::one());
            prop_assert_eq!(&growth, &super::growth(&GrowthSetting::Fitted, &months));
            for ahead in 0..12 {
                prop_assert!(factor(low, ahead) <= factor(base, ahead) && factor(base, ahead) <= factor(high, ahead));
                prop_assert!(factor(low, ahead) >= Exact::zero());
            }
            if let Some(backtest) = growth.backtest {
                prop_assert!(backtest.error >= Exact::zero());
                prop_assert!(months.len() >= FEWEST_MONTHS);
            }
        }

        /// Spend that is larger by any factor grows alike.
        #[test]
        fn growth_has_no_unit(dollars in proptest::collection::vec(1..1_000_i128, 4..10), times in 2..50_i128) {
            let larger: Vec<i128> = dollars.iter().map(|dollars| dollars * times).collect();
            prop_assert_eq!(fitted(&dollars), fitted(&larger));
        }
    }
}
