//! The bell curve, and logarithms.
//!
//! Role: the few functions that exact numbers do not have, for chances of turnaround and for the width of forecasts. This
//! is the only place of the program with floats. They are
//! made of nothing but + − × ÷, which give the same bits on every machine, unlike the functions of its mathematical
//! library; and what leaves is rounded to 12 decimals, of which 6 are shown.
#![expect(clippy::float_arithmetic, reason = "no amount passes through here, and results leave as exact shares")]

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, LN_2, SQRT_2};

use num_traits::{ToPrimitive, Zero};

use crate::money::{Exact, round_half_even};

/// Decimals that are kept of a float.
const DECIMALS: u32 = 12;
/// Terms of each series: more change nothing in a float.
const TERMS: u32 = 200;
/// Beyond so many deviations nothing is left that 12 decimals could show.
const FARTHEST: f64 = 8.0;

/// Times whose logarithms are spread like a bell: many short ones and a long tail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct LogNormal {
    /// Half of all times are shorter, in milliseconds.
    pub(super) median_ms: f64,
    /// Standard deviation of the natural logarithm.
    pub(super) sigma: f64,
}

impl LogNormal {
    /// Share of times that are at most `ms`.
    pub(super) fn share(self, ms: u64) -> Exact {
        self.deviations(ms).map_or_else(Exact::zero, |deviations| exact(normal(deviations), DECIMALS))
    }

    /// What times of at most `ms` add to the mean of all, in whole milliseconds.
    pub(super) fn mean_up_to(self, ms: u64) -> Exact {
        let whole = self.median_ms * exp(self.sigma * self.sigma / 2.0);
        self.deviations(ms).map_or_else(Exact::zero, |deviations| exact(whole * normal(deviations - self.sigma), 0))
    }

    /// How many deviations a time lies from the median; no time is 0.
    fn deviations(self, ms: u64) -> Option<f64> {
        (ms > 0).then(|| ln(float(ms) / self.median_ms) / self.sigma)
    }
}

/// Natural logarithm of `part` ÷ `whole`, both above 0.
pub(super) fn ln_of_ratio(part: u64, whole: u64) -> Exact {
    exact(ln(float(part) / float(whole)), DECIMALS)
}

/// Natural logarithm of a number above 0.
pub(in crate::plan) fn ln_of(number: &Exact) -> Exact {
    exact(ln(number.to_f64().unwrap_or(1.0)), DECIMALS)
}

/// e to the power of a number of moderate size.
pub(in crate::plan) fn exp_of(power: &Exact) -> Exact {
    exact(exp(power.to_f64().unwrap_or(0.0)), DECIMALS)
}

fn float(number: u64) -> f64 {
    number.to_f64().unwrap_or(f64::MAX)
}

/// A float with so many decimals.
fn exact(value: f64, decimals: u32) -> Exact {
    let all_digits = Exact::from_float(value).unwrap_or_else(Exact::zero);
    Exact::new(round_half_even(&all_digits, decimals), num_bigint::BigInt::from(10).pow(decimals))
}

/// Share of a normal distribution below so many deviations from its middle.
fn normal(deviations: f64) -> f64 {
    if deviations.abs() > FARTHEST {
        return if deviations > 0.0 { 1.0 } else { 0.0 };
    }
    let square = deviations * deviations;
    let (mut term, mut sum) = (deviations, deviations);
    for index in 1..TERMS {
        term *= square / f64::from(2 * index + 1);
        sum += term;
    }
    let density = exp(-square / 2.0) * FRAC_2_SQRT_PI * FRAC_1_SQRT_2 / 2.0;
    (0.5 + density * sum).clamp(0.0, 1.0)
}

/// e to the power of a number of moderate size.
fn exp(power: f64) -> f64 {
    let twos = (power / LN_2).round();
    let rest = power - twos * LN_2;
    let (mut term, mut sum) = (1.0, 1.0);
    for index in 1..TERMS {
        term *= rest / f64::from(index);
        sum += term;
    }
    let step = if twos < 0.0 { 0.5 } else { 2.0 };
    (0..twos.abs().to_u32().unwrap_or(0)).fold(sum, |value, _| value * step)
}

/// Natural logarithm of a number above 0.
fn ln(number: f64) -> f64 {
    let (mut rest, mut twos) = (number, 0.0);
    while rest > SQRT_2 {
        rest /= 2.0;
        twos += 1.0;
    }
    while rest < FRAC_1_SQRT_2 {
        rest *= 2.0;
        twos -= 1.0;
    }
    let slope = (rest - 1.0) / (rest + 1.0);
    let (mut power, mut sum) = (slope, slope);
    for index in 1..TERMS {
        power *= slope * slope;
        sum += power / f64::from(2 * index + 1);
    }
    twos * LN_2 + 2.0 * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_near(one: f64, other: f64) -> bool {
        (one - other).abs() <= 1e-14 * other.abs().max(1.0)
    }

    #[test]
    fn the_functions_are_those_of_the_library() {
        for tenths in -320..=40_i32 {
            let power = f64::from(tenths) / 10.0;
            assert!(is_near(exp(power), power.exp()), "e^{power}");
            assert!(is_near(ln(power.exp()), power), "ln e^{power}");
        }
        assert!(is_near(ln(float(u64::MAX)), 44.361_419_555_836_5));
    }

    #[test]
    fn the_bell_curve_of_the_tables() {
        for (deviations, share) in [
            (-8.1, 0.0),
            (-1.959_963_984_540_054, 0.025),
            (0.0, 0.5),
            (0.674_489_750_196_081_7, 0.75),
            (1.281_551_565_544_600_4, 0.9),
            (3.0, 0.998_650_101_968_369_9),
            (8.0, 1.0),
            (9.0, 1.0),
        ] {
            assert!(is_near(normal(deviations), share), "{deviations}: {}", normal(deviations));
        }
    }
}
