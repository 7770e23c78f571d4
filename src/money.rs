//! Exact amounts: [`Money`], [`Rate`], [`Percent`] and the arithmetic between them.
//!
//! Role: every amount of the program is one of these types. Money is an `i128` count of 10⁻¹⁸ USD, so sums are
//! associative and the result does not depend on order or threads. Divisions (months, shares, routing) happen on
//! [`Exact`] rationals, and [`round_half_even`] is the only place where anything is rounded.
//! This module does *not* print currency symbols or choose display precision; renderers do.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed as _, ToPrimitive};

pub mod decimal;

pub use decimal::{DecimalError, DecimalStyle};

/// A rational number of any size: the form in which amounts are divided.
pub type Exact = BigRational;

/// Decimal places of the smallest unit of money: 10⁻¹⁸ USD.
pub const MONEY_DECIMALS: u32 = 18;
/// Decimal places kept in every monthly amount (docs/specification.md, section 5).
pub const MONTHLY_DECIMALS: u32 = 12;
/// Decimal places kept in every share.
pub const SHARE_DECIMALS: u32 = 6;
/// 10¹⁸, the number of smallest units in one dollar.
pub(crate) const UNITS: i128 = 1_000_000_000_000_000_000;

/// An amount in US dollars, exact to 10⁻¹⁸.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i128);

/// Raised when an amount leaves the range of [`Money`] (about ±1.7 × 10²⁰ USD).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sum of dollars or tokens is larger than any bill")]
pub struct Overflow;

impl Money {
    /// No money at all.
    pub const ZERO: Self = Self(0);

    /// An amount from its count of 10⁻¹⁸ USD.
    pub const fn from_units(units: i128) -> Self {
        Self(units)
    }

    /// The count of 10⁻¹⁸ USD.
    pub const fn units(self) -> i128 {
        self.0
    }

    /// Sum of two amounts.
    #[expect(clippy::should_implement_trait, reason = "it can fail, which an operator could not say")]
    pub fn add(self, other: Self) -> Result<Self, Overflow> {
        self.0.checked_add(other.0).map(Self).ok_or(Overflow)
    }

    /// This amount without the other.
    #[expect(clippy::should_implement_trait, reason = "it can fail, which an operator could not say")]
    pub fn sub(self, other: Self) -> Result<Self, Overflow> {
        self.0.checked_sub(other.0).map(Self).ok_or(Overflow)
    }

    /// Sum of many amounts.
    pub fn sum<I: IntoIterator<Item = Self>>(amounts: I) -> Result<Self, Overflow> {
        amounts.into_iter().try_fold(Self::ZERO, Self::add)
    }

    /// This amount and one that may not be known, which then adds nothing and has to be told in another place.
    pub fn with(self, other: Option<Self>) -> Result<Self, Overflow> {
        other.map_or(Ok(self), |other| self.add(other))
    }

    /// Adds to a sum that there is none of until something is added.
    pub fn add_to(sum: &mut Option<Self>, amount: Self) -> Result<(), Overflow> {
        *sum = Some(amount.with(*sum)?);
        Ok(())
    }

