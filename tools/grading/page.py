"""The results as a page: a row a submission, a column a test; a click on a test that was failed shows its four lines.

It wants no script and no network.
"""

from __future__ import annotations

import html
from typing import Any

STYLE = """body{font:16px/1.5 sans-serif;margin:1em auto;max-width:75em;padding:0 1em}
table{border-collapse:collapse}caption{text-align:left}
th,td{border:1px solid #767676;padding:.2em .5em;text-align:left;vertical-align:top}
td.number{text-align:right}summary{cursor:pointer}dl{margin:.3em 0;max-width:40em}dt{font-weight:bold}
dd{margin:0 0 .3em 0;overflow-wrap:anywhere}pre{white-space:pre-wrap;margin:0}"""


def text(words: object) -> str:
    return html.escape(str(words))


def failed_test(row: dict[str, Any], test: dict[str, Any]) -> str:
    """The four lines, folded."""
    see = f"tools/lab graded RESULTS {row['submission']} {test['id']} {test['phase']}"
    lines = "".join(
        f"<dt>{name}</dt><dd>{text(words)}</dd>"
        for name, words in (("due", test["due"]), ("happened", test["happened"]), ("so", test["so"]), ("see", see))
    )
    return f"<details><summary>0 of {test['of']}</summary><dl>{lines}</dl></details>"


def cell(row: dict[str, Any], test: dict[str, Any] | None) -> str:
    if test is None:
        return "<td>–</td>"
    return f"<td>{text(test['points']) if test['passed'] else failed_test(row, test)}</td>"


def verdict(row: dict[str, Any]) -> str:
    more = "".join(f"<pre>{text(line)}</pre>" for line in row["said"])
    more += "".join(f"<pre>look: {text(line)}</pre>" for line in row["look"])
    head = text(row["verdict"]) + (", look" if row["look"] else "")
    return f"<td><details><summary>{head}</summary>{more}</details></td>" if more else f"<td>{head}</td>"


def line(row: dict[str, Any], tests: list[str]) -> str:
    own = {test["id"]: test for test in row["tests"]}
    cells = "".join(cell(row, own.get(test)) for test in tests)
    points = f'<td class="number">{row["points"]} of {row["of"]}</td>'
    return f'<tr><th scope="row">{text(row["submission"])}</th>{verdict(row)}{points}{cells}</tr>'


def of(all_of: dict[str, Any]) -> str:
    """The whole page."""
    tests = [test["id"] for test in all_of["tests"]]
    heads = "".join(
        f'<th scope="col" title="{text(test["title"])}">{text(test["id"])} ({test["points"]})</th>'
        for test in all_of["tests"]
    )
    body = "\n".join(line(row, tests) for row in all_of["rows"])
    title = text(f"{all_of['lab']}: {all_of['title']}")
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style></head>
<body><h1>{title}</h1>
<table><caption>{len(all_of["rows"])} submissions. What was failed unfolds.</caption>
<thead><tr><th scope="col">submission</th><th scope="col">verdict</th><th scope="col">points</th>{heads}</tr></thead>
<tbody>
{body}
</tbody></table></body></html>
"""
