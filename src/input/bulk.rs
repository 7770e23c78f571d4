//! Rows of calls, some hundred at a time.
//!
//! Role: rows that are nothing out of the ordinary, and like one that was judged before → sums and ledger. All others are
//! left to be read one by one; what becomes of a row is the same either way.

use super::content::Contents;
use super::identity::{Identity, Sighting};
use super::ledger::{Fate, Ledger};
use super::pass::Worker;
use crate::calendar::Day;
use crate::formats::Format;
use crate::formats::columns::{Columns, Grid, Lexicon};
use crate::money::Money;
use crate::rollup::Unsummable;
use crate::rollup::fold::{Folder, Part, Share, Signature, TextShare};
use crate::usage::{Field, IdText, PromptSize, Quantity, UsageRecord};

/// What a run makes of texts.
struct RunLexicon<'l, 'p> {
    folder: &'l mut Folder<'p>,
    contents: &'l Contents,
}

impl Lexicon for RunLexicon<'_, '_> {
    fn part(&self, field: Field) -> Part {
        self.folder.part_of(field)
    }

    fn part_of_tag(&self, name: &str) -> Part {
        self.folder.part_of_tag(name)
    }

    fn share(&mut self, field: Field, text: &str) -> TextShare {
        self.folder.share_alone(field, text)
    }

    fn tag_share(&mut self, name: &str, value: &str) -> TextShare {
        self.folder.tag_share(name, value)
    }

    fn content(&self, field: Field, text: &str) -> u64 {
        self.contents.field(field, text)
    }

    fn tag_content(&self, name: &str, value: &str) -> u64 {
        self.contents.tag(name, value)
    }

    fn tier_content(&self, text: &str) -> u64 {
        self.contents.tier(text)
    }

    fn status_content(&self, status: Option<u64>) -> u64 {
        self.contents.status(status)
    }

    fn window_content(&self, window: Option<PromptSize>) -> u64 {
        self.contents.window(window)
    }

    fn end_user(&self, text: &str) -> u64 {
        self.folder.end_user(text)
    }
}

/// Room for the rows at hand.
#[derive(Debug, Default)]
pub(super) struct Bulk {
    usual: Vec<(usize, Signature, Share)>,
    ready: Vec<Ready>,
    /// Rows that have an identity, by position among those that are ready.
    identified: Vec<usize>,
    tellings: Vec<(Identity, u64)>,
}

/// A row of which the place is known.
#[derive(Debug)]
struct Ready {
    row: usize,
    place: u32,
    sighting: Sighting,
}

/// A record without texts, to be filled with the numbers of one row after the other.
fn blank(answer_only: bool) -> UsageRecord<'static> {
    UsageRecord {
        start: crate::calendar::Moment::from_micros(0),
        end: None,
        within: None,
        answer_only,
        requests: Some(1),
        texts: [None; Field::ALL.len()],
        ids: crate::usage::Ids::default(),
        tags: smallvec::SmallVec::new(),
        stream: None,
        status: None,
        outcome: crate::usage::Outcome::Succeeded,
        tier: crate::usage::Tier::Default,
        tier_text: None,
        batch_unknown: false,
        quantity: Quantity::BillLine(None),
        window: None,
        latency_ms: None,
        ttft_ms: None,
        billed: None,
    }
}

