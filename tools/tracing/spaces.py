"""How many pages each space has in frames, and how many frames are free: for counters over time.

Only present ptes count, and only those that name pages; so only they are followed.
"""

from __future__ import annotations

from tracing.reader import Record, Trace
from tracing.words import PRESENT, frame_of

PAGE = 4096


class Residents:
    """Follows the records. `resident`: pages of each space, by its number."""

    def __init__(self, trace: Trace):
        self.zero = trace.header.zero_frame
        self.resident: dict[int, int] = {}
        self.entries: dict[int, dict[int, int]] = {}  # space -> address -> frame
        self.mappers: dict[int, set[tuple[int, int]]] = {}  # frame -> (space, address)
        number = trace.number
        self.actions = {
            number["install"]: self._entry,
            number["entry"]: self._entry,
            number["fork"]: self._fork,
            number["unmap"]: self._forget,
            number["discard"]: self._forget,
            number["withdraw"]: self._withdraw,
            number["space-end"]: self._end,
        }

    def follow(self, record: Record) -> None:
        action = self.actions.get(record.event)
        if action:
            action(record)

    def _set(self, space: int, address: int, frame: int | None) -> None:
        entries = self.entries.setdefault(space, {})
        old = entries.pop(address, None)
        if old is not None:
            self.mappers[old].discard((space, address))
        if frame is not None:
            entries[address] = frame
            self.mappers.setdefault(frame, set()).add((space, address))
        self.resident[space] = len(entries)

    def _entry(self, record: Record) -> None:
        frame = frame_of(record.detail) if record.detail & PRESENT else None
        self._set(record.space, record.address, None if frame == self.zero else frame)

    def _within(self, record: Record) -> list[tuple[int, int]]:
        start, end = record.address, record.address + (record.detail & ~(PAGE - 1))
        entries = self.entries.get(record.space, {})
        return [(at, frame) for at, frame in entries.items() if start <= at < end]

    def _fork(self, record: Record) -> None:
        for address, frame in self._within(record):
            self._set(record.page, address, frame)

    def _forget(self, record: Record) -> None:
        for address, _ in self._within(record):
            self._set(record.space, address, None)

    def _withdraw(self, record: Record) -> None:
        for space, address in list(self.mappers.get(record.frame, ())):
            self._set(space, address, None)

    def _end(self, record: Record) -> None:
        for address in list(self.entries.get(record.space, {})):
            self._set(record.space, address, None)
        self.resident.pop(record.space, None)
        self.entries.pop(record.space, None)


class FreeFrames:
    """Follows the records. `count`: frames on the free list."""

    def __init__(self, trace: Trace):
        self.count = 0
        self.free = bytearray(trace.header.nframes)  # of each: 1 when it is
        number = trace.number
        self.taken = {number["take"], number["new"], number["rescue"]}
        self.listed = {number["list"], number["forget"]}
        self.given = number["give"]

    def follow(self, record: Record) -> None:
        if record.event in self.taken:
            self._set(record.frame, 0)
        elif record.event in self.listed:
            self._set(record.frame, 1)
        elif record.event == self.given:
            for frame in range(record.frame, record.frame + record.detail):
                self._set(frame, 1)

    def _set(self, frame: int, free: int) -> None:
        self.count += free - self.free[frame]
        self.free[frame] = free
