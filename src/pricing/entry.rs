//! One dated entry of `pricing.yaml`: rates by service tier and context tier.
//!
//! Role: raw YAML → [`Entry`], with every check that needs only one entry. docs/specification.md, section 2.

use schemars::JsonSchema;
use serde::Deserialize;

use super::hours::PeakHoursId;
use crate::calendar::Day;
use crate::money::{Factor, Rate};
use crate::usage::{ClassSet, PerClass, TokenClass};
use crate::yaml::{Exactly, Looks, Plain, UniqueMap, Whole, looks_like};

looks_like!(Entry => RawEntry, Block => RawBlock);

impl Plain for Rate {
    const LOOKS: Looks = Looks::Number;
}

impl Plain for Factor {
    const LOOKS: Looks = Looks::Number;
}

impl Plain for Day {
    const LOOKS: Looks = Looks::Date;
}

/// Rates of one service tier, complete in itself.
pub type Rates = PerClass<Option<Rate>>;

impl Rates {
    /// Every rate multiplied. The table refused every product that is not exact, so a missing one was missing before.
    #[must_use]
    pub fn times(&self, factor: Factor) -> Self {
        Self(self.0.map(|rate| rate.and_then(|rate| rate.times(factor))))
    }
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, try_from = "RawBlock")]
struct Block(Rates);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Rates")]
struct RawBlock {
    /// Prompt tokens that come from no cache.
    input: Option<Exactly<Rate>>,
    /// Prompt tokens read from a cache.
    cache_read: Option<Exactly<Rate>>,
    /// Prompt tokens written to a cache for minutes.
    cache_write_5m: Option<Exactly<Rate>>,
    /// Prompt tokens written to a cache for an hour.
    cache_write_1h: Option<Exactly<Rate>>,
    /// Tokens of the answer, reasoning included.
    output: Option<Exactly<Rate>>,
}

impl TryFrom<RawBlock> for Block {
    type Error = String;

    fn try_from(raw: RawBlock) -> Result<Self, String> {
        let rates = PerClass(
            [raw.input, raw.cache_read, raw.cache_write_5m, raw.cache_write_1h, raw.output]
                .map(|rate| rate.map(|rate| rate.0)),
        );
        for class in TokenClass::ALL {
            let too_high = |rate: Rate| rate.units() > Rate::HIGHEST_PER_MILLION * 1_000_000_000_000;
            if let Some(rate) = rates[class].filter(|&rate| too_high(rate)) {
                return Err(format!(
                    "`{}: {rate}` is above {} USD per 1M tokens\nhint: prices are per 1M tokens; this one looks like another unit",
                    class.name(),
                    Rate::HIGHEST_PER_MILLION
                ));
            }
        }
        Ok(Self(rates))
    }
}

/// The priced tiers of one context tier.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tiers {
    /// Synchronous calls.
    pub standard: Option<Rates>,
    /// The batch API.
    pub batch: Option<Rates>,
    /// Cheaper, slower.
    pub flex: Option<Rates>,
    /// Dearer, faster.
    pub priority: Option<Rates>,
    /// Synchronous calls outside the vendor's peak hours.
    pub off_peak: Option<Rates>,
    /// Classes for which the batch block states no rate, so that they cost its input.
    pub batch_implied: ClassSet,
    /// The same of the flex block.
    pub flex_implied: ClassSet,
}

/// The rates of one tier, for those who show or compare them.
#[derive(Clone, Copy, Debug)]
pub struct TierRates {
    /// The tier's name in price tables.
    pub tier: &'static str,
    /// What it costs.
    pub rates: Rates,
    /// Classes that are not stated and cost the block's input.
    pub implied: ClassSet,
}

impl TierRates {
    /// The rate the table states, without what follows from another.
    pub fn stated(&self, class: TokenClass) -> Option<Rate> {
        self.rates[class].filter(|_| !self.implied.has(class))
    }
}