impl Worker<'_> {
    /// Columns of a file with this header, if they can be read at once.
    pub(super) fn columns<'t>(
        &mut self,
        format: &'t Format,
        header: &crate::formats::Header,
        doubtful: bool,
    ) -> Option<Columns<'t>> {
        let with_contents = self.pass.reading.dedupe;
        let lexicon = RunLexicon { folder: &mut self.folder, contents: &self.pass.contents };
        Columns::new(format, header, doubtful, with_contents, &lexicon)
    }

    /// Takes rows, and notes those that must be read one by one.
    pub(super) fn batch(
        &mut self,
        (input, format): (usize, &Format),
        columns: &mut Columns<'_>,
        bytes: &[u8],
        grid: &impl Grid,
        left: &mut Vec<usize>,
    ) -> Result<(), Unsummable> {
        let mut lexicon = RunLexicon { folder: &mut self.folder, contents: &self.pass.contents };
        columns.read(bytes, grid, &mut lexicon);
        let mut bulk = std::mem::take(&mut self.bulk);
        self.place(format, columns, grid.rows(), &mut bulk, left);
        if self.pass.reading.dedupe {
            let id = columns.id_column();
            let id = |row: usize| {
                id.map_or(&[][..], |column| {
                    let (start, end) = grid.bounds(row, column);
                    &bytes[start..end]
                })
            };
            self.identify((input, format), columns, &mut bulk, id, left);
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
        rows: usize,
        bulk: &mut Bulk,
        left: &mut Vec<usize>,
    ) {
        bulk.usual.clear();
        bulk.ready.clear();
        let format_share = self.folder.format_share(format.mapping.provider.as_deref());
        let mut record = self.folder.asks_numbers().then(|| blank(format.mapping.answers_only));
        for row in 0..rows {
            let is_usual = columns.settle(row).is_some();
            let (day, prompt) = columns.day_and_prompt(row);
            if !is_usual || !self.pass.limits.hold((day, day)) {
                left.push(row);
                continue;
            }
            let TextShare { text, words } = columns.share(row);
            let mut share = format_share ^ text;
            if let Some(record) = &mut record {
                columns.fill(row, record);
                share ^= self.folder.numbers_share(record);
            }
            let step = self.pass.context.table.step_of(prompt);
            let facts = columns.facts(row, self.folder.epoch(day), step);
            bulk.usual.push((row, Signature::new(share, facts), words));
        }
        // In a loop of its own, so that waiting for memory overlaps.
        for &(row, signature, words) in &bulk.usual {
            match self.folder.known_place(signature, words) {
                Some(place) => bulk.ready.push(Ready { row, place, sighting: Sighting::First }),
                None => left.push(row),
            }
        }
    }

    /// Finds out which rows were told before; contested ones are left.
    fn identify<'b>(
        &mut self,
        (input, format): (usize, &Format),
        columns: &Columns<'_>,
        bulk: &mut Bulk,
        id: impl Fn(usize) -> &'b [u8],
        left: &mut Vec<usize>,
    ) {
        let Bulk { ready, identified, tellings, .. } = bulk;
        identified.clear();
        tellings.clear();
        let pass = self.pass;
        let zero_is_placeholder = pass.zeros[input];
        let mut record = blank(format.mapping.answers_only);
        let mut kept = 0;
        ready.retain(|Ready { row, place, .. }| {
            let text = std::str::from_utf8(id(*row)).ok().filter(|id| !id.is_empty());
            let kind = text.map(IdText::of);
            let is_id = kind.is_some_and(|kind| kind.identifies(zero_is_placeholder));
            if let Some(id) = text.filter(|_| is_id) {
                let identity = pass.hashing.call(id, self.folder.provider_at(*place), &mut self.feed);
                if pass.contest.is_contested(identity) {
                    left.push(*row);
                    return false;
                }
                columns.fill(*row, &mut record);
                identified.push(kept);
                tellings.push((identity, columns.content(*row).wrapping_add(pass.contents.numbers(&record))));
            } else {
                self.ledgers[input].has_calls_without_id = true;
            }
            if let Some(kind) = kind {
                self.ledgers[input].ids.note(kind);
            }
            kept += 1;
            true
        });
        pass.registry.sight_all(tellings, input, |row, sighting| ready[identified[row]].sighting = sighting);
    }

    /// Counts rows and adds them up.
    fn count(
        &mut self,
        (input, format): (usize, &Format),
        columns: &Columns<'_>,
        ready: &[Ready],
    ) -> Result<(), Unsummable> {
        const FATES: [Fate; 3] = [Fate::Accepted, Fate::Outside, Fate::Duplicate];
        let mut days: Option<(Day, Day)> = None;
        let mut covered: Option<Day> = None;
        let mut counted = FATES.map(|fate| (fate, 0, Money::ZERO));
        let mut stated = Money::ZERO;
        let several = self.pass.sniffed.len() > 1;
        for Ready { row, place, sighting } in ready {
            let call = columns.call(*row);
            let day = call.day;
            days = Some(days.map_or((day, day), |(first, last)| (first.min(day), last.max(day))));
            let dollars = call.billed.unwrap_or_default();
            stated = stated.add(dollars)?;
            let is_inside = self.pass.reading.period.holds(day);
            if is_inside && covered.replace(day) != Some(day) {
                self.ledgers[input].covered.insert(day, day);
            }
            let fate = if is_inside { Fate::Accepted } else { Fate::Outside };
            let (fate, is_new) = self.told(*sighting, fate, dollars);
            if let Some((_, rows, sum)) = counted.iter_mut().find(|(known, ..)| *known == fate) {
                *rows += 1;
                *sum = sum.add(dollars)?;
            }
            if is_new && fate == Fate::Accepted {
                self.folder.add_call(*place, &call)?;
                if several {
                    self.ledgers[input].note_provider(self.folder.provider_at(*place), false);
                }
            }
        }
        self.folder.rollup.ways.in_columns += ready.len() as u64;
        let ledger: &mut Ledger = &mut self.ledgers[input];
        ledger.state(stated)?;
        ledger.date(days, true, true);
        if let Some(lacking) = format.expected.lacking(columns.present) {
            ledger.lacking.add(lacking, ready.len() as u64);
        }
        for (fate, rows, dollars) in counted {
            ledger.has_calls |= fate == Fate::Accepted && rows > 0;
            ledger.count(fate, rows, dollars)?;
        }
        self.folder.check_keys()
    }
}
