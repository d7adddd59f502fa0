"""A test of pages that go out and come in, as a story: of one group, which is told to give up all that it has.

All that the program itself is made of is wired first. So what goes is the test's own pages, and when they go is
the story's: `take_out` has the group give up everything at once; until its frames are used again a page can be rescued;
`flood` has other memory use all frames there are. Some touches are timed, by the processor's own counter: with a slow
disk it shows whether the disk was waited for.
"""

from __future__ import annotations

from labbing import groups
from labbing.assembly import MASK, READ_ONLY, data_word
from labbing.expectation import Relation
from labbing.leaving import SHARED, LeavingMemory
from labbing.memory import WHOLE, Area, Cell, Due
from labbing.paging_rules import PRIVATE, STORED
from labbing.story import AREA_EACH, ELSEWHERE, NAMES, WINDOW, Story
from labbing.touching import MPROTECT, SIGBUS, SIGSEGV, WRITTEN, Touching, refused

DENIED, LOST = refused(SIGSEGV, 2), refused(SIGBUS, 2)
FROM_DISK, FROM_MEMORY = 0x6469736B, 0x6D656D6F  # what a timed touch tells
RESCUED, READ_AGAIN, RIGHTS, WIRED, FAILED = "S10", "S12", "S4", "S8", "S14"
GROUP = "group"
CROWD = 1024  # pages that are wired beside, so that few frames are left
FLOOD = 950  # pages: more than are left then of the smallest machine's frames


class Timing(Touching):
    """Parts of programs that look at the clock."""

    def read_timed(self, process: int, address: int, limit: int) -> None:
        """The word into r9; into rdx, whether that took so many nanoseconds."""
        self.say(process, *TIME, "mov r8, rax")
        self.touch(process, address, "mov rdx, [rdi]")
        self.say(process, "mov r9, rdx", *TIME, "sub rax, r8", f"cmp rax, {limit}")
        self.say(process, f"mov edx, {FROM_MEMORY}", f"mov ecx, {FROM_DISK}", "cmovae edx, ecx")


TIME = ("rdtsc", "shl rdx, 32", "or rax, rdx")


