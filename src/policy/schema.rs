//! `policy.yaml` as written.
//!
//! Role: raw YAML → typed values with every scalar checked in place. Every key is optional here: the built-in policy
//! fills what a user's own leaves out. docs/specification.md, section 3.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::calendar::{Day, Month};
use crate::money::{DecimalStyle, Factor, Money, Percent, decimal};
use crate::usage::CacheWay;
use crate::yaml::{Exactly, UniqueMap, Whole, text_or_map};

use super::budget::{BudgetSetting, FirstMonth};
use super::planning::{
    GrowthSetting, LateResults, LeastSaving, Quarters, Ramp, Status, TurnaroundSetting, WeekendFactor,
};
use super::token_ratio::TokenRatios;

/// A policy file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawPolicy {
    /// Always 1.
    pub schema: u32,
    /// Fields that name a workload, first one present wins.
    pub workload: Option<Vec<Exactly<super::NameField>>>,
    /// The user's rules.
    #[serde(default)]
    pub rules: Vec<RawRule>,
    /// Lower limits.
    #[serde(default)]
    pub limits: RawLimits,
    /// Assumptions about running in batch.
    #[serde(default)]
    pub batch: RawBatch,
    /// Assumptions of the plan.
    #[serde(default)]
    pub planning: RawPlanning,
    /// What routing may save.
    #[serde(default)]
    pub routing: RawRouting,
    /// Tokens of the successor for one of a model that is retired.
    #[serde(default)]
    pub token_ratio: TokenRatios,
    /// What is known and accepted.
    #[serde(default)]
    pub accept: RawAccept,
    /// Control totals.
    #[serde(default)]
    pub expect: Vec<RawExpect>,
    /// Rates for bills in other currencies.
    #[serde(default)]
    pub currency: UniqueMap<Exactly<CurrencyCode>, RawCurrency>,
    /// Word lists; those of the built-in policy if left out.
    pub words: Option<RawWords>,
}

/// One rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawRule {
    /// Its name, shown as `rule:<id>`.
    pub id: String,
    /// Conditions, all of which must hold.
    pub when: UniqueMap<Exactly<super::Fact>, Condition>,
    /// The verdict.
    pub then: Then,
    /// How long the work may wait.
    pub max_wait: Option<Exactly<Wait>>,
    /// How its cached prompts are sent in batch.
    pub cache: Option<CacheWay>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The reason, in words.
    pub because: Option<String>,
    /// The month in which the work begins to move.
    pub start: Option<Exactly<Month>>,
    /// How far its saving has come.
    pub status: Option<Status>,
    /// Who approved that it moves, and when.
    pub approved: Option<RawApproval>,
}

/// Who approved something, and when.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawApproval {
    /// Who.
    pub by: String,
    /// When.
    pub on: Exactly<Day>,
}

/// What a rule decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Then {
    /// It can wait.
    Batch,
    /// It cannot.
    RealTime,
    /// An open question for its owner.
    Ask,
}

