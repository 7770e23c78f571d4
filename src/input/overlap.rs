//! What several exports of one vendor make of the same days: pages that go on in another file, and usage that is in both.
//!
//! Role: after reading, ledgers → rows rejected for pages that are not there, or why inputs cannot be counted together.

use super::dates::PeriodBounds;
use super::gathered::{Gathered, Input};
use super::ledger::{Ledger, RejectedRow, RowOutcome};
use super::pass::Reading;
use serde::{Deserialize, Serialize};

use crate::diagnostic::{Diagnostic, Failure, Place, sanitized, sanitized_short};
use crate::formats::mapping::TargetField;
use crate::formats::rollup::Shard;
use crate::formats::{Accepted, Format, Reject};
use crate::rollup::Unsummable;
use crate::usage::{Field, IdText, UsageRecord};

/// Fields that name a group, and what fills them.
const GROUPS: [(Field, TargetField); 4] = [
    (Field::Project, TargetField::Project),
    (Field::ApiKey, TargetField::ApiKey),
    (Field::User, TargetField::User),
    (Field::Geo, TargetField::Geo),
];

/// Endpoints whose usage vendors do not group by batch and tier.
const UNGROUPED: [&str; 2] = ["embeddings", "moderations"];

/// Notes how long the buckets of an export are, of the rows that count.
pub fn note_grain(ledger: &mut Ledger, record: &UsageRecord<'_>) {
    let Some(end) = record.end else {
        ledger.has_calls = true;
        return;
    };
    let seconds = (end.micros() - record.start.micros()) / 1_000_000;
    ledger.bucket_seconds =
        Some(ledger.bucket_seconds.map_or((seconds, seconds), |(least, most)| (least.min(seconds), most.max(seconds))));
}

/// Notes what a bucket export was grouped by: the fields that some row of it fills, whether or not the row counts. Columns
/// that the format groups by are taken as they stand, since a mapping may say that a text of theirs means nothing.
pub fn note_grouping(ledger: &mut Ledger, accepted: &Accepted<'_>) {
    let record = &accepted.record;
    // What has an id of its own, such as a batch, was not grouped by anything.
    let has_id = record.text(Field::RequestId).is_some_and(|id| IdText::of(id) != IdText::Placeholder);
    let is_ungrouped = record.text(Field::Endpoint).is_some_and(|endpoint| UNGROUPED.contains(&endpoint));
    if record.end.is_none() || has_id || is_ungrouped {
        return;
    }
    let fields = GROUPS.map(|(field, _)| record.text(field).is_some());
    let stated = [record.text(Field::Model).is_some(), !record.batch_unknown];
    let stated = stated.into_iter().chain([record.tier_text.is_some(), record.window.is_some()]);
    let columns = accepted.grouping.split_terminator('\u{1f}').map(|text| !text.is_empty());
    let filled = stated.chain(fields).chain(columns).enumerate().fold(0, |bits, (bit, is)| bits | u64::from(is) << bit);
    ledger.grouped_by = Some(ledger.grouped_by.unwrap_or_default() | filled);
}

/// Two exports of one vendor and the same days, grouped in different ways, hold the same calls twice under different
/// names: no identity can find that, so it is refused.
pub fn check_overlaps(reading: &Reading<'_>, gathered: &Gathered) -> Result<(), Failure> {
    for (index, input) in gathered.inputs.iter().enumerate() {
        for other in &gathered.inputs[..index] {
            let [format, known] = [input, other].map(|input| &reading.formats[input.sniffed.format]);
            let overlap =
                input.ledger.usage_days.zip(other.ledger.usage_days).is_some_and(|((a, b), (c, d))| a <= d && c <= b);
            let both = input.ledger.rows(RowOutcome::Accepted) > 0 && other.ledger.rows(RowOutcome::Accepted) > 0;
            let tells_the_same = input.copy_of.is_none() && is_same_account(format, known) && overlap && both;
            // A cloud's bill and a vendor's own write the same charge in words of their own, and so do two versions of a
            // cloud's bill.
            let is_other = input.sniffed.format != other.sniffed.format || has_other_columns(format, input, other);
            let twice = (is_other && !is_same_account(format, known) && overlap && input.copy_of.is_none())
                .then(|| input.ledger.billers.intersection(&other.ledger.billers).next())
                .flatten();
            if let Some(provider) = twice {
                return Err(Failure::input(
                    Diagnostic::new(
                        "overlap",
                        format!(
                            "bills {} on days that `{}` bills too, so dollars would count twice",
                            sanitized(provider),
                            sanitized(&other.name)
                        ),
                    )
                    .at(Place::file(&input.name))
                    .hint("give only one of the two bills"),
                ));
            }
            // Formats that name their groups alike know a bucket again, whichever of them came first.
            if tells_the_same
                && (format.mapping.also_group_by != known.mapping.also_group_by
                    || is_grouped_otherwise(format, input, other))
            {
                return Err(Failure::input(
                    Diagnostic::new(
                        "overlap",
                        format!(
                            "covers days that `{}` covers too, but is grouped differently, so calls would count twice",
                            sanitized(&other.name)
                        ),
                    )
                    .at(Place::file(&input.name))
                    .hint("give only one of them, or export both with the same grouping and bucket width"),
                ));
            }
        }
    }
    Ok(())
}

