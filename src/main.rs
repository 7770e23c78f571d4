//! The `batchwise` program: parse, run, print the error, exit.

use std::io::Write as _;
use std::process::ExitCode;

use batchwise::cli::Cli;
use batchwise::{commands, interrupt};
use clap::Parser as _;

fn main() -> ExitCode {
    interrupt::watch();
    let exit = commands::run(&Cli::parse()).unwrap_or_else(|failure| {
        // With standard error closed there is nobody to tell.
        let _ = writeln!(std::io::stderr(), "{failure}");
        failure.exit
    });
    ExitCode::from(exit as u8)
}
