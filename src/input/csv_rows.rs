//! Strict CSV rows (RFC 4180): where a record ends, its fields, and what is wrong with its quotes.
//!
//! Role: bytes → fields. Libraries accept text after a closing quote and swallow rows behind an open one without a
//! word; a bill cannot afford either, so records are split here and every oddity is a value.

use memchr::{memchr, memchr_iter, memchr2, memchr3};

use crate::formats::cells::Field;

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
        let stop = memchr3(delimiter, b'\n', b'\r', rest);
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
    let feeds = memchr_iter(b'\n', bytes).count();
    let lone_returns = memchr_iter(b'\r', bytes).filter(|&at| bytes.get(at + 1) != Some(&b'\n')).count();
    (feeds + lone_returns) as u64
}

/// A record in a buffer.
#[derive(Clone, Copy, Debug)]
pub struct CsvRecord {
    /// Where its content ends.
    pub end: usize,
    /// Where the next one begins.
    pub next: usize,
    /// Line breaks within its content.
    pub breaks: u64,
    /// Whether its quotes are as they should be.
    pub quotes: Result<(), StrayQuote>,
}

/// The fields of one record, with room that is used again for the next.
#[derive(Debug, Default)]
pub struct Fields {
    /// (start, end) in the record or, for fields with doubled quotes, in `unescaped`.
    spans: Vec<(usize, usize, bool)>,
    unescaped: Vec<u8>,
}

impl Fields {
    /// Reads the record that begins at the start of `bytes`, which ends where a record ends; nothing if it does not.
    pub fn read(&mut self, bytes: &[u8], delimiter: u8) -> Option<CsvRecord> {
        let line_end = memchr2(b'\n', b'\r', bytes);
        let line = &bytes[..line_end.unwrap_or(bytes.len())];
        if let Some(quotes) = self.split_line(line, delimiter, false) {
            let End::At(end, next) = terminated(bytes, line_end, true) else { return None };
            return Some(CsvRecord { end, next, breaks: 0, quotes });
        }
        let End::At(end, next) = record_end(bytes, delimiter, true) else { return None };
        let record = &bytes[..end];
        Some(CsvRecord { end, next, breaks: count_lines(record), quotes: self.split(record, delimiter) })
    }

    /// Splits a record's content.
    pub fn split(&mut self, record: &[u8], delimiter: u8) -> Result<(), StrayQuote> {
        // A quote within an unquoted field is an inch mark or the like; where a field spans lines it may also be what is
        // left of a quoted field whose opening quote closed one that swallowed rows.
        let is_strict = memchr2(b'\n', b'\r', record).is_some();
        // A record that frames itself has no open quote.
        self.split_line(record, delimiter, is_strict).unwrap_or(Ok(()))
    }

    /// Splits what may be a whole record; nothing if a quote stays open.
    fn split_line(&mut self, line: &[u8], delimiter: u8, is_strict: bool) -> Option<Result<(), StrayQuote>> {
        self.spans.clear();
        self.unescaped.clear();
        if memchr(b'"', line).is_none() {
            let mut start = 0;
            for end in memchr_iter(delimiter, line) {
                self.spans.push((start, end, false));
                start = end + 1;
            }
            self.spans.push((start, line.len(), false));
            return Some(Ok(()));
        }
        let mut wrong = None;
        let mut at = 0;
        loop {
            if line.get(at) == Some(&b'"') {
                let (span, after) = self.quoted(line, at + 1)?;
                at = after;
                let field = self.spans.len();
                self.spans.push(span);
                if line.get(at).is_some_and(|&byte| byte != delimiter) {
                    wrong = wrong.or(Some(StrayQuote { field, reason: TEXT_AFTER_QUOTE }));
                }
            } else {
                let end = memchr(delimiter, &line[at..]).map_or(line.len(), |offset| at + offset);
                if is_strict && memchr(b'"', &line[at..end]).is_some() {
                    wrong = wrong.or(Some(StrayQuote { field: self.spans.len(), reason: OUT_OF_STEP }));
                }
                self.spans.push((at, end, false));
                at = end;
            }
            match memchr(delimiter, &line[at..]) {
                Some(offset) => at += offset + 1,
                None => break,
            }
        }
        Some(wrong.map_or(Ok(()), Err))
    }

    /// The span of a quoted field whose text begins at `from`, and where it is over; nothing if it does not end.
    fn quoted(&mut self, line: &[u8], from: usize) -> Option<((usize, usize, bool), usize)> {
        let end = from + memchr(b'"', &line[from..])?;
        if line.get(end + 1) != Some(&b'"') {
            return Some(((from, end, false), end + 1));
        }
        let start = self.unescaped.len();
        let mut at = from;
        loop {
            let end = at + memchr(b'"', &line[at..])?;
            self.unescaped.extend_from_slice(&line[at..end]);
            at = end + 1;
            if line.get(at) != Some(&b'"') {
                return Some(((start, self.unescaped.len(), true), at));
            }
            self.unescaped.push(b'"');
            at += 1;
        }
    }

    /// Number of fields.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// A field's bytes.
    pub fn get<'f>(&'f self, record: &'f [u8], index: usize) -> Option<&'f [u8]> {
        let &(start, end, unescaped) = self.spans.get(index)?;
        Some(if unescaped { &self.unescaped[start..end] } else { &record[start..end] })
    }

    /// A field with its place in the record, for a row that has it.
    pub fn field<'f>(&'f self, record: &'f [u8], index: usize) -> Field<'f> {
        match self.spans[index] {
            (start, end, true) => Field { bytes: &self.unescaped[start..end], place: None },
            (start, end, false) => Field { bytes: &record[start..end], place: Some((start, end)) },
        }
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
            .map(|index| String::from_utf8_lossy(fields.get(text.as_bytes(), index).expect("field")).into_owned())
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
                read.push((0..fields.len()).map(|index| String::from_utf8(fields.get(record, index).expect("field").to_vec()).expect("text")).collect::<Vec<_>>());
                at += next;
            }
            prop_assert_eq!(read, rows);
        }
    }
}
