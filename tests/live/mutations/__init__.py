"""The changes that are made to a kernel that is then booted: what no test on the host sees.

`old` must be found exactly once in its file, and what remains must compile. `tests` name what
should notice, the likeliest first: a program of user/tests, with boot options before it if it
wants any, or a test of pytest's (tests/…).
"""

from mutations.mutation import Mutation

from . import entries, execution, lifetimes, locked, locks, processors, protection, seen, signals, turns, waiting, written

PARTS = (entries, execution, lifetimes, locked, locks, processors, protection, seen, signals, turns, waiting, written)

MUTATIONS: list[Mutation] = [
    mutation
    for part in PARTS
    for mutation in part.MUTATIONS
]

# Changes that change nothing anybody could see, and why. Kept, so that nobody tries them again.
EQUIVALENT = {
    "DF is kept over a system call": "QEMU clears DF at SYSCALL whatever SFMASK says",
    "MXCSR is loaded unmasked": "QEMU's FXRSTOR ignores reserved bits, a processor would fault",
    "any RIP is taken": "a general protection fault all the same: of a processor's IRETQ, of QEMU's fetch behind it",
    "an IRETQ that faults is the kernel's fault": "QEMU's IRETQ takes any RIP; the fetch behind it faults",
    "who is killed copies on": "long calls copy in pieces, and look between two whether they are being ended",
    "what went is not forgotten": "what comes again has come since, and that is news by itself",
    "timers of files ring as often as they are set to": "a ring is followed by none before the next read, whose caller pays for it",
    "a string may be of any length": "it is refused at its end as well; here only sooner",
}
