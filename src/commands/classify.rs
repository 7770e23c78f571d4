//! `classify`: every call with its final verdict, in two passes: sums and verdicts first, then the lines.

pub mod lines;

use std::io::{self, BufWriter, IsTerminal as _, Write as _};
use std::path::Path;

use lines::Lines;

use super::run::Run;
use crate::cli::{ClassifyArgs, LineFormat, PriceBasis};
use crate::diagnostic::{Diagnostic, Exit, Failure, sanitized_short};
use crate::output;
use crate::progress;
use crate::report::build::Asked;
use crate::report::{Report, document};
use crate::settings::Settings;

/// Reads twice and writes lines.
pub fn run(args: &ClassifyArgs) -> Result<Exit, Failure> {
    output::check_distinct(args.output.iter().chain(&args.read.rejects))?;
    let form = match (&args.output, args.format) {
        (Some(path), _) => form_of(path)?,
        (None, form) => form.unwrap_or(LineFormat::Csv),
    };
    let settings = Settings::resolve(&args.read, None, None)?;
    settings.refuse_rollups(
        "`classify` shows single calls",
        "`report` and `plan` read rollup files; give `classify` the logs that they were made from",
    )?;
    let target = args.output.as_deref().map(|path| settings.output(path)).transpose()?;
    let rejects = super::rejects_target(&settings)?;
    let mut run = Run::new(&settings, settings.context()?, PriceBasis::List)?;
    // Lines take verdicts and charges; what these were made of may be as large as both.
    run.gathered.rollup.shed_sums()?;
    let Run { context, gathered, assessment, .. } = &run;
    let lines = Lines { settings: &settings, context, gathered, assessment, form };

    let mut files = Vec::new();
    // Lines on a terminal show by themselves how far it is.
    let shown = progress::show(settings.quiet || (target.is_none() && io::stdout().is_terminal()));
    match target {
        Some(target) => files.push(target.write_sealed(|target| lines.write(target))?),
        None => output::stdout(|stdout| {
            let mut stdout = BufWriter::new(stdout);
            lines.write(&mut stdout)?;
            Ok(stdout.flush()?)
        })?,
    }
    drop(shown);
    if let Some(target) = rejects {
        files.push(super::write_rejects(target, gathered)?);
    }
    output::place(files)?;
    let report = run.report(Asked::default())?;
    super::print_notes(&report, settings.quiet);
    sums_note(&report, settings.quiet);
    Ok(super::exit_of(&report.incomplete))
}

/// That a line is no call where its row is a sum: nothing that only a call has decided about it.
fn sums_note(report: &Report, quiet: bool) {
    let of_sums = report.inputs.iter().filter(|input| matches!(input.grain, "bucket" | "mixed") && !input.is_bill);
    let named: Vec<String> =
        of_sums.map(|input| format!("{} ({})", sanitized_short(&input.file, 60), document::grain(input))).collect();
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
            Diagnostic::new("usage", format!("the extension of `{}` names no output format", path.display()))
                .hint("use .csv or .jsonl"),
        )),
    }
}
