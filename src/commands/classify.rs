//! `classify`: every call with its final verdict, in two passes: sums and verdicts first, then the lines.

use std::collections::HashMap;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::Path;

use crate::assess::basis::Basis;
use crate::assess::{Assessment, Final, assess, price};
use crate::cli::{ClassifyArgs, LineFormat};
use crate::diagnostic::text::{guarded, mask_secrets, shown_json};
use crate::diagnostic::{Diagnostic, Exit, Failure, shown, shown_short};
use crate::formats::{Accepted, Format};
use crate::input::pass::{Gathered, each_accepted};
use crate::money::Money;
use crate::output;
use crate::progress;
use crate::report::build::{Material, build};
use crate::report::{Report, content};
use crate::rollup::{Cell, Context, Folder, Key, Rollup};
use crate::scenario::scenarios;
use crate::settings::Settings;
use crate::usage::{Field, TokenClass};

/// Columns of the lines, in the contract's order.
const COLUMNS: [&str; 20] = [
    "file",
    "row",
    "id",
    "time",
    "provider",
    "model",
    "workload",
    "requests",
    "input",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "output",
    "tier",
    "verdict",
    "band",
    "reasons",
    "cost",
    "batch_cost",
    "saving",
];

/// Reads twice and writes lines.
pub fn run(args: &ClassifyArgs) -> Result<Exit, Failure> {
    output::check_distinct(args.output.iter().chain(&args.read.rejects))?;
    let form = match (&args.output, args.format) {
        (Some(path), _) => form_of(path)?,
        (None, form) => form.unwrap_or(LineFormat::Csv),
    };
    let settings = Settings::resolve(&args.read, None, None)?;
    let target =
        args.output.as_deref().map(|path| output::prepare(path, settings.force, &settings.sources)).transpose()?;
    let rejects = super::rejects_target(&settings)?;
    let context = settings.context()?;
    let mut gathered = super::read(&settings, &context)?;
    let assessment = assess(&gathered.rollup, &context)?;
    let rollup = std::mem::take(&mut gathered.rollup);
    let mut lines =
        Lines { folder: Folder::over(&context, rollup), finals: &assessment.finals, settings: &settings, form };

    let mut files = Vec::new();
    // Lines on a terminal show by themselves how far it is.
    let shown = progress::show(settings.quiet || (target.is_none() && io::stdout().is_terminal()));
    if let Some(mut target) = target {
        // A failed write comes out again when the file is sealed.
        if let Err(Stop::Reading(failure)) = lines.write(&gathered, &mut target) {
            return Err(failure);
        }
        files.push(target.seal()?);
    } else {
        let mut stdout = BufWriter::new(io::stdout().lock());
        let written = lines.write(&gathered, &mut stdout);
        match written {
            Err(Stop::Reading(failure)) => return Err(failure),
            Err(Stop::Writing(error)) => output::stdout_result(Err(error))?,
            Ok(()) => output::stdout_result(stdout.flush())?,
        }
    }
    drop(shown);
    gathered.rollup = std::mem::take(&mut lines.folder.rollup);
    if let Some(target) = rejects {
        files.push(super::write_rejects(target, &settings, &gathered)?);
    }
    output::place(files)?;
    finish(&settings, &context, &gathered, &assessment)
}

/// The notes and exit code that `report` would have for the same files.
fn finish(
    settings: &Settings,
    context: &Context<'_>,
    gathered: &Gathered,
    assessment: &Assessment,
) -> Result<Exit, Failure> {
    let period = gathered.period(settings.period).map(|period| (period, period.month_basis()));
    let basis = period.map_or(crate::calendar::MonthBasis::Calendar { months: 1 }, |(_, basis)| basis);
    let scenarios = scenarios(assessment, &settings.policy.routing, basis, Basis::List)?;
    let report = build(&Material {
        reading: &settings.reading(),
        gathered,
        assessment,
        scenarios: &scenarios,
        period,
        table: &settings.table,
        policy: &settings.policy,
        context,
        fingerprint: false,
        top: None,
    })?;
    super::print_notes(&report, settings.quiet);
    sums_note(&report, settings.quiet);
    Ok(if report.incomplete.is_empty() { Exit::Complete } else { Exit::Incomplete })
}

/// That a line is no call where its row is a sum: nothing that only a call has decided about it.
fn sums_note(report: &Report, quiet: bool) {
    let of_sums = report.inputs.iter().filter(|input| matches!(input.grain, "bucket" | "mixed") && !input.is_bill);
    let named: Vec<String> =
        of_sums.map(|input| format!("{} ({})", shown_short(&input.file, 60), content::grain(input))).collect();
    if !quiet && !named.is_empty() {
        let text = format!(
            "note[sums]: lines of these inputs are sums of calls, and say nothing of a single one: {}\n",
            named.join(", ")
        );
        // Standard error that is closed is nobody's concern.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}

fn form_of(path: &Path) -> Result<LineFormat, Failure> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("csv") => Ok(LineFormat::Csv),
        Some("jsonl") => Ok(LineFormat::Jsonl),
        _ => Err(Failure::usage(
            Diagnostic::new("usage", format!("the ending of `{}` names no form of lines", path.display()))
                .hint("use .csv or .jsonl"),
        )),
    }
}

