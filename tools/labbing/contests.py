"""A test of a policy that is anybody's: which page goes is free, and so is when. What is judged: contents, that a page
that is new or has ended takes a fault and any other at most one, that no more pages are there than frames
(stretches.py), and, for strings of some kinds, how many faults there are in all.

The bounds on these hang on what policies of the book take for the same string: the simulator says that
(docs/replacement.md), and OPT's faults, too. Of a seed's strings one is taken that tells.
"""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

from faultline import project
from labbing.clocks import Clock
from labbing.expectation import BEST, Expectation, Stretch
from labbing.memory import Due
from labbing.strings import Group, StringStory

FIFO, CLOCK, LRU = "FIFO", "CLOCK", "LRU"
SHOWN = (FIFO, CLOCK, LRU, BEST)  # in a report
STRONG = ("clock-pro", "distance")  # two of the simulator's that are right: a string must leave them room
TELLS = 1.03  # who is to miss the bound takes so many times as many faults, and the strong ones miss it by far:
LEAVES = 0.95  # they take at most so many
Known = dict[str, int]
Reference = tuple[int, bool]  # a page, and is it written?


class Anybodys(Clock):
    """A group under a policy that nobody knows."""

    name = "mine"

    def __init__(self, frames: int):
        super().__init__(frames)
        self.tick_period = frames // 8 + 1
        self.there: set[int] = set()  # pages that are neither new nor ended: in a frame, or in the swap area

    def reference(self, number: int, write: bool, when: str, of_file: bool = False) -> bool:
        """Is it surely a fault?"""
        new = number not in self.there
        self.there.add(number)
        return new

    def shrink(self, frames: int, when: str) -> None:
        """Who knows which?"""

    def end(self, number: int, when: str) -> None:
        self.there.discard(number)
        self.left[number] = f"it ended {when}"


# --- what policies of the book take ---


def faults_of(policy: str, frames: int, string: Sequence[Reference]) -> int:
    """In the simulator. Exact mode for LRU, no ticks."""
    words = " ".join(f"{page}{'w' if write else 'r'}" for page, write in string)
    exact = int(policy == "lru")
    return int(simulated(f"{policy} {frames} {exact} 0 {words}").split(" faults ")[1].split()[0])


@cache
def simulator() -> str:
    """It is brought up to date once: make takes a second to say that it is."""
    project.build("policysim")
    return str(project.BUILD / "policysim")


@cache
def simulated(case: str) -> str:
    command = [simulator(), "--batch"]
    return " " + subprocess.run(command, input=case + "\n", capture_output=True, text=True, check=True).stdout


def known_of(frames: int, string: Sequence[Reference]) -> Known:
    return {name: faults_of(name.lower(), frames, string) for name in SHOWN}


# --- a kind of strings, and its bound ---


@dataclass(frozen=True)
class Bound:
    """So many eighths of the way from one policy's faults to another's."""

    eighths: int
    low: str
    high: str
    misses: tuple[str, ...]  # who takes more

    def most(self, known: Known) -> int:
        return (self.eighths * known[self.high] + (8 - self.eighths) * known[self.low]) // 8

    def tells(self, frames: int, string: Sequence[Reference]) -> bool:
        """Do those miss it who should, and not those who should not?"""
        known = known_of(frames, string)
        most = self.most(known)
        strong = [faults_of(name, frames, string) for name in STRONG]
        return all(known[name] >= TELLS * most for name in self.misses) and max(strong) <= LEAVES * most


@dataclass
class Contest:
    """A group whose faults are counted."""

    group: Group
    sentence: str
    first: int  # phase
    string: list[Reference] = field(default_factory=list)
    bound: Bound | None = None
    frames: list[tuple[int, int]] = field(default_factory=list)


class ContestStory(StringStory):
    """References in groups under a policy that is anybody's."""

    def __init__(self, title: str, seed: str, sentence: str):
        super().__init__(title, seed, sentence, exact=False)
        self.contests: dict[str, Contest] = {}
        self.stays = False  # the page that is referenced now may not go, and so takes no fault but its first

    def contest(self, frames: int, pages: int, file_pages: int = 0, bound: Bound | None = None) -> Group:
        """A group; none of its pages is written yet."""
        group = self.group(Anybodys(frames), pages, file_pages, written=0)
        self.contests[group.name] = Contest(group, self.sentence, self.now, bound=bound, frames=[(self.now, frames)])
        return group

    def refer(self, group: Group, page: int, write: bool) -> None:
        """A page that is not there is written."""
        write = write or not group.words[page]
        super().refer(group, page, write)
        self.contests[group.name].string.append((page, write))

    def due_of(self, fault: bool, why: str) -> Due:
        if not fault:
            why = why.replace("it has a frame", "it may not go" if self.stays else "it is there, or comes with one")
        return Due(int(fault), int(fault or not self.stays), self.sentence, why, protection=False)

    def reclaim(self, group: Group, frames: int) -> None:
        super().reclaim(group, frames)
        self.has_frames(group, group.model.frames - frames)
        self.phase(0, "goes on")
        self.has_frames(group, group.model.frames)

    def limit(self, group: Group, frames: int) -> None:
        super().limit(group, frames)
        if group.name in self.contests:
            self.has_frames(group, frames)

    def change_policy(self, group: Group, policy: str) -> None:
        self.phase(0, f'gives "{group.name}" the policy {policy}')
        self.code.write_file(0, group.file("memory.policy"), policy)

    def has_frames(self, group: Group, frames: int) -> None:
        self.contests[group.name].frames.append((self.now, frames))

    def finish(
        self, test: str, points: int, judged: list[str], ram: str, swap: str, budget: int
    ) -> Expectation:
        last = self.now
        due = super().finish(test, points, judged, ram, swap, budget)
        due.stretches = [stretch(contest, last) for contest in self.contests.values()]
        return due


def stretch(contest: Contest, last: int) -> Stretch:
    area = contest.group.area
    known = known_of(contest.group.model.frames, contest.string) if contest.bound else {}
    return Stretch(
        name=contest.group.name,
        low=area.base,
        high=area.base + area.pages * 4096,
        first=contest.first,
        last=last,
        most=contest.bound.most(known) if contest.bound else len(contest.string),
        sentence=contest.sentence,
        known=known,
        frames=contest.frames,
    )


def strings(seed: str, frames: int, bound: Bound, draw: Callable[[str], list[Reference]]) -> list[Reference]:
    """The first of the seed's strings of a kind that tells."""
    attempts = (draw(f"{seed} {attempt}") for attempt in itertools.count())
    return next(string for string in attempts if bound.tells(frames, string))
