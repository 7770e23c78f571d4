//! Names that the price table has, as words of a bill.
//!
//! Role: the table → names of models and of who sells them, by which a row of a bill is known to be about LLM usage
//! whatever category the bill puts it in. It prices nothing: which model is meant is found out later.

use crate::maps::FastSet;
use crate::pricing::PriceTable;

/// Names of providers that are also those of whole clouds, which sell much else.
const CLOUDS: [&str; 5] = ["amazon", "aws", "azure", "google", "microsoft"];
/// Of names shorter than this nothing may stand behind them: `o3` is a model, `o3-east` may be anything.
const SHORTEST_BEGINNING: usize = 5;

/// Names in small letters.
#[derive(Debug, Default)]
pub struct KnownNames {
    sellers: FastSet<String>,
    models: FastSet<String>,
}

impl KnownNames {
    /// The names of a table.
    pub fn of(table: &PriceTable) -> Self {
        let sellers = table.providers().flat_map(|(_, provider)| provider.aliases.iter().chain([&provider.name]));
        let models = table.models().flat_map(|(_, model)| model.aliases.iter().chain([&model.name]));
        Self {
            sellers: sellers.map(|name| name.to_lowercase()).filter(|name| !CLOUDS.contains(&name.as_str())).collect(),
            models: models.map(|name| behind_path(&name.to_lowercase()).to_owned()).collect(),
        }
    }

    /// Whether a seller, in small letters, sells nothing but LLMs.
    pub fn has_seller(&self, host: &str) -> bool {
        self.sellers.contains(host)
    }

    /// Whether a text in small letters is the name of a model.
    pub fn is_model(&self, text: &str) -> bool {
        self.models.contains(behind_path(text))
    }

    /// Whether some word of texts in small letters is the name of a model, or begins with one. Words without a number in
    /// them may mean anything.
    pub fn names_model(&self, texts: &str) -> bool {
        let separates = |letter: char| letter.is_whitespace() || ",;|()[]{}'\"".contains(letter);
        texts.split(separates).map(behind_path).any(|word| {
            let ends = word.match_indices(['-', ':', '@']).map(|(at, _)| at).filter(|at| *at >= SHORTEST_BEGINNING);
            ends.chain([word.len()]).any(|end| {
                let name = &word[..end];
                name.contains(|letter: char| letter.is_ascii_digit())
                    && name.contains(char::is_alphabetic)
                    && self.models.contains(name)
            })
        })
    }
}

fn behind_path(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_table() {
        let names = KnownNames::of(&PriceTable::built_in().expect("the table"));
        for text in ["o3-mini", "us west, o3-mini-2025-01-31 (input)", "azure/o3-mini", "usage of gpt-5.4"] {
            assert!(names.names_model(text), "{text}");
        }
        for text in ["m5.large", "o3-east", "", "storage-2", "e5-2650"] {
            assert!(!names.names_model(text), "{text}");
        }
        assert!(names.is_model("codestral-latest") && !names.is_model("latest"));
        assert!(names.has_seller("amazon bedrock") && names.has_seller("x-ai"));
        assert!(!names.has_seller("azure") && !names.has_seller("google"));
    }
}
