//! `report`: the main job.

use std::cell::LazyCell;
use std::mem::ManuallyDrop;

use super::outputs::Forms;
use super::plan::{planned, turnaround};
use crate::assess::basis::Basis;
use crate::assess::{Assessment, assess};
use crate::calendar::{MonthBasis, Period};
use crate::cli::{PriceBasis, ReportArgs, ReportFormat};
use crate::diagnostic::{Diagnostic, Exit, Failure};
use crate::input::Gathered;
use crate::plan::{self, Plan};
use crate::report::build::{Material, build};
use crate::report::document::{Document, of_report};
use crate::report::plan::{Draft, View};
use crate::report::{self, Report, html, json, markdown, table, theme::Theme, xlsx};
use crate::rollup::{Context, Rollup};
use crate::scenario::{Scenarios, scenarios};
use crate::settings::{self, Settings};

/// Reads, judges, works out, and prints.
pub fn run(args: &ReportArgs) -> Result<Exit, Failure> {
    if let Some(path) = &args.check_self_test {
        return super::sql::check_self_test(path);
    }
    let forms = Forms::of(&args.output, args.format, args.read.rejects.as_ref())?;
    let top = settings::top(args.top)?;
    let mut settings = Settings::resolve(&args.read, args.by.as_deref(), args.routing_saves.as_deref())?;
    let shows_plan = forms.show_plan();
    let turnaround = turnaround(args.batches.as_deref(), args.read.policy.as_deref(), &mut settings)?;
    let for_workbook = forms.have_workbook();
    let outputs = forms.prepare(|path| settings.output(path))?;
    let rejects = super::rejects_target(&settings)?;

    let reading = settings.reading();
    let mut context = settings.context()?;
    // Months are made of days.
    context.daily |= shows_plan;
    context.times = shows_plan || args.movers;
    let Assessed { mut gathered, period, assessment, scenarios } = assessed(&settings, &context, args.basis)?;
    // First of all, since of a plan less is left than it is made of.
    let plan = shows_plan.then(|| {
        plan::plan(&plan::Material {
            rollup: &gathered.rollup,
            assessment: &assessment,
            scenarios: &scenarios,
            context: &context,
            period,
            turnaround: &turnaround,
            for_workbook,
        })
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
        fingerprint: args.fingerprint,
        top,
    })?;
    if args.strict {
        report.incomplete.extend(report.warnings.iter().cloned());
    }
    let plan = plan.map(|plan| planned(plan, &settings.policy)).transpose()?;
    // Pages are made of the report alone, and the text of one may be as large as all of the sums.
    drop((assessment, scenarios));
    // The run ends here, and with it all that it holds at once.
    let report = ManuallyDrop::new(report);
    gathered.rollup = Rollup::default();
    // Made once, where a form for readers is wanted.
    let document = LazyCell::new(|| of_report(&report));
    let rejects = rejects.map(|target| super::write_rejects(target, &gathered)).transpose()?;
    let notes = || super::print_notes(&report, settings.quiet);
    outputs.write(rejects, notes, |form, theme| render(&report, plan.as_ref(), &document, form, theme))?;
    Ok(super::exit_of(&report))
}

/// What was read, judged and worked out.
pub(super) struct Assessed {
    /// Everything read, without the sums that only judging needs.
    pub gathered: Gathered,
    /// The period, with what makes a month of it.
    pub period: Option<(Period, MonthBasis)>,
    /// The rows of the report.
    pub assessment: Assessment,
    /// A month in three scenarios.
    pub scenarios: Scenarios,
}

/// Reads, judges and works out a month, as reports and plans begin.
pub(super) fn assessed(settings: &Settings, context: &Context<'_>, wanted: PriceBasis) -> Result<Assessed, Failure> {
    let mut gathered = super::read(settings, context)?;
    let period = gathered.period().map(|period| (period, period.month_basis()));
    let basis = gathered.month_basis();
    let assessment = assess(&gathered.rollup, context, basis)?;
    gathered.rollup.shed();
    let prices = prices(wanted, &gathered, &assessment, context)?;
    let scenarios = scenarios(&assessment, &settings.policy.routing, basis, prices)?;
    Ok(Assessed { gathered, period, assessment, scenarios })
}

/// The prices that monthly figures are to stand on.
fn prices(
    wanted: PriceBasis,
    gathered: &Gathered,
    assessment: &Assessment,
    context: &Context<'_>,
) -> Result<Basis, Failure> {
    if wanted == PriceBasis::List {
        return Ok(Basis::List);
    }
    // With an amount in a currency without a rate nobody knows the bill.
    let is_known = gathered.inputs.iter().all(|input| input.ledger.foreign.is_empty());
    Basis::billed(assessment, &context.route_targets).filter(|_| is_known).ok_or_else(|| {
        let message = "--basis billed needs a bill beside the usage, and these files have none that can be compared";
        Failure::usage(
            Diagnostic::new("no-bill", message)
                .hint("add the cost export of the same days, grouped by model, or leave --basis out"),
        )
    })
}

fn render(
    report: &Report,
    plan: Option<&Plan>,
    document: &LazyCell<Document, impl FnOnce() -> Document>,
    form: ReportFormat,
    theme: &Theme,
) -> Result<Vec<u8>, Failure> {
    let text = match (form, plan) {
        (ReportFormat::Html, Some(plan)) => html::render(document, &Draft { plan, report }, View::Report)?,
        (ReportFormat::Xlsx, Some(plan)) => return xlsx::render(&Draft { plan, report }),
        (ReportFormat::Json, _) => json::render(report)?,
        (ReportFormat::Markdown, _) => markdown::render(document)?,
        (ReportFormat::Csv, _) => report::csv::render(&json::render(report)?, "report")?,
        // A form that shows a plan has one.
        (ReportFormat::Table | ReportFormat::Html | ReportFormat::Xlsx, _) => table::render(document, theme),
    };
    Ok(text.into_bytes())
}
