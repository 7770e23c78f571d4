//! What tells rows of one workload apart, and where the words stand that decided.
//!
//! Role: what the calls of a row have in common in fields finer than their workload → what readers see of it. No amount
//! and no verdict depends on it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Keys, Row};
use crate::diagnostic::text::mask_secrets;
use crate::policy::{NameField, Policy};
use crate::rollup::{Common, Rollup, Shared, TextId};
use crate::verdict::Code;

/// What the calls of a row have in common besides what its sums are made of. There may be as many as rows, so it names
/// what the whole run has once.
#[derive(Clone, Debug, Default)]
pub struct Details {
    /// The fields that name workloads, in the policy's order.
    fields: Arc<[NameField]>,
    /// By position of a finer field: what all calls have. Fields in which they differ, or that none has, are not there.
    common: Box<[(usize, Arc<str>)]>,
    /// What tells the row apart from others of its workload, where it takes that.
    pub apart: Vec<String>,
    /// Where words stand that decided, by code: the fields with what they hold.
    words: Vec<(Code, Places)>,
}

/// Fields with what they hold.
type Places = Vec<(Arc<str>, Held)>;

/// What a field with a word in it holds.
#[derive(Clone, Debug)]
enum Held {
    One(Arc<str>),
    Several,
    Unknown,
}

impl Details {
    /// Writes out what the calls of a row share, by deciding code. A code that comes from a word stays that of its key, but
    /// for calls with many end users, whose words decide nothing.
    pub(super) fn of(keys: &Keys, rollup: &Rollup, fields: &Arc<[NameField]>) -> Self {
        let text = |id: TextId| rollup.texts.lasting(id);
        let mut all = Shared::default();
        let mut by_code: BTreeMap<Code, Shared> = BTreeMap::new();
        for (id, _) in keys {
            let shared = &rollup.shared[*id as usize];
            all.join(shared, |text| text);
            if !shared.words.is_empty() {
                by_code.entry(rollup.key(*id).code).or_default().join(shared, |text| text);
            }
        }
        let common = all.finer.iter().enumerate().filter_map(|(at, common)| match common {
            Common::One(named) => Some((at, text(named.name))),
            Common::Nothing | Common::Several => None,
        });
        let place = |(field, common): (TextId, Common)| {
            let held = match common {
                Common::One(named) => Held::One(text(named.name)),
                Common::Several => Held::Several,
                Common::Nothing => Held::Unknown,
            };
            (text(field), held)
        };
        let words = by_code.into_iter().map(|(code, shared)| {
            let mut places: Places = shared.words.into_iter().map(place).collect();
            places.sort_by(|(a, _), (b, _)| a.cmp(b));
            (code, places)
        });
        Self { fields: Arc::clone(fields), common: common.collect(), apart: Vec::new(), words: words.collect() }
    }

    /// Finer fields, in the policy's order, with what all calls have in them.
    pub fn common(&self) -> impl Iterator<Item = (&NameField, &str)> {
        self.common.iter().map(|(at, value)| (&self.fields[*at], &**value))
    }

    /// What all calls have in a finer field; nothing where they differ in it, or none has it.
    pub fn value(&self, field: &NameField) -> Option<&str> {
        self.common().find(|(known, _)| *known == field).map(|(_, value)| value)
    }

    fn places(&self, code: Code) -> &[(Arc<str>, Held)] {
        self.words.iter().find(|(known, _)| *known == code).map_or(&[], |(_, places)| places)
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
        let places = self.details.places(code);
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
