//! `inspect`: what a file was recognised as.

use std::fmt::Write as _;

use crate::cli::InspectArgs;
use crate::diagnostic::{Exit, Failure, sanitized, sanitized_short};
use crate::formats::{Accepted, Format};
use crate::input::Input;
use crate::input::second_pass::{Row, SecondPass, each_accepted};
use crate::input::{Encoding, Framing, RowOutcome, sniff};
use crate::output;
use crate::report::build::notes::ignored_columns;
use crate::report::words::grouped;
use crate::settings::Settings;
use crate::usage::{Field, Quantity, TokenClass};

/// Records shown of each file.
const FIRST_RECORDS: usize = 3;

/// Reads all inputs and describes them.
pub fn run(args: &InspectArgs) -> Result<Exit, Failure> {
    let settings = Settings::resolve(&args.read, None, None)?;
    let rejects = super::rejects_target(&settings)?;
    let reading = settings.reading();
    let context = settings.context()?;
    let gathered = super::read(&settings, &context)?;
    let mut firsts: Vec<Vec<String>> = vec![Vec::new(); settings.sources.len()];
    let pass = SecondPass { reading: &reading, sniffed: &settings.sniffed, context: &context, gathered: &gathered };
    each_accepted(pass, |Row { input, line, accepted, .. }| {
        if firsts[input].len() < FIRST_RECORDS {
            firsts[input].push(record_line(line, accepted));
        }
        Ok::<_, Failure>(())
    })?;
    let mut text = String::new();
    for input in &gathered.inputs {
        let (encoding, firsts) = (settings.sources[input.source].encoding, &firsts[input.source]);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{} ({} bytes)", sanitized(&input.name), grouped(u128::from(input.bytes)));
        describe(&settings.formats[input.sniffed.format], encoding, input, &mut text);
        for (index, record) in firsts.iter().enumerate() {
            let label = if index == 0 { "first records" } else { "" };
            let _ = writeln!(text, "  {label:<14} {record}");
        }
        text.push('\n');
    }
    if let Some(target) = rejects {
        output::place(vec![super::write_rejects(target, &gathered)?])?;
    }
    output::to_stdout(&text)?;
    let rejected = gathered.inputs.iter().any(|input| input.ledger.rows(RowOutcome::Rejected) > 0);
    Ok(if rejected { Exit::Incomplete } else { Exit::Complete })
}

fn describe(format: &Format, encoding: Encoding, input: &Input, text: &mut String) {
    let mut line = |label: &str, value: String| {
        let _ = writeln!(text, "  {label:<14} {value}");
    };
    let sniffed = &input.sniffed;
    line("format", format!("{} ({})", sniff::format_name(format, sniffed.framing), format.mapping.title));
    let framing = match sniffed.framing {
        Framing::Csv(b'\t') => "CSV separated by tabs".to_owned(),
        Framing::Csv(delimiter) => format!("CSV separated by `{}`", char::from(delimiter)),
        Framing::JsonLines => "JSON, one object a line".to_owned(),
        Framing::JsonValues => "JSON objects over several lines, or a list of them".to_owned(),
        Framing::JsonPages => "JSON pages that hold rows in lists".to_owned(),
    };
    let mark = if sniffed.marked { " with a byte-order mark" } else { "" };
    line("dialect", format!("{framing}; {}{mark}", encoding.name()));
    let grain = match input.ledger.bucket_seconds {
        Some((least, most)) if least == most => format!("buckets of {}", seconds(least)),
        Some((least, most)) => format!("buckets of {} to {}", seconds(least), seconds(most)),
        None if input.ledger.has_calls => "calls".to_owned(),
        None => "no usage".to_owned(),
    };
    let grain = if input.ledger.has_calls && input.ledger.bucket_seconds.is_some() {
        format!("calls, and {grain}")
    } else {
        grain
    };
    line("grain", grain);
    match input.ledger.days {
        Some((from, to)) => line("period", format!("{from} to {to}")),
        None => line("period", "no dated rows".to_owned()),
    }
    for (number, preamble) in &sniffed.preamble {
        line("preamble", format!("line {number}: {}", sanitized_short(preamble, 70)));
    }
    let columns = columns(format, &sniffed.header.names);
    for (index, column) in columns.iter().enumerate() {
        line(if index == 0 { "columns" } else { "" }, column.clone());
    }
    let ignored = ignored_columns(format, &sniffed.header.names);
    if !ignored.is_empty() {
        line("not used", ignored.iter().map(|name| sanitized_short(name, 40)).collect::<Vec<_>>().join(", "));
    }
    let rows: Vec<String> = RowOutcome::ALL
        .into_iter()
        .filter(|outcome| input.ledger.rows(*outcome) > 0)
        .map(|outcome| {
            format!("{} {}", grouped(u128::from(input.ledger.rows(outcome))), outcome.name().replace('_', " "))
        })
        .collect();
    line("rows", format!("{} = {}", grouped(u128::from(input.ledger.read())), rows.join(" + ")));
    for (code, count) in &input.ledger.reject_counts {
        let first = input.ledger.rejects.get(code).and_then(|rows| rows.values().next());
        let example = first.map_or(String::new(), |row| {
            let value = if row.reject.value.is_empty() {
                String::new()
            } else {
                format!(": `{}`", sanitized_short(&row.reject.value, 60))
            };
            format!(", first at line {}: {}{value}", row.line, row.reject.reason)
        });
        line("rejected", format!("{} {code}{example}", grouped(u128::from(*count))));
    }
}