/// What a rollup file says that it, or one of its inputs, is a part of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PartOf {
    /// The name of the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Which of its shards, if it has any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// The days that the file was made of.
    #[serde(skip)]
    pub days: PeriodBounds,
}

impl PartOf {
    /// Whether both were made of days that the other one was not made of.
    fn is_of_other_days(&self, other: &Self) -> bool {
        let is_before = |one: &Self, two: &Self| one.days.to.zip(two.days.from).is_some_and(|(to, from)| to < from);
        is_before(self, other) || is_before(other, self)
    }

    /// Whether both name what they are a part of, and it is another whole or another shard.
    fn is_declared_apart(&self, other: &Self) -> bool {
        self.source.is_some() && other.source.is_some() && !self.may_meet(other)
    }

    /// Whether both are parts of one whole and may hold the same calls, where they share days.
    fn may_meet(&self, other: &Self) -> bool {
        let are_apart = self.shard.zip(other.shard).is_some_and(|(one, other)| one.is_apart_from(other));
        self.source.is_some() && self.source == other.source && !are_apart
    }
}

/// Whether two inputs are one log under whatever name. Those of old rollup files state no hash of their contents: there a log is
/// known by its name, size, rows and days.
fn are_one_log(one: &Input, other: &Input) -> bool {
    let stated = |input: &Input| {
        let ledger = &input.ledger;
        (input.file.clone(), input.bytes, ledger.read(), ledger.stated(), ledger.days)
    };
    one.ledger.read() > 0
        && match one.ledger.content.zip(other.ledger.content) {
            Some((one, other)) => one == other,
            None => stated(one) == stated(other),
        }
}

/// With fewer rows two logs may come to the same by chance.
const ROWS_THAT_TELL: u64 = 10;

/// Whether two inputs of rollup files are most likely one log, whose rows stand in another order or are written in another way.
fn come_to_the_same(one: &Input, other: &Input) -> bool {
    let sums = one.sums.as_ref().zip(other.sums.as_ref());
    sums.is_some_and(|(sums, others)| sums.cell.rows >= ROWS_THAT_TELL && sums.agree(others))
        && one.ledger.usage_days == other.ledger.usage_days
}

