"""Grade a folder of submissions: Snakemake has each that has no row yet graded, so many at once.

Who is killed goes on where he was when he is started again: a row is there whole, or not at all, and says what it was
made of. One that cannot be graded keeps no other from it. When all are done we look again: what was handed in meanwhile
is graded, too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from faultline.progress import Progress
from faultline.run import ends_with_us
from grading import box, boxes, results, taking
from grading.release import Release

SNAKEFILE = Path(__file__).with_name("Snakefile")
PROGRAM = Path(__file__).with_name("submission.py")
LOG = "engine.log"
SNAKEMAKE = (
    *("snakemake", "--snakefile", str(SNAKEFILE), "--keep-going", "--rerun-incomplete", "--nolock", "--nocolor"),
    *("--rerun-triggers", "mtime", "--quiet", "rules"),
)


class EngineError(Exception):
    """Nothing can be graded, for the reason told."""


def take(given: Release, submissions: Path, folder: Path) -> list[str]:
    """What is there now, into taken/; the names. A file that is as it was is left as it is, and so is its row."""
    names = []
    for taken in taking.all_of(submissions, given.about["submit"]):
        place = results.taken_place(folder, taken.name)
        text = json.dumps(vars(taken), indent=1) + "\n"
        if not place.exists() or place.read_text("utf-8") != text:
            results.write_text(place, text)
        names.append(taken.name)
    return names


def settings(folder: Path, names: list[str]) -> Path:
    """For the Snakefile."""
    place = folder / "engine.json"
    results.write(place, {"names": names, "python": sys.executable, "program": str(PROGRAM)})
    return place


def forget(folder: Path, names: list[str]) -> None:
    """The marks of those whose row is gone."""
    for name in names:
        if not results.row_place(folder, name).exists():
            results.mark_place(folder, name).unlink(missing_ok=True)


def graded(folder: Path, names: list[str]) -> int:
    return sum(results.row_place(folder, name).exists() for name in names)


@contextmanager
def snakemake(folder: Path, names: list[str], cores: int, log: IO[str]) -> Iterator[subprocess.Popen[bytes]]:
    """At work in there, and ended behind it."""
    words = [*SNAKEMAKE, "--cores", str(cores), "--directory", str(folder)]
    words += ["--configfile", str(settings(folder, names))]
    try:
        engine = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, preexec_fn=ends_with_us()
        )
    except FileNotFoundError:
        raise EngineError("snakemake is missing: tools/setup grade installs it") from None
    try:
        yield engine
    finally:
        if engine.poll() is None:
            os.killpg(engine.pid, 15)
        engine.wait()


def run(folder: Path, names: list[str], cores: int) -> None:
    """Until there is nothing more to be done."""
    forget(folder, names)
    progress = Progress()
    with open(folder / LOG, "a", encoding="utf-8") as log, snakemake(folder, names, cores, log) as engine:
        while True:
            try:
                engine.wait(1)
                break
            except subprocess.TimeoutExpired:
                progress.say(f"graded {graded(folder, names)} of {len(names)}")
    progress.end()


def grade(given: Release, submissions: Path, folder: Path, cores: int) -> list[str]:
    """All, into the folder of results; the names of those that could not be graded. BoxError, NobodyError,
    ReleaseError, EngineError: nothing can be."""
    given.check()
    box.check({boxes.TREE: given.tree, boxes.PROGRAMS: given.programs})
    done: list[str] | None = None
    names = take(given, submissions, folder)
    while names != done:
        run(folder, names, cores)
        done, names = names, take(given, submissions, folder)
    return [name for name in names if not results.row_place(folder, name).exists()]
