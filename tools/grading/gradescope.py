"""A row as Gradescope's results.json, and one submission graded in a container of Gradescope's.

    gradescope.py [SUBMISSION RESULT]

gradescope.schema.json describes the format in our words. Of hidden tests a student is told after the due date. A
container starts us as root; no code of a submission's runs as root (box.py). Where the container is to blame there is
no result, which is shown as a failure of the grader: no zero.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from grading import box, boxes, release, results, submission, taking  # noqa: E402
from grading.box import BoxError  # noqa: E402
from grading.release import ReleaseError  # noqa: E402
from grading.somebody import NobodyError  # noqa: E402
from grading.submission import MachineError  # noqa: E402

PLACE = Path("/autograder")
LATER = "after_due_date"


def test_of(test: dict[str, Any], number: int) -> dict[str, Any]:
    told = [f"{name}: {test[name]}" for name in ("due", "happened", "so")] if not test["passed"] else []
    found = {"number": str(number), "name": test["title"], "score": test["points"], "max_score": test["of"]}
    status = "passed" if test["passed"] else "failed"
    return {**found, "status": status, "output": "\n".join(told), "output_format": "text", "visibility": LATER}


def of(row: dict[str, Any]) -> dict[str, Any]:
    """What results.json holds. What a person should look at is for the course's staff alone."""
    found: dict[str, Any] = {"output": "\n".join([row["verdict"], *row["said"]]), "output_format": "text"}
    found |= {"visibility": "visible", "stdout_visibility": "hidden", "extra_data": {"look": row["look"]}}
    found["tests"] = [test_of(test, number) for number, test in enumerate(row["tests"], 1)]
    return found if row["tests"] else {**found, "score": 0}


def shut(given: release.Release) -> None:
    """Boxes with namespaces, where this container allows them; else the second user alone."""
    os.chmod(given.folder / release.SECRET, 0o600)
    try:
        box.check({boxes.TREE: given.tree})
    except BoxError:
        box.without_namespaces()


def row_in_container(handed_in: Path) -> dict[str, Any]:
    """Of the submission that this container is for, by the release that we are of. It ends us, if the container is to
    blame."""
    try:
        given = release.read(Path(__file__).resolve().parents[3])
        given.check()
        shut(given)
        return submission.row_of(given, taking.take(handed_in, given.about["submit"], "submission"))
    except (MachineError, BoxError, NobodyError, ReleaseError, OSError) as error:
        sys.exit(f"this container cannot grade: {error}")


def main() -> None:
    handed_in, out = map(Path, sys.argv[1:] or (PLACE / "submission", PLACE / "results/results.json"))
    results.write(out, of(row_in_container(handed_in)))


if __name__ == "__main__":
    main()
