"""What programs say of themselves in a trace, and what came of it until the next that one says.

A note is one record, or several: sixteen bytes in each (docs/trace.md). Any bytes may be in it, so
it is made plain before anybody sees it. The page has the same in its own language (page/notes.js),
and says it in the same words.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tracing.reader import Record, Trace, Who, text_of

LENGTH, AT_SHIFT = 0xFFFF, 16  # of a note's frame: its length, and where this part of it begins
STACK = 16  # in the detail of `map`
PAGE = 4096
FEW = 4  # so many are told one by one
PROCESSES_TOLD = 6


def plain(text: str) -> str:
    """Text that can be shown anywhere: what nobody would see, or a terminal would obey, is replaced."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


@dataclass
class Note:
    """One, with the numbers of its first and last record."""

    first: int
    last: int
    time: int
    process: int
    program: str
    text: str
    length: int  # bytes, of which these are here:
    data: bytes


class Notes:
    """Fed with records one by one; hands out notes that are whole."""

    def __init__(self, trace: Trace):
        self.event = trace.number.get("note", -1)
        self.open: dict[int, Note] = {}

    def feed(self, n: int, record: Record, who: Who) -> Note | None:
        """The note that this record ends, if it does. Parts whose beginning is lost are left out."""
        if record.event != self.event:
            return None
        process, at = record.page, record.frame >> AT_SHIFT
        if at == 0:
            length = record.frame & LENGTH
            self.open[process] = Note(n, n, record.time, process, who.program(process), "", length, b"")
        note = self.open.get(process)
        if note is None or at != len(note.data):
            return None
        note.data += struct.pack("<QQ", record.address, record.detail)[: note.length - at]
        note.last, note.text = n, plain(note.data.decode("utf-8", "replace"))
        return self.open.pop(process) if len(note.data) == note.length else None


# --- What came of it ----------------------------------------------------------------------------


@dataclass
class Fault:
    """One that has ended: of what kind, and where."""

    kind: str
    where: str


@dataclass
class Outcome:
    """What happened in a stretch of the trace."""

    faults: dict[str, list[Fault]] = field(default_factory=dict)  # by who took them
    lives: list[str] = field(default_factory=list)  # who began, and who ended
    counts: dict[str, int] = field(default_factory=dict)
    copies: list[str] = field(default_factory=list)
    used: dict[int, bool] = field(default_factory=dict)  # of each frame seen: off the free list now?

    def count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def frame(self, frame: int, used: bool) -> None:
        """It is on the free list, or off it; told again is told once."""
        if self.used.get(frame, not used) != used:
            self.count("taken" if used else "freed")
        self.used[frame] = used


class Follower:
    """Follows the records; has what happened since it was asked last."""

    def __init__(self, trace: Trace):
        self.trace = trace
        self.who = Who(trace)
        self.outcome = Outcome()
        self.stacks: dict[int, tuple[int, int]] = {}  # space -> where its stack is
        number = trace.number
        self.actions: dict[int, Callable[[Record], None]] = {
            number["done"]: self._done,
            number["unshare"]: self._unshare,
            number["process"]: self._process,
            number["exec"]: self._exec,
            number["exit"]: self._exit,
            number["map"]: self._map,
            number["grow"]: self._grow,
            number["list"]: self._listed,
        }
        self.actions |= {number[name]: self._taken for name in ("take", "new", "rescue")}
        self.counted = {number[name]: name for name in ("evict", "written", "page-in", "rescue")}

    def follow(self, record: Record) -> None:
        self.who.follow(record)
        if record.event in self.counted:
            self.outcome.count(self.counted[record.event])
        action = self.actions.get(record.event)
        if action:
            action(record)

    def take(self) -> Outcome:
        """What happened since this was called last."""
        outcome, self.outcome = self.outcome, Outcome()
        return outcome

    def name(self, process: int) -> str:
        return f"{self.who.program(process)} ({process})"

    def _done(self, record: Record) -> None:
        stack = self.stacks.get(record.space)
        on_stack = stack is not None and stack[0] <= record.address < stack[1]
        where = "the stack" if on_stack else f"{record.address:#x}"
        kind = self.trace.header.names["kind"][record.detail & 0xFF]
        self.outcome.faults.setdefault(self.name(self.who.process), []).append(Fault(kind, where))

    def _unshare(self, record: Record) -> None:
        if record.detail != self.trace.header.zero_frame:
            self.outcome.copies.append(f"frame {record.detail} to frame {record.frame}")

    def _process(self, record: Record) -> None:
        self.outcome.lives.append(f"{self.name(record.page)} begins, a child of {record.detail}")

    def _exec(self, record: Record) -> None:
        self.outcome.lives.append(f"process {record.page} runs {text_of(record)}")

    def _exit(self, record: Record) -> None:
        self.outcome.lives.append(f"{self.name(record.page)} ends")

    def _map(self, record: Record) -> None:
        if record.detail & STACK:
            self.stacks[record.space] = (record.address, record.address + record.detail - record.detail % PAGE)

    def _grow(self, record: Record) -> None:
        if record.space in self.stacks:
            self.stacks[record.space] = (record.address, self.stacks[record.space][1])

    def _taken(self, record: Record) -> None:
        self.outcome.frame(record.frame, True)

    def _listed(self, record: Record) -> None:
        self.outcome.frame(record.frame, False)


