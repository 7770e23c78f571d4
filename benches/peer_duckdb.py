"""The benchmark's job in DuckDB: LOG → sums by workload, provider, model and verdict; or LOG → a line for each call.

Costs are exact: whole numbers of 10⁻¹² dollars. The rules are those of the policy that `generate policy` writes.
"""

import argparse

import duckdb

TYPES = {
    "request_id": "VARCHAR", "timestamp": "VARCHAR", "provider": "VARCHAR", "model": "VARCHAR", "endpoint": "VARCHAR",
    "api_key_name": "VARCHAR", "project": "VARCHAR", "workload_tag": "VARCHAR", "stream": "BOOLEAN",
    "service_tier": "VARCHAR", "input_tokens": "BIGINT", "cached_input_tokens": "BIGINT", "output_tokens": "BIGINT",
    "latency_ms": "BIGINT", "ttft_ms": "BIGINT", "status": "BIGINT", "cost_usd": "DECIMAL(18,8)",
}
NEEDED = [
    "provider", "model", "workload_tag", "stream", "service_tier", "input_tokens", "cached_input_tokens",
    "output_tokens", "status",
]
VERDICT = """CASE WHEN status >= 400 THEN 'real-time'
    WHEN log.service_tier IN ('batch', 'flex') THEN 'already-batch'
    WHEN workload_tag IN ({waiting}) OR stream THEN 'real-time'
    ELSE 'batch' END"""
COST = "(input_tokens - cached_input_tokens) * input + cached_input_tokens * cached + output_tokens * output"
# No hits are counted on in batch, so all of the prompt is plain input there.
BATCH = "input_tokens * batch_input + output_tokens * batch_output"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job", choices=["report", "classify"])
    parser.add_argument("log")
    parser.add_argument("prices")
    parser.add_argument("waiting", help="file with the workloads for which a person waits, one a line")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--output", default="/dev/stdout")
    given = parser.parse_args()

    with open(given.waiting, encoding="utf-8") as lines:
        names = [line.rstrip("\n").replace("'", "''") for line in lines]
    verdict = VERDICT.format(waiting=", ".join(f"'{name}'" for name in names))
    if ".jsonl" in given.log:
        columns = TYPES if given.job == "classify" else {name: TYPES[name] for name in NEEDED}
        log = f"read_json('{given.log}', format='newline_delimited', auto_detect=false, columns={columns})"
    else:
        log = (
            f"read_csv('{given.log}', auto_detect=false, header=true, delim=',', quote='\"', escape='\"',"
            f" columns={TYPES})"
        )
    tables = f"{log} AS log JOIN price USING (provider, model, service_tier)"
    if given.job == "report":
        query = f"""SELECT workload_tag AS workload, provider, model, {verdict} AS verdict, count(*) AS requests,
            sum(input_tokens) AS input, sum(cached_input_tokens) AS cached, sum(output_tokens) AS output,
            sum({COST}) AS cost, sum({BATCH}) AS batch_cost
            FROM {tables} GROUP BY ALL"""
    else:
        tables = tables.replace(f"{log} AS log", f"(SELECT *, row_number() OVER () + 1 AS row FROM {log}) AS log")
        scale = "0.000000000001::DECIMAL(18,12)"
        query = f"""SELECT 'log.csv' AS file, row, request_id AS id, timestamp AS time,
            provider, model, workload_tag AS workload, 1 AS requests, input_tokens - cached_input_tokens AS input,
            cached_input_tokens AS cache_read, 0 AS cache_write_5m, 0 AS cache_write_1h, output_tokens AS output,
            service_tier AS tier, {verdict} AS verdict, CASE verdict WHEN 'batch' THEN 'confirmed' END AS band,
            CASE verdict WHEN 'batch' THEN 'rule:nobody-waits' WHEN 'already-batch' THEN 'already-batch'
                ELSE 'a-person-waits' END AS reasons,
            ({COST})::DECIMAL(18,0) * {scale} AS cost,
            CASE verdict WHEN 'already-batch' THEN cost ELSE ({BATCH})::DECIMAL(18,0) * {scale} END AS batch_cost,
            CASE verdict WHEN 'batch' THEN cost - batch_cost ELSE 0 END AS saving
            FROM {tables}"""
    database = duckdb.connect()
    database.execute(f"SET threads={given.threads}")
    # Which row comes first is of no interest in sums, and costs memory and time.
    database.execute(f"SET preserve_insertion_order={'true' if given.job == 'classify' else 'false'}")
    database.execute(f"CREATE TEMP TABLE price AS FROM read_csv('{given.prices}', header=true, delim=',')")
    # It knows no size of a log, and left alone it may hash the log instead of the prices: slower, in eight times the memory.
    database.execute("SET disabled_optimizers='join_order,build_side_probe_side'")
    database.execute(f"COPY ({query}) TO '{given.output}' (FORMAT csv, HEADER)")


main()