/// Why writing stopped.
enum Stop {
    Reading(Failure),
    Writing(io::Error),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Reading(failure)
    }
}

struct Lines<'l> {
    folder: Folder<'l>,
    finals: &'l HashMap<Key, Final>,
    settings: &'l Settings,
    form: LineFormat,
}

impl Lines<'_> {
    fn write(&mut self, gathered: &Gathered, out: &mut impl Write) -> Result<(), Stop> {
        if self.form == LineFormat::Csv {
            writeln!(out, "{}", COLUMNS.join(",")).map_err(Stop::Writing)?;
        }
        let reading = self.settings.reading();
        let context = self.settings.context()?;
        each_accepted(&reading, &self.settings.sniffed, &context, gathered, |input, line, format, accepted| {
            let file = &self.settings.sources[input].name;
            let Some(values) = self.values(file, line, format, accepted)? else { return Ok(()) };
            match self.form {
                LineFormat::Csv => csv_line(&values, out),
                LineFormat::Jsonl => json_line(&values, out),
            }
            .map_err(Stop::Writing)
        })
    }

    /// The line's values; nothing for a line of a bill that is only compared with usage.
    fn values(
        &mut self,
        file: &str,
        line: u64,
        format: &Format,
        accepted: &Accepted<'_>,
    ) -> Result<Option<Values>, Failure> {
        let record = &accepted.record;
        let key = self.folder.key(record, format.mapping.provider.as_deref());
        let Some(last) = self.finals.get(&key) else { return Ok(None) };
        let rollup: &Rollup = &self.folder.rollup;
        let charge = rollup.charge(key.charge);
        let group = rollup.group(key.group);
        let mut cell = Cell { billed: record.billed.unwrap_or_default(), ..Cell::default() };
        if let Some(tokens) = record.tokens() {
            for class in TokenClass::ALL {
                cell.tokens[class] = u128::from(tokens[class]);
            }
        }
        let policy = &self.settings.policy;
        let priced = price(rollup, charge, &cell, last.code, policy.cache_hit_share)?;
        let saving = match (last.judgement.1, priced.cost, priced.batch_cost) {
            (Some(_), Some(cost), Some(batch)) => cost.sub(batch)?,
            _ => Money::ZERO,
        };
        let text = |text: &str| Value::Text(mask_secrets(text).into_owned());
        let count = |class: TokenClass| record.tokens().map_or(Value::Missing, |tokens| Value::Number(tokens[class]));
        let money = |money: Option<Money>| money.map_or(Value::Missing, |money| Value::Amount(money.to_string()));
        Ok(Some([
            text(file),
            Value::Number(line),
            record.text(Field::RequestId).map_or(Value::Missing, text),
            if record.within.is_some() { Value::Missing } else { Value::Amount(record.start.to_string()) },
            text(rollup.texts.get(group.provider)),
            text(rollup.texts.get(group.model)),
            text(rollup.texts.get(group.workload)),
            record.requests.map_or(Value::Missing, Value::Number),
            count(TokenClass::Input),
            count(TokenClass::CacheRead),
            count(TokenClass::CacheWrite5m),
            count(TokenClass::CacheWrite1h),
            count(TokenClass::Output),
            Value::Text(record.tier.name().to_owned()),
            Value::Text(last.judgement.0.name().to_owned()),
            last.judgement.1.map_or(Value::Missing, |band| Value::Text(band.name().to_owned())),
            text(&last.code.text(policy)),
            money(priced.cost),
            money(priced.batch_cost),
            money(Some(saving)),
        ]))
    }
}

type Values = [Value; COLUMNS.len()];

/// A value of a line.
enum Value {
    Missing,
    Number(u64),
    /// Digits or a time: never changed for spreadsheets.
    Amount(String),
    Text(String),
}

fn csv_line(values: &Values, out: &mut impl Write) -> io::Result<()> {
    // Into memory first: the library would flush a file or pipe after every line.
    let mut writer = csv::Writer::from_writer(Vec::new());
    let fields = values.iter().map(|value| match value {
        Value::Missing => String::new(),
        Value::Number(number) => number.to_string(),
        Value::Amount(text) => text.clone(),
        // CSV has no escapes of its own for what moves a terminal.
        Value::Text(text) => guarded(&shown(text)),
    });
    writer.write_record(fields).map_err(io::Error::other)?;
    out.write_all(&writer.into_inner().map_err(csv::IntoInnerError::into_error)?)
}

fn json_line(values: &Values, out: &mut impl Write) -> io::Result<()> {
    let line: serde_json::Map<String, serde_json::Value> = COLUMNS
        .iter()
        .zip(values)
        .map(|(name, value)| {
            let value = match value {
                Value::Missing => serde_json::Value::Null,
                Value::Number(number) => (*number).into(),
                Value::Amount(text) | Value::Text(text) => text.clone().into(),
            };
            let value = if *name == "reasons" { serde_json::Value::Array(vec![value]) } else { value };
            ((*name).to_owned(), value)
        })
        .collect();
    let line = serde_json::to_string(&line)?;
    writeln!(out, "{}", shown_json(&line))
}
