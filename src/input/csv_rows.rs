//! Strict CSV rows (RFC 4180): where a record ends, its fields, and what is wrong with its quotes.
//!
//! Role: bytes → fields. Libraries accept text after a closing quote and swallow rows behind an open one without a
//! word; a bill cannot afford either, so records are split here and every oddity is a value.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2};

/// Why a record's quotes are wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StrayQuote {
    /// The field, from 0.
    pub field: usize,
    /// What is wrong there.
    pub reason: &'static str,
}

const TEXT_AFTER_QUOTE: &str = "text after a closing quote";
const OUT_OF_STEP: &str =
    "a quote in an unquoted field of a record over several lines: one before it was lost or added";

/// Where a record ends in a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Content up to the first offset, the next record from the second.
    At(usize, usize),
    /// The buffer ends inside the record; if inside quotes, where they were opened.
    Open(Option<usize>),
}

/// Finds the end of the record that begins at the start of `bytes`. `last` says that nothing follows the buffer.
pub fn record_end(bytes: &[u8], delimiter: u8, last: bool) -> End {
    let line_end = memchr2(b'\n', b'\r', bytes);
    let line = &bytes[..line_end.unwrap_or(bytes.len())];
    if memchr(b'"', line).is_none() {
        return terminated(bytes, line_end, last);
    }
    let mut at = 0;
    loop {
        // A field begins here; only a quote in first place opens one.
        if bytes.get(at) == Some(&b'"') {
            let opened = at;
            at += 1;
            loop {
                match memchr(b'"', &bytes[at..]) {
                    None => return End::Open(Some(opened)),
                    Some(offset) => {
                        at += offset + 1;
                        match bytes.get(at) {
                            Some(b'"') => at += 1,
                            None if !last => return End::Open(Some(opened)),
                            _ => break,
                        }
                    }
                }
            }
        }
        let rest = &bytes[at..];
        let stop = rest.iter().position(|&byte| byte == delimiter || byte == b'\n' || byte == b'\r');
        match stop {
            Some(offset) if rest[offset] == delimiter => at += offset + 1,
            Some(offset) => return terminated(bytes, Some(at + offset), last),
            None => return terminated(bytes, None, last),
        }
    }
}

fn terminated(bytes: &[u8], line_end: Option<usize>, last: bool) -> End {
    match line_end {
        Some(end) if bytes[end] == b'\r' => match bytes.get(end + 1) {
            Some(b'\n') => End::At(end, end + 2),
            Some(_) => End::At(end, end + 1),
            // A line feed may still follow in the next buffer.
            None if last => End::At(end, end + 1),
            None => End::Open(None),
        },
        Some(end) => End::At(end, end + 1),
        None if last && !bytes.is_empty() => End::At(bytes.len(), bytes.len()),
        None => End::Open(None),
    }
}

/// Lines that end within `bytes`, whatever ends them.
pub fn count_lines(bytes: &[u8]) -> u64 {
    // So many at a time that their number fits into a byte, and that they are counted together.
    let (many, rest) = bytes.as_chunks::<240>();
    let few = |bytes: &[u8]| bytes.iter().fold(0_u8, |count, &byte| count.wrapping_add(u8::from(byte == b'\n')));
    let feeds: usize = usize::from(few(rest)) + many.iter().map(|bytes| usize::from(few(bytes))).sum::<usize>();
    let lone_returns = memchr_iter(b'\r', bytes).filter(|&at| bytes.get(at + 1) != Some(&b'\n')).count();
    (feeds + lone_returns) as u64
}

/// A field of a record: where its text stands in the bytes it was found in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// The first byte.
    pub start: usize,
    /// Behind the last.
    pub end: usize,
    /// Every quote in it stands for one, doubled.
    pub doubled: bool,
}

impl Field {
    /// The bytes of the field, doubled quotes as one.
    #[inline]
    pub fn bytes(self, all: &[u8]) -> Cow<'_, [u8]> {
        let bytes = all.get(self.start..self.end).unwrap_or_default();
        if !self.doubled {
            return Cow::Borrowed(bytes);
        }
        let mut single = Vec::with_capacity(bytes.len());
        let mut rest = bytes;
        while let Some(at) = memchr(b'"', rest) {
            single.extend_from_slice(&rest[..=at]);
            rest = rest.get(at + 2..).unwrap_or_default();
        }
        single.extend_from_slice(rest);
        Cow::Owned(single)
    }

    /// Whether a quote stands in it that neither encloses it nor is doubled.
    pub fn has_stray_quote(self, all: &[u8]) -> bool {
        !self.doubled && memchr(b'"', all.get(self.start..self.end).unwrap_or_default()).is_some()
    }
}

