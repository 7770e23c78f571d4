//! Numbers and times of a fixed width, all bytes of a word at a time ("SWAR"), so that nothing about reading them depends on
//! their length.

#![expect(clippy::inline_always, reason = "measured: without it a log of ten million rows takes a sixth longer")]

const ZEROS: u64 = 0x3030_3030_3030_3030;

/// The number that eight digits are, or nothing where not all are digits.
#[inline]
const fn eight_digits(text: u64) -> Option<u64> {
    let digits = text ^ ZEROS;
    if (digits.wrapping_add(0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    Some(fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff)
}

/// By number of digits: the last bytes of eight.
const DIGITS: [u64; 9] = {
    let mut kept = [0; 9];
    let mut length = 1;
    while length < kept.len() {
        kept[length] = u64::MAX << (64 - 8 * length);
        length += 1;
    }
    kept
};

/// The number that up to eight digits are, 0 for none; nothing for anything else, though it may be a number too.
#[inline(always)]
pub fn few_digits(bytes: &[u8], start: usize, end: usize) -> Option<u64> {
    let kept = DIGITS.get(end.wrapping_sub(start))?;
    let chunk = u64::from_le_bytes(*bytes.get(end.wrapping_sub(8)..end)?.first_chunk()?);
    // What stands before the text becomes zeros.
    let digits = (chunk ^ ZEROS) & kept;
    let is_other = (digits.wrapping_add(0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080;
    (is_other == 0).then(|| joined(digits))
}

/// The number of eight digits, one a byte.
#[inline(always)]
const fn joined(digits: u64) -> u64 {
    const EACH: u64 = 0x0000_00ff_0000_00ff;
    const HIGH: u64 = (1_000_000 << 32) + 100;
    const LOW: u64 = (10_000 << 32) + 1;
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let (first, second) = (pairs & EACH, pairs >> 16 & EACH);
    first.wrapping_mul(HIGH).wrapping_add(second.wrapping_mul(LOW)) >> 32
}

/// Digits with so many digits behind a point, as a number of units of so many; nothing for anything else.
#[inline(always)]
pub fn decimals_like(bytes: &[u8], start: usize, end: usize, fraction: u32) -> Option<u64> {
    const POWERS: [u64; 9] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
    let power = POWERS.get(fraction as usize)?;
    let point = end.wrapping_sub(fraction as usize + 1);
    if fraction == 0 || point <= start || point > end || bytes.get(point) != Some(&b'.') {
        return None;
    }
    let (whole, part) = (few_digits(bytes, start, point)?, few_digits(bytes, point + 1, end)?);
    Some(whole * power + part)
}

/// Digits, or digits with a point between them, of up to 16 characters, as a number and how many digits are behind the
/// point; nothing for anything else, though it may be a number too.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "halves")]
pub fn few_decimals(bytes: &[u8], start: usize, end: usize) -> Option<(u64, u32)> {
    const ALL: u128 = u128::MAX / 0xff;
    let length = end - start;
    if length == 0 || length > 16 {
        return None;
    }
    let chunk = u128::from_le_bytes(*bytes.get(end.checked_sub(16)?..end)?.first_chunk()?);
    let before = 128 - 8 * length as u32;
    let zeros = (ALL * 0x30) & !(u128::MAX << before);
    let mut text = chunk >> before << before | zeros;
    let other = text ^ (ALL * 0x2e);
    let points = other.wrapping_sub(ALL) & !other & (ALL * 0x80);
    let mut fraction = 0;
    if points != 0 {
        let point = points.trailing_zeros() / 8;
        // In front and at the end there must be digits.
        if point * 8 <= before || point == 15 {
            return None;
        }
        fraction = 15 - point;
        let (low, high) = (text & ((1 << (8 * point)) - 1), text >> (8 * (point + 1)) << (8 * (point + 1)));
        text = high | low << 8 | 0x30;
    }
    let (first, last) = (eight_digits(text as u64)?, eight_digits((text >> 64) as u64)?);
    Some((first * 100_000_000 + last, fraction))
}

/// The hour that `HH:MM:SS` stands for and the second of it, before midnight and without a leap second.
#[inline]
pub fn clock(text: [u8; 8]) -> Option<(u8, u32)> {
    let digits = u64::from_le_bytes(text) ^ u64::from_le_bytes(*b"00:00:00");
    if (digits.wrapping_add(0x7676_7f76_767f_7676) | digits) & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let [hour, _, _, minute, _, _, second, _] = pairs.to_le_bytes();
    (hour < 24 && minute < 60 && second < 60).then_some((hour, u32::from(minute) * 60 + u32::from(second)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::DecimalStyle;
    use crate::money::decimal::{digits, parse_scaled};
    use proptest::prelude::*;

    proptest! {
        /// What is read at a fixed width is what is read character by character.
        #[test]
        fn same_numbers(before in "[0-9.:x]{0,40}", text in "[0-9]{0,9}[.]?[0-9]{0,12}[x.]?") {
            let all = format!("{before}{text}");
            let (start, end) = (before.len(), all.len());
            let number = few_digits(all.as_bytes(), start, end).filter(|_| start < end);
            let is_short = (1..=8).contains(&text.len()) && end >= 8 && text.bytes().all(|byte| byte.is_ascii_digit());
            prop_assert_eq!(number, digits(text.as_bytes()).filter(|_| is_short));
            for fraction in 0..10 {
                if let Some(number) = decimals_like(all.as_bytes(), start, end, fraction) {
                    let units = i128::from(number) * 10_i128.pow(18 - fraction);
                    prop_assert_eq!(Ok((units, false)), parse_scaled(&text, 18, DecimalStyle::Point));
                }
            }
            let is_one = text.split_once('.').map_or_else(
                || text.bytes().all(|byte| byte.is_ascii_digit()),
                |(whole, part)| [whole, part].iter().all(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())),
            );
            let found = few_decimals(all.as_bytes(), start, end);
            prop_assert_eq!(found.is_some(), is_one && (1..=16).contains(&text.len()) && end >= 16);
            if let Some((number, fraction)) = found {
                let units = i128::from(number) * 10_i128.pow(18 - fraction);
                prop_assert_eq!(Ok((units, false)), parse_scaled(&text, 18, DecimalStyle::Point));
            }
        }

        #[test]
        fn same_clock(text in "[0-2][0-9][:0][0-9]{2}[:1][0-9]{2}") {
            let time = clock(*text.as_bytes().first_chunk().expect("eight"));
            let seconds = time.map(|(hour, second)| u32::from(hour) * 3600 + second);
            let moment: Option<crate::calendar::Moment> =
                crate::calendar::Moment::parse(&format!("1970-01-01T{text}Z")).ok();
            // A leap second and the end of a day are left to the slow way.
            let moment = moment.filter(|_| &text[..2] < "24" && &text[6..] < "60");
            prop_assert_eq!(seconds.map(|seconds| i64::from(seconds) * 1_000_000), moment.map(crate::calendar::Moment::micros));
        }
    }
}
