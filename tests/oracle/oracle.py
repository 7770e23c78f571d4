"""The second engineer: `batchwise report` worked out again from the contract alone.

Everything is exact (`fractions.Fraction`); the only roundings are the two the
contract names (monthly amounts per row to 12 decimals, shares to 6). Nothing
here is optimised and nothing is shared with the Rust code, so an agreement of
both is evidence. The module is pure: rows, price table, policy and options go
in as Python objects, the report's JSON comes out as a Python object.

Rows are dicts `column -> text` with the columns of contract §7. Table and
policy are the objects that `generate.py` writes as YAML: dicts whose numbers
and percentages are still text.
"""

from __future__ import annotations

import calendar
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from functools import lru_cache

CLASSES = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
CASES = ("low", "base", "high")
RESULTS = (
    ("already-batch", None),
    ("batch", "confirmed"),
    ("batch", "likely"),
    ("real-time", None),
    ("real-time", "candidate"),
    ("real-time", "undecided"),
)
BATCHED_IN = {
    "confirmed": ("low", "base", "high"),
    "likely": ("base", "high"),
    "candidate": ("high",),
    "undecided": ("high",),
}
SERVICE_TIERS = {
    "": "standard", "default": "standard", "standard": "standard", "auto": "standard",
    "flex": "flex", "priority": "priority", "fast": "priority", "batch": "batch",
    "incentivized-tier": "free",
}
ENDPOINTS = {
    "/v1/chat/completions": "chat", "/v1/responses": "responses", "/v1/messages": "messages",
    "/v1/embeddings": "embeddings", "/v1/completions": "completions",
}
COLUMNS = (
    "request_id", "timestamp", "bucket_end", "requests", "provider", "model", "endpoint",
    "api_key_name", "project", "user", "end_user", "team", "app", "session_id", "workload_tag",
    "stream", "service_tier", "geo", "input_tokens", "cached_input_tokens", "cache_write_tokens",
    "cache_write_1h_tokens", "output_tokens", "latency_ms", "ttft_ms", "status", "cost_usd",
)
NOT_GROUPING = frozenset({
    "timestamp", "bucket_end", "provider", "workload_tag", "requests", "input_tokens", "cached_input_tokens",
    "cache_write_tokens", "cache_write_1h_tokens", "output_tokens", "latency_ms", "ttft_ms", "status", "cost_usd",
})
PER_CALL_FACTS = frozenset({"input_tokens", "output_tokens", "latency_ms", "ttft_ms"})
DEFAULT_WORKLOAD = ("tag.workload", "tag.job", "project", "api_key", "app", "model")
DEFAULT_ASSUMPTION = {"low": "0%", "base": "30%", "high": "60%"}
DEFAULT_MIN_REQUESTS = 100
MANY_END_USERS = 5

BATCH_WORDS = (
    "eval", "evals", "evaluation", "benchmark", "benchmarks", "regression suite", "backfill",
    "nightly", "overnight", "cron", "scheduled", "weekly", "monthly", "batch", "bulk", "offline",
    "etl", "ingest", "enrich*", "categori*", "classify", "classification", "lead scoring",
    "sentiment", "tagging", "labeling", "labelling", "labeler", "annotat*", "synthetic",
    "augment*", "training data", "distill*", "dataset", "embed index", "index build", "reindex",
    "summariz*", "summaris*", "contract review", "compliance", "product description",
    "product descriptions", "seo", "newsletter", "campaign", "campaigns", "translate catalog",
    "translation", "report generation", "digest",
)
REAL_TIME_WORDS = (
    "chat", "chatbot", "assistant", "copilot", "agent", "agents", "autocomplete", "ide", "cursor",
    "claude code", "codex", "voice", "realtime", "real time", "live", "search bar", "web",
    "frontend", "mobile", "checkout", "support", "helpdesk", "playground", "slack", "typing",
    "suggest", "interactive", "onboarding",
)
INTERACTIVE_APPS = (
    "claude code", "codex", "cursor", "copilot", "windsurf", "cline", "aider", "continue", "zed",
    "open webui", "librechat", "chatbox",
)


# ── numbers ──────────────────────────────────────────────────────────────────

def percent(text):
    """`12.5%` as an exact share."""
    return Fraction(str(text).removesuffix("%")) / 100


