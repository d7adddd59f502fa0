"""A worksheet as one page of HTML: no scripts, nothing from outside, and made to be printed.

Each worksheet, and each sheet of answers, begins a new sheet of paper.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from exercising.worksheet import Answer, Block, Number, Pairs, Points, Question, Table, Worksheet

STYLE = """
body { font: 11pt/1.45 Georgia, "DejaVu Serif", serif; max-width: 44em; margin: 2em auto; padding: 0 1em; color: #111 }
h1 { font-size: 1.5em; margin: 0 0 .2em }
section + section { border-top: 3px solid #111; margin-top: 4em; padding-top: 2em }
.who { display: flex; justify-content: space-between; gap: 2em; margin: 0 0 1.5em }
.who span { flex: 1 } .who .line { border-bottom: 1px solid #555 }
table { border-collapse: collapse; margin: .7em 0; font-size: .92em }
th, td { border: 1px solid #777; padding: .15em .6em; text-align: left; vertical-align: top }
td { min-width: 2em; height: 1.4em; font-family: "DejaVu Sans Mono", Consolas, monospace }
th { background: #eee }
ol > li { margin: 0 0 1.6em; break-inside: avoid-page } ol > li::marker { font-weight: bold }
.answer { border-bottom: 1px solid #555; display: inline-block; min-width: 14em; height: 1.5em }
.source { color: #333; font-size: .9em } .source code { white-space: pre-wrap; overflow-wrap: anywhere }
.said { font-weight: bold }
@media print {
  @page { margin: 18mm }
  body { margin: 0; padding: 0; max-width: none; font-size: 10.5pt }
  section + section { break-before: page; border: 0; margin: 0; padding: 0 }
  tr { break-inside: avoid } thead { display: table-header-group }
}
"""


def table(shown: Table) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in shown.head)
    rows = "\n".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in shown.rows)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>"


def block(shown: Block) -> str:
    if isinstance(shown, Table):
        return table(shown.emptied())
    if isinstance(shown, Points):
        return "<ul>\n" + "\n".join(f"<li>{escape(item)}</li>" for item in shown.items) + "\n</ul>"
    return f"<p>{escape(shown)}</p>"


def blanks(answer: Answer) -> str:
    line = '<span class="answer"></span>'
    if isinstance(answer, Pairs):
        choices = f"<p>Choose from: {escape('; '.join(answer.choices()))}.</p>\n" if answer.among else ""
        rows = "\n".join(f"<li>{escape(left)}: {line}</li>" for left, _ in answer.pairs)
        return f"{choices}<ul>\n{rows}\n</ul>"
    unit = f" {escape(answer.unit)}" if isinstance(answer, Number) else ""
    return f"<p>Answer: {line}{unit}</p>"


def said(answer: Answer) -> str:
    if isinstance(answer, Pairs):
        rows = "\n".join(f"<li>{escape(left)}: <b>{escape(right)}</b></li>" for left, right in answer.pairs)
        return f"<ul>\n{rows}\n</ul>"
    return f'<p class="said">{escape(answer.said())}</p>'


def source(text: str) -> str:
    lines = [f"<code>{escape(line)}</code>" if line.startswith("tools/") else escape(line) for line in text.split("\n")]
    return f'<p class="source">Seen by: {"<br>".join(lines)}</p>'


def question(asked: Question) -> Iterator[str]:
    yield f"<li><p>{escape(asked.asked)}</p>"
    yield from map(block, asked.given)
    yield blanks(asked.answer) + "</li>"


def answered(asked: Question) -> Iterator[str]:
    yield "<li>" + said(asked.answer)
    yield from (table(shown) for shown in asked.given if isinstance(shown, Table) and shown.blank)
    yield f"<p>{escape(asked.because)}</p>"
    yield source(asked.source) + "</li>"


def sheet(worksheet: Worksheet) -> Iterator[str]:
    yield f"<section>\n<h1>{escape(worksheet.title)}</h1>"
    yield f'<p class="who"><span>Worksheet {escape(worksheet.seed)}</span><span class="line">Name:</span></p>'
    yield from map(block, worksheet.given)
    yield "<ol>"
    for asked in worksheet.questions:
        yield from question(asked)
    yield "</ol>\n</section>"


def answers(worksheet: Worksheet) -> Iterator[str]:
    yield f"<section>\n<h1>Answers: {escape(worksheet.title)}</h1>\n<p>Worksheet {escape(worksheet.seed)}</p>\n<ol>"
    for asked in worksheet.questions:
        yield from answered(asked)
    yield "</ol>\n</section>"


def render(worksheets: Sequence[Worksheet], with_answers: bool) -> str:
    parts = [part for worksheet in worksheets for part in sheet(worksheet)]
    if with_answers:
        parts += [part for worksheet in worksheets for part in answers(worksheet)]
    title = escape(worksheets[0].title)
    head = f'<meta charset="utf-8">\n<title>{title}</title>\n<style>{STYLE}</style>'
    return "\n".join(
        ["<!DOCTYPE html>", f'<html lang="en">\n<head>\n{head}\n</head>\n<body>', *parts, "</body>\n</html>\n"]
    )
