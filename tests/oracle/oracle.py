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

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction

from exact import CASES, amount, case_shares, first_word, glob_matches, percent, share_of, split_name, total
from logs import CLASSES, read_inputs, tags_of, text_of
from prices import PriceTable, charge

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
ENDPOINTS = {
    "/v1/chat/completions": "chat", "/v1/responses": "responses", "/v1/messages": "messages",
    "/v1/embeddings": "embeddings", "/v1/completions": "completions",
}
PER_CALL_FACTS = frozenset({"input_tokens", "output_tokens", "latency_ms", "ttft_ms"})
DEFAULT_WORKLOAD = ("tag.workload", "tag.job", "project", "api_key", "app", "model")
DEFAULT_ASSUMPTION = {"low": "0%", "base": "30%", "high": "60%"}
DEFAULT_MIN_REQUESTS = 100
DEFAULT_SMALL_SAVING = "100"
MANY_END_USERS = 5
KEPT = "small-volume-kept"

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


# ── settings ────────────────────────────────────────────────────────────────────

@dataclass
class Settings:
    """The policy and options with every default filled in."""

    workload: list
    rules: list
    hit_share: Fraction
    cache: str
    min_requests: int
    small_saving: Fraction
    assumption: dict
    routes: list


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
        cache=policy.get("batch", {}).get("cache", "no-cache"),
        min_requests=int(policy.get("limits", {}).get("min_requests", DEFAULT_MIN_REQUESTS)),
        small_saving=Fraction(policy.get("limits", {}).get("small_saving", DEFAULT_SMALL_SAVING)),
        assumption=case_shares(assumption),
        routes=routes,
    )


# ── what a call costs ───────────────────────────────────────────────────────────

def cost_now(call):
    """Today's cost; None is unpriced. Free-tier calls cost nothing whatever they are."""
    if call.tier == "free":
        return Fraction(0)
    if call.model is None or call.tier is None:
        return None
    return charge(call.model, call, call.tier, call.tokens)


# What a token of a class is billed as, by the way in which cached prompts are sent.
CACHE_WAYS = {
    "no-cache": {"cache_read": "input", "cache_write_5m": "input", "cache_write_1h": "input"},
    "as-sent": {"cache_read": "cache_write_5m"},
    "primed": {},
}


def cost_in_way(call, way):
    """What the call costs in batch, sent in one way; None where there is no rate for it."""
    tokens = {}
    for name, count in call.tokens.items():
        name = CACHE_WAYS[way].get(name, name)
        tokens[name] = tokens.get(name, 0) + count
    return charge(call.model, call, "batch", tokens)


def cost_in_batch(call, settings, rule=None):
    """What the same call costs in batch, by the rule that decides about it; None where there is no rate for it."""
    if call.tier in ("free", "batch", "flex") or call.cost is None:
        return call.cost
    way = (rule or {}).get("cache", settings.cache)
    own, primed = cost_in_way(call, way), cost_in_way(call, "primed")
    if own is None or primed is None:
        return None
    return settings.hit_share * primed + (1 - settings.hit_share) * own


def cost_at_target(call, target, output_ratio):
    """The call at a route's target: no cache there, its own tier, day, prompt and geo, and peak hours."""
    tokens = call.tokens
    prompt = sum(tokens.values()) - tokens["output"]
    return charge(target, call, call.tier, {"input": prompt, "output": tokens["output"] * output_ratio}, at_peak=True)


# ── verdicts ────────────────────────────────────────────────────────────────────

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
    """Steps 2 to 5: what the call was leaves nothing to decide."""
    if call.failed:
        return real_time("failed-call")
    if call.tier in ("batch", "flex"):
        return Verdict("already-batch", None, "already-batch")
    if call.cost is None:
        return real_time("unpriced")
    if call.tier == "free":
        return real_time("free-tier")
    return real_time("batch-unknown") if call.batch_unknown else None


