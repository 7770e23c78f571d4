//! Where a value of a row stands: the short and the long form of a field, tags, and what rows of a kind are known by.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::TargetField;
use crate::usage::Field;
use crate::yaml::{Exactly, UniqueMap};

/// Where a value comes from.
#[derive(Clone, Debug, Default)]
pub struct Spec {
    /// Paths; the first that is filled counts.
    pub from: Vec<String>,
    /// Those of them that hold an id; the others hold a name.
    pub ids: Vec<String>,
    /// What holds for every row of the format, instead of paths.
    pub always: Option<String>,
    /// Texts to read as other texts; `*` stands for all the rest.
    pub values: Vec<(String, String)>,
    /// What one unit of the number is.
    pub unit: Unit,
}

impl Spec {
    /// A text of a target read through the list of values; an empty one means absent. A status that is a number says by itself
    /// whether the call failed, and a damaged one must not pass for the rest.
    pub fn value_of<'v>(&'v self, target: TargetField, text: &'v str) -> Option<&'v str> {
        let value = |wanted: &str| self.values.iter().find(|(from, _)| from == wanted).map(|(_, to)| to.as_str());
        let is_number = || target == TargetField::Status && is_number(text);
        let rest = || value("*").filter(|_| !is_number());
        Some(value(text).or_else(rest).unwrap_or(text)).filter(|text| !text.is_empty())
    }

    /// What `{name: …, id: …}` says, where nothing else stands beside it.
    fn of_id<E: Error>(names: Option<Vec<String>>, ids: Option<Vec<String>>, is_alone: bool) -> Result<Self, E> {
        let Some(ids) = ids.filter(|ids| !ids.is_empty()) else {
            return Err(E::custom("`name` stands beside the `id` that it is the name of"));
        };
        if !is_alone {
            return Err(E::custom("beside `id` only `name` may stand"));
        }
        // The name is what is shown, and the id where there is none.
        let from = names.into_iter().flatten().chain(ids.iter().cloned()).collect();
        Ok(Self { from, ids, ..Self::default() })
    }

    /// Why a target cannot have the ids of its spec.
    pub fn misplaced_ids(&self, target: TargetField) -> Option<String> {
        if self.ids.is_empty() || target.field().is_some_and(|field| field.with_id().is_some()) {
            return None;
        }
        let known: Vec<&str> = Field::WITH_IDS.iter().map(|field| field.name()).collect();
        Some(format!("`{}` has no `id`; {} may have one", target.name(), known.join(", ")))
    }
}

/// Whether a text has digits, of any script, and nothing else but what numbers are written with.
fn is_number(text: &str) -> bool {
    let is_part = |character: char| character.is_numeric() || matches!(character, '+' | '-' | '.' | ',' | 'e' | 'E');
    text.contains(char::is_numeric) && text.chars().all(is_part)
}

/// What one unit of a number is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Tokens, dollars, milliseconds.
    #[default]
    One,
    /// Hundredths of a dollar.
    Cents,
    /// Blocks of a thousand tokens; seconds for durations.
    Thousand,
    /// Blocks of a million tokens.
    Million,
}

