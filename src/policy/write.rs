//! Rules as text, for who is to write them into a policy.
//!
//! Role: names from files → YAML that means exactly these names. A name may hold anything; it comes out in quotes, with
//! every character that YAML or a glob would take for more than itself escaped.

use crate::diagnostic::text::mask_secrets;
use crate::policy::rules::literal_glob;
use crate::yaml;

/// Why a workload has no rule of its own, and what to do.
pub const CALLS_DIFFER: &str = "its calls on one model differ, and one rule would decide about all of them: name workloads by the field that tells them apart, such as the API key (`workload: [api_key, project, model]` in the policy), or give a rule that condition as well (`api_key: NAME`)";

/// Characters of an id that is made of a name.
const LONGEST_ID: usize = 40;

/// Whether a name looks like an API key: such a name is not written into a policy, which travels.
pub fn is_secret(name: &str) -> bool {
    mask_secrets(name) != name
}

/// An id made of a name: its letters and digits in lower case, with hyphens between; `fallback` where it has none.
pub fn id_of(name: &str, fallback: &str) -> String {
    let mut id = String::new();
    for character in name.chars() {
        if character.is_ascii_alphanumeric() {
            id.push(character.to_ascii_lowercase());
        } else if !id.is_empty() && !id.ends_with('-') {
            id.push('-');
        }
        if id.len() >= LONGEST_ID {
            break;
        }
    }
    let id = id.trim_end_matches('-');
    // YAML takes digits for a number and a word such as `no` for a truth; an id is neither.
    let is_text = id.starts_with(|first: char| first.is_ascii_alphabetic()) && !is_word_of_yaml(id);
    match (id.is_empty(), is_text) {
        (true, _) => fallback.to_owned(),
        (_, true) => id.to_owned(),
        (_, false) => format!("{fallback}-{id}"),
    }
}

fn is_word_of_yaml(text: &str) -> bool {
    matches!(text, "true" | "false" | "yes" | "no" | "on" | "off" | "null" | "y" | "n" | "nan" | "inf")
}

/// The conditions of a rule that matches a workload, on some of its models only where any are named.
pub fn when(workload: &str, models: &[&str]) -> String {
    let name = |text: &str| yaml::quoted(&literal_glob(text));
    let models: Vec<String> = models.iter().map(|model| name(model)).collect();
    let models = match models.as_slice() {
        [] => String::new(),
        [model] => format!(", model: {model}"),
        models => format!(", model: [{}]", models.join(", ")),
    };
    format!("{{workload: {}{models}}}", name(workload))
}

/// The same for the streamed calls of a workload.
pub fn when_streamed(workload: &str, models: &[&str]) -> String {
    with_stream(&when(workload, models), true)
}

/// The same for the calls of a workload that are known not to be streamed.
pub fn when_not_streamed(workload: &str, models: &[&str]) -> String {
    with_stream(&when(workload, models), false)
}

fn with_stream(when: &str, stream: bool) -> String {
    format!("{}, stream: {stream}}}", when.strip_suffix('}').unwrap_or(when))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_plain_words() {
        for (name, id) in [
            ("Support Chat/v2", "support-chat-v2"),
            ("--x--", "x"),
            ("42", "workload-42"),
            ("no", "workload-no"),
            ("日本", "workload"),
            ("", "workload"),
        ] {
            assert_eq!(id_of(name, "workload"), id);
        }
        assert_eq!(id_of(&"ab ".repeat(40), "workload").len(), 40);
    }
}
