"""What a program must find in memory, how many faults it may take, and which frames must be the same:
a model of private and shared pages under fork, that knows what the specification leaves free.

A *cell* is the contents of one page with the processes that hold it. Where a kernel may choose, a bound
says so: the last owner of a page may write in place, with a fault or without; who only reads a new page
may be given a frame at once, so that a later write takes none.
"""

from __future__ import annotations

from dataclasses import dataclass, field

# Sentences of the specification that touches of pages are about.
ARRIVES, READS_FREE, FIRST_WRITE, LAST_OWNER, SHARED_STAYS, ZERO_STAYS = "S0", "S4", "S5", "S6", "S7", "S8"
WHOLE, NO_COPY, NO_COPY_YET = "S1", "S2", "S3"


@dataclass(frozen=True)
class Area:
    """A mapping of the program's."""

    name: str
    base: int
    pages: int
    shared: bool = False
    judged: bool = True
    of: Area | None = None  # private: the shared mapping of the same file


@dataclass
class Cell:
    """One page's contents."""

    words: dict[int, int] = field(default_factory=dict)
    holders: set[int] = field(default_factory=set)
    writable: set[int] = field(default_factory=set)  # who has written since the last fork
    read_only: bool = False  # nobody has ever written it: zeroes
    frame: object = field(default_factory=object)  # the same object: surely the same frame


@dataclass
class Due:
    """How many faults a touch takes, and why."""

    least: int
    most: int
    sentence: str
    why: str
    protection: bool = True  # may it be one on a page that is there?


FILE = -1  # among the holders of a page: the file


class Memory:
    """Of all processes."""

    def __init__(self) -> None:
        self.cells: dict[tuple[int, Area, int], Cell] = {}
        self.shared: dict[tuple[Area, int], Cell] = {}
        self.mapped: dict[tuple[int, Area, int], bool] = {}  # shared pages: surely, or perhaps (False)

    def cell(self, process: int, area: Area, page: int) -> Cell | None:
        return self.shared.get((area, page)) if area.shared else self.cells.get((process, area, page))

    def fork(self, parent: int, child: int) -> None:
        for (process, area, page), cell in list(self.cells.items()):
            if process == parent and FILE not in cell.holders:  # of a file's the child may have no entry
                self.cells[child, area, page] = cell
                cell.holders.add(child)
                cell.writable.clear()
        for (process, area, page) in list(self.mapped):
            if process == parent:
                self.mapped[child, area, page] = False

    def end(self, process: int) -> None:
        for _, area, page in [key for key in self.cells if key[0] == process]:
            self.forget(process, area, page)
        for key in [key for key in self.mapped if key[0] == process]:
            del self.mapped[key]

    def forget(self, process: int, area: Area, page: int) -> None:
        """A private page ends, and its address is as new."""
        cell = self.cells.pop((process, area, page), None)
        if cell is not None:
            cell.holders.discard(process)
            cell.writable.discard(process)

    def touch_shared(self, process: int, area: Area, page: int) -> Due:
        known = self.mapped.get((process, area, page))
        self.mapped[process, area, page] = True
        self.shared.setdefault((area, page), Cell())
        if known is None:
            return Due(1, 1, ARRIVES, "the first touch of a page of a shared mapping", protection=False)
        if known:
            return Due(0, 0, SHARED_STAYS, "a page of a shared mapping, which was there before", protection=False)
        return Due(0, 1, SHARED_STAYS, "a page of a shared mapping, inherited", protection=False)

    def read(self, process: int, area: Area, page: int) -> Due:
        if area.shared:
            return self.touch_shared(process, area, page)
        if (process, area, page) in self.cells:
            return Due(0, 0, READS_FREE, "it is only read, and was there before")
        if area.of:
            self.cells[process, area, page] = self.file_page(process, area, page)
            return Due(0, 1, ARRIVES, "the first touch of a page of a private mapping of a file")
        self.cells[process, area, page] = Cell(holders={process}, read_only=True)
        return Due(1, 1, ARRIVES, "the first touch of a new page")

    def file_page(self, process: int, area: Area, page: int) -> Cell:
        """Until he writes, it is the file's page that he sees, which the file holds, too."""
        assert area.of
        cell = self.shared.setdefault((area.of, page), Cell())
        cell.holders |= {FILE, process}
        return cell

    def write(self, process: int, area: Area, page: int, word: int, value: int) -> Due:
        if area.shared:
            due = self.touch_shared(process, area, page)
        else:
            due = self.own(process, area, page)
        cell = self.cell(process, area, page)
        assert cell is not None
        cell.words[word] = value
        return due

    def own(self, process: int, area: Area, page: int) -> Due:
        """Before it writes, it has the page for itself."""
        key = (process, area, page)
        cell = self.cells.get(key)
        if cell is None and area.of:
            of_file = self.file_page(process, area, page)
            of_file.holders.discard(process)
            self.cells[key] = Cell(dict(of_file.words), {process}, {process})
            return Due(1, 2, ARRIVES, "the first touch of a page of a private mapping of a file is a write")
        if cell is None:
            self.cells[key] = Cell(holders={process}, writable={process})
            return Due(1, 1, ARRIVES, "the first touch of a new page")
        if process in cell.writable:
            return Due(0, 0, FIRST_WRITE, "it has written there before, and nobody has forked since")
        if len(cell.holders) > 1:
            cell.holders.discard(process)
            self.cells[key] = Cell(dict(cell.words), {process}, {process})
            sentence = ZERO_STAYS if cell.read_only else FIRST_WRITE
            return Due(1, 1, sentence, "the first write to a page that another process holds too")
        cell.writable.add(process)
        cell.frame = object()  # copied or not: as the kernel likes
        if cell.read_only:
            cell.read_only = False
            return Due(0, 1, ARRIVES, "the first write to a page that was only read")
        return Due(0, 1, LAST_OWNER, "the first write by the last who holds the page")

    def rounds(self, area: Area, page: int, count: int) -> Due:
        """So often: a child writes to the page, and ends; then its parent does."""
        why = f"the first write of each of {count} children, and that of the last owner after each"
        return Due(count, 2 * count, FIRST_WRITE, why)

    def leave(self, area: Area) -> None:
        """Its pages go, and have no frame until somebody touches them. The next touch may be a fault: these are not
        counted here."""


