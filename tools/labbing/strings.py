"""A reference string as a story: one process, groups with a limit of frames, and one reference a phase.

So each reference is judged alone: a fault, or none, and what was read. That is the exact order of misses, and
from it follows which page went. All else that the program is made of is wired before, and so
belongs to no group.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

from labbing.assembly import data_word
from labbing.clocks import WRONG, Clock
from labbing.groups import GROUPS
from labbing.memory import WHOLE, Area, Due
from labbing.story import AREA_EACH, WINDOW, Story

PROGRAM = 0

Asking = Callable[[Clock], object]  # one step of a story, asked of a model


class Group:
    """Some pages that compete for frames. What is asked of its model can be asked of another one."""

    def __init__(self, name: str, area: Area, model: Clock):
        self.name, self.area, self.model = name, area, model
        self.asked: list[Asking] = []
        self.answered: list[object] = []
        self.first = model.frames, model.slots
        self.words = [0] * area.pages  # what is in each page's first word
        self.file_area: Area | None = None  # its pages are numbered after those of `area`

    def place(self, page: int) -> tuple[Area, int]:
        """Of which area a page is, and which there."""
        if page < self.area.pages:
            return self.area, page
        assert self.file_area
        return self.file_area, page - self.area.pages

    def file(self, name: str) -> str:
        return f"{GROUPS}/{self.name}/{name}"

    def ask(self, step: Asking) -> object:
        self.asked.append(step)
        self.answered.append(step(self.model))
        return self.answered[-1]

    def answers(self, policy: type[Clock]) -> list[object]:
        """What another policy does in the same story."""
        frames, slots = self.first
        model = policy(frames)
        model.slots = slots
        return [step(model) for step in self.asked]


def has_slots(model: Clock) -> None:
    model.slots = True


class StringStory(Story):
    """A test of a policy. `exact` False: which page goes is not judged, nor when."""

    def __init__(self, title: str, seed: str, sentence: str, exact: bool = True):
        super().__init__(title, seed, processes=1, names=("the program",))
        self.sentence = sentence
        self.exact = exact
        self.references = 0
        self.groups: list[Group] = []
        self.within: Group | None = None
        self.phase(PROGRAM, "wires all that it is made of")
        self.code.wire_all(PROGRAM)

    def group(self, model: Clock, pages: int, file_pages: int = 0, written: int | None = None) -> Group:
        """One with the model's policy and limit, and pages of its own, which all (or so many) were written once. And,
        if so many are wanted, those of a file, which go without a slot."""
        name = f"group{len(self.areas)}"
        area = self.area(name, pages)
        group = Group(name, area, model)
        self.groups.append(group)
        if file_pages:
            self.map_file(group, file_pages)
        self.phase(PROGRAM, f'makes "{name}": {model.name}, {model.frames} frames, {pages} pages')
        self.code.make_folder(PROGRAM, f"{GROUPS}/{name}")
        for file, text in (("memory.policy", model.name), ("memory.tick", f"period {model.tick_period}")):
            self.code.write_file(PROGRAM, group.file(file), text)
        self.limit(group, model.frames)
        for page in range(pages if written is None else written):
            self.refer(group, page, write=True)
        return group

    def map_file(self, group: Group, pages: int) -> None:
        area = Area("the file", WINDOW + len(self.areas) * AREA_EACH, pages)
        self.areas.append(area)
        self.code.map_data(PROGRAM, area.base, pages * 4096)
        self.data = pages
        group.file_area = area
        group.words += [data_word(page) for page in range(pages)]

    def fill_swap(self, slots: int) -> Area:
        """A group of one frame takes all slots; they are free again when the pages of the area end."""
        area = self.area("ballast", slots + 1, judged=False)
        self.phase(PROGRAM, f"takes all {slots} slots of the swap area")
        self.code.make_folder(PROGRAM, f"{GROUPS}/ballast")
        for file, text in (("memory.policy", "fifo"), ("memory.max", "4096"), ("cgroup.procs", "0")):
            self.code.write_file(PROGRAM, f"{GROUPS}/ballast/{file}", text)
        self.fill(PROGRAM, area)
        return area

    def free_swap(self, ballast: Area, group: Group) -> None:
        self.phase(PROGRAM, "gives the slots of the swap area back")
        self.code.forget(PROGRAM, ballast.base, ballast.pages * 4096)
        group.ask(has_slots)

    def refer(self, group: Group, page: int, write: bool) -> None:
        self.references += 1
        when = f"at reference {self.references}"
        kind = "a write to" if write else "a read of"
        area, at = group.place(page)
        name = self.name(area, at)
        self.phase(PROGRAM, f"makes reference {self.references}: {kind} {name}")
        if self.within is not group:
            self.code.write_file(PROGRAM, group.file("cgroup.procs"), "0")
            self.within = group
        before = group.model.left.get(page, "it is new")
        fault = bool(group.ask(lambda model: model.reference(page, write, when, area is group.file_area)))
        why = f"{kind[2:].split()[0]} {when}: " + (before if fault else "it has a frame")
        self.due(area, at, self.due_of(fault, why))
        self.touch(group, page, write, when)

    def due_of(self, fault: bool, why: str) -> Due:
        """Of a reference that is a fault in the model, or none."""
        least, most = (int(fault), int(fault)) if self.exact else (0, 1)
        return Due(least, most, self.sentence, why, protection=False)

    def touch(self, group: Group, page: int, write: bool, when: str) -> None:
        area, at = group.place(page)
        address, name = area.base + at * 4096, self.name(area, at)
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
        when = f"after reference {self.references}"
        group.ask(lambda model: model.end(page, when))
        group.words[page] = 0

    def reclaim(self, group: Group, frames: int) -> None:
        """So many go, and none comes."""
        self.phase(PROGRAM, f'takes {frames} frames from "{group.name}"')
        self.code.write_file(PROGRAM, group.file("memory.reclaim"), str(frames * 4096))
        when = f"after reference {self.references}: frames were taken"
        group.ask(lambda model: model.give(frames, when))

    def limit(self, group: Group, frames: int) -> None:
        """From now on it has no more than so many."""
        self.phase(PROGRAM, f'limits "{group.name}" to {frames} frames')
        self.code.write_file(PROGRAM, group.file("memory.max"), str(frames * 4096))
        when = f"after reference {self.references}: the limit fell"
        group.ask(lambda model: model.limit(frames, when))

    def tells(self, policy: type[Clock], wrong: type[Clock]) -> bool:
        """Is it seen in a group of that policy that another one is there?"""
        groups = [group for group in self.groups if type(group.model) is policy]
        return any(group.answered != group.answers(wrong) for group in groups)


def telling(
    tell: Callable[[str], StringStory],
    seed: str,
    policy: type[Clock],
    wrong: tuple[type[Clock], ...] = (),
) -> StringStory:
    """The first story of the seed's that tells the policy from these, or from the nearest wrong ones."""
    stories = (tell(f"{seed} {attempt}") for attempt in itertools.count())
    return next(story for story in stories if all(story.tells(policy, each) for each in wrong or WRONG[policy]))
