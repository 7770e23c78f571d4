//! Numbers as readers are shown them: amounts to the cent, counts with thousands apart, shares in percent.
//!
//! Role: the one place where precision for display is chosen, so that every page shows a figure alike. Rows that are
//! shown together add up to the total shown beside them ([`shown_parts`]). It knows no report.

use crate::calendar::Day;
use crate::money::{DecimalStyle, Exact, Money, round_parts};

const CENTS: u32 = 2;

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

/// The nearest amount of whole cents. Only the last cent of the range has none that fits, and is shown as it is.
pub fn to_the_cent(amount: Money) -> Money {
    Money::round(&amount.exact(), CENTS).unwrap_or(amount)
}

/// An amount to the cent, with thousands apart.
pub fn cents(amount: Money) -> String {
    let text = to_the_cent(amount).to_string();
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |text| ("-", text));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole = whole.parse::<u128>().map_or_else(|_| whole.to_owned(), grouped);
    format!("{sign}{whole}.{fraction:0<2}")
}

/// An amount to the cent with its currency: `$1,234.50`, `−$0.37`.
pub fn dollars(amount: Money) -> String {
    with_sign(&cents(amount))
}

/// An amount with all its digits: `$5.287680156`.
pub fn exact_dollars(amount: Money) -> String {
    with_sign(&amount.to_string())
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
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = day.to_string();
    let mut parts = text.splitn(3, '-');
    let mut part = || parts.next().unwrap_or_default();
    let (year, month, day) = (part(), part().parse::<usize>().unwrap_or(1), part());
    format!("{} {} {year}", day.trim_start_matches('0'), MONTHS[(month - 1) % 12])
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

/// Parts to the cent that add up to the total to the cent, which comes with them.
pub fn shown_parts(parts: &[Money], total: Money) -> (Vec<Money>, Money) {
    let shown_total = to_the_cent(total);
    (parts_of_shown(parts, shown_total), shown_total)
}

/// What a scenario costs and saves, to the cent, which add up to today's cost as shown. The saving has its own rounding,
/// so that it reads alike wherever it stands and low, base and high keep their order; the cost takes what is left.
pub fn cost_and_saving(saving: Money, today: Money) -> [Money; 2] {
    let saving = to_the_cent(saving);
    [difference(to_the_cent(today), saving), saving]
}

/// Sums to the cent that add up to the total to the cent, which comes with them. Each has its own rounding, so that it
/// reads alike wherever else it stands; the one that `closes` takes what is left.
pub fn shown_sums(sums: &[Money], closes: usize, total: Money) -> (Vec<Money>, Money) {
    let shown_total = to_the_cent(total);
    let mut shown: Vec<Money> = sums.iter().map(|part| to_the_cent(*part)).collect();
    let rest = difference(sum(shown.iter().copied()), shown_total);
    if let Some(closing) = shown.get_mut(closes) {
        *closing = difference(*closing, rest);
    }
    // A few cents in all, of which roundings leave less than nothing, or something where there is nothing.
    let is_turned =
        |(exact, shown): (&Money, &Money)| !shown.is_zero() && exact.units().signum() != shown.units().signum();
    if sums.iter().zip(&shown).any(is_turned) {
        shown = parts_of_shown(sums, shown_total);
    }
    (shown, shown_total)
}

/// Where the largest amount stands, whatever its sign.
pub fn largest(amounts: &[Money]) -> usize {
    (0..amounts.len()).max_by_key(|&index| amounts[index].units().abs()).unwrap_or_default()
}

/// Parts to the cent that add up to a total that has been rounded already. At the last cent of the range, where they do not
/// fit, they are shown as they are.
pub fn parts_of_shown(parts: &[Money], shown_total: Money) -> Vec<Money> {
    round_parts(parts, shown_total, CENTS).unwrap_or_else(|_| parts.to_vec())
}

#[cfg(test)]
mod tests {
    use super::{cost_and_saving, dollars, more, shown_sums};
    use crate::money::{DecimalStyle, Money};

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([more(1), more(999), more(99_988)], ["1 more", "999 more", "99,988 more"]);
    }

    #[test]
    fn a_saving_is_shown_alike_in_every_case_and_adds_up() {
        let money = |text: &str| Money::parse(text, DecimalStyle::Point).expect("an amount").0;
        // Both parts of this total lie nearer to the lower cent: the saving stays as it is shown elsewhere.
        let (today, saving) = (money("173.116458333335"), money("57.104901785714"));
        let [cost, shown] = cost_and_saving(saving, today).map(dollars);
        assert_eq!((cost.as_str(), shown), ("$116.02", dollars(saving)));
    }

    #[test]
    fn one_sum_takes_what_roundings_leave() {
        let money = |text: &str| Money::parse(text, DecimalStyle::Point).expect("an amount").0;
        let shown = |sums: [&str; 3], closes: usize, total: &str| {
            let (shown, total) = shown_sums(&sums.map(money), closes, money(total));
            (shown.into_iter().map(dollars).collect::<Vec<_>>().join(" "), dollars(total))
        };
        // 1.004 + 2.004 + 3.004 = 6.012: the cent is the last one's.
        assert_eq!(
            shown(["1.004", "2.004", "3.004"], 2, "6.012"),
            ("$1.00 $2.00 $3.01".to_owned(), "$6.01".to_owned())
        );
        // 0.0051 twice: roundings up would leave the last one, which costs something, less than nothing.
        assert_eq!(
            shown(["0.0051", "0.0051", "0.0001"], 2, "0.0103"),
            ("$0.01 $0.00 $0.00".to_owned(), "$0.01".to_owned())
        );
    }
}
