"""Page tables as they stand in the machine's RAM: read from outside, entry by entry, as the processor would.

The kernel is not asked. CR3 comes from QEMU's log, and RAM is a file of the host's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tracing.words import ADDRESS, PRESENT
from witnessing.ram import Ram

LARGE = 0x80  # only an entry of a table above the last has it
LENT = 0x800  # the same, and of level 2: the table below is the kernel's, and in every space (mm/page_tables/lent.h)
LEVELS = (4, 3, 2, 1)
NAMES = {4: "PML4", 3: "page-directory-pointer table", 2: "page directory", 1: "page table"}
PAGE = 4096
USER_HALF = 256  # entries of the top table


@dataclass(frozen=True)
class Entry:
    """One step of a walk."""

    level: int
    table: int  # physical address of the table
    index: int
    value: int

    @property
    def is_last(self) -> bool:
        """It names a page, or nothing."""
        return not self.value & PRESENT or self.level == 1 or (self.level < 4 and bool(self.value & LARGE))


def index(address: int, level: int) -> int:
    """The nine bits of a linear address that choose the entry at that level."""
    return address >> (12 + 9 * (level - 1)) & 511


def walk(ram: Ram, cr3: int, address: int) -> list[Entry]:
    """The entries on the way, down to the one that names a page or is not present."""
    table, steps = cr3 & ADDRESS, []
    for level in LEVELS:
        place = index(address, level)
        entry = Entry(level, table, place, int.from_bytes(ram.read(table + 8 * place, 8), "little"))
        steps.append(entry)
        if entry.is_last:
            break
        table = entry.value & ADDRESS
    return steps


def entries(ram: Ram, table: int, level: int, base: int = 0) -> Iterator[tuple[int, Entry]]:
    """All present entries below a table, each with the linear address where what it maps begins; but for what every
    space has, whose table is no space's own."""
    words = memoryview(ram.read(table, PAGE)).cast("Q")
    for place in range(USER_HALF if level == 4 else 512):
        value = words[place]
        if value & PRESENT and not (value & LENT and level > 1):
            address = base + (place << (12 + 9 * (level - 1)))
            entry = Entry(level, table, place, value)
            yield address, entry
            if not entry.is_last:
                yield from entries(ram, value & ADDRESS, level - 1, address)


def count(ram: Ram, cr3: int) -> dict[int, int]:
    """Frames that are tables of a space's user half, by level."""
    found = {4: 1, 3: 0, 2: 0, 1: 0}
    for _, entry in entries(ram, cr3 & ADDRESS, 4):
        if not entry.is_last:
            found[entry.level - 1] += 1
    return found


def mapped(ram: Ram, cr3: int) -> dict[int, int]:
    """Pages of the user half that are there, and the physical address of each."""
    return {
        address: entry.value & ADDRESS for address, entry in entries(ram, cr3 & ADDRESS, 4) if entry.level == 1
    }
