"""Rows of the own per-call format, typed: a drawn log, and one of everything that engines and readers may see differently."""

import csv
import datetime
import math
import random
from decimal import Decimal

TEXT, TIME, INTEGER, BOOLEAN, AMOUNT = "text", "time", "integer", "boolean", "amount"
COLUMNS = {
    "request_id": TEXT, "timestamp": TIME, "bucket_end": TIME, "requests": INTEGER, "provider": TEXT, "model": TEXT,
    "endpoint": TEXT, "api_key_name": TEXT, "project": TEXT, "user": TEXT, "end_user": TEXT, "team": TEXT, "app": TEXT,
    "session_id": TEXT, "workload_tag": TEXT, "stream": BOOLEAN, "service_tier": TEXT, "geo": TEXT,
    "input_tokens": INTEGER, "cached_input_tokens": INTEGER, "cache_write_tokens": INTEGER,
    "cache_write_1h_tokens": INTEGER, "output_tokens": INTEGER, "latency_ms": INTEGER, "ttft_ms": INTEGER,
    "status": TEXT, "cost_usd": AMOUNT, "tag.job": TEXT, "tag.batch": TEXT, "tag.max_wait": TEXT, "tag.feature": TEXT,
}
TAGS = [name.removeprefix("tag.") for name in COLUMNS if name.startswith("tag.")]
UTC = datetime.timezone.utc

POLICY = """
schema: 1
rules:
  - {id: night, when: {hour: {from: 22, to: 5}, project: "crm*"}, then: batch}
  - {id: weekend, when: {weekday: [sat, sun], tag.feature: "*sort*"}, then: batch}
  - {id: long, when: {input_tokens: {above: 4000}, output_tokens: {below: 900}, team: "data*"}, then: ask}
  - {id: slow, when: {latency_ms: {above: 20000}}, then: batch}
  - {id: quick, when: {ttft_ms: {above: 0, below: 300}}, then: real-time}
  - {id: retried, when: {status: [200, 429], user: "svc-*"}, then: ask}
  - {id: refused, when: {status: "4??"}, then: real-time}
limits: {min_requests: 0, small_saving: 0}
"""


def row(**values):
    """A row with nothing but what is given."""
    assert set(values) <= set(COLUMNS), values
    return {name: values.get(name) for name in COLUMNS}


def at(text):
    return datetime.datetime.fromisoformat(text).replace(tzinfo=UTC)


def drawn(count, seed):
    """A log of calls as gateways write them, and some rows as they should not."""
    draw = random.Random(seed)
    models = [
        ("openai", "gpt-5.4"), ("openai", "gpt-5-mini"), ("OpenAI", "gpt-5-mini-2026-01-05"), (None, "claude-opus-4-6"),
        ("anthropic", "claude-haiku-4-5"), ("google", "gemini-2.5-pro"), ("openai", "text-embedding-3-small"),
        ("mistral", "mistral-large-latest"), ("acme", "acme-1"), (None, "no-such-model"),
    ]
    start = at("2026-09-01 00:00:00")
    rows = []
    for number in range(count):
        provider, model = draw.choice(models)
        time = start + datetime.timedelta(microseconds=draw.randrange(61 * 86_400_000_000))
        embeds = "embedding" in model
        prompt = draw.choice([draw.randrange(50, 6000), draw.randrange(50, 6000), draw.randrange(90_000, 300_000)])
        cached = draw.choice([0, 0, None, draw.randrange(0, prompt + 1)])
        written = draw.choice([None, 0, draw.randrange(0, prompt - (cached or 0) + 1)]) if draw.random() < 0.2 else None
        output = None if embeds else draw.randrange(1, 4000)
        stream = draw.choice([True, False, None])
        call = row(
            request_id=f"r-{number}" if draw.random() < 0.95 else None, timestamp=time, provider=provider, model=model,
            endpoint=draw.choice(["/v1/chat/completions", "/v1/responses", "chat", None]) if not embeds else "/v1/embeddings",
            api_key_name=draw.choice(["etl", "web", "ci"]), project=draw.choice(["crm-eu", "search", None]),
            user=draw.choice(["svc-a", "ann", None]), team=draw.choice(["data", "web", None]),
            end_user=f"u{draw.randrange(9)}" if draw.random() < 0.2 else None,
            app=draw.choice(["batcher", "desk", None, None]), session_id=draw.choice([None, "s1"]),
            workload_tag=draw.choice(["nightly-eval", "supportChat", "classify", None, "x"]), stream=stream,
            service_tier=draw.choice([None, "default", "auto", "flex", "batch", "priority", "fast", "odd"])
            if draw.random() < 0.2 else None,
            geo=draw.choice(["us", "eu"]) if draw.random() < 0.1 else None,
            input_tokens=prompt, cached_input_tokens=cached, cache_write_tokens=written,
            output_tokens=output, latency_ms=draw.choice([None, draw.randrange(90, 40_000)]),
            ttft_ms=draw.randrange(0, 900) if stream else None,
            status=draw.choice(["200"] * 8 + ["429", "500", None]),
            cost_usd=Decimal(draw.randrange(1, 10**9)).scaleb(-9) if draw.random() < 0.7 else None,
        )
        if draw.random() < 0.3:
            call["tag.job"] = draw.choice(["reindex", "live", "weekly report"])
        if draw.random() < 0.1:
            call["tag.batch"] = draw.choice(["true", "false", "TRUE", "maybe"])
        if draw.random() < 0.1:
            call["tag.max_wait"] = draw.choice(["24h", "5m", "2d", "soon"])
        if draw.random() < 0.2:
            call["tag.feature"] = draw.choice(["sorting", "resort", "Backfill", "chatbot", "f1", "f2", "f3"])
        rows.append(call)
        luck = draw.random()
        if luck < 0.01:
            rows.append(dict(call))
        elif luck < 0.02:
            rows.append(call | {"output_tokens": (output or 0) + draw.choice([0, 0, 5]), "latency_ms": 7})
        elif luck < 0.025:
            rows.append(call | {"request_id": None, "input_tokens": draw.choice([None, -5, 2_000_000_000])})
        elif luck < 0.03:
            rows.append(call | {"request_id": None, "timestamp": None})
        elif luck < 0.035:
            rows.append(call | {"request_id": None, "cached_input_tokens": prompt + 1})
        elif luck < 0.04:
            rows.append(call | {"request_id": None, "output_tokens": None})
        elif luck < 0.045:
            rows.append(call | {"request_id": None, "bucket_end": time + datetime.timedelta(hours=1), "requests": draw.choice([None, 1, 40])})
    draw.shuffle(rows)
    return rows


