"""A reference string as a story: one process, groups with a limit of frames, and one reference a phase.

So each reference is judged alone: a fault, or none, and what was read. That is the exact order of misses, and
from it follows which page went. All else that the program is made of is wired before, and so
belongs to no group.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

from labbing.clocks import WRONG, Clock
from labbing.memory import WHOLE, Area, Due
from labbing.story import Story

GROUPS = "/sys/fs/cgroup"
PROGRAM = 0


class Group:
    """Some pages that compete for frames."""

    def __init__(self, name: str, area: Area, model: Clock):
        self.name, self.area, self.model = name, area, model
        self.words = [0] * area.pages  # what is in each page's first word

    def file(self, name: str) -> str:
        return f"{GROUPS}/{self.name}/{name}"


class StringStory(Story):
    """A test of a policy."""

    def __init__(self, title: str, seed: str, sentence: str):
        super().__init__(title, seed, processes=1, names=("the program",))
        self.sentence = sentence
        self.references = 0
        self.within: Group | None = None
        self.phase(PROGRAM, "wires all that it is made of")
        self.code.wire_all(PROGRAM)

    def group(self, model: Clock, pages: int) -> Group:
        """One with the model's policy and limit, and pages of its own, which all were written once."""
        name = f"group{len(self.areas)}"
        area = self.area(name, pages)
        group = Group(name, area, model)
        self.phase(PROGRAM, f'makes "{name}": {model.name}, {model.frames} frames, {pages} pages')
        self.code.make_folder(PROGRAM, f"{GROUPS}/{name}")
        for file, text in (("memory.policy", model.name), ("memory.tick", "period 0")):
            self.code.write_file(PROGRAM, group.file(file), text)
        self.limit(group, model.frames)
        for page in range(pages):
            self.refer(group, page, write=True)
        return group

    def refer(self, group: Group, page: int, write: bool) -> None:
        self.references += 1
        when = f"at reference {self.references}"
        kind = "a write to" if write else "a read of"
        name = self.name(group.area, page)
        self.phase(PROGRAM, f"makes reference {self.references}: {kind} {name}")
        if self.within is not group:
            self.code.write_file(PROGRAM, group.file("cgroup.procs"), "0")
            self.within = group
        before = group.model.left.get(page, "it is new")
        fault = group.model.reference(page, write, when)
        why = f"{kind[2:].split()[0]} {when}: " + (before if fault else "it has a frame")
        self.due(group.area, page, Due(int(fault), int(fault), self.sentence, why, protection=False))
        self.touch(group, page, write, when)

    def touch(self, group: Group, page: int, write: bool, when: str) -> None:
        address = group.area.base + page * 4096
        name = self.name(group.area, page)
        if write:
            group.words[page] = self.next_value(PROGRAM)
            self.origins[f"{group.words[page]:x}"] = f"what the program wrote to {name} {when}"
            self.code.write(PROGRAM, address)
        else:
            self.code.read(PROGRAM, address)
            self.tell(PROGRAM, group.words[page], f"the program reads {name} {when}", WHOLE, "rdx")

    def end_page(self, group: Group, page: int) -> None:
        """It is no more; its next reference must be a write."""
        self.phase(PROGRAM, f"ends {self.name(group.area, page)}")
        self.code.forget(PROGRAM, group.area.base + page * 4096, 4096)
        group.model.end(page, f"after reference {self.references}")
        group.words[page] = 0

    def reclaim(self, group: Group, frames: int) -> None:
        """So many go, and none comes."""
        self.phase(PROGRAM, f'takes {frames} frames from "{group.name}"')
        self.code.write_file(PROGRAM, group.file("memory.reclaim"), str(frames * 4096))
        group.model.shrink(len(group.model.ring) - frames, f"after reference {self.references}: frames were taken")

    def limit(self, group: Group, frames: int) -> None:
        """From now on it has no more than so many."""
        self.phase(PROGRAM, f'limits "{group.name}" to {frames} frames')
        self.code.write_file(PROGRAM, group.file("memory.max"), str(frames * 4096))
        group.model.frames = frames
        group.model.shrink(frames, f"after reference {self.references}: the limit fell")

    def misses(self) -> list[tuple[int, int]]:
        """Phases with a fault, and its page."""
        return [(at, bound.page) for at, bounds in enumerate(self.bounds) for bound in bounds.values() if bound.least]


def telling(tell: Callable[[str, type[Clock]], StringStory], seed: str, policy: type[Clock]) -> StringStory:
    """The first story of the seed's that tells the policy from the nearest wrong ones."""
    attempts = (f"{seed} {attempt}" for attempt in itertools.count())

    def tells(attempt: str) -> bool:
        due = tell(attempt, policy).misses()
        return all(tell(attempt, wrong).misses() != due for wrong in WRONG[policy])

    return tell(next(attempt for attempt in attempts if tells(attempt)), policy)
