//! `prices`: the price table listed, shown, checked, compared.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::calendar::Day;
use crate::cli::{ListFormat, PricesCheckArgs, PricesCommand, PricesListArgs, PricesShowArgs};
use crate::diagnostic::{Diagnostic, Exit, Failure};
use crate::output;
use crate::prices::list::{Pattern, Selection, list, select};
use crate::prices::{check, draw, export, show, style, table_day};
use crate::pricing::{self, Kind, PriceTable};
use crate::report::theme::Theme;
use crate::settings::{day, display, load_prices, provider_named, read_text};

mod impact;
mod others;

/// Runs what was typed.
pub fn run(command: &PricesCommand) -> Result<Exit, Failure> {
    match command {
        PricesCommand::List(args) => run_list(args),
        PricesCommand::Show(args) => run_show(args),
        PricesCommand::Check(args) => run_check(args),
        PricesCommand::Diff(args) => others::run_diff(args),
        PricesCommand::Update(args) => others::run_update(args),
        PricesCommand::Impact(args) => impact::run(args),
        PricesCommand::Schema => run_schema(),
    }
}

/// The day that was asked for, else the table's own.
fn day_shown(table: &PriceTable, typed: Option<&str>) -> Result<Day, Failure> {
    Ok(day(typed, "--on")?.unwrap_or_else(|| table_day(table)))
}

/// Prints a text, or writes it to a file that is whole or not there.
fn deliver(text: &str, file: Option<output::Target>) -> Result<(), Failure> {
    match file {
        None => output::to_stdout(text),
        Some(target) => output::place(vec![target.write_sealed(|target| Ok(target.write_all(text.as_bytes())?))?]),
    }
}

/// The form that was asked for, else the one that a file's extension names, else the page. Both at once must agree.
fn form<F: Copy + PartialEq>(
    typed: Option<F>,
    output: Option<&Path>,
    endings: &[(&str, F)],
    page: F,
) -> Result<F, Failure> {
    let Some(path) = output else { return Ok(typed.unwrap_or(page)) };
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let named = endings.iter().find(|(known, _)| *known == ending).map(|(_, form)| *form);
    let known = || endings.iter().map(|(ending, _)| format!(".{ending}")).collect::<Vec<_>>().join(", ");
    match (typed, named) {
        (Some(typed), Some(named)) if typed != named => Err(Failure::usage(
            Diagnostic::new(
                "usage",
                format!("--format and the extension of `{}` name different output formats", path.display()),
            )
            .hint("leave one of them out"),
        )),
        (Some(form), _) | (None, Some(form)) => Ok(form),
        (None, None) => Err(Failure::usage(
            Diagnostic::new("usage", format!("the extension of `{}` names no output format", path.display()))
                .hint(format!("use {}, or say --format", known())),
        )),
    }
}

fn run_list(args: &PricesListArgs) -> Result<Exit, Failure> {
    let endings = [
        ("json", ListFormat::Json),
        ("csv", ListFormat::Csv),
        ("md", ListFormat::Markdown),
        ("txt", ListFormat::Table),
    ];
    let form = form(args.format, args.output.as_deref(), &endings, ListFormat::Table)?;
    let table = load_prices(&args.prices)?;
    let on = day_shown(&table, args.on.as_deref())?;
    let selection = Selection {
        on,
        provider: args.provider.as_deref().map(|name| provider_named(&table, name)).transpose()?,
        kind: args.kind.as_deref().map(kind_named).transpose()?,
        batch: args.with_batch.then_some(true).or(args.without_batch.then_some(false)),
        pattern: args.pattern.as_deref().map(Pattern::parse).transpose()?,
    };
    let target = args
        .output
        .as_deref()
        .map(|path| output::prepare(path, args.force, args.prices.iter().map(PathBuf::as_path)))
        .transpose()?;
    let theme = if target.is_some() { Theme::plain() } else { Theme::of_stdout() };
    let models = select(&table, &selection);
    let text = match form {
        ListFormat::Json => export::json(&table, &models, on)?,
        ListFormat::Csv => export::csv(&table, &models, on)?,
        ListFormat::Markdown => draw::list::markdown(&list(&table, &models, on, args.retired)),
        ListFormat::Table => draw::list::table(&list(&table, &models, on, args.retired), &theme),
    };
    deliver(&text, target)?;
    Ok(Exit::Complete)
}

fn kind_named(name: &str) -> Result<Kind, Failure> {
    Kind::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
        let known: Vec<&str> = Kind::ALL.into_iter().map(Kind::name).collect();
        Failure::usage(
            Diagnostic::new("usage", format!("no model is of a kind `{name}`"))
                .hint(format!("kinds are {}", known.join(", "))),
        )
    })
}

fn run_show(args: &PricesShowArgs) -> Result<Exit, Failure> {
    let table = load_prices(&args.prices)?;
    let on = day_shown(&table, args.on.as_deref())?;
    let cards = show::cards(&table, &args.model, on)?;
    output::to_stdout(&draw::show::table(&cards, &Theme::of_stdout()))?;
    Ok(Exit::Complete)
}

fn run_check(args: &PricesCheckArgs) -> Result<Exit, Failure> {
    let (file, text) = match &args.file {
        Some(path) => (display(path), read_text(path, "price-table")?),
        None => ("pricing.yaml".to_owned(), pricing::BUILT_IN.to_owned()),
    };
    // A table that is refused has failed the check, which is no wrong usage here.
    let table = PriceTable::parse(&file, &text).map_err(|failure| Failure { exit: Exit::Check, ..failure })?;
    let (page, count) = if args.style {
        let faults = style::faults(&file, &text);
        (draw::check::style(&faults, &file), faults.len())
    } else {
        let below = (!table.layers.is_empty()).then(PriceTable::built_in).transpose()?;
        let checked = check::check(&table, below.as_ref(), &file, &text);
        (draw::check::page(&checked, &file, args.all), checked.open.len())
    };
    output::to_stdout(&page)?;
    Ok(if count == 0 { Exit::Complete } else { Exit::Check })
}

fn run_schema() -> Result<Exit, Failure> {
    output::to_stdout(&export::schema()?)?;
    Ok(Exit::Complete)
}
