//! The sections of a plan, in words.
//!
//! Role: figures → headings, sentences and tables of text, the same for every page. `Show` says how a page writes what
//! comes from files.

use std::collections::BTreeSet;

use super::Draft;
use super::lists::{shown_savings, shown_step_costs, spend};
use super::months::{Shown, history, named, savings, shown};
use super::pages::page;
use crate::diagnostic::text::mask_secrets;
use crate::money::Money;
use crate::plan::forecast::{Base, Method};
use crate::plan::levels::Role;
use crate::plan::routing::WITHOUT_EVIDENCE;
use crate::plan::steps::Step;
use crate::plan::words::span;
use crate::plan::{Plan, Risk};
use crate::policy::Cases;
use crate::report::content::{self, ShowName};
use crate::report::words::{difference, dollars, plural, shown_parts, sum};

pub use super::lists::{cannot, moves, not_worth_it};
pub use super::months::{budgets, left_out, months, quarters};
pub use super::routing::routing;
pub use super::sensitivity::{driver_words, sensitivity};
pub use super::waterfall::{bar_words, shown_waterfall, waterfall};
pub use crate::plan::words::percent;

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

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Words.
    Text,
    /// Figures.
    Figure,
    /// Figures of which those above zero are good, and those below are not.
    Saving,
}

/// What the bar beside a row shows.
#[derive(Clone, Copy, Debug)]
pub enum Bar {
    /// An amount.
    Amount(Money, Tone),
    /// What is left of an amount, and all of it.
    Left(Money, Money),
    /// The way from an amount to the next.
    Step(Money, Money),
}

/// Whether an amount is welcome.
#[derive(Clone, Copy, Debug)]
pub enum Tone {
    /// It is what it is.
    Plain,
    /// It is saved, or can be.
    Good,
    /// Nobody knows.
    Open,
}

/// Bars beside the rows of a table.
#[derive(Debug)]
pub struct Bars {
    /// The amount of the longest bar that there can be.
    pub whole: Money,
    /// Those of its rows, then of the rest, then of the total, as far as they have one.
    pub rows: Vec<Bar>,
}

