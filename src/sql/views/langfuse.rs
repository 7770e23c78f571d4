//! `observations` and `traces` of Langfuse in `ClickHouse`.

use super::{MappedView, View};
use crate::formats::mapping::TargetField;
use crate::sql::spelled::Spelled;

pub(super) const VIEW: View = View {
    name: "langfuse-clickhouse",
    dialect: "clickhouse",
    mapping: "langfuse",
    format: "langfuse-jsonl",
    tags: &[],
    path,
    derived: &[("latency", latency), ("timeToFirstToken", ttft)],
    inner: &[],
    all: "calls.*, `trace_name`, `trace_user_id`",
    tag,
    rows,
    times: [|_| "`start_time`".to_owned(), |_| "CAST(NULL AS Nullable(DateTime64(6, 'UTC')))".to_owned()],
};

/// The keys of an export, by the columns that they come from.
const COLUMNS: [(&str, &str); 9] = [
    ("id", "`id`"),
    ("model", "`provided_model_name`"),
    ("projectId", "`project_id`"),
    ("userId", "`trace_user_id`"),
    ("traceName", "`trace_name`"),
    ("completionStartTime", "`completion_start_time`"),
    ("level", "`level`"),
    ("type", "`type`"),
    ("totalCost", "`total_cost`"),
];

/// A key of an export as text.
fn path(spelled: Spelled, path: &str) -> String {
    let text = |what: &str| format!("CAST({what} AS Nullable(String))");
    if let Some(key) = path.strip_prefix("usageDetails > ") {
        let key = spelled.literal(key);
        return format!("if(mapContains(`usage_details`, {key}), toString(`usage_details`[{key}]), NULL)");
    }
    COLUMNS.iter().find(|(key, _)| *key == path).map_or_else(|| text("NULL"), |(_, column)| text(column))
}

fn milliseconds(to: &str) -> String {
    format!(
        "CAST(if(`{to}` IS NULL, NULL, toUnixTimestamp64Milli(CAST(`{to}` AS Nullable(DateTime64(3)))) - \
         toUnixTimestamp64Milli(CAST(`start_time` AS DateTime64(3)))) AS Nullable(Int64))"
    )
}

fn latency(_: &MappedView<'_>) -> String {
    milliseconds("end_time")
}

fn ttft(_: &MappedView<'_>) -> String {
    milliseconds("completion_start_time")
}

/// Names of traces name workloads; other tags are keys of an observation's metadata.
fn tag(mapped: &MappedView<'_>, name: &str) -> String {
    if let Some((_, key)) = mapped.mapping.tags.named.0.iter().find(|(known, _)| known == name) {
        return mapped.filled(key);
    }
    let key = mapped.spelled.literal(name);
    format!("NULLIF(CAST(`metadata`[{key}] AS Nullable(String)), '')")
}

/// Spans and events have no usage. What failed or is not over and has no tokens is no usage either.
fn rows(mapped: &MappedView<'_>) -> String {
    let stated: Vec<String> = mapped
        .mapping
        .blank_if_empty
        .iter()
        .filter(|path| mapped.stands(path))
        .map(|path| format!("{} IS NOT NULL", mapped.filled(path)))
        .collect();
    let kinds = mapped.mapping.call_if.iter().map(|rule| {
        let values: Vec<&str> = rule.values.iter().map(String::as_str).collect();
        mapped.spelled.one_of(&mapped.filled(&rule.column), &values)
    });
    let is_call: Vec<String> = stated.iter().cloned().chain(kinds).collect();
    let counts = "arraySum(mapValues(`usage_details`)) > 0";
    format!(
        "FROM `observations` AS calls FINAL\nLEFT JOIN (\n  SELECT `id` AS `trace_key`, `project_id` AS `trace_project`, \
         `name` AS `trace_name`, `user_id` AS `trace_user_id` FROM `traces` FINAL WHERE `is_deleted` = 0\n) AS names\n  \
         ON names.`trace_key` = calls.`trace_id` AND names.`trace_project` = calls.`project_id`\n\
         WHERE calls.`is_deleted` = 0 AND ({}) AND ({counts} OR {} IS DISTINCT FROM 'error')",
        is_call.join(" OR "),
        mapped.text(TargetField::Status),
    )
}
