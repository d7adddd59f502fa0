"""A deadline in virtual time: a run that takes too many instructions is ended, however slow the
host is, and one that does not is left alone, however long the host takes.

The clock must be outside the guest, which may hang with interrupts off, or lie in HLT and wait for
nothing. So the machine gets a watchdog, an ib700, which counts virtual time and which the kernel
knows nothing of. We set it, by writing its port through QEMU's monitor, before the first
instruction; when it rings, QEMU stops the machine and tells us. It counts 30 s at most: a longer
deadline is several of these, and between two of them no virtual time passes. Idle time counts as
the guest sees it, so one who waits for nothing is at the deadline at once.
"""

from __future__ import annotations

import json
import os
import select
import socket
from typing import Any

START_PORT = 0x443  # writing n starts the watchdog: 30 - 2 n seconds
LONGEST = 30  # seconds
STEP = 2


class Watchdog:
    """The watchdog, and the channel on which QEMU says that it has rung. Whoever is one says in `rung`
    what comes then."""

    def __init__(self) -> None:
        self.ours, self.theirs = (end.detach() for end in socket.socketpair())
        self.text = b""
        self.held = False

    def words(self) -> list[str]:
        """For QEMU, which must inherit `theirs`."""
        return [
            *("-chardev", f"socket,fd={self.theirs},id=deadline"),
            *("-mon", "chardev=deadline,mode=control"),
            *("-device", "ib700", "-action", "watchdog=pause", "-S"),
        ]

    def start(self, held: bool = False) -> None:
        """QEMU runs: the time begins. `held`: as soon as somebody else, a debugger, has it run."""
        os.close(self.theirs)
        self.say("qmp_capabilities")
        self.held = held
        self.go_on()
        self.held = False

    def consume(self, data: bytes) -> None:
        """What the monitor says."""
        *lines, self.text = (self.text + data).split(b"\n")
        for line in lines:
            self.hear(json.loads(line))

    def hear(self, message: dict[str, Any]) -> None:
        """The machine stops for nothing but the watchdog. (The event WATCHDOG will not do: QEMU tells
        that once a second of the host's.)"""
        if message.get("event") == "STOP":
            self.rung()

    def rung(self) -> None:
        """The machine stands still."""
        raise NotImplementedError

    def go_on(self) -> None:
        """Set it again, and let the machine run."""
        raise NotImplementedError

    def run_for(self, seconds: float) -> None:
        """The machine runs until so much virtual time has passed: an even number, LONGEST at most."""
        number = (LONGEST - int(seconds)) // STEP
        self.say("human-monitor-command", {"command-line": f"o /b {START_PORT:#x} {number}"})
        if not self.held:
            self.say("cont")

    def listen(self, seconds: float) -> None:
        """Hear for so long what the monitor says, for whoever has no channels to carry."""
        if select.select([self.ours], [], [], seconds)[0]:
            self.consume(os.read(self.ours, 65536))

    def close(self) -> None:
        os.close(self.ours)

    def say(self, command: str, arguments: dict[str, str] | None = None, name: str = "") -> None:
        """A command for the monitor, whose answer bears that name as its id."""
        words = {"execute": command, "arguments": arguments or {}, "id": name}
        try:
            os.write(self.ours, json.dumps(words).encode() + b"\n")
        except OSError:
            pass  # QEMU has ended, as its other channels tell


class Deadline(Watchdog):
    """So many seconds of virtual time, rounded up to even ones, from the first instruction."""

    def __init__(self, seconds: float):
        super().__init__()
        self.seconds = max(STEP, -(-seconds // STEP) * STEP)
        self.left = self.seconds
        self.passed = False

    def rung(self) -> None:
        self.passed = not self.left
        if not self.passed:
            self.go_on()

    def go_on(self) -> None:
        part = min(self.left, LONGEST)
        self.left -= part
        self.run_for(part)
