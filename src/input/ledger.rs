//! The ledger of one input: every row and every dollar, by what became of it.

mod stored;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::content_hash::ContentHash;
use super::ids::IdCounts;
use super::repeats::Repeats;
use crate::assess::items::{self, Item, Items};
use crate::calendar::Day;
use crate::formats::expected::LackingKeys;
use crate::formats::ignored::IgnoredKeys;
use crate::formats::unread::UnreadKeys;
use crate::formats::{OtherCharge, Reject};
use crate::money::Money;
use crate::rollup::{DaySet, Unsummable};

/// Days of the longest month.
const LONGEST_MONTH: i32 = 31;

/// Rejected rows kept for messages, by code.
pub const SHOWN_REJECTS: usize = 20;

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "named like the outcomes of docs/specification.md")]
pub enum RowOutcome {
    Header,
    Preamble,
    Blank,
    Totals,
    NotUsage,
    Outside,
    Accepted,
    Duplicate,
    Rejected,
}

impl RowOutcome {
    /// All outcomes, in the order of docs/specification.md.
    pub const ALL: [Self; 9] = [
        Self::Header,
        Self::Preamble,
        Self::Blank,
        Self::Totals,
        Self::NotUsage,
        Self::Outside,
        Self::Accepted,
        Self::Duplicate,
        Self::Rejected,
    ];

    /// The key in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Preamble => "preamble",
            Self::Blank => "blank",
            Self::Totals => "totals",
            Self::NotUsage => "not_usage",
            Self::Outside => "outside",
            Self::Accepted => "accepted",
            Self::Duplicate => "duplicate",
            Self::Rejected => "rejected",
        }
    }
}

/// A rejected row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedRow {
    /// Its first line.
    pub line: u64,
    /// Its last line.
    pub last_line: u64,
    /// Why.
    #[serde(with = "stored::reject")]
    pub reject: Reject,
    /// What it says was billed.
    pub dollars: Option<Money>,
}

/// Rows and dollars of one input. Ledgers of parts add up to the ledger of the whole. A rollup file holds those of its inputs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Ledger {
    /// Rows as they were told apart in the file, and dollars as they were read from them, before anything became of either.
    /// What became of them adds up to these, or the run ends (`report::build::balance`).
    met: (u64, Money),
    #[serde(with = "stored::by_fate")]
    rows: [u64; RowOutcome::ALL.len()],
    #[serde(with = "stored::by_fate")]
    dollars: [Money; RowOutcome::ALL.len()],
    /// What tells the contents of the file from those of others, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<ContentHash>,
    /// First and last UTC day of all dated rows.
    pub days: Option<(Day, Day)>,
    /// The same without rejected rows.
    pub kept_days: Option<(Day, Day)>,
    /// First and last UTC day of rows with usage.
    pub usage_days: Option<(Day, Day)>,
    /// The days that its rows cover, but for rows outside the days asked for.
    pub covered: DaySet,
    /// Rejected rows: the first of each code, or all.
    #[serde(with = "stored::rejects")]
    pub rejects: BTreeMap<&'static str, BTreeMap<u64, RejectedRow>>,
    /// How many rows were rejected with each code.
    #[serde(with = "stored::by_code")]
    pub reject_counts: BTreeMap<&'static str, u64>,
    /// Amounts in other currencies that could not be converted, by code.
    pub foreign: BTreeMap<String, (u64, Money)>,
    /// Amounts in other currencies that were converted, by code.
    pub converted: BTreeMap<String, u64>,
    /// Fields and columns that some row fills: what the export was grouped by, if it holds rows that can be.
    pub grouped_by: Option<u64>,
    /// Usage keys of counted rows that nothing reads.
    pub unread: UnreadKeys,
    /// Expected columns and keys that rows of usage lack, whether or not they count.
    #[serde(skip)]
    pub lacking: LackingKeys,
    /// Keys of JSON rows that mean nothing, where users write them.
    pub ignored: IgnoredKeys,
    /// Charges of a bill about no call; their dollars are among those of what is no usage.
    #[serde(with = "stored::items")]
    pub other_charges: Items,
    /// Rows whose id is none.
    pub ids: IdCounts,
    /// Rows that do not count because another has their id, and that may be calls of their own.
    pub repeats: Repeats,
    /// Rows of usage with a quote inside a value that does not begin with one.
    pub stray_quotes: u64,
    /// Providers of counted usage, where there are several inputs.
    pub providers: BTreeSet<String>,
    /// Providers of counted lines of a bill, where there are several inputs.
    pub billers: BTreeSet<String>,
    /// Some counted row is a call.
    pub has_calls: bool,
    /// Some call has no id that could be known again.
    pub has_calls_without_id: bool,
    /// Shortest and longest bucket in seconds.
    pub bucket_seconds: Option<(i64, i64)>,
    /// The line of the last page, if it says that another one follows.
    pub next_page_line: Option<u64>,
}

impl Ledger {
    /// Counts rows that were told apart.
    pub const fn met(&mut self, rows: u64) {
        self.met.0 += rows;
    }

    /// Notes a part of the contents.
    pub fn hold(&mut self, content: ContentHash) {
        self.content = Some(self.content.unwrap_or_default().and(content));
    }

    /// Notes the days of a row. One that stands for more than a month says nothing of each of its days, so that an end
    /// that is years away fills no gap.
    pub fn cover(&mut self, first: Day, last: Day) {
        self.covered.insert(first, last.min(first.plus(LONGEST_MONTH - 1)));
    }

    /// Whether all rows that count stand for more than a month each, such as quarters.
    pub fn has_only_long_buckets(&self) -> bool {
        !self.has_calls && self.bucket_seconds.is_some_and(|(least, _)| least > i64::from(LONGEST_MONTH) * 86_400)
    }

