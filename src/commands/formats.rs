//! `formats`: what is read, and what each format can and cannot tell.

use std::fmt::Write as _;

use crate::diagnostic::{Exit, Failure};
use crate::formats::registry;
use crate::output;
use crate::settings::format_names;

/// Prints the registry.
pub fn run() -> Result<Exit, Failure> {
    let mut text = String::new();
    for format in registry(None)? {
        let mapping = &format.mapping;
        let list = |items: &[String]| if items.is_empty() { "nothing of note".to_owned() } else { items.join(", ") };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{} — {}", format_names(&format).join(", "), mapping.title);
        let _ = writeln!(text, "  recognised by   {}", format.recognised_by().join(", "));
        let _ = writeln!(text, "  tells           {}", list(&mapping.tells));
        let _ = writeln!(text, "  cannot tell     {}", list(&mapping.cannot_tell));
        let _ = writeln!(text, "  how to get it   {}\n", mapping.how_to_get);
    }
    text.push_str("Files may be plain, gzip or zstd; UTF-8, or UTF-16 with a byte-order mark (others: --encoding); separated by comma, semicolon, tab or bar; JSON may also be a list.\n");
    text.push_str("Your own columns: --map FILE (README, \"Your own format\").\n");
    output::to_stdout(&text)?;
    Ok(Exit::Complete)
}
