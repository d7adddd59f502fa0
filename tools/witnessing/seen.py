"""What was seen of a run: faults, marks, frames, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

PAGE = 4096
MAGIC = 0xFA17113E  # the upper half of RAX at a mark (tools/witnessing/mark.h)
LAST_MARK = 0xFFFFFFFF  # the number of the mark by which a program says that it is done
BEFORE = -1  # the phase before the first mark


@dataclass(frozen=True)
class Fault:
    """A page fault, as the processor raised it."""

    address: int
    access: str  # read, write, execute
    present: bool  # the page was there, and did not allow it
    ip: int
    space: int  # CR3: whose fault it was
    phase: int  # the number of the last mark before it; BEFORE: none
    mark: int  # that mark's place in Seen.marks; BEFORE: none
    by_user: bool = True  # of user code; else of the kernel, at an address of the user half

    @property
    def page(self) -> int:
        """The address of its page."""
        return self.address // PAGE * PAGE


@dataclass(frozen=True)
class Mark:
    """An int3 of user code with the magic in RAX."""

    number: int
    value: int  # RBX
    space: int  # CR3
    registers: dict[str, int]  # RAX … R15, RIP, RFL


@dataclass(frozen=True)
class Touch:
    """User code reached a page of the window: the first access in a phase, the first write, and each that
    found another frame than the one before."""

    phase: int
    address: int  # of the page
    access: str  # read, write
    frame: int  # its number
    mark: int  # the last mark's place in Seen.marks; BEFORE: none


@dataclass
class Seen:
    """A run. Nothing of it is the kernel's word but `console`, `output` and `status`."""

    faults: list[Fault] = field(default_factory=list)  # of user code, in order
    kernel_faults: list[Fault] = field(default_factory=list)  # of the kernel, at user addresses
    marks: list[Mark] = field(default_factory=list)
    touches: list[Touch] = field(default_factory=list)  # with the plugin
    end: str = "lost"  # done, limit, stopped, lost
    instructions: int = 0
    console: str = ""  # what the kernel printed; explains, never decides
    output: bytes = b""  # what it says that the program wrote
    status: int | None = None  # how it says that the program ended
    looks: dict[int, Any] = field(default_factory=dict)  # what the caller's own look() kept

    def values(self, number: int) -> list[int]:
        """The values of the marks with that number, in order."""
        return [mark.value for mark in self.marks if mark.number == number]

    def in_phase(self, phase: int, low: int = 0, high: int = 1 << 47) -> list[Fault]:
        """User code's faults of a phase, at addresses from low up to high."""
        return [fault for fault in self.faults if fault.phase == phase and low <= fault.address < high]
