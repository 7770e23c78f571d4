//! The paths of a mapping, numbered once, and where a file's columns hold them.
//!
//! Role: what [`Cells`](super::Cells) fills and the rest of the formats asks for by number. It reads no rows.

use memchr::memchr_iter;

use super::column_plan::ColumnPlan;
use super::expected::KeyBits;
use super::mapping::{Counted, Declared};
use super::unread::counts_tokens;

/// A numbered path.
pub type Slot = usize;

/// All paths of a mapping, as a tree of keys.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    pub(super) names: Vec<String>,
    pub(super) roots: Vec<Node>,
    tag_prefix: Option<String>,
    /// Rows are about tokens, so that what counts tokens must be read or declared.
    pub(super) counts_tokens: bool,
    /// The same inside objects that nothing reads: rows of a vendor's pages hold nothing else.
    pub(super) counts_tokens_in_objects: bool,
    pub(super) unknown: Unknown,
    /// A CSV cell in quotes of its own is a JSON text.
    pub(super) json_cells: bool,
}

/// What is made of names that no path has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unknown {
    /// Nothing: vendors write much that is of no interest here.
    #[default]
    Unnoted,
    /// They are noted: who writes rows for this tool means something with each key.
    Noted,
    /// They are noted where they hold texts, and these tell sums of calls apart: a vendor may group by them now.
    TellsApart,
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) key: String,
    pub(super) slot: Option<Slot>,
    pub(super) children: Vec<Node>,
    /// Each number in it is a usage key.
    pub(super) is_usage: bool,
    /// What it holds need not be read.
    pub(super) is_declared: bool,
    /// And counts tokens of a field.
    pub(super) counted: Option<Counted>,
    /// The expected keys that it is, as bits.
    pub(super) expects: KeyBits,
}

impl Node {
    /// The expected keys that it and all below it are.
    pub(super) fn expects_in_all(&self) -> KeyBits {
        self.children.iter().fold(self.expects, |bits, child| bits | child.expects_in_all())
    }
}

impl Paths {
    /// No paths, and a prefix of columns that are tags; `counts_tokens` says that usage keys are looked for.
    pub fn new(tag_prefix: Option<String>, counts_tokens: bool) -> Self {
        Self { tag_prefix, counts_tokens, ..Self::default() }
    }

    /// The number of a path, new or known.
    pub fn slot(&mut self, path: &str) -> Slot {
        if let Some(known) = self.names.iter().position(|name| name == path) {
            return known;
        }
        let slot = self.names.len();
        self.names.push(path.to_owned());
        Self::change(&mut self.roots, path, |node| node.slot = Some(slot));
        slot
    }

    /// Says that each number in an object is a usage key.
    pub(super) fn usage_object(&mut self, path: &str) {
        Self::change(&mut self.roots, path, |node| node.is_usage = true);
    }

    /// Says that a usage key, or all below it, need not be read.
    pub(super) fn declare(&mut self, path: &str, declared: &Declared) {
        let counted = if let Declared::Counts(counted, _) = declared { Some(*counted) } else { None };
        Self::change(&mut self.roots, path, |node| {
            node.is_declared = true;
            node.counted = counted;
        });
    }

    /// Says that rows are expected to have a path, under these bits.
    pub(super) fn expect(&mut self, path: &str, bits: KeyBits) {
        Self::change(&mut self.roots, path, |node| node.expects |= bits);
    }

    /// Changes the last node of a path, which may be new.
    fn change(nodes: &mut Vec<Node>, path: &str, change: impl FnOnce(&mut Node)) {
        // By its middle, since to look for a text of several bytes takes long to prepare.
        let border =
            memchr_iter(b'>', path.as_bytes()).find(|at| path[..*at].ends_with(' ') && path[at + 1..].starts_with(' '));
        let (key, rest) = border.map_or((path, None), |at| (&path[..at - 1], Some(&path[at + 2..])));
        let at = nodes.iter().position(|node| node.key == key).unwrap_or_else(|| {
            let key = key.to_owned();
            nodes.push(Node {
                key,
                slot: None,
                children: Vec::new(),
                is_usage: false,
                is_declared: false,
                counted: None,
                expects: 0,
            });
            nodes.len() - 1
        });
        match rest {
            Some(rest) => Self::change(&mut nodes[at].children, rest, change),
            None => change(&mut nodes[at]),
        }
    }

