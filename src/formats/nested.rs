//! Rows inside pages: JSON objects that hold rows in lists of lists, or under names of their own.
//!
//! Role: one object as the vendors' APIs return it (`data > results`) → its rows, each with the keys of the objects it
//! stands in, so that the rest of the program sees rows like any other. Where such an object is not of that shape, where
//! and why.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::corruption::without_delimiters;

/// The key by which a page says that another one follows.
pub const HAS_MORE: &str = "has_more";
/// The key that says which, for pages that say nothing else.
const NEXT_PAGE: &str = "next_page";
/// The key behind which a row has those of the objects around it: what pages say of themselves tells no rows apart.
pub(super) const AROUND: &str = "@around";
/// The step of a path that is every value of an object, such as the models that a day is split by.
const EACH: &str = "*";
/// The key under which a row has the name that such a value goes by.
const NAME: &str = "@key";
/// The column of an export in which no list holds a row.
const NO_ROWS: &str = "@no_rows";

/// What is wrong with an object that should hold rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Where in the text.
    pub at: usize,
    /// What, in words.
    pub reason: String,
}

/// The columns of an export whose rows stand in lists.
#[derive(Debug)]
pub struct Columns {
    /// The keys of all rows and of what they stand in.
    pub names: Vec<String>,
    /// The keys of rows that hold something, a set for each row.
    pub filled: Vec<Vec<String>>,
}

pub(super) type Entry<'v> = (Cow<'v, str>, &'v RawValue);

/// The keys and values of an object as they stand, repeated ones too.
#[derive(Default)]
pub(super) struct Entries<'v>(pub(super) Vec<Entry<'v>>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry::<Cow<'de, str>, &'de RawValue>()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// Calls `each` with every row of an object and where it stands in the text: its own keys first, then those of the
/// objects around it which it has not itself, behind [`AROUND`]. An object in place of a list is a list of one. An empty list is a
/// row without keys of its own, so that its period is known. An object may begin at any key of the path, since lists are
/// saved alone too. Returns whether the object says that another page follows.
pub fn unfold(text: &str, path: &[String], each: impl FnMut(usize, &str)) -> Result<bool, Misfit> {
    let mut unfolder = Unfolder { text, around: Vec::new(), row: String::new(), each };
    unfolder.object(text, path)
}

/// Whether an object says that it is not the last of some pages: `"meta": {"page": 1, "totalPages": 2}`.
fn is_early_page(key: &str, value: &RawValue) -> bool {
    #[derive(serde::Deserialize)]
    struct Pages {
        page: u64,
        #[serde(alias = "totalPages")]
        total_pages: Option<u64>,
        per_page: Option<u64>,
        total_count: Option<u64>,
    }
    let is_early = |Pages { page, total_pages, per_page, total_count }| {
        let rows = per_page.zip(total_count).is_some_and(|(rows, all)| page.saturating_mul(rows) < all);
        rows || total_pages.is_some_and(|pages| page < pages)
    };
    ["meta", "metadata", "result_info"].contains(&key) && serde_json::from_str(value.get()).is_ok_and(is_early)
}

/// Whether an object says that another page follows. Some tools that save pages write what is true as a text.
fn has_next_page(entries: &[Entry<'_>]) -> bool {
    let values =
        |name: &str| entries.iter().find(|(key, _)| key == name).map(|(_, value)| value.get().trim_matches('"'));
    let is_nothing = |value: &str| value.is_empty() || value == "null";
    match values(HAS_MORE).filter(|value| !is_nothing(value)) {
        Some(value) => !(value.eq_ignore_ascii_case("false") || value == "0"),
        None => values(NEXT_PAGE).is_some_and(|value| !is_nothing(value) && value != "false"),
    }
}

struct Unfolder<'v, F> {
    text: &'v str,
    /// The entries of the objects that a row stands in, outer ones first.
    around: Vec<(Cow<'v, str>, Cow<'v, str>)>,
    row: String,
    each: F,
}

