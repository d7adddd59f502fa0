"""What the tables of a tree must be: which stand where, how many entries of each are in use.

The judge's own, and its own hands: it can build and take away tables itself, so that each of the student's functions
is judged whatever the others do.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from labbing.host.geometry import Geometry
from labbing.host.memory import NONE

Key = tuple[int, int]  # level; address divided by all that the table maps


@dataclass
class Table:
    frame: int
    links: int  # NONE: it is above the last level
    used: int = 0
    present: int = 0


@dataclass
class Tree:
    """Of one space. The root is at the highest level, and always there."""

    geometry: Geometry
    number: int
    tables: dict[Key, Table] = field(default_factory=dict)
    entries: dict[int, int] = field(default_factory=dict)  # of the last level, that are not zero: page's address

    def key(self, address: int, level: int) -> Key:
        return level, address // (self.geometry.span(level) * self.geometry.entries)

    def table(self, address: int, level: int) -> Table | None:
        return self.tables.get(self.key(address, level))

    def lowest(self, address: int) -> tuple[int, Table]:
        """The last table on the way that is there, and its level."""
        for level in range(1, self.geometry.levels):
            if table := self.table(address, level):
                return level, table
        return self.geometry.levels, self.tables[self.key(0, self.geometry.levels)]

    def missing(self, address: int) -> list[int]:
        """Levels of the tables that are not there, from above."""
        return list(range(self.lowest(address)[0] - 1, 0, -1))

    def add(self, address: int, level: int, frame: int, links: int) -> Table:
        """A table, below one that is there."""
        above = self.table(address, level + 1)
        assert above
        above.used += 1
        self.tables[self.key(address, level)] = Table(frame, links)
        return self.tables[self.key(address, level)]

    def empty(self, address: int) -> list[int]:
        """Levels of the tables on the way that would go, from below."""
        level, table = self.lowest(address)
        found: list[int] = []
        while level < self.geometry.levels and table.used == (1 if found else 0):
            found.append(level)
            level += 1
            above = self.table(address, level)
            assert above
            table = above
        return found

    def remove(self, address: int, level: int) -> Table:
        above = self.table(address, level + 1)
        assert above
        above.used -= 1
        return self.tables.pop(self.key(address, level))

    def frames(self) -> int:
        """Of tables and links, without the root's."""
        return sum(1 if table.links == NONE else 2 for table in self.tables.values()) - 1
