"""Tables of vendors as their public schemas have them, filled from the fixtures of their formats, with an export beside them.

Sources: BerriAI/litellm, `schema.prisma`, model LiteLLM_SpendLogs; langfuse/langfuse,
`packages/shared/clickhouse/migrations/unclustered/` up to 0031, tables `traces` and `observations` (2026-11).
"""

import csv
import datetime
import io
import json
import pathlib

FIXTURES = pathlib.Path(__file__).resolve().parent.parent.parent / "fixtures" / "formats"

SPEND_LOGS = {
    "request_id": "TEXT PRIMARY KEY", "call_type": "TEXT NOT NULL", "api_key": "TEXT NOT NULL DEFAULT ''",
    "spend": "DOUBLE PRECISION NOT NULL DEFAULT 0", "total_tokens": "INTEGER NOT NULL DEFAULT 0",
    "prompt_tokens": "INTEGER NOT NULL DEFAULT 0", "completion_tokens": "INTEGER NOT NULL DEFAULT 0",
    "startTime": "TIMESTAMP(3) NOT NULL", "endTime": "TIMESTAMP(3) NOT NULL", "request_duration_ms": "INTEGER",
    "completionStartTime": "TIMESTAMP(3)", "model": "TEXT NOT NULL DEFAULT ''", "model_id": "TEXT DEFAULT ''",
    "model_group": "TEXT DEFAULT ''", "custom_llm_provider": "TEXT DEFAULT ''", "api_base": "TEXT DEFAULT ''",
    "user": "TEXT DEFAULT ''", "metadata": "JSONB DEFAULT '{}'", "cache_hit": "TEXT DEFAULT ''",
    "cache_key": "TEXT DEFAULT ''", "request_tags": "JSONB DEFAULT '[]'", "team_id": "TEXT", "organization_id": "TEXT",
    "end_user": "TEXT", "requester_ip_address": "TEXT", "messages": "JSONB DEFAULT '{}'", "response": "JSONB DEFAULT '{}'",
    "session_id": "TEXT", "status": "TEXT", "mcp_namespaced_tool_name": "TEXT", "agent_id": "TEXT",
    "proxy_server_request": "JSONB DEFAULT '{}'",
}


def spend_log(**values):
    """A row beside those of the fixture."""
    usual = {
        "call_type": "acompletion", "startTime": "2026-10-07 09:00:00.000", "endTime": "2026-10-07 09:00:02.500",
        "completionStartTime": "2026-10-07 09:00:02.500", "model": "gpt-5.4", "custom_llm_provider": "openai", "status": "success",
        "total_tokens": "1100", "prompt_tokens": "1000", "completion_tokens": "100", "spend": "0.0031", "metadata": "{}",
    }
    return usual | values


MORE_SPEND_LOGS = [
    spend_log(request_id="more-1", model="openai/gpt-5.4", request_tags='["nightly", "job:weekly", "team = data", "second"]'),
    spend_log(request_id="more-2", metadata='{"spend_logs_metadata": {"job": "reindex"}, "user_api_key_team_alias": "web"}',
              proxy_server_request='{"stream": true}', completionStartTime="2026-10-07 09:00:00.400"),
    # Two lifetimes of cache writes, told apart, and a part of them.
    spend_log(request_id="more-3", model="claude-sonnet-4-6", custom_llm_provider="anthropic", metadata=json.dumps({"usage_object": {
        "prompt_tokens": 1000, "completion_tokens": 100, "cache_creation_input_tokens": 500, "cache_read_input_tokens": 100,
        "cache_creation": {"ephemeral_5m_input_tokens": 300, "ephemeral_1h_input_tokens": 200}}})),
    spend_log(request_id="more-4", model="claude-sonnet-4-6", custom_llm_provider="anthropic", metadata=json.dumps({"usage_object": {
        "cache_creation_input_tokens": 500, "cache_creation": {"ephemeral_1h_input_tokens": 200}, "service_tier": "standard_only",
        "inference_geo": "us"}})),
    # Reasoning outside the output, as the total tells.
    spend_log(request_id="more-5", total_tokens="1150", metadata='{"usage_object": {"completion_tokens_details": {"reasoning_tokens": 50}}}'),
    spend_log(request_id="more-6", metadata='{"usage_object": {"speed": "fast", "service_tier": "default"}}', request_duration_ms="77"),
    spend_log(request_id="more-7", metadata='{"usage_object": {"service_tier": "flex"}}'),
    # Polls of one batch.
    *[spend_log(request_id=f"poll-{poll}", call_type="aretrieve_batch", response='{"id": "batch-1"}', prompt_tokens=str(100 * poll),
                total_tokens=str(100 * poll + 100), startTime=f"2026-10-07 1{poll}:00:00.000", endTime=f"2026-10-07 1{poll}:00:01.000")
      for poll in range(3)],
]


