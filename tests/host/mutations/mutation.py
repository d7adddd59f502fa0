"""One change to one file of the kernel, and what the tests said to it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

# What a test was not there for, or could not tell: a hole in the tests; a change whose text is not
# in the file once, or that does not compile; tests that could not be run, or that fail anyway.
WRONG = ("SURVIVED", "stale", "error")


class Mutation(NamedTuple):
    file: str
    what: str
    old: str
    new: str
    tests: tuple[str, ...] = ()  # live ones: what should notice, the likeliest first

    def is_stale(self, sources: Path) -> bool:
        return (sources / self.file).read_text("utf-8").count(self.old) != 1

    def make(self, copy: Path) -> None:
        """In a copy of the sources."""
        changed = copy / self.file
        changed.write_text(changed.read_text("utf-8").replace(self.old, self.new), "utf-8")


class Outcome(NamedTuple):
    verdict: str  # one of WRONG, or who noticed
    detail: str = ""


class Unusable(Exception):
    """A test could not be run, or fails without any mutation: it says nothing about one."""
