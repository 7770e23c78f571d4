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
use crate::rollup::fold::Signature;
use crate::usage::IdText;

/// Room for the rows at hand.
#[derive(Debug, Default)]
pub(super) struct Bulk {
    usual: Vec<(usize, Signature)>,
    ready: Vec<Ready>,
}

/// A row of which the place is known.
#[derive(Debug)]
struct Ready {
    row: usize,
    place: u32,
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
        is_wanted.then(|| Columns::new(format, header, doubtful, &self.folder)).flatten()
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
        let mut bulk = std::mem::take(&mut self.bulk);
        self.place(format, columns, (bytes, grid), &mut bulk, left);
        if self.pass.reading.dedupe {
            let id = columns.id_column();
            let id = |row: usize| {
                id.map_or(&[][..], |column| {
                    let (start, end) = grid.span(row, column);
                    let (start, end) = G::bare(bytes, start, end);
                    &bytes[start..end]
                })
            };
            self.identify(input, &mut bulk, id, left);
        }
        let taken = self.count((input, format), columns, &bulk.ready);
        self.bulk = bulk;
        taken
    }

    /// Finds where rows are added up.
    fn place(
        &mut self,
        format: &Format,
        columns: &mut Columns<'_>,
        (bytes, grid): (&[u8], impl Grid),
        bulk: &mut Bulk,
        left: &mut Vec<usize>,
    ) {
        bulk.usual.clear();
        bulk.ready.clear();
        let table = self.pass.context.table;
        let format_provider = format.mapping.provider.as_deref();
        let format_share = self.folder.format_share(format_provider);
        let mut record = self.folder.asks_numbers().then(|| columns.blank());
        let mut last: Option<(Day, Option<u16>)> = None;
        for row in 0..grid.rows() {
            if columns.is_odd(row) {
                left.push(row);
                continue;
            }
            let day = columns.day(row);
            let epoch = match last {
                Some((known, epoch)) if known == day => epoch,
                _ => {
                    let epoch = self.pass.limits.hold((day, day)).then(|| table.epoch_of(day));
                    last = Some((day, epoch));
                    epoch
                }
            };
            let Some(epoch) = epoch else {
                left.push(row);
                continue;
            };
            let mut share = format_share ^ columns.share(row).text;
            if let Some(record) = &mut record {
                columns.fill(row, record);
                share ^= self.folder.numbers_share(record);
            }
            let facts = columns.facts(row, epoch, table.step_of_call(columns.prompt(row)));
            bulk.usual.push((row, Signature::new(share, facts)));
        }
        let touched = bulk.usual.iter().fold(0, |all, (_, signature)| all ^ self.folder.touch(*signature));
        std::hint::black_box(touched);
        for &(row, signature) in &bulk.usual {
            let known = self.folder.known_place(signature, || columns.share(row).words);
            // The first row of a kind is judged.
            let judged = || columns.with_record(bytes, grid, row, |record| self.folder.place(record, format_provider));
            match known.or_else(judged) {
                Some(place) => bulk.ready.push(Ready { row, place }),
                None => left.push(row),
            }
        }
    }

    /// Notes the hashes of ids in the first pass; in a later one rows that must be compared with others are left.
    fn identify<'b>(&mut self, input: usize, bulk: &mut Bulk, id: impl Fn(usize) -> &'b [u8], left: &mut Vec<usize>) {
        let zero_is_placeholder = self.pass.zeros[input];
        let ledger = &mut self.ledgers[input];
        bulk.ready.retain(|Ready { row, .. }| {
            let id = id(*row);
            let kind = if IdText::is_plain(id) {
                Some(IdText::Id)
            } else {
                std::str::from_utf8(id).ok().filter(|id| !id.is_empty()).map(IdText::of)
            };
            if !kind.is_some_and(|kind| kind.identifies(zero_is_placeholder)) {
                ledger.has_calls_without_id = true;
            } else if let Some(repeated) = &self.pass.known.repeated {
                if repeated.contains(self.pass.hashing.id(id)) {
                    left.push(*row);
                    return false;
                }
            } else {
                self.hashes.push(self.pass.hashing.id(id));
            }
            if let Some(kind) = kind {
                ledger.ids.note(kind);
            }
            true
        });
    }

    /// Counts rows and adds them up.
    fn count(
        &mut self,
        (input, format): (usize, &Format),
        columns: &Columns<'_>,
        ready: &[Ready],
    ) -> Result<(), Unsummable> {
        let mut days: Option<(Day, Day)> = None;
        let mut last: Option<(Day, bool)> = None;
        // Of some hundred rows, so that sums of 64 bits each cannot be too large.
        let (mut stated, mut accepted, mut inside) = (0_u128, 0_u64, 0_u128);
        let several = self.pass.sniffed.len() > 1;
        std::hint::black_box(ready.iter().fold(0, |all, row| all ^ self.folder.touch_sums(row.place)));
        for Ready { row, place } in ready {
            let call = columns.call(*row);
            let day = call.day;
            let dollars = u128::from(call.billed.unwrap_or(0));
            let is_inside = match last {
                Some((known, is_inside)) if known == day => is_inside,
                _ => {
                    let is_inside = self.pass.reading.period.holds(day);
                    if is_inside {
                        self.ledgers[input].covered.insert(day, day);
                    }
                    days = Some(days.map_or((day, day), |(first, last)| (first.min(day), last.max(day))));
                    last = Some((day, is_inside));
                    is_inside
                }
            };
            stated = stated.wrapping_add(dollars);
            if !is_inside {
                continue;
            }
            accepted = accepted.wrapping_add(1);
            inside = inside.wrapping_add(dollars);
            self.folder.add_call(*place, &call)?;
            if several {
                self.ledgers[input].note_provider(self.folder.provider_at(*place), false);
            }
        }
        let rows = ready.len() as u64;
        self.folder.rollup.ways.in_columns += rows;
        let money = |units: u128| i128::try_from(units).map(Money::from_units).map_err(|_| Overflow);
        let ledger: &mut Ledger = &mut self.ledgers[input];
        ledger.state(money(stated)?)?;
        ledger.date(days, true, true);
        if let Some(lacking) = format.expected.lacking(columns.present) {
            ledger.lacking.add(lacking, rows);
        }
        ledger.has_calls |= accepted > 0;
        ledger.count(Fate::Accepted, accepted, money(inside)?)?;
        ledger.count(Fate::Outside, rows - accepted, money(stated - inside)?)?;
        self.folder.check_keys()
    }
}
