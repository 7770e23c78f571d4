//! One run over all inputs: blocks out, rollups and ledgers back.
//!
//! Role: drives reading on one or several threads. The first pass finds hashes of identities that several rows have.
//! Where there are any, a second pass compares those rows, and where they differ a third one gathers them all, so that the
//! one that counts does not depend on order. Contract, section 7.

use super::block_reader::{BlockReader, FastPath};
use super::blocks::Block;
use super::checks::{id_text, identified_by, judge_row, provider_name, wanted};
use super::columnar::ColumnarBatch;
use super::conflicts::{ConflictSet, Conflicts};
use super::dates::{DateLimits, DaysRead, PeriodBounds};
use super::duplicates::{Known, copies};
use super::gathered::{Gathered, Input};
use super::id_hashes::{IdHashes, RepeatedHashes};
use super::identity::{HashInput, Hashing, InputPage, Registry};
use super::ledger::{Ledger, RejectedRow, RowOutcome};
use super::overlap::{check_overlaps, miss_pages, note_grain, note_grouping};
use super::parts::{Parts, PartsRead};
use super::rows::{Lines, Record, Rows, SECOND_HEADER};
use super::scheduler::{BlockScheduler, on_threads};
use super::sniff::{Sniffed, sniff};
use super::source::Source;
use crate::diagnostic::{Diagnostic, Failure, Place};
use crate::formats::{Accepted, Format, Read, StreamChunk};
use crate::maps::next_number;
use crate::money::{Money, Overflow};
use crate::pricing::Wanted;
use crate::progress;
use crate::rollup::reduced::Counted;
use crate::rollup::{Context, Directory, Folder, InputPart, Rollup, Unsummable};
use crate::usage::{Grain, IdText, Quantity, UsageRecord};

/// Below this many bytes one thread is quicker than several.
pub(super) const WORTH_THREADS: u64 = 4 * 1024 * 1024;

/// What is read, and how.
#[derive(Debug)]
pub struct Reading<'r> {
    /// All inputs, in the order given.
    pub sources: &'r [Source],
    /// All known formats.
    pub formats: &'r [Format],
    /// The format of `--input-format`.
    pub wanted_format: Option<&'r str>,
    /// The days of `--from` and `--to`.
    pub period: PeriodBounds,
    /// Rows told twice count once.
    pub dedupe: bool,
    /// Threads.
    pub threads: usize,
    /// All rejected rows are kept, not only the first of each code.
    pub keep_rejects: bool,
    /// Inputs that cannot be read to their end are left out instead of ending the run.
    pub keep_partial: bool,
    /// Inputs left out before anything was read: name, size and why.
    pub unread: &'r [(String, u64, Failure)],
    /// Files of folders that systems put there and nobody wants read.
    pub litter: &'r [String],
}

impl Reading<'_> {
    /// Whether a row lies in the period asked for.
    pub fn holds(&self, record: &UsageRecord<'_>) -> bool {
        self.period.holds(record.start.day())
    }
}

/// Recognises all inputs before the first is read.
pub fn recognise(reading: &Reading<'_>) -> Vec<Result<Sniffed, Failure>> {
    reading.sources.iter().map(|source| sniff(source, reading.formats, reading.wanted_format)).collect()
}

