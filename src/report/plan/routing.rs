//! Routing, and where moving stops paying, in words.

use super::Draft;
use super::content::Holds::{Figure, Saving, Text};
use super::content::{Grid, Section, Show, model, name, percent};
use crate::diagnostic::text::mask_secrets;
use crate::money::{Exact, rounded_text};
use crate::plan::Plan;
use crate::plan::break_even::{About, sentence};
use crate::plan::routing::{Candidate, RouteLine, published};
use crate::policy::Cases;
use crate::report::words::{dollars, sum};

/// Models in use shown where nothing is asked.
const MOST: usize = 10;
/// Cheaper models shown of each.
const MOST_CHEAPER: usize = 3;

/// The policy's routes, or without any what cheaper models would cost.
pub fn routing(draft: &Draft<'_>, show: Show) -> Option<Section> {
    let plan = draft.plan;
    if plan.routes.is_empty() {
        return candidates(plan, draft.report.most(MOST), show);
    }
    let rows = plan.routes.iter().map(|route| {
        vec![
            (show.name)(&mask_secrets(&route.from), 40),
            (show.name)(&mask_secrets(&route.to), 40),
            percent(&route.share.base),
            dollars(route.cost),
            route.price_ratio.as_ref().map_or_else(String::new, |ratio| format!("{} ×", times(ratio, 1))),
            dollars(route.saving.base),
            dollars(route.assumed.base),
        ]
    });
    let head = vec![
        ("from", Text),
        ("to", Text),
        ("share", Figure),
        ("a month", Figure),
        ("dearer", Figure),
        ("saves", Saving),
        ("assumed", Figure),
    ];
    let points = plan.routes.iter().flat_map(|route| sentences(route, show)).collect();
    Some(Section {
        heading: "Routing".to_owned(),
        before: vec![
            "On what does not go to batch. `saves` is priced from the table; `assumed` is what the assumption would have said of the same cost.".to_owned(),
        ],
        table: Some(Grid { head, rows: rows.collect(), spare: &[4, 6], ..Grid::default() }),
        points,
    })
}

/// A factor with so many decimals.
fn times(factor: &Exact, decimals: u32) -> String {
    rounded_text(factor, decimals)
}

fn sentences(route: &RouteLine, show: Show) -> Vec<String> {
    let from = (show.name)(&mask_secrets(&route.from), 40);
    let mut said = vec![match &route.evidence {
        Some(evidence) => format!("{from}: evidence: {}.", (show.text)(&mask_secrets(evidence))),
        None => format!("{from}: no evidence is given, so do not present this figure [route-without-evidence]."),
    }];
    let Cases { low, base, high } = route.share.by_ref().map(percent);
    let range = if low == high { String::new() } else { format!(" ({low} to {high})") };
    said.push(format!(
        "{from}: {base} of calls are routed{range}, with {} × the output tokens; {} of them run again on the dearer model, and the router takes {} of the cost.",
        times(&route.output_ratio, 2),
        percent(&route.escalation.exact()),
        percent(&route.overhead.exact())
    ));
    match &route.break_even_share {
        Some(share) => said.push(format!("{from}: it pays from a share of {} on.", percent(share))),
        None => said.push(format!("{from}: it pays at no share.")),
    }
    said.extend(
        route
            .break_even_escalation
            .as_ref()
            .map(|pays| format!("{}.", sentence(About::Escalated, &from, pays)).replacen("the route", "The route", 1)),
    );
    said.extend(route.cache_lost.filter(|lost| !lost.is_zero()).map(|lost| {
        format!("{from}: {} a month of the target's cost is prompts that were cached before.", dollars(lost))
    }));
    said.extend(route.published.map(|known| {
        format!(
            "{from}: published at a price ratio of {}: {} saved on chat, {} on knowledge, {} on mathematics, keeping 80 % of the difference in quality ({}).",
            known.price_ratio,
            percent(&known.chat.exact()),
            percent(&known.knowledge.exact()),
            percent(&known.mathematics.exact()),
            published::SOURCE
        )
    }));
    said
}

fn candidates(plan: &Plan, most: usize, show: Show) -> Option<Section> {
    // A model that goes before the plan ends is nothing to move to.
    let last_day = plan.months.last().map(|last| last.month.last());
    let stays =
        |cheaper: &&Candidate| cheaper.retires.is_none_or(|retires| last_day.is_some_and(|last| retires > last));
    let mut notes: Vec<String> = Vec::new();
    let mut rows: Vec<Vec<String>> = Vec::new();
    let in_use: Vec<_> =
        plan.candidates.iter().filter(|used| used.cheaper.iter().any(|cheaper| stays(&cheaper))).collect();
    let (first, others) = in_use.split_at(in_use.len().min(most));
    for used in first {
        for (index, cheaper) in used.cheaper.iter().filter(stays).take(MOST_CHEAPER).enumerate() {
            let first = index == 0;
            rows.push(vec![
                if first { model(&used.provider, &used.model, show) } else { String::new() },
                if first { dollars(used.cost) } else { String::new() },
                name(&cheaper.model, show),
                dollars(cheaper.cost),
                dollars(cheaper.saving_per_percent),
            ]);
            let note =
                cheaper.note.as_ref().map(|note| format!("{}: {}", name(&cheaper.model, show), (show.text)(note)));
            notes.extend(note.filter(|note| !notes.contains(note)));
        }
    }
    let rest = (!others.is_empty()).then(|| {
        let cost = sum(others.iter().map(|used| used.cost));
        vec![format!("{} more", others.len()), dollars(cost), String::new(), String::new(), String::new()]
    });
    let head = vec![
        ("in use", Text),
        ("a month", Figure),
        ("cheaper", Text),
        ("would cost", Figure),
        ("each 1 % moved", Saving),
    ];
    (!rows.is_empty()).then(|| Section {
        heading: "Routing: what cheaper models would cost".to_owned(),
        before: vec![
            format!(
                "The policy has no routes, so what routing saves is assumed. The same tokens at the {MOST_CHEAPER} cheapest models of the provider that are not to be retired within the plan (the JSON has all). A price list and no advice: whether their answers would do, no log can tell."
            ),
        ],
        table: Some(Grid { head, rows, rest, ..Grid::default() }),
        points: notes,
    })
}
