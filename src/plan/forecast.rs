//! The forecast: from months of the history to the volume of any days to come.
//!
//! Role: the latest months at one price list → where they start, what their weekdays weigh, and how they grow. The plan,
//! its back-test and its pictures all call this one function. It knows no prices: volume is dollars at one list.

use num_traits::{One, Signed, Zero, pow};

use super::months::{MonthKind, MonthSpend, weekdays};
use crate::calendar::{Month, Period};
use crate::money::{Exact, Money, Percent};

pub mod backtest;
pub mod band;
pub mod growth;

pub use backtest::{Backtest, Horizon, Tolerance};
pub use band::Band;
pub use growth::{Growth, Method, growth};

/// Most months that a forecast starts from.
pub const BASE_MONTHS: usize = 3;
/// What is left of fitted growth from each month to the next: growth that was seen does not go on for ever.
pub const DAMPING: Percent = Percent::whole(80);

/// How volume grows from month to month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rate {
    /// The same share each month: (1 + g)ⁿ.
    Steady(Exact),
    /// Fitted growth, of which less is left each month: 1 + g·(φ + … + φⁿ).
    Damped(Exact),
}

impl Rate {
    /// No growth.
    pub fn none() -> Self {
        Self::Steady(Exact::zero())
    }

    /// What volume was multiplied by over so many months that are over: growth that was seen has not faded.
    pub fn past(&self, months: u32) -> Exact {
        let (Self::Steady(share) | Self::Damped(share)) = self;
        pow(Exact::one() + share, months as usize)
    }

    /// What volume is multiplied by after so many months, exactly.
    pub fn factor(&self, months: u32) -> Exact {
        match self {
            Self::Steady(share) => pow(Exact::one() + share, months as usize),
            Self::Damped(share) => {
                let damping = DAMPING.exact();
                let left = (1..=months).map(|month| pow(damping.clone(), month as usize)).sum::<Exact>();
                (Exact::one() + share * left).max(Exact::zero())
            }
        }
    }
}

/// What a day of each weekday weighs beside an average day, Monday first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weights([Exact; 7]);

impl Weights {
    /// The mean of each weekday over the days of these months ÷ the mean of a day; a weekday that was not seen is an
    /// average day.
    pub fn of(base: &[&MonthSpend]) -> Self {
        let total: Exact = base.iter().map(|month| month.volume.exact()).sum();
        let days: u32 = base.iter().map(|month| month.seen.days()).sum();
        let weight = |weekday: usize| {
            let seen: u32 = base.iter().map(|month| weekdays(month.seen, weekday)).sum();
            if seen == 0 || total.is_zero() {
                return Exact::one();
            }
            let volume: Exact = base.iter().map(|month| month.volumes[weekday].exact()).sum();
            volume * Exact::new(days.into(), seen.into()) / &total
        };
        let weights: [Exact; 7] = std::array::from_fn(weight);
        // Credits can outweigh what a weekday costs; then days are days.
        if weights.iter().any(Signed::is_negative) {
            Self(std::array::from_fn(|_| Exact::one()))
        } else {
            Self(weights)
        }
    }

    /// Days, each counted by its weight.
    pub fn days(&self, days: Period) -> Exact {
        (0..7).map(|weekday| &self.0[weekday] * Exact::from_integer(weekdays(days, weekday).into())).sum()
    }

    /// The volume of an average day of a month.
    pub fn level(&self, month: &MonthSpend) -> Exact {
        let days = self.days(month.seen);
        if days.is_zero() { days } else { month.volume.exact() / days }
    }

    /// The seven weights, Monday first.
    pub const fn by_weekday(&self) -> &[Exact; 7] {
        &self.0
    }
}

/// Which months a forecast starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// Months that were read whole: the latest three, or as many as there are.
    Complete(Vec<Month>),
    /// No month was read whole: the latest one, by the weekdays that were read of it.
    Partial(Month),
    /// No month has any volume.
    Period,
}

impl Base {
    /// The name in reports.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Complete(_) => "complete-months",
            Self::Partial(_) => "partial-month",
            Self::Period => "period",
        }
    }

    /// The months, where there are some.
    pub fn months(&self) -> &[Month] {
        match self {
            Self::Complete(months) => months,
            Self::Partial(month) => std::slice::from_ref(month),
            Self::Period => &[],
        }
    }
}

