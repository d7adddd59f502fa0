"""other usual names, and words around the numbers."""

from typing import Any

from touring.asking import Sheet
from touring.facts import COPY, FILE, INVALID, NONE, REUSE, ZERO_FILL, ZERO_PAGE
from touring.forms import ABSENT, Answer
from touring.marking import Raw
from touring.questions import Answers
from touring.rules import mapped

WORDS = {
    NONE: "no fault", ZERO_FILL: "Zero fill", ZERO_PAGE: "the zero page", FILE: "file (minor or major)",
    COPY: "copy-on-write", REUSE: "reused", INVALID: "SIGSEGV", "r--": "read-only", "rw-": "RW", "r-x": "rx",
}  # fmt: skip
COUNTED = {"counts": "faults", "frames": "frames", "tables": "tables"}


def one(question: str, answer: Answer) -> Any:
    if question == "rights" and answer == ABSENT:
        return "not present"
    if isinstance(answer, str):
        return WORDS[answer]
    if isinstance(answer, frozenset):
        return " and ".join(f"page {each}" for each in sorted(answer)) or "no pages"
    if question == "history":
        return f"step {answer}" if answer else "the fork"
    return f"{answer} {COUNTED[question]}" if question in COUNTED else f"{answer:x}"


def written(sheet: Sheet, right: Answers) -> Raw:
    raw = mapped(right, one)
    return {**raw, "codes": {item: f"{code:#b}" for item, code in right["codes"].items()}}
