//! Numbers, amounts and times of lines, written as everywhere and without a text for each.

use crate::calendar::{Day, Moment};
use crate::money::{MONEY_DECIMALS, Money};

/// Adds a number.
pub(super) fn number(out: &mut Vec<u8>, number: u64) {
    let mut digits = [0; 20];
    let mut begin = digits.len();
    let mut rest = number;
    loop {
        begin -= 1;
        digits[begin] = digit(rest);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[begin..]);
}

const fn digit(rest: u64) -> u8 {
    b'0' + (rest % 10) as u8
}

/// Adds a number with leading zeros.
fn padded<const DIGITS: usize>(mut number: u64) -> [u8; DIGITS] {
    let mut digits = [b'0'; DIGITS];
    for place in digits.iter_mut().rev() {
        *place = digit(number);
        number /= 10;
    }
    digits
}

fn without_zeros(digits: &[u8]) -> &[u8] {
    let end = digits.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
    &digits[..end]
}

/// Adds an amount as [`Money`] shows itself.
pub(super) fn money(out: &mut Vec<u8>, amount: Money) {
    const ONE: u64 = 10_u64.pow(MONEY_DECIMALS);
    let units = amount.units().unsigned_abs();
    // More than 18 dollars for one call is seldom.
    let Ok(units) = u64::try_from(units) else { return out.extend_from_slice(amount.to_string().as_bytes()) };
    let (whole, fraction) = (units / ONE, units % ONE);
    if amount.is_negative() {
        out.push(b'-');
    }
    number(out, whole);
    if fraction > 0 {
        out.push(b'.');
        out.extend_from_slice(without_zeros(&padded::<{ MONEY_DECIMALS as usize }>(fraction)));
    }
}

/// The text of the day that was written last.
#[derive(Debug, Default)]
pub(super) struct LastDay(Option<(Day, String)>);

/// Adds a time as [`Moment`] shows itself.
pub(super) fn time(out: &mut Vec<u8>, moment: Moment, last: &mut LastDay) {
    const SECOND: u64 = 1_000_000;
    let day = moment.day();
    let (_, text) = match last.0.take().filter(|(known, _)| *known == day) {
        Some(known) => last.0.insert(known),
        None => last.0.insert((day, day.to_string())),
    };
    out.extend_from_slice(text.as_bytes());
    let within = u64::try_from(moment.micros() - day.start().micros()).unwrap_or_default();
    let seconds = within / SECOND;
    for (sign, part) in [(b'T', seconds / 3600), (b':', seconds / 60 % 60), (b':', seconds % 60)] {
        out.push(sign);
        out.extend_from_slice(&padded::<2>(part));
    }
    if !within.is_multiple_of(SECOND) {
        out.push(b'.');
        out.extend_from_slice(without_zeros(&padded::<6>(within % SECOND)));
    }
    out.push(b'Z');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn as_everywhere(units: i128, few: i64, count: u64, micros in -62_135_596_800_000_000_i64..253_402_300_800_000_000) {
            for units in [units, i128::from(few), i128::from(few) * 1_000_000_000] {
                let (mut out, amount) = (Vec::new(), Money::from_units(units));
                money(&mut out, amount);
                prop_assert_eq!(String::from_utf8(out).expect("text"), amount.to_string());
            }
            let mut out = Vec::new();
            number(&mut out, count);
            prop_assert_eq!(String::from_utf8(out).expect("text"), count.to_string());
            for micros in [micros, micros / 1_000_000 * 1_000_000, micros / 1000 * 1000] {
                let (mut out, moment) = (Vec::new(), Moment::from_micros(micros));
                time(&mut out, moment, &mut LastDay::default());
                prop_assert_eq!(String::from_utf8(out).expect("text"), moment.to_string());
            }
        }
    }
}
