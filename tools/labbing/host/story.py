"""A test without a machine, told from a seed; of page tables: which there are, and what is asked of the student's
functions.

What is right is the judge's business. Addresses are drawn where mistakes are: at both ends of tables, beside each
other in each level, and where one index alone differs.
"""

from __future__ import annotations

import random
from collections.abc import Iterable

from labbing.expectation import Expectation, Phase
from labbing.host.bench import NAME, PAGE, ZERO_PAGE
from labbing.host.calls import ListedJudge
from labbing.host.geometry import Geometry, draw
from labbing.host.tables import MANY, words_of

FRAMES = 240
SAYS = (PAGE, NAME, ZERO_PAGE)


class HostStory:
    """One test."""

    def __init__(self, title: str, seed: str):
        self.title = title
        self.random = random.Random(seed)
        self.nonce = self.random.getrandbits(62) | 1
        self.phases: list[Phase] = []
        self.runs: list[dict] = []

    def text(self) -> str:
        """For people."""
        raise NotImplementedError

    def finish(self, test: str, points: int) -> Expectation:
        return Expectation(
            id=test,
            title=self.title,
            points=points,
            nonce=self.nonce,
            ram="0",
            swap="0",
            budget=0,
            judged=[],
            phases=self.phases,
            runs=self.runs,
        )


class ListedStory(HostStory):
    """One whose run is a list of operations, of one judge (calls.py)."""

    judge: type[ListedJudge]
    rule: dict[str, int | str] = {}  # where it is another than the book's: the judge is told

    def begin_run(self, kind: str, **raw: object) -> None:
        self.operations: list[list] = []
        self.runs.append({"kind": kind, **raw, **self.rule, "operations": self.operations})

    def phase(self, what: str) -> None:
        self.phases.append(Phase(self.judge.who, what))

    def do(self, what: str, *more: object) -> None:
        self.operations.append([len(self.phases) - 1, what, *more])

    def text(self) -> str:
        lines, phase = [], -1
        for operation in self.operations:
            if operation[0] != phase:
                phase = operation[0]
                lines += ["", f"phase {phase}: {self.judge.who}: {self.phases[phase].what}", ""]
            lines.append(f"    {self.judge.words_of(operation)}")
        return "\n".join(lines[1:]) + "\n"


class TablesStory(HostStory):
    """One test; `seed` ends with the word from which the geometries of all tests are drawn."""

    rules: tuple[str, ...] = ()  # others than the book's

    def __init__(self, title: str, seed: str, count: int = 3):
        super().__init__(title, seed)
        self.geometries = draw(random.Random(seed.split()[-1]), 3)[:count]

    # --- runs and phases ---

    def run(self, geometry: Geometry) -> None:
        """A new memory, with two trees that have a root each."""
        first = self.random.randint(1, 1 << 20)
        self.geometry = geometry
        self.operations: list[list] = []
        self.runs.append(
            {
                "geometry": [geometry.levels, geometry.bits, geometry.shift],
                "first": first,
                "count": FRAMES,
                "rules": list(self.rules),
                "operations": self.operations,
            }
        )

    def phase(self, what: str) -> None:
        self.phases.append(Phase(self.geometry.words(), what))

    def do(self, what: str, tree: int, *more: int | str) -> None:
        self.operations.append([len(self.phases) - 1, what, tree, *more])

    # --- the judge's own hands ---

    def enter(self, address: int, tree: int = 0, says: str = "") -> None:
        """The page's entry says something; tables for it are there, or made by the judge."""
        self.do("grow", tree, address)
        self.do("enter", tree, address, says or self.random.choice(SAYS))

    def enter_all(self, addresses: Iterable[int], tree: int = 0, says: str = "") -> None:
        for address in addresses:
            self.enter(address, tree, says)

    def leave(self, address: int, tree: int = 0) -> None:
        self.do("leave", tree, address)

    def fell(self, address: int, tree: int = 0) -> None:
        self.do("fell", tree, address)

    def use(self, address: int, tree: int = 0) -> None:
        self.do("use", tree, address)

    # --- the student's functions ---

    def find(self, address: int, tree: int = 0) -> None:
        self.do("find", tree, address + self.random.randrange(self.geometry.page))

    def seek(self, address: int, tree: int = 0) -> None:
        self.do("seek", tree, address + self.random.randrange(self.geometry.page))

    def build(self, address: int, tree: int = 0, frames: int = MANY) -> None:
        """`frames`: so many are there."""
        self.do("build", tree, address, frames)

    def trim(self, addresses: Iterable[int], tree: int = 0, loaded: bool = True) -> None:
        """In one batch."""
        self.do("trim", tree, int(loaded), *addresses)

    # --- addresses ---

    def indexes(self) -> list[int]:
        """From the root down, often at an end of a table."""
        most = [self.geometry.entries // 2] + [self.geometry.entries] * (self.geometry.levels - 1)
        return [self.random.choice((0, end - 1, *self.random.choices(range(end), k=2))) for end in most]

    def anywhere(self) -> int:
        return self.geometry.address(self.indexes())

    def apart(self, count: int) -> list[int]:
        """In different last-level tables."""
        found: dict[int, int] = {}
        there_are = self.geometry.end // self.geometry.span(2)
        while len(found) < min(count, there_are):
            address = self.anywhere()
            found.setdefault(address // self.geometry.span(2), address)
        return list(found.values())

    def beside(self, address: int) -> list[int]:
        """Addresses that differ from it in one index alone, once for each level; the last is in the same table."""
        found = []
        for at, index in enumerate(self.geometry.indexes(address)):
            end = self.geometry.entries // (2 if at == 0 else 1)
            others = {index ^ 1, index ^ end // 2, (index + 1) % end, end - 1, 0} - {index}
            indexes = self.geometry.indexes(address)
            indexes[at] = self.random.choice(sorted(others))
            found.append(self.geometry.address(indexes))
        return found

    def neighbours(self) -> tuple[int, int]:
        """Two pages, one behind the other, in different last-level tables."""
        low = self.anywhere() // self.geometry.span(2) * self.geometry.span(2)
        high = low + self.geometry.span(2)
        return (high - self.geometry.page, high) if high < self.geometry.end else (low - self.geometry.page, low)

    # --- what that means ---

    def text(self) -> str:
        lines = []
        for run in self.runs:
            geometry, phase = Geometry(*run["geometry"]), -1
            for operation in run["operations"]:
                if operation[0] != phase:
                    phase = operation[0]
                    lines += ["", f"phase {phase}: {self.phases[phase].who}: {self.phases[phase].what}", ""]
                lines.append(f"    {words_of(geometry, operation)}")
        return "\n".join(lines[1:]) + "\n"