class PagingStory(Story):
    """One test. `latency`: of the disk that timed touches are about, in microseconds. `crowd`: so many pages, most
    of memory, are wired, and nobody asks for them."""

    model = LeavingMemory
    code: Timing
    memory: LeavingMemory
    read_again = ""  # pages that are never rescued, by another rule: those that are PRIVATE, or STORED

    def __init__(self, title: str, seed: str, processes: int = 1, latency: int = 0, crowd: int = 0):
        super().__init__(title, seed, processes, ("the program",) if processes == 1 else NAMES)
        self.code = Timing(self.nonce, processes)
        self.latency = latency
        self.kept: set[int] = set()  # addresses of pages that went, and whose frames nobody has used since
        self.flooding: Area | None = None
        self.files: list[Area] = []  # whose pages need no slot
        self.origins |= {
            f"{DENIED:x}": "SIGSEGV, SEGV_ACCERR",
            f"{LOST:x}": "SIGBUS, BUS_ADRERR",
            f"{WRITTEN:x}": "no signal: the write was done",
            f"{FROM_DISK:x}": "as long as the disk takes, or longer",
            f"{FROM_MEMORY:x}": "less than half of what the disk takes",
        }
        self.phase(0, "wires all that it is made of")
        self.code.wire_all(0)
        for first in range(0, crowd, CROWD):
            self.wire(0, self.area("crowd", min(CROWD, crowd - first), judged=False))

    # --- the group ---

    def begin_group(self, frames: int | None = None) -> None:
        """From now on what the first process and its children have brought in is charged to a group."""
        self.phase(0, "joins a group" + (f" of {frames} frames" if frames else ""))
        groups.make(self.code, 0, GROUP, frames or 0)
        self.join(GROUP)

    def join(self, group: str) -> None:
        groups.join(self.code, 0, group)

    def reserve(self, frames: int) -> None:
        """The paging daemon begins when twice as many are left, and goes on until three times as many are free."""
        self.phase(0, "has more frames kept free")
        self.code.write_file(0, "/proc/sys/vm/min_free_kbytes", str(frames * 4))

    def is_read_again(self, area: Area) -> bool:
        """Though frames still hold its pages."""
        which = self.read_again
        return area not in self.files and (which == STORED or (which == PRIVATE and not area.shared))

    def take_out(self, *areas: Area, kept: bool = False) -> None:
        """All that the group has goes: these areas are all there is. `kept`: it must be rescued, until a flood; but for
        what a rule says is read again."""
        self.phase(0, "has all that the group has taken out")
        groups.take(self.code, 0, GROUP)
        for area in areas:
            self.memory.leave(area)
            if kept and not self.is_read_again(area):
                self.kept |= {area.base + page * 4096 for page in range(area.pages)}
            else:
                self.evicted(area)

    def flood_area(self) -> None:
        """Once, before there are children."""
        self.flooding = self.area("flood", FLOOD, judged=False)

    def flood(self) -> None:
        """Other memory is written, more than there is: no frame holds any longer what it held."""
        assert self.flooding
        self.phase(0, "writes to more pages than there are frames")
        self.join("")
        self.fill(0, self.flooding)
        while self.kept:
            self.frames.pop(self.kept.pop(), None)
        self.end_pages(0, self.flooding)
        self.join(GROUP)

    # --- mappings ---

    def data_file(self, name: str, pages: int) -> Area:
        """The image's file, which a disk must read; it cannot be written."""
        area = Area(name, WINDOW + len(self.areas) * AREA_EACH, pages)
        self.areas.append(area)
        self.files.append(area)
        self.code.map_data(0, area.base, pages * 4096)
        self.data = pages
        for page in range(pages):
            self.memory.put(0, area, page, data_word(page))
            self.origins[f"{data_word(page):x}"] = f"what stands on page {page} of the file"
        return area

    def protect(self, who: int, area: Area) -> None:
        """From now on it is read only."""
        self.code.call(who, MPROTECT, area.base, area.pages * 4096, READ_ONLY)

    # --- touches ---

    def read_timed(self, who: int, area: Area, page: int, disk: bool, sentence: str) -> None:
        """And how long it took: did it wait for the disk?"""
        address, name = area.base + page * 4096, self.name(area, page)
        self.code.read_timed(who, address, self.latency * 1000 // 2)
        self.due(area, page, self.memory.read(who, area, page))
        cell = self.touched(who, area, page)
        self.tell(who, cell.words.get(0, 0), f"{self.names[who]} reads {name}", WHOLE, "r9")
        self.tell(
            who, FROM_DISK if disk else FROM_MEMORY, f"the time of that touch of {name}", sentence, "rdx"
        )

    def refused_write(self, who: int, area: Area, page: int) -> None:
        """It has gone, or is there: a write is refused, and takes one fault."""
        self.code.write(who, area.base + page * 4096)
        self.next_value(who)
        self.due(area, page, Due(1, 1, RIGHTS, "a write to what may only be read"))
        self.tell(who, DENIED, f"{self.names[who]} writes to {self.name(area, page)}", RIGHTS, "rdx")

    def failing_read(self, who: int, area: Area, page: int) -> None:
        """The disk fails, and the page stays away."""
        self.code.read(who, area.base + page * 4096)
        self.due(area, page, Due(1, 1, FAILED, "its slot cannot be read"))
        self.tell(who, LOST, f"{self.names[who]} reads {self.name(area, page)}", FAILED, "rdx")

    def count_together(self, area: Area, rounds: int, one: int = 0, other: int = 1) -> None:
        """Two processes at once add to a word of their own in every page, so often."""
        self.phase(one, f"and {self.names[other]} at once count in every page of {area.name}")
        self.code.give_baton(one, other)
        for who in (one, other):
            self.code.count(who, area.base + 8 * (who + 1), area.pages, rounds)
            for page in range(area.pages):
                cell = self.memory.cell(who, area, page)
                counted = (cell.words.get(who + 1, 0) if cell else 0) + rounds
                self.memory.write(who, area, page, who + 1, counted)
                self.origins[f"{counted:x}"] = f"what was counted there, {counted}"
        self.code.give_baton(other, one)
        self.code.await_baton(other)
        self.code.await_baton(one)

    def sum_words(self, who: int, area: Area, word: int) -> None:
        """That word of every page, in one number."""
        self.code.sum(who, area.base + 8 * word, area.pages)
        total = 0
        for page in range(area.pages):
            self.memory.read(who, area, page)
            cell = self.memory.cell(who, area, page)
            total += cell.words.get(word, 0) if cell else 0
        self.origins.setdefault(f"{total & MASK:x}", f"{total}, the sum of all that was counted there")
        self.tell(who, total & MASK, f'{self.names[who]} adds up word {word} of "{area.name}"', WHOLE, "rdx")

    # --- what that means ---

    def touched(self, who: int, area: Area, page: int) -> Cell:
        cell = super().touched(who, area, page)
        self.kept.discard(area.base + page * 4096)
        return cell

    def relate(self, area: Area, page: int, before: tuple[int, object, Cell], cell: Cell) -> None:
        """A page that went, and is back before its frame was used, has that frame."""
        address = area.base + page * 4096
        count = len(self.relations)
        super().relate(area, page, before, cell)
        if len(self.relations) >= count and self.relations and self.relations[-1].page == address:
            last: Relation = self.relations[-1]
            rescued = last.same and address in self.kept
            last.sentence = RESCUED if rescued else SHARED if last.same else RIGHTS
