//! What can be typed. No logic: [`crate::settings`] turns it into what stages see.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::formats::rollup::Shard;

mod prices;
mod read;
mod sql;

pub use prices::{
    DiffFormat, ImpactFormat, ListFormat, PricesCheckArgs, PricesCommand, PricesDiffArgs, PricesImpactArgs,
    PricesListArgs, PricesShowArgs, PricesUpdateArgs,
};
pub use read::{EncodingName, ReadArgs};
pub use sql::SqlArgs;

/// The program's version, and the newest day on which a price of its own table was checked.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (prices checked ", env!("PRICES_CHECKED"), ")");

/// Finds which LLM API calls could run in a batch API, and what that would save a month, from usage logs and billing
/// exports you already have. Reads your files and sends nothing anywhere.
#[derive(Debug, Parser)]
#[command(name = "batchwise", version = VERSION, about, max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// What is spent, what could wait, and what batch and routing would save a month
    #[command(
        mut_arg("files", |files| files.required(false).required_unless_present("check_self_test")),
        after_help = "Exit codes: 0 complete · 2 wrong usage, prices or policy · 3 report is INCOMPLETE · 4 an input cannot be used · 5 an output cannot be written · 130 and 143 interrupted"
    )]
    Report(ReportArgs),
    /// Every call with its verdict, reasons and cost now and in batch, as CSV or JSON lines
    Classify(ClassifyArgs),
    /// What batch would save of a monthly spend, from the share of it that can wait, without logs
    Estimate(EstimateArgs),
    /// Why a workload or a call has its verdict, and the arithmetic behind its cost
    Explain(ExplainArgs),
    /// A starter policy: the workloads found, by spend, each with a verdict to fill in
    #[command(
        after_help = "Run again with the policy as `--policy` or `-o`, it keeps every byte of it and adds rules for what is new."
    )]
    Init(InitArgs),
    /// What a file was recognised as: format, columns, period, first records, rows by outcome
    Inspect(InspectArgs),
    /// The migration plan: what to move first, how, at what risk, and what the next quarters cost
    Plan(PlanArgs),
    /// The price table: look, check, compare
    #[command(subcommand)]
    Prices(PricesCommand),
    /// Every format that is read, how it is recognised, what it can and cannot tell
    Formats(FormatsArgs),
    /// Adds logs up into a small file that stands for them: parts made on many machines make one report
    #[command(
        after_help = "The file is read like a log: `batchwise report part1.csv part2.csv other-log.csv`, with the same --policy, --prices and --by."
    )]
    Rollup(RollupArgs),
    /// The statement by which a database makes a rollup file of the calls that it holds
    #[command(
        after_help = "Run it with the engine's own client, save what it finds as CSV, and read that like a log: `batchwise report rollup.csv`. Run --count first: it says how many lines that will be."
    )]
    Sql(SqlArgs),
    /// Shell completions on standard output
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// The manual page of the program, or of one command, on standard output
    Man(ManArgs),
}

/// `man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The command, such as `report` or `prices list` (default: the program, with a list of its commands)
    #[arg(value_name = "COMMAND")]
    pub command: Vec<String>,
}

/// `report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// What is asked of every page.
    #[command(flatten)]
    pub pages: PageArgs,
    /// Also add up by: workload, model, provider, project, api-key, user, team, app, endpoint, owner or tag.NAME
    #[arg(long, value_name = "DIMENSION")]
    pub by: Option<String>,
    /// Also say what grew and what shrank between the halves of the period (.html and .xlsx always do)
    #[arg(long)]
    pub movers: bool,
    /// Put SHA-256 sums of the inputs into the ledger
    #[arg(long)]
    pub fingerprint: bool,
    /// Instead of a report: whether this file is what `batchwise sql --self-test` must find on an engine
    #[arg(long, value_name = "FILE", conflicts_with = "files")]
    pub check_self_test: Option<PathBuf>,
}

/// `plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// What is asked of every page.
    #[command(flatten)]
    pub pages: PageArgs,
}

/// Options of the commands that write pages.
#[derive(Debug, Args)]
pub struct PageArgs {
    /// What to read.
    #[command(flatten)]
    pub read: ReadArgs,
    /// Output format on standard output
    #[arg(long, value_enum)]
    pub format: Option<ReportFormat>,
    /// Write to a file, in the format its extension names (.txt, .json, .md, .csv, .html, .xlsx); may be repeated
    #[arg(short, long = "output", value_name = "FILE")]
    pub output: Vec<PathBuf>,
    /// Rows that each list of a page shows before the rest is added up in one; JSON and CSV are never cut
    #[arg(long, value_name = "N")]
    pub top: Option<usize>,
    /// Finished batches of your own, as the vendors' APIs list them: how long results take in the months ahead
    #[arg(long, value_name = "FILE")]
    pub batches: Option<PathBuf>,
    /// Share of real-time spend that routing saves, as a range
    #[arg(long, value_name = "LOW..HIGH")]
    pub routing_saves: Option<String>,
    /// Prices that monthly figures stand on: the table's, or what the bill charges of them where that is one ratio
    #[arg(long, value_enum, value_name = "PRICES", default_value = "list")]
    pub basis: PriceBasis,
    /// Warnings make it INCOMPLETE (exit 3)
    #[arg(long)]
    pub strict: bool,
}

