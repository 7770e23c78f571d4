//! Columns and keys that a format has and an input lacks: in all its rows, in some, or in very few.

use std::collections::BTreeSet;

use super::{InputsRead, ReportInput, listed};
use crate::diagnostic::{sanitized, sanitized_short};
use crate::formats::expected::{ExpectedKey, SOME_ROWS, are_few};
use crate::input::Input;
use crate::report::Note;
use crate::report::words::{grouped, plural};
use crate::usage::TokenClass;

/// Vendors cache prompts of at least so many tokens; those of a log are looked at on average.
const SMALLEST_CACHED_PROMPT: u128 = 1_024;
/// Names of keys in one note.
const MOST_NAMES: usize = 6;

/// How many rows of an input lack a key.
enum Lack {
    All,
    Some(u64),
    /// So few that they are damaged, or not what the others are.
    Few(u64),
}

impl Lack {
    fn of(rows_without: u64, rows: u64, is_uniform: bool) -> Option<Self> {
        match rows_without {
            0 => None,
            all if all == rows => Some(Self::All),
            // A vendor's program writes all rows alike.
            1 if is_uniform && rows >= SOME_ROWS => Some(Self::Few(1)),
            few if are_few(few, rows) => Some(Self::Few(few)),
            some => Some(Self::Some(some)),
        }
    }
}

/// The keys that rows of an input lack.
fn lacks<'m>(run: InputsRead<'m>, input: &'m Input) -> impl Iterator<Item = (&'m ExpectedKey, Lack)> {
    let format = &run.reading.formats[input.sniffed.format];
    let (rows, is_uniform) = (input.ledger.lacking.rows, format.mapping.provider.is_some());
    let counted = format.expected.counted(&input.ledger.lacking);
    counted.filter_map(move |(key, rows_without)| Some((key, Lack::of(rows_without, rows, is_uniform)?)))
}

/// Columns and keys that a format usually has, by input.
pub(super) fn missing_columns(run: &ReportInput<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    for input in &run.gathered.inputs {
        let format = &run.reading.formats[input.sniffed.format];
        let lacks: Vec<_> = lacks(run.inputs_read(), input).filter(|(key, _)| !key.is_optional).collect();
        let mut names: Vec<String> =
            lacks.iter().filter(|(_, lack)| matches!(lack, Lack::All)).map(|(key, _)| name(key)).collect();
        // The same key in another place, where requests are logged too, goes by the same name.
        let mut some: Vec<(String, u64)> = Vec::new();
        for (key, lack) in &lacks {
            let (Lack::Some(rows), key) = (lack, name(key)) else { continue };
            match some.iter_mut().find(|(known, _)| *known == key) {
                Some((_, sum)) => *sum += rows,
                None => some.push((key, *rows)),
            }
        }
        // A column may be read for several things.
        let mut known = BTreeSet::new();
        names.retain(|name| known.insert(name.clone()));
        let rows = plural(input.ledger.lacking.rows, "row");
        names.extend(some.iter().map(|(key, lacking)| format!("{key} in {} of {rows}", grouped(u128::from(*lacking)))));
        if !names.is_empty() {
            let message = format!(
                "{} without {}: what these columns or keys usually state is taken as not stated",
                sanitized(&format.mapping.title),
                first_of(&names)
            );
            notes.push(Note { code: "missing-column", message, count: names.len() as u64 });
        }
    }
    notes
}

