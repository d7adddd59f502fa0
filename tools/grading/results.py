"""The folder of results, and what is made of its rows.

    release/          what is graded with (release.py)
    taken/NAME.json   the submission's files, as they were when it was taken
    rows/NAME.json    its row: the same bytes whenever it is graded with the same release
    times/NAME.json   how long that took
    done/NAME         it has its row (Snakefile)
    results.json      all rows (results.schema.json describes it), results.csv, results.html
"""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

from grading import page
from grading.release import Release

RELEASE = "release"
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


def rows(folder: Path, names: list[str]) -> list[dict[str, Any]]:
    """Those that there are, by name."""
    places = (row_place(folder, name) for name in sorted(names))
    return [json.loads(place.read_text("utf-8")) for place in places if place.exists()]


def collected(given: Release, found: list[dict[str, Any]]) -> dict[str, Any]:
    """What results.json holds."""
    tests = [{name: test[name] for name in ("id", "title", "points")} for test in given.about["tests"]]
    about = {"lab": given.about["lab"], "title": given.about["title"], "release": given.name, "tests": tests}
    return {**about, "rows": [{key: row[key] for key in row if key != "made_of"} for row in found]}


def as_csv(all_of: dict[str, Any]) -> str:
    """A line a submission, a column a test. What stands in a cell can be no formula."""
    tests = [test["id"] for test in all_of["tests"]]
    out = io.StringIO()
    sheet = csv.writer(out, lineterminator="\n")
    sheet.writerow(["submission", "verdict", "points", "of", "look", *tests])
    for row in all_of["rows"]:
        points = {test["id"]: test["points"] for test in row["tests"]}
        sheet.writerow(
            [row["submission"], row["verdict"], row["points"], row["of"], "look" if row["look"] else ""]
            + [points.get(test, 0) for test in tests]
        )
    return out.getvalue()


def write_all(folder: Path, given: Release, names: list[str]) -> dict[str, Any]:
    """The files for people and for programs; what they tell."""
    all_of = collected(given, rows(folder, names))
    write(folder / "results.json", all_of)
    write_text(folder / "results.csv", as_csv(all_of))
    write_text(folder / "results.html", page.of(all_of))
    return all_of


def summary(all_of: dict[str, Any]) -> list[str]:
    """A line a submission, then how each test went, and which wrong kernels the class has in common."""
    lines = []
    for row in all_of["rows"]:
        look = "  look" if row["look"] else ""
        why = f"  {row['said'][0]}" if row["verdict"] == "refused" else ""
        lines.append(f"{row['points']:4} of {row['of']}  {row['submission']}: {row['verdict']}{look}{why}")
    lines += [f"{each['passed']:4} of {each['tried']} passed {each['id']}" for each in statistics(all_of)]
    lines += [f"{count:4} have in common: {words}" for words, count in in_common(all_of)]
    return lines


def statistics(all_of: dict[str, Any]) -> list[dict[str, Any]]:
    """Of each test: how many passed it, of those that compile."""
    tried = [row for row in all_of["rows"] if row["tests"]]
    passed = [{test["id"] for test in row["tests"] if test["passed"]} for row in tried]
    ids = [test["id"] for test in all_of["tests"]]
    return [{"id": test, "passed": sum(test in own for own in passed), "tried": len(tried)} for test in ids]


def in_common(all_of: dict[str, Any]) -> list[tuple[str, int]]:
    """Known wrong kernels that two submissions or more behave like, the most frequent first."""
    count: dict[str, int] = {}
    for row in all_of["rows"]:
        for words in {test["so"] for test in row["tests"] if not test["passed"] and "unknown" not in test["so"]}:
            count[words] = count.get(words, 0) + 1
    return sorted(((words, n) for words, n in count.items() if n > 1), key=lambda each: (-each[1], each[0]))
