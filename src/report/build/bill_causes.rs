//! The difference between a bill and list prices by cause. Each line of the bill has one; of a line that long prompts may
//! explain in part, the rest has one of its own.

use std::collections::BTreeMap;
use std::mem;

use num_traits::One as _;

use super::masked;
use crate::assess::reconcile::{Match, Place, Reconciliation, Sides};
use crate::money::{Money, Overflow};
use crate::report::{BillCause, Cause};

/// What lines of one cause come to.
#[derive(Default)]
struct Sums<'r> {
    residual: Money,
    long_context: Money,
    models: BTreeMap<(&'r str, &'r str), Money>,
}

/// The causes that have lines, the largest first. `unpriced` are the models without a price, masked.
pub(super) fn bill_causes<'r>(found: &'r Reconciliation, unpriced: &[String]) -> Result<Vec<BillCause>, Overflow> {
    let mut causes: BTreeMap<Cause, Sums<'r>> = BTreeMap::new();
    let mut add = |cause: Cause, place: &'r Place, residual: Money, long_context: Money| {
        let sums = causes.entry(cause).or_default();
        sums.residual = sums.residual.add(residual)?;
        sums.long_context = sums.long_context.add(long_context)?;
        if let Some(model) = &place.model {
            let own = sums.models.entry((&place.provider, model)).or_default();
            *own = own.add(residual)?;
        }
        Ok::<_, Overflow>(())
    };
    for (place, sides) in &found.places {
        let mut sides = *sides;
        let cause_of = |sides: &Sides| cause(found, unpriced, place, sides);
        if !sides.residual()?.is_zero() && cause_of(&sides)? == Cause::LongContext {
            let explained = sides.residual()?.min(sides.long_context);
            add(Cause::LongContext, place, explained, mem::take(&mut sides.long_context))?;
            Money::add_to(&mut sides.computed, explained)?;
        }
        let residual = sides.residual()?;
        if !residual.is_zero() {
            add(cause_of(&sides)?, place, residual, Money::ZERO)?;
        }
    }
    let mut causes: Vec<BillCause> = causes.into_iter().map(|(cause, sums)| told(cause, sums)).collect();
    causes.sort_by_key(|line| std::cmp::Reverse(line.residual.units().unsigned_abs()));
    Ok(causes)
}

fn told(cause: Cause, sums: Sums<'_>) -> BillCause {
    let mut models: Vec<_> = sums.models.into_iter().collect();
    models.sort_by_key(|(_, residual)| std::cmp::Reverse(residual.units().unsigned_abs()));
    BillCause {
        cause,
        residual: sums.residual,
        models: models.into_iter().map(|((provider, model), _)| masked(&format!("{provider}/{model}"))).collect(),
        long_context: (cause == Cause::LongContext).then_some(sums.long_context),
    }
}

fn cause(found: &Reconciliation, unpriced: &[String], place: &Place, sides: &Sides) -> Result<Cause, Overflow> {
    let is_unpriced = || place.model.as_deref().is_some_and(|model| unpriced.contains(&masked(model)));
    let is_agreed = || {
        found.ratios.iter().any(|line| {
            let is_same = line.provider == *place.provider && Some(line.model.as_str()) == place.model.as_deref();
            is_same && line.agreed.as_ref().is_some_and(|ratio| !ratio.is_one())
        })
    };
    Ok(match sides.verdict()? {
        Match::Equal | Match::Rounding => Cause::Rounding,
        _ if is_unpriced() => Cause::Unpriced,
        Match::BilledWithoutUsage => Cause::BilledWithoutUsage,
        Match::UsageWithoutBill => Cause::UsageWithoutBill,
        _ if is_agreed() => Cause::AgreedPrice,
        Match::Under if sides.long_context > Money::ZERO => Cause::LongContext,
        Match::Under => Cause::BilledMore,
        Match::Over => Cause::BilledLess,
    })
}
