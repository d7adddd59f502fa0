"""Shootdowns, gathered from the records: who asks, why, who is told, and when each has forgotten.

A processor that takes a translation away asks the others to forget it (arch/shootdown.c, docs/smp.md). What it
did before that, and which frames it frees when all have answered, is told by the records of its own between.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tracing.check import BYTES, ELSEWHERE, MODES, NONE
from tracing.reader import Record, Trace, Who
from tracing.words import many

USER, COPY = MODES.index("user"), MODES.index("copy")
MEMORY = (USER, COPY)  # modes in which a processor uses user memory
FLUSH_MOST = 32  # of more addresses than these all are forgotten (arch/mmu.h)
FRAMES_TOLD = 4
PAGE = 4096

# What a processor was found at, where it needs no message.
MODE_TOLD = {
    "kernel": "was in the kernel",
    "idle": "was idle",
    "fault": "served a fault",
    "copy": "was copying from or to user memory",
    "user": "ran user code",
}


@dataclass
class Answer:
    """One of the others, and the first thing that makes it safe: it has forgotten; or, of one that uses user memory, it
    has entered the kernel; or, of one in the kernel, it has loaded another space."""

    processor: int
    mode: int  # in which it was found, or ELSEWHERE
    end: Record | None = None
    time: int = 0  # of the end: it has entered the kernel before the record is written that says so

    @property
    def asked(self) -> bool:
        """Is it waited for?"""
        return self.mode in MEMORY


@dataclass
class Shootdown:
    """One, with the number of the record with which it begins."""

    n: int
    begin: Record
    process: int
    program: str
    why: str
    space: int  # 0: of any
    answers: dict[int, Answer] = field(default_factory=dict)
    over: Record | None = None
    freed: list[Record] = field(default_factory=list)  # `list` records of its frames

    @property
    def number(self) -> int:
        return self.begin.detail

    @property
    def asker(self) -> int:
        return self.begin.processor


class Causes:
    """Follows the records: for what each processor is about to ask."""

    def __init__(self, trace: Trace):
        self.names = {trace.number[name]: name for name in ("unmap", "discard", "protect", "fork", "wire")}
        self.names |= {trace.number[name]: name for name in ("withdraw", "entry", "hand", "table", "fault")}
        self.before: dict[int, tuple[str, Record]] = {}
        self.ends = {trace.number[name] for name in ("switch", "mode") if name in trace.number}

    def follow(self, record: Record) -> None:
        if record.event in self.names:
            self.before[record.processor] = (self.names[record.event], record)
        elif record.event in self.ends:
            self.before.pop(record.processor, None)

    def of(self, asks: Record) -> str:
        """In words, what the processor does that asks with this record."""
        name, record = self.before.get(asks.processor, ("", asks))
        pages = many((record.detail & BYTES) // PAGE, "page")
        match name:
            case "unmap" | "discard":
                return f"takes back {pages} at {record.address:#x}"
            case "protect":
                return f"changes what {pages} at {record.address:#x} allow"
            case "wire":
                return f"wires {pages} at {record.address:#x}, or lets go of them"
            case "fork":
                return f"forks: {pages} at {record.address:#x} are to be copied when written"
            case "withdraw":
                return f"takes page {record.page} out of frame {record.frame}"
            case "fault" if record.address == asks.address:
                return f"gives the writer of {record.address:#x} a copy, in the place of a page that others hold"
            case "entry":
                return f"changes the pte of {record.address:#x}"
            case "hand":
                return "looks which pages are used"
            case "table":
                return "changes page tables"
        return "changes ptes"


class Collector:
    """Fed with records one by one; hands out shootdowns, in order, when all that belongs to them has been seen."""

    def __init__(self, trace: Trace):
        self.who, self.causes = Who(trace), Causes(trace)
        self.root: dict[int, int] = {}  # frame -> the space whose root it is
        self.open: deque[Shootdown] = deque()
        self.asking: dict[int, Shootdown] = {}  # by who asks, until its frames are free
        self.early: dict[int, list[Record]] = {}  # by who asks: what others write down before they are told of
        self.waiting: dict[int, list[tuple[int, Answer]]] = {}  # of each processor: numbers, what it has not answered
        number = trace.number
        self.mode, self.done = number.get("mode", -1), number.get("shootdown-done", -1)
        self.actions: dict[int, Callable[[int, Record], None]] = {
            number["space"]: self._space,
            number["list"]: self._list,
            number["switch"]: self._goes,
        }
        of_several: dict[str, Callable[[int, Record], None]] = {
            "shootdown": self._begins,
            "shootdown-sent": self._sent,
            "shootdown-done": self._done,
            "shootdown-over": self._over,
            "load": self._load,
            "mode": self._mode,
        }
        self.actions |= {number[name]: action for name, action in of_several.items() if name in number}

    def feed(self, n: int, record: Record) -> list[Shootdown]:
        """Those of which all is known with this record."""
        self.who.follow(record)
        if record.event in (self.mode, self.done):
            for asker, early in self.early.items():
                if asker != record.processor:
                    early.append(record)
        action = self.actions.get(record.event)
        if action:
            action(n, record)
        self.causes.follow(record)
        found = []
        while self.open and self._is_whole(self.open[0]):
            found.append(self.open.popleft())
        return found

    def _is_whole(self, each: Shootdown) -> bool:
        if each.over is None or self.asking.get(each.asker) is each:
            return False
        return all(answer.end or answer.mode == ELSEWHERE for answer in each.answers.values())

    def _space(self, _n: int, record: Record) -> None:
        self.root[record.frame] = record.space

    def _begins(self, n: int, record: Record) -> None:
        process, space = self.who.process, 0 if record.frame == NONE else self.root.get(record.frame, 0)
        found = Shootdown(n, record, process, self.who.program(process), self.causes.of(record), space)
        self.open.append(found)
        self.asking[record.processor] = found
        self.early[record.processor] = []

    def _sent(self, _n: int, record: Record) -> None:
        found = self.asking.get(record.processor)
        if found:
            answer = found.answers[record.page] = Answer(record.page, record.address)
            self._take_early(found, answer)
            if answer.mode != ELSEWHERE and not answer.end:
                self.waiting.setdefault(record.page, []).append((found.number, answer))

    def _take_early(self, found: Shootdown, answer: Answer) -> None:
        """What it has written down between the beginning and the word that it is asked: it was seen in between."""
        for record in self.early.get(found.asker, ()):
            if record.processor != answer.processor:
                continue
            if record.event == self.done and record.detail >= found.number:
                answer.end, answer.time = record, record.time
                return
            if record.event == self.mode and answer.asked:
                left = record.detail not in MEMORY
                answer.end, answer.time = (record, record.address) if left else (None, 0)

    def _answers(self, record: Record, time: int, which: Callable[[int, Answer], bool]) -> None:
        """This record of a processor's is the end of those of its answers."""
        still = []
        for number, answer in self.waiting.get(record.processor, ()):
            if which(number, answer):
                answer.end, answer.time = record, time
            else:
                still.append((number, answer))
        self.waiting[record.processor] = still

    def _done(self, _n: int, record: Record) -> None:
        self._answers(record, record.time, lambda number, _answer: number <= record.detail)

    def _load(self, _n: int, record: Record) -> None:
        self._answers(record, record.time, lambda _number, answer: not answer.asked)

    def _mode(self, n: int, record: Record) -> None:
        self._goes(n, record)
        if record.detail not in MEMORY:
            self._answers(record, record.address, lambda _number, answer: answer.asked)

    def _over(self, _n: int, record: Record) -> None:
        found = self.asking.get(record.processor)
        self.early.pop(record.processor, None)
        if found:
            found.over = record

    def _list(self, _n: int, record: Record) -> None:
        found = self.asking.get(record.processor)
        if found:
            found.freed.append(record)

    def _goes(self, _n: int, record: Record) -> None:
        """It does something else."""
        found = self.asking.get(record.processor)
        if found and found.over:
            del self.asking[record.processor]