/// Reads all inputs into one rollup.
pub fn gather(reading: &Reading<'_>, sniffed: &[Sniffed], context: &Context<'_>) -> Result<Gathered, Failure> {
    let copies = copies(reading)?;
    let mut left_out: Vec<Option<Failure>> = vec![None; reading.sources.len()];
    let mut known = Known::default();
    let mut zeros = vec![false; reading.sources.len()];
    // One set of keys for all passes: a later one looks for hashes and identities that an earlier one found.
    let hashing = Hashing::new();
    let mut limits = DateLimits::of(context.table, reading.period);
    let with_days = Context { daily: true, ..context.clone() };
    let mut context = context;
    loop {
        let pass = Pass {
            reading,
            sniffed,
            context,
            copies: &copies,
            left_out: &left_out,
            known: &known,
            zeros: &zeros,
            registry: Registry::new(known.repeated.as_ref().map_or(0, RepeatedHashes::len)),
            hashing: &hashing,
            limits,
        };
        match pass.run() {
            Err(Stop::Failed(input, failure)) if reading.keep_partial => {
                left_out[input] = Some(failure);
                known = Known::default();
            }
            Err(Stop::Failed(_, failure) | Stop::Whole(failure)) => return Err(failure),
            Ok(Passed { rollup, ledgers, parts, repeated, conflict_set }) => {
                let counted = ledgers.iter().zip(&left_out).filter(|(_, out)| out.is_none()).map(|(ledger, _)| ledger);
                let days = DaysRead::of(context.table, reading.period, counted);
                // Nor is it known before how often `0` is an id.
                let found: Vec<bool> = ledgers.iter().map(|ledger| ledger.ids.zero_is_placeholder()).collect();
                if !days.are_believed || (days.have_long_gap && !context.daily) || found != zeros {
                    zeros = found;
                    // What lies on either side of a gap is told by the sums of days.
                    (limits, context) = (days.limits, if days.have_long_gap { &with_days } else { context });
                    known = Known::default();
                    continue;
                }
                // What only the whole run can tell, rows are judged by in a further pass.
                if known.repeated.is_none() {
                    let directory = Directory::of(&rollup.stated);
                    let is_settled = directory.is_none() && repeated.is_empty() && conflict_set.is_empty();
                    known.repeated = Some(repeated);
                    if !is_settled {
                        (known.directory, known.conflicts) = (directory, Conflicts::new(conflict_set));
                        continue;
                    }
                } else if conflict_set.has_rows() {
                    known.conflicts = Conflicts::new(conflict_set);
                    continue;
                }
                let ConflictSet { shared, orphan_chunks, .. } = conflict_set;
                let (inputs, bounds) = (Vec::new(), days.bounds);
                let (firsts, litter) = (Vec::new(), Vec::new());
                let mut gathered =
                    Gathered { rollup, inputs, shared, orphan_chunks, known, hashing, firsts, litter, bounds, limits };
                let found = sniffed.iter().zip(ledgers).zip(copies).zip(left_out);
                for (source, (((sniffed, ledger), copy_of), left_out)) in found.enumerate() {
                    let Source { name, file, bytes, .. } = &reading.sources[source];
                    let (name, file, bytes, sniffed) = (name.clone(), file.clone(), *bytes, sniffed.clone());
                    let (sha256, part_of) = (None, None);
                    let input =
                        Input { name, file, bytes, source, sha256, sniffed, ledger, part_of, copy_of, left_out };
                    gathered.inputs.push(input);
                }
                gathered.settle(reading, context)?;
                gathered.take_parts(parts, reading)?;
                check_overlaps(reading, &gathered)?;
                return Ok(gathered);
            }
        }
    }
}

/// A header in the middle of a file that is not the one at its begin.
fn two_tables(source: &Source, line: u64) -> Failure {
    Failure::input(
        Diagnostic::new(SECOND_HEADER, "a second header, with other columns or the same in another order, begins here")
            .at(Place::line(&source.name, line))
            .hint("split the file before this line, and give both parts"),
    )
}

/// What a pass comes to.
struct Passed {
    rollup: Rollup,
    ledgers: Vec<Ledger>,
    /// Of rollup files.
    parts: Vec<Option<Parts>>,
    repeated: RepeatedHashes,
    conflict_set: ConflictSet,
}

pub(super) struct Pass<'p> {
    pub(super) reading: &'p Reading<'p>,
    pub(super) sniffed: &'p [Sniffed],
    pub(super) context: &'p Context<'p>,
    pub(super) copies: &'p [Option<usize>],
    pub(super) left_out: &'p [Option<Failure>],
    pub(super) known: &'p Known,
    /// By input, whether `0` is no id.
    pub(super) zeros: &'p [bool],
    pub(super) registry: Registry,
    pub(super) hashing: &'p Hashing,
    /// The days that rows are believed to be dated on.
    pub(super) limits: DateLimits,
}

/// Why a pass ends early.
#[derive(Clone, Debug)]
pub enum Stop {
    /// The input at fault, and what went wrong.
    Failed(usize, Failure),
    /// No input by itself is at fault, so leaving one out would not help.
    Whole(Failure),
}

impl Stop {
    fn of(problem: Unsummable, input: usize) -> Self {
        match problem {
            Unsummable::Overflow(_) => Self::Failed(input, problem.into()),
            Unsummable::TooManyKeys { .. } => Self::Whole(problem.into()),
        }
    }

