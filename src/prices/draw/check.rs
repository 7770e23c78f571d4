//! Lints and faults of layout, one under the other.

use std::fmt::Write as _;

use super::{grouped, plural};
use crate::diagnostic::{Diagnostic, sanitized};
use crate::prices::check::Checked;

/// Draws the outcome of a check; with `all` the acknowledged lints too.
pub fn page(checked: &Checked, file: &str, all: bool) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    for lint in &checked.open {
        let _ = writeln!(text, "warning{lint}\n");
    }
    for lint in checked.acknowledged.iter().filter(|_| all) {
        let _ = writeln!(text, "acknowledged{lint}\n");
    }
    let (providers, models, entries) = checked.size;
    let _ = writeln!(
        text,
        "{}: {} of {} in {}, checked up to {}.",
        sanitized(file),
        plural(models, "model"),
        plural(providers, "provider"),
        if entries == 1 { "1 entry".to_owned() } else { format!("{} entries", grouped(entries)) },
        checked.checked
    );
    let acknowledged: u64 = checked.by_code.values().sum();
    let codes: Vec<String> =
        checked.by_code.iter().map(|(code, count)| format!("{code} {}", grouped(*count))).collect();
    let codes = if codes.is_empty() { String::new() } else { format!(" ({})", codes.join(", ")) };
    let _ = writeln!(
        text,
        "{}, {} acknowledged{codes}.",
        plural(checked.open.len() as u64, "warning"),
        grouped(acknowledged)
    );
    text
}

/// Draws faults of layout.
pub fn style(faults: &[Diagnostic], file: &str) -> String {
    let mut text = String::new();
    for fault in faults {
        let _ = writeln!(text, "warning{fault}\n");
    }
    let count = faults.len() as u64;
    let _ = match count {
        0 => writeln!(text, "{}: the layout is as it should be.", sanitized(file)),
        _ => writeln!(text, "{}: {} of layout.", sanitized(file), plural(count, "fault")),
    };
    text
}
