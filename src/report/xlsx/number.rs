//! The one room where exact amounts become the numbers of a spreadsheet.
//!
//! A spreadsheet keeps 53 bits of a number and shows about fifteen digits. Nothing is reckoned with these: the nearest
//! one is found by reading the exact decimal text.

use crate::money::{Exact, Money, rounded_text};

/// Digits that any number of a spreadsheet holds.
const DIGITS_HELD: usize = 15;
/// Decimals of shares and factors.
const DECIMALS: u32 = 15;

/// The nearest number of a spreadsheet. What is no number, which no caller has, becomes an error in its cell.
pub fn nearest(decimal: &str) -> f64 {
    decimal.parse().unwrap_or(f64::NAN)
}

/// The nearest number to an amount.
pub fn of_money(amount: Money) -> f64 {
    nearest(&amount.to_string())
}

/// The nearest number to a count.
pub fn of_count(count: u64) -> f64 {
    nearest(&count.to_string())
}

/// A share or factor as decimal text, which is what results of formulas are given as.
pub fn text(value: &Exact) -> String {
    rounded_text(value, DECIMALS)
}

/// Whether an amount has more digits than a spreadsheet holds.
pub fn is_too_long(amount: Money) -> bool {
    let text = amount.to_string();
    text.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0').count() > DIGITS_HELD
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::DecimalStyle;

    #[test]
    fn long_amounts_are_found() {
        let long = |text: &str| is_too_long(Money::parse(text, DecimalStyle::Point).expect("a number").0);
        assert!(!long("0.000000000123456789"), "nine digits");
        assert!(!long("-123456.789012345"));
        assert!(long("1234567.890123456"));
    }
}
