"""A test of frame allocation as a story: processes, each in a group of its own, among which the kernel divides frames.

Each process is wired but for an area of its own, and goes through pages of that in turn, under FIFO. So its share shows
in its faults: as many pages as it has frames stay, once they are there; of one page more each has gone when its turn
comes again, whatever else happens. Pages hold how often they were counted up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from labbing import division, groups
from labbing.assembly import ANONYMOUS, MASK, PRIVATE
from labbing.division import Claim, Rules
from labbing.groups import GROUPS
from labbing.memory import WHOLE, Area, Due
from labbing.story import AREA_EACH, WINDOW, Story

PARENT = 0
NAMES = ("the parent", "the first child", "the second child", "the third child")
SETPRIORITY, PRIO_PROCESS = 141, 0
MINIMUM = 4  # code and stack are wired: an instruction has two operands, each across an edge
INSTRUCTION_NS, COUNTING = 16, 4  # instructions a page
BEYOND = 2  # more pages than a share has frames, at least


@dataclass
class Member:
    """A process, with the area that is its own."""

    area: Area
    claim: Claim
    nice: int
    counted: list[int]  # of each page
    least: int = 0  # its share lies between these
    most: int = 0


class SharingStory(Story):
    """One test."""

    rules = Rules()

    def __init__(self, title: str, seed: str, processes: int):
        super().__init__(title, seed, processes, NAMES)
        self.members: dict[int, Member] = {}
        self.phase(PARENT, "wires all that it is made of")
        self.code.wire_all(PARENT)

    # --- groups ---

    def joins(self, who: int, pages: int, nice: int = 0) -> None:
        """A new process, in a group of its own, with so many pages that are not wired."""
        name, base = f"group{who}", WINDOW + len(self.areas) * AREA_EACH
        area = Area(f"area {who}", base, pages)
        self.areas.append(area)
        self.phase(PARENT, f'makes "{name}", and forks')
        groups.make(self.code, PARENT, name)
        self.fork(PARENT, who)
        how_nice = f", is nice by {nice}" if nice else ""
        self.phase(who, f'wires all but {pages} new pages{how_nice}, and joins "{name}"')
        self.code.wire_all(who)
        self.code.map(who, base, pages * 4096, PRIVATE | ANONYMOUS)
        if nice:
            self.code.call(who, SETPRIORITY, PRIO_PROCESS, 0, nice & MASK)
        groups.join(self.code, who, name)
        claim = Claim(size=pages, minimum=MINIMUM)
        self.members[who] = Member(area, claim, nice, [0] * pages)

    def divide(self, scheme: str, frames: int) -> None:
        """It returns when all have what they get."""
        self.phase(PARENT, f"has {frames} frames divided: {scheme}")
        self.code.write_file(PARENT, f"{GROUPS}/memory.allocation", f"{scheme} {frames}")
        if scheme in ("equal", "proportional", "priority"):
            unsure = int(scheme == "priority" and self.rules.leftovers)  # who gets what is left over hangs on weights
            for who, member in self.members.items():
                member.least = max(self.share(scheme, frames, who, own=0) - unsure, MINIMUM)
                member.most = self.share(scheme, frames, who, own=1) + unsure

    def share(self, scheme: str, frames: int, who: int, own: int) -> int:
        """The least that it can be, or the most: weights are not quite certain."""
        claims = [
            replace(member.claim, weight=division.weight(member.nice)[own if other == who else 1 - own])
            for other, member in self.members.items()
        ]
        shares = division.divide(scheme, claims, frames, rules=self.rules)
        found = dict(zip(self.members, shares, strict=True))[who]
        return found.most if own else found.least

    def shrinks(self, may: bool) -> None:
        """May a group have less because it faults seldom?"""
        self.phase(PARENT, f"lets shares {'shrink' if may else 'grow only'}")
        self.code.write_file(PARENT, f"{GROUPS}/memory.fault_bounds", "100 1000" if may else "0 1000")

    # --- what a process does in its own ---

    def loops(self, who: int, pages: int, rounds: int) -> None:
        """Count up in so many pages, one after the other, so often. How many faults that takes is free."""
        member = self.members[who]
        self.phase(who, f"goes {rounds} times through {pages} pages")
        self.code.count(who, member.area.base, pages, rounds)
        for page in range(pages):
            member.counted[page] += rounds
            self.due(member.area, page, Due(0, rounds, "S0", "they are gone through for the first time"))

    def begins(self, who: int) -> None:
        """Its pages end: so those that come are in the order in which they are counted up, and go in it."""
        member = self.members[who]
        self.phase(who, "gives all its pages back")
        self.code.forget(who, member.area.base, member.area.pages * 4096)
        member.counted = [0] * member.area.pages

    def rounds_of(self, pages: int, milliseconds: int) -> int:
        """So many take so long, if nothing faults."""
        return milliseconds * 1_000_000 // (INSTRUCTION_NS * COUNTING * (pages + 1))

    def reads(self, who: int, pages: int, faults: int, why: str, sentence: str) -> None:
        member = self.members[who]
        for page in range(pages):
            self.code.read(who, member.area.base + page * 4096)
            self.due(member.area, page, Due(faults, faults, sentence, why, protection=False))
            name = self.name(member.area, page)
            self.origins[f"{member.counted[page]:x}"] = f"what was counted there, {member.counted[page]}"
            self.tell(who, member.counted[page], f"{self.names[who]} reads {name}", WHOLE, "rdx")

    def stays(self, who: int, pages: int, sentence: str = "S8") -> None:
        self.phase(who, f"reads {pages} pages, for which it has frames")
        self.reads(who, pages, 0, "it has a frame for each", sentence)

    def is_held(self, who: int) -> None:
        """Its share is what it must be: not less, and not more."""
        member = self.members[who]
        more = member.most + BEYOND - 1
        assert more <= member.area.pages, (who, member.most)
        sentence = "S9" if member.least == MINIMUM else "S8"
        self.begins(who)
        self.loops(who, member.least, 2)
        self.stays(who, member.least, sentence)
        self.loops(who, more, 2)
        self.phase(who, f"reads {more} pages in turn, more than it has frames")
        self.reads(who, more, 1, f"it has {member.most} frames at most, and this page left first", sentence)

    def leave(self) -> None:
        """All end."""
        for who in self.members:
            self.phase(who, "ends")
            self.end(who, PARENT)

    # --- by fault frequency ---

    def grown(self) -> tuple[int, int]:
        """So many pages that a group fits them when it has grown for the last time, and frames for that."""
        share = before = MINIMUM
        while share < 62:
            before, share = share, share + share // self.rules.more + 1
        return before + 1, share + MINIMUM + self.random.randint(0, 4)
