//! Tokens × rates: what a cell costs today, and in batch.

use crate::money::{MONEY_DECIMALS, Money, Overflow, Percent};
use crate::pricing::{Rates, Wanted, missing};
use crate::rollup::fold::{context_tiers, costs_nothing};
use crate::rollup::{Cell, Charge, Charging, Context, Rollup};
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
    let rates = quote.and_then(|quote| quote.own.ok()).filter(|rates| !missing(rates).meets(tokens.present()));
    rates.map(|rates| cost_of(&PerClass(tokens.0.map(u128::from)), &rates)).transpose().map(Option::flatten)
}

/// The rates today's classes pay in batch when `hits` of the cache reads stay cache reads: everything else in the
/// prompt is plain input there (docs/specification.md, section 5).
pub fn batch_rates(batch: &Rates, hits: Percent) -> Rates {
    let input = batch[TokenClass::Input];
    let read = match batch[TokenClass::CacheRead].zip(input) {
        Some((read, input)) => read.blend(hits, input),
        None if hits == Percent::ALL => batch[TokenClass::CacheRead],
        None => None,
    };
    PerClass([input, read, input, input, batch[TokenClass::Output]])
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
    /// What is charged, and what it would be charged in batch when `hits` of the cache reads stay cache reads.
    pub fn of(rollup: &Rollup, charge: &Charge, code: Code, hits: Percent) -> Self {
        let quote = rollup.quoted(charge).quote.ok();
        let batch = quote.and_then(|quote| quote.batch).filter(|_| charge.batchable);
        Self {
            charging: charge.charging,
            own: quote.and_then(|quote| quote.own.ok()),
            batch: batch.map(|batch| batch_rates(&batch, hits)),
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

/// Prices one cell.
pub fn price(rollup: &Rollup, charge: &Charge, cell: &Cell, code: Code, hits: Percent) -> Result<Priced, Overflow> {
    Rated::of(rollup, charge, code, hits).price(&cell.tokens, cell.billed)
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
