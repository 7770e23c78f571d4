//! The last steps: rows are added up, and the lines and control rows of the file written.

use super::About;
use super::dialect::{Dialect, spell};
use super::keys::{EMPTY, IDS, KeyColumn, SUMS, Sum};
use super::spelled::Spelled;
use crate::formats::rollup::{DIGITS, HashedColumns};
use crate::rollup::EndUsers;

/// How what is said of an input begins.
const NO_LINES: &str = "{\"lines\":0";

fn names(keys: &[KeyColumn]) -> String {
    keys.iter().map(|key| key.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// The digits of a hash that count, as a number.
fn digits(hash: &str, spelled: Spelled) -> String {
    let digits = format!("translate(SUBSTR({hash}, 1, {DIGITS}), 'abcdef', '012345')");
    Dialect::cast(&digits, spelled.dialect.sum)
}

/// The checksum of cells that are not empty: of columns that are hashed, each with its cell.
fn checksum<'c>(cells: impl Iterator<Item = (&'c str, String)>, spelled: Spelled) -> String {
    let parts = cells.map(|(column, cell)| {
        let begin = spelled.literal(&format!("{column}="));
        format!("CASE WHEN {cell} = '' THEN '' ELSE {begin} || {cell} || {} END", spelled.separator())
    });
    digits(&spell(spelled.dialect.sha256, &parts.collect::<Vec<_>>().join(" || ")), spelled)
}

/// What adds up: by key and end user, then by key alone, each end user with its place among those of the key; with all
/// lines added up to one, so that what the control row says is of the same scan.
pub(super) fn steps(keys: &[KeyColumn], sums: &[Sum], spelled: Spelled) -> Vec<(&'static str, String)> {
    let names = names(keys);
    let columns: Vec<String> = keys.iter().map(|key| key.column.clone()).collect();
    let hashed = HashedColumns::keys(&columns);
    let of_line = checksum(hashed.iter().map(|(at, column)| (column, keys[at].name.clone())), spelled);
    let sums = |from: &str, to: &str| {
        sums.iter()
            .map(|Sum { name, .. }| format!("SUM({from}_{name}) AS {to}_{name}"))
            .collect::<Vec<_>>()
            .join(",\n  ")
    };
    let users = format!("SELECT {names}, c_user,\n  {}\nFROM bw_keyed\nGROUP BY {names}, c_user", sums("a", "b"));
    let ranked = format!(
        "SELECT bw_users.*,\n  ROW_NUMBER() OVER (PARTITION BY {names} \
         ORDER BY CASE WHEN c_user = '' THEN 1 ELSE 0 END, c_user) AS c_place\nFROM bw_users"
    );
    let places = (1..=EndUsers::MANY)
        .map(|place| format!("MAX(CASE WHEN c_place = {place} THEN c_user ELSE '' END) AS c_user_{place}"));
    let lines = format!(
        "SELECT {names},\n  {},\n  {},\n  SUM(CASE WHEN c_place = 1 THEN 1 ELSE 0 END) AS c_lines,\n  \
         SUM(CASE WHEN c_place = 1 THEN {of_line} ELSE 0 END) AS c_of_lines,\n  \
         SUM(CASE WHEN c_place <= {} AND c_user <> '' THEN {} ELSE 0 END) AS c_of_users\n\
         FROM bw_ranked\nGROUP BY GROUPING SETS (({names}), ())",
        places.collect::<Vec<_>>().join(",\n  "),
        sums("b", "s"),
        EndUsers::MANY,
        digits("c_user", spelled),
    );
    vec![("bw_users", users), ("bw_ranked", ranked), ("bw_lines", lines)]
}

