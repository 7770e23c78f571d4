//! Routing: what the policy's routes save, or without any what cheaper models would cost.

use super::Draft;
use crate::money::{Exact, rounded_text};
use crate::plan::Plan;
use crate::plan::break_even::{PaysUpTo, limit_words};
use crate::plan::routing::{Candidate, RouteLine, published};
use crate::plan::words::percent;
use crate::policy::Cases;
use crate::report::document::ColumnType::{Figure, Rate, Saving, Text as Words};
use crate::report::document::{
    Cell, LONGEST_NAME, LONGEST_PATH, LONGEST_SENTENCE, Row, Section, Span, Table, Text, is_nothing, model, name,
    quote, text,
};
use crate::report::words::{dollars, more, sum};

/// Models in use shown where nothing is asked.
const MOST: usize = 10;
/// Cheaper models shown of each.
const MOST_CHEAPER: usize = 3;

/// The policy's routes, or without any what cheaper models would cost.
pub(super) fn routing(draft: &Draft<'_>) -> Option<Section> {
    let plan = draft.plan;
    if plan.routes.is_empty() {
        return candidates(plan, draft.report.row_limit(MOST));
    }
    let mut table = Table::new([
        ("From", Words),
        ("To", Words),
        ("Share", Rate),
        ("A month", Figure),
        ("Price ratio", Rate),
        ("Saves", Saving),
        ("Assumed", Figure),
    ]);
    table.optional_columns = &[4, 6];
    table.rows = plan
        .routes
        .iter()
        .map(|route| {
            let ratio = route.price_ratio.as_ref().map(|ratio| Cell::text(format!("{} ×", times(ratio, 1))));
            Row::new([
                Cell::text(path(&route.from)),
                Cell::text(path(&route.to)),
                Cell::text(percent(&route.share.base)),
                Cell::cents(route.cost),
                ratio.unwrap_or_default(),
                Cell::cents(route.saving.base),
                Cell::cents(route.assumed.base),
            ])
        })
        .collect();
    let said = "On what does not go to batch. `Saves` is priced from the table; `Assumed` is what the assumption would have said of the same cost.";
    let section = Section::new("routing", "Routing").paragraph(said).table(table);
    Some(section.list(plan.routes.iter().flat_map(sentences)))
}

fn path(text: &str) -> Span {
    name(text, LONGEST_PATH)
}

/// A factor with so many decimals.
fn times(factor: &Exact, decimals: u32) -> String {
    rounded_text(factor, decimals)
}

fn sentences(route: &RouteLine) -> Vec<Text> {
    let from = || path(&route.from);
    let mut said = vec![match &route.evidence {
        Some(evidence) => text!(from(), ": evidence: ", quote(&**evidence, LONGEST_SENTENCE), "."),
        None => {
            text!(from(), ": no evidence is given, so this figure is not ready to present (`route-without-evidence`).")
        }
    }];
    let Cases { low, base, high } = route.share.by_ref().map(percent);
    let range = if low == high { String::new() } else { format!(" ({low} to {high})") };
    said.push(text!(
        from(),
        format!(
            ": {base} of calls are routed{range}, with {} × the output tokens; {} of them run again on the more expensive model, and the router takes {} of the cost.",
            times(&route.output_ratio, 2),
            percent(&route.escalation.exact()),
            percent(&route.overhead.exact())
        )
    ));
    let pays = route.break_even_share.as_ref().map_or_else(
        || ": it pays at no share.".to_owned(),
        |share| format!(": it pays from a share of {} on.", percent(share)),
    );
    said.push(text!(from(), pays));
    said.extend(route.break_even_escalation.as_ref().map(|pays| match pays {
        PaysUpTo::Share(share) => {
            text!(from(), format!(": it stops paying when more than {} of its calls escalate.", limit_words(share)))
        }
        PaysUpTo::Always => text!(from(), ": it pays however many of its calls escalate."),
        PaysUpTo::Never => text!(from(), ": it does not pay."),
    }));
    said.extend(route.cache_lost.filter(|lost| !is_nothing(*lost)).map(|lost| {
        text!(from(), format!(": {} a month of the target's cost is prompts that were cached before.", dollars(lost)))
    }));
    said.extend(route.published.map(|known| {
        text!(
            from(),
            format!(
                ": published at a price ratio of {}: {} saved on chat, {} on knowledge, {} on mathematics, keeping 80 % of the difference in quality ({}).",
                known.price_ratio,
                percent(&known.chat.exact()),
                percent(&known.knowledge.exact()),
                percent(&known.mathematics.exact()),
                published::SOURCE
            )
        )
    }));
    said
}

fn candidates(plan: &Plan, most: usize) -> Option<Section> {
    // A model that goes before the plan ends is nothing to move to.
    let last_day = plan.months.last().map(|last| last.month.last());
    let stays =
        |cheaper: &&Candidate| cheaper.retires.is_none_or(|retires| last_day.is_some_and(|last| retires > last));
    let mut table = Table::new([
        ("In use", Words),
        ("A month", Rate),
        ("Cheaper", Words),
        ("Would cost", Rate),
        ("Each 1 % moved", Saving),
    ]);
    let mut notes: Vec<Text> = Vec::new();
    let in_use: Vec<_> =
        plan.candidates.iter().filter(|used| used.cheaper.iter().any(|cheaper| stays(&cheaper))).collect();
    let (first, others) = in_use.split_at(in_use.len().min(most));
    for used in first {
        let mut subject = Some([Cell::text(model(&used.provider, &used.model)), Cell::cents(used.cost)]);
        for cheaper in used.cheaper.iter().filter(stays).take(MOST_CHEAPER) {
            let figures = [
                Cell::text(name(&*cheaper.model, LONGEST_NAME)),
                Cell::cents(cheaper.cost),
                Cell::cents(cheaper.saving_per_percent),
            ];
            table.rows.push(Row::new(subject.take().unwrap_or_default().into_iter().chain(figures)));
            let note = cheaper
                .note
                .as_ref()
                .map(|note| text!(name(&*cheaper.model, LONGEST_NAME), ": ", quote(&**note, LONGEST_SENTENCE)));
            notes.extend(note.filter(|note| !notes.contains(note)));
        }
    }
    if !others.is_empty() {
        let cost = Cell::cents(sum(others.iter().map(|used| used.cost)));
        let cells = [Cell::text(more(others.len())), cost, Cell::Empty, Cell::Empty, Cell::Empty];
        table.apart.push(Row::new(cells));
    }
    let said = format!(
        "The policy has no routes, so what routing saves is assumed. The same tokens at the {MOST_CHEAPER} cheapest models of the provider that are not to be retired within the plan (the JSON has all). Prices only, not advice: test whether the cheaper model is good enough."
    );
    let heading = "Routing: what cheaper models would cost";
    (!table.rows.is_empty()).then(|| Section::new("routing", heading).paragraph(said).table(table).list(notes))
}
