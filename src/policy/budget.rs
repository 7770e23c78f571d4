//! What months may cost, for everything or by owner or team, and when a fiscal year begins.
//!
//! Role: raw YAML → budgets that can be asked for a month. What is spent against them is in [`crate::plan`].

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};

use crate::calendar::{Month, Quarter};
use crate::money::{DecimalStyle, Exact, MONTHLY_DECIMALS, Money, Overflow};
use crate::yaml::{UniqueMap, Whole};

/// What a month may cost, more than nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget(pub Money);

impl FromStr for Budget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (amount, _) = Money::parse(text, DecimalStyle::Point).map_err(|error| error.to_string())?;
        if amount <= Money::ZERO {
            return Err("a budget is more than 0\nhint: `null` if there is none".to_owned());
        }
        Ok(Self(amount))
    }
}

/// What months may cost: the same each month, or what stands for single months and quarters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// The same each month.
    Flat(Money),
    /// Of single months, and of quarters of the fiscal year, each spread by thirds.
    Dated {
        /// Months.
        months: Vec<(Month, Money)>,
        /// Quarters.
        quarters: Vec<(Quarter, Money)>,
    },
}

impl Schedule {
    /// What a month may cost, if anything is said of it: its own amount before that of its quarter, whose third month has
    /// what its thirds leave.
    pub fn of(&self, month: Month, fiscal_year_start: u8) -> Result<Option<Money>, Overflow> {
        let (months, quarters) = match self {
            Self::Flat(amount) => return Ok(Some(*amount)),
            Self::Dated { months, quarters } => (months, quarters),
        };
        if let Some((_, amount)) = months.iter().find(|(known, _)| *known == month) {
            return Ok(Some(*amount));
        }
        let quarter = month.fiscal_quarter(fiscal_year_start);
        let Some((_, amount)) = quarters.iter().find(|(known, _)| *known == quarter) else { return Ok(None) };
        let third = Money::round(&(amount.exact() / Exact::from_integer(3.into())), MONTHLY_DECIMALS)?;
        let is_last = Quarter::place_of(month, fiscal_year_start) == 2;
        Ok(Some(if is_last { amount.sub(third)?.sub(third)? } else { third }))
    }
}

/// Whose budgets there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BudgetSetting {
    /// Nobody's.
    #[default]
    None,
    /// One for everything.
    All(Schedule),
    /// One for each owner.
    Owners(Vec<(String, Schedule)>),
    /// One for each team.
    Teams(Vec<(String, Schedule)>),
}

impl BudgetSetting {
    /// Whose they are, as `owner` or `team`, with each name.
    pub fn parts(&self) -> Option<(&'static str, &[(String, Schedule)])> {
        match self {
            Self::None | Self::All(_) => None,
            Self::Owners(parts) => Some(("owner", parts)),
            Self::Teams(parts) => Some(("team", parts)),
        }
    }

    /// What a month may cost in all, if anything is said of it. Budgets of owners or teams are those of parts, and say
    /// nothing of the whole.
    pub fn of(&self, month: Month, fiscal_year_start: u8) -> Result<Option<Money>, Overflow> {
        match self {
            Self::None | Self::Owners(_) | Self::Teams(_) => Ok(None),
            Self::All(schedule) => schedule.of(month, fiscal_year_start),
        }
    }
}

const OF_A_BUDGET: &str =
    "`15000`, `{2026-11: 15000, 2026-Q4: 40000}`, `{owner: {NAME: 15000}}` or `{team: {NAME: 15000}}`";

/// Digits of a decimal that a float tells from all others.
const DIGITS_OF_A_FLOAT: usize = 15;

/// An amount, or amounts by a key.
enum RawBudget {
    Amount(Budget),
    Map(Vec<(String, RawBudget)>),
}

impl<'de> Deserialize<'de> for RawBudget {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyBudget;
        impl<'de> Visitor<'de> for AnyBudget {
            type Value = RawBudget;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(OF_A_BUDGET)
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<RawBudget, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<RawBudget, E> {
                self.visit_str(&number.to_string())
            }

