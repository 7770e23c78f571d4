//! `sql`: the statement by which a database makes a rollup file.

use std::fmt::Write as _;
use std::path::Path;

use crate::cli::SqlArgs;
use crate::diagnostic::{Diagnostic, Exit, Failure, Place, sanitized, sanitized_short};
use crate::formats::registry;
use crate::formats::rollup::{Kept, SCHEMA, columns_with_tags};
use crate::input::dates::{DateLimits, PeriodBounds};
use crate::input::parts::InputAbout;
use crate::output;
use crate::policy::Policy;
use crate::pricing::PriceTable;
use crate::rollup::key_fields::KeyFields;
use crate::rollup::{Breakdown, Context, KeepLines};
use crate::settings::{breakdown, display, load_policy, load_prices, period, read_text};
use crate::sql::self_test::Difference;
use crate::sql::views::{self, VIEWS, View};
use crate::sql::{self, About, COLUMNS, DIALECTS, Dialect, Finds, Wanted, self_test};

/// What the rows of an own table are.
const OWN_FORMAT: &str = "batchwise-csv";
/// The mapping of that format.
const OWN_MAPPING: &str = "batchwise";

/// What a statement is asked for.
struct Asked<'a> {
    dialect: &'static Dialect,
    table: &'a [&'a str],
    columns: Option<&'a [String]>,
    tags: &'a [String],
    prices: &'a PriceTable,
    policy: &'a Policy,
    by: Option<Breakdown>,
    period: PeriodBounds,
    /// The view that the table is, if it is one of a vendor's.
    view: Option<&'static View>,
}

/// Prints the statement.
pub fn run(args: &SqlArgs) -> Result<Exit, Failure> {
    let text = match &args.view {
        Some(name) => view_text(args, name)?,
        None => text(args)?,
    };
    output::to_stdout(&text)?;
    Ok(Exit::Complete)
}

/// Says whether a file is what the self-test must find, or which line is not.
pub fn check_self_test(path: &Path) -> Result<Exit, Failure> {
    let differs = |message: String| {
        Failure {
        exit: Exit::Check,
        ..Failure::usage(
            Diagnostic::new("self-test", message)
                .at(Place::file(display(path)))
                .hint("save all of the result as CSV with a header; if it is, this engine does not do as others do, and its rollup files cannot be trusted"),
        )
    }
    };
    match self_test::check(&read_text(path, "self-test")?) {
        Ok(lines) => {
            output::to_stdout(&format!("equal: all {lines} lines are as they should be\n"))?;
            Ok(Exit::Complete)
        }
        Err(Difference::Unreadable(reason)) => Err(differs(format!("cannot be read as CSV: {reason}"))),
        Err(Difference::Lacks(line)) => Err(differs(format!("differs: it lacks the line {}", sanitized(&line)))),
        Err(Difference::Extra(line)) => {
            Err(differs(format!("differs: it has a line that should not be there: {}", sanitized(&line))))
        }
    }
}

fn text(args: &SqlArgs) -> Result<String, Failure> {
    let dialect = dialect(args.dialect.as_deref().unwrap_or_default())?;
    if args.self_test {
        let (prices, policy) =
            (PriceTable::parse("self-test", self_test::PRICES)?, Policy::parse("self-test", self_test::POLICY)?);
        let (tags, period) = (self_test::tags(), PeriodBounds::default());
        let (prices, policy) = (&prices, &policy);
        let asked =
            Asked { dialect, table: &[], columns: None, tags: &tags, prices, policy, by: None, period, view: None };
        return statement(args, &asked);
    }
    let view = args.input_format.as_deref().map(view_of_format).transpose()?;
    let (prices, policy) = (load_prices(&args.prices)?, load_policy(args.policy.as_deref())?);
    let of_view = view.iter().flat_map(|view| view.tags).map(|tag| (*tag).to_owned());
    let mut tags: Vec<String> = args.tags.iter().cloned().chain(of_view).collect();
    tags.sort_unstable();
    tags.dedup();
    let asked = Asked {
        dialect,
        table: &table(args.table.as_deref().unwrap_or_default())?,
        columns: columns(&args.columns)?,
        tags: &tags,
        prices: &prices,
        policy: &policy,
        by: args.by.as_deref().map(breakdown).transpose()?,
        period: period(args.from.as_deref(), args.to.as_deref())?,
        view,
    };
    statement(args, &asked)
}

fn statement(args: &SqlArgs, asked: &Asked<'_>) -> Result<String, Failure> {
    let Asked { dialect, table, columns, tags, prices, policy, period, view, .. } = *asked;
    let context =
        Context { by: asked.by.clone(), lines: Some(KeepLines { hours: args.hours }), ..Context::new(prices, policy) };
    let needs = KeyFields::new(&context, false).needs()?;
    let kept = Kept {
        inputs: 1,
        columns: columns_with_tags(&sql::tags(tags)),
        from: period.from.map(|day| day.to_string()),
        to: period.to.map(|day| day.to_string()),
        source: args.source.clone().or_else(|| args.table.clone()),
        shard: args.shard,
        ..Kept::of(needs.clone(), args.hours)
    };
    let of_file = kept.to_text().map_err(|error| Failure::internal(error.to_string()))?;
    let of_input = input_about(asked).to_text().map_err(|error| Failure::internal(error.to_string()))?;
    let about = About { of_file: &of_file, of_input: &of_input };
    let optional_counts = optional_counts(asked)?;
    let wanted = Wanted {
        dialect,
        table,
        columns,
        tags,
        optional_counts: &optional_counts,
        needs: &needs,
        kept: &kept,
        gateway_hits: view.is_some(),
        unique_ids: args.unique_ids,
        period,
        believed: DateLimits::of(prices, period).days(),
        providers: &providers(prices),
    };
    let finds = if args.count { Finds::Count } else { Finds::Rollup };
    let select = if args.self_test { sql::self_test(&wanted, about) } else { sql::statement(&wanted, finds, about) };
    Ok(comment(args, asked, &needs.tags) + &select)
}

