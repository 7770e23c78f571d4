//! The inputs that a rollup file holds: its lines added up, and held against what its `control` rows say.
//!
//! Role: lines → sums in the rollup and, for each input of the file, the ledger that the file states, or that its lines
//! make. Nothing of a file counts of which a line is missing, or one too many is there. `docs/rollup-file.md` says what
//! stands in a line.

mod days;
mod lines;
mod remake;

use std::collections::BTreeMap;

pub(super) use days::days_of_parts;
pub use remake::{READING_OPTIONS, Remake};
use serde::{Deserialize, Serialize};

use super::dates::PeriodBounds;
use super::ids::IdCounts;
use super::ledger::{Ledger, RowOutcome};
use super::overlap::PartOf;
use super::pass::{Pass, Reading, Stop, Worker};
use super::sniff::{Framing, Sniffed, format_name};
use super::source::Source;
use crate::diagnostic::{Diagnostic, Failure, Place, sanitized_short};
use crate::formats::expected::LackingNames;
use crate::formats::rollup::{Checksum, ControlLine, Kept, SCHEMA, is_zero};
use crate::formats::{Container, Format};
use crate::rollup::key_fields::KeyFields;
use crate::rollup::{Context, Direction, LineSums, Unsummable};

/// The code of a file that is not whole.
const INCOMPLETE: &str = "rollup-incomplete";
const MAKE_AGAIN: &str = "make the file again, and save all of it; nothing of it was counted";

/// What a `control` row says of an input, besides its sums.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct InputAbout {
    /// How many lines it has.
    pub lines: u64,
    /// What their cells and the sums of the `control` row come to. Files of older versions, and of queries that somebody wrote,
    /// do not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum: Option<Checksum>,
    /// Its name; without one the rollup file stands for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Its format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Its size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Zero bytes behind its gzip data, which were ignored.
    #[serde(rename = "trailing_zeros", skip_serializing_if = "is_zero")]
    pub padding: u64,
    /// Its columns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// The SHA-256 of its bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The number of an earlier input with the same bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy_of: Option<usize>,
    /// What it is a part of, where that is another whole than the file's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_of: Option<PartOf>,
    /// Another input may have the same calls, and nobody can tell.
    #[serde(rename = "unchecked", skip_serializing_if = "std::ops::Not::not")]
    pub is_unchecked: bool,
    /// How many rows of usage lack which keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lacking: Option<LackingNames>,
    /// What the ids of its rows of usage are, where a query counted them: else the ledger says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ids: Option<IdCounts>,
    /// What became of its rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger: Option<Ledger>,
}

/// What was read of a rollup file.
#[derive(Debug, Default)]
pub(super) struct PartsRead {
    /// What the file keeps.
    kept: Option<Kept>,
    /// What its control rows say, by the number of the input.
    stated: BTreeMap<u32, Stated>,
    /// What its lines come to.
    found: BTreeMap<u32, PartRead>,
    /// Lines of names.
    names: u64,
    /// The first line that is wrong.
    wrong: Option<(u64, Diagnostic)>,
}

/// What the control row of one input says.
#[derive(Debug)]
struct Stated {
    sums: LineSums,
    /// Of these sums.
    checksum: Checksum,
    about: InputAbout,
}

/// What the lines of one input come to.
#[derive(Debug, Default)]
struct PartRead {
    lines: u64,
    sums: LineSums,
    checksum: Checksum,
    ledger: Ledger,
}

/// An input of a rollup file.
#[derive(Debug)]
pub struct Part {
    /// What its control row says of it.
    pub about: InputAbout,
    /// What became of its rows.
    pub ledger: Ledger,
    /// What its lines come to.
    pub sums: LineSums,
    /// What it is; nothing where it is known by the rollup file alone.
    pub sniffed: Option<Sniffed>,
}

/// What a rollup file comes to.
#[derive(Debug)]
pub struct Parts {
    /// The days that it was made of.
    pub days: PeriodBounds,
    /// What it keeps.
    pub kept: Kept,
    /// How it is made again.
    pub remake: Remake,
    /// Its inputs.
    pub inputs: Vec<Part>,
}

