"""Regions of each space, worked out from the records: what was promised at some moment."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tracing.check import NONE
from tracing.reader import Record, Trace, Who
from tracing.words import rights

PAGE = 4096


@dataclass(frozen=True)
class Region:
    """A run of addresses, as TRACE_MAP tells it."""

    start: int
    end: int
    access: int
    shared: bool
    stack: bool
    object: int
    index: int

    def told(self, who: Who) -> str:
        kind = "stack" if self.stack else "zeroes" if self.object == NONE else None
        kind = kind or who.objects.get(self.object, "shared memory")
        shared = ", shared" if self.shared else ""
        return f"{self.start:#x}-{self.end:#x} ({kind}, {rights(self.access)}{shared})"


class Regions:
    """Follows the records; finds the region of an address."""

    def __init__(self, trace: Trace):
        self.spaces: dict[int, list[Region]] = {}
        number = trace.number
        self.actions = {
            number["map"]: self._map,
            number["unmap"]: self._unmap,
            number["protect"]: self._protect,
            number["grow"]: self._grow,
            number["space-end"]: lambda record: self.spaces.pop(record.space, None),
        }

    def follow(self, record: Record) -> None:
        action = self.actions.get(record.event)
        if action:
            action(record)

    def find(self, space: int, address: int) -> Region | None:
        regions = self.spaces.get(space, [])
        return next((region for region in regions if region.start <= address < region.end), None)

    def _outside(self, space: int, start: int, end: int) -> list[Region]:
        left = []
        for region in self.spaces.get(space, []):
            if region.end <= start or region.start >= end:
                left.append(region)
                continue
            if region.start < start:
                left.append(replace(region, end=start))
            if region.end > end:
                left.append(replace(region, start=end, index=region.index + (end - region.start) // PAGE))
        return left

    def _map(self, record: Record) -> None:
        flags = record.detail & (PAGE - 1)
        end = record.address + record.detail - flags
        rest = self._outside(record.space, record.address, end)
        shared, stack = bool(flags & 8), bool(flags & 16)
        rest.append(Region(record.address, end, flags & 7, shared, stack, record.page, record.frame))
        self.spaces[record.space] = rest

    def _unmap(self, record: Record) -> None:
        end = record.address + record.detail
        self.spaces[record.space] = self._outside(record.space, record.address, end)

    def _protect(self, record: Record) -> None:
        access = record.detail & 7
        start, end = record.address, record.address + record.detail - access
        changed = [
            replace(region, start=max(start, region.start), end=min(end, region.end), access=access)
            for region in self.spaces.get(record.space, [])
            if region.end > start and region.start < end
        ]
        self.spaces[record.space] = self._outside(record.space, start, end) + changed

    def _grow(self, record: Record) -> None:
        self.spaces[record.space] = [
            replace(region, start=record.address) if region.stack and region.start > record.address else region
            for region in self.spaces.get(record.space, [])
        ]
