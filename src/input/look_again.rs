//! Rows that may be one call, read again: of equal ones the surplus is taken away.
//!
//! Role: the first pass counts every row and finds hashes that several rows have. Here only the blocks with such rows are
//! read, and of these only the rows themselves. What a surplus row added, and where, is made again and taken away from the
//! sums; in the ledger of its input it becomes a duplicate. Rows that differ are only noted. docs/specification.md, section 7.

use super::block_reader::{Reader, RowConsumer};
use super::blocks::{Block, BlockPlace};
use super::checks::{identified_by, identity_of, judge_row};
use super::columnar::id_at;
use super::id_hashes::RepeatedHashes;
use super::identity::{HashInput, Seen};
use super::ledger::{Ledger, RowOutcome};
use super::pass::{Pass, Stop, threads_for};
use super::rows::{Lines, Record};
use super::scheduler::{BlockScheduler, on_threads};
use crate::formats::columns::Columns;
use crate::formats::grid::Grid;
use crate::formats::{Format, Header, Read};
use crate::maps::next_number;
use crate::progress;
use crate::rollup::{Folder, InputPart, Rollup, Unsummable};
use crate::usage::Quantity;

impl Pass<'_> {
    /// Looks at rows with a repeated hash, and takes the surplus of equal ones away. Where equal rows do not add the same, or
    /// some differ, all is left as it is: then everything must be read again.
    pub(super) fn look_again(
        &self,
        repeated: &RepeatedHashes,
        rollup: &mut Rollup,
        ledgers: &mut [Ledger],
    ) -> Result<(), Stop> {
        // All rows of a copy are duplicates already.
        let blocks = repeated.blocks().iter().filter(|block| self.copies[block.input].is_none());
        let blocks: Vec<BlockPlace> = blocks.copied().collect();
        let bytes = blocks.iter().map(|block| block.length as u64).sum();
        progress::begin(Some(bytes));
        self.registry.reserve(repeated.len());
        let scheduler = BlockScheduler::again(self.reading, self.sniffed, &blocks);
        let looks = on_threads(threads_for(bytes, self.reading.threads), || Look::new(self, repeated).at(&scheduler));
        if let Some(failed) = scheduler.failure() {
            return Err(failed);
        }
        if !self.registry.are_alike() {
            return Ok(());
        }
        let failed = |problem| Stop::of(problem, 0);
        let mut folder = Folder::over(self.context, std::mem::take(rollup), None);
        for look in looks {
            let surplus = look.folder.finish().map_err(failed)?;
            folder.take_away(&surplus).map_err(failed)?;
            for (ledger, surplus) in ledgers.iter_mut().zip(&look.surplus) {
                for outcome in [RowOutcome::Accepted, RowOutcome::Outside] {
                    let (rows, dollars) = (surplus.rows(outcome), surplus.dollars(outcome));
                    ledger.shift(outcome, RowOutcome::Duplicate, rows, dollars).map_err(failed)?;
                }
            }
        }
        *rollup = folder.finish().map_err(failed)?;
        Ok(())
    }
}

/// One thread's part of the work.
struct Look<'p> {
    pass: &'p Pass<'p>,
    repeated: &'p RepeatedHashes,
    reader: Reader<'p>,
    hash_input: HashInput,
    /// Sums of surplus rows.
    folder: Folder<'p>,
    /// By input, how many of them were accepted or outside the period. All else was noted in the first pass.
    surplus: Vec<Ledger>,
}

impl<'p> Look<'p> {
    fn new(pass: &'p Pass<'p>, repeated: &'p RepeatedHashes) -> Self {
        Self {
            pass,
            repeated,
            reader: Reader::default(),
            hash_input: HashInput::default(),
            folder: Folder::new(pass.context, None),
            surplus: vec![Ledger::default(); pass.sniffed.len()],
        }
    }

    fn at(mut self, scheduler: &BlockScheduler<'_>) -> Self {
        let mut block = Block::default();
        while scheduler.next(&mut block) {
            let sniffed = &self.pass.sniffed[block.input];
            let format = &self.pass.reading.formats[sniffed.format];
            let mut reader = std::mem::take(&mut self.reader);
            match reader.read(&block, (sniffed, format), &mut self) {
                Ok(records) => progress::rows(records),
                Err(problem) => scheduler.stop(self.pass.stop(problem, block.input)),
            }
            self.reader = reader;
        }
        self
    }
}

impl<'p> RowConsumer<'p> for Look<'p> {
    type Error = Unsummable;

    fn columns(&mut self, (_, format): (usize, &'p Format), header: &Header, doubtful: bool) -> Option<Columns<'p>> {
        Columns::new(format, header, doubtful, !self.pass.has_several(), &self.folder)
    }

    fn batch<G: Grid>(
        &mut self,
        _: (usize, &Format),
        columns: &mut Columns<'_>,
        (bytes, grid): (&[u8], G),
        _: impl Fn(usize) -> u64,
        left: &mut Vec<usize>,
    ) -> Result<(), Unsummable> {
        columns.read_ids(bytes, grid);
        let column = columns.id_column();
        left.extend((0..grid.rows()).filter(|row| {
            let id = id_at(column, (bytes, grid), *row);
            // An id that may be written in other characters than it has is read with its row.
            let is_plain = id.iter().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
            columns.is_odd(*row) || !is_plain || self.repeated.contains(self.pass.hashing.id(id))
        }));
        Ok(())
    }

    fn row(&mut self, input: usize, format: &Format, _: Lines, record: Record<'_>) -> Result<(), Unsummable> {
        let Record::Row(mut row) = record else { return Ok(()) };
        let Pass { reading, context, hashing, registry, .. } = self.pass;
        judge_row(&mut row, format, context, self.pass.limits, &mut self.surplus[input])?;
        let Ok(Read::Usage(accepted)) = &row.outcome else { return Ok(()) };
        let record = &accepted.record;
        let Some(by) = identified_by(record, format, self.pass.zeros[input]) else { return Ok(()) };
        let identity = |room: &mut HashInput| identity_of(hashing, context, format, accepted, by, room);
        let is_bill = matches!(record.quantity, Quantity::BillLine(_));
        if is_bill || !self.repeated.contains(hashing.of(by, || identity(&mut self.hash_input))) {
            return Ok(());
        }
        let identity = identity(&mut self.hash_input);
        let provider = format.mapping.provider.as_deref();
        let digest = hashing.digest(accepted, provider, context.lines.map(|_| input), &mut self.hash_input);
        let Seen::Duplicate { surplus } = registry.see(identity, digest, input) else { return Ok(()) };
        let mut outcome = RowOutcome::Outside;
        if reading.holds(record) {
            outcome = RowOutcome::Accepted;
            self.folder.from = InputPart { input: next_number(surplus), part: 0 };
            self.folder.add(record, provider, accepted.oddities())?;
        }
        self.surplus[surplus].count(outcome, 1, record.billed.unwrap_or_default())
    }
}
