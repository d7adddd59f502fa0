"""tools/lab grade and tools/lab graded."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from faultline import project
from grading import engine, release, results, somebody, submission
from grading.box import BoxError
from grading.engine import EngineError
from grading.release import Release, ReleaseError
from grading.somebody import NobodyError
from grading.submission import MachineError
from grading.taking import Taken
from labbing import build, compilers, description
from labbing.description import LabError


def arguments(commands: argparse._SubParsersAction) -> None:
    grade = commands.add_parser("grade", help="a class's submissions, in boxes")
    grade.add_argument("submissions", metavar="DIR", help="a folder for each, called by a pseudonym")
    grade.add_argument("--lab", required=True, metavar="NAME")
    grade.add_argument("--out", required=True, metavar="RESULTS", help="a folder; what is there is gone on with")
    grade.add_argument("--seed", help="of the hidden tests; any word, and a secret. Wanted the first time")
    grade.add_argument("--variant", metavar="ID", help="the lab's other rule, as with make")
    grade.add_argument("--cores", type=int, default=os.cpu_count() or 1, help="so many submissions at once")
    grade.add_argument("--no-diagnosis", action="store_true", help="a release that names no known wrong kernels")
    graded = commands.add_parser("graded", help="one phase of a test that a submission was graded by")
    graded.add_argument("out", metavar="RESULTS")
    graded.add_argument("submission")
    graded.add_argument("test")
    graded.add_argument("phase", type=int, nargs="?", default=0)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """EngineError: another is at work there."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)  # boxes, which are entered as somebody, come through to the release
    with open(folder / ".lock", "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EngineError(f"another tools/lab grade is at work in {folder}") from None
        yield


def check_way(folder: Path) -> None:
    """EngineError: boxes, which root enters as somebody, would not come there."""
    wall = somebody.closed(folder) if os.geteuid() == 0 else None
    if wall:
        raise EngineError(
            f"{wall} is closed to others, and root grades in {folder} as somebody else: "
            f"`chmod o+x {wall}` opens the way, or --out names a folder elsewhere"
        )


def released(args: argparse.Namespace, folder: Path) -> Release:
    """What is there to grade with, made if it is the first time."""
    lab = description.find(project.ROOT, args.lab)
    lab = lab.with_variant(args.variant) if args.variant else lab
    if not (folder / results.RELEASE).exists():
        if not args.seed:
            raise ReleaseError(f"{folder} has no release yet: --seed WORD makes one, of hidden tests from that word")
        project.build("kernel", "image", "policysim")
        print(f"{lab.name}: what it is graded with goes into {folder / results.RELEASE}", flush=True)
        with project.alone(".labs", "another command is at work in build/labs; this one waits until it has ended"):
            release.make(
                project.ROOT, lab, args.seed, folder / results.RELEASE, not args.no_diagnosis, lambda line: print(line)
            )
    given = release.read(folder / results.RELEASE)
    if given.about["lab"] != lab.name:
        raise ReleaseError(f"{folder} is about {given.about['lab']}, not about {lab.name}")
    return given


def grade(args: argparse.Namespace) -> int:
    """0: all have a row."""
    submissions, folder = Path(args.submissions), Path(args.out).resolve()
    if not submissions.is_dir():
        raise EngineError(f"{submissions} is no folder")
    with alone(folder):
        check_way(folder)
        given = released(args, folder)
        left = engine.grade(given, submissions.resolve(), folder, args.cores)
        names = [name for name in engine.take(given, submissions.resolve(), folder) if name not in left]
        all_of = results.write_all(folder, given, names)
    print("\n".join(results.summary(all_of)))
    print(f"{folder}/results.html is for people, results.json and results.csv for programs")
    if left:
        print(f"not graded: {', '.join(left)}; {folder / engine.LOG} says why", file=sys.stderr)
    return 1 if left else 0


def graded(args: argparse.Namespace) -> int:
    """A phase, page by page."""
    folder = Path(args.out).resolve()
    given = release.read(folder / results.RELEASE)
    given.check()
    place = results.taken_place(folder, args.submission)
    if not place.exists():
        raise EngineError(f"{folder} has no submission {args.submission}")
    if args.test not in [test["id"] for test in given.about["tests"]]:
        raise EngineError(f"there is no test {args.test}")
    made, complaint = submission.compiled(given, Taken(**json.loads(place.read_text("utf-8"))))
    if not made:
        raise EngineError("\n".join(complaint))
    print("\n".join(submission.judged(given, made, [args.test, args.phase])["lines"]))
    return 0


def run(args: argparse.Namespace) -> int:
    try:
        return (graded if args.command == "graded" else grade)(args)
    except (
        *(LabError, build.BuildError, compilers.NoCompiler),
        *(BoxError, NobodyError, ReleaseError, EngineError, MachineError),
    ) as error:
        sys.exit(f"tools/lab: {error}")
