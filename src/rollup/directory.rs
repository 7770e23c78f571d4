//! Ids and the names that go with them: what an export calls by its id only may have its name in another.
//!
//! Role: what rows state, gathered while they are read ([`Stated`]) → one name for each id ([`Directory`]), by which
//! rows are judged. Ids of two providers are never one thing, and a name stands for an id only where it is that of one.

use super::Name;
use crate::calendar::Moment;
use crate::maps::{FastMap, FastSet};
use crate::usage::{Field, UsageRecord};

const FIELDS: usize = Field::WITH_IDS.len();
/// Texts that are kept of those of which nobody says whether they are ids or names. With more a second look at the rows
/// is worth its time where there is any id at all, so that memory does not grow with rows.
const MOST_ALONE: usize = 16_384;

/// By id: each name, or nothing where none stands beside it, with the latest row that says so.
type StatedIds = FastMap<Box<str>, Vec<(Option<Box<str>>, Moment)>>;

/// What rows state of ids and names, in no order.
#[derive(Clone, Debug, Default)]
pub struct Stated {
    /// By provider and field.
    ids: FastMap<Box<str>, [StatedIds; FIELDS]>,
    /// Texts that may be ids or names, by field.
    alone: [FastSet<Box<str>>; FIELDS],
    /// There are more.
    more: bool,
}

impl Stated {
    /// Notes the ids of a row, of the fields that matter.
    pub(super) fn note(&mut self, record: &UsageRecord<'_>, provider: &str, matters: impl Fn(Field) -> bool) {
        for (at, field) in Field::WITH_IDS.into_iter().enumerate() {
            let Some(id) = record.ids[at].filter(|_| matters(field)) else { continue };
            let name = record.text(field).filter(|name| *name != id);
            self.id(provider, at, id, name, record.start);
        }
    }

    pub(super) fn id(&mut self, provider: &str, at: usize, id: &str, name: Option<&str>, when: Moment) {
        if !self.ids.contains_key(provider) {
            self.ids.insert(provider.into(), Default::default());
        }
        let Some(fields) = self.ids.get_mut(provider) else { return };
        match fields[at].get_mut(id) {
            Some(names) => match names.iter_mut().find(|(known, _)| known.as_deref() == name) {
                Some((_, latest)) => *latest = when.max(*latest),
                None => names.push((name.map(Into::into), when)),
            },
            None => {
                fields[at].insert(id.into(), vec![(name.map(Into::into), when)]);
            }
        }
    }

    /// Notes a text of which nobody says whether it is an id.
    pub(super) fn note_alone(&mut self, field: Field, text: &str) {
        let Some(at) = field.with_id() else { return };
        if !self.alone[at].contains(text) {
            self.more |= self.alone[at].len() >= MOST_ALONE;
            if !self.more {
                self.alone[at].insert(text.into());
            }
        }
    }

    /// Each id with each name of it, or none, and when that was last told.
    pub fn each_id(&self, mut each: impl FnMut(&str, Field, &str, Option<&str>, Moment)) {
        for (provider, fields) in &self.ids {
            for (field, ids) in Field::WITH_IDS.into_iter().zip(fields) {
                for (id, (name, latest)) in ids.iter().flat_map(|(id, names)| names.iter().map(move |name| (id, name)))
                {
                    each(provider, field, id, name.as_deref(), *latest);
                }
            }
        }
    }

    /// Each text of which nobody says whether it is an id.
    pub fn each_alone(&self, mut each: impl FnMut(Field, &str)) {
        for (field, texts) in Field::WITH_IDS.into_iter().zip(&self.alone) {
            for text in texts {
                each(field, text);
            }
        }
    }

    /// Whether there are more such texts than are kept.
    pub const fn has_more(&self) -> bool {
        self.more
    }

    /// Says that there are.
    pub(super) const fn note_more(&mut self) {
        self.more = true;
    }

    /// Adds what other rows state.
    pub(super) fn absorb(&mut self, other: &Self) {
        for (provider, fields) in &other.ids {
            for (at, ids) in fields.iter().enumerate() {
                for (id, names) in ids {
                    for (name, when) in names {
                        self.id(provider, at, id, name.as_deref(), *when);
                    }
                }
            }
        }
        for (field, texts) in Field::WITH_IDS.into_iter().zip(&other.alone) {
            for text in texts {
                self.note_alone(field, text);
            }
        }
        self.more |= other.more;
    }
}

/// The names of one field's ids at one provider.
#[derive(Clone, Debug, Default)]
struct Names {
    /// Nothing where no row names the id.
    by_id: FastMap<Box<str>, Option<Box<str>>>,
    /// Nothing where several ids have the name.
    by_name: FastMap<Box<str>, Option<Box<str>>>,
}

/// One name for each id of a run.
#[derive(Clone, Debug, Default)]
pub struct Directory(FastMap<Box<str>, [Names; FIELDS]>);

