//! Rules as text, for who is to write them into a policy.
//!
//! Role: names from files → YAML that means exactly these names. A name may hold anything; it comes out in quotes, with
//! every character that YAML or a glob would take for more than itself escaped.

use crate::diagnostic::text::mask_secrets;
use crate::policy::NameField;
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

/// The conditions of a rule about a workload.
#[derive(Clone, Copy, Debug)]
pub struct Conditions<'c> {
    /// The workload.
    pub workload: &'c str,
    /// Only calls that have this in a finer field.
    pub detail: Option<(&'c NameField, &'c str)>,
    /// Only calls on these models, where any are named.
    pub models: &'c [&'c str],
    /// Only what is streamed, or what is known not to be.
    pub stream: Option<bool>,
}

/// Conditions as they are written.
pub fn when(conditions: Conditions<'_>) -> String {
    let name = |text: &str| yaml::quoted(&literal_glob(text));
    let mut parts = vec![format!("workload: {}", name(conditions.workload))];
    // The name of a tag may hold anything.
    parts.extend(conditions.detail.map(|(field, value)| match field {
        NameField::Tag(_) => format!("{}: {}", yaml::quoted(&field.to_string()), name(value)),
        NameField::Text(_) => format!("{field}: {}", name(value)),
    }));
    let models: Vec<String> = conditions.models.iter().map(|model| name(model)).collect();
    match models.as_slice() {
        [] => {}
        [model] => parts.push(format!("model: {model}")),
        models => parts.push(format!("model: [{}]", models.join(", "))),
    }
    parts.extend(conditions.stream.map(|stream| format!("stream: {stream}")));
    format!("{{{}}}", parts.join(", "))
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
