"""Seeded random scenarios: a price table, a policy, options and logs.

A scenario is drawn from a few *profiles* (a fixed set of facts, as one real
workload has), so that groups hold many rows. Borders are drawn on purpose:
prompts at a context step and one token beside it, instants at month ends,
shares that tie. What the contract leaves open is not drawn at all; the places
are marked by "not drawn" below.

Text meant as a YAML number, date or percentage is a `Raw`; all else is quoted.
"""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from random import Random

from layers import draw_layers, overlaid
from logs import COLUMNS, InputFile, Rejected, read_call, span_of
from oracle import BATCH_WORDS, INTERACTIVE_APPS, REAL_TIME_WORDS
from prices import WEEKDAYS, PriceTable

TOKEN_COLUMNS = ("input_tokens", "cached_input_tokens", "cache_write_tokens", "cache_write_1h_tokens", "output_tokens")
JSON_NUMBERS = frozenset({*TOKEN_COLUMNS, "requests", "latency_ms", "ttft_ms", "status", "cost_usd"})
STEPS = (1_000, 32_000, 128_000, 200_000, 272_000)
PROVIDERS = (("openai", []), ("anthropic", []), ("gemini", ["google"]), ("acme", ["acme-cloud", "acme.eu"]))
STEMS = ("nova", "pico", "terra", "lyra", "gpt-5.4", "haiku-4-5")
NAMES = (
    "crm-enrichment", "support", "nightlyEval", "svc-7", "SEOReport", "data", "ticket-tagging", "leadScoring",
    "evaluate-me-live-chat", "search_bar", "etl2", "GPTEval", "categorize", "real-time", "claudeCode", "web",
    "training data", "bulk, weekly", "reindexing", "Support/Digest", "v2Batch", "plain",
    "Open WebUI", "OpenWebui", "claude-code", "billing", "zed2", "portal",
)
ENDPOINTS = (
    "/v1/chat/completions", "/v1/responses", "/v1/messages", "/v1/embeddings", "/v1/completions",
    "chat", "responses", "messages", "/v1/rerank", "realtime", "/v1/audio",
)
# Names that some calls of a workload have and others lack.
SOMETIMES_EMPTY = ("project", "api_key_name", "user", "team", "app", "endpoint", "workload_tag", "tag.batch", "tag.max_wait")
# The tool's own columns and one more, which says what ran in batch where it is filled.
MAPPING = """
schema: 1
name: oracle
title: the tool's own columns and one for batch
containers: [csv, jsonl]
recognise: [timestamp, model, input_tokens]
time: timestamp
end: bucket_end
fields: {id: request_id, api_key: api_key_name, tier: service_tier, input: input_tokens, cache_read: cached_input_tokens,
  cache_write_5m: cache_write_tokens, cache_write_1h: cache_write_1h_tokens, output: output_tokens, billed: cost_usd,
  batch: batch, provider: provider, model: model, endpoint: endpoint, project: project, user: user, end_user: end_user,
  team: team, app: app, session_id: session_id, geo: geo, requests: requests, stream: stream, status: status,
  latency_ms: latency_ms, ttft_ms: ttft_ms}
input_holds: [cache_read, cache_write_5m, cache_write_1h]
tags: {prefix: "tag.", named: {workload: workload_tag}}
decimal: point
"""
TAG_TWIN = {"workload_tag": "tag.workload"}
OFFSETS = ("Z", "", "+00:00", "-05:00", "+05:30", "+14:00", "-11:00")
LIMIT_OF_A_PRICE = 1_000_000_000  # 1,000 USD in millionths


class Raw(str):
    """Text written to YAML as it stands."""


# ── numbers as text ──────────────────────────────────────────────────────────

def millionths(value, rng=None):
    """A number of millionths as decimal text, sometimes with zeros at its end."""
    text = f"{value // 1_000_000}.{value % 1_000_000:06d}".rstrip("0").rstrip(".")
    if rng and rng.random() < 0.3:
        text += "0" if "." in text else ".00"
    return Raw(text[:-1] if len(text.partition(".")[2]) > 6 else text)


def percentage(rng, high=100):
    """A percentage with up to four decimals."""
    kind = rng.random()
    if kind < 0.15 and high == 100:
        return Raw(rng.choice(("50%", "20%")))  # ties with the usual batch discounts
    if kind < 0.6:
        return Raw(f"{rng.randint(0, high)}%")
    return Raw(f"{millionths(rng.randint(0, high * 10_000) * 100)}%")


CACHE_WAYS = ("no-cache", "as-sent", "primed")


def hit_share(rng):
    """A percentage with up to two decimals.

    A price with six decimals, a geo with two and a share with four stay whole at 10**-18 USD a token; finer products
    are refused by the tool, which keeps money exactly or not at all.
    """
    kind = rng.random()
    if kind < 0.6:
        return Raw(f"{rng.randint(0, 100)}%")
    hundredths = rng.randint(0, 10_000)
    return Raw(f"{hundredths // 100}.{hundredths % 100:02}%")


def ascending(rng, names):
    """Ascending percentages under the given names."""
    values = sorted((percentage(rng) for _ in names), key=lambda text: float(text[:-1]))
    return dict(zip(names, values))