def litellm(engine, folder):
    """Fills the table, and writes it out as its users do. The export."""
    columns = ", ".join(f'"{name}" {kind}' for name, kind in SPEND_LOGS.items())
    engine.psql(text=f'DROP TABLE IF EXISTS "LiteLLM_SpendLogs" CASCADE; CREATE TABLE "LiteLLM_SpendLogs" ({columns});')
    with open(FIXTURES / "litellm-csv" / "good.csv", newline="", encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    known = {row["request_id"]: row for row in reversed([*found, *MORE_SPEND_LOGS])}
    for row in known.values():
        names = [name for name in SPEND_LOGS if row.get(name)]
        values = ", ".join("'" + row[name].replace("'", "''") + "'" for name in names)
        columns = ", ".join(f'"{name}"' for name in names)
        engine.psql(text=f'INSERT INTO "LiteLLM_SpendLogs" ({columns}) VALUES ({values});')
    path = engine.folder / "spend.csv"
    engine.psql("--command", f"\\copy \"LiteLLM_SpendLogs\" TO '{path}' CSV HEADER")
    target = folder / "litellm.csv"
    target.write_bytes(path.read_bytes())
    return target


TRACES = """CREATE TABLE traces (`id` String, `timestamp` DateTime64(3), `name` String, `user_id` Nullable(String),
    `metadata` Map(LowCardinality(String), String), `release` Nullable(String), `version` Nullable(String), `project_id` String,
    `public` Bool, `bookmarked` Bool, `tags` Array(String), `input` Nullable(String), `output` Nullable(String),
    `session_id` Nullable(String), `created_at` DateTime64(3) DEFAULT now(), `updated_at` DateTime64(3) DEFAULT now(),
    `event_ts` DateTime64(3), `is_deleted` UInt8)
    ENGINE = ReplacingMergeTree(event_ts, is_deleted) PARTITION BY toYYYYMM(timestamp)
    PRIMARY KEY (project_id, toDate(timestamp)) ORDER BY (project_id, toDate(timestamp), id)"""
OBSERVATIONS = """CREATE TABLE observations (`id` String, `trace_id` String, `project_id` String, `type` LowCardinality(String),
    `parent_observation_id` Nullable(String), `start_time` DateTime64(3), `end_time` Nullable(DateTime64(3)), `name` String,
    `metadata` Map(LowCardinality(String), String), `level` LowCardinality(String), `status_message` Nullable(String),
    `version` Nullable(String), `input` Nullable(String), `output` Nullable(String), `provided_model_name` Nullable(String),
    `internal_model_id` Nullable(String), `model_parameters` Nullable(String),
    `provided_usage_details` Map(LowCardinality(String), UInt64), `usage_details` Map(LowCardinality(String), UInt64),
    `provided_cost_details` Map(LowCardinality(String), Decimal64(12)), `cost_details` Map(LowCardinality(String), Decimal64(12)),
    `total_cost` Nullable(Decimal64(12)), `usage_pricing_tier_id` Nullable(String), `usage_pricing_tier_name` Nullable(String),
    `completion_start_time` Nullable(DateTime64(3)), `prompt_id` Nullable(String), `prompt_name` Nullable(String),
    `prompt_version` Nullable(UInt16), `created_at` DateTime64(3) DEFAULT now(), `updated_at` DateTime64(3) DEFAULT now(),
    `event_ts` DateTime64(3), `is_deleted` UInt8)
    ENGINE = ReplacingMergeTree(event_ts, is_deleted) PARTITION BY toYYYYMM(start_time)
    PRIMARY KEY (project_id, `type`, toDate(start_time)) ORDER BY (project_id, `type`, toDate(start_time), id)"""


def observation(number, **values):
    """One beside those of the fixture."""
    usual = {
        "id": f"more-{number}", "traceId": f"trace-more-{number}", "startTime": "2026-10-09T09:00:00.250Z", "endTime": "2026-10-09T09:00:04Z",
        "projectId": "proj-invented", "type": "GENERATION", "level": "DEFAULT", "model": "gpt-4o-mini", "completionStartTime": None,
        "usageDetails": {}, "totalCost": None, "traceName": "more", "userId": None,
    }
    return usual | values


MORE_OBSERVATIONS = [
    # What a vendor answered, logged as it is: parts are inside their wholes, as the total tells.
    observation(1, usageDetails={"prompt_tokens": 1000, "cached_tokens": 400, "completion_tokens": 200, "reasoning_tokens": 150, "total_tokens": 1200}),
    observation(2, usageDetails={"input": 1000, "input_cached_tokens": 400, "output": 200, "output_reasoning_tokens": 150}),
    observation(3, usageDetails={"input_tokens": 10, "output_tokens": 5}, level="ERROR"),
    observation(4, usageDetails={}, level="ERROR"),
    observation(5, usageDetails={"input": 10}, type="SPAN"),
    observation(6, usageDetails={"input": 0, "input_tokens": 70, "output": 7}, completionStartTime="2026-10-09T09:00:01Z", userId="u-1"),
]


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def langfuse(engine, folder):
    """Fills the tables, and writes their observations out as the vendor does. The export."""
    for name, statement in [("traces", TRACES), ("observations", OBSERVATIONS)]:
        engine.execute(f"DROP TABLE IF EXISTS {name}")
        engine.execute(statement)
    with open(FIXTURES / "langfuse-jsonl" / "good.jsonl", encoding="utf-8") as file:
        found = [json.loads(line) for line in file]
    known = {row["id"]: row for row in reversed([*found, *MORE_OBSERVATIONS])}
    observations, traces, export = io.StringIO(), io.StringIO(), io.StringIO()
    for row in known.values():
        start, first = moment(row["startTime"]), row["completionStartTime"]
        row["latency"] = (moment(row["endTime"]) - start).total_seconds()
        row["timeToFirstToken"] = (moment(first) - start).total_seconds() if first else None
        print(json.dumps(row), file=export)
        told = {
            "id": row["id"], "trace_id": row["traceId"], "project_id": row["projectId"], "type": row["type"],
            "start_time": row["startTime"], "end_time": row["endTime"], "level": row["level"], "provided_model_name": row["model"],
            "usage_details": row["usageDetails"], "total_cost": row["totalCost"], "completion_start_time": first,
            "event_ts": row["endTime"], "is_deleted": 0,
        }
        # What was written before, and what counts of both: an engine merges them some time.
        print(json.dumps(told | {"usage_details": {}, "event_ts": row["startTime"]}), file=observations)
        print(json.dumps(told), file=observations)
        print(json.dumps({"id": row["traceId"], "timestamp": row["startTime"], "name": row["traceName"] or "",
                          "user_id": row["userId"], "project_id": row["projectId"], "event_ts": row["startTime"], "is_deleted": 0}), file=traces)
    for name, rows in [("observations", observations), ("traces", traces)]:
        path = folder / f"{name}.jsonl"
        path.write_text(rows.getvalue(), encoding="utf-8")
        engine.execute(f"INSERT INTO {name} SELECT * FROM file('{path}', JSONEachRow) SETTINGS date_time_input_format = 'best_effort', "
                       "use_structure_from_insertion_table_in_table_functions = 1, input_format_skip_unknown_fields = 1")
    target = folder / "langfuse.jsonl"
    target.write_text(export.getvalue(), encoding="utf-8")
    return target


VIEWS = {
    "postgres": [("litellm-postgres", litellm, "litellm-csv", ["job", "team"])],
    "chdb": [("langfuse-clickhouse", langfuse, "langfuse-jsonl", [])],
}
