//! What a report says of the bill: how much of it agrees, and where it does not.

use super::{LONGEST_PATH, ShowName};
use crate::money::Money;
use crate::report::words::{capitalised, difference, dollars, exact_dollars, percent, plural, shown_parts, sum};
use crate::report::{Agreement, BilledItem, Compared, ControlTotal, Reconciliation, Report};

/// Differences from the bill that are told one by one.
const MOST_DIFFERENCES: usize = 4;
/// Models that are named with their ratio or their cost.
const MOST_MODELS: usize = 8;
/// Lines of the bill besides tokens that are shown one by one.
const MOST_ITEMS: usize = 12;
/// The words of such a line, behind its service, are cut from here on.
const LONGEST_ITEM: usize = 60;
/// From this share of the bill on, in percent, what the usage does not explain is said at once.
const MUCH_OF_THE_BILL: u128 = 5;

/// That the bill says much more or less for tokens than the usage explains. What it bills besides is explained by its own
/// lines.
pub fn bill_alarm(report: &Report) -> Option<String> {
    let found = report.reconciliation.as_ref()?;
    let (billed, residual) = (found.billed, agreement(report).map_or(found.residual, |agreed| agreed.residual));
    let much = billed.units().unsigned_abs() / 100 * MUCH_OF_THE_BILL;
    (residual.units().unsigned_abs() > much).then(|| {
        format!(
            "The bill says {} for tokens where the usage explains {}: see the ledger before you rely on a figure.",
            dollars(billed),
            dollars(difference(billed, residual))
        )
    })
}

/// How the bill agrees with the figures where these stand on its prices.
fn agreement(report: &Report) -> Option<&Agreement> {
    report.agreed.as_ref().filter(|agreed| !agreed.models.is_empty())?.agreement.as_ref()
}

/// In a few words, how far the figures agree with the bill: by the table's prices, or by the bill's where figures stand on
/// these.
pub fn standing(report: &Report, found: &Reconciliation) -> String {
    match agreement(report) {
        Some(agreed) => format!("{}, {} at billed prices", agreed.standing, percent(agreed.coverage.as_ref())),
        None => format!("{}, {}", found.standing, percent(found.coverage.as_ref())),
    }
}

/// Behind a monthly amount: that it stands on the bill's prices.
pub fn on_basis(report: &Report) -> &'static str {
    let is_known = report.agreed.as_ref().is_some_and(|agreed| !agreed.models.is_empty());
    if is_known { " at billed prices" } else { "" }
}

/// Which prices monthly figures stand on and what that takes for granted; nothing at list prices.
pub fn basis(report: &Report, name: ShowName) -> Vec<String> {
    let Some(agreed) = &report.agreed else { return Vec::new() };
    let full = |provider: &str, model: &str| name(&format!("{provider}/{model}"), LONGEST_PATH);
    let named = |names: &[String]| {
        let more = names.len().saturating_sub(MOST_MODELS);
        let shown = names.iter().take(MOST_MODELS).cloned().collect::<Vec<_>>().join(", ");
        if more > 0 { format!("{shown} and {}", plural(more as u64, "more model")) } else { shown }
    };
    let models: Vec<String> =
        agreed.models.iter().map(|line| format!("{} × {}", full(&line.provider, &line.model), line.ratio)).collect();
    let at_list: Vec<String> = agreed
        .at_list
        .iter()
        .map(|line| format!("{} ({} a month)", full(&line.provider, &line.model), dollars(line.monthly_cost)))
        .collect();
    let mut sentences = Vec::new();
    if !models.is_empty() {
        sentences.push(format!(
            "Monthly figures stand on what the bill charges of list prices: {}. At list prices a month is {}.",
            named(&models),
            dollars(agreed.monthly_at_list)
        ));
    }
    if !at_list.is_empty() {
        sentences.push(format!("At list price, since the bill shows no one ratio for them: {}.", named(&at_list)));
    }
    if !models.is_empty() {
        let assumed = "Assumed: batch and routing save at the same ratio, though no bill says whether an agreed price \
            holds in batch. Amounts of the period stay at list price, but for the months that a plan goes on from.";
        sentences.push(assumed.to_owned());
    }
    sentences
}

/// Each control total of the policy, and whether it is met.
pub fn control_totals(report: &Report, name: ShowName) -> Vec<String> {
    let sentence = |control: &ControlTotal| {
        let whose = control
            .provider
            .as_deref()
            .map_or_else(|| "all providers".to_owned(), |provider| name(provider, LONGEST_PATH));
        let found = match control.found {
            Some(found) => format!("found {} ({})", exact_dollars(found), control.source),
            None => "found nothing".to_owned(),
        };
        format!(
            "{}, {whose}: {}. Expected {}, {found}, tolerance {}.",
            control.month,
            if control.met { "met" } else { "NOT MET" },
            exact_dollars(control.total),
            exact_dollars(control.tolerance)
        )
    };
    report.control_totals.iter().map(sentence).collect()
}

