//! The sections of a plan, in words.
//!
//! Role: figures → headings, sentences and tables of text, the same for every page. `Show` says how a page writes what
//! comes from files.

use super::Draft;
use super::pages::{page, span};
use super::routing::break_evens;
pub use super::routing::routing;
use crate::diagnostic::text::mask_secrets;
use crate::money::{Exact, Money, decimal, round_half_even};
use crate::plan::ahead::Waterfall;
use crate::plan::forecast::{Growth, Method};
use crate::plan::steps::Aside;
use crate::plan::{Plan, Risk};
use crate::policy::Cases;
use crate::report::content::ShowName;
use crate::report::words::{dollars, parts_of_shown, plural, to_the_cent};

/// How a page writes what comes from files.
#[derive(Clone, Copy)]
pub struct Show {
    /// A name, at most so long.
    pub name: ShowName,
    /// A sentence.
    pub text: fn(&str) -> String,
}

/// A heading and what stands below it.
#[derive(Debug, Default)]
pub struct Section {
    /// The heading.
    pub heading: String,
    /// Sentences before the table.
    pub before: Vec<String>,
    /// The table, if there is one.
    pub table: Option<Grid>,
    /// Points after it.
    pub points: Vec<String>,
}

/// A table of text.
#[derive(Debug, Default)]
pub struct Grid {
    /// Columns, and whether they hold figures.
    pub head: Vec<(&'static str, bool)>,
    /// Rows.
    pub rows: Vec<Vec<String>>,
}

/// Rows of each list; the rest are summed.
const MOST: usize = 12;
/// Open questions.
const MOST_QUESTIONS: usize = 6;
/// Workloads with a page of their own.
const MOST_PAGES: usize = 6;
const NAME: usize = 30;

/// All sections, in order.
pub fn sections(draft: &Draft<'_>, show: Show) -> Vec<Section> {
    let plan = draft.plan;
    let mut all = vec![quarters(plan), months(plan)];
    all.extend(plan.waterfall.as_ref().map(waterfall));
    all.push(moves(draft, show));
    all.extend(cards(draft, show));
    all.extend(asides("Not worth the effort", draft, &plan.steps.not_worth_it, show));
    all.extend(asides("Cannot move", draft, &plan.steps.cannot, show));
    all.extend(routing(plan, show));
    all.push(sensitivity(plan, show));
    all.extend(risks(plan, show));
    all.extend(questions(draft, show));
    all.push(method(plan));
    all
}

/// A page for each of the first workloads that move.
pub fn cards(draft: &Draft<'_>, show: Show) -> Vec<Section> {
    let plan = draft.plan;
    plan.steps.steps.iter().take(draft.report.most(MOST_PAGES)).map(|step| page(step, plan.quiet, show)).collect()
}

/// The answer in a few sentences.
pub fn headline(draft: &Draft<'_>) -> Vec<String> {
    let plan = draft.plan;
    let now = &plan.now;
    let moved = plan.steps.steps.len() as u64;
    let both = now.batch.base.add(now.routing.base).unwrap_or_default();
    let routing = if now.routing.base.is_negative() {
        format!(
            "the policy's routes would cost {} a month more, so leave them out",
            dollars(Money::ZERO.sub(now.routing.base).unwrap_or_default())
        )
    } else {
        format!("with routing of the rest {}", dollars(both))
    };
    let batch = if moved == 0 {
        "As things are known, nothing is left that can move to batch and is worth it".to_owned()
    } else {
        let saving = dollars(now.batch_only.base);
        format!("Moving {} to batch saves {saving} a month once all of it runs", plural(moved, "workload"))
    };
    let mut said = vec![format!("You spend {} a month. {batch}; {routing}.", dollars(now.today))];
    if let Some(last) = plan.months.last() {
        said.push(format!(
            "In {} a month costs {} if nothing is done, {} with batch, {} with batch and routing.",
            last.month,
            dollars(last.today.base),
            dollars(last.batch_only.cost.base),
            dollars(last.combined.cost.base),
        ));
    }
    let lost = plan.on_paper.sub(now.batch_only.base).unwrap_or_default();
    if !lost.is_zero() {
        said.push(format!(
            "On paper batch saves {} a month; {} of that is left to failures, late results, and workloads not worth a step.",
            dollars(plan.on_paper),
            dollars(lost),
        ));
    }
    said
}

/// A share in percent.
pub fn percent(share: &Exact) -> String {
    let units = round_half_even(&(share * Exact::from_integer(100.into())), 1);
    format!("{} %", decimal::plain(i128::try_from(units).unwrap_or(i128::MAX), 1))
}

/// A name from a file.
pub(super) fn name(text: &str, show: Show) -> String {
    (show.name)(&mask_secrets(text), NAME)
}

/// Provider and model.
pub(super) fn model(provider: &str, model: &str, show: Show) -> String {
    (show.name)(&mask_secrets(&format!("{provider}/{model}")), 40)
}

/// From low to high growth.
fn range(amounts: &Cases<Money>) -> String {
    format!("{} to {}", dollars(amounts.low), dollars(amounts.high))
}

/// How far under or over a budget a cost is.
fn variance(budget: Money, cost: Money) -> String {
    let under = budget.sub(cost).unwrap_or_default();
    let word = if under.is_negative() { "unfavourable" } else { "favourable" };
    format!("{} {word}", dollars(under))
}

/// The next quarters.
pub fn quarters(plan: &Plan) -> Section {
    let has_budget = plan.budget.is_some();
    let mut head = vec![("", false), ("do nothing", true), ("batch only", true), ("batch + routing", true)];
    if has_budget {
        head.extend([("budget", true), ("with the plan", false)]);
    }
    let row = |quarter: &crate::plan::ahead::QuarterAhead| {
        let part =
            if quarter.months == 3 { String::new() } else { format!(" ({})", plural(quarter.months.into(), "month")) };
        let mut row = vec![
            format!("{}{part}", quarter.quarter),
            dollars(quarter.today.base),
            dollars(quarter.batch_only.cost.base),
            dollars(quarter.combined.cost.base),
        ];
        if let Some(budget) = quarter.budget {
            row.extend([dollars(budget), variance(budget, quarter.combined.cost.base)]);
        }
        row
    };
    let rows = plan.quarters.iter().map(row).collect();
    let is_range = plan.growth.monthly.low != plan.growth.monthly.high;
    let ranges = plan.quarters.iter().filter(|_| is_range).map(|quarter| {
        format!(
            "{} at low and high growth: do nothing {}, batch only {}, batch + routing {}.",
            quarter.quarter,
            range(&quarter.today),
            range(&quarter.batch_only.cost),
            range(&quarter.combined.cost)
        )
    });
    Section {
        heading: "The next quarters".to_owned(),
        before: vec![growth(&plan.growth)],
        table: Some(Grid { head, rows }),
        points: ranges.collect(),
    }
}

/// Growth in words, with the error it would have made.
fn growth(growth: &Growth) -> String {
    let Cases { low, base, high } = growth.monthly.by_ref().map(percent);
    let span = if low == high { String::new() } else { format!(" (between {low} and {high})") };
    let how = match growth.method {
        Method::Given => format!("Growth is given: {base} a month{span}"),
        Method::Fitted => format!("Growth is fitted to complete months: {base} a month{span}"),
        Method::NotEnoughData { complete_months, needed } => format!(
            "Not enough data for growth: {} complete, {needed} needed; volume stays as it is",
            plural(complete_months as u64, "month")
        ),
    };
    match &growth.backtest {
        None => format!("{how}."),
        Some(test) => {
            let word = match test.tolerance.name() {
                "outside" => "outside the FinOps tolerances (run 12 %, walk 15 %, crawl 20 %)".to_owned(),
                name => format!("within the FinOps tolerance of `{name}` (run 12 %, walk 15 %, crawl 20 %)"),
            };
            format!(
                "{how}. Tried on {} it had not seen, it was {} off: {word}.",
                plural(test.held_out as u64, "month"),
                percent(&test.error)
            )
        }
    }
}

/// Month by month.
pub fn months(plan: &Plan) -> Section {
    let mut head = vec![
        ("", false),
        ("runs", true),
        ("do nothing", true),
        ("batch only", true),
        ("batch + routing", true),
        ("saves", true),
    ];
    if plan.budget.is_some() {
        head.push(("headroom", true));
    }
    let row = |month: &crate::plan::ahead::MonthAhead| {
        let mut row = vec![
            month.month.to_string(),
            percent(&month.live.exact()),
            dollars(month.today.base),
            dollars(month.batch_only.cost.base),
            dollars(month.combined.cost.base),
            dollars(month.combined.saving.base),
        ];
        row.extend(plan.budget.map(|budget| dollars(budget.sub(month.combined.cost.base).unwrap_or_default())));
        row
    };
    Section {
        heading: "Month by month".to_owned(),
        table: Some(Grid { head, rows: plan.months.iter().map(row).collect() }),
        ..Section::default()
    }
}

/// Words for a step of the waterfall.
pub fn bar_words(id: &str) -> &'static str {
    match id {
        "volume" => "volume",
        "price-changes" => "known price changes",
        "batch-confirmed" => "batch, confirmed",
        "batch-likely" => "batch, likely",
        "lost-cache" => "cache hits lost in batch",
        "failures-and-fallback" => "failures and late results",
        _ => "routing on the rest",
    }
}