/// Prices that monthly figures stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PriceBasis {
    /// The price table
    List,
    /// The bill, model by model
    Billed,
}

/// Forms of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For reading in a terminal
    Table,
    /// For machines: `batchwise.report/1`, of a plan `batchwise.plan/1`, of an estimate `batchwise.estimate/1`
    Json,
    /// For a comment on GitHub
    Markdown,
    /// For a spreadsheet, one value per row: `batchwise.report.csv/1`, of a plan or an estimate likewise
    Csv,
    /// One page with pictures for a browser, which needs no network and no script
    Html,
    /// A workbook, of a report or a plan with live formulas
    Xlsx,
}

impl ReportFormat {
    /// Whether it shows months to come, which only a plan has.
    pub const fn shows_plan(self) -> bool {
        matches!(self, Self::Html | Self::Xlsx)
    }
}

/// `classify`.
#[derive(Debug, Args)]
pub struct ClassifyArgs {
    /// What to read.
    #[command(flatten)]
    pub read: ReadArgs,
    /// Form of the lines on standard output
    #[arg(long, value_enum)]
    pub format: Option<LineFormat>,
    /// Write to a file instead, in the format its extension names (.csv, .jsonl)
    #[arg(short, long = "output", value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Forms of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LineFormat {
    /// Comma-separated values
    Csv,
    /// One JSON object a line
    Jsonl,
}

/// `estimate`.
#[derive(Debug, Args)]
pub struct EstimateArgs {
    /// Spend a month, USD
    #[arg(long, value_name = "USD", allow_hyphen_values = true)]
    pub monthly_spend: String,
    /// Share of it that can wait, such as 40%, or a range such as 30%..50%
    #[arg(long, value_name = "SHARE", allow_hyphen_values = true)]
    pub batch_share: String,
    /// Discount of the batch API (default 50%)
    #[arg(long, value_name = "SHARE", conflicts_with = "model", allow_hyphen_values = true)]
    pub batch_discount: Option<String>,
    /// Take the discount of this model from the price table
    #[arg(long, value_name = "MODEL")]
    pub model: Option<String>,
    /// Share of the spend that is input (default: three input tokens for one of output)
    #[arg(long, value_name = "SHARE", requires = "model")]
    pub input_share: Option<String>,
    /// Share of the rest that routing saves, as a range
    #[arg(long, value_name = "LOW..HIGH")]
    pub routing_saves: Option<String>,
    /// Price table instead of the built-in one, or a layer on it (`extends: built-in`); may be repeated
    #[arg(long, value_name = "FILE")]
    pub prices: Vec<PathBuf>,
    /// Provider of the model
    #[arg(long, value_name = "NAME")]
    pub provider: Option<String>,
    /// Form of the estimate on standard output
    #[arg(long, value_enum)]
    pub format: Option<ReportFormat>,
    /// Write the estimate to a file, in the format its extension names (.txt, .json, .md, .csv, .html,
    /// .xlsx); may be repeated
    #[arg(short, long = "output", value_name = "FILE")]
    pub output: Vec<PathBuf>,
    /// Overwrite existing output files
    #[arg(long)]
    pub force: bool,
}

/// `explain`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["workload", "call"]))]
pub struct ExplainArgs {
    /// What to read.
    #[command(flatten)]
    pub read: ReadArgs,
    /// The workload's name, as the report shows it
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    pub workload: Option<String>,
    /// The call's id
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    pub call: Option<String>,
}

/// `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// What to read.
    #[command(flatten)]
    pub read: ReadArgs,
    /// Write the policy to a file; one that is there already is kept and added to (unless --force)
    #[arg(short, long = "output", value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `rollup`.
#[derive(Debug, Args)]
pub struct RollupArgs {
    /// What to read.
    #[command(flatten)]
    pub read: ReadArgs,
    /// The rollup file, compressed as its extension says (.csv, .csv.gz, .csv.zst)
    #[arg(short, long, value_name = "FILE", required = true)]
    pub output: PathBuf,
    /// A dimension that reports of the file are to add up by, as for `report`
    #[arg(long, value_name = "DIMENSION")]
    pub by: Option<String>,
    /// Keep each hour by itself, for hours of the week in plans and pages: the file grows
    #[arg(long)]
    pub hours: bool,
    /// Put SHA-256 sums of the inputs into the file
    #[arg(long)]
    pub fingerprint: bool,
    /// What the file is a part of: two files of one source with days in common are refused
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// Which part: `2/4` shares no call with `1/4`, as where rows are divided by the hash of their id
    #[arg(long, value_name = "K/N", requires = "source")]
    pub shard: Option<Shard>,
}

/// `inspect`.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// What to read.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `formats`.
#[derive(Debug, Args)]
pub struct FormatsArgs {
    /// Only this format
    pub name: Option<String>,
    /// Form on standard output
    #[arg(long, value_enum)]
    pub format: Option<FormatsForm>,
}

/// Forms of a list of formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FormatsForm {
    /// For reading in a terminal
    Table,
    /// For a page, as `docs/formats.md`
    Markdown,
}
