//! The same usage at the prices of another day, and parts of it.

use std::collections::BTreeSet;

use super::{Cell, Charge, Charging, Context, Quoted, Rollup};
use crate::calendar::Day;
use crate::maps::CopyOnWrite;
use crate::money::{Money, Overflow};
use crate::pricing::{ModelId, PriceTable, Quote, Rates, missing};
use crate::usage::{ClassSet, TokenClass};

/// Whose prices a call has on another day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Models {
    /// Those of the model that was called.
    AsCalled,
    /// Those of the model that does its work by then: its successor, where it is retired and has one.
    Successors,
}

impl Models {
    /// The model whose prices hold.
    pub fn serving(self, table: &PriceTable, model: ModelId, day: Day) -> ModelId {
        match self {
            Self::AsCalled => model,
            Self::Successors => table.serving(model, day),
        }
    }
}

fn missing_of(rates: Option<Rates>) -> ClassSet {
    rates.map_or(TokenClass::ALL.into_iter().collect(), |rates| missing(&rates))
}

impl Rollup {
    /// Lets go of what only verdicts and details of rows are made of, once these are made.
    pub fn shed(&mut self) {
        (self.shared, self.end_users) = Default::default();
        self.stated = super::Stated::default();
    }

    /// Rows and billed dollars of all sums.
    pub fn accepted(&self) -> Result<(u64, Money), Overflow> {
        if let Some(accepted) = self.accepted {
            return Ok(accepted);
        }
        Ok((self.cells.iter().map(|cell| cell.rows).sum(), Money::sum(self.cells.iter().map(|cell| cell.billed))?))
    }

    /// Lets go of the sums too, once rows and plan are made of them, and keeps how much they come to.
    pub fn shed_sums(&mut self) -> Result<(), Overflow> {
        self.accepted = Some(self.accepted()?);
        self.cells = CopyOnWrite::default();
        Ok(())
    }

    /// What everything is charged by, with other sums.
    #[must_use]
    pub fn with_cells(&self, cells: CopyOnWrite<Vec<Cell>>) -> Self {
        Self {
            texts: self.texts.clone(),
            resolutions: self.resolutions.clone(),
            quotes: self.quotes.clone(),
            charges: self.charges.clone(),
            groups: self.groups.clone(),
            rule_sets: self.rule_sets.clone(),
            keys: self.keys.clone(),
            cells,
            ..Self::default()
        }
    }

    /// The sums of some days; those of all where sums by key and day were not kept. How many calls they are is not known.
    pub fn within(&self, is_meant: impl Fn(Day) -> bool) -> Result<Self, Overflow> {
        let Some(days) = self.times.as_ref().and_then(|times| times.days.as_ref()) else {
            return Ok(self.with_cells(self.cells.clone()));
        };
        let mut cells = vec![Cell::default(); self.keys.len()];
        for ((key, _), sums) in days.iter().filter(|((_, day), _)| is_meant(*day)) {
            let own = Cell {
                rows: sums.rows,
                rows_without_requests: sums.rows,
                tokens: sums.tokens,
                billed: sums.billed,
                ..Cell::default()
            };
            cells[*key as usize].absorb(&own)?;
        }
        Ok(self.with_cells(cells.into()))
    }

    /// The same sums, charged as the table says of another day, at routes' targets too. What has no rate then keeps today's:
    /// a price that is not published yet is no reason to lose sight of a cost. A batch price that is new is not counted on.
    #[must_use]
    pub fn at_prices_of(&self, day: Day, models: Models, context: &Context<'_>) -> Self {
        let mut later = self.with_cells(self.cells.clone());
        let used = self.classes_by_quote();
        for (quoted, used) in later.quotes.iter_mut().zip(used) {
            if let Some(other) = self.requoted(quoted, used, (day, models), context) {
                *quoted = other;
            }
            let resolution = &self.resolutions[quoted.key.resolution as usize];
            let target = resolution.route.and_then(|route| context.route_targets.get(route).copied());
            let at_target = target.and_then(|model| self.quote_on(quoted, model, (day, models), context));
            let at_target = at_target.and_then(|quote| quote.own.ok());
            if quoted.target.is_some() && missing_of(at_target).is_within(missing_of(quoted.target)) {
                quoted.target = at_target;
            }
        }
        let has_batch =
            |charge: &Charge| later.quotes[charge.quote as usize].quote.is_ok_and(|quote| quote.batch.is_some());
        later.charges = later
            .charges
            .iter()
            .map(|charge| Charge { batchable: charge.batchable && has_batch(charge), ..*charge })
            .collect();
        later
    }

