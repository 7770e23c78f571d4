//! What a policy says about the months ahead: growth, ramp, and how long batches take. Budgets are in
//! [`super::budget`].
//!
//! Role: raw YAML → checked settings, so that a mistake is told with its place. It does *not* forecast anything; see
//! [`crate::plan`].

use std::fmt;
use std::str::FromStr;

use num_traits::Zero;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};

use super::{Cases, Wait};
use crate::money::{DecimalStyle, Exact, Factor, MONEY_DECIMALS, Money, Overflow, Percent, PercentError, decimal};
use crate::yaml::{Exactly, UniqueMap, Whole, text_or_map};

/// How spend grows from month to month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrowthSetting {
    /// Given, as a share of the month before. Here `low` is the lowest growth, whatever it means for a saving.
    Given(Cases<Exact>),
    /// Fitted to the complete months of the logs.
    Fitted,
}

/// Growth of a month over the month before, between −100 % and 100 %.
struct MonthlyChange(Exact);

impl FromStr for MonthlyChange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (negative, size) = match text.strip_prefix('-') {
            Some(size) => (true, size),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let size = size.parse::<Percent>().map_err(|error| match error {
            PercentError::NoSign => "growth is written with a percent sign, such as `3%`, or as `fitted`".to_owned(),
            PercentError::OutOfRange => "growth a month lies between -100% and 100%".to_owned(),
            PercentError::Decimal(error) => error.to_string(),
        })?;
        Ok(Self(if negative { -size.exact() } else { size.exact() }))
    }
}

impl<'de> Deserialize<'de> for GrowthSetting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Given {
            low: Exactly<MonthlyChange>,
            base: Option<Exactly<MonthlyChange>>,
            high: Exactly<MonthlyChange>,
        }
        let one = |text: &str| {
            if text == "fitted" {
                return Ok(Self::Fitted);
            }
            let MonthlyChange(change) = text.parse().map_err(|error| format!("`{text}`: {error}"))?;
            Ok(Self::Given(Cases::all(change)))
        };
        let by_case = |given: Given| {
            let (low, high) = (given.low.0.0, given.high.0.0);
            let base = given.base.map_or_else(|| (&low + &high) / Exact::from_integer(2.into()), |base| base.0.0);
            if low > base || base > high {
                return Err("growth must ascend: low ≤ base ≤ high".to_owned());
            }
            Ok(Self::Given(Cases { low, base, high }))
        };
        text_or_map(deserializer, "a growth such as `3%`, `{low: …, base: …, high: …}` or `fitted`", one, by_case)
    }
}

/// Share of the plan that is live, month by month: at least one, and never less than the month before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ramp(pub Vec<Percent>);

impl<'de> Deserialize<'de> for Ramp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Shares;
        impl<'de> Visitor<'de> for Shares {
            type Value = Ramp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of shares, such as `[25%, 50%, 100%]`")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Ramp, A::Error> {
                let mut shares = Vec::new();
                while let Some(Exactly(share)) = items.next_element::<Exactly<Percent>>()? {
                    shares.push(share);
                }
                if shares.is_empty() {
                    return Err(A::Error::custom("no month\nhint: `[100%]` is everything at once"));
                }
                if !shares.is_sorted() {
                    return Err(A::Error::custom("shares must ascend: what is live in a month is live in the next"));
                }
                Ok(Ramp(shares))
            }
        }
        deserializer.deserialize_seq(Shares)
    }
}

/// The smallest saving a month that is worth a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeastSaving {
    /// The larger of $25 and a thousandth of what a month costs.
    Auto,
    /// An amount.
    Amount(Money),
}

impl LeastSaving {
    /// The limit where a month costs so much.
    pub fn of(self, monthly_cost: Money) -> Result<Money, Overflow> {
        match self {
            Self::Amount(amount) => Ok(amount),
            Self::Auto => {
                let share = monthly_cost.exact() / Exact::from_integer(1_000.into());
                Ok(Money::round(&share, MONEY_DECIMALS)?.max(Money::from_units(25 * 10_i128.pow(MONEY_DECIMALS))))
            }
        }
    }
}

