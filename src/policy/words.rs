//! Words in names: what `nightly-crmEnrichment` tells.
//!
//! Role: name → listed word. Lists are data in `policy.yaml`.

/// One kind of word list, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct WordList {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    /// As listed, which is also its code.
    text: String,
    tokens: Vec<String>,
    /// The last token is only a beginning.
    prefix: bool,
}

impl WordList {
    /// A list from its entries: `eval`, `categori*`, `lead scoring`. One with more than there are numbers for is refused.
    pub fn new(entries: Vec<String>) -> Result<Self, String> {
        if entries.len() > usize::from(u16::MAX) {
            return Err(format!("{} words are more than the {} that a list may have", entries.len(), u16::MAX));
        }
        let entries = entries.into_iter().map(|text| {
            let (body, prefix) = match text.strip_suffix('*') {
                Some(body) => (body, true),
                None => (text.as_str(), false),
            };
            let tokens = body.split_whitespace().map(str::to_lowercase).collect();
            Entry { text, tokens, prefix }
        });
        Ok(Self { entries: entries.collect() })
    }

    /// A list of the same words as others.
    pub fn of(texts: &[String]) -> Self {
        Self::new(texts.to_vec()).unwrap_or_default()
    }

    /// What every name of ASCII holds, in small letters, that holds an entry: of each entry its first token, but for those
    /// that hold another one. A name with something else in it may hold any entry.
    pub fn beginnings(&self) -> Vec<String> {
        let firsts = self.entries.iter().filter_map(|entry| entry.tokens.first());
        // No token of a name has anything else in it.
        let firsts = firsts.filter(|token| token.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !token.is_empty());
        let mut firsts: Vec<String> = firsts.cloned().collect();
        firsts.sort_unstable();
        firsts.dedup();
        let is_needed = |one: &String| !firsts.iter().any(|other| other != one && one.contains(other.as_str()));
        firsts.iter().filter(|one| is_needed(one)).cloned().collect()
    }

    /// The first entry of the list that stands in the name's tokens.
    pub fn find(&self, tokens: &[String]) -> Option<u16> {
        let found = self.entries.iter().position(|entry| entry.stands_in(tokens))?;
        u16::try_from(found).ok()
    }

    /// An entry as listed.
    pub fn text(&self, index: u16) -> &str {
        &self.entries[usize::from(index)].text
    }

    /// All entries as listed.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.text.as_str())
    }
}

impl Entry {
    fn stands_in(&self, tokens: &[String]) -> bool {
        !self.tokens.is_empty()
            && tokens.windows(self.tokens.len()).any(|window| {
                window.iter().zip(&self.tokens).enumerate().all(|(index, (token, wanted))| {
                    if self.prefix && index + 1 == self.tokens.len() {
                        token.starts_with(wanted.as_str())
                    } else {
                        token == wanted
                    }
                })
            })
    }
}

/// Splits a name at everything that is not a letter or digit and at camel humps, lower-cased.
pub fn tokens(name: &str) -> Vec<String> {
    let characters: Vec<char> = name.chars().collect();
    let mut tokens = Vec::new();
    let mut token = String::new();
    for (index, &character) in characters.iter().enumerate() {
        if !character.is_alphanumeric() {
            flush(&mut token, &mut tokens);
            continue;
        }
        let before = index.checked_sub(1).map(|index| characters[index]);
        let after = characters.get(index + 1).copied();
        let hump = character.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_numeric()
                    || (before.is_uppercase() && after.is_some_and(char::is_lowercase))
            });
        if hump {
            flush(&mut token, &mut tokens);
        }
        token.extend(character.to_lowercase());
    }
    flush(&mut token, &mut tokens);
    tokens
}

fn flush(token: &mut String, tokens: &mut Vec<String>) {
    if !token.is_empty() {
        tokens.push(std::mem::take(token));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split() {
        let split = |name| tokens(name).join(" ");
        assert_eq!(split("crmEnrichment"), "crm enrichment");
        assert_eq!(split("SEOReport_v2-final"), "seo report v2 final");
        assert_eq!(split("evaluate-me-live-chat"), "evaluate me live chat");
        assert_eq!(split("  "), "");
    }

    #[test]
    fn entries_match_whole_tokens_prefixes_and_phrases() {
        let list = WordList::new(vec!["eval".into(), "categori*".into(), "lead scoring".into()]).expect("few words");
        let find = |name| list.find(&tokens(name)).map(|index| list.text(index).to_owned());
        assert_eq!(find("model-eval").as_deref(), Some("eval"));
        assert_eq!(find("evaluate"), None);
        assert_eq!(find("categorise-mail").as_deref(), Some("categori*"));
        assert_eq!(find("leadScoring").as_deref(), Some("lead scoring"));
        assert_eq!(find("scoring-lead"), None);
    }

    #[test]
    fn a_word_without_a_number_is_refused() {
        let words = |count: usize| WordList::new(vec!["eval".to_owned(); count]);
        assert!(words(usize::from(u16::MAX)).is_ok());
        let refused = words(usize::from(u16::MAX) + 1).expect_err("too many");
        assert_eq!(refused, "65536 words are more than the 65535 that a list may have");
    }
}
