"""A worksheet as GIFT, which Moodle imports: numbers, short answers, and pairs to be matched.

A question in Moodle stands alone, so each carries what its worksheet gives. Answers are always in it: they
are what Moodle grades by. A blank line ends a question, so line breaks within one are written as \\n.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from exercising import page
from exercising.worksheet import Answer, Block, Number, Pairs, Question, Table, Worksheet


def literal(text: str) -> str:
    """Text in which nothing is a sign of GIFT's."""
    return re.sub(r"([\\~=#{}:])", r"\\\1", text).replace("\n", "\\n")


def shown(block: Block) -> str:
    """As HTML; a table with its blanks, which are filled in on paper."""
    return page.table(block.emptied()) if isinstance(block, Table) else page.block(block)


def answer(given: Answer, because: str) -> Iterator[str]:
    if isinstance(given, Number):
        yield f"#{given.text()}:{given.tolerance:g}"
    elif isinstance(given, Pairs):
        yield from (f"={literal(left)} -> {literal(right)}" for left, right in given.pairs)
        yield from (f"= -> {literal(wrong)}" for wrong in given.also)
    else:
        yield from (f"={literal(text)}" for text in (given.text, *given.also))
    yield f"####{literal(because)}"


def question(worksheet: Worksheet, number: int, asked: Question) -> str:
    unit = f" (in {asked.answer.unit})" if isinstance(asked.answer, Number) and asked.answer.unit else ""
    parts = [*map(shown, worksheet.given), f"<p><b>{escape(asked.asked + unit)}</b></p>", *map(shown, asked.given)]
    title = f"{worksheet.kind} {worksheet.seed} {number}"
    because = f"{asked.because} Seen by: {asked.source}"
    lines = "\n".join(f"  {line}" for line in answer(asked.answer, because))
    return f"::{literal(title)}::[html]{literal(''.join(parts))}{{\n{lines}\n}}"


def render(worksheets: Sequence[Worksheet], with_answers: bool) -> str:
    assert with_answers
    parts = []
    for worksheet in worksheets:
        parts.append(f"$CATEGORY: Faultline/{worksheet.title}")
        parts += [question(worksheet, number, asked) for number, asked in enumerate(worksheet.questions, 1)]
    return "\n\n".join(parts) + "\n"