    /// Inputs from this one on need not be read any further.
    pub const fn input(&self) -> usize {
        match self {
            Self::Failed(input, _) => *input,
            Self::Whole(_) => 0,
        }
    }
}

impl Pass<'_> {
    /// Whether there are other inputs, or may be in a further run, so that what tells inputs apart is noted.
    pub(super) const fn has_several(&self) -> bool {
        self.sniffed.len() > 1 || self.context.lines.is_some()
    }

    fn run(self) -> Result<Passed, Stop> {
        let bytes: u64 = self.reading.sources.iter().map(|source| source.bytes).sum();
        progress::begin(Some(bytes));
        let threads = if bytes < WORTH_THREADS { 1 } else { self.reading.threads.max(1) };
        let failed = |problem| Stop::of(problem, 0);
        let mut workers = self.together(threads)?.into_iter();
        let Some(first) = workers.next() else { return Err(failed(Overflow.into())) };
        let (mut folder, mut ledgers, mut handed_over) = (first.folder, first.ledgers, first.handed_over);
        let (mut hashes, mut parts) = (vec![first.hashes], first.parts);
        for worker in workers {
            hashes.push(worker.hashes);
            let part = worker.folder.finish().map_err(failed)?;
            folder.absorb(&part).map_err(failed)?;
            for (ledger, part) in ledgers.iter_mut().zip(worker.ledgers) {
                ledger.absorb(part, self.reading.keep_rejects).map_err(failed)?;
            }
            handed_over.extend(worker.handed_over);
            for (read, part) in parts.iter_mut().zip(worker.parts) {
                read.absorb(part).map_err(failed)?;
            }
        }
        let rollup = folder.finish().map_err(failed)?;
        let parts = self.parts(parts, &mut ledgers)?;
        miss_pages(&mut ledgers, |input| self.sniffed[input].format, self.reading.keep_rejects).map_err(failed)?;
        // Of equal rows the earliest input's counts, whichever thread saw it first.
        for (later, fate, dollars) in handed_over {
            ledgers[later].shift(fate, RowOutcome::Duplicate, 1, dollars).map_err(failed)?;
        }
        // An input all of whose rows an earlier one holds says nothing, whichever of the two was read first.
        for ledger in ledgers.iter_mut().filter(|ledger| ledger.rows(RowOutcome::Accepted) == 0) {
            (ledger.has_calls, ledger.bucket_seconds) = (false, None);
            (ledger.providers, ledger.billers) = Default::default();
        }
        for (input, ledger) in ledgers.iter().enumerate() {
            if let Some(line) = ledger.rejects.get(SECOND_HEADER).and_then(|rows| rows.keys().next()) {
                return Err(Stop::Failed(input, two_tables(&self.reading.sources[input], *line)));
            }
        }
        for (ledger, sniffed) in ledgers.iter_mut().zip(self.sniffed) {
            let lines = [
                (RowOutcome::Header, u64::from(sniffed.header_line > 0)),
                (RowOutcome::Preamble, sniffed.preamble.len() as u64),
                (RowOutcome::Blank, sniffed.blank),
            ];
            for (fate, rows) in lines {
                ledger.met(rows);
                ledger.count(fate, rows, Money::ZERO).map_err(failed)?;
            }
        }
        let repeated = RepeatedHashes::among(&hashes, threads);
        Ok(Passed { rollup, ledgers, parts, repeated, conflict_set: self.registry.conflict_set(&self.known.conflicts) })
    }

    /// The rows of all inputs, on several threads.
    fn together(&self, threads: usize) -> Result<Vec<Worker<'_>>, Stop> {
        let scheduler = BlockScheduler::new(self.reading, self.sniffed, self.left_out);
        let work = || self.work(&scheduler);
        let workers = on_threads(threads, work);
        match scheduler.failure() {
            Some(failed) => Err(failed),
            None => Ok(workers),
        }
    }

    fn work(&self, scheduler: &BlockScheduler<'_>) -> Worker<'_> {
        let mut worker = Worker::new(self);
        let mut block = Block::default();
        while scheduler.next(&mut block) {
            if let Err(problem) = worker.take(&block) {
                scheduler.stop(self.stop(problem, block.input));
            }
        }
        // What only rows need is let go of here, side by side, and not by the one that adds up all threads.
        (worker.rows, worker.batch, worker.fast_path) = Default::default();
        for (line, provider) in worker.folder.lines().filter(|(line, _)| line.row.from.part == 0) {
            let is_bill = matches!(line.facts.counted(), Counted::BillLine(_));
            worker.ledgers[line.row.from.input as usize].note_provider(provider, is_bill);
        }
        if let Err(problem) = worker.folder.settle() {
            scheduler.stop(self.stop(problem, 0));
        }
        worker
    }

    fn stop(&self, problem: Unsummable, input: usize) -> Stop {
        let mut stop = Stop::of(problem, input);
        if let Stop::Failed(_, failure) = &mut stop {
            failure.diagnostic.place = Some(Place::file(&self.reading.sources[input].name));
        }
        stop
    }
}

