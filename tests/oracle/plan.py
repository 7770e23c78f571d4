"""The second engineer's plan: months ahead worked out again from `docs/methodology.md` alone.

Random logs of daily sums, price tables with prices that change before, within and after the log and models that are
retired, routes, budgets and policies are drawn; `batchwise plan` has to say the same to the last digit. Everything is exact (`fractions.Fraction`), but for the
logarithms and powers of the band, which are worked out with 50 digits. Nothing is shared with the Rust code.

    python3 tests/oracle/plan.py --bin target/release/batchwise --cases 200 --seed 1
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal, getcontext
from fractions import Fraction
from pathlib import Path

getcontext().prec = 50
CASES = ("low", "base", "high")
MODELS = ("m-large", "m-mid", "m-small")
# In no log, and where nothing leads on from.
NEXT = "m-next"
TEAMS = {"feed": "core", "nightly-evals": "core", "svc-7": ""}
# Workload, the verdict's band, its effort.
WORKLOADS = {"feed": ("confirmed", 1), "nightly-evals": ("likely", 2), "svc-7": ("undecided", None)}
BATCHED_IN = {"confirmed": CASES, "likely": CASES[1:], "undecided": CASES[2:]}


def rounded(value, decimals=12):
    """Half to even, as a fraction."""
    scaled = Fraction(value) * 10**decimals
    return Fraction(round(scaled), 10**decimals)


def text(value):
    """A decimal without trailing zeros."""
    value = Fraction(value)
    units = value * 10**18
    assert units.denominator == 1, value
    sign, digits = ("-" if units < 0 else ""), str(abs(units.numerator)).rjust(19, "0")
    return (sign + digits[:-18] + "." + digits[-18:]).rstrip("0").rstrip(".") or "0"


def month_of(day):
    return day.year * 12 + day.month - 1


def days_of(month):
    first = date(month // 12, month % 12 + 1, 1)
    last = date((month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(1)
    return first, last


def each_day(first, last):
    return [first + timedelta(number) for number in range((last - first).days + 1)]


def name_of(month):
    return f"{month // 12:04}-{month % 12 + 1:02}"


# ---- what is drawn


def draw(seed):
    rng = random.Random(seed)
    first = date(2026, rng.randint(1, 4), rng.choice((1, 1, 1, rng.randint(1, 28))))
    last = first + timedelta(rng.randint(5, 260))
    if rng.random() < 0.5:
        last = days_of(month_of(last))[1]
    prices = {}
    for model in (*MODELS, NEXT):
        entries = [(None, draw_price(rng))]
        for day in sorted(rng.sample(each_day(first + timedelta(1), last + timedelta(250)), rng.choice((0, 1, 1, 2)))):
            entries.append((day, draw_price(rng)))
        prices[model] = entries
    successors = {}
    for index, model in enumerate(MODELS):
        if rng.random() < 0.4:
            day = first + timedelta(rng.randint(1, (last - first).days + 250))
            successors[model] = (day, rng.choice((*MODELS[index + 1:], NEXT)))
    ratios = {model: rng.choice((Fraction(4, 5), Fraction(5, 4), Fraction(3, 2))) for model in successors if rng.random() < 0.5}
    trend = Fraction(rng.randint(-5, 12), 100)
    rows = []
    for workload in WORKLOADS:
        for model in rng.sample(MODELS, rng.randint(1, 2)):
            weekdays = [rng.choice((0, 1, 1, 2, 5)) for _ in range(7)]
            level = rng.randint(1, 400) * 1000
            for day in each_day(first, last):
                tokens = int(level * weekdays[day.weekday()] * (1 + trend) ** (month_of(day) - month_of(first)))
                if tokens and rng.random() < 0.97:
                    rows.append((day, workload, model, tokens + rng.randint(0, 999), rng.randint(0, 9999)))
    ramp = sorted(rng.choice((10, 25, 50, 75, 100)) for _ in range(rng.randint(1, 4)))
    shares = sorted(rng.randint(0, 100) for _ in CASES)
    route = {
        "from": "acme/" + rng.choice((MODELS[0], "m-*")), "to": "acme/m-small", "share": shares,
        "escalation": rng.choice((0, 0, 10)), "overhead": rng.choice((0, 0, 2)),
    }
    return {
        "first": first, "last": last, "prices": prices, "rows": rows, "ramp": ramp,
        "growth": rng.choice(("fitted", "fitted", "0%", "3%", "-2%")),
        "route": rng.choice((None, route)), "quarters": rng.randint(1, 3),
        "successors": successors, "ratios": ratios, "no_batch": rng.choice((None, None, None, NEXT, "m-mid")),
        "budget": draw_budget(rng, last),
        "start": rng.choice((None, month_of(last) + rng.randint(-1, 4))), "fiscal": rng.choice((1, 1, 4, 10)),
    }


def draw_schedule(rng, last):
    """A month's budget, or budgets of months and of quarters of the fiscal year."""
    if rng.random() < 0.4:
        return rng.randint(1, 900)
    named = {name_of(month_of(last) + rng.randint(-1, 6)): rng.randint(1, 900) for _ in range(rng.randint(0, 3))}
    for _ in range(rng.randint(1, 3)):
        named[f"{last.year + rng.randint(0, 1)}-Q{rng.randint(1, 4)}"] = rng.randint(1, 2000)
    return named