/// Columns and keys that a format need not have and that decide what is paid: those that other inputs of the format have,
/// and, where a cache makes calls cheaper, what was read from it.
pub(super) fn missing_optional(run: &ReportInput<'_>) -> Vec<Note> {
    let has_cheaper_reads = has_cheaper_cache_reads(run);
    let mut notes = Vec::new();
    for input in &run.gathered.inputs {
        // One of too few rows to say whether it is damaged.
        let is_alone = |lack: &Lack| matches!(lack, Lack::Some(1)) && input.ledger.lacking.rows >= SOME_ROWS;
        if let Some((key, _)) =
            lacks(run.inputs_read(), input).find(|(key, lack)| key.is_optional && key.is_cache_reads && is_alone(lack))
        {
            let message = format!(
                "{}: 1 row of {} without {}, which all others have: its input is priced as if none came from a cache",
                sanitized_short(&input.name, 60),
                grouped(input.ledger.lacking.rows.into()),
                name(key)
            );
            notes.push(Note { code: "missing-column", message, count: 1 });
        }
        let all = lacks(run.inputs_read(), input)
            .filter(|(key, lack)| key.is_optional && key.decides_cost && matches!(lack, Lack::All))
            .map(|(key, _)| key);
        let (elsewhere, nowhere): (Vec<_>, Vec<_>) = all.partition(|key| others_have(run, input, key));
        if !elsewhere.is_empty() {
            let message = format!(
                "{} without {}, which other files of its format have: taken as not stated, so figures of the files may not be alike",
                sanitized_short(&input.name, 60),
                first_of(&elsewhere.iter().map(|key| name(key)).collect::<Vec<_>>())
            );
            notes.push(Note { code: "missing-column", message, count: elsewhere.len() as u64 });
        }
        if let Some(key) = nowhere.into_iter().find(|key| key.is_cache_reads && has_cheaper_reads) {
            let message = format!(
                "{} without {}: all input is priced as if none came from a cache, so the cost is less than shown where prompts are cached (an empty column says that none are)",
                sanitized(&run.reading.formats[input.sniffed.format].mapping.title),
                name(key)
            );
            notes.push(Note { code: "missing-column", message, count: 1 });
        }
    }
    notes
}

/// Whether some row of another input of the format has a key.
fn others_have(run: &ReportInput<'_>, input: &Input, key: &ExpectedKey) -> bool {
    let format = input.sniffed.format;
    let mut others = run.gathered.inputs.iter().filter(|other| other.sniffed.format == format);
    others.any(|other| {
        let lacking = &other.ledger.lacking;
        let mut counted = run.reading.formats[format].expected.counted(lacking);
        counted.any(|(known, rows_without)| known.paths == key.paths && rows_without < lacking.rows)
    })
}

/// Whether prompts are long enough to be cached, and a model in use takes less for what it reads from a cache.
fn has_cheaper_cache_reads(run: &ReportInput<'_>) -> bool {
    let assessment = run.assessment;
    let prompt = assessment.tokens[TokenClass::Input];
    if prompt < u128::from(assessment.requests) * SMALLEST_CACHED_PROMPT {
        return false;
    }
    assessment.used.iter().any(|(model, used)| {
        let entries = &run.context.table.model(*model).entries;
        used.entries.iter().flat_map(|entry| &entries[*entry].steps).any(|(_, tiers)| {
            let own = |class: TokenClass| tiers.standard.and_then(|rates| rates[class]);
            own(TokenClass::CacheRead).zip(own(TokenClass::Input)).is_some_and(|(read, input)| read < input)
        })
    })
}

/// Keys that nearly all rows of an input have.
pub(super) fn missing_keys(run: InputsRead<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    for input in &run.gathered.inputs {
        let few = lacks(run, input).filter_map(|(key, lack)| match lack {
            Lack::Few(rows) if key.decides_cost || !key.is_optional => Some((key, rows)),
            _ => None,
        });
        let few: Vec<_> = few.collect();
        if let Some(rows) = few.iter().map(|(_, rows)| *rows).max() {
            let message = format!(
                "{}: {} of {} without what all others have ({}), so the cost may be more or less than shown; look whether it is damaged, or export it again",
                sanitized_short(&input.name, 60),
                plural(rows, "row"),
                grouped(u128::from(input.ledger.lacking.rows)),
                listed(few.iter().map(|(key, _)| name(key)))
            );
            notes.push(Note { code: "missing-key", message, count: rows });
        }
    }
    notes
}

/// Names, the last of which are only counted.
fn first_of(names: &[String]) -> String {
    let more = names.len().saturating_sub(MOST_NAMES);
    let shown = names[..names.len() - more].join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

/// A key and the object it stands in, which tell it from others.
fn name(key: &ExpectedKey) -> String {
    let path = key.paths.first().map_or("", String::as_str);
    let begin = path.rmatch_indices(" > ").nth(1).map_or(0, |(at, step)| at + step.len());
    format!("`{}`", sanitized_short(&path[begin..], 60))
}
