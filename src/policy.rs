//! The policy: names of workloads, rules, limits and assumptions.
//!
//! Role: valid settings of judgement from YAML, the user's over the built-in ones, and the matching of rules. It does
//! *not* decide verdicts (see [`crate::verdict`]) and knows no prices. docs/specification.md, section 3.

use std::collections::BTreeSet;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::calendar::{Day, Month};
use crate::diagnostic::{Diagnostic, Failure, Place};
use crate::money::{Factor, Money, Percent};
use crate::usage::{BatchCache, CacheWay};
use crate::yaml;

pub mod budget;
mod digit_globs;
pub mod edit;
mod facts;
pub mod planning;
pub mod token_ratio;
pub mod rules;
pub mod schema;
pub mod words;
pub mod write;

pub use budget::BudgetSetting;
use budget::FirstMonth;
pub use facts::{Fact, NameField, Reduction};
pub use planning::{GrowthSetting, LateResults, LeastSaving, Status, TurnaroundSetting};
use planning::{Ramp, WeekendFactor};
pub use rules::{Facts, RuleSet};
use schema::{RawPolicy, RawShare};
pub use schema::{Then, Wait};
pub use words::WordList;

/// The policy that ships with the program.
pub const BUILT_IN: &str = include_str!("../policy.yaml");

/// Settings of judgement, complete.
#[derive(Debug)]
pub struct Policy {
    /// Where the user's policy came from, if there is one.
    pub source: Option<String>,
    /// Fields that name a workload; the first one a call has wins.
    pub workload: Vec<NameField>,
    /// The user's rules.
    pub rules: RuleSet,
    /// Fewest requests on a day.
    pub min_requests: u64,
    /// Monthly saving from which fewer requests are no reason to stay real-time.
    pub small_saving: Money,
    /// Smallest monthly saving worth a step.
    pub min_monthly_saving: LeastSaving,
    /// How cached prompts are sent in batch, where no rule says otherwise.
    pub batch_cache: BatchCache,
    /// Share of batch work that fails and is run again at standard price.
    pub failure_share: Percent,
    /// How long results of batches take.
    pub turnaround: TurnaroundSetting,
    /// How much longer results take of what is submitted on Saturday and Sunday.
    pub weekend_factor: Factor,
    /// What becomes of results of a batch that was given up.
    pub late_results: LateResults,
    /// How spend grows from month to month.
    pub growth: GrowthSetting,
    /// Share of the plan that is live in its first month, its second and so on; the last one holds for all after.
    pub ramp: Vec<Percent>,
    /// What a month may cost, if somebody said so.
    pub budget: BudgetSetting,
    /// The month of the calendar year in which the fiscal year begins.
    pub fiscal_year_start: u8,
    /// The account's tier in the vendor's words, by provider.
    pub account_tiers: Vec<(String, String)>,
    /// Quarters that the plan looks ahead.
    pub quarters: u32,
    /// Tokens of the successor for one of a model that is retired, by that model as `provider/model`.
    pub token_ratios: Vec<(String, Cases<Factor>)>,
    /// What routing saves.
    pub routing: Routing,
    /// What routing is assumed to save where nobody has named routes; known beside routes too, to be set beside them.
    pub assumption: Cases<crate::money::Exact>,
    /// Models that may stay unpriced.
    pub accept_unpriced: GlobSet,
    /// Rows that may be rejected.
    pub accept_rejects: u64,
    /// Usage keys that may stay unread.
    pub accept_unread: GlobSet,
    /// Control totals.
    pub expect: Vec<Expect>,
    /// USD for one unit of another currency.
    pub currencies: Vec<Currency>,
    /// Words that say somebody waits.
    pub real_time_words: WordList,
    /// Words that say it can likely wait.
    pub batch_words: WordList,
    /// Apps in which a person waits.
    pub interactive_apps: WordList,
}

/// A value for each case. Cases name the *saving*: `low` is the lowest saving.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cases<T> {
    /// The careful case.
    pub low: T,
    /// The likely case.
    pub base: T,
    /// The bold case.
    pub high: T,
}

impl<T> Cases<T> {
    /// The same for every case.
    pub fn all(value: T) -> Self
    where
        T: Clone,
    {
        Self { low: value.clone(), base: value.clone(), high: value }
    }

    /// Each case changed by a function.
    pub fn map<U>(self, change: impl Fn(T) -> U) -> Cases<U> {
        Cases { low: change(self.low), base: change(self.base), high: change(self.high) }
    }

    /// Each case changed by a function that can fail.
    pub fn try_map<U, E>(self, change: impl Fn(T) -> Result<U, E>) -> Result<Cases<U>, E> {
        Ok(Cases { low: change(self.low)?, base: change(self.base)?, high: change(self.high)? })
    }

    /// By case.
    pub fn by_ref(&self) -> Cases<&T> {
        Cases { low: &self.low, base: &self.base, high: &self.high }
    }