    /// The amount without its sign.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self(self.0.saturating_abs())
    }

    /// Whether the amount is exactly zero.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether the amount is below zero: a credit, or a loss.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// The amount as a rational number of dollars.
    pub fn exact(self) -> Exact {
        exact_ratio(self.0, UNITS)
    }

    /// The nearest amount with `decimals` (at most 18) decimal places, half to even.
    pub fn round(value: &Exact, decimals: u32) -> Result<Self, Overflow> {
        Self::round_times(value, (1, 1), decimals)
    }

    /// The same of a value times a fraction.
    pub fn round_times(value: &Exact, (times, by): (u64, u64), decimals: u32) -> Result<Self, Overflow> {
        let step = 10_i128.pow(MONEY_DECIMALS - decimals);
        // Nearly all amounts fit, and numbers of one size take a tenth of the time.
        let small = || {
            let part = value.numer().to_i128()?.checked_mul(times.into())?.checked_mul(10_i128.pow(decimals))?;
            divide_half_even(part, value.denom().to_i128()?.checked_mul(by.into())?).checked_mul(step)
        };
        // Rounding needs no reduced fraction, and reducing it takes longer than all the rest.
        let large = || Exact::new_raw(value.numer() * times, value.denom() * by);
        let units = small().or_else(|| (round_half_even(&large(), decimals) * step).to_i128());
        units.map(Self).ok_or(Overflow)
    }

    /// Reads an amount of dollars in any of the forms exports use. Digits beyond the 18th decimal are rounded half
    /// to even; the flag says whether that happened.
    pub fn parse(text: &str, style: DecimalStyle) -> Result<(Self, bool), DecimalError> {
        let (units, rounded) = decimal::parse_scaled(text, MONEY_DECIMALS, style)?;
        Ok((Self(units), rounded))
    }
}

/// Dollars as a plain decimal: no exponent, no trailing zeros (docs/specification.md, section 6).
/// As text with all digits: a number would be read as a double.
impl serde::Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = [b'0'; decimal::MOST_CHARACTERS];
        let text = decimal::plain_in(&mut text, self.0, MONEY_DECIMALS).map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(text)
    }
}

impl<'de> serde::Deserialize<'de> for Money {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match Self::parse(&text, DecimalStyle::Point) {
            Ok((amount, false)) => Ok(amount),
            _ => Err(serde::de::Error::custom("no amount")),
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal::write_plain(f, self.0, MONEY_DECIMALS)
    }
}

/// A price: 10⁻¹⁸ USD per token. One USD per million tokens is 10¹² of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(u64);

/// 10⁻¹⁸ USD per token in one USD per 1M tokens, as decimal places.
const RATE_DECIMALS: u32 = 12;

impl Rate {
    /// A price of nothing, which somebody stated.
    pub const FREE: Self = Self(0);
    /// The highest price the table accepts, USD per 1M tokens: above it, a unit was mistaken.
    pub const HIGHEST_PER_MILLION: u64 = 1_000;

    /// Reads USD per token as other tables write it, `2.5e-07`. What lies below the smallest unit is the noise of a float
    /// that was printed, and is rounded.
    pub fn per_token(text: &str) -> Result<Self, DecimalError> {
        Self::of_other_table(text, MONEY_DECIMALS)
    }

    /// Reads USD per 1M tokens as other tables write it, with the noise of floats rounded.
    pub fn per_million(text: &str) -> Result<Self, DecimalError> {
        Self::of_other_table(text, RATE_DECIMALS)
    }

    fn of_other_table(text: &str, decimals: u32) -> Result<Self, DecimalError> {
        let (units, _) = decimal::parse_scaled(text, decimals, DecimalStyle::Point)?;
        u64::try_from(units)
            .map(Self)
            .map_err(|_| if units < 0 { DecimalError::Negative } else { DecimalError::TooLarge })
    }

    /// The count of 10⁻¹⁸ USD per token.
    pub const fn units(self) -> u64 {
        self.0
    }

    /// What `tokens` cost at this price.
    pub fn cost(self, tokens: u128) -> Result<Money, Overflow> {
        i128::try_from(tokens).ok().and_then(|tokens| tokens.checked_mul(i128::from(self.0))).map(Money).ok_or(Overflow)
    }

    /// This price times `factor`, or nothing when the product is not a whole number of units: such a price cannot be
    /// kept exactly and is refused rather than rounded.
    pub fn times(self, factor: Factor) -> Option<Self> {
        let (quotient, remainder) = (u128::from(self.0) * factor.0).div_rem(&u128::from(FACTOR_ONE));
        (remainder == 0).then_some(())?;
        u64::try_from(quotient).ok().map(Self)
    }

