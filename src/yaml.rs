//! Strict YAML: the only module that names the YAML library.
//!
//! Role: text → a typed value, with file, line and column in every error, plus the small types that keep scalars
//! exact ([`Exactly`]) and maps free of duplicates ([`UniqueMap`]). It knows no schema.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::marker::PhantomData;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Deserializer, Error as _, MapAccess, Visitor};

use crate::diagnostic::text::is_hostile;
use crate::diagnostic::{Diagnostic, Failure, Place};

/// The largest file that is read, in bytes.
pub const LARGEST: usize = 5 * 1024 * 1024;

/// The most that maps and lists of a file stand in one another.
const DEEPEST: usize = 64;

/// Reads `text` as one YAML document of the given shape. `file` is named in errors, under `code`.
pub fn read<T: DeserializeOwned>(code: &'static str, file: &str, text: &str) -> Result<T, Failure> {
    if text.len() > LARGEST {
        return Err(Failure::usage(
            Diagnostic::new(code, format!("larger than {} MiB, which no table of this kind is", LARGEST >> 20))
                .at(Place::file(file)),
        ));
    }
    // Some editors begin a file with a byte-order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Some((line, column)) = too_deep(text) {
        return Err(Failure::usage(
            Diagnostic::new(code, format!("maps and lists are nested more than {DEEPEST} deep"))
                .at(Place { column: Some(column.to_string()), ..Place::line(file, line) })
                .hint("no table of this kind is; look for a bracket that is not closed"),
        ));
    }
    serde_yaml::from_str(text).map_err(|error| Failure::usage(describe(code, file, text, &error)))
}

/// Reads what was turned into JSON when the program was built; a test holds it equal to the YAML it was made of.
pub fn read_built_in<T: DeserializeOwned>(code: &'static str, json: &str) -> Result<T, Failure> {
    serde_json::from_str(json)
        .map_err(|error| Failure::usage(Diagnostic::new(code, error.to_string()).at(Place::file("built-in"))))
}

/// Where brackets, or the marks of lists on one line, are deeper in one another than any table: the library's time grows
/// with the square of it, so it is looked for before. Brackets in texts count for none where quotes or a comment say so.
fn too_deep(text: &str) -> Option<(u64, usize)> {
    let (mut brackets, mut quote) = (0_usize, None);
    for (line, content) in (1..).zip(text.lines()) {
        // What a bracket, a quote or a comment must stand behind to be one.
        let (mut before, mut marks) = (' ', 0);
        let mut characters = content.chars().enumerate().peekable();
        while let Some((at, character)) = characters.next() {
            let begins = matches!(before, ' ' | '\t' | '[' | '{' | ',' | ':' | '-' | '?');
            // A bracket inside a plain text is a part of it, and so is what follows it.
            before = if begins || !matches!(character, '[' | '{') { character } else { 'x' };
            match (quote, character) {
                (Some('"'), '\\') => drop(characters.next()),
                (Some('\''), '\'') if characters.next_if(|(_, next)| *next == '\'').is_some() => {}
                (Some(open), _) if open == character => quote = None,
                (None, '"' | '\'') if begins => quote = Some(character),
                (None, '#') if begins => break,
                (None, '[' | '{') if begins => brackets += 1,
                (None, ']' | '}') => brackets = brackets.saturating_sub(1),
                (None, '-' | '?') if begins && characters.peek().is_none_or(|(_, next)| *next == ' ') => marks += 1,
                _ => {}
            }
            if brackets.max(marks) > DEEPEST {
                return Some((line, at + 1));
            }
        }
    }
    None
}

