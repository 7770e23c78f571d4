//! What a rollup file keeps of the rows that it was made from, as its `control` row says, and whether that is enough.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{COLUMNS, SCHEMA};
use crate::diagnostic::{Diagnostic, Failure, sanitized_short};
use crate::policy::Fact;
use crate::rollup::key_fields::Needs;

/// What a file is and keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// The format and its version.
    pub schema: String,
    /// Inputs that it has control rows of.
    pub inputs: u64,
    /// Lines that belong to none.
    pub lines: u64,
    /// The columns that it is written with; those of [`COLUMNS`] where it does not say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// Texts that it keeps whole, by their names in policies.
    pub fields: Vec<String>,
    /// Tags that it keeps whole.
    pub tags: Vec<String>,
    /// Words for which it keeps other tags.
    pub words: Vec<String>,
    /// Where numbers are cut, by fact.
    pub cuts: BTreeMap<String, Vec<u64>>,
    /// Each hour by itself.
    pub hours: bool,
    /// The first day that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The options by which its inputs were read, with their values, where that was not as usual.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
    /// What it was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Which part of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// Calls and buckets that several of its inputs tell.
    #[serde(skip_serializing_if = "is_zero")]
    pub shared: u64,
    /// Streamed calls of which there are pieces, and nowhere what they used.
    #[serde(skip_serializing_if = "is_zero")]
    pub orphan_chunks: u64,
    /// Rates of currencies by which amounts became dollars.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub currencies: BTreeMap<String, String>,
    /// Files of folders that systems put there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub litter: Vec<String>,
    /// There are more names than the file has lines for.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub more_names: bool,
}

/// Whether a count need not be written.
pub const fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// One of several parts of a source, as `2/4`. No call is in two of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shard {
    number: u32,
    of: u32,
}

impl Shard {
    /// Whether no call of one is in the other.
    pub const fn is_apart_from(self, other: Self) -> bool {
        self.of == other.of && self.number != other.number
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match parts {
            Some((number, of)) if (1..=of).contains(&number) => Ok(Self { number, of }),
            _ => Err(format!("`{text}` is no shard such as 2/4")),
        }
    }
}

impl TryFrom<String> for Shard {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(Shard { number, of }: Shard) -> Self {
        format!("{number}/{of}")
    }
}

impl Kept {
    /// What a file of this program keeps.
    pub fn of(needs: Needs, hours: bool) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            fields: needs.texts.into_iter().map(|field| field.name().to_owned()).collect(),
            tags: needs.tags,
            words: needs.words,
            cuts: needs.cuts.into_iter().map(|(fact, cuts)| (fact.to_string(), cuts)).collect(),
            hours,
            ..Self::default()
        }
    }

    /// The columns that it must have.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let all = if self.columns.is_empty() { &COLUMNS[..] } else { &[] };
        all.iter().copied().chain(self.columns.iter().map(String::as_str))
    }

    /// As it is written.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// Fails where judging needs to know more than the file tells; `mend` makes a file that does.
    pub fn check(&self, needs: &Needs, mend: &str) -> Result<(), Failure> {
        let lacks = |what: String| Err(Failure::usage(Diagnostic::new("rollup-too-coarse", what).hint(mend)));
        if let Some(field) = needs.texts.iter().find(|field| !self.fields.iter().any(|kept| kept == field.name())) {
            return lacks(format!(
                "the rollup file does not keep `{}`, which the policy or --by looks at",
                field.name()
            ));
        }
        if let Some(tag) = needs.tags.iter().find(|tag| !self.tags.contains(tag)) {
            let tag = sanitized_short(tag, 60);
            return lacks(format!("the rollup file does not keep `tag.{tag}`, which the policy or --by looks at"));
        }
        if let Some(word) = needs.words.iter().find(|word| !self.words.contains(word)) {
            let word = sanitized_short(word, 60);
            return lacks(format!("the rollup file does not keep tags for the word `{word}`, which the policy lists"));
        }
        for (fact, wanted) in &needs.cuts {
            let kept = self.cuts.get(&fact.to_string()).map_or(&[][..], Vec::as_slice);
            if let Some(cut) = wanted.iter().find(|cut| !kept.contains(cut)) {
                let asker = if *fact == Fact::Hour { "a rule or --hours" } else { "a price or a rule" };
                return lacks(format!(
                    "the rollup file does not tell `{fact}` of {cut} from what is less, as {asker} does"
                ));
            }
        }
        Ok(())
    }
}