def draw_budget(rng, last):
    """Whose budgets there are, with a schedule each."""
    whose = rng.choice((None, "all", "owner", "team"))
    names = {None: (), "all": ("all",), "owner": ("ada", "bob"), "team": ("core", "none-such")}[whose]
    return whose, {name: draw_schedule(rng, last) for name in names}


def draw_price(rng):
    return Fraction(rng.randint(1, 1500), 100), Fraction(rng.randint(1, 4000), 100)


def price_table(drawn):
    lines = ["schema: 1", "currency: USD", "providers:", "  acme:",
             '    batch: {source: "https://p.example", checked: 2026-01-01}', "    models:"]
    for model, entries in drawn["prices"].items():
        lines += [f"      {model}:", "        kind: chat"]
        if model in drawn["successors"]:
            day, successor = drawn["successors"][model]
            lines += [f"        retires: {day}", f"        successor: {successor}"]
        lines.append("        prices:")
        for day, (read, written) in entries:
            since = f"from: {day}, " if day else ""
            block = lambda part: f"{{input: {text(read / part)}, output: {text(written / part)}}}"
            lines.append(f'          - {{{since}source: "https://p.example", checked: 2026-01-01, '
                         f"standard: {block(1)}{'' if model == drawn['no_batch'] else ', batch: ' + block(2)}}}")
    return "\n".join(lines) + "\n"


def policy(drawn):
    start = f", start: {name_of(drawn['start'])}" if drawn["start"] is not None else ""
    ramp = ", ".join(f"{share}%" for share in drawn["ramp"])
    schedule = lambda budget: budget if isinstance(budget, int) else (
        "{" + ", ".join(f"{name}: {amount}" for name, amount in budget.items()) + "}")
    whose, budgets = drawn["budget"]
    parts = ", ".join(f"{name}: {schedule(budget)}" for name, budget in budgets.items())
    budget = {None: "null", "all": parts.removeprefix("all: ")}.get(whose, f"{{{whose}: {{{parts}}}}}")
    lines = ["schema: 1", f"rules: [{{id: feed, when: {{workload: feed}}, then: batch, owner: ada{start}}}]",
             "limits: {min_requests: 0, min_monthly_saving: 0}",
             "batch: {failure_share: 0%, turnaround: {p50: 1m, p100: 2m}}",
             f"planning: {{growth_monthly: {drawn['growth']}, ramp: [{ramp}], quarters: {drawn['quarters']}, "
             f"fiscal_year_start: {drawn['fiscal']}, budget_monthly: {budget}}}"]
    if drawn["ratios"]:
        ratios = ", ".join(f"acme/{model}: {float(ratio)}" for model, ratio in drawn["ratios"].items())
        lines.append(f"token_ratio: {{{ratios}}}")
    if drawn["route"]:
        route = drawn["route"]
        low, base, high = route["share"]
        lines.append(f'routing: {{routes: [{{from: "{route["from"]}", to: {route["to"]}, '
                     f"share: {{low: {low}%, base: {base}%, high: {high}%}}, escalation: {route['escalation']}%, "
                     f'overhead: {route["overhead"]}%, evidence: drawn}}]}}')
    return "\n".join(lines) + "\n"


