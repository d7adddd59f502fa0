"""The page of two runs beside each other: two of the pages of one run, and what steers both.

The page of one run (view.py) lies in here once, as a template; the browser makes two of it, one for each
trace, in frames of this page. What they have in common, and where they part, is worked out here (part.py).
"""

from __future__ import annotations

import base64
import html
from typing import Any, TextIO

from tracing import totals, view
from tracing.part import Compared

MOST_TOLD = 1000  # differences in words
SAME, OTHERWISE, ONLY_A, ONLY_B = range(4)  # what a row is, as compare_runs.js knows it


def words_of(compared: Compared, names: tuple[str, str]) -> dict[str, Any]:
    """All that the page says of both, and the moments of each row."""
    different = compared.differences()
    rows: list[int] = []
    for row in compared.rows:
        a, b = row.steps
        kind = ONLY_B if a is None else ONLY_A if b is None else SAME if row.same else OTHERWISE
        rows += (*row.moments, kind)
    return {
        "names": names,
        "where": compared.where(),
        "settings": totals.settings(compared),
        "totals": totals.totals(compared),
        "rows": rows,
        "parting": compared.parting,
        "differences": [(n, compared.row_told(compared.rows[n])) for n in different[:MOST_TOLD]],
    }


def write(compared: Compared, names: tuple[str, str], out: TextIO) -> None:
    """The page. `names`: what each run is called."""
    style = (view.PAGE / "page.css").read_text("utf-8") + (view.PAGE / "two.css").read_text("utf-8")
    both = [view.parts_of_trace(run.trace, name) for run, name in zip(compared.runs, names, strict=True)]
    parts = {
        "TITLE": html.escape(" and ".join(names)),
        "STYLE": style,
        "MODULES": view.modules(),
        "COMPARED": view.as_script(words_of(compared, names)),
        "BOTH": view.as_script(both),
        "TEMPLATE": base64.b64encode(view.template().encode("utf-8")).decode("ascii"),
    }
    out.write(view.filled((view.PAGE / "two.html").read_text("utf-8"), parts))
