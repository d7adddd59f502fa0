"""Commands of GDB in the words of the kernel's memory management: `help vm` lists them.

One concern a file: words and kernel read arguments and the kernel; arrays, entry, spaces and
walking are what memory management is made of; each other file brings its commands.
"""

from __future__ import annotations

import gdb

from vm import groups, holding, kernel, policies, swaps, unwinder, walking


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
]


def load() -> None:
    """Make everything known to GDB; once."""
    Prefix()
    for command in COMMANDS:
        command()
    kernel.watch_the_machine()
    unwinder.load()
