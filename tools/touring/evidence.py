"""What was seen that speaks against an answer: enough to look again, and not the answer itself."""

from __future__ import annotations

from touring import forms
from touring.facts import (
    BIT_FETCH,
    BIT_PRESENT,
    BIT_USER,
    BIT_WRITE,
    COPY,
    INVALID,
    NONE,
    REUSE,
    ZERO_FILL,
    ZERO_PAGE,
)
from touring.forms import Answer
from touring.marking import Given
from touring.questions import Item, Known, Question
from touring.tale import PAGE

MOST = 60  # letters of an answer that are told
BITS = {BIT_PRESENT: "present", BIT_WRITE: "write", BIT_USER: "user mode", BIT_FETCH: "instruction"}
IN_FRAMES = {
    ZERO_FILL: "a frame of zeroes that was nobody's",
    ZERO_PAGE: "a frame of zeroes that may only be read",
    COPY: "another frame, with what others see",
    REUSE: "the same frame as before",
}


def against(question: Question, item: Item, given: Given, right: Answer, known: Known) -> str:
    """In words."""
    if given.missing:
        return "you have not answered"
    said = f"you answered {told(question, given)}"
    if given.wanted:
        return f"{said}: {given.wanted}"
    return f"{said}; {seen(question, item, given.readings[0], right, known)}"


def told(question: Question, given: Given) -> str:
    raw = given.raw
    if isinstance(raw, int) and question.form in (forms.ADDRESS, forms.VALUE):
        return f"{raw:#x}"
    words = " ".join(str(raw).split())
    return words if len(words) <= MOST else f"{words[:MOST]}…"


def seen(question: Question, item: Item, given: Answer, right: Answer, known: Known) -> str:
    if question.form == forms.KIND:
        return kind(item, str(given), str(right), known)
    if isinstance(given, frozenset) and isinstance(right, frozenset):
        return one_of_a_list(question, given, right)
    if question.form == forms.ADDRESS and isinstance(given, int) and isinstance(right, int):
        return "the page is right, the place in it is not" if given // PAGE == right // PAGE else "it was elsewhere"
    if question.id == "codes" and isinstance(given, int) and isinstance(right, int):
        return code(given, right)
    if question.form == forms.STEP and isinstance(given, int) and isinstance(right, int):
        return "it was later" if right > given else "it was earlier"
    if question.form == forms.COUNT and isinstance(given, int) and isinstance(right, int):
        return "there were more" if right > given else "there were fewer"
    return "the entry says something else" if question.form == forms.RIGHTS else "something else stands there"


def kind(item: Item, given: str, right: str, known: Known) -> str:
    """Whether there was a fault; then, whether it was refused; then, which frame came of it."""
    if right == NONE:
        return "QEMU saw no fault there"
    event = known.facts.events[item.steps[0]]
    where = f"QEMU saw a fault there, of a page that was {'' if event.code & BIT_PRESENT else 'not '}there"
    if given == NONE:
        return where
    if right == INVALID:
        return f"{where}; and the instruction was never done"
    if given == INVALID:
        return f"{where}; then the instruction was done"
    return f"{where}; behind it then was {IN_FRAMES.get(right, 'the frame that all see who map this')}"


def one_of_a_list(question: Question, given: frozenset[int], right: frozenset[int]) -> str:
    what = "step" if question.form == forms.STEPS else "page"
    if given - right:
        return f"{what} {min(given - right)} does not belong there"
    missing = len(right - given)
    return f"{missing} {what}{'s are' if missing > 1 else ' is'} missing"


def code(given: int, right: int) -> str:
    for bit, name in BITS.items():
        if (given ^ right) & bit:
            return f"the bit that says {name} ({bit}) is {'1' if right & bit else '0'}"
    return "there are bits in it that mean something else"
