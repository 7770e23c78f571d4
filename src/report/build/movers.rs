//! What grew and what shrank between the halves of the period.

use super::by::{dimension, is_name};
use super::{ReportInput, masked};
use crate::assess::movers::{Halves, NoHalves};
use crate::diagnostic::Failure;
use crate::report::{Mover, Movers};
use crate::rollup::Breakdown;

/// Both halves as months at their pace, weekday by weekday; nothing where sums by time were not kept.
pub fn movers(run: &ReportInput<'_>) -> Result<Option<Movers>, Failure> {
    let period = run.period().map(|(period, _)| period);
    let found = run.assessment.halves(&run.gathered.rollup, run.context, period)?;
    let by = run.context.by.as_ref().unwrap_or(&Breakdown::Workload);
    let dimension = dimension(by);
    let Some(found) = found else { return Ok(None) };
    let halves = match found {
        Ok(halves) => halves,
        Err(reason) => {
            return Ok(Some(Movers { dimension, halves: None, why_not: Some(words(reason)), rows: Vec::new() }));
        }
    };
    let mut rows = Vec::with_capacity(halves.spend.len());
    // There may be as many as rows, so that each is let go of as soon as it is worked out.
    for (value, [first, second]) in halves.spend {
        let (first, second) = (Halves::pace(halves.first, &first)?, Halves::pace(halves.second, &second)?);
        rows.push(Mover {
            value: value.as_ref().filter(|value| is_name(by, &value.name)).map(|value| masked(&value.name)),
            id: value.as_ref().and_then(|value| value.id.as_deref()).map(masked),
            first,
            second,
            change: second.sub(first)?,
        });
    }
    rows.sort_unstable_by(|a, b| {
        let size = |row: &Mover| row.change.units().unsigned_abs();
        size(b).cmp(&size(a)).then_with(|| (&a.value, &a.id).cmp(&(&b.value, &b.id)))
    });
    Ok(Some(Movers { dimension, halves: Some([halves.first, halves.second]), why_not: None, rows }))
}

const fn words(reason: NoHalves) -> &'static str {
    match reason {
        NoHalves::TooShort => "the period is shorter than two weeks, so its halves lack weekdays",
        NoHalves::Spread => "some rows span several days, so nobody knows which half they belong to",
        NoHalves::TooMany => "there are more sums by day than are kept; ask for fewer days with --from and --to",
    }
}
