"""Price files on top of another: what they mean, and random ones.

A layer is a dict as it is written, with `extends`. What it means is worked out on
plain tables, so that the rest of the oracle sees one table, in which an alias is a
name of its model; `prices.py` knows `served_as` and `discounts`.
"""

from __future__ import annotations

from copy import deepcopy
from datetime import date

from exact import glob_matches

FACTORS = ("0.9", "0.85", "0.5", "0.97", "1")


# ── what a layer means ───────────────────────────────────────────────────────

def overlaid(base, layers):
    """One table: of two prices of a model with one `from` the later file's holds; the rest is added."""
    whole = deepcopy(base)
    whole["discounts"] = []
    for layer in layers:
        for name, spec in layer.get("providers", {}).items():
            overlay_models(whole["providers"][own_name(whole, name)]["models"], spec["models"])
        for discount in layer.get("discounts", ()):
            whole["discounts"].append({**discount, "provider": own_name(whole, discount["provider"])})
    for alias, target in (pair for layer in layers for pair in layer.get("aliases", {}).items()):
        provider, model = target.split("/", 1)
        spec = whole["providers"][own_name(whole, provider)]["models"][model]
        spec["aliases"] = [*spec.get("aliases", ()), alias]
    return whole


def overlay_models(models, of_layer):
    """Adds a layer's models to those of a provider."""
    for model, changes in of_layer.items():
        own = models.setdefault(model, {"prices": []})
        prices = {entry.get("from", ""): entry for entry in (*own["prices"], *changes.get("prices", ()))}
        own |= deepcopy(changes)
        own["prices"] = [prices[start] for start in sorted(prices)]


def own_name(table, name):
    """A provider's name in the table, of any of its names."""
    return next(own for own, spec in table["providers"].items() if name in (own, *spec.get("aliases", ())))


def discount_on(discounts, provider, model, day):
    """The discount that holds for a model on a day: the last one listed."""
    held = (
        discount for discount in reversed(discounts)
        if discount["provider"] == provider
        and glob_matches(discount.get("model", "*"), model)
        and ("from" not in discount or date.fromisoformat(discount["from"]) <= day)
    )
    return next(held, None)


# ── random ones ──────────────────────────────────────────────────────────────

def draw_layers(rng, table, days, draw_entry, raw):
    """(table without what the layers bring along, layers); most scenarios have none.

    `draw_entry` draws a price from a day on for a kind of model, and `raw` marks text that is no YAML string.
    """
    if rng.random() < 0.7:
        return table, []
    base, layers = deepcopy(table), [{"extends": raw("built-in")} for _ in range(rng.choice((1, 1, 2)))]
    for provider, spec in base["providers"].items():
        for model in list(spec["models"]):
            changes = draw_changes(rng, spec, model, days, draw_entry)
            place_in(rng.choice(layers), rng.choice((provider, *spec["aliases"])), model, changes)
        for model, target in draw_served(rng, table["providers"][provider]["models"]):
            served = {"model": rng.choice((target, f"{provider}/{target}")), "from": raw(rng.choice(days).isoformat())}
            place_in(layers[-1], provider, model, {"served_as": {**served, "source": "https://example.test/served"}})
    models = [(name, model) for name, spec in table["providers"].items() for model in spec["models"]]
    for number, layer in enumerate(layers):
        if rng.random() < 0.5:
            layer["aliases"] = {f"arn:aws:drawn/{number}": "/".join(rng.choice(models))}
        if rng.random() < 0.6:
            layer["discounts"] = [draw_discount(rng, rng.choice(models), days, raw) for _ in range(rng.choice((1, 1, 2)))]
    return base, layers


def place_in(layer, provider, model, changes):
    """Writes what changes of a model into a layer, under one name of its provider."""
    if changes:
        models = layer.setdefault("providers", {}).setdefault(provider, {"models": {}})["models"]
        models[model] = {**models.get(model, {}), **changes}


def draw_changes(rng, provider, model, days, draw_entry):
    """Takes a model out of its table, or draws a price for it; mostly neither."""
    models, hours = provider["models"], provider.get("peak_hours", {})
    chance, spec = rng.random(), models[model]
    if chance < 0.2 and len(models) > 1:
        return models.pop(model)
    if chance > 0.45:
        return {}
    starts = [entry.get("from") for entry in spec["prices"]]
    later = [day.isoformat() for day in days if starts[0] is None or day.isoformat() >= starts[0]]
    return {"prices": [draw_entry(rng, rng.choice((*later, starts[-1])), spec["kind"], 0, hours)]}


def draw_served(rng, models):
    """A model of a provider and the one that is served under its name, or nothing."""
    pairs = [(model, other) for model in models for other in models if model != other and models[model]["kind"] == models[other]["kind"]]
    return [rng.choice(pairs)] if pairs and rng.random() < 0.3 else []


def draw_discount(rng, place, days, raw):
    """What a contract takes off a model, some, or all of a provider, from a day on or always."""
    provider, model = place
    discount = {"provider": provider, "factor": raw(rng.choice(FACTORS))}
    if rng.random() < 0.7:
        discount["model"] = rng.choice((model, f"{model[:5]}*"))
    if rng.random() < 0.6:
        discount["from"] = raw(rng.choice(days).isoformat())
    return discount