/// One thread's part of the work.
pub(super) struct Worker<'p> {
    pub(super) pass: &'p Pass<'p>,
    pub(super) folder: Folder<'p>,
    rows: Rows,
    pub(super) batch: ColumnarBatch,
    /// How rows of the input at hand are taken.
    pub(super) fast_path: Option<(usize, FastPath<'p>)>,
    pub(super) hash_input: HashInput,
    /// Of the identities of rows, in the first pass.
    pub(super) hashes: IdHashes,
    pub(super) ledgers: Vec<Ledger>,
    /// Of rollup files.
    pub(super) parts: Vec<PartsRead>,
    /// Rows counted for a later input until an equal one of an earlier input came, with what they billed.
    pub(super) handed_over: Vec<(usize, RowOutcome, Money)>,
}

impl<'p> Worker<'p> {
    fn new(pass: &'p Pass<'p>) -> Self {
        Self {
            pass,
            folder: Folder::new(pass.context, pass.known.directory.as_ref()),
            rows: Rows::default(),
            batch: ColumnarBatch::default(),
            fast_path: None,
            hash_input: HashInput::default(),
            hashes: IdHashes::default(),
            ledgers: vec![Ledger::default(); pass.sniffed.len()],
            parts: pass.sniffed.iter().map(|_| PartsRead::default()).collect(),
            handed_over: Vec::new(),
        }
    }

    fn take(&mut self, block: &Block) -> Result<(), Unsummable> {
        let sniffed = &self.pass.sniffed[block.input];
        let format = &self.pass.reading.formats[sniffed.format];
        let mut rows = std::mem::take(&mut self.rows);
        let fast_path = match self.fast_path.take() {
            Some((known, fast_path)) if known == block.input => fast_path,
            _ if self.pass.copies[block.input].is_some() => FastPath::Never,
            _ => FastPath::of(sniffed, format, self),
        };
        self.folder.from = InputPart { input: next_number(block.input), part: 0 };
        let mut reader = BlockReader { taker: self, input: block.input, format, fast_path };
        let records = rows.read(block, sniffed, format, &mut reader);
        let BlockReader { fast_path, .. } = reader;
        self.fast_path = Some((block.input, fast_path));
        self.rows = rows;
        let records = records?;
        self.ledgers[block.input].met(records);
        progress::rows(records);
        if self.pass.copies[block.input].is_none() {
            self.ledgers[block.input].next_page_line = block.missing_page.or(self.ledgers[block.input].next_page_line);
        }
        Ok(())
    }