/// What the bill says beside the price table, in general.
pub fn bill(report: &Report) -> String {
    let cost = &report.cost;
    let Some(billed) = cost.billed.filter(|_| cost.residual.is_some()) else {
        if !report.billed_for_other.is_zero() || !report.other_charges.is_empty() {
            return format!(
                "Computed {} from the price table; what these files bill is for no LLM usage, so that there is nothing to compare.",
                dollars(cost.computed)
            );
        }
        return format!(
            "Computed {} from the price table; these files state no bill to compare it with.",
            dollars(cost.computed)
        );
    };
    let Some(found) = &report.reconciliation else {
        let besides = difference(billed, cost.from_bill);
        if !besides.is_zero() {
            return format!(
                "Billed {}: {} for usage, which is taken as the spend, and {} in lines of their own; there is no usage beside it to compare.",
                dollars(billed),
                dollars(cost.from_bill),
                dollars(besides)
            );
        }
        return format!(
            "Billed {}, which is taken as the spend: there is no usage beside it to compare.",
            dollars(billed)
        );
    };
    let (equal, days) = found.equal_days();
    // What the bill has besides tokens is explained by its own lines, and compared with nothing.
    let besides = difference(billed, found.billed);
    let billed = if besides.is_zero() {
        dollars(billed)
    } else {
        let (parts, _) = shown_parts(&[found.billed, besides], billed);
        format!("{} for tokens and {} besides", dollars(parts[0]), dollars(parts[1]))
    };
    format!(
        "Billed {billed}, computed {} beside it: equal on {equal} of {}.",
        dollars(found.computed),
        plural(days, "day")
    )
}

/// What of the spend stands in the bill alone, where a part of it does.
pub fn only_billed(report: &Report) -> Option<String> {
    let from_bill = report.reconciliation.as_ref().map(|_| report.cost.from_bill)?;
    (!from_bill.is_zero()).then(|| {
        format!("{} of the spend is taken from the bill, since there is no usage beside it.", dollars(from_bill))
    })
}

/// What the files bill for something else than LLM usage, where they say so, and the charges about no call: each that may
/// be for LLMs with its words, the rest by kind.
pub fn billed_for_other(report: &Report, name: ShowName) -> Option<String> {
    let rest = (!report.billed_for_other.is_zero()).then(|| {
        let other = dollars(report.billed_for_other);
        format!("{other} in the files is billed for other things than LLM usage, and not counted.")
    });
    let (mut about_ai, others): (Vec<_>, Vec<_>) = report.other_charges.iter().partition(|line| line.about_ai);
    about_ai.sort_by_key(|line| std::cmp::Reverse(line.billed.units().unsigned_abs()));
    let (first, more) = about_ai.split_at(about_ai.len().min(report.most(MOST_ITEMS)));
    let mut named: Vec<String> = first
        .iter()
        .map(|line| {
            let is_said = line.kind == "other" || line.item.to_lowercase().starts_with(line.kind);
            let kind = if is_said { String::new() } else { format!(" ({})", line.kind) };
            format!("{} {}{kind}", dollars(line.billed), name(&line.item, LONGEST_ITEM))
        })
        .collect();
    if !more.is_empty() {
        named.push(format!("{} {} more", dollars(sum(more.iter().map(|line| line.billed))), more.len()));
    }
    let mut kinds: Vec<(&str, Money)> = Vec::new();
    for line in others {
        match kinds.iter_mut().find(|(kind, _)| *kind == line.kind) {
            Some((_, amount)) => *amount = sum([*amount, line.billed]),
            None => kinds.push((line.kind, line.billed)),
        }
    }
    named.extend(kinds.iter().map(|(kind, amount)| format!("{} {}", dollars(*amount), charge_words(kind))));
    let besides =
        (!named.is_empty()).then(|| format!("Lines of their own, in no verdict and no saving: {}.", named.join(", ")));
    let sentences: Vec<String> = rest.into_iter().chain(besides).collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// A kind of charge in words.
fn charge_words(kind: &str) -> &str {
    match kind {
        "credit" => "credits",
        "tax" => "taxes",
        "purchase" => "purchases",
        "commitment" => "commitments",
        "tool" => "tools",
        "other" => "storage, training and the like",
        other => other,
    }
}

/// The days on which bill and price table differ, most first. Their amounts are shown with all digits: they may differ
/// by less than a cent.
pub fn unequal_days(found: &Reconciliation) -> Vec<&Compared> {
    by_difference(&found.days, |line| line.verdict != "equal")
}

fn by_difference(lines: &[Compared], shown: impl Fn(&Compared) -> bool) -> Vec<&Compared> {
    let mut lines: Vec<&Compared> = lines.iter().filter(|line| shown(line)).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.residual.units().unsigned_abs()));
    lines
}

