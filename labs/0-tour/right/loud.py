"""capital letters, and marks between the digits."""

from typing import Any

from touring.asking import Sheet
from touring.forms import Answer
from touring.marking import Raw
from touring.questions import Answers
from touring.rules import mapped


def one(question: str, answer: Answer) -> Any:
    if isinstance(answer, frozenset):
        return [str(each) for each in sorted(answer, reverse=True)]
    if isinstance(answer, str):
        return answer.upper()
    return f"{answer:#_x}".upper().replace("0X", "0x") if question in ("addresses", "values") else f" {answer} "


def written(sheet: Sheet, right: Answers) -> Raw:
    return mapped(right, one)
