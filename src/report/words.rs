//! Numbers and dates as readers are shown them.
//!
//! Role: the one place where precision for display is chosen, so that every page shows a figure alike. Each figure is
//! rounded by itself, half to even. It knows no report.

use crate::calendar::{Day, Month, Quarter};
use crate::money::{DecimalStyle, Exact, MONEY_DECIMALS, Money, share};

const CENTS: u32 = 2;
/// From $1,000 on cents are noise in a headline, a scenario or a forecast.
const WHOLE_FROM: u128 = 1_000 * 10_u128.pow(MONEY_DECIMALS);
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `1 day`, `2 days`.
pub fn plural(count: u64, word: &str) -> String {
    format!("{} {word}{}", grouped(u128::from(count)), if count == 1 { "" } else { "s" })
}

/// Words as a heading or a sentence begins.
pub fn capitalised(words: &str) -> String {
    let mut characters = words.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// `1234567` as `1,234,567`.
pub fn grouped(count: u128) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What stands for rows that are not shown.
pub fn more(rows: usize) -> String {
    format!("{} more", grouped(rows as u128))
}

/// The nearest amount of so many decimals. Only the last cent of the range has none that fits, and is shown as it is.
fn rounded(amount: Money, decimals: u32) -> Money {
    Money::round(&amount.exact(), decimals).unwrap_or(amount)
}

/// The nearest amount of whole cents.
pub fn to_the_cent(amount: Money) -> Money {
    rounded(amount, CENTS)
}

/// The digits of an amount with thousands apart, and at least so many decimals.
fn spaced(amount: Money, decimals: usize) -> String {
    let text = amount.to_string();
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |text| ("-", text));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole = whole.parse::<u128>().map_or_else(|_| whole.to_owned(), grouped);
    if decimals == 0 && fraction.is_empty() {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{fraction:0<decimals$}")
}

/// An amount to the cent, with thousands apart.
pub fn cents(amount: Money) -> String {
    spaced(to_the_cent(amount), 2)
}

/// An amount to the cent with its currency: `$1,234.50`, `−$0.37`. For the ledger, the bill, workloads and questions.
pub fn dollars(amount: Money) -> String {
    with_sign(&cents(amount))
}

/// An amount in whole dollars from $1,000 on, else to the cent: for headlines, scenarios and forecasts.
pub fn whole_dollars(amount: Money) -> String {
    if is_whole(amount) { dollars_only(amount) } else { dollars(amount) }
}

/// Whether a headline, a scenario or a forecast shows an amount without cents.
pub fn is_whole(amount: Money) -> bool {
    to_the_cent(amount).units().unsigned_abs() >= WHOLE_FROM
}

/// An amount in whole dollars; what is less than half a dollar has its cents, since it is not nothing.
pub fn dollars_only(amount: Money) -> String {
    match rounded(amount, 0) {
        nothing if nothing.is_zero() && !to_the_cent(amount).is_zero() => dollars(amount),
        whole => with_sign(&spaced(whole, 0)),
    }
}

/// An amount with all its digits: `$5.287680156`.
pub fn exact_dollars(amount: Money) -> String {
    with_sign(&spaced(amount, 0))
}

fn with_sign(text: &str) -> String {
    text.strip_prefix('-').map_or_else(|| format!("${text}"), |positive| format!("−${positive}"))
}

/// `0.384512` as `38.5 %`.
pub fn percent(share: Option<&String>) -> String {
    let Some(share) = share.and_then(|share| Money::parse(share, DecimalStyle::Point).ok()) else {
        return "n/a".to_owned();
    };
    let hundred = Exact::from_integer(100.into());
    let Ok(rounded) = Money::round(&(share.0.exact() * hundred), 1).map(|rounded| rounded.to_string()) else {
        return "n/a".to_owned();
    };
    let rounded = if rounded.contains('.') { rounded } else { format!("{rounded}.0") };
    format!("{} %", rounded.replace('-', "−"))
}

/// `2026-10-01` as `1 Oct 2026`.
pub fn day_words(day: Day) -> String {
    date_words(&day.to_string())
}

/// A date as text, `2026-10-01` or `2026-10`, as people say it; what is no date stays as it is.
pub fn date_words(text: &str) -> String {
    let mut parts = text.splitn(3, '-');
    let month = |text: &str| text.parse::<usize>().ok().and_then(|month| MONTHS.get(month.checked_sub(1)?).copied());
    match (parts.next(), parts.next().and_then(month), parts.next()) {
        (Some(year), Some(month), Some(day)) => format!("{} {} {year}", day.trim_start_matches('0'), &month[..3]),
        (Some(year), Some(month), None) => format!("{month} {year}"),
        _ => text.to_owned(),
    }
}

/// The same where there is little room: `2026-10` as `Oct 2026`.
pub fn short_date(text: &str) -> String {
    let words = date_words(text);
    match (text.matches('-').count(), words.split_once(' ')) {
        (1, Some((month, year))) => format!("{} {year}", month.get(..3).unwrap_or(month)),
        _ => words,
    }
}

/// `2027-04` as `April 2027`.
pub fn month_words(month: Month) -> String {
    date_words(&month.to_string())
}

/// `2026-Q4` as `Q4 2026`.
pub fn quarter_words(quarter: Quarter) -> String {
    let text = quarter.to_string();
    text.split_once('-').map_or_else(|| text.clone(), |(year, quarter)| format!("{quarter} {year}"))
}

/// `a, b and 3 more` of things, the first few by name.
pub fn and_n_more(count: usize, most: usize) -> String {
    match count.saturating_sub(most) {
        0 => String::new(),
        more => format!(" and {} more", grouped(more as u128)),
    }
}

/// Sum of amounts of one report, which always fits: no report is made unless all its amounts, added up whatever their
/// signs, do (`build::balance`). Were it ever not so, the sum would be larger than any bill, and not a likely one.
pub fn sum(amounts: impl IntoIterator<Item = Money>) -> Money {
    Money::from_units(amounts.into_iter().fold(0, |sum: i128, amount| sum.saturating_add(amount.units())))
}

/// What is left of an amount of a report, for the same reason.
pub fn difference(amount: Money, taken: Money) -> Money {
    Money::from_units(amount.units().saturating_sub(taken.units()))
}

/// A part of the spend in percent; nothing where nothing is spent.
pub fn share_of(part: Money, whole: Money) -> Option<String> {
    share(part, whole).map(|share| percent(Some(&share)))
}

#[cfg(test)]
mod tests {
    use super::{date_words, dollars, exact_dollars, more, short_date, whole_dollars};
    use crate::money::{DecimalStyle, Money};

    fn money(text: &str) -> Money {
        Money::parse(text, DecimalStyle::Point).expect("an amount").0
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([more(1), more(999), more(99_988)], ["1 more", "999 more", "99,988 more"]);
    }

    #[test]
    fn precision_follows_the_place() {
        for (amount, cents, whole, exact) in [
            ("0.005", "$0.00", "$0.00", "$0.005"),
            ("0.015", "$0.02", "$0.02", "$0.015"),
            ("999.994", "$999.99", "$999.99", "$999.994"),
            ("999.995", "$1,000.00", "$1,000", "$999.995"),
            ("1000.5", "$1,000.50", "$1,000", "$1,000.5"),
            ("-12345.678", "−$12,345.68", "−$12,346", "−$12,345.678"),
        ] {
            let amount = money(amount);
            assert_eq!([dollars(amount), whole_dollars(amount), exact_dollars(amount)], [cents, whole, exact]);
        }
    }

    #[test]
    fn dates_are_said_as_people_say_them() {
        assert_eq!(["2027-04", "2026-10-01", "2026-Q4"].map(date_words), ["April 2027", "1 Oct 2026", "2026-Q4"]);
        assert_eq!(["2027-04", "2026-10-01", "stdin"].map(short_date), ["Apr 2027", "1 Oct 2026", "stdin"]);
    }
}
