"""How far long work is, on stderr: one line that changes on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import shutil
import sys
import time

EVERY = 2.0  # seconds between two lines where there is no terminal


class Progress:
    """The line that is said again and again."""

    def __init__(self) -> None:
        self.terminal = sys.stderr is not None and sys.stderr.isatty()
        self.last = -EVERY  # when something was last said; never
        self.shown = False

    def say(self, text: str) -> None:
        """This is where the work is now."""
        now = time.monotonic()
        if self.terminal:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r\x1b[K{text[:width]}", end="", file=sys.stderr, flush=True)
            self.shown = True
        elif now - self.last >= EVERY:
            print(text, file=sys.stderr, flush=True)
            self.last = now

    def end(self) -> None:
        """The work is over: the changing line goes."""
        if self.shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
