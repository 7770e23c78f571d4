//! `prices diff` and `prices update`: the price table beside another.

use std::path::PathBuf;

use super::{deliver, form};
use crate::cli::{DiffFormat, PriceBasis, PricesDiffArgs, PricesUpdateArgs, ReadArgs};
use crate::commands::print_notes;
use crate::commands::run::Run;
use crate::diagnostic::{Diagnostic, Exit, Failure, Place};
use crate::output;
use crate::prices::other::OtherTable;
use crate::prices::pairing::{UsedModels, Wanted};
use crate::prices::update::{self, Update};
use crate::prices::{diff, draw, table_day};
use crate::pricing::{PriceFile, PriceTable, ProviderId};
use crate::report::build::Asked;
use crate::report::theme::Theme;
use crate::settings::{Settings, day, display, file_name, load_prices, load_prices_under, provider_named, read_text};

pub(super) fn run_diff(args: &PricesDiffArgs) -> Result<Exit, Failure> {
    let endings = [("json", DiffFormat::Json), ("csv", DiffFormat::Csv), ("txt", DiffFormat::Table)];
    let form = form(args.format, args.output.as_deref(), &endings, DiffFormat::Table)?;
    let asked = day(args.on.as_deref(), "--on")?;
    let (table, used) = table_and_used(&args.prices, &args.only_used)?;
    let wanted = wanted(&table, args.provider.as_deref(), &args.alias, used)?;
    let text = read_text(&args.other, "price-table")?;
    let reads = || args.prices.iter().chain(&args.only_used).chain([&args.other]).map(PathBuf::as_path);
    let target = args.output.as_deref().map(|path| output::prepare(path, args.force, reads())).transpose()?;
    let file = display(&args.other);
    let other = OtherTable::recognise(&file, &text)?;
    let on = asked.or(other.newest_check().max(Some(table_day(&table)))).unwrap_or_default();
    let compared = diff::diff(&table, other.on(&file, on)?, &file_name(&args.other), on, &wanted);
    let theme = if target.is_some() { Theme::plain() } else { Theme::of_stdout() };
    let text = match form {
        DiffFormat::Table => draw::diff::table(&compared, &theme),
        DiffFormat::Json => draw::diff::json(&compared)?,
        DiffFormat::Csv => draw::diff::csv(&compared)?,
    };
    deliver(&text, target)?;
    if compared.both == 0 {
        // Nothing differs where nothing was compared, which is no reason to be content.
        let hint = if wanted.used.is_some() {
            "leave `--only-used` out to compare models that the log does not use"
        } else {
            "`--alias THEIRS=OURS` joins providers of different names"
        };
        let nothing =
            Diagnostic::new("nothing-compared", "no model is in both tables").at(Place::file(file)).hint(hint);
        return Err(Failure { exit: Exit::Check, ..Failure::usage(nothing) });
    }
    Ok(if args.exit_code && compared.differs() { Exit::Check } else { Exit::Complete })
}

pub(super) fn run_update(args: &PricesUpdateArgs) -> Result<Exit, Failure> {
    let (asked, file) = (day(args.on.as_deref(), "--on")?, display(&args.from));
    let (table, used) = table_and_used(&args.prices, &args.only_used)?;
    let wanted = wanted(&table, args.provider.as_deref(), &args.alias, used)?;
    let text = read_text(&args.from, "price-table")?;
    let reads = || args.prices.iter().chain(&args.only_used).chain([&args.from]).map(PathBuf::as_path);
    let target = args.output.as_deref().map(|path| output::prepare(path, args.force, reads())).transpose()?;
    let other = OtherTable::recognise(&file, &text)?;
    let on = asked.or(other.newest_check()).ok_or_else(|| {
        Failure::usage(
            Diagnostic::new("usage", "does not say on which day its prices were looked up")
                .at(Place::file(&file))
                .hint("say `--on DATE`, the day on which you fetched it"),
        )
    })?;
    refuse_discounts(&table)?;
    let least = other.least_share();
    let other = other.on(&file, on)?;
    if let Some((there, here)) = update::shrunk(&table, &other, on, least) {
        let message = format!(
            "names {there} of the {here} models here of its providers, and a whole file names at least {} in {}",
            least.0, least.1
        );
        let hint = "fetch the file again; one that was cut off would hide what changed";
        return Err(Failure::usage(Diagnostic::new("table-shrank", message).at(Place::file(&file)).hint(hint)));
    }
    let mut update = update::update(&table, other, &file_name(&args.from), on, &wanted);
    let layered = |update: &Update| {
        let path = args.output.as_deref().map_or_else(|| "the layer".to_owned(), display);
        load_prices_under(&args.prices, PriceFile { name: path.clone(), path, text: draw::update::yaml(update) })
    };
    update.acknowledge(&table, &layered(&update)?);
    // What is written was read once, as it will be.
    layered(&update)?;
    let to_file = target.is_some();
    deliver(&draw::update::yaml(&update), target)?;
    if to_file {
        output::to_stdout(&draw::update::summary(&update, &Theme::of_stdout()))?;
    }
    Ok(Exit::Complete)
}

/// Fails where a contract's discounts are in the rates: public maps have list prices.
fn refuse_discounts(table: &PriceTable) -> Result<(), Failure> {
    let Some(layer) = table.layers.iter().find(|layer| layer.discounts > 0) else { return Ok(()) };
    let message = "has discounts of a contract, and another table has list prices";
    Err(Failure::usage(
        Diagnostic::new("usage", message)
            .at(Place::file(&layer.source))
            .hint("leave it out of `--prices` here; it can lie on the layer that is written"),
    ))
}

/// Which models are wanted of another table.
fn wanted(
    table: &PriceTable,
    provider: Option<&str>,
    aliases: &[String],
    used: Option<UsedModels>,
) -> Result<Wanted, Failure> {
    Ok(Wanted {
        provider: provider.map(|name| provider_named(table, name)).transpose()?,
        aliases: aliases.iter().map(|text| alias(table, text)).collect::<Result<_, _>>()?,
        used,
    })
}

/// `aws=bedrock`: what the other table calls one of our providers.
fn alias(table: &PriceTable, text: &str) -> Result<(String, ProviderId), Failure> {
    let (theirs, ours) = text.split_once('=').ok_or_else(|| {
        Failure::usage(
            Diagnostic::new("usage", format!("--alias `{text}` has no `=`"))
                .hint("write THEIRS=OURS, such as `aws=bedrock`"),
        )
    })?;
    Ok((theirs.to_owned(), provider_named(table, ours)?))
}

/// The table of `--prices`, and which models logs use, where there are any.
fn table_and_used(prices: &[PathBuf], logs: &[PathBuf]) -> Result<(PriceTable, Option<UsedModels>), Failure> {
    if logs.is_empty() {
        return Ok((load_prices(prices)?, None));
    }
    let args = ReadArgs { files: logs.to_vec(), prices: prices.to_vec(), ..ReadArgs::default() };
    let settings = Settings::resolve(&args, None, None)?;
    let run = Run::new(&settings, settings.context()?, PriceBasis::List)?;
    // A row that was rejected may use a model too.
    print_notes(&run.report(Asked::default())?, false);
    let mut used = UsedModels::default();
    for row in &run.assessment.rows {
        match row.priced_as {
            Some(model) => drop(used.models.insert(model)),
            None => drop(used.unknown.insert((row.provider.to_string(), row.model.to_string()))),
        }
    }
    drop(run);
    Ok((settings.table, Some(used)))
}
