//! What is doubtful about the days of a report: ends that were not meant, months left open, days without a row.

use super::ReportInput;
use crate::calendar::{Day, MonthBasis, Period};
use crate::input::dates::YEAR;
use crate::money::{Money, Overflow};
use crate::plan::days::days;
use crate::report::Note;
use crate::report::words::{dollars, plural};

/// Under this many days a month is a guess.
const SHORT_PERIOD_DAYS: u32 = 7;
/// One day in so many may have no row before that is worth knowing.
const FEW: u64 = 10;

/// Warnings about the period.
pub(super) fn notes(run: &ReportInput<'_>, note: &mut impl FnMut(&'static str, u64, String)) {
    for message in open_ends(run) {
        note("period-open", 1, message);
    }
    let Some((period, basis)) = run.period() else { return };
    if period.days() < SHORT_PERIOD_DAYS {
        let days = plural(u64::from(period.days()), "day");
        note("short-period", 1, format!("only {days} of usage: a month made of it is a guess"));
    }
    if let Some(message) = open_month(run, period, basis) {
        note("open-month", 1, message);
    }
    let gaps = run.gathered.gaps();
    let missing = gaps.iter().map(|gap| u64::from(gap.days())).sum::<u64>();
    if let Some(largest) = gaps.iter().min_by_key(|gap| std::cmp::Reverse(gap.days()))
        && missing * FEW > u64::from(period.days())
    {
        let message = format!(
            "{missing} of the {} of the period have no row, {} of them on end from {} to {}: a month made of the period takes them for days without spend",
            plural(u64::from(period.days()), "day"),
            largest.days(),
            largest.from,
            largest.to
        );
        note("days-without-usage", missing, message);
    }
    if let Some(days) = stretched(run, period) {
        let message = format!(
            "rejected rows stretch the period by {}, and a month is made of all that time: mend their dates, or set --from and --to",
            plural(days, "day")
        );
        note("stretched-period", days, message);
    }
}

/// Why no month can be made of the period: over a year in it without any row.
pub(super) fn long_gaps(run: &ReportInput<'_>) -> Result<Vec<Note>, Overflow> {
    let gaps: Vec<Period> = run.gathered.gaps().into_iter().filter(|gap| gap.days() > YEAR).collect();
    if gaps.is_empty() {
        return Ok(Vec::new());
    }
    let spend = days(&run.gathered.rollup, &run.gathered.rollup, &run.scenarios.basis)?;
    let note = |gap: Period| {
        let before = Money::sum(spend.range(..gap.from).map(|(_, day)| day.cost))?;
        let after = Money::sum(spend.range(gap.to.next()..).map(|(_, day)| day.cost))?;
        let message = format!(
            "no row covers the {} from {} to {}, with {} before them and {} after: a month of all that time means nothing; mend the dates, or report each side by itself with --from and --to",
            plural(u64::from(gap.days()), "day"),
            gap.from,
            gap.to,
            dollars(before),
            dollars(after)
        );
        Ok(Note { code: "period-gap", message, count: u64::from(gap.days()) })
    };
    gaps.into_iter().map(note).collect()
}

/// Ends that were typed and lie so far from all rows that they mean none.
fn open_ends(run: &ReportInput<'_>) -> Vec<String> {
    let (typed, bounds) = (run.reading.period, run.gathered.bounds);
    let Some(seen) = run.gathered.seen() else { return Vec::new() };
    let begin = typed.from.filter(|_| bounds.from.is_none()).map(|from| {
        format!("--from {from} lies over a year before the first dated row, so it is taken to mean no beginning: the period begins with the rows, on {}", seen.from)
    });
    let end = typed.to.filter(|_| bounds.to.is_none()).map(|to| {
        format!("--to {to} lies over a year after the last dated row, so it is taken to mean no end: the period ends with the rows, on {}", seen.to)
    });
    begin.into_iter().chain(end).collect()
}

/// The days that make whole months of a period whose ends nobody typed, where it has a day less or one more.
fn open_month(run: &ReportInput<'_>, period: Period, basis: MonthBasis) -> Option<String> {
    let bounds = run.gathered.bounds;
    let closed = Period {
        from: bounds.from.unwrap_or_else(|| period.from.month().first()),
        to: bounds.to.unwrap_or_else(|| period.to.month().last()),
    };
    if !matches!(basis, MonthBasis::RunRate { .. }) {
        return None;
    }
    // A call at midnight of another time zone makes a day more, and no whole months.
    let is_last = |day: Day| day == day.month().last();
    let is_first = |day: Day| day == day.month().first();
    let within = Period {
        from: bounds.from.unwrap_or_else(|| if is_last(period.from) { period.from.next() } else { period.from }),
        to: bounds.to.unwrap_or_else(|| if is_first(period.to) { period.to.plus(-1) } else { period.to }),
    };
    if within != period && within.from <= within.to && matches!(within.month_basis(), MonthBasis::Calendar { .. }) {
        let more = plural(u64::from(period.days() - within.days()), "day");
        return Some(format!(
            "the rows reach {more} beyond whole months, so a month is 365/12 days of the period; `--from {} --to {}` counts whole months",
            within.from, within.to
        ));
    }
    // Beyond that a log of some days would be taken for one of a month.
    let is_mostly_covered = [period.from, period.to].into_iter().all(|end| {
        let month = end.month().period();
        let covered = Period { from: month.from.max(period.from), to: month.to.min(period.to) };
        covered.days() * 2 > month.days()
    });
    let is_closed = is_mostly_covered && matches!(closed.month_basis(), MonthBasis::Calendar { .. });
    let (first, last) = (period.from.month(), period.to.month());
    let months = match (closed.from == period.from, closed.to == period.to) {
        _ if first == last => format!("{first} is"),
        (true, _) => format!("{last} is"),
        (_, true) => format!("{first} is"),
        _ => format!("{first} and {last} are"),
    };
    is_closed.then(|| {
        format!(
            "{months} not covered whole, so a month is 365/12 days of the period; if the files hold all usage of it, `--from {} --to {}` counts whole months",
            closed.from, closed.to
        )
    })
}

/// Days by which rejected rows alone stretch the period.
fn stretched(run: &ReportInput<'_>, period: Period) -> Option<u64> {
    let days = run.gathered.inputs.iter().filter_map(|input| input.ledger.kept_days);
    let (first, last) = days.reduce(|(a, b), (c, d)| (a.min(c), b.max(d)))?;
    let kept = u64::from(Period { from: first.max(period.from), to: last.min(period.to) }.days());
    let bounds = run.gathered.bounds;
    (bounds.from.is_none() && bounds.to.is_none())
        .then(|| u64::from(period.days()).saturating_sub(kept))
        .filter(|days| *days > 0)
}