            /// A number of YAML that is not whole comes as a float, whose shortest text is what was written.
            fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<RawBudget, E> {
                let text = number.to_string();
                if text.bytes().filter(u8::is_ascii_digit).count() > DIGITS_OF_A_FLOAT {
                    return Err(E::custom("a number with so many digits is read exactly only in quotes"));
                }
                self.visit_str(&text)
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<RawBudget, E> {
                text.parse().map(RawBudget::Amount).map_err(|error| E::custom(format!("`{text}`: {error}")))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawBudget, A::Error> {
                let entries =
                    UniqueMap::<String, RawBudget>::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                if entries.0.is_empty() {
                    return Err(A::Error::custom("no budget\nhint: `null` if there is none"));
                }
                Ok(RawBudget::Map(entries.0))
            }
        }
        deserializer.deserialize_any(AnyBudget)
    }
}

impl<'de> Deserialize<'de> for BudgetSetting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = RawBudget::deserialize(deserializer)?;
        let named = |parts: Vec<(String, RawBudget)>| -> Result<Vec<(String, Schedule)>, String> {
            parts.into_iter().map(|(name, raw)| Ok((name, schedule(raw)?))).collect()
        };
        let setting = match raw {
            RawBudget::Map(mut entries) if entries.len() == 1 && ["owner", "team"].contains(&entries[0].0.as_str()) => {
                match entries.swap_remove(0) {
                    (whose, RawBudget::Map(parts)) if whose == "owner" => named(parts).map(Self::Owners),
                    (_, RawBudget::Map(parts)) => named(parts).map(Self::Teams),
                    (whose, RawBudget::Amount(_)) => Err(format!("`{whose}` has one budget for each name")),
                }
            }
            raw => schedule(raw).map(Self::All),
        };
        setting.map_err(|error| D::Error::custom(format!("{error}\nhint: a budget is {OF_A_BUDGET}")))
    }
}

fn schedule(raw: RawBudget) -> Result<Schedule, String> {
    let entries = match raw {
        RawBudget::Amount(Budget(amount)) => return Ok(Schedule::Flat(amount)),
        RawBudget::Map(entries) => entries,
    };
    let (mut months, mut quarters) = (Vec::new(), Vec::new());
    for (key, raw) in entries {
        let RawBudget::Amount(Budget(amount)) = raw else { return Err(format!("`{key}` is an amount")) };
        match (key.parse::<Month>(), key.parse::<Quarter>()) {
            (Ok(month), _) => months.push((month, amount)),
            (_, Ok(quarter)) => quarters.push((quarter, amount)),
            _ => return Err(format!("`{key}` is neither a month such as 2026-11 nor a quarter such as 2026-Q4")),
        }
    }
    Ok(Schedule::Dated { months, quarters })
}

/// The month of the calendar year in which the fiscal year begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstMonth(pub u8);

impl FromStr for FirstMonth {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Whole(number) = text.parse()?;
        u8::try_from(number)
            .ok()
            .filter(|month| (1..=12).contains(month))
            .map(Self)
            .ok_or_else(|| "a fiscal year begins in month 1 to 12".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    fn policy(text: &str) -> Policy {
        Policy::parse("policy.yaml", &format!("schema: 1\n{text}\n")).expect("a policy")
    }

    fn dollars(text: &str) -> Money {
        Money::parse(text, DecimalStyle::Point).expect("a number").0
    }

    /// A month beats its quarter, whose thirds add up to it; quarters are those of the fiscal year, called by the year in
    /// which it ends.
    #[test]
    fn budgets_by_month_quarter_and_owner() {
        let policy = policy(
            "planning: {fiscal_year_start: 4, budget_monthly: {owner: {ada: {2027-Q3: 121, 2026-11: 50}, bob: 7}}}",
        );
        let Some((whose, [(_, ada), (_, bob)])) = policy.budget.parts() else { panic!("{:?}", policy.budget) };
        let of = |schedule: &Schedule, month: &str| {
            schedule.of(month.parse().expect("a month"), policy.fiscal_year_start).expect("small")
        };
        let said = ["2026-09", "2026-10", "2026-11", "2026-12"].map(|month| of(ada, month));
        // October to December 2026 are the third quarter of the year that ends in March 2027.
        let [third, last] = ["40.333333333333", "40.333333333334"].map(dollars);
        assert_eq!((whose, said), ("owner", [None, Some(third), Some(dollars("50")), Some(last)]));
        assert_eq!(of(bob, "2026-09"), Some(dollars("7")));
        assert_eq!(policy.budget.of("2026-10".parse().expect("a month"), 4).expect("small"), None);
    }

    #[test]
    fn a_budget_that_says_nothing_is_refused() {
        for text in ["0", "-5", "{}", "{2026-13: 5}", "{owner: 5}", "{team: {a: {b: {c: 1}}}}", "[1]", "much"] {
            let text = format!("schema: 1\nplanning: {{budget_monthly: {text}}}\n");
            assert!(Policy::parse("policy.yaml", &text).is_err(), "{text}");
        }
    }
}
