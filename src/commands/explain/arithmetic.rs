//! The arithmetic of a cost: tokens × rates, and where the rates come from.

use super::Explainer;
use super::words::{above, amount, geo, hours, source_of};
use crate::assess::{batch_rates, price_sent};
use crate::diagnostic::Failure;
use crate::money::Money;
use crate::pricing::Rates;
use crate::report::words::{exact_dollars, grouped};
use crate::rollup::{Cell, Charging, Key};
use crate::usage::{PerClass, TokenClass};
use crate::verdict::Code;

impl Explainer<'_> {
    /// Tokens × rates, today and in batch, with where the rates come from.
    pub(super) fn arithmetic(&mut self, key: &Key, cell: &Cell, code: Code) -> Result<(), Failure> {
        let table = &self.settings.table;
        let cache = key.code.batch_cache(self.policy());
        let priced = price_sent(&self.folder.rollup, key, cell, code, cache)?;
        let charge = *self.folder.rollup.charge(key.charge);
        let quoted = self.folder.rollup.quoted(&charge).clone();
        let quote = quoted.quote.ok();
        if let Some(quote) = quote {
            let source = source_of(table, &self.folder.rollup, &charge, quote.entry);
            self.say(&format!(
                "  rates: {source}, tier {}{}{}{}",
                quoted.key.tier.name(),
                hours(&self.folder.rollup, &charge),
                above(quote.step),
                geo(&quote.geo.to_string())
            ));
        }
        match charge.charging {
            Charging::Rates => {
                if let Some(rates) = quote.and_then(|quote| quote.own.ok()) {
                    self.sum("now", &cell.tokens, &rates, priced.cost)?;
                }
            }
            Charging::Free => self.say("  now: nothing was charged"),
            Charging::Unpriced(reason) => self.say(&format!("  now: no price [{}]", reason.code())),
            Charging::StandsAlone(kind) => {
                self.say(&format!("  now: {} as billed ({})", exact_dollars(cell.billed), kind.name()));
            }
            Charging::Billed(class) => {
                let class = class.map_or("no token class stated", TokenClass::name);
                self.say(&format!("  now: {} as billed ({class})", exact_dollars(cell.billed)));
            }
        }
        match (priced.batch_cost, quote.and_then(|quote| quote.batch)) {
            _ if code == Code::AlreadyBatch => {}
            (Some(cost), Some(batch)) if charge.charging == Charging::Rates => {
                self.sum("in batch", &cell.tokens, &batch_rates(&batch, cache), Some(cost))?;
            }
            (Some(cost), _) => self.say(&format!("  in batch: {}", exact_dollars(cost))),
            (None, _) => self.say("  in batch: no price"),
        }
        Ok(())
    }

    fn sum(
        &mut self,
        label: &str,
        tokens: &PerClass<u128>,
        rates: &Rates,
        total: Option<Money>,
    ) -> Result<(), Failure> {
        let mut parts = Vec::new();
        for class in TokenClass::ALL.into_iter().filter(|&class| tokens[class] > 0) {
            let Some(rate) = rates[class] else {
                parts.push(format!("    {:<15} {:>15} × no rate", class.name(), grouped(tokens[class])));
                continue;
            };
            parts.push(format!(
                "    {:<15} {:>15} × {:>9} per 1M = {}",
                class.name(),
                grouped(tokens[class]),
                rate.to_string(),
                exact_dollars(rate.cost(tokens[class])?)
            ));
        }
        self.say(&format!("  {label}: {}", amount(total)));
        for part in &parts {
            self.say(part);
        }
        Ok(())
    }
}
