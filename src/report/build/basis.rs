//! Which prices the monthly figures stand on, as the report says it.

use std::collections::BTreeMap;

use super::{ReportInput, masked, reconciliation};
use crate::assess::basis::{Basis, Effective};
use crate::money::{Exact, MONTHLY_DECIMALS, Money, Overflow, share};
use crate::report::{AgreedModel, AgreedPrices, Agreement, ListModel};
use crate::scenario::monthly;
use crate::usage::TokenClass;

/// What was agreed and for which models; nothing at list prices.
pub(super) fn agreed(run: &ReportInput<'_>) -> Result<Option<AgreedPrices>, Overflow> {
    let basis = &run.scenarios.basis;
    if matches!(basis, Basis::List) {
        return Ok(None);
    }
    let mut monthly_at_list = Money::ZERO;
    let mut agreed: BTreeMap<(String, String), AgreedModel> = BTreeMap::new();
    let mut at_list: BTreeMap<(String, String), Money> = BTreeMap::new();
    for row in &run.assessment.rows {
        let Some(cost) = row.cost else { continue };
        let month = |amount: Money| monthly(&amount.exact(), run.gathered.month_basis());
        monthly_at_list = monthly_at_list.add(month(cost)?)?;
        let by_prices = cost.sub(row.from_bill.0)?;
        let model = row.priced_as.map_or(&*row.model, |model| run.context.table.model(model).name.as_str());
        let name = (masked(&row.provider), masked(model));
        match basis.effective(row.priced_as) {
            _ if by_prices.is_zero() => {}
            Some(effective) => {
                let line = line(&name, effective)?;
                agreed.insert(name, line);
            }
            None => {
                let sum = at_list.entry(name).or_default();
                *sum = sum.add(month(by_prices)?)?;
            }
        }
    }
    let mut at_list: Vec<ListModel> = at_list
        .into_iter()
        .map(|((provider, model), monthly_cost)| ListModel { provider, model, monthly_cost })
        .collect();
    // Names are in order already, and stay so among equal costs.
    at_list.sort_by_key(|line| std::cmp::Reverse(line.monthly_cost));
    Ok(Some(AgreedPrices {
        monthly_at_list,
        models: agreed.into_values().collect(),
        at_list,
        agreement: agreement(run)?,
    }))
}

fn line((provider, model): &(String, String), effective: &Effective) -> Result<AgreedModel, Overflow> {
    let text = |ratio: &Exact| Money::round(ratio, reconciliation::RATIO_DECIMALS).map(|ratio| ratio.to_string());
    let classes = TokenClass::ALL.into_iter().filter_map(|class| Some((class, effective.classes[class].as_ref()?)));
    Ok(AgreedModel {
        provider: provider.clone(),
        model: model.clone(),
        ratio: text(&effective.all)?,
        by: effective.fineness.name(),
        classes: classes.map(|(class, ratio)| Ok((class.name(), text(ratio)?))).collect::<Result<_, Overflow>>()?,
    })
}

fn agreement(run: &ReportInput<'_>) -> Result<Option<Agreement>, Overflow> {
    let Some(found) = reconciliation::known(run) else { return Ok(None) };
    let found = run.scenarios.basis.compared(found)?;
    let (agreeing, billed) = found.coverage()?;
    let residuals = found.places.iter().map(|(_, sides)| sides.residual()).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(Agreement {
        standing: found.standing()?.name(),
        coverage: share(agreeing, billed),
        // Places are rounded to the last digit that an amount has, and their sum to what of it means something.
        residual: Money::round(&Money::sum(residuals)?.exact(), MONTHLY_DECIMALS)?,
    }))
}
