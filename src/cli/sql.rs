//! Options of `sql`.

use std::path::PathBuf;

use clap::Args;

use crate::formats::rollup::Shard;

/// `sql`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch that is typed by itself")]
pub struct SqlArgs {
    /// The engine: duckdb, postgres, clickhouse, spark or datafusion; bigquery, snowflake and trino are printed and not run
    /// by the project
    #[arg(long, value_name = "ENGINE", required_unless_present = "view")]
    pub dialect: Option<String>,
    /// The table or view with the columns of the own per-call format, as NAME or SCHEMA.NAME; with --view the view to make
    #[arg(long, value_name = "NAME")]
    pub table: Option<String>,
    /// Tags that it has columns for: with `job,team` it has `tag.job` and `tag.team`
    #[arg(long, value_name = "TAGS", value_delimiter = ',')]
    pub tags: Vec<String>,
    /// The columns that it has, where it has not all of them: no others are looked at
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// The policy that reports of the file are to use
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Price table instead of the built-in one, or a layer on it (`extends: built-in`); may be repeated
    #[arg(long, value_name = "FILE")]
    pub prices: Vec<PathBuf>,
    /// A dimension that they are to add up by, as for `report`
    #[arg(long, value_name = "DIMENSION")]
    pub by: Option<String>,
    /// Keep each hour by itself, for hours of the week in plans and pages: the file grows
    #[arg(long)]
    pub hours: bool,
    /// No call has duplicates, as where `request_id` is a primary key: do not look for it, which is far quicker
    #[arg(long)]
    pub unique_ids: bool,
    /// First day that counts (UTC)
    #[arg(long, value_name = "DATE")]
    pub from: Option<String>,
    /// Last day that counts (UTC)
    #[arg(long, value_name = "DATE")]
    pub to: Option<String>,
    /// What the file is made from, by default the table: two files of one source with days in common are refused
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// Which part of it the table is: `2/4` shares no call with `1/4`
    #[arg(long, value_name = "K/N")]
    pub shard: Option<Shard>,
    /// The table is what --view makes of a vendor's: the format of its exports, such as `litellm-csv`
    #[arg(long, value_name = "NAME")]
    pub input_format: Option<String>,
    /// The statement that only says how many lines the file would have, and of how many rows
    #[arg(long)]
    pub count: bool,
    /// The statement over rows of its own, to see whether an engine does as it should: save what it finds, and
    /// `batchwise report --check-self-test FILE` tells
    #[arg(long, conflicts_with_all = ["table", "tags", "columns", "policy", "prices", "by", "from", "to", "count", "unique_ids", "hours", "source", "shard", "input_format", "view"])]
    pub self_test: bool,
    /// Instead, the view that gives a vendor's table the columns of the own format: litellm-postgres or
    /// langfuse-clickhouse
    #[arg(long, value_name = "NAME", conflicts_with_all = ["dialect", "columns", "policy", "prices", "by", "from", "to", "count", "unique_ids", "hours", "source", "shard", "input_format"])]
    pub view: Option<String>,
}