    /// `share` of this price plus the rest of `other`, or nothing when that is not a whole number of units.
    pub fn blend(self, share: Percent, other: Self) -> Option<Self> {
        let whole = u128::from(PERCENT_ONE);
        let part = u128::from(share.0);
        let mixed = u128::from(self.0) * part + u128::from(other.0) * (whole - part);
        (mixed % whole == 0).then_some(())?;
        u64::try_from(mixed / whole).ok().map(Self)
    }

    /// The price as a rational number of USD per token.
    pub fn exact(self) -> Exact {
        Money(i128::from(self.0)).exact()
    }
}

/// USD per 1M tokens, as price pages print it.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal::plain(i128::from(self.0), RATE_DECIMALS))
    }
}

impl FromStr for Rate {
    type Err = DecimalError;

    /// Reads USD per 1M tokens exactly; more than 12 decimals, a sign or an exponent beyond them is refused.
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let units = decimal::parse_strict(text, RATE_DECIMALS)?;
        u64::try_from(units).map(Self).map_err(|_| DecimalError::TooLarge)
    }
}

/// An exact multiplier, such as a geography's 1.1 or a route's output ratio, to 9 decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Factor(u128);

const FACTOR_DECIMALS: u32 = 9;
const FACTOR_ONE: u64 = 1_000_000_000;

impl Factor {
    /// Multiplies by nothing.
    pub const NOTHING: Self = Self(0);
    /// Multiplies by one: changes nothing.
    pub const ONE: Self = Self(FACTOR_ONE as u128);

    /// The multiplier as a rational number.
    pub fn exact(self) -> Exact {
        Exact::new(BigInt::from(self.0), BigInt::from(FACTOR_ONE))
    }
}

impl FromStr for Factor {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let units = decimal::parse_strict(text, FACTOR_DECIMALS)?;
        u64::try_from(units).map(|units| Self(u128::from(units))).map_err(|_| DecimalError::TooLarge)
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&rounded_text(&self.exact(), FACTOR_DECIMALS))
    }
}

/// A share between 0 % and 100 %, exact to 10⁻⁷ of a percent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(u64);

const PERCENT_DECIMALS: u32 = 9;
const PERCENT_ONE: u64 = 1_000_000_000;

/// Why a share was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PercentError {
    /// No percent sign: 0.3 and 30 are too easily mistaken for one another.
    #[error("a share is written with a percent sign, such as `30%`")]
    NoSign,
    /// Not a number.
    #[error("{0}")]
    Decimal(#[from] DecimalError),
    /// Below 0 % or above 100 %.
    #[error("a share lies between 0% and 100%")]
    OutOfRange,
}

impl Percent {
    /// Nothing of it.
    pub const ZERO: Self = Self(0);
    /// All of it.
    pub const ALL: Self = Self(PERCENT_ONE);

    /// A share in whole percent, at most 100.
    pub const fn whole(percent: u8) -> Self {
        let percent = if percent > 100 { 100 } else { percent };
        Self(percent as u64 * (PERCENT_ONE / 100))
    }

    /// What it leaves over.
    #[must_use]
    pub const fn rest(self) -> Self {
        Self(PERCENT_ONE - self.0)
    }

    /// The share as a rational number between 0 and 1.
    pub fn exact(self) -> Exact {
        exact_ratio(self.0.into(), PERCENT_ONE.into())
    }
}

impl FromStr for Percent {
    type Err = PercentError;

    fn from_str(text: &str) -> Result<Self, PercentError> {
        let number = text.trim().strip_suffix('%').ok_or(PercentError::NoSign)?;
        let units = decimal::parse_strict(number.trim(), PERCENT_DECIMALS - 2).map_err(|error| match error {
            DecimalError::Negative => PercentError::OutOfRange,
            other => PercentError::Decimal(other),
        })?;
        u64::try_from(units).ok().filter(|units| *units <= PERCENT_ONE).map(Self).ok_or(PercentError::OutOfRange)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", decimal::plain(i128::from(self.0), PERCENT_DECIMALS - 2))
    }
}

