//! The document of a plan: figures → headings, sentences and typed tables, the same for every form.

use std::collections::BTreeSet;

use super::Draft;
use super::ladder::ladder;
use super::lists::{cannot, moves, not_worth_it, spend};
use super::months::{base_words, budgets, history, months, quarters, review, savings};
use super::routing::routing;
use super::sensitivity::sensitivity;
use super::steps::step_page;
use super::waterfall::waterfall;
use crate::money::Money;
use crate::plan::forecast::{Base, Method};
use crate::plan::price_periods::Role;
use crate::plan::routing::WITHOUT_EVIDENCE;
use crate::plan::steps::Step;
use crate::plan::words::{percent, span};
use crate::plan::{Plan, Risk};
use crate::policy::Cases;
use crate::report::InputLine;
use crate::report::document::{
    self, Document, Headline, LONGEST_NAME, LONGEST_PATH, Part, Section, Text, bound, certainty, name, named, notes,
    on_basis, saves_at_least, text, unknown_saving,
};
use crate::report::words::{
    day_words, difference, exact_dollars, month_words, plural, quarter_words, sum, whole_dollars,
};

/// Workloads with a page of their own.
const MOST_PAGES: usize = 6;
/// Models named in a sentence.
const MOST_MODELS: usize = 4;

/// The document; without usage there is only what the headline says.
pub fn of_plan(draft: &Draft<'_>) -> Document {
    let (plan, report) = (draft.plan, draft.report);
    let known = [risks(plan), document::questions(report).map(|section| decisions(draft, section))];
    let checks = [
        certainty(report),
        report.reconciliation.as_ref().map(|found| {
            Section::new("reconciliation", "Reconciliation with the bill").paragraph(document::verdict(report, found))
        }),
        Section::new("warnings", "Warnings").list(notes(&report.warnings)).if_any(),
    ];
    let parts = if plan.months.is_empty() {
        vec![Part::new("decisions", "Decisions needed", known), Part::new("checks", "How this was checked", checks)]
    } else {
        vec![
            Part::new(
                "months",
                "Quarters and months",
                [
                    review(plan),
                    Some(quarters(plan)),
                    savings(plan),
                    Some(months(plan)),
                    budgets(plan),
                    history(plan),
                    waterfall(plan),
                ],
            ),
            Part::new("moves", "What to move", [Some(spend(plan)), Some(moves(draft)), ladder(draft)]),
            Part::new("steps", "Step by step", step_pages(draft)),
            Part::new("aside", "What stays", [not_worth_it(draft), cannot(draft)]),
            Part::new("routing", "Routing", [routing(draft)]),
            Part::new("sensitivity", "What moves the result", [sensitivity(plan)]),
            Part::new("decisions", "Decisions needed", known),
            Part::new("checks", "How this was checked", checks.into_iter().chain([Some(method(draft))])),
        ]
    };
    Document {
        name: "batchwise plan",
        about: document::about(report),
        headline: headline(draft),
        parts: parts.into_iter().flatten().collect(),
        top: report.top,
    }
}

/// A page for each of the first workloads that move.
fn step_pages(draft: &Draft<'_>) -> Vec<Option<Section>> {
    let steps = draft.plan.steps.steps.iter().take(draft.report.row_limit(MOST_PAGES));
    let cached = |step: &Step| draft.report.workloads[step.row].cached_prompts.as_ref()?.savings.as_ref();
    steps.map(|step| Some(step_page(step, cached(step), draft.plan.quiet))).collect()
}

/// The answer in a few sentences.
fn headline(draft: &Draft<'_>) -> Headline {
    let (plan, report) = (draft.plan, draft.report);
    let incomplete = document::incomplete(report);
    let (status, alarms) = (Some(document::status(report)), document::bill_alarm(report).into_iter().collect());
    if plan.months.is_empty() {
        let answer = vec!["There is no usage on known days to plan with.".into()];
        return Headline { status, answer, incomplete, alarms, details: Vec::new() };
    }
    let details = [
        unknown_saving(report).map(Text::from),
        next_quarter(plan),
        start(plan),
        assumed_routing(plan),
        gross_saving(plan),
        last_month(plan).map(Text::from),
        without_successor(plan),
    ];
    let details = details.into_iter().flatten().chain(document::basis(report)).collect();
    Headline { status, answer: answer(draft), incomplete, alarms, details }
}

