"""vm cpus: what each processor does; and, for vm why, who is asked in a shootdown, and why.

GDB shows a thread for each processor, in the order of their numbers, from 1. The words are those of docs/smp.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import gdb

from vm import kernel, spaces
from vm.faulting import variable
from vm.kernel import Record
from vm.words import MASK, NONE, Command, many, say

FILE = "arch/shootdown.c"
MODES = {0: "in the kernel", 1: "runs user code", 2: "idles", 3: "serves a fault", 4: "copies user memory"}
KERNEL, USER, IDLE, FAULT, COPY = range(5)  # arch/processor.h
DEPTH = 24
# Who waits is in this function; for what, its caller's caller says.
WAITS = ("wait_until_served", "ticket_take")
LOCKS = {
    "processor_enter": "the kernel's lock",
    "mm_lock_take": "the mm lock",
    "trace_several": "the trace's lock",
    "line_take": "the trace's lock",
}


@dataclass
class Processor:
    """One of them; `thread` is GDB's, None where GDB has none for it."""

    number: int
    record: Record
    thread: gdb.InferiorThread | None

    @property
    def mode(self) -> int:
        """With one processor nobody writes it down: the processor itself knows."""
        if count() == 1:
            return USER if int(gdb.parse_and_eval("$cs")) & 3 else KERNEL
        return self.record.mode

    @property
    def behind(self) -> int:
        """So many requests to forget it has not looked at yet."""
        return request_number() - self.record.done

    @property
    def space(self) -> Record | None:
        """That it has loaded."""
        return space_of_root(self.record.root)


def request_number() -> int:
    return int(kernel.file_static(FILE, "request")["number"])


def space_of_root(root: int) -> Record | None:
    return next((space for space in spaces.spaces() if space.table_root == root), None)


def count() -> int:
    return kernel.number("processor_count")


def processors() -> list[Processor]:
    array, size = int(kernel.value("processors").address) & MASK, kernel.layout("struct processor").size
    threads = {thread.num: thread for thread in gdb.selected_inferior().threads()}
    return [
        Processor(n, kernel.record("struct processor", array + n * size), threads.get(n + 1)) for n in range(count())
    ]


def selected() -> int:
    """The processor that GDB looks at."""
    thread = gdb.selected_thread()
    return thread.num - 1 if thread else 0


# --- What it is at ---------------------------------------------------------------------------


def frames(frame: gdb.Frame | None) -> Iterator[gdb.Frame]:
    """From the newest on."""
    for _ in range(DEPTH):
        if frame is None:
            return
        yield frame
        try:
            frame = frame.older()
        except gdb.error:
            return


def names_of(thread: gdb.InferiorThread) -> list[str]:
    """The functions that a processor is in, the innermost first. GDB looks where it did again afterwards."""
    before, frame = gdb.selected_thread(), gdb.selected_frame()
    try:
        thread.switch()
        return [each.name() or "" for each in frames(gdb.newest_frame())]
    finally:
        before.switch()
        if frame.is_valid():
            frame.select()


def waits_for(names: list[str]) -> str | None:
    """The lock for which it waits."""
    if not any(name in WAITS for name in names[:3]):
        return None
    return next((LOCKS[name] for name in names if name in LOCKS), "a lock")


def at_work(processor: Processor) -> list[str]:
    """Its mode, and what of it its stack tells."""
    told = [MODES.get(processor.mode, f"in mode {processor.mode}")]
    names = names_of(processor.thread) if processor.thread else []
    lock = waits_for(names)
    if lock:
        told.append(f"waits for {lock}")
    if "shootdown" in names:
        told.append("has translations forgotten")
    return told


def whose(processor: Processor) -> str:
    """Who runs there."""
    thread = processor.record.thread
    if not thread:
        return "nobody yet"
    if thread == processor.record.idle:
        return "its idle thread"
    process = spaces.process_of_thread(thread)
    number = kernel.record("struct thread", thread, spaces.PROCESSES).id
    return f"{process}, thread {number}" if process else f"the kernel's thread {number}"


def requests(processor: Processor) -> str:
    if count() == 1:
        return "nobody else is to be told anything"
    return "nothing to forget" if processor.behind <= 0 else f"{many(processor.behind, 'request')} behind"


class Cpus(Command):
    """What each processor does: vm cpus.

    Its thread and process, the space it has loaded, its mode (arch/kernel_lock.c), the lock for which it waits, and
    how many requests to forget translations it is behind. * is the one that GDB looks at: "thread N" looks at
    processor N - 1. Who is behind uses no user memory before it has forgotten."""

    name = "cpus"
    most = 0

    def run(self, _plain: list[str], _named: dict[str, str]) -> None:
        kernel.attached()
        here = selected()
        for each in processors():
            mark, space = "*" if each.number == here else " ", each.space
            who = f"{whose(each)}, {f'space {space.id}' if space else 'no space'}"
            say(f"{mark} processor {each.number}: {who}; {', '.join(at_work(each))}; {requests(each)}")


# --- A shootdown -----------------------------------------------------------------------------


@dataclass
class Shootdown:
    """The one that the processor which GDB looks at asks for."""

    root: int  # NONE: of any space
    count: int
    first: int
    cause: str  # the function that has translations forgotten


def current() -> Shootdown | None:
    """None: it asks for none."""
    if gdb.selected_thread() is None:
        return None
    found: gdb.Frame | None = None
    for frame in frames(gdb.newest_frame()):
        name = frame.name() or ""
        if name == "shootdown":
            found = frame
        elif found is not None and name not in ("tlb_flush_others", "flush_end"):
            return _shootdown(found, name)
    return None


def _shootdown(frame: gdb.Frame, cause: str) -> Shootdown | None:
    root, addresses, length = (variable(frame, name) for name in ("root", "addresses", "count"))
    if root is None or addresses is None or length is None:
        return None
    return Shootdown(kernel.scalar(root), int(length), int(addresses.dereference()) & MASK, cause)


def remembers(other: Processor, root: int) -> bool:
    return other.record.root == root if root != NONE else other.space is not None


def answer(other: Processor, asks: Shootdown) -> str:
    """Is it asked, and why (not)?"""
    if not remembers(other, asks.root):
        return "has another space loaded, or none: it remembers nothing of this, and is not asked"
    told = MODES.get(other.mode, f"is in mode {other.mode}")
    if other.mode not in (USER, COPY):
        verb = f"is {told}" if other.mode == KERNEL else told
        owes = f" ({requests(other)})" if other.behind > 0 else ""
        return f"{verb}: it uses no user memory, and is not waited for; it forgets before it does{owes}"
    how = "it is interrupted, and waited for" if other.mode == USER else "it is waited for; that is short"
    done = "it has not forgotten yet"
    if other.behind <= 0:
        done = "it owes no answer: the request is still to be written, or it has forgotten"
    return f"{told}: it may use the old translation; {how}; {done}"


def tell(asks: Shootdown) -> None:
    """Who is asked, and why."""
    here = selected()
    every = processors()
    space = space_of_root(asks.root) if asks.root != NONE else None
    of = spaces.space_name(space) if space else "any space"
    what = f"{asks.first:#x}" if asks.count == 1 else f"{asks.count} addresses"
    say(f"{whose(every[here])}, on processor {here}: a shootdown: all are to forget {what} of {of}")
    say(f"  {asks.cause} has changed the entries, and this processor has forgotten them; what they led to may be freed")
    say("  only when no other can use the old translations")
    for each in every:
        if each.number != here:
            say(f"  processor {each.number} {answer(each, asks)}")
