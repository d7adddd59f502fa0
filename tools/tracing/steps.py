"""What a run's programs do, told so that it can be compared with another run's.

Frames, pages, times, even the numbers of spaces are the kernel's affair, and another kernel may give
others. What a program does is its own: it refers to addresses (and faults there), maps and unmaps, forks,
execs, ends. Each of these is a step, with a key that is the same in both runs when the program does the
same. What the kernel made of it (the fault's kind, the status of the end) is the step's outcome. Threads
are known by their place in the family: init is (), its second child (2,), that one's first (2, 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from tracing.explain import VERBS
from tracing.faults import Collector, Fault
from tracing.reader import Record, Trace, Who, text_of
from tracing.spaces import PAGE, Entries
from tracing.words import many, rights

Family = tuple[int, ...]
CALLS = ("map", "unmap", "protect", "discard", "wire")
BYTES = ~(PAGE - 1)  # of a call's detail; flags lie below


class Key(NamedTuple):
    """What the program does."""

    what: str  # fault, one of CALLS, fork, exec, exit
    address: int = 0
    detail: int | str = 0  # a fault's access; a call's bytes and flags; an exec's name


@dataclass(slots=True)
class Step:
    """One thing that one thread does, and what came of it. Of a million events there are a hundred thousand: so it has
    no records, but their numbers."""

    key: Key
    program: str
    process: int
    space: int
    first: int  # numbers of its first and last record
    last: int
    outcome: tuple[str, bool] = ("", False)  # a fault's kind, and was it major; how an end ended
    fault: int = 0  # its number, 0: it is none
    thread: int = 0  # a fault's


class Thread(NamedTuple):
    """Whose steps: the place of its process in the family, and of the thread in the process, from 1."""

    family: Family
    number: int


class Victim(NamedTuple):
    """A page that was evicted, by the name that it has in any run of the same programs."""

    whose: Family | str  # of the process, or of the object, whose page it is
    place: int  # its address there, or its index


class Eviction(NamedTuple):
    victim: Victim
    program: str  # whose page; "": an object's
    n: int  # the record
    page: int
    frame: int


class Families:
    """Follows the records: where in the family each process is, and which of its threads runs."""

    def __init__(self, trace: Trace):
        self.of: dict[int, Family] = {1: ()}
        self.children: dict[int, int] = {}
        self.threads: dict[int, dict[int, int]] = {}  # process -> thread -> its number
        self.begins, self.switch = trace.number["process"], trace.number["switch"]

    def follow(self, record: Record) -> None:
        if record.event == self.begins and record.page != 1:
            parent = record.detail
            self.children[parent] = self.children.get(parent, 0) + 1
            self.of[record.page] = (*self.of.get(parent, ()), self.children[parent])
        elif record.event == self.switch:
            known = self.threads.setdefault(record.page, {})
            known.setdefault(record.frame, len(known) + 1)

    def thread(self, process: int, thread: int) -> Thread:
        return Thread(self.of.get(process, (0, process)), self.threads.get(process, {}).get(thread, 1))


class Victims:
    """Follows the records, each before the ptes change: which pages go, by names that hold in any run."""

    def __init__(self, trace: Trace, who: Who, families: Families, entries: Entries):
        self.trace, self.who, self.families, self.entries = trace, who, families, entries
        self.found: list[Eviction] = []
        self.mapped: dict[int, tuple[int, int]] = {}  # frame -> (space, address) that lost it last
        self.of_object: dict[int, tuple[int, int]] = {}  # page -> (object, index)
        number = trace.number
        self.actions = {
            number["withdraw"]: self._withdraw,
            number["object"]: self._object,
            number["no-object"]: lambda record: self.of_object.pop(record.page, None),
            number["free"]: lambda record: self.of_object.pop(record.page, None),
            number["take"]: lambda record: self.mapped.pop(record.frame, None),
        }
        self.evict = number["evict"]

    def follow(self, n: int, record: Record) -> None:
        if record.event == self.evict:
            self._evict(n, record)
            return
        action = self.actions.get(record.event)
        if action:
            action(record)

    def _object(self, record: Record) -> None:
        self.of_object[record.page] = (record.address, record.detail)

    def _withdraw(self, record: Record) -> None:
        places = self.entries.mappers.get(record.frame)
        if places:
            self.mapped[record.frame] = min(places)

    def _evict(self, n: int, record: Record) -> None:
        place = self.mapped.pop(record.frame, None)
        if record.page in self.of_object:
            of, index = self.of_object[record.page]
            victim, program = Victim(self.who.objects.get(of, "shared memory"), index), ""
        elif place:
            process = self.who.of_space.get(place[0], 0)
            victim = Victim(self.families.of.get(process, (0, process)), place[1])
            program = self.who.program(process)
        else:
            victim, program = Victim("memory that nobody has mapped now", 0), ""
        self.found.append(Eviction(victim, program, n, record.page, record.frame))


class Run:
    """A trace, and all its steps and evictions in order."""

    def __init__(self, trace: Trace):
        self.trace = trace
        self.threads: dict[Thread, list[Step]] = {}
        self.outcomes: dict[tuple[str, bool], tuple[str, bool]] = {}  # each once
        self.collector = Collector(trace)
        self.families, self.entries = Families(trace), Entries(trace)
        victims = Victims(trace, self.collector.who, self.families, self.entries)
        self.evictions = victims.found
        self.names = {trace.number[name]: name for name in CALLS}
        self.begin, self.exec, self.exit = (trace.number[name] for name in ("process", "exec", "exit"))
        for n, record in enumerate(trace):
            victims.follow(n, record)
            self.entries.follow(record)
            fault = self.collector.feed(n, record)  # who runs, too
            self.families.follow(record)
            if fault:
                self._fault(fault)
            else:
                self._call(n, record)
        for fault in self.collector.open.values():
            self._fault(fault)

    def _add(self, step: Step, thread: int) -> None:
        self.threads.setdefault(self.families.thread(step.process, thread), []).append(step)

    def _fault(self, fault: Fault) -> None:
        key = Key("fault", fault.begin.address, fault.access)
        last = fault.last if fault.last >= 0 else fault.first
        outcome = (fault.kind(self.trace), fault.major)
        outcome = self.outcomes.setdefault(outcome, outcome)
        place = (fault.program, fault.process, fault.begin.space, fault.first, last)
        self._add(Step(key, *place, outcome, fault.number, fault.thread), fault.thread)

    def fault_of(self, step: Step) -> Fault:
        """The fault that a step is, with its records, which are read once more."""
        fault = Fault(step.fault, step.process, step.thread, step.program, step.first, step.last)
        fault.steps.append(("fault", self.trace[step.first]))
        runs: int | None = self.trace[step.first].processor  # on this one
        for n in range(step.first + 1, step.last + 1):
            record = self.trace[n]
            if record.event == self.collector.switch:
                if record.frame == step.thread:
                    runs = record.processor
                elif record.processor == runs:
                    runs = None
            elif record.processor == runs and record.event in self.collector.names:
                fault.steps.append((self.collector.names[record.event], record))
        return fault

    def _call(self, n: int, record: Record) -> None:
        who = self.collector.who
        name = self.names.get(record.event)
        if name:
            if who.of_space.get(record.space) == who.process:  # else it is a new space's: fork, exec
                self._change(name, n, record)
        elif record.event == self.begin:
            self._simple(Key("fork"), n, record, record.detail or 1)
        elif record.event == self.exec:
            self._simple(Key("exec", 0, text_of(record)), n, record, record.page)
        elif record.event == self.exit:
            self._simple(Key("exit"), n, record, record.page, (ended(record.detail), False))

    def _simple(self, key: Key, n: int, record: Record, process: int, outcome: tuple[str, bool] = ("", False)) -> None:
        who = self.collector.who
        self._add(Step(key, who.program(process), process, record.space, n, n, outcome), who.thread)

    def _change(self, name: str, n: int, record: Record) -> None:
        """A call that changes much tells so in pieces, as long as others may run meanwhile: they are one step."""
        who = self.collector.who
        steps = self.threads.get(self.families.thread(who.process, who.thread))
        before = steps[-1] if steps else None
        if before and before.key.what == name and isinstance(before.key.detail, int) and name != "map":
            size, flags = before.key.detail & BYTES, before.key.detail & ~BYTES
            if before.key.address + size == record.address and flags == record.detail & ~BYTES:
                before.key = Key(name, before.key.address, size + record.detail)
                before.last = n
                return
        key = Key(name, record.address, record.detail)
        self._add(Step(key, who.program(who.process), who.process, record.space, n, n), who.thread)


def ended(status: int) -> str:
    """A wait status in words."""
    signal = status & 0x7F
    return f"killed by signal {signal}" if signal else f"status {status >> 8 & 0xFF}"


def told(key: Key) -> str:
    """What the program does, as a sentence's verb and object."""
    if key.what == "fault":
        return f"{VERBS.get(str(key.detail), key.detail)} {key.address:#x}"
    if key.what == "exec":
        return f"execs {key.detail}"
    if key.what in ("fork", "exit"):
        return "forks" if key.what == "fork" else "ends"
    assert isinstance(key.detail, int)
    pages = (key.detail & BYTES) // PAGE
    allowed = f", {rights(key.detail)}" if key.what in ("map", "protect") else ""
    verb = "unwires" if key.what == "wire" and not key.detail & 1 else f"{key.what}s"
    return f"{verb} {many(pages, 'page')} at {key.address:#x}{allowed}"
