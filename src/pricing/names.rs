//! Names that mean a model without being its id: matched by a glob, or with a date behind the id; and globs over ids.

use std::sync::OnceLock;

use globset::{Glob, GlobBuilder, GlobMatcher};
use schemars::JsonSchema;
use serde::Deserialize;

use super::ModelId;
use crate::calendar::Day;

/// What helps who wrote a glob that is none.
pub const GLOB_HINT: &str = "`*`, `?`, `[abc]` and `{a,b}` have a meaning in globs";

/// Declared globs, of which the first that matches names the model. Most runs never ask, so they are compiled when
/// somebody does.
#[derive(Debug, Default)]
pub struct Globs {
    /// In file order.
    pub declared: Vec<(Glob, ModelId)>,
    compiled: OnceLock<Vec<GlobMatcher>>,
}

impl Globs {
    /// The model of the first glob that matches.
    pub fn model(&self, name: &str) -> Option<ModelId> {
        let compiled =
            self.compiled.get_or_init(|| self.declared.iter().map(|(glob, _)| glob.compile_matcher()).collect());
        let position = compiled.iter().position(|glob| glob.is_match(name))?;
        Some(self.declared[position].1)
    }
}

/// Globs over model ids; none stand for all ids.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<String>")]
#[schemars(with = "Vec<String>")]
pub struct IdGlobs {
    /// In file order.
    globs: Vec<Glob>,
    compiled: OnceLock<Vec<GlobMatcher>>,
}

impl IdGlobs {
    /// Whether any matches, or there are none.
    pub fn holds_for(&self, id: &str) -> bool {
        let compiled = self.compiled.get_or_init(|| self.globs.iter().map(Glob::compile_matcher).collect());
        compiled.is_empty() || compiled.iter().any(|glob| glob.is_match(id))
    }

    /// As written.
    pub fn texts(&self) -> Vec<&str> {
        self.globs.iter().map(Glob::glob).collect()
    }
}

impl TryFrom<Vec<String>> for IdGlobs {
    type Error = String;

    fn try_from(texts: Vec<String>) -> Result<Self, String> {
        let parsed = |text: &String| {
            GlobBuilder::new(text)
                .build()
                .map_err(|error| format!("`{text}` is not a glob: {}\nhint: {GLOB_HINT}", error.kind()))
        };
        Ok(Self { globs: texts.iter().map(parsed).collect::<Result<_, _>>()?, compiled: OnceLock::new() })
    }
}

/// `gpt-5-2025-08-07` and `claude-haiku-4-5-20251001` without their dates.
pub fn without_date(name: &str) -> Option<&str> {
    let dashed = name.len().checked_sub(11).and_then(|at| Some((name.get(..at)?, name.get(at..)?)));
    if let Some((id, date)) = dashed
        && date.strip_prefix('-').is_some_and(|date| date.parse::<Day>().is_ok())
    {
        return Some(id);
    }
    let (id, date) = name.len().checked_sub(9).and_then(|at| Some((name.get(..at)?, name.get(at..)?)))?;
    let digits = date.strip_prefix('-').filter(|date| date.bytes().all(|byte| byte.is_ascii_digit()))?;
    format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..]).parse::<Day>().ok()?;
    Some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_dates() {
        assert_eq!(without_date("gpt-5-2025-08-07"), Some("gpt-5"));
        assert_eq!(without_date("claude-haiku-4-5-20251001"), Some("claude-haiku-4-5"));
        assert_eq!(without_date("claude-opus-4-99"), None);
        assert_eq!(without_date("model-20251399"), None);
        assert_eq!(without_date("é-2025-08-07"), Some("é"));
    }
}
