//! A value of the JSON, read in place.
//!
//! Role: the entries of long lists are looked at once each, so that their texts stay where they stand in the JSON, and their
//! keys in a list.

use std::borrow::Cow;
use std::fmt::{Display, Formatter};

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// A value without fractions, which are texts.
pub(in crate::report) enum Value<'j> {
    /// A text.
    Text(Cow<'j, str>),
    /// A number, a truth, or nothing, as a cell shows it.
    Plain(String),
    /// A list.
    List(Vec<Self>),
    /// Keys with their values, in order.
    Map(Vec<(Cow<'j, str>, Self)>),
}

impl Value<'_> {
    /// A number or a truth.
    pub fn plain(value: impl Display) -> Self {
        Self::Plain(value.to_string())
    }

    /// What is not known.
    pub const fn nothing() -> Self {
        Self::Plain(String::new())
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

impl<'de> Deserialize<'de> for Value<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(InPlace)
    }
}

struct InPlace;

impl<'de> Visitor<'de> for InPlace {
    type Value = Value<'de>;

    fn expecting(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("JSON without fractions, which are texts")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value<'de>, E> {
        Ok(Value::plain(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value<'de>, E> {
        Ok(Value::plain(number))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value<'de>, E> {
        Ok(Value::plain(value))
    }

    fn visit_unit<E: Error>(self) -> Result<Value<'de>, E> {
        Ok(Value::nothing())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value<'de>, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry()? {
            let Value::Text(key) = key else { return Err(A::Error::custom("no key")) };
            entries.push((key, value));
        }
        Ok(Value::Map(entries))
    }
}
