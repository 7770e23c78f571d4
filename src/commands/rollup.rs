//! `rollup`: logs → a small file that stands for them.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::cli::{EncodingName, ReadArgs, RollupArgs};
use crate::diagnostic::{Diagnostic, Exit, Failure, WriteError, sanitized_short};
use crate::formats::rollup::{Kept, LineTotals, Writer};
use crate::input::parts::{InputAbout, READING_OPTIONS};
use crate::input::sniff::format_name;
use crate::input::{Gathered, Input, RowOutcome};
use crate::maps::next_number;
use crate::output::{self, Target};
use crate::report::build::InputsRead;
use crate::report::build::incomplete::of_inputs;
use crate::report::words::plural;
use crate::rollup::end_user_hash::EndUserHash;
use crate::rollup::key_fields::{KeyFields, Needs};
use crate::rollup::{Context, InputPart, KeepLines, LineSums};
use crate::settings::Settings;

/// Lines that a file may have: as many as have a number.
const MOST_LINES: usize = u32::MAX as usize;

/// Fewer lines are no trouble, however few rows they save.
const MANY_LINES: u64 = 10_000;

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Plain,
    Gzip,
    Zstd,
}

/// Reads, adds up without judging, and writes.
pub fn run(args: &RollupArgs) -> Result<Exit, Failure> {
    let packing = packing_of(&args.output)?;
    if args.read.keep_partial {
        return Err(Failure::usage(
            Diagnostic::new("usage", "a rollup file stands for all of its inputs, so none can be left out")
                .hint("leave --keep-partial out, and name the inputs that can be read"),
        ));
    }
    output::check_distinct(std::iter::once(&args.output).chain(&args.read.rejects))?;
    let settings = Settings::resolve(&args.read, args.by.as_deref(), None)?;
    let target = settings.output(&args.output)?;
    let rejects = super::rejects_target(&settings)?;
    let context = Context {
        lines: Some(KeepLines { hours: args.hours }),
        daily: false,
        end_users: EndUserHash::Stable,
        most_keys: MOST_LINES,
        ..settings.context()?
    };
    let needs = KeyFields::new(&context, false).needs()?;
    let gathered = super::read(&settings, &context)?;
    let writer = Writer::new(&gathered.rollup, &context);
    let made = Made { settings: &settings, context: &context, gathered: &gathered, writer: &writer, args };
    let mut written = vec![target.write_sealed(|target| made.write(target, packing, needs))?];
    if let Some(target) = rejects {
        written.push(super::write_rejects(target, &gathered)?);
    }
    output::place(written)?;
    let incomplete = of_inputs(InputsRead { reading: &settings.reading(), gathered: &gathered, context: &context })?;
    if !settings.quiet {
        let mut text = note(&gathered, &writer);
        super::incomplete_notes(&incomplete, &mut text);
        // Standard error that is closed is nobody's concern.
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }
    Ok(super::exit_of(&incomplete))
}

/// What the file stands for, and where it saves little.
fn note(gathered: &Gathered, writer: &Writer<'_>) -> String {
    let rows: u64 = gathered.inputs.iter().map(|input| input.ledger.rows(RowOutcome::Accepted)).sum();
    let lines = gathered.rollup.lines.len() as u64;
    let hint = if lines >= MANY_LINES && lines * 2 > rows { few_alike(writer) } else { String::new() };
    format!("note: {} for {} that count{hint}\n", plural(lines, "line"), plural(rows, "row"))
}

/// What to do where few rows agree.
fn few_alike(writer: &Writer<'_>) -> String {
    let varied = writer.varied_columns().into_iter().take(3).filter(|(_, values)| *values > 1);
    let varied = varied
        .map(|(column, values)| format!("`{}` ({})", sanitized_short(&column, 40), plural(values as u64, "value")));
    format!(
        "; few rows agree in all that is kept, so the file saves little and needs about 0.4 kB of memory a line\n hint: its lines differ most in {}; leave out what no report needs, such as an id in one of them (or --hours), or give `report` the log itself",
        varied.collect::<Vec<_>>().join(", ")
    )
}

fn packing_of(path: &Path) -> Result<Packing, Failure> {
    let name = path.to_string_lossy();
    let endings = [(".csv", Packing::Plain), (".csv.gz", Packing::Gzip), (".csv.zst", Packing::Zstd)];
    endings.into_iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, packing)| packing).ok_or_else(|| {
        Failure::usage(
            Diagnostic::new("usage", format!("the extension of `{name}` names no format of a rollup file"))
                .hint("use .csv, .csv.gz or .csv.zst"),
        )
    })
}

/// What a file is made of.
struct Made<'m> {
    settings: &'m Settings,
    context: &'m Context<'m>,
    gathered: &'m Gathered,
    writer: &'m Writer<'m>,
    args: &'m RollupArgs,
}