def log(drawn):
    lines = ["timestamp,bucket_end,requests,provider,model,endpoint,team,workload_tag,input_tokens,output_tokens"]
    for day, workload, model, read, written in drawn["rows"]:
        lines.append(f"{day}T00:00:00Z,{day + timedelta(1)}T00:00:00Z,500,acme,{model},chat,{TEAMS[workload]},{workload},{read},{written}")
    return "\n".join(lines) + "\n"


# ---- the plan


def price_on(drawn, model, day):
    return [price for since, price in drawn["prices"][model] if since is None or since <= day][-1]


def serving(drawn, model, day):
    """The model that does the work of another on a day to come, and how many times the tokens it takes."""
    ratio = Fraction(1)
    while day > drawn["last"] and model in drawn["successors"] and drawn["successors"][model][0] <= day:
        ratio *= drawn["ratios"].get(model, 1)
        model = drawn["successors"][model][1]
    return model, ratio


def budget_of(drawn, budget, month):
    """What a schedule gives to a month: its own, or a third of its quarter, or nothing."""
    if isinstance(budget, int):
        return Fraction(budget)
    if name_of(month) in budget:
        return Fraction(budget[name_of(month)])
    # A fiscal year is called by the calendar year in which it ends.
    shifted = month + (13 - drawn["fiscal"]) % 12
    whole = budget.get(f"{shifted // 12:04}-Q{shifted % 12 // 3 + 1}")
    if whole is None:
        return None
    third = rounded(Fraction(whole, 3))
    return whole - 2 * third if shifted % 3 == 2 else third


def beside(budget, amount):
    if budget is None:
        return None
    return {"budget": budget, "headroom": budget - amount,
            "variance": "favourable" if budget >= amount else "unfavourable"}


def cost(price, read, written):
    return (price[0] * read + price[1] * written) / 10**6


class Forecast:
    """Volume of days to come, from base months with their days' volumes."""

    def __init__(self, base, growth, damped):
        self.growth, self.damped = growth, damped
        self.last = max(base)
        days = [(day, volume) for month in base.values() for day, volume in month.items()]
        total = sum(volume for _, volume in days)
        self.weights = []
        for weekday in range(7):
            own = [volume for day, volume in days if day.weekday() == weekday]
            mean = Fraction(sum(own), len(own)) if own else None
            self.weights.append(mean * len(days) / total if own and total else Fraction(1))
        forward = sorted(self.level(month) * (1 + growth) ** (self.last - number) for number, month in base.items())
        half = len(forward) // 2
        self.start = forward[half] if len(forward) % 2 else (forward[half - 1] + forward[half]) / 2

    def weighed(self, days):
        return sum(self.weights[day.weekday()] for day in days)

    def level(self, month):
        return sum(month.values()) / self.weighed(month) if self.weighed(month) else Fraction(0)

    def factor(self, months):
        if not self.damped:
            return (1 + self.growth) ** months
        return max(Fraction(0), 1 + self.growth * sum(Fraction(4, 5) ** n for n in range(1, months + 1)))

    def volume(self, month, days):
        return self.start * self.factor(max(0, month - self.last)) * self.weighed(days)


def base_months(complete):
    with_volume = {number: month for number, month in complete.items() if sum(month.values()) > 0}
    return dict(sorted(with_volume.items())[-3:])


