"""What the pages of a run were: of which program, in which region. By the kernel's trace of the same run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tracing.check import NONE
from tracing.reader import Trace, Who
from tracing.regions import Region, Regions
from tracing.words import rights

PAGE = 4096
KERNEL_HALF = 1 << 35  # of a page
KERNEL_PLACES = (  # the first page of each part of the kernel's half (arch/layout.h), rising
    (0x8_0000_0000, "all of memory"),
    (0xC_0000_0000, "kernel stacks"),
    (0xD_0000_0000, "trace"),
    (0xF_FFF8_0000, "code and data"),
    (0xF_FFFC_0000, "devices"),
)
KERNEL = "the kernel"
SHARED = {0x7_FFFF_8100: "[vvar] r--", 0x7_FFFF_8101: "[vdso] r-x"}  # mm/address_spaces/shared_code.h


@dataclass(frozen=True)
class Place:
    """A region, as it was last promised."""

    start: int  # its first page
    pages: int
    what: str


class Places:
    """Programs and regions of all spaces that there ever were."""

    def __init__(self, trace_file: Path):
        trace = Trace(trace_file)
        who, regions = Who(trace), Regions(trace)
        self.programs: dict[int, str] = {}  # by space
        self.ever: dict[int, dict[int, Place]] = {}  # by space and first page, in the order of being promised
        ends = {trace.number[name] for name in ("map", "grow")}
        begins = {trace.number[name] for name in ("process", "exec")}
        for record in trace:
            who.follow(record)
            regions.follow(record)
            if record.event in begins and record.space:
                self._name(who, record.space)
            if record.event in ends:
                self._keep(who, record.space, regions.spaces.get(record.space, []), record.address)

    def _name(self, who: Who, space: int) -> None:
        process = who.of_space.get(space)
        if process is not None:
            self.programs[space] = who.program(process)

    def _keep(self, who: Who, space: int, regions: list[Region], address: int) -> None:
        """The region that begins there, or is grown to it."""
        for region in regions:
            if region.start <= address < region.end:
                place = Place(region.start // PAGE, (region.end - region.start) // PAGE, told(region, who))
                kept = self.ever.setdefault(space, {})
                kept.pop(place.start, None)
                kept[place.start] = place

    def program(self, space: int) -> str:
        return self.programs.get(space, KERNEL if space == 0 else f"space {space}")

    def place(self, space: int, page: int) -> Place:
        """The region of a page, the one promised last if there were several."""
        if page >= KERNEL_HALF:
            start, what = next(each for each in reversed(KERNEL_PLACES) if page >= each[0])
            return Place(start, 0, what)
        for place in reversed(self.ever.get(space, {}).values()):
            if place.start <= page < place.start + place.pages:
                return place
        return Place(page, 1, SHARED.get(page, "?"))


def told(region: Region, who: Who) -> str:
    name = who.objects.get(region.object, "shared memory").rpartition("/")[2]
    kind = "stack" if region.stack else "zeroes" if region.object == NONE else name
    return f"{kind} {rights(region.access)}"
