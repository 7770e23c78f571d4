//! Where the values of JSON objects stand that are written alike.
//!
//! Role: a line that `serde_json` has read → its keys, and what stands between its values; a line like it → where its values
//! stand. Programs that log write their objects alike, so that what stands between two values need only be compared, in
//! one piece, and values are found like the fields of CSV. Lines with anything else in them (objects, lists, other keys
//! or blanks, what is no JSON) are not for this module, but for the rules of JSON.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserializer as _, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use wide::{i8x32, u8x16, u8x32};

use crate::formats::without_delimiters;

/// Bytes looked at together.
const WIDTH: usize = 32;

/// Where a value begins and ends, a text without its quotes; `null` is nothing.
pub type Span = (u32, u32);

/// The keys of an object, and all that stands around its values.
#[derive(Debug)]
pub struct JsonLayout {
    separators: Vec<Separator>,
    /// What stands behind the last value.
    end: Vec<u8>,
}

/// What stands before a value, such as `,"key":`.
#[derive(Debug)]
struct Separator {
    length: usize,
    /// Its first bytes, and which of them there are.
    begin: u8x32,
    kept: u8x32,
    rest: Vec<u8>,
    /// Whether a text behind it may have escapes.
    takes_escapes: bool,
}

impl JsonLayout {
    /// The layout of a line and its keys, if these are plain.
    pub fn of(line: &[u8]) -> Option<(Self, Vec<String>)> {
        let (mut keys, mut separators, mut from) = (Vec::new(), Vec::new(), 0);
        for (key, value) in plain_members(line)? {
            keys.push(key.to_owned());
            separators.push(Separator::new(&line[from..value.start]));
            from = value.end;
        }
        let end = &line[from..];
        let is_whole = end.trim_ascii() == b"}" && end.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'}'));
        is_whole.then(|| (Self { separators, end: end.to_vec() }, keys))
    }

    /// Leaves lines to others whose text for the key at this position has escapes.
    pub fn refuse_escapes(&mut self, position: usize) {
        self.separators[position].takes_escapes = false;
    }

    /// Number of values.
    pub const fn width(&self) -> usize {
        self.separators.len()
    }

    /// Where a line ends that begins at `lines.start`, if it has this layout and `lines` hold all of it. Where its values
    /// stand is put into `spans`, into every `step`-th place from `first` on.
    // By itself, so that its values stay in registers.
    #[inline(never)]
    pub fn find(
        &self,
        bytes: &[u8],
        lines: &Range<usize>,
        spans: &mut [Span],
        first: usize,
        step: usize,
    ) -> Option<usize> {
        let (mut at, mut place, mut is_ascii) = (lines.start, first, true);
        for separator in &self.separators {
            let start = separator.end(bytes, at)?;
            let chunk = chunk(bytes, start)?;
            let value = spans.get_mut(place)?;
            place = place.wrapping_add(step);
            if chunk[0] == b'"' {
                let end = match text_end::<true>(bytes, start, 1, separator.takes_escapes) {
                    TextEnd::At(end) => end,
                    TextEnd::NotAscii(from) => {
                        is_ascii = false;
                        any_text_end(bytes, from, separator.takes_escapes)?
                    }
                    TextEnd::None => return None,
                };
                at = end.wrapping_add(1);
                *value = span(start.wrapping_add(1), end);
            } else {
                let length = if let Some(length) = literal(chunk) { length } else { number(&bytes[start..])? };
                at = start.wrapping_add(length);
                *value = span(start, if chunk[0] == b'n' { start } else { at });
            }
        }
        if !bytes.get(at..)?.starts_with(&self.end) {
            return None;
        }
        let end = at + self.end.len();
        let is_end = end == lines.end || (end < lines.end && bytes[end] == b'\n');
        // Keys are text, and so are numbers.
        let is_text = is_ascii || std::str::from_utf8(&bytes[lines.start..end]).is_ok();
        (is_end && is_text).then_some(end)
    }
}

impl Separator {
    fn new(text: &[u8]) -> Self {
        let (mut begin, mut kept) = ([0; WIDTH], [0; WIDTH]);
        let (first, rest) = text.split_at(text.len().min(WIDTH));
        begin[..first.len()].copy_from_slice(first);
        kept[..first.len()].fill(0xff);
        let (begin, kept) = (u8x32::new(begin), u8x32::new(kept));
        Self { length: text.len(), begin, kept, rest: rest.to_vec(), takes_escapes: true }
    }

