//! `classify`: every call with its final verdict, in two passes: sums and verdicts first, then the lines.

mod figures;

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::Path;

use crate::assess::basis::Basis;
use crate::assess::price::Pricing;
use crate::assess::{Assessment, Final, assess};
use crate::cli::{ClassifyArgs, LineFormat};
use crate::diagnostic::text::{guarded, mask_secrets, shown_json};
use crate::diagnostic::{Diagnostic, Exit, Failure, shown, shown_short};
use crate::formats::{Accepted, Format};
use crate::input::lines::{LineMaker, write_lines};
use crate::input::pass::Gathered;
use crate::money::Money;
use crate::output;
use crate::progress;
use crate::report::build::{Material, build};
use crate::report::{Report, content};
use crate::rollup::{Context, Folder, Key, Rollup};
use crate::scenario::scenarios;
use crate::settings::Settings;
use crate::usage::{Field, PerClass, Tier, TokenClass};
use crate::verdict::Band;
use figures::LastDay;

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

const ROW: usize = 1;
const ID: usize = 2;
const TIME: usize = 3;
const PROVIDER: usize = 4;
const REQUESTS: usize = 7;
const TIER: usize = 13;
const REASONS: usize = 16;

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
    let gathered = super::read(&settings, &context)?;
    let assessment = assess(&gathered.rollup, &context)?;
    let form = Form::new(form);
    let rollup = gathered.rollup.without_sums();
    let lines = Lines { context: &context, rollup, finals: &assessment.finals, settings: &settings, form: &form };

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
        let mut stdout = BufWriter::new(io::stdout());
        let written = lines.write(&gathered, &mut stdout);
        match written {
            Err(Stop::Reading(failure)) => return Err(failure),
            Err(Stop::Writing(error)) => output::stdout_result(Err(error))?,
            Ok(()) => output::stdout_result(stdout.flush())?,
        }
    }
    drop(shown);
    if let Some(target) = rejects {
        files.push(super::write_rejects(target, &settings, &gathered)?);
    }
    output::place(files)?;
    finish(&settings, &gathered, &assessment)
}

/// The notes and exit code that `report` would have for the same files.
fn finish(settings: &Settings, gathered: &Gathered, assessment: &Assessment) -> Result<Exit, Failure> {
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
        by: None,
        fingerprint: false,
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

/// Everything lines are made of; each thread makes its own from it.
struct Lines<'l> {
    context: &'l Context<'l>,
    /// What rows can be, without their sums.
    rollup: Rollup,
    finals: &'l HashMap<Key, Final>,
    settings: &'l Settings,
    form: &'l Form,
}

impl Lines<'_> {
    fn write(&self, gathered: &Gathered, out: &mut (impl Write + Send)) -> Result<(), Stop> {
        if self.form.format == LineFormat::Csv {
            writeln!(out, "{}", COLUMNS.join(",")).map_err(Stop::Writing)?;
        }
        let files: Vec<Vec<u8>> = self.settings.sources.iter().map(|source| self.form.text(0, &source.name)).collect();
        let maker = || Maker {
            folder: Folder::over(self.context, self.rollup.clone()),
            lines: self,
            files: &files,
            places: Vec::new(),
            last_day: LastDay::default(),
        };
        let mut write = |text: &[u8]| out.write_all(text).map_err(Stop::Writing);
        write_lines(&self.settings.reading(), &self.settings.sniffed, self.context, gathered, maker, &mut write)
    }
}

/// What is the same in all lines of a key.
struct Place {
    /// Provider, model and workload.
    before: Vec<u8>,
    /// Tier, verdict, band and reasons.
    behind: Vec<u8>,
    pricing: Pricing,
    saves: bool,
}

/// Whether a key has lines.
enum Shown {
    Lines(Box<Place>),
    /// A line of a bill that is only compared with usage.
    Nothing,
}

/// One thread's part of the lines.
struct Maker<'m> {
    folder: Folder<'m>,
    lines: &'m Lines<'m>,
    /// The first column, by input.
    files: &'m [Vec<u8>],
    /// By key, as far as they were met.
    places: Vec<Option<Shown>>,
    last_day: LastDay,
}

impl Maker<'_> {
    fn place(&self, key: &Key, tier: Tier) -> Option<Place> {
        let Lines { settings, form, .. } = self.lines;
        let last = self.lines.finals.get(key)?;
        let rollup: &Rollup = &self.folder.rollup;
        let group = rollup.group(key.group);
        let texts = [group.provider, group.model, group.workload].map(|text| rollup.texts.get(text));
        let before = (PROVIDER..).zip(texts).flat_map(|(column, text)| form.text(column, text)).collect();
        let words = [Some(tier.name()), Some(last.judgement.0.name()), last.judgement.1.map(Band::name)];
        let mut behind: Vec<u8> = (TIER..).zip(words).flat_map(|(column, word)| form.word(column, word)).collect();
        behind.extend(form.text(REASONS, &last.code.text(&settings.policy)));
        let hits = settings.policy.cache_hit_share;
        let pricing = Pricing::of(rollup, rollup.charge(key.charge), last.code, hits);
        Some(Place { before, behind, pricing, saves: last.judgement.1.is_some() })
    }
}

