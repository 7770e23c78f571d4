//! `man`: the manual page of the program, or of one of its commands.

use std::io::Write as _;

use clap::CommandFactory as _;
use clap_mangen::Man;

use crate::cli::{Cli, ManArgs};
use crate::diagnostic::{Diagnostic, Exit, Failure, sanitized_short};
use crate::output;

/// What every page says it is of.
const SOURCE: &str = concat!("batchwise ", env!("CARGO_PKG_VERSION"));

/// Prints a manual page, in the language of `man`.
pub fn run(args: &ManArgs) -> Result<Exit, Failure> {
    let mut page = Vec::new();
    Man::new(described(&args.command)?)
        .source(SOURCE)
        .manual("batchwise")
        .render(&mut page)
        .map_err(|error| Failure::internal(format!("the page cannot be made: {error}")))?;
    output::stdout(|out| Ok(out.write_all(&page)?))?;
    Ok(Exit::Complete)
}

/// What clap knows of a command, by the words that are typed behind the program's name.
fn described(words: &[String]) -> Result<clap::Command, Failure> {
    let mut program = Cli::command().disable_help_subcommand(true);
    // Until then no command knows the name of the one above it.
    program.build();
    let mut command = &program;
    for word in words {
        command = command.find_subcommand(word).ok_or_else(|| {
            let names: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
            let known =
                if names.is_empty() { "it has none".to_owned() } else { format!("commands are {}", names.join(", ")) };
            let of = command.get_bin_name().unwrap_or_default();
            Failure::usage(
                Diagnostic::new("usage", format!("`{of}` has no command `{}`", sanitized_short(word, 60))).hint(known),
            )
        })?;
    }
    Ok(command.clone())
}
