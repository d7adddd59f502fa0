"""Every space's ptes at a moment, and what counters are made of: pages in frames, free frames.

The ptes are worked out from the records as docs/trace.md says, as the page's apply.js does.
"""

from __future__ import annotations

from tracing.reader import Record, Trace
from tracing.words import DIRTY, PRESENT, REFERENCED, WIRED, WRITABLE, frame_of

PAGE = 4096
SHARED = 8  # in the detail of `fork`


class Entries:
    """Follows the records. `of`: of each space, its ptes that are not zero, by address."""

    def __init__(self, trace: Trace):
        self.of: dict[int, dict[int, int]] = {}
        self.mappers: dict[int, set[tuple[int, int]]] = {}  # frame -> (space, address), of present ptes
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

    def at(self, space: int, address: int) -> int:
        """The pte there; zero: there is none."""
        return self.of.get(space, {}).get(address, 0)

    def _set(self, space: int, address: int, bits: int) -> None:
        entries = self.of.setdefault(space, {})
        old = entries.pop(address, 0)
        if old & PRESENT:
            self.mappers[frame_of(old)].discard((space, address))
        if bits:
            entries[address] = bits
        if bits & PRESENT:
            self.mappers.setdefault(frame_of(bits), set()).add((space, address))

    def _entry(self, record: Record) -> None:
        self._set(record.space, record.address, record.detail)

    def _within(self, record: Record) -> list[tuple[int, int]]:
        start, end = record.address, record.address + (record.detail & ~(PAGE - 1))
        entries = self.of.get(record.space, {})
        return [(at, bits) for at, bits in entries.items() if start <= at < end]

    def _fork(self, record: Record) -> None:
        """Present ones lose W on both sides, unless shared; the child has used nothing yet, and wires nothing."""
        parents = 0 if record.detail & SHARED else WRITABLE
        childs = parents | REFERENCED | DIRTY | WIRED
        for address, bits in self._within(record):
            if bits & PRESENT:
                self._set(record.space, address, bits & ~parents)
            self._set(record.page, address, bits & ~childs if bits & PRESENT else bits)

    def _forget(self, record: Record) -> None:
        for address, _ in self._within(record):
            self._set(record.space, address, 0)

    def _withdraw(self, record: Record) -> None:
        for space, address in list(self.mappers.get(record.frame, ())):
            self._set(space, address, record.detail)

    def _end(self, record: Record) -> None:
        for address in list(self.of.get(record.space, {})):
            self._set(record.space, address, 0)
        self.of.pop(record.space, None)


class Residents(Entries):
    """Follows the records. `resident`: pages of each space that are in frames, by its number."""

    def __init__(self, trace: Trace):
        super().__init__(trace)
        self.zero = trace.header.zero_frame
        self.resident: dict[int, int] = {}

    def _counts(self, bits: int) -> bool:
        return bool(bits & PRESENT) and frame_of(bits) != self.zero

    def _set(self, space: int, address: int, bits: int) -> None:
        more = self._counts(bits) - self._counts(self.at(space, address))
        self.resident[space] = self.resident.get(space, 0) + more
        super()._set(space, address, bits)

    def _end(self, record: Record) -> None:
        super()._end(record)
        self.resident.pop(record.space, None)


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
