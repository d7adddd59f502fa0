"""Two runs of one program beside each other: where they part, and why.

The steps of each thread (steps.py) are aligned with those of the same thread in the other run (align.py). So
a row has a step of A's, of B's, or of both. The runs part at the first row that only one of them has, or where the
outcomes differ. Why, is told from the ptes that each found.
"""

from __future__ import annotations

import bisect
from collections import Counter
from dataclasses import dataclass

from tracing.align import aligned
from tracing.explain import MEANING
from tracing.faults import Fault, number_or_none
from tracing.reader import Trace, Who
from tracing.spaces import Entries
from tracing.steps import Eviction, Families, Run, Step, Thread, told
from tracing.words import NO_EXECUTE, PRESENT, WRITABLE, many, page_of, pte_short

SIDES = ("A", "B")


@dataclass(slots=True)
class Row:
    """A step of A's, the same one of B's, or both. `after`: A's record before it in the thread's rows; `moments`: how
    many events each run has had by then."""

    thread: Thread
    steps: tuple[Step | None, Step | None]
    after: int
    moments: tuple[int, int] = (0, 0)

    @property
    def same(self) -> bool:
        a, b = self.steps
        return a is not None and b is not None and a.outcome == b.outcome

    @property
    def one(self) -> Step:
        """A's step, or B's where A has none."""
        step = self.steps[0] or self.steps[1]
        assert step is not None
        return step


# --- Rows ----------------------------------------------------------------------------------------


def _rows(runs: tuple[Run, Run]) -> list[Row]:
    """Of all threads, those of one after those of another."""
    rows = []
    for thread in sorted({*runs[0].threads, *runs[1].threads}):
        a, b = (run.threads.get(thread, []) for run in runs)
        after = -1
        for i, j in aligned([step.key for step in a], [step.key for step in b]):
            rows.append(Row(thread, (None if i is None else a[i], None if j is None else b[j]), after))
            after = after if i is None else a[i].last
    return rows


def _in_order(rows: list[Row]) -> list[Row]:
    """By A's time; what only B does, after what both had done before that. Moments only grow, on both sides."""
    pairs = sorted((row.steps[0].last, row.steps[1].last) for row in rows if row.steps[0] and row.steps[1])
    a_at, b_at, most = [-1], [-1], -1
    for a, b in pairs:
        most = max(most, b)
        a_at.append(a)
        b_at.append(most)

    def place(row: Row) -> tuple[int, int, int]:
        a, b = row.steps
        if a:
            return (a.last, 0, 0)
        assert b is not None
        return (max(a_at[bisect.bisect_right(b_at, b.last) - 1], row.after), 1, b.last)

    rows.sort(key=place)
    moments = [0, 0]
    for row in rows:
        for side, step in enumerate(row.steps):
            moments[side] = max(moments[side], step.last + 1 if step else 0)
        row.moments = (moments[0], moments[1])
    return rows


# --- Why -----------------------------------------------------------------------------------------


def _refuses(fault: Fault, bits: int) -> str:
    """Which bit of the pte stood in the way."""
    if not bits & PRESENT:
        return "P was off"
    return "W was off" if fault.access == "write" and not bits & WRITABLE else ""


def _faulted(fault: Fault, trace: Trace) -> str:
    """What became of a fault, and why, from the pte that it found."""
    kind, done = fault.kind(trace), fault.end
    page = "" if number_or_none(done.page) is None else f", page {done.page}"
    frame = "" if number_or_none(done.frame) is None else f" in frame {done.frame}"
    pte = next((record for name, record in fault.steps if name == "pte"), None)
    why = ""
    if pte:
        refused = _refuses(fault, pte.detail)
        why = f" Its pte said: {pte_short(pte.detail, trace.header.zero_frame)}" + (f"; {refused}." if refused else ".")
    major = ", major" if fault.major else ""
    return f"fault {fault.number}, {kind}{major}{page}{frame}: {MEANING.get(kind, 'it did not end')}.{why}"