def nasty(short=False):
    """Rows that engines and readers are known to see differently, each kind with rows beside it that must stay apart; a
    short one has some 200, for the self-test."""
    rows = []
    count = iter(range(10_000))
    time = at("2026-10-03 12:00:00")

    def add(**values):
        usual = {
            "request_id": f"n-{next(count)}", "timestamp": time, "provider": "openai", "model": "gpt-5-mini",
            "input_tokens": 1000, "cache_write_1h_tokens": 0, "output_tokens": 10, "status": "200",
        }
        rows.append(row(**(usual | values)))

    # Texts that differ in case, blanks, accents, composition or what cannot be seen.
    for text in ["Ab", "ab", "AB", "ab ", " ab", "\u00e9", "e\u0301", "\u212a", "k", "K", "\u017f", "a\u00a0b", "a\tb",
                 "a\nb", "a\x01b", "a\x1fb", "a\x7fb", 'a"b', "a,b", "a'b", "a\\b", "a\\nb", "NULL", "\\N", "nan", "\u2028",
                 "\U0001f600", "%", "_", "$1", "a--b", "", None, "\ufffd", "\u00df", "\u0130", "\u0131"]:
        if short:
            add(project=text, **{"tag.feature": text}, end_user=text)
            continue
        add(project=text)
        add(app=text, api_key_name=text)
        add(**{"tag.feature": text, "workload_tag": text})
        add(end_user=text, user=text, team=text)
    # Humps, and words behind other characters.
    for text in ["nightlyEval", "NIGHTLYEval", "evalHTMLReport", "supportChat", "support\u2011chat", "liveCHAT2", "reindeX",
                 "re\u0131ndex", "b\u00e1tch", "\u212aeyword", "kEYWORD", "chat\u00e9", "back-fill", "back fill"]:
        add(**{"tag.feature": text})
        if not short:
            add(**{"tag.job": text})
            add(project=text, model="claude-haiku-4-5", provider=None)
    # Amounts between floating point and decimal, and what is none.
    for amount in [1e-7, 1e-10, 12345678.9, 0.1, 0.30000000000000004, 0.0068511, 1.0, 0.0, 123456.789012, 1e15, 5e-324 * 0]:
        add(cost_usd=amount, workload_tag="amounts")
    if not short:
        for amount in [1e-20, math.nan, math.inf, -math.inf]:
            add(cost_usd=amount, workload_tag="amounts")
        # Days that the log covers by rows that do not count.
        add(timestamp=at("2026-11-20 01:00:00"), model=None, input_tokens=0, output_tokens=0)
        add(timestamp=at("2026-11-21 01:00:00"), bucket_end=at("2026-11-29 01:00:00"), model=None, input_tokens=0, output_tokens=0)
        add(timestamp=at("2026-11-23 01:00:00"), output_tokens=None)
        add(timestamp=at("2026-11-25 01:00:00"), input_tokens=-1)
    # Sums beyond 64 bits, of buckets.
    for hour in range(3):
        add(timestamp=at(f"2026-10-05 0{hour}:00:00"), bucket_end=at(f"2026-10-05 0{hour + 1}:00:00"), requests=9_000_000_000,
            input_tokens=3_200_000_000_000_000_000, output_tokens=5, request_id=None, status=None)
    # Buckets told twice, across midnight, with other numbers, and without requests.
    for requests, output in [(5, 10), (5, 10), (6, 10), (None, 11)]:
        add(timestamp=at("2026-10-06 23:00:00"), bucket_end=at("2026-10-07 01:00:00"), requests=requests, output_tokens=output)
    # One bucket of equal rank in two ways, of which the one with the later id counts.
    for id, cached in [("q", None), ("r", 100), (None, 50)]:
        add(timestamp=at("2026-10-08 01:00:00"), bucket_end=at("2026-10-08 02:00:00"), requests=3, request_id=id,
            cached_input_tokens=cached)
    # Requests of a call, up to one a token and beyond.
    for requests, tokens in [(2, 1), (3, 2), (3, 3), (1_000_000_000, 105)]:
        add(requests=requests, input_tokens=tokens, output_tokens=0)
    for hour, (requests, tokens) in enumerate([(0, 0), (0, 1), (1, 0), (2, 1), (1_000_000_000, 0)]):
        add(timestamp=at(f"2026-10-09 0{hour}:00:00"), bucket_end=at(f"2026-10-09 0{hour + 1}:00:00"), requests=requests,
            input_tokens=tokens, output_tokens=0)
    add(requests=0, input_tokens=0, output_tokens=0, cost_usd=0.5)
    add(timestamp=at("2026-10-06 23:00:00"), bucket_end=at("2026-10-07 00:00:00"), requests=1)
    add(timestamp=at("2026-10-06 23:59:59.5"), bucket_end=at("2026-10-07 00:00:00"), requests=1)
    add(timestamp=at("2026-10-06 23:00:00"), bucket_end=at("2026-10-06 23:00:00"))
    # Equal ids: equal rows, other numbers, equal rank, other providers, none.
    for values in [{}, {}, {"output_tokens": 11}, {"output_tokens": 11, "latency_ms": 9}, {"output_tokens": 11, "latency_ms": 10},
                   {"provider": "OPENAI"}, {"provider": "anthropic"}, {"provider": "azure_openai"}]:
        add(request_id="same", **values)
    for app in ["x", "x\x01", "x ", "X", None]:
        add(request_id="rank", app=app, cost_usd=0.1)
    for cost in [0.1, 0.15, 1.0, 10.0, 1.5, None]:
        add(request_id="cost", cost_usd=cost)
    for model in ["claude-haiku-4-5", "claude-haiku-4-5", "claude-opus-4-6"]:
        add(request_id="alone" if model.endswith("5") else "other", provider=None, model=model)
    # What stands for no id.
    for text in ["none", "None", " NULL ", "0", "0", "-", "--", "n/a", "#REF!", "#N/A", "####", "1.5E+10", "15e+3", "7302e914",
                 "00000000-0000-0000-0000-000000000000", "{}", "[ ]", "\\N", "unknown", "undefinedx"]:
        for _ in range(1 if short and text != "0" else 2):
            add(request_id=text)
    # Damaged ids and words.
    add(request_id='a"b')
    add(request_id="a\u0085b")
    for column in ["model"] if short else ["provider", "model", "geo", "service_tier"]:
        for text in ["a;b", "a|b", "us,", 'u"s', "a\nb"]:
            add(**{column: text})
    # Hours and days, where zones differ.
    for text in ["2026-10-01 23:59:59.999999", "2026-10-02 00:00:00", "2026-10-02 03:59:59", "2026-10-02 04:00:00",
                 "2026-10-25 05:59:59", "2026-11-01 05:30:00", "2026-11-01 06:30:00", "2026-02-28 23:59:59", "2026-03-08 07:30:00"]:
        add(timestamp=at(text), project="crm-hours")
    for hour in range(0, 24, 4 if short else 1):
        add(timestamp=at(f"2026-10-10 {hour:02}:30:00"), project="crm-hours")
    add(timestamp=at("2019-12-31 23:59:59"))
    add(timestamp=at("1969-12-31 23:59:59"))
    add(timestamp=at("2099-01-01 00:00:00"))
    # A prompt, an output, durations and a status at a cut and beside it.
    for cut in [4001, 200_000] if short else [0, 4000, 4001, 100_000, 100_001, 200_000, 200_001, 272_000, 272_001]:
        for prompt in {max(cut - 1, 0), cut, cut + 1}:
            add(input_tokens=prompt, team="data", provider="google", model="gemini-2.5-pro")
            add(input_tokens=prompt, cached_input_tokens=prompt // 2, cache_write_tokens=prompt - prompt // 2)
    for number in [0, 1, 299, 300, 900] if short else [0, 1, 299, 300, 301, 899, 900, 901, 20_000, 20_001]:
        add(ttft_ms=number, latency_ms=number, output_tokens=number, team="data", input_tokens=5000)
    for status in ["200", "201", "199", "399", "400", "429", "430", "200 OK", "success", "FAILED", "error", "abc", "-1", "", None, " 500 "]:
        add(status=status, user="svc-x")
        if not short:
            add(status=status, user="svc-x", output_tokens=None)
    # No model and nothing counted is no call; with something counted it is a fault.
    add(model=None, input_tokens=0, output_tokens=0)
    add(model="", input_tokens=1)
    add(model=None, input_tokens=0, output_tokens=None)
    # No output: of embeddings, of chats, told twice.
    for model in ["text-embedding-3-small", "gpt-5-mini"]:
        add(model=model, output_tokens=None)
        add(model=model, output_tokens=None, request_id="silent-" + model)
        add(model=model, output_tokens=None, request_id="silent-" + model)
    # Parts above their whole, one by one and together.
    for parts in [(1001, 0, 0), (500, 501, 0), (500, 250, 251), (500, 250, 250), (None, None, 1000), (-1, 0, 0)]:
        add(cached_input_tokens=parts[0], cache_write_tokens=parts[1], cache_write_1h_tokens=parts[2])
    add(requests=3, input_tokens=3_000_000_000)
    add(requests=3, input_tokens=3_000_000_001)
    add(requests=0)
    for status in ["999", "1000", "0200", "200000", "1000 OK"]:
        add(status=status)
    add(requests=-1)
    # Four, five and six end users; more among rows that do not count.
    for group, users in [("six", 6)] if short else [("four", 4), ("five", 5), ("six", 6)]:
        for user in range(users):
            add(workload_tag=group, end_user=f"{group}-{user}", request_id=f"{group}-{user}")
            add(workload_tag=group, end_user=f"told-{user}", request_id=f"{group}-{user}", output_tokens=9)
            add(workload_tag=group, end_user=f"rejected-{user}", input_tokens=None)
    # Tiers as they are written.
    for tier in ["default", " Standard ", "AUTO", "batch", "Flex", "fast", "priority", "scale", "incentivized-tier"]:
        add(service_tier=tier)
    for value in ["true", "FALSE", "yes", "24h", "30m", "1d", "0"]:
        if not short:
            add(**{"tag.batch": value})
            add(**{"tag.max_wait": value})
    for stream in [True, False, None]:
        add(stream=stream)
    # A count that all others state, and which a row without output need not.
    add(cache_write_1h_tokens=None)
    add(cache_write_1h_tokens=None, output_tokens=None, model="text-embedding-3-small")
    return rows


# What becomes of the rows of `unclear`, by fate.
UNCLEAR = {"accepted": 3, "duplicate": 1, "rejected:provider-unclear": 4}


def unclear():
    """Rows that share ids, some without a provider: whose they are the price table decides, which no statement has."""
    told = [
        # Another names its provider, or another model.
        ("one", "openai", "gpt-5-mini"), ("one", None, "gpt-5-mini"), ("two", None, "gpt-5-mini"), ("two", None, "claude-opus-4-6"),
        # All say the same, or each names its provider.
        ("three", None, "gpt-5-mini"), ("three", None, "gpt-5-mini"), ("four", "openai", "gpt-5-mini"), ("four", "anthropic", "gpt-5-mini"),
    ]
    return [
        row(request_id=id, timestamp=at("2026-10-03 12:00:00"), provider=provider, model=model, input_tokens=1000, output_tokens=10)
        for id, provider, model in told
    ]


def write_csv(rows, path):
    """As batchwise reads it."""
    def cell(value):
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, datetime.datetime):
            return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        if isinstance(value, float):
            return repr(value)
        return f"{value:f}" if isinstance(value, Decimal) else str(value)

    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
        writer.writerow(COLUMNS)
        writer.writerows([cell(value) for value in values.values()] for values in rows)