/// Where the months ahead start, if that is not the month of the answer.
fn start(plan: &Plan) -> Option<Text> {
    if plan.start == plan.now.today {
        return None;
    }
    match &plan.forecast.as_ref()?.base {
        Base::Period => None,
        base => Some(
            format!(
                "The forecast starts from {} a month ({}), at the prices of the last day read. The figures above are for an average month of the period.",
                whole_dollars(plan.start),
                base_words(base)
            )
            .into(),
        ),
    }
}

/// What the policy's assumption would say of routing, which is in no figure.
fn assumed_routing(plan: &Plan) -> Option<Text> {
    let assumed = plan.routing_assumed.filter(|assumed| !assumed.high.is_zero())?;
    Some(
        format!(
            "Routing is in none of these figures: at the shares that the policy assumes it would save {} to {} a month of the rest. Name routes in the policy to have them priced.",
            whole_dollars(assumed.low),
            whole_dollars(assumed.high)
        )
        .into(),
    )
}

/// What a month costs, and what moving and routing save of it.
fn answer(draft: &Draft<'_>) -> Vec<Text> {
    let (plan, now) = (draft.plan, &draft.plan.now);
    let (bound, basis) = (bound(draft.report), on_basis(draft.report));
    let spend = Text::from(format!("You spend {bound}{} a month{basis}.", whole_dollars(now.today)));
    if plan.projected.is_unknown() {
        return vec![spend];
    }
    let least = saves_at_least(plan.projected);
    let mut moved: Vec<&str> = plan.steps.steps.iter().map(|step| &*step.workload).collect();
    moved.sort_unstable();
    moved.dedup();
    let batch = if moved.is_empty() {
        "Nothing that is batch-eligible is worth moving".to_owned()
    } else {
        let saving = whole_dollars(now.batch_only.base);
        let workloads = plural(moved.len() as u64, "workload");
        format!("Moving {workloads} to batch saves {least}{saving} a month net, at full rollout")
    };
    let believed = match plan.routes.as_slice() {
        routes if routes.iter().any(|route| route.note() == Some(WITHOUT_EVIDENCE)) => {
            ", for which evidence is missing,"
        }
        _ => "",
    };
    let routing = now.routing.base;
    let both = whole_dollars(sum([now.batch.base, routing]));
    let saves = if routing.is_negative() {
        let more = whole_dollars(routing.abs());
        format!("{batch}; the policy's routes would cost {more} a month more, so leave them out.")
    } else if routing.is_zero() {
        format!("{batch}.")
    } else if moved.is_empty() {
        format!("{batch}; routing{believed} would save {both}.")
    } else {
        format!("{batch}; with routing of the rest{believed} {both}.")
    };
    vec![spend, saves.into()]
}

/// What the last month of the plan costs in each scenario.
pub fn last_month(plan: &Plan) -> Option<String> {
    let last = plan.months.last()?;
    let month = month_words(last.month);
    let nothing = whole_dollars(last.today.base);
    if plan.projected.is_unknown() {
        return Some(format!("In {month} you would pay {nothing} if nothing is done."));
    }
    let routing = if plan.routes.is_empty() {
        String::new()
    } else {
        format!(", {} with batch and routing", whole_dollars(last.combined.cost.base))
    };
    Some(format!(
        "In {month} you would pay {nothing} if nothing is done, {} with batch{routing}.",
        whole_dollars(last.batch_only.cost.base),
    ))
}

/// What to put into the budget for the next quarter that lies ahead as a whole, and how sure that is.
fn next_quarter(plan: &Plan) -> Option<Text> {
    let quarter = plan.quarters.iter().find(|quarter| quarter.months == 3)?;
    let name = quarter_words(quarter.quarter);
    let sure = if plan.growth.band.errors.is_some() { "about 8 in 10" } else { "about 8 in 10, on an assumed error" };
    let range = |cost: &Cases<Money>| format!("{} to {}, {sure}", whole_dollars(cost.low), whole_dollars(cost.high));
    let nothing = whole_dollars(quarter.today.base);
    if plan.projected.is_unknown() {
        return Some(format!("For the whole of {name}, budget {nothing} ({}).", range(&quarter.today)).into());
    }
    Some(
        format!(
            "For the whole of {name}, budget {} with the plan ({}), {nothing} if nothing is done.",
            whole_dollars(quarter.combined.cost.base),
            range(&quarter.combined.cost),
        )
        .into(),
    )
}

