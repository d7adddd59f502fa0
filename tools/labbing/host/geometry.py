"""How an address is taken apart: so many levels of tables, so many bits of the address for each, and the rest
within the page. The processor has 4, 9 and 12; whoever has written these numbers down is wrong elsewhere."""

from __future__ import annotations

import random
from dataclasses import dataclass

ENTRY = 8  # bytes
PROCESSORS = (4, 9, 12)
SPAN_BITS = 32  # of the number of a last-level table (frame.h)
HEADER = """#ifndef ARCH_GEOMETRY_H
#define ARCH_GEOMETRY_H
#define PAGE_SHIFT    {shift}
#define TABLE_BITS    {bits}
#define TABLE_LEVELS  {levels}
#endif
"""


@dataclass(frozen=True)
class Geometry:
    """Level 1 has the entries of pages, the highest one is the root."""

    levels: int
    bits: int
    shift: int

    @property
    def entries(self) -> int:
        return 1 << self.bits

    @property
    def page(self) -> int:
        return 1 << self.shift

    @property
    def end(self) -> int:
        """Of the user's addresses: the root's lower half."""
        return self.span(self.levels) * self.entries // 2

    def span(self, level: int) -> int:
        """Bytes that one entry of that level maps."""
        return self.page << self.bits * (level - 1)

    def index(self, address: int, level: int) -> int:
        return address // self.span(level) % self.entries

    def indexes(self, address: int) -> list[int]:
        """From the root down."""
        return [self.index(address, level) for level in range(self.levels, 0, -1)]

    def address(self, indexes: list[int]) -> int:
        return sum(each * self.span(self.levels - at) for at, each in enumerate(indexes))

    def words(self) -> str:
        size = f"{self.page // 1024} KiB" if self.page >= 1024 else f"{self.page} bytes"
        return f"{self.levels} levels of {self.bits} bits, pages of {size}"

    def header(self) -> str:
        """In place of arch/geometry.h."""
        return HEADER.format(shift=self.shift, bits=self.bits, levels=self.levels)


def fits(geometry: Geometry) -> bool:
    """A table fits into a frame, and its number into what frames[] has room for."""
    large = geometry.bits + 3 > geometry.shift or (geometry.levels - 1) * geometry.bits > SPAN_BITS
    return not large and (geometry.levels, geometry.bits, geometry.shift) != PROCESSORS


def draw(dice: random.Random, count: int) -> list[Geometry]:
    """With different numbers of levels, and none the processor's."""
    found = []
    for levels in dice.sample(range(2, 6), count):
        every = [Geometry(levels, bits, shift) for bits in range(4, 11) for shift in range(12, 15)]
        found.append(dice.choice([each for each in every if fits(each)]))
    return found
