//! The values of one row, by path, whatever container they came in.
//!
//! Role: CSV fields and JSON values → texts in one reused buffer. A mapping's paths are numbered once; a row then
//! fills the numbers it has. JSON numbers keep their text, so no digit is lost.

use std::fmt;

use serde::de::{Deserialize as _, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A numbered path.
pub type Slot = usize;

/// All paths of a mapping, as a tree of keys.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    names: Vec<String>,
    roots: Vec<Node>,
    tag_prefix: Option<String>,
}

#[derive(Clone, Debug)]
struct Node {
    key: String,
    slot: Option<Slot>,
    children: Vec<Node>,
}

impl Paths {
    /// No paths, and a prefix of columns that are tags.
    pub fn new(tag_prefix: Option<String>) -> Self {
        Self { tag_prefix, ..Self::default() }
    }

    /// The number of a path, new or known.
    pub fn slot(&mut self, path: &str) -> Slot {
        if let Some(known) = self.names.iter().position(|name| name == path) {
            return known;
        }
        let slot = self.names.len();
        self.names.push(path.to_owned());
        let mut nodes = &mut self.roots;
        let mut keys = path.split(" > ").peekable();
        while let Some(key) = keys.next() {
            let at = nodes.iter().position(|node| node.key == key).unwrap_or_else(|| {
                nodes.push(Node { key: key.to_owned(), slot: None, children: Vec::new() });
                nodes.len() - 1
            });
            if keys.peek().is_none() {
                nodes[at].slot = Some(slot);
            }
            nodes = &mut nodes[at].children;
        }
        slot
    }

    /// A path by its number.
    pub fn name(&self, slot: Slot) -> &str {
        &self.names[slot]
    }

    /// The columns or keys at the top of all paths.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.roots.iter().map(|node| node.key.as_str())
    }

    /// Whether a column is used, as a value or as a tag.
    pub fn uses(&self, column: &str) -> bool {
        self.columns().any(|known| known == column) || self.tag_of(column).is_some()
    }

    fn tag_of<'c>(&self, column: &'c str) -> Option<&'c str> {
        column.strip_prefix(self.tag_prefix.as_deref()?).filter(|name| !name.is_empty())
    }
}

/// Where the columns of a CSV file stand.
#[derive(Clone, Debug, Default)]
pub struct Header {
    /// Column names in file order, trimmed.
    pub names: Vec<String>,
    /// (field, position among the roots of the paths).
    wanted: Vec<(usize, usize)>,
    /// (field, tag name).
    tags: Vec<(usize, String)>,
}

impl Header {
    /// Finds the paths of a mapping among a file's columns.
    pub fn new(names: Vec<String>, paths: &Paths) -> Self {
        let position = |root: &Node| names.iter().position(|name| *name == root.key);
        let wanted = paths.roots.iter().enumerate().filter_map(|(root, node)| Some((position(node)?, root))).collect();
        let tags = names
            .iter()
            .enumerate()
            .filter_map(|(field, name)| Some((field, paths.tag_of(name)?.to_owned())))
            .collect();
        Self { names, wanted, tags }
    }
}

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

/// A place in the text of a row, which is far shorter than 4 GiB.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: u32,
    end: u32,
}

/// A field of a CSV record.
#[derive(Clone, Copy, Debug)]
pub struct Field<'f> {
    /// What it holds, without quotes.
    pub bytes: &'f [u8],
    /// Where that stands in the record, if it stands there as it reads.
    pub place: Option<(usize, usize)>,
}

/// The values of one row, with room that is used again for the next.
#[derive(Debug, Default)]
pub struct Cells {
    text: String,
    slots: Vec<Option<Span>>,
    tags: Vec<(Span, Span)>,
    /// The first cell that could not be read.
    wrong: Option<Unreadable>,
}

impl Cells {
    /// The text of a path, nothing where it is absent, null or empty.
    pub fn get(&self, slot: Slot) -> Option<&str> {
        let span = (*self.slots.get(slot)?)?;
        Some(self.at(span)).filter(|text| !text.is_empty())
    }

    fn at(&self, span: Span) -> &str {
        &self.text[span.start as usize..span.end as usize]
    }

