//! Options of the commands that read.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Options of the commands that read.
#[derive(Clone, Debug, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch that is typed by itself")]
pub struct ReadArgs {
    /// Usage logs and billing exports (CSV, JSON lines; plain, gzip or zstd); `-` is standard input
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Price table instead of the built-in one, or a layer on it (`extends: built-in`); may be repeated
    #[arg(long, value_name = "FILE")]
    pub prices: Vec<PathBuf>,
    /// Policy: your rules come before the built-in ones
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Mapping of your own columns
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,
    /// Read every input as this format (see `batchwise formats`)
    #[arg(long, value_name = "NAME")]
    pub input_format: Option<String>,
    /// Encoding of inputs without a byte-order mark (default: UTF-8)
    #[arg(long, value_enum, value_name = "NAME")]
    pub encoding: Option<EncodingName>,
    /// Provider of models that several have, where no row and no maker settles it
    #[arg(long, value_name = "NAME")]
    pub provider: Option<String>,
    /// First day that counts (UTC)
    #[arg(long, value_name = "DATE")]
    pub from: Option<String>,
    /// Last day that counts (UTC)
    #[arg(long, value_name = "DATE")]
    pub to: Option<String>,
    /// Read all files in folders, in sorted order
    #[arg(long)]
    pub recursive: bool,
    /// Do not look for duplicates: every row counts (saves memory)
    #[arg(long)]
    pub no_dedupe: bool,
    /// Leave out inputs that cannot be read to their end, and mark the report INCOMPLETE
    #[arg(long)]
    pub keep_partial: bool,
    /// Threads (default: one for each core)
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Write all rejected rows to a CSV file
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
    /// Overwrite existing output files
    #[arg(long)]
    pub force: bool,
    /// Print neither notes nor progress on standard error
    #[arg(long)]
    pub quiet: bool,
}

/// Encodings of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EncodingName {
    /// The usual one
    #[value(name = "utf-8")]
    Utf8,
    /// Two bytes a character, little-endian: a spreadsheet's "Unicode text"
    #[value(name = "utf-16", alias = "utf-16le")]
    Utf16,
    /// The same, big-endian
    #[value(name = "utf-16be")]
    Utf16Be,
    /// Western Europe on Windows, which Latin-1 is part of
    #[value(name = "windows-1252", alias = "cp1252")]
    Windows1252,
}

impl EncodingName {
    /// As it is typed.
    pub fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}
