"""Does breaking the kernel break the tests? All mutants, or a part, on two cores, resumably.

Host mutants change mm/ and are met by the unit tests and the fuzzer (tests/host/mutants.py). Live
ones change what only a machine shows (tests/live/mutants.py). What noticed a mutant, and who
survived, is written down in build/mutants/results, keyed by the mutation's text and by the
contents of all that could change the answer: a run that was killed goes on where it was. What
could not be tried is an error, and is tried again.

With --generated, those that tests/host/generated.py finds in mm/: two thousand, a few hours. They are
asked for by hand, a file or two at a time.

    tests/all_mutants.py [--part N/M] [--again] [--generated] [WORD...]
"""

from __future__ import annotations

import argparse
import concurrent.futures
import hashlib
import json
import os
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / os.environ.get("BUILD", "build")
sys.path[:0] = [str(ROOT / name) for name in ("tests/host", "tests", "tools")]

from faultline import project  # noqa: E402

import generated  # noqa: E402
import mutants as host  # noqa: E402  (tests/host/mutants.py)
from live import mutants as live  # noqa: E402
from live.mutations import EQUIVALENT as EQUIVALENT_LIVE, MUTATIONS as LIVE  # noqa: E402
from mutations import EQUIVALENT as EQUIVALENT_HOST, GENERATED, MUTATIONS as HOST  # noqa: E402
from mutations import WRONG, Mutation, Outcome  # noqa: E402

RESULTS = BUILD / "mutants/results"
EQUIVALENT = {**EQUIVALENT_LIVE, **EQUIVALENT_HOST}
# What an answer depends on, beside the test's own source.
LIVE_PLACES = (
    *(*live.KERNEL, "user/lib", "tools/boot", "tools/faultline"),
    *("tests/live/mutants.py", "tests/support.py", "tests/user_programs.py"),
)
HOST_PLACES = ("mm", "arch", "lib", "tests/host", "tests/host/Makefile")
SOURCES = {".c", ".h", ".asm", ".inc", ".py"}


def files(names: Iterable[str]) -> list[Path]:
    found: list[Path] = []
    for name in names:
        path = ROOT / name
        inside = [p for p in path.rglob("*") if p.suffix in SOURCES and p.parent.name != "mutations"]
        found += inside if path.is_dir() else [path]
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
    places = (*LIVE_PLACES, *map(source_of, mutation.tests)) if mutation.tests else HOST_PLACES
    text = "\0".join((mutation.file, mutation.what, mutation.old, mutation.new, *mutation.tests, state(*places)))
    return hashlib.sha256(text.encode()).hexdigest()


# --- all of them ----------------------------------------------------------------------------


def remembered() -> dict[str, Outcome]:
    """What earlier runs found; a line that a kill cut short is forgotten."""
    found = {}
    if RESULTS.exists():
        for line in RESULTS.read_text("utf-8").splitlines():
            try:
                entry = json.loads(line)
                found[entry["key"]] = Outcome(entry["verdict"], entry["detail"])
            except (ValueError, KeyError):
                continue
    return found


def remember(mutation: Mutation, found: Outcome) -> None:
    """What was found out, that is; not what could not be tried."""
    if found.verdict in ("stale", "error"):
        return
    entry = {"key": key(mutation), "what": mutation.what, **found._asdict()}
    with RESULTS.open("a", encoding="utf-8") as out:
        out.write("\n" + json.dumps(entry))


def chosen(every: list[Mutation], part: str, words: list[str]) -> list[Mutation]:
    """The part's mutants: every Mth, from the Nth on, of those that have one of the words."""
    nth, of = map(int, part.split("/"))
    asked = [m for m in every if not words or any(w in f"{m.file} {m.what}" for w in words)]
    return asked[nth % of :: of]


def why_equivalent(mutation: Mutation) -> str | None:
    return EQUIVALENT.get(mutation.what) or GENERATED.get(f"{mutation.file}: {mutation.what}")


def is_wrong(mutation: Mutation, found: Outcome) -> bool:
    """It should have been caught, or could not be tried."""
    survived = found.verdict == "SURVIVED"
    return found.verdict in WRONG and not (survived and why_equivalent(mutation))


def try_all(todo: list[Mutation], outcomes: dict[Mutation, Outcome]) -> None:
    """Those without an outcome, two at a time."""
    on_host, booted = host.Tests(ROOT, BUILD / "host"), live.Tests()
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        jobs = {
            pool.submit((booted if m.tests else on_host).try_mutation, m): m
            for m in todo
            if m not in outcomes
        }
        for job in concurrent.futures.as_completed(jobs):
            mutation = jobs[job]
            outcomes[mutation] = job.result()
            remember(mutation, outcomes[mutation])
            verdict, detail = outcomes[mutation]
            if why_equivalent(mutation):
                detail += f" (equivalent: {why_equivalent(mutation)})"
            place = f"{len(outcomes)}/{len(todo)}"
            print(f"{place:8} {verdict:14} {mutation.file}: {mutation.what}: {detail}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Does breaking the kernel break the tests?")
    parser.add_argument("--part", default="0/1", metavar="N/M", help="every Mth, from the Nth on")
    parser.add_argument("--again", action="store_true", help="also what is known already")
    parser.add_argument("--generated", action="store_true", help="those that are found in mm/")
    parser.add_argument("words", nargs="*", help="only mutants whose text has one of these")
    options = parser.parse_args()
    project.build("kernel", "image", "host-programs")  # what is tried is what the key says
    known = {} if options.again else remembered()
    every = generated.every_mutation() if options.generated else [*LIVE, *HOST]
    todo = chosen(every, options.part, options.words)
    outcomes = {m: known[key(m)] for m in todo if key(m) in known}
    print(f"{len(todo)} mutants, part {options.part}; {len(outcomes)} known already", flush=True)
    try_all(todo, outcomes)
    wrong = [(m, found) for m, found in outcomes.items() if is_wrong(m, found)]
    for mutation, found in wrong:
        print(f"{found.verdict}: {mutation.file}: {mutation.what}: {found.detail}")
    print(f"{len(todo)} mutants: {len(wrong)} not caught")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
