//! `plan`: what to move, and what the next quarters cost.

use std::io::Write as _;
use std::path::Path;

use super::report::form_of;
use crate::assess::{assess, basis::Basis};
use crate::cli::{PlanArgs, ReportFormat};
use crate::diagnostic::{Diagnostic, Exit, Failure, Place};
use crate::formats::batches;
use crate::output;
use crate::plan::turnaround::Turnaround;
use crate::plan::{self, plan};
use crate::policy::{Policy, TurnaroundSetting};
use crate::report::build::{Material, build};
use crate::report::plan::{self as pages, Draft, json, markdown, table};
use crate::report::theme::Theme;
use crate::scenario::scenarios;
use crate::settings::{Settings, display};

/// Reads, judges, plans, and prints.
pub fn run(args: &PlanArgs) -> Result<Exit, Failure> {
    output::check_distinct(args.output.iter().chain(&args.read.rejects))?;
    let forms = args.output.iter().map(|path| form_of(path)).collect::<Result<Vec<_>, _>>()?;
    let settings = Settings::resolve(&args.read, None, args.routing_saves.as_deref())?;
    let turnaround = turnaround(args, &settings.policy)?;
    let targets = args
        .output
        .iter()
        .map(|path| output::prepare(path, settings.force, &settings.sources))
        .collect::<Result<Vec<_>, _>>()?;
    let rejects = super::rejects_target(&settings)?;

    let reading = settings.reading();
    let mut context = settings.context()?;
    // Months are made of days.
    context.daily = true;
    let gathered = super::read(&settings, &context)?;
    let assessment = assess(&gathered.rollup, &context)?;
    let period = gathered.period(settings.period).map(|period| (period, period.month_basis()));
    let basis = period.map_or(crate::calendar::MonthBasis::Calendar { months: 1 }, |(_, basis)| basis);
    let scenarios = scenarios(&assessment, &settings.policy.routing, basis, Basis::List)?;
    let mut report = build(&Material {
        reading: &reading,
        gathered: &gathered,
        assessment: &assessment,
        scenarios: &scenarios,
        period,
        table: &settings.table,
        policy: &settings.policy,
        by: None,
        fingerprint: false,
    })?;
    if args.strict {
        report.incomplete.extend(report.warnings.iter().cloned());
    }
    let plan = plan(&plan::Material {
        rollup: &gathered.rollup,
        assessment: &assessment,
        scenarios: &scenarios,
        context: &context,
        period,
        turnaround: &turnaround,
    })?;

    let draft = Draft { plan: &plan, report: &report };
    let mut written = Vec::new();
    for (mut target, form) in targets.into_iter().zip(forms) {
        // A failed write comes out again when the file is sealed.
        let _ = target.write_all(render(&draft, form, &Theme::plain()).as_bytes());
        written.push(target.seal()?);
    }
    if let Some(target) = rejects {
        written.push(super::write_rejects(target, &settings, &gathered)?);
    }
    output::place(written)?;
    super::print_notes(&report, settings.quiet);
    if args.output.is_empty() || args.format.is_some() {
        let form = args.format.unwrap_or(ReportFormat::Table);
        output::to_stdout(&render(&draft, form, &Theme::of_stdout()))?;
    }
    Ok(if report.incomplete.is_empty() { Exit::Complete } else { Exit::Incomplete })
}

fn render(draft: &Draft<'_>, form: ReportFormat, theme: &Theme) -> String {
    match form {
        ReportFormat::Json => json::render(draft),
        ReportFormat::Markdown => markdown::render(draft),
        ReportFormat::Table => table::render(draft, theme),
        ReportFormat::Csv => pages::csv::render(draft),
    }
}

/// How long results take: a file of finished batches, else what the policy says.
fn turnaround(args: &PlanArgs, policy: &Policy) -> Result<Turnaround, Failure> {
    let named = match (&policy.turnaround, &policy.source, args.read.policy.as_deref()) {
        // A path in a policy is relative to it.
        (TurnaroundSetting::File(file), _, Some(policy)) => Some(policy.parent().unwrap_or(Path::new("")).join(file)),
        _ => None,
    };
    let found = match args.batches.as_deref().or(named.as_deref()) {
        Some(path) => finished(path)?,
        None => Turnaround::of(&policy.turnaround).unwrap_or_else(Turnaround::published),
    };
    Ok(found.with_weekends(policy.weekend_factor))
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