/// What steps save on models that go, where nobody knows what does their work.
fn without_successor(plan: &Plan) -> Option<Text> {
    let goes = |step: &&Step| step.retirement.as_ref().is_some_and(|retirement| retirement.successor.is_none());
    let steps: Vec<&Step> = plan.steps.steps.iter().filter(goes).collect();
    let first = steps.iter().filter_map(|step| step.retirement.as_ref()).map(|retirement| retirement.day).min()?;
    let models: BTreeSet<&str> = steps.iter().map(|step| &*step.model).collect();
    let saving = whole_dollars(sum(steps.iter().map(|step| step.saving)));
    Some(text!(
        saving,
        " a month of the saving is on ",
        named(models, MOST_MODELS, LONGEST_NAME),
        ", to be retired from ",
        day_words(first),
        " on without a successor in the price table: what it is worth from then on is not known."
    ))
}

/// What the report says that batch saves, and where the rest of it is.
pub fn gross_saving(plan: &Plan) -> Option<Text> {
    if plan.months.is_empty() || plan.projected.is_unknown() {
        return None;
    }
    let not_migrated = plan.steps.not_worth_it();
    let lost = [plan.now.batch_only.base, not_migrated.saving].into_iter().fold(plan.gross_saving, difference);
    let gone = (!document::is_nothing(lost))
        .then(|| format!("{} goes to failures, late results and deadlines that are too short", whole_dollars(lost)));
    let small = (not_migrated.workloads > 0).then(|| {
        let (each, stay) = if not_migrated.workloads == 1 { ("", "stays") } else { ("each ", "stay") };
        format!(
            "{} is left out: {}, {each}under {} a month net (`limits.min_monthly_saving` in the policy), {stay} in real time",
            whole_dollars(not_migrated.saving),
            plural(not_migrated.workloads, "workload"),
            exact_dollars(plan.least_saving)
        )
    });
    let parts: Vec<String> = gone.into_iter().chain(small).collect();
    (!parts.is_empty()).then(|| {
        format!("Gross, batch saves {} a month. Of it, {}.", whole_dollars(plan.gross_saving), parts.join("; ")).into()
    })
}

/// What is known ahead; nothing if nothing is.
pub fn risks(plan: &Plan) -> Option<Section> {
    Section::new("known-ahead", "Known ahead").list(plan.risks.iter().map(risk)).if_any()
}

fn risk(risk: &Risk) -> Text {
    let what = text!(day_words(risk.day), ": ", models(risk));
    let price = text!(day_words(risk.day), ": the price of ", models(risk), " changes");
    let saving = risk
        .saving_change
        .filter(|change| !change.is_zero())
        .map_or_else(String::new, |change| format!("; the plan's steps then save {}", less_or_more(change)));
    if risk.kind == "retirement" {
        return retirement(risk, what, &saving);
    }
    match (risk.monthly_change, risk.role) {
        (Some(change), Role::InUse) => {
            text!(price, format!("; a month costs {} from then on{saving}.", less_or_more(change)))
        }
        (Some(change), Role::RouteTarget) => text!(
            price,
            format!(", where routes lead; a month with these routes costs {} from then on.", less_or_more(change))
        ),
        (None, _) => text!(price, format!("; work for {} a month is on it.", whole_dollars(risk.monthly_cost))),
    }
}

fn models(risk: &Risk) -> Text {
    named(risk.models.iter().map(|model| &**model), MOST_MODELS, LONGEST_NAME)
}

