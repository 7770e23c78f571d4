//! What a better export would tell, with the dollars that hang on it.

use std::collections::{BTreeMap, BTreeSet};

use num_traits::Zero as _;

use super::{ReportInput, masked};
use crate::formats::{Format, Kind};
use crate::input::RowOutcome;
use crate::money::{Exact, Overflow};
use crate::report::Improvement;
use crate::scenario::monthly;
use crate::usage::DataGap;

/// One line for each thing that is open about a provider's usage or bill, by cost descending.
pub(super) fn improvements(run: &ReportInput<'_>) -> Result<Vec<Improvement>, Overflow> {
    let mut costs: BTreeMap<(DataGap, &str, bool), Exact> = BTreeMap::new();
    for (open, cost) in &run.assessment.open {
        let ratio = run.scenarios.basis.effective(open.model).filter(|_| !open.is_bill);
        let cost = ratio.map_or_else(|| cost.exact(), |effective| cost.exact() * &effective.all);
        *costs.entry((open.gap, &open.provider, open.is_bill)).or_insert_with(Exact::zero) += cost;
    }
    let line = |((gap, provider, is_bill), cost): ((DataGap, &str, bool), Exact)| {
        let formats = formats(run, provider, is_bill);
        let advice: BTreeSet<&str> = formats.iter().filter_map(|format| format.mapping.better.advice(gap)).collect();
        // Without its container: the same usage says the same as CSV and as JSON.
        let names: BTreeSet<&str> = formats.iter().map(|format| format.mapping.name.as_str()).collect();
        let advice = advice.into_iter().collect::<Vec<_>>().join("; or ");
        Ok(Improvement {
            gap: gap.name(),
            provider: masked(provider),
            formats: names.into_iter().map(ToOwned::to_owned).collect(),
            advice: if advice.is_empty() { format!("use an export that tells {}", gap.question()) } else { advice },
            monthly_cost: monthly(&cost, run.gathered.month_basis())?,
        })
    };
    let mut lines: Vec<Improvement> = costs.into_iter().map(line).collect::<Result<_, Overflow>>()?;
    lines.sort_by_key(|line| std::cmp::Reverse(line.monthly_cost));
    Ok(lines)
}

/// Formats of the inputs that hold a provider's usage or bill.
fn formats<'m>(run: &ReportInput<'m>, provider: &str, is_bill: bool) -> Vec<&'m Format> {
    let table = run.context.table;
    let is_of = |name: &str| {
        table.provider_named(name).map_or(name == provider, |known| table.provider(known).name == provider)
    };
    let inputs = run.gathered.inputs.iter().filter(|input| input.ledger.rows(RowOutcome::Accepted) > 0);
    inputs
        .filter(|input| input.ledger.providers.iter().any(|name| is_of(name)) || input.ledger.providers.is_empty())
        .map(|input| &run.reading.formats[input.sniffed.format])
        .filter(|format| (format.mapping.kind == Kind::Bill) == is_bill)
        .filter(|format| format.mapping.provider.as_deref().is_none_or(is_of))
        .collect()
}
