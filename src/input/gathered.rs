//! What one run over all inputs comes to.
//!
//! Role: sums, inputs with their ledgers, and the days they cover.

use std::collections::HashMap;

use super::dates::{DateLimits, PeriodBounds, gaps, seen};
use super::duplicates::PriorPass;
use super::identity::Hashing;
use super::ledger::{Ledger, RowOutcome};
use super::overlap::{PartOf, check_parts, note_grain};
use super::parts::{Part, Parts, days_of_parts};
use super::pass::Reading;
use super::sniff::Sniffed;
use crate::calendar::{Day, MonthBasis, Period};
use crate::diagnostic::Failure;
use crate::maps::next_number;
use crate::rollup::{Context, Folder, InputPart, LineSums, Rollup, Unsummable};

/// One input after reading.
#[derive(Debug)]
pub struct Input {
    /// The name shown: that of its file, `#2` if repeated.
    pub name: String,
    /// The name of its file.
    pub file: String,
    /// Size in bytes as stored.
    pub bytes: u64,
    /// Zero bytes behind its gzip data, which were ignored.
    pub padding: u64,
    /// The source that holds it, by position. A rollup file may hold several.
    pub source: usize,
    /// The SHA-256 of its bytes, where a rollup file states it; that of other files is worked out when it is asked for.
    pub sha256: Option<String>,
    /// What it is.
    pub sniffed: Sniffed,
    /// Its rows and dollars.
    pub ledger: Ledger,
    /// What it is a part of, as the rollup file that holds it says; nothing of a log.
    pub part_of: Option<PartOf>,
    /// What its lines in a rollup file come to; nothing of a log.
    pub sums: Option<LineSums>,
    /// Whether another input may have the same calls, and nobody can tell, since rollup files keep no ids.
    pub is_unchecked: bool,
    /// An earlier input with the same bytes.
    pub copy_of: Option<usize>,
    /// Why it was left out, with `--keep-partial`.
    pub left_out: Option<Failure>,
}

/// Everything read.
#[derive(Debug)]
pub struct Gathered {
    /// The sums.
    pub rollup: Rollup,
    /// Inputs in the order given.
    pub inputs: Vec<Input>,
    /// Calls and buckets that several inputs tell; each counts once.
    pub shared: u64,
    /// Streamed calls of which there are pieces, and nowhere what they used.
    pub orphan_chunks: u64,
    /// What passes found of rows that say the same or differ, for a later pass over the lines.
    pub known: PriorPass,
    /// The keys of their identities.
    pub hashing: Hashing,
    /// Where the inputs of each source begin.
    pub firsts: Vec<usize>,
    /// Files of folders that systems put there, as rollup files say.
    pub litter: Vec<String>,
    /// The days asked for, without the ends that mean none.
    pub bounds: PeriodBounds,
    /// The days that rows are believed to be dated on.
    pub limits: DateLimits,
}

impl Gathered {
    /// Counts the rows that won their contests.
    pub(super) fn settle(&mut self, reading: &Reading<'_>, context: &Context<'_>) -> Result<(), Unsummable> {
        let winners = self.known.conflicts.winners();
        if winners.is_empty() {
            return Ok(());
        }
        let mut folder = Folder::over(context, std::mem::take(&mut self.rollup), self.known.directory.as_ref());
        for winner in winners {
            self.shared += u64::from(winner.shared);
            let record = winner.record.record();
            let sniffed = &self.inputs[winner.input].sniffed;
            let format = &reading.formats[sniffed.format];
            let ledger = &mut self.inputs[winner.input].ledger;
            if reading.holds(&record) {
                ledger.shift(RowOutcome::Duplicate, RowOutcome::Accepted, 1, winner.dollars)?;
                note_grain(ledger, &record);
                folder.from = InputPart { input: next_number(winner.input), part: 0 };
                folder.add(&record, format.mapping.provider.as_deref(), winner.oddities)?;
            } else {
                ledger.shift(RowOutcome::Duplicate, RowOutcome::Outside, 1, winner.dollars)?;
            }
        }
        self.rollup = folder.finish()?;
        for (input, repeats) in self.known.conflicts.repeats()? {
            self.inputs[input].ledger.repeats = repeats;
        }
        Ok(())
    }

