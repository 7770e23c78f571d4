//! Which prices the monthly figures stand on, as the report says it.

use std::collections::BTreeMap;

use super::{ReportInput, masked, reconciliation};
use crate::assess::basis::Basis;
use crate::money::{Money, Overflow, share};
use crate::report::{AgreedModel, AgreedPrices, Agreement, ListModel};
use crate::scenario::monthly;

/// What was agreed and for which models; nothing at list prices.
pub(super) fn agreed(run: &ReportInput<'_>) -> Result<Option<AgreedPrices>, Overflow> {
    let basis = &run.scenarios.basis;
    if matches!(basis, Basis::List) {
        return Ok(None);
    }
    let mut monthly_at_list = Money::ZERO;
    let mut agreed: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut at_list: BTreeMap<(String, String), Money> = BTreeMap::new();
    for row in &run.assessment.rows {
        let Some(cost) = row.cost else { continue };
        let month = |amount: Money| monthly(&amount.exact(), run.gathered.month_basis());
        monthly_at_list = monthly_at_list.add(month(cost)?)?;
        let by_prices = cost.sub(row.from_bill.0)?;
        let model = row.priced_as.map_or(&*row.model, |model| run.context.table.model(model).name.as_str());
        let name = (masked(&row.provider), masked(model));
        match basis.ratio(row) {
            _ if by_prices.is_zero() => {}
            Some(ratio) => {
                agreed.insert(name, Money::round(ratio, reconciliation::RATIO_DECIMALS)?.to_string());
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
        models: agreed.into_iter().map(|((provider, model), ratio)| AgreedModel { provider, model, ratio }).collect(),
        at_list,
        agreement: agreement(run)?,
    }))
}

fn agreement(run: &ReportInput<'_>) -> Result<Option<Agreement>, Overflow> {
    let Some(found) = reconciliation::known(run) else { return Ok(None) };
    let found = found.at_agreed_prices()?;
    let (agreeing, billed) = found.coverage()?;
    let residuals = found.places.iter().map(|(_, sides)| sides.residual()).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(Agreement {
        standing: found.standing()?.name(),
        coverage: share(agreeing, billed),
        residual: Money::sum(residuals)?,
    }))
}
