//! The values of one row, by path, whatever container they came in.
//!
//! Role: CSV fields and JSON values → texts in one reused buffer. A mapping's paths are numbered once; a row then
//! fills the numbers it has. JSON numbers keep their text, so no digit is lost.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize as _, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value as Json;
use serde_json::value::RawValue;
use smallvec::SmallVec;

use super::corruption::without_delimiters;
use super::expected::RowKeys;
use super::ignored::IgnoredKeys;
use super::mapping::Counted;
use super::nested::AROUND;
use super::paths::{Header, Node, Paths, Slot, Unknown};
use super::unread::{Trail, UnreadUsage, names_usage, numbers, tokens_in};
use crate::money::{DecimalStyle, decimal};

/// What is wrong with a row's cells. All but [`Unreadable::Json`] leave the other cells as they should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// A field is not UTF-8.
    Encoding(String),
    /// Not a JSON object, with the library's words.
    Json(String),
    /// A column that holds JSON holds something else.
    Nested {
        /// The column.
        column: String,
        /// The library's words.
        reason: String,
    },
}

/// A text as it stands in a file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Text<'t> {
    /// The text.
    pub text: &'t str,
    /// Every quote in it stands for one, doubled.
    pub doubled: bool,
}

/// A value of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Value<'t> {
    #[default]
    Absent,
    /// As it stands in the file.
    Found(&'t str),
    /// Worked out: from here to there in the row's own text.
    Made(usize, usize),
}

/// The values of one row, with room that is used again for the next.
#[derive(Debug, Default)]
pub struct Cells<'t> {
    /// What was worked out for this row.
    made: String,
    slots: Vec<Value<'t>>,
    tags: Vec<(Value<'t>, Value<'t>)>,
    /// Usage keys with a positive number that nothing reads.
    unread: Vec<UnreadUsage>,
    /// Counts that are declared to be parts of others, or to be added to them.
    counted: Vec<(Counted, Value<'t>)>,
    /// Texts under names that are not known, where these may tell sums of calls apart.
    unknown: Vec<Value<'t>>,
    /// Which expected columns or keys the row has.
    keys: RowKeys,
    /// Keys at the top that mean nothing, and names that are not known, of all rows so far.
    ignored: IgnoredKeys,
    /// The first cell that could not be read.
    wrong: Option<Unreadable>,
    /// Some slots hold more than columns of a CSV file, which fill theirs anew with every row.
    is_mixed: bool,
}

impl<'t> Cells<'t> {
    /// The text of a path, nothing where it is absent, null or empty.
    pub fn get(&self, slot: Slot) -> Option<&str> {
        self.slots.get(slot).and_then(|value| self.text(*value)).filter(|text| !text.is_empty())
    }

    fn text(&self, value: Value<'t>) -> Option<&str> {
        match value {
            Value::Absent => None,
            Value::Found(text) => Some(text),
            Value::Made(start, end) => Some(&self.made[start..end]),
        }
    }