fn describe(code: &'static str, file: &str, text: &str, error: &serde_yaml::Error) -> Diagnostic {
    let mut place = Place::file(file);
    let mut message = error.to_string();
    if let Some(location) = error.location() {
        // The place is printed apart, so the library's own wording of it goes.
        let suffix = format!(" at line {} column {}", location.line(), location.column());
        if let Some(at) = message.find(&suffix) {
            message.truncate(at);
        }
        // The library points at the map that holds a key twice; what helps is the second one.
        let line = quoted_after(&message, "duplicate ")
            .and_then(|key| second_key(text, location.line(), location.column(), key))
            .unwrap_or(location.line());
        place.line = u64::try_from(line).ok();
        place.column = Some(location.column().to_string());
        place.excerpt = text.lines().nth(line.saturating_sub(1)).map(ToOwned::to_owned);
    }
    // A message may carry its advice behind a line break.
    let (message, hint) = match message.split_once("\nhint: ") {
        Some((message, hint)) => (message.to_owned(), Some(hint.to_owned())),
        None => (message, None),
    };
    let hint = hint.or_else(|| advice(&message, place.excerpt.as_deref().unwrap_or_default()));
    let mut diagnostic = Diagnostic::new(code, shortened(&in_plain_words(&message))).at(place);
    diagnostic.hint = hint;
    diagnostic
}

/// A message without the middle of what it quotes: where a file is no map, that is the whole file.
fn shortened(message: &str) -> String {
    const BEGIN: usize = 1000;
    const END: usize = 200;
    let characters = message.chars().count();
    if characters <= BEGIN + END {
        return message.to_owned();
    }
    let begin = message.chars().take(BEGIN);
    begin.chain(['…']).chain(message.chars().skip(characters - END)).collect()
}

/// The library speaks of Rust's fields, variants and structs; who writes YAML knows keys, values, maps and lists.
fn in_plain_words(message: &str) -> String {
    const WORDS: [(&str, &str); 6] = [
        ("unknown field ", "unknown key "),
        ("missing field ", "missing key "),
        ("duplicate field ", "duplicate key "),
        ("unknown variant ", "unknown value "),
        ("invalid type: sequence", "invalid type: list"),
        (
            "deserializing from YAML containing more than one document is not supported",
            "holds more than one YAML document",
        ),
    ];
    let mut words = WORDS.into_iter().fold(message.to_owned(), |message, (theirs, ours)| message.replace(theirs, ours));
    for (kind, ours) in [("struct", "a map"), ("enum", "a plain value")] {
        if let Some(at) = words.find(&format!("expected {kind} ")) {
            words.truncate(at);
            words.push_str("expected ");
            words.push_str(ours);
        }
    }
    words
}

/// What to do about an error of the library's own.
fn advice(message: &str, excerpt: &str) -> Option<String> {
    if let Some(unknown) = quoted_after(message, "unknown ") {
        // What is expected stands in backticks behind what is not.
        let expected = message.rsplit_once(", expected ").map_or("", |(_, expected)| expected);
        let near = expected
            .split('`')
            .skip(1)
            .step_by(2)
            .map(|name| (strsim::damerau_levenshtein(unknown, name), name))
            .min()?;
        return (near.0 * 2 <= unknown.chars().count()).then(|| format!("did you mean `{}`?", near.1));
    }
    if excerpt.trim_start_matches(' ').starts_with('\t') {
        return Some("YAML is indented with spaces, not with tabs".to_owned());
    }
    message.contains("more than one document").then(|| "keep one document: take out the line `---`".to_owned())
}

/// The text in backticks behind `words` and one more word.
fn quoted_after<'m>(message: &'m str, words: &str) -> Option<&'m str> {
    let rest = &message[message.find(words)? + words.len()..];
    let (before, rest) = rest.split_once('`')?;
    (before.trim_end().split(' ').count() == 1).then(|| rest.split('`').next()).flatten()
}

