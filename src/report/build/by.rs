//! The sums of `--by`: who spent what, and how much of it nobody is named for.

use std::collections::BTreeMap;

use super::{ReportInput, masked};
use crate::assess::BySums;
use crate::calendar::Month;
use crate::formats::mapping::Logic;
use crate::formats::{Format, Kind};
use crate::input::RowOutcome;
use crate::money::{Money, Overflow, share};
use crate::policy::NameField;
use crate::report::{BillStep, ByLine, ByTable, ByWorkload, CostLine};
use crate::rollup::Breakdown;
use crate::rollup::fold::NAMELESS;

/// The sums of `--by`; `cost` is what all of it costs and what is billed.
pub(super) fn by(run: &ReportInput<'_>, cost: &CostLine) -> Result<Option<ByTable>, Overflow> {
    let Some(by) = &run.context.by else { return Ok(None) };
    let sums = &run.assessment.by;
    let total = Money::sum(sums.values().map(|sums| sums.cost))?;
    let mut rows: Vec<ByLine> = sums
        .iter()
        .map(|(value, sums)| ByLine {
            value: value.as_ref().filter(|value| is_name(by, &value.name)).map(|value| masked(&value.name)),
            id: value.as_ref().and_then(|value| value.id.as_deref()).map(masked),
            requests: sums.requests,
            cost: sums.cost,
            share: share(sums.cost, total),
            can_wait: sums.can_wait,
            saving: sums.saving,
            workloads: workloads(sums),
            months: sums.months.as_ref().map(|months| months.iter().map(|(month, cost)| (*month, *cost)).collect()),
        })
        .collect();
    rows.sort_by(|a, b| b.cost.cmp(&a.cost).then_with(|| (&a.value, &a.id).cmp(&(&b.value, &b.id))));
    let allocated = Money::sum(rows.iter().filter(|row| row.value.is_some()).map(|row| row.cost))?;
    Ok(Some(ByTable {
        dimension: dimension(by),
        allocated_share: share(allocated, total),
        without: without(run, by),
        has_pages: matches!(by, Breakdown::Named(_) | Breakdown::Owner),
        last_months: last_months(run),
        to_the_bill: to_the_bill(run, cost, allocated)?,
        rows,
    }))
}

/// What a value has of each workload, the largest first.
fn workloads(sums: &BySums) -> Vec<ByWorkload> {
    let part = |(&index, &(cost, saving)): (&usize, &(Money, Money))| ByWorkload { index, cost, saving };
    let mut workloads: Vec<ByWorkload> = sums.rows.iter().map(part).collect();
    // Rows are in order already, and stay so among equal costs.
    workloads.sort_by_key(|part| std::cmp::Reverse(part.cost));
    workloads
}

/// The last month that was read to its end, and the one before it if all of that was read too.
fn last_months(run: &ReportInput<'_>) -> Option<[Month; 2]> {
    let (period, _) = run.period()?;
    let before = |month: Month| month.first().previous().month();
    let last = before(period.to.next().month());
    let is_read = |month: Month| period.contains(month.first()) && period.contains(month.last());
    let months = [before(last), last];
    months.iter().all(|month| is_read(*month)).then_some(months)
}

/// From what usage costs, allocated and not, to what is billed: less what no bill stands beside, more what the bill says
/// beyond it, item by item.
fn to_the_bill(run: &ReportInput<'_>, cost: &CostLine, allocated: Money) -> Result<Vec<BillStep>, Overflow> {
    let Some((billed, residual)) = cost.billed.zip(cost.residual) else { return Ok(Vec::new()) };
    let mut items: BTreeMap<&'static str, Money> = BTreeMap::new();
    let compared = run.assessment.reconciliation.iter().flat_map(|found| &found.items);
    for (item, sums) in compared.chain(&run.assessment.stands_alone) {
        let sum = items.entry(item.kind.name()).or_default();
        *sum = sum.add(sums.billed)?;
    }
    let beside = billed.sub(residual)?;
    let of_tokens = residual.sub(Money::sum(items.values().copied())?)?;
    let steps = [
        ("allocated", allocated),
        ("unallocated", cost.computed.sub(allocated)?),
        ("usage-without-bill", beside.sub(cost.computed)?),
        ("residual", of_tokens),
    ];
    let is_told = |code: &str, amount: Money| matches!(code, "allocated" | "unallocated") || !amount.is_zero();
    let steps = steps.into_iter().chain(items).filter(|(code, amount)| is_told(code, *amount));
    Ok(steps.chain([("billed", billed)]).map(|(code, amount)| BillStep { code, amount }).collect())
}

/// How a dimension is typed.
pub(super) fn dimension(by: &Breakdown) -> String {
    match by {
        Breakdown::Workload => "workload".to_owned(),
        Breakdown::Model => "model".to_owned(),
        Breakdown::Provider => "provider".to_owned(),
        Breakdown::Owner => "owner".to_owned(),
        Breakdown::Named(field) => field.to_string().replace('_', "-"),
    }
}

/// Whether a value is one: groups without a name go by words of ours.
pub(super) fn is_name(by: &Breakdown, value: &str) -> bool {
    matches!(by, Breakdown::Named(_) | Breakdown::Owner) || !matches!(value, "" | NAMELESS)
}

/// The formats of counted rows that have no place for the dimension, each once.
fn without(run: &ReportInput<'_>, by: &Breakdown) -> Vec<String> {
    let Breakdown::Named(field) = by else { return Vec::new() };
    let mut formats: Vec<String> = Vec::new();
    for input in &run.gathered.inputs {
        let format = &run.reading.formats[input.sniffed.format];
        // A bill beside usage is compared and not added up.
        let is_spend = format.mapping.kind == Kind::Usage || !run.assessment.from_bill.is_zero();
        let is_counted = input.left_out.is_none() && input.ledger.rows(RowOutcome::Accepted) > 0;
        let name = &format.mapping.name;
        if is_spend && is_counted && !carries(format, field) && !formats.contains(name) {
            formats.push(name.clone());
        }
    }
    formats.sort_unstable();
    formats
}

fn carries(format: &Format, field: &NameField) -> bool {
    let mapping = &format.mapping;
    match field {
        NameField::Text(field) => format.column_map().any(|(target, _)| target.name() == field.name()),
        NameField::Tag(name) => {
            let tags = &mapping.tags;
            tags.prefix.is_some()
                || tags.named.0.iter().any(|(tag, _)| tag == name)
                || mapping.logic == Some(Logic::Litellm)
        }
    }
}
