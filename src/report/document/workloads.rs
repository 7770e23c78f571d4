//! Workloads by what can be done with them.

use std::collections::BTreeSet;

use super::ColumnType::{Figure, Rate, Reason, Saving, Text as Words};
use super::{Cell, LONGEST_NAME, LONGEST_PATH, MOST_ROWS, Row, Section, Table, Text, name, quote, text};
use crate::money::{Money, share};
use crate::report::words::{dollars, percent, plural, sum};
use crate::report::{Report, WorkloadLine};

/// The line of a policy with which few requests a day are no reason to stay.
pub const COUNT_SMALL: &str = "limits: {small_saving: 0}";
/// Reasons in words of one workload.
const MOST_REASONS: usize = 2;
/// Characters of a reason.
const LONGEST_REASON: usize = 160;

/// What can be done with a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It could run in batch.
    BatchEligible,
    /// It runs there.
    AlreadyBatch,
    /// Somebody waits, or batch gains nothing.
    RealTime,
    /// Nobody has decided.
    Undecided,
}

impl Kind {
    /// In the order of the page.
    pub const ALL: [Self; 4] = [Self::BatchEligible, Self::AlreadyBatch, Self::RealTime, Self::Undecided];

    /// The heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::BatchEligible => "Batch-eligible",
            Self::AlreadyBatch => "Already batch",
            Self::RealTime => "Real-time",
            Self::Undecided => "Undecided",
        }
    }

    const fn id(self) -> &'static str {
        match self {
            Self::BatchEligible => "batch-eligible",
            Self::AlreadyBatch => "already-batch",
            Self::RealTime => "real-time",
            Self::Undecided => "undecided",
        }
    }

    /// What can be done with a workload.
    pub fn of(line: &WorkloadLine) -> Self {
        match line.verdict {
            "batch" => Self::BatchEligible,
            "already-batch" => Self::AlreadyBatch,
            _ if line.is_open => Self::Undecided,
            _ => Self::RealTime,
        }
    }

    fn lines(self, report: &Report) -> impl Iterator<Item = &WorkloadLine> {
        report.workloads.iter().filter(move |line| line.monthly_cost.is_some() && Self::of(line) == self)
    }
}

/// What a month of one kind costs.
pub fn cost(report: &Report, kind: Kind) -> Money {
    sum(kind.lines(report).filter_map(|line| line.monthly_cost))
}

/// A section for each kind that has workloads.
pub fn workloads(report: &Report) -> Vec<Section> {
    Kind::ALL.into_iter().filter_map(|kind| section(report, kind)).collect()
}

fn section(report: &Report, kind: Kind) -> Option<Section> {
    kind.lines(report).next()?;
    // Losses are no parts of a saving.
    let saves = if kind == Kind::RealTime { Rate } else { Saving };
    let columns = [("Workload", Words), ("Model", Words), ("A month", Figure), ("Batch saves", saves), ("Why", Reason)];
    let table = Table { is_aligned: true, ..Table::new(columns) };
    let table = table.rows(kind.lines(report).map(|line| row(line, kind)), report.row_limit(MOST_ROWS));
    let saving = || dollars(sum(kind.lines(report).map(saving_of)));
    let said = match kind {
        Kind::BatchEligible => Some(format!("Batch saves {} a month on it.", saving()).into()),
        Kind::Undecided if kind.lines(report).any(|line| !line.open_saving.is_zero()) => {
            Some(format!("If all of it can wait, batch saves {} a month.", saving()).into())
        }
        Kind::RealTime => small_volume(report),
        _ => None,
    };
    let cost = cost(report, kind);
    let share = percent(share(cost, report.today).as_ref());
    let beside = format!("{} a month · {share}", dollars(cost)).into();
    let section = Section { beside, ..Section::new(kind.id(), kind.title()) };
    Some(section.paragraphs(said).table(table))
}

fn saving_of(line: &WorkloadLine) -> Money {
    if line.verdict == "batch" { line.monthly_saving } else { line.open_saving }
}

fn row(line: &WorkloadLine, kind: Kind) -> Row {
    let saves = match (kind, line.monthly_loss) {
        (_, Some(loss)) => Some(loss),
        (Kind::BatchEligible | Kind::Undecided, None) => Some(saving_of(line)).filter(|saving| !saving.is_zero()),
        _ => None,
    };
    Row::new([
        Cell::Text(with_details(&line.workload, &line.apart)),
        Cell::text(model(&line.provider, &line.model)),
        Cell::maybe(line.monthly_cost),
        Cell::maybe(saves),
        Cell::Text(why(line)),
    ])
}

/// A workload and, where that takes it, what tells it apart from others of its name.
pub fn with_details(workload: &str, details: &[String]) -> Text {
    let parts = std::iter::once(workload).chain(details.iter().map(String::as_str));
    Text::joined(parts.map(|part| name(part, LONGEST_NAME).into()), " › ")
}

/// Provider and model.
pub fn model(provider: &str, model: &str) -> super::Span {
    let full = if provider.is_empty() { model.to_owned() } else { format!("{provider}/{model}") };
    name(full, LONGEST_PATH)
}

/// Why a workload is where it is, most telling reason first; a verdict for batch says how sure it is.
fn why(line: &WorkloadLine) -> Text {
    let confidence = line.band.filter(|_| line.verdict == "batch").map(|band| text!(band, ", "));
    let reasons = line.words.iter().take(MOST_REASONS).map(|words| quote(words, LONGEST_REASON).into());
    let more = match line.words.len().saturating_sub(MOST_REASONS) + line.minor_reasons {
        0 => String::new(),
        more => format!("; {more} more"),
    };
    text!(confidence, Text::joined(reasons, "; "), more)
}

/// What batch would save on all that stays for its small volume alone, and how to count it.
pub fn small_volume(report: &Report) -> Option<Text> {
    let small: Vec<(&str, Money)> =
        report.workloads.iter().filter_map(|line| Some((line.workload.as_str(), line.saving_forgone?))).collect();
    let workloads: BTreeSet<&str> = small.iter().map(|(workload, _)| *workload).collect();
    let saving = sum(small.iter().map(|(_, saving)| *saving));
    let (send, [its, it]) = match workloads.len() {
        1 => ("1 workload sends".to_owned(), ["its", "it"]),
        more => (format!("{} send", plural(more as u64, "workload")), ["their", "them"]),
    };
    (saving > Money::ZERO).then(|| {
        format!(
            "{send} too few requests a day for batches of {its} own. Batch would save {} a month, which is in no case above. To count {it}: a rule with `then: batch`, or `{COUNT_SMALL}` in the policy (--policy).",
            dollars(saving)
        )
        .into()
    })
}
