"""The results as a page: a row a submission, a column a test; a click on a test that was failed shows its four lines.

It wants no script and no network.
"""

from __future__ import annotations

import html
from typing import Any

from grading import counting

STYLE = """body{font:16px/1.5 sans-serif;margin:1em}
table{border-collapse:collapse}caption{text-align:left}
th,td{border:1px solid #767676;padding:.2em .5em;text-align:left;vertical-align:top}
td.number{text-align:right}
th[scope=row],td.number{white-space:nowrap}summary{cursor:pointer}dl{margin:.3em 0;width:24em}dt{font-weight:bold}
dd{margin:0 0 .3em 0;overflow-wrap:anywhere}pre{white-space:pre-wrap;margin:0;width:24em}"""


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
    head = text(row["verdict"]) + (", look" if row["look"] else "") + (", as before" if row.get("kept") else "")
    head += f", {row['late']} minutes late" if "late" in row else ""
    return f"<td><details><summary>{head}</summary>{more}</details></td>" if more else f"<td>{head}</td>"


def line(row: dict[str, Any], tests: list[str]) -> str:
    own = {test["id"]: test for test in row["tests"]}
    cells = "".join(cell(row, own.get(test)) for test in tests)
    points = f'<td class="number">{row["points"]} of {row["of"]}</td>'
    return f'<tr><th scope="row">{text(row["submission"])}</th>{verdict(row)}{points}{cells}</tr>'


def of_tests(all_of: dict[str, Any]) -> str:
    """How each test went."""
    titles = {test["id"]: test["title"] for test in all_of["tests"]}
    lines = "\n".join(
        f'<tr><th scope="row">{text(each["id"])}</th><td>{text(titles[each["id"]])}</td>'
        f'<td class="number">{each["passed"]} of {each["tried"]}</td></tr>'
        for each in counting.statistics(all_of)
    )
    heads = '<th scope="col">test</th><th scope="col">what it is about</th><th scope="col">passed</th>'
    return f"<h2>Tests</h2>\n<table><thead><tr>{heads}</tr></thead><tbody>\n{lines}\n</tbody></table>"


def of_common(all_of: dict[str, Any]) -> str:
    """Which wrong kernels are more than one's; nothing, if there is none."""
    lines = "\n".join(f"<li>{count}: {text(words)}</li>" for words, count in counting.in_common(all_of))
    return f"<h2>In common</h2>\n<ul>\n{lines}\n</ul>\n" if lines else ""


def of_left(all_of: dict[str, Any]) -> str:
    """Who has no row."""
    names = ", ".join(map(text, all_of["left"]))
    return f" Not graded, for the machine was to blame: {names}." if names else ""


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
<table><caption>{len(all_of["rows"])} submissions. What was failed unfolds.{of_left(all_of)}</caption>
<thead><tr><th scope="col">submission</th><th scope="col">verdict</th><th scope="col">points</th>{heads}</tr></thead>
<tbody>
{body}
</tbody></table>
{of_tests(all_of)}
{of_common(all_of)}</body></html>
"""
