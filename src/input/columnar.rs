//! Rows of calls, some hundred at a time.
//!
//! Role: rows that are nothing out of the ordinary → sums and ledger. All others are left to be read one by one; what
//! becomes of a row is the same either way.

use smallvec::SmallVec;

use super::block_reader::RowConsumer;
use super::dates::{DateLimits, PeriodBounds};
use super::ledger::{Ledger, RowOutcome};
use super::pass::Worker;
use super::rows::{Lines, Record};
use crate::calendar::Day;
use crate::formats::columns::Columns;
use crate::formats::grid::Grid;
use crate::formats::{Format, Header};
use crate::money::{Money, Overflow};
use crate::pricing::PriceTable;
use crate::rollup::fold::{HashPart, Signature};
use crate::rollup::{Folder, KeyId, TextId, Unsummable};
use crate::usage::{IdText, UsageRecord};

/// Days that are remembered of the rows at hand: those of a month, since not every log is in the order of time.
const RECENT_DAYS: usize = 32;

/// Room for the rows at hand.
#[derive(Debug, Default)]
pub(super) struct ColumnarBatch {
    /// Rows of the period, with what their key depends on.
    pub(super) inside: Vec<(usize, Signature)>,
    /// Rows of other days.
    outside: Vec<usize>,
    /// Rows of the period, with where they are added up.
    pub(super) placed: Vec<(usize, KeyId)>,
}

/// What decides about the days of rows.
#[derive(Clone, Copy)]
pub(super) struct Days<'d> {
    pub(super) table: &'d PriceTable,
    /// The days asked for.
    pub(super) period: PeriodBounds,
    /// The days that rows are believed to be dated on.
    pub(super) limits: DateLimits,
}

impl ColumnarBatch {
    /// Finds what the keys of rows depend on.
    pub(super) fn reduce(
        &mut self,
        (folder, days): (&Folder<'_>, Days<'_>),
        format: &Format,
        columns: &mut Columns<'_>,
        rows: usize,
        left: &mut Vec<usize>,
    ) {
        /// What becomes of the rows of a day.
        #[derive(Clone, Copy)]
        enum DayKind {
            /// Nobody believes it.
            Left,
            Outside,
            /// With its span between prices, and what it adds to the signature where sums are kept by line.
            Inside(u16, HashPart),
        }
        self.inside.clear();
        self.outside.clear();
        let format_share = folder.format_share(format.mapping.provider.as_deref());
        let mut record = folder.asks_numbers().then(|| columns.blank());
        let mut recent_days: [Option<(Day, DayKind)>; RECENT_DAYS] = [None; RECENT_DAYS];
        for row in 0..rows {
            if columns.is_odd(row) {
                left.push(row);
                continue;
            }
            let day = columns.day(row);
            let recent = &mut recent_days[day.number().cast_unsigned() as usize % RECENT_DAYS];
            let kind = match *recent {
                Some((known, kind)) if known == day => kind,
                _ if !days.limits.hold((day, day)) => DayKind::Left,
                _ if !days.period.holds(day) => DayKind::Outside,
                _ => {
                    let of_day = UsageRecord { start: day.start(), ..columns.blank() };
                    DayKind::Inside(days.table.price_period_of(day), folder.line_share(&of_day))
                }
            };
            *recent = Some((day, kind));
            let (price_period, line_share) = match kind {
                DayKind::Left => {
                    left.push(row);
                    continue;
                }
                DayKind::Outside => {
                    self.outside.push(row);
                    continue;
                }
                DayKind::Inside(price_period, line) => (price_period, line),
            };
            let mut share = format_share ^ line_share ^ columns.share(row);
            if let Some(record) = &mut record {
                columns.fill(row, record);
                share ^= folder.numbers_share(record);
            }
            if columns.goes_by_the_hour(row) {
                share ^= folder.hours_share(columns.start(row));
            }
            let facts = columns.facts(row, price_period, days.table.context_tier_of_call(columns.prompt(row)));
            self.inside.push((row, Signature::new(share, facts)));
        }
    }

    /// Finds where rows are added up.
    pub(super) fn place(
        &mut self,
        folder: &mut Folder<'_>,
        format: &Format,
        columns: &mut Columns<'_>,
        (bytes, grid): (&[u8], impl Grid),
        left: &mut Vec<usize>,
    ) {
        let format_provider = format.mapping.provider.as_deref();
        self.placed.clear();
        let touched = self.inside.iter().fold(0, |all, (_, signature)| all ^ folder.touch(*signature));
        std::hint::black_box(touched);
        for &(row, signature) in &self.inside {
            let known = folder.known_place(signature, |folder| columns.words_share(bytes, grid, row, folder));
            // The first row of a kind is judged.
            let judged = || {
                columns.with_record(bytes, grid, row, |record| folder.place_signed(record, format_provider, signature))
            };
            match known.or_else(judged) {
                Some(place) => self.placed.push((row, place)),
                None => left.push(row),
            }
        }
    }
}

