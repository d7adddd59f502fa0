"""A worksheet as text: 80 columns, and in an order that can be read aloud."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from exercising.worksheet import Answer, Block, Number, Pairs, Points, Question, Table, Worksheet

WIDTH = 80
LINE = "_" * 30


def filled(text: str, indent: str = "", first: str | None = None) -> str:
    lead = indent if first is None else first
    return textwrap.fill(text, WIDTH, initial_indent=lead, subsequent_indent=indent, break_on_hyphens=False)


def command(text: str, indent: str) -> str:
    """Broken, where it is too long, so that it can still be typed."""
    lines = textwrap.wrap(text, WIDTH - len(indent) - 6, break_long_words=False, break_on_hyphens=False)
    return " \\\n".join(f"{indent}{'  ' if number else ''}{line}" for number, line in enumerate(lines))


def source(text: str, indent: str) -> str:
    lines = text.split("\n")
    return "\n".join(command(line, indent) if line.startswith("tools/") else filled(line, indent) for line in lines)


def table(shown: Table, indent: str = "  ") -> str:
    """Its columns beside each other; empty cells are marked."""
    rows = [list(shown.head), *[[cell or "___" for cell in row] for row in shown.rows]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(shown.head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join((indent + line).rstrip() for line in lines)


def block(shown: Block, indent: str) -> str:
    if isinstance(shown, Table):
        return table(shown.emptied(), indent + "  ")
    if isinstance(shown, Points):
        return "\n".join(filled(item, indent + "  ", indent + "- ") for item in shown.items)
    return filled(shown, indent)


def blanks(answer: Answer, indent: str) -> str:
    """Where the student writes."""
    if isinstance(answer, Pairs):
        lines = [filled(f"{left}: {LINE}", indent + "  ", indent + "- ") for left, _ in answer.pairs]
        if answer.among:
            lines.insert(0, filled(f"Choose from: {'; '.join(answer.choices())}.", indent) + "\n")
        return "\n".join(lines)
    unit = f" {answer.unit}" if isinstance(answer, Number) else ""
    return f"{indent}Answer: {LINE}{unit}".rstrip()


def said(answer: Answer, indent: str, number: str) -> str:
    if isinstance(answer, Pairs):
        lines = [filled(f"{left}: {right}", indent + "  ", indent + "- ") for left, right in answer.pairs]
        return "\n".join([f"{number}Matched:", *lines])
    return filled(answer.said(), indent, number)


def question(number: int, asked: Question) -> Iterator[str]:
    lead = f"{number}. "
    indent = " " * len(lead)
    yield filled(asked.asked, indent, lead)
    yield from (block(shown, indent) for shown in asked.given)
    yield blanks(asked.answer, indent)


def answered(number: int, asked: Question) -> Iterator[str]:
    lead = f"{number}. "
    indent = " " * len(lead)
    yield said(asked.answer, indent, lead)
    yield from (table(shown, indent) for shown in asked.given if isinstance(shown, Table) and shown.blank)
    yield filled(asked.because, indent)
    yield f"{indent}Seen by:\n{source(asked.source, indent + '  ')}"


def heading(text: str) -> str:
    return f"{text}\n{'=' * len(text)}"


def sheet(worksheet: Worksheet) -> Iterator[str]:
    yield heading(worksheet.title)
    yield f"Worksheet {worksheet.seed}"
    yield from (block(shown, "") for shown in worksheet.given)
    for number, asked in enumerate(worksheet.questions, 1):
        yield from question(number, asked)


def answers(worksheet: Worksheet) -> Iterator[str]:
    yield heading(f"Answers: {worksheet.title}")
    yield f"Worksheet {worksheet.seed}"
    for number, asked in enumerate(worksheet.questions, 1):
        yield from answered(number, asked)


def render(worksheets: Sequence[Worksheet], with_answers: bool) -> str:
    """All worksheets, and behind them all answers, if they are wanted; each on a page of its own."""
    parts = [sheet(worksheet) for worksheet in worksheets]
    parts += [answers(worksheet) for worksheet in worksheets] if with_answers else []
    return "\n\f\n".join("\n\n".join(part) + "\n" for part in parts)
