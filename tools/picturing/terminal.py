"""A command on a terminal of its own, whose screen can be looked at: a pty, and pyte to emulate.

Keys are typed as a person would; what the command draws is kept as a screen of letters with
colours. It is asked where its cursor is, as a shell does, and answers.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from pathlib import Path

import pyte


class Screen(pyte.Screen):
    """A screen that answers what it is asked."""

    def __init__(self, columns: int, lines: int, keyboard: int):
        super().__init__(columns, lines)
        self.keyboard = keyboard

    def write_process_input(self, data: str) -> None:
        os.write(self.keyboard, data.encode())


class Terminal:
    """A command, its keyboard and its screen."""

    def __init__(self, command: list[str], folder: Path, columns: int = 80, lines: int = 24):
        self.keyboard, theirs = pty.openpty()
        self.screen = Screen(columns, lines, self.keyboard)
        self.stream = pyte.ByteStream(self.screen)
        self._tell_size()
        self.drawn = 0  # bytes so far
        self.process = subprocess.Popen(
            command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(10)
        os.close(self.keyboard)

    def _tell_size(self) -> None:
        size = struct.pack("HHHH", self.screen.lines, self.screen.columns, 0, 0)
        fcntl.ioctl(self.keyboard, termios.TIOCSWINSZ, size)

    def resize(self, columns: int, lines: int) -> None:
        self.screen.resize(lines, columns)
        self._tell_size()

    def type(self, keys: str) -> None:
        os.write(self.keyboard, keys.encode())

    def text(self) -> str:
        """The screen's lines, without the blanks at their ends."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def read(self, seconds: float) -> bool:
        """Take what has been drawn, waiting so long for it; false: nothing came, or it has ended."""
        if not select.select([self.keyboard], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.keyboard, 4096)
        except OSError:
            return False
        self.drawn += len(data)
        self.stream.feed(data)
        return True

    def wait_for(self, pattern: str, seconds: float = 60) -> str:
        """Until the screen shows the pattern. Its whole text then."""
        deadline = time.monotonic() + seconds
        while not re.search(pattern, self.text(), re.MULTILINE):
            left = deadline - time.monotonic()
            if left <= 0 or (not self.read(min(left, 1)) and self.process.poll() is not None):
                raise TimeoutError(f"no {pattern!r} on the screen:\n{self.text()}")
        return self.text()

    def settle(self, seconds: float = 0.3) -> str:
        """Until nothing more is drawn for so long."""
        while self.read(seconds):
            pass
        return self.text()