def fit(run):
    forecast = Forecast(base_months(run), Fraction(0), False)
    levels = [forecast.level(month) for _, month in sorted(run.items())]
    steps = sorted(after / before for before, after in zip(levels, levels[1:]) if before)
    if not steps:
        return Fraction(0)
    half = len(steps) // 2
    middle = steps[half] if len(steps) % 2 else (steps[half - 1] + steps[half]) / 2
    return rounded(min(middle - 1, Fraction(1)), 6)


def back_test(run, rate):
    """Errors by months ahead, of the forecast and the naive one, and (actual, foretold) one month ahead."""
    months, errors, pairs = sorted(run), defaultdict(list), []
    for behind in range(3, len(months)):
        known = {month: run[month] for month in months[:behind]}
        own = Forecast(base_months(known), *rate(known))
        naive = Forecast({months[behind - 1]: run[months[behind - 1]]}, Fraction(0), False)
        for ahead, month in enumerate(months[behind:behind + 6], 1):
            actual = sum(run[month].values())
            foretold = [forecast.volume(month, run[month]) for forecast in (own, naive)]
            errors[ahead].append([abs(one - actual) / actual for one in foretold])
            if ahead == 1:
                pairs.append((actual, foretold[0]))
    return errors, pairs


def mean(errors, side):
    return sum(pair[side] for pair in errors) / len(errors)


def find_growth(drawn, run):
    """Method, growth, whether it fades, errors and pairs."""
    if drawn["growth"] != "fitted":
        given = Fraction(int(drawn["growth"].rstrip("%")), 100)
        errors, pairs = back_test(run, lambda _: (given, False))
        return "given", given, False, errors, pairs
    if len(run) < 4:
        return "not-enough-data", Fraction(0), False, {}, []
    errors, pairs = back_test(run, lambda known: (fit(known), True))
    first = [errors[ahead] for ahead in (1, 2, 3) if ahead in errors]
    if sum(mean(one, 0) for one in first) < sum(mean(one, 1) for one in first):
        return "fitted", fit(run), True, errors, pairs
    errors, pairs = back_test(run, lambda _: (Fraction(0), False))
    return "naive", Fraction(0), False, errors, pairs


def decimal_of(value):
    return Decimal(value.numerator) / Decimal(value.denominator)


def band_error(pairs):
    pairs = [pair for pair in pairs if pair[0] > 0 and pair[1] > 0]
    if len(pairs) < 4:
        return Fraction(15, 100)
    logarithms = [rounded(Fraction(abs(decimal_of(actual / foretold).ln()))) for actual, foretold in pairs]
    return sum(logarithms) / len(logarithms)


def band(error, months):
    root = Fraction(int(Decimal(months * 10**24).sqrt()), 10**12)
    power = decimal_of(Fraction(8, 5) * error * root)
    cut = lambda value: Fraction(int(rounded(Fraction(value)) * 10**6), 10**6)
    return {"low": cut((-power).exp()), "base": Fraction(1), "high": cut(power.exp())}


