//! Which of several occurrences of one call counts, and what becomes of each row.

use super::Wanted;
use super::faults::NO_CALL;
use super::rows::{tag_name, tags};
use super::spelled::{Spelled, folded};
use crate::formats::words::TRUE;
use crate::input::rank::{CANONICAL, Said};
use crate::usage::{Field, IdText};

/// Rows that state no output and did not fail: whether they must is for the price table to say.
const LACKS_OUTPUT: &str = "r_output_tokens IS NULL AND c_is_failure = 0 AND COALESCE(c_status, 0) < 400";

/// The steps that number the occurrences of each call, the one that counts first.
pub(super) fn steps(wanted: &Wanted<'_>, spelled: Spelled) -> Vec<(&'static str, String)> {
    let flag = format!("CASE WHEN {LACKS_OUTPUT} THEN 1 ELSE 0 END AS c_lacks_output");
    if wanted.unique_ids {
        return vec![("bw_occurrences", format!("SELECT bw_checked.*, {flag} FROM bw_checked"))];
    }
    let identified = format!(
        "SELECT bw_checked.*, {flag},\n  {} AS c_identity,\n  {} AS c_provider\nFROM bw_checked",
        identity(wanted, spelled),
        provider(wanted, spelled)
    );
    let order = ["c_lacks_output", "c_output DESC", "r_input_tokens DESC", "r_timestamp DESC"].map(str::to_owned);
    let order = [&order[..], &[format!("{} DESC", canonical(wanted, spelled))]].concat();
    let numbered = format!(
        "SELECT bw_identified.*,\n  ROW_NUMBER() OVER (PARTITION BY c_identity, c_provider ORDER BY {}) AS c_occurrence,\n  \
         MIN(c_provider) OVER (PARTITION BY c_identity) AS c_lowest,\n  \
         MAX(c_provider) OVER (PARTITION BY c_identity) AS c_highest\nFROM bw_identified",
        order.join(", ")
    );
    vec![("bw_identified", identified), ("bw_occurrences", numbered)]
}

/// The statement's name of a text.
fn name_of(field: Field) -> &'static str {
    match field {
        Field::RequestId => "r_request_id",
        Field::Provider => "r_provider",
        Field::Model => "r_model",
        Field::Endpoint => "r_endpoint",
        Field::ApiKey => "r_api_key_name",
        Field::Project => "r_project",
        Field::User => "r_user",
        Field::EndUser => "r_end_user",
        Field::Team => "r_team",
        Field::App => "r_app",
        Field::Session => "r_session_id",
        Field::Geo => "r_geo",
    }
}

/// What a row is known again by. Rows that are known by nothing, and so never the same, are spread by their time: engines
/// take rows with one identity to one place.
fn identity(wanted: &Wanted<'_>, spelled: Spelled) -> String {
    let text = |column: &str| format!("COALESCE({column}, '')");
    let number = |column: &str| format!("COALESCE({}, '')", spelled.number(column));
    let mut bucket = vec!["'bucket'".to_owned(), number("r_timestamp"), number("r_bucket_end")];
    let names = Field::ALL.into_iter().filter(|field| *field != Field::RequestId).map(name_of);
    bucket.extend(names.chain(["r_service_tier", "r_stream"]).map(text));
    bucket.push(number("c_status"));
    bucket.push(number("c_is_failure"));
    bucket.extend((0..tags(wanted.tags).len()).map(|at| text(&tag_name(at))));
    let no_id = spelled.dialect.found(&IdText::pattern(), &folded("r_request_id"));
    format!(
        "CASE WHEN c_fault <> '' THEN {nobody} WHEN r_bucket_end IS NOT NULL THEN {bucket} \
         WHEN r_request_id IS NULL OR {no_id} THEN {nobody} ELSE {call} END",
        nobody = spelled.joined(&["'nothing'".to_owned(), number("r_timestamp")]),
        bucket = spelled.joined(&bucket),
        call = spelled.joined(&["'call'".to_owned(), "r_request_id".to_owned()]),
    )
}

/// The provider that a row names, by its own name. A row that names none is of whichever has its model, so that the model
/// stands for it.
fn provider(wanted: &Wanted<'_>, spelled: Spelled) -> String {
    let folded = folded("r_provider");
    let whens = wanted.providers.iter().map(|(name, aliases)| {
        let aliases: Vec<&str> = aliases.iter().map(String::as_str).collect();
        format!("WHEN {} THEN {}", spelled.one_of(&folded, &aliases), spelled.literal(name))
    });
    let whens: Vec<String> = whens.collect();
    let known = if whens.is_empty() {
        "r_provider".to_owned()
    } else {
        format!("CASE {} ELSE r_provider END", whens.join(" "))
    };
    super::dialect::spell(
        spelled.dialect.bytewise,
        &format!(
            "(CASE WHEN r_provider IS NULL THEN {} || COALESCE(r_model, '') ELSE {known} END)",
            spelled.separator()
        ),
    )
}

