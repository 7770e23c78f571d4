//! Texts of a field at a fixed width, so that nothing about reading them depends on their length.

/// Texts up to this length are looked at as they are.
pub(super) const SHORT: usize = 32;

/// The bytes of a short text, with zeros behind them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Glyphs(pub(super) [u64; 4]);

/// By length: the bytes that belong to a text.
const KEPT: [[u64; 4]; SHORT + 1] = {
    let mut kept = [[0; 4]; SHORT + 1];
    let mut length = 0;
    while length <= SHORT {
        let mut byte = 0;
        while byte < length {
            kept[length][byte / 8] |= 0xff << (byte % 8 * 8);
            byte += 1;
        }
        length += 1;
    }
    kept
};

impl Glyphs {
    /// A text of a buffer; nothing where it is longer.
    #[inline]
    pub(super) fn of(bytes: &[u8], start: usize, end: usize) -> Option<Self> {
        let kept = KEPT.get(end - start)?;
        let words = if let Some(chunk) = bytes.get(start..).and_then(<[u8]>::first_chunk::<SHORT>) {
            Self::words(chunk)
        } else {
            // At the end of a buffer.
            let mut chunk = [0; SHORT];
            chunk[..end - start].copy_from_slice(&bytes[start..end]);
            Self::words(&chunk)
        };
        Some(Self([words[0] & kept[0], words[1] & kept[1], words[2] & kept[2], words[3] & kept[3]]))
    }

    #[inline]
    fn words(chunk: &[u8; SHORT]) -> [u64; 4] {
        let words = chunk.as_chunks::<8>().0;
        std::array::from_fn(|word| words.get(word).map_or(0, |eight| u64::from_le_bytes(*eight)))
    }

    /// Spreads texts over places.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "both halves go in")]
    pub(super) fn hash(self) -> u64 {
        let [a, b, c, d] = self.0;
        let one = u128::from(a ^ 0x9e37_79b9_7f4a_7c15) * u128::from(b ^ 0xd6e8_feb8_6659_fd93);
        let two = u128::from(c ^ 0xa076_1d64_78bd_642f) * u128::from(d ^ 0xe703_7ed1_a0b4_28db);
        let both = one ^ two;
        ((both >> 64) as u64 ^ both as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

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

/// The number that one to eight digits are; nothing for anything else, though it may be a number too.
#[inline]
pub(super) fn few_digits(bytes: &[u8], start: usize, end: usize) -> Option<u64> {
    let length = end - start;
    if length == 0 || length > 8 {
        return None;
    }
    // What stands before the text is replaced by zeros.
    let chunk = u64::from_le_bytes(*bytes.get(end.checked_sub(8)?..end)?.first_chunk()?);
    let before = 64 - 8 * length;
    let zeros = ZEROS & !(!0_u64 << before);
    eight_digits(chunk >> before << before | zeros)
}

/// Digits, or digits with a point between them, of up to 16 characters, as a number and how many digits are behind the
/// point; nothing for anything else, though it may be a number too.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "halves")]
pub(super) fn few_decimals(bytes: &[u8], start: usize, end: usize) -> Option<(u64, u32)> {
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
pub(super) fn clock(text: [u8; 8]) -> Option<(u8, u32)> {
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
            if let Some(number) = few_digits(all.as_bytes(), start, end) {
                prop_assert_eq!(Some(number), digits(text.as_bytes()));
            }
            if let Some((number, fraction)) = few_decimals(all.as_bytes(), start, end) {
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
            if let Some(seconds) = seconds {
                prop_assert_eq!(Some(i64::from(seconds) * 1_000_000), moment.map(crate::calendar::Moment::micros));
            }
        }

        #[test]
        fn same_texts(text in "[a-c]{0,34}", behind in "[a-c]{0,40}") {
            let all = format!("{text}{behind}");
            let glyphs = Glyphs::of(all.as_bytes(), 0, text.len());
            let bytes: Option<Vec<u8>> =
                glyphs.map(|Glyphs(words)| words.iter().flat_map(|word| word.to_le_bytes()).collect());
            let padded = (text.len() <= SHORT).then(|| format!("{text:\0<32}").into_bytes());
            prop_assert_eq!(bytes, padded);
        }
    }
}
