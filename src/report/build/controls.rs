//! Control totals of the policy against what was read of their months.

use std::collections::{BTreeMap, BTreeSet};

use super::{ReportInput, listed};
use crate::diagnostic::sanitized;
use crate::money::{Money, Overflow};
use crate::policy::Expect;
use crate::report::ControlTotal;

/// Every control total, met or not.
pub(super) fn control_totals(run: &ReportInput<'_>) -> Result<Vec<ControlTotal>, Overflow> {
    run.context.policy.expect.iter().map(|expect| control_total(run, expect)).collect()
}

/// Of each provider the bill counts where it has one in that month, else what the price table makes of its usage.
fn control_total(run: &ReportInput<'_>, expect: &Expect) -> Result<ControlTotal, Overflow> {
    let mut found: BTreeMap<&str, (bool, Money, Money)> = BTreeMap::new();
    for ((provider, day), sums) in &run.assessment.days {
        if day.month() == expect.month && is_wanted(run, expect, provider) {
            let (has_bill, billed, computed) = found.entry(provider).or_default();
            *has_bill |= sums.has_bill;
            *billed = billed.add(sums.billed)?;
            *computed = computed.add(sums.computed)?.add(sums.computed_alone)?;
        }
    }
    let amounts = found.values().map(|(has_bill, billed, computed)| if *has_bill { *billed } else { *computed });
    let total = Money::sum(amounts)?;
    let source = match (found.values().any(|side| side.0), found.values().any(|side| !side.0)) {
        (true, true) => "billed and computed",
        (true, false) => "billed",
        (false, true) => "computed",
        (false, false) => "nothing",
    };
    let difference = total.sub(expect.total)?;
    let is_near = difference.units().unsigned_abs() <= expect.tolerance.units().unsigned_abs();
    let unknown = unknown_provider(run, expect);
    let (is_met, has_data) = (is_near && unknown.is_none(), !found.is_empty());
    let mut control = ControlTotal {
        month: expect.month.to_string(),
        provider: expect.provider.clone(),
        total: expect.total,
        tolerance: expect.tolerance,
        found: has_data.then_some(total),
        source,
        difference,
        met: is_met,
        unmet: None,
    };
    if !is_met {
        control.unmet = Some(unmet(&control, unknown));
    }
    Ok(control)
}

fn is_wanted(run: &ReportInput<'_>, expect: &Expect, provider: &str) -> bool {
    expect.provider.as_ref().is_none_or(|name| {
        run.context
            .table
            .provider_named(name)
            .map_or_else(|| name.eq_ignore_ascii_case(provider), |id| run.context.table.provider(id).name == provider)
    })
}

/// That neither the files nor the price table have the provider: most likely it is misspelt.
fn unknown_provider(run: &ReportInput<'_>, expect: &Expect) -> Option<String> {
    let name = expect.provider.as_deref()?;
    let known: BTreeSet<&str> = run.assessment.days.keys().map(|(provider, _)| provider.as_str()).collect();
    let is_known = run.context.table.provider_named(name).is_some()
        || known.iter().any(|provider| provider.eq_ignore_ascii_case(name));
    let named = listed(known.into_iter().map(|provider| sanitized(provider).into_owned()));
    (!is_known).then(|| match named.as_str() {
        "" => "no provider of that name is known".to_owned(),
        named => format!("no provider of that name is known (the files have {named})"),
    })
}

fn unmet(control: &ControlTotal, unknown: Option<String>) -> String {
    let whose = control.provider.as_deref().map_or(String::new(), |provider| format!(" of {}", sanitized(provider)));
    let start = format!("the control total{whose} for {} is ${}", control.month, control.total);
    match (unknown, control.found) {
        (Some(unknown), _) => format!("{start}, but {unknown}"),
        (None, None) => format!("{start}, but the files have nothing of that month"),
        (None, Some(found)) => {
            let (amount, side) = apart(control.difference);
            format!(
                "{start}, but the files make ${found} ({}): ${amount} {side} it, and the tolerance is ${}",
                control.source, control.tolerance
            )
        }
    }
}

/// A difference without its sign, and on which side it lies.
fn apart(difference: Money) -> (String, &'static str) {
    (difference.abs().to_string(), if difference.is_negative() { "below" } else { "above" })
}