impl FromStr for LeastSaving {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        let (amount, _) = Money::parse(text, DecimalStyle::Point).map_err(|error| error.to_string())?;
        Ok(Self::Amount(amount))
    }
}

/// What becomes of results that were finished when a batch was given up, and that the provider bills.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LateResults {
    /// They are used: nothing is paid twice.
    #[default]
    Used,
    /// They are of no use any more: the work runs again in real time.
    Lost,
}

/// How far a saving has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Somebody has seen it.
    Identified,
    /// Its owner wants it.
    Accepted,
    /// It is being built.
    InProgress,
    /// It runs.
    Done,
    /// It was measured.
    Verified,
}

impl Status {
    /// The name in policies and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identified => "identified",
            Self::Accepted => "accepted",
            Self::InProgress => "in-progress",
            Self::Done => "done",
            Self::Verified => "verified",
        }
    }
}

/// Quarters that a plan looks ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quarters(pub u32);

/// Five years: what is further away is no plan.
const MOST_QUARTERS: u64 = 20;

impl FromStr for Quarters {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Whole(number) = text.parse()?;
        u32::try_from(number)
            .ok()
            .filter(|_| (1..=MOST_QUARTERS).contains(&number))
            .map(Self)
            .ok_or_else(|| format!("a plan looks 1 to {MOST_QUARTERS} quarters ahead"))
    }
}

/// How much longer results take of what is submitted on a weekend; more than 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeekendFactor(pub Factor);

impl FromStr for WeekendFactor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let factor: Factor = text.parse().map_err(|error: decimal::DecimalError| error.to_string())?;
        if factor.exact().is_zero() {
            return Err("a weekend factor is more than 0; 1.0 changes nothing".to_owned());
        }
        Ok(Self(factor))
    }
}

/// How long results of batches take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TurnaroundSetting {
    /// As published: half within 7 minutes, nine in ten within the hour.
    Published,
    /// Half within 3 hours, nearly all within the day.
    Conservative,
    /// Own figures.
    Quantiles(Vec<Quantile>),
    /// A file of finished batches, its path relative to the policy.
    File(String),
}

/// A share of batches that is back within some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantile {
    /// The share.
    pub share: Percent,
    /// The time.
    pub within: Wait,
}

impl<'de> Deserialize<'de> for TurnaroundSetting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "`published`, `conservative`, `{p50: 20m, p90: 2h}` or `{file: batches.jsonl}`";
        let known = |text: &str| match text {
            "published" => Ok(Self::Published),
            "conservative" => Ok(Self::Conservative),
            _ => Err(format!("unknown turnaround `{text}`\nhint: one of {OF_A_TURNAROUND}")),
        };
        text_or_map(deserializer, expected, known, |UniqueMap(entries)| turnaround(entries))
    }
}

const OF_A_TURNAROUND: &str = "`published`, `conservative`, `{p50: 20m, p90: 2h}`, `{file: batches.jsonl}`";

