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
use crate::formats::columns::{Columns, Grid, Lexicon, Usual};
use crate::money::Money;
use crate::rollup::Unsummable;
use crate::rollup::fold::{Call, Facts, Folder, Part, Signature, TextShare};
use crate::usage::{Field, PromptSize, Quantity, UsageRecord};

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
        self.folder.share(field, text)
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
    usual: Usual,
    signature: Signature,
    sighting: Sighting,
}

/// Stands for a place that is not known.
const UNKNOWN: u32 = u32::MAX;

/// A record without texts, to be filled with the numbers of one row after the other.
fn blank(answer_only: bool) -> UsageRecord<'static> {
    UsageRecord {
        start: crate::calendar::Moment::from_micros(0),
        end: None,
        within: None,
        answer_only,
        requests: Some(1),
        texts: [None; Field::ALL.len()],
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

impl Usual {
    fn fill(&self, record: &mut UsageRecord<'_>) {
        record.start = self.start;
        record.stream = self.stream;
        record.status = self.status;
        record.outcome = self.outcome;
        record.tier = self.tier;
        record.batch_unknown = self.batch_unknown;
        record.quantity = Quantity::Tokens(self.tokens);
        record.latency_ms = self.latency_ms;
        record.ttft_ms = self.ttft_ms;
        record.billed = self.billed;
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
        bulk.ready.clear();
        self.place(format, columns, grid.rows(), &mut bulk.ready, left);
        if self.pass.reading.dedupe {
            let id = columns.id_column();
            let id = |row: usize| {
                id.map_or(&[][..], |column| {
                    let (start, end) = grid.bounds(row, column);
                    &bytes[start..end]
                })
            };
            self.identify((input, format), &mut bulk, id, left);
        }
        let taken = self.count(input, &bulk.ready);
        self.bulk = bulk;
        taken
    }

    /// Finds where rows are added up.
    fn place(
        &mut self,
        format: &Format,
        columns: &Columns<'_>,
        rows: usize,
        ready: &mut Vec<Ready>,
        left: &mut Vec<usize>,
    ) {
        let format_share = self.folder.format_share(format.mapping.provider.as_deref());
        let mut record = self.folder.asks_numbers().then(|| blank(format.mapping.answers_only));
        for row in 0..rows {
            let Some(usual) = columns.usual(row) else {
                left.push(row);
                continue;
            };
            let mut share = format_share ^ usual.share.text;
            if let Some(record) = &mut record {
                usual.fill(record);
                share ^= self.folder.numbers_share(record);
            }
            let facts = Facts {
                tier: usual.tier,
                outcome: usual.outcome,
                stream: usual.stream,
                batch_unknown: usual.batch_unknown,
                is_single_call: true,
                is_billed: usual.billed.is_some(),
                has_first_token: usual.ttft_ms.is_some_and(|ttft| ttft > 0),
                kind: 0,
                present: usual.tokens.present(),
                epoch: self.folder.epoch(usual.day),
                step: self.pass.context.table.step_of(usual.tokens.prompt()),
            };
            let signature = Signature::new(share, facts);
            ready.push(Ready { row, place: UNKNOWN, usual, signature, sighting: Sighting::First });
        }
        // In a loop of its own, so that waiting for memory overlaps.
        for row in ready.iter_mut() {
            row.place = self.folder.known_place(row.signature, row.usual.share.words).unwrap_or(UNKNOWN);
        }
        ready.retain(|ready| {
            if ready.place == UNKNOWN {
                left.push(ready.row);
            }
            ready.place != UNKNOWN
        });
    }

    /// Finds out which rows were told before; contested ones are left.
    fn identify<'b>(
        &mut self,
        (input, format): (usize, &Format),
        bulk: &mut Bulk,
        id: impl Fn(usize) -> &'b [u8],
        left: &mut Vec<usize>,
    ) {
        let Bulk { ready, identified, tellings } = bulk;
        identified.clear();
        tellings.clear();
        let pass = self.pass;
        let mut record = blank(format.mapping.answers_only);
        let mut kept = 0;
        ready.retain(|Ready { row, place, usual, .. }| {
            let id = std::str::from_utf8(id(*row)).ok().filter(|id| !id.is_empty());
            if let Some(id) = id {
                let identity = pass.hashing.call(id, self.folder.provider_at(*place), &mut self.feed);
                if pass.contest.is_contested(identity) {
                    left.push(*row);
                    return false;
                }
                usual.fill(&mut record);
                identified.push(kept);
                tellings.push((identity, usual.content.wrapping_add(pass.contents.numbers(&record))));
            }
            kept += 1;
            true
        });
        pass.registry.sight_all(tellings, input, |row, sighting| ready[identified[row]].sighting = sighting);
    }

    /// Counts rows and adds them up.
    fn count(&mut self, input: usize, ready: &[Ready]) -> Result<(), Unsummable> {
        const FATES: [Fate; 3] = [Fate::Accepted, Fate::Outside, Fate::Duplicate];
        let mut days: Option<(Day, Day)> = None;
        let mut counted = FATES.map(|fate| (fate, 0, Money::ZERO));
        let several = self.pass.sniffed.len() > 1;
        for Ready { place, usual, sighting, .. } in ready {
            let day = usual.day;
            days = Some(days.map_or((day, day), |(first, last)| (first.min(day), last.max(day))));
            let dollars = usual.billed.unwrap_or_default();
            let fate = if self.pass.reading.period.holds(day) { Fate::Accepted } else { Fate::Outside };
            let (fate, is_new) = self.told(*sighting, fate, dollars);
            if let Some((_, rows, sum)) = counted.iter_mut().find(|(known, ..)| *known == fate) {
                *rows += 1;
                *sum = sum.add(dollars)?;
            }
            if is_new && fate == Fate::Accepted {
                let call = Call {
                    tokens: usual.tokens,
                    billed: usual.billed,
                    day,
                    hour: usual.hour,
                    end_user: usual.end_user,
                };
                self.folder.add_call(*place, &call)?;
                if several {
                    self.ledgers[input].note_provider(self.folder.provider_at(*place), false);
                }
            }
        }
        let ledger: &mut Ledger = &mut self.ledgers[input];
        ledger.date(days, true, true);
        for (fate, rows, dollars) in counted {
            ledger.has_calls |= fate == Fate::Accepted && rows > 0;
            ledger.count(fate, rows, dollars)?;
        }
        self.folder.check_keys()
    }
}
