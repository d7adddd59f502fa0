"""One submission, from its files to its row: taken, looked at, compiled in one box, run and judged in another.

    submission.py NAME [TERM]       in the folder of results (results.py tells what is in it)

Whatever a submission does costs its own points: it is refused, does not compile, or fails tests. Where this machine
is to blame there is no row at all, our status says so, and it can be tried again.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from faultline.run import die_with_parent  # noqa: E402
from grading import boxes, looking, release, results, roster, term  # noqa: E402
from grading.box import Answer, Box, BoxError  # noqa: E402
from grading.release import Release, ReleaseError  # noqa: E402
from grading.somebody import NobodyError  # noqa: E402
from grading.taking import Taken  # noqa: E402
from grading.term import TermError  # noqa: E402

PYTHON = ["python3", "-I", "-S"]
VMSTAT = Path("/proc/vmstat")
LINES, COLUMNS = 20, 200  # of what a compiler says
GRADED, REFUSED, NOT_COMPILED = "graded", "refused", "does not compile"
Row = dict[str, Any]


class MachineError(Exception):
    """Not the submission is to blame."""


def worked(box: Box, program: str, message: dict[str, Any]) -> tuple[dict[str, Any], Answer]:
    """What one of our programs makes of a message in a box; nothing, if it did not come to its end."""
    answer = box.run([*PYTHON, f"{box.place(boxes.TREE)}/{boxes.PROGRAMS}/{program}"], json.dumps(message).encode())
    try:
        return (json.loads(answer.message) if not answer.ended else {}), answer
    except ValueError:
        return {}, answer


def printable(line: str) -> str:
    """Whatever was handed in: no terminal and no browser does anything with what is left."""
    return "".join(c if c.isprintable() else "?" for c in line)


def shown(text: str) -> list[str]:
    """What a compiler says, in so many lines."""
    lines = [printable(line)[:COLUMNS] for line in text.splitlines()]
    return [*lines[:LINES], *(["…"] if len(lines) > LINES else [])]


def compiled(given: Release, taken: Taken) -> tuple[dict[str, Any], list[str]]:
    """The kernel and its libraries; or why there is none. MachineError: here the starter does not compile, either."""
    made, answer = compiling(given, taken.files)
    if "kernel" in made:
        return made, []
    if "kernel" not in compiling(given, {file: given.starter_text(file) for file in taken.files})[0]:
        raise MachineError("the starter's own files do not compile here")
    return {}, shown(made["complaint"]) if "complaint" in made else [f"compiling it came to no end: {answer.ended}"]


def compiling(given: Release, files: dict[str, str]) -> tuple[dict[str, Any], Answer]:
    message = {"files": files, "libraries": given.about["libraries"]}
    return worked(boxes.compiling(given.tree), "compiling.py", message)


def judged(given: Release, made: dict[str, Any], show: list | None = None) -> dict[str, Any]:
    """What the judge says. MachineError: nothing that can be relied on."""
    message = {**made, "secret": given.secret(), "show": show}
    said, answer = worked(boxes.judging(given.tree), "judging.py", message)
    if not said or "failed" in said:
        raise MachineError(f"it could not be judged: {said.get('failed') or answer.ended or 'no answer'}")
    return said


def disagreement(given: Release, tests: list[dict[str, Any]]) -> list[str]:
    """A piece of the lab that passes all tests of one kind and none of the other."""
    found = []
    kinds: dict[str, dict[str, list[bool]]] = {}
    for about, test in zip(given.about["tests"], tests, strict=True):
        kinds.setdefault(about["piece"], {}).setdefault(about["kind"], []).append(test["passed"])
    for each in kinds.values():
        if len(each) == 2 and {all(passed) for passed in each.values()} == {True, False}:
            if not all(any(passed) for passed in each.values()):
                found.append("the tests without a machine and those in the kernel say the opposite of each other")
    return found


def looked_at(given: Release, taken: Taken) -> list[str]:
    about = given.about
    starter = "\n".join(map(given.starter_text, about["submit"]))
    found = [f"{name} is there, and is not taken: it is called otherwise" for name in taken.near]
    for file, text in sorted(taken.files.items()):
        found += looking.at(file, text, starter, about["allow"], about["functions"])
    return [printable(each) for each in found]


def killed_for_memory() -> int:
    """How often this machine has ended a process since it started, for there was no memory left."""
    with contextlib.suppress(OSError):
        found = re.search(r"^oom_kill (\d+)$", VMSTAT.read_text("ascii"), re.MULTILINE)
        return int(found[1]) if found else 0
    return 0


def row_of(given: Release, taken: Taken) -> Row:
    """All that is known of it. MachineError: it failed, and that may be this machine's fault."""
    killed = killed_for_memory()
    row = row_as_it_went(given, taken)
    if row["verdict"] != REFUSED and row["points"] < row["of"] and killed_for_memory() != killed:
        raise MachineError("this machine has run out of memory meanwhile: fewer at once (--cores) want less")
    return row


def row_as_it_went(given: Release, taken: Taken) -> Row:
    """Whoever is to blame."""
    of = sum(test["points"] for test in given.about["tests"])
    row: Row = {"submission": taken.name, "verdict": REFUSED, "points": 0, "of": of}
    row |= {"said": [], "look": [], "tests": []}
    row["files"] = {file: hashlib.sha256(text.encode()).hexdigest() for file, text in sorted(taken.files.items())}
    if taken.refused:
        return {**row, "said": [taken.refused]}
    row["look"] = looked_at(given, taken)
    row["said"] = [f"{file} is not there: the starter's stands in its place" for file in taken.missing]
    row["said"] += [f"{file} is not UTF-8: it was taken as Latin-1" for file in taken.converted]
    made, complaint = compiled(given, taken)
    if not made:
        return {**row, "verdict": NOT_COMPILED, "said": row["said"] + complaint}
    said = judged(given, made)
    tests, look = said["tests"], row["look"] + said["look"] + disagreement(given, said["tests"])
    return {**row, "verdict": GRADED, "points": sum(test["points"] for test in tests), "look": look, "tests": tests}


def without_names(row: Row, folder: str) -> Row:
    """What compilers and includes repeat of a submission may be somebody's name; it is in no report."""
    names = roster.strings(roster.read(term.find(Path(folder)))) if folder else []
    return {**row, **{key: [roster.struck(line, names) for line in row[key]] for key in ("said", "look")}}


def grade(folder: Path, name: str, of_term: str) -> None:
    """Write its row, unless it is there; who is killed meanwhile has written nothing."""
    given = release.read(folder / results.RELEASE)
    place = results.taken_place(folder, name)
    with open(place, encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # one that was started before, and has lost its parent, may still be at work
        text = file.read()
        made_of = results.made_of(given, folder, text)
        out = results.row_place(folder, name)
        if results.is_of(out, made_of):
            return
        given.check()
        begun = time.monotonic()
        row = without_names(row_of(given, Taken(**json.loads(text))), of_term)
        results.write(results.time_place(folder, name), {"seconds": round(time.monotonic() - begun, 1)})
        results.write(out, {**row, "made_of": made_of})


def main() -> None:
    die_with_parent()  # whoever ends the engine ends this, and with it the box
    try:
        grade(Path.cwd(), sys.argv[1], "".join(sys.argv[2:]))
    except (MachineError, BoxError, NobodyError, ReleaseError, TermError, OSError) as error:
        sys.exit(f"{sys.argv[1]}: {error}")


if __name__ == "__main__":
    main()
