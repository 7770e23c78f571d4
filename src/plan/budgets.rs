//! Budgets of owners or teams, month by month.
//!
//! Role: sums by owner or team, of days that are over and at the prices of days to come → what each spent and will spend if
//! nothing is done, beside what it may. Savings are told by step, and not divided.

use super::PlanInput;
use super::ahead::{MonthAhead, Projection};
use super::by_value::spent;
use super::months::MonthSpend;
use crate::calendar::Month;
use crate::money::{Money, Overflow};
use crate::policy::budget::Schedule;

/// Everybody's budgets.
#[derive(Clone, Debug)]
pub struct BudgetTable {
    /// `owner` or `team`.
    pub whose: &'static str,
    /// One for each that the policy names, then all others together.
    pub parts: Vec<BudgetPart>,
}

/// What one owner or team spends.
#[derive(Clone, Debug)]
pub struct BudgetPart {
    /// Its name; nothing stands for all that have no budget.
    pub name: Option<String>,
    /// Months that were read, then months to come.
    pub months: Vec<BudgetMonth>,
}

/// A month of it.
#[derive(Clone, Debug)]
pub struct BudgetMonth {
    /// The month.
    pub month: Month,
    /// What was spent on the days that were read, or what a month to come costs if nothing is done.
    pub amount: Money,
    /// Whether it is over, as far as it was read.
    pub is_actual: bool,
    /// What it may cost.
    pub budget: Option<Money>,
}

/// The table, where the policy has budgets of owners or teams and sums by key and day were kept.
pub(super) fn budgets(
    run: &PlanInput<'_>,
    projection: &Projection<'_>,
    seen: &[MonthSpend],
    months: &[MonthAhead],
) -> Result<Option<BudgetTable>, Overflow> {
    let policy = run.context.policy;
    let Some((whose, named)) = policy.budget.parts() else { return Ok(None) };
    let Some(spent) = spent(run)? else { return Ok(None) };
    let of = |schedule: &Schedule, month: Month| schedule.of(month, policy.fiscal_year_start);
    let mut parts = Vec::new();
    // What nobody is named for is what the others leave, so that all of it adds up.
    let mut left: Vec<Money> =
        seen.iter().map(|month| month.spend).chain(months.iter().map(|m| m.today.base)).collect();
    for (name, schedule) in named {
        let value = Some(name.clone());
        let mut own = Vec::new();
        for month in seen {
            let amount = spent.get(&(value.clone(), month.month)).copied().unwrap_or_default();
            own.push(BudgetMonth { month: month.month, amount, is_actual: true, budget: of(schedule, month.month)? });
        }
        for month in months {
            let amount = projection.of_value(month.month, Some(name))?;
            own.push(BudgetMonth { month: month.month, amount, is_actual: false, budget: of(schedule, month.month)? });
        }
        for (left, month) in left.iter_mut().zip(&own) {
            *left = left.sub(month.amount)?;
        }
        parts.push(BudgetPart { name: value, months: own });
    }
    let all = seen.iter().map(|month| (month.month, true)).chain(months.iter().map(|month| (month.month, false)));
    let rest = all.zip(left).map(|((month, is_actual), amount)| BudgetMonth { month, amount, is_actual, budget: None });
    parts.push(BudgetPart { name: None, months: rest.collect() });
    Ok(Some(BudgetTable { whose, parts }))
}
