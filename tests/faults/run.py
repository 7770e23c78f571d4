#!/usr/bin/env python3
"""Faults of the world: the Nth call of the system fails, a signal comes at any moment, a disk is full.

    python3 tests/faults/run.py --bin target/debug/batchwise

Runs the program under strace, which makes one call of one kind fail at a time, or sends a signal at it. Whatever happens,
the run ends with an exit code of the contract, and each output is the old file or the whole new one. Needs strace and the
right to trace; nothing waits or depends on a clock, and what is sampled is drawn from a fixed seed.
"""

from __future__ import annotations

import argparse
import collections
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
OLD = b"old\n"
OUTPUTS = ["report.json", "report.txt", "report.md", "report.csv", "report.html", "report.xlsx"]
# Before the program's own first line the loader may fail.
LOADER = 127
# Exit codes of the contract that a fault may bring about.
FAULTY = {3, 4, 5, LOADER}


class Place:
    """A folder with a log and the outputs of earlier runs."""

    def __init__(self, binary: Path, home: Path, command: list[str], outputs: list[str]):
        self.binary, self.home, self.outputs = binary, home, outputs
        self.words = [str(binary), *command]
        for output in outputs:
            self.words += ["--rejects" if output == "rejects.csv" else "-o", output]
        if outputs:
            self.words.append("--force")

    def reset(self):
        for file in self.home.iterdir():
            if file.name != "calls.csv":
                file.unlink()
        for output in self.outputs:
            (self.home / output).write_bytes(OLD)

    def run(self, strace: list[str], stdin: bytes | None = None) -> subprocess.CompletedProcess:
        self.reset()
        environment = {"PATH": os.environ["PATH"], "TMPDIR": str(self.home), "NO_COLOR": "1", "COLUMNS": "100"}
        words = ["strace", "-f", "-qq", "-o", str(self.home.parent / "trace"), *strace, "--", *self.words]
        return subprocess.run(words, cwd=self.home, env=environment, input=stdin, capture_output=True, check=False)

    def state(self) -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in self.home.iterdir() if file.name != "calls.csv"}


def calls(place: Place, stdin: bytes | None) -> tuple[collections.Counter, subprocess.CompletedProcess, dict[str, bytes]]:
    """How often the program makes each call, and what comes of a run without faults."""
    done = place.run(["-e", "trace=all"], stdin)
    trace = (place.home.parent / "trace").read_text(errors="replace")
    names = re.findall(r"^\d+ +(?:<\.\.\. )?(\w+)\(", trace, re.MULTILINE)
    return collections.Counter(names), done, place.state()


def moments(count: int, most: int, draw: random.Random) -> list[int]:
    """All numbers from 1 to `count`, or so many of them."""
    every = range(1, count + 1)
    return list(every) if count <= most else sorted(draw.sample(every, most))


def check(title: str, place: Place, done, usual, whole: dict[str, bytes], allowed: set[int], may_leave: bool) -> str | None:
    """What is wrong with a run, if anything is."""
    code = done.returncode
    if code == usual.returncode and done.stdout == usual.stdout and place.state() == whole:
        return None
    if code not in allowed:
        return f"{title}: exit {code}\n{done.stderr.decode(errors='replace')[-600:]}"
    if code == usual.returncode and done.stdout != usual.stdout:
        return f"{title}: exit {code} with another standard output"
    for name, content in place.state().items():
        if name in whole:
            if content not in (OLD, whole[name]):
                return f"{title}: exit {code}, and {name} is neither the old nor the new file"
        elif not may_leave:
            return f"{title}: exit {code}, and {name} stays behind"
    return None


