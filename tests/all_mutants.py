"""Does breaking the kernel break the tests? All mutants, or a part, on two cores, resumably.

Host mutants change mm/ and are met by the unit tests and the fuzzer (tests/host/mutants.py). Live
ones change what only a machine shows: in a copy of the kernel, which is built and booted with
the tests that should notice. What was found is written down in build/mutants/results, keyed by
the mutation's text and by the contents of all that could change the answer: a run that was
killed goes on where it was.

    tests/all_mutants.py [--part N/M] [--again] [WORD...]
"""

from __future__ import annotations

import argparse
import concurrent.futures
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / os.environ.get("BUILD", "build")
sys.path[:0] = [str(ROOT / name) for name in ("tests/host", "tests", "tools")]

from faultline import project  # noqa: E402

import mutants as host  # noqa: E402  (tests/host/mutants.py)
from live.mutations import EQUIVALENT, MUTATIONS as LIVE  # noqa: E402
from mutations import MUTATIONS as HOST, Mutation  # noqa: E402

RESULTS = BUILD / "mutants/results"
KERNEL = ("boot", "arch", "lib", "mm", "kernel", "linker.ld", "Makefile", "tools/symbols.py", "tools/list.mk")
DEADLINE = "120"  # virtual seconds
LAST_RESORT = 1800  # seconds of the host's


def files(names: Iterable[str]) -> list[Path]:
    found: list[Path] = []
    for name in names:
        path = ROOT / name
        found += [p for p in path.rglob("*") if p.suffix in {".c", ".h", ".asm", ".inc", ".py"}] if path.is_dir() else [path]
    return sorted(set(found))


@cache
def state(*names: str) -> str:
    """A digest of all files in these places."""
    digest = hashlib.sha256()
    for path in files(names):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def source_of(test: str) -> str:
    name = test.split()[-1]
    return name.split("::")[0] if name.startswith("tests/") else f"user/tests/{name}.c"


def key(mutation: Mutation) -> str:
    if mutation.tests:
        places = (*KERNEL, "user/lib", "tests/support.py", *map(source_of, mutation.tests))
    else:
        places = ("mm", "arch", "lib", "tests/host", "tests/host/Makefile")
    text = "\0".join((mutation.file, mutation.old, mutation.new, *mutation.tests, state(*places)))
    return hashlib.sha256(text.encode()).hexdigest()


# --- one live mutant ------------------------------------------------------------------------


def kernel_copy(work: Path) -> None:
    """The kernel's sources, and what is compiled of them already."""
    for name in KERNEL:
        target = work / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy2)(ROOT / name, target)
    for name in ("boot", "arch", "lib", "mm", "kernel"):
        shutil.copytree(BUILD / "obj" / name, work / "build/obj" / name)
    (work / "build/image.cpio").symlink_to(BUILD / "image.cpio")


def kernel_build(mutation: Mutation, work: Path) -> str:
    """What the compiler says against it; nothing, if it can be built."""
    changed = work / mutation.file
    changed.write_text(changed.read_text("utf-8").replace(mutation.old, mutation.new), "utf-8")
    if changed.suffix == ".inc":
        for made in (work / "build/obj").rglob("*.asm.o"):
            made.unlink()
    words = ["make", "-s", "--no-print-directory", "BUILD=build", "WERROR=-w", "kernel"]
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "BUILD")}
    made = subprocess.run(
        words, cwd=work, capture_output=True, text=True, env=environment, check=False
    )
    return made.stderr[-300:] or "make failed" if made.returncode else ""


def complaint(test: str, build: Path) -> str | None:
    """What a test has to say against the kernel in `build`, or None."""
    *options, name = test.split()
    if name.startswith("tests/"):
        command = [sys.executable, "-m", "pytest", "-q", "-n0", "-x", *options, name]
    else:
        limits = ["--deadline", DEADLINE, "--timeout", str(LAST_RESORT), "--ram", "64M"]
        checks = ["--param", "audit=1000", "--param", "junk=1"]
        command = [str(ROOT / "tools/boot"), *limits, *checks, *options, "--", f"/test/{name}"]
    run = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        env={**os.environ, "BUILD": str(build), "FAULTLINE_NO_BUILD": "1"},
        check=False,
    )
    if run.returncode == 0:
        return None
    text = run.stdout + run.stderr
    told = [line for line in text.splitlines() if line.startswith(("not ok", "E  ", "Bail")) or "panic" in line]
    return (told or [f"status {run.returncode}"])[0].strip()[:110]