class Plan:
    def __init__(self, drawn):
        self.drawn = drawn
        self.first, self.count = month_of(drawn["last"]) + 1, drawn["quarters"] * 3
        self.volumes()
        run = self.run()
        self.method, growth, damped, self.errors, pairs = find_growth(drawn, run)
        self.growth, self.error = growth, band_error(pairs)
        base = base_months(self.complete)
        if not base:
            latest = max(number for number, month in self.months.items() if sum(month.values()) > 0)
            base = {latest: self.months[latest]}
        self.base = base
        self.forecast = Forecast(base, growth, damped)
        self.sums = defaultdict(lambda: [0, 0])
        for day, workload, model, read, written in drawn["rows"]:
            if month_of(day) in base:
                self.sums[workload, model][0] += read
                self.sums[workload, model][1] += written
        end = days_of(self.first + self.count - 1)[1]
        # More days than are needed do no harm: what is on both sides of one adds up to the same.
        changes = {day for entries in drawn["prices"].values() for day, _ in entries if day}
        changes |= {max(day, drawn["last"] + timedelta(1)) for day, _ in drawn["successors"].values()}
        changes = {day for day in changes if drawn["last"] < day <= end}
        self.levels = [(day, self.amounts(day)) for day in sorted({drawn["last"]} | changes)]
        self.starts = self.find_starts()

    def volumes(self):
        drawn = self.drawn
        daily, spent = defaultdict(Fraction), defaultdict(Fraction)
        for day, _, model, read, written in drawn["rows"]:
            daily[day] += cost(price_on(drawn, model, drawn["last"]), read, written)
            spent[month_of(day)] += cost(price_on(drawn, model, day), read, written)
        self.months = defaultdict(dict)
        for day in each_day(drawn["first"], drawn["last"]):
            self.months[month_of(day)][day] = daily[day]
        self.spent = {month: spent[month] for month in self.months}
        whole = lambda number: len(each_day(*days_of(number)))
        self.complete = {number: month for number, month in self.months.items() if len(month) == whole(number)}

    def run(self):
        """The latest complete months with volume that follow one another."""
        counts = [number for number, month in sorted(self.complete.items()) if sum(month.values()) > 0]
        run = []
        for number in reversed(counts):
            if run and run[-1] != number + 1:
                break
            run.append(number)
        return {number: self.months[number] for number in sorted(run)}

    def is_routed(self, model):
        route = self.drawn["route"]
        return route and (route["from"] == "acme/m-*" or route["from"] == f"acme/{model}")

    def amounts(self, day):
        """Of each row in the base months: cost, what batch saves, what routing saves by case."""
        rows = {}
        for (workload, model), (read, written) in self.sums.items():
            served, ratio = serving(self.drawn, model, day)
            today = ratio * cost(price_on(self.drawn, served, day), read, written)
            routing = dict.fromkeys(CASES, Fraction(0))
            if self.is_routed(model):
                route = self.drawn["route"]
                to, ratio = serving(self.drawn, "m-small", day)
                target = ratio * cost(price_on(self.drawn, to, day), read, written)
                escalation, overhead = Fraction(route["escalation"], 100), Fraction(route["overhead"], 100)
                saved = [Fraction(share, 100) * (today - target - escalation * today) - overhead * today
                         for share in route["share"]]
                routing = dict(zip(CASES, (rounded(one) for one in sorted(saved))))
            saving = Fraction(0) if self.drawn["no_batch"] in (model, served) else today / 2
            rows[workload, model] = (today, saving, routing)
        return rows

    def is_batched(self, workload, saving, routing):
        """In which cases a row is in batch where routing is the other choice."""
        band_of, least, cases = WORKLOADS[workload][0], Fraction(0), {}
        for case in CASES:
            can = case in BATCHED_IN[band_of] and saving > 0
            cases[case] = can and (band_of == "confirmed" or (saving >= routing[case] and saving >= least))
            least = saving if cases[case] else routing[case]
        return cases

    def month_basis(self):
        """What an amount of the period is multiplied by to become a month."""
        first, last = self.drawn["first"], self.drawn["last"]
        if first.day == 1 and (last + timedelta(1)).day == 1:
            return Fraction(1, month_of(last) - month_of(first) + 1)
        return Fraction(365, 12 * ((last - first).days + 1))

    def find_starts(self):
        """The month in which each row begins to move."""
        costs = defaultdict(Fraction)
        for day, workload, model, read, written in self.drawn["rows"]:
            costs[workload, model] += cost(price_on(self.drawn, model, day), read, written)
        self.now = rounded(0)
        savings = {}
        for row, amount in costs.items():
            month, batch = (rounded(part * self.month_basis()) for part in (amount, amount / 2))
            self.now += month
            if WORKLOADS[row[0]][1] and month - batch > 0 and row[1] != self.drawn["no_batch"]:
                savings[row] = month - batch
        order = sorted(savings, key=lambda row: (-savings[row] / WORKLOADS[row[0]][1], row))
        efforts = [WORKLOADS[row[0]][1] for row in order]
        room = max(8, -(-sum(efforts) // 6))
        starts = {row: self.first for row in costs}
        for index, row in enumerate(order):
            in_order = self.first + sum(efforts[:index]) // room
            is_ruled = row[0] == "feed" and self.drawn["start"] is not None
            starts[row] = self.drawn["start"] if is_ruled else in_order
        self.steps, total = [], Fraction(0)
        for row in order:
            total += savings[row]
            self.steps.append({
                "workload": row[0], "model": row[1], "monthly_saving": savings[row], "cumulative_monthly_saving": total,
                "start": name_of(starts[row]),
                "share_by_month": [self.share(starts[row], self.first + index) for index in range(self.count)],
                "owner": "ada" if row[0] == "feed" else None,
            })
        return starts

    def budgets(self, months):
        """What each owner or team that has a budget spends, and all others together."""
        whose, named = self.drawn["budget"]
        if whose not in ("owner", "team"):
            return None
        # Where there is no batch price no rule is asked, so none names an owner.
        by_rule = lambda row: "ada" if row[0] == "feed" and row[1] != self.drawn["no_batch"] else None
        owner = {"owner": by_rule, "team": lambda row: TEAMS[row[0]] or None}[whose]
        spent = defaultdict(Fraction)
        for day, workload, model, read, written in self.drawn["rows"]:
            spent[owner((workload, model)), month_of(day)] += cost(price_on(self.drawn, model, day), read, written)
        left = {**self.spent, **{self.first + index: one["today"]["base"] for index, one in enumerate(months)}}
        parts = []
        for name, budget in sorted(named.items()):
            own = []
            for month in left:
                if month < self.first:
                    amount = rounded(spent[name, month])
                else:
                    of = lambda rows: sum(today for row, (today, _, _) in rows.items() if owner(row) == name)
                    amount = rounded(self.at_days(month, each_day(*days_of(month)), of))
                left[month] -= amount
                own.append({"month": name_of(month), "actual": month < self.first, "amount": amount,
                            "budget": beside(budget_of(self.drawn, budget, month), amount)})
            parts.append({"name": name, "months": own})
        parts.append({"name": None, "months": [
            {"month": name_of(month), "actual": month < self.first, "amount": amount, "budget": None}
            for month, amount in left.items()]})
        return {"by": whose, "parts": parts}

    def total_budget(self, month):
        whose, named = self.drawn["budget"]
        return budget_of(self.drawn, named["all"], month) if whose == "all" else None

    def share(self, start, month):
        ramp = self.drawn["ramp"]
        return Fraction(0) if month < start else Fraction(ramp[min(month - start, len(ramp) - 1)], 100)

    def at_days(self, month, days, amount):
        whole = sum(today for today, _, _ in self.levels[0][1].values())
        total = Fraction(0)
        for index, (since, rows) in enumerate(self.levels):
            until = self.levels[index + 1][0] if index + 1 < len(self.levels) else date.max
            own = [day for day in days if (index == 0 or day >= since) and day < until]
            total += amount(rows) * self.forecast.volume(month, own)
        return total / whole if whole else Fraction(0)

    def saved(self, rows, month, case, with_routes):
        total, routed = Fraction(0), self.share(self.first, month)
        for row, (_, saving, routing) in rows.items():
            share = self.share(self.starts[row], month)
            if not with_routes:
                total += share * saving if case in BATCHED_IN[WORKLOADS[row[0]][0]] else 0
            elif self.is_batched(row[0], saving, routing)[case]:
                total += share * saving + (1 - share) * routed * routing[case]
            else:
                total += routed * routing[case]
        return total

    def month(self, month):
        days = each_day(*days_of(month))
        ends = band(self.error, max(0, month - self.forecast.last))
        base = rounded(self.at_days(month, days, lambda rows: sum(today for today, _, _ in rows.values())))
        result = {"today": {case: base * ends[case] for case in CASES}}
        for key, with_routes in (("batch_only", False), ("batch_plus_routing", True)):
            saving = {case: rounded(self.at_days(month, days, lambda rows: self.saved(rows, month, case, with_routes)))
                      for case in CASES}
            left = base - saving["base"]
            result[key] = {"cost": {case: left * ends[case] for case in CASES}, "saving": saving}
        result["budget"] = beside(self.total_budget(month), result["batch_plus_routing"]["cost"]["base"])
        return result

    def json(self):
        months = [self.month(self.first + index) for index in range(self.count)]
        quarter = lambda month: (month + (13 - self.drawn["fiscal"]) % 12) // 3
        last = self.drawn["last"]
        rest = each_day(last + timedelta(1), days_of(month_of(last))[1])
        quarters = []
        for number in sorted({quarter(self.first + index) for index in range(self.count)}):
            own = [one for index, one in enumerate(months) if quarter(self.first + index) == number]
            total = lambda *path: {case: sum((look(one, path)[case] for one in own), Fraction(0)) for case in CASES}
            actual = sum((amount for month, amount in self.spent.items() if quarter(month) == number), Fraction(0))
            to_come = Fraction(0)
            if rest and quarter(month_of(last)) == number:
                cost_of = lambda rows: sum((today for today, _, _ in rows.values()), Fraction(0))
                to_come = rounded(self.at_days(month_of(last), rest, cost_of))
            go = {case: amount + to_come for case, amount in total("batch_plus_routing", "cost").items()}
            quarters.append({"today": total("today"), "actual_to_date": actual, "forecast_to_go": go,
                             "outlook": {case: amount + actual for case, amount in go.items()},
                             "budget": self.budget_of_quarter(quarter, number, go["base"] + actual)})
        return {"now.monthly_cost": self.now, "months": months, "quarters": quarters,
                "steps": self.steps, "budgets": self.budgets(months),
                "growth": {"method": self.method, "base": self.growth, "error": rounded(self.error, 6),
                           "starts_at": rounded(self.forecast.volume(self.forecast.last,
                                                                     each_day(*days_of(self.forecast.last)))),
                           "weights": [rounded(weight, 6) for weight in self.forecast.weights],
                           "months": [name_of(month) for month in sorted(self.base)],
                           "back-test": [[ahead, len(errors), rounded(mean(errors, 0), 6), rounded(mean(errors, 1), 6)]
                                         for ahead, errors in sorted(self.errors.items())]},
                "waterfall": self.waterfall(months)}

    def budget_of_quarter(self, quarter, number, outlook):
        """Of its months that were read or are in the plan, where each has one."""
        months = [month for month in (*self.spent, *range(self.first, self.first + self.count)) if quarter(month) == number]
        known = [self.total_budget(month) for month in months]
        return None if None in known else beside(sum(known), outlook)

    def waterfall(self, months):
        last = self.first + self.count - 1
        days = each_day(*days_of(last))
        at_list = Fraction(0)
        rows = defaultdict(Fraction)
        for _, workload, model, read, written in self.drawn["rows"]:
            rows[workload, model] += cost(price_on(self.drawn, model, self.drawn["last"]), read, written)
        at_list = sum(rounded(amount * self.month_basis()) for amount in rows.values())
        every = [day for month in self.months.values() for day in month]
        volume = sum(sum(month.values()) for month in self.months.values())
        weighed = self.forecast.weighed(every)
        by_calendar = rounded((volume / weighed if weighed else 0) * self.forecast.weighed(days))
        before = rounded(self.forecast.start * self.forecast.weighed(days))
        foretold = rounded(self.forecast.volume(last, days))
        # If every model that runs today stayed.
        stayed = Fraction(0)
        for day in days:
            amounts = [cost(price_on(self.drawn, model, day), *tokens) for (_, model), tokens in self.sums.items()]
            stayed += sum(amounts) * self.forecast.volume(last, [day])
        whole = sum(today for today, _, _ in self.levels[0][1].values())
        stayed = rounded(stayed / whole if whole else 0)
        target = months[-1]["batch_plus_routing"]["cost"]["base"]
        return {"baseline": self.now, "calendar": by_calendar - at_list, "base-months": before - by_calendar,
                "volume": foretold - before, "prices-changed": at_list - self.now,
                "prices-ahead": stayed - foretold, "retirement": months[-1]["today"]["base"] - stayed, "target": target}


def look(value, path):
    for key in path:
        value = value[key]
    return value


# ---- beside the program


def as_text(value):
    if isinstance(value, dict):
        return {key: as_text(one) for key, one in value.items()}
    if isinstance(value, list):
        return [as_text(one) for one in value]
    return text(value) if isinstance(value, Fraction) else value


def of_program(plan):
    growth, test = plan["growth"], plan["growth"]["backtest"]
    bars = {bar["id"]: bar["amount"] for bar in plan["waterfall"]["bars"]}
    keys = ("calendar", "base-months", "volume", "prices-changed", "prices-ahead", "retirement")
    return {
        "now.monthly_cost": plan["now"]["monthly_cost"],
        "months": [{key: one[key] for key in ("today", "batch_only", "batch_plus_routing", "budget")} for one in plan["months"]],
        "quarters": [{key: one[key] for key in ("today", "actual_to_date", "forecast_to_go", "outlook", "budget")}
                     for one in plan["quarters"]],
        "steps": [{key: one[key] for key in ("workload", "model", "monthly_saving", "cumulative_monthly_saving", "start",
                                             "share_by_month", "owner")} for one in plan["steps"]],
        "budgets": plan["budgets"],
        "growth": {"method": growth["method"], "base": growth["monthly"]["base"], "error": growth["band"]["error"],
                   "starts_at": growth["starts_at"], "weights": growth["weekday_weights"],
                   "months": growth["starts_from"]["months"],
                   "back-test": [[one["months_ahead"], one["trials"], one["error"], one["naive_error"]]
                                 for one in (test or {"by_months_ahead": []})["by_months_ahead"]]},
        "waterfall": {"baseline": plan["waterfall"]["baseline"], **{key: bars[key] for key in keys},
                      "target": plan["waterfall"]["target"]},
    }


def difference(expected, actual, path=""):
    if isinstance(expected, dict):
        pairs = [(f"{path}.{key}", expected[key], actual[key]) for key in expected]
    elif isinstance(expected, list) and len(expected) == len(actual):
        pairs = [(f"{path}[{index}]", *pair) for index, pair in enumerate(zip(expected, actual))]
    else:
        return None if expected == actual else f"{path}: {expected} expected, {actual} said"
    return next((found for found in (difference(one, other, at) for at, one, other in pairs) if found), None)


def check(binary, seed):
    drawn = draw(seed)
    if not drawn["rows"]:
        return None
    with tempfile.TemporaryDirectory() as folder:
        files = {"prices.yaml": price_table(drawn), "policy.yaml": policy(drawn), "log.csv": log(drawn)}
        for name, content in files.items():
            Path(folder, name).write_text(content)
        words = [binary, "plan", f"{folder}/log.csv", "--prices", f"{folder}/prices.yaml", "--policy",
                 f"{folder}/policy.yaml", "--from", str(drawn["first"]), "--to", str(drawn["last"]), "--format", "json",
                 "--quiet"]
        run = subprocess.run(words, capture_output=True, text=True)
        if run.returncode != 0:
            return f"exit {run.returncode}: {run.stderr}"
        found = difference(as_text(Plan(drawn).json()), of_program(json.loads(run.stdout)))
        return f"{found}\n{files['policy.yaml']}{files['prices.yaml']}" if found else None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    for index in range(arguments.cases):
        seed = f"{arguments.seed}-{index}"
        found = check(arguments.bin, seed)
        if found:
            print(f"case {seed}: {found}")
            return 1
    print(f"{arguments.cases} plans agree exactly")
    return 0


if __name__ == "__main__":
    sys.exit(main())
