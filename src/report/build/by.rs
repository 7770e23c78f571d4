//! The sums of `--by`: who spent what, and how much of it nobody is named for.

use super::{ReportInput, masked};
use crate::formats::mapping::Logic;
use crate::formats::{Format, Kind};
use crate::input::RowOutcome;
use crate::money::{Money, Overflow, share};
use crate::policy::NameField;
use crate::report::{ByLine, ByTable};
use crate::rollup::Breakdown;
use crate::rollup::fold::NAMELESS;

pub(super) fn by(run: &ReportInput<'_>) -> Result<Option<ByTable>, Overflow> {
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
        })
        .collect();
    rows.sort_by(|a, b| b.cost.cmp(&a.cost).then_with(|| (&a.value, &a.id).cmp(&(&b.value, &b.id))));
    let allocated = Money::sum(rows.iter().filter(|row| row.value.is_some()).map(|row| row.cost))?;
    Ok(Some(ByTable {
        dimension: dimension(by),
        allocated_share: share(allocated, total),
        without: without(run, by),
        rows,
    }))
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
