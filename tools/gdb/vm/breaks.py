"""vm break fault: stop at the next fault that is of interest."""

from __future__ import annotations

import gdb

from vm import faulting, foretell, kernel, spaces, why
from vm.words import Command, Complaint, address, number, say

WHERE = "fault_region"  # the first step; entered again after each sleep
KEYS = ("kind", "prog", "pid", "addr")


class FaultBreakpoint(gdb.Breakpoint):
    """At the first step of a fault, if it is one of those wanted."""

    def __init__(self, wanted: dict[str, str]):
        self.wanted = wanted
        self.pid = number(wanted["pid"], "a process") if "pid" in wanted else None
        self.page = address(wanted["addr"]) & ~0xFFF if "addr" in wanted else None
        super().__init__(WHERE)

    def stop(self) -> bool:
        """True: this is one."""
        kernel.forget()
        try:
            return self.matches()
        except (gdb.GdbError, gdb.error, gdb.MemoryError) as error:
            gdb.write(f"vm break fault: {error}\n")
            return True

    def matches(self) -> bool:
        """The cheap questions first: this may be asked for thousands of faults."""
        process = spaces.current_process()
        if self.pid is not None and (process is None or process.id != self.pid):
            return False
        if "prog" in self.wanted and (process is None or process.name != self.wanted["prog"][:15]):
            return False
        if self.page is not None and self.page != page_here():
            return False
        fault = faulting.current()
        story = foretell.tell(fault)
        if "kind" in self.wanted and story.kind != self.wanted["kind"]:
            return False
        major = ", major" if story.major else ""
        gdb.write(f"{why.headline(fault)}\n  will be: {story.kind}{major}\n")
        return True


def page_here() -> int | None:
    """The page that the step's own argument names."""
    handled = faulting.variable(gdb.newest_frame(), "fault")
    return int(handled["address"]) & (1 << 64) - 1 if handled is not None else None


class Break(Command):
    """Stop at faults: vm break fault [kind=KIND] [prog=NAME] [pid=N] [addr=ADDR].

    At the first step of mm/demand_paging/fault.c, when all that is given fits; addr= is any address in the
    page. The kind is foretold from what the tables say there; a fault that slept begins again at
    the first step, and is judged again. It is an ordinary breakpoint: delete, disable and
    ignore work with its number."""

    name = "break"
    keys = KEYS

    def run(self, plain: list[str], named: dict[str, str]) -> None:
        if plain != ["fault"]:
            raise Complaint("vm break fault [kind=KIND] [prog=NAME] [pid=N] [addr=ADDR]")
        if "kind" in named and named["kind"] not in faulting.kinds():
            raise Complaint(
                f"there is no kind {named['kind']}: they are {', '.join(faulting.kinds())}"
            )
        made = FaultBreakpoint(named)
        which = " ".join(f"{key}={value}" for key, value in named.items()) or "any fault"
        say(f"breakpoint {made.number} stops at faults: {which}")