def sweep(place: Place, name: str, stdin: bytes | None, most: int, draw: random.Random) -> tuple[int, list[str]]:
    """Every kind of call fails at every one of its moments, or at so many of them; then signals come at them."""
    counted, usual, whole = calls(place, stdin)
    assert usual.returncode in (0, 3), f"{name}: exit {usual.returncode}\n{usual.stderr.decode()}"
    found: list[str] = []
    runs = 0
    faults = [
        ("read", "error=EIO"), ("read", "retval=0"), ("pread64", "error=EIO"), ("pread64", "retval=0"),
        ("write", "error=ENOSPC"), ("write", "retval=0"), ("fsync", "error=EIO"), ("openat", "error=EMFILE"),
        ("openat", "error=EACCES"), ("rename", "error=EXDEV"), ("renameat2", "error=EIO"), ("linkat", "error=EIO"),
        ("clone3", "error=EAGAIN"), ("clone", "error=EAGAIN"), ("lseek", "error=EIO"), ("copy_file_range", "error=EIO"),
        ("splice", "error=EIO"), ("sendfile", "error=EIO"), ("statx", "error=EACCES"), ("unlink", "error=EIO"),
    ]
    for call, fault in faults:
        for moment in moments(counted[call], most, draw):
            title = f"{name}: {call} number {moment} with {fault}"
            done = place.run(["-e", f"inject={call}:{fault}:when={moment}"], stdin)
            runs += 1
            # A file that cannot be unlinked stays, and nobody could do anything about it.
            wrong = check(title, place, done, usual, whole, FAULTY | {usual.returncode}, call == "unlink")
            if wrong:
                found.append(wrong)
    # Signals at the calls that open, fill and place files.
    ends = {signal.SIGHUP: 129, signal.SIGINT: 130, signal.SIGQUIT: 131, signal.SIGTERM: 143, signal.SIGKILL: -9}
    for call in ["openat", "read", "pread64", "write", "fsync", "rename", "renameat2", "futex"]:
        for moment in moments(counted[call], max(2, most // 8), draw):
            for sent, code in ends.items():
                title = f"{name}: {sent.name} at {call} number {moment}"
                done = place.run(["-e", f"inject={call}:signal={sent.name}:when={moment}"], stdin)
                runs += 1
                # Before the program listens, a signal ends it as it ends any other.
                allowed = {code, -sent, 128 + sent, usual.returncode}
                wrong = check(title, place, done, usual, whole, allowed, sent == signal.SIGKILL)
                if wrong:
                    found.append(wrong)
    # Threads that are refused from the first on are no reason to fail.
    for call in [call for call in ("clone3", "clone") if counted[call]]:
        done = place.run(["-e", f"inject={call}:error=EAGAIN:when=1+"], stdin)
        runs += 1
        expected = (usual.returncode, usual.stdout, whole)
        if "report.xlsx" in place.outputs:
            # The library that makes workbooks cannot do without: nothing is written then.
            expected = (4, b"", {output: OLD for output in place.outputs})
        if (done.returncode, done.stdout, place.state()) != expected:
            found.append(f"{name}: without threads: exit {done.returncode}\n{done.stderr.decode(errors='replace')}")
    return runs, found


def full_disks(binary: Path, log: bytes) -> tuple[int, list[str]]:
    """A real file system without room, where one may be mounted: for outputs, and for the copy of standard input."""
    found: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small"
        small.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)]
        if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            print("!! SKIPPED: no file system may be mounted here, so that none is full", file=sys.stderr)
            return 0, []
        try:
            calls = Path(folder) / "calls.csv"
            calls.write_bytes(log * 4)
            output = [str(binary), "classify", str(calls), "--no-dedupe", "-o", str(small / "lines.csv")]
            piped = [str(binary), "report", "-", "--quiet"]
            for title, words, stdin, code in [("outputs", output, b"", 5), ("standard input", piped, log * 4, 4)]:
                environment = {"TMPDIR": str(small), "PATH": os.environ["PATH"]}
                done = subprocess.run(words, input=stdin, env=environment, capture_output=True, check=False)
                if done.returncode != code or list(small.iterdir()):
                    found.append(f"full disk for {title}: exit {done.returncode}, left {list(small.iterdir())}")
        finally:
            subprocess.run(["umount", str(small)], check=True)
    return 2, found


