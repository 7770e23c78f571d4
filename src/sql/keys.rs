//! By what rows are added up, and what of each is added.

use super::Wanted;
use super::dialect::{Dialect, spell};
use super::rows::{tag_name, tags};
use super::spelled::{Spelled, cut, folded};
use crate::formats::rollup::COLUMNS;
use crate::formats::words::TRUE;
use crate::policy::words::WordList;
use crate::policy::{Fact, Reduction};
use crate::usage::{Field, IdText};

/// A column of the file by which rows are added up.
pub(super) struct KeyColumn {
    /// The statement's name.
    pub(super) name: String,
    /// The file's name.
    pub(super) column: String,
    expression: String,
}

/// Something that is added up.
pub(super) struct Sum {
    /// The column of the file, or the statement's own name.
    pub(super) name: String,
    /// What a row adds.
    adds: String,
}

/// How the names of sums begin that the control row alone states: of rows of usage that leave a count empty, and of those whose
/// id is none, by its kind.
pub(super) const EMPTY: &str = "empty_";
pub(super) const IDS: &str = "ids_";

/// What is added up.
pub(super) fn sums(wanted: &Wanted<'_>, spelled: Spelled) -> Vec<Sum> {
    let of_file = SUMS.into_iter().map(|(column, adds)| {
        let adds = if matches!(column, "rows" | "billed") {
            adds.into()
        } else {
            format!("CASE WHEN {COUNTS} THEN {adds} ELSE 0 END")
        };
        Sum { name: column.to_owned(), adds }
    });
    // Of a row whose output is empty the reader of logs says nothing either.
    let empty_counts = wanted.optional_counts.iter().map(|count| {
        let is_empty = format!("c_fault = '' AND r_output_tokens IS NOT NULL AND r_{count} IS NULL");
        Sum { name: format!("{EMPTY}{count}"), adds: format!("CASE WHEN {is_empty} THEN 1 ELSE 0 END") }
    });
    let ids = IdText::patterns().into_iter().filter(|_| !wanted.unique_ids).map(|(kind, pattern)| {
        let found = spelled.dialect.found(&pattern, &folded("r_request_id"));
        let is_none = format!("c_fault = '' AND r_bucket_end IS NULL AND {found}");
        Sum { name: format!("{IDS}{kind}"), adds: format!("CASE WHEN {is_none} THEN 1 ELSE 0 END") }
    });
    of_file.chain(empty_counts).chain(ids).collect()
}

/// The sums of the file: the column, and what a row that counts adds.
pub(super) const SUMS: [(&str, &str); 10] = [
    ("rows", "1"),
    ("requests", "CASE WHEN r_bucket_end IS NULL THEN COALESCE(r_requests, 1) ELSE r_requests END"),
    ("rows_without_requests", "CASE WHEN r_bucket_end IS NOT NULL AND r_requests IS NULL THEN 1 ELSE 0 END"),
    ("input_tokens", "r_input_tokens - c_read - c_write_5m - c_write_1h"),
    ("cache_read_tokens", "c_read"),
    ("cache_write_5m_tokens", "c_write_5m"),
    ("cache_write_1h_tokens", "c_write_1h"),
    ("output_tokens", "c_output"),
    ("billed", "r_cost_usd"),
    (
        "no_tokens",
        "CASE WHEN r_bucket_end IS NOT NULL AND r_requests > 0 AND r_input_tokens + c_output = 0 THEN 1 ELSE 0 END",
    ),
];

/// Rows of usage, whose facts are kept.
const COUNTS: &str = "c_counts = 1";
/// It is exactly one request.
const ONE_REQUEST: &str = "(r_bucket_end IS NULL AND COALESCE(r_requests, 1) = 1 OR r_bucket_end IS NOT NULL AND COALESCE(r_requests, 0) = 1)";
/// It is a call of its own.
const ONE_CALL: &str = "(r_bucket_end IS NULL AND COALESCE(r_requests, 1) = 1)";

