"""Exact numbers and the two ways of matching names: globs and listed words."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

CASES = ("low", "base", "high")


def percent(text):
    """`12.5%` as an exact share."""
    return Fraction(str(text).removesuffix("%")) / 100


def case_shares(share):
    """`40%` or `{low, base?, high}` as exact shares by case."""
    if not isinstance(share, dict):
        share = {"low": share, "high": share}
    low, high = percent(share["low"]), percent(share["high"])
    return {"low": low, "base": percent(share["base"]) if "base" in share else (low + high) / 2, "high": high}


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