/// The line on which a key stands for the second time in a map written line by line, which begins at this place.
fn second_key(text: &str, line: usize, column: usize, key: &str) -> Option<usize> {
    let indent = column.checked_sub(1)?;
    let is_key = |rest: &str| {
        let rest =
            rest.trim_start_matches(['"', '\'']).strip_prefix(key).map(|rest| rest.trim_start_matches(['"', '\'']));
        rest.is_some_and(|rest| rest.trim_start().starts_with(':'))
    };
    let mut seen = false;
    for (index, content) in text.lines().enumerate().skip(line.checked_sub(1)?) {
        let depth = content.chars().take_while(|&character| character == ' ').count();
        let body = if index + 1 == line { content.get(indent..)? } else { content.trim_start_matches(' ') };
        if index + 1 > line && (body.is_empty() || body.starts_with('#') || depth > indent) {
            continue;
        }
        if index + 1 > line && depth < indent {
            break;
        }
        if is_key(body) && std::mem::replace(&mut seen, true) {
            return Some(index + 1);
        }
    }
    None
}

/// A text in double quotes that is read back as it is, whatever it holds, on one line and safe to look at.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        let number = u32::from(character);
        // Writing to a String cannot fail.
        let _ = match character {
            '"' | '\\' => write!(quoted, "\\{character}"),
            '\n' => write!(quoted, "\\n"),
            '\t' => write!(quoted, "\\t"),
            _ if is_hostile(character) || number == 0xfffe || number == 0xffff => write!(quoted, "\\u{number:04x}"),
            _ => write!(quoted, "{character}"),
        };
    }
    quoted.push('"');
    quoted
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

/// A value that is written short as a text, or in full as a map; for `deserialize` of a type that has both. `expected` says so
/// in messages.
pub fn text_or_map<'de, D: Deserializer<'de>, T, M: Deserialize<'de>>(
    deserializer: D,
    expected: &'static str,
    of_text: impl FnOnce(&str) -> Result<T, String>,
    of_map: impl FnOnce(M) -> Result<T, String>,
) -> Result<T, D::Error> {
    struct Either<T, M, F, G>(&'static str, F, G, PhantomData<(T, M)>);
    impl<'de, T, M, F, G> Visitor<'de> for Either<T, M, F, G>
    where
        M: Deserialize<'de>,
        F: FnOnce(&str) -> Result<T, String>,
        G: FnOnce(M) -> Result<T, String>,
    {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
            self.1(text).map_err(E::custom)
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            self.2(M::deserialize(MapAccessDeserializer::new(map))?).map_err(A::Error::custom)
        }
    }
    deserializer.deserialize_any(Either(expected, of_text, of_map, PhantomData))
}

/// How a scalar looks to an editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looks {
    /// A decimal, not negative.
    Number,
    /// A whole number, not negative.
    Whole,
    /// `2026-10-31`.
    Date,
}

/// A type that is read from a plain scalar.
pub trait Plain {
    /// How that scalar looks.
    const LOOKS: Looks;
}

impl Plain for Whole {
    const LOOKS: Looks = Looks::Whole;
}

impl<T: Plain> JsonSchema for Exactly<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Exactly".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        match T::LOOKS {
            Looks::Number => json_schema!({"type": "number", "minimum": 0}),
            Looks::Whole => json_schema!({"type": "integer", "minimum": 0}),
            Looks::Date => json_schema!({"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}$"}),
        }
    }
}

impl<K, V: JsonSchema> JsonSchema for UniqueMap<K, V> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "UniqueMap".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "object", "additionalProperties": generator.subschema_for::<V>()})
    }
}

/// To an editor a checked type looks like the one it is read from.
macro_rules! looks_like {
    ($($checked:ty => $raw:ty),+) => {$(
        impl schemars::JsonSchema for $checked {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                <$raw as schemars::JsonSchema>::schema_name()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                generator.subschema_for::<$raw>()
            }
        }
    )+};
}

pub(crate) use looks_like;

/// A whole number of any width, written as people write it; for `deserialize_with`.
pub fn whole<'de, D: Deserializer<'de>, T: TryFrom<u64>>(deserializer: D) -> Result<T, D::Error> {
    let Exactly(Whole(number)) = Exactly::deserialize(deserializer)?;
    T::try_from(number).map_err(|_| D::Error::custom(format!("`{number}` is too large")))
}

