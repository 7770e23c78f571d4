//! What grew and what shrank between the halves of the period.

use super::ColumnType::{Figure, Text as Words};
use super::{Cell, Column, LONGEST_NAME, Precision, Row, Section, Table, Text, name, showback, text};
use crate::calendar::Period;
use crate::money::Money;
use crate::report::words::{day_words, plural, sum, to_the_cent};
use crate::report::{Mover, Report};

/// The largest changes; nothing where nobody asked.
pub fn movers(report: &Report, most: usize) -> Option<Section> {
    let found = report.movers.as_ref()?;
    let dimension = || name(&found.dimension, LONGEST_NAME);
    let section = Section::new("movers", text!("What grew and what shrank, by ", dimension()));
    let Some([first, second]) = found.halves else {
        let why_not = found.why_not.unwrap_or("there are none");
        return Some(section.paragraph(format!("Halves of the period are not compared: {why_not}.")));
    };
    // Largest changes come first: what did not change by a cent stands behind them, and is no mover.
    let moved = found.rows.iter().take_while(|row| !to_the_cent(row.change).is_zero()).count();
    let columns = [("First half", Figure), ("Second half", Figure), ("Change", Figure)].map(Column::from);
    let table = Table::new(std::iter::once(Column::from((dimension(), Words))).chain(columns));
    let repeated = showback::repeated(found.rows.iter().map(|row| row.value.as_deref()));
    let row = |row: &Mover| {
        let value = showback::value_of(row.value.as_deref(), row.id.as_deref(), &repeated);
        cells(value, [row.first, row.second, row.change])
    };
    let mut table = table.rows(found.rows.iter().map(row), moved.min(most));
    if !found.rows.is_empty() {
        let all = |of: fn(&Mover) -> Money| sum(found.rows.iter().map(of));
        let amounts = [all(|row| row.first), all(|row| row.second), all(|row| row.change)];
        table.total = Some(cells("All".into(), amounts));
    }
    let nothing = if moved == 0 { " Nothing changed by a cent." } else { "" };
    let said = format!(
        "Each half scaled to a month, weekday by weekday: first {}, second {}.{nothing}",
        words(first),
        words(second)
    );
    Some(section.paragraph(said).table(table))
}

fn cells(value: Text, [first, second, change]: [Money; 3]) -> Row {
    Row::new([Cell::Text(value), Cell::cents(first), Cell::cents(second), Cell::Change(change, Precision::Cents)])
}

fn words(half: Period) -> String {
    format!("{} – {} ({})", day_words(half.from), day_words(half.to), plural(u64::from(half.days()), "day"))
}
