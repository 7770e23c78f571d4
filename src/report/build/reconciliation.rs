//! The comparison with the bill, as the report shows it.

use std::sync::Arc;

use super::bill_causes::bill_causes;
use super::{MaskedNames, ReportInput, masked};
use crate::assess;
use crate::assess::items::{self, Item, ItemSums};
use crate::assess::reconcile::{ModelRatio, Place, Sides};
use crate::calendar::Day;
use crate::input::ledger::RowOutcome;
use crate::money::{Money, Overflow, share};
use crate::report::{BilledItem, Compared, ComparedModel, Reconciliation};

/// Decimals of a ratio.
pub(super) const RATIO_DECIMALS: u32 = 6;

/// Builds the section; nothing where no usage stands beside a bill. `unpriced` are the models without a price.
pub(super) fn reconciliation(run: &ReportInput<'_>, unpriced: &[String]) -> Result<Option<Reconciliation>, Overflow> {
    let Some(found) = known(run) else { return Ok(None) };
    let (agreeing, billed) = found.coverage()?;
    let computed = Money::sum(found.places.iter().filter_map(|(_, sides)| sides.computed))?;
    let mut written = Written::default();
    let lines = written.lines(&found.places)?;
    let days = written.lines(&found.days()?)?;
    let model = |model: &ModelRatio| {
        let ratio = model.agreed.as_ref().map(|ratio| Money::round(ratio, RATIO_DECIMALS)).transpose()?;
        Ok(ComparedModel {
            provider: masked(&model.provider),
            model: masked(&model.model),
            computed: model.computed,
            billed: model.billed,
            residual: model.billed.sub(model.computed)?,
            days: model.days as u64,
            agreed_ratio: ratio.map(|ratio| ratio.to_string()),
        })
    };
    Ok(Some(Reconciliation {
        standing: found.standing()?.name(),
        coverage: share(agreeing, billed),
        computed,
        billed,
        residual: billed.sub(computed)?,
        models: found.ratios.iter().map(model).collect::<Result<_, Overflow>>()?,
        days,
        lines,
        items: found.items.iter().map(billed_item).collect(),
        causes: bill_causes(found, unpriced)?,
    }))
}

fn billed_item((item, sums): (&Item, &ItemSums)) -> BilledItem {
    BilledItem {
        provider: masked(&item.provider),
        kind: item.kind.name(),
        item: masked(&item.words),
        billed: sums.billed,
        list_value: sums.list_value,
        about_ai: item.about_ai,
    }
}

/// Charges about no call: those that a cloud bills beside its services, and those of a vendor's bill that stands alone.
pub(super) fn other_charges(run: &ReportInput<'_>) -> Result<Vec<BilledItem>, Overflow> {
    let mut all = run.assessment.stands_alone.clone();
    for (item, sums) in run.gathered.inputs.iter().flat_map(|input| &input.ledger.other_charges) {
        items::bill(&mut all, item.clone(), sums.billed)?;
    }
    Ok(all.iter().map(billed_item).collect())
}

/// What stands on bills for other things than LLM usage, without the charges that are told one by one.
pub(super) fn billed_for_other(run: &ReportInput<'_>) -> Result<Money, Overflow> {
    let ledgers = || run.gathered.inputs.iter().map(|input| &input.ledger);
    let all = Money::sum(ledgers().map(|ledger| ledger.dollars(RowOutcome::NotUsage)))?;
    all.sub(Money::sum(ledgers().flat_map(|ledger| ledger.other_charges.values()).map(|sums| sums.billed))?)
}

/// The comparison, unless an amount in a currency without a rate leaves the whole bill unknown.
pub(super) fn known<'a>(run: &'a ReportInput<'_>) -> Option<&'a assess::reconcile::Reconciliation> {
    let is_known = run.gathered.inputs.iter().all(|input| input.ledger.foreign.is_empty());
    run.assessment.reconciliation.as_ref().filter(|_| is_known)
}

/// Texts of many lines, each written once.
#[derive(Default)]
struct Written {
    names: MaskedNames,
    day: Option<(Day, Arc<str>)>,
}

impl Written {
    /// Lines come by day.
    fn day(&mut self, day: Day) -> Arc<str> {
        match &self.day {
            Some((known, text)) if *known == day => Arc::clone(text),
            _ => Arc::clone(&self.day.insert((day, day.to_string().into())).1),
        }
    }

    fn lines(&mut self, places: &[(Place, Sides)]) -> Result<Vec<Compared>, Overflow> {
        // There are many, and a list that may end with an error grows by copying.
        let mut lines = Vec::with_capacity(places.len());
        for (place, sides) in places {
            lines.push(Compared {
                provider: self.names.get(&place.provider),
                model: place.model.as_ref().map(|name| self.names.get(name)),
                token_class: place.class.map(crate::usage::TokenClass::name),
                day: self.day(place.day),
                computed: sides.computed,
                billed: sides.billed,
                residual: sides.residual()?,
                verdict: sides.verdict()?.name(),
            });
        }
        Ok(lines)
    }
}