    /// Tags by column or key, in file order.
    pub fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tags
            .iter()
            .filter_map(|(name, value)| Some((self.text(*name)?, self.text(*value)?)))
            .filter(|(_, value)| !value.is_empty())
    }

    /// Usage keys of the row that nothing reads.
    pub fn unread(&self) -> &[UnreadUsage] {
        &self.unread
    }

    /// Counts that are declared to be parts of others, or to be added to them.
    pub(super) fn counted(&self) -> impl Iterator<Item = (Counted, &str)> {
        self.counted.iter().filter_map(|(counted, value)| Some((*counted, self.text(*value)?)))
    }

    /// Which expected columns or keys the row has.
    pub(super) const fn keys(&self) -> RowKeys {
        self.keys
    }

    /// Keys at the top of JSON that mean nothing, of this row and some before it.
    pub(super) fn ignored(&self) -> &[String] {
        self.ignored.names()
    }

    /// Sets a value worked out from others.
    pub fn set(&mut self, slot: Slot, value: &str) {
        self.slots[slot] = self.make(value);
    }

    /// Takes a value away, as if nothing stood there.
    pub fn remove(&mut self, slot: Slot) {
        self.slots[slot] = Value::Absent;
    }

    fn make(&mut self, text: &str) -> Value<'t> {
        self.is_mixed = true;
        let start = self.made.len();
        self.made.push_str(text);
        Value::Made(start, self.made.len())
    }

    /// Joins the texts of several paths into one, with those under names that are not known behind them as one more.
    pub fn join(&mut self, from: &[Slot], to: Slot) {
        self.is_mixed = true;
        let start = self.made.len();
        let known = from.iter().map(|slot| (self.slots[*slot], '\u{1f}'));
        for (value, end) in known.chain(self.unknown.iter().map(|value| (*value, '\u{1e}'))) {
            match value {
                Value::Absent => {}
                Value::Found(text) => self.made.push_str(text),
                Value::Made(start, end) => self.made.extend_from_within(start..end),
            }
            self.made.push(end);
        }
        self.slots[to] = Value::Made(start, self.made.len());
    }

    /// Adds the words and numbers of a JSON object as tags. Some tools escape the quotes in a cell twice.
    pub(super) fn add_tags_in(&mut self, slot: Slot) {
        let Some(text) = self.get(slot) else { return };
        let tags: Option<serde_json::Map<String, Json>> =
            serde_json::from_str(text).or_else(|_| serde_json::from_str(&text.replace("\"\"", "\""))).ok();
        for (name, value) in tags.unwrap_or_default() {
            match value {
                Json::String(text) => self.add_tag(&name, &text),
                Json::Number(_) | Json::Bool(_) => self.add_tag(&name, &value.to_string()),
                _ => {}
            }
        }
    }

    /// Adds a tag worked out from others.
    pub fn add_tag(&mut self, name: &str, value: &str) {
        let tag = (self.make(name), self.make(value));
        self.tags.push(tag);
    }

    /// Takes a text under a name that is not known. Counts change from export to export of one day, and texts do not.
    fn add_unknown(&mut self, name: &str, text: Value<'t>) {
        let is_text = |text: &str| !text.is_empty() && decimal::parse_scaled(text, 0, DecimalStyle::Point).is_err();
        if self.text(text).is_some_and(is_text) {
            self.unknown.push(text);
            self.ignored.add(name);
        }
    }

    fn clear(&mut self, paths: &Paths) {
        self.made.clear();
        self.tags.clear();
        self.unread.clear();
        self.counted.clear();
        self.unknown.clear();
        self.slots.clear();
        self.slots.resize(paths.names.len(), Value::Absent);
        self.wrong = None;
        self.keys = RowKeys::default();
    }

    /// A text of a file as a value; in quotes of its own it may be a JSON text.
    fn value(&mut self, Text { text, doubled }: Text<'t>, json_cells: bool) -> Value<'t> {
        let plain = if doubled { Cow::Owned(text.replace("\"\"", "\"")) } else { Cow::Borrowed(text) };
        let json =
            if json_cells && plain.starts_with('"') { serde_json::from_str::<String>(&plain).ok() } else { None };
        match json.map_or(plain, Cow::Owned) {
            Cow::Owned(made) => self.make(&made),
            Cow::Borrowed(found) => Value::Found(found),
        }
    }

    /// Takes the values of a CSV record: all its fields in order, nothing where one is not UTF-8.
    #[inline]
    pub fn load_csv(
        &mut self,
        paths: &Paths,
        header: &'t Header,
        fields: impl Iterator<Item = Option<Text<'t>>>,
    ) -> Result<(), Unreadable> {
        if self.is_mixed || self.slots.len() != paths.names.len() {
            self.clear(paths);
            self.is_mixed = false;
        }
        self.tags.clear();
        self.unread.clear();
        self.counted.clear();
        self.unknown.clear();
        self.keys = RowKeys { present: header.present, filled: 0 };
        for ((index, column), field) in header.columns.iter().enumerate().zip(fields) {
            let is_used = column.slot.is_some() || column.nested.is_some() || column.tag.is_some();
            if field.is_none() && is_used {
                self.wrong.get_or_insert_with(|| Unreadable::Encoding(header.names[index].clone()));
            }
            let value = field.map_or(Value::Absent, |text| self.value(text, paths.json_cells));
            if let Some(slot) = column.slot {
                self.slots[slot] = value;
            }
            if column.expects != 0 && self.text(value).is_some_and(|text| !text.is_empty()) {
                self.keys.filled |= column.expects;
            }
            if let Some(root) = column.nested {
                let text = self.text(value).unwrap_or_default().to_owned();
                let node = &paths.roots[root];
                if text.is_empty() {
                    self.says_none(node);
                }
                self.load_nested(node, &text, Trail::of(&node.key), node.is_usage);
            }
            if let Some(counted) = column.counted {
                self.counted.push((counted, value));
            }
            if column.is_unknown {
                self.add_unknown(&header.names[index], value);
            }
            if column.is_unread {
                let found = self.text(value).and_then(|text| UnreadUsage::of(&header.names[index], text));
                self.unread.extend(found);
            }
            if let Some(name) = &column.tag
                && self.text(value).is_some_and(|text| !text.is_empty())
            {
                self.tags.push((Value::Found(name), value));
            }
        }
        self.wrong.take().map_or(Ok(()), Err)
    }

    /// Takes the values of a JSON object.
    pub fn load_json(&mut self, paths: &Paths, line: &'t [u8]) -> Result<(), Unreadable> {
        self.clear(paths);
        self.is_mixed = true;
        let text = std::str::from_utf8(line).map_err(|_| Unreadable::Encoding("the line".to_owned()))?;
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let seed = Object { nodes: &paths.roots, paths: Some(paths), cells: self, within: None };
        let read = seed.deserialize(&mut deserializer).and_then(|()| deserializer.end());
        read.map_err(|error| {
            // Nothing is known of such a row, and those before it were looked at.
            self.ignored.clear();
            Unreadable::Json(without_line(&error))
        })?;
        self.wrong.take().map_or(Ok(()), Err)
    }

    /// An object that is nothing says of all in it that there is none; a count that is nothing says nothing.
    fn says_none(&mut self, node: &Node) {
        self.keys.present |= node.expects_in_all();
        self.keys.filled |= node.expects_in_all() & !node.expects;
    }

    /// JSON inside a text. Damaged JSON is an error, since absent cached tokens would change the cost in silence.
    /// `is_usage` says that each number in it is a usage key.
    fn load_nested(&mut self, node: &Node, text: &str, trail: Trail<'_>, is_usage: bool) {
        let text = text.trim();
        if node.children.is_empty() && !is_usage || text.is_empty() {
            return;
        }
        // A word in place of an object, such as `redacted`, is no damaged one.
        if !text.contains(['{', '}', '[', ']', '"', ':']) {
            return;
        }
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let read = match text.as_bytes()[0] {
            b'{' => {
                let within = Some((trail, is_usage));
                Object { nodes: &node.children, paths: None, cells: self, within }.deserialize(&mut deserializer)
            }
            b'[' if is_usage => {
                self.load_list(node, text, trail).and_then(|()| IgnoredAny::deserialize(&mut deserializer).map(|_| ()))
            }
            _ => IgnoredAny::deserialize(&mut deserializer).map(|_| ()),
        };
        if let Err(error) = read.and_then(|()| deserializer.end()) {
            self.wrong
                .get_or_insert_with(|| Unreadable::Nested { column: node.key.clone(), reason: without_line(&error) });
        }
    }

    /// A list of parts of usage. Each goes by its `type` where it has one, so that a mapping can declare some.
    fn load_list(&mut self, node: &Node, text: &str, trail: Trail<'_>) -> Result<(), serde_json::Error> {
        #[derive(serde::Deserialize)]
        struct Typed {
            #[serde(rename = "type")]
            kind: Option<String>,
        }
        let parts: Vec<&RawValue> = serde_json::from_str(text)?;
        for part in parts {
            let kind = serde_json::from_str(part.get()).ok().and_then(|Typed { kind }| kind);
            let Some(kind) = kind else {
                numbers(part.get(), trail, &mut self.unread);
                continue;
            };
            let trail = trail.step(&kind);
            match node.children.iter().find(|child| child.key == kind) {
                Some(known) => self.load_raw(known, part, trail, true)?,
                None => numbers(part.get(), trail, &mut self.unread),
            }
        }
        Ok(())
    }

    fn load_raw(
        &mut self,
        node: &Node,
        raw: &RawValue,
        trail: Trail<'_>,
        is_usage: bool,
    ) -> Result<(), serde_json::Error> {
        let raw = raw.get();
        if let Some(counted) = node.counted {
            let value = self.make(raw);
            self.counted.push((counted, value));
        }
        if raw == "null" {
            self.says_none(node);
            return Ok(());
        }
        self.keys.present |= node.expects;
        if raw != "\"\"" {
            self.keys.filled |= node.expects;
        }
        let is_text = raw.starts_with('"');
        let is_object = raw.starts_with(['{', '[']);
        if let Some(slot) = node.slot {
            self.slots[slot] = if is_text && raw.contains('\\') {
                self.make(&serde_json::from_str::<String>(raw)?)
            } else {
                self.make(if is_text { &raw[1..raw.len() - 1] } else { raw })
            };
        }
        if node.is_declared {
            return Ok(());
        }
        let is_usage = is_usage || node.is_usage;
        if is_usage && node.slot.is_none() && !is_object {
            numbers(raw, trail, &mut self.unread);
        }
        if is_text && !node.children.is_empty() {
            self.load_nested(node, &serde_json::from_str::<String>(raw)?, trail, is_usage);
        } else if !is_text && node.slot.is_none() || !node.children.is_empty() {
            self.load_nested(node, raw, trail, is_usage);
        }
        Ok(())
    }
}