/// The columns by which rows are added up.
pub(super) fn keys(wanted: &Wanted<'_>, spelled: Spelled) -> Vec<KeyColumn> {
    let mut keys = Vec::new();
    let mut key = |column: &str, expression: String| {
        keys.push(KeyColumn { name: format!("k_{}", keys.len()), column: column.to_owned(), expression });
    };
    // What is empty in rows that do not count.
    let counted = |expression: &str| format!("CASE WHEN {COUNTS} THEN COALESCE({expression}, '') ELSE '' END");
    let flag = |condition: &str| counted(&format!("CASE WHEN {condition} THEN '1' ELSE '' END"));
    let day = |number: &str| {
        let (from, to) = (wanted.believed.from.number(), wanted.believed.to.number());
        format!(
            "CASE WHEN c_day >= {from} AND c_last_day <= {to} AND c_fault <> 'time' THEN {} ELSE '' END",
            spell(spelled.dialect.day, number)
        )
    };
    key("fate", "c_fate".to_owned());
    key("day", day("c_day"));
    key(
        "last_day",
        format!("CASE WHEN c_last_day > c_day AND c_fate <> 'not-usage' THEN {} ELSE '' END", day("c_last_day")),
    );
    key("grain", counted("CASE WHEN r_bucket_end IS NULL THEN 'call' ELSE 'bucket' END"));
    key("one_request", flag(ONE_REQUEST));
    for column in ["provider", "model"] {
        key(
            column,
            format!("CASE WHEN {COUNTS} OR c_fate = 'duplicate-no-output' THEN COALESCE(r_{column}, '') ELSE '' END"),
        );
    }
    for column in ["endpoint", "app", "geo", "api_key_name", "project"] {
        key(column, counted(&format!("r_{column}")));
    }
    for (field, column) in [(Field::User, "user"), (Field::EndUser, "end_user"), (Field::Team, "team")] {
        if wanted.needs.texts.contains(&field) {
            key(column, counted(&format!("r_{column}")));
        }
    }
    key(
        "stream",
        counted(&format!(
            "CASE WHEN r_stream IS NULL THEN '' WHEN {} THEN 'true' ELSE 'false' END",
            spelled.one_of("r_stream", &TRUE)
        )),
    );
    key("service_tier", counted("TRIM(r_service_tier)"));
    let outcome = format!(
        "CASE WHEN {} THEN 'gateway-hit' WHEN c_is_failure = 1 OR COALESCE(c_status, 0) >= 400 THEN 'failed' ELSE '' END",
        spelled.one_of("r_gateway_hit", &TRUE)
    );
    key("outcome", counted(&outcome));
    key("kind", counted("'tokens'"));
    let classes =
        ["r_input_tokens - c_read - c_write_5m - c_write_1h", "c_read", "c_write_5m", "c_write_1h", "c_output"];
    let bits =
        classes.iter().enumerate().map(|(bit, count)| format!("CASE WHEN {count} > 0 THEN {} ELSE 0 END", 1 << bit));
    key("classes", counted(&spelled.number(&format!("({})", bits.collect::<Vec<_>>().join(" + ")))));
    key("is_billed", flag("r_cost_usd IS NOT NULL"));
    key("has_ttft", flag("r_ttft_ms > 0"));
    for (column, expression) in cuts(wanted, spelled) {
        key(column, counted(&expression));
    }
    let words = WordList::of(&wanted.needs.words).beginnings();
    let words: Vec<&str> = words.iter().map(String::as_str).chain([r"[^ -~]"]).collect();
    for (at, tag) in tags(wanted.tags).into_iter().enumerate() {
        let name = tag_name(at);
        let kept = if wanted.needs.tags.iter().any(|needed| needed == tag) {
            name
        } else {
            let found = spelled.dialect.found(&format!("({})", words.join("|")), &folded(&name));
            format!("CASE WHEN {found} THEN {name} ELSE '' END")
        };
        // The file has tags by their names alone.
        key(&format!("tag.{tag}"), counted(&kept));
    }
    keys
}

/// Numbers that somebody tests, each as the cut below it.
fn cuts(wanted: &Wanted<'_>, spelled: Spelled) -> Vec<(&'static str, String)> {
    let hour = "(c_hour - 24 * c_day)";
    let in_hour = "c_hour = c_last_hour";
    // The value, and when a row states it.
    let number = |fact: &Fact| match fact {
        Fact::InputTokens => Some(("r_input_tokens", "r_input_tokens IS NOT NULL".to_owned())),
        Fact::OutputTokens => Some(("c_output", ONE_CALL.to_owned())),
        Fact::LatencyMs => Some(("r_latency_ms", format!("{ONE_CALL} AND r_latency_ms IS NOT NULL"))),
        Fact::TtftMs => Some(("r_ttft_ms", format!("{ONE_CALL} AND r_ttft_ms IS NOT NULL"))),
        Fact::Status => Some(("c_status", "c_status IS NOT NULL".to_owned())),
        Fact::Name(_) | Fact::Workload | Fact::Tier | Fact::Stream | Fact::Hour | Fact::Weekday => None,
    };
    let mut columns = Vec::new();
    for (fact, cuts) in &wanted.needs.cuts {
        if let (Reduction::Number(column), Some((value, stated))) = (fact.reduction(), number(fact)) {
            columns.push((column, format!("CASE WHEN {stated} THEN {} ELSE '' END", cut(value, cuts))));
        }
    }
    columns.sort_by_key(|(column, _)| COLUMNS.iter().position(|known| known == column));
    if let Some(cuts) = wanted.needs.cuts.get(&Fact::Hour) {
        let (column, value) =
            if wanted.kept.hours { ("hour", spelled.number(hour)) } else { ("at_hour", cut(hour, cuts)) };
        columns.push((column, format!("CASE WHEN {in_hour} THEN {value} ELSE '' END")));
    }
    columns
}

/// Adds to each row whether its facts are kept.
pub(super) fn counted() -> String {
    "SELECT bw_judged.*, CASE WHEN c_fate IN ('accepted', 'no-output') THEN 1 ELSE 0 END AS c_counts\nFROM bw_judged"
        .to_owned()
}

/// Each row by its keys, with what it adds.
pub(super) fn keyed(keys: &[KeyColumn], sums: &[Sum], spelled: Spelled) -> String {
    let dialect = spelled.dialect;
    let mut selected: Vec<String> =
        keys.iter().map(|KeyColumn { name, expression, .. }| format!("{expression} AS {name}")).collect();
    let user = format!("SUBSTR({}, 1, 16)", spell(dialect.sha256, "COALESCE(r_end_user, '')"));
    // Users of rows that do not count must take no places from those of others.
    selected.push(format!("CASE WHEN {COUNTS} AND r_end_user IS NOT NULL THEN {user} ELSE '' END AS c_user"));
    for Sum { name, adds } in sums {
        let to = if name == "billed" { dialect.amount } else { dialect.sum };
        selected.push(format!("{} AS a_{name}", Dialect::cast(adds, to)));
    }
    format!("SELECT\n  {}\nFROM bw_counted", selected.join(",\n  "))
}
