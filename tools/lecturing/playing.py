"""Play a lecture's demonstrations without a person: at the machine's prompt, in real time, one after the
other; and tell how long each took, and how long it was silent at most.

Time that the machine only waited for a processor of this computer, because other programs had them, is told
apart, and counts for nothing: what is judged is how long a lecturer waits, whose computer has nothing else to do.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from faultline import project
from faultline.seat import PATIENCE, Seat

from lecturing.deck import Deck
from lecturing.machine import boot_words, prompt

SILENT_MOST = 5.0  # seconds; nobody should wonder whether it still runs
ALL_MOST = 720.0  # seconds, for all lectures together
ROWS, COLUMNS = 40, 110
CURSOR = r"(?:\x1b\[6n)?$"  # behind its prompt the shell asks where the cursor is
WRONG = "NOT SO"  # what a demonstration says of a sentence that does not hold


@dataclass
class Played:
    """A demonstration that was played."""

    name: str
    command: str
    text: str = ""
    seconds: float = 0.0
    silent: float = 0.0  # seconds at most, one after the other
    waited: float = 0.0  # seconds for a processor, which are not in the two above

    def told(self) -> str:
        waited = f" (and {self.waited:.1f} s waiting for a processor)" if self.waited >= 1 else ""
        return f"  {self.name}  {self.seconds:5.1f} s, silent for {self.silent:.1f} at most{waited}: {self.command}"


def children(process: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()]
    return []


def machine_below(process: int) -> int | None:
    """The QEMU that a process has started, or one that it has started."""
    for child in children(process):
        with contextlib.suppress(OSError):
            if b"qemu" in Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")[0]:
                return child
        if found := machine_below(child):
            return found
    return None


def waiting(process: int | None) -> float:
    """Seconds that its threads could have run, and had no processor; 0 where nobody tells."""
    total = 0
    for thread in Path(f"/proc/{process}/task").glob("*/schedstat") if process else ():
        with contextlib.suppress(OSError):
            total += int(thread.read_text("ascii").split()[1])
    return total / 1e9


@dataclass
class Clock:
    """Time that passes for one who waits, without what other programs of this computer take."""

    process: int
    last: float = field(default_factory=time.monotonic)
    machine: int | None = None
    waited: float = 0.0

    def __post_init__(self) -> None:
        self.machine = machine_below(self.process)
        self.waited = waiting(self.machine)

    def lap(self) -> tuple[float, float]:
        """Seconds since the last lap, and those that were spent waiting for a processor."""
        now, waited = time.monotonic(), waiting(self.machine)
        passed, lost = now - self.last, min(max(waited - self.waited, 0.0), now - self.last)
        self.last, self.waited = now, waited
        return passed - lost, lost


class Player(Seat):
    """The machine of a lecture, and its keyboard."""

    def __init__(self, deck: Deck):
        super().__init__(boot_words(deck), project.ROOT, COLUMNS, ROWS)
        self.prompt = re.compile(re.escape(prompt(deck)) + CURSOR)
        self.answer(Played("", ""))

    def answer(self, played: Played) -> None:
        """What comes until the prompt is there again, and when."""
        clock, silent = Clock(self.process.pid), 0.0
        while not self.prompt.search(played.text):
            came = select.select([self.keyboard], [], [], 1.0)[0]
            seconds, lost = clock.lap()
            played.seconds, played.waited = played.seconds + seconds, played.waited + lost
            silent += seconds
            played.silent = max(played.silent, silent)
            if came:
                data = os.read(self.keyboard, 65536).decode("utf-8", "replace")
                played.text, silent = played.text + data, 0.0
                sys.stdout.write(data)
                sys.stdout.flush()
            if clock.machine is None:
                clock = Clock(self.process.pid)

    def play(self, name: str, command: str) -> Played:
        """Type it, and wait."""
        played = Played(name, command)
        self.type(f"{name}\r")
        self.answer(played)
        return played

    def leave(self) -> None:
        """Switch the machine off."""
        self.type("poweroff\r")
        with contextlib.suppress(OSError):
            while os.read(self.keyboard, 65536):
                pass
        self.process.wait(PATIENCE)


def play(deck: Deck) -> list[Played]:
    """All demonstrations of a lecture."""
    with Player(deck) as player:
        played = [player.play(one.name, one.command) for one in deck.demonstrations]
        player.leave()
    return played


def mistakes(played: list[Played], most: float = ALL_MOST) -> list[str]:
    """What is not as it should be."""
    wrong = [f"{one.name} was silent for {one.silent:.1f} s" for one in played if one.silent > SILENT_MOST]
    wrong += [f"{one.name} says of a sentence that it does not hold" for one in played if WRONG in one.text]
    total = sum(one.seconds for one in played)
    return wrong + ([f"{total:.0f} s are more than {most:.0f}"] if total > most else [])


def report(decks: list[Deck], played: list[list[Played]]) -> str:
    """How long each took, a line each; and all together."""
    lines = []
    for deck, ones in zip(decks, played, strict=True):
        lines += [f"Lecture {deck.number}, {deck.name}: {sum(one.seconds for one in ones):.1f} s"]
        lines += [one.told() for one in ones]
    every = [one for ones in played for one in ones]
    lines.append(f"{len(every)} demonstrations in {sum(one.seconds for one in every):.1f} s")
    return "\n".join(lines)
