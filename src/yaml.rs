//! Strict YAML: the only module that names the YAML library.
//!
//! Role: text → a typed value, with file, line and column in every error, plus the small types that keep scalars
//! exact ([`Exactly`]) and maps free of duplicates ([`UniqueMap`]). It knows no schema.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{DeserializeOwned, Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::diagnostic::{Diagnostic, Failure, Place};

/// The largest file that is read, in bytes.
const LARGEST: usize = 5 * 1024 * 1024;

/// Reads `text` as one YAML document of the given shape. `file` is named in errors, under `code`.
pub fn read<T: DeserializeOwned>(code: &'static str, file: &str, text: &str) -> Result<T, Failure> {
    if text.len() > LARGEST {
        return Err(Failure::usage(
            Diagnostic::new(code, format!("larger than {} MiB, which no table of this kind is", LARGEST >> 20))
                .at(Place::file(file)),
        ));
    }
    serde_yaml::from_str(text).map_err(|error| Failure::usage(describe(code, file, text, &error)))
}

fn describe(code: &'static str, file: &str, text: &str, error: &serde_yaml::Error) -> Diagnostic {
    let mut place = Place::file(file);
    let mut message = error.to_string();
    if let Some(location) = error.location() {
        let line = location.line();
        place.line = u64::try_from(line).ok();
        place.column = Some(location.column().to_string());
        place.excerpt = text.lines().nth(line.saturating_sub(1)).map(ToOwned::to_owned);
        // The place is printed apart, so the library's own wording of it goes.
        let suffix = format!(" at line {} column {}", line, location.column());
        if let Some(at) = message.find(&suffix) {
            message.truncate(at);
        }
    }
    // A message may carry its advice behind a line break.
    let (message, hint) = match message.split_once("\nhint: ") {
        Some((message, hint)) => (message.to_owned(), Some(hint.to_owned())),
        None => (message, None),
    };
    let mut diagnostic = Diagnostic::new(code, message).at(place);
    diagnostic.hint = hint;
    diagnostic
}

/// Writes a value as YAML.
pub fn write<T: Serialize>(value: &T) -> Result<String, fmt::Error> {
    serde_yaml::to_string(value).map_err(|_| fmt::Error)
}

/// A scalar read from its exact text, so that `0.13` never passes through a float.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Exactly<T>(pub T);

impl<'de, T> Deserialize<'de> for Exactly<T>
where
    T: FromStr,
    T::Err: fmt::Display,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text<T>(PhantomData<T>);
        impl<T> Visitor<'_> for Text<T>
        where
            T: FromStr,
            T::Err: fmt::Display,
        {
            type Value = Exactly<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a plain value")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                text.parse().map(Exactly).map_err(|error| E::custom(format!("`{text}`: {error}")))
            }
        }
        deserializer.deserialize_str(Text(PhantomData))
    }
}

/// A map in file order whose keys may not repeat: YAML readers take the last of two equal keys without a word.
#[derive(Clone, Debug)]
pub struct UniqueMap<K, V>(pub Vec<(K, V)>);

impl<K, V> Default for UniqueMap<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, K, V> Deserialize<'de> for UniqueMap<K, V>
where
    K: Deserialize<'de> + PartialEq + fmt::Debug,
    V: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<K, V>(PhantomData<(K, V)>);
        impl<'de, K, V> Visitor<'de> for Entries<K, V>
        where
            K: Deserialize<'de> + PartialEq + fmt::Debug,
            V: Deserialize<'de>,
        {
            type Value = UniqueMap<K, V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries: Vec<(K, V)> = Vec::new();
                while let Some(key) = map.next_key::<K>()? {
                    if entries.iter().any(|(known, _)| *known == key) {
                        return Err(A::Error::custom(format!("duplicate key {key:?}")));
                    }
                    entries.push((key, map.next_value()?));
                }
                Ok(UniqueMap(entries))
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}