    /// Models that are retired by a day and whose successors have no price for all that they did.
    pub fn without_rates_after(&self, day: Day, context: &Context<'_>) -> BTreeSet<ModelId> {
        let mut models = self.keeping_prices(day, Models::Successors, context);
        models.retain(|model| context.table.serving(*model, day) != *model);
        models
    }

    /// Models with calls that keep their price, since the table lacks a rate for them on a day.
    pub fn keeping_prices(&self, day: Day, models: Models, context: &Context<'_>) -> BTreeSet<ModelId> {
        let kept = self.quotes.iter().zip(self.classes_by_quote()).filter_map(|(quoted, used)| {
            let model = self.resolutions[quoted.key.resolution as usize].model.ok()?;
            let is_kept = used != ClassSet::default() && self.requoted(quoted, used, (day, models), context).is_none();
            is_kept.then_some(model)
        });
        kept.collect()
    }

    fn quote_on(
        &self,
        quoted: &Quoted,
        model: ModelId,
        (day, models): (Day, Models),
        context: &Context<'_>,
    ) -> Option<Quote> {
        let table = context.table;
        let geo = quoted.key.geo.map(|geo| self.texts.get(geo));
        let serving = models.serving(table, model, day);
        let quote = table.quote(serving, day, quoted.key.tier, quoted.key.step, geo)?;
        let quote = if quoted.key.off_peak { quote.off_peak() } else { quote };
        let ratios = table.succession(model).take_while(|model| *model != serving);
        let ratios = ratios.filter_map(|model| context.token_ratios.get(&model));
        Some(ratios.fold(quote, |quote, ratio| quote.times(ratio.base)))
    }

    /// The rates of another day; nothing where some are missing. Of a model's own later price all classes are asked for that
    /// had a rate before, of a successor those that calls used.
    fn requoted(&self, quoted: &Quoted, used: ClassSet, on: (Day, Models), context: &Context<'_>) -> Option<Quoted> {
        let model = self.resolutions[quoted.key.resolution as usize].model.ok()?;
        let mut quote = self.quote_on(quoted, model, on, context)?;
        let (own, batch) = (missing_of(quote.own.ok()), missing_of(quote.batch));
        let is_another = on.1.serving(context.table, model, on.0) != model;
        let is_whole = if is_another {
            if batch.meets(used) {
                quote.batch = None;
            }
            quote.own.is_ok() && !own.meets(used)
        } else {
            own.is_within(quoted.missing_own) && (batch.is_within(quoted.missing_batch) || quote.batch.is_none())
        };
        is_whole.then(|| Quoted { quote: Ok(quote), missing_own: own, missing_batch: batch, ..quoted.clone() })
    }

    /// The classes that calls used, by quote.
    fn classes_by_quote(&self) -> Vec<ClassSet> {
        let mut used = vec![[false; TokenClass::ALL.len()]; self.quotes.len()];
        for (_, key, cell) in self.sums() {
            let charge = self.charge(key.charge);
            if charge.charging == Charging::Rates {
                for (is_used, class) in used[charge.quote as usize].iter_mut().zip(TokenClass::ALL) {
                    *is_used |= cell.tokens[class] > 0;
                }
            }
        }
        let set = |used: [bool; TokenClass::ALL.len()]| {
            TokenClass::ALL.into_iter().zip(used).filter(|(_, is_used)| *is_used).map(|(class, _)| class).collect()
        };
        used.into_iter().map(set).collect()
    }
}
