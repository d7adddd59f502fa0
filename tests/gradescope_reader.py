"""Reads what an autograder leaves as Gradescope does, by tools/grading/gradescope.schema.json alone: who is shown what,
and for how many points."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

SHOWN = {"visible": ("before", "due", "published"), "after_due_date": ("due", "published")}
SHOWN |= {"after_published": ("published",), "hidden": ()}


@dataclass(frozen=True)
class Read:
    """What a course's system makes of it."""

    points: float
    most: float
    shown: list[str]  # to a student


def passed(test: dict) -> bool:
    return test["status"] == "passed" if "status" in test else test["score"] == test["max_score"]


def read(file: Path, when: str) -> Read:
    """`when`: before, due (it is over), published."""
    found = json.loads(file.read_text("utf-8"))
    tests = sorted(found.get("tests", []), key=lambda test: [int(part) for part in test["number"].split(".")])
    points = found["score"] if "score" in found else sum(test["score"] for test in tests)
    shown = [found.get("output", "")] if when in SHOWN[found.get("visibility", "visible")] else []
    for test in tests:
        if shown and when in SHOWN[test.get("visibility", "visible")]:
            mark = "passed" if passed(test) else "failed"
            shown.append(f"{test['name']}: {mark}, {test['score']} of {test['max_score']}\n{test.get('output', '')}")
    return Read(points, sum(test["max_score"] for test in tests), shown)
