"""From the records alone: does any processor use user memory while it may remember what it should have forgotten?

Each processor may remember every translation of the space that it has loaded, from when it first uses user memory
there. An entry that changes leaves an old translation behind, until the processor has forgotten it (`shootdown-done`)
or has loaded another space (`load`). So three things are proved of a trace:

1. Each of the others was told, or found to need no message; and who used user memory then had forgotten, or had entered
   the kernel, before the one who asked went on (`shootdown-over`).
2. Who was in the kernel then, and was not waited for, has forgotten before it uses user memory again.
3. When a frame becomes free, nobody uses user memory who may remember a translation that leads to it, nor does
   anybody later, before it has forgotten.

The first two are what the kernel promises (arch/shootdown.c), as it tells it. The third is what the promise is
good for: it asks for nothing that the kernel says of its shootdowns but that a processor has forgotten.

An entry that a fault replaces is emptied first, and then forgotten by all; the record with what it says from now on
(`install`) comes after that. So it counts as changed when its shootdown began.

A processor writes down that it has entered the kernel when it has got the lock there, and since when it is in: so
what one does in user mode is known with its next record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tracing.check import ELSEWHERE
from tracing.reader import Record, Trace
from tracing.shootdowns import MEMORY
from tracing.spaces import Entries
from tracing.words import PRESENT, frame_of, many


@dataclass
class Stale:
    """A translation that a processor may remember though its entry has changed."""

    since: int  # the record that changed it
    space: int
    address: int
    freed: int = -1  # the record with which its frame became free


@dataclass
class Doubt:
    """What is so if the processor used user memory at that time."""

    time: int
    breach: str


@dataclass
class Processor:
    """What is known of one."""

    number: int
    mode: int = 0
    entered: int = -1  # the record with which it began to use user memory last
    space: int = 0  # that it has loaded
    used: bool = False  # user memory of it
    done: int = 0  # so far it has forgotten
    owes: int = 0  # so far it is to forget before it uses user memory again
    stale: dict[int, list[Stale]] = field(default_factory=dict)  # by the frame
    doubts: list[Doubt] = field(default_factory=list)


@dataclass
class Asked:
    """A processor that was found using user memory, and is waited for."""

    processor: int
    n: int  # the record with which the shootdown begins
    inside: bool  # its own records say the same of that moment


class Watched(Entries):
    """The ptes; tells of each present one that changes, before it does."""

    def __init__(self, trace: Trace, changes: Callable[[int, int, int], None]):
        super().__init__(trace)
        self.changes, self.zero = changes, trace.header.zero_frame

    def _set(self, space: int, address: int, bits: int) -> None:
        old = self.at(space, address)
        gone = old & PRESENT and not (bits & PRESENT and frame_of(bits) == frame_of(old))
        if gone and frame_of(old) != self.zero:
            self.changes(space, address, frame_of(old))
        super()._set(space, address, bits)


class Proof:
    """Goes through a trace of several processors. `breaches`: what cannot be, in sentences; none: it is proved."""

    def __init__(self, trace: Trace):
        self.trace = trace
        self.processors = [Processor(number) for number in range(trace.header.processors)]
        self.entries = Watched(trace, self._changes)
        self.breaches: list[str] = []
        self.told: dict[int, set[int]] = {}  # by who asks: whom
        self.asked: dict[int, list[Asked]] = {}  # and for whom it waits
        self.inside: dict[int, list[int]] = {}  # and who used user memory when it began
        self.begun: dict[int, int] = {}  # number of a shootdown -> its record
        self.latest: dict[int, Record] = {}  # by who asks: the last, while it is in the kernel
        self.n = self.by = self.shootdowns = self.answers = self.freed = 0
        number = trace.number
        self.actions = {
            number["load"]: self._load,
            number["mode"]: self._mode,
            number["switch"]: self._switch,
            number["list"]: self._list,
            number["shootdown"]: self._shootdown,
            number["shootdown-sent"]: self._sent,
            number["shootdown-done"]: self._done,
            number["shootdown-over"]: self._over,
        }

    def prove(self) -> None:
        """All of it."""
        for self.n, record in enumerate(self.trace):
            self.by = record.processor
            self.entries.follow(record)
            action = self.actions.get(record.event)
            if action:
                action(record)

    def _breach(self, words: str) -> None:
        self.breaches.append(f"record {self.n}, {self.trace[self.n].time / 1e6:.3f} ms: {words}")

    # --- What each remembers ---

    def _changes(self, space: int, address: int, frame: int) -> None:
        """A translation to the frame is old from now on. Who changes it forgets it himself."""
        since, number, latest = self.n, 0, self.latest.get(self.by)
        if latest and latest.page == 1 and latest.address == address:
            number = latest.detail
            since = self.begun[number]
        for one in self.processors:
            if one.number == self.by or one.space != space or not one.used or number and one.done >= number:
                continue
            one.stale.setdefault(frame, []).append(Stale(since, space, address))

    def _load(self, record: Record) -> None:
        one = self.processors[record.processor]
        one.space, one.used = record.space, False
        one.stale.clear()

    def _switch(self, record: Record) -> None:
        self.latest.pop(record.processor, None)

    def _done(self, record: Record) -> None:
        """It has forgotten all that had changed when that request began."""
        one = self.processors[record.processor]
        one.done = max(one.done, record.detail)
        begun = self.begun.get(record.detail, -1)
        for frame, found in list(one.stale.items()):
            still = [each for each in found if each.since > begun]
            if still:
                one.stale[frame] = still
            else:
                del one.stale[frame]
        if record.address:  # by interrupt: it was in user mode all the time until now
            self._settle(one, record.time)

    def _mode(self, record: Record) -> None:
        one = self.processors[record.processor]
        if one.mode in MEMORY:
            self._settle(one, record.address)
        one.mode = record.detail
        self.latest.pop(one.number, None)
        if one.mode not in MEMORY:
            return
        one.used, one.entered = True, self.n
        if one.done < one.owes:
            self._breach(f"processor {one.number} uses user memory, and has not forgotten for shootdown {one.owes}")
            one.owes = one.done  # once is enough
        for frame, olds in one.stale.items():
            for each in olds:
                if each.freed >= 0:
                    self._breach(_reaches(one, frame, each))
            olds[:] = [each for each in olds if each.freed < 0]

    def _settle(self, one: Processor, until: int) -> None:
        """Till then it used user memory."""
        for doubt in one.doubts:
            if doubt.time < until:
                self._breach(doubt.breach)
        one.doubts.clear()

    # --- Who asks, and who answers ---

    def _shootdown(self, record: Record) -> None:
        self.shootdowns += 1
        self.begun[record.detail] = self.n
        self.asked[record.processor], self.told[record.processor] = [], {record.processor}
        self.inside[record.processor] = [one.number for one in self.processors if one.mode in MEMORY]
        self.latest[record.processor] = record

    def _sent(self, record: Record) -> None:
        self.told.setdefault(record.processor, set()).add(record.page)
        if record.address in MEMORY:
            # It was seen between the beginning and this record; it may have come into the kernel since.
            begun = self.begun.get(record.detail, self.n)
            inside = record.page in self.inside.get(record.processor, ())
            self.asked.setdefault(record.processor, []).append(Asked(record.page, begun, inside))
        elif record.address != ELSEWHERE:
            self.processors[record.page].owes = record.detail

    def _over(self, record: Record) -> None:
        told = self.told.pop(record.processor, set())
        for one in self.processors:
            if one.number not in told:
                self._breach(f"shootdown {record.detail} is over, and processor {one.number} was not told")
        for asked in self.asked.pop(record.processor, []):
            other = self.processors[asked.processor]
            self.answers += 1
            if other.done >= record.detail:
                continue
            words = f"processor {other.number} has neither forgotten nor come into the kernel, and shootdown"
            words += f" {record.detail} is over"
            if other.mode in MEMORY:
                other.doubts.append(Doubt(record.time, f"{words} with record {self.n}"))
            elif not asked.inside and other.entered < asked.n:  # it was on its way out of the kernel, and is
                self._breach(words)

    def _list(self, record: Record) -> None:
        """A frame becomes free."""
        self.freed += 1
        if record.processor in self.asked:
            self._breach(f"frame {record.frame} becomes free before all have answered")
        for one in self.processors:
            for each in one.stale.get(record.frame, ()):
                each.freed = self.n
                if one.mode in MEMORY:
                    one.doubts.append(Doubt(record.time, _reaches(one, record.frame, each)))


def _reaches(one: Processor, frame: int, each: Stale) -> str:
    """It uses user memory, and this is so."""
    place = f"{each.address:#x} of space {each.space}"
    return f"processor {one.number} may still reach frame {frame} by {place}, and it is free since record {each.freed}"


BREACHES_TOLD = 20


def proved(trace: Trace) -> tuple[bool, list[str]]:
    """Is it so, and what to say of it."""
    if trace.header.processors == 1:
        return True, ["There is one processor: nobody else remembers anything."]
    if trace.header.lost:
        raise LookupError("the trace is not whole, so nothing can be proved from it")
    proof = Proof(trace)
    proof.prove()
    lines = proof.breaches[:BREACHES_TOLD]
    if len(proof.breaches) > BREACHES_TOLD:
        lines.append(f"… and {len(proof.breaches) - BREACHES_TOLD} more of that kind")
    shootdowns, answers = many(proof.shootdowns, "shootdown"), many(proof.answers, "answer")
    lines.append(f"{shootdowns}, {answers} waited for; {many(proof.freed, 'frame')} freed.")
    if not proof.breaches:
        lines.append("Nobody used user memory while it could remember what had been taken away.")
    return not proof.breaches, lines


