//! The result as comma-separated values: its JSON, leaf by leaf.
//!
//! Role: reads the JSON of a result and writes one value per row, with the same names and the same exact numbers. It knows no
//! report: what is in the JSON is in the CSV, in the same order.

use std::borrow::Cow;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::diagnostic::text::guarded;
use crate::diagnostic::{Failure, sanitized};

mod columns;

pub(crate) use columns::render;

/// Where rows go.
pub(super) type Writer = csv::Writer<Vec<u8>>;

/// Where a value stands in the JSON.
pub(super) struct Place<'p> {
    /// The keys to it, with a point between them.
    pub path: &'p str,
    /// Its place in the list of that path, from 1; nothing where it stands in no list.
    pub row: Option<usize>,
}

impl Place<'_> {
    /// The place in a list as text, or nothing.
    pub fn row_text(&self) -> String {
        self.row.map(|row| row.to_string()).unwrap_or_default()
    }
}

/// Rows as CSV.
pub fn text(rows: &[Vec<String>]) -> Result<String, Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    rows.iter().try_for_each(|row| writer.write_record(row)).map_err(|error| unwritable(&error))?;
    finished(writer)
}

/// A JSON text as CSV. `write` gets each value that stands in no list and each entry of a list, in the order of the JSON, so
/// that a long list is never held whole.
pub(super) fn of_json(
    json: &str,
    header: &[&str],
    mut write: impl FnMut(&mut Writer, &Place<'_>, &Value) -> csv::Result<()>,
) -> Result<String, Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header).map_err(|error| unwritable(&error))?;
    let mut leaf = |place: &Place<'_>, value: &Value| match value {
        Value::String(schema) if place.path == "schema" => {
            // The same leaves in another form.
            write(&mut writer, place, &schema.replacen('/', ".csv/", 1).into())
        }
        value => write(&mut writer, place, value),
    };
    let walk = Walk { path: "", write: &mut leaf };
    walk.deserialize(&mut serde_json::Deserializer::from_str(json)).map_err(|error| unwritable(&error))?;
    finished(writer)
}

/// Calls `write` for each leaf of a value. The keys to it, behind `key` and with a point between them, are its name; an entry
/// of a list is named by its place, from 1.
pub(super) fn leaves(
    key: &str,
    value: &Value,
    write: &mut impl FnMut(&str, &Value) -> csv::Result<()>,
) -> csv::Result<()> {
    match value {
        Value::Object(entries) => {
            entries.iter().try_for_each(|(inner, value)| leaves(&joined(key, inner), value, write))
        }
        Value::Array(items) => {
            let mut items = (1_usize..).zip(items);
            items.try_for_each(|(index, item)| leaves(&joined(key, &index.to_string()), item, write))
        }
        leaf => write(key, leaf),
    }
}

/// A leaf as it stands in a cell: a number as it is, a text so that it runs as no formula, nothing where it is not known.
pub(super) fn cell(leaf: &Value) -> Cow<'_, str> {
    match leaf {
        Value::Null => Cow::Borrowed(""),
        // An amount is a number for a spreadsheet, whatever its sign.
        Value::String(text) if is_number(text) => Cow::Borrowed(text),
        Value::String(text) => guarded(&sanitized(text)).into(),
        other => other.to_string().into(),
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Keys with a point between them.
pub(super) fn joined(outer: &str, inner: &str) -> String {
    if outer.is_empty() { inner.to_owned() } else { format!("{outer}.{inner}") }
}

fn finished(writer: Writer) -> Result<String, Failure> {
    let bytes = writer.into_inner().map_err(|error| unwritable(error.error()))?;
    String::from_utf8(bytes).map_err(|error| unwritable(&error))
}

fn unwritable(error: &dyn std::error::Error) -> Failure {
    Failure::internal(format!("the CSV cannot be made: {error}"))
}

/// A value of the JSON on the way to its leaves.
struct Walk<'w, F> {
    path: &'w str,
    write: &'w mut F,
}

impl<F: FnMut(&Place<'_>, &Value) -> csv::Result<()>> Walk<'_, F> {
    fn leaf<E: Error>(self, row: Option<usize>, value: &Value) -> Result<(), E> {
        (self.write)(&Place { path: self.path, row }, value).map_err(E::custom)
    }
}

impl<'de, F: FnMut(&Place<'_>, &Value) -> csv::Result<()>> DeserializeSeed<'de> for Walk<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, F: FnMut(&Place<'_>, &Value) -> csv::Result<()>> Visitor<'de> for Walk<'_, F> {
    type Value = ();

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("JSON without fractions, which are texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            map.next_value_seed(Walk { path: &joined(self.path, &key), write: &mut *self.write })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut row = 1;
        while let Some(entry) = list.next_element::<Value>()? {
            Walk { path: self.path, write: &mut *self.write }.leaf(Some(row), &entry)?;
            row += 1;
        }
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.leaf(None, &text.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.leaf(None, &number.into())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.leaf(None, &number.into())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.leaf(None, &value.into())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.leaf(None, &Value::Null)
    }
}
