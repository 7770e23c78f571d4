//! When results of batches are back.
//!
//! Role: a distribution of result times → the chance to be back in time, and when most are. It reads no files, and
//! knows no terms of providers.

pub(super) mod normal;

use num_traits::{One, ToPrimitive, Zero};

use crate::money::{Exact, Factor, Percent, round_half_even};
use crate::policy::TurnaroundSetting;
use crate::policy::planning::Quantile;
use normal::{LogNormal, ln_of_ratio};

/// How long results of batches take.
#[derive(Clone, Debug, PartialEq)]
pub struct Turnaround {
    shape: Shape,
    weekend: Factor,
}

#[derive(Clone, Debug, PartialEq)]
enum Shape {
    /// Spread like a bell over the logarithm of time, but for the incidents.
    LogNormal { name: &'static str, times: LogNormal },
    /// Some points of the distribution, ascending in both.
    Quantiles(Vec<Point>),
    /// What was seen, ascending.
    Batches { times_ms: Vec<u64>, expired: u64 },
}

/// A share of batches and when it is back.
#[derive(Clone, Debug, PartialEq)]
struct Point {
    share: Exact,
    ms: u64,
}

/// When results are back, in milliseconds from submission; none later than the provider's window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResultTimes {
    /// Half are back by then.
    pub median_ms: u64,
    /// The mean; what is not back within the window counts as the window.
    pub expected_ms: u64,
    /// 95 of 100 are back by then.
    pub p95_ms: u64,
}

/// Fewest finished batches that say much.
pub const FEWEST_BATCHES: usize = 20;
/// Share of batches of the presets that are late by any measure, or expire.
const INCIDENTS: Percent = Percent::whole(1);
/// Half within 7 minutes and nine in ten within the hour: fitted to 230,000 finished batches of one broker.
const PUBLISHED: LogNormal = LogNormal { median_ms: 420_000.0, sigma: 1.676 };
/// Between 1 and 24 hours, most within 6.
const CONSERVATIVE: LogNormal = LogNormal { median_ms: 10_800_000.0, sigma: 0.824 };
/// Days of a week that are its weekend, and all.
const WEEKEND_DAYS: (u8, u8) = (2, 7);

impl Turnaround {
    /// Half within 7 minutes.
    pub fn published() -> Self {
        Shape::LogNormal { name: "published", times: PUBLISHED }.into()
    }

    /// Half within 3 hours.
    pub fn conservative() -> Self {
        Shape::LogNormal { name: "conservative", times: CONSERVATIVE }.into()
    }

    /// What a policy asks for; nothing where it names a file, which the caller reads (see [`Turnaround::from_batches`]).
    pub fn of(setting: &TurnaroundSetting) -> Option<Self> {
        match setting {
            TurnaroundSetting::Published => Some(Self::published()),
            TurnaroundSetting::Conservative => Some(Self::conservative()),
            TurnaroundSetting::Quantiles(quantiles) => Some(Self::from_quantiles(quantiles)),
            TurnaroundSetting::File(_) => None,
        }
    }

    /// Own figures, ascending in share and time.
    pub fn from_quantiles(quantiles: &[Quantile]) -> Self {
        let point = |quantile: &Quantile| Point { share: quantile.share.exact(), ms: quantile.within.0 };
        Shape::Quantiles(quantiles.iter().map(point).collect()).into()
    }

    /// As it was: how long finished batches took, in milliseconds, and how many expired.
    pub fn from_batches(mut times_ms: Vec<u64>, expired: u64) -> Self {
        times_ms.sort_unstable();
        Shape::Batches { times_ms, expired }.into()
    }

    /// The same where results of what is submitted on Saturday and Sunday take so many times as long.
    #[must_use]
    pub fn with_weekends(self, factor: Factor) -> Self {
        Self { weekend: factor, ..self }
    }