impl LineMaker for Maker<'_> {
    fn line(
        &mut self,
        input: usize,
        line: u64,
        format: &Format,
        accepted: &Accepted<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Failure> {
        let (record, form) = (&accepted.record, self.lines.form);
        let (key, at) = self.folder.key_and_place(record, format.mapping.provider.as_deref());
        if self.places.len() <= at {
            self.places.resize_with(at + 1, || None);
        }
        if self.places[at].is_none() {
            let place = self.place(&key, record.tier);
            self.places[at] = Some(place.map_or(Shown::Nothing, |place| Shown::Lines(Box::new(place))));
        }
        let Some(Shown::Lines(place)) = &self.places[at] else { return Ok(()) };
        let mut tokens = PerClass([0; 5]);
        if let Some(counts) = record.tokens() {
            tokens = PerClass(counts.0.map(u128::from));
        }
        let priced = place.pricing.price(&tokens, record.billed.unwrap_or_default())?;
        let saving = match (place.saves, priced.cost, priced.batch_cost) {
            (true, Some(cost), Some(batch)) => cost.sub(batch)?,
            _ => Money::ZERO,
        };
        out.extend_from_slice(&self.files[input]);
        form.number(out, ROW, Some(line));
        match record.text(Field::RequestId) {
            Some(id) if is_plain(id) => form.amount(out, ID, |out| out.extend_from_slice(id.as_bytes())),
            Some(id) => out.extend(form.text(ID, id)),
            None => form.missing(out, ID),
        }
        match record.within {
            Some(_) => form.missing(out, TIME),
            None => form.amount(out, TIME, |out| figures::time(out, record.start, &mut self.last_day)),
        }
        out.extend_from_slice(&place.before);
        form.number(out, REQUESTS, record.requests);
        for (column, class) in (REQUESTS + 1..).zip(TokenClass::ALL) {
            form.number(out, column, record.tokens().map(|tokens| tokens[class]));
        }
        out.extend_from_slice(&place.behind);
        for (column, amount) in (REASONS + 1..).zip([priced.cost, priced.batch_cost, Some(saving)]) {
            match amount {
                Some(amount) => form.amount(out, column, |out| figures::money(out, amount)),
                None => form.missing(out, column),
            }
        }
        out.extend_from_slice(form.end);
        Ok(())
    }
}

/// Whether an id is nothing but letters, digits and dashes, so that it is shown as it stands.
fn is_plain(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let begins = id.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric);
    begins
        && id.bytes().fold(true, |plain, byte| plain & is_plain(byte))
        && matches!(mask_secrets(id), Cow::Borrowed(_))
}

/// How values are put into a line.
struct Form {
    format: LineFormat,
    /// What stands in front of each value.
    labels: Vec<String>,
    missing: &'static [u8],
    /// Around texts, amounts and times.
    quote: &'static [u8],
    end: &'static [u8],
}

impl Form {
    fn new(format: LineFormat) -> Self {
        let label = |(column, name): (usize, &&str)| match (format, column) {
            (LineFormat::Csv, 0) => String::new(),
            (LineFormat::Csv, _) => ",".to_owned(),
            (LineFormat::Jsonl, 0) => format!("{{\"{name}\":"),
            (LineFormat::Jsonl, _) => format!(",\"{name}\":"),
        };
        let labels = COLUMNS.iter().enumerate().map(label).collect();
        match format {
            LineFormat::Csv => Self { format, labels, missing: b"", quote: b"", end: b"\n" },
            LineFormat::Jsonl => Self { format, labels, missing: b"null", quote: b"\"", end: b"}\n" },
        }
    }

    fn label(&self, out: &mut Vec<u8>, column: usize) {
        out.extend_from_slice(self.labels[column].as_bytes());
    }

    fn missing(&self, out: &mut Vec<u8>, column: usize) {
        self.label(out, column);
        out.extend_from_slice(self.missing);
    }

    fn number(&self, out: &mut Vec<u8>, column: usize, number: Option<u64>) {
        let Some(number) = number else { return self.missing(out, column) };
        self.label(out, column);
        figures::number(out, number);
    }

    /// Digits, a time or a plain text: never changed for spreadsheets.
    fn amount(&self, out: &mut Vec<u8>, column: usize, write: impl FnOnce(&mut Vec<u8>)) {
        self.label(out, column);
        out.extend_from_slice(self.quote);
        write(out);
        out.extend_from_slice(self.quote);
    }

    /// A word of the program's own.
    fn word(&self, column: usize, word: Option<&str>) -> Vec<u8> {
        let mut out = Vec::new();
        match word {
            Some(word) => self.amount(&mut out, column, |out| out.extend_from_slice(word.as_bytes())),
            None => self.missing(&mut out, column),
        }
        out
    }

    /// A text from files, made safe.
    fn text(&self, column: usize, text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        self.label(&mut out, column);
        let text = mask_secrets(text);
        match self.format {
            // CSV has no escapes of its own for what moves a terminal.
            LineFormat::Csv => out.extend(csv_field(&guarded(&shown(&text)))),
            LineFormat::Jsonl => {
                let value = serde_json::Value::from(text.into_owned());
                let value = if column == REASONS { serde_json::Value::Array(vec![value]) } else { value };
                out.extend_from_slice(shown_json(&value.to_string()).as_bytes());
            }
        }
        out
    }
}

/// A field in quotes where it needs them.
fn csv_field(text: &str) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Alone, an empty one would be told from an empty line by quotes. Writing to memory cannot fail.
    let written = writer.write_record(["", text]).map(|()| writer.into_inner().unwrap_or_default());
    let line = written.unwrap_or_default();
    line.strip_prefix(b",").and_then(|line| line.strip_suffix(b"\n")).unwrap_or(&line).to_vec()
}
