//! Rows that engines are known to see differently, in a statement of their own, and what it must find.
//!
//! Role: the proof for an engine that the project does not run. The rows, the policy and the prices never change with the
//! built-in ones, so that what is found is one known file.

use std::collections::BTreeMap;

use super::columns::{COLUMNS, ColumnType, STATUS};
use super::dialect::{Dialect, spell};

/// The rows, in the own per-call format.
pub const ROWS: &str = include_str!("self_test/rows.csv");
/// The policy of the statement.
pub const POLICY: &str = include_str!("self_test/policy.yaml");
/// Its prices.
pub const PRICES: &str = include_str!("self_test/prices.yaml");
/// What the statement finds.
const EXPECTED: &str = include_str!("self_test/expected.csv");

/// The name of the rows in the statement.
pub(super) const TABLE: &str = "bw_self_test";
/// Columns of the rows.
type Table = (Vec<String>, Vec<Vec<String>>);

/// Why a result is not the expected one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It cannot be read.
    Unreadable(String),
    /// A line that it lacks.
    Lacks(String),
    /// A line that it should not have.
    Extra(String),
}

fn table(text: &str) -> Result<Table, csv::Error> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names = reader.headers()?.iter().map(ToOwned::to_owned).collect();
    let rows = reader.records().map(|record| Ok(record?.iter().map(ToOwned::to_owned).collect()));
    Ok((names, rows.collect::<Result<_, csv::Error>>()?))
}

/// The tags of the rows.
pub fn tags() -> Vec<String> {
    let (names, _) = table(ROWS).unwrap_or_default();
    names.iter().filter_map(|name| name.strip_prefix("tag.").map(ToOwned::to_owned)).collect()
}

/// The rows as a SELECT, which needs no table.
pub(super) fn rows(dialect: &'static Dialect) -> String {
    let (names, rows) = table(ROWS).unwrap_or_default();
    let typed = |at: usize, name: &str| {
        let text = format!("NULLIF(c_{at}, '')");
        let column_type =
            COLUMNS.iter().find(|(known, _)| *known == name).map_or(ColumnType::Text, |(_, column_type)| *column_type);
        let value = match column_type {
            ColumnType::Text => text,
            ColumnType::Integer => Dialect::cast(&text, dialect.integer),
            ColumnType::Amount => Dialect::cast(&text, dialect.float),
            ColumnType::Boolean => Dialect::cast(&text, dialect.boolean),
            ColumnType::Time => spell(dialect.of_micros, &Dialect::cast(&text, dialect.integer)),
        };
        let name = if name == STATUS { STATUS } else { name };
        format!("{value} AS {}", dialect.name(name))
    };
    let columns: Vec<String> = names.iter().enumerate().map(|(at, name)| typed(at, name)).collect();
    let lines: Vec<String> = rows
        .iter()
        .enumerate()
        .map(|(row, cells)| {
            let cells = cells.iter().zip(&names).enumerate().map(|(at, (cell, name))| {
                let is_time =
                    COLUMNS.iter().any(|(known, column_type)| known == name && *column_type == ColumnType::Time);
                let micros =
                    || crate::calendar::Moment::parse(cell).map_or(String::new(), |time| time.micros().to_string());
                let text = literal(dialect, &if is_time && !cell.is_empty() { micros() } else { cell.clone() });
                if row == 0 { format!("{text} AS c_{at}") } else { text }
            });
            format!("SELECT {}", cells.collect::<Vec<_>>().join(", "))
        })
        .collect();
    format!("SELECT\n  {}\nFROM (\n{}\n) AS bw_texts", columns.join(",\n  "), lines.join("\nUNION ALL "))
}

/// A text in which what cannot be seen is named by its number.
fn literal(dialect: &Dialect, text: &str) -> String {
    let mut pieces = Vec::new();
    let is_hidden = |character: char| character.is_ascii_control();
    for piece in text.split_inclusive(is_hidden) {
        pieces.push(dialect.literal(piece.trim_end_matches(is_hidden)));
        if let Some(hidden) = piece.chars().last().filter(|last| is_hidden(*last)) {
            pieces.push(spell(dialect.character, &u32::from(hidden).to_string()));
        }
    }
    if pieces.is_empty() { "''".to_owned() } else { pieces.join(" || ") }
}

/// Lines of a result, each as many times as it is there, in whatever order its columns stand.
fn lines(text: &str) -> Result<BTreeMap<String, u64>, csv::Error> {
    let (names, rows) = table(text.trim_start_matches('\u{feff}'))?;
    let mut lines = BTreeMap::new();
    for row in rows {
        let mut cells: Vec<(&String, &String)> = names.iter().zip(&row).filter(|(_, cell)| !cell.is_empty()).collect();
        cells.sort_unstable();
        let cells = cells.into_iter().map(|(name, cell)| format!("{name}={cell:?}"));
        *lines.entry(cells.collect::<Vec<_>>().join(" ")).or_default() += 1;
    }
    Ok(lines)
}

/// How many lines a result has, if it is what the statement must find.
pub fn check(result: &str) -> Result<u64, Difference> {
    let unreadable = |error: csv::Error| Difference::Unreadable(error.to_string());
    let (wanted, found) = (lines(EXPECTED).map_err(unreadable)?, lines(result).map_err(unreadable)?);
    if let Some((line, _)) = wanted.iter().find(|(line, times)| found.get(*line).is_none_or(|found| found < times)) {
        return Err(Difference::Lacks(line.clone()));
    }
    match found.iter().find(|(line, times)| wanted.get(*line) != Some(times)) {
        Some((line, _)) => Err(Difference::Extra(line.clone())),
        None => Ok(found.values().sum()),
    }
}
