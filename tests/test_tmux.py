"""The terminal that a person sits at, in tmux: its size, and what it is like when the machine is gone."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from support import LAST_RESORT, ROOT, in_turn

PROMPT = r"^\S*[~/]\S* # *$|^faultline# *$"
PROCESSES = ("make", "boot-watch", "boot-work", "qemu")
T = TypeVar("T")


class Screen:
    """A terminal in tmux, with a shell of this machine's in it."""

    def __init__(self, folder: Path, rows: int, columns: int):
        self.socket = folder / "tmux"
        shell = "env -u FAULTLINE_BUILD PS1='here$ ' bash --norc --noprofile"
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", f"{columns}", "-y", f"{rows}", "-c", f"{ROOT}", shell)
        self.wait(r"^here\$ *$")

    def tmux(self, *words: str) -> str:
        command = ["tmux", "-S", str(self.socket), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def type(self, *keys: str) -> None:
        self.tmux("send-keys", *keys)

    def text(self) -> str:
        return self.tmux("capture-pane", "-p", "-S", "-200")

    def wait(self, pattern: str) -> re.Match[str]:
        """Until the last lines of the screen have it."""
        return self.until(lambda: re.search(pattern, "\n".join(self.text().rstrip().splitlines()[-3:]), re.MULTILINE))

    def until(self, there: Callable[[], T | None]) -> T:
        end = time.monotonic() + LAST_RESORT
        while not (found := there()):
            assert time.monotonic() < end, self.text()
            time.sleep(0.1)
        return found

    def ask(self, command: str, prompt: str = PROMPT) -> str:
        """What the shell in the machine, or here, answers."""
        self.type(f"echo; echo BEGIN; {command}; echo END", "Enter")
        answer = re.compile(r"^BEGIN\n((?:(?!BEGIN).)*?)^END$", re.MULTILINE | re.DOTALL)
        self.until(lambda: answer.search(self.text()))
        self.wait(prompt)
        return answer.findall(self.text())[-1].strip()

    def settings(self) -> tuple[str, str]:
        """How the terminal is set, and whether the cursor is seen."""
        return self.ask("stty -a", r"^here\$ *$"), self.tmux("display-message", "-p", "#{cursor_flag}").strip()

    def below(self) -> dict[str, int]:
        """The processes of `make run` in it, by name."""
        shell = int(self.tmux("display-message", "-p", "#{pane_pid}"))
        found: dict[str, int] = {}
        parents = [shell]
        while parents:
            children = [int(word) for parent in parents for word in children_of(parent)]
            for child in children:
                found[name_of(child, found)] = child
            parents = children
        return found


def children_of(process: int) -> list[str]:
    try:
        return Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()
    except FileNotFoundError:
        return []


def name_of(process: int, known: dict[str, int]) -> str:
    words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    if b"qemu" in words[0]:
        return "qemu"
    if any(word.endswith(b"tools/boot") for word in words[:3]):
        return "boot-work" if "boot-watch" in known else "boot-watch"
    return "make" if words[0] == b"make" else os.fsdecode(words[0])


@pytest.fixture(params=[(24, 80)])
def screen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    there = Screen(tmp_path_factory.mktemp("s"), *request.param)
    yield there
    there.tmux("kill-server")


def run_machine(screen: Screen) -> None:
    screen.type("clear; make run", "Enter")
    screen.wait(PROMPT)


def is_gone(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("screen", [(50, 132)], indirect=True)
def test_the_size_is_the_terminals_and_follows_it(screen: Screen):
    run_machine(screen)
    assert screen.ask("stty size") == "50 132"
    screen.type("sh -c 'trap \"stty size\" WINCH; echo waiting; while :; do sleep 1; done'", "Enter")
    screen.until(lambda: re.search(r"^waiting$", screen.text(), re.MULTILINE))
    for rows, columns in ((40, 100), (24, 80)):
        screen.tmux("resize-window", "-x", f"{columns}", "-y", f"{rows}")
        screen.until(lambda: re.search(rf"^{rows} {columns}$", screen.text(), re.MULTILINE))  # noqa: B023
    screen.type("C-c")
    screen.wait(PROMPT)
    screen.type("poweroff", "Enter")
    screen.wait(r"^here\$ *$")


def test_what_is_typed_early_is_kept(screen: Screen):
    """Into the terminal, before there is a machine; and into the machine, when GRUB is at it."""
    screen.type("clear; make run", "Enter")
    screen.type("echo first", "Enter")
    screen.until(lambda: "qemu" in screen.below())
    screen.type("echo early $((6 * 7))", "Enter")
    for words in ("first", "early 42"):
        screen.until(lambda: re.search(rf"^{words}$", screen.text(), re.MULTILINE))  # noqa: B023
    screen.type("poweroff", "Enter")
    screen.wait(r"^here\$ *$")


def test_exit_says_how_to_leave(screen: Screen):
    run_machine(screen)
    screen.type("exit", "Enter")
    screen.until(lambda: "That shell has ended" in screen.text())
    screen.wait(PROMPT)
    screen.type("C-c", "")
    screen.type("C-d", "")
    screen.until(lambda: screen.text().count("That shell has ended") == 2)
    screen.type("poweroff", "Enter")
    screen.wait(r"^here\$ *$")


def leave_by_key(screen: Screen, processes: dict[str, int]) -> None:
    screen.type("C-a", "x")


def leave_by_poweroff(screen: Screen, processes: dict[str, int]) -> None:
    screen.type("C-c", "poweroff", "Enter")


def killing(name: str, how: signal.Signals) -> Callable[[Screen, dict[str, int]], None]:
    def kill(screen: Screen, processes: dict[str, int]) -> None:
        os.kill(processes[name], how)

    return kill


LEAVING = {"key": leave_by_key, "poweroff": leave_by_poweroff} | {
    f"{name}-{how.name}": killing(name, how) for name in PROCESSES for how in (signal.SIGKILL, signal.SIGTERM)
}


@pytest.mark.parametrize("way", in_turn(LEAVING, 4))
def test_the_terminal_is_as_it_was(screen: Screen, way: str):
    """In the middle of a program that has hidden the cursor and changed colours."""
    before = screen.settings()
    run_machine(screen)
    screen.type("vmtop", "Enter")
    screen.until(lambda: screen.tmux("display-message", "-p", "#{cursor_flag}").strip() == "0")
    processes = screen.below()
    assert set(PROCESSES) <= set(processes)
    LEAVING[way](screen, processes)
    screen.until(lambda: all(is_gone(processes[name]) for name in PROCESSES))
    screen.type("Enter")
    screen.wait(r"^here\$ *$")
    assert screen.settings() == before
