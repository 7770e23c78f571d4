//! Which days a run over rollup files is about, and whether they hold all of them.

use super::Remake;
use crate::diagnostic::{Diagnostic, Failure};
use crate::input::dates::PeriodBounds;

/// The days that a report of rollup files is about: those asked for, else all that the files of some sources were made of.
/// Beside logs, which were made of no days, nothing stands for what was not asked for. Refused where the files of a source
/// lack any of these days.
pub(in crate::input) fn days_of_parts(
    parts: &[(Option<String>, PeriodBounds, Remake)],
    wanted: PeriodBounds,
    are_beside_logs: bool,
) -> Result<PeriodBounds, Failure> {
    let all = || parts.iter().map(|(_, days, _)| *days).filter(|_| !are_beside_logs);
    let first = all().map(|days| days.from).min().flatten();
    let last = all().map(|days| days.to.map_or((true, None), |to| (false, Some(to)))).max().and_then(|(_, to)| to);
    let wanted = PeriodBounds { from: wanted.from.or(first), to: wanted.to.or(last) };
    for (source, _, remake) in parts {
        let of_source = parts.iter().filter(|(of, ..)| of == source);
        let mut days: Vec<PeriodBounds> = of_source.map(|(_, days, _)| *days).collect();
        days.sort_unstable_by_key(|days| (days.from, days.to));
        days.dedup();
        if let Some(missing) = missing_days(&days, wanted) {
            let made = days.iter().map(|days| days.options()).collect::<Vec<_>>().join(", ");
            let message =
                format!("rollup files made with {made} hold no other days, but this run covers {missing} too");
            return Err(Failure::usage(Diagnostic::new("rollup-too-coarse", message).hint(format!(
                "ask for days that they hold with --from and --to, or make a file of the days that are missing too, in the folder of the logs that hold them: `{}`",
                remake.command(missing)
            ))));
        }
    }
    Ok(wanted)
}

/// The first days in a row that were asked for and that none of these, which ascend, holds.
fn missing_days(days: &[PeriodBounds], wanted: PeriodBounds) -> Option<PeriodBounds> {
    // The first day that none of them so far holds; nothing before the first day of all.
    let mut next = wanted.from;
    for part in days {
        if let Some(from) = part.from.filter(|from| next.is_none_or(|next| next < *from)) {
            let before = from.plus(-1);
            return Some(PeriodBounds { from: next, to: Some(wanted.to.map_or(before, |to| to.min(before))) });
        }
        next = next.max(Some(part.to?.next()));
        if wanted.to.is_some_and(|to| next > Some(to)) {
            return None;
        }
    }
    Some(PeriodBounds { from: next, to: wanted.to })
}
