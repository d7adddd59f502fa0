"""Grade a folder of submissions: Snakemake has each that has no row yet graded, so many at once.

Who is killed goes on where he was when he is started again: a row is there whole, or not at all, and says what it was
made of. One that cannot be graded keeps no other from it. When all are done we look again: what was handed in meanwhile
is graded, too.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from faultline.progress import Progress
from faultline.run import ends_with_us
from grading import box, boxes, results
from grading.entries import Entries
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


def take(given: Release, who: Entries, folder: Path) -> list[str]:
    """What is there now, into taken/; the names. A file that is as it was is left as it is, and so is its row."""
    names = []
    for taken in who.take(given):
        place = results.taken_place(folder, taken.name)
        text = json.dumps(vars(taken), indent=1) + "\n"
        if not place.exists() or place.read_text("utf-8") != text:
            results.write_text(place, text)
        names.append(taken.name)
    return names


def settings(folder: Path, names: list[str], term: Path | None) -> Path:
    """For the Snakefile, whose shell gets them."""
    place = folder / "engine.json"
    words = {"python": sys.executable, "program": str(PROGRAM), "term": str(term or "")}
    results.write(place, {"names": names, **{key: shlex.quote(word) if word else "" for key, word in words.items()}})
    return place


def made_of(given: Release, folder: Path, name: str) -> str:
    return results.made_of(given, folder, results.taken_place(folder, name).read_text("utf-8"))


def is_graded(given: Release, folder: Path, name: str) -> bool:
    return results.is_of(results.row_place(folder, name), made_of(given, folder, name))


def forget(given: Release, folder: Path, names: list[str]) -> None:
    """The marks of those whose row is gone, or another's."""
    for name in names:
        if not is_graded(given, folder, name):
            results.mark_place(folder, name).unlink(missing_ok=True)


@contextmanager
def snakemake(
    folder: Path, names: list[str], cores: int, term: Path | None, log: IO[str]
) -> Iterator[subprocess.Popen[bytes]]:
    """At work in there, and ended behind it."""
    words = [*SNAKEMAKE, "--cores", str(cores), "--directory", str(folder)]
    words += ["--configfile", str(settings(folder, names, term))]
    own = {**os.environ, "XDG_CACHE_HOME": str(folder / ".cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        engine = subprocess.Popen(
            words,
            env=own,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=ends_with_us(),
        )
    except FileNotFoundError:
        raise EngineError("snakemake is missing: tools/setup grade installs it") from None
    try:
        yield engine
    finally:
        if engine.poll() is None:
            os.killpg(engine.pid, 15)
        engine.wait()


def run(given: Release, folder: Path, names: list[str], cores: int, term: Path | None) -> None:
    """Until there is nothing more to be done."""
    forget(given, folder, names)
    progress = Progress()
    with open(folder / LOG, "a", encoding="utf-8") as log, snakemake(folder, names, cores, term, log) as engine:
        while True:
            try:
                engine.wait(1)
                break
            except subprocess.TimeoutExpired:
                done = sum(results.mark_place(folder, name).exists() for name in names)
                progress.say(f"graded {done} of {len(names)}")
    progress.end()


def grade(
    given: Release, who: Entries, folder: Path, cores: int, term: Path | None = None
) -> tuple[list[str], list[str]]:
    """All, into the folder of results; the names of those that are, and of those that could not be. BoxError,
    NobodyError, ReleaseError, EngineError: nothing can be."""
    given.check()
    box.check({boxes.TREE: given.tree})
    done: list[str] = []
    names = take(given, who, folder)
    while (due := [made_of(given, folder, name) for name in names]) != done:
        run(given, folder, names, cores, term)
        done, names = due, take(given, who, folder)
    left = [name for name in names if not is_graded(given, folder, name)]
    return [name for name in names if name not in left], left
