//! Why rows cannot be counted: the checks of the reader of logs, in its order, under its codes.

use super::Wanted;
use super::spelled::{Spelled, folded};
use crate::formats::words::{FALSE, TRUE, UNDECIDED};
use crate::formats::{IllegalChars, MOST_STATUS, MOST_TOKENS_A_BUCKET, MOST_TOKENS_A_CALL};

/// Characters that are looked at for damage: all that any text is damaged by. NUL stands in no text of most engines.
const LOOKED_AT: std::ops::RangeInclusive<char> = '\u{1}'..='\u{ffff}';

/// What stands for a row that is no usage.
pub(super) const NO_CALL: &str = "no-call";

/// Adds the code of what is wrong with each row, or nothing.
pub(super) fn checked(wanted: &Wanted<'_>, spelled: Spelled) -> String {
    let dialect = spelled.dialect;
    let damaged = |illegal: IllegalChars, texts: &[&str]| {
        let characters = LOOKED_AT.filter(|character| illegal.is_in(character.encode_utf8(&mut [0; 4])));
        let texts: Vec<String> = texts.iter().map(|text| format!("COALESCE({text}, '')")).collect();
        dialect.found(&format!("[{}]", dialect.class(characters)), &format!("({})", texts.join(" || ")))
    };
    let negative =
        |columns: &[&str]| columns.iter().map(|column| format!("r_{column} < 0")).collect::<Vec<_>>().join(" OR ");
    let parts = ["r_cached_input_tokens", "r_cache_write_tokens", "r_cache_write_1h_tokens"];
    let nothing = ["c_read", "c_write_5m", "c_write_1h"].map(|part| format!("{part} = 0")).join(" AND ");
    let most = format!(
        "(CASE WHEN r_bucket_end IS NOT NULL AND r_requests IS NULL THEN {MOST_TOKENS_A_BUCKET} \
         WHEN COALESCE(r_requests, 1) <= 1 THEN {MOST_TOKENS_A_CALL} \
         WHEN r_requests >= {} THEN {} ELSE {MOST_TOKENS_A_CALL} * r_requests END)",
        i64::MAX.unsigned_abs() / MOST_TOKENS_A_CALL,
        i64::MAX
    );
    let implausible = ["r_input_tokens", "r_output_tokens"].iter().chain(&parts);
    let implausible: Vec<String> = implausible.map(|count| format!("{count} > {most}")).collect();
    let known: Vec<&str> = TRUE.into_iter().chain(FALSE).collect();
    let days = wanted.believed;
    let checks = [
        ("missing", "r_timestamp IS NULL".to_owned()),
        ("time", "r_bucket_end <= r_timestamp".to_owned()),
        (NO_CALL, format!("r_model IS NULL AND r_input_tokens = 0 AND r_output_tokens = 0 AND {nothing}")),
        ("damaged", damaged(IllegalChars::Breaks, &["r_request_id"])),
        ("damaged", damaged(IllegalChars::Separators, &["r_provider", "r_model", "r_geo", "r_service_tier"])),
        ("number", "r_no_amount = 1".to_owned()),
        ("negative", negative(&["requests", "input_tokens"])),
        ("missing", "r_input_tokens IS NULL".to_owned()),
        (
            "negative",
            negative(&["output_tokens", "cached_input_tokens", "cache_write_tokens", "cache_write_1h_tokens"]),
        ),
        ("implausible", implausible.join(" OR ")),
        ("tokens", "c_read > r_input_tokens".to_owned()),
        ("tokens", "c_write_5m > r_input_tokens - c_read".to_owned()),
        ("tokens", "c_write_1h > r_input_tokens - c_read - c_write_5m".to_owned()),
        (
            "number",
            "r_requests = 0 AND (r_input_tokens + c_output > 0 OR r_cost_usd <> 0) \
             OR r_requests > 1 AND r_requests > r_input_tokens + c_output \
             AND (r_bucket_end IS NULL OR r_input_tokens + c_output > 0)"
                .to_owned(),
        ),
        ("missing", "r_model IS NULL".to_owned()),
        ("negative", dialect.found("^-[0-9]", "r_status")),
        (
            "number",
            format!(
                "{} OR r_status IS NOT NULL AND c_status IS NULL AND c_is_failure = 0 AND c_is_success = 0 AND NOT ({})",
                dialect.found(&format!("^0*[1-9][0-9]{{{},}}$", MOST_STATUS.ilog10() + 1), "r_status"),
                spelled.one_of(&folded("r_status"), &UNDECIDED)
            ),
        ),
        ("boolean", format!("r_stream IS NOT NULL AND NOT ({})", spelled.one_of("r_stream", &known))),
        ("negative", negative(&["latency_ms", "ttft_ms"])),
        (
            "period",
            format!(
                "c_day < {from} OR c_day > {to} OR c_last_day > {to}",
                from = days.from.number(),
                to = days.to.number()
            ),
        ),
    ];
    let whens: Vec<String> = checks.iter().map(|(code, when)| format!("WHEN {when} THEN '{code}'")).collect();
    format!("SELECT bw_read.*, CASE\n  {}\n  ELSE '' END AS c_fault\nFROM bw_read", whens.join("\n  "))
}