    /// Where it ends if it stands here.
    #[inline]
    fn end(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let chunk = u8x32::new(*chunk(bytes, at)?);
        let begins = (chunk & self.kept).simd_eq(self.begin).all();
        let is_here = begins && (self.length <= WIDTH || bytes[at + WIDTH..].starts_with(&self.rest));
        is_here.then_some(at.wrapping_add(self.length))
    }
}

/// Blocks are some MiB long at most.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "a place in a block")]
const fn span(start: usize, end: usize) -> Span {
    (start as u32, end as u32)
}

#[inline]
fn chunk(bytes: &[u8], at: usize) -> Option<&[u8; WIDTH]> {
    bytes.get(at..)?.first_chunk()
}

/// Where a text ends.
enum TextEnd {
    /// Its last quote.
    At(usize),
    /// Not before this character that is none of ASCII.
    NotAscii(usize),
    /// Nowhere, or at what JSON does not have in texts.
    None,
}

/// Where the text ends of which these bytes are a part, without the first few that were `passed`.
#[inline]
fn text_end<const ASCII: bool>(bytes: &[u8], mut at: usize, mut passed: u32, takes_escapes: bool) -> TextEnd {
    loop {
        let Some(chunk) = chunk(bytes, at) else { return TextEnd::None };
        let text = u8x32::new(*chunk);
        let equal = |byte: u8| text.simd_eq(u8x32::splat(byte));
        let others = if ASCII {
            // As numbers with a sign, bytes beyond ASCII come before control characters too.
            text.cast_signed().simd_lt(i8x32::splat(0x20)).cast_unsigned()
        } else {
            text.min(u8x32::splat(0x1f)).simd_eq(text)
        };
        let found = (equal(b'"') | equal(b'\\') | others).to_bitmask() & !passed;
        passed = 0;
        if found == 0 {
            at = at.wrapping_add(WIDTH);
            continue;
        }
        at = at.wrapping_add(found.trailing_zeros() as usize);
        match bytes[at] {
            b'"' => return TextEnd::At(at),
            b'\\' if takes_escapes => match escape_end(bytes, at) {
                Some(end) => at = end,
                None => return TextEnd::None,
            },
            0x80.. if ASCII => return TextEnd::NotAscii(at),
            _ => return TextEnd::None,
        }
    }
}

/// Where a text ends that has characters beyond ASCII.
#[cold]
fn any_text_end(bytes: &[u8], at: usize, takes_escapes: bool) -> Option<usize> {
    match text_end::<false>(bytes, at, 0, takes_escapes) {
        TextEnd::At(end) => Some(end),
        _ => None,
    }
}

/// Where an escape ends; nothing where it is none, or half of a character.
#[cold]
fn escape_end(bytes: &[u8], at: usize) -> Option<usize> {
    let unit = |at: usize| match bytes.get(at..at + 6)? {
        [b'\\', b'u', digits @ ..] if digits.iter().all(u8::is_ascii_hexdigit) => {
            u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
        }
        _ => None,
    };
    match bytes.get(at + 1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(at + 2),
        b'u' => match unit(at)? {
            0xd800..0xdc00 => matches!(unit(at + 6)?, 0xdc00..0xe000).then_some(at + 12),
            0xdc00..0xe000 => None,
            _ => Some(at + 6),
        },
        _ => None,
    }
}

/// How long a word is, or a number of up to 15 digits without an exponent.
#[inline]
fn literal(chunk: &[u8; WIDTH]) -> Option<usize> {
    match chunk[0] {
        b'0'..=b'9' => {}
        b't' => return chunk.starts_with(b"true").then_some(4),
        b'f' => return chunk.starts_with(b"false").then_some(5),
        b'n' => return chunk.starts_with(b"null").then_some(4),
        _ => return None,
    }
    let digits = u8x16::new(*chunk.first_chunk()?) ^ u8x16::splat(b'0');
    let others = !digits.min(u8x16::splat(9)).simd_eq(digits).to_bitmask() & 0xffff;
    let first = others.trailing_zeros() as usize;
    // Nothing but digits, or a zero in front of others.
    if others == 0 || (first > 1 && chunk[0] == b'0') {
        return None;
    }
    if chunk[first] != b'.' {
        return (chunk[first] | 0x20 != b'e').then_some(first);
    }
    let others = others & (others - 1);
    let second = others.trailing_zeros() as usize;
    (others != 0 && second > first + 1 && chunk[second] | 0x20 != b'e').then_some(second)
}

