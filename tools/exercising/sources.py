"""Where answers come from: the simulators and the live kernel, by commands as the reader would type them."""

from __future__ import annotations

from drawing import source
from exercising.worksheet import Refused

BOOT, SIMULATOR, TLB = source.BOOT, source.SIMULATOR, source.TLB


def run(command: str) -> str:
    """The output of tools/boot, tools/policysim or tools/tlb. Refused: it failed."""
    try:
        return source.run(command)
    except source.RunFailed as error:
        raise Refused(str(error)) from None


def rows(command: str, between: str) -> list[dict[str, str]]:
    """The same of a command whose output is a table with a head."""
    head, *lines = [line.split(between) for line in run(command).splitlines() if line]
    return [dict(zip(head, line, strict=True)) for line in lines]
