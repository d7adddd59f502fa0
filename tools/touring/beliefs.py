"""What each step of a tale comes to: in this kernel, or in the one that somebody believes in.

One model tells both. With no belief set it tells what the kernel does, and the witness must have seen the same
(measuring.py), else there is no lab. Each belief is one thing that is often held true, and is not; so a
wrong answer can be told from which belief it follows.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from touring.facts import (
    BIT_USER,
    COPY,
    FILE,
    INVALID,
    NONE,
    REUSE,
    ZERO_FILL,
    ZERO_PAGE,
    Event,
    Facts,
    Look,
    View,
    error_code,
)
from touring.program import data_value
from touring.tale import CHILD, EXECUTE, PARENT, READ, STACK_AT, WRITE, Area, Step, Tale

TOP_OF_STACK = STACK_AT - 4096  # the page that is there before the first instruction: exec has written to it


@dataclass(frozen=True)
class Beliefs:
    """All are wrong."""

    each_touch_faults: bool = False
    code_is_loaded: bool = False  # code and data are in memory when the program starts
    new_memory_is_there: bool = False  # private memory has frames as soon as it is mapped
    read_gives_frame: bool = False  # reading new memory takes a frame of its own
    zero_page_is_copied: bool = False  # the write behind a read of new memory is a copy
    file_is_written: bool = False  # a private page of a file is written in place
    stack_is_there: bool = False
    stack_comes_whole: bool = False  # what lies between comes, too
    fork_copies_all: bool = False
    fork_shares_all: bool = False  # as threads do
    only_child_copies: bool = False  # the parent keeps its right to write
    reading_copies: bool = False  # who reads after a fork gets a copy, too
    last_owner_copies: bool = False
    last_owner_may_write: bool = False  # without a fault
    shared_is_copied: bool = False  # shared memory, too, after a fork
    fork_keeps_rights: bool = False  # entries say that writing is allowed, and yet it faults
    refusal_is_no_fault: bool = False
    each_reads_image: bool = False  # who maps a page of a file has read it from the image
    faults_read_disk: bool = False  # each does
    page_start: bool = False  # a fault's address is that of its page
    next_instruction: bool = False  # it points behind the instruction
    present_means_missing: bool = False  # P in the error code says that the page was not there
    user_bit_forgotten: bool = False
    zero_page_counts: bool = False  # once for each page that shows it
    tables_count: bool = False  # page tables are counted with the pages


TRUE = Beliefs()
NUMBERS = itertools.count(1)


@dataclass(eq=False)
class Frame:
    """With the one word of it that is touched."""

    value: int = 0
    of_object: bool = False
    zero: bool = False  # the zero page
    holders: set[int] = field(default_factory=set)
    number: int = field(default_factory=lambda: next(NUMBERS))


@dataclass
class Entry:
    """Of one page of one process."""

    frame: Frame
    writable: bool


class World:
    """All processes, as steps are taken."""

    def __init__(self, tale: Tale, beliefs: Beliefs):
        self.tale, self.beliefs = tale, beliefs
        self.entries: dict[int, dict[int, Entry]] = {PARENT: {}}
        self.objects: dict[int, Frame] = {}  # by the page's address, for each is mapped at one place only
        self.zero = Frame(zero=True)
        self.set(PARENT, TOP_OF_STACK, Frame(), True)
        if beliefs.code_is_loaded:
            for area in (tale.areas["code"], tale.areas["data"]):
                for page in map(area.page, range(area.pages)):
                    self.set(PARENT, page, self.object_frame(area, page), False)

    # --- one step ---

    def take(self, step: Step) -> Event:
        entry = self.entries[step.who].get(step.page)
        kind, image = self.outcome(step, entry)
        if step.access == WRITE and not step.ends:
            self.entries[step.who][step.page].frame.value = step.value
        if step.ends:
            self.end(step.who)
        return self.event(step, kind, image, entry is not None)

    def outcome(self, step: Step, entry: Entry | None) -> tuple[str, bool]:
        """The fault's kind, and whether the image was read; what follows for the entry is done."""
        b, area = self.beliefs, self.tale.area_of(step.page)
        if area is None or not allowed(area, step.access):
            return (NONE if b.refusal_is_no_fault else INVALID), False
        if entry is None:
            return self.first(step, area)
        others = len(entry.frame.holders) > 1 and not entry.frame.of_object and not entry.frame.zero
        if not entry.writable and (step.access == WRITE or (b.reading_copies and others)):
            return self.first_write(step, entry), False
        if b.each_touch_faults:
            return (FILE if area.file >= 0 or area.shared else ZERO_FILL), False
        return NONE, False

    def first(self, step: Step, area: Area) -> tuple[str, bool]:
        """There is no entry yet."""
        b = self.beliefs
        if area.file >= 0 or area.shared:
            return self.first_of_object(step, area)
        if area.name == "stack" and b.stack_comes_whole:
            for page in range(step.page + 4096, TOP_OF_STACK, 4096):
                self.set(step.who, page, Frame(), True)
        there = b.new_memory_is_there or (area.name == "stack" and b.stack_is_there)
        if step.access == WRITE or b.read_gives_frame or there:
            self.set(step.who, step.page, Frame(), True)
            return (NONE if there else ZERO_FILL), False
        self.set(step.who, step.page, self.zero, False)
        return ZERO_PAGE, False

    def first_of_object(self, step: Step, area: Area) -> tuple[str, bool]:
        b = self.beliefs
        image = area.file >= 0 and (step.page not in self.objects or b.each_reads_image)
        frame = self.object_frame(area, step.page)
        if step.access == WRITE and not area.shared and not b.file_is_written:
            self.set(step.who, step.page, Frame(frame.value), True)
            return COPY, image
        self.set(step.who, step.page, frame, "w" in area.rights and (area.shared or b.file_is_written))
        return FILE, image

    def first_write(self, step: Step, entry: Entry) -> str:
        """The entry is there, and does not allow it."""
        b, frame = self.beliefs, entry.frame
        if frame.zero:
            self.set(step.who, step.page, Frame(), True)
            return COPY if b.zero_page_is_copied else ZERO_FILL
        if frame.of_object and b.file_is_written:
            entry.writable = True
            return NONE
        if frame.of_object or len(frame.holders) > 1 or b.last_owner_copies:
            self.set(step.who, step.page, Frame(frame.value), True)
            return COPY
        entry.writable = True
        return NONE if b.last_owner_may_write else REUSE

    def event(self, step: Step, kind: str, image: bool, there: bool) -> Event:
        b = self.beliefs
        if kind == NONE:
            return Event(NONE)
        image = image or (b.faults_read_disk and kind != INVALID)
        code = error_code(step.access, there != b.present_means_missing)
        return Event(
            kind,
            image,
            step.page if b.page_start else step.address,
            code & ~BIT_USER if b.user_bit_forgotten else code,
        )

    # --- what is behind a page ---

    def object_frame(self, area: Area, page: int) -> Frame:
        value = data_value((page - area.base) // 4096) if area.name == "data" else 0
        return self.objects.setdefault(page, Frame(value, of_object=True))

    def set(self, who: int, page: int, frame: Frame, writable: bool) -> None:
        self.leave(who, page)
        frame.holders.add(who)
        self.entries[who][page] = Entry(frame, writable)

    def leave(self, who: int, page: int) -> None:
        entry = self.entries[who].pop(page, None)
        if entry:
            entry.frame.holders.discard(who)

    def fork(self) -> None:
        self.entries[CHILD] = {}
        for page, entry in self.entries[PARENT].items():
            area = self.tale.area_of(page)
            assert area
            self.fork_entry(page, entry, area)

    def fork_entry(self, page: int, entry: Entry, area: Area) -> None:
        b, own = self.beliefs, not (entry.frame.of_object or entry.frame.zero)
        if b.fork_copies_all and own:
            self.set(CHILD, page, Frame(entry.frame.value), entry.writable)
            return
        kept = area.shared or b.fork_shares_all
        if b.shared_is_copied and area.shared:
            entry.frame.of_object, kept = False, False
        right = entry.writable
        entry.writable = right and (kept or b.only_child_copies)
        self.set(CHILD, page, entry.frame, right and kept)

    def end(self, who: int) -> None:
        for page in list(self.entries[who]):
            self.leave(who, page)
        del self.entries[who]

    def look(self) -> Look:
        return {
            (who, page): self.view(page, entry)
            for who, entries in self.entries.items()
            for page, entry in entries.items()
        }

    def view(self, page: int, entry: Entry) -> View:
        area = self.tale.area_of(page)
        assert area
        writable = entry.writable or (self.beliefs.fork_keeps_rights and not entry.frame.zero)
        rights = area.rights if writable else area.rights.replace("w", "-")
        return View(rights, entry.frame.number, entry.frame.value, entry.frame.zero)


def allowed(area: Area, access: str) -> bool:
    return {READ: "r", WRITE: "w", EXECUTE: "x"}[access] in area.rights


def facts(tale: Tale, beliefs: Beliefs = TRUE) -> Facts:
    """What a run of the program comes to, if these are held true."""
    world, found = World(tale, beliefs), Facts()
    for step in tale.steps:
        if step.number == tale.forked + 1:
            world.fork()
        found.events[step.number] = world.take(step)
        found.looks[step.number] = world.look()
    return found
