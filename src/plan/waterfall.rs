//! From a month of the period to the last month of the plan, in the base case.
//!
//! Role: what the calendar, volume, prices, batch and routing each change. Volume is counted at the price list of the last
//! day read, so that no price is taken for growth; what routing saves is what is left to the target, so that the parts add
//! up to the last digit.

use num_traits::Zero;

use super::ahead::{MonthAhead, Projection};
use super::months::MonthSpend;
use crate::calendar::Month;
use crate::money::{Exact, MONTHLY_DECIMALS, Money, Overflow};

/// A step of the waterfall.
#[derive(Clone, Copy, Debug)]
pub struct Bar {
    /// Stable name.
    pub id: &'static str,
    /// What it adds to a month's cost; below zero where it saves.
    pub amount: Money,
}

/// From a month of the period to the last month of the plan, in the base case.
#[derive(Clone, Debug)]
pub struct Waterfall {
    /// The month it leads to.
    pub month: Month,
    /// A month of the period.
    pub baseline: Money,
    /// The calendar, the base months beside the whole period, volume, prices that changed, prices ahead, what
    /// successors cost more, batch confirmed, batch likely, lost cache, failures and fallback, routing.
    pub bars: Vec<Bar>,
    /// The month with the plan; the sum of all of these.
    pub target: Money,
}

/// A month of the period, at the prices of its days and at those of its last one.
#[derive(Clone, Copy, Debug)]
pub struct Baseline {
    /// At the prices of its days.
    pub as_spent: Money,
    /// At those of its last one.
    pub at_list: Money,
}

/// The volume that an average day of the whole period has, by the weights of its weekdays.
fn level_of(seen: &[MonthSpend], projection: &Projection<'_>) -> Exact {
    let days: Exact = seen.iter().map(|month| projection.forecast.weights.days(month.seen)).sum();
    let volume: Exact = seen.iter().map(|month| month.volume.exact()).sum();
    if days.is_zero() { days } else { volume / days }
}

/// The waterfall; nothing where no month is foretold.
pub fn waterfall(
    projection: &Projection<'_>,
    seen: &[MonthSpend],
    baseline: Baseline,
    months: &[MonthAhead],
) -> Result<Option<Waterfall>, Overflow> {
    let Some(last) = months.last() else { return Ok(None) };
    let days = last.month.period();
    let round = |value: &Exact| Money::round(value, MONTHLY_DECIMALS);
    let weighted = projection.forecast.weights.days(days);
    let by_calendar = round(&(level_of(seen, projection) * &weighted))?;
    let before_growth = round(&(&projection.forecast.start * weighted))?;
    let foretold = round(&projection.forecast.volume(days))?;
    let gain = |amount: Money| Money::ZERO.sub(amount);
    let confirmed = gain(projection.net_saving(last.month, &|sums| sums.all_hits[0])?)?;
    let likely = gain(projection.net_saving(last.month, &|sums| sums.all_hits[1])?)?;
    let lost = projection.net_saving(last.month, &|sums| sums.lost_cache)?;
    let failures = projection.net_saving(last.month, &|sums| sums.failures)?;
    let without_successors = round(&projection.at_days(days, &|sums| sums.without_successors.exact()))?;
    let target = last.combined.cost.base;
    let before = Money::sum([last.today.base, confirmed, likely, lost, failures])?;
    let bars = vec![
        Bar { id: "calendar", amount: by_calendar.sub(baseline.at_list)? },
        Bar { id: "base-months", amount: before_growth.sub(by_calendar)? },
        Bar { id: "volume", amount: foretold.sub(before_growth)? },
        Bar { id: "prices-changed", amount: baseline.at_list.sub(baseline.as_spent)? },
        Bar { id: "prices-ahead", amount: without_successors.sub(foretold)? },
        Bar { id: "retirement", amount: last.today.base.sub(without_successors)? },
        Bar { id: "batch-confirmed", amount: confirmed },
        Bar { id: "batch-likely", amount: likely },
        Bar { id: "lost-cache", amount: lost },
        Bar { id: "failures-and-fallback", amount: failures },
        Bar { id: "routing", amount: target.sub(before)? },
    ];
    Ok(Some(Waterfall { month: last.month, baseline: baseline.as_spent, bars, target }))
}
