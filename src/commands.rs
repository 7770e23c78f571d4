//! One file a command: each wires stages in order and returns the exit code.

pub mod classify;
mod completions;
mod estimate;
mod explain;
mod formats;
mod init;
mod inspect;
mod man;
mod outputs;
mod pages;
mod plan;
mod prices;
mod report;
mod rollup;
mod run;
mod sql;
mod turnaround;

use std::fmt::Write as _;
use std::io::Write as _;

use crate::cli::{Cli, Command};
use crate::diagnostic::{Diagnostic, Exit, Failure, sanitized_short};
use crate::input::ledger::SHOWN_REJECTS;
use crate::input::{Gathered, gather};
use crate::output;
use crate::progress;
use crate::report::words::plural;
use crate::report::{InputLine, Note, Report};
use crate::rollup::Context;
use crate::settings::Settings;

/// Runs what was typed.
pub fn run(cli: &Cli) -> Result<Exit, Failure> {
    match &cli.command {
        Command::Report(args) => report::run(args),
        Command::Classify(args) => classify::run(args),
        Command::Estimate(args) => estimate::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Init(args) => init::run(args),
        Command::Inspect(args) => inspect::run(args),
        Command::Plan(args) => plan::run(args),
        Command::Prices(command) => prices::run(command),
        Command::Rollup(args) => rollup::run(args),
        Command::Sql(args) => sql::run(args),
        Command::Formats(args) => formats::run(args),
        Command::Completions { shell } => completions::run(*shell),
        Command::Man(args) => man::run(args),
    }
}

/// Reads all inputs, and shows how far it is.
fn read(settings: &Settings, context: &Context<'_>) -> Result<Gathered, Failure> {
    let _shown = progress::show(settings.quiet);
    gather(&settings.reading(), &settings.sniffed, context)
}

/// How a run ends that has written everything.
fn exit_of(incomplete: &[Note]) -> Exit {
    if incomplete.is_empty() { Exit::Complete } else { Exit::Incomplete }
}

/// Notes on standard error: rejected rows, and why the report is incomplete.
pub fn print_notes(report: &Report, quiet: bool) {
    if quiet {
        return;
    }
    let mut text = String::new();
    for input in &report.inputs {
        reject_notes(input, &mut text);
        if let Some(reason) = &input.left_out {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "error{reason}");
        }
    }
    incomplete_notes(&report.incomplete, &mut text);
    // Standard error that is closed is nobody's concern.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Why what was written is less than the truth.
fn incomplete_notes(notes: &[Note], text: &mut String) {
    for note in notes {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "INCOMPLETE[{}]: {}", note.code, note.message);
    }
}

fn reject_notes(input: &InputLine, text: &mut String) {
    let rejected = input.rows.iter().find(|(outcome, _)| *outcome == "rejected").map_or(0, |(_, count)| *count);
    for row in &input.rejects {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "warning{}", reject_diagnostic(&input.file, row));
    }
    let (file, shown) = (crate::diagnostic::sanitized(&input.file), input.rejects.len() as u64);
    if shown == 0 && rejected > 0 {
        let _ = writeln!(
            text,
            "warning[rejected-rows]: {file} has no line of its {}: look for them in the table that it was made of",
            plural(rejected, "rejected row")
        );
    } else if rejected > shown {
        let _ = writeln!(
            text,
            "warning[rejected-rows]: and {} more in {file} (at most {SHOWN_REJECTS} of a code are shown; `--rejects FILE` writes all)",
            rejected - shown,
        );
    }
}

fn reject_diagnostic(file: &str, row: &crate::report::RejectLine) -> Diagnostic {
    use crate::diagnostic::Place;
    let value = if row.value.is_empty() { String::new() } else { format!(": `{}`", sanitized_short(&row.value, 60)) };
    let mut place = Place::line(file, row.line);
    if !row.column.is_empty() {
        place.column = Some(row.column.clone());
    }
    Diagnostic::new(row.code, format!("{}{value}", row.reason)).at(place)
}

/// The file of `--rejects`, before anything is read.
fn rejects_target(settings: &Settings) -> Result<Option<output::Target>, Failure> {
    settings.rejects.as_deref().map(|path| settings.output(path)).transpose()
}

/// Writes all rejected rows with their place and reason.
fn write_rejects(target: output::Target, gathered: &Gathered) -> Result<output::Sealed, Failure> {
    let mut writer = csv::Writer::from_writer(target);
    // Failed writes come out again when the file is finished.
    let _ = writer.write_record(["file", "first_line", "last_line", "code", "column", "value", "reason", "cost_usd"]);
    for input in &gathered.inputs {
        let mut rows: Vec<&crate::input::RejectedRow> =
            input.ledger.rejects.values().flat_map(std::collections::BTreeMap::values).collect();
        rows.sort_by_key(|row| row.line);
        for row in rows {
            let text = |text: &str| crate::diagnostic::text::guarded(sanitized_short(text, 200).into()).into_owned();
            let _ = writer.write_record([
                text(&input.name),
                row.line.to_string(),
                row.last_line.to_string(),
                row.reject.code.to_owned(),
                text(&row.reject.column),
                text(&row.reject.value),
                text(&row.reject.reason),
                row.dollars.map(|dollars| dollars.to_string()).unwrap_or_default(),
            ]);
        }
    }
    let target = writer.into_inner().map_err(|error| {
        Failure::output(Diagnostic::new("unwritable", format!("cannot write rejected rows: {}", error.error())))
    })?;
    target.seal()
}