    /// Whether a column that no path leads to counts tokens by its name.
    pub(super) fn is_unread_usage(&self, column: &str) -> bool {
        self.counts_tokens
            && !self.roots.iter().any(|node| node.key == column)
            && self.tag_of(column).is_none()
            && counts_tokens(column)
    }

    /// The number of a column's whole text, where it is read at all; nothing else may be read out of it.
    pub(super) fn whole(&self, column: &str) -> Result<Option<Slot>, ()> {
        match self.roots.iter().find(|node| node.key == column) {
            None => Ok(None),
            Some(node) if node.children.is_empty() => Ok(node.slot),
            Some(_) => Err(()),
        }
    }

    /// Whether texts under names that are not known tell sums of calls apart.
    pub fn unknown_tell_apart(&self) -> bool {
        self.unknown == Unknown::TellsApart
    }

    /// Whether names that are not known are noted.
    pub fn unknown_are_noted(&self) -> bool {
        self.unknown == Unknown::Noted
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

    pub(super) fn tag_of<'c>(&self, column: &'c str) -> Option<&'c str> {
        column.strip_prefix(self.tag_prefix.as_deref()?).filter(|name| !name.is_empty())
    }
}

/// What the columns of a CSV file hold.
#[derive(Clone, Debug, Default)]
pub struct Header {
    /// Column names in file order, trimmed.
    pub names: Vec<String>,
    /// What each column is for, where that is one thing each.
    pub plan: Option<ColumnPlan>,
    /// Which expected columns there are; what stands in the JSON of a column is another matter.
    pub present: KeyBits,
    pub(super) columns: Vec<Column>,
}

/// What one column holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Column {
    /// The slot of its whole text.
    pub(super) slot: Option<Slot>,
    /// What is looked for in the JSON it holds, by position among the roots of the paths.
    pub(super) nested: Option<usize>,
    pub(super) tag: Option<String>,
    /// Its name says that it counts tokens, and nothing reads it.
    pub(super) is_unread: bool,
    /// Its name is not known, and its texts may tell sums of calls apart.
    pub(super) is_unknown: bool,
    /// It is declared to count tokens of a field.
    pub(super) counted: Option<Counted>,
    /// The expected keys that it is, as bits.
    pub(super) expects: KeyBits,
}

impl Header {
    /// Whether the text of a column is read, and no JSON that has quotes of its own.
    pub fn reads_text(&self, column: usize) -> bool {
        self.columns
            .get(column)
            .is_some_and(|column| column.nested.is_none() && (column.slot.is_some() || column.tag.is_some()))
    }

    /// Finds the paths of a mapping among a file's columns; of several columns of one name the first.
    pub(super) fn new(names: Vec<String>, plan: Option<ColumnPlan>, paths: &Paths) -> Self {
        let column = |(index, name): (usize, &String)| {
            let is_first = !names[..index].contains(name);
            let root = paths.roots.iter().position(|node| is_first && node.key == *name);
            Column {
                slot: root.and_then(|root| paths.roots[root].slot),
                nested: root.filter(|root| !paths.roots[*root].children.is_empty()),
                tag: paths.tag_of(name).map(ToOwned::to_owned),
                is_unread: paths.is_unread_usage(name),
                is_unknown: paths.unknown_tell_apart() && is_first && !name.is_empty() && !paths.uses(name),
                counted: root.and_then(|root| paths.roots[root].counted),
                expects: root.map_or(0, |root| paths.roots[root].expects),
            }
        };
        let columns = names.iter().enumerate().map(column).collect();
        let present = paths.roots.iter().filter(|node| names.contains(&node.key));
        let present = present.fold(0, |bits, node| bits | node.expects);
        Self { names, plan, present, columns }
    }
}
