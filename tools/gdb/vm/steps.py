"""vm step: to the next of the six steps, by the thread that is followed."""

from __future__ import annotations

import gdb

from vm import faulting, kernel, spaces, why
from vm.words import Command, say

ENDS = ("thread_exit", "machine_off")


class StepBreakpoint(gdb.Breakpoint):
    """At the beginning of one step; stops only in the thread that is followed."""

    def __init__(self, step: str, address: int, thread: int):
        self.step = step
        self.followed = thread
        self.hit = False
        super().__init__(f"*{address:#x}", internal=True)
        self.silent = True

    def stop(self) -> bool:
        """True: it is our thread's; or there was none to follow, and this is the first."""
        kernel.forget()
        self.hit = not self.followed or kernel.running() == self.followed
        return self.hit


class EndBreakpoint(gdb.Breakpoint):
    """The thread that is followed ends, or the machine does."""

    def __init__(self, function: str, thread: int):
        self.function = function
        self.followed = thread
        self.hit = False
        super().__init__(function, internal=True)
        self.silent = True

    def stop(self) -> bool:
        """True: nothing more can come."""
        kernel.forget()
        self.hit = self.function == "machine_off" or kernel.running() == self.followed
        return self.hit


def followed() -> int:
    """The thread to follow: the current one, if it works for a process; 0: whoever comes."""
    thread = kernel.running()
    return thread if spaces.process_of_thread(thread) else 0


def places() -> dict[int, str]:
    """Where the next step may begin. Of the one that is current no other place: that is the same one again."""
    addresses = faulting.step_addresses()
    here = gdb.selected_frame().pc() if gdb.selected_thread() else 0
    current = addresses.get(here)
    return {pc: step for pc, step in addresses.items() if step != current or pc == here}


def go(points: list[gdb.Breakpoint]) -> None:
    """Run until something stops the machine; then away with the breakpoints."""
    try:
        gdb.execute("continue", to_string=True)
    finally:
        for point in points:
            if point.is_valid():
                point.delete()


class Step(Command):
    """Go to the next of the six steps of a fault, and say which: vm step.

    Follows the process that is current over sleeps and switches: others may run, and fault,
    meanwhile. Behind the last step comes the first of its next fault. Whatever else stops the
    machine, a breakpoint of yours, stops this too."""

    name = "step"
    most = 0

    def run(self, _plain: list[str], _named: dict[str, str]) -> None:
        thread = followed()
        steps = [StepBreakpoint(step, address, thread) for address, step in places().items()]
        ends = [EndBreakpoint(function, thread) for function in ENDS]
        go([*steps, *ends])
        if gdb.selected_thread() is None:
            say("the machine has ended: there are no more faults")
            return
        reached = next((point.step for point in steps if point.hit), None)
        ended = next((point.function for point in ends if point.hit), None)
        if reached:
            self.tell(reached)
        elif ended:
            what = (
                "the machine is being switched off" if ended == "machine_off" else "its thread ends"
            )
            say(f"no more steps: {what}")
        else:
            frame = gdb.selected_frame()
            say(f"stopped before the next step, in {frame.name() or hex(frame.pc())}")

    @staticmethod
    def tell(step: str) -> None:
        """Where it has come to, and what the steps before have found."""
        fault = faulting.current()
        if step == "region":
            say(why.headline(fault))
        say(why.step_line(step))
        for line in why.done_so_far(fault):
            say(f"  {line}")
        if step == "install":
            say(f"  {why.becomes(fault)}")
