//! What tells rows of one workload apart, and where the words stand that decided.
//!
//! Role: what the calls of a row have in common in fields finer than their workload → what readers see of it. No amount
//! and no verdict depends on it.

use std::collections::BTreeMap;

use super::Row;
use crate::diagnostic::text::mask_secrets;
use crate::policy::{NameField, Policy};
use crate::rollup::{Common, Rollup, Shared, TextId};
use crate::verdict::Code;

/// What the calls of a row have in common besides what its sums are made of.
#[derive(Clone, Debug, Default)]
pub struct Details {
    /// By finer field, in the policy's order: what all calls have, or nothing where none has it. Fields in which they
    /// differ are not there.
    pub common: Vec<(NameField, Option<String>)>,
    /// What tells the row apart from others of its workload, where it takes that.
    pub apart: Vec<String>,
    /// Where words stand that decided, by code: the fields with what they hold.
    words: BTreeMap<Code, Vec<(String, Held)>>,
}

/// What a field with a word in it holds.
#[derive(Clone, Debug)]
enum Held {
    One(String),
    Several,
    Unknown,
}

impl Details {
    /// Writes out what the calls of a row share, by deciding code.
    pub(super) fn of(shared: BTreeMap<Code, Shared>, rollup: &Rollup, policy: &Policy) -> Self {
        let text = |id: TextId| rollup.texts.get(id).to_owned();
        let mut all = Shared::default();
        for shared in shared.values() {
            all.join(shared);
        }
        let common = policy.workload.iter().zip(all.finer).filter_map(|(field, common)| match common {
            Common::One(named) => Some((field.clone(), Some(text(named.name)))),
            Common::Nothing => Some((field.clone(), None)),
            Common::Several => None,
        });
        let place = |(field, common): (TextId, Common)| {
            let held = match common {
                Common::One(named) => Held::One(text(named.name)),
                Common::Several => Held::Several,
                Common::Nothing => Held::Unknown,
            };
            (text(field), held)
        };
        let common = common.collect();
        let words = shared.into_iter().map(|(code, shared)| {
            let mut places: Vec<(String, Held)> = shared.words.into_iter().map(place).collect();
            places.sort_by(|(a, _), (b, _)| a.cmp(b));
            (code, places)
        });
        Self { common, apart: Vec::new(), words: words.collect() }
    }

    /// What all calls have in a finer field; nothing where they differ in it, or none has it.
    pub fn value(&self, field: &NameField) -> Option<&str> {
        self.common.iter().find(|(known, _)| known == field).and_then(|(_, value)| value.as_deref())
    }
}

impl Row {
    /// A reason in words; that of a word says where the word stands.
    pub fn reason(&self, code: Code, policy: &Policy) -> String {
        let (word, end) = match code {
            Code::RealTimeWord(word) => (policy.real_time_words.text(word), ": somebody waits"),
            Code::BatchWord(word) => (policy.batch_words.text(word), ""),
            _ => return code.sentence(policy).into_owned(),
        };
        let places = self.details.words.get(&code).map_or(&[][..], Vec::as_slice);
        let verb = match places {
            [] => return code.sentence(policy).into_owned(),
            [(_, Held::One(_) | Held::Unknown)] => "says",
            _ => "say",
        };
        let places: Vec<String> = places.iter().map(|(field, held)| self.place(field, held)).collect();
        format!("{} {verb} `{word}`{end}", places.join(" and "))
    }

    fn place(&self, field: &str, held: &Held) -> String {
        let (noun, tag) = match field.strip_prefix("tag.") {
            Some(tag) => ("tag", Some(mask_secrets(tag))),
            None => (if field == "api_key" { "key" } else { field }, None),
        };
        let noun = tag.map_or_else(|| noun.to_owned(), |tag| format!("{noun} {tag}"));
        match held {
            // The workload's name stands beside it already.
            Held::One(name) if *name == self.workload => noun,
            Held::One(name) => format!("{noun} `{}`", mask_secrets(name)),
            Held::Several => format!("several names ({noun})"),
            Held::Unknown => noun,
        }
    }
}

/// The finest field that no two calls of a row differ in and that tells rows apart, each of which has it: a rule with that
/// condition decides about whole rows.
pub fn splitting_field<'p>(rows: &[&Row], policy: &'p Policy) -> Option<&'p NameField> {
    let first = rows.first()?;
    let tells = |field: &&NameField| {
        rows.iter().all(|row| row.details.value(field).is_some())
            && rows.iter().any(|row| row.details.value(field) != first.details.value(field))
    };
    policy.workload.iter().find(tells)
}

/// Gives each row what tells it apart from others of its workload: the id where several have its name, then what its calls
/// have in finer fields, as far as that differs from row to row.
pub(super) fn tell_apart(rows: &mut [Row], policy: &Policy) {
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        by_name.entry(&row.workload).or_default().push(index);
    }
    let mut alike: Vec<Vec<usize>> = by_name.into_values().filter(|rows| rows.len() > 1).collect();
    split(rows, &mut alike, |row| row.workload_id.as_deref());
    for field in &policy.workload {
        split(rows, &mut alike, |row| row.details.value(field));
    }
}

/// Splits rows that look alike so far by what differs among them.
fn split(rows: &mut [Row], alike: &mut Vec<Vec<usize>>, value: impl Fn(&Row) -> Option<&str>) {
    for part in std::mem::take(alike) {
        let mut by_value: BTreeMap<Option<String>, Vec<usize>> = BTreeMap::new();
        for index in part {
            by_value.entry(value(&rows[index]).map(ToOwned::to_owned)).or_default().push(index);
        }
        if by_value.len() > 1 {
            for (value, indexes) in &by_value {
                for index in indexes {
                    rows[*index].details.apart.extend(value.clone());
                }
            }
        }
        alike.extend(by_value.into_values());
    }
}
