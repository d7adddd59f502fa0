"""When a run ends: by instructions, never by the host's clock.

The machine stops for us each time that the watchdog (faultline.deadline) rings, which is at the same
instruction in each run; then QEMU tells how many it has executed. One that has executed none since the
watchdog rang last waits for something; one that still has not after QUIET seconds of virtual time, in
which nothing but waiting took place, is halted for ever.

The kernel could disturb the watchdog, which has ports. So QEMU is asked now and then, too, while it
runs, however much the kernel says meanwhile: that finds the same ends, only not at the same instruction in each run.
And who has it ring all the time is at an end when it has rung too often.
"""

from __future__ import annotations

from typing import Any

from faultline.deadline import LONGEST, STEP, Watchdog

QUIET = 600  # virtual seconds
ASKED_QUIET = 60  # times in a row that QEMU was asked, a second apart
ROUSED = 10  # each so many of these the watchdog is set again: who is halted cannot have switched that one off, too
PAUSES_MOST = 2000  # of one run: only who meddles with the watchdog comes to so many
OVER = ("SHUTDOWN", "SUSPEND")  # reset, or switched off; or asleep: then it does not even stop, if it is told to
PAUSED, RUNNING = "paused", "running"  # when QEMU was asked


class Watch(Watchdog):
    """`ended` is None while it runs, and then done, limit, stopped or lost."""

    def __init__(self, budget: int, shift: int):
        super().__init__()
        self.budget = budget
        self.shift = shift  # an instruction takes 2^shift ns
        self.instructions = 0  # when it was last paused
        self.pauses = 0
        self.known = 0  # when QEMU was last asked
        self.quiet = 0  # virtual seconds without an instruction
        self.part = STEP  # how long the watchdog was set
        self.asked_quiet = 0
        self.roused = False  # the machine was stopped by us
        self.paused = False  # and QEMU was asked where it is
        self.counted = False  # it has said so
        self.ended: str | None = None

    def hear(self, message: dict[str, Any]) -> None:
        if message.get("event") in OVER:
            self.ended = "lost"  # but the count can be asked for
        if message.get("id") in (PAUSED, RUNNING) and "return" in message:
            self._count(message["return"]["icount"], message["id"] == PAUSED)
        super().hear(message)

    def rung(self) -> None:
        self.paused = True
        self.say("query-replay", name=PAUSED)

    def ask(self) -> None:
        """A second has passed."""
        if not self.paused:
            self.say("query-replay", name=RUNNING)

    def _count(self, instructions: int, paused: bool) -> None:
        moved, self.known = instructions != self.known, instructions
        if paused:
            waited = 0 if self.roused else self.part
            self.quiet = 0 if instructions != self.instructions else self.quiet + waited
            self.instructions = instructions
            self.counted = True
        else:
            self.asked_quiet = 0 if moved else self.asked_quiet + 1
            overdue = instructions > self.instructions + self._most(self.part) * 5 // 4
            if overdue or (self.asked_quiet and self.asked_quiet % ROUSED == 0):
                self.roused = True
                self.say("stop")

    def decide(self, done: bool) -> None:
        """The machine is paused and all that it had told is read: end, or go on."""
        self.counted = self.paused = False
        self.pauses += 1
        if done:
            self.ended = "done"
        elif self.ended is None and (self.instructions >= self.budget or self.pauses > PAUSES_MOST):
            self.ended = "limit"
        elif self.ended is None and (self.quiet >= QUIET or self.asked_quiet >= ASKED_QUIET):
            self.ended = "stopped"
        if self.ended is None:
            self.go_on()

    def _most(self, seconds: int) -> int:
        """Instructions in so many seconds of virtual time."""
        return seconds * 10**9 >> self.shift

    def go_on(self) -> None:
        """For two seconds; for more where it only waits, but not far beyond the budget."""
        self.asked_quiet, self.roused = self.asked_quiet if self.roused else 0, False
        self.part = STEP
        while self.quiet and self.part < LONGEST and self._most(self.part) < self.budget - self.instructions:
            self.part += STEP
        self.run_for(self.part)
