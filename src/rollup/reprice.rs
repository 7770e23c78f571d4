//! The same usage at the prices of another day, and parts of it.

use super::{Cell, Charge, Context, Key, Quoted, Rollup};
use crate::calendar::Day;
use crate::maps::{CopyOnWrite, FastMap};
use crate::money::Overflow;
use crate::pricing::{Rates, missing};
use crate::usage::{ClassSet, TokenClass};

fn missing_of(rates: Option<Rates>) -> ClassSet {
    rates.map_or(TokenClass::ALL.into_iter().collect(), |rates| missing(&rates))
}

impl Rollup {
    /// Lets go of what only verdicts and details of rows are made of, once these are made.
    pub fn shed(&mut self) {
        (self.shared, self.end_users) = Default::default();
        self.stated = super::Stated::default();
    }

    /// What everything is charged by, with other sums.
    #[must_use]
    pub fn with_cells(&self, cells: CopyOnWrite<FastMap<Key, Cell>>) -> Self {
        Self {
            texts: self.texts.clone(),
            resolutions: self.resolutions.clone(),
            quotes: self.quotes.clone(),
            charges: self.charges.clone(),
            groups: self.groups.clone(),
            rule_sets: self.rule_sets.clone(),
            cells,
            ..Self::default()
        }
    }

    /// The sums of some days; those of all where sums by key and day were not kept. How many calls they are is not known.
    pub fn within(&self, is_meant: impl Fn(Day) -> bool) -> Result<Self, Overflow> {
        let Some(days) = self.times.as_ref().and_then(|times| times.days.as_ref()) else {
            return Ok(self.with_cells(self.cells.clone()));
        };
        let mut cells: FastMap<Key, Cell> = FastMap::default();
        for ((key, _), sums) in days.iter().filter(|((_, day), _)| is_meant(*day)) {
            let own = Cell {
                rows: sums.rows,
                rows_without_requests: sums.rows,
                tokens: sums.tokens,
                billed: sums.billed,
                ..Cell::default()
            };
            cells.entry(*key).or_default().absorb(&own)?;
        }
        Ok(self.with_cells(cells.into()))
    }

    /// The same sums, charged as the table says of another day, at routes' targets too. What has no rate then keeps today's:
    /// a price that is not published yet is no reason to lose sight of a cost. A batch price that is new is not counted on.
    #[must_use]
    pub fn at_prices_of(&self, day: Day, context: &Context<'_>) -> Self {
        let table = context.table;
        let mut later = self.with_cells(self.cells.clone());
        for quoted in &mut later.quotes {
            let resolution = &self.resolutions[quoted.key.resolution as usize];
            let geo = quoted.key.geo.map(|geo| self.texts.get(geo));
            let quote = |model| table.quote(model, day, quoted.key.tier, quoted.key.step, geo);
            let target = resolution.route.and_then(|route| context.route_targets.get(route).copied());
            let at_target = target.and_then(quote).and_then(|quote| quote.own.ok());
            if quoted.target.is_some() && missing_of(at_target).is_within(missing_of(quoted.target)) {
                quoted.target = at_target;
            }
            let Some(quote) = resolution.model.ok().and_then(quote) else { continue };
            let (own, batch) = (missing_of(quote.own.ok()), missing_of(quote.batch));
            if own.is_within(quoted.missing_own) && (batch.is_within(quoted.missing_batch) || quote.batch.is_none()) {
                *quoted = Quoted { quote: Ok(quote), missing_own: own, missing_batch: batch, ..quoted.clone() };
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
}
