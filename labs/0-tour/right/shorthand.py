"""rights and kinds in short, a list of one without brackets."""

from typing import Any

from touring.asking import Sheet
from touring.facts import COPY, INVALID, NONE
from touring.forms import Answer
from touring.marking import Raw
from touring.questions import Answers
from touring.rules import mapped, plain

SHORT = {"r--": "ro", "rw-": "rw", "r-x": "RX", COPY: "cow", INVALID: "segfault", NONE: "none"}


def one(question: str, answer: Answer) -> Any:
    if isinstance(answer, frozenset) and len(answer) == 1:
        return min(answer)
    if isinstance(answer, frozenset):
        return "{" + ",".join(map(str, answer)) + "}"
    return SHORT.get(answer, answer) if isinstance(answer, str) else plain(answer)


def written(sheet: Sheet, right: Answers) -> Raw:
    return mapped(right, one)