impl<'de> Deserialize<'de> for Spec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnySpec;
        impl<'de> Visitor<'de> for AnySpec {
            type Value = Spec;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column, a list of columns, `{from: …, values: …, unit: …}`, `{name: …, id: …}`, or `{always: …}`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Spec, E> {
                Ok(Spec { from: vec![text.to_owned()], ..Spec::default() })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Spec, A::Error> {
                let mut from = Vec::new();
                while let Some(path) = items.next_element::<Exactly<String>>()? {
                    from.push(path.0);
                }
                Ok(Spec { from, ..Spec::default() })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Spec, A::Error> {
                #[derive(Deserialize)]
                #[serde(deny_unknown_fields)]
                struct Full {
                    from: Option<Paths>,
                    name: Option<Paths>,
                    id: Option<Paths>,
                    always: Option<Exactly<String>>,
                    #[serde(default)]
                    values: UniqueMap<Exactly<String>, Exactly<String>>,
                    #[serde(default)]
                    unit: Unit,
                }
                let full = Full::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                let values: Vec<_> = full.values.0.into_iter().map(|(from, to)| (from.0, to.0)).collect();
                let is_plain = values.is_empty() && full.unit == Unit::One;
                if full.id.is_some() || full.name.is_some() {
                    let is_alone = full.from.is_none() && full.always.is_none() && is_plain;
                    return Spec::of_id(full.name.map(|name| name.0), full.id.map(|id| id.0), is_alone);
                }
                match (full.from, full.always) {
                    (Some(from), None) => Ok(Spec { from: from.0, values, unit: full.unit, ..Spec::default() }),
                    (None, Some(always)) if is_plain && !always.0.is_empty() => {
                        Ok(Spec { always: Some(always.0), ..Spec::default() })
                    }
                    (None, Some(_)) => Err(A::Error::custom("`always` is one word, and nothing stands beside it")),
                    _ => Err(A::Error::custom("either `from` or `always` is needed, and not both")),
                }
            }
        }
        deserializer.deserialize_any(AnySpec)
    }
}

#[derive(Clone, Debug, Default)]
struct Paths(Vec<String>);

impl<'de> Deserialize<'de> for Paths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spec::deserialize(deserializer).map(|spec| Self(spec.from))
    }
}

/// Where a time stands and its form.
#[derive(Clone, Debug)]
pub struct TimeSpec {
    /// Paths; the first that is filled counts.
    pub from: Vec<String>,
    /// The form.
    pub form: TimeForm,
    /// Where the same time stands once more as text, if at all: rows that contradict themselves are refused.
    pub same_as: Vec<String>,
}

impl TimeSpec {
    fn of<E: Error>(paths: Paths, form: TimeForm, same_as: Paths) -> Result<Self, E> {
        if paths.0.is_empty() {
            return Err(E::custom("a time needs a column"));
        }
        Ok(Self { from: paths.0, form, same_as: same_as.0 })
    }

    /// The first path, for messages.
    pub fn column(&self) -> &str {
        self.from.first().map_or("", String::as_str)
    }
}

/// How times are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimeForm {
    /// RFC 3339 and relatives; UTC without an offset.
    #[default]
    Text,
    /// Seconds since 1970.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMillis,
    /// A text, or a number of seconds since 1970: one program writes both.
    TextOrEpochSeconds,
}

impl<'de> Deserialize<'de> for TimeSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyTime;
        impl<'de> Visitor<'de> for AnyTime {
            type Value = TimeSpec;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column, a list of columns, or `{from: …, as: text|epoch-seconds|epoch-millis|text-or-epoch-seconds}`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<TimeSpec, E> {
                TimeSpec::of(Paths(vec![text.to_owned()]), TimeForm::Text, Paths::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<TimeSpec, A::Error> {
                let paths = Paths::deserialize(serde::de::value::SeqAccessDeserializer::new(items))?;
                TimeSpec::of(paths, TimeForm::Text, Paths::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TimeSpec, A::Error> {
                #[derive(Deserialize)]
                #[serde(deny_unknown_fields)]
                struct Full {
                    from: Paths,
                    #[serde(default, rename = "as")]
                    form: TimeForm,
                    #[serde(default)]
                    same_as: Paths,
                }
                let full = Full::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                TimeSpec::of(full.from, full.form, full.same_as)
            }
        }
        deserializer.deserialize_any(AnyTime)
    }
}

/// Where tags come from.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagSpec {
    /// Every column or key that begins like this is a tag called by the rest.
    pub prefix: Option<String>,
    /// Tags with a path each.
    #[serde(default)]
    pub named: UniqueMap<String, String>,
    /// Objects in which every word or number is a tag called by its key.
    #[serde(default)]
    pub objects: Vec<String>,
}

/// Texts of a column by which rows of a kind are known.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnRule {
    /// The column to look at.
    pub column: String,
    /// Its texts in such a row.
    pub values: Vec<String>,
}
