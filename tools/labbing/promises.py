"""What regions promise, and what a touch of a page must come to: a signal, or contents and so many faults.

A model of private and shared mappings, of rights page by page, of files that end, and of stacks that grow. It knows
what the specification leaves free: who only reads a new page may get a frame at once or none; a private page of a
file may be written at the first fault or at the second; what lost a right, or was inherited, may fault once more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from labbing.memory import Area, Cell, Due
from labbing.touching import PAGE, SIGBUS, SIGSEGV, refused

READ, WRITE, EXECUTE = 1, 2, 4  # as mmap has them
NO_REGION, NO_ACCESS, BEHIND_END = refused(SIGSEGV, 1), refused(SIGSEGV, 2), refused(SIGBUS, 2)
SIGNALS = {
    NO_REGION: "SIGSEGV, SEGV_MAPERR",
    NO_ACCESS: "SIGSEGV, SEGV_ACCERR",
    BEHIND_END: "SIGBUS, BUS_ADRERR",
}
# Sentences of the specification.
ONE_FAULT, UNTOUCHED, ZEROES, READ_ONLY, CONTENTS, END = "S0", "S2", "S3", "S4", "S5", "S6"
ONE_FRAME, NOWHERE, DENIED, STACK, ON_ITS_WAY = "S7", "S8", "S9", "S10", "S12"


@dataclass(eq=False)
class Object:
    """A file, or shared memory: its pages are the same for all who map it."""

    name: str
    size: int  # bytes
    contents: Callable[[int], dict[int, int]] = lambda page: {}  # of a page that nobody has touched
    descriptor: int = -1
    new: bool = True  # nobody ever wrote it: zeroes
    cells: dict[int, Cell] = field(default_factory=dict)

    def cell(self, page: int) -> Cell:
        if page not in self.cells:
            self.cells[page] = Cell(self.contents(page))
        return self.cells[page]

    def has(self, page: int) -> bool:
        """Does any byte of it lie before the end?"""
        return page * PAGE < self.size


@dataclass(frozen=True)
class Mapping(Area):
    """At one place, in one process or in several."""

    object: Object | None = None
    first: int = 0  # the object's page at the base
    grows: bool = False  # down, to what is touched


@dataclass
class Entry:
    """A page that a process has touched."""

    cell: Cell
    own: bool  # nobody else's, or not yet copied since a fork
    writable: bool
    sure: bool = True  # no fault is due, unless for a right that it never had


@dataclass
class Outcome:
    """Of a touch."""

    due: Due
    refused: int = 0
    cell: Cell | None = None


class Promises:
    """Of all processes."""

    def __init__(self) -> None:
        self.rights: dict[tuple[int, Mapping], dict[int, int]] = {}  # page: rights; none: no region
        self.entries: dict[tuple[int, Mapping, int], Entry] = {}

    def map(self, process: int, mapping: Mapping, rights: int, first: int = 0) -> None:
        self.rights[process, mapping] = dict.fromkeys(range(first, mapping.pages), rights)

    def protect(self, process: int, mapping: Mapping, pages: range, rights: int) -> None:
        for page in pages:
            self.rights[process, mapping][page] = rights
            if entry := self.entries.get((process, mapping, page)):
                entry.sure = False

    def unmap(self, process: int, mapping: Mapping, pages: range) -> None:
        for page in pages:
            self.rights[process, mapping].pop(page, None)
            self.entries.pop((process, mapping, page), None)

    def fork(self, parent: int, child: int) -> None:
        for (process, mapping), rights in list(self.rights.items()):
            if process == parent:
                self.rights[child, mapping] = dict(rights)
        for (process, mapping, page), entry in list(self.entries.items()):
            if process == parent:
                entry.sure, entry.writable = False, mapping.shared
                self.entries[child, mapping, page] = Entry(entry.cell, entry.own, mapping.shared, sure=False)

    def end(self, process: int) -> None:
        self.rights = {key: value for key, value in self.rights.items() if key[0] != process}
        self.entries = {key: value for key, value in self.entries.items() if key[0] != process}

    def touch(self, process: int, mapping: Mapping, page: int, access: int) -> Outcome:
        known = self.rights[process, mapping]
        grown = mapping.grows and page not in known and 0 <= page < mapping.pages
        if grown:
            known.update(dict.fromkeys(range(page, min(known)), known[min(known)]))
        if page not in known:
            return Outcome(Due(1, 1, NOWHERE, "a touch where there is no region"), NO_REGION)
        if not (known[page] if access == READ else known[page] & access):
            return Outcome(Due(1, 1, DENIED, "a touch that the region's rights do not allow"), NO_ACCESS)
        entry = self.entries.get((process, mapping, page))
        if entry is not None:
            return self.again(entry, access)
        if mapping.object and not mapping.object.has(mapping.first + page):
            return Outcome(Due(1, 1, END, "a touch of a page wholly behind the file's end"), BEHIND_END)
        return self.first((process, mapping, page), access, STACK if grown else ONE_FAULT)

    def first(self, key: tuple[int, Mapping, int], access: int, sentence: str) -> Outcome:
        _, mapping, page = key
        writes = access == WRITE
        due = Due(1, 1, sentence, "the first touch of a new page")
        if mapping.object is None:
            entry = Entry(Cell(read_only=not writes), own=True, writable=writes)
        else:
            due.why = "the first touch of a page of " + ("a shared" if mapping.shared else "a private") + " mapping"
            cell = mapping.object.cell(mapping.first + page)
            entry = Entry(cell, own=False, writable=mapping.shared)
            if writes and not mapping.shared:
                entry = Entry(Cell(dict(cell.words)), own=True, writable=True)
                due = Due(1, 2, ONE_FRAME, "the first touch of a page of a private mapping of a file is a write")
        self.entries[key] = entry
        return Outcome(due, cell=entry.cell)

    def again(self, entry: Entry, access: int) -> Outcome:
        """A page that was touched before."""
        perhaps = 0 if entry.sure else 1
        entry.sure = True
        due = Due(0, perhaps, ONE_FAULT, "it was touched before")
        if access == WRITE and not entry.writable:
            if entry.own:
                due = Due(0, 1 + perhaps, READ_ONLY, "the first write to a new page that was only read")
            else:
                why = "the first write to a page of a private mapping of a file, which was read before"
                due = Due(1, 1 + perhaps, ONE_FRAME, why)
            entry.cell = Cell(dict(entry.cell.words))
            entry.own = entry.writable = True
        return Outcome(due, cell=entry.cell)


class Together(Promises):
    """Another rule: the first touch of a new private page brings so many, those that begin where a page number is
    divided by this without a rest; as if each were touched so."""

    count = 2

    def first(self, key: tuple[int, Mapping, int], access: int, sentence: str) -> Outcome:
        process, mapping, page = key
        outcome = super().first(key, access, sentence)
        if mapping.object is None:
            start = page - (mapping.base // PAGE + page) % self.count
            rights = self.rights[process, mapping]
            for other in range(start, start + self.count):
                if rights.get(other) == rights[page] and (process, mapping, other) not in self.entries:
                    super().first((process, mapping, other), access, sentence)
        return outcome