fn turnaround(entries: Vec<(String, Exactly<String>)>) -> Result<TurnaroundSetting, String> {
    if let [(key, Exactly(path))] = entries.as_slice()
        && key == "file"
    {
        return Ok(TurnaroundSetting::File(path.clone()));
    }
    let mut quantiles = Vec::with_capacity(entries.len());
    for (key, Exactly(wait)) in entries {
        let share = key
            .strip_prefix('p')
            .and_then(|number| format!("{number}%").parse().ok())
            .filter(|share| *share > Percent::ZERO)
            .ok_or_else(|| format!("`{key}` is not a share of batches, such as p50\nhint: {OF_A_TURNAROUND}"))?;
        let within = wait.parse().map_err(|error| format!("`{key}: {wait}`: {error}"))?;
        quantiles.push(Quantile { share, within });
    }
    if quantiles.len() < 2 {
        return Err("a turnaround of one's own has at least two times, such as `{p50: 20m, p90: 2h}`".to_owned());
    }
    quantiles.sort_by_key(|quantile| quantile.share);
    let ascend = |pair: &[Quantile]| pair[0].share < pair[1].share && pair[0].within < pair[1].within;
    if quantiles[0].within == Wait(0) || !quantiles.windows(2).all(ascend) {
        return Err("the times of a turnaround must ascend with the share, from more than 0".to_owned());
    }
    Ok(TurnaroundSetting::Quantiles(quantiles))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{BudgetSetting, Policy};

    fn policy(text: &str) -> Policy {
        Policy::parse("policy.yaml", &format!("schema: 1\n{text}\n")).expect("a policy")
    }

    fn hundredths(number: i32) -> Exact {
        Exact::new(number.into(), 100.into())
    }

    fn dollars(text: &str) -> Money {
        Money::parse(text, DecimalStyle::Point).expect("a number").0
    }

    #[test]
    fn the_least_saving_follows_the_spend() {
        assert_eq!(LeastSaving::Auto.of(dollars("24999")).expect("small"), dollars("25"));
        assert_eq!(LeastSaving::Auto.of(dollars("25000.123456789012")).expect("small"), dollars("25.000123456789012"));
        assert_eq!(LeastSaving::Amount(dollars("0")).of(dollars("99")).expect("small"), Money::ZERO);
    }

    #[test]
    fn what_holds_where_nothing_is_said() {
        let policy = policy("");
        assert_eq!(policy.growth, GrowthSetting::Given(Cases::all(Exact::zero())));
        assert_eq!(policy.ramp, [25, 50, 75, 100].map(Percent::whole));
        assert_eq!((policy.budget, policy.quarters, policy.fiscal_year_start), (BudgetSetting::None, 2, 1));
        assert_eq!((policy.min_monthly_saving, policy.late_results), (LeastSaving::Auto, LateResults::Used));
        assert_eq!(policy.turnaround, TurnaroundSetting::Published);
        assert_eq!((policy.failure_share, policy.weekend_factor), (Percent::whole(1), Factor::ONE));
    }

    #[test]
    fn every_form_of_growth() {
        let growth = |text: &str| policy(&format!("planning: {{growth_monthly: {text}}}")).growth;
        assert_eq!(growth("fitted"), GrowthSetting::Fitted);
        for text in ["-3%", "{low: -3%, high: -3%}"] {
            assert_eq!(growth(text), GrowthSetting::Given(Cases::all(hundredths(-3))), "{text}");
        }
        // Without a base it is the middle.
        let cases = Cases { low: hundredths(-1), base: hundredths(2), high: hundredths(5) };
        assert_eq!(growth("{low: -1%, high: +5%}"), GrowthSetting::Given(cases.clone()));
        assert_eq!(growth("{low: -1%, base: 2%, high: 5%}"), GrowthSetting::Given(cases));
    }

    #[test]
    fn every_form_of_turnaround() {
        let turnaround = |text: &str| policy(&format!("batch: {{turnaround: {text}}}")).turnaround;
        assert_eq!(turnaround("conservative"), TurnaroundSetting::Conservative);
        assert_eq!(turnaround("{file: runs/batches.jsonl}"), TurnaroundSetting::File("runs/batches.jsonl".to_owned()));
        let quantiles = ["50%", "90%", "99.9%"].into_iter().zip([20, 120, 600]).map(|(share, minutes)| Quantile {
            share: share.parse().expect("a share"),
            within: Wait(minutes * 60_000),
        });
        // In any order of the file.
        assert_eq!(turnaround("{p90: 2h, p50: 20m, p99.9: 10h}"), TurnaroundSetting::Quantiles(quantiles.collect()));
    }

    #[test]
    fn a_budget_and_a_ramp() {
        let policy = policy("planning: {budget_monthly: 15000.50, ramp: [0%, 100%], quarters: 4}");
        let month = "2026-11".parse().expect("a month");
        assert_eq!(policy.budget.of(month, 1).expect("small"), Some(dollars("15000.5")));
        assert_eq!((policy.ramp, policy.quarters), (vec![Percent::ZERO, Percent::ALL], 4));
    }
}