class Moment:
    """One run's ptes when it has had so many events, and which space is whose."""

    def __init__(self, trace: Trace, events: int):
        self.trace = trace
        self.entries, self.who, self.families = Entries(trace), Who(trace), Families(trace)
        for n, record in enumerate(trace):
            if n >= events:
                break
            self.entries.follow(record)
            self.who.follow(record)
            self.families.follow(record)

    def space(self, thread: Thread) -> int:
        """Of the process at that place in the family; 0: there is none."""
        process = next((p for p, family in self.families.of.items() if family == thread.family), 0)
        return next((space for space, of in reversed(self.who.of_space.items()) if of == process), 0)

    def no_fault(self, row: Row) -> str:
        """Why this run takes no fault where the other does."""
        space, key = self.space(row.thread), row.one.key
        if not space:
            return "no fault: there is no such process."
        bits = self.entries.at(space, key.address)
        says = f"its pte says: {pte_short(bits, self.trace.header.zero_frame)}"
        writes, executes = key.detail == "write", key.detail == "execute"
        if bits & PRESENT and (bits & WRITABLE or not writes) and not (executes and bits & NO_EXECUTE):
            allowing = "; W is on" if writes else ""
            return f"no fault: {says}{allowing}. So the reference needs none."
        if bits & PRESENT:
            return (
                f"no fault, although {says}; W is off. Either the program does not write there, or the processor "
                "still goes by an older translation that its TLB has kept: it was not flushed."
            )
        return f"no fault: the program does not refer to it here; {says}."


def _when_evicted(run: Run, fault: Fault) -> str:
    """Of a fault that found its page gone: when it went."""
    pte = next((record for name, record in fault.steps if name == "pte"), None)
    if pte is None or pte.detail == 0 or pte.detail & PRESENT:
        return ""
    page = page_of(pte.detail)
    found = [place for place in enumerate(run.evictions, 1) if place[1].page == page and place[1].n <= fault.last]
    if not found:
        return ""
    number, eviction = found[-1]
    when = "It had gone" if eviction.n < fault.first else "It was just going"
    return f" {when}, with eviction {number}, at event {eviction.n + 1}."


# --- Two runs ------------------------------------------------------------------------------------


