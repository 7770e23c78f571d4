//! One pass over all inputs: blocks out, rollups and ledgers back.
//!
//! Role: drives reading on one or several threads. What one pass finds another may need: see [`mod@super::gather`].

use super::block_reader::Reader;
use super::blocks::Block;
use super::checks::{id_text, identified_by, judge_row, provider_name, wanted};
use super::columnar::ColumnarBatch;
use super::content_hash::ContentHash;
use super::dates::{DateLimits, PeriodBounds};
use super::duplicates::PriorPass;
use super::id_hashes::{IdHashes, RepeatedHashes};
use super::identity::{HashInput, Hashing, InputPage, Registry, Seen};
use super::ledger::{Ledger, RejectedRow, RowOutcome};
use super::overlap::{miss_pages, note_grain, note_grouping};
use super::parts::{Parts, PartsRead};
use super::rows::{Lines, Record, SECOND_HEADER};
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
use crate::rollup::{Context, Folder, InputPart, Rollup, Unsummable};
use crate::usage::{Grain, IdText, Quantity, UsageRecord};

/// Below this many bytes one thread is quicker than several.
const WORTH_THREADS: u64 = 4 * 1024 * 1024;

/// How many of so many threads are worth their while.
pub(super) fn threads_for(bytes: u64, threads: usize) -> usize {
    if bytes < WORTH_THREADS { 1 } else { threads.max(1) }
}

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
    /// Duplicates count once.
    pub dedupe: bool,
    /// Threads.
    pub threads: usize,
    /// All rejected rows are kept, not only the first of each code.
    pub keep_rejects: bool,
    /// Inputs that cannot be read to their end are left out instead of ending the run.
    pub keep_partial: bool,
    /// Inputs left out before anything was read: name, size and why.
    pub unread: &'r [(String, u64, Failure)],
    /// What was typed that says what must be known of a call, as options.
    pub options: &'r [String],
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

/// A header in the middle of a file that is not the one at its begin.
fn two_tables(source: &Source, line: u64) -> Failure {
    Failure::input(
        Diagnostic::new(SECOND_HEADER, "a second header, with other columns or the same in another order, begins here")
            .at(Place::line(&source.name, line))
            .hint("split the file before this line, and give both parts"),
    )
}

/// What a pass comes to.
pub(super) struct Passed {
    pub(super) rollup: Rollup,
    pub(super) ledgers: Vec<Ledger>,
    /// Of rollup files.
    pub(super) parts: Vec<Option<Parts>>,
    /// Found in the first pass.
    pub(super) repeated: RepeatedHashes,
}

pub(super) struct Pass<'p> {
    pub(super) reading: &'p Reading<'p>,
    pub(super) sniffed: &'p [Sniffed],
    pub(super) context: &'p Context<'p>,
    pub(super) copies: &'p [Option<usize>],
    pub(super) left_out: &'p [Option<Failure>],
    pub(super) known: &'p PriorPass,
    /// By input, whether `0` is no id.
    pub(super) zeros: &'p [bool],
    pub(super) registry: &'p Registry,
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
    pub(super) fn of(problem: Unsummable, input: usize) -> Self {
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

    /// Whether it is told which inputs have the same contents: logs that rollup files may hold, too.
    fn needs_content(&self) -> bool {
        let is_rollup = |sniffed: &Sniffed| self.reading.formats[sniffed.format].is_rollup();
        self.context.lines.is_some() || self.sniffed.iter().any(is_rollup)
    }

    pub(super) fn run(&self) -> Result<Passed, Stop> {
        let bytes: u64 = self.reading.sources.iter().map(|source| source.bytes).sum();
        progress::begin(Some(bytes));
        let threads = threads_for(bytes, self.reading.threads);
        let failed = |problem| Stop::of(problem, 0);
        let mut workers = self.together(threads)?.into_iter();
        let Some(first) = workers.next() else { return Err(failed(Overflow.into())) };
        let (mut folder, mut ledgers) = (first.folder, first.ledgers);
        let (mut hashes, mut parts) = (vec![first.hashes], first.parts);
        for worker in workers {
            hashes.push(worker.hashes);
            let part = worker.folder.finish().map_err(failed)?;
            folder.absorb(&part).map_err(failed)?;
            for (ledger, part) in ledgers.iter_mut().zip(worker.ledgers) {
                ledger.absorb(part, self.reading.keep_rejects).map_err(failed)?;
            }
            for (read, part) in parts.iter_mut().zip(worker.parts) {
                read.absorb(part).map_err(failed)?;
            }
        }
        let rollup = folder.finish().map_err(failed)?;
        let parts = self.parts(parts, &mut ledgers)?;
        miss_pages(&mut ledgers, |input| self.sniffed[input].format, self.reading.keep_rejects).map_err(failed)?;
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
            for (outcome, rows) in lines {
                ledger.met(rows);
                ledger.count(outcome, rows, Money::ZERO).map_err(failed)?;
            }
        }
        Ok(Passed { rollup, ledgers, parts, repeated: RepeatedHashes::among(&hashes, threads) })
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
        block.content = self.needs_content().then(ContentHash::default);
        while scheduler.next(&mut block) {
            if let Err(problem) = worker.take(&block) {
                scheduler.stop(self.stop(problem, block.input));
            }
        }
        // What only rows need is let go of here, side by side, and not by the one that adds up all threads.
        (worker.reader, worker.batch) = Default::default();
        for (line, provider) in worker.folder.lines().filter(|(line, _)| line.row.from.part == 0) {
            let is_bill = matches!(line.facts.counted(), Counted::BillLine(_));
            worker.ledgers[line.row.from.input as usize].note_provider(provider, is_bill);
        }
        if let Err(problem) = worker.folder.settle() {
            scheduler.stop(self.stop(problem, 0));
        }
        worker
    }

    pub(super) fn stop(&self, problem: Unsummable, input: usize) -> Stop {
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
    reader: Reader<'p>,
    pub(super) batch: ColumnarBatch,
    pub(super) hash_input: HashInput,
    /// Of the identities of rows, in the first pass.
    pub(super) hashes: IdHashes,
    pub(super) ledgers: Vec<Ledger>,
    /// Of rollup files.
    pub(super) parts: Vec<PartsRead>,
}