impl Tiers {
    /// The tiers there are, by name.
    pub fn blocks(&self) -> impl Iterator<Item = TierRates> {
        let none = ClassSet::default();
        [
            ("standard", self.standard, none),
            ("batch", self.batch, self.batch_implied),
            ("flex", self.flex, self.flex_implied),
            ("priority", self.priority, none),
            ("off_peak", self.off_peak, none),
        ]
        .into_iter()
        .filter_map(|(tier, rates, implied)| Some(TierRates { tier, rates: rates?, implied }))
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ContextStep")]
struct RawStep {
    /// Synchronous calls.
    standard: Option<Block>,
    /// The batch API.
    batch: Option<Block>,
    /// Cheaper, slower.
    flex: Option<Block>,
    /// Dearer, faster.
    priority: Option<Block>,
    /// Synchronous calls outside peak hours.
    off_peak: Option<Block>,
}

impl RawStep {
    fn tiers(&self) -> Tiers {
        let rates = |block: &Option<Block>| block.map(|block| block.0);
        // In batch and flex, cached tokens without a rate of their own are plain input.
        let filled = |block: &Option<Block>| {
            let Some(mut rates) = rates(block) else { return (None, ClassSet::default()) };
            let missing: ClassSet = TokenClass::CACHED.into_iter().filter(|&class| rates[class].is_none()).collect();
            for class in TokenClass::CACHED {
                rates[class] = rates[class].or(rates[TokenClass::Input]);
            }
            (Some(rates), missing)
        };
        let (batch, batch_implied) = filled(&self.batch);
        let (flex, flex_implied) = filled(&self.flex);
        Tiers {
            standard: rates(&self.standard),
            batch,
            flex,
            priority: rates(&self.priority),
            off_peak: rates(&self.off_peak),
            batch_implied,
            flex_implied,
        }
    }

    /// A batch price above the standard one is a mistake in the table, never a fact.
    fn check_batch(&self) -> Result<(), String> {
        let (Some(standard), Some(batch)) = (self.standard, self.batch) else { return Ok(()) };
        for class in TokenClass::ALL {
            if let (Some(standard), Some(batch)) = (standard.0[class], batch.0[class])
                && batch > standard
            {
                return Err(format!(
                    "batch `{}: {batch}` is above standard `{standard}`\nhint: compare both with the page named under `source`",
                    class.name()
                ));
            }
        }
        Ok(())
    }
}

/// Prices in force from a day on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, try_from = "RawEntry")]
pub struct Entry {
    /// The first UTC day, if known.
    pub from: Option<Day>,
    /// The last UTC day that the vendor promises, of a promotion. Calls after it are priced and said to be.
    pub until: Option<Day>,
    /// The page the figures come from.
    pub source: String,
    /// When they were last compared with it.
    pub checked: Day,
    /// Context steps by their smallest prompt, ascending; the first is 0.
    pub steps: Vec<(u64, Tiers)>,
    /// Multipliers by data residency.
    pub geo: Vec<(String, Factor)>,
    /// The rule of the vendor that the batch figures follow from, where it lists none.
    pub batch_rule: Option<String>,
    /// The vendor's peak hours, by their name there, outside of which calls cost less.
    pub peak_hours: Option<(String, PeakHoursId)>,
    /// What surprises about these figures.
    pub note: Option<String>,
    /// Lint codes accepted for this entry.
    pub acknowledge: Vec<String>,
    /// What a contract takes off, which is in the rates.
    pub discount: Option<Factor>,
    /// The model whose prices these are, where the vendor serves another under this name.
    pub served_as: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Entry")]
struct RawEntry {
    /// The first UTC day on which it holds; only the first entry may leave it out.
    from: Option<Exactly<Day>>,
    /// The last UTC day that the vendor promises, of a promotion.
    until: Option<Exactly<Day>>,
    /// The page the figures come from.
    source: String,
    /// The day they were last compared with that page.
    checked: Exactly<Day>,
    /// What surprises about these figures, in a sentence.
    note: Option<String>,
    /// Synchronous calls.
    standard: Block,
    /// The batch API; without it batch saves nothing.
    batch: Option<Block>,
    /// The rule of the vendor that the batch figures follow from, where it lists none.
    batch_rule: Option<String>,
    /// Cheaper, slower.
    flex: Option<Block>,
    /// Dearer, faster.
    priority: Option<Block>,
    /// Synchronous calls outside peak hours; needs `peak_hours`.
    off_peak: Option<Block>,
    /// The peak hours of the vendor outside of which `off_peak` holds, by their name.
    peak_hours: Option<String>,
    /// Multipliers by data residency.
    #[serde(default)]
    geo: UniqueMap<String, Exactly<Factor>>,
    /// Prices of the whole call when its prompt is longer than so many tokens.
    #[serde(default)]
    above: UniqueMap<Exactly<Whole>, RawStep>,
    /// Prices of the whole call when its prompt has so many tokens or more.
    #[serde(default)]
    at_least: UniqueMap<Exactly<Whole>, RawStep>,
    /// Codes of `prices check` that are accepted for this entry.
    #[serde(default)]
    acknowledge: Vec<String>,
}

impl TryFrom<RawEntry> for Entry {
    type Error = String;

    fn try_from(raw: RawEntry) -> Result<Self, String> {
        if raw.batch_rule.is_some() && raw.batch.is_none() {
            return Err("`batch_rule` stands without a `batch` block\nhint: write the figures that follow from the rule, or take it out".into());
        }
        if raw.off_peak.is_some() != raw.peak_hours.is_some() {
            return Err("`off_peak` and `peak_hours` stand together\nhint: `peak_hours` names hours of the provider, and `off_peak` has the rates outside of them".into());
        }
        let base = RawStep {
            standard: Some(raw.standard),
            batch: raw.batch,
            flex: raw.flex,
            priority: raw.priority,
            off_peak: raw.off_peak,
        };
        base.check_batch()?;
        let mut steps = vec![(0, base.tiers())];
        let above = raw.above.0.iter().map(|(size, step)| (size.0.0.checked_add(1), step));
        let at_least = raw.at_least.0.iter().map(|(size, step)| (Some(size.0.0), step));
        for (size, step) in above.chain(at_least) {
            let size = size.filter(|&size| size > 0).ok_or("a context tier needs a size above 0")?;
            step.check_batch().map_err(|error| format!("for prompts of {size} tokens and more, {error}"))?;
            if steps.iter().any(|(known, _)| *known == size) {
                return Err(format!(
                    "two context tiers begin at a prompt of {size} tokens\nhint: `above: N` begins at N + 1, `at_least: N` at N"
                ));
            }
            steps.push((size, step.tiers()));
        }
        steps.sort_by_key(|(size, _)| *size);
        let geo: Vec<(String, Factor)> = raw.geo.0.into_iter().map(|(name, factor)| (name, factor.0)).collect();
        let (from, until) = (raw.from.map(|day| day.0), raw.until.map(|day| day.0));
        if let (Some(from), Some(until)) = (from, until)
            && until < from
        {
            return Err(format!(
                "`until` {until} lies before `from` {from}\nhint: `until` is the last day of a promotion"
            ));
        }
        check_products(&steps, &geo)?;
        Ok(Self {
            from,
            until,
            source: raw.source,
            checked: raw.checked.0,
            steps,
            geo,
            batch_rule: raw.batch_rule,
            // Found among those of the vendor when the table is put together.
            peak_hours: raw.peak_hours.map(|name| (name, PeakHoursId(0))),
            note: raw.note,
            acknowledge: raw.acknowledge,
            discount: None,
            served_as: None,
        })
    }
}

impl Entry {
    /// Standard rates by context step and residency.
    pub(super) fn standard_rates(&self) -> impl Iterator<Item = Rates> {
        let factors = move || std::iter::once(Factor::ONE).chain(self.geo.iter().map(|(_, factor)| *factor));
        let standard = self.steps.iter().filter_map(|(_, tiers)| tiers.standard);
        standard.flat_map(move |rates| factors().map(move |factor| rates.times(factor)))
    }

    /// The same with every rate multiplied; refused where one of them could not be kept exactly.
    pub(super) fn discounted(&self, factor: Factor) -> Result<Self, String> {
        let times = |rates: &Rates| -> Result<Rates, String> {
            let mut adjusted = *rates;
            for class in TokenClass::ALL {
                let exact = |rate: Rate| {
                    rate.times(factor).ok_or_else(|| {
                        format!("{rate} × {factor} cannot be kept exactly\nhint: use fewer decimals in `factor`")
                    })
                };
                adjusted[class] = rates[class].map(exact).transpose()?;
            }
            Ok(adjusted)
        };
        let mut entry = self.clone();
        for (_, tiers) in &mut entry.steps {
            let Tiers { standard, batch, flex, priority, off_peak, .. } = tiers;
            for block in [standard, batch, flex, priority, off_peak] {
                *block = block.as_ref().map(times).transpose()?;
            }
        }
        check_products(&entry.steps, &entry.geo)?;
        entry.discount = Some(factor);
        Ok(entry)
    }
}

/// Every rate times every multiplier must be a whole number of the smallest unit: money is kept exactly or not at all.
fn check_products(steps: &[(u64, Tiers)], geo: &[(String, Factor)]) -> Result<(), String> {
    for (_, tiers) in steps {
        for rate in tiers.blocks().flat_map(|block| block.rates.0).flatten() {
            if let Some((name, factor)) = geo.iter().find(|(_, factor)| rate.times(*factor).is_none()) {
                return Err(format!(
                    "{rate} × {factor} (geo `{name}`) cannot be kept exactly\nhint: use fewer decimals"
                ));
            }
        }
    }
    Ok(())
}