/// A model that is retired, and what its successor costs.
fn retirement(risk: &Risk, what: Text, saving: &str) -> Text {
    let cost = whole_dollars(risk.monthly_cost);
    let retired = match (risk.is_over, risk.models.len()) {
        (true, 0 | 1) => "was retired",
        (true, _) => "were retired",
        (false, 0 | 1) => "is to be retired",
        (false, _) => "are to be retired",
    };
    let successor = risk.successor.as_ref().map(|model| name(&**model, LONGEST_PATH));
    let old_price = "The months after it are shown at the old price.";
    match (risk.role, successor, risk.monthly_change) {
        (Role::InUse, Some(successor), Some(change)) => {
            let range = risk
                .change_range
                .map(|[low, high]| format!(" ({} to {} by `token_ratio`)", less_or_more(low), less_or_more(high)));
            let change = format!("{}{}", less_or_more(change), range.unwrap_or_default());
            text!(
                what,
                format!(" {retired}; on the successor, "),
                successor,
                format!(", a month costs {change}{saving}.")
            )
        }
        (Role::InUse, Some(successor), None) => text!(
            what,
            format!(" {retired}; work for {cost} a month goes to the successor, "),
            successor,
            format!(", at a price that is not known. {old_price}")
        ),
        (Role::InUse, None, _) => text!(
            what,
            format!(
                " {retired}; work for {cost} a month has to move, and the price table names no successor. {old_price}"
            )
        ),
        (Role::RouteTarget, Some(successor), Some(change)) => text!(
            what,
            format!(", where routes lead, {retired}; on the successor, "),
            successor,
            format!(", a month with these routes costs {}.", less_or_more(change))
        ),
        (Role::RouteTarget, _, _) => {
            text!(what, format!(", where routes lead that save {cost} a month, {retired}."))
        }
    }
}

/// An amount as what it is more or less.
fn less_or_more(change: Money) -> String {
    match change {
        change if change.is_zero() => "the same".to_owned(),
        change if change.is_negative() => format!("{} less", whole_dollars(change.abs())),
        change => format!("{} more", whole_dollars(change)),
    }
}

/// Open questions, with what an answer is worth in a plan.
fn decisions(draft: &Draft<'_>, section: Section) -> Section {
    let least = draft.plan.least_saving;
    let is_small = |question: &crate::report::Question| question.monthly_saving.is_some_and(|saving| saving < least);
    let small = draft.report.questions.iter().any(is_small).then(|| {
        Text::from(format!(
            "A workload that may wait and saves less than {} a month is still not worth a step, unless `limits.min_monthly_saving` is lowered.",
            exact_dollars(least)
        ))
    });
    let begins = draft.plan.months.first().map(|month| {
        Text::from(format!("An answer counts from {} on, where the plan begins.", month_words(month.month)))
    });
    section.paragraphs(begins.into_iter().chain(small))
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
        "The forecast starts from {} a month ({base}); each month has the weekdays of its own days, at the prices known for each day.{damped}",
        whole_dollars(plan.start)
    )
}

/// How this was worked out.
fn method(draft: &Draft<'_>) -> Section {
    let plan = draft.plan;
    let times = &plan.turnaround;
    let thin = if times.is_thin { ", from few finished batches" } else { "" };
    let is_aggregated = |input: &InputLine| !input.is_bill && matches!(input.grain, "bucket" | "mixed");
    let sums = draft.report.inputs.iter().any(is_aggregated).then_some(
        "Part of the usage or all of it is aggregated: such a row does not say how long a call took, nor whether it was streamed unless the row is of streamed calls alone. What it does not say decides nothing, and requests a day are means.",
    );
    let results = format!(
        "{thin}: half within {}, 95 of 100 within {}, on average after {}. {} of batch work is taken to fail and run again at today's price.",
        span(times.results.median_ms),
        span(times.results.p95_ms),
        span(times.results.expected_ms),
        percent(&plan.failure_share.exact())
    );
    let points = [
        Text::from(forecast_words(plan)),
        text!("Results come back as in ", document::quote(format!("`{}`", times.name), LONGEST_PATH), results),
        "Steps begin in their order, as many as there is room for in a month, or in the month that a rule names; each saves the share of the ramp that runs. Routing counts only where work is not in batch. Each figure is rounded by itself: parts may differ from their sum by one in the last digit shown. Formulas: docs/methodology.md.".into(),
    ];
    Section::new("method", "How this was worked out").list(points.into_iter().chain(sums.map(Text::from)))
}