def try_live(mutation: Mutation) -> tuple[str, str]:
    if (ROOT / mutation.file).read_text("utf-8").count(mutation.old) != 1:
        return "stale", "its text is not there exactly once"
    with tempfile.TemporaryDirectory(prefix="live-", dir=BUILD / "mutants") as directory:
        work = Path(directory)
        kernel_copy(work)
        wrong = kernel_build(mutation, work)
        if wrong:
            return "stale", wrong
        for test in mutation.tests:
            detail = complaint(test, work / "build")
            if detail:
                return test, detail
    return "SURVIVED", ""


def try_mutation(mutation: Mutation) -> tuple[str, str]:
    if mutation.tests:
        return try_live(mutation)
    found = host.try_mutation(mutation, ROOT, BUILD / "host", everything=False)
    return found.verdict, found.detail


# --- all of them ----------------------------------------------------------------------------


def remembered() -> dict[str, tuple[str, str]]:
    """What earlier runs found; a line that a kill cut short is forgotten."""
    found = {}
    if RESULTS.exists():
        for line in RESULTS.read_text("utf-8").splitlines():
            try:
                entry = json.loads(line)
                found[entry["key"]] = (entry["verdict"], entry["detail"])
            except (ValueError, KeyError):
                continue
    return found


def remember(mutation: Mutation, verdict: str, detail: str) -> None:
    entry = {"key": key(mutation), "what": mutation.what, "verdict": verdict, "detail": detail}
    with RESULTS.open("a", encoding="utf-8") as out:
        out.write("\n" + json.dumps(entry))


def chosen(part: str, words: list[str]) -> list[Mutation]:
    """The part's mutants: every Mth, from the Nth on, of those that have one of the words."""
    nth, of = map(int, part.split("/"))
    every = [m for m in [*LIVE, *HOST] if not words or any(w in f"{m.file} {m.what}" for w in words)]
    return every[nth % of :: of]


def main() -> int:
    parser = argparse.ArgumentParser(description="Does breaking the kernel break the tests?")
    parser.add_argument("--part", default="0/1", metavar="N/M", help="every Mth, from the Nth on")
    parser.add_argument("--again", action="store_true", help="also what is known already")
    parser.add_argument("words", nargs="*", help="only mutants whose text has one of these")
    options = parser.parse_args()
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    project.build("kernel", "image", "host-programs")  # what is tried is what the key says
    known = {} if options.again else remembered()
    todo = chosen(options.part, options.words)
    outcomes = {m: known[key(m)] for m in todo if key(m) in known}
    print(f"{len(todo)} mutants, part {options.part}; {len(outcomes)} known already", flush=True)
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        jobs = {pool.submit(try_mutation, m): m for m in todo if m not in outcomes}
        for job in concurrent.futures.as_completed(jobs):
            mutation = jobs[job]
            outcomes[mutation] = job.result()
            remember(mutation, *outcomes[mutation])
            place = f"{len(outcomes)}/{len(todo)}"
            verdict, detail = outcomes[mutation]
            if mutation.what in EQUIVALENT:
                detail = f"equivalent: {EQUIVALENT[mutation.what]}"
            print(f"{place:8} {verdict:14} {mutation.file}: {mutation.what}: {detail}", flush=True)
    bad = {"SURVIVED": [], "stale": []}
    for mutation, (verdict, _) in outcomes.items():
        if verdict in bad and mutation.what not in EQUIVALENT:
            bad[verdict].append(mutation)
            print(f"{verdict}: {mutation.file}: {mutation.what}")
    print(f"{len(todo)} mutants: {len(bad['SURVIVED'])} survived, {len(bad['stale'])} stale")
    return 1 if any(bad.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
