//! Workloads in lists: what moves, what is not worth it, what cannot.

use super::Draft;
use super::content::Holds::{Figure, Saving, Text};
use super::content::{Bar, Bars, Grid, Section, Show, Tone, model, name, workload};
use crate::diagnostic::text::mask_secrets;
use crate::money::Money;
use crate::plan::Plan;
use crate::plan::steps::{Aside, Spend, Step};
use crate::report::words::{dollars, more, parts_of_shown, shown_parts, shown_sums, sum};

/// The heading of a column of reasons.
pub(super) const WHY: &str = "why";
/// Rows of each list; the rest are summed.
const MOST: usize = 12;

/// Where what cannot move stands among the parts of a month's spend: it closes their sum, as it does in a report.
const CANNOT: usize = 2;

/// A month's spend by what becomes of it, to the cent, and all of it.
fn shown_spend(plan: &Plan) -> (Spend, Money) {
    let spend = plan.steps.spend;
    let parts = [spend.moves, spend.not_worth_it, spend.cannot, spend.undecided, spend.in_batch];
    let (shown, total) = shown_sums(&parts, CANNOT, plan.now.today);
    let [moves, not_worth_it, cannot, undecided, in_batch] = shown.try_into().unwrap_or(parts);
    (Spend { moves, not_worth_it, cannot, undecided, in_batch }, total)
}

/// What becomes of a month's spend.
pub(super) fn spend(plan: &Plan) -> Section {
    let (spend, total) = shown_spend(plan);
    let parts = [
        ("moves to batch", spend.moves, Tone::Good),
        ("could, and is not worth the effort", spend.not_worth_it, Tone::Plain),
        ("cannot", spend.cannot, Tone::Plain),
        ("nobody has decided", spend.undecided, Tone::Open),
        ("runs in batch already", spend.in_batch, Tone::Good),
    ];
    let parts = || parts.iter().filter(|(_, cost, _)| !cost.is_zero());
    let rows = parts().map(|(what, cost, _)| vec![(*what).to_owned(), dollars(*cost)]).collect();
    let bars = Bars { whole: total, rows: parts().map(|(_, cost, tone)| Bar::Amount(*cost, *tone)).collect() };
    let total = Some(vec!["all of it".to_owned(), dollars(total)]);
    Section {
        heading: "What becomes of today's spend".to_owned(),
        table: Some(Grid {
            head: vec![("", Text), ("a month", Figure)],
            rows,
            total,
            bars: Some(bars),
            ..Grid::default()
        }),
        ..Section::default()
    }
}

/// What steps save as it is shown: it adds up to their sum.
pub(super) fn shown_savings(plan: &Plan) -> Vec<Money> {
    let savings: Vec<Money> = plan.steps.steps.iter().map(|step| step.saving).collect();
    shown_parts(&savings, sum(savings.iter().copied())).0
}

/// What steps cost today as it is shown: it adds up to what moves.
pub(super) fn shown_step_costs(plan: &Plan) -> Vec<Money> {
    let costs: Vec<Money> = plan.steps.steps.iter().map(|step| step.cost).collect();
    parts_of_shown(&costs, shown_spend(plan).0.moves)
}

/// What to move, in order.
pub fn moves(draft: &Draft<'_>, show: Show) -> Section {
    let plan = draft.plan;
    let steps = &plan.steps.steps;
    let savings = shown_savings(plan);
    let first = steps.len().min(draft.report.most(MOST));
    let mut so_far = Money::ZERO;
    let mut row = |(index, (step, saving)): (usize, (&Step, &Money))| {
        so_far = sum([so_far, *saving]);
        vec![
            (index + 1).to_string(),
            workload(&step.workload, &step.apart, show),
            model(&step.provider, &step.model, show),
            dollars(step.saving_now),
            dollars(*saving),
            dollars(so_far),
            step.start.to_string(),
            step.effort.name().to_owned(),
            step.owner.as_ref().map_or_else(|| "–".to_owned(), |owner| name(owner, show)),
        ]
    };
    let rows: Vec<Vec<String>> = steps.iter().zip(&savings).take(first).enumerate().map(&mut row).collect();
    let (all, others) = (sum(savings.iter().copied()), sum(savings[first..].iter().copied()));
    let rest = (first < steps.len()).then(|| {
        let (more, none) = (more(steps.len() - first), String::new);
        vec![none(), more, none(), none(), dollars(others), dollars(all), none(), none(), none()]
    });
    let bar = |saving: &Money| Bar::Amount(*saving, Tone::Good);
    let bars = Bars { whole: all, rows: savings[..first].iter().chain([&others]).map(bar).collect() };
    let head = vec![
        ("", Figure),
        ("workload", Text),
        ("model", Text),
        ("at first", Figure),
        ("in full", Saving),
        ("so far", Figure),
        ("begins", Text),
        ("effort", Text),
        ("owner", Text),
    ];
    let before = if steps.is_empty() {
        "Nothing that is known to be able to wait is worth moving."
    } else {
        "By saving for the effort: dollars a month in full, divided by 1, 2 or 4 for low, medium or high effort."
    };
    let table =
        (!steps.is_empty()).then_some(Grid { head, rows, rest, spare: &[3, 5], bars: Some(bars), ..Grid::default() });
    Section {
        heading: "What to move, in this order".to_owned(),
        before: vec![before.to_owned()],
        table,
        points: Vec::new(),
    }
}