/// The waterfall to the cent: the month of the period, each step, and the target, which they add up to. Both ends read as
/// they do elsewhere; the steps take what is left.
pub fn shown_waterfall(found: &Waterfall) -> (Money, Vec<Money>, Money) {
    let [baseline, target] = [found.baseline, found.target].map(to_the_cent);
    let steps: Vec<Money> = found.bars.iter().map(|bar| bar.amount).collect();
    let steps = parts_of_shown(&steps, target.sub(baseline).unwrap_or_default());
    (baseline, steps, target)
}

/// From today to the last month.
pub fn waterfall(found: &Waterfall) -> Section {
    let (baseline, steps, target) = shown_waterfall(found);
    let mut rows = vec![vec!["a month of the period".to_owned(), dollars(baseline)]];
    for (bar, amount) in found.bars.iter().zip(&steps) {
        let sign = if amount.is_negative() || amount.is_zero() { "" } else { "+" };
        rows.push(vec![bar_words(bar.id).to_owned(), format!("{sign}{}", dollars(*amount))]);
    }
    rows.push(vec![format!("{} with the plan", found.month), dollars(target)]);
    Section {
        heading: format!("From today to {}", found.month),
        table: Some(Grid { head: vec![("", false), ("a month", true)], rows }),
        ..Section::default()
    }
}