/// The base months of a history: those that were read whole and have volume, the latest three; without any the latest
/// that was read in part.
pub fn base_months(seen: &[MonthSpend]) -> Vec<&MonthSpend> {
    let has_volume = |kind: MonthKind| move |month: &&MonthSpend| month.kind == kind && month.volume > Money::ZERO;
    let complete: Vec<&MonthSpend> = seen.iter().filter(has_volume(MonthKind::Complete)).collect();
    if complete.is_empty() {
        return seen.iter().rev().find(has_volume(MonthKind::Partial)).into_iter().collect();
    }
    complete[complete.len().saturating_sub(BASE_MONTHS)..].to_vec()
}

/// A month that a forecast starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseLevel {
    /// The month.
    pub month: Month,
    /// The volume of its average day.
    pub level: Exact,
    /// Months from it to the last one.
    pub behind: u32,
}

/// Volume of days to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// What it starts from.
    pub base: Base,
    /// The levels of these months.
    pub levels: Vec<BaseLevel>,
    /// The month that growth is counted from.
    pub last: Month,
    /// What weekdays weigh.
    pub weights: Weights,
    /// The volume of an average day of that month.
    pub start: Exact,
    /// How it grows from there.
    pub rate: Rate,
}

impl Forecast {
    /// From base months, each brought forward to the last by growth; nothing where there is none.
    pub fn of(base: &[&MonthSpend], rate: Rate) -> Option<Self> {
        let last = base.last()?.month;
        let weights = Weights::of(base);
        let levels: Vec<BaseLevel> = base
            .iter()
            .map(|month| BaseLevel { month: month.month, level: weights.level(month), behind: last.since(month.month) })
            .collect();
        let forward = levels.iter().map(|base| &base.level * rate.past(base.behind)).collect();
        let months: Vec<Month> = base.iter().map(|month| month.month).collect();
        let base = match base {
            [only] if only.kind == MonthKind::Partial => Base::Partial(only.month),
            _ => Base::Complete(months),
        };
        Some(Self { base, levels, last, start: median(forward), weights, rate })
    }

    /// Where no month has any volume.
    pub fn nothing(last: Month) -> Self {
        let (weights, start) = (Weights::of(&[]), Exact::zero());
        Self { base: Base::Period, levels: Vec::new(), last, weights, start, rate: Rate::none() }
    }

    /// Months from the last one of the base to another.
    pub fn ahead(&self, month: Month) -> u32 {
        month.since(self.last)
    }

    /// The volume of some days of one month.
    pub fn volume(&self, days: Period) -> Exact {
        &self.start * self.rate.factor(self.ahead(days.from.month())) * self.weights.days(days)
    }

    /// The volume of the last month of the base, where it starts.
    pub fn started(&self) -> Exact {
        self.volume(self.last.period())
    }
}

/// The middle one of some values, or the mean of the two in the middle; 0 of none.
fn median(mut values: Vec<Exact>) -> Exact {
    values.sort();
    let half = values.len() / 2;
    match values.as_slice() {
        [] => Exact::zero(),
        odd if odd.len() % 2 == 1 => odd[half].clone(),
        even => (&even[half - 1] + &even[half]) / Exact::from_integer(2.into()),
    }
}

/// Share of something that is live so many months after it began; the last share of a ramp holds for all months after it.
pub fn live(ramp: &[Percent], month: usize) -> Percent {
    ramp.get(month).or(ramp.last()).copied().unwrap_or(Percent::ALL)
}