/// The id of a row as it stands; nothing where no column holds ids.
#[inline]
pub(super) fn id_at<G: Grid>(column: Option<usize>, (bytes, grid): (&[u8], G), row: usize) -> &[u8] {
    column.map_or(&[][..], |column| {
        let (start, end) = grid.span(row, column);
        let (start, end) = G::bare(bytes, start, end);
        &bytes[start..end]
    })
}

impl<'p> RowConsumer<'p> for Worker<'p> {
    type Error = Unsummable;

    fn columns(
        &mut self,
        (input, format): (usize, &'p Format),
        header: &Header,
        doubtful: bool,
    ) -> Option<Columns<'p>> {
        // Where no key is remembered each row is read by itself, so that tests can hold one way against the other.
        let is_wanted = self.pass.context.remembered_rows > 0 && self.pass.copies[input].is_none();
        let is_alone = !self.pass.has_several();
        is_wanted.then(|| Columns::new(format, header, doubtful, is_alone, &self.folder)).flatten()
    }

    fn batch<G: Grid>(
        &mut self,
        (input, format): (usize, &Format),
        columns: &mut Columns<'_>,
        (bytes, grid): (&[u8], G),
        _: impl Fn(usize) -> u64,
        left: &mut Vec<usize>,
    ) -> Result<(), Unsummable> {
        columns.read(bytes, grid, &mut self.folder);
        let mut batch = std::mem::take(&mut self.batch);
        let days = Days { table: self.pass.context.table, period: self.pass.reading.period, limits: self.pass.limits };
        batch.reduce((&self.folder, days), format, columns, grid.rows(), left);
        if self.pass.reading.dedupe {
            let column = columns.id_column();
            let id = |row: usize| id_at(column, (bytes, grid), row);
            // Before anything is judged, since a row that does not count says nothing.
            let ColumnarBatch { inside, outside, .. } = &mut batch;
            inside.retain(|(row, _)| self.is_alone(input, *row, id(*row), left));
            outside.retain(|row| self.is_alone(input, *row, id(*row), left));
        }
        batch.place(&mut self.folder, format, columns, (bytes, grid), left);
        let taken = self.count((input, format), columns, &batch);
        self.batch = batch;
        taken
    }

    #[inline]
    fn row(&mut self, input: usize, format: &Format, lines: Lines, record: Record<'_>) -> Result<(), Unsummable> {
        Worker::row(self, input, format, lines, record)
    }
}

impl Worker<'_> {
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
        // Of lines it is noted when all are known.
        let notes_providers = self.pass.has_several() && self.pass.context.lines.is_none();
        let mut providers: SmallVec<[TextId; 8]> = SmallVec::new();
        std::hint::black_box(batch.placed.iter().fold(0, |all, (_, place)| all ^ self.folder.touch_sums(*place)));
        for (row, place) in &batch.placed {
            let call = columns.call(*row);
            if last.replace(call.day) != Some(call.day) {
                note(call.day);
                self.ledgers[input].covered.insert(call.day, call.day);
            }
            inside = inside.wrapping_add(call.billed.unwrap_or(0).into());
            self.folder.add_call(*place, &call)?;
            if notes_providers {
                let provider = self.folder.provider_at(*place);
                if !providers.contains(&provider) {
                    providers.push(provider);
                }
            }
        }
        for provider in providers {
            self.ledgers[input].note_provider(self.folder.rollup.texts.get(provider), false);
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
        if let Some(lacking) = format.expected.lacking(columns.keys) {
            ledger.lacking.add(lacking, accepted + others);
            for (number, key) in columns.optional_counts() {
                let rows = batch.placed.iter().map(|(row, _)| row).chain(&batch.outside);
                ledger.lacking.add_empty(key, rows.filter(|row| columns.is_empty(number, **row)).count() as u64);
            }
        }
        ledger.has_calls |= accepted > 0;
        ledger.count(RowOutcome::Accepted, accepted, inside)?;
        ledger.count(RowOutcome::Outside, others, outside)?;
        self.folder.check_keys()
    }
}
