"""Does breaking mm/ break the tests?

Each mutant is one small change to mm/ (or the part of arch/ the host shares): a flush left
out, a count, a check. It is made in a copy, the copy is compiled and linked with the tests
that are built already, and some test must fail: the unit tests, or a short run of the fuzzer.
A mutant that survives shows a hole in the tests; one whose text is no longer found is stale.

    tests/host/mutants.py [--build DIR] [--sources DIR] [--every N] [--strict] [--all] [WORD...]
"""

from __future__ import annotations

import argparse
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from mutations import MUTATIONS, Mutation

ROOT = Path(__file__).resolve().parents[2]
COMPILE = (
    "clang -fsanitize=address,undefined -fno-sanitize-recover=all -DFAULTLINE_HOST -std=gnu11 "
    "-g -O1 -fno-omit-frame-pointer -w -fsanitize-coverage=inline-8bit-counters,pc-table"
).split()
# What is wrapped stands in one place only.
WRAPPED = re.search(r"-Wl,--wrap=\S+", (ROOT / "tests/host/Makefile").read_text("utf-8"))
LINK = ["clang", "-fsanitize=address,undefined", WRAPPED[0] if WRAPPED else ""]
BASE = ["choice", "hands", "mover", "machine", "thread", "above", "device", "judge", "model"]
FUZZ = ["fuzz", "fuzz_touch", "fuzz_map", "fuzz_remap", "fuzz_object", "fuzz_group", "fuzz_more", "fuzz_vm"]
FUZZ_RUNS = [
    ["--seed", "1", "--operations", "150000", "--frames", "600", "--slots", "1200", "--quiet"],
    ["--seed", "2", "--operations", "150000", "--frames", "400", "--slots", "150", "--quiet"],
    ["--seed", "3", "--operations", "80000", "--frames", "1500", "--slots", "0", "--quiet"],
]


@dataclass
class Outcome:
    mutation: Mutation
    verdict: str  # "unit", "fuzz", "compiler": what noticed it; "SURVIVED"; "stale"
    detail: str
    seconds: float


def unit_objects(host: Path) -> list[Path]:
    """The objects of the unit tests: those that share a main."""
    names = ["unit"]
    for source in sorted((ROOT / "tests/host").glob("test_*.c")):
        if "\nint main(" not in source.read_text():
            names.append(source.stem)
    return [host / f"tests/host/{name}.o" for name in names]


def compile_mutant(mutation: Mutation, sources: Path, host: Path, work: Path) -> list[Path]:
    """Objects of mm/ with the change in them; those it does not reach are taken as they are."""
    for part in ("mm", "arch", "lib"):
        shutil.copytree(sources / part, work / part)
    changed = work / mutation.file
    changed.write_text(changed.read_text().replace(mutation.old, mutation.new))
    objects = []
    for source in sorted((work / "mm").rglob("*.c")):
        name = source.relative_to(work)
        if mutation.file.endswith(".h") or str(name) == mutation.file:
            target = work / (source.stem + ".o")
            subprocess.run(
                [*COMPILE, f"-I{work}", "-c", "-o", target, source],
                check=True,
                capture_output=True,
            )
            objects.append(target)
        else:
            objects.append(host / name.with_suffix(".o"))
    return objects


def first_failure(text: str) -> str:
    """The line of a failing run that says what was wrong."""
    for word in ("FAILED:", "PANIC:", "ERROR: Add", "runtime error", "[   LINE", "ERROR:"):
        for line in text.splitlines():
            if word in line:
                return line.strip()[:100]
    return "timeout" if not text else text.strip().splitlines()[-1][:100]


def failure_of(command: list[str | Path]) -> str | None:
    """What a run complains of, or None if it is content."""
    environment = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}
    try:
        run = subprocess.run(
            command,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=30,
            env=environment,
            check=False,
            errors="replace",
        )
    except subprocess.TimeoutExpired:
        return "timeout"
    return first_failure(run.stdout + run.stderr) if run.returncode else None


def try_mutation(mutation: Mutation, sources: Path, host: Path, everything: bool) -> Outcome:
    start = time.monotonic()

    def outcome(verdict: str, detail: str = "") -> Outcome:
        return Outcome(mutation, verdict, detail, time.monotonic() - start)

    if (sources / mutation.file).read_text().count(mutation.old) != 1:
        return outcome("stale", "its text is not there exactly once")
    with tempfile.TemporaryDirectory(prefix="mutant-") as directory:
        work = Path(directory)
        try:
            objects = compile_mutant(mutation, sources, host, work)
        except subprocess.CalledProcessError as error:
            return outcome("stale", first_failure(error.stderr.decode(errors="replace")))
        base = [host / f"tests/host/{name}.o" for name in BASE]
        noticed = []
        unit = work / "unit"
        subprocess.run([*LINK, "-o", unit, *objects, *base, *unit_objects(host), "-lcmocka"], check=True)
        detail = failure_of([unit])
        if detail:
            noticed.append("unit")
            if not everything:
                return outcome("unit", detail)
        fuzz = work / "fuzz_vm"
        extra = [host / f"tests/host/{name}.o" for name in FUZZ]
        subprocess.run([*LINK, "-o", fuzz, *objects, *base, *extra], check=True)
        for arguments in FUZZ_RUNS:
            complaint = failure_of([fuzz, *arguments])
            if complaint:
                return outcome("+".join([*noticed, "fuzz"]), complaint)
        return outcome("+".join(noticed) or "SURVIVED", detail or "")


def main() -> int:
    parser = argparse.ArgumentParser(description="Does breaking mm/ break the tests?")
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--sources", type=Path, default=ROOT)
    parser.add_argument("--every", type=int, default=1, help="only every Nth mutant")
    parser.add_argument("--strict", action="store_true", help="stale ones fail, too")
    parser.add_argument("--all", action="store_true", help="run the fuzzer on every one")
    parser.add_argument("words", nargs="*", help="only mutants whose text has one of these")
    options = parser.parse_args()
    chosen = [
        mutation
        for mutation in MUTATIONS[:: options.every]
        if not options.words
        or any(word in f"{mutation.file} {mutation.what}" for word in options.words)
    ]
    host = options.build.resolve() / "host"
    sources = options.sources.resolve()
    outcomes: list[Outcome] = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        jobs = [pool.submit(try_mutation, m, sources, host, options.all) for m in chosen]
        for job in jobs:
            found = job.result()
            outcomes.append(found)
            print(
                f"{found.verdict:10} {found.mutation.file:14} {found.mutation.what:58} "
                f"{found.detail}",
                flush=True,
            )
    survived = [found for found in outcomes if found.verdict == "SURVIVED"]
    stale = [found for found in outcomes if found.verdict == "stale"]
    print(f"{len(outcomes)} mutants: {len(survived)} survived, {len(stale)} stale")
    return 1 if survived or (stale and options.strict) or len(stale) == len(outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
