"""runs of pages as ranges, addresses without 0x."""

from typing import Any

from touring.asking import Sheet
from touring.forms import Answer
from touring.marking import Raw
from touring.questions import Answers
from touring.rules import mapped, plain


def ranges(numbers: list[int]) -> str:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] + 1 == number:
            runs[-1].append(number)
        else:
            runs.append([number])
    return "; ".join(f"{run[0]}-{run[-1]}" for run in runs) or "[]"


def one(question: str, answer: Answer) -> Any:
    if isinstance(answer, frozenset):
        return ranges(sorted(answer))
    if question in ("addresses", "instructions"):
        return f"{answer:016x}"
    return plain(answer)


def written(sheet: Sheet, right: Answers) -> Raw:
    return mapped(right, one)
