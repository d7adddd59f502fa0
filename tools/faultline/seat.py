"""A command on a terminal of its own: what its keyboard is told, and that it goes when we do."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self

PATIENCE = 1800  # seconds of the host's, which may be busy


def own_terminal() -> None:
    """For a child, before it executes: its terminal is its controlling one, so that it hangs up
    when we are gone, however we end."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Seat:
    """The command, and the side of its terminal at which one types and reads."""

    def __init__(self, command: list[str], folder: Path, columns: int = 0, lines: int = 0):
        self.keyboard, theirs = pty.openpty()
        self.tell_size(columns, lines)
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=own_terminal,
        )
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(PATIENCE)
        os.close(self.keyboard)

    def tell_size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self.keyboard, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def type(self, keys: str) -> None:
        os.write(self.keyboard, keys.encode())