    /// Where it comes from, as a word.
    pub const fn name(&self) -> &'static str {
        match &self.shape {
            Shape::LogNormal { name, .. } => name,
            Shape::Quantiles(_) => "own",
            Shape::Batches { .. } => "batches",
        }
    }

    /// Finished batches that it rests on, if it rests on batches.
    pub const fn finished(&self) -> Option<usize> {
        match &self.shape {
            Shape::Batches { times_ms, .. } => Some(times_ms.len()),
            Shape::LogNormal { .. } | Shape::Quantiles(_) => None,
        }
    }

    /// Whether it rests on too few batches to say much.
    pub fn is_thin(&self) -> bool {
        self.finished().is_some_and(|finished| finished < FEWEST_BATCHES)
    }

    /// Share of batches that are back within `wait_ms`, rounded down to 6 decimals: nobody is promised more than there
    /// is. It never falls with the wait, and reaches 1 only where nothing is ever late.
    pub fn in_time(&self, wait_ms: u64) -> Exact {
        let share = self.mixed(|shape, slower| shape.share(divided(wait_ms, slower)));
        let millionth = Exact::new(1.into(), 1_000_000.into());
        (&share / &millionth).floor() * millionth
    }

    /// When results are back with a provider who gives up after `window_ms`.
    pub fn result_times(&self, window_ms: u64) -> ResultTimes {
        let back = self.mixed(|shape, slower| shape.share(divided(window_ms, slower)));
        let mean_of_back = self.mixed(|shape, slower| shape.mean_up_to(divided(window_ms, slower)) * slower.exact());
        let mean = mean_of_back + (Exact::one() - back) * Exact::from_integer(window_ms.into());
        ResultTimes {
            median_ms: self.first_back(Percent::whole(50), window_ms),
            expected_ms: round_half_even(&mean, 0).to_u64().unwrap_or(window_ms).min(window_ms),
            p95_ms: self.first_back(Percent::whole(95), window_ms),
        }
    }

    /// The first millisecond by which a share is back, or the window where it is not.
    fn first_back(&self, share: Percent, window_ms: u64) -> u64 {
        let wanted = share.exact();
        let (mut early, mut late) = (0, window_ms);
        while early < late {
            let middle = early + (late - early) / 2;
            if self.in_time(middle) >= wanted {
                late = middle;
            } else {
                early = middle + 1;
            }
        }
        late
    }

    /// A figure of working days and weekends together, where `slower` is how many times as long results take.
    fn mixed(&self, figure: impl Fn(&Shape, Factor) -> Exact) -> Exact {
        let working_days = figure(&self.shape, Factor::ONE);
        if self.weekend == Factor::ONE {
            return working_days;
        }
        let (days, all) = WEEKEND_DAYS;
        let weekend = Exact::new(days.into(), all.into());
        working_days * (Exact::one() - &weekend) + figure(&self.shape, self.weekend) * weekend
    }
}

impl From<Shape> for Turnaround {
    fn from(shape: Shape) -> Self {
        Self { shape, weekend: Factor::ONE }
    }
}

/// What lasts so long where everything takes `slower` times as long, in time without that.
fn divided(ms: u64, slower: Factor) -> u64 {
    // More milliseconds than can be counted are longer than any wait.
    (Exact::from_integer(ms.into()) / slower.exact()).floor().to_integer().to_u64().unwrap_or(u64::MAX)
}

impl Shape {
    /// Share of all batches that is back after `ms`.
    fn share(&self, ms: u64) -> Exact {
        match self {
            Self::LogNormal { times, .. } => times.share(ms) * on_the_way(),
            Self::Quantiles(points) => pieces(points, ms).map(|piece| piece.share).sum(),
            Self::Batches { times_ms, expired } => {
                let back = times_ms.partition_point(|time| *time <= ms);
                Exact::new(back.into(), all(times_ms, *expired))
            }
        }
    }

    /// What batches that are back after `ms` add to the mean time of all, in milliseconds.
    fn mean_up_to(&self, ms: u64) -> Exact {
        match self {
            Self::LogNormal { times, .. } => times.mean_up_to(ms) * on_the_way(),
            Self::Quantiles(points) => pieces(points, ms).map(|piece| piece.share_times_ms).sum(),
            Self::Batches { times_ms, expired } => {
                let sum: u128 = times_ms.iter().take_while(|time| **time <= ms).map(|time| u128::from(*time)).sum();
                Exact::new(sum.into(), all(times_ms, *expired))
            }
        }
    }
}
/// What no incident holds up.
fn on_the_way() -> Exact {
    Exact::one() - INCIDENTS.exact()
}

/// All batches, as a divisor.
fn all(times_ms: &[u64], expired: u64) -> num_bigint::BigInt {
    num_bigint::BigInt::from(times_ms.len().max(usize::from(expired == 0))) + expired
}