impl<'v, F: FnMut(usize, &str)> Unfolder<'v, F> {
    fn object(&mut self, object: &'v str, path: &[String]) -> Result<bool, Misfit> {
        let at = object.as_ptr().addr() - self.text.as_ptr().addr();
        let misfit = |reason: String| Misfit { at, reason };
        let Entries(entries) =
            serde_json::from_str(object).map_err(|error| misfit(format!("not a whole JSON object ({error})")))?;
        let outside = self.around.len();
        if path.is_empty() {
            self.write(at, &entries);
            return Ok(false);
        }
        if path[0] == EACH {
            if entries.is_empty() {
                self.write(at, &[]);
            }
            for (name, value) in entries {
                self.around.push((Cow::Borrowed(NAME), Cow::Owned(Value::from(name).to_string())));
                self.object(value.get(), &path[1..])?;
                self.around.truncate(outside);
            }
            return Ok(false);
        }
        let is_step = |key: &str| path.iter().position(|step| step == key);
        let mut steps = entries.iter().filter_map(|(key, value)| Some((is_step(key)?, value)));
        let Some((step, list)) = steps.next() else {
            let names: Vec<String> = path.iter().map(|key| format!("`{key}`")).collect();
            let reason = if entries.iter().any(|(key, _)| key == "error") {
                "an error message of the API instead of rows".to_owned()
            } else {
                format!("an object without {}", names.join(" or "))
            };
            return Err(misfit(reason));
        };
        if steps.next().is_some() {
            return Err(misfit(format!("`{}` stands twice, or beside another list of rows", path[step])));
        }
        if let Some(damaged) =
            entries.iter().filter_map(|(key, _)| without_delimiters(key)).find(|key| is_step(key).is_some())
        {
            return Err(misfit(format!("the key `{damaged}` is damaged")));
        }
        let has_next_page = has_next_page(&entries) || entries.iter().any(|(key, value)| is_early_page(key, value));
        let rows: Vec<&'v RawValue> = if list.get().starts_with('{') {
            vec![list]
        } else {
            serde_json::from_str(list.get()).map_err(|_| misfit(format!("`{}` is not a list", path[step])))?
        };
        let others = entries.into_iter().filter(|(key, _)| is_step(key).is_none());
        self.around.extend(others.map(|(key, value)| (key, Cow::Borrowed(value.get()))));
        if rows.is_empty() {
            self.write(at, &[]);
        }
        for row in rows {
            self.object(row.get(), &path[step + 1..])?;
        }
        self.around.truncate(outside);
        Ok(has_next_page)
    }

    /// Writes a row as one object.
    fn write(&mut self, at: usize, own: &[Entry<'v>]) {
        self.row.clear();
        self.row.push('{');
        // The nearest one counts.
        let mut known: HashSet<&str> = own.iter().map(|(key, _)| key.as_ref()).collect();
        let mut inherited: Vec<_> = self.around.iter().rev().filter(|(key, _)| known.insert(key)).collect();
        inherited.reverse();
        let inherited = inherited.iter().map(|(key, value)| (key, value.as_ref()));
        for (at, (key, value)) in own.iter().map(|(key, value)| (key, value.get())).chain(inherited).enumerate() {
            if at > 0 {
                self.row.push(',');
            }
            if at == own.len() {
                for text in ["\"", AROUND, "\":null,"] {
                    self.row.push_str(text);
                }
            }
            self.row.push_str(&Value::from(key.as_ref()).to_string());
            self.row.push(':');
            self.row.push_str(value);
        }
        self.row.push('}');
        (self.each)(at, &self.row);
    }
}

impl Columns {
    /// The columns of objects that hold rows at a path, or nothing if they hold none there.
    pub fn of(objects: &[serde_json::Map<String, Value>], path: &[String]) -> Option<Self> {
        let mut columns = Self { names: Vec::new(), filled: Vec::new() };
        let found = objects.iter().filter(|object| columns.take(object, path)).count();
        if columns.filled.is_empty() {
            columns.names.push(NO_ROWS.to_owned());
        }
        columns.names.sort_unstable();
        columns.names.dedup();
        (found > 0).then_some(columns)
    }

