//! Which assumption the saving hangs on most.
//!
//! Role: the base saving with one assumption at its low and its high end, the others as they are. Verdicts stay.

use super::migration::{Assumptions, Migration, MigrationInput, migration};
use super::turnaround::Turnaround;
use super::words::percent;
use crate::money::{Exact, MONTHLY_DECIMALS, Money, Overflow, Percent};
use crate::policy::{Cases, Routing};
use crate::scenario::goes_to_batch;

/// An assumption, and what the saving of a month would be at its two ends.
#[derive(Clone, Debug)]
pub struct Driver {
    /// Stable name.
    pub id: &'static str,
    /// Its low end, in words.
    pub low: String,
    /// Its high end.
    pub high: String,
    /// The saving at the low end.
    pub at_low: Money,
    /// The saving at the high end.
    pub at_high: Money,
}

impl Driver {
    /// How far the two are apart.
    pub fn spread(&self) -> Result<Money, Overflow> {
        self.at_low.max(self.at_high).sub(self.at_low.min(self.at_high))
    }
}

/// Failures at the high end: one in twenty.
const MANY_FAILURES: Percent = Percent::whole(5);

/// What the saving of a month is made of, once all of it runs: batch by one case, routing by one.
fn total(
    input: &MigrationInput<'_>,
    migration: &Migration,
    batch: fn(Cases<bool>) -> bool,
    routing: fn(Cases<Money>) -> Money,
) -> Result<Money, Overflow> {
    let parts = input.assessment.rows.iter().zip(&migration.rows).map(|(row, planned)| {
        let contest = planned.contest(row);
        let keeps_up = contest.batch >= routing(contest.routing);
        let is_batched = goes_to_batch(batch(contest.can_batch), contest.is_confirmed, keeps_up);
        if is_batched { contest.batch } else { routing(contest.routing) }
    });
    Money::sum(parts)
}

/// The saving of a month in the base case, and every assumption with its effect on it, the largest first.
pub fn sensitivity(
    input: &MigrationInput<'_>,
    assumptions: &Assumptions<'_>,
    now: &Migration,
    band: [Exact; 2],
) -> Result<(Money, Vec<Driver>), Overflow> {
    let base = |cases: Cases<bool>| cases.base;
    let middle = |cases: Cases<Money>| cases.base;
    let saving = total(input, now, base, middle)?;
    let at = |assumptions: &Assumptions<'_>| total(input, &migration(input, assumptions)?, base, middle);
    let batch_at = |costs: &[Option<Money>]| -> Result<Money, Overflow> {
        let input = MigrationInput { batch_at: Some(costs), ..*input };
        total(&input, &migration(&input, assumptions)?, base, middle)
    };
    let failing = |failure_share: Percent| at(&Assumptions { failure_share, ..assumptions.clone() });
    let back = |turnaround: &Turnaround| at(&Assumptions { turnaround, ..assumptions.clone() });
    let mut drivers = vec![
        Driver {
            id: "eligible-share",
            low: "confirmed only".to_owned(),
            high: "undecided too".to_owned(),
            at_low: total(input, now, |cases| cases.low, middle)?,
            at_high: total(input, now, |cases| cases.high, middle)?,
        },
        Driver {
            id: "cache-hits",
            low: "no hits kept".to_owned(),
            high: "all hits kept".to_owned(),
            at_low: batch_at(input.without_hits)?,
            at_high: batch_at(input.with_all_hits)?,
        },
        Driver {
            id: "failures",
            low: percent(&MANY_FAILURES.exact()),
            high: percent(&Percent::ZERO.exact()),
            at_low: failing(MANY_FAILURES)?,
            at_high: failing(Percent::ZERO)?,
        },
        Driver {
            id: "turnaround",
            low: "conservative".to_owned(),
            high: "published".to_owned(),
            at_low: back(&Turnaround::conservative().with_weekends(input.terms.policy.weekend_factor))?,
            at_high: back(&Turnaround::published().with_weekends(input.terms.policy.weekend_factor))?,
        },
    ];
    // What is assumed of routing is in no saving.
    if let Routing::Routes(_) = input.terms.policy.routing {
        drivers.push(Driver {
            id: "routing-share",
            low: "the low share of each route".to_owned(),
            high: "the high share of each route".to_owned(),
            at_low: total(input, now, base, |cases| cases.low)?,
            at_high: total(input, now, base, |cases| cases.high)?,
        });
    }
    drivers.push(by_growth(saving, band)?);
    let least = assumptions.least_saving;
    if least > Money::ZERO {
        let worth = |least_saving: Money| at(&Assumptions { least_saving, ..assumptions.clone() });
        let twice = least.add(least)?;
        drivers.push(Driver {
            id: "min-monthly-saving",
            low: format!("${twice} a month"),
            high: "none".to_owned(),
            at_low: worth(twice)?,
            at_high: worth(Money::ZERO)?,
        });
    }
    let mut ordered =
        drivers.into_iter().map(|driver| Ok((driver.spread()?, driver))).collect::<Result<Vec<_>, Overflow>>()?;
    ordered.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.id.cmp(b.1.id)));
    Ok((saving, ordered.into_iter().map(|(_, driver)| driver).collect()))
}

/// Volume of the last month at the low and the high end of the forecast.
fn by_growth(saving: Money, [low, high]: [Exact; 2]) -> Result<Driver, Overflow> {
    let at = |factor: &Exact| Money::round(&(saving.exact() * factor), MONTHLY_DECIMALS);
    let volume = |factor: &Exact| format!("{} of the volume foretold", percent(factor));
    Ok(Driver { id: "growth", low: volume(&low), high: volume(&high), at_low: at(&low)?, at_high: at(&high)? })
}
