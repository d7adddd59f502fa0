"""How a run ended that did not come to its end, in words. That it ended so decides nothing: what was due before
that decides. So here, and only here, the kernel may be quoted; but no number that another compiler, or another
run, would change.
"""

from __future__ import annotations

import re

from labbing.assembly import KILLED
from witnessing.seen import Seen

ENDS = {
    "limit": "it went on and on, and never came to its next mark",
    "stopped": "the machine stood still: everybody waited",
    "lost": "the machine ended",
    "done": "the program ended without coming there",
}
PANIC = re.compile(r"panic: (.*)")
INIT = re.compile(r"init has ended, with status (0x[0-9a-f]+)")
SIGNALS = {4: "SIGILL", 5: "SIGTRAP", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL", 11: "SIGSEGV"}
NUMBER = re.compile(r"\b(?:0x[0-9a-f]+|[0-9a-f]{8,}|(?<![:\w])\d{2,})\b")


def signal_name(number: int) -> str:
    return SIGNALS.get(number, f"signal {number}")


def words(seen: Seen) -> str:
    """Of a run that came to no end, or to an early one."""
    panic = PANIC.search(seen.console)
    if panic:
        return f"the kernel stopped with a panic: {NUMBER.sub('…', panic[1])}"
    killed = seen.values(KILLED)
    if killed:
        return f"a child was ended by {signal_name(killed[0])}"
    init = INIT.search(seen.console)
    if init and int(init[1], 16) & 0x7F:
        return f"the first process was ended by {signal_name(int(init[1], 16) & 0x7F)}"
    return ENDS[seen.end]


def is_early(seen: Seen) -> bool:
    """Was it cut short?"""
    return seen.end != "done" or bool(seen.values(KILLED))