/// How long a number is, as JSON writes it.
#[cold]
fn number(text: &[u8]) -> Option<usize> {
    let digits = |at: usize| {
        let count = text.get(at..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
        (count > 0).then_some(at + count)
    };
    let begin = usize::from(text.first() == Some(&b'-'));
    let mut end = digits(begin)?;
    if text[begin] == b'0' && end > begin + 1 {
        return None;
    }
    if text.get(end) == Some(&b'.') {
        end = digits(end + 1)?;
    }
    if let Some(b'e' | b'E') = text.get(end) {
        let sign = usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
        end = digits(end + 1 + sign)?;
    }
    Some(end)
}

/// What the bytes between two quotes stand for, read by `serde_json`; nothing where that is no text.
pub fn unescaped(raw: &[u8]) -> Option<Cow<'_, str>> {
    let text = std::str::from_utf8(raw).ok()?;
    if memchr::memchr(b'\\', raw).is_none() {
        return Some(Cow::Borrowed(text));
    }
    serde_json::from_str(&format!("\"{text}\"")).ok().map(Cow::Owned)
}

/// Keys of an object that are remembered: logs have some dozen, and each is compared with all before it.
const MOST_KEYS: usize = 256;

/// The keys of a JSON object in order and where their values stand, if keys are few and stand in it as they are, none is
/// damaged and none twice.
fn plain_members(line: &[u8]) -> Option<Vec<(&str, Range<usize>)>> {
    struct Members;
    impl<'de> Visitor<'de> for Members {
        type Value = Vec<(&'de str, &'de RawValue)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a JSON object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members: Self::Value = Vec::new();
            // A key with escapes cannot be borrowed.
            while let Some(key) = map.next_key::<&str>()? {
                if members.len() == MOST_KEYS
                    || without_delimiters(key).is_some()
                    || members.iter().any(|(known, _)| *known == key)
                {
                    return Err(A::Error::custom("not plain"));
                }
                members.push((key, map.next_value()?));
            }
            Ok(members)
        }
    }
    let members =
        serde_json::Deserializer::from_slice(line).deserialize_map(Members).ok().filter(|all| !all.is_empty())?;
    let place = |value: &RawValue| {
        let start = value.get().as_ptr().addr() - line.as_ptr().addr();
        start..start + value.get().len()
    };
    Some(members.into_iter().map(|(key, value)| (key, place(value))).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::value::RawValue;

    use super::*;

    /// What stands at the keys of a line of this layout; nothing where it is left to others.
    fn found(layout: &JsonLayout, bytes: &[u8], lines: Range<usize>) -> Option<(usize, Vec<Option<String>>)> {
        let mut spans = vec![(0, 0); layout.width()];
        let end = layout.find(bytes, &lines, &mut spans, 0, 1)?;
        let text = |(start, end): &Span| unescaped(&bytes[*start as usize..*end as usize]).map(Cow::into_owned);
        Some((end, spans.iter().map(text).collect()))
    }

    /// The same as `serde_json` reads it.
    fn read(keys: &[String], line: &str) -> Result<Vec<Option<String>>, serde_json::Error> {
        let values: BTreeMap<String, &RawValue> = serde_json::from_str(line)?;
        assert_eq!(values.len(), keys.len());
        let text = |key| match values[key].get() {
            "null" => Ok(String::new()),
            text if text.starts_with('"') => serde_json::from_str(text),
            text => Ok(text.to_owned()),
        };
        keys.iter().map(|key| text(key).map(Some)).collect()
    }

    /// A text with all its characters beyond ASCII as escapes.
    fn ascii(text: &str) -> String {
        let quoted = serde_json::to_string(text).expect("a text");
        quoted.encode_utf16().fold(String::new(), |text, unit| match u8::try_from(unit) {
            Ok(byte @ 0..0x80) => text + char::from(byte).encode_utf8(&mut [0; 4]),
            _ => format!("{text}\\u{unit:04x}"),
        })
    }

    /// A value as it is written, and whether it is one that a layout takes.
    fn value() -> impl Strategy<Value = (String, bool)> {
        let text = "[ -~\u{7f}é€😀\u{1}\n\"\\\\]{0,70}";
        prop_oneof![
            4 => text.prop_map(|text| (serde_json::to_string(&text).expect("a text"), true)),
            2 => text.prop_map(|text| (ascii(&text), true)),
            6 => r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,16})?([eE][+-]?[0-9]{1,2})?".prop_map(|number| (number, true)),
            2 => prop::sample::select(vec!["null", "true", "false"]).prop_map(|word| (word.to_owned(), true)),
        ]
    }

    /// Anything else.
    fn odd() -> impl Strategy<Value = (String, bool)> {
        let others = [
            "01",
            "-01",
            "1.",
            ".5",
            "-",
            "+1",
            "1e",
            "1e+",
            "1.e3",
            "0x1",
            "NaN",
            "nul",
            "True",
            "truefalse",
            "",
            "{}",
            "[1]",
            r#"{"a":1}"#,
            r#"["a"]"#,
            r#""\ud800""#,
            r#""\udc00\ud800""#,
            r#""\u12""#,
            r#""\x""#,
            "\"\u{1}\"",
            "\"\0\"",
            "\"a",
            "'a'",
            r#""a"b""#,
            r#""a\"#,
            r#""\""#,
            "1 2",
        ];
        prop::sample::select(others.to_vec()).prop_map(|text| (text.to_owned(), false))
    }

    /// A line with these keys.
    fn line(keys: &[String], blanks: &str, values: &[(String, bool)]) -> String {
        let mut members: Vec<String> = Vec::new();
        for (key, (value, _)) in keys.iter().zip(values) {
            members.push(format!("{blanks}\"{key}\"{blanks}:{blanks}{value}"));
        }
        format!("{{{}{blanks}}}", members.join(&format!("{blanks},")))
    }

    proptest! {
        /// Lines of a layout are taken, and say what they say to `serde_json`; whatever else is taken does so too.
        #[test]
        fn same_as_the_library(
            keys in prop::collection::btree_set("[a-z_é]{1,45}", 1..6),
            blanks in prop::sample::select(vec!["", " ", "\t "]),
            rows in prop::collection::vec(prop::collection::vec(prop_oneof![30 => value(), 1 => odd()], 5), 1..5),
            change in prop::option::weighted(0.3, (any::<prop::sample::Index>(), prop_oneof![any::<u8>(), prop::sample::select(b"\"\\,:{}[] \r\n".to_vec())])),
        ) {
            let keys: Vec<String> = keys.into_iter().rev().collect();
            let first = line(&keys, blanks, &[(); 5].map(|()| ("1".to_owned(), true)));
            let (layout, known) = JsonLayout::of(first.as_bytes()).expect("a plain line");
            prop_assert_eq!(&known, &keys);
            for values in rows {
                let written = line(&keys, blanks, &values);
                let mut bytes = format!("{written}\n{}", " ".repeat(WIDTH)).into_bytes();
                let all = bytes.len();
                if let Some((at, byte)) = &change {
                    bytes[at.index(written.len())] = *byte;
                }
                let taken = found(&layout, &bytes, 0..all);
                if change.is_none() {
                    let is_plain = values[..keys.len()].iter().all(|(_, is_plain)| *is_plain);
                    prop_assert_eq!(taken.is_some(), is_plain, "{}", written);
                }
                if let Some((end, texts)) = taken {
                    let line = std::str::from_utf8(&bytes[..end]).expect("a line that is taken is text");
                    let read = read(&keys, line);
                    prop_assert!(read.as_ref().is_ok_and(|read| *read == texts), "{line}: {read:?}, not {texts:?}");
                    prop_assert_eq!(bytes[end], b'\n');
                    // To the end of its input it is the same line.
                    prop_assert_eq!(found(&layout, &bytes, 0..end), Some((end, texts)));
                }
            }
        }
    }

    #[test]
    fn escapes_are_left_where_asked() {
        let mut text = br#"{"a":"x","b":"\n"}"#.to_vec();
        text.extend([b'\n'; 40]);
        let (mut layout, _) = JsonLayout::of(br#"{"a":1,"b":2}"#).expect("a plain line");
        let all = text.len();
        assert_eq!(found(&layout, &text, 0..all), Some((18, vec![Some("x".to_owned()), Some("\n".to_owned())])));
        layout.refuse_escapes(0);
        assert!(found(&layout, &text, 0..all).is_some());
        layout.refuse_escapes(1);
        assert_eq!(found(&layout, &text, 0..all), None);
    }

    #[test]
    fn layouts_that_are_none() {
        let lines = [
            "",
            "{}",
            "[1]",
            r#"{"a":1} x"#,
            r#"{"a":1}}"#,
            r#"{"a":1,"a":2}"#,
            r#"{"\u0061":1}"#,
            r#"{"a;":1}"#,
            r#"{"a":01}"#,
        ];
        assert!(lines.iter().all(|line| JsonLayout::of(line.as_bytes()).is_none()));
    }
}
