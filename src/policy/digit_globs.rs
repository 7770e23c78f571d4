//! Globs of numbers as ranges of numbers.
//!
//! Role: a rule that tests a number by its first digits becomes one that tests ranges, so that whoever cuts numbers knows where.

use std::ops::RangeInclusive;

/// The numbers that match a glob of digits with `?` and then `*` behind them, such as `429`, `5??` or `4*`: one range for each
/// count of digits. Nothing for any other glob. Numbers are written in one way alone: `007` matches none.
pub(super) fn ranges_of(glob: &str) -> Option<Vec<RangeInclusive<u64>>> {
    let most_digits = u64::MAX.to_string().len();
    let fixed = glob.trim_end_matches('*');
    let begin = fixed.trim_end_matches('?');
    if glob.is_empty() || !begin.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let longest = if fixed.len() == glob.len() { fixed.len().min(most_digits) } else { most_digits };
    let ranges = (fixed.len().max(1)..=longest).filter_map(|length| {
        let of_length = |digit: &str| format!("{begin}{}", digit.repeat(length - begin.len())).parse().ok();
        let (first, last): (u128, u128) = (of_length("0")?, of_length("9")?);
        // A number does not begin with 0, unless that is all of it.
        let least = if length == 1 { 0 } else { 10_u128.pow(u32::try_from(length).ok()? - 1) };
        let (first, last) = (u64::try_from(first.max(least)).ok()?, u64::try_from(last).unwrap_or(u64::MAX));
        (first <= last).then_some(first..=last)
    });
    Some(ranges.collect())
}

#[cfg(test)]
mod tests {
    use super::ranges_of;
    use crate::policy::rules::glob;

    #[test]
    fn globs_of_numbers_are_ranges() {
        let globs = [
            "0",
            "7",
            "42",
            "007",
            "0*",
            "00?",
            "*",
            "?",
            "??",
            "4*",
            "5??",
            "42?*",
            "9**",
            "18446744073709551615",
            "1844674407370955161?",
        ];
        let numbers = (0..2_000).chain([9_999, 10_000, 42_424, u64::MAX / 10, u64::MAX - 9, u64::MAX - 1, u64::MAX]);
        for number in numbers {
            for text in globs {
                let ranges = ranges_of(text).expect("ranges");
                let is_in = ranges.iter().any(|range| range.contains(&number));
                let matches = glob(text).expect("a glob").compile_matcher().is_match(number.to_string());
                assert_eq!(is_in, matches, "{number} and `{text}`");
            }
        }
        for other in ["", "*5", "4*4", "4*?", "[45]*", "{4,5}", "4x", "-4", "+4", " 4"] {
            assert_eq!(ranges_of(other), None, "{other}");
        }
    }
}
