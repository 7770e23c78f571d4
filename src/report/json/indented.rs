//! JSON over several lines, two blanks a level.

use std::io::{self, Write};

use serde_json::ser::Formatter;

/// The same bytes as those of `serde_json`'s own pretty form, with a line's begin written at once: half of a report's
/// calls to its writer are for blanks.
#[derive(Default)]
pub(super) struct Indented {
    level: usize,
    has_value: bool,
}

impl Indented {
    /// Begins a line, behind a comma unless it is the first of its list or map.
    fn begin(&self, writer: &mut (impl Write + ?Sized), is_first: bool) -> io::Result<()> {
        const LINE: &[u8] = b",\n                                ";
        let wanted = 2 + 2 * self.level;
        let (line, more) = (&LINE[usize::from(is_first)..wanted.min(LINE.len())], wanted.saturating_sub(LINE.len()));
        writer.write_all(line)?;
        (0..more).try_for_each(|_| writer.write_all(b" "))
    }

    fn open(&mut self, writer: &mut (impl Write + ?Sized), bracket: &[u8]) -> io::Result<()> {
        self.level += 1;
        self.has_value = false;
        writer.write_all(bracket)
    }

    fn close(&mut self, writer: &mut (impl Write + ?Sized), bracket: &[u8]) -> io::Result<()> {
        self.level -= 1;
        if self.has_value {
            self.begin(writer, true)?;
        }
        writer.write_all(bracket)
    }
}

impl Formatter for Indented {
    fn begin_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"[")
    }

    fn end_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"]")
    }

    fn begin_array_value<W: Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.begin(writer, first)
    }

    fn end_array_value<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }

    fn begin_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"{")
    }

    fn end_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"}")
    }

    fn begin_object_key<W: Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.begin(writer, first)
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn end_object_value<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Serialize as _;
    use serde_json::Value;

    /// Any JSON, deeper than the blanks that are written at once.
    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), ".{0,8}".prop_map(Value::from)];
        leaf.prop_recursive(24, 64, 3, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                proptest::collection::hash_map("[a-z]{1,4}", inner, 0..3).prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    fn written(value: &Value) -> String {
        let mut bytes = Vec::new();
        value.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, Indented::default())).expect("memory");
        String::from_utf8(bytes).expect("UTF-8")
    }

    proptest! {
        #[test]
        fn the_bytes_of_the_library(value in value(), depth in 0_usize..24) {
            let value = (0..depth).fold(value, |inner, _| Value::from(vec![inner]));
            prop_assert_eq!(written(&value), serde_json::to_string_pretty(&value).expect("JSON"));
        }
    }
}