impl Directory {
    /// The directory of all that is stated; nothing where it would tell no row anything new.
    pub fn of(stated: &Stated) -> Option<Self> {
        let mut directory = Self::default();
        let mut is_new = stated.more && !stated.ids.is_empty();
        for (provider, fields) in &stated.ids {
            let known = directory.0.entry(provider.clone()).or_default();
            for ((names, ids), alone) in known.iter_mut().zip(fields).zip(&stated.alone) {
                for (id, stated) in ids {
                    let named = || stated.iter().filter_map(|(name, when)| Some((*when, name.as_deref()?)));
                    // Of several the latest; of those of one moment the last by its bytes, whatever the order of rows.
                    let name = named().max().map(|(_, name)| name);
                    is_new |= name.is_some() && stated.len() > 1;
                    is_new |= alone.contains(id) || named().any(|(_, name)| alone.contains(name));
                    names.by_id.insert(id.clone(), name.map(Into::into));
                    for (_, name) in named() {
                        names
                            .by_name
                            .entry(name.into())
                            .and_modify(|id| *id = None)
                            .or_insert_with(|| Some(id.clone()));
                    }
                }
            }
        }
        is_new.then_some(directory)
    }

    /// The name and the id that the run has for what a row calls so.
    pub(super) fn called<'n>(&'n self, provider: &str, field: Field, name: Name<'n>) -> Name<'n> {
        let fields = self.0.get(provider);
        match fields.zip(field.with_id()) {
            Some((fields, at)) => fields[at].called(name.name, name.id),
            None => name,
        }
    }

    /// A row with the names that the run has for its ids, and with ids for its names.
    pub(super) fn resolve<'r>(&'r self, record: &'r UsageRecord<'_>, provider: &str) -> UsageRecord<'r> {
        let mut resolved = record.lent();
        let Some(fields) = self.0.get(provider) else { return resolved };
        for (at, (field, names)) in Field::WITH_IDS.into_iter().zip(fields).enumerate() {
            let Some(text) = record.text(field) else { continue };
            let called = names.called(text, record.ids[at]);
            (resolved.texts[field as usize], resolved.ids[at]) = (Some(called.name), called.id);
        }
        resolved
    }
}

impl Names {
    fn called<'n>(&'n self, text: &'n str, id: Option<&'n str>) -> Name<'n> {
        let by_text = || if self.by_id.contains_key(text) { Some(text) } else { self.by_name.get(text)?.as_deref() };
        let id = id.or_else(by_text);
        let name = id.and_then(|id| self.by_id.get(id)?.as_deref());
        Name { name: name.unwrap_or(text), id }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stated(rows: &[(&str, Option<&str>, i64)], alone: &[&str]) -> Stated {
        let mut stated = Stated::default();
        for (id, name, second) in rows {
            let when = Moment::from_micros(second * 1_000_000);
            stated.id("openai", 1, id, *name, when);
        }
        for text in alone {
            stated.note_alone(Field::Project, text);
        }
        stated
    }

    fn called(directory: &Directory, text: &str, id: Option<&str>) -> (String, Option<String>) {
        let called = directory.0["openai"][1].called(text, id);
        (called.name.to_owned(), called.id.map(ToOwned::to_owned))
    }

    #[test]
    fn the_latest_name_of_an_id_counts_whatever_the_order() {
        let mut rows = vec![("p1", Some("old"), 1), ("p1", Some("new"), 3), ("p1", None, 9), ("p2", Some("new"), 2)];
        for _ in 0..2 {
            let directory = Directory::of(&stated(&rows, &[])).expect("several names");
            assert_eq!(called(&directory, "old", Some("p1")), ("new".into(), Some("p1".into())));
            assert_eq!(called(&directory, "old", None), ("new".into(), Some("p1".into())));
            assert_eq!(called(&directory, "p1", None), ("new".into(), Some("p1".into())));
            // Two ids have it, so that it is neither's.
            assert_eq!(called(&directory, "new", None), ("new".into(), None));
            rows.reverse();
        }
    }

    #[test]
    fn what_tells_nothing_new_is_no_directory() {
        assert!(Directory::of(&stated(&[("p1", Some("crm"), 1), ("p2", None, 1)], &["other"])).is_none());
        assert!(Directory::of(&stated(&[], &["p1", "crm"])).is_none());
        for alone in ["p1", "crm", "p2"] {
            assert!(Directory::of(&stated(&[("p1", Some("crm"), 1), ("p2", None, 1)], &[alone])).is_some(), "{alone}");
        }
        let directory = Directory::of(&stated(&[("p1", Some("crm"), 1)], &["crm"])).expect("a name alone");
        assert_eq!(called(&directory, "crm", None), ("crm".into(), Some("p1".into())));
    }
}