def little_memory(binary: Path, log: bytes) -> tuple[int, list[str]]:
    """Address space from too little to load the program up to enough. What is written is whole; the standard library of the
    language ends a program that gets no memory by SIGABRT, so that a hidden file may stay, and never with exit 0."""
    found: list[str] = []
    ends: collections.Counter = collections.Counter()
    limits = [*range(4, 64, 4), *range(64, 256, 16), *range(256, 1025, 128)]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        (home / "calls.csv").write_bytes(log)
        place = Place(binary, home, ["report", "calls.csv", "--threads", "4"], OUTPUTS)
        environment = {"TMPDIR": str(home), "PATH": os.environ["PATH"], "NO_COLOR": "1", "COLUMNS": "100"}

        def run(megabytes: int | None) -> subprocess.CompletedProcess:
            place.reset()
            limit = "" if megabytes is None else f"ulimit -v {megabytes * 1024}; "
            words = ["sh", "-c", f'ulimit -c 0; {limit}exec "$@"', "sh", *place.words]
            return subprocess.run(words, cwd=home, env=environment, capture_output=True, check=False)

        usual = run(None)
        whole = place.state()
        for megabytes in limits:
            done = run(megabytes)
            code, state = done.returncode, place.state()
            ends[code] += 1
            outputs = {name: state.get(name) for name in OUTPUTS}
            all_old = all(content == OLD for content in outputs.values())
            if code == usual.returncode and outputs == whole:
                continue
            visible = [name for name in state if name not in OUTPUTS and not name.startswith(".batchwise-")]
            if code not in FAULTY - {3} | {126, 134, -signal.SIGABRT, -signal.SIGSEGV} or not all_old or visible:
                found.append(f"{megabytes} MB of address space: exit {code}, old outputs {all_old}, left {visible}")
    print(f"little memory: exit codes {dict(sorted(ends.items()))}")
    return len(limits), found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, default=ROOT / "target/debug/batchwise")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=int, default=24, help="moments of each kind of call (default: %(default)s)")
    words = parser.parse_args()
    if shutil.which("strace") is None:
        sys.exit("strace is not there")
    sample = (ROOT / "fixtures/verdicts/october.csv").read_bytes().splitlines(keepends=True)
    few = b"".join(sample[:60]) + b"2026-10-05T10:00:00Z,rejected\n"
    # Enough for several threads.
    many = sample[0] + b"".join(sample[1:]) * 6
    total, found = 0, []
    draw = random.Random(words.seed)
    with tempfile.TemporaryDirectory() as folder:
        for name, log, command, outputs, stdin in [
            ("six outputs", few, ["report", "calls.csv"], [*OUTPUTS, "rejects.csv"], None),
            ("lines", few, ["classify", "calls.csv"], ["lines.csv"], None),
            ("standard output", few, ["report", "calls.csv", "--format", "json"], [], None),
            ("standard input", few, ["report", "-"], ["report.json"], few),
            ("threads", many, ["report", "calls.csv", "--no-dedupe", "--threads", "4"], ["report.json"], None),
        ]:
            home = Path(folder) / name.replace(" ", "-")
            home.mkdir()
            (home / "calls.csv").write_bytes(log)
            place = Place(words.bin.resolve(), home, command, outputs)
            runs, wrong = sweep(place, name, stdin, words.most, draw)
            print(f"{name}: {runs} runs, {len(wrong)} wrong", flush=True)
            total += runs
            found += wrong
    for runs, wrong in [full_disks(words.bin.resolve(), b"".join(sample)), little_memory(words.bin.resolve(), few)]:
        total += runs
        found += wrong
    for wrong in found:
        print(f"!! {wrong}", file=sys.stderr)
    print(f"{total} runs with a fault each, {len(found)} wrong")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
