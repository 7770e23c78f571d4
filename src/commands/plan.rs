//! `plan`: what to move, and what the next quarters cost.

use std::cell::LazyCell;
use std::path::Path;

use super::outputs::Forms;
use super::report::{Assessed, assessed};
use crate::cli::{PlanArgs, ReportFormat};
use crate::diagnostic::{Diagnostic, Exit, Failure, Place};
use crate::formats::batches;
use crate::money::Overflow;
use crate::plan::turnaround::Turnaround;
use crate::plan::{self, Plan, plan};
use crate::policy::{BudgetSetting, NameField, Policy, TurnaroundSetting};
use crate::report::build::{Material, build};
use crate::report::document::Document;
use crate::report::plan::document::of_plan;
use crate::report::plan::{self as pages, Draft, View, json};
use crate::report::theme::Theme;
use crate::report::{html, markdown, table, xlsx};
use crate::rollup::{Breakdown, Rollup};
use crate::settings::{self, Settings, display};
use crate::usage::Field;

/// Reads, judges, plans, and prints.
pub fn run(args: &PlanArgs) -> Result<Exit, Failure> {
    let forms = Forms::of(&args.output, args.format, args.read.rejects.as_ref())?;
    let top = settings::top(args.top)?;
    let mut settings = Settings::resolve(&args.read, None, args.routing_saves.as_deref())?;
    let turnaround = turnaround(args.batches.as_deref(), args.read.policy.as_deref(), &mut settings)?;
    let for_workbook = forms.have_workbook();
    let outputs = forms.prepare(|path| settings.output(path))?;
    let rejects = super::rejects_target(&settings)?;

    let reading = settings.reading();
    let mut context = settings.context()?;
    // Months are made of days.
    context.daily = true;
    context.times = true;
    // Budgets of owners or teams are held against what these spend.
    context.by = match &settings.policy.budget {
        BudgetSetting::Owners(_) => Some(Breakdown::Owner),
        BudgetSetting::Teams(_) => Some(Breakdown::Named(NameField::Text(Field::Team))),
        BudgetSetting::None | BudgetSetting::All(_) => None,
    };
    let Assessed { mut gathered, period, assessment, scenarios } = assessed(&settings, &context, args.basis)?;
    // First of all, since of a plan less is left than it is made of.
    let plan = plan(&plan::Material {
        rollup: &gathered.rollup,
        assessment: &assessment,
        scenarios: &scenarios,
        context: &context,
        period,
        turnaround: &turnaround,
        for_workbook,
    });
    gathered.rollup.shed_sums()?;
    let mut report = build(&Material {
        reading: &reading,
        gathered: &gathered,
        assessment: &assessment,
        scenarios: &scenarios,
        period,
        table: &settings.table,
        policy: &settings.policy,
        context: &context,
        fingerprint: false,
        top,
    })?;
    if args.strict {
        report.incomplete.extend(report.warnings.iter().cloned());
    }
    let plan = planned(plan, &settings.policy)?;

    // Pages are made of plan and report alone, and the text of one may be as large as all of the sums.
    drop((assessment, scenarios));
    gathered.rollup = Rollup::default();
    let draft = Draft { plan: &plan, report: &report };
    // Made once, where a form for readers is wanted.
    let document = LazyCell::new(|| of_plan(&draft));
    let rejects = rejects.map(|target| super::write_rejects(target, &gathered)).transpose()?;
    let notes = || super::print_notes(&report, settings.quiet);
    outputs.write(rejects, notes, |form, theme| render(&draft, &document, form, theme))?;
    Ok(super::exit_of(&report))
}

/// The plan. The report of the same amounts was built, so where these leave their range the policy has made them grow.
pub fn planned(made: Result<Plan, Overflow>, policy: &Policy) -> Result<Plan, Failure> {
    let made = made.and_then(|plan| pages::room::room(&plan).map(|()| plan));
    made.map_err(|overflow| match &policy.source {
        None => overflow.into(),
        Some(source) => Failure::usage(
            Diagnostic::new("policy", "the months ahead grow beyond what can be counted to the last digit")
                .at(Place::file(source))
                .hint("a lower `growth_monthly` or fewer `quarters` under `planning` keep them in range"),
        ),
    })
}

fn render(
    draft: &Draft<'_>,
    document: &LazyCell<Document, impl FnOnce() -> Document>,
    form: ReportFormat,
    theme: &Theme,
) -> Result<Vec<u8>, Failure> {
    let text = match form {
        ReportFormat::Json => json::render(draft)?,
        ReportFormat::Markdown => markdown::render(document)?,
        ReportFormat::Table => table::render(document, theme),
        ReportFormat::Csv => pages::csv::render(&json::render(draft)?)?,
        ReportFormat::Html => html::render(document, draft, View::Plan)?,
        ReportFormat::Xlsx => return xlsx::render(draft),
    };
    Ok(text.into_bytes())
}

/// How long results take: a file of finished batches, else what the policy says.
pub fn turnaround(
    batches: Option<&Path>,
    policy_file: Option<&Path>,
    settings: &mut Settings,
) -> Result<Turnaround, Failure> {
    let policy = &settings.policy;
    let named = match (&policy.turnaround, &policy.source, policy_file) {
        // A path in a policy is relative to it.
        (TurnaroundSetting::File(file), _, Some(policy)) => Some(policy.parent().unwrap_or(Path::new("")).join(file)),
        _ => None,
    };
    let weekend_factor = policy.weekend_factor;
    let found = match batches.or(named.as_deref()) {
        Some(path) => {
            settings.also_reads(path);
            finished(path)?
        }
        None => Turnaround::of(&policy.turnaround).unwrap_or_else(Turnaround::published),
    };
    Ok(found.with_weekends(weekend_factor))
}

fn finished(path: &Path) -> Result<Turnaround, Failure> {
    let refuse =
        |message: String| {
            Failure::usage(Diagnostic::new("batches", message).at(Place::file(display(path))).hint(
                "give finished batches as the vendors' APIs list them: GET /v1/batches or GET /v1/messages/batches",
            ))
        };
    let bytes = std::fs::read(path).map_err(|error| refuse(format!("cannot read: {error}")))?;
    let found = batches::read(&bytes).map_err(|error| refuse(error.to_string()))?;
    if found.times_ms.is_empty() && found.expired == 0 {
        return Err(refuse("holds no finished batch".to_owned()));
    }
    Ok(Turnaround::from_batches(found.times_ms, found.expired))
}