/// A condition on one fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Is one of these (globs).
    OneOf(Vec<String>),
    /// Lies strictly between.
    Between {
        /// Greater than this.
        above: Option<u64>,
        /// Less than this.
        below: Option<u64>,
    },
    /// Hours of the day, both ends included; may wrap past midnight.
    Hours {
        /// First hour.
        from: u8,
        /// Last hour.
        to: u8,
    },
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyCondition;
        impl<'de> Visitor<'de> for AnyCondition {
            type Value = Condition;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value, a list of values, `{above: N, below: N}` or `{from: H, to: H}`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Condition, E> {
                Ok(Condition::OneOf(vec![text.to_owned()]))
            }

            fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Condition, E> {
                Ok(Condition::OneOf(vec![value.to_string()]))
            }

            fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Condition, E> {
                Ok(Condition::OneOf(vec![value.to_string()]))
            }

            fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Condition, E> {
                Err(E::custom("a number with decimals is read as text only in quotes\nhint: write it as \"1.10\""))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Condition, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = items.next_element::<Exactly<String>>()? {
                    values.push(value.0);
                }
                Ok(Condition::OneOf(values))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Condition, A::Error> {
                let mut bounds: Vec<(String, u64)> = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    if bounds.iter().any(|(known, _)| *known == key) {
                        return Err(A::Error::custom(format!("duplicate key \"{key}\"")));
                    }
                    if !["above", "below", "from", "to"].contains(&key.as_str()) {
                        return Err(A::Error::custom(format!(
                            "unknown key `{key}`, expected `above`, `below`, `from` or `to`"
                        )));
                    }
                    bounds.push((key, map.next_value::<Exactly<Whole>>()?.0.0));
                }
                let bound = |name: &str| bounds.iter().find(|(key, _)| key == name).map(|(_, value)| *value);
                match (bound("above"), bound("below"), bound("from"), bound("to")) {
                    (None, None, Some(from @ 0..=23), Some(to @ 0..=23)) => {
                        let hour = |hour: u64| u8::try_from(hour).map_err(A::Error::custom);
                        Ok(Condition::Hours { from: hour(from)?, to: hour(to)? })
                    }
                    (above, below, None, None) if above.is_some() || below.is_some() => {
                        Ok(Condition::Between { above, below })
                    }
                    _ => Err(A::Error::custom("expected `{above: N, below: N}` or hours `{from: 0..23, to: 0..23}`")),
                }
            }
        }
        deserializer.deserialize_any(AnyCondition)
    }
}

/// A length of time such as `24h` or `1.5d`, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wait(pub u64);

impl Wait {
    /// So many hours.
    pub(crate) fn hours(hours: u32) -> Self {
        Self(u64::from(hours) * 3_600_000)
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}h", decimal::plain(i128::from(self.0) * 1_000 / 3_600, 6))
    }
}

impl FromStr for Wait {
    type Err = String;

    /// A number with `s`, `m`, `h` or `d`.
    fn from_str(text: &str) -> Result<Self, String> {
        let unreadable = || "a wait is a number with s, m, h or d, such as `24h`".to_owned();
        let text = text.trim();
        let unit = text.chars().next_back().ok_or_else(unreadable)?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return Err(unreadable()),
        };
        let thousandths = decimal::parse_strict(&text[..text.len() - 1], 3).map_err(|_| unreadable())?;
        u64::try_from(thousandths).ok().and_then(|number| number.checked_mul(seconds)).map(Self).ok_or_else(unreadable)
    }
}

/// Lower limits.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawLimits {
    /// Fewest requests on a day for batch to be worth the set-up.
    pub min_requests: Option<u64>,
    /// Monthly saving from which few requests a day are worth the set-up all the same, USD.
    pub small_saving: Option<Exactly<Dollars>>,
    /// Smallest monthly saving worth a plan step, USD.
    pub min_monthly_saving: Option<Exactly<LeastSaving>>,
}

/// An amount of dollars in a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dollars(pub Money);

impl FromStr for Dollars {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Money::parse(text, DecimalStyle::Point).map(|(money, _)| Self(money)).map_err(|error| error.to_string())
    }
}

/// Assumptions about running in batch.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawBatch {
    /// How cached prompts are sent.
    pub cache: Option<CacheWay>,
    /// Share of calls that find the cache primed, whatever the way of the rest.
    pub cache_hit_share: Option<Exactly<Percent>>,
    /// Share of batch work that fails and is run again.
    pub failure_share: Option<Exactly<Percent>>,
    /// How long results take.
    pub turnaround: Option<TurnaroundSetting>,
    /// The account's tier in the vendor's words, by provider: it decides how much may wait in the queue.
    #[serde(default)]
    pub account_tier: UniqueMap<String, Exactly<String>>,
    /// How much slower weekends are.
    pub weekend_factor: Option<Exactly<WeekendFactor>>,
    /// What becomes of results of a batch that was given up.
    pub late_results: Option<LateResults>,
}

