//! What a better export would tell.

use super::{LONGEST_NAME, LONGEST_SENTENCE, Section, Text, name, quote, text};
use crate::report::words::dollars;
use crate::report::{Improvement, Report};

/// What a better export would tell, where it is about a hundredth of the spend or more.
pub fn improvements(report: &Report) -> Option<Section> {
    let sentence = |line: &Improvement| {
        let open = match line.gap {
            "batch" => "may run in batch already or not",
            "context" => "is priced without the size of its prompts",
            "model" => "of the bill is for a model that it does not name",
            _ => "is of workloads without a name",
        };
        let formats = (!line.formats.is_empty()).then(|| quote(line.formats.join(", "), LONGEST_SENTENCE).into());
        let provider = (!line.provider.is_empty()).then(|| name(&line.provider, LONGEST_NAME).into());
        let of = Text::joined(provider.into_iter().chain(formats), ", ");
        let advice = quote(&line.advice, LONGEST_SENTENCE);
        text!(dollars(line.monthly_cost), " a month ", open, " (", of, "): ", advice, ".")
    };
    let matters = |line: &&Improvement| line.monthly_cost.units() >= report.today.units() / 100;
    let said = report.improvements.iter().filter(matters).map(sentence);
    Section::new("better-exports", "What a better export would tell").list(said).if_any()
}