/// The fields of one record, with room that is used again for the next.
#[derive(Debug, Default)]
pub struct Fields {
    fields: Vec<Field>,
}

impl Fields {
    /// Splits a record's content.
    pub fn split(&mut self, record: &[u8], delimiter: u8) -> Result<(), StrayQuote> {
        self.fields.clear();
        // A quote within an unquoted field is an inch mark or the like; where a field spans lines it may also be what is
        // left of a quoted field whose opening quote closed one that swallowed rows.
        let is_strict = memchr2(b'\n', b'\r', record).is_some();
        let mut wrong = None;
        let mut at = 0;
        loop {
            let index = self.fields.len();
            if record.get(at) == Some(&b'"') {
                at += 1;
                let mut field = Field { start: at, end: record.len(), doubled: false };
                while let Some(offset) = memchr(b'"', &record[at..]) {
                    at += offset + 1;
                    if record.get(at) != Some(&b'"') {
                        field.end = at - 1;
                        break;
                    }
                    field.doubled = true;
                    at += 1;
                }
                self.fields.push(field);
                if record.get(at).is_some_and(|&byte| byte != delimiter) {
                    wrong = wrong.or(Some(StrayQuote { field: index, reason: TEXT_AFTER_QUOTE }));
                }
            } else {
                let end = memchr(delimiter, &record[at..]).map_or(record.len(), |offset| at + offset);
                if is_strict && memchr(b'"', &record[at..end]).is_some() {
                    wrong = wrong.or(Some(StrayQuote { field: index, reason: OUT_OF_STEP }));
                }
                self.fields.push(Field { start: at, end, doubled: false });
                at = end;
            }
            match memchr(delimiter, &record[at..]) {
                Some(offset) => at += offset + 1,
                None => break,
            }
        }
        wrong.map_or(Ok(()), Err)
    }

    /// Number of fields.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// A field, as part of the record.
    pub fn get(&self, index: usize) -> Option<Field> {
        self.fields.get(index).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(text: &str) -> Result<Vec<String>, usize> {
        let mut fields = Fields::default();
        fields.split(text.as_bytes(), b',').map_err(|wrong| wrong.field)?;
        Ok((0..fields.len())
            .map(|index| {
                String::from_utf8_lossy(&fields.get(index).expect("field").bytes(text.as_bytes())).into_owned()
            })
            .collect())
    }

    #[test]
    fn fields_and_quotes() {
        let fields = |texts: &[&str]| Ok::<_, usize>(texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        assert_eq!(split("a,b,,c"), fields(&["a", "b", "", "c"]));
        assert_eq!(split("\"a,\"\"x\"\"\",b"), fields(&["a,\"x\"", "b"]));
        assert_eq!(split("a\"b,c"), fields(&["a\"b", "c"]));
        assert_eq!(split("\"a\"x,b"), Err(0));
        assert_eq!(split("\"a\nb\", c\",d"), Err(1));
        assert_eq!(split("\"\""), fields(&[""]));
    }

    #[test]
    fn ends_of_records() {
        assert_eq!(record_end(b"a,b\r\nc", b',', false), End::At(3, 5));
        assert_eq!(record_end(b"a,b\r", b',', false), End::Open(None));
        assert_eq!(record_end(b"a,\"x\ny\"\nc", b',', false), End::At(7, 8));
        assert_eq!(record_end(b"a,\"x\ny", b',', true), End::Open(Some(2)));
        assert_eq!(record_end(b"a,b", b',', true), End::At(3, 3));
        assert_eq!(count_lines(b"a\r\nb\rc\n"), 3);
    }

    proptest! {
        /// What a CSV library writes is read back as it was, record by record.
        #[test]
        fn agrees_with_a_library(rows in prop::collection::vec(prop::collection::vec("[a,\"\r\n é]{0,6}", 3), 1..6)) {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).expect("memory");
            }
            let bytes = writer.into_inner().expect("memory");
            let (mut at, mut read, mut fields) = (0, Vec::new(), Fields::default());
            while at < bytes.len() {
                let End::At(end, next) = record_end(&bytes[at..], b',', true) else { panic!("open record") };
                let record = &bytes[at..at + end];
                fields.split(record, b',').expect("good quotes");
                read.push((0..fields.len()).map(|index| String::from_utf8(fields.get(index).expect("field").bytes(record).to_vec()).expect("text")).collect::<Vec<_>>());
                at += next;
            }
            prop_assert_eq!(read, rows);
        }
    }
}
