//! Decimal text in, decimal text out, without a float in between.

use std::fmt;

use super::rounds_up;

/// How a file writes numbers. Only what is declared is read: `1,234` is 1234 in one country and 1.234 in another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecimalStyle {
    /// `1,234.56`: a point before the decimals, commas between thousands.
    Point,
    /// `1.234,56`, `1 234,56` or `1'234,56`: a comma before the decimals.
    Comma,
    /// Nothing was declared: as [`DecimalStyle::Point`], but text that reads both ways is refused.
    #[default]
    Undeclared,
}

/// Why a text is not the number it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Not a decimal number in the declared style.
    #[error("not a number")]
    NotANumber,
    /// Not a number as price tables write it.
    #[error("not a plain decimal number, such as 1000 or 2.5")]
    NotPlain,
    /// Beyond the range that is kept exactly.
    #[error("a number too large to be true")]
    TooLarge,
    /// More decimals than are kept, where rounding is not allowed.
    #[error("more decimals than can be kept exactly")]
    TooFine,
    /// Below zero where only amounts from zero up make sense.
    #[error("a negative number")]
    Negative,
    /// Reads as one number with a decimal point and as another with a decimal comma.
    #[error("reads both as thousands and as decimals")]
    Ambiguous,
    /// In exponent form, with fewer digits than the number has.
    #[error("a number in exponent form without all its digits, as spreadsheets write it; export it with all of them")]
    Shortened,
}

/// The longest exponent that is looked at; beyond it a number is 0 or too large anyway.
const EXPONENT_LIMIT: i64 = 100_000;
/// Digits of the largest number, digits of the finest fraction, a point and a sign.
pub const MOST_CHARACTERS: usize = 39 + 38 + 2;

/// Reads `text` × 10^`decimals` as an integer, half-even; the flag says whether digits were lost.
pub fn parse_scaled(text: &str, decimals: u32, style: DecimalStyle) -> Result<(i128, bool), DecimalError> {
    if style == DecimalStyle::Point
        && let Some(units) = plain_digits(text.as_bytes(), decimals)
    {
        return Ok((units, false));
    }
    let (negative, body) = unwrap_sign(text.trim())?;
    let (mantissa, exponent) = match body.find(['e', 'E']) {
        Some(at) => (&body[..at], parse_exponent(&body[at + 1..])?),
        None => (body, 0),
    };
    let (point, thousands): (u8, &[u8]) = match style {
        DecimalStyle::Point | DecimalStyle::Undeclared => (b'.', b","),
        DecimalStyle::Comma => (b',', b".' \xa0"),
    };
    if style == DecimalStyle::Undeclared && reads_both_ways(mantissa) {
        return Err(DecimalError::Ambiguous);
    }
    scale(mantissa.as_bytes(), point, thousands, exponent + i64::from(decimals))
        .map(|(magnitude, lossy)| (if negative { -magnitude } else { magnitude }, lossy))
}

/// A whole number of nothing but digits, at most 18.
pub fn digits(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 18 {
        return None;
    }
    let mut value = 0;
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    Some(value)
}

/// Digits, or digits with a point between them: what nearly all numbers of a log are, without looking for more.
fn plain_digits(text: &[u8], decimals: u32) -> Option<i128> {
    /// Any number of so many digits fits 64 bits.
    const MOST_DIGITS: usize = 19;
    if text.is_empty() || text.len() > MOST_DIGITS {
        return None;
    }
    let (mut value, mut fraction, mut has_point) = (0_u64, 0_u32, false);
    for (index, &byte) in text.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                value = value * 10 + u64::from(byte - b'0');
                fraction += u32::from(has_point);
            }
            b'.' if !has_point && index > 0 && index + 1 < text.len() => has_point = true,
            _ => return None,
        }
    }
    i128::from(value).checked_mul(10_i128.checked_pow(decimals.checked_sub(fraction)?)?)
}

/// Reads a plain decimal as written in a price table: no sign, no thousands, no leading zero, nothing rounded.
/// `1e-6` is accepted; `010`, `1_000` and `0x10`, which YAML readers take for other numbers, are not.
pub fn parse_strict(text: &str, decimals: u32) -> Result<i128, DecimalError> {
    if let Some(rest) = text.strip_prefix('-') {
        let is_number = rest.as_bytes().first().is_some_and(u8::is_ascii_digit);
        return Err(if is_number { DecimalError::Negative } else { DecimalError::NotPlain });
    }
    let bytes = text.as_bytes();
    let leading_zero = bytes.len() > 1 && bytes[0] == b'0' && bytes[1].is_ascii_digit();
    let plain = bytes.iter().enumerate().all(|(index, byte)| match byte {
        b'0'..=b'9' | b'.' | b'e' | b'E' => true,
        b'-' | b'+' => index > 0 && matches!(bytes[index - 1], b'e' | b'E'),
        _ => false,
    });
    if !plain || leading_zero {
        return Err(DecimalError::NotPlain);
    }
    match parse_scaled(text, decimals, DecimalStyle::Point) {
        Ok((units, false)) => Ok(units),
        Ok((_, true)) => Err(DecimalError::TooFine),
        Err(DecimalError::NotANumber) => Err(DecimalError::NotPlain),
        Err(error) => Err(error),
    }
}