    /// Counts dollars that were read.
    pub fn state(&mut self, dollars: Money) -> Result<(), Unsummable> {
        self.met.1 = self.met.1.add(dollars)?;
        Ok(())
    }

    /// Counts rows by what became of them.
    pub fn count(&mut self, outcome: RowOutcome, rows: u64, dollars: Money) -> Result<(), Unsummable> {
        self.rows[outcome as usize] += rows;
        self.dollars[outcome as usize] = self.dollars[outcome as usize].add(dollars)?;
        Ok(())
    }

    /// Counts a charge about no call.
    pub fn charge(&mut self, charge: OtherCharge<'_>, dollars: Money) -> Result<(), Unsummable> {
        self.count(RowOutcome::NotUsage, 1, dollars)?;
        if !dollars.is_zero() {
            let OtherCharge { kind, provider, words, about_ai } = charge;
            let item = Item { provider: provider.to_owned(), kind, words: words.to_owned(), about_ai };
            items::bill(&mut self.other_charges, item, dollars)?;
        }
        Ok(())
    }

    /// Takes rows from one outcome to another.
    pub fn shift(&mut self, from: RowOutcome, to: RowOutcome, rows: u64, dollars: Money) -> Result<(), Unsummable> {
        self.rows[from as usize] -= rows;
        self.dollars[from as usize] = self.dollars[from as usize].sub(dollars)?;
        self.count(to, rows, dollars)
    }

    /// Rows of an outcome.
    pub const fn rows(&self, outcome: RowOutcome) -> u64 {
        self.rows[outcome as usize]
    }

    /// Billed dollars of an outcome, where they could be read.
    pub const fn dollars(&self, outcome: RowOutcome) -> Money {
        self.dollars[outcome as usize]
    }

    /// Rows of usage, whether or not they count.
    pub const fn usage_rows(&self) -> u64 {
        self.rows(RowOutcome::Accepted) + self.rows(RowOutcome::Outside) + self.rows(RowOutcome::Duplicate)
    }

    /// All rows.
    pub const fn read(&self) -> u64 {
        self.met.0
    }

    /// All dollars that rows state.
    pub const fn stated(&self) -> Money {
        self.met.1
    }

    /// Notes a rejected row; without `all` only the first of each code are kept.
    pub fn reject(&mut self, row: RejectedRow, all: bool) -> Result<(), Unsummable> {
        self.count(RowOutcome::Rejected, 1, Money::ZERO.with(row.dollars)?)?;
        *self.reject_counts.entry(row.reject.code).or_default() += 1;
        let kept = self.rejects.entry(row.reject.code).or_default();
        kept.insert(row.line, row);
        if !all && kept.len() > SHOWN_REJECTS {
            kept.pop_last();
        }
        Ok(())
    }

    /// Notes the provider of a counted row.
    pub fn note_provider(&mut self, provider: &str, is_bill: bool) {
        let known = if is_bill { &mut self.billers } else { &mut self.providers };
        if !known.contains(provider) {
            known.insert(provider.to_owned());
        }
    }

    /// Notes the days a row is dated on.
    pub fn date(&mut self, days: Option<(Day, Day)>, is_usage: bool, is_kept: bool) {
        let widen = |known: &mut Option<(Day, Day)>, (first, last): (Day, Day)| {
            *known = Some(known.map_or((first, last), |(a, b)| (a.min(first), b.max(last))));
        };
        if let Some(days) = days {
            widen(&mut self.days, days);
            if is_kept {
                widen(&mut self.kept_days, days);
            }
            if is_usage {
                widen(&mut self.usage_days, days);
            }
        }
    }

    /// Adds the ledger of another part of the same input.
    pub fn absorb(&mut self, other: Self, all_rejects: bool) -> Result<(), Unsummable> {
        self.met(other.read());
        self.state(other.stated())?;
        if let Some(content) = other.content {
            self.hold(content);
        }
        for outcome in RowOutcome::ALL {
            self.count(outcome, other.rows(outcome), other.dollars(outcome))?;
        }
        self.date(other.days, false, false);
        self.date(other.kept_days, false, true);
        self.date(other.usage_days, true, false);
        self.covered.absorb(&other.covered);
        for (code, rows) in other.rejects {
            let kept = self.rejects.entry(code).or_default();
            kept.extend(rows);
            while !all_rejects && kept.len() > SHOWN_REJECTS {
                kept.pop_last();
            }
        }
        for (code, count) in other.reject_counts {
            *self.reject_counts.entry(code).or_default() += count;
        }
        for (currency, (rows, amount)) in other.foreign {
            let known = self.foreign.entry(currency).or_default();
            *known = (known.0 + rows, known.1.add(amount)?);
        }
        for (currency, rows) in other.converted {
            *self.converted.entry(currency).or_default() += rows;
        }
        for (item, sums) in other.other_charges {
            items::bill(&mut self.other_charges, item, sums.billed)?;
        }
        self.next_page_line = self.next_page_line.or(other.next_page_line);
        self.unread.absorb(other.unread);
        self.ids.absorb(other.ids);
        self.stray_quotes += other.stray_quotes;
        self.lacking.absorb(other.lacking);
        self.ignored.extend(other.ignored.names());
        self.providers.extend(other.providers);
        self.billers.extend(other.billers);
        self.has_calls |= other.has_calls;
        self.has_calls_without_id |= other.has_calls_without_id;
        self.grouped_by =
            self.grouped_by.zip(other.grouped_by).map(|(one, two)| one | two).or(self.grouped_by).or(other.grouped_by);
        self.bucket_seconds = match (self.bucket_seconds, other.bucket_seconds) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (a, b) => a.or(b),
        };
        Ok(())
    }
}
