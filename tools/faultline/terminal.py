"""The terminal that a person sits at: the machine knows its size, and it is left as it was found.

Two processes watch over it. One runs the machine; the other waits for that one, and puts the
terminal in order when it is gone, however it went. When the second is killed, the first ends the
machine and does the same; so does either when whoever started them is gone.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import socket
import sys
import termios
from collections.abc import Callable, Iterator

from faultline import run

KEYBOARD, SCREEN = 0, 1
# The ordinary screen, not the one for full-screen programs; cursor seen, colours plain, lines wrapped.
ORDINARY = b"\x1b[?1047l\x1b[?25h\x1b[m\x1b[?7h"
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Window:
    """Tells the machine, over its second serial line, how large the terminal is; again when it changes."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        self.ours, self.theirs = ours.detach(), theirs.detach()
        signal.signal(signal.SIGWINCH, lambda *_: self.tell())
        self.tell()

    def words(self) -> list[str]:
        """For QEMU, which must inherit `theirs`."""
        return ["-chardev", f"socket,fd={self.theirs},id=window", "-serial", "chardev:window"]

    def close(self) -> None:
        """The machine has gone."""
        signal.signal(signal.SIGWINCH, signal.SIG_DFL)
        os.close(self.ours)
        os.close(self.theirs)

    def tell(self) -> None:
        """Send rows and columns."""
        with contextlib.suppress(OSError):
            columns, rows = os.get_terminal_size(KEYBOARD)
            os.write(self.ours, f"{rows} {columns}\n".encode("ascii"))


@contextlib.contextmanager
def kept(settings: list) -> Iterator[None]:
    """Whatever happens to the terminal in here, its settings are these afterwards, and the cursor is seen."""
    try:
        yield
    finally:
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # another job may have the terminal by now
        with contextlib.suppress(termios.error, OSError):
            termios.tcsetattr(KEYBOARD, termios.TCSADRAIN, settings)
            fcntl.fcntl(SCREEN, fcntl.F_SETFL, fcntl.fcntl(SCREEN, fcntl.F_GETFL) & ~os.O_NONBLOCK)
            if os.isatty(SCREEN):
                os.write(SCREEN, ORDINARY)


def end_on(number: int, _frame: object) -> None:
    """Leave through the finally clauses: QEMU killed, files removed, terminal restored. Once."""
    for ending in ENDINGS:
        signal.signal(ending, signal.SIG_IGN)
    sys.exit(128 + number)


def end_orderly() -> None:
    """From here on a signal that ends us ends us in order."""
    for number in ENDINGS:
        signal.signal(number, end_on)


def watched_over(work: Callable[[], int]) -> int:
    """Do the work in a process of its own, and wait for it; its status. Neither outlives the other,
    or who started us (FAULTLINE_STARTER, if that is not our parent), and whichever is left puts the
    terminal in order."""
    settings = termios.tcgetattr(KEYBOARD)
    run.die_with_parent(signal.SIGTERM)
    in_worker = run.ends_with_us(signal.SIGTERM)
    worker = os.fork()
    if worker == 0:
        in_worker()
        end_orderly()
        with kept(settings):
            return work()
    for number in ENDINGS:
        signal.signal(number, lambda number, _: _pass_on(worker, number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # from the keyboard, which tells both
    with kept(settings):
        starter = os.environ.get("FAULTLINE_STARTER")
        if starter:
            _end_with(int(starter), worker)
        _, status = os.waitpid(worker, 0)
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


def _end_with(starter: int, worker: int) -> None:
    """Wait until one of them ends, and have the worker end if it was the other."""
    with contextlib.suppress(OSError):  # no pidfd before Linux 5.3; or the starter is gone already
        ends = {os.pidfd_open(process): process for process in (starter, worker)}
        ready, _, _ = select.select(ends, [], [])
        if worker in (ends[end] for end in ready):
            return
    _pass_on(worker, signal.SIGTERM)


def _pass_on(worker: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(worker, number)


def have_standard_descriptors() -> None:
    """A descriptor of 0 to 2 that is closed (as cron may do) would be the next file's: /dev/null is put there."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
