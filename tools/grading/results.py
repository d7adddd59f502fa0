"""The folder of results, and what is made of its rows.

    release/          what is graded with (release.py)
    taken/NAME.json   the submission's files, as they were when it was taken
    rows/NAME.json    its row: the same bytes whenever it is graded with the same release
    times/NAME.json   how long that took
    done/NAME         it has its row (Snakefile)
    results.json      all rows (results.schema.json describes it), results.csv, results.html
    before.json       the rows that stood before the class was graded once more (regrading.py)
    for-students/     what each is told, in a term (telling.py)
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from grading import counting, page
from grading.release import Release

RELEASE = "release"
TABLE = "results.json"
BEFORE = "before.json"
SCHEMA = Path(__file__).with_name("results.schema.json")


def taken_place(folder: Path, name: str) -> Path:
    return folder / "taken" / f"{name}.json"


def row_place(folder: Path, name: str) -> Path:
    return folder / "rows" / f"{name}.json"


def time_place(folder: Path, name: str) -> Path:
    return folder / "times" / f"{name}.json"


def mark_place(folder: Path, name: str) -> Path:
    return folder / "done" / name


def write_text(place: Path, text: str) -> None:
    """All of it, or nothing."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = place.with_name(f".{place.name}-{os.getpid()}")
    try:
        with open(new, "w", encoding="utf-8") as out:
            os.chmod(new, 0o600)  # marks are nobody else's
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.replace(new, place)
    finally:
        new.unlink(missing_ok=True)


def write(place: Path, value: Any) -> None:
    write_text(place, json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def is_of(place: Path, made_of: str) -> bool:
    """Is it there, and made of that?"""
    try:
        return json.loads(place.read_text("utf-8"))["made_of"] == made_of
    except (OSError, ValueError, KeyError):
        return False


def made_of(given: Release, folder: Path, text: str) -> str:
    """What the row of a submission with this text in taken/ is to be made of."""
    return hashlib.sha256(f"{given.name} {before(folder)['round']} {text}".encode()).hexdigest()


def table(folder: Path) -> dict[str, Any]:
    """What results.json holds; no rows, if it was never written. An older release's says nothing of who is left."""
    none: dict[str, Any] = {"rows": [], "left": []}
    try:
        return {**none, **json.loads((folder / TABLE).read_text("utf-8"))}
    except FileNotFoundError:
        return none


def before(folder: Path) -> dict[str, Any]:
    """What stood before the class was last graded once more, and how often it was."""
    try:
        return json.loads((folder / BEFORE).read_text("utf-8"))
    except FileNotFoundError:
        return {"open": False, "round": 0, "lower": False, "rows": []}


def standing(row: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """This row, or that of before, of the same files, if that had more points and nobody was to be lowered."""
    for was in known["rows"]:
        if was["submission"] == row["submission"] and was["files"] == row["files"] and not known["lower"]:
            return {**was, "kept": True} if was["points"] > row["points"] else row
    return row


def rows(folder: Path, names: list[str]) -> list[dict[str, Any]]:
    """Those that there are, by name, as they stand."""
    places, known = (row_place(folder, name) for name in sorted(names)), before(folder)
    return [standing(json.loads(place.read_text("utf-8")), known) for place in places if place.exists()]


def shown(row: dict[str, Any], late: dict[str, int]) -> dict[str, Any]:
    """As the table has it: without what is ours alone, with what the day says."""
    name = row["submission"]
    found = {key: row[key] for key in row if key not in ("made_of", "kept", "late")}
    more = {"late": late[name]} if name in late else {}
    return {**found, **more, **({"kept": True} if row.get("kept") else {})}


def collected(
    given: Release, found: list[dict[str, Any]], late: dict[str, int], left: Iterable[str] = ()
) -> dict[str, Any]:
    """What results.json holds."""
    tests = [{name: test[name] for name in ("id", "title", "points")} for test in given.about["tests"]]
    about = {"lab": given.about["lab"], "title": given.about["title"], "release": given.name, "tests": tests}
    return {**about, "rows": [shown(row, late) for row in found], "left": sorted(left)}


def as_csv(all_of: dict[str, Any]) -> str:
    """A line a submission, a column a test. What stands in a cell can be no formula."""
    tests = [test["id"] for test in all_of["tests"]]
    out = io.StringIO()
    sheet = csv.writer(out, lineterminator="\n")
    sheet.writerow(["submission", "verdict", "points", "of", "look", "late", *tests])
    for row in all_of["rows"]:
        points = {test["id"]: test["points"] for test in row["tests"]}
        sheet.writerow(
            [row["submission"], row["verdict"], row["points"], row["of"], "look" if row["look"] else ""]
            + [row.get("late", "")]
            + [points.get(test, 0) for test in tests]
        )
    return out.getvalue()


def write_all(
    folder: Path, given: Release, names: list[str], late: dict[str, int], left: Iterable[str] = ()
) -> dict[str, Any]:
    """The files for people and for programs; what they tell. `late`: minutes. `left`: who handed in, and has no row."""
    all_of = collected(given, rows(folder, names), late, left)
    write(folder / TABLE, all_of)
    write_text(folder / "results.csv", as_csv(all_of))
    write_text(folder / "results.html", page.of(all_of))
    return all_of


def summary(all_of: dict[str, Any]) -> list[str]:
    """A line a submission, then how each test went, and which wrong kernels the class has in common."""
    lines = []
    for row in all_of["rows"]:
        look = ("  look" if row["look"] else "") + (f"  {row['late']} minutes late" if "late" in row else "")
        why = f"  {row['said'][0]}" if row["verdict"] == "refused" else ""
        lines.append(f"{row['points']:4} of {row['of']}  {row['submission']}: {row['verdict']}{look}{why}")
    lines += [f"{each['passed']:4} of {each['tried']} passed {each['id']}" for each in counting.statistics(all_of)]
    lines += [f"{count:4} have in common: {words}" for words, count in counting.in_common(all_of)]
    return lines
