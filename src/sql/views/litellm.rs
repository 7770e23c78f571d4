//! `LiteLLM_SpendLogs` in `PostgreSQL`.

use super::{MappedView, View};
use crate::formats::STREAMED_FROM_MICROS;
use crate::formats::mapping::TargetField;
use crate::sql::dialect::Dialect;
use crate::sql::spelled::Spelled;

const IS_BATCH: &str = "bw_is_batch";
const IS_STREAMED: &str = "bw_is_streamed";
const TABLE: &str = "\"LiteLLM_SpendLogs\"";

pub(super) const VIEW: View = View {
    name: "litellm-postgres",
    dialect: "postgres",
    mapping: "litellm",
    format: "litellm-csv",
    tags: &["request_tag", "request_tag_2", "request_tag_3"],
    path,
    derived: &[
        ("@batch_id", batch_id),
        ("@model", model),
        ("@app", |_| "bw_agent".to_owned()),
        ("@stream", stream),
        ("@fast", fast),
        ("@latency_ms", latency),
        ("@ttft_ms", ttft),
    ],
    inner: &[(IS_BATCH, is_batch), (IS_STREAMED, is_streamed), ("bw_agent", agent)],
    all: "\"LiteLLM_SpendLogs\".*",
    tag,
    rows,
    times: [|_| "\"startTime\"".to_owned(), |_| format!("CASE WHEN {IS_BATCH} THEN \"endTime\" END")],
};

/// What logging payloads have and the table has not.
const NO_COLUMNS: [&str; 6] = ["id", "trace_id", "response_cost", "stream", "hidden_params", "model_parameters"];

/// `metadata > usage_object > prompt_tokens` as text.
fn path(spelled: Spelled, path: &str) -> String {
    let column = path.split(" > ").next().unwrap_or(path);
    match path.split_once(" > ") {
        _ if NO_COLUMNS.contains(&column) => Dialect::cast("NULL", spelled.dialect.text),
        None => format!("CAST({} AS TEXT)", spelled.dialect.name(path)),
        Some((column, keys)) => {
            format!(
                "({} #>> {})",
                spelled.dialect.name(column),
                spelled.literal(&format!("{{{}}}", keys.replace(" > ", ",")))
            )
        }
    }
}

/// One row stands for all calls of a batch.
fn is_batch(mapped: &MappedView<'_>) -> String {
    format!("COALESCE({} = 'true', FALSE)", mapped.text(TargetField::Batch))
}

fn micros(from: &str, to: &str) -> String {
    format!("CAST(extract(epoch FROM \"{to}\" - \"{from}\") * 1000000 AS BIGINT)")
}

/// Each poll of a batch is logged under an id of its own.
fn batch_id(mapped: &MappedView<'_>) -> String {
    format!("CASE WHEN {IS_BATCH} THEN {} END", mapped.filled("response > id"))
}

/// Without the provider before it.
fn model(mapped: &MappedView<'_>) -> String {
    let (model, provider) = (mapped.filled("model"), format!("COALESCE({}, '')", mapped.place("custom_llm_provider")));
    format!(
        "CASE WHEN left({model}, length({provider}) + 1) = {provider} || '/' THEN substr({model}, length({provider}) + 2) \
         ELSE {model} END"
    )
}

/// Whether it was asked for as a stream; else a first chunk before the end tells it.
fn is_streamed(mapped: &MappedView<'_>) -> String {
    let rest = micros("completionStartTime", "endTime");
    format!(
        "COALESCE({} = 'true', CASE WHEN {rest} >= 0 THEN {rest} > {STREAMED_FROM_MICROS} END)",
        mapped.filled("proxy_server_request > stream")
    )
}

fn stream(_: &MappedView<'_>) -> String {
    format!("CASE WHEN NOT {IS_BATCH} THEN CAST({IS_STREAMED} AS TEXT) END")
}

fn ttft(_: &MappedView<'_>) -> String {
    let first = micros("startTime", "completionStartTime");
    format!("CASE WHEN NOT {IS_BATCH} AND {IS_STREAMED} AND {first} >= 0 THEN CAST({first} / 1000 AS TEXT) END")
}

