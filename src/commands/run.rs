//! One run: inputs read, judged and worked out, as every command begins that says what calls cost.

use super::{exit_of, print_notes, read};
use crate::assess::basis::Basis;
use crate::assess::{Assessment, assess};
use crate::cli::PriceBasis;
use crate::diagnostic::{Diagnostic, Exit, Failure};
use crate::input::Gathered;
use crate::money::Overflow;
use crate::plan::turnaround::Turnaround;
use crate::plan::{Plan, PlanInput, plan};
use crate::report::Report;
use crate::report::build::{Asked, ReportInput, build};
use crate::rollup::{Context, Rollup};
use crate::scenario::{Scenarios, scenarios};
use crate::settings::Settings;

/// What was read, judged and worked out.
pub(super) struct Run<'r> {
    pub settings: &'r Settings,
    /// What rows were judged against.
    pub context: Context<'r>,
    /// Everything read, without the sums that only judging needs.
    pub gathered: Gathered,
    /// The rows of the report.
    pub assessment: Assessment,
    /// A month in three scenarios.
    pub scenarios: Scenarios,
}

impl<'r> Run<'r> {
    /// Reads all inputs, judges, and works out a month on the prices that are wanted. Fails where these are the bill's and
    /// there is none to take them from.
    pub fn new(settings: &'r Settings, mut context: Context<'r>, wanted: PriceBasis) -> Result<Self, Failure> {
        context.by_class = wanted == PriceBasis::Billed;
        let mut gathered = read(settings, &context)?;
        let month = gathered.month_basis();
        let assessment = assess(&gathered.rollup, &context, month)?;
        gathered.rollup.shed();
        let prices = match wanted {
            PriceBasis::List => Basis::List,
            PriceBasis::Billed => billed(&gathered, &assessment, &context)?,
        };
        let scenarios = scenarios(&assessment, &settings.policy.routing, month, prices)?;
        Ok(Self { settings, context, gathered, assessment, scenarios })
    }

    /// The months ahead, as long as the sums are there.
    pub fn plan(&self, turnaround: &Turnaround, for_workbook: bool) -> Result<Plan, Overflow> {
        plan(&PlanInput {
            rollup: &self.gathered.rollup,
            assessment: &self.assessment,
            scenarios: &self.scenarios,
            context: &self.context,
            period: self.gathered.period().map(|period| (period, period.month_basis())),
            turnaround,
            for_workbook,
        })
    }

    /// The report, with what was asked for beside it.
    pub fn report(&self, asked: Asked) -> Result<Report, Failure> {
        build(&ReportInput {
            reading: &self.settings.reading(),
            gathered: &self.gathered,
            assessment: &self.assessment,
            scenarios: &self.scenarios,
            context: &self.context,
            asked,
        })
    }

    /// What was read of each input, without the sums; all else is let go of.
    pub fn into_ledgers(mut self) -> Gathered {
        self.gathered.rollup = Rollup::default();
        self.gathered
    }

    /// Ends a command that writes something else than the report: with the report's notes and its exit code.
    pub fn end(&self) -> Result<Exit, Failure> {
        let report = self.report(Asked::default())?;
        print_notes(&report, self.settings.quiet);
        Ok(exit_of(&report.incomplete))
    }
}

/// The prices that the bill charges.
fn billed(gathered: &Gathered, assessment: &Assessment, context: &Context<'_>) -> Result<Basis, Failure> {
    // With an amount in a currency without a rate nobody knows the bill.
    let is_known = gathered.inputs.iter().all(|input| input.ledger.foreign.is_empty());
    Basis::billed(assessment, context.table, &context.route_targets)?.filter(|_| is_known).ok_or_else(|| {
        let message = "--basis billed needs a bill beside the usage, and these files have none that can be compared";
        Failure::usage(
            Diagnostic::new("no-bill", message)
                .hint("add the cost export of the same days, grouped by model, or leave --basis out"),
        )
    })
}