class AtOnce(Memory):
    """Another rule: fork copies a page at once if its number leaves this rest, and if it has a frame."""

    of, rest = 16, 0

    def __init__(self) -> None:
        super().__init__()
        self.away: set[tuple[Area, int]] = set()

    def is_one(self, area: Area, page: int) -> bool:
        return not area.shared and (area.base // 4096 + page) % self.of == self.rest

    def read(self, process: int, area: Area, page: int) -> Due:
        self.away.discard((area, page))
        return super().read(process, area, page)

    def write(self, process: int, area: Area, page: int, word: int, value: int) -> Due:
        self.away.discard((area, page))
        return super().write(process, area, page, word, value)

    def fork(self, parent: int, child: int) -> None:
        before = {id(cell): set(cell.writable) for cell in self.cells.values()}
        super().fork(parent, child)
        for (process, area, page), cell in list(self.cells.items()):
            copied = self.is_one(area, page) and (area, page) not in self.away
            if process == child and not cell.read_only and copied:
                cell.holders.discard(child)
                cell.writable |= before[id(cell)]
                self.cells[process, area, page] = Cell(dict(cell.words), {child}, {child})

    def own(self, process: int, area: Area, page: int) -> Due:
        due = super().own(process, area, page)
        if not due.most and self.is_one(area, page):
            due.why = "fork has copied it, or nobody has forked"
        return due

    def rounds(self, area: Area, page: int, count: int) -> Due:
        if self.is_one(area, page):
            return Due(0, 0, NO_COPY, "each fork has copied it")
        return super().rounds(area, page, count)

    def leave(self, area: Area) -> None:
        self.away |= {(area, page) for page in range(area.pages)}