def endpoint_name(endpoint):
    """URL paths map to names, unknown ones by their last segment."""
    return ENDPOINTS.get(endpoint, endpoint.rsplit("/", 1)[-1])


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


# ── workload rows ───────────────────────────────────────────────────────────────

@dataclass
class Row:
    """The calls of one group that share verdict and band."""

    group: tuple
    verdict: str
    band: str | None
    calls: list = field(default_factory=list)
    forgone: Fraction | None = None

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


def month_saving(row, period):
    """What batch saves on a row a month: the difference of its rounded monthly costs."""
    return period.monthly(row.cost) - period.monthly(row.batch_cost)


def is_small(row, settings, period):
    """Few requests on a day with any, of which all are known, and little to save."""
    if any(call.requests is None for call in row.calls):
        return False
    active_days = set().union(*(call.days for call in row.calls))
    floor = max(settings.min_requests, int(row.calls[0].model.terms.get("min_requests", 0)))
    return Fraction(row.requests, len(active_days)) < floor and month_saving(row, period) < settings.small_saving


def change_of(row, settings, period):
    """The code that takes a row with a band out of every batch case, if any."""
    if row.band != "confirmed" and is_small(row, settings, period):
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


def judge_all(calls, settings, period):
    """All workload rows, after prices, verdicts, and changes by volume or loss."""
    for call in calls:
        call.workload = workload_name(call, settings.workload)
        call.cost = cost_now(call)
        call.batch_cost = cost_in_batch(call, settings)
    crowded = crowded_groups(calls)
    rows = {}

    def add(call, verdict, band, code):
        call.code = code
        rows.setdefault((call.group, verdict, band), Row(call.group, verdict, band)).calls.append(call)

    for call in calls:
        found = judge(call, settings, call.group in crowded)
        decided = next((rule for rule in settings.rules if found.code == f"rule:{rule['id']}"), None)
        call.batch_cost = cost_in_batch(call, settings, decided)
        add(call, found.verdict, found.band, found.code)
    for key, row in list(rows.items()):
        if row.band and (code := change_of(row, settings, period)):
            del rows[key]
            for call in row.calls:
                add(call, "real-time", None, code)
            if code == "small-volume":
                joined = rows[row.group, "real-time", None]
                joined.forgone = (joined.forgone or 0) + month_saving(row, period)
    return list(rows.values())


# ── money of a month ────────────────────────────────────────────────────────────

def is_routable(call):
    """Priced, successful chat or completion calls that cost by the call."""
    return (
        call.cost is not None
        and not call.failed
        and call.code not in ("free-tier", "batch-unknown")
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
        """Whether batch takes the row where routing could have it too: in an exact tie, and not where a higher case would
        then save less than a lower one by the last decimal (specification, section 5)."""
        if self.row.band == "confirmed":
            return True
        if not self.batched(case) or self.row.cost - self.row.batch_cost < self.routing_exact[case]:
            return False
        lower = CASES[:CASES.index(case)]
        saved = [self.batch_saving if self.batched_beside_routing(one) else self.routing[one] for one in lower]
        return self.batch_saving >= max(saved, default=Fraction(0))


def month_of(row, period, settings, table):
    """The row's monthly money, None where nothing of it is priced."""
    if row.cost is None:
        return None
    cost = period.monthly(row.cost)
    saving = cost - period.monthly(row.batch_cost) if row.band else Fraction(0)
    routable = row.verdict != "already-batch" and row.band != "confirmed"
    exact = routing_savings(row, settings, table) if routable else dict.fromkeys(CASES, Fraction(0))
    return RowMoney(row, cost, saving, {case: period.monthly(exact[case]) for case in CASES}, exact)


def scenario(name, today, savings, is_unknown):
    """One scenario from its savings by case; null where no dollar could be projected (contract, section 4)."""
    return {
        "id": name,
        "monthly_cost": {case: amount(today - savings[case]) for case in CASES},
        "monthly_saving": None if is_unknown else {case: amount(savings[case]) for case in CASES},
        "saving_share": None if is_unknown else {case: share_of(savings[case], today) for case in CASES},
    }


def nothing_projected(calls):
    """Whether some usage has no price, and nothing else costs anything."""
    unpriced = any(call.code == "unpriced" and any(call.tokens.values()) for call in calls)
    return unpriced and not any(call.cost for call in calls)


def scenarios_json(months, is_unknown):
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
        scenario("batch-only", today, batch_only, is_unknown),
        {**scenario("batch-plus-routing", today, both, is_unknown), "parts": parts},
    ]


