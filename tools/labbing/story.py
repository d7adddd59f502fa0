"""A test told as a story: who maps, reads, writes, forks and ends, one step after the other.

Each step is written into the program and done in the model at once, so that the two cannot differ.
A *phase* is a stretch of steps by one process; a mark begins it, and each single read has a mark too,
which hands what was read to the host.
"""

from __future__ import annotations

import random

from labbing.assembly import (
    ANONYMOUS,
    INCREMENT,
    LAST,
    MADVISE,
    MASK,
    MULTIPLIER,
    POPULATE_WRITE,
    PRIVATE,
    SHARED,
    Assembly,
)
from labbing.expectation import Bound, Expectation, Phase, Relation, Told
from labbing.memory import FIRST_WRITE, NO_COPY_YET, SHARED_STAYS, WHOLE, Area, Cell, Due, Memory

WINDOW, AREA_EACH = 0x700000000000, 0x400000
ELSEWHERE = 0x500000000000  # areas that are not judged page by page
NAMES = ("the parent", "the child", "the second child", "the third child", "the fourth child")


class Story:
    """One test."""

    model: type[Memory] = Memory

    def __init__(self, title: str, seed: str, processes: int = 2, names: tuple[str, ...] = NAMES):
        self.random = random.Random(seed)
        self.nonce = self.random.getrandbits(62) | 1
        self.title = title
        self.names = names
        self.code = Assembly(self.nonce, processes)
        self.memory = self.model()
        self.areas: list[Area] = []
        self.stream = [self.nonce] + [0] * (processes - 1)
        self.holder = 0  # of the baton
        self.forked = -1  # the phase in which somebody forked last
        self.phases: list[Phase] = []
        self.told: list[Told] = []
        self.bounds: list[dict[int, Bound]] = []
        self.frames: dict[int, list[tuple[int, object, Cell]]] = {}  # page: what was there, phase by phase
        self.relations: list[Relation] = []
        self.origins: dict[str, str] = {}
        self.data = 0  # pages of the image's file

    # --- what can happen ---

    def area(self, name: str, pages: int, shared: bool = False, judged: bool = True) -> Area:
        """A mapping of the parent's, before it forks."""
        base = (WINDOW if judged else ELSEWHERE) + len(self.areas) * AREA_EACH
        area = Area(name, base, pages, shared, judged)
        ends = [each.base + each.pages * 4096 for each in self.areas if each.base < base]
        assert all(end <= base for end in ends), f"{name} lies in another area"
        self.areas.append(area)
        self.code.map(0, area.base, area.pages * 4096, (SHARED if shared else PRIVATE) | ANONYMOUS)
        return area

    def file(self, name: str, pages: int) -> tuple[Area, Area]:
        """Two mappings of a new file of the parent's: what is written to the first, everybody sees; what to
        the second, only who wrote it."""
        descriptor = self.code.make_file(0, pages * 4096)
        base = WINDOW + len(self.areas) * AREA_EACH
        shared = Area(name, base, pages, shared=True)
        private = Area(f"private {name}", base + AREA_EACH, pages, of=shared)
        self.areas += [shared, private]
        for area, how in ((shared, SHARED), (private, PRIVATE)):
            self.code.map(0, area.base, pages * 4096, how, descriptor)
        return shared, private

    def evicted(self, area: Area) -> None:
        """Its pages may have gone and come back: in other frames than before, the same for all who hold one."""
        for page in range(area.pages):
            self.frames.pop(area.base + page * 4096, None)

    def phase(self, who: int, what: str) -> None:
        """From here on it is `who` who acts."""
        self.turn(who)
        self.phases.append(Phase(self.names[who], what))
        self.bounds.append({})
        self.code.comment(who, f"phase {len(self.phases) - 1}: {self.names[who]} {what}")
        self.tell(who, self.stream[who], f"{self.names[who]} comes to where it {what}", WHOLE)

    def read(self, who: int, area: Area, page: int, word: int = 0, sentence: str = WHOLE) -> None:
        self.code.read(who, area.base + page * 4096 + word * 8)
        self.due(area, page, self.memory.read(who, area, page))
        cell = self.touched(who, area, page)
        what = f"{self.names[who]} reads {self.name(area, page)}"
        self.tell(who, cell.words.get(word, 0), what, sentence, "rdx")

    def write(self, who: int, area: Area, page: int, word: int = 0) -> None:
        self.code.write(who, area.base + page * 4096 + word * 8)
        value = self.next_value(who)
        self.due(area, page, self.memory.write(who, area, page, word, value))
        self.touched(who, area, page)
        when = f"after the fork in phase {self.now}" if self.forked == self.now else f"in phase {self.now}"
        self.origins[f"{value:x}"] = f"what {self.names[who]} wrote to {self.name(area, page)} {when}"

    def wire(self, who: int, area: Area) -> None:
        """Its pages, all of which are there, may not go: for this process, and not for its children."""
        self.code.wire(who, area.base, area.pages * 4096)

    def bring_in(self, who: int, area: Area) -> None:
        """A frame for every page, by one call instead of a fault each, where nobody asks about these faults."""
        self.code.call(who, MADVISE, area.base, area.pages * 4096, POPULATE_WRITE)

    def end_pages(self, who: int, area: Area) -> None:
        """All pages of a private mapping end for this process, and the mapping stays."""
        self.code.forget(who, area.base, area.pages * 4096)
        for page in range(area.pages):
            self.memory.forget(who, area, page)
            self.frames.pop(area.base + page * 4096, None)

    def fill(self, who: int, area: Area, pages: int | None = None) -> None:
        """The first word of every page; not judged page by page."""
        count = pages or area.pages
        self.code.fill(who, area.base, count)
        for page in range(count):
            self.memory.write(who, area, page, 0, self.next_value(who))

    def sum(self, who: int, area: Area, sentence: str = WHOLE) -> None:
        """The first words of every page, in one number."""
        self.code.sum(who, area.base, area.pages)
        total = 0
        for page in range(area.pages):
            self.memory.read(who, area, page)
            cell = self.memory.cell(who, area, page)
            total += cell.words.get(0, 0) if cell else 0
        self.origins.setdefault(f"{total & MASK:x}", "the sum of all that was written there")
        self.tell(who, total & MASK, f'{self.names[who]} adds up all of "{area.name}"', sentence, "rdx")

    def fork(self, parent: int, child: int) -> None:
        salt = self.random.getrandbits(62)
        self.code.fork(parent, child, salt)
        self.memory.fork(parent, child)
        self.forked = self.now
        self.stream[child] = self.stream[parent] ^ salt

    def rounds(self, who: int, count: int, area: Area) -> None:
        """So often: a child that writes to every page of the area, and ends; then `who` writes there."""
        self.code.rounds(who, count, area.base, area.pages)
        self.origins["1"] = f"what {self.names[who]} wrote in phase {self.now}"
        for page in range(area.pages):
            cell = self.memory.cell(who, area, page)
            assert cell is not None
            cell.words[0], cell.frame = 1, object()
            self.due(area, page, self.memory.rounds(area, page, count))

    def end(self, who: int, parent: int) -> None:
        """It ends, and its parent, who has waited for that, goes on."""
        self.turn(who)
        self.code.give_baton(who, parent)
        self.code.end(who)
        self.code.wait(parent)
        self.holder = parent
        self.memory.end(who)

    # --- what that means ---

    @property
    def now(self) -> int:
        return len(self.phases) - 1

    def name(self, area: Area, page: int) -> str:
        return f'page {page} of "{area.name}"'

    def turn(self, who: int) -> None:
        if self.holder != who:
            self.code.give_baton(self.holder, who)
            self.code.await_baton(self.holder)
            self.holder = who

    def tell(self, who: int, value: int, what: str, sentence: str, register: str = "r13") -> None:
        self.code.mark(who, len(self.told), register)
        self.told.append(Told(self.now, value, what, sentence))

    def next_value(self, who: int) -> int:
        self.stream[who] = (self.stream[who] * MULTIPLIER + INCREMENT) & MASK
        return self.stream[who]

    def due(self, area: Area, page: int, due: Due) -> None:
        if not area.judged:
            return
        address = area.base + page * 4096
        known = self.bounds[-1].get(address)
        if known is None:
            name = self.name(area, page)
            bound = Bound(address, name, due.least, due.most, due.sentence, due.why, due.protection)
            self.bounds[-1][address] = bound
            return
        if known.most == 0 and due.most:
            known.sentence, known.why = due.sentence, due.why
        known.least, known.most = known.least + due.least, known.most + due.most
        known.protection |= due.protection and due.most > 0

    def touched(self, who: int, area: Area, page: int) -> Cell:
        """Which frame is behind it now, as against what was there in earlier phases."""
        cell = self.memory.cell(who, area, page)
        assert cell is not None
        if area.judged:
            seen = self.frames.setdefault(area.base + page * 4096, [])
            if seen and seen[-1][0] == self.now:
                seen.pop()
            if seen:
                self.relate(area, page, seen[-1], cell)
            seen.append((self.now, cell.frame, cell))
        return cell

    def relate(self, area: Area, page: int, before: tuple[int, object, Cell], cell: Cell) -> None:
        earlier, frame, other = before
        address = area.base + page * 4096
        self.relations = [r for r in self.relations if (r.page, r.later) != (address, self.now)]
        same = frame is cell.frame
        moved = other.frame is not frame or not other.holders  # its owner moved it, or it is gone
        if not same and (moved or (other.read_only and cell.read_only)):
            return  # any frame will do
        sentence = SHARED_STAYS if area.shared else NO_COPY_YET if same else FIRST_WRITE
        self.relations.append(Relation(address, self.name(area, page), earlier, self.now, same, sentence))

    def finish(
        self, test: str, points: int, judged: list[str], ram: str, swap: str, budget: int
    ) -> Expectation:
        self.phase(0, "ends")
        self.code.mark(0, LAST)
        self.code.end(0)
        judged_areas = [area for area in self.areas if area.judged]
        high = max((area.base + area.pages * 4096 for area in judged_areas), default=WINDOW)
        return Expectation(
            id=test,
            title=self.title,
            points=points,
            nonce=self.nonce,
            ram=ram,
            budget=budget,
            judged=judged,
            swap=swap,
            window=[WINDOW, high],
            phases=self.phases,
            told=self.told,
            bounds=[list(bounds.values()) for bounds in self.bounds],
            relations=self.relations,
            origins=self.origins,
            data=self.data,
        )