/// A number rounded to so many decimals, as plain text without trailing zeros. It may be of any size.
pub fn rounded_text(value: &Exact, decimals: u32) -> String {
    let units = round_half_even(value, decimals);
    if let Some(units) = units.to_i128() {
        return decimal::plain(units, decimals);
    }
    let digits = units.magnitude().to_string();
    let (whole, fraction) = digits.split_at(digits.len() - decimals as usize);
    let (sign, fraction) = (if units.is_negative() { "-" } else { "" }, fraction.trim_end_matches('0'));
    format!("{sign}{whole}{}{fraction}", if fraction.is_empty() { "" } else { "." })
}

/// `value` × 10^`decimals`, rounded to the nearest integer, halves to the even one. The one rounding of the program.
pub fn round_half_even(value: &Exact, decimals: u32) -> BigInt {
    let scaled = value.numer() * BigInt::from(10).pow(decimals);
    let (floor, remainder) = scaled.div_mod_floor(value.denom());
    let up = rounds_up(floor.is_odd(), (remainder * 2_u8).cmp(value.denom()));
    if up { floor + BigInt::one() } else { floor }
}

/// The same of a fraction above a denominator that is more than 0.
fn divide_half_even(part: i128, whole: i128) -> i128 {
    let (floor, rest) = part.div_mod_floor(&whole);
    // Compared with what is missing to the next, since its double may not fit.
    floor + i128::from(rounds_up(floor % 2 != 0, rest.cmp(&(whole - rest))))
}

/// The rule of half-even rounding: whether a truncated number goes up, given whether its last kept digit is odd and
/// how twice the rest compares with one unit of that digit.
fn rounds_up(odd: bool, twice_rest_to_unit: Ordering) -> bool {
    match twice_rest_to_unit {
        Ordering::Greater => true,
        Ordering::Equal => odd,
        Ordering::Less => false,
    }
}

/// `part` ÷ `whole` to 6 decimals, or nothing when the whole is zero.
pub fn share(part: Money, whole: Money) -> Option<String> {
    if whole.is_zero() {
        return None;
    }
    let ratio = Exact::new(BigInt::from(part.0), BigInt::from(whole.0));
    let units = round_half_even(&ratio, SHARE_DECIMALS).to_i128()?;
    Some(decimal::plain(units, SHARE_DECIMALS))
}

/// Reduced before it becomes a number of any size, where finding the divisor takes many times as long.
fn exact_ratio(part: i128, whole: i128) -> Exact {
    // Most fit into 64 bits, where it takes a quarter.
    if let (Ok(part), Ok(whole)) = (i64::try_from(part), i64::try_from(whole)) {
        let divisor = part.gcd(&whole);
        return Exact::new_raw((part / divisor).into(), (whole / divisor).into());
    }
    let divisor = part.gcd(&whole);
    Exact::new_raw((part / divisor).into(), (whole / divisor).into())
}

/// The product of two numbers, not in lowest terms: worth it where only its rounded value is wanted, since finding a
/// divisor takes many times as long as all else.
pub fn product(one: &Exact, other: &Exact) -> Exact {
    Exact::new_raw(one.numer() * other.numer(), one.denom() * other.denom())
}

/// The difference of two numbers, not in lowest terms either.
pub fn difference(one: &Exact, other: &Exact) -> Exact {
    Exact::new_raw(one.numer() * other.denom() - other.numer() * one.denom(), one.denom() * other.denom())
}

/// The nearest share with 6 decimals, half to even.
pub fn round_share(value: &Exact) -> Exact {
    Exact::new(round_half_even(value, SHARE_DECIMALS), BigInt::from(10).pow(SHARE_DECIMALS))
}

#[cfg(test)]
mod tests;