class Compared:
    """Two runs, aligned. `program`: where they part is looked for in what this one does; "": in all. LookupError:
    neither runs it."""

    def __init__(self, a: Trace, b: Trace, program: str = ""):
        self.runs = (Run(a), Run(b))
        self.program = program
        self.rows = _in_order(_rows(self.runs))
        programs = {step.program for run in self.runs for steps in run.threads.values() for step in steps}
        if program and program not in programs:
            raise LookupError(f"neither runs {program}; there are {', '.join(sorted(programs))}")
        counts = (row for row in enumerate(self.rows) if program in ("", row[1].one.program))
        self.parting = next((n for n, row in counts if not row.same), None)
        self.eviction = self._other_eviction()

    def _other_eviction(self) -> int | None:
        """The first eviction, counted from 0, that takes another page; None: none does."""
        a, b = (run.evictions for run in self.runs)
        pairs = enumerate(zip(a, b, strict=False))
        other = next((n for n, (one, two) in pairs if one.victim != two.victim), None)
        return min(len(a), len(b)) if other is None and len(a) != len(b) else other

    def eviction_moments(self) -> tuple[int, int]:
        """How many events each run has had after its eviction that is the first to differ."""
        assert self.eviction is not None
        ends = []
        for run in self.runs:
            there = self.eviction < len(run.evictions)
            ends.append(run.evictions[self.eviction].n + 1 if there else run.trace.count)
        return (ends[0], ends[1])

    def before(self) -> list[Row]:
        """The rows until they part."""
        return self.rows[: self.parting]

    # --- Words ---

    def _same_so_far(self) -> str:
        faults = Counter(row.one.program for row in self.before() if row.same and row.one.fault)
        others = sum(not row.same for row in self.before())
        whose = ", ".join(f"{count} of {program}" for program, count in faults.most_common())
        but = f", but for {many(others, 'step')} of other programs" if others else ""
        count = many(sum(faults.values()), "fault")
        return f"Both runs are the same for {count}" + (f" ({whose}){but}." if whose else ".")

    def where(self) -> list[str]:
        """Where they part, and why: sentences, in the order of what happened."""
        lines, kernels = [*self._lost(), self._same_so_far()], self._kernels()
        if self.parting is None:
            of = f"{self.program} does" if self.program else "The programs do"
            return [*lines, f"{of} the same to the end.", *kernels]
        row = self.rows[self.parting]
        if self.eviction is not None and self.eviction_moments()[0] > row.moments[0]:
            kernels = []  # that comes later, and is no reason
        lines += kernels + [f"Then they part: {row.one.program} {told(row.one.key)}."]
        return lines + [f"{name}: {self._side(side, row)}" for side, name in enumerate(SIDES)]

    def _lost(self) -> list[str]:
        """Of a trace that ends before its run did."""
        return [
            f"{name}'s trace is not whole: it was full after event {run.trace.count}, and {run.trace.header.lost} "
            "records of what happened then are lost. What the other does from there on, it may have done, too."
            for run, name in zip(self.runs, SIDES, strict=True)
            if run.trace.header.lost
        ]

    def _kernels(self) -> list[str]:
        """The first page that goes in one run and not in the other; nothing when there is none."""
        if self.eviction is None:
            return []
        sides = [self._evicted(run, name) for run, name in zip(self.runs, SIDES, strict=True)]
        same = f"The first {many(self.eviction, 'eviction')} took the same pages; then"
        return [f"{same if self.eviction else 'From the first on'} the kernels evict others: {'; '.join(sides)}."]

    def _evicted(self, run: Run, name: str) -> str:
        assert self.eviction is not None
        if self.eviction >= len(run.evictions):
            return f"{name} evicts no more"
        eviction = run.evictions[self.eviction]
        return f"{name} evicts {victim_told(eviction)} from frame {eviction.frame}, at event {eviction.n + 1}"

    def _side(self, side: int, row: Row) -> str:
        """What one run does at the row where they part."""
        step, run = row.steps[side], self.runs[side]
        if step and step.fault:
            fault = run.fault_of(step)
            return _faulted(fault, run.trace) + _when_evicted(run, fault)
        if step:
            return (step.outcome[0] or "does so") + "."
        after = self._next(side, row)
        instead = f" What it does next: {after.program} {told(after.key)}." if after else " It does nothing more."
        if row.one.key.what == "fault":
            return Moment(run.trace, row.moments[side]).no_fault(row) + instead
        return "does not." + instead

    def _next(self, side: int, row: Row) -> Step | None:
        """The next step of that thread which that run has."""
        at = next(n for n, each in enumerate(self.rows) if each is row)
        later = (each.steps[side] for each in self.rows[at:] if each.thread == row.thread)
        return next((step for step in later if step), None)

    def row_told(self, row: Row) -> str:
        """A row in half a line."""
        step = row.one
        sides = [_outcome(each, name) for each, name in zip(row.steps, SIDES, strict=True)]
        return f"{step.program} ({step.process}) {told(step.key)}: " + "; ".join(sides)

    def differences(self) -> list[int]:
        """The rows that are not the same, by their numbers."""
        return [n for n, row in enumerate(self.rows) if not row.same]


def victim_told(eviction: Eviction) -> str:
    victim = eviction.victim
    if isinstance(victim.whose, str):
        return f"page {victim.place} of the object {victim.whose}"
    return f"page {victim.place:#x} of {eviction.program}"


def _outcome(step: Step | None, name: str) -> str:
    if step is None:
        return f"{name} does not"
    if step.fault:
        return f"{name} {step.outcome[0]}" + (", major" if step.outcome[1] else "")
    return f"{name} {step.outcome[0] or 'does'}"
