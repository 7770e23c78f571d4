//! `completions`: what a shell needs to complete the command line.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::diagnostic::{Exit, Failure};
use crate::output;

/// Prints the completions of a shell.
pub fn run(shell: Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "batchwise", &mut script);
    output::to_stdout(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Complete)
}