def amount(value):
    """An exact decimal as the report writes it; None stays None."""
    if value is None:
        return None
    places = 0
    while 10**places % value.denominator:
        places += 1
    digits = str(abs(value.numerator) * (10**places // value.denominator)).rjust(places + 1, "0")
    whole, decimals = digits[: len(digits) - places], digits[len(digits) - places :]
    return ("-" if value < 0 else "") + whole + ("." + decimals if decimals else "")


def share_of(part, whole):
    """A share with 6 decimals half-even; there is none of nothing."""
    return None if whole == 0 else amount(round(Fraction(part) / whole, 6))


def total(values):
    """An exact sum that is a Fraction even of nothing."""
    return sum(values, Fraction(0))


# ── text ─────────────────────────────────────────────────────────────────────

@lru_cache(maxsize=None)
def glob_pattern(glob):
    """`*` stands for any text, also across `/`; case does not matter."""
    return re.compile(".*".join(map(re.escape, glob.split("*"))), re.IGNORECASE | re.DOTALL)


def glob_matches(glob, text):
    """Whether the whole text fits the glob."""
    return glob_pattern(str(glob)).fullmatch(text) is not None


@lru_cache(maxsize=None)
def split_name(name):
    """A name's lower-case tokens: runs of letters and digits, cut at camelCase."""
    runs = re.findall(r"[A-Za-z0-9]+", name)
    cut = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
    return tuple(token.lower() for run in runs for token in cut.split(run))


def holds_word(tokens, entry):
    """Whether a list entry (token, prefix, or consecutive tokens) occurs."""
    if entry.endswith("*"):
        return any(token.startswith(entry[:-1]) for token in tokens)
    words = tuple(entry.split())
    return any(tokens[i : i + len(words)] == words for i in range(len(tokens)))


def first_word(tokens, entries):
    """The first entry of a list, in the list's order, that the tokens hold."""
    return next((entry for entry in entries if holds_word(tokens, entry)), None)


def endpoint_name(endpoint):
    """URL paths map to names, unknown ones by their last segment."""
    return ENDPOINTS.get(endpoint, endpoint.rsplit("/", 1)[-1])


# ── price table ──────────────────────────────────────────────────────────────

@dataclass
class Model:
    """One model of the table, with the provider whose batch terms hold for it."""

    provider: str
    id: str
    spec: dict
    terms: dict

    def entry_on(self, day):
        """The price entry in force on a UTC day, if any."""
        in_force = None
        for entry in self.spec["prices"]:
            if "from" not in entry or date.fromisoformat(entry["from"]) <= day:
                in_force = entry
        return in_force


class PriceTable:
    """Names to models, by the contract's order of resolution."""

    def __init__(self, table):
        self.providers = {}
        self.canonical = {}
        for provider, spec in table["providers"].items():
            terms = spec.get("batch", {})
            self.providers[provider] = {
                name: Model(provider, name, model, terms) for name, model in spec["models"].items()
            }
            for name in (provider, *spec.get("aliases", ())):
                self.canonical[name] = provider

    def find(self, provider, logged):
        """A model within one provider: exact, alias, snapshot, glob."""
        models = self.providers[provider]
        if logged in models:
            return models[logged]
        stem = re.sub(r"-(\d{4}-\d{2}-\d{2}|\d{8})$", "", logged)
        tests = (
            lambda model: logged in model.spec.get("aliases", ()),
            lambda model: stem != logged and model.id == stem and model.spec.get("snapshots"),
            lambda model: any(glob_matches(g, logged) for g in model.spec.get("match", ())),
        )
        return next((m for test in tests for m in models.values() if test(m)), None)

    def resolve(self, provider, logged, fallback):
        """(provider name, model or None) for a row; the name is '' where nothing says it."""
        if provider:
            return self._within(provider, logged)
        prefix, _, rest = logged.partition("/")
        if prefix in self.canonical and self.find(self.canonical[prefix], rest):
            return self._within(prefix, rest)
        if fallback:
            return self._within(fallback, logged)
        owners = [name for name in self.providers if self.find(name, logged)]
        return self._within(owners[0], logged) if len(owners) == 1 else ("", None)

    def _within(self, provider, logged):
        if provider not in self.canonical:
            return provider, None
        name = self.canonical[provider]
        return name, self.find(name, logged)


def blocks_at(entry, prompt):
    """The tier blocks for a prompt; the highest step reached replaces all of them."""
    reached = [(-1, entry)]
    if prompt is not None:
        reached += [(int(n), step) for n, step in entry.get("above", {}).items() if prompt > int(n)]
        reached += [(int(n), step) for n, step in entry.get("at_least", {}).items() if prompt >= int(n)]
    return max(reached, key=lambda step: step[0])[1]


def rate(block, tier, token_class):
    """A rate of a block; in batch and flex the cached classes may lean on input."""
    if token_class not in block and tier in ("batch", "flex") and token_class.startswith("cache"):
        token_class = "input"
    return Fraction(block[token_class]) if token_class in block else None


def charge(model, call, tier, quantities):
    """Exact cost of quantities by class at a model's rates for this call, or None."""
    entry = model.entry_on(call.day)
    block = entry and blocks_at(entry, call.prompt).get(tier)
    if block is None:
        return None
    cost = Fraction(0)
    for token_class, quantity in quantities.items():
        if quantity:
            price = rate(block, tier, token_class)
            if price is None:
                return None
            cost += quantity * price
    return cost * Fraction(entry.get("geo", {}).get(call.row.get("geo"), 1)) / 1_000_000


# ── rows ─────────────────────────────────────────────────────────────────────

class Rejected(Exception):
    """A row that cannot be counted."""


@dataclass
class InputFile:
    """One input: its rows, the lines that are no rows, and its bytes for twins."""

    name: str
    rows: list
    headers: int
    blanks: int
    content: bytes


@dataclass
class Call:
    """One accepted row (a call or a bucket) and what was worked out about it."""

    row: dict
    file: int
    start: datetime
    end: datetime | None
    requests: int | None
    tokens: dict
    provider: str
    model: Model | None
    workload: str = ""
    cost: Fraction | None = None
    batch_cost: Fraction | None = None
    code: str = ""

    @property
    def day(self):
        """The UTC day that prices the row: a bucket's is its first."""
        return self.start.date()

    @property
    def days(self):
        """Every UTC day the row touches."""
        return set(days_between(*covered_days(self.start, self.end)))

    @property
    def prompt(self):
        """The whole prompt of a call; a bucket has none."""
        return None if self.end else sum(self.tokens.values()) - self.tokens["output"]

    @property
    def tier(self):
        """The table's name of the service tier, None if nobody knows it."""
        return SERVICE_TIERS.get(self.row.get("service_tier", ""))

    @property
    def failed(self):
        """Without a status a call succeeded."""
        return has_failed(self.row)

    @property
    def billed(self):
        """What the row says it cost, if it does."""
        text = self.row.get("cost_usd")
        return Fraction(text) if text else None

    @property
    def group(self):
        """The unit that verdicts on volume and loss look at."""
        return self.workload, self.provider, self.row["model"]


def has_failed(row):
    """Whether a row states a status that means failure."""
    return bool(row.get("status")) and int(row["status"]) >= 400


def text_of(row, name):
    """A named text fact of a row, None where the row does not have it."""
    column = {"api_key": "api_key_name", "tag.workload": "workload_tag"}.get(name, name)
    return row.get(column) or row.get(name) or None


def tags_of(row):
    """A row's tags by full name, `tag.workload` from either of its columns."""
    names = {"tag.workload" if c == "workload_tag" else c for c in row if c.startswith("tag.") or c == "workload_tag"}
    return {name: text_of(row, name) for name in sorted(names) if text_of(row, name)}


def instant(text):
    """An RFC 3339 time in UTC; without an offset it is UTC already."""
    parsed = datetime.fromisoformat(text)
    return parsed.replace(tzinfo=timezone.utc) if parsed.tzinfo is None else parsed.astimezone(timezone.utc)


def covered_days(start, end):
    """First and last UTC day of a moment or of [start, end)."""
    return start.date(), (end - timedelta(microseconds=1)).date() if end else start.date()


def days_between(first, last):
    """All days from first to last."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def span_of(row):
    """(start, end or None) of a row, None if its time cannot be read."""
    try:
        end = row.get("bucket_end")
        return instant(row["timestamp"]), instant(end) if end else None
    except (KeyError, ValueError):
        return None


def count(row, column):
    """A whole, non-negative number, None if empty; anything else rejects the row."""
    text = row.get(column, "")
    if text == "":
        return None
    if not re.fullmatch(r"\d+(\.0+)?", text):
        raise Rejected(column)
    return int(text.split(".")[0])


def read_tokens(row, model):
    """Tokens by class; the columns hold the whole prompt and its parts."""
    prompt = count(row, "input_tokens")
    if prompt is None:
        raise Rejected("input_tokens")
    read = count(row, "cached_input_tokens") or 0
    write_5m = count(row, "cache_write_tokens") or 0
    write_1h = count(row, "cache_write_1h_tokens") or 0
    output = count(row, "output_tokens")
    if read + write_5m + write_1h > prompt:
        raise Rejected("parts above the whole")
    if output is None and not (has_failed(row) or (model and model.spec["kind"] in ("embedding", "rerank"))):
        raise Rejected("output_tokens")
    return dict(zip(CLASSES, (prompt - read - write_5m - write_1h, read, write_5m, write_1h, output or 0)))


def read_call(row, file, table, fallback):
    """A row as a call, or `Rejected`."""
    span = span_of(row)
    if span is None or not row.get("model"):
        raise Rejected("required column")
    if not re.fullmatch(r"(\d+(\.\d+)?)?", row.get("cost_usd", "")):
        raise Rejected("cost_usd")
    provider, model = table.resolve(row.get("provider"), row["model"], fallback)
    requests = count(row, "requests")
    if requests is None and span[1] is None:
        requests = 1
    return Call(row, file, *span, requests, read_tokens(row, model), provider, model)


# ── duplicates and period ────────────────────────────────────────────────────

def identity(call):
    """What makes two rows the same usage; None where a row can be nobody's twin."""
    if call.end:
        texts = tuple(call.row.get(column, "") for column in COLUMNS if column not in NOT_GROUPING)
        return call.start, call.end, call.provider, texts, tuple(tags_of(call.row).items())
    return (call.provider, call.row["request_id"]) if call.row.get("request_id") else None


def precedence(call):
    """Of several versions the greatest counts."""
    texts = tuple(call.row.get(column, "") for column in COLUMNS if column != "workload_tag")
    return call.tokens["output"], sum(call.tokens.values()), call.start, texts, tuple(tags_of(call.row).items())


def without_duplicates(calls):
    """(kept calls in reading order, dropped calls); of equal rows the first is kept."""
    best = {}
    for call in calls:
        key = identity(call)
        if key is not None and (key not in best or precedence(call) > precedence(best[key])):
            best[key] = call
    kept, dropped = [], []
    for call in calls:
        key = identity(call)
        (kept if key is None or best[key] is call else dropped).append(call)
    return kept, dropped


@dataclass
class Period:
    """The days reported on, and how their total becomes a month's."""

    first: date
    last: date

    @property
    def days(self):
        """Number of days, both ends included."""
        return (self.last - self.first).days + 1

    @property
    def months(self):
        """Number of whole calendar months, None if it is not that."""
        last_of_month = calendar.monthrange(self.last.year, self.last.month)[1]
        if self.first.day != 1 or self.last.day != last_of_month:
            return None
        return (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1

    def monthly(self, value):
        """A period's exact amount as a month's, with the one rounding there is."""
        factor = Fraction(1, self.months) if self.months else Fraction(365, 12 * self.days)
        return round(value * factor, 12)

    def as_json(self):
        """The report's `period`."""
        basis = "calendar" if self.months else "run-rate"
        return {"from": str(self.first), "to": str(self.last), "days": self.days, "month_basis": basis}


def find_period(rows, options):
    """`--from/--to`, else the UTC span of all dated rows, rejected ones too."""
    if options.get("from"):
        return Period(date.fromisoformat(options["from"]), date.fromisoformat(options["to"]))
    spans = [covered_days(*span) for span in map(span_of, rows) if span]
    return Period(min(first for first, _ in spans), max(last for _, last in spans))


def read_inputs(files, table, options):
    """(accepted calls, period, row counts per file): every row gets one outcome."""
    calls, seen = [], set()
    outcomes = [defaultdict(int) for _ in files]
    for index, file in enumerate(files):
        if file.content in seen:
            outcomes[index]["duplicate"] = len(file.rows)
            continue
        seen.add(file.content)
        for row in file.rows:
            try:
                calls.append(read_call(row, index, table, options.get("provider")))
            except Rejected:
                outcomes[index]["rejected"] += 1
    kept, dropped = without_duplicates(calls)
    period = find_period([row for file in files for row in file.rows], options)
    accepted = [call for call in kept if period.first <= call.day <= period.last]
    for call in dropped:
        outcomes[call.file]["duplicate"] += 1
    for call in kept:
        outcomes[call.file]["accepted" if period.first <= call.day <= period.last else "outside"] += 1
    return accepted, period, [rows_json(file, counts) for file, counts in zip(files, outcomes)]


def rows_json(file, counts):
    """One entry of `inputs`, as far as the contract fixes it for the tool's own log."""
    return {"file": file.name, "rows": {
        "read": file.headers + file.blanks + len(file.rows), "header": file.headers, "preamble": 0,
        "blank": file.blanks, "totals": 0, "not_usage": 0, "outside": counts["outside"],
        "accepted": counts["accepted"], "duplicate": counts["duplicate"], "rejected": counts["rejected"],
    }}


# ── settings ─────────────────────────────────────────────────────────────────

@dataclass
class Settings:
    """The policy and options with every default filled in."""

    workload: list
    rules: list
    hit_share: Fraction
    min_requests: int
    assumption: dict
    routes: list


def case_shares(share):
    """`40%` or `{low, base?, high}` as exact shares by case."""
    if not isinstance(share, dict):
        share = {"low": share, "high": share}
    low, high = percent(share["low"]), percent(share["high"])
    return {"low": low, "base": percent(share["base"]) if "base" in share else (low + high) / 2, "high": high}


def settle(policy, options):
    """Policy (or None) and options to settings; `--routing-saves` overrules all routing."""
    policy = policy or {}
    routing = policy.get("routing", {})
    routes, assumption = routing.get("routes", []), routing.get("assumption", DEFAULT_ASSUMPTION)
    if options.get("routing_saves"):
        low, high = options["routing_saves"]
        routes, assumption = [], {"low": low, "high": high}
    return Settings(
        workload=policy.get("workload", DEFAULT_WORKLOAD),
        rules=policy.get("rules", []),
        hit_share=percent(policy.get("batch", {}).get("cache_hit_share", "0%")),
        min_requests=int(policy.get("limits", {}).get("min_requests", DEFAULT_MIN_REQUESTS)),
        assumption=case_shares(assumption),
        routes=routes,
    )


# ── what a call costs ────────────────────────────────────────────────────────

def cost_now(call):
    """Today's cost; None is unpriced. Free-tier calls cost nothing whatever they are."""
    if call.tier == "free":
        return Fraction(0)
    if call.model is None or call.tier is None:
        return None
    return charge(call.model, call, call.tier, call.tokens)


def cost_in_batch(call, hit_share):
    """What the same call costs in batch; None where there is no rate for it."""
    if call.tier in ("free", "batch", "flex") or call.cost is None:
        return call.cost
    tokens = call.tokens
    written = tokens["cache_write_5m"] + tokens["cache_write_1h"]
    return charge(call.model, call, "batch", {
        "cache_read": hit_share * tokens["cache_read"],
        "input": tokens["input"] + (1 - hit_share) * tokens["cache_read"] + written,
        "output": tokens["output"],
    })


def cost_at_target(call, target, output_ratio):
    """The call at a route's target: no cache there, its own tier, day, prompt and geo."""
    tokens = call.tokens
    prompt = sum(tokens.values()) - tokens["output"]
    return charge(target, call, call.tier, {"input": prompt, "output": tokens["output"] * output_ratio})


# ── verdicts ─────────────────────────────────────────────────────────────────

@dataclass(frozen=True)
class Verdict:
    """A result of contract §4 and the code that decided it."""

    verdict: str
    band: str | None
    code: str


def real_time(code, band=None):
    """Not to be batched, or (with a band) not known."""
    return Verdict("real-time", band, code)


def by_outcome(call):
    """Steps 2 to 4b: what the call was leaves nothing to decide."""
    if call.failed:
        return real_time("failed-call")
    if call.tier in ("batch", "flex"):
        return Verdict("already-batch", None, "already-batch")
    if call.cost is None:
        return real_time("unpriced")
    return real_time("free-tier") if call.tier == "free" else None


def by_table(call):
    """Steps 6 and 7: the table has no batch for it."""
    if call.batch_cost is None:
        return real_time("no-batch-rate")
    endpoint, offered = call.row.get("endpoint"), call.model.terms.get("endpoints")
    if endpoint and offered is not None and endpoint_name(endpoint) not in offered:
        return real_time("unsupported-endpoint")
    return None


def fact(call, name):
    """A fact for `when` as text; a bucket has no per-call numbers."""
    if name in PER_CALL_FACTS and call.end:
        return None
    if name == "output_tokens":
        return str(call.tokens["output"])
    if name == "input_tokens":
        return str(call.prompt)
    special = {"workload": call.workload, "provider": call.provider, "tier": call.tier}
    if name == "endpoint" and call.row.get("endpoint"):
        return endpoint_name(call.row["endpoint"])
    return special.get(name) or text_of(call.row, name)


def hour_of(call):
    """The UTC hour, of a bucket only if it lies within one."""
    if call.end and call.end > call.start.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1):
        return None
    return call.start.hour


def hour_holds(hour, wanted):
    """Both ends included; a range may wrap past midnight."""
    first, last = int(wanted["from"]), int(wanted["to"])
    if hour is None:
        return False
    return first <= hour <= last if first <= last else hour >= first or hour <= last


def condition_holds(call, name, wanted):
    """One condition of a rule; a missing fact never matches."""
    if name == "hour":
        return hour_holds(hour_of(call), wanted)
    value = fact(call, name)
    if value is None:
        return False
    if isinstance(wanted, dict):
        above, below = wanted.get("above"), wanted.get("below")
        number = Fraction(value)
        return (above is None or number > Fraction(above)) and (below is None or number < Fraction(below))
    choices = wanted if isinstance(wanted, list) else [wanted]
    return any(glob_matches(str(choice), value) for choice in choices)


def by_rule(call, rules):
    """Step 8: the first user rule whose conditions all hold."""
    for rule in rules:
        if all(condition_holds(call, name, wanted) for name, wanted in rule["when"].items()):
            code = f"rule:{rule['id']}"
            if rule["then"] == "batch":
                return Verdict("batch", "confirmed", code)
            return real_time(code, "undecided" if rule["then"] == "ask" else None)
    return None


def by_log(call):
    """Step 9: the log's own word, `tag.batch` before `tag.max_wait`."""
    said = text_of(call.row, "tag.batch")
    if said in ("true", "false"):
        return Verdict("batch", "confirmed", "tag:batch") if said == "true" else real_time("tag:batch")
    wait = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text_of(call.row, "tag.max_wait") or "")
    if not wait:
        return None
    hours = Fraction(wait[1]) * {"s": Fraction(1, 3600), "m": Fraction(1, 60), "h": 1, "d": 24}[wait[2]]
    if hours >= int(call.model.terms.get("window_hours", 24)):
        return Verdict("batch", "confirmed", "tag:max_wait")
    return real_time("tag:max_wait")


def by_veto(call, crowded):
    """Step 10: signs that somebody waits, in the contract's order."""
    row = call.row
    vetoes = (
        ("streaming", row.get("stream") == "true"),
        ("first-token-logged", not call.end and Fraction(row.get("ttft_ms") or 0) > 0),
        ("realtime-endpoint", endpoint_name(row.get("endpoint", "")) in ("realtime", "audio")),
        ("priority-tier", call.tier == "priority"),
        ("interactive-app", first_word(split_name(row.get("app", "")), INTERACTIVE_APPS)),
        ("many-end-users", crowded),
    )
    return next((real_time(code) for code, applies in vetoes if applies), None)


def by_word(call, workload_fields):
    """Step 11: the first field that holds a listed word; real-time words win in it."""
    matched = [name for name in workload_fields if name.startswith("tag.") or name in ("project", "api_key", "app")]
    for name in (*matched, *tags_of(call.row), "project", "api_key", "app"):
        tokens = split_name(text_of(call.row, name) or "")
        if word := first_word(tokens, REAL_TIME_WORDS):
            return real_time(f"word:{word}")
        if word := first_word(tokens, BATCH_WORDS):
            return Verdict("batch", "likely", f"word:{word}")
    return None


def judge(call, settings, crowded):
    """The first step that applies decides a call."""
    return (
        by_outcome(call)
        or by_table(call)
        or by_rule(call, settings.rules)
        or by_log(call)
        or by_veto(call, crowded)
        or by_word(call, settings.workload)
        or real_time("undecided", "undecided")
    )


# ── workload rows ────────────────────────────────────────────────────────────

@dataclass
class Row:
    """The calls of one group that share verdict and band."""

    group: tuple
    verdict: str
    band: str | None
    calls: list = field(default_factory=list)

    @property
    def priced(self):
        """The calls that money can be said about."""
        return [call for call in self.calls if call.cost is not None]

    @property
    def requests(self):
        """Sum of the stated requests, None where no call states them."""
        stated = [call.requests for call in self.calls if call.requests is not None]
        return sum(stated) if stated else None

    @property
    def cost(self):
        """Today's exact cost for the period, None if nothing is priced."""
        return total(call.cost for call in self.priced) if self.priced else None

    @property
    def batch_cost(self):
        """The same in batch, None where a priced call has no batch rate."""
        if not self.priced or any(call.batch_cost is None for call in self.priced):
            return None
        return total(call.batch_cost for call in self.priced)


def change_of(row, settings):
    """The code that takes a row with a band out of every batch case, if any."""
    if all(call.requests is not None for call in row.calls):
        active_days = set().union(*(call.days for call in row.calls))
        floor = max(settings.min_requests, int(row.calls[0].model.terms.get("min_requests", 0)))
        if Fraction(row.requests, len(active_days)) < floor:
            return "small-volume"
    if row.batch_cost > row.cost:
        return "cache-loss"
    return "no-saving" if row.batch_cost == row.cost else None


def workload_name(call, fields):
    """The first field of the policy's list that the call has."""
    return next(text for text in (text_of(call.row, name) for name in fields) if text)


def crowded_groups(calls):
    """Groups with so many end users that people must be waiting."""
    end_users = defaultdict(set)
    for call in calls:
        if call.row.get("end_user"):
            end_users[call.group].add(call.row["end_user"])
    return {group for group, users in end_users.items() if len(users) >= MANY_END_USERS}


def judge_all(calls, settings):
    """All workload rows, after prices, verdicts, and changes by volume or loss."""
    for call in calls:
        call.workload = workload_name(call, settings.workload)
        call.cost = cost_now(call)
        call.batch_cost = cost_in_batch(call, settings.hit_share)
    crowded = crowded_groups(calls)
    rows = {}

    def add(call, verdict, band, code):
        call.code = code
        rows.setdefault((call.group, verdict, band), Row(call.group, verdict, band)).calls.append(call)

    for call in calls:
        found = judge(call, settings, call.group in crowded)
        add(call, found.verdict, found.band, found.code)
    for key, row in list(rows.items()):
        if row.band and (code := change_of(row, settings)):
            del rows[key]
            for call in row.calls:
                add(call, "real-time", None, code)
    return list(rows.values())


# ── money of a month ─────────────────────────────────────────────────────────

def is_routable(call):
    """Priced, successful chat or completion calls that cost by the call."""
    return (
        call.cost is not None
        and not call.failed
        and call.code != "free-tier"
        and call.model.spec["kind"] in ("chat", "completion")
    )


def route_of(row, routes):
    """The first route whose `from` fits provider and logged model."""
    _, provider, model = row.group
    for route in routes:
        from_provider, _, from_model = route["from"].partition("/")
        if glob_matches(from_provider, provider) and glob_matches(from_model, model):
            return route
    return None


def routing_savings(row, settings, table):
    """What routing saves of a row in the period, by case, ascending."""
    calls = [call for call in row.calls if is_routable(call)]
    if not settings.routes:
        cost = total(call.cost for call in calls)
        return {case: settings.assumption[case] * cost for case in CASES}
    route = route_of(row, settings.routes)
    if route is None:
        return dict.fromkeys(CASES, Fraction(0))
    target = table.find(*route["to"].split("/", 1))
    pairs = [(call.cost, cost_at_target(call, target, Fraction(route.get("output_ratio", "1")))) for call in calls]
    cost = total(now for now, then in pairs if then is not None)
    cost_to = total(then for _, then in pairs if then is not None)
    escalation, overhead = percent(route.get("escalation", "0%")), percent(route.get("overhead", "0%"))
    shares = case_shares(route["share"]).values()
    return dict(zip(CASES, sorted(s * (cost - cost_to) - s * escalation * cost - overhead * cost for s in shares)))


@dataclass
class RowMoney:
    """A row's monthly amounts; all totals are sums and differences of these."""

    row: Row
    cost: Fraction
    batch_saving: Fraction
    routing: dict
    routing_exact: dict

    def batched(self, case):
        """Whether `batch-only` batches the row in a case."""
        return case in BATCHED_IN.get(self.row.band, ())

    def batched_beside_routing(self, case):
        """Whether batch takes the row where routing could have it too."""
        if self.row.band == "confirmed":
            return True
        saving = self.row.cost - self.row.batch_cost if self.row.band else None
        return self.batched(case) and saving >= self.routing_exact[case]


def month_of(row, period, settings, table):
    """The row's monthly money, None where nothing of it is priced."""
    if row.cost is None:
        return None
    cost = period.monthly(row.cost)
    saving = cost - period.monthly(row.batch_cost) if row.band else Fraction(0)
    routable = row.verdict != "already-batch" and row.band != "confirmed"
    exact = routing_savings(row, settings, table) if routable else dict.fromkeys(CASES, Fraction(0))
    return RowMoney(row, cost, saving, {case: period.monthly(exact[case]) for case in CASES}, exact)


def scenario(name, today, savings):
    """One scenario from its savings by case."""
    return {
        "id": name,
        "monthly_cost": {case: amount(today - savings[case]) for case in CASES},
        "monthly_saving": {case: amount(savings[case]) for case in CASES},
        "saving_share": {case: share_of(savings[case], today) for case in CASES},
    }


def scenarios_json(months):
    """Today, batch only, and batch with what remains routed."""
    today = total(month.cost for month in months)
    batch_only, batch_part, routing_part = {}, {}, {}
    for case in CASES:
        batch_only[case] = total(m.batch_saving for m in months if m.batched(case))
        batch_part[case] = total(m.batch_saving for m in months if m.batched_beside_routing(case))
        routing_part[case] = total(m.routing[case] for m in months if not m.batched_beside_routing(case))
    both = {case: batch_part[case] + routing_part[case] for case in CASES}
    parts = {
        "batch": {case: amount(batch_part[case]) for case in CASES},
        "routing": {case: amount(routing_part[case]) for case in CASES},
    }
    return [
        {"id": "today", "monthly_cost": {case: amount(today) for case in CASES}},
        scenario("batch-only", today, batch_only),
        {**scenario("batch-plus-routing", today, both), "parts": parts},
    ]


# ── the report ───────────────────────────────────────────────────────────────

def usage_json(calls):
    """Requests and tokens, and how much of them has no price."""
    unpriced = [call for call in calls if call.cost is None]
    return {
        "requests": sum(call.requests or 0 for call in calls),
        "tokens": {name: sum(call.tokens[name] for call in calls) for name in CLASSES},
        "unpriced": {
            "requests": sum(call.requests or 0 for call in unpriced),
            "tokens": sum(sum(call.tokens.values()) for call in unpriced),
            "models": sorted({call.row["model"] for call in unpriced}),
        },
    }


def cost_json(calls):
    """Computed beside billed; the residual is over the rows that state a bill."""
    billed = [call for call in calls if call.billed is not None]
    bill = total(call.billed for call in billed)
    return {
        "computed": amount(total(call.cost or 0 for call in calls)),
        "billed": amount(bill) if billed else None,
        "residual": amount(bill - total(call.cost or 0 for call in billed)) if billed else None,
    }


def eligibility_json(rows):
    """The six results, always all of them, in the contract's order."""
    found = []
    for verdict, band in RESULTS:
        alike = [row for row in rows if (row.verdict, row.band) == (verdict, band)]
        found.append({
            "verdict": verdict, "band": band,
            "requests": sum(row.requests or 0 for row in alike),
            "cost": amount(total(row.cost or 0 for row in alike)),
        })
    return found


def workload_json(row, month):
    """One row of `workloads`."""
    workload, provider, model = row.group
    return {
        "workload": workload, "provider": provider, "model": model,
        "verdict": row.verdict, "band": row.band,
        "reasons": sorted({call.code for call in row.calls}, key=str.encode),
        "requests": row.requests,
        "cost": amount(row.cost), "batch_cost": amount(row.batch_cost),
        "monthly_cost": amount(month.cost) if month else None,
        "monthly_saving": amount(month.batch_saving) if month else None,
    }


def report(files, table, policy, options):
    """The report's JSON, as far as the contract fixes it."""
    prices, settings = PriceTable(table), settle(policy, options)
    calls, period, inputs = read_inputs(files, prices, options)
    rows = judge_all(calls, settings)
    rows.sort(key=lambda row: (-(row.cost or 0), [name.encode() for name in row.group], RESULTS.index((row.verdict, row.band))))
    months = [month_of(row, period, settings, prices) for row in rows]
    return {
        "period": period.as_json(),
        "inputs": inputs,
        "usage": usage_json(calls),
        "cost": cost_json(calls),
        "eligibility": eligibility_json(rows),
        "scenarios": scenarios_json([month for month in months if month]),
        "workloads": [workload_json(row, month) for row, month in zip(rows, months)],
    }


def exit_code(result, policy):
    """3 for rejected rows or unpriced usage beyond what the policy accepts, else 0."""
    accept = (policy or {}).get("accept", {})
    rejected = sum(entry["rows"]["rejected"] for entry in result["inputs"])
    unpriced = set(result["usage"]["unpriced"]["models"]) - set(accept.get("unpriced", ()))
    return 3 if rejected > int(accept.get("rejects", 0)) or unpriced else 0
