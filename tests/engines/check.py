"""What `run` starts: logs into engines, statements, files, reports, and what differs."""

import argparse
import collections
import csv
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

import engines
import rows
import vendors

csv.field_size_limit(10**9)
# What of a report is about the file that was read. The figures are not among it.
OF_THE_FILE = ["inputs"]
SELF_TEST_ROWS = pathlib.Path(__file__).resolve().parent.parent.parent / "src" / "sql" / "self_test" / "rows.csv"


class Differs(Exception):
    """A check failed."""


def batchwise(program, *words, exits=(0, 3)):
    done = subprocess.run([program, *map(str, words)], capture_output=True, text=True)
    if done.returncode not in exits:
        raise Differs(f"batchwise {' '.join(map(str, words))} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def lines(path):
    """The lines of a rollup file, sorted, each by the names of its columns."""
    with open(path, newline="", encoding="utf-8") as file:
        return sorted(tuple(sorted(line.items())) for line in csv.DictReader(file))


def first_difference(one, other):
    only = [set(one) - set(other), set(other) - set(one)]
    shown = [
        "\n".join(" ".join(f"{name}={value!r}" for name, value in line if value) for line in sorted(some)[:3]) for some in only
    ]
    return f"{len(only[0])} lines only in one, {len(only[1])} only in the other:\n{shown[0]}\n--\n{shown[1]}"


def differences(one, other, place=""):
    if type(one) is not type(other):
        yield f"{place}: {one!r} and {other!r}"
    elif isinstance(one, dict):
        for key in dict.fromkeys([*one, *other]):
            if key in one and key in other:
                yield from differences(one[key], other[key], f"{place}.{key}")
            else:
                yield f"{place}.{key}: only in {'the log' if key in one else 'the rollup'}: {one.get(key, other.get(key))!r}"
    elif isinstance(one, list):
        if len(one) != len(other):
            yield f"{place}: {len(one)} and {len(other)} of them: {str(one)[:300]} and {str(other)[:300]}"
        for at, (a, b) in enumerate(zip(one, other)):
            yield from differences(a, b, f"{place}[{at}]")
    elif one != other:
        yield f"{place}: {one!r} and {other!r}"


# Notes of what only a reader of rows sees: which rows repeat ids, what keys rows of a vendor lack, and which amounts lost digits.
ONLY_OF_ROWS = {"ids-repeat", "duplicates-differ", "missing-column", "amount-rounded"}


def of_rows(report):
    """A report without what is about its file, and without notes that no rollup of a query can have."""
    report = {key: value for key, value in report.items() if key not in OF_THE_FILE}
    for notes in ("warnings", "incomplete"):
        report[notes] = [note for note in report[notes] if note["code"] not in ONLY_OF_ROWS]
    report["status"]["reasons"] = [code for code in report["status"]["reasons"] if code not in ONLY_OF_ROWS]
    return report


class Case:
    """A log, the words of its statement, and the words that its reports take."""

    def __init__(self, name, log, amounts, sql=(), read=()):
        self.name, self.log, self.amounts, self.sql, self.read = name, log, amounts, list(sql), list(read)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--named", action="store_true")
    parser.add_argument("engines", nargs="+")
    options = parser.parse_args()
    program = pathlib.Path(options.bin).resolve()
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        policy = folder / "policy.yaml"
        policy.write_text(rows.POLICY)
        drawn, nasty = rows.drawn(options.rows, options.seed), rows.nasty()
        tags = ["--tags", ",".join(rows.TAGS)]
        cases = [
            Case("drawn", drawn, "decimal", tags),
            Case("drawn with rules", drawn, "decimal", [*tags, "--policy", policy, "--by", "team", "--hours"],
                 ["--policy", policy, "--by", "team"]),
            Case("nasty", nasty, "float", tags),
            Case("nasty with rules", nasty, "float", [*tags, "--policy", policy, "--by", "tag.feature"],
                 ["--policy", policy, "--by", "tag.feature"]),
            Case("drawn, told once", drawn, "decimal", [*tags, "--unique-ids", "--from", "2026-09-10", "--to", "2026-10-09"],
                 ["--from", "2026-09-10", "--to", "2026-10-09"]),
        ]
        reports = {}
        for case in cases:
            log = folder / f"{case.name}.csv"
            rows.write_csv(case.log, log)
            dedupe = ["--no-dedupe"] if "--unique-ids" in case.sql else []
            reports[case.name] = json.loads(batchwise(program, "report", log, "--format", "json", *case.read, *dedupe))
        first = {}
        for name in options.engines:
            begin = time.time()
            try:
                engine = engines.ENGINES[name](folder)
            except engines.Missing as missing:
                print(f"\n!! SKIPPED: {name}: {missing}\n", file=sys.stderr)
                skipped += 1
                failed += options.named
                continue
            try:
                checks = [(case.name, Calls(case)) for case in cases] + [("self-test", SelfTest()), ("unclear providers", Unclear())]
                checks += [(view[0], OfVendor(*view)) for view in vendors.VIEWS.get(name, [])]
                checks += [("the walk of docs/scale.md", Walk(vendors.litellm))] if name == "postgres" else []
                for of_what, check in checks:
                    began = time.time()
                    try:
                        groups = check.run(program, engine, name, folder, reports, first)
                        passed += 1
                        print(f"{name:10} {of_what:20} {groups} lines equal, {time.time() - began:.1f} s", flush=True)
                    except Exception as error:
                        failed += 1
                        shown = str(error) if isinstance(error, Differs) else f"{traceback.format_tb(error.__traceback__)[-1]}{error}"
                        print(f"{name:10} {of_what:20} FAILED: {shown[:1500]}", flush=True)
            finally:
                engine.close()
            print(f"{name:10} in {time.time() - begin:.1f} s", flush=True)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


def place(folder, name, file):
    """Where a file of an engine stands. Notes of a report name it, so that it is called the same everywhere."""
    path = folder / name / file
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    return path


def compare(expected, report):
    differing = list(differences(of_rows(expected), of_rows(report)))
    if differing:
        raise Differs(f"another report than that of the log, in {len(differing)} places:\n" + "\n".join(differing[:20]))


class Calls:
    """A log as a table: the file is that of all engines, and its report that of the log."""

    def __init__(self, case):
        self.case = case

    def run(self, program, engine, name, folder, reports, first):
        case = self.case
        table = f"calls_{case.amounts}"
        if case.name in ("drawn", "nasty"):
            engine.load(table, case.log, case.amounts)
        statement = batchwise(program, "sql", "--dialect", engine.dialect, "--table", table, *case.sql)
        path = place(folder, name, f"{case.name}.csv")
        engine.save(statement, path)
        found = lines(path)
        known, by = first.setdefault(case.name, (found, name))
        if found != known:
            raise Differs(f"another file than {by}'s: {first_difference(known, found)}")
        rows_of = sum(int(dict(line)["rows"]) for line in found if dict(line)["fate"] != "control")
        count = place(folder, name, f"{case.name}-count.csv")
        engine.save(batchwise(program, "sql", "--dialect", engine.dialect, "--table", table, "--count", *case.sql), count)
        with open(count, newline="", encoding="utf-8") as file:
            (counted,) = csv.DictReader(file)
        if (int(counted["lines"]), int(counted["rows"])) != (len(found), rows_of):
            raise Differs(f"--count says {counted}, and the file has {len(found)} lines of {rows_of} rows")
        compare(reports[case.name], json.loads(batchwise(program, "report", path, "--format", "json", *case.read)))
        return len(found)


class SelfTest:
    """The statement over rows of its own finds what it must."""

    def run(self, program, engine, name, folder, reports, first):
        kept, path = place(folder, name, "self-test-rows.csv"), place(folder, name, "self-test.csv")
        rows.write_csv(rows.nasty(short=True), kept)
        if kept.read_text(encoding="utf-8") != SELF_TEST_ROWS.read_text(encoding="utf-8"):
            raise Differs(f"{SELF_TEST_ROWS} is not what `rows.nasty(short=True)` gives")
        engine.save(batchwise(program, "sql", "--dialect", engine.dialect, "--self-test"), path)
        batchwise(program, "report", "--check-self-test", path, exits=(0,))
        return len(lines(path))


class Unclear:
    """Rows of which no statement can tell whether they are one call are rejected by name, and no others."""

    def run(self, program, engine, name, folder, reports, first):
        engine.load("calls_unclear", rows.unclear(), "decimal")
        path = place(folder, name, "unclear.csv")
        engine.save(batchwise(program, "sql", "--dialect", engine.dialect, "--table", "calls_unclear", "--tags", ",".join(rows.TAGS)), path)
        with open(path, newline="", encoding="utf-8") as file:
            fates = collections.Counter()
            for line in csv.DictReader(file):
                fates[line["fate"]] += int(line["rows"]) if line["fate"] != "control" else 0
        if +fates != rows.UNCLEAR:
            raise Differs(f"{dict(fates)} and not {rows.UNCLEAR}")
        report = batchwise(program, "report", path, "--format", "json", exits=(3,))
        if "provider-unclear" not in report:
            raise Differs(f"the report does not name them: {report}")
        return len(lines(path))


class OfVendor:
    """A vendor's table, seen through the view: the report is that of its export."""

    def __init__(self, view, fill, form, tags):
        self.view, self.fill, self.form, self.tags = view, fill, form, tags

    def run(self, program, engine, name, folder, reports, first):
        export = self.fill(engine, folder)
        expected = json.loads(batchwise(program, "report", export, "--format", "json", "--by", "user"))
        tags = ["--tags", ",".join(self.tags)] if self.tags else []
        engine.execute(batchwise(program, "sql", "--view", self.view, *tags))
        words = ["--dialect", engine.dialect, "--table", "batchwise_calls", "--input-format", self.form, "--by", "user", *tags]
        path = place(folder, name, export.name.replace(".jsonl", ".csv"))
        engine.save(batchwise(program, "sql", *words), path)
        report = json.loads(batchwise(program, "report", path, "--format", "json", "--by", "user"))
        compare(expected, report)
        return len(lines(path))


class Walk:
    """The commands of `docs/scale.md` as they stand there, from a vendor's database to a page: its figures are those of the rows."""

    def __init__(self, fill):
        self.fill = fill

    def run(self, program, engine, name, folder, reports, first):
        export = self.fill(engine, folder)
        work = folder / "walk"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        (work / "batchwise").symlink_to(program)
        page = (pathlib.Path(__file__).resolve().parent.parent.parent / "docs" / "scale.md").read_text(encoding="utf-8")
        (commands,) = re.findall(r"in five commands.*?```sh\n(.*?)```", page, re.DOTALL)
        if len(commands.splitlines()) != 5:
            raise Differs(f"the page has not five commands:\n{commands}")
        variables = os.environ | engine.variables() | {"PATH": f"{work}:{engine.programs}:{os.environ['PATH']}"}
        script = "set -eu\n" + commands.replace("DATABASE", "postgres")
        done = subprocess.run(["sh", "-c", script], cwd=work, env=variables, capture_output=True, text=True)
        if done.returncode not in (0, 3):
            raise Differs(f"the commands of the page ended with {done.returncode}: {done.stderr}")
        words = ["report", export, "--policy", work / "policy.yaml"]
        batchwise(program, *words, "-o", work / "direct.html", "--force")
        total = json.loads(batchwise(program, *words, "--format", "json"))["cost"]
        # What became of a file's rows is about the file.
        outcomes = re.compile("Billed dollars, by what became of their rows.*?</table>", re.DOTALL)
        pages = [outcomes.sub("", (work / file).read_text(encoding="utf-8")) for file in ("board.html", "direct.html")]
        figures = [re.findall(r"\$[0-9][0-9,.]*[0-9]", page) for page in pages]
        if not figures[1] or figures[0] != figures[1]:
            pairs = [(one, other) for one, other in zip(*figures) if one != other]
            raise Differs(f"another page than that of the rows, whose cost is {total}: {[len(some) for some in figures]} figures, {pairs[:5]}")
        return len(lines(work / "rollup.csv"))


if __name__ == "__main__":
    sys.exit(main())
