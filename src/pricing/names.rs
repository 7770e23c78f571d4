//! Names that the table declares for a model: its id, aliases, dates behind the id, globs; and globs over ids.
//!
//! Role: one name → the model that one provider means by it. What stands around a name is `resolve`'s.

use std::sync::OnceLock;

use globset::{Glob, GlobBuilder, GlobMatcher};
use schemars::JsonSchema;
use serde::Deserialize;

use super::ModelId;
use crate::calendar::Day;
use crate::maps::FastMap;

/// What helps who wrote a glob that is none.
pub const GLOB_HINT: &str = "`*`, `?`, `[abc]` and `{a,b}` have a meaning in globs";

/// The names of one provider's models.
#[derive(Debug, Default)]
pub struct Names {
    /// Ids and aliases.
    pub exact: FastMap<String, ModelId>,
    /// Ids that may have a date behind them.
    pub snapshots: FastMap<String, ModelId>,
    /// Globs.
    pub globs: Globs,
    /// Most runs never ask, so it is filled when somebody does.
    folded: OnceLock<FoldedNames>,
}

/// Names in lower case, each with its model, or with none where several models are called so.
#[derive(Debug, Default)]
struct FoldedNames {
    exact: FastMap<String, Option<ModelId>>,
    snapshots: FastMap<String, Option<ModelId>>,
}

impl Names {
    /// The model of a name as it is declared: exact, alias, snapshot, glob.
    pub fn declared(&self, name: &str) -> Option<ModelId> {
        let exact = self.exact.get(name).copied();
        exact.or_else(|| self.snapshots.get(without_date(name)?).copied()).or_else(|| self.globs.model(name))
    }

    /// The only model whose id or alias is this name but for upper and lower case. Globs are as they are written.
    pub fn in_any_case(&self, name: &str) -> Option<ModelId> {
        let folded =
            self.folded.get_or_init(|| FoldedNames { exact: folded(&self.exact), snapshots: folded(&self.snapshots) });
        let name = name.to_lowercase();
        match folded.exact.get(&name) {
            Some(model) => *model,
            None => folded.snapshots.get(without_date(&name)?).copied().flatten(),
        }
    }
}

fn folded(names: &FastMap<String, ModelId>) -> FastMap<String, Option<ModelId>> {
    let mut folded: FastMap<String, Option<ModelId>> = FastMap::default();
    for (name, &model) in names {
        folded
            .entry(name.to_lowercase())
            .and_modify(|known| *known = known.filter(|known| *known == model))
            .or_insert(Some(model));
    }
    folded
}

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
    fn letter_case_is_folded_where_one_model_is_called_so() {
        let mut names = Names::default();
        for (name, model) in [("Swift", 1), ("swift-latest", 1), ("Owl", 2), ("owl", 3), ("SWIFT-LATEST", 1)] {
            names.exact.insert(name.to_owned(), ModelId(model));
        }
        names.snapshots.insert("Swift".to_owned(), ModelId(1));
        assert_eq!(names.declared("swift"), None);
        assert_eq!(names.in_any_case("swift"), Some(ModelId(1)));
        assert_eq!(names.in_any_case("Swift-Latest"), Some(ModelId(1)), "two names of one model");
        assert_eq!(names.in_any_case("SWIFT-20260305"), Some(ModelId(1)));
        assert_eq!(names.in_any_case("SWIFT-20269999"), None);
        assert_eq!(names.in_any_case("OWL"), None, "two models");
    }

    #[test]
    fn dates_are_dates() {
        assert_eq!(without_date("gpt-5-2025-08-07"), Some("gpt-5"));
        assert_eq!(without_date("claude-haiku-4-5-20251001"), Some("claude-haiku-4-5"));
        assert_eq!(without_date("claude-opus-4-99"), None);
        assert_eq!(without_date("model-20251399"), None);
        assert_eq!(without_date("é-2025-08-07"), Some("é"));
    }
}