/// `units` × 10^−`decimals` as plain text: no exponent, no trailing zeros.
pub fn plain(units: i128, decimals: u32) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_plain(&mut text, units, decimals);
    text
}

/// The same, written where it is wanted.
pub fn write_plain(out: &mut impl fmt::Write, units: i128, decimals: u32) -> fmt::Result {
    out.write_str(plain_in(&mut [b'0'; MOST_CHARACTERS], units, decimals)?)
}

/// The same, in room for it that is filled with zeros.
pub fn plain_in(text: &mut [u8; MOST_CHARACTERS], units: i128, decimals: u32) -> Result<&str, fmt::Error> {
    let one = 10_u128.pow(decimals);
    let magnitude = units.unsigned_abs();
    // Division of 128 bits takes long, and nearly all amounts fit into 64.
    let (whole, mut fraction) = match (u64::try_from(magnitude), u64::try_from(one)) {
        (Ok(magnitude), Ok(one)) => (u128::from(magnitude / one), magnitude % one),
        _ => (magnitude / one, u64::try_from(magnitude % one).map_err(|_| fmt::Error)?),
    };
    // From the last digit to the first, and all at once: a formatter takes several times as long.
    let mut at = text.len();
    if fraction > 0 {
        let mut width = decimals;
        for (power, zeros) in [(100_000_000, 8), (10_000, 4), (100, 2), (10, 1)] {
            while fraction.is_multiple_of(power) {
                fraction /= power;
                width -= zeros;
            }
        }
        put_before(text, at, fraction);
        at -= width as usize + 1;
        text[at] = b'.';
    }
    at = put_before(text, at, whole);
    if units < 0 {
        at -= 1;
        text[at] = b'-';
    }
    std::str::from_utf8(&text[at..]).map_err(|_| fmt::Error)
}

/// Writes the digits of a number before a place, and says where they begin.
fn put_before(text: &mut [u8], end: usize, number: impl itoa::Integer) -> usize {
    let mut digits = itoa::Buffer::new();
    let digits = digits.format(number).as_bytes();
    text[end - digits.len()..end].copy_from_slice(digits);
    end - digits.len()
}

/// Takes off accounting brackets, one sign, a dollar sign and a spreadsheet's apostrophe.
fn unwrap_sign(text: &str) -> Result<(bool, &str), DecimalError> {
    let text = text.strip_prefix('\'').unwrap_or(text);
    if let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        let inner = inner.trim();
        let inner = inner.strip_prefix('$').unwrap_or(inner);
        return if inner.starts_with(['-', '+', '(']) { Err(DecimalError::NotANumber) } else { Ok((true, inner)) };
    }
    let unsigned = text.strip_prefix('$').unwrap_or(text);
    let (negative, rest) = match unsigned.as_bytes().first() {
        Some(b'-') => (true, &unsigned[1..]),
        Some(b'+') => (false, &unsigned[1..]),
        _ => (false, unsigned),
    };
    let rest = if unsigned.len() == text.len() { rest.strip_prefix('$').unwrap_or(rest) } else { rest };
    Ok((negative, rest))
}

fn parse_exponent(text: &str) -> Result<i64, DecimalError> {
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DecimalError::NotANumber);
    }
    let size = digits.parse::<i64>().unwrap_or(EXPONENT_LIMIT).min(EXPONENT_LIMIT);
    Ok(if negative { -size } else { size })
}

/// Whether a number has one separator that could be either kind: `1,234` and `1.234,567` style doubts.
fn reads_both_ways(mantissa: &str) -> bool {
    let mut parts = mantissa.split(',');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(whole), Some(group), None) => {
            !mantissa.contains('.') && group.len() == 3 && (1..=3).contains(&whole.len()) && whole != "0"
        }
        _ => false,
    }
}

/// Whether a point in a number could stand between thousands: `12.000`.
pub fn may_be_grouped_by_a_point(text: &str) -> bool {
    text.trim().split_once('.').is_some_and(|(whole, group)| {
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        group.len() == 3 && (1..=3).contains(&whole.len()) && are_digits(whole) && are_digits(group) && whole != "0"
    })
}

/// What spreadsheets show of a number in exponent form.
const SPREADSHEET_DECIMALS: usize = 2;

