"""What a figure is: commands, a table of numbers, a drawing of that table."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

Commands = tuple[str, ...]
Table = list[Sequence[object]]  # the first row are the columns
Row = dict[str, str]


@dataclass(frozen=True)
class Figure:
    """One figure. `gather` runs the commands."""

    name: str
    title: str
    commands: Commands  # as one would type them; they stand in the caption
    gather: Callable[[Commands], Table]
    draw: Callable[[Canvas, list[Row]], None]
    size: tuple[float, float] = (9.6, 5.4)  # inches


def to_text(rows: Table) -> str:
    """A table as CSV."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def from_text(text: str) -> list[Row]:
    """The rows of a CSV text, by column."""
    return list(csv.DictReader(io.StringIO(text)))


def table_of(text: str) -> Table:
    """A CSV text that a program printed, as gather gives it."""
    return list(csv.reader(io.StringIO(text)))
