"""The Trace Event Format, JSON: what chrome://tracing opens, and many other tools.

Times are in microseconds there; ours are whole nanoseconds, written with three decimals, so that
nothing is rounded and slices nest exactly.
"""

from __future__ import annotations

import json
from typing import TextIO

from tracing.reader import Trace
from tracing.tracks import Args, Inner, Track, Tracks


def microseconds(ns: int) -> str:
    return f"{ns // 1000}.{ns % 1000:03}"


class Chrome:
    """Writes events one by one."""

    def __init__(self, out: TextIO):
        self.out = out
        self.first = True
        self.overlapped = 0  # slices so far that may overlap: each has a number

    def event(self, **fields: object) -> None:
        """One event; ts and dur come as text, exact."""
        exact = {key: fields.pop(key) for key in ("ts", "dur") if key in fields}
        text = json.dumps(fields, separators=(",", ":"))
        text = text[:-1] + "".join(f',"{key}":{value}' for key, value in exact.items()) + "}"
        self.out.write(("" if self.first else ",\n") + text)
        self.first = False

    def name(self, track: Track, process: str, thread: str) -> None:
        pid, tid = track
        self.event(ph="M", pid=pid, tid=tid, name="process_name", args={"name": process})
        self.event(ph="M", pid=pid, tid=tid, name="thread_name", args={"name": thread})

    def slice(self, track: Track, category: str, outer: Inner, inner: list[Inner]) -> None:
        pid, tid = track
        for each in (outer, *inner):
            cat = category if each is outer else "step"
            ts, dur = microseconds(each.begin), microseconds(each.end - each.begin)
            self.event(ph="X", pid=pid, tid=tid, name=each.name, cat=cat, ts=ts, dur=dur, args=each.args)

    def overlapping(self, track: Track, category: str, outer: Inner, inner: list[Inner]) -> None:
        """Asynchronous ones: of one number, they nest; of several, they may overlap."""
        pid, tid = track
        self.overlapped += 1
        common = {"pid": pid, "tid": tid, "cat": category, "id": self.overlapped}
        self.event(ph="b", name=outer.name, ts=microseconds(outer.begin), args=outer.args, **common)
        for each in inner:
            self.event(ph="b", name=each.name, ts=microseconds(each.begin), args=each.args, **common)
            self.event(ph="e", name=each.name, ts=microseconds(each.end), **common)
        self.event(ph="e", name=outer.name, ts=microseconds(outer.end), **common)

    def instant(self, track: Track, category: str, name: str, time: int, args: Args) -> None:
        pid, tid = track
        self.event(ph="i", s="t", pid=pid, tid=tid, name=name, cat=category, ts=microseconds(time), args=args)

    def counter(self, process: int, name: str, time: int, value: int) -> None:
        self.event(ph="C", pid=process, tid=0, name=name, ts=microseconds(time), args={name: value})


def export(trace: Trace, out: TextIO) -> None:
    """Write the whole trace as JSON."""
    out.write('{"displayTimeUnit":"ns","traceEvents":[\n')
    Tracks(trace, Chrome(out)).tell()
    out.write("\n]}\n")