    /// Pairs of two.
    pub fn zip<U>(self, other: Cases<U>) -> Cases<(T, U)> {
        Cases { low: (self.low, other.low), base: (self.base, other.base), high: (self.high, other.high) }
    }
}

/// What routing saves on what stays real-time.
#[derive(Debug)]
pub enum Routing {
    /// A share of the cost, assumed.
    Assumed(Cases<crate::money::Exact>),
    /// Routes priced from the table.
    Routes(Vec<Route>),
}

/// A route from one model to another.
#[derive(Debug)]
pub struct Route {
    /// Provider pattern of the source.
    pub from_provider: globset::GlobMatcher,
    /// Model pattern of the source.
    pub from_model: globset::GlobMatcher,
    /// Source as written.
    pub from: String,
    /// Provider of the target as written.
    pub to_provider: String,
    /// Model of the target as written.
    pub to_model: String,
    /// Share of the cost that is routed.
    pub share: Cases<crate::money::Exact>,
    /// Output tokens of the target for one of the source.
    pub output_ratio: Factor,
    /// Share of routed calls that run again on the source.
    pub escalation: Percent,
    /// Cost of the router as a share of the cost.
    pub overhead: Percent,
    /// Why this is believed.
    pub evidence: Option<String>,
}

/// A control total.
#[derive(Debug)]
pub struct Expect {
    /// The month.
    pub month: Month,
    /// Whose bill.
    pub provider: Option<String>,
    /// The bill.
    pub total: Money,
    /// Largest difference that is still equal.
    pub tolerance: Money,
}

/// A conversion into dollars.
#[derive(Debug)]
pub struct Currency {
    /// Such as `EUR`.
    pub code: String,
    /// USD for one unit.
    pub usd: Factor,
    /// The day of the rate.
    pub date: Day,
    /// Who published it.
    pub source: String,
}

impl Policy {
    /// The built-in policy.
    pub fn built_in() -> Result<Self, Failure> {
        Self::build(None, None)
    }

    /// The user's policy over the built-in one; `source` is named in errors.
    pub fn parse(source: &str, text: &str) -> Result<Self, Failure> {
        let raw: RawPolicy = yaml::read("policy", source, text)?;
        Self::build(Some(source), Some(raw))
    }

    fn build(source: Option<&str>, user: Option<RawPolicy>) -> Result<Self, Failure> {
        let base = yaml::read("policy", "built-in policy", BUILT_IN)?;
        // An absent policy is an empty one: every key falls back to the built-in value.
        let user = user.map_or_else(|| yaml::read("policy", "built-in policy", "schema: 1"), Ok)?;
        Self::over(base, user).map(|policy| Self { source: source.map(ToOwned::to_owned), ..policy }).map_err(
            |message| {
                let place = Place::file(source.unwrap_or("built-in policy"));
                Failure::usage(Diagnostic::new("policy", message).at(place))
            },
        )
    }

