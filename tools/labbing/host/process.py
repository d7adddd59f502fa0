"""The process in which the student's functions run, and how it ends.

It is bounded by processor time and memory; where bwrap works, it sees no network, no other process, and no files but
the library and what every program needs. What it says of itself is answers to our questions, each of which is looked
into; how it ended explains, and decides nothing: whoever does not answer has not done what was due.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

from faultline import box
from labbing.host.memory import Shared
from labbing.host.sleeping import Sleep, innermost

SECONDS = 5  # of processor time
MOST = 1 << 30  # bytes of memory
LINE = 500  # bytes: the driver says less
BEGINS = 60  # seconds in which nothing is heard of the process at all, for it is begun
STILL = 10  # seconds, in all its life, in which it slept and had not answered
SOON, LATER = 0.0005, 1  # seconds until the first look at who is waited for, and at most until the next
QUESTIONS_MOST = 2000  # in one call
TAKE, TAKE_ZEROED, FREE, FLUSH_PAGE, FLUSH_ALL, LOADED, PANIC = range(7)
CHILD = Path(__file__).with_name("child.py")
LIBRARY = "/library.so"  # where it is in a box


class GoneError(Exception):
    """There is no process any more, for the reason told."""


def in_box(reads: dict[str, Path]) -> list[str]:
    """What goes before a command. `reads`: a place in the box, and what is there."""
    return box.words(reads, {})


@cache
def has_box() -> bool:
    """Is bwrap here, and allowed to do its work?"""
    if not shutil.which("bwrap"):
        return False
    tried = subprocess.run([*in_box({}), sys.executable, "-c", ""], capture_output=True, check=False)
    return tried.returncode == 0


def command(library: Path, memory: int, numbers: list[int]) -> list[str]:
    """What is started: in a box, if there can be one. `memory`: a descriptor."""
    words = [str(memory), *map(str, numbers)]
    python = [sys.executable, "-I", "-S"]
    if not has_box():
        return [*python, str(CHILD), str(library), *words]
    return [*in_box({LIBRARY: library, "/child.py": CHILD}), *python, "/child.py", LIBRARY, *words]


class Process:
    """One, with its memory."""

    def __init__(self, library: Path, memory: Shared):
        self.memory = memory
        self.before = b""  # what was said, but no whole line
        self.child = subprocess.Popen(
            command(library, memory.file, [SECONDS, MOST, *memory.numbers]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=(memory.file,),
        )
        self.sleep, self.still = Sleep(self.child.pid), BEGINS
        self.begin()
        first, *said = self.hear()
        if first == "refused":
            self.end()
            raise GoneError(f"what it is compiled to cannot be loaded: {' '.join(said).rsplit(': ', 1)[-1]}")
        if first != "ready":
            raise self.strange()

    def begin(self) -> None:
        """OSError: it does not, and the functions have no part in that."""
        try:
            said = self.hear()
        except GoneError as gone:
            raise OSError(f"no process for tests without a machine: {gone}") from None
        if said != ["here"]:
            self.end()
            raise OSError("the process for tests without a machine does not begin as it should")
        self.sleep, self.still = Sleep(innermost(self.child.pid)), STILL

    def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.child.pid, signal.SIGKILL)  # whatever it has begun, too
        self.child.wait()
        for pipe in (self.child.stdin, self.child.stdout):
            with contextlib.suppress(OSError):
                if pipe:
                    pipe.close()

    def call(self, words: list[int], answer: Callable[[int, int, int], int]) -> tuple[int, int]:
        """Let it do that, and answer what it asks meanwhile. What it gives back: what driver_call answers, and more."""
        self.say(*words)
        for _ in range(QUESTIONS_MOST):
            kind, *rest = self.hear()
            try:
                numbers = [int(each) for each in rest]
            except ValueError:
                raise self.strange() from None
            if kind == "done" and len(numbers) == 2:
                return numbers[0], numbers[1]
            if kind != "?" or len(numbers) != 3:
                raise self.strange()
            if numbers[0] == PANIC:
                words_of_it = self.memory.words()
                self.end()
                raise GoneError(f"it stopped with a panic: {words_of_it}")
            self.say(answer(*numbers))
        self.end()
        raise GoneError("it asked for something again and again")

    def say(self, *words: str | int) -> None:
        assert self.child.stdin
        with contextlib.suppress(BrokenPipeError):  # then we hear nothing, either
            self.child.stdin.write((" ".join(map(str, words)) + "\n").encode())
            self.child.stdin.flush()

    def hear(self) -> list[str]:
        """The words of a line."""
        assert self.child.stdout
        wait = SOON
        self.sleep.await_it()
        while b"\n" not in self.before:
            if len(self.before) > LINE:
                raise self.strange()
            if not select.select([self.child.stdout], [], [], wait)[0]:
                if self.sleep.look(wait) >= self.still:
                    self.end()
                    raise GoneError("it stood still")
                wait = min(2 * wait, LATER)
                continue
            said = os.read(self.child.stdout.fileno(), LINE)
            if not said:
                raise self.ended()
            self.before += said
            wait = SOON  # who says it letter by letter is looked at as often
        line, self.before = self.before.split(b"\n", 1)
        return line.decode("utf-8", "replace").split() or [""]

    def strange(self) -> GoneError:
        self.end()
        return GoneError("the process said what it has no reason to say")

    def ended(self) -> GoneError:
        status = self.child.wait()
        self.end()
        number = -status if status < 0 else status - 128  # bwrap tells a signal as a shell does
        if number in (signal.SIGXCPU, signal.SIGKILL):
            return GoneError("it went on and on")
        if number in list(signal.Signals):
            return GoneError(f"it was ended by {signal.Signals(number).name}")
        return GoneError("the process ended of itself")
