"""The Trace Event Format: what Perfetto and chrome://tracing open.

A track for each thread of a process, with its faults as slices and their steps inside; one for
the processor (who runs), one for replacement, one for each device; and counters. Times are in
microseconds there; ours are whole nanoseconds, written with three decimals, so that nothing is
rounded and slices nest exactly.
"""

from __future__ import annotations

import json
from typing import Any, TextIO

from tracing.faults import Collector, Fault
from tracing.notes import Note, Notes
from tracing.reader import Record, Trace
from tracing.spaces import FreeFrames, Residents

# Tracks that belong to no process; processes' numbers stay below 32,768.
PROCESSOR, REPLACEMENT, DEVICES = 100000, 100001, 100002
COUNTERS_EVERY = 64  # records


def microseconds(ns: int) -> str:
    return f"{ns // 1000}.{ns % 1000:03}"


class Exporter:
    """Writes events one by one."""

    def __init__(self, trace: Trace, out: TextIO):
        self.trace = trace
        self.out = out
        self.first = True
        self.collector = Collector(trace)
        self.residents = Residents(trace)
        self.free = FreeFrames(trace)
        self.notes = Notes(trace)
        self.named: dict[tuple[int, int], str] = {}
        self.runs_since = 0
        self.waiting: dict[int, list[Record]] = {}
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
        }

    # --- Writing ---

    def event(self, **fields: object) -> None:
        """One event; ts and dur come as text, exact."""
        exact = {key: fields.pop(key) for key in ("ts", "dur") if key in fields}
        text = json.dumps(fields, separators=(",", ":"))
        text = text[:-1] + "".join(f',"{key}":{value}' for key, value in exact.items()) + "}"
        self.out.write(("" if self.first else ",\n") + text)
        self.first = False

    def slice(self, pid: int, tid: int, name: str, begin: int, end: int, category: str, **args: object) -> None:
        ts, dur = microseconds(begin), microseconds(end - begin)
        self.event(ph="X", pid=pid, tid=tid, name=name, cat=category, ts=ts, dur=dur, args=args)

    def name_track(self, pid: int, tid: int, process: str, thread: str) -> None:
        if self.named.get((pid, tid)) == process + thread:
            return
        self.named[pid, tid] = process + thread
        self.event(ph="M", pid=pid, tid=tid, name="process_name", args={"name": process})
        self.event(ph="M", pid=pid, tid=tid, name="thread_name", args={"name": thread})

    def counter(self, pid: int, name: str, time: int, **values: int) -> None:
        self.event(ph="C", pid=pid, tid=0, name=name, ts=microseconds(time), args=values)

    # --- Records ---

    def run(self) -> None:
        self.out.write('{"displayTimeUnit":"ns","traceEvents":[\n')
        self.name_track(PROCESSOR, 0, "processor", "who runs")
        self.name_track(REPLACEMENT, 0, "replacement", "pageoutd")
        self.name_track(REPLACEMENT, 1, "replacement", "evictions")
        for number, name in enumerate(self.trace.header.names.get("device", [])):
            self.name_track(DEVICES, number, "devices", name)
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
        self.out.write("\n]}\n")

    def _finish(self, time: int) -> None:
        for fault in self.collector.open.values():
            self._fault(fault)
        self._run_ends(time)
        if self.awake_since is not None:
            self.slice(REPLACEMENT, 0, "awake", self.awake_since, time, "pageoutd")
        self._counters(time)

    def _fault(self, fault: Fault) -> None:
        self.name_track(fault.process, fault.thread, f"{fault.program} ({fault.process})", f"thread {fault.thread}")
        kind = fault.kind(self.trace)
        track = (fault.process, fault.thread)
        args: dict[str, Any] = {"fault": fault.number, "address": f"{fault.begin.address:#x}", "access": fault.access}
        args |= {"page": fault.end.page, "frame": fault.end.frame, "major": fault.major}
        self.slice(*track, kind, fault.begin.time, fault.end.time, "fault", **args)
        since = fault.begin.time
        for name, record in fault.steps[1:]:
            if name != "done":
                self.slice(*track, name, since, record.time, "step", detail=f"{record.detail:#x}")
            since = record.time

    def _note(self, note: Note) -> None:
        """On the track of who said so."""
        thread = self.collector.who.thread
        self.name_track(note.process, thread, f"{note.program} ({note.process})", f"thread {thread}")
        ts = microseconds(note.time)
        self.event(ph="i", s="p", pid=note.process, tid=thread, name=note.text, cat="note", ts=ts)

    def _run_ends(self, time: int) -> None:
        who = self.collector.who
        if who.process:
            name = f"{who.program(who.process)} ({who.process})"
            self.slice(PROCESSOR, 0, name, self.runs_since, time, "run", thread=who.thread)

    def _switch(self, record: Record) -> None:
        self._run_ends(record.time)
        self.runs_since = record.time

    def _evict(self, record: Record) -> None:
        slot = record.detail if record.detail != 0xFFFFFFFF else None
        args = {"page": record.page, "frame": record.frame, "slot": slot}
        ts = microseconds(record.time)
        self.event(ph="i", s="t", pid=REPLACEMENT, tid=1, name="evict", cat="evict", ts=ts, args=args)

    def _request(self, record: Record) -> None:
        self.waiting.setdefault(record.page, []).append(record)

    def _served(self, record: Record) -> None:
        """A device serves one request after the other."""
        waiting = self.waiting.get(record.page, [])
        asked = next((r for r in waiting if (r.address, r.frame) == (record.address, record.frame)), None)
        if asked is None:
            return
        waiting.remove(asked)
        begin = max(asked.time, self.served_last.get(record.page, 0))
        self.served_last[record.page] = record.time
        name = "write" if record.detail & 1 else "read"
        args = {"position": record.address, "frame": record.frame, "failed": bool(record.detail & 2)}
        self.slice(DEVICES, record.page, name, begin, record.time, "device", waited=begin - asked.time, **args)

    def _pageoutd(self, record: Record) -> None:
        if record.detail and self.awake_since is None:
            self.awake_since = record.time
        elif not record.detail and self.awake_since is not None:
            self.slice(REPLACEMENT, 0, "awake", self.awake_since, record.time, "pageoutd")
            self.awake_since = None

    def _working_set(self, record: Record) -> None:
        process = self.collector.who.of_space.get(record.space)
        if process:
            self.counter(process, "working set", record.time, pages=record.address)

    def _counters(self, time: int) -> None:
        self.counter(PROCESSOR, "free frames", time, free=self.free.count)
        who = self.collector.who
        for space, count in self.residents.resident.items():
            process = who.of_space.get(space)
            if process:
                self.counter(process, "resident pages", time, resident=count)


def export(trace: Trace, out: TextIO) -> None:
    """Write the whole trace as JSON."""
    Exporter(trace, out).run()
