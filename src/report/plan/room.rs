//! All amounts of a plan fit into one sum, so that its pages can add and subtract ([`crate::report::words::sum`]).

use crate::money::{Money, Overflow};
use crate::plan::Plan;
use crate::plan::ahead::Ahead;
use crate::policy::Cases;

/// Fails where the amounts of the plan, added up whatever their signs, leave the range.
pub fn room(plan: &Plan) -> Result<(), Overflow> {
    let mut room = Money::ZERO;
    let mut take = |amounts: &mut dyn Iterator<Item = Money>| {
        for amount in amounts {
            room = room.add(amount.abs())?;
        }
        Ok(())
    };
    let now = &plan.now;
    take(&mut [plan.start, plan.gross_saving, plan.least_saving, now.today, plan.sensitivity.0].into_iter())?;
    take(&mut [now.batch_only, now.batch, now.routing].into_iter().chain(plan.routing_assumed).flat_map(all))?;
    take(&mut plan.seen.iter().flat_map(|month| [month.spend, month.full, month.volume]))?;
    for month in &plan.months {
        take(&mut all(month.today).into_iter().chain(month.budget))?;
        take(&mut [&month.batch_only, &month.combined].into_iter().flat_map(both))?;
    }
    for quarter in &plan.quarters {
        take(&mut [quarter.today, quarter.forecast_to_go, quarter.outlook].into_iter().flat_map(all))?;
        take(&mut [&quarter.batch_only, &quarter.combined].into_iter().flat_map(both))?;
        take(&mut [quarter.budget, quarter.budget_read].into_iter().flatten().chain([quarter.actual_to_date]))?;
    }
    if let Some(found) = &plan.waterfall {
        take(&mut found.bars.iter().map(|bar| bar.amount).chain([found.baseline, found.target]))?;
    }
    take(&mut plan.steps.steps.iter().flat_map(|step| [step.cost, step.saving, step.saving_now, step.lost_cache]))?;
    for not_migrated in plan.steps.not_worth_it.iter().chain(&plan.steps.cannot) {
        take(&mut not_migrated.saving.into_iter().chain([not_migrated.cost]))?;
    }
    take(&mut plan.sensitivity.1.iter().flat_map(|driver| [driver.at_low, driver.at_high]))?;
    for route in &plan.routes {
        take(&mut [route.saving, route.assumed].into_iter().flat_map(all))?;
        take(&mut route.cache_lost.into_iter().chain([route.cost, route.target_cost]))?;
    }
    let parts = plan.budgets.iter().flat_map(|budgets| &budgets.parts).flat_map(|part| &part.months);
    take(&mut parts.flat_map(|month| month.budget.into_iter().chain([month.amount])))?;
    // As much again, since what is shown is rounded and stands beside its difference to something else.
    room.add(room)?.add(room).map(|_| ())
}

const fn all(cases: Cases<Money>) -> [Money; 3] {
    [cases.low, cases.base, cases.high]
}

fn both(ahead: &Ahead) -> impl Iterator<Item = Money> + use<> {
    all(ahead.cost).into_iter().chain(all(ahead.saving))
}
