"""Commands of GDB in the words of the kernel's memory management: `help vm` lists them.

One concern a file: words and kernel read arguments and the kernel; arrays, entry, spaces and
walking are what memory management is made of; each other file brings its commands.
"""

from __future__ import annotations

import gdb

from vm import (
    audits,
    backwards,
    breaks,
    cpus,
    functions,
    groups,
    holding,
    kernel,
    policies,
    printers,
    programs,
    replay,
    steps,
    swaps,
    unwinder,
    walking,
    why,
    window,
)


# QEMU may let it wait: for a move in time, or on a busy machine. Whoever gives up after 2 seconds,
# as GDB does, takes the answer for that of the next question.
gdb.execute("set remotetimeout 120")


class Prefix(gdb.Command):
    """Virtual memory, looked at from outside: "help vm" lists all that can be asked.

    The words are those of the kernel: page and page id (logical memory), frame (physical),
    slot, pte, region, space, object, group."""

    def __init__(self) -> None:
        super().__init__("vm", gdb.COMMAND_DATA, prefix=True)

    def invoke(self, argument: str, _from_tty: bool) -> None:
        """No subcommand: which there are."""
        if argument.strip():
            raise gdb.GdbError(f"vm has no command {argument.split()[0]!r}: help vm lists them")
        gdb.execute("help vm")


COMMANDS = [
    walking.Walk,
    walking.Maps,
    holding.Page,
    holding.Frame,
    holding.Free,
    groups.Groups,
    policies.Policy,
    swaps.Swap,
    groups.WorkingSets,
    audits.Audit,
    why.Why,
    cpus.Cpus,
    breaks.Break,
    steps.Step,
    backwards.LastWrite,
    backwards.LastChange,
    backwards.Goto,
]


def load(folder: str | None = None, program: str | None = None) -> None:
    """Make everything known to GDB, once; the kernel's symbols are loaded. Our user programs are
    in `folder`; `program` is the one whose symbols are wanted first."""
    Prefix()
    for command in COMMANDS:
        command()
    for function in functions.FUNCTIONS:
        function()
    kernel.watch_the_machine()
    printers.register()
    unwinder.load()
    window.register()
    programs.start(folder, program)
    if replay.is_replay():
        replay.EndBreakpoint()
