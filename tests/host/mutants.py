"""Does breaking mm/ break the tests?

Each mutant is one small change to mm/ (or the part of arch/ the host shares): a flush left
out, a count, a check. It is made in a copy, the copy is compiled and linked with the tests
that are built already, and some test must fail: the unit tests, or a short run of the fuzzer.
A mutant that survives shows a hole in the tests; one whose text is no longer found is stale.
The same tests, linked in the same way, must pass with nothing changed, or none is caught.

    tests/host/mutants.py [--build DIR] [--sources DIR] [--every N] [--all] [WORD...]
"""

from __future__ import annotations

import argparse
import concurrent.futures
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from mutations import EQUIVALENT, MUTATIONS, WRONG, Mutation, Outcome, Unusable

ROOT = Path(__file__).resolve().parents[2]
COMPILE = (
    "clang -fsanitize=address,undefined -fno-sanitize-recover=all -DFAULTLINE_HOST -std=gnu11 "
    "-g -O1 -fno-omit-frame-pointer -w -fsanitize-coverage=inline-8bit-counters,pc-table"
).split()
# What is wrapped stands in one place only.
WRAPPED = re.search(r"-Wl,--wrap=\S+", (ROOT / "tests/host/Makefile").read_text("utf-8"))
LINK = ["clang", "-fsanitize=address,undefined", WRAPPED[0] if WRAPPED else ""]
BASE = ["choice", "hands", "mover", "machine", "mmu", "processors", "thread", "above", "device", "judge", "model"]
BASE += ["model_check"]
# The kernel's own arch/, in one piece (tests/host/hardware.c).
HARDWARE = ("arch/mmu.c", "arch/kernel_lock.c", "arch/kernel_lock.h", "arch/shootdown.c")
FUZZ = ["fuzz", "fuzz_touch", "fuzz_map", "fuzz_remap", "fuzz_object", "fuzz_group", "fuzz_more", "fuzz_others"]
FUZZ += ["fuzz_log", "fuzz_vm"]
FUZZ_RUNS = [
    ["--seed", "1", "--operations", "150000", "--frames", "600", "--slots", "1200", "--quiet"],
    ["--seed", "2", "--operations", "150000", "--frames", "400", "--slots", "150", "--quiet"],
    ["--seed", "3", "--operations", "80000", "--frames", "1500", "--slots", "0", "--quiet"],
]
SEVERAL_RUNS = [
    ["--seed", "1", "--operations", "150000", "--processors", "4", "--quiet"],
    ["--seed", "2", "--operations", "50000", "--frames", "400", "--slots", "150", "--processors", "4", "--quiet"],
]


# Processor time of one run, however long it takes: who needs more never ends. With nothing changed
# a quarter must do, so that a slow machine catches nothing.
PROCESSOR_SECONDS = 40
LAST_RESORT = 1800  # seconds of the host's
CONTROL = Mutation("mm/page_tables/flush.c", "nothing", "", "")


def unit_objects(host: Path) -> list[Path]:
    """The objects of the unit tests: those that share a main."""
    names = ["unit", "unit_run"]
    for source in sorted((ROOT / "tests/host").glob("test_*.c")):
        if "\nint main(" not in source.read_text():
            names.append(source.stem)
    return [host / f"tests/host/{name}.o" for name in names]


def compile_one(source: Path, target: Path, *places: Path) -> Path:
    subprocess.run(
        [*COMPILE, *(f"-I{place}" for place in places), "-c", "-o", target, source], check=True, capture_output=True
    )
    return target


def compile_mutant(mutation: Mutation, sources: Path, host: Path, work: Path) -> list[Path]:
    """Objects of mm/ and of arch/ with the change in them; those it does not reach are taken as they are."""
    for part in ("mm", "arch", "lib"):
        shutil.copytree(sources / part, work / part)
    mutation.make(work)
    objects = []
    for source in sorted((work / "mm").rglob("*.c")):
        name = source.relative_to(work)
        if mutation.file.endswith(".h") or str(name) == mutation.file:
            objects.append(compile_one(source, work / (source.stem + ".o"), work))
        else:
            objects.append(host / name.with_suffix(".o"))
    hardware = host / "tests/host/hardware.o"
    if mutation.file in HARDWARE:
        hardware = compile_one(ROOT / "tests/host/hardware.c", work / "hardware.o", work, ROOT)
    return [*objects, hardware]


def first_failure(text: str) -> str:
    """The line of a failing run that says what was wrong."""
    for word in ("FAILED:", "PANIC:", "ERROR: Add", "runtime error", "[   LINE", "error:", "ERROR:"):
        for line in text.splitlines():
            if word in line:
                return line.strip()[:100]
    return text.strip().splitlines()[-1][:100] if text.strip() else "no word"


def run_limited(command: list[str | Path], seconds: int) -> subprocess.CompletedProcess[str]:
    """A run that is ended by SIGXCPU once it has used so much of a processor."""
    try:
        return subprocess.run(
            command,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=LAST_RESORT,
            env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"},
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1)),
            check=False,
            errors="replace",
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unusable(str(error)) from error


