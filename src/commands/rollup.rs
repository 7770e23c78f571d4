//! `rollup`: logs → a small file that stands for them.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::cli::{EncodingName, ReadArgs, RollupArgs};
use crate::diagnostic::{Diagnostic, Exit, Failure, sanitized_short};
use crate::formats::rollup::{Kept, Writer};
use crate::input::parts::{InputAbout, READING_OPTIONS};
use crate::input::sniff::format_name;
use crate::input::{Gathered, Input, RowOutcome};
use crate::maps::next_number;
use crate::output::{self, Target};
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
    let mut target = settings.output(&args.output)?;
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
    let about = controls(&writer, &settings, (&context, needs), &gathered, args)?;
    // A failed write comes out again when the file is sealed.
    let _ = write(&mut target, packing, &writer, &about);
    let mut written = vec![target.seal()?];
    if let Some(target) = rejects {
        written.push(super::write_rejects(target, &gathered)?);
    }
    output::place(written)?;
    if !settings.quiet {
        // Standard error that is closed is nobody's concern.
        let _ = writeln!(std::io::stderr(), "{}", note(&gathered, &writer));
    }
    Ok(Exit::Complete)
}

/// What the file stands for, and what does not count.
fn note(gathered: &Gathered, writer: &Writer<'_>) -> String {
    let rows = |outcome: RowOutcome| gathered.inputs.iter().map(|input| input.ledger.rows(outcome)).sum::<u64>();
    let count = gathered.rollup.lines.len() as u64;
    let lines = plural(count, "line");
    let (counted, rejected) = (plural(rows(RowOutcome::Accepted), "row"), rows(RowOutcome::Rejected));
    let of_rejected = match rejected {
        0 => String::new(),
        _ => format!("; {} rejected (--rejects FILE writes them)", plural(rejected, "row")),
    };
    let hint =
        if count >= MANY_LINES && count * 2 > rows(RowOutcome::Accepted) { few_alike(writer) } else { String::new() };
    format!("note: {lines} for {counted} that count{of_rejected}{hint}")
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

/// What stands above the lines of usage.
struct Controls {
    /// What the file is, what its inputs are, and names.
    lines: Vec<String>,
    /// The number of each input.
    numbers: BTreeMap<InputPart, usize>,
}

fn write(target: &mut Target, packing: Packing, writer: &Writer<'_>, controls: &Controls) -> std::io::Result<()> {
    let all = |out: &mut dyn Write| {
        out.write_all(writer.header().as_bytes())?;
        controls.lines.iter().try_for_each(|line| out.write_all(line.as_bytes()))?;
        writer.write_lines(&controls.numbers, out)
    };
    match packing {
        Packing::Plain => all(target),
        Packing::Gzip => {
            let mut packed = GzEncoder::new(target, Compression::default());
            all(&mut packed)?;
            packed.finish().map(drop)
        }
        Packing::Zstd => {
            let mut packed = zstd::Encoder::new(target, 0)?;
            all(&mut packed)?;
            packed.finish().map(drop)
        }
    }
}

fn controls(
    writer: &Writer<'_>,
    settings: &Settings,
    (context, needs): (&Context<'_>, Needs),
    gathered: &Gathered,
    args: &RollupArgs,
) -> Result<Controls, Failure> {
    let mut totals = writer.totals()?;
    let names = writer.names();
    let mut numbers: BTreeMap<InputPart, usize> = BTreeMap::new();
    let mut inputs = Vec::new();
    let mut parts: BTreeMap<usize, u32> = BTreeMap::new();
    for (number, input) in (1..).zip(&gathered.inputs) {
        let is_rollup = settings.formats[settings.sniffed[input.source].format].is_rollup();
        let part = parts.entry(input.source).or_default();
        *part += u32::from(is_rollup);
        let from = InputPart { input: next_number(input.source), part: *part };
        numbers.insert(from, number);
        let (lines, sums) = totals.remove(&from).unwrap_or_default();
        let about = InputAbout { lines, ..about(settings, input, args)? };
        let about = about.to_text().map_err(|error| Failure::internal(error.to_string()))?;
        inputs.push(writer.control(Some(number), &sums, &about));
    }
    let kept = Kept {
        inputs: inputs.len() as u64,
        lines: names.len() as u64,
        columns: writer.columns(),
        from: gathered.bounds.from.map(|day| day.to_string()),
        to: gathered.bounds.to.map(|day| day.to_string()),
        options: options(&args.read),
        source: args.source.clone(),
        shard: args.shard,
        shared: gathered.shared,
        orphan_chunks: gathered.orphan_chunks,
        currencies: currencies(context),
        litter: settings.reading().litter.iter().chain(&gathered.litter).cloned().collect(),
        more_names: gathered.rollup.stated.has_more(),
        ..Kept::of(needs, args.hours)
    };
    let kept = kept.to_text().map_err(|error| Failure::internal(error.to_string()))?;
    let lines = [vec![writer.control(None, &LineSums::default(), &kept)], inputs, names].concat();
    Ok(Controls { lines, numbers })
}

/// How the inputs are read, where that is not as usual.
fn options(read: &ReadArgs) -> BTreeMap<String, String> {
    let encoding = read.encoding.map(EncodingName::name);
    let values = [encoding, read.input_format.clone(), read.no_dedupe.then(String::new), read.provider.clone()];
    let options = READING_OPTIONS.into_iter().zip(values);
    options.filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn about(settings: &Settings, input: &Input, args: &RollupArgs) -> Result<InputAbout, Failure> {
    let format = &settings.formats[input.sniffed.format];
    let lacking = &input.ledger.lacking;
    Ok(InputAbout {
        lines: 0,
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
        lacking: (lacking.rows > 0).then(|| (lacking.rows, format.expected.by_name(lacking))),
        ledger: Some(input.ledger.clone()),
    })
}

fn currencies(context: &Context<'_>) -> BTreeMap<String, String> {
    let rates = context.policy.currencies.iter();
    rates.map(|rate| (rate.code.to_uppercase(), rate.usd.to_string())).collect()
}
