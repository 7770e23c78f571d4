//! `report`: the main job.

use std::io::Write as _;
use std::path::Path;

use crate::assess::basis::Basis;
use crate::assess::{Assessment, assess};
use crate::cli::{PriceBasis, ReportArgs, ReportFormat};
use crate::diagnostic::{Diagnostic, Exit, Failure};
use crate::input::Gathered;
use crate::output;
use crate::report::build::{Material, build};
use crate::report::{self, Report, json, markdown, table, theme::Theme};
use crate::rollup::Context;
use crate::scenario::scenarios;
use crate::settings::Settings;

/// Reads, judges, works out, and prints.
pub fn run(args: &ReportArgs) -> Result<Exit, Failure> {
    output::check_distinct(args.output.iter().chain(&args.read.rejects))?;
    let forms = args.output.iter().map(|path| form_of(path)).collect::<Result<Vec<_>, _>>()?;
    let settings = Settings::resolve(&args.read, args.by.as_deref(), args.routing_saves.as_deref())?;
    let targets = args
        .output
        .iter()
        .map(|path| output::prepare(path, settings.force, &settings.sources))
        .collect::<Result<Vec<_>, _>>()?;
    let rejects = super::rejects_target(&settings)?;

    let reading = settings.reading();
    let context = settings.context()?;
    let gathered = super::read(&settings, &context)?;
    let assessment = assess(&gathered.rollup, &context)?;
    let prices = prices(args.basis, &gathered, &assessment, &context)?;
    let period = gathered.period(settings.period).map(|period| (period, period.month_basis()));
    let basis = period.map_or(crate::calendar::MonthBasis::Calendar { months: 1 }, |(_, basis)| basis);
    let scenarios = scenarios(&assessment, &settings.policy.routing, basis, prices)?;
    let mut report = build(&Material {
        reading: &reading,
        gathered: &gathered,
        assessment: &assessment,
        scenarios: &scenarios,
        period,
        table: &settings.table,
        policy: &settings.policy,
        by: settings.by.as_ref(),
        fingerprint: args.fingerprint,
    })?;

    if args.strict {
        report.incomplete.extend(report.warnings.iter().cloned());
    }
    let mut written = Vec::new();
    for (mut target, form) in targets.into_iter().zip(forms) {
        // A failed write comes out again when the file is sealed.
        let _ = target.write_all(render(&report, form, &Theme::plain()).as_bytes());
        written.push(target.seal()?);
    }
    if let Some(target) = rejects {
        written.push(super::write_rejects(target, &settings, &gathered)?);
    }
    output::place(written)?;
    super::print_notes(&report, settings.quiet);
    if args.output.is_empty() || args.format.is_some() {
        let form = args.format.unwrap_or(ReportFormat::Table);
        output::to_stdout(&render(&report, form, &Theme::of_stdout()))?;
    }
    Ok(if report.incomplete.is_empty() { Exit::Complete } else { Exit::Incomplete })
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

fn render(report: &Report, form: ReportFormat, theme: &Theme) -> String {
    match form {
        ReportFormat::Json => json::render(report),
        ReportFormat::Markdown => markdown::render(report),
        ReportFormat::Table => table::render(report, theme),
        ReportFormat::Csv => report::csv::render(report),
    }
}

/// The form that a file's ending names.
pub fn form_of(path: &Path) -> Result<ReportFormat, Failure> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("json") => Ok(ReportFormat::Json),
        Some("csv") => Ok(ReportFormat::Csv),
        Some("md") => Ok(ReportFormat::Markdown),
        Some("txt") => Ok(ReportFormat::Table),
        _ => Err(Failure::usage(
            Diagnostic::new("usage", format!("the ending of `{}` names no form of the report", path.display()))
                .hint("use .txt, .json, .md or .csv"),
        )),
    }
}
