"""A second model of the TLB, written from docs/tlb.md and not from tools/accessing/model.cpp.

It is slow and plain: a set is a list in the order in which its entries would go, and the stream of accesses
is taken apart here once more, from the table of records in docs/tlb.md.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ACCESS, SPACE, FLUSH_PAGE, FLUSH_SPACE, FLUSH_ALL = 0x01, 0x02, 0x03, 0x04, 0x05
TRACED, END, TRANSLATION = 0x07, 0x08, 0x41
READ, WRITE, FETCH, FETCH_MORE = range(4)
GLOBAL_RIGHT, LARGE, HUGE = 16, 32, 64
EVERYBODY = "global"
KERNEL_HALF = 1 << 35
SMALL_PAGE, LARGE_PAGE, HUGE_PAGE = 1, 512, 512 * 512  # in pages of 4 KiB


def records(file: Path) -> Iterator[tuple[int, int, int]]:
    """(kind, the record's own 56 bits, the word behind it or 0)."""
    with open(file, "rb") as stream:
        left = b""
        while piece := stream.read(1 << 20):
            left += piece
            words = struct.unpack(f"<{len(left) // 8}Q", left[: len(left) // 8 * 8])
            at = 0
            while at < len(words):
                more = words[at] >> 62
                if at + more >= len(words):
                    break
                yield words[at] >> 56, words[at] & (1 << 56) - 1, words[at + 1] if more else 0
                at += 1 + more
            left = left[8 * at :]


class Level:
    """Sets of entries (page, size, owner), each in the order in which they were used, or came."""

    def __init__(self, entries: int, ways: int, lru: bool):
        self.ways, self.lru = ways, lru
        self.sets: list[list[tuple[int, int, object]]] = [[] for _ in range(entries // ways)] if entries else []

    def look(self, page: int, owner: object) -> tuple[int, int, object] | None:
        for size in (SMALL_PAGE, LARGE_PAGE, HUGE_PAGE):
            number = page // size
            here = self.sets[number % len(self.sets)]
            for whose in (owner, EVERYBODY):
                entry = (number, size, whose)
                if entry in here:
                    if self.lru:
                        here.remove(entry)
                        here.append(entry)
                    return entry
        return None

    def put(self, entry: tuple[int, int, object]) -> None:
        here = self.sets[entry[0] % len(self.sets)]
        if len(here) == self.ways:
            del here[0]
        here.append(entry)

    def drop(self, goes: Any) -> None:
        for place, here in enumerate(self.sets):
            if here:
                self.sets[place] = [entry for entry in here if not goes(entry)]


@dataclass
class Tlb:
    """`page`: the least size; `asids`: so many spaces are remembered, 0: none."""

    l1i: tuple[int, int] = (64, 8)
    l1d: tuple[int, int] = (64, 4)
    l2: tuple[int, int] = (1536, 12)
    lru: bool = True
    page: int = SMALL_PAGE
    asids: int = 0
    counts: dict[tuple[bool, str], int] = field(default_factory=dict)
    loaded: int = -1

    def __post_init__(self) -> None:
        self.code, self.data = Level(*self.l1i, self.lru), Level(*self.l1d, self.lru)
        self.common = Level(*self.l2, self.lru) if self.l2[0] else None
        self.levels = [level for level in (self.code, self.data, self.common) if level]
        self.known: list[int] = []  # spaces that have an ASID, the one loaded last at the end
        self.owner: object = None

    def count(self, user: bool, what: str, times: int = 1) -> None:
        self.counts[user, what] = self.counts.get((user, what), 0) + times

    def access(self, page: int, fetch: bool, user: bool, times: int, rights: int) -> None:
        own = self.code if fetch else self.data
        self.count(user, "accesses", times)
        if own.look(page, self.owner):
            return
        self.count(user, "missed")
        entry = self.common.look(page, self.owner) if self.common else None
        if not entry:
            self.count(user, "walks")
            size = max(self.page, HUGE_PAGE if rights & HUGE else LARGE_PAGE if rights & LARGE else SMALL_PAGE)
            entry = (page // size, size, EVERYBODY if rights & GLOBAL_RIGHT else self.owner)
            if self.common:
                self.common.put(entry)
        own.put(entry)

    def drop(self, goes: Any) -> None:
        for level in self.levels:
            level.drop(goes)

    def drop_page(self, page: int) -> None:
        self.drop(lambda entry: entry[0] == page // entry[1] and entry[2] in (self.owner, EVERYBODY))

    def load(self, space: int) -> None:
        if not self.asids:
            self.drop(lambda entry: entry[2] != EVERYBODY)
        elif space == self.loaded:
            self.drop(lambda entry: entry[2] == space)
        else:
            if space in self.known:
                self.known.remove(space)
            elif len(self.known) == self.asids:
                gone = self.known.pop(0)
                self.drop(lambda entry: entry[2] == gone)
            self.known.append(space)
            self.owner = space
        self.loaded = space


class Roots:
    """Which space has its root in a frame, by the kernel's trace, as far as it was written then."""

    def __init__(self, trace: Path):
        from tracing.reader import Trace

        self.trace = Trace(trace)
        self.spaces: dict[int, int] = {}
        self.done = 0

    def follow(self, count: int) -> None:
        for at in range(self.done, count):
            record = self.trace[at]
            if record.event == self.trace.number["space"]:
                self.spaces[record.frame] = record.space
        self.done = max(self.done, count)


class Replay:
    """The records of a stream, one after the other, given to several TLBs."""

    def __init__(self, trace: Path, tlbs: list[Tlb]):
        self.roots, self.tlbs = Roots(trace), tlbs
        self.space = self.done = self.traced = 0
        self.begun = False
        self.tables: dict[tuple[int, int], tuple[int, int]] = {}  # rights and frame, by space and page

    def owner(self, page: int) -> tuple[int, int]:
        return 0 if page >= KERNEL_HALF else self.space, page

    def take(self, kind: int, detail: int, second: int) -> None:
        page = detail & (1 << 36) - 1
        if kind == ACCESS:
            self.access(page, detail >> 36 & 3, bool(detail >> 38 & 1), detail >> 39)
        elif kind == TRANSLATION:
            self.translation(page, (detail >> 36, second))
        elif kind == SPACE:
            self.space = self.roots.spaces.get(detail >> 12, 0)
            for tlb in self.tlbs:
                tlb.load(self.space)
        elif kind == FLUSH_PAGE:
            for tlb in self.tlbs:
                tlb.drop_page(page)
        elif kind == FLUSH_SPACE:
            for tlb in self.tlbs:
                tlb.drop(lambda entry, tlb=tlb: entry[2] == tlb.owner)
        elif kind == FLUSH_ALL:
            for tlb in self.tlbs:
                tlb.drop(lambda _: True)
        elif kind == TRACED:
            self.traced = detail
            self.roots.follow(detail)

    def access(self, page: int, how: int, user: bool, times: int) -> None:
        if user and not self.begun:
            self.begun, self.done = True, 0
            for tlb in self.tlbs:
                tlb.counts.clear()
        rights = self.tables.get(self.owner(page), (0, 0))[0]
        for tlb in self.tlbs:
            tlb.access(page, how in (FETCH, FETCH_MORE), user, times, rights)
        self.done += times

    def translation(self, page: int, now: tuple[int, int]) -> None:
        before = self.tables.get(self.owner(page))
        if before and before[0] and before != now:
            for tlb in self.tlbs:
                tlb.drop_page(page)
        self.tables[self.owner(page)] = now


def run(stream: Path, trace: Path, tlbs: list[Tlb], most: int) -> int:
    """Through at least so many accesses, if there are; how many it were."""
    replay = Replay(trace, tlbs)
    for record in records(stream):
        if replay.done >= most:
            break
        replay.take(*record)
    return replay.done
