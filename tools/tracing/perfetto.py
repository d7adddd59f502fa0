"""Perfetto's own format: what ui.perfetto.dev and trace_processor open, with times in whole nanoseconds.

A trace is a sequence of packets, each a message of Protocol Buffers (protobuf.dev/programming-guides/encoding):
fields, each a number and a value. Which there are, and their numbers, is published with Perfetto, in
protos/perfetto/trace; perfetto.dev/docs/reference/synthetic-track-event tells how a trace is made of them. The
numbers that are wanted here stand below, by the names of the messages.
"""

from __future__ import annotations

from typing import BinaryIO

from tracing.reader import Trace
from tracing.tracks import PROCESSOR, Args, Inner, Track, Tracks

PACKET = 1  # of Trace
TIMESTAMP, SEQUENCE, EVENT, DESCRIPTOR = 8, 10, 11, 60  # of TracePacket
UUID, NAME, PROCESS, THREAD, PARENT, COUNTER = 1, 2, 3, 4, 5, 8  # of TrackDescriptor
PROCESS_PID, PROCESS_NAME = 1, 6  # of ProcessDescriptor
THREAD_PID, THREAD_TID, THREAD_NAME = 1, 2, 5  # of ThreadDescriptor
UNIT, UNIT_COUNT = 3, 2  # of CounterDescriptor, and a value of it
ANNOTATION, TYPE, TRACK, CATEGORY, EVENT_NAME, VALUE = 4, 9, 11, 22, 23, 30  # of TrackEvent
SLICE_BEGIN, SLICE_END, INSTANT, COUNT = 1, 2, 3, 4  # values of TYPE
ANNOTATION_BOOL, ANNOTATION_UINT, ANNOTATION_STRING, ANNOTATION_NAME = 2, 3, 6, 10  # of DebugAnnotation
OURS = 1  # a SEQUENCE: all packets are from one source

VARINT, LENGTH = 0, 2  # how a value is written


def _varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first; the eighth: there are more."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number: int, value: int | str | bytes) -> bytes:
    """One field: a number that is not negative, a text, or another message."""
    if isinstance(value, int):
        return _varint(number << 3 | VARINT) + _varint(value)
    data = value.encode("utf-8", "replace") if isinstance(value, str) else value
    return _varint(number << 3 | LENGTH) + _varint(len(data)) + data


def _annotations(args: Args) -> bytes:
    found = b""
    for name, value in args.items():
        kind = ANNOTATION_STRING
        if isinstance(value, int):
            kind = ANNOTATION_BOOL if isinstance(value, bool) else ANNOTATION_UINT
        found += field(ANNOTATION, field(ANNOTATION_NAME, name) + field(kind, value))
    return found


class Perfetto:
    """Writes packets one by one. A track is known by a number, its uuid."""

    def __init__(self, out: BinaryIO):
        self.out = out
        self.uuids: dict[tuple[object, ...], int] = {}
        self.names: dict[Track, str] = {}
        self.lanes: dict[Track, list[int]] = {}  # of a track whose slices overlap: until when each lane is taken

    # --- Packets ---

    def _uuid(self, *what: object) -> tuple[int, bool]:
        """Of a track, and whether it is new."""
        new = what not in self.uuids
        return self.uuids.setdefault(what, len(self.uuids) + 1), new

    def _packet(self, *fields: bytes) -> None:
        self.out.write(field(PACKET, b"".join(fields) + field(SEQUENCE, OURS)))

    def _describe(self, uuid: int, *fields: bytes) -> None:
        self._packet(field(DESCRIPTOR, field(UUID, uuid) + b"".join(fields)))

    def _event(self, kind: int, uuid: int, time: int, *fields: bytes) -> None:
        event = field(TYPE, kind) + field(TRACK, uuid) + b"".join(fields)
        self._packet(field(TIMESTAMP, time), field(EVENT, event))

    # --- Tracks ---

    def _process(self, process: int) -> int:
        """Its track's uuid. Who has not been named yet has at least a number."""
        uuid, new = self._uuid("process", process)
        if new:
            self._describe(uuid, field(PROCESS, field(PROCESS_PID, process)))
        return uuid

    def name(self, track: Track, process: str, thread: str) -> None:
        """A process's own are told with its number; the machine's stand together under a name."""
        parent, _ = self._uuid("process", track.process)
        uuid, _ = self._uuid("thread", *track)
        self.names[track] = thread
        if track.process >= PROCESSOR:
            self._describe(parent, field(NAME, process))
            self._describe(uuid, field(PARENT, parent), field(NAME, thread))
            return
        self._describe(parent, field(PROCESS, field(PROCESS_PID, track.process) + field(PROCESS_NAME, process)))
        of = field(THREAD_PID, track.process) + field(THREAD_TID, track.thread) + field(THREAD_NAME, thread)
        self._describe(uuid, field(PARENT, parent), field(THREAD, of))

    def slice(self, track: Track, category: str, outer: Inner, inner: list[Inner]) -> None:
        self._slices(self._uuid("thread", *track)[0], category, outer, inner)

    def _slices(self, uuid: int, category: str, outer: Inner, inner: list[Inner]) -> None:
        self._begin(uuid, category, outer)
        for each in inner:
            self._begin(uuid, "step" if category == "fault" else category, each)
            self._event(SLICE_END, uuid, each.end)
        self._event(SLICE_END, uuid, outer.end)

    def _begin(self, uuid: int, category: str, told: Inner) -> None:
        named = field(CATEGORY, category) + field(EVENT_NAME, told.name)
        self._event(SLICE_BEGIN, uuid, told.begin, named, _annotations(told.args))

    def overlapping(self, track: Track, category: str, outer: Inner, inner: list[Inner]) -> None:
        """On several tracks of one name, of which a viewer makes one: each slice takes the first that is free."""
        lanes = self.lanes.setdefault(track, [0])
        lane = next((n for n, taken in enumerate(lanes) if taken <= outer.begin), len(lanes))
        if lane == len(lanes):
            lanes.append(0)
        lanes[lane] = outer.end
        uuid, new = self._uuid("thread", *track, *([lane] if lane else []))
        if new:
            above = self._uuid("process", track.process)[0]
            self._describe(uuid, field(PARENT, above), field(NAME, self.names[track]))
        self._slices(uuid, category, outer, inner)

    def instant(self, track: Track, category: str, name: str, time: int, args: Args) -> None:
        named = field(CATEGORY, category) + field(EVENT_NAME, name)
        self._event(INSTANT, self._uuid("thread", *track)[0], time, named, _annotations(args))

    def counter(self, process: int, name: str, time: int, value: int) -> None:
        uuid, new = self._uuid("counter", process, name)
        if new:
            above = b"" if process == PROCESSOR else field(PARENT, self._process(process))
            self._describe(uuid, above, field(NAME, name), field(COUNTER, field(UNIT, UNIT_COUNT)))
        self._event(COUNT, uuid, time, field(VALUE, value))


def export(trace: Trace, out: BinaryIO) -> None:
    """Write the whole trace."""
    Tracks(trace, Perfetto(out)).tell()
