//! Rows of calls, some hundred at a time.
//!
//! Role: rows that are nothing out of the ordinary → sums and ledger. All others are left to be read one by one; what
//! becomes of a row is the same either way.

use super::ledger::{Fate, Ledger};
use super::pass::Worker;
use crate::calendar::Day;
use crate::formats::Format;
use crate::formats::columns::{Columns, Grid};
use crate::money::{Money, Overflow};
use crate::rollup::Unsummable;
use crate::rollup::fold::{Share, Signature};
use crate::usage::{IdText, UsageRecord};

/// Room for the rows at hand.
#[derive(Debug, Default)]
pub(super) struct ColumnarBatch {
    /// Rows of the period, with what their key depends on.
    inside: Vec<(usize, Signature)>,
    /// Rows of other days.
    outside: Vec<usize>,
    /// Rows of the period, with where they are added up.
    placed: Vec<(usize, u32)>,
}

impl Worker<'_> {
    /// Columns of a file with this header, if they can be read at once.
    pub(super) fn columns<'t>(
        &mut self,
        format: &'t Format,
        header: &crate::formats::Header,
        doubtful: bool,
    ) -> Option<Columns<'t>> {
        // Where no key is remembered each row is read by itself, so that tests can hold one way against the other.
        let is_wanted = self.pass.context.remembered_rows > 0;
        let is_alone = !self.pass.has_several();
        is_wanted.then(|| Columns::new(format, header, doubtful, is_alone, &self.folder)).flatten()
    }

    /// Takes rows, and notes those that must be read one by one.
    pub(super) fn batch<G: Grid>(
        &mut self,
        (input, format): (usize, &Format),
        columns: &mut Columns<'_>,
        bytes: &[u8],
        grid: G,
        left: &mut Vec<usize>,
    ) -> Result<(), Unsummable> {
        columns.read(bytes, grid, &mut self.folder);
        let mut batch = std::mem::take(&mut self.batch);
        self.reduce(format, columns, grid.rows(), &mut batch, left);
        if self.pass.reading.dedupe {
            let id = columns.id_column();
            let id = |row: usize| {
                id.map_or(&[][..], |column| {
                    let (start, end) = grid.span(row, column);
                    let (start, end) = G::bare(bytes, start, end);
                    &bytes[start..end]
                })
            };
            // Before anything is judged, since a row that does not count says nothing.
            let ColumnarBatch { inside, outside, .. } = &mut batch;
            inside.retain(|(row, _)| self.is_alone(input, *row, id(*row), left));
            outside.retain(|row| self.is_alone(input, *row, id(*row), left));
        }
        self.place(format, columns, (bytes, grid), &mut batch, left);
        let taken = self.count((input, format), columns, &batch);
        self.batch = batch;
        taken
    }

    /// Finds what the keys of rows depend on.
    fn reduce(
        &self,
        format: &Format,
        columns: &mut Columns<'_>,
        rows: usize,
        batch: &mut ColumnarBatch,
        left: &mut Vec<usize>,
    ) {
        /// What becomes of the rows of a day.
        #[derive(Clone, Copy)]
        enum Kind {
            /// Nobody believes it.
            Left,
            Outside,
            /// With its span between prices, and what it adds to the signature where sums are kept by line.
            Inside(u16, Share),
        }
        batch.inside.clear();
        batch.outside.clear();
        let (table, reading) = (self.pass.context.table, self.pass.reading);
        let format_share = self.folder.format_share(format.mapping.provider.as_deref());
        let mut record = self.folder.asks_numbers().then(|| columns.blank());
        let mut last: Option<(Day, Kind)> = None;
        for row in 0..rows {
            if columns.is_odd(row) {
                left.push(row);
                continue;
            }
            let day = columns.day(row);
            let kind = match last {
                Some((known, kind)) if known == day => kind,
                _ if !self.pass.limits.hold((day, day)) => Kind::Left,
                _ if !reading.period.holds(day) => Kind::Outside,
                _ => {
                    let of_day = UsageRecord { start: day.start(), ..columns.blank() };
                    Kind::Inside(table.epoch_of(day), self.folder.line_share(&of_day))
                }
            };
            last = Some((day, kind));
            let (epoch, line_share) = match kind {
                Kind::Left => {
                    left.push(row);
                    continue;
                }
                Kind::Outside => {
                    batch.outside.push(row);
                    continue;
                }
                Kind::Inside(epoch, line) => (epoch, line),
            };
            let mut share = format_share ^ line_share ^ columns.share(row);
            if let Some(record) = &mut record {
                columns.fill(row, record);
                share ^= self.folder.numbers_share(record);
            }
            let facts = columns.facts(row, epoch, table.step_of_call(columns.prompt(row)));
            batch.inside.push((row, Signature::new(share, facts)));
        }
    }

    /// Finds where rows are added up.
    fn place(
        &mut self,
        format: &Format,
        columns: &mut Columns<'_>,
        (bytes, grid): (&[u8], impl Grid),
        batch: &mut ColumnarBatch,
        left: &mut Vec<usize>,
    ) {
        let format_provider = format.mapping.provider.as_deref();
        batch.placed.clear();
        let touched = batch.inside.iter().fold(0, |all, (_, signature)| all ^ self.folder.touch(*signature));
        std::hint::black_box(touched);
        for &(row, signature) in &batch.inside {
            let known = self.folder.known_place(signature, |folder| columns.words_share(bytes, grid, row, folder));
            // The first row of a kind is judged.
            let judged = || columns.with_record(bytes, grid, row, |record| self.folder.place(record, format_provider));
            match known.or_else(judged) {
                Some(place) => batch.placed.push((row, place)),
                None => left.push(row),
            }
        }
    }

    /// Notes the id of a row. Whether no other row can have it: else, which a later pass knows, the row is left.
    #[inline]
    fn is_alone(&mut self, input: usize, row: usize, id: &[u8], left: &mut Vec<usize>) -> bool {
        let kind = if IdText::is_plain(id) {
            Some(IdText::Id)
        } else {
            std::str::from_utf8(id).ok().filter(|id| !id.is_empty()).map(IdText::of)
        };
        let ledger = &mut self.ledgers[input];
        if !kind.is_some_and(|kind| kind.identifies(self.pass.zeros[input])) {
            ledger.has_calls_without_id = true;
        } else if let Some(repeated) = &self.pass.known.repeated {
            if repeated.contains(self.pass.hashing.id(id)) {
                left.push(row);
                return false;
            }
        } else {
            self.hashes.push(self.pass.hashing.id(id));
        }
        if let Some(kind) = kind {
            ledger.ids.note(kind);
        }
        true
    }

    /// Counts rows and adds them up.
    fn count(
        &mut self,
        (input, format): (usize, &Format),
        columns: &Columns<'_>,
        batch: &ColumnarBatch,
    ) -> Result<(), Unsummable> {
        let mut days: Option<(Day, Day)> = None;
        let mut note = |day: Day| days = Some(days.map_or((day, day), |(first, last)| (first.min(day), last.max(day))));
        let mut last = None;
        // Of some hundred rows, so that sums of 64 bits each cannot be too large.
        let (mut inside, mut outside) = (0_u128, 0_u128);
        let several = self.pass.has_several();
        std::hint::black_box(batch.placed.iter().fold(0, |all, (_, place)| all ^ self.folder.touch_sums(*place)));
        for (row, place) in &batch.placed {
            let call = columns.call(*row);
            if last.replace(call.day) != Some(call.day) {
                note(call.day);
                self.ledgers[input].covered.insert(call.day, call.day);
            }
            inside = inside.wrapping_add(call.billed.unwrap_or(0).into());
            self.folder.add_call(*place, &call)?;
            if several {
                self.ledgers[input].note_provider(self.folder.provider_at(*place), false);
            }
        }
        for row in &batch.outside {
            let call = columns.call(*row);
            note(call.day);
            outside = outside.wrapping_add(call.billed.unwrap_or(0).into());
        }
        let (accepted, others) = (batch.placed.len() as u64, batch.outside.len() as u64);
        self.folder.rollup.ways.in_columns += accepted + others;
        let money = |units: u128| i128::try_from(units).map(Money::from_units).map_err(|_| Overflow);
        let (inside, outside) = (money(inside)?, money(outside)?);
        let ledger: &mut Ledger = &mut self.ledgers[input];
        ledger.state(inside.add(outside)?)?;
        ledger.date(days, true, true);
        if let Some(lacking) = format.expected.lacking(columns.present) {
            ledger.lacking.add(lacking, accepted + others);
        }
        ledger.has_calls |= accepted > 0;
        ledger.count(Fate::Accepted, accepted, inside)?;
        ledger.count(Fate::Outside, others, outside)?;
        self.folder.check_keys()
    }
}