# ── price table ──────────────────────────────────────────────────────────────

def price(rng):
    """A price in millionths: round, fine, or free."""
    kind = rng.random()
    if kind < 0.08:
        return 0
    if kind < 0.6:
        return rng.randint(1, 3_000) * 10_000
    return rng.randint(1, 40_000_000)


def scaled(rng, block, ratios):
    """A block at one ratio of another, never above it where the ratio is below 1."""
    ratio = rng.choice(ratios)
    return {token_class: min(value * ratio // 100, LIMIT_OF_A_PRICE) for token_class, value in block.items()}


def drop_some(rng, block, chance):
    """A block with some classes left out, never the input."""
    return {name: value for name, value in block.items() if name == "input" or rng.random() >= chance}


def draw_blocks(rng, standard, kind, gaps):
    """The tier blocks of an entry or step around a standard block."""
    blocks = {"standard": drop_some(rng, standard, 0.08 * gaps)}
    if rng.random() >= 0.2 * gaps:
        blocks["batch"] = drop_some(rng, scaled(rng, standard, (50, 50, 50, 33, 80, 100)), 0.12 * gaps)
        if rng.random() < 0.35:
            blocks["batch"] = {n: v for n, v in blocks["batch"].items() if not n.startswith("cache")}
    if rng.random() >= 0.5 * gaps:
        blocks["flex"] = drop_some(rng, scaled(rng, standard, (50, 60)), 0.15 * gaps)
    if rng.random() >= 0.5 * gaps:
        blocks["priority"] = drop_some(rng, scaled(rng, standard, (150, 200)), 0.05 * gaps)
    if kind == "embedding":
        blocks = {tier: {n: v for n, v in block.items() if n == "input"} for tier, block in blocks.items()}
    return {tier: {n: millionths(v, rng) for n, v in block.items()} for tier, block in blocks.items()}


def draw_standard(rng):
    """Prices of all five classes in millionths."""
    entry = price(rng)
    return {
        "input": entry, "cache_read": entry // rng.choice((10, 10, 4, 2)), "cache_write_5m": entry * 5 // 4,
        "cache_write_1h": entry * 2, "output": entry * rng.choice((4, 5, 8)) if entry else price(rng),
    }


def draw_hours(rng, days):
    """Peak hours by name: spans of a day, some with weekdays, some with holidays of this year or another."""
    hours = {}
    for name in rng.sample(("office", "evening"), rng.choice((0, 1, 2))):
        cuts = sorted(rng.sample(range(0, 49), rng.choice((2, 4))))
        clock = [f"{cut // 2:02}:{cut % 2 * 30:02}" for cut in cuts]
        hours[name] = {"utc": [f"{first}-{last}" for first, last in zip(clock[::2], clock[1::2])]}
        if rng.random() < 0.6:
            hours[name]["weekdays"] = rng.sample(WEEKDAYS, rng.randint(1, 6))
        if rng.random() < 0.6:
            first = rng.choice((*days, days[0].replace(year=days[0].year - 2)))
            hours[name]["holidays"] = [rng.choice((f"{first}", f"{first}..{first + timedelta(days=1)}"))]
        hours[name] |= {"source": "https://example.test/hours", "checked": Raw("2026-10-14")}
    return hours


def draw_entry(rng, start, kind, gaps, hours):
    """One dated price entry; `above` and `at_least` are not drawn together."""
    standard = draw_standard(rng)
    entry = {"from": Raw(start)} if start else {}
    entry |= {"source": "https://example.test/prices", "checked": Raw("2026-10-14")}
    entry |= draw_blocks(rng, standard, kind, gaps)
    if hours and rng.random() < 0.6:
        off_peak = drop_some(rng, scaled(rng, standard, (50, 80)), 0.05 * gaps)
        off_peak = {n: v for n, v in off_peak.items() if kind != "embedding" or n == "input"}
        entry["off_peak"] = {n: millionths(v, rng) for n, v in off_peak.items()}
        entry["peak_hours"] = rng.choice(list(hours))
    if rng.random() < 0.4:
        multipliers = ("1.1", "1.05", "1.25", "0.9", "1", "2.00")
        entry["geo"] = {geo: Raw(rng.choice(multipliers)) for geo in rng.sample(("us", "eu", "in"), 2)}
    if rng.random() < 0.5:
        steps = sorted(rng.sample(STEPS, rng.choice((1, 1, 2))))
        entry[rng.choice(("above", "at_least"))] = {
            Raw(step): draw_blocks(rng, scaled(rng, standard, (150, 200, 80)), kind, gaps) for step in steps
        }
    return entry


def draw_entries(rng, days, kind, gaps, hours):
    """Ascending entries; the first has a known start or none."""
    starts = sorted(rng.sample(days, min(len(days), rng.choice((0, 0, 1, 2)))))
    known = rng.choice((days[0] - timedelta(days=30), days[0], rng.choice(days)))
    first = known if rng.random() < 0.3 * gaps else None
    entries = [draw_entry(rng, first and first.isoformat(), kind, gaps, hours)]
    return entries + [draw_entry(rng, day.isoformat(), kind, gaps, hours) for day in starts if first is None or day > first]


def draw_model(rng, days, name, gaps, hours):
    """One model with the names that lead to it."""
    kind = rng.choice((*["chat"] * 7, "completion", "completion", "embedding", "rerank", "image"))
    model = {"snapshots": rng.random() < 0.5, "kind": Raw(kind), "prices": draw_entries(rng, days, kind, gaps, hours)}
    if rng.random() < 0.4:
        model["aliases"] = [f"{name}-latest"]
    if rng.random() < 0.4:
        model["match"] = [f"{name}-preview*"]
    return model


def draw_terms(rng):
    """A provider's batch terms."""
    terms = {
        "window_hours": Raw(rng.choice((24, 24, 48, 72))), "max_requests": Raw(50000), "max_file_mb": Raw(200),
        "min_requests": Raw(rng.choice((0, 0, 0, 2, 3))), "on_expiry": Raw("finished-billed"),
        "source": "https://example.test/batch", "checked": Raw("2026-10-14"),
    }
    if rng.random() < 0.5:
        terms["endpoints"] = rng.sample(("chat", "responses", "embeddings", "messages", "completions"), 3)
    return terms


def draw_table(rng, days, gaps):
    """A price table of one to three providers, some with a model in common.

    With `gaps` 0 everything that can be asked has a price, with 1 much has none.
    """
    providers = {}
    for name, aliases in rng.sample(PROVIDERS, rng.randint(1, 3)):
        hours = draw_hours(rng, days)
        stems = rng.sample(STEMS, rng.randint(1, 3))
        models = {f"{name[:2]}-{stem}": draw_model(rng, days, f"{name[:2]}-{stem}", gaps, hours) for stem in stems}
        for model in list(models):
            if models[model]["snapshots"] and rng.random() < 0.5:
                own_entry = draw_model(rng, days, "-", gaps, hours)
                models[f"{model}-2026-05-13"] = {**own_entry, "aliases": [], "match": [], "snapshots": False}
        if rng.random() < 0.5:
            models["shared-llm"] = draw_model(rng, days, f"{name[:2]}-shared", gaps, hours)
        resells = {"resells": True} if rng.random() < 0.4 else {}
        providers[name] = {"aliases": aliases, **resells, "batch": draw_terms(rng), "peak_hours": hours, "models": models}
    return {"schema": Raw(1), "currency": Raw("USD"), "providers": providers}


# ── profiles: what the rows of one workload have in common ───────────────────

@dataclass
class Profile:
    """Fixed facts of one workload, and how its rows vary."""

    facts: dict
    stream: tuple
    tiers: tuple
    geos: tuple
    end_users: int
    cached: float
    embedding: bool
    batch: tuple


def draw_spelling(rng, table, fallback):
    """(provider column, model column, spec) of a model of the table, by any name that leads to it."""
    provider, spec = rng.choice(list(table["providers"].items()))
    model, entry = rng.choice(list(spec["models"].items()))
    owner = rng.choice((provider, *spec["aliases"]))
    names = [(owner, model)] * 3 + [(provider, name) for name in entry.get("aliases", ())] + [("", f"{owner}/{model}")]
    names += [(provider, glob.replace("*", rng.choice(("", "-0410", "-2026-01-01")))) for glob in entry.get("match", ())]
    if entry["snapshots"]:
        names += [(provider, f"{model}-2026-07-04"), (provider, f"{model}-20260704")]
    # The bare name of a model is not drawn where it means that of another provider, which may be of another kind.
    owners = [name for name, other in table["providers"].items() if model in other["models"]]
    makers = [name for name in owners if "resells" not in table["providers"][name]]
    if owners == [provider] or makers == [provider] or (len(makers) != 1 and fallback in (None, provider)):
        names += [("", name) for name in (model, *entry.get("aliases", ()))]
    return *rng.choice(names), entry


def draw_unknown_spelling(rng, table, fallback):
    """Names that resolve nowhere; a provider, where stated, by its own name."""
    provider, spec = rng.choice(list(table["providers"].items()))
    model, entry = rng.choice(list(spec["models"].items()))
    near = [f"{model}-mini", f"x{model}", *(() if entry["snapshots"] else [f"{model}-2026-07-04"])]
    names = [(provider, "mystery-9"), ("nowhere", "mystery-9"), *((provider, name) for name in near)]
    return *rng.choice([*names, ("", "mystery-9")]), {}


def draw_name(rng):
    """A name from the list, or one around a listed word in any of the usual styles."""
    if rng.random() < 0.4:
        return rng.choice(NAMES)
    listed = rng.choice(BATCH_WORDS + REAL_TIME_WORDS + INTERACTIVE_APPS).replace("*", rng.choice(("", "e", "ing")))
    before = rng.sample(("acme", "Q3", "job", "v2", "eu1"), rng.randint(0, 1))
    words = before + listed.split() + rng.sample(("eu", "2", "X", "prod"), rng.randint(0, 1))
    if rng.random() < 0.4:
        return words[0] + "".join(word.capitalize() for word in words[1:])
    return rng.choice(("-", "_", " ", ".", "")).join(rng.choice((words, [word.upper() for word in words], words)))


def draw_profile(rng, table, fallback, tier_rules, gaps, has_batch):
    """A workload: who calls what, and by which names one may know it."""
    draw_model_name = draw_unknown_spelling if rng.random() < 0.12 * gaps else draw_spelling
    provider, model, spec = draw_model_name(rng, table, fallback)
    facts = {"provider": provider, "model": model}
    named = (("project", 0.6), ("api_key_name", 0.4), ("app", 0.3), ("workload_tag", 0.3), ("tag.job", 0.2))
    for column, chance in named:
        if rng.random() < chance:
            facts[column] = draw_name(rng)
    for column, chance, pool in (
        ("team", 0.3, ("red", "blue, green")), ("user", 0.3, ("ada", "bob")), ("endpoint", 0.3, ENDPOINTS),
        ("tag.env", 0.2, ("prod", "nightly", "live")), ("tag.batch", 0.08, ("true", "false", "maybe")),
        ("tag.max_wait", 0.15, ("24h", "90m", "3d", "2d", "36h", "5s", "1.5d", "soon", "24")),
    ):
        if rng.random() < chance:
            facts[column] = rng.choice(pool)
    # A tier rule beside a second name of the tier (`fast`, `auto`) is not drawn.
    second_names = () if tier_rules else ("fast", "auto")
    unknown = ("turbo",) if gaps else ()
    rare = ("batch", "flex", "priority", "incentivized-tier", *unknown, *second_names)
    tiers = ("", "default", "standard") if rng.random() < 0.7 else ("", rng.choice(rare))
    return Profile(
        facts=facts,
        stream=rng.choice((*[("",)] * 3, *[("false",)] * 2, ("", "false"), ("true",), ("", "true"))),
        tiers=rng.choice((tiers, (rng.choice(tiers),))),
        geos=rng.choice((("",), ("",), ("us",), ("", "eu", "mars"))),
        end_users=rng.choice((0, 0, 0, 0, 4, 5, 9)),
        cached=rng.choice((0, 0, 0.3, 0.9, 1.0)),
        embedding=spec.get("kind") in ("embedding", "rerank"),
        batch=rng.choice((("false",), ("", "false"), ("true", "false", ""), ("",))) if has_batch else ("",),
    )


# ── rows ─────────────────────────────────────────────────────────────────────

def render_instant(rng, moment):
    """The same instant in one of the ways RFC 3339 allows, or bare UTC."""
    offset = rng.choice(OFFSETS)
    if offset[:1] in ("+", "-"):
        hours, minutes = int(offset[:3]), int(offset[0] + offset[4:])
        moment += timedelta(hours=hours, minutes=minutes)
    fraction = f".{rng.randint(1, 999):03d}" if rng.random() < 0.1 else ""
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + fraction + offset


def draw_instant(rng, days):
    """An instant in the scenario's days, often at a border of a day."""
    day = rng.choice((days[0], days[-1], rng.choice(days), rng.choice(days)))
    second = rng.choice((0, 86_399, rng.randint(0, 86_399), rng.randint(0, 86_399), rng.randint(0, 86_399)))
    return datetime(day.year, day.month, day.day, tzinfo=timezone.utc) + timedelta(seconds=second)


def draw_prompt(rng):
    """A prompt length, often at a context step or one beside it."""
    if rng.random() < 0.45:
        return rng.choice(STEPS) + rng.choice((-1, 0, 1))
    return rng.choice((rng.randint(1, 900), rng.randint(1_000, 60_000), rng.randint(1, 900_000)))


def draw_tokens(rng, profile, scale=1):
    """Token columns; parts never exceed the whole, no prompt is empty."""
    prompt = draw_prompt(rng) * scale
    read = int(prompt * profile.cached) if rng.random() < 0.8 else 0
    written = rng.randint(0, prompt - read) if rng.random() < 0.25 else 0
    written_1h = rng.randint(0, written) if rng.random() < 0.4 else 0
    output = rng.choice((0, rng.randint(1, 50), rng.randint(1, 4_000), prompt // 163)) * scale
    parts = dict(zip(TOKEN_COLUMNS[1:4], (read, written - written_1h, written_1h)))
    row = {"input_tokens": str(prompt), **{c: str(n) for c, n in parts.items() if n or rng.random() < 0.2}}
    row["output_tokens"] = "" if profile.embedding and rng.random() < 0.5 else str(output)
    if rng.random() < 0.05:
        row["input_tokens"] += ".0"
    return row


def draw_bill(rng):
    """A billed amount as decimal text."""
    return rng.choice(("0", "0.05", "1.20", f"{rng.randint(0, 9)}.{rng.randint(0, 10**9):09d}"))


def draw_call(rng, profile, days, number):
    """One call of a profile."""
    row = dict(profile.facts)
    row["timestamp"] = render_instant(rng, draw_instant(rng, days))
    row["stream"], row["geo"] = rng.choice(profile.stream), rng.choice(profile.geos)
    row["service_tier"], row["batch"] = rng.choice(profile.tiers), rng.choice(profile.batch)
    for column in SOMETIMES_EMPTY:
        if row.get(column) and rng.random() < 0.1:
            row[column] = ""
    if rng.random() < 0.1:
        row["session_id"] = f"s{rng.randint(1, 3)}"
    row |= draw_tokens(rng, profile)
    if rng.random() < 0.7:
        row["request_id"] = f"req-{number}"
    if profile.end_users and rng.random() < 0.9:
        row["end_user"] = f"u{rng.randrange(profile.end_users)}"
    if rng.random() < 0.2:
        row["requests"] = "1"
    if rng.random() < 0.3:
        row["latency_ms"] = str(rng.randint(1, 9_000))
    if rng.random() < 0.03:
        row["ttft_ms"] = rng.choice(("0", "0", "350"))
    if rng.random() < 0.2:
        row["cost_usd"] = draw_bill(rng)
    # A failed call of a batch or flex tier is not drawn: its batch cost is open.
    if rng.random() < 0.08:
        in_batch = row["service_tier"] in ("batch", "flex") or row["batch"] == "true"
        statuses = ("200",) if in_batch else ("200", "200", "400", "429", "500")
        row["status"] = rng.choice(statuses)
        if int(row["status"]) >= 400 and rng.random() < 0.5:
            row["output_tokens"] = ""
    return row


def draw_buckets(rng, profiles, days):
    """Bucket rows of one length and one grouping; anything else might overlap."""
    if not profiles or rng.random() < 0.6:
        return []
    groupings = (("project",), ("api_key_name", "workload_tag"), ("app", "team"), ("project", "tag.env", "geo"))
    columns = rng.choice(groupings)
    hours = rng.choice((1, 24, 24, 48))
    return [draw_bucket(rng, rng.choice(profiles), days, hours, columns) for _ in range(rng.randint(1, 25))]


def draw_bucket(rng, profile, days, hours, columns):
    """One bucket row, aligned to its length and with every group column filled."""
    row = {column: profile.facts.get(column) or rng.choice(("crm", "nightly-jobs", "Frontend")) for column in columns}
    row |= {"provider": profile.facts["provider"], "model": profile.facts["model"]}
    row["service_tier"] = next((tier for tier in profile.tiers if tier), "standard")
    row["batch"] = "false" if profile.batch != ("",) else ""
    if profile.stream == ("false",):
        row["stream"] = "false"
    start = draw_instant(rng, days[::2] if hours == 48 else days)
    start = start.replace(hour=start.hour if hours == 1 else 0, minute=0, second=0)
    row["timestamp"] = render_bucket_instant(start)
    row["bucket_end"] = render_bucket_instant(start + timedelta(hours=hours))
    row["requests"] = rng.choice(("", "1", "1", "3", "5", "100", "150", str(rng.randint(1, 30)), str(rng.randint(1, 900))))
    row |= draw_tokens(rng, profile, scale=rng.randint(1, 40))
    if rng.random() < 0.2:
        row["cost_usd"] = draw_bill(rng)
    return row


def render_bucket_instant(moment):
    """Buckets are written in UTC."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def spoil(rng, row, days):
    """A row that must be rejected; it still dates the period where its time can be read."""
    row = dict(row, cost_usd="", request_id="", timestamp=render_instant(rng, draw_instant(rng, days)))
    prompt = int(float(row["input_tokens"]))
    row |= rng.choice((
        {"cached_input_tokens": str(prompt + 1)},
        {"cached_input_tokens": str(prompt), "cache_write_tokens": "1"},
        {"cache_write_1h_tokens": str(prompt + 5)},
        {"input_tokens": "-5"}, {"input_tokens": ""}, {"input_tokens": "many"}, {"input_tokens": str(prompt) + ".5"},
        {"output_tokens": "-1"}, {"output_tokens": "1x"},
        {"timestamp": "not-a-date"}, {"timestamp": "2026-13-01T00:00:00Z"},
        {"model": ""}, {"cost_usd": "n/a"},
        *({"timestamp": f"{day}T12:00:00Z"} for day in ("2062-09-15", "1970-01-01", "2019-12-31", "9999-12-31")),
        *([{"batch": "perhaps"}] if row.get("batch") else []),
    ))
    return row


def without_output(row):
    """A chat call that does not say what it put out."""
    return dict(row, output_tokens="", status="", request_id="")


def later(row, seconds):
    """The row's time moved on, written as UTC."""
    moment = datetime.fromisoformat(row["timestamp"])
    moment = moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment.astimezone(timezone.utc)
    return (moment + timedelta(seconds=seconds)).isoformat()


def has_identity(row):
    """Whether another row can be the same usage."""
    return bool(row.get("request_id") or row.get("bucket_end"))


def twin(rng, row):
    """An equal row, or another version under the same identity."""
    output = row["output_tokens"]
    longer = str(int(float(row["input_tokens"])) + rng.choice((1, 500)))
    changes = [{}, {}, {"input_tokens": longer}, {"cost_usd": "9.5"}]
    if output:
        changes += [{"output_tokens": str(int(output) + 7)}, {"output_tokens": str(int(output) // 2)}]
    # Texts that sort alike with and without CSV quotes, so that "bytewise last" is one thing.
    if row.get("bucket_end"):
        changes += [{"requests": "7"}]
    else:
        changes += [{"timestamp": later(row, seconds)} for seconds in (7_200, -86_400)]
        changes += [{"user": "Adam"}, {"project": "zeta"}]
    return {**row, **rng.choice(changes)}


def draw_rows(rng, table, days, fallback, tier_rules, gaps, has_batch):
    """All rows of a scenario, good, spoiled and repeated."""
    profiles = [draw_profile(rng, table, fallback, tier_rules, gaps, has_batch) for _ in range(rng.randint(1, 7))]
    calls = [draw_call(rng, rng.choice(profiles), days, n) for n in range(rng.randint(5, 90))]
    rows = calls + draw_buckets(rng, [p for p in profiles if p.facts["provider"]], days)
    twice = [row for row in rows if has_identity(row) and rng.random() < 0.07]
    rows += [twin(rng, row) for row in twice for _ in range(rng.choice((1, 1, 2)))]
    rows += [dict(row) for row in calls if not has_identity(row) and rng.random() < 0.05]
    if rng.random() < 0.25:
        rows += [spoil(rng, rng.choice(calls), days) for _ in range(rng.randint(1, 4))]
        talkers = [p for p in profiles if not p.embedding]
        rows += [without_output(draw_call(rng, rng.choice(talkers), days, 0)) for _ in talkers[: rng.randint(0, 2)]]
    share_an_id(rng, calls)
    rng.shuffle(rows)
    return rows


def share_an_id(rng, calls):
    """Gives two unlike calls one id: versions of one provider's call, or two calls of two."""
    first, second = rng.choice(calls), rng.choice(calls)
    if first.get("request_id") and first["input_tokens"] != second["input_tokens"] and rng.random() < 0.3:
        second["request_id"] = first["request_id"]


# ── policy ───────────────────────────────────────────────────────────────────

def draw_condition(rng, tier_rules):
    """One fact of a `when`. Weekday and a bare hour are not drawn: their form is open."""
    tier = [("tier", Raw("priority")), ("tier", ["default", "standard"])] if tier_rules else []
    hours = (0, 0, 5, 22, 23, rng.randint(0, 23))  # rows gather at the ends of a day
    lengths = ({"above": Raw(1000)}, {"below": Raw(32000)}, {"above": Raw(999), "below": Raw(128001)})
    return rng.choice([
        ("provider", rng.choice(("openai", "*a*", ["gemini", "anthropic"]))),
        ("model", rng.choice(("*nova*", "*-mini", ["sh*", "AC-*"]))),
        ("workload", rng.choice(("*eval*", ["*chat*", "support"], "svc-*", "*"))),
        ("project", rng.choice(("crm*", ["DATA", "web"], "*/digest"))),
        ("api_key", rng.choice(("*a*", "support"))), ("user", "ada"), ("end_user", rng.choice(("u1", "u*"))),
        ("team", rng.choice(("RED", "*green"))), ("app", rng.choice(("cursor", "b*"))),
        ("endpoint", rng.choice((["chat", "/v1/chat/completions"], ["messages", "/v1/messages"]))),
        ("tag.env", rng.choice(("prod", ["nightly", "live"]))), ("tag.job", "*"), ("tag.absent", "*"),
        ("stream", rng.random() < 0.5),
        ("status", rng.choice((Raw(200), [Raw(200), Raw(201)], {"below": Raw(300)}))),
        ("hour", {"from": Raw(rng.choice(hours)), "to": Raw(rng.choice(hours))}),
        ("input_tokens", rng.choice(lengths)), ("output_tokens", rng.choice(({"above": Raw(0)}, {"below": Raw(1)}))),
        ("latency_ms", {"above": Raw(4000)}), ("ttft_ms", {"below": Raw(1)}), *tier,
    ])


def draw_rules(rng, tier_rules):
    """User rules with distinct conditions; the rule for everything comes last."""
    rules = []
    for number in range(rng.randint(0, 4)):
        when = dict(draw_condition(rng, tier_rules) for _ in range(rng.choice((1, 1, 2))))
        if all(when != other["when"] for other in rules):
            rules.append(rule(f"rule-{number}", when, rng.choice(("batch", "batch", "real-time", "ask"))))
            if rng.random() < 0.2:
                rules[-1]["cache"] = rng.choice(CACHE_WAYS)
    if rng.random() < 0.08:
        rules.append(rule("all-of-it", {}, rng.choice(("batch", "ask"))))
    return rules


def rule(name, when, then):
    """One user rule."""
    return {"id": name, "when": when, "then": Raw(then), "because": "drawn"}


def draw_route(rng, table):
    """A route to a model that exists."""
    provider = rng.choice(list(table["providers"]))
    model = rng.choice(list(table["providers"][provider]["models"]))
    source = rng.choice(list(table["providers"]))
    models = rng.choice(("*", f"{source[:2]}-*", "*nova*", "shared-llm"))
    share = rng.choice((percentage(rng), ascending(rng, ("low", "high")), ascending(rng, ("low", "base", "high"))))
    route = {"from": f"{rng.choice((source, '*'))}/{models}", "to": f"{provider}/{model}", "share": share}
    if rng.random() < 0.5:
        route |= {"output_ratio": Raw(rng.choice(("1.0", "1.35", "0.5"))), "evidence": "drawn"}
        route |= {"escalation": percentage(rng, 20), "overhead": percentage(rng, 5)}
    return route


def draw_policy(rng, table, tier_rules):
    """A policy with some sections left to their defaults, or none at all."""
    if rng.random() < 0.1 and not tier_rules:
        return None
    policy = {"schema": Raw(1)}
    if rng.random() < 0.4:
        fields = ("tag.workload", "tag.env", "project", "api_key", "app", "user", "tag.job")
        policy["workload"] = [*rng.sample(fields, rng.randint(1, 4)), "model"]
    policy["rules"] = draw_rules(rng, tier_rules)
    if rng.random() < 0.9:
        floor = Raw(rng.choice((0, 0, 0, 1, 2, 3, 100)))
        policy["limits"] = {"min_requests": floor, "min_monthly_saving": Raw(rng.choice((0, 25)))}
        if rng.random() < 0.6:
            policy["limits"]["small_saving"] = Raw(rng.choice((0, 1, "2.5", 40, 1000, 100000)))
    if rng.random() < 0.5:
        policy["batch"] = {"cache_hit_share": hit_share(rng)}
        if rng.random() < 0.5:
            policy["batch"]["cache"] = rng.choice(CACHE_WAYS)
    if rng.random() < 0.6:
        policy["routing"] = draw_routing(rng, table)
    if rng.random() < 0.4:
        policy["accept"] = {"unpriced": rng.choice(([], ["mystery-9"])), "rejects": Raw(rng.choice((0, 2)))}
    return policy


def draw_routing(rng, table):
    """An assumption, or routes that take its place."""
    if rng.random() < 0.25:
        return {"assumption": {case: Raw("50%") for case in ("low", "base", "high")}}  # ties with half-price batch
    routing = {"assumption": ascending(rng, ("low", "base", "high"))} if rng.random() < 0.7 else {}
    if rng.random() < 0.6:
        routing["routes"] = [draw_route(rng, table) for _ in range(rng.randint(1, 3))]
    return routing


# ── scenario ─────────────────────────────────────────────────────────────────

@dataclass
class DrawnFile:
    """Rows of one input and the lines strewn among them."""

    name: str
    rows: list
    columns: tuple
    blank_before: frozenset
    header_before: int | None
    null_fields: bool


@dataclass
class Scenario:
    """Everything one run of the program needs. `table` is what the base with its layers comes to."""

    base: dict
    layers: list
    table: dict
    policy: dict | None
    options: dict
    files: list


def draw_days(rng):
    """The days of a scenario: whole months, a part of one, or across an end."""
    first = date(2026, rng.randint(1, 8), 1)
    months = rng.choice((1, 1, 2))
    end = date(first.year, first.month + months, 1)
    days = [first + timedelta(days=n) for n in range((end - first).days)]
    if rng.random() < 0.5:
        low = rng.randrange(len(days))
        days = days[low : low + rng.randint(1, 35)]
    return days


def draw_window(rng, rows):
    """`--from` and `--to`, which cut between days; one without the other is not drawn."""
    days = sorted({span[0].date() for span in map(span_of, rows) if span and span[0].year == 2026})
    # A bucket of two days on the edge of the window is not drawn.
    if any(end and end - start > timedelta(days=1) for start, end in filter(None, map(span_of, rows))):
        return {}
    first, last = sorted((rng.choice(days), rng.choice(days)))
    if rng.random() < 0.4:
        first = first.replace(day=1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return {"from": first.isoformat(), "to": last.isoformat()}


def draw_files(rng, rows, table, fallback):
    """Rows dealt to one to three files; buckets share a file with their twins."""
    count = rng.randint(1, min(3, len(rows)))
    dealt = [[] for _ in range(count)]
    for index, row in enumerate(rows):
        dealt[0 if row.get("bucket_end") else index % count].append(row)
    used = {column for row in rows for column, value in row.items() if value}
    files = [draw_file(rng, index, part, used) for index, part in enumerate(part for part in dealt if part)]
    # A twin of a file with blank or rejected rows is not drawn: what those count as is open.
    plain = [f for f in files if f.name.endswith("jsonl") and not f.blank_before and is_clean(f, table, fallback)]
    if plain and rng.random() < 0.15:
        files.append(replace(rng.choice(plain), name="copy.jsonl"))
    return files


def draw_file(rng, index, rows, used):
    """One input as CSV or JSON lines, with lines that are no rows here and there."""
    columns = sorted({*used, "timestamp", "model", "input_tokens", "output_tokens", *rng.sample(COLUMNS, 3)})
    if rng.random() < 0.1:
        columns.append("remark")
    if rng.random() < 0.3:
        columns = [TAG_TWIN.get(column, column) for column in columns]
        rows = [{TAG_TWIN.get(column, column): value for column, value in row.items()} for row in rows]
    rng.shuffle(columns)
    is_csv = rng.random() < 0.5
    return DrawnFile(
        name=f"log{index}.{'csv' if is_csv else 'jsonl'}",
        rows=rows,
        columns=tuple(columns),
        blank_before=frozenset([rng.randint(1, len(rows))] if rng.random() < 0.15 else ()),
        header_before=rng.randint(1, len(rows)) if is_csv and rng.random() < 0.1 else None,
        null_fields=rng.random() < 0.3,
    )


def is_clean(file, table, fallback):
    """Whether no row of a file is rejected."""
    prices = PriceTable(table)
    try:
        return bool([read_call(row, 0, prices, fallback) for row in file.rows])
    except Rejected:
        return False


def draw_scenario(seed):
    """The scenario of a seed, always the same."""
    rng = Random(seed)
    days = draw_days(rng)
    gaps = rng.choice((0, 0, 1))
    drawn = draw_table(rng, days, gaps)
    base, layers = draw_layers(Random(f"layers:{seed}"), drawn, days, draw_entry, Raw)
    table = overlaid(base, layers)
    options = {"provider": rng.choice(list(table["providers"]))} if rng.random() < 0.15 else {}
    tier_rules = rng.random() < 0.15
    policy = draw_policy(rng, table, tier_rules)
    if table["discounts"] and policy and "batch" in policy:
        # A contract's factor leaves room for whole percents only at 10**-18 USD a token.
        policy["batch"]["cache_hit_share"] = Raw(f"{rng.randint(0, 100)}%")
    if rng.random() < 0.25:
        options["has_batch"] = True
    rows = draw_rows(rng, table, days, options.get("provider"), tier_rules, gaps, "has_batch" in options)
    if rng.random() < 0.3:
        options |= draw_window(rng, rows)
    if rng.random() < 0.2:
        options["routing_saves"] = tuple(ascending(rng, ("low", "high")).values())
    return Scenario(base, layers, table, policy, options, draw_files(rng, rows, table, options.get("provider")))


# ── writing ──────────────────────────────────────────────────────────────────

def yaml_scalar(value):
    """A YAML scalar; text is quoted unless it is meant as a number."""
    if isinstance(value, Raw):
        return str(value)
    return json.dumps(value)


def yaml_flow(value):
    """A value in flow style, which needs no indentation."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{yaml_key(k)}: {yaml_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(yaml_flow, value)) + "]"
    return yaml_scalar(value)


def yaml_key(key):
    """A key, quoted unless it is a plain word or number."""
    return str(key) if isinstance(key, Raw) or re.fullmatch(r"[a-z_]+\w*", key) else json.dumps(key)


def yaml_text(value, depth=0):
    """Maps in block style down to the lists, where flow style takes over."""
    lines = []
    for key, inner in value.items():
        block = isinstance(inner, dict) and inner and depth < 4
        head = "  " * depth + yaml_key(key) + ":"
        lines.append(head + "\n" + yaml_text(inner, depth + 1) if block else f"{head} {yaml_flow(inner)}\n")
    return "".join(lines)


def csv_text(file):
    """The file as CSV, with its blank and repeated header lines."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(file.columns)
    for number, row in enumerate(file.rows, start=1):
        if number in file.blank_before:
            out.write("\n")
        if number == file.header_before:
            writer.writerow(file.columns)
        writer.writerow([row.get(column, "") for column in file.columns])
    return out.getvalue()


def json_member(column, value):
    """One member of a JSON line; numbers keep their text."""
    is_number = column in JSON_NUMBERS and re.fullmatch(r"-?\d+(\.\d+)?", value)
    is_bool = column == "stream" and value
    return f"{json.dumps(column)}: {value if is_number or is_bool else json.dumps(value)}"


def json_lines_text(file):
    """The file as JSON lines; unknown values are left out or null."""
    out = []
    for number, row in enumerate(file.rows, start=1):
        if number in file.blank_before:
            out.append("")
        members = [json_member(c, row[c]) for c in row if row[c]]
        if file.null_fields:
            members += [f"{json.dumps(c)}: null" for c in row if not row[c]]
        out.append("{" + ", ".join(members) + "}")
    return "\n".join(out) + "\n"


def file_text(file):
    """The file as its name says."""
    return csv_text(file) if file.name.endswith(".csv") else json_lines_text(file)


def as_input(file):
    """The file as the oracle reads it."""
    headers = (1 + (file.header_before is not None)) if file.name.endswith(".csv") else 0
    return InputFile(file.name, file.rows, headers, len(file.blank_before), file_text(file).encode())


def option_arguments(options):
    """Options as on the command line."""
    arguments = []
    for name in ("from", "to", "provider"):
        if name in options:
            arguments += [f"--{name}", options[name]]
    if "routing_saves" in options:
        arguments += ["--routing-saves", "..".join(options["routing_saves"])]
    return arguments


def write_scenario(scenario, folder):
    """Writes all files; returns the arguments of `report` that read them."""
    folder = Path(folder)
    arguments = []
    for file in scenario.files:
        (folder / file.name).write_text(file_text(file))
        arguments.append(str(folder / file.name))
    for number, prices in enumerate((scenario.base, *scenario.layers)):
        (folder / f"pricing-{number}.yaml").write_text(yaml_text(prices))
        arguments += ["--prices", str(folder / f"pricing-{number}.yaml")]
    if scenario.policy is not None:
        (folder / "policy.yaml").write_text(yaml_text(scenario.policy))
        arguments += ["--policy", str(folder / "policy.yaml")]
    if "has_batch" in scenario.options:
        (folder / "map.yaml").write_text(MAPPING)
        arguments += ["--map", str(folder / "map.yaml"), "--input-format", "oracle"]
    return [*arguments, *option_arguments(scenario.options)]
