//! What a report says of the bill: how much of it agrees, and where it does not.

use super::{LONGEST_NAME, LONGEST_PATH, ShowName};
use crate::money::Money;
use crate::report::words::{dollars, exact_dollars, percent, plural};
use crate::report::{Compared, Reconciliation, Report};

/// Differences from the bill that are told one by one.
const MOST_DIFFERENCES: usize = 4;
/// From this share of the bill on, in percent, what the usage does not explain is said at once.
const MUCH_OF_THE_BILL: u128 = 5;

/// That the bill says much more or less than the usage explains.
pub fn bill_alarm(report: &Report) -> Option<String> {
    let (billed, residual) = (report.cost.billed?, report.cost.residual?);
    let much = billed.units().unsigned_abs() / 100 * MUCH_OF_THE_BILL;
    (residual.units().unsigned_abs() > much).then(|| {
        format!(
            "The bill says {} where the usage explains {}: see the ledger before you rely on a figure.",
            dollars(billed),
            dollars(billed.sub(residual).unwrap_or_default())
        )
    })
}

/// What the bill says beside the price table, in general.
pub fn bill(report: &Report) -> String {
    let cost = &report.cost;
    let (Some(billed), Some(residual)) = (cost.billed, cost.residual) else {
        return format!(
            "Computed {} from the price table; these files state no bill to compare it with.",
            dollars(cost.computed)
        );
    };
    let Some(found) = &report.reconciliation else {
        return format!(
            "Billed {}, which is taken as the spend: there is no usage beside it to compare.",
            dollars(billed)
        );
    };
    let (equal, days) = found.equal_days();
    format!(
        "Billed {}, computed {} beside it: equal on {equal} of {}.",
        dollars(billed),
        dollars(billed.sub(residual).unwrap_or_default()),
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

/// What the files bill for something else than LLM usage, where they say so.
pub fn billed_for_other(report: &Report) -> Option<String> {
    let amounts = report.inputs.iter().flat_map(|input| &input.dollars).filter(|(fate, _)| *fate == "not_usage");
    let other = Money::sum(amounts.map(|(_, amount)| *amount)).ok().filter(|other| !other.is_zero())?;
    Some(format!("{} in the files is billed for other things than LLM usage, and not counted.", dollars(other)))
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
pub fn reconciliation(found: &Reconciliation, name: ShowName) -> Vec<String> {
    let rule = match found.standing {
        "usable" => "99 % is enough",
        "usable with residual" => "what differs, either way, is at most 5 % of it",
        _ => "what differs, either way, is more than 5 % of it, so look into that first",
    };
    let mut sentences = vec![format!(
        "{}: {} of the {} billed beside usage agrees with the price table, to half a cent a line; {rule}.",
        capitalised(found.standing),
        percent(found.coverage.as_ref()),
        dollars(found.billed),
    )];
    for model in &found.models {
        if let Some(ratio) = model.agreed_ratio.as_ref().filter(|ratio| *ratio != "1") {
            sentences.push(format!(
                "{} is billed at {ratio} of its price in the table on all {}, as an agreed price would be.",
                name(&format!("{}/{}", model.provider, model.model), LONGEST_PATH),
                plural(model.days, "day")
            ));
        }
    }
    let unequal = by_difference(&found.lines, |line| !matches!(line.verdict, "equal" | "rounding"));
    for line in unequal.iter().take(MOST_DIFFERENCES) {
        let amount = |amount: Option<Money>| amount.map_or_else(|| "nothing".to_owned(), exact_dollars);
        let model =
            line.model.as_deref().map_or_else(|| line.provider.clone(), |model| format!("{}/{model}", line.provider));
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
    if unequal.len() > MOST_DIFFERENCES {
        sentences.push(format!(
            "{} more in the JSON report.",
            plural((unequal.len() - MOST_DIFFERENCES) as u64, "difference")
        ));
    }
    if !found.items.is_empty() {
        let items = found.items.iter().take(MOST_DIFFERENCES);
        let items: Vec<String> =
            items.map(|line| format!("{} {}", name(&line.item, LONGEST_NAME), dollars(line.billed))).collect();
        let more = found.items.len().saturating_sub(items.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        sentences.push(format!("Billed for something else than tokens: {}{more}.", items.join(", ")));
    }
    sentences
}

fn capitalised(words: &str) -> String {
    let mut characters = words.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}
