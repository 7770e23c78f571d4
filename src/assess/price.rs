//! Tokens × rates: what a cell costs today, and in batch.

use crate::money::{MONEY_DECIMALS, Money, Overflow, Percent};
use crate::policy::Policy;
use crate::pricing::{Quote, RateTime, Rates, Wanted, missing};
use crate::rollup::fold::{context_tiers, costs_nothing};
use crate::rollup::{Cell, Charge, Charging, Context, Key, Rollup};
use crate::usage::{BatchCache, CacheWay};
use crate::usage::{Field, PerClass, TokenClass, UsageRecord};
use crate::verdict::Code;

/// The cost of a cell and of the same calls in batch.
#[derive(Clone, Copy, Debug)]
pub struct Priced {
    /// Nothing where there is no price.
    pub cost: Option<Money>,
    /// Nothing where there is no batch price.
    pub batch_cost: Option<Money>,
}

/// Σ tokens × rate; nothing where a class with tokens has no rate.
pub fn cost_of(tokens: &PerClass<u128>, rates: &Rates) -> Result<Option<Money>, Overflow> {
    let mut sum = Money::ZERO;
    for class in TokenClass::ALL.into_iter().filter(|&class| tokens[class] > 0) {
        let Some(rate) = rates[class] else { return Ok(None) };
        sum = sum.add(rate.cost(tokens[class])?)?;
    }
    Ok(Some(sum))
}

/// Tokens × rates by class; nothing where a class with tokens has no rate.
pub fn by_class(tokens: &PerClass<u128>, rates: &Rates) -> Result<Option<PerClass<Money>>, Overflow> {
    let mut costs = PerClass::default();
    for class in TokenClass::ALL.into_iter().filter(|&class| tokens[class] > 0) {
        let Some(rate) = rates[class] else { return Ok(None) };
        costs[class] = rate.cost(tokens[class])?;
    }
    Ok(Some(costs))
}

/// What calls cost at the table's prices, by the token class whose rate is charged.
#[derive(Clone, Copy, Debug, Default)]
pub struct CostByClass {
    /// Today.
    pub today: PerClass<Money>,
    /// In batch, where a prompt is charged as plain input.
    pub batch: PerClass<Money>,
}

impl CostByClass {
    /// Adds others.
    pub(super) fn add(&mut self, other: &Self) -> Result<(), Overflow> {
        for class in TokenClass::ALL {
            self.today[class] = self.today[class].add(other.today[class])?;
            self.batch[class] = self.batch[class].add(other.batch[class])?;
        }
        Ok(())
    }
}

/// What one row costs by itself at list price, or bills; nothing where it has no price.
pub fn cost_alone(
    context: &Context<'_>,
    wanted: Wanted<'_>,
    record: &UsageRecord<'_>,
) -> Result<Option<Money>, Overflow> {
    let Some(tokens) = record.tokens() else { return Ok(record.billed) };
    if costs_nothing(record.outcome, record.tier) {
        return Ok(Some(Money::ZERO));
    }
    let (table, day) = (context.table, record.start.day());
    let resolved = table.resolve(wanted, context.tie_breaker);
    let geo = record.text(Field::Geo).or(resolved.geo);
    let (step, _) = context_tiers(table, record);
    let quote = resolved.model.ok().and_then(|model| table.quote(model, day, record.tier, step, geo));
    let hours = table.hours_of(record.start, record.last_moment());
    let is_off_peak = |model| !resolved.at_list && table.rate_time(model, day, hours) == RateTime::OffPeak;
    let quote = if resolved.model.is_ok_and(is_off_peak) { quote.map(Quote::off_peak) } else { quote };
    let rates = quote.and_then(|quote| quote.own.ok()).filter(|rates| !missing(rates).meets(tokens.present()));
    rates.map(|rates| cost_of(&PerClass(tokens.0.map(u128::from)), &rates)).transpose().map(Option::flatten)
}

/// The rates that today's classes pay in batch, sent in one way, or in two by shares (docs/specification.md, section 5).
pub fn batch_rates(batch: &Rates, cache: BatchCache) -> Rates {
    PerClass(TokenClass::ALL.map(|class| {
        let [own, primed] = [cache.way, CacheWay::Primed].map(|way| batch[way.billed_as(class)]);
        match cache.hits {
            Percent::ZERO => own,
            Percent::ALL => primed,
            hits => primed.zip(own).and_then(|(primed, own)| primed.blend(hits, own)),
        }
    }))
}

/// Everything that turns the tokens of a charge into money.
#[derive(Clone, Copy, Debug)]
pub struct Rated {
    charging: Charging,
    own: Option<Rates>,
    batch: Option<Rates>,
    in_batch: bool,
}

impl Rated {
    /// What is charged, and what it would be charged in batch.
    pub fn of(rollup: &Rollup, charge: &Charge, code: Code, cache: BatchCache) -> Self {
        let quote = rollup.quoted(charge).quote.ok();
        let batch = quote.and_then(|quote| quote.batch).filter(|_| charge.batchable);
        Self {
            charging: charge.charging,
            own: quote.and_then(|quote| quote.own.ok()),
            batch: batch.map(|batch| batch_rates(&batch, cache)),
            in_batch: code == Code::AlreadyBatch,
        }
    }

