//! What grew and what shrank between the halves of the period, as readers see it.

use super::{LONGEST_NAME, ShowName, value_of};
use crate::calendar::Period;
use crate::money::Money;
use crate::report::words::{day_words, difference, dollars, plural, shown_parts, sum, to_the_cent};
use crate::report::{Mover, Report};

/// Both halves as shown: rows add up to the total, and a change is the difference of what stands beside it.
#[derive(Clone, Debug)]
pub struct ShownMovers {
    /// The dimension.
    pub dimension: String,
    /// Which days are compared, or why none are.
    pub said: String,
    /// The largest changes.
    pub lines: Vec<ShownMover>,
    /// The other values, in one row.
    pub rest: Option<ShownMover>,
    /// All of it; nothing where halves cannot be compared.
    pub total: Option<ShownMover>,
}

/// A row of it: months at the pace of each half, to the cent.
#[derive(Clone, Debug, Default)]
pub struct ShownMover {
    /// The value, or words for what stands in its place.
    pub name: String,
    /// At the pace of the first half.
    pub first: Money,
    /// At the pace of the second half.
    pub second: Money,
}

impl ShownMover {
    /// What the second is above the first.
    pub fn change(&self) -> Money {
        difference(self.second, self.first)
    }

    /// The same with its sign.
    pub fn change_words(&self) -> String {
        let change = self.change();
        let sign = if change > Money::ZERO { "+" } else { "" };
        format!("{sign}{}", dollars(change))
    }
}

/// What moved, cut to the `most` largest changes; nothing where nobody asked.
pub fn movers(report: &Report, most: usize, name: ShowName) -> Option<ShownMovers> {
    let found = report.movers.as_ref()?;
    let dimension = name(&found.dimension, LONGEST_NAME);
    let Some([first_half, second_half]) = found.halves else {
        let said = format!("Halves of the period are not compared: {}.", found.why_not.unwrap_or("there are none"));
        return Some(ShownMovers { dimension, said, lines: Vec::new(), rest: None, total: None });
    };
    // Largest changes come first: what did not change by a cent stands behind them, and is no mover.
    let moved = found.rows.iter().take_while(|row| !to_the_cent(row.change).is_zero()).count();
    let (shown, others) = found.rows.split_at(moved.min(most));
    let groups: Vec<&[Mover]> = shown.chunks(1).chain((!others.is_empty()).then_some(others)).collect();
    let column = |of: fn(&Mover) -> Money| {
        // Over all rows, so that none reads otherwise where more of them are shown.
        let parts: Vec<Money> = found.rows.iter().map(of).collect();
        let (shown, total) = shown_parts(&parts, sum(parts.iter().copied()));
        let mut shown = shown.into_iter();
        (groups.iter().map(|rows| sum(shown.by_ref().take(rows.len()))).collect::<Vec<_>>(), total)
    };
    let ((firsts, first), (seconds, second)) = (column(|row| row.first), column(|row| row.second));
    let names = shown
        .iter()
        .map(|row| {
            let is_one_of_several = found.rows.iter().filter(|other| other.value == row.value).count() > 1;
            let shown = |value| value_of(Some(value), row.id.as_deref(), is_one_of_several, name);
            row.value.as_deref().map_or_else(|| "Unallocated".to_owned(), shown)
        })
        .chain((!others.is_empty()).then(|| format!("{} more", others.len())));
    let mut lines: Vec<ShownMover> = names
        .zip(firsts.into_iter().zip(seconds))
        .map(|(name, (first, second))| ShownMover { name, first, second })
        .collect();
    let rest = if others.is_empty() { None } else { lines.pop() };
    Some(ShownMovers {
        dimension,
        said: format!(
            "Each half scaled to a month, weekday by weekday: first {}, second {}.{}",
            half_words(first_half),
            half_words(second_half),
            if moved == 0 { " Nothing changed by a cent." } else { "" }
        ),
        lines,
        rest,
        total: Some(ShownMover { name: "All".to_owned(), first, second }),
    })
}

fn half_words(half: Period) -> String {
    format!("{} – {} ({})", day_words(half.from), day_words(half.to), plural(u64::from(half.days()), "day"))
}
