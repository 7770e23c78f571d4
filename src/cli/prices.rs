//! `prices` and its commands.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::ReadArgs;

/// `prices`.
#[derive(Debug, Subcommand)]
pub enum PricesCommand {
    /// One line a model: rates, batch discount, age
    List(PricesListArgs),
    /// Everything about one model: rates by date, tier and prompt size, batch terms, names, source
    Show(PricesShowArgs),
    /// Looks for mistakes in a price table
    #[command(after_help = "Exit codes: 0 nothing to mend · 1 the table is refused, or a warning is not acknowledged")]
    Check(PricesCheckArgs),
    /// Compares with another price table, also with `model_prices_and_context_window.json` and `data.json` of others
    Diff(PricesDiffArgs),
    /// Writes a layer of what another price table has new or different, for `--prices`
    #[command(
        after_help = "With --only-used and the log of a month it writes the few prices that a report of it would lack. Look through its comments: they say what is replaced and what is not taken."
    )]
    Update(PricesUpdateArgs),
    /// What announced price changes, promotions that end and retirements cost a month, by workload
    Impact(PricesImpactArgs),
    /// The JSON Schema of a price table, for editors
    Schema,
}

/// `prices list`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch that is typed by itself")]
pub struct PricesListArgs {
    /// Only models whose name holds this text, or matches this glob
    pub pattern: Option<String>,
    /// Price table instead of the built-in one, or a layer on it (`extends: built-in`); may be repeated
    #[arg(long, value_name = "FILE")]
    pub prices: Vec<PathBuf>,
    /// Rates in force on this day (default: the newest day on which an entry was checked)
    #[arg(long, value_name = "DATE")]
    pub on: Option<String>,
    /// Only this provider
    #[arg(long, value_name = "NAME")]
    pub provider: Option<String>,
    /// Only this kind: chat, completion, embedding, rerank, audio, image or realtime
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// Only models with a batch rate
    #[arg(long, conflicts_with = "without_batch")]
    pub with_batch: bool,
    /// Only models without a batch rate
    #[arg(long)]
    pub without_batch: bool,
    /// Also models that are retired by that day (JSON and CSV always have them)
    #[arg(long)]
    pub retired: bool,
    /// Form on standard output
    #[arg(long, value_enum)]
    pub format: Option<ListFormat>,
    /// Write to a file instead, in the format its extension names (.json, .csv, .md, .txt)
    #[arg(short, long = "output", value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Overwrite an existing file
    #[arg(long)]
    pub force: bool,
}

/// Forms of a list of prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For reading in a terminal
    Table,
    /// For a page
    Markdown,
    /// The whole table for machines, `batchwise.prices/1`
    Json,
    /// The whole table, one row for each tier of each price
    Csv,
}

/// `prices show`.
#[derive(Debug, Args)]
pub struct PricesShowArgs {
    /// `provider/model`, or a model's name as it stands in logs
    #[arg(allow_hyphen_values = true)]
    pub model: String,
    /// Price table instead of the built-in one, or a layer on it (`extends: built-in`); may be repeated
    #[arg(long, value_name = "FILE")]
    pub prices: Vec<PathBuf>,
    /// The day whose rates are shown first (default: the newest day on which an entry was checked)
    #[arg(long, value_name = "DATE")]
    pub on: Option<String>,
}

/// `prices check`.
#[derive(Debug, Args)]
pub struct PricesCheckArgs {
    /// The price table (default: the built-in one)
    pub file: Option<PathBuf>,
    /// Also show what is acknowledged
    #[arg(long)]
    pub all: bool,
    /// Check the layout of the file instead of its figures
    #[arg(long, conflicts_with = "all")]
    pub style: bool,
}

/// `prices diff`.
#[derive(Debug, Args)]
pub struct PricesDiffArgs {
    /// The other table: a price table, or the JSON of `litellm` or `genai-prices`; known by what is in it
    pub other: PathBuf,
    /// Price table instead of the built-in one, or a layer on it (`extends: built-in`); may be repeated
    #[arg(long, value_name = "FILE")]
    pub prices: Vec<PathBuf>,
    /// Rates in force on this day (default: the newest day on which an entry of either table was checked)
    #[arg(long, value_name = "DATE")]
    pub on: Option<String>,
    /// Only models that this log uses; may be repeated
    #[arg(long, value_name = "LOG")]
    pub only_used: Vec<PathBuf>,
    /// Only this provider
    #[arg(long, value_name = "NAME")]
    pub provider: Option<String>,
    /// What the other table calls a provider, as THEIRS=OURS; may be repeated
    #[arg(long, value_name = "THEIRS=OURS")]
    pub alias: Vec<String>,
    /// Form on standard output
    #[arg(long, value_enum)]
    pub format: Option<DiffFormat>,
    /// Write to a file instead, in the format its extension names (.json, .csv, .txt)
    #[arg(short, long = "output", value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Overwrite an existing file
    #[arg(long)]
    pub force: bool,
    /// Exit with 1 if a figure or a retirement date differs
    #[arg(long)]
    pub exit_code: bool,
}

/// `prices update`.
#[derive(Debug, Args)]
pub struct PricesUpdateArgs {
    /// The other table: `model_prices_and_context_window.json` of `litellm`, `data.json` of `genai-prices`, or a price table
    #[arg(long, value_name = "FILE")]
    pub from: PathBuf,
    /// Price table instead of the built-in one, or a layer on it (`extends: built-in`); may be repeated
    #[arg(long, value_name = "FILE")]
    pub prices: Vec<PathBuf>,
    /// The day on which the other table was fetched, from which on its prices hold (default: the newest day that it states;
    /// those of `litellm` and `genai-prices` state none)
    #[arg(long, value_name = "DATE")]
    pub on: Option<String>,
    /// Only models that this log uses; may be repeated
    #[arg(long, value_name = "LOG")]
    pub only_used: Vec<PathBuf>,
    /// Only this provider
    #[arg(long, value_name = "NAME")]
    pub provider: Option<String>,
    /// What the other table calls a provider, as THEIRS=OURS; may be repeated
    #[arg(long, value_name = "THEIRS=OURS")]
    pub alias: Vec<String>,
    /// Write the layer to a file instead of standard output, and say what is in it
    #[arg(short, long = "output", value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Overwrite an existing file
    #[arg(long)]
    pub force: bool,
}

/// Forms of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For reading in a terminal
    Table,
    /// For machines, `batchwise.prices-diff/1`
    Json,
    /// One row for each figure and date
    Csv,
}

/// `prices impact`.
#[derive(Debug, Args)]
pub struct PricesImpactArgs {
    /// What to read.
    #[command(flatten)]
    pub read: ReadArgs,
    /// Form on standard output
    #[arg(long, value_enum)]
    pub format: Option<ImpactFormat>,
    /// Write to a file instead, in the format its extension names (.json, .md, .txt)
    #[arg(short, long = "output", value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Rows that each list of a page shows before the rest is added up in one; JSON is never cut
    #[arg(long, value_name = "N")]
    pub top: Option<usize>,
}

/// Forms of what announced changes cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ImpactFormat {
    /// For reading in a terminal
    Table,
    /// For a page
    Markdown,
    /// For machines, `batchwise.prices-impact/1`
    Json,
}