/// What to move, in order.
pub fn moves(draft: &Draft<'_>, show: Show) -> Section {
    let steps = &draft.plan.steps.steps;
    let first = steps.len().min(draft.report.most(MOST));
    let mut rows: Vec<Vec<String>> = steps[..first]
        .iter()
        .enumerate()
        .map(|(index, step)| {
            vec![
                (index + 1).to_string(),
                name(&step.workload, show),
                model(&step.provider, &step.model, show),
                dollars(step.saving_now),
                dollars(step.saving),
                dollars(step.cumulative),
                step.effort.name().to_owned(),
                step.owner.as_ref().map_or_else(|| "nobody named".to_owned(), |owner| name(owner, show)),
            ]
        })
        .collect();
    if let (Some(last), true) = (steps.last(), first < steps.len()) {
        let rest = Money::sum(steps[first..].iter().map(|step| step.saving)).unwrap_or_default();
        rows.push(vec![
            String::new(),
            format!("{} more", steps.len() - first),
            String::new(),
            String::new(),
            dollars(rest),
            dollars(last.cumulative),
            String::new(),
            String::new(),
        ]);
    }
    let head = vec![
        ("", true),
        ("workload", false),
        ("model", false),
        ("first month", true),
        ("once all runs", true),
        ("added up", true),
        ("effort", false),
        ("ask", false),
    ];
    let before = if steps.is_empty() {
        vec!["Nothing is left that can move to batch and is worth it.".to_owned()]
    } else {
        vec!["What saves most for the effort comes first; amounts are dollars saved a month.".to_owned()]
    };
    let table = (!steps.is_empty()).then_some(Grid { head, rows });
    Section { heading: "What to move, in this order".to_owned(), before, table, points: Vec::new() }
}

/// Workloads that do not move, and why; nothing without any.
pub fn asides(heading: &str, draft: &Draft<'_>, list: &[Aside], show: Show) -> Option<Section> {
    let first = list.len().min(draft.report.most(MOST));
    let mut rows: Vec<Vec<String>> = list[..first]
        .iter()
        .map(|aside| {
            vec![
                name(&aside.workload, show),
                model(&aside.provider, &aside.model, show),
                dollars(aside.cost),
                aside.saving.map(dollars).unwrap_or_default(),
                (show.text)(&mask_secrets(&aside.why)),
            ]
        })
        .collect();
    if first < list.len() {
        let cost = Money::sum(list[first..].iter().map(|aside| aside.cost)).unwrap_or_default();
        let more = format!("{} more", list.len() - first);
        rows.push(vec![more, String::new(), dollars(cost), String::new(), String::new()]);
    }
    let head = vec![("workload", false), ("model", false), ("a month", true), ("batch saves", true), ("why", false)];
    (!list.is_empty()).then(|| Section {
        heading: heading.to_owned(),
        table: Some(Grid { head, rows }),
        ..Section::default()
    })
}

