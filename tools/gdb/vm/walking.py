"""The walk: how the processor gets from an address to a frame, table by table."""

from __future__ import annotations

from dataclasses import dataclass

import gdb

from vm import arrays, entry, kernel, spaces
from vm.kernel import Record
from vm.words import NONE, Command, Complaint, address, canonical, one, say

LEVELS = 4
INDEX_BITS, OFFSET_BITS = 9, 12
chosen: dict[str, int] = {}  # the address last walked to; until the machine runs on
gdb.events.cont.connect(lambda _event: chosen.clear())
SPAN = {4: "512 GiB", 3: "1 GiB", 2: "2 MiB", 1: "4 KiB"}


@dataclass(frozen=True)
class Step:
    """One entry on the way down."""

    level: int
    table: int  # frame
    index: int
    bits: int

    @property
    def address(self) -> int:
        """The kernel's address of the entry."""
        return arrays.frame_data(self.table) + self.index * 8

    @property
    def is_last(self) -> bool:
        return self.level == 1 or bool(entry.is_present(self.bits) and self.bits & entry.LARGE)


def walk(root: int, at: int) -> list[Step]:
    """The entries from the root down, as far as they lead."""
    if not canonical(at):
        raise Complaint(f"{at:#x} is not canonical: bits 48 to 63 must be as bit 47")
    steps: list[Step] = []
    table = root
    for level in range(LEVELS, 0, -1):
        index = at >> (OFFSET_BITS + INDEX_BITS * (level - 1)) & 511
        bits = kernel.read_word(arrays.frame_data(table) + index * 8)
        steps.append(Step(level, table, index, bits))
        if steps[-1].is_last or not entry.is_present(bits):
            break
        table = entry.frame_of(bits)
    return steps


def split(at: int) -> list[str]:
    """The 48 bits in their five parts: which entry of each level's table, and which byte of the page."""
    widths = [INDEX_BITS] * LEVELS + [OFFSET_BITS]
    columns: list[tuple[str, str, str]] = []
    left = sum(widths)
    for level, width in zip(range(LEVELS, -1, -1), widths, strict=True):
        left -= width
        value = at >> left & ((1 << width) - 1)
        columns.append((str(level) if level else "offset", f"{value:0{width}b}", str(value)))
    names = ("level", "bits", "entry")
    return [
        f"  {name:8}" + "  ".join(f"{column[row]:>{width}}" for column, width in zip(columns, widths, strict=True))
        for row, name in enumerate(names)
    ]


def leaf(root: int, at: int) -> Step | None:
    """The last-level entry of an address; None where a table on the way is missing."""
    last = walk(root, at)[-1]
    return last if last.level == 1 else None


def _end(step: Step, at: int) -> str:
    """What the walk comes to."""
    if not entry.is_present(step.bits):
        return ""
    span = 12 + 9 * (step.level - 1)
    physical = (step.bits & entry.ADDRESS & ~((1 << span) - 1)) | at & ((1 << span) - 1)
    return f"  physical address {physical:#x}"


def _page(page: int) -> str:
    each = arrays.pages()[page]
    return (
        f"  page {page}: {arrays.page_where(each)}; holders {each.holders},"
        f" {spaces.page_whose(each)}"
    )


def lines(root: int, at: int, space: Record | None) -> list[str]:
    """The whole walk in words."""
    told = [f"{at:#x} in {spaces.space_name(space)}" if space else f"{at:#x} of the kernel"]
    steps = walk(root, at)
    for step in steps:
        words = entry.describe(step.bits, not step.is_last)
        told.append(
            f"  level {step.level}  entry {step.index:3} of the table in frame "
            f"{step.table}: {step.bits:#018x}  {words}"
        )
    last = steps[-1]
    told.append(_end(last, at))
    if not last.is_last:
        told.append(f"  nothing of these {SPAN[last.level]} has a table")
    if at < spaces.USER_END:
        lent = any(step.bits & entry.LENT for step in steps)
        told += ["  the code that every space has, by no region"] if lent else _what_is_meant(last, at, space)
    return [line for line in told if line]


