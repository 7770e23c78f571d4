//! What vendors and gateways write before a model's name: routes, resource names and ARNs, declared in the price table.
//!
//! Role: a fixed grammar as data. A path is a glob that ends in `/`, and the model's name is what stands behind it. Nothing
//! is left out of a name that no path of its provider declares.

use std::sync::OnceLock;

use globset::{Glob, GlobBuilder, GlobMatcher};
use schemars::JsonSchema;
use serde::Deserialize;

use super::names::GLOB_HINT;

/// The paths of one provider, of which the first that matches counts.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(from = "Vec<ModelPath>")]
#[schemars(with = "Vec<RawModelPath>")]
pub struct ModelPaths {
    /// In file order.
    pub declared: Vec<ModelPath>,
    /// Most runs never ask, so they are compiled when somebody does.
    compiled: OnceLock<Vec<GlobMatcher>>,
}

impl From<Vec<ModelPath>> for ModelPaths {
    fn from(declared: Vec<ModelPath>) -> Self {
        Self { declared, compiled: OnceLock::new() }
    }
}

impl ModelPaths {
    /// What stands behind the first path that begins the name, and that path.
    pub fn strip<'n>(&self, name: &'n str) -> Option<(&'n str, &ModelPath)> {
        if !name.contains('/') {
            return None;
        }
        let compiled =
            self.compiled.get_or_init(|| self.declared.iter().map(|path| path.before.compile_matcher()).collect());
        self.declared.iter().zip(compiled).find_map(|(path, before)| {
            let splits = name.match_indices('/').map(|(slash, _)| name.split_at(slash + 1));
            let (_, rest) = splits.into_iter().find(|(start, _)| before.is_match(start))?;
            Some((rest, path))
        })
    }
}

/// What may stand before a model's name.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "RawModelPath")]
pub struct ModelPath {
    before: Glob,
    /// The data residency that it states.
    pub geo: Option<String>,
}

impl ModelPath {
    /// The glob as written.
    pub fn text(&self) -> &str {
        self.before.glob()
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ModelPath")]
struct RawModelPath {
    /// A glob that ends in `/`, in which `*` stops at the next `/`. What follows is the model's name.
    path: String,
    /// The data residency that such a path states, by its name under `geo`.
    geo: Option<String>,
}

impl TryFrom<RawModelPath> for ModelPath {
    type Error = String;

    fn try_from(raw: RawModelPath) -> Result<Self, String> {
        if !raw.path.ends_with('/') {
            return Err(format!(
                "the path `{}` does not end in `/`\nhint: write what stands before the model's name",
                raw.path
            ));
        }
        let parsed = GlobBuilder::new(&raw.path).literal_separator(true).build();
        let before =
            parsed.map_err(|error| format!("`{}` is not a glob: {}\nhint: {GLOB_HINT}", raw.path, error.kind()))?;
        Ok(Self { before, geo: raw.geo })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(texts: &[&str]) -> ModelPaths {
        let path = |text: &&str| ModelPath::try_from(RawModelPath { path: (*text).to_owned(), geo: None });
        texts.iter().map(path).collect::<Result<Vec<_>, _>>().expect("paths").into()
    }

    #[test]
    fn a_path_is_left_out_where_it_begins_the_name() {
        let paths = paths(&["publishers/*/models/", "arn:aws:bedrock:*:*:inference-profile/", "converse/"]);
        let rest = |name: &'static str| paths.strip(name).map(|(rest, _)| rest);
        assert_eq!(rest("publishers/anthropic/models/claude-3-5-haiku"), Some("claude-3-5-haiku"));
        assert_eq!(rest("publishers/a/b/models/claude-3-5-haiku"), None, "`*` stops at `/`");
        assert_eq!(rest("arn:aws:bedrock:eu-west-1:4711:inference-profile/us.x-v1:0"), Some("us.x-v1:0"));
        assert_eq!(rest("arn:aws:bedrock:eu-west-1:4711:application-inference-profile/k1"), None);
        assert_eq!(rest("x/converse/y"), None, "only at the beginning");
        assert_eq!(rest("converse/y/z"), Some("y/z"), "a model's own name may hold a slash");
        assert_eq!(rest("converse"), None);
    }

    #[test]
    fn a_path_ends_in_a_slash() {
        let wrong = |path: &str| ModelPath::try_from(RawModelPath { path: path.to_owned(), geo: None }).is_err();
        assert!(wrong("converse") && wrong("") && wrong("{a/") && !wrong("converse/"));
    }
}
