"""Runs `batchwise report` on random scenarios and compares it with the oracle.

    python3 tests/oracle/run.py --bin target/release/batchwise --cases 1000 --seed 1 --threads 1,2

Amounts must be equal as text. On the first difference the case is shrunk, kept
in a folder with the command, both reports and the files, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import count
from pathlib import Path

from generate import as_input, draw_scenario, write_scenario
from logs import REPEATS
from oracle import KEPT, exit_code, report

TIMEOUT_S = 60
EXTRA_SHRINK_RUNS = 400


@dataclass
class Outcome:
    """What one case came to; `difference` is None where both engineers agree."""

    rows: int
    difference: str | None


# ── comparing ────────────────────────────────────────────────────────────────

def difference(expected, actual, path="report"):
    """The first place where the reports differ; further keys in the actual one are allowed."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        missing = [key for key in expected if key not in actual]
        if missing:
            return f"{path}: no key {missing[0]!r}"
        if [key for key in actual if key in expected] != list(expected):
            return f"{path}: keys in the order {list(actual)}"
        found = (difference(expected[key], actual[key], f"{path}.{key}") for key in expected)
    elif isinstance(expected, list) and isinstance(actual, list):
        if len(expected) != len(actual):
            counts = f"expected {len(expected)} items, got {len(actual)}"
            return f"{path}: {counts}: {brief(expected)} against {brief(actual)}"
        found = (difference(e, a, f"{path}[{n}]") for n, (e, a) in enumerate(zip(expected, actual)))
    elif type(expected) is not type(actual) or expected != actual:
        return f"{path}: expected {expected!r}, got {actual!r}"
    else:
        return None
    return next((text for text in found if text), None)


def brief(value):
    """A value on one line, cut where it grows long."""
    text = json.dumps(value)
    return text if len(text) <= 600 else text[:600] + "…"


def comparable(result):
    """A copy in which what the contract leaves open has one form.

    The provider of a row that has none may be null or empty, and rows that tie in
    cost and names (or have no cost) may stand in any order: they are sorted here,
    after `order_fault` has looked at the order of all others.
    """
    rows = ({key: row[key] for key in row if key != "detail"} | {"detail": row.get("detail")} for row in result["workloads"])
    workloads = [{**row, "provider": row["provider"] or ""} for row in rows]
    workloads.sort(key=lambda row: json.dumps([row[k] for k in ("workload", "provider", "model", "verdict", "band")]))
    warnings = [warning for warning in result["warnings"] if warning["code"] == KEPT]
    incomplete = [{"code": note["code"], "count": note["count"]} for note in result["incomplete"] if note["code"] == REPEATS]
    return {**result, "workloads": workloads, "warnings": warnings, "incomplete": incomplete}


def order_fault(workloads):
    """Cost descending, then names bytewise, for rows that have a cost."""
    keys = [(-Fraction(row["cost"]), *(str(row[k] or "").encode() for k in ("workload", "provider", "model")))
            for row in workloads if row["cost"] is not None]
    return None if keys == sorted(keys) else "report.workloads: not by cost descending, then names bytewise"


def first_difference(expected, actual):
    """Compares two reports as far as the contract fixes them."""
    try:
        return order_fault(actual["workloads"]) or difference(comparable(expected), comparable(actual))
    except (KeyError, TypeError, ValueError) as fault:
        return f"report: not of the contract's shape ({fault!r})"


# ── running one case ─────────────────────────────────────────────────────────

def is_open(expected):
    """Whether the contract has no one answer, so that the case is not drawn.

    A tie of batch and routing can break low ≤ base ≤ high by 10⁻¹² once each row's month is
    rounded: no figures keep both rules. And what a log without any accepted row is worth
    (exit code, shares) is not said.
    """
    savings = [scenario["monthly_saving"] for scenario in expected["scenarios"][1:] if scenario["monthly_saving"]]
    ascending = all(Fraction(s["low"]) <= Fraction(s["base"]) <= Fraction(s["high"]) for s in savings)
    return not ascending or not expected["workloads"]


def expectation(scenario):
    """The oracle's report of a scenario and the exit code that goes with it."""
    inputs = [as_input(file) for file in scenario.files]
    expected = report(inputs, scenario.table, scenario.policy, scenario.options)
    return expected, exit_code(expected, scenario.policy)


def draw_case(seed, index):
    """The scenario of a case and what is expected of it."""
    scenarios = (draw_scenario(f"{seed}:{index}:{attempt}") for attempt in count())
    cases = ((scenario, *expectation(scenario)) for scenario in scenarios)
    return next(case for case in cases if not is_open(case[1]))


def command(binary, arguments, threads):
    """The command line of a run."""
    thread_options = ["--threads", threads] if threads else []
    return [binary, "report", *arguments, "--format", "json", *thread_options]


def disagreement(binary, arguments, threads, expected, code):
    """Runs the program once; the first difference as text, or None."""
    done = subprocess.run(command(binary, arguments, threads), capture_output=True, text=True, timeout=TIMEOUT_S)
    if done.returncode != code:
        return f"exit code: expected {code}, got {done.returncode}\n{done.stderr[:2000]}"
    try:
        actual = json.loads(done.stdout)
    except json.JSONDecodeError as fault:
        return f"standard output is not JSON ({fault})\n{done.stderr[:2000]}"
    return first_difference(expected, actual)


