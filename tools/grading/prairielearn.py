"""A row as PrairieLearn's results.json, and one submission graded in a container of PrairieLearn's: the image is that
for Gradescope, we are its entrypoint.

    prairielearn.py [SUBMISSION RESULT]

prairielearn.schema.json describes the format in our words. What is written there a student is shown at once. So of
hidden tests there are the points in all, and no more.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from grading import gradescope, results  # noqa: E402

PLACE = Path("/grade")


def of(row: dict[str, Any]) -> dict[str, Any]:
    """What results.json holds. Who is refused, or does not compile, loses no attempt."""
    if not row["tests"]:
        return {"gradable": False, "format_errors": [row["verdict"], *row["said"]]}
    return {"gradable": True, "score": row["points"] / row["of"], "message": "\n".join([row["verdict"], *row["said"]])}


def main() -> None:
    handed_in, out = map(Path, sys.argv[1:] or (PLACE / "student", PLACE / "results/results.json"))
    results.write(out, of(gradescope.row_in_container(handed_in)))


if __name__ == "__main__":
    main()
