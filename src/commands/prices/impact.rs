//! `prices impact`: what announced changes of prices cost a month.

use std::io::Write as _;

use super::form;
use crate::cli::{ImpactFormat, PriceBasis, PricesImpactArgs};
use crate::commands::run::Run;
use crate::commands::{exit_of, print_notes, rejects_target, write_rejects};
use crate::diagnostic::{Diagnostic, Exit, Failure};
use crate::output;
use crate::prices::draw;
use crate::prices::impact::{ImpactInput, impact};
use crate::report::build::Asked;
use crate::report::theme::Theme;
use crate::report::{markdown, table};
use crate::settings::{self, Settings};

pub(super) fn run(args: &PricesImpactArgs) -> Result<Exit, Failure> {
    output::check_distinct(args.output.iter().chain(&args.read.rejects))?;
    let endings = [("json", ImpactFormat::Json), ("md", ImpactFormat::Markdown), ("txt", ImpactFormat::Table)];
    let form = form(args.format, args.output.as_deref(), &endings, ImpactFormat::Table)?;
    let top = settings::top(args.top)?;
    let settings = Settings::resolve(&args.read, None, None)?;
    let target = args.output.as_deref().map(|path| settings.output(path)).transpose()?;
    let rejects = rejects_target(&settings)?;
    let run = Run::new(&settings, settings.context()?, PriceBasis::List)?;
    let period = run.gathered.period().ok_or_else(|| {
        Failure::input(
            Diagnostic::new("no-usage", "no day of usage was read, so nothing is announced for it")
                .hint("`batchwise inspect` says what the files are"),
        )
    })?;
    let found = impact(&ImpactInput {
        rollup: &run.gathered.rollup,
        assessment: &run.assessment,
        context: &run.context,
        period,
        month: period.month_basis(),
    })?;
    let report = run.report(Asked { top, ..Asked::default() })?;
    let document = || draw::impact::document(&found, &report);
    let theme = if target.is_some() { Theme::plain() } else { Theme::of_stdout() };
    let text = match form {
        ImpactFormat::Table => table::render(&document(), &theme),
        ImpactFormat::Markdown => markdown::render(&document())?,
        ImpactFormat::Json => draw::impact::json(&found, &report)?,
    };
    let mut files = Vec::new();
    let to_stdout = target.is_none();
    if let Some(target) = target {
        files.push(target.write_sealed(|target| Ok(target.write_all(text.as_bytes())?))?);
    }
    if let Some(target) = rejects {
        files.push(write_rejects(target, &run.gathered)?);
    }
    output::place(files)?;
    if to_stdout {
        output::to_stdout(&text)?;
    }
    print_notes(&report, settings.quiet);
    Ok(exit_of(&report.incomplete))
}