/// Which columns of a file, or keys if there is no header, are read as what.
fn columns(format: &Format, header: &[String]) -> Vec<String> {
    let mapping = &format.mapping;
    let has = |path: &str| {
        header.is_empty()
            || path.starts_with('@')
            || path.split(" > ").next().is_some_and(|column| header.iter().any(|name| name == column))
    };
    // What begins with an at sign is no column but what the format's logic makes of some.
    let name = |path: &String| if path.starts_with('@') { "worked out from others".to_owned() } else { path.clone() };
    let used = |paths: &[String]| {
        let used: Vec<String> = paths.iter().filter(|path| has(path)).map(name).collect();
        (!used.is_empty()).then(|| match used.as_slice() {
            [first, second, third, _, rest @ ..] if !rest.is_empty() => {
                format!("{first} or {second} or {third} or {} more", rest.len() + 1)
            }
            few => few.join(" or "),
        })
    };
    let mut columns = vec![format!("time ← {}", mapping.time.from.join(" or "))];
    columns.extend(mapping.end.iter().filter_map(|end| Some(format!("end ← {}", used(&end.from)?))));
    columns.extend(mapping.fields.0.iter().filter_map(|(target, spec)| {
        let from = spec.always.as_ref().map(|always| format!("always {always}")).or_else(|| used(&spec.from))?;
        Some(format!("{} ← {from}", target.name()))
    }));
    columns.extend(
        mapping.tags.named.0.iter().filter(|(_, path)| has(path)).map(|(tag, path)| format!("tag.{tag} ← {path}")),
    );
    if let Some(prefix) = &mapping.tags.prefix {
        if header.is_empty() {
            columns.push(format!("tag.… ← {prefix}…"));
        }
        let tags = header
            .iter()
            .filter_map(|column| Some((column.strip_prefix(prefix.as_str()).filter(|tag| !tag.is_empty())?, column)));
        columns.extend(
            tags.map(|(tag, column)| format!("tag.{} ← {}", sanitized_short(tag, 40), sanitized_short(column, 40))),
        );
    }
    columns
}

fn seconds(seconds: i64) -> String {
    match seconds {
        60 => "a minute".to_owned(),
        3_600 => "an hour".to_owned(),
        86_400 => "a day".to_owned(),
        other => format!("{other} s"),
    }
}

fn record_line(line: u64, accepted: &Accepted<'_>) -> String {
    let record = &accepted.record;
    let model = record.text(Field::Model).map_or_else(|| "no model".to_owned(), |model| sanitized_short(model, 40));
    let what = match &record.quantity {
        Quantity::Tokens(tokens) => TokenClass::ALL
            .into_iter()
            .filter(|&class| tokens[class] > 0)
            .map(|class| format!("{} {}", grouped(u128::from(tokens[class])), class.name()))
            .collect::<Vec<_>>()
            .join(", "),
        Quantity::BillLine(class) => format!("bill line, {}", class.map_or("no token class", TokenClass::name)),
    };
    let billed = record.billed.map_or(String::new(), |billed| format!(", billed ${billed}"));
    format!("line {line}: {} {model}, tier {}: {what}{billed}", record.when(), record.tier.name())
}
