//! Rows that count, as far as a line of `classify` tells them, many at once where that can be.

use std::marker::PhantomData;

use super::{Room, SecondPass};
use crate::calendar::Moment;
use crate::diagnostic::Failure;
use crate::formats::columns::Columns;
use crate::formats::grid::Grid;
use crate::formats::{Format, Header};
use crate::input::block_reader::{Reader, RowConsumer};
use crate::input::blocks::Block;
use crate::input::columnar::{ColumnarBatch, Days, id_at};
use crate::input::identity::Identity;
use crate::input::rows::{Lines, Record};
use crate::maps::CopyOnWrite;
use crate::money::Money;
use crate::progress;
use crate::rollup::{Folder, KeyId};
use crate::usage::{Field, IdText, TokenCounts};

/// What of a row differs from others of its key.
#[derive(Clone, Copy, Debug)]
pub struct CountedRow<'r> {
    /// The input.
    pub input: usize,
    /// Its line.
    pub line: u64,
    /// What it is added up by.
    pub key: KeyId,
    /// Its id.
    pub id: Option<&'r str>,
    /// When it began; nothing where only its days are known.
    pub time: Option<Moment>,
    /// Calls, where stated.
    pub requests: Option<u64>,
    /// Its tokens; nothing for a line of a bill.
    pub tokens: Option<&'r TokenCounts>,
    /// What it was billed, where stated.
    pub billed: Option<Money>,
}

/// Reads rows that count; one a thread.
pub(super) struct CountedRows<'p> {
    pass: SecondPass<'p>,
    folder: Folder<'p>,
    reader: Reader<'p>,
    room: Room,
    batch: ColumnarBatch,
}

impl<'p> CountedRows<'p> {
    pub(super) fn new(pass: SecondPass<'p>) -> Self {
        // The keys of the first pass, without their sums.
        let rollup = pass.gathered.rollup.with_cells(CopyOnWrite::default());
        Self {
            pass,
            folder: Folder::over(pass.context, rollup, pass.gathered.known.directory.as_ref()),
            reader: Reader::default(),
            room: Room::default(),
            batch: ColumnarBatch::default(),
        }
    }

    /// Calls `each` with every row of a block that counts, unless it is a duplicate of an earlier one; the identity says which
    /// that may be. Rows that are read together come before those among them that are not.
    pub(super) fn each<E: From<Failure>>(
        &mut self,
        block: &Block,
        each: impl FnMut(CountedRow<'_>, Option<Identity>) -> Result<(), E>,
    ) -> Result<(), E> {
        let sniffed = &self.pass.sniffed[block.input];
        let format = &self.pass.reading.formats[sniffed.format];
        let mut reader = std::mem::take(&mut self.reader);
        let read = reader.read(block, (sniffed, format), &mut Callback { rows: self, each, error: PhantomData });
        self.reader = reader;
        progress::rows(read?);
        Ok(())
    }
}

/// Gives rows to a function.
struct Callback<'t, 'p, F, E> {
    rows: &'t mut CountedRows<'p>,
    each: F,
    error: PhantomData<E>,
}

impl<'p, E: From<Failure>, F: FnMut(CountedRow<'_>, Option<Identity>) -> Result<(), E>> RowConsumer<'p>
    for Callback<'_, 'p, F, E>
{
    type Error = E;

    fn columns(&mut self, (_, format): (usize, &'p Format), header: &Header, doubtful: bool) -> Option<Columns<'p>> {
        let SecondPass { context, sniffed, .. } = self.rows.pass;
        let is_wanted = context.remembered_rows > 0;
        is_wanted.then(|| Columns::new(format, header, doubtful, sniffed.len() == 1, &self.rows.folder)).flatten()
    }

    fn batch<G: Grid>(
        &mut self,
        (input, format): (usize, &Format),
        columns: &mut Columns<'_>,
        (bytes, grid): (&[u8], G),
        line: impl Fn(usize) -> u64,
        left: &mut Vec<usize>,
    ) -> Result<(), E> {
        let CountedRows { pass, folder, batch, .. } = &mut *self.rows;
        columns.read(bytes, grid, folder);
        let days = Days { table: pass.context.table, period: pass.reading.period, limits: pass.gathered.limits };
        batch.reduce((folder, days), format, columns, grid.rows(), left);
        let column = columns.id_column();
        let id = |row: usize| id_at(column, (bytes, grid), row);
        let repeated = pass.gathered.known.repeated.as_ref().filter(|_| pass.reading.dedupe);
        let hashing = &pass.gathered.hashing;
        batch.inside.retain(|(row, _)| {
            let id = id(*row);
            let is_taken = id.is_empty()
                || (IdText::is_plain(id) && !repeated.is_some_and(|repeated| repeated.contains(hashing.id(id))));
            if !is_taken {
                left.push(*row);
            }
            is_taken
        });
        batch.place(folder, format, columns, (bytes, grid), left);
        for &(row, key) in &batch.placed {
            let call = columns.call(row);
            let Ok(id) = std::str::from_utf8(id(row)) else {
                left.push(row);
                continue;
            };
            let row = CountedRow {
                input,
                line: line(row),
                key,
                id: Some(id).filter(|id| !id.is_empty()),
                time: Some(columns.start(row)),
                requests: Some(1),
                tokens: Some(&call.tokens),
                billed: call.billed.map(|units| Money::from_units(units.into())),
            };
            (self.each)(row, None)?;
        }
        Ok(())
    }

    fn row(&mut self, input: usize, _: &Format, lines: Lines, record: Record<'_>) -> Result<(), E> {
        let Self { rows: CountedRows { pass, folder, room, .. }, each, .. } = self;
        pass.row(input, room, (lines, record), |row, identity| {
            let record = &row.accepted.record;
            let key = folder.place(record, row.format.mapping.provider.as_deref());
            let row = CountedRow {
                input,
                line: row.line,
                key,
                id: record.text(Field::RequestId),
                time: record.within.is_none().then_some(record.start),
                requests: record.requests,
                tokens: record.tokens(),
                billed: record.billed,
            };
            each(row, identity)
        })
    }
}
