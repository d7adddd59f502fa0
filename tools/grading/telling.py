"""What students are told: for each a text, called by the pseudonym.

Of hidden tests nothing is told until the last who may hand in has had to. What is told then is what the table says.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grading import results

FOLDER = "for-students"


def lines_of(row: dict[str, Any]) -> list[str]:
    """All of it."""
    found = [f"{row['points']} of {row['of']} points"]
    for test in row["tests"]:
        found += ["", f"{test['points']:4} of {test['of']}  {test['title']}"]
        if not test["passed"]:
            found += [f"    {name:9} {test[name]}" for name in ("due", "happened", "so")]
    return found


def text_of(all_of: dict[str, Any], row: dict[str, Any], told_from: datetime, now: datetime) -> str:
    late = f", {row['late']} minutes late" if "late" in row else ""
    head = [f"{all_of['lab']}: {all_of['title']}", f"{row['submission']}: {row['verdict']}{late}", *row["said"], ""]
    if now < told_from:
        rest = [f"What hidden tests say is told from {told_from.isoformat(timespec='minutes')} on."]
    else:
        rest = lines_of(row)
    return "\n".join([*head, *rest, ""])


def write_all(folder: Path, all_of: dict[str, Any], told_from: datetime, now: datetime | None = None) -> None:
    for row in all_of["rows"]:
        text = text_of(all_of, row, told_from, now or datetime.now(UTC))
        results.write_text(folder / FOLDER / f"{row['submission']}.txt", text)
