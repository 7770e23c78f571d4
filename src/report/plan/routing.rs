//! Routing, and where moving stops paying, in words.

use super::content::{Grid, Section, Show, model, name, percent};
use crate::diagnostic::text::mask_secrets;
use crate::plan::break_even::{About, PaysUpTo, sentence};
use crate::plan::routing::{RouteLine, published};
use crate::plan::{BreakEven, Plan};
use crate::report::words::dollars;

/// Rows shown.
const MOST: usize = 10;
/// Cheaper models shown of each.
const MOST_CHEAPER: usize = 3;
/// Sentences about caches.
const MOST_SENTENCES: usize = 6;

/// The policy's routes, or without any what cheaper models would cost.
pub fn routing(plan: &Plan, show: Show) -> Option<Section> {
    if plan.routes.is_empty() {
        return candidates(plan, show);
    }
    let rows = plan.routes.iter().map(|route| {
        vec![
            (show.name)(&mask_secrets(&route.from), 40),
            (show.name)(&mask_secrets(&route.to), 40),
            percent(&route.share.base),
            dollars(route.cost.base),
            route.price_ratio.as_ref().map_or_else(String::new, |ratio| format!("{} ×", times(ratio))),
            dollars(route.saving.base),
            dollars(route.assumed.base),
        ]
    });
    let head = vec![
        ("from", false),
        ("to", false),
        ("share", true),
        ("a month", true),
        ("dearer", true),
        ("saves", true),
        ("assumed", true),
    ];
    let points = plan.routes.iter().flat_map(|route| sentences(route, show)).collect();
    Some(Section {
        heading: "Routing".to_owned(),
        before: vec![
            "On what does not go to batch. `saves` is priced from the table; `assumed` is what the assumption would have said of the same cost.".to_owned(),
        ],
        table: Some(Grid { head, rows: rows.collect() }),
        points,
    })
}

fn times(ratio: &crate::money::Exact) -> String {
    let units = crate::money::round_half_even(ratio, 1);
    crate::money::decimal::plain(i128::try_from(units).unwrap_or(i128::MAX), 1)
}

fn sentences(route: &RouteLine, show: Show) -> Vec<String> {
    let from = (show.name)(&mask_secrets(&route.from), 40);
    let mut said = vec![match &route.evidence {
        Some(evidence) => format!("{from}: evidence: {}.", (show.text)(&mask_secrets(evidence))),
        None => format!("{from}: no evidence is given, so do not present this figure [route-without-evidence]."),
    }];
    match &route.break_even_share {
        Some(share) => said.push(format!("{from}: it pays from a share of {} on.", percent(share))),
        None => said.push(format!("{from}: it pays at no share.")),
    }
    said.extend(
        route.break_even_escalation.as_ref().map(|pays| format!("{}.", sentence(About::Escalated, &from, pays))),
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

fn candidates(plan: &Plan, show: Show) -> Option<Section> {
    let rows: Vec<Vec<String>> = plan
        .candidates
        .iter()
        .take(MOST)
        .flat_map(|used| {
            used.cheaper.iter().take(MOST_CHEAPER).enumerate().map(move |(index, cheaper)| {
                let first = index == 0;
                vec![
                    if first { model(&used.provider, &used.model, show) } else { String::new() },
                    if first { dollars(used.cost) } else { String::new() },
                    name(&cheaper.model, show),
                    dollars(cheaper.cost),
                    dollars(cheaper.saving_per_percent),
                ]
            })
        })
        .collect();
    let head =
        vec![("in use", false), ("a month", true), ("cheaper", false), ("would cost", true), ("each 1 % moved", true)];
    (!rows.is_empty()).then(|| Section {
        heading: "Routing: what cheaper models would cost".to_owned(),
        before: vec![
            "The policy has no routes, so what routing saves is assumed. The same tokens at other models of the provider; whether their answers would do, no log can tell.".to_owned(),
        ],
        table: Some(Grid { head, rows }),
        points: Vec::new(),
    })
}

/// Where batch stops paying because prompts are cached, for workloads where that is a question.
pub(super) fn break_evens(plan: &Plan, show: Show) -> Vec<String> {
    let matters = |found: &&BreakEven| matches!(found.pays, PaysUpTo::Share(_));
    let said = |found: &BreakEven| {
        let today =
            found.cached_today.as_ref().map_or_else(String::new, |share| format!(" (today {})", percent(share)));
        format!("{}{today}.", sentence(About::Cached, &name(&found.workload, show), &found.pays))
    };
    plan.break_evens.iter().filter(matters).take(MOST_SENTENCES).map(said).collect()
}
