"""Faults, gathered from the records: those of one thread between its `fault` and `done`.

A fault may sleep, and others' records come between; with several processors those of another's fault,
too. Which records are its own is told by the thread that runs on their processor when they are written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tracing.check import NONE
from tracing.reader import Record, Trace, Who

STEPS = ("region", "pte", "page", "fill", "unshare", "install")
KIND, MAJOR = 0xFF, 0x100  # in the detail of `done`
ACCESS = {1: "read", 2: "write", 4: "execute"}


@dataclass
class Fault:
    """One fault: who, where, and its records in order, `fault` first."""

    number: int  # counts from 1
    process: int
    thread: int
    program: str
    first: int  # numbers of its first and last record
    last: int = -1
    steps: list[tuple[str, Record]] = field(default_factory=list)
    slept: int = 0  # how often the processor went to others
    between: list[Record] = field(default_factory=list)  # what happened to pages meanwhile

    @property
    def begin(self) -> Record:
        return self.steps[0][1]

    @property
    def end(self) -> Record:
        return self.steps[-1][1]

    @property
    def access(self) -> str:
        return ACCESS.get(self.begin.detail, f"access {self.begin.detail}")

    @property
    def duration(self) -> int:
        return self.end.time - self.begin.time

    @property
    def major(self) -> bool:
        done = self.step("done")
        return bool(done and done.detail & MAJOR)

    def step(self, name: str) -> Record | None:
        """The last record of that step, or None."""
        found = [record for step, record in self.steps if step == name]
        return found[-1] if found else None

    def kind(self, trace: Trace) -> str:
        done = self.step("done")
        return trace.header.names["kind"][done.detail & KIND] if done else "unfinished"


class Collector:
    """Fed with records one by one; hands out faults that have ended."""

    def __init__(self, trace: Trace):
        self.trace = trace
        self.who = Who(trace)
        self.count = 0
        self.open: dict[int, Fault] = {}
        number = trace.number
        self.names = {number[name]: name for name in (*STEPS, "done")}
        self.begins = number["fault"]
        self.switch = number["switch"]
        self.telling = {number[name] for name in ("evict", "request", "served", "take", "rescue")}

    def feed(self, n: int, record: Record) -> Fault | None:
        """The fault that this record ends, if it does."""
        who = self.who
        if record.event == self.switch:
            _, thread = who.runs_on(record.processor)
            if thread in self.open:
                self.open[thread].slept += 1
        who.follow(record)
        if record.event == self.begins:
            self.count += 1
            self.open[who.thread] = Fault(
                self.count, who.process, who.thread, who.program(who.process), n, steps=[("fault", record)]
            )
            return None
        name = self.names.get(record.event)
        if name is None:
            if record.event in self.telling:
                for each in self.open.values():
                    each.between.append(record)
            return None
        fault = self.open.get(who.thread)
        if fault is None:
            return None
        fault.steps.append((name, record))
        fault.last = n
        return self.open.pop(who.thread) if name == "done" else None


def all_faults(trace: Trace) -> Iterator[tuple[Fault, Who]]:
    """Every fault that ended, in the order of their ends."""
    collector = Collector(trace)
    for n, record in enumerate(trace):
        fault = collector.feed(n, record)
        if fault:
            yield fault, collector.who


def number_or_none(value: int) -> int | None:
    return None if value == NONE else value