/// Whether digits may have been rounded away: a spreadsheet writes `1.23E+06` for 1,234,567 too, and `9.18E-01` for 0.9184.
/// Programs that write all digits put no plus before the exponent, and write no exponent from a thousandth up.
fn may_lack_digits(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return false };
    let decimals = mantissa.find(['.', ',']).map_or(0, |point| mantissa.len() - point - 1);
    let above = exponent.strip_prefix('+').and_then(|digits| digits.trim_end().parse::<usize>().ok());
    let is_fraction = matches!(exponent.trim_end(), "-01" | "-02" | "-03");
    (above.is_some_and(|exponent| exponent > decimals) || is_fraction && decimals <= SPREADSHEET_DECIMALS)
        && mantissa.contains(|digit| matches!(digit, '1'..='9'))
}

/// Reads a number that must be there with all its digits before the decimals, as [`parse_scaled`] does.
pub fn parse_in_full(text: &str, decimals: u32, style: DecimalStyle) -> Result<(i128, bool), DecimalError> {
    if may_lack_digits(text) { Err(DecimalError::Shortened) } else { parse_scaled(text, decimals, style) }
}

/// Digits × 10^`shift`, half-even, with every separator checked.
fn scale(mantissa: &[u8], point: u8, thousands: &[u8], shift: i64) -> Result<(i128, bool), DecimalError> {
    let whole_length = mantissa.iter().position(|&byte| byte == point).unwrap_or(mantissa.len());
    let (whole, fraction) = mantissa.split_at(whole_length);
    let fraction = fraction.get(1..).unwrap_or(&[]);
    check_grouping(whole, thousands)?;
    if !fraction.iter().all(u8::is_ascii_digit) {
        return Err(DecimalError::NotANumber);
    }
    let whole_digits = whole.iter().filter(|byte| byte.is_ascii_digit()).count();
    if whole_digits + fraction.len() == 0 {
        return Err(DecimalError::NotANumber);
    }
    let digits = || whole.iter().chain(fraction).filter(|byte| byte.is_ascii_digit()).map(|byte| byte - b'0');
    if digits().all(|digit| digit == 0) {
        return Ok((0, false));
    }
    // How many leading digits stand before the decimal point once it has been shifted.
    let kept = i64::try_from(whole_digits).unwrap_or(i64::MAX).saturating_add(shift);
    let mut value: i128 = 0;
    let mut rest_first = None;
    let mut rest_more = false;
    for (index, digit) in digits().enumerate() {
        let index = i64::try_from(index).unwrap_or(i64::MAX);
        if index < kept {
            value = append(value, digit)?;
        } else if index == kept && kept >= 0 {
            rest_first = Some(digit);
        } else {
            rest_more |= digit != 0;
        }
    }
    let seen = i64::try_from(whole_digits + fraction.len()).unwrap_or(i64::MAX);
    for _ in seen..kept {
        value = append(value, 0)?;
    }
    let rest_first = rest_first.unwrap_or(0);
    let lossy = rest_first != 0 || rest_more;
    let to_unit = rest_first.cmp(&5).then(rest_more.cmp(&false));
    let up = rounds_up(value % 2 != 0, to_unit);
    Ok((if up { value + 1 } else { value }, lossy))
}

fn append(value: i128, digit: u8) -> Result<i128, DecimalError> {
    value
        .checked_mul(10)
        .and_then(|value| value.checked_add(i128::from(digit)))
        .filter(|value| *value < i128::MAX - 1)
        .ok_or(DecimalError::TooLarge)
}

/// Thousands stand in groups of three, if there are any.
fn check_grouping(whole: &[u8], thousands: &[u8]) -> Result<(), DecimalError> {
    // A no-break space is two bytes in UTF-8; its first byte joins the second as one separator.
    let text: Vec<u8> = whole.iter().copied().filter(|&byte| byte != 0xc2).collect();
    if text.iter().all(u8::is_ascii_digit) {
        return Ok(());
    }
    let separator = *text.iter().find(|byte| !byte.is_ascii_digit()).unwrap_or(&0);
    if !thousands.contains(&separator) {
        return Err(DecimalError::NotANumber);
    }
    let mut groups = text.split(|&byte| byte == separator);
    let first = groups.next().unwrap_or(&[]);
    let all_digits = |group: &[u8]| group.iter().all(u8::is_ascii_digit);
    // `0,123` is no thousand of anything: somewhere it is a decimal.
    let well_formed = (1..=3).contains(&first.len())
        && first[0] != b'0'
        && all_digits(first)
        && groups.all(|group| group.len() == 3 && all_digits(group));
    if well_formed { Ok(()) } else { Err(DecimalError::NotANumber) }
}
