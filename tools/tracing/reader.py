"""A trace file: its header, its records, and who was running when each was written."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tracing import check
from tracing.check import NotATrace

MAGIC = b"FLTTRACE"
VERSION = 1
HEAD = struct.Struct("<8sIIIIQQQIIIIIIII")
RECORD = struct.Struct("<QIIQQII")
FIELDS = struct.Struct("<QHxBIQQII")  # the same, with the processor, which stands above the event


class Record(NamedTuple):
    """One event, as the kernel wrote it."""

    time: int  # ns since kernel entry
    event: int
    processor: int  # on which it happened; the first is 0
    space: int
    address: int
    detail: int
    page: int
    frame: int


@dataclass
class Header:
    """What the kernel says about the records."""

    header_size: int
    record_size: int
    written: int
    lost: int
    capacity: int
    nframes: int
    npages: int
    zero_frame: int
    reserve: int
    low: int
    high: int
    names: dict[str, list[str]] = field(default_factory=dict)  # of events, kinds, …
    parameters: dict[str, int] = field(default_factory=dict)

    @property
    def processors(self) -> int:
        """How many there are."""
        return self.parameters.get("cpus", 1)


def read_header(data: bytes | mmap.mmap) -> Header:
    """The header at the beginning of `data`. NotATrace: it is none, or not one to rely on."""
    if len(data) < HEAD.size or data[: len(MAGIC)] != MAGIC:
        raise NotATrace("this is not a trace of Faultline's")
    (_, version, header_size, record_size, _, written, lost, capacity, *numbers) = (
        HEAD.unpack_from(data)
    )
    nframes, npages, zero_frame, reserve, low, high, length, _ = numbers
    if version != VERSION or record_size != RECORD.size:
        found = f"of version {version}, with records of {record_size} bytes"
        raise NotATrace(f"the trace is {found}; this reads version {VERSION}, with {RECORD.size}")
    if not HEAD.size + length <= header_size <= len(data):
        raise NotATrace(f"it is cut short, or damaged: a header of {header_size} bytes, with {length} of text")
    header = Header(
        header_size, record_size, written, lost, capacity, nframes, npages, zero_frame, reserve, low, high
    )
    for line in bytes(data[HEAD.size : HEAD.size + length]).decode("ascii", "replace").split("\n")[:-1]:
        check.header_line(header, line)
    check.header_whole(header)
    return header


def text_of(record: Record) -> str:
    """The name in an EXEC's or a NAME's address and detail."""
    return struct.pack("<QQ", record.address, record.detail).split(b"\0")[0].decode("utf-8", "replace")


class Trace:
    """A file of records, each of which has been looked at (tracing/check.py).

    NotATrace: the file is none, or is damaged."""

    def __init__(self, path: Path):
        if path.exists() and not path.is_file():
            raise NotATrace("a trace is a plain file, and this is something else")
        with open(path, "rb") as file:
            if path.stat().st_size == 0:
                raise NotATrace("the file is empty")
            self.data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.path = path
        self.header = read_header(self.data)
        self.count = self.header.written
        room = (len(self.data) - self.header.header_size) // RECORD.size
        if self.count > room:
            raise NotATrace(f"it is cut short, or damaged: {self.count} records, with room for {room}")
        check.records(self.header, RECORD.iter_unpack(self.raw()))
        self.event_names = self.header.names["event"]
        self.number = {name: number for number, name in enumerate(self.event_names)}

    def __getitem__(self, n: int) -> Record:
        return Record(*FIELDS.unpack_from(self.data, self.header.header_size + n * RECORD.size))

    def raw(self) -> memoryview:
        """All records, as bytes."""
        start = self.header.header_size
        return memoryview(self.data)[start : start + self.count * RECORD.size]

    def __iter__(self) -> Iterator[Record]:
        return map(Record._make, FIELDS.iter_unpack(self.raw()))


class Who:
    """Who runs, and what everybody is called; follows the records one by one. With several processors it is who runs
    on that of the record that was followed last."""

    def __init__(self, trace: Trace):
        self.process = 0  # 0: nobody
        self.thread = 0
        self.processor = 0
        self.on = [(0, 0)] * trace.header.processors  # of each processor: process and thread
        self.names: dict[int, str] = {1: "init"}
        self.of_space: dict[int, int] = {}
        self.objects: dict[int, str] = {}
        number = trace.number
        self.actions = {
            number["process"]: self._begin,
            number["exec"]: self._exec,
            number["switch"]: self._switch,
            number["name"]: self._name,
        }

    def follow(self, record: Record) -> None:
        if record.processor != self.processor:
            self.on[self.processor] = self.process, self.thread
            self.processor = record.processor
            self.process, self.thread = self.on[self.processor]
        action = self.actions.get(record.event)
        if action:
            action(record)

    def runs_on(self, processor: int) -> tuple[int, int]:
        """Process and thread."""
        return (self.process, self.thread) if processor == self.processor else self.on[processor]

    def _begin(self, record: Record) -> None:
        self.names[record.page] = self.names.get(record.detail, "init")
        if record.space:
            self.of_space.setdefault(record.space, record.page)

    def _exec(self, record: Record) -> None:
        self.names[record.page] = text_of(record)
        self.of_space[record.space] = record.page

    def _switch(self, record: Record) -> None:
        self.process, self.thread = record.page, record.frame

    def _name(self, record: Record) -> None:
        self.objects[record.page] = text_of(record)

    def program(self, process: int) -> str:
        """The name of what it runs."""
        return self.names.get(process, "kernel" if process == 0 else "?")
