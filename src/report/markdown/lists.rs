//! Sums by a dimension, as tables in Markdown.

use std::fmt::Write as _;

use super::{bold, header, row};
use crate::report::content::movers::{ShownMover, ShownMovers};
use crate::report::content::showback::{Showback, ShownSum};
use crate::report::words::{dollars, grouped};

/// Who spent what.
pub(super) fn showback(found: &Showback, page: &mut String) {
    let _ = writeln!(page, "\n### By {}: cost {}\n", found.dimension, found.period);
    for sentence in &found.said {
        let _ = writeln!(page, "{sentence}");
    }
    page.push('\n');
    header(page, &["", ">requests", ">cost", ">share", ">can wait", ">batch saves"]);
    let cells = |line: &ShownSum| {
        let amounts = [dollars(line.cost), line.share.clone(), dollars(line.can_wait), dollars(line.saving)];
        [vec![line.name.clone(), grouped(u128::from(line.requests))], amounts.to_vec()].concat()
    };
    for line in found.lines.iter().chain(&found.rest).chain([&found.unallocated]) {
        row(page, &cells(line));
    }
    row(page, &cells(&found.total).iter().map(|cell| bold(cell)).collect::<Vec<_>>());
}

/// What grew and what shrank.
pub(super) fn movers(found: &ShownMovers, page: &mut String) {
    let _ = writeln!(page, "\n### What grew and what shrank, by {}\n\n{}", found.dimension, found.said);
    let Some(total) = &found.total else { return };
    page.push('\n');
    header(page, &["", ">first half", ">second half", ">change"]);
    let cells = |line: &ShownMover| {
        let amounts = [dollars(line.first), dollars(line.second), line.change_words()];
        [vec![line.name.clone()], amounts.to_vec()].concat()
    };
    for line in found.lines.iter().chain(&found.rest) {
        row(page, &cells(line));
    }
    row(page, &cells(total).iter().map(|cell| bold(cell)).collect::<Vec<_>>());
}
