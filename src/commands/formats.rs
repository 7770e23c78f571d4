//! `formats`: what is read, and what each format can and cannot tell.

use std::fmt::Write as _;

use crate::cli::{FormatsArgs, FormatsForm};
use crate::diagnostic::{Diagnostic, Exit, Failure, sanitized_short};
use crate::formats::{Format, about, registry};
use crate::output;
use crate::report::table::wrap;
use crate::settings::format_names;

/// Said of all formats.
const ALL: &str = "Files may be plain, gzip or zstd; UTF-8, or UTF-16 with a byte-order mark (others: --encoding); separated by comma, semicolon, tab or bar; JSON may also be a list.";

/// Columns of the page, and those left of what is said.
const WIDTH: usize = 80;
const INDENT: usize = 18;

/// Prints the registry, or one format of it.
pub fn run(args: &FormatsArgs) -> Result<Exit, Failure> {
    let formats = registry()?;
    let wanted: Vec<&Format> = formats.iter().filter(|format| is_wanted(format, args.name.as_deref())).collect();
    if let (Some(name), []) = (&args.name, wanted.as_slice()) {
        let message = format!("no format is called `{}`", sanitized_short(name, 40));
        return Err(Failure::usage(Diagnostic::new("usage", message).hint("`batchwise formats` lists them all")));
    }
    let text = match args.format {
        None | Some(FormatsForm::Table) => page(&wanted, args.name.is_none()),
        Some(FormatsForm::Markdown) => markdown(&wanted),
    };
    output::to_stdout(&text)?;
    Ok(Exit::Complete)
}

fn is_wanted(format: &Format, name: Option<&str>) -> bool {
    name.is_none_or(|name| format.mapping.name == name || format_names(format).iter().any(|known| known == name))
}

/// Writing to a String cannot fail, so results of `write!` are dropped here.
fn page(formats: &[&Format], whole: bool) -> String {
    let mut text = String::new();
    for format in formats {
        let _ = writeln!(text, "{} — {}", format_names(format).join(", "), format.mapping.title);
        for (heading, fact) in about::facts(format) {
            let lines = wrap(&fact.replace('`', ""), WIDTH - INDENT);
            let _ = writeln!(text, "  {heading:<15} {}", lines.join(&format!("\n{:INDENT$}", "")));
        }
        text.push('\n');
    }
    if whole {
        let _ = writeln!(
            text,
            "{}\nYour own columns: --map FILE (docs/inputs.md, \"Your own format\").",
            wrap(ALL, WIDTH).join("\n")
        );
    }
    text
}

fn markdown(formats: &[&Format]) -> String {
    let mut text = format!(
        "# What is read\n\nMade from the mappings in `src/formats/maps/` by `batchwise formats --format markdown`; \
         `batchwise formats NAME` says the\nsame of one.\n\n{ALL}\nA file is known by what it holds, not by its name. What \
         you have in columns of your own is read with a\nmapping ([the language](mapping.md)).\n"
    );
    text.push_str("\n| format | holds | rows are |\n|---|---|---|\n");
    let fact = |format: &Format, wanted: &str| {
        about::facts(format)
            .into_iter()
            .find(|(heading, _)| *heading == wanted)
            .map(|(_, text)| text)
            .unwrap_or_default()
    };
    for format in formats {
        let name = &format.mapping.name;
        let _ = writeln!(
            text,
            "| [{}](#{name}) | {} | {} |",
            format.mapping.title,
            fact(format, "holds"),
            fact(format, "rows are")
        );
    }
    for format in formats {
        let names: Vec<String> = format_names(format).iter().map(|name| format!("`{name}`")).collect();
        let _ = writeln!(text, "\n## {}\n\n{}: {}.\n", format.mapping.name, format.mapping.title, names.join(", "));
        text.push_str("| | |\n|---|---|\n");
        for (heading, fact) in about::facts(format) {
            let _ = writeln!(text, "| {heading} | {} |", fact.replace('|', "\\|"));
        }
    }
    text
}
