"""steps by their labels, lists in disorder and with repetitions."""

from typing import Any

from touring.asking import Sheet
from touring.forms import Answer
from touring.marking import Raw
from touring.questions import Answers
from touring.rules import mapped, plain


def one(question: str, answer: Answer) -> Any:
    if isinstance(answer, frozenset):
        names = sorted((f"step_{each}" if question == "image" else str(each) for each in answer), key=lambda n: n[::-1])
        return ", ".join([*names, *names]) or "none"
    if question == "history":
        return f"step_{answer}" if answer else "fork"
    return plain(answer)


def written(sheet: Sheet, right: Answers) -> Raw:
    return mapped(right, one)