/// The columns with counts that rows need not state. A view has other columns than the rows of its vendor, and none is known.
fn optional_counts(asked: &Asked<'_>) -> Result<Vec<String>, Failure> {
    let formats = registry()?;
    let own = formats.iter().filter(|format| asked.view.is_none() && format.mapping.name == OWN_MAPPING);
    let counts = own.flat_map(|format| format.expected.optional_counts());
    let is_there = |count: &String| {
        COLUMNS.iter().any(|(known, _)| known == count) && asked.columns.is_none_or(|columns| columns.contains(count))
    };
    Ok(counts.filter(is_there).collect())
}

/// What stands above the statement: what it is, and how its result is saved.
fn comment(args: &SqlArgs, asked: &Asked<'_>, needed: &[String]) -> String {
    let mut text = String::new();
    let mut line = |words: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "-- {words}");
    };
    line(&match (args.count, args.self_test) {
        (true, _) => format!("How many lines a rollup file of these calls has ({SCHEMA}), and of how many rows."),
        (_, true) => format!("The self-test of {SCHEMA} on {}: it has rows of its own.", asked.dialect.name),
        _ => format!("A rollup file ({SCHEMA}) of the calls in {}, on {}.", asked.table.join("."), asked.dialect.name),
    });
    if !asked.dialect.is_run {
        line("not run by the project: run --self-test first");
    }
    if !args.count {
        line("To save what it finds, with this text in rollup.sql:");
        asked.dialect.save.iter().for_each(|words| line(&format!("  {words}")));
        let check = if args.self_test { "report --check-self-test rollup.csv" } else { "report rollup.csv" };
        line(&format!("Then: batchwise {check}"));
    }
    let absent: Vec<&str> = needed
        .iter()
        .map(String::as_str)
        .filter(|tag| *tag != "workload" && !asked.tags.iter().any(|known| known == tag))
        .collect();
    if !args.self_test && !absent.is_empty() {
        line(&format!(
            "Tags that the policy looks at and --tags does not name, so that no row has them: {}",
            absent.join(", ")
        ));
    }
    text
}

/// What the file says of its input.
fn input_about(asked: &Asked<'_>) -> InputAbout {
    if let Some(view) = asked.view {
        return InputAbout { format: Some(view.format.to_owned()), ..InputAbout::default() };
    }
    let all = COLUMNS.iter().map(|(name, _)| (*name).to_owned()).chain([sql::STATUS.to_owned()]);
    let known = all.filter(|name| asked.columns.is_none_or(|columns| columns.contains(name)));
    InputAbout {
        format: Some(OWN_FORMAT.to_owned()),
        columns: known.chain(asked.tags.iter().map(|tag| format!("tag.{tag}"))).collect(),
        ..InputAbout::default()
    }
}

fn view_text(args: &SqlArgs, name: &str) -> Result<String, Failure> {
    let view = VIEWS.into_iter().find(|view| view.name == name).ok_or_else(|| {
        let names: Vec<&str> = VIEWS.iter().map(|view| view.name).collect();
        let message = format!("--view `{}` is no table that a view is known for", sanitized_short(name, 60));
        Failure::usage(Diagnostic::new("usage", message).hint(format!("views are {}", names.join(", "))))
    })?;
    let name = args.table.as_deref().unwrap_or("batchwise_calls");
    let table = table(name)?;
    let formats = registry()?;
    let mapping = formats.iter().map(|format| &format.mapping).find(|mapping| mapping.name == view.mapping);
    let mapping = mapping.ok_or_else(|| Failure::internal(format!("no mapping is called {}", view.mapping)))?;
    let create = views::create(view, dialect(view.dialect)?, mapping, &table, &args.tags);
    let tags = if args.tags.is_empty() { String::new() } else { format!(" --tags {}", args.tags.join(",")) };
    Ok(format!(
        "-- {}, as rows of the own format; made once, by who may make views.\n-- Then: batchwise sql --dialect {} --table {name}{tags} --input-format {}\n{create}",
        mapping.title, view.dialect, view.format
    ))
}

fn view_of_format(name: &str) -> Result<&'static View, Failure> {
    VIEWS.into_iter().find(|view| view.format == name).ok_or_else(|| {
        let names: Vec<&str> = VIEWS.iter().map(|view| view.format).collect();
        let message = format!("--input-format `{}` is none that --view makes a view for", sanitized_short(name, 60));
        Failure::usage(
            Diagnostic::new("usage", message)
                .hint(format!("there are {}; leave it out for a table of your own", names.join(", "))),
        )
    })
}

fn dialect(name: &str) -> Result<&'static Dialect, Failure> {
    Dialect::named(name).ok_or_else(|| {
        let names: Vec<&str> = DIALECTS.iter().map(|dialect| dialect.name).collect();
        let message = format!("--dialect `{}` is no engine that a statement is known for", sanitized_short(name, 60));
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
        format!("--table `{}` is no name of a table", sanitized_short(name, 60))
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
        let message = format!("--columns names `{}`, which is no column of the own format", sanitized_short(name, 60));
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