impl<'p> Worker<'p> {
    fn new(pass: &'p Pass<'p>) -> Self {
        Self {
            pass,
            folder: Folder::new(pass.context, pass.known.directory.as_ref()),
            reader: Reader::default(),
            batch: ColumnarBatch::default(),
            hash_input: HashInput::default(),
            hashes: IdHashes::default(),
            ledgers: vec![Ledger::default(); pass.sniffed.len()],
            parts: pass.sniffed.iter().map(|_| PartsRead::default()).collect(),
        }
    }

    fn take(&mut self, block: &Block) -> Result<(), Unsummable> {
        let sniffed = &self.pass.sniffed[block.input];
        let format = &self.pass.reading.formats[sniffed.format];
        self.folder.from = InputPart { input: next_number(block.input), part: 0 };
        if self.pass.reading.dedupe {
            self.hashes.begin(block.place());
        }
        let mut reader = std::mem::take(&mut self.reader);
        let records = reader.read(block, (sniffed, format), self);
        self.reader = reader;
        let records = records?;
        self.ledgers[block.input].met(records);
        if let Some(content) = block.content {
            self.ledgers[block.input].hold(content);
        }
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
            Ok(Read::Blank) => format.expected.has_any(row.keys),
            _ => false,
        };
        if let Some(lacking) = format.expected.lacking(row.keys).filter(|_| may_be_usage) {
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
                // A duplicate adds to it twice, so that none is passed over.
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
        if self.pass.reading.dedupe && self.pass.known.repeated.is_none() {
            let provider = provider_name(self.pass.context, wanted);
            let is_new =
                self.pass.registry.stream_chunk(self.pass.hashing.call(piece.id, provider, &mut self.hash_input));
            if is_new {
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
        let seen = match by {
            Some(by) => self.duplicate((input, page), format, accepted, by, dollars)?,
            None => Seen::New,
        };
        let outcome = if seen == Seen::New { RowOutcome::Outside } else { RowOutcome::Duplicate };
        if seen == Seen::Conflict || !self.pass.reading.holds(record) {
            return self.ledgers[input].count(outcome, 1, dollars);
        }
        // A row that an equal one counts for says what its input is, too: the first pass does not know of any.
        note_grain(&mut self.ledgers[input], record);
        if self.pass.has_several() {
            let is_bill = matches!(record.quantity, Quantity::BillLine(_));
            self.ledgers[input].note_provider(provider_name(self.pass.context, wanted(record, format)), is_bill);
        }
        if seen != Seen::New {
            return self.ledgers[input].count(RowOutcome::Duplicate, 1, dollars);
        }
        self.folder.add(record, format.mapping.provider.as_deref(), accepted.oddities())?;
        self.ledgers[input].count(RowOutcome::Accepted, 1, dollars)
    }
}