/// Assumptions of the plan.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawPlanning {
    /// Growth a month.
    pub growth_monthly: Option<GrowthSetting>,
    /// Share of the plan live in each month.
    pub ramp: Option<Ramp>,
    /// Budget a month, USD.
    pub budget_monthly: Option<BudgetSetting>,
    /// The month of the calendar year in which the fiscal year begins.
    pub fiscal_year_start: Option<Exactly<FirstMonth>>,
    /// How many quarters ahead.
    pub quarters: Option<Exactly<Quarters>>,
}

/// What routing may save.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawRouting {
    /// Share of routable cost that routing saves, where no routes are given.
    pub assumption: Option<RawShare>,
    /// Routes priced from the table.
    pub routes: Option<Vec<RawRoute>>,
}

/// One share for all cases, or one a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawShare {
    /// In the low case.
    pub low: Percent,
    /// In the base case.
    pub base: Option<Percent>,
    /// In the high case.
    pub high: Percent,
}

impl<'de> Deserialize<'de> for RawShare {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Cases {
            low: Exactly<Percent>,
            base: Option<Exactly<Percent>>,
            high: Exactly<Percent>,
        }
        let one = |text: &str| {
            let share = text.parse().map_err(|error| format!("`{text}`: {error}"))?;
            Ok(Self { low: share, base: Some(share), high: share })
        };
        let by_case = |cases: Cases| {
            let share = Self { low: cases.low.0, base: cases.base.map(|base| base.0), high: cases.high.0 };
            let middle = share.base.unwrap_or(share.low);
            if share.low > share.high || middle < share.low || middle > share.high {
                return Err("shares must ascend: low ≤ base ≤ high".to_owned());
            }
            Ok(share)
        };
        text_or_map(deserializer, "a share such as `30%`, or `{low: …, base: …, high: …}`", one, by_case)
    }
}

/// A route from one model to another.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawRoute {
    /// `provider/model`, globs allowed.
    pub from: String,
    /// `provider/model` in the price table.
    pub to: String,
    /// Share of the cost that is routed.
    pub share: RawShare,
    /// Output tokens of the target for one of the source.
    pub output_ratio: Option<Exactly<Factor>>,
    /// Share of routed calls that run again on the source.
    pub escalation: Option<Exactly<Percent>>,
    /// Cost of the router as a share of the cost.
    pub overhead: Option<Exactly<Percent>>,
    /// Why this is believed.
    pub evidence: Option<String>,
}

/// What is known and accepted.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawAccept {
    /// Models (globs) that may stay unpriced.
    #[serde(default)]
    pub unpriced: Vec<String>,
    /// Rows that may be rejected.
    #[serde(default)]
    pub rejects: u64,
    /// Usage keys (globs over their paths) that may stay unread.
    #[serde(default)]
    pub unread: Vec<String>,
}

/// A control total.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawExpect {
    /// `YYYY-MM`.
    pub month: Exactly<Month>,
    /// Whose bill; all if left out.
    pub provider: Option<String>,
    /// The bill, USD.
    pub total: Exactly<Dollars>,
    /// Largest difference that is still equal, USD.
    pub tolerance: Option<Exactly<Dollars>>,
}

/// Another currency by its code, whatever its letter case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrencyCode(pub String);

impl FromStr for CurrencyCode {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let code = text.to_ascii_uppercase();
        if code == "USD" { Err("reports are in USD, which needs no rate") } else { Ok(Self(code)) }
    }
}

/// What a unit of another currency is worth: a rate of nothing would make every bill in it nothing.
#[derive(Clone, Copy, Debug)]
pub struct Rate(pub Factor);

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rate: Factor = text.parse().map_err(|error: crate::money::DecimalError| error.to_string())?;
        if rate == Factor::NOTHING { Err("a rate is above 0".to_owned()) } else { Ok(Self(rate)) }
    }
}

/// A rate for bills in another currency.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawCurrency {
    /// USD for one unit of it.
    pub usd: Exactly<Rate>,
    /// The day of the rate.
    pub date: Exactly<Day>,
    /// Who published it.
    pub source: String,
}

/// Word lists.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawWords {
    /// Somebody waits.
    pub real_time: Vec<String>,
    /// It can likely wait.
    pub batch: Vec<String>,
    /// Apps in which a person waits for each answer.
    pub interactive_apps: Vec<String>,
}
