"""What a worksheet is, whatever it is about and however it is printed: given things, then questions.

Each question has an answer, says why it is so, and names where the answer was seen: a command that the
reader can type, or what QEMU saw in the live kernel. An answer is a number, a few words, or pairs to be
matched; these are what Moodle knows, too. A table that is to be filled in stands in the worksheet with
empty cells and in the answers with full ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

PAIRS_LEAST = 3  # Moodle matches no fewer


class Refused(Exception):
    """This worksheet cannot be made: why, in words. Two ways to an answer that differ are one reason."""


@dataclass(frozen=True)
class Table:
    """Cells by rows; the columns in `blank` are the student's to fill."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    blank: frozenset[int] = frozenset()

    def emptied(self) -> Table:
        rows = [["" if i in self.blank else cell for i, cell in enumerate(row)] for row in self.rows]
        return Table(self.head, rows)


@dataclass(frozen=True)
class Points:
    """Things in a list."""

    items: Sequence[str]


Block = str | Table | Points  # a str is a paragraph


@dataclass(frozen=True)
class Number:
    """Right within the tolerance."""

    value: float
    unit: str = ""
    tolerance: float = 0

    def text(self) -> str:
        return f"{self.value:.10g}"

    def said(self) -> str:
        unit = self.unit.removesuffix("s") if self.value == 1 else self.unit
        return f"{self.text()} {unit}".strip()


@dataclass(frozen=True)
class Words:
    """A word, or a few; what else is as right stands in `also`."""

    text: str
    also: Sequence[str] = ()

    def said(self) -> str:
        return self.text


@dataclass(frozen=True)
class Pairs:
    """What is left to be matched with what is right. `among`: it is chosen from a list, in which `also`
    stand, too, that match nothing; else it is written down, as a number is."""

    pairs: Sequence[tuple[str, str]]
    among: bool = False
    also: Sequence[str] = ()

    def __post_init__(self) -> None:
        assert len(self.pairs) >= PAIRS_LEAST

    def choices(self) -> list[str]:
        return sorted({*self.also, *(right for _, right in self.pairs)})


Answer = Number | Words | Pairs


@dataclass(frozen=True)
class Question:
    asked: str
    answer: Answer
    because: str
    source: str  # where the answer was seen: commands, a line each, or words
    given: Sequence[Block] = ()  # beneath the question; a table with blanks stands in the answer, too


@dataclass
class Worksheet:
    kind: str
    seed: str
    title: str
    given: list[Block] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)


def agree(what: str, computed: object, measured: object) -> None:
    """The textbook's way and the machine's must come to the same. Refused: they do not."""
    if computed != measured:
        raise Refused(f"{what}: computed {computed}, but the machine says {measured}")


def agree_within(what: str, computed: float, measured: float, part: float) -> None:
    """The same of what is measured: within that part of it."""
    if abs(computed - measured) > part * abs(measured):
        raise Refused(f"{what}: computed {computed:g}, but the machine says {measured:g}")


def listed(items: Sequence[object]) -> str:
    """Words for a list: 1, 2 and 3."""
    words = [str(item) for item in items]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
