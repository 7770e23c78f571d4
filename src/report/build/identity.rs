//! What is doubtful about which rows are the same call: ids that are none, that many calls share, or that are not there.

use super::{InputsRead, ReportInput, listed};
use crate::diagnostic::sanitized_short;
use crate::input::repeats::NotCounted;
use crate::input::{Input, Ledger};
use crate::money::Overflow;
use crate::report::Note;
use crate::report::words::{dollars, grouped, plural};

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
        differing = differing.and(ledger.repeats.doubtful)?.and(other_calls)?;
    }
    if differing.rows > 0 {
        let message = format!(
            "{} left out as duplicates may be calls of their own: they have another model or prompt than the row of the same id that counts and not its time, or cost more than it; or they are a second sum of one span and group in one input, with other numbers ({})",
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
pub(super) fn repeats(run: InputsRead<'_>) -> impl Iterator<Item = Note> {
    let repeating = run.gathered.inputs.iter().filter(|input| ids_repeat(&input.ledger));
    repeating.map(|Input { name, ledger, .. }| {
        let repeats = &ledger.repeats.other_calls;
        let message = format!(
            "{}: {} of {} repeat an id with another model or prompt and not at the same time, so the ids do not tell calls apart, and these rows are in no figure ({}); export ids of single calls, or count every row with --no-dedupe",
            sanitized_short(name, 60),
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
    let meeting = run.gathered.may_meet(|one, other| {
        let have_ids = !one.ledger.has_calls_without_id && !other.ledger.has_calls_without_id;
        one.sniffed.format == other.sniffed.format && !have_ids
    });
    let (count, inputs) = names(run, meeting)?;
    let message = format!(
        "{inputs} log calls of one provider on the same days, some of them without an id: calls that two of the files hold count twice; export the ids, or see that each call is in one file only"
    );
    Some(Note { code: "calls-without-ids", message, count })
}

/// Inputs of several sources with calls of one provider on the same days, of which a rollup file keeps no ids.
fn duplicates_unchecked(run: &ReportInput<'_>) -> Option<Note> {
    let inputs = run.gathered.inputs.iter().enumerate();
    let unchecked = inputs.filter(|(_, input)| input.is_unchecked).map(|(at, _)| at).collect();
    let (count, inputs) = names(run, unchecked)?;
    let message = format!(
        "{inputs} hold calls of one provider on the same days and are not of one source, and rollup files keep no ids: calls that two of them hold count twice; see that each call is in one of them only"
    );
    Some(Note { code: "duplicates-unchecked", message, count })
}

/// How many inputs these are, and their names; nothing where there are none, or every row is to count.
fn names(run: &ReportInput<'_>, inputs: Vec<usize>) -> Option<(u64, String)> {
    let names: Vec<String> = inputs.into_iter().map(|at| sanitized_short(&run.gathered.inputs[at].name, 60)).collect();
    (!names.is_empty() && run.reading.dedupe).then(|| (names.len() as u64, listed(names.into_iter())))
}
