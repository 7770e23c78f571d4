//! The main line, which `report` and `plan` share: one run, every form of it, and one or the other question first.

use std::cell::LazyCell;
use std::io::Write;
use std::mem::ManuallyDrop;

use super::outputs::Forms;
use super::run::Run;
use super::turnaround::turnaround;
use super::{exit_of, print_notes, rejects_target, write_rejects};
use crate::cli::{PageArgs, ReportFormat};
use crate::diagnostic::{Diagnostic, Exit, Failure, Place, WriteError};
use crate::money::Overflow;
use crate::plan::Plan;
use crate::policy::{BudgetSetting, NameField, Policy};
use crate::report::build::Asked;
use crate::report::document::{Document, of_report};
use crate::report::plan::document::of_plan;
use crate::report::plan::{self, Draft, View};
use crate::report::theme::Theme;
use crate::report::{self, Report, html, json, markdown, table, xlsx};
use crate::rollup::Breakdown;
use crate::settings::{self, Settings};
use crate::usage::Field;

/// What a command asks for.
pub(super) struct Wanted<'w> {
    /// The question that is answered first.
    pub view: View,
    pub pages: &'w PageArgs,
    /// The dimension of `--by`.
    pub by: Option<&'w str>,
    /// Whether to say what grew, for which usage is kept by day.
    pub movers: bool,
    pub fingerprint: bool,
}

/// Reads, judges, works out, and writes every form.
pub(super) fn write(wanted: &Wanted<'_>) -> Result<Exit, Failure> {
    let Wanted { view, pages, .. } = *wanted;
    let forms = Forms::of(&pages.output, pages.format, pages.read.rejects.as_ref())?;
    let top = settings::top(pages.top)?;
    let mut settings = Settings::resolve(&pages.read, wanted.by, pages.routing_saves.as_deref())?;
    let turnaround = turnaround(pages.batches.as_deref(), pages.read.policy.as_deref(), &mut settings)?;
    let shows_plan = view == View::Plan || forms.show_plan();
    let for_workbook = forms.have(ReportFormat::Xlsx);
    let has_csv = forms.have(ReportFormat::Csv);
    let outputs = forms.prepare(|path| settings.output(path))?;
    let rejects = rejects_target(&settings)?;

    let mut context = settings.context()?;
    // Months are made of days.
    context.daily |= shows_plan;
    let movers = shows_plan || wanted.movers;
    // A page of a value says what it cost in the last two months.
    context.times = movers || context.by.is_some();
    if view == View::Plan {
        context.by = budgeted(&settings.policy.budget);
    }
    let mut run = Run::new(&settings, context, pages.basis)?;
    // First of all, since of a plan less is left than it is made of.
    let plan = shows_plan.then(|| run.plan(&turnaround, for_workbook));
    run.gathered.rollup.shed_sums()?;
    let mut report = run.report(Asked { fingerprint: wanted.fingerprint, top, movers })?;
    if pages.strict {
        report.incomplete.extend(report.warnings.iter().cloned());
    }
    let plan = plan.map(|plan| in_range(plan, &settings.policy)).transpose()?;

    // Pages are made of plan and report alone, and the text of one may be as large as all of the sums.
    let gathered = run.into_ledgers();
    // The run ends here, and with it all that it holds at once.
    let report = ManuallyDrop::new(report);
    let drawn = Drawn { view, report: &report, plan: plan.as_ref() };
    // Made once, where a form for readers is wanted.
    let document = LazyCell::new(|| drawn.document());
    // The CSV is made of the JSON's text, which then is the JSON too; alone it is written as it is made.
    let json = has_csv.then(|| json::text_of(|out| drawn.json(out))).transpose()?;
    let rejects = rejects.map(|target| write_rejects(target, &gathered)).transpose()?;
    let notes = || print_notes(&report, settings.quiet);
    outputs.write(rejects, notes, |form, theme, out| drawn.render((&document, json.as_deref()), (form, theme), out))?;
    Ok(exit_of(&report.incomplete))
}

/// Budgets of owners or teams are held against what these spend.
fn budgeted(budget: &BudgetSetting) -> Option<Breakdown> {
    match budget {
        BudgetSetting::Owners(_) => Some(Breakdown::Owner),
        BudgetSetting::Teams(_) => Some(Breakdown::Named(NameField::Text(Field::Team))),
        BudgetSetting::None | BudgetSetting::All(_) => None,
    }
}

/// The plan. The report of the same amounts was built, so where these leave their range the policy has made them grow.
fn in_range(made: Result<Plan, Overflow>, policy: &Policy) -> Result<Plan, Failure> {
    let made = made.and_then(|plan| plan::room::room(&plan).map(|()| plan));
    made.map_err(|overflow| match &policy.source {
        None => overflow.into(),
        Some(source) => Failure::usage(
            Diagnostic::new("policy", "the months ahead grow beyond what can be counted to the last digit")
                .at(Place::file(source))
                .hint("a lower `growth_monthly` or fewer `quarters` under `planning` keep them in range"),
        ),
    })
}

/// What forms are drawn of.
#[derive(Clone, Copy)]
struct Drawn<'d> {
    view: View,
    report: &'d Report,
    plan: Option<&'d Plan>,
}

impl Drawn<'_> {
    /// The plan, where it is what is asked for.
    fn draft(&self) -> Option<Draft<'_>> {
        self.with_months_ahead().filter(|_| self.view == View::Plan)
    }

    fn with_months_ahead(&self) -> Option<Draft<'_>> {
        self.plan.map(|plan| Draft { plan, report: self.report })
    }

    fn document(&self) -> Document {
        self.draft().map_or_else(|| of_report(self.report), |draft| of_plan(&draft))
    }

    fn json(&self, out: &mut dyn Write) -> Result<(), WriteError> {
        match self.draft() {
            None => json::render(self.report, out),
            Some(draft) => plan::json::render(&draft, out),
        }
    }

    fn render(
        &self,
        (document, json): (&LazyCell<Document, impl FnOnce() -> Document>, Option<&str>),
        (form, theme): (ReportFormat, &Theme),
        out: &mut dyn Write,
    ) -> Result<(), WriteError> {
        let with_months_ahead =
            || self.with_months_ahead().ok_or_else(|| Failure::internal("a form that shows a plan has none"));
        let text = match (form, self.draft()) {
            (ReportFormat::Table, _) => table::render(document, theme),
            (ReportFormat::Markdown, _) => markdown::render(document)?,
            (ReportFormat::Json, _) => match json {
                Some(json) => return Ok(out.write_all(json.as_bytes())?),
                None => return self.json(out),
            },
            (ReportFormat::Csv, draft) => {
                let json = json.ok_or_else(|| Failure::internal("the CSV has no JSON to be made of"))?;
                return match draft {
                    None => report::csv::render(json, "report", out),
                    Some(_) => plan::csv::render(json, out),
                };
            }
            (ReportFormat::Html, _) => html::render(document, &with_months_ahead()?, self.view)?,
            (ReportFormat::Xlsx, _) => return Ok(out.write_all(&xlsx::render(&with_months_ahead()?)?)?),
        };
        Ok(out.write_all(text.as_bytes())?)
    }
}
