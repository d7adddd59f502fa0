"""`make run` as a person meets it: a terminal, keys pressed, words that come back.

A line may end in more than one carriage return: the terminal here adds its own.
"""

from __future__ import annotations

import os
import re
import select
import time

from support import BOOT, LAST_RESORT, ROOT

from faultline.seat import Seat


class Terminal(Seat):
    """A command on a terminal of its own."""

    def __init__(self, *command: str):
        super().__init__([*command], ROOT)
        self.text = ""
        self.read = 0

    def expect(self, pattern: str) -> str:
        """Wait until the pattern comes, after whatever was matched before."""
        end = time.monotonic() + LAST_RESORT
        while not (match := re.compile(pattern).search(self.text, self.read)):
            left = end - time.monotonic()
            assert left > 0, f"no {pattern!r} in: {self.text[self.read :]!r}"
            if select.select([self.keyboard], [], [], left)[0]:
                try:
                    self.text += os.read(self.keyboard, 4096).decode("utf-8", "replace")
                except OSError:
                    raise AssertionError(f"ended without {pattern!r}: {self.text[self.read :]!r}") from None
        self.read = match.end()
        return match.group()

    def prompt(self) -> None:
        self.expect(r"[#$] $|[#$] \x1b\[6n")

    def start(self, command: str) -> None:
        """Give the shell a command, and wait until it has the terminal: what is typed now is its."""
        self.type(f"sh -c 'echo go; exec {command}'\r")
        self.expect(r"\ngo\r*\n")


def session(terminal: Terminal) -> None:
    """A minute at the keyboard."""
    terminal.prompt()
    terminal.type("echo $((6 * 7))\r")
    terminal.expect(r"\n42\r*\n")
    terminal.prompt()
    terminal.type("echo wromg\x7f\x7fng\r")  # backspace
    terminal.expect(r"\nwrong\r*\n")
    terminal.prompt()
    terminal.start("cat")
    terminal.type("typed\r")
    terminal.expect(r"typed\r*\ntyped\r*\n")
    terminal.type("\x04")  # ^D: end of input
    terminal.prompt()
    terminal.start("sleep 1000")
    terminal.type("\x03")  # ^C
    terminal.prompt()
    terminal.type("echo status $?\r")
    terminal.expect(r"\nstatus 130\r*\n")
    terminal.prompt()
    terminal.start("sleep 1000")
    terminal.type("\x1a")  # ^Z
    terminal.expect("Stopped")
    terminal.prompt()
    terminal.type("bg; jobs\r")
    terminal.expect("Running")
    terminal.prompt()
    terminal.type("kill %1; wait\r")
    terminal.prompt()
    terminal.start("cat")
    terminal.type("\x1a")
    terminal.expect("Stopped")
    terminal.prompt()
    terminal.type("fg\r")
    terminal.expect(r"exec cat\S*\r*\n")
    terminal.type("again\r")
    terminal.expect(r"again\r*\nagain\r*\n")  # it has the terminal now: fg names it before it gives that away
    terminal.type("\x03")
    terminal.prompt()
    terminal.type("faults one-fault\r")
    terminal.expect("one-fault")
    terminal.prompt()
    terminal.type("poweroff\r")
    assert terminal.process.wait(LAST_RESORT) == 0


def test_make_run():
    with Terminal("make", "run") as terminal:
        session(terminal)


def test_shell_without_grub():
    with Terminal(str(BOOT), "--realtime") as terminal:
        session(terminal)


def test_deterministic_shell_takes_keys_too():
    with Terminal(str(BOOT)) as terminal:
        terminal.prompt()
        terminal.type("echo $((6 * 7))\r")
        terminal.expect(r"\n42\r*\n")


def test_two_readers():
    """What one read gets of what is typed is in one piece, however long its copy takes; and a signal tells of it."""
    with Terminal("tools/boot", "--ram", "64M") as terminal:
        terminal.prompt()
        terminal.type("/test/typed\r")
        for _ in ("line", "pieces"):
            terminal.expect("# type two lines\r*\n")
            terminal.type("a" * 300 + "\r" + "b" * 300 + "\r")
        terminal.expect("# type short lines\r*\n")
        terminal.type("a\rb\r")
        terminal.expect("# type characters\r*\n")
        terminal.type("c" * 300)
        terminal.expect("# type two more\r*\n")
        terminal.type("cc")
        terminal.expect("# type one line\r*\n")
        terminal.type("d\r")
        told = terminal.expect(r"\n1\.\.\d+\r*\n")
        assert "not ok" not in terminal.text, told
