//! How wide a forecast is.
//!
//! Role: how far off the forecast was one month ahead → the factors that lead from it to its low and high end. About 8 in
//! 10 months lie between them.

use num_bigint::BigInt;
use num_traits::{Signed, Zero};

use crate::money::{Exact, Percent};
use crate::plan::turnaround::normal::{exp_of, ln_of};

/// How far off a forecast is on average, one month ahead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    /// Mean of |ln(actual ÷ forecast)|.
    pub error: Exact,
    /// How many errors it is the mean of; nothing where it is assumed.
    pub errors: Option<usize>,
}

/// Fewest errors that say how wide a forecast is.
const FEWEST_ERRORS: usize = 4;
/// What is assumed with fewer.
const ASSUMED: Percent = Percent::whole(15);
/// From the mean error to what 8 in 10 lie within, as a fraction.
const WIDTH: (u8, u8) = (16, 10);
/// Powers beyond this say nothing but that nothing is known, and lead to amounts that no bill has.
const LARGEST_POWER: u8 = 20;
/// Decimals of roots, and of the factors that are used.
const ROOT_DECIMALS: u32 = 12;
const FACTOR_DECIMALS: u32 = 6;

impl Band {
    /// From volumes and what was foretold of them one month ahead.
    pub fn of(pairs: &[[Exact; 2]]) -> Self {
        let errors: Vec<Exact> = pairs
            .iter()
            .filter(|[actual, foretold]| actual.is_positive() && foretold.is_positive())
            .map(|[actual, foretold]| ln_of(&(actual / foretold)).abs())
            .collect();
        if errors.len() < FEWEST_ERRORS {
            return Self { error: ASSUMED.exact(), errors: None };
        }
        let mean = errors.iter().sum::<Exact>() / Exact::from_integer(errors.len().into());
        Self { error: mean, errors: Some(errors.len()) }
    }

    /// What the forecast is multiplied by for its low and its high end, so many months ahead: e^∓(1.6 · error · √months),
    /// cut to 6 decimals.
    pub fn factors(&self, months_ahead: u32) -> [Exact; 2] {
        let width = Exact::new(WIDTH.0.into(), WIDTH.1.into());
        let power = (width * &self.error * root(months_ahead)).min(Exact::from_integer(LARGEST_POWER.into()));
        let cut = |power: Exact| {
            let unit = Exact::new(1.into(), BigInt::from(10).pow(FACTOR_DECIMALS));
            (exp_of(&power) / &unit).floor() * unit
        };
        [cut(-power.clone()), cut(power)]
    }
}

/// The square root, cut to 12 decimals.
fn root(number: u32) -> Exact {
    if number.is_zero() {
        return Exact::zero();
    }
    let scale = BigInt::from(10).pow(ROOT_DECIMALS);
    Exact::new((BigInt::from(number) * &scale * &scale).sqrt(), scale)
}