def failure_of(command: list[str | Path], seconds: int) -> str | None:
    """What a run complains of, or None if it is content."""
    run = run_limited(command, seconds)
    if run.returncode == -signal.SIGXCPU:
        return f"never ends: {seconds} s of a processor"
    if run.returncode == -signal.SIGKILL:
        raise Unusable(f"{command[0]} was killed")
    return first_failure(run.stdout + run.stderr) if run.returncode else None


def link(program: Path, objects: list[Path], *libraries: str) -> Path:
    run = subprocess.run(
        [*LINK, "-o", program, *objects, *libraries], capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise Unusable(f"{program.name} is not linked: {first_failure(run.stderr)}")
    return program


def unit_linked(objects: list[Path], host: Path, work: Path) -> Path:
    base = [*objects, *(host / f"tests/host/{name}.o" for name in BASE)]
    return link(work / "unit", [*base, *unit_objects(host)], "-lcmocka")


def fuzz_complains(
    objects: list[Path], host: Path, work: Path, runs: list[list[str]], seconds: int = PROCESSOR_SECONDS
) -> str | None:
    """What the first run of the fuzzer that is not content says."""
    names = [*BASE, *FUZZ]
    fuzz = link(work / "fuzz_vm", [*objects, *(host / f"tests/host/{name}.o" for name in names)])
    return next((detail for run in runs if (detail := failure_of([fuzz, *run], seconds))), None)


def several_complain(mutation: Mutation, sources: Path, host: Path) -> str | None:
    """What the fuzzer with several processors says of it, or else its unit tests; nothing else is tried."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as directory:
        work = Path(directory)
        objects = compile_mutant(mutation, sources, host, work)
        detail = fuzz_complains(objects, host, work, SEVERAL_RUNS)
        if detail:
            return detail
        names = re.findall(r"UNIT_TEST\((\w+)\)", (ROOT / "tests/host/test_processors.c").read_text("utf-8"))
        return failure_of([unit_linked(objects, host, work), *names], PROCESSOR_SECONDS)


def complaints(objects: list[Path], host: Path, work: Path, seconds: int, everything: bool) -> dict[str, str]:
    """Who has something to say against this mm/, and what: the first of them, or both."""
    found = {}
    detail = failure_of([unit_linked(objects, host, work), "--together"], seconds)
    if detail:
        found["unit"] = detail
        if not everything:
            return found
    detail = fuzz_complains(objects, host, work, FUZZ_RUNS + SEVERAL_RUNS, seconds)
    if detail:
        found["fuzz"] = detail
    return found


class Tests:
    """The tests of mm/ as they are built in `host`, for mutants of these sources."""

    def __init__(self, sources: Path, host: Path, everything: bool = False):
        self.sources, self.host, self.everything = sources, host, everything
        self.control: Outcome | None = None
        self.lock = threading.Lock()

    def try_one(self, mutation: Mutation, seconds: int = PROCESSOR_SECONDS) -> Outcome:
        """What they say to one mutation, never mind what they say to none."""
        if mutation is not CONTROL and mutation.is_stale(self.sources):
            return Outcome("stale", "its text is not there exactly once")
        with tempfile.TemporaryDirectory(prefix="mutant-") as directory:
            work = Path(directory)
            try:
                objects = compile_mutant(mutation, self.sources, self.host, work)
                found = complaints(objects, self.host, work, seconds, self.everything)
            except subprocess.CalledProcessError as error:
                words = error.stderr.decode(errors="replace")
                return Outcome("error", f"it does not compile: {first_failure(words)}")
            except (OSError, Unusable) as error:
                return Outcome("error", str(error)[:200])
        return Outcome("+".join(found) or "SURVIVED", next(iter(found.values()), ""))

    def try_mutation(self, mutation: Mutation) -> Outcome:
        """The same, if they pass with nothing changed."""
        with self.lock:
            if self.control is None:
                self.control = self.try_one(CONTROL, PROCESSOR_SECONDS // 4)
        if self.control.verdict != "SURVIVED":
            return Outcome("error", f"with nothing changed: {': '.join(self.control)}")
        return self.try_one(mutation)


def main() -> int:
    parser = argparse.ArgumentParser(description="Does breaking mm/ break the tests?")
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--sources", type=Path, default=ROOT)
    parser.add_argument("--every", type=int, default=1, help="only every Nth mutant")
    parser.add_argument("--all", action="store_true", help="run the fuzzer on every one")
    parser.add_argument("words", nargs="*", help="only mutants whose text has one of these")
    options = parser.parse_args()
    chosen = [
        mutation
        for mutation in MUTATIONS[:: options.every]
        if not options.words
        or any(word in f"{mutation.file} {mutation.what}" for word in options.words)
    ]
    tests = Tests(options.sources.resolve(), options.build.resolve() / "host", options.all)
    wrong = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        for mutation, found in zip(chosen, pool.map(tests.try_mutation, chosen), strict=True):
            words = f"{found.verdict:10} {mutation.file:14} {mutation.what:58} {found.detail}"
            print(words, flush=True)
            if found.verdict in WRONG and mutation.what not in EQUIVALENT:
                wrong.append(words)
    print(f"{len(chosen)} mutants: {len(wrong)} not caught", *wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