/// What is said of the input: how many lines it has, what their cells come to, how many of its rows are odd in which way,
/// and the rest, which is known before.
fn of_input(sums: &[Sum], of_sums: &str, rest: &str, spelled: Spelled) -> String {
    let of_lines = format!("(COALESCE(c_of_lines, 0) + COALESCE(c_of_users, 0) + {of_sums})");
    let mut pieces = Vec::new();
    let mut tell = |before: &str, number: &str| pieces.extend([spelled.literal(before), spelled.number(number)]);
    tell(NO_LINES.trim_end_matches('0'), "COALESCE(c_lines, 0)");
    tell(",\"checksum\":", &of_lines);
    let mut end = "";
    for (kind, begin, behind) in [(EMPTY, ",\"lacking\":{\"empty\":{", "}}"), (IDS, ",\"ids\":{", "}")] {
        let mut before = format!("{end}{begin}");
        for (key, sum) in sums.iter().filter_map(|sum| Some((sum.name.strip_prefix(kind)?, &sum.name))) {
            tell(&format!("{before}\"{key}\":"), &format!("COALESCE(s_{sum}, 0)"));
            (before, end) = (",".to_owned(), behind);
        }
    }
    pieces.push(spelled.literal(&format!("{end}{}", rest.strip_prefix(NO_LINES).unwrap_or("}"))));
    pieces.join(" || ")
}

/// Lines of the file that stand for no rows: what it is, and what its input comes to.
const CONTROL_ROWS: u32 = 2;

/// How many lines the file would have, and of how many rows.
pub(super) fn count(spelled: Spelled) -> String {
    let count = |what: &str, more: u32| spelled.number(&format!("COALESCE({what}, 0) + {more}"));
    format!(
        "SELECT {} AS {}, {} AS {}\nFROM bw_ranked",
        count("SUM(CASE WHEN c_place = 1 THEN 1 ELSE 0 END)", CONTROL_ROWS),
        spelled.dialect.name("lines"),
        count("SUM(b_rows)", 0),
        spelled.dialect.name("rows"),
    )
}

/// The lines of the file, with its control rows.
pub(super) fn lines(
    columns: &[String],
    (keys, sums): (&[KeyColumn], &[Sum]),
    spelled: Spelled,
    about: About<'_>,
) -> String {
    let dialect = spelled.dialect;
    let is_total = format!("COALESCE({}, '') = ''", keys[0].name);
    let sum = |column: &str| match column {
        "rows" => spelled.number("COALESCE(s_rows, 0)"),
        "billed" => {
            format!("CASE WHEN COALESCE(s_billed, 0) = 0 THEN '' ELSE {} END", spell(dialect.plain_amount, "s_billed"))
        }
        column if SUMS.iter().any(|(sum, _)| *sum == column) => {
            format!("CASE WHEN COALESCE(s_{column}, 0) = 0 THEN '' ELSE {} END", spelled.number(&format!("s_{column}")))
        }
        _ => "''".to_owned(),
    };
    let of_sums = || {
        let columns = SUMS.map(|(column, _)| column.to_owned());
        let hashed = HashedColumns::sums(&columns);
        checksum(hashed.iter().map(|(_, column)| (column, format!("({})", sum(column)))), spelled)
    };
    let line = |column: &str| {
        if column == "fate" {
            return format!("CASE WHEN {is_total} THEN 'control' ELSE {} END", keys[0].name);
        }
        if let Some(key) = keys.iter().find(|key| key.column == column) {
            return format!("COALESCE({}, '')", key.name);
        }
        match column {
            "input" => "'1'".to_owned(),
            "end_users" => {
                let users = (1..=EndUsers::MANY).map(|place| format!("c_user_{place}")).collect::<Vec<_>>();
                format!("CASE WHEN {is_total} THEN '' ELSE TRIM({}) END", users.join(" || ' ' || "))
            }
            "about" => {
                let about = of_input(sums, &of_sums(), about.of_input, spelled);
                format!("CASE WHEN {is_total} THEN {about} ELSE '' END")
            }
            column => sum(column),
        }
    };
    let of_file = |column: &str| match column {
        "fate" => "'control'".to_owned(),
        "rows" => "'0'".to_owned(),
        "about" => spelled.literal(about.of_file),
        _ => "''".to_owned(),
    };
    let selected: Vec<String> =
        columns.iter().map(|column| format!("{} AS {}", line(column), dialect.name(column))).collect();
    let control: Vec<String> = columns.iter().map(|column| of_file(column)).collect();
    format!("SELECT\n  {}\nFROM bw_lines\nUNION ALL SELECT {}", selected.join(",\n  "), control.join(", "))
}