# ── the report ──────────────────────────────────────────────────────────────────

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


def detail_of(row, fields):
    """What all calls of a row share in fields behind the one that names their workload; None where nothing."""
    def finer(call):
        naming = next(at for at, name in enumerate(fields) if text_of(call.row, name))
        names = [name for name in fields[naming + 1:] if name not in ("model", "provider")]
        return {(name, text_of(call.row, name)) for name in names if text_of(call.row, name)}
    return dict(sorted(set.intersection(*(finer(call) for call in row.calls)))) or None


def ways_of(row):
    """What the row costs by each way of sending its cached prompts; None where it has none."""
    cached = any(call.tokens[name] for call in row.calls for name in CACHE_WAYS["no-cache"])
    if not cached or row.batch_cost is None or row.verdict == "already-batch":
        return None

    def cost(call, way):
        return call.cost if call.tier in ("free", "batch", "flex") else cost_in_way(call, way)

    return {way: amount(total(cost(call, way) for call in row.priced)) for way in CACHE_WAYS}


def workload_json(row, month, fields):
    """One row of `workloads`."""
    workload, provider, model = row.group
    ways = ways_of(row)
    return {
        "workload": workload, "detail": detail_of(row, fields), "provider": provider, "model": model,
        "verdict": row.verdict, "band": row.band,
        "reasons": sorted({call.code for call in row.calls}, key=str.encode),
        "requests": row.requests,
        "cost": amount(row.cost), "batch_cost": amount(row.batch_cost),
        **({} if ways is None else {"batch_ways": ways}),
        "monthly_cost": amount(month.cost) if month else None,
        "monthly_saving": amount(month.batch_saving) if month else None,
        **({} if row.forgone is None else {"saving_forgone": amount(row.forgone)}),
    }


def kept_json(rows, settings, period):
    """The warning about confirmed rows that are small and stay confirmed."""
    kept = sum(row.band == "confirmed" and is_small(row, settings, period) for row in rows)
    return [{"code": KEPT, "count": kept}] if kept else []


def place(row):
    """Where a row stands in `workloads`: cost descending, then names bytewise, then result."""
    return -(row.cost or 0), [name.encode() for name in row.group], RESULTS.index((row.verdict, row.band))


def report(files, table, policy, options):
    """The report's JSON, as far as the contract fixes it."""
    prices, settings = PriceTable(table), settle(policy, options)
    calls, period, inputs, repeats = read_inputs(files, prices, options)
    rows = judge_all(calls, settings, period)
    rows.sort(key=place)
    months = [month_of(row, period, settings, prices) for row in rows]
    return {
        "period": period.as_json(),
        "inputs": inputs,
        "usage": usage_json(calls),
        "cost": cost_json(calls),
        "eligibility": eligibility_json(rows),
        "scenarios": scenarios_json([month for month in months if month], nothing_projected(calls)),
        "workloads": [workload_json(row, month, settings.workload) for row, month in zip(rows, months)],
        "warnings": kept_json(rows, settings, period),
        "incomplete": repeats,
    }


def exit_code(result, policy):
    """3 for rejected rows or unpriced usage beyond what the policy accepts, else 0."""
    accept = (policy or {}).get("accept", {})
    rejected = sum(entry["rows"]["rejected"] for entry in result["inputs"])
    unpriced = set(result["usage"]["unpriced"]["models"]) - set(accept.get("unpriced", ()))
    return 3 if rejected > int(accept.get("rejects", 0)) or unpriced or result["incomplete"] else 0