def check(binary, scenario, expected, code, threads, folder):
    """Writes a scenario into a folder and compares at every thread count."""
    arguments = write_scenario(scenario, folder)
    found = ((n, disagreement(binary, arguments, n, expected, code)) for n in threads)
    return next((f"{text} (--threads {n})" if n else text for n, text in found if text), None)


def run_case(binary, seed, index, threads):
    """One case from its number alone, so that a worker process can do it."""
    scenario, expected, code = draw_case(seed, index)
    with tempfile.TemporaryDirectory(prefix="batchwise-oracle-") as folder:
        found = check(binary, scenario, expected, code, threads, folder)
    return Outcome(sum(len(file.rows) for file in scenario.files), found)


# ── shrinking ────────────────────────────────────────────────────────────────

def without(items, low, high):
    """A list without a slice of it."""
    return items[:low] + items[high:]


def smaller_files(scenario, piece):
    """Scenarios with some rows of one file left out, or all of it."""
    for number, file in enumerate(scenario.files):
        for low in range(0, len(file.rows), piece):
            rows = without(file.rows, low, low + piece)
            less = [replace(file, rows=rows, blank_before=frozenset(), header_before=None)] if rows else []
            yield replace(scenario, files=scenario.files[:number] + less + scenario.files[number + 1 :])


def smaller_settings(scenario):
    """Scenarios with one option, section, rule or route less."""
    for name in ("provider", "routing_saves"):
        if name in scenario.options:
            yield replace(scenario, options={k: v for k, v in scenario.options.items() if k != name})
    policy = scenario.policy or {}
    for section in ("rules", "batch", "routing", "accept", "workload", "limits"):
        if section in policy:
            yield replace(scenario, policy={k: v for k, v in policy.items() if k != section})
    for number in range(len(policy.get("rules", ()))):
        yield replace(scenario, policy={**policy, "rules": without(policy["rules"], number, number + 1)})
    routes = policy.get("routing", {}).get("routes", [])
    for number in range(len(routes)):
        routing = {**policy["routing"], "routes": without(routes, number, number + 1)}
        yield replace(scenario, policy={**policy, "routing": routing})


def still_differs(binary, scenario, threads):
    """Whether a smaller scenario is a case at all and still shows a difference."""
    try:
        expected, code = expectation(scenario)
    except ValueError:
        return False
    if is_open(expected):
        return False
    with tempfile.TemporaryDirectory(prefix="batchwise-oracle-") as folder:
        return check(binary, scenario, expected, code, threads, folder) is not None


def shrink(binary, scenario, threads):
    """Leaves out what is not needed for a difference, as long as the runs last."""
    runs_left = EXTRA_SHRINK_RUNS
    piece = max(len(file.rows) for file in scenario.files)
    while piece:
        for candidate in (*smaller_files(scenario, piece), *smaller_settings(scenario)):
            runs_left -= 1
            if runs_left < 0:
                return scenario
            if still_differs(binary, candidate, threads):
                scenario = candidate
                break
        else:
            piece //= 2
    return scenario


def keep(binary, scenario, threads):
    """A folder with all it takes to see a difference again; (folder, difference)."""
    folder = Path(tempfile.mkdtemp(prefix="batchwise-difference-"))
    expected, code = expectation(scenario)
    found = check(binary, scenario, expected, code, threads, folder)
    run = command(binary, write_scenario(scenario, folder), threads[0])
    (folder / "command.sh").write_text(shlex.join(run) + "\n")
    (folder / "expected.json").write_text(json.dumps({"exit": code, **expected}, indent=1) + "\n")
    done = subprocess.run(run, capture_output=True, text=True, timeout=TIMEOUT_S)
    (folder / "actual.json").write_text(done.stdout)
    (folder / "actual.stderr").write_text(done.stderr)
    return folder, found


# ── main ─────────────────────────────────────────────────────────────────────

def parse_arguments():
    """What to run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True, help="the program under test")
    parser.add_argument("--cases", type=int, default=300, help="number of scenarios")
    parser.add_argument("--seed", default="1", help="any text; the same seed draws the same scenarios")
    parser.add_argument("--threads", default="", help="thread counts to run each case with, as 1,2,8")
    parser.add_argument("--only", type=int, help="run just the case of this number")
    return parser.parse_args()


def tell_difference(binary, seed, index, threads):
    """Shrinks and keeps a differing case, and says where it is."""
    scenario, _, _ = draw_case(seed, index)
    folder, found = keep(binary, shrink(binary, scenario, threads), threads)
    print(f"oracle: case {index} of seed {seed} differs\n{found}")
    print(f"kept in {folder} (command.sh, expected.json, actual.json)")


def main():
    """Runs all cases on all cores; 1 on the first difference."""
    arguments = parse_arguments()
    binary, threads = str(Path(arguments.bin).resolve()), arguments.threads.split(",")
    cases = range(arguments.cases) if arguments.only is None else [arguments.only]
    rows = 0
    with ProcessPoolExecutor() as pool:
        tasks = [pool.submit(run_case, binary, arguments.seed, index, threads) for index in cases]
        for index, task in zip(cases, tasks):
            outcome = task.result()
            rows += outcome.rows
            if outcome.difference:
                pool.shutdown(cancel_futures=True)
                tell_difference(binary, arguments.seed, index, threads)
                return 1
    print(f"oracle: {len(cases)} cases, {rows} rows, agree exactly")
    return 0


if __name__ == "__main__":
    sys.exit(main())
