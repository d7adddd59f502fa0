"""A command on a terminal of its own, whose screen can be looked at: a pty, and pyte to emulate.

Keys are typed as a person would; what the command draws is kept as a screen of letters with
colours. It is asked where its cursor is, as a shell does, and answers.
"""

from __future__ import annotations

import os
import re
import select
import time
from pathlib import Path

import pyte
import pyte.graphics

from faultline.seat import PATIENCE, Seat

# pyte calls the bright colours like the others; some of its releases, by other names.
for _table, _first in ((pyte.graphics.FG_AIXTERM, 90), (pyte.graphics.BG_AIXTERM, 100)):
    for _place in range(8):
        _table[_first + _place] = "bright" + pyte.graphics.FG_ANSI[30 + _place]


class Screen(pyte.Screen):
    """A screen that answers what it is asked."""

    def __init__(self, columns: int, lines: int, keyboard: int):
        super().__init__(columns, lines)
        self.keyboard = keyboard
        self.answers = 0

    def write_process_input(self, data: str) -> None:
        self.answers += 1
        os.write(self.keyboard, data.encode())


class Terminal(Seat):
    """A command, its keyboard and its screen."""

    def __init__(self, command: list[str], folder: Path, columns: int = 80, lines: int = 24):
        super().__init__(command, folder, columns, lines)
        self.screen = Screen(columns, lines, self.keyboard)
        self.stream = pyte.ByteStream(self.screen)
        self.pending = b""  # read, not drawn yet
        self.answered = 0  # answers that there were at the last prompt

    def resize(self, columns: int, lines: int) -> None:
        self.screen.resize(lines, columns)
        self.tell_size(columns, lines)

    def text(self) -> str:
        """The screen's lines, without the blanks at their ends."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def _fetch(self, seconds: float) -> bool:
        """More is pending; false: nothing came, or it has ended."""
        if not select.select([self.keyboard], [], [], seconds)[0]:
            return False
        try:
            self.pending += os.read(self.keyboard, 4096)
        except OSError:
            return False
        return True

    def _draw(self, length: int) -> None:
        self.stream.feed(self.pending[:length])
        self.pending = self.pending[length:]

    def read(self, seconds: float) -> bool:
        """Draw what comes, waiting so long for it; false: nothing came, or it has ended."""
        came = self._fetch(seconds) or bool(self.pending)
        self._draw(len(self.pending))
        return came

    def picture(self, seconds: float = PATIENCE) -> str:
        """Draw until the cursor goes home for the next picture: so one is complete. The text."""
        deadline = time.monotonic() + seconds
        while (at := self.pending.find(b"\x1b[H", 1)) < 0:
            left = deadline - time.monotonic()
            if left <= 0 or (not self._fetch(min(left, 1)) and self.process.poll() is not None):
                raise TimeoutError(f"no more pictures:\n{self.text()}")
        self._draw(at)
        return self.text()

    def wait_for(self, pattern: str, seconds: float = PATIENCE) -> str:
        """Until the screen shows the pattern. Its whole text then."""
        deadline = time.monotonic() + seconds
        while not re.search(pattern, self.text(), re.MULTILINE):
            left = deadline - time.monotonic()
            if left <= 0 or (not self.read(min(left, 1)) and self.process.poll() is not None):
                raise TimeoutError(f"no {pattern!r} on the screen:\n{self.text()}")
        return self.text()

    def at_prompt(self, pattern: str, seconds: float = PATIENCE) -> None:
        """Until the shell shows that prompt, has asked where its cursor is, and has been answered: what is typed
        before would be answered behind it, and the next command would take the answer for a key."""
        deadline = time.monotonic() + seconds
        self.wait_for(pattern, seconds)
        while self.screen.answers == self.answered:
            left = deadline - time.monotonic()
            if left <= 0 or (not self.read(min(left, 1)) and self.process.poll() is not None):
                raise TimeoutError(f"the shell did not ask where its cursor is:\n{self.text()}")
        self.answered = self.screen.answers

    def settle(self, seconds: float = 0.3) -> str:
        """Until nothing more is drawn for so long."""
        while self.read(seconds):
            pass
        return self.text()