/// How far the figures agree with the bill, and where they do not: the largest differences first.
pub fn reconciliation(report: &Report, found: &Reconciliation, name: ShowName) -> Vec<String> {
    let mut sentences = vec![sentence(report, found)];
    let before = sentences.len();
    for model in &found.models {
        if let Some(ratio) = model.agreed_ratio.as_ref().filter(|ratio| *ratio != "1") {
            sentences.push(format!(
                "{} is billed at {ratio} of its price in the table on all {}, as an agreed price would be.",
                name(&format!("{}/{}", model.provider, model.model), LONGEST_PATH),
                plural(model.days, "day")
            ));
        }
    }
    if report.agreed.is_none() && sentences.len() > before {
        sentences.push("All figures here are at list price; `--basis billed` puts them on what is paid.".to_owned());
    }
    let unequal = by_difference(&found.lines, |line| !matches!(line.verdict, "equal" | "rounding"));
    let most = report.most(MOST_DIFFERENCES);
    for line in unequal.iter().take(most) {
        let amount = |amount: Option<Money>| amount.map_or_else(|| "nothing".to_owned(), exact_dollars);
        let model = line
            .model
            .as_deref()
            .map_or_else(|| line.provider.to_string(), |model| format!("{}/{model}", line.provider));
        let class = line.token_class.map(|class| format!(" {class}")).unwrap_or_default();
        sentences.push(format!(
            "{}, {}{class}: billed {}, computed {} ({}).",
            line.day,
            name(&model, LONGEST_PATH),
            amount(line.billed),
            amount(line.computed),
            match line.verdict {
                "under" => "under: usage or a price is missing",
                "over" => "over: a discount, a credit, or usage of another account",
                "billed-without-usage" => "billed without usage",
                _ => "usage without bill",
            }
        ));
    }
    if unequal.len() > most {
        sentences.push(format!("{} more in the JSON report.", plural((unequal.len() - most) as u64, "difference")));
    }
    sentences
}

fn sentence(report: &Report, found: &Reconciliation) -> String {
    let agreed = agreement(report);
    let standing = agreed.map_or(found.standing, |agreed| agreed.standing);
    let rule = match standing {
        "usable" => "99 % is enough",
        "usable with residual" => "what differs, either way, is at most 5 % of it",
        _ => "what differs, either way, is more than 5 % of it, so look into that first",
    };
    let (word, billed) = (capitalised(standing), dollars(found.billed));
    let coverage = percent(found.coverage.as_ref());
    match agreed {
        None => format!(
            "{word}: {coverage} of the {billed} billed beside usage agrees with the price table but for rounding; {rule}."
        ),
        Some(agreed) => format!(
            "{word} at billed prices: {} of the {billed} billed beside usage agrees with them but for rounding; {rule}. \
             With the price table {coverage} agrees.",
            percent(agreed.coverage.as_ref())
        ),
    }
}

/// What stands on the bill besides tokens that are paid for: an amount and what it is for, in the order of the report.
/// What is beyond the first few is added up in one more line.
pub fn items(report: &Report, found: &Reconciliation, name: ShowName) -> Vec<(Money, String)> {
    let words = |line: &BilledItem| {
        let item = name(&line.item, LONGEST_PATH);
        match (line.kind, line.list_value) {
            ("free-tokens", Some(value)) => {
                format!("{item}: free daily tokens, worth {} at list price", dollars(value))
            }
            ("free-tokens", None) => format!("{item}: free daily tokens"),
            ("other", _) => item,
            (kind, _) => format!("{item} ({kind})"),
        }
    };
    let (first, others) = found.items.split_at(found.items.len().min(report.most(MOST_ITEMS)));
    let mut lines: Vec<(Money, String)> = first.iter().map(|line| (line.billed, words(line))).collect();
    if !others.is_empty() {
        lines.push((sum(others.iter().map(|line| line.billed)), format!("{} more", others.len())));
    }
    let (shown, _) = shown_parts(
        &lines.iter().map(|(amount, _)| *amount).collect::<Vec<_>>(),
        sum(lines.iter().map(|(amount, _)| *amount)),
    );
    shown.into_iter().zip(lines).map(|(amount, (_, words))| (amount, words)).collect()
}

/// What leads to these lines; nothing without any.
pub fn items_heading(found: &Reconciliation) -> Option<String> {
    let total = sum(found.items.iter().map(|line| line.billed));
    (!found.items.is_empty())
        .then(|| format!("On the bill besides tokens, {} in all and in no difference above:", dollars(total)))
}