impl PartsRead {
    /// Notes that a line cannot be read. Of several the first counts, whichever thread met it.
    pub(super) fn note_wrong(&mut self, line: u64, wrong: Diagnostic) {
        if self.wrong.as_ref().is_none_or(|(known, _)| line < *known) {
            self.wrong = Some((line, wrong));
        }
    }

    pub(super) fn absorb(&mut self, other: Self) -> Result<(), Unsummable> {
        if let Some(kept) = other.kept {
            self.keep(kept);
        }
        for (input, stated) in other.stated {
            self.state(input, stated);
        }
        for (input, part) in other.found {
            let known = self.found.entry(input).or_default();
            known.lines += part.lines;
            known.checksum = known.checksum.and(part.checksum);
            known.sums.cell.absorb(&part.sums.cell)?;
            known.sums.notes.oddities.merge(part.sums.notes.oddities, Direction::Add)?;
            known.ledger.absorb(part.ledger, false)?;
        }
        self.names += other.names;
        if let Some((line, wrong)) = other.wrong {
            self.note_wrong(line, wrong);
        }
        Ok(())
    }

    fn keep(&mut self, kept: Kept) {
        if self.kept.replace(kept).is_some() {
            self.note_wrong(u64::MAX, twice("two `control` rows of the file"));
        }
    }

    fn state(&mut self, input: u32, stated: Stated) {
        if self.stated.insert(input, stated).is_some() {
            self.note_wrong(u64::MAX, twice(&format!("two `control` rows of input {input}")));
        }
    }

    /// The days of all its rows, for those who ask before it is known to be whole.
    pub(super) fn date(&self, ledger: &mut Ledger) {
        for (input, part) in &self.found {
            let stated = self.stated.get(input).and_then(|stated| stated.about.ledger.as_ref());
            let known = stated.unwrap_or(&part.ledger);
            ledger.date(known.days, false, false);
            ledger.date(known.kept_days, false, true);
            ledger.date(known.usage_days, true, false);
            ledger.covered.absorb(&known.covered);
        }
    }

    /// Its inputs, if it is whole and tells enough.
    pub(super) fn finish(
        self,
        (source, columns): (&Source, &[String]),
        reading: &Reading<'_>,
        context: &Context<'_>,
    ) -> Result<Parts, Failure> {
        // A line that lacks a cell may be wrong for that alone.
        let must_have = self.kept.iter().flat_map(Kept::columns);
        let lacking = must_have.filter(|column| !columns.iter().any(|known| known == column));
        let lacking: Vec<String> = lacking.map(|column| format!("`{}`", sanitized_short(column, 60))).collect();
        if !lacking.is_empty() {
            return Err(incomplete(format!("lacks {}, which it was written with", lacking.join(", "))));
        }
        if let Some((line, mut wrong)) = self.wrong {
            wrong.place =
                wrong.place.map(|place| if line == u64::MAX { place } else { Place { line: Some(line), ..place } });
            return Err(Failure::input(wrong));
        }
        let Some(kept) = self.kept else {
            return Err(incomplete("has no `control` row of the file: it was cut, or not written to its end".into()));
        };
        if kept.schema != SCHEMA {
            let message =
                format!("is of version `{}`, and this program reads {SCHEMA}", sanitized_short(&kept.schema, 60));
            return Err(Failure::input(
                Diagnostic::new("rollup-version", message)
                    .hint("read it with the program that made it, or make it again with this one"),
            ));
        }
        if kept.inputs != self.stated.len() as u64 {
            let message = format!("has `control` rows of {} inputs and should have {}", self.stated.len(), kept.inputs);
            return Err(incomplete(message));
        }
        if self.stated.keys().zip(1..).any(|(input, number)| *input != number) {
            return Err(incomplete("has `control` rows of inputs that are not numbered from 1 on".into()));
        }
        if kept.lines != self.names {
            return Err(incomplete(format!("has {} `name` lines and should have {}", self.names, kept.lines)));
        }
        if let Some(input) = self.found.keys().find(|input| !self.stated.contains_key(*input)) {
            return Err(incomplete(format!("has lines of input {input} and no `control` row of it")));
        }
        let needs = KeyFields::new(context, false).needs()?;
        let abouts: Vec<&InputAbout> = self.stated.values().map(|stated| &stated.about).collect();
        let day = |text: &Option<String>| text.as_deref().map(str::parse).transpose();
        let (Ok(from), Ok(to)) = (day(&kept.from), day(&kept.to)) else {
            return Err(incomplete("states days that are none".into()));
        };
        let days = PeriodBounds { from, to };
        let remake = Remake::of(source, &kept, &abouts, (reading, context));
        let mend = format!(
            "make another one in the folder of its logs, with what is asked of it now: `{}`",
            remake.command(days)
        );
        kept.check(&needs, &mend)?;
        let mut found = self.found;
        let mut inputs = Vec::new();
        for (input, stated) in self.stated {
            let part = found.remove(&input).unwrap_or_default();
            check_totals(input, &part, &stated)?;
            check_cells(input, &part, &stated, &mend)?;
            inputs.push(part_of(part, stated.about, (&kept, &mend), reading, context)?);
        }
        Ok(Parts { days, kept, remake, inputs })
    }
}