/// The share of work that began in one month that runs in another: nothing before, then by the ramp.
pub fn share_in(ramp: &[Percent], start: Month, month: Month) -> Percent {
    if month < start { Percent::ZERO } else { live(ramp, month.since(start) as usize) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::calendar::Day;
    use crate::money::{DecimalStyle, decimal, round_half_even};
    use crate::plan::days::DaySpend;
    use crate::plan::months::series;
    use crate::policy::{Cases, GrowthSetting};

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn dollars(dollars: i128) -> Money {
        Money::from_units(dollars * 10_i128.pow(18))
    }

    fn share(text: &str) -> Exact {
        Money::parse(text, DecimalStyle::Point).expect("a number").0.exact()
    }

    fn text(share: &Exact) -> String {
        decimal::plain(i128::try_from(round_half_even(share, 9)).expect("small"), 9)
    }

    /// Months of which each day costs what is said.
    fn spent(from: &str, to: &str, a_day: impl Fn(Day) -> i128) -> Vec<MonthSpend> {
        let period = Period { from: day(from), to: day(to) };
        let days = (period.from.number()..=period.to.number()).map(Day::from_number);
        series(&days.map(|day| (day, dollars(a_day(day)).into())).collect(), period).expect("small amounts")
    }

    /// Complete months from 2026-01 in which each Monday costs so many dollars, and no other day anything: what weekdays
    /// weigh is then the same whatever grows.
    fn months(dollars: &[i128]) -> Vec<MonthSpend> {
        let first: Month = "2026-01".parse().expect("a month");
        let last = first.plus(u32::try_from(dollars.len()).expect("few") - 1).last().to_string();
        let a_day = |day: Day| if day.weekday() == 0 { dollars[day.month().since(first) as usize] } else { 0 };
        spent("2026-01-01", &last, a_day)
    }

    fn given(share: Exact) -> GrowthSetting {
        GrowthSetting::Given(Cases::all(share))
    }

    #[test]
    fn a_month_has_the_weekdays_of_its_own_days() {
        // $100 from Monday to Friday: September 2026 has 22 such days, October 22, November 21, December 23.
        let seen = spent("2026-09-01", "2026-10-16", |day| if day.weekday() < 5 { 100 } else { 0 });
        let forecast = Forecast::of(&base_months(&seen), Rate::none()).expect("a month");
        assert_eq!(forecast.base, Base::Complete(vec!["2026-09".parse().expect("a month")]));
        let of = |month: &str| text(&forecast.volume(month.parse::<Month>().expect("a month").period()));
        assert_eq!(["2026-10", "2026-11", "2026-12"].map(of), ["2200", "2100", "2300"]);
        // Two weeks of a month say the same of its weekdays.
        let seen = spent("2026-09-07", "2026-09-18", |day| if day.weekday() < 5 { 100 } else { 0 });
        let forecast = Forecast::of(&base_months(&seen), Rate::none()).expect("a month");
        assert_eq!((forecast.base.name(), text(&forecast.started())), ("partial-month", "2200".to_owned()));
    }

    #[test]
    fn it_starts_from_the_middle_of_three_months_brought_forward() {
        let seen = months(&[999, 100, 200, 110]);
        // April has four Mondays.
        let four = Exact::from_integer(4.into());
        let start = |rate| Forecast::of(&base_months(&seen), rate).map(|forecast| text(&(forecast.started() / &four)));
        assert_eq!(start(Rate::none()).as_deref(), Some("110"));
        // 100 · 1.1², 200 · 1.1 and 110: what is over has not faded.
        for rate in [Rate::Steady, Rate::Damped] {
            assert_eq!(start(rate(share("0.1"))).as_deref(), Some("121"));
        }
        assert_eq!(Forecast::of(&base_months(&months(&[0, 0])), Rate::none()), None);
    }

    #[test]
    fn growth_that_is_given_compounds_and_fitted_growth_fades() {
        assert_eq!(text(&Rate::Steady(share("0.03")).factor(2)), "1.0609");
        assert_eq!(Rate::Steady(share("-1")).factor(3), Exact::zero());
        // 1 + 0.1 · (0.8 + 0.64 + 0.512)
        assert_eq!(text(&Rate::Damped(share("0.1")).factor(3)), "1.1952");
        assert_eq!(text(&Rate::Damped(share("-1")).factor(4)), "0");
        assert_eq!(Rate::Damped(share("0.4")).factor(0), Exact::one());
        let ramp = [Percent::whole(25), Percent::whole(60)];
        assert_eq!([0, 1, 2, 9].map(|month| live(&ramp, month)), [25, 60, 60, 60].map(Percent::whole));
    }

    #[test]
    fn growth_is_fitted_where_it_foretells() {
        // Steps of 10 %, 10 % and 9.9174 %.
        let found = growth(&GrowthSetting::Fitted, &months(&[100, 110, 121, 133]));
        assert_eq!((found.method, found.monthly.by_ref().map(text)), (Method::Fitted, Cases::all("0.1".to_owned())));
        assert_eq!(found.rate, Rate::Damped(share("0.1")));
        let horizons = found.backtest.expect("four months").horizons;
        let [only] = horizons.as_slice() else { panic!("{horizons:?}") };
        // 121 · 1.08 and 121 for 133.
        assert_eq!((text(&only.error), text(&only.naive)), ("0.017444".to_owned(), "0.090226".to_owned()));
        assert_eq!((only.months_ahead, only.trials, only.tolerance), (1, 1, Tolerance::Run));
    }

    #[test]
    fn growth_that_foretells_nothing_is_left() {
        // Steps of +50 % and 0 %, their middle 25 %; then it falls.
        let found = growth(&GrowthSetting::Fitted, &months(&[400, 600, 600, 480, 528, 660]));
        assert_eq!((found.method, &found.rate), (Method::Naive, &Rate::none()));
        assert_eq!(found.unused_fit.as_ref().map(text).as_deref(), Some("0.1"));
        // The forecast that is shown, the middle of three months without growth: from the third, 600 for 480, 528 and 660;
        // from the fourth, 600 for 528 and 660; from the fifth, 528 for 660.
        let horizons = found.backtest.expect("six months").horizons;
        let one = (share("0.25") + Exact::new(72.into(), 528.into()) + share("0.2")) / share("3");
        assert_eq!(horizons[0].error, crate::money::round_share(&one));
        assert_eq!(horizons.iter().map(|horizon| horizon.trials).collect::<Vec<_>>(), [3, 2, 1]);
    }

    #[test]
    fn too_little_is_an_answer() {
        for (dollars, complete_months) in [(&[5, 5, 5][..], 3), (&[0, 0, 0, 0, 0], 0), (&[9, 9, 9, 0, 9, 9, 0], 2)] {
            let found = growth(&GrowthSetting::Fitted, &months(dollars));
            assert_eq!(found.method, Method::NotEnoughData { complete_months, needed: 4 }, "{dollars:?}");
            assert_eq!((found.rate, found.backtest), (Rate::none(), None));
        }
        let none = growth(&GrowthSetting::Fitted, &[]);
        assert_eq!(none.method, Method::NotEnoughData { complete_months: 0, needed: 4 });
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
    fn a_band_is_as_wide_as_the_errors_were() {
        let assumed = Band::of(&[]);
        assert_eq!((text(&assumed.error), assumed.errors), ("0.15".to_owned(), None));
        // e^−0.24 = 0.786627…, e^0.24 = 1.271249…; at four months twice the power: 0.618783… and 1.616074…
        assert_eq!(assumed.factors(1).map(|factor| text(&factor)), ["0.786627", "1.271249"]);
        assert_eq!(assumed.factors(4).map(|factor| text(&factor)), ["0.618783", "1.616074"]);
        let pairs = |off: i64| vec![[Exact::from_integer(100.into()), Exact::from_integer(off.into())]; 4];
        let measured = Band::of(&pairs(125));
        // ln(100 ÷ 125) = −0.223144.
        assert_eq!((text(&measured.error), measured.errors), ("0.223143551".to_owned(), Some(4)));
        assert_eq!(Band::of(&pairs(125)[..3]).errors, None);
        assert_eq!(Band::of(&pairs(100)).factors(6).map(|factor| text(&factor)), ["1", "1"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Any spend, credits and empty months too: volume is never below nothing, the band holds its middle, and the
        /// same again is the same.
        #[test]
        fn forecasts_hold(
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
            let found = growth(&GrowthSetting::Fitted, &months);
            prop_assert_eq!(&found, &growth(&GrowthSetting::Fitted, &months));
            let Some(forecast) = Forecast::of(&base_months(&months), found.rate.clone()) else { return Ok(()) };
            for ahead in 1..12 {
                let [low, high] = found.band.factors(ahead);
                prop_assert!(low <= Exact::one() && high >= Exact::one() && low >= Exact::zero());
                prop_assert!(forecast.volume(forecast.last.plus(ahead).period()) >= Exact::zero());
            }
        }

        /// Without growth the base months are foretold as they were, together.
        #[test]
        fn base_months_are_foretold_by_weekday(dollars in proptest::collection::vec(0..1_000_i128, 7)) {
            prop_assume!(dollars.iter().any(|dollars| *dollars > 0));
            let seen = spent("2026-01-01", "2026-03-31", |day| dollars[usize::from(day.weekday())]);
            let forecast = Forecast::of(&base_months(&seen), Rate::none()).expect("three months");
            for month in &seen {
                prop_assert_eq!(forecast.volume(month.month.period()), month.volume.exact());
            }
        }

        /// Volume that is larger by any factor grows alike, and is as wide.
        #[test]
        fn growth_has_no_unit(dollars in proptest::collection::vec(1..1_000_i128, 4..10), times in 2..50_i128) {
            let larger: Vec<i128> = dollars.iter().map(|dollars| dollars * times).collect();
            let of = |dollars: &[i128]| growth(&GrowthSetting::Fitted, &months(dollars));
            prop_assert_eq!(of(&dollars), of(&larger));
        }

        /// Given growth is held against the past too, and beside it what no growth would have said.
        #[test]
        fn what_is_given_is_tried(dollars in proptest::collection::vec(1..1_000_i128, 4..9), percent in 0..50_i64) {
            let found = growth(&given(Exact::new(percent.into(), 100.into())), &months(&dollars));
            let horizons = found.backtest.expect("four months").horizons;
            prop_assert_eq!(horizons.len(), (dollars.len() - 3).min(6));
            prop_assert!(horizons.iter().all(|one| one.error >= Exact::zero() && one.naive >= Exact::zero()));
        }
    }
}