/// What comes back between two points.
struct Piece {
    share: Exact,
    /// The same, each batch by its time.
    share_times_ms: Exact,
}

/// What comes back up to `ms` in front of the first point and between each two. In front of the first it comes evenly;
/// between two evenly by the logarithm of time. Behind the last nothing comes any more: who says when 99 of 100 are
/// back has said nothing of the last one.
fn pieces(points: &[Point], ms: u64) -> impl Iterator<Item = Piece> {
    let first = points.first().map(|point| {
        let until = Exact::from_integer(ms.min(point.ms).into());
        let share = &point.share * &until / Exact::from_integer(point.ms.max(1).into());
        Piece { share_times_ms: &share * until / Exact::from_integer(2.into()), share }
    });
    let between = points.windows(2).filter(move |pair| pair[0].ms < ms).map(move |pair| {
        let (from, until, to) = (pair[0].ms, ms.min(pair[1].ms), pair[1].ms);
        let whole = ln_of_ratio(to, from);
        if whole.is_zero() {
            // Two points that 12 decimals do not tell apart are one.
            let share = &pair[1].share - &pair[0].share;
            return Piece { share_times_ms: &share * Exact::from_integer(to.into()), share };
        }
        let slope = (&pair[1].share - &pair[0].share) / whole;
        Piece {
            share_times_ms: &slope * Exact::from_integer((until - from).into()),
            share: slope * ln_of_ratio(until, from),
        }
    });
    first.into_iter().chain(between)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::money::{DecimalStyle, Money, decimal};

    const MINUTE: u64 = 60_000;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;

    fn share(text: &str) -> Exact {
        Money::parse(text, DecimalStyle::Point).expect("a number").0.exact()
    }

    fn text(share: &Exact) -> String {
        decimal::plain(i128::try_from(round_half_even(share, 9)).expect("small"), 9)
    }

    fn own(points: &[(u8, u64)]) -> Turnaround {
        let quantile =
            |(percent, ms): &(u8, u64)| Quantile { share: Percent::whole(*percent), within: crate::policy::Wait(*ms) };
        Turnaround::from_quantiles(&points.iter().map(quantile).collect::<Vec<_>>())
    }

    #[test]
    fn the_presets_are_what_was_published() {
        let (published, conservative) = (Turnaround::published(), Turnaround::conservative());
        // Half of the 99 % that no incident holds up.
        assert_eq!(text(&published.in_time(7 * MINUTE)), "0.495");
        assert_eq!(text(&conservative.in_time(3 * HOUR)), "0.495");
        // ln(60 ÷ 7) ÷ 1.676 = 1.281882 deviations, below which lie 90.0058 %.
        assert_eq!(text(&published.in_time(HOUR)), "0.891057");
        // ln(2) ÷ 0.824 = 0.841198 deviations, below which lie 79.9881 %.
        assert_eq!(text(&conservative.in_time(6 * HOUR)), "0.791882");
        assert_eq!(published.in_time(0), Exact::zero());
        assert_eq!(text(&published.in_time(u64::MAX)), "0.99");
        // In hundredths of a minute: what the closed form of a bell over logarithms says, with a 1 % that takes the day.
        let hundredths = |turnaround: &Turnaround| {
            let times = turnaround.result_times(DAY);
            [times.median_ms, times.expected_ms, times.p95_ms].map(|ms| ms / (MINUTE / 100))
        };
        assert_eq!(hundredths(&published), [715, 4180, 13061]);
        assert_eq!(hundredths(&conservative), [18188, 26175, 75875]);
    }

    #[test]
    fn own_figures_hold_at_their_points() {
        let figures = own(&[(50, 20 * MINUTE), (90, 2 * HOUR), (99, 10 * HOUR)]);
        for (wait, expected) in [
            (0, "0"),
            (10 * MINUTE, "0.25"),
            (20 * MINUTE, "0.5"),
            // ln(60 ÷ 20) ÷ ln(120 ÷ 20) = 0.613147 of the way from 50 to 90.
            (HOUR, "0.745258"),
            (2 * HOUR, "0.9"),
            (10 * HOUR, "0.99"),
            (DAY, "0.99"),
        ] {
            assert_eq!(text(&figures.in_time(wait)), expected, "{wait}");
        }
        let times = figures.result_times(DAY);
        assert_eq!(times.median_ms, 20 * MINUTE);
        // 0.5 · 10 + 0.4 · 100 ÷ ln 6 + 0.09 · 480 ÷ ln 5 + 0.01 · 1440 minutes = 68.565…
        assert_eq!(times.expected_ms / MINUTE, 68);
        // 5 of the 9 hundredths from 2 to 10 hours: 2 h · 5^(5/9) = 4.89 h.
        assert_eq!(times.p95_ms / (HOUR / 100), 489);
        assert_eq!(own(&[(50, MINUTE), (90, HOUR)]).result_times(DAY).p95_ms, DAY);
    }

    #[test]
    fn batches_are_what_they_were() {
        let seen = Turnaround::from_batches(vec![HOUR, 2 * HOUR, 5 * HOUR], 1);
        assert_eq!([HOUR - 1, HOUR, 3 * HOUR, DAY].map(|wait| text(&seen.in_time(wait))), ["0", "0.25", "0.5", "0.75"]);
        // (1 + 2 + 5 + 24) ÷ 4 hours.
        assert_eq!(seen.result_times(DAY), ResultTimes { median_ms: 2 * HOUR, expected_ms: 8 * HOUR, p95_ms: DAY });
        assert!(seen.is_thin() && !Turnaround::from_batches(vec![HOUR; 20], 0).is_thin());
        let nothing = Turnaround::from_batches(Vec::new(), 0);
        assert_eq!((nothing.in_time(DAY), nothing.result_times(DAY).expected_ms), (Exact::zero(), DAY));
        // A third is rounded down.
        assert_eq!(text(&Turnaround::from_batches(vec![HOUR, DAY, DAY], 0).in_time(HOUR)), "0.333333");
    }

    #[test]
    fn weekends_are_two_days_of_seven() {
        let seen = Turnaround::from_batches(vec![HOUR; 20], 0).with_weekends("2".parse().expect("a factor"));
        // 5 of 7 days are back in an hour, the others in two.
        assert_eq!(text(&seen.in_time(HOUR)), "0.714285");
        assert_eq!(seen.in_time(2 * HOUR), Exact::one());
        assert_eq!(seen.result_times(DAY).expected_ms, HOUR * 9 / 7);
    }

    fn any_turnaround() -> impl Strategy<Value = Turnaround> {
        let times = proptest::collection::vec(1..3 * DAY, 0..40);
        let points =
            (proptest::collection::btree_set(1..=100_u8, 2..6), proptest::collection::btree_set(1..3 * DAY, 6));
        let shape = prop_oneof![
            Just(Turnaround::published()),
            Just(Turnaround::conservative()),
            (times, 0..5_u64).prop_map(|(times, expired)| Turnaround::from_batches(times, expired)),
            points.prop_map(|(shares, times)| own(&shares.into_iter().zip(times).collect::<Vec<_>>())),
        ];
        (shape, prop_oneof![Just("1"), Just("0.5"), Just("3.25")])
            .prop_map(|(shape, factor)| shape.with_weekends(factor.parse().expect("a factor")))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// More time never makes it less likely to be in time.
        #[test]
        fn the_chance_rises_with_the_wait(turnaround in any_turnaround(), waits in proptest::collection::vec(0..2 * DAY, 2..8)) {
            let mut waits = waits;
            waits.sort_unstable();
            let chances: Vec<Exact> = waits.iter().map(|wait| turnaround.in_time(*wait)).collect();
            prop_assert!(chances.is_sorted());
            prop_assert!(chances.iter().all(|chance| *chance >= Exact::zero() && *chance <= Exact::one()));
        }

        /// Result times lie in the window and in order.
        #[test]
        fn result_times_lie_in_the_window(turnaround in any_turnaround(), window in 1..3 * DAY) {
            let ResultTimes { median_ms, expected_ms, p95_ms } = turnaround.result_times(window);
            prop_assert!(median_ms <= p95_ms && p95_ms <= window && expected_ms <= window);
            prop_assert_eq!(turnaround.result_times(window), ResultTimes { median_ms, expected_ms, p95_ms });
            if p95_ms < window {
                prop_assert!(turnaround.in_time(p95_ms) >= share("0.95"));
                prop_assert!(turnaround.in_time(p95_ms - 1) < share("0.95"));
            }
        }
    }
}