    /// The user's keys over the built-in ones, or what is wrong with them.
    fn over(base: RawPolicy, user: RawPolicy) -> Result<Self, String> {
        /// The user's value, else the built-in one.
        fn value<T>(key: &str, own: Option<T>, base: Option<T>) -> Result<T, String> {
            own.or(base).ok_or_else(|| format!("no `{key}`"))
        }
        if user.schema != 1 {
            return Err(format!("schema {} is not known; this program reads schema 1", user.schema));
        }
        let mut ids = BTreeSet::new();
        if let Some(rule) = user.rules.iter().find(|rule| !ids.insert(rule.id.clone())) {
            return Err(format!("two rules are called `{}`", rule.id));
        }
        let words = value("words", user.words, base.words)?;
        let routes = user.routing.routes.unwrap_or_default();
        let assumption = cases(value("routing.assumption", user.routing.assumption, base.routing.assumption)?);
        let routing = if routes.is_empty() {
            Routing::Assumed(assumption.clone())
        } else {
            Routing::Routes(routes.into_iter().map(route).collect::<Result<_, _>>()?)
        };
        let (limits, base_limits) = (user.limits, base.limits);
        let (batch, base_batch) = (user.batch, base.batch);
        let (planning, base_planning) = (user.planning, base.planning);
        let fiscal_year_start = planning.fiscal_year_start.or(base_planning.fiscal_year_start);
        let small_saving = value("limits.small_saving", limits.small_saving, base_limits.small_saving)?;
        let least = value("limits.min_monthly_saving", limits.min_monthly_saving, base_limits.min_monthly_saving)?;
        let Ramp(ramp) = value("planning.ramp", planning.ramp, base_planning.ramp)?;
        Ok(Self {
            source: None,
            workload: user.workload.or(base.workload).unwrap_or_default().into_iter().map(|field| field.0).collect(),
            rules: RuleSet::new(user.rules)?,
            min_requests: value("limits.min_requests", limits.min_requests, base_limits.min_requests)?,
            small_saving: small_saving.0.0,
            min_monthly_saving: least.0,
            batch_cache: BatchCache {
                way: batch.cache.or(base_batch.cache).unwrap_or_default(),
                hits: batch.cache_hit_share.or(base_batch.cache_hit_share).map(|share| share.0).unwrap_or_default(),
            },
            failure_share: batch.failure_share.or(base_batch.failure_share).map(|share| share.0).unwrap_or_default(),
            turnaround: value("batch.turnaround", batch.turnaround, base_batch.turnaround)?,
            weekend_factor: batch
                .weekend_factor
                .or(base_batch.weekend_factor)
                .map_or(Factor::ONE, |yaml::Exactly(WeekendFactor(factor))| factor),
            growth: value("planning.growth_monthly", planning.growth_monthly, base_planning.growth_monthly)?,
            ramp,
            late_results: batch.late_results.or(base_batch.late_results).unwrap_or_default(),
            budget: planning.budget_monthly.or(base_planning.budget_monthly).unwrap_or_default(),
            fiscal_year_start: fiscal_year_start.map_or(1, |yaml::Exactly(FirstMonth(month))| month),
            account_tiers: batch.account_tier.0.into_iter().map(|(name, tier)| (name, tier.0)).collect(),
            quarters: planning.quarters.or(base_planning.quarters).map(|quarters| quarters.0.0).unwrap_or_default(),
            token_ratios: user.token_ratio.0.into_iter().map(|(model, ratio)| (model, ratio.0)).collect(),
            routing,
            assumption,
            accept_unpriced: globs(&user.accept.unpriced)?,
            accept_rejects: user.accept.rejects,
            accept_unread: globs(&user.accept.unread)?,
            expect: user
                .expect
                .into_iter()
                .map(|expect| Expect {
                    month: expect.month.0,
                    provider: expect.provider,
                    total: expect.total.0.0,
                    tolerance: expect.tolerance.map(|tolerance| tolerance.0.0).unwrap_or_default(),
                })
                .collect(),
            currencies: user
                .currency
                .0
                .into_iter()
                .map(|(code, rate)| Currency {
                    code: code.0.0,
                    usd: rate.usd.0.0,
                    date: rate.date.0,
                    source: rate.source,
                })
                .collect(),
            real_time_words: WordList::new(words.real_time)?,
            batch_words: WordList::new(words.batch)?,
            interactive_apps: WordList::new(words.interactive_apps)?,
        })
    }

    /// The account's tier at a provider, if it is known.
    pub fn account_tier(&self, provider: &str) -> Option<&str> {
        let known = self.account_tiers.iter().find(|(name, _)| name.eq_ignore_ascii_case(provider));
        known.map(|(_, tier)| tier.as_str())
    }

    /// The ways in which cached prompts are sent in batch, by the policy or a rule of it.
    pub fn cache_ways(&self) -> Vec<CacheWay> {
        std::iter::once(self.batch_cache.way).chain(self.rules.iter().filter_map(|rule| rule.cache)).collect()
    }

    /// Overrules all routing by one range of savings; the base is its middle.
    pub fn assume_routing(&mut self, low: Percent, high: Percent) {
        self.routing = Routing::Assumed(cases(RawShare { low, base: None, high }));
    }
}

/// Shares as exact numbers; a base that is not given is the mean of low and high.
fn cases(share: RawShare) -> Cases<crate::money::Exact> {
    let (low, high) = (share.low.exact(), share.high.exact());
    let base = share.base.map_or_else(|| (&low + &high) / crate::money::Exact::from_integer(2.into()), Percent::exact);
    Cases { low, base, high }
}

fn route(raw: schema::RawRoute) -> Result<Route, String> {
    let halves = |text: &str| {
        text.split_once('/')
            .map(|(provider, model)| (provider.to_owned(), model.to_owned()))
            .ok_or_else(|| format!("a route names `provider/model`, not `{text}`"))
    };
    let (from_provider, from_model) = halves(&raw.from)?;
    let (to_provider, to_model) = halves(&raw.to)?;
    Ok(Route {
        from_provider: rules::glob(&from_provider)?.compile_matcher(),
        from_model: rules::glob(&from_model)?.compile_matcher(),
        from: raw.from,
        to_provider,
        to_model,
        share: cases(raw.share),
        output_ratio: raw.output_ratio.map_or(Factor::ONE, |ratio| ratio.0),
        escalation: raw.escalation.map(|share| share.0).unwrap_or_default(),
        overhead: raw.overhead.map(|share| share.0).unwrap_or_default(),
        evidence: raw.evidence,
    })
}

fn globs(patterns: &[String]) -> Result<GlobSet, String> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(
            GlobBuilder::new(pattern)
                .case_insensitive(true)
                .build()
                .map_err(|error| format!("`{pattern}` is not a glob: {}", error.kind()))?,
        );
    }
    set.build().map_err(|error| error.to_string())
}
