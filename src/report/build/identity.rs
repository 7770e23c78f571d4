//! What is doubtful about which rows are the same call: ids that are none, that many calls share, or that are not there.

use super::{ReportInput, listed};
use crate::calendar::Day;
use crate::diagnostic::sanitized_short;
use crate::input::repeats::NotCounted;
use crate::input::{Input, Ledger};
use crate::money::Overflow;
use crate::report::words::{dollars, grouped, plural};
use crate::report::{InputLine, Note};

/// Warnings about ids.
pub(super) fn notes(run: &ReportInput<'_>) -> Result<Vec<Note>, Overflow> {
    let mut notes = Vec::new();
    let ledgers = || run.gathered.inputs.iter().map(|input| &input.ledger);
    let placeholders = ledgers().map(|ledger| ledger.ids.placeholders()).sum();
    if placeholders > 0 {
        let message = format!(
            "{} whose id is a word or sign for none, such as `None`, `0` or `#N/A`: each counts as a call without an id, so duplicates among them cannot be found",
            plural(placeholders, "row")
        );
        notes.push(Note { code: "placeholder-ids", message, count: placeholders });
    }
    let mut differing = NotCounted::default();
    for ledger in ledgers() {
        // Where they are many the report is incomplete.
        let other_calls = if ids_repeat(ledger) { NotCounted::default() } else { ledger.repeats.other_calls };
        differing = differing.and(ledger.repeats.dearer)?.and(other_calls)?;
    }
    if differing.rows > 0 {
        let message = format!(
            "{} left out as duplicates may be calls of their own: they have another time, and another model or prompt, than the row of the same id that counts, or cost more than it ({})",
            plural(differing.rows, "row"),
            cost(&differing)
        );
        notes.push(Note { code: "duplicates-differ", message, count: differing.rows });
    }
    notes.extend(calls_without_ids(run));
    notes.extend(duplicates_unchecked(run));
    Ok(notes)
}

/// Inputs in which ids stand for more calls than one.
pub(super) fn repeats<'m>(run: &'m ReportInput<'_>, inputs: &'m [InputLine]) -> impl Iterator<Item = Note> + 'm {
    let ledgers = run.gathered.inputs.iter().map(|input| &input.ledger).zip(inputs);
    ledgers.filter(|(ledger, _)| ids_repeat(ledger)).map(|(ledger, line)| {
        let repeats = &ledger.repeats.other_calls;
        let message = format!(
            "{}: {} of {} repeat an id with another time, and another model or prompt, so the ids do not tell calls apart, and these rows are in no figure ({}); export ids of single calls, or count every row with --no-dedupe",
            sanitized_short(&line.file, 60),
            grouped(repeats.rows.into()),
            plural(ledger.usage_rows(), "row"),
            cost(repeats)
        );
        Note { code: "ids-repeat", message, count: repeats.rows }
    })
}

fn ids_repeat(ledger: &Ledger) -> bool {
    ledger.repeats.are_many(ledger.usage_rows())
}

fn cost(rows: &NotCounted) -> String {
    let priced = format!("{} at list price", dollars(rows.cost));
    match rows.unpriced {
        0 => priced,
        unpriced if unpriced == rows.rows => "none of them has a price".to_owned(),
        unpriced => format!("{priced}, and {} without a price", plural(unpriced, "row")),
    }
}

/// Inputs of one format with calls of one provider on the same days, some of which have no id: those that two of them hold
/// count twice.
fn calls_without_ids(run: &ReportInput<'_>) -> Option<Note> {
    let (count, inputs) = may_meet(run, |one, other| {
        let have_ids = !one.ledger.has_calls_without_id && !other.ledger.has_calls_without_id;
        one.sniffed.format == other.sniffed.format && !have_ids
    })?;
    let message = format!(
        "{inputs} log calls of one provider on the same days, some of them without an id: calls that two of the files hold count twice; export the ids, or see that each call is in one file only"
    );
    Some(Note { code: "calls-without-ids", message, count })
}

/// Inputs of several sources with calls of one provider on the same days, of which a rollup file keeps no ids. Parts of one
/// source, or of none that is named, are taken to hold each call once: their report is that of their logs.
fn duplicates_unchecked(run: &ReportInput<'_>) -> Option<Note> {
    let source = |input: &Input| input.part_of.as_ref().map(|part| part.source.clone());
    let (count, inputs) = may_meet(run, |one, other| source(one) != source(other))?;
    let message = format!(
        "{inputs} hold calls of one provider on the same days and are not of one source, and rollup files keep no ids: calls that two of them hold count twice; see that each call is in one of them only"
    );
    Some(Note { code: "duplicates-unchecked", message, count })
}

/// How many inputs have calls of one provider on the same days as another one with which they are `open` to doubt, and
/// their names; nothing where there are none, or every row is to count.
fn may_meet(run: &ReportInput<'_>, open: impl Fn(&Input, &Input) -> bool) -> Option<(u64, String)> {
    let inputs = &run.gathered.inputs;
    let may_meet = |one: usize, other: usize| {
        let [one, other] = [one, other].map(|at| &inputs[at]);
        one.ledger.has_calls && other.ledger.has_calls && open(one, other) && share_days(run, one, other)
    };
    let all = 0..inputs.len();
    let found = all.clone().filter(|&one| all.clone().any(|other| one != other && may_meet(one, other)));
    let names: Vec<String> = found.map(|at| sanitized_short(&inputs[at].name, 60)).collect();
    (!names.is_empty() && run.reading.dedupe).then(|| (names.len() as u64, listed(names.into_iter())))
}

/// Whether two inputs have usage of one provider on the same days of the period.
pub(super) fn share_days(run: &ReportInput<'_>, one: &Input, other: &Input) -> bool {
    let (a, b) = (&one.ledger, &other.ledger);
    let days = a.usage_days.zip(b.usage_days).map(|((a, b), (c, d))| (a.max(c), b.min(d)));
    let is_counted = |(first, last): (Day, Day)| {
        run.period().is_some_and(|(period, _)| first.max(period.from) <= last.min(period.to))
    };
    days.is_some_and(is_counted) && a.providers.intersection(&b.providers).next().is_some()
}
