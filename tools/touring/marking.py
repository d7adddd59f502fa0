"""A file of answers, marked: which items are right, how many points that is, and from which belief the rest follows."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from touring import forms
from touring.asking import Sheet
from touring.forms import Answer, Unreadable, is_empty
from touring.questions import Answers, Item, Question

Raw = dict[str, dict[str, Any]]  # as it stands in the file
MOST = 2  # beliefs that lead to the same answers, and are named; more say nothing
UNKNOWN = "unknown: no wrong belief that is known leads to just these answers"


class AnswerError(ValueError):
    """The file is none of answers to these questions: why, in words."""


def load(path: Path) -> Raw:
    """AnswerError: it cannot be read."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise AnswerError(f"{path.name}: {error}; words stand in quotes, numbers need none") from None
    except (OSError, UnicodeDecodeError) as error:
        raise AnswerError(f"{path.name}: {error}") from None
    return raw


def check_names(raw: Raw, sheet: Sheet, name: str) -> None:
    """AnswerError: it answers what was not asked."""
    known = {q.id: {item.key for item in q.items} for q in sheet.questions}
    for question, items in raw.items():
        if question not in known:
            raise AnswerError(f"{name}: there is no question {question}")
        if not isinstance(items, dict):
            raise AnswerError(f"{name}: [{question}] is a row of answers, one a line")
        for item in items:
            if item not in known[question]:
                raise AnswerError(f"{name}: question {question} does not ask for {item}")


@dataclass(frozen=True)
class Given:
    """An answer as it was read. No reading: it is missing, or says nothing that could be one (`wanted`)."""

    raw: Any = ""
    readings: tuple[Answer, ...] = ()
    wanted: str = ""

    @property
    def missing(self) -> bool:
        return not self.readings and not self.wanted


def read(question: Question, raw: Any) -> Given:
    if is_empty(raw):
        return Given(raw)
    try:
        return Given(raw, tuple(forms.read(question.form, raw)))
    except Unreadable as error:
        return Given(raw, (), str(error))


@dataclass
class Marked:
    """One question's answers."""

    question: Question
    given: dict[str, Given]
    right: set[str]

    @property
    def points(self) -> int:
        return self.question.points * len(self.right) // len(self.question.items)

    @property
    def passed(self) -> bool:
        return len(self.right) == len(self.question.items)

    def wrong(self) -> list[Item]:
        """In order; those that were answered come before those that are missing."""
        rest = [item for item in self.question.items if item.key not in self.right]
        return sorted(rest, key=lambda item: self.given[item.key].missing)


def mark(sheet: Sheet, raw: Raw, key: Answers) -> list[Marked]:
    """Each question, against the right answers."""
    found = []
    for question in sheet.questions:
        answers = raw.get(question.id, {})
        given = {item.key: read(question, answers.get(item.key, "")) for item in question.items}
        right = {name for name, each in given.items() if key[question.id][name] in each.readings}
        found.append(Marked(question, given, right))
    return found


def fits(marked: Marked, believed: dict[str, Answer]) -> bool:
    """Are all that were given, right and wrong, what somebody answers who believes this?"""
    given = {name: each for name, each in marked.given.items() if not each.missing}
    return all(believed[name] in each.readings for name, each in given.items())


def diagnoses(marked: list[Marked], known: dict[str, Answers]) -> dict[str, str]:
    """Of each question that was failed with an answer: the third line. `known`: by belief, what follows from it. Nobody
    holds a belief who has answered another question right that it would have led astray. Where several are left, those
    are meant that fit most questions."""
    right = {each.question.id for each in marked if each.passed}
    held: dict[str, set[str]] = {}  # by belief: the questions whose answers it fits
    for belief, answers in known.items():
        fitting = {each.question.id for each in marked if fits(each, answers[each.question.id])}
        if right <= fitting:
            held[belief] = fitting
    lines = {}
    for each in marked:
        if any(not each.given[item.key].missing for item in each.wrong()):
            name = each.question.id
            best = max((len(fitting) for fitting in held.values() if name in fitting), default=0)
            lines[name] = named_line([b for b, fitting in held.items() if name in fitting and len(fitting) == best])
    return lines


def named_line(beliefs: list[str]) -> str:
    if not 1 <= len(beliefs) <= MOST:
        return UNKNOWN
    return f"answers who believes that {', or that '.join(beliefs)}"


def total(marked: list[Marked]) -> int:
    return sum(each.points for each in marked)