    #[inline]
    pub(super) fn row(
        &mut self,
        input: usize,
        format: &Format,
        lines: Lines,
        record: Record<'_>,
    ) -> Result<(), Unsummable> {
        let mut row = match record {
            Record::Blank => return self.ledgers[input].count(RowOutcome::Blank, 1, Money::ZERO),
            Record::Header => return self.ledgers[input].count(RowOutcome::Header, 1, Money::ZERO),
            Record::Line(cells) => return self.rollup_line(input, lines.first, cells),
            Record::Row(row) => row,
        };
        if let Err(reject) = &row.outcome
            && format.is_rollup()
        {
            self.wrong_line(input, lines.first, &reject.reason);
            return Ok(());
        }
        let is_copy = self.pass.copies[input].is_some();
        let ledger = &mut self.ledgers[input];
        judge_row(&mut row, format, self.pass.context, self.pass.limits, ledger)?;
        let is_outside = matches!(&row.outcome, Ok(Read::Usage(used)) if !self.pass.reading.holds(&used.record));
        if let Some((first, last)) = row.days.filter(|_| !is_outside) {
            ledger.cover(first, last);
        }
        let dollars = row.dollars.unwrap_or_default();
        self.ledgers[input].state(dollars)?;
        let may_be_usage = match row.outcome {
            Ok(Read::Usage(_)) => true,
            // What looks blank may be a row whose one key that matters is damaged.
            Ok(Read::Blank) => format.expected.has_any(row.present),
            _ => false,
        };
        if let Some(lacking) = format.expected.lacking(row.present).filter(|_| may_be_usage) {
            self.ledgers[input].lacking.add(lacking, 1);
        }
        self.ledgers[input].ignored.extend(row.ignored);
        match row.outcome {
            Ok(Read::Blank) => self.ledgers[input].count(RowOutcome::Blank, 1, dollars),
            Ok(Read::Total) => self.ledgers[input].count(RowOutcome::Totals, 1, dollars),
            Ok(Read::NotUsage) => self.ledgers[input].count(RowOutcome::NotUsage, 1, dollars),
            Ok(Read::OtherCharge(charge)) => self.ledgers[input].charge(charge, dollars),
            Ok(Read::StreamChunk(piece)) => {
                self.stream_chunk(format, piece);
                self.ledgers[input].count(RowOutcome::NotUsage, 1, dollars)
            }
            Ok(Read::Usage(_)) | Err(_) if is_copy => self.ledgers[input].count(RowOutcome::Duplicate, 1, dollars),
            Err(reject) => {
                let dollars = Some(dollars).filter(|dollars| !dollars.is_zero());
                let row = RejectedRow { line: lines.first, last_line: lines.last, reject: *reject, dollars };
                self.ledgers[input].reject(row, self.pass.reading.keep_rejects)
            }
            Ok(Read::Usage(ref accepted)) => {
                // A row that is told twice adds to it twice, so that no telling is passed over.
                self.ledgers[input].stray_quotes += u64::from(row.has_stray_quote);
                if !row.unread.is_empty() && self.pass.reading.holds(&accepted.record) {
                    self.ledgers[input].unread.add(row.unread);
                }
                self.accept((input, lines.page), format, accepted, accepted.record.billed.unwrap_or_default())
            }
        }
    }

    /// Notes a piece of an answer, which another one must complete.
    fn stream_chunk(&mut self, format: &Format, piece: StreamChunk<'_>) {
        let format_provider = format.mapping.provider.as_deref();
        let wanted = Wanted { row_provider: piece.provider, format_provider, model: piece.model };
        // Without identities nothing is known of what completes it.
        if self.pass.reading.dedupe {
            let provider = provider_name(self.pass.context, wanted);
            let is_new =
                self.pass.registry.stream_chunk(self.pass.hashing.call(piece.id, provider, &mut self.hash_input));
            if is_new && self.pass.known.repeated.is_none() {
                // Whether a row completes it is found out like whether a row is there twice.
                self.hashes.push(self.pass.hashing.id(piece.id.as_bytes()));
            }
        }
    }

    fn accept(
        &mut self,
        (input, page): InputPage,
        format: &Format,
        accepted: &Accepted<'_>,
        dollars: Money,
    ) -> Result<(), Unsummable> {
        let record = &accepted.record;
        let context = self.pass.context;
        self.folder.note_names(record, || provider_name(context, wanted(record, format)));
        if self.pass.has_several() {
            note_grouping(&mut self.ledgers[input], accepted);
        }
        let by = if self.pass.reading.dedupe {
            if let Some(id) = id_text(record, format) {
                self.ledgers[input].ids.note(IdText::of(id));
            }
            identified_by(record, format, self.pass.zeros[input])
        } else {
            None
        };
        self.ledgers[input].has_calls_without_id |= by.is_none() && record.grain() == Grain::Call;
        if let Some(by) = by
            && let Some(fate) = self.duplicate((input, page), format, accepted, by, dollars)?
        {
            return self.ledgers[input].count(fate, 1, dollars);
        }
        if !self.pass.reading.holds(record) {
            return self.ledgers[input].count(RowOutcome::Outside, 1, dollars);
        }
        note_grain(&mut self.ledgers[input], record);
        if self.pass.has_several() {
            let is_bill = matches!(record.quantity, Quantity::BillLine(_));
            self.ledgers[input].note_provider(provider_name(self.pass.context, wanted(record, format)), is_bill);
        }
        self.folder.add(record, format.mapping.provider.as_deref(), accepted.oddities())?;
        self.ledgers[input].count(RowOutcome::Accepted, 1, dollars)
    }
}
