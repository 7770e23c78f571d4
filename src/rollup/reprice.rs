//! The same usage at the prices of another day.

use super::{Charge, Quoted, Rollup};
use crate::calendar::Day;
use crate::pricing::{PriceTable, Rates, missing};
use crate::usage::TokenClass;

impl Rollup {
    /// The same sums, charged as the table says of a later day. What has no rate then keeps today's: a price that is not
    /// published yet is no reason to lose sight of a cost. A batch price that is new is not counted on.
    #[must_use]
    pub fn at_prices_of(&self, day: Day, table: &PriceTable) -> Self {
        let mut later = self.clone();
        for quoted in &mut later.quotes {
            let resolution = &self.resolutions[quoted.key.resolution as usize];
            let geo = quoted.key.geo.map(|geo| self.texts.get(geo));
            let Ok(model) = resolution.model else { continue };
            let Some(quote) = table.quote(model, day, quoted.key.tier, quoted.key.step, geo) else { continue };
            let missing_of =
                |rates: Option<Rates>| rates.map_or(TokenClass::ALL.into_iter().collect(), |rates| missing(&rates));
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