fn incomplete(message: String) -> Failure {
    Failure::input(Diagnostic::new(INCOMPLETE, message).hint(MAKE_AGAIN))
}

fn twice(what: &str) -> Diagnostic {
    Diagnostic::new(INCOMPLETE, format!("has {what}")).hint("give each rollup file by itself, and each of them once")
}

fn check_totals(input: u32, part: &PartRead, stated: &Stated) -> Result<(), Failure> {
    if part.lines != stated.about.lines {
        let message = format!("has {} lines of input {input} and should have {}", part.lines, stated.about.lines);
        return Err(incomplete(message));
    }
    if part.sums.agree(&stated.sums) {
        Ok(())
    } else {
        Err(incomplete(format!(
            "does not add up: its lines of input {input} come to other sums than its `control` row says"
        )))
    }
}

/// Sums cannot tell that a name was changed, that a column was emptied, or that two of them were exchanged.
fn check_cells(input: u32, part: &PartRead, stated: &Stated, mend: &str) -> Result<(), Failure> {
    let found = part.checksum.and(stated.checksum);
    match stated.about.checksum.filter(|written| *written != found) {
        None => Ok(()),
        Some(_) => Err(Failure::input(
            Diagnostic::new(
                "rollup-changed",
                format!("was changed after it was written: the cells of input {input} are not those that its `control` row stands for (one was changed, or a column was emptied or exchanged with another)"),
            )
            .hint(mend),
        )),
    }
}

