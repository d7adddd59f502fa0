"""What a viewer of time shows of a trace: tracks, with slices, instants and counters on them.

A track for each thread of a process, with its faults as slices and their steps inside; for each processor one
(who runs), and another for what it asks of the others (shootdowns); one for pageoutd, one for evictions; for each
device its requests, which overlap: from when they were asked to when they were served, the wait for those before
them inside. And counters. How that is written down is the writer's affair: chrome.py, perfetto.py. Times are ns since
the kernel's entry.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from tracing.faults import Collector, Fault, number_or_none
from tracing.notes import Note, Notes
from tracing.reader import Record, Trace
from tracing.spaces import FreeFrames, Residents

COUNTERS_EVERY = 64  # records
Args = dict[str, int | str | bool]


class Track(NamedTuple):
    """A process's thread, or one of the machine's own."""

    process: int
    thread: int


class Inner(NamedTuple):
    """A slice within another."""

    name: str
    begin: int
    end: int
    args: Args


# What belongs to no process; processes' numbers stay below 32,768.
PROCESSOR, REPLACEMENT, DEVICES = 100000, 100001, 100002
PAGEOUTD, EVICTIONS = Track(REPLACEMENT, 0), Track(REPLACEMENT, 1)
ASKS = 100  # from here on, of each processor


def runs(processor: int) -> Track:
    """Who runs there."""
    return Track(PROCESSOR, processor)


def asks(processor: int) -> Track:
    """What it asks of the others, and when it has forgotten what they ask."""
    return Track(PROCESSOR, ASKS + processor)


class Writer(Protocol):
    """What a format has to be able to say. Of one track, slices come in the order of time and do not overlap."""

    def name(self, track: Track, process: str, thread: str) -> None:
        """Before anything is on it; and again when it has another name."""

    def slice(self, track: Track, category: str, outer: Inner, inner: list[Inner]) -> None:
        """One that nothing else overlaps, and those within it."""

    def overlapping(self, track: Track, category: str, outer: Inner, inner: list[Inner]) -> None:
        """The same of a track on which others may overlap it."""

    def instant(self, track: Track, category: str, name: str, time: int, args: Args) -> None:
        """Something that takes no time."""

    def counter(self, process: int, name: str, time: int, value: int) -> None:
        """So many from now on; of a process, or of PROCESSOR: of all."""


def _known(**args: int | str | bool | None) -> Args:
    """Those that are something."""
    return {name: value for name, value in args.items() if value is not None}


class Tracks:
    """Goes through a trace and tells a writer."""

    def __init__(self, trace: Trace, writer: Writer):
        self.trace, self.writer = trace, writer
        self.collector = Collector(trace)
        self.residents = Residents(trace)
        self.free = FreeFrames(trace)
        self.notes = Notes(trace)
        self.named: dict[Track, str] = {}
        self.runs_since = [0] * trace.header.processors
        self.asked: dict[int, Record] = {}  # the shootdowns under way, by who asks
        self.faults = 0
        self.waiting: dict[int, list[Record]] = {}  # requests of each device
        self.served_last: dict[int, int] = {}
        self.awake_since: int | None = None
        number = trace.number
        self.actions = {
            number["switch"]: self._switch,
            number["evict"]: self._evict,
            number["request"]: self._request,
            number["served"]: self._served,
            number["pageoutd"]: self._pageoutd,
            number.get("working-set", -1): self._working_set,
            number.get("shootdown", -1): self._asks,
            number.get("shootdown-done", -1): self._forgets,
            number.get("shootdown-over", -1): self._goes_on,
        }

    def tell(self) -> None:
        """All of it."""
        self._name_processors()
        self._name(PAGEOUTD, "replacement", "pageoutd")
        self._name(EVICTIONS, "replacement", "evictions")
        for number, name in enumerate(self.trace.header.names["device"]):
            self._name(Track(DEVICES, number), "devices", name)
        last = 0
        for n, record in enumerate(self.trace):
            action = self.actions.get(record.event)
            if action:
                action(record)
            self.residents.follow(record)
            self.free.follow(record)
            fault = self.collector.feed(n, record)
            if fault:
                self._fault(fault)
            note = self.notes.feed(n, record, self.collector.who)
            if note:
                self._note(note)
            if n % COUNTERS_EVERY == 0:
                self._counters(record.time)
            last = record.time
        self._finish(last)

    def _name_processors(self) -> None:
        several = self.trace.header.processors
        if several == 1:
            self._name(runs(0), "processor", "who runs")
            return
        for processor in range(several):
            self._name(runs(processor), "processors", f"who runs on processor {processor}")
            self._name(asks(processor), "processors", f"shootdowns of processor {processor}")

    def _finish(self, time: int) -> None:
        for fault in self.collector.open.values():
            self._fault(fault)
        for requests in self.waiting.values():
            for asked in requests:
                self._device(asked, time, {"served": False})
        for processor in range(self.trace.header.processors):
            self._run_ends(processor, time)
        if self.awake_since is not None:
            self._awake(self.awake_since, time)
        self._counters(time)

    def _name(self, track: Track, process: str, thread: str) -> None:
        if self.named.get(track) != process + thread:
            self.named[track] = process + thread
            self.writer.name(track, process, thread)

    # --- Records ---

    def _fault(self, fault: Fault) -> None:
        track = Track(fault.process, fault.thread)
        self._name(track, f"{fault.program} ({fault.process})", f"thread {fault.thread}")
        done = fault.end
        args = _known(
            fault=fault.number,
            address=f"{fault.begin.address:#x}",
            access=fault.access,
            page=number_or_none(done.page),
            frame=number_or_none(done.frame),
            major=fault.major,
        )
        inner, since = [], fault.begin.time
        for name, record in fault.steps[1:]:
            if name != "done":
                inner.append(Inner(name, since, record.time, {"detail": f"{record.detail:#x}"}))
            since = record.time
        outer = Inner(fault.kind(self.trace), fault.begin.time, done.time, args)
        self.writer.slice(track, "fault", outer, inner)
        self.faults += 1
        self.writer.counter(PROCESSOR, "faults", done.time, self.faults)

    def _note(self, note: Note) -> None:
        """On the track of who said so."""
        track = Track(note.process, self.collector.who.thread)
        self._name(track, f"{note.program} ({note.process})", f"thread {track.thread}")
        self.writer.instant(track, "note", note.text, note.time, {})

    def _run_ends(self, processor: int, time: int) -> None:
        who = self.collector.who
        process, thread = who.runs_on(processor)
        if process:
            name = f"{who.program(process)} ({process})"
            self.writer.slice(
                runs(processor), "run", Inner(name, self.runs_since[processor], time, {"thread": thread}), []
            )

    def _switch(self, record: Record) -> None:
        self._run_ends(record.processor, record.time)
        self.runs_since[record.processor] = record.time

    def _asks(self, record: Record) -> None:
        self.asked[record.processor] = record

    def _forgets(self, record: Record) -> None:
        args: Args = {"number": record.detail, "interrupted": bool(record.address)}
        self.writer.instant(asks(record.processor), "shootdown", "forgets", record.time, args)

    def _goes_on(self, record: Record) -> None:
        asked = self.asked.pop(record.processor, None)
        if asked:
            args: Args = {"number": asked.detail, "address": f"{asked.address:#x}", "addresses": asked.page}
            self.writer.slice(
                asks(record.processor), "shootdown", Inner("shootdown", asked.time, record.time, args), []
            )

    def _evict(self, record: Record) -> None:
        args = _known(page=record.page, frame=record.frame, slot=number_or_none(record.detail))
        self.writer.instant(EVICTIONS, "evict", "evict", record.time, args)

    def _request(self, record: Record) -> None:
        self.waiting.setdefault(record.page, []).append(record)

    def _served(self, record: Record) -> None:
        waiting = self.waiting.get(record.page, [])
        asked = next((r for r in waiting if (r.address, r.frame) == (record.address, record.frame)), None)
        if asked is None:
            return
        waiting.remove(asked)
        self._device(asked, record.time, {"served": True, "failed": bool(record.detail & 2)})
        self.served_last[record.page] = record.time

    def _device(self, asked: Record, end: int, args: Args) -> None:
        """A device serves one request after the other."""
        begin = min(max(asked.time, self.served_last.get(asked.page, 0)), end)
        waits = [Inner("waits", asked.time, begin, {})] if begin > asked.time else []
        args = {"position": asked.address, "frame": asked.frame, **args}
        outer = Inner("write" if asked.detail & 1 else "read", asked.time, end, args)
        self.writer.overlapping(Track(DEVICES, asked.page), "device", outer, waits)

    def _pageoutd(self, record: Record) -> None:
        if record.detail and self.awake_since is None:
            self.awake_since = record.time
        elif not record.detail and self.awake_since is not None:
            self._awake(self.awake_since, record.time)
            self.awake_since = None

    def _awake(self, begin: int, end: int) -> None:
        self.writer.slice(PAGEOUTD, "pageoutd", Inner("awake", begin, end, {}), [])

    def _working_set(self, record: Record) -> None:
        process = self.collector.who.of_space.get(record.space)
        if process:
            self.writer.counter(process, "working set", record.time, record.address)

    def _counters(self, time: int) -> None:
        self.writer.counter(PROCESSOR, "free frames", time, self.free.count)
        who = self.collector.who
        for space, count in self.residents.resident.items():
            process = who.of_space.get(space)
            if process:
                self.writer.counter(process, "resident pages", time, count)