    /// Tags by column or key, in file order.
    pub fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tags.iter().map(|&(name, value)| (self.at(name), self.at(value))).filter(|(_, value)| !value.is_empty())
    }

    /// Sets a value worked out from others.
    pub fn set(&mut self, slot: Slot, value: &str) {
        self.slots[slot] = Some(push(&mut self.text, value));
    }

    /// Joins the texts of several paths into one.
    pub fn join(&mut self, from: &[Slot], to: Slot) {
        let start = self.text.len();
        for &slot in from {
            if let Some(span) = self.slots[slot] {
                self.text.extend_from_within(span.start as usize..span.end as usize);
            }
            self.text.push('\u{1f}');
        }
        self.slots[to] = Some(span(start, self.text.len()));
    }

    /// Adds a tag worked out from others.
    pub fn add_tag(&mut self, name: &str, value: &str) {
        let tag = (push(&mut self.text, name), push(&mut self.text, value));
        self.tags.push(tag);
    }

    fn clear(&mut self, paths: &Paths) {
        self.text.clear();
        self.tags.clear();
        self.slots.clear();
        self.slots.resize(paths.names.len(), None);
        self.wrong = None;
    }

    /// Takes the values of a CSV record, `field` giving its fields by position. The record is copied as a whole, so that
    /// cells are no more than places in it.
    pub fn load_csv<'f>(
        &mut self,
        paths: &Paths,
        header: &Header,
        record: &[u8],
        field: impl Fn(usize) -> Field<'f>,
    ) -> Result<(), Unreadable> {
        self.clear(paths);
        let whole = std::str::from_utf8(record).ok();
        if let Some(whole) = whole {
            self.text.push_str(whole);
        }
        for &(index, root) in &header.wanted {
            let Some(span) = self.csv_cell(field(index), whole.is_some()) else {
                self.wrong.get_or_insert_with(|| Unreadable::Encoding(header.names[index].clone()));
                continue;
            };
            let node = &paths.roots[root];
            if let Some(slot) = node.slot {
                self.slots[slot] = Some(span);
            }
            if !node.children.is_empty() {
                let value = self.at(span).to_owned();
                self.load_nested(node, &value);
            }
        }
        for (index, name) in &header.tags {
            match self.csv_cell(field(*index), whole.is_some()) {
                Some(Span { start, end }) if start == end => {}
                Some(span) => {
                    let name = push(&mut self.text, name);
                    self.tags.push((name, span));
                }
                None => {
                    self.wrong.get_or_insert_with(|| Unreadable::Encoding(header.names[*index].clone()));
                }
            }
        }
        self.wrong.take().map_or(Ok(()), Err)
    }

    /// A field's place in the text; nothing where it is not UTF-8.
    fn csv_cell(&mut self, field: Field<'_>, is_copied: bool) -> Option<Span> {
        match field.place {
            Some((start, end)) if is_copied => Some(span(start, end)),
            _ => std::str::from_utf8(field.bytes).ok().map(|value| push(&mut self.text, value)),
        }
    }

    /// Takes the values of a JSON object.
    pub fn load_json(&mut self, paths: &Paths, line: &[u8]) -> Result<(), Unreadable> {
        self.clear(paths);
        let text = std::str::from_utf8(line).map_err(|_| Unreadable::Encoding("the line".to_owned()))?;
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let seed = Object { nodes: &paths.roots, paths: Some(paths), cells: self };
        seed.deserialize(&mut deserializer)
            .and_then(|()| deserializer.end())
            .map_err(|error| Unreadable::Json(without_line(&error)))?;
        self.wrong.take().map_or(Ok(()), Err)
    }

    /// JSON inside a text. Damaged JSON is an error, since absent cached tokens would change the cost in silence.
    fn load_nested(&mut self, node: &Node, text: &str) {
        let text = text.trim();
        if node.children.is_empty() || text.is_empty() {
            return;
        }
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let read = if text.starts_with('{') {
            Object { nodes: &node.children, paths: None, cells: self }.deserialize(&mut deserializer)
        } else {
            IgnoredAny::deserialize(&mut deserializer).map(|_| ())
        };
        if let Err(error) = read.and_then(|()| deserializer.end()) {
            self.wrong
                .get_or_insert_with(|| Unreadable::Nested { column: node.key.clone(), reason: without_line(&error) });
        }
    }

    fn load_raw(&mut self, node: &Node, raw: &RawValue) -> Result<(), serde_json::Error> {
        let raw = raw.get();
        if raw == "null" {
            return Ok(());
        }
        let is_text = raw.starts_with('"');
        if let Some(slot) = node.slot {
            let start = self.text.len();
            if is_text && raw.contains('\\') {
                self.text.push_str(&serde_json::from_str::<String>(raw)?);
            } else {
                self.text.push_str(if is_text { &raw[1..raw.len() - 1] } else { raw });
            }
            self.slots[slot] = Some(span(start, self.text.len()));
        }
        if is_text && !node.children.is_empty() {
            self.load_nested(node, &serde_json::from_str::<String>(raw)?);
        } else {
            self.load_nested(node, raw);
        }
        Ok(())
    }
}

/// A name without the separators that damage put into it; nothing where there are none.
pub fn mended(name: &str) -> Option<String> {
    const SEPARATORS: [char; 7] = ['"', ',', ';', '|', '\t', '\n', '\r'];
    name.contains(SEPARATORS).then(|| name.replace(SEPARATORS, ""))
}

fn push(buffer: &mut String, text: &str) -> Span {
    let start = buffer.len();
    buffer.push_str(text);
    span(start, buffer.len())
}

fn span(start: usize, end: usize) -> Span {
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { start: place(start), end: place(end) }
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

struct Object<'c> {
    nodes: &'c [Node],
    /// Present at the top of a row, where tags are looked for and keys may not repeat.
    paths: Option<&'c Paths>,
    cells: &'c mut Cells,
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            if let Some(node) = self.nodes.iter().find(|node| node.key == key) {
                let raw: &RawValue = map.next_value()?;
                if self.paths.is_some() && node.slot.is_some_and(|slot| self.cells.slots[slot].is_some()) {
                    return Err(A::Error::custom(format!("the key `{key}` stands twice")));
                }
                self.cells.load_raw(node, raw).map_err(A::Error::custom)?;
            } else if let Some(name) = self.paths.and_then(|paths| paths.tag_of(&key)) {
                let raw: &RawValue = map.next_value()?;
                let value = raw.get();
                if value.starts_with('"') {
                    let value: String = serde_json::from_str(value).map_err(A::Error::custom)?;
                    self.cells.add_tag(name, &value);
                } else if value != "null" {
                    self.cells.add_tag(name, value);
                }
            } else if let Some(mended) = mended(&key).filter(|mended| self.nodes.iter().any(|node| node.key == *mended))
            {
                return Err(A::Error::custom(format!("the key `{mended}` is damaged")));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}