/// The two times of a batch frame the polling, not a call.
fn latency(mapped: &MappedView<'_>) -> String {
    let all = micros("startTime", "endTime");
    format!(
        "COALESCE({}, CASE WHEN NOT {IS_BATCH} AND {all} >= 0 THEN CAST({all} / 1000 AS TEXT) END)",
        mapped.filled("request_duration_ms")
    )
}

fn fast(mapped: &MappedView<'_>) -> String {
    let speeds = ["metadata > usage_object > speed", "metadata > additional_usage_values > speed"];
    let speeds = speeds.map(|path| format!("{} = 'fast'", mapped.place(path))).join(" OR ");
    format!("CASE WHEN {speeds} THEN 'fast' END")
}

/// Something of the tags of a request, by a condition on `tag`.
fn of_tags(what: &str, condition: &str, order: &str) -> String {
    format!(
        "(SELECT {what} FROM jsonb_array_elements_text(CASE WHEN jsonb_typeof(\"request_tags\") = 'array' \
         THEN \"request_tags\" END) WITH ORDINALITY AS tags (tag, place) WHERE {condition} ORDER BY {order})"
    )
}

/// The product of the last `User-Agent: product/version`.
fn agent(_: &MappedView<'_>) -> String {
    of_tags("split_part(substr(tag, 13), '/', 1)", "tag LIKE 'User-Agent: %'", "place DESC LIMIT 1")
}

/// `request_tag` and its like are plain tags by their place; others `key:value` tags, or the caller's own metadata.
fn tag(mapped: &MappedView<'_>, name: &str) -> String {
    let is_plain = "tag NOT LIKE 'User-Agent: %' AND tag !~ '[:=]'";
    let place = match name.strip_prefix("request_tag") {
        Some("") => Some(1),
        Some(rest) => rest.strip_prefix('_').and_then(|number| number.parse::<u32>().ok()).filter(|number| *number > 1),
        None => None,
    };
    if let Some(place) = place {
        return format!("NULLIF({}, '')", of_tags("tag", is_plain, &format!("place OFFSET {} LIMIT 1", place - 1)));
    }
    let named = of_tags(
        "trim(substr(tag, length(substring(tag FROM '^[^:=]*')) + 2))",
        &format!(
            "tag NOT LIKE 'User-Agent: %' AND tag ~ '[:=]' AND trim(substring(tag FROM '^[^:=]*')) = {}",
            mapped.spelled.literal(name)
        ),
        "place LIMIT 1",
    );
    let own = format!("\"metadata\" #> ARRAY['spend_logs_metadata', {}]", mapped.spelled.literal(name));
    let own = format!("CASE WHEN jsonb_typeof({own}) IN ('string', 'number', 'boolean') THEN {own} #>> '{{}}' END");
    format!("COALESCE(NULLIF({named}, ''), NULLIF({own}, ''))")
}

/// A batch is logged at each poll: its last telling counts. What a tool was called for is no call of a model.
fn rows(mapped: &MappedView<'_>) -> String {
    let no_usage: Vec<String> =
        mapped.mapping.not_usage_if.iter().map(|path| format!("{} IS NULL", mapped.filled(path))).collect();
    let id = mapped.filled("response > id");
    format!(
        "FROM {TABLE}\nWHERE {}\n  AND \"request_id\" NOT IN (\n    SELECT \"request_id\" FROM (\n      \
         SELECT \"request_id\", ROW_NUMBER() OVER (PARTITION BY \"custom_llm_provider\", {id} ORDER BY \"completion_tokens\" DESC, \
         \"prompt_tokens\" DESC, \"startTime\" DESC, \"request_id\" DESC) AS poll\n      FROM {TABLE} WHERE {} AND {id} IS NOT NULL\n    \
         ) AS polls WHERE poll > 1\n  )",
        no_usage.join(" AND "),
        is_batch(mapped),
    )
}