/// An input with what became of its rows, as the file says; by this run's prices and days some of those that count may not.
fn part_of(
    part: PartRead,
    mut about: InputAbout,
    (kept, mend): (&Kept, &str),
    reading: &Reading<'_>,
    context: &Context<'_>,
) -> Result<Part, Failure> {
    let PartRead { ledger: mut found, sums, .. } = part;
    let sniffed = match &about.format {
        Some(name) => Some(sniffed_of(name, &about.columns, reading.formats)?),
        None => None,
    };
    let mut lacking = about.lacking.take().unwrap_or_default();
    let Some(mut ledger) = about.ledger.take() else {
        if let Some(sniffed) = &sniffed {
            found.ids = about.ids.unwrap_or_default();
            lacking.rows = found.usage_rows();
            // A table has its columns in all rows or in none.
            found.lacking = reading.formats[sniffed.format].expected.of_names(&lacking, sniffed.header.present);
        }
        return Ok(Part { about, ledger: found, sums, sniffed });
    };
    if (ledger.rows(RowOutcome::Accepted), ledger.dollars(RowOutcome::Accepted)) != (found.read(), found.stated()) {
        return Err(incomplete("does not add up: the ledger of an input counts other rows than its lines".into()));
    }
    for fate in [RowOutcome::Outside, RowOutcome::Rejected] {
        ledger.shift(RowOutcome::Accepted, fate, found.rows(fate), found.dollars(fate))?;
    }
    for (code, rows) in found.reject_counts {
        *ledger.reject_counts.entry(code).or_default() += rows;
    }
    ledger.covered = ledger.covered.filtered(|day| reading.period.holds(day));
    if let Some(sniffed) = &sniffed {
        let expected = &reading.formats[sniffed.format].expected;
        ledger.lacking = expected.of_names(&lacking, expected.all());
    }
    let rate = |code: &String| {
        let known = context.policy.currencies.iter().find(|rate| rate.code.eq_ignore_ascii_case(code));
        known.map(|rate| rate.usd.to_string())
    };
    let mut currencies = ledger.converted.keys().chain(ledger.foreign.keys());
    if let Some(code) = currencies.find(|code| rate(code) != kept.currencies.get(*code).cloned()) {
        let message =
            format!("the rollup file has amounts in {} at another rate than the policy's", sanitized_short(code, 20));
        return Err(Failure::usage(Diagnostic::new("rollup-too-coarse", message).hint(mend)));
    }
    Ok(Part { about, ledger, sums, sniffed })
}

/// What an input of a format is.
fn sniffed_of(name: &str, columns: &[String], formats: &[Format]) -> Result<Sniffed, Failure> {
    let framings = |format: &Format| {
        let framing = |container: &Container| match container {
            Container::Csv => Framing::Csv(b','),
            Container::Jsonl => Framing::JsonLines,
        };
        format.mapping.containers.iter().map(framing).collect::<Vec<_>>()
    };
    let known = formats.iter().enumerate().find_map(|(at, format)| {
        framings(format).into_iter().find(|framing| format_name(format, *framing) == name).map(|framing| (at, framing))
    });
    let (format, framing) = known.ok_or_else(|| {
        let message = format!("holds an input of the format `{}`, which is not known", sanitized_short(name, 60));
        Failure::usage(
            Diagnostic::new("rollup-format", message)
                .hint("give the mapping that its rollup was made with: --map FILE"),
        )
    })?;
    Ok(Sniffed {
        format,
        framing,
        header: formats[format].header(columns.to_vec()),
        skip: 0,
        preamble: Vec::new(),
        blank: 0,
        header_line: 0,
        marked: false,
    })
}

impl Pass<'_> {
    /// The inputs of rollup files, with the days of all of them in the ledger of the file.
    pub(super) fn parts(&self, read: Vec<PartsRead>, ledgers: &mut [Ledger]) -> Result<Vec<Option<Parts>>, Stop> {
        let files = read.into_iter().zip(ledgers).enumerate();
        files
            .map(|(input, (read, ledger))| {
                let is_rollup = self.reading.formats[self.sniffed[input].format].is_rollup();
                if !is_rollup || self.left_out[input].is_some() {
                    return Ok(None);
                }
                read.date(ledger);
                let file = (&self.reading.sources[input], &self.sniffed[input].header.names[..]);
                read.finish(file, self.reading, self.context).map(Some).map_err(|mut failure| {
                    let place = Place::file(&self.reading.sources[input].name);
                    failure.diagnostic.place.get_or_insert(place);
                    Stop::Failed(input, failure)
                })
            })
            .collect()
    }
}

impl Worker<'_> {
    /// What the file says of itself or of an input.
    fn control_line(&mut self, input: usize, line: ControlLine<'_>) -> Result<(), serde_json::Error> {
        if let Some(part) = line.input {
            let ControlLine { sums, checksum, about, .. } = line;
            self.parts[input].state(part, Stated { sums, checksum, about: serde_json::from_str(about)? });
        } else {
            let kept: Kept = serde_json::from_str(line.about)?;
            if kept.more_names {
                self.folder.note_more_names();
            }
            self.parts[input].keep(kept);
        }
        Ok(())
    }
}

impl InputAbout {
    /// As it is written.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}