/// Parts of one source that share days, a part that is given twice, and a log beside the part that holds it: usage would
/// count twice, and ids that could tell are in no rollup file.
pub fn check_parts(reading: &Reading<'_>, gathered: &Gathered) -> Result<(), Failure> {
    if !reading.dedupe {
        return Ok(());
    }
    for (index, input) in gathered.inputs.iter().enumerate() {
        for other in &gathered.inputs[..index] {
            let [one, two] = [&input.part_of, &other.part_of].map(Option::as_ref);
            if input.source == other.source || (one.is_none() && two.is_none()) {
                continue;
            }
            if one.zip(two).is_some_and(|(one, two)| one.is_of_other_days(two)) {
                continue;
            }
            let is_one_source = one.zip(two).is_some_and(|(one, two)| one.may_meet(two));
            let is_declared_apart = one.zip(two).is_some_and(|(one, two)| one.is_declared_apart(two));
            let days = input.ledger.usage_days.zip(other.ledger.usage_days);
            let share_days = days.is_some_and(|((a, b), (c, d))| a <= d && c <= b);
            let [file, earlier] = [input, other].map(|input| sanitized_short(&reading.sources[input.source].name, 60));
            let (what, hint) = if are_one_log(input, other) {
                let [log, known] = [input, other].map(|input| sanitized_short(&input.file, 60));
                let known = if log == known {
                    "which another input holds too".to_owned()
                } else {
                    format!("which has the contents of `{known}`")
                };
                (format!("holds `{log}`, {known}"), format!("leave out one of `{earlier}` and `{file}`"))
            } else if is_one_source && share_days {
                let hint = "make the parts of one source of different days (`--from`, `--to`), or of shards that hold each id once (`--shard 1/4`); give what is another source another name (`--source`)";
                (format!("is made from the source of `{earlier}` and shares days with it"), hint.to_owned())
            } else if come_to_the_same(input, other) && !is_declared_apart {
                let [log, known] = [input, other].map(|input| sanitized_short(&input.file, 60));
                let hint = format!(
                    "leave out one of `{earlier}` and `{file}`; if they are two logs, make both again, each with a name of its own (`--source`)"
                );
                (format!("holds `{log}`, which has the days, rows and sums of `{known}`"), hint)
            } else {
                continue;
            };
            return Err(Failure::input(
                Diagnostic::new("overlap", format!("{what}, so calls would count twice"))
                    .at(Place::file(&reading.sources[input.source].name))
                    .hint(hint),
            ));
        }
    }
    Ok(())
}

/// Whether both are exports of one vendor, about the same thing.
fn is_same_account(format: &Format, other: &Format) -> bool {
    let (one, two) = (&format.mapping, &other.mapping);
    one.provider.is_some() && one.provider == two.provider && one.kind == two.kind
}

/// Whether two tables of a format that is of no one vendor lack different columns of those that tell rows apart.
fn has_other_columns(format: &Format, input: &Input, other: &Input) -> bool {
    let has = |input: &Input, name: &String| input.sniffed.header.names.contains(name);
    format.mapping.also_group_by.iter().any(|name| has(input, name) != has(other, name))
}

fn is_grouped_otherwise(format: &Format, input: &Input, other: &Input) -> bool {
    let (one, two) = (&input.ledger, &other.ledger);
    let grouped = |ledger: &Ledger| ledger.grouped_by.map(|filled| filled & place(format));
    // An export that holds only what cannot be grouped says nothing about how.
    grouped(one).zip(grouped(two)).is_some_and(|(one, two)| one != two)
        || (one.grouped_by.is_some() && two.grouped_by.is_some() && one.bucket_seconds != two.bucket_seconds)
}

/// Which of the noted bits tell how an export was grouped: where columns of the format say it, what is made of them says it
/// less well.
fn place(format: &Format) -> u64 {
    let columns = &format.mapping.also_group_by;
    let is_made = |target: TargetField| {
        let mut specs = format.mapping.fields.0.iter().filter(|(of, _)| *of == target);
        specs.any(|(_, spec)| spec.from.iter().any(|name| columns.contains(name)))
    };
    let made = [(2, is_made(TargetField::Tier)), (3, is_made(TargetField::Window))].into_iter();
    let made = made.chain((4..).zip(GROUPS.map(|(_, target)| !columns.is_empty() && is_made(target))));
    made.filter(|(_, is_made)| *is_made).fold(u64::MAX, |bits, (bit, _)| bits & !(1 << bit))
}

/// Rejects a row for each export that ends at a page which another one follows, unless a further input of the format
/// takes up where it ends: pages are saved one a file too.
pub fn miss_pages(ledgers: &mut [Ledger], format: impl Fn(usize) -> usize, all: bool) -> Result<(), Unsummable> {
    for index in 0..ledgers.len() {
        let Some(line) = ledgers[index].next_page_line else { continue };
        let is_next = |(other, ledger): (usize, &Ledger)| {
            format(other) == format(index)
                && ledger
                    .days
                    .zip(ledgers[index].days)
                    .is_some_and(|((first, last), (_, end))| first <= end.next() && last > end)
        };
        if !ledgers.iter().enumerate().any(is_next) {
            let reject = Reject::page_missing();
            // It stands for rows that nobody has.
            ledgers[index].met(1);
            ledgers[index].reject(RejectedRow { line, last_line: line, reject, dollars: None }, all)?;
        }
    }
    Ok(())
}
