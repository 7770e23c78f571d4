//! `sql`: the statement by which a database makes a rollup file.

use crate::cli::SqlArgs;
use crate::diagnostic::{Diagnostic, Exit, Failure, shown_short};
use crate::formats::rollup::Kept;
use crate::input::dates::DateLimits;
use crate::input::parts::InputAbout;
use crate::output;
use crate::policy::Policy;
use crate::pricing::PriceTable;
use crate::rollup::key_fields::KeyFields;
use crate::rollup::{Context, KeepLines};
use crate::settings::{breakdown, load_policy, load_prices, period};
use crate::sql::{self, About, COLUMNS, DIALECTS, Dialect, Finds, Wanted};

/// Prints the statement.
pub fn run(args: &SqlArgs) -> Result<Exit, Failure> {
    let dialect = dialect(args.dialect.as_deref().unwrap_or_default())?;
    let table = table(args.table.as_deref().unwrap_or_default())?;
    let columns = columns(&args.columns)?;
    let (prices, policy) = (load_prices(args.prices.as_deref())?, load_policy(args.policy.as_deref())?);
    let text = statement(args, dialect, &table, columns, &prices, &policy)?;
    output::to_stdout(&text)?;
    Ok(Exit::Complete)
}

fn statement(
    args: &SqlArgs,
    dialect: &'static Dialect,
    table: &[&str],
    columns: Option<&[String]>,
    prices: &PriceTable,
    policy: &Policy,
) -> Result<String, Failure> {
    let period = period(args.from.as_deref(), args.to.as_deref())?;
    let by = args.by.as_deref().map(breakdown).transpose()?;
    let context = Context { by, lines: Some(KeepLines { hours: args.hours }), ..Context::new(prices, policy) };
    let needs = KeyFields::new(&context, false).needs();
    let kept = Kept {
        inputs: 1,
        from: period.from.map(|day| day.to_string()),
        to: period.to.map(|day| day.to_string()),
        source: args.source.clone(),
        ..Kept::of(needs.clone(), args.hours)
    };
    let of_file = kept.to_text().map_err(|error| Failure::internal(error.to_string()))?;
    let of_input = input_about(columns, &args.tags).to_text().map_err(|error| Failure::internal(error.to_string()))?;
    let about = About { of_file: &of_file, of_input: &of_input };
    let wanted = Wanted {
        dialect,
        table,
        columns,
        tags: &args.tags,
        needs: &needs,
        kept: &kept,
        unique_ids: args.unique_ids,
        period,
        believed: DateLimits::of(prices, period).days(),
        providers: &providers(prices),
    };
    Ok(sql::statement(&wanted, if args.count { Finds::Count } else { Finds::Rollup }, about))
}

/// What the file says of its input: rows of the own format, with these columns.
fn input_about(columns: Option<&[String]>, tags: &[String]) -> InputAbout {
    let all = COLUMNS.iter().map(|(name, _)| (*name).to_owned()).chain([sql::STATUS.to_owned()]);
    let known = all.filter(|name| columns.is_none_or(|columns| columns.contains(name)));
    InputAbout {
        format: Some("batchwise-csv".to_owned()),
        columns: known.chain(tags.iter().map(|tag| format!("tag.{tag}"))).collect(),
        ..InputAbout::default()
    }
}

fn dialect(name: &str) -> Result<&'static Dialect, Failure> {
    Dialect::named(name).ok_or_else(|| {
        let names: Vec<&str> = DIALECTS.iter().map(|dialect| dialect.name).collect();
        let message = format!("--dialect `{}` is no engine that a statement is known for", shown_short(name, 60));
        Failure::usage(Diagnostic::new("usage", message).hint(format!("engines are {}", names.join(", "))))
    })
}

/// The parts of a table's name. Each is quoted as it is, so that nothing in it is more than a name.
fn table(name: &str) -> Result<Vec<&str>, Failure> {
    let parts: Vec<&str> = name.split('.').collect();
    if parts.iter().all(|part| !part.is_empty() && !part.contains(char::is_control)) {
        return Ok(parts);
    }
    let message = if name.is_empty() {
        "--table is missing: which table or view holds the calls".to_owned()
    } else {
        format!("--table `{}` is no name of a table", shown_short(name, 60))
    };
    Err(Failure::usage(
        Diagnostic::new("usage", message)
            .hint("write NAME or SCHEMA.NAME, without quotes; what is more than a name, such as a file, needs a view"),
    ))
}

fn columns(names: &[String]) -> Result<Option<&[String]>, Failure> {
    let is_known = |name: &&String| {
        COLUMNS.iter().any(|(known, _)| known == name) || *name == sql::STATUS || name.starts_with("tag.")
    };
    if let Some(name) = names.iter().find(|name| !is_known(name)) {
        let known: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).chain([sql::STATUS]).collect();
        let message = format!("--columns names `{}`, which is no column of the own format", shown_short(name, 60));
        return Err(Failure::usage(
            Diagnostic::new("usage", message).hint(format!("its columns are {}", known.join(", "))),
        ));
    }
    Ok((!names.is_empty()).then_some(names))
}

/// Providers, each with its names in lower case.
fn providers(prices: &PriceTable) -> Vec<(String, Vec<String>)> {
    let names = prices.providers().map(|(_, provider)| {
        let all = std::iter::once(&provider.name).chain(&provider.aliases);
        (provider.name.clone(), all.map(|name| name.to_lowercase()).collect())
    });
    names.collect()
}
