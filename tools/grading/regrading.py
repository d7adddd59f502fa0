"""Grade a class once more, and say who changes, and why. Nobody is lowered unasked.

What stood in the table goes into before.json at first. A row of it that has more points stands on, for the same files,
until --allow-lower is said. Who is killed meanwhile goes on, for before.json is *open* until all is told.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from grading import results

Row = dict[str, Any]
NEXT = "release-next"  # a mended judge, until the class is graded with it
FORMER = "releases"
CHANGES = "changes.csv"


def adopt(folder: Path) -> None:
    """A release that was mended is the one to grade with, from now on; the former one is kept."""
    if (folder / results.RELEASE).exists():
        (folder / FORMER).mkdir(exist_ok=True)
        number = 1 + sum(1 for _ in (folder / FORMER).iterdir())
        (folder / results.RELEASE).rename(folder / FORMER / str(number))
    (folder / NEXT).rename(folder / results.RELEASE)


def begin(folder: Path) -> None:
    """Keep what stands; all is graded again from here on, whatever it was made of."""
    known = results.before(folder)
    if not known["open"]:
        rows = [{**row, "kept": False} for row in results.table(folder)["rows"]]
        now = {"open": True, "round": known["round"] + 1, "lower": False, "rows": rows}
        results.write(folder / results.BEFORE, now)


def end(folder: Path, lower: bool) -> None:
    """`lower`: who has fewer points now shall have them."""
    known = results.before(folder)
    results.write(folder / results.BEFORE, {**known, "open": False, "lower": known["lower"] or lower})


def passed(row: Row) -> set[str]:
    return {test["id"] for test in row["tests"] if test["passed"]}


def why(was: Row, now: Row) -> str:
    """In words: what it passes, or fails, that it did not."""
    words = [f"{was['verdict']} before, {now['verdict']} now"] if was["verdict"] != now["verdict"] else []
    failed = {test["id"]: test for test in now["tests"] if not test["passed"]}
    words += [f"{test} is passed now" for test in sorted(passed(now) - passed(was))]
    words += [f"{name} is failed now: {failed[name]['happened']}" for name in sorted(passed(was) & failed.keys())]
    return "; ".join(words) or "other words, the same points"


def changes(folder: Path) -> list[dict[str, Any]]:
    """Of all rows that are not as they were."""
    known, found = results.before(folder), []
    for was in known["rows"]:
        place = results.row_place(folder, was["submission"])
        if not place.exists():
            continue
        now = json.loads(place.read_text("utf-8"))
        if any(was[key] != now[key] for key in ("verdict", "points", "tests", "files", "said", "look")):
            stands = results.standing(now, known)["points"]
            about = {"submission": was["submission"], "before": was["points"], "now": now["points"], "stands": stands}
            found.append({**about, "why": why(was, now)})
    return found


def told(folder: Path) -> list[str]:
    """The list of changes, for people; changes.csv has the same."""
    found, out = changes(folder), io.StringIO()
    sheet = csv.DictWriter(out, ["submission", "before", "now", "stands", "why"], lineterminator="\n")
    sheet.writeheader()
    sheet.writerows(found)
    results.write_text(folder / CHANGES, out.getvalue())
    lines = []
    for each in found:
        kept = f" (stands at {each['stands']}: --allow-lower lowers)" if each["stands"] != each["now"] else ""
        lines.append(f"{each['submission']}: {each['before']} -> {each['now']}{kept}: {each['why']}")
    return [*lines, f"{len(found) or 'nobody'} changed"]