/// Words for an assumption.
pub fn driver_words(id: &str) -> &'static str {
    match id {
        "eligible-share" => "what can wait",
        "cache-hits" => "cache hits kept in batch",
        "routing-share" => "share that routing moves",
        "failures" => "failures in batch",
        "turnaround" => "how long batches take",
        _ => "growth",
    }
}

/// What the saving hangs on, and where batch stops paying.
pub fn sensitivity(plan: &Plan, show: Show) -> Section {
    let (base, drivers) = &plan.sensitivity;
    let rows = drivers
        .iter()
        .filter(|driver| driver.spread().is_ok_and(|spread| !spread.is_zero()))
        .map(|driver| {
            vec![
                driver_words(driver.id).to_owned(),
                format!("{}: {}", driver.low, dollars(driver.at_low)),
                format!("{}: {}", driver.high, dollars(driver.at_high)),
                dollars(driver.spread().unwrap_or_default()),
            ]
        })
        .collect();
    Section {
        heading: "What the saving hangs on".to_owned(),
        before: vec![format!(
            "The base saving is {} a month with everything running. One assumption at a time at its two ends:",
            dollars(*base)
        )],
        table: Some(Grid { head: vec![("", false), ("low", false), ("high", false), ("apart", true)], rows }),
        points: break_evens(plan, show),
    }
}

/// What is known ahead; nothing if nothing is.
pub fn risks(plan: &Plan, show: Show) -> Option<Section> {
    let said = |risk: &Risk| {
        let models: Vec<String> = risk.models.iter().take(4).map(|model| name(model, show)).collect();
        let more = if risk.models.len() > 4 { format!(" and {} more", risk.models.len() - 4) } else { String::new() };
        match risk.monthly_change {
            Some(change) => format!(
                "{}: the price of {}{more} changes; a month costs {} {} from then on.",
                risk.day,
                models.join(", "),
                dollars(if change.is_negative() { Money::ZERO.sub(change).unwrap_or_default() } else { change }),
                if change.is_negative() { "less" } else { "more" },
            ),
            None => format!(
                "{}: {}{more} is to be retired; {} a month has to move to its successor, whose price may differ.",
                risk.day,
                models.join(", "),
                dollars(risk.monthly_cost)
            ),
        }
    };
    let points: Vec<String> = plan.risks.iter().map(said).collect();
    (!points.is_empty()).then(|| Section { heading: "Known ahead".to_owned(), points, ..Section::default() })
}

fn questions(draft: &Draft<'_>, show: Show) -> Option<Section> {
    let (asked, rest) = crate::report::content::questions(draft.report, draft.report.most(MOST_QUESTIONS), show.name);
    let mut points: Vec<String> =
        asked.iter().map(|question| format!("{}: {}", question.hangs, (show.text)(&question.asked.question))).collect();
    points.extend(rest);
    (!points.is_empty()).then(|| Section {
        heading: "Decisions asked for".to_owned(),
        before: vec![
            "Ranked by the dollars that hang on each; `batchwise init` writes the rules to answer them.".to_owned(),
        ],
        points,
        table: None,
    })
}

/// How this was worked out.
pub fn method(plan: &Plan) -> Section {
    let times = &plan.turnaround;
    let thin = if times.is_thin { ", from few finished batches" } else { "" };
    Section {
        heading: "How this was worked out".to_owned(),
        points: vec![
            format!("Growth goes on from {} a month, at the prices known for each day.", dollars(plan.start)),
            format!(
                "Results are back as in `{}`{thin}: half within {}, 95 of 100 within {}. {} of batch work is taken to fail and run again at today's price.",
                times.name,
                span(times.results.median_ms),
                span(times.results.p95_ms),
                percent(&plan.failure_share.exact())
            ),
            "Savings start with the share of the ramp that runs. Routing counts only where work is not in batch. Formulas: docs/methodology.md.".to_owned(),
        ],
        ..Section::default()
    }
}