    /// Puts the inputs that rollup files hold in their place.
    pub(super) fn take_parts(&mut self, parts: Vec<Option<Parts>>, reading: &Reading<'_>) -> Result<(), Failure> {
        self.firsts = (0..parts.len()).collect();
        if parts.iter().all(Option::is_none) {
            return Ok(());
        }
        let (mut days_of, mut has_logs) = (Vec::new(), false);
        for (position, (input, parts)) in std::mem::take(&mut self.inputs).into_iter().zip(parts).enumerate() {
            let first = self.inputs.len();
            self.firsts[position] = first;
            let Some(Parts { days, kept, remake, inputs }) = parts else {
                has_logs |= input.left_out.is_none();
                let copy_of = input.copy_of.map(|source| self.firsts[source]);
                self.inputs.push(Input { copy_of, ..input });
                continue;
            };
            self.shared += kept.shared;
            self.orphan_chunks += kept.orphan_chunks;
            self.litter.extend(kept.litter);
            // The hours of some rows would be taken for those of all.
            self.rollup.times.iter_mut().filter(|_| !kept.hours).for_each(|times| times.hours.clear());
            let of_file = PartOf { source: kept.source, shard: kept.shard, days };
            for Part { about, mut ledger, sums, sniffed } in inputs {
                let part_of = about.part_of.map_or_else(|| of_file.clone(), |part_of| PartOf { days, ..part_of });
                days_of.push((part_of.source.clone(), days, remake.clone()));
                if about.file.is_none() {
                    // The rollup file stands for it.
                    ledger.content = input.ledger.content;
                }
                let file = about.file.unwrap_or_else(|| input.file.clone());
                self.inputs.push(Input {
                    name: file.clone(),
                    file,
                    bytes: about.bytes.unwrap_or(input.bytes),
                    padding: about.padding,
                    source: position,
                    sha256: about.sha256,
                    sniffed: sniffed.unwrap_or_else(|| input.sniffed.clone()),
                    ledger,
                    part_of: Some(part_of),
                    sums: Some(sums),
                    is_unchecked: about.is_unchecked,
                    copy_of: about.copy_of.and_then(|number| Some(first + number.checked_sub(1)?)),
                    left_out: None,
                });
            }
        }
        let days = days_of_parts(&days_of, reading.period, has_logs)?;
        // What nobody typed the files say, as if it had been typed.
        let typed = reading.period;
        self.bounds.from = if typed.from.is_none() { days.from } else { self.bounds.from };
        self.bounds.to = if typed.to.is_none() { days.to } else { self.bounds.to };
        number_names(&mut self.inputs);
        if let [alone] = &mut self.inputs[..] {
            // What tells it from others, which nobody asks for.
            let Ledger { providers, billers, grouped_by, .. } = &mut alone.ledger;
            (*providers, *billers, *grouped_by) = Default::default();
        }
        check_parts(reading, self)?;
        // Parts of one source, or of none that is named, are taken to hold each call once: their report is that of their logs.
        let source = |input: &Input| input.part_of.as_ref().map(|part| part.source.clone());
        let unchecked = self.may_meet(|one, other| source(one) != source(other));
        for input in unchecked.into_iter().filter(|_| reading.dedupe) {
            self.inputs[input].is_unchecked = true;
        }
        Ok(())
    }

    /// The inputs that have calls of one provider on the same days as another one with which they are `open` to doubt.
    pub fn may_meet(&self, open: impl Fn(&Input, &Input) -> bool) -> Vec<usize> {
        let may_meet = |one: &Input, other: &Input| {
            one.ledger.has_calls && other.ledger.has_calls && open(one, other) && self.share_days(one, other)
        };
        let others = |at: usize| self.inputs.iter().enumerate().filter(move |(other, _)| *other != at);
        let inputs = self.inputs.iter().enumerate();
        let found = inputs.filter(|(at, input)| others(*at).any(|(_, other)| may_meet(input, other)));
        found.map(|(at, _)| at).collect()
    }

    /// Whether two inputs have usage of one provider on the same days of the period.
    pub fn share_days(&self, one: &Input, other: &Input) -> bool {
        let (a, b) = (&one.ledger, &other.ledger);
        let days = a.usage_days.zip(b.usage_days).map(|((a, b), (c, d))| (a.max(c), b.min(d)));
        let is_counted = |(first, last): (Day, Day)| {
            self.period().is_some_and(|period| first.max(period.from) <= last.min(period.to))
        };
        days.is_some_and(is_counted) && a.providers.intersection(&b.providers).next().is_some()
    }

    /// The period of the report: the bounds asked for, else the days of all dated rows.
    pub fn period(&self) -> Option<Period> {
        self.bounds.over(self.seen())
    }

    /// From the first to the last day of all dated rows.
    pub fn seen(&self) -> Option<Period> {
        seen(self.counted())
    }

    /// The runs of days of the period that no row covers, whatever became of it.
    pub fn gaps(&self) -> Vec<Period> {
        self.period().map_or_else(Vec::new, |period| gaps(self.counted(), period))
    }

    fn counted(&self) -> impl Iterator<Item = &Ledger> {
        self.inputs.iter().filter(|input| input.left_out.is_none()).map(|input| &input.ledger)
    }

    /// What makes a month of it; without dated rows there is nothing that it could change.
    pub fn month_basis(&self) -> MonthBasis {
        self.period().map_or(MonthBasis::Calendar { months: 1 }, Period::month_basis)
    }
}

/// Tells inputs of one name apart by a number behind it.
fn number_names(inputs: &mut [Input]) {
    let mut met: HashMap<String, usize> = HashMap::new();
    for input in inputs {
        let number = met.entry(input.file.clone()).or_default();
        *number += 1;
        input.name = if *number > 1 { format!("{}#{number}", input.file) } else { input.file.clone() };
    }
}
