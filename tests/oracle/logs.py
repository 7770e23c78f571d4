"""Logs in the tool's own columns: rows to calls, duplicates, the period, the ledger."""

from __future__ import annotations

import calendar
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction

from prices import Model

CLASSES = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
SERVICE_TIERS = {
    "": "standard", "default": "standard", "standard": "standard", "auto": "standard",
    "flex": "flex", "priority": "priority", "fast": "priority", "batch": "batch",
    "incentivized-tier": "free",
}
COLUMNS = (
    "request_id", "timestamp", "bucket_end", "requests", "provider", "model", "endpoint",
    "api_key_name", "project", "user", "end_user", "team", "app", "session_id", "workload_tag",
    "stream", "service_tier", "geo", "input_tokens", "cached_input_tokens", "cache_write_tokens",
    "cache_write_1h_tokens", "output_tokens", "latency_ms", "ttft_ms", "status", "cost_usd",
)
NOT_GROUPING = frozenset({
    "timestamp", "bucket_end", "workload_tag", "requests", "input_tokens", "cached_input_tokens",
    "cache_write_tokens", "cache_write_1h_tokens", "output_tokens", "latency_ms", "ttft_ms", "status", "cost_usd",
})


EARLIEST = date(2020, 1, 1)


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
    batch_unknown: bool = False

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
        """The whole prompt of a call; a bucket has none unless it is one request."""
        return None if self.end and self.requests != 1 else sum(self.tokens.values()) - self.tokens["output"]

    @property
    def tier(self):
        """The table's name of the service tier, None if nobody knows it; a column that says batch is above it."""
        if self.row.get("batch") == "true":
            return "batch"
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


def is_believed(span, table):
    """Days from 2020 to five years after the newest check of the price table."""
    return all(EARLIEST <= day <= table.latest for day in covered_days(*span))


def check_requests(row, requests, tokens, is_bucket):
    """Each request has a token at least, and what has tokens or an amount is a request; an hour may be of failed calls."""
    if requests is None or (is_bucket and tokens == 0 and requests > 0):
        return
    is_charged = tokens > 0 or Fraction(row.get("cost_usd") or 0) != 0
    if (requests == 0 and is_charged) or requests > max(tokens, 1):
        raise Rejected("requests")


def read_call(row, file, table, fallback, has_batch=False):
    """A row as a call, or `Rejected`; `has_batch` says that a column tells batch from real time where it is filled."""
    span = span_of(row)
    if span is None or not row.get("model"):
        raise Rejected("required column")
    if not is_believed(span, table):
        raise Rejected("period")
    if has_batch and row.get("batch", "") not in ("true", "false", ""):
        raise Rejected("batch")
    if not re.fullmatch(r"(\d+(\.\d+)?)?", row.get("cost_usd", "")):
        raise Rejected("cost_usd")
    provider, model = table.resolve(row.get("provider"), row["model"], fallback)
    requests = count(row, "requests")
    if requests is None and span[1] is None:
        requests = 1
    tokens = read_tokens(row, model)
    check_requests(row, requests, sum(tokens.values()), is_bucket=span[1] is not None)
    call = Call(row, file, *span, requests, tokens, provider, model)
    call.batch_unknown = has_batch and not row.get("batch") and call.tier != "batch"
    return call


# The code of inputs whose ids do not tell calls apart (contract, section 7).
REPEATS = "ids-repeat"


def identity(call):
    """What makes two rows the same usage; None where a row can be nobody's twin."""
    if call.end:
        texts = tuple(call.row.get(column, "") for column in COLUMNS if column not in NOT_GROUPING)
        return call.start, call.end, call.provider, call.batch_unknown, texts, tuple(tags_of(call.row).items())
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
    others = [call for call in dropped if is_another_call(call, best[identity(call)])]
    return kept, dropped, others


def prompt_of(call):
    """Tokens of the whole prompt."""
    return sum(count for name, count in call.tokens.items() if name != "output")


def is_another_call(call, counted):
    """Whether a row that does not count has another model or prompt than the one that does, and another time; a day alone is none."""
    same = call.row["model"] == counted.row["model"] and prompt_of(call) == prompt_of(counted)
    is_day = call.start == call.start.replace(hour=0, minute=0, second=0, microsecond=0)
    return not call.end and (is_day or call.start != counted.start) and not same


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


def find_period(rows, options, table):
    """`--from/--to`, else the UTC span of all dated rows, rejected ones too but for days that are not believed."""
    if options.get("from"):
        return Period(date.fromisoformat(options["from"]), date.fromisoformat(options["to"]))
    spans = [covered_days(*span) for span in map(span_of, rows) if span and is_believed(span, table)]
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
                calls.append(read_call(row, index, table, options.get("provider"), options.get("has_batch", False)))
            except Rejected:
                outcomes[index]["rejected"] += 1
    kept, dropped, others = without_duplicates(calls)
    period = find_period([row for file in files for row in file.rows], options, table)
    accepted = [call for call in kept if period.first <= call.day <= period.last]
    for call in dropped:
        outcomes[call.file]["duplicate"] += 1
    for call in kept:
        outcomes[call.file]["accepted" if period.first <= call.day <= period.last else "outside"] += 1
    repeats = []
    for index, counts in enumerate(outcomes):
        repeated = sum(call.file == index for call in others)
        if repeated * 100 > counts["accepted"] + counts["outside"] + counts["duplicate"]:
            repeats.append({"code": REPEATS, "count": repeated})
    return accepted, period, [rows_json(file, counts) for file, counts in zip(files, outcomes)], repeats


def rows_json(file, counts):
    """One entry of `inputs`, as far as the contract fixes it for the tool's own log."""
    return {"file": file.name, "rows": {
        "read": file.headers + file.blanks + len(file.rows), "header": file.headers, "preamble": 0,
        "blank": file.blanks, "totals": 0, "not_usage": 0, "outside": counts["outside"],
        "accepted": counts["accepted"], "duplicate": counts["duplicate"], "rejected": counts["rejected"],
    }}