    fn take(&mut self, object: &serde_json::Map<String, Value>, path: &[String]) -> bool {
        if path.is_empty() {
            self.names.extend(object.keys().cloned());
            let filled = object.iter().filter(|(_, value)| !value.is_null()).map(|(key, _)| key.clone());
            self.filled.push(filled.collect());
            return true;
        }
        let held = path.iter().enumerate().find_map(|(step, key)| {
            let held = object.get(key).filter(|held| held.is_array() || held.is_object())?;
            Some((step, held.as_array().map_or(std::slice::from_ref(held), Vec::as_slice)))
        });
        let (rows, rest): (Vec<&Value>, _) = match held {
            _ if path[0] == EACH => (object.values().collect(), &path[1..]),
            Some((step, rows)) => {
                self.names.extend(object.keys().cloned());
                (rows.iter().collect(), &path[step + 1..])
            }
            None => return false,
        };
        for row in rows.into_iter().filter_map(Value::as_object) {
            self.take(row, rest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Result<(Vec<String>, bool), Misfit> {
        let mut rows = Vec::new();
        let path = ["data".to_owned(), "results".to_owned()];
        let has_next_page = unfold(text, &path, |at, row| rows.push(format!("{at} {row}")))?;
        Ok((rows, has_next_page))
    }

    #[test]
    fn rows_know_what_they_stand_in() {
        let page = r#"{"k":"page","data":[{"k":"b","t":1,"results":[{"k":"r","n":2},{"n":3}]},{"t":2,"results":[]}],"has_more":true}"#;
        let expected = [
            r#"46 {"k":"r","n":2,"@around":null,"has_more":true,"t":1}"#,
            r#"62 {"n":3,"@around":null,"has_more":true,"k":"b","t":1}"#,
            r#"72 {"@around":null,"k":"page","has_more":true,"t":2}"#,
        ];
        assert_eq!(rows(page), Ok((expected.map(ToOwned::to_owned).to_vec(), true)));
        let bucket = r#"{"t":1,"results":[{"n":3}]}"#;
        assert_eq!(rows(bucket), Ok((vec![r#"18 {"n":3,"@around":null,"t":1}"#.to_owned()], false)));
    }

    #[test]
    fn rows_go_by_names_of_their_own() {
        let mut rows = Vec::new();
        let path = ["days", "by", "models", EACH].map(ToOwned::to_owned);
        let text = r#"{"days":[{"d":1,"by":{"models":{"m \"x\"":{"n":2},"o":{"n":3}},"keys":{}}},{"d":2,"by":{"models":{}}}],"metadata":{"page":1,"total_pages":2}}"#;
        let has_next_page = unfold(text, &path, |_, row| rows.push(row.to_owned()));
        let around = r#""metadata":{"page":1,"total_pages":2}"#;
        let expected = [
            format!(r#"{{"n":2,"@around":null,{around},"d":1,"keys":{{}},"@key":"m \"x\""}}"#),
            format!(r#"{{"n":3,"@around":null,{around},"d":1,"keys":{{}},"@key":"o"}}"#),
            format!(r#"{{"@around":null,{around},"d":2}}"#),
        ];
        assert_eq!((has_next_page, rows), (Ok(true), expected.to_vec()));
    }

    #[test]
    fn pages_say_in_many_ways_that_another_follows() {
        for (said, follows) in [
            (r#""has_more":true"#, true),
            (r#""has_more":"true""#, true),
            (r#""has_more":"True","next_page":null"#, true),
            (r#""has_more":1"#, true),
            (r#""next_page":"abc""#, true),
            (r#""has_more":null,"next_page":"abc""#, true),
            (r#""has_more":false"#, false),
            (r#""has_more":"false","next_page":"abc""#, false),
            (r#""next_page":null"#, false),
            (r#""next_page":"""#, false),
            (r#""n":1"#, false),
        ] {
            assert_eq!(rows(&format!(r#"{{"data":[],{said}}}"#)).map(|(_, follows)| follows), Ok(follows), "{said}");
        }
    }

    #[test]
    fn what_holds_no_rows() {
        for (text, at, reason) in [
            (r#"{"rows":[]}"#, 0, "an object without `data` or `results`"),
            (r#"{"error":{"message":"no"}}"#, 0, "an error message of the API instead of rows"),
            (r#"{"data":[{"t":1}]}"#, 9, "an object without `results`"),
            (r#"{"data":[],"data":[]}"#, 0, "`data` stands twice, or beside another list of rows"),
            (r#"{"data":[{"results":[],"results,":[]}]}"#, 9, "the key `results` is damaged"),
            (r#"{"data":{}}"#, 8, "an object without `results`"),
            (r#"{"data":1}"#, 0, "`data` is not a list"),
        ] {
            assert_eq!(rows(text), Err(Misfit { at, reason: reason.to_owned() }), "{text}");
        }
    }
}
