//! The first steps: the columns of a row under names of the statement's own, and what they say.

use super::Wanted;
use super::columns::{COLUMNS, ColumnType, GATEWAY_HIT, STATUS, of_tag};
use super::dialect::{Dialect, spell};
use super::spelled::{Spelled, folded};
use crate::formats::words::{FAILED, SUCCEEDED};

/// A day in microseconds.
pub(super) const DAY: u64 = 86_400_000_000;
/// An hour in microseconds.
pub(super) const HOUR: u64 = 3_600_000_000;

/// The column of amounts.
const AMOUNT: &str = "cost_usd";
/// No row bills as much, in USD.
const MOST_BILLED: u64 = 1_000_000_000_000_000;

/// Whether a number is an amount: neither NaN nor infinite, which compare in one way or another in every engine.
fn is_amount(name: &str) -> String {
    format!("{name} BETWEEN -{MOST_BILLED} AND {MOST_BILLED}")
}

/// The tags that rows have: the one that is always there, and those that were named, in order.
pub fn tags(named: &[String]) -> Vec<&str> {
    let mut tags: Vec<&str> = named.iter().map(String::as_str).chain(["workload"]).collect();
    tags.sort_unstable();
    tags.dedup();
    tags
}

/// The statement's name of a tag, by its position.
pub(super) fn tag_name(position: usize) -> String {
    format!("r_tag_{position}")
}

/// The columns of the table, as texts that are not empty and numbers.
pub(super) fn rows(wanted: &Wanted<'_>, spelled: Spelled, table: &str) -> String {
    let dialect = spelled.dialect;
    let is_there = |column: &str| wanted.columns.is_none_or(|known| known.iter().any(|name| name == column));
    let column = |column: &str, column_type: ColumnType| {
        let name = dialect.name(column);
        match (is_there(column), column_type) {
            (false, ColumnType::Text | ColumnType::Boolean) => Dialect::cast("NULL", dialect.text),
            (false, ColumnType::Time | ColumnType::Integer) => Dialect::cast("NULL", dialect.integer),
            (false, ColumnType::Amount) => Dialect::cast("NULL", dialect.amount),
            (true, ColumnType::Text) => spelled.text(&name),
            (true, ColumnType::Boolean) => folded(&format!("TRIM({})", spelled.text(&name))),
            (true, ColumnType::Time) => spell(dialect.micros, &name),
            (true, ColumnType::Integer) => Dialect::cast(&name, dialect.integer),
            (true, ColumnType::Amount) => {
                format!("CASE WHEN {} THEN {} END", is_amount(&name), spell(dialect.as_amount, &name))
            }
        }
    };
    let columns = COLUMNS.into_iter().filter(|(name, _)| *name != "workload_tag");
    let mut selected: Vec<String> =
        columns.map(|(name, column_type)| format!("{} AS r_{name}", column(name, column_type))).collect();
    // What is no amount, such as the NaN of a floating-point number, is a fault, and stops no engine.
    selected.push(if is_there(AMOUNT) {
        let name = dialect.name(AMOUNT);
        format!("CASE WHEN {name} IS NOT NULL AND NOT ({}) THEN 1 ELSE 0 END AS r_no_amount", is_amount(&name))
    } else {
        "0 AS r_no_amount".to_owned()
    });
    selected.push(if is_there(STATUS) {
        format!("NULLIF(TRIM({}), '') AS r_{STATUS}", spelled.text(&dialect.name(STATUS)))
    } else {
        format!("{} AS r_{STATUS}", Dialect::cast("NULL", dialect.text))
    });
    selected.push(if wanted.gateway_hits {
        format!("{} AS r_gateway_hit", column(GATEWAY_HIT, ColumnType::Boolean))
    } else {
        format!("{} AS r_gateway_hit", Dialect::cast("NULL", dialect.text))
    });
    for (position, tag) in tags(wanted.tags).into_iter().enumerate() {
        // What was named as a tag is there, whatever was named as a column.
        let is_named = wanted.tags.iter().any(|named| named == tag);
        let text =
            |name: &str| if is_named { spelled.text(&dialect.name(name)) } else { column(name, ColumnType::Text) };
        selected.push(format!("{} AS {}", text(&of_tag(tag)), tag_name(position)));
    }
    format!("SELECT\n  {}\nFROM {table}", selected.join(",\n  "))
}

/// What of them is worked out once: the status, the last moment, days and hours.
pub(super) fn read(spelled: Spelled) -> String {
    let dialect = spelled.dialect;
    let number = format!(
        "CASE WHEN {} THEN {} END",
        dialect.found("^[0-9]+( |$)", "r_status"),
        spell(dialect.parsed, &spell(dialect.first_word, "r_status"))
    );
    let status = folded("r_status");
    let last = "CASE WHEN r_bucket_end IS NULL OR r_bucket_end - 1000000 < r_timestamp THEN r_timestamp \
                ELSE r_bucket_end - 1000000 END";
    let selected = [
        "bw_rows.*".to_owned(),
        format!("{number} AS c_status"),
        format!("CASE WHEN {} THEN 1 ELSE 0 END AS c_is_failure", spelled.one_of(&status, &FAILED)),
        format!("CASE WHEN {} THEN 1 ELSE 0 END AS c_is_success", spelled.one_of(&status, &SUCCEEDED)),
        format!("{} AS c_day", dialect.parts("r_timestamp", DAY)),
        format!("{} AS c_hour", dialect.parts("r_timestamp", HOUR)),
        format!("{} AS c_last_day", dialect.parts(&format!("({last})"), DAY)),
        format!("{} AS c_last_hour", dialect.parts(&format!("({last})"), HOUR)),
        "COALESCE(r_cached_input_tokens, 0) AS c_read".to_owned(),
        "COALESCE(r_cache_write_tokens, 0) AS c_write_5m".to_owned(),
        "COALESCE(r_cache_write_1h_tokens, 0) AS c_write_1h".to_owned(),
        "COALESCE(r_output_tokens, 0) AS c_output".to_owned(),
    ];
    format!("SELECT\n  {}\nFROM bw_rows", selected.join(",\n  "))
}