/// One text for all that a row says, in the order of the reader of logs.
fn canonical(wanted: &Wanted<'_>, spelled: Spelled) -> String {
    let text = |column: &str| format!("COALESCE({column}, '')");
    let number = |column: &str| format!("COALESCE({}, '')", spelled.number(column));
    let said = |said: Said| match said {
        Said::Text(field) => Some(text(name_of(field))),
        // Rows are ordered by it already, and those of a bucket agree in both.
        Said::Start | Said::End => None,
        Said::Requests => {
            let (of_call, of_bucket) =
                (format!("COALESCE({}, '1')", spelled.number("r_requests")), number("r_requests"));
            Some(format!("CASE WHEN r_bucket_end IS NULL THEN {of_call} ELSE {of_bucket} END"))
        }
        Said::Stream => Some(format!(
            "CASE WHEN r_stream IS NULL THEN '' WHEN {} THEN 'true' ELSE 'false' END",
            spelled.one_of("r_stream", &TRUE)
        )),
        Said::Tier => Some(text("r_service_tier")),
        Said::Quantity => Some(
            ["r_input_tokens - c_read - c_write_5m - c_write_1h", "c_read", "c_write_5m", "c_write_1h", "c_output"]
                .map(|count| format!("COALESCE({}, '')", spelled.number(count)))
                .join(" || ', ' || "),
        ),
        Said::LatencyMs => Some(number("r_latency_ms")),
        Said::TtftMs => Some(number("r_ttft_ms")),
        Said::Status => Some(number("c_status")),
        Said::Billed => Some(number("r_cost_usd")),
    };
    let parts: Vec<String> = CANONICAL.into_iter().filter_map(said).collect();
    let mut names: Vec<(String, usize)> =
        tags(wanted.tags).into_iter().enumerate().map(|(at, tag)| (format!("{tag}="), at)).collect();
    names.sort_unstable();
    let tags = names.into_iter().map(|(name, at)| {
        let (column, name) = (tag_name(at), spelled.literal(&name));
        format!(" || CASE WHEN {column} IS NULL THEN '' ELSE {} || {name} || {column} END", spelled.separator())
    });
    let canonical = spelled.joined(&parts) + &tags.collect::<String>();
    super::dialect::spell(spelled.dialect.bytewise, &format!("(CASE WHEN c_fault = '' THEN {canonical} ELSE '' END)"))
}

/// Adds what becomes of each row.
pub(super) fn judged(wanted: &Wanted<'_>, spelled: Spelled) -> String {
    let mut whens = vec![
        format!("WHEN c_fault = '{NO_CALL}' THEN 'not-usage'"),
        "WHEN c_fault <> '' THEN 'rejected:' || c_fault".to_owned(),
    ];
    if !wanted.unique_ids {
        whens.push(format!(
            "WHEN c_lowest <> c_highest AND SUBSTR(c_lowest, 1, 1) = {} AND SUBSTR(c_identity, 1, 4) = 'call' \
             THEN 'rejected:provider-unclear'",
            spelled.separator()
        ));
        whens.push(
            "WHEN c_occurrence > 1 AND r_bucket_end IS NOT NULL OR c_occurrence > 1 AND SUBSTR(c_identity, 1, 4) = 'call' \
             THEN CASE WHEN c_lacks_output = 1 THEN 'duplicate-no-output' ELSE 'duplicate' END"
                .to_owned(),
        );
    }
    whens.push("WHEN c_lacks_output = 1 THEN 'no-output'".to_owned());
    let days = [(wanted.period.from, "<"), (wanted.period.to, ">")];
    let outside = days.into_iter().filter_map(|(day, sign)| Some(format!("c_day {sign} {}", day?.number())));
    let outside: Vec<String> = outside.collect();
    if !outside.is_empty() {
        whens.push(format!("WHEN {} THEN 'outside'", outside.join(" OR ")));
    }
    format!(
        "SELECT bw_occurrences.*, CASE\n  {}\n  ELSE 'accepted' END AS c_fate\nFROM bw_occurrences",
        whens.join("\n  ")
    )
}
