//! A dollar is saved once: a row is batched or routed, never both.
//!
//! Role: the one place that says which, for a month of a report, for the plan and for what moves its result.

use crate::money::{Money, Overflow};
use crate::policy::Cases;

/// A row on which batch and routing compete; amounts are dollars a month.
#[derive(Clone, Copy, Debug)]
pub struct Contest {
    /// In which cases it can be batched.
    pub can_batch: Cases<bool>,
    /// Whether it is batched wherever it can be, even where routing would save more.
    pub is_confirmed: bool,
    /// What batch saves.
    pub batch: Money,
    /// What routing saves where it is not batched.
    pub routing: Cases<Money>,
}

/// Sums over rows, a month.
#[derive(Clone, Copy, Debug, Default)]
pub struct MonthSums {
    /// What it costs today.
    pub today: Money,
    /// What batch alone saves.
    pub batch_only: Cases<Money>,
    /// Of batch and routing together, the part of batch.
    pub batch: Cases<Money>,
    /// Of batch and routing together, the part of routing.
    pub routing: Cases<Money>,
}

/// Whether batch has a row in a case in which it can be batched or not, and saves at least what routing would or not.
pub const fn goes_to_batch(can_batch: bool, is_confirmed: bool, keeps_up: bool) -> bool {
    can_batch && (is_confirmed || keeps_up)
}

impl Contest {
    /// In which cases batch saves at least what routing would, to the last rounded digit.
    pub fn keeps_up(&self) -> Cases<bool> {
        self.routing.map(|routing| self.batch >= routing)
    }

    /// In which cases the row is batched, by those in which batch keeps up with routing. An exact tie can differ in its last rounded digit, so batch also has to keep up with
    /// what a lower case saves: cases ascend to that digit.
    pub fn batched(&self, keeps_up: Cases<bool>) -> Cases<bool> {
        let mut least = Money::ZERO;
        let mut choose = |can_batch: bool, keeps_up: bool, routing: Money| {
            let is_batched = goes_to_batch(can_batch, self.is_confirmed, keeps_up && self.batch >= least);
            least = if is_batched { self.batch } else { routing };
            is_batched
        };
        let Self { can_batch, routing, .. } = *self;
        Cases {
            low: choose(can_batch.low, keeps_up.low, routing.low),
            base: choose(can_batch.base, keeps_up.base, routing.base),
            high: choose(can_batch.high, keeps_up.high, routing.high),
        }
    }
}

impl MonthSums {
    /// Adds what is saved on a row that is batched in these cases.
    pub fn add(&mut self, row: &Contest, batched: Cases<bool>) -> Result<(), Overflow> {
        let add = |sums: &mut Cases<Money>, counts: Cases<bool>, amounts: Cases<Money>| -> Result<(), Overflow> {
            *sums = sums
                .zip(counts.zip(amounts))
                .try_map(|(sum, (counts, amount))| if counts { sum.add(amount) } else { Ok(sum) })?;
            Ok(())
        };
        add(&mut self.batch_only, row.can_batch, Cases::all(row.batch))?;
        add(&mut self.batch, batched, Cases::all(row.batch))?;
        add(&mut self.routing, batched.map(|batched| !batched), row.routing)
    }

    /// Saving of batch and routing together.
    pub fn combined(&self) -> Result<Cases<Money>, Overflow> {
        self.batch.zip(self.routing).try_map(|(batch, routing)| batch.add(routing))
    }
}
