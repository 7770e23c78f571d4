//! The pictures of the page, each with its figures in words or in a table.

use super::canvas::{Anchor, Canvas, Scale, WIDTH};
use super::components::{Picture, Table};
use crate::money::Money;
use crate::report::document::{Block, PLAIN, Section};
use crate::report::plan::Draft;

mod days;
mod forecast;
mod hourly_usage;
mod sensitivity;
mod verdicts;
mod waterfall;

pub use verdicts::{shares, strip};

/// A row of a picture of bars, whose label and amount stand above its bar.
struct Lane {
    /// Where its text stands.
    text: i64,
    /// Where its bar begins and ends, from the top.
    bar: (i64, i64),
}

/// Pixels from one row to the next.
const PITCH: i64 = 40;

impl Lane {
    fn of(index: usize) -> Self {
        let top = PITCH * i64::try_from(index).unwrap_or(0);
        Self { text: top + 14, bar: (top + 21, top + 32) }
    }

    /// The height of so many rows.
    fn height(rows: usize) -> i64 {
        PITCH * i64::try_from(rows).unwrap_or(0)
    }

    fn words(&self, canvas: &mut Canvas, label: &str, amount: &str) {
        canvas.text((0, self.text), Anchor::Start, "label", label);
        canvas.text((WIDTH, self.text), Anchor::End, "amount", amount);
    }
}

/// The table of a section, as the figures of its picture.
fn figures(section: &Section) -> Option<Table> {
    section.blocks.iter().find_map(Block::table).map(|table| Table::of(table, &section.heading))
}

/// Every picture for which there is something to see, in the order of the page.
pub fn pictures(draft: &Draft<'_>) -> Vec<Picture> {
    let (plan, report) = (draft.plan, draft.report);
    let found = [
        waterfall::picture(plan),
        forecast::picture(plan),
        verdicts::picture(report),
        sensitivity::picture(plan),
        plan.hourly_usage.as_ref().and_then(|found| hourly_usage::picture(found, plan.quiet)),
        report.reconciliation.as_ref().and_then(|found| days::picture(report, found)),
    ];
    let mut found: Vec<Picture> = found.into_iter().flatten().collect();
    fill(&mut found);
    found
}

/// Gives the last of the narrow ones the whole width if it would stand alone in its row.
fn fill(pictures: &mut [Picture]) {
    let places: usize = pictures.iter().map(Picture::places).sum();
    if let Some(last) = pictures.iter_mut().rfind(|picture| !picture.is_wide).filter(|_| !places.is_multiple_of(2)) {
        last.is_wide = true;
    }
}

/// A scale that holds zero and all of these, up to some place across.
fn across(amounts: impl Iterator<Item = Money>, right: i64) -> Scale {
    let (low, high) =
        amounts.fold((Money::ZERO, Money::ZERO), |(low, high), amount| (low.min(amount), high.max(amount)));
    Scale::new((low, high), (0, right))
}