/// What could move and saves less than the policy's limit, with what all of it would save.
pub fn not_worth_it(draft: &Draft<'_>, show: Show) -> Option<Section> {
    let plan = draft.plan;
    let list = &plan.steps.not_worth_it;
    // It is aside for its saving: there is one (`plan::steps`).
    let savings: Vec<Money> = list.iter().map(|aside| aside.saving.unwrap_or_default()).collect();
    let all = sum(savings.iter().copied());
    let (shown, total) = shown_parts(&savings, all);
    let cost = shown_spend(plan).0.not_worth_it;
    let costs = shown_costs(list, cost);
    let row = |((aside, cost), saving): ((&Aside, &Money), &Money)| {
        vec![
            workload(&aside.workload, &aside.apart, show),
            model(&aside.provider, &aside.model, show),
            dollars(*cost),
            dollars(*saving),
        ]
    };
    let first = list.len().min(draft.report.most(MOST));
    let rows: Vec<_> = list.iter().zip(&costs).zip(&shown).take(first).map(row).collect();
    let rest = (first < list.len()).then(|| {
        let cost = sum(costs[first..].iter().copied());
        let saving = sum(shown[first..].iter().copied());
        vec![more(list.len() - first), String::new(), dollars(cost), dollars(saving)]
    });
    let total = Some(vec!["all of them".to_owned(), String::new(), dollars(cost), dollars(total)]);
    let head = vec![("workload", Text), ("model", Text), ("a month", Figure), ("would save", Saving)];
    (!list.is_empty()).then(|| Section {
        heading: "Not worth the effort".to_owned(),
        before: vec![format!(
            "These can wait, and each workload saves less than ${} a month (`limits.min_monthly_saving` in the policy), failures and late results counted. They stay in real time. Set to 0, the limit would let all of them move.",
            plan.least_saving
        )],
        table: Some(Grid { head, rows, rest, total, ..Grid::default() }),
        points: Vec::new(),
    })
}

/// Costs as they are shown: they add up to what is shown for all.
fn shown_costs(list: &[Aside], total: Money) -> Vec<Money> {
    let costs: Vec<Money> = list.iter().map(|aside| aside.cost).collect();
    parts_of_shown(&costs, total)
}

/// What stays, and why.
pub fn cannot(draft: &Draft<'_>, show: Show) -> Option<Section> {
    let list = &draft.plan.steps.cannot;
    let total = shown_spend(draft.plan).0.cannot;
    let costs = shown_costs(list, total);
    let row = |aside: &Aside, cost: &Money| {
        vec![
            workload(&aside.workload, &aside.apart, show),
            model(&aside.provider, &aside.model, show),
            dollars(*cost),
            aside.saving.map_or_else(|| "–".to_owned(), dollars),
            (show.text)(&mask_secrets(&aside.why)),
        ]
    };
    let first = list.len().min(draft.report.most(MOST));
    let rows: Vec<_> = list.iter().zip(&costs).take(first).map(|(aside, cost)| row(aside, cost)).collect();
    let empty = String::new;
    let rest = (first < list.len()).then(|| {
        let rest = dollars(sum(costs[first..].iter().copied()));
        vec![more(list.len() - first), empty(), rest, empty(), empty()]
    });
    let total = (list.len() > 1).then(|| vec!["all of them".to_owned(), empty(), dollars(total), empty(), empty()]);
    let head =
        vec![("workload", Text), ("model", Text), ("a month", Figure), ("batch would save", Saving), (WHY, Text)];
    (!list.is_empty()).then(|| Section {
        heading: "Cannot move".to_owned(),
        before: crate::report::content::small_volume(draft.report).into_iter().collect(),
        table: Some(Grid { head, rows, rest, total, ..Grid::default() }),
        ..Section::default()
    })
}
