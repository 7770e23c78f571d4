//! The program's `report` without a process: prices, policy and formats are loaded once, and thousands of logs are read
//! against them. It wires the same stages in the same order as `commands/report.rs`.

use std::path::{Path, PathBuf};

use batchwise::assess::basis::Basis;
use batchwise::assess::{Assessment, assess};
use batchwise::calendar::Day;
use batchwise::diagnostic::{Exit, Failure, WriteError};
use batchwise::formats::{Format, registry};
use batchwise::input::dates::PeriodBounds;
use batchwise::input::find::{Search, find};
use batchwise::input::pass::{Reading, recognise};
use batchwise::input::{Gathered, gather};
use batchwise::policy::Policy;
use batchwise::pricing::PriceTable;
use batchwise::report::build::{Asked, ReportInput, build};
use batchwise::report::{Report, json};
use batchwise::rollup::{Breakdown, Context};
use batchwise::scenario::{Scenarios, scenarios};
use serde_json::Value;

/// What a stage writes, as a text.
pub fn written(write: impl FnOnce(&mut Vec<u8>) -> Result<(), WriteError>) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    match write(&mut bytes) {
        Ok(()) => Ok(String::from_utf8(bytes).expect("UTF-8")),
        Err(WriteError::Content(failure)) => Err(failure),
        Err(WriteError::Output(error)) => panic!("memory: {error}"),
    }
}

/// Prices, policy and formats.
pub struct Machine {
    /// Prices.
    pub table: PriceTable,
    /// Rules.
    pub policy: Policy,
    formats: Vec<Format>,
    period: PeriodBounds,
}

/// What differs from a plain run.
#[derive(Clone, Copy, Debug)]
pub struct How<'h> {
    /// Rows told twice count once.
    pub dedupe: bool,
    /// `--by`.
    pub by: Option<&'h Breakdown>,
}

impl Default for How<'_> {
    fn default() -> Self {
        Self { dedupe: true, by: None }
    }
}

/// A finished run.
pub struct Done {
    /// The report.
    pub report: Report,
    /// The report as the program prints it.
    pub text: String,
    /// The exit code.
    pub exit: Exit,
}

/// What was read and judged, before the report.
pub struct Judged {
    /// Sums and ledgers.
    pub gathered: Gathered,
    /// Verdicts and amounts.
    pub assessment: Assessment,
    /// What a month makes of it.
    pub scenarios: Scenarios,
}

impl Done {
    /// The report as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("the report is JSON")
    }
}

impl Machine {
    /// The built-in prices and policy.
    pub fn new() -> Self {
        Self::with(None, None)
    }

    /// The built-in prices, a policy, and a mapping of the user's own.
    pub fn with(policy: Option<&str>, map: Option<&Path>) -> Self {
        let policy = policy.map_or_else(Policy::built_in, |text| Policy::parse("policy.yaml", text));
        let map = map.map(|path| {
            let text = std::fs::read_to_string(path).expect("a mapping");
            Format::parse("map.yaml", &text).expect("a good mapping")
        });
        Self {
            table: PriceTable::built_in().expect("built-in prices"),
            policy: policy.expect("a good policy"),
            formats: map.into_iter().chain(registry().expect("built-in formats")).collect(),
            period: PeriodBounds::default(),
        }
    }

    /// The same with `--from` and `--to`.
    pub fn on_days(mut self, from: &str, to: &str) -> Self {
        let day = |text: &str| text.parse::<Day>().expect("a day");
        let (from, to) = (day(from), day(to));
        for format in &mut self.formats {
            format.set_days(from, to);
        }
        self.period = PeriodBounds { from: Some(from), to: Some(to) };
        self
    }

    /// What rows are judged against.
    pub fn context(&self, by: Option<&Breakdown>) -> Context<'_> {
        Context { by: by.cloned(), daily: true, times: true, ..Context::new(&self.table, &self.policy) }
    }

    /// Reads files and judges them, and hands everything to `finish`.
    fn stages<T>(
        &self,
        files: &[PathBuf],
        how: How<'_>,
        context: &Context<'_>,
        finish: impl FnOnce(&Reading<'_>, Judged) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let sources = find(files, Search::default())?.sources;
        let reading = Reading {
            sources: &sources,
            formats: &self.formats,
            wanted_format: None,
            period: self.period,
            dedupe: how.dedupe,
            threads: 1,
            keep_rejects: false,
            keep_partial: false,
            unread: &[],
            options: &[],
            litter: &[],
        };
        let sniffed = recognise(&reading).into_iter().collect::<Result<Vec<_>, _>>()?;
        let gathered = gather(&reading, &sniffed, context)?;
        let basis = gathered.month_basis();
        let assessment = assess(&gathered.rollup, context, basis)?;
        let scenarios = scenarios(&assessment, &self.policy.routing, basis, Basis::List)?;
        finish(&reading, Judged { gathered, assessment, scenarios })
    }

    /// Reads and judges files.
    pub fn judge(&self, files: &[PathBuf], how: How<'_>, context: &Context<'_>) -> Result<Judged, Failure> {
        self.stages(files, how, context, |_, judged| Ok(judged))
    }

    /// `report` on files.
    pub fn report(&self, files: &[PathBuf], how: How<'_>) -> Result<Done, Failure> {
        self.report_with(files, how, |_| {})
    }

    /// `report` on files by a program that is wrong: `change` is what it does to what was read and judged.
    pub fn report_with(
        &self,
        files: &[PathBuf],
        how: How<'_>,
        change: impl FnOnce(&mut Judged),
    ) -> Result<Done, Failure> {
        let context = self.context(how.by);
        self.stages(files, how, &context, |reading, mut judged| {
            change(&mut judged);
            let report = build(&ReportInput {
                reading,
                gathered: &judged.gathered,
                assessment: &judged.assessment,
                scenarios: &judged.scenarios,
                context: &context,
                asked: Asked { movers: true, ..Asked::default() },
            })?;
            let exit = if report.incomplete.is_empty() { Exit::Complete } else { Exit::Incomplete };
            Ok(Done { text: written(|out| json::render(&report, out))?, report, exit })
        })
    }
}