/// The library counts lines within one row, which is always the first.
fn without_line(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rfind(" at line ").map_or(text.as_str(), |at| &text[..at]);
    let words = match text {
        _ if error.is_eof() => "cut off inside a JSON object",
        "trailing characters" => "something follows the JSON object",
        _ if text.starts_with("invalid type") => return "not a JSON object".to_owned(),
        other => other,
    };
    format!("{words}, column {}", error.column())
}

struct Object<'c, 't> {
    nodes: &'c [Node],
    /// Present at the top of a row, where tags are looked for.
    paths: Option<&'c Paths>,
    cells: &'c mut Cells<'t>,
    /// Below the top, what it stands in, and whether each number is a usage key.
    within: Option<(Trail<'c>, bool)>,
}

impl<'de> DeserializeSeed<'de> for Object<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let is_usage = self.within.is_some_and(|(_, is_usage)| is_usage);
        let trail = self.within.map(|(trail, _)| trail);
        let mut is_own = true;
        let mut seen: SmallVec<[bool; 64]> = SmallVec::from_elem(false, self.nodes.len());
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            let here = trail.as_ref().map_or(Trail::of(&key), |trail| trail.step(&key));
            if key == AROUND {
                is_own = false;
                map.next_value::<IgnoredAny>()?;
            } else if let Some(position) = self.nodes.iter().position(|node| node.key == key) {
                let raw: &RawValue = map.next_value()?;
                if std::mem::replace(&mut seen[position], true) {
                    return Err(A::Error::custom(format!("the key `{key}` stands twice")));
                }
                self.cells.load_raw(&self.nodes[position], raw, here, is_usage).map_err(A::Error::custom)?;
            } else if let Some(name) = self.paths.and_then(|paths| paths.tag_of(&key)) {
                let raw: &RawValue = map.next_value()?;
                let value = raw.get();
                if value.starts_with('"') {
                    let value: String = serde_json::from_str(value).map_err(A::Error::custom)?;
                    self.cells.add_tag(name, &value);
                } else if value != "null" {
                    self.cells.add_tag(name, value);
                }
            } else if let Some(without_delimiters) = without_delimiters(&key)
                .filter(|without_delimiters| self.nodes.iter().any(|node| node.key == *without_delimiters))
            {
                return Err(A::Error::custom(format!("the key `{without_delimiters}` is damaged")));
            } else if is_usage || self.paths.is_some_and(|paths| paths.is_unread_usage(&key)) {
                let raw: &RawValue = map.next_value()?;
                numbers(raw.get(), here, &mut self.cells.unread);
            } else if self.paths.is_some_and(|paths| paths.counts_tokens && names_usage(&key)) {
                let raw: &RawValue = map.next_value()?;
                if raw.get().starts_with('{') {
                    numbers(raw.get(), here, &mut self.cells.unread);
                }
            } else if self.paths.is_some_and(|paths| paths.counts_tokens_in_objects) {
                let raw: &RawValue = map.next_value()?;
                tokens_in(raw.get(), here, &mut self.cells.unread);
                if is_own && self.paths.is_some_and(Paths::unknown_tell_apart) && raw.get().starts_with('"') {
                    let text = self.cells.make(&serde_json::from_str::<String>(raw.get()).map_err(A::Error::custom)?);
                    self.cells.add_unknown(&key, text);
                }
            } else {
                if self.paths.is_some_and(|paths| paths.unknown == Unknown::Noted) {
                    self.cells.ignored.add(&key);
                }
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}