/// A table of text.
#[derive(Debug, Default)]
pub struct Grid {
    /// Columns, and what they hold.
    pub head: Vec<(&'static str, Holds)>,
    /// Rows.
    pub rows: Vec<Vec<String>>,
    /// What rows that are left out add up to.
    pub rest: Option<Vec<String>>,
    /// What all rows add up to, or lead to.
    pub total: Option<Vec<String>>,
    /// Columns that a narrow page leaves out, the first one first.
    pub spare: &'static [usize],
    /// The same as bars, for pages that have no pictures.
    pub bars: Option<Bars>,
}

/// Workloads with a page of their own.
const MOST_PAGES: usize = 6;
/// Questions listed.
const MOST_QUESTIONS: usize = 6;
/// Models named in a sentence.
const MOST_MODELS: usize = 4;
const NAME: usize = 30;

/// All sections, in order; without usage there is only what the headline says.
pub fn sections(draft: &Draft<'_>, show: Show) -> Vec<Section> {
    let plan = draft.plan;
    let mut all = Vec::new();
    let has_months = !plan.months.is_empty();
    if has_months {
        all.push(quarters(plan));
        all.extend(savings(plan));
        all.push(months(plan));
        all.extend(budgets(plan, show));
        all.extend(history(plan));
        all.extend(waterfall(plan));
        all.push(spend(plan));
        all.push(moves(draft, show));
        all.extend(cards(draft, show));
        all.extend(not_worth_it(draft, show));
        all.extend(cannot(draft, show));
        all.extend(routing(draft, show));
        all.extend(sensitivity(plan, show));
        all.extend(risks(plan, show));
    }
    all.extend(questions(draft, show));
    all.extend(ground(draft, show));
    if has_months {
        all.push(method(draft));
    }
    all
}

/// A page for each of the first workloads that move.
pub fn cards(draft: &Draft<'_>, show: Show) -> Vec<Section> {
    let plan = draft.plan;
    let figures = shown_step_costs(plan).into_iter().zip(shown_savings(plan));
    let steps = plan.steps.steps.iter().zip(figures).take(draft.report.most(MOST_PAGES));
    steps.map(|(step, (cost, saving))| page(step, [cost, saving], plan.quiet, show)).collect()
}

/// The answer in a few sentences.
pub fn headline(draft: &Draft<'_>, show: Show) -> Vec<String> {
    let plan = draft.plan;
    if plan.months.is_empty() {
        return vec!["There is no usage on known days to plan with.".to_owned()];
    }
    let mut said = vec![answer(draft)];
    said.extend(content::unknown_saving(draft.report).map(ToOwned::to_owned));
    said.extend(next_quarter(plan));
    said.extend(start(plan));
    said.extend(assumed_routing(plan));
    said.extend(left_on_paper(plan));
    said.extend(last_month(plan));
    said.extend(without_successor(plan, show));
    let open = draft.report.undecided.all_saves;
    if open > Money::ZERO {
        said.push(format!(
            "What nobody has decided about would save another {} a month on paper, if all of it can wait.",
            dollars(open)
        ));
    }
    said
}

/// Where the months ahead start, if that is not the month of the answer.
fn start(plan: &Plan) -> Option<String> {
    if plan.start == plan.now.today {
        return None;
    }
    let start = dollars(plan.start);
    match &plan.forecast.as_ref()?.base {
        Base::Period => None,
        base => Some(format!(
            "The months ahead start from {start} a month: {}, at the prices of the last day read. What is said above is of the average month, at the prices of its days.",
            base_words(base)
        )),
    }
}

/// The months that a forecast starts from, in words.
pub(super) fn base_words(base: &Base) -> String {
    match base {
        Base::Complete(months) if months.len() == 1 => format!("{} by weekday", named(months.iter())),
        Base::Complete(months) => format!("the middle of {} by weekday", named(months.iter())),
        Base::Partial(month) => format!("{month} by the weekdays that were read of it"),
        Base::Period => "the mean day of the period".to_owned(),
    }
}

/// What the policy's assumption would say of routing, which is in no figure.
pub fn assumed_routing(plan: &Plan) -> Option<String> {
    let assumed = plan.routing_assumed.filter(|assumed| !assumed.high.is_zero())?;
    Some(format!(
        "Routing is in none of these figures: at the shares that the policy assumes it would save {} to {} a month of the rest. Name routes in the policy to have them priced.",
        dollars(assumed.low),
        dollars(assumed.high)
    ))
}

/// What a month costs, and what moving and routing save of it.
fn answer(draft: &Draft<'_>) -> String {
    let (plan, now) = (draft.plan, &draft.plan.now);
    let (bound, basis) = (content::bound(draft.report), content::on_basis(draft.report));
    let spend = format!("You spend {bound}{} a month{basis}.", dollars(now.today));
    if plan.projected.is_unknown() {
        return spend;
    }
    let least = content::saves_at_least(plan.projected);
    let mut moved: Vec<&str> = plan.steps.steps.iter().map(|step| &*step.workload).collect();
    moved.sort_unstable();
    moved.dedup();
    let batch = if moved.is_empty() {
        "Nothing that is known to be able to wait is worth moving to batch".to_owned()
    } else {
        let saving = dollars(now.batch_only.base);
        let workloads = plural(moved.len() as u64, "workload");
        format!("Moving {workloads} to batch saves {least}{saving} a month once all of it runs")
    };
    let believed = match plan.routes.as_slice() {
        routes if routes.iter().any(|route| route.note() == Some(WITHOUT_EVIDENCE)) => {
            ", for which evidence is missing,"
        }
        _ => "",
    };
    let routing = now.routing.base;
    let both = dollars(sum([now.batch.base, routing]));
    if routing.is_negative() {
        let more = dollars(routing.abs());
        format!("{spend} {batch}; the policy's routes would cost {more} a month more, so leave them out.")
    } else if routing.is_zero() {
        format!("{spend} {batch}.")
    } else if moved.is_empty() {
        format!("{spend} {batch}; routing{believed} would save {both}.")
    } else {
        format!("{spend} {batch}; with routing of the rest{believed} {both}.")
    }
}

/// What the last month of the plan costs in each scenario.
pub fn last_month(plan: &Plan) -> Option<String> {
    let (_, months) = shown(plan);
    let (last, Shown { today, batch_only, combined, .. }) = plan.months.last().zip(months.last())?;
    if plan.projected.is_unknown() {
        return Some(format!("In {} a month costs {} if nothing is done.", last.month, dollars(*today)));
    }
    let routing =
        if plan.routes.is_empty() { String::new() } else { format!(", {} with batch and routing", dollars(*combined)) };
    Some(format!(
        "In {} a month costs {} if nothing is done, {} with batch{routing}.",
        last.month,
        dollars(*today),
        dollars(*batch_only),
    ))
}

/// What to put into the budget for the next quarter that lies ahead as a whole, and how sure that is.
fn next_quarter(plan: &Plan) -> Option<String> {
    let (quarters, _) = shown(plan);
    let (quarter, Shown { today, combined, .. }) =
        plan.quarters.iter().zip(quarters).find(|(quarter, _)| quarter.months == 3)?;
    let name = &quarter.quarter;
    let sure = if plan.growth.band.errors.is_some() { "about 8 in 10" } else { "about 8 in 10, on an assumed error" };
    let range = |cost: &Cases<Money>| format!("{} to {}, {sure}", dollars(cost.low), dollars(cost.high));
    if plan.projected.is_unknown() {
        return Some(format!("For the whole of {name}, budget {} ({}).", dollars(today), range(&quarter.today)));
    }
    Some(format!(
        "For the whole of {name}, budget {} with the plan ({}), {} if nothing is done.",
        dollars(combined),
        range(&quarter.combined.cost),
        dollars(today),
    ))
}

/// What steps save on models that go, where nobody knows what does their work.
fn without_successor(plan: &Plan, show: Show) -> Option<String> {
    let goes = |step: &&Step| step.retirement.as_ref().is_some_and(|retirement| retirement.successor.is_none());
    let steps: Vec<&Step> = plan.steps.steps.iter().filter(goes).collect();
    let first = steps.iter().filter_map(|step| step.retirement.as_ref()).map(|retirement| retirement.day).min()?;
    let models: BTreeSet<&str> = steps.iter().map(|step| &*step.model).collect();
    let named: Vec<String> = models.iter().take(MOST_MODELS).map(|model| name(model, show)).collect();
    let more = models.len().saturating_sub(MOST_MODELS);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(format!(
        "{} a month of the saving is on {}{more}, to be retired from {first} on without a successor in the price table: what it is worth from then on is not known.",
        dollars(sum(steps.iter().map(|step| step.saving))),
        named.join(", "),
    ))
}

/// What the report says that batch saves, and where the rest of it is.
pub fn left_on_paper(plan: &Plan) -> Option<String> {
    if plan.months.is_empty() || plan.projected.is_unknown() {
        return None;
    }
    let aside = plan.steps.not_worth_it();
    let lost = [plan.now.batch_only.base, aside.saving].into_iter().fold(plan.on_paper, difference);
    let (parts, total) = shown_parts(&[plan.now.batch_only.base, aside.saving, lost], plan.on_paper);
    let small = (aside.workloads > 0).then(|| {
        format!(
            "{} is what {} would save that stay in real time, each under ${} a month (`limits.min_monthly_saving` in the policy) once failures are counted",
            dollars(parts[1]),
            plural(aside.workloads, "workload"),
            plan.least_saving
        )
    });
    let of_all = if aside.workloads > 0 { ", theirs included" } else { "" };
    let gone = (!parts[2].is_zero()).then(|| {
        format!("{} goes to failures, late results and deadlines that are too short{of_all}", dollars(parts[2]))
    });
    let parts: Vec<String> = small.into_iter().chain(gone).collect();
    (!parts.is_empty()).then(|| format!("On paper batch saves {} a month: {}.", dollars(total), parts.join(", and ")))
}

/// A name from a file.
pub(super) fn name(text: &str, show: Show) -> String {
    (show.name)(&mask_secrets(text), NAME)
}

/// A workload and, where that takes it, what tells it apart from others of its name.
pub(super) fn workload(workload: &str, apart: &[String], show: Show) -> String {
    let parts = std::iter::once(workload).chain(apart.iter().map(String::as_str));
    parts.map(|part| name(part, show)).collect::<Vec<_>>().join(" › ")
}

/// Provider and model.
pub(super) fn model(provider: &str, model: &str, show: Show) -> String {
    (show.name)(&mask_secrets(&format!("{provider}/{model}")), 40)
}

/// What is known ahead; nothing if nothing is.
pub fn risks(plan: &Plan, show: Show) -> Option<Section> {
    let said = |risk: &Risk| {
        let models: Vec<String> = risk.models.iter().take(MOST_MODELS).map(|model| name(model, show)).collect();
        let more = if risk.models.len() > MOST_MODELS {
            format!(" and {} more", risk.models.len() - MOST_MODELS)
        } else {
            String::new()
        };
        let (day, models) = (risk.day, format!("{}{more}", models.join(", ")));
        let cost = dollars(risk.monthly_cost);
        let saving = risk
            .saving_change
            .filter(|change| !change.is_zero())
            .map_or_else(String::new, |change| format!("; the plan's steps then save {}", less_or_more(change)));
        if risk.kind == "retirement" {
            return retirement(risk, &format!("{day}: {models}"), &saving, show);
        }
        match (risk.monthly_change, risk.role) {
            (Some(change), Role::InUse) => format!(
                "{day}: the price of {models} changes; a month costs {} from then on{saving}.",
                less_or_more(change)
            ),
            (Some(change), Role::RouteTarget) => format!(
                "{day}: the price of {models} changes, where routes lead; a month with these routes costs {} from then on.",
                less_or_more(change)
            ),
            (None, _) => format!("{day}: the price of {models} changes; work for {cost} a month is on it."),
        }
    };
    let points: Vec<String> = plan.risks.iter().map(said).collect();
    (!points.is_empty()).then(|| Section { heading: "Known ahead".to_owned(), points, ..Section::default() })
}

/// A model that is retired, and what its successor costs.
fn retirement(risk: &Risk, what: &str, saving: &str, show: Show) -> String {
    let cost = dollars(risk.monthly_cost);
    let verb = if risk.is_over { "was" } else { "is to be" };
    let successor = risk.successor.as_ref().map(|model| name(model, show));
    let old_price = "The months after it are shown at the old price.";
    match (risk.role, successor, risk.monthly_change) {
        (Role::InUse, Some(successor), Some(change)) => format!(
            "{what} {verb} retired; on its successor, {successor}, a month costs {}{saving}.",
            less_or_more(change)
        ),
        (Role::InUse, Some(successor), None) => format!(
            "{what} {verb} retired; work for {cost} a month goes to its successor, {successor}, at a price that is not known. {old_price}"
        ),
        (Role::InUse, None, _) => format!(
            "{what} {verb} retired; work for {cost} a month has to move, and the price table names no successor. {old_price}"
        ),
        (Role::RouteTarget, Some(successor), Some(change)) => format!(
            "{what}, where routes lead, {verb} retired; on its successor, {successor}, a month with these routes costs {}.",
            less_or_more(change)
        ),
        (Role::RouteTarget, _, _) => format!("{what}, where routes lead that save {cost} a month, {verb} retired."),
    }
}

/// An amount as what it is more or less.
fn less_or_more(change: Money) -> String {
    match change {
        change if change.is_zero() => "the same".to_owned(),
        change if change.is_negative() => format!("{} less", dollars(change.abs())),
        change => format!("{} more", dollars(change)),
    }
}

fn questions(draft: &Draft<'_>, show: Show) -> Option<Section> {
    let (asked, rest) = crate::report::content::questions(draft.report, draft.report.most(MOST_QUESTIONS), show.name);
    let mut points: Vec<String> =
        asked.iter().map(|question| format!("{}: {}", question.hangs, (show.text)(&question.asked.question))).collect();
    points.extend(rest);
    let least = draft.plan.least_saving;
    let is_small = |question: &crate::report::Question| question.monthly_saving.is_some_and(|saving| saving < least);
    let writes = match crate::report::content::starter(draft.report) {
        Some(_) => "Ranked by the dollars that hang on each; `batchwise init` writes the rules to answer them.",
        None => "Ranked by the dollars that hang on each.",
    };
    let mut before = vec![writes.to_owned()];
    if draft.report.questions.iter().any(is_small) {
        before.push(format!(
            "A workload that may wait and saves less than ${least} a month is still not worth a step, unless `limits.min_monthly_saving` is lowered."
        ));
    }
    (!points.is_empty()).then(|| Section { heading: "Decisions asked for".to_owned(), before, points, table: None })
}

/// What the figures stand on: whether the bill agrees, and what is worth knowing of the files.
fn ground(draft: &Draft<'_>, show: Show) -> Option<Section> {
    let report = draft.report;
    let found = report.reconciliation.as_ref();
    // Its first sentence is the word on the whole bill; the report has the lines.
    let bill = found.and_then(|found| content::reconciliation(report, found, show.name).into_iter().next());
    let notes = report.warnings.iter().map(|note| format!("{} [{}]", (show.text)(&note.message), note.code));
    let points: Vec<String> = bill.map(|bill| format!("The bill: {bill}")).into_iter().chain(notes).collect();
    (!points.is_empty()).then(|| Section { heading: "How sure it is".to_owned(), points, ..Section::default() })
}

/// Where months ahead start, and how they grow.
fn forecast_words(plan: &Plan) -> String {
    let base = plan.forecast.as_ref().map(|forecast| base_words(&forecast.base)).unwrap_or_default();
    let damped = if plan.growth.method == Method::Fitted {
        " Fitted growth fades: each month has 80 % of what was left of it the month before."
    } else {
        ""
    };
    format!(
        "The months ahead start from {} a month ({base}); each has the weekdays of its own days, at the prices known for each day.{damped}",
        dollars(plan.start)
    )
}

/// How this was worked out.
pub fn method(draft: &Draft<'_>) -> Section {
    let plan = draft.plan;
    let times = &plan.turnaround;
    let thin = if times.is_thin { ", from few finished batches" } else { "" };
    let sums = draft.report.inputs.iter().any(|input| matches!(input.grain, "bucket" | "mixed")).then(|| {
        "The logs hold sums of many calls, which do not say whether one was streamed or how long it took: verdicts are by project, key and model, and requests a day are means.".to_owned()
    });
    let points = vec![
            forecast_words(plan),
            format!(
                "Results are back as in `{}`{thin}: half within {}, 95 of 100 within {}, on average after {}. {} of batch work is taken to fail and run again at today's price.",
                times.name,
                span(times.results.median_ms),
                span(times.results.p95_ms),
                span(times.results.expected_ms),
                percent(&plan.failure_share.exact())
            ),
            "Steps begin in their order, as many as there is room for in a month, or in the month that a rule names; each saves the share of the ramp that runs. Routing counts only where work is not in batch. Cents are shared out so that what is shown adds up. Formulas: docs/methodology.md.".to_owned(),
    ];
    Section {
        heading: "How this was worked out".to_owned(),
        points: points.into_iter().chain(sums).collect(),
        ..Section::default()
    }
}
