"""vm audit: what must always hold, recomputed from outside, without running the kernel.

The numbers are those of mm/check/audit.c. The machine may stand still in the middle of a change;
then what is told may be true for the moment only, and the audit says so.
"""

from __future__ import annotations

from collections import Counter

from vm import arrays, entry, groups, kernel, spaces, swaps, walking
from vm.kernel import Record
from vm.words import NONE, Command, Complaint, many, say

MOST = 20


class Audit(Command):
    """Recompute what must always hold: vm audit.

    Holders, mappers, frames and pages that name each other, slots, rights, free frames, and
    sums, from the page tables alone. Nothing is run in the kernel."""

    name = "audit"
    most = 0

    def run(self, _plain: list[str], _named: dict[str, str]) -> None:
        found = Auditor().everything()
        if kernel.number("mm"):
            say(
                "the mm lock is held: a change is under way, and some may be true for the moment"
                " only"
            )
        for line in found[:MOST]:
            say(f"  {line}")
        if len(found) > MOST:
            say(f"  … and {len(found) - MOST} more")
        say(f"{many(len(found), 'invariant')} broken" if found else "all invariants hold")


class Auditor:
    """Counts made on the way through all tables."""

    def __init__(self) -> None:
        self.frames = list(arrays.frames())
        self.pages = list(arrays.pages())
        self.holders: Counter[int] = Counter()
        self.mappers: dict[int, set[int]] = {}
        self.zero = arrays.zero_frame()
        self.broken: list[str] = []

    def check(self, invariant: int, holds: bool, words: str) -> None:
        if not holds:
            self.broken.append(f"invariant {invariant}: {words}")

    def everything(self) -> list[str]:
        for space in spaces.spaces():
            self.space(space)
        for index, page in enumerate(self.pages):
            self.page(index, page)
        for index, frame in enumerate(self.frames):
            self.frame(index, frame)
        self.sums()
        return self.broken

    def space(self, space: Record) -> None:
        """1, 5, 6, 8, 9: every entry against its region."""
        regions = spaces.regions(space.address)
        promised = sum(region.end - region.start for region in regions)
        self.check(
            8,
            promised == space.promised and len(regions) == space.region_count,
            (
                f"space {space.id} has {promised} bytes in {len(regions)} regions, "
                f"counts {space.promised} in {space.region_count}"
            ),
        )
        place = 0
        for at, bits in walking.entries(space.table_root, 0, 1 << 47):
            while place < len(regions) and regions[place].end <= at:
                place += 1
            region = regions[place] if place < len(regions) and regions[place].start <= at else None
            self.check(
                8, region is not None, f"space {space.id}: an entry at {at:#x}, outside all regions"
            )
            self.entry(space, region, at, bits)

    def entry(self, space: Record, region: Record | None, at: int, bits: int) -> None:
        where = f"space {space.id} at {at:#x}"
        if not entry.is_present(bits):
            page = entry.page_of(bits)
            self.check(
                1, page < len(self.pages), f"{where} names page {page}, which there cannot be"
            )
            self.holders[page] += 1
            return
        frame = entry.frame_of(bits)
        writable = bool(bits & entry.WRITABLE)
        if frame == self.zero:
            self.check(5, not writable, f"{where} may write to the zero page")
            return
        self.check(
            9, frame < len(self.frames) and bool(bits & entry.USER), f"{where}: entry {bits:#x}"
        )
        if frame >= len(self.frames):
            return
        step = walking.leaf(space.table_root, at)
        if step is not None:
            self.mappers.setdefault(frame, set()).add(step.table * 512 + step.index)
        state, page = arrays.state(self.frames[frame]), self.frames[frame].page
        self.check(6, state == arrays.RESIDENT, f"{where} maps frame {frame}, which is {state}")
        if page >= len(self.pages):
            return
        self.holders[page] += 1
        each = self.pages[page]
        alone = each.holders == 1 and not each.object
        shared = region is not None and bool(region.shared)
        self.check(
            5,
            not writable or shared or alone,
            f"{where} can write page {page}, which has {many(each.holders, 'holder')}",
        )

    def page(self, index: int, page: Record) -> None:
        """1, 3: holders, and the frame that points back."""
        counted = self.holders[index] + bool(page.object)
        self.check(
            1, page.holders == counted, f"page {index} has {counted} holders, counts {page.holders}"
        )
        if page.holders and page.frame != NONE:
            names = page.frame < len(self.frames) and self.frames[page.frame].page == index
            self.check(3, names, f"page {index} is in frame {page.frame}, which does not hold it")

    def frame(self, index: int, frame: Record) -> None:
        """2, 3: mappers, and the page that points back."""
        state = arrays.state(frame)
        if state == arrays.RESIDENT and index != self.zero:
            names = frame.page < len(self.pages) and self.pages[frame.page].frame == index
            self.check(3, names, f"frame {index} holds page {frame.page}, which is not there")
            try:
                listed = arrays.mappers(frame)
            except Complaint as error:
                self.check(2, False, f"frame {index}: {error}")
                return
            real = self.mappers.get(index, set())
            self.check(
                2,
                set(listed) == real and len(listed) == len(real),
                (
                    f"frame {index} lists {many(len(listed), 'mapper')}, {len(real)} entries point"
                    " to it"
                ),
            )

    def sums(self) -> None:
        """4, 8: slots, free frames, charges."""
        counts = kernel.value("frame_counts")
        free = sum(1 for frame in self.frames if arrays.state(frame) == arrays.FREE)
        self.check(
            8,
            free == int(counts["free"]),
            f"{free} frames are FREE, {int(counts['free'])} are counted",
        )
        used = int(kernel.value("swap_counts")["used"])
        owned = len(swaps.owners())
        self.check(4, used == owned, f"{used} slots are taken, {owned} pages have one")
        charged = Counter(
            frame.group
            for index, frame in enumerate(self.frames)
            if arrays.state(frame) in (arrays.RESIDENT, arrays.BUSY)
            and not frame.wired
            and index != self.zero
        )
        for index, group in enumerate(groups.groups()):
            if group.in_use:
                self.check(
                    8,
                    charged[index] == group.charged,
                    f"group {index} has {charged[index]} frames, counts {group.charged}",
                )
                self.check(8, group.charged <= group.limit, f"group {index} is above its limit")
