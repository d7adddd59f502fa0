"""How long a process sleeps while it is waited for.

It does not sleep while it runs, nor while it waits for a processor, and Linux counts both to the nanosecond
(/proc/N/schedstat): so a busy machine is no reason, and who naps between two looks is found out as well as who never
wakes. Where Linux does not count, looks must do.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

UNCOUNTED = 0.05  # seconds: of who runs, Linux has not yet counted the last ones


def innermost(pid: int) -> int:
    """In a box, the process is a child of the box's own. One that has ended has none."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    except OSError:
        return pid
    return innermost(int(children[0])) if children else pid


def is_asleep(pid: int) -> bool:
    """It waits for something, and it is not the processor; or it has ended, and another keeps its pipe."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
    except OSError:
        return False
    return stat.rsplit(") ", 1)[-1][:1] in "SZT"


def busy(pid: int) -> float:
    """Seconds in which it ran, or waited for a processor; 0: nobody counts them."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        words = Path(f"/proc/{pid}/schedstat").read_text("ascii").split()
        return (int(words[0]) + int(words[1])) / 1e9
    return 0


class Sleep:
    """Of one process, whose number is that of what it is the innermost of."""

    def __init__(self, pid: int):
        self.pid = pid
        self.seconds = 0.0  # all that was seen of it
        self.await_it()

    def await_it(self) -> None:
        """From now on it is waited for."""
        self.before, self.since, self.busy = self.seconds, time.monotonic(), busy(self.pid)

    def look(self, waited: float) -> float:
        """So many seconds after the last look it is still waited for. How long has it slept?"""
        asleep, counted = is_asleep(self.pid), busy(self.pid)
        if counted and self.busy:
            slept = time.monotonic() - self.since - (counted - self.busy) - (0 if asleep else UNCOUNTED)
            self.seconds = self.before + max(slept, 0)
        elif asleep:
            self.seconds += waited
        return self.seconds