def _what_is_meant(last: Step, at: int, space: Record | None) -> list[str]:
    """The page and the region: what only the kernel knows."""
    told = []
    if (
        last.level == 1
        and entry.is_present(last.bits)
        and entry.frame_of(last.bits) == arrays.zero_frame()
    ):
        told.append("  the one zero page: never written, only read so far")
    elif last.level == 1 and entry.page_meant(last.bits) != NONE:
        told.append(_page(entry.page_meant(last.bits)))
        told.append(f"  age {entry.age_of(last.bits)} of {entry.AGE_MAX}, in periods of sampling for the working set")
    region = spaces.region_at(space, at) if space else None
    if space:
        told.append(f"  region {spaces.region_line(space, region)}" if region else "  in no region")
    return told


def root_and_space(at: int, pid: str | None) -> tuple[int, Record | None]:
    """Where to begin: the space asked for, else what the processor has loaded."""
    if at >> 47 or (pid is None and spaces.space_loaded() is None):
        return spaces.root_loaded(), None
    space = spaces.space_of(pid)
    return space.table_root, space


class Walk(Command):
    """Walk the page tables for an address: vm walk ADDR [pid=N].

    The address's bits in five parts, of which four choose an entry and one a byte; each level's table, entry and
    bits; then the page, where it is, and the region. ADDR is any expression. Without pid= in the space that is
    loaded now."""

    name = "walk"
    keys = ("pid",)

    def run(self, plain: list[str], named: dict[str, str]) -> None:
        at = address(one(plain, "vm walk ADDR [pid=N]"))
        arrays.frames()
        root, space = root_and_space(at, named.get("pid"))
        whose, *steps = lines(root, at, space)
        for line in (whose, *split(at), *steps):
            say(line)
        chosen["address"] = at


class Maps(Command):
    """The regions of a space, and what of each is there: vm maps [PID].

    One line a region: what is promised, then how many of its pages are resident, elsewhere
    (in a slot or on the free list), or the zero page."""

    name = "maps"

    def run(self, plain: list[str], _named: dict[str, str]) -> None:
        space = spaces.space_of(plain[0] if plain else None)
        say(
            f"{spaces.space_name(space)}: {space.promised // 4096} pages promised, "
            f"{space.table_frames} frames of tables, root in frame {space.table_root}"
        )
        for region in spaces.regions(space.address):
            say(f"  {spaces.region_line(space, region)}; {there(space, region)}")


def there(space: Record, region: Record) -> str:
    """What the entries of a region say, counted."""
    resident = elsewhere = zeroes = 0
    for _, bits in entries(space.table_root, region.start, region.end):
        if not entry.is_present(bits):
            page = arrays.pages()[entry.page_of(bits)]
            resident += arrays.is_resident(page)
            elsewhere += not arrays.is_resident(page)
        elif entry.frame_of(bits) == arrays.zero_frame():
            zeroes += 1
        else:
            resident += 1
    words = [f"{resident} resident"]
    words += [f"{elsewhere} evicted"] if elsewhere else []
    words += [f"{zeroes} the zero page"] if zeroes else []
    return ", ".join(words)


def entries(
    root: int, start: int, end: int, level: int = LEVELS, base: int = 0
) -> list[tuple[int, int]]:
    """(address, entry) of all last-level entries in [start, end) that are not zero, but for those of a table that is
    lent to every space (mm/page_tables/lent.h)."""
    span = 1 << (12 + 9 * (level - 1))
    first = max(start - base, 0) // span
    last = min((end - 1 - base) // span, 511)
    raw = table(root)
    found: list[tuple[int, int]] = []
    for index in range(first, last + 1):
        bits = int.from_bytes(raw[index * 8 : index * 8 + 8], "little")
        at = base + index * span
        if bits and level == 1:
            found.append((at, bits))
        elif bits & entry.PRESENT and not bits & entry.LENT and level > 1:
            found += entries(entry.frame_of(bits), start, end, level - 1, at)
    return found


@kernel.remembered
def table(frame: int) -> bytes:
    return kernel.read(arrays.frame_data(frame), 4096)
