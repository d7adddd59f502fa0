"""What was done in a test without a machine, call by call, and what was wrong after each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

BEGIN = "the functions begin"
COMES_BACK = "S3"  # the sentence, in each lab's specification: a call comes back


class Wrong(NamedTuple):
    """One thing."""

    sentence: str
    happened: str
    due: str


@dataclass
class Call:
    """One operation, as it went."""

    phase: int
    words: str
    wrong: list[Wrong] = field(default_factory=list)
    asked: bool = False  # of the student's functions; else it was the judge's own hands

    def gone(self, why: str) -> None:
        """It did not come back."""
        self.wrong = [Wrong(COMES_BACK, why, "the call comes back")]


@dataclass
class Seen:
    """All that was seen of a test."""

    calls: list[Call] = field(default_factory=list)
    gone: str = ""  # why the process of some run had gone