impl Made<'_> {
    fn write(&self, target: &mut Target, packing: Packing, needs: Needs) -> Result<(), WriteError> {
        match packing {
            Packing::Plain => self.write_all(target, needs),
            Packing::Gzip => {
                let mut packed = GzEncoder::new(target, Compression::default());
                self.write_all(&mut packed, needs)?;
                Ok(packed.finish().map(drop)?)
            }
            Packing::Zstd => {
                let mut packed = zstd::Encoder::new(target, 0)?;
                self.write_all(&mut packed, needs)?;
                Ok(packed.finish().map(drop)?)
            }
        }
    }

    /// What the file is, names, the lines, and behind them what each input's come to.
    fn write_all(&self, out: &mut dyn Write, needs: Needs) -> Result<(), WriteError> {
        let names = self.writer.names();
        out.write_all(self.writer.header().as_bytes())?;
        out.write_all(self.of_file(needs, names.len())?.as_bytes())?;
        names.iter().try_for_each(|line| out.write_all(line.as_bytes()))?;
        let parts = self.parts();
        let numbers: BTreeMap<InputPart, usize> = parts.iter().copied().zip(1..).collect();
        let mut totals = self.writer.write_lines(&numbers, out)?;
        for ((number, input), part) in (1..).zip(&self.gathered.inputs).zip(parts) {
            let totals = totals.remove(&part).unwrap_or_default();
            out.write_all(self.of_input(input, number, &totals)?.as_bytes())?;
        }
        Ok(())
    }

    /// Where the lines of each input come from.
    fn parts(&self) -> Vec<InputPart> {
        let Settings { formats, sniffed, .. } = self.settings;
        let mut parts: BTreeMap<usize, u32> = BTreeMap::new();
        let part_of = |input: &Input| {
            let part = parts.entry(input.source).or_default();
            *part += u32::from(formats[sniffed[input.source].format].is_rollup());
            InputPart { input: next_number(input.source), part: *part }
        };
        self.gathered.inputs.iter().map(part_of).collect()
    }

    fn of_file(&self, needs: Needs, names: usize) -> Result<String, Failure> {
        let Self { settings, gathered, writer, args, .. } = self;
        let kept = Kept {
            inputs: gathered.inputs.len() as u64,
            lines: names as u64,
            columns: writer.columns().to_vec(),
            from: gathered.bounds.from.map(|day| day.to_string()),
            to: gathered.bounds.to.map(|day| day.to_string()),
            options: options(&args.read),
            source: args.source.clone(),
            shard: args.shard,
            shared: gathered.shared,
            orphan_chunks: gathered.orphan_chunks,
            currencies: currencies(self.context),
            litter: settings.reading().litter.iter().chain(&gathered.litter).cloned().collect(),
            more_names: gathered.rollup.stated.has_more(),
            ..Kept::of(needs, args.hours)
        };
        let about = kept.to_text().map_err(|error| Failure::internal(error.to_string()))?;
        Ok(writer.control(None, &LineSums::default(), &about))
    }

    fn of_input(&self, input: &Input, number: usize, totals: &LineTotals) -> Result<String, Failure> {
        let Self { settings, writer, args, .. } = self;
        let format = &settings.formats[input.sniffed.format];
        let lacking = &input.ledger.lacking;
        let about = InputAbout {
            lines: totals.lines,
            checksum: Some(totals.checksum.and(writer.checksum_of(&totals.sums))),
            file: Some(input.file.clone()),
            format: (!format.is_rollup()).then(|| format_name(format, input.sniffed.framing)),
            bytes: Some(input.bytes),
            padding: input.padding,
            columns: input.sniffed.header.names.clone(),
            sha256: match &input.sha256 {
                Some(stated) => Some(stated.clone()),
                None if args.fingerprint => Some(settings.sources[input.source].fingerprint()?),
                None => None,
            },
            part_of: input.part_of.clone().filter(|part_of| part_of.source.is_some()),
            is_unchecked: input.is_unchecked,
            copy_of: input.copy_of.map(|position| position + 1),
            lacking: (lacking.rows > 0).then(|| format.expected.by_name(lacking)),
            ids: None,
            ledger: Some(input.ledger.clone()),
        };
        let about = about.to_text().map_err(|error| Failure::internal(error.to_string()))?;
        Ok(writer.control(Some(number), &totals.sums, &about))
    }
}

/// How the inputs are read, where that is not as usual.
fn options(read: &ReadArgs) -> BTreeMap<String, String> {
    let encoding = read.encoding.map(EncodingName::name);
    let values = [encoding, read.input_format.clone(), read.no_dedupe.then(String::new), read.provider.clone()];
    let options = READING_OPTIONS.into_iter().zip(values);
    options.filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn currencies(context: &Context<'_>) -> BTreeMap<String, String> {
    let rates = context.policy.currencies.iter();
    rates.map(|rate| (rate.code.to_uppercase(), rate.usd.to_string())).collect()
}