/// The same where it may be left out; goes with `default`.
pub fn some_whole<'de, D: Deserializer<'de>, T: TryFrom<u64>>(deserializer: D) -> Result<Option<T>, D::Error> {
    whole(deserializer).map(Some)
}

/// A whole number as people write it: what YAML readers take for octal, or with a sign, is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole(pub u64);

impl FromStr for Whole {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
        text.parse().ok().filter(|_| is_plain).map(Self).ok_or("not a plain whole number, such as 0 or 200000")
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
    K: Deserialize<'de> + PartialEq,
    V: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<K, V>(PhantomData<(K, V)>);
        impl<'de, K, V> Visitor<'de> for Entries<K, V>
        where
            K: Deserialize<'de> + PartialEq,
            V: Deserialize<'de>,
        {
            type Value = UniqueMap<K, V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries: Vec<(K, V)> = Vec::new();
                while let Some(Key { text, key }) = map.next_key::<Key<K>>()? {
                    if entries.iter().any(|(known, _)| *known == key) {
                        return Err(A::Error::custom(format!("duplicate key `{text}`")));
                    }
                    entries.push((key, map.next_value()?));
                }
                Ok(UniqueMap(entries))
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

/// A key and its text, for messages.
struct Key<K> {
    text: String,
    key: K,
}

impl<'de, K: Deserialize<'de>> Deserialize<'de> for Key<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text<K>(PhantomData<K>);
        impl<'de, K: Deserialize<'de>> Visitor<'de> for Text<K> {
            type Value = Key<K>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a plain key")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                let key = K::deserialize(serde::de::value::StringDeserializer::<E>::new(text.to_owned()))?;
                Ok(Key { text: text.to_owned(), key })
            }
        }
        deserializer.deserialize_str(Text(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_is_seen_before_a_file_is_read() {
        let nested = |open: &str, close: &str, depth: usize| format!("{}{}", open.repeat(depth), close.repeat(depth));
        for (text, place) in [
            (nested("[", "]", 64), None),
            (nested("[", "]", 65), Some((1, 65))),
            (format!("a:\n  b: {}", nested("{a: ", "}", 65)), Some((2, 262))),
            ("- ".repeat(65), Some((1, 129))),
            ("- a\n".repeat(100), None),
            ("- [a, {b: c}]\n".repeat(100), None),
            (format!("a: \"\\\"{}\"", "[".repeat(100)), None),
            (format!("a: 'it''s {}'", "[".repeat(100)), None),
            (format!("a: b # {}", "[ ".repeat(100)), None),
            (format!("a: don't b{}", "[".repeat(100)), None),
            (format!("a: don't {}", "{ ".repeat(100)), Some((1, 138))),
        ] {
            assert_eq!(too_deep(&text), place, "{text}");
        }
    }

    #[test]
    fn quoted_texts_are_read_back_as_they_are() {
        let mut texts: Vec<String> = [
            "",
            "a\"b\\c",
            "# no comment: {x: [y]}",
            "line\nbreak\r\n\ttab",
            "\u{0}\u{1b}[31m\u{85}\u{2028}\u{202e}\u{feff}",
        ]
        .map(ToOwned::to_owned)
        .to_vec();
        texts.extend((0..0x11_0000).step_by(0xf1).filter_map(char::from_u32).map(|character| format!("a{character}b")));
        texts.extend(['\u{fffe}', '\u{ffff}', '\u{1fffe}', '\u{10ffff}', '\u{7f}', '\u{9b}'].map(String::from));
        for text in texts {
            let quoted = quoted(&text);
            assert!(!quoted.contains(is_hostile), "{quoted}");
            let read: String = read("test", "test", &quoted).unwrap_or_else(|error| panic!("{quoted}: {error}"));
            assert_eq!(read, text);
        }
    }
}
