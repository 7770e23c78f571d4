//! Meters of Azure.

use super::Sku;
use crate::usage::TokenClass;

/// What a word of an Azure meter says. Words that say nothing of this kind are the model's, and stand before all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AzureWord {
    Input,
    Output,
    Cached,
    Written,
    Tier(Option<&'static str>),
    /// Zone, prompt size, unit: of no matter for the class.
    Passed,
    /// Fine-tuning, audio and images, which have prices of their own.
    Refused,
}

/// The words, by what they say. They are abbreviated in many ways, none of which is the name of a model.
const AZURE_WORDS: [(AzureWord, &[&str]); 9] = [
    (AzureWord::Input, &["inp", "inpt", "input", "in"]),
    (AzureWord::Output, &["outp", "outpt", "opt", "output", "out"]),
    (AzureWord::Cached, &["cached", "cd", "cchd", "ccchd", "cache"]),
    (AzureWord::Written, &["wr"]),
    (AzureWord::Tier(Some("batch")), &["batch"]),
    (AzureWord::Tier(Some("priority")), &["pp"]),
    (AzureWord::Tier(Some("flex")), &["fl", "flex"]),
    (
        AzureWord::Passed,
        &[
            "std", "glbl", "gl", "global", "glb", "regnl", "regional", "rgnl", "rg", "regn", "dzone", "dz", "dzn",
            "datazone", "data", "zone", "shortco", "shco", "longco", "lonco", "1k", "1m", "token", "tokens",
        ],
    ),
    (
        AzureWord::Refused,
        &[
            "ft",
            "rft",
            "fine",
            "tuned",
            "trng",
            "training",
            "hosting",
            "hstng",
            "deployment",
            "grader",
            "grdr",
            "mdl",
            "dev",
            "az",
            "base",
            "audio",
            "aud",
            "image",
            "img",
            "txt",
            "text",
            "rt",
            "realtime",
            "provisioned",
        ],
    ),
];
/// Azure's names with month and day, and the snapshot there is of that day.
const AZURE_SNAPSHOTS: [(&str, &str); 9] = [
    ("gpt-4o-0513", "gpt-4o-2024-05-13"),
    ("gpt-4o-0806", "gpt-4o-2024-08-06"),
    ("gpt-4o-1120", "gpt-4o-2024-11-20"),
    ("gpt-4o-mini-0718", "gpt-4o-mini-2024-07-18"),
    ("gpt-4.5-0227", "gpt-4.5-preview-2025-02-27"),
    ("o1-1217", "o1-2024-12-17"),
    ("o3-0416", "o3-2025-04-16"),
    ("o3-mini-0131", "o3-mini-2025-01-31"),
    ("o4-mini-0416", "o4-mini-2025-04-16"),
];

fn azure_word(word: &str) -> Option<AzureWord> {
    AZURE_WORDS.iter().find(|(_, words)| words.contains(&word)).map(|(says, _)| *says)
}

/// A meter of Azure: `gpt 4.1 nano Batch Inp glbl Tokens`. A word behind the model that is not in the list may mean
/// another price, so that nothing is made of the text then.
pub fn azure(meter: &str) -> Option<Sku> {
    let lower = meter.to_lowercase();
    let words = lower.split([' ', '-']).filter(|word| !word.is_empty());
    let (mut name, mut values): (Vec<&str>, Vec<AzureWord>) = (Vec::new(), Vec::new());
    for word in words {
        match azure_word(word) {
            Some(AzureWord::Refused) => return None,
            Some(says) => values.push(says),
            None if values.is_empty() => name.push(word),
            None => return None,
        }
    }
    let has = |word: AzureWord| values.contains(&word);
    let class = match (has(AzureWord::Input), has(AzureWord::Output), has(AzureWord::Cached), has(AzureWord::Written)) {
        (true, false, false, false) => TokenClass::Input,
        (_, false, true, false) => TokenClass::CacheRead,
        (_, false, true, true) => TokenClass::CacheWrite5m,
        (false, true, false, false) => TokenClass::Output,
        _ => return None,
    };
    let name = name.join("-");
    // `5.4 inp`: of whom is not said.
    if !(name.starts_with("gpt-") || name.starts_with('o') && name[1..].starts_with(|next: char| next.is_ascii_digit()))
    {
        return None;
    }
    let model = AZURE_SNAPSHOTS.iter().find(|(short, _)| *short == name).map_or(name, |(_, id)| (*id).to_owned());
    let tier = values.iter().find_map(|says| if let AzureWord::Tier(tier) = says { *tier } else { None });
    Some(Sku { model, class, tier })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::skus::tests::check;
    use TokenClass::{CacheRead, CacheWrite5m, Input, Output};

    #[test]
    fn meters_of_azure() {
        for (text, expected) in [
            ("gpt 4o 1120 Inp glbl Tokens", Some(("gpt-4o-2024-11-20", Input, None))),
            ("gpt 4o 1120 Outp glbl Tokens", Some(("gpt-4o-2024-11-20", Output, None))),
            ("gpt 4o 1120 cached Inp glbl Tokens", Some(("gpt-4o-2024-11-20", CacheRead, None))),
            ("gpt 4o 1120 Batch Inp glbl Tokens", Some(("gpt-4o-2024-11-20", Input, Some("batch")))),
            ("gpt 4.1 nano Batch Outp glbl Tokens", Some(("gpt-4.1-nano", Output, Some("batch")))),
            ("o4-mini 0416 Inp glbl Tokens", Some(("o4-mini-2025-04-16", Input, None))),
            ("GPT 5 Inpt Glbl 1M Tokens", Some(("gpt-5", Input, None))),
            ("GPT 5 outpt Glbl 1M Tokens", Some(("gpt-5", Output, None))),
            ("gpt-4o-0806-Batch-Inp-glbl Tokens", Some(("gpt-4o-2024-08-06", Input, Some("batch")))),
            ("GPT 5 Batch Inpt cchd Dzone 1M Tokens", Some(("gpt-5", CacheRead, Some("batch")))),
            ("gpt 5.6 sol ShortCo Cd Wr PP Gl 1M Tokens", Some(("gpt-5.6-sol", CacheWrite5m, Some("priority")))),
            ("gpt 5.4 Fl opt Gl 1M Tokens", Some(("gpt-5.4", Output, Some("flex")))),
            ("gpt 4o tcrb txt inp glbl Tokens", None),
            ("gpt 5.4 inp Quantum Gl 1M Tokens", None),
            ("gpt-4.1-nano-ft cached input regnl Tokens", None),
            ("o4-mini rft grader inp glbl Tokens", None),
            ("5.4 inp Gl 1M Tokens", None),
            ("5.5 ShortCo opt Dz 1M Tokens", None),
            ("V4 Pro Inp glbl Tokens", None),
            ("Provisioned Managed Global Unit", None),
            ("gpt 4o ft Inp regnl Tokens", None),
        ] {
            check(text, azure(text).as_ref(), expected);
        }
    }
}
