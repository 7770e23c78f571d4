"""The price table: names to models, and what tokens cost on a day.

A call is priced elsewhere; here is only what contract §2 says of the table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from fractions import Fraction

from exact import glob_matches
from layers import discount_on


@dataclass
class Model:
    """One model of the table, with the provider whose batch terms hold for it."""

    provider: str
    id: str
    spec: dict
    terms: dict
    hours: dict
    discounts: tuple = ()
    serves: Model | None = None

    def entry_on(self, day):
        """The price entry in force on a UTC day, if any."""
        served_from = date.fromisoformat(self.spec["served_as"]["from"]) if self.serves else None
        entry = self.serves.entry_on(day) if self.serves and served_from <= day else None
        return entry or self.own_entry_on(day, served_from)

    def own_entry_on(self, day, before):
        """The same of those that it has itself, as far as they begin before a day."""
        in_force = None
        for entry in self.spec["prices"]:
            start = date.fromisoformat(entry["from"]) if "from" in entry else date.min
            if start <= day and (before is None or start < before):
                in_force = entry
        return in_force

    def factor_on(self, day):
        """What a contract multiplies its rates by."""
        discount = discount_on(self.discounts, self.provider, self.id, day)
        return Fraction(discount["factor"]) if discount else Fraction(1)


class PriceTable:
    """Names to models, by the contract's order of resolution."""

    def __init__(self, table):
        self.providers = {}
        self.makers = {name for name, spec in table["providers"].items() if not spec.get("resells")}
        self.canonical = {}
        models = [model for spec in table["providers"].values() for model in spec["models"].values()]
        checked = [date.fromisoformat(entry["checked"]) for model in models for entry in model["prices"] if "checked" in entry]
        self.latest = max(checked, default=date(2026, 10, 14)) + timedelta(days=5 * 366)
        for provider, spec in table["providers"].items():
            terms = spec.get("batch", {})
            self.providers[provider] = {
                name: Model(provider, name, model, terms, spec.get("peak_hours", {}), table.get("discounts", ()))
                for name, model in spec["models"].items()
            }
            for name in (provider, *spec.get("aliases", ())):
                self.canonical[name] = provider
        for model in [model for models in self.providers.values() for model in models.values()]:
            if "served_as" in model.spec:
                model.serves = self.providers[model.provider][model.spec["served_as"]["model"].rpartition("/")[2]]

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
        owners = [name for name in self.providers if self.find(name, logged)]
        breaker = [name for name in owners if name == self.canonical.get(fallback)]
        for candidates in (owners, [name for name in owners if name in self.makers], breaker):
            if len(candidates) == 1:
                return self._within(candidates[0], logged)
        return "", None

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


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def clock_spans(hours):
    """The peak spans of a day in minutes, the end left out."""
    minutes = [[int(clock[:2]) * 60 + int(clock[3:]) for clock in str(span).split("-")] for span in hours["utc"]]
    return [tuple(pair) for pair in minutes]


def day_is_peak(hours, day):
    """Whether a day has peak hours; None where the holidays of its year are not known."""
    if "weekdays" in hours and WEEKDAYS[day.weekday()] not in [str(name) for name in hours["weekdays"]]:
        return False
    spans = [(str(span).split("..")[0], str(span).split("..")[-1]) for span in hours.get("holidays", ())]
    if any(first <= day.isoformat() <= last for first, last in spans):
        return False
    years = {end[:4] for span in spans for end in span}
    return None if years and day.isoformat()[:4] not in years else True


def is_off_peak(hours, start, last):
    """Whether all of a span lies outside of peak hours for certain."""
    day = start.date()
    while day <= last.date():
        midnight = datetime.combine(day, time(), timezone.utc)
        for first, end in clock_spans(hours):
            meets = midnight + timedelta(minutes=first) <= last and start < midnight + timedelta(minutes=end)
            if meets and day_is_peak(hours, day) is not False:
                return False
        day += timedelta(days=1)
    return True


def charge(model, call, tier, quantities, at_peak=False):
    """Exact cost of quantities by class at a model's rates for this call, or None; some prices go by the hour."""
    entry = model.entry_on(call.day)
    blocks = entry and blocks_at(entry, call.prompt)
    if entry and tier == "standard" and "off_peak" in blocks and not at_peak:
        last = call.end - timedelta(seconds=1) if call.end else call.start
        if is_off_peak(model.hours[str(entry["peak_hours"])], call.start, max(call.start, last)):
            tier = "off_peak"
    block = entry and blocks.get(tier)
    if block is None:
        return None
    cost = Fraction(0)
    for token_class, quantity in quantities.items():
        if quantity:
            price = rate(block, tier, token_class)
            if price is None:
                return None
            cost += quantity * price
    return cost * model.factor_on(call.day) * Fraction(entry.get("geo", {}).get(call.row.get("geo"), 1)) / 1_000_000
