//! The result as comma-separated values: its JSON, leaf by leaf.
//!
//! Role: reads the JSON of a result and writes one value per row, with the same names and the same exact numbers. It knows no
//! report: what is in the JSON is in the CSV, in the same order.

use std::borrow::Cow;
use std::io::Write;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::diagnostic::text::guarded;
use crate::diagnostic::{Failure, WriteError, sanitized};

mod columns;
mod value;

pub(crate) use columns::render;
pub(super) use value::Value;

/// Where rows go.
pub(super) type Writer<'o> = csv::Writer<&'o mut dyn Write>;

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
    let bytes = writer.into_inner().map_err(|error| unwritable(error.error()))?;
    String::from_utf8(bytes).map_err(|error| unwritable(&error))
}

/// A JSON text as CSV. `write` gets each value that stands in no list and each entry of a list, in the order of the JSON, so
/// that a long list is never held whole.
pub(super) fn of_json(
    json: &str,
    header: &[&str],
    out: &mut dyn Write,
    mut write: impl FnMut(&mut Writer<'_>, &Place<'_>, &Value<'_>) -> csv::Result<()>,
) -> Result<(), WriteError> {
    let mut writer = csv::WriterBuilder::new().buffer_capacity(BUFFER).from_writer(out);
    writer.write_record(header).map_err(not_written)?;
    let mut failed = None;
    let mut leaf = |place: &Place<'_>, value: &Value<'_>| {
        let written = match value {
            Value::Text(schema) if place.path == "schema" => {
                // The same leaves in another form.
                write(&mut writer, place, &Value::Text(schema.replacen('/', ".csv/", 1).into()))
            }
            value => write(&mut writer, place, value),
        };
        written.map_err(|error| failed = Some(not_written(error)))
    };
    let walk = Walk { path: "", write: &mut leaf };
    let walked = walk.deserialize(&mut serde_json::Deserializer::from_str(json));
    if let Some(failed) = failed {
        return Err(failed);
    }
    walked.map_err(|error| unwritable(&error))?;
    Ok(writer.flush()?)
}

/// Calls `write` for each leaf of a value. The keys to it, behind `key` and with a point between them, are its name; an entry
/// of a list is named by its place, from 1.
pub(super) fn leaves(
    key: &str,
    value: &Value<'_>,
    write: &mut impl FnMut(&str, &Value<'_>) -> csv::Result<()>,
) -> csv::Result<()> {
    match value {
        Value::Map(entries) => entries.iter().try_for_each(|(inner, value)| leaves(&joined(key, inner), value, write)),
        Value::List(items) => {
            let mut items = (1_usize..).zip(items);
            items.try_for_each(|(index, item)| leaves(&joined(key, &index.to_string()), item, write))
        }
        leaf => write(key, leaf),
    }
}

/// A leaf as it stands in a cell: a number as it is, a text so that it runs as no formula, nothing where it is not known.
pub(super) fn cell<'v>(leaf: &'v Value<'_>) -> Cow<'v, str> {
    match leaf {
        Value::Plain(text) => Cow::Borrowed(text),
        // An amount is a number for a spreadsheet, whatever its sign.
        Value::Text(text) if is_number(text) => Cow::Borrowed(text),
        Value::Text(text) => guarded(sanitized(text)),
        Value::List(_) | Value::Map(_) => Cow::Borrowed(""),
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

/// Bytes that are written at once.
const BUFFER: usize = 64 * 1024;

/// Why a row could not be written.
fn not_written(error: csv::Error) -> WriteError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => WriteError::Output(error),
        kind => Failure::internal(format!("the CSV cannot be made: {kind:?}")).into(),
    }
}

fn unwritable(error: &dyn std::error::Error) -> Failure {
    Failure::internal(format!("the CSV cannot be made: {error}"))
}

/// A value of the JSON on the way to its leaves.
struct Walk<'w, F> {
    path: &'w str,
    write: &'w mut F,
}

impl<F: FnMut(&Place<'_>, &Value<'_>) -> Result<(), ()>> Walk<'_, F> {
    fn leaf<E: Error>(self, row: Option<usize>, value: &Value<'_>) -> Result<(), E> {
        (self.write)(&Place { path: self.path, row }, value).map_err(|()| E::custom("the output did not take it"))
    }
}

impl<'de, F: FnMut(&Place<'_>, &Value<'_>) -> Result<(), ()>> DeserializeSeed<'de> for Walk<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, F: FnMut(&Place<'_>, &Value<'_>) -> Result<(), ()>> Visitor<'de> for Walk<'_, F> {
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
        while let Some(entry) = list.next_element::<Value<'de>>()? {
            Walk { path: self.path, write: &mut *self.write }.leaf(Some(row), &entry)?;
            row += 1;
        }
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.leaf(None, &Value::Text(text.into()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.leaf(None, &Value::plain(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.leaf(None, &Value::plain(number))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.leaf(None, &Value::plain(value))
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.leaf(None, &Value::nothing())
    }
}