def plural(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def some(words: list[str]) -> str:
    """These, or as many as are told one by one, and how many more."""
    more = f", and {len(words) - FEW:,} more" if len(words) > FEW else ""
    return ", ".join(words[:FEW]) + more


def faults_told(who: str, faults: list[Fault]) -> str:
    """`demo-cow (3) takes 1 fault: copy at 0x7fffefffe000.`"""
    if len(faults) <= FEW:
        kinds = [f"{fault.kind} at {fault.where}" for fault in faults]
    else:
        counts: dict[str, int] = {}
        for fault in faults:
            counts[fault.kind] = counts.get(fault.kind, 0) + 1
        kinds = [f"{count:,} {kind}" for kind, count in counts.items()]
    return f"{who} takes {plural(len(faults), 'fault')}: {', '.join(kinds)}."


def answer(outcome: Outcome) -> list[str]:
    """What happened, in sentences."""
    lines = [f"{line}." for line in outcome.lives[:PROCESSES_TOLD]]
    if len(outcome.lives) > PROCESSES_TOLD:
        lines.append(f"{len(outcome.lives) - PROCESSES_TOLD:,} more begin, run a program or end.")
    takers = list(outcome.faults.items())
    lines += [faults_told(who, faults) for who, faults in takers[:PROCESSES_TOLD]]
    if len(takers) > PROCESSES_TOLD:
        others = sum(len(faults) for _, faults in takers[PROCESSES_TOLD:])
        lines.append(f"Others take {plural(others, 'fault')}.")
    if outcome.copies:
        lines.append(f"{plural(len(outcome.copies), 'page')} copied: {some(outcome.copies)}.")
    for what, told in COUNTED.items():
        if what in outcome.counts:
            lines.append(f"{plural(outcome.counts[what], 'page')} {told}.")
    taken, freed = outcome.counts.get("taken", 0), outcome.counts.get("freed", 0)
    if taken or freed:
        lines.append(f"Off the free list: {plural(taken, 'frame')}; back on it: {plural(freed, 'frame')}.")
    if not outcome.faults:
        lines.insert(0, "No fault.")
    return lines


COUNTED = {
    "evict": "evicted",
    "written": "written to the swap area",
    "page-in": "read back from it",
    "rescue": "rescued",
}


def with_answers(trace: Trace) -> Iterator[tuple[Note, list[str]]]:
    """Every note, and what happened until the next, or the end."""
    follower, notes = Follower(trace), Notes(trace)
    before: Note | None = None
    for n, record in enumerate(trace):
        follower.follow(record)
        note = notes.feed(n, record, follower.who)
        if note is None:
            continue
        outcome = follower.take()
        if before:
            yield before, answer(outcome)
        before = note
    if before:
        yield before, answer(follower.take())


def told(trace: Trace) -> Iterator[str]:
    """For people: each note, and below it what came of it."""
    for note, lines in with_answers(trace):
        yield plain(f"{note.time / 1e6:11.3f} ms  {note.program} ({note.process}): {note.text}")
        yield from (plain(f"{'':16}{line}") for line in lines)