def all_shootdowns(trace: Trace) -> Iterator[Shootdown]:
    """Every one, in order."""
    collector = Collector(trace)
    for n, record in enumerate(trace):
        yield from collector.feed(n, record)
    yield from collector.open


# --- In words --------------------------------------------------------------------------------------


def _after(each: Shootdown, time: int) -> str:
    return f"after {time - each.begin.time:,} ns"


def _answer(trace: Trace, each: Shootdown, answer: Answer) -> str:
    """What became of one of the others."""
    one = f"processor {answer.processor}"
    if answer.mode == ELSEWHERE:
        return f"{one} had another space loaded, or none, and needed no message"
    message = " and was interrupted" if answer.mode == USER else "" if answer.asked else " and needed no message"
    found = f"{one} {MODE_TOLD[MODES[answer.mode]]}{message}"
    if answer.end is None:
        return f"{found}; that it has forgotten is not told" if answer.asked else found
    after, event = _after(each, answer.time), trace.event_names[answer.end.event]
    if event == "load":
        return f"{found} (it loaded another space {after})"
    if event == "mode":
        return f"{found}; it had come into the kernel by itself {after}"
    return f"{found}; it had forgotten {after}" if answer.asked else f"{found} (it forgot on its way out, {after})"


def _frames(each: Shootdown) -> str:
    if not each.freed:
        return "no frame was to be freed"
    numbers = [str(record.frame) for record in each.freed[:FRAMES_TOLD]]
    more = f" and {len(each.freed) - FRAMES_TOLD} more" if len(each.freed) > FRAMES_TOLD else ""
    what = "frame" if len(each.freed) == 1 else "frames"
    was = "was" if len(each.freed) == 1 else "were"
    return f"{what} {', '.join(numbers)}{more} {was} freed {_after(each, each.freed[0].time)}"


def sentence(trace: Trace, each: Shootdown) -> str:
    """One line."""
    count = each.begin.page
    addresses = f"{each.begin.address:#x}" if count == 1 else f"{count} addresses from {each.begin.address:#x} on"
    whose = f"space {each.space}" if each.space else "any space"
    told = addresses if count <= FLUSH_MOST else "all addresses"
    who = f"{each.program} ({each.process})" if each.process else "the kernel"
    answers = "; ".join(_answer(trace, each, answer) for answer in each.answers.values())
    end = f"Over {_after(each, each.over.time)}; {_frames(each)}" if each.over else "The trace ends before it is over"
    asks = f"{who} on processor {each.asker} {each.why}, and has {told} of {whose} forgotten"
    return f"{each.number:6} {each.begin.time / 1e6:11.3f} ms  {asks}: {answers}. {end}."


def sentences(trace: Trace) -> Iterator[str]:
    """Every shootdown of the trace."""
    if trace.header.processors == 1:
        yield "There is one processor: nobody else remembers anything."
        return
    for each in all_shootdowns(trace):
        yield sentence(trace, each)