    /// Prices tokens, or a line of a bill by what it bills.
    pub fn price(&self, tokens: &PerClass<u128>, billed: Money) -> Result<Priced, Overflow> {
        let Self { charging, own, batch, in_batch } = *self;
        let cost = match charging {
            Charging::Rates => own.map(|own| cost_of(tokens, &own)).transpose()?.flatten(),
            Charging::Free => Some(Money::ZERO),
            Charging::Unpriced(_) | Charging::StandsAlone(_) => None,
            Charging::Billed(_) => Some(billed),
        };
        let batch_cost = match charging {
            _ if in_batch => cost,
            Charging::Rates => batch.map(|batch| cost_of(tokens, &batch)).transpose()?.flatten(),
            Charging::Free => Some(Money::ZERO),
            Charging::Unpriced(_) | Charging::StandsAlone(_) => None,
            Charging::Billed(class) => match (class, own, batch) {
                (Some(class), Some(own), Some(batch)) => scaled(billed, own, batch, class)?,
                _ => None,
            },
        };
        Ok(Priced { cost, batch_cost })
    }
}

impl Rated {
    /// The cost by the class whose rate is charged, today and in batch; nothing of what is not charged by rates.
    pub fn by_class(&self, tokens: &PerClass<u128>) -> Result<CostByClass, Overflow> {
        if self.charging != Charging::Rates {
            return Ok(CostByClass::default());
        }
        let costs = |rates: Option<Rates>| rates.map(|rates| by_class(tokens, &rates)).transpose().map(Option::flatten);
        let today = costs(self.own)?.unwrap_or_default();
        let mut batch = if self.in_batch { today } else { costs(self.batch)?.unwrap_or_default() };
        if !self.in_batch {
            for class in [TokenClass::CacheRead, TokenClass::CacheWrite5m, TokenClass::CacheWrite1h] {
                let prompt = std::mem::take(&mut batch[class]);
                batch[TokenClass::Input] = batch[TokenClass::Input].add(prompt)?;
            }
        }
        Ok(CostByClass { today, batch })
    }
}

/// Prices one cell, sent in batch as the policy says. The code is the one that decided in the end.
pub fn price(rollup: &Rollup, key: &Key, cell: &Cell, code: Code, policy: &Policy) -> Result<Priced, Overflow> {
    price_sent(rollup, key, cell, code, key.code.batch_cache(policy))
}

/// Prices one cell, sent in batch in this way.
pub fn price_sent(rollup: &Rollup, key: &Key, cell: &Cell, code: Code, cache: BatchCache) -> Result<Priced, Overflow> {
    Rated::of(rollup, rollup.charge(key.charge), code, cache).price(&cell.tokens, cell.billed)
}

/// A billed amount times the ratio of the batch rate to the standard one.
fn scaled(billed: Money, own: Rates, batch: Rates, class: TokenClass) -> Result<Option<Money>, Overflow> {
    match (own[class], batch[class]) {
        (Some(own), Some(batch)) if own.units() > 0 => {
            Money::round(&(billed.exact() * batch.exact() / own.exact()), MONEY_DECIMALS).map(Some)
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::money::Exact;

    /// Rates with read ≤ input ≤ write, and tokens.
    fn drawn() -> impl Strategy<Value = (Rates, PerClass<u128>)> {
        let tokens = prop::array::uniform5(0..2_000_000_u128);
        (prop::array::uniform5(0..50_000_u32), tokens).prop_map(|(mut rates, tokens)| {
            rates[..4].sort_unstable();
            let [read, input, short, long, output] =
                rates.map(|units| Some(format!("0.{units:06}").parse().expect("a rate")));
            (PerClass([input, read, short, long, output]), PerClass(tokens))
        })
    }

    fn cost(tokens: &PerClass<u128>, batch: &Rates, way: CacheWay, hits: u8) -> Money {
        let cache = BatchCache { way, hits: Percent::whole(hits) };
        cost_of(tokens, &batch_rates(batch, cache)).expect("small amounts").expect("all rates")
    }

    proptest! {
        #[test]
        fn sent_as_it_is_costs_most((batch, tokens) in drawn()) {
            let [without, sent, primed] = CacheWay::ALL.map(|way| cost(&tokens, &batch, way, 0));
            prop_assert!(primed <= sent && without <= sent);
        }

        #[test]
        fn priming_pays_where_the_reads_are_worth_the_writes((batch, tokens) in drawn()) {
            let [without, _, primed] = CacheWay::ALL.map(|way| cost(&tokens, &batch, way, 0));
            let rate = |class: TokenClass| batch[class].unwrap_or_default().exact();
            let more = |class: TokenClass| (rate(class) - rate(TokenClass::Input)) * Exact::from_integer(tokens[class].into());
            let written = more(TokenClass::CacheWrite5m) + more(TokenClass::CacheWrite1h);
            prop_assert_eq!(primed <= without, -more(TokenClass::CacheRead) >= written);
        }

        /// The share of hits mixes the costs themselves, not only the rates.
        #[test]
        fn hits_mix_the_way_with_a_primed_cache((batch, tokens) in drawn(), hits in 0..=100_u8, way in 0..3_usize) {
            let (way, share) = (CacheWay::ALL[way], Percent::whole(hits).exact());
            let [own, primed] = [way, CacheWay::Primed].map(|way| cost(&tokens, &batch, way, 0).exact());
            prop_assert_eq!(cost(&tokens, &batch, way, hits).exact(), &share * primed + (Exact::from_integer(1.into()) - &share) * own);
        }
    }
}
